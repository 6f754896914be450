// SPDX-License-Identifier: GPL-2.0
/*
 * The commands SET_MODE, HALT, CONTINUE and RAISE_ERROR: what happens to a
 * partition of the plan in force.
 */
#include <linux/string.h>
#include <net/genetlink.h>

#include "get.h"
#include "health.h"
#include "health-log.h"
#include "lock.h"
#include "mode.h"
#include "netlink.h"
#include "plan.h"
#include "stage.h"

/* The partition that is named; ps_mutex is held on success only. */
static struct ps_partition *lock_partition(struct genl_info *info, int *err)
{
	struct nlattr *name = info->attrs[PARTSCHED_A_PARTITION_NAME];
	struct ps_partition *partition;

	*err = -EINVAL;
	if (LACKS(info, PARTITION_NAME))
		return NULL;
	*err = -ENOENT;
	ps_lock();
	partition = ps_plan_partition(nla_data(name));
	if (partition) {
		*err = 0;
		return partition;
	}
	if (!ps_plan_current(NULL))
		NL_SET_ERR_MSG(info->extack, "no plan is loaded");
	else
		refuse(info, PARTSCHED_A_PARTITION_NAME,
		       "the plan has no partition of this name");
	ps_unlock();
	return NULL;
}

static int answer_mode(struct genl_info *info,
		       const struct ps_mode_request *request)
{
	struct sk_buff *skb;
	void *header;

	skb = ps_answer_new(info, &header);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, PARTSCHED_A_MODE, request->before) ||
	    (request->no_action &&
	     nla_put_flag(skb, PARTSCHED_A_NO_ACTION))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return ps_answer_send(skb, header, info);
}

/**
 * ps_set_mode() - SET_MODE
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_set_mode(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_mode_request request = {
		.requester = PARTSCHED_BY_OPERATOR,
	};
	struct ps_partition *partition;
	int err;

	if (LACKS(info, PARTITION_NAME) || LACKS(info, MODE))
		return -EINVAL;
	request.mode = nla_get_u32(info->attrs[PARTSCHED_A_MODE]);
	if (info->attrs[PARTSCHED_A_REQUESTER])
		request.requester =
			nla_get_u32(info->attrs[PARTSCHED_A_REQUESTER]);
	if (request.requester != PARTSCHED_BY_OPERATOR &&
	    request.requester != PARTSCHED_BY_PARTITION)
		return refuse(info, PARTSCHED_A_REQUESTER,
			      "a request is the operator's or the partition's: the others are the module itself");
	partition = lock_partition(info, &err);
	if (!partition)
		return err;
	err = ps_mode_set(partition, &request);
	ps_unlock();
	if (err)
		return refuse(info, PARTSCHED_A_MODE, request.why_not);
	return answer_mode(info, &request);
}

static int answer_action(struct genl_info *info, bool done)
{
	struct sk_buff *skb;
	void *header;

	skb = ps_answer_new(info, &header);
	if (!skb)
		return -ENOMEM;
	if (!done && nla_put_flag(skb, PARTSCHED_A_NO_ACTION)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return ps_answer_send(skb, header, info);
}

/* @action: returns whether there was anything to do */
static int do_to_partition(struct genl_info *info,
			   bool (*action)(struct ps_partition *))
{
	struct ps_partition *partition;
	bool done;
	int err;

	partition = lock_partition(info, &err);
	if (!partition)
		return err;
	done = action(partition);
	ps_unlock();
	return answer_action(info, done);
}

/**
 * ps_halt() - HALT
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_halt(struct sk_buff *skb, struct genl_info *info)
{
	return do_to_partition(info, ps_mode_halt);
}

/**
 * ps_continue() - CONTINUE
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_continue(struct sk_buff *skb, struct genl_info *info)
{
	return do_to_partition(info, ps_mode_continue);
}

static int answer_error(struct genl_info *info,
			const struct ps_hm_entry *entry)
{
	struct sk_buff *skb;
	void *header;

	skb = ps_answer_new(info, &header);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, PARTSCHED_A_ERROR_ID, entry->id) ||
	    nla_put_u32(skb, PARTSCHED_A_ERROR_LEVEL, entry->level) ||
	    nla_put_u32(skb, PARTSCHED_A_HM_ACTION, entry->action)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return ps_answer_send(skb, header, info);
}

/* What there is to say of an error; all but the two first may be missing. */
static int read_error(struct genl_info *info, struct ps_hm_entry *entry)
{
	struct nlattr **attrs = info->attrs;

	if (!attrs[PARTSCHED_A_ERROR_SOURCE] == !attrs[PARTSCHED_A_ERROR_ID]) {
		NL_SET_ERR_MSG(info->extack,
			       "give either ERROR_SOURCE or ERROR_ID");
		return -EINVAL;
	}
	if (attrs[PARTSCHED_A_ERROR_ID]) {
		entry->source = PARTSCHED_ERROR_OTHER;
		entry->id = nla_get_u32(attrs[PARTSCHED_A_ERROR_ID]);
	} else {
		entry->source = nla_get_u32(attrs[PARTSCHED_A_ERROR_SOURCE]);
		if (entry->source == PARTSCHED_ERROR_OTHER)
			return refuse(info, PARTSCHED_A_ERROR_SOURCE,
				      "what has no source is raised by its identifier");
	}
	if (attrs[PARTSCHED_A_ERROR_CODE])
		entry->code = nla_get_u32(attrs[PARTSCHED_A_ERROR_CODE]);
	entry->has_vcpu = attrs[PARTSCHED_A_VCPU];
	if (entry->has_vcpu)
		entry->vcpu = nla_get_u32(attrs[PARTSCHED_A_VCPU]);
	entry->has_address = attrs[PARTSCHED_A_ADDRESS];
	if (entry->has_address)
		entry->address = nla_get_u64(attrs[PARTSCHED_A_ADDRESS]);
	if (attrs[PARTSCHED_A_REASON])
		nla_strscpy(entry->reason, attrs[PARTSCHED_A_REASON],
			    sizeof(entry->reason));
	entry->injected = attrs[PARTSCHED_A_INJECTED];
	return 0;
}

/**
 * ps_raise_error() - RAISE_ERROR
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_raise_error(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_hm_entry entry = { };
	struct ps_partition *partition;
	int err;

	if (LACKS(info, PARTITION_NAME))
		return -EINVAL;
	err = read_error(info, &entry);
	if (err)
		return err;
	partition = lock_partition(info, &err);
	if (!partition)
		return err;
	if (entry.has_vcpu && entry.vcpu >= partition->nr_vcpus)
		err = refuse(info, PARTSCHED_A_VCPU,
			     "the partition has no vCPU of this number");
	else
		ps_health_raise(partition, &entry);
	ps_unlock();
	return err ?: answer_error(info, &entry);
}
