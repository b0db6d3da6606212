/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_coder.h"

#include <stdlib.h>

#include "dns/name.h"
#include "index/name_coder_variants.h"

/* Nearly all names of a large list have two or three labels, and one of a few hundred top labels, of
 * which the bits are looked up. The other bytes are coded two at a time, from a table of 256 KB: only
 * those lines of it are in the cache that names need, 10 KB for letters, digits and the hyphen. Bits are
 * collected in a register and stored as 8 bytes wherever they end, without a look whether there are
 * enough of them, so that nothing depends on a branch but how long labels are. Where even that is too much,
 * and many names are there at once, see name_coder_x86.c. */

/* An entry of a table: the lower bits are the length, the codes begin with the highest bit. 26 bits of
 * them fit. */
#define ENTRY_LENGTH   63u
#define ENTRY_BITS_MAX 26u

/* Bits of a top label: they are the first ones in the register. */
#define TOP_BITS_MAX 63u

/* Bytes of it. */
#define TOP_SIZE_MAX 16u

/* Names of less text are rare. */
#define TEXT_MIN 8u

/* Keys have 16 bits for a byte of text at most, the top label's 56 included, and 8 bytes are written from
 * their last one on. */
_Static_assert(2 * (NAME_CODER_TEXT_MAX + 1) + TOP_BITS_MAX / 8 + 8 + NAME_RECORD_HEAD <=
		       NAME_RECORD_ROOM,
	       "keys fit");
_Static_assert(sizeof(((name_key_t *)NULL)->bits) + NAME_RECORD_HEAD <= NAME_RECORD_ROOM,
	       "those of all other names do");
_Static_assert(NAME_NIBBLES_MAX / 2 < 1u << (24 - NAME_RECORD_SIZE), "their sizes do, too");

/* Bits on their way to memory. */
typedef struct key_writer {
	uint8_t *at;
	uint64_t bits; /* the first one is the highest */
	uint32_t count;
} key_writer_t;

static inline void put(key_writer_t *writer, uint64_t bits, uint32_t count)
{
	writer->bits |= bits >> writer->count;
	writer->count += count;
}

/* The codes of an entry, the first bit the highest. */
static inline uint64_t entry_bits(uint32_t entry)
{
	return (uint64_t)(entry & ~ENTRY_LENGTH) << 32;
}

/* Leaves less than a byte in the register, of the up to 63 bits that are there. */
static inline void flush(key_writer_t *writer)
{
	bits_store_big_64(writer->at, writer->bits);
	writer->at += writer->count / 8;
	writer->bits <<= writer->count & ~7u;
	writer->count &= 7;
}

static name_code_t code_of(const name_code_table_t *table, unsigned byte)
{
	return table->codes[1u + dns_lower((uint8_t)byte)];
}

void name_code_table_make(name_code_table_t *table, const name_code_t codes[NAME_SYMBOLS],
			  bool is_whole)
{
	memcpy(table->codes, codes, sizeof(table->codes));
	if (!is_whole)
		return;
	name_quick_codes_make(&table->quick, codes);
	for (unsigned second = 0; second < 256; second++) {
		name_code_t last = code_of(table, second);

		table->singles[second] = (uint32_t)last.bits << (32 - last.length) | last.length;
		for (unsigned first = 0; first < 256; first++) {
			name_code_t code = code_of(table, first);
			unsigned length = code.length + last.length;
			uint32_t bits = (uint32_t)code.bits << last.length | last.bits;

			table->pairs[second << 8 | first] =
				length <= ENTRY_BITS_MAX ? bits << (32 - length) | length : 0;
		}
	}
}

name_coder_t *name_coder_new(const name_code_table_t *table)
{
	name_coder_t *coder = calloc(1, sizeof(*coder));

	if (coder == NULL)
		return NULL;
	coder->table = table;
	return coder;
}

name_coder_top_t name_coder_code_top(const name_code_table_t *table, const uint8_t *text,
				     unsigned size)
{
	name_coder_top_t top = { .size = size };
	uint64_t bits = 0;

	for (unsigned i = 0; i <= size; i++) {
		name_code_t code =
			i < size ? code_of(table, text[i]) : table->codes[NAME_SYMBOL_END];

		top.count += code.length;
		if (top.count > TOP_BITS_MAX)
			return (name_coder_top_t){ .size = 0 };
		bits = bits << code.length | code.bits;
	}
	top.bits = bits << (64 - top.count);
	return top;
}

/* The top label, which is text[start..size); one that is not known yet takes the place of another. */
static inline const name_coder_top_t *find_top(name_coder_t *coder, const uint8_t *text,
					       unsigned start, unsigned size)
{
	unsigned label_size = size - start;
	uint64_t last = bits_load_64(text + size - 8);
	uint64_t first = 0;

	if (LIKELY(label_size <= 8))
		last >>= 64 - 8 * label_size;
	else
		first = bits_load_64(text + start);
	_Static_assert(NAME_CODER_TOPS == 1u << (64 - 54), "a hash is a number of a top label");
	name_coder_top_t *top = &coder->tops[last * 0x9e3779b97f4a7c15u >> 54];
	if (UNLIKELY(top->last != last || top->first != first || top->size != label_size)) {
		*top = name_coder_code_top(coder->table, text + start, label_size);
		top->last = last;
		top->first = first;
	}
	return top;
}

/* Codes the bytes of a label; false when they are not usual. Up to four of them stay in the register. */
static inline bool put_label(const name_code_table_t *table, key_writer_t *writer,
			     const uint8_t *at, unsigned left)
{
	for (; left > 4; left -= 4, at += 4) {
		uint32_t first = table->pairs[bits_load_16(at)];
		uint32_t second = table->pairs[bits_load_16(at + 2)];

		if (UNLIKELY(first == 0 || second == 0))
			return false;
		/* Together first: so they wait for the bits before but once. */
		uint32_t length = first & ENTRY_LENGTH;
		put(writer, entry_bits(first) | entry_bits(second) >> length,
		    length + (second & ENTRY_LENGTH));
		flush(writer);
	}
	for (; left >= 2; left -= 2, at += 2) {
		uint32_t pair = table->pairs[bits_load_16(at)];

		if (UNLIKELY(pair == 0))
			return false;
		put(writer, entry_bits(pair), pair & ENTRY_LENGTH);
	}
	if (left > 0) {
		uint32_t single = table->singles[*at];

		put(writer, entry_bits(single), single & ENTRY_LENGTH);
	}
	return true;
}

/* Writes the head of a record whose key is behind it, and moves `out` behind that. */
static inline void put_head(uint8_t **out, uint32_t size, uint32_t top, unsigned kinds)
{
	uint32_t head = size << NAME_RECORD_SIZE | kinds << NAME_RECORD_KINDS | top;

	bits_store_16(*out, (uint16_t)head);
	(*out)[2] = (uint8_t)(head >> 16);
	*out += NAME_RECORD_HEAD + size;
}

ATTR_ALWAYS_INLINE bool put_text(name_coder_t *coder, const uint8_t *text, unsigned size,
				 uint64_t dots, unsigned kinds, uint8_t **out)
{
	uint8_t *key = *out + NAME_RECORD_HEAD;

	dots &= ((uint64_t)1 << size) - 1;
	if (UNLIKELY(dots == 0 || size < TEXT_MIN))
		return false;
	unsigned start = 64 - (unsigned)__builtin_clzll(dots); /* of a label */
	if (UNLIKELY(size - start > TOP_SIZE_MAX))
		return false;
	const name_coder_top_t *top = find_top(coder, text, start, size);
	if (UNLIKELY(top->size == 0))
		return false;
	key_writer_t writer = { key, top->bits, top->count };
	for (;;) {
		unsigned end = start - 1; /* of the next label */

		dots ^= (uint64_t)1 << end;
		start = dots != 0 ? 64 - (unsigned)__builtin_clzll(dots) : 0;
		flush(&writer);
		if (UNLIKELY(!put_label(coder->table, &writer, text + start, end - start)))
			return false;
		if (LIKELY(start == 0))
			break;
		flush(&writer);
		put(&writer, 0, coder->table->codes[NAME_SYMBOL_END].length);
	}
	/* The last label's end is zeros. The last byte has a one, which is in the register. */
	bits_store_big_64(writer.at, writer.bits);
	put_head(out,
		 (uint32_t)(writer.at - key) + (63 - (uint32_t)__builtin_ctzll(writer.bits)) / 8 +
			 1,
		 top->count, kinds);
	return true;
}

bool name_coder_put_text(name_coder_t *coder, const uint8_t *text, unsigned size, uint64_t dots,
			 unsigned kinds, uint8_t **out)
{
	return put_text(coder, text, size, dots, kinds, out);
}

/* Where a name on the wire ends, without its root label. */
static const uint8_t *find_root(const uint8_t *name)
{
	while (*name != 0)
		name += *name + 1u;
	return name;
}

void name_coder_put_any(name_coder_t *coder, const uint8_t *name, unsigned kinds, uint8_t **out)
{
	uint8_t path[NAME_SYMBOLS_MAX];
	size_t size = (size_t)(find_root(name) - name);
	name_key_t key;

	for (uint8_t *to = path + size; to > path; name += *name + 1u) {
		to -= *name + 1u;
		memcpy(to, name, *name + 1u);
	}
	name_key_of_path(coder->table->codes, path, size, &key);
	size = (key.nibbles + 1) / 2;
	memcpy(*out + NAME_RECORD_HEAD, key.bits, size);
	put_head(out, (uint32_t)size, 0, kinds);
}

const uint8_t *name_coder_put(name_coder_t *coder, const uint8_t *name, unsigned kinds,
			      uint8_t **out)
{
	const uint8_t *label = name;
	uint64_t dots = 0;

	/* Its text begins with the first label, and a length stands where a dot would be. */
	for (;;) {
		label += *label + 1u;
		if (*label == 0 || label - name > (ptrdiff_t)NAME_CODER_TEXT_MAX)
			break;
		dots |= (uint64_t)1 << (label - name - 1);
	}
	size_t size = (size_t)(label - name) - 1;
	if (LIKELY(*label == 0 && size <= NAME_CODER_TEXT_MAX) &&
	    name_coder_put_text(coder, name + 1, (unsigned)size, dots, kinds, out))
		return label + 1;
	name_coder_put_any(coder, name, kinds, out);
	return find_root(label) + 1;
}

/* The same for what put_text leaves. */
static void put_plain_any(name_coder_t *coder, const name_coder_text_t *text, uint8_t **out)
{
	uint8_t name[NAME_CODER_TEXT_MAX + 2];
	unsigned label = 0; /* where its length is to be */

	for (unsigned i = 0; i < text->size; i++) {
		name[i + 1] = dns_lower(text->at[i]);
		if ((text->dots >> i & 1) != 0) {
			name[label] = (uint8_t)(i - label);
			label = i + 1;
		}
	}
	name[label] = (uint8_t)(text->size - label);
	name[text->size + 1] = 0;
	name_coder_put_any(coder, name, text->kinds, out);
}

void name_coder_put_plain(name_coder_t *coder, const name_coder_text_t *text, uint8_t **out)
{
	if (!put_text(coder, text->at, text->size, text->dots, text->kinds, out))
		put_plain_any(coder, text, out);
}

size_t name_coder_put_texts(name_coder_t *coder, const name_coder_text_t *texts, size_t count,
			    uint8_t **out, const uint8_t *limit)
{
	size_t done = 0;

#if CPU_HAS_VARIANTS
	if (cpu_level() >= CPU_AVX2)
		return name_coder_put_texts_avx2(coder, texts, count, out, limit);
#endif
	for (; done < count && *out <= limit; done++)
		name_coder_put_plain(coder, &texts[done], out);
	return done;
}
