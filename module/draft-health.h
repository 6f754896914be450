/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The health monitor tables of a draft. See draft-health.c.
 */
#ifndef PARTSCHED_DRAFT_HEALTH_H
#define PARTSCHED_DRAFT_HEALTH_H

#include <linux/types.h>

#include "plan-health.h"

struct ps_draft;

const struct ps_hm_row *ps_draft_same_error(const struct ps_draft *draft,
					    const struct ps_hm_row *row);
int ps_draft_add_error(struct ps_draft *draft, const struct ps_hm_row *row);

#endif /* PARTSCHED_DRAFT_HEALTH_H */
