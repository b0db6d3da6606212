/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/specials_text.h"

#include <inttypes.h>
#include <string.h>

#include "dns/name.h"
#include "zonefile/name_text.h"

static void write_name(const uint8_t *name, FILE *out)
{
	char text[NAME_LINE_TEXT_SIZE];
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = dns_name_labels(name, labels);

	fputc(' ', out);
	(void)fwrite(text, 1, name_text_write_line(name, labels, count, true, false, text), out);
}

/* A TTL that data of the zone have; 0 where it is the default. */
static uint32_t own_ttl(const zone_specials_t *specials, uint32_t ttl_s)
{
	return ttl_s == specials->settings->ttl_default_s ? 0 : ttl_s;
}

static void write_time(time_t moment, FILE *out)
{
	char text[64];
	struct tm utc;

	if (moment == 0 || gmtime_r(&moment, &utc) == NULL ||
	    strftime(text, sizeof(text), "%Y:%m:%d:%H:%M:%S", &utc) == 0)
		strcpy(text, "0");
	fprintf(out, " %s", text);
}

void specials_text_write_zone(const zone_specials_t *specials, FILE *out)
{
	const zone_soa_t *soa = specials->soa;
	const zone_ns_t *ns = specials->ns;

	if (specials->written != 0 || specials->expires != 0) {
		fputs("$TIMESTAMP", out);
		write_time(specials->written, out);
		if (specials->expires != 0)
			write_time(specials->expires, out);
		fputc('\n', out);
	}
	if (soa != NULL) {
		fprintf(out, "$SOA %" PRIu32, own_ttl(specials, soa->ttl_s));
		write_name(soa->mname, out);
		write_name(soa->rname, out);
		fprintf(out, " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
			soa->serial, soa->refresh_s, soa->retry_s, soa->expire_s, soa->minimum_s);
	}
	if (ns != NULL) {
		fprintf(out, "$NS %" PRIu32, own_ttl(specials, ns->ttl_s));
		for (unsigned i = 0; i < ns->count; i++)
			write_name(ns->names[i], out);
		/* No name, and so the TTL 0: as it was written. */
		fputs(ns->is_broken ? " \\256\n" : "\n", out);
	}
}

void specials_text_write_ttl(const zone_specials_t *specials, uint32_t inherited_s, FILE *out)
{
	if (specials->ttl_s != inherited_s)
		fprintf(out, "$TTL %" PRIu32 "\n", own_ttl(specials, specials->ttl_s));
}

void specials_text_write_range(const zone_specials_t *specials, FILE *out)
{
	/* More than there are addresses: none. */
	if (specials->max_range4 <= UINT32_MAX)
		fprintf(out, "$MAXRANGE4 %" PRIu64 "\n", specials->max_range4);
}
