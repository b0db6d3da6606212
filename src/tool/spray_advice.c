/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_advice.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/plural.h"
#include "tool/human.h"
#include "tool/paragraph.h"
#include "tool/spray_words.h"

/* Columns in front of a note. */
#define BULLET_WIDTH 2
/* Bytes of a server's address with its port. */
#define TARGET_MAX 128
/* Ports that are named of those that were taken. */
#define TAKEN_MAX 12
/* Flows for each server from which on a director spreads them evenly. Measured with eight servers: of 8
 * sockets in all one server has twice the mean, of 64 a tenth more, of 512 a hundredth. */
#define FLOWS_FOR_EACH 64u

/* Where notes go. */
typedef struct notes {
	const spray_result_t *result;
	size_t width;
	FILE *out;
	bool has_any;
} notes_t;

/* Begins a note. */
static paragraph_t begin(notes_t *notes)
{
	if (!notes->has_any)
		putc('\n', notes->out);
	notes->has_any = true;
	return paragraph_begin(notes->out, notes->width, BULLET_WIDTH, "- ");
}

/* A note about `count` of what the JSON object calls `name`, if there are any; `format` as for printf. */
static void ATTR_PRINTF(4, 5)
	note(notes_t *notes, uint64_t count, const char *name, const char *format, ...)
{
	char text[PARAGRAPH_TEXT_MAX];
	char digits[HUMAN_MAX];
	va_list arguments;
	paragraph_t line;

	if (count == 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	line = begin(notes);
	paragraph_add(&line, "%s %s: %s", human_count(count, digits), name, text);
	paragraph_end(&line);
}

static void note_taken(notes_t *notes)
{
	const spray_result_t *result = notes->result;
	size_t count = result->taken_count;
	paragraph_t line;

	if (count == 0)
		return;
	line = begin(notes);
	paragraph_add(&line, "%zu port%s chosen, but somebody has %s:", count,
		      count == 1 ? " was" : "s were", count == 1 ? "it" : "them");
	for (size_t i = 0; i < count && i < TAKEN_MAX; i++) {
		const spray_taken_t *taken = &result->taken[i];
		const char *comma = i + 1 < count ? "," : ".";

		if (taken->service[0] != '\0')
			paragraph_add(&line, "%u (%s)%s", taken->port, taken->service, comma);
		else
			paragraph_add(&line, "%u%s", taken->port, comma);
	}
	if (count > TAKEN_MAX)
		paragraph_add(&line, "and %zu more.", count - TAKEN_MAX);
	paragraph_add(&line, "A pool that is bound at boot, before them, would have kept them from "
			     "starting: 'spurn ports' tells how to reserve theirs.");
	paragraph_end(&line);
}

static void note_silence(notes_t *notes)
{
	const spray_setup_t *setup = &notes->result->setup;
	paragraph_t line;

	if (notes->result->sent == 0 || notes->result->answered > 0)
		return;
	line = begin(notes);
	if (notes->result->refused > 0)
		paragraph_add(&line,
			      "Nobody listens at %s: is the server running, and is this its "
			      "address and port?",
			      setup->target);
	else
		paragraph_add(
			&line,
			"Nothing came back from %s: is this the address and port of a "
			"server, does no firewall stand between, and do its replies leave from "
			"that address (tcpdump tells; spurnd's do)?",
			setup->target);
	paragraph_add_whole(&line, "'spurn query @%s %s 127.0.0.2'", setup->target, setup->zone);
	paragraph_add(&line, "asks it once.");
	paragraph_end(&line);
}

/* Where the time went that was not the server's. */
static void note_own_limits(notes_t *notes)
{
	const spray_result_t *result = notes->result;

	note(notes, result->unsendable, "unsendable",
	     "lost, because this machine's kernel had no room for them, or no way there.");
	note(notes, result->own_drops, "dropped here",
	     "they came, but sockets of this process had no room for them; what they answered "
	     "counts "
	     "as lost. Ask more slowly, with more threads, or raise net.core.rmem_max.");
	note(notes, result->unsent, "not sent",
	     "due, but the time was over: this machine does not reach that rate.");
	if (result->setup.rate > 0)
		note(notes, result->held, "held back",
		     "due, but %u other%s %s on the way: the server, or this machine, does not "
		     "reach that rate.",
		     result->setup.in_flight, plural(result->setup.in_flight),
		     result->setup.in_flight == 1 ? "was" : "were");
}

void spray_advice_on_run(const spray_result_t *result, size_t width, FILE *out)
{
	notes_t notes = { .result = result, .width = width, .out = out };
	paragraph_t line;

	if (result->is_interrupted) {
		line = begin(&notes);
		paragraph_add(&line, "Interrupted: this is what there was until then.");
		paragraph_end(&line);
	}
	note_silence(&notes);
	if (result->answered > 0)
		note(&notes, result->refused, "refused",
		     "nobody listened there (ICMP port unreachable). A server behind this address "
		     "is "
		     "down, and still gets queries.");
	note(&notes, result->late, "late", "came after %g s, when their queries counted as lost.",
	     result->setup.patience_s);
	note(&notes, result->duplicates, "duplicate",
	     "came to queries that had been answered already.");
	note(&notes, result->strange, "strange", "were no reply to any query on the way.");
	note(&notes, result->truncated, "truncated",
	     "had TC set: they take TCP, and their records were not compared.");
	note_own_limits(&notes);
	note_taken(&notes);
}

/* ---- the spread ---- */

typedef struct advice {
	const spray_result_t *result;
	const spray_spread_t *spread;
	size_t width;
	FILE *out;
} advice_t;

static paragraph_t begin_advice(const advice_t *advice, const char *bullet)
{
	return paragraph_begin(advice->out, advice->width, strlen(bullet), bullet);
}

/* Some have more than others, though none of them all of it. */
static void advise_on_uneven(const advice_t *advice)
{
	size_t servers = advice->spread->servers;
	unsigned used = advice->result->ports_used;
	paragraph_t line = begin_advice(advice, "");
	char ports[HUMAN_MAX];

	human_count(used, ports);
	if (used < FLOWS_FOR_EACH * servers)
		paragraph_add(
			&line,
			"To a director %s source ports are as many flows, too few for %zu "
			"servers: from %u for each server on they spread evenly (--pool %zu).",
			ports, servers, FLOWS_FOR_EACH, FLOWS_FOR_EACH * servers);
	else
		paragraph_add(
			&line,
			"It is not for want of source ports, %s were used. 'ipvsadm -L -n' on "
			"the director shows the servers' weights; or was one of them down "
			"for a while?",
			ports);
	paragraph_end(&line);
}

/* Writes a server's address as ipvsadm takes it: "192.0.2.1:53", "[2001:db8::1]:53", for "192.0.2.1/53"
 * and "2001:db8::1/53". */
static const char *director_text(const char *target, char text[TARGET_MAX])
{
	int size = (int)strcspn(target, "/");
	const char *port = target[size] == '/' ? target + size + 1 : "53";
	bool is_ip6 = memchr(target, ':', (size_t)size) != NULL;

	snprintf(text, TARGET_MAX, is_ip6 ? "[%.*s]:%s" : "%.*s:%s", size, target, port);
	return text;
}

/* As many ports as servers that answered: that is how it would be with more servers, too. */
static void advise_on_few_ports(const advice_t *advice)
{
	char ports[HUMAN_MAX];
	paragraph_t line = begin_advice(advice, "");

	paragraph_add(
		&line,
		"%s source port%s %s %zu server%s at most if the director keeps flows together; "
		"if there are more servers, more ports find them (--pool 2500).",
		human_count(advice->result->ports_used, ports), plural(advice->result->ports_used),
		advice->result->ports_used == 1 ? "reaches" : "reach", advice->spread->servers,
		plural(advice->spread->servers));
	paragraph_end(&line);
}

/* Servers have all because there are too few ports for more of them. */
static void advise_on_ports(const advice_t *advice, paragraph_t *line)
{
	unsigned count = advice->result->ports_used;
	char target[TARGET_MAX];
	char ports[HUMAN_MAX];

	if (count == 1)
		paragraph_add(
			line,
			"1 source port is one flow to a director, which keeps it on one server. "
			"Either");
	else
		paragraph_add(
			line,
			"%s source ports are as many flows to a director, which keeps each of "
			"them on one server. Either",
			human_count(count, ports));
	paragraph_end(line);
	*line = begin_advice(advice, "- ");
	paragraph_add(line,
		      "let the forwarder use many random ports: doc/forwarders.md has the lines, "
		      "and --pool 2500 shows what comes of it; or");
	paragraph_end(line);
	*line = begin_advice(advice, "- ");
	paragraph_add(line, "have the director take each packet by itself, with");
	paragraph_add_whole(line, "'ipvsadm -E -u %s -s wrr -o'",
			    director_text(advice->result->setup.target, target));
	paragraph_add(line, "or 'ops' in keepalived.conf. This is for direct routing and tunnels.");
}

/* One server has all, or few have: is it the ports, or the director? */
static void advise_on_pinned(const advice_t *advice)
{
	const spray_result_t *result = advice->result;
	paragraph_t line = begin_advice(advice, "");
	char ports[HUMAN_MAX];

	if (advice->spread->servers == 1 && !advice->spread->is_told)
		paragraph_add(
			&line,
			"One server gave all answers. If it is the only one behind %s, that is "
			"as it should be. If not:",
			result->setup.target);
	if (result->ports_used <= advice->spread->pinned_to)
		advise_on_ports(advice, &line);
	else
		paragraph_add(
			&line,
			"It is not for want of source ports, %s were used. 'ipvsadm -L -n' on "
			"the director shows whether other servers are there, with a weight. The "
			"schedulers sh and mh tell clients apart by their addresses alone unless "
			"there is '-b sh-port' or '-b mh-port', and so does '-p'. See "
			"doc/forwarders.md and doc/farm.md.",
			human_count(result->ports_used, ports));
	paragraph_end(&line);
}

static void advise_on_unnamed(const advice_t *advice)
{
	paragraph_t line = begin_advice(advice, "");

	if (!advice->result->setup.has_nsid)
		paragraph_add(&line, "Servers were not asked who they are.");
	else
		paragraph_add(&line,
			      "%s: start each with a name of its own, spurnd with '--nsid NAME'.",
			      advice->spread->answers > 0
				      ? "Some answers do not say which server gave them"
				      : "No answer says which server gave it");
	paragraph_end(&line);
}

void spray_advice_on_spread(const spray_result_t *result, const spray_spread_t *spread,
			    size_t width, FILE *out)
{
	const advice_t advice = { result, spread, width, out };
	bool has_few_ports = spread->verdict == SPRAY_EVEN && !spread->is_told &&
			     result->ports_used == spread->servers;

	if (spread->unnamed > 0)
		advise_on_unnamed(&advice);
	if (spread->verdict == SPRAY_PINNED)
		advise_on_pinned(&advice);
	else if (spread->verdict == SPRAY_UNEVEN)
		advise_on_uneven(&advice);
	else if (has_few_ports)
		advise_on_few_ports(&advice);
	if (spread->unnamed > 0 || spread->verdict == SPRAY_PINNED ||
	    spread->verdict == SPRAY_UNEVEN || has_few_ports)
		putc('\n', out);
}
