/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONFIG_H
#define SPURN_DAEMON_CONFIG_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/settings.h"

/* A configuration file, spurnd.conf(5), as it was written: which settings, zones and data sets it has,
 * and in which lines. What the values mean is for others to see (daemon/options.h). libconfuse reads
 * it; since that has one lexer for all, only the main thread may. */

/* A data set of a zone. */
typedef struct config_dataset {
	const char *spec; /* "type:file,file" */
	unsigned line;
	size_t settings; /* its own: settings[settings..settings_end) of the file */
	size_t settings_end;
} config_dataset_t;

/* A zone. The settings of its data sets are no settings of the zone itself. */
typedef struct config_zone {
	const char *name;
	unsigned line;
	size_t datasets; /* datasets[datasets..datasets_end) of the file */
	size_t datasets_end;
	size_t settings; /* settings[settings..settings_end) of the file */
	size_t settings_end;
} config_zone_t;

/* A specification "zone:type:file,file" outside of zones. */
typedef struct config_spec {
	const char *text;
	unsigned line;
} config_spec_t;

/* An array of any of these, and how it grows. */
#define CONFIG_ARRAY(type)                                                                         \
	struct {                                                                                   \
		type *all;                                                                         \
		size_t count;                                                                      \
		size_t capacity;                                                                   \
	}

/* A file; to be read by others, changed by none. */
typedef struct config {
	const char *name;                  /* as messages call it */
	char *text;                        /* as it was read, with a NUL; owned */
	CONFIG_ARRAY(assignment_t) global; /* settings outside of zones */
	CONFIG_ARRAY(config_spec_t) specs; /* `zones` and `acl`, as on the command line */
	CONFIG_ARRAY(config_zone_t) zones; /* in their order */
	CONFIG_ARRAY(config_dataset_t) datasets;
	CONFIG_ARRAY(assignment_t) settings; /* of zones and data sets */
	CONFIG_ARRAY(char *) strings;        /* what all of these point to; owned */
} config_t;

/* Most bytes of a file: a million zones. */
#define CONFIG_SIZE_MAX (64u << 20)

/* Reads the text of the file `path`, which messages call `name`. The caller frees (*text)[0..*size),
 * behind which is a NUL. Returns ERR_OK; or ERR_TOO_LARGE, ERR_NOMEM or an errno, which has been
 * logged, and `*text` is NULL. */
err_t config_read(const char *path, const char *name, char **text,
		  size_t *size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Reads text[0..size), which messages call `name`; that must outlive `**config`. Returns ERR_OK; or
 * ERR_SYNTAX, with as much of the text in `**config` as could be read, so that more can be found wrong
 * with it; or ERR_NOMEM, with NULL in `*config`. Then all that is wrong has been logged, each with file
 * and line. The caller frees `**config`. */
err_t config_parse(const char *text, size_t size, const char *name,
		   config_t **config) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* NULL is fine. */
void config_free(config_t *config);

#endif
