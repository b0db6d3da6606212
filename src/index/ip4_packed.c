/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_packed.h"

#include <assert.h>

#include "index/bits.h"

/* How a block is packed.
 *
 *   block:   code (1 byte) | count (1 byte) | value (4 bytes) | values | remainders | quotients
 *   code:    k (5 bits) | HAS_COUNT | HAS_VALUE | HAS_VALUES
 *   values:  width (1 byte) | what each is above `value`, of so many bits
 *
 * What most blocks do not need is not there: a count if it is IP4_PACKED_ROWS, a value if it is that of
 * the block before, values if all are the same.
 *
 * Of each address its gap is written, the number of addresses between it and the one before; with
 * values, as two may be equal then, its difference to that, which is a gap and one. Gaps are in Rice
 * code (R. F. Rice, "Some practical universal noiseless coding techniques", 1979): divided by 2^k, the
 * remainders of k bits each, and behind them the quotients in unary, a one behind as many zeros. That is
 * log2(mean) + 1.5 bits for random gaps. k is chosen for each block, so that it follows lists that are
 * dense in one place and sparse in another. If k is CONSECUTIVE there are no gaps and nothing follows.
 *
 * Refused: the same width for all gaps of a block, as the largest of 128 random gaps is 5.4 times the mean (a
 * sixth larger); Elias-Fano code of a block, the lower bits of addresses and their upper ones in unary (half
 * a bit more for each). */

#define K_MASK      31u
#define CONSECUTIVE 31u
#define HAS_COUNT   32u
#define HAS_VALUE   64u
#define HAS_VALUES  128u

/* Most bytes of the quotients, see choose_rice; of numbers of up to 32 bits; and of a block. */
#define UNARY_MAX (3 * IP4_PACKED_ROWS / 8)
#define BITS_MAX  (IP4_PACKED_ROWS * 32 / 8)
#define BLOCK_MAX (7 + 2 * BITS_MAX + UNARY_MAX)

_Static_assert(BLOCK_MAX <= BYTE_QUEUE_PUT_MAX, "a block is put as a whole");
/* So 8 bytes can be loaded wherever one byte of a block is. */
_Static_assert(sizeof(uint64_t) <= BYTE_QUEUE_PADDING, "bytes behind a block can be read");

/* k, so that 2^k <= mean < 2^(k+1), which is the best for random gaps or one next to it (A. Kiely,
 * "Selecting the Golomb parameter in Rice coding", 2004). All gaps together are less than
 * 2^(k+1) * count then, so that all quotients take less than 3 * count bits, whatever the gaps are. */
static unsigned choose_rice(uint64_t sum, uint32_t count)
{
	uint32_t mean = (uint32_t)(sum / count);
	unsigned k = mean > 0 ? 31 - (unsigned)__builtin_clz(mean) : 0;

	/* A single gap of 2^31 or more. */
	return k < CONSECUTIVE ? k : CONSECUTIVE - 1;
}

/* Where bits are written, the lowest of each byte first. */
typedef struct bit_writer {
	uint8_t *at;
	uint64_t word;
	unsigned fill; /* bits of it */
} bit_writer_t;

/* `number` is below 2^bits; `bits` is 1..64. */
static inline void write_bits(bit_writer_t *writer, uint64_t number, unsigned bits)
{
	writer->word |= number << writer->fill;
	writer->fill += bits;
	if (writer->fill >= 64) {
		bits_store_64(writer->at, writer->word);
		writer->at += sizeof(uint64_t);
		writer->fill -= 64;
		writer->word = writer->fill > 0 ? number >> (bits - writer->fill) : 0;
	}
}

/* What is behind the last bit, from a new byte on. */
static inline uint8_t *end_bits(const bit_writer_t *writer)
{
	bits_store_64(writer->at, writer->word);
	return writer->at + (writer->fill + 7) / 8;
}

/* Writes the lowest `bits` bits of all numbers; returns what is behind them. */
static uint8_t *write_column(uint8_t *at, const uint32_t *numbers, uint32_t count, unsigned bits)
{
	bit_writer_t writer = { .at = at };
	uint64_t mask = ((uint64_t)1 << bits) - 1;
	uint32_t i = 0;

	if (bits == 0)
		return at;
	/* Four at a time, which do not wait for one another. */
	for (; bits <= 16 && i + 4 <= count; i += 4) {
		uint64_t first = (numbers[i] & mask) | (numbers[i + 1] & mask) << bits;
		uint64_t second = (numbers[i + 2] & mask) | (numbers[i + 3] & mask) << bits;

		write_bits(&writer, first | second << 2 * bits, 4 * bits);
	}
	for (; i < count; i++)
		write_bits(&writer, numbers[i] & mask, bits);
	return end_bits(&writer);
}

static uint8_t *write_quotients(uint8_t *at, const uint32_t *gaps, uint32_t count, unsigned k)
{
	uint64_t word = 0;
	uint32_t fill = 0;

	for (uint32_t i = 0; i < count; i++) {
		for (fill += gaps[i] >> k; UNLIKELY(fill >= 64); fill -= 64) {
			bits_store_64(at, word);
			at += sizeof(word);
			word = 0;
		}
		word |= (uint64_t)1 << fill++;
	}
	bits_store_64(at, word);
	return at + (fill + 7) / 8;
}

/* Number `i` of a column. */
static inline uint32_t read_bits(const uint8_t *at, uint32_t i, unsigned bits)
{
	uint32_t bit = i * bits;
	uint64_t mask = ((uint64_t)1 << bits) - 1;

	return (uint32_t)(bits_load_64(at + bit / 8) >> bit % 8 & mask);
}

static inline uint32_t column_size(uint32_t count, unsigned bits)
{
	return (count * bits + 7) / 8;
}

/* Reads `count` quotients; returns what is behind them. */
static const uint8_t *read_quotients(const uint8_t *at, uint32_t *quotients, uint32_t count)
{
	uint32_t next = 0; /* bit behind the last one */
	uint32_t i = 0;

	for (uint32_t word_at = 0; i < count; word_at += 64) {
		uint64_t ones = bits_load_64(at + word_at / 8);

		for (; ones != 0 && i < count; ones &= ones - 1) {
			uint32_t one = word_at + (uint32_t)__builtin_ctzll(ones);

			quotients[i++] = one - next;
			next = one + 1;
		}
	}
	return at + (next + 7) / 8;
}

/* The values of a block that has them, and the least of them. */
static uint8_t *write_values(uint8_t *at, const uint32_t *values, uint32_t count, uint32_t least)
{
	uint32_t above[IP4_PACKED_ROWS];
	uint32_t ones = 0;
	unsigned bits;

	for (uint32_t i = 0; i < count; i++)
		ones |= above[i] = values[i] - least;
	bits = ones > 0 ? 32 - (unsigned)__builtin_clz(ones) : 0;
	*at++ = (uint8_t)bits;
	return write_column(at, above, count, bits);
}

static const uint8_t *read_values(const uint8_t *at, uint32_t *values, uint32_t count,
				  uint32_t least)
{
	unsigned bits = *at++;

	for (uint32_t i = 0; i < count; i++)
		values[i] = least + read_bits(at, i, bits);
	return at + column_size(count, bits);
}

static uint32_t least_value(const ip4_packed_block_t *block)
{
	uint32_t least = block->values[0];

	for (uint32_t i = 1; i < block->count; i++)
		least = block->values[i] < least ? block->values[i] : least;
	return least;
}

/* Writes a block behind the address before `written`; returns what is behind it. */
static uint8_t *write_block(uint8_t *at, const ip4_packed_block_t *block, uint32_t written,
			    uint32_t written_value)
{
	uint32_t value = block->has_values ? least_value(block) : block->value;
	uint32_t count = block->count;
	uint32_t next = block->has_values ? written - 1 : written; /* whose gap is 0 */
	uint32_t gaps[IP4_PACKED_ROWS];
	uint64_t sum = 0;
	uint8_t *code = at++;

	*code = 0;
	if (count < IP4_PACKED_ROWS) {
		*code |= HAS_COUNT;
		*at++ = (uint8_t)count;
	}
	if (value != written_value) {
		*code |= HAS_VALUE;
		bits_store_32(at, value);
		at += sizeof(value);
	}
	if (block->has_values) {
		*code |= HAS_VALUES;
		at = write_values(at, block->values, count, value);
	}
	for (uint32_t i = 0; i < count; i++) {
		gaps[i] = block->addresses[i] - next;
		sum += gaps[i];
		next = block->addresses[i] + !block->has_values;
	}
	if (sum == 0) {
		*code |= CONSECUTIVE;
		return at;
	}
	unsigned k = choose_rice(sum, count);
	*code |= (uint8_t)k;
	at = write_column(at, gaps, count, k);
	return write_quotients(at, gaps, count, k);
}

/* From gaps, divided by 2^k and `remainders`, to addresses; `next` has the gap 0. */
static inline void add_gaps(uint32_t *addresses, uint32_t count, const uint8_t *remainders,
			    unsigned k, uint32_t next, uint32_t step)
{
	for (uint32_t i = 0; i < count; i++) {
		next += (addresses[i] << k) + read_bits(remainders, i, k);
		addresses[i] = next;
		next += step;
	}
}

/* The inverse of write_block. */
static const uint8_t *read_block(const uint8_t *at, ip4_packed_block_t *block, uint32_t taken,
				 uint32_t taken_value)
{
	unsigned code = *at++;
	unsigned k = code & K_MASK;

	block->count = (code & HAS_COUNT) != 0 ? *at++ : IP4_PACKED_ROWS;
	block->has_values = (code & HAS_VALUES) != 0;
	block->value = taken_value;
	if ((code & HAS_VALUE) != 0) {
		block->value = bits_load_32(at);
		at += sizeof(block->value);
	}
	if (block->has_values)
		at = read_values(at, block->values, block->count, block->value);
	if (k == CONSECUTIVE) {
		for (uint32_t i = 0; i < block->count; i++)
			block->addresses[i] = block->has_values ? taken - 1 : taken + i;
		return at;
	}
	const uint8_t *remainders = at;
	at += column_size(block->count, k);
	at = read_quotients(at, block->addresses, block->count);
	if (block->has_values)
		add_gaps(block->addresses, block->count, remainders, k, taken - 1, 0);
	else
		add_gaps(block->addresses, block->count, remainders, k, taken, 1);
	return at;
}

err_t ip4_packed_put(ip4_packed_t *packed, const ip4_packed_block_t *block)
{
	uint8_t bytes[BLOCK_MAX + sizeof(uint64_t)];
	size_t size =
		(size_t)(write_block(bytes, block, packed->written, packed->written_value) - bytes);
	err_t error = byte_queue_put(&packed->bytes, bytes, size);

	assert(block->count > 0 && block->count <= IP4_PACKED_ROWS);
	if (error != ERR_OK)
		return error;
	packed->written = block->addresses[block->count - 1] + 1;
	packed->written_value = block->has_values ? least_value(block) : block->value;
	return ERR_OK;
}

bool ip4_packed_take(ip4_packed_t *packed, ip4_packed_block_t *block)
{
	size_t size;
	const uint8_t *bytes = byte_queue_first(&packed->bytes, &size);

	if (bytes == NULL)
		return false;
	size = (size_t)(read_block(bytes, block, packed->taken, packed->taken_value) - bytes);
	packed->taken = block->addresses[block->count - 1] + 1;
	packed->taken_value = block->value;
	byte_queue_drop(&packed->bytes, size);
	return true;
}

void ip4_packed_clear(ip4_packed_t *packed)
{
	byte_queue_clear(&packed->bytes);
	*packed = (ip4_packed_t){ .written = 0 };
}
