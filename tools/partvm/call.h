/* SPDX-License-Identifier: GPL-2.0 */
/*
 * call - services that the guest calls
 *
 * A device of one port: the number is written there, arguments and answers are
 * in registers. See linux/partsched_guest.h.
 */
#ifndef PARTVM_CALL_H
#define PARTVM_CALL_H

#include <stdint.h>

struct vcpu;

/* see struct device */
int call_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size);
void call_prepare(struct vcpu *vcpu);
void call_reset(struct vcpu *vcpu);

#endif /* PARTVM_CALL_H */
