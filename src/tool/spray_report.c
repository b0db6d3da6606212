/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/plural.h"
#include "tool/human.h"
#include "tool/paragraph.h"
#include "tool/rcode.h"
#include "tool/spray_advice.h"
#include "tool/spray_spread.h"
#include "tool/spray_words.h"
#include "tool/table.h"

/* Columns of what a line is about. */
#define LABEL 11
/* Columns between a count and what there is to say of it, and of a share with those before it. */
#define COUNT_GAP   3
#define SHARE_WIDTH 8
/* Rows of the table. Nobody has so many servers, but anybody may give identifiers by the thousand. */
#define ROWS_MAX 200

/* A report under way. */
typedef struct report {
	const spray_result_t *result;
	spray_spread_t spread;
	size_t width;
	bool has_blocks;
	FILE *out;
} report_t;

static void write_setup(const report_t *report)
{
	const spray_setup_t *setup = &report->result->setup;
	paragraph_t line = paragraph_begin(report->out, report->width, 0, "");
	char text[SPRAY_WORDS_MAX];

	paragraph_add_piece(&line, "%s", setup->target);
	paragraph_add_piece(&line, "%s %s", setup->zone, setup->types);
	paragraph_add_piece(&line, "%s", spray_words_policy(setup, text));
	paragraph_end(&line);
	putc('\n', report->out);
}

/* Begins a line with a count, and its share of all if `has_share`. */
static paragraph_t begin_count(const report_t *report, const char *label, uint64_t count,
			       bool has_share)
{
	char digits[2][HUMAN_MAX];
	char share[SPRAY_WORDS_MAX] = "";
	char text[LABEL + HUMAN_MAX + COUNT_GAP + SPRAY_WORDS_MAX];
	size_t width = strlen(human_count(report->result->sent, digits[0]));

	if (has_share)
		spray_words_share(count, report->result->sent, share);
	snprintf(text, sizeof(text), "%-*s%*s%*s", LABEL, label, (int)width,
		 human_count(count, digits[1]), has_share ? SHARE_WIDTH + 1 : 0, share);
	return paragraph_begin(report->out, report->width,
			       LABEL + width + SHARE_WIDTH + 1 + COUNT_GAP, text);
}

static void write_answered(const report_t *report)
{
	const spray_result_t *result = report->result;
	paragraph_t line = begin_count(report, "Answered", result->answered, true);
	char count[HUMAN_MAX];

	for (unsigned i = 0; i < SPRAY_RCODES; i++) {
		if (result->rcodes[i] == 0)
			continue;
		human_count(result->rcodes[i], count);
		if (rcode_name(i) != NULL)
			paragraph_add_piece(&line, "%s %s", rcode_name(i), count);
		else
			paragraph_add_piece(&line, "rcode %u %s", i, count);
	}
	paragraph_end(&line);
}

static void write_wrong(const report_t *report)
{
	const spray_result_t *result = report->result;
	uint64_t wrong = result->wrong_rcode + result->wrong_answer;
	paragraph_t line = begin_count(report, "Wrong", wrong, wrong > 0);
	char count[HUMAN_MAX];

	if (result->wrong_rcode > 0)
		paragraph_add_piece(&line, "%s by their rcode",
				    human_count(result->wrong_rcode, count));
	if (result->wrong_answer > 0)
		paragraph_add_piece(&line, "%s by their records",
				    human_count(result->wrong_answer, count));
	if (!result->setup.is_judged && result->answered > 0)
		paragraph_add_piece(&line, "only rcodes other than NOERROR and NXDOMAIN count");
	paragraph_end(&line);
}

static void write_counts(const report_t *report)
{
	const spray_result_t *result = report->result;
	char text[HUMAN_MAX];
	paragraph_t line = begin_count(report, "Sent", result->sent, false);

	if (result->seconds > 0) {
		paragraph_add_piece(&line, "in %s", human_duration(result->seconds, text));
		paragraph_add_piece(&line, "%s a second",
				    human_rate((double)result->sent / result->seconds, text));
		if (result->setup.rate > 0)
			paragraph_add(&line, "(%s wanted)", human_rate(result->setup.rate, text));
		else
			paragraph_add(&line, "(as fast as it goes)");
	}
	paragraph_end(&line);
	write_answered(report);
	line = begin_count(report, "Lost", result->lost, result->lost > 0);
	if (result->lost > result->unsendable)
		paragraph_add(&line, "nothing came within %g s", result->setup.patience_s);
	paragraph_end(&line);
	write_wrong(report);
}

static void write_latency(const report_t *report)
{
	static const struct {
		const char *name;
		double share;
	} rows[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99.9", 0.999 } };
	const histogram_t *latency = &report->result->latency;
	paragraph_t line = paragraph_begin(report->out, report->width, LABEL, "Latency");
	char text[SPRAY_WORDS_MAX];

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		paragraph_add_piece(
			&line, "%s %s", rows[i].name,
			spray_words_latency(histogram_percentile(latency, rows[i].share), text));
	paragraph_add_piece(&line, "max %s", spray_words_latency(latency->max_us, text));
	paragraph_end(&line);
}

static void write_ports(const report_t *report)
{
	const spray_result_t *result = report->result;
	const spray_setup_t *setup = &result->setup;
	paragraph_t line = paragraph_begin(report->out, report->width, LABEL, "Ports");
	char count[HUMAN_MAX];

	paragraph_add(&line, "%s used, %.2f bits of entropy",
		      human_count(result->ports_used, count), result->port_entropy_bits);
	if (result->ports_used > 1)
		paragraph_add(&line, "(%.2f if all had the same)", log2(result->ports_used));
	if (setup->ports_reserved > 0 || setup->ports_avoided > 0)
		paragraph_add_piece(&line, "left out: %u reserved, %u to be avoided",
				    setup->ports_reserved, setup->ports_avoided);
	paragraph_end(&line);
}

/* A number of microseconds, with three digits that count, or all those that are not behind the point. */
static const char *digits_of(double number, char text[HUMAN_MAX])
{
	snprintf(text, HUMAN_MAX, "%.*f", number < 9.995 ? 2 : number < 99.95 ? 1 : 0, number);
	return text;
}

/* What the process that asks needed: it must not be what is measured. */
static void write_cpu(const report_t *report)
{
	const spray_result_t *result = report->result;
	paragraph_t line = paragraph_begin(report->out, report->width, LABEL, "CPU");
	double each = 1e6 / (double)result->sent;
	char text[3][HUMAN_MAX];

	paragraph_add(&line, "%s microseconds a query in %u thread%s here: %s user, %s system",
		      digits_of((result->user_s + result->system_s) * each, text[0]),
		      result->setup.threads, plural(result->setup.threads),
		      digits_of(result->user_s * each, text[1]),
		      digits_of(result->system_s * each, text[2]));
	paragraph_end(&line);
}

static void add_row(const report_t *report, table_t *table, const spray_server_t *server)
{
	const spray_spread_t *spread = &report->spread;
	char text[SPRAY_WORDS_MAX];
	double longest = (double)(spread->max > spread->unnamed ? spread->max : spread->unnamed);

	table_add(table, "%s", spray_words_server(server));
	table_add(table, "%s", human_count(server->answered, text));
	table_add(table, "%s", spray_words_share(server->answered, report->result->answered, text));
	/* Nobody knows how many servers are behind answers that do not say. */
	if (server->has_nsid)
		table_add(table, "%s",
			  spray_words_deviation(spray_spread_deviation(spread, server->answered),
						text));
	else
		table_add(table, "%s", "");
	table_add_bar(table, (double)server->answered / longest, spread->mean / longest);
}

static err_t write_servers(const report_t *report)
{
	static const table_column_t columns[] = {
		{ "SERVER", false }, { "ANSWERS", true }, { "SHARE", true }, { "OFF MEAN", true }
	};
	table_t *table = table_new(columns, COUNT_OF(columns));
	char text[2][HUMAN_MAX];
	spray_rows_t rows = { 0 };
	err_t err = ERR_NOMEM;

	if (table != NULL)
		err = spray_rows_make(report->result, ROWS_MAX, &rows);
	for (size_t i = 0; i < rows.count; i++)
		add_row(report, table, rows.servers[i]);
	if (err == ERR_OK) {
		table_use_blocks(table, report->has_blocks);
		err = table_write(table, report->width, report->out);
	}
	if (err == ERR_OK && rows.rest > 0)
		fprintf(report->out, "and %s more with %s answers; --json has them all\n",
			human_count(rows.rest, text[0]), human_count(rows.rest_answers, text[1]));
	if (err == ERR_OK && report->spread.servers > report->spread.seen)
		fprintf(report->out, "and %zu more that gave no answer\n",
			report->spread.servers - report->spread.seen);
	spray_rows_clear(&rows);
	table_free(table);
	return err;
}

static void write_verdict(const report_t *report)
{
	const spray_spread_t *spread = &report->spread;
	paragraph_t line = paragraph_begin(report->out, report->width, 0, "");
	char text[SPRAY_WORDS_MAX];

	if (spread->verdict == SPRAY_UNKNOWN)
		paragraph_add(&line, "max/mean: %s", spray_words_verdict(spread, text));
	else
		paragraph_add(&line, "max/mean %.2f: %s", spread->max_to_mean,
			      spray_words_verdict(spread, text));
	paragraph_end(&line);
}

err_t spray_report_write(const spray_result_t *result, size_t width, bool has_blocks, FILE *out)
{
	report_t report = {
		.result = result, .width = width, .has_blocks = has_blocks, .out = out
	};
	err_t err = spray_spread_find(result, &report.spread);

	if (err != ERR_OK)
		return err;
	write_setup(&report);
	write_counts(&report);
	if (result->answered > 0)
		write_latency(&report);
	if (result->sent > 0) {
		write_ports(&report);
		write_cpu(&report);
	}
	spray_advice_on_run(result, width, out);
	if (result->answered > 0) {
		putc('\n', out);
		err = write_servers(&report);
		putc('\n', out);
		spray_advice_on_spread(result, &report.spread, width, out);
		write_verdict(&report);
	}
	return err;
}
