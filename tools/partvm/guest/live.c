// SPDX-License-Identifier: GPL-2.0
/*
 * live - holds the live page against the clock, and against the window table
 *
 * For some windows it asks, over and over and without an exit, in which window
 * it is. Ends with 0 once some answers held the present and a window of the
 * table, 2 at one that told of the future or of no window of the table, 3 if
 * there is no live page.
 */
#include "guest.h"

#define WINDOWS		5
/* The clock's mapping is renewed now and then. */
#define TOLERANCE_NS	20000000

static uint32_t read_live(const volatile struct partsched_guest_live_vcpu *live,
			  struct partsched_guest_live_vcpu *copy)
{
	uint32_t seq;

	do {
		while ((seq = live->seq) & 1)
			guest_pause();
		__asm__ volatile("" : : : "memory");
		*copy = *(const struct partsched_guest_live_vcpu *)live;
		__asm__ volatile("" : : : "memory");
	} while (live->seq != seq);
	return seq;
}

static bool planned(const struct partsched_guest_info *info,
		    const struct partsched_guest_live_vcpu *live)
{
	const struct partsched_guest_window *window;
	uint64_t frame_ns = info->epoch_ns + live->frame * info->major_frame_ns;

	for (uint32_t i = 0; i < info->nr_windows; i++) {
		window = (const void *)((const uint8_t *)info + info->windows_offset +
					(uint64_t)i * info->window_size);
		if (window->schedule_id == live->schedule_id &&
		    live->start_ns == frame_ns + window->offset_ns &&
		    live->end_ns == live->start_ns + window->duration_ns)
			return true;
	}
	return false;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	const struct partsched_guest_live *page;
	struct partsched_guest_live_vcpu live;
	uint32_t seq, last = 0;
	uint64_t now_ns;
	int windows = 0;

	if (vcpu)
		guest_idle();
	if (!info->live_offset)
		return 3;
	page = (const void *)((const uint8_t *)info + info->live_offset);
	while (windows < WINDOWS) {
		seq = read_live(&page->vcpu[vcpu], &live);
		now_ns = guest_time_ns(info);
		/* a window may have ended between the two */
		if (read_live(&page->vcpu[vcpu], &live) != seq)
			continue;
		if (!seq || now_ns + TOLERANCE_NS < live.start_ns || !planned(info, &live)) {
			guest_print("now_ns ");
			guest_print_number(now_ns);
			guest_print(" start_ns ");
			guest_print_number(live.start_ns);
			guest_print(" end_ns ");
			guest_print_number(live.end_ns);
			guest_print("\n");
			return 2;
		}
		/*
		 * An emulated host may close a window late by any time. Such an
		 * answer does not count; were all like it, this would not end.
		 */
		if (now_ns >= live.end_ns + TOLERANCE_NS)
			continue;
		if (seq != last)
			windows++;
		last = seq;
	}
	return 0;
}
