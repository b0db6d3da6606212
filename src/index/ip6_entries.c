/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_entries.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Entries are collected until there are PART_ENTRIES of them. These are sorted, byte by byte from
 * the last one on, and packed: of an address only the bytes that the one before does not begin with,
 * up to its length. A million random /64s are 10 MB then, and 24 MB as they came. In the end all
 * parts are read side by side, with a heap to tell which one has the next entry.
 *
 * Refused: one array sorted by merging, which is three times as slow and holds everything twice; and
 * the chunks that the IPv4 builder deals out to lists by one byte after the other, as IPv6 addresses
 * have 16 of them, and the first ones are nearly always the same. */

/* Entries of a part: 1.5 MB, and as much for scratch space, lie in the second-level cache of one core
 * or nearly. Fewer make more parts, which cost a step more of the heap for each doubling. */
#define PART_ENTRIES (64u * 1024)

/* Most bytes of a packed entry: length, what follows, address, value. */
#define PACKED_MAX (2 + 16 + 4)

#define ADDRESS_BYTES 16u

struct ip6_part {
	uint8_t *packed;
	const uint8_t *next;
	const uint8_t *end;
	ip6_entry_t entry; /* the first one not taken; before packing ends, the last one packed */
	size_t number;     /* parts with lower ones came first */
};

/* Byte `byte` of the sort key, counted from the one that matters least: the length, then the address
 * from its end. */
static inline unsigned key_byte(const ip6_entry_t *entry, unsigned byte)
{
	if (byte == 0)
		return entry->length;
	if (byte <= 8)
		return entry->address.low >> 8 * (byte - 1) & 0xff;
	return entry->address.high >> 8 * (byte - 9) & 0xff;
}

/* Sorts by one byte of the key, from `from` to `to`. Returns false, with nothing done, when all have
 * the same one. */
static bool sort_by_byte(const ip6_entry_t *from, ip6_entry_t *to, size_t count, unsigned byte)
{
	uint32_t starts[256] = { 0 };
	uint32_t start = 0;

	for (size_t i = 0; i < count; i++)
		starts[key_byte(&from[i], byte)]++;
	if (starts[key_byte(&from[0], byte)] == count)
		return false;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t next = start + starts[i];

		starts[i] = start;
		start = next;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[key_byte(&from[i], byte)]++] = from[i];
	return true;
}

/* Sorts pending entries, at least one, with `scratch` of their number; where they are then. */
static ip6_entry_t *sort_pending(ip6_entries_t *entries, ip6_entry_t *scratch)
{
	ip6_entry_t *from = entries->pending;
	ip6_entry_t *to = scratch;

	for (unsigned byte = 0; byte <= ADDRESS_BYTES; byte++) {
		if (sort_by_byte(from, to, entries->pending_count, byte)) {
			ip6_entry_t *sorted = to;

			to = from;
			from = sorted;
		}
	}
	return from;
}

/* How many bytes of an address of this length are written. */
static unsigned length_bytes(unsigned length)
{
	return (length + 7) / 8;
}

static uint8_t address_byte(ip6_address_t address, unsigned byte)
{
	uint64_t half = byte < 8 ? address.high : address.low;

	return (uint8_t)(half >> (56 - 8 * (byte % 8)));
}

/* How many bytes the addresses begin with in common. */
static unsigned common_bytes(ip6_address_t a, ip6_address_t b)
{
	ip6_address_t differ = { a.high ^ b.high, a.low ^ b.low };

	return (128 - ip6_bit_length(differ)) / 8;
}

/* Writes `entry`, which follows `before`; returns what is behind it. */
static uint8_t *pack(uint8_t *at, const ip6_entry_t *entry, const ip6_entry_t *before)
{
	unsigned common = common_bytes(entry->address, before->address);
	unsigned end = length_bytes(entry->length);
	unsigned value_bytes = 0;
	uint8_t *sizes = at + 1;

	*at = entry->length;
	at += 2;
	if (common > end)
		common = end;
	for (unsigned byte = common; byte < end; byte++)
		*at++ = address_byte(entry->address, byte);
	for (uint32_t value = entry->value; value != 0; value >>= 8, value_bytes++)
		*at++ = (uint8_t)value;
	*sizes = (uint8_t)(common | value_bytes << 5);
	return at;
}

/* Reads the next entry of a part over the one before. */
static bool unpack(ip6_part_t *part)
{
	ip6_entry_t *entry = &part->entry;
	const uint8_t *at = part->next;
	unsigned end;
	unsigned byte;

	if (at == part->end)
		return false;
	entry->length = *at++;
	byte = *at & 0x1f;
	end = length_bytes(entry->length);
	entry->value = 0;
	unsigned value_bytes = *at++ >> 5;
	entry->address = ip6_first(entry->address, 8 * byte);
	for (; byte < end; byte++) {
		if (byte < 8)
			entry->address.high |= (uint64_t)*at++ << (56 - 8 * byte);
		else
			entry->address.low |= (uint64_t)*at++ << (120 - 8 * byte);
	}
	for (unsigned i = 0; i < value_bytes; i++)
		entry->value |= (uint32_t)*at++ << 8 * i;
	part->next = at;
	return true;
}

/* Packs sorted entries into a new part. */
static err_t add_part(ip6_entries_t *entries, const ip6_entry_t *sorted)
{
	ip6_entry_t before = { .length = 0 };
	void *parts = entries->parts;
	uint8_t *packed;
	uint8_t *at;
	err_t error = array_reserve(&parts, &entries->part_capacity, entries->part_count + 1,
				    sizeof(*entries->parts));

	entries->parts = parts;
	if (error != ERR_OK)
		return error;
	packed = malloc(entries->pending_count * PACKED_MAX);
	if (packed == NULL)
		return ERR_NOMEM;
	at = packed;
	for (size_t i = 0; i < entries->pending_count; i++) {
		at = pack(at, &sorted[i], &before);
		before = sorted[i];
	}
	size_t size = (size_t)(at - packed);
	uint8_t *fitting = realloc(packed, size);
	if (fitting != NULL)
		packed = fitting;
	entries->parts[entries->part_count] = (ip6_part_t){
		.packed = packed,
		.next = packed,
		.end = packed + size,
		.number = entries->part_count,
	};
	entries->part_count++;
	entries->pending_count = 0;
	return ERR_OK;
}

static err_t pack_pending(ip6_entries_t *entries)
{
	ip6_entry_t *scratch = malloc(entries->pending_count * sizeof(*scratch));
	err_t error = ERR_NOMEM;

	if (scratch != NULL)
		error = add_part(entries, sort_pending(entries, scratch));
	free(scratch);
	return error;
}

err_t ip6_entries_append(ip6_entries_t *entries, ip6_entry_t entry)
{
	void *pending = entries->pending;
	err_t error = ERR_OK;

	if (entries->pending_count == PART_ENTRIES)
		error = pack_pending(entries);
	if (error == ERR_OK)
		error = array_reserve(&pending, &entries->pending_capacity,
				      entries->pending_count + 1, sizeof(*entries->pending));
	entries->pending = pending;
	if (error == ERR_OK)
		entries->pending[entries->pending_count++] = entry;
	return error;
}

/* Does the next entry of `a` come before that of `b`? */
static inline bool is_before(const ip6_part_t *a, const ip6_part_t *b)
{
	if (!ip6_is_equal(a->entry.address, b->entry.address))
		return ip6_is_less(a->entry.address, b->entry.address);
	if (a->entry.length != b->entry.length)
		return a->entry.length < b->entry.length;
	return a->number < b->number;
}

/* Moves the part at `place` down to where it belongs in the heap. */
static void sift_down(ip6_entries_t *entries, size_t place)
{
	ip6_part_t *parts = entries->parts;
	ip6_part_t part = parts[place];
	size_t child;

	while ((child = 2 * place + 1) < entries->part_count) {
		if (child + 1 < entries->part_count && is_before(&parts[child + 1], &parts[child]))
			child++;
		if (!is_before(&parts[child], &part))
			break;
		parts[place] = parts[child];
		place = child;
	}
	parts[place] = part;
}

err_t ip6_entries_sort(ip6_entries_t *entries)
{
	err_t error = entries->pending_count > 0 ? pack_pending(entries) : ERR_OK;

	free(entries->pending);
	entries->pending = NULL;
	entries->pending_capacity = 0;
	if (error != ERR_OK)
		return error;
	for (size_t i = 0; i < entries->part_count; i++)
		(void)unpack(&entries->parts[i]); /* a part has at least one */
	for (size_t i = entries->part_count / 2; i-- > 0;)
		sift_down(entries, i);
	return ERR_OK;
}

bool ip6_entries_take(ip6_entries_t *entries, ip6_entry_t *entry)
{
	ip6_part_t *first = entries->parts;

	if (entries->part_count == 0)
		return false;
	*entry = first->entry;
	if (!unpack(first)) {
		free(first->packed);
		*first = entries->parts[--entries->part_count];
	}
	sift_down(entries, 0);
	return true;
}

void ip6_entries_clear(ip6_entries_t *entries)
{
	free(entries->pending);
	for (size_t i = 0; i < entries->part_count; i++)
		free(entries->parts[i].packed);
	free(entries->parts);
	*entries = (ip6_entries_t){ .pending = NULL };
}
