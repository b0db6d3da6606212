/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_RCODE_H
#define SPURN_TOOL_RCODE_H

/* The name of an RCODE of the header (RFC 6895 section 2.3), "NXDOMAIN"; NULL if it has none. Any
 * thread. */
const char *rcode_name(unsigned rcode);

#endif
