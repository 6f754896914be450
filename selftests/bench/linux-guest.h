/* SPDX-License-Identifier: GPL-2.0 */
/*
 * linux-guest - a neighbour that is a Linux guest in a stock QEMU
 *
 * Started as anybody's would be: partctl load, of a file that is written here. It boots
 * under a schedule of its own in wide windows, and only then is the plan that is
 * measured put in force.
 */
#ifndef BENCH_LINUX_GUEST_H
#define BENCH_LINUX_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "kernel.h"
#include "scenario.h"

/* Where partctl load lets the witness have its memory. */
#define LINUX_WITNESS_RAM	"/run/partsched/a.ram"

/**
 * struct linux_guest - what it is started with
 * @partctl: path of the tool
 * @guests: folder with vmlinux, initrd and witness.bin
 * @cpu: the planned CPU
 * @plan: the plan
 * @nic: its network interface, on a network that nobody else is on
 */
struct linux_guest {
	const char *partctl;
	const char *guests;
	uint32_t cpu;
	const struct bench_plan *plan;
	enum bench_nic nic;
};

/**
 * linux_load() - load both partitions, and wait until the guest is at work
 * @guest: what with
 * @error: why not
 *
 * The module is there already.
 *
 * Return: 0 or -1.
 */
int linux_load(const struct linux_guest *guest, struct ps_error *error);

/**
 * linux_change() - put the plan in force that is measured
 * @kernel: connection
 * @unconfined: move QEMU's other threads to the planned CPU, too
 * @guest: what it was started with
 * @epoch_ns: receives when it began
 * @error: why not
 *
 * Return: 0 or -1.
 */
int linux_change(const struct linux_guest *guest, struct ps_kernel *kernel, bool unconfined,
		 uint64_t *epoch_ns, struct ps_error *error);

/**
 * linux_thread() - the thread of its vCPU
 * @kernel: connection
 *
 * Return: 0 if it is not attached.
 */
pid_t linux_thread(struct ps_kernel *kernel);

/**
 * linux_unload() - end what linux_load() began
 * @guest: what it was started with
 * @error: why not
 *
 * Return: 0 or -1.
 */
int linux_unload(const struct linux_guest *guest, struct ps_error *error);

/**
 * linux_said() - the last line that the guest has said
 * @line: receives it, "" where there is none
 * @size: room in it
 */
void linux_said(char *line, size_t size);

#endif /* BENCH_LINUX_GUEST_H */
