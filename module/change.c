// SPDX-License-Identifier: GPL-2.0
/*
 * The command SET_SCHEDULE.
 */
#include <linux/cpu.h>
#include <net/genetlink.h>

#include "lock.h"
#include "netlink.h"
#include "plan.h"

static int answer(struct genl_info *info, const struct ps_plan_request *request)
{
	struct sk_buff *skb;
	void *header;

	skb = ps_answer_new(info, &header);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u64_64bit(skb, PARTSCHED_A_EPOCH_NS, request->at_ns,
			      PARTSCHED_A_PAD) ||
	    (request->no_action &&
	     nla_put_flag(skb, PARTSCHED_A_NO_ACTION))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return ps_answer_send(skb, header, info);
}

/**
 * ps_set_schedule() - SET_SCHEDULE
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_set_schedule(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[PARTSCHED_A_SCHEDULE_ID];
	struct ps_plan_request request = { 0 };
	int err;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack,
			       "the attribute SCHEDULE_ID is missing");
		return -EINVAL;
	}
	request.id = nla_get_u32(attr);
	cpus_read_lock();
	ps_lock();
	err = ps_plan_change(&request);
	ps_unlock();
	cpus_read_unlock();
	if (!err)
		return answer(info, &request);
	if (info->extack) {
		info->extack->_msg = request.why_not;
		if (err == -EINVAL)
			info->extack->bad_attr = attr;
	}
	return err;
}
