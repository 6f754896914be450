// SPDX-License-Identifier: GPL-2.0
/*
 * rowrite - write to the information page, which is read-only
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	*(volatile uint64_t *)PARTSCHED_GUEST_INFO = 1;
	return 1;
}
