/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uart - the console as the guest sees it: a 16550 that is always ready
 */
#ifndef PARTVM_UART_H
#define PARTVM_UART_H

#include <stdint.h>

struct vcpu;

#define UART_PORTS	8

/* see struct device */
int uart_read(struct vcpu *vcpu, uint64_t offset, void *data, uint32_t size);
int uart_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size);
void uart_reset(struct vcpu *vcpu);

#endif /* PARTVM_UART_H */
