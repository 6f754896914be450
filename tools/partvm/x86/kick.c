// SPDX-License-Identifier: GPL-2.0
/*
 * kick - doorbells at I/O ports, interrupts by messages
 */
#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "../arch.h"
#include "x86.h"

/* To the local APIC 0, physical, fixed, edge: the vector is the data. */
#define MSI_ADDRESS	0xfee00000U
/* To another one: its identifier, from this bit on. */
#define MSI_TARGET	12

int arch_doorbell(const struct vm *vm, unsigned int port, int fd)
{
	/* of length 0: writes of any size */
	struct kvm_ioeventfd doorbell = {
		.addr = port,
		.fd = fd,
		.flags = KVM_IOEVENTFD_FLAG_PIO,
	};

	if (!vm_extension(vm, KVM_CAP_IOEVENTFD_ANY_LENGTH)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return ioctl(vm->vm_fd, KVM_IOEVENTFD, &doorbell);
}

int arch_interrupt(const struct vm *vm, uint32_t vcpu, uint8_t vector)
{
	struct kvm_msi msi = { .address_lo = MSI_ADDRESS | vcpu << MSI_TARGET, .data = vector };

	return ioctl(vm->vm_fd, KVM_SIGNAL_MSI, &msi);
}

/*
 * Nothing but our ports interrupts: the lines that the controllers had before
 * have nobody at their other end. A message is delivered in the context of who
 * signals; a line of the I/O APIC would have to wait for a worker of the host's.
 */
int arch_route_interrupts(const struct vm *vm, const uint8_t *vectors, uint32_t nr)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[PARTSCHED_GUEST_CHANNELS_MAX];
	} table = { .head.nr = nr };

	if (!vm_extension(vm, KVM_CAP_IRQ_ROUTING) || !vm_extension(vm, KVM_CAP_IRQFD) ||
	    !vm_extension(vm, KVM_CAP_SIGNAL_MSI)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	for (uint32_t i = 0; i < nr; i++)
		table.entry[i] = (struct kvm_irq_routing_entry){
			.gsi = i,
			.type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = MSI_ADDRESS, .data = vectors[i] },
		};
	return ioctl(vm->vm_fd, KVM_SET_GSI_ROUTING, &table);
}
