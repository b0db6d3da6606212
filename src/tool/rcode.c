/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/rcode.h"

#include <stddef.h>

#include "base/attributes.h"

const char *rcode_name(unsigned rcode)
{
	static const char *const names[] = {
		"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
		"YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE",
	};

	return rcode < COUNT_OF(names) ? names[rcode] : NULL;
}
