/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_TYPES_H
#define SPURN_DATASET_TYPES_H

#include "dataset/dataset.h"

/* All types there are, which types.c lists; each is defined at the end of the file of its name. */
extern const dataset_type_t dataset_ip4set;
extern const dataset_type_t dataset_ip4tset;
extern const dataset_type_t dataset_ip4trie;
extern const dataset_type_t dataset_ip6trie;
extern const dataset_type_t dataset_ip6tset;
extern const dataset_type_t dataset_dnset;
extern const dataset_type_t dataset_dnhash;
extern const dataset_type_t dataset_iptrie; /* what ip4trie is under a switch */
extern const dataset_type_t dataset_generic;
extern const dataset_type_t dataset_combined;
extern const dataset_type_t dataset_compiled; /* another one, once it is loaded */
extern const dataset_type_t dataset_cdb;      /* in cdblist_find.c */
extern const dataset_type_t dataset_acl;
extern const dataset_type_t dataset_aclkey;

#endif
