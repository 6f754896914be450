// SPDX-License-Identifier: GPL-2.0
/*
 * vcpus - every vCPU says its number; the first ends the guest when all have
 *
 * Under a plan it goes on for ever instead.
 */
#include "guest.h"

static uint32_t nr_seen;

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	guest_print("vCPU ");
	guest_print_number(vcpu);
	guest_print(" of ");
	guest_print_number(info->nr_vcpus);
	guest_print("\n");
	__atomic_add_fetch(&nr_seen, 1, __ATOMIC_SEQ_CST);
	if (vcpu || info->flags & PARTSCHED_GUEST_F_PLANNED)
		guest_idle();
	while (__atomic_load_n(&nr_seen, __ATOMIC_SEQ_CST) < info->nr_vcpus)
		guest_pause();
	return 0;
}
