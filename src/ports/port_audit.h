/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_PORT_AUDIT_H
#define SPURN_PORTS_PORT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ports/port_set.h"
#include "ports/socket_owners.h"
#include "ports/udp_table.h"

/* Which services could lose their port to a pool of random ones. Pure: what the machine has comes in as
 * tables, and what is to be told of it comes out.
 *
 * A service is a UDP socket that is bound and not connected. The sockets from which a forwarder sends its
 * own queries look just the same, and nothing that the kernel tells says whether a port was asked for or
 * given. So two things are left out, and told:
 *  - sockets that come or go while one looks: no service does that;
 *  - a process's ports at one address that have no service's name, if they are PORT_AUDIT_POOL_ROWS or more
 *    that are not side by side. Who configures that many ports of a service takes them in a row. */

/* With fewer ports than that, they count as services': a daemon with a dozen odd ports must not be lost;
 * 2,500 are a pool, and so are the up to 64 of dnsmasq. */
#define PORT_AUDIT_POOL_ROWS 16

typedef enum port_verdict {
	PORT_VERDICT_AT_RISK,  /* the pool may take it */
	PORT_VERDICT_OUTSIDE,  /* of the range of the pool */
	PORT_VERDICT_RESERVED, /* in net.ipv4.ip_local_reserved_ports */
	PORT_VERDICT_EXCLUDED, /* who asked said so */
} port_verdict_t;

/* Sockets of one program at one address and port: several threads' or processes' sockets are one. */
typedef struct port_listener {
	int family;
	uint8_t address[16]; /* as in udp_entry_t */
	uint16_t port;
	uint32_t uid;
	char process[SOCKET_OWNER_NAME]; /* "" if none was found */
	const pid_t *pids;               /* pid_count of them, the lowest first */
	size_t pid_count;
	port_verdict_t verdict;
} port_listener_t;

/* Ports of one process that were left out as its pool. */
typedef struct port_pool {
	char process[SOCKET_OWNER_NAME];
	pid_t pid; /* 0 if no process was found */
	uint32_t uid;
	unsigned ports; /* each address's */
} port_pool_t;

/* Sockets of one user that were left out as they came or went. */
typedef struct port_passing {
	uint32_t uid;
	unsigned sockets;
} port_passing_t;

/* Processes and ports that a command line names. */
typedef struct port_choice {
	port_set_t ports;
	const char **processes; /* process_count of them */
	size_t process_count;
} port_choice_t;

/* Is it `port`, or the process of this name, that is meant? The kernel keeps 15 bytes of a process's name; of a
 * longer one in the choice, that many count. */
bool port_choice_has(const port_choice_t *choice, uint16_t port,
		     const char *process) ATTR_NONNULL_ALL;

/* What is asked. */
typedef struct port_question {
	port_range_t range;     /* from which the pool takes its ports */
	unsigned pool;          /* how many */
	port_set_t reserved;    /* which it does not take */
	port_set_t services;    /* ports with the name of a service */
	bool are_services_due;  /* services that are not running are at risk, too */
	port_choice_t excluded; /* never at risk */
	port_choice_t included; /* never left out as a pool */
} port_question_t;

/* The answer. { 0 } before. */
typedef struct port_audit {
	port_listener_t *listeners; /* listener_count of them, by port, family and address */
	size_t listener_count;
	port_pool_t *pools; /* pool_count of them */
	size_t pool_count;
	port_passing_t *passing; /* passing_count of them, see port_audit_passing */
	size_t passing_count;
	unsigned connected; /* sockets that are nobody's services */
	bool is_partial;    /* as in socket_owners_t */

	port_set_t at_risk;
	port_set_t not_running; /* of these, services that nobody listens for now */
	unsigned at_risk_count;
	unsigned candidates; /* ports of the range that are not reserved */
	double chance_each;  /* that the pool takes one of them which was named before */
	double chance_any;   /* that it takes any of those at risk */

	pid_t *pids; /* memory of the listeners' */
} port_audit_t;

/* Notes the unconnected sockets that are in only one of `before` and `after`, two looks in a row: what left
 * `before` counts if it had been there from the start, that is in `steady`; what is new counts as well. Takes
 * what left out of `steady`. Returns ERR_OK or ERR_NOMEM. */
err_t port_audit_passing(port_audit_t *audit, udp_table_t *steady, const udp_table_t *before,
			 const udp_table_t *after) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Answers for the sockets of `steady` and their owners. Returns ERR_OK or ERR_NOMEM. The caller frees the
 * audit with port_audit_free in any case. */
err_t port_audit_make(port_audit_t *audit, const port_question_t *question,
		      const udp_table_t *steady,
		      const socket_owners_t *owners) ATTR_NONNULL_ALL ATTR_NODISCARD;
void port_audit_free(port_audit_t *audit) ATTR_NONNULL_ALL;

#endif
