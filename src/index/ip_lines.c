/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip_lines.h"

#include <stdlib.h>

#include "base/array.h"
#include "index/ip_lines_layout.h"

void ip_lines_clear(ip_lines_t *lines)
{
	free(lines->notes);
	*lines = (ip_lines_t){ .notes = NULL };
}

static const ip6_address_t one = { .low = 1 };

static err_t put_byte(ip_lines_writer_t *writer, unsigned byte)
{
	void *notes = writer->notes;
	err_t err = array_reserve(&notes, &writer->capacity, writer->size + 1, 1);

	writer->notes = notes;
	if (err == ERR_OK)
		writer->notes[writer->size++] = (uint8_t)byte;
	return err;
}

/* Seven bits a byte, the lowest first; the highest bit says that more follow. */
static err_t put_number(ip_lines_writer_t *writer, ip6_address_t number)
{
	err_t err = ERR_OK;

	while (err == ERR_OK && (number.high != 0 || number.low > 127)) {
		err = put_byte(writer, (unsigned)(number.low & 127) | 128);
		number = ip6_shift_right(number, 7);
	}
	return err == ERR_OK ? put_byte(writer, (unsigned)number.low) : err;
}

static err_t put_count(ip_lines_writer_t *writer, uint64_t count)
{
	return put_number(writer, (ip6_address_t){ .low = count });
}

/* The first address of the line that would go on with the row. */
static ip6_address_t row_next(const ip_row_t *row)
{
	ip6_address_t size = ip6_add(ip6_subtract(row->line.last, row->line.first), one);
	ip6_address_t next = row->line.first;

	if (row->count == 1)
		return ip6_add(next, size);
	/* Rows are of sizes that are powers of two. */
	return ip6_add(next, ip6_shift_left((ip6_address_t){ .low = row->count },
					    ip6_trailing_zeros(size)));
}

/* Writes the row, of a run that is listed line by line. */
static err_t put_row(ip_lines_writer_t *writer)
{
	const ip_line_t *line = &writer->row.line;
	ip6_address_t less = ip6_subtract(line->last, line->first);
	unsigned size = ip_lines_size(less);
	bool is_near = ip6_is_equal(line->first, writer->at);
	bool has_own = line->number != writer->run_number;
	ip6_address_t offset = ip6_subtract(line->first, writer->row_first);
	unsigned shift = ip6_is_zero(offset) ? 0 : ip6_trailing_zeros(offset);

	err_t err = put_byte(writer, size);
	if (err == ERR_OK && size == IP_LINES_ANY_SIZE)
		err = put_number(writer, less);
	if (err == ERR_OK)
		err = put_count(writer, (writer->row.count - 1) << 2 |
						(has_own ? IP_LINES_OWN : 0u) |
						(is_near ? 0u : IP_LINES_OFFSET));
	if (err == ERR_OK && !is_near)
		err = put_byte(writer, shift);
	if (err == ERR_OK && !is_near)
		err = put_number(writer, ip6_shift_right(offset, shift));
	if (err == ERR_OK && has_own)
		err = put_count(writer, line->number);
	writer->row_first = line->first;
	writer->at = row_next(&writer->row);
	writer->row.count = 0;
	return err;
}

/* Begins what is noted of a run that is not as expected. */
static err_t put_kind(ip_lines_writer_t *writer, unsigned kind)
{
	err_t err = put_count(writer, writer->skipped);

	writer->skipped = 0;
	return err == ERR_OK ? put_byte(writer, kind) : err;
}

/* Does the line go on with the row? */
static bool is_in_row(const ip_row_t *row, const ip_line_t *line)
{
	ip6_address_t less = ip6_subtract(line->last, line->first);

	return row->count > 0 && line->number == row->line.number &&
	       ip_lines_size(less) != IP_LINES_ANY_SIZE &&
	       ip6_is_equal(less, ip6_subtract(row->line.last, row->line.first)) &&
	       ip6_is_equal(line->first, row_next(row));
}

/* Takes a line of the run. */
static err_t take_line(ip_lines_writer_t *writer, const ip_line_t *line)
{
	err_t err = ERR_OK;

	if (is_in_row(&writer->row, line)) {
		writer->row.count++;
		return ERR_OK;
	}
	if (writer->row.count > 0) {
		if (!writer->is_listing)
			err = put_kind(writer, IP_LINES_LIST);
		writer->is_listing = true;
		if (err == ERR_OK)
			err = put_row(writer);
	}
	writer->row = (ip_row_t){ *line, 1 };
	return err;
}

/* What a run is whose lines are in one row, or none. */
static unsigned row_kind(const ip_lines_writer_t *writer, ip6_address_t run_last)
{
	const ip_row_t *row = &writer->row;

	if (row->count == 0)
		return IP_LINES_EMPTY;
	if (row->line.number != writer->run_number || row->line.number == IP4_INDEX_NONE ||
	    !ip6_is_equal(row->line.first, writer->run_first))
		return IP_LINES_LIST;
	if (row->count == 1 && ip6_is_equal(row->line.last, run_last))
		return IP_LINES_WHOLE;
	ip6_address_t less = ip6_subtract(run_last, writer->run_first);
	return ip6_is_equal(row->line.first, row->line.last) && less.high == 0 &&
			       less.low == row->count - 1
		       ? IP_LINES_EACH
		       : IP_LINES_LIST;
}

/* Ends the run, all of whose lines have been taken. */
static err_t end_run(ip_lines_writer_t *writer, ip6_address_t last)
{
	unsigned expected = ip_lines_expected(
		writer->run_number, ip6_is_equal(writer->run_first, last), writer->expected);
	unsigned kind = writer->is_listing ? IP_LINES_LIST : row_kind(writer, last);
	err_t err = ERR_OK;

	if (kind == expected)
		writer->skipped++;
	else if (!writer->is_listing)
		err = put_kind(writer, kind);
	if (err == ERR_OK && kind == IP_LINES_LIST)
		err = put_row(writer);
	if (err == ERR_OK && kind == IP_LINES_LIST)
		err = put_byte(writer, IP_LINES_END);
	writer->expected = (uint8_t)ip_lines_next_expected(
		kind, ip6_is_equal(writer->run_first, last), writer->expected);
	writer->row.count = 0;
	writer->is_listing = false;
	return err;
}

err_t ip_lines_add(ip_lines_writer_t *writer, const ip_line_t *line)
{
	void *waiting = writer->waiting;
	err_t err = array_reserve(&waiting, &writer->waiting_capacity, writer->waiting_count + 1,
				  sizeof(*writer->waiting));

	writer->waiting = waiting;
	if (err == ERR_OK)
		writer->waiting[writer->waiting_count++] = *line;
	return err;
}

err_t ip_lines_tell(ip_lines_writer_t *writer, ip6_address_t last, uint32_t number)
{
	err_t err = ERR_OK;

	if (writer->has_run && (ip6_is_less(last, writer->next) || ip6_is_zero(writer->next)))
		return ERR_OK; /* it is known already */
	if (!writer->has_run || number != writer->run_number) {
		if (writer->has_run)
			err = end_run(writer, ip6_subtract(writer->next, one));
		writer->has_run = true;
		writer->run_first = writer->next;
		writer->run_number = number;
		writer->at = writer->row_first = writer->next;
	}
	for (size_t i = 0; i < writer->waiting_count && err == ERR_OK; i++)
		err = take_line(writer, &writer->waiting[i]);
	writer->waiting_count = 0;
	writer->next = ip6_add(last, one);
	return err;
}

err_t ip_lines_finish(ip_lines_writer_t *writer, ip_lines_t *lines)
{
	err_t err = ERR_OK;

	if (writer->has_run)
		err = end_run(writer, ip6_subtract(writer->next, one));
	if (err == ERR_OK && writer->size > 0) {
		void *fitting = realloc(writer->notes, writer->size);
		*lines = (ip_lines_t){ fitting != NULL ? fitting : writer->notes, writer->size };
		writer->notes = NULL;
	} else {
		*lines = (ip_lines_t){ .notes = NULL };
	}
	ip_lines_abandon(writer);
	return err;
}

void ip_lines_abandon(ip_lines_writer_t *writer)
{
	free(writer->notes);
	free(writer->waiting);
	*writer = (ip_lines_writer_t){ .notes = NULL };
}
