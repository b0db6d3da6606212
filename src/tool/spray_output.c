/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_output.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/json.h"
#include "tool/spray_json.h"
#include "tool/spray_report.h"
#include "tool/spray_svg.h"
#include "tool/table.h"

/* Bars are finer where the terminal has Unicode. */
static bool has_blocks(void)
{
	if (!isatty(STDOUT_FILENO) || setlocale(LC_CTYPE, "") == NULL)
		return false;
	bool has = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	setlocale(LC_CTYPE, "C");
	return has;
}

err_t spray_output(const spray_result_t *result, bool is_json, const char *svg)
{
	err_t err = ERR_OK;

	if (is_json) {
		json_t *json = spray_json(result);
		if (json != NULL)
			json_write_line(json);
		else
			err = ERR_NOMEM;
	} else {
		err = spray_report_write(result, table_width_of(stdout), has_blocks(), stdout);
	}
	if (err != ERR_OK) {
		log_error("%s", err_text(err));
		return err;
	}
	return svg != NULL ? spray_svg_write_file(result, svg) : ERR_OK;
}
