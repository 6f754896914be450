// SPDX-License-Identifier: GPL-2.0
/*
 * vm - interrupt controllers, exits, CPUID's preconditions
 */
#include <elf.h>
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../arch.h"
#include "../report.h"

/*
 * Three pages and one that some Intel processors need to emulate modes which
 * our guests never enter: far from all that the map names.
 */
#define TSS_ADDRESS		0xfeffd000ULL
#define IDENTITY_MAP_ADDRESS	0xfeffc000ULL

const uint16_t arch_elf_machine = EM_X86_64;

/*
 * A HLT that exits makes the vCPU sleep in the host, from where any timer or
 * interrupt of its own wakes it on the planned CPU, in another partition's
 * window if need be. One that does not exit idles its window away.
 * PAUSE exits serve to yield to another vCPU, which the plan forbids anyway.
 */
static int disable_exits(const struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_DISABLE_EXITS };
	unsigned int can = vm_extension(vm, KVM_CAP_X86_DISABLE_EXITS);
	unsigned int want = KVM_X86_DISABLE_EXITS_PAUSE;

	if (!vm->config->halt_exits)
		want |= KVM_X86_DISABLE_EXITS_HLT;
	cap.args[0] = want & can;
	if (cap.args[0] && ioctl(vm->vm_fd, KVM_ENABLE_CAP, &cap))
		can = 0;
	if ((want & ~can) & KVM_X86_DISABLE_EXITS_HLT)
		report_warning("KVM cannot keep a halted vCPU in the guest; %s",
			       "its timers may wake it in other windows");
	return 0;
}

int arch_vm_create(struct vm *vm)
{
	uint64_t identity = IDENTITY_MAP_ADDRESS;

	if (ioctl(vm->vm_fd, KVM_SET_IDENTITY_MAP_ADDR, &identity) ||
	    ioctl(vm->vm_fd, KVM_SET_TSS_ADDR, TSS_ADDRESS)) {
		report_error("KVM refuses the addresses of its own pages: %s", strerror(errno));
		return -1;
	}
	if (ioctl(vm->vm_fd, KVM_CREATE_IRQCHIP, 0)) {
		report_error("KVM cannot create the interrupt controllers: %s", strerror(errno));
		return -1;
	}
	return disable_exits(vm);
}
