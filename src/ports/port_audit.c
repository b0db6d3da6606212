/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/port_audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ports/port_chance.h"

/* A process that has a socket; pid 0 and no name if none was found. */
typedef struct claim {
	const udp_entry_t *entry;
	char process[SOCKET_OWNER_NAME];
	pid_t pid;
	bool is_pool;
} claim_t;

typedef struct claims {
	claim_t *all;
	size_t count;
	size_t capacity;
} claims_t;

bool port_choice_has(const port_choice_t *choice, uint16_t port, const char *process)
{
	if (port_set_has(&choice->ports, port))
		return true;
	for (size_t i = 0; i < choice->process_count; i++) {
		if (process[0] != '\0' &&
		    strncmp(choice->processes[i], process, SOCKET_OWNER_NAME - 1) == 0)
			return true;
	}
	return false;
}

static err_t count_passing(port_audit_t *audit, uint32_t uid)
{
	size_t i = 0;
	size_t capacity = audit->passing_count;
	err_t err = ERR_OK;

	while (i < audit->passing_count && audit->passing[i].uid != uid)
		i++;
	if (i == audit->passing_count) {
		/* Users are few, so that it does not matter to make room for each. */
		err = array_reserve((void **)&audit->passing, &capacity, i + 1,
				    sizeof(*audit->passing));
		if (err != ERR_OK)
			return err;
		audit->passing[audit->passing_count++] = (port_passing_t){ uid, 0 };
	}
	audit->passing[i].sockets++;
	return ERR_OK;
}

err_t port_audit_passing(port_audit_t *audit, udp_table_t *steady, const udp_table_t *before,
			 const udp_table_t *after)
{
	size_t kept = 0;
	err_t err = ERR_OK;

	for (size_t i = 0; i < after->count && err == ERR_OK; i++) {
		if (!after->entries[i].is_connected && !udp_table_has(before, &after->entries[i]))
			err = count_passing(audit, after->entries[i].uid);
	}
	for (size_t i = 0; i < steady->count && err == ERR_OK; i++) {
		const udp_entry_t *entry = &steady->entries[i];

		if (udp_table_has(after, entry))
			steady->entries[kept++] = *entry;
		else if (!entry->is_connected)
			err = count_passing(audit, entry->uid);
	}
	if (err == ERR_OK)
		steady->count = kept;
	return err;
}

static err_t add_claim(claims_t *claims, const udp_entry_t *entry, const socket_owner_t *owner)
{
	err_t err = array_reserve((void **)&claims->all, &claims->capacity, claims->count + 1,
				  sizeof(*claims->all));
	if (err != ERR_OK)
		return err;
	claim_t *claim = &claims->all[claims->count++];
	*claim = (claim_t){ .entry = entry };
	if (owner != NULL) {
		claim->pid = owner->pid;
		memcpy(claim->process, owner->name, sizeof(claim->process));
	}
	return ERR_OK;
}

static err_t collect(claims_t *claims, const udp_table_t *table, const socket_owners_t *owners,
		     unsigned *connected)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < table->count && err == ERR_OK; i++) {
		const udp_entry_t *entry = &table->entries[i];
		size_t count;
		const socket_owner_t *owner = socket_owners_of(owners, entry->inode, &count);

		if (entry->is_connected) {
			(*connected)++;
			continue;
		}
		if (count == 0)
			err = add_claim(claims, entry, NULL);
		for (size_t j = 0; j < count && err == ERR_OK; j++)
			err = add_claim(claims, entry, owner + j);
	}
	return err;
}

/* The sockets of one process, or where none was found of one user, at one address: 0, else the order of the
 * two. */
static int compare_places(const claim_t *one, const claim_t *other)
{
	const udp_entry_t *a = one->entry, *b = other->entry;

	if (one->pid != other->pid)
		return one->pid < other->pid ? -1 : 1;
	if (one->pid == 0 && a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->address, b->address, sizeof(a->address));
}

/* Those of one place together, by port. */
static int compare_by_place(const void *one, const void *other)
{
	const claim_t *a = one, *b = other;
	int order = compare_places(a, b);

	return order != 0 ? order : a->entry->port - b->entry->port;
}

/* Notes `ports` that are left out, with those of the same process or user at another address. */
static err_t count_pool(port_audit_t *audit, const claim_t *claim, unsigned ports)
{
	port_pool_t *last = audit->pool_count > 0 ? &audit->pools[audit->pool_count - 1] : NULL;
	size_t capacity = audit->pool_count;

	if (last != NULL && last->pid == claim->pid && last->uid == claim->entry->uid) {
		last->ports += ports;
		return ERR_OK;
	}
	/* Pools are few, so that it does not matter to make room for each. */
	err_t err = array_reserve((void **)&audit->pools, &capacity, audit->pool_count + 1,
				  sizeof(*audit->pools));
	if (err != ERR_OK)
		return err;
	last = &audit->pools[audit->pool_count++];
	*last = (port_pool_t){ .pid = claim->pid, .uid = claim->entry->uid, .ports = ports };
	memcpy(last->process, claim->process, sizeof(last->process));
	return ERR_OK;
}

/* Marks the ports of one place, claims[0..count), that are a pool, if there is one. */
static err_t mark_pool(port_audit_t *audit, const port_question_t *question, claim_t *claims,
		       size_t count)
{
	unsigned rows = 0, ports = 0, last = PORT_COUNT;

	for (size_t i = 0; i < count; i++) {
		unsigned port = claims[i].entry->port;

		claims[i].is_pool =
			!port_set_has(&question->services, (uint16_t)port) &&
			!port_choice_has(&question->included, (uint16_t)port, claims[i].process);
		if (!claims[i].is_pool || port == last)
			continue;
		rows += last == PORT_COUNT || port != last + 1;
		ports++;
		last = port;
	}
	if (rows < PORT_AUDIT_POOL_ROWS) {
		for (size_t i = 0; i < count; i++)
			claims[i].is_pool = false;
		return ERR_OK;
	}
	return count_pool(audit, claims, ports);
}

static err_t mark_pools(port_audit_t *audit, const port_question_t *question, claims_t *claims)
{
	size_t first = 0;
	err_t err = ERR_OK;

	if (claims->count > 0)
		qsort(claims->all, claims->count, sizeof(*claims->all), compare_by_place);
	for (size_t i = 1; i <= claims->count && err == ERR_OK; i++) {
		if (i < claims->count && compare_places(&claims->all[i], &claims->all[first]) == 0)
			continue;
		/* The kernel's own sockets have no process, and are no pool. */
		if (claims->all[first].pid != 0 || audit->is_partial)
			err = mark_pool(audit, question, &claims->all[first], i - first);
		first = i;
	}
	return err;
}

/* Those of one listener together, in the order of the listeners. */
static int compare_by_listener(const void *one, const void *other)
{
	const claim_t *a = one, *b = other;
	int order = a->entry->port - b->entry->port;

	if (order == 0 && a->entry->family != b->entry->family)
		order = a->entry->family < b->entry->family ? -1 : 1;
	if (order == 0)
		order = memcmp(a->entry->address, b->entry->address, sizeof(a->entry->address));
	if (order == 0 && a->entry->uid != b->entry->uid)
		order = a->entry->uid < b->entry->uid ? -1 : 1;
	if (order == 0)
		order = strcmp(a->process, b->process);
	return order;
}

static int compare_with_pid(const void *one, const void *other)
{
	const claim_t *a = one, *b = other;
	int order = compare_by_listener(one, other);

	return order != 0 ? order : (a->pid > b->pid) - (a->pid < b->pid);
}

static port_verdict_t judge(const port_question_t *question, const port_listener_t *listener)
{
	if (!port_range_has(question->range, listener->port))
		return PORT_VERDICT_OUTSIDE;
	if (port_set_has(&question->reserved, listener->port))
		return PORT_VERDICT_RESERVED;
	if (port_choice_has(&question->excluded, listener->port, listener->process))
		return PORT_VERDICT_EXCLUDED;
	return PORT_VERDICT_AT_RISK;
}

/* Adds a claim to the listener that it is of, the last one if it is of that. */
static void add_to_listeners(port_audit_t *audit, const claim_t *claim, const claim_t *before,
			     size_t *pid_count)
{
	port_listener_t *listener;

	if (before == NULL || compare_by_listener(claim, before) != 0) {
		listener = &audit->listeners[audit->listener_count++];
		*listener = (port_listener_t){ .family = claim->entry->family,
					       .port = claim->entry->port,
					       .uid = claim->entry->uid,
					       .pids = audit->pids + *pid_count };
		memcpy(listener->address, claim->entry->address, sizeof(listener->address));
		memcpy(listener->process, claim->process, sizeof(listener->process));
	} else {
		listener = &audit->listeners[audit->listener_count - 1];
		if (claim->pid == before->pid)
			return;
	}
	if (claim->pid == 0)
		return;
	audit->pids[(*pid_count)++] = claim->pid;
	listener->pid_count++;
}

/* Makes listeners of all claims but those of pools. */
static err_t make_listeners(port_audit_t *audit, claims_t *claims)
{
	const claim_t *before = NULL;
	size_t pid_count = 0;

	if (claims->count == 0)
		return ERR_OK;
	qsort(claims->all, claims->count, sizeof(*claims->all), compare_with_pid);
	audit->listeners = calloc(claims->count, sizeof(*audit->listeners));
	audit->pids = calloc(claims->count, sizeof(*audit->pids));
	if (audit->listeners == NULL || audit->pids == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < claims->count; i++) {
		const claim_t *claim = &claims->all[i];

		if (claim->is_pool)
			continue;
		add_to_listeners(audit, claim, before, &pid_count);
		before = claim;
	}
	return ERR_OK;
}

/* Adds the ports of services that nobody listens for. */
static void add_services(port_audit_t *audit, const port_question_t *question)
{
	port_set_t running = { 0 };

	for (size_t i = 0; i < audit->listener_count; i++) {
		uint16_t port = audit->listeners[i].port;
		port_set_add(&running, (port_range_t){ port, port });
	}
	for (unsigned i = question->range.first; i <= question->range.last; i++) {
		uint16_t port = (uint16_t)i;

		if (port_set_has(&question->services, port) && !port_set_has(&running, port) &&
		    !port_set_has(&question->reserved, port) &&
		    !port_set_has(&question->excluded.ports, port))
			port_set_add(&audit->not_running, (port_range_t){ port, port });
	}
	port_set_add_set(&audit->at_risk, &audit->not_running);
}

static void count_risk(port_audit_t *audit, const port_question_t *question)
{
	for (size_t i = 0; i < audit->listener_count; i++) {
		port_listener_t *listener = &audit->listeners[i];

		listener->verdict = judge(question, listener);
		if (listener->verdict == PORT_VERDICT_AT_RISK)
			port_set_add(&audit->at_risk,
				     (port_range_t){ listener->port, listener->port });
	}
	if (question->are_services_due)
		add_services(audit, question);
	audit->at_risk_count = port_set_count(&audit->at_risk, port_range_all);
	audit->candidates = port_range_size(question->range) -
			    port_set_count(&question->reserved, question->range);
	audit->chance_each = port_chance(question->pool, audit->candidates, 1);
	audit->chance_any = port_chance(question->pool, audit->candidates, audit->at_risk_count);
}

err_t port_audit_make(port_audit_t *audit, const port_question_t *question,
		      const udp_table_t *steady, const socket_owners_t *owners)
{
	claims_t claims = { 0 };

	audit->is_partial = owners->is_partial;
	err_t err = collect(&claims, steady, owners, &audit->connected);
	if (err == ERR_OK)
		err = mark_pools(audit, question, &claims);
	if (err == ERR_OK)
		err = make_listeners(audit, &claims);
	if (err == ERR_OK)
		count_risk(audit, question);
	free(claims.all);
	return err;
}

void port_audit_free(port_audit_t *audit)
{
	free(audit->listeners);
	free(audit->pids);
	free(audit->pools);
	free(audit->passing);
	*audit = (port_audit_t){ 0 };
}
