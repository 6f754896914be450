// SPDX-License-Identifier: GPL-2.0
/*
 * change - from one module schedule to another while the plan runs
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>

#include <linux/partsched_device.h>
#include <linux/partsched_guest.h>
#include <sys/ioctl.h>

#include "partsched.h"

/* Short, for many changes in little time. */
#define FRAME_NS	(20 * NSEC_PER_MSEC)
/* So long that what is asked for in a frame is still to come a while later. */
#define LONG_FRAME_NS	(4 * NSEC_PER_SEC)

/* A change must not lose a window; on a CPU of this machine's own, nor must anything. */
static bool exact(void)
{
	return getenv("PARTSCHED_LAB_EXACT");
}

/* Ask for a schedule and wait until all CPUs run it. */
static int change_to(struct ps_kernel *kernel, uint32_t id, uint64_t *epoch_ns,
		     struct ps_error *error)
{
	struct ps_change_result result;

	if (ps_kernel_change_schedule(kernel, id, &result, error))
		return -1;
	if (epoch_ns)
		*epoch_ns = result.epoch_ns;
	return ps_kernel_wait_schedule(kernel, id, result.epoch_ns, TEST_PATIENCE_NS, error);
}

/* A share of the frame, but not so much that a second of it has no slack. */
static uint64_t part_of(uint64_t frame_ns, unsigned int parts)
{
	return frame_ns / parts < 100 * NSEC_PER_MSEC ? frame_ns / parts : 100 * NSEC_PER_MSEC;
}

/* "a" is the same in both schedules; "b" has windows in 1 and "c" in 2. */
static struct ps_model *plan_same(int cpu, uint64_t frame_ns)
{
	struct ps_model *model = plan_new(frame_ns);
	uint64_t part_ns = part_of(frame_ns, 5);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_partition(model, "c", 1, cpu);
	plan_schedule(model, 2, frame_ns);
	model->schedules[1].name = strdup("other");
	plan_window_in(model, 0, 0, 0, 2 * part_ns);
	plan_window_in(model, 0, 1, 3 * part_ns, part_ns);
	plan_window_in(model, 1, 0, 0, 2 * part_ns);
	plan_window_in(model, 1, 2, 2 * part_ns, part_ns);
	/* up to the very end of the frame */
	plan_window_in(model, 1, 2, frame_ns - part_ns, part_ns);
	return model;
}

/*
 * On the last CPU "a" in schedule 1 and "b" in 2; on CPU 0, "c" and "d", of
 * which "c" is left out of schedule 1 if @alone.
 */
static struct ps_model *plan_two_cpus(int cpu, uint64_t frame_ns, bool alone)
{
	struct ps_model *model = plan_new(frame_ns);
	uint64_t half_ns = part_of(frame_ns, 2);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_partition(model, "c", 1, 0);
	plan_partition(model, "d", 1, 0);
	plan_schedule(model, 2, frame_ns);
	plan_window_in(model, 0, 0, frame_ns - half_ns, half_ns);
	if (!alone)
		plan_window_in(model, 0, 2, 0, half_ns);
	plan_window_in(model, 1, 1, 0, half_ns);
	plan_window_in(model, 1, 3, half_ns / 4, half_ns);
	return model;
}

#define LOAD(_model) do {							\
	struct ps_load_result _result;						\
										\
	ASSERT_DONE(plan_load(self->kernel, _model, &_result, &self->error));	\
	ASSERT_TRUE(plan_settled(self->kernel, _result.generation));		\
} while (0)

#define CHANGE_TO(_id, _epoch_ns) \
	ASSERT_DONE(change_to(self->kernel, _id, _epoch_ns, &self->error))

#define MODULE(_info)	ASSERT_DONE(ps_kernel_module(self->kernel, _info, &self->error))

TEST_F(session, status_tells_current_next_and_last_change)
{
	struct ps_change_result result;
	struct ps_module_info info;
	uint64_t epoch_ns;

	LOAD(plan_same(self->cpu, LONG_FRAME_NS));
	MODULE(&info);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(1, info.next_schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(0, info.last_change_ns);
	EXPECT_EQ(0, info.nr_changes);
	epoch_ns = info.epoch_ns;

	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_FALSE(result.no_action);
	EXPECT_LT(info.now_ns, result.epoch_ns);
	EXPECT_EQ(0, (result.epoch_ns - epoch_ns) % LONG_FRAME_NS);
	MODULE(&info);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(2, info.next_schedule_id);
	EXPECT_EQ(result.epoch_ns, info.next_epoch_ns);
	EXPECT_EQ(0, info.last_change_ns);

	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 2, result.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	MODULE(&info);
	EXPECT_EQ(2, info.schedule_id);
	EXPECT_STREQ("other", info.schedule_name);
	EXPECT_EQ(2, info.next_schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(result.epoch_ns, info.last_change_ns);
	EXPECT_EQ(result.epoch_ns, info.epoch_ns);
	EXPECT_EQ(1, info.nr_changes);

	/* with another plan it begins anew */
	LOAD_USUAL();
	MODULE(&info);
	EXPECT_EQ(0, info.last_change_ns);
	EXPECT_EQ(0, info.nr_changes);
}

TEST_F(session, schedule_in_force_is_no_action_and_an_unknown_one_is_refused)
{
	struct ps_change_result result;
	struct ps_module_info info;

	EXPECT_REFUSED(ENOENT, ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "no plan"));
	LOAD(plan_same(self->cpu, FRAME_NS));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	EXPECT_TRUE(result.no_action);
	MODULE(&info);
	EXPECT_EQ(info.epoch_ns, result.epoch_ns);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_REFUSED(EINVAL, ps_kernel_change_schedule(self->kernel, 3, &result, &self->error));
	EXPECT_EQ(PARTSCHED_A_SCHEDULE_ID, self->error.attr);
	EXPECT_NE(NULL, strstr(self->error.text, "no schedule with this identifier"));
	CHANGE_TO(2, NULL);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_TRUE(result.no_action);
}

TEST_F(session, later_request_replaces_the_earlier)
{
	struct ps_model *model = plan_same(self->cpu, LONG_FRAME_NS);
	struct ps_change_result first, second, third;
	struct ps_window_info *windows;
	struct ps_module_info info;
	size_t nr;

	plan_window_in(model, plan_schedule(model, 3, LONG_FRAME_NS), 2, 0, PLAN_WINDOW_NS);
	LOAD(model);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &first, &self->error));
	/* the same again is the same */
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &second, &self->error));
	EXPECT_FALSE(second.no_action);
	EXPECT_EQ(first.epoch_ns, second.epoch_ns);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 3, &third, &self->error));
	EXPECT_FALSE(third.no_action);
	EXPECT_EQ(first.epoch_ns, third.epoch_ns);
	MODULE(&info);
	EXPECT_EQ(3, info.next_schedule_id);
	EXPECT_REFUSED(ECANCELED, ps_kernel_wait_schedule(self->kernel, 2, first.epoch_ns, 0,
							  &self->error));
	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 3, third.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	MODULE(&info);
	EXPECT_EQ(1, info.nr_changes);
	ASSERT_DONE(ps_kernel_windows(self->kernel, &windows, &nr, &self->error));
	for (size_t i = 0; i < nr; i++) {
		if (windows[i].schedule_id == 2)
			EXPECT_EQ(0, windows[i].opened + windows[i].missed);
	}
	free(windows);
}

TEST_F(session, request_for_the_schedule_in_force_takes_a_change_back)
{
	struct ps_change_result result;
	struct ps_module_info info;
	uint64_t at_ns;

	LOAD(plan_two_cpus(self->cpu, LONG_FRAME_NS, true));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	at_ns = result.epoch_ns;
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result, &self->error));
	/* something was done */
	EXPECT_FALSE(result.no_action);
	MODULE(&info);
	EXPECT_EQ(info.epoch_ns, result.epoch_ns);
	EXPECT_EQ(1, info.next_schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	ASSERT_TRUE(UNTIL(now_ns() > at_ns + LONG_FRAME_NS / 2, TEST_PATIENCE_NS));
	MODULE(&info);
	EXPECT_EQ(1, info.schedule_id);
	EXPECT_EQ(0, info.nr_changes);
}

/* Windows of a schedule: how often each has begun, which must be the same number. */
static uint64_t begun(struct ps_kernel *kernel, uint32_t id, const char **why)
{
	struct ps_window_info *windows;
	struct ps_error error;
	uint64_t each = 0;
	bool any = false;
	size_t nr;

	if (ps_kernel_windows(kernel, &windows, &nr, &error)) {
		*why = "no dump";
		return 0;
	}
	for (size_t i = 0; i < nr; i++) {
		if (windows[i].schedule_id != id)
			continue;
		if (any && windows[i].opened + windows[i].missed != each)
			*why = "not all windows of a schedule have begun equally often";
		each = windows[i].opened + windows[i].missed;
		any = true;
	}
	free(windows);
	return each;
}

/* Missed windows: by their own counters, of a partition, and by their CPU's. */
static uint64_t missed(struct ps_kernel *kernel, uint32_t partition_id)
{
	struct ps_window_info *windows;
	struct ps_error error;
	uint64_t sum = 0;
	size_t nr;

	if (ps_kernel_windows(kernel, &windows, &nr, &error))
		return UINT64_MAX;
	for (size_t i = 0; i < nr; i++)
		if (!partition_id || windows[i].partition_id == partition_id)
			sum += windows[i].missed;
	free(windows);
	return sum;
}

static uint64_t missed_by_cpus(struct ps_kernel *kernel)
{
	struct ps_cpu_info *cpus;
	struct ps_error error;
	uint64_t sum = 0;
	size_t nr;

	if (ps_kernel_cpus(kernel, &cpus, &nr, &error))
		return UINT64_MAX;
	for (size_t i = 0; i < nr; i++)
		sum += cpus[i].missed;
	free(cpus);
	return sum;
}

/* Windows of "a" that were opened without the thread in them: before it came. */
static uint64_t unattended(struct ps_kernel *kernel)
{
	struct ps_window_info *windows;
	struct ps_error error;
	uint64_t opened = 0;
	size_t nr;

	if (ps_kernel_windows(kernel, &windows, &nr, &error))
		return UINT64_MAX;
	for (size_t i = 0; i < nr; i++)
		if (windows[i].partition_id == 1)
			opened += windows[i].opened;
	free(windows);
	return opened - windows_opened(kernel, "a", 0);
}

TEST_F(session, change_back_and_forth_loses_no_window)
{
	uint64_t frames[3] = { 0 }, last_ns, at_ns, before, by_cpu;
	int changes = getenv("PARTSCHED_CHANGES") ? atoi(getenv("PARTSCHED_CHANGES")) : 300;
	struct ps_module_info info;
	const char *why = NULL;
	pid_t tid;

	LOAD(plan_same(self->cpu, FRAME_NS));
	by_cpu = missed_by_cpus(self->kernel);
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
		ASSERT_EQ(0, (at_ns - last_ns) % FRAME_NS);
		frames[3 - id] += (at_ns - last_ns) / FRAME_NS;
		last_ns = at_ns;
	}
	MODULE(&info);
	EXPECT_EQ(changes, info.nr_changes);

	/* to the window, in the schedule that is not in force */
	EXPECT_EQ(frames[2], begun(self->kernel, 2, &why));
	EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
	/* what was missed at all was a timer's fault, and counted */
	EXPECT_TRUE(UNTIL(missed_by_cpus(self->kernel) - by_cpu == missed(self->kernel, 0),
			  TEST_PATIENCE_NS));
	/* the thread was there whenever its window was */
	EXPECT_TRUE(UNTIL(unattended(self->kernel) == before, TEST_PATIENCE_NS));
	TH_LOG("%d changes, %" PRIu64 " frames, %" PRIu64 " windows missed", changes,
	       frames[1] + frames[2], missed(self->kernel, 0));
	if (exact())
		EXPECT_EQ(0, missed(self->kernel, 0));
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

	if (self->cpu != 1)
		SKIP(return, "not a machine with two CPUs");
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
		ASSERT_GE(1, cpu);
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

TEST_F(session, cpu_of_one_schedule_only_runs_with_it)
{
	uint64_t from_ns, to_ns, frames = 0;
	struct ps_cpu_info *cpus;
	const char *why = NULL;
	size_t nr;

	LOAD(plan_two_cpus(self->cpu, FRAME_NS, true));
	for (int i = 0; i < 5; i++) {
		ASSERT_DONE(ps_kernel_cpus(self->kernel, &cpus, &nr, &self->error));
		ASSERT_EQ(1, nr);
		EXPECT_EQ(self->cpu, (int)cpus[0].cpu);
		free(cpus);
		CHANGE_TO(2, &from_ns);
		ASSERT_DONE(ps_kernel_cpus(self->kernel, &cpus, &nr, &self->error));
		EXPECT_EQ(2, nr);
		free(cpus);
		CHANGE_TO(1, &to_ns);
		frames += (to_ns - from_ns) / FRAME_NS;
		EXPECT_EQ(frames, begun(self->kernel, 2, &why));
		EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
	}
}

TEST_F(session, thread_without_windows_waits_and_goes_on)
{
	uint64_t ran_ns, from;
	pid_t tid;

	LOAD(plan_same(self->cpu, FRAME_NS));
	tid = guest_attached(&self->guest, self->kernel, "hog", "b");
	ASSERT_NE(0, tid);
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(frames_pass(self->kernel, "b", 2));
		CHANGE_TO(2, NULL);
		/* it may be on its way to the gate */
		ASSERT_TRUE(UNTIL(proc_state(tid) != 'R', TEST_PATIENCE_NS));
		ran_ns = proc_runtime_ns(tid);
		from = windows_opened(self->kernel, "b", 0);
		ASSERT_TRUE(UNTIL(begun(self->kernel, 2, &(const char *){ NULL }) >= 5 * (i + 1),
				  TEST_PATIENCE_NS));
		EXPECT_EQ(PARTSCHED_RUN_SUSPENDED, run_state(self->kernel, "b", 0));
		EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "b", 0));
		EXPECT_EQ(ran_ns, proc_runtime_ns(tid));
		EXPECT_EQ(from, windows_opened(self->kernel, "b", 0));
		CHANGE_TO(1, NULL);
	}
}

TEST_F(session, thread_without_windows_dies_or_leaves_at_once)
{
	LOAD(plan_same(self->cpu, FRAME_NS));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));
	CHANGE_TO(2, NULL);
	ASSERT_EQ(0, kill(self->guest.pid, SIGKILL));
	EXPECT_TRUE(guest_ended(&self->guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "b", 0), bound_ns()));

	CHANGE_TO(1, NULL);
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));
	CHANGE_TO(2, NULL);
	ASSERT_DONE(detach(self->kernel, "b", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "b", 0), bound_ns()));
	/* its place is one without windows again */
	EXPECT_REFUSED(ENOENT, attach(self->kernel, "b", START_VM(VM_SPIN), &self->error));
}

TEST_F(session, load_waits_for_the_change_and_attach_does_not)
{
	struct ps_change_result result;
	struct ps_load_result loaded;
	pid_t tid;

	LOAD(plan_same(self->cpu, LONG_FRAME_NS));
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_REFUSED(EBUSY, plan_load(self->kernel, plan_usual(self->cpu), NULL, &self->error));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	EXPECT_LT(now_ns(), result.epoch_ns);
	ASSERT_DONE(ps_kernel_wait_schedule(self->kernel, 2, result.epoch_ns, TEST_PATIENCE_NS,
					    &self->error));
	EXPECT_TRUE(UNTIL(attach_state(self->kernel, "a", 0) == PARTSCHED_ATTACH_ATTACHED,
			  TEST_PATIENCE_NS));
	/* the same plan is the same, whichever schedule is in force */
	ASSERT_DONE(plan_load(self->kernel, plan_same(self->cpu, LONG_FRAME_NS), &loaded,
			      &self->error));
	EXPECT_TRUE(loaded.unchanged);
	EXPECT_EQ(result.epoch_ns, loaded.epoch_ns);
}

TEST_F(session, change_waits_for_a_plan_on_its_way)
{
	struct ps_change_result result;
	struct ps_load_result loaded;

	LOAD(plan_same(self->cpu, LONG_FRAME_NS));
	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &loaded, &self->error));
	EXPECT_REFUSED(EBUSY, ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "another plan"));
	ASSERT_TRUE(plan_settled(self->kernel, loaded.generation));
	EXPECT_REFUSED(EINVAL, ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
}

/* Announced, or announced and taken back: no timer is left behind. */
TEST_F(session, unload_ends_a_change_on_its_way)
{
	struct ps_change_result result;
	struct ps_module_info info;

	for (int i = 0; i < 3; i++) {
		LOAD(plan_two_cpus(self->cpu, LONG_FRAME_NS, true));
		ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
		if (i)
			ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 1, &result,
							      &self->error));
		ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
		MODULE(&info);
		EXPECT_FALSE(info.has_plan);
	}
	EXPECT_TRUE(UNTIL(!module_remove(), TEST_PATIENCE_NS));
}

#define PM_TEST	"/sys/power/pm_test"

TEST_F(session, change_on_its_way_is_in_force_after_a_suspend)
{
	struct ps_change_result result;
	struct ps_module_info info;
	const char *why = NULL;
	char text[100];

	if (file_read(PM_TEST, text, sizeof(text)) < 0 || !strstr(text, "freezer"))
		SKIP(return, "this kernel cannot try a suspend");
	LOAD(plan_two_cpus(self->cpu, LONG_FRAME_NS, true));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_DONE(ps_kernel_change_schedule(self->kernel, 2, &result, &self->error));
	file_write("/sys/module/suspend/parameters/pm_test_delay", "1");
	ASSERT_EQ(0, file_write(PM_TEST, "freezer"));
	EXPECT_EQ(0, file_write("/sys/power/state", "freeze"));
	EXPECT_EQ(0, file_write(PM_TEST, "none"));
	MODULE(&info);
	EXPECT_EQ(2, info.schedule_id);
	EXPECT_EQ(0, info.next_epoch_ns);
	EXPECT_EQ(1, info.nr_changes);
	EXPECT_EQ(info.epoch_ns, info.last_change_ns);
	EXPECT_EQ(PARTSCHED_ATTACH_ATTACHED, attach_state(self->kernel, "a", 0));
	EXPECT_TRUE(UNTIL(begun(self->kernel, 2, &(const char *){ NULL }) >= 1, TEST_PATIENCE_NS));
	CHANGE_TO(1, NULL);
	begun(self->kernel, 2, &why);
	EXPECT_EQ(NULL, why) { TH_LOG("%s", why); }
	EXPECT_TRUE(frames_pass(self->kernel, "a", 1));
}

TEST_F(session, listener_hears_when_all_cpus_have_changed)
{
	struct ps_kernel *events = ps_kernel_open(&self->error);
	struct ps_event event;
	uint64_t epoch_ns;

	ASSERT_NE(NULL, events);
	LOAD(plan_two_cpus(self->cpu, FRAME_NS, false));
	ASSERT_DONE(ps_kernel_subscribe(events, &self->error));
	CHANGE_TO(2, &epoch_ns);
	do {
		ASSERT_EQ(1, ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event,
					     &self->error)) { TH_LOG("%s", self->error.text); }
	} while (event.type == PARTSCHED_EVENT_MISSED);
	EXPECT_EQ(PARTSCHED_EVENT_SCHEDULE_CHANGED, event.type);
	EXPECT_TRUE(event.has_schedule);
	EXPECT_EQ(2, event.schedule_id);
	EXPECT_EQ(epoch_ns, event.epoch_ns);
	EXPECT_LE(epoch_ns, event.time_ns);
	ps_kernel_close(events);
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
