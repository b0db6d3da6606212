/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/publication.h"

#include <urcu/urcu-memb.h>

/* ThreadSanitizer does not know liburcu's grace periods, so it is told that what comes after one
 * happens after all that readers did before it. */
#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif
#ifdef HAS_TSAN
#include <sanitizer/tsan_interface.h>
#define READER_IS_DONE(address)       __tsan_release(address)
#define ALL_READERS_ARE_DONE(address) __tsan_acquire(address)
#else
#define READER_IS_DONE(address)       ((void)(address))
#define ALL_READERS_ARE_DONE(address) ((void)(address))
#endif

const generation_t *publication_swap(publication_t *publication, const generation_t *next)
{
	const generation_t *old =
		atomic_exchange_explicit(&publication->current, next, memory_order_acq_rel);

	urcu_memb_synchronize_rcu();
	ALL_READERS_ARE_DONE(publication);
	return old;
}

void publication_register(void)
{
	urcu_memb_register_thread();
}

void publication_unregister(void)
{
	urcu_memb_unregister_thread();
}

const generation_t *publication_begin(publication_t *publication)
{
	urcu_memb_read_lock();
	return atomic_load_explicit(&publication->current, memory_order_acquire);
}

void publication_end(publication_t *publication)
{
	READER_IS_DONE(publication);
	urcu_memb_read_unlock();
}
