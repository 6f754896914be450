/* SPDX-License-Identifier: GPL-2.0 */
/*
 * calling - tests with a guest that does what it is told
 *
 * Partition "a" is the guest "caller": the test tells it through its memory what
 * to call, or how to crash. "b" is a neighbour, if there is one.
 */
#ifndef TEST_CALLING_H
#define TEST_CALLING_H

#include <linux/partsched_guest.h>

#include "errors.h"
#include "kernel-mode.h"
#include "partsched.h"
#include "seen.h"
#include "../../tools/partvm/guest/caller.h"
#include "../../tools/partvm/guest/starts.h"

/* Where no CPU is ever away a tenth of it does, and the emulator is done sooner. */
#define FRAME_NS	((exact() ? 4 : 40) * NSEC_PER_MSEC)
#define WINDOW_NS	(FRAME_NS / 4)

static inline volatile struct caller_record *record_of(const struct seen *seen)
{
	return (volatile void *)(seen->memory + CALLER_RECORD);
}

static inline bool begun(const struct seen *seen)
{
	return UNTIL(record_of(seen)->magic == CALLER_MAGIC, TEST_PATIENCE_NS);
}

/* Tell it to do something, without waiting for it. */
static inline void tell(const struct seen *seen, uint32_t number, uint64_t first, uint64_t second,
		 uint64_t third)
{
	volatile struct caller_record *record = record_of(seen);

	record->number = number;
	record->argument[0] = first;
	record->argument[1] = second;
	record->argument[2] = third;
	__atomic_store_n(&record->asked, record->asked + 1, __ATOMIC_RELEASE);
}

static inline bool done(const struct seen *seen)
{
	volatile struct caller_record *record = record_of(seen);

	return UNTIL(__atomic_load_n(&record->done, __ATOMIC_ACQUIRE) == record->asked,
		     TEST_PATIENCE_NS);
}

/* Return: the service's code, UINT32_MAX if it does not come back. */
static inline uint32_t call(const struct seen *seen, uint32_t number, uint64_t first, uint64_t second,
		     uint64_t third)
{
	tell(seen, number, first, second, third);
	return done(seen) ? record_of(seen)->code : UINT32_MAX;
}

/* Two partitions on one CPU; their own starts are not damped. */
static inline struct ps_model *plan_calling(int cpu)
{
	struct ps_model *model = plan_new(FRAME_NS);
	size_t i;

	plan_partition(model, "a", 1, (uint32_t)cpu);
	plan_partition(model, "b", 1, (uint32_t)cpu);
	plan_window(model, 0, WINDOW_NS / 2, WINDOW_NS);
	plan_window(model, 1, 2 * WINDOW_NS, WINDOW_NS);
	for (i = 0; i < 2; i++)
		model->partitions[i].restart_limit = 0;
	return model;
}

static inline uint32_t mode_of(struct ps_kernel *kernel, const char *name)
{
	struct ps_partition_info info;

	return ps_kernel_partition(kernel, name, &info, NULL) ? 0 : info.mode;
}

static inline uint64_t missed_by(struct ps_kernel *kernel, const char *name)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, name, 0, &info) ? info.stats.missed : UINT64_MAX;
}

static inline bool neighbour_runs(const struct seen *seen)
{
	const volatile struct starts_record *record =
		(const volatile void *)(seen->memory + STARTS_RECORD);
	uint64_t loops = record->vcpu[0].loops;

	return UNTIL(record->vcpu[0].loops > loops + 10, TEST_PATIENCE_NS) &&
	       record->vcpu[0].starts == 1;
}

FIXTURE(calling)
{
	struct ps_kernel *kernel;
	struct ps_error error;
	struct seen a;
	struct seen b;
	struct ps_hm_entry entry;
	uint64_t after;
	int cpu;
};

FIXTURE_SETUP(calling)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->after = errors_last(self->kernel);
}

FIXTURE_TEARDOWN(calling)
{
	seen_end(&self->a);
	seen_end(&self->b);
	EXPECT_TRUE(session_close(self->kernel));
}

#define START(_option, _value) do {						\
	ASSERT_TRUE(seen_start(&self->a, "caller", "a", _option, _value));	\
	ASSERT_TRUE(begun(&self->a));						\
} while (0)

#define ERRORS(_source) \
	errors_find(self->kernel, self->after, "a", _source, &self->entry)

#define CALL(_number, _first, _second, _third) \
	call(&self->a, PARTSCHED_CALL_##_number, _first, _second, _third)

#endif /* TEST_CALLING_H */
