/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_probe.h"

/* Looking a name up in the bucket that it has to be in; index/name_layout.h tells how that is laid
 * out.
 *
 * The names of a bucket share `base` nibbles. The WINDOW_NIBBLES behind those are a name's window, and
 * where the question's is, is nearly always all there is to know. So windows are made, one of the
 * other, by shifting suffixes into place, until one is not below the question's: some twenty
 * instructions for each name, and one branch that no processor can predict, at the end. To compare only
 * where a mark is what the last comparison said (see name_layout.h) takes fewer instructions, but
 * three or four such branches, each as dear as two names.
 *
 * Where names are longer than their windows, and the windows the same, they are compared one by one,
 * in whole.
 *
 * Most questions need less than that: see answer_usual. */

/* Nibbles that one load is good for, and their bits. */
#define WINDOW_NIBBLES 15u
#define WINDOW_MASK    (~(uint64_t)0 << 4)
/* Nibbles before its suffix from which on the window of a name may be loaded: there are other parts of
 * the block. */
#define WINDOW_BACK 16u

/* How a stored name and the question compare. */
typedef struct comparison {
	int order;     /* of the stored name: negative before the question's, 0 the same */
	uint32_t bit;  /* the first one that differs */
	bool is_ended; /* the stored name has no ones from there on */
} comparison_t;

/* What a bucket says about a name. */
typedef struct findings {
	bool is_found;
	uint32_t found;      /* the name itself */
	uint32_t cover;      /* number of the wildcard entry above it */
	uint8_t cover_depth; /* labels of its name */
	/* Is the name that follows in order below this one? Of one that is found the cursor has still
	 * to tell. */
	bool is_successor_below;
} findings_t;

/* The first nibbles of a word, so many; from WINDOW_NIBBLES on those of a window. Looked up, as that
 * is less work than three shifts. */
static const uint64_t kept[32] = {
	0,
	0xf000000000000000,
	0xff00000000000000,
	0xfff0000000000000,
	0xffff000000000000,
	0xfffff00000000000,
	0xffffff0000000000,
	0xfffffff000000000,
	0xffffffff00000000,
	0xfffffffff0000000,
	0xffffffffff000000,
	0xfffffffffff00000,
	0xffffffffffff0000,
	0xfffffffffffff000,
	0xffffffffffffff00,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
	WINDOW_MASK,
};

/* The end of a comparison, when one of the two has only zeros left. */
static comparison_t compare_rest(const name_key_t *key, const uint8_t *suffixes, uint32_t position,
				 uint32_t left, uint32_t nibble)
{
	for (; left > 0; left--, nibble++, position++) {
		uint32_t stored = (uint32_t)(name_nibbles_load(suffixes, position) >> 60);

		if (stored != 0)
			return (comparison_t){ .order = 1,
					       .bit = nibble * 4 +
						      (uint32_t)__builtin_clz(stored << 28) };
	}
	for (; nibble < key->nibbles; nibble++) {
		uint32_t asked = (uint32_t)(name_nibbles_load(key->bits, nibble) >> 60);

		if (asked != 0)
			return (comparison_t){ .order = -1,
					       .bit = nibble * 4 +
						      (uint32_t)__builtin_clz(asked << 28),
					       .is_ended = true };
	}
	return (comparison_t){ .order = 0, .bit = UINT32_MAX };
}

/* Compares the stored name that the cursor took with the question, which are known to share the
 * nibbles before its suffix. */
static inline comparison_t compare(const name_probe_t *probe, const name_cursor_t *cursor)
{
	const name_key_t *key = &probe->key;
	uint32_t position = cursor->suffix;
	uint32_t left = cursor->length;
	uint32_t nibble = cursor->shared; /* at most a few behind those of the key */

	for (;;) {
		uint32_t size = left < WINDOW_NIBBLES ? left : WINDOW_NIBBLES;
		uint64_t stored = name_nibbles_load(cursor->suffixes, position) & kept[size];
		uint64_t asked = name_nibbles_load(key->bits, nibble) & WINDOW_MASK;

		if (LIKELY(stored != asked)) {
			uint32_t bit = (uint32_t)__builtin_clzll(stored ^ asked);

			return (comparison_t){ .order = stored < asked ? -1 : 1,
					       .bit = nibble * 4 + bit,
					       .is_ended = left == size && stored << bit == 0 };
		}
		nibble += WINDOW_NIBBLES;
		position += WINDOW_NIBBLES;
		left -= size;
		if (nibble >= key->nibbles && left == 0)
			return (comparison_t){ .order = 0, .bit = UINT32_MAX };
		if (UNLIKELY(nibble >= key->nibbles || left == 0))
			return compare_rest(key, cursor->suffixes, position, left, nibble);
	}
}

/* How many labels has a stored name that is before the question's and has no ones from the bit on
 * in which they differ, if it is above the question's name; else 0.
 * Its labels are those of the question up to an end, when the question's next one is that bit. */
static unsigned labels_above(const name_index_t *index, const name_probe_t *probe, uint32_t bit)
{
	const name_question_t *question = probe->question;
	unsigned labels = question->depth;

	do
		labels--; /* the ends before the bit; 0 labels have none */
	while (labels > 0 && probe->ends[labels] > bit);
	if (labels == 0)
		return 0;
	const uint8_t *next = question->name + question->labels[question->depth - labels - 1];
	return probe->ends[labels] + index->codes[1u + next[1]].zeros == bit ? labels : 0;
}

/* The wildcard entry of the bucket's context that is above the question's name, which shares the
 * bits before `bit` with the bucket's first name. */
static void find_context(const name_probe_t *probe, const name_bucket_t *bucket, uint32_t bit,
			 findings_t *findings)
{
	for (uint32_t i = bucket->context_count; i-- > 0;) {
		unsigned depth = name_context_depth(bucket, i);

		if (depth < probe->question->depth && probe->ends[depth] <= bit) {
			findings->cover = name_context_number(bucket, i);
			findings->cover_depth = (uint8_t)depth;
			return;
		}
	}
}

/* The stored name `name` is before the question's: its wildcard entry covers that, if it has one
 * and is above it. */
static void find_cover(const name_index_t *index, const name_probe_t *probe,
		       const name_bucket_t *bucket, uint32_t name, const comparison_t *comparison,
		       findings_t *findings)
{
	unsigned labels;

	if (LIKELY(!comparison->is_ended))
		return;
	labels = labels_above(index, probe, comparison->bit);
	if (labels == 0)
		return;
	name_entries_t entries = name_cell_open(index, name_bucket_cell(bucket, name));
	if (!entries.has_wildcard)
		return;
	findings->cover = entries.wildcard;
	findings->cover_depth = (uint8_t)labels;
}

/* Is the first name behind the bucket below the question's? */
static bool is_next_below(const name_probe_t *probe)
{
	return probe->next_bit >= probe->key.bit_count;
}

/* Goes on behind name `name`, which the cursor has taken and which compared like that, name by name.
 */
static void scan(const name_index_t *index, const name_probe_t *probe, const name_bucket_t *bucket,
		 name_cursor_t *cursor, uint32_t name, comparison_t comparison,
		 findings_t *findings)
{
	while (comparison.order < 0) {
		uint32_t shared = comparison.bit / 4; /* by the name before and the question */

		find_cover(index, probe, bucket, name, &comparison, findings);
		do {
			if (++name == bucket->count) {
				findings->is_successor_below = is_next_below(probe);
				return;
			}
			name_cursor_next(cursor, bucket);
		} while (cursor->shared > shared);
		comparison = compare(probe, cursor);
	}
	findings->is_found = comparison.order == 0;
	findings->found = name;
	findings->is_successor_below = comparison.bit >= probe->key.bit_count;
}

/* The windows of a bucket's names up to one that is not below the question's. */
typedef struct windows {
	uint64_t asked; /* the question's */
	uint32_t count; /* names before that one */
	/* Of each name, and how many nibbles it has behind the base, if they are no more than windows
	 * have; of the first one neither. */
	uint64_t of[NAME_BUCKET];
	uint32_t ends[NAME_BUCKET];
} windows_t;

/* The window of the bucket's first name, which the cursor has taken. */
static inline uint64_t first_window(const name_cursor_t *cursor, uint32_t base)
{
	uint32_t left = cursor->length > base ? cursor->length - base : 0;
	uint32_t first = left > 0 ? cursor->suffix + base : 0;

	return name_nibbles_load(cursor->suffixes, first) &
	       kept[left < WINDOW_NIBBLES ? left : WINDOW_NIBBLES];
}

/* Makes the windows. The cursor has taken the first name, and then has the one at which this ended,
 * if it did before the bucket. */
static inline void make_windows(const name_probe_t *probe, const name_bucket_t *bucket,
				name_cursor_t *cursor, windows_t *windows)
{
	const uint8_t *suffixes = bucket->suffixes - WINDOW_BACK / 2;
	uint64_t window = first_window(cursor, bucket->base);
	uint64_t asked = name_nibbles_load(probe->key.bits, bucket->base) & WINDOW_MASK;
	uint32_t position = cursor->position;
	uint32_t count = bucket->count;
	uint32_t name = 1;

	windows->asked = asked;
	for (; name < count; name++) {
		uint32_t mark = bucket->marks[name];
		uint32_t shared = mark >> 4;
		uint32_t length = mark & 15;

		if (UNLIKELY(shared == NAME_MARK_MORE || length == NAME_MARK_MORE)) {
			cursor->marks = bucket->marks + name;
			cursor->position = position;
			name_cursor_next(cursor, bucket);
			position = cursor->suffix;
			length = cursor->length;
			shared = cursor->shared - bucket->base;
			shared = shared < WINDOW_NIBBLES ? shared : WINDOW_NIBBLES;
		}
		/* So that the first nibble of the suffix comes to lie behind the shared ones. */
		uint32_t from = position + WINDOW_BACK - shared;
		uint32_t end = shared + length;
		uint64_t suffix = name_nibbles_load(suffixes, from) &
				  kept[end < COUNT_OF(kept) ? end : WINDOW_NIBBLES];

		window = suffix ^ ((suffix ^ window) & kept[shared]);
		windows->of[name] = window;
		windows->ends[name] = end;
		if (window >= asked) {
			cursor->shared = bucket->base + shared;
			cursor->length = length;
			cursor->suffix = position;
			break;
		}
		position += length;
	}
	windows->count = name;
	cursor->marks = bucket->marks + name + 1;
	cursor->position = position + cursor->length;
}

/* The deepest name before the question's, in the windows, that is above it and has a wildcard entry.
 * What lies between that and the question is below it, too. */
static void find_window_cover(const name_index_t *index, const name_probe_t *probe,
			      const name_bucket_t *bucket, const windows_t *windows,
			      findings_t *findings)
{
	uint32_t base = bucket->base * 4;
	uint32_t name = windows->count;

	for (unsigned labels = probe->question->depth; --labels > 0;) {
		if (probe->ends[labels] <= base)
			return;
		uint32_t bits = probe->ends[labels] - base;
		/* As long as windows are: then it is as the question's. */
		if (bits >= WINDOW_NIBBLES * 4)
			continue;
		uint64_t above = windows->asked & ~(~(uint64_t)0 >> bits);
		while (name > 1 && windows->of[name - 1] >= above)
			name--;
		if (name == windows->count || windows->of[name] != above ||
		    windows->ends[name] > WINDOW_NIBBLES)
			continue;
		name_entries_t entries = name_cell_open(index, name_bucket_cell(bucket, name));
		if (!entries.has_wildcard)
			continue;
		findings->cover = entries.wildcard;
		findings->cover_depth = (uint8_t)labels;
		return;
	}
}

/* Goes through the bucket behind its first name, which is before the question's and shares its base
 * with that, but not its window. */
static void search(const name_index_t *index, const name_probe_t *probe,
		   const name_bucket_t *bucket, name_cursor_t *cursor, findings_t *findings)
{
	windows_t windows;

	make_windows(probe, bucket, cursor, &windows);
	if (UNLIKELY(probe->ends[probe->question->depth - 1] > bucket->base * 4))
		find_window_cover(index, probe, bucket, &windows, findings);
	if (windows.count == bucket->count) {
		findings->is_successor_below = is_next_below(probe);
		return;
	}
	uint64_t differ = windows.of[windows.count] ^ windows.asked;
	if (differ != 0) {
		findings->is_successor_below =
			bucket->base * 4 + (uint32_t)__builtin_clzll(differ) >=
			probe->key.bit_count;
		return;
	}
	if (LIKELY(windows.ends[windows.count] <= WINDOW_NIBBLES &&
		   probe->key.nibbles <= bucket->base + WINDOW_NIBBLES)) {
		findings->is_found = true;
		findings->found = windows.count;
		return;
	}
	scan(index, probe, bucket, cursor, windows.count, compare(probe, cursor), findings);
}

/* Is the name behind the one that was found, which the cursor has, below it? */
static bool is_successor_below(const name_probe_t *probe, const name_bucket_t *bucket,
			       name_cursor_t *cursor, const findings_t *findings)
{
	if (findings->found + 1 == bucket->count)
		return is_next_below(probe);
	name_cursor_next(cursor, bucket);
	return compare(probe, cursor).bit >= probe->key.bit_count;
}

/* From what a bucket says to what the index answers. */
static void decide(const name_index_t *index, const name_probe_t *probe,
		   const name_bucket_t *bucket, name_cursor_t *cursor, findings_t *findings,
		   name_match_t *match)
{
	uint32_t cover = findings->cover;

	*match = (name_match_t){ .number = findings->cover,
				 .kind = NAME_WILDCARD,
				 .depth = findings->cover_depth };
	if (findings->is_found) {
		name_entries_t entries =
			name_cell_open(index, name_bucket_cell(bucket, findings->found));

		if (entries.has_plain)
			*match = (name_match_t){ .number = entries.plain,
						 .kind = NAME_PLAIN,
						 .depth = (uint8_t)probe->question->depth };
		if (entries.has_wildcard)
			cover = entries.wildcard;
	}
	/* What is below is listed by what covers it, or else something there is: see the invariant
	 * in name_layout.h. */
	if (match->number != NAME_INDEX_NONE)
		return;
	if (cover == NAME_INDEX_NONE && findings->is_found)
		findings->is_successor_below = is_successor_below(probe, bucket, cursor, findings);
	match->has_below = cover != NAME_INDEX_NONE || findings->is_successor_below;
}

/* Can answer_usual be tried? The bucket is full and its marks say it all, but for the first one, and only that
 * name may be above the question's. */
static inline bool is_usual(const name_probe_t *probe, const name_bucket_t *bucket)
{
	uint64_t marks = bits_load_64(bucket->marks) & ~(uint64_t)0xff;
	uint64_t more = bits_load_64(bucket->marks + 8);

	_Static_assert(NAME_BUCKET == 16, "all marks of a bucket are two words");
	return bucket->count == NAME_BUCKET && bucket->context_count == 0 &&
	       bucket->base <= WINDOW_NIBBLES &&
	       probe->ends[probe->question->depth - 1] <= bucket->base * 4 &&
	       (name_marks_with_more(marks) | name_marks_with_more(more)) == 0;
}

/* make_windows for a usual bucket, without the memory of those that it made. From the first name, which the
 * cursor has and has the window `window`, to the one whose window is not below `asked`: that is then what
 * the cursor has, but for its marks, and `*window` is its window. Returns its number. */
static inline uint32_t pass_windows(const name_bucket_t *bucket, name_cursor_t *cursor,
				    uint64_t asked, uint64_t *window)
{
	const uint8_t *suffixes = bucket->suffixes - WINDOW_BACK / 2;
	uint32_t position = cursor->position + WINDOW_BACK;
	uint32_t shared = 0;
	uint32_t length = 0;
	uint32_t name = 1;

	for (; name < NAME_BUCKET; name++) {
		uint32_t mark = bucket->marks[name];

		shared = mark >> 4;
		length = mark & 15;
		uint64_t suffix =
			name_nibbles_load(suffixes, position - shared) & kept[shared + length];
		*window = suffix ^ ((suffix ^ *window) & kept[shared]);
		if (*window >= asked)
			break;
		position += length;
	}
	cursor->shared = bucket->base + shared;
	cursor->length = length;
	cursor->suffix = position - WINDOW_BACK;
	return name;
}

/* Answers most questions with less work: those that nothing in the bucket or its context is above, and that
 * lie between two windows or have a plain entry. Else returns false, and has done nothing. */
static inline bool answer_usual(const name_index_t *index, const name_probe_t *probe,
				const name_bucket_t *bucket, name_match_t *match)
{
	uint32_t base = bucket->base;

	if (!is_usual(probe, bucket))
		return false;
	name_cursor_t cursor = name_cursor_begin(bucket);
	name_cursor_next(&cursor, bucket);
	uint64_t differ = name_nibbles_load(bucket->suffixes, cursor.suffix) ^ probe->slice;
	uint64_t asked = name_nibbles_load(probe->key.bits, base) & WINDOW_MASK;
	uint64_t window = first_window(&cursor, base);
	/* Is the first name not before the question's, or may it be above it? */
	if (UNLIKELY((differ & kept[base]) != 0 || window >= asked ||
		     (cursor.length <= base + WINDOW_NIBBLES &&
		      window << __builtin_clzll(window ^ asked) == 0)))
		return false;
	uint32_t name = pass_windows(bucket, &cursor, asked, &window);
	if (window != asked) {
		uint32_t bit = name < NAME_BUCKET
				       ? base * 4 + (uint32_t)__builtin_clzll(window ^ asked)
				       : probe->next_bit;
		*match = (name_match_t){ .number = NAME_INDEX_NONE,
					 .kind = NAME_WILDCARD,
					 .has_below = bit >= probe->key.bit_count };
		return true;
	}
	if (UNLIKELY(compare(probe, &cursor).order != 0))
		return false;
	name_entries_t entries = name_cell_open(index, name_bucket_cell(bucket, name));
	if (UNLIKELY(!entries.has_plain || entries.plain == NAME_INDEX_NONE))
		return false;
	*match = (name_match_t){ .number = entries.plain,
				 .kind = NAME_PLAIN,
				 .depth = (uint8_t)probe->question->depth };
	return true;
}

bool name_probe_answer(const name_index_t *index, name_probe_t *probe, name_match_t *match)
{
	name_bucket_t bucket = name_bucket_open(probe->bucket);

	if (LIKELY(answer_usual(index, probe, &bucket, match)))
		return true;
	name_cursor_t cursor = name_cursor_begin(&bucket);
	findings_t findings = { .cover = NAME_INDEX_NONE };

	name_cursor_next(&cursor, &bucket);
	comparison_t comparison = compare(probe, &cursor);
	if (UNLIKELY(comparison.order > 0 && probe->before != NULL)) {
		probe->next_bit = comparison.bit;
		return false;
	}
	if (UNLIKELY(bucket.context_count > 0))
		find_context(probe, &bucket, comparison.bit, &findings);
	uint32_t nibble = comparison.bit / 4;
	if (LIKELY(comparison.order < 0 && nibble >= bucket.base &&
		   nibble < bucket.base + WINDOW_NIBBLES)) {
		find_cover(index, probe, &bucket, 0, &comparison, &findings);
		search(index, probe, &bucket, &cursor, &findings);
	} else {
		scan(index, probe, &bucket, &cursor, 0, comparison, &findings);
	}
	decide(index, probe, &bucket, &cursor, &findings, match);
	return true;
}
