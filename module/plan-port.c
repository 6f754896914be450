// SPDX-License-Identifier: GPL-2.0
/*
 * The ports of a plan: which channels it has. The channels themselves outlive
 * it if the next plan has them, too, or a program or a guest still maps them.
 */
#include <linux/mm.h>

#include "channel.h"
#include "plan.h"

/**
 * ps_plan_free_ports() - drop a plan's channels
 * @plan: the plan
 *
 * Context: may sleep.
 */
void ps_plan_free_ports(struct ps_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_ports; i++)
		ps_channel_put(plan->ports[i].channel);
	kvfree(plan->ports);
}

static bool equal(const struct ps_plan_port *a, const struct ps_plan_port *b)
{
	return a->channel && a->channel == b->channel && a->end == b->end &&
	       a->channel_id == b->channel_id && a->kick == b->kick &&
	       a->pseudo == b->pseudo && a->partition_id == b->partition_id;
}

/**
 * ps_plan_ports_equal() - whether two plans have the same ports
 * @a: one
 * @b: the other
 */
bool ps_plan_ports_equal(const struct ps_plan *a, const struct ps_plan *b)
{
	u32 i;

	if (a->nr_ports != b->nr_ports)
		return false;
	for (i = 0; i < a->nr_ports; i++)
		if (!equal(&a->ports[i], &b->ports[i]))
			return false;
	return true;
}
