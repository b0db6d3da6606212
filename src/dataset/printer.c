/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/printer.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault_guard.h"
#include "dataset/ask.h"
#include "zonefile/specials_text.h"

typedef struct printed_value printed_value_t;

/* ---- Values. ---- */

static printed_value_t value_of(const value_table_t *table, uint32_t id)
{
	printed_value_t value = { .is_known = true, .txt = value_table_txt(table, id) };

	memcpy(value.a, value_table_a(table, id), sizeof(value.a));
	return value;
}

static bool is_same(const printed_value_t *a, const printed_value_t *b)
{
	if (!a->is_known || !b->is_known || memcmp(a->a, b->a, sizeof(a->a)) != 0)
		return false;
	if (a->txt == b->txt || a->txt == NULL || b->txt == NULL)
		return a->txt == b->txt;
	size_t size = template_size(a->txt);
	return template_size(b->txt) == size && memcmp(a->txt, b->txt, size) == 0;
}

/* Is there a template that only a base template can say? */
static bool has_odd(const value_table_t *table)
{
	for (uint32_t id = 1; id <= value_table_count(table); id++) {
		const uint8_t *txt = value_table_txt(table, id);
		if (txt != NULL && template_needs_base(txt))
			return true;
	}
	return false;
}

bool dataset_printer_begin(dataset_printer_t *printer, const entry_values_t *values)
{
	return !printer->is_probing ||
	       (printer->style.base == NULL && has_odd(entry_values_table(values)));
}

/* Makes the first template that needs it the base template. */
static void probe(dataset_printer_t *printer, const value_table_t *table, uint32_t id)
{
	const uint8_t *txt = value_table_txt(table, id);
	char text[TEMPLATE_TEXT_MAX];
	size_t size;

	if (printer->style.base != NULL || txt == NULL || !template_needs_base(txt) ||
	    (size = template_text_write_base(txt, text)) == 0)
		return;
	printer->style.base = txt;
	fputs("$= ", printer->out);
	(void)fwrite(text, 1, size, printer->out);
	fputc('\n', printer->out);
	/* Now that is what the built-in default has. */
	printer->fallback.txt = txt;
}

/* Ends a line whose last byte is `last`. */
static void end_line(dataset_printer_t *printer, char last)
{
	if (last == '\r') /* one of them belongs to the end of the line */
		putc_unlocked('\r', printer->out);
	putc_unlocked('\n', printer->out);
}

static void write_conditions(dataset_printer_t *printer, const zone_conditions_t *conditions)
{
	char text[CONDITIONS_TEXT_MAX];

	putc_unlocked(' ', printer->out);
	(void)fwrite_unlocked(text, 1, conditions_text_write(conditions, text), printer->out);
}

/* Makes `value`, which is text[0..size) as text, the default. */
static void write_fallback(dataset_printer_t *printer, const printed_value_t *value,
			   const char *text, size_t size)
{
	(void)fwrite_unlocked(text, 1, size, printer->out);
	end_line(printer, text[size - 1]);
	printer->fallback = *value;
}

/* Writes an entry with one value. */
static void write_line(dataset_printer_t *printer, const value_table_t *table, const char *key,
		       size_t key_size, uint32_t id)
{
	const zone_conditions_t *conditions = value_table_conditions(table, id);
	bool has_conditions = conditions != NULL && !conditions_are_none(conditions);
	printed_value_t value = value_of(table, id);
	char text[VALUE_TEXT_MAX];
	size_t size = 0;

	if (UNLIKELY(printer->is_probing)) {
		probe(printer, table, id);
		return;
	}
	if (!is_same(&value, &printer->fallback)) {
		size = value_text_write(&printer->style, value.a, value.txt, text);
		if (size == 0) {
			printer->left_out++;
			return;
		}
		/* The first one, and one that comes again, will come more often. */
		if (!printer->last.is_known || is_same(&value, &printer->last) ||
		    value_text_has_mark(&printer->style, text, size)) {
			write_fallback(printer, &value, text, size);
			size = 0;
		}
	}
	printer->last = value;
	(void)fwrite_unlocked(key, 1, key_size, printer->out);
	if (size > 0) {
		putc_unlocked(' ', printer->out);
		(void)fwrite_unlocked(text, 1, size, printer->out);
	}
	if (has_conditions)
		write_conditions(printer, conditions);
	end_line(printer, size > 0 && !has_conditions ? text[size - 1] : '\0');
}

static int compare_values(const void *a, const void *b, void *table)
{
	return value_table_compare(table, *(const uint32_t *)a, table, *(const uint32_t *)b);
}

err_t dataset_printer_values(dataset_printer_t *printer, const entry_values_t *values,
			     const char *key, size_t size, const uint32_t *numbers, size_t count)
{
	const value_table_t *table = entry_values_table(values);
	uint32_t *sorted;

	if (count < 2) {
		if (count == 1)
			write_line(printer, table, key, size, *numbers);
		return ferror_unlocked(printer->out) ? err_from_errno() : ERR_OK;
	}
	/* Numbers depend on the order in which values were read; what they mean does not. */
	sorted = calloc(count, sizeof(*sorted));
	if (sorted == NULL)
		return ERR_NOMEM;
	memcpy(sorted, numbers, count * sizeof(*sorted));
	qsort_r(sorted, count, sizeof(*sorted), compare_values, (void *)(uintptr_t)table);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || value_table_compare(table, sorted[i - 1], table, sorted[i]) != 0)
			write_line(printer, table, key, size, sorted[i]);
	free(sorted);
	return ferror_unlocked(printer->out) ? err_from_errno() : ERR_OK;
}

err_t dataset_printer_entry(dataset_printer_t *printer, const entry_values_t *values,
			    const char *key, size_t size, uint32_t number)
{
	size_t count;

	if (number == 0 && printer->is_probing)
		return ERR_OK;
	if (number == 0) {
		putc_unlocked('!', printer->out);
		(void)fwrite_unlocked(key, 1, size, printer->out);
		putc_unlocked('\n', printer->out);
		return ferror_unlocked(printer->out) ? err_from_errno() : ERR_OK;
	}
	const uint32_t *numbers = entry_values_list(values, &number, &count);
	return dataset_printer_values(printer, values, key, size, numbers, count);
}

/* ---- Data sets. ---- */

/* Makes ready for the entries of a data set. */
static void start(dataset_printer_t *printer, const dataset_t *dataset)
{
	printer->dataset = dataset;
	printer->style =
		(value_style_t){ .has_parameters = dataset->specials.settings->entry_parameters };
	printer->fallback = (printed_value_t){ .is_known = true };
	memcpy(printer->fallback.a, zone_value_builtin.a, sizeof(zone_value_builtin.a));
	printer->last = (printed_value_t){ .is_known = false };
}

/* Writes the entries. Most data sets have no values to look for before. */
static err_t print_entries(const dataset_t *dataset, dataset_printer_t *printer)
{
	bool has_values = dataset->type->key != DATASET_KEY_NONE;
	err_t err = ERR_OK;

	printer->is_probing = has_values;
	if (has_values)
		err = dataset->type->print(dataset, printer);
	printer->is_probing = false;
	return err == ERR_OK ? dataset->type->print(dataset, printer) : err;
}

err_t dataset_printer_inside(dataset_printer_t *printer, const dataset_t *dataset,
			     const dataset_t *outer)
{
	/* Records have TTLs of their own, and those without one the default. */
	bool has_records = dataset->type->key == DATASET_KEY_NONE;

	start(printer, dataset);
	if (!has_records)
		specials_text_write_ttl(&dataset->specials, outer->specials.ttl_s, printer->out);
	else if (outer->specials.ttl_s != outer->specials.settings->ttl_default_s)
		fputs("$TTL 0\n", printer->out);
	err_t err = print_entries(dataset, printer);
	if (has_records && err == ERR_OK)
		specials_text_write_ttl(&dataset->specials,
					dataset->specials.settings->ttl_default_s, printer->out);
	return err;
}

static err_t print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const zone_specials_t *specials = &dataset->specials;
	uint32_t default_s = specials->settings->ttl_default_s;
	/* What is inside of it has its TTL; to records it is none of theirs. */
	bool has_records = dataset->type->key == DATASET_KEY_NONE && dataset->type->part == NULL;

	start(printer, dataset);
	specials_text_write_zone(specials, printer->out);
	if (!has_records)
		specials_text_write_ttl(specials, default_s, printer->out);
	err_t err = print_entries(dataset, printer);
	if (err != ERR_OK)
		return err;
	if (has_records)
		specials_text_write_ttl(specials, default_s, printer->out);
	specials_text_write_range(specials, printer->out);
	return fflush(printer->out) == 0 && !ferror(printer->out) ? ERR_OK : err_from_errno();
}

typedef struct printing {
	const dataset_t *dataset;
	dataset_printer_t *printer;
	err_t err;
} printing_t;

static void print_guarded(void *context)
{
	printing_t *printing = context;

	printing->err = print(printing->dataset, printing->printer);
}

err_t dataset_print(const dataset_t *dataset, dataset_printer_t *printer)
{
	printing_t printing = { dataset, printer, ERR_CHANGED };

	if (dataset->type->print == NULL)
		return ERR_UNSUPPORTED;
	if (!dataset_is_sound(dataset) || !fault_guard_run(print_guarded, &printing))
		return ERR_CHANGED;
	return dataset_is_sound(dataset) ? printing.err : ERR_CHANGED;
}
