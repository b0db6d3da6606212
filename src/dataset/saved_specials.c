/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/saved_specials.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

/* ---- writing ---- */

json_t *saved_text(const char *text, size_t size)
{
	json_t *made = json_stringn(text, size); /* NULL if it is not UTF-8 */

	if (made != NULL)
		return made;
	char *hex = malloc(2 * size + 1);
	if (hex == NULL)
		return NULL;
	(void)sodium_bin2hex(hex, 2 * size + 1, (const unsigned char *)text, size);
	made = json_pack("{s:s}", "hex", hex);
	free(hex);
	return made;
}

static json_t *name_text(const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, text);
	return json_string(text);
}

static json_t *write_soa(const zone_soa_t *soa)
{
	if (soa == NULL)
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "ttl", (json_int_t)soa->ttl_s,
			 "mname", name_text(soa->mname), "rname", name_text(soa->rname), "serial",
			 (json_int_t)soa->serial, "refresh", (json_int_t)soa->refresh_s, "retry",
			 (json_int_t)soa->retry_s, "expire", (json_int_t)soa->expire_s, "minimum",
			 (json_int_t)soa->minimum_s);
}

static json_t *write_ns(const zone_ns_t *ns)
{
	json_t *names;

	if (ns == NULL)
		return json_null();
	names = json_array();
	for (unsigned i = 0; i < ns->count; i++)
		if (json_array_append_new(names, name_text(ns->names[i])) != 0) {
			json_decref(names);
			return NULL;
		}
	return json_pack("{s:I, s:b, s:o}", "ttl", (json_int_t)ns->ttl_s, "is_broken",
			 ns->is_broken, "names", names);
}

static json_t *write_variables(const template_variables_t *variables)
{
	json_t *made = json_object();
	bool is_whole = true;

	for (unsigned i = 0; i < COUNT_OF(variables->digits); i++) {
		text_t text = variables->digits[i];
		const char key[] = { (char)('0' + i), '\0' };
		if (!text_is_empty(text))
			is_whole &= json_object_set_new(made, key,
							saved_text(text.at, text_size(text))) == 0;
	}
	text_t base = variables->base;
	if (!text_is_empty(base))
		is_whole &=
			json_object_set_new(made, "=", saved_text(base.at, text_size(base))) == 0;
	if (is_whole)
		return made;
	json_decref(made);
	return NULL;
}

err_t saved_specials_write(const zone_specials_t *specials, json_t *about)
{
	bool is_whole =
		json_object_set_new(about, "ttl", json_integer(specials->ttl_s)) == 0 &&
		json_object_set_new(about, "written", json_integer(specials->written)) == 0 &&
		json_object_set_new(about, "expires", json_integer(specials->expires)) == 0 &&
		json_object_set_new(about, "broken", json_integer(specials->broken)) == 0 &&
		json_object_set_new(about, "soa", write_soa(specials->soa)) == 0 &&
		json_object_set_new(about, "ns", write_ns(specials->ns)) == 0 &&
		json_object_set_new(about, "variables", write_variables(&specials->variables)) == 0;

	return is_whole ? ERR_OK : ERR_NOMEM;
}

/* ---- reading ---- */

/* Reads an integer from 0 to `most`. */
static bool read_number(const json_t *object, const char *key, int64_t most, int64_t *number)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > most)
		return false;
	*number = json_integer_value(value);
	return true;
}

static bool read_u32(const json_t *object, const char *key, uint32_t *number)
{
	int64_t value;

	if (!read_number(object, key, UINT32_MAX, &value))
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool read_name(const json_t *value, uint8_t name[DNS_NAME_MAX])
{
	size_t size;

	return json_is_string(value) &&
	       dns_name_from_text(json_string_value(value), json_string_length(value), name,
				  &size) == ERR_OK;
}

static err_t read_soa(const json_t *from, zone_specials_t *specials)
{
	if (json_is_null(from))
		return ERR_OK;
	zone_soa_t *soa = calloc(1, sizeof(*soa));
	specials->soa = soa;
	if (soa == NULL)
		return ERR_NOMEM;
	if (!read_u32(from, "ttl", &soa->ttl_s) ||
	    !read_name(json_object_get(from, "mname"), soa->mname) ||
	    !read_name(json_object_get(from, "rname"), soa->rname) ||
	    !read_u32(from, "serial", &soa->serial) ||
	    !read_u32(from, "refresh", &soa->refresh_s) ||
	    !read_u32(from, "retry", &soa->retry_s) || !read_u32(from, "expire", &soa->expire_s) ||
	    !read_u32(from, "minimum", &soa->minimum_s))
		return ERR_INVAL;
	soa->ttl_s = specials_ttl(specials->settings, soa->ttl_s);
	return ERR_OK;
}

static err_t read_ns(const json_t *from, zone_specials_t *specials)
{
	const json_t *names = json_object_get(from, "names");
	size_t count = json_array_size(names);

	if (json_is_null(from))
		return ERR_OK;
	zone_ns_t *ns = calloc(1, sizeof(*ns));
	specials->ns = ns;
	if (ns == NULL)
		return ERR_NOMEM;
	if (!read_u32(from, "ttl", &ns->ttl_s) ||
	    !json_is_boolean(json_object_get(from, "is_broken")) || count < 1 ||
	    count > SPECIALS_NS_MAX)
		return ERR_INVAL;
	for (size_t i = 0; i < count; i++)
		if (!read_name(json_array_get(names, i), ns->names[i]))
			return ERR_INVAL;
	ns->count = (unsigned)count;
	ns->is_broken = json_is_true(json_object_get(from, "is_broken"));
	ns->ttl_s = ns->is_broken ? 0 : specials_ttl(specials->settings, ns->ttl_s);
	return ERR_OK;
}

err_t saved_specials_read(const json_t *about, zone_specials_t *specials, const char **why)
{
	int64_t written;
	int64_t expires;
	int64_t broken;

	*why = "what it says of TTLs and times is not understood";
	if (!read_u32(about, "ttl", &specials->ttl_s) ||
	    !read_number(about, "written", INT64_MAX, &written) ||
	    !read_number(about, "expires", INT64_MAX, &expires) ||
	    !read_number(about, "broken", UINT16_MAX, &broken))
		return ERR_INVAL;
	specials->ttl_s = specials_ttl(specials->settings, specials->ttl_s);
	specials->written = (time_t)written;
	specials->expires = (time_t)expires;
	specials->broken = (unsigned)broken;
	if (specials->written > specials->now) {
		*why = specials_why_future;
		return ERR_LOAD;
	}
	*why = "its SOA is not understood";
	err_t err = read_soa(json_object_get(about, "soa"), specials);
	if (err != ERR_OK)
		return err;
	*why = "its NS are not understood";
	return read_ns(json_object_get(about, "ns"), specials);
}
