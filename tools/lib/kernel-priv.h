/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel-priv - shared by the files of the kernel layer only
 */
#ifndef PS_KERNEL_PRIV_H
#define PS_KERNEL_PRIV_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "kernel.h"

/**
 * struct ps_kernel - a connection
 * @sock: libnl's socket
 * @family: number of the family
 * @subscribed: joined the group of events
 */
struct ps_kernel {
	struct nl_sock *sock;
	int family;
	bool subscribed;
};

/**
 * typedef ps_parse_fn - turn one answer into a struct
 * @tb: attributes by number, PARTSCHED_A_MAX + 1 of them
 * @arg: the caller's
 *
 * Return: 0, or -1 when memory is exhausted.
 */
typedef int (*ps_parse_fn)(struct nlattr **tb, void *arg);

/**
 * ps_request_new() - begin a request
 * @kernel: connection
 * @cmd: enum partsched_cmd
 * @flags: NLM_F_*
 *
 * Return: the message, NULL when memory is exhausted.
 */
struct nl_msg *ps_request_new(struct ps_kernel *kernel, int cmd, int flags);

/**
 * ps_request_run() - send a request, parse the answers, wait for the end
 * @kernel: connection
 * @msg: the request; freed in any case. NULL is a failure (no memory)
 * @what: the object, for the error: "window 3 of schedule 1"
 * @parse: called for each answer, or NULL
 * @arg: its argument
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_request_run(struct ps_kernel *kernel, struct nl_msg *msg, const char *what,
		   ps_parse_fn parse, void *arg, struct ps_error *error);

/* Attributes that may be missing: 0 or "" then. */
uint32_t ps_get_u32(struct nlattr **tb, int attr);
uint64_t ps_get_u64(struct nlattr **tb, int attr);
void ps_get_str(struct nlattr **tb, int attr, char *buf, size_t size);

#endif /* PS_KERNEL_PRIV_H */
