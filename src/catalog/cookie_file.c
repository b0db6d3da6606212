/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/cookie_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "zonefile/text.h"

/* Hexadecimal digits of a secret. */
#define SECRET_DIGITS (2 * DNS_COOKIE_SECRET_SIZE)

static const char advice[] =
	"a line must be 32 hexadecimal digits, as made by: openssl rand -hex 16";

/* Reads up to `room` bytes. Returns how many there were, or -1. */
static ssize_t read_whole(int fd, char *buffer, size_t room)
{
	size_t size = 0;
	ssize_t got;

	do {
		got = read(fd, buffer + size, room - size);
		if (got > 0)
			size += (size_t)got;
	} while ((got > 0 && size < room) || (got < 0 && errno == EINTR));
	return got < 0 ? -1 : (ssize_t)size;
}

/* Reads an open file into `buffer`, and sees that nobody wrote to it meanwhile. */
static err_t read_regular(int fd, char buffer[COOKIE_FILE_MAX + 1], size_t *size, mode_t *mode)
{
	struct stat before, after;

	if (fstat(fd, &before) != 0)
		return err_from_errno();
	if (!S_ISREG(before.st_mode))
		return ERR_INVAL;
	ssize_t got = read_whole(fd, buffer, COOKIE_FILE_MAX + 1);
	if (got < 0 || fstat(fd, &after) != 0)
		return err_from_errno();
	if (got > COOKIE_FILE_MAX)
		return ERR_RANGE;
	if (after.st_size != got || after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
	    after.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
		return ERR_CHANGED;
	*size = (size_t)got;
	*mode = after.st_mode;
	return ERR_OK;
}

static err_t read_file(const char *path, char buffer[COOKIE_FILE_MAX + 1], size_t *size,
		       mode_t *mode)
{
	/* A named pipe shall not keep us waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	err_t err = fd >= 0 ? read_regular(fd, buffer, size, mode) : err_from_errno();

	if (fd >= 0)
		close(fd);
	if (err == ERR_INVAL)
		log_error("%s: cookie secrets must be in a regular file", path);
	else if (err == ERR_RANGE)
		log_error("%s: longer than %d bytes, so not a file of cookie secrets", path,
			  COOKIE_FILE_MAX);
	else if (err != ERR_OK)
		log_error("%s: %s", path, err_text(err));
	return err;
}

/* Takes the secret of a line, if there is one. Returns NULL, or why it is no good. */
static const char *take_line(text_t line, dns_cookie_secrets_t *secrets)
{
	uint8_t *secret = secrets->secrets[secrets->count];
	const char *digits;

	text_skip_blanks(&line);
	if (text_is_done(line))
		return NULL;
	digits = line.at;
	while (!text_is_done(line) && !text_is_blank(*line.at))
		line.at++;
	size_t size = (size_t)(line.at - digits);
	text_skip_blanks(&line);
	if (!text_is_done(line) || size != SECRET_DIGITS)
		return advice;
	if (secrets->count == DNS_COOKIE_SECRETS_MAX)
		return "a third secret: there can be two, that to make cookies with and one more "
		       "to accept";
	if (sodium_hex2bin(secret, DNS_COOKIE_SECRET_SIZE, digits, size, NULL, NULL, NULL) != 0)
		return advice;
	for (size_t i = 0; i < secrets->count; i++)
		if (sodium_memcmp(secrets->secrets[i], secret, DNS_COOKIE_SECRET_SIZE) == 0)
			return "the same secret as before";
	secrets->count++;
	return NULL;
}

/* Where the line at the front of `text` ends, without CR, and where the next one begins. */
static text_t next_line(text_t *text)
{
	const char *newline = memchr(text->at, '\n', text_size(*text));
	text_t line = { text->at, newline != NULL ? newline : text->end };

	text->at = newline != NULL ? newline + 1 : text->end;
	if (!text_is_empty(line) && line.end[-1] == '\r')
		line.end--;
	return line;
}

static err_t parse(const char *path, text_t text, dns_cookie_secrets_t *secrets)
{
	for (unsigned number = 1; !text_is_empty(text); number++) {
		const char *why = take_line(next_line(&text), secrets);

		if (why != NULL) {
			log_error("%s:%u: %s", path, number, why);
			return ERR_SYNTAX;
		}
	}
	if (secrets->count == 0) {
		log_error("%s: holds no cookie secret: %s", path, advice);
		return ERR_SYNTAX;
	}
	return ERR_OK;
}

err_t cookie_file_read(const char *path, dns_cookie_secrets_t *secrets, bool *is_exposed)
{
	dns_cookie_secrets_t found = { 0 };
	char buffer[COOKIE_FILE_MAX + 1];
	size_t size = 0;
	mode_t mode = 0;

	err_t err = read_file(path, buffer, &size, &mode);
	if (err == ERR_OK)
		err = parse(path, (text_t){ buffer, buffer + size }, &found);
	if (err == ERR_OK) {
		*secrets = found;
		*is_exposed = (mode & (S_IROTH | S_IWOTH)) != 0;
	}
	dns_cookie_secrets_wipe(&found);
	sodium_memzero(buffer, sizeof(buffer));
	return err;
}
