// SPDX-License-Identifier: GPL-2.0
/*
 * badmmio - read from an address where nothing is
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	return *(volatile uint8_t *)0x5000000 ? 1 : 2;
}
