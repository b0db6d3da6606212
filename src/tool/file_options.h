/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_FILE_OPTIONS_H
#define SPURN_TOOL_FILE_OPTIONS_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "catalog/plan.h"

/* The options that decide how zone files are read: those of spurnd that every command has which reads some. */

/* What getopt_long returns for those without a letter; a command's own are to be less. */
#define FILE_OPTIONS_PARAMETERS 0x1000
#define FILE_OPTIONS_IP6        0x1001

/* Their letters, for the third argument of getopt_long, */
#define FILE_OPTIONS_SHORT "eC"
/* and their rows in the fourth. */
/* clang-format off */
#define FILE_OPTIONS_LONG                                                                          \
	{ "allow-host-bits", no_argument, NULL, 'e' },                                             \
	{ "no-decompression", no_argument, NULL, 'C' },                                            \
	{ "entry-parameters", no_argument, NULL, FILE_OPTIONS_PARAMETERS },                        \
	{ "ip6-in-ip4trie", no_argument, NULL, FILE_OPTIONS_IP6 }
/* clang-format on */

/* Takes in one of them. Returns false if `option`, what getopt_long returned, is none of them. */
bool file_options_take(int option, catalog_options_t *catalog) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Those that are given, as the header of a compiled list has them, so that it says how it is made anew: an array of
 * texts. The caller owns it. NULL for want of memory. */
json_t *file_options_told(const catalog_options_t *catalog) ATTR_NONNULL_ALL;

#endif
