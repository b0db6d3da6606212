/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/acl_values.h"

#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* Numbers above this one are values; those up to it are actions. */
#define LISTED 4u
_Static_assert(LISTED == ACL_IGNORE && ACL_PASS == 0, "all actions fit, and 0 is left for none");

/* The number of :pass, whose own would be none. ACL_LIST can lend its, for its entries are values. */
#define PASS ((uint32_t)ACL_LIST)

err_t acl_values_begin(acl_values_t *values)
{
	values->values = entry_values_new();
	return values->values != NULL ? ERR_OK : ERR_NOMEM;
}

void acl_values_begin_file(acl_values_t *values)
{
	values->fallback = ACL_IGNORE;
}

/* The action that a line's value, from its colon or equals sign on, names. */
static bool take_action(text_t value, uint32_t *number)
{
	static const struct {
		const char *word;
		uint32_t number;
	} actions[] = {
		{ "ignore", ACL_IGNORE }, { "blackhole", ACL_IGNORE },
		{ "refuse", ACL_REFUSE }, { "empty", ACL_EMPTY },
		{ "pass", PASS },
	};

	text_t word = { value.at + 1, value.at + 1 };
	while (word.end != value.end && *word.end != ':' && !text_is_blank(*word.end) &&
	       *word.end != '#' && *word.end != ';')
		word.end++;
	for (unsigned i = 0; i < COUNT_OF(actions); i++) {
		if (text_is_word(word, actions[i].word)) {
			*number = actions[i].number;
			return true;
		}
	}
	return false;
}

/* Does a value look as if a word of the above was meant? No A value begins with a letter. */
static bool is_misspelt(text_t value)
{
	return text_size(value) > 1 && *value.at == ':' &&
	       ((value.at[1] >= 'a' && value.at[1] <= 'z') ||
		(value.at[1] >= 'A' && value.at[1] <= 'Z'));
}

/* The number for an A and TXT that clients see. */
static err_t add_listed(acl_values_t *values, dataset_loader_t *loader, text_t value,
			uint32_t *number)
{
	err_t err = entry_values_add(values->values, loader, value, number);

	if (err == ERR_OK)
		*number += LISTED;
	return err;
}

/* The number for a value that is written as `value`, not empty. */
static err_t parse_value(acl_values_t *values, dataset_loader_t *loader, text_t value,
			 uint32_t *number)
{
	if ((text_at(value, ':') || text_at(value, '=')) && take_action(value, number))
		return ERR_OK;
	if (text_at(value, '=') || is_misspelt(value))
		return text_reject(&loader->why, "unknown word (known: ignore blackhole refuse "
						 "empty pass)");
	return add_listed(values, loader, value, number);
}

err_t acl_values_add(acl_values_t *values, dataset_loader_t *loader, text_t rest, uint32_t *number)
{
	text_skip_blanks(&rest);
	if (!text_is_done(rest))
		return parse_value(values, loader, rest, number);
	*number = values->fallback;
	if (*number != 0)
		return ERR_OK;
	return add_listed(values, loader, rest, number);
}

bool acl_values_is_default(text_t line)
{
	return *line.at == '=' || (*line.at == ':' && (text_size(line) == 1 || line.at[1] != ':'));
}

/* A value's A and TXT are also the default of entries that give only one of them; a word brings
 * the built-in ones back. */
err_t acl_values_set_default(acl_values_t *values, dataset_loader_t *loader, text_t line)
{
	zone_value_t value = zone_value_builtin;
	uint32_t number = 0;

	if (!take_action(line, &number)) {
		if (*line.at == '=' || is_misspelt(line))
			return parse_value(values, loader, line, &number); /* for its reason */
		err_t err = zone_value_parse(line, &loader->fallback, &value, &loader->why);
		if (err != ERR_OK)
			return err;
	}
	values->fallback = number;
	dataset_loader_set_fallback(loader, &value);
	return ERR_OK;
}

err_t acl_values_take(dataset_loader_t *loader, text_t line)
{
	text_t special = line;

	if (specials_is_line(&special)) {
		text_t keyword = text_take_word(&special);
		if (text_is_word(keyword, "SOA") || text_is_word(keyword, "NS")) {
			dataset_loader_report(loader, "$SOA and $NS are the zone's, not the ACL's",
					      DATASET_LINE_SKIPPED);
			return ERR_OK;
		}
	}
	return dataset_loader_take(loader, line);
}

uint32_t acl_values_last(const acl_values_t *values)
{
	return LISTED + entry_values_count(values->values);
}

entry_side_t acl_values_side(const entry_values_t *values)
{
	return (entry_side_t){ .values = values, .words = LISTED };
}

acl_verdict_t acl_values_verdict(const dataset_t *acl, const entry_values_t *values,
				 uint32_t number)
{
	if (number > LISTED)
		return (acl_verdict_t){ ACL_LIST, values, number - LISTED, acl->specials.ttl_s };
	return (acl_verdict_t){ .action = number == PASS ? ACL_PASS : (acl_action_t)number };
}

void acl_write(const dataset_asker_t *asker, dns_type_t type, dns_reply_t *reply)
{
	char subject[IP6_TEXT_SIZE];
	size_t size = 0;
	_Static_assert(sizeof(subject) >= IP4_TEXT_SIZE, "either address fits");

	if (type == DNS_TYPE_TXT)
		size = ip6_is_mapped(asker->client)
			       ? ip4_text_write((uint32_t)asker->client.low, subject)
			       : ip6_text_write(asker->client, subject);
	entry_values_write(asker->listed_by, asker->listed_entry, asker,
			   (text_t){ subject, subject + size }, type, asker->listed_ttl_s, reply);
}
