// SPDX-License-Identifier: GPL-2.0
/*
 * children - what an attached thread makes is not under the plan, and not on
 * its CPU
 */
#include <fcntl.h>

#include "partsched.h"

struct child {
	pthread_t thread;
	_Atomic pid_t tid;
	atomic_bool stop;
	pid_t pid;
};

static void *spin(void *arg)
{
	struct child *child = arg;

	atomic_store(&child->tid, gettid());
	while (!atomic_load(&child->stop))
		;
	return NULL;
}

static void make_thread(void *arg)
{
	struct child *child = arg;

	pthread_create(&child->thread, NULL, spin, child);
}

static void make_process(void *arg)
{
	struct child *child = arg;

	child->pid = fork();
	if (!child->pid)
		for (;;)
			pause();
}

static bool free_of(pid_t tid, int cpu)
{
	cpu_set_t set;

	return !sched_getaffinity(tid, sizeof(set), &set) && !CPU_ISSET(cpu, &set);
}

TEST_F(session, thread_of_an_attached_thread_is_elsewhere)
{
	struct child child = { 0 };
	struct proc_task task;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_TRUE(vm_do(&self->vm, make_thread, &child));
	ASSERT_TRUE(UNTIL(atomic_load(&child.tid), TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(free_of(child.tid, self->cpu), bound_ns()));
	ASSERT_TRUE(proc_task(child.tid, &task));
	EXPECT_EQ(SCHED_OTHER, task.policy);
	EXPECT_EQ(0, task.flags & PROC_NO_SETAFFINITY);
	/* it spins and so it runs, but never there again */
	for (int i = 0; i < 20; i++) {
		ASSERT_TRUE(frames_pass(self->kernel, "a", 1));
		ASSERT_TRUE(proc_task(child.tid, &task));
		ASSERT_NE(self->cpu, task.cpu);
	}
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
	atomic_store(&child.stop, true);
	pthread_join(child.thread, NULL);
}

TEST_F(session, process_of_an_attached_thread_is_elsewhere)
{
	struct child child = { 0 };
	struct proc_task task;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_TRUE(vm_do(&self->vm, make_process, &child));
	ASSERT_LT(0, child.pid);
	EXPECT_TRUE(UNTIL(free_of(child.pid, self->cpu), bound_ns()));
	ASSERT_TRUE(proc_task(child.pid, &task));
	EXPECT_EQ(SCHED_OTHER, task.policy);
	EXPECT_EQ(0, task.flags & PROC_NO_SETAFFINITY);
	kill(child.pid, SIGKILL);
	EXPECT_EQ(child.pid, waitpid(child.pid, NULL, 0));
}

TEST_F(session, thread_of_another_thread_stays_where_it_is)
{
	struct child child = { 0 };
	cpu_set_t all, after;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	/* this thread is not attached: nothing of its children's changes */
	CPU_ZERO(&all);
	CPU_SET(0, &all);
	CPU_SET(self->cpu, &all);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(all), &all));
	make_process(&child);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 3));
	ASSERT_EQ(0, sched_getaffinity(child.pid, sizeof(after), &after));
	EXPECT_TRUE(CPU_EQUAL(&all, &after));
	kill(child.pid, SIGKILL);
	EXPECT_EQ(child.pid, waitpid(child.pid, NULL, 0));
}

PARTSCHED_MAIN
