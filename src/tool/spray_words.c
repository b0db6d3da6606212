/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_words.h"

#include <stdio.h>

#include "tool/human.h"

const char *spray_policy_name(spray_policy_t policy)
{
	static const char *const names[] = {
		[SPRAY_SOCKETS] = "sockets",
		[SPRAY_POOL] = "pool",
		[SPRAY_POOL_GROW] = "pool-grow",
		[SPRAY_PER_QUERY] = "per-query",
	};

	return names[policy];
}

const char *spray_words_policy(const spray_setup_t *setup, char text[SPRAY_WORDS_MAX])
{
	char count[HUMAN_MAX];

	human_count(setup->sockets, count);
	switch (setup->policy) {
	case SPRAY_SOCKETS:
		if (setup->sockets == 1)
			return "one socket";
		snprintf(text, SPRAY_WORDS_MAX, "%s sockets", count);
		break;
	case SPRAY_POOL:
		snprintf(text, SPRAY_WORDS_MAX, "a pool of %s random source ports", count);
		break;
	case SPRAY_POOL_GROW:
		snprintf(text, SPRAY_WORDS_MAX, "a pool that grows to %s random source ports",
			 count);
		break;
	case SPRAY_PER_QUERY:
		return "a random source port for each query";
	}
	return text;
}

const char *spray_words_share(uint64_t part, uint64_t whole, char text[SPRAY_WORDS_MAX])
{
	double percent = whole > 0 ? 100 * (double)part / (double)whole : 0;

	if (whole == 0)
		snprintf(text, SPRAY_WORDS_MAX, "%s", "");
	else if (part == whole || part == 0)
		snprintf(text, SPRAY_WORDS_MAX, "%s", part == 0 ? "0 %" : "100 %");
	else if (percent >= 99.95)
		snprintf(text, SPRAY_WORDS_MAX, "%s", "> 99.9 %");
	else if (percent < 0.1)
		snprintf(text, SPRAY_WORDS_MAX, "%s", "< 0.1 %");
	else
		snprintf(text, SPRAY_WORDS_MAX, "%.1f %%", percent);
	return text;
}

const char *spray_words_deviation(double deviation, char text[SPRAY_WORDS_MAX])
{
	double percent = 100 * deviation;

	/* Not "-0.0". */
	if (percent > -0.05 && percent < 0.05)
		percent = 0;
	if (percent >= 999.95)
		snprintf(text, SPRAY_WORDS_MAX, "%+.0f %%", percent);
	else
		snprintf(text, SPRAY_WORDS_MAX, percent == 0 ? "%.1f %%" : "%+.1f %%", percent);
	return text;
}

const char *spray_words_latency(uint64_t time_us, char text[SPRAY_WORDS_MAX])
{
	double time_ms = (double)time_us / 1000;
	char count[HUMAN_MAX];

	/* Three digits: one that counts more than the histogram's steps are wide. */
	if (time_ms < 99.95)
		snprintf(text, SPRAY_WORDS_MAX, "%.*f ms",
			 time_ms < 0.9995  ? 3
			 : time_ms < 9.995 ? 2
					   : 1,
			 time_ms);
	else
		snprintf(text, SPRAY_WORDS_MAX, "%s ms", human_rate(time_ms, count));
	return text;
}

const char *spray_words_server(const spray_server_t *server)
{
	if (!server->has_nsid)
		return "(no NSID)";
	return server->text[0] != '\0' ? server->text : "\"\"";
}

const char *spray_words_verdict(const spray_spread_t *spread, char text[SPRAY_WORDS_MAX])
{
	if (spread->verdict == SPRAY_UNKNOWN)
		return "not known";
	if (spread->verdict != SPRAY_PINNED)
		return spray_verdict_name(spread->verdict);
	snprintf(text, SPRAY_WORDS_MAX, "pinned to %zu of %zu%s", spread->pinned_to,
		 spread->servers, spread->is_told ? "" : " seen");
	return text;
}
