/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "load_report.h"

#include <inttypes.h>

static void json_latency(const histogram_t *latency, FILE *out)
{
	fprintf(out,
		"{\"p50\":%" PRIu64 ",\"p90\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"p99.9\":%" PRIu64
		",\"max\":%" PRIu64 "}",
		histogram_percentile(latency, 0.5), histogram_percentile(latency, 0.9),
		histogram_percentile(latency, 0.99), histogram_percentile(latency, 0.999),
		latency->max_us);
}

static void json_queries(const engine_counts_t *queries, FILE *out)
{
	fprintf(out,
		"\"sent\":%" PRIu64 ",\"answered\":%" PRIu64 ",\"lost\":%" PRIu64
		",\"late\":%" PRIu64 ",\"strange\":%" PRIu64 ",\"refused\":%" PRIu64
		",\"skipped\":%" PRIu64 ",\"own_drops\":%" PRIu64,
		queries->sent, queries->answered, queries->lost, queries->late, queries->strange,
		queries->refused, queries->skipped, queries->own_drops);
	fprintf(out,
		",\"tcp_sent\":%" PRIu64 ",\"tcp_again\":%" PRIu64 ",\"tcp_connects\":%" PRIu64,
		queries->tcp_sent, queries->tcp_again, queries->tcp_connects);
}

void load_report_json(const load_report_t *report, FILE *out)
{
	const oracle_counts_t *answers = &report->answers;

	fprintf(out, "{\"seconds\":%.3f,", report->seconds);
	json_queries(&report->queries, out);
	fprintf(out,
		",\"server_drops\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"unlisted\":%" PRIu64
		",\"failed\":%" PRIu64 ",\"backward\":%" PRIu64
		",\"first_generation\":%u,\"last_generation\":%u,\"latency_us\":",
		report->server_drops, answers->wrong, answers->unlisted, answers->failed,
		answers->backward, report->first_generation, report->last_generation);
	json_latency(report->latency, out);
	fputs(",\"phases\":{", out);
	for (size_t i = 0; i < report->phase_count; i++) {
		const phase_t *phase = &report->phases[i];
		fprintf(out,
			"%s\"%s\":{\"answered\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"wrong\":%" PRIu64
			",\"latency_us\":",
			i > 0 ? "," : "", phase->name, phase->latency.total, phase->lost,
			phase->wrong);
		json_latency(&phase->latency, out);
		fputc('}', out);
	}
	fputs("}}\n", out);
}

static void table_row(const char *name, const histogram_t *latency, uint64_t lost, uint64_t wrong,
		      FILE *out)
{
	fprintf(out, "%-16s %10" PRIu64 " %6" PRIu64 " %6" PRIu64 " %8.3f %8.3f %8.3f %8.3f\n",
		name, latency->total, lost, wrong, (double)histogram_percentile(latency, 0.5) / 1e3,
		(double)histogram_percentile(latency, 0.99) / 1e3,
		(double)histogram_percentile(latency, 0.999) / 1e3, (double)latency->max_us / 1e3);
}

void load_report_table(const load_report_t *report, FILE *out)
{
	const engine_counts_t *queries = &report->queries;

	fprintf(out, "%-16s %10s %6s %6s %8s %8s %8s %8s\n", "", "answered", "lost", "wrong",
		"p50 ms", "p99 ms", "p99.9 ms", "max ms");
	for (size_t i = 0; i < report->phase_count; i++)
		table_row(report->phases[i].name, &report->phases[i].latency,
			  report->phases[i].lost, report->phases[i].wrong, out);
	table_row("all", report->latency, queries->lost, report->answers.wrong, out);
	fprintf(out,
		"%" PRIu64 " queries in %.1f s, %" PRIu64 " of them over TCP in %" PRIu64
		" connections, %" PRIu64 " again\n",
		queries->sent, report->seconds, queries->tcp_sent, queries->tcp_connects,
		queries->tcp_again);
	fprintf(out,
		"wrong: %" PRIu64 " listed answered as not listed, %" PRIu64
		" refused or failed; backward: %" PRIu64 "; late: %" PRIu64 "; strange: %" PRIu64
		"\n",
		report->answers.unlisted, report->answers.failed, report->answers.backward,
		queries->late, queries->strange);
	fprintf(out,
		"dropped by the server's sockets: %" PRIu64 ", by the client's: %" PRIu64
		"; not sent in time: %" PRIu64 "; port unreachable: %" PRIu64 "\n",
		report->server_drops, queries->own_drops, queries->skipped, queries->refused);
}
