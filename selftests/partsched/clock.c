// SPDX-License-Identifier: GPL-2.0
/*
 * clock - frames that are aligned to CLOCK_TAI, whatever is done to that clock
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/timex.h>

#include <linux/partsched_device.h>
#include <linux/partsched_guest.h>

#include "partsched.h"

/* 37 s are no multiple of it, 10 s neither. */
#define FRAME_NS	(30 * NSEC_PER_MSEC)
#define PART_NS		(12 * NSEC_PER_MSEC)
/* 37 s are one of this. */
#define EVEN_FRAME_NS	(40 * NSEC_PER_MSEC)
/* So long that a step is still waited for when something else is asked for. */
#define LONG_FRAME_NS	(3 * NSEC_PER_SEC)
/* Stated: by how much a frame may be cut short to get back to the grid. */
#define CUT_NS		NSEC_PER_MSEC
/* On no round number. */
#define BASE_NS		1234567890123456789ULL

FIXTURE(clock) {
	struct ps_kernel *kernel;
	struct ps_kernel *events;
	struct ps_error error;
	int cpu;
	struct guest guest;
	const volatile struct partsched_guest_live *live;
	int64_t moved_ns;	/* what the test has set the time of day by */
	int tai;		/* what was there before: the difference to UTC, */
	long freq;		/* and the rate */
};

static uint64_t tai_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_TAI, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Set the time of day by so much; returns 0 or an errno. */
static int set_by(int64_t *moved_ns, int64_t by_ns)
{
	struct timex tx = { .modes = ADJ_SETOFFSET | ADJ_NANO };

	tx.time.tv_sec = by_ns / (int64_t)NSEC_PER_SEC;
	tx.time.tv_usec = by_ns % (int64_t)NSEC_PER_SEC;
	if (tx.time.tv_usec < 0) {
		tx.time.tv_usec += NSEC_PER_SEC;
		tx.time.tv_sec--;
	}
	if (clock_adjtime(CLOCK_REALTIME, &tx) < 0)
		return errno;
	*moved_ns += by_ns;
	return 0;
}

static int set_tai(int seconds)
{
	struct timex tx = { .modes = ADJ_TAI, .constant = seconds };

	return clock_adjtime(CLOCK_REALTIME, &tx) < 0 ? errno : 0;
}

static int set_freq(long freq)
{
	struct timex tx = { .modes = ADJ_FREQUENCY, .freq = freq };

	return clock_adjtime(CLOCK_REALTIME, &tx) < 0 ? errno : 0;
}

FIXTURE_SETUP(clock)
{
	struct timex tx = { 0 };

	/* a skip here would not keep the test from being run: see MAY_SET() */
	if (!session_in_lab())
		return;
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->events = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, self->events);
	ASSERT_DONE(ps_kernel_subscribe(self->events, &self->error));
	ASSERT_LE(0, clock_adjtime(CLOCK_REALTIME, &tx));
	self->tai = tx.tai;
	self->freq = tx.freq;
}

FIXTURE_TEARDOWN(clock)
{
	if (!self->kernel)
		return;
	set_freq(self->freq);
	set_tai(self->tai);
	set_by(&self->moved_ns, -self->moved_ns);
	guest_kill(&self->guest);
	ps_kernel_close(self->events);
	EXPECT_TRUE(session_close(self->kernel));
	if (self->live)
		munmap((void *)self->live, sysconf(_SC_PAGESIZE));
}

/* "a" at the beginning of the frame, "b" after its middle. */
static struct ps_model *plan_tai(int cpu, uint64_t frame_ns, uint64_t base_ns)
{
	struct ps_model *model = plan_new(frame_ns);

	model->time_base = PS_TIME_TAI;
	model->base_ns = base_ns;
	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, PART_NS);
	plan_window(model, 1, frame_ns / 2, PART_NS);
	return model;
}

/* First in each test. */
#define MAY_SET() do {								\
	if (!session_in_lab())							\
		SKIP(return, "the machine's clock would be set: only in the lab"); \
} while (0)


/* Hold what the module says of the clock against the clock: its offset, at least. */
static bool offset_is(int64_t offset_ns)
{
	uint64_t before_ns, at_ns, after_ns;

	for (int i = 0; i < 20; i++) {
		before_ns = now_ns();
		at_ns = tai_ns();
		after_ns = now_ns();
		if (offset_ns > (int64_t)(at_ns - before_ns) ||
		    offset_ns < (int64_t)(at_ns - after_ns))
			return false;
	}
	return true;
}

/* How long before an instant of CLOCK_MONOTONIC a frame of the grid begins. */
static uint64_t off_grid(const struct ps_module_info *info, uint64_t at_ns)
{
	__int128 since = (__int128)at_ns + info->clock_offset_ns - info->base_ns;
	__int128 rest = since % (__int128)info->frame_ns;

	return rest < 0 ? rest + info->frame_ns : rest;
}

/* Frames begin on the grid, says the module, and so they do. */
#define EXPECT_ON_GRID(_info) do {						\
	MODULE(_info);								\
	EXPECT_TRUE((_info)->tai);						\
	EXPECT_TRUE(offset_is((_info)->clock_offset_ns))			\
	{ TH_LOG("offset %" PRId64, (_info)->clock_offset_ns); }		\
	EXPECT_EQ(0, (_info)->grid_error_ns);					\
	EXPECT_EQ(0, off_grid(_info, (_info)->epoch_ns));			\
} while (0)

static bool map_live(const volatile struct partsched_guest_live **live)
{
	struct partsched_bind bind = { .name = "a" };
	int fd = open(PARTSCHED_DEVICE, O_RDWR | O_CLOEXEC);
	void *page;

	if (fd < 0)
		return false;
	if (ioctl(fd, PARTSCHED_IOC_BIND, &bind)) {
		close(fd);
		return false;
	}
	page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	*live = page;
	return page != MAP_FAILED;
}

/*
 * By its own eyes: how much later than the next frame of the grid a window at
 * the beginning of it opens, on CLOCK_TAI.
 */
static int64_t opens_late(const volatile struct partsched_guest_live *live,
			  const struct ps_module_info *info)
{
	uint64_t start_ns = live->vcpu[0].start_ns, deadline_ns = now_ns() + TEST_PATIENCE_NS;
	__int128 rest;

	while (live->vcpu[0].start_ns == start_ns)
		if (now_ns() > deadline_ns)
			return -1;
	rest = ((__int128)tai_ns() - info->base_ns) % (__int128)info->frame_ns;
	return rest < 0 ? rest + info->frame_ns : rest;
}

static int64_t least_late(const volatile struct partsched_guest_live *live,
			  const struct ps_module_info *info, int windows)
{
	int64_t least_ns = INT64_MAX;

	for (int i = 0; i < windows; i++) {
		int64_t late_ns = opens_late(live, info);

		if (late_ns < least_ns)
			least_ns = late_ns;
	}
	return least_ns;
}

/* A window that was seen to open less than this after the grid's instant. */
static int64_t tolerance_ns(void)
{
	return exact() ? 100000 : FRAME_NS / 4;
}

TEST_F(clock, frames_begin_on_the_grid_of_tai)
{
	struct ps_module_info info;
	int64_t late_ns;

	MAY_SET();
	ASSERT_EQ(0, set_tai(37));
	for (int i = 0; i < 3; i++) {
		LOAD(plan_tai(self->cpu, FRAME_NS, BASE_NS + i));
		EXPECT_ON_GRID(&info);
		EXPECT_EQ(BASE_NS + i, info.base_ns);
		EXPECT_EQ(0, info.clock_steps);
	}
	ASSERT_TRUE(map_live(&self->live));
	ASSERT_TRUE(UNTIL(self->live->vcpu[0].start_ns >= info.epoch_ns, TEST_PATIENCE_NS));
	EXPECT_EQ(0, off_grid(&info, self->live->vcpu[0].start_ns));
	late_ns = least_late(self->live, &info, 20);
	EXPECT_LE(0, late_ns);
	EXPECT_GT(tolerance_ns(), late_ns);
	TH_LOG("seen %" PRId64 " ns after the grid's instant", late_ns);
}

TEST_F(clock, base_that_lies_ahead_is_not_waited_for)
{
	struct ps_module_info info;
	uint64_t asked_ns = now_ns();

	MAY_SET();
	LOAD(plan_tai(self->cpu, FRAME_NS, tai_ns() + 3600 * NSEC_PER_SEC + 7));
	EXPECT_ON_GRID(&info);
	EXPECT_LT(asked_ns, info.epoch_ns);
	EXPECT_GT(now_ns() + 2 * FRAME_NS, info.epoch_ns);
}

TEST_F(clock, the_same_plan_on_another_grid_is_another_plan)
{
	struct ps_load_result result;

	MAY_SET();
	LOAD(plan_tai(self->cpu, FRAME_NS, BASE_NS));
	ASSERT_DONE(plan_load(self->kernel, plan_tai(self->cpu, FRAME_NS, BASE_NS), &result,
			      &self->error));
	EXPECT_TRUE(result.unchanged);
	ASSERT_DONE(plan_load(self->kernel, plan_tai(self->cpu, FRAME_NS, BASE_NS + 1), &result,
			      &self->error));
	EXPECT_FALSE(result.unchanged);
}

TEST_F(clock, monotonic_plan_is_not_touched)
{
	struct ps_module_info before, after;

	MAY_SET();
	LOAD_USUAL();
	MODULE(&before);
	EXPECT_FALSE(before.tai);
	ASSERT_EQ(0, set_tai(self->tai + 37));
	ASSERT_EQ(0, set_by(&self->moved_ns, 10 * NSEC_PER_SEC + 1));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_EQ(0, set_by(&self->moved_ns, -20 * (int64_t)NSEC_PER_SEC));
	ASSERT_EQ(0, set_freq(500 << 16));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 10));
	MODULE(&after);
	EXPECT_EQ(before.epoch_ns, after.epoch_ns);
	EXPECT_EQ(0, after.clock_steps);
	EXPECT_EQ(0, after.clock_offset_ns);
	EXPECT_EQ(0, after.grid_error_ns);
}

TEST_F(clock, slewed_clock_keeps_frames_on_the_grid)
{
	static const long rates[] = { 500L << 16, -(500L << 16), 0 };
	struct ps_module_info before, after;
	int64_t late_ns;

	MAY_SET();
	LOAD(plan_tai(self->cpu, FRAME_NS, BASE_NS));
	EXPECT_ON_GRID(&before);
	ASSERT_TRUE(map_live(&self->live));
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		ASSERT_EQ(0, set_freq(rates[i]));
		/* 500 ppm of one frame are 15 us, of these together 600 us */
		late_ns = least_late(self->live, &before, 40);
		EXPECT_LE(0, late_ns);
		EXPECT_GT(tolerance_ns(), late_ns);
		TH_LOG("at %ld ppm: seen %" PRId64 " ns after the grid's instant", rates[i] >> 16,
		       late_ns);
		EXPECT_ON_GRID(&after);
		EXPECT_EQ(before.epoch_ns, after.epoch_ns);
		EXPECT_EQ(before.clock_offset_ns, after.clock_offset_ns);
		EXPECT_EQ(0, after.clock_steps);
	}
}

/* The next event about the clock. */
static bool next_step(struct ps_kernel *events, struct ps_event *event)
{
	struct ps_error error;

	do {
		if (ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, event, &error) != 1)
			return false;
	} while (event->type != PARTSCHED_EVENT_CLOCK_STEPPED);
	return true;
}

/* Wait until frames begin at an epoch that was named. */
static bool begun_at(struct ps_kernel *kernel, uint64_t epoch_ns, struct ps_module_info *info)
{
	struct ps_error error;

	return UNTIL(!ps_kernel_module(kernel, info, &error) && info->epoch_ns == epoch_ns &&
		     info->now_ns >= epoch_ns, TEST_PATIENCE_NS);
}

TEST_F(clock, step_of_whole_frames_changes_nothing)
{
	struct ps_module_info before, after;
	struct ps_event event;

	MAY_SET();
	LOAD(plan_tai(self->cpu, EVEN_FRAME_NS, BASE_NS));
	MODULE(&before);
	ASSERT_EQ(0, set_tai(self->tai + 37));
	ASSERT_TRUE(next_step(self->events, &event));
	EXPECT_EQ(37 * (int64_t)NSEC_PER_SEC, event.step_ns);
	EXPECT_EQ(before.epoch_ns, event.epoch_ns);
	EXPECT_ON_GRID(&after);
	EXPECT_EQ(before.epoch_ns, after.epoch_ns);
	EXPECT_EQ(1, after.clock_steps);
	EXPECT_EQ(37 * (int64_t)NSEC_PER_SEC, after.last_step_ns);
	EXPECT_EQ(0, after.nr_changes);
}

static int set_status(int status)
{
	struct timex tx = { .modes = ADJ_STATUS, .status = status };

	return clock_adjtime(CLOCK_REALTIME, &tx) < 0 ? errno : 0;
}

static int tai_now(void)
{
	struct timex tx = { 0 };

	return clock_adjtime(CLOCK_REALTIME, &tx) < 0 ? -1 : tx.tai;
}

TEST_F(clock, leap_second_changes_nothing)
{
	struct ps_module_info before, after;
	struct timespec ts;

	MAY_SET();
	/* a leap second comes at the end of a day of UTC */
	clock_gettime(CLOCK_REALTIME, &ts);
	ASSERT_EQ(0, set_by(&self->moved_ns,
			    (86400 - 3 - ts.tv_sec % 86400) * (int64_t)NSEC_PER_SEC));
	LOAD(plan_tai(self->cpu, FRAME_NS, BASE_NS));
	EXPECT_ON_GRID(&before);
	ASSERT_EQ(0, set_status(STA_INS));
	EXPECT_TRUE(UNTIL(tai_now() == self->tai + 1, TEST_PATIENCE_NS));
	ASSERT_EQ(0, set_status(0));
	EXPECT_ON_GRID(&after);
	EXPECT_EQ(before.epoch_ns, after.epoch_ns);
	EXPECT_EQ(before.clock_offset_ns, after.clock_offset_ns);
	EXPECT_EQ(0, after.clock_steps);
}

#define TRACING		"/sys/kernel/tracing/"
#define EVENTS		TRACING "events/partsched/"
#define MAX_EDGES	4000

/* Openings of one window, in order. */
struct openings {
	size_t nr;
	uint64_t at_ns[MAX_EDGES];
	bool whole;		/* each was as long as planned */
	bool alone;		/* none began before the one before had ended */
};

static bool trace_on(void)
{
	FILE *trace = fopen(TRACING "trace", "we");	/* empties it */

	if (!trace)
		return false;
	fclose(trace);
	/* both events from one moment on */
	return !file_write(TRACING "tracing_on", "0") &&
		!file_write(EVENTS "window_open/enable", "1") &&
		!file_write(EVENTS "window_close/enable", "1") &&
		!file_write(TRACING "tracing_on", "1");
}

/* End the trace, and read the windows of partitions 1 and 2 off it. */
static bool trace_read(struct openings openings[2])
{
	uint64_t edge_ns, opened_ns[3] = { 0 };
	unsigned int partition, open = 0;
	char line[512];
	FILE *trace;
	char *at;

	file_write(TRACING "tracing_on", "0");
	file_write(EVENTS "enable", "0");
	trace = fopen(TRACING "trace", "re");
	if (!trace)
		return false;
	for (int i = 0; i < 2; i++)
		openings[i] = (struct openings){ .whole = true, .alone = true };
	while (fgets(line, sizeof(line), trace)) {
		struct openings *o;

		at = strstr(line, ": partition=");
		if (!at || sscanf(at, ": partition=%u vcpu=%*u cpu=%*u edge_ns=%" SCNu64,
				  &partition, &edge_ns) != 2 || partition < 1 || partition > 2)
			continue;
		o = &openings[partition - 1];
		if (strstr(line, " window_close:")) {
			if (opened_ns[partition] && edge_ns - opened_ns[partition] != PART_NS)
				o->whole = false;
			open = 0;
			continue;
		}
		if (open)
			o->alone = false;
		open = partition;
		opened_ns[partition] = edge_ns;
		if (o->nr < MAX_EDGES)
			o->at_ns[o->nr++] = edge_ns;
	}
	fclose(trace);
	file_write(TRACING "tracing_on", "1");
	return true;
}

#define ANY	INT64_MAX

static const struct {
	int64_t by_ns;		/* the time of day */
	int tai;		/* the difference to UTC */
	int64_t longer_ns;	/* than the frame, from one opening to the next */
} steps[] = {
	{ .tai = 37, .longer_ns = ANY },
	{ .by_ns = 10 * (int64_t)NSEC_PER_SEC, .longer_ns = ANY },
	{ .by_ns = -10 * (int64_t)NSEC_PER_SEC, .longer_ns = ANY },
	{ .by_ns = 20000, .longer_ns = -20000 },	/* the frame is cut short */
	{ .by_ns = -20000, .longer_ns = 20000 },
	{ .by_ns = 900000, .longer_ns = -900000 },
	{ .by_ns = 1100000, .longer_ns = ANY },		/* more than it may be cut by */
	{ .by_ns = 1, .longer_ns = -1 },
};

TEST_F(clock, step_is_followed_at_a_frames_end_and_no_window_is_cut)
{
	static struct openings openings[2];
	struct ps_module_info info;
	uint64_t epoch_ns, shift_ns, at_ns, period_ns;
	struct ps_event event;
	int64_t step_ns;
	size_t odd;

	MAY_SET();
	if (access(EVENTS, F_OK))
		SKIP(return, "no tracefs with partsched's events at " EVENTS);
	LOAD(plan_tai(self->cpu, FRAME_NS, BASE_NS));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		EXPECT_ON_GRID(&info);
		epoch_ns = info.epoch_ns;
		ASSERT_TRUE(trace_on());
		EXPECT_TRUE(frames_pass(self->kernel, "a", 2));
		at_ns = now_ns();
		step_ns = steps[i].by_ns + steps[i].tai * (int64_t)NSEC_PER_SEC;
		ASSERT_EQ(0, steps[i].tai ? set_tai(self->tai + steps[i].tai) :
			  set_by(&self->moved_ns, step_ns));
		ASSERT_TRUE(next_step(self->events, &event));
		EXPECT_EQ(step_ns, event.step_ns);
		/* three frames at most, and the lead of 10 ms */
		EXPECT_LT(at_ns, event.epoch_ns);
		EXPECT_GT(event.time_ns + 3 * FRAME_NS + 20 * NSEC_PER_MSEC, event.epoch_ns);
		ASSERT_TRUE(begun_at(self->kernel, event.epoch_ns, &info));
		EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
		EXPECT_ON_GRID(&info);
		EXPECT_EQ(event.epoch_ns, info.epoch_ns);
		EXPECT_EQ(i + 1, info.clock_steps);
		EXPECT_EQ(step_ns, info.last_step_ns);
		EXPECT_EQ(0, info.nr_changes);
		/* the grid is elsewhere by what is left of the step */
		shift_ns = (event.epoch_ns - epoch_ns) % FRAME_NS;
		EXPECT_EQ(0, ((__int128)shift_ns + step_ns) % (__int128)FRAME_NS);

		ASSERT_TRUE(trace_read(openings));
		for (int p = 0; p < 2; p++) {
			EXPECT_TRUE(openings[p].whole);
			EXPECT_TRUE(openings[p].alone);
			/* before the step and after it; an emulated timer misses some */
			ASSERT_LE(2, openings[p].nr);
			odd = 0;
			for (size_t k = 1; k < openings[p].nr; k++) {
				period_ns = openings[p].at_ns[k] - openings[p].at_ns[k - 1];
				EXPECT_LE(FRAME_NS - CUT_NS, period_ns);
				/* a timer that came too late missed whole windows */
				if (period_ns % FRAME_NS == 0)
					continue;
				odd++;
				if (steps[i].longer_ns != ANY) {
					EXPECT_EQ((FRAME_NS + steps[i].longer_ns) % FRAME_NS,
						  period_ns % FRAME_NS);
					EXPECT_TRUE(!exact() || period_ns < 2 * FRAME_NS - CUT_NS);
				}
				EXPECT_TRUE(!exact() || period_ns < 2 * FRAME_NS);
			}
			EXPECT_EQ(1, odd) { TH_LOG("step %zu, partition %d", i, p + 1); }
		}
		TH_LOG("step %" PRId64 " ns: %" PRId64 " ns to the new epoch", step_ns,
		       (int64_t)(event.epoch_ns - at_ns));
	}
}

TEST_F(clock, frame_that_is_full_to_its_end_is_not_cut_short)
{
	struct ps_model *model = plan_tai(self->cpu, FRAME_NS, BASE_NS);
	struct ps_module_info before, after;
	struct ps_event event;

	MAY_SET();
	model->schedules[0].windows[1].offset_ns = FRAME_NS - PART_NS;
	LOAD(model);
	MODULE(&before);
	ASSERT_EQ(0, set_by(&self->moved_ns, 20000));
	ASSERT_TRUE(next_step(self->events, &event));
	ASSERT_TRUE(begun_at(self->kernel, event.epoch_ns, &after));
	EXPECT_ON_GRID(&after);
	/* a gap of nearly a frame, then */
	EXPECT_EQ(FRAME_NS - 20000, (after.epoch_ns - before.epoch_ns) % FRAME_NS);
}

TEST_F(clock, all_cpus_follow_a_step_at_the_same_instant)
{
	static struct openings openings[2];
	struct ps_model *model;
	struct ps_module_info info;
	struct ps_event event;
	size_t last[2];

	MAY_SET();
	if (access(EVENTS, F_OK))
		SKIP(return, "no tracefs with partsched's events at " EVENTS);
	model = plan_new(FRAME_NS);
	model->time_base = PS_TIME_TAI;
	plan_partition(model, "a", 1, self->cpu);
	plan_partition(model, "b", 1, 0);
	plan_window(model, 0, 0, PART_NS);
	plan_window(model, 1, 0, PART_NS);
	LOAD(model);
	ASSERT_TRUE(trace_on());
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(0, set_by(&self->moved_ns, i % 2 ? -3000001 : 4000001));
		ASSERT_TRUE(next_step(self->events, &event));
		ASSERT_TRUE(begun_at(self->kernel, event.epoch_ns, &info));
	}
	ASSERT_TRUE(UNTIL(now_ns() > event.epoch_ns + 3 * FRAME_NS, TEST_PATIENCE_NS));
	EXPECT_ON_GRID(&info);
	EXPECT_EQ(5, info.clock_steps);
	ASSERT_TRUE(trace_read(openings));
	for (int p = 0; p < 2; p++) {
		ASSERT_LT(4, openings[p].nr);
		last[p] = openings[p].nr - 1;
		EXPECT_EQ(0, off_grid(&info, openings[p].at_ns[last[p]]));
		for (size_t k = 1; k < openings[p].nr; k++) {
			EXPECT_LE(FRAME_NS - CUT_NS,
				  openings[p].at_ns[k] - openings[p].at_ns[k - 1]);
		}
	}
	/* on each CPU the same series; none is missing where time is exact */
	for (size_t k = 1; exact() && k < openings[0].nr && k < openings[1].nr; k++) {
		EXPECT_EQ(openings[0].at_ns[last[0] + 1 - k],
			  openings[1].at_ns[last[1] + 1 - k]);
	}
}

TEST_F(clock, schedule_with_another_frame_begins_on_its_own_grid)
{
	struct ps_model *model = plan_tai(self->cpu, FRAME_NS, BASE_NS);
	struct ps_change_result result;
	struct ps_module_info info;
	uint64_t epoch_ns;
	size_t other = plan_schedule(model, 2, 70 * NSEC_PER_MSEC);

	MAY_SET();
	plan_window_in(model, other, 0, 0, PART_NS);
	LOAD(model);
	for (int i = 0; i < 6; i++) {
		uint64_t old_ns = i % 2 ? 70 * NSEC_PER_MSEC : FRAME_NS;
		uint64_t new_ns = i % 2 ? FRAME_NS : 70 * NSEC_PER_MSEC;
		uint64_t gap_ns;

		MODULE(&info);
		epoch_ns = info.epoch_ns;
		ASSERT_DONE(ps_kernel_change_schedule(self->kernel, i % 2 ? 1 : 2, &result,
						      &self->error));
		ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, i % 2 ? 1 : 2, result.epoch_ns,
						    TEST_PATIENCE_NS, &self->error));
		EXPECT_ON_GRID(&info);
		EXPECT_EQ(result.epoch_ns, info.epoch_ns);
		/* after the end of a frame, less than one of its own later */
		gap_ns = (result.epoch_ns - epoch_ns) % old_ns;
		EXPECT_GT(new_ns, gap_ns);
		ASSERT_TRUE(UNTIL(now_ns() > info.epoch_ns, TEST_PATIENCE_NS));
	}
}

TEST_F(clock, way_back_to_the_grid_holds_up_nobody)
{
	struct ps_model *model = plan_tai(self->cpu, LONG_FRAME_NS, BASE_NS);
	struct ps_change_result result;
	struct ps_load_result loaded;
	struct ps_module_info info;
	struct ps_event event;

	MAY_SET();
	plan_window_in(model, plan_schedule(model, 2, FRAME_NS), 0, 0, PART_NS);
	LOAD(model);
	ASSERT_EQ(0, set_by(&self->moved_ns, 1234567));
	ASSERT_TRUE(next_step(self->events, &event));
	MODULE(&info);
	EXPECT_EQ(1234567, info.grid_error_ns);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(1, info.next_schedule_id);
	/* it is no change of schedule */
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	EXPECT_TRUE(result.no_action);
	/* and gives way to one, which ends on the grid by itself */
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_FALSE(result.no_action);
	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 2, result.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	EXPECT_ON_GRID(&info);
	EXPECT_EQ(1, info.clock_steps);

	/* to another plan likewise */
	ASSERT_DONE(plan_load(self->kernel, plan_tai(self->cpu, LONG_FRAME_NS, BASE_NS), &loaded,
			      &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, loaded.generation));
	ASSERT_EQ(0, set_by(&self->moved_ns, 1234567));
	ASSERT_TRUE(next_step(self->events, &event));
	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &loaded, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, loaded.generation));
	MODULE(&info);
	EXPECT_FALSE(info.tai);
	EXPECT_EQ(0, info.clock_steps);
}

PARTSCHED_MAIN
