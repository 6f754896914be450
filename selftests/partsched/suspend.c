// SPDX-License-Identifier: GPL-2.0
/*
 * suspend - the machine sleeps while a plan runs, and wakes up
 */
#include <errno.h>
#include <glob.h>

#include "partsched.h"

#define PM_TEST		"/sys/power/pm_test"
#define PM_STATE	"/sys/power/state"
#define FRAME_NS	(40 * NSEC_PER_MSEC)
#define PART_NS		(8 * NSEC_PER_MSEC)

FIXTURE(suspend) {
	struct ps_kernel *kernel;
	struct ps_kernel *events;
	struct ps_error error;
	int cpu;
	struct guest guest;
	struct guest other;
	struct vm vm;
	bool has_vm;
};

/* How far down a suspend goes before it turns back. */
FIXTURE_VARIANT(suspend) {
	const char *level;
	const char *state;
};

FIXTURE_VARIANT_ADD(suspend, to_idle_at_the_freezer) {
	.level = "freezer", .state = "freeze",
};

FIXTURE_VARIANT_ADD(suspend, to_idle_at_the_devices) {
	.level = "devices", .state = "freeze",
};

FIXTURE_VARIANT_ADD(suspend, to_idle_at_the_platform) {
	.level = "platform", .state = "freeze",
};

FIXTURE_VARIANT_ADD(suspend, to_memory_at_the_freezer) {
	.level = "freezer", .state = "mem",
};

FIXTURE_VARIANT_ADD(suspend, to_memory_at_the_devices) {
	.level = "devices", .state = "mem",
};

FIXTURE_VARIANT_ADD(suspend, to_memory_at_the_platform) {
	.level = "platform", .state = "mem",
};

FIXTURE_VARIANT_ADD(suspend, to_memory_at_the_processors) {
	.level = "processors", .state = "mem",
};

FIXTURE_VARIANT_ADD(suspend, to_memory_at_the_core) {
	.level = "core", .state = "mem",
};

static bool file_has(const char *path, const char *word)
{
	char text[4096];

	return file_read(path, text, sizeof(text)) > 0 && strstr(text, word);
}

/* Its driver has nothing to do at a suspend, and nothing of it is left afterwards. */
static bool has_9p(void)
{
	glob_t found;
	bool any = !glob("/sys/bus/virtio/drivers/9pnet_virtio/virtio*", 0, NULL, &found);

	globfree(&found);
	return any;
}

/* Why this machine cannot try such a suspend, NULL if it can. */
static const char *hindrance(const char *level, const char *state)
{
	if (access(PM_TEST, W_OK))
		return "the kernel has no CONFIG_PM_SLEEP_DEBUG: it cannot try a suspend";
	if (!file_has(PM_STATE, state))
		return "the machine has no such state";
	if (!strcmp(state, "mem") && !file_has("/sys/power/mem_sleep", "[deep]"))
		return "the firmware has no suspend to memory";
	if (strcmp(level, "freezer") && has_9p())
		return "a file system comes by 9p, whose device does not survive a suspend (scripts/lab --ram has none)";
	if (strcmp(level, "freezer") && !session_in_lab())
		return "devices would be suspended: only in a machine made for the tests";
	return NULL;
}

FIXTURE_SETUP(suspend)
{
	/* a skip here would not keep the test from being run: see CAN_SLEEP() */
	if (hindrance(variant->level, variant->state))
		return;
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->events = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, self->events);
	ASSERT_DONE(ps_kernel_subscribe(self->events, &self->error));
	/* how long it stays down: seconds, 5 by default */
	file_write("/sys/module/suspend/parameters/pm_test_delay", "1");
	ASSERT_EQ(0, file_write(PM_TEST, variant->level));
}

FIXTURE_TEARDOWN(suspend)
{
	if (!self->kernel)
		return;
	file_write(PM_TEST, "none");
	guest_kill(&self->guest);
	guest_kill(&self->other);
	ps_kernel_close(self->events);
	EXPECT_TRUE(session_close(self->kernel));
	if (self->has_vm)
		vm_stop(&self->vm);
}

/* "a" on the last CPU; "m" there and on the first one; "b" on the first one. */
static struct ps_model *plan_of(int cpu)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "m", 1, cpu);
	plan_partition(model, "b", 1, 0);
	plan_window(model, 0, 0, PART_NS);
	plan_window(model, 1, PART_NS, PART_NS);
	plan_window_in(model, 0, 1, 2 * PART_NS + PARTSCHED_MIN_MOVE_NS, PART_NS)->cpu = 0;
	plan_window(model, 2, 0, PART_NS);
	return model;
}

/* First in each test. */
#define CAN_SLEEP() do {							\
	const char *_why_not = hindrance(variant->level, variant->state);	\
										\
	if (_why_not)								\
		SKIP(return, "%s to %s: %s", variant->level, variant->state, _why_not); \
} while (0)

#define SLEEP()		EXPECT_EQ(0, file_write(PM_STATE, variant->state))

/* The epoch that the event of a resume names, 0: there was none. */
static uint64_t resumed_at(struct ps_kernel *events)
{
	struct ps_event event;
	struct ps_error error;

	while (ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event, &error) == 1)
		if (event.type == PARTSCHED_EVENT_PLAN_RESUMED)
			return event.epoch_ns;
	return 0;
}

TEST_F(suspend, plan_and_its_threads_go_on_with_a_new_epoch)
{
	struct ps_module_info before, after;
	uint64_t asleep_ns;
	pid_t tid, mover;

	CAN_SLEEP();
	LOAD(plan_of(self->cpu));
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	self->has_vm = true;
	mover = vm_start(&self->vm, VM_SPIN);
	ASSERT_NE(0, mover);
	ASSERT_DONE(attach(self->kernel, "m", mover, &self->error));
	ASSERT_TRUE(attached(self->kernel, "m"));
	for (int i = 1; i <= 2; i++) {
		MODULE(&before);
		asleep_ns = now_ns();
		SLEEP();
		MODULE(&after);
		EXPECT_EQ(i, after.nr_resumes);
		EXPECT_EQ(before.generation, after.generation);
		EXPECT_LT(asleep_ns, after.epoch_ns);
		EXPECT_EQ(after.epoch_ns, resumed_at(self->events));
		EXPECT_EQ(0, after.nr_changes);
		EXPECT_EQ(self->cpu, session_cpu());
		/* with their windows, and on their CPUs */
		EXPECT_TRUE(frames_pass(self->kernel, "a", 5));
		EXPECT_TRUE(frames_pass(self->kernel, "m", 10));
		EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "a", 0));
		EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "m", 0));
		EXPECT_EQ(self->cpu, proc_only_cpu(tid));
		EXPECT_TRUE(UNTIL(proc_only_cpu(mover) == 0, TEST_PATIENCE_NS));
		EXPECT_TRUE(UNTIL(proc_only_cpu(mover) == self->cpu, TEST_PATIENCE_NS));
	}
	/* and it can be changed and ended as ever */
	ASSERT_DONE(detach(self->kernel, "m", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "m", 0), TEST_PATIENCE_NS));
	LOAD_USUAL();
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
}

TEST_F(suspend, exiled_thread_is_recalled_afterwards)
{
	struct ps_module_info info;
	pid_t tid;

	CAN_SLEEP();
	LOAD(plan_of(self->cpu));
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	STOP_IN_EXILE(tid);
	ASSERT_EQ(PARTSCHED_RUN_EXILED, run_state(self->kernel, "a", 0));
	SLEEP();
	MODULE(&info);
	EXPECT_EQ(1, info.nr_resumes);
	EXPECT_EQ(PARTSCHED_RUN_EXILED, run_state(self->kernel, "a", 0));
	EXPECT_EQ('T', proc_state(tid));
	ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) != PARTSCHED_RUN_EXILED,
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
}

TEST_F(suspend, change_on_its_way_is_in_force_afterwards)
{
	/* so long that the change is still to come, and a guest can begin in a window */
	struct ps_model *model = plan_new(4 * NSEC_PER_SEC);
	struct ps_change_result result;
	struct ps_module_info info;

	CAN_SLEEP();
	plan_partition(model, "a", 1, self->cpu);
	plan_window(model, 0, 0, NSEC_PER_SEC / 2);
	plan_window_in(model, plan_schedule(model, 2, FRAME_NS), 0, 0, PART_NS);
	LOAD(model);
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	SLEEP();
	MODULE(&info);
	EXPECT_EQ(2, info.schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(1, info.nr_changes);
	EXPECT_EQ(1, info.nr_resumes);
	EXPECT_EQ(info.epoch_ns, info.last_change_ns);
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
}

TEST_F(suspend, guarded_windows_open_afterwards)
{
	struct ps_model *model = plan_of(self->cpu);

	CAN_SLEEP();
	model->schedules[0].guard_ns = PARTSCHED_MAX_GUARD_NS;
	LOAD(model);
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	SLEEP();
	EXPECT_TRUE(frames_pass(self->kernel, "a", 5));
	EXPECT_TRUE(frames_pass(self->kernel, "b", 5));
}

TEST_F(suspend, frames_are_on_the_grid_of_tai_afterwards)
{
	struct ps_model *model = plan_of(self->cpu);
	struct ps_module_info info;

	CAN_SLEEP();
	model->time_base = PS_TIME_TAI;
	model->base_ns = 123456789;
	LOAD(model);
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	SLEEP();
	MODULE(&info);
	EXPECT_EQ(1, info.nr_resumes);
	EXPECT_EQ(0, info.grid_error_ns);
	EXPECT_EQ(0, (info.epoch_ns + info.clock_offset_ns - info.base_ns) % FRAME_NS);
	/* what the clock was set by meanwhile is no step: the epoch is new anyway */
	EXPECT_EQ(0, info.clock_steps);
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
}

TEST_F(suspend, plan_is_loaded_afterwards_where_none_was)
{
	struct ps_module_info info;

	CAN_SLEEP();
	SLEEP();
	LOAD_USUAL();
	MODULE(&info);
	EXPECT_EQ(0, info.nr_resumes);
}

PARTSCHED_MAIN
