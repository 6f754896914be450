/* SPDX-License-Identifier: GPL-2.0 */
/*
 * qemu-ports - a partition's ports, as arguments of QEMU
 *
 * Each port is a PCI slot (linux/partsched_doorbell.h): its memory, a queue's ack
 * page, and the port's page, which is the doorbell of a port with kicks.
 */
#ifndef PS_QEMU_PORTS_H
#define PS_QEMU_PORTS_H

#include <stddef.h>
#include <stdint.h>

#include "kernel.h"

/* The first slot that is used if nobody says another; the last one of a bus. */
#define QEMU_PORTS_SLOT		8
#define QEMU_PORTS_SLOT_MAX	30

/* What follows PARTITION.PORT in the names of sockets, and of files with a page. */
#define QEMU_PORTS_KICKS	".kicks"
#define QEMU_PORTS_PAGE		".page"

/**
 * struct qemu_server - a server that has to run before QEMU starts
 * @port: PARTITION.PORT
 * @socket: where "partctl port serve" is to serve it
 */
struct qemu_server {
	char *port;
	char *socket;
};

/**
 * struct qemu_ports - what QEMU is to be told
 * @arguments: of its command line
 * @nr_arguments: number of them
 * @servers: one for each port with kicks
 * @nr_servers: number of them
 */
struct qemu_ports {
	char **arguments;
	size_t nr_arguments;
	struct qemu_server *servers;
	size_t nr_servers;
};

/**
 * qemu_ports_fill() - say how QEMU is given the ports of a partition
 * @ports: filled in, in the order of the list; to be freed in any case
 * @list: all ports of the plan in force
 * @nr: number of them
 * @partition: the partition
 * @dir: directory for sockets, and for the pages of ports without kicks, which are
 *	written at once
 * @slot: PCI slot of the first port
 * @error: why not
 *
 * Return: 0 or -1.
 */
int qemu_ports_fill(struct qemu_ports *ports, const struct ps_port_info *list, size_t nr,
		    const char *partition, const char *dir, unsigned int slot,
		    struct ps_error *error);

/**
 * qemu_ports_free() - free what qemu_ports_fill() made
 * @ports: empty from then on
 */
void qemu_ports_free(struct qemu_ports *ports);

#endif /* PS_QEMU_PORTS_H */
