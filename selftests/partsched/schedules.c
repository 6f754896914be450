// SPDX-License-Identifier: GPL-2.0
/*
 * schedules - plans with several module schedules
 */
#include <fcntl.h>

#include "wire.h"

#define OTHER_FRAME_NS	(100 * NSEC_PER_MSEC)
#define OTHER_WINDOW_NS	(30 * NSEC_PER_MSEC)

/*
 * The usual schedule, and 2, where "b" has two windows and "a" one; "c" has
 * windows in 2 only.
 */
static struct ps_model *plan_two(int cpu)
{
	struct ps_model *model = plan_usual(cpu);

	plan_partition(model, "c", 1, cpu);
	plan_schedule(model, 2, OTHER_FRAME_NS);
	model->schedules[1].name = strdup("other");
	plan_window_in(model, 1, 1, 0, OTHER_WINDOW_NS / 2);
	plan_window_in(model, 1, 2, OTHER_WINDOW_NS / 2, OTHER_WINDOW_NS / 2);
	plan_window_in(model, 1, 1, OTHER_WINDOW_NS, OTHER_WINDOW_NS);
	plan_window_in(model, 1, 0, 2 * OTHER_WINDOW_NS, OTHER_WINDOW_NS);
	return model;
}

TEST_F(session, plan_with_several_schedules_runs_the_initial_one)
{
	struct ps_model *model = plan_two(self->cpu);
	struct ps_window_info *windows;
	struct ps_load_result result;
	struct ps_module_info info;
	size_t nr, others = 0;

	/* not the first: the one that says so */
	model->schedules[0].initial = false;
	model->schedules[1].initial = true;
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_EQ(2, info.schedule_id);
	EXPECT_STREQ("other", info.schedule_name);
	EXPECT_EQ(OTHER_FRAME_NS, info.frame_ns);

	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));
	EXPECT_TRUE(frames_pass(self->kernel, "b", 4));
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	EXPECT_EQ(6, nr);
	for (size_t i = 0; i < nr; i++) {
		if (windows[i].schedule_id == 2) {
			EXPECT_LT(0, windows[i].opened);
			continue;
		}
		others++;
		EXPECT_EQ(0, windows[i].opened);
		EXPECT_EQ(0, windows[i].missed);
	}
	EXPECT_EQ(2, others);
	free(windows);
}

TEST_F(session, dump_tells_all_schedules)
{
	struct ps_schedule_info *schedules;
	struct ps_load_result result;
	size_t nr;

	ASSERT_DONE(ps_kernel_schedules(self->kernel, &schedules, &nr, &self->error));
	EXPECT_EQ(0, nr);
	free(schedules);
	ASSERT_DONE(plan_load(self->kernel, plan_two(self->cpu), &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_DONE(ps_kernel_schedules(self->kernel, &schedules, &nr, &self->error));
	ASSERT_EQ(2, nr);
	EXPECT_EQ(1, schedules[0].id);
	EXPECT_STREQ("", schedules[0].name);
	EXPECT_EQ(PLAN_FRAME_NS, schedules[0].frame_ns);
	EXPECT_TRUE(schedules[0].initial);
	EXPECT_TRUE(schedules[0].current);
	EXPECT_EQ(2, schedules[0].nr_windows);
	EXPECT_EQ(2, schedules[1].id);
	EXPECT_STREQ("other", schedules[1].name);
	EXPECT_EQ(OTHER_FRAME_NS, schedules[1].frame_ns);
	EXPECT_FALSE(schedules[1].initial);
	EXPECT_FALSE(schedules[1].current);
	EXPECT_EQ(4, schedules[1].nr_windows);
	free(schedules);
}

/* More than one message of answers. */
TEST_F(session, many_schedules_are_taken_and_dumped)
{
	struct ps_model *model = plan_usual(self->cpu);
	struct ps_schedule_info *schedules;
	struct ps_window_info *windows;
	struct ps_load_result result;
	size_t nr;

	for (uint32_t id = 2; id <= PARTSCHED_MAX_SCHEDULES; id++) {
		size_t schedule = plan_schedule(model, id, PLAN_FRAME_NS);

		for (uint32_t i = 0; i < id; i++)
			plan_window_in(model, schedule, i % 2, i * PARTSCHED_MIN_WINDOW_NS,
				       PARTSCHED_MIN_WINDOW_NS);
	}
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_DONE(ps_kernel_schedules(self->kernel, &schedules, &nr, &self->error));
	ASSERT_EQ(PARTSCHED_MAX_SCHEDULES, nr);
	for (size_t i = 1; i < nr; i++) {
		EXPECT_EQ(i + 1, schedules[i].id);
		EXPECT_EQ(i + 1, schedules[i].nr_windows);
		EXPECT_FALSE(schedules[i].current);
	}
	free(schedules);
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	EXPECT_EQ(PARTSCHED_MAX_SCHEDULES * (PARTSCHED_MAX_SCHEDULES + 1) / 2 + 1, nr);
	for (size_t i = 1; i < nr; i++)
		EXPECT_TRUE(windows[i].schedule_id >= windows[i - 1].schedule_id);
	free(windows);

	model = plan_usual(self->cpu);
	for (uint32_t id = 2; id <= PARTSCHED_MAX_SCHEDULES + 1; id++)
		plan_window_in(model, plan_schedule(model, id, PLAN_FRAME_NS), 0, 0,
			       PLAN_WINDOW_NS);
	EXPECT_REFUSED(E2BIG, plan_load(self->kernel, model, NULL, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "schedule 65: "));
}

TEST_F(session, window_may_open_one_vcpu_on_a_cpu_of_its_own)
{
	struct ps_model *model = plan_new(PLAN_FRAME_NS);
	struct ps_window_info *windows;
	struct ps_load_result result;
	struct ps_window *window;
	size_t nr;

	plan_partition(model, "a", 3, 0);
	window = plan_window_in(model, 0, 0, 0, PLAN_WINDOW_NS);
	window->vcpu = 1;
	window->cpu = self->cpu;
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	ASSERT_EQ(1, nr);
	EXPECT_EQ(1, windows[0].vcpu);
	EXPECT_EQ(self->cpu, (int)windows[0].cpu);
	free(windows);
}

TEST_F(session, same_schedules_again_are_unchanged_others_are_not)
{
	struct ps_load_result first, second, third;
	struct ps_model *model;

	ASSERT_DONE(plan_load(self->kernel, plan_two(self->cpu), &first, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, first.generation));
	ASSERT_DONE(plan_load(self->kernel, plan_two(self->cpu), &second, &self->error));
	EXPECT_TRUE(second.unchanged);
	EXPECT_EQ(first.generation, second.generation);
	EXPECT_EQ(first.epoch_ns, second.epoch_ns);

	/* in a schedule that is not in force, too */
	for (int which = 0; which < 5; which++) {
		model = plan_two(self->cpu);
		switch (which) {
		case 0:
			model->schedules[1].windows[3].duration_ns--;
			break;
		case 1:
			model->schedules[1].name[0] = 'O';
			break;
		case 2:
			model->schedules[1].frame_ns++;
			break;
		case 3:
			model->schedules[1].id = 3;
			break;
		case 4:
			free(model->schedules[1].name);
			free(model->schedules[1].windows);
			model->nr_schedules = 1;
			break;
		}
		ASSERT_DONE(plan_load(self->kernel, model, &third, &self->error));
		EXPECT_FALSE(third.unchanged) { TH_LOG("difference %d counts for nothing", which); }
		EXPECT_EQ(second.generation + 1, third.generation);
		ASSERT_TRUE(plan_settled(self->kernel, third.generation));
		second = third;
	}
}

TEST_F(session, thread_of_a_vcpu_with_windows_in_another_schedule_only_waits)
{
	struct ps_model *model = plan_two(self->cpu);
	struct ps_load_result result;
	pid_t tid;

	plan_partition(model, "without", 1, (uint32_t)self->cpu);
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	EXPECT_REFUSED(ENOENT, attach(self->kernel, "without", tid, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "in any schedule"));
	ASSERT_DONE(attach(self->kernel, "c", tid, &self->error));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "c", 0) == PARTSCHED_RUN_SUSPENDED,
			  TEST_PATIENCE_NS));
	EXPECT_EQ(0, windows_opened(self->kernel, "c", 0));
}

TEST_F(session, thread_keeps_its_windows_when_other_schedules_come_and_go)
{
	struct ps_load_result result;

	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	for (int i = 0; i < 4; i++) {
		ASSERT_DONE(plan_load(self->kernel, i % 2 ? plan_usual(self->cpu) :
				      plan_two(self->cpu), &result, &self->error));
		ASSERT_TRUE(plan_settled(self->kernel, result.generation));
		EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "a", 0));
		EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	}
}

TEST_F(session, refusal_names_the_schedule_and_changes_nothing)
{
	static const char *const sentences[] = {
		"schedule 2: two windows overlap",
		"schedule 2: a window does not end",
		"schedule 2: a CPU keeps too little slack",
		"schedule 2: the schedule has no window",
		"schedule 2: the major frame is 0",
	};
	struct ps_module_info before, after;

	LOAD_USUAL();
	ASSERT_DONE(ps_kernel_module(self->kernel, &before, &self->error));
	for (size_t which = 0; which < ARRAY_SIZE(sentences); which++) {
		struct ps_model *model = plan_two(self->cpu);
		struct ps_schedule *other = &model->schedules[1];

		switch (which) {
		case 0:
			other->windows[1].offset_ns--;
			break;
		case 1:
			other->windows[3].duration_ns = OTHER_FRAME_NS;
			break;
		case 2:
			other->frame_ns = 3 * OTHER_WINDOW_NS;
			break;
		case 3:
			other->nr_windows = 0;
			break;
		case 4:
			other->frame_ns = 0;
			break;
		}
		EXPECT_REFUSED(EINVAL, plan_load(self->kernel, model, NULL, &self->error));
		EXPECT_NE(NULL, strstr(self->error.text, sentences[which])) {
			TH_LOG("%s", self->error.text);
		}
	}
	ASSERT_DONE(ps_kernel_module(self->kernel, &after, &self->error));
	EXPECT_EQ(before.generation, after.generation);
}

TEST_F(session, window_that_is_refused_is_told_with_its_line)
{
	struct ps_model *model = plan_two(self->cpu);

	model->schedules[1].windows[2].cpu = 100000;
	model->schedules[1].windows[2].line = 77;
	EXPECT_REFUSED(EINVAL, plan_load(self->kernel, model, NULL, &self->error));
	EXPECT_EQ(PARTSCHED_A_CPU, self->error.attr);
	EXPECT_NE(NULL, strstr(self->error.text, "no CPU with this number"));
	/* the window itself, not one that went out with it */
	EXPECT_NE(NULL, strstr(self->error.text, ":77: window of partition \"b\""));
}

TEST_F(session, vcpu_may_be_on_another_cpu_in_another_schedule)
{
	struct ps_model *model = plan_two(self->cpu);

	model->schedules[1].windows[2].cpu = 0;
	ASSERT_DONE(plan_load(self->kernel, model, NULL, &self->error));
}

TEST_F(session, planned_cpu_of_a_schedule_not_in_force_stays_online)
{
	struct ps_model *model = plan_usual(self->cpu);
	struct ps_load_result result;
	struct ps_cpu_info *cpus;
	char path[100];
	size_t nr;
	int fd;

	if (self->cpu < 1)
		SKIP(return, "only one CPU is online");
	/* in force nobody has a window on the last CPU; in schedule 2 "c" has */
	model->partitions[0].vcpus[0].cpu = 0;
	model->partitions[1].vcpus[0].cpu = 0;
	plan_partition(model, "c", 1, self->cpu);
	plan_window_in(model, plan_schedule(model, 2, PLAN_FRAME_NS), 2, 0, PLAN_WINDOW_NS);
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_DONE(ps_kernel_cpus(self->kernel, &cpus, &nr, &self->error));
	ASSERT_EQ(1, nr);
	EXPECT_EQ(0, cpus[0].cpu);
	free(cpus);
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", self->cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, "0", 1));
	close(fd);
}

#define SCHEDULE(_id, _initial, _err) do {				\
	BEGIN(STAGE_SCHEDULE);						\
	U32(SCHEDULE_ID, _id);						\
	U64(MAJOR_FRAME_NS, PLAN_FRAME_NS);				\
	if (_initial)							\
		message_flag(&self->message, PARTSCHED_A_INITIAL);	\
	SEND(_err);							\
} while (0)

#define WINDOW(_schedule, _err) do {					\
	BEGIN(STAGE_WINDOW);						\
	U32(SCHEDULE_ID, _schedule);					\
	U32(PARTITION_ID, 1);						\
	U32(VCPU, 0);							\
	U32(CPU, session_cpu());					\
	U32(WINDOW_ID, 0);						\
	U64(OFFSET_NS, 0);						\
	U64(DURATION_NS, PLAN_WINDOW_NS);				\
	SEND(_err);							\
} while (0)

#define PARTITION() do {						\
	BEGIN(STAGE_PARTITION);						\
	U32(PARTITION_ID, 1);						\
	STRING(PARTITION_NAME, "a");					\
	U32(NR_VCPUS, 1);						\
	SEND(0);							\
} while (0)

TEST_F(wire, two_schedules_of_one_identifier_are_refused)
{
	BEGIN(STAGE_BEGIN);
	SEND(0);
	SCHEDULE(7, true, 0);
	SCHEDULE(8, false, 0);
	SCHEDULE(7, false, EINVAL);
	EXPECT_EQ(PARTSCHED_A_SCHEDULE_ID, self->answer.attr);
	EXPECT_NE(NULL, strstr(self->answer.text, "identifier"));
}

TEST_F(wire, several_without_or_with_two_initial_are_refused)
{
	for (int nr_initial = 0; nr_initial <= 2; nr_initial++) {
		BEGIN(STAGE_BEGIN);
		SEND(0);
		SCHEDULE(1, nr_initial > 1, 0);
		SCHEDULE(2, nr_initial > 0, nr_initial > 1 ? EINVAL : 0);
		if (nr_initial > 1) {
			EXPECT_EQ(PARTSCHED_A_INITIAL, self->answer.attr);
			EXPECT_NE(NULL, strstr(self->answer.text, "initial"));
			continue;
		}
		PARTITION();
		WINDOW(1, 0);
		WINDOW(2, 0);
		BEGIN(STAGE_COMMIT);
		SEND(nr_initial ? 0 : EINVAL);
		if (!nr_initial)
			EXPECT_NE(NULL, strstr(self->answer.text, "initial"));
	}
}

TEST_F(wire, window_of_an_unknown_schedule_is_refused)
{
	BEGIN(STAGE_BEGIN);
	SEND(0);
	PARTITION();
	WINDOW(1, EINVAL);
	SCHEDULE(1, true, 0);
	SCHEDULE(2, false, 0);
	WINDOW(1, 0);
	WINDOW(3, EINVAL);
	EXPECT_EQ(PARTSCHED_A_SCHEDULE_ID, self->answer.attr);
	WINDOW(2, 0);
	BEGIN(STAGE_COMMIT);
	SEND(0);
}

PARTSCHED_MAIN
