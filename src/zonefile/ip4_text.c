/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/ip4_text.h"

#include <stdio.h>

static const char *const why_address = "not an IPv4 address, prefix or range";
static const char *const why_host_bits =
	"bits are set behind the prefix length (did you mean a longer prefix? -e accepts it)";

/* Reads a decimal number of at most `max`. */
static bool take_number(text_t *text, unsigned max, unsigned *number)
{
	const char *start = text->at;
	const char *end = text->end;
	const char *at = start;
	unsigned value = 0;
	unsigned digit;

	while (at != end && (digit = (unsigned char)*at - (unsigned)'0') <= 9) {
		value = value * 10 + digit;
		if (value > max)
			return false;
		at++;
	}
	text->at = at;
	*number = value;
	return at != start;
}

/* Reads 1 to 4 octets with dots between them; returns how many, 0 when there is none. */
static unsigned take_octets(text_t *text, uint32_t octets[4])
{
	unsigned count = 0;

	for (;;) {
		unsigned octet;
		if (!take_number(text, 255, &octet))
			return 0;
		octets[count++] = octet;
		if (count == 4 || !text_at(*text, '.'))
			return count;
		text->at++;
	}
}

/* Puts `count` octets in front and `fill` into the others. */
static uint32_t join_octets(const uint32_t octets[4], unsigned count, uint32_t fill)
{
	uint32_t address = 0;

	for (unsigned i = 0; i < 4; i++)
		address = address << 8 | (i < count ? octets[i] : fill);
	return address;
}

/* Checks that nothing is glued to the address but a value or a comment. */
static err_t check_end(text_t text, const char **why)
{
	if (text_is_done(text) || text_is_blank(*text.at) || *text.at == ':')
		return ERR_OK;
	return text_reject(why, why_address);
}

static uint32_t host_mask(unsigned length)
{
	return length == 0 ? UINT32_MAX : ((uint32_t)1 << (32 - length)) - 1;
}

err_t ip4_text_address(text_t *text, uint32_t *address, const char **why)
{
	uint32_t octets[4];

	if (take_octets(text, octets) != 4)
		return text_reject(why, "not a complete IPv4 address");
	*address = join_octets(octets, 4, 0);
	return check_end(*text, why);
}

/* Reads what follows the octets of a prefix. */
static err_t finish_prefix(text_t *text, const uint32_t octets[4], unsigned count,
			   bool allow_host_bits, uint32_t *address, unsigned *length,
			   const char **why)
{
	*address = join_octets(octets, count, 0);
	*length = count * 8;
	if (text_at(*text, '/')) {
		text->at++;
		if (!take_number(text, 32, length))
			return text_reject(why, "prefix length is not a number from 0 to 32");
		if ((*address & host_mask(*length)) != 0 && !allow_host_bits)
			return text_reject(why, why_host_bits);
		*address &= ~host_mask(*length);
	} else if (count < 2) {
		return text_reject(why,
				   "a single number is not a prefix (write 10/8 for 10.0.0.0/8)");
	}
	return check_end(*text, why);
}

err_t ip4_text_prefix(text_t *text, bool allow_host_bits, uint32_t *address, unsigned *length,
		      const char **why)
{
	uint32_t octets[4];
	unsigned count = take_octets(text, octets);

	if (count == 0)
		return text_reject(why, why_address);
	return finish_prefix(text, octets, count, allow_host_bits, address, length, why);
}

/* Reads what follows the dash of a range whose first address is `octets`. */
static err_t finish_range(text_t *text, const uint32_t octets[4], unsigned count,
			  ip4_range_t *range, const char **why)
{
	uint32_t last[4];
	unsigned last_count = take_octets(text, last);

	if (last_count == 1) { /* 127.16-31: the last number written of the first address varies */
		uint32_t suffix = last[0];
		for (unsigned i = 0; i + 1 < count; i++)
			last[i] = octets[i];
		last[count - 1] = suffix;
	} else if (last_count != count) {
		return text_reject(why, "the two ends of a range need the same number of octets");
	}
	range->first = join_octets(octets, count, 0);
	range->last = join_octets(last, count, 255);
	if (range->first > range->last)
		return text_reject(why, "the range ends before it starts");
	return check_end(*text, why);
}

err_t ip4_text_range(text_t *text, bool allow_host_bits, ip4_range_t *range, const char **why)
{
	uint32_t octets[4];
	unsigned count = take_octets(text, octets);

	if (count == 0)
		return text_reject(why, why_address);
	if (text_at(*text, '-')) {
		text->at++;
		return finish_range(text, octets, count, range, why);
	}

	unsigned length;
	err_t err =
		finish_prefix(text, octets, count, allow_host_bits, &range->first, &length, why);
	if (err != ERR_OK)
		return err;
	if (length == 0)
		return text_reject(why,
				   "/0 is not allowed in this type (write 0-255 for everything)");
	range->last = range->first | host_mask(length);
	return ERR_OK;
}

bool ip4_text_shorthand(text_t *text, uint8_t octets[4], unsigned *count)
{
	uint32_t numbers[4];

	*count = take_octets(text, numbers);
	if (*count == 0)
		return false;
	for (unsigned i = 0; i < 4; i++)
		octets[i] = i + 1 < *count ? (uint8_t)numbers[i] : 0;
	octets[3] = (uint8_t)numbers[*count - 1];
	return true;
}

bool ip4_text_is_next(text_t text)
{
	while (!text_is_empty(text) && *text.at >= '0' && *text.at <= '9')
		text.at++;
	return text_at(text, '.') || text_at(text, '/');
}

/* Writes a number of at most three digits, and returns where it ends. */
static char *write_number(char *out, unsigned number)
{
	if (number >= 100)
		*out++ = (char)('0' + number / 100);
	if (number >= 10)
		*out++ = (char)('0' + number / 10 % 10);
	*out++ = (char)('0' + number % 10);
	return out;
}

size_t ip4_text_write(uint32_t address, char text[static IP4_TEXT_SIZE])
{
	char *out = write_number(text, address >> 24);

	for (unsigned shift = 24; shift > 0;) {
		shift -= 8;
		*out++ = '.';
		out = write_number(out, address >> shift & 0xff);
	}
	*out = '\0';
	return (size_t)(out - text);
}

size_t ip4_text_write_prefix(uint32_t address, unsigned length,
			     char text[static IP4_RANGE_TEXT_SIZE])
{
	size_t size = ip4_text_write(address, text);

	if (length == 32)
		return size;
	text[size++] = '/';
	size = (size_t)(write_number(text + size, length) - text);
	text[size] = '\0';
	return size;
}

size_t ip4_text_write_range(ip4_range_t range, char text[static IP4_RANGE_TEXT_SIZE])
{
	uint32_t less = range.last - range.first;
	bool is_prefix = (less & (less + 1)) == 0 && (range.first & less) == 0;

	if (less == UINT32_MAX)
		return (size_t)snprintf(text, IP4_RANGE_TEXT_SIZE, "0-255");
	if (is_prefix)
		return ip4_text_write_prefix(range.first, 32 - (unsigned)__builtin_popcount(less),
					     text);
	size_t size = ip4_text_write(range.first, text);
	text[size++] = '-';
	return size + ip4_text_write(range.last, text + size);
}
