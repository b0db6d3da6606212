/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_GENERIC_RECORD_H
#define SPURN_DATASET_GENERIC_RECORD_H

#include "dataset/dataset.h"

/* Lines of a generic data set, in rbldnsd's subset of master file syntax:
 *     name [ttl] [IN] A address | TXT text | MX preference name */

/* Most bytes of RDATA: of an MX, and of any record. */
#define GENERIC_MX_MAX    (2 + DNS_NAME_MAX)
#define GENERIC_RDATA_MAX DNS_TXT_SIZE_MAX

/* One record; plain data. */
typedef struct generic_record {
	/* The owner's labels below the apex (dns_name_key), in lower case; empty for the apex. */
	uint8_t key[DNS_NAME_MAX];
	uint8_t key_size;
	uint16_t type;
	uint16_t rdata_size;
	uint32_t ttl_s;
	uint8_t rdata[GENERIC_RDATA_MAX];
} generic_record_t;

/* Reads a line. Errors as for dataset_type_t's add. */
err_t generic_record_parse(dataset_loader_t *loader, text_t line,
			   generic_record_t *record) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
