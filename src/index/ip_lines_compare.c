/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip_lines.h"

#include "index/ip4_runs.h"
#include "index/ip6_runs.h"
#include "index/ip_lines_layout.h"

/* Lines are read from runs and notes in the order in which they were written, of two lists side by
 * side. Notes are the builder's own work, or ip_lines_check has seen that they end where they should;
 * what they say of the index may be wrong then, so that there are lines where no list has them.
 *
 * Most pages of most lists of IPv4 addresses are points with one number, each of which is a line, as far as
 * nothing is noted of them. Of those the addresses are read as a whole, and compared as such where both lists
 * have such a page. */

/* Lines that are read of a list at most, whatever its notes say: no memory holds more. */
#define LINES_MAX ((uint64_t)UINT32_MAX)

/* Where a list has been read to. */
typedef struct reader {
	bool is_ip4;
	union {
		ip4_runs_t ip4;
		ip6_runs_t ip6;
	} runs;
	const uint8_t *at; /* notes */
	const uint8_t *end;
	uint64_t skip; /* runs before the next one that is noted */
	bool has_record;
	unsigned expected; /* of several addresses */

	/* The run. */
	ip6_address_t run_first;
	ip6_address_t run_last;
	uint32_t run_number;
	bool is_listing;
	bool is_fewest; /* lines are prefixes up to run_last */

	/* The row of lines that is being read. */
	ip6_address_t less; /* size of each, less 1 */
	ip6_address_t row_first;
	uint64_t left; /* lines behind `line` */

	bool has_line;
	ip_line_t line; /* the next one */
	uint64_t most;  /* lines to come, points not counted */

	/* IPv4: the line is address `point` of these, all of which are lines; 0 of them: it is another. */
	uint32_t point;
	ip4_points_t points;
} reader_t;

static ip6_address_t read_number(reader_t *reader)
{
	ip6_address_t number = { .high = 0 };
	unsigned shift = 0;

	for (;; shift += 7) {
		uint8_t byte = *reader->at++;
		ip6_address_t part = ip6_shift_left((ip6_address_t){ .low = byte & 127u }, shift);

		number.high |= part.high;
		number.low |= part.low;
		if (byte < 128)
			return number;
	}
}

static void read_skip(reader_t *reader)
{
	reader->has_record = reader->at < reader->end;
	if (reader->has_record)
		reader->skip = read_number(reader).low;
}

static bool next_run(reader_t *reader)
{
	uint32_t first, last;

	if (!reader->is_ip4)
		return ip6_runs_next(&reader->runs.ip6, &reader->run_first, &reader->run_last,
				     &reader->run_number);
	if (!ip4_runs_next(&reader->runs.ip4, &first, &last, &reader->run_number))
		return false;
	reader->run_first = (ip6_address_t){ .low = first };
	reader->run_last = (ip6_address_t){ .low = last };
	return true;
}

/* Begins a row at `first`. */
static void begin_row(reader_t *reader, ip6_address_t first, ip6_address_t less, uint64_t count,
		      uint32_t number)
{
	reader->row_first = first;
	reader->less = less;
	reader->left = count - 1;
	reader->line = (ip_line_t){ first, ip6_add(first, less), number };
}

/* Reads the next row of the run; false behind the last one. */
static bool next_row(reader_t *reader)
{
	ip6_address_t first = ip6_add(reader->line.last, (ip6_address_t){ .low = 1 });
	uint32_t number = reader->run_number;
	ip6_address_t less;
	unsigned size = *reader->at++;

	if (size == IP_LINES_END) {
		reader->is_listing = false;
		read_skip(reader);
		return false;
	}
	less = size == IP_LINES_ANY_SIZE ? read_number(reader)
					 : ip6_last((ip6_address_t){ .high = 0 }, 128 - size);
	uint64_t count = read_number(reader).low;
	if ((count & IP_LINES_OFFSET) != 0) {
		unsigned shift = *reader->at++;
		first = ip6_add(reader->row_first, ip6_shift_left(read_number(reader), shift));
	}
	if ((count & IP_LINES_OWN) != 0)
		number = (uint32_t)read_number(reader).low;
	begin_row(reader, first, less, (count >> 2) + 1, number);
	return true;
}

/* Goes on to the next of the fewest prefixes that make up the run; false behind the last one. */
static bool next_prefix(reader_t *reader)
{
	ip6_address_t first = ip6_add(reader->line.last, (ip6_address_t){ .low = 1 });
	ip6_address_t left = ip6_subtract(reader->run_last, reader->line.last);
	unsigned size = ip6_trailing_zeros(first);

	reader->is_fewest = !ip6_is_zero(left);
	if (!reader->is_fewest)
		return false;
	if (size > ip6_bit_length(left) - 1)
		size = ip6_bit_length(left) - 1;
	begin_row(reader, first, ip6_last((ip6_address_t){ .high = 0 }, 128 - size), 1,
		  reader->run_number);
	return true;
}

/* Opens a run; true when that brought a line. */
static bool open_run(reader_t *reader)
{
	bool is_single = ip6_is_equal(reader->run_first, reader->run_last);
	unsigned kind = ip_lines_expected(reader->run_number, is_single, reader->expected);
	ip6_address_t less = ip6_subtract(reader->run_last, reader->run_first);

	if (reader->has_record && reader->skip-- == 0) {
		kind = *reader->at++;
		if (kind != IP_LINES_LIST)
			read_skip(reader);
	}
	reader->expected = ip_lines_next_expected(kind, is_single, reader->expected);
	switch (kind) {
	case IP_LINES_WHOLE:
		begin_row(reader, reader->run_first, less, 1, reader->run_number);
		return true;
	case IP_LINES_EACH:
		begin_row(reader, reader->run_first, (ip6_address_t){ .high = 0 }, less.low + 1,
			  reader->run_number);
		return true;
	case IP_LINES_FEWEST:
		/* The first one's place, too, is told as if a line ended right before the run. */
		reader->line.last = ip6_subtract(reader->run_first, (ip6_address_t){ .low = 1 });
		return next_prefix(reader);
	case IP_LINES_LIST:
		reader->is_listing = true;
		reader->row_first = reader->run_first;
		/* The first row's place is told as if a line ended right before the run. */
		reader->line.last = ip6_subtract(reader->run_first, (ip6_address_t){ .low = 1 });
		return next_row(reader);
	default:
		return false;
	}
}

/* The next line is point `point`. */
static void set_point(reader_t *reader, uint32_t point)
{
	uint32_t address = reader->points.page << 16 | reader->points.lows[point];

	reader->point = point;
	reader->line = (ip_line_t){ { .low = address }, { .low = address }, reader->points.number };
}

/* Goes on to a page all of whose lines are its points, if that is what comes next. */
static bool next_points(reader_t *reader)
{
	ip4_points_t *points = &reader->points;
	uint64_t max = reader->has_record ? reader->skip / 2 : UINT64_MAX;

	points->count = 0;
	if (!reader->is_ip4 || max == 0 || !ip4_runs_find_points(&reader->runs.ip4, max, points) ||
	    (points->rows < points->count && reader->expected != IP_LINES_EACH)) {
		points->count = 0;
		return false;
	}
	ip4_runs_take_points(&reader->runs.ip4, points);
	if (reader->has_record)
		reader->skip -= 2 * (uint64_t)points->rows;
	set_point(reader, 0);
	return true;
}

/* Goes on to the first line of what follows the run, or the points, all of whose lines have been read. */
static void next_of_runs(reader_t *reader)
{
	do {
		if (next_points(reader))
			return;
		reader->has_line = next_run(reader);
	} while (reader->has_line && !open_run(reader));
}

/* Goes on to point `point`, or to what is behind the last one. */
static void skip_points(reader_t *reader, uint32_t point)
{
	if (point < reader->points.count)
		set_point(reader, point);
	else
		next_of_runs(reader);
}

static void next_line(reader_t *reader)
{
	if (UNLIKELY(reader->most-- == 0)) {
		reader->has_line = false;
		reader->points.count = 0;
		return;
	}
	if (reader->points.count > 0) {
		skip_points(reader, reader->point + 1);
		return;
	}
	if (reader->left > 0) {
		reader->left--;
		reader->line.first = ip6_add(reader->line.last, (ip6_address_t){ .low = 1 });
		reader->line.last = ip6_add(reader->line.first, reader->less);
		return;
	}
	if (reader->is_listing && next_row(reader))
		return;
	if (reader->is_fewest && next_prefix(reader))
		return;
	next_of_runs(reader);
}

static void begin(reader_t *reader, const ip_lines_t *lines)
{
	reader->at = lines->notes;
	reader->end = lines->size > 0 ? lines->notes + lines->size : lines->notes;
	reader->has_line = true;
	reader->most = lines->most > 0 && lines->most < LINES_MAX ? lines->most : LINES_MAX;
	read_skip(reader);
	next_line(reader);
}

/* By first address, of the same the longest first. */
static int compare_lines(const ip_line_t *a, const ip_line_t *b)
{
	if (!ip6_is_equal(a->first, b->first))
		return ip6_is_less(a->first, b->first) ? -1 : 1;
	if (ip6_is_equal(a->last, b->last))
		return 0;
	return ip6_is_less(b->last, a->last) ? -1 : 1;
}

/* Compares the points of one page that both readers are at, up to the end of one of them. */
static void compare_points(reader_t *old, reader_t *next, ip_lines_visit_t visit, void *context)
{
	const ip4_points_t *a = &old->points;
	const ip4_points_t *b = &next->points;
	uint32_t old_number = a->number;
	uint32_t next_number = b->number;
	uint32_t i = old->point;
	uint32_t j = next->point;
	uint64_t common = 0;

	while (i < a->count && j < b->count) {
		uint16_t x = a->lows[i];
		uint16_t y = b->lows[j];

		common += x == y;
		i += x <= y;
		j += y <= x;
	}
	uint64_t gone = i - old->point - common;
	uint64_t come = j - next->point - common;
	if (common > 0)
		visit(context, &old_number, &next_number, common);
	if (gone > 0)
		visit(context, &old_number, NULL, gone);
	if (come > 0)
		visit(context, NULL, &next_number, come);
	skip_points(old, i);
	skip_points(next, j);
}

static void compare(reader_t *old, const ip_lines_t *old_lines, reader_t *next,
		    const ip_lines_t *next_lines, ip_lines_visit_t visit, void *context)
{
	begin(old, old_lines);
	begin(next, next_lines);
	while (old->has_line || next->has_line) {
		if (old->points.count > 0 && next->points.count > 0 &&
		    old->points.page == next->points.page) {
			compare_points(old, next, visit, context);
			continue;
		}
		int order = !next->has_line  ? -1
			    : !old->has_line ? 1
					     : compare_lines(&old->line, &next->line);

		visit(context, order <= 0 ? &old->line.number : NULL,
		      order >= 0 ? &next->line.number : NULL, 1);
		if (order <= 0)
			next_line(old);
		if (order >= 0)
			next_line(next);
	}
}

/* Visits the points, none of which has been, and goes on behind them. */
static err_t visit_points(reader_t *reader, const ip4_lines_visitor_t *visitor)
{
	const ip4_points_t *points = &reader->points;
	err_t err = visitor->visit_addresses(visitor->context, points->page << 16, points->lows,
					     points->count, points->number);

	skip_points(reader, points->count);
	return err;
}

err_t ip4_lines_walk(const ip4_index_t *index, const ip_lines_t *lines,
		     const ip4_lines_visitor_t *visitor)
{
	reader_t reader = { .is_ip4 = true };
	err_t err = ERR_OK;

	ip4_runs_begin(&reader.runs.ip4, index);
	begin(&reader, lines);
	while (reader.has_line && err == ERR_OK) {
		if (reader.points.count > 0) {
			err = visit_points(&reader, visitor);
			continue;
		}
		err = visitor->visit_line(visitor->context, &reader.line);
		next_line(&reader);
	}
	return err;
}

void ip4_lines_compare(const ip4_index_t *old, const ip_lines_t *old_lines, const ip4_index_t *next,
		       const ip_lines_t *next_lines, ip_lines_visit_t visit, void *context)
{
	reader_t old_reader = { .is_ip4 = true };
	reader_t next_reader = { .is_ip4 = true };

	ip4_runs_begin(&old_reader.runs.ip4, old);
	ip4_runs_begin(&next_reader.runs.ip4, next);
	compare(&old_reader, old_lines, &next_reader, next_lines, visit, context);
}

void ip6_lines_compare(const ip6_index_t *old, const ip_lines_t *old_lines, const ip6_index_t *next,
		       const ip_lines_t *next_lines, ip_lines_visit_t visit, void *context)
{
	reader_t old_reader = { .is_ip4 = false };
	reader_t next_reader = { .is_ip4 = false };

	ip6_runs_begin(&old_reader.runs.ip6, old);
	ip6_runs_begin(&next_reader.runs.ip6, next);
	compare(&old_reader, old_lines, &next_reader, next_lines, visit, context);
}

err_t ip6_lines_walk(const ip6_index_t *index, const ip_lines_t *lines, ip_line_visit_t visit,
		     void *context)
{
	reader_t reader = { .is_ip4 = false };
	err_t err = ERR_OK;

	ip6_runs_begin(&reader.runs.ip6, index);
	for (begin(&reader, lines); reader.has_line && err == ERR_OK; next_line(&reader))
		err = visit(context, &reader.line);
	return err;
}
