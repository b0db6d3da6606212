/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_output.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/bar.h"
#include "tool/json.h"
#include "base/new_file.h"
#include "tool/spray_json.h"
#include "tool/spray_report.h"
#include "tool/spray_svg.h"
#include "tool/table.h"

err_t spray_output_check(const char *svg)
{
	err_t err = svg != NULL ? new_file_check(svg) : ERR_OK;

	if (err != ERR_OK)
		log_error("cannot write the picture %s: %s", svg, err_text(err));
	return err;
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
		err = spray_report_write(result, table_width_of(stdout),
					 isatty(STDOUT_FILENO) != 0 && bar_has_utf8(), stdout);
	}
	if (err != ERR_OK) {
		log_error("%s", err_text(err));
		return err;
	}
	return svg != NULL ? spray_svg_write_file(result, svg) : ERR_OK;
}
