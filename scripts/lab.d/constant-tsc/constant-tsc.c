// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the kernel of the lab that its TSC runs at a constant rate.
 *
 * KVM refuses to load on PREEMPT_RT where the CPU does not say so. The emulated
 * CPU has no way to say it, although it is so: its TSC is that of the machine
 * below, and in exact time the count of instructions. Loaded before kvm.ko, in
 * the lab alone. It stays: nothing has to be undone in a machine that ends.
 */
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

static int __init constant_tsc_init(void)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CONSTANT_TSC);
	return 0;
}
module_init(constant_tsc_init);

MODULE_DESCRIPTION("The lab's TSC runs at a constant rate");
MODULE_LICENSE("GPL");
