/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a zone file: no crash, neither when it is read nor when it is asked. The first byte
 * chooses the type and whether the switches are on, the rest is the file. The entry point is
 * libFuzzer's; replay.c calls it for files. */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/dataset_fixture.h"
#include "dataset/acl.h"

static const char *const types[] = {
	"ip4set",  "ip4tset", "ip4trie",  "generic", "ip6trie",
	"ip6tset", "dnset",   "combined", "acl",     "aclkey",
};

/* 2001:db8::1 */
#define IP6_NAME "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Asks a data set in the way of its role. */
static void ask_anything(const dataset_t *dataset)
{
	static const char *const names[] = { "",          "a",           "x.a",           "4.3.2.1",
					     "2.1",       "example.com", "x.example.com", "0.0.0.0",
					     "1.0.0.127", "1.0.0.2",     IP6_NAME };
	const acl_quota_t *quota;

	switch (dataset->type->role) {
	case DATASET_ROLE_DATA:
		for (unsigned i = 0; i < COUNT_OF(names); i++)
			(void)ask(dataset, names[i]);
		break;
	case DATASET_ROLE_ACL:
		(void)acl_lookup(dataset, ip6_from_ip4(0x7f000001));
		(void)acl_lookup(dataset, (ip6_address_t){ .low = 1 });
		break;
	case DATASET_ROLE_ACLKEY:
		(void)aclkey_lookup(dataset, (const uint8_t *)"\1a", &quota);
		(void)aclkey_lookup(dataset, (const uint8_t *)"", &quota);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32];
	const char *const paths[] = { path, path };

	if (size == 0)
		return 0;
	int fd = memfd_create("zonefile", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	log_set_level(LOG_LEVEL_ERROR);
	const char *type = types[(data[0] & 0x3f) % COUNT_OF(types)];
	zone_settings_t settings = {
		.ttl_default_s = 2100,
		.ttl_min_s = 60,
		.ttl_max_s = 86400,
		.allow_host_bits = (data[0] & 0x80) != 0,
		.entry_parameters = (data[0] & 0x80) != 0,
		.ip6_in_ip4trie = (data[0] & 0x80) != 0,
	};
	dataset_t *dataset = NULL;
	/* Read twice in a row, which makes everything in it a duplicate. */
	const dataset_request_t request = {
		.type = dataset_type_find(type, strlen(type)),
		.spec = "fuzz",
		.files = paths,
		.file_count = (data[0] & 0x40) != 0 ? 2 : 1,
		.settings = &settings,
	};
	err_t err = dataset_load(&request, NULL, &dataset);
	if (err == ERR_OK)
		ask_anything(dataset);
	dataset_free(dataset);
	close(fd);
	return 0;
}
