/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A draft: a plan that is being staged, piece by piece. See draft.c.
 */
#ifndef PARTSCHED_DRAFT_H
#define PARTSCHED_DRAFT_H

#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/partsched.h>

#include "draft-channel.h"
#include "draft-health.h"
#include "level.h"
#include "partition.h"
#include "schedule.h"

struct ps_plan;

/**
 * struct ps_draft_partition - a staged partition
 * @node: in the draft's list, in the order of staging
 * @by_id: in the draft's hash table
 * @by_name: likewise
 * @id: PartitionIdentifier
 * @index: place in the list
 * @first_slot: its first vCPU among those of all partitions
 * @name: PartitionName
 * @nr_vcpus: its vCPUs
 * @quantum_ns: after how long equal ones take turns, 0: never
 * @traits: what else there is to say of it
 */
struct ps_draft_partition {
	struct list_head node;
	struct hlist_node by_id;
	struct hlist_node by_name;
	u32 id;
	u32 index;
	u32 first_slot;
	char name[PARTSCHED_NAME_MAX];
	u32 nr_vcpus;
	u64 quantum_ns;
	struct ps_traits traits;
};

/**
 * struct ps_draft_schedule - a staged module schedule
 * @id: ScheduleIdentifier
 * @name: ScheduleName, may be empty
 * @frame_ns: MajorFrame
 * @guard_ns: 0: none, PARTSCHED_GUARD_AUTO: to be measured
 * @initial: the plan begins with it
 * @windows: grown by doubling; .partition is an index already
 * @nr_windows: used
 * @room_windows: allocated
 */
struct ps_draft_schedule {
	u32 id;
	char name[PARTSCHED_NAME_MAX];
	u64 frame_ns;
	u64 guard_ns;
	bool initial;
	struct ps_window *windows;
	u32 nr_windows;
	u32 room_windows;
};

/**
 * struct ps_draft - a plan that is being staged
 * @slack_ppm: what each planned CPU keeps for the host
 * @clock: enum partsched_clock
 * @base_ns: an instant of it at which a frame begins
 * @nr_partitions: how many are in @partitions
 * @nr_slots: vCPUs of all of them
 * @nr_schedules: number of @schedules
 * @room_schedules: allocated
 * @nr_windows: of all schedules
 * @partitions: staged partitions, in order
 * @by_id: the same, hashed
 * @by_name: the same, hashed
 * @schedules: grown by doubling
 * @levels: of the vCPUs of all partitions; likewise
 * @room_levels: allocated
 * @channels: see draft-channel.h
 * @hm: health monitor tables
 */
struct ps_draft {
	u32 slack_ppm;
	u32 clock;
	u64 base_ns;
	u32 nr_partitions;
	u32 nr_slots;
	u32 nr_schedules;
	u32 room_schedules;
	u32 nr_windows;
	struct list_head partitions;
	DECLARE_HASHTABLE(by_id, 8);
	DECLARE_HASHTABLE(by_name, 8);
	struct ps_draft_schedule *schedules;
	struct ps_level *levels;
	u32 room_levels;
	struct ps_draft_channels channels;
	struct ps_hm hm;
};

int ps_draft_grow(void **array, u32 used, u32 more, u32 *room, size_t size);
struct ps_draft *ps_draft_new(u32 slack_ppm);
void ps_draft_free(struct ps_draft *draft);

struct ps_draft_partition *ps_draft_partition(const struct ps_draft *draft,
					      u32 id);
struct ps_draft_partition *ps_draft_named(const struct ps_draft *draft,
					  const char *name);
struct ps_draft_schedule *ps_draft_schedule(const struct ps_draft *draft,
					    u32 id);
struct ps_draft_schedule *ps_draft_initial(const struct ps_draft *draft);

int ps_draft_add_partition(struct ps_draft *draft, u32 id, const char *name,
			   u32 nr_vcpus, u64 quantum_ns,
			   const struct ps_traits *traits);
void ps_draft_set_priority(struct ps_draft *draft,
			   const struct ps_draft_partition *partition,
			   u32 vcpu, u32 priority);
struct ps_draft_schedule *ps_draft_add_schedule(struct ps_draft *draft, u32 id);
struct ps_window *ps_draft_add_window(struct ps_draft *draft,
				      struct ps_draft_schedule *schedule,
				      struct ps_draft_partition *partition,
				      u32 vcpu, u32 cpu);

const char *ps_draft_check(struct ps_draft *draft,
			   const struct ps_draft_schedule **where);
struct ps_plan *ps_draft_build(const struct ps_draft *draft);

#endif /* PARTSCHED_DRAFT_H */
