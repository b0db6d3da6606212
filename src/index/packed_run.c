/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/packed_run.h"

#include <string.h>

#include "index/bits.h"

/* How a block is packed.
 *
 * The address columns are first made differences to the row before: PACKED_LOW only where the high
 * half is the same, as it has nothing to do with that of a row with another one. Then each column of
 * the block is written in one of three ways, which its first byte, the code, tells:
 *
 *   0..127     Rice code: each number, less 1 where the code has SKIP_ZERO, is divided by 2^k, k being
 *              the code's lower bits. The remainders come first, of k bits each; behind them, from a
 *              new byte on, the quotients in unary, a one behind as many zeros.
 *   128..253   All numbers are the same one: the code less 128. So sizes and values cost nothing in
 *              a list of single addresses with one value.
 *   254        All are the same one, of the 8 bytes that follow.
 *
 * A block of less than PACKED_BLOCK_ROWS has a 255 and its number of rows in front.
 *
 * Rice code comes within half a bit of what random differences need (R. F. Rice, "Some practical
 * universal noiseless coding techniques", 1979): log2(mean) + 1.5 bits. So n random IPv4 addresses
 * take log2(2^32 / n) + 1.75 bits each, 10 million of them 10.5 bits = 13 MB; what an index made of
 * them takes is 11.2 bits. k is chosen for each block, from the mean of its numbers, so that it
 * follows lists that are dense in one place and sparse in another.
 *
 * Refused: whole bytes, of an address those that the one before does not begin with (80 bits for a
 * random IPv6 /64 among a million, where this takes 44); Elias-Fano code of a whole run, which is
 * as small, but cannot follow density nor be written before all is known. */

#define SKIP_ZERO 64u
#define SAME      128u
#define SAME_LONG 254u
#define SHORT     255u

/* Most bytes of the quotients, see choose_rice; and of a column, with remainders of 63 bits. */
#define UNARY_MAX  (3 * PACKED_BLOCK_ROWS / 8)
#define COLUMN_MAX (1 + PACKED_BLOCK_ROWS * 63 / 8 + UNARY_MAX)
#define BLOCK_MAX  (2 + PACKED_COLUMNS * COLUMN_MAX)

_Static_assert(BLOCK_MAX <= BYTE_QUEUE_PUT_MAX, "a block is put as a whole");
/* So 8 bytes can be loaded wherever one byte of a block is. */
_Static_assert(sizeof(uint64_t) <= BYTE_QUEUE_PADDING, "bytes behind a block can be read");

/* `bits` (up to 63) bits from bit `at` on. */
static inline uint64_t read_bits(const uint8_t *bytes, size_t at, unsigned bits)
{
	unsigned shift = at % 8;
	uint64_t value;

	bytes += at / 8;
	value = bits_load_64(bytes) >> shift;
	if (shift + bits > 64)
		value |= (uint64_t)bytes[8] << (64 - shift);
	return value & (((uint64_t)1 << bits) - 1);
}

static bool is_same(const uint64_t *numbers, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (numbers[i] != numbers[0])
			return false;
	return true;
}

/* Rounded down. */
static uint64_t get_mean(const uint64_t *numbers, uint32_t count)
{
	uint64_t lows = 0; /* of 32 bits, as all bits of all numbers might not fit */
	uint64_t highs = 0;

	for (uint32_t i = 0; i < count; i++) {
		lows += (uint32_t)numbers[i];
		highs += numbers[i] >> 32;
	}
	return (highs / count << 32) + ((highs % count << 32) + lows) / count;
}

static uint64_t get_least(const uint64_t *numbers, uint32_t count)
{
	uint64_t least = numbers[0];

	for (uint32_t i = 1; i < count; i++)
		least = numbers[i] < least ? numbers[i] : least;
	return least;
}

/* k, so that 2^k <= mean < 2^(k+1), which is the best for random differences or one next to it (A.
 * Kiely, "Selecting the Golomb parameter in Rice coding", 2004). All numbers together are less than
 * 2^(k+1) * count then, so that all quotients take less than 3 * count bits, whatever the numbers
 * are. */
static unsigned choose_rice(uint64_t mean)
{
	return mean > 0 ? 63 - (unsigned)__builtin_clzll(mean) : 0;
}

/* Writes the lowest `bits` (1..63) bits of all numbers; returns what is behind them. */
static uint8_t *write_bits(uint8_t *at, const uint64_t *numbers, uint32_t count, unsigned bits,
			   uint64_t base)
{
	uint64_t word = 0;
	unsigned fill = 0; /* bits of it */

	for (uint32_t i = 0; i < count; i++) {
		uint64_t number = (numbers[i] - base) & (((uint64_t)1 << bits) - 1);

		word |= number << fill;
		fill += bits;
		if (fill >= 64) {
			bits_store_64(at, word);
			at += sizeof(word);
			fill -= 64;
			word = fill > 0 ? number >> (bits - fill) : 0;
		}
	}
	bits_store_64(at, word);
	return at + (fill + 7) / 8;
}

/* Writes a column, less `base` and divided by 2^rice; returns what is behind it. */
static uint8_t *write_rice(uint8_t *at, const uint64_t *numbers, uint32_t count, unsigned rice,
			   uint64_t base)
{
	uint32_t bit = 0;

	if (rice > 0)
		at = write_bits(at, numbers, count, rice, base);
	memset(at, 0, UNARY_MAX);
	for (uint32_t i = 0; i < count; i++) {
		bit += (uint32_t)((numbers[i] - base) >> rice);
		bits_set(at, bit++);
	}
	return at + (bit + 7) / 8;
}

static uint8_t *write_column(uint8_t *at, const uint64_t *numbers, uint32_t count)
{
	if (!is_same(numbers, count)) {
		uint64_t base = get_least(numbers, count) > 0;
		unsigned rice = choose_rice(get_mean(numbers, count) - base);

		*at++ = (uint8_t)(rice | (base != 0 ? SKIP_ZERO : 0));
		return write_rice(at, numbers, count, rice, base);
	}
	if (numbers[0] < SAME_LONG - SAME) {
		*at++ = (uint8_t)(SAME + numbers[0]);
		return at;
	}
	*at++ = SAME_LONG;
	bits_store_64(at, numbers[0]);
	return at + sizeof(uint64_t);
}

/* The inverse of write_rice. */
static const uint8_t *read_rice(const uint8_t *at, uint64_t *numbers, uint32_t count, unsigned rice,
				uint64_t base)
{
	const uint8_t *unary = at + (count * rice + 7) / 8;
	uint32_t bit = 0; /* of the unary part, behind the last one */
	uint32_t row = 0;

	for (uint32_t word_at = 0; row < count; word_at += 64) {
		uint64_t ones = bits_load_64(unary + word_at / 8);

		for (; ones != 0 && row < count; ones &= ones - 1) {
			uint32_t one = word_at + (uint32_t)__builtin_ctzll(ones);

			numbers[row++] = ((uint64_t)(one - bit) << rice) + base;
			bit = one + 1;
		}
	}
	for (uint32_t i = 0; i < count && rice > 0; i++)
		numbers[i] += read_bits(at, (size_t)i * rice, rice);
	return unary + (bit + 7) / 8;
}

static const uint8_t *read_column(const uint8_t *at, uint64_t *numbers, uint32_t count)
{
	unsigned code = *at++;
	uint64_t same = code - SAME;

	if (code < SAME)
		return read_rice(at, numbers, count, code % SKIP_ZERO, code / SKIP_ZERO);
	if (code == SAME_LONG) {
		same = bits_load_64(at);
		at += sizeof(uint64_t);
	}
	for (uint32_t i = 0; i < count; i++)
		numbers[i] = same;
	return at;
}

/* Writes the block, the row before which has the address `written`; returns what is behind it. */
static uint8_t *write_block(uint8_t *at, const packed_block_t *block, const uint64_t *written)
{
	uint64_t high = written[PACKED_HIGH];
	uint64_t low = written[PACKED_LOW];
	uint64_t highs[PACKED_BLOCK_ROWS];
	uint64_t lows[PACKED_BLOCK_ROWS];

	for (uint32_t i = 0; i < block->count; i++) {
		highs[i] = block->columns[PACKED_HIGH][i] - high;
		lows[i] = block->columns[PACKED_LOW][i] - (highs[i] == 0 ? low : 0);
		high = block->columns[PACKED_HIGH][i];
		low = block->columns[PACKED_LOW][i];
	}
	if (block->count < PACKED_BLOCK_ROWS) {
		*at++ = SHORT;
		*at++ = (uint8_t)block->count;
	}
	at = write_column(at, highs, block->count);
	at = write_column(at, lows, block->count);
	at = write_column(at, block->columns[PACKED_SIZE], block->count);
	return write_column(at, block->columns[PACKED_VALUE], block->count);
}

/* The inverse of write_block. */
static const uint8_t *read_block(const uint8_t *at, packed_block_t *block, const uint64_t *taken)
{
	uint64_t *highs = block->columns[PACKED_HIGH];
	uint64_t *lows = block->columns[PACKED_LOW];
	uint64_t high = taken[PACKED_HIGH];
	uint64_t low = taken[PACKED_LOW];

	block->count = PACKED_BLOCK_ROWS;
	if (*at == SHORT) {
		block->count = at[1];
		at += 2;
	}
	for (packed_column_t column = PACKED_HIGH; column < PACKED_COLUMNS; column++)
		at = read_column(at, block->columns[column], block->count);
	for (uint32_t i = 0; i < block->count; i++) {
		lows[i] += highs[i] == 0 ? low : 0;
		highs[i] += high;
		high = highs[i];
		low = lows[i];
	}
	return at;
}

/* The address of the last row of a block. */
static void keep_address(uint64_t *address, const packed_block_t *block)
{
	address[PACKED_HIGH] = block->columns[PACKED_HIGH][block->count - 1];
	address[PACKED_LOW] = block->columns[PACKED_LOW][block->count - 1];
}

err_t packed_run_put(packed_run_t *run, const packed_block_t *block)
{
	uint8_t bytes[BLOCK_MAX + sizeof(uint64_t)];
	size_t size = (size_t)(write_block(bytes, block, run->written) - bytes);
	err_t error = byte_queue_put(&run->bytes, bytes, size);

	if (error == ERR_OK)
		keep_address(run->written, block);
	return error;
}

void packed_run_trim(const packed_run_t *run)
{
	byte_queue_trim(&run->bytes);
}

bool packed_run_take(packed_run_t *run, packed_block_t *block)
{
	size_t size;
	const uint8_t *bytes = byte_queue_first(&run->bytes, &size);

	if (bytes == NULL)
		return false;
	size = (size_t)(read_block(bytes, block, run->taken) - bytes);
	keep_address(run->taken, block);
	byte_queue_drop(&run->bytes, size);
	return true;
}

void packed_run_clear(packed_run_t *run)
{
	byte_queue_clear(&run->bytes);
	*run = (packed_run_t){ .written = { 0 } };
}
