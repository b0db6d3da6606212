/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

/* Elements of a first allocation: few enough not to matter when an array stays nearly empty. */
#define ARRAY_FIRST_CAPACITY 16

err_t array_reserve(void **data, size_t *capacity, size_t count, size_t element_size)
{
	size_t most = element_size > 0 ? PTRDIFF_MAX / element_size : 0;
	size_t wanted = *capacity + *capacity / 2 + 1;
	void *grown;

	if (count <= *capacity)
		return ERR_OK;
	if (count > most)
		return ERR_NOMEM;
	if (wanted < ARRAY_FIRST_CAPACITY)
		wanted = ARRAY_FIRST_CAPACITY;
	if (wanted < count)
		wanted = count;
	if (wanted > most)
		wanted = most;
	grown = realloc(*data, wanted * element_size);
	if (grown == NULL)
		return ERR_NOMEM;
	*data = grown;
	*capacity = wanted;
	return ERR_OK;
}
