/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_CODE_H
#define SPURN_INDEX_NAME_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/bits.h"

/* Domain names as strings of bits that sort like the names. Private to the name_*.c files.
 *
 * A symbol is the end of a label or a byte of one. Each symbol has a code of 1 to 16 bits, short
 * ones for those that are frequent in the list at hand. The codes are prefix-free as Huffman's, but
 * ascend with the symbols: an alphabetic code (E. Gilbert, E. Moore, "Variable-length binary
 * encodings", 1959). The key of a name is the codes of its labels from the top label down, each
 * label followed by an end, and then zeros without end:
 *
 *     www.example.com        c o m END e x a m p l e END w w w END 0 0 0 0 ...
 *
 * The end of a label is the least symbol, so its code is zeros only, and no other code is. So
 *   - keys compare as names do in canonical order (RFC 4034 section 6.1, here without regard to
 *     how the bytes came to be in lower case), by comparing bits;
 *   - the keys of the names below a name begin with the bits of its key, ends included;
 *   - different names have different keys, although all end in zeros: what follows a label's end is
 *     another label, and that has a one in its first symbol.
 * Any byte can occur in a label; what does not occur in the list has a long code, that is all. */

#define NAME_SYMBOLS    257u /* 0: end of a label; 1 + byte */
#define NAME_SYMBOL_END 0u

/* Bits of the longest code. It limits how much a name can grow, not which names there can be: with
 * 16 bits a symbol that occurs once in 65,536 has a code of its ideal length. */
#define NAME_CODE_MAX 16u

/* Symbols of the longest name: its labels and one end for each, 255 bytes less the root. */
#define NAME_SYMBOLS_MAX 254u
#define NAME_LABELS_MAX  127u

/* Bits come by four, as nibbles. Those of a key, its zeros at the end left out. */
#define NAME_NIBBLES_MAX (NAME_SYMBOLS_MAX * NAME_CODE_MAX / 4)

typedef struct name_code {
	uint16_t bits;  /* the last one in the lowest bit */
	uint8_t length; /* of the code */
	uint8_t zeros;  /* at its beginning */
} name_code_t;

/* The bits of a key, first bit in the highest of the first byte, with zeros behind, so that 8 bytes
 * can be loaded wherever a nibble is. */
typedef struct name_key {
	uint32_t bit_count; /* with the last label's end */
	uint32_t nibbles;   /* without those that are zero at the end */
	uint8_t bits[NAME_NIBBLES_MAX / 2 + 16];
} name_key_t;

/* Makes the best code for symbols that occur `counts` times. Returns ERR_OK or ERR_NOMEM. */
err_t name_code_make(const uint64_t counts[NAME_SYMBOLS],
		     name_code_t codes[NAME_SYMBOLS]) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Are these codes what name_code_make can have made: in order, prefix-free, complete? */
bool name_code_is_sound(const name_code_t codes[NAME_SYMBOLS]) ATTR_NONNULL_ALL;

/* The key of a path: labels from the top label down, each behind its length, `size` bytes in all. */
void name_key_of_path(const name_code_t codes[NAME_SYMBOLS], const uint8_t *path, size_t size,
		      name_key_t *key) ATTR_NONNULL_ALL;

/* For decoding: the symbol that a key goes on with whose next bits are these, | the length of its code <<
 * NAME_DECODER_LENGTH; 0 where they are too few to tell. 2 KB, so that it stays in the first-level cache;
 * hardly a code is longer. */
#define NAME_DECODER_BITS   10u
#define NAME_DECODER_LENGTH 9u
typedef struct name_decoder {
	const name_code_t *codes;
	uint16_t symbols[1u << NAME_DECODER_BITS];
} name_decoder_t;

/* Makes a decoder for `codes`, which are lent. They need not be sound. */
void name_decoder_make(name_decoder_t *decoder,
		       const name_code_t codes[NAME_SYMBOLS]) ATTR_NONNULL_ALL;

/* The path of a key into `path`, its size in bytes, or 0 when the key is not that of a name. */
size_t name_key_to_path(const name_decoder_t *decoder, const name_key_t *key,
			uint8_t path[NAME_SYMBOLS_MAX]) ATTR_NONNULL_ALL;

/* A path that has been decoded, and how, so that one that begins with the same bits can be decoded from
 * there on. */
typedef struct name_path {
	uint32_t size; /* of `path`, and so symbols; 0: there is none */
	uint16_t starts[NAME_SYMBOLS_MAX +
			1]; /* bits in front of each symbol, and behind the last */
	uint8_t labels[NAME_SYMBOLS_MAX + 1]; /* where the label of each symbol begins in `path` */
	uint8_t path[NAME_SYMBOLS_MAX];
} name_path_t;

/* Makes a path that of a key which shares its first `shared` nibbles with the one that it was made of.
 * Returns false, and leaves none, when the key is not that of a name. */
bool name_path_decode(name_path_t *path, const name_decoder_t *decoder, const name_key_t *key,
		      uint32_t shared) ATTR_NONNULL_ALL;

/* Writes bits behind each other. */
typedef struct name_bits {
	uint8_t *at;
	uint64_t word; /* the last `fill` bits of it are not written yet */
	unsigned fill; /* below 32 */
	uint32_t count;
} name_bits_t;

static inline void name_bits_put(name_bits_t *out, name_code_t code)
{
	out->word = out->word << code.length | code.bits;
	out->fill += code.length;
	out->count += code.length;
	if (out->fill >= 32) {
		out->fill -= 32;
		bits_store_big_32(out->at, (uint32_t)(out->word >> out->fill));
		out->at += 4;
	}
}

/* Bytes of zeros behind a key, at least. */
#define NAME_KEY_ZEROS 12u

/* Writes the rest, and zeros behind it. */
static inline void name_bits_end(name_bits_t *out)
{
	bits_store_big_32(out->at, (uint32_t)(out->word << (32 - out->fill)));
	memset(out->at + 4, 0, NAME_KEY_ZEROS);
}

/* The bits of a key from nibble `index` on, 60 of them at least, the rest undefined. */
static inline uint64_t name_nibbles_load(const uint8_t *bits, uint32_t index)
{
	return bits_load_big_64(bits + index / 2) << index % 2 * 4;
}

#endif
