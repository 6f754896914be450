// SPDX-License-Identifier: GPL-2.0
/*
 * exit - I/O ports
 */
#include <linux/kvm.h>
#include <string.h>

#include "../arch.h"
#include "../status.h"
#include "x86.h"

/* Registers of a 16550, from the console's port on. */
enum {
	UART_DATA,
	UART_IER,
	UART_IIR,
	UART_LCR,
	UART_MCR,
	UART_LSR,
	UART_MSR,
	UART_SCR,
	UART_PORTS,
};

#define UART_IIR_NONE	0x01	/* no interrupt is pending */
#define UART_LCR_DLAB	0x80	/* data and IER are the rate divisor */
#define UART_LSR_READY	0x60	/* transmitter empty, both stages */
#define UART_MSR_READY	0xb0	/* carrier, data set ready, clear to send */

static void uart_write(struct vcpu *vcpu, unsigned int reg, uint8_t value)
{
	if (reg == UART_LCR)
		vcpu->console_lcr = value;
	else if (reg == UART_DATA && !(vcpu->console_lcr & UART_LCR_DLAB))
		console_put(&vcpu->vm->console, vcpu->index, value);
}

static uint8_t uart_read(const struct vcpu *vcpu, unsigned int reg)
{
	switch (reg) {
	case UART_IIR:
		return UART_IIR_NONE;
	case UART_LCR:
		return vcpu->console_lcr;
	case UART_LSR:
		return UART_LSR_READY;
	case UART_MSR:
		return UART_MSR_READY;
	default:
		return 0;
	}
}

static int end_port(struct vcpu *vcpu)
{
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	return vcpu_end(vcpu, PARTVM_CRASHED, "crashed: %s I/O port %#x, where nothing is%s",
			vcpu->run->io.direction == KVM_EXIT_IO_OUT ? "write to" : "read from",
			vcpu->run->io.port, where);
}

static int end_guest(struct vcpu *vcpu, uint8_t status)
{
	if (!status)
		return vcpu_end(vcpu, PARTVM_DONE, NULL);
	return vcpu_end(vcpu, PARTVM_ENDED, "the guest ended with status %u", status);
}

/* One access; @data holds run->io.size bytes. */
static int access_port(struct vcpu *vcpu, uint8_t *data)
{
	const struct kvm_run *run = vcpu->run;
	bool out = run->io.direction == KVM_EXIT_IO_OUT;
	unsigned int port = run->io.port;
	uint32_t schedule;

	if (port >= PARTSCHED_GUEST_PORT_CONSOLE &&
	    port < PARTSCHED_GUEST_PORT_CONSOLE + UART_PORTS) {
		if (out) {
			uart_write(vcpu, port - PARTSCHED_GUEST_PORT_CONSOLE, *data);
		} else {
			memset(data, 0, run->io.size);
			*data = uart_read(vcpu, port - PARTSCHED_GUEST_PORT_CONSOLE);
		}
		return 0;
	}
	if (port == PARTSCHED_GUEST_PORT_SCHEDULE && run->io.size == sizeof(schedule)) {
		if (out) {
			memcpy(&schedule, data, sizeof(schedule));
			vcpu->answer = service_set_schedule(vcpu, schedule);
		} else {
			memcpy(data, &vcpu->answer, sizeof(schedule));
		}
		return 0;
	}
	if (port == PARTSCHED_GUEST_PORT_EXIT && out)
		return end_guest(vcpu, *data);
	if (port == PARTSCHED_GUEST_PORT_DELAY) {
		if (!out)
			memset(data, 0xff, run->io.size);
		return 0;
	}
	return end_port(vcpu);
}

int arch_vcpu_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	char where[64];
	uint8_t *data;

	if (run->exit_reason != KVM_EXIT_IO) {
		arch_vcpu_where(vcpu, where, sizeof(where));
		return vcpu_end(vcpu, PARTVM_CRASHED, "crashed: exit %u, which has no meaning here%s",
				run->exit_reason, where);
	}
	data = (uint8_t *)run + run->io.data_offset;
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size)
		if (access_port(vcpu, data))
			return -1;
	return 0;
}
