// SPDX-License-Identifier: GPL-2.0
/*
 * lines - print LINES numbered lines from each vCPU, then end with status 0
 */
#include "guest.h"

#ifndef LINES
#define LINES	2000
#endif

static uint32_t nr_done;

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	for (uint64_t i = 0; i < LINES; i++) {
		guest_print_number(vcpu);
		guest_print(" line ");
		guest_print_number(i);
		guest_print("\n");
	}
	__atomic_add_fetch(&nr_done, 1, __ATOMIC_SEQ_CST);
	if (vcpu)
		guest_idle();
	while (__atomic_load_n(&nr_done, __ATOMIC_SEQ_CST) < info->nr_vcpus)
		guest_pause();
	/* No newline at its end: an unfinished line must come out, too. */
	guest_print("end");
	return 0;
}
