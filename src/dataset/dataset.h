/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_DATASET_H
#define SPURN_DATASET_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/guard.h"
#include "dataset/question.h"
#include "dns/reply.h"
#include "dns/txt.h"
#include "zonefile/line_reader.h"
#include "zonefile/plain_lines.h"
#include "zonefile/specials.h"
#include "zonefile/text.h"
#include "zonefile/value.h"

/* Data sets: files of one type, read into an index that answers questions. A type is one file in
 * this folder and one dataset_type_t in it. */
typedef struct dataset_type dataset_type_t;

/* Who wants to know of every problem and entry; see dataset/observer.h. */
typedef struct dataset_observer dataset_observer_t;

/* How two data sets differ; see dataset/compare.h. */
typedef struct dataset_changes dataset_changes_t;

/* Who writes data sets to a compiled file, and who makes data sets of one; see dataset/saved.h. */
typedef struct dataset_saver dataset_saver_t;
/* Who writes data sets back as zone files; see dataset/printer.h. */
typedef struct dataset_printer dataset_printer_t;
typedef struct dataset_mapper dataset_mapper_t;

/* What to read a data set from, and how; plain data, borrowed. */
typedef struct dataset_request {
	const dataset_type_t *type;
	const char *spec; /* "type:file,file": names the data set in messages */
	const char *const *files;
	size_t file_count;
	const zone_settings_t *settings; /* must outlive the data set */
	/* The zone that it is for, on the wire and in lower case; NULL: none that one knows. Of text it
	 * makes no difference; a file that holds data of several zones is asked for those of this. */
	const uint8_t *apex;
} dataset_request_t;

/* A data set that has been read. Immutable. */
typedef struct dataset {
	const dataset_type_t *type;
	void *data; /* of the type */
	zone_specials_t specials;
	uint64_t entries;
	size_t memory;        /* bytes that `data` holds */
	size_t mapped;        /* of these: a file's, which all who map it share */
	double seconds;       /* that reading took */
	time_t newest;        /* when the newest of the files was modified */
	file_stamp_t *stamps; /* of each file */
	size_t file_count;
	/* Where `data` points into mapped files, who changes such a file in place damages what is served.
	 * Sees to it that this does no harm, and is to be asked for all that is read from `data`, as
	 * dataset/ask.h and compare.h do; owned. NULL: nothing is mapped, or it is inside of a data set
	 * that has a guard. */
	dataset_guard_t *guard;
	/* The compiled files that it, or what it has inside, is mapped from: file_count of them, which
	 * are closed with it. NULL: there are none. */
	struct compiled_file **compiled;
} dataset_t;

/* How a data set was tried to be read. */
typedef struct dataset_attempt {
	bool is_quiet; /* in: log no bad lines; that has been done for the same files */
	/* Out, if it failed: why, and does it fail again as long as the files are the same? */
	char why[512];
	bool is_lasting;
} dataset_attempt_t;

/* What a data set has for a question. */
typedef enum dataset_found {
	DATASET_NOTHING,
	DATASET_BELOW, /* nothing for this name, but for names below it: an empty non-terminal */
	DATASET_ENTRY,
	DATASET_BROKEN, /* the data cannot be asked: their file was changed in place */
} dataset_found_t;

typedef struct dataset_match {
	dataset_found_t found;
	uint32_t entry; /* of the type; for DATASET_ENTRY */
} dataset_match_t;

/* What a name must be to be a key of a type's entries. */
typedef enum dataset_key {
	DATASET_KEY_NONE, /* entries are no listings: generic's records, or other data sets */
	DATASET_KEY_IP4,
	DATASET_KEY_IP6,
	DATASET_KEY_NAME,
} dataset_key_t;

/* What became of what there is a problem with. */
typedef enum dataset_effect {
	DATASET_LINE_COUNTS,  /* the line counts, or a part of it */
	DATASET_LINE_SKIPPED, /* the line has no effect */
	DATASET_NOT_LOADED,   /* loading ended; loader->file is NULL where no file is to blame */
} dataset_effect_t;

/* What a zone has a data set for. Only data are asked questions: the other types have neither `find`
 * nor `write`. */
typedef enum dataset_role {
	DATASET_ROLE_DATA,
	DATASET_ROLE_ACL,    /* who may ask, by address */
	DATASET_ROLE_ACLKEY, /* who may ask, by key */
} dataset_role_t;

/* A name that a walk through a data set tells of. */
typedef struct dataset_node {
	/* The name's labels below the apex, from the top down and in lower case, each behind its
	 * length; empty for the apex. So names below a name have its key as a prefix. */
	const uint8_t *key;
	size_t key_size;
	/* All those names below it have the same which the walk does not tell of, and which are not
	 * below another such name. `find` tells what; maybe nothing, where they are excluded. */
	bool has_below;
	/* Then: only names of as many labels have it, those of addresses; 0: all of them. */
	uint8_t below_depth;
	/* Then: the texts of these addresses differ, as they say which one was asked. */
	bool has_subject;
} dataset_node_t;

/* A data set inside of another one. */
typedef struct dataset_part {
	const dataset_t *dataset;
	const uint8_t *key; /* the subzone that it is for, as in dataset_node_t */
	size_t key_size;
	bool has_ip4_data; /* of the subzone: for dataset_question_init */
} dataset_part_t;

/* What to do with each, and in what a walk is to be thorough. */
typedef struct dataset_visitor {
	/* Returns ERR_OK, or what ends the walk. `node` is only valid during the call. */
	err_t (*visit)(void *context, const dataset_node_t *node);
	void *context;
	bool skip_ip6_forms; /* of IPv4 data tell only the names of octets, not ::ffff:192.0.2.1 */
} dataset_visitor_t;

/* State while files are read, shared between dataset.c and the types. */
typedef struct dataset_loader {
	const dataset_type_t *type;
	void *state; /* of the type */
	struct dataset_loader
		*outer; /* of the combined data set that this one is part of, or NULL */
	/* Which lines `add_plain` takes, if nobody observes: those of the type, or a part of it. A coder is the type's,
	 * which keeps it until it finishes or abandons. */
	plain_form_t plain;
	zone_specials_t specials;
	zone_value_t fallback;   /* of entries without a value: the last default line's */
	unsigned fallback_count; /* default lines so far: changes whenever `fallback` does */
	uint64_t entries;        /* lines taken */
	const char *why;         /* reason of an ERR_SYNTAX, static text */
	const char *at; /* where in the line that is: its start, unless a type knows better */
	const dataset_observer_t *observer; /* NULL: problems are logged */

	/* dataset.c's own, and loader_report.c's */
	dataset_attempt_t *attempt; /* of the outermost loader; NULL: failures are logged */
	const char *spec;
	const uint8_t *apex; /* as in dataset_request_t */
	const char *file;
	uint64_t file_size; /* bytes, as it is on the disk; 0: not known */
	const line_reader_t *reader;
	text_t record; /* without a reader: the key of the record that is looked at; see `open` */
	unsigned lines_behind; /* that have been read behind the line at hand, by `reader` */
	unsigned problems;
	char fallback_txt[DNS_TEXT_MAX];
} dataset_loader_t;

/* Which of several entries for an address or name decides. */
typedef enum dataset_rule {
	DATASET_RULE_FIRST,       /* longest prefix; of equal ones the first */
	DATASET_RULE_BYTE_LEVELS, /* as IP4_RULE_BYTE_LEVELS; of one level all */
	DATASET_RULE_ALL,         /* longest name; of equal ones all */
} dataset_rule_t;

struct dataset_type {
	const char *name;
	dataset_rule_t rule; /* for those who check files: the index has it built in */
	/* Lines ":A:TXT" set the value of the entries behind them; else such lines are no different
	 * from others. */
	bool has_default_lines;
	/* But lines that start with two colons are entries: addresses. */
	bool has_double_colon;
	/* The first default line is that of all entries, wherever it stands; else each line is that
	 * of the entries behind it in its file. */
	bool has_one_default;
	dataset_key_t key;
	bool has_ip4_keys; /* beside those: IPv4 addresses are keys, too, */
	bool has_ip6_keys; /* and IPv6 addresses */
	dataset_role_t role;
	bool has_zones; /* a file holds data of several zones: see dataset_request_t's `apex` */
	/* Lines that mean an entry, and that `add_plain` takes. */
	plain_kind_t plain;

	/* For types whose files are no text, instead of all from `begin` to `abandon`: opens the
	 * loader's files, in number dataset->file_count, and fills in stamps, data, memory, entries,
	 * newest and, of the mapping and the specials, what there is; `type` may become another one.
	 * Returns ERR_OK; ERR_LOAD, after dataset_loader_fail_file; or ERR_NOMEM. On failure what was
	 * filled in is freed by dataset_free. NULL: the files are text. */
	err_t (*open)(dataset_loader_t *loader, dataset_t *dataset, const char *const *files);

	/* Makes the loader's `state`. Returns ERR_OK or ERR_NOMEM. */
	err_t (*begin)(dataset_loader_t *loader);
	/* Called before each file is read; NULL: nothing to do. */
	void (*begin_file)(dataset_loader_t *loader);
	/* Takes every line, specials, comments and default lines included, instead of `add`; NULL:
	 * dataset_loader_take does, which calls `add`. Errors as there. */
	err_t (*take)(dataset_loader_t *loader, text_t line);
	/* Takes a line that is not blank, comment, special or default line. Returns ERR_OK;
	 * ERR_SYNTAX with loader->why set (the line is then skipped); or another error, which ends
	 * loading. */
	err_t (*add)(dataset_loader_t *loader, text_t line);
	/* Takes lines that are plain (zonefile/plain_lines.h), of loader->plain, with the same effect as
	 * `add` one by one. Of lines->ip4 it may leave the rest from any line on: `*taken` is how many were
	 * taken, the next one goes to `add`, which may have something to say of it, and then the others
	 * come again. Returns ERR_OK, or an error that ends loading. */
	err_t (*add_plain)(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken);
	/* Turns the state into `*data`, and says how many bytes that holds. */
	err_t (*finish)(dataset_loader_t *loader, void **data, size_t *memory);
	/* Frees the state, finished or not; may be NULL inside. */
	void (*abandon)(dataset_loader_t *loader);
	void (*free)(void *data);

	/* Looks `count` questions up. Called by workers. */
	void (*find)(const void *data, const dataset_question_t *const *questions, size_t count,
		     dataset_match_t *matches);
	/* Adds the records of type `type` (A, TXT or MX) that `entry` has to the reply's RRset.
	 * `rotation` varies from call to call and says with which record to begin. */
	void (*write)(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		      dns_type_t type, unsigned rotation, dns_reply_t *reply);

	/* Tells of every name for which `find` finds an entry, either as a node or as below one;
	 * what a name itself has, `find` tells. Names in between may be left out; a name may come
	 * twice, one time behind the other. A node's key comes before those of the nodes below it,
	 * and these one behind the other; the order is otherwise the type's own. Ends with the
	 * first error of the visitor, and returns it. NULL for combined, see `part`. */
	err_t (*walk)(const dataset_t *dataset, const dataset_visitor_t *visitor);
	bool is_walk_unordered; /* unlike that, nodes come in any order */
	/* For a data set made of others: number `number` of them, with the names it is for; false
	 * behind the last one. NULL: there are none. */
	bool (*part)(const dataset_t *dataset, size_t number, dataset_part_t *part);

	/* Adds to `changes` how the entries of `next` differ from those of `old`, both of this type;
	 * see dataset/compare.h. Returns ERR_OK or ERR_NOMEM. */
	err_t (*compare)(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes);

	/* Writes `data` to a compiled file, as blocks of memory, and what else `map` wants to know.
	 * Returns ERR_OK, ERR_NOMEM, or what the file's writer says. NULL: such data sets cannot be
	 * compiled. */
	err_t (*save)(const dataset_t *dataset, dataset_saver_t *saver);
	/* The reverse: makes `data`, `memory` and `mapped` of what is in a compiled file, which stays mapped as long
	 * as the data set lives. Believes nothing of it. Returns ERR_OK; ERR_LOAD, after
	 * dataset_mapper_refuse; or ERR_NOMEM. NULL where `save` is. */
	err_t (*map)(dataset_mapper_t *mapper, dataset_t *dataset);

	/* Writes all entries back as lines of a zone file, in an order that depends on nothing else. Returns ERR_OK,
	 * ERR_NOMEM, or errno's error. NULL: such data sets are not written. */
	err_t (*print)(const dataset_t *dataset, dataset_printer_t *printer);
};

/* Are IPv4 addresses keys of it? */
static inline bool dataset_type_has_ip4(const dataset_type_t *type)
{
	return type->key == DATASET_KEY_IP4 || type->has_ip4_keys;
}

/* All types, one after the other: NULL behind the last one. */
const dataset_type_t *dataset_type_get(unsigned number);

/* The type called `name`[0..size), NULL when there is none. */
const dataset_type_t *dataset_type_find(const char *name, size_t size) ATTR_NONNULL_ALL;

/* What `type` really is with these settings: they may make another one of the same name of it. */
const dataset_type_t *dataset_type_under(const dataset_type_t *type,
					 const zone_settings_t *settings) ATTR_NONNULL_ALL;

/* Reads a data set. Bad lines are logged as "file:line: reason" and skipped, the first few of them.
 * Returns ERR_OK; ERR_LOAD when it must not be served; or ERR_NOMEM. For both `*attempt` has the
 * reason; if that is NULL, ERR_LOAD's has been logged. The caller frees `*dataset`. */
err_t dataset_load(const dataset_request_t *request, dataset_attempt_t *attempt,
		   dataset_t **dataset) ATTR_NONNULL(1, 3) ATTR_NODISCARD;

/* The same, but every problem goes to `observer` and not to the log, and every entry too. */
err_t dataset_load_observed(const dataset_request_t *request, const dataset_observer_t *observer,
			    dataset_t **dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* NULL is fine. */
void dataset_free(dataset_t *dataset);

/* Gives pages of mapped files back to the page cache, when all of them have been read as queries never do: to
 * be checked, or compared. Those that queries need come back one by one. Any thread. */
void dataset_let_go(const dataset_t *dataset) ATTR_NONNULL_ALL;

/* Has any of `files` changed since the data set was read from them? A file that is not there now
 * counts as changed, and so does one that could not be read any more. */
bool dataset_is_outdated(const dataset_t *dataset, const char *const *files) ATTR_NONNULL_ALL;

/* For types: takes one line as every type does, special, comment, default line or entry. Reports
 * what is wrong with it. Returns ERR_OK, also for a line that was skipped; ERR_LOAD when the data
 * set must not be served, which has been logged; or ERR_NOMEM or ERR_RANGE. */
err_t dataset_loader_take(dataset_loader_t *loader, text_t line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* For types: takes lines of loader->plain, at least one, as dataset_loader_take would one by one, but
 * tells no observer. Errors as there. */
err_t dataset_loader_take_plain(dataset_loader_t *loader,
				const plain_lines_t *lines) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* For types: reports the line being read, or the record that is looked at, whatever was wrong with it. */
void dataset_loader_report(dataset_loader_t *loader, const char *reason,
			   dataset_effect_t effect) ATTR_NONNULL_ALL;

/* For types: makes `value` that of entries without one, from the next line on. */
void dataset_loader_set_fallback(dataset_loader_t *loader,
				 const zone_value_t *value) ATTR_NONNULL_ALL;

/* For types: gives up on the data set because of the line being read, for `reason`, a static text.
 * Returns ERR_LOAD. */
err_t dataset_loader_fail(dataset_loader_t *loader, const char *reason) ATTR_NONNULL_ALL;

/* For types with `open`: gives up on the data set because of `file`, or of all files if that is NULL.
 * `is_lasting`: the same file fails again. Returns ERR_LOAD. */
err_t dataset_loader_fail_file(dataset_loader_t *loader, const char *file, const char *reason,
			       bool is_lasting) ATTR_NONNULL(1, 3);

/* For types with `open`: from now on it is the record with this key in `file` that is looked at, and
 * that dataset_loader_take, dataset_loader_report and others tell of. */
void dataset_loader_at_record(dataset_loader_t *loader, const char *file,
			      text_t key) ATTR_NONNULL_ALL;

/* For types: the TXT `text` of the line being read, cut to DNS_TEXT_MAX bytes, with a warning if it
 * is longer. */
text_t dataset_loader_cut_text(dataset_loader_t *loader, text_t text) ATTR_NONNULL_ALL;

#endif
