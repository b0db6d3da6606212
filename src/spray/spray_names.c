/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dns/name.h"
#include "spray/spray_random.h"

/* Of so many made-up names in a row that are listed nobody can make one that is not. */
#define ATTEMPTS_MAX 10000

/* Labels of an address below the zone (RFC 5782 section 2). */
#define IP4_LABELS 4
#define IP6_LABELS 32

/* Letters of a name that is made up: nobody has listed it by chance. */
#define LETTERS 12

static err_t add(spray_name_t **list, size_t *count, size_t *capacity, const uint8_t *wire,
		 unsigned own_labels, spray_right_t right)
{
	size_t size = dns_name_size(wire);

	if (array_reserve((void **)list, capacity, *count + 1, sizeof(**list)) != ERR_OK)
		return ERR_NOMEM;
	uint8_t *copy = malloc(size);
	if (copy == NULL)
		return ERR_NOMEM;
	memcpy(copy, wire, size);
	(*list)[(*count)++] = (spray_name_t){ copy, own_labels, right };
	return ERR_OK;
}

err_t spray_names_add_listed(spray_names_t *names, const uint8_t *wire, const uint8_t *apex,
			     spray_right_t right)
{
	uint8_t labels[DNS_LABELS_MAX];
	unsigned own_labels = dns_name_labels(wire, labels) - dns_name_labels(apex, labels);

	return add(&names->listed, &names->listed_count, &names->listed_capacity, wire, own_labels,
		   right);
}

/* Writes an address as octets, or as nibbles; returns the size. */
static size_t write_numbers(spray_random_t *random, uint8_t *at, unsigned count, bool are_octets)
{
	size_t size = 0;

	for (unsigned i = 0; i < count; i++) {
		char text[4];
		unsigned number = (uint8_t)spray_random_next(random);
		/* The last nibble is the first of an address: 2000::/4, where most of the hosts are. */
		if (!are_octets)
			number = i == count - 1 ? 2 : number & 15;
		int length = snprintf(text, sizeof(text), are_octets ? "%u" : "%x", number);
		at[size++] = (uint8_t)length;
		memcpy(at + size, text, (size_t)length);
		size += (size_t)length;
	}
	return size;
}

static size_t write_letters(spray_random_t *random, uint8_t *at)
{
	at[0] = LETTERS;
	for (unsigned i = 1; i <= LETTERS; i++)
		at[i] = (uint8_t)('a' + spray_random_to(random, 25));
	return 1 + LETTERS;
}

/* Is each of these labels a number of at most three digits? */
static bool are_octets(const uint8_t *name, const uint8_t *labels, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *label = name + labels[i];
		if (label[0] > 3 || strspn((const char *)label + 1, "0123456789") < label[0])
			return false;
	}
	return true;
}

static bool are_nibbles(const uint8_t *name, const uint8_t *labels, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (name[labels[i]] != 1 || strchr("0123456789abcdef", name[labels[i] + 1]) == NULL)
			return false;
	return true;
}

/* Makes up something like `pattern`. What stands between its own labels and the apex, as in a combined
 * data set, is kept for addresses; of a name the top level is, if `keeps_top`. Returns false if that would
 * be too long. */
static bool make_up(spray_random_t *random, const spray_name_t *pattern, bool keeps_top,
		    uint8_t made[DNS_NAME_MAX])
{
	const uint8_t *name = pattern->wire;
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = dns_name_labels(name, labels);
	unsigned own = pattern->own_labels;
	unsigned replaced; /* labels of the pattern */
	size_t size;

	if (own >= IP4_LABELS && are_octets(name, labels, IP4_LABELS)) {
		size = write_numbers(random, made, IP4_LABELS, true);
		replaced = IP4_LABELS;
	} else if (own >= IP6_LABELS && are_nibbles(name, labels, IP6_LABELS)) {
		size = write_numbers(random, made, IP6_LABELS, false);
		replaced = IP6_LABELS;
	} else {
		size = write_letters(random, made);
		replaced = own > 1 && keeps_top ? own - 1 : own;
	}
	const uint8_t *rest =
		name + (replaced < count ? labels[replaced] : dns_name_size(name) - 1);
	if (size + dns_name_size(rest) > DNS_NAME_MAX)
		return false;
	memcpy(made + size, rest, dns_name_size(rest));
	return true;
}

err_t spray_names_make_up(spray_names_t *names, size_t count, spray_look_up_t look_up,
			  void *context)
{
	unsigned attempts = 0;
	spray_random_t random = { .left = 0 };

	if (names->listed_count == 0)
		return ERR_RANGE;
	while (count > 0 && attempts++ < ATTEMPTS_MAX) {
		uint8_t made[DNS_NAME_MAX];
		size_t pattern = spray_random_to(&random, names->listed_count - 1);
		spray_right_t right = { 0 };
		/* All below a top level may be listed (*.com): every second attempt has another one. */
		if (!make_up(&random, &names->listed[pattern], attempts % 2 != 0, made))
			continue;
		err_t err = look_up(context, made, &right);
		if (err == ERR_RANGE)
			continue;
		if (err == ERR_OK)
			err = add(&names->missing, &names->missing_count, &names->missing_capacity,
				  made, 0, right);
		if (err != ERR_OK)
			return err;
		count--;
		attempts = 0;
	}
	return count == 0 ? ERR_OK : ERR_RANGE;
}

static void clear(spray_name_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].wire);
	free(list);
}

void spray_names_clear(spray_names_t *names)
{
	clear(names->listed, names->listed_count);
	clear(names->missing, names->missing_count);
	memset(names, 0, sizeof(*names));
}
