/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The health monitor tables of a plan. See plan-health.c.
 */
#ifndef PARTSCHED_PLAN_HEALTH_H
#define PARTSCHED_PLAN_HEALTH_H

#include <linux/partsched.h>
#include <linux/types.h>

#define PS_NR_ERROR_SOURCES (PARTSCHED_ERROR_START + 1)

/**
 * struct ps_hm_row - what is done about an error
 * @id: ErrorIdentifier
 * @level: enum partsched_error_level
 * @states: bits of enum partsched_error_state
 * @action: enum partsched_hm_action
 * @code: enum partsched_error_code
 * @partition_id: whose row it is
 * @common: nobody's: of all partitions that have none of their own
 */
struct ps_hm_row {
	u32 id;
	u32 level;
	u32 states;
	u32 action;
	u32 code;
	u32 partition_id;
	bool common;
};

/**
 * struct ps_hm - a plan's tables
 * @nr_rows: number of @rows
 * @room: how many they have room for, while they are staged
 * @rows: as they were staged
 * @ids: ErrorIdentifier of each source
 * @known: bits of sources that have one
 */
struct ps_hm {
	u32 nr_rows;
	u32 room;
	struct ps_hm_row *rows;
	u32 ids[PS_NR_ERROR_SOURCES];
	unsigned long known;
};

int ps_hm_copy(struct ps_hm *to, const struct ps_hm *from);
void ps_hm_free(struct ps_hm *hm);
bool ps_hm_equal(const struct ps_hm *a, const struct ps_hm *b);
const struct ps_hm_row *ps_hm_find(const struct ps_hm *hm, u32 id,
				   u32 partition_id, u32 state);

#endif /* PARTSCHED_PLAN_HEALTH_H */
