// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-attach - partctl attach: put a running vCPU thread under the plan
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "partctl.h"
#include "process.h"

#define NS_PER_S 1000000000ULL
/* the module decides first, so that its reason is what the user reads */
#define GRACE_NS 500000000ULL

int cmd_attach(const struct verb *verb, int argc, char **argv)
{
	const char *tid_text = NULL, *vcpu_text = "0", *timeout_text = "10";
	bool json = false;
	const struct option_spec specs[] = {
		{ "tid", 0, &tid_text, NULL },
		{ "vcpu", 0, &vcpu_text, NULL },
		{ "timeout", 0, &timeout_text, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_attach_result result;
	uint64_t timeout_ns, ticks;
	struct ps_kernel *kernel, *events;
	struct ps_error error;
	const char *partition;
	uint32_t vcpu, tid;
	struct out *out;
	int arg, rc;

	arg = verb_options(verb, argc, argv, specs);
	partition = argv[arg];
	if (!tid_text)
		usage_error(verb, "attach: which thread? give --tid TID");
	tid = (uint32_t)option_u64(verb, "--tid", tid_text, 1, INT32_MAX);
	vcpu = (uint32_t)option_u64(verb, "--vcpu", vcpu_text, 0, PARTSCHED_MAX_VCPUS - 1);
	timeout_ns = option_u64(verb, "--timeout", timeout_text, 1, 3600) * NS_PER_S;
	out = out_open(json, false);

	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	/* without events a refusal comes without its reason, but it comes */
	events = ps_kernel_open(NULL);
	if (events && ps_kernel_subscribe(events, NULL)) {
		ps_kernel_close(events);
		events = NULL;
	}
	/* a recycled number must not put somebody else's thread under the plan */
	ticks = process_start_ticks((pid_t)tid);
	if (!ticks) {
		ps_fail(&error, PS_EXIT_REFUSED, 0,
			"attach to partition \"%s\": there is no thread %" PRIu32,
			PS_SAFE(partition), tid);
		goto fail;
	}
	if (ps_kernel_attach(kernel, partition, vcpu, tid, ticks, timeout_ns, &result, &error))
		goto fail;
	if (result.state != PARTSCHED_ATTACH_ATTACHED &&
	    ps_kernel_wait_attached(kernel, events, partition, vcpu, tid, timeout_ns + GRACE_NS,
				    &result, &error))
		goto fail;
	ps_kernel_close(events);
	ps_kernel_close(kernel);
	out_text(out, "partition", NULL, partition);
	out_u64(out, "vcpu", NULL, vcpu);
	out_u64(out, "tid", NULL, tid);
	out_text(out, "state", NULL, ps_attach_state_name(result.state));
	out_say(out, "thread %" PRIu32 " attached to partition \"%s\", vCPU %" PRIu32, tid,
		PS_SAFE(partition), vcpu);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;

fail:
	rc = fail_with(&error);
	ps_kernel_close(events);
	ps_kernel_close(kernel);
	return rc;
}
