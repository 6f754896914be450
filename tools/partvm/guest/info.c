// SPDX-License-Identifier: GPL-2.0
/*
 * info - print the information page, and check that time goes on as it says
 */
#include "guest.h"

static void line(const char *name, uint64_t value)
{
	guest_print(name);
	guest_print(" ");
	guest_print_number(value);
	guest_print("\n");
}

static void print_windows(const struct partsched_guest_info *info)
{
	const uint8_t *at = (const uint8_t *)info + info->windows_offset;

	for (uint32_t i = 0; i < info->nr_windows; i++, at += info->window_size) {
		const struct partsched_guest_window *window = (const void *)at;

		guest_print("window ");
		guest_print_number(window->window_id);
		guest_print(" vcpu ");
		guest_print_number(window->vcpu);
		guest_print(" cpu ");
		guest_print_number(window->cpu);
		guest_print(" offset_ns ");
		guest_print_number(window->offset_ns);
		guest_print(" duration_ns ");
		guest_print_number(window->duration_ns);
		guest_print("\n");
	}
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	uint64_t first, second;

	if (vcpu)
		guest_idle();
	if (info->magic != PARTSCHED_GUEST_MAGIC || info->version != PARTSCHED_GUEST_VERSION ||
	    info->size < sizeof(*info))
		return 1;
	guest_print("name ");
	guest_print_name(info);
	guest_print("\n");
	line("partition_id", info->partition_id);
	line("flags", info->flags);
	line("nr_vcpus", info->nr_vcpus);
	line("ram_low", info->ram_low);
	line("ram_high", info->ram_high);
	line("generation", info->generation);
	line("schedule_id", info->schedule_id);
	line("epoch_ns", info->epoch_ns);
	line("major_frame_ns", info->major_frame_ns);
	line("nr_windows", info->nr_windows);
	line("nr_channels", info->nr_channels);
	line("live_offset", info->live_offset);
	print_windows(info);
	first = guest_time_ns(info);
	second = guest_time_ns(info);
	line("time_ns", first);
	return second < first || !first ? 2 : 0;
}
