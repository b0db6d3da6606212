/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/dump_apex.h"

#include <string.h>

#include "base/log.h"
#include "catalog/dump_question.h"
#include "dns/name.h"

/* Stands in for the name server that a zone lacks: a name that never exists (RFC 6761). */
#define NO_SERVER "ns.invalid."

/* How often a secondary server looks for a new dump, and how long it keeps an old one; only of
 * interest where the zone itself says nothing. */
#define STAND_IN_TIMERS "3600 600 604800"

static void write_soa(const zone_t *zone, dump_writer_t *writer)
{
	const zone_soa_t *soa = zone_soa(zone);
	FILE *out = writer->out;
	char apex[DNS_NAME_TEXT_MAX];

	if (soa == NULL) {
		dns_name_to_text(zone->apex, apex);
		log_warning("zone %s has no $SOA: the dump has a stand-in", apex);
		/* As without: what is not listed may not be kept at all. */
		fputs("; There is no $SOA, which a zone must have. This stands in:\n", out);
		dump_writer_record(writer, 0, "SOA");
		fprintf(out, NO_SERVER "\thostmaster.invalid.\t(%u " STAND_IN_TIMERS " 0)\n",
			zone_serial(zone));
		return;
	}
	dump_writer_record(writer, soa->ttl_s, "SOA");
	dump_writer_name(writer, soa->mname);
	putc('\t', out);
	dump_writer_name(writer, soa->rname);
	fprintf(out, "\t(%u %u %u %u %u)\n", zone_serial(zone), soa->refresh_s, soa->retry_s,
		soa->expire_s, soa->minimum_s);
}

/* Does `name` lie in a zone, or is it its apex? */
static bool is_inside(const uint8_t *name, const zone_t *zone)
{
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = dns_name_labels(name, labels);

	return count >= zone->label_count &&
	       dns_name_equal(count == zone->label_count ? name
							 : name + labels[count - zone->label_count],
			      zone->apex);
}

static void write_ns(const uint8_t *name, uint32_t ttl_s, dump_writer_t *writer)
{
	dump_writer_record(writer, ttl_s, "NS");
	dump_writer_name(writer, name);
	putc('\n', writer->out);
}

static void write_stand_in_ns(dump_writer_t *writer)
{
	dump_writer_record(writer, 0, "NS");
	fputs(NO_SERVER "\n", writer->out);
}

/* Can BIND do with this name server of `zone`? One inside of the zone has to have an address. */
static bool has_address(const generation_t *generation, const zone_t *zone, const uint8_t *name)
{
	dump_question_t question;

	if (!is_inside(name, zone))
		return true;
	dump_question_name(&question, zone, 0, name);
	return dump_question_has_a(&question, generation, zone);
}

static void leave_out(const zone_t *zone, const uint8_t *name, dump_writer_t *writer)
{
	char apex[DNS_NAME_TEXT_MAX];
	char server[DNS_NAME_TEXT_MAX];

	dns_name_to_text(zone->apex, apex);
	dns_name_to_text(name, server);
	log_warning(
		"zone %s: its name server %s has no address in the zone, as it must (list it in "
		"a generic data set); the dump leaves it out",
		apex, server);
	fputs("; The name server ", writer->out);
	dump_writer_name(writer, name);
	fputs(" is left out: it has no address in this zone.\n", writer->out);
}

void dump_apex_write(const generation_t *generation, const zone_t *zone, dump_writer_t *writer)
{
	const zone_ns_t *ns = zone_ns(zone);
	char apex[DNS_NAME_TEXT_MAX];
	unsigned written = 0;

	dump_writer_owner(writer, NULL, 0, false);
	write_soa(zone, writer);
	for (unsigned i = 0; ns != NULL && i < ns->count; i++) {
		if (has_address(generation, zone, ns->names[i])) {
			write_ns(ns->names[i], ns->ttl_s, writer);
			written++;
		} else {
			leave_out(zone, ns->names[i], writer);
		}
	}
	if (written > 0)
		return;
	dns_name_to_text(zone->apex, apex);
	log_warning("zone %s has no usable $NS: the dump has a stand-in", apex);
	fputs("; There is no usable $NS, which a zone must have. This stands in:\n", writer->out);
	write_stand_in_ns(writer);
}

void dump_apex_delegate(const zone_t *zone, const zone_t *nested, dump_writer_t *writer)
{
	const zone_ns_t *ns = nested->is_loaded ? zone_ns(nested) : NULL;
	unsigned written = 0;

	fputs("; A zone of its own begins here.\n", writer->out);
	for (unsigned i = 0; ns != NULL && i < ns->count; i++) {
		if (!is_inside(ns->names[i], zone)) {
			write_ns(ns->names[i], ns->ttl_s, writer);
			written++;
		}
	}
	if (written == 0)
		write_stand_in_ns(writer);
}
