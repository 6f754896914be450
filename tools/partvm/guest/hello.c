// SPDX-License-Identifier: GPL-2.0
/*
 * hello - say hello; then end, or go on for ever under a plan
 */
#include "guest.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	if (vcpu)
		guest_idle();
	guest_print("hello from ");
	guest_print_name(info);
	guest_print("\n");
	if (info->flags & PARTSCHED_GUEST_F_PLANNED)
		guest_idle();
	return 0;
}
