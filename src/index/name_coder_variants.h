/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_CODER_VARIANTS_H
#define SPURN_INDEX_NAME_CODER_VARIANTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "index/name_coder.h"

/* What name_coder.c has several of; of use to nobody else. */

/* Makes what is looked up for codes. */
void name_quick_codes_make(name_quick_codes_t *quick,
			   const name_code_t codes[NAME_SYMBOLS]) ATTR_NONNULL_ALL;

/* The bits of a top label, text[0..size), in any case; its size is 0 when they are too many. */
name_coder_top_t name_coder_code_top(const name_code_table_t *table, const uint8_t *text,
				     unsigned size) ATTR_NONNULL_ALL;

/* Writes the record of any name that name_coder_put_texts takes. */
void name_coder_put_plain(name_coder_t *coder, const name_coder_text_t *text,
			  uint8_t **out) ATTR_NONNULL_ALL;

#if CPU_HAS_VARIANTS
/* name_coder_put_texts, whose twin is to put one name behind the other. */
size_t name_coder_put_texts_avx2(name_coder_t *coder, const name_coder_text_t *texts, size_t count,
				 uint8_t **out, const uint8_t *limit) ATTR_NONNULL_ALL;
#endif

#endif
