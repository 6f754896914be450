// SPDX-License-Identifier: GPL-2.0
/*
 * faults - each allocation on the way of a request fails once
 *
 * By /proc/thread-self/fail-nth, which makes the n-th allocation of the next
 * system calls fail: for n = 1, 2, ... until a request needs fewer. What went
 * wrong without a word shows in the kernel's log and in the search for leaks
 * that ends the run.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <linux/partsched_device.h>

#include "message.h"
#include "partsched.h"
#include "ports.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define MAX_NTH		600

FIXTURE(faults) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	int fd;
	uint16_t family;
	struct vm vm;
	bool has_vm;
	struct guest guest;
	const char *missing;
};

FIXTURE_SETUP(faults)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->fd = message_socket(&self->family);
	ASSERT_LE(0, self->fd);
	if (access(FAIL_NTH, W_OK))
		self->missing = "this kernel injects no faults (CONFIG_FAULT_INJECTION)";
	/* allocations that may sleep, too */
	file_write("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	file_write("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	/* and no word of it in the log, where a stack would count as a complaint */
	file_write("/sys/kernel/debug/failslab/verbose", "0");
	file_write("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	file_write("/sys/kernel/debug/fail_usercopy/verbose", "0");
}

FIXTURE_TEARDOWN(faults)
{
	close(self->fd);
	EXPECT_TRUE(session_close(self->kernel));
	if (self->has_vm)
		vm_stop(&self->vm);
}

/*
 * Send with the @nth allocation failing.
 *
 * Return: whether it came to that; @answer.err is EIO when there was none.
 */
static bool send_failing(int fd, struct message *message, struct answer *answer, int nth)
{
	char text[16];
	int ret;

	snprintf(text, sizeof(text), "%d", nth);
	ret = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (ret < 0)
		return false;
	if (write(ret, text, strlen(text)) < 0) {
		close(ret);
		return false;
	}
	/* the socket itself may fail to allocate: no answer is an answer */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_usec = 200000 },
		   sizeof(struct timeval));
	if (message_send(fd, message, answer) && !answer->err)
		answer->err = EIO;
	memset(text, 0, sizeof(text));
	if (pread(ret, text, sizeof(text) - 1, 0) < 0)
		text[0] = '1';
	(void)!write(ret, "0", 1);
	close(ret);
	return atoi(text) == 0;
}

struct step {
	uint8_t command;
	void (*put)(struct message *message, int cpu);
};

static void put_nothing(struct message *message, int cpu)
{
}

static void put_schedule(struct message *message, int cpu)
{
	message_u32(message, PARTSCHED_A_SCHEDULE_ID, 1);
	message_u64(message, PARTSCHED_A_MAJOR_FRAME_NS, PLAN_FRAME_NS);
}

static void put_partition(struct message *message, int cpu)
{
	message_u32(message, PARTSCHED_A_PARTITION_ID, 1);
	message_string(message, PARTSCHED_A_PARTITION_NAME, "a");
	message_u32(message, PARTSCHED_A_NR_VCPUS, 1);
}

static void put_window(struct message *message, int cpu)
{
	message_u32(message, PARTSCHED_A_SCHEDULE_ID, 1);
	message_u32(message, PARTSCHED_A_PARTITION_ID, 1);
	message_u32(message, PARTSCHED_A_VCPU, 0);
	message_u32(message, PARTSCHED_A_CPU, cpu);
	message_u32(message, PARTSCHED_A_WINDOW_ID, 0);
	message_u64(message, PARTSCHED_A_OFFSET_NS, 0);
	message_u64(message, PARTSCHED_A_DURATION_NS, PLAN_WINDOW_NS);
}

static void put_channel(struct message *message, int cpu)
{
	message_u32(message, PARTSCHED_A_CHANNEL_ID, 1);
	message_u32(message, PARTSCHED_A_PORT_TYPE, PARTSCHED_PORT_QUEUING);
	message_u32(message, PARTSCHED_A_MAX_MESSAGE, 64);
	message_u32(message, PARTSCHED_A_DEPTH, 4);
}

static void put_port(struct message *message, uint32_t direction)
{
	message_u32(message, PARTSCHED_A_CHANNEL_ID, 1);
	message_u32(message, PARTSCHED_A_PORT_DIRECTION, direction);
	message_string(message, PARTSCHED_A_PORT_NAME,
		       direction == PARTSCHED_PORT_SOURCE ? "out" : "in");
}

static void put_source(struct message *message, int cpu)
{
	put_port(message, PARTSCHED_PORT_SOURCE);
	message_u32(message, PARTSCHED_A_PARTITION_ID, 1);
}

static void put_destination(struct message *message, int cpu)
{
	put_port(message, PARTSCHED_PORT_DESTINATION);
	message_string(message, PARTSCHED_A_PARTITION_NAME, "host");
}

static const struct step load_steps[] = {
	{ PARTSCHED_CMD_STAGE_BEGIN, put_nothing },
	{ PARTSCHED_CMD_STAGE_SCHEDULE, put_schedule },
	{ PARTSCHED_CMD_STAGE_PARTITION, put_partition },
	{ PARTSCHED_CMD_STAGE_WINDOW, put_window },
	{ PARTSCHED_CMD_STAGE_CHANNEL, put_channel },
	{ PARTSCHED_CMD_STAGE_PORT, put_source },
	{ PARTSCHED_CMD_STAGE_PORT, put_destination },
	{ PARTSCHED_CMD_STAGE_COMMIT, put_nothing },
};

/*
 * One load from BEGIN to COMMIT; step @failing with its @nth allocation
 * failing.
 *
 * Return: whether that came to pass.
 */
static bool load_failing(int fd, uint16_t family, int cpu, size_t failing, int nth)
{
	struct message message;
	struct answer answer;
	bool failed = false;

	for (size_t i = 0; i <= failing; i++) {
		message_begin(&message, family, load_steps[i].command, 0);
		load_steps[i].put(&message, cpu);
		if (i == failing)
			failed = send_failing(fd, &message, &answer, nth);
		else if (message_send(fd, &message, &answer) || answer.err)
			return false;
	}
	return failed;
}

TEST_F(faults, load_fails_whole_or_succeeds)
{
	struct ps_module_info info;
	int nr = 0;

	if (self->missing)
		SKIP(return, "%s", self->missing);
	for (size_t step = 0; step < ARRAY_SIZE(load_steps); step++) {
		int nth = 1;

		for (; nth < MAX_NTH; nth++) {
			/* an answer that got lost must not be the next one's */
			int fd = message_socket(&self->family);

			ASSERT_LE(0, fd);
			bool failed = load_failing(fd, self->family, self->cpu, step, nth);

			close(fd);
			ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
			if (info.has_plan) {
				EXPECT_EQ(1, info.nr_partitions);
				ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
			}
			if (!failed)
				break;
			nr++;
		}
		EXPECT_LT(nth, MAX_NTH);
	}
	TH_LOG("%d allocations failed", nr);
	EXPECT_LT(5, nr);
	/* nothing is left of the channels that did not come about */
	EXPECT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
	EXPECT_NE(0, access(PARTSCHED_PORT_DEVICES "a.out", F_OK));
	LOAD_USUAL();
}

/* Opening, mapping, writing and reading a port. */
static bool use_port(int nth, bool *failed)
{
	char text[16], byte = 'x';
	int fault, fd, other;
	void *memory;
	bool done;

	snprintf(text, sizeof(text), "%d", nth);
	fault = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fault < 0 || write(fault, text, strlen(text)) < 0)
		return false;
	fd = port_open("a.out", O_RDWR | O_NONBLOCK);
	other = port_open("host.in", O_RDONLY | O_NONBLOCK);
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	done = memory != MAP_FAILED && write(fd, &byte, 1) == 1 && read(other, &byte, 1) == 1;
	memset(text, 0, sizeof(text));
	*failed = pread(fault, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;
	(void)!write(fault, "0", 1);
	if (memory != MAP_FAILED)
		munmap(memory, 4096);
	close(fd);
	close(other);
	close(fault);
	return done;
}

TEST_F(faults, port_fails_or_works)
{
	int nth = 1, nr = 0;
	bool failed = true;

	if (self->missing)
		SKIP(return, "%s", self->missing);
	load_failing(self->fd, self->family, self->cpu, ARRAY_SIZE(load_steps) - 1, MAX_NTH);
	for (; nth < MAX_NTH && failed; nth++) {
		bool done = use_port(nth, &failed);

		EXPECT_TRUE(failed || done);
		nr += failed;
	}
	TH_LOG("%d allocations failed", nr);
	EXPECT_LT(nth, MAX_NTH);
	EXPECT_LT(3, nr);
	EXPECT_TRUE(use_port(MAX_NTH, &failed));
}

TEST_F(faults, attach_fails_whole_or_succeeds)
{
	struct ps_module_info info;
	pid_t tid;
	int nr = 0;

	if (self->missing)
		SKIP(return, "%s", self->missing);
	LOAD_USUAL();
	self->has_vm = true;
	tid = vm_start(&self->vm, VM_EXIT);
	ASSERT_NE(0, tid);
	for (int nth = 1; nth < MAX_NTH; nth++) {
		int fd = message_socket(&self->family);
		struct message message;
		struct answer answer;
		bool failed;

		ASSERT_LE(0, fd);
		message_begin(&message, self->family, PARTSCHED_CMD_ATTACH, 0);
		message_string(&message, PARTSCHED_A_PARTITION_NAME, "a");
		message_u32(&message, PARTSCHED_A_VCPU, 0);
		message_u32(&message, PARTSCHED_A_TID, tid);
		failed = send_failing(fd, &message, &answer, nth);
		close(fd);
		/* attached or not, it can be told to leave, and then is gone */
		detach(self->kernel, "a", &self->error);
		ASSERT_TRUE(UNTIL(!ps_kernel_module(self->kernel, &info, &self->error) &&
				  !info.nr_threads, bound_ns()));
		if (!failed)
			break;
		nr++;
	}
	TH_LOG("%d allocations failed", nr);
	EXPECT_LT(2, nr);
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(tid));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	EXPECT_TRUE(attached(self->kernel, "a"));
}

PARTSCHED_MAIN
