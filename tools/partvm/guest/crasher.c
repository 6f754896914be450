// SPDX-License-Identifier: GPL-2.0
/*
 * crasher - works for some windows, and crashes
 *
 * What it has counted is in its memory: a warm start keeps it, a cold one does
 * not.
 */
#include "demo.h"

#define WINDOWS	50

/* Beyond the image: a warm start does not load it, but begins with it as it is. */
static volatile uint64_t *const starts = (void *)GUEST_RECORD;

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	struct demo_text text = { };

	if (vcpu)
		guest_idle();
	++*starts;
	demo_add(&text, "start ");
	demo_add_number(&text, *starts);
	demo_add(&text, " since my memory was cleared");
	demo_line(info, &text);
	for (int i = 0; i < WINDOWS; i++)
		demo_window(info);
	/* there is no handler for an exception, nor for that */
	__asm__ volatile("ud2");
	__builtin_unreachable();
}
