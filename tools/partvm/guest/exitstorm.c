// SPDX-License-Identifier: GPL-2.0
/*
 * exitstorm - leave to user space as often as can be, for ever
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	for (;;)
		guest_out(PARTSCHED_GUEST_PORT_DELAY, 0);
}
