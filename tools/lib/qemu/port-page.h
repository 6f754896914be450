/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port-page - what a guest of QEMU is told of a port
 */
#ifndef PS_PORT_PAGE_H
#define PS_PORT_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/partsched_doorbell.h>

#include "kernel.h"

/**
 * port_page_fill() - write the page of a port
 * @page: filled in
 * @port: the port
 * @kicks: the device that has the page has kicks, too
 * @nr_destinations: of a source with kicks
 */
void port_page_fill(struct partsched_doorbell *page, const struct ps_port_info *port, bool kicks,
		    uint32_t nr_destinations);

/**
 * port_page_realtime_ns() - CLOCK_REALTIME less CLOCK_MONOTONIC
 *
 * Return: that, two's complement; never 0.
 */
uint64_t port_page_realtime_ns(void);

#endif /* PS_PORT_PAGE_H */
