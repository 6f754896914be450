// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-schedule - a change to another schedule of the plan in force
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

/* A request that was replaced is noticed after this long at the latest. */
#define LONG_STEP_NS	200000000ULL
/* How often to look once the instant has come. */
#define SHORT_STEP_NS	2000000ULL

static int parse_change(struct nlattr **tb, void *arg)
{
	struct ps_change_result *result = arg;

	result->epoch_ns = ps_get_u64(tb, PARTSCHED_A_EPOCH_NS);
	result->no_action = tb[PARTSCHED_A_NO_ACTION];
	return 0;
}

int ps_kernel_change_schedule(struct ps_kernel *kernel, uint32_t id,
			      struct ps_change_result *result, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_SET_SCHEDULE, 0);
	char what[40];

	if (msg && nla_put_u32(msg, PARTSCHED_A_SCHEDULE_ID, id)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	snprintf(what, sizeof(what), "schedule %" PRIu32, id);
	return ps_request_run(kernel, msg, what, parse_change, result, error);
}

int ps_kernel_wait_schedule(struct ps_kernel *kernel, uint32_t id, uint64_t epoch_ns,
			    uint64_t timeout_ns, struct ps_error *error)
{
	struct ps_module_info info;
	uint64_t step_ns;

	for (;;) {
		if (ps_kernel_module(kernel, &info, error))
			return -1;
		if (info.has_plan && info.schedule_id == id && info.epoch_ns == epoch_ns)
			return 0;
		if (!info.has_plan || info.next_schedule_id != id ||
		    info.next_epoch_ns != epoch_ns)
			return ps_fail(error, PS_EXIT_REFUSED, ECANCELED,
				       "schedule %" PRIu32 ": something else was asked for meanwhile",
				       id);
		if (info.now_ns > epoch_ns && info.now_ns - epoch_ns > timeout_ns)
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "schedule %" PRIu32 ": its instant is past, and not all CPUs run it",
				       id);
		step_ns = SHORT_STEP_NS;
		if (epoch_ns > info.now_ns + step_ns)
			step_ns = epoch_ns - info.now_ns;
		if (step_ns > LONG_STEP_NS)
			step_ns = LONG_STEP_NS;
		nanosleep(&(struct timespec){ .tv_nsec = (long)step_ns }, NULL);
	}
}
