/* SPDX-License-Identifier: GPL-2.0 */
/*
 * follow - processes of others that were attached as a whole
 *
 * Their vCPUs may come and go: who supervises attaches the new ones. A record
 * (NAME.vmm, see state.h) says which process has a partition.
 */
#ifndef PARTCTL_FOLLOW_H
#define PARTCTL_FOLLOW_H

#include <stdint.h>
#include <sys/types.h>

#include "kernel.h"

/**
 * follow_remember() - a process has a partition from now on
 * @name: the partition
 * @pid: the process
 * @error: why not
 *
 * Return: 0 or -1.
 */
int follow_remember(const char *name, pid_t pid, struct ps_error *error);

/**
 * follow_forget() - its threads are somebody else's business
 * @name: the partition, or NULL: by a thread
 * @tid: a thread of the process, when @name is NULL
 */
void follow_forget(const char *name, uint32_t tid);

/**
 * follow_look() - attach what has come since the last look
 * @kernel: the module
 * @vcpus: all vCPUs of the plan
 * @nr: number of them
 *
 * A process that has ended, or has no thread under the plan any more, is
 * forgotten.
 */
void follow_look(struct ps_kernel *kernel, const struct ps_vcpu_info *vcpus, size_t nr);

#endif /* PARTCTL_FOLLOW_H */
