/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_run.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/array.h"

/* A record is written in nibbles:
 *
 *     length | shared | suffix ... | kinds and value
 *
 * The key's nibbles that it shares with the key before are left out. In a long sorted list nearly all
 * keys share about the same number of them, so that is told from the usual number on, which writer
 * and reader keep as a mean of those so far. What does not fit its nibble has more of them behind it,
 * three bits in each, the lowest first, the highest bit set where another one follows. Kinds and value
 * are there only in runs whose records differ in them, and the value only where it is another one than
 * before. So a name costs hardly more than in the index. */

#define LENGTH_MORE 15u

/* In the place of shared nibbles: fewer or more than can be told from the usual number. */
#define SHARED_LESS 14u
#define SHARED_MORE 15u

/* How many nibbles below the mean the numbers begin that have a code of their own, and how slowly the
 * mean changes. Most keys share one or two nibbles less, some share many more. */
#define USUAL_BELOW 4u
#define USUAL_SPEED 16u

/* Beside the kinds: the value is that of the record before. */
#define SAME_VALUE 8u

/* Most bytes of a record: two nibbles, what they leave, a whole key, kinds and value. */
#define RECORD_MAX (NAME_NIBBLES_MAX / 2 + 32)

/* Memory is given back in pieces of so many bytes: each is a system call, and of each run up to one
 * is still there that has been read. */
#define PIECE (16u * 1024)

/* Bytes behind the last nibble that are read with it. */
#define PADDING 16u

static uint32_t usual_least(uint32_t usual)
{
	uint32_t mean = usual / USUAL_SPEED;

	return mean > USUAL_BELOW ? mean - USUAL_BELOW : 0;
}

static uint32_t usual_next(uint32_t usual, uint32_t shared)
{
	return usual - usual / USUAL_SPEED + shared;
}

/* ---- Writing. ---- */

/* Writes the lowest `count` (up to 32) bits of `bits`, the others of which are zero. */
static inline void put_bits(name_run_writer_t *writer, uint32_t bits, unsigned count)
{
	writer->word = writer->word << count | bits;
	writer->fill += count;
	if (writer->fill >= 32) {
		writer->fill -= 32;
		bits_store_big_32(writer->bits + writer->size,
				  (uint32_t)(writer->word >> writer->fill));
		writer->size += 4;
	}
}

static void put_more(name_run_writer_t *writer, uint32_t more)
{
	for (; more >= 8; more >>= 3)
		put_bits(writer, (more & 7) | 8, 4);
	put_bits(writer, more, 4);
}

/* The nibbles that two keys begin with in common, zeros behind their ends included. */
static uint32_t shared_nibbles(const name_key_t *a, const name_key_t *b)
{
	uint32_t most = a->nibbles > b->nibbles ? a->nibbles : b->nibbles;

	for (uint32_t nibble = 0; nibble < most; nibble += 16) {
		uint64_t differ = bits_load_big_64(a->bits + nibble / 2) ^
				  bits_load_big_64(b->bits + nibble / 2);

		if (differ != 0)
			return nibble + (uint32_t)__builtin_clzll(differ) / 4;
	}
	return b->nibbles;
}

void name_run_begin(name_run_writer_t *writer, bool is_each)
{
	writer->size = 0;
	writer->fill = 0;
	writer->count = 0;
	writer->is_each = is_each;
	writer->value = 0;
	writer->usual = 0;
	memset(&writer->before, 0, sizeof(writer->before));
}

static void put_suffix(name_run_writer_t *writer, const name_key_t *key, uint32_t shared)
{
	uint32_t nibble = shared;

	for (; nibble + 8 <= key->nibbles; nibble += 8)
		put_bits(writer, (uint32_t)(name_nibbles_load(key->bits, nibble) >> 32), 32);
	if (nibble < key->nibbles) {
		unsigned count = 4 * (key->nibbles - nibble);
		put_bits(writer, (uint32_t)(name_nibbles_load(key->bits, nibble) >> (64 - count)),
			 count);
	}
}

/* Keeps the key for the next one to be compared with. One that goes on where this one ends has its
 * first one there in a byte or two, so that more zeros than a load reads are not needed. */
static void keep_key(name_key_t *kept, const name_key_t *key)
{
	memcpy(kept->bits, key->bits, key->nibbles / 2 + 1 + NAME_KEY_ZEROS);
	kept->nibbles = key->nibbles;
}

err_t name_run_put(name_run_writer_t *writer, const name_key_t *key, uint32_t value, unsigned kinds)
{
	void *bits = writer->bits;
	err_t error =
		array_reserve(&bits, &writer->capacity, writer->size + RECORD_MAX + PADDING, 1);

	writer->bits = bits;
	if (error != ERR_OK)
		return error;
	uint32_t shared = shared_nibbles(&writer->before, key);
	uint32_t length = key->nibbles - shared;
	uint32_t least = usual_least(writer->usual);
	put_bits(writer, length < LENGTH_MORE ? length : LENGTH_MORE, 4);
	if (shared < least)
		put_bits(writer, SHARED_LESS, 4);
	else if (shared - least < SHARED_LESS)
		put_bits(writer, shared - least, 4);
	else
		put_bits(writer, SHARED_MORE, 4);
	if (length >= LENGTH_MORE)
		put_more(writer, length - LENGTH_MORE);
	if (shared < least)
		put_more(writer, shared);
	else if (shared - least >= SHARED_LESS)
		put_more(writer, shared - least - SHARED_LESS);
	put_suffix(writer, key, shared);
	if (writer->is_each) {
		put_bits(writer, kinds | (value == writer->value ? SAME_VALUE : 0), 4);
		if (value != writer->value)
			put_more(writer, value);
		writer->value = value;
	}
	writer->usual = usual_next(writer->usual, shared);
	keep_key(&writer->before, key);
	writer->count++;
	return ERR_OK;
}

err_t name_run_end(name_run_writer_t *writer, uint32_t value, unsigned kinds, name_run_t *run)
{
	uint32_t last = (uint32_t)(writer->word << (32 - writer->fill));
	size_t mapped = (writer->size + 4 + PADDING + PIECE - 1) / PIECE * PIECE;
	void *bits = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (bits == MAP_FAILED)
		return ERR_NOMEM;
	memset(run, 0, sizeof(*run));
	run->bits = bits;
	run->mapped = mapped;
	run->left = writer->count;
	run->is_each = writer->is_each;
	run->value = writer->is_each ? 0 : value;
	run->kinds = kinds;
	memcpy(run->bits, writer->bits, writer->size);
	bits_store_big_32(run->bits + writer->size, writer->fill > 0 ? last : 0);
	return ERR_OK;
}

void name_run_writer_clear(name_run_writer_t *writer)
{
	free(writer->bits);
	memset(writer, 0, sizeof(*writer));
}

/* ---- Reading. ---- */

static inline uint32_t take_nibble(name_run_t *run)
{
	return (uint32_t)(name_nibbles_load(run->bits, (uint32_t)run->position++) >> 60);
}

static uint32_t take_more(name_run_t *run)
{
	uint32_t more = 0;
	uint32_t nibble;
	unsigned shift = 0;

	do {
		nibble = take_nibble(run);
		more |= (nibble & 7) << shift;
		shift += 3;
	} while (nibble >= 8);
	return more;
}

/* Makes the key of that of the record before. */
static inline void take_suffix(name_run_t *run, uint32_t shared, uint32_t length)
{
	name_key_t *key = &run->key;
	uint32_t end = shared + length;
	uint32_t nibble = shared;

	/* A step goes up to a whole byte and beyond, so that all but the first begin with one. What is
	 * behind the suffix, up to where the key before ended, gets zeros. */
	while (nibble < end || nibble < key->nibbles) {
		uint32_t odd = nibble % 2;
		uint32_t count = odd != 0 ? 15 : 14;
		uint32_t left = nibble < end ? end - nibble : 0;
		uint8_t *at = key->bits + nibble / 2;
		uint64_t suffix = 0;

		if (left > 0) {
			suffix = name_nibbles_load(run->bits, (uint32_t)run->position);
			suffix &= ~(~(uint64_t)0 >> 4 * (left < count ? left : count));
			run->position += left < count ? left : count;
		}
		uint64_t kept = odd != 0 ? (uint64_t)(*at & 0xf0) << 56 : 0;
		uint64_t bytes = kept | suffix >> 4 * odd;
		bits_store_big_32(at, (uint32_t)(bytes >> 32));
		bits_store_big_32(at + 4, (uint32_t)bytes);
		nibble += count;
	}
	key->nibbles = end;
}

/* Gives the memory back that has been read. */
static void release(name_run_t *run)
{
	size_t read = run->position / 2 / PIECE * PIECE;

	if (LIKELY(read <= run->released))
		return;
	(void)munmap(run->bits + run->released, read - run->released);
	run->released = read;
}

bool name_run_take(name_run_t *run)
{
	if (run->left == 0)
		return false;
	run->left--;
	uint32_t length = take_nibble(run);
	uint32_t shared = take_nibble(run);
	uint32_t least = usual_least(run->usual);
	if (UNLIKELY(length == LENGTH_MORE))
		length += take_more(run);
	if (LIKELY(shared < SHARED_LESS))
		shared += least;
	else if (shared == SHARED_LESS)
		shared = take_more(run);
	else
		shared = least + SHARED_LESS + take_more(run);
	run->usual = usual_next(run->usual, shared);
	take_suffix(run, shared, length);
	if (run->is_each) {
		uint32_t kinds = take_nibble(run);

		run->kinds = kinds & ~SAME_VALUE;
		if ((kinds & SAME_VALUE) == 0)
			run->value = take_more(run);
	}
	release(run);
	return true;
}

void name_run_clear(name_run_t *run)
{
	if (run->mapped > run->released)
		(void)munmap(run->bits + run->released, run->mapped - run->released);
	memset(run, 0, sizeof(*run));
}
