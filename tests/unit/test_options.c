/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* spurnd's command line: what each option sets, and what is said about a wrong one. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/options.h"
#include "divert.h"

#define WORDS_MAX 128

/* A command line and what came of it. */
typedef struct run {
	char line[4096];
	char *words[WORDS_MAX];
	options_t options;
	options_result_t result;
	char log[4096]; /* what was written to stderr */
	char out[8192]; /* and to stdout */
} run_t;

/* What has been parsed since the test began. */
static options_t parsed[32];
static size_t parsed_count;

static void free_parsed(void)
{
	while (parsed_count > 0)
		options_free(&parsed[--parsed_count]);
}

/* Parses "spurnd LINE", in which blanks separate the words and ' stands for an empty one. */
static void parse(run_t *run, const char *line)
{
	diversion_t out;
	diversion_t log;
	int count = 0;
	char *rest;

	snprintf(run->line, sizeof(run->line), "spurnd %s", line);
	for (char *word = strtok_r(run->line, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		ck_assert_int_lt(count, WORDS_MAX - 1);
		if (strcmp(word, "'") == 0)
			word[0] = '\0';
		run->words[count++] = word;
	}
	run->words[count] = NULL;

	divert(&out, stdout);
	divert(&log, stderr);
	run->result = options_parse(count, run->words, &run->options);
	ck_assert_uint_lt(parsed_count, COUNT_OF(parsed));
	parsed[parsed_count++] = run->options;
	collect(&log, run->log, sizeof(run->log));
	collect(&out, run->out, sizeof(run->out));
}

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define MINIMUM "-b 127.0.0.1/5300 z:ip4set:f"

START_TEST(test_defaults)
{
	run_t run;

	parse(&run, MINIMUM);
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert_str_eq(run.log, "");
	ck_assert_uint_eq(run.options.listen.count, 1);
	ck_assert_uint_eq(run.options.catalog.ttl_default_s, 2100);
	ck_assert_uint_eq(run.options.catalog.ttl_min_s, 0);
	ck_assert_uint_eq(run.options.catalog.ttl_max_s, 0);
	ck_assert_int_eq(run.options.catalog.version, CATALOG_VERSION_FULL);
	ck_assert(!run.options.catalog.allow_host_bits);
	ck_assert(!run.options.catalog.minimal_answers);
	ck_assert(!run.options.catalog.ent_is_nxdomain);
	ck_assert_ptr_null(run.options.user);
	ck_assert_ptr_null(run.options.root);
	ck_assert_ptr_null(run.options.workdir);
	ck_assert_ptr_null(run.options.pidfile);
	ck_assert_uint_eq(run.options.check_s, 60);
	ck_assert_uint_ge(run.options.workers, 1);
	ck_assert_int_eq(run.options.steering, STEERING_RANDOM);
	ck_assert(!run.options.is_foreground);
	ck_assert(!run.options.is_quick);
	ck_assert(!run.options.is_dump);
	ck_assert_ptr_null(run.options.statistics);
	ck_assert_ptr_null(run.options.query_log);
	ck_assert(!run.options.catalog.refuse_compressed);
	ck_assert_int_eq(run.options.facility, LOG_DAEMON);
	ck_assert_uint_eq(run.options.zone_count, 1);
	ck_assert_str_eq(run.options.zones[0], "z:ip4set:f");
	ck_assert(!run.options.has_no_tcp);
	ck_assert_uint_eq(run.options.tcp.connections, 1000);
	ck_assert_uint_eq(run.options.tcp.per_client, 100);
	ck_assert_uint_eq(run.options.tcp.idle_s, 10);
	ck_assert_uint_eq(run.options.tcp.message_s, 5);
	ck_assert_uint_eq(run.options.tcp.total_s, 600);
	ck_assert_int_eq(run.options.sandbox, SANDBOX_ON);
}
END_TEST

/* The same in short, glued and long forms, with zones between the options. */
static const char *const full_lines[] = {
	"-u u:g -r /root -w work -p pid -s +stats -l +- -b 127.2/53 -b ::1/53 -t 1h:1m:1d -c 5m -e "
	"-q -n -a -v "
	"-C -f -F local7 --workers 3 --steer cpu --ent nxdomain z:ip4set:f y:generic:g",
	"-eqnavCf -Flocal7 -uu:g -r/root -wwork -ppid -s+stats -l+- -b127.2/53 z:ip4set:f -b[::1] "
	"-t60m:60:24h "
	"-c300 "
	"--workers=3 --steer=cpu y:generic:g --ent=nxdomain",
	"--user u:g --root=/root --workdir work --pidfile=pid --statistics=+stats --query-log +- "
	"--listen 127.2 --listen=::1 "
	"--ttl=1h:1m:1d --check=5m --allow-host-bits --quickstart --foreground --full-answers "
	"--minimal-answers --hide-version --workers 3 --steer cpu --ent nxdomain "
	"--no-decompression --facility=local7 -- "
	"z:ip4set:f y:generic:g",
};

START_TEST(test_all_options)
{
	run_t run;

	parse(&run, full_lines[_i]);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s", run.log);
	ck_assert_str_eq(run.options.user, "u:g");
	ck_assert_str_eq(run.options.root, "/root");
	ck_assert_str_eq(run.options.workdir, "work");
	ck_assert_str_eq(run.options.pidfile, "pid");
	ck_assert_str_eq(run.options.statistics, "+stats");
	ck_assert_str_eq(run.options.query_log, "+-");
	ck_assert_uint_eq(run.options.listen.count, 2);
	ck_assert_uint_eq(run.options.catalog.ttl_default_s, 3600);
	ck_assert_uint_eq(run.options.catalog.ttl_min_s, 60);
	ck_assert_uint_eq(run.options.catalog.ttl_max_s, 86400);
	ck_assert_uint_eq(run.options.check_s, 300);
	ck_assert(run.options.catalog.allow_host_bits);
	ck_assert(run.options.catalog.minimal_answers);
	ck_assert(run.options.catalog.ent_is_nxdomain);
	ck_assert_int_eq(run.options.catalog.version, CATALOG_VERSION_NAME);
	ck_assert(run.options.is_quick);
	ck_assert(run.options.catalog.refuse_compressed);
	ck_assert_int_eq(run.options.facility, LOG_LOCAL7);
	ck_assert(run.options.is_foreground);
	ck_assert_uint_eq(run.options.workers, 3);
	ck_assert_int_eq(run.options.steering, STEERING_CPU);
	ck_assert_uint_eq(run.options.zone_count, 2);
	ck_assert_str_eq(run.options.zones[0], "z:ip4set:f");
	ck_assert_str_eq(run.options.zones[1], "y:generic:g");
}
END_TEST

START_TEST(test_tcp)
{
	run_t run;

	parse(&run, "--no-tcp " MINIMUM);
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert(run.options.has_no_tcp);

	parse(&run, "--tcp-connections 65535 --tcp-per-client=1 --tcp-idle 1 --tcp-message=1m "
		    "--tcp-total 1d " MINIMUM);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s", run.log);
	ck_assert(!run.options.has_no_tcp);
	ck_assert_uint_eq(run.options.tcp.connections, 65535);
	ck_assert_uint_eq(run.options.tcp.per_client, 1);
	ck_assert_uint_eq(run.options.tcp.idle_s, 1);
	ck_assert_uint_eq(run.options.tcp.message_s, 60);
	ck_assert_uint_eq(run.options.tcp.total_s, 86400);
}
END_TEST

START_TEST(test_sandbox)
{
	run_t run;

	parse(&run, "--sandbox=off " MINIMUM);
	ck_assert_int_eq(run.options.sandbox, SANDBOX_OFF);
	parse(&run, "--sandbox on " MINIMUM);
	ck_assert_int_eq(run.options.sandbox, SANDBOX_ON);
	parse(&run, "--sandbox off --sandbox strict " MINIMUM);
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert_int_eq(run.options.sandbox, SANDBOX_STRICT);
}
END_TEST

START_TEST(test_last_one_counts)
{
	run_t run;

	parse(&run, "-a -A -vv -c 0 -t 5 -t 7 --ent nxdomain --ent nodata " MINIMUM);
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert(!run.options.catalog.minimal_answers);
	ck_assert_int_eq(run.options.catalog.version, CATALOG_VERSION_HIDE);
	ck_assert_uint_eq(run.options.check_s, 0);
	ck_assert_uint_eq(run.options.catalog.ttl_default_s, 7);
	ck_assert(!run.options.catalog.ent_is_nxdomain);

	/* -4 and -6 rule also the addresses before them. */
	parse(&run, "-b * -6 -4 z:ip4set:f");
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert_uint_eq(run.options.listen.count, 1);
	ck_assert_int_eq(run.options.listen.addresses[0].any.sa_family, AF_INET);
}
END_TEST

static const struct {
	const char *value;
	uint32_t ttl_default_s;
	uint32_t ttl_min_s;
	uint32_t ttl_max_s;
} ttl_rows[] = {
	{ "60", 60, 0, 0 },
	{ "60:", 60, 0, 0 },
	{ "60::", 60, 0, 0 },
	{ "::", 2100, 0, 0 },
	{ ":0:0", 2100, 0, 0 },
	{ "5:5:5", 5, 5, 5 },
	/* a default that was not given moves into the bounds */
	{ ":10m", 2100, 600, 0 },
	{ "::2m", 120, 0, 120 },
	{ ":1h", 3600, 3600, 0 },
	{ ":1d:2d", 86400, 86400, 172800 },
};

START_TEST(test_ttl)
{
	char line[100];
	run_t run;

	snprintf(line, sizeof(line), "-t %s " MINIMUM, ttl_rows[_i].value);
	parse(&run, line);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s: %s", line, run.log);
	ck_assert_uint_eq(run.options.catalog.ttl_default_s, ttl_rows[_i].ttl_default_s);
	ck_assert_uint_eq(run.options.catalog.ttl_min_s, ttl_rows[_i].ttl_min_s);
	ck_assert_uint_eq(run.options.catalog.ttl_max_s, ttl_rows[_i].ttl_max_s);
}
END_TEST

START_TEST(test_limits)
{
	run_t run;

	parse(&run, MINIMUM);
	ck_assert(!rate_is_limit(&run.options.limits.rate));
	ck_assert(!rate_is_limit(&run.options.limits.key_quota));
	parse(&run, "--rate-limit 8:32 --key-quota=1/h " MINIMUM);
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert_uint_eq(run.options.limits.rate.span, 4 * RATE_TICKS_PER_S);
	ck_assert_uint_eq(run.options.limits.key_quota.interval, 3600 * RATE_TICKS_PER_S);
	ck_assert_uint_eq(run.options.limits.slip, 2);
	ck_assert_uint_eq(run.options.limits.ip4_length, 24);
	ck_assert_uint_eq(run.options.limits.ip6_length, 56);
	ck_assert_uint_eq(run.options.limits.slots, 131072);
	ck_assert_uint_eq(run.options.limits.exempt.count, 0);
	parse(&run, "--rate-limit-slip 0 --rate-limit-prefix 32,64 --rate-limit-exempt 10/8,::1 "
		    "--rate-limit-exempt 192.0.2.1 --rate-limit-table 1000 --rate-limit 5 "
		    "--rate-limit none " MINIMUM);
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert(!rate_is_limit(&run.options.limits.rate));
	ck_assert_uint_eq(run.options.limits.slip, 0);
	ck_assert_uint_eq(run.options.limits.ip4_length, 32);
	ck_assert_uint_eq(run.options.limits.ip6_length, 64);
	ck_assert_uint_eq(run.options.limits.slots, 1000);
	ck_assert_uint_eq(run.options.limits.exempt.count, 3);
	parse(&run, "--rate-limit 5 --rate-limit-prefix 8 --rate-limit-prefix ,48 " MINIMUM);
	ck_assert_uint_eq(run.options.limits.ip4_length, 8);
	ck_assert_uint_eq(run.options.limits.ip6_length, 48);
}
END_TEST

static const struct {
	const char *line;
	const char *log; /* a part of what must be said */
} bad_rows[] = {
	/* something is missing */
	{ "", "-b" },
	{ "-n z:ip4set:f", "-b" },
	{ "-b 127.0.0.1", "zone:type:file" },
	{ "-b", "-b needs a value" },
	{ "-n --listen", "--listen needs a value" },
	/* unknown, alone, glued to others and long */
	{ "-Z " MINIMUM, "unknown option -Z" },
	{ "--ipv4 -nZe " MINIMUM, "unknown option -Z" },
	{ "--zzz " MINIMUM, "--zzz" },
	{ "--i " MINIMUM, "--i" },
	{ "--foreground=3 " MINIMUM, "takes no value" },
	/* rbldnsd's, not ours */
	{ "-n -l", "-l needs a value" },
	{ "-x so " MINIMUM, "-x: spurnd loads no extension modules; for keys and delays see" },
	{ "-n -x", "-x: spurnd loads no extension modules" },
	{ "-X arg " MINIMUM, "-X: spurnd loads no extension modules" },
	/* values */
	{ "-b 127.0.0.1/0 z:ip4set:f", "-b 127.0.0.1/0" },
	{ "-6 -b 127.0.0.1 z:ip4set:f", "-6" },
	{ "-t 0 " MINIMUM, "-t 0" },
	{ "-t 0:1:2 " MINIMUM, "-t 0:1:2" },
	{ "-t ' " MINIMUM, "-t" },
	{ "-t 1h30m " MINIMUM, "-t 1h30m" },
	{ "-t 1:2:3:4 " MINIMUM, "-t 1:2:3:4" },
	{ "-t 10:50:200 " MINIMUM, "-t 10:50:200" },
	{ "-t 300:50:200 " MINIMUM, "-t 300:50:200" },
	{ "-t :20:10 " MINIMUM, "-t :20:10" },
	{ "-c x " MINIMUM, "-c x" },
	{ "-c ' " MINIMUM, "-c" },
	{ "-c -1 " MINIMUM, "-c -1" },
	{ "-F local8 " MINIMUM, "-F local8: no such facility" },
	{ "-F DAEMON " MINIMUM, "-F DAEMON" },
	{ "-F ' " MINIMUM, "-F : no such facility" },
	{ "--workers 0 " MINIMUM, "--workers 0" },
	{ "--workers 257 " MINIMUM, "--workers 257" },
	{ "--workers 4294967297 " MINIMUM, "--workers 4294967297" },
	{ "--workers 2x " MINIMUM, "--workers 2x" },
	{ "--steer rand " MINIMUM, "--steer rand: give random" },
	{ "--steer= " MINIMUM, "--steer : give random" },
	{ "--ent maybe " MINIMUM, "--ent maybe" },
	{ "--sandbox maybe " MINIMUM, "--sandbox maybe" },
	{ "--tcp-connections 0 " MINIMUM, "--no-tcp is for none" },
	{ "--tcp-connections 65536 " MINIMUM, "--tcp-connections 65536" },
	{ "--tcp-per-client x " MINIMUM, "--tcp-per-client x" },
	{ "--tcp-idle 0 " MINIMUM, "--tcp-idle 0: give a time of 1 second" },
	{ "--tcp-message 86401 " MINIMUM, "--tcp-message 86401" },
	{ "--tcp-total ' " MINIMUM, "--tcp-total" },
	{ "--rate-limit 0 " MINIMUM, "--rate-limit 0: a rate, and a burst, is at least 1" },
	{ "--rate-limit 5:x " MINIMUM, "--rate-limit 5:x: a rate is a number" },
	{ "--rate-limit 100001 " MINIMUM, "at most 100000 per second" },
	{ "--key-quota 10/w " MINIMUM, "--key-quota 10/w: a rate is a number" },
	{ "--rate-limit 5 --rate-limit-slip x " MINIMUM, "--rate-limit-slip x" },
	{ "--rate-limit 5 --rate-limit-slip -1 " MINIMUM, "--rate-limit-slip -1" },
	{ "--rate-limit 5 --rate-limit-prefix ' " MINIMUM, "--rate-limit-prefix : give the bits" },
	{ "--rate-limit 5 --rate-limit-prefix , " MINIMUM, "--rate-limit-prefix ,: give the bits" },
	{ "--rate-limit 5 --rate-limit-prefix 33 " MINIMUM, "--rate-limit-prefix 33" },
	{ "--rate-limit 5 --rate-limit-prefix 0,56 " MINIMUM, "--rate-limit-prefix 0,56" },
	{ "--rate-limit 5 --rate-limit-prefix 24,129 " MINIMUM, "--rate-limit-prefix 24,129" },
	{ "--rate-limit 5 --rate-limit-prefix 24,56,64 " MINIMUM, "24,56,64" },
	{ "--rate-limit 5 --rate-limit-exempt 10.0.0.1/8 " MINIMUM,
	  "--rate-limit-exempt 10.0.0.1/8" },
	{ "--rate-limit 5 --rate-limit-exempt host " MINIMUM, "not an IPv4 or IPv6 address" },
	{ "--rate-limit 5 --rate-limit-table 0 " MINIMUM, "--rate-limit-table 0" },
	{ "--rate-limit 5 --rate-limit-table 999999999 " MINIMUM, "--rate-limit-table 999999999" },
	{ "--rate-limit-slip 2 " MINIMUM, "--rate-limit-slip is about a limit that is not set" },
	{ "--rate-limit-exempt ::1 " MINIMUM, "give --rate-limit RATE, too" },
	{ "--max-shrink 101% " MINIMUM, "--max-shrink 101%" },
	{ "--max-shrink 50%% " MINIMUM, "--max-shrink 50%%" },
	{ "--max-shrink 4294967346 " MINIMUM, "--max-shrink" },
	{ "--max-shrink -1 " MINIMUM, "--max-shrink -1" },
	{ "--max-shrink % " MINIMUM, "--max-shrink %" },
	{ "--max-shrink half " MINIMUM, "--max-shrink half" },
	{ "--max-udp-size 511 " MINIMUM, "--max-udp-size 511" },
	{ "--max-udp-size 1233 " MINIMUM, "--max-udp-size 1233" },
	{ "--max-udp-size 4294967808 " MINIMUM, "--max-udp-size 4294967808" },
	{ "--max-udp-size ' " MINIMUM, "--max-udp-size" },
	{ "--nsid " HUNDRED "29-bytes-behind-the-hundred.. " MINIMUM, "--nsid: 129 bytes" },
};

START_TEST(test_bad)
{
	run_t run;

	parse(&run, bad_rows[_i].line);
	ck_assert_msg(run.result == OPTIONS_BAD, "%s", bad_rows[_i].line);
	ck_assert_msg(strstr(run.log, bad_rows[_i].log) != NULL, "%s: %s", bad_rows[_i].line,
		      run.log);
}
END_TEST

START_TEST(test_nsid)
{
	char host[256] = "";
	run_t run;

	parse(&run, MINIMUM);
	ck_assert_int_eq(gethostname(host, sizeof(host) - 1), 0);
	ck_assert_str_eq(run.options.catalog.nsid, host);
	parse(&run, "--nsid ' " MINIMUM);
	ck_assert_str_eq(run.options.catalog.nsid, "");
	parse(&run, "--nsid " HUNDRED "28-bytes-behind-the-hundred. " MINIMUM);
	ck_assert_uint_eq(strlen(run.options.catalog.nsid), CATALOG_NSID_MAX);
	parse(&run, "--nsid=a -vv --nsid b " MINIMUM);
	ck_assert_str_eq(run.options.catalog.nsid, "b");
}
END_TEST

START_TEST(test_max_udp_size)
{
	run_t run;

	parse(&run, MINIMUM);
	ck_assert_uint_eq(run.options.catalog.udp_size, 1232);
	parse(&run, "--max-udp-size 512 " MINIMUM);
	ck_assert_uint_eq(run.options.catalog.udp_size, 512);
	parse(&run, "--max-udp-size=1232 " MINIMUM);
	ck_assert_uint_eq(run.options.catalog.udp_size, 1232);
}
END_TEST

START_TEST(test_max_shrink)
{
	run_t run;

	parse(&run, MINIMUM);
	ck_assert_uint_eq(run.options.catalog.max_shrink_percent, 50);
	parse(&run, "--max-shrink 0 " MINIMUM);
	ck_assert_uint_eq(run.options.catalog.max_shrink_percent, 0);
	parse(&run, "--max-shrink=100% " MINIMUM);
	ck_assert_uint_eq(run.options.catalog.max_shrink_percent, 100);
	parse(&run, "--max-shrink=7% " MINIMUM);
	ck_assert_uint_eq(run.options.catalog.max_shrink_percent, 7);
}
END_TEST

START_TEST(test_facilities)
{
	/* All that rbldnsd takes. */
	static const struct {
		const char *name;
		int number;
	} rows[] = {
		{ "auth", LOG_AUTH },     { "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
		{ "daemon", LOG_DAEMON }, { "ftp", LOG_FTP },           { "kern", LOG_KERN },
		{ "lpr", LOG_LPR },       { "mail", LOG_MAIL },         { "news", LOG_NEWS },
		{ "syslog", LOG_SYSLOG }, { "user", LOG_USER },         { "uucp", LOG_UUCP },
		{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },     { "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },     { "local5", LOG_LOCAL5 },
		{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 },
	};
	char line[100];
	run_t run;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		snprintf(line, sizeof(line), "-F %s " MINIMUM, rows[i].name);
		parse(&run, line);
		ck_assert_int_eq(run.result, OPTIONS_RUN);
		ck_assert_int_eq(run.options.facility, rows[i].number);
	}
}
END_TEST

/* A dump listens nowhere. */
START_TEST(test_dump)
{
	run_t run;

	parse(&run, "-d z:ip4set:f");
	ck_assert_int_eq(run.result, OPTIONS_RUN);
	ck_assert(run.options.is_dump);
	parse(&run, "--dump");
	ck_assert_int_eq(run.result, OPTIONS_BAD);
}
END_TEST

START_TEST(test_too_many_addresses)
{
	char line[WORDS_MAX * 32] = "";
	size_t used = 0;
	run_t run;

	for (int i = 0; i <= LISTEN_MAX; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "-b127.0.1.%d ", i);
	snprintf(line + used, sizeof(line) - used, "z:ip4set:f");
	parse(&run, line);
	ck_assert_int_eq(run.result, OPTIONS_BAD);
	ck_assert_ptr_nonnull(strstr(run.log, "0.0.0.0"));
}
END_TEST

START_TEST(test_help)
{
	/* Whichever way it is asked for, whatever stands around it. */
	static const char *const lines[] = { "-h", "--help", "-nh", "-b x --help -Z" };
	/* It names every option that there is. */
	static const char *const names[] = {
		"-u, --user",
		"-r, --root",
		"-w, --workdir",
		"-b, --listen",
		"-4, --ipv4",
		"-6, --ipv6",
		"-t, --ttl",
		"-c, --check",
		"-e, --allow-host-bits",
		"-q, --quickstart",
		"-C, --no-decompression",
		"-F, --facility",
		"-f ",
		"-p, --pidfile",
		"-s, --statistics",
		"-l, --query-log",
		"-n, --foreground",
		"-a, --minimal",
		"-A, --full-answers",
		"-v, --hide-version",
		"-h, --help",
		"--version",
		"--workers",
		"--steer random|cpu|hash",
		"--ent nodata|nxdomain",
		"--nsid TEXT",
		"--max-shrink PERCENT",
		"--max-udp-size BYTES",
		"--sandbox on|off|strict",
		"--cookie-secret FILE",
		"--cookies on|off",
		"--rate-limit RATE[:BURST]",
		"--rate-limit-slip N",
		"--rate-limit-prefix N,M",
		"--rate-limit-exempt NET,NET...",
		"--rate-limit-table N",
		"--key-quota RATE[:BURST]",
		"zone:type:file",
	};
	run_t run;

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		parse(&run, lines[i]);
		ck_assert_msg(run.result == OPTIONS_SHOWN, "%s", lines[i]);
		ck_assert_str_eq(run.log, "");
	}
	for (size_t i = 0; i < COUNT_OF(names); i++)
		ck_assert_msg(strstr(run.out, names[i]) != NULL, "%s", names[i]);
}
END_TEST

START_TEST(test_version)
{
	run_t run;

	parse(&run, "--version");
	ck_assert_int_eq(run.result, OPTIONS_SHOWN);
	ck_assert_str_eq(run.out, "spurnd " PACKAGE_VERSION "\n");
	ck_assert_str_eq(run.log, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	log_set_program("spurnd");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, NULL, free_parsed);
	tcase_add_test(tcase, test_defaults);
	tcase_add_loop_test(tcase, test_all_options, 0, (int)COUNT_OF(full_lines));
	tcase_add_test(tcase, test_tcp);
	tcase_add_test(tcase, test_sandbox);
	tcase_add_test(tcase, test_last_one_counts);
	tcase_add_loop_test(tcase, test_ttl, 0, (int)COUNT_OF(ttl_rows));
	tcase_add_test(tcase, test_limits);
	tcase_add_loop_test(tcase, test_bad, 0, (int)COUNT_OF(bad_rows));
	tcase_add_test(tcase, test_nsid);
	tcase_add_test(tcase, test_max_shrink);
	tcase_add_test(tcase, test_max_udp_size);
	tcase_add_test(tcase, test_facilities);
	tcase_add_test(tcase, test_dump);
	tcase_add_test(tcase, test_too_many_addresses);
	tcase_add_test(tcase, test_help);
	tcase_add_test(tcase, test_version);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
