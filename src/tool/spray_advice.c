/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_advice.h"

#include <stdarg.h>

#include "tool/human.h"
#include "tool/paragraph.h"
#include "tool/spray_words.h"

/* Columns in front of a note. */
#define BULLET_WIDTH 2
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
	paragraph_add(&line, "'spurn query @%s %s 127.0.0.2' asks it once.", setup->target,
		      setup->zone);
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
		     "due, but %u others were on the way: the server, or this machine, does not "
		     "reach "
		     "that rate.",
		     result->setup.in_flight);
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

/* Some have more than others, though none of them all of it. */
static void advise_on_uneven(const spray_result_t *result, const spray_spread_t *spread,
			     paragraph_t *line)
{
	size_t enough = FLOWS_FOR_EACH * spread->servers;
	char ports[HUMAN_MAX];

	human_count(result->ports_used, ports);
	if (result->ports_used < enough)
		paragraph_add(
			line,
			"To a director %s source ports are as many flows, too few for %zu "
			"servers: from %u for each server on they spread evenly (--pool %zu).",
			ports, spread->servers, FLOWS_FOR_EACH, enough);
	else
		paragraph_add(
			line,
			"It is not for want of source ports, %s were used. 'ipvsadm -L -n' on "
			"the director shows the servers' weights; or was one of them down "
			"for a while?",
			ports);
}

/* One server has all, or few have: is it the ports, or the director? */
static void advise_on_pinned(const spray_result_t *result, const spray_spread_t *spread,
			     paragraph_t *line)
{
	const char *target = result->setup.target;
	char ports[HUMAN_MAX];

	human_count(result->ports_used, ports);
	if (spread->servers == 1)
		paragraph_add(line,
			      "One server gave all answers. If it is the only one behind %s, "
			      "that is as it should be. If not:",
			      target);
	if (result->ports_used <= spread->pinned_to)
		paragraph_add(
			line,
			"%s source port%s %s flow%s to a director, and each flow stays with one "
			"server. Let the forwarder use many random ports (doc/forwarders.md has "
			"the lines; --pool 2500 shows what comes of it), or have the director "
			"take each packet by itself: one-packet scheduling, 'ipvsadm -E -u "
			"ADDRESS:53 -s wrr -o' or 'ops' in keepalived.conf, for direct routing "
			"and tunnels.",
			ports, result->ports_used == 1 ? "" : "s",
			result->ports_used == 1 ? "is one" : "are as many",
			result->ports_used == 1 ? "" : "s");
	else
		paragraph_add(
			line,
			"It is not for want of source ports, %s were used. 'ipvsadm -L -n' on the "
			"director shows whether other servers are there, with a weight; the "
			"schedulers sh and mh tell clients apart by address alone unless there is "
			"'-b sh-port' or '-b mh-port', and so does '-p'. See doc/forwarders.md "
			"and doc/farm.md.",
			ports);
}

void spray_advice_on_spread(const spray_result_t *result, const spray_spread_t *spread,
			    size_t width, FILE *out)
{
	paragraph_t line = { .out = NULL };

	if (spread->verdict == SPRAY_PINNED || spread->verdict == SPRAY_UNEVEN ||
	    spread->unnamed > 0)
		line = paragraph_begin(out, width, 0, "");
	if (!result->setup.has_nsid && spread->unnamed > 0)
		paragraph_add(&line, "Servers were not asked who they are.");
	else if (spread->unnamed > 0)
		paragraph_add(&line,
			      "%s: start each with a name of its own, spurnd with '--nsid NAME'.",
			      spread->answers > 0 ? "Some answers do not say which server gave them"
						  : "No answer says which server gave it");
	if (spread->verdict == SPRAY_PINNED)
		advise_on_pinned(result, spread, &line);
	else if (spread->verdict == SPRAY_UNEVEN)
		advise_on_uneven(result, spread, &line);
	if (line.out == NULL)
		return;
	paragraph_end(&line);
	putc('\n', out);
}
