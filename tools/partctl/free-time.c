// SPDX-License-Identifier: GPL-2.0
/*
 * free-time - time of a plan that no window has yet
 */
#include "free-time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "alloc.h"

/* A time at which a CPU of the partition's is taken. */
struct taken {
	uint64_t begin_ns;
	uint64_t end_ns;
};

static int by_begin(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;

	return x->begin_ns < y->begin_ns ? -1 : x->begin_ns > y->begin_ns;
}

/* Does a window open a vCPU on this CPU? */
static bool opens_on(const struct ps_model *model, const struct ps_window *w, uint32_t cpu)
{
	const struct ps_partition *p = &model->partitions[w->partition];
	size_t i;

	for (i = 0; i < p->nr_vcpus; i++) {
		if (ps_window_opens(w, p->vcpus[i].index) && ps_window_cpu(w, &p->vcpus[i]) == cpu)
			return true;
	}
	return false;
}

/* The time that the windows of a schedule leave of one CPU, the host's share off. */
static uint64_t left_of(const struct ps_model *model, const struct ps_schedule *s, uint32_t cpu,
			bool no_slack)
{
	uint64_t used_ns = 0, most_ns = s->frame_ns;
	size_t i;

	if (!no_slack)
		most_ns -= (uint64_t)((unsigned __int128)s->frame_ns * model->slack_ppm / 1000000) +
			   1;
	for (i = 0; i < s->nr_windows; i++) {
		if (opens_on(model, &s->windows[i], cpu))
			used_ns += s->windows[i].duration_ns;
	}
	return used_ns < most_ns ? most_ns - used_ns : 0;
}

/* The longest stretch without a window on any CPU of the partition. */
static struct taken longest(const struct ps_model *model, const struct ps_schedule *s,
			    const struct ps_partition *p)
{
	struct taken *taken = NULL, best = { 0, 0 };
	uint64_t at_ns = 0;
	size_t nr = 0, i, k;

	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];

		for (k = 0; k < p->nr_vcpus && !opens_on(model, w, p->vcpus[k].cpu); k++)
			;
		if (k == p->nr_vcpus)
			continue;
		*(struct taken *)ps_grow(&taken, &nr, sizeof(*taken)) = (struct taken){
			w->offset_ns, w->offset_ns + w->duration_ns,
		};
	}
	*(struct taken *)ps_grow(&taken, &nr, sizeof(*taken)) = (struct taken){
		s->frame_ns, s->frame_ns,
	};
	qsort(taken, nr, sizeof(*taken), by_begin);
	for (i = 0; i < nr; i++) {
		if (taken[i].begin_ns > at_ns &&
		    taken[i].begin_ns - at_ns > best.end_ns - best.begin_ns)
			best = (struct taken){ at_ns, taken[i].begin_ns };
		if (taken[i].end_ns > at_ns)
			at_ns = taken[i].end_ns;
	}
	free(taken);
	return best;
}

static uint64_t shortest(const struct ps_schedule *s)
{
	return PARTSCHED_MIN_WINDOW_NS + (s->guard_ns == PS_GUARD_AUTO ?
					  PARTSCHED_GUARD_AUTO_MAX_NS : s->guard_ns);
}

int free_time_take(struct ps_model *model, size_t partition, bool no_slack,
		   struct ps_error *error)
{
	const struct ps_partition *p = &model->partitions[partition];
	size_t i, k;

	for (i = 0; i < model->nr_schedules; i++) {
		struct ps_schedule *s = &model->schedules[i];
		struct taken place = longest(model, s, p);
		uint64_t length_ns = place.end_ns - place.begin_ns;
		struct ps_window *w;

		for (k = 0; k < p->nr_vcpus; k++) {
			uint64_t left_ns = left_of(model, s, p->vcpus[k].cpu, no_slack);

			if (left_ns < length_ns)
				length_ns = left_ns;
		}
		if (length_ns < shortest(s))
			return ps_fail(error, PS_EXIT_REFUSED, ENOSPC,
				       "schedule %" PRIu32 " leaves %" PRIu64 " ns of its frame free on the CPUs wanted, the host's share off; a window has %" PRIu64 " ns at least",
				       s->id, length_ns, shortest(s));
		w = ps_schedule_add_window(s);
		w->partition = partition;
		w->vcpu = PS_NONE;
		w->cpu = PS_NONE;
		w->offset_ns = place.begin_ns;
		w->duration_ns = length_ns;
	}
	return 0;
}
