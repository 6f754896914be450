// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "kernel-health.h"
#include "kernel-mode.h"
#include "report.h"

static int by_schedule_and_offset(const void *left, const void *right)
{
	const struct ps_window_info *a = left, *b = right;

	if (a->schedule_id != b->schedule_id)
		return a->schedule_id < b->schedule_id ? -1 : 1;
	if (a->offset_ns != b->offset_ns)
		return a->offset_ns < b->offset_ns ? -1 : 1;
	return (a->vcpu > b->vcpu) - (a->vcpu < b->vcpu);
}

/*
 * A thread of ours that shares a CPU with open windows (FIFO) would wait for
 * the slack each time it is needed: to stop the guest, to write its console.
 * Only a help: where it fails, the bounds of the stop still hold.
 */
static void leave_planned_cpus(const struct ps_window_info *windows, size_t nr)
{
	cpu_set_t set, left;

	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	left = set;
	for (size_t i = 0; i < nr; i++)
		if (windows[i].cpu < CPU_SETSIZE)
			CPU_CLR(windows[i].cpu, &left);
	if (CPU_COUNT(&left) && !CPU_EQUAL(&left, &set))
		sched_setaffinity(0, sizeof(left), &left);
}

static int find_partition(struct plan *plan, const char *name, struct ps_error *error)
{
	struct ps_partition_info *list;
	bool found = false;
	size_t nr;

	if (ps_kernel_partitions(plan->kernel, &list, &nr, error))
		return -1;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(list[i].name, name))
			continue;
		plan->partition = list[i];
		found = true;
	}
	free(list);
	if (!found)
		return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			       "--attach %s: the plan has no such partition (%zu others); see 'partctl status'",
			       PS_SAFE(name), nr);
	return 0;
}

static int read_windows(struct plan *plan, struct ps_error *error)
{
	struct ps_window_info *list;
	size_t nr, kept = 0;

	if (ps_kernel_windows(plan->kernel, &list, &nr, error))
		return -1;
	leave_planned_cpus(list, nr);
	for (size_t i = 0; i < nr; i++)
		if (list[i].partition_id == plan->partition.id)
			list[kept++] = list[i];
	if (kept)
		qsort(list, kept, sizeof(*list), by_schedule_and_offset);
	plan->windows = list;
	plan->nr_windows = kept;
	return 0;
}

int plan_read(struct plan *plan, const char *name)
{
	struct ps_error error = { };

	plan->kernel = ps_kernel_open(&error);
	if (!plan->kernel)
		goto failed;
	if (ps_kernel_module(plan->kernel, &plan->module, &error))
		goto failed;
	if (!plan->module.has_plan) {
		report_error("--attach %s: no plan is in force; load one with 'partctl load'",
			     PS_SAFE(name));
		return -1;
	}
	if (find_partition(plan, name, &error) || read_windows(plan, &error) ||
	    ps_kernel_ports(plan->kernel, &plan->ports, &plan->nr_ports, &error))
		goto failed;
	return 0;

failed:
	report_error("%s", error.text);
	return -1;
}

int plan_attach(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
		struct ps_error *error)
{
	struct ps_attach_result result;

	if (ps_kernel_attach(kernel, partition, vcpu, 0, 0, 0, &result, error))
		return -1;
	if (result.state == PARTSCHED_ATTACH_REFUSED)
		return ps_fail(error, PS_EXIT_REFUSED, 0, "the module refused: %s",
			       PS_SAFE(result.reason));
	return 0;
}

static const struct ps_vcpu_info *find_vcpu(const struct ps_vcpu_info *list, size_t nr,
					    const char *partition, uint32_t vcpu)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i].vcpu == vcpu && !strcmp(list[i].partition, partition))
			return &list[i];
	return NULL;
}

int plan_watch(struct plan *plan, const pid_t *tid, bool *attached, uint32_t nr_vcpus,
	       struct ps_error *error)
{
	struct ps_vcpu_info *list;
	int ret = 1;
	size_t nr;

	if (ps_kernel_vcpus(plan->kernel, &list, &nr, error))
		return -1;
	for (uint32_t i = 0; i < nr_vcpus && ret >= 0; i++) {
		const struct ps_vcpu_info *info;

		if (attached[i])
			continue;
		info = find_vcpu(list, nr, plan->partition.name, i);
		if (info && tid[i] && info->tid == (uint32_t)tid[i] &&
		    info->attach_state == PARTSCHED_ATTACH_ATTACHED) {
			attached[i] = true;
			continue;
		}
		ret = 0;
		if (!tid[i] || (info && info->tid == (uint32_t)tid[i] &&
				info->attach_state == PARTSCHED_ATTACH_PENDING))
			continue;
		ret = ps_fail(error, PS_EXIT_REFUSED, 0, "vCPU %u was not attached: %s", i,
			      info && info->reason[0] ? PS_SAFE(info->reason) :
			      "it left the plan before it was decided (a reload, or a detach?)");
	}
	free(list);
	return ret;
}

bool plan_has(struct plan *plan, uint32_t vcpu, pid_t tid, bool *attached)
{
	const struct ps_vcpu_info *info;
	struct ps_vcpu_info *list;
	bool has;
	size_t nr;

	if (!tid || ps_kernel_vcpus(plan->kernel, &list, &nr, NULL))
		return false;
	info = find_vcpu(list, nr, plan->partition.name, vcpu);
	has = info && info->tid == (uint32_t)tid &&
	      (info->attach_state == PARTSCHED_ATTACH_PENDING ||
	       info->attach_state == PARTSCHED_ATTACH_ATTACHED);
	if (attached && has)
		*attached |= info->attach_state == PARTSCHED_ATTACH_ATTACHED;
	free(list);
	return has;
}

void plan_fail(struct plan *plan)
{
	const struct ps_error_report report = {
		.partition = plan->partition.name,
		.source = PARTSCHED_ERROR_START,
		.reason = "its launcher cannot start the guest; its log says why",
	};
	struct ps_error_answer answer;
	struct ps_vcpu_info *list;
	bool taken = false;
	size_t nr;

	if (ps_kernel_vcpus(plan->kernel, &list, &nr, NULL))
		return;
	for (size_t i = 0; i < nr; i++)
		taken |= list[i].tid && !strcmp(list[i].partition, plan->partition.name);
	free(list);
	if (!taken)
		ps_kernel_raise_error(plan->kernel, &report, &answer, NULL);
}

void plan_leave(struct plan *plan)
{
	struct ps_mode_result result;
	struct ps_error error = { };

	/* idle already, or no plan any more: nobody is waiting for us then */
	ps_kernel_set_mode(plan->kernel, plan->partition.name, PARTSCHED_MODE_IDLE,
			   PARTSCHED_BY_PARTITION, &result, &error);
}
