// SPDX-License-Identifier: GPL-2.0
/*
 * levels - vCPUs of a partition that share a window
 *
 * The guests are the witnesses: each counts for as long as it runs, or writes
 * down when it does.
 */
#include <sched.h>
#include <stdlib.h>

#include "message.h"
#include "partsched.h"

#define VCPUS		2

/* Minutes of exact time are hours. */
#define FRAME_NS	(exact() ? 10 * NSEC_PER_MSEC : 40 * NSEC_PER_MSEC)
#define WINDOW_NS	(FRAME_NS * 2 / 5)
#define QUANTUM_NS	(exact() ? 250000 : 2 * NSEC_PER_MSEC)
#define FRAMES		(exact() ? 20 : 100)

/* An emulated CPU is away now and then: of three equal shares, in per cent. */
#define SHARE_MIN	(exact() ? 48 : 30)
/* What the lower one may count while it has no turn, of what the other one does. */
#define IDLE_PPM_MAX	(exact() ? 0 : 1000)

FIXTURE(levels) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct vm vms[VCPUS];
	unsigned int nr_vms;
	struct guest guest;
	struct guest other;
};

FIXTURE_SETUP(levels)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
}

FIXTURE_TEARDOWN(levels)
{
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
	for (unsigned int i = 0; i < self->nr_vms; i++)
		vm_stop(&self->vms[i]);
}

/* "a" has @nr vCPUs that share the first window, "b" has the second one. */
static struct ps_model *plan_shared(int cpu, uint32_t nr, uint64_t quantum_ns)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, "a", nr, cpu);
	plan_partition(model, "b", 1, cpu);
	model->partitions[0].quantum_ns = quantum_ns;
	plan_window(model, 0, 0, WINDOW_NS);
	plan_window(model, 1, WINDOW_NS, WINDOW_NS);
	return model;
}

static bool attached_all(struct ps_kernel *kernel)
{
	for (uint32_t i = 0; i < VCPUS; i++)
		if (!UNTIL(attach_state(kernel, "a", i) == PARTSCHED_ATTACH_ATTACHED,
			   TEST_PATIENCE_NS))
			return false;
	return frames_pass(kernel, "a", 2);
}

/* Two guests that count, as the vCPUs of "a". */
#define START_BOTH() do {								\
	for (uint32_t _i = 0; _i < VCPUS; _i++) {					\
		struct ps_attach_result _result;					\
		pid_t _tid;								\
											\
		self->nr_vms = _i + 1;							\
		_tid = vm_start(&self->vms[_i], VM_COUNT);				\
		ASSERT_NE(0, _tid);							\
		ASSERT_DONE(ps_kernel_attach(self->kernel, "a", _i, _tid, 0,		\
					     TEST_PATIENCE_NS, &_result, &self->error)); \
	}										\
	ASSERT_TRUE(attached_all(self->kernel));					\
} while (0)

struct counts {
	uint32_t count[VCPUS];
	struct ps_vcpu_info info[VCPUS];
};

static bool take(struct ps_kernel *kernel, const struct vm *vms, struct counts *counts)
{
	for (uint32_t i = 0; i < VCPUS; i++) {
		counts->count[i] = vm_count(&vms[i]);
		if (!vcpu_info(kernel, "a", i, &counts->info[i]))
			return false;
	}
	return true;
}

/* How far each has counted, and what the module has counted, in some frames. */
#define WATCH(_counts) do {								\
	struct counts _from;								\
											\
	ASSERT_TRUE(take(self->kernel, self->vms, &_from));				\
	ASSERT_TRUE(frames_pass(self->kernel, "a", FRAMES));				\
	ASSERT_TRUE(take(self->kernel, self->vms, &(_counts)));				\
	for (uint32_t _i = 0; _i < VCPUS; _i++) {					\
		(_counts).count[_i] -= _from.count[_i];					\
		(_counts).info[_i].stats.inside_ns -= _from.info[_i].stats.inside_ns;	\
		(_counts).info[_i].stats.ready_ns -= _from.info[_i].stats.ready_ns;	\
		(_counts).info[_i].stats.theft_ns -= _from.info[_i].stats.theft_ns;	\
		TH_LOG("vCPU %u: counted %u, inside %llu ns, ready %llu ns, theft %llu ns", _i, \
		       (_counts).count[_i],						\
		       (unsigned long long)(_counts).info[_i].stats.inside_ns,		\
		       (unsigned long long)(_counts).info[_i].stats.ready_ns,		\
		       (unsigned long long)(_counts).info[_i].stats.theft_ns);		\
	}										\
} while (0)

/* Whether a vCPU is seen in a state within the tests' patience. */
static bool seen(struct ps_kernel *kernel, uint32_t vcpu, uint32_t state)
{
	return UNTIL(run_state(kernel, "a", vcpu) == state, TEST_PATIENCE_NS);
}

static struct ps_model *plan_ranked(int cpu, uint32_t first, uint32_t second)
{
	struct ps_model *model = plan_shared(cpu, VCPUS, 0);

	model->partitions[0].vcpus[0].priority = first;
	model->partitions[0].vcpus[1].priority = second;
	return model;
}

TEST_F(levels, only_the_highest_that_is_not_halted_runs)
{
	struct counts counts;

	LOAD(plan_ranked(self->cpu, 3, 7));
	START_BOTH();
	WATCH(counts);
	EXPECT_LT(0, counts.count[1]);
	EXPECT_LE(counts.count[0], (uint64_t)counts.count[1] * IDLE_PPM_MAX / 1000000);
	/* it waits all the time that the other one runs */
	EXPECT_LE(counts.info[1].stats.inside_ns / 2, counts.info[0].stats.ready_ns);
	EXPECT_TRUE(seen(self->kernel, 0, PARTSCHED_RUN_READY));
	EXPECT_TRUE(seen(self->kernel, 1, PARTSCHED_RUN_RUNNING));
	EXPECT_TRUE(seen(self->kernel, 0, PARTSCHED_RUN_SUSPENDED));
	EXPECT_TRUE(seen(self->kernel, 1, PARTSCHED_RUN_SUSPENDED));
	EXPECT_EQ(3, counts.info[0].priority);
	EXPECT_EQ(7, counts.info[1].priority);

	vm_halt(&self->vms[1]);
	EXPECT_TRUE(seen(self->kernel, 1, PARTSCHED_RUN_BLOCKED));
	WATCH(counts);
	EXPECT_LT(0, counts.count[0]);
	EXPECT_EQ(0, counts.count[1]);
	EXPECT_TRUE(seen(self->kernel, 0, PARTSCHED_RUN_RUNNING));
}

static int priority_of(pid_t tid)
{
	struct sched_param param;

	return sched_getparam(tid, &param) ? -1 : param.sched_priority;
}

TEST_F(levels, new_plan_turns_the_priorities_round)
{
	struct counts counts;

	LOAD(plan_ranked(self->cpu, 1, 2));
	START_BOTH();
	WATCH(counts);
	EXPECT_LT(counts.count[0], counts.count[1]);
	LOAD(plan_ranked(self->cpu, 2, 1));
	ASSERT_TRUE(frames_pass(self->kernel, "a", 2));
	WATCH(counts);
	EXPECT_LT(counts.count[1], counts.count[0]);
	/*
	 * Below those that have their windows alone, one rank each; but for a moment
	 * none where a window's end has found them in the kernel.
	 */
	EXPECT_TRUE(UNTIL(priority_of(counts.info[0].tid) == 49, TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(priority_of(counts.info[1].tid) == 48, TEST_PATIENCE_NS));
}

TEST_F(levels, equal_ones_without_a_quantum_run_until_they_halt)
{
	struct counts counts;
	uint32_t first;

	LOAD(plan_ranked(self->cpu, 5, 5));
	START_BOTH();
	WATCH(counts);
	first = counts.count[0] < counts.count[1];
	vm_halt(&self->vms[first]);
	ASSERT_TRUE(seen(self->kernel, first, PARTSCHED_RUN_BLOCKED));
	WATCH(counts);
	EXPECT_EQ(0, counts.count[first]);
	EXPECT_LT(0, counts.count[!first]);
}

TEST_F(levels, equal_ones_take_turns)
{
	struct counts counts;
	uint64_t all;

	LOAD(plan_shared(self->cpu, VCPUS, QUANTUM_NS));
	START_BOTH();
	WATCH(counts);
	all = (uint64_t)counts.count[0] + counts.count[1];
	TH_LOG("%llu %% and %llu %%", counts.count[0] * 100ULL / all,
	       counts.count[1] * 100ULL / all);
	EXPECT_LE(SHARE_MIN, counts.count[0] * 100ULL / all);
	EXPECT_LE(SHARE_MIN, counts.count[1] * 100ULL / all);
	/* nobody else steals: each waits while the other one runs */
	for (int i = 0; i < VCPUS; i++) {
		EXPECT_LT(counts.info[!i].stats.inside_ns / 2, counts.info[i].stats.ready_ns);
		EXPECT_EQ(0, counts.info[i].stats.theft_ns);
	}
	/* who is alone has all turns */
	vm_halt(&self->vms[0]);
	ASSERT_TRUE(seen(self->kernel, 0, PARTSCHED_RUN_BLOCKED));
	WATCH(counts);
	EXPECT_EQ(0, counts.count[0]);
	EXPECT_LT(0, counts.count[1]);
}

/* A look at both guests, to be compared with the first one in the same window. */
struct look {
	uint64_t opened;
	uint32_t count[VCPUS];
};

/* Whether both have counted since the first look in this window. */
static bool both_ran(struct ps_kernel *kernel, const struct vm *vms, struct look *first)
{
	struct look now = { windows_opened(kernel, "a", 0) };

	for (int i = 0; i < VCPUS; i++)
		now.count[i] = vm_count(&vms[i]);
	/* it may have opened anew between the two */
	if (now.opened != first->opened || windows_opened(kernel, "a", 0) != now.opened) {
		*first = now;
		return false;
	}
	return now.count[0] != first->count[0] && now.count[1] != first->count[1];
}

TEST_F(levels, turns_change_within_a_window)
{
	struct look first = { 0 };

	LOAD(plan_shared(self->cpu, VCPUS, QUANTUM_NS));
	START_BOTH();
	for (int i = 0; i < 5; i++) {
		EXPECT_TRUE(UNTIL(both_ran(self->kernel, self->vms, &first), TEST_PATIENCE_NS));
		first.opened = 0;
	}
}

TEST_F(levels, neighbour_has_its_window_while_some_are_ready)
{
	struct ps_vcpu_info before, after;
	struct counts counts;

	LOAD(plan_shared(self->cpu, VCPUS, QUANTUM_NS));
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	START_BOTH();
	ASSERT_TRUE(vcpu_info(self->kernel, "b", 0, &before));
	WATCH(counts);
	ASSERT_TRUE(vcpu_info(self->kernel, "b", 0, &after));
	TH_LOG("b: %llu windows, inside %llu ns, theft %llu ns, opens after %llu ns on average",
	       (unsigned long long)(after.stats.opened - before.stats.opened),
	       (unsigned long long)(after.stats.inside_ns - before.stats.inside_ns),
	       (unsigned long long)(after.stats.theft_ns - before.stats.theft_ns),
	       (unsigned long long)after.stats.open.avg_ns);
	EXPECT_LT(FRAMES / 2 * WINDOW_NS / 2, after.stats.inside_ns - before.stats.inside_ns);
	if (exact()) {
		for (int i = 0; i < VCPUS; i++)
			EXPECT_EQ(0, counts.info[i].stats.theft_ns);
		EXPECT_EQ(0, after.stats.missed);
	}
}

TEST_F(levels, members_leave_and_come_back_at_any_phase)
{
	struct ps_attach_result result;

	if (exact())
		SKIP(return, "nothing is measured: not where time is exact");
	LOAD(plan_shared(self->cpu, VCPUS, PARTSCHED_MIN_QUANTUM_NS));
	START_BOTH();
	for (int i = 0; i < 10; i++) {
		pid_t tid = atomic_load(&self->vms[i % VCPUS].tid);

		ASSERT_DONE(ps_kernel_detach(self->kernel, "a", i % VCPUS, 0, &result,
					     &self->error));
		ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", i % VCPUS), bound_ns()));
		EXPECT_EQ(SCHED_OTHER, sched_getscheduler(tid));
		ASSERT_DONE(ps_kernel_attach(self->kernel, "a", i % VCPUS, tid, 0,
					     TEST_PATIENCE_NS, &result, &self->error));
		ASSERT_TRUE(attached_all(self->kernel));
	}
}

TEST_F(levels, members_die_at_any_phase)
{
	if (exact())
		SKIP(return, "nothing is measured: not where time is exact");
	LOAD(plan_shared(self->cpu, VCPUS, PARTSCHED_MIN_QUANTUM_NS));
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	for (int i = 0; i < 5; i++) {
		/* both of them are ready, most of the time */
		ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
		ASSERT_TRUE(attached_all(self->kernel));
		ASSERT_EQ(0, kill(self->guest.pid, SIGKILL));
		ASSERT_TRUE(guest_ended(&self->guest, bound_ns()));
		for (uint32_t v = 0; v < VCPUS; v++)
			ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", v), bound_ns()));
	}
}

TEST_F(levels, shared_window_moves_to_another_cpu)
{
	struct ps_model *model = plan_shared(self->cpu, VCPUS, QUANTUM_NS);
	struct counts counts;

	if (self->cpu < 2)
		SKIP(return, "needs 3 CPUs, has %d", self->cpu + 1);
	plan_window_in(model, 0, 0, 2 * WINDOW_NS, FRAME_NS - 2 * WINDOW_NS -
		       PARTSCHED_MIN_MOVE_NS)->cpu = self->cpu - 1;
	LOAD(model);
	START_BOTH();
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	WATCH(counts);
	for (int i = 0; i < VCPUS; i++) {
		EXPECT_LT(0, counts.count[i]);
		EXPECT_TRUE(UNTIL(proc_only_cpu(counts.info[i].tid) == self->cpu,
				  TEST_PATIENCE_NS));
		EXPECT_TRUE(UNTIL(proc_only_cpu(counts.info[i].tid) == self->cpu - 1,
				  TEST_PATIENCE_NS));
	}
}

static uint64_t ids(struct ps_kernel *kernel, size_t *nr)
{
	struct ps_vcpu_info *list;
	struct ps_error error;
	uint64_t set = 0;

	if (ps_kernel_vcpus(kernel, &list, nr, &error))
		return 0;
	for (size_t i = 0; i < *nr; i++)
		if (list[i].vcpu_id < 64)
			set |= 1ULL << list[i].vcpu_id;
	free(list);
	return set;
}

TEST_F(levels, ids_are_unique_and_recycled)
{
	uint64_t before, after = 0;
	size_t nr;

	LOAD(plan_shared(self->cpu, 7, 0));
	before = ids(self->kernel, &nr);
	ASSERT_EQ(8, nr);
	EXPECT_EQ(8, __builtin_popcountll(before));
	EXPECT_EQ(0, before & 1);
	for (int i = 0; i < 3; i++) {
		ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
		/* they come back when the last reader of the plan is gone */
		ASSERT_TRUE(UNTIL(plan_in_force(self->kernel, plan_shared(self->cpu, 7, 0),
				       &self->error) &&
				  ((after = ids(self->kernel, &nr)) == before ||
				   ps_kernel_unload(self->kernel, false, &self->error)),
				  TEST_PATIENCE_NS));
		EXPECT_EQ(before, after);
	}
}

TEST_F(levels, window_says_how_often_each_was_let_in)
{
	struct ps_window_info *windows;
	struct counts counts;
	size_t nr;

	LOAD(plan_ranked(self->cpu, 1, 2));
	START_BOTH();
	WATCH(counts);
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	EXPECT_EQ(3, nr);
	/* in the order of priority, and opened together */
	EXPECT_EQ(1, windows[0].vcpu);
	EXPECT_EQ(0, windows[1].vcpu);
	EXPECT_EQ(windows[0].opened + windows[0].missed, windows[1].opened + windows[1].missed);
	EXPECT_LT(FRAMES / 2, windows[1].opened);
	free(windows);
}

TEST_F(levels, windows_that_only_overlap_are_refused)
{
	for (int i = 0; i < 3; i++) {
		struct ps_model *model = plan_new(FRAME_NS);

		plan_partition(model, "a", VCPUS, self->cpu);
		for (uint32_t v = 0; v < VCPUS; v++)
			plan_window_in(model, 0, 0, 0, WINDOW_NS)->vcpu = v;
		model->schedules[0].windows[1].offset_ns += i == 1;
		model->schedules[0].windows[1].duration_ns += i == 2;
		/* two windows, each of one vCPU: not one that is shared */
		EXPECT_REFUSED(EINVAL, plan_load(self->kernel, model, NULL, &self->error));
		EXPECT_NE(NULL, strstr(self->error.text, "overlap"));
	}
}

TEST_F(levels, more_priorities_than_there_is_room_for_are_refused)
{
	struct ps_model *model = plan_shared(self->cpu, 50, 0);

	for (uint32_t i = 0; i < 50; i++)
		model->partitions[0].vcpus[i].priority = i + 1;
	EXPECT_REFUSED(EINVAL, plan_load(self->kernel, model, NULL, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "open_priority"));
	model = plan_shared(self->cpu, 50, 0);
	for (uint32_t i = 0; i < 50; i++)
		model->partitions[0].vcpus[i].priority = i ? i : 1;
	EXPECT_EQ(0, plan_load(self->kernel, model, NULL, &self->error));
}

TEST_F(levels, quantum_is_neither_too_short_nor_too_long)
{
	static const uint64_t bad[] = {
		1, PARTSCHED_MIN_QUANTUM_NS - 1, PARTSCHED_MAX_FRAME_NS + 1, UINT64_MAX,
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		EXPECT_REFUSED(EINVAL, plan_load(self->kernel,
						 plan_shared(self->cpu, VCPUS, bad[i]), NULL,
						 &self->error));
		EXPECT_NE(NULL, strstr(self->error.text, "quantum"));
	}
	EXPECT_REFUSED(EINVAL, plan_load(self->kernel,
					 plan_shared(self->cpu, VCPUS, FRAME_NS + 1), NULL,
					 &self->error));
	EXPECT_EQ(0, plan_load(self->kernel, plan_shared(self->cpu, VCPUS, FRAME_NS), NULL,
			       &self->error));
}

PARTSCHED_MAIN
