/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel-priv - shared by the files of the kernel layer only
 */
#ifndef PS_KERNEL_PRIV_H
#define PS_KERNEL_PRIV_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "kernel-health.h"
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

/* Requests that go out together, and their bytes. */
#define PS_BATCH_MAX	512
#define PS_BATCH_BYTES	32768

/**
 * struct ps_batch - requests that go out together
 * @nr: how many
 * @len: their bytes
 * @bytes: one after the other
 *
 * The kernel takes them in order, and says something about those that it
 * refuses and about the last one only: a fraction of the system calls, and of
 * the waiting, of one request at a time.
 */
struct ps_batch {
	uint32_t nr;
	uint32_t len;
	char bytes[PS_BATCH_BYTES] __attribute__((aligned(8)));
};

/**
 * ps_batch_add() - add a request
 * @kernel: connection
 * @batch: the batch
 * @msg: the request; freed if it was added
 *
 * Return: false when the batch is full: to be run first.
 */
bool ps_batch_add(struct ps_kernel *kernel, struct ps_batch *batch, struct nl_msg *msg);

/**
 * ps_batch_run() - send all requests of a batch, wait for the end, empty it
 * @kernel: connection
 * @batch: the batch
 * @what: names the object of a request by its place in the batch, for the error
 * @arg: its argument
 * @error: why not: about the first request that was refused. Those behind it
 *	have been tried, too
 *
 * Return: 0 or -1.
 */
int ps_batch_run(struct ps_kernel *kernel, struct ps_batch *batch,
		 const char *(*what)(uint32_t place, void *arg), void *arg,
		 struct ps_error *error);

/**
 * struct ps_list - an array that a dump fills, one member an answer
 * @items: the members
 * @nr: number of them
 * @room: how many there is room for
 * @size: bytes of one
 */
struct ps_list {
	void *items;
	size_t nr;
	size_t room;
	size_t size;
};

/**
 * ps_list_add() - another member
 * @list: the list
 *
 * Return: the member, zeroed; NULL when memory is exhausted.
 */
void *ps_list_add(struct ps_list *list);

/**
 * ps_dump() - run a dump
 * @kernel: connection
 * @cmd: enum partsched_cmd
 * @what: the list, for the error
 * @size: bytes of a member
 * @parse: called for each answer with the struct ps_list
 * @items: receives the members, to be freed; NULL on failure
 * @nr: receives their number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_dump(struct ps_kernel *kernel, int cmd, const char *what, size_t size,
	    ps_parse_fn parse, void **items, size_t *nr, struct ps_error *error);

/**
 * ps_hm_entry_parse() - an entry of the health monitor's log, or an event of one
 * @tb: attributes by number
 * @entry: receives it
 */
void ps_hm_entry_parse(struct nlattr **tb, struct ps_hm_entry *entry);

/*
 * Add an attribute to a request, which may be NULL already; when there is no
 * room it is freed, and NULL comes back. A flag that is false is left out.
 */
struct nl_msg *ps_put_u32(struct nl_msg *msg, int attr, uint32_t value);
struct nl_msg *ps_put_u64(struct nl_msg *msg, int attr, uint64_t value);
struct nl_msg *ps_put_str(struct nl_msg *msg, int attr, const char *value);
struct nl_msg *ps_put_flag(struct nl_msg *msg, int attr, bool value);

/* Attributes that may be missing: 0 or "" then. */
uint32_t ps_get_u32(struct nlattr **tb, int attr);
uint64_t ps_get_u64(struct nlattr **tb, int attr);
void ps_get_str(struct nlattr **tb, int attr, char *buf, size_t size);

#endif /* PS_KERNEL_PRIV_H */
