// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU thread's time in its guest and in user mode. See outside.h.
 */
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define TRACING		"/sys/kernel/tracing/"
/* In KiB, of each CPU: for some hundred frames, of some hundred events. */
#define BUFFER_KIB	"8192"
/* What is shown of the trace where something lies outside, and how often. */
#define SHOWN_LINES	32
#define SHOWN_TIMES	2

/* What a system call does between the instruction and sys_enter. */
#define CALL_ENTRY	"syscall_trace_enter"

enum state {
	STATE_KERNEL,
	STATE_GUEST,
	STATE_USER,
	/* an interrupt that has come from user mode */
	STATE_IRQ,
};

struct reader {
	pid_t tid;
	const struct witness_clock *clock;
	const struct witness_plan *plan;
	struct outside_result *result;
	enum state state;
	uint64_t since_ns;
	/* a system call that is not over, KVM_RUN for one */
	bool in_call;
	/* one that has been found on its way into the kernel, before it is told of */
	bool entering;
	/* an interrupt, maybe of user mode: the stack that follows tells */
	bool pending;
	uint64_t pending_since_ns;
	uint64_t pending_ns;
	/* of the interrupt's stack: its entry was shown; something lies below that */
	bool irq_shown, of_kernel;
};

/* What lets a thread into the kernel, and out of it. */
static const char *const events[] = {
	"kvm/kvm_entry", "kvm/kvm_exit", "sched/sched_switch", "raw_syscalls/sys_enter",
	"raw_syscalls/sys_exit", "irq_vectors", "irq/irq_handler_entry", "irq/irq_handler_exit",
	"exceptions/page_fault_user",
};

/* Those of which the stack tells what they have interrupted. */
static const char *const interrupts[] = {
	"irq_vectors/local_timer_entry", "irq_vectors/irq_work_entry",
	"irq_vectors/reschedule_entry", "irq_vectors/call_function_single_entry",
	"irq/irq_handler_entry",
};

static int put(const char *name, const char *text, struct ps_error *error)
{
	char path[128];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	written = fd < 0 ? -1 : write(fd, text, strlen(text));
	if (written < 0)
		ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return written < 0 ? -1 : 0;
}

int outside_begin(pid_t tid, struct ps_error *error)
{
	char text[64];

	if (access(TRACING "trace", F_OK) &&
	    mount("tracefs", TRACING, "tracefs", 0, NULL))
		return ps_fail(error, PS_EXIT_REFUSED, errno, "mount of tracefs: %s",
			       strerror(errno));
	snprintf(text, sizeof(text), "%d", (int)tid);
	if (put("tracing_on", "0", error) || put("trace", "", error) ||
	    put("trace_clock", "x86-tsc", error) || put("buffer_size_kb", BUFFER_KIB, error) ||
	    put("set_event_pid", text, error))
		return -1;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		snprintf(text, sizeof(text), "events/%s/enable", events[i]);
		if (put(text, "1", error))
			return -1;
	}
	for (size_t i = 0; i < sizeof(interrupts) / sizeof(*interrupts); i++) {
		snprintf(text, sizeof(text), "events/%s/trigger", interrupts[i]);
		if (put(text, "stacktrace", error))
			return -1;
	}
	return put("tracing_on", "1", error);
}

void outside_stop(void)
{
	char text[64];

	put("tracing_on", "0", NULL);
	for (size_t i = 0; i < sizeof(interrupts) / sizeof(*interrupts); i++) {
		snprintf(text, sizeof(text), "events/%s/trigger", interrupts[i]);
		put(text, "!stacktrace", NULL);
	}
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		snprintf(text, sizeof(text), "events/%s/enable", events[i]);
		put(text, "0", NULL);
	}
}

/* [from, to) was spent so: how much of it in no window? */
static void add(const struct witness_plan *plan, struct outside_share *share, uint64_t from_ns,
		uint64_t to_ns)
{
	const struct witness_window *window = plan->windows;
	uint64_t frame_ns = plan->frame_ns;
	uint64_t start_ns, end_ns;

	share->all_ns += to_ns - from_ns;
	while (from_ns < to_ns) {
		start_ns = plan->epoch_ns + (from_ns - plan->epoch_ns) / frame_ns * frame_ns +
			window->offset_ns;
		end_ns = start_ns + window->duration_ns;
		if (from_ns < start_ns) {
			/* the gap before a window */
			uint64_t until_ns = to_ns < start_ns ? to_ns : start_ns;

			share->outside_ns += until_ns - from_ns;
			from_ns = until_ns;
		} else if (from_ns < end_ns) {
			from_ns = to_ns < end_ns ? to_ns : end_ns;
		} else {
			uint64_t next_ns = start_ns - window->offset_ns + frame_ns;
			uint64_t until_ns = to_ns < next_ns ? to_ns : next_ns;

			share->outside_ns += until_ns - from_ns;
			if (until_ns - end_ns > share->overrun_ns)
				share->overrun_ns = until_ns - end_ns;
			from_ns = until_ns;
		}
	}
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);

	return length >= end_length && !strcmp(name + length - end_length, end);
}

static void become(struct reader *reader, enum state state, uint64_t ns)
{
	reader->state = state;
	reader->since_ns = ns;
}

/* The kernel is entered: the time before was the guest's, or user mode's. */
static void enter(struct reader *reader, uint64_t ns)
{
	if (reader->state == STATE_GUEST)
		add(reader->plan, &reader->result->guest, reader->since_ns, ns);
	else if (reader->state == STATE_USER)
		add(reader->plan, &reader->result->user, reader->since_ns, ns);
}

/* The stack of the interrupt is known, as far as there is one. */
static void settle(struct reader *reader)
{
	if (reader->pending && (!reader->of_kernel || reader->entering))
		add(reader->plan, &reader->result->user, reader->pending_since_ns,
		    reader->pending_ns);
	reader->pending = false;
}

static void take(struct reader *reader, const char *name, const char *text, uint64_t ns)
{
	char in[32];

	if (!strcmp(name, "kvm_entry")) {
		/* not from user mode: that was a return to it that did not come about */
		become(reader, STATE_GUEST, ns);
	} else if (!strcmp(name, "sys_exit")) {
		reader->in_call = false;
		become(reader, STATE_USER, ns);
	} else if (!strcmp(name, "sched_switch")) {
		/*
		 * Whoever is switched is in the kernel. The end of a call would be told of,
		 * but not that of an interrupt.
		 */
		snprintf(in, sizeof(in), " next_pid=%d ", (int)reader->tid);
		become(reader, strstr(text, in) && !reader->in_call && !reader->entering ?
		       STATE_USER : STATE_KERNEL, ns);
	} else if (!strcmp(name, "page_fault_user")) {
		enter(reader, ns);
		become(reader, STATE_USER, ns);
	} else if (!strcmp(name, "sys_enter") || !strcmp(name, "kvm_exit")) {
		enter(reader, ns);
		reader->in_call = true;
		reader->entering = false;
		become(reader, STATE_KERNEL, ns);
	} else if (ends_with(name, "_entry")) {
		if (reader->state == STATE_USER) {
			reader->pending = true;
			reader->pending_since_ns = reader->since_ns;
			reader->pending_ns = ns;
			reader->irq_shown = false;
			reader->of_kernel = false;
		} else {
			enter(reader, ns);
		}
		become(reader, reader->state == STATE_USER || reader->state == STATE_IRQ ?
		       STATE_IRQ : STATE_KERNEL, ns);
	} else if (ends_with(name, "_exit") && reader->state == STATE_IRQ) {
		become(reader, reader->entering ? STATE_KERNEL : STATE_USER, ns);
	}
}

/* TASK-PID [CPU] FLAGS TSC: EVENT: TEXT. Return: is it one? */
static bool take_line(struct reader *reader, char *line)
{
	char *at = strstr(line, " ["), *name, *end;
	uint64_t tsc;

	/*
	 * Of a stack: what an interrupt has found running stands below its entry. It
	 * may be on its way out of another one, which has come from user mode.
	 */
	if (!strncmp(line, " => ", 4)) {
		if (reader->irq_shown)
			reader->of_kernel = true;
		else if (!strncmp(line + 4, "asm_", 4))
			reader->irq_shown = true;
		if (reader->pending && !strncmp(line + 4, CALL_ENTRY, strlen(CALL_ENTRY)))
			reader->entering = true;
		return false;
	}
	at = at ? strchr(at, ']') : NULL;
	/* the flags */
	at = at ? strpbrk(at + 2, " ") : NULL;
	if (!at)
		return false;
	tsc = strtoull(at, &end, 10);
	if (*end != ':')
		return false;
	name = end + 1 + strspn(end + 1, " ");
	end = strchr(name, ':');
	if (!end)
		return false;
	*end = '\0';
	settle(reader);
	take(reader, name, end + 1, witness_clock_ns(reader->clock, tsc));
	return true;
}

/* A line of the buffer's own statistics. */
static int lost_events(uint64_t *lost, struct ps_error *error)
{
	FILE *file;
	char path[128], line[128];
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t nr;

	*lost = 0;
	for (long cpu = 0; cpu < cpus; cpu++) {
		snprintf(path, sizeof(path), TRACING "per_cpu/cpu%ld/stats", cpu);
		file = fopen(path, "re");
		if (!file)
			return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path,
				       strerror(errno));
		while (fgets(line, sizeof(line), file))
			if (sscanf(line, "overrun: %" SCNu64, &nr) == 1 ||
			    sscanf(line, "dropped events: %" SCNu64, &nr) == 1)
				*lost += nr;
		fclose(file);
	}
	return 0;
}

/* The lines before what lies outside, so that it can be told what it was. */
struct shown {
	char lines[SHOWN_LINES][192];
	size_t nr;
	uint64_t outside_ns;
	unsigned int times;
};

static void keep(struct shown *shown, const char *line)
{
	char *kept = shown->lines[shown->nr++ % SHOWN_LINES];
	size_t length = strcspn(line, "\n"), room = sizeof(shown->lines[0]) - 1;

	length = length < room ? length : room;
	memcpy(kept, line, length);
	kept[length] = '\0';
}

static void show(struct shown *shown, const struct outside_result *result)
{
	uint64_t outside_ns = result->guest.outside_ns + result->user.outside_ns;

	if (outside_ns == shown->outside_ns)
		return;
	if (shown->times++ < SHOWN_TIMES) {
		fprintf(stderr, "trace: %" PRIu64 " ns outside:\n", outside_ns - shown->outside_ns);
		for (size_t i = shown->nr < SHOWN_LINES ? 0 : shown->nr - SHOWN_LINES;
		     i < shown->nr; i++)
			fprintf(stderr, "trace: %s\n", shown->lines[i % SHOWN_LINES]);
	}
	shown->outside_ns = outside_ns;
}

int outside_measure(pid_t tid, const struct witness_clock *clock, const struct witness_plan *plan,
		    struct outside_result *result, struct ps_error *error)
{
	struct reader reader = {
		.tid = tid, .clock = clock, .plan = plan, .result = result,
		/* where a vCPU thread is nearly always */
		.in_call = true,
	};
	static const char path[] = TRACING "trace";
	struct shown shown = { 0 };
	FILE *file;
	char line[1024];
	uint64_t lost;

	*result = (struct outside_result){ 0 };
	if (lost_events(&lost, error))
		return -1;
	if (lost)
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "the trace has lost %" PRIu64 " events: measure fewer frames",
			       lost);
	file = fopen(path, "re");
	if (!file)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		keep(&shown, line);
		if (take_line(&reader, line))
			result->events++;
		show(&shown, result);
	}
	settle(&reader);
	fclose(file);
	put("trace", "", NULL);
	put("buffer_size_kb", "1", NULL);
	return result->events ? 0 : ps_fail(error, PS_EXIT_REFUSED, 0, "the trace is empty");
}
