// SPDX-License-Identifier: GPL-2.0
/*
 * badport - write to an I/O port where nothing is
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)vcpu;
	(void)info;
	guest_out(0x12, 0);
	return 1;
}
