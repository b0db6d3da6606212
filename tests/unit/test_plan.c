/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plans: which specifications they take, which data sets are one, and which plans say the same. */

#include "test.h"

#include "catalog/plan.h"

START_TEST(test_add)
{
	static const struct {
		const char *spec;
		err_t err;
		size_t zones; /* in the catalog afterwards */
		size_t datasets;
	} cases[] = {
		{ "bl.test:ip4set:a", ERR_OK, 1, 1 },
		/* the same zone, the same data set, and files that only look the same */
		{ "BL.Test.:ip4set:b", ERR_OK, 1, 2 },
		{ "bl.test:ip4trie:a", ERR_OK, 1, 3 },
		{ "other.test:ip4set:a", ERR_OK, 2, 3 },
		{ "other.test:ip4set:a,b", ERR_OK, 2, 4 },
		{ "bl.test:ip4set:a", ERR_OK, 2, 4 },
		/* empty items, and colons between files */
		{ "third.test:generic:,c,,d:e,", ERR_OK, 3, 5 },
		/* not a specification: nothing is added */
		{ "", ERR_SYNTAX, 3, 5 },
		{ "bl.test", ERR_SYNTAX, 3, 5 },
		{ "bl.test:ip4set", ERR_SYNTAX, 3, 5 },
		{ "bl.test:ip4set:", ERR_SYNTAX, 3, 5 },
		{ "bl.test:ip4set:,:,", ERR_SYNTAX, 3, 5 },
		{ ":ip4set:f", ERR_SYNTAX, 3, 5 },
		{ ".:ip4set:f", ERR_SYNTAX, 3, 5 },
		{ "..:ip4set:f", ERR_SYNTAX, 3, 5 },
		{ "x.test::f", ERR_SYNTAX, 3, 5 },
		{ "x.test:ip4:f", ERR_SYNTAX, 3, 5 },
		{ "x.test:ip4sets:f", ERR_SYNTAX, 3, 5 },
		{ "x.test:IP4SET:f", ERR_SYNTAX, 3, 5 },
		{ "this-label-of-64-characters-is-one-more-than-there-can-be-in-all."
		  "x.test:ip4set:f",
		  ERR_SYNTAX, 3, 5 },
	};
	plan_t *plan;
	char why[100];

	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		why[0] = '\0';
		err_t err = plan_add(plan, cases[i].spec, NULL, why, sizeof(why));
		MUST(err == cases[i].err, "%s: error %d", cases[i].spec, err);
		MUST((err == ERR_OK) == (why[0] == '\0'), "%s: why not?", cases[i].spec);
		MUST(plan->zone_count == cases[i].zones, "%s: zones", cases[i].spec);
		MUST(plan->dataset_count == cases[i].datasets, "%s: data sets", cases[i].spec);
	}
	/* A short `why` is cut. */
	ck_assert_int_eq(plan_add(plan, "x", NULL, why, 1), ERR_SYNTAX);
	ck_assert_str_eq(why, "");
	plan_free(plan);
	plan_free(NULL);
}
END_TEST

START_TEST(test_too_many_datasets)
{
	plan_t *plan;
	char why[100];
	char spec[50];

	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	for (int i = 0; i <= 256; i++) {
		snprintf(spec, sizeof(spec), "bl.test:ip4set:%d", i);
		ck_assert_int_eq(plan_add(plan, spec, NULL, why, sizeof(why)),
				 i < 256 ? ERR_OK : ERR_RANGE);
	}
	ck_assert_uint_eq(plan->dataset_count, 256);
	ck_assert_int_eq(plan_add(plan, "other.test:ip4set:256", NULL, why, sizeof(why)), ERR_OK);
	plan_free(plan);
}
END_TEST

START_TEST(test_acl_needs_data)
{
	static const char *const specs[] = { ":acl:f", "a.test:acl:f", "a.test:aclkey:f" };
	plan_t *plan;
	char why[200];

	for (size_t i = 0; i < COUNT_OF(specs); i++) {
		ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
		ck_assert_int_eq(plan_add(plan, specs[i], NULL, why, sizeof(why)), ERR_OK);
		/* one of a kind for each zone, the same one included */
		why[0] = '\0';
		ck_assert_int_eq(plan_add(plan, specs[i], NULL, why, sizeof(why)), ERR_INVAL);
		ck_assert_str_ne(why, "");
		ck_assert_int_eq(plan_finish(plan), ERR_INVAL);
		plan_free(plan);
	}
}
END_TEST

static plan_t *new_plan(void)
{
	plan_t *plan;

	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	return plan;
}

static void add(plan_t *plan, const char *spec, const plan_settings_t *settings)
{
	char why[200];

	MUST(plan_add(plan, spec, settings, why, sizeof(why)) == ERR_OK, "%s: %s", spec, why);
}

/* The settings that each row changes make another data set of the same files. */
START_TEST(test_settings)
{
	catalog_options_t options = catalog_default_options;
	plan_settings_t all[9];
	plan_t *plan;

	options.ttl_default_s = 77;
	options.refuse_compressed = true;
	for (size_t i = 0; i < COUNT_OF(all); i++)
		all[i] = plan_settings_of(&options);
	ck_assert_uint_eq(all[0].zone.ttl_default_s, 77);
	ck_assert(all[0].zone.refuse_compressed);
	ck_assert_uint_eq(all[0].max_shrink_percent, options.max_shrink_percent);
	all[1].zone.ttl_default_s = 5;
	all[2].zone.ttl_min_s = 5;
	all[3].zone.ttl_max_s = 5;
	all[4].zone.allow_host_bits = true;
	all[5].zone.entry_parameters = true;
	all[6].zone.ip6_in_ip4trie = true;
	all[7].zone.refuse_compressed = false;
	all[8].max_shrink_percent = 5;
	ck_assert_int_eq(plan_new(&options, &plan), ERR_OK);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT_OF(all); i++)
			add(plan, round == 0 ? "a.test:ip4set:f" : "b.test:ip4set:f", &all[i]);
	/* those of the plan */
	add(plan, "c.test:ip4set:f", NULL);
	ck_assert_uint_eq(plan->dataset_count, COUNT_OF(all));
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		ck_assert_uint_eq(plan->zones[0].datasets[i], i);
		ck_assert_uint_eq(plan->zones[1].datasets[i], i);
	}
	ck_assert_uint_eq(plan->zones[2].datasets[0], 0);
	plan_free(plan);
}
END_TEST

START_TEST(test_zone_settings)
{
	const plan_zone_settings_t minimal = { .minimal_answers = true };
	const plan_zone_settings_t nxdomain = { .ent_is_nxdomain = true };
	plan_t *plan = new_plan();
	char why[200];

	add(plan, "a.test:ip4set:f", NULL);
	ck_assert_int_eq(plan_set_zone(plan, "A.test.", &minimal, why, sizeof(why)), ERR_OK);
	ck_assert_int_eq(plan_set_zone(plan, "b.test", &nxdomain, why, sizeof(why)), ERR_OK);
	/* it is nothing without data */
	ck_assert_int_eq(plan_finish(plan), ERR_INVAL);
	add(plan, "b.test:ip4set:f", NULL);
	add(plan, "c.test:ip4set:f", NULL);
	ck_assert_int_eq(plan_finish(plan), ERR_OK);
	ck_assert(plan->zones[0].settings.minimal_answers);
	ck_assert(!plan->zones[0].settings.ent_is_nxdomain);
	ck_assert(!plan->zones[1].settings.minimal_answers);
	ck_assert(plan->zones[1].settings.ent_is_nxdomain);
	ck_assert(!plan->zones[2].settings.minimal_answers);
	ck_assert(!plan->zones[2].settings.ent_is_nxdomain);
	ck_assert_int_eq(plan_set_zone(plan, ".", &minimal, why, sizeof(why)), ERR_SYNTAX);
	ck_assert_str_eq(why, "the root cannot be served as a zone");
	ck_assert_int_eq(plan_set_zone(plan, "", &minimal, why, sizeof(why)), ERR_SYNTAX);
	ck_assert_uint_eq(plan->zone_count, 3);
	plan_free(plan);
}
END_TEST

/* ---- which plans say the same ---- */

/* Row 0 and what each other row makes different. */
static plan_t *variant(size_t row)
{
	static const char *const specs[][4] = {
		[0] = { "a.test:ip4set:f", "a.test:acl:g", "b.test:ip4set:h", ":acl:i" },
		[1] = { "a.test:ip4set:F", "a.test:acl:g", "b.test:ip4set:h", ":acl:i" },
		[2] = { "a.test:ip4trie:f", "a.test:acl:g", "b.test:ip4set:h", ":acl:i" },
		[3] = { "a.test:ip4set:f", "b.test:acl:g", "b.test:ip4set:h", ":acl:i" },
		[4] = { "a.test:ip4set:f", "a.test:acl:g", "b.test:ip4set:f", ":acl:i" },
		[5] = { "a.test:ip4set:f", "a.test:acl:g", "b.test:ip4set:h", ":acl:g" },
		[6] = { "a.test:ip4set:f", "a.test:acl:g", "c.test:ip4set:h", ":acl:i" },
		[7] = { "a.test:ip4set:f", "a.test:acl:g", "b.test:ip4set:h", "b.test:acl:i" },
		[8] = { "b.test:ip4set:h", "a.test:ip4set:f", "a.test:acl:g", ":acl:i" },
	};
	const size_t spec_count = COUNT_OF(specs);
	catalog_options_t options = catalog_default_options;
	const plan_zone_settings_t minimal = { .minimal_answers = true };
	const plan_zone_settings_t nxdomain = { .ent_is_nxdomain = true };
	plan_t *plan;
	char why[200];

	if (row == spec_count)
		options.ttl_min_s = 1;
	else if (row == spec_count + 1)
		options.version = CATALOG_VERSION_HIDE;
	else if (row == spec_count + 2)
		memcpy(options.nsid, "x", 2);
	else if (row == spec_count + 3)
		options.udp_size = 512;
	else if (row == spec_count + 4)
		options.max_shrink_percent = 1;
	else if (row == spec_count + 5)
		options.minimal_answers = true;
	ck_assert_int_eq(plan_new(&options, &plan), ERR_OK);
	for (size_t i = 0; i < COUNT_OF(specs[0]); i++)
		add(plan, specs[row < spec_count ? row : 0][i], NULL);
	if (row == spec_count + 6)
		ck_assert_int_eq(plan_set_zone(plan, "b.test", &minimal, why, sizeof(why)), ERR_OK);
	else if (row == spec_count + 7)
		ck_assert_int_eq(plan_set_zone(plan, "b.test", &nxdomain, why, sizeof(why)),
				 ERR_OK);
	else if (row == spec_count + 8)
		add(plan, "b.test:ip4set:f", NULL);
	if (row <= spec_count + 8)
		return plan;
	plan_free(plan);
	return NULL;
}

START_TEST(test_equal)
{
	plan_t *plan;
	plan_t *other;

	for (size_t i = 0; (plan = variant(i)) != NULL; i++) {
		for (size_t j = 0; (other = variant(j)) != NULL; j++) {
			MUST(plan_is_equal(plan, other) == (i == j), "rows %zu and %zu", i, j);
			plan_free(other);
		}
		plan_free(plan);
	}
}
END_TEST

/* So many zones that a list that is searched for each of them would be noticed. */
START_TEST(test_many)
{
	plan_t *plan = new_plan();
	char spec[60];

	for (unsigned i = 0; i < 40000; i++) {
		(void)snprintf(spec, sizeof(spec), "z%u.test:ip4set:f%u", i, i % 20000);
		add(plan, spec, NULL);
	}
	ck_assert_uint_eq(plan->zone_count, 40000);
	ck_assert_uint_eq(plan->dataset_count, 20000);
	ck_assert_int_eq(plan_finish(plan), ERR_OK);
	plan_free(plan);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_add,      test_too_many_datasets, test_acl_needs_data,
				 test_settings, test_zone_settings,     test_equal,
				 test_many };

	return run_tests("plan", tests, COUNT_OF(tests));
}
