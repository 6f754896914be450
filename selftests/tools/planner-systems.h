/* SPDX-License-Identifier: GPL-2.0 */
/*
 * planner-systems - systems to plan, and searches that know what there is to find
 *
 * For the unit test of the planner. Small systems are counted in units of
 * PARTSCHED_MIN_WINDOW_NS and looked through whole.
 */
#ifndef PLANNER_SYSTEMS_H
#define PLANNER_SYSTEMS_H

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "../unit/ktap.h"

#include "alloc.h"
#include "check.h"
#include "model.h"
#include "planner.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define UNIT PARTSCHED_MIN_WINDOW_NS
#define MS 1000000ULL
#define S 1000000000ULL
#define MAX_UNITS 24

static uint64_t seed = 88172645463325252ULL;

static uint64_t any(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static struct ps_model *new_model(uint64_t frame, uint32_t slack_ppm)
{
	struct ps_model *model = ps_model_new("test.xml");
	struct ps_schedule *s = ps_model_add_schedule(model);

	model->slack_ppm = slack_ppm;
	s->id = 1;
	s->frame_ns = frame;
	s->initial = true;
	s->line = 2;
	return model;
}

/* Partition number n is named "p<n>" and stands in line 10 + n. */
static struct ps_partition *add(struct ps_model *model, uint64_t period, uint64_t duration,
				uint32_t cpus)
{
	struct ps_partition *p = ps_model_add_partition(model);
	size_t n = model->nr_partitions - 1;
	uint32_t cpu;

	free(p->name);
	p->name = ps_asprintf("p%zu", n);
	p->id = (uint32_t)n + 1;
	p->line = p->period_line = 10 + (int)n;
	p->period_ns = period;
	p->duration_ns = duration;
	p->launcher = PS_LAUNCHER_NONE;
	p->cores_given = true;
	for (cpu = 0; cpu < 32; cpu++) {
		struct ps_vcpu *v;

		if (!(cpus & 1U << cpu))
			continue;
		v = ps_partition_add_vcpu(p);
		v->index = (uint32_t)p->nr_vcpus - 1;
		v->cpu = cpu;
	}
	return p;
}

static void add_window(struct ps_model *model, size_t partition, uint64_t offset,
		       uint64_t duration)
{
	struct ps_window *w = ps_schedule_add_window(&model->schedules[0]);

	w->partition = partition;
	w->vcpu = w->cpu = PS_NONE;
	w->offset_ns = offset;
	w->duration_ns = duration;
	w->line = 500 + (int)w->id;
}

static const struct ps_finding *finding(const struct ps_findings *f, enum ps_rule rule)
{
	size_t i;

	for (i = 0; i < f->nr; i++) {
		if (f->list[i].rule == rule)
			return &f->list[i];
	}
	return NULL;
}

/* Plans, holds what came out against the check, and tells of what is wrong. */
static int plan(struct ps_model *model, unsigned int flags, struct ps_findings *findings)
{
	struct ps_schedule *s = &model->schedules[0];
	size_t nr = s->nr_windows, i;
	struct ps_window *before = ps_calloc(nr + 1, sizeof(*before));
	struct ps_findings judged;
	int rc;

	if (nr)
		memcpy(before, s->windows, nr * sizeof(*before));
	rc = ps_plan_schedule(model, s, flags, findings);
	if (rc && (s->nr_windows != nr || !findings->errors))
		ktap_fail("refused, but %zu windows were %zu, and %zu errors", s->nr_windows, nr,
			  findings->errors);
	if (!rc && findings->errors)
		ktap_fail("planned with %zu errors", findings->errors);
	if ((rc || !(flags & PS_PLAN_ALL)) && nr &&
	    memcmp(before, s->windows, nr * sizeof(*before)))
		ktap_fail("the windows of the file have changed");
	free(before);
	if (rc)
		return rc;
	ps_findings_init(&judged, "test.xml");
	ps_model_check(model, PS_CHECK_NO_FILES | (model->no_slack ? PS_CHECK_NO_SLACK : 0),
		       &judged);
	if (judged.errors || judged.counts[PS_CROSSES_PERIOD] || judged.counts[PS_PERIOD_START]) {
		char *text = ps_findings_text(&judged);

		ktap_fail("the check says: %s", text);
		free(text);
	}
	if (!(flags & PS_PLAN_SPLIT)) {
		uint64_t windows = 0;

		for (i = 0; i < model->nr_partitions; i++)
			windows += model->partitions[i].period_ns ?
				   s->frame_ns / model->partitions[i].period_ns : 0;
		if (!nr && windows != s->nr_windows)
			ktap_fail("%zu windows for %" PRIu64 " periods", s->nr_windows, windows);
	}
	ps_findings_free(&judged);
	return 0;
}

/* As plan(), with findings that are dropped. */
static int plan_only(struct ps_model *model, unsigned int flags)
{
	struct ps_findings findings;
	int rc;

	ps_findings_init(&findings, "test.xml");
	rc = plan(model, flags, &findings);
	ps_findings_free(&findings);
	return rc;
}

static void drop_windows(struct ps_model *model)
{
	free(model->schedules[0].windows);
	model->schedules[0].windows = NULL;
	model->schedules[0].nr_windows = 0;
}

/* --- small systems, looked through whole --- */

struct job {
	uint32_t cpus;
	unsigned int from, to, length;		/* units */
};

/* Random tasks in units; the first may have a window of the file. */
static struct ps_model *small_model(unsigned int nr_cpus)
{
	static const unsigned int frames[] = { 6, 8, 12, 16, 24 };
	unsigned int frame = frames[any(nr_cpus > 1 ? 3 : NR(frames))], left = frame * nr_cpus;
	struct ps_model *model = new_model(frame * UNIT, any(3) ? 0 : 100000);
	unsigned int tasks = 2 + (unsigned int)any(4), i;

	model->no_slack = !model->slack_ppm;
	if (!any(3)) {
		unsigned int at = (unsigned int)any(frame), length = 1 + (unsigned int)any(3);

		if (at + length > frame)
			length = frame - at;
		add(model, 0, 0, 1U << any(nr_cpus));
		add_window(model, 0, at * UNIT, length * UNIT);
	}
	for (i = 0; i < tasks; i++) {
		unsigned int period, duration;
		uint32_t cpus;

		do
			period = 2 + (unsigned int)any(frame - 1);
		while (frame % period);
		duration = 1 + (unsigned int)any(period > 3 ? (period + 1) / 2 : period);
		cpus = 1U << any(nr_cpus);
		if (nr_cpus > 1 && any(2))
			cpus |= 1U << any(nr_cpus);
		if (duration * (frame / period) > left)
			continue;
		left -= duration * (frame / period) * (unsigned int)__builtin_popcount(cpus);
		if (left > frame * nr_cpus)
			left = 0;
		add(model, period * UNIT, duration * UNIT, cpus);
	}
	if (model->nr_partitions == (size_t)model->schedules[0].nr_windows)
		add(model, frame * UNIT, UNIT, 1);
	return model;
}

static size_t jobs_of(const struct ps_model *model, struct job *jobs, uint32_t *taken)
{
	const struct ps_schedule *s = &model->schedules[0];
	size_t nr = 0, i, k;

	memset(taken, 0, MAX_UNITS * sizeof(*taken));
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];

		for (k = w->offset_ns / UNIT; k < (w->offset_ns + w->duration_ns) / UNIT; k++)
			taken[k] |= 1U << model->partitions[w->partition].vcpus[0].cpu;
	}
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];
		uint32_t cpus = 0;

		for (k = 0; k < p->nr_vcpus; k++)
			cpus |= 1U << p->vcpus[k].cpu;
		for (k = 0; p->period_ns && k < s->frame_ns / p->period_ns; k++)
			jobs[nr++] = (struct job){ cpus, k * p->period_ns / UNIT,
						   (k + 1) * p->period_ns / UNIT,
						   p->duration_ns / UNIT };
	}
	return nr;
}

/* Frames here are shorter than a second: placing does not change the share. */
static bool leaves_slack(const struct ps_model *model, const struct job *jobs, size_t nr,
			 const uint32_t *taken)
{
	unsigned int units = model->schedules[0].frame_ns / UNIT, cpu, i;

	for (cpu = 0; cpu < 32; cpu++) {
		uint64_t sum = 0, frame = model->schedules[0].frame_ns;

		for (i = 0; i < nr; i++)
			sum += jobs[i].cpus & 1U << cpu ? jobs[i].length * UNIT : 0;
		for (i = 0; i < units; i++)
			sum += taken[i] & 1U << cpu ? UNIT : 0;
		if (sum > frame - (model->no_slack ? 0 : frame * model->slack_ppm / 1000000))
			return false;
	}
	return true;
}

static bool augment(const struct job *jobs, const size_t *owner, size_t unit_job, int *holder,
		    bool *seen, const uint32_t *taken)
{
	const struct job *job = &jobs[owner[unit_job]];
	unsigned int t;

	for (t = job->from; t < job->to; t++) {
		if (seen[t] || taken[t])
			continue;
		seen[t] = true;
		if (holder[t] < 0 ||
		    augment(jobs, owner, (size_t)holder[t], holder, seen, taken)) {
			holder[t] = (int)unit_job;
			return true;
		}
	}
	return false;
}

/* One CPU, units of jobs matched to units of time. */
static bool exists_in_pieces(const struct job *jobs, size_t nr, const uint32_t *taken)
{
	size_t owner[32 * MAX_UNITS], units = 0, i, k;
	int holder[MAX_UNITS];
	bool seen[MAX_UNITS];

	memset(holder, 0xff, sizeof(holder));
	for (i = 0; i < nr; i++) {
		for (k = 0; k < jobs[i].length; k++)
			owner[units++] = i;
	}
	for (i = 0; i < units; i++) {
		memset(seen, 0, sizeof(seen));
		if (!augment(jobs, owner, i, holder, seen, taken))
			return false;
	}
	return true;
}

/* All places of all jobs. Times are whole units: moving to the left keeps them. */
static bool exists_in_one_piece(const struct job *jobs, size_t nr, uint32_t *taken)
{
	unsigned int t, k;

	if (!nr)
		return true;
	for (t = jobs->from; t + jobs->length <= jobs->to; t++) {
		for (k = 0; k < jobs->length && !(taken[t + k] & jobs->cpus); k++)
			;
		if (k < jobs->length)
			continue;
		for (k = 0; k < jobs->length; k++)
			taken[t + k] |= jobs->cpus;
		if (exists_in_one_piece(jobs + 1, nr - 1, taken))
			return true;
		for (k = 0; k < jobs->length; k++)
			taken[t + k] &= ~jobs->cpus;
	}
	return false;
}

/* Longest jobs first: the search through all places ends sooner. */
static int by_length(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return (y->length > x->length) - (y->length < x->length);
}

#endif /* PLANNER_SYSTEMS_H */
