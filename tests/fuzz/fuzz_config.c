/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a configuration file: no crash, neither when it is read nor when a plan is made of it; and
 * whatever came before, a good file is good. The entry point is libFuzzer's; replay.c calls it for
 * files. */

#include <stdlib.h>
#include <string.h>

#include "daemon/options.h"
#include "daemon/options_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a reload makes of the file. */
static err_t reread(const char *data, size_t size)
{
	const options_t start = { .config_file = "fuzz.conf" };
	options_t next;
	plan_t *plan;

	err_t err = options_reread(&start, data, size, &next);
	if (err == ERR_OK)
		err = options_plan_make(&next, &plan);
	if (err == ERR_OK)
		plan_free(plan);
	options_free(&next);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char good[] = "listen = ::1 zone a { data = \"ip4set:b\" }";

	(void)reread((const char *)data, size);
	if (reread(good, strlen(good)) != ERR_OK)
		abort();
	return 0;
}
