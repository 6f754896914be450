// SPDX-License-Identifier: GPL-2.0
/*
 * change - from one module schedule to another while the plan runs
 */
#include "change.h"

TEST_F(session, status_tells_current_next_and_last_change)
{
	struct ps_change_result result;
	struct ps_module_info info;
	uint64_t epoch_ns;

	LOAD(plan_same(self->cpu, LONG_FRAME_NS));
	MODULE(&info);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(1, info.next_schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(0, info.last_change_ns);
	EXPECT_EQ(0, info.nr_changes);
	epoch_ns = info.epoch_ns;

	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_FALSE(result.no_action);
	EXPECT_LT(info.now_ns, result.epoch_ns);
	EXPECT_EQ(0, (result.epoch_ns - epoch_ns) % LONG_FRAME_NS);
	MODULE(&info);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(2, info.next_schedule_id);
	EXPECT_EQ(result.epoch_ns, info.next_epoch_ns);
	EXPECT_EQ(0, info.last_change_ns);

	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 2, result.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	MODULE(&info);
	EXPECT_EQ(2, info.schedule_id);
	EXPECT_STREQ("other", info.schedule_name);
	EXPECT_EQ(2, info.next_schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(result.epoch_ns, info.last_change_ns);
	EXPECT_EQ(result.epoch_ns, info.epoch_ns);
	EXPECT_EQ(1, info.nr_changes);

	/* with another plan it begins anew */
	LOAD_USUAL();
	MODULE(&info);
	EXPECT_EQ(0, info.last_change_ns);
	EXPECT_EQ(0, info.nr_changes);
}

TEST_F(session, schedule_in_force_is_no_action_and_an_unknown_one_is_refused)
{
	struct ps_change_result result;
	struct ps_module_info info;

	EXPECT_REFUSED(ENOENT, ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "no plan"));
	LOAD(plan_same(self->cpu, FRAME_NS));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	EXPECT_TRUE(result.no_action);
	MODULE(&info);
	EXPECT_EQ(info.epoch_ns, result.epoch_ns);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_REFUSED(EINVAL, ps_kernel_change_schedule(self->kernel, 3, &result, &self->error));
	EXPECT_EQ(PARTSCHED_A_SCHEDULE_ID, self->error.attr);
	EXPECT_NE(NULL, strstr(self->error.text, "no schedule with this identifier"));
	CHANGE_TO(2, NULL);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_TRUE(result.no_action);
}

TEST_F(session, later_request_replaces_the_earlier)
{
	struct ps_model *model = plan_same(self->cpu, LONG_FRAME_NS);
	struct ps_change_result first, second, third;
	struct ps_window_info *windows;
	struct ps_module_info info;
	size_t nr;

	plan_window_in(model, plan_schedule(model, 3, LONG_FRAME_NS), 2, 0, PLAN_WINDOW_NS);
	LOAD(model);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &first, &self->error));
	/* the same again is the same */
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &second, &self->error));
	EXPECT_FALSE(second.no_action);
	EXPECT_EQ(first.epoch_ns, second.epoch_ns);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 3, &third, &self->error));
	EXPECT_FALSE(third.no_action);
	EXPECT_EQ(first.epoch_ns, third.epoch_ns);
	MODULE(&info);
	EXPECT_EQ(3, info.next_schedule_id);
	EXPECT_REFUSED(ECANCELED, ps_kernel_wait_schedule(self->kernel, 2, first.epoch_ns, 0,
							  &self->error));
	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 3, third.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	MODULE(&info);
	EXPECT_EQ(1, info.nr_changes);
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	for (size_t i = 0; i < nr; i++) {
		if (windows[i].schedule_id == 2)
			EXPECT_EQ(0, windows[i].opened + windows[i].missed);
	}
	free(windows);
}

TEST_F(session, request_for_the_schedule_in_force_takes_a_change_back)
{
	struct ps_change_result result;
	struct ps_module_info info;
	uint64_t at_ns;

	LOAD(plan_two_cpus(self->cpu, LONG_FRAME_NS, true));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	at_ns = result.epoch_ns;
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	/* something was done */
	EXPECT_FALSE(result.no_action);
	MODULE(&info);
	EXPECT_EQ(info.epoch_ns, result.epoch_ns);
	EXPECT_EQ(1, info.next_schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	ASSERT_TRUE(UNTIL(now_ns() > at_ns + LONG_FRAME_NS / 2, TEST_PATIENCE_NS));
	MODULE(&info);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(0, info.nr_changes);
}

TEST_F(session, cpu_of_one_schedule_only_runs_with_it)
{
	uint64_t from_ns, to_ns, frames = 0;
	struct ps_cpu_info *cpus;
	const char *why = NULL;
	size_t nr;

	LOAD(plan_two_cpus(self->cpu, FRAME_NS, true));
	for (int i = 0; i < 5; i++) {
		ASSERT_DONE(ps_kernel_cpus(self->kernel, &cpus, &nr, &self->error));
		ASSERT_EQ(1, nr);
		EXPECT_EQ(self->cpu, (int)cpus[0].cpu);
		free(cpus);
		CHANGE_TO(2, &from_ns);
		ASSERT_DONE(ps_kernel_cpus(self->kernel, &cpus, &nr, &self->error));
		EXPECT_EQ(2, nr);
		free(cpus);
		CHANGE_TO(1, &to_ns);
		frames += (to_ns - from_ns) / FRAME_NS;
		EXPECT_EQ(frames, begun(self->kernel, 2, &why));
		EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
	}
}

TEST_F(session, thread_without_windows_waits_and_goes_on)
{
	uint64_t ran_ns, from;
	pid_t tid;

	LOAD(plan_same(self->cpu, FRAME_NS));
	tid = guest_attached(&self->guest, self->kernel, "hog", "b");
	ASSERT_NE(0, tid);
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(frames_pass(self->kernel, "b", 2));
		CHANGE_TO(2, NULL);
		/* it may be on its way to the gate */
		ASSERT_TRUE(UNTIL(proc_state(tid) != 'R', TEST_PATIENCE_NS));
		ran_ns = proc_runtime_ns(tid);
		from = windows_opened(self->kernel, "b", 0);
		ASSERT_TRUE(UNTIL(begun(self->kernel, 2, &(const char *){ NULL }) >= 5 * (i + 1),
				  TEST_PATIENCE_NS));
		EXPECT_EQ(PARTSCHED_RUN_SUSPENDED, run_state(self->kernel, "b", 0));
		EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "b", 0));
		EXPECT_EQ(ran_ns, proc_runtime_ns(tid));
		EXPECT_EQ(from, windows_opened(self->kernel, "b", 0));
		CHANGE_TO(1, NULL);
	}
}

TEST_F(session, thread_without_windows_dies_or_leaves_at_once)
{
	uint64_t opened;

	LOAD(plan_same(self->cpu, FRAME_NS));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));
	CHANGE_TO(2, NULL);
	ASSERT_EQ(0, kill(self->guest.pid, SIGKILL));
	EXPECT_TRUE(guest_ended(&self->guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "b", 0), bound_ns()));

	CHANGE_TO(1, NULL);
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));
	CHANGE_TO(2, NULL);
	ASSERT_DONE(detach(self->kernel, "b", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "b", 0), bound_ns()));
	opened = windows_opened(self->kernel, "b", 0);
	/* another one may come, and waits for the schedule that has windows for it */
	ASSERT_DONE(attach(self->kernel, "b", START_VM(VM_SPIN), &self->error));
	EXPECT_TRUE(UNTIL(attach_state(self->kernel, "b", 0) == PARTSCHED_ATTACH_ATTACHED,
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "b", 0) == PARTSCHED_RUN_SUSPENDED,
			  TEST_PATIENCE_NS));
	EXPECT_EQ(opened, windows_opened(self->kernel, "b", 0));
	CHANGE_TO(1, NULL);
	EXPECT_TRUE(frames_pass(self->kernel, "b", 2));
}

TEST_F(session, load_waits_for_the_change_and_attach_does_not)
{
	struct ps_change_result result;
	struct ps_load_result loaded;
	pid_t tid;

	LOAD(plan_same(self->cpu, LONG_FRAME_NS));
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_REFUSED(EBUSY, plan_load(self->kernel, plan_usual(self->cpu), NULL, &self->error));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	EXPECT_LT(now_ns(), result.epoch_ns);
	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 2, result.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	EXPECT_TRUE(UNTIL(attach_state(self->kernel, "a", 0) == PARTSCHED_ATTACH_ATTACHED,
			  TEST_PATIENCE_NS));
	/* the same plan is the same, whichever schedule is in force */
	ASSERT_DONE(plan_load(self->kernel, plan_same(self->cpu, LONG_FRAME_NS), &loaded,
			      &self->error));
	EXPECT_TRUE(loaded.unchanged);
	EXPECT_EQ(result.epoch_ns, loaded.epoch_ns);
}

TEST_F(session, change_waits_for_a_plan_on_its_way)
{
	struct ps_change_result result;
	struct ps_load_result loaded;

	LOAD(plan_same(self->cpu, LONG_FRAME_NS));
	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &loaded, &self->error));
	EXPECT_REFUSED(EBUSY, ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "another plan"));
	ASSERT_TRUE(plan_settled(self->kernel, loaded.generation));
	EXPECT_REFUSED(EINVAL, ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
}

/* Announced, or announced and taken back: no timer is left behind. */
TEST_F(session, unload_ends_a_change_on_its_way)
{
	struct ps_change_result result;
	struct ps_module_info info;

	for (int i = 0; i < 3; i++) {
		LOAD(plan_two_cpus(self->cpu, LONG_FRAME_NS, true));
		ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
		if (i)
			ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result,
							      &self->error));
		ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
		MODULE(&info);
		EXPECT_FALSE(info.has_plan);
	}
	EXPECT_TRUE(UNTIL(!module_remove(), TEST_PATIENCE_NS));
}

#define PM_TEST	"/sys/power/pm_test"

TEST_F(session, change_on_its_way_is_in_force_after_a_suspend)
{
	struct ps_change_result result;
	struct ps_module_info info;
	const char *why = NULL;
	char text[100];

	if (file_read(PM_TEST, text, sizeof(text)) < 0 || !strstr(text, "freezer"))
		SKIP(return, "this kernel cannot try a suspend");
	LOAD(plan_two_cpus(self->cpu, LONG_FRAME_NS, true));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	file_write("/sys/module/suspend/parameters/pm_test_delay", "1");
	ASSERT_EQ(0, file_write(PM_TEST, "freezer"));
	EXPECT_EQ(0, file_write("/sys/power/state", "freeze"));
	EXPECT_EQ(0, file_write(PM_TEST, "none"));
	MODULE(&info);
	EXPECT_EQ(2, info.schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(1, info.nr_changes);
	EXPECT_EQ(info.epoch_ns, info.last_change_ns);
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "a", 0));
	EXPECT_TRUE(UNTIL(begun(self->kernel, 2, &(const char *){ NULL }) >= 1, TEST_PATIENCE_NS));
	CHANGE_TO(1, NULL);
	begun(self->kernel, 2, &why);
	EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
	EXPECT_TRUE(frames_pass(self->kernel, "a", 1));
}

TEST_F(session, listener_hears_when_all_cpus_have_changed)
{
	struct ps_kernel *events = ps_kernel_open(&self->error);
	struct ps_event event;
	uint64_t epoch_ns;

	ASSERT_NE(NULL, events);
	LOAD(plan_two_cpus(self->cpu, FRAME_NS, false));
	ASSERT_DONE(ps_kernel_subscribe(events, &self->error));
	CHANGE_TO(2, &epoch_ns);
	do {
		ASSERT_EQ(1, ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event,
					     &self->error)) { TH_LOG("%s", self->error.text); }
	} while (event.type == PARTSCHED_EVENT_MISSED);
	EXPECT_EQ(PARTSCHED_EVENT_SCHEDULE_CHANGED, event.type);
	EXPECT_TRUE(event.has_schedule);
	EXPECT_EQ(2, event.schedule_id);
	EXPECT_EQ(epoch_ns, event.epoch_ns);
	EXPECT_LE(epoch_ns, event.time_ns);
	ps_kernel_close(events);
}

PARTSCHED_MAIN
