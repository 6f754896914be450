// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-health - errors told to the health monitor
 */
#include <stdio.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

static int put_report(struct nl_msg *msg, const struct ps_error_report *report)
{
	if (nla_put_string(msg, PARTSCHED_A_PARTITION_NAME, report->partition))
		return -1;
	if (report->source != PARTSCHED_ERROR_OTHER ?
	    nla_put_u32(msg, PARTSCHED_A_ERROR_SOURCE, report->source) :
	    nla_put_u32(msg, PARTSCHED_A_ERROR_ID, report->id))
		return -1;
	if (report->code && nla_put_u32(msg, PARTSCHED_A_ERROR_CODE, report->code))
		return -1;
	if (report->has_vcpu && nla_put_u32(msg, PARTSCHED_A_VCPU, report->vcpu))
		return -1;
	if (report->has_address && nla_put_u64(msg, PARTSCHED_A_ADDRESS, report->address))
		return -1;
	if (report->reason && nla_put_string(msg, PARTSCHED_A_REASON, report->reason))
		return -1;
	return report->injected ? nla_put_flag(msg, PARTSCHED_A_INJECTED) : 0;
}

static int parse_answer(struct nlattr **tb, void *arg)
{
	struct ps_error_answer *answer = arg;

	answer->id = ps_get_u32(tb, PARTSCHED_A_ERROR_ID);
	answer->level = ps_get_u32(tb, PARTSCHED_A_ERROR_LEVEL);
	answer->action = ps_get_u32(tb, PARTSCHED_A_HM_ACTION);
	return 0;
}

int ps_kernel_raise_error(struct ps_kernel *kernel, const struct ps_error_report *report,
			  struct ps_error_answer *answer, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_RAISE_ERROR, 0);
	char what[400];

	memset(answer, 0, sizeof(*answer));
	if (msg && put_report(msg, report)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	snprintf(what, sizeof(what), "error of partition \"%s\"", PS_SAFE(report->partition));
	return ps_request_run(kernel, msg, what, parse_answer, answer, error);
}
