/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Who has to leave when another connection comes: random operations against a naive model. */

#include "test.h"

#include "base/attributes.h"
#include "net/tcp_table.h"

#define CONNECTIONS 40

/* A connection; the model looks through all of them. */
typedef struct connection {
	tcp_place_t place;
	bool is_in;
	ip6_address_t address;
	unsigned used; /* when it was of use last */
} connection_t;

static connection_t connections[CONNECTIONS];

/* Do they count as one client? */
static bool is_same_client(ip6_address_t a, ip6_address_t b)
{
	if (ip6_is_mapped(a) || ip6_is_mapped(b))
		return ip6_is_equal(a, b);
	return a.high == b.high;
}

/* The one of use longest ago, of all or (`of` not NULL) of one client, and how many there are. */
static connection_t *find_oldest(const ip6_address_t *of, size_t *count)
{
	connection_t *oldest = NULL;

	*count = 0;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		connection_t *one = &connections[i];
		if (!one->is_in || (of != NULL && !is_same_client(one->address, *of)))
			continue;
		*count += 1;
		if (oldest == NULL || one->used < oldest->used)
			oldest = one;
	}
	return oldest;
}

static ip6_address_t random_address(void)
{
	if (random_below(2) == 0)
		return ip6_from_ip4(0x7f000000 + random_below(5));
	return (ip6_address_t){ .high = 0x20010db800000000 + random_below(4),
				.low = random_below(3) };
}

static void leave(tcp_table_t *table, connection_t *one)
{
	tcp_table_leave(table, &one->place);
	one->is_in = false;
}

static void come(tcp_table_t *table, connection_t *one, size_t most, size_t most_each,
		 unsigned time)
{
	size_t count;
	size_t count_each;
	ip6_address_t address = random_address();
	connection_t *oldest = find_oldest(NULL, &count);
	connection_t *own = find_oldest(&address, &count_each);
	connection_t *wanted = count_each >= most_each ? own : count >= most ? oldest : NULL;
	tcp_place_t *found = tcp_table_in_the_way(table, address);

	ck_assert_ptr_eq(found, wanted != NULL ? &wanted->place : NULL);
	if (wanted != NULL)
		leave(table, wanted);
	if (one->is_in)
		return;
	ck_assert_ptr_null(tcp_table_in_the_way(table, address));
	ck_assert_int_eq(tcp_table_enter(table, &one->place, address), ERR_OK);
	*one = (connection_t){ one->place, true, address, time };
}

START_TEST(test_random)
{
	static const struct {
		size_t most;
		size_t most_each;
	} rows[] = { { 1, 1 }, { 5, 1 }, { 20, 3 }, { 10, 100 }, { 40, 7 } };

	random_start(1);
	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		tcp_table_t *table = tcp_table_new(rows[row].most, rows[row].most_each);
		size_t count;

		memset(connections, 0, sizeof(connections));
		ck_assert_ptr_nonnull(table);
		for (unsigned time = 1; time < 20000; time++) {
			connection_t *one = &connections[random_below(CONNECTIONS)];

			if (!one->is_in) {
				come(table, one, rows[row].most, rows[row].most_each, time);
			} else if (random_below(10) == 0) {
				leave(table, one);
			} else {
				tcp_table_touch(table, &one->place);
				one->used = time;
			}
			connection_t *oldest = find_oldest(NULL, &count);
			ck_assert_ptr_eq(tcp_table_oldest(table),
					 oldest != NULL ? &oldest->place : NULL);
			ck_assert_uint_eq(tcp_table_count(table), count);
			ck_assert_uint_le(count, rows[row].most);
		}
		for (size_t i = 0; i < CONNECTIONS; i++)
			if (connections[i].is_in)
				leave(table, &connections[i]);
		ck_assert_ptr_null(tcp_table_oldest(table));
		tcp_table_free(table);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_random };

	return run_tests("tcp_table", tests, COUNT_OF(tests));
}
