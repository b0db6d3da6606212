/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_RESULT_H
#define SPURN_SPRAY_SPRAY_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/histogram.h"
#include "ports/port_system.h"

/* What a run of `spurn spray` came to: plain data, filled in by the engine, shown by the reports. */

/* Bytes of a server's identifier (RFC 5001) that are kept; longer ones count by their beginning. */
#define SPRAY_NSID_MAX 128
/* Of its text, NUL included: each byte may be written as \ddd. */
#define SPRAY_NSID_TEXT_MAX (4 * SPRAY_NSID_MAX + 1)
/* Rcodes of the header are counted one by one (RFC 1035 section 4.1.1). */
#define SPRAY_RCODES 16

/* Which source port a query leaves from. */
typedef enum spray_policy {
	SPRAY_SOCKETS,   /* of a few sockets, open from the start */
	SPRAY_POOL,      /* of a pool of random ports, bound at the start */
	SPRAY_POOL_GROW, /* of such a pool, whose ports are bound as queries need them */
	SPRAY_PER_QUERY, /* a random one of its own, given back when it is answered or lost */
} spray_policy_t;

/* How it was run. Strings are the caller's, and outlive the result. */
typedef struct spray_setup {
	spray_policy_t policy;
	unsigned sockets; /* wanted; 0 for SPRAY_PER_QUERY */
	unsigned threads;
	double rate;        /* queries a second, due whether or not there are answers; 0: the next
				 * one as soon as there is room (`in_flight`) */
	double seconds;     /* that queries are sent for; 0: until `count` have been */
	uint64_t count;     /* queries to send; 0: until `seconds` are over */
	unsigned in_flight; /* queries on the way at most */
	double patience_s;  /* then a query is lost */
	const char *target; /* the server: "192.0.2.1/53" */
	const char *zone;   /* what is asked about: "bl.example" */
	const char *types;  /* of queries: "A,TXT" */
	double hit_ratio;   /* share of queries for what is listed; < 0: not known */
	bool is_judged;     /* it is known which answer is right */
	bool has_edns;
	bool has_nsid;       /* servers are asked who they are */
	unsigned servers;    /* so many are said to be there; 0: not known */
	unsigned port_first; /* source ports are from this range, */
	unsigned port_last;
	unsigned ports_usable;   /* of which so many are neither reserved nor to be avoided */
	unsigned ports_reserved; /* ports of the range in ip_local_reserved_ports */
	unsigned ports_avoided;  /* ports of the range in --avoid, and not reserved as well */
} spray_setup_t;

/* A server that answered. */
typedef struct spray_server {
	uint8_t nsid[SPRAY_NSID_MAX]; /* as it came */
	size_t nsid_size;             /* 0 bytes is an identifier, too, unless has_nsid is false */
	bool has_nsid;                /* false: all answers that do not say who gave them */
	char text[SPRAY_NSID_TEXT_MAX]; /* printable: other bytes, and the backslash, are \ddd */
	uint64_t answered;
} spray_server_t;

/* A port that was chosen, but somebody has it: at boot, before that one had it, he would not have got
 * it. */
typedef struct spray_taken {
	uint16_t port;
	char service[PORT_SERVICE_MAX]; /* by getservbyport; "" if nobody is known for it */
} spray_taken_t;

typedef struct spray_result {
	spray_setup_t setup;
	bool is_interrupted;   /* by a signal, before it was over */
	double seconds;        /* of sending: n queries at a rate take n intervals */
	double waited_seconds; /* from then until each was answered or lost */
	double user_s;         /* CPU time of the process in both */
	double system_s;

	/* sent = answered + lost; answered = right + wrong_rcode + wrong_answer if answers are
	 * judged. */
	uint64_t sent;
	uint64_t
		answered; /* by a reply to the question, from the address that was asked, in time */
	uint64_t lost;    /* nothing came in time */
	uint64_t wrong_rcode; /* of answered: with another rcode than the right one; where that is
				* not known, with one that is neither NOERROR nor NXDOMAIN */
	uint64_t
		wrong_answer; /* of answered: with the right rcode, but without a record, or with one
				* where there is none */
	uint64_t truncated;   /* of answered: TC is set; their records are not judged */
	uint64_t rcodes[SPRAY_RCODES]; /* of answered, by rcode */
	/* Packets that are no answers and count nowhere else. From another address or port than was
	 * asked none come in: the sockets are connected, and the kernel keeps them out. */
	uint64_t late;       /* to a query that is lost already */
	uint64_t duplicates; /* to a query that is answered already */
	uint64_t strange; /* to no query: an ID or question that is not on the way, or malformed */
	/* Queries. */
	uint64_t refused;    /* ICMP messages that nobody listens there; the queries are lost */
	uint64_t unsendable; /* of lost: the kernel had no room for them, or refused them */
	uint64_t held;      /* of sent: were due, but had to wait, as `in_flight` were on the way */
	uint64_t unsent;    /* were due, but had not been sent when time was over; not in `sent` */
	uint64_t own_drops; /* packets that our own sockets had no room for */

	/* Of what was answered, in microseconds: since the query was due where there is a rate (so
	 * that waiting for the server to catch up is in it), else since it was sent. */
	histogram_t latency;

	/* Source ports that queries were sent from. */
	unsigned ports_used;      /* different ones */
	uint64_t port_max;        /* most queries from one */
	double port_entropy_bits; /* Shannon's, of the port of a query */

	/* Who answered, in the order of their texts, those without an identifier last. */
	spray_server_t *servers; /* owned */
	size_t server_count;

	spray_taken_t *taken; /* owned; in the order of the ports, each once */
	size_t taken_count;
} spray_result_t;

/* How far a run is, for a line that tells while it goes on. */
typedef struct spray_progress {
	double seconds; /* since the first query */
	uint64_t sent;
	uint64_t answered;
	uint64_t lost;
	uint64_t wrong;  /* of answered */
	bool is_waiting; /* all has been sent; for answers */
} spray_progress_t;

/* A run of spray; spray_engine.h has the rest. */
typedef struct spray_engine spray_engine_t;

/* How far it is now. Any thread, any time; the numbers are of the same moment only nearly. */
void spray_engine_progress(const spray_engine_t *engine,
			   spray_progress_t *progress) ATTR_NONNULL_ALL;

/* Shannon's entropy, in bits, of queries of which counts[i] are of kind i: log2(n) if n kinds have equal
 * shares. 0 if there are none. */
double spray_entropy_bits(const uint64_t *counts, size_t size) ATTR_NONNULL_ALL;

/* The printable text of an identifier. */
void spray_nsid_text(const uint8_t *nsid, size_t size,
		     char text[SPRAY_NSID_TEXT_MAX]) ATTR_NONNULL_ALL;

/* Frees what the result owns, and empties it. */
void spray_result_clear(spray_result_t *result) ATTR_NONNULL_ALL;

#endif
