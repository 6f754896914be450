// SPDX-License-Identifier: GPL-2.0
/*
 * action - what partitions do when the module schedule changes, and guests that
 * ask for that
 */
#include <inttypes.h>

#include <linux/partsched_guest.h>

#include "partsched.h"
#include "seen.h"
#include "../../tools/partvm/guest/asker.h"
#include "../../tools/partvm/guest/starts.h"

/* Where no CPU is ever away a tenth of it does, and the emulator is done sooner. */
#define FRAME_NS	((exact() ? 4 : 40) * NSEC_PER_MSEC)
#define WINDOW_NS	(FRAME_NS / 4)

static const volatile struct starts_vcpu *vcpu_of(const struct seen *seen, unsigned int vcpu)
{
	const volatile struct starts_record *record =
		(const volatile void *)(seen->memory + STARTS_RECORD);

	return &record->vcpu[vcpu];
}

/* Whether a vCPU's guest runs: its count moves on. */
static bool runs(const struct seen *seen, unsigned int vcpu)
{
	uint64_t loops = vcpu_of(seen, vcpu)->loops;

	return UNTIL(vcpu_of(seen, vcpu)->loops > loops + 10, TEST_PATIENCE_NS);
}

static void act(struct ps_model *model, size_t schedule, size_t partition,
		enum ps_change_action action)
{
	struct ps_entry *entry = ps_schedule_add_entry(&model->schedules[schedule]);

	entry->partition = partition;
	entry->has_action = true;
	entry->change_action = action;
}

/* "a" and "b" in both schedules, "a" with an action in the second. */
static struct ps_model *plan_acting(int cpu, enum ps_change_action action)
{
	struct ps_model *model = plan_new(FRAME_NS);
	size_t i;

	plan_partition(model, "a", 1, (uint32_t)cpu);
	plan_partition(model, "b", 1, (uint32_t)cpu);
	plan_schedule(model, 2, FRAME_NS);
	for (i = 0; i < 2; i++) {
		plan_window_in(model, i, 0, WINDOW_NS / 2, WINDOW_NS);
		plan_window_in(model, i, 1, 2 * WINDOW_NS, WINDOW_NS);
	}
	act(model, 1, 0, action);
	return model;
}

static uint32_t mode_of(struct ps_kernel *kernel, const char *name)
{
	struct ps_partition_info *list;
	uint32_t mode = 0;
	size_t nr, i;

	if (ps_kernel_partitions(kernel, &list, &nr, NULL))
		return 0;
	for (i = 0; i < nr; i++)
		if (!strcmp(list[i].name, name))
			mode = list[i].mode;
	free(list);
	return mode;
}

static uint64_t missed_by(struct ps_kernel *kernel, const char *name)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, name, 0, &info) ? info.stats.missed : UINT64_MAX;
}

FIXTURE(acting)
{
	struct ps_kernel *kernel;
	struct ps_error error;
	struct seen a;
	struct seen b;
	int cpu;
};

FIXTURE_SETUP(acting)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
}

FIXTURE_TEARDOWN(acting)
{
	seen_end(&self->a);
	seen_end(&self->b);
	EXPECT_TRUE(session_close(self->kernel));
}

#define BOTH_RUN() do {								\
	ASSERT_TRUE(seen_start(&self->a, "starts", "a", NULL, NULL));		\
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));		\
	ASSERT_TRUE(runs(&self->a, 0));						\
	ASSERT_TRUE(runs(&self->b, 0));						\
} while (0)

TEST_F(acting, partition_with_ignore_goes_on)
{
	LOAD(plan_acting(self->cpu, PS_CHANGE_IGNORE));
	BOTH_RUN();
	CHANGE_TO(2, NULL);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 3));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "a"));
}

TEST_F(acting, warm_start_keeps_memory_and_ends_the_former_life_before_the_window)
{
	LOAD(plan_acting(self->cpu, PS_CHANGE_WARM_START));
	BOTH_RUN();
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 2, TEST_PATIENCE_NS));
	EXPECT_TRUE(runs(&self->a, 0));
	/* the last that the former one saw is of another window */
	EXPECT_LT(vcpu_of(&self->a, 0)->former_ns + FRAME_NS - 2 * WINDOW_NS,
		  vcpu_of(&self->a, 0)->began_ns);
	/* back to a schedule that says nothing */
	CHANGE_TO(1, NULL);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 3));
	EXPECT_EQ(2, vcpu_of(&self->a, 0)->starts);
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 3, TEST_PATIENCE_NS));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "a"));
	EXPECT_EQ(1, vcpu_of(&self->b, 0)->starts);
	EXPECT_TRUE(runs(&self->b, 0));
}

TEST_F(acting, cold_start_clears_memory)
{
	uint64_t began_ns;

	LOAD(plan_acting(self->cpu, PS_CHANGE_COLD_START));
	BOTH_RUN();
	began_ns = vcpu_of(&self->a, 0)->began_ns;
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->began_ns > began_ns, TEST_PATIENCE_NS));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(0, vcpu_of(&self->a, 0)->former_ns);
	EXPECT_EQ(1, vcpu_of(&self->b, 0)->starts);
	EXPECT_TRUE(runs(&self->b, 0));
}

TEST_F(acting, idle_partition_does_not_run_until_it_is_started)
{
	struct ps_model *model = plan_acting(self->cpu, PS_CHANGE_IDLE);
	uint64_t loops;

	act(model, 0, 0, PS_CHANGE_WARM_START);
	LOAD(model);
	BOTH_RUN();
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_RUN_HALTED, run_state(self->kernel, "a", 0));
	loops = vcpu_of(&self->a, 0)->loops;
	/* its windows pass, without it */
	ASSERT_TRUE(frames_pass(self->kernel, "a", 5));
	EXPECT_EQ(loops, vcpu_of(&self->a, 0)->loops);
	EXPECT_TRUE(runs(&self->b, 0));
	CHANGE_TO(1, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 2, TEST_PATIENCE_NS));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "a"));
}

TEST_F(acting, idle_partition_hears_signals_and_leaves_at_once)
{
	LOAD(plan_acting(self->cpu, PS_CHANGE_IDLE));
	BOTH_RUN();
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	kill(self->a.guest.pid, SIGTERM);
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	/* who comes next has begun by itself */
	ASSERT_TRUE(seen_start(&self->a, "starts", "a", NULL, NULL));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
}

TEST_F(acting, halted_guest_is_started_too)
{
	LOAD(plan_acting(self->cpu, PS_CHANGE_WARM_START));
	ASSERT_TRUE(seen_start(&self->a, "naps", "a", "--halt-exits", "--"));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
			  TEST_PATIENCE_NS));
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 2, TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
			  TEST_PATIENCE_NS))
	{ TH_LOG("it is in state %u", run_state(self->kernel, "a", 0)); }
}

TEST_F(acting, all_vcpus_are_started_each_in_its_own_window)
{
	struct ps_model *model = plan_new(FRAME_NS);
	size_t i;

	if (self->cpu < 1)
		SKIP(return, "only one CPU is online");
	plan_partition(model, "a", 2, (uint32_t)self->cpu);
	model->partitions[0].vcpus[1].cpu = 0;
	plan_schedule(model, 2, FRAME_NS);
	plan_schedule(model, 3, FRAME_NS);
	for (i = 0; i < 3; i++) {
		plan_window_in(model, i, 0, WINDOW_NS / 2, WINDOW_NS)->vcpu = 0;
		/* in 2 the second vCPU has none: it is started when it has one again */
		if (i != 1)
			plan_window_in(model, i, 0, 2 * WINDOW_NS, WINDOW_NS)->vcpu = 1;
	}
	act(model, 1, 0, PS_CHANGE_WARM_START);
	LOAD(model);
	ASSERT_TRUE(seen_start(&self->a, "starts", "a", NULL, NULL));
	ASSERT_TRUE(runs(&self->a, 0));
	ASSERT_TRUE(runs(&self->a, 1));
	CHANGE_TO(2, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 2, TEST_PATIENCE_NS));
	EXPECT_EQ(1, vcpu_of(&self->a, 1)->starts);
	CHANGE_TO(3, NULL);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 1)->starts == 2, TEST_PATIENCE_NS));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_TRUE(runs(&self->a, 1));
	EXPECT_EQ(2, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(2, vcpu_of(&self->a, 1)->starts);
}

TEST_F(acting, neighbour_loses_no_window_to_fifty_starts)
{
	unsigned int i;

	LOAD(plan_acting(self->cpu, PS_CHANGE_COLD_START));
	BOTH_RUN();
	for (i = 0; i < 25; i++) {
		CHANGE_TO(2, NULL);
		CHANGE_TO(1, NULL);
	}
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(1, vcpu_of(&self->b, 0)->starts);
	EXPECT_TRUE(runs(&self->b, 0));
	if (exact())
		EXPECT_EQ(0, missed_by(self->kernel, "b"));
}

TEST_F(acting, action_is_told_as_an_event)
{
	struct ps_kernel *events = ps_kernel_open(&self->error);
	struct ps_event event;

	ASSERT_NE(NULL, events);
	ASSERT_DONE(ps_kernel_subscribe(events, &self->error));
	LOAD(plan_acting(self->cpu, PS_CHANGE_COLD_START));
	BOTH_RUN();
	CHANGE_TO(2, NULL);
	do {
		ASSERT_EQ(1, ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event,
					     &self->error)) { TH_LOG("%s", self->error.text); }
	} while (event.type != PARTSCHED_EVENT_CHANGE_ACTION);
	EXPECT_STREQ("a", event.partition);
	EXPECT_EQ(PARTSCHED_CHANGE_COLD_START, event.change_action);
	ps_kernel_close(events);
}

static const volatile struct asker_record *answers(const struct seen *seen)
{
	return (const volatile void *)(seen->memory + ASKER_RECORD);
}

TEST_F(acting, guest_with_the_right_changes_the_schedule)
{
	struct ps_module_info info;

	LOAD(plan_acting(self->cpu, PS_CHANGE_IGNORE));
	ASSERT_TRUE(seen_start(&self->a, "asker", "a", "--set-schedule", "always"));
	EXPECT_TRUE(UNTIL(answers(&self->a)->nr == ASKER_QUESTIONS, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ACTION, answers(&self->a)->answer[ASKER_CURRENT]);
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, answers(&self->a)->answer[ASKER_UNKNOWN]);
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, answers(&self->a)->answer[ASKER_OTHER]);
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, answers(&self->a)->answer[ASKER_BACK]);
	EXPECT_TRUE(UNTIL(!ps_kernel_module(self->kernel, &info, NULL) && info.nr_changes == 2,
			  TEST_PATIENCE_NS));
	EXPECT_EQ(1, info.schedule_id);
}

TEST_F(acting, right_of_one_schedule_ends_with_it)
{
	LOAD(plan_acting(self->cpu, PS_CHANGE_IGNORE));
	ASSERT_TRUE(seen_start(&self->a, "asker", "a", "--set-schedule", "1,7"));
	EXPECT_TRUE(UNTIL(answers(&self->a)->nr == ASKER_QUESTIONS, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, answers(&self->a)->answer[ASKER_OTHER]);
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_CONFIG, answers(&self->a)->answer[ASKER_BACK]);
}

TEST_F(acting, guest_without_the_right_changes_nothing)
{
	struct ps_module_info info;
	unsigned int i;

	LOAD(plan_acting(self->cpu, PS_CHANGE_IGNORE));
	ASSERT_TRUE(seen_start(&self->a, "asker", "a", NULL, NULL));
	EXPECT_TRUE(UNTIL(answers(&self->a)->nr == ASKER_QUESTIONS, TEST_PATIENCE_NS));
	for (i = 0; i < ASKER_QUESTIONS; i++)
		EXPECT_EQ(PARTSCHED_GUEST_INVALID_CONFIG, answers(&self->a)->answer[i]);
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_EQ(0, info.nr_changes);
}

PARTSCHED_MAIN
