/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault - errors of the guest that it cannot go on after
 *
 * Under a plan the health monitor is told, and decides; without one, or when
 * the module does not answer, the guest ends.
 */
#ifndef PARTVM_FAULT_H
#define PARTVM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* What becomes of the vCPU; -1: the VM ends. */
#define FAULT_HELD	0	/* it goes no further until it is started */
#define FAULT_IGNORED	1	/* it may go on */

/**
 * struct fault - an error
 * @source: enum partsched_error_source
 * @status: enum partvm_status, where the guest ends by it
 * @has_address: @address is given
 * @address: guest-physical
 */
struct fault {
	uint32_t source;
	int status;
	bool has_address;
	uint64_t address;
};

/**
 * fault_raise() - a vCPU cannot go on
 * @vcpu: the calling thread's
 * @fault: the error
 * @fmt: in words, printf style, without the vCPU's number
 *
 * Return: FAULT_HELD, or -1 when the VM ends, after vcpu_end().
 */
int fault_raise(struct vcpu *vcpu, const struct fault *fault, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * fault_service() - a vCPU has called a service that it may not call
 * @vcpu: the calling thread's
 * @number: of the service
 * @exists: there is one of that number
 *
 * Return: FAULT_IGNORED, FAULT_HELD before fault_hold(), or -1 when the VM ends.
 */
int fault_service(struct vcpu *vcpu, uint32_t number, bool exists);

/**
 * fault_hold() - have a vCPU go no further until it is started again
 * @vcpu: the calling thread's
 *
 * It sleeps inside KVM_RUN, from where an order to start makes it leave.
 *
 * Return: FAULT_HELD, or -1 when the VM ends.
 */
int fault_hold(struct vcpu *vcpu);

#endif /* PARTVM_FAULT_H */
