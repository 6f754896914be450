/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port - what the files of "partctl port" share
 */
#ifndef PARTCTL_PORT_H
#define PARTCTL_PORT_H

#include <stdbool.h>

#include "kernel.h"
#include "partctl.h"

/**
 * struct port_call - one call of "partctl port"
 * @verb: for what is wrong with the command line
 * @out: the printer
 * @name: the port, PARTITION.PORT, or for "qemu" the partition; NULL for "list"
 * @socket: where QEMU is served
 * @dir: where QEMU finds sockets and pages
 * @slot: PCI slot of a partition's first port, 0: as usual
 * @text: the message to be written, NULL: standard input's
 * @timeout_ns: how long to wait for a message, or for room
 * @count: how many messages to watch, 0: without end
 * @raw: a message as it is
 * @hex: a message in hexadecimal digits
 */
struct port_call {
	const struct verb *verb;
	struct out *out;
	const char *name;
	const char *socket;
	const char *dir;
	unsigned int slot;
	const char *text;
	uint64_t timeout_ns;
	uint64_t count;
	bool raw;
	bool hex;
};

/**
 * port_list() - the ports of the plan in force
 * @list: receives them, to be freed; %NULL on failure
 * @nr: receives their number
 * @now_ns: receives the time, CLOCK_MONOTONIC
 * @error: why there is none
 *
 * Return: 0 or -1.
 */
int port_list(struct ps_port_info **list, size_t *nr, uint64_t *now_ns, struct ps_error *error);

/**
 * port_find() - the port that is meant
 * @call: names it
 * @port: filled in
 * @error: why there is none
 *
 * Return: 0 or -1.
 */
int port_find(const struct port_call *call, struct ps_port_info *port, struct ps_error *error);

/**
 * port_path() - path of a port's device
 * @port: the port
 *
 * Return: the path, to be freed.
 */
char *port_path(const struct ps_port_info *port);

/**
 * port_open() - open a port's device
 * @port: the port
 * @flags: of open()
 * @error: why that failed
 *
 * Return: the descriptor, or -1.
 */
int port_open(const struct ps_port_info *port, int flags, struct ps_error *error);

/* each prints what there is to say; exit status, or -1 with an error */
int port_read(const struct port_call *call, struct ps_error *error);
int port_watch(const struct port_call *call, struct ps_error *error);
int port_serve(const struct port_call *call, struct ps_error *error);
int port_qemu(const struct port_call *call, struct ps_error *error);
int port_write(const struct port_call *call, struct ps_error *error);

#endif /* PARTCTL_PORT_H */
