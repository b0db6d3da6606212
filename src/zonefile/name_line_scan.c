/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/name_line_scan.h"

#include <string.h>

#include "base/cpu.h"
#include "dns/name.h"
#include "index/bits.h"
#include "zonefile/name_scan_variants.h"

/* Where a name ends and where its dots are is found out for 16 bytes at once, as a bit of a word for each
 * byte: a loop over bytes would be wrong about each label's end. The rest is the work of line_rest.h and of
 * the coder. What the other thread has to do for a value takes longer, so there is no variant for better
 * processors. */

/* Behind so many names in a row that have nothing behind them name_scan is to have a try. */
#define ALONE_MAX 64u

/* Bytes that are looked at together. */
#define STEP 16u

/* A byte repeated. */
#define EACH(byte) ((byte)*BITS_ONES_STEP_8)

_Static_assert(NAME_LINE_SCAN_MARGIN >= STEP, "what begins in the text is looked at as a whole");
_Static_assert(NAME_CODER_TEXT_MAX == 63, "a name and its end have the bits of a word");
_Static_assert(1 + 1 + NAME_CODER_TEXT_MAX + 1 + 8 <= NAME_RECORD_ROOM, "names have room, too");

/* What is known of the first bytes of a name: bit i is about byte i. */
typedef struct marks {
	uint64_t dots;
	uint64_t others; /* nothing that a name has */
} marks_t;

/* The highest bit of each byte as a bit of a byte, the lowest for the first one. */
static inline uint64_t gather(uint64_t bytes)
{
	/* Each bit is moved to the highest byte, by a distance that only it has. */
	return (bytes >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* Marks of eight bytes. */
static inline marks_t look_at_word(const char *at)
{
	const uint64_t high = BITS_MSBS_STEP_8;
	uint64_t bytes = bits_load_64((const uint8_t *)at);
	/* Without their highest bits, so that no sum goes on into the next byte. */
	uint64_t low = bytes & ~high;
	uint64_t visible = (low + EACH(0x7fu - ' ')) & ~(low + EACH(1u));
	uint64_t no_dot = (low ^ EACH((unsigned)'.')) + EACH(0x7fu);
	uint64_t no_backslash = (low ^ EACH((unsigned)'\\')) + EACH(0x7fu);

	return (marks_t){
		.dots = gather(~(no_dot | bytes) & high),
		.others = gather((~(visible & no_backslash) | bytes) & high),
	};
}

/* How many bytes from `name` on may be of a name, and which of them are dots; NAME_CODER_TEXT_MAX + 1 if
 * they are too many, or if they go on to `end`. */
static inline unsigned find_end(const char *name, const char *end, uint64_t *dots)
{
	*dots = 0;
	for (unsigned at = 0; at <= NAME_CODER_TEXT_MAX && name + at < end; at += STEP) {
		marks_t first = look_at_word(name + at);
		marks_t second = look_at_word(name + at + STEP / 2);
		uint64_t others = first.others | second.others << STEP / 2;

		*dots |= (first.dots | second.dots << STEP / 2) << at;
		if (others != 0)
			return at + (unsigned)__builtin_ctzll(others);
	}
	return NAME_CODER_TEXT_MAX + 1;
}

/* Eight bytes in lower case; they are ASCII. */
static inline uint64_t lower(uint64_t bytes)
{
	uint64_t upper = (bytes + EACH(0x80u - 'A')) & ~(bytes + EACH(0x80u - 'Z' - 1));

	return bytes | (upper & BITS_MSBS_STEP_8) >> 2;
}

/* Writes a name of `size` bytes of text on the wire, in lower case. `ends` has the bits of its dots and of
 * what is behind it. Returns its end. */
static inline uint8_t *write_name(uint8_t *wire, const char *name, unsigned size, uint64_t ends)
{
	unsigned label = 0;

	for (unsigned at = 0; at < size; at += 8) {
		uint64_t bytes = bits_load_64((const uint8_t *)name + at);
		/* What is behind the name may be any bytes, and is written over. */
		bits_store_64(wire + 1 + at, lower(bytes & ~BITS_MSBS_STEP_8));
	}
	while (label <= size) {
		unsigned label_end = (unsigned)__builtin_ctzll(ends);
		wire[label] = (uint8_t)(label_end - label);
		label = label_end + 1;
		ends &= ends - 1;
	}
	wire[label] = 0;
	return wire + label + 1;
}

/* Writes the entry of a name, and returns its end. */
static inline uint8_t *write_entry(name_coder_t *coder, uint8_t *out, const char *name,
				   unsigned size, uint64_t ends, unsigned kinds)
{
	uint8_t wire[NAME_CODER_TEXT_MAX + 2 + 8];

	if (coder == NULL) {
		*out = (uint8_t)kinds;
		return write_name(out + 1, name, size, ends);
	}
	if (UNLIKELY(!name_coder_put_text(coder, (const uint8_t *)name, size, ends, kinds, &out))) {
		(void)write_name(wire, name, size, ends);
		name_coder_put_any(coder, wire, kinds, &out);
	}
	return out;
}

/* Reads the line at `*at`, writes it to `*out`, and moves both on; returns whether it was plain. */
static inline bool take_line(name_coder_t *coder, const char **at, const char *end, uint8_t **out,
			     bool *is_alone)
{
	const char *name = *at;
	uint64_t dots;
	uint16_t line_size;
	uint8_t rest;
	unsigned kinds = name_scan_take_kinds(&name);
	unsigned size = find_end(name, end, &dots);

	if (kinds == 0 || size > NAME_CODER_TEXT_MAX)
		return false;
	uint64_t ends = (dots & (((uint64_t)1 << size) - 1)) | (uint64_t)1 << size;
	char behind = name[size];
	/* No label is empty: nothing that ends one is where one starts. */
	if ((ends & (ends << 1 | 1)) != 0 ||
	    (behind != '\n' && behind != '\r' && !text_is_blank(behind)))
		return false;
	const char *next = line_rest_take(*at, name + size, end, &line_size, &rest);
	if (next == NULL)
		return false;
	*is_alone = rest == line_size;
	bits_store_16(*out, (uint16_t)(next - *at));
	(*out)[2] = *is_alone ? 0 : rest;
	*out = write_entry(coder, *out + NAME_LINE_HEAD, name, size, ends, kinds);
	*at = next;
	return true;
}

size_t name_line_scan(name_coder_t *coder, const char *at, const char *end, uint8_t *lines,
		      size_t capacity, size_t *size, const char **stop)
{
	uint8_t *out = lines;
	size_t count = 0;
	unsigned alone = 0;
	bool is_alone;

	while (alone < ALONE_MAX && at < end &&
	       capacity - (size_t)(out - lines) >= NAME_LINE_SCAN_ROOM) {
		if (!take_line(coder, &at, end, &out, &is_alone))
			break;
		alone = is_alone ? alone + 1 : 0;
		count++;
	}
	*size = (size_t)(out - lines);
	*stop = at;
	return count;
}

const uint8_t *name_line_scan_open(const uint8_t *at, bool is_key, const char **text,
				   name_scanned_line_t *line)
{
	const char *start = *text;
	unsigned rest = at[2];
	name_key_record_t record;

	*text = start + bits_load_16(at);
	line->line = (text_t){ start, line_rest_trim(start, *text - 1) };
	line->rest = (text_t){ rest != 0 ? start + rest : line->line.end, line->line.end };
	line->entry = at + NAME_LINE_HEAD;
	return is_key ? name_key_record_open(line->entry, &record)
		      : line->entry + 1 + dns_name_size(line->entry + 1);
}
