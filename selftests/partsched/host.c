// SPDX-License-Identifier: GPL-2.0
/*
 * host - the machine lives on while its CPU has next to no time left
 */
#include <fcntl.h>

#include "partsched.h"

#define PACKED_FRAME_NS	(10 * NSEC_PER_MSEC)

FIXTURE(packed) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct guest guest;
	struct guest other;
	struct guest work;
	int log;
};

/* 5 + 4.5 of 10 ms, both guests spin: what is left is the least slack. */
FIXTURE_SETUP(packed)
{
	struct ps_model *model = plan_new(PACKED_FRAME_NS);
	struct ps_load_result result;

	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->log = kernel_log_mark();
	plan_partition(model, "a", 1, self->cpu);
	plan_partition(model, "b", 1, self->cpu);
	plan_window(model, 0, 0, 5000000);
	plan_window(model, 1, 5000000, 4500000);
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
}

FIXTURE_TEARDOWN(packed)
{
	EXPECT_FALSE(kernel_log_has(self->log, "stall"));
	guest_kill(&self->work);
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
	close(self->log);
}

/* A shell command ends, with success, while both guests have their windows. */
#define ENDS(_command) do {							\
	fflush(stdout);								\
	self->work.pid = fork();						\
	if (!self->work.pid) {							\
		dup2(STDOUT_FILENO, STDERR_FILENO);				\
		execl("/bin/sh", "sh", "-c", _command, NULL);			\
		_exit(127);							\
	}									\
	EXPECT_TRUE(guest_ended(&self->work, TEST_PATIENCE_NS));		\
	EXPECT_EQ(0, self->work.status);					\
	EXPECT_TRUE(frames_pass(self->kernel, "a", 2));				\
	EXPECT_TRUE(frames_pass(self->kernel, "b", 2));				\
} while (0)

TEST_F(packed, vm_statistics_are_refreshed)
{
	ENDS("for i in 1 2 3; do echo 1 >/proc/sys/vm/stat_refresh || exit; done");
}

TEST_F(packed, memory_is_compacted)
{
	if (access("/proc/sys/vm/compact_memory", W_OK))
		SKIP(return, "this kernel has no vm.compact_memory");
	ENDS("echo 1 >/proc/sys/vm/compact_memory");
}

TEST_F(packed, files_are_synced)
{
	ENDS("sync");
}

TEST_F(packed, unrelated_module_comes_and_goes)
{
	if (system("/sbin/modprobe -q -n dummy && ! grep -q '^dummy ' /proc/modules"))
		SKIP(return, "this kernel has no module dummy");
	ENDS("/sbin/modprobe dummy numdummies=0 && /sbin/modprobe -r dummy");
}

TEST_F(packed, other_processes_are_made_and_end)
{
	ENDS("for i in 1 2 3 4 5 6 7 8; do (exit 0) || exit 1; done");
}

TEST_F(packed, caches_are_dropped)
{
	ENDS("echo 1 >/proc/sys/vm/drop_caches");
}

static int set_online(int cpu, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	return file_write(path, value);
}

TEST_F(session, planned_cpu_does_not_go_offline)
{
	pid_t tid;
	int err;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	err = set_online(self->cpu, "0");
	if (err == -ENOENT)
		SKIP(return, "CPU %d cannot be taken offline", self->cpu);
	/* before the teardown begins, or by a veto in it */
	EXPECT_TRUE(err == -EPERM || err == -EBUSY) { TH_LOG("%s", strerror(-err)); }
	EXPECT_EQ(self->cpu, session_cpu());
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
}

TEST_F(session, cpu_goes_offline_without_a_plan)
{
	int err;

	LOAD_USUAL();
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	err = set_online(self->cpu, "0");
	if (err == -ENOENT)
		SKIP(return, "CPU %d cannot be taken offline", self->cpu);
	EXPECT_EQ(0, err);
	/* a plan for it is refused while it is away */
	EXPECT_REFUSED(ENODEV, plan_load(self->kernel, plan_usual(self->cpu), NULL,
					 &self->error));
	EXPECT_EQ(0, set_online(self->cpu, "1"));
	LOAD_USUAL();
}

#define EVENTS	"/sys/kernel/tracing/events/partsched/"
#define TRACE	"/sys/kernel/tracing/trace_pipe"

TEST_F(session, tracepoints_fire)
{
	static const char *const names[] = {
		"window_open", "window_close", "attach", "gate", "release", "exile", "detach",
	};
	bool seen[ARRAY_SIZE(names)] = { 0 };
	size_t left = ARRAY_SIZE(names);
	char text[65536], word[64];
	uint64_t deadline_ns;
	ssize_t len;
	pid_t tid;
	int fd;

	if (access(EVENTS, F_OK))
		SKIP(return, "no tracefs with partsched's events at " EVENTS);
	fd = open(TRACE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, file_write("/sys/kernel/tracing/tracing_on", "1"));
	ASSERT_EQ(0, file_write(EVENTS "enable", "1"));
	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	STOP_IN_EXILE(tid);
	guest_kill(&self->guest);
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
	EXPECT_EQ(0, file_write(EVENTS "enable", "0"));

	deadline_ns = now_ns() + TEST_PATIENCE_NS;
	while (left && now_ns() < deadline_ns) {
		len = read(fd, text, sizeof(text) - 1);
		if (len <= 0)
			break;
		text[len] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			snprintf(word, sizeof(word), " %s: partition=1 vcpu=0", names[i]);
			if (!seen[i] && strstr(text, word)) {
				seen[i] = true;
				left--;
			}
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_TRUE(seen[i]) { TH_LOG("partsched:%s was not traced", names[i]); }
	}
	close(fd);
}

PARTSCHED_MAIN
