// SPDX-License-Identifier: GPL-2.0
/*
 * vmm - the vCPU threads of a virtual machine monitor that somebody else started
 */
#include "vmm.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "process.h"

#define QMP_MS	30000

static int by_index(const void *a, const void *b)
{
	const struct qmp_cpu *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

void vmm_free(struct vmm *vmm)
{
	free(vmm->cpus);
	memset(vmm, 0, sizeof(*vmm));
}

int vmm_of_qmp(const char *path, struct vmm *vmm, struct ps_error *error)
{
	struct json_object *data = NULL;
	struct qmp *qmp = qmp_open(path, error);
	int rc = -1;

	memset(vmm, 0, sizeof(*vmm));
	if (!qmp)
		return -1;
	vmm->pid = qmp_peer(qmp);
	if (!qmp_begin(qmp, QMP_MS, error) &&
	    !qmp_call(qmp, "query-cpus-fast", NULL, QMP_MS, &data, error))
		rc = qmp_cpus(data, &vmm->cpus, &vmm->nr, error);
	json_object_put(data);
	qmp_close(qmp);
	if (!rc)
		qsort(vmm->cpus, vmm->nr, sizeof(*vmm->cpus), by_index);
	return rc;
}

/* The number in "CPU 3/KVM", or -1. */
static long vcpu_of_name(pid_t pid, long tid)
{
	char path[64], name[32] = "", end;
	unsigned int index;
	FILE *file;
	int read;

	snprintf(path, sizeof(path), "/proc/%d/task/%ld/comm", (int)pid, tid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	read = fgets(name, sizeof(name), file) &&
	       sscanf(name, "CPU %5u/KV%c", &index, &end) == 2 && end == 'M';
	fclose(file);
	return read ? (long)index : -1;
}

static void add_cpu(struct vmm *vmm, uint32_t index, long tid)
{
	struct qmp_cpu *cpu = ps_grow(&vmm->cpus, &vmm->nr, sizeof(*cpu));

	cpu->index = index;
	cpu->tid = (uint32_t)tid;
}

int vmm_of_process(pid_t pid, struct vmm *vmm, struct ps_error *error)
{
	struct vmm others = { .pid = pid, .guess = true };
	struct dirent *entry;
	char path[64];
	long index, tid;
	DIR *dir;

	memset(vmm, 0, sizeof(*vmm));
	vmm->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "process %d: %s", (int)pid,
			       errno == ENOENT ? "there is none" : strerror(errno));
	while ((entry = readdir(dir))) {
		tid = strtol(entry->d_name, NULL, 10);
		if (tid < 1)
			continue;
		index = vcpu_of_name(pid, tid);
		if (index >= 0)
			add_cpu(vmm, (uint32_t)index, tid);
		else if (tid != pid)
			add_cpu(&others, 0, tid);
	}
	closedir(dir);
	if (!vmm->nr)
		*vmm = others;
	else
		vmm_free(&others);
	if (!vmm->nr)
		return ps_fail(error, PS_EXIT_REFUSED, ESRCH,
			       "process %d: has one thread only: it runs no guest", (int)pid);
	qsort(vmm->cpus, vmm->nr, sizeof(*vmm->cpus), by_index);
	return 0;
}
