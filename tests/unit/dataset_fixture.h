/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_DATASET_FIXTURE_H
#define SPURN_TESTS_UNIT_DATASET_FIXTURE_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cdb/compiled_writer.h"
#include "dataset/dataset.h"
#include "dataset/saved.h"
#include "dns/dns.h"
#include "dns/query.h"

/* Asks data sets questions and puts what they answer into words, and keeps the zone files of a test
 * in a directory of its own. Whatever fails here ends the program: there is nothing to test then. */

/* Not every test needs all of these functions. */
#define FIXTURE_FUNCTION static __attribute__((unused))

FIXTURE_FUNCTION void fixture_require(bool is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "dataset fixture: %s\n", what);
	abort();
}

/* What rbldnsd does without options. */
static const zone_settings_t default_settings = { .ttl_default_s = 2100 };

/* ---- Asking. ---- */

/* The zone that the data set is in: two labels. */
#define FIXTURE_APEX "\2bl\4test"

/* Writes a query with room for long answers for `name` (labels with dots between, below the apex).
 */
FIXTURE_FUNCTION size_t fixture_query(const char *name, uint8_t packet[512])
{
	static const uint8_t tail[] = FIXTURE_APEX "\0\0\1\0\1" /* end of name, A, IN */
						   "\0\0\x29\x04\xd0\0\0\0\0\0"; /* OPT, 1232 */
	size_t at = DNS_HEADER_SIZE;

	memset(packet, 0, DNS_HEADER_SIZE);
	packet[5] = packet[11] = 1;
	while (*name != '\0') {
		size_t label = strcspn(name, ".");
		packet[at] = (uint8_t)label;
		memcpy(packet + at + 1, name, label);
		at += 1 + label;
		name += label + (name[label] == '.');
	}
	memcpy(packet + at, tail, sizeof(tail));
	return at + sizeof(tail);
}

/* Where the text of an answer is put together. */
typedef struct fixture_text {
	char text[2 * 65536]; /* an A record is longer in words than on the wire */
	size_t size;
	uint32_t ttl_s; /* of the RRset last read */
} fixture_text_t;

FIXTURE_FUNCTION void fixture_append(fixture_text_t *text, const char *from, size_t size)
{
	fixture_require(text->size + size < sizeof(text->text), "the answer is too long");
	memcpy(text->text + text->size, from, size);
	text->size += size;
	text->text[text->size] = '\0';
}

/* The text of a TXT record: of strings that are full but for the last one. */
FIXTURE_FUNCTION void fixture_append_strings(fixture_text_t *text, const uint8_t *rdata,
					     size_t size)
{
	size_t at = 0;

	fixture_append(text, "'", 1);
	do {
		fixture_require(at < size && at + 1 + rdata[at] <= size, "a string is cut short");
		fixture_append(text, (const char *)rdata + at + 1, rdata[at]);
		at += 1u + rdata[at];
	} while (at < size && at % 256 == 0);
	fixture_require(at == size, "a string that is not full before another one");
	fixture_append(text, "'", 1);
}

/* One record of our own reply, whose owner is a pointer. Returns what is behind it. */
FIXTURE_FUNCTION const uint8_t *fixture_record(fixture_text_t *text, const uint8_t *record)
{
	const uint8_t *rdata = record + 12;
	size_t size = get_u16(record + 10);
	char words[300];

	text->ttl_s = get_u32(record + 6);
	if (text->size > 0)
		fixture_append(text, " ", 1);
	if (get_u16(record + 2) == DNS_TYPE_A) {
		fixture_require(size == 4, "an A record without an address");
		(void)snprintf(words, sizeof(words), "%u.%u.%u.%u", rdata[0], rdata[1], rdata[2],
			       rdata[3]);
		fixture_append(text, words, strlen(words));
	} else if (get_u16(record + 2) == DNS_TYPE_TXT) {
		fixture_append_strings(text, rdata, size);
	} else {
		fixture_require(get_u16(record + 2) == DNS_TYPE_MX, "a type nobody asked for");
		(void)snprintf(words, sizeof(words), "mx%u", (unsigned)get_u16(rdata));
		fixture_append(text, words, strlen(words));
		size_t at = 2;
		for (; rdata[at] != 0; at += 1u + rdata[at]) {
			fixture_append(text, ".", 1);
			fixture_append(text, (const char *)rdata + at + 1, rdata[at]);
		}
		fixture_require(at + 1 == size, "an MX record with more than a name");
	}
	return rdata + size;
}

/* The records of all types that `entry` has. */
FIXTURE_FUNCTION void fixture_records(fixture_text_t *text, const dataset_t *dataset,
				      uint32_t entry, const dataset_question_t *question,
				      const uint8_t *packet)
{
	static const dns_type_t types[] = { DNS_TYPE_A, DNS_TYPE_TXT, DNS_TYPE_MX };
	static uint8_t data[65535];
	dns_reply_t reply;

	dns_reply_begin(&reply, question->query, packet, &(dns_reply_options_t){ 0 }, data,
			sizeof(data));
	size_t at = reply.out.position;
	for (unsigned i = 0; i < COUNT_OF(types); i++) {
		dns_reply_rrset(&reply);
		dataset->type->write(dataset, entry, question, types[i], 0, &reply);
		dns_reply_rrset_end(&reply);
	}
	size_t end = reply.out.position;
	(void)dns_reply_finish(&reply);
	while (at < end)
		at = (size_t)(fixture_record(text, data + at) - data);
}

/* Nobody in particular, at no particular time. */
static const dataset_asker_t fixture_asker;

/* What the data set answers to `name`: "nothing"; "below" (an empty non-terminal); or its records,
 * A first, then TXT in quotes, then MX: 127.0.0.2 'text' mx10.name. Valid until the next call. */
FIXTURE_FUNCTION const fixture_text_t *ask_all(const dataset_t *dataset, const char *name)
{
	static fixture_text_t text;
	uint8_t packet[512];
	dns_query_t query;
	dataset_question_t question;
	const dataset_question_t *questions[] = { &question };
	dataset_match_t match = { .found = (dataset_found_t)99 };

	size_t size = fixture_query(name, packet);
	fixture_require(dns_query_parse(packet, size, &query) == DNS_PARSE_OK, name);
	dataset_question_init(&question, &query, &fixture_asker, query.label_count - 2u,
			      dataset->type->key != DATASET_KEY_IP6);
	dataset->type->find(dataset->data, questions, 1, &match);
	text.size = 0;
	text.text[0] = '\0';
	text.ttl_s = 0;
	if (match.found == DATASET_ENTRY)
		fixture_records(&text, dataset, match.entry, &question, packet);
	else if (match.found == DATASET_BELOW)
		fixture_append(&text, "below", 5);
	else if (match.found == DATASET_NOTHING)
		fixture_append(&text, "nothing", 7);
	else
		fixture_require(false, "found is not set");
	return &text;
}

FIXTURE_FUNCTION const char *ask(const dataset_t *dataset, const char *name)
{
	return ask_all(dataset, name)->text;
}

/* As ask, for an IPv4 address written forwards. */
FIXTURE_FUNCTION const char *ask_ip4(const dataset_t *dataset, const char *address)
{
	unsigned octets[4];
	char name[20];

	fixture_require(
		sscanf(address, "%u.%u.%u.%u", &octets[0], &octets[1], &octets[2], &octets[3]) == 4,
		address);
	(void)snprintf(name, sizeof(name), "%u.%u.%u.%u", octets[3], octets[2], octets[1],
		       octets[0]);
	return ask(dataset, name);
}

/* As ask, for an IPv6 address written forwards, or for the first `nibbles` of it. */
FIXTURE_FUNCTION const char *ask_ip6(const dataset_t *dataset, const char *address,
				     unsigned nibbles)
{
	uint8_t bytes[16];
	char name[64] = "";

	fixture_require(inet_pton(AF_INET6, address, bytes) == 1, address);
	for (unsigned i = 0; i < nibbles; i++) {
		unsigned place = nibbles - 1 - i;

		name[2 * i] =
			"0123456789abcdef"[bytes[place / 2] >> (place % 2 == 0 ? 4 : 0) & 0xf];
		name[2 * i + 1] = i + 1 < nibbles ? '.' : '\0';
	}
	return ask(dataset, name);
}

/* ---- Files. ---- */

static char fixture_directory[64];

/* A path in the directory of this process, which is made when it is asked for first. */
typedef struct fixture_path {
	char text[128];
} fixture_path_t;

FIXTURE_FUNCTION fixture_path_t fixture_path(const char *name)
{
	const char *parent = getenv("TMPDIR");
	fixture_path_t path;

	if (fixture_directory[0] == '\0') {
		(void)snprintf(fixture_directory, sizeof(fixture_directory), "%s/spurn.XXXXXX",
			       parent != NULL && strlen(parent) < 40 ? parent : "/tmp");
		fixture_require(mkdtemp(fixture_directory) != NULL, "cannot make a directory");
	}
	(void)snprintf(path.text, sizeof(path.text), "%s/%s", fixture_directory, name);
	return path;
}

FIXTURE_FUNCTION void fixture_write(const char *name, const void *data, size_t size)
{
	fixture_path_t path = fixture_path(name);
	FILE *file = fopen(path.text, "wb");

	fixture_require(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0,
			"cannot write a file");
}

/* Removes the files `names`, NULL behind the last one, and the directory. */
FIXTURE_FUNCTION void fixture_remove(const char *const *names)
{
	for (; *names != NULL; names++) {
		fixture_path_t path = fixture_path(*names);
		(void)remove(path.text);
	}
	fixture_require(rmdir(fixture_directory) == 0, "files were left behind");
	fixture_directory[0] = '\0';
}

/* Most files of one data set here. */
#define FIXTURE_FILES_MAX 4

/* Loads a data set from files with these texts. NULL when that fails. */
FIXTURE_FUNCTION dataset_request_t request_of(const char *type, const char *spec,
					      const char *const *files, size_t count,
					      const zone_settings_t *settings)
{
	return (dataset_request_t){
		.type = dataset_type_find(type, strlen(type)),
		.spec = spec,
		.files = files,
		.file_count = count,
		.settings = settings,
	};
}

FIXTURE_FUNCTION err_t load_as_text(const dataset_request_t *request, dataset_t **dataset)
{
	return dataset_load(request, NULL, dataset);
}

/* Writes the data set that is read as `request` says to a compiled file, and reads that. */
FIXTURE_FUNCTION err_t load_as_compiled(const dataset_request_t *request, dataset_t **dataset)
{
	const zone_settings_t to_save = dataset_settings_to_save(request->settings);
	fixture_path_t path = fixture_path("compiled");
	const char *const files[] = { path.text };
	dataset_request_t text = *request;
	compiled_writer_t *writer;
	unsigned number;
	const char *why;

	text.settings = &to_save;
	if (!dataset_can_be_saved(request->type, &why))
		return dataset_load(request, NULL, dataset);
	err_t err = dataset_load(&text, NULL, dataset);
	if (err != ERR_OK)
		return err;
	json_t *datasets = json_array();
	fixture_require(compiled_writer_begin(path.text, &writer) == ERR_OK, "no writer");
	fixture_require(dataset_save(*dataset, &text, writer, datasets, &number) == ERR_OK, "save");
	fixture_require(
		compiled_writer_end(writer, json_pack("{s:{s:[i]}, s:o}", "zones", "bl.test",
						      number, "datasets", datasets)) == ERR_OK,
		"the file cannot be written");
	dataset_free(*dataset);
	const dataset_request_t compiled =
		request_of("compiled", request->spec, files, 1, request->settings);
	*dataset = NULL;
	err = dataset_load(&compiled, NULL, dataset);
	fixture_require(remove(path.text) == 0, "there is no compiled file");
	return err;
}

/* The tests of a type are run a second time, for what `spurn compile` makes of its data sets. */
#ifdef FIXTURE_COMPILED
#define FIXTURE_LOAD load_as_compiled
#else
#define FIXTURE_LOAD load_as_text
#endif

FIXTURE_FUNCTION dataset_t *load_texts(const char *type, const char *const *texts, size_t count,
				       const zone_settings_t *settings)
{
	static const char *const names[] = { "0", "1", "2", "3", NULL };
	fixture_path_t paths[FIXTURE_FILES_MAX];
	const char *files[FIXTURE_FILES_MAX];
	dataset_t *dataset = NULL;

	for (size_t i = 0; i < count; i++) {
		fixture_write(names[i], texts[i], strlen(texts[i]));
		paths[i] = fixture_path(names[i]);
		files[i] = paths[i].text;
	}
	const dataset_request_t request = request_of(type, "spec", files, count, settings);
	err_t err = FIXTURE_LOAD(&request, &dataset);
	fixture_remove(names);
	fixture_require((err == ERR_OK) == (dataset != NULL), "neither failure nor success");
	return dataset;
}

FIXTURE_FUNCTION dataset_t *load_text(const char *type, const char *text)
{
	dataset_t *dataset = load_texts(type, &text, 1, &default_settings);

	fixture_require(dataset != NULL, "the file cannot be loaded");
	return dataset;
}

/* ---- What is logged. ---- */

static int fixture_stderr = -1;
static FILE *fixture_log;

FIXTURE_FUNCTION void log_begin(void)
{
	fflush(stderr);
	fixture_log = tmpfile();
	fixture_stderr = dup(STDERR_FILENO);
	fixture_require(fixture_log != NULL && fixture_stderr >= 0 &&
				dup2(fileno(fixture_log), STDERR_FILENO) >= 0,
			"cannot redirect stderr");
	log_set_program("test");
}

/* What has been logged since log_begin. Valid until the next call. */
FIXTURE_FUNCTION const char *log_end(void)
{
	static char text[8000];

	fixture_require(dup2(fixture_stderr, STDERR_FILENO) >= 0, "cannot restore stderr");
	close(fixture_stderr);
	rewind(fixture_log);
	text[fread(text, 1, sizeof(text) - 1, fixture_log)] = '\0';
	fclose(fixture_log);
	return text;
}

#endif
