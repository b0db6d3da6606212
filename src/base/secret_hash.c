/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/secret_hash.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

static unsigned char key[crypto_shorthash_KEYBYTES];
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
	/* Only fails where there is no source of randomness at all, and then libsodium aborts in
	 * randombytes_buf rather than give a key that can be guessed. */
	(void)!sodium_init();
	randombytes_buf(key, sizeof(key));
}

uint64_t secret_hash(const void *data, size_t size)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t number;
	_Static_assert(sizeof(hash) == sizeof(number), "64 bits");

	/* Once made, that is a look at one word that nobody writes to any more. */
	pthread_once(&key_once, make_key);
	crypto_shorthash(hash, data, size, key);
	memcpy(&number, hash, sizeof(number));
	return number;
}
