// SPDX-License-Identifier: GPL-2.0
/*
 * load - plans that come, change and go
 */
#include "partsched.h"

TEST_F(session, same_plan_again_is_unchanged)
{
	struct ps_load_result first, second;

	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &first, &self->error));
	ASSERT_FALSE(first.unchanged);
	ASSERT_TRUE(plan_settled(self->kernel, first.generation));
	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &second, &self->error));
	EXPECT_TRUE(second.unchanged);
	EXPECT_EQ(first.generation, second.generation);
	EXPECT_EQ(first.epoch_ns, second.epoch_ns);
}

TEST_F(session, dump_gives_back_the_plan)
{
	struct ps_partition_info *partitions;
	struct ps_window_info *windows;
	struct ps_module_info info;
	struct ps_cpu_info *cpus;
	size_t nr;

	LOAD_USUAL();
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_EQ(PLAN_FRAME_NS, info.frame_ns);
	EXPECT_EQ(2, info.nr_partitions);
	EXPECT_EQ(0, info.nr_threads);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(PARTSCHED_DEFAULT_SLACK_PPM, info.slack_ppm);

	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	ASSERT_EQ(2, nr);
	for (size_t i = 0; i < nr; i++) {
		EXPECT_EQ(i + 1, windows[i].partition_id);
		EXPECT_EQ(i * PLAN_FRAME_NS / 2, windows[i].offset_ns);
		EXPECT_EQ(PLAN_WINDOW_NS, windows[i].duration_ns);
		EXPECT_EQ(self->cpu, (int)windows[i].cpu);
	}
	free(windows);
	ASSERT_DONE(ps_kernel_partitions(self->kernel, &partitions, &nr, &self->error));
	ASSERT_EQ(2, nr);
	EXPECT_STREQ("a", partitions[0].name);
	EXPECT_STREQ("b", partitions[1].name);
	EXPECT_EQ(PARTSCHED_MODE_IDLE, partitions[0].mode);
	free(partitions);
	ASSERT_DONE(ps_kernel_cpus(self->kernel, &cpus, &nr, &self->error));
	ASSERT_EQ(1, nr);
	EXPECT_EQ(self->cpu, (int)cpus[0].cpu);
	free(cpus);
}

TEST_F(session, dry_run_publishes_nothing)
{
	struct ps_model *model = plan_usual(self->cpu);
	struct ps_load_result result;
	struct ps_module_info info;

	ASSERT_DONE(ps_kernel_load(self->kernel, model, PS_LOAD_DRY_RUN, &result, &self->error));
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_FALSE(info.has_plan);
	ps_model_free(model);
}

/* Each is wrong in one thing. */
static struct ps_model *bad_plan(int which, int cpu)
{
	struct ps_model *model = plan_usual(cpu);
	struct ps_schedule *schedule = &model->schedules[0];

	switch (which) {
	case 0:
		schedule->windows[1].offset_ns = PLAN_WINDOW_NS - 1;
		break;
	case 1:
		schedule->windows[1].duration_ns = PLAN_FRAME_NS / 2 + 1;
		break;
	case 2:
		schedule->windows[0].duration_ns = PLAN_FRAME_NS / 2;
		schedule->windows[1].duration_ns = PLAN_FRAME_NS / 2;
		break;
	case 3:
		model->partitions[1].vcpus[0].cpu = 100000;
		break;
	case 4:
		schedule->windows[0].duration_ns = PARTSCHED_MIN_WINDOW_NS - 1;
		break;
	case 5:
		schedule->frame_ns = 0;
		break;
	case 6:
		schedule->nr_windows = 0;
		break;
	case 7:
		schedule->windows[1].offset_ns = UINT64_MAX - PLAN_WINDOW_NS + 1;
		break;
	case 8:
		model->partitions[1].id = model->partitions[0].id;
		break;
	case 9:
		schedule->frame_ns = PARTSCHED_MAX_FRAME_NS + 1;
		break;
	default:
		ps_model_free(model);
		return NULL;
	}
	return model;
}

TEST_F(session, bad_plan_changes_nothing_of_the_good_one)
{
	struct ps_module_info before, after;
	struct ps_window_info *windows;
	struct ps_model *model;
	struct ps_load_result result;
	uint64_t frame;
	size_t nr;
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_module(self->kernel, &before, &self->error));
	for (int which = 0; (model = bad_plan(which, self->cpu)); which++) {
		EXPECT_EQ(-1, ps_kernel_load(self->kernel, model, 0, &result, &self->error)) {
			TH_LOG("bad plan %d was taken", which);
		}
		/* it says why, in a sentence of its own */
		EXPECT_NE(NULL, strstr(self->error.text, "refused: "));
		EXPECT_EQ(NULL, strstr(self->error.text, strerror(EINVAL)));
		ps_model_free(model);
	}
	ASSERT_DONE(ps_kernel_module(self->kernel, &after, &self->error));
	EXPECT_EQ(before.generation, after.generation);
	EXPECT_EQ(before.epoch_ns, after.epoch_ns);
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "a", 0));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));

	/* no window has gone by that was neither opened nor counted as missed */
	ASSERT_DONE(ps_kernel_module(self->kernel, &before, &self->error));
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	ASSERT_DONE(ps_kernel_module(self->kernel, &after, &self->error));
	for (size_t i = 0; i < nr; i++) {
		frame = windows[i].opened + windows[i].missed;
		/* a timer that is late by frames counts when it comes */
		EXPECT_LE(frame, after.frame + 1);
		EXPECT_GE(frame + TEST_EMULATION, before.frame);
	}
	free(windows);
}

TEST_F(session, new_plan_keeps_the_attached_threads)
{
	struct ps_model *model = plan_usual(self->cpu);
	struct ps_load_result first, second;
	struct ps_window_info *windows;
	struct ps_vcpu_info vcpu;
	size_t nr;
	pid_t tid;

	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &first, &self->error));
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	model->schedules[0].windows[0].duration_ns /= 2;
	plan_partition(model, "c", 1, self->cpu);
	ASSERT_DONE(plan_load(self->kernel, model, &second, &self->error));
	EXPECT_FALSE(second.unchanged);
	EXPECT_EQ(first.generation + 1, second.generation);
	/* at a boundary of the old frame */
	EXPECT_EQ(0, (second.epoch_ns - first.epoch_ns) % PLAN_FRAME_NS);
	ASSERT_TRUE(plan_settled(self->kernel, second.generation));

	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &vcpu));
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, vcpu.attach_state);
	EXPECT_EQ(tid, (pid_t)vcpu.tid);
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	ASSERT_LE(1, nr);
	EXPECT_EQ(PLAN_WINDOW_NS / 2, windows[0].duration_ns);
	EXPECT_LT(0, windows[0].opened);
	free(windows);
}

TEST_F(session, plan_without_a_place_for_an_attached_thread_is_refused)
{
	struct ps_module_info before, after;
	struct ps_model *model = plan_new(PLAN_FRAME_NS);

	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_DONE(ps_kernel_module(self->kernel, &before, &self->error));
	plan_partition(model, "b", 1, self->cpu);
	plan_window(model, 0, 0, PLAN_WINDOW_NS);
	EXPECT_REFUSED(EBUSY, plan_load(self->kernel, model, NULL, &self->error));
	ASSERT_DONE(ps_kernel_module(self->kernel, &after, &self->error));
	EXPECT_EQ(before.generation, after.generation);
	EXPECT_TRUE(frames_pass(self->kernel, "a", 2));
}

TEST_F(session, vcpu_that_lost_its_windows_takes_no_thread)
{
	struct ps_model *model = plan_usual(self->cpu);
	struct ps_load_result result;
	pid_t tid;

	LOAD_USUAL();
	/* "b" stays a partition, but has no window any more */
	model->schedules[0].nr_windows = 1;
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	EXPECT_REFUSED(ENOENT, attach(self->kernel, "b", tid, &self->error));
}

TEST_F(session, unload_is_refused_while_a_guest_runs)
{
	struct ps_module_info info;
	pid_t tid;

	EXPECT_REFUSED(ENOENT, ps_kernel_unload(self->kernel, false, &self->error));
	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	EXPECT_REFUSED(EBUSY, ps_kernel_unload(self->kernel, false, &self->error));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 2));

	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	EXPECT_EQ(0, ps_kernel_unload(self->kernel, false, &self->error));
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_FALSE(info.has_plan);
}

TEST_F(session, forced_unload_sets_the_guests_free)
{
	struct ps_module_info info;
	struct proc_task task;
	uint64_t ran;
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	ASSERT_TRUE(UNTIL(!ps_kernel_module(self->kernel, &info, &self->error) &&
			  !info.nr_threads, bound_ns()));
	EXPECT_FALSE(info.has_plan);
	ASSERT_TRUE(proc_task(tid, &task));
	EXPECT_EQ(SCHED_OTHER, task.policy);
	EXPECT_EQ(0, task.flags & PROC_NO_SETAFFINITY);
	/* it runs on, without windows */
	ran = proc_runtime_ns(tid);
	EXPECT_TRUE(UNTIL(proc_runtime_ns(tid) > ran + 10 * NSEC_PER_MSEC, TEST_PATIENCE_NS));
	/* and the module takes the next plan */
	LOAD_USUAL();
}

PARTSCHED_MAIN
