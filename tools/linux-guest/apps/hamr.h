/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hamr - what vmproducer and vmconsumer share: a system of two threads after the
 * AADL model "both_vm" of HAMR, each in a Linux guest of its own
 *
 * The event data port is a queue with a kick: each value once, and the consumer is
 * told. The data port is a sampling port without: how many there were so far.
 */
#ifndef HAMR_H
#define HAMR_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "partsched-port.h"

#define HAMR_PERIOD_MS	1000
#define HAMR_MESSAGE	4096

/* What is sent: 8 bits. What is sampled: a count. */
typedef uint8_t hamr_value;
typedef uint64_t hamr_count;

static inline unsigned long hamr_number(const char *me, const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "%s: \"%s\" is no number\n", me, text);
		exit(2);
	}
	return number;
}

/* Open a port and say so. */
static inline void hamr_open(const char *me, struct partsched_port *port, const char *kind,
			     const char *name)
{
	int ret = partsched_port_open(port, name);

	if (ret) {
		printf("%s: cannot set up %s %s: %s\n", me, kind, name, strerror(-ret));
		exit(1);
	}
	printf("Setting up %s %s with size %u\n", kind, port->path, port->page->max_message);
	if (port->page->max_message > HAMR_MESSAGE) {
		printf("%s: messages of %s are too long\n", me, name);
		exit(1);
	}
	printf("Successfully setup %s %s\n", kind, port->path);
}

#endif /* HAMR_H */
