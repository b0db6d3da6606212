/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/file_options.h"

bool file_options_take(int option, catalog_options_t *catalog)
{
	switch (option) {
	case 'e':
		catalog->allow_host_bits = true;
		return true;
	case 'C':
		catalog->refuse_compressed = true;
		return true;
	case FILE_OPTIONS_PARAMETERS:
		catalog->entry_parameters = true;
		return true;
	case FILE_OPTIONS_IP6:
		catalog->ip6_in_ip4trie = true;
		return true;
	default:
		return false;
	}
}

json_t *file_options_told(const catalog_options_t *catalog)
{
	const struct {
		bool is_given;
		const char *name;
	} all[] = {
		{ catalog->allow_host_bits, "--allow-host-bits" },
		{ catalog->refuse_compressed, "--no-decompression" },
		{ catalog->entry_parameters, "--entry-parameters" },
		{ catalog->ip6_in_ip4trie, "--ip6-in-ip4trie" },
	};
	json_t *told = json_array();

	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (all[i].is_given && json_array_append_new(told, json_string(all[i].name)) != 0) {
			json_decref(told);
			return NULL;
		}
	return told;
}
