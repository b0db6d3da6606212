/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/intern.h"
#include "base/log.h"
#include "dns/name.h"
#include "tool/query_subject.h"
#include "spray/spray_random.h"
#include "zonefile/line_reader.h"

/* Bytes of a line that can be an address or a name. */
#define LINE_ROOM (DNS_NAME_TEXT_MAX + 1)

/* The names of a list, each once, on the wire and in lower case. */
typedef struct list {
	const uint8_t *apex;
	intern_t *pool;
} list_t;

/* The word of a line, ended with a NUL; false if there is none. */
static bool take_word(text_t line, char word[LINE_ROOM])
{
	size_t size = 0;

	while (line.at + size < line.end && size < LINE_ROOM - 1 && line.at[size] != '#' &&
	       line.at[size] != ' ' && line.at[size] != '\t')
		size++;
	memcpy(word, line.at, size);
	word[size] = '\0';
	return size > 0;
}

/* Takes in a line. Returns ERR_OK; ERR_SYNTAX, which has been logged; or ERR_NOMEM. */
static err_t add_line(list_t *list, const char *path, unsigned number, const char *word)
{
	uint8_t own[DNS_NAME_MAX];
	uint8_t whole[DNS_NAME_MAX];
	const char *why = "is too long a name for this zone";
	uint32_t id;

	err_t err = query_subject_parse(word, own, &why);
	if (err == ERR_OK)
		err = query_subject_join(own, list->apex, whole);
	if (err != ERR_OK) {
		log_error("%s:%u: '%s' %s", path, number, word, why);
		return ERR_SYNTAX;
	}
	dns_name_lower(whole, dns_name_size(whole));
	return intern_add(list->pool, whole, dns_name_size(whole), &id);
}

/* The line reader takes plain files only: makes one of what comes on stdin, and puts it there. */
static err_t keep_stdin(void)
{
	char buffer[65536];
	FILE *file = tmpfile();
	size_t size;
	err_t err = ERR_OK;

	if (file == NULL)
		return err_from_errno();
	while (err == ERR_OK && (size = fread(buffer, 1, sizeof(buffer), stdin)) > 0)
		if (fwrite(buffer, 1, size, file) != size)
			err = err_from_errno();
	if (err == ERR_OK &&
	    (ferror(stdin) != 0 || fflush(file) != 0 || dup2(fileno(file), STDIN_FILENO) < 0))
		err = err_from_errno();
	fclose(file);
	return err;
}

static err_t read_lines(list_t *list, const char *path)
{
	const char *file = strcmp(path, "-") == 0 ? "/dev/stdin" : path;
	line_reader_t *reader;
	file_stamp_t stamp;
	text_t line;
	char word[LINE_ROOM];

	err_t err = file != path ? keep_stdin() : ERR_OK;
	if (err == ERR_OK)
		err = line_reader_open(file, false, &reader, &stamp);
	if (err != ERR_OK) {
		log_error("%s: %s", path, line_reader_error_text(err));
		return err;
	}
	while (err == ERR_OK && line_reader_next(reader, &line))
		if (take_word(line, word))
			err = add_line(list, path, line_reader_number(reader), word);
	if (err == ERR_OK) {
		err = line_reader_finish(reader);
		if (err != ERR_OK)
			log_error("%s: %s", path, line_reader_error_text(err));
	} else if (err != ERR_SYNTAX) {
		log_error("%s: %s", path, err_text(err));
	}
	line_reader_close(reader);
	return err;
}

/* Which types of a listed name have records is known of A only. */
static spray_right_t right_of(bool are_listed, const spray_wish_t *wish)
{
	spray_right_t right = { .is_known = are_listed, .rcode = DNS_RCODE_NOERROR };

	for (unsigned i = 0; i < wish->type_count; i++)
		if (wish->types[i] == DNS_TYPE_A)
			right.with_records |= (uint8_t)(1u << i);
	return right;
}

/* Adds all names, or as many as are wanted, chosen at random. */
static err_t add_names(const list_t *list, spray_right_t right, size_t max, spray_names_t *names)
{
	size_t count = intern_count(list->pool);
	uint32_t *order = calloc(count, sizeof(*order));
	err_t err = order != NULL ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < count && order != NULL; i++)
		order[i] = (uint32_t)i + 1;
	if (count > max && order != NULL)
		spray_shuffle(order, count, sizeof(*order));
	for (size_t i = 0; i < count && i < max && err == ERR_OK; i++) {
		size_t size;
		err = spray_names_add_listed(names, intern_get(list->pool, order[i], &size),
					     list->apex, right);
	}
	free(order);
	return err;
}

/* A name is not listed if it is new. */
static err_t look_up(void *context, const uint8_t *wire, spray_right_t *right)
{
	list_t *list = context;
	uint32_t before = intern_count(list->pool);
	uint32_t id;

	err_t err = intern_add(list->pool, wire, dns_name_size(wire), &id);
	*right = (spray_right_t){
		.is_known = true,
		.rcode = DNS_RCODE_NXDOMAIN,
		.without_records = UINT8_MAX,
	};
	if (err == ERR_OK && intern_count(list->pool) == before)
		return ERR_RANGE;
	return err;
}

static err_t make_names(list_t *list, bool are_listed, const spray_wish_t *wish,
			spray_names_t *names)
{
	err_t err = add_names(list, right_of(are_listed, wish), wish->listed, names);

	if (err == ERR_OK && wish->missing > 0 && are_listed)
		err = spray_names_make_up(names, wish->missing, look_up, list);
	if (err == ERR_RANGE)
		log_error("all that was made up to be not listed is listed; --hit-ratio 1 asks for "
			  "what is listed only");
	else if (err != ERR_OK)
		log_error("%s", err_text(err));
	return err;
}

err_t spray_list_read(const char *path, const uint8_t *apex, bool are_listed,
		      const spray_wish_t *wish, spray_names_t *names)
{
	list_t list = { .apex = apex, .pool = intern_new() };

	if (list.pool == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
		return ERR_NOMEM;
	}
	err_t err = read_lines(&list, path);
	if (err == ERR_OK && intern_count(list.pool) == 0) {
		log_error("%s: there is no name in it", path);
		err = ERR_RANGE;
	}
	if (err == ERR_OK)
		err = make_names(&list, are_listed, wish, names);
	intern_free(list.pool);
	return err;
}
