// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-event - the group of events
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "kernel-priv.h"

int ps_kernel_subscribe(struct ps_kernel *kernel, struct ps_error *error)
{
	int group = genl_ctrl_resolve_grp(kernel->sock, PARTSCHED_GENL_NAME,
					  PARTSCHED_GENL_MCGRP_EVENTS);
	int rc;

	if (group < 0)
		return ps_fail(error, PS_EXIT_REFUSED, EPROTO,
			       "the module has no group of events: %s", nl_geterror(group));
	rc = nl_socket_add_membership(kernel->sock, group);
	if (rc < 0) {
		bool rights = rc == -NLE_PERM || rc == -NLE_NOACCESS;

		return ps_fail(error, rights ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED,
			       rights ? EPERM : EIO, "events: %s%s", nl_geterror(rc),
			       rights ? "; following events needs CAP_NET_ADMIN" : "");
	}
	kernel->subscribed = true;
	return 0;
}

/* What the callback hands over. */
struct taken {
	int family;
	struct ps_event *event;
	bool done;
};

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[PARTSCHED_A_MAX + 1];
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct taken *taken = arg;
	struct ps_event *event = taken->event;

	if (nlh->nlmsg_type != taken->family || !genlmsg_valid_hdr(nlh, 0) ||
	    genlmsg_hdr(nlh)->cmd != PARTSCHED_CMD_EVENT ||
	    genlmsg_parse(nlh, 0, tb, PARTSCHED_A_MAX, NULL) < 0)
		return NL_SKIP;
	memset(event, 0, sizeof(*event));
	event->type = ps_get_u32(tb, PARTSCHED_A_EVENT_TYPE);
	event->time_ns = ps_get_u64(tb, PARTSCHED_A_TIME_NS);
	ps_get_str(tb, PARTSCHED_A_PARTITION_NAME, event->partition, sizeof(event->partition));
	event->has_vcpu = tb[PARTSCHED_A_VCPU];
	event->vcpu = ps_get_u32(tb, PARTSCHED_A_VCPU);
	event->has_cpu = tb[PARTSCHED_A_CPU];
	event->cpu = ps_get_u32(tb, PARTSCHED_A_CPU);
	event->tid = ps_get_u32(tb, PARTSCHED_A_TID);
	event->count = ps_get_u64(tb, PARTSCHED_A_COUNT);
	event->generation = ps_get_u32(tb, PARTSCHED_A_GENERATION);
	ps_get_str(tb, PARTSCHED_A_REASON, event->reason, sizeof(event->reason));
	event->has_schedule = tb[PARTSCHED_A_SCHEDULE_ID];
	event->schedule_id = ps_get_u32(tb, PARTSCHED_A_SCHEDULE_ID);
	event->epoch_ns = ps_get_u64(tb, PARTSCHED_A_EPOCH_NS);
	event->change_action = ps_get_u32(tb, PARTSCHED_A_CHANGE_ACTION);
	event->step_ns = (int64_t)ps_get_u64(tb, PARTSCHED_A_LAST_STEP_NS);
	event->mode = ps_get_u32(tb, PARTSCHED_A_MODE);
	event->start_condition = ps_get_u32(tb, PARTSCHED_A_START_CONDITION);
	ps_hm_entry_parse(tb, &event->error);
	taken->done = true;
	return NL_STOP;
}

/* Events carry the sequence number of nobody's request. */
static int any_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

int ps_kernel_event_fd(const struct ps_kernel *kernel)
{
	return nl_socket_get_fd(kernel->sock);
}

int ps_kernel_event(struct ps_kernel *kernel, int timeout_ms, struct ps_event *event,
		    struct ps_error *error)
{
	struct taken taken = { .family = kernel->family, .event = event };
	struct pollfd pfd = { .fd = nl_socket_get_fd(kernel->sock), .events = POLLIN };
	struct nl_cb *cb;
	int rc;

	while (!taken.done) {
		rc = poll(&pfd, 1, timeout_ms);
		if (rc == 0 || (rc < 0 && errno == EINTR))
			return 0;
		if (rc < 0)
			return ps_fail(error, PS_EXIT_REFUSED, errno, "events: %s",
				       strerror(errno));
		cb = nl_cb_alloc(NL_CB_DEFAULT);
		if (!cb)
			return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "events: out of memory");
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, &taken);
		nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_sequence, NULL);
		/* one datagram, one event: the module never batches them */
		rc = nl_recvmsgs(kernel->sock, cb);
		nl_cb_put(cb);
		if (rc == -NLE_NOMEM || rc == -NLE_MSG_OVERFLOW)
			return ps_fail(error, PS_EXIT_REFUSED, ENOBUFS,
				       "events were lost: they came faster than they were read");
		if (rc < 0)
			return ps_fail(error, PS_EXIT_REFUSED, EIO, "events: %s",
				       nl_geterror(rc));
	}
	return 1;
}
