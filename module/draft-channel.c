// SPDX-License-Identifier: GPL-2.0
/*
 * The channels of a draft: staged, checked, and turned into channels before the
 * plan is built, since that takes long: ps_mutex is not held over it. One that
 * the plan before has already goes on instead.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>

#include "draft.h"
#include "lock.h"
#include "plan.h"
#include "region.h"

/**
 * ps_draft_channels_init() - begin without channels
 * @channels: of a new draft
 */
void ps_draft_channels_init(struct ps_draft_channels *channels)
{
	INIT_LIST_HEAD(&channels->list);
	hash_init(channels->by_id);
	hash_init(channels->by_device);
}

static void free_channel(struct ps_draft_channel *channel)
{
	struct ps_draft_port *port, *next;

	list_for_each_entry_safe(port, next, &channel->ports, node)
		kfree(port);
	ps_channel_put(channel->channel);
	kfree(channel);
}

/**
 * ps_draft_channels_free() - free what was staged
 * @channels: of a draft that goes
 *
 * Context: may sleep.
 */
void ps_draft_channels_free(struct ps_draft_channels *channels)
{
	struct ps_draft_channel *channel, *next;

	list_for_each_entry_safe(channel, next, &channels->list, node)
		free_channel(channel);
}

/**
 * ps_draft_channel() - a staged channel
 * @draft: the draft
 * @id: ChannelIdentifier
 *
 * Return: the channel, or NULL.
 */
struct ps_draft_channel *ps_draft_channel(const struct ps_draft *draft, u32 id)
{
	struct ps_draft_channel *channel;

	hash_for_each_possible(draft->channels.by_id, channel, by_id, id)
		if (channel->id == id)
			return channel;
	return NULL;
}

static u32 hash_device(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/* A port that has a device of this name, and, if asked so, an ack device. */
static bool find_device(const struct ps_draft *draft, const char *name,
			bool queuing)
{
	char other[PS_DEVICE_NAME_MAX];
	struct ps_draft_port *port;

	hash_for_each_possible(draft->channels.by_device, port, by_device,
			       hash_device(name)) {
		ps_end_device(&port->end, false, other);
		if (!strcmp(other, name) && (port->queuing || !queuing))
			return true;
	}
	return false;
}

/**
 * ps_draft_device() - whether a port's devices would have names that are taken
 * @draft: the draft
 * @end: of the port
 * @queuing: it has a second one
 *
 * "a" with the port "b.c" and "a.b" with the port "c" are such a pair, and so
 * is a port whose name is that of another one's second device.
 */
bool ps_draft_device(const struct ps_draft *draft, const struct ps_end *end,
		     bool queuing)
{
	const size_t suffix = strlen(PS_ACK_SUFFIX);
	char name[PS_DEVICE_NAME_MAX];
	size_t len;

	ps_end_device(end, true, name);
	if (queuing && find_device(draft, name, false))
		return true;
	ps_end_device(end, false, name);
	if (find_device(draft, name, false))
		return true;
	len = strlen(name);
	if (len <= suffix || strcmp(name + len - suffix, PS_ACK_SUFFIX))
		return false;
	name[len - suffix] = '\0';
	return find_device(draft, name, true);
}

/**
 * ps_draft_add_channel() - stage a channel
 * @draft: the draft
 * @id: ChannelIdentifier, not staged yet
 * @spec: what it is; copied
 *
 * Context: may sleep.
 * Return: the channel, without ends, or NULL for want of memory.
 */
struct ps_draft_channel *
ps_draft_add_channel(struct ps_draft *draft, u32 id,
		     const struct ps_channel_spec *spec)
{
	struct ps_draft_channel *channel = kzalloc(sizeof(*channel),
						   GFP_KERNEL_ACCOUNT);

	if (!channel)
		return NULL;
	channel->id = id;
	channel->spec = *spec;
	INIT_LIST_HEAD(&channel->ports);
	list_add_tail(&channel->node, &draft->channels.list);
	hash_add(draft->channels.by_id, &channel->by_id, id);
	draft->channels.nr++;
	return channel;
}

/**
 * ps_draft_add_port() - stage an end of a channel
 * @draft: the draft
 * @channel: one of its channels
 * @port: what it is; copied. The names of its devices are not taken, and it is
 *	no second source
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ps_draft_add_port(struct ps_draft *draft, struct ps_draft_channel *channel,
		      const struct ps_draft_port *port)
{
	struct ps_draft_port *copy = kmemdup(port, sizeof(*port),
					     GFP_KERNEL_ACCOUNT);
	char name[PS_DEVICE_NAME_MAX];

	if (!copy)
		return -ENOMEM;
	if (port->direction == PARTSCHED_PORT_SOURCE) {
		list_add(&copy->node, &channel->ports);
		channel->has_source = true;
	} else {
		list_add_tail(&copy->node, &channel->ports);
		channel->nr_destinations++;
	}
	ps_end_device(&copy->end, false, name);
	hash_add(draft->channels.by_device, &copy->by_device,
		 hash_device(name));
	draft->channels.nr_ports++;
	return 0;
}

/**
 * ps_draft_check_channels() - hold the channels against the rules of a whole
 * @draft: the draft
 *
 * Context: may sleep.
 * Return: a sentence without a full stop, or NULL if all is well.
 */
const char *ps_draft_check_channels(const struct ps_draft *draft)
{
	const struct ps_draft_channel *channel;
	const struct ps_draft_port *port;

	list_for_each_entry(channel, &draft->channels.list, node) {
		if (!channel->has_source)
			return "a channel has no source";
		if (!channel->nr_destinations)
			return "a channel has no destination";
		list_for_each_entry(port, &channel->ports, node)
			if (port->pseudo &&
			    ps_draft_named(draft, port->end.partition))
				return "a pseudo-partition has the name of a partition";
	}
	return NULL;
}

/* The ends of a staged channel, source first. */
static void list_ends(const struct ps_draft_channel *staged,
		      struct ps_end *ends)
{
	const struct ps_draft_port *port;

	list_for_each_entry(port, &staged->ports, node)
		*ends++ = port->end;
}

/*
 * In the same order, too: launchers tell destinations by their numbers. The
 * source is the first on either side.
 */
static bool goes_on_as(const struct ps_draft_channel *staged,
		       const struct ps_channel *channel)
{
	const struct ps_draft_port *port;
	u32 i = 0;

	if (!ps_channel_is(channel, &staged->spec,
			   1 + staged->nr_destinations))
		return false;
	list_for_each_entry(port, &staged->ports, node)
		if (!ps_channel_end_is(channel, i++, &port->end))
			return false;
	return true;
}

/* The channel of the last plan that a staged one goes on as, or NULL. */
static struct ps_channel *kept(const struct ps_draft_channel *staged)
{
	const struct ps_plan *plan = ps_plan_newest();
	u32 i;

	for (i = 0; plan && i < plan->nr_ports; i++)
		if (!plan->ports[i].end &&
		    goes_on_as(staged, plan->ports[i].channel))
			return plan->ports[i].channel;
	return NULL;
}

/*
 * Commits take turns, so that plan is the last one until the draft is the next;
 * it may only be stopped meanwhile, and its channels go on all the same.
 */
static void find_kept(struct ps_draft *draft)
{
	struct ps_draft_channel *staged;
	struct ps_channel *channel;

	ps_lock();
	list_for_each_entry(staged, &draft->channels.list, node) {
		channel = kept(staged);
		if (channel)
			staged->channel = ps_channel_get(channel);
	}
	ps_unlock();
}

static struct ps_channel *make(const struct ps_draft_channel *staged)
{
	u32 nr_ends = 1 + staged->nr_destinations;
	struct ps_channel *channel;
	struct ps_end *ends = kvmalloc_array(nr_ends, sizeof(*ends),
					     GFP_KERNEL_ACCOUNT);

	if (!ends)
		return ERR_PTR(-ENOMEM);
	list_ends(staged, ends);
	channel = ps_channel_new(&staged->spec, ends, nr_ends);
	kvfree(ends);
	return channel;
}

/**
 * ps_draft_make_channels() - give a checked draft its channels
 * @draft: the draft
 * @dry: only find out whether there is room for them
 *
 * Context: may sleep, for long; in a commit, ps_mutex not held.
 * Return: 0; -ENOSPC beyond the limit of all channels; -ENOMEM.
 */
int ps_draft_make_channels(struct ps_draft *draft, bool dry)
{
	struct ps_draft_channel *staged;
	struct ps_channel *channel;
	u64 cost = 0;

	if (list_empty(&draft->channels.list))
		return 0;
	find_kept(draft);
	list_for_each_entry(staged, &draft->channels.list, node)
		if (!staged->channel)
			cost += ps_channel_cost(&staged->spec);
	if (!ps_region_room(cost))
		return -ENOSPC;
	list_for_each_entry(staged, &draft->channels.list, node) {
		if (dry || staged->channel)
			continue;
		channel = make(staged);
		if (IS_ERR(channel))
			return PTR_ERR(channel);
		staged->channel = channel;
	}
	return 0;
}

/**
 * ps_draft_build_ports() - give a plan its ports
 * @draft: has its channels, but for a plan that is only looked at
 * @plan: the plan, without ports
 *
 * Context: may sleep; ps_mutex held.
 * Return: 0 or -ENOMEM.
 */
int ps_draft_build_ports(const struct ps_draft *draft, struct ps_plan *plan)
{
	const struct ps_draft_channel *staged;
	const struct ps_draft_port *port;

	ps_assert_locked();
	if (!draft->channels.nr_ports)
		return 0;
	plan->ports = kvcalloc(draft->channels.nr_ports, sizeof(*plan->ports),
			       GFP_KERNEL_ACCOUNT);
	if (!plan->ports)
		return -ENOMEM;
	list_for_each_entry(staged, &draft->channels.list, node) {
		u32 end = 0;

		list_for_each_entry(port, &staged->ports, node) {
			struct ps_plan_port *to = &plan->ports[plan->nr_ports++];

			to->channel_id = staged->id;
			to->kick = port->kick;
			to->pseudo = port->pseudo;
			to->partition_id = port->partition_id;
			if (!staged->channel)
				continue;
			to->channel = ps_channel_get(staged->channel);
			/* a channel that is kept has its ends in this order, too */
			to->end = end++;
		}
	}
	return 0;
}
