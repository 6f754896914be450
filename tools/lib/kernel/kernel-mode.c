// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-mode - operating modes of partitions, halting and going on
 */
#include "kernel-mode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

#define POLL_NS	10000000L

/* "partition "a"", for errors. */
struct subject {
	char text[4 * PARTSCHED_NAME_MAX + 16];
};

static const char *subject(struct subject *s, const char *name)
{
	snprintf(s->text, sizeof(s->text), "partition \"%s\"", PS_SAFE(name));
	return s->text;
}

static int parse_mode(struct nlattr **tb, void *arg)
{
	struct ps_mode_result *result = arg;

	result->before = ps_get_u32(tb, PARTSCHED_A_MODE);
	result->no_action = tb[PARTSCHED_A_NO_ACTION];
	return 0;
}

int ps_kernel_set_mode(struct ps_kernel *kernel, const char *name, uint32_t mode,
		       uint32_t requester, struct ps_mode_result *result, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_SET_MODE, 0);
	struct subject s;

	memset(result, 0, sizeof(*result));
	msg = ps_put_str(msg, PARTSCHED_A_PARTITION_NAME, name);
	msg = ps_put_u32(msg, PARTSCHED_A_MODE, mode);
	if (requester != PARTSCHED_BY_OPERATOR)
		msg = ps_put_u32(msg, PARTSCHED_A_REQUESTER, requester);
	return ps_request_run(kernel, msg, subject(&s, name), parse_mode, result, error);
}

static int parse_no_action(struct nlattr **tb, void *arg)
{
	*(bool *)arg = tb[PARTSCHED_A_NO_ACTION];
	return 0;
}

static int order(struct ps_kernel *kernel, int cmd, const char *name, bool *no_action,
		 struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, cmd, 0);
	struct subject s;

	*no_action = false;
	msg = ps_put_str(msg, PARTSCHED_A_PARTITION_NAME, name);
	return ps_request_run(kernel, msg, subject(&s, name), parse_no_action, no_action, error);
}

int ps_kernel_halt(struct ps_kernel *kernel, const char *name, bool *no_action,
		   struct ps_error *error)
{
	return order(kernel, PARTSCHED_CMD_HALT, name, no_action, error);
}

int ps_kernel_continue(struct ps_kernel *kernel, const char *name, bool *no_action,
		       struct ps_error *error)
{
	return order(kernel, PARTSCHED_CMD_CONTINUE, name, no_action, error);
}

int ps_kernel_partition(struct ps_kernel *kernel, const char *name,
			struct ps_partition_info *info, struct ps_error *error)
{
	struct ps_partition_info *list;
	size_t nr, i;

	if (ps_kernel_partitions(kernel, &list, &nr, error))
		return -1;
	for (i = 0; i < nr && strcmp(list[i].name, name); i++)
		;
	if (i < nr)
		*info = list[i];
	free(list);
	if (i == nr)
		return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			       "partition \"%s\": none of this name is in the plan in force",
			       PS_SAFE(name));
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int ps_kernel_wait_mode(struct ps_kernel *kernel, const char *name, uint32_t mode,
			uint64_t starts, uint64_t timeout_ns, struct ps_error *error)
{
	uint64_t began_ns = now_ns();
	struct ps_partition_info info;

	for (;;) {
		if (ps_kernel_partition(kernel, name, &info, error))
			return -1;
		if (info.mode == mode && info.nr_starts >= starts)
			return 0;
		if (mode != PARTSCHED_MODE_IDLE && info.mode == PARTSCHED_MODE_IDLE)
			return ps_fail(error, PS_EXIT_REFUSED, ECANCELED,
				       "partition \"%s\": has become idle instead of %s; partctl hm log says why",
				       PS_SAFE(name), ps_mode_name(mode));
		if (now_ns() - began_ns > timeout_ns)
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "partition \"%s\": is %s after %" PRIu64 " s, not %s%s",
				       PS_SAFE(name), ps_mode_name(info.mode),
				       timeout_ns / 1000000000, ps_mode_name(mode),
				       info.halted ? ": it is halted" : "");
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
}
