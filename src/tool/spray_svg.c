/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_svg.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "tool/human.h"
#include "base/new_file.h"
#include "tool/spray_spread.h"
#include "tool/spray_words.h"

/* All lengths are in user units, which are pixels at the natural size. */
#define WIDTH  800.0
#define MARGIN 32.0
/* The first row's upper edge, and what is below the last one. */
#define ROWS_TOP    124.0
#define FOOT_HEIGHT 104.0
/* Rows: nobody looks at more, and what was measured has few. */
#define ROWS_MAX 64
/* Width of a character in the fixed-width font, as a part of its size: all common ones have this. */
#define CHARACTER 0.6
/* Characters of an identifier, and of the lines on top, that there is room for. */
#define NAME_MAX_CHARACTERS 30
#define LINE_MAX_CHARACTERS 104
/* Between a bar and what is beside it. */
#define GAP 12.0
/* Characters of a deviation, "+123.4 %", and a gap. */
#define DEVIATION_CHARACTERS 9.5

/* How high rows are: the fewer, the higher. */
static const struct size {
	size_t most; /* rows */
	double row, bar, font;
} sizes[] = {
	{ 12, 30, 18, 13 },
	{ 32, 23, 13, 12 },
	{ ROWS_MAX + 1, 16, 9, 11 },
};

/* The picture, and where things are in it. */
typedef struct picture {
	const spray_result_t *result;
	spray_spread_t spread;
	spray_rows_t rows;
	const struct size *size;
	double bars_left;
	double bars_width;
	double rows_bottom;
	double height;
	double longest; /* answers that the longest bar stands for */
	FILE *out;
} picture_t;

static const char style[] =
	".card{fill:#fff;stroke:#d0d7de}.ink{fill:#1f2328}.muted{fill:#59636e}"
	".halo{stroke:#fff}.track{fill:#f0f2f5}.even{fill:#2f6fd0}.more{fill:#c2570c}.less{fill:#"
	"8a63c9}"
	".unnamed{fill:#8c959f}.mean{stroke:#59636e}.rule{stroke:#d0d7de}"
	".good{fill:#1a7f37}.bad{fill:#b35900}"
	".fixed{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}"
	"@media (prefers-color-scheme:dark){"
	".card{fill:#10151c;stroke:#30363d}.ink{fill:#e6edf3}.muted{fill:#9aa4af}"
	".halo{stroke:#10151c}.track{fill:#1c232c}.even{fill:#4f8ff0}.more{fill:#e8833a}.less{fill:"
	"#a884e0}"
	".unnamed{fill:#768390}.mean{stroke:#9aa4af}.rule{stroke:#30363d}"
	".good{fill:#3fb950}.bad{fill:#e8833a}}";

/* Writes text[0..size) as text of XML 1.0: what is not printable ASCII, as "?". */
static void put_text(FILE *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc(text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?', out);
		}
	}
}

/* Writes at most `most` characters of a text, without its middle if it has more. */
static void put_cut(FILE *out, const char *text, size_t most)
{
	size_t size = strlen(text);
	size_t right = (most - 1) / 2;

	if (size <= most) {
		put_text(out, text, size);
		return;
	}
	put_text(out, text, most - 1 - right);
	fputs("\u2026", out);
	put_text(out, text + size - right, right);
}

/* A line of text, `format` as for printf: `attributes` are the element's, but for its place. */
static void ATTR_PRINTF(5, 6) put_line(const picture_t *picture, double x, double y,
				       const char *attributes, const char *format, ...)
{
	char text[SPRAY_WORDS_MAX + SPRAY_NSID_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(picture->out, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes);
	put_cut(picture->out, text, LINE_MAX_CHARACTERS);
	fputs("</text>\n", picture->out);
}

static bool is_named_at_all(const picture_t *picture)
{
	return picture->spread.verdict != SPRAY_UNKNOWN;
}

/* What the picture shows, in a few words. */
static void put_title(const picture_t *picture)
{
	const spray_spread_t *spread = &picture->spread;
	char count[HUMAN_MAX];

	human_count(spread->servers, count);
	if (picture->result->answered == 0)
		fputs("No answers", picture->out);
	else if (!is_named_at_all(picture))
		fputs("Answers of servers without a name", picture->out);
	else if (spread->seen < spread->servers)
		fprintf(picture->out, "Answers of %zu of %s servers", spread->seen, count);
	else if (spread->servers == 1)
		fputs("All answers from one server", picture->out);
	else
		fprintf(picture->out, "Answers of %s servers", count);
}

/* All of it in words, for who does not see it. */
static void put_description(const picture_t *picture)
{
	const spray_result_t *result = picture->result;
	char text[SPRAY_WORDS_MAX];

	fputs("<desc id=\"description\">", picture->out);
	put_text(picture->out, result->setup.target, strlen(result->setup.target));
	fprintf(picture->out, " answered %" PRIu64 " of %" PRIu64 " queries; %" PRIu64 " were lost",
		result->answered, result->sent, result->lost);
	if (is_named_at_all(picture))
		fprintf(picture->out, "; max/mean %.2f, %s", picture->spread.max_to_mean,
			spray_words_verdict(&picture->spread, text));
	fputs(".", picture->out);
	for (size_t i = 0; i < picture->rows.count; i++) {
		const spray_server_t *server = picture->rows.servers[i];
		const char *name = spray_words_server(server);

		fputs(i > 0 ? "; " : " Answers: ", picture->out);
		put_text(picture->out, name, strlen(name));
		fprintf(picture->out, " %" PRIu64, server->answered);
	}
	fputs("</desc>\n", picture->out);
}

static void put_head(const picture_t *picture)
{
	fprintf(picture->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%.0f\" "
		"height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
		"aria-labelledby=\"title description\" font-size=\"13\" "
		"font-family=\"system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif\">\n"
		"<title id=\"title\">",
		WIDTH, picture->height, WIDTH, picture->height);
	put_title(picture);
	fputs("</title>\n", picture->out);
	put_description(picture);
	fprintf(picture->out,
		"<style type=\"text/css\">%s</style>\n"
		"<rect class=\"card\" fill=\"#fff\" x=\"0.5\" y=\"0.5\" width=\"%.1f\" "
		"height=\"%.1f\" "
		"rx=\"10\"/>\n",
		style, WIDTH - 1, picture->height - 1);
}

static void put_heading(const picture_t *picture)
{
	const spray_setup_t *setup = &picture->result->setup;
	const spray_spread_t *spread = &picture->spread;
	char text[SPRAY_WORDS_MAX];

	fprintf(picture->out,
		"<text x=\"%.1f\" y=\"50\" class=\"ink\" font-size=\"22\" font-weight=\"600\">",
		MARGIN);
	put_title(picture);
	fputs("</text>\n", picture->out);
	put_line(picture, MARGIN, 76, "class=\"muted\"", "%s %s at %s, from %s", setup->zone,
		 setup->types, setup->target, spray_words_policy(setup, text));
	if (!is_named_at_all(picture))
		return;
	put_line(picture, WIDTH - MARGIN, 50,
		 "class=\"ink\" font-size=\"22\" font-weight=\"600\" text-anchor=\"end\"", "%.2f",
		 spread->max_to_mean);
	put_line(picture, WIDTH - MARGIN, 76,
		 spread->verdict == SPRAY_EVEN
			 ? "class=\"good\" font-weight=\"600\" text-anchor=\"end\""
			 : "class=\"bad\" font-weight=\"600\" text-anchor=\"end\"",
		 "max/mean: %s", spray_words_verdict(spread, text));
}

/* The class of a server's bar. */
static const char *bar_class(const picture_t *picture, const spray_server_t *server)
{
	if (!server->has_nsid)
		return "unnamed";
	if (!spray_spread_is_off(&picture->spread, server->answered))
		return "even";
	return (double)server->answered > picture->spread.mean ? "more" : "less";
}

static void put_row(const picture_t *picture, const spray_server_t *server, double top)
{
	const struct size *size = picture->size;
	const char *name = spray_words_server(server);
	double bar_top = top + (size->row - size->bar) / 2;
	double baseline = top + size->row / 2 + size->font * 0.35;
	double radius = size->bar / 5;
	double length = (double)server->answered / picture->longest * picture->bars_width;
	char text[SPRAY_WORDS_MAX];

	fputs("<g><title>", picture->out);
	put_text(picture->out, name, strlen(name));
	fprintf(picture->out, ": %" PRIu64 "</title>\n", server->answered);
	fprintf(picture->out,
		"<text x=\"%.1f\" y=\"%.1f\" class=\"ink fixed\" font-size=\"%.0f\" "
		"text-anchor=\"end\">",
		picture->bars_left - GAP, baseline, size->font);
	put_cut(picture->out, name, NAME_MAX_CHARACTERS);
	fprintf(picture->out,
		"</text>\n"
		"<rect class=\"track\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"rx=\"%.1f\"/>\n",
		picture->bars_left, bar_top, picture->bars_width, size->bar, radius);
	/* What is there, is seen. */
	fprintf(picture->out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"rx=\"%.1f\"/>\n",
		bar_class(picture, server), picture->bars_left, bar_top,
		length < 1 && server->answered > 0 ? 1 : length, size->bar,
		length < radius * 2 ? length / 2 : radius);
	fprintf(picture->out,
		"<text x=\"%.1f\" y=\"%.1f\" class=\"ink fixed\" font-size=\"%.0f\" "
		"text-anchor=\"end\">%s</text>\n",
		WIDTH - MARGIN - DEVIATION_CHARACTERS * CHARACTER * size->font, baseline,
		size->font, human_count(server->answered, text));
	if (server->has_nsid)
		fprintf(picture->out,
			"<text x=\"%.1f\" y=\"%.1f\" class=\"muted fixed\" font-size=\"%.0f\" "
			"text-anchor=\"end\">%s</text>\n",
			WIDTH - MARGIN, baseline, size->font,
			spray_words_deviation(
				spray_spread_deviation(&picture->spread, server->answered), text));
	fputs("</g>\n", picture->out);
}

/* The mean, through all bars, and what it is. */
static void put_mean(const picture_t *picture)
{
	double x =
		picture->bars_left + picture->spread.mean / picture->longest * picture->bars_width;
	double room = 40; /* half of what the text takes */
	double text_x = x > WIDTH - MARGIN - room ? WIDTH - MARGIN - room : x;
	char text[HUMAN_MAX];

	fprintf(picture->out,
		"<line class=\"halo\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
		"stroke-width=\"3\" stroke-opacity=\"0.6\"/>\n"
		"<line class=\"mean\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
		"stroke-width=\"1.2\" stroke-dasharray=\"4 3\"/>\n",
		x, ROWS_TOP, x, picture->rows_bottom, x, ROWS_TOP - 6, x, picture->rows_bottom + 2);
	put_line(picture, text_x, ROWS_TOP - 12,
		 "class=\"muted\" font-size=\"12\" text-anchor=\"middle\"", "mean %s",
		 human_rate(picture->spread.mean, text));
}

static void put_rows(const picture_t *picture)
{
	double top = ROWS_TOP;
	char text[2][HUMAN_MAX];

	for (size_t i = 0; i < picture->rows.count; i++) {
		put_row(picture, picture->rows.servers[i], top);
		top += picture->size->row;
	}
	if (picture->rows.rest > 0)
		put_line(picture, picture->bars_left, top + picture->size->row - 4,
			 "class=\"muted\" font-size=\"12\"", "and %s more with %s answers",
			 human_count(picture->rows.rest, text[0]),
			 human_count(picture->rows.rest_answers, text[1]));
	if (picture->result->answered == 0)
		put_line(picture, MARGIN, ROWS_TOP + 14, "class=\"bad\"",
			 "Nothing came back, so there is nothing to show.");
	if (is_named_at_all(picture) && picture->spread.servers > 1)
		put_mean(picture);
}

/* One number with a name above it. */
static void put_tile(const picture_t *picture, unsigned position, const char *name,
		     const char *value)
{
	double x = MARGIN + position * (WIDTH - 2 * MARGIN) / 7;
	double y = picture->height - FOOT_HEIGHT;

	put_line(picture, x, y + 48, "class=\"muted\" font-size=\"12\"", "%s", name);
	put_line(picture, x, y + 70, "class=\"ink\" font-size=\"15\" font-weight=\"600\"", "%s",
		 value);
}

static void put_foot(const picture_t *picture)
{
	const spray_result_t *result = picture->result;
	const histogram_t *latency = &result->latency;
	double y = picture->height - FOOT_HEIGHT + 22;
	char text[SPRAY_WORDS_MAX];

	fprintf(picture->out,
		"<line class=\"rule\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", MARGIN,
		y, WIDTH - MARGIN, y);
	put_tile(picture, 0, "sent", human_count(result->sent, text));
	put_tile(picture, 1, "lost", human_count(result->lost, text));
	put_tile(picture, 2, "wrong",
		 human_count(result->wrong_rcode + result->wrong_answer, text));
	put_tile(picture, 3, "p50",
		 result->answered > 0
			 ? spray_words_latency(histogram_percentile(latency, 0.5), text)
			 : "-");
	put_tile(picture, 4, "p99",
		 result->answered > 0
			 ? spray_words_latency(histogram_percentile(latency, 0.99), text)
			 : "-");
	put_tile(picture, 5, "source ports", human_count(result->ports_used, text));
	snprintf(text, sizeof(text), "%.2f bits", result->port_entropy_bits);
	put_tile(picture, 6, "entropy", text);
}

/* Finds a place for everything. */
static void lay_out(picture_t *picture)
{
	size_t rows = picture->rows.count + (picture->rows.rest > 0);
	size_t name = 0;
	char text[HUMAN_MAX];
	double counts;

	picture->size = sizes;
	while (rows > picture->size->most)
		picture->size++;
	picture->longest = 1;
	for (size_t i = 0; i < picture->rows.count; i++) {
		size_t length = strlen(spray_words_server(picture->rows.servers[i]));
		double answered = (double)picture->rows.servers[i]->answered;

		name = length > name ? length : name;
		if (answered > picture->longest)
			picture->longest = answered;
	}
	if (name > NAME_MAX_CHARACTERS)
		name = NAME_MAX_CHARACTERS;
	counts = (double)strlen(human_count((uint64_t)picture->longest, text)) +
		 DEVIATION_CHARACTERS;
	picture->bars_left =
		MARGIN + (double)name * CHARACTER * picture->size->font + (rows > 0 ? GAP : 0);
	picture->bars_width = WIDTH - MARGIN - counts * CHARACTER * picture->size->font - GAP -
			      picture->bars_left;
	/* Without any, a line says so. */
	picture->rows_bottom = ROWS_TOP + (double)(rows > 0 ? rows : 1) * picture->size->row;
	picture->height = picture->rows_bottom + FOOT_HEIGHT;
}

err_t spray_svg_write(const spray_result_t *result, FILE *out)
{
	picture_t picture = { .result = result, .out = out };
	err_t err = spray_spread_find(result, &picture.spread);

	if (err == ERR_OK)
		err = spray_rows_make(result, ROWS_MAX, &picture.rows);
	if (err != ERR_OK)
		return err;
	lay_out(&picture);
	put_head(&picture);
	put_heading(&picture);
	put_rows(&picture);
	put_foot(&picture);
	fputs("</svg>\n", out);
	spray_rows_clear(&picture.rows);
	return ERR_OK;
}

err_t spray_svg_write_file(const spray_result_t *result, const char *path)
{
	new_file_t file;
	err_t err = new_file_begin(&file, path);

	if (err == ERR_OK) {
		err_t written = spray_svg_write(result, file.out);
		err = new_file_end(&file);
		err = written != ERR_OK ? written : err;
	}
	if (err != ERR_OK)
		log_error("cannot write the picture %s: %s", path, err_text(err));
	return err;
}
