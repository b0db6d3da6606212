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

/* Are the lines of the run still the fewest prefixes that cover as much, with this one? Prefixes without
 * gaps are if none is the other half of the next one. */
static bool is_still_fewest(const ip_lines_writer_t *writer, const ip_line_t *line)
{
	const ip_line_t *last = &writer->last_line;
	ip6_address_t less = ip6_subtract(line->last, line->first);
	unsigned size = ip_lines_size(less);
	bool is_first = writer->row.count == 0;

	if (!writer->is_fewest || size == IP_LINES_ANY_SIZE ||
	    ip6_trailing_zeros(line->first) < size || line->number != writer->run_number ||
	    !ip6_is_equal(line->first, is_first ? writer->run_first : ip6_add(last->last, one)))
		return false;
	return is_first || !ip6_is_equal(ip6_subtract(last->last, last->first), less) ||
	       ip6_trailing_zeros(last->first) == size;
}

/* Begins to list the lines of the run. */
static err_t begin_list(ip_lines_writer_t *writer)
{
	writer->is_listing = true;
	writer->list_at = writer->size;
	writer->list_skipped = writer->skipped;
	return put_kind(writer, IP_LINES_LIST);
}

/* Takes a line of the run. */
static err_t take_line(ip_lines_writer_t *writer, const ip_line_t *line)
{
	err_t err = ERR_OK;

	writer->is_fewest = is_still_fewest(writer, line);
	writer->last_line = *line;
	if (is_in_row(&writer->row, line)) {
		writer->row.count++;
		return ERR_OK;
	}
	if (writer->row.count > 0) {
		if (!writer->is_listing)
			err = begin_list(writer);
		if (err == ERR_OK)
			err = put_row(writer);
	}
	writer->row = (ip_row_t){ *line, 1 };
	return err;
}

/* Are the lines of the run, up to `last`, of this kind? */
static bool is_of_kind(const ip_lines_writer_t *writer, ip6_address_t last, unsigned kind)
{
	const ip_row_t *row = &writer->row;
	bool is_row = !writer->is_listing && row->count > 0 &&
		      row->line.number == writer->run_number &&
		      ip6_is_equal(row->line.first, writer->run_first);
	ip6_address_t less = ip6_subtract(last, writer->run_first);

	switch (kind) {
	case IP_LINES_EMPTY:
		return row->count == 0;
	case IP_LINES_WHOLE:
		return is_row && row->count == 1 && ip6_is_equal(row->line.last, last);
	case IP_LINES_EACH:
		return is_row && ip6_is_equal(row->line.first, row->line.last) && less.high == 0 &&
		       less.low == row->count - 1;
	case IP_LINES_FEWEST:
		return row->count > 0 && writer->is_fewest &&
		       ip6_is_equal(writer->last_line.last, last);
	default:
		return true;
	}
}

/* The kind of the run, the expected one if it is that. */
static unsigned choose_kind(const ip_lines_writer_t *writer, ip6_address_t last, unsigned expected)
{
	unsigned kind = IP_LINES_EMPTY;

	if (is_of_kind(writer, last, expected))
		return expected;
	if (writer->run_number == IP4_INDEX_NONE)
		return IP_LINES_LIST;
	while (!is_of_kind(writer, last, kind))
		kind++;
	return kind;
}

/* Is the run one of the two that a list of single addresses nearly always has, and as expected? */
static inline bool is_plain(const ip_lines_writer_t *writer, ip6_address_t last)
{
	const ip_row_t *row = &writer->row;

	if (writer->run_number == IP4_INDEX_NONE)
		return row->count == 0;
	return row->count == 1 && !writer->is_listing && row->line.number == writer->run_number &&
	       ip6_is_equal(writer->run_first, last) && ip6_is_equal(row->line.last, last);
}

/* Ends the run, all of whose lines have been taken. */
static err_t end_run(ip_lines_writer_t *writer, ip6_address_t last)
{
	if (LIKELY(is_plain(writer, last))) {
		writer->skipped++;
		writer->row.count = 0;
		return ERR_OK;
	}
	bool is_single = ip6_is_equal(writer->run_first, last);
	unsigned expected = ip_lines_expected(writer->run_number, is_single, writer->expected);
	unsigned kind = choose_kind(writer, last, expected);
	err_t err = ERR_OK;

	if (writer->is_listing && kind != IP_LINES_LIST) { /* that was too early */
		writer->size = writer->list_at;
		writer->skipped = writer->list_skipped;
	}
	if (kind == expected)
		writer->skipped++;
	else if (kind != IP_LINES_LIST || !writer->is_listing)
		err = put_kind(writer, kind);
	if (err == ERR_OK && kind == IP_LINES_LIST)
		err = put_row(writer);
	if (err == ERR_OK && kind == IP_LINES_LIST)
		err = put_byte(writer, IP_LINES_END);
	writer->expected = (uint8_t)ip_lines_next_expected(kind, is_single, writer->expected);
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
		writer->is_fewest = true;
	}
	for (size_t i = 0; i < writer->waiting_count && err == ERR_OK; i++)
		err = take_line(writer, &writer->waiting[i]);
	writer->waiting_count = 0;
	writer->next = ip6_add(last, one);
	return err;
}

/* Adds the line of a single address, and tells of it and of those before it. */
static err_t add_address(ip_lines_writer_t *writer, uint64_t address, uint32_t number)
{
	ip_line_t line = { { .low = address }, { .low = address }, number };
	err_t err = ERR_OK;

	if (writer->next.low < address)
		err = ip_lines_tell(writer, (ip6_address_t){ .low = address - 1 }, IP4_INDEX_NONE);
	if (err == ERR_OK)
		err = ip_lines_add(writer, &line);
	return err == ERR_OK ? ip_lines_tell(writer, line.last, number) : err;
}

/* Addresses that must have been added one by one before those that follow them without a gap can be
 * added together: then the run's lines are a row, and none of it can be the fewest prefixes. */
#define ADDRESSES_ALONE 3u

/* Adds addresses in a row. */
static err_t add_row(ip_lines_writer_t *writer, uint64_t first, uint64_t last, uint32_t number)
{
	for (uint64_t i = 0; i < ADDRESSES_ALONE && first <= last; i++) {
		err_t err = add_address(writer, first++, number);

		if (err != ERR_OK)
			return err;
	}
	if (first > last)
		return ERR_OK;
	writer->row.count += last - first + 1;
	writer->last_line.first.low = writer->last_line.last.low = last;
	writer->next.low = last + 1;
	return ERR_OK;
}

/* Is each address of the run a line so far, and will that be as expected behind it? */
static bool is_each(const ip_lines_writer_t *writer)
{
	return writer->has_run && writer->run_number != IP4_INDEX_NONE &&
	       writer->waiting_count == 0 &&
	       (writer->row.count == 1 || writer->expected == IP_LINES_EACH) &&
	       is_of_kind(writer, ip6_subtract(writer->next, one), IP_LINES_EACH);
}

/* From such a run on to another one behind it, each of whose addresses is a line so far, too, and with
 * `skipped` runs that are as expected from the one on and before the other. */
static void skip_to(ip_lines_writer_t *writer, uint64_t first, uint64_t last, uint32_t number,
		    uint64_t skipped)
{
	ip6_address_t begin = { .low = first };
	ip6_address_t end = { .low = last };

	writer->skipped += skipped;
	writer->row = (ip_row_t){ { begin, begin, number }, last - first + 1 };
	writer->last_line = (ip_line_t){ end, end, number };
	writer->run_first = writer->at = writer->row_first = begin;
	writer->run_number = number;
	writer->is_fewest = last == first || (last == first + 1 && (first & 1) != 0);
	writer->next.low = last + 1;
}

/* Goes on to the last row of addresses, of those before which all are as expected; how many addresses
 * that takes in. */
static size_t skip_rows(ip_lines_writer_t *writer, uint64_t first, const uint16_t *lows,
			size_t count, uint32_t number)
{
	bool is_row_expected = writer->expected == IP_LINES_EACH;
	uint64_t rows = 1;
	size_t begin = 0; /* of the row */
	size_t end = 1;

	for (; end < count; end++) {
		if (lows[end] - lows[end - 1] == 1)
			continue;
		if (end - begin > 1 && !is_row_expected)
			break;
		begin = end;
		rows++;
	}
	/* Of each the run before, and the gap. */
	skip_to(writer, first + lows[begin], first + lows[end - 1], number, 2 * rows);
	return end;
}

err_t ip_lines_add_addresses(ip_lines_writer_t *writer, uint32_t first, const uint16_t *lows,
			     size_t count, uint32_t number)
{
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;
		err_t err;

		if (first + (uint64_t)lows[i] > writer->next.low && is_each(writer)) {
			i += skip_rows(writer, first, lows + i, count - i, number);
			continue;
		}
		while (end < count && lows[end] - lows[end - 1] == 1)
			end++;
		err = add_row(writer, first + (uint64_t)lows[i], first + (uint64_t)lows[end - 1],
			      number);
		if (err != ERR_OK)
			return err;
		i = end;
	}
	return ERR_OK;
}

/* Is the run, up to `next`, as expected: nothing, or just one line? */
static inline bool is_line_expected(const ip_lines_writer_t *writer)
{
	const ip_row_t *row = &writer->row;

	if (writer->run_number == IP4_INDEX_NONE)
		return row->count == 0;
	if (row->count != 1 || writer->is_listing || row->line.number != writer->run_number ||
	    !ip6_is_equal(row->line.first, writer->run_first) ||
	    !ip6_is_equal(ip6_add(row->line.last, one), writer->next))
		return false;
	return ip6_is_equal(row->line.first, row->line.last) || writer->expected == 0 ||
	       writer->expected == IP_LINES_WHOLE ||
	       (writer->expected == IP_LINES_FEWEST && writer->is_fewest);
}

/* Is it a prefix, or as much as one? */
static inline bool is_prefix(const ip_line_t *line)
{
	ip6_address_t less = ip6_subtract(line->last, line->first);
	ip6_address_t size = ip6_add(less, one);

	return ((less.high & size.high) | (less.low & size.low) | (line->first.high & less.high) |
		(line->first.low & less.low)) == 0;
}

err_t ip_lines_add_whole(ip_lines_writer_t *writer, const ip_line_t *line)
{
	bool has_gap = ip6_is_less(writer->next, line->first);
	err_t err = ERR_OK;

	/* Most lines are runs of their own, behind another such one and, perhaps, a gap. */
	if (LIKELY(writer->has_run && writer->waiting_count == 0 &&
		   line->number != IP4_INDEX_NONE &&
		   (has_gap || line->number != writer->run_number) && is_line_expected(writer))) {
		writer->skipped += has_gap && writer->run_number != IP4_INDEX_NONE ? 2 : 1;
		writer->row = (ip_row_t){ *line, 1 };
		writer->last_line = *line;
		writer->run_first = writer->at = writer->row_first = line->first;
		writer->run_number = line->number;
		writer->is_fewest = is_prefix(line);
		writer->next = ip6_add(line->last, one);
		return ERR_OK;
	}
	if (!ip6_is_zero(line->first))
		err = ip_lines_tell(writer, ip6_subtract(line->first, one), IP4_INDEX_NONE);
	if (err == ERR_OK)
		err = ip_lines_add(writer, line);
	return err == ERR_OK ? ip_lines_tell(writer, line->last, line->number) : err;
}

err_t ip_lines_finish(ip_lines_writer_t *writer, ip_lines_t *lines)
{
	err_t err = ERR_OK;

	if (writer->has_run)
		err = end_run(writer, ip6_subtract(writer->next, one));
	if (err == ERR_OK && writer->size > 0) {
		void *fitting = realloc(writer->notes, writer->size);
		*lines = (ip_lines_t){
			.notes = fitting != NULL ? fitting : writer->notes,
			.size = writer->size,
		};
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
