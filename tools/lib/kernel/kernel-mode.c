// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-mode - operating modes of partitions
 */
#include <stdio.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

static int parse_mode(struct nlattr **tb, void *arg)
{
	struct ps_mode_result *result = arg;

	result->before = ps_get_u32(tb, PARTSCHED_A_MODE);
	result->no_action = tb[PARTSCHED_A_NO_ACTION];
	return 0;
}

int ps_kernel_set_mode(struct ps_kernel *kernel, const char *partition, uint32_t mode,
		       uint32_t requester, struct ps_mode_result *result, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_SET_MODE, 0);
	char what[400];

	memset(result, 0, sizeof(*result));
	if (msg && (nla_put_string(msg, PARTSCHED_A_PARTITION_NAME, partition) ||
		    nla_put_u32(msg, PARTSCHED_A_MODE, mode) ||
		    (requester != PARTSCHED_BY_OPERATOR &&
		     nla_put_u32(msg, PARTSCHED_A_REQUESTER, requester)))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	snprintf(what, sizeof(what), "mode %s of partition \"%s\"", ps_mode_name(mode),
		 PS_SAFE(partition));
	return ps_request_run(kernel, msg, what, parse_mode, result, error);
}
