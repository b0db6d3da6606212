/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONFIG_KEYS_H
#define SPURN_DAEMON_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/* Which keys a configuration file may have where. Those of settings are in daemon/settings.h. */

/* The parts of a file. */
typedef enum config_scope {
	CONFIG_GLOBAL,  /* outside of zones */
	CONFIG_ZONE,    /* in one, but in no data set */
	CONFIG_DATASET, /* in a data set of a zone */
	CONFIG_SCOPES,  /* no scope: how many there are */
} config_scope_t;

/* Keys that are no settings. */
#define CONFIG_KEY_ZONES   "zones"   /* global: specifications as on the command line */
#define CONFIG_KEY_ACL     "acl"     /* global: files of the ACL for all zones */
#define CONFIG_KEY_ZONE    "zone"    /* global: a section */
#define CONFIG_KEY_DATA    "data"    /* of a zone: its data sets, with the settings of the zone */
#define CONFIG_KEY_DATASET "dataset" /* of a zone: a section */

/* Most keys of a scope. */
#define CONFIG_KEYS_MAX 64

/* A key; plain data. */
typedef struct config_key {
	const char *name;
	bool is_list;
	bool is_section;
} config_key_t;

/* Writes all keys of a scope to keys[0..CONFIG_KEYS_MAX) and returns their number. */
size_t config_keys(config_scope_t scope, config_key_t keys[CONFIG_KEYS_MAX]) ATTR_NONNULL_ALL;

/* Writes to hint[0..size) what somebody may have meant who wrote the unknown key `word` there. */
void config_keys_hint(config_scope_t scope, const char *word, char *hint,
		      size_t size) ATTR_NONNULL_ALL;

#endif
