/* SPDX-License-Identifier: GPL-2.0 */
/*
 * partsched-clock - CLOCK_MONOTONIC of the host, in a guest
 *
 * Messages are stamped by it. KVM tells a guest the host's CLOCK_REALTIME, as the
 * PTP clock of the driver ptp_kvm; a port's page has the difference of the two.
 */
#ifndef PARTSCHED_CLOCK_H
#define PARTSCHED_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct partsched_clock - how to know the host's time
 * @fd: the PTP clock, -1: there is none
 * @raw_ns: CLOCK_MONOTONIC_RAW of the guest when the PTP clock was read last
 * @realtime_ns: CLOCK_REALTIME of the host then
 */
struct partsched_clock {
	int fd;
	uint64_t raw_ns;
	uint64_t realtime_ns;
};

/**
 * partsched_clock_open() - look for the host's clock
 * @clock: filled in
 * @ptp_dir: in place of /sys/class/ptp
 * @dev_dir: in place of /dev
 */
void partsched_clock_open(struct partsched_clock *clock, const char *ptp_dir,
			  const char *dev_dir);

/**
 * partsched_clock_close() - forget it
 * @clock: the clock
 */
void partsched_clock_close(struct partsched_clock *clock);

/**
 * partsched_clock_ns() - what time it is on the host
 * @clock: the clock
 * @offset_ns: CLOCK_REALTIME less CLOCK_MONOTONIC of the host, 0: unknown
 *
 * Asks the host at most once a second, and the guest's own clock in between.
 *
 * Return: CLOCK_MONOTONIC of the host, 0: unknown.
 */
uint64_t partsched_clock_ns(struct partsched_clock *clock, uint64_t offset_ns);

#ifdef __cplusplus
}
#endif

#endif /* PARTSCHED_CLOCK_H */
