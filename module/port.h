/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports as devices: the nodes in /dev/partsched. See port.c.
 */
#ifndef PARTSCHED_PORT_H
#define PARTSCHED_PORT_H

#include <linux/fs.h>
#include <linux/types.h>

struct ps_channel;
struct ps_draft;

/**
 * struct ps_port - which memory of which channel, and for which end
 * @channel: with a reference; NULL: none
 * @end: index of the end, 0: the source
 * @ack: the memory that the destination writes; otherwise the source's
 */
struct ps_port {
	struct ps_channel *channel;
	u32 end;
	bool ack;
};

/* Whether the end may write this memory. */
static inline bool ps_port_writable(const struct ps_port *port)
{
	return port->ack == (port->end != 0);
}

/* port.c: the nodes */
void ps_port_begin(void);
void ps_port_end(void);
int ps_port_prepare(const struct ps_draft *draft);
void ps_port_commit(void);
void ps_port_abort(void);
void ps_port_update(void);
int ps_port_find(unsigned int minor, struct ps_port *port);
int ps_port_init(void);
void ps_port_exit(void);

/* port-file.c: what is opened by them */
extern const struct file_operations ps_port_fops;

#endif /* PARTSCHED_PORT_H */
