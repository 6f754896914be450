// SPDX-License-Identifier: GPL-2.0
/*
 * attach-vmm - all vCPU threads of a process put under the plan
 */
#include "attach-vmm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "kernel-mode.h"
#include "process.h"

/* the module decides first, so that its reason is what the user reads */
#define GRACE_NS	UINT64_C(500000000)
/* A vCPU that runs is seen at once; so long for a thread that may be none. */
#define GUESS_NS	UINT64_C(2000000000)
#define DETACH_NS	UINT64_C(5000000000)

static int begin(struct ps_kernel *kernel, const char *partition, const struct vmm *vmm,
		 const struct qmp_cpu *cpu, uint64_t timeout_ns, struct ps_attach_result *result,
		 struct ps_error *error)
{
	uint64_t ticks = process_start_ticks((pid_t)cpu->tid);

	if (!ticks || !process_has_thread(vmm->pid, (pid_t)cpu->tid))
		return ps_fail(error, PS_EXIT_REFUSED, ESRCH,
			       "process %d has no thread %" PRIu32 " (is it in another pid namespace?)",
			       (int)vmm->pid, cpu->tid);
	return ps_kernel_attach(kernel, partition, cpu->index, cpu->tid, ticks, timeout_ns, result,
				error);
}

/* As far as there are any, so that it is all or none. */
static void give_back(struct ps_kernel *kernel, const struct vmm *vmm, size_t nr)
{
	struct ps_attach_result result;
	size_t i;

	for (i = 0; i < nr; i++)
		ps_kernel_detach(kernel, NULL, 0, vmm->cpus[i].tid, &result, NULL);
}

static int attach_known(struct ps_kernel *kernel, struct ps_kernel *events, const char *partition,
			const struct vmm *vmm, uint64_t timeout_ns, struct ps_error *error)
{
	struct ps_attach_result result;
	size_t i;

	for (i = 0; i < vmm->nr; i++) {
		if (begin(kernel, partition, vmm, &vmm->cpus[i], timeout_ns, &result, error)) {
			give_back(kernel, vmm, i);
			return -1;
		}
	}
	for (i = 0; i < vmm->nr; i++) {
		if (ps_kernel_wait_attached(kernel, events, partition, vmm->cpus[i].index,
					    vmm->cpus[i].tid, timeout_ns + GRACE_NS, &result,
					    error)) {
			give_back(kernel, vmm, vmm->nr);
			return -1;
		}
	}
	return 0;
}

/*
 * Threads without names: each is tried, in the order in which they were made,
 * which is that of vCPUs. The module takes those that are seen in KVM_RUN.
 */
static int attach_guess(struct ps_kernel *kernel, struct ps_kernel *events, const char *partition,
			struct vmm *vmm, uint32_t nr_vcpus, struct ps_error *error)
{
	struct ps_attach_result result;
	size_t found = 0, i;

	for (i = 0; i < vmm->nr && found < nr_vcpus; i++) {
		struct qmp_cpu cpu = { (uint32_t)found, vmm->cpus[i].tid };

		if (begin(kernel, partition, vmm, &cpu, GUESS_NS, &result, error)) {
			/* a thread that has ended meanwhile, or that is none for us */
			if (error->err == ESRCH || error->err == EINVAL)
				continue;
			give_back(kernel, vmm, found);
			return -1;
		}
		if (!ps_kernel_wait_attached(kernel, events, partition, cpu.index, cpu.tid,
					     GUESS_NS + GRACE_NS, &result, error)) {
			vmm->cpus[found++] = cpu;
			continue;
		}
		/* it may have its place still, which is the next one's */
		ps_kernel_detach(kernel, NULL, 0, cpu.tid, &result, NULL);
		ps_kernel_wait_detached(kernel, NULL, PS_ALL_VCPUS, cpu.tid, DETACH_NS, NULL);
	}
	vmm->nr = found;
	if (found)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, ESRCH,
		       "process %d: none of its threads is a vCPU that runs its guest",
		       (int)vmm->pid);
}

static bool is_attached(const struct ps_vcpu_info *vcpus, size_t nr, const char *partition,
			const struct qmp_cpu *cpu)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (vcpus[i].vcpu == cpu->index && vcpus[i].tid == cpu->tid &&
		    vcpus[i].attach_state == PARTSCHED_ATTACH_ATTACHED &&
		    !strcmp(vcpus[i].partition, partition))
			return true;
	}
	return false;
}

/* What is where it is to be stays there: who asks may not know of it. */
static int find_missing(struct ps_kernel *kernel, const char *partition, const struct vmm *vmm,
			struct vmm *missing, struct ps_error *error)
{
	struct ps_vcpu_info *vcpus;
	size_t nr, i;

	*missing = (struct vmm){ .pid = vmm->pid };
	if (ps_kernel_vcpus(kernel, &vcpus, &nr, error))
		return -1;
	for (i = 0; i < vmm->nr; i++) {
		struct qmp_cpu *cpu;

		if (is_attached(vcpus, nr, partition, &vmm->cpus[i]))
			continue;
		cpu = ps_grow(&missing->cpus, &missing->nr, sizeof(*cpu));
		*cpu = vmm->cpus[i];
	}
	free(vcpus);
	return 0;
}

int attach_vmm(struct ps_kernel *kernel, struct ps_kernel *events, const char *partition,
	       struct vmm *vmm, uint64_t timeout_ns, struct ps_error *error)
{
	struct ps_partition_info info;
	struct vmm missing;
	size_t i;
	int rc;

	if (ps_kernel_partition(kernel, partition, &info, error))
		return -1;
	if (vmm->guess)
		return attach_guess(kernel, events, partition, vmm, info.nr_vcpus, error);
	for (i = 0; i < vmm->nr; i++) {
		if (vmm->cpus[i].index >= info.nr_vcpus)
			return ps_fail(error, PS_EXIT_REFUSED, ERANGE,
				       "process %d has a vCPU %" PRIu32 ", but partition \"%s\" has %" PRIu32 " in the plan",
				       (int)vmm->pid, vmm->cpus[i].index, PS_SAFE(partition),
				       info.nr_vcpus);
	}
	if (find_missing(kernel, partition, vmm, &missing, error))
		return -1;
	rc = attach_known(kernel, events, partition, &missing, timeout_ns, error);
	vmm_free(&missing);
	return rc;
}
