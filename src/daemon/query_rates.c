/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/query_rates.h"

#include "base/clock.h"

void query_rates_look(query_rates_t *rates, double now_s, uint64_t received)
{
	if (rates->filled > 0)
		rates->newest = (rates->newest + 1) % COUNT_OF(rates->looks);
	if (rates->filled < COUNT_OF(rates->looks))
		rates->filled++;
	rates->looks[rates->newest].time_s = now_s;
	rates->looks[rates->newest].received = received;
}

static void look(query_rates_t *rates)
{
	message_counts_t sum = { 0 };

	rates->count(rates->context, &sum);
	query_rates_look(rates, clock_monotonic_s(), sum.received);
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	look(timer->data);
}

void query_rates_start(query_rates_t *rates, struct ev_loop *loop,
		       void (*count)(void *context, message_counts_t *sum), void *context)
{
	*rates = (query_rates_t){ .count = count, .context = context };
	ev_timer_init(&rates->timer, on_tick, 1, 1);
	rates->timer.data = rates;
	ev_timer_start(loop, &rates->timer);
	look(rates);
}

double query_rates_of(const query_rates_t *rates, unsigned seconds)
{
	unsigned back = seconds < rates->filled ? seconds : rates->filled - 1;
	unsigned oldest =
		(rates->newest + (unsigned)COUNT_OF(rates->looks) - back) % COUNT_OF(rates->looks);
	double passed_s;

	if (rates->filled < 2)
		return 0;
	passed_s = rates->looks[rates->newest].time_s - rates->looks[oldest].time_s;
	return passed_s > 0 ? (double)(rates->looks[rates->newest].received -
				       rates->looks[oldest].received) /
				      passed_s
			    : 0;
}
