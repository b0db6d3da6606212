/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The source-port policies, on ports that are made up. */

#include <errno.h>
#include <string.h>

#include "test.h"
#include "spray/spray_sockets.h"

/* Whose ports are whose. */
typedef struct machine {
	bool is_taken[PORT_COUNT]; /* somebody else's */
	bool is_open[PORT_COUNT];
	unsigned open;
	unsigned opened; /* in all */
	unsigned limit;  /* files that may be open */
} machine_t;

static machine_t machine;

static err_t open_port(void *context, uint32_t number, uint16_t port, int *fd)
{
	(void)number;
	ck_assert_ptr_eq(context, &machine);
	MUST(!machine.is_open[port], "port %u is ours already", port);
	if (machine.is_taken[port])
		return (err_t)-EADDRINUSE;
	if (machine.open == machine.limit)
		return (err_t)-EMFILE;
	machine.is_open[port] = true;
	machine.open++;
	machine.opened++;
	*fd = port;
	return ERR_OK;
}

static void close_port(void *context, uint32_t number, int fd)
{
	(void)context;
	(void)number;
	MUST(machine.is_open[fd], "port %d is not open", fd);
	machine.is_open[fd] = false;
	machine.open--;
}

static spray_sockets_t *make(spray_policy_t policy, uint32_t max, spray_ports_t *ports)
{
	const spray_opener_t opener = { &machine, open_port, close_port };
	spray_sockets_t *sockets = spray_sockets_new(policy, max, ports, &opener);

	ck_assert_ptr_nonnull(sockets);
	return sockets;
}

/* Ports 1000 to `last`, nobody else's, but for those that are taken. */
static spray_ports_t *begin(uint16_t last, const port_set_t *avoid)
{
	static const port_set_t none;
	spray_ports_t *ports =
		spray_ports_new((port_range_t){ 1000, last }, avoid != NULL ? avoid : &none);

	memset(&machine, 0, sizeof(machine));
	machine.limit = PORT_COUNT;
	ck_assert_ptr_nonnull(ports);
	return ports;
}

static void end(spray_sockets_t *sockets, spray_ports_t *ports)
{
	spray_sockets_free(sockets);
	spray_ports_free(ports);
	ck_assert_uint_eq(machine.open, 0);
}

static uint32_t choose(spray_sockets_t *sockets)
{
	uint32_t socket;
	unsigned run;

	ck_assert_int_eq(spray_sockets_choose(sockets, 1, 1, &socket, &run), ERR_OK);
	ck_assert_uint_eq(run, 1);
	return socket;
}

START_TEST(test_pool)
{
	spray_ports_t *ports = begin(1999, NULL);
	spray_sockets_t *sockets = make(SPRAY_POOL, 250, ports);
	unsigned used[250] = { 0 };

	ck_assert_uint_eq(machine.open, 0);
	ck_assert_int_eq(spray_sockets_open(sockets), ERR_OK);
	ck_assert_uint_eq(machine.open, 250);
	/* Each in its turn, whatever the size of a batch. */
	for (unsigned i = 0; i < 3 * 250; i++) {
		uint32_t socket;
		unsigned run;
		ck_assert_int_eq(spray_sockets_choose(sockets, 64, 64, &socket, &run), ERR_OK);
		ck_assert_uint_eq(run, 1);
		used[socket]++;
		ck_assert_uint_eq(used[socket], i / 250 + 1);
		spray_sockets_done(sockets, socket);
	}
	ck_assert_uint_eq(machine.opened, 250);
	end(sockets, ports);
}
END_TEST

START_TEST(test_pool_grows)
{
	spray_ports_t *ports = begin(1999, NULL);
	spray_sockets_t *sockets = make(SPRAY_POOL_GROW, 100, ports);

	ck_assert_int_eq(spray_sockets_open(sockets), ERR_OK);
	ck_assert_uint_eq(machine.opened, 0);
	for (unsigned i = 0; i < 500; i++) {
		uint32_t socket = choose(sockets);
		ck_assert_uint_eq(socket, i < 100 ? i : i % 100);
		ck_assert_uint_eq(machine.opened, i < 100 ? i + 1 : 100);
		spray_sockets_done(sockets, socket);
	}
	end(sockets, ports);
}
END_TEST

/* Proves that a pool that finds no more ports goes on with those it has. */
START_TEST(test_pool_grows_to_what_there_is)
{
	spray_ports_t *ports = begin(1009, NULL);
	spray_sockets_t *sockets = make(SPRAY_POOL_GROW, 100, ports);

	for (unsigned i = 0; i < 100; i++)
		(void)choose(sockets);
	ck_assert_uint_eq(machine.opened, 10);
	end(sockets, ports);
}
END_TEST

START_TEST(test_per_query)
{
	spray_ports_t *ports = begin(1099, NULL);
	spray_sockets_t *sockets = make(SPRAY_PER_QUERY, 50, ports);
	unsigned used[PORT_COUNT] = { 0 };
	uint32_t waiting[50];
	uint32_t socket;
	unsigned run;

	ck_assert_int_eq(spray_sockets_open(sockets), ERR_OK);
	ck_assert_uint_eq(machine.opened, 0);
	for (unsigned i = 0; i < 50; i++)
		waiting[i] = choose(sockets);
	ck_assert_uint_eq(machine.open, 50);
	ck_assert_int_eq(spray_sockets_choose(sockets, 1, 1, &socket, &run), (err_t)-EAGAIN);
	for (unsigned i = 0; i < 50; i++)
		spray_sockets_done(sockets, waiting[i]);
	ck_assert_uint_eq(machine.open, 0);
	/* The other half of the ports comes before any comes again, and so on. */
	for (unsigned i = 50; i < 1000; i++) {
		socket = choose(sockets);
		unsigned port = spray_sockets_port(sockets, socket);
		used[port]++;
		MUST(i >= 100 || used[port] == 1, "port %u came too early", port);
		spray_sockets_done(sockets, socket);
	}
	ck_assert_uint_eq(machine.opened, 1000);
	end(sockets, ports);
}
END_TEST

/* Proves that a query waits if all ports are in use, even if there are fewer than queries. */
START_TEST(test_per_query_without_ports)
{
	spray_ports_t *ports = begin(1002, NULL);
	spray_sockets_t *sockets = make(SPRAY_PER_QUERY, 50, ports);
	uint32_t socket;
	uint32_t first;
	unsigned run;

	first = choose(sockets);
	(void)choose(sockets);
	(void)choose(sockets);
	ck_assert_int_eq(spray_sockets_choose(sockets, 1, 1, &socket, &run), (err_t)-EAGAIN);
	spray_sockets_done(sockets, first);
	(void)choose(sockets);
	end(sockets, ports);
	/* Not if there is none at all. */
	ports = begin(1002, NULL);
	memset(machine.is_taken, 1, sizeof(machine.is_taken));
	sockets = make(SPRAY_PER_QUERY, 50, ports);
	ck_assert_int_eq(spray_sockets_choose(sockets, 1, 1, &socket, &run), ERR_RANGE);
	end(sockets, ports);
}
END_TEST

/* Proves that a thread's query waits, too, if another thread has all the ports. */
START_TEST(test_per_query_while_others_have_all)
{
	spray_ports_t *ports = begin(1002, NULL);
	spray_sockets_t *others = make(SPRAY_PER_QUERY, 50, ports);
	spray_sockets_t *sockets = make(SPRAY_PER_QUERY, 50, ports);
	uint32_t socket;
	uint32_t first;
	unsigned run;

	first = choose(others);
	(void)choose(others);
	(void)choose(others);
	ck_assert_int_eq(spray_sockets_choose(sockets, 1, 1, &socket, &run), (err_t)-EAGAIN);
	spray_sockets_done(others, first);
	(void)choose(sockets);
	spray_sockets_free(others);
	end(sockets, ports);
}
END_TEST

START_TEST(test_avoided_and_taken)
{
	port_set_t avoid = { { 0 } };
	port_set_t taken = { { 0 } };

	port_set_add(&avoid, (port_range_t){ 1100, 1199 });
	port_set_add(&avoid, (port_range_t){ 1812, 1812 });
	spray_ports_t *ports = begin(1999, &avoid);
	ck_assert_uint_eq(spray_ports_count(ports), 899);
	for (unsigned port = 1200; port < 1300; port++)
		machine.is_taken[port] = true;
	/* All that there are. The others' ports are noted as they are come across, and it may end before
	 * the last one of them: */
	spray_sockets_t *sockets = make(SPRAY_POOL, 799, ports);
	ck_assert_int_eq(spray_sockets_open(sockets), ERR_OK);
	spray_sockets_free(sockets);
	/* with one socket more it does not. */
	sockets = make(SPRAY_POOL, 800, ports);
	ck_assert_int_eq(spray_sockets_open(sockets), ERR_RANGE);
	ck_assert_uint_eq(spray_sockets_open_count(sockets), 799);
	for (unsigned port = 1000; port < 2000; port++)
		ck_assert_int_eq(machine.is_open[port],
				 !(port >= 1100 && port < 1300) && port != 1812);
	uint16_t port;
	ck_assert_int_eq(spray_ports_take(ports, &port), (err_t)-EAGAIN);
	spray_ports_taken(ports, &taken);
	ck_assert_uint_eq(port_set_count(&taken, port_range_all), 100);
	ck_assert(port_set_has(&taken, 1200) && port_set_has(&taken, 1299));
	end(sockets, ports);
	/* And one more. */
	ports = begin(1999, &avoid);
	machine.is_taken[1500] = true;
	sockets = make(SPRAY_POOL, 899, ports);
	ck_assert_int_eq(spray_sockets_open(sockets), ERR_RANGE);
	end(sockets, ports);
}
END_TEST

START_TEST(test_errors)
{
	spray_ports_t *ports = begin(1999, NULL);
	spray_sockets_t *sockets = make(SPRAY_SOCKETS, 20, ports);

	machine.limit = 10;
	ck_assert_int_eq(spray_sockets_open(sockets), (err_t)-EMFILE);
	end(sockets, ports);
	/* The port is not said to be somebody's. */
	port_set_t taken = { { 0 } };
	ports = begin(1999, NULL);
	spray_ports_taken(ports, &taken);
	ck_assert_uint_eq(port_set_count(&taken, port_range_all), 0);
	spray_ports_free(ports);
	/* Port 0 is none. */
	ports = spray_ports_new((port_range_t){ 0, 9 }, &taken);
	ck_assert_uint_eq(spray_ports_count(ports), 9);
	spray_ports_free(ports);
}
END_TEST

/* Proves that a few sockets share a batch in equal pieces. */
START_TEST(test_pieces)
{
	static const unsigned batches[] = { 1, 2, 7, 8, 20, 64 };
	spray_ports_t *ports = begin(1999, NULL);
	spray_sockets_t *sockets = make(SPRAY_SOCKETS, 8, ports);
	unsigned used[8] = { 0 };

	ck_assert_int_eq(spray_sockets_open(sockets), ERR_OK);
	for (unsigned i = 0; i < 8 * COUNT_OF(batches); i++) {
		unsigned batch = batches[i % COUNT_OF(batches)];
		for (unsigned left = batch; left > 0;) {
			uint32_t socket;
			unsigned run;
			ck_assert_int_eq(spray_sockets_choose(sockets, batch, left, &socket, &run),
					 ERR_OK);
			ck_assert(run >= 1 && run <= left && run <= 8);
			used[socket] += run;
			left -= run;
		}
	}
	for (unsigned i = 0; i < 8; i++)
		MUST(used[i] >= 102 - 16 && used[i] <= 102 + 16, "socket %u: %u", i, used[i]);
	end(sockets, ports);
}
END_TEST

/* Proves that the order of ports is random: a port is as likely to come first as any other. */
START_TEST(test_order)
{
	static const port_set_t none;
	unsigned first[16] = { 0 };

	for (unsigned i = 0; i < 16000; i++) {
		uint16_t port;
		spray_ports_t *ports = spray_ports_new((port_range_t){ 1000, 1015 }, &none);
		ck_assert_int_eq(spray_ports_take(ports, &port), ERR_OK);
		first[port - 1000]++;
		spray_ports_free(ports);
	}
	/* 1000, give or take six standard deviations. */
	for (unsigned i = 0; i < 16; i++)
		MUST(first[i] > 815 && first[i] < 1185, "port %u: %u times", 1000 + i, first[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_pool,
		test_pool_grows,
		test_pool_grows_to_what_there_is,
		test_per_query,
		test_per_query_without_ports,
		test_per_query_while_others_have_all,
		test_avoided_and_taken,
		test_errors,
		test_pieces,
		test_order,
	};

	return run_tests("spray_sockets", tests, COUNT_OF(tests));
}
