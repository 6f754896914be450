// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-attach - partctl attach: put running vCPU threads under the plan
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "attach-vmm.h"
#include "follow.h"
#include "kernel.h"
#include "partctl.h"
#include "process.h"
#include "supervise.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define NS_PER_S 1000000000ULL

/* What is attached to what. */
struct order {
	const char *partition;
	const char *tid, *vcpu, *qmp, *pid, *domain;
	uint64_t timeout_ns;
	struct ps_kernel *kernel, *events;
};

/* One thread, which is named. */
static int of_thread(const struct verb *verb, const struct order *order, struct vmm *vmm,
		     struct ps_error *error)
{
	struct qmp_cpu *cpu = ps_grow(&vmm->cpus, &vmm->nr, sizeof(*cpu));

	cpu->tid = (uint32_t)option_u64(verb, "--tid", order->tid, 1, INT32_MAX);
	cpu->index = (uint32_t)option_u64(verb, "--vcpu", order->vcpu ? order->vcpu : "0", 0,
					  PARTSCHED_MAX_VCPUS - 1);
	vmm->pid = process_of_thread((pid_t)cpu->tid);
	if (vmm->pid)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, 0,
		       "attach to partition \"%s\": there is no thread %" PRIu32,
		       PS_SAFE(order->partition), cpu->tid);
}

static int find(const struct verb *verb, const struct order *order, struct vmm *vmm,
		struct ps_error *error)
{
	if (order->qmp)
		return vmm_of_qmp(order->qmp, vmm, error);
	if (order->domain)
		return vmm_of_domain(order->domain, vmm, error);
	if (order->pid)
		return vmm_of_process((pid_t)option_u64(verb, "--pid", order->pid, 1, INT32_MAX),
				      vmm, error);
	return of_thread(verb, order, vmm, error);
}

/* vCPUs that come later are attached by whoever supervises. */
static void follow(const struct order *order, const struct vmm *vmm)
{
	struct ps_error error;

	if (order->tid || vmm->guess)
		return;
	if (follow_remember(order->partition, vmm->pid, &error) || supervise_ensure(&error))
		fprintf(stderr, "partctl: %s; vCPUs that are plugged later are not attached\n",
			error.text);
}

static int report(struct out *out, const struct order *order, const struct vmm *vmm)
{
	static const struct out_column columns[] = {
		{ "vcpu", "VCPU", true, false },
		{ "tid", "TID", true, false },
	};
	size_t i;

	out_text(out, "partition", NULL, order->partition);
	if (order->tid) {
		out_u64(out, "vcpu", NULL, vmm->cpus[0].index);
		out_u64(out, "tid", NULL, vmm->cpus[0].tid);
		out_text(out, "state", NULL, ps_attach_state_name(PARTSCHED_ATTACH_ATTACHED));
		out_say(out, "thread %" PRIu32 " attached to partition \"%s\", vCPU %" PRIu32,
			vmm->cpus[0].tid, PS_SAFE(order->partition), vmm->cpus[0].index);
		return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
	}
	out_u64(out, "pid", NULL, (uint64_t)vmm->pid);
	out_text(out, "state", NULL, ps_attach_state_name(PARTSCHED_ATTACH_ATTACHED));
	out_say(out, "process %d attached to partition \"%s\"", (int)vmm->pid,
		PS_SAFE(order->partition));
	out_list(out, "vcpus", "vCPUs", columns, NR(columns));
	for (i = 0; i < vmm->nr; i++) {
		out_cell_u64(out, vmm->cpus[i].index);
		out_cell_u64(out, vmm->cpus[i].tid);
		out_row(out);
	}
	out_list_end(out);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

static int attach(const struct verb *verb, struct order *order, struct vmm *vmm,
		  struct ps_error *error)
{
	order->kernel = ps_kernel_open(error);
	if (!order->kernel)
		return -1;
	/* without events a refusal comes without its reason, but it comes */
	order->events = ps_kernel_open(NULL);
	if (order->events && ps_kernel_subscribe(order->events, NULL)) {
		ps_kernel_close(order->events);
		order->events = NULL;
	}
	if (find(verb, order, vmm, error) ||
	    attach_vmm(order->kernel, order->events, order->partition, vmm, order->timeout_ns,
		       error))
		return -1;
	follow(order, vmm);
	return 0;
}

int cmd_attach(const struct verb *verb, int argc, char **argv)
{
	const char *timeout = "10";
	struct order order = { 0 };
	bool json = false;
	const struct option_spec specs[] = {
		{ "tid", 0, &order.tid, NULL },
		{ "vcpu", 0, &order.vcpu, NULL },
		{ "qmp", 0, &order.qmp, NULL },
		{ "pid", 0, &order.pid, NULL },
		{ "libvirt", 0, &order.domain, NULL },
		{ "timeout", 0, &timeout, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct vmm vmm = { 0 };
	struct ps_error error;
	struct out *out;
	int rc;

	order.partition = argv[verb_options(verb, argc, argv, specs)];
	if (!!order.tid + !!order.qmp + !!order.pid + !!order.domain != 1)
		usage_error(verb, "attach: which threads? give one of --qmp, --pid, --libvirt and --tid");
	if (order.vcpu && !order.tid)
		usage_error(verb, "attach: --vcpu goes with --tid");
	order.timeout_ns = option_u64(verb, "--timeout", timeout, 1, 3600) * NS_PER_S;
	out = out_open(json, false);
	rc = attach(verb, &order, &vmm, &error) ? fail_with(&error) : report(out, &order, &vmm);
	vmm_free(&vmm);
	ps_kernel_close(order.events);
	ps_kernel_close(order.kernel);
	return rc;
}
