/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The configuration file: what it sets, what is said about a wrong one, and that the manual knows it
 * all. */

#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/similar.h"
#include "daemon/config_keys.h"
#include "daemon/options.h"
#include "daemon/options_plan.h"
#include "divert.h"

/* A file, with a command line, and what came of it. */
typedef struct run {
	char path[64];
	char words[16][64];
	options_t options;
	options_result_t result;
	plan_t *plan; /* NULL unless all is well */
	char log[16384];
} run_t;

/* Reads `text` as a file, with the words up to NULL on the command line behind it. */
static void run_config(run_t *run, const char *text, const char *const *words)
{
	char *line[COUNT_OF(run->words)];
	int count = 0;
	diversion_t log;
	int fd;

	memset(run, 0, sizeof(*run));
	strcpy(run->path, "config.XXXXXX");
	fd = mkstemp(run->path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	strcpy(run->words[count++], "spurnd");
	strcpy(run->words[count++], "--config");
	strcpy(run->words[count++], run->path);
	while (words != NULL && *words != NULL)
		strcpy(run->words[count++], *words++);
	for (int i = 0; i < count; i++)
		line[i] = run->words[i];
	divert(&log, stderr);
	run->result = options_parse(count, line, &run->options);
	if (run->result == OPTIONS_RUN && options_plan_make(&run->options, &run->plan) != ERR_OK)
		run->result = OPTIONS_BAD;
	collect(&log, run->log, sizeof(run->log));
	unlink(run->path);
}

static void end(run_t *run)
{
	plan_free(run->plan);
	options_free(&run->options);
}

#define LISTEN "listen = 127.0.0.1/5300\n"
#define ZONE   "zone z { data = \"ip4set:f\" }\n"

/* A value that each setting takes; those without one in the list take yes. */
static const char *const values[][2] = {
	{ "listen", "127.0.0.1" },
	{ "workers", "2" },
	{ "steer", "hash" },
	{ "tcp-connections", "10" },
	{ "tcp-per-client", "5" },
	{ "tcp-idle", "5s" },
	{ "tcp-message", "5s" },
	{ "tcp-total", "5m" },
	{ "ttl", "1h:5m:1d" },
	{ "hide-version", "refuse" },
	{ "nsid", "me" },
	{ "max-udp-size", "512" },
	{ "ent", "nxdomain" },
	{ "cookie-secret", "file" },
	{ "ipv6", "no" },
	{ "rate-limit", "5" },
	{ "rate-limit-slip", "3" },
	{ "rate-limit-prefix", "'24,56'" },
	{ "rate-limit-exempt", "{ 192.0.2.0/24, ::1 }" },
	{ "rate-limit-table", "100" },
	{ "key-quota", "5" },
	{ "check", "5m" },
	{ "max-shrink", "30%" },
	{ "user", "nobody" },
	{ "root", "/" },
	{ "workdir", "/" },
	{ "sandbox", "off" },
	{ "control", "none" },
	{ "pidfile", "pid" },
	{ "statistics", "'+file'" },
	{ "query-log", "file" },
	{ "facility", "local3" },
};

static const char *value_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		if (strcmp(values[i][0], name) == 0)
			return values[i][1];
	}
	return "yes";
}

/* Every setting that the command line has can be said in a file, all at once and each where it may be. */
START_TEST(test_all_settings)
{
	config_key_t keys[CONFIG_KEYS_MAX];
	char text[8192] = "";
	size_t used = 0;
	run_t run;

	for (config_scope_t scope = CONFIG_GLOBAL; scope < CONFIG_SCOPES; scope++) {
		size_t count = config_keys(scope, keys);

		ck_assert_uint_lt(count, CONFIG_KEYS_MAX);
		for (size_t i = 0; i < count; i++) {
			if (setting_of_name(keys[i].name, strlen(keys[i].name)) != NULL)
				used += (size_t)snprintf(text + used, sizeof(text) - used,
							 "%s = %s\n", keys[i].name,
							 value_of(keys[i].name));
		}
		if (scope < CONFIG_DATASET)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s {\n",
						 scope == CONFIG_GLOBAL ? "zone z"
									: "dataset \"ip4set:f\"");
	}
	snprintf(text + used, sizeof(text) - used, "} }\n");
	run_config(&run, text, NULL);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s", run.log);
	ck_assert_str_eq(run.log, "");
	ck_assert_uint_eq(run.options.workers, 2);
	ck_assert_int_eq(run.options.steering, STEERING_HASH);
	ck_assert_uint_eq(run.options.tcp.total_s, 300);
	ck_assert_str_eq(run.options.catalog.nsid, "me");
	ck_assert_int_eq(run.options.catalog.version, CATALOG_VERSION_HIDE);
	ck_assert_str_eq(run.options.user, "nobody");
	ck_assert_str_eq(run.options.statistics, "+file");
	ck_assert_uint_eq(run.options.limits.exempt.count, 2);
	ck_assert(run.options.is_foreground && run.options.has_no_tcp && run.options.is_quick);
	end(&run);
}
END_TEST

static const plan_settings_t *settings_of(const run_t *run, const char *source)
{
	for (size_t i = 0; i < run->plan->dataset_count; i++) {
		if (strcmp(run->plan->datasets[i].spec.source, source) == 0)
			return &run->plan->datasets[i].settings;
	}
	ck_abort_msg("no data set %s", source);
	return NULL;
}

/* A data set has its own settings, then those of its zone, then the command line's, then the file's. */
START_TEST(test_inheritance)
{
	static const char *const words[] = { "--max-shrink", "7",           "c:dnset:3",
					     "-b",           "127.0.0.2/1", NULL };
	run_t run;

	run_config(&run,
		   "ttl = 10 # outside\nmax-shrink = 1 allow-host-bits = yes\n" LISTEN
		   "zone a { minimal-answers = on dataset \"ip4set:1\" { ttl = 30 }\n"
		   " data = { 'ip4set:2' }\n data += 'ip4trie:2,3' ttl = 20 allow-host-bits = no\n"
		   " ent = nxdomain }\n"
		   "zone b { data = { 'ip4set:2', } }\n acl = 'x,y'\n zones = { 'c:dnset:4' }",
		   words);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s", run.log);
	ck_assert_uint_eq(run.options.listen.count, 2);
	ck_assert_uint_eq(run.plan->zone_count, 3);
	ck_assert_uint_eq(settings_of(&run, "ip4set:1")->zone.ttl_default_s, 30);
	ck_assert(!settings_of(&run, "ip4set:1")->zone.allow_host_bits);
	ck_assert_uint_eq(settings_of(&run, "ip4trie:2,3")->zone.ttl_default_s, 20);
	ck_assert_uint_eq(settings_of(&run, "ip4trie:2,3")->max_shrink_percent, 7);
	ck_assert_uint_eq(settings_of(&run, "dnset:3")->zone.ttl_default_s, 10);
	ck_assert(settings_of(&run, "dnset:4")->zone.allow_host_bits);
	ck_assert_uint_ne(run.plan->acl, PLAN_NONE);
	for (size_t i = 0; i < run.plan->zone_count; i++) {
		const plan_zone_t *zone = &run.plan->zones[i];

		ck_assert_int_eq(zone->settings.minimal_answers, zone->apex[1] == 'a');
		ck_assert_int_eq(zone->settings.ent_is_nxdomain, zone->apex[1] == 'a');
		ck_assert_uint_eq(zone->dataset_count,
				  zone->apex[1] == 'a' ? 3 : zone->apex[1] - 'a');
	}
	end(&run);
}
END_TEST

/* The command line counts where there can be one value. */
START_TEST(test_command_line_wins)
{
	static const char *const words[] = { "-t", "5",      "-A", "-v", "-c",
					     "0",  "--nsid", "",   "-4", NULL };
	run_t run;

	run_config(&run,
		   "ttl = 10 minimal-answers = yes hide-version = refuse check = 5 nsid = x ipv6 = "
		   "yes\n"
		   "listen = '*'\n" ZONE,
		   words);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s", run.log);
	ck_assert_uint_eq(run.options.catalog.ttl_default_s, 5);
	ck_assert(!run.options.catalog.minimal_answers);
	ck_assert_int_eq(run.options.catalog.version, CATALOG_VERSION_NAME);
	ck_assert_uint_eq(run.options.check_s, 0);
	ck_assert_str_eq(run.options.catalog.nsid, "");
	ck_assert_uint_eq(run.options.listen.count, 1);
	end(&run);
}
END_TEST

#define TEN "0123456789"

/* Files and all of what must be said about them, without the name of the file. */
static const struct {
	const char *text;
	const char *log;
} bad_rows[] = {
	/* keys */
	{ "lisen = 5\n" LISTEN ZONE, ":1: unknown key lisen: did you mean listen?\n" },
	{ LISTEN "\n# c\n\nmaxshrink = 5\n" ZONE,
	  ":5: unknown key maxshrink: did you mean max-shrink?\n" },
	{ LISTEN ZONE "a = 1 b = { 2, 3 }\nc = 4\n",
	  ":3: unknown key a: spurnd.conf(5) lists all keys\n"
	  ":3: unknown key b: spurnd.conf(5) lists all keys\n"
	  ":4: unknown key c: spurnd.conf(5) lists all keys\n" },
	{ LISTEN "zonee x {\n}\n" ZONE, ":2: unknown key zonee: did you mean zone?\n" },
	{ LISTEN "group {\n}\n" ZONE, ":2: unknown key group: spurnd.conf(5) lists all keys\n" },
	{ LISTEN "zone z { data = a:b\n listen = 1 }",
	  ":3: unknown key listen: it can only be outside of zones\n"
	  ":2: a:b: unknown data set type \"a\"" },
	{ LISTEN "zone z { data = 'ip4set:f'\n lisen = 1 }",
	  ":3: unknown key lisen: did you mean listen? That can only be outside of zones\n" },
	{ LISTEN "zone z { data = 'ip4set:f'\n acl = 'f' }",
	  ":3: unknown key acl: outside of zones it is for all of them; one zone has data = "
	  "\"acl:FILE\"\n" },
	{ LISTEN "data = 'acl:f'\n" ZONE, ":2: unknown key data: it can only be in a zone\n" },
	{ LISTEN "dump = yes\n" ZONE, ":2: unknown key dump: it is for the command line alone\n" },
	{ LISTEN "config = x\n" ZONE,
	  ":2: unknown key config: it is for the command line alone\n" },
	{ LISTEN "TTL = 5\n" ZONE, ":2: unknown key TTL: did you mean ttl?" },
	{ LISTEN "zone z { data = 'ip4set:f' dataset 'ip4set:g' { ent = nodata } }",
	  ":2: unknown key ent: it can only be outside of zones\n" },
	/* values, all at once */
	{ LISTEN "ttl = 5x\ncheck = never\nworkers = 0\nfacility = x\nmax-udp-size = 5\nno-tcp = "
		 "maybe\n" ZONE,
	  ":2: ttl 5x: give default:min:max, each a time or left out, as in 35m, 1h:10m:1d or "
	  "::2h\n"
	  ":3: check never: give a time, as in 90, 5m or 1h, or 0 for no checks\n"
	  ":4: workers 0: give a number of threads, 1 to 256\n"
	  ":5: facility x: no such facility of syslog; give daemon, user, mail, local0 to local7 "
	  "or another "
	  "of syslog(3)\n"
	  ":6: max-udp-size 5: give a number of bytes, 512 to 1232; larger replies would get lost "
	  "on "
	  "their way\n"
	  ":7: no-tcp maybe: give on or off, or yes or no\n" },
	{ LISTEN "hide-version = 2\n" ZONE,
	  ":2: hide-version 2: give no, yes (only the program's name is told) or refuse\n" },
	{ "listen = { 127.0.0.1/0, ::1/99999 }\n" ZONE, ":1: listen 127.0.0.1/0: " },
	{ "listen = { 127.0.0.1/1,\n ::1/99999 }\n" ZONE, ":2: listen ::1/99999: " },
	{ LISTEN "rate-limit-slip = 1\n" ZONE,
	  ":2: rate-limit-slip is about a limit that is not set: give --rate-limit RATE, too\n" },
	{ LISTEN "zone z { data = 'ip4set:f'\nttl = x\ndataset 'ip4set:g' { max-shrink = y } }",
	  ":3: ttl x: give default:min:max, each a time or left out, as in 35m, 1h:10m:1d or ::2h\n"
	  ":4: max-shrink y: give the share of a list's entries that a reload may lose, 0% to "
	  "100%\n" },
	/* types */
	{ LISTEN "ttl = { 5, 6 }\n" ZONE, ":2: '{' is out of place: " },
	{ LISTEN "ttl = 5, 6\n" ZONE, ":2: ',' is out of place: " },
	{ LISTEN "ttl += 5\n" ZONE, ":2: ttl has one value: write = and not +=\n" },
	{ LISTEN "ttl { }\n" ZONE, ":2: there is no = after ttl: a setting is KEY = VALUE\n" },
	{ LISTEN "ttl 5\n" ZONE, ":2: there is no = after ttl: a setting is KEY = VALUE\n" },
	{ LISTEN "ttl =\n", ":3: the file ends in the middle of a setting\n" },
	{ LISTEN "zone { data = 'ip4set:f' }",
	  ":2: zone needs a name, as in zone \"bl.example\" { data = "
	  "\"ip4set:FILE\" }\n" },
	{ LISTEN "zone = z\n", ":2: zone needs a name" },
	{ LISTEN "zone z = y\n", ":2: the name of a zone must be followed by {\n" },
	{ LISTEN "zone z { data { } }",
	  ":2: there is no = after data: a setting is KEY = VALUE\n" },
	{ LISTEN "zone|ttl = 5\n" ZONE, "there can be no | in a key\n" },
	{ LISTEN ZONE "zone|ttl = 5\n", ":3: " },
	{ LISTEN ZONE "(", ":3: '(' is out of place" },
	/* what is given twice */
	{ LISTEN "ttl = 5\n\nttl = 6\nttl = 7\n" ZONE,
	  ":4: ttl is given twice, first in line 2: leave one of them out\n"
	  ":5: ttl is given twice, first in line 2: leave one of them out\n" },
	{ LISTEN
	  "zone z { data = 'ip4set:f' ttl = 5 dataset 'ip4set:g' { ttl = 5\nttl = 6 }\nttl = 7 }",
	  ":3: ttl is given twice, first in line 2: leave one of them out\n"
	  ":4: ttl is given twice, first in line 2: leave one of them out\n" },
	{ LISTEN
	  "zone a.b {\n data = 'ip4set:f' }\nzone x { data = 'ip4set:f' }\nzone A.b. {\n data = "
	  "'ip4set:f' }",
	  ":5: A.b.: the file has this zone already, in line 2: put all of it there\n" },
	{ LISTEN "zone z {\n data = { 'ip4set:f',\n 'ip4set:f' } dataset 'ip4set:f' { } }",
	  ":4: ip4set:f: the zone has this data set already: leave one of them out\n"
	  ":4: ip4set:f: the zone has this data set already: leave one of them out\n" },
	{ LISTEN "acl = a\nacl = b\n" ZONE, ":3: acl is given twice, first in line 2: one ACL can "
					    "have several files, as in \"file,file\"\n" },
	{ LISTEN "zone z { data = {'ip4set:f', 'acl:a',\n'acl:b'} }",
	  ":3: acl:b: there is an ACL of this kind" },
	/* zones */
	{ LISTEN "zone a {}\nzone b { ttl = 5 }\n",
	  ":2: a: the zone has no data: give a data set, as in data = \"ip4set:FILE\"\n"
	  ":3: b: the zone has no data: give a data set, as in data = \"ip4set:FILE\"\n" },
	{ LISTEN "zone a { data = {} }\n", ":2: a: the zone has no data" },
	{ LISTEN "zone a { data = 'acl:x' }\n", "zone a has an ACL, but no data to serve" },
	{ LISTEN "zone '.' { data = 'ip4set:x' }\n",
	  ":2: .: the root cannot be served as a zone\n" },
	{ LISTEN "zone '' { data = 'acl:x' }\n" ZONE, ":2: : \"\" is not a domain name\n" },
	{ LISTEN "zone 'a:ip4set:x' { data = 'ip4set:x' }\n" ZONE,
	  ":2: a:ip4set:x: there is a colon in the name: the data of a zone come in braces, as in "
	  "{ data = "
	  "\"ip4set:FILE\" }\n" },
	{ LISTEN "zone a { data = { ip4set:x, y } }\n" ZONE,
	  ":2: y: expected \"type:file,file\", in quotes if there is a comma in it\n" },
	{ LISTEN "zone a { data = { 'ip4set:' } }\n" ZONE, ":2: ip4set:: no files are given\n" },
	{ LISTEN "zones = { 'a',\n'b:c:d', ':ip4set:f' }\n" ZONE,
	  ":2: a: expected zone:type:file,file...\n"
	  ":3: b:c:d: unknown data set type" },
	{ LISTEN, "no zone to serve: give at least one zone:type:file" },
	{ ZONE, "no address to listen on: give one with -b" },
	{ "", "no address to listen on" },
	{ "\n\n# nothing\n", "no address to listen on" },
	/* what does not end */
	{ LISTEN "zone z {\n data = 'ip4set:f'\n",
	  ":2: the { in this line is not closed before the file ends: }\n" },
	{ LISTEN "zone z {\n data = {\n 'ip4set:f'\n", ":3: the { in this line is not closed" },
	{ LISTEN "ttl = \"5\n" ZONE,
	  ":2: a quote has no end in this line: each needs a second one\n" },
	{ LISTEN "ttl = '5\\'\n" ZONE, ":2: a quote has no end in this line" },
	{ LISTEN ZONE "ttl = '5", ":3: a quote has no end in this line" },
	{ LISTEN ZONE "\n/* ttl = 5\n\n\n", ":4: the comment that begins here has no end: */\n" },
	{ LISTEN ZONE "}\n", ":3: this } closes nothing\n" },
	{ LISTEN "ttl = \"\\777\"\n" ZONE, ":2: " },
	{ LISTEN "ttl = 5\001\n" ZONE, ":2: there is a control character in this line\n" },
	{ LISTEN "nsid = " TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "\n" ZONE,
	  ":2: nsid: 130 bytes are" },
};

START_TEST(test_bad)
{
	char expected[2048];
	char got[16384] = "";
	run_t run;

	run_config(&run, bad_rows[_i].text, NULL);
	ck_assert_msg(run.result == OPTIONS_BAD, "%s", bad_rows[_i].text);
	/* What is before the line is the same for all. */
	for (char *line = strtok(run.log, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *rest = strstr(line, run.path);

		ck_assert_int_eq(strncmp(line, "spurn", 5), 0);
		rest = rest == strchr(line, ' ') + 1 ? rest + strlen(run.path)
						     : strchr(line, ' ') + 1;
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s\n", rest);
	}
	snprintf(expected, sizeof(expected), "%s", bad_rows[_i].log);
	if (expected[strlen(expected) - 1] == '\n')
		ck_assert_msg(strstr(got, expected) != NULL && strlen(got) <= strlen(expected) + 80,
			      "%s\n-- says:\n%s-- not:\n%s", bad_rows[_i].text, got, expected);
	else
		ck_assert_msg(strstr(got, expected) != NULL, "%s\n-- says:\n%s-- not:\n%s",
			      bad_rows[_i].text, got, expected);
	end(&run);
}
END_TEST

/* Forms that are one and the same. */
static const char *const good_rows[] = {
	LISTEN "zone z { data = ip4set:f ttl = 7 }",
	"\xef\xbb\xbf" LISTEN "zone z { data = ip4set:f ttl = 7 }",
	"listen=127.0.0.1/5300 zone z{data={ip4set:f}ttl=7}",
	"listen\t=\t{\r\n127.0.0.1/5300\r\n}\r\nzone \"z\" { dataset \"ip4set:f\" { ttl = '7' } "
	"}\r\n",
	"# a { ' \" /* \nlisten = { # b }\n 127.0.0.1/5300 // c '\n, /* d\n } */ }\n//\nzone z { "
	"// {\ndata = "
	"{ /**/ 'ip4set:f'#\n} ttl = 7#8\n}#",
	LISTEN "zones = z:ip4set:f ttl = ${SPURN_NO_SUCH_THING:-7}",
	LISTEN "zone z { data += { \"ip4set:f\", } ttl = \"\\x37\" }",
	"/**//*/ */" LISTEN "ttl = 7 zone z { minimal-answers = no data = ip4set:f }///",
};

START_TEST(test_good)
{
	run_t run;

	run_config(&run, good_rows[_i], NULL);
	ck_assert_msg(run.result == OPTIONS_RUN, "%s: %s", good_rows[_i], run.log);
	ck_assert_str_eq(run.log, "");
	ck_assert_uint_eq(run.plan->zone_count, 1);
	ck_assert_uint_eq(settings_of(&run, "ip4set:f")->zone.ttl_default_s, 7);
	end(&run);
}
END_TEST

/* A file in which every second line is wrong has all told, up to the limit of keys. */
START_TEST(test_many_mistakes)
{
	char text[16384] = LISTEN ZONE;
	size_t lines = 0;
	run_t run;

	for (int i = 0; i < 200; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "nonsense%d = 1\nttl = 5\n", i);
	run_config(&run, text, NULL);
	ck_assert_int_eq(run.result, OPTIONS_BAD);
	for (const char *at = run.log; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	ck_assert_uint_ge(lines, 100);
	end(&run);
}
END_TEST

/* Zones are many, and that takes no time to speak of: nothing is looked for among all. */
START_TEST(test_many_zones)
{
	enum { ZONES = 65536 };
	char *text = malloc(ZONES * 64 + 100);
	size_t used;
	config_t *config;

	ck_assert_ptr_nonnull(text);
	used = (size_t)sprintf(text, LISTEN);
	for (int i = 0; i < ZONES; i++)
		used += (size_t)sprintf(text + used, "zone z%d { data = 'ip4set:f%d'\nttl = 5 }\n",
					i, i);
	ck_assert_int_eq(config_parse(text, used, "many.conf", &config), ERR_OK);
	ck_assert_uint_eq(config->zones.count, ZONES);
	ck_assert_uint_eq(config->zones.all[ZONES - 1].line, 2 * ZONES);
	config_free(config);
	free(text);
}
END_TEST

/* Whatever somebody's editor makes of a good file: no crash, no leak, and the good file is read as ever
 * afterwards. */
START_TEST(test_mutations)
{
	static const char good[] = LISTEN
		"ttl = \"5:1:9\" /* c */ zone \"a\" { # c\n data = { 'ip4set:f', \"dnset:g\" }\n"
		"dataset x:y { ttl = 5 } }\nnsid = ${A:-b}\nzones = {}\n";
	static const char marks[] = "{}\"'#/*=,+()\\$\n\r |:-ab\xff\001";
	const char *words[] = { "zone", "ttl", "= {", "zone \"a\" {", "data =", "/*",
				"*/",   "//",  "${" };
	char text[sizeof(good) + 256];
	config_t *config;
	diversion_t log;
	char said[16];

	random_start(1);
	divert(&log, stderr);
	for (int round = 0; round < 5000; round++) {
		size_t size = strlen(good);

		memcpy(text, good, size);
		for (unsigned change = random_below(4) + 1; change > 0; change--) {
			size_t at = random_below((unsigned)size);
			const char *word = words[random_below(COUNT_OF(words))];

			switch (random_below(4)) {
			case 0:
				text[at] = marks[random_below(sizeof(marks) - 1)];
				break;
			case 1: /* cut there, or out of there */
				size = random_below(3) == 0 ? at + 1 : size;
				memmove(text + at, text + at + 1, size - at - 1);
				size--;
				break;
			default:
				memmove(text + at + strlen(word), text + at, size - at);
				memcpy(text + at, word, strlen(word));
				size += strlen(word);
				break;
			}
			if (size == 0)
				text[size++] = 'x';
		}
		(void)!config_parse(text, size, "bad.conf", &config);
		config_free(config);
		ck_assert_int_eq(config_parse(good, strlen(good), "good.conf", &config), ERR_OK);
		ck_assert_uint_eq(config->datasets.count, 3);
		ck_assert_uint_eq(config->datasets.all[2].line, 4);
		config_free(config);
	}
	collect(&log, said, sizeof(said));
}
END_TEST

/* The manual has every key, and no other. */
START_TEST(test_manual)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	config_key_t keys[CONFIG_KEYS_MAX];
	char path[4096];
	char line[512];
	char word[64];
	FILE *manual;

	snprintf(path, sizeof(path), "%s/doc/spurnd.conf.5", srcdir);
	manual = fopen(path, "r");
	ck_assert_msg(manual != NULL, "cannot read %s", path);
	for (config_scope_t scope = CONFIG_GLOBAL; scope < CONFIG_SCOPES; scope++) {
		size_t count = config_keys(scope, keys);

		for (size_t i = 0; i < count; i++) {
			bool is_there = false;

			rewind(manual);
			while (!is_there && fgets(line, sizeof(line), manual) != NULL)
				is_there = sscanf(line, ".It Cm %63s", word) == 1 &&
					   strcmp(word, keys[i].name) == 0;
			ck_assert_msg(is_there, "%s has no '.It Cm %s'", path, keys[i].name);
		}
	}
	rewind(manual);
	while (fgets(line, sizeof(line), manual) != NULL) {
		bool is_key = sscanf(line, ".It Cm %63s", word) != 1;

		for (config_scope_t scope = CONFIG_GLOBAL; scope < CONFIG_SCOPES && !is_key;
		     scope++) {
			size_t count = config_keys(scope, keys);

			for (size_t i = 0; i < count && !is_key; i++)
				is_key = strcmp(keys[i].name, word) == 0;
		}
		ck_assert_msg(is_key, "%s tells of %s, which is no key", path, word);
	}
	fclose(manual);
}
END_TEST

START_TEST(test_similar)
{
	static const struct {
		const char *a;
		const char *b;
		size_t distance;
	} rows[] = {
		{ "", "", 0 },
		{ "a", "a", 0 },
		{ "a", "", 1 },
		{ "", "ab", 2 },
		{ "ttl", "tll", 1 },
		{ "ab", "ba", 1 },
		{ "listen", "lsiten", 1 },
		{ "kitten", "sitting", 3 },
		{ "abc", "xyz", 3 },
		{ TEN TEN TEN TEN TEN TEN TEN, "a", SIZE_MAX },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ck_assert_uint_eq(similar_distance(rows[i].a, rows[i].b), rows[i].distance);
		ck_assert_uint_eq(similar_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
	ck_assert_uint_eq(similar_slip("tll", "ttl"), 1);
	ck_assert_uint_eq(similar_slip("xyz", "ttl"), SIZE_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, test_all_settings);
	tcase_add_test(tcase, test_inheritance);
	tcase_add_test(tcase, test_command_line_wins);
	tcase_add_loop_test(tcase, test_bad, 0, (int)COUNT_OF(bad_rows));
	tcase_add_loop_test(tcase, test_good, 0, (int)COUNT_OF(good_rows));
	tcase_add_test(tcase, test_many_mistakes);
	tcase_add_test(tcase, test_many_zones);
	tcase_add_test(tcase, test_mutations);
	tcase_add_test(tcase, test_manual);
	tcase_add_test(tcase, test_similar);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
