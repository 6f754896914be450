// SPDX-License-Identifier: GPL-2.0
/*
 * A launcher that disturbs its neighbours. See launcher.h.
 */
#include "launcher.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/vm.h"
#include "kernel.h"

#define PAGE		4096UL
#define MIB		(1024UL * 1024)

/* How many pages are touched and given back in one turn. */
#define FAULTS_PAGES	64
/* What is read of /dev/zero, or populated, in one call. */
#define CALL_BYTES	(8 * MIB)
#define SIGNAL_PERIOD_NS 5000
/* Timers that fire round about the neighbour's edge, and how far apart. */
#define TIMERS		64
#define TIMERS_STEP_NS	250
#define TIMERS_AHEAD_NS	4000
/* The memory of the one that dies; what kills it comes so long before the switch. */
#define DYING_BYTES	(512 * MIB)
#define DYING_AHEAD_NS	20000
#define DYING_FRAMES	30

/* The memory slot that comes and goes; slot 0 is the guest's own. */
#define SLOT		1
#define SLOT_GPA	0x40000000ULL

/**
 * struct launcher - the one launcher of this process
 * @vm: its guest
 * @marks: see launcher.h
 * @memory: whatever the storm needs
 * @fds: likewise
 */
struct launcher {
	struct vm vm;
	struct launcher_marks *marks;
	void *memory;
	int fds[TIMERS];
};

/**
 * struct launcher_storm - what a launcher does
 * @name: name
 * @guest: what its guest does
 * @prepare: called once by the process' first thread, may be NULL: 0 or -1
 * @turn: called by the vCPU thread after each KVM_RUN
 */
struct launcher_storm {
	const char *name;
	enum vm_guest guest;
	int (*prepare)(struct launcher *launcher);
	void (*turn)(struct launcher *launcher);
};

/* Where in the frame: ns since the start of its own window in this frame. */
static uint64_t place_ns(const struct launcher_marks *marks, uint64_t at_ns)
{
	uint64_t first_ns = marks->epoch_ns + marks->offset_ns;

	return at_ns < first_ns ? 0 : (at_ns - first_ns) % marks->frame_ns;
}

/* This very instant is one in user mode. */
static void mark(struct launcher_marks *marks)
{
	uint64_t from_ns = __atomic_load_n(&marks->from_ns, __ATOMIC_ACQUIRE);
	uint64_t at_ns = now_ns(), place;

	if (!from_ns || at_ns < from_ns || at_ns >= marks->to_ns)
		return;
	place = place_ns(marks, at_ns);
	if (place < marks->duration_ns)
		return;
	marks->outside++;
	if (place - marks->duration_ns > marks->overrun_ns)
		marks->overrun_ns = place - marks->duration_ns;
}

static void *map_anonymous(size_t size, int flags)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void turn_user(struct launcher *launcher)
{
	for (int i = 0; i < 1000; i++)
		mark(launcher->marks);
}

static void turn_faults(struct launcher *launcher)
{
	char *memory = map_anonymous(FAULTS_PAGES * PAGE, 0);

	if (!memory)
		abort();
	for (size_t i = 0; i < FAULTS_PAGES; i++) {
		memory[i * PAGE] = 1;
		mark(launcher->marks);
	}
	munmap(memory, FAULTS_PAGES * PAGE);
}

static int prepare_memory(struct launcher *launcher)
{
	launcher->memory = map_anonymous(CALL_BYTES, MAP_POPULATE);
	launcher->fds[0] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	return launcher->memory && launcher->fds[0] >= 0 ? 0 : -1;
}

static void turn_memslots(struct launcher *launcher)
{
	struct kvm_userspace_memory_region region = {
		.slot = SLOT,
		.guest_phys_addr = SLOT_GPA,
		.memory_size = CALL_BYTES,
		.userspace_addr = (uintptr_t)launcher->memory,
	};

	if (ioctl(launcher->vm.fds[1], KVM_SET_USER_MEMORY_REGION, &region))
		abort();
	mark(launcher->marks);
	region.memory_size = 0;
	if (ioctl(launcher->vm.fds[1], KVM_SET_USER_MEMORY_REGION, &region))
		abort();
}

static void turn_call(struct launcher *launcher)
{
	if (read(launcher->fds[0], launcher->memory, CALL_BYTES) < 0)
		abort();
}

static void turn_populate(struct launcher *launcher)
{
	void *memory = map_anonymous(CALL_BYTES, MAP_POPULATE);

	(void)launcher;
	if (!memory)
		abort();
	munmap(memory, CALL_BYTES);
}

/* Sleeps across its window's end, again and again, for the shortest time. */
static void turn_sleep(struct launcher *launcher)
{
	(void)launcher;
	nanosleep(&(struct timespec){ .tv_nsec = 1 }, NULL);
}

static void on_signal(int number)
{
	(void)number;
}

static void turn_signals(struct launcher *launcher)
{
	static bool begun;
	const struct itimerspec every = {
		.it_value.tv_nsec = SIGNAL_PERIOD_NS,
		.it_interval.tv_nsec = SIGNAL_PERIOD_NS,
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGUSR2,
	};
	timer_t timer;

	if (!begun) {
		begun = true;
		signal(SIGUSR2, on_signal);
		event._sigev_un._tid = gettid();
		if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
		    timer_settime(timer, 0, &every, NULL))
			abort();
	}
	turn_user(launcher);
}

static int prepare_timers(struct launcher *launcher)
{
	for (int i = 0; i < TIMERS; i++) {
		launcher->fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		if (launcher->fds[i] < 0)
			return -1;
	}
	return 0;
}

/* Its own window's end is the neighbour's edge. */
static void turn_timers(struct launcher *launcher)
{
	const struct launcher_marks *marks = launcher->marks;
	uint64_t at_ns = now_ns();
	uint64_t edge_ns, place;

	place = place_ns(marks, at_ns);
	if (place >= marks->duration_ns)
		return;
	edge_ns = at_ns - place + marks->duration_ns;
	for (int i = 0; i < TIMERS; i++) {
		uint64_t fire_ns = edge_ns - TIMERS_AHEAD_NS + i * TIMERS_STEP_NS;
		const struct itimerspec once = {
			.it_value = { .tv_sec = (time_t)(fire_ns / NSEC_PER_SEC),
				      .tv_nsec = (long)(fire_ns % NSEC_PER_SEC) },
		};

		if (timerfd_settime(launcher->fds[i], TFD_TIMER_ABSTIME, &once, NULL))
			abort();
	}
}

static int prepare_dying(struct launcher *launcher)
{
	launcher->memory = map_anonymous(DYING_BYTES, MAP_POPULATE);
	return launcher->memory ? 0 : -1;
}

/* Dies of its own hand, just before its window ends, in the middle of the run. */
static void turn_dying(struct launcher *launcher)
{
	struct launcher_marks *marks = launcher->marks;
	uint64_t from_ns = __atomic_load_n(&marks->from_ns, __ATOMIC_ACQUIRE);
	uint64_t at_ns = now_ns(), place;

	mark(marks);
	if (!from_ns || at_ns < from_ns + DYING_FRAMES * marks->frame_ns)
		return;
	place = place_ns(marks, at_ns);
	if (place < marks->duration_ns &&
	    place + DYING_AHEAD_NS + marks->guard_ns >= marks->duration_ns)
		kill(getpid(), SIGKILL);
}

/* What its guest does is the storm. */
static void turn_nothing(struct launcher *launcher)
{
	(void)launcher;
}

static const struct launcher_storm storms[] = {
	{ "user", VM_EXIT, NULL, turn_user },
	{ "faults", VM_EXIT, NULL, turn_faults },
	{ "memslots", VM_EXIT, prepare_memory, turn_memslots },
	{ "call", VM_EXIT, prepare_memory, turn_call },
	{ "populate", VM_EXIT, NULL, turn_populate },
	{ "sleep", VM_EXIT, NULL, turn_sleep },
	{ "signals", VM_EXIT, NULL, turn_signals },
	{ "timers", VM_EXIT, prepare_timers, turn_timers },
	{ "dying", VM_EXIT, prepare_dying, turn_dying },
	{ "mmio", VM_MMIO, NULL, turn_nothing },
};

const struct launcher_storm *launcher_find(const char *name)
{
	for (size_t i = 0; i < sizeof(storms) / sizeof(*storms); i++)
		if (!strcmp(storms[i].name, name))
			return &storms[i];
	return NULL;
}

static const struct launcher_storm *this_storm;

static void turn(void *arg)
{
	struct launcher *launcher = arg;

	mark(launcher->marks);
	/* a thread is attached where it is seen in its guest: first things first */
	if (!__atomic_load_n(&launcher->marks->from_ns, __ATOMIC_ACQUIRE))
		return;
	this_storm->turn(launcher);
	mark(launcher->marks);
	launcher->marks->turns++;
}

void launcher_run(const struct launcher_storm *storm, const char *partition,
		  struct launcher_marks *marks)
{
	static struct launcher launcher;
	struct ps_attach_result result;
	struct ps_error error = { 0 };
	struct ps_kernel *kernel;
	pid_t tid;

	/* standard output is the report's */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	this_storm = storm;
	launcher.marks = marks;
	if (storm->prepare && storm->prepare(&launcher)) {
		fprintf(stderr, "launcher %s: %s\n", storm->name, strerror(errno));
		return;
	}
	kernel = ps_kernel_open(&error);
	tid = kernel ? vm_start(&launcher.vm, storm->guest) : 0;
	if (!tid || ps_kernel_attach(kernel, partition, 0, (uint32_t)tid, 0, 0, &result, &error)) {
		fprintf(stderr, "launcher %s: %s\n", storm->name, error.text);
		return;
	}
	launcher.vm.seen = &launcher;
	atomic_store(&launcher.vm.observe, turn);
	for (;;)
		pause();
}
