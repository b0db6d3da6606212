/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Keys of many names on x86-64.
 *
 * How long the labels of a name are cannot be guessed, so code that goes from one piece of a label to the
 * next has a branch that is guessed wrong for nearly every name, and that takes as long as to code all of
 * it. Here all usual names take the same steps. A usual name has two or three labels, a top label of up to
 * 8 bytes, and up to 16 bytes of rest, which is what stands in front of the dot of the top label:
 *
 *     name             rest          order of a key        key
 *     example.com      example       e x a m p l e         c o m END e x a m p l e
 *     www.a-b.com      www.a-b       a - b . w w w         c o m END a - b END w w w
 *
 * Each step is taken for many names before the next one, so that no name waits for another.
 *
 *  1. Is the name usual? The bits of its top label are looked up.
 *  2. The rest is brought into the order of a key by a shuffle of 16 bytes, with zeros behind. There is one
 *     for each size of a rest, and place where its second label starts. The dot stands for a label's end.
 *  3. The code of each byte, and how long it is, are looked up by shuffles: of 64 places, 16 by each. A
 *     code begins at the highest bit of its place, so two of them are joined when the second one is shifted
 *     by the length of the first: two and two places of 16 bits to one of 32, these to 64 bits, and again,
 *     to a word for 8 bytes. Zeros have no bits.
 *  4. For four names side by side, the top label and both words become a key of three words.
 *  5. Records are written. Where a key ends is told by its zeros.
 *
 * Other names, and those with codes that do not fit, are coded one by one in name_coder.c. A list where half
 * of them are takes 3 % longer than it would without all this, and one where all are 8 %.
 *
 * Refused: to look up two bytes at once in the table that name_coder.c has. There are as many loads as
 * shuffles here, and each needs a number made of what is in a vector. */

#include "index/name_coder_variants.h"

#include <string.h>

#include "dns/name.h"

/* The length of a code that is not known here: so many bits fit into no word. */
#define TOO_LONG  128u
#define WORD_BITS 64

/* The place of a byte in a table: the same for a letter in upper case. */
static unsigned quick_place(unsigned byte)
{
	return (byte & 0x1f) | (byte & 0x40) >> 1;
}

static void set_code(name_quick_codes_t *quick, unsigned byte, name_code_t code)
{
	unsigned bits = (unsigned)code.bits << (16 - code.length);
	unsigned place = quick_place(byte);

	quick->high[place] = (uint8_t)(bits >> 8);
	quick->low[place] = (uint8_t)bits;
	quick->lengths[place] = code.length;
}

/* The number of the order of a rest of `size` bytes whose second label begins at `start`, which is 0 where
 * there is none. */
static inline unsigned order_of(unsigned size, unsigned start)
{
	return size * NAME_QUICK_SYMBOLS + start;
}

static void set_order(uint8_t order[NAME_QUICK_SYMBOLS], unsigned size, unsigned start)
{
	for (unsigned i = start; i < size; i++)
		*order++ = (uint8_t)i;
	if (start > 0)
		*order++ = (uint8_t)(start - 1);
	for (unsigned i = 0; i + 1 < start; i++)
		*order++ = (uint8_t)i;
}

void name_quick_codes_make(name_quick_codes_t *quick, const name_code_t codes[NAME_SYMBOLS])
{
	/* All that does not share its place with another, but letters. */
	static const char usual[] = "!\"#$%&'()*+,-/0123456789:;<=>?_abcdefghijklmnopqrstuvwxyz";

	memset(quick->lengths, TOO_LONG, sizeof(quick->lengths));
	for (const char *at = usual; *at != '\0'; at++)
		set_code(quick, (uint8_t)*at, codes[1 + (uint8_t)*at]);
	set_code(quick, '.', codes[NAME_SYMBOL_END]);
	/* What a shuffle leaves. */
	set_code(quick, '\0', (name_code_t){ .length = 0 });
	memset(quick->orders, 0x80, sizeof(quick->orders));
	for (unsigned size = 1; size <= NAME_QUICK_SYMBOLS; size++) {
		for (unsigned start = 0; start < size; start++)
			set_order(quick->orders[order_of(size, start)], size, start);
	}
}

#if CPU_HAS_VARIANTS

#include <immintrin.h>

/* Names side by side. */
#define STEP        4u
#define ALL_OF_STEP ((1u << STEP) - 1)
_Static_assert(NAME_CODER_TEXTS % STEP == 0, "so that there is room to round up");
_Static_assert(NAME_CODER_TEXTS <= 64, "there is a bit for each");

/* Many names on their way. What is not usual has an order without symbols. */
typedef struct names {
	uint64_t unusual; /* bit i: name i is */
	const uint8_t *texts[NAME_CODER_TEXTS];
	uint32_t orders[NAME_CODER_TEXTS];
	uint64_t tops[NAME_CODER_TEXTS];
	uint64_t top_counts[NAME_CODER_TEXTS];
	_Alignas(32) uint64_t keys[NAME_CODER_TEXTS][4];
} names_t;

/* Codes, each at the highest bits of its place, and how long they are. */
typedef struct codes {
	__m256i bits;
	__m256i lengths;
} codes_t;

/* ---- 1. What is usual. ---- */

/* Puts a top label into its place; returns false where it has too many bits. */
static bool learn_top(const name_coder_t *coder, const uint8_t *text, unsigned size, uint64_t label,
		      name_quick_top_t *place)
{
	name_coder_top_t top = name_coder_code_top(coder->table, text, size);

	if (top.size == 0)
		return false;
	*place = (name_quick_top_t){ label, top.bits, top.count };
	return true;
}

CPU_TARGET_AVX2 static inline bool open_name(name_coder_t *coder, const name_coder_text_t *text,
					     names_t *names, size_t i)
{
	uint64_t dots = _bzhi_u64(text->dots, text->size);
	unsigned rest = 63 - (unsigned)_lzcnt_u64(dots);
	uint64_t others = _bzhi_u64(dots, rest);
	unsigned start = 64 - (unsigned)_lzcnt_u64(others);
	unsigned top_size = text->size - rest - 1;
	/* Without a dot there is a rest of -1 bytes. */
	bool is_usual = (rest <= NAME_QUICK_SYMBOLS) & (top_size <= sizeof(uint64_t)) &
			(_blsr_u64(others) == 0);

	if (UNLIKELY(!is_usual))
		return false;
	uint64_t label = _bzhi_u64(bits_load_64(text->at + rest + 1), 8 * top_size);
	_Static_assert(NAME_QUICK_TOPS == 1u << (64 - 56), "a hash is a number of a top label");
	name_quick_top_t *top = &coder->quick_tops[label * 0x9e3779b97f4a7c15u >> 56];
	if (UNLIKELY(top->label != label) &&
	    !learn_top(coder, text->at + rest + 1, top_size, label, top))
		return false;
	names->texts[i] = text->at;
	names->orders[i] = order_of(rest, start);
	names->tops[i] = top->bits;
	names->top_counts[i] = top->count;
	return true;
}

CPU_TARGET_AVX2 static void open_names(name_coder_t *coder, const name_coder_text_t *texts,
				       size_t count, names_t *names)
{
	names->unusual = 0;
	for (size_t i = 0; i < count; i++) {
		if (LIKELY(open_name(coder, &texts[i], names, i)))
			continue;
		names->unusual |= (uint64_t)1 << i;
		names->texts[i] = texts[i].at;
		names->orders[i] = 0;
		names->tops[i] = 0;
		names->top_counts[i] = 0;
	}
	for (; count % STEP != 0; count++) {
		names->texts[count] = texts[0].at;
		names->orders[count] = 0;
		names->tops[count] = 0;
		names->top_counts[count] = 0;
	}
}

/* ---- 2. and 3. Words of codes. ---- */

CPU_TARGET_AVX2 static inline __m256i load_pair(const void *first, const void *second)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(first)),
				       _mm_loadu_si128(second), 1);
}

CPU_TARGET_AVX2 static inline __m256i look_up_part(const uint8_t *table, __m256i bytes)
{
	__m128i part = _mm_loadu_si128((const void *)table);

	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(part), bytes);
}

/* What `table` has for each of the bytes. */
CPU_TARGET_AVX2 static inline __m256i look_up(const uint8_t table[NAME_QUICK_BYTES], __m256i bytes)
{
	/* Bits 0x10 and 0x40, as the highest ones, choose from the parts. */
	__m256i is_odd = _mm256_slli_epi16(bytes, 3);
	__m256i is_high = _mm256_slli_epi16(bytes, 1);
	__m256i low = _mm256_blendv_epi8(look_up_part(table, bytes),
					 look_up_part(table + 16, bytes), is_odd);
	__m256i high = _mm256_blendv_epi8(look_up_part(table + 32, bytes),
					  look_up_part(table + 48, bytes), is_odd);

	return _mm256_blendv_epi8(low, high, is_high);
}

/* Of places of 16 bits two and two become one of 32. */
CPU_TARGET_AVX2 static inline codes_t join_16(codes_t codes)
{
	__m256i first = _mm256_slli_epi32(codes.bits, 16);
	__m256i second = _mm256_and_si256(codes.bits, _mm256_set1_epi32((int)0xffff0000));
	__m256i length = _mm256_and_si256(codes.lengths, _mm256_set1_epi32(0xffff));

	return (codes_t){ _mm256_or_si256(first, _mm256_srlv_epi32(second, length)),
			  _mm256_add_epi32(length, _mm256_srli_epi32(codes.lengths, 16)) };
}

/* Of 32 bits, of 64. */
CPU_TARGET_AVX2 static inline codes_t join_32(codes_t codes)
{
	__m256i low = _mm256_set1_epi64x(0xffffffff);
	__m256i first = _mm256_slli_epi64(codes.bits, 32);
	__m256i second = _mm256_andnot_si256(low, codes.bits);
	__m256i length = _mm256_and_si256(codes.lengths, low);

	return (codes_t){ _mm256_or_si256(first, _mm256_srlv_epi64(second, length)),
			  _mm256_add_epi64(length, _mm256_srli_epi64(codes.lengths, 32)) };
}

/* Two of 64 bits become one, if there is room; those of `b` are put in between. */
CPU_TARGET_AVX2 static inline codes_t join_64(codes_t a, codes_t b)
{
	__m256i length = _mm256_unpacklo_epi64(a.lengths, b.lengths);
	__m256i first = _mm256_unpacklo_epi64(a.bits, b.bits);
	__m256i second = _mm256_unpackhi_epi64(a.bits, b.bits);

	return (codes_t){ _mm256_or_si256(first, _mm256_srlv_epi64(second, length)),
			  _mm256_add_epi64(length, _mm256_unpackhi_epi64(a.lengths, b.lengths)) };
}

/* The rests of names i and i + 2, as two words each. */
CPU_TARGET_AVX2 static inline codes_t code_pair(const name_quick_codes_t *quick,
						const names_t *names, size_t i)
{
	__m256i order =
		load_pair(quick->orders[names->orders[i]], quick->orders[names->orders[i + 2]]);
	__m256i bytes = _mm256_shuffle_epi8(load_pair(names->texts[i], names->texts[i + 2]), order);
	__m256i high = look_up(quick->high, bytes);
	__m256i low = look_up(quick->low, bytes);
	__m256i length = look_up(quick->lengths, bytes);
	__m256i zero = _mm256_setzero_si256();
	codes_t first = { _mm256_unpacklo_epi8(low, high), _mm256_unpacklo_epi8(length, zero) };
	codes_t second = { _mm256_unpackhi_epi8(low, high), _mm256_unpackhi_epi8(length, zero) };

	return join_64(join_32(join_16(first)), join_32(join_16(second)));
}

/* ---- 4. Keys. ---- */

CPU_TARGET_AVX2 static inline __m256i load_256(const void *at)
{
	return _mm256_loadu_si256(at);
}

CPU_TARGET_AVX2 static inline __m256i big_endian(__m256i words)
{
	return _mm256_shuffle_epi8(words, _mm256_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12,
							   11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15,
							   14, 13, 12, 11, 10, 9, 8));
}

/* Makes the keys of names i..i + 3. Returns which of them have words that are too long, as bits. */
CPU_TARGET_AVX2 static inline unsigned make_keys(const name_quick_codes_t *quick, names_t *names,
						 size_t i)
{
	codes_t even = code_pair(quick, names, i);
	codes_t odd = code_pair(quick, names, i + 1);
	__m256i top = load_256(&names->tops[i]);
	__m256i count = load_256(&names->top_counts[i]);
	__m256i first = _mm256_unpacklo_epi64(even.bits, odd.bits);
	__m256i second = _mm256_unpackhi_epi64(even.bits, odd.bits);
	__m256i first_length = _mm256_unpacklo_epi64(even.lengths, odd.lengths);
	__m256i second_length = _mm256_unpackhi_epi64(even.lengths, odd.lengths);
	__m256i word_bits = _mm256_set1_epi64x(WORD_BITS);
	__m256i is_long = _mm256_or_si256(_mm256_cmpgt_epi64(first_length, word_bits),
					  _mm256_cmpgt_epi64(second_length, word_bits));
	/* A shift by what is no number of bits of a word, or below 0, gives 0. */
	__m256i place = _mm256_add_epi64(count, first_length); /* of the second word */
	__m256i key[4];
	key[0] = _mm256_or_si256(_mm256_or_si256(top, _mm256_srlv_epi64(first, count)),
				 _mm256_srlv_epi64(second, place));
	__m256i behind = _mm256_sub_epi64(place, word_bits);
	key[1] = _mm256_or_si256(
		_mm256_sllv_epi64(first, _mm256_sub_epi64(word_bits, count)),
		_mm256_or_si256(_mm256_srlv_epi64(second, behind),
				_mm256_sllv_epi64(second, _mm256_sub_epi64(word_bits, place))));
	key[2] = _mm256_sllv_epi64(second, _mm256_sub_epi64(word_bits, behind));
	for (unsigned n = 0; n < 3; n++)
		key[n] = big_endian(key[n]);
	__m256i zero = _mm256_setzero_si256();
	__m256i low_02 = _mm256_unpacklo_epi64(key[0], key[1]);
	__m256i low_13 = _mm256_unpackhi_epi64(key[0], key[1]);
	__m256i high_02 = _mm256_unpacklo_epi64(key[2], zero);
	__m256i high_13 = _mm256_unpackhi_epi64(key[2], zero);
	__m256i *keys = (__m256i *)(void *)names->keys[i];
	_mm256_store_si256(keys, _mm256_permute2x128_si256(low_02, high_02, 0x20));
	_mm256_store_si256(keys + 1, _mm256_permute2x128_si256(low_13, high_13, 0x20));
	_mm256_store_si256(keys + 2, _mm256_permute2x128_si256(low_02, high_02, 0x31));
	_mm256_store_si256(keys + 3, _mm256_permute2x128_si256(low_13, high_13, 0x31));
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(is_long));
}

/* ---- 5. Records. ---- */

/* Writes a record; returns its end. */
CPU_TARGET_AVX2 static inline uint8_t *write_record(uint8_t *out, const uint64_t words[4],
						    uint32_t top_count, uint32_t kinds)
{
	__m256i key = _mm256_load_si256((const void *)words);
	__m256i is_zero = _mm256_cmpeq_epi8(key, _mm256_setzero_si256());
	uint32_t size = 32 - (uint32_t)_lzcnt_u32(~(uint32_t)_mm256_movemask_epi8(is_zero));

	/* Its fourth byte is written over. */
	bits_store_32(out, size << NAME_RECORD_SIZE | kinds << NAME_RECORD_KINDS | top_count);
	_mm256_storeu_si256((void *)(out + NAME_RECORD_HEAD), key);
	return out + NAME_RECORD_HEAD + size;
}
_Static_assert(NAME_RECORD_HEAD + 32 <= NAME_RECORD_ROOM, "a whole key is written");

CPU_TARGET_AVX2 size_t name_coder_put_texts_avx2(name_coder_t *coder,
						 const name_coder_text_t *texts, size_t count,
						 uint8_t **out, const uint8_t *limit)
{
	names_t names;
	uint8_t *to = *out;
	size_t done;

	open_names(coder, texts, count, &names);
	for (size_t i = 0; i < count; i += STEP)
		if ((~names.unusual >> i & ALL_OF_STEP) != 0)
			names.unusual |= (uint64_t)make_keys(&coder->table->quick, &names, i) << i;
	for (done = 0; done < count && to <= limit; done++) {
		if (LIKELY((names.unusual >> done & 1) == 0)) {
			to = write_record(to, names.keys[done], (uint32_t)names.top_counts[done],
					  texts[done].kinds);
			continue;
		}
		*out = to;
		name_coder_put_plain(coder, &texts[done], out);
		to = *out;
	}
	*out = to;
	return done;
}

#endif
