// SPDX-License-Identifier: GPL-2.0
/*
 * starts - counts how often each vCPU is started, and runs for ever
 *
 * The record lies outside the image: a warm start leaves it as it is.
 */
#include "guest.h"
#include "starts.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	struct starts_record *record = (struct starts_record *)STARTS_RECORD;
	volatile struct starts_vcpu *own = &record->vcpu[vcpu % STARTS_VCPUS];

	own->former_ns = own->last_ns;
	own->began_ns = guest_time_ns(info);
	own->starts++;
	for (;;) {
		own->last_ns = guest_time_ns(info);
		own->loops++;
	}
}
