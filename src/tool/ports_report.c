/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports_report.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/human.h"
#include "tool/port_system.h"
#include "tool/ports_forwarders.h"
#include "tool/table.h"

/* Bytes for a chance in percent. */
#define PERCENT_MAX 16
/* Bytes for a chance in words. */
#define WORDS_MAX (HUMAN_MAX + 96)
/* Bytes of a list that sysctl(8) may not have the kernel take as a whole. */
#define PAGE_LENGTH 4092
/* Columns of a line of text. */
#define LINE_WIDTH 80

const char *ports_user_name(uint32_t uid)
{
	static char number[HUMAN_MAX];
	const struct passwd *user = getpwuid((uid_t)uid);

	if (user != NULL)
		return user->pw_name;
	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	return number;
}

/* 8.9 %, 0.012 %; neither 0 % nor 100 % of what is not quite that. */
static const char *percent(double chance, char text[PERCENT_MAX])
{
	if (chance > 0.9995 && chance < 1)
		snprintf(text, PERCENT_MAX, "> 99.9 %%");
	else if (chance >= 1 || chance <= 0)
		snprintf(text, PERCENT_MAX, "%.0f %%", chance * 100);
	else if (chance >= 0.01)
		snprintf(text, PERCENT_MAX, "%.1f %%", chance * 100);
	else
		snprintf(text, PERCENT_MAX, "%.2g %%", chance * 100);
	return text;
}

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

/* The first process of a listener, and how many others there are. */
static void add_process(table_t *table, const port_audit_t *audit, const port_listener_t *listener)
{
	if (listener->pid_count == 0)
		table_add(table, "%s", audit->is_partial ? "?" : "(kernel)");
	else
		table_add(table, "%s", listener->process);
	if (listener->pid_count == 0)
		table_add(table, "%s", "");
	else if (listener->pid_count == 1)
		table_add(table, "%d", (int)listener->pids[0]);
	else
		table_add(table, "%d +%zu", (int)listener->pids[0], listener->pid_count - 1);
}

static const char *verdict_text(const port_audit_t *audit, port_verdict_t verdict,
				char text[PERCENT_MAX])
{
	switch (verdict) {
	case PORT_VERDICT_AT_RISK:
		return percent(audit->chance_each, text);
	case PORT_VERDICT_RESERVED:
		return "reserved";
	case PORT_VERDICT_EXCLUDED:
		return "excluded";
	case PORT_VERDICT_OUTSIDE:
		break;
	}
	return "no";
}

static void add_listener(table_t *table, const port_audit_t *audit, const port_listener_t *listener)
{
	char address[INET6_ADDRSTRLEN];
	char service[PORT_SERVICE_MAX];
	char text[PERCENT_MAX];

	inet_ntop(listener->family, listener->address, address, sizeof(address));
	table_add(table, "%s", address);
	table_add(table, "%u", listener->port);
	table_add(table, "%s", port_system_service(listener->port, service));
	add_process(table, audit, listener);
	table_add(table, "%s", ports_user_name(listener->uid));
	table_add(table, "%s", verdict_text(audit, listener->verdict, text));
}

static void add_service(table_t *table, const port_audit_t *audit, uint16_t port)
{
	char service[PORT_SERVICE_MAX];
	char text[PERCENT_MAX];

	table_add(table, "%s", "");
	table_add(table, "%u", port);
	table_add(table, "%s", port_system_service(port, service));
	table_add(table, "%s", "(not running)");
	table_add(table, "%s", "");
	table_add(table, "%s", "");
	table_add(table, "%s", percent(audit->chance_each, text));
}

static err_t write_table(const port_audit_t *audit)
{
	static const table_column_t columns[] = {
		{ "ADDRESS", false }, { "PORT", true },  { "SERVICE", false }, { "PROCESS", false },
		{ "PID", true },      { "USER", false }, { "AT RISK", true },
	};
	table_t *table = table_new(columns, COUNT_OF(columns));
	port_range_t row;

	if (table == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < audit->listener_count; i++)
		add_listener(table, audit, &audit->listeners[i]);
	for (unsigned at = 0; port_set_next(&audit->not_running, at, &row); at = row.last + 1u) {
		for (unsigned port = row.first; port <= row.last; port++)
			add_service(table, audit, (uint16_t)port);
	}
	err_t err = table_write(table, table_width_of(stdout), stdout);
	table_free(table);
	return err;
}

/* Writes a paragraph, with a blank line before it, in lines of at most 80 columns. */
static err_t paragraph(const char *format, ...) ATTR_PRINTF(1, 2);

static err_t paragraph(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	size_t column = 0;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return ERR_NOMEM;
	table_clean(text);
	putchar('\n');
	for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL;) {
		size_t size = strlen(word);

		if (column > 0 && column + 1 + size > LINE_WIDTH) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%s", column > 0 ? " " : "", word);
	}
	putchar('\n');
	free(text);
	return ERR_OK;
}

/* What the trouble is, and how likely. */
static err_t write_risk(const ports_report_t *report)
{
	const port_question_t *question = report->question;
	const port_audit_t *audit = report->audit;
	unsigned count = audit->at_risk_count;
	char pool[HUMAN_MAX], candidates[HUMAN_MAX], words[WORDS_MAX];
	char each[PERCENT_MAX], any[PERCENT_MAX];
	char other[WORDS_MAX] = "";
	const char *whose = report->is_range_given ? "" : ", the kernel's range";

	human_count(question->pool, pool);
	human_count(audit->candidates, candidates);
	if (count == 0)
		return paragraph("Nothing is at risk from a pool of %s random ports of the %s in "
				 "%u-%u%s that are not reserved.",
				 pool, candidates, question->range.first, question->range.last,
				 *whose != '\0' ? " (the kernel's range)" : "");
	if (count > 1)
		snprintf(other, sizeof(other), ", and at least one with %s",
			 percent(audit->chance_any, any));
	return paragraph("At risk: %u port%s. A forwarder that binds a pool of %s random UDP ports "
			 "at boot, of the %s that are not reserved (in %u-%u%s), takes %s with a "
			 "chance of %s%s: %s. The service that starts after it then finds its port "
			 "taken, and fails to start.",
			 count, count == 1 ? "" : "s", pool, candidates, question->range.first,
			 question->range.last, whose, count == 1 ? "it" : "each of them",
			 percent(audit->chance_each, each), other,
			 in_words(audit->chance_any, words));
}

/* What was left out, and why. */
static err_t write_left_out(const port_audit_t *audit)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < audit->pool_count && err == ERR_OK; i++) {
		const port_pool_t *pool = &audit->pools[i];

		if (pool->pid != 0)
			err = paragraph(
				"Left out: %u ports of %s (%d), which are scattered and "
				"have no service's name, like a pool's. If they are services: "
				"--include %s",
				pool->ports, pool->process, (int)pool->pid, pool->process);
		else
			err = paragraph(
				"Left out: %u ports of user %s, which are scattered and "
				"have no service's name, like a pool's. If some are services: "
				"--include PORTS",
				pool->ports, ports_user_name(pool->uid));
	}
	for (size_t i = 0; i < audit->passing_count && err == ERR_OK; i++)
		err = paragraph("Left out: %u socket%s of user %s that came or went meanwhile: "
				"queries on their way, and no services.",
				audit->passing[i].sockets,
				audit->passing[i].sockets == 1 ? "" : "s",
				ports_user_name(audit->passing[i].uid));
	return err;
}

/* Who could not be named. */
static err_t write_unknown(const port_audit_t *audit)
{
	size_t unknown = 0;

	for (size_t i = 0; i < audit->listener_count; i++)
		unknown += audit->listeners[i].pid_count == 0;
	if (unknown == 0)
		return ERR_OK;
	if (audit->is_partial)
		return paragraph("?: no process was found, for not all may be looked into%s.",
				 geteuid() != 0 ? "; root sees them all" : "");
	return paragraph(
		"(kernel): no process has it open, as with WireGuard and VXLAN, or one that "
		"is in another PID namespace.");
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
	err_t err = ERR_OK;

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
	err = paragraph("Perhaps chosen by the kernel, and another one after the next start: %s "
			"(without a name, of processes that have another port). If so: "
			"--exclude %s",
			ports, ports);
	free(ports);
	return err;
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
		(void)paragraph("Prevented by this line in " RESERVED_FILES_DIRECTORY
				", which spurn ports --fix writes:");
		printf("\n" RESERVED_FILES_KEY " = %s\n", line);
	}
	bool is_empty = *line == '\0';
	free(line);
	while (!is_empty && (forwarder = ports_forwarder_next(report->audit, &at)) != NULL) {
		char *lines = forwarder->lines(&report->line);

		if (lines == NULL)
			return ERR_NOMEM;
		(void)paragraph("%s chooses ports itself, and takes reserved ones, too, unless "
				"%s says:",
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
	err_t err = ERR_OK;

	if (report->fix != PORTS_FIX_NONE ||
	    port_set_count(&report->forgotten, port_range_all) == 0)
		return ERR_OK;
	char *ports = port_set_text(&report->forgotten);
	if (ports == NULL)
		return ERR_NOMEM;
	if (last == NULL)
		err = paragraph(
			"Reserved until the next boot only, as no file of sysctl has it: %s",
			ports);
	else
		err = paragraph("Reserved until the next boot only, as %s:%u has the last word, "
				"without it: %s",
				last->path, last->number, ports);
	free(ports);
	return err;
}

/* procps' sysctl gives the kernel a line in one go, and that takes what fits a page; what is behind that is
 * lost, and nobody told. systemd-sysctl, at boot, gives the rest as well. */
static err_t write_length(const ports_report_t *report)
{
	char *line = port_set_text(&report->line);

	if (line == NULL)
		return ERR_NOMEM;
	size_t length = strlen(line);
	free(line);
	if (length < PAGE_LENGTH)
		return ERR_OK;
	return paragraph("The line is long: sysctl(8) gives the kernel its first 4,092 bytes only. "
			 "systemd-sysctl, at boot, gives all of it.");
}

static err_t write_fix(const ports_report_t *report)
{
	const reserved_line_t *last = reserved_files_last(report->files);

	switch (report->fix) {
	case PORTS_FIX_NONE:
		return ERR_OK;
	case PORTS_FIX_NEEDLESS:
		return last != NULL ? paragraph("%s has all of it: nothing to write.", last->path)
				    : paragraph("Nothing to write.");
	case PORTS_FIX_OVERRIDDEN:
		return paragraph(
			"%s/" RESERVED_FILES_OURS " is there, but %s:%u is read behind it "
			"and has the last word. Remove that line: all its ports are in the "
			"file.",
			report->directory, last->path, last->number);
	case PORTS_FIX_WRITTEN:
		break;
	}
	if (report->is_in_effect)
		return paragraph("Written: %s/" RESERVED_FILES_OURS "; it is in effect now, and "
				 "after each boot.",
				 report->directory);
	return paragraph("Written: %s/" RESERVED_FILES_OURS ". To have it now: sysctl -p "
			 "%s/" RESERVED_FILES_OURS,
			 report->directory, report->directory);
}

err_t ports_report_print(const ports_report_t *report)
{
	err_t err = write_table(report->audit);

	if (err == ERR_OK)
		err = write_risk(report);
	if (err == ERR_OK)
		err = write_doubtful(report);
	if (err == ERR_OK)
		err = write_left_out(report->audit);
	if (err == ERR_OK)
		err = write_unknown(report->audit);
	if (err == ERR_OK)
		err = write_lines(report);
	if (err == ERR_OK)
		err = write_forgotten(report);
	if (err == ERR_OK)
		err = write_length(report);
	if (err == ERR_OK)
		err = write_fix(report);
	return err;
}
