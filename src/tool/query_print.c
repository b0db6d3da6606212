/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/query_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json_text.h"
#include "dns/name.h"
#include "tool/json.h"
#include "tool/query_answer.h"

/* Bytes of an address as text, with what separates it from the next one. */
#define ADDRESS_SIZE sizeof("255.255.255.255,")
/* A value this wide or wider moves only what is behind it in its own line. */
#define VALUES_WIDTH_MAX 40

static const char *const verdict_words[] = {
	[QUERY_LISTED] = "LISTED",
	[QUERY_NOT_LISTED] = "not listed",
	[QUERY_ERROR] = "ERROR",
};

/* How wide each column is. */
typedef struct widths {
	int subject;
	int list;
	int values;
} widths_t;

static int address_text(const dns_record_t *record, char text[ADDRESS_SIZE])
{
	const uint8_t *octets = record->rdata;

	return snprintf(text, ADDRESS_SIZE, "%u.%u.%u.%u", octets[0], octets[1], octets[2],
			octets[3]);
}

/* Writes the A records, with commas between them, to `out` unless it is NULL. Returns how wide they
 * are. */
static int write_addresses(FILE *out, const exchange_t *a)
{
	query_records_t records = query_records(a);
	dns_record_t record;
	char text[ADDRESS_SIZE];
	int width = 0;

	while (query_records_next(&records, &record)) {
		int size = address_text(&record, text);
		if (out != NULL)
			fprintf(out, "%s%s", width > 0 ? "," : "", text);
		width += size + (width > 0);
	}
	return width;
}

static void write_string(const uint8_t *string, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (string[i] < 0x20 || string[i] > 0x7e)
			printf("\\%03u", string[i]);
		else if (string[i] == '"' || string[i] == '\\')
			printf("\\%c", string[i]);
		else
			putchar(string[i]);
	}
}

/* Writes the TXT records, each in quotes; the strings of one make one text. */
static void write_texts(const exchange_t *txt)
{
	query_records_t records = query_records(txt);
	dns_record_t record;
	const uint8_t *string;
	size_t size;
	const char *before = "";

	while (query_records_next(&records, &record)) {
		printf("%s\"", before);
		while (query_next_string(&record, &string, &size))
			write_string(string, size);
		putchar('"');
		before = " ";
	}
}

/* Ends a column that is `used` wide of `width`. */
static void end_column(query_format_t format, int used, int width)
{
	if (format == QUERY_FORMAT_TABS)
		putchar('\t');
	else
		printf("%*s", used < width ? width - used + 2 : 2, "");
}

static void print_line(const query_row_t *row, const exchange_setup_t *setup, query_format_t format,
		       const widths_t *widths)
{
	char reason[QUERY_REASON_MAX];
	query_verdict_t verdict = query_judge(row->a);
	const char *word = verdict_words[verdict];
	const char *note = query_note(row->a, row->txt);

	fputs(row->subject, stdout);
	end_column(format, (int)strlen(row->subject), widths->subject);
	fputs(row->list, stdout);
	end_column(format, (int)strlen(row->list), widths->list);
	fputs(word, stdout);
	if (verdict == QUERY_ERROR) {
		query_explain(row->a, setup, reason);
		end_column(format, (int)strlen(word), (int)strlen(verdict_words[QUERY_NOT_LISTED]));
		fputs(reason, stdout);
	} else if (verdict == QUERY_LISTED) {
		end_column(format, (int)strlen(word), (int)strlen(verdict_words[QUERY_NOT_LISTED]));
		int used = write_addresses(stdout, row->a);
		end_column(format, used, widths->values);
		write_texts(row->txt);
	}
	if (note != NULL) {
		end_column(format, 0, 0);
		printf("(%s)", note);
	}
	putchar('\n');
}

static void add_addresses(json_t *object, const exchange_t *a)
{
	query_records_t records = query_records(a);
	dns_record_t record;
	json_t *list = json_array();
	char text[ADDRESS_SIZE];
	uint32_t ttl_s = 0;

	while (query_records_next(&records, &record)) {
		address_text(&record, text);
		(void)json_array_append_new(list, json_string(text));
		ttl_s = record.ttl_s;
	}
	(void)json_object_set_new(object, "a", list);
	(void)json_object_set_new(object, "ttl", json_integer(ttl_s));
}

static void add_texts(json_t *object, const exchange_t *txt)
{
	query_records_t records = query_records(txt);
	dns_record_t record;
	json_t *list = json_array();
	const uint8_t *string;
	size_t size;

	while (query_records_next(&records, &record)) {
		char text[UINT16_MAX];
		size_t used = 0;
		while (query_next_string(&record, &string, &size)) {
			memcpy(text + used, string, size);
			used += size;
		}
		(void)json_array_append_new(list, json_text_of(text, used));
	}
	(void)json_object_set_new(object, "txt", list);
}

static void print_json(const query_row_t *row, const exchange_setup_t *setup)
{
	char name[DNS_NAME_TEXT_MAX];
	char server[NET_ADDRESS_TEXT_MAX];
	char reason[QUERY_REASON_MAX];
	query_verdict_t verdict = query_judge(row->a);
	json_t *object = json_object();

	dns_name_to_text(row->a->name, name);
	json_add_text(object, "subject", row->subject);
	json_add_text(object, "list", row->list);
	json_add_text(object, "name", name);
	json_add_text(object, "server", net_address_text(&setup->servers[row->a->server], server));
	if (verdict == QUERY_ERROR) {
		query_explain(row->a, setup, reason);
		(void)json_object_set_new(object, "listed", json_null());
		json_add_text(object, "error", reason);
	} else {
		(void)json_object_set_new(object, "listed", json_boolean(verdict == QUERY_LISTED));
	}
	if (verdict == QUERY_LISTED) {
		add_addresses(object, row->a);
		add_texts(object, row->txt);
	}
	json_add_text(object, "note", query_note(row->a, row->txt));
	json_write_line(object);
}

static void widen(int *width, int wanted, int most)
{
	if (wanted > *width && wanted <= most)
		*width = wanted;
}

void query_print(const query_row_t *rows, size_t count, const exchange_setup_t *setup,
		 query_format_t format)
{
	widths_t widths = { 0 };

	for (size_t i = 0; i < count && format == QUERY_FORMAT_COLUMNS; i++) {
		widen(&widths.subject, (int)strlen(rows[i].subject), DNS_NAME_MAX);
		widen(&widths.list, (int)strlen(rows[i].list), DNS_NAME_MAX);
		if (query_judge(rows[i].a) == QUERY_LISTED)
			widen(&widths.values, write_addresses(NULL, rows[i].a), VALUES_WIDTH_MAX);
	}
	for (size_t i = 0; i < count; i++) {
		if (format == QUERY_FORMAT_JSON)
			print_json(&rows[i], setup);
		else
			print_line(&rows[i], setup, format, &widths);
	}
}
