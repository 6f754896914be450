// SPDX-License-Identifier: GPL-2.0
/*
 * halt - halt with interrupts off, for ever
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	for (;;)
		__asm__ volatile("cli\n	hlt");
}
