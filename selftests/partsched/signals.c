// SPDX-License-Identifier: GPL-2.0
/*
 * signals - to kill, stop, trace or replace a vCPU thread never waits for its
 * window
 *
 * Each is tried in the victim's window, outside it, and outside it while a
 * spinning neighbour owns all that is left of a frame of a minute: there a
 * wait for the window would take a minute, and the bound is 100 ms.
 */
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "kernel-mode.h"
#include "partsched.h"

#define LONG_FRAME_NS	(60 * NSEC_PER_SEC)
#define LONG_FIRST_NS	(50 * NSEC_PER_MSEC)
#define LONG_TURN_NS	(850 * NSEC_PER_MSEC)

/*
 * "a" has one short window, "b" most of each second: with the slack that the
 * host needs, and nothing for "a" in the rest of the minute.
 */
static struct ps_model *long_plan(int cpu)
{
	struct ps_model *model = plan_new(LONG_FRAME_NS);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, LONG_FIRST_NS);
	for (uint64_t second = 0; second < LONG_FRAME_NS; second += NSEC_PER_SEC)
		plan_window(model, 1, second + 2 * LONG_FIRST_NS, LONG_TURN_NS);
	return model;
}

FIXTURE(victim) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct guest guest;
	struct guest other;
	const char *partition;
	pid_t tid;
	pid_t neighbour;
};

FIXTURE_VARIANT(victim) {
	bool long_frame;
	const char *partition;
};

FIXTURE_VARIANT_ADD(victim, of_usual_windows) {
	.partition = "a",
};

FIXTURE_VARIANT_ADD(victim, in_its_window) {
	.long_frame = true,
	.partition = "b",
};

FIXTURE_VARIANT_ADD(victim, beside_a_spinner_with_all_the_time) {
	.long_frame = true,
	.partition = "a",
};

static bool past_the_first_window(struct ps_kernel *kernel)
{
	struct ps_module_info info;
	struct ps_error error;

	return !ps_kernel_module(kernel, &info, &error) &&
		info.now_ns > info.epoch_ns + 2 * LONG_FIRST_NS;
}

FIXTURE_SETUP(victim)
{
	const char *other = variant->partition[0] == 'a' ? "b" : "a";
	struct ps_load_result result;

	self->partition = variant->partition;
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	LOAD_USUAL();
	self->tid = guest_attached(&self->guest, self->kernel, "hog", self->partition);
	ASSERT_NE(0, self->tid);
	self->neighbour = guest_attached(&self->other, self->kernel, "hog", other);
	ASSERT_NE(0, self->neighbour);
	if (!variant->long_frame)
		return;
	ASSERT_DONE(plan_load(self->kernel, long_plan(self->cpu), &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_TRUE(UNTIL(past_the_first_window(self->kernel), TEST_PATIENCE_NS));
	if (self->partition[0] == 'a') {
		/* a machine that is overloaded may be late to close it */
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_SUSPENDED,
				  TEST_PATIENCE_NS));
	} else {
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "b", 0) == PARTSCHED_RUN_RUNNING,
				  TEST_PATIENCE_NS));
	}
}

FIXTURE_TEARDOWN(victim)
{
	/* whatever was done to the one, the other has its windows */
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED,
		  attach_state(self->kernel, self->partition[0] == 'a' ? "b" : "a", 0));
	if (!variant->long_frame || self->partition[0] == 'a') {
		EXPECT_TRUE(frames_pass(self->kernel, self->partition[0] == 'a' ? "b" : "a", 2));
	}
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
}

TEST_F(victim, is_killed_at_once)
{
	ASSERT_EQ(0, kill(self->guest.pid, SIGKILL));
	EXPECT_TRUE(guest_ended(&self->guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, self->partition, 0), bound_ns()));
}

TEST_F(victim, is_terminated_at_once)
{
	ASSERT_EQ(0, kill(self->guest.pid, SIGTERM));
	EXPECT_TRUE(guest_ended(&self->guest, bound_ns()));
	EXPECT_TRUE(WIFEXITED(self->guest.status));
	EXPECT_EQ(0, WEXITSTATUS(self->guest.status));
}

TEST_F(victim, stops_at_once_and_continues)
{
	ASSERT_EQ(0, kill(self->guest.pid, SIGSTOP));
	EXPECT_TRUE(UNTIL(proc_state(self->tid) == 'T', bound_ns()));
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, self->partition, 0));
	ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));
	EXPECT_TRUE(UNTIL(proc_state(self->tid) != 'T', bound_ns()));
	/* it comes back to its CPU and under the plan by itself */
	EXPECT_TRUE(UNTIL(proc_only_cpu(self->tid) == self->cpu &&
			  run_state(self->kernel, self->partition, 0) != PARTSCHED_RUN_EXILED,
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(sched_getscheduler(self->tid) == (SCHED_FIFO | SCHED_RESET_ON_FORK),
			  TEST_PATIENCE_NS));
	if (!variant->long_frame) {
		EXPECT_TRUE(frames_pass(self->kernel, self->partition, 3));
	}
}

TEST_F(victim, is_traced_at_once)
{
	struct user_regs_struct regs;
	int status;

	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, self->tid, NULL, NULL));
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, self->tid, NULL, NULL));
	ASSERT_TRUE(UNTIL(waitpid(self->tid, &status, __WALL | WNOHANG) == self->tid,
			  bound_ns()));
	EXPECT_TRUE(WIFSTOPPED(status));
	EXPECT_EQ(0, ptrace(PTRACE_GETREGS, self->tid, NULL, &regs));
	EXPECT_EQ(0, ptrace(PTRACE_DETACH, self->tid, NULL, NULL));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, self->partition, 0) != PARTSCHED_RUN_EXILED &&
			  proc_only_cpu(self->tid) == self->cpu, TEST_PATIENCE_NS));
	if (!variant->long_frame) {
		EXPECT_TRUE(frames_pass(self->kernel, self->partition, 3));
	}
}

TEST_F(victim, is_detached_at_once)
{
	ASSERT_DONE(detach(self->kernel, self->partition, &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, self->partition, 0), bound_ns()));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(self->tid));
}

/* gdb itself takes its time, most of it before it stops anybody. */
TEST_F_TIMEOUT(session, gdb_looks_at_a_guest_and_goes, 3 * TEST_TIMEOUT_S)
{
	struct guest gdb = { 0 };
	char pid[16];
	pid_t tid;

	if (access("/usr/bin/gdb", X_OK))
		SKIP(return, "gdb is not installed");
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		SKIP(return, "a kernel with KASAN, on which gdb takes minutes to come to ptrace()");
	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	snprintf(pid, sizeof(pid), "%d", self->guest.pid);
	gdb.pid = fork();
	if (!gdb.pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execl("/usr/bin/gdb", "gdb", "-nx", "-batch", "-iex", "set auto-load no", "-iex",
		      "set debuginfod enabled off", "-p", pid, "-ex", "info threads",
		      "-ex", "detach", NULL);
		_exit(127);
	}
	EXPECT_TRUE(guest_ended(&gdb, 5 * TEST_PATIENCE_NS));
	EXPECT_TRUE(WIFEXITED(gdb.status) && !WEXITSTATUS(gdb.status));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) != PARTSCHED_RUN_EXILED &&
			  proc_only_cpu(tid) == self->cpu, TEST_PATIENCE_NS));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
}

/* A process whose vCPU thread calls execve() when told to. */
static void exec_sleep(void *arg)
{
	execl("/bin/sleep", "sleep", "1000", NULL);
}

static void exec_child(int to, int from)
{
	static struct vm vm;
	pid_t tid = vm_start(&vm, VM_SPIN);
	char byte;

	if (write(to, &tid, sizeof(tid)) != sizeof(tid) || read(from, &byte, 1) != 1)
		_exit(1);
	vm_do(&vm, exec_sleep, NULL);
	_exit(1);
}

TEST_F(session, thread_that_calls_execve_is_detached)
{
	struct proc_task task;
	int to[2], from[2];
	pid_t tid;

	LOAD_USUAL();
	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	fflush(stdout);
	self->guest.pid = fork();
	if (!self->guest.pid)
		exec_child(to[1], from[0]);
	ASSERT_EQ((ssize_t)sizeof(tid), read(to[0], &tid, sizeof(tid)));
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_EQ(1, write(from[1], "x", 1));
	/* the thread takes over the process's id */
	ASSERT_TRUE(UNTIL(proc_task(self->guest.pid, &task) && !strcmp(task.comm, "sleep"),
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(self->guest.pid));
	EXPECT_EQ(0, proc_only_cpu(self->guest.pid));
	ASSERT_TRUE(proc_task(self->guest.pid, &task));
	EXPECT_EQ(0, task.flags & PROC_NO_SETAFFINITY);
}

static bool is_idle(struct ps_kernel *kernel, const char *partition)
{
	struct ps_partition_info info;

	return !ps_kernel_partition(kernel, partition, &info, NULL) &&
	       info.mode == PARTSCHED_MODE_IDLE;
}

TEST_F(session, guest_that_crashes_again_and_again_is_idle_alone)
{
	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	ASSERT_EQ(0, guest_start(&self->guest, "triplefault", "a", NULL));
	ASSERT_TRUE(UNTIL(attach_state(self->kernel, "a", 0) == PARTSCHED_ATTACH_ATTACHED,
			  TEST_PATIENCE_NS));
	ASSERT_TRUE(UNTIL(is_idle(self->kernel, "a"), TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "b", 0));
	EXPECT_TRUE(frames_pass(self->kernel, "b", 3));
	/* its launcher waits for somebody to start it, and ends when it is told to */
	kill(self->guest.pid, SIGTERM);
	ASSERT_TRUE(guest_ended(&self->guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	/* its place is free for the next */
	EXPECT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
}

TEST_F(session, halted_guest_comes_back_from_a_stop)
{
	static const char *const options[] = { "--halt-exits", NULL };

	LOAD_USUAL();
	ASSERT_EQ(0, guest_start(&self->guest, "naps", "a", options));
	ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
			  TEST_PATIENCE_NS));
	ASSERT_EQ(0, kill(self->guest.pid, SIGSTOP));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_EXILED,
			  TEST_PATIENCE_NS));
	ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));
	/* it halts again at once, and passes no gate */
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
			  TEST_PATIENCE_NS));
}

PARTSCHED_MAIN
