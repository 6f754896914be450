/* SPDX-License-Identifier: GPL-2.0 */
/*
 * attach-vmm - all vCPU threads of a process put under the plan
 */
#ifndef PARTCTL_ATTACH_VMM_H
#define PARTCTL_ATTACH_VMM_H

#include "kernel.h"
#include "vmm.h"

/**
 * attach_vmm() - attach all vCPUs of a process, or none
 * @kernel: connection
 * @events: another one that has subscribed, or NULL: reasons are missing then
 * @partition: to this one
 * @vmm: the process; a guess receives what has turned out
 * @timeout_ns: how long each may take
 * @error: why not
 *
 * One that is there already stays.
 *
 * Return: 0 or -1.
 */
int attach_vmm(struct ps_kernel *kernel, struct ps_kernel *events, const char *partition,
	       struct vmm *vmm, uint64_t timeout_ns, struct ps_error *error);

#endif /* PARTCTL_ATTACH_VMM_H */
