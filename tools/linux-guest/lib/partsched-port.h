/* SPDX-License-Identifier: GPL-2.0 */
/*
 * partsched-port - ports of ARINC 653, for programs in a Linux guest
 *
 * Over /dev/uioN of the driver uio_partsched. Messages are read and written in
 * shared memory, without a system call, and nobody is waited for but in
 * partsched_port_wait(). C11 or C++; one thread at a time for each port.
 */
#ifndef PARTSCHED_PORT_H
#define PARTSCHED_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/partsched_doorbell.h>
#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "partsched-clock.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As long as a device's path may be. */
#define PARTSCHED_PORT_PATH	64
#define PARTSCHED_PORT_MAPS	3

/**
 * struct partsched_port - an open port; to be read only
 * @path: of its device
 * @page: what it is; @page->name + @page->port is its name
 * @end: the guest's end of the channel
 * @clock: the host's time
 * @fd: its device
 * @maps: what is mapped: data, page, ack
 * @sizes: bytes of each
 */
struct partsched_port {
	char path[PARTSCHED_PORT_PATH];
	const struct partsched_doorbell *page;
	struct partsched_channel_end end;
	struct partsched_clock clock;
	int fd;
	void *maps[PARTSCHED_PORT_MAPS];
	size_t sizes[PARTSCHED_PORT_MAPS];
};

/**
 * partsched_port_open() - open a port
 * @port: filled in
 * @name: its name, or the path of its device
 *
 * Goes on where the last one who had the port has stopped.
 *
 * Return: 0, or a negative error number: -ENOENT no such port, -EACCES no right to
 * the device, -ENODEV it is no port, -EPROTO its page contradicts its memory.
 */
int partsched_port_open(struct partsched_port *port, const char *name);

/**
 * partsched_port_open_in() - the same below other directories
 * @port: filled in
 * @class_dir: in place of /sys/class/uio
 * @dev_dir: in place of /dev
 * @name: as above
 *
 * Return: as above.
 */
int partsched_port_open_in(struct partsched_port *port, const char *class_dir,
			   const char *dev_dir, const char *name);

/**
 * partsched_port_close() - close a port
 * @port: open, or closed already
 */
void partsched_port_close(struct partsched_port *port);

/**
 * partsched_port_put() - write a sampling message, or send one to a queue
 * @port: a source
 * @message: the message
 * @length: its bytes
 *
 * Tells nobody, see partsched_port_kick().
 *
 * Return: see partsched_sampling_write() and partsched_queue_send();
 * PARTSCHED_GUEST_INVALID_CONFIG: the port is a destination.
 */
int partsched_port_put(struct partsched_port *port, const void *message, size_t length);

/**
 * partsched_port_get() - read a sampling message, or take one from a queue
 * @port: a destination
 * @buffer: as large as the port's longest message
 * @message: filled in
 *
 * Where the host's time is unknown, no message of a port with a refresh period is
 * valid.
 *
 * Return: see partsched_sampling_read() and partsched_queue_receive();
 * PARTSCHED_GUEST_INVALID_CONFIG: the port is a source.
 */
int partsched_port_get(struct partsched_port *port, void *buffer,
		       struct partsched_channel_message *message);

/**
 * partsched_port_kick() - tell all destinations that want to be told
 * @port: a source
 *
 * Return: 0, or a negative error number; -EOPNOTSUPP: the port has no kicks.
 */
int partsched_port_kick(const struct partsched_port *port);

/**
 * partsched_port_wait() - wait for a kick
 * @port: a destination
 * @timeout_ms: how long, -1: for ever
 *
 * A kick that came since the last wait ends it at once, so look at the port, and
 * wait if there is nothing: none is missed. There may be several messages for one
 * kick, and none if they were taken before.
 *
 * Return: 1 when there was one, 0 when time ran out or a signal came, or a negative
 * error number; -EOPNOTSUPP: the port has no kicks.
 */
int partsched_port_wait(const struct partsched_port *port, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif /* PARTSCHED_PORT_H */
