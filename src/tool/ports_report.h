/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PORTS_REPORT_H
#define SPURN_TOOL_PORTS_REPORT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ports/port_audit.h"
#include "ports/reserved_files.h"

/* What `spurn ports` tells, to people and to programs. */

/* What --fix came to. */
typedef enum ports_fix {
	PORTS_FIX_NONE,       /* not wanted */
	PORTS_FIX_NEEDLESS,   /* the files have it already */
	PORTS_FIX_WRITTEN,    /* the file is written */
	PORTS_FIX_OVERRIDDEN, /* it is there, but a file that is read behind it has the last word */
} ports_fix_t;

typedef struct ports_report {
	const port_question_t *question;
	const port_audit_t *audit;
	const reserved_files_t *files; /* as they are now */
	port_range_t ephemeral;        /* the kernel's range */
	bool is_range_given;           /* the question's range is another one */
	port_set_t line;      /* what is to be reserved: what is by now, or by files, and at risk */
	port_set_t forgotten; /* reserved by now, but not by the files: not after the next start */
	ports_fix_t fix;
	const char *directory; /* where the file of --fix is */
	bool is_in_effect;     /* the kernel has the line by now */
} ports_report_t;

/* Writes it to stdout, for people. Returns ERR_OK or ERR_NOMEM. */
err_t ports_report_print(const ports_report_t *report) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes it to stdout as one JSON object. Ends the process for want of memory, after saying so. */
void ports_report_json(const ports_report_t *report) ATTR_NONNULL_ALL;

#endif
