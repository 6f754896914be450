// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to the host: CPUs that go, suspend, reboot.
 *
 * A planned CPU cannot be taken offline by the administrator. Suspend and
 * reboot are never held up by us: both also take CPUs down, and a veto there
 * would leave the machine half asleep, or kexec on a BUG.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "host.h"
#include "lock.h"
#include "plan.h"

static int hotplug_state;
static bool rebooting;

static int cpu_goes(unsigned int cpu)
{
	int err = 0;

	ps_lock();
	if (!ps_plan_uses_cpu(cpu)) {
		/* nothing of ours runs there */
	} else if (cpuhp_tasks_frozen || rebooting) {
		ps_plan_stop("a planned CPU went away");
	} else {
		pr_warn("partsched: CPU %u stays online: the plan has windows on it; unload the plan first\n",
			cpu);
		err = -EBUSY;
	}
	ps_unlock();
	return err;
}

static int on_power(struct notifier_block *block, unsigned long event,
		    void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		ps_lock();
		ps_plan_pause();
		ps_unlock();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		cpus_read_lock();
		ps_lock();
		ps_plan_resume();
		ps_unlock();
		cpus_read_unlock();
		break;
	}
	return NOTIFY_DONE;
}

static int on_reboot(struct notifier_block *block, unsigned long event,
		     void *unused)
{
	WRITE_ONCE(rebooting, true);
	return NOTIFY_DONE;
}

static struct notifier_block power_block = {
	.notifier_call = on_power,
};

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
	err = register_reboot_notifier(&reboot_block);
	if (err)
		goto unregister_power;
	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "partsched:online",
					NULL, cpu_goes);
	if (err < 0)
		goto unregister_reboot;
	hotplug_state = err;
	return 0;

unregister_reboot:
	unregister_reboot_notifier(&reboot_block);
unregister_power:
	unregister_pm_notifier(&power_block);
	return err;
}

/**
 * ps_host_exit() - stop watching
 */
void ps_host_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
	unregister_reboot_notifier(&reboot_block);
	unregister_pm_notifier(&power_block);
}
