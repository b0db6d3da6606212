/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_coder.h"

/* Nearly all names of a large list have two or three labels, and one of a few hundred top labels, of
 * which the bits are looked up. The other bytes are coded two at a time, from a table of 256 KB: only
 * those lines of it are in the cache that names need, 10 KB for letters, digits and the hyphen. Bits are
 * collected in a register and stored as 8 bytes wherever they end, without a look whether there are
 * enough of them, so that nothing depends on a branch but how long the name is. */

/* An entry of the table of pairs: the lower bits are the length, the codes begin with the highest bit. 26 bits
 * of them fit. */
#define PAIR_LENGTH   63u
#define PAIR_BITS_MAX 26u

/* Bits of a top label: with those a byte has left over they fit a register. */
#define TOP_BITS_MAX 56u

/* Labels, and bytes on the wire without the root label, of the names that are coded here; their keys have
 * 16 bits for each of these at most, the top label's 56 included. */
#define LABELS_MAX 6u
#define BYTES_MAX  40u
_Static_assert((BYTES_MAX - 2) * 2 + TOP_BITS_MAX / 8 + 8 + NAME_CODER_ZEROS <=
		       NAME_CODER_SHORT_MAX,
	       "keys fit");

/* Bits of a top label that can have hints: these are in the first 64 bits. */
#define HINT_TOP_BITS_MAX (64 - NAME_HINT_BITS)

/* Bits on their way to memory. */
typedef struct writer {
	uint8_t *at;
	uint64_t bits; /* the first one is the highest */
	uint32_t count;
} writer_t;

static inline void put(writer_t *writer, uint64_t bits, uint32_t count)
{
	writer->bits |= bits >> writer->count;
	writer->count += count;
}

/* The codes of a pair, the first bit the highest. */
static inline uint64_t pair_bits(uint32_t pair)
{
	return (uint64_t)(pair & ~PAIR_LENGTH) << 32;
}

/* Leaves less than a byte in the register, of the up to 63 bits that are there. */
static inline void flush(writer_t *writer)
{
	bits_store_big_64(writer->at, writer->bits);
	writer->at += writer->count / 8;
	writer->bits <<= writer->count & ~7u;
	writer->count &= 7;
}

void name_coder_make(name_coder_t *coder, const name_code_t codes[NAME_SYMBOLS], bool has_short)
{
	memcpy(coder->codes, codes, sizeof(coder->codes));
	if (!has_short)
		return;
	memset(coder->tops, 0, sizeof(coder->tops));
	coder->top_bits[0] = 0;
	coder->top_count = 0;
	for (unsigned second = 0; second < 256; second++) {
		name_code_t last = codes[1 + second];

		for (unsigned first = 0; first < 256; first++) {
			name_code_t code = codes[1 + first];
			unsigned length = code.length + last.length;
			uint32_t bits = (uint32_t)code.bits << last.length | last.bits;

			coder->pairs[second << 8 | first] =
				length <= PAIR_BITS_MAX ? bits << (32 - length) | length : 0;
		}
	}
}

/* The bits of a top label, 0 when they are too many; and the number of hints for it, as long as there are
 * any left. */
static name_coder_top_t code_top(name_coder_t *coder, uint64_t word, const uint8_t *label)
{
	name_coder_top_t top = { .label = word };
	uint32_t count = 0;
	uint64_t bits = 0;

	for (unsigned i = 0; i <= *label; i++) {
		name_code_t code = coder->codes[i < *label ? 1u + label[1 + i] : NAME_SYMBOL_END];

		count += code.length;
		if (count > TOP_BITS_MAX)
			return (name_coder_top_t){ .label = 0 };
		bits = bits << code.length | code.bits;
	}
	top.bits = bits << (64 - count);
	top.count = count;
	if (count <= HINT_TOP_BITS_MAX && coder->top_count + 1 < NAME_HINT_TOPS) {
		coder->top_bits[++coder->top_count] = (uint8_t)count;
		top.number = coder->top_count;
	}
	return top;
}

/* The top label, which ends before `root`; one that is not known yet takes the place of another. */
static inline const name_coder_top_t *find_top(name_coder_t *coder, const uint8_t *label,
					       const uint8_t *root)
{
	uint64_t size = (uint64_t)(root - label); /* 2..8 */
	uint64_t word = bits_load_64(root - 8) >> (64 - 8 * size);
	_Static_assert(NAME_CODER_TOPS == 1u << (64 - 54), "a hash is a number of a top label");
	name_coder_top_t *top = &coder->tops[word * 0x9e3779b97f4a7c15u >> 54];

	if (UNLIKELY(top->label != word))
		*top = code_top(coder, word, label);
	return top;
}

/* Codes the bytes of a label; false when they are not usual. Up to four of them stay in the register. */
static inline bool put_label(const name_coder_t *coder, writer_t *writer, const uint8_t *at,
			     unsigned left)
{
	for (; left > 4; left -= 4, at += 4) {
		uint32_t first = coder->pairs[bits_load_16(at)];
		uint32_t second = coder->pairs[bits_load_16(at + 2)];

		if (UNLIKELY(first == 0 || second == 0))
			return false;
		/* Together first: so they wait for the bits before but once. */
		uint32_t length = first & PAIR_LENGTH;
		put(writer, pair_bits(first) | pair_bits(second) >> length,
		    length + (second & PAIR_LENGTH));
		flush(writer);
	}
	for (; left >= 2; left -= 2, at += 2) {
		uint32_t pair = coder->pairs[bits_load_16(at)];

		if (UNLIKELY(pair == 0))
			return false;
		put(writer, pair_bits(pair), pair & PAIR_LENGTH);
	}
	if (left > 0) {
		name_code_t code = coder->codes[1u + *at];

		put(writer, (uint64_t)code.bits << (64 - code.length), code.length);
	}
	return true;
}

bool name_coder_short(name_coder_t *coder, const uint8_t *name, uint8_t bits[NAME_CODER_SHORT_MAX],
		      name_short_key_t *key)
{
	const uint8_t *labels[LABELS_MAX];
	const uint8_t *root = name;
	unsigned count = 0;

	do {
		labels[count++] = root;
		root += *root + 1u;
	} while (*root != 0 && count < LABELS_MAX);
	const uint8_t *top_label = labels[--count];
	if (UNLIKELY(*root != 0 || *top_label > 7 || count == 0 || root - name < 8 ||
		     root - name > (ptrdiff_t)BYTES_MAX))
		return false;
	const name_coder_top_t *top = find_top(coder, top_label, root);
	if (UNLIKELY(top->label == 0))
		return false;
	writer_t writer = { bits, top->bits, top->count };
	for (;;) {
		const uint8_t *label = labels[--count];

		flush(&writer);
		if (UNLIKELY(!put_label(coder, &writer, label + 1, *label)))
			return false;
		if (LIKELY(count == 0))
			break;
		flush(&writer);
		put(&writer, 0, coder->codes[NAME_SYMBOL_END].length);
	}
	/* The last label's end is zeros. The last byte has a one, which is in the register. */
	bits_store_big_64(writer.at, writer.bits);
	memset(writer.at + 8, 0, NAME_CODER_ZEROS);
	key->size = (uint32_t)(writer.at - bits) +
		    (63 - (uint32_t)__builtin_ctzll(writer.bits)) / 8 + 1;
	key->end = root + 1;
	key->top = top->number;
	return true;
}

void name_coder_any(const name_coder_t *coder, const uint8_t *name, name_key_t *key)
{
	uint8_t path[NAME_SYMBOLS_MAX];
	size_t size = 0;

	while (name[size] != 0)
		size += name[size] + 1u;
	for (uint8_t *to = path + size; to > path; name += *name + 1u) {
		to -= *name + 1u;
		memcpy(to, name, *name + 1u);
	}
	name_key_of_path(coder->codes, path, size, key);
}
