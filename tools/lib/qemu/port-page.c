// SPDX-License-Identifier: GPL-2.0
#include "port-page.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/partsched_channel.h>

/* The narrowest of so many looks at both clocks is taken. */
#define LOOKS	5

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t port_page_realtime_ns(void)
{
	uint64_t best = UINT64_MAX, realtime_ns = 0;
	int i;

	for (i = 0; i < LOOKS; i++) {
		uint64_t before = clock_ns(CLOCK_MONOTONIC);
		uint64_t realtime = clock_ns(CLOCK_REALTIME);
		uint64_t width = clock_ns(CLOCK_MONOTONIC) - before;

		if (width >= best)
			continue;
		best = width;
		realtime_ns = realtime - (before + width / 2);
	}
	/* 0 means that nobody knows */
	return realtime_ns ? realtime_ns : 1;
}

void port_page_fill(struct partsched_doorbell *page, const struct ps_port_info *port, bool kicks,
		    uint32_t nr_destinations)
{
	bool queuing = port->type == PARTSCHED_PORT_QUEUING;

	memset(page, 0, sizeof(*page));
	page->magic = PARTSCHED_DOORBELL_MAGIC;
	page->version = PARTSCHED_DOORBELL_VERSION;
	page->destination = port->direction != PARTSCHED_PORT_SOURCE;
	page->nr_destinations = nr_destinations;
	page->kicks = kicks;
	page->region_size = port->region_bytes;
	/* a port that was found: neither name is too long */
	snprintf(page->name, sizeof(page->name), "%s.%s", port->partition, port->port);
	page->port = (uint32_t)strlen(port->partition) + 1;
	page->type = queuing ? PARTSCHED_CHANNEL_QUEUING : PARTSCHED_CHANNEL_SAMPLING;
	page->max_message = port->max_message;
	page->depth = queuing ? port->depth : 1;
	page->refresh_ns = queuing ? PARTSCHED_CHANNEL_NO_REFRESH : port->refresh_ns;
	page->realtime_ns = port_page_realtime_ns();
}
