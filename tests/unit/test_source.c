/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Where data sets come from: what is read, what is held back for which reason, that each failure is
 * told of once, and that the last good data stay meanwhile. */

#include "test.h"

#include "catalog/source.h"
#include "dataset_fixture.h"

#define FAILED(why)  SOURCE_FAILED, "its last good data are still served", why
#define REFUSED(why) SOURCE_FAILED, "there are no older data to serve", why
#define TAKEN        SOURCE_LOADED, ", index of", ""
#define HEALED       SOURCE_LOADED, "its newest data are served again", ", index of"

/* A state of the file, and what comes of it. */
typedef struct step {
	const char *head; /* NULL: there is no file */
	unsigned addresses;
	source_outcome_t outcome;
	const char *logs; /* parts of what is logged */
	const char *logs_too;
} step_t;

typedef struct run {
	source_t *source;
	source_rules_t rules;
	pthread_mutex_t lock;
	fixture_path_t path; /* of the file */
	unsigned steps;      /* so far: no two files have the same size */
} run_t;

static void begin(run_t *run, const char *type, unsigned max_shrink_percent)
{
	plan_dataset_t plan = { .settings = { default_settings, max_shrink_percent } };
	char text[200];
	char why[100];

	*run = (run_t){ .lock = PTHREAD_MUTEX_INITIALIZER, .path = fixture_path("f") };
	run->rules = (source_rules_t){ .lock = &run->lock };
	(void)snprintf(text, sizeof(text), "a.test:%s:%s", type, run->path.text);
	ck_assert_int_eq(zone_spec_parse(text, &plan.spec, why, sizeof(why)), ERR_OK);
	ck_assert_int_eq(source_new(&plan, &run->source), ERR_OK);
	zone_spec_clear(&plan.spec);
}

static void end(run_t *run)
{
	source_free(run->source);
	fixture_remove((const char *const[]){ "f", NULL });
}

static void write_file(run_t *run, const step_t *step)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	fputs(step->head, out);
	for (unsigned i = 0; i < step->addresses; i++)
		fprintf(out, "10.0.%u.%u\n", i >> 8, i & 255);
	for (unsigned i = 0; i <= run->steps; i++)
		fputs("#\n", out);
	ck_assert_int_eq(fclose(out), 0);
	fixture_write("f", text, size);
	free(text);
}

/* What the catalog does after the generation is published. */
static void settle(source_t *source)
{
	dataset_free(source_settle(source, 1));
}

static void take(run_t *run, const step_t *step)
{
	source_t *source = run->source;
	uint64_t before = source->loaded != NULL ? source->loaded->entries : 0;

	(void)unlink(run->path.text);
	if (step->head != NULL)
		write_file(run, step);
	log_begin();
	source_outcome_t outcome = source_load(source, &run->rules);
	const char *log = log_end();
	MUST(outcome == step->outcome, "step %u: outcome %d: %s", run->steps, (int)outcome, log);
	MUST(strstr(log, step->logs) != NULL && strstr(log, step->logs_too) != NULL,
	     "step %u logs %s", run->steps, log);
	settle(source);
	bool is_good = outcome == SOURCE_LOADED;
	if (source->loaded != NULL)
		ck_assert_uint_eq(source->loaded->entries, is_good ? step->addresses : before);
	MUST(source_is_stale(source) == (!is_good && source->loaded != NULL), "step %u",
	     run->steps);
	/* The next look finds nothing new and is silent. */
	log_begin();
	outcome = source_load(source, &run->rules);
	log = log_end();
	MUST(outcome == (is_good ? SOURCE_UNCHANGED : SOURCE_STILL_FAILED), "step %u", run->steps);
	ck_assert_str_eq(log, "");
	run->steps++;
}

static void take_all(const char *type, unsigned max_shrink_percent, const step_t *steps,
		     size_t count)
{
	run_t run;

	begin(&run, type, max_shrink_percent);
	for (size_t i = 0; i < count; i++)
		take(&run, &steps[i]);
	end(&run);
}

START_TEST(test_failures)
{
	static const step_t steps[] = {
		{ NULL, 0, REFUSED("No such file") },
		{ "\x1f\x8b\x08", 0, REFUSED("damaged") },
		{ "", 3, HEALED },
		{ NULL, 0, FAILED("No such file") },
		{ "\x1f\x8b\x08", 5, FAILED("damaged") },
		{ "$TIMESTAMP 9999:01:01\n", 5, FAILED(":1: $TIMESTAMP is in the future") },
		{ "$TIMESTAMP 0 2020:01:01\n", 5, FAILED("expired already") },
		{ "", 4, HEALED },
		/* Bad lines that are no directives are skipped, as ever. */
		{ "nonsense\n1.2.3.4.5\n#$BOGUS x\n;$\n#$Id$\n", 5, TAKEN },
		{ "", 0, TAKEN },
	};

	take_all("ip4set", 50, steps, COUNT_OF(steps));
}
END_TEST

/* Expired data at the start, and in the place of those that have expired, too. */
START_TEST(test_expired_before)
{
	static const step_t steps[] = {
		{ "$TIMESTAMP 0 2020:01:01\n", 1, TAKEN },
		{ "$TIMESTAMP 0 2020:01:02\n", 2, TAKEN },
		{ "", 3, TAKEN },
		{ "$TIMESTAMP 0 2020:01:01\n", 4, FAILED("expired already") },
	};
	static const step_t acl_steps[] = {
		{ "", 1, TAKEN },
		{ "$TIMESTAMP 0 2020:01:01\n", 2, TAKEN },
	};

	take_all("ip4set", 50, steps, COUNT_OF(steps));
	take_all("acl", 50, acl_steps, COUNT_OF(acl_steps));
}
END_TEST

START_TEST(test_broken_directives)
{
	static const char *const lines[] = {
		"$SOA 1 a b x 1 1 1 1\n",
		"$NS soon a.example\n",
		"$TTL 1h30m\n",
		"$MAXRANGE4 /33\n",
		"$TIMESTAMP today\n",
		"$DATASET ip4set @\n",
		"$NS\n",
		"$TIMESTMAP 2020:01:01 +1w\n", /* nobody knows it */
		"$\n",
		"#$TIMESTAMP 2020:01:01 +1\n", /* good */
	};
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		bool is_good = i == COUNT_OF(lines) - 1;
		const step_t steps[] = {
			{ "$TTL 5\n", 1, TAKEN },
			{ lines[i], 2, FAILED("line that cannot be read") },
			{ "$SOA 1 a b 1 1 1 1 1\n", 3, HEALED },
		};
		take_all("ip4set", 50, steps, is_good ? 1 : COUNT_OF(steps));
		/* What was in the data that are served is no news. */
		const step_t same[] = { { lines[i], 1, TAKEN }, { lines[i], 2, TAKEN } };
		take_all("ip4set", 50, same, is_good ? 0 : COUNT_OF(same));
	}
	static const step_t combined[] = {
		{ "$DATASET ip4set @\n", 1, TAKEN },
		{ "$DATASET ip4set\n", 2, FAILED("$DATASET line that cannot be read") },
		{ "$DATASET ip4set @\n$TTL soon\n", 2, FAILED("$TTL line") },
		{ "$DATASET ip4set @\n$DATASET\n", 2, FAILED("$DATASET line") },
		{ "$DATASET ip4 @\n", 2, FAILED("unknown data set type") },
		{ "", 2, FAILED("before any $DATASET") },
		{ "$DATASET ip4set @\n", 2, HEALED },
	};
	take_all("combined", 50, combined, COUNT_OF(combined));
}
END_TEST

START_TEST(test_shrink)
{
	static const step_t at_50[] = {
		{ "", 999, TAKEN },
		{ "", 0, TAKEN },
		{ "", 1000, TAKEN },
		{ "", 499, FAILED("of 1000 entries only 499 would be left") },
		{ "", 0, FAILED("--max-shrink allows no more than 50%") },
		{ "", 500, HEALED },
		{ "", 1, TAKEN },
		{ "", 2000, TAKEN },
		{ "", 1000, TAKEN },
		{ "", 4000, TAKEN },
		{ "", 1999, FAILED("only 1999") },
		{ "", 2000, HEALED },
	};
	static const step_t at_0[] = {
		{ "", 1000, TAKEN },
		{ "", 999, FAILED("only 999") },
		{ "", 1000, HEALED },
	};
	static const step_t at_100[] = { { "", 1000, TAKEN }, { "", 0, TAKEN } };
	static const step_t combined[] = {
		{ "$DATASET ip4set a\n$DATASET ip4set b\n", 1000, TAKEN },
		{ "$DATASET ip4set a\n", 400, FAILED("only 400") },
	};

	take_all("ip4set", 50, at_50, COUNT_OF(at_50));
	take_all("ip4set", 0, at_0, COUNT_OF(at_0));
	take_all("ip4set", 100, at_100, COUNT_OF(at_100));
	take_all("combined", 50, combined, COUNT_OF(combined));
	take_all("acl", 50, at_50, COUNT_OF(at_50));
}
END_TEST

/* The file that is served comes back; and what is told when asked. */
START_TEST(test_recovery)
{
	static const step_t good = { "", 3, TAKEN };
	run_t run;

	begin(&run, "ip4set", 50);
	fixture_path_t away = fixture_path("away");
	take(&run, &good);
	log_begin();
	source_log_failure(run.source);
	ck_assert_str_eq(log_end(), "");
	ck_assert_int_eq(rename(run.path.text, away.text), 0);
	log_begin();
	ck_assert_int_eq(source_load(run.source, &run.rules), SOURCE_FAILED);
	source_log_failure(run.source);
	const char *log = log_end();
	ck_assert_ptr_nonnull(strstr(log, ": stale since 20"));
	ck_assert_ptr_nonnull(strstr(strstr(log, ": stale since "), "No such file"));
	ck_assert_int_eq(rename(away.text, run.path.text), 0);
	log_begin();
	ck_assert_int_eq(source_load(run.source, &run.rules), SOURCE_RECOVERED);
	ck_assert_int_eq(source_load(run.source, &run.rules), SOURCE_UNCHANGED);
	source_log_failure(run.source);
	log = log_end();
	ck_assert_ptr_nonnull(strstr(log, "served again"));
	ck_assert_ptr_null(strstr(log, "stale"));
	ck_assert(!source_is_stale(run.source));
	end(&run);
}
END_TEST

/* A gate, and what it is to do when it is asked. */
typedef struct keeper {
	unsigned asked;
	unsigned open_until;  /* lets so many through, and no more */
	const char *appended; /* written to the file when it is asked first; or NULL */
	const char *path;
} keeper_t;

static bool may_read(void *context, const char *path, const file_state_t *state)
{
	keeper_t *keeper = context;

	ck_assert_str_eq(path, keeper->path);
	/* It is asked about the file as it is. */
	file_state_t now = file_state_get(path);
	ck_assert(file_state_is_equal(&now, state));
	if (keeper->appended != NULL && keeper->asked == 0) {
		FILE *file = fopen(path, "a");
		ck_assert(file != NULL && fputs(keeper->appended, file) >= 0 && fclose(file) == 0);
	}
	return ++keeper->asked <= keeper->open_until;
}

/* Loads with a gate; returns what comes of it, which must be silent if it is put off. */
static source_outcome_t load_gated(run_t *run, keeper_t keeper)
{
	const source_gate_t gate = { may_read, &keeper };
	bool was_stale = source_is_stale(run->source);

	keeper.path = run->path.text;
	run->rules.gate = &gate;
	log_begin();
	source_outcome_t outcome = source_load(run->source, &run->rules);
	const char *log = log_end();
	run->rules.gate = NULL;
	if (outcome == SOURCE_DEFERRED) {
		ck_assert_ptr_null(run->source->next);
		ck_assert(source_is_stale(run->source) == was_stale);
		MUST(strstr(log, "served") == NULL && strstr(log, ", index of") == NULL, "%s", log);
	}
	settle(run->source);
	return outcome;
}

/* What the gate does not let through is as if it were not there, also if that turns out late. */
START_TEST(test_gate)
{
	static const step_t good = { "", 3, TAKEN };
	static const step_t bad = { "\x1f\x8b\x08", 0, FAILED("damaged") };
	static const step_t better = { "", 5, TAKEN };
	const keeper_t closed = { .open_until = 0 };
	const keeper_t open = { .open_until = 100 };
	const keeper_t slow = { .open_until = 1, .appended = "1.2.3.4\n" };
	const keeper_t slower = { .open_until = 100, .appended = "1.2.3.4\n" };
	run_t run;

	begin(&run, "ip4set", 50);
	/* Before there is anything, too. */
	write_file(&run, &good);
	ck_assert_int_eq(load_gated(&run, closed), SOURCE_DEFERRED);
	ck_assert_ptr_null(run.source->loaded);
	ck_assert_int_eq(load_gated(&run, open), SOURCE_LOADED);
	/* What is served needs no gate. */
	ck_assert_int_eq(load_gated(&run, closed), SOURCE_UNCHANGED);
	run.steps++;
	(void)unlink(run.path.text);
	ck_assert_int_eq(load_gated(&run, closed), SOURCE_DEFERRED);
	take(&run, &bad);
	/* Something better comes, but not at once: that it was put off is no reason to pass it over
	 * later. */
	write_file(&run, &better);
	ck_assert_int_eq(load_gated(&run, closed), SOURCE_DEFERRED);
	ck_assert_int_eq(load_gated(&run, slow), SOURCE_DEFERRED);
	ck_assert_uint_eq(run.source->loaded->entries, 3);
	ck_assert(source_is_stale(run.source));
	ck_assert_int_eq(load_gated(&run, slower), SOURCE_LOADED);
	ck_assert_uint_eq(run.source->loaded->entries, 7);
	ck_assert(!source_is_stale(run.source));
	/* It changes while it is read, and is damaged: that is for the next one to see. */
	write_file(&run, &bad);
	ck_assert_int_eq(load_gated(&run, slow), SOURCE_DEFERRED);
	ck_assert_int_eq(load_gated(&run, open), SOURCE_FAILED);
	end(&run);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_failures, test_expired_before, test_broken_directives,
				 test_shrink,   test_recovery,       test_gate };

	return run_tests("source", tests, COUNT_OF(tests));
}
