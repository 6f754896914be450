// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-attach - threads put under the plan and given back
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

#define POLL_NS 5000000
/* how long the event that belongs to a state may come after it */
#define LAST_WORDS_MS 200

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void pause_poll(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
}

static int parse_result(struct nlattr **tb, void *arg)
{
	struct ps_attach_result *result = arg;

	result->vcpu_id = ps_get_u32(tb, PARTSCHED_A_VCPU_ID);
	result->state = ps_get_u32(tb, PARTSCHED_A_ATTACH_STATE);
	result->tid = ps_get_u32(tb, PARTSCHED_A_TID);
	ps_get_str(tb, PARTSCHED_A_REASON, result->reason, sizeof(result->reason));
	return 0;
}

int ps_kernel_attach(struct ps_kernel *kernel, const char *partition, uint32_t vcpu, uint32_t tid,
		     uint64_t start_ticks, uint64_t timeout_ns, struct ps_attach_result *result,
		     struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_ATTACH, 0);
	char what[400];

	memset(result, 0, sizeof(*result));
	if (msg && (nla_put_string(msg, PARTSCHED_A_PARTITION_NAME, partition) ||
		    nla_put_u32(msg, PARTSCHED_A_VCPU, vcpu) ||
		    (tid && nla_put_u32(msg, PARTSCHED_A_TID, tid)) ||
		    (start_ticks && nla_put_u64(msg, PARTSCHED_A_START_TICKS, start_ticks)) ||
		    (timeout_ns && nla_put_u64(msg, PARTSCHED_A_TIMEOUT_NS, timeout_ns)))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	snprintf(what, sizeof(what), "attach to partition \"%s\", vCPU %" PRIu32,
		 PS_SAFE(partition), vcpu);
	if (tid)
		snprintf(what + strlen(what), sizeof(what) - strlen(what), ", thread %" PRIu32,
			 tid);
	return ps_request_run(kernel, msg, what, parse_result, result, error);
}

/* Read the vCPU's present state; tid 0 and state 0 if it is not in the plan. */
static int vcpu_state(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
		      struct ps_vcpu_info *found, struct ps_error *error)
{
	struct ps_vcpu_info *list;
	size_t nr, i;

	memset(found, 0, sizeof(*found));
	if (ps_kernel_vcpus(kernel, &list, &nr, error))
		return -1;
	for (i = 0; i < nr; i++) {
		if (list[i].vcpu == vcpu && !strcmp(list[i].partition, partition))
			*found = list[i];
	}
	free(list);
	return 0;
}

/*
 * Look through the events that have come for the refusal of this thread.
 * Waits @timeout_ms for each. True: refused, and @reason says why.
 */
static bool refusal(struct ps_kernel *events, const char *partition, uint32_t vcpu, uint32_t tid,
		    int timeout_ms, char *reason, size_t size)
{
	struct ps_event event;

	while (events && ps_kernel_event(events, timeout_ms, &event, NULL) > 0) {
		if (event.tid != tid || event.vcpu != vcpu || strcmp(event.partition, partition))
			continue;
		if (event.type == PARTSCHED_EVENT_REFUSED ||
		    event.type == PARTSCHED_EVENT_DETACHED) {
			snprintf(reason, size, "%s", event.reason);
			return true;
		}
	}
	return false;
}

int ps_kernel_wait_attached(struct ps_kernel *kernel, struct ps_kernel *events,
			    const char *partition, uint32_t vcpu, uint32_t tid,
			    uint64_t timeout_ns, struct ps_attach_result *result,
			    struct ps_error *error)
{
	uint64_t deadline = now_ns() + timeout_ns;
	struct ps_vcpu_info info;

	for (;;) {
		if (vcpu_state(kernel, partition, vcpu, &info, error))
			return -1;
		/* the state of another thread's attachment says nothing of ours */
		if (info.tid == tid || !info.tid) {
			result->state = info.attach_state;
			snprintf(result->reason, sizeof(result->reason), "%s", info.reason);
		}
		if (info.tid == tid && info.attach_state == PARTSCHED_ATTACH_ATTACHED) {
			result->vcpu_id = info.vcpu_id;
			result->tid = tid;
			return 0;
		}
		if (info.tid != tid || info.attach_state != PARTSCHED_ATTACH_PENDING) {
			if (!result->reason[0])
				refusal(events, partition, vcpu, tid, LAST_WORDS_MS,
					result->reason, sizeof(result->reason));
			result->state = PARTSCHED_ATTACH_REFUSED;
			return ps_fail(error, PS_EXIT_REFUSED, EINVAL,
				       "thread %" PRIu32 " was not attached to partition \"%s\", vCPU %" PRIu32 ": %s",
				       tid, PS_SAFE(partition), vcpu,
				       result->reason[0] ? PS_SAFE(result->reason) :
				       "it is no longer waiting (did it end, or was the plan unloaded?)");
		}
		if (now_ns() >= deadline) {
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "thread %" PRIu32 " is still waiting to be attached to partition \"%s\", vCPU %" PRIu32 "; is it a vCPU thread that runs its guest?",
				       tid, PS_SAFE(partition), vcpu);
		}
		pause_poll();
	}
}

int ps_kernel_detach(struct ps_kernel *kernel, const char *partition, uint32_t vcpu, uint32_t tid,
		     struct ps_attach_result *result, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_DETACH, 0);
	char what[400];
	bool failed;

	memset(result, 0, sizeof(*result));
	if (partition) {
		failed = msg && (nla_put_string(msg, PARTSCHED_A_PARTITION_NAME, partition) ||
				 (vcpu != PS_ALL_VCPUS &&
				  nla_put_u32(msg, PARTSCHED_A_VCPU, vcpu)));
		snprintf(what, sizeof(what), "detach from partition \"%s\"", PS_SAFE(partition));
	} else {
		failed = msg && nla_put_u32(msg, PARTSCHED_A_TID, tid);
		snprintf(what, sizeof(what), "detach of thread %" PRIu32, tid);
	}
	if (failed) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return ps_request_run(kernel, msg, what, parse_result, result, error);
}

int ps_kernel_replace(struct ps_kernel *kernel, const char *partition, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_DETACH, 0);
	struct ps_attach_result result;
	char what[400];

	if (msg && (nla_put_string(msg, PARTSCHED_A_PARTITION_NAME, partition) ||
		    nla_put_flag(msg, PARTSCHED_A_REPLACED))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	snprintf(what, sizeof(what), "replace the launcher of partition \"%s\"",
		 PS_SAFE(partition));
	return ps_request_run(kernel, msg, what, parse_result, &result, error);
}

/* Is this vCPU one that a wait is about, with a thread still in the plan? */
static bool still_there(const struct ps_vcpu_info *info, const char *partition, uint32_t vcpu,
			uint32_t tid)
{
	if (!info->tid || info->attach_state == PARTSCHED_ATTACH_DETACHED ||
	    info->attach_state == PARTSCHED_ATTACH_REFUSED)
		return false;
	if (!partition)
		return info->tid == tid;
	return !strcmp(info->partition, partition) &&
	       (vcpu == PS_ALL_VCPUS || info->vcpu == vcpu);
}

int ps_kernel_wait_detached(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
			    uint32_t tid, uint64_t timeout_ns, struct ps_error *error)
{
	uint64_t deadline = now_ns() + timeout_ns;
	struct ps_vcpu_info *list, left;
	size_t nr, i;

	for (;;) {
		memset(&left, 0, sizeof(left));
		if (ps_kernel_vcpus(kernel, &list, &nr, error))
			return -1;
		for (i = 0; i < nr; i++) {
			if (still_there(&list[i], partition, vcpu, tid))
				left = list[i];
		}
		free(list);
		if (!left.tid)
			return 0;
		if (now_ns() >= deadline) {
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "thread %" PRIu32 " (%s) of partition \"%s\", vCPU %" PRIu32 " is still %s; it leaves the plan when it next passes the gate",
				       left.tid, PS_SAFE(left.comm), PS_SAFE(left.partition),
				       left.vcpu, ps_attach_state_name(left.attach_state));
		}
		pause_poll();
	}
}
