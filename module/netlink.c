// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: commands, policies, rights. The protocol stands
 * at the top of uapi/linux/partsched.h.
 */
#include <linux/capability.h>
#include <linux/notifier.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "compat/genetlink.h"
#include "netlink.h"

#define NAME	{ .type = NLA_NUL_STRING, .len = PARTSCHED_NAME_MAX - 1 }
#define U32	{ .type = NLA_U32 }
#define U64	{ .type = NLA_U64 }
#define FLAG	{ .type = NLA_FLAG }

static const struct nla_policy begin_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_SLACK_PPM] = U32,
	[PARTSCHED_A_FORCE_NO_SLACK] = FLAG,
	[PARTSCHED_A_CLOCK] = U32,
	[PARTSCHED_A_BASE_NS] = U64,
};

static const struct nla_policy schedule_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_SCHEDULE_ID] = U32,
	[PARTSCHED_A_SCHEDULE_NAME] = NAME,
	[PARTSCHED_A_MAJOR_FRAME_NS] = U64,
	[PARTSCHED_A_INITIAL] = FLAG,
	[PARTSCHED_A_GUARD_NS] = U64,
};

static const struct nla_policy partition_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_ID] = U32,
	[PARTSCHED_A_PARTITION_NAME] = NAME,
	[PARTSCHED_A_NR_VCPUS] =
		NLA_POLICY_RANGE(NLA_U32, 1, PARTSCHED_MAX_VCPUS),
	[PARTSCHED_A_QUANTUM_NS] = U64,
	[PARTSCHED_A_SUPERVISED] = FLAG,
	[PARTSCHED_A_INITIALISES] = FLAG,
	[PARTSCHED_A_RESTART_LIMIT] = U32,
	[PARTSCHED_A_RESTART_PERIOD_NS] = U64,
	[PARTSCHED_A_STEAL_LIMIT_NS] = U64,
};

static const struct nla_policy vcpu_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_ID] = U32,
	[PARTSCHED_A_VCPU] = NLA_POLICY_MAX(NLA_U32, PARTSCHED_MAX_VCPUS - 1),
	[PARTSCHED_A_PRIORITY] = U32,
};

static const struct nla_policy window_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_SCHEDULE_ID] = U32,
	[PARTSCHED_A_PARTITION_ID] = U32,
	[PARTSCHED_A_VCPU] = NLA_POLICY_MAX(NLA_U32, PARTSCHED_MAX_VCPUS - 1),
	[PARTSCHED_A_CPU] = U32,
	[PARTSCHED_A_WINDOW_ID] = U32,
	[PARTSCHED_A_OFFSET_NS] = U64,
	[PARTSCHED_A_DURATION_NS] = U64,
	[PARTSCHED_A_CHANGE_ACTION] =
		NLA_POLICY_MAX(NLA_U32, PARTSCHED_CHANGE_COLD_START),
};

static const struct nla_policy channel_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_CHANNEL_ID] = U32,
	[PARTSCHED_A_CHANNEL_NAME] = NAME,
	[PARTSCHED_A_PORT_TYPE] =
		NLA_POLICY_RANGE(NLA_U32, PARTSCHED_PORT_SAMPLING,
				 PARTSCHED_PORT_QUEUING),
	[PARTSCHED_A_MAX_MESSAGE] = U32,
	[PARTSCHED_A_DEPTH] = U32,
	[PARTSCHED_A_REFRESH_NS] = U64,
};

static const struct nla_policy port_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_CHANNEL_ID] = U32,
	[PARTSCHED_A_PORT_NAME] = NAME,
	[PARTSCHED_A_PORT_DIRECTION] =
		NLA_POLICY_RANGE(NLA_U32, PARTSCHED_PORT_SOURCE,
				 PARTSCHED_PORT_DESTINATION),
	[PARTSCHED_A_PARTITION_ID] = U32,
	[PARTSCHED_A_PARTITION_NAME] = NAME,
	[PARTSCHED_A_KICK] = NLA_POLICY_MAX(NLA_U32, PARTSCHED_KICK_WINDOW),
};

#define SOURCE	NLA_POLICY_MAX(NLA_U32, PARTSCHED_ERROR_START)
#define CODE	NLA_POLICY_MAX(NLA_U32, PARTSCHED_CODE_POWER_FAILURE)

static const struct nla_policy error_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_ERROR_ID] = U32,
	[PARTSCHED_A_ERROR_LEVEL] =
		NLA_POLICY_RANGE(NLA_U32, PARTSCHED_LEVEL_MODULE,
				 PARTSCHED_LEVEL_PROCESS),
	[PARTSCHED_A_ERROR_STATES] =
		NLA_POLICY_RANGE(NLA_U32, PARTSCHED_STATE_IDLE,
				 PARTSCHED_STATE_IDLE | PARTSCHED_STATE_START |
				 PARTSCHED_STATE_NORMAL),
	[PARTSCHED_A_HM_ACTION] =
		NLA_POLICY_RANGE(NLA_U32, PARTSCHED_HM_IGNORE,
				 PARTSCHED_HM_RESET),
	[PARTSCHED_A_ERROR_CODE] = CODE,
	[PARTSCHED_A_PARTITION_ID] = U32,
};

static const struct nla_policy source_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_ERROR_SOURCE] = SOURCE,
	[PARTSCHED_A_ERROR_ID] = U32,
};

static const struct nla_policy commit_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_DRY_RUN] = FLAG,
};

static const struct nla_policy unload_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_FORCE] = FLAG,
};

static const struct nla_policy attach_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_NAME] = NAME,
	[PARTSCHED_A_VCPU] = NLA_POLICY_MAX(NLA_U32, PARTSCHED_MAX_VCPUS - 1),
	[PARTSCHED_A_TID] = U32,
	[PARTSCHED_A_START_TICKS] = U64,
	[PARTSCHED_A_TIMEOUT_NS] = U64,
};

static const struct nla_policy detach_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_NAME] = NAME,
	[PARTSCHED_A_VCPU] = NLA_POLICY_MAX(NLA_U32, PARTSCHED_MAX_VCPUS - 1),
	[PARTSCHED_A_TID] = U32,
	[PARTSCHED_A_REPLACED] = FLAG,
};

static const struct nla_policy set_schedule_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_SCHEDULE_ID] = U32,
};

static const struct nla_policy mode_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_NAME] = NAME,
	[PARTSCHED_A_MODE] = NLA_POLICY_RANGE(NLA_U32, PARTSCHED_MODE_IDLE,
					      PARTSCHED_MODE_NORMAL),
	[PARTSCHED_A_REQUESTER] =
		NLA_POLICY_RANGE(NLA_U32, PARTSCHED_BY_OPERATOR,
				 PARTSCHED_BY_SCHEDULE),
};

static const struct nla_policy halt_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_NAME] = NAME,
};

static const struct nla_policy raise_policy[PARTSCHED_A_MAX + 1] = {
	[PARTSCHED_A_PARTITION_NAME] = NAME,
	[PARTSCHED_A_ERROR_SOURCE] = SOURCE,
	[PARTSCHED_A_ERROR_ID] = U32,
	[PARTSCHED_A_ERROR_CODE] = CODE,
	[PARTSCHED_A_VCPU] = NLA_POLICY_MAX(NLA_U32, PARTSCHED_MAX_VCPUS - 1),
	[PARTSCHED_A_ADDRESS] = U64,
	[PARTSCHED_A_REASON] = { .type = NLA_NUL_STRING,
				 .len = PARTSCHED_REASON_MAX - 1 },
	[PARTSCHED_A_INJECTED] = FLAG,
};

static const struct nla_policy get_policy[PARTSCHED_A_MAX + 1] = {
};

#define CHANGE(_cmd, _doit, _policy) {					\
	.cmd = (_cmd), .doit = (_doit), .policy = (_policy),		\
	.maxattr = PARTSCHED_A_MAX, .flags = GENL_ADMIN_PERM,		\
}

#define DUMP(_cmd, _dumpit) {						\
	.cmd = (_cmd), .dumpit = (_dumpit), .policy = get_policy,	\
	.maxattr = PARTSCHED_A_MAX,					\
}

static const struct genl_ops ops[] = {
	CHANGE(PARTSCHED_CMD_STAGE_BEGIN, ps_stage_begin, begin_policy),
	CHANGE(PARTSCHED_CMD_STAGE_SCHEDULE, ps_stage_schedule,
	       schedule_policy),
	CHANGE(PARTSCHED_CMD_STAGE_PARTITION, ps_stage_partition,
	       partition_policy),
	CHANGE(PARTSCHED_CMD_STAGE_WINDOW, ps_stage_window, window_policy),
	CHANGE(PARTSCHED_CMD_STAGE_COMMIT, ps_stage_commit, commit_policy),
	CHANGE(PARTSCHED_CMD_UNLOAD, ps_stage_unload, unload_policy),
	CHANGE(PARTSCHED_CMD_ATTACH, ps_attach, attach_policy),
	CHANGE(PARTSCHED_CMD_DETACH, ps_detach, detach_policy),
	{
		.cmd = PARTSCHED_CMD_GET_MODULE,
		.doit = ps_get_module,
		.policy = get_policy,
		.maxattr = PARTSCHED_A_MAX,
	},
	DUMP(PARTSCHED_CMD_GET_PARTITION, ps_get_partitions),
	DUMP(PARTSCHED_CMD_GET_VCPU, ps_get_vcpus),
	DUMP(PARTSCHED_CMD_GET_WINDOW, ps_get_windows),
	DUMP(PARTSCHED_CMD_GET_CPU, ps_get_cpus),
	DUMP(PARTSCHED_CMD_GET_SCHEDULE, ps_get_schedules),
	CHANGE(PARTSCHED_CMD_SET_SCHEDULE, ps_set_schedule,
	       set_schedule_policy),
	CHANGE(PARTSCHED_CMD_STAGE_VCPU, ps_stage_vcpu, vcpu_policy),
	CHANGE(PARTSCHED_CMD_STAGE_CHANNEL, ps_stage_channel, channel_policy),
	CHANGE(PARTSCHED_CMD_STAGE_PORT, ps_stage_port, port_policy),
	DUMP(PARTSCHED_CMD_GET_PORT, ps_get_ports),
	CHANGE(PARTSCHED_CMD_STAGE_ERROR, ps_stage_error, error_policy),
	CHANGE(PARTSCHED_CMD_STAGE_ERROR_SOURCE, ps_stage_error_source,
	       source_policy),
	CHANGE(PARTSCHED_CMD_SET_MODE, ps_set_mode, mode_policy),
	CHANGE(PARTSCHED_CMD_HALT, ps_halt, halt_policy),
	CHANGE(PARTSCHED_CMD_CONTINUE, ps_continue, halt_policy),
	CHANGE(PARTSCHED_CMD_RAISE_ERROR, ps_raise_error, raise_policy),
	DUMP(PARTSCHED_CMD_GET_ERROR, ps_get_errors),
	DUMP(PARTSCHED_CMD_GET_ERROR_SOURCE, ps_get_error_sources),
	DUMP(PARTSCHED_CMD_GET_HM_LOG, ps_get_hm_log),
};

static const struct genl_multicast_group groups[] = {
	{
		.name = PARTSCHED_GENL_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/*
 * GENL_ADMIN_PERM has asked for CAP_NET_ADMIN; who decides when other users'
 * threads run needs CAP_SYS_NICE too. Asked of the sender of the message, not
 * of current: a privileged program may be made to write to a socket that
 * somebody else opened.
 */
static int pre_doit(const struct genl_split_ops *op, struct sk_buff *skb,
		    struct genl_info *info)
{
	if (!(op->flags & GENL_ADMIN_PERM) ||
	    netlink_capable(skb, CAP_SYS_NICE))
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "changing the plan needs CAP_SYS_NICE besides CAP_NET_ADMIN");
	return -EPERM;
}

struct genl_family ps_family __ro_after_init = {
	.name = PARTSCHED_GENL_NAME,
	.version = PARTSCHED_GENL_VERSION,
	.maxattr = PARTSCHED_A_MAX,
	.netnsok = false,
	.parallel_ops = true,	/* ps_mutex orders them, with inheritance */
	.pre_doit = pre_doit,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = PARTSCHED_CMD_STAGE_BEGIN,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.module = THIS_MODULE,
};

/**
 * ps_answer_new() - begin the answer to a request
 * @info: the request
 * @header: the message's header
 *
 * Return: the message or NULL.
 */
struct sk_buff *ps_answer_new(struct genl_info *info, void **header)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*header = genlmsg_put_reply(skb, info, &ps_family, 0,
				    info->genlhdr->cmd);
	if (!*header) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/**
 * ps_answer_send() - send it
 * @skb: from ps_answer_new()
 * @header: likewise
 * @info: the request
 *
 * Return: 0 or a negative error.
 */
int ps_answer_send(struct sk_buff *skb, void *header, struct genl_info *info)
{
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

/* A socket that goes takes what it staged with it. */
static int on_netlink(struct notifier_block *block, unsigned long event,
		      void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC &&
	    net_eq(notify->net, &init_net))
		ps_stage_release(notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block netlink_block = {
	.notifier_call = on_netlink,
};

/**
 * ps_netlink_init() - register the family
 *
 * From its return on requests may come in.
 *
 * Return: 0 or a negative error.
 */
int ps_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&netlink_block);
	if (err)
		return err;
	err = genl_register_family(&ps_family);
	if (err)
		goto unregister_notifier;
	return 0;

unregister_notifier:
	netlink_unregister_notifier(&netlink_block);
	return err;
}

/**
 * ps_netlink_exit() - unregister it; waits for requests under way
 */
void ps_netlink_exit(void)
{
	genl_unregister_family(&ps_family);
	netlink_unregister_notifier(&netlink_block);
}
