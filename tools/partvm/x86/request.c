// SPDX-License-Identifier: GPL-2.0
/*
 * request - what a vCPU's thread asks of KVM once its guest may run
 */
#include <linux/kvm.h>

#include "../arch.h"

const unsigned long arch_vcpu_requests[] = {
	KVM_RUN,
	/* where the guest is, for messages; a service's arguments */
	KVM_GET_REGS, KVM_GET_SREGS,
	/* a service: an interrupt of a vCPU of its own */
	KVM_SIGNAL_MSI,
	/* to its entry again */
	KVM_SET_REGS, KVM_SET_SREGS, KVM_SET_XSAVE, KVM_SET_DEBUGREGS, KVM_SET_MSRS, KVM_SET_LAPIC,
	KVM_SET_VCPU_EVENTS, KVM_SET_MP_STATE, KVM_SET_IRQCHIP,
};

const size_t arch_nr_vcpu_requests = sizeof(arch_vcpu_requests) / sizeof(*arch_vcpu_requests);
