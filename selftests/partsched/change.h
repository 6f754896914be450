/* SPDX-License-Identifier: GPL-2.0 */
/*
 * change - what the tests of changes of schedule share
 */
#ifndef TEST_CHANGE_H
#define TEST_CHANGE_H

#include <inttypes.h>

#include "partsched.h"

/* Short, for many changes in little time. */
#define FRAME_NS	(20 * NSEC_PER_MSEC)
/* So long that what is asked for in a frame is still to come a while later. */
#define LONG_FRAME_NS	(4 * NSEC_PER_SEC)

/* A share of the frame, but not so much that a second of it has no slack. */
static inline uint64_t part_of(uint64_t frame_ns, unsigned int parts)
{
	return frame_ns / parts < 100 * NSEC_PER_MSEC ? frame_ns / parts : 100 * NSEC_PER_MSEC;
}

/* "a" is the same in both schedules; "b" has windows in 1 and "c" in 2. */
static inline struct ps_model *plan_same(int cpu, uint64_t frame_ns)
{
	struct ps_model *model = plan_new(frame_ns);
	uint64_t part_ns = part_of(frame_ns, 5);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_partition(model, "c", 1, cpu);
	plan_schedule(model, 2, frame_ns);
	model->schedules[1].name = strdup("other");
	plan_window_in(model, 0, 0, 0, 2 * part_ns);
	plan_window_in(model, 0, 1, 3 * part_ns, part_ns);
	plan_window_in(model, 1, 0, 0, 2 * part_ns);
	plan_window_in(model, 1, 2, 2 * part_ns, part_ns);
	/* up to the very end of the frame */
	plan_window_in(model, 1, 2, frame_ns - part_ns, part_ns);
	return model;
}

/*
 * On the last CPU "a" in schedule 1 and "b" in 2; on CPU 0, "c" and "d", of
 * which "c" is left out of schedule 1 if @alone.
 */
static inline struct ps_model *plan_two_cpus(int cpu, uint64_t frame_ns, bool alone)
{
	struct ps_model *model = plan_new(frame_ns);
	uint64_t half_ns = part_of(frame_ns, 2);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_partition(model, "c", 1, 0);
	plan_partition(model, "d", 1, 0);
	plan_schedule(model, 2, frame_ns);
	plan_window_in(model, 0, 0, frame_ns - half_ns, half_ns);
	if (!alone)
		plan_window_in(model, 0, 2, 0, half_ns);
	plan_window_in(model, 1, 1, 0, half_ns);
	plan_window_in(model, 1, 3, half_ns / 4, half_ns);
	return model;
}


/* Windows of a schedule: how often each has begun, which must be the same number. */
static inline uint64_t begun(struct ps_kernel *kernel, uint32_t id, const char **why)
{
	struct ps_window_info *windows;
	struct ps_error error;
	uint64_t each = 0;
	bool any = false;
	size_t nr;

	if (ps_kernel_windows(kernel, &windows, &nr, &error)) {
		*why = "no dump";
		return 0;
	}
	for (size_t i = 0; i < nr; i++) {
		if (windows[i].schedule_id != id)
			continue;
		if (any && windows[i].opened + windows[i].missed != each)
			*why = "not all windows of a schedule have begun equally often";
		each = windows[i].opened + windows[i].missed;
		any = true;
	}
	free(windows);
	return each;
}

/* Missed windows: by their own counters, of a partition, and by their CPU's. */
static inline uint64_t missed(struct ps_kernel *kernel, uint32_t partition_id)
{
	struct ps_window_info *windows;
	struct ps_error error;
	uint64_t sum = 0;
	size_t nr;

	if (ps_kernel_windows(kernel, &windows, &nr, &error))
		return UINT64_MAX;
	for (size_t i = 0; i < nr; i++)
		if (!partition_id || windows[i].partition_id == partition_id)
			sum += windows[i].missed;
	free(windows);
	return sum;
}

static inline uint64_t missed_by_cpus(struct ps_kernel *kernel)
{
	struct ps_cpu_info *cpus;
	struct ps_error error;
	uint64_t sum = 0;
	size_t nr;

	if (ps_kernel_cpus(kernel, &cpus, &nr, &error))
		return UINT64_MAX;
	for (size_t i = 0; i < nr; i++)
		sum += cpus[i].missed;
	free(cpus);
	return sum;
}

/* Windows of "a" that were opened without the thread in them: before it came. */
static inline uint64_t unattended(struct ps_kernel *kernel)
{
	struct ps_window_info *windows;
	struct ps_error error;
	uint64_t opened = 0;
	size_t nr;

	if (ps_kernel_windows(kernel, &windows, &nr, &error))
		return UINT64_MAX;
	for (size_t i = 0; i < nr; i++)
		if (windows[i].partition_id == 1)
			opened += windows[i].opened;
	free(windows);
	return opened - windows_opened(kernel, "a", 0);
}

#endif /* TEST_CHANGE_H */
