// SPDX-License-Identifier: GPL-2.0
/*
 * Staging of channels and of their ends. See stage.c.
 */
#include <net/genetlink.h>

#include "draft.h"
#include "lock.h"
#include "netlink.h"
#include "stage.h"

/* A sampling port has no depth, a queuing one no refresh period. */
static int read_spec(struct genl_info *info, struct ps_channel_spec *spec)
{
	const char *text;

	spec->type = nla_get_u32(info->attrs[PARTSCHED_A_PORT_TYPE]);
	spec->max_message = nla_get_u32(info->attrs[PARTSCHED_A_MAX_MESSAGE]);
	if (info->attrs[PARTSCHED_A_CHANNEL_NAME])
		nla_strscpy(spec->name, info->attrs[PARTSCHED_A_CHANNEL_NAME],
			    sizeof(spec->name));
	if (spec->type == PARTSCHED_PORT_QUEUING) {
		if (LACKS(info, DEPTH))
			return -EINVAL;
		if (info->attrs[PARTSCHED_A_REFRESH_NS])
			return refuse(info, PARTSCHED_A_REFRESH_NS,
				      "messages of a queue do not grow old: it has no refresh period");
		spec->depth = nla_get_u32(info->attrs[PARTSCHED_A_DEPTH]);
		if (!spec->depth ||
		    spec->depth > PARTSCHED_CHANNEL_DEPTH_MAX)
			return refuse(info, PARTSCHED_A_DEPTH,
				      "a queue holds 1 to 65536 messages");
	} else {
		if (info->attrs[PARTSCHED_A_DEPTH])
			return refuse(info, PARTSCHED_A_DEPTH,
				      "a sampling channel keeps one message: it has no depth");
		if (info->attrs[PARTSCHED_A_REFRESH_NS])
			spec->refresh_ns = nla_get_u64(
				info->attrs[PARTSCHED_A_REFRESH_NS]);
	}
	text = ps_channel_spec_check(spec);
	return text ? refuse(info, PARTSCHED_A_MAX_MESSAGE, text) : 0;
}

/**
 * ps_stage_channel() - STAGE_CHANNEL
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_channel(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_channel_spec spec = { };
	struct ps_draft *draft;
	int err;
	u32 id;

	if (LACKS(info, CHANNEL_ID) || LACKS(info, PORT_TYPE) ||
	    LACKS(info, MAX_MESSAGE))
		return -EINVAL;
	id = nla_get_u32(info->attrs[PARTSCHED_A_CHANNEL_ID]);
	err = read_spec(info, &spec);
	if (err)
		return err;
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;

	if (ps_draft_channel(draft, id)) {
		err = refuse(info, PARTSCHED_A_CHANNEL_ID,
			     "two channels have this identifier");
	} else if (draft->channels.nr == PARTSCHED_MAX_CHANNELS) {
		NL_SET_ERR_MSG(info->extack, "more than 1024 channels");
		err = -E2BIG;
	} else if (!ps_draft_add_channel(draft, id, &spec)) {
		err = -ENOMEM;
	}
	ps_unlock();
	return err;
}

/* Whose port it is: a staged partition's or a pseudo-partition's. */
static int read_owner(struct genl_info *info, const struct ps_draft *draft,
		      struct ps_draft_port *port)
{
	struct nlattr *name = info->attrs[PARTSCHED_A_PARTITION_NAME];
	const struct ps_draft_partition *partition;

	port->pseudo = name;
	if (port->pseudo) {
		nla_strscpy(port->end.partition, name,
			    sizeof(port->end.partition));
		if (!good_name(port->end.partition))
			return refuse(info, PARTSCHED_A_PARTITION_NAME,
				      "a pseudo-partition's name is neither empty nor '.' nor '..' and has no '/' and no control characters");
		if (ps_draft_named(draft, port->end.partition))
			return refuse(info, PARTSCHED_A_PARTITION_NAME,
				      "that is a partition, and is to be named by its identifier");
		return 0;
	}
	port->partition_id =
		nla_get_u32(info->attrs[PARTSCHED_A_PARTITION_ID]);
	partition = ps_draft_partition(draft, port->partition_id);
	if (!partition)
		return refuse(info, PARTSCHED_A_PARTITION_ID,
			      "no partition with this identifier is staged");
	strscpy(port->end.partition, partition->name,
		sizeof(port->end.partition));
	return 0;
}

/* Whether the channel can have this end, too. */
static int check_end(struct genl_info *info, const struct ps_draft *draft,
		     const struct ps_draft_channel *channel,
		     const struct ps_draft_port *port)
{
	if (port->direction == PARTSCHED_PORT_SOURCE && channel->has_source)
		return refuse(info, PARTSCHED_A_PORT_DIRECTION,
			      "the channel has a source already");
	if (port->direction == PARTSCHED_PORT_DESTINATION && port->queuing &&
	    channel->nr_destinations)
		return refuse(info, PARTSCHED_A_PORT_DIRECTION,
			      "a queuing channel has one destination, and this one has it already");
	if (ps_draft_device(draft, &port->end, port->queuing))
		return refuse(info, PARTSCHED_A_PORT_NAME,
			      "the name of the port's device is taken by another port");
	if (draft->channels.nr_ports == PARTSCHED_MAX_PORTS) {
		NL_SET_ERR_MSG(info->extack, "more than 4096 ports");
		return -E2BIG;
	}
	return 0;
}

static int add_port(struct genl_info *info, struct ps_draft *draft,
		    struct ps_draft_port *port)
{
	struct ps_draft_channel *channel = ps_draft_channel(draft,
		nla_get_u32(info->attrs[PARTSCHED_A_CHANNEL_ID]));
	int err;

	if (!channel)
		return refuse(info, PARTSCHED_A_CHANNEL_ID,
			      "no channel with this identifier is staged");
	port->queuing = channel->spec.type == PARTSCHED_PORT_QUEUING;
	err = read_owner(info, draft, port);
	if (!err)
		err = check_end(info, draft, channel, port);
	return err ?: ps_draft_add_port(draft, channel, port);
}

/**
 * ps_stage_port() - STAGE_PORT
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative error with an extended acknowledgement.
 */
int ps_stage_port(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_draft_port port = { .kick = PARTSCHED_KICK_NONE };
	struct ps_draft *draft;
	int err;

	if (LACKS(info, CHANNEL_ID) || LACKS(info, PORT_NAME) ||
	    LACKS(info, PORT_DIRECTION))
		return -EINVAL;
	if (!info->attrs[PARTSCHED_A_PARTITION_NAME] &&
	    LACKS(info, PARTITION_ID))
		return -EINVAL;
	if (info->attrs[PARTSCHED_A_PARTITION_NAME] &&
	    info->attrs[PARTSCHED_A_PARTITION_ID])
		return refuse(info, PARTSCHED_A_PARTITION_NAME,
			      "a port is of a partition, by its identifier, or of a pseudo-partition, by its name, not of both");
	nla_strscpy(port.end.port, info->attrs[PARTSCHED_A_PORT_NAME],
		    sizeof(port.end.port));
	if (!good_name(port.end.port))
		return refuse(info, PARTSCHED_A_PORT_NAME,
			      "a port's name is neither empty nor '.' nor '..' and has no '/' and no control characters");
	port.direction = nla_get_u32(info->attrs[PARTSCHED_A_PORT_DIRECTION]);
	if (info->attrs[PARTSCHED_A_KICK])
		port.kick = nla_get_u32(info->attrs[PARTSCHED_A_KICK]);
	if (port.kick && port.direction == PARTSCHED_PORT_SOURCE)
		return refuse(info, PARTSCHED_A_KICK,
			      "it is the destination that is told of a message");
	draft = ps_stage_lock_draft(info);
	if (!draft)
		return -EINVAL;
	err = add_port(info, draft, &port);
	ps_unlock();
	return err;
}
