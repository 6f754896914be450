// SPDX-License-Identifier: GPL-2.0
/*
 * complete - what a file leaves to be derived
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"

/* What the schedules say about one partition, all together. */
struct agreed {
	struct ps_entry entry;		/* of the first schedule that has one */
	size_t entries;			/* schedules with an entry */
	size_t unplanned;		/* of these, without any window */
	size_t lone;			/* schedules with windows of it, but no entry */
	size_t entry_in;		/* last schedule seen with an entry, from 1 */
	size_t window_in;		/* last schedule seen with a window, from 1 */
	bool twice;			/* two entries in one schedule: told later */
	bool other_period;
	bool other_rights;
	bool other_action;
};

/* An entry may give one of the two times; the partition has the other one. */
static void fill_entry(struct ps_entry *e, const struct ps_partition *p)
{
	if (e->period_ns && !e->duration_ns && p->duration_ns <= e->period_ns)
		e->duration_ns = p->duration_ns;
	else if (!e->period_ns && e->duration_ns)
		e->period_ns = p->period_ns;
}

static void gather_entry(struct agreed *a, const struct ps_entry *e, size_t schedule,
			 bool unplanned)
{
	if (a->entry_in == schedule) {
		a->twice = true;
		return;
	}
	a->entry_in = schedule;
	a->unplanned += unplanned;
	if (!a->entries++) {
		a->entry = *e;
		return;
	}
	a->other_period |= a->entry.period_ns != e->period_ns ||
			   a->entry.duration_ns != e->duration_ns;
	a->other_rights |= a->entry.set_schedule != e->set_schedule;
	a->other_action |= a->entry.has_action != e->has_action ||
			   a->entry.change_action != e->change_action;
}

/* Returns the number of schedules without windows. */
static size_t gather(struct ps_model *model, struct agreed *agreed)
{
	size_t unplanned = 0, i, j;

	for (i = 0; i < model->nr_schedules; i++) {
		struct ps_schedule *s = &model->schedules[i];

		unplanned += !s->nr_windows;
		for (j = 0; j < s->nr_entries; j++) {
			struct ps_entry *e = &s->entries[j];

			fill_entry(e, &model->partitions[e->partition]);
			gather_entry(&agreed[e->partition], e, i + 1, !s->nr_windows);
		}
		for (j = 0; j < s->nr_windows; j++) {
			struct agreed *a = &agreed[s->windows[j].partition];

			if (a->window_in == i + 1)
				continue;
			a->window_in = i + 1;
			a->lone += a->entry_in != i + 1;
		}
	}
	return unplanned;
}

/*
 * A schedule that has windows, but neither windows nor an entry of the
 * partition, is not asked: the partition does not run in it. One without any
 * windows is: they may still be found for it, by the partition's own times.
 */
static void hoist(struct ps_partition *p, const struct agreed *a, size_t unplanned)
{
	if (!a->entries || a->twice || a->lone || a->unplanned != unplanned)
		return;
	if (!a->other_period && a->entry.period_ns) {
		p->period_ns = a->entry.period_ns;
		p->duration_ns = a->entry.duration_ns;
		p->period_line = a->entry.line;
	}
	if (!a->other_rights && a->entry.set_schedule)
		p->set_schedule = true;
	if (!a->other_action && a->entry.has_action)
		p->change_action = a->entry.change_action;
}

/* Clear what the partition says as well; true if anything is left. */
static bool reduce(struct ps_entry *e, const struct ps_partition *p)
{
	if (e->period_ns == p->period_ns && e->duration_ns == p->duration_ns)
		e->period_ns = e->duration_ns = 0;
	if (p->set_schedule)
		e->set_schedule = false;
	if (e->has_action && e->change_action == p->change_action) {
		e->has_action = false;
		e->change_action = PS_CHANGE_IGNORE;
	}
	return e->period_ns || e->duration_ns || e->set_schedule || e->has_action;
}

static void hoist_entries(struct ps_model *model)
{
	struct agreed *agreed = ps_calloc(model->nr_partitions, sizeof(*agreed));
	size_t unplanned = gather(model, agreed), i, j, kept;

	for (i = 0; i < model->nr_partitions; i++)
		hoist(&model->partitions[i], &agreed[i], unplanned);
	for (i = 0; i < model->nr_schedules; i++) {
		struct ps_schedule *s = &model->schedules[i];

		for (j = kept = 0; j < s->nr_entries; j++) {
			struct ps_entry *e = &s->entries[j];

			if (agreed[e->partition].twice ||
			    reduce(e, &model->partitions[e->partition]))
				s->entries[kept++] = *e;
		}
		s->nr_entries = kept;
	}
	free(agreed);
}

static uint64_t greatest_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * The partitions of a schedule are those with windows or an entry in it; all,
 * if there is one schedule only or if it has neither.
 */
static bool *members_of(const struct ps_model *model, const struct ps_schedule *s)
{
	bool *member = ps_calloc(model->nr_partitions, sizeof(*member));
	size_t i;

	if (model->nr_schedules == 1 || (!s->nr_windows && !s->nr_entries))
		memset(member, true, model->nr_partitions * sizeof(*member));
	for (i = 0; i < s->nr_windows; i++)
		member[s->windows[i].partition] = true;
	for (i = 0; i < s->nr_entries; i++)
		member[s->entries[i].partition] = true;
	return member;
}

/* The period at index @at makes the frame too long; @nr periods went before. */
static void tell_too_long(const struct ps_model *model, const struct ps_schedule *s,
			  const struct ps_periodicity *periods, size_t at, size_t nr,
			  uint64_t frame, struct ps_findings *findings)
{
	const char *name = model->partitions[at].name;
	char object[PS_OBJECT];

	ps_name_schedule(object, s);
	if (nr)
		ps_find(findings, PS_NO_FRAME, s->line, object,
			"state the major frame, or choose periods that are multiples of each other",
			"states no major frame; the least common multiple of its periods is %" PRIu64 " ns up to here, and with the Period %" PRIu64 " ns of \"%s\" (line %d) it is beyond the %llu ns that a frame may have",
			frame, periods[at].period_ns, PS_SAFE(name), periods[at].line,
			PARTSCHED_MAX_FRAME_NS);
	else
		ps_find(findings, PS_NO_FRAME, s->line, object, "choose a shorter period",
			"states no major frame, and the Period %" PRIu64 " ns of \"%s\" (line %d) alone is beyond the %llu ns that a frame may have",
			periods[at].period_ns, PS_SAFE(name), periods[at].line,
			PARTSCHED_MAX_FRAME_NS);
}

static void derive_frame(struct ps_model *model, struct ps_schedule *s,
			 struct ps_findings *findings)
{
	struct ps_periodicity *periods = ps_periods_new(model, s);
	bool *member = members_of(model, s);
	uint64_t frame = 1, period;
	size_t nr = 0, i;
	char object[PS_OBJECT];

	for (i = 0; i < model->nr_partitions; i++) {
		period = periods[i].period_ns;
		if (!member[i] || !period)
			continue;
		period /= greatest_divisor(frame, period);
		if (period > PARTSCHED_MAX_FRAME_NS / frame) {
			tell_too_long(model, s, periods, i, nr, frame, findings);
			goto out;
		}
		frame *= period;
		nr++;
	}
	ps_name_schedule(object, s);
	if (nr) {
		s->frame_ns = frame;
		s->derived = true;
		ps_find(findings, PS_DERIVED_FRAME, s->line, object, NULL,
			"states no major frame; it is %" PRIu64 " ns, the least common multiple of %zu period%s",
			frame, nr, nr == 1 ? "" : "s");
	} else if (model->nr_partitions) {
		ps_find(findings, PS_NO_FRAME, s->line, object,
			"state the major frame, or give the partitions a periodicity",
			"states no major frame, and none of its partitions has a period to derive it from");
	}
out:
	free(member);
	free(periods);
}

void ps_model_complete(struct ps_model *model, struct ps_findings *findings)
{
	struct ps_told told;
	size_t i;

	if (model->nr_schedules == 1)
		model->schedules[0].initial = true;
	/* before the hoisting: entries tell who belongs to a schedule */
	ps_told_init(&told, findings);
	for (i = 0; i < model->nr_schedules; i++) {
		struct ps_schedule *s = &model->schedules[i];

		if (!s->frame_ns && !ps_told(&told, s->line, s->line + 1))
			derive_frame(model, s, findings);
	}
	ps_told_free(&told);
	hoist_entries(model);
}
