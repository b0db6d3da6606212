/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/fragment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

struct dns_fragment {
	uint16_t size;
	uint16_t record_count;
	/* Of pointers into the apex, and of all: those come first. */
	uint16_t apex_pointer_count;
	uint16_t pointer_count;
	uint16_t pointers[]; /* positions in the bytes that follow: what is there lacks an offset */
};

/* A pointer while a fragment is built: 14 bits of distance, and one that says from where. */
#define TARGET_APEX 0x4000u /* from the apex; else from the base */
#define TARGET_MASK 0x3fffu
#define POINTER     0xc000u

_Static_assert(DNS_FRAGMENT_SIZE_MAX <= TARGET_MASK, "every position can be pointed to");

static const uint8_t *fragment_bytes(const dns_fragment_t *fragment)
{
	return (const uint8_t *)(fragment->pointers + fragment->pointer_count);
}

/* Remembers a name of `size` bytes. */
static void remember_name(dns_fragment_builder_t *builder, const uint8_t *name, size_t size,
			  size_t target)
{
	if (builder->name_count == DNS_FRAGMENT_NAMES_MAX)
		return;
	builder->names[builder->name_count].target = (uint16_t)target;
	builder->names[builder->name_count].size = (uint8_t)size;
	builder->names[builder->name_count].name = name;
	builder->name_count++;
}

void dns_fragment_begin(dns_fragment_builder_t *builder, const uint8_t *apex)
{
	size_t size = dns_name_size(apex);

	builder->out = (writer_t){ .data = builder->bytes, .size = sizeof(builder->bytes) };
	builder->part = 0;
	builder->record_count = 0;
	builder->pointer_count = 0;
	builder->name_count = 0;
	for (const uint8_t *label = apex; *label != 0; label += *label + 1)
		remember_name(builder, label, size - (size_t)(label - apex),
			      TARGET_APEX | (size_t)(label - apex));
}

/* Are two names of `size` bytes equal? From their ends: all parents of a name have its end, so that names which
 * differ there are told apart by a byte or two each time, however long they are and alike before it. */
static bool is_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
	while (size > 0 && dns_lower(a[size - 1]) == dns_lower(b[size - 1]))
		size--;
	return size == 0;
}

/* Writes a pointer to a name equal to `name`, of `size` bytes, if there is one. */
static bool write_pointer(dns_fragment_builder_t *builder, const uint8_t *name, size_t size)
{
	if (builder->pointer_count == COUNT_OF(builder->pointers))
		return false;
	for (unsigned i = 0; i < builder->name_count; i++) {
		if (builder->names[i].size != size || !is_equal(builder->names[i].name, name, size))
			continue;
		builder->pointers[builder->pointer_count++] =
			(uint16_t)(builder->out.position - builder->part);
		writer_u16(&builder->out, builder->names[i].target);
		return true;
	}
	return false;
}

void dns_fragment_name(dns_fragment_builder_t *builder, const uint8_t *name)
{
	size_t size = dns_name_size(name);

	for (const uint8_t *label = name; *label != 0 && !builder->out.overrun;) {
		size_t label_size = *label + 1u;

		if (write_pointer(builder, label, size))
			return;
		remember_name(builder, label, size, builder->out.position);
		writer_bytes(&builder->out, label, label_size);
		label += label_size;
		size -= label_size;
	}
	writer_u8(&builder->out, 0);
}

void dns_fragment_record(dns_fragment_builder_t *builder, const uint8_t *owner, dns_type_t type,
			 uint32_t ttl)
{
	dns_fragment_name(builder, owner);
	writer_u16(&builder->out, (uint16_t)type);
	writer_u16(&builder->out, DNS_CLASS_IN);
	writer_u32(&builder->out, ttl);
	builder->record = builder->out.position;
	writer_u16(&builder->out, 0);
	builder->record_count++;
}

void dns_fragment_record_end(dns_fragment_builder_t *builder)
{
	if (!builder->out.overrun)
		put_u16(builder->bytes + builder->record,
			(uint16_t)(builder->out.position - builder->record - 2));
}

/* Adds those of the builder's pointers that lead to the apex (TARGET_APEX), or to the base (0). */
static void add_pointers(dns_fragment_t *cut, const dns_fragment_builder_t *builder,
			 unsigned whence)
{
	const uint8_t *bytes = builder->bytes + builder->part;

	for (unsigned i = 0; i < builder->pointer_count; i++)
		if ((get_u16(bytes + builder->pointers[i]) & TARGET_APEX) == whence)
			cut->pointers[cut->pointer_count++] = builder->pointers[i];
}

err_t dns_fragment_cut(dns_fragment_builder_t *builder, dns_fragment_t **fragment)
{
	const uint8_t *bytes = builder->bytes + builder->part;

	if (builder->out.overrun)
		return ERR_NO_SPACE;

	size_t size = builder->out.position - builder->part;
	size_t pointers_size = builder->pointer_count * sizeof(uint16_t);
	dns_fragment_t *cut = malloc(sizeof(*cut) + pointers_size + size);
	if (cut == NULL)
		return ERR_NOMEM;
	cut->size = (uint16_t)size;
	cut->record_count = builder->record_count;
	cut->pointer_count = 0;
	add_pointers(cut, builder, TARGET_APEX);
	cut->apex_pointer_count = cut->pointer_count;
	add_pointers(cut, builder, 0);
	memcpy((uint8_t *)cut->pointers + pointers_size, bytes, size);
	for (unsigned i = 0; i < cut->pointer_count; i++) {
		uint8_t *pointer = (uint8_t *)cut->pointers + pointers_size + cut->pointers[i];
		put_u16(pointer, (uint16_t)(POINTER | (get_u16(pointer) & TARGET_MASK)));
	}

	builder->part = builder->out.position;
	builder->record_count = 0;
	builder->pointer_count = 0;
	*fragment = cut;
	return ERR_OK;
}

uint16_t dns_fragment_count(const dns_fragment_t *fragment)
{
	return fragment->record_count;
}

static void move_pointer(uint8_t *pointer, size_t offset)
{
	put_u16(pointer, (uint16_t)(get_u16(pointer) + offset));
}

void dns_fragment_write(const dns_fragment_t *fragment, writer_t *out, size_t apex_offset,
			size_t base_offset)
{
	size_t start = out->position;

	/* Pointers lead backwards, so all of them reach when the end of the fragment is in reach. */
	if (start + fragment->size > TARGET_MASK + 1)
		out->overrun = true;
	writer_bytes(out, fragment_bytes(fragment), fragment->size);
	if (out->overrun)
		return;
	unsigned i = 0;
	for (; i < fragment->apex_pointer_count; i++)
		move_pointer(out->data + start + fragment->pointers[i], apex_offset);
	for (; i < fragment->pointer_count; i++)
		move_pointer(out->data + start + fragment->pointers[i], base_offset);
}
