// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu - CPUID, registers and counter of a vCPU at the guest's entry
 */
#include <asm/kvm.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#include "../arch.h"
#include "../report.h"
#include "x86.h"

#define CR0_PE		(1U << 0)
#define CR0_MP		(1U << 1)
#define CR0_ET		(1U << 4)
#define CR0_NE		(1U << 5)
#define CR0_WP		(1U << 16)
#define CR0_PG		(1U << 31)
#define CR4_PAE		(1U << 5)
#define CR4_OSFXSR	(1U << 9)
#define CR4_OSXMMEXCPT	(1U << 10)
#define EFER_SCE	(1U << 0)
#define EFER_LME	(1U << 8)
#define EFER_LMA	(1U << 10)
#define EFER_NXE	(1U << 11)

#define CPUID_ENTRIES	256
/* CPUID 1, ECX */
#define CPUID_TSC_DEADLINE	(1U << 24)
#define CPUID_HYPERVISOR	(1U << 31)

static int set_cpuid(const struct vcpu *vcpu)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[CPUID_ENTRIES];
	} cpuid;

	cpuid.head.nent = CPUID_ENTRIES;
	if (ioctl(vcpu->vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid)) {
		report_error("KVM does not tell what it supports (CPUID): %s", strerror(errno));
		return -1;
	}
	for (uint32_t i = 0; i < cpuid.head.nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid.entry[i];

		switch (entry->function) {
		case 1:
			entry->ebx = (entry->ebx & 0x0000ffff) | vcpu->vm->nr_vcpus << 16 |
				     vcpu->index << 24;
			entry->ecx |= CPUID_HYPERVISOR;
			if (vm_extension(vcpu->vm, KVM_CAP_TSC_DEADLINE_TIMER))
				entry->ecx |= CPUID_TSC_DEADLINE;
			break;
		case 0xb:
		case 0x1f:
			entry->edx = vcpu->index;
			break;
		}
	}
	if (ioctl(vcpu->fd, KVM_SET_CPUID2, &cpuid)) {
		report_error("KVM refuses the CPUID of vCPU %u: %s", vcpu->index, strerror(errno));
		return -1;
	}
	return 0;
}

static int set_system_registers(const struct vcpu *vcpu)
{
	const struct kvm_segment data = {
		.limit = 0xffffffff, .selector = PARTSCHED_GUEST_SEL_DATA, .type = 3,
		.present = 1, .db = 1, .s = 1, .g = 1,
	};
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return -1;
	sregs.cs = (struct kvm_segment){
		.limit = 0xffffffff, .selector = PARTSCHED_GUEST_SEL_CODE, .type = 11,
		.present = 1, .s = 1, .l = 1, .g = 1,
	};
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.tr = (struct kvm_segment){
		.base = X86_TSS, .limit = X86_TSS_BYTES - 1,
		.selector = PARTSCHED_GUEST_SEL_TSS, .type = 11, .present = 1,
	};
	sregs.ldt = (struct kvm_segment){ .unusable = 1 };
	sregs.gdt = (struct kvm_dtable){ .base = X86_GDT, .limit = X86_GDT_BYTES - 1 };
	/* No IDT: an exception is a triple fault until the guest has its own. */
	sregs.idt = (struct kvm_dtable){ };
	sregs.cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	sregs.cr3 = X86_PML4;
	sregs.cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	sregs.efer = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs);
}

int x86_set_registers(const struct vcpu *vcpu, uint64_t entry)
{
	struct kvm_regs regs = {
		.rip = entry,
		.rsp = PARTSCHED_GUEST_STACK_TOP - vcpu->index * PARTSCHED_GUEST_STACK_SIZE,
		.rdi = vcpu->index,
		.rsi = PARTSCHED_GUEST_INFO,
		.rflags = RFLAGS_ONE,
	};

	return ioctl(vcpu->fd, KVM_SET_REGS, &regs);
}

/* Guest and host shall read the same counter. */
static void share_counter(const struct vcpu *vcpu)
{
	uint64_t offset = 0;
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)&offset,
	};

	if (!ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr)) {
		vcpu->vm->info->flags |= PARTSCHED_GUEST_F_TSC_SHARED;
		return;
	}
	if (!vcpu->index)
		report_warning("KVM cannot give the guest the host's TSC: %s; %s",
			       strerror(errno), "the guest's mapping to plan time is off");
}

int arch_vcpu_create(struct vcpu *vcpu, uint64_t entry)
{
	/* Without INIT and SIPI: every vCPU starts at the entry. */
	struct kvm_mp_state mp_state = { .mp_state = KVM_MP_STATE_RUNNABLE };

	if (set_cpuid(vcpu))
		return -1;
	if (set_system_registers(vcpu) || x86_set_registers(vcpu, entry) ||
	    ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp_state)) {
		report_error("KVM refuses the registers of vCPU %u: %s", vcpu->index,
			     strerror(errno));
		return -1;
	}
	share_counter(vcpu);
	return x86_keep_state(vcpu);
}

void arch_vcpu_where(struct vcpu *vcpu, char *buf, size_t size)
{
	struct kvm_regs regs;

	buf[0] = '\0';
	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return;
	/* A shutdown resets the registers on AMD: this is where a reset begins. */
	if (regs.rip == 0xfff0)
		snprintf(buf, size, ", place unknown (the processor has been reset)");
	else
		snprintf(buf, size, ", rip %#llx", (unsigned long long)regs.rip);
}

int arch_call_begin(struct vcpu *vcpu, uint64_t *value)
{
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return -1;
	value[0] = regs.rbx;
	value[1] = regs.rcx;
	value[2] = regs.rdx;
	value[3] = regs.rsi;
	return 0;
}

int arch_call_end(struct vcpu *vcpu, uint32_t code, const uint64_t *value)
{
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return -1;
	regs.rax = code;
	regs.rbx = value[0];
	regs.rcx = value[1];
	regs.rdx = value[2];
	regs.rsi = value[3];
	/* the instruction pointer is as KVM left it: it finishes the instruction itself */
	return ioctl(vcpu->fd, KVM_SET_REGS, &regs);
}

uint64_t arch_counter(void)
{
	uint64_t value;

	/* Neither earlier nor later than where it stands. */
	_mm_lfence();
	value = __rdtsc();
	_mm_lfence();
	return value;
}

uint64_t arch_counter_khz(const struct vcpu *vcpu)
{
	int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);

	return khz > 0 ? khz : 0;
}
