/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/cdblist_shape.h"

#include <stdlib.h>

#include "dns/name.h"

/* Bits of the filter, as a power of two: 2 MiB, which caches hold. With five million names that have others below
 * them one in four of those that are not there is taken for one. */
#define FILTER_BITS 24
#define FILTER_SIZE ((size_t)1 << (FILTER_BITS - 3))

/* A bit for each /24, then for each /16, then for each /8. */
#define IP4_NETS_24 ((size_t)1 << 24)
#define IP4_NETS_16 ((size_t)1 << 16)
#define IP4_NETS    (IP4_NETS_24 + IP4_NETS_16 + 256)

/* IPv6 blocks that the filter has: of four bits, and up to 16 of these. Hosts come and go within a /64. */
enum { NIBBLE_BITS = 4, IP6_DEEPEST = 64, WORDS = CDBLIST_LENGTH_MAX / 64 + 1 };

/* Lists are in any order, and each new bit is in memory that no cache has: it is asked for so many keys before it is
 * needed. That takes half off the time of reading ten million addresses. */
#define WAITING 8

struct cdblist_shape {
	/* By kind, exclusion and form, a bit for each length. */
	uint64_t lengths[CDBLIST_PLACES][2][CDBLIST_FORMS][WORDS];
	uint64_t any[CDBLIST_PLACES][WORDS]; /* all of them */
	uint8_t *ip4;                        /* IP4_NETS bits; NULL: no IPv4 keys */
	uint32_t waiting[WAITING];           /* addresses whose /24 has no bit yet */
	unsigned waiting_count;              /* all that there have been */
	uint8_t *filter;                     /* NULL: no others */
	ip6_address_t last_ip6;              /* the key before: mostly its neighbour */
	unsigned last_length;                /* of what of it is in the filter; 0: nothing */
};

cdblist_shape_t *cdblist_shape_new(void)
{
	return calloc(1, sizeof(cdblist_shape_t));
}

void cdblist_shape_free(cdblist_shape_t *shape)
{
	if (shape == NULL)
		return;
	free(shape->ip4);
	free(shape->filter);
	free(shape);
}

size_t cdblist_shape_memory(const cdblist_shape_t *shape)
{
	return sizeof(*shape) + (shape->ip4 != NULL ? IP4_NETS / 8 : 0) +
	       (shape->filter != NULL ? FILTER_SIZE : 0);
}

static void set_bit(uint8_t *bits, size_t number)
{
	bits[number / 8] |= (uint8_t)(1u << number % 8);
}

static bool has_bit(const uint8_t *bits, size_t number)
{
	return (bits[number / 8] >> number % 8 & 1) != 0;
}

/* ---- Lengths. ---- */

static void note_length(cdblist_shape_t *shape, cdblist_place_kind_t kind, unsigned length,
			bool is_exclusion, unsigned form)
{
	uint64_t bit = (uint64_t)1 << length % 64;

	shape->lengths[kind][is_exclusion][form][length / 64] |= bit;
	shape->any[kind][length / 64] |= bit;
}

bool cdblist_shape_occurs(const cdblist_shape_t *shape, cdblist_place_kind_t kind, unsigned length,
			  bool is_exclusion, unsigned form)
{
	return (shape->lengths[kind][is_exclusion][form][length / 64] >> length % 64 & 1) != 0;
}

int cdblist_shape_next(const cdblist_shape_t *shape, cdblist_place_kind_t kind, int most)
{
	while (most >= 0) {
		unsigned word = (unsigned)most / 64;
		uint64_t bits = shape->any[kind][word] & UINT64_MAX >> (63 - most % 64);
		if (bits != 0)
			return (int)(64 * word) + 63 - __builtin_clzll(bits);
		most = (int)(64 * word) - 1;
	}
	return -1;
}

/* ---- IPv4. ---- */

static size_t net_24(uint32_t address)
{
	return address >> 8;
}

static size_t net_16(uint32_t address)
{
	return IP4_NETS_24 + (address >> 16);
}

static size_t net_8(uint32_t address)
{
	return IP4_NETS_24 + IP4_NETS_16 + (address >> 24);
}

/* Has the bit of the address's /24 set some keys later. */
static void set_later(cdblist_shape_t *shape, uint32_t address)
{
	uint32_t *waiting = &shape->waiting[shape->waiting_count % WAITING];

	if (shape->waiting_count++ >= WAITING)
		set_bit(shape->ip4, net_24(*waiting));
	*waiting = address;
	__builtin_prefetch(shape->ip4 + net_24(address) / 8, 1);
}

void cdblist_shape_settle(cdblist_shape_t *shape)
{
	for (unsigned i = 0; i < WAITING && i < shape->waiting_count; i++)
		set_bit(shape->ip4, net_24(shape->waiting[i]));
	shape->waiting_count = 0;
}

static err_t add_ip4(cdblist_shape_t *shape, const cdblist_key_t *key)
{
	if (shape->ip4 == NULL)
		shape->ip4 = calloc(1, IP4_NETS / 8);
	if (shape->ip4 == NULL)
		return ERR_NOMEM;
	if (key->length >= 24)
		set_later(shape, key->ip4);
	if (key->length >= 16)
		set_bit(shape->ip4, net_16(key->ip4));
	if (key->length >= 8)
		set_bit(shape->ip4, net_8(key->ip4));
	note_length(shape, CDBLIST_PLACE_IP4, key->length, key->is_exclusion,
		    key->length == 32 && !key->is_bare ? CDBLIST_FORM_SECOND : CDBLIST_FORM_FIRST);
	return ERR_OK;
}

int cdblist_shape_ip4_longest(const cdblist_shape_t *shape, uint32_t address)
{
	if (shape->ip4 == NULL)
		return -1;
	if (has_bit(shape->ip4, net_24(address)))
		return 32;
	if (has_bit(shape->ip4, net_16(address)))
		return 23;
	return has_bit(shape->ip4, net_8(address)) ? 15 : 7;
}

/* Is one of the bits first..first + count - 1 set? */
static bool has_any_bit(const uint8_t *bits, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (has_bit(bits, i))
			return true;
	return false;
}

bool cdblist_shape_has_ip4(const cdblist_shape_t *shape, uint32_t address, unsigned length)
{
	unsigned level = (length + 7) / 8 * 8; /* of bits that there are */

	if (shape->ip4 == NULL)
		return false;
	if (length == 0)
		return true;
	/* Keys between the two, which have no bit: there are hardly ever any. */
	if (level > length && level <= 24 &&
	    cdblist_shape_next(shape, CDBLIST_PLACE_IP4, (int)level - 1) >= (int)length)
		return true;
	if (level > 24)
		return has_bit(shape->ip4, net_24(address));
	size_t first = level == 24   ? net_24(address)
		       : level == 16 ? net_16(address)
				     : net_8(address);
	return has_any_bit(shape->ip4, first, (size_t)1 << (level - length));
}

/* ---- The filter. ---- */

/* Where to begin: what is hashed is no other's. */
#define SEED_NAME     UINT64_C(0xcbf29ce484222325)
#define SEED_WILDCARD UINT64_C(0x9e3779b97f4a7c15) /* of exclusions */
#define SEED_IP6      UINT64_C(0xbf58476d1ce4e5b9)

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ hash >> 32;
}

/* Whoever makes a list may choose keys that share bits; all that comes of it is "no data". So the hash needs no
 * secret. */
static size_t place_of(uint64_t hash)
{
	return (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> (64 - FILTER_BITS));
}

static void filter_add(cdblist_shape_t *shape, uint64_t hash)
{
	set_bit(shape->filter, place_of(hash));
}

static bool filter_has(const cdblist_shape_t *shape, uint64_t hash)
{
	return has_bit(shape->filter, place_of(hash));
}

static err_t need_filter(cdblist_shape_t *shape)
{
	if (shape->filter == NULL)
		shape->filter = calloc(1, FILTER_SIZE);
	return shape->filter != NULL ? ERR_OK : ERR_NOMEM;
}

/* ---- IPv6. ---- */

static uint64_t hash_ip6(ip6_address_t address, unsigned length)
{
	return mix(mix(SEED_IP6, length), ip6_first(address, length).high);
}

/* How much of both is the same, in whole nibbles. */
static unsigned shared_length(ip6_address_t a, ip6_address_t b)
{
	uint64_t differ = a.high ^ b.high;

	return differ == 0 ? IP6_DEEPEST
			   : (unsigned)__builtin_clzll(differ) / NIBBLE_BITS * NIBBLE_BITS;
}

static err_t add_ip6(cdblist_shape_t *shape, const cdblist_key_t *key)
{
	unsigned deepest = key->length < IP6_DEEPEST ? key->length : IP6_DEEPEST;
	unsigned known = 0;

	if (need_filter(shape) != ERR_OK)
		return ERR_NOMEM;
	if (shape->last_length > 0)
		known = shared_length(shape->last_ip6, key->ip6);
	if (known > shape->last_length)
		known = shape->last_length;
	for (unsigned length = known + NIBBLE_BITS; length <= deepest; length += NIBBLE_BITS)
		filter_add(shape, hash_ip6(key->ip6, length));
	shape->last_ip6 = key->ip6;
	shape->last_length = deepest / NIBBLE_BITS * NIBBLE_BITS;
	note_length(shape, CDBLIST_PLACE_IP6, key->length, key->is_exclusion,
		    key->length == 128 && !key->is_bare ? CDBLIST_FORM_SECOND : CDBLIST_FORM_FIRST);
	return ERR_OK;
}

int cdblist_shape_ip6_longest(const cdblist_shape_t *shape, ip6_address_t address)
{
	if (shape->filter == NULL || cdblist_shape_next(shape, CDBLIST_PLACE_IP6, 128) < 0)
		return -1;
	for (unsigned length = NIBBLE_BITS; length <= IP6_DEEPEST; length += NIBBLE_BITS)
		if (!filter_has(shape, hash_ip6(address, length)))
			return (int)length - 1;
	return 128;
}

bool cdblist_shape_has_ip6(const cdblist_shape_t *shape, ip6_address_t address, unsigned length)
{
	if (shape->filter == NULL || cdblist_shape_next(shape, CDBLIST_PLACE_IP6, 128) < 0)
		return false;
	return filter_has(shape, hash_ip6(address, length < IP6_DEEPEST ? length : IP6_DEEPEST));
}

/* ---- Names. ---- */

/* The hash of a name one label longer than that with `hash`. */
static uint64_t hash_label(uint64_t hash, const uint8_t *label)
{
	for (unsigned i = 0; i <= label[0]; i++)
		hash = (hash ^ label[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t hash_wildcard(uint64_t hash)
{
	return mix(SEED_WILDCARD, hash);
}

static err_t add_name(cdblist_shape_t *shape, const cdblist_key_t *key)
{
	const name_text_t *name = &key->name;
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = dns_name_labels(name->name, labels);
	uint64_t hash = SEED_NAME;

	if (need_filter(shape) != ERR_OK)
		return ERR_NOMEM;
	for (unsigned i = count; i-- > 1;) {
		hash = hash_label(hash, name->name + labels[i]);
		filter_add(shape, hash);
	}
	if (name->is_wildcard) {
		hash = hash_label(hash, name->name + labels[0]);
		filter_add(shape, key->is_exclusion ? hash_wildcard(hash) : hash);
	}
	unsigned form =
		name->is_plain && name->is_wildcard ? CDBLIST_FORM_SECOND : CDBLIST_FORM_FIRST;
	if (name->is_plain)
		note_length(shape, CDBLIST_PLACE_PLAIN, count, key->is_exclusion, form);
	if (name->is_wildcard)
		note_length(shape, CDBLIST_PLACE_BELOW, count, key->is_exclusion, form);
	return ERR_OK;
}

cdblist_reach_t cdblist_shape_reach(const cdblist_shape_t *shape, const uint8_t *name,
				    const uint8_t *labels, unsigned count)
{
	cdblist_reach_t reach = { 0, 0 };
	uint64_t hash = SEED_NAME;

	if (shape->filter == NULL)
		return reach;
	for (unsigned i = 1; i <= count; i++) {
		hash = hash_label(hash, name + labels[count - i]);
		bool has_below = filter_has(shape, hash);
		if (has_below || filter_has(shape, hash_wildcard(hash)))
			reach.wildcards = i;
		if (!has_below)
			break;
		reach.names = i;
	}
	return reach;
}

err_t cdblist_shape_add(cdblist_shape_t *shape, const cdblist_key_t *key)
{
	switch (key->kind) {
	case CDBLIST_IP4:
		return add_ip4(shape, key);
	case CDBLIST_IP6:
		return add_ip6(shape, key);
	case CDBLIST_NAME:
		break;
	}
	return add_name(shape, key);
}
