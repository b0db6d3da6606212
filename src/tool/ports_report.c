/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/plural.h"
#include "tool/human.h"
#include "tool/paragraph.h"
#include "tool/ports_forwarders.h"
#include "tool/ports_table.h"
#include "tool/table.h"

/* Bytes for a chance in words. */
#define WORDS_MAX (HUMAN_MAX + 96)
/* Bytes of a list that sysctl(8) may not have the kernel take as a whole. */
#define PAGE_LENGTH 4092

/* A chance in words: at how many starts of the machine it happens. */
static const char *in_words(double chance, char text[WORDS_MAX])
{
	char number[HUMAN_MAX];

	if (chance >= 1)
		strcpy(text, "at every boot");
	else if (chance > 0.75)
		strcpy(text, "at most boots");
	else if (chance > 0.4)
		strcpy(text, "at about every other boot");
	else
		snprintf(text, WORDS_MAX, "at about one boot in %s",
			 human_count((uint64_t)(1 / chance + 0.5), number));
	return text;
}

/* Begins a paragraph, with a blank line before it. */
static paragraph_t begin(void)
{
	putchar('\n');
	return paragraph_begin(stdout, table_width_of(stdout), 0, "");
}

/* Writes a paragraph, of at most PARAGRAPH_TEXT_MAX bytes. */
static void say(const char *format, ...) ATTR_PRINTF(1, 2);

static void say(const char *format, ...)
{
	char text[PARAGRAPH_TEXT_MAX];
	paragraph_t paragraph = begin();
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	paragraph_add(&paragraph, "%s", text);
	paragraph_end(&paragraph);
}

/* What the trouble is, and how likely. */
static void write_risk(const ports_report_t *report)
{
	const port_question_t *question = report->question;
	const port_audit_t *audit = report->audit;
	unsigned count = audit->at_risk_count;
	char pool[HUMAN_MAX], candidates[HUMAN_MAX], words[WORDS_MAX];
	char each[PORTS_PERCENT_MAX], any[PORTS_PERCENT_MAX];
	char other[WORDS_MAX] = "";

	human_count(question->pool, pool);
	human_count(audit->candidates, candidates);
	if (count == 0) {
		say("Nothing is at risk from a pool of %s random ports of the %s in %u-%u%s that "
		    "are not "
		    "reserved.",
		    pool, candidates, question->range.first, question->range.last,
		    report->is_range_given ? "" : " (the kernel's range)");
		return;
	}
	if (count > 1)
		snprintf(other, sizeof(other), ", and at least one with %s",
			 ports_percent(audit->chance_any, any));
	say("At risk: %u port%s. A forwarder that binds a pool of %s random UDP ports at boot, of "
	    "the "
	    "%s that are not reserved (in %u-%u%s), takes %s with a chance of %s%s: %s. The "
	    "service "
	    "that starts after it then finds its port taken, and fails to start.",
	    count, plural(count), pool, candidates, question->range.first, question->range.last,
	    report->is_range_given ? "" : ", the kernel's range",
	    count == 1 ? "it" : "each of them", ports_percent(audit->chance_each, each), other,
	    in_words(audit->chance_any, words));
}

/* What was left out, and why. */
static void write_left_out(const port_audit_t *audit)
{
	for (size_t i = 0; i < audit->pool_count; i++) {
		const port_pool_t *pool = &audit->pools[i];

		if (pool->pid != 0)
			say("Left out: %u ports of %s (%d), which are scattered and have no "
			    "service's "
			    "name, like a pool's. If they are services: --include %s",
			    pool->ports, pool->process, (int)pool->pid, pool->process);
		else
			say("Left out: %u ports of user %s, which are scattered and have no "
			    "service's "
			    "name, like a pool's. If some are services: --include PORTS",
			    pool->ports, ports_user_name(pool->uid));
	}
	for (size_t i = 0; i < audit->passing_count; i++)
		say("Left out: %u socket%s of user %s that came or went meanwhile: queries on "
		    "their "
		    "way, and no services.",
		    audit->passing[i].sockets, plural(audit->passing[i].sockets),
		    ports_user_name(audit->passing[i].uid));
}

/* Who could not be named. */
static void write_unknown(const port_audit_t *audit)
{
	size_t unknown = 0;

	for (size_t i = 0; i < audit->listener_count; i++)
		unknown += audit->listeners[i].pid_count == 0;
	if (unknown == 0)
		return;
	if (audit->is_partial)
		say("?: no process was found, for not all may be looked into%s.",
		    geteuid() != 0 ? "; root sees them all" : "");
	else
		say("(kernel): no process has it open, as with WireGuard and VXLAN, or one that is "
		    "in "
		    "another PID namespace.");
}

/* May the kernel have chosen this port? */
static bool is_nameless(const ports_report_t *report, const port_listener_t *listener)
{
	return listener->pid_count > 0 &&
	       !port_set_has(&report->question->services, listener->port) &&
	       port_range_has(report->ephemeral, listener->port);
}

/* Has the process of `listener` another port, which it must have asked for? */
static bool has_other(const ports_report_t *report, const port_listener_t *listener)
{
	const port_audit_t *audit = report->audit;

	for (size_t i = 0; i < audit->listener_count; i++) {
		const port_listener_t *other = &audit->listeners[i];

		if (other->pid_count > 0 && other->pids[0] == listener->pids[0] &&
		    !is_nameless(report, other))
			return true;
	}
	return false;
}

/* A daemon's second socket often has a port that the kernel has chosen, a new one at each start. Nothing says
 * so, but that it has no name while the daemon has a port with one. */
static err_t write_doubtful(const ports_report_t *report)
{
	const port_audit_t *audit = report->audit;
	port_set_t doubtful = { 0 };

	for (size_t i = 0; i < audit->listener_count; i++) {
		const port_listener_t *one = &audit->listeners[i];

		if (one->verdict == PORT_VERDICT_AT_RISK && is_nameless(report, one) &&
		    has_other(report, one))
			port_set_add(&doubtful, (port_range_t){ one->port, one->port });
	}
	if (port_set_count(&doubtful, port_range_all) == 0)
		return ERR_OK;
	char *ports = port_set_text(&doubtful);
	if (ports == NULL)
		return ERR_NOMEM;
	say("Perhaps chosen by the kernel, and others after the next start: ports without a name, "
	    "of "
	    "processes that have another port. If so:");
	printf("\n--exclude %s\n", ports);
	free(ports);
	return ERR_OK;
}

/* The lines that help. */
static err_t write_lines(const ports_report_t *report)
{
	const ports_forwarder_t *forwarder;
	char *line = port_set_text(&report->line);
	size_t at = 0;

	if (line == NULL)
		return ERR_NOMEM;
	if (report->audit->at_risk_count > 0) {
		say("Prevented by this line in " RESERVED_FILES_DIRECTORY
		    ", which spurn ports --fix writes:");
		printf("\n" RESERVED_FILES_KEY " = %s\n", line);
	}
	bool is_empty = *line == '\0';
	free(line);
	while (!is_empty && (forwarder = ports_forwarder_next(report->audit, &at)) != NULL) {
		char *lines = forwarder->lines(&report->line);

		if (lines == NULL)
			return ERR_NOMEM;
		say("%s chooses ports itself, and takes reserved ones, too, unless %s says:",
		    forwarder->name, forwarder->file);
		printf("\n%s\n", lines);
		free(lines);
	}
	return ERR_OK;
}

/* What is reserved now, but not after the next start. */
static err_t write_forgotten(const ports_report_t *report)
{
	const reserved_line_t *last = reserved_files_last(report->files);

	if (report->fix != PORTS_FIX_NONE ||
	    port_set_count(&report->forgotten, port_range_all) == 0)
		return ERR_OK;
	char *ports = port_set_text(&report->forgotten);
	if (ports == NULL)
		return ERR_NOMEM;
	if (last == NULL)
		say("Reserved until the next boot only, as no file of sysctl has them:");
	else
		say("Reserved until the next boot only, as %s:%u has the last word, without them:",
		    last->path, last->number);
	printf("\n%s\n", ports);
	free(ports);
	return ERR_OK;
}

/* procps' sysctl gives the kernel a line in one go, and that takes what fits a page; what is behind that is
 * lost, and nobody told. systemd-sysctl, at boot, gives the rest as well. */
static err_t write_length(const ports_report_t *report)
{
	char *line = port_set_text(&report->line);

	if (line == NULL)
		return ERR_NOMEM;
	if (strlen(line) >= PAGE_LENGTH &&
	    (report->audit->at_risk_count > 0 || report->fix != PORTS_FIX_NONE))
		say("The line is long: sysctl(8) gives the kernel its first 4,092 bytes only. "
		    "systemd-sysctl, at boot, gives all of it.");
	free(line);
	return ERR_OK;
}

static void write_fix(const ports_report_t *report)
{
	const reserved_line_t *last = reserved_files_last(report->files);
	const char *directory = report->directory;

	switch (report->fix) {
	case PORTS_FIX_NONE:
		break;
	case PORTS_FIX_NEEDLESS:
		say("%s: nothing to write.", last != NULL ? last->path : directory);
		break;
	case PORTS_FIX_OVERRIDDEN:
		say("%s/" RESERVED_FILES_OURS " is there, but %s:%u is read behind it and has the "
		    "last word. Remove that line: all its ports are in the file.",
		    directory, last->path, last->number);
		break;
	case PORTS_FIX_WRITTEN:
		if (report->is_in_effect)
			say("Written: %s/" RESERVED_FILES_OURS
			    "; it is in effect now, and after each boot.",
			    directory);
		else
			say("Written: %s/" RESERVED_FILES_OURS ". To have it now: sysctl -p "
			    "%s/" RESERVED_FILES_OURS,
			    directory, directory);
		break;
	}
}

err_t ports_report_print(const ports_report_t *report)
{
	if (report->audit->listener_count == 0)
		puts("No UDP services listen here.");
	err_t err = ports_table_write(report->audit);

	if (err != ERR_OK)
		return err;
	write_risk(report);
	err = write_doubtful(report);
	write_left_out(report->audit);
	write_unknown(report->audit);
	if (err == ERR_OK)
		err = write_lines(report);
	if (err == ERR_OK)
		err = write_forgotten(report);
	if (err == ERR_OK)
		err = write_length(report);
	write_fix(report);
	return err;
}
