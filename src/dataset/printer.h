/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_PRINTER_H
#define SPURN_DATASET_PRINTER_H

#include <stdio.h>

#include "dataset/dataset.h"
#include "dataset/entry_values.h"
#include "zonefile/value_text.h"

/* Data sets written back as zone files, such that reading these makes the same of them: the same entries, as
 * far as they had an effect, with the same answers. What is written depends on nothing but that, so
 * written, read and written again it is the same. Values stand in default lines where several
 * entries have them one behind the other. */

typedef struct dataset_printer {
	FILE *out;
	uint64_t left_out; /* entries with values that zone files cannot say: see value_text.h */

	/* Of the data set that is being written. */
	const dataset_t *dataset;
	value_style_t style;
	/* Entries are only looked at: is there a value for which a base template is needed? */
	bool is_probing;
	/* The value of the default line that counts, and that of the entry before; never with conditions. */
	struct printed_value {
		bool is_known;
		uint8_t a[4];
		const uint8_t *txt; /* compiled; NULL: none */
	} fallback, last;
} dataset_printer_t;

/* Writes a data set to printer->out. `dataset` must have been read with, or have, settings without bounds of
 * TTLs. Returns ERR_OK, also if something was left out; ERR_UNSUPPORTED for a type that is not written;
 * ERR_NOMEM; ERR_CHANGED (mapped, and not as it was); or errno's error when writing failed. */
err_t dataset_print(const dataset_t *dataset,
		    dataset_printer_t *printer) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* ---- For types. ---- */

/* Says that entries follow whose values are in `values`. Returns whether they are wanted. */
bool dataset_printer_begin(dataset_printer_t *printer,
			   const entry_values_t *values) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the line, or the lines, of an entry: key[0..size), with what `number` stands for, 0 being an exclusion.
 * Returns ERR_OK, ERR_NOMEM or errno's error. */
err_t dataset_printer_entry(dataset_printer_t *printer, const entry_values_t *values,
			    const char *key, size_t size,
			    uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for values numbers[0..count), none of which is a set. */
err_t dataset_printer_values(dataset_printer_t *printer, const entry_values_t *values,
			     const char *key, size_t size, const uint32_t *numbers,
			     size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes what is inside of another one: its entries and $TTL, `outer` being the data set around it. Errors as
 * above. */
err_t dataset_printer_inside(dataset_printer_t *printer, const dataset_t *dataset,
			     const dataset_t *outer) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
