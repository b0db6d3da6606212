/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/plural.h"
#include "dataset/ask.h"
#include "dataset/compare.h"

/* Data sets with fewer entries may shrink as they like: lists that are kept by hand do, and there
 * is not much to lose. */
#define SHRINK_ENTRIES_MIN 1000

err_t source_new(const plan_dataset_t *plan, source_t **created)
{
	source_t *source = calloc(1, sizeof(*source));

	if (source == NULL || zone_spec_copy(&plan->spec, &source->spec) != ERR_OK) {
		free(source);
		return ERR_NOMEM;
	}
	source->settings = plan->settings;
	source->files = calloc(source->spec.file_count + 1, sizeof(*source->files));
	source->found = calloc(source->spec.file_count + 1, sizeof(*source->found));
	if (source->files == NULL || source->found == NULL) {
		source_free(source);
		return ERR_NOMEM;
	}
	*created = source;
	return ERR_OK;
}

void source_free(source_t *source)
{
	if (source == NULL)
		return;
	dataset_free(source->loaded);
	dataset_free(source->next);
	zone_spec_clear(&source->spec);
	free(source->files);
	free(source->found);
	free(source);
}

/* Is file `number` still as it is served? */
static bool is_served(const source_t *source, size_t number)
{
	return source->loaded != NULL && source->found[number].err == ERR_OK &&
	       file_stamp_is_equal(&source->found[number].stamp, &source->loaded->stamps[number]);
}

/* Looks at the files. Returns whether the gate lets through those that are not as they are served: others
 * are as good as they were then. */
static bool look(source_t *source, const source_gate_t *gate)
{
	bool may_read = true;

	for (size_t i = 0; i < source->spec.file_count; i++) {
		const char *path = source->spec.files[i];
		source->found[i] = file_state_get(path);
		if (gate != NULL && may_read && !is_served(source, i))
			may_read = gate->may_read(gate->context, path, &source->found[i]);
	}
	return may_read;
}

/* Are the files as they were at the failure? */
static bool is_as_failed(const source_t *source)
{
	for (size_t i = 0; i < source->spec.file_count; i++)
		if (!file_state_is_equal(&source->found[i], &source->files[i]))
			return false;
	return source->has_failed;
}

/* Has a file changed since it was let through, `dataset` being what was read or NULL, and would not be
 * let through now? What was read may be of a file that is being written then, complete as it looks. */
static bool has_slipped(const source_t *source, const source_gate_t *gate, const dataset_t *dataset)
{
	if (gate == NULL)
		return false;
	for (size_t i = 0; i < source->spec.file_count; i++) {
		const char *path = source->spec.files[i];
		file_state_t now = file_state_get(path);
		if (dataset != NULL && source->found[i].err == ERR_OK)
			now.stamp = dataset->stamps[i];
		if (!file_state_is_equal(&now, &source->found[i]) &&
		    !gate->may_read(gate->context, path, &now))
			return true;
	}
	return false;
}

/* Is there a file that cannot even be looked at? */
static bool has_missing(const source_t *source)
{
	for (size_t i = 0; i < source->spec.file_count; i++)
		if (source->found[i].err != ERR_OK)
			return true;
	return false;
}

static bool has_expired(const dataset_t *dataset, time_t now)
{
	return dataset->specials.expires != 0 && now >= dataset->specials.expires;
}

/* Would more entries go than may? */
static bool has_shrunk(const dataset_t *old, const dataset_t *next, unsigned max_percent)
{
	return old->entries >= SHRINK_ENTRIES_MIN && next->entries < old->entries &&
	       (old->entries - next->entries) * 100 > old->entries * max_percent;
}

/* Data that could be served, but not in the place of those that are: says why in `attempt`.
 * - They had expired when they came. (An ACL holds however old it is, as nobody asks it for news.)
 * - A directive was lost: as in rbldnsd a line that makes no sense is skipped, but then a list would
 *   go without its SOA, or its end, for somebody's slip. Only one that is no worse in the data that
 *   are served counts: what has always been skipped keeps no list from being renewed.
 * - Too many entries would go: half of a download, or a script without its input. ACLs, too: an
 *   empty one lets everybody in, or nobody. */
static bool is_held_back(const source_t *source, dataset_attempt_t *attempt)
{
	const dataset_t *old = source->loaded;
	const dataset_t *next = source->next;
	time_t now = time(NULL);

	/* Of what was damaged in place there is nothing to keep. */
	if (old == NULL || dataset_is_broken(old))
		return false;
	attempt->is_lasting = true;
	unsigned broken = next->specials.broken & ~old->specials.broken;
	if (source->spec.type->role == DATASET_ROLE_DATA && has_expired(next, now) &&
	    !has_expired(old, now)) {
		(void)snprintf(attempt->why, sizeof(attempt->why),
			       "the new data have expired already ($TIMESTAMP); `spurn reload "
			       "--force` takes them all the same, and their zones answer SERVFAIL");
		return true;
	}
	if (broken != 0) {
		(void)snprintf(
			attempt->why, sizeof(attempt->why),
			"the new data have a %s line that cannot be read; mend it, or `spurn "
			"reload --force` serves them without it",
			specials_broken_keyword(broken));
		return true;
	}
	if (!has_shrunk(old, next, source->settings.max_shrink_percent))
		return false;
	(void)snprintf(
		attempt->why, sizeof(attempt->why),
		"of %" PRIu64 " %s only %" PRIu64 " would be left, and --max-shrink "
		"allows no more than %u%% to go at once; if this is no accident, `spurn reload "
		"--force` serves them (--max-shrink 100%% allows all)",
		old->entries, old->entries == 1 ? "entry" : "entries", next->entries,
		source->settings.max_shrink_percent);
	return true;
}

/* Notes that the newest data are no good. */
static source_outcome_t fail(source_t *source, const source_rules_t *rules,
			     const dataset_attempt_t *attempt, const char *what)
{
	bool is_new = !source->has_failed || strcmp(source->why, attempt->why) != 0;

	(void)pthread_mutex_lock(rules->lock);
	if (!source->has_failed)
		source->since = time(NULL);
	source->has_failed = true;
	source->is_lasting = attempt->is_lasting;
	memcpy(source->why, attempt->why, sizeof(source->why));
	(void)pthread_mutex_unlock(rules->lock);
	if (!is_new)
		return SOURCE_STILL_FAILED;
	if (source->loaded != NULL && dataset_is_broken(source->loaded))
		log_error("%s: %s; what was served until now was changed in place, and its zones "
			  "answer SERVFAIL: %s",
			  source->spec.source, what, source->why);
	else if (source->loaded != NULL)
		log_error("%s: %s; its last good data are still served: %s", source->spec.source,
			  what, source->why);
	else
		log_error("%s: %s; there are no older data to serve", source->spec.source,
			  source->why);
	return SOURCE_FAILED;
}

/* Notes that they are. */
static void recover(source_t *source, const source_rules_t *rules)
{
	if (!source->has_failed)
		return;
	(void)pthread_mutex_lock(rules->lock);
	source->has_failed = false;
	(void)pthread_mutex_unlock(rules->lock);
	long long seconds = (long long)(time(NULL) - source->since);
	log_info("%s: its newest data are served again, after %lld second%s", source->spec.source,
		 seconds, plural((uint64_t)seconds));
}

static void drop_next(source_t *source)
{
	dataset_free(source->next);
	source->next = NULL;
}

/* Counts what is new in the next data. */
static void count_changes(source_t *source)
{
	dataset_changes_t changes;

	source->next_change = (source_change_t){ .is_counted = false };
	if (source->loaded == NULL)
		return;
	err_t err = dataset_compare(source->loaded, source->next, &changes);
	dataset_let_go(source->loaded);
	dataset_let_go(source->next);
	if (err != ERR_OK) {
		log_warning("%s: what is new in it was not counted: %s", source->spec.source,
			    err_text(err));
		return;
	}
	source->next_change = (source_change_t){
		.is_counted = true,
		.added = changes.added,
		.removed = changes.removed,
		.changed = changes.changed,
	};
}

/* Tells of data that are good to be served. */
static void log_loaded(const source_t *source)
{
	const dataset_t *next = source->next;
	const source_change_t *change = &source->next_change;
	char what[100] = "";
	char mapped[60] = "";

	if (change->is_counted)
		(void)snprintf(what, sizeof(what),
			       "; %" PRIu64 " added, %" PRIu64 " removed, %" PRIu64 " changed",
			       change->added, change->removed, change->changed);
	if (next->mapped > 0)
		(void)snprintf(mapped, sizeof(mapped), ", %zu of them mapped", next->mapped);
	log_info("%s: %" PRIu64 " %s, index of %zu bytes%s, %.2f seconds%s", source->spec.source,
		 next->entries, next->entries == 1 ? "entry" : "entries", next->memory, mapped,
		 next->seconds, what);
}

void source_allow(source_t *source, unsigned max_shrink_percent)
{
	if (source->settings.max_shrink_percent == max_shrink_percent)
		return;
	source->settings.max_shrink_percent = max_shrink_percent;
	source->is_lasting = false;
}

source_outcome_t source_load(source_t *source, const source_rules_t *rules)
{
	const char *const *files = (const char *const *)source->spec.files;
	dataset_attempt_t attempt = { .is_quiet = false };
	bool had_failed = source->has_failed;

	if (source->loaded != NULL && !dataset_is_outdated(source->loaded, files)) {
		recover(source, rules);
		return had_failed ? SOURCE_RECOVERED : SOURCE_UNCHANGED;
	}
	if (!look(source, rules->gate))
		return SOURCE_DEFERRED;
	attempt.is_quiet = is_as_failed(source);
	if (attempt.is_quiet && !rules->is_forced && (source->is_lasting || has_missing(source)))
		return SOURCE_STILL_FAILED;
	const dataset_request_t request = zone_spec_request(&source->spec, &source->settings.zone);
	err_t err = dataset_load(&request, &attempt, &source->next);
	if (has_slipped(source, rules->gate, err == ERR_OK ? source->next : NULL)) {
		drop_next(source);
		return SOURCE_DEFERRED;
	}
	memcpy(source->files, source->found, source->spec.file_count * sizeof(*source->files));
	if (err != ERR_OK)
		return fail(source, rules, &attempt, "could not be loaded");
	if (!rules->is_forced && is_held_back(source, &attempt)) {
		drop_next(source);
		return fail(source, rules, &attempt, "held back");
	}
	source->next_at = time(NULL);
	count_changes(source);
	log_loaded(source);
	recover(source, rules);
	return SOURCE_LOADED;
}

dataset_t *source_settle(source_t *source, uint64_t number)
{
	dataset_t *old = source->loaded;

	if (source->next == NULL)
		return NULL;
	source->loaded = source->next;
	source->next = NULL;
	source->loaded_at = source->next_at;
	source->change = source->next_change;
	source->change.generation = number;
	source->change.time = time(NULL);
	return old;
}

void source_log_failure(const source_t *source)
{
	char since[32] = "";
	struct tm utc;

	if (!source->has_failed)
		return;
	if (gmtime_r(&source->since, &utc) != NULL)
		(void)strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &utc);
	log_warning("%s: %s since %s: %s", source->spec.source,
		    source->loaded != NULL ? "stale" : "not loaded", since, source->why);
}
