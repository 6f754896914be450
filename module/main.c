// SPDX-License-Identifier: GPL-2.0
/*
 * partsched - hard time partitioning for KVM virtual machines
 *
 * Start and end of the module: a ladder and its mirror.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>

#include "band.h"
#include "bouncer.h"
#include "children.h"
#include "frame.h"
#include "grace.h"
#include "health-log.h"
#include "host.h"
#include "live.h"
#include "lock.h"
#include "measure.h"
#include "netlink.h"
#include "param.h"
#include "partition.h"
#include "plan.h"
#include "port.h"
#include "reaper.h"
#include "turn.h"

DEFINE_RT_MUTEX(ps_mutex);

unsigned int ps_open_priority = 50;
unsigned long ps_late_ns = 100000;
unsigned long ps_lead_ns = 2500;
unsigned long ps_entry_ns;
unsigned int ps_poll_ms = 20;
unsigned long ps_channel_mib;

static int set_priority(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 2, 90);
}

static int set_poll(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 1, 100);
}

static int set_lead(const char *value, const struct kernel_param *param)
{
	unsigned long lead_ns;
	int err = kstrtoul(value, 0, &lead_ns);

	if (err)
		return err;
	/* interrupts are off for so long */
	if (lead_ns > 20000)
		return -ERANGE;
	WRITE_ONCE(ps_lead_ns, lead_ns);
	return 0;
}

static int set_entry(const char *value, const struct kernel_param *param)
{
	unsigned long entry_ns;
	int err = kstrtoul(value, 0, &entry_ns);

	if (err)
		return err;
	if (entry_ns > 5000)
		return -ERANGE;
	WRITE_ONCE(ps_entry_ns, entry_ns);
	return 0;
}

static int set_channel(const char *value, const struct kernel_param *param)
{
	unsigned long mib;
	int err = kstrtoul(value, 0, &mib);

	if (err)
		return err;
	if (mib > totalram_pages() >> (20 - PAGE_SHIFT))
		return -ERANGE;
	WRITE_ONCE(ps_channel_mib, mib);
	return 0;
}

static const struct kernel_param_ops priority_ops = {
	.set = set_priority,
	.get = param_get_uint,
};

static const struct kernel_param_ops poll_ops = {
	.set = set_poll,
	.get = param_get_uint,
};

static const struct kernel_param_ops lead_ops = {
	.set = set_lead,
	.get = param_get_ulong,
};

static const struct kernel_param_ops entry_ops = {
	.set = set_entry,
	.get = param_get_ulong,
};

static const struct kernel_param_ops channel_ops = {
	.set = set_channel,
	.get = param_get_ulong,
};

module_param_cb(open_priority, &priority_ops, &ps_open_priority, 0444);
MODULE_PARM_DESC(open_priority,
		 "SCHED_FIFO priority of threads in their window, 2 to 90 (50)");
module_param_named(late_ns, ps_late_ns, ulong, 0644);
MODULE_PARM_DESC(late_ns,
		 "a window that opens later than this counts as late (100000)");
module_param_cb(lead_ns, &lead_ops, &ps_lead_ns, 0644);
MODULE_PARM_DESC(lead_ns,
		 "how long before an edge its timer fires, 0 to 20000 (2500)");
module_param_cb(entry_ns, &entry_ops, &ps_entry_ns, 0644);
MODULE_PARM_DESC(entry_ns,
		 "how long a guest's entry takes at least, 0 to 5000: a guard ends that much earlier (0)");
module_param_cb(poll_ms, &poll_ops, &ps_poll_ms, 0644);
MODULE_PARM_DESC(poll_ms,
		 "how often signals of parked threads are looked for, 1 to 100 (20)");
module_param_cb(channel_mib, &channel_ops, &ps_channel_mib, 0644);
MODULE_PARM_DESC(channel_mib,
		 "memory of all channels together in MiB at most; 0: a quarter of the machine's (0)");

static int __init partsched_init(void)
{
	int err;

	/*
	 * The scheduler is patched when the machine's first VM comes and when
	 * its last one goes, with an interrupt to every CPU. That is not to fall
	 * into somebody's window, so it is done now, for all threads to come.
	 */
	preempt_notifier_inc();
	ps_measure_init();
	ps_frame_init();
	ps_grace_init();
	ps_turn_init();
	err = ps_reaper_init();
	if (err)
		goto drop_notifiers;
	err = ps_hm_log_init();
	if (err)
		goto stop_reaper;
	err = ps_band_init();
	if (err)
		goto free_log;
	err = ps_bouncer_init();
	if (err)
		goto stop_bands;
	err = ps_children_init();
	if (err)
		goto stop_bouncer;
	err = ps_host_init();
	if (err)
		goto ignore_children;
	err = ps_live_init();
	if (err)
		goto ignore_host;
	err = ps_port_init();
	if (err)
		goto remove_device;
	err = ps_netlink_init();
	if (err)
		goto remove_ports;
	return 0;

remove_ports:
	ps_port_exit();
remove_device:
	ps_live_exit();
ignore_host:
	ps_host_exit();
ignore_children:
	ps_children_exit();
stop_bouncer:
	ps_bouncer_exit();
stop_bands:
	ps_band_exit();
free_log:
	ps_hm_log_exit();
stop_reaper:
	ps_reaper_exit();
drop_notifiers:
	preempt_notifier_dec();
	return err;
}

/*
 * No thread is attached or on its way: each holds a reference on the module,
 * which the reaper has dropped after the last callback returned.
 */
static void __exit partsched_exit(void)
{
	ps_netlink_exit();
	ps_stage_exit();
	ps_live_exit();
	ps_host_exit();
	cpus_read_lock();
	ps_lock();
	ps_plan_stop("the module was removed");
	ps_unlock();
	cpus_read_unlock();
	ps_children_exit();
	ps_bouncer_exit();
	ps_band_exit();
	ps_hm_log_exit();
	ps_reaper_exit();
	ps_port_exit();
	ps_partition_exit();
	preempt_notifier_dec();
}

module_init(partsched_init);
module_exit(partsched_exit);

MODULE_DESCRIPTION("Hard time partitioning for KVM virtual machines");
MODULE_AUTHOR("The partsched authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY(PARTSCHED_GENL_NAME);
