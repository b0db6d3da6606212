/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_code.h"

#include <stdlib.h>

/* The best alphabetic tree by dynamic programming: the cost of the best tree over the symbols
 * first..last is their weight plus the least cost of a left and a right part. Where that cut is
 * moves only one way as either end moves (D. Knuth, "Optimum binary search trees", 1971), which
 * leaves so few cuts to try that all 257 symbols take less than a millisecond. */

/* The rarest symbol is given this share of all, so that codes stay short; doubled until they do. */
#define SHARE_FIRST 65536u

typedef struct tree {
	uint64_t cost[NAME_SYMBOLS][NAME_SYMBOLS]; /* of first..last */
	uint16_t cut[NAME_SYMBOLS][NAME_SYMBOLS];  /* the last symbol of the left part */
	uint64_t sums[NAME_SYMBOLS + 1];           /* of the weights before a symbol */
} tree_t;

static void find_cut(tree_t *tree, unsigned first, unsigned last)
{
	unsigned low = tree->cut[first][last - 1];
	unsigned high = tree->cut[first + 1][last];
	uint64_t least = UINT64_MAX;

	if (high >= last)
		high = last - 1;
	for (unsigned cut = low; cut <= high; cut++) {
		uint64_t cost = tree->cost[first][cut] + tree->cost[cut + 1][last];

		if (cost < least) {
			least = cost;
			tree->cut[first][last] = (uint16_t)cut;
		}
	}
	tree->cost[first][last] = least + tree->sums[last + 1] - tree->sums[first];
}

/* Sets the lengths of the codes of first..last, which are a subtree at `depth`. */
static void set_lengths(const tree_t *tree, unsigned first, unsigned last, unsigned depth,
			name_code_t *codes)
{
	if (first == last) {
		codes[first].length = (uint8_t)depth; /* at most NAME_SYMBOLS - 1 */
		return;
	}
	unsigned cut = tree->cut[first][last];
	set_lengths(tree, first, cut, depth + 1, codes);
	set_lengths(tree, cut + 1, last, depth + 1, codes);
}

static unsigned zeros_of(const name_code_t *code)
{
	unsigned used = code->bits == 0 ? 0 : 32 - (unsigned)__builtin_clz(code->bits);

	return code->length - used;
}

/* From lengths to codes: a code is the sum of what those before it take of all codes. Returns
 * whether there are such codes. */
static bool set_codes(name_code_t *codes)
{
	uint32_t next = 0; /* of 1 << NAME_CODE_MAX */

	for (unsigned i = 0; i < NAME_SYMBOLS; i++) {
		unsigned length = codes[i].length;

		if (length < 1 || length > NAME_CODE_MAX)
			return false;
		unsigned shift = NAME_CODE_MAX - length;
		if (next >> NAME_CODE_MAX != 0 || (next & ((1u << shift) - 1)) != 0)
			return false;
		codes[i].bits = (uint16_t)(next >> shift);
		codes[i].zeros = (uint8_t)zeros_of(&codes[i]);
		next += 1u << shift;
	}
	return next == 1u << NAME_CODE_MAX;
}

static void plant(tree_t *tree, const uint64_t counts[NAME_SYMBOLS], uint64_t least)
{
	for (unsigned i = 0; i < NAME_SYMBOLS; i++) {
		tree->sums[i + 1] = tree->sums[i] + (counts[i] > least ? counts[i] : least);
		tree->cost[i][i] = 0;
		tree->cut[i][i] = (uint16_t)i;
	}
	for (unsigned width = 1; width < NAME_SYMBOLS; width++)
		for (unsigned first = 0; first + width < NAME_SYMBOLS; first++)
			find_cut(tree, first, first + width);
}

err_t name_code_make(const uint64_t counts[NAME_SYMBOLS], name_code_t codes[NAME_SYMBOLS])
{
	tree_t *tree = calloc(1, sizeof(*tree));
	uint64_t total = 0;

	if (tree == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < NAME_SYMBOLS; i++)
		total += counts[i];
	/* Ends: when all symbols weigh about the same, no code is longer than 9 bits. */
	for (uint64_t least = total / SHARE_FIRST + 1;; least *= 2) {
		plant(tree, counts, least);
		set_lengths(tree, 0, NAME_SYMBOLS - 1, 0, codes);
		if (set_codes(codes))
			break;
	}
	free(tree);
	return ERR_OK;
}

bool name_code_is_sound(const name_code_t codes[NAME_SYMBOLS])
{
	name_code_t expected[NAME_SYMBOLS];

	memcpy(expected, codes, sizeof(expected));
	return set_codes(expected) && memcmp(expected, codes, sizeof(expected)) == 0;
}

void name_key_of_path(const name_code_t codes[NAME_SYMBOLS], const uint8_t *path, size_t size,
		      name_key_t *key)
{
	name_bits_t out = { .at = key->bits };
	const uint8_t *end = path + size;

	while (path < end) {
		for (unsigned left = *path++; left > 0; left--)
			name_bits_put(&out, codes[1u + *path++]);
		name_bits_put(&out, codes[NAME_SYMBOL_END]);
	}
	name_bits_end(&out);
	key->bit_count = out.count;
	key->nibbles = (out.count + 3) / 4;
	while (key->nibbles > 0 && name_nibbles_load(key->bits, key->nibbles - 1) >> 60 == 0)
		key->nibbles--;
}

/* The symbol whose code the highest bits of `word` begin with. */
static unsigned find_symbol(const name_code_t codes[NAME_SYMBOLS], uint64_t word)
{
	uint32_t window = (uint32_t)(word >> (64 - NAME_CODE_MAX));
	unsigned symbol = 0; /* its code, lengthened by zeros, is not above the window */

	for (unsigned step = 256; step > 0; step /= 2) {
		unsigned next = symbol + step;

		if (next < NAME_SYMBOLS &&
		    (uint32_t)codes[next].bits << (NAME_CODE_MAX - codes[next].length) <= window)
			symbol = next;
	}
	return symbol;
}

void name_decoder_make(name_decoder_t *decoder, const name_code_t codes[NAME_SYMBOLS])
{
	decoder->codes = codes;
	for (uint64_t i = 0; i < COUNT_OF(decoder->symbols); i++) {
		unsigned symbol = find_symbol(codes, i << (64 - NAME_DECODER_BITS));
		unsigned length = codes[symbol].length;
		bool is_told = length <= NAME_DECODER_BITS;

		decoder->symbols[i] =
			(uint16_t)(is_told ? symbol | length << NAME_DECODER_LENGTH : 0);
	}
}

/* The symbol that `word` begins with, and its length as decoders have it. */
static inline unsigned decode_symbol(const name_decoder_t *decoder, uint64_t word)
{
	unsigned both = decoder->symbols[word >> (64 - NAME_DECODER_BITS)];

	if (LIKELY(both != 0))
		return both;
	unsigned symbol = find_symbol(decoder->codes, word);
	return symbol | (unsigned)decoder->codes[symbol].length << NAME_DECODER_LENGTH;
}

bool name_path_decode(name_path_t *path, const name_decoder_t *decoder, const name_key_t *key,
		      uint32_t shared)
{
	uint32_t end = key->nibbles * 4; /* behind the last one */
	uint32_t count = path->size;     /* symbols */

	if (key->nibbles > 0)
		end -= (uint32_t)__builtin_ctzll(
			name_nibbles_load(key->bits, key->nibbles - 1) >> 60 | 8);
	path->starts[0] = 0;
	path->labels[0] = 0;
	while (count > 0 && path->starts[count] > shared * 4)
		count--;
	path->size = 0;
	/* The symbol of number n is at path[n + 1], or it is an end, and the next label's length is there. */
	uint32_t bit = path->starts[count];
	uint32_t label = path->labels[count];
	uint64_t word = 0;
	uint32_t loaded = 0; /* behind the bits of `word` */
	while (bit < end || count > label) {
		if (bit + NAME_CODE_MAX > loaded) {
			word = name_nibbles_load(key->bits, bit / 4) << bit % 4;
			loaded = bit / 4 * 4 + 60;
		}
		unsigned both = decode_symbol(decoder, word);
		unsigned symbol = both & ((1u << NAME_DECODER_LENGTH) - 1);

		if (count + 1 >= NAME_SYMBOLS_MAX + (symbol == NAME_SYMBOL_END))
			return false;
		if (symbol == NAME_SYMBOL_END) {
			uint32_t length = count - label;
			/* No label is empty, and the last one's end has to be real: it may be cut
			 * short only by zeros. */
			if (length == 0 || length > 63)
				return false;
			path->path[label] = (uint8_t)length;
			label = count + 1;
		} else {
			path->path[count + 1] = (uint8_t)(symbol - 1);
		}
		word <<= both >> NAME_DECODER_LENGTH;
		bit += both >> NAME_DECODER_LENGTH;
		count++;
		path->starts[count] = (uint16_t)bit;
		path->labels[count] = (uint8_t)label;
	}
	path->size = count;
	return count > 0;
}

size_t name_key_to_path(const name_decoder_t *decoder, const name_key_t *key,
			uint8_t path[NAME_SYMBOLS_MAX])
{
	name_path_t decoded; /* not all of it is set */

	decoded.size = 0;
	if (!name_path_decode(&decoded, decoder, key, 0))
		return 0;
	memcpy(path, decoded.path, decoded.size);
	return decoded.size;
}
