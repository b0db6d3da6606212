/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/descriptors.h"

#include <sys/resource.h>

#include "base/log.h"
#include "base/plural.h"

/* Descriptors for all but sockets and mapped files: standard ones, logs, the loop's, files being read. There are some
 * ten at a time. */
#define OTHERS 40

size_t descriptors_raise(size_t wanted)
{
	struct rlimit limit;
	struct rlimit raised;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return wanted; /* cannot happen; then accept will say what is wrong */
	if (limit.rlim_cur >= wanted)
		return limit.rlim_cur;
	raised.rlim_cur = wanted;
	raised.rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return wanted;
	raised.rlim_cur = raised.rlim_max = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return limit.rlim_max;
	return limit.rlim_cur;
}

void descriptors_provide(size_t sockets, size_t files, uint32_t *connections)
{
	size_t needed = sockets + 2 * files + OTHERS;
	size_t limit = descriptors_raise(needed + *connections);

	if (limit < needed)
		log_warning("this process may open %zu files, and may need %zu for sockets and "
			    "compiled lists; allow it more (ulimit -n, or LimitNOFILE= of systemd)",
			    limit, needed);
	if (limit >= needed + *connections || *connections == 0)
		return;
	uint32_t wanted = *connections;
	*connections = limit > needed ? (uint32_t)(limit - needed) : 1;
	log_warning("room for %u TCP connection%s instead of %u: this process may open %zu files; "
		    "allow it more (ulimit -n, or LimitNOFILE= of systemd)",
		    *connections, plural(*connections), wanted, limit);
}
