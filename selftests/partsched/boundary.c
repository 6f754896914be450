// SPDX-License-Identifier: GPL-2.0
/*
 * boundary - schedules and plans take over at the end of a frame, on all CPUs at
 * the same instant, and lose no window
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/partsched_device.h>
#include <linux/partsched_guest.h>

#include "change.h"

/* More of it than the suite has time for: by the environment. */
static int count_from(const char *variable, int otherwise)
{
	const char *text = getenv(variable);

	return text ? atoi(text) : otherwise;
}

/* In exact time a second is long, and nothing comes late. */
static uint64_t usual_frame_ns(void)
{
	return exact() ? 2 * NSEC_PER_MSEC : FRAME_NS;
}

/* What the CPUs have counted before this plan. */
static uint64_t missed_beyond(struct ps_kernel *kernel)
{
	uint64_t windows, cpus;

	do {
		windows = missed(kernel, 0);
		cpus = missed_by_cpus(kernel);
	} while (missed(kernel, 0) != windows);
	return cpus - windows;
}

/* What plan_same() has, and on CPU 0 a partition that is the same in both, too. */
static struct ps_model *plan_cores(int cpu, uint64_t frame_ns)
{
	struct ps_model *model = plan_same(cpu, frame_ns);

	plan_partition(model, "d", 1, 0);
	if (cpu) {
		plan_window_in(model, 0, 3, 0, frame_ns / 4);
		plan_window_in(model, 1, 3, 0, frame_ns / 4);
	}
	return model;
}

TEST_F(session, change_back_and_forth_loses_no_window)
{
	uint64_t frames[3] = { 0 }, last_ns, at_ns, before, by_cpu;
	int changes = count_from("PARTSCHED_CHANGES", 300);
	uint64_t frame_ns = usual_frame_ns();
	struct ps_module_info info;
	const char *why = NULL;
	pid_t tid;

	LOAD(plan_cores(self->cpu, frame_ns));
	by_cpu = missed_beyond(self->kernel);
	MODULE(&info);
	last_ns = info.epoch_ns;
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	before = unattended(self->kernel);
	/* an even number, so that the first schedule is in force again */
	for (int i = 0; i < changes; i++) {
		uint32_t id = i % 2 ? 1 : 2;

		CHANGE_TO(id, &at_ns);
		ASSERT_EQ(0, (at_ns - last_ns) % frame_ns);
		frames[3 - id] += (at_ns - last_ns) / frame_ns;
		last_ns = at_ns;
	}
	MODULE(&info);
	EXPECT_EQ(changes, info.nr_changes);

	/* to the window, in the schedule that is not in force */
	EXPECT_EQ(frames[2], begun(self->kernel, 2, &why));
	EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
	/* what was missed at all was a timer's fault, and counted */
	EXPECT_TRUE(UNTIL(missed_beyond(self->kernel) == by_cpu, TEST_PATIENCE_NS));
	/* the thread was there whenever its window was */
	EXPECT_TRUE(UNTIL(unattended(self->kernel) == before, TEST_PATIENCE_NS));
	TH_LOG("%d changes, %" PRIu64 " frames, %" PRIu64 " windows missed", changes,
	       frames[1] + frames[2], missed(self->kernel, 0));
	if (exact())
		EXPECT_EQ(0, missed(self->kernel, 0));
}

/* "a" as in plan_cores(), and another one beside it. */
static struct ps_model *plan_other(int cpu, uint64_t frame_ns, const char *name)
{
	struct ps_model *model = plan_new(frame_ns);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, name, 1, cpu);
	plan_window_in(model, 0, 0, 0, 2 * frame_ns / 5);
	plan_window_in(model, 0, 1, 2 * frame_ns / 5, frame_ns / 5);
	return model;
}

/*
 * Counters of windows begin anew with each plan, the thread's goes on: so many
 * frames, so many windows.
 */
TEST_F(session, plans_that_replace_one_another_lose_no_window)
{
	int plans = count_from("PARTSCHED_PLANS", 30);
	uint64_t frame_ns = usual_frame_ns();
	uint64_t first_ns = 0, opened = 0, frames;
	struct ps_load_result result;
	bool other = false;
	pid_t tid;

	LOAD(plan_other(self->cpu, frame_ns, "b"));
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	for (int i = 0; i < plans; i++) {
		ASSERT_DONE(plan_load(self->kernel,
				      plan_other(self->cpu, frame_ns, other ? "b" : "c"), &result,
				      &self->error));
		other = !other;
		ASSERT_FALSE(result.unchanged);
		if (!i) {
			first_ns = result.epoch_ns;
			/* before its instant: from there on we count */
			ASSERT_TRUE(UNTIL(now_ns() > first_ns - NSEC_PER_MSEC / 2,
					  TEST_PATIENCE_NS));
			opened = windows_opened(self->kernel, "a", 0);
			if (now_ns() > first_ns && exact())
				i = -1;		/* too late for it */
		}
		ASSERT_EQ(0, (result.epoch_ns - first_ns) % frame_ns);
		ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	}
	ASSERT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "a", 0));
	/* in the middle of the gap of the last frame that counts */
	EXPECT_TRUE(UNTIL((now_ns() - first_ns) % frame_ns > frame_ns / 2, TEST_PATIENCE_NS));
	opened = windows_opened(self->kernel, "a", 0) - opened;
	frames = (now_ns() - first_ns) / frame_ns + 1;
	TH_LOG("%d plans, %" PRIu64 " windows opened in %" PRIu64 " frames", plans, opened, frames);
	if (exact())
		EXPECT_EQ(frames, opened);
}

#define TRACING		"/sys/kernel/tracing/"
#define EVENTS		TRACING "events/partsched/"
#define MAX_CHANGES	20

struct stint {
	uint32_t id;
	uint64_t from_ns;
};

/* Which schedule was in force at an instant. */
static const struct stint *stint_at(const struct stint *stints, int nr, uint64_t at_ns)
{
	while (nr > 1 && stints[nr - 1].from_ns > at_ns)
		nr--;
	return &stints[nr - 1];
}

TEST_F(session, schedule_changes_at_a_frame_boundary_on_all_cpus)
{
	/* in schedule 1 the partitions 1 and 3, in 2 the others */
	static const uint32_t schedule_of[] = { 0, 1, 2, 1, 2 };
	static const uint64_t offset_of[] = {
		0, FRAME_NS / 2, 0, 0, FRAME_NS / 8,
	};
	struct stint stints[MAX_CHANGES + 1];
	unsigned int partition, cpu, open[2] = { 0 }, opened[2] = { 0 };
	unsigned int firsts[2][MAX_CHANGES + 1] = { 0 };
	struct ps_module_info info;
	uint64_t edge_ns;
	char line[512];
	FILE *trace;
	char *at;

	if (self->cpu < 1)
		SKIP(return, "only one CPU is online");
	if (access(EVENTS, F_OK))
		SKIP(return, "no tracefs with partsched's events at " EVENTS);
	LOAD(plan_two_cpus(self->cpu, FRAME_NS, false));
	MODULE(&info);
	stints[0] = (struct stint){ .id = 1, .from_ns = info.epoch_ns };
	trace = fopen(TRACING "trace", "we");	/* empties it */
	ASSERT_NE(NULL, trace);
	fclose(trace);
	/* both events from one moment on, and up to one */
	ASSERT_EQ(0, file_write(TRACING "tracing_on", "0"));
	ASSERT_EQ(0, file_write(EVENTS "window_open/enable", "1"));
	ASSERT_EQ(0, file_write(EVENTS "window_close/enable", "1"));
	ASSERT_EQ(0, file_write(TRACING "tracing_on", "1"));
	for (int i = 1; i <= MAX_CHANGES; i++) {
		stints[i].id = i % 2 ? 2 : 1;
		CHANGE_TO(stints[i].id, &stints[i].from_ns);
		ASSERT_EQ(0, (stints[i].from_ns - stints[i - 1].from_ns) % FRAME_NS);
		/* a change in the first frame of the next would show too little */
		ASSERT_TRUE(UNTIL(now_ns() > stints[i].from_ns + FRAME_NS, TEST_PATIENCE_NS));
	}
	ASSERT_EQ(0, file_write(TRACING "tracing_on", "0"));
	ASSERT_EQ(0, file_write(EVENTS "enable", "0"));
	ASSERT_EQ(0, file_write(TRACING "tracing_on", "1"));
	trace = fopen(TRACING "trace", "re");
	ASSERT_NE(NULL, trace);
	while (fgets(line, sizeof(line), trace)) {
		const struct stint *stint;

		at = strstr(line, ": partition=");
		if (!at || sscanf(at, ": partition=%u vcpu=%*u cpu=%u edge_ns=%" SCNu64,
				  &partition, &cpu, &edge_ns) != 3)
			continue;
		ASSERT_GE(4, partition);
		ASSERT_TRUE(!cpu || cpu == (unsigned int)self->cpu);
		cpu = cpu != 0;
		if (strstr(line, " window_close:")) {
			/* it may have been open before the trace began */
			EXPECT_TRUE(!open[cpu] || open[cpu] == partition);
			open[cpu] = 0;
			continue;
		}
		/* never two, not even of two schedules */
		EXPECT_EQ(0, open[cpu]) { TH_LOG("CPU %u: %s", cpu, line); }
		open[cpu] = partition;
		opened[cpu]++;
		stint = stint_at(stints, MAX_CHANGES + 1, edge_ns);
		EXPECT_EQ(stint->id, schedule_of[partition]) { TH_LOG("CPU %u: %s", cpu, line); }
		EXPECT_EQ(offset_of[partition], (edge_ns - stint->from_ns) % FRAME_NS);
		if (edge_ns - stint->from_ns < FRAME_NS)
			firsts[cpu][stint - stints]++;
	}
	fclose(trace);
	for (int i = 1; i <= MAX_CHANGES; i++) {
		for (cpu = 0; cpu < 2; cpu++) {
			/* a timer that came too late for it has counted it as missed */
			EXPECT_TRUE(firsts[cpu][i] == 1 ||
				    (!exact() && missed(self->kernel, 0))) {
				TH_LOG("CPU %u has no first window of change %d", cpu, i);
			}
		}
	}
	EXPECT_LT(MAX_CHANGES, opened[0]);
	EXPECT_LT(MAX_CHANGES, opened[1]);
}

TEST_F(session, request_at_the_boundary_is_taken_whole_or_refused)
{
	struct ps_model *model = plan_two_cpus(self->cpu, FRAME_NS, true);
	unsigned int taken = 0, refused = 0;
	struct ps_change_result result;
	struct ps_module_info info;
	const char *why = NULL;
	size_t third;

	third = plan_schedule(model, 3, FRAME_NS);
	plan_window_in(model, third, 0, 0, FRAME_NS / 2);
	plan_window_in(model, third, 2, 0, FRAME_NS / 2);
	LOAD(model);
	for (unsigned int i = 0; i < 150; i++) {
		/* from 1.5 ms before the instant to 0.5 ms after it */
		uint64_t ahead_ns = (i * 7919) % 2000 * 1000;

		if (ps_kernel_change_schedule(self->kernel, i % 3 + 1, &result, &self->error)) {
			refused++;
			ASSERT_EQ(EBUSY, self->error.err) { TH_LOG("%s", self->error.text); }
			ASSERT_NE(NULL, strstr(self->error.text, "at this moment"));
			continue;
		}
		taken++;
		while (now_ns() + ahead_ns < result.epoch_ns + NSEC_PER_MSEC / 2)
			;
	}
	/* all that is asked for now happens */
	ASSERT_TRUE(UNTIL(!change_to(self->kernel, 2, NULL, &self->error), TEST_PATIENCE_NS));
	MODULE(&info);
	EXPECT_LT(1, info.nr_changes);
	TH_LOG("%u requests taken, %u refused, %" PRIu64 " changes", taken, refused,
	       info.nr_changes);
	CHANGE_TO(1, NULL);
	/* of the two that are not in force: on both CPUs the same number of frames */
	begun(self->kernel, 2, &why);
	begun(self->kernel, 3, &why);
	EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
}

TEST_F(session, live_page_tells_the_schedule_with_its_first_window)
{
	long size = sysconf(_SC_PAGESIZE);
	struct partsched_bind bind = { .name = "a" };
	const struct partsched_guest_live *live;
	uint64_t epoch_ns;
	int fd;

	LOAD(plan_same(self->cpu, FRAME_NS));
	fd = open(PARTSCHED_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, PARTSCHED_IOC_BIND, &bind));
	live = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, live);
	EXPECT_TRUE(UNTIL(live->vcpu[0].schedule_id == 1, TEST_PATIENCE_NS));
	CHANGE_TO(2, &epoch_ns);
	EXPECT_TRUE(UNTIL(live->vcpu[0].schedule_id == 2, TEST_PATIENCE_NS));
	/* a window of the new schedule's, since its epoch */
	EXPECT_LE(epoch_ns, live->vcpu[0].start_ns);
	EXPECT_EQ(0, (live->vcpu[0].start_ns - epoch_ns) % FRAME_NS);
	munmap((void *)live, size);
	close(fd);
}

PARTSCHED_MAIN
