/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/types.h"

#include <string.h>

#include "base/attributes.h"

static const dataset_type_t *const types[] = {
	&dataset_ip4set, &dataset_ip4tset, &dataset_ip4trie, &dataset_ip6trie,  &dataset_ip6tset,
	&dataset_dnset,  &dataset_dnhash,  &dataset_generic, &dataset_combined, &dataset_compiled,
	&dataset_cdb,    &dataset_acl,     &dataset_aclkey,
};

const dataset_type_t *dataset_type_get(unsigned number)
{
	return number < COUNT_OF(types) ? types[number] : NULL;
}

const dataset_type_t *dataset_type_under(const dataset_type_t *type,
					 const zone_settings_t *settings)
{
	return type == &dataset_ip4trie && settings->ip6_in_ip4trie ? &dataset_iptrie : type;
}

const dataset_type_t *dataset_type_find(const char *name, size_t size)
{
	for (unsigned i = 0; i < COUNT_OF(types); i++)
		if (strlen(types[i]->name) == size && memcmp(types[i]->name, name, size) == 0)
			return types[i];
	return NULL;
}
