/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/human.h"
#include "tool/table.h"

/* Between two parts of the line. */
#define GAP "   "
/* Bytes of one part. */
#define PART_MAX 64

/* Parts of the line, from the left to the right. */
enum { PART_TIME, PART_DONE, PART_RATE, PART_SENT, PART_ANSWERED, PART_LOST, PART_WRONG, PARTS };

/* How much of it is done: 0 to 1; less than 0 if nobody knows. */
static double find_done(const spray_setup_t *setup, const spray_progress_t *progress)
{
	double by_time = setup->seconds > 0 ? progress->seconds / setup->seconds : -1;
	double by_count = setup->count > 0 ? (double)progress->sent / (double)setup->count : -1;
	double done = by_time > by_count ? by_time : by_count;

	return done > 1 ? 1 : done;
}

static void update_rate(spray_progress_line_t *line, const spray_progress_t *progress)
{
	double passed_s = progress->seconds - line->since_s;
	double rate = passed_s > 0 ? (double)(progress->sent - line->since_sent) / passed_s : 0;

	/* In the first second there is no other. */
	if (line->since_s == 0)
		line->rate = rate;
	if (passed_s < SPRAY_PROGRESS_RATE_S)
		return;
	line->rate = rate;
	line->since_s = progress->seconds;
	line->since_sent = progress->sent;
}

/* Puts as many parts as there is room for behind each other: those of the highest number give way first, but
 * never what is wrong, if anything is. */
static void join(char parts[PARTS][PART_MAX], size_t width, char text[SPRAY_PROGRESS_MAX])
{
	static const unsigned least_first[] = { PART_ANSWERED, PART_SENT, PART_WRONG,
						PART_RATE,     PART_LOST, PART_DONE };

	for (size_t next = 0;; next++) {
		text[0] = '\0';
		for (size_t i = 0; i < PARTS; i++) {
			if (parts[i][0] != '\0' && text[0] != '\0')
				strcat(text, GAP);
			strcat(text, parts[i]);
		}
		if (strlen(text) <= width || next == COUNT_OF(least_first))
			return;
		parts[least_first[next]][0] = '\0';
	}
}

const char *spray_progress_text(spray_progress_line_t *line, const spray_setup_t *setup,
				const spray_progress_t *progress, size_t width,
				char text[SPRAY_PROGRESS_MAX])
{
	char parts[PARTS][PART_MAX] = { "" };
	double done = find_done(setup, progress);
	char number[HUMAN_MAX];

	update_rate(line, progress);
	snprintf(parts[PART_TIME], PART_MAX, "%.0f s", progress->seconds);
	if (progress->is_waiting)
		snprintf(parts[PART_DONE], PART_MAX, "%s", "waiting for answers");
	else if (done > 0 && done < 1)
		snprintf(parts[PART_DONE], PART_MAX, "%.0f %%, %s to go", 100 * done,
			 human_age(progress->seconds / done * (1 - done), number));
	snprintf(parts[PART_RATE], PART_MAX, "%s/s", human_rate(line->rate, number));
	snprintf(parts[PART_SENT], PART_MAX, "%s sent", human_count(progress->sent, number));
	snprintf(parts[PART_ANSWERED], PART_MAX, "%s answered",
		 human_count(progress->answered, number));
	snprintf(parts[PART_LOST], PART_MAX, "%s lost", human_count(progress->lost, number));
	if (progress->wrong > 0)
		snprintf(parts[PART_WRONG], PART_MAX, "%s wrong",
			 human_count(progress->wrong, number));
	join(parts, width, text);
	return text;
}

void spray_progress_show(spray_progress_line_t *line, const spray_setup_t *setup,
			 const spray_progress_t *progress, bool is_json)
{
	char text[SPRAY_PROGRESS_MAX];
	size_t width;

	if (!isatty(STDERR_FILENO) || (is_json && !isatty(STDOUT_FILENO)))
		return;
	width = table_width_of(stderr);
	/* The last column stays free, or some terminals begin a new line. */
	log_progress("%s", spray_progress_text(line, setup, progress,
					       width == TABLE_WIDE ? 79 : width - 1, text));
	line->is_shown = true;
}

void spray_progress_clear(spray_progress_line_t *line)
{
	if (line->is_shown)
		log_progress("%s", "");
	line->is_shown = false;
}
