/* SPDX-License-Identifier: GPL-2.0 */
/*
 * device - register banks that the launcher emulates
 *
 * What a guest reaches by leaving to the launcher, at I/O ports or at
 * addresses, is a line of the table in device.c, and nowhere else. See
 * Documentation/services.rst for how to add one.
 */
#ifndef PARTVM_DEVICE_H
#define PARTVM_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/**
 * enum device_space - where a bank lies
 * @DEVICE_PORT: I/O ports
 * @DEVICE_MEMORY: guest-physical addresses that no memory slot has
 */
enum device_space {
	DEVICE_PORT,
	DEVICE_MEMORY,
};

/* What an access comes to; others than these: the VM ends, as vcpu_end() has it. */
#define DEVICE_DONE	0
#define DEVICE_NOTHING	1	/* as if nothing were there: an error of the guest's */

/**
 * struct device - a register bank
 * @name: for people
 * @space: where it lies
 * @first: its first port or address
 * @last: its last one
 * @read: the guest reads @size bytes (1, 2, 4, of addresses also 8) at @offset from
 *	@first; they are zero when it is called. NULL: nothing is there to be read
 * @write: the guest writes; likewise
 * @prepare: the guest is about to run: before its first instruction and whenever it
 *	has left to the launcher, not when a window opens. NULL: nothing to do
 * @reset: the vCPU starts, for the first time or again. NULL: nothing to do
 *
 * All are called by the vCPU's own thread, in windows of the partition (the first
 * @reset before); they must neither print nor take a lock that other threads
 * take, since the plan may stop them at any instruction. An access begins within
 * the bank and may reach beyond its end: @size is the device's to check. With
 * neither @read nor @write it is no part of the guest's map, and only hears of
 * @prepare and @reset.
 */
struct device {
	const char *name;
	enum device_space space;
	uint64_t first;
	uint64_t last;
	int (*read)(struct vcpu *vcpu, uint64_t offset, void *data, uint32_t size);
	int (*write)(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size);
	void (*prepare)(struct vcpu *vcpu);
	void (*reset)(struct vcpu *vcpu);
};

/**
 * device_access() - the guest reads or writes where no memory is
 * @vcpu: the calling thread's
 * @space: where
 * @address: port or address
 * @write: it writes
 * @data: bytes written, or room for those read
 * @size: number of them
 *
 * Return: DEVICE_DONE, DEVICE_NOTHING, or -1 when the VM ends.
 */
int device_access(struct vcpu *vcpu, enum device_space space, uint64_t address, bool write,
		  void *data, uint32_t size);

/**
 * devices_prepare() - the guest is about to run
 * @vcpu: the calling thread's
 */
void devices_prepare(struct vcpu *vcpu);

/**
 * devices_reset() - a vCPU starts
 * @vcpu: the calling thread's
 */
void devices_reset(struct vcpu *vcpu);

#endif /* PARTVM_DEVICE_H */
