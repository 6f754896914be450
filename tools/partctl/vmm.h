/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vmm - the vCPU threads of a virtual machine monitor that somebody else started
 */
#ifndef PARTCTL_VMM_H
#define PARTCTL_VMM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "qmp.h"

/**
 * struct vmm - a process and its vCPU threads
 * @pid: the process
 * @cpus: its vCPUs, each once
 * @nr: number of them
 * @guess: threads without names, any of which may be a vCPU: their indices say
 *	nothing
 */
struct vmm {
	pid_t pid;
	struct qmp_cpu *cpus;
	size_t nr;
	bool guess;
};

/**
 * vmm_of_qmp() - by asking a QEMU
 * @path: its QMP socket
 * @vmm: receives it
 * @error: why not
 *
 * Return: 0 or -1.
 */
int vmm_of_qmp(const char *path, struct vmm *vmm, struct ps_error *error);

/**
 * vmm_of_process() - by the names of its threads, as QEMU and libvirt give them
 * @pid: the process
 * @vmm: receives it; where no name is one of a vCPU, all threads but the first
 * @error: why not
 *
 * Return: 0 or -1.
 */
int vmm_of_process(pid_t pid, struct vmm *vmm, struct ps_error *error);

/**
 * vmm_of_domain() - by libvirt's files, or else by asking it
 * @name: of the domain
 * @vmm: receives it
 * @error: why not
 *
 * Return: 0 or -1.
 */
int vmm_of_domain(const char *name, struct vmm *vmm, struct ps_error *error);

/**
 * vmm_free() - free what it holds
 * @vmm: it
 */
void vmm_free(struct vmm *vmm);

#endif /* PARTCTL_VMM_H */
