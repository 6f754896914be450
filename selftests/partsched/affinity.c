// SPDX-License-Identifier: GPL-2.0
/*
 * affinity - nobody moves an attached thread off its CPU
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "partsched.h"

TEST_F(session, user_cannot_change_the_mask)
{
	cpu_set_t mask;
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	CPU_ZERO(&mask);
	CPU_SET(0, &mask);
	errno = 0;
	EXPECT_EQ(-1, sched_setaffinity(tid, sizeof(mask), &mask));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
	/* its launcher is nobody's business */
	EXPECT_EQ(0, sched_setaffinity(self->guest.pid, sizeof(mask), &mask));
}

#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		CGROUPS "/partsched-test"

/* Return: why cpusets cannot be tried here, or NULL. */
static const char *cgroup_make(const char *cpus)
{
	char text[512];
	int err;

	if (file_read(CGROUPS "/cgroup.controllers", text, sizeof(text)) <= 0)
		return "no cgroup v2 at " CGROUPS;
	if (!strstr(text, "cpuset"))
		return "no cpuset controller in cgroup v2";
	err = file_write(CGROUPS "/cgroup.subtree_control", "+cpuset");
	if (err)
		return "the cpuset controller cannot be enabled";
	if (mkdir(CGROUP, 0755) && errno != EEXIST)
		return "no cgroup can be made";
	if (file_write(CGROUP "/cpuset.cpus", cpus))
		return "cpuset.cpus cannot be written";
	return NULL;
}

static int cgroup_move(const char *path, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return file_write(path, text);
}

FIXTURE(cgroup) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct guest guest;
	char all[16];
	const char *missing;
};

FIXTURE_SETUP(cgroup)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	snprintf(self->all, sizeof(self->all), "0-%d", self->cpu);
	self->missing = cgroup_make(self->all);
	LOAD_USUAL();
}

FIXTURE_TEARDOWN(cgroup)
{
	guest_kill(&self->guest);
	EXPECT_TRUE(session_close(self->kernel));
	(void)UNTIL(!rmdir(CGROUP) || errno == ENOENT, TEST_PATIENCE_NS);
}

TEST_F(cgroup, launcher_is_not_moved_into_a_cpuset)
{
	pid_t tid;
	int err;

	if (self->missing)
		SKIP(return, "%s", self->missing);
	ASSERT_EQ(0, file_write(CGROUP "/cpuset.cpus", "0"));
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	err = cgroup_move(CGROUP "/cgroup.procs", self->guest.pid);
	EXPECT_EQ(-EINVAL, err);
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
}

TEST_F(cgroup, cpuset_that_shrinks_is_noticed_and_undone)
{
	int log = kernel_log_mark();
	pid_t tid;

	if (self->missing)
		SKIP(return, "%s", self->missing);
	ASSERT_EQ(0, guest_start(&self->guest, "hog", NULL, NULL));
	tid = guest_vcpu(&self->guest, 0);
	ASSERT_NE(0, tid);
	ASSERT_EQ(0, cgroup_move(CGROUP "/cgroup.procs", self->guest.pid));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	/* the kernel asks nobody */
	ASSERT_EQ(0, file_write(CGROUP "/cpuset.cpus", "0"));
	EXPECT_TRUE(UNTIL(kernel_log_has(log, "was moved off CPU"), TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(proc_only_cpu(tid) == self->cpu, bound_ns()));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	close(log);
}

PARTSCHED_MAIN
