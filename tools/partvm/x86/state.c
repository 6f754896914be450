// SPDX-License-Identifier: GPL-2.0
/*
 * state - the processor's and the interrupt controllers' state at the guest's
 * first entry, kept so that it can begin there again
 */
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../arch.h"
#include "../report.h"
#include "x86.h"

#define MSR_TSC		0x10
#define MSR_TSC_ADJUST	0x3b

#define NR_CHIPS	3
#define NR_MSRS		1024

/* Parts of an access that KVM asks for one by one, and more. */
#define FINISH_TURNS	64

/**
 * struct arch_state - a vCPU before its first instruction
 * @sregs: system registers
 * @fpu: floating point and vector registers
 * @events: nothing pending
 * @debug: debug registers
 * @lapic: local interrupt controller
 * @msr: what KVM keeps, the counter aside, which is the host's
 * @nr_msrs: number of them
 */
struct arch_state {
	struct kvm_sregs sregs;
	struct kvm_xsave fpu;
	struct kvm_vcpu_events events;
	struct kvm_debugregs debug;
	struct kvm_lapic_state lapic;
	struct kvm_msr_entry msr[NR_MSRS];
	uint32_t nr_msrs;
};

static struct kvm_irqchip chips[NR_CHIPS];

/* KVM reads and writes as many as it can, and stops at the first it cannot. */
static bool one_msr(const struct vcpu *vcpu, unsigned long request, struct kvm_msr_entry *msr)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} one = { .head.nmsrs = 1, .entry = *msr };

	if (ioctl(vcpu->fd, request, &one) != 1)
		return false;
	*msr = one.entry;
	return true;
}

static int keep_msrs(const struct vcpu *vcpu, struct arch_state *state)
{
	static struct {
		struct kvm_msr_list head;
		uint32_t index[NR_MSRS];
	} list;

	list.head.nmsrs = NR_MSRS;
	if (ioctl(vcpu->vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, &list))
		return -1;
	for (uint32_t i = 0; i < list.head.nmsrs; i++) {
		struct kvm_msr_entry msr = { .index = list.index[i] };

		if (msr.index == MSR_TSC || msr.index == MSR_TSC_ADJUST)
			continue;
		if (one_msr(vcpu, KVM_GET_MSRS, &msr))
			state->msr[state->nr_msrs++] = msr;
	}
	return 0;
}

int x86_keep_state(struct vcpu *vcpu)
{
	struct arch_state *state = calloc(1, sizeof(*state));

	if (!state || ioctl(vcpu->fd, KVM_GET_SREGS, &state->sregs) ||
	    ioctl(vcpu->fd, KVM_GET_XSAVE, &state->fpu) ||
	    ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &state->events) ||
	    ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &state->debug) ||
	    ioctl(vcpu->fd, KVM_GET_LAPIC, &state->lapic) || keep_msrs(vcpu, state)) {
		report_error("KVM does not tell the registers of vCPU %u: %s", vcpu->index,
			     strerror(errno));
		free(state);
		return -1;
	}
	vcpu->state = state;
	if (vcpu->index)
		return 0;
	for (uint32_t i = 0; i < NR_CHIPS; i++) {
		chips[i].chip_id = i;
		if (ioctl(vcpu->vm->vm_fd, KVM_GET_IRQCHIP, &chips[i])) {
			report_error("KVM does not tell the interrupt controllers: %s",
				     strerror(errno));
			return -1;
		}
	}
	return 0;
}

void arch_vcpu_finish(struct vcpu *vcpu)
{
	struct kvm_regs regs;

	/* a string instruction has one turn left then, not any number of them */
	if (!ioctl(vcpu->fd, KVM_GET_REGS, &regs)) {
		regs.rcx = 1;
		ioctl(vcpu->fd, KVM_SET_REGS, &regs);
	}
	for (unsigned int i = 0; i < FINISH_TURNS; i++)
		if (vcpu_run_nothing(vcpu))
			break;
}

int arch_vcpu_halt(struct vcpu *vcpu)
{
	struct kvm_mp_state mp_state = { .mp_state = KVM_MP_STATE_HALTED };
	struct kvm_regs regs;

	arch_vcpu_finish(vcpu);
	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return -1;
	regs.rflags = RFLAGS_ONE;
	if (ioctl(vcpu->fd, KVM_SET_REGS, &regs) ||
	    ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &vcpu->state->events) ||
	    ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp_state))
		return -1;
	return 0;
}

int arch_vm_reset(struct vm *vm)
{
	for (uint32_t i = 0; i < NR_CHIPS; i++)
		if (ioctl(vm->vm_fd, KVM_SET_IRQCHIP, &chips[i]))
			return -1;
	return 0;
}

int arch_vcpu_reset(struct vcpu *vcpu, uint64_t entry)
{
	struct kvm_mp_state mp_state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct arch_state *state = vcpu->state;

	if (ioctl(vcpu->fd, KVM_SET_SREGS, &state->sregs) ||
	    ioctl(vcpu->fd, KVM_SET_XSAVE, &state->fpu) ||
	    ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &state->debug))
		return -1;
	/* some cannot be written, or not like that: those do not change either */
	for (uint32_t i = 0; i < state->nr_msrs; i++)
		one_msr(vcpu, KVM_SET_MSRS, &state->msr[i]);
	if (ioctl(vcpu->fd, KVM_SET_LAPIC, &state->lapic) ||
	    ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &state->events) ||
	    ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp_state))
		return -1;
	return x86_set_registers(vcpu, entry);
}
