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

/* Writes the line that begins data set number `number`; false if no subzone has it, so that nobody asks it. */
static bool write_head(const combined_data_t *data, const combined_places_t *places, size_t number,
		       FILE *out)
{
	uint32_t first = places->first[number];
	uint32_t end = places->first[number + 1];

	if (first == end)
		return false;
	fprintf(out, "$DATASET %s", data->sets[number]->type->name);
	for (uint32_t i = first; i < end; i++)
		write_subzone(data, &data->subzones[places->subzones[i]], out);
	fputc('\n', out);
	return true;
}

err_t combined_print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const combined_data_t *data = dataset->data;
	combined_places_t places;

	err_t err = combined_list_places(data, &places);
	for (size_t i = 0; i < data->set_count && err == ERR_OK; i++)
		if (write_head(data, &places, i, printer->out))
			err = dataset_printer_inside(printer, data->sets[i], dataset);
	combined_clear_places(&places);
	return err;
}
