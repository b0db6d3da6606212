/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/cdblist.h"

#include <string.h>

#include "dns/txt.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"
#include "zonefile/template.h"

/* ---- Keys of a place. ---- */

/* Writes the name that is asked for, label by label. */
static void need_text(cdblist_asking_t *asking)
{
	const dns_query_t *query = asking->question->query;
	unsigned depth = asking->question->depth;
	size_t size = 0;

	if (asking->has_text)
		return;
	asking->has_text = true;
	for (unsigned i = 0; i < depth; i++) {
		if (i > 0)
			asking->text[size++] = '.';
		asking->starts[i] = (uint16_t)size;
		size += name_text_write(query->qname, query->labels + i, 1, asking->text + size);
	}
	asking->text_size = size;
}

/* The part of it that the last `count` labels are. */
static text_t name_of(const cdblist_asking_t *asking, unsigned count)
{
	const char *text = asking->text;

	return (text_t){ text + asking->starts[asking->question->depth - count],
			 text + asking->text_size };
}

static size_t write_name(cdblist_asking_t *asking, cdblist_place_t place, unsigned form, char *key)
{
	size_t size = 0;

	need_text(asking);
	text_t name = name_of(asking, place.length);
	if (form == CDBLIST_FORM_FIRST && place.kind == CDBLIST_PLACE_BELOW)
		key[size++] = '*';
	if (form == CDBLIST_FORM_SECOND || place.kind == CDBLIST_PLACE_BELOW)
		key[size++] = '.';
	memcpy(key + size, name.at, text_size(name));
	return size + text_size(name);
}

/* Writes the key of a place in one of its forms, and returns its size. */
static size_t write_key(cdblist_asking_t *asking, cdblist_place_t place, bool is_exclusion,
			unsigned form, char key[CDBLIST_KEY_MAX])
{
	const dataset_question_t *question = asking->question;
	size_t size = 0;

	if (is_exclusion)
		key[size++] = '!';
	if (place.kind == CDBLIST_PLACE_IP4) {
		uint32_t host = (uint32_t)(UINT64_C(0xffffffff) >> place.length);
		if (asking->list->is_djb) {
			cdblist_key_write_djb(asking->ip4 & ~host, place.length, (uint8_t *)key);
			return CDBLIST_DJB_SIZE;
		}
		bool is_bare = place.length == 32 && form == CDBLIST_FORM_FIRST;
		return size + cdblist_key_write_ip4(asking->ip4 & ~host, place.length, is_bare,
						    key + size);
	}
	if (place.kind == CDBLIST_PLACE_IP6) {
		bool is_bare = place.length == 128 && form == CDBLIST_FORM_FIRST;
		return size + cdblist_key_write_ip6(ip6_first(question->ip6, place.length),
						    place.length, is_bare, key + size);
	}
	return size + write_name(asking, place, form, key + size);
}

/* ---- Values. ---- */

err_t cdblist_value(const cdblist_t *list, text_t text, zone_value_t *value, const char **why)
{
	zone_conditions_t conditions = { .visible_from = 0 };

	if (text_size(text) > 0 && text.end[-1] == '\r')
		text.end--;
	text_skip_blanks(&text);
	while (!text_is_empty(text) && text_is_blank(text.end[-1]))
		text.end--;
	if (list->has_parameters)
		*why = conditions_split(&text, &conditions);
	*value = list->fallback;
	if (!text_is_done(text)) {
		err_t err = zone_value_parse(text, &list->fallback, value, why);
		if (err != ERR_OK)
			return err;
	}
	value->conditions = conditions;
	return ERR_OK;
}

/* The values of a key, one after the other. */
typedef struct values {
	cdb_search_t search;
	unsigned left;
} values_t;

static void values_begin(values_t *values, const cdblist_t *list, const char *key, size_t key_size)
{
	cdb_search_begin(&values->search, list->file, key, key_size);
	values->left = CDBLIST_VALUES_MAX;
}

/* The next one that can be read. */
static bool values_next(values_t *values, const cdblist_t *list, zone_value_t *value)
{
	const void *found;
	const char *why;
	size_t size;

	while (values->left > 0 && cdb_search_next(&values->search, &found, &size)) {
		const text_t text = { found, (const char *)found + size };
		values->left--;
		if (list->is_djb) {
			*value = list->fallback;
			return true;
		}
		if (cdblist_value(list, text, value, &why) == ERR_OK)
			return true;
	}
	return false;
}

static bool is_seen(const zone_value_t *value, const dataset_asker_t *asker)
{
	return conditions_are_met(&value->conditions, asker->now, asker->has_key);
}

/* ---- Places. ---- */

/* Is there any record with this key? */
static bool has_key(const cdblist_t *list, const char *key, size_t key_size)
{
	const void *value;
	size_t size;
	cdb_search_t search;

	cdb_search_begin(&search, list->file, key, key_size);
	return cdb_search_next(&search, &value, &size);
}

void cdblist_prefetch(cdblist_asking_t *asking, cdblist_place_t place, cdb_search_t *search)
{
	const cdblist_t *list = asking->list;
	unsigned form = CDBLIST_FORM_FIRST;
	char key[CDBLIST_KEY_MAX];

	search->find.cdb_httodo = 0;
	if (!cdblist_shape_occurs(list->shape, place.kind, place.length, false, form))
		return;
	size_t size = write_key(asking, place, false, form, key);
	cdb_search_begin(search, list->file, key, size);
	cdb_search_prefetch(search);
}

static bool is_excluded(cdblist_asking_t *asking, cdblist_place_t place)
{
	const cdblist_t *list = asking->list;
	char key[CDBLIST_KEY_MAX];

	for (unsigned form = 0; form < CDBLIST_FORMS; form++) {
		if (!cdblist_shape_occurs(list->shape, place.kind, place.length, true, form))
			continue;
		size_t size = write_key(asking, place, true, form, key);
		if (has_key(list, key, size))
			return true;
	}
	return false;
}

cdblist_verdict_t cdblist_look(cdblist_asking_t *asking, cdblist_place_t place)
{
	const cdblist_t *list = asking->list;
	const dataset_asker_t *asker = asking->question->asker;
	cdblist_verdict_t verdict = CDBLIST_NOTHING;
	char key[CDBLIST_KEY_MAX];
	zone_value_t value;
	values_t values;

	if (is_excluded(asking, place))
		return CDBLIST_EXCLUDED;
	for (unsigned form = 0; form < CDBLIST_FORMS; form++) {
		if (!cdblist_shape_occurs(list->shape, place.kind, place.length, false, form))
			continue;
		size_t size = write_key(asking, place, false, form, key);
		values_begin(&values, list, key, size);
		while (values_next(&values, list, &value)) {
			if (is_seen(&value, asker))
				return CDBLIST_LISTED;
			verdict = CDBLIST_HIDDEN;
		}
	}
	return verdict;
}

/* What `$` means in texts: the address that is asked for, or the name that is listed. */
static text_t subject_of(cdblist_asking_t *asking, cdblist_place_t place,
			 char address[IP6_TEXT_SIZE])
{
	if (place.kind == CDBLIST_PLACE_IP4)
		return (text_t){ address,
				 address + ip4_text_write(asking->question->ip4, address) };
	if (place.kind == CDBLIST_PLACE_IP6)
		return (text_t){ address,
				 address + ip6_text_write(asking->question->ip6, address) };
	need_text(asking);
	return name_of(asking, place.length);
}

static void write_txt(const dataset_t *dataset, const zone_value_t *value, text_t subject,
		      dns_reply_t *reply)
{
	const cdblist_t *list = dataset->data;
	uint8_t own[TEMPLATE_COMPILED_MAX];
	uint8_t rdata[DNS_TXT_SIZE_MAX];
	const uint8_t *compiled = list->compiled;
	text_t text = value->txt;
	size_t size = 0;

	if (text.at != list->fallback.txt.at) {
		if (text_size(text) > DNS_TEXT_MAX)
			text.end = text.at + DNS_TEXT_MAX;
		compiled =
			template_compile(text, &dataset->specials.variables, own) > 0 ? own : NULL;
	}
	if (compiled != NULL)
		size = template_expand(compiled, subject.at, text_size(subject), rdata + 1);
	else if (!list->has_empty_text)
		return;
	dns_reply_add(reply, DNS_TYPE_TXT, DNS_CLASS_IN, dataset->specials.ttl_s, rdata,
		      dns_txt_frame(rdata, size));
}

void cdblist_write(cdblist_asking_t *asking, cdblist_place_t place, const dataset_t *dataset,
		   dns_type_t type, dns_reply_t *reply)
{
	const cdblist_t *list = asking->list;
	char address[IP6_TEXT_SIZE];
	char key[CDBLIST_KEY_MAX];
	text_t subject = { NULL, NULL };
	zone_value_t value;
	values_t values;

	if (type != DNS_TYPE_A && type != DNS_TYPE_TXT)
		return;
	if (type == DNS_TYPE_TXT)
		subject = subject_of(asking, place, address);
	for (unsigned form = 0; form < CDBLIST_FORMS; form++) {
		if (!cdblist_shape_occurs(list->shape, place.kind, place.length, false, form))
			continue;
		size_t size = write_key(asking, place, false, form, key);
		values_begin(&values, list, key, size);
		while (!reply->out.overrun && values_next(&values, list, &value)) {
			if (!is_seen(&value, asking->question->asker))
				continue;
			if (type == DNS_TYPE_A)
				dns_reply_add(reply, DNS_TYPE_A, DNS_CLASS_IN,
					      dataset->specials.ttl_s, value.a, sizeof(value.a));
			else
				write_txt(dataset, &value, subject, reply);
		}
	}
}
