// SPDX-License-Identifier: GPL-2.0
/*
 * stolen - is always busy, and has KVM tell how long it was off the CPU
 */
#include "guest.h"
#include "stolen.h"

_Static_assert(STOLEN_RECORD == GUEST_RECORD, "where the records are");

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	guest_write_msr(MSR_KVM_STEAL_TIME, STOLEN_RECORD | KVM_MSR_ENABLED);
	for (;;)
		guest_pause();
}
