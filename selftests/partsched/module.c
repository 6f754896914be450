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
		"poll_ms=101",
	};

	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	ASSERT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_NE(0, module_insert(bad[i])) { TH_LOG("%s was taken", bad[i]); }
	}
	EXPECT_EQ(0, module_insert("open_priority=40 poll_ms=10"));
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
	ASSERT_TRUE(proc_task(tid, &task));
	EXPECT_EQ(40, task.priority);
	guest_kill(&self->guest);
	EXPECT_TRUE(session_close(self->kernel));
	self->kernel = NULL;
	EXPECT_TRUE(UNTIL(removed(), TEST_PATIENCE_NS));
}

PARTSCHED_MAIN
