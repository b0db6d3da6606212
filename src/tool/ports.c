/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "ports/port_audit.h"
#include "ports/port_system.h"
#include "tool/ports_options.h"
#include "tool/ports_report.h"
#include "ports/reserved_files.h"

/* Between two looks at the sockets: longer than most questions to name servers take, so that their sockets
 * are seen to come or go. */
#define LOOK_MS 200
/* Looks where sockets come and go. The two seconds that they take are more than all but the last tries of
 * a forwarder whose servers are silent. */
#define LOOKS_MAX 11

static const char help_text[] =
	"Usage: spurn ports [--pool N] [--range A-B] [options]\n"
	"\n"
	"Lists the UDP services of this machine, and tells which of them could lose their\n"
	"port to a DNS forwarder that takes a pool of random ports at boot, with what\n"
	"chance, and the line of sysctl that prevents it.\n"
	"\n"
	"  -p, --pool N         ports of the pool (2500, as Microsoft's DNS server has)\n"
	"  -r, --range A-B      where it takes them from; default: the kernel's range,\n"
	"                       net.ipv4.ip_local_port_range\n"
	"      --exclude X      leave out the process, or the ports, X; may be repeated\n"
	"      --include X      they are services, though they look like a pool\n"
	"      --services       known UDP services that are not running are at risk, too\n"
	"      --fix            write the line to /etc/sysctl.d/50-spurn-ports.conf, and\n"
	"                       have it take effect\n"
	"      --directory DIR  read and write files there instead; nothing takes effect\n"
	"  -j, --json           one JSON object, for programs; man spurn has the members\n"
	"  -h, --help           this\n"
	"\n"
	"Only root sees which processes other users' sockets are of, and may use --fix.\n"
	"\n"
	"Exit status: 0 nothing is at risk, or --fix has fixed it; 1 something is; 2 an\n"
	"error.\n";

static void sleep_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

static err_t copy_table(udp_table_t *copy, const udp_table_t *table)
{
	if (table->count == 0)
		return ERR_OK;
	copy->entries = malloc(table->count * sizeof(*table->entries));
	if (copy->entries == NULL)
		return ERR_NOMEM;
	memcpy(copy->entries, table->entries, table->count * sizeof(*table->entries));
	copy->count = copy->capacity = table->count;
	return ERR_OK;
}

/* Finds the sockets that stay, their owners, and how many came or went. */
static err_t look(udp_table_t *steady, socket_owners_t *owners, port_audit_t *audit)
{
	udp_table_t before = { 0 }, after = { 0 };
	err_t err = udp_table_read(&before);

	if (err == ERR_OK)
		err = copy_table(steady, &before);
	if (err == ERR_OK)
		err = socket_owners_find(steady, owners);
	for (unsigned looks = 1; looks < LOOKS_MAX && err == ERR_OK; looks++) {
		sleep_ms(LOOK_MS);
		err = udp_table_read(&after);
		if (err == ERR_OK)
			err = port_audit_passing(audit, steady, &before, &after);
		udp_table_t swap = before;
		before = after;
		after = swap;
		if (audit->passing_count == 0)
			break;
	}
	udp_table_free(&before);
	udp_table_free(&after);
	return err;
}

/* What the machine adds to the question. */
static err_t complete(ports_options_t *options, port_range_t *ephemeral)
{
	port_question_t *question = &options->question;
	err_t err = port_system_range(ephemeral);

	if (err == ERR_OK && !options->is_range_given)
		question->range = *ephemeral;
	if (err == ERR_OK)
		err = port_system_add_reserved(&question->reserved);
	port_system_add_services(&question->services);
	return err;
}

/* What is to be reserved, and what will not be any more. */
static void make_line(ports_report_t *report)
{
	const reserved_line_t *last = reserved_files_last(report->files);

	report->line = report->audit->at_risk;
	port_set_add_set(&report->line, &report->question->reserved);
	for (size_t i = 0; i < report->files->count; i++)
		port_set_add_set(&report->line, &report->files->lines[i].ports);
	report->forgotten = report->question->reserved;
	if (last != NULL)
		port_set_remove_set(&report->forgotten, &last->ports);
}

/* Has the files say all of the line, if they do not yet. */
static err_t write_file(ports_report_t *report, reserved_files_t *files, const char *directory)
{
	static const port_set_t nothing;
	const reserved_line_t *last = reserved_files_last(files);
	err_t err;

	report->fix = PORTS_FIX_NEEDLESS;
	if (port_set_has_set(last != NULL ? &last->ports : &nothing, &report->line))
		return ERR_OK;
	report->fix = PORTS_FIX_WRITTEN;
	err = reserved_files_write(directory, &report->line);
	reserved_files_free(files);
	if (err == ERR_OK)
		err = reserved_files_read(files, directory);
	last = reserved_files_last(files);
	if (err == ERR_OK && (last == NULL || !port_set_has_set(&last->ports, &report->line)))
		report->fix = PORTS_FIX_OVERRIDDEN;
	return err;
}

/* Does what --fix says. */
static err_t fix(ports_report_t *report, reserved_files_t *files, const char *directory)
{
	port_set_t reserved = { 0 };
	err_t err = write_file(report, files, directory);

	if (err == ERR_OK && directory == NULL &&
	    !port_set_has_set(&report->question->reserved, &report->line))
		err = reserved_ports_set(&report->line);
	if (err == ERR_OK)
		err = port_system_add_reserved(&reserved);
	report->is_in_effect = port_set_has_set(&reserved, &report->line);
	return err;
}

static err_t tell(ports_report_t *report, const ports_options_t *options)
{
	err_t err = ERR_OK;

	if (options->is_json)
		ports_report_json(report);
	else
		err = ports_report_print(report);
	return err;
}

static int status_of(const ports_report_t *report)
{
	if (report->fix == PORTS_FIX_NONE)
		return report->audit->at_risk_count > 0 ? 1 : 0;
	return report->fix == PORTS_FIX_OVERRIDDEN ? 1 : 0;
}

/* Looks, fixes if that is wanted, and tells; `*status` is the exit status if all goes well. */
static err_t audit_all(ports_options_t *options, int *status)
{
	udp_table_t steady = { 0 };
	socket_owners_t owners = { 0 };
	port_audit_t audit = { 0 };
	reserved_files_t files = { 0 };
	ports_report_t report = { .question = &options->question,
				  .audit = &audit,
				  .files = &files,
				  .is_range_given = options->is_range_given,
				  .directory = options->directory != NULL
						       ? options->directory
						       : RESERVED_FILES_DIRECTORY };

	err_t err = complete(options, &report.ephemeral);
	if (err == ERR_OK)
		err = reserved_files_read(&files, options->directory);
	if (err == ERR_OK)
		err = look(&steady, &owners, &audit);
	if (err == ERR_OK)
		err = port_audit_make(&audit, &options->question, &steady, &owners);
	if (err == ERR_OK) {
		make_line(&report);
		if (options->is_fix)
			err = fix(&report, &files, options->directory);
	}
	if (err == ERR_OK)
		err = tell(&report, options);
	if (err == ERR_NOMEM)
		log_error("%s", err_text(err));
	*status = status_of(&report);
	reserved_files_free(&files);
	port_audit_free(&audit);
	socket_owners_free(&owners);
	udp_table_free(&steady);
	return err;
}

static int run(int argc, char **argv)
{
	/* Some sets of ports, of 8 kB each, which need not be on the stack. */
	static ports_options_t options;
	int status = COMMAND_FAILED;

	switch (ports_options_parse(argc, argv, &options)) {
	case PORTS_PARSED_HELP:
		status = command_show_help(&command_ports);
		break;
	case PORTS_PARSED_BAD:
		status = command_refuse(&command_ports);
		break;
	case PORTS_PARSED_RUN:
		if (audit_all(&options, &status) != ERR_OK)
			status = COMMAND_FAILED;
		break;
	}
	ports_options_free(&options);
	return status;
}

const command_t command_ports = {
	.name = "ports",
	.summary = "tell which services a pool of random ports could hurt",
	.help = help_text,
	.run = run,
};
