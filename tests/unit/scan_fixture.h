/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_SCAN_FIXTURE_H
#define SPURN_TESTS_UNIT_SCAN_FIXTURE_H

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cpu.h"
#include "index/name_coder.h"
#include "test.h"
#include "zonefile/text.h"

/* What the tests of scanners share: text at the end of memory, and each variant that the machine has. */

/* Most bytes of text, with the margin behind it. */
#define SCAN_TEXT_MAX 65536u

/* The end of SCAN_TEXT_MAX bytes of memory, behind which nothing can be read. */
static inline char *scan_memory_end(void)
{
	const size_t guard = 65536; /* a multiple of any page's size */
	static char *memory;

	if (memory == NULL) {
		memory = mmap(NULL, SCAN_TEXT_MAX + guard, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ck_assert_ptr_ne(memory, MAP_FAILED);
		ck_assert_int_eq(mprotect(memory + SCAN_TEXT_MAX, guard, PROT_NONE), 0);
	}
	return memory + SCAN_TEXT_MAX;
}

/* Puts `size` bytes of text right before a margin of `margin` bytes, behind which nothing can be read,
 * and digits, dots, letters and line ends into the margin: what is read there must not count. Returns
 * where the text is. */
static inline char *scan_place(const char *text, size_t size, size_t margin)
{
	char *end = scan_memory_end() - margin;

	ck_assert_uint_le(size + margin, SCAN_TEXT_MAX);
	if (size > 0)
		memcpy(end - size, text, size);
	for (size_t i = 0; i < margin; i++)
		end[i] = "1.a\n2\n\n.b"[random_below(9)];
	return end - size;
}

/* A coder by some code in which some bytes are rare; the same one each time. */
static inline name_coder_t *scan_coder(void)
{
	static name_code_table_t table;
	static name_coder_t *coder;
	uint64_t counts[NAME_SYMBOLS] = { [NAME_SYMBOL_END] = 5000, [1 + '-'] = 10, [1 + '_'] = 1 };
	name_code_t codes[NAME_SYMBOLS];

	if (coder != NULL)
		return coder;
	for (unsigned byte = 'a'; byte <= 'z'; byte++)
		counts[1 + byte] = 100 + byte % 7 * 50;
	ck_assert_int_eq(name_code_make(counts, codes), ERR_OK);
	name_code_table_make(&table, codes, true);
	coder = name_coder_new(&table);
	ck_assert_ptr_nonnull(coder);
	return coder;
}

/* Writes some lines by `add_line`, which returns their ends; returns how many bytes of them are to be read: up
 * to the end of a line, or within one. */
static inline size_t scan_random_lines(char *text, char *(*add_line)(char *to))
{
	char *end = text;

	for (unsigned i = 1 + random_below(6); i > 0; i--)
		end = add_line(end);
	size_t written = (size_t)(end - text);
	size_t size = written - (random_below(4) == 0 ? random_below(9) : 0);
	return size <= written ? size : 0;
}

/* The text of a line as line readers give it out. */
static inline text_t scan_ordinary_text(const char *line, const char *lf)
{
	const char *end = lf;

	if (end != line && end[-1] == '\r')
		end--;
	while (line != end && text_is_blank(*line))
		line++;
	while (line != end && text_is_blank(end[-1]))
		end--;
	return (text_t){ line, end };
}

/* for (each_level(level)) runs once for each variant that this machine has, the plain one first. All
 * levels are allowed again behind it. */
static inline cpu_level_t scan_next_level(cpu_level_t level)
{
	cpu_limit(level);
	if (level < CPU_LEVELS && cpu_level() == level)
		return level;
	cpu_limit(CPU_LEVELS);
	return CPU_LEVELS;
}
#define EACH_LEVEL(level)                                                                          \
	cpu_level_t level = scan_next_level(CPU_PLAIN);                                            \
	level < CPU_LEVELS;                                                                        \
	level = scan_next_level(level + 1)

#endif
