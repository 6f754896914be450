// SPDX-License-Identifier: GPL-2.0
/*
 * Staging of health monitor tables, and of what a partition may ask of the
 * health monitor. See stage.c.
 */
#include <net/genetlink.h>

#include "draft.h"
#include "lock.h"
#include "netlink.h"
#include "stage.h"

/**
 * ps_stage_traits() - read what STAGE_PARTITION says besides windows
 * @info: the request
 * @traits: filled in
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_traits(struct genl_info *info, struct ps_traits *traits)
{
	struct nlattr *limit = info->attrs[PARTSCHED_A_RESTART_LIMIT];
	struct nlattr *period = info->attrs[PARTSCHED_A_RESTART_PERIOD_NS];

	*traits = (struct ps_traits){
		.supervised = info->attrs[PARTSCHED_A_SUPERVISED],
		.initialises = info->attrs[PARTSCHED_A_INITIALISES],
		.restart_limit = PARTSCHED_DEFAULT_RESTART_LIMIT,
		.restart_period_ns = PARTSCHED_DEFAULT_RESTART_PERIOD_NS,
	};
	if (info->attrs[PARTSCHED_A_STEAL_LIMIT_NS])
		traits->steal_limit_ns =
			nla_get_u64(info->attrs[PARTSCHED_A_STEAL_LIMIT_NS]);
	if (!limit && !period)
		return 0;
	if (!limit || !period)
		return refuse(info, limit ? PARTSCHED_A_RESTART_LIMIT :
			      PARTSCHED_A_RESTART_PERIOD_NS,
			      "a restart limit is so many in a period: give both or none");
	traits->restart_limit = nla_get_u32(limit);
	traits->restart_period_ns = nla_get_u64(period);
	if (traits->restart_limit > PARTSCHED_MAX_RESTART_LIMIT)
		return refuse(info, PARTSCHED_A_RESTART_LIMIT,
			      "a restart limit is 64 at most, or 0: none");
	if (traits->restart_limit && !traits->restart_period_ns)
		return refuse(info, PARTSCHED_A_RESTART_PERIOD_NS,
			      "nothing happens within a restart period of 0");
	return 0;
}

static bool of_module(u32 action)
{
	return action == PARTSCHED_HM_SHUTDOWN || action == PARTSCHED_HM_RESET;
}

/* Its policy has kept the numbers within their enums. */
static int read_row(struct genl_info *info, struct ps_hm_row *row)
{
	row->id = nla_get_u32(info->attrs[PARTSCHED_A_ERROR_ID]);
	row->level = nla_get_u32(info->attrs[PARTSCHED_A_ERROR_LEVEL]);
	row->states = nla_get_u32(info->attrs[PARTSCHED_A_ERROR_STATES]);
	row->action = nla_get_u32(info->attrs[PARTSCHED_A_HM_ACTION]);
	if (info->attrs[PARTSCHED_A_ERROR_CODE])
		row->code = nla_get_u32(info->attrs[PARTSCHED_A_ERROR_CODE]);
	if (row->action == PARTSCHED_HM_IGNORE)
		return 0;
	if (row->level == PARTSCHED_LEVEL_MODULE && !of_module(row->action))
		return refuse(info, PARTSCHED_A_HM_ACTION,
			      "an error of module level is ignored, or the module is shut down or reset");
	if (row->level != PARTSCHED_LEVEL_MODULE && of_module(row->action))
		return refuse(info, PARTSCHED_A_HM_ACTION,
			      "an error of a partition does not shut down or reset the module: that wants the level MODULE");
	return 0;
}

static int add_row(struct genl_info *info, struct ps_draft *draft,
		   struct ps_hm_row *row)
{
	struct nlattr *id = info->attrs[PARTSCHED_A_PARTITION_ID];

	row->common = !id;
	if (id) {
		row->partition_id = nla_get_u32(id);
		if (!ps_draft_partition(draft, row->partition_id))
			return refuse(info, PARTSCHED_A_PARTITION_ID,
				      "no partition with this identifier is staged");
	}
	if (ps_draft_same_error(draft, row))
		return refuse(info, PARTSCHED_A_ERROR_ID,
			      "two rows say what is done about this error in one state");
	if (draft->hm.nr_rows == PARTSCHED_MAX_ERRORS) {
		NL_SET_ERR_MSG(info->extack,
			       "more than 4096 rows of health monitor tables");
		return -E2BIG;
	}
	return ps_draft_add_error(draft, row);
}

/**
 * ps_stage_error() - STAGE_ERROR
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_error(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_hm_row row = { };
	struct ps_draft *draft;
	int err;

	if (LACKS(info, ERROR_ID) || LACKS(info, ERROR_LEVEL) ||
	    LACKS(info, ERROR_STATES) || LACKS(info, HM_ACTION))
		return -EINVAL;
	err = read_row(info, &row);
	if (err)
		return err;
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;
	err = add_row(info, draft, &row);
	ps_unlock();
	return err;
}

/**
 * ps_stage_error_source() - STAGE_ERROR_SOURCE
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_error_source(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_draft *draft;
	int err = 0;
	u32 source;

	if (LACKS(info, ERROR_SOURCE) || LACKS(info, ERROR_ID))
		return -EINVAL;
	source = nla_get_u32(info->attrs[PARTSCHED_A_ERROR_SOURCE]);
	if (source == PARTSCHED_ERROR_OTHER)
		return refuse(info, PARTSCHED_A_ERROR_SOURCE,
			      "what has no source is raised by its identifier, and needs none");
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;
	if (draft->hm.known & BIT(source)) {
		err = refuse(info, PARTSCHED_A_ERROR_SOURCE,
			     "the source has an identifier already");
	} else {
		draft->hm.known |= BIT(source);
		draft->hm.ids[source] =
			nla_get_u32(info->attrs[PARTSCHED_A_ERROR_ID]);
	}
	ps_unlock();
	return err;
}
