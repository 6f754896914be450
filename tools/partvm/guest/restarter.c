// SPDX-License-Identifier: GPL-2.0
/*
 * restarter - starts itself again, warm a few times, then cold, and so on
 *
 * May call the services mode and partition.
 */
#include <linux/partsched_services.h>

#include "demo.h"

#define WINDOWS		20
#define WARM_STARTS	3

/* Beyond the image, so that a warm start keeps it. */
static volatile uint64_t *const warm = (void *)GUEST_RECORD;

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	static const char *const conditions[] = {
		[PARTSCHED_GUEST_CONDITION_NORMAL] = "normal start",
		[PARTSCHED_GUEST_CONDITION_RESTART] = "restart of its own",
		[PARTSCHED_GUEST_CONDITION_HM_MODULE] = "restart after an error of the module",
		[PARTSCHED_GUEST_CONDITION_HM_PARTITION] = "restart after an error",
	};
	struct partsched_partition_status status;
	struct demo_text text = { };

	if (vcpu)
		guest_idle();
	partsched_get_partition_status(&status);
	demo_add(&text, "start ");
	demo_add_number(&text, status.nr_starts);
	demo_add(&text, ", ");
	demo_add(&text, status.start_condition <= PARTSCHED_GUEST_CONDITION_HM_PARTITION &&
		 conditions[status.start_condition] ? conditions[status.start_condition] : "?");
	demo_add(&text, ", ");
	demo_add_number(&text, *warm);
	demo_add(&text, " warm ones since the last cold one");
	demo_line(info, &text);
	partsched_set_partition_mode(PARTSCHED_GUEST_MODE_NORMAL);
	for (int i = 0; i < WINDOWS; i++)
		demo_window(info);
	++*warm;
	partsched_set_partition_mode(*warm <= WARM_STARTS ? PARTSCHED_GUEST_MODE_WARM_START :
				     PARTSCHED_GUEST_MODE_COLD_START);
	guest_print("this partition may not start itself again\n");
	guest_idle();
}
