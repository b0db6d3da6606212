/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/combined_data.h"
#include "dataset/printer.h"
#include "dns/name.h"
#include "zonefile/name_text.h"

static void write_subzone(const combined_data_t *data, const subzone_t *subzone, FILE *out)
{
	const uint8_t *key = data->pool + subzone->key;
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = subzone->label_count;
	char text[NAME_LINE_TEXT_SIZE];

	for (unsigned i = count, at = 0; i > 0; at += key[at] + 1u)
		labels[--i] = (uint8_t)at;
	fputc(' ', out);
	if (count == 0)
		fputc('@', out);
	else
		(void)fwrite(text, 1, name_text_write_line(key, labels, count, true, false, text),
			     out);
}

static bool has_member(const combined_data_t *data, const subzone_t *subzone, const dataset_t *set)
{
	for (size_t m = 0; m < subzone->member_count; m++)
		if (data->members[subzone->first_member + m] == set)
			return true;
	return false;
}

/* Writes the line that begins a data set; false if no subzone has it, so that nobody asks it. */
static bool write_head(const combined_data_t *data, const dataset_t *set, FILE *out)
{
	bool has_any = false;

	for (size_t i = 0; i < data->subzone_count; i++) {
		if (!has_member(data, &data->subzones[i], set))
			continue;
		if (!has_any)
			fprintf(out, "$DATASET %s", set->type->name);
		has_any = true;
		write_subzone(data, &data->subzones[i], out);
	}
	if (has_any)
		fputc('\n', out);
	return has_any;
}

err_t combined_print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const combined_data_t *data = dataset->data;
	err_t err = ERR_OK;

	for (size_t i = 0; i < data->set_count && err == ERR_OK; i++)
		if (write_head(data, data->sets[i], printer->out))
			err = dataset_printer_inside(printer, data->sets[i], dataset);
	return err;
}
