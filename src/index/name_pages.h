/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_PAGES_H
#define SPURN_INDEX_NAME_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Pages of memory for what is needed only while an index is made: a page that is dropped is the system's
 * again at once, wherever it lies, so that the index can grow while what it is made of shrinks. Private
 * to the name_*.c files of this directory. */

/* Bytes of a page. Of as many rows of pages as there are bins (index/name_bins.h) the last one is half
 * empty, so small ones save memory; and each one to be dropped is a system call. Where the system's pages
 * are larger, memory comes back only in the end. */
#define NAME_PAGE_SIZE 16384u

/* A page, of a row of them. */
typedef struct name_page {
	struct name_page *next;
	size_t size; /* bytes of it that are used */
	uint8_t bytes[NAME_PAGE_SIZE - sizeof(void *) - sizeof(size_t)];
} name_page_t;
_Static_assert(sizeof(name_page_t) == NAME_PAGE_SIZE, "a page is a page");

/* All zero has none. */
typedef struct name_pages {
	void **slabs; /* of SLAB_SIZE bytes, mapped */
	size_t slab_count;
	size_t slab_capacity;
	size_t used;       /* bytes of the last slab */
	name_page_t *free; /* to be used again */
} name_pages_t;

/* A page, its members not set; NULL for want of memory. */
name_page_t *name_pages_take(name_pages_t *pages) ATTR_NONNULL_ALL;

/* Takes a page back for later use. */
void name_pages_return(name_pages_t *pages, name_page_t *page) ATTR_NONNULL_ALL;

/* Gives a page's memory to the system. Any thread may do so, as long as nobody reads the page. */
void name_page_drop(name_page_t *page) ATTR_NONNULL_ALL;

/* Gives all memory back, pages that are in use included. */
void name_pages_clear(name_pages_t *pages) ATTR_NONNULL_ALL;

#endif
