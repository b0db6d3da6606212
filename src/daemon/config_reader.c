/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/config_reader.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "daemon/config_keys.h"
#include "daemon/config_text.h"

/* libconfuse gives up at the first key that it does not know. To find them all, such a key is made
 * known, and the text is read once more: at most so often. */
#define UNKNOWN_MAX 50
/* Bytes for what is said about one mistake. */
#define WORDS_MAX 512

/* A key that nobody knows, and where it stands. */
typedef struct unknown_key {
	config_scope_t scope;
	char *name;
} unknown_key_t;

/* What is on its way into the configuration. */
typedef struct config_reader {
	config_t *config;
	config_text_t text;
	CONFIG_ARRAY(char *) complaints;     /* what is wrong, in the order of the file */
	CONFIG_ARRAY(assignment_t) zone_own; /* settings of the zone that is being read */
	size_t zone_datasets;                /* where its data sets begin */
	size_t dataset_settings;             /* where the settings of its next data set begin */
	size_t sections;                     /* all before this zone, of text.section_lines */
	size_t zone_sections;                /* within this zone, up to now */
	unsigned acl_line;                   /* 0: none */
	unknown_key_t unknown[UNKNOWN_MAX];
	size_t unknown_count;
	bool has_new_unknown; /* the text must be read again */
	bool has_no_memory;
} config_reader_t;

/* libconfuse has no place for it. */
static config_reader_t *current;

/* The names that libconfuse has for the scopes. */
static const char *const scope_names[] = {
	[CONFIG_GLOBAL] = "root",
	[CONFIG_ZONE] = CONFIG_KEY_ZONE,
	[CONFIG_DATASET] = CONFIG_KEY_DATASET,
};

static config_scope_t scope_of(const cfg_t *section)
{
	config_scope_t scope = CONFIG_GLOBAL;

	while (scope < CONFIG_DATASET && strcmp(section->name, scope_names[scope]) != 0)
		scope++;
	return scope;
}

/* Makes room for one more. What there is no memory for is lost, and so is all. */
#define ADD(array, ...)                                                                            \
	do {                                                                                       \
		if (array_reserve((void **)&(array).all, &(array).capacity, (array).count + 1,     \
				  sizeof(*(array).all)) == ERR_OK)                                 \
			(array).all[(array).count++] = __VA_ARGS__;                                \
		else                                                                               \
			current->has_no_memory = true;                                             \
	} while (0)

ATTR_PRINTF(2, 3)
static void complain(unsigned line, const char *format, ...)
{
	char words[WORDS_MAX];
	char *complaint = NULL;
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	if (asprintf(&complaint, "%s:%u: %s", current->config->name, line, words) < 0) {
		current->has_no_memory = true;
		return;
	}
	ADD(current->complaints, complaint);
}

/* A copy of `text` that lives as long as the configuration; "" for want of memory. */
static const char *keep(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL) {
		current->has_no_memory = true;
		return "";
	}
	ADD(current->config->strings, copy);
	return current->has_no_memory ? "" : copy;
}

/* Is there no value for the setting among `given`[0..count) yet? */
static bool is_first(const assignment_t *given, size_t count, const setting_t *setting,
		     unsigned line)
{
	if ((setting->flags & SETTING_LIST) != 0)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (given[i].setting == setting) {
			complain(line, "%s is given twice, first in line %u: leave one of them out",
				 setting->name, given[i].line);
			return false;
		}
	}
	return true;
}

static void take_setting(config_scope_t scope, const setting_t *setting, const char *value,
			 unsigned line)
{
	config_t *config = current->config;
	size_t from = current->dataset_settings;
	const assignment_t given = {
		.setting = setting,
		.value = keep(value),
		.file = config->name,
		.line = line,
	};

	switch (scope) {
	case CONFIG_GLOBAL:
		if (is_first(config->global.all, config->global.count, setting, line))
			ADD(config->global, given);
		break;
	case CONFIG_ZONE:
		if (is_first(current->zone_own.all, current->zone_own.count, setting, line))
			ADD(current->zone_own, given);
		break;
	default:
		if (config->settings.count == from ||
		    is_first(config->settings.all + from, config->settings.count - from, setting,
			     line))
			ADD(config->settings, given);
		break;
	}
}

/* `acl`: files of the ACL for all zones. */
static void take_acl(const char *files, unsigned line)
{
	char *spec = NULL;

	if (current->acl_line != 0) {
		complain(line,
			 CONFIG_KEY_ACL
			 " is given twice, first in line %u: one ACL can have several "
			 "files, as in \"file,file\"",
			 current->acl_line);
		return;
	}
	current->acl_line = line;
	if (asprintf(&spec, ":acl:%s", files) < 0) {
		current->has_no_memory = true;
		return;
	}
	ADD(current->config->specs, (config_spec_t){ keep(spec), line });
	free(spec);
}

/* libconfuse's: a value has been read. With "|" in its name a key can be one of another section, whose
 * settings would be taken for ours. */
static int on_value(cfg_t *section, cfg_opt_t *option, const char *value, void *result)
{
	config_t *config = current->config;
	const setting_t *setting = setting_of_name(option->name, strlen(option->name));
	unsigned line = (unsigned)section->line;

	*(void **)result = NULL;
	if (option < section->opts || option >= section->opts + cfg_numopts(section->opts))
		complain(line, "%s: there can be no | in a key", option->name);
	else if (setting != NULL)
		take_setting(scope_of(section), setting, value, line);
	else if (strcmp(option->name, CONFIG_KEY_DATA) == 0)
		ADD(config->datasets, (config_dataset_t){ keep(value), line, 0, 0 });
	else if (strcmp(option->name, CONFIG_KEY_ZONES) == 0)
		ADD(config->specs, (config_spec_t){ keep(value), line });
	else
		take_acl(value, line);
	return current->has_no_memory ? -1 : 0;
}

static void complain_of_unknown(const cfg_t *section, const char *name)
{
	config_scope_t scope = scope_of(section);
	char hint[WORDS_MAX];

	config_keys_hint(scope, name, hint, sizeof(hint));
	complain((unsigned)section->line, "unknown key %s: %s", name, hint);
}

/* The same for a key that is unknown: once for each list. */
static int on_unknown(cfg_t *section, cfg_opt_t *option, const char *value, void *result)
{
	(void)value;
	*(void **)result = NULL;
	if (option->nvalues == 1)
		complain_of_unknown(section, option->name);
	return 0;
}

/* The line of the { of a section, `nth` from the beginning of the zone. */
static unsigned line_of_section(size_t nth)
{
	size_t place = current->sections + nth;

	return place < current->text.section_count ? current->text.section_lines[place] : 0;
}

/* libconfuse's: a data set has been read. */
static int on_dataset(cfg_t *zone, cfg_opt_t *option)
{
	config_t *config = current->config;
	const cfg_t *section = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);
	config_dataset_t dataset = {
		.spec = keep(section->title),
		.line = line_of_section(++current->zone_sections),
		.settings = current->dataset_settings,
		.settings_end = config->settings.count,
	};

	(void)zone;
	ADD(config->datasets, dataset);
	current->dataset_settings = config->settings.count;
	cfg_free_value(option);
	return current->has_no_memory ? -1 : 0;
}

/* The same for a zone. */
static int on_zone(cfg_t *file, cfg_opt_t *option)
{
	config_t *config = current->config;
	const cfg_t *section = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);
	config_zone_t zone = {
		.name = keep(section->title),
		.line = line_of_section(0),
		.datasets = current->zone_datasets,
		.datasets_end = config->datasets.count,
		.settings = config->settings.count,
	};

	(void)file;
	for (size_t i = 0; i < current->zone_own.count; i++)
		ADD(config->settings, current->zone_own.all[i]);
	zone.settings_end = config->settings.count;
	ADD(config->zones, zone);
	current->zone_own.count = 0;
	current->sections += 1 + current->zone_sections;
	current->zone_sections = 0;
	current->zone_datasets = config->datasets.count;
	current->dataset_settings = config->settings.count;
	/* So that libconfuse does not look through all zones at each one. */
	cfg_free_value(option);
	return current->has_no_memory ? -1 : 0;
}

/* Makes an unknown key known, for the next time. */
static void add_unknown(const cfg_t *section, const char *name)
{
	char *copy;

	if (current->unknown_count == UNKNOWN_MAX) {
		complain_of_unknown(section, name);
		return;
	}
	copy = strdup(name);
	if (copy == NULL) {
		current->has_no_memory = true;
		return;
	}
	current->unknown[current->unknown_count++] = (unknown_key_t){ scope_of(section), copy };
	current->has_new_unknown = true;
}

/* Was the key unknown, and made known? */
static bool is_unknown(config_scope_t scope, const char *name)
{
	for (size_t i = 0; i < current->unknown_count; i++) {
		if (current->unknown[i].scope == scope &&
		    strcmp(current->unknown[i].name, name) == 0)
			return true;
	}
	return false;
}

/* What libconfuse says, and what we do around its word; its texts are the same since version 2. */
static const struct {
	const char *format;
	const char *before;
	const char *after;
} phrases[] = {
	{ "unexpected token '%s'", "'",
	  "' is out of place: a setting is KEY = VALUE, a list KEY = { VALUE, VALUE }, and a value "
	  "with blanks or any of ,={}()+# needs quotes" },
	{ "missing equal sign after option '%s'", "there is no = after ",
	  ": a setting is KEY = VALUE" },
	{ "premature end of file", "the file ends in the middle of a setting", "" },
	{ "missing title for section '%s'", "",
	  " needs a name, as in zone \"bl.example\" { data = \"ip4set:FILE\" }" },
	{ "missing opening brace for section '%s'", "the name of a ", " must be followed by {" },
	{ "attempt to append to non-list option '%s'", "", " has one value: write = and not +=" },
	{ "invalid octal number '%s'", "",
	  " is no character: in \"double quotes\" write \\\\ for \\" },
	{ "no sub-section title/index for '%s'", "", ": there can be no | in a key" },
};

/* libconfuse's: something is wrong, and nothing more will be read. Each of its messages names one word
 * at most. */
static void on_error(cfg_t *section, const char *format, va_list arguments)
{
	const char *word = strstr(format, "%s") != NULL ? va_arg(arguments, const char *) : "";
	unsigned line = (unsigned)section->line;

	if (strcmp(format, "no such option '%s'") == 0) {
		add_unknown(section, word);
		return;
	}
	/* It is a section, then. */
	if (is_unknown(scope_of(section), word)) {
		complain_of_unknown(section, word);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(phrases); i++) {
		if (strcmp(format, phrases[i].format) == 0) {
			complain(line, "%s%s%s", phrases[i].before, word, phrases[i].after);
			return;
		}
	}
	complain(line, "%.*s%s", (int)strcspn(format, "%"), format, word);
}

/* What libconfuse shall know in a scope. The caller frees it; NULL for want of memory. */
static cfg_opt_t *make_options(config_scope_t scope, cfg_opt_t *sections,
			       cfg_validate_callback_t end)
{
	static const cfg_opt_t single = CFG_PTR_CB(NULL, NULL, CFGF_NODEFAULT, on_value, NULL);
	static const cfg_opt_t list = CFG_PTR_LIST_CB(NULL, NULL, CFGF_NODEFAULT, on_value, NULL);
	static const cfg_opt_t unknown =
		CFG_PTR_LIST_CB(NULL, NULL, CFGF_NODEFAULT, on_unknown, NULL);
	cfg_opt_t *options = calloc(CONFIG_KEYS_MAX + UNKNOWN_MAX + 1, sizeof(*options));
	cfg_opt_t *option = options;
	config_key_t keys[CONFIG_KEYS_MAX];
	size_t count = config_keys(scope, keys);

	if (options == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++, option++) {
		*option = keys[i].is_list ? list : single;
		if (keys[i].is_section) {
			*option = (cfg_opt_t)CFG_SEC(NULL, sections, CFGF_MULTI | CFGF_TITLE);
			option->validcb = end;
		}
		option->name = keys[i].name;
	}
	for (size_t i = 0; i < current->unknown_count; i++) {
		if (current->unknown[i].scope != scope)
			continue;
		*option = unknown;
		option->name = current->unknown[i].name;
		option++;
	}
	*option = (cfg_opt_t)CFG_END();
	return options;
}

/* Lets libconfuse read the text once. Returns whether it came to the end of it. */
static bool parse(cfg_opt_t *options, char *text)
{
	cfg_t *file = cfg_init(options, CFGF_NONE);
	FILE *stream = fmemopen(text, strlen(text), "r");
	bool is_read = false;

	if (file == NULL || stream == NULL) {
		current->has_no_memory = true;
	} else {
		cfg_set_error_function(file, on_error);
		is_read = cfg_parse_fp(file, stream) == CFG_SUCCESS;
	}
	if (stream != NULL)
		(void)fclose(stream);
	if (file != NULL)
		cfg_free(file);
	return is_read;
}

/* The same, with all that libconfuse is to know. */
static bool parse_with_options(char *text)
{
	cfg_opt_t *dataset = make_options(CONFIG_DATASET, NULL, NULL);
	cfg_opt_t *zone = make_options(CONFIG_ZONE, dataset, on_dataset);
	cfg_opt_t *file = make_options(CONFIG_GLOBAL, zone, on_zone);
	bool is_read = false;

	if (dataset != NULL && zone != NULL && file != NULL)
		is_read = parse(file, text);
	else
		current->has_no_memory = true;
	free(dataset);
	free(zone);
	free(file);
	return is_read;
}

/* Forgets what was read, for the next time. */
static void start_afresh(void)
{
	config_t *config = current->config;

	for (size_t i = 0; i < config->strings.count; i++)
		free(config->strings.all[i]);
	for (size_t i = 0; i < current->complaints.count; i++)
		free(current->complaints.all[i]);
	config->global.count = 0;
	config->specs.count = 0;
	config->zones.count = 0;
	config->datasets.count = 0;
	config->settings.count = 0;
	config->strings.count = 0;
	current->complaints.count = 0;
	current->zone_own.count = 0;
	current->zone_datasets = 0;
	current->dataset_settings = 0;
	current->sections = 0;
	current->zone_sections = 0;
	current->acl_line = 0;
	current->has_new_unknown = false;
}

/* Reads the text until all unknown keys are found. */
static err_t read_text(char *text, size_t size)
{
	const char *why;
	unsigned line;
	bool is_read = false;

	err_t err = config_text_prepare(text, size, &current->text, &line, &why);
	if (err == ERR_SYNTAX)
		complain(line, "%s", why);
	if (err != ERR_OK)
		return err;
	if (size == 0)
		return ERR_OK;
	do {
		start_afresh();
		is_read = parse_with_options(text);
	} while (current->has_new_unknown && !current->has_no_memory);
	if (current->has_no_memory)
		return ERR_NOMEM;
	return is_read && current->complaints.count == 0 ? ERR_OK : ERR_SYNTAX;
}

err_t config_reader_run(config_t *config, char *text, size_t size)
{
	config_reader_t reader = { .config = config };

	current = &reader;
	err_t err = read_text(text, size);
	for (size_t i = 0; i < reader.complaints.count; i++) {
		log_error("%s", reader.complaints.all[i]);
		free(reader.complaints.all[i]);
	}
	for (size_t i = 0; i < reader.unknown_count; i++)
		free(reader.unknown[i].name);
	free(reader.complaints.all);
	free(reader.zone_own.all);
	config_text_clear(&reader.text);
	current = NULL;
	return err;
}
