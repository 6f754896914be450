// SPDX-License-Identifier: GPL-2.0
#include "uart.h"

#include "console.h"
#include "device.h"
#include "vcpu.h"
#include "vm.h"

/* Registers, from the first port on. */
enum {
	UART_DATA,
	UART_IER,
	UART_IIR,
	UART_LCR,
	UART_MCR,
	UART_LSR,
	UART_MSR,
	UART_SCR,
};

_Static_assert(UART_SCR + 1 == UART_PORTS, "all of them");

#define UART_IIR_NONE	0x01	/* no interrupt is pending */
#define UART_LCR_DLAB	0x80	/* data and IER are the rate divisor */
#define UART_LSR_READY	0x60	/* transmitter empty, both stages */
#define UART_MSR_READY	0xb0	/* carrier, data set ready, clear to send */

/* Of a wider access the first byte counts. */
int uart_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size)
{
	uint8_t value = *(const uint8_t *)data;

	(void)size;
	if (offset == UART_LCR)
		vcpu->console_lcr = value;
	else if (offset == UART_DATA && !(vcpu->console_lcr & UART_LCR_DLAB))
		console_put(&vcpu->vm->console, vcpu->index, value);
	return DEVICE_DONE;
}

static uint8_t value_of(const struct vcpu *vcpu, uint64_t reg)
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

int uart_read(struct vcpu *vcpu, uint64_t offset, void *data, uint32_t size)
{
	(void)size;
	*(uint8_t *)data = value_of(vcpu, offset);
	return DEVICE_DONE;
}

void uart_reset(struct vcpu *vcpu)
{
	vcpu->console_lcr = 0;
}
