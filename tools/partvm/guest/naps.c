// SPDX-License-Identifier: GPL-2.0
/*
 * naps - counts how often each vCPU is started, and halts for good
 */
#include "guest.h"
#include "starts.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	struct starts_record *record = (struct starts_record *)STARTS_RECORD;

	record->vcpu[vcpu % STARTS_VCPUS].began_ns = guest_time_ns(info);
	record->vcpu[vcpu % STARTS_VCPUS].starts++;
	for (;;)
		__asm__ volatile("hlt");
}
