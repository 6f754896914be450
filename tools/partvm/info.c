// SPDX-License-Identifier: GPL-2.0
#include "info.h"

#include <stdio.h>
#include <string.h>

#include <linux/partsched_guest.h>

#include "live.h"
#include "report.h"

#define TABLES_OFFSET	(PARTSCHED_GUEST_INFO_TABLES - PARTSCHED_GUEST_INFO)
#define AREA_MAX	(PARTSCHED_GUEST_INFO_END - PARTSCHED_GUEST_INFO)

_Static_assert(sizeof(struct partsched_guest_info) <=
	       PARTSCHED_GUEST_LIVE - PARTSCHED_GUEST_INFO, "information page");
_Static_assert(sizeof(struct partsched_guest_live) <=
	       PARTSCHED_GUEST_INFO_TABLES - PARTSCHED_GUEST_LIVE, "live part");
_Static_assert(PARTSCHED_GUEST_VCPUS_MAX == PARTSCHED_MAX_VCPUS &&
	       PARTSCHED_GUEST_NAME_MAX == PARTSCHED_NAME_MAX, "the two contracts agree");
_Static_assert(TABLES_OFFSET + (uint64_t)PARTSCHED_MAX_WINDOWS *
	       sizeof(struct partsched_guest_window) + PARTSCHED_GUEST_CHANNELS_MAX *
	       sizeof(struct partsched_guest_channel) <= AREA_MAX, "tables");

static void fill_windows(struct partsched_guest_window *to, const struct plan *plan)
{
	for (size_t i = 0; i < plan->nr_windows; i++) {
		const struct ps_window_info *from = &plan->windows[i];

		to[i] = (struct partsched_guest_window){
			.schedule_id = from->schedule_id,
			.window_id = from->window_id,
			.vcpu = from->vcpu,
			.cpu = from->cpu,
			.offset_ns = from->offset_ns,
			.duration_ns = from->duration_ns,
		};
	}
}

struct partsched_guest_info *info_create(struct memory *memory, const struct config *config,
					 const struct plan *plan, const struct channels *channels,
					 uint32_t nr_vcpus)
{
	size_t nr_windows = plan ? plan->nr_windows : 0;
	uint64_t channels_offset, total_size;
	struct partsched_guest_info *info;

	/* The module bounds this number already; a broken one must not overrun us. */
	if (nr_windows > PARTSCHED_MAX_WINDOWS) {
		report_error("the plan has %zu windows for this partition, at most %u can be",
			     nr_windows, PARTSCHED_MAX_WINDOWS);
		return NULL;
	}
	channels_offset = TABLES_OFFSET + nr_windows * sizeof(struct partsched_guest_window);
	total_size = channels_offset + channels->nr * sizeof(struct partsched_guest_channel);
	info = memory_add(memory, PARTSCHED_GUEST_INFO, total_size, true, "the information page");
	if (!info)
		return NULL;
	*info = (struct partsched_guest_info){
		.magic = PARTSCHED_GUEST_MAGIC,
		.version = PARTSCHED_GUEST_VERSION,
		.size = sizeof(*info),
		.total_size = total_size,
		.flags = config->halt_exits ? PARTSCHED_GUEST_F_HALT_EXITS : 0,
		.nr_vcpus = nr_vcpus,
		.ram_low = memory->ram_low,
		.ram_high = memory->ram_size - memory->ram_low,
		.windows_offset = TABLES_OFFSET,
		.nr_windows = nr_windows,
		.window_size = sizeof(struct partsched_guest_window),
		.channels_offset = channels_offset,
		.nr_channels = channels->nr,
		.channel_size = sizeof(struct partsched_guest_channel),
	};
	snprintf(info->name, sizeof(info->name), "%s", config->name);
	if (!plan)
		return info;
	info->flags |= PARTSCHED_GUEST_F_PLANNED;
	info->partition_id = plan->partition.id;
	info->generation = plan->module.generation;
	info->schedule_id = plan->module.schedule_id;
	info->epoch_ns = plan->module.epoch_ns;
	info->major_frame_ns = plan->module.frame_ns;
	fill_windows((void *)((uint8_t *)info + TABLES_OFFSET), plan);
	channels_fill(channels, (void *)((uint8_t *)info + channels_offset));
	live_map(info, plan->partition.name);
	return info;
}
