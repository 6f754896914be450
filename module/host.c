// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to the host: CPUs that go, suspend, reboot.
 *
 * A planned CPU cannot be taken offline by the administrator: its device says
 * so, before anything is torn down. A veto in the hotplug ladder would come too
 * late: its first rung moves all threads off the CPU, ours too. Suspend and
 * reboot are never held up: both take CPUs down by themselves, and a refusal
 * there would leave the machine half asleep, or kexec on a BUG.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "compat/device.h"
#include "host.h"
#include "housekeeping.h"
#include "lock.h"
#include "plan.h"

static int hotplug_state;

/* CPUs that may not go offline because of us; under guard_mutex. */
static struct cpumask guarded;
static DEFINE_MUTEX(guard_mutex);

static void guard_cpu(int cpu, bool planned)
{
	struct device *device = get_cpu_device(cpu);

	if (!device || planned == cpumask_test_cpu(cpu, &guarded))
		return;
	device_lock(device);
	/* one that was not hotpluggable before us stays so after us */
	if (planned && !dev_offline_disabled(device)) {
		dev_assign_offline_disabled(device, true);
		cpumask_set_cpu(cpu, &guarded);
	} else if (!planned) {
		dev_assign_offline_disabled(device, false);
		cpumask_clear_cpu(cpu, &guarded);
	}
	device_unlock(device);
}

/**
 * ps_host_guard() - keep exactly the planned CPUs from being taken offline
 *
 * To be called after each change of the plan. Whoever takes a CPU offline
 * holds its device's lock over the whole of it, so no lock of hotplug's and
 * not ps_mutex may be held here.
 *
 * Context: may sleep.
 */
void ps_host_guard(void)
{
	bool planned;
	int cpu;

	mutex_lock(&guard_mutex);
	for_each_possible_cpu(cpu) {
		ps_lock();
		planned = ps_plan_uses_cpu(cpu);
		ps_unlock();
		guard_cpu(cpu, planned);
	}
	mutex_unlock(&guard_mutex);
}

/*
 * The CPU goes all the same: suspend, reboot, or somebody who was on the way
 * before the guard. But for a suspend the threads have been moved off it
 * already.
 */
static int cpu_goes(unsigned int cpu)
{
	ps_lock();
	if (ps_plan_paused()) {
		/* all threads are frozen; it is back before they are not */
		ps_housekeeping_update();
	} else if (ps_plan_uses_cpu(cpu)) {
		pr_warn("partsched: CPU %u goes offline and has windows: the plan is stopped\n",
			cpu);
		ps_plan_stop("a planned CPU went away");
	} else {
		ps_housekeeping_update();
	}
	ps_unlock();
	return 0;
}

static int on_power(struct notifier_block *block, unsigned long event,
		    void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		ps_lock();
		ps_plan_pause();
		ps_unlock();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		cpus_read_lock();
		ps_lock();
		ps_plan_resume();
		ps_unlock();
		cpus_read_unlock();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block power_block = {
	.notifier_call = on_power,
};

/*
 * Reboot, power off, kexec: whoever does it is moved to one CPU and has to get
 * through there, whatever its windows are.
 */
static int on_reboot(struct notifier_block *block, unsigned long event,
		     void *unused)
{
	cpus_read_lock();
	ps_lock();
	ps_plan_close("the machine goes down");
	ps_unlock();
	cpus_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_block = {
	.notifier_call = on_reboot,
};

/**
 * ps_host_init() - begin to watch the host
 *
 * Return: 0 or a negative error.
 */
int ps_host_init(void)
{
	int err;

	err = register_pm_notifier(&power_block);
	if (err)
		return err;
	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "partsched:online",
					NULL, cpu_goes);
	if (err < 0)
		goto unregister_power;
	hotplug_state = err;
	err = register_reboot_notifier(&reboot_block);
	if (err)
		goto remove_state;
	return 0;

remove_state:
	cpuhp_remove_state_nocalls(hotplug_state);
unregister_power:
	unregister_pm_notifier(&power_block);
	return err;
}

/**
 * ps_host_exit() - stop watching
 */
void ps_host_exit(void)
{
	unregister_reboot_notifier(&reboot_block);
	cpuhp_remove_state_nocalls(hotplug_state);
	unregister_pm_notifier(&power_block);
}
