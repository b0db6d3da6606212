/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SETTINGS_H
#define SPURN_DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "catalog/plan.h"

/* All settings of spurnd, in one table: each has an option of the command line, most have a key in the
 * configuration file, which is the name of the long option, and there is one way to take a value in,
 * wherever it comes from. */

struct options; /* daemon/options.h */
typedef struct setting setting_t;

/* What a setting is; flags. */
enum {
	SETTING_FLAG = 1 << 0,    /* an option without a value; in a file, yes or no */
	SETTING_LIST = 1 << 1,    /* each one that is given adds to those before */
	SETTING_ZONE = 1 << 2,    /* a zone may have its own */
	SETTING_DATASET = 1 << 3, /* a data set, too */
	SETTING_FIXED = 1 << 4,   /* is what it was at the start as long as the process lives */
	SETTING_NO_KEY = 1 << 5,  /* for the command line alone */
};

/* A value that was given to a setting, and where; plain data, the strings are the giver's. */
typedef struct assignment {
	const setting_t *setting;
	const char *value; /* NULL: an option without one */
	const char *file;  /* NULL: the command line */
	unsigned line;     /* in the file */
	bool is_short;     /* of the command line: the option's letter was used */
} assignment_t;

/* What a value is taken into. */
typedef struct setting_target {
	struct options *options;    /* NULL for SETTING_ZONE and SETTING_DATASET alone */
	catalog_options_t *catalog; /* of all zones, or what one zone or data set makes of them */
} setting_target_t;

struct setting {
	int letter;       /* of the short option; 0: none */
	const char *name; /* of the long option, and of the key; NULL: neither */
	unsigned flags;
	/* Takes a value in. `name` is what messages call the setting. Returns false if it is no good,
	 * which has been logged. NULL for what shows something instead. */
	bool (*take)(const setting_t *setting, const char *name, const char *value,
		     const setting_target_t *target);
	size_t field;       /* for some `take`: where the value goes */
	void (*show)(void); /* writes something to stdout, and that is all */
};

/* Bytes for what messages call a setting. */
#define SETTING_NAME_MAX 512

/* The table, and how many rows it has. */
extern const setting_t settings_table[];
extern const size_t settings_count;

/* The setting with that letter, or with that name[0..size), or NULL. */
const setting_t *setting_of_letter(int letter);
const setting_t *setting_of_name(const char *name, size_t size) ATTR_NONNULL_ALL;

/* Writes what messages call the setting, as it was given: "-t", "--ttl", "spurnd.conf:12: ttl". */
void assignment_name(const assignment_t *assignment, char name[SETTING_NAME_MAX]) ATTR_NONNULL_ALL;

/* Takes the value in. Returns false if it is no good, which has been logged; then nothing changed. */
bool assignment_take(const assignment_t *assignment,
		     const setting_target_t *target) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
