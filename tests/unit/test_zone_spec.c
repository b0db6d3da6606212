/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Zone specifications of the command line. */

#include "test.h"

#include "base/attributes.h"
#include "catalog/zone_spec.h"
#include "dns/name.h"

/* Reads a specification from memory of just its size; its parts as text, or the kind of error. */
static const char *parse(const char *text)
{
	static char words[2000];
	char why[200] = "";
	zone_spec_t spec;
	char *copy = strdup(text);

	ck_assert_ptr_nonnull(copy);
	memset(&spec, 0xa5, sizeof(spec));
	err_t err = zone_spec_parse(copy, &spec, why, sizeof(why));
	free(copy);
	if (err != ERR_OK) {
		ck_assert_msg(why[0] != '\0', "no reason against %s", text);
		return err == ERR_SYNTAX        ? "syntax"
		       : err == ERR_UNSUPPORTED ? "unsupported"
						: "another error";
	}
	char apex[DNS_NAME_TEXT_MAX];
	dns_name_to_text(spec.apex, apex);
	/* nothing is before the first colon: not even the root */
	ck_assert_uint_eq(spec.apex_size, *text == ':' ? 0 : dns_name_size(spec.apex));
	int size = snprintf(words, sizeof(words), "%s %s %s", apex, spec.type->name, spec.source);
	for (size_t i = 0; i < spec.file_count; i++)
		size += snprintf(words + size, sizeof(words) - (size_t)size, " %s", spec.files[i]);
	zone_spec_clear(&spec);
	ck_assert(spec.file_count == 0 && spec.files == NULL && spec.source == NULL);
	zone_spec_clear(&spec);
	return words;
}

START_TEST(test_valid)
{
	static const struct {
		const char *text;
		const char *parts;
	} rows[] = {
		{ "bl.test:ip4set:a", "bl.test ip4set ip4set:a a" },
		{ "BL.Test.:ip4trie:a", "bl.test ip4trie ip4trie:a a" },
		{ "b..l:ip4tset:a", "b.l ip4tset ip4tset:a a" },
		{ "x:generic:/dir/a,b", "x generic generic:/dir/a,b /dir/a b" },
		/* Files are separated by commas, and by colons as in rbldnsd; none are empty. */
		{ "x:generic:a:b", "x generic generic:a:b a b" },
		{ "x:generic::,a,,:b,", "x generic generic::,a,,:b, a b" },
		{ "x:generic:a,a", "x generic generic:a,a a a" },
		{ "x:generic: a ", "x generic generic: a   a " },
		/* An ACL may be that of all zones. */
		{ ":acl:a", ". acl acl:a a" },
		{ "x:acl:a,b", "x acl acl:a,b a b" },
		{ "x:aclkey:a", "x aclkey aclkey:a a" },
		{ "x:combined:a", "x combined combined:a a" },
		/* Escapes in the name. */
		{ "a\\.b.c:ip4set:a", "a\\.b.c ip4set ip4set:a a" },
		{ "a\\065:ip4set:a", "aa ip4set ip4set:a a" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_str_eq(parse(rows[i].text), rows[i].parts);
}
END_TEST

#define LABEL_64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

START_TEST(test_invalid)
{
	static const struct {
		const char *text;
		const char *error;
	} rows[] = {
		/* Parts missing. */
		{ "", "syntax" },
		{ ":", "syntax" },
		{ "::", "syntax" },
		{ "bl.test", "syntax" },
		{ "bl.test:ip4set", "syntax" },
		{ "bl.test:ip4set:", "syntax" },
		{ "bl.test:ip4set:,", "syntax" },
		{ "bl.test:ip4set:,:,,", "syntax" },
		{ "bl.test::a", "syntax" },
		{ ":ip4set:a", "syntax" },
		{ ":aclkey:a", "syntax" },
		{ ":combined:a", "syntax" },
		{ ".:acl:a", "syntax" },
		{ ":acl:", "syntax" },
		{ "::acl:a", "syntax" },
		/* Names that are none. */
		{ ".:ip4set:a", "syntax" },
		{ "..:ip4set:a", "syntax" },
		{ "a\\256:ip4set:a", "syntax" },
		{ LABEL_64 ":ip4set:a", "syntax" },
		/* Types: exact, in lower case. */
		{ "x:ip4:a", "syntax" },
		{ "x:IP4SET:a", "syntax" },
		{ "x:ip4set :a", "syntax" },
		{ "x: ip4set:a", "syntax" },
		{ "x:dnsets:a", "syntax" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(strcmp(parse(rows[i].text), rows[i].error) == 0, "%s: %s",
			      rows[i].text, parse(rows[i].text));
}
END_TEST

/* A reason is cut, not written over what lies behind. */
START_TEST(test_reason)
{
	static const char name[] = LABEL_64 LABEL_64 LABEL_64 ":ip4set:a";
	zone_spec_t spec;

	for (size_t size = 1; size < 300; size++) {
		char *why = malloc(size);
		ck_assert_ptr_nonnull(why);
		ck_assert_int_eq(zone_spec_parse(name, &spec, why, size), ERR_SYNTAX);
		ck_assert_uint_lt(strlen(why), size);
		free(why);
	}
}
END_TEST

START_TEST(test_many_files)
{
	char text[4100] = "x:ip4set:";
	char why[100];
	zone_spec_t spec;

	for (size_t i = strlen(text); i < 4000; i++)
		text[i] = i % 2 == 0 ? ',' : 'a';
	text[4000] = '\0';
	ck_assert_int_eq(zone_spec_parse(text, &spec, why, sizeof(why)), ERR_OK);
	ck_assert_uint_eq(spec.file_count, (4000 - strlen("x:ip4set:") + 1) / 2);
	zone_spec_clear(&spec);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_valid, test_invalid, test_reason, test_many_files };

	return run_tests("zone_spec", tests, COUNT_OF(tests));
}
