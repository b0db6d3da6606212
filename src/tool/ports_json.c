/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports_report.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "tool/command.h"
#include "tool/json.h"
#include "ports/port_system.h"
#include "tool/ports_forwarders.h"
#include "tool/ports_table.h"

/* What jansson cannot do for want of memory it leaves out, or makes NULL, which json_write_line finds. */

static const char *const verdicts[] = {
	[PORT_VERDICT_AT_RISK] = "at risk",
	[PORT_VERDICT_OUTSIDE] = "outside",
	[PORT_VERDICT_RESERVED] = "reserved",
	[PORT_VERDICT_EXCLUDED] = "excluded",
};

static const char *const fixes[] = {
	[PORTS_FIX_NONE] = NULL,
	[PORTS_FIX_NEEDLESS] = "needless",
	[PORTS_FIX_WRITTEN] = "written",
	[PORTS_FIX_OVERRIDDEN] = "overridden",
};

/* A set of ports as the kernel's list. */
static json_t *ports_json(const port_set_t *ports)
{
	char *text = port_set_text(ports);
	json_t *value = text != NULL ? json_string(text) : NULL;

	if (value == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
		exit(COMMAND_FAILED);
	}
	free(text);
	return value;
}

static json_t *range_json(port_range_t range)
{
	return json_pack("{s:i, s:i}", "first", range.first, "last", range.last);
}

/* Adds the name of the service, or null. */
static void add_service(json_t *object, uint16_t port)
{
	char name[PORT_SERVICE_MAX];

	(void)json_object_set_new(object, "service", json_null());
	if (*port_system_service(port, name) != '\0')
		json_add_text(object, "service", name);
}

static json_t *listener_json(const port_audit_t *audit, const port_listener_t *listener)
{
	char address[INET6_ADDRSTRLEN];
	json_t *object = json_object();
	json_t *pids = json_array();

	inet_ntop(listener->family, listener->address, address, sizeof(address));
	json_add_text(object, "address", address);
	(void)json_object_set_new(object, "port", json_integer(listener->port));
	add_service(object, listener->port);
	(void)json_object_set_new(object, "process", json_null());
	if (listener->pid_count > 0)
		json_add_text(object, "process", listener->process);
	for (size_t i = 0; i < listener->pid_count; i++)
		(void)json_array_append_new(pids, json_integer(listener->pids[i]));
	(void)json_object_set_new(object, "pids", pids);
	(void)json_object_set_new(object, "is_kernel",
				  json_boolean(listener->pid_count == 0 && !audit->is_partial));
	json_add_text(object, "user", ports_user_name(listener->uid));
	json_add_text(object, "state", verdicts[listener->verdict]);
	(void)json_object_set_new(object, "chance",
				  listener->verdict == PORT_VERDICT_AT_RISK
					  ? json_real(audit->chance_each)
					  : json_real(0));
	return object;
}

static json_t *listeners_json(const port_audit_t *audit)
{
	json_t *list = json_array();

	for (size_t i = 0; i < audit->listener_count; i++)
		(void)json_array_append_new(list, listener_json(audit, &audit->listeners[i]));
	return list;
}

/* Services at risk that are not running. */
static json_t *services_json(const port_audit_t *audit)
{
	json_t *list = json_array();
	port_range_t row;

	for (unsigned at = 0; port_set_next(&audit->not_running, at, &row); at = row.last + 1u) {
		for (unsigned port = row.first; port <= row.last; port++) {
			json_t *object = json_object();

			(void)json_object_set_new(object, "port", json_integer(port));
			add_service(object, (uint16_t)port);
			(void)json_object_set_new(object, "chance", json_real(audit->chance_each));
			(void)json_array_append_new(list, object);
		}
	}
	return list;
}

static json_t *left_out_json(const port_audit_t *audit)
{
	json_t *list = json_array();

	for (size_t i = 0; i < audit->pool_count; i++) {
		const port_pool_t *pool = &audit->pools[i];
		json_t *object = json_pack("{s:s, s:i}", "reason", "pool", "ports", pool->ports);

		if (pool->pid != 0) {
			json_add_text(object, "process", pool->process);
			(void)json_object_set_new(object, "pid", json_integer(pool->pid));
		}
		json_add_text(object, "user", ports_user_name(pool->uid));
		(void)json_array_append_new(list, object);
	}
	for (size_t i = 0; i < audit->passing_count; i++) {
		json_t *object = json_pack("{s:s, s:i}", "reason", "passing", "sockets",
					   audit->passing[i].sockets);

		json_add_text(object, "user", ports_user_name(audit->passing[i].uid));
		(void)json_array_append_new(list, object);
	}
	return list;
}

static json_t *forwarders_json(const ports_report_t *report)
{
	const ports_forwarder_t *forwarder;
	json_t *list = json_array();
	size_t at = 0;

	if (port_set_count(&report->line, port_range_all) == 0)
		return list;
	while ((forwarder = ports_forwarder_next(report->audit, &at)) != NULL) {
		char *lines = forwarder->lines(&report->line);
		json_t *object = json_object();

		json_add_text(object, "process", forwarder->process);
		json_add_text(object, "file", forwarder->file);
		json_add_text(object, "lines", lines);
		(void)json_array_append_new(list, object);
		free(lines);
	}
	return list;
}

static json_t *files_json(const reserved_files_t *files)
{
	json_t *list = json_array();

	for (size_t i = 0; i < files->count; i++) {
		const reserved_line_t *line = &files->lines[i];
		json_t *object = json_object();

		json_add_text(object, "path", line->path);
		(void)json_object_set_new(object, "line", json_integer(line->number));
		(void)json_object_set_new(object, "ports", ports_json(&line->ports));
		(void)json_array_append_new(list, object);
	}
	return list;
}

static json_t *fix_json(const ports_report_t *report)
{
	json_t *object = json_object();

	if (report->fix == PORTS_FIX_NONE) {
		json_decref(object);
		return json_null();
	}
	(void)json_object_set_new(object, "path",
				  json_sprintf("%s/" RESERVED_FILES_OURS, report->directory));
	json_add_text(object, "result", fixes[report->fix]);
	(void)json_object_set_new(object, "in_effect", json_boolean(report->is_in_effect));
	return object;
}

/* The line of sysctl, or null where nothing is at risk. */
static void add_line(json_t *object, const ports_report_t *report)
{
	json_t *ports = ports_json(&report->line);
	bool is_due = report->audit->at_risk_count > 0;

	(void)json_object_set_new(
		object, "line",
		is_due ? json_sprintf(RESERVED_FILES_KEY " = %s", json_string_value(ports))
		       : json_null());
	json_decref(ports);
}

void ports_report_json(const ports_report_t *report)
{
	const port_question_t *question = report->question;
	const port_audit_t *audit = report->audit;
	json_t *object = json_object();

	(void)json_object_set_new(object, "range", range_json(question->range));
	(void)json_object_set_new(object, "ephemeral_range", range_json(report->ephemeral));
	(void)json_object_set_new(object, "pool", json_integer(question->pool));
	(void)json_object_set_new(object, "candidates", json_integer(audit->candidates));
	(void)json_object_set_new(object, "reserved", ports_json(&question->reserved));
	(void)json_object_set_new(object, "listeners", listeners_json(audit));
	(void)json_object_set_new(object, "not_running", services_json(audit));
	(void)json_object_set_new(object, "connected", json_integer(audit->connected));
	(void)json_object_set_new(object, "left_out", left_out_json(audit));
	(void)json_object_set_new(object, "is_partial", json_boolean(audit->is_partial));
	(void)json_object_set_new(object, "at_risk", ports_json(&audit->at_risk));
	(void)json_object_set_new(object, "at_risk_count", json_integer(audit->at_risk_count));
	(void)json_object_set_new(object, "chance_each", json_real(audit->chance_each));
	(void)json_object_set_new(object, "chance_any", json_real(audit->chance_any));
	add_line(object, report);
	(void)json_object_set_new(object, "forwarders", forwarders_json(report));
	(void)json_object_set_new(object, "files", files_json(report->files));
	(void)json_object_set_new(object, "until_boot", ports_json(&report->forgotten));
	(void)json_object_set_new(object, "fix", fix_json(report));
	json_write_line(object);
}
