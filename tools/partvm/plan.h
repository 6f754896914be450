/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plan - what the module plans for this guest, and the attachment to it
 */
#ifndef PARTVM_PLAN_H
#define PARTVM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel.h"

/**
 * struct plan - our partition in the plan in force
 * @kernel: connection of the main thread
 * @module: the module and its plan
 * @partition: our partition
 * @windows: windows of our partition, by schedule and offset
 * @nr_windows: number of them
 * @ports: all ports of the plan, each channel's ends together, its source first
 * @nr_ports: number of them
 */
struct plan {
	struct ps_kernel *kernel;
	struct ps_module_info module;
	struct ps_partition_info partition;
	struct ps_window_info *windows;
	size_t nr_windows;
	struct ps_port_info *ports;
	size_t nr_ports;
};

/**
 * plan_read() - find our partition, and leave the planned CPUs
 * @plan: zeroed object
 * @name: of the partition
 *
 * The calling thread, and with it those that it starts, keeps to the CPUs that
 * the plan does not use, if there are any: the vCPUs are moved by the module.
 *
 * Return: 0, or -1 with a message printed.
 */
int plan_read(struct plan *plan, const char *name);

/**
 * plan_attach() - put the calling thread under the plan
 * @kernel: connection of this thread alone
 * @partition: name of the partition
 * @vcpu: index of the vCPU
 * @error: why not
 *
 * From the return of this call on the thread runs in its windows only. The
 * module decides when the thread has entered its guest, see plan_watch().
 *
 * Return: 0 or -1.
 */
int plan_attach(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
		struct ps_error *error);

/**
 * plan_watch() - has the module taken all our vCPUs?
 * @plan: the plan
 * @tid: threads, by index of the vCPU; 0: has not asked yet
 * @attached: by index; set here for those that were found attached
 * @nr_vcpus: entries of both
 * @error: why not
 *
 * Return: 1 when all are attached, 0 when some are undecided, -1 when one was
 * refused.
 */
int plan_watch(struct plan *plan, const pid_t *tid, bool *attached, uint32_t nr_vcpus,
	       struct ps_error *error);

/**
 * plan_has() - is a vCPU of ours under the plan?
 * @plan: the plan
 * @vcpu: index of the vCPU
 * @tid: its thread, 0: has not asked yet
 * @attached: set if it is attached already, or NULL
 *
 * Return: false also when the module does not answer.
 */
bool plan_has(struct plan *plan, uint32_t vcpu, pid_t tid, bool *attached);

/**
 * plan_fail() - say that the partition's guest cannot be started
 * @plan: the plan
 *
 * Not where another launcher has it already: that one's guest runs.
 */
void plan_fail(struct plan *plan);

/**
 * plan_leave() - say that we end, and that this is no error
 * @plan: the plan
 *
 * The partition is idle from then on.
 */
void plan_leave(struct plan *plan);

#endif /* PARTVM_PLAN_H */
