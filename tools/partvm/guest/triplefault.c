// SPDX-License-Identifier: GPL-2.0
/*
 * triplefault - an exception without a handler for it
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	__asm__ volatile("ud2");
	__builtin_unreachable();
}
