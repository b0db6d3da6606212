/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/config_keys.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/similar.h"
#include "daemon/settings.h"

/* Keys that are no settings. */
static const struct {
	config_scope_t scope;
	config_key_t key;
} own_keys[] = {
	{ CONFIG_GLOBAL, { CONFIG_KEY_ZONE, false, true } },
	{ CONFIG_GLOBAL, { CONFIG_KEY_ZONES, true, false } },
	{ CONFIG_GLOBAL, { CONFIG_KEY_ACL, false, false } },
	{ CONFIG_ZONE, { CONFIG_KEY_DATA, true, false } },
	{ CONFIG_ZONE, { CONFIG_KEY_DATASET, false, true } },
};

/* Where something is said, for people. */
static const char *const places[] = {
	[CONFIG_GLOBAL] = "outside of zones",
	[CONFIG_ZONE] = "in a zone",
	[CONFIG_DATASET] = "in a data set",
};

static bool is_allowed(const setting_t *setting, config_scope_t scope)
{
	if (setting->name == NULL || (setting->flags & SETTING_NO_KEY) != 0)
		return false;
	if (scope == CONFIG_ZONE)
		return (setting->flags & SETTING_ZONE) != 0;
	return scope == CONFIG_GLOBAL || (setting->flags & SETTING_DATASET) != 0;
}

size_t config_keys(config_scope_t scope, config_key_t keys[CONFIG_KEYS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < settings_count; i++) {
		const setting_t *setting = &settings_table[i];

		if (is_allowed(setting, scope) && count < CONFIG_KEYS_MAX)
			keys[count++] = (config_key_t){
				.name = setting->name,
				.is_list = (setting->flags & SETTING_LIST) != 0,
			};
	}
	for (size_t i = 0; i < COUNT_OF(own_keys); i++) {
		if (own_keys[i].scope == scope && count < CONFIG_KEYS_MAX)
			keys[count++] = own_keys[i].key;
	}
	return count;
}

static bool is_key(config_scope_t scope, const char *word)
{
	config_key_t keys[CONFIG_KEYS_MAX];
	size_t count = config_keys(scope, keys);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].name, word) == 0)
			return true;
	}
	return false;
}

/* The key of that scope that is most like `word`, or NULL; `*slip` says how far it is, and is changed
 * only for a nearer one. */
static const char *find_nearest(config_scope_t scope, const char *word, size_t *slip)
{
	config_key_t keys[CONFIG_KEYS_MAX];
	size_t count = config_keys(scope, keys);
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t other = similar_slip(word, keys[i].name);

		if (other < *slip) {
			*slip = other;
			nearest = keys[i].name;
		}
	}
	return nearest;
}

void config_keys_hint(config_scope_t scope, const char *word, char *hint, size_t size)
{
	const setting_t *setting = setting_of_name(word, strlen(word));
	size_t slip = SIZE_MAX;
	const char *nearest;

	if (strcmp(word, CONFIG_KEY_ACL) == 0) {
		(void)snprintf(
			hint, size,
			"outside of zones it is for all of them; one zone has " CONFIG_KEY_DATA
			" = \"acl:FILE\"");
		return;
	}
	for (config_scope_t other = CONFIG_GLOBAL; other < CONFIG_SCOPES; other++) {
		if (other != scope && is_key(other, word)) {
			(void)snprintf(hint, size, "it can only be %s", places[other]);
			return;
		}
	}
	if (setting != NULL) {
		(void)snprintf(hint, size, "it is for the command line alone");
		return;
	}
	nearest = find_nearest(scope, word, &slip);
	if (nearest != NULL) {
		(void)snprintf(hint, size, "did you mean %s?", nearest);
		return;
	}
	for (config_scope_t other = CONFIG_GLOBAL; other < CONFIG_SCOPES; other++) {
		nearest = find_nearest(other, word, &slip);
		if (nearest != NULL) {
			(void)snprintf(hint, size, "did you mean %s? That can only be %s", nearest,
				       places[other]);
			return;
		}
	}
	(void)snprintf(hint, size, "spurnd.conf(5) lists all keys");
}
