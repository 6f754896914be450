// SPDX-License-Identifier: GPL-2.0
/*
 * move - vCPUs that have their windows on several CPUs
 *
 * The vCPU thread itself is the witness: it looks at the clock and at its CPU
 * after every exit of its guest.
 */
#include <sched.h>
#include <stdlib.h>

#include "partsched.h"

/* Minutes of exact time are hours; an emulated timer is late by milliseconds. */
#define FRAME_NS	(exact() ? 20 * NSEC_PER_MSEC : 40 * NSEC_PER_MSEC)
#define FIRST_NS	(FRAME_NS * 2 / 5)
/* The second window begins as soon as it may on another CPU. */
#define SECOND_AT_NS	(FIRST_NS + PARTSCHED_MIN_MOVE_NS)
#define SECOND_NS	FIRST_NS
#define FRAMES		(exact() ? 25 : 300)

/* What the wake-up on another CPU than the last one may cost the window, on average. */
#define MOVE_COST_NS	1000

/* Where a CPU is emulated a close is as late as its timer; see witness.c. */
#define OUTSIDE_PPM_MAX	300000

/* What a thread saw of itself. */
struct seen {
	uint64_t epoch_ns;
	int cpus[2];		/* of the two windows */
	uint64_t right[2];	/* in a window and on its CPU */
	uint64_t wrong;		/* in a window, on another CPU */
	uint64_t outside;	/* in none */
};

static void look(void *arg)
{
	struct seen *seen = arg;
	int cpu = sched_getcpu();
	uint64_t ns = now_ns(), in_frame;
	int window;

	/* between two looks it was elsewhere: the clock belongs to neither */
	if (cpu != sched_getcpu() || ns < seen->epoch_ns)
		return;
	in_frame = (ns - seen->epoch_ns) % FRAME_NS;
	if (in_frame < FIRST_NS)
		window = 0;
	else if (in_frame >= SECOND_AT_NS && in_frame < SECOND_AT_NS + SECOND_NS)
		window = 1;
	else
		window = -1;
	if (window < 0)
		seen->outside++;
	else if (cpu == seen->cpus[window])
		seen->right[window]++;
	else
		seen->wrong++;
}

/* "a" has a window on each of two CPUs, "b" what "a" leaves on the first one. */
static struct ps_model *plan_of(int first, int second, const char *name)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, name, 1, first);
	plan_partition(model, "b", 1, first);
	plan_window(model, 0, 0, FIRST_NS);
	plan_window_in(model, 0, 0, SECOND_AT_NS, SECOND_NS)->cpu = second;
	if (first != second)
		plan_window(model, 1, FIRST_NS, SECOND_NS);
	return model;
}

FIXTURE(move) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpus[2];
	struct guest guest;
	struct guest other;
	struct vm vm;
	bool has_vm;
	struct seen seen;
};

FIXTURE_SETUP(move)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpus[0] = session_cpu();
	self->cpus[1] = session_cpu() - 1;
}

FIXTURE_TEARDOWN(move)
{
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
	if (self->has_vm)
		vm_stop(&self->vm);
}

static bool load(struct ps_kernel *kernel, struct ps_model *model, uint64_t *epoch_ns,
		 struct ps_error *error)
{
	struct ps_load_result result;

	if (plan_load(kernel, model, &result, error) || !plan_settled(kernel, result.generation))
		return false;
	if (epoch_ns)
		*epoch_ns = result.epoch_ns;
	return true;
}

/* CPU 0 is the host's, and the tests' own. */
#define NEED_CPUS() do {								\
	if (self->cpus[1] < 1)								\
		SKIP(return, "needs 3 CPUs, has %d", self->cpus[0] + 1);		\
} while (0)

#define NEED_NO_EXACT_TIME() do {							\
	if (exact())									\
		SKIP(return, "nothing is measured: not where time is exact");		\
} while (0)

/* A plan of plan_of() in force. */
#define LOAD_MOVES(_first, _second)							\
	ASSERT_TRUE(load(self->kernel, plan_of(_first, _second, "a"),			\
			 &self->seen.epoch_ns, &self->error))				\
	{ TH_LOG("%s", self->error.text); }

/* No window of "a" has gone by without it; told where CPUs are emulated. */
#define EXPECT_NOTHING_LOST(_name) do {							\
	struct ps_vcpu_info _info;							\
											\
	ASSERT_TRUE(vcpu_info(self->kernel, _name, 0, &_info));				\
	TH_LOG("%llu opened, %llu missed, %llu late, %llu ns outside, open %llu..%llu ns",	\
	       (unsigned long long)_info.stats.opened,					\
	       (unsigned long long)_info.stats.missed,					\
	       (unsigned long long)_info.stats.late,					\
	       (unsigned long long)_info.stats.outside_ns,				\
	       (unsigned long long)_info.stats.open.min_ns,				\
	       (unsigned long long)_info.stats.open.max_ns);				\
	if (exact()) {									\
		EXPECT_EQ(0, _info.stats.missed);					\
		EXPECT_EQ(0, _info.stats.late);						\
	}										\
} while (0)

/* Each window of either finds its CPU idle for as long. */
static struct ps_model *plan_to_compare(bool moves, int first, int second)
{
	struct ps_model *model = plan_of(first, second, moves ? "moves" : "stays");

	if (!moves) {
		model->schedules[0].nr_windows = 1;
	}
	return model;
}

TEST_F(move, window_after_a_move_opens_less_than_a_microsecond_later)
{
	const char *const names[] = { "stays", "moves" };
	struct ps_vcpu_info info[2];
	pid_t tid;

	NEED_CPUS();
	if (!exact())
		SKIP(return, "needs exact time");
	self->has_vm = true;
	tid = vm_start(&self->vm, VM_SPIN);
	ASSERT_NE(0, tid);
	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(load(self->kernel,
				 plan_to_compare(i, self->cpus[0], self->cpus[1]), NULL,
				 &self->error));
		ASSERT_DONE(attach(self->kernel, names[i], tid, &self->error));
		ASSERT_TRUE(attached(self->kernel, names[i]));
		ASSERT_TRUE(frames_pass(self->kernel, names[i], FRAMES));
		ASSERT_TRUE(vcpu_info(self->kernel, names[i], 0, &info[i]));
		TH_LOG("%s: open latency %llu..%llu ns, %llu on average", names[i],
		       (unsigned long long)info[i].stats.open.min_ns,
		       (unsigned long long)info[i].stats.open.max_ns,
		       (unsigned long long)info[i].stats.open.avg_ns);
		EXPECT_NOTHING_LOST(names[i]);
		ASSERT_DONE(detach(self->kernel, names[i], &self->error));
		ASSERT_TRUE(UNTIL(!attach_state(self->kernel, names[i], 0), bound_ns()));
	}
	EXPECT_LE(info[1].stats.open.avg_ns, info[0].stats.open.avg_ns + MOVE_COST_NS);
}

TEST_F(move, vcpu_moves_between_cpus_while_parked)
{
	struct seen *seen = &self->seen;
	struct ps_window_info *windows;
	uint64_t all;
	size_t nr;
	pid_t tid;

	NEED_CPUS();
	LOAD_MOVES(self->cpus[0], self->cpus[1]);
	seen->cpus[0] = self->cpus[0];
	seen->cpus[1] = self->cpus[1];
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	self->has_vm = true;
	tid = vm_start(&self->vm, VM_EXIT);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	self->vm.seen = seen;
	atomic_store(&self->vm.observe, look);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 2 * FRAMES));
	atomic_store(&self->vm.observe, NULL);

	all = seen->right[0] + seen->right[1] + seen->wrong + seen->outside;
	TH_LOG("seen %llu and %llu times on the CPU of its window, %llu times on another one, %llu times in no window",
	       (unsigned long long)seen->right[0], (unsigned long long)seen->right[1],
	       (unsigned long long)seen->wrong, (unsigned long long)seen->outside);
	EXPECT_LT(FRAMES / 2, seen->right[0]);
	EXPECT_LT(FRAMES / 2, seen->right[1]);
	EXPECT_LE(seen->wrong + seen->outside, exact() ? 0 : all * OUTSIDE_PPM_MAX / 1000000);
	EXPECT_NOTHING_LOST("a");
	/* both windows had their turn in each frame */
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	for (size_t i = 0; i < nr; i++) {
		if (windows[i].partition_id != 1)
			continue;
		EXPECT_LT(FRAMES / 2, windows[i].opened);
		EXPECT_GE(exact() ? 0 : windows[i].opened, windows[i].missed);
	}
	free(windows);
}

static bool lives_on(pid_t tid, int cpu)
{
	return UNTIL(proc_only_cpu(tid) == cpu, TEST_PATIENCE_NS);
}

TEST_F(move, halted_vcpu_is_moved_in_its_sleep)
{
	pid_t tid;

	NEED_CPUS();
	NEED_NO_EXACT_TIME();
	LOAD_MOVES(self->cpus[0], self->cpus[1]);
	self->has_vm = true;
	tid = vm_start(&self->vm, VM_HALT);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	for (int i = 0; i < 10; i++)
		ASSERT_TRUE(lives_on(tid, self->cpus[i % 2]));
	EXPECT_NOTHING_LOST("a");
}

static void nothing(void *arg)
{
}

TEST_F(move, signals_reach_a_vcpu_that_moves)
{
	pid_t tid;

	NEED_CPUS();
	NEED_NO_EXACT_TIME();
	LOAD_MOVES(self->cpus[0], self->cpus[1]);
	self->has_vm = true;
	tid = vm_start(&self->vm, VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	/* at whatever phase: exile, and back to where the next window is */
	for (int i = 0; i < 100; i++)
		ASSERT_TRUE(vm_do(&self->vm, nothing, NULL));
	EXPECT_TRUE(lives_on(tid, self->cpus[0]));
	EXPECT_TRUE(lives_on(tid, self->cpus[1]));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 4));
}

TEST_F(move, vcpu_that_moves_dies_at_any_phase)
{
	NEED_CPUS();
	NEED_NO_EXACT_TIME();
	LOAD_MOVES(self->cpus[0], self->cpus[1]);
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	for (int i = 0; i < 8; i++) {
		ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
		ASSERT_EQ(0, kill(self->guest.pid, SIGKILL));
		ASSERT_TRUE(guest_ended(&self->guest, bound_ns()));
		ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	}
}

TEST_F(move, vcpu_that_moves_leaves_at_any_phase)
{
	pid_t tid;

	NEED_CPUS();
	NEED_NO_EXACT_TIME();
	LOAD_MOVES(self->cpus[0], self->cpus[1]);
	self->has_vm = true;
	tid = vm_start(&self->vm, VM_SPIN);
	ASSERT_NE(0, tid);
	for (int i = 0; i < 20; i++) {
		ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
		ASSERT_TRUE(attached(self->kernel, "a"));
		ASSERT_DONE(detach(self->kernel, "a", &self->error));
		ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
		/* the mask that it came with: it stands where the session does */
		EXPECT_EQ(0, proc_only_cpu(tid));
		EXPECT_EQ(SCHED_OTHER, sched_getscheduler(tid));
	}
}

TEST_F(move, new_plan_moves_a_vcpu_that_runs)
{
	int a = self->cpus[0], b = self->cpus[1];
	struct ps_vcpu_info info;
	pid_t tid;

	NEED_CPUS();
	LOAD_MOVES(a, a);
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	EXPECT_EQ(a, proc_only_cpu(tid));
	for (int i = 0; i < 6; i++) {
		/* all on the other CPU, or on both, or turned round */
		switch (i % 3) {
		case 0:
			LOAD_MOVES(b, b);
			break;
		case 1:
			LOAD_MOVES(a, b);
			break;
		case 2:
			LOAD_MOVES(b, a);
			break;
		}
		EXPECT_TRUE(frames_pass(self->kernel, "a", 10));
		EXPECT_TRUE(lives_on(tid, b));
		if (i % 3)
			EXPECT_TRUE(lives_on(tid, a));
	}
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, info.attach_state);
	EXPECT_EQ(tid, (pid_t)info.tid);
	EXPECT_NOTHING_LOST("a");
}

TEST_F(move, vcpu_without_the_time_to_move_is_refused)
{
	struct ps_model *model = plan_of(self->cpus[0], self->cpus[1], "a");

	NEED_CPUS();
	NEED_NO_EXACT_TIME();
	model->schedules[0].windows[1].offset_ns -= 1;
	EXPECT_REFUSED(EINVAL, plan_load(self->kernel, model, NULL, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "too little time to move"));
	/* on one CPU there is none to take */
	model = plan_of(self->cpus[0], self->cpus[0], "a");
	model->schedules[0].windows[1].offset_ns -= 1;
	EXPECT_EQ(0, plan_load(self->kernel, model, NULL, &self->error));
}

PARTSCHED_MAIN
