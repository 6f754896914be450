// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-detach - partctl detach: give vCPU threads back to the host's scheduler
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "follow.h"
#include "kernel.h"
#include "partctl.h"

#define NS_PER_S 1000000000ULL

int cmd_detach(const struct verb *verb, int argc, char **argv)
{
	const char *tid_text = NULL, *vcpu_text = NULL, *timeout_text = "10";
	bool json = false;
	const struct option_spec specs[] = {
		{ "tid", 0, &tid_text, NULL },
		{ "vcpu", 0, &vcpu_text, NULL },
		{ "timeout", 0, &timeout_text, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	uint32_t vcpu = PS_ALL_VCPUS, tid = 0;
	struct ps_attach_result result;
	const char *partition = NULL;
	struct ps_kernel *kernel;
	struct ps_error error;
	uint64_t timeout_ns;
	struct out *out;
	int arg, rc;

	arg = verb_options(verb, argc, argv, specs);
	if (arg < argc)
		partition = argv[arg];
	if (!partition == !tid_text)
		usage_error(verb, "detach: give either a partition or --tid TID");
	if (tid_text && vcpu_text)
		usage_error(verb, "detach: --vcpu goes with a partition, not with --tid");
	if (tid_text)
		tid = (uint32_t)option_u64(verb, "--tid", tid_text, 1, INT32_MAX);
	if (vcpu_text)
		vcpu = (uint32_t)option_u64(verb, "--vcpu", vcpu_text, 0, PARTSCHED_MAX_VCPUS - 1);
	timeout_ns = option_u64(verb, "--timeout", timeout_text, 1, 3600) * NS_PER_S;
	out = out_open(json, false);

	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	/* or new threads would be attached in their place */
	follow_forget(partition, tid);
	if (ps_kernel_detach(kernel, partition, vcpu, tid, &result, &error) ||
	    ps_kernel_wait_detached(kernel, partition, vcpu, tid, timeout_ns, &error)) {
		rc = fail_with(&error);
		ps_kernel_close(kernel);
		return rc;
	}
	ps_kernel_close(kernel);
	if (partition)
		out_text(out, "partition", NULL, partition);
	else
		out_u64(out, "tid", NULL, tid);
	out_text(out, "state", NULL, ps_attach_state_name(PARTSCHED_ATTACH_DETACHED));
	if (partition)
		out_say(out, "partition \"%s\": detached", PS_SAFE(partition));
	else
		out_say(out, "thread %" PRIu32 ": detached", tid);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}
