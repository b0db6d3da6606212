/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports_table.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>

#include "ports/port_system.h"
#include "tool/table.h"

/* Bytes of a user's name; Linux has 32 at most. */
#define USER_MAX 64

const char *ports_user_name(uint32_t uid)
{
	/* The user of one socket is mostly that of the next one. */
	static char name[USER_MAX];
	static uint32_t last;

	if (*name == '\0' || last != uid) {
		const struct passwd *user = getpwuid((uid_t)uid);

		if (user != NULL)
			snprintf(name, sizeof(name), "%s", user->pw_name);
		else
			snprintf(name, sizeof(name), "%lu", (unsigned long)uid);
		last = uid;
	}
	return name;
}

const char *ports_percent(double chance, char text[PORTS_PERCENT_MAX])
{
	if (chance > 0.9995 && chance < 1)
		snprintf(text, PORTS_PERCENT_MAX, "> 99.9 %%");
	else if (chance >= 1 || chance <= 0)
		snprintf(text, PORTS_PERCENT_MAX, "%.0f %%", chance * 100);
	else if (chance >= 0.01)
		snprintf(text, PORTS_PERCENT_MAX, "%.1f %%", chance * 100);
	else
		snprintf(text, PORTS_PERCENT_MAX, "%.2g %%", chance * 100);
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
				char text[PORTS_PERCENT_MAX])
{
	switch (verdict) {
	case PORT_VERDICT_AT_RISK:
		return ports_percent(audit->chance_each, text);
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
	char text[PORTS_PERCENT_MAX];

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
	char text[PORTS_PERCENT_MAX];

	table_add(table, "%s", "");
	table_add(table, "%u", port);
	table_add(table, "%s", port_system_service(port, service));
	table_add(table, "%s", "(not running)");
	table_add(table, "%s", "");
	table_add(table, "%s", "");
	table_add(table, "%s", ports_percent(audit->chance_each, text));
}

err_t ports_table_write(const port_audit_t *audit)
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
