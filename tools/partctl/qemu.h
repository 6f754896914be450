/* SPDX-License-Identifier: GPL-2.0 */
/*
 * qemu - a QEMU that runs a partition's guest, as its supervisor sees it
 *
 * What is to be done is read from the module each time it is looked at, and
 * compared with what QEMU says by QMP. Nothing here waits.
 */
#ifndef PARTCTL_QEMU_H
#define PARTCTL_QEMU_H

#include <stdint.h>
#include <sys/types.h>

#include "kernel.h"

struct qemu;

/**
 * enum qemu_want - what is to become of the process
 * @QEMU_WAITS: nothing; something will come of itself
 * @QEMU_SOON: nothing; it is to be looked at again soon
 * @QEMU_END: it is to end, its partition is idle
 * @QEMU_REPLACE: another one carries out the start that was ordered
 */
enum qemu_want {
	QEMU_WAITS,
	QEMU_SOON,
	QEMU_END,
	QEMU_REPLACE,
};

/**
 * qemu_new() - supervise a QEMU
 * @name: of its partition
 * @pid: its process
 * @starts: number of the start that it carries out; 0: it is not known which
 *	it has carried out
 *
 * Return: it, to be freed.
 */
struct qemu *qemu_new(const char *name, pid_t pid, uint64_t starts);

/**
 * qemu_free() - supervise it no more
 * @qemu: it, or NULL
 */
void qemu_free(struct qemu *qemu);

/**
 * qemu_fd() - what is to be waited for
 * @qemu: it
 * @events: receives the events of poll()
 *
 * Return: a descriptor, -1: none.
 */
int qemu_fd(const struct qemu *qemu, short *events);

/**
 * qemu_look() - do what is to be done
 * @qemu: it
 * @kernel: the module
 * @info: its partition
 * @vcpus: all vCPUs of the plan
 * @nr_vcpus: number of them
 *
 * Return: what is to become of the process.
 */
enum qemu_want qemu_look(struct qemu *qemu, struct ps_kernel *kernel,
			 const struct ps_partition_info *info, const struct ps_vcpu_info *vcpus,
			 size_t nr_vcpus);

/**
 * qemu_kick() - have its vCPU threads come by, wherever they are held
 * @qemu: it, or NULL
 *
 * By the signal that QEMU itself uses for that, so that they leave the gate on a
 * CPU without windows. One of them may hold the lock that QEMU's monitor needs.
 */
void qemu_kick(const struct qemu *qemu);

#endif /* PARTCTL_QEMU_H */
