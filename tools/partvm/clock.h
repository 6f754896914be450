/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock - the mapping from the guest's counter to CLOCK_MONOTONIC
 */
#ifndef PARTVM_CLOCK_H
#define PARTVM_CLOCK_H

#include <stdint.h>

#include <linux/partsched_guest.h>

/**
 * struct clock - what was last told to the guest
 * @page: in the guest's information page
 * @tsc: counter when it was last renewed
 * @time_ns: CLOCK_MONOTONIC at @tsc
 */
struct clock {
	struct partsched_guest_clock *page;
	uint64_t tsc;
	uint64_t time_ns;
};

/**
 * clock_start() - publish a first mapping
 * @clock: the clock
 * @page: in the guest's information page, zeroed
 * @khz: rate of the counter as KVM knows it, 0: not known
 *
 * The rate is exact to 1 kHz until the first clock_renew(). With @khz 0 it is
 * measured, which takes 20 ms.
 */
void clock_start(struct clock *clock, struct partsched_guest_clock *page, uint64_t khz);

/**
 * clock_renew() - follow the host's clock
 * @clock: the clock
 *
 * To be called about once a second: takes the rate since the last call.
 */
void clock_renew(struct clock *clock);

#endif /* PARTVM_CLOCK_H */
