/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/server_watch.h"

#include <stdlib.h>

#include "base/log.h"

/* Lists the files that are served, in no order, some maybe twice. Returns NULL for want of memory;
 * else the caller frees the list, but not what it points to. */
static const char **list_files(const server_t *server, size_t *count)
{
	const plan_t *plan = catalog_plan(server->setup->catalog);
	const char *cookie_file = server->setup->cookie_file;
	size_t room = 1;

	for (size_t i = 0; i < plan->dataset_count; i++)
		room += plan->datasets[i].spec.file_count;
	const char **files = calloc(room, sizeof(*files));
	*count = 0;
	if (files == NULL)
		return NULL;
	for (size_t i = 0; i < plan->dataset_count; i++)
		for (size_t k = 0; k < plan->datasets[i].spec.file_count; k++)
			files[(*count)++] = plan->datasets[i].spec.files[k];
	if (cookie_file != NULL)
		files[(*count)++] = cookie_file;
	return files;
}

static void on_news(void *context)
{
	server_t *server = context;
	const loader_request_t request = { .reason = LOADER_WATCH };

	/* Nobody wants to know: -c 0 --watch off, of which a reload may change the first. */
	if (!server->setup->is_watched && server->check.repeat == 0)
		return;
	if (loader_request(&server->loader, &request) == 0)
		log_error("cannot load: not enough memory");
}

err_t server_watch_begin(server_t *server)
{
	const file_watch_setup_t setup = {
		.loop = server->loop,
		.has_notices = server->setup->is_watched,
		.on_news = on_news,
		.context = server,
	};
	size_t count;

	const char **files = list_files(server, &count);
	err_t err = ERR_NOMEM;
	if (files != NULL)
		err = file_watch_new(&setup, files, count, &server->watch);
	free(files);
	if (err != ERR_OK) {
		log_error("cannot watch files: %s", err_text(err));
		return err;
	}
	server->gate = (source_gate_t){ file_watch_may_read, server->watch };
	return ERR_OK;
}

void server_watch_start(server_t *server)
{
	err_t err = file_watch_start(server->watch);
	if (err != ERR_OK)
		log_error("cannot watch files: %s; they are looked at by -c only", err_text(err));
}

void server_watch_renew(server_t *server)
{
	size_t count;

	const char **files = list_files(server, &count);
	if (files == NULL || file_watch_set_files(server->watch, files, count) != ERR_OK)
		log_error("not enough memory to watch files that are new");
	free(files);
}
