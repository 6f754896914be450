// SPDX-License-Identifier: GPL-2.0
/*
 * module - it stays while it is needed and goes when it is not
 *
 * The last program: it leaves the module unloaded.
 */
#include "partsched.h"

static bool removed(void)
{
	int err = module_remove();

	/* the last reference goes when no callback can be under way any more */
	return !err || err == -ENOENT;
}

TEST_F(session, module_stays_while_a_thread_is_attached)
{
	int log = kernel_log_mark();
	char line[128];
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	EXPECT_EQ(-EWOULDBLOCK, module_remove());
	/* the log says who it is */
	snprintf(line, sizeof(line), "thread %d (partvm-vcpu0): the module stays", tid);
	EXPECT_TRUE(kernel_log_has(log, line));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));

	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	EXPECT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
	/* the guest does not notice */
	EXPECT_NE(0, proc_state(tid));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(tid));
	close(log);
}

TEST_F(session, module_goes_with_its_plan)
{
	LOAD_USUAL();
	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	ASSERT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
	ASSERT_EQ(0, module_insert(""));
	self->kernel = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, self->kernel);
	/* and the new one knows nothing of it */
	EXPECT_REFUSED(ENOENT, ps_kernel_unload(self->kernel, false, &self->error));
}

TEST_F(session, module_goes_after_a_guest_was_killed)
{
	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	guest_kill(&self->guest);
	ASSERT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
	EXPECT_EQ(0, access("/sys/module/partsched", F_OK) ? 0 : -1);
}

TEST_F(session, module_comes_and_goes_many_times)
{
	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	for (int i = 0; i < 10; i++) {
		ASSERT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
		ASSERT_EQ(0, module_insert(""));
	}
}

TEST_F(session, parameter_out_of_range_is_refused)
{
	static const char *const bad[] = {
		"open_priority=1", "open_priority=91", "open_priority=x", "poll_ms=0",
		"poll_ms=101", "min_window_ns=49999", "min_window_ns=1000000001",
		"channel_mib=x", "channel_mib=-1", "channel_mib=99999999999",
	};

	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	ASSERT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_NE(0, module_insert(bad[i])) { TH_LOG("%s was taken", bad[i]); }
	}
	EXPECT_EQ(0, module_insert("open_priority=40 poll_ms=10"));
}

/* The module loaded anew, with these parameters. */
static struct ps_kernel *insert_anew(struct ps_kernel *kernel, const char *parameters,
				     struct ps_error *error)
{
	ps_kernel_close(kernel);
	if (!UNTIL(removed(), TEST_PATIENCE_NS) || module_insert(parameters))
		return NULL;
	return ps_kernel_open(error);
}

TEST_F(session, shortest_window_is_measured_when_the_module_is_loaded)
{
	struct ps_module_info info;

	self->kernel = insert_anew(self->kernel, "", &self->error);
	ASSERT_NE(NULL, self->kernel);
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	TH_LOG("%llu ns", (unsigned long long)info.min_window_ns);
	EXPECT_LE(PARTSCHED_MIN_WINDOW_NS, info.min_window_ns);
	/* a second at most: else no host at all would do */
	EXPECT_GE(NSEC_PER_SEC, info.min_window_ns);
}

TEST_F(session, window_shorter_than_this_host_can_enforce_is_refused)
{
	const uint64_t shortest_ns = PLAN_WINDOW_NS;
	struct ps_load_result result;
	struct ps_module_info info;
	struct ps_model *model;
	char parameters[64];

	snprintf(parameters, sizeof(parameters), "min_window_ns=%llu",
		 (unsigned long long)shortest_ns);
	self->kernel = insert_anew(self->kernel, parameters, &self->error);
	ASSERT_NE(NULL, self->kernel);
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_EQ(shortest_ns, info.min_window_ns);
	model = plan_usual(self->cpu);
	model->schedules[0].windows[0].duration_ns = shortest_ns - 1;
	EXPECT_REFUSED(EINVAL, ps_kernel_load(self->kernel, model, 0, &result, &self->error));
	snprintf(parameters, sizeof(parameters), "%llu", (unsigned long long)shortest_ns);
	EXPECT_NE(NULL, strstr(self->error.text, parameters)) { TH_LOG("%s", self->error.text); }
	model->schedules[0].windows[0].duration_ns = shortest_ns;
	ASSERT_DONE(ps_kernel_load(self->kernel, model, 0, &result, &self->error));
	ps_model_free(model);
	EXPECT_TRUE(session_close(self->kernel));
	self->kernel = NULL;
	EXPECT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
}

TEST_F(session, parameter_gives_the_priority)
{
	struct proc_task task;
	pid_t tid;

	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	ASSERT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
	ASSERT_EQ(0, module_insert("open_priority=40"));
	self->kernel = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, self->kernel);
	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	/* but for a moment where a window's end has found it in the kernel */
	EXPECT_TRUE(UNTIL(proc_task(tid, &task) && task.priority == 40, TEST_PATIENCE_NS));
	guest_kill(&self->guest);
	EXPECT_TRUE(session_close(self->kernel));
	self->kernel = NULL;
	EXPECT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
}

PARTSCHED_MAIN
