// SPDX-License-Identifier: GPL-2.0
/*
 * channel-cost - what a channel costs beyond the copies
 *
 * Instructions, counted one by one: the parent lets the child take single steps
 * from one breakpoint to the next. Compared with copying the message in and out
 * with the same memcpy() and nothing else. Whatever else the machine does, the
 * figures are the same each time.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "ktap.h"

#ifdef __x86_64__

#include <sys/user.h>

/* A write and a read together cost so much more than two copies, at most. */
#define LIMIT	120

static uint32_t bytes;		/* of a message */
static uint8_t *from, *between, *to;
static struct partsched_channel_end source, destination;
static struct partsched_channel_message message;

static __attribute__((noinline)) void copy(void)
{
	memcpy(between, from, bytes);
	__asm__ volatile("" : : : "memory");
	memcpy(to, between, bytes);
}

static __attribute__((noinline)) void sampling(void)
{
	if (partsched_sampling_write(&source, from, bytes, 1000) ||
	    partsched_sampling_read(&destination, to, 1001, &message))
		abort();
}

static __attribute__((noinline)) void queuing(void)
{
	if (partsched_queue_send(&source, from, bytes, 1000) ||
	    partsched_queue_receive(&destination, to, 1001, &message))
		abort();
}

static void *memory(size_t size)
{
	void *at = aligned_alloc(4096, (size + 4095) & ~4095UL);

	if (!at)
		abort();
	return memset(at, 0, size);
}

static void prepare(uint32_t type)
{
	struct partsched_channel_geometry geometry;
	void *region;

	from = memory(bytes);
	to = memory(bytes);
	if (partsched_channel_geometry_init(&geometry, type, bytes, 5, 1000))
		abort();
	region = memory(geometry.region_size);
	if (type == PARTSCHED_CHANNEL_SAMPLING) {
		partsched_sampling_writer_init(&source, &geometry, region);
		partsched_sampling_reader_init(&destination, &geometry, region);
	} else {
		void *ack = memory(PARTSCHED_CHANNEL_ACK_SIZE);

		partsched_queue_sender_init(&source, &geometry, region, ack);
		partsched_queue_receiver_init(&destination, &geometry, region, ack);
	}
	/* where the third message goes, since memcpy() minds what lies where */
	between = partsched_channel_data(partsched_channel_slot(&source,
		type == PARTSCHED_CHANNEL_SAMPLING ? 3 : 2));
}

static void child(uint32_t type, void (*call)(void))
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(1);
	prepare(type);
	/* the first calls bind memcpy() and touch the memory */
	call();
	call();
	__asm__ volatile("int3");
	call();
	__asm__ volatile("int3");
	_exit(0);
}

/* Wait for a trap of the child. */
static bool trapped(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) &&
		WSTOPSIG(status) == SIGTRAP;
}

/* Return: instructions of a call, what leads to it included; 0: cannot be counted. */
static unsigned long instructions(uint32_t type, void (*call)(void))
{
	struct user_regs_struct registers;
	unsigned long nr = 0;
	pid_t pid = fork();

	if (pid < 0)
		return 0;
	if (!pid)
		child(type, call);
	/* to the first breakpoint, then step by step to the second */
	if (!trapped(pid))
		goto out;
	for (nr = 0;; nr++) {
		if (ptrace(PTRACE_GETREGS, pid, NULL, &registers))
			break;
		if ((ptrace(PTRACE_PEEKTEXT, pid, (void *)registers.rip, NULL) & 0xff) == 0xcc)
			goto out;
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) || !trapped(pid))
			break;
	}
	nr = 0;
out:
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return nr;
}

static bool cheap(uint32_t type, void (*call)(void))
{
	static const uint32_t sizes[] = { 64, 4096 };
	bool ok = true;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned long plain, whole;

		bytes = sizes[i];
		plain = instructions(type, copy);
		whole = instructions(type, call);
		if (!plain || whole <= plain)
			return ktap_fail("the instructions cannot be counted");
		ktap_note("%u bytes: %lu instructions, two copies alone %lu: %lu more", bytes,
			  whole, plain, whole - plain);
		if (whole > plain + LIMIT)
			ok = ktap_fail("more than %d beyond two copies", LIMIT);
	}
	return ok;
}

static bool sampling_write_and_read_cost_little_more_than_two_copies(void)
{
	return cheap(PARTSCHED_CHANNEL_SAMPLING, sampling);
}

static bool queue_send_and_receive_cost_little_more_than_two_copies(void)
{
	return cheap(PARTSCHED_CHANNEL_QUEUING, queuing);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(sampling_write_and_read_cost_little_more_than_two_copies),
	KTAP_TEST(queue_send_and_receive_cost_little_more_than_two_copies),
};

int main(void)
{
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}

#else

int main(void)
{
	(void)ktap_main;
	printf("KTAP version 1\n1..0 # SKIP single steps are counted on x86-64 only\n");
	return 4;
}

#endif
