/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Keys of names: those that are made of text at once are those that are made symbol by symbol, for names of
 * all sizes, in upper and lower case, on the wire and as text, with rare bytes and frequent ones. */

#include "test.h"

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

int main(void)
{
	const TTest *tests[] = { test_table, test_lengths, test_random };

	return run_tests("name_coder", tests, COUNT_OF(tests));
}
