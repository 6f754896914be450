/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port - ports of ARINC 653 in a guest; freestanding
 *
 * What a port is stands in the information page. Each function takes a bounded
 * time and leaves the guest for nobody; only a kick is an exit, and a short one.
 */
#ifndef GUEST_PORT_H
#define GUEST_PORT_H

#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "guest.h"

/**
 * struct guest_port - an open port
 * @info: the information page
 * @channel: its entry in the channel table
 * @end: the guest's end of the channel
 *
 * To be used by one vCPU at a time.
 */
struct guest_port {
	const struct partsched_guest_info *info;
	const struct partsched_guest_channel *channel;
	struct partsched_channel_end end;
};

/**
 * guest_channel() - an entry of the channel table
 * @info: the information page
 * @index: from 0
 *
 * Return: the entry, or NULL behind the last one.
 */
const struct partsched_guest_channel *guest_channel(const struct partsched_guest_info *info,
						    uint32_t index);

/**
 * guest_port_open() - go on with a port, where whoever had it before has stopped
 * @port: filled in
 * @info: the information page
 * @channel: its entry in the channel table, or NULL
 *
 * Return: false if there is none, or it cannot be.
 */
bool guest_port_open(struct guest_port *port, const struct partsched_guest_info *info,
		     const struct partsched_guest_channel *channel);

/**
 * guest_port_named() - find a port by its name, and open it
 * @port: filled in
 * @info: the information page
 * @name: its name
 *
 * Return: false if the partition has no such port.
 */
bool guest_port_named(struct guest_port *port, const struct partsched_guest_info *info,
		      const char *name);

/**
 * guest_port_find() - find the first port of a kind, and open it
 * @port: filled in
 * @info: the information page
 * @type: PARTSCHED_GUEST_CHANNEL_SAMPLING or _QUEUING
 * @direction: PARTSCHED_GUEST_CHANNEL_SOURCE or _DESTINATION
 *
 * Return: false if the partition has no such port.
 */
bool guest_port_find(struct guest_port *port, const struct partsched_guest_info *info,
		     uint32_t type, uint32_t direction);

/**
 * guest_port_put() - write a sampling message, or send one to a queue
 * @port: a source
 * @message: the message
 * @length: its bytes
 *
 * Return: see partsched_sampling_write() and partsched_queue_send().
 */
int guest_port_put(struct guest_port *port, const void *message, uint64_t length);

/**
 * guest_port_get() - read a sampling message, or take one from a queue
 * @port: a destination
 * @buffer: as large as the port's longest message
 * @message: filled in
 *
 * Return: see partsched_sampling_read() and partsched_queue_receive().
 */
int guest_port_get(struct guest_port *port, void *buffer,
		   struct partsched_channel_message *message);

/**
 * guest_port_kick() - tell all destinations that want to be told
 * @port: a source
 */
void guest_port_kick(const struct guest_port *port);

/**
 * guest_port_on_kick() - say what a kick calls
 * @port: a destination
 * @handler: of attribute interrupt; ends with a write to GUEST_APIC_EOI
 *
 * On the first vCPU, whose local APIC this switches on. Interrupts stay as they
 * are. Look at the port after this and before the first wait: what was sent
 * before has kicked nobody.
 *
 * Return: false if nobody is told at this port.
 */
bool guest_port_on_kick(const struct guest_port *port,
			void (*handler)(struct guest_interrupt *frame));

#endif /* GUEST_PORT_H */
