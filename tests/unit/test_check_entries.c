/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which entries have no effect: tables, and random entries against a model that knows nothing of
 * trees. Whoever removes all lines that are reported must get the same answers as before. */

#include "dns/name.h"
#include "test.h"
#include "tool/check_entries.h"

/* Most entries of a test. */
#define ENTRIES_MAX 40

typedef struct verdict {
	check_kind_t kind;
	uint32_t other;
	unsigned count;
} verdict_t;

/* The verdict on each line, from 1. */
static verdict_t verdicts[ENTRIES_MAX + 1];

static void take(void *context, check_kind_t kind, uint32_t line, uint32_t other)
{
	(void)context;
	MUST(line >= 1 && line <= ENTRIES_MAX, "line %u", line);
	verdicts[line].kind = kind;
	verdicts[line].other = other;
	verdicts[line].count++;
}

static void compare(const dataset_type_t *type, const dataset_entry_t *entries, unsigned count)
{
	check_entries_t *checked = check_entries_new(type);

	ck_assert_ptr_nonnull(checked);
	memset(verdicts, 0, sizeof(verdicts));
	for (unsigned i = 0; i < count; i++)
		ck_assert(check_entries_add(checked, &entries[i], i + 1) == ERR_OK);
	ck_assert(check_entries_compare(checked, take, NULL) == ERR_OK);
	check_entries_free(checked);
}

static const dataset_type_t byte_levels = { .name = "levels", .rule = DATASET_RULE_BYTE_LEVELS };
static const dataset_type_t first_wins = { .name = "first", .rule = DATASET_RULE_FIRST };
static const dataset_type_t all_answer = { .name = "all", .rule = DATASET_RULE_ALL };

static const char *rule_name;

/* ---- Tables. ---- */

static dataset_entry_t ip4(uint32_t first, uint32_t last, uint32_t value)
{
	return (dataset_entry_t){ DATASET_ENTRY_IP4, value, .key.ip4 = { first, last } };
}

/* What is expected of a line: nothing, or a verdict because of a line. */
#define GOOD CHECK_KINDS

typedef struct row {
	uint32_t first, last, value;
	check_kind_t kind;
	uint32_t other;
} row_t;

static void check_rows(const dataset_type_t *type, const row_t *rows, unsigned count)
{
	dataset_entry_t entries[ENTRIES_MAX];

	for (unsigned i = 0; i < count; i++)
		entries[i] = ip4(rows[i].first, rows[i].last, rows[i].value);
	compare(type, entries, count);
	for (unsigned i = 0; i < count; i++) {
		const verdict_t *verdict = &verdicts[i + 1];
		const char *got = verdict->count > 0 ? check_kind_name(verdict->kind) : "good";
		const char *wanted = rows[i].kind != GOOD ? check_kind_name(rows[i].kind) : "good";
		MUST(strcmp(got, wanted) == 0, "%s: row %u is %s, not %s", type->name, i + 1, got,
		     wanted);
		MUST(verdict->other == rows[i].other, "row %u: because of %u, not %u", i + 1,
		     verdict->other, rows[i].other);
	}
}

START_TEST(test_first_wins)
{
	static const row_t rows[] = {
		{ 0x0a000000, 0x0affffff, 1, GOOD, 0 },
		{ 0x0a000000, 0x0affffff, 1, CHECK_DUPLICATE, 1 },
		{ 0x0a000000, 0x0affffff, 2, CHECK_SHADOWED, 1 },
		{ 0x0a000000, 0x0affffff, 0, CHECK_SHADOWED, 1 },
		{ 0x0a010000, 0x0a01ffff, 1, CHECK_REDUNDANT, 1 },
		{ 0x0a020000, 0x0a02ffff, 2, GOOD, 0 },
		{ 0x0a020300, 0x0a0203ff, 0, GOOD, 0 },
		{ 0x0a020304, 0x0a020304, 0, CHECK_USELESS_EXCLUSION, 7 },
		{ 0x0a020305, 0x0a020305, 1, GOOD, 0 },
		{ 0x0b000000, 0x0b0000ff, 0, CHECK_USELESS_EXCLUSION, 0 },
		/* Two halves that leave nothing of the whole. */
		{ 0x0c000000, 0x0c0000ff, 1, CHECK_SHADOWED, 0 },
		{ 0x0c000000, 0x0c00007f, 2, GOOD, 0 },
		{ 0x0c000080, 0x0c0000ff, 0, GOOD, 0 },
		/* The same value: then the whole is what is good for something. */
		{ 0x0d000000, 0x0d0000ff, 1, GOOD, 0 },
		{ 0x0d000000, 0x0d00007f, 1, CHECK_REDUNDANT, 14 },
		{ 0x0d000080, 0x0d0000ff, 1, CHECK_REDUNDANT, 14 },
	};

	check_rows(&first_wins, rows, COUNT_OF(rows));
}
END_TEST

START_TEST(test_byte_levels)
{
	static const row_t rows[] = {
		/* Different values at one place, or on one level, answer together. */
		{ 0x0a000001, 0x0a000001, 1, GOOD, 0 },
		{ 0x0a000001, 0x0a000001, 2, GOOD, 0 },
		{ 0x0a000001, 0x0a000001, 1, CHECK_DUPLICATE, 1 },
		{ 0x0a000000, 0x0a00000f, 3, GOOD, 0 },
		{ 0x0a000002, 0x0a000002, 3, CHECK_REDUNDANT, 4 },
		/* An exclusion wins on its level, wherever it stands. */
		{ 0x0a010000, 0x0a01007f, 1, CHECK_SHADOWED, 7 },
		{ 0x0a010000, 0x0a01007f, 0, GOOD, 0 },
		{ 0x0a010005, 0x0a010005, 1, CHECK_SHADOWED, 7 },
		{ 0x0a010006, 0x0a010006, 0, CHECK_USELESS_EXCLUSION, 7 },
		{ 0x0a010000, 0x0a01007f, 0, CHECK_DUPLICATE, 7 },
		/* A finer listing wins over a coarser exclusion, which then excludes nothing. */
		{ 0x0a020000, 0x0a0200ff, 0, CHECK_USELESS_EXCLUSION, 0 },
		{ 0x0a020005, 0x0a020005, 1, GOOD, 0 },
		/* An exclusion of the same level that cuts something out. */
		{ 0x0a030000, 0x0a03007f, 1, GOOD, 0 },
		{ 0x0a030005, 0x0a030005, 0, GOOD, 0 },
		/* A range, and one that is inside of several of its parts. */
		{ 0x0a040001, 0x0a040064, 1, GOOD, 0 },
		{ 0x0a040002, 0x0a04000a, 1, CHECK_REDUNDANT, 15 },
		{ 0x0a040001, 0x0a040064, 1, CHECK_DUPLICATE, 15 },
		{ 0x0a040050, 0x0a040070, 1, GOOD, 0 },
		/* A part of a range, in front of it. */
		{ 0x0a060001, 0x0a060001, 1, CHECK_REDUNDANT, 20 },
		{ 0x0a060001, 0x0a060064, 1, GOOD, 0 },
		/* A coarser level with the same value. */
		{ 0x0a050000, 0x0a05ffff, 1, GOOD, 0 },
		{ 0x0a050500, 0x0a0505ff, 1, CHECK_REDUNDANT, 21 },
		{ 0x0a050600, 0x0a0506ff, 1, GOOD, 0 },
		{ 0x0a050600, 0x0a0506ff, 2, GOOD, 0 },
	};

	check_rows(&byte_levels, rows, COUNT_OF(rows));
}
END_TEST

/* ---- Random entries against a model. ---- */

/* A set of values, as bits; 0: not listed. */
typedef unsigned (*model_t)(const dataset_entry_t *entries, unsigned count, const bool *removed,
			    unsigned subject);

static uint32_t address_of(unsigned subject)
{
	static const uint32_t far[] = { 0x0a010000, 0x0affffff, 0x0b000000, 0xffffffff,
					0x0a000400 };

	return subject < 1024 ? 0x0a000000 + subject : far[subject - 1024];
}
#define ADDRESSES (1024 + 5)

static bool covers(const dataset_entry_t *entry, uint32_t address)
{
	return entry->key.ip4.first <= address && address <= entry->key.ip4.last;
}

/* Longest prefix, of equal ones the first. */
static unsigned model_first(const dataset_entry_t *entries, unsigned count, const bool *removed,
			    unsigned subject)
{
	const dataset_entry_t *best = NULL;

	for (unsigned i = 0; i < count; i++) {
		const dataset_entry_t *entry = &entries[i];
		if (removed[i] || !covers(entry, address_of(subject)))
			continue;
		if (best == NULL || entry->key.ip4.last - entry->key.ip4.first <
					    best->key.ip4.last - best->key.ip4.first)
			best = entry;
	}
	return best == NULL || best->value == 0 ? 0 : 1u << best->value;
}

/* The widest block of whole bytes around the address that is in the entry: 8, 16, 24 or 32. */
static unsigned level_of(const dataset_entry_t *entry, uint32_t address)
{
	for (unsigned level = 8; level < 32; level += 8) {
		uint32_t hosts = UINT32_MAX >> level;
		if (entry->key.ip4.first <= (address & ~hosts) &&
		    (address | hosts) <= entry->key.ip4.last)
			return level;
	}
	return 32;
}

static unsigned model_levels(const dataset_entry_t *entries, unsigned count, const bool *removed,
			     unsigned subject)
{
	uint32_t address = address_of(subject);
	unsigned values[33] = { 0 };

	for (unsigned i = 0; i < count; i++)
		if (!removed[i] && covers(&entries[i], address))
			values[level_of(&entries[i], address)] |= 1u << entries[i].value;
	for (unsigned level = 32; level > 0; level -= 8)
		if (values[level] != 0)
			return (values[level] & 1) != 0 ? 0 : values[level];
	return 0;
}

/* Names of one to four labels, a or b: the number of bits below the highest one says how many. */
#define NAMES 32

static const uint8_t *name_of(unsigned number, uint8_t name[16])
{
	unsigned at = 0;

	for (; number > 1; number /= 2) {
		name[at++] = 1;
		name[at++] = number % 2 == 0 ? 'a' : 'b';
	}
	name[at] = 0;
	return name;
}

/* The name `subject` is below `other` if that is the end of it. */
static bool is_below(unsigned subject, const uint8_t *other, unsigned labels)
{
	uint8_t name[16];
	unsigned size = 2 * labels;

	(void)name_of(subject, name);
	unsigned own = (unsigned)dns_name_size(name) - 1;
	return own > size && memcmp(name + own - size, other, size) == 0;
}

static unsigned model_names(const dataset_entry_t *entries, unsigned count, const bool *removed,
			    unsigned subject)
{
	unsigned values[9] = { 0 }; /* of the name itself last */
	uint8_t name[16];

	(void)name_of(subject + 1, name);
	for (unsigned i = 0; i < count; i++) {
		const dataset_entry_t *entry = &entries[i];
		unsigned labels = ((unsigned)dns_name_size(entry->key.name.name) - 1) / 2;
		if (removed[i])
			continue;
		if (entry->key.name.is_plain && dns_name_equal(entry->key.name.name, name))
			values[8] |= 1u << entry->value;
		if (entry->key.name.is_wildcard &&
		    is_below(subject + 1, entry->key.name.name, labels))
			values[labels] |= 1u << entry->value;
	}
	for (unsigned i = 9; i-- > 0;)
		if (values[i] != 0)
			return (values[i] & 1) != 0 ? 0 : values[i];
	return 0;
}

static dataset_entry_t random_prefix(void)
{
	static const unsigned wide[] = { 0, 7, 8, 9, 15, 16, 17, 20 };
	unsigned length =
		random_below(6) == 0 ? wide[random_below(COUNT_OF(wide))] : 22 + random_below(11);
	uint32_t hosts = length == 0 ? UINT32_MAX : (uint32_t)((UINT64_C(1) << (32 - length)) - 1);
	uint32_t first = (0x0a000000 + random_below(random_below(2) == 0 ? 1024 : 8)) & ~hosts;

	return ip4(first, first | hosts, random_below(3));
}

static dataset_entry_t random_range(void)
{
	uint32_t first = random_below(1024);
	uint32_t last = first + random_below(random_below(2) == 0 ? 1024 - first : 9);

	return random_below(2) == 0 ? random_prefix()
				    : ip4(0x0a000000 + first, 0x0a000000 + last, random_below(3));
}

static dataset_entry_t random_name(void)
{
	static uint8_t names[NAMES][16];
	unsigned number = 2 + random_below(NAMES - 2);
	unsigned kinds = 1 + random_below(3);

	return (dataset_entry_t){
		.kind = DATASET_ENTRY_NAME,
		.value = random_below(3),
		.key.name = { name_of(number, names[number]), (kinds & 1) != 0, (kinds & 2) != 0 },
	};
}

/* What went wrong, for who has to find it. */
static void print_entries(const dataset_entry_t *entries, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const dataset_entry_t *entry = &entries[i];
		char text[DNS_NAME_TEXT_MAX];
		printf("line %u: %s", i + 1, entry->value == 0 ? "!" : "");
		if (entry->kind == DATASET_ENTRY_IP4) {
			printf("%x-%x", entry->key.ip4.first, entry->key.ip4.last);
		} else {
			dns_name_to_text(entry->key.name.name, text);
			printf("%s%s%s", entry->key.name.is_wildcard ? "*." : "", text,
			       entry->key.name.is_plain ? " and itself" : "");
		}
		printf(" :%u %s because of %u\n", entry->value,
		       verdicts[i + 1].count > 0 ? check_kind_name(verdicts[i + 1].kind) : "good",
		       verdicts[i + 1].other);
	}
	fflush(stdout);
}

/* Removes all that is reported: the answers have to stay. */
static void check_removal(const dataset_entry_t *entries, unsigned count, model_t model,
			  unsigned subjects, unsigned round)
{
	bool nothing[ENTRIES_MAX] = { false };
	bool all[ENTRIES_MAX];

	for (unsigned i = 0; i < count; i++) {
		all[i] = verdicts[i + 1].count > 0;
		MUST(verdicts[i + 1].count <= 1, "%s, round %u: line %u has two verdicts",
		     rule_name, round, i + 1);
	}
	for (unsigned subject = 0; subject < subjects; subject++) {
		unsigned answer = model(entries, count, nothing, subject);
		unsigned left = model(entries, count, all, subject);
		if (answer == left)
			continue;
		print_entries(entries, count);
		ck_abort_msg("%s, round %u: subject %u is %x, and %x afterwards", rule_name, round,
			     subject, answer, left);
	}
}

/* How many lines of a test have been reported: none would prove nothing. */
static unsigned reported;

static void check_random(const dataset_type_t *type, dataset_entry_t (*make)(void), model_t model,
			 unsigned subjects)
{
	dataset_entry_t entries[ENTRIES_MAX];

	reported = 0;
	rule_name = type->name;
	for (unsigned round = 0; round < 3000; round++) {
		unsigned count = 1 + random_below(round % 2 == 0 ? 8 : ENTRIES_MAX);
		for (unsigned i = 0; i < count; i++)
			entries[i] = make();
		compare(type, entries, count);
		for (unsigned i = 0; i < count; i++)
			reported += verdicts[i + 1].count;
		check_removal(entries, count, model, subjects, round);
	}
	MUST(reported > 1000, "only %u lines were reported", reported);
}

START_TEST(test_removal_first)
{
	random_start(1);
	check_random(&first_wins, random_prefix, model_first, ADDRESSES);
}
END_TEST

START_TEST(test_removal_levels)
{
	random_start(2);
	check_random(&byte_levels, random_range, model_levels, ADDRESSES);
}
END_TEST

START_TEST(test_removal_names)
{
	random_start(3);
	check_random(&all_answer, random_name, model_names, NAMES - 1);
}
END_TEST

/* Takes out of a trie what is reported, and again what is reported of the rest, until nothing is.
 * Returns how many entries are left. */
static unsigned remove_reported(dataset_entry_t *entries, unsigned count)
{
	for (unsigned left = 0;; count = left, left = 0) {
		compare(&first_wins, entries, count);
		for (unsigned i = 0; i < count; i++)
			if (verdicts[i + 1].count == 0)
				entries[left++] = entries[i];
		if (left == count)
			return count;
	}
}

/* Of a trie every line without effect is found: what is left makes a difference. */
START_TEST(test_nothing_forgotten)
{
	dataset_entry_t entries[ENTRIES_MAX];
	bool removed[ENTRIES_MAX] = { false };

	random_start(4);
	for (unsigned round = 0; round < 1000; round++) {
		unsigned count = 1 + random_below(20);
		for (unsigned i = 0; i < count; i++)
			entries[i] = random_prefix();
		count = remove_reported(entries, count);
		for (unsigned i = 0; i < count; i++) {
			bool is_needed = false;
			bool less[ENTRIES_MAX] = { [0] = false };
			/* The model does not see all addresses of wide prefixes. */
			if (entries[i].key.ip4.last - entries[i].key.ip4.first > 255)
				continue;
			less[i] = true;
			for (unsigned s = 0; s < ADDRESSES && !is_needed; s++)
				is_needed = model_first(entries, count, removed, s) !=
					    model_first(entries, count, less, s);
			if (!is_needed)
				print_entries(entries, count);
			MUST(is_needed, "round %u: line %u of %u is not needed", round, i + 1,
			     count);
		}
	}
}
END_TEST

/* Names of all lengths and bytes, in any order, come out sorted: every one is found to be its own
 * duplicate. */
START_TEST(test_many_names)
{
	enum { COUNT = 20000 };
	static uint8_t names[COUNT / 2][DNS_NAME_MAX];
	check_entries_t *checked = check_entries_new(&all_answer);

	random_start(5);
	memset(verdicts, 0, sizeof(verdicts));
	for (unsigned i = 0; i < COUNT; i++) {
		uint8_t *name = names[i / 2];
		unsigned at = 0;
		if (i % 2 == 0) {
			for (unsigned labels = 1 + random_below(4); labels > 0; labels--) {
				unsigned size = 1 + random_below(random_below(9) == 0 ? 60 : 12);
				name[at++] = (uint8_t)size;
				while (size-- > 0)
					name[at++] =
						(uint8_t)(random_below(3) == 0 ? 0
									       : random_below(3));
			}
			name[at++] = 3;
			memcpy(name + at, &(uint32_t){ i }, 3); /* distinct */
			name[at + 3] = 0;
		}
		const dataset_entry_t entry = {
			.kind = DATASET_ENTRY_NAME,
			.value = 1,
			.key.name = { name, true, false },
		};
		ck_assert(check_entries_add(checked, &entry, 1 + i % 2) == ERR_OK);
	}
	verdicts[2].count = 0;
	ck_assert(check_entries_compare(checked, take, NULL) == ERR_OK);
	ck_assert_uint_eq(verdicts[2].count, COUNT / 2);
	ck_assert(verdicts[2].kind == CHECK_DUPLICATE);
	ck_assert_uint_eq(verdicts[1].count, 0);
	check_entries_free(checked);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_first_wins,    test_byte_levels,       test_removal_first, test_removal_levels,
		test_removal_names, test_nothing_forgotten, test_many_names,
	};

	return run_tests("check_entries", tests, COUNT_OF(tests));
}
