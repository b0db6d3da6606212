/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which services are at risk: chances against the plain product and against pools that are drawn, lines of the
 * kernel's table, and who is a service and who is a pool. */

#include "test.h"

#include <math.h>
#include <sys/socket.h>

#include "base/attributes.h"
#include "ports/port_audit.h"
#include "ports/port_chance.h"
#include "tool/ports_forwarders.h"

/* The same by the definition, in long double, for small numbers: C(n-k, p) / C(n, p). */
static double by_binomials(unsigned pool, unsigned candidates, unsigned wanted)
{
	long double none = 1;

	if (pool > candidates)
		pool = candidates;
	for (unsigned i = 0; i < pool; i++) {
		if (candidates - wanted <= i)
			return 1;
		none *= (long double)(candidates - wanted - i) / (candidates - i);
	}
	return (double)(1 - none);
}

START_TEST(test_chance_by_definition)
{
	for (unsigned candidates = 1; candidates < 60; candidates++) {
		for (unsigned pool = 0; pool <= candidates + 1; pool++) {
			for (unsigned wanted = 0; wanted <= candidates; wanted++) {
				double got = port_chance(pool, candidates, wanted);
				double want = by_binomials(pool, candidates, wanted);
				MUST(fabs(got - want) < 1e-12, "%u of %u, %u: %g, not %g", pool,
				     candidates, wanted, got, want);
			}
		}
	}
}
END_TEST

/* Counts all pools there are. */
START_TEST(test_chance_by_counting)
{
	for (unsigned candidates = 1; candidates <= 12; candidates++) {
		for (unsigned wanted = 0; wanted <= candidates; wanted++) {
			unsigned all[13] = { 0 }, hit[13] = { 0 };

			for (unsigned pool = 0; pool < 1u << candidates; pool++) {
				int size = __builtin_popcount(pool);
				all[size]++;
				hit[size] += (pool & ((1u << wanted) - 1)) != 0;
			}
			for (unsigned size = 0; size <= candidates; size++)
				MUST(fabs(port_chance(size, candidates, wanted) -
					  (double)hit[size] / all[size]) < 1e-13,
				     "%u of %u, %u", size, candidates, wanted);
		}
	}
}
END_TEST

START_TEST(test_chance_of_known_pools)
{
	/* Microsoft's range and pool, and Linux's range. */
	ck_assert_double_eq_tol(port_chance(2500, 16384, 1), 2500. / 16384, 1e-15);
	ck_assert_double_eq_tol(port_chance(2500, 28232, 1), 2500. / 28232, 1e-15);
	/* Two ports: 1 - (13884/16384)(13883/16383). */
	ck_assert_double_eq_tol(port_chance(2500, 16384, 2), 1 - 13884. / 16384 * (13883. / 16383),
				1e-15);
	/* Tiny ones keep their digits. */
	ck_assert_double_eq_tol(port_chance(1, 65536, 1) * 65536, 1, 1e-14);
	ck_assert_double_eq_tol(port_chance(1, 65536, 3) * 65536, 3, 1e-11);
	ck_assert_double_eq(port_chance(65536, 65536, 1), 1);
	ck_assert_double_eq(port_chance(65535, 65536, 2), 1);
	ck_assert_double_eq(port_chance(0, 65536, 2), 0);
	ck_assert_double_eq(port_chance(2500, 0, 0), 0);
	ck_assert_double_eq(port_chance(2500, 65536, 0), 0);
	ck_assert(port_chance(30000, 65536, 30000) <= 1);
}
END_TEST

START_TEST(test_lines_of_the_kernel)
{
	static const char ip4[] =
		" 7478: 0100007F:88D2 00000000:0000 07 00000000:00014500 00:00000000 00000000 "
		" 1000        0 131358579 2 000000004702f2b4 0     \n";
	static const char ip6[] =
		"10630: 000080FE00000000FF005450B60D01FE:14E9 "
		"00000000000000000000000001000000:0035 01 00000000:00000000 00:00000000 00000000 "
		"    0        0 18446744073709551615 2 000000006a6d43bf 0\n";
	static const char *const bad[] = {
		"",
		"\n",
		"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		"uid "
		" timeout inode ref pointer drops\n",
		/* Not bound; an address of the other family; cut. */
		" 1: 0100007F:0000 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5 2 "
		"0 0",
		" 1: 000080FE00000000FF005450B60D01FE:14E9 00000000:0000 07 00000000:00000000 "
		"00:00000000 00000000 0 0 5 2 0 0",
		" 1: 0100007F:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000 0",
		" 1: 0100007F:114E9 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5 "
		"2",
	};
	udp_entry_t entry = { .port = 7 };

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		ck_assert(!udp_entry_parse(bad[i], AF_INET, &entry));
	ck_assert_uint_eq(entry.port, 7);

	ck_assert(udp_entry_parse(ip4, AF_INET, &entry));
	ck_assert_int_eq(entry.family, AF_INET);
	ck_assert_uint_eq(entry.port, 35026);
	ck_assert_uint_eq(entry.uid, 1000);
	ck_assert_uint_eq(entry.inode, 131358579);
	ck_assert(!entry.is_connected);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	ck_assert_mem_eq(entry.address, "\x7f\0\0\1", 4);
#endif
	ck_assert(!udp_entry_parse(ip6, AF_INET, &entry));
	ck_assert(udp_entry_parse(ip6, AF_INET6, &entry));
	ck_assert_uint_eq(entry.port, 5353);
	ck_assert_uint_eq(entry.inode, UINT64_MAX);
	ck_assert(entry.is_connected);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	ck_assert_mem_eq(entry.address, "\xfe\x80\0\0\0\0\0\0\x50\x54\0\xff\xfe\x01\x0d\xb6", 16);
#endif
}
END_TEST

/* ---- audits ---- */

#define SOCKETS_MAX 200

static udp_entry_t entries[SOCKETS_MAX];
static socket_owner_t owner_rows[SOCKETS_MAX];
static udp_table_t table;
static socket_owners_t owners;
static port_question_t question;
static port_audit_t audit;

/* A clean start: the pool of 100 ports is in 40000-40999, and 40053 is a service. */
static void start(void)
{
	static const port_question_t first = { .range = { 40000, 40999 }, .pool = 100 };

	table = (udp_table_t){ .entries = entries };
	owners = (socket_owners_t){ .owners = owner_rows };
	question = first;
	port_set_add(&question.services, (port_range_t){ 40053, 40053 });
}

/* A socket at 0.0.0.0, of the process `pid` if that is not 0. Inodes are 1, 2, 3 ... */
static udp_entry_t *add_socket(uint16_t port, pid_t pid, const char *process)
{
	udp_entry_t *entry = &entries[table.count++];

	*entry = (udp_entry_t){ .family = AF_INET, .port = port, .uid = 100, .inode = table.count };
	if (pid != 0) {
		socket_owner_t *owner = &owner_rows[owners.count++];
		*owner = (socket_owner_t){ .inode = entry->inode, .pid = pid };
		strcpy(owner->name, process);
	}
	return entry;
}

static void make(void)
{
	port_audit_free(&audit);
	ck_assert_int_eq(port_audit_make(&audit, &question, &table, &owners), ERR_OK);
}

/* The audit's listeners as "port/process/first pid+others/verdict", with blanks between. */
static void must_list(const char *expected)
{
	static const char verdicts[] = { 'R', '-', 'r', 'x' };
	char text[SOCKETS_MAX * 40] = "";

	for (size_t i = 0; i < audit.listener_count; i++) {
		const port_listener_t *one = &audit.listeners[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u/%s/%d+%zu/%c",
			 i > 0 ? " " : "", one->port, one->process,
			 one->pid_count > 0 ? one->pids[0] : 0, one->pid_count,
			 verdicts[one->verdict]);
	}
	ck_assert_str_eq(text, expected);
}

START_TEST(test_verdicts)
{
	start();
	add_socket(53, 1, "dns");
	add_socket(39999, 1, "dns");
	add_socket(40000, 1, "dns");
	add_socket(40999, 2, "other")->family = AF_INET6;
	add_socket(41000, 2, "other");
	add_socket(40500, 3, "reserved");
	add_socket(40501, 4, "excluded");
	add_socket(40502, 5, "ports");
	add_socket(40503, 0, "");
	add_socket(40504, 6, "connected")->is_connected = true;
	port_set_add(&question.reserved, (port_range_t){ 40500, 40500 });
	port_set_add(&question.reserved, (port_range_t){ 1, 100 });
	port_set_add(&question.excluded.ports, (port_range_t){ 40502, 40502 });
	const char *excluded[] = { "exclude", "excludedd", "excluded" };
	question.excluded.processes = excluded;
	question.excluded.process_count = 2;
	make();
	must_list("53/dns/1+1/- 39999/dns/1+1/- 40000/dns/1+1/R 40500/reserved/3+1/r "
		  "40501/excluded/4+1/R 40502/ports/5+1/x 40503//0+0/R 40999/other/2+1/R "
		  "41000/other/2+1/-");
	question.excluded.process_count = 3;
	make();
	must_list("53/dns/1+1/- 39999/dns/1+1/- 40000/dns/1+1/R 40500/reserved/3+1/r "
		  "40501/excluded/4+1/x 40502/ports/5+1/x 40503//0+0/R 40999/other/2+1/R "
		  "41000/other/2+1/-");
	ck_assert_uint_eq(audit.connected, 1);
	ck_assert_uint_eq(audit.at_risk_count, 3);
	ck_assert_uint_eq(audit.candidates, 999);
	ck_assert_double_eq(audit.chance_each, port_chance(100, 999, 1));
	ck_assert_double_eq(audit.chance_any, port_chance(100, 999, 3));
}
END_TEST

START_TEST(test_one_row_for_many_sockets)
{
	start();
	/* Four workers' sockets, and a second process that has one of them and one of its own. */
	for (unsigned i = 0; i < 4; i++)
		add_socket(40053, 10, "dns");
	owner_rows[owners.count++] = (socket_owner_t){ 4, 11, "dns" };
	add_socket(40053, 11, "dns");
	/* Another program there, another user, another address, another family: rows of their own. */
	add_socket(40053, 12, "avahi");
	add_socket(40053, 10, "dns")->uid = 7;
	add_socket(40053, 10, "dns")->address[0] = 127;
	add_socket(40053, 10, "dns")->family = AF_INET6;
	make();
	must_list("40053/dns/10+1/R 40053/avahi/12+1/R 40053/dns/10+2/R 40053/dns/10+1/R "
		  "40053/dns/10+1/R");
	ck_assert_uint_eq(audit.at_risk_count, 1);
	ck_assert_int_eq(audit.listeners[2].pids[1], 11);
}
END_TEST

START_TEST(test_pools)
{
	start();
	/* A service with its own pool of scattered ports, IPv4 and IPv6: the service stays, also one without a
	 * name that has another address. */
	add_socket(40053, 10, "dns");
	add_socket(40001, 10, "dns")->address[0] = 127;
	for (unsigned i = 0; i < PORT_AUDIT_POOL_ROWS; i++) {
		add_socket((uint16_t)(40100 + i * 2), 10, "dns");
		add_socket((uint16_t)(40100 + i * 2), 10, "dns")->family = AF_INET6;
	}
	/* Ports in a row are a service's, however many. */
	for (unsigned i = 0; i < 30; i++)
		add_socket((uint16_t)(40300 + i), 20, "rtp");
	/* One port less than a pool. */
	for (unsigned i = 0; i < PORT_AUDIT_POOL_ROWS - 1; i++)
		add_socket((uint16_t)(40600 + i * 2), 30, "few");
	make();
	ck_assert_uint_eq(audit.pool_count, 1);
	ck_assert_str_eq(audit.pools->process, "dns");
	ck_assert_int_eq(audit.pools->pid, 10);
	ck_assert_uint_eq(audit.pools->ports, 2 * PORT_AUDIT_POOL_ROWS);
	ck_assert_uint_eq(audit.listener_count, 2 + 30 + PORT_AUDIT_POOL_ROWS - 1);
	ck_assert_uint_eq(audit.at_risk_count, 2 + 30 + PORT_AUDIT_POOL_ROWS - 1);

	const char *included[] = { "dns" };
	question.included.processes = included;
	question.included.process_count = 1;
	make();
	ck_assert_uint_eq(audit.pool_count, 0);
	ck_assert_uint_eq(audit.at_risk_count, 2 + 30 + 2 * PORT_AUDIT_POOL_ROWS - 1);

	/* A port of it is a service. */
	question.included.process_count = 0;
	port_set_add(&question.included.ports, (port_range_t){ 40100, 40100 });
	add_socket(40900, 10, "dns");
	add_socket(40900, 10, "dns")->family = AF_INET6;
	make();
	ck_assert_uint_eq(audit.pool_count, 1);
	ck_assert_uint_eq(audit.at_risk_count, 3 + 30 + PORT_AUDIT_POOL_ROWS - 1);
}
END_TEST

START_TEST(test_pools_without_a_process)
{
	start();
	for (unsigned i = 0; i < PORT_AUDIT_POOL_ROWS; i++)
		add_socket((uint16_t)(40100 + i * 2), 0, "");
	/* The kernel's own: never a pool. */
	make();
	ck_assert_uint_eq(audit.pool_count, 0);
	ck_assert_uint_eq(audit.at_risk_count, PORT_AUDIT_POOL_ROWS);
	/* Some process's that cannot be seen. */
	owners.is_partial = true;
	make();
	ck_assert_uint_eq(audit.pool_count, 1);
	ck_assert_int_eq(audit.pools->pid, 0);
	ck_assert_uint_eq(audit.pools->uid, 100);
	ck_assert_uint_eq(audit.listener_count, 0);
	/* Of two users: none of them has enough. */
	entries[3].uid = 5;
	make();
	ck_assert_uint_eq(audit.pool_count, 0);
}
END_TEST

START_TEST(test_services_that_do_not_run)
{
	start();
	port_set_add(&question.services, (port_range_t){ 40100, 40103 });
	port_set_add(&question.services, (port_range_t){ 39000, 39000 });
	port_set_add(&question.reserved, (port_range_t){ 40101, 40101 });
	port_set_add(&question.excluded.ports, (port_range_t){ 40102, 40102 });
	add_socket(40053, 1, "dns");
	make();
	ck_assert_uint_eq(audit.at_risk_count, 1);
	question.are_services_due = true;
	make();
	char *text = port_set_text(&audit.not_running);
	ck_assert_str_eq(text, "40100,40103");
	free(text);
	ck_assert_uint_eq(audit.at_risk_count, 3);
}
END_TEST

START_TEST(test_passing)
{
	udp_entry_t steady_rows[SOCKETS_MAX], after_rows[SOCKETS_MAX];
	udp_table_t steady = { .entries = steady_rows }, after = { .entries = after_rows };

	start();
	port_audit_free(&audit);
	for (unsigned i = 0; i < 6; i++)
		add_socket((uint16_t)(40000 + i), 0, "");
	entries[5].is_connected = true;
	memcpy(steady_rows, entries, sizeof(entries));
	steady.count = table.count;
	/* The first stays, the second goes, the port of the third is another socket's; a connected one goes
	 * and one comes. */
	after_rows[after.count++] = entries[0];
	after_rows[after.count++] = entries[3];
	after_rows[after.count++] = entries[4];
	after_rows[after.count] = entries[2];
	after_rows[after.count++].inode = 50;
	after_rows[after.count] = entries[5];
	after_rows[after.count++].inode = 51;
	ck_assert_int_eq(port_audit_passing(&audit, &steady, &table, &after), ERR_OK);
	ck_assert_uint_eq(steady.count, 3);
	ck_assert_uint_eq(steady.entries[0].port, 40000);
	ck_assert_uint_eq(steady.entries[1].port, 40003);
	ck_assert_uint_eq(audit.passing_count, 1);
	ck_assert_uint_eq(audit.passing->sockets, 3);
	ck_assert_uint_eq(audit.passing->uid, 100);
	/* The next look: nothing has changed; then another user's comes. */
	ck_assert_int_eq(port_audit_passing(&audit, &steady, &after, &after), ERR_OK);
	ck_assert_uint_eq(audit.passing->sockets, 3);
	memcpy(entries, after_rows, sizeof(entries));
	table.count = after.count;
	after_rows[after.count] = entries[0];
	after_rows[after.count].uid = 7;
	after_rows[after.count++].inode = 60;
	ck_assert_int_eq(port_audit_passing(&audit, &steady, &table, &after), ERR_OK);
	ck_assert_uint_eq(audit.passing_count, 2);
	ck_assert_uint_eq(audit.passing[1].sockets, 1);
	ck_assert_uint_eq(audit.passing[1].uid, 7);
	ck_assert_uint_eq(steady.count, 3);
}
END_TEST

START_TEST(test_names_of_processes)
{
	const char *names[] = { "systemd-resolved", "named" };
	const port_choice_t choice = { .processes = names, .process_count = 2 };

	/* The kernel has 15 bytes of it. */
	ck_assert(port_choice_has(&choice, 1, "systemd-resolve"));
	ck_assert(port_choice_has(&choice, 1, "named"));
	ck_assert(!port_choice_has(&choice, 1, "name"));
	ck_assert(!port_choice_has(&choice, 1, "named2"));
	ck_assert(!port_choice_has(&choice, 1, "systemd"));
	ck_assert(!port_choice_has(&choice, 1, ""));
}
END_TEST

START_TEST(test_forwarders)
{
	static const char bind_lines[] = "options {\n\tavoid-v4-udp-ports { 53; range 100 102; };\n"
					 "\tavoid-v6-udp-ports { 53; range 100 102; };\n};";
	static const char *const expected[] = {
		"server:\n\toutgoing-port-avoid: 53\n\toutgoing-port-avoid: 100-102",
		bind_lines,
		"udp-source-port-avoid+=53,100,101,102",
	};
	port_set_t ports = { 0 };
	size_t at = 0;

	start();
	make();
	ck_assert_ptr_null(ports_forwarder_next(&audit, &at));
	add_socket(53, 1, "pdns_recursor");
	add_socket(53, 2, "named");
	add_socket(54, 3, "unbound");
	add_socket(54, 4, "unbound");
	make();
	port_set_add(&ports, (port_range_t){ 53, 53 });
	port_set_add(&ports, (port_range_t){ 100, 102 });
	at = 0;
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		const ports_forwarder_t *forwarder = ports_forwarder_next(&audit, &at);
		char *lines = forwarder->lines(&ports);

		ck_assert_str_eq(lines, expected[i]);
		free(lines);
	}
	ck_assert_ptr_null(ports_forwarder_next(&audit, &at));
	port_audit_free(&audit);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_chance_by_definition,
				 test_chance_by_counting,
				 test_chance_of_known_pools,
				 test_lines_of_the_kernel,
				 test_verdicts,
				 test_one_row_for_many_sockets,
				 test_pools,
				 test_pools_without_a_process,
				 test_services_that_do_not_run,
				 test_passing,
				 test_names_of_processes,
				 test_forwarders };

	return run_tests("port_audit", tests, COUNT_OF(tests));
}
