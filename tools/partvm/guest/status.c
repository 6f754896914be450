// SPDX-License-Identifier: GPL-2.0
/*
 * status - end with status 7
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	return 7;
}
