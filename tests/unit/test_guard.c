/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* That a data set whose file is changed in place is seen to be, by whatever way it was changed, unless it is a
 * compiled list that was only touched: what is asked of it then is DATASET_BROKEN, the log has it once, and the file renamed into place does not
 * matter. Of the answers to queries see test_compiled_damage.py. */

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cdb/compiled_file.h"
#include "cdb/compiled_writer.h"
#include "dataset/ask.h"
#include "dataset/compare.h"
#include "divert.h"
#include "test.h"

#define FILE_SIZE 8192

static char path[] = "/tmp/spurn-guard.XXXXXX";
static file_stamp_t stamp;
static const volatile uint8_t *bytes; /* of the file */

static void write_at(const char *name, off_t offset, const void *what, size_t size)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, what, size, offset), (ssize_t)size);
	close(fd);
}

/* Has the file be older than the clock's last tick. */
static void make_older(const char *name, long seconds)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = time(NULL) - seconds } };

	ck_assert_int_eq(utimensat(AT_FDCWD, name, times, 0), 0);
}

static dataset_guard_t *begin(void)
{
	static const uint8_t ones[FILE_SIZE] = { 1, 1, 1 };
	const char *const files[] = { path };
	dataset_guard_t *guard = NULL;
	int fd;

	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, ones, sizeof(ones)), FILE_SIZE);
	make_older(path, 100);
	bytes = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert(bytes != MAP_FAILED);
	close(fd);
	ck_assert_int_eq(file_stamp_get(path, &stamp), ERR_OK);
	ck_assert_int_eq(dataset_guard_new(files, &stamp, NULL, 1, &guard), ERR_OK);
	ck_assert(dataset_guard_check(guard));
	return guard;
}

static void end(dataset_guard_t *guard)
{
	munmap((void *)(uintptr_t)bytes, FILE_SIZE);
	dataset_guard_free(guard);
	unlink(path);
}

static void cut(void)
{
	ck_assert_int_eq(truncate(path, 0), 0);
}

static void overwrite(void)
{
	write_at(path, 5000, "x", 1);
}

static void append(void)
{
	write_at(path, FILE_SIZE, "x", 1);
}

static void touch(void)
{
	make_older(path, 50);
}

START_TEST(test_changes)
{
	static void (*const ways[])(void) = { cut, overwrite, append, touch };

	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		dataset_guard_t *guard = begin();
		diversion_t diversion;
		char text[1000];

		divert(&diversion, stderr);
		ways[i]();
		bool was_broken = dataset_guard_is_broken(guard);
		bool is_sound = dataset_guard_check(guard) || dataset_guard_check(guard);
		collect(&diversion, text, sizeof(text));
		ck_assert(!was_broken && !is_sound);
		ck_assert(dataset_guard_is_broken(guard));
		ck_assert_int_ge(dataset_guard_since(guard), time(NULL) - 100);
		ck_assert_ptr_nonnull(strstr(text, path));
		ck_assert_ptr_nonnull(strstr(text, "changed in place"));
		ck_assert_ptr_nonnull(strstr(text, dataset_guard_why(guard)));
		/* Once. */
		ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
		end(guard);
	}
}
END_TEST

/* The file that is served stays as it is, whatever takes its place or its name. */
START_TEST(test_replaced)
{
	dataset_guard_t *guard = begin();
	char other[sizeof(path) + 10];

	snprintf(other, sizeof(other), "%s.other", path);
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert(dataset_guard_check(guard));
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert(dataset_guard_check(guard));
	/* Under its other name it is still the same one. */
	write_at(other, 0, "x", 1);
	ck_assert(!dataset_guard_check(guard));
	ck_assert_int_eq(unlink(other), 0);
	end(guard);
}
END_TEST

/* Makes a compiled list of one block in the place of the file, and opens both. */
static compiled_file_t *open_compiled(const char *name, dataset_guard_t **guard)
{
	static const uint8_t ones[FILE_SIZE] = { 1, 1, 1 };
	compiled_writer_t *writer;
	compiled_file_t *file;
	char why[200];

	ck_assert_int_eq(compiled_writer_begin(name, &writer), ERR_OK);
	ck_assert_uint_eq(compiled_writer_next(writer), 0);
	ck_assert_int_eq(compiled_writer_add(writer, 0, "ones", ones, sizeof(ones)), ERR_OK);
	json_t *header = json_pack("{s[{}]}", "datasets");
	ck_assert_int_eq(compiled_writer_end(writer, header), ERR_OK);
	make_older(name, 100);
	ck_assert_int_eq(compiled_file_open(name, &file, &stamp, why, sizeof(why)), ERR_OK);
	ck_assert_int_eq(dataset_guard_new(&name, &stamp, &file, 1, guard), ERR_OK);
	return file;
}

/* Of a compiled list it is known whether its bytes are others: touched it is served on. */
START_TEST(test_touched)
{
	char name[sizeof(path)];
	diversion_t diversion;
	dataset_guard_t *guard;
	char text[1000];
	uint8_t *block;
	size_t size;

	memcpy(name, path, sizeof(name));
	memcpy(name + sizeof(name) - 7, "XXXXXX", 6);
	close(mkstemp(name));
	compiled_file_t *file = open_compiled(name, &guard);
	for (long seconds = 50; seconds > 40; seconds--) {
		make_older(name, seconds);
		ck_assert(dataset_guard_check(guard));
	}
	ck_assert(compiled_file_is_whole(file));
	block = (uint8_t *)(uintptr_t)compiled_file_block(file, 0, "ones", &size);
	size_t at = (size_t)(block - (const uint8_t *)compiled_file_memory(file, &size));
	write_at(name, (off_t)at, "\1", 1);
	ck_assert(dataset_guard_check(guard));
	write_at(name, (off_t)at + 7, "\1", 1);
	ck_assert(!compiled_file_is_whole(file));
	divert(&diversion, stderr);
	bool is_sound = dataset_guard_check(guard);
	collect(&diversion, text, sizeof(text));
	ck_assert(!is_sound && strstr(text, "changed in place") != NULL);
	dataset_guard_free(guard);
	ck_assert_int_eq(truncate(name, 0), 0);
	ck_assert(!compiled_file_is_whole(file));
	compiled_file_close(file);
	unlink(name);
}
END_TEST

START_TEST(test_no_guard)
{
	const char *const files[] = { path, "/nonexistent/file" };
	dataset_guard_t *guard = begin();
	dataset_guard_t *other = NULL;
	file_stamp_t stamps[] = { stamp, stamp };

	ck_assert_int_eq(dataset_guard_new(files, stamps, NULL, 2, &other), -ENOENT);
	stamps[0].inode++;
	ck_assert_int_eq(dataset_guard_new(files, stamps, NULL, 1, &other), ERR_CHANGED);
	stamps[0] = stamp;
	stamps[0].modified.tv_nsec ^= 1;
	ck_assert_int_eq(dataset_guard_new(files, stamps, NULL, 1, &other), ERR_CHANGED);
	ck_assert_ptr_null(other);
	dataset_guard_free(NULL);
	end(guard);
}
END_TEST

/* ---- A type whose data are the file's bytes. ---- */

static void (*meanwhile)(void);

static void find(const void *data, const dataset_question_t *const *questions, size_t count,
		 dataset_match_t *matches)
{
	const volatile uint8_t *first = data;

	(void)questions;
	for (size_t i = 0; i < count; i++) {
		matches[i].found = first[i] == 1 ? DATASET_ENTRY : DATASET_NOTHING;
		if (meanwhile != NULL && i == 0)
			meanwhile();
	}
}

static void write_record(const dataset_t *dataset, uint32_t entry,
			 const dataset_question_t *question, dns_type_t type, unsigned rotation,
			 dns_reply_t *reply)
{
	const volatile uint8_t *first = dataset->data;

	(void)question;
	(void)rotation;
	dns_reply_add(reply, type, DNS_CLASS_IN, first[entry], "\1\2\3\4", 4);
}

static err_t compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const volatile uint8_t *a = old->data;
	const volatile uint8_t *b = next->data;

	changes->changed = a[FILE_SIZE - 1] != b[0];
	return ERR_OK;
}

static const dataset_type_t type = {
	.name = "bytes",
	.key = DATASET_KEY_NAME,
	.find = find,
	.write = write_record,
	.compare = compare,
};

static const dataset_asker_t asker;
static const dataset_question_t question = { .asker = &asker, .depth = 1 };
static const dataset_question_t *const questions[] = { &question, &question, &question };

START_TEST(test_ask)
{
	dataset_t dataset = { .type = &type, .guard = begin() };
	dataset_match_t matches[3];
	uint8_t packet[512];
	dns_reply_t reply;

	dataset.data = (void *)(uintptr_t)bytes;
	dataset_find(&dataset, questions, 3, matches);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(matches[i].found, DATASET_ENTRY);
	dns_reply_begin_bare(&reply, packet, sizeof(packet));
	dns_reply_rrset(&reply);
	dataset_write(&dataset, 2, &question, DNS_TYPE_A, 0, &reply);
	dns_reply_rrset_end(&reply);
	ck_assert_uint_eq(reply.counts[DNS_ANSWER], 1);
	ck_assert(dataset_is_sound(&dataset) && !dataset_is_broken(&dataset));

	diversion_t diversion;
	char text[1000];
	divert(&diversion, stderr);
	/* While it is asked: what comes behind it is a fault. */
	meanwhile = cut;
	dataset_find(&dataset, questions, 3, matches);
	meanwhile = NULL;
	collect(&diversion, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "changed in place"));
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(matches[i].found, DATASET_BROKEN);
	ck_assert(!dataset_is_sound(&dataset) && dataset_is_broken(&dataset));
	dns_reply_begin_bare(&reply, packet, sizeof(packet));
	dns_reply_rrset(&reply);
	dataset_write(&dataset, 2, &question, DNS_TYPE_A, 0, &reply);
	dns_reply_rrset_end(&reply);
	ck_assert_uint_eq(reply.counts[DNS_ANSWER], 0);
	end(dataset.guard);
}
END_TEST

/* What was read from a file with other bytes looks good, and is seen not to be. */
START_TEST(test_read_as_if_meant)
{
	dataset_t dataset = { .type = &type, .guard = begin() };
	dataset_match_t matches[3];
	diversion_t diversion;
	char text[1000];

	dataset.data = (void *)(uintptr_t)bytes;
	meanwhile = overwrite;
	dataset_find(&dataset, questions, 3, matches);
	meanwhile = NULL;
	ck_assert_int_eq(matches[2].found, DATASET_ENTRY);
	divert(&diversion, stderr);
	ck_assert(!dataset_is_sound(&dataset));
	dataset_find(&dataset, questions, 3, matches);
	collect(&diversion, text, sizeof(text));
	ck_assert_int_eq(matches[2].found, DATASET_BROKEN);
	end(dataset.guard);
}
END_TEST

START_TEST(test_compare)
{
	static uint8_t plain[FILE_SIZE] = { 0 };
	dataset_t old = { .type = &type, .guard = begin() };
	dataset_t next = { .type = &type, .data = plain };
	dataset_changes_t changes;
	diversion_t diversion;
	char text[1000];

	old.data = (void *)(uintptr_t)bytes;
	ck_assert_int_eq(dataset_compare(&old, &next, &changes), ERR_OK);
	ck_assert_uint_eq(changes.changed, 0);
	divert(&diversion, stderr);
	overwrite();
	ck_assert_int_eq(dataset_compare(&old, &next, &changes), ERR_CHANGED);
	ck_assert_int_eq(dataset_compare(&next, &old, &changes), ERR_CHANGED);
	collect(&diversion, text, sizeof(text));
	end(old.guard);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_changes, test_replaced,         test_touched, test_no_guard,
		test_ask,     test_read_as_if_meant, test_compare,
	};

	return run_tests("guard", tests, COUNT_OF(tests));
}
