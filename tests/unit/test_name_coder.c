/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Keys of names: those that are made of text at once are those that are made symbol by symbol, for names of
 * all sizes, in upper and lower case, on the wire and as text, with rare bytes and frequent ones. */

#include "scan_fixture.h"

#include <ctype.h>

#include "dns/name.h"
#include "index/name_coder.h"

static name_code_table_t table;

/* Codes for names of letters, of which some are frequent; `rare` bytes have long ones. */
static name_coder_t *new_coder(uint64_t weight)
{
	uint64_t counts[NAME_SYMBOLS] = { [NAME_SYMBOL_END] = 2 * weight };
	name_code_t codes[NAME_SYMBOLS];

	for (unsigned byte = 'a'; byte <= 'z'; byte++)
		counts[1 + byte] = weight / (1 + byte % 5);
	for (unsigned byte = '0'; byte <= '9'; byte++)
		counts[1 + byte] = weight / 3;
	counts[1 + '-'] = weight / 50 + 1;
	ck_assert_int_eq(name_code_make(counts, codes), ERR_OK);
	name_code_table_make(&table, codes, true);
	name_coder_t *coder = name_coder_new(&table);
	ck_assert_ptr_nonnull(coder);
	return coder;
}

/* The key of a name on the wire in lower case, by another way. */
static void model_key(const uint8_t *name, name_key_t *key)
{
	uint8_t path[NAME_SYMBOLS_MAX];
	size_t size = dns_name_size(name) - 1;

	for (uint8_t *to = path + size; to > path; name += *name + 1) {
		to -= *name + 1;
		memcpy(to, name, *name + 1u);
	}
	name_key_of_path(table.codes, path, size, key);
}

static void check_record(const char *text, const uint8_t *record, const uint8_t *end,
			 const name_key_t *key, unsigned kinds)
{
	name_key_record_t taken;

	MUST(name_key_record_open(record, &taken) == end, "%s: another size", text);
	MUST(taken.kinds == kinds && taken.size == (key->nibbles + 1) / 2, "%s: %u bytes", text,
	     taken.size);
	MUST(memcmp(taken.key, key->bits, taken.size) == 0, "%s: another key", text);
	/* The top label's bits end with those of its end, which are zeros. */
	MUST(taken.top <= 64, "%s: %u bits", text, taken.top);
}

/* Makes the key of a name in all ways; returns whether the fast one was one of them. */
static bool check_name(name_coder_t *coder, const char *text)
{
	uint8_t record[NAME_RECORD_ROOM];
	uint8_t *out = record;
	uint8_t name[DNS_NAME_MAX];
	uint8_t padded[NAME_CODER_TEXT_MAX + 1];
	size_t size = strlen(text);
	unsigned kinds = 1 + random_below(3);
	uint64_t dots = 0;
	bool is_done = false;
	name_key_t key;

	ck_assert_int_eq(dns_name_from_text(text, size, name, &size), ERR_OK);
	dns_name_lower(name, dns_name_size(name));
	model_key(name, &key);
	name_coder_put_any(coder, name, kinds, &out);
	check_record(text, record, out, &key, kinds);
	out = record;
	ck_assert_ptr_eq(name_coder_put(coder, name, kinds, &out), name + dns_name_size(name));
	check_record(text, record, out, &key, kinds);
	size = strlen(text);
	if (size <= NAME_CODER_TEXT_MAX) {
		/* Nothing around it counts, and what is behind may be another name. */
		memset(padded, '.', sizeof(padded));
		memcpy(padded, text, size);
		for (size_t i = 0; i < sizeof(padded); i++)
			dots |= (uint64_t)(padded[i] == '.') << i;
		out = record;
		is_done = name_coder_put_text(coder, padded, (unsigned)size, dots, kinds, &out);
		MUST(is_done || out == record, "%s: half done", text);
		if (is_done)
			check_record(text, record, out, &key, kinds);
	}
	return is_done;
}

START_TEST(test_table)
{
	static const struct {
		const char *text;
		bool is_fast;
	} names[] = {
		{ "example.com", true },
		{ "EXAMPLE.Com", true },
		{ "www.Example.co.uk", true },
		{ "a.b.c.d.e.f.g.h.i.j", true },
		{ "x.example", true },
		{ "a.museums8", true },
		{ "mail.disndisndi", true },
		{ "mail.DISNDISNDx", true },
		{ "mail.disndisndx", true },
		/* Short, one label, a long top label, one of many bits. */
		{ "a.de", false },
		{ "localhost", false },
		{ "mail.abcabcabcabcabcabc", false },
		{ "mail.0q0q0q0q0q0q0q0q", false },
		/* Rare bytes; in the top label they are too many bits. */
		{ "a!?!?!.com", true },
		{ "example.c#m%&+=", false },
	};
	name_coder_t *coder = new_coder(1000000);

	for (unsigned i = 0; i < COUNT_OF(names); i++)
		MUST(check_name(coder, names[i].text) == names[i].is_fast, "%s", names[i].text);
	free(coder);
}
END_TEST

/* Names of all lengths, with labels of all lengths. */
START_TEST(test_lengths)
{
	name_coder_t *coder = new_coder(1000000);
	char text[DNS_NAME_MAX + 1];
	unsigned fast = 0;

	for (unsigned size = 1; size < 140; size++) {
		for (unsigned dot = 1; dot + 1 < size; dot++) {
			for (unsigned i = 0; i < size; i++)
				text[i] = (char)((i % 2 == 0 ? 'a' : '0') + (i * 7 + dot) % 10);
			for (unsigned at = dot; at + 1 < size; at += dot + 1)
				text[at] = '.';
			text[size] = '\0';
			if (strspn(text, ".") == 0 && dot <= 63 && size - dot < 100 &&
			    (dot >= 40 ? size - dot - 1 <= 63 : true))
				fast += check_name(coder, text);
		}
	}
	ck_assert_uint_gt(fast, 500);
	free(coder);
}
END_TEST

/* Any names, by codes of which frequent bytes' are short, and by such that hardly differ. */
START_TEST(test_random)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-ABCXYZ_";
	char text[DNS_NAME_MAX + 1];
	unsigned fast = 0;

	random_start(1);
	for (unsigned round = 0; round < 2; round++) {
		name_coder_t *coder = new_coder(round == 0 ? 1000000 : 1);

		for (unsigned i = 0; i < 100000; i++) {
			unsigned labels = 1 + random_below(5);
			size_t size = 0;

			for (unsigned label = 0; label < labels; label++) {
				unsigned left = 1 + random_below(random_below(20) == 0 ? 40 : 12);
				if (label > 0)
					text[size++] = '.';
				while (left-- > 0)
					text[size++] = letters[random_below(sizeof(letters) - 1)];
			}
			text[size] = '\0';
			fast += check_name(coder, text);
		}
		free(coder);
	}
	ck_assert_uint_gt(fast, 60000);
}
END_TEST

/* ---- Many at once. ---- */

/* Names of text, one behind the other with LF between them, and room to read behind the last. */
typedef struct names {
	char text[NAME_CODER_TEXTS * (NAME_CODER_TEXT_MAX + 1) + NAME_CODER_TEXTS_MARGIN];
	char *end;
	size_t count;
	name_coder_text_t names[NAME_CODER_TEXTS];
} names_t;

static void clear_names(names_t *names)
{
	memset(names, 0, sizeof(*names));
	names->end = names->text;
}

static void add_name(names_t *names, const char *text)
{
	size_t size = strlen(text);
	name_coder_text_t *name = &names->names[names->count++];

	*name = (name_coder_text_t){
		.at = (const uint8_t *)names->end,
		.size = (uint32_t)size,
		.kinds = 1 + random_below(3),
		/* Those behind it do not count. */
		.dots = random_64(),
	};
	for (size_t i = 0; i <= size; i++) {
		uint64_t bit = (uint64_t)1 << i;
		name->dots = i < size && text[i] == '.'         ? name->dots | bit
			     : i < size || random_below(2) == 0 ? name->dots & ~bit
								: name->dots | bit;
	}
	names->end = stpcpy(names->end, text);
	*names->end++ = '\n';
}

/* The record of a name, by the way for any. */
static void check_name_of_many(const name_coder_text_t *text, const uint8_t **at)
{
	char shown[NAME_CODER_TEXT_MAX + 1] = { 0 };
	uint8_t name[DNS_NAME_MAX];
	size_t size;
	name_key_record_t record;
	name_key_t key;

	memcpy(shown, text->at, text->size);
	ck_assert_int_eq(dns_name_from_text(shown, text->size, name, &size), ERR_OK);
	dns_name_lower(name, dns_name_size(name));
	model_key(name, &key);
	check_record(shown, *at, name_key_record_open(*at, &record), &key, text->kinds);
	*at += NAME_RECORD_HEAD + record.size;
}

/* Makes records of all names, with room for all of them or for some, by each variant. */
static void check_names(name_coder_t *coder, names_t *names)
{
	static uint8_t records[(NAME_CODER_TEXTS + 1) * NAME_RECORD_ROOM];

	for (EACH_LEVEL(level)) {
		size_t room = random_below(2) == 0 ? sizeof(records) - NAME_RECORD_ROOM
						   : random_below(1000);
		uint8_t *out = records;
		const uint8_t *at = records;

		memset(records, 0xee, sizeof(records));
		size_t done = name_coder_put_texts(coder, names->names, names->count, &out,
						   records + room);
		for (size_t i = 0; i < done; i++) {
			MUST(at <= records + room, "%s: begun above the limit",
			     cpu_level_name(level));
			check_name_of_many(&names->names[i], &at);
		}
		ck_assert_ptr_eq(at, out);
		MUST(done == names->count || at > records + room, "%s: %zu of %zu",
		     cpu_level_name(level), done, names->count);
		for (at += NAME_RECORD_ROOM - NAME_RECORD_HEAD; at < records + sizeof(records);
		     at++)
			MUST(*at == 0xee, "%s: wrote behind the room", cpu_level_name(level));
	}
}

/* Bytes as they may stand in a label, mostly those that are usual. */
static char any_byte(void)
{
	static const char usual[] = "abcdefghijklmnopqrstuvwxyz0123456789-ABCXYZ_eeeeeeaaaaaaooo";
	char byte;

	if (random_below(200) != 0)
		return usual[random_below(sizeof(usual) - 1)];
	do
		byte = (char)('!' + random_below('~' + 1 - '!'));
	while (byte == '.' || byte == '\\');
	return byte;
}

static char *any_label(char *to, unsigned size)
{
	while (size-- > 0)
		*to++ = any_byte();
	*to = '\0';
	return to;
}

/* Labels of all sizes in front of top labels of all sizes, alone, or with another between them. */
START_TEST(test_many_lengths)
{
	static names_t names;

	random_start(2);
	for (unsigned weight = 1; weight <= 1000000; weight *= 1000) {
		name_coder_t *coder = new_coder(weight);

		for (unsigned top = 1; top <= 20; top++) {
			for (unsigned first = 0; first + top < NAME_CODER_TEXT_MAX; first++) {
				clear_names(&names);
				for (unsigned second = 0;
				     names.count < NAME_CODER_TEXTS &&
				     first + second + top + 2 <= NAME_CODER_TEXT_MAX;
				     second++) {
					char text[NAME_CODER_TEXT_MAX + 1];
					char *to = text;
					if (first > 0)
						to = stpcpy(any_label(to, first), ".");
					if (second > 0)
						to = stpcpy(any_label(to, second), ".");
					(void)any_label(to, top);
					add_name(&names, text);
				}
				check_names(coder, &names);
			}
		}
		free(coder);
	}
}
END_TEST

/* All names, and all numbers of them. */
START_TEST(test_many_random)
{
	static names_t names;
	static const char *const tops[] = { "com",  "NET",      "org",       "co.uk",
					    "info", "museums8", "museums89", "xn--p1ai" };

	random_start(3);
	for (unsigned round = 0; round < 3; round++) {
		name_coder_t *coder = new_coder(round == 0 ? 1 : 1000000);

		for (unsigned i = 0; i < 3000; i++) {
			clear_names(&names);
			for (unsigned count = random_below(NAME_CODER_TEXTS + 1); count > 0;
			     count--) {
				char text[NAME_CODER_TEXT_MAX + 1];
				char *to = text;
				unsigned labels = 1 + random_below(3) +
						  (random_below(16) == 0 ? random_below(9) : 0);
				while (labels-- > 0 && to - text < 40) {
					to = any_label(to, 1 + random_below(12));
					*to++ = '.';
				}
				if (random_below(16) == 0)
					to[-1] = '\0';
				else
					(void)stpcpy(to, tops[random_below(COUNT_OF(tops))]);
				add_name(&names, text);
			}
			check_names(coder, &names);
		}
		free(coder);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_table, test_lengths, test_random, test_many_lengths,
				 test_many_random };

	return run_tests("name_coder", tests, COUNT_OF(tests));
}
