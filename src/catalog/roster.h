/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ROSTER_H
#define SPURN_CATALOG_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "catalog/stock.h"

/* The sources that each zone is served from.
 *
 * That is what the plan says as soon as all of these have data. Until then a zone that was served goes
 * on with the sources that it had, whose data stay as new as they can be: whatever a new plan asks
 * for, nothing is lost that was served before. A zone that is new is not served yet, for a part of its
 * data could be half of the truth, and without its ACL it would be open to everybody. The same goes for
 * the ACL of all zones.
 *
 * A roster is made for each generation out of that of the one before. All functions are for the
 * thread that loads; any thread may read a roster under the catalog's lock. */

/* The sources of a zone. */
typedef struct line_up {
	bool is_of_plan;  /* else there is no such zone, and nothing below counts */
	bool is_served;   /* all have data; else it answers SERVFAIL */
	bool is_behind;   /* is_served, but by those that it had before */
	bool has_expired; /* as far as the log knows */
	source_t *acl;    /* NULL: none */
	source_t *aclkey;
	source_t **sources; /* owned, the array */
	size_t count;
} line_up_t;

typedef struct roster {
	line_up_t *zones; /* by the zone's number */
	size_t zone_count;
	source_t *acl; /* of all zones; NULL: none */
	bool is_served;
} roster_t;

/* Makes the roster for `plan`, whose zones have been numbered below `zone_count`, and for which
 * `stock` was made, out of `old`, which stays as it is. Returns ERR_OK, and the caller frees it; or
 * ERR_NOMEM. */
err_t roster_make(roster_t *roster, const plan_t *plan, size_t zone_count, const stock_t *stock,
		  const roster_t *old) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Sets is_used of all sources that the roster has. */
void roster_mark(const roster_t *roster) ATTR_NONNULL_ALL;

/* Frees what the roster owns, and empties it. */
void roster_clear(roster_t *roster) ATTR_NONNULL_ALL;

#endif
