// SPDX-License-Identifier: GPL-2.0
/*
 * hog - interrupts off, one instruction for ever, never an exit of its own
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	__asm__ volatile("cli\n1:	jmp 1b");
	__builtin_unreachable();
}
