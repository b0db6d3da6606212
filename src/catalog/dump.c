/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/dump.h"

#include "base/fault_guard.h"
#include "base/log.h"
#include "base/plural.h"
#include "catalog/dump_apex.h"
#include "catalog/dump_tree.h"
#include "dataset/ask.h"
#include "dns/name.h"

/* Bytes that go to the output at once: of the hundreds of megabytes that a long list makes. */
#define OUTPUT_BUFFER (256 << 10)

/* Tells in the dump and the log what of the zone is not as it should be. */
static void report(const zone_t *zone, const dump_writer_t *writer, const dump_losses_t *losses)
{
	char apex[DNS_NAME_TEXT_MAX];

	dns_name_to_text(zone->apex, apex);
	if (losses->starred > 0) {
		bool is_one = losses->starred == 1;
		fprintf(writer->out, "; Left out: %zu name%s with a label that is a star.\n",
			losses->starred, plural(losses->starred));
		log_warning("zone %s: %zu name%s with a label that is a star (*) %s", apex,
			    losses->starred, plural(losses->starred),
			    is_one ? "is not in the dump, where it would be a wildcard"
				   : "are not in the dump, where they would be wildcards");
	}
	if (losses->one_subject > 0) {
		bool is_one = losses->one_subject == 1;
		log_warning("zone %s: %zu block%s wider than the dump can spell out %s texts with "
			    "$, which in the dump stands for %s first address",
			    apex, losses->one_subject, plural(losses->one_subject),
			    is_one ? "has" : "have", is_one ? "its" : "their");
	}
	if (losses->too_big > 0) {
		fprintf(writer->out, "; Left out: %zu RRset%s of more than 64 KiB.\n",
			losses->too_big, plural(losses->too_big));
		log_warning("zone %s: %zu RRset%s of more than 64 KiB %s not in the dump", apex,
			    losses->too_big, plural(losses->too_big),
			    losses->too_big == 1 ? "is" : "are");
	}
	if (zone->acl != NULL || zone->aclkey != NULL)
		log_warning("zone %s: who may ask (acl, aclkey) is not in the dump", apex);
	if (writer->has_odd_hosts)
		log_warning("zone %s: there are A records of names with other characters than "
			    "letters, digits and hyphens; BIND needs `check-names ignore;` for it",
			    apex);
}

typedef struct zone_dump {
	const generation_t *generation;
	const zone_t *zone;
	const dump_options_t *options;
	FILE *out;
	err_t err;
} zone_dump_t;

static void write_guarded(void *context)
{
	zone_dump_t *dump = context;
	const zone_t *zone = dump->zone;
	dump_losses_t losses = { .starred = 0 };
	dump_writer_t writer;

	dump_writer_begin(&writer, dump->out, zone->apex, zone->datasets[0]->specials.ttl_s);
	dump_apex_write(dump->generation, zone, &writer);
	dump->err = dump_tree_write(dump->generation, zone, dump->options, &writer, &losses);
	if (dump->err == ERR_OK)
		report(zone, &writer, &losses);
}

static err_t write_zone(const generation_t *generation, const zone_t *zone,
			const dump_options_t *options, FILE *out)
{
	zone_dump_t dump = { generation, zone, options, out, ERR_CHANGED };

	/* Data that are mapped may be changed in place meanwhile. */
	err_t err = fault_guard_run(write_guarded, &dump) ? dump.err : ERR_CHANGED;
	for (size_t i = 0; i < zone->dataset_count; i++)
		if (!dataset_is_sound(zone->datasets[i]))
			err = ERR_CHANGED; /* which has been logged */
	return err;
}

/* Are all zones there to be dumped? Logs what is not. */
static bool is_complete(const generation_t *generation, time_t now)
{
	char apex[DNS_NAME_TEXT_MAX];
	bool result = true;

	for (size_t i = 0; i < generation->zone_count; i++) {
		const zone_t *zone = &generation->zones[i];
		bool has_expired = zone_has_expired(zone, now);
		if (zone->is_loaded && zone->dataset_count > 0 && !has_expired)
			continue;
		dns_name_to_text(zone->apex, apex);
		log_error("zone %s: %s", apex,
			  has_expired ? "its data have expired ($TIMESTAMP)" : "is not loaded");
		result = false;
	}
	return result;
}

static err_t write_generation(const generation_t *generation, const dump_options_t *options,
			      FILE *out)
{
	char date[64];
	struct tm tm;
	err_t err = ERR_OK;

	if (!is_complete(generation, options->now))
		return ERR_LOAD;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&options->now, &tm));
	fprintf(out, "; zone dump made %s\n; spurn version " PACKAGE_VERSION "\n", date);
	for (size_t i = 0; i < generation->zone_count && err == ERR_OK; i++)
		err = write_zone(generation, &generation->zones[i], options, out);
	return err;
}

err_t dump_write(catalog_t *catalog, const dump_options_t *options, FILE *out)
{
	(void)setvbuf(out, NULL, _IOFBF, OUTPUT_BUFFER);
	catalog_reader_register();
	err_t err = write_generation(catalog_read_begin(catalog), options, out);
	catalog_read_end(catalog);
	catalog_reader_unregister();
	if (err == ERR_OK && (fflush(out) != 0 || ferror(out)))
		err = err_from_errno();
	return err;
}
