/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_pages.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"

/* What is asked of the system at a time. Pages of it that have not been touched cost nothing. */
#define SLAB_SIZE ((size_t)1024 * 1024)

static name_page_t *new_slab(name_pages_t *pages)
{
	void *slabs = pages->slabs;
	err_t error = array_reserve(&slabs, &pages->slab_capacity, pages->slab_count + 1,
				    sizeof(*pages->slabs));

	pages->slabs = slabs;
	if (error != ERR_OK)
		return NULL;
	void *slab =
		mmap(NULL, SLAB_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slab == MAP_FAILED)
		return NULL;
	pages->slabs[pages->slab_count++] = slab;
	pages->used = NAME_PAGE_SIZE;
	return slab;
}

name_page_t *name_pages_take(name_pages_t *pages)
{
	name_page_t *page = pages->free;

	if (page != NULL) {
		pages->free = page->next;
		return page;
	}
	if (pages->slab_count == 0 || pages->used == SLAB_SIZE)
		return new_slab(pages);
	page = (name_page_t *)(void *)((uint8_t *)pages->slabs[pages->slab_count - 1] +
				       pages->used);
	pages->used += NAME_PAGE_SIZE;
	return page;
}

void name_pages_return(name_pages_t *pages, name_page_t *page)
{
	page->next = pages->free;
	pages->free = page;
}

void name_page_drop(name_page_t *page)
{
	/* Where they are larger neighbours would go as well. */
	if (NAME_PAGE_SIZE % sysconf(_SC_PAGESIZE) == 0)
		(void)madvise(page, NAME_PAGE_SIZE, MADV_DONTNEED);
}

void name_pages_clear(name_pages_t *pages)
{
	for (size_t i = 0; i < pages->slab_count; i++)
		(void)munmap(pages->slabs[i], SLAB_SIZE);
	free(pages->slabs);
	*pages = (name_pages_t){ .slabs = NULL };
}
