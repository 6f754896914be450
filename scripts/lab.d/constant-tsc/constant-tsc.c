// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the kernel of the lab that its TSC runs at a constant rate.
 *
 * KVM refuses to load on PREEMPT_RT where the CPU does not say so. The emulated
 * CPU has no way to say it, although it is so: its TSC is that of the machine
 * below, and in exact time the count of instructions. Loaded before kvm.ko, in
 * the lab alone. It stays: nothing has to be undone in a machine that ends.
 *
 * What a CPU that comes online cannot do, the kernel takes from all: so it is
 * told again then, after a suspend for one.
 */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

static int tell(unsigned int cpu)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CONSTANT_TSC);
	return 0;
}

static int __init constant_tsc_init(void)
{
	int state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN,
				      "lab/constant-tsc:online", tell, NULL);

	return state < 0 ? state : 0;
}
module_init(constant_tsc_init);

MODULE_DESCRIPTION("The lab's TSC runs at a constant rate");
MODULE_LICENSE("GPL");
