// SPDX-License-Identifier: GPL-2.0
/*
 * exit - I/O ports
 */
#include <linux/kvm.h>

#include "../arch.h"
#include "../device.h"
#include "../fault.h"
#include "../status.h"
#include "x86.h"

static int no_port(struct vcpu *vcpu, bool write)
{
	const struct fault fault = {
		.source = PARTSCHED_ERROR_MEMORY, .status = PARTVM_CRASHED,
	};
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	return fault_raise(vcpu, &fault, "crashed: %s I/O port %#x, where nothing is%s",
			   write ? "write to" : "read from", vcpu->run->io.port, where);
}

int arch_vcpu_exit(struct vcpu *vcpu)
{
	const struct fault fault = { .source = PARTSCHED_ERROR_KVM, .status = PARTVM_CRASHED };
	struct kvm_run *run = vcpu->run;
	bool write = run->io.direction == KVM_EXIT_IO_OUT;
	char where[64];
	uint8_t *data;
	int ret;

	if (run->exit_reason != KVM_EXIT_IO) {
		arch_vcpu_where(vcpu, where, sizeof(where));
		return fault_raise(vcpu, &fault, "crashed: exit %u, which has no meaning here%s",
				   run->exit_reason, where);
	}
	data = (uint8_t *)run + run->io.data_offset;
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		ret = device_access(vcpu, DEVICE_PORT, run->io.port, write, data, run->io.size);
		if (ret == DEVICE_NOTHING)
			return no_port(vcpu, write);
		/* one that is held goes no further in a string instruction either */
		if (ret || vcpu->held)
			return ret;
	}
	return 0;
}
