// SPDX-License-Identifier: GPL-2.0
/*
 * Holding a witness's runs against planned windows; integers throughout.
 */
#include "witness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PPM	1000000ULL

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Rounded up: what is not nothing shall not read 0. */
static uint64_t ppm(uint64_t part, uint64_t whole)
{
	return whole ? (uint64_t)(((unsigned __int128)part * PPM + whole - 1) / whole) : 0;
}

static int check_plan(const struct witness_plan *plan, struct ps_error *error)
{
	uint64_t end_ns = 0;

	if (!plan->nr || !plan->frame_ns)
		return ps_fail(error, PS_EXIT_REFUSED, 0, "plan without a window or a frame");
	for (size_t i = 0; i < plan->nr; i++) {
		const struct witness_window *w = &plan->windows[i];

		if (w->offset_ns < end_ns || !w->duration_ns || w->offset_ns >= plan->frame_ns ||
		    w->duration_ns > plan->frame_ns - w->offset_ns)
			return ps_fail(error, PS_EXIT_REFUSED, 0,
				       "window %zu (%llu ns at %llu ns) overlaps the one before it or leaves the frame of %llu ns",
				       i, (unsigned long long)w->duration_ns,
				       (unsigned long long)w->offset_ns,
				       (unsigned long long)plan->frame_ns);
		end_ns = w->offset_ns + w->duration_ns;
	}
	return 0;
}

/* One window in one frame; moves on for ever. */
struct place {
	const struct witness_plan *plan;
	uint64_t frame;
	size_t window;
};

static uint64_t start_ns(const struct place *place)
{
	return place->plan->epoch_ns + place->frame * place->plan->frame_ns +
		place->plan->windows[place->window].offset_ns;
}

static uint64_t end_ns(const struct place *place)
{
	return start_ns(place) + place->plan->windows[place->window].duration_ns;
}

static struct place after(struct place place)
{
	if (++place.window == place.plan->nr) {
		place.window = 0;
		place.frame++;
	}
	return place;
}

/* End of the window before; the epoch itself before the very first. */
static uint64_t end_before_ns(struct place place)
{
	if (place.window) {
		place.window--;
	} else if (place.frame) {
		place.window = place.plan->nr - 1;
		place.frame--;
	} else {
		return place.plan->epoch_ns;
	}
	return end_ns(&place);
}

/* First instance that starts at @from_ns or later. */
static struct place seek(const struct witness_plan *plan, uint64_t from_ns)
{
	struct place place = { .plan = plan };

	if (from_ns > plan->epoch_ns)
		place.frame = (from_ns - plan->epoch_ns) / plan->frame_ns;
	while (start_ns(&place) < from_ns)
		place = after(place);
	return place;
}

/* First run that ends after @ns, from run @i on. */
static size_t run_at(const struct witness_trace *trace, size_t i, uint64_t ns)
{
	while (i < trace->nr && trace->runs[i].end_ns <= ns)
		i++;
	return i;
}

/* What the guest did between its window's end and its next window. */
static void measure_gap(struct witness_instance *instance, const struct witness_trace *trace,
			size_t i, uint64_t next_ns)
{
	for (i = run_at(trace, i, instance->end_ns);
	     i < trace->nr && trace->runs[i].begin_ns < next_ns; i++) {
		const struct witness_run *run = &trace->runs[i];

		/* that one is early for the next, rather than late for this */
		if (run->end_ns > next_ns && run->begin_ns >= instance->end_ns)
			break;
		instance->last_ns = min_u64(run->end_ns, next_ns);
		instance->overrun_ns = instance->last_ns - instance->end_ns;
	}
}

static void add_gap(struct witness_instance *instance, uint64_t begin_ns, uint64_t end_ns)
{
	if (end_ns - begin_ns > instance->gap_ns) {
		instance->gap_ns = end_ns - begin_ns;
		instance->gap_at_ns = begin_ns;
	}
	instance->gap_sum_ns += end_ns - begin_ns;
}

/* Fill in @instance from the runs; returns the guest time inside. */
static uint64_t measure_window(struct witness_instance *instance,
			       const struct witness_trace *trace, size_t i,
			       uint64_t end_before, uint64_t next_ns)
{
	const uint64_t start = instance->start_ns, end = instance->end_ns;
	const struct witness_run *run = &trace->runs[i];
	uint64_t inside_ns = 0, ran_to;

	if (i == trace->nr || run->begin_ns >= end) {
		instance->missed = true;
		measure_gap(instance, trace, i, next_ns);
		return 0;
	}
	instance->first_ns = max_u64(run->begin_ns, start);
	instance->open_ns = instance->first_ns - start;
	if (run->begin_ns < start && run->begin_ns >= end_before)
		instance->early_ns = start - run->begin_ns;

	ran_to = instance->first_ns;
	for (size_t k = i; k < trace->nr && trace->runs[k].begin_ns < end; k++) {
		uint64_t begin_ns = max_u64(trace->runs[k].begin_ns, start);

		add_gap(instance, ran_to, begin_ns);
		ran_to = min_u64(trace->runs[k].end_ns, end);
		inside_ns += ran_to - begin_ns;
	}
	/* cut short; what the guest cannot see itself is no gap */
	if (end - ran_to > trace->threshold_ns)
		add_gap(instance, ran_to, end);
	instance->last_ns = ran_to;
	measure_gap(instance, trace, i, next_ns);
	return inside_ns;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts a copy of @values into @sorted. */
static void sort(const uint64_t *values, size_t nr, uint64_t *sorted)
{
	memcpy(sorted, values, nr * sizeof(*values));
	qsort(sorted, nr, sizeof(*sorted), compare_u64);
}

/* Nearest rank. */
static uint64_t percentile(const uint64_t *sorted, size_t nr, unsigned int percent)
{
	return sorted[(nr * percent + 99) / 100 - 1];
}

/* What all of the distribution has moved by, from @first to @last. */
static int64_t shift(const uint64_t *first, const uint64_t *last, size_t nr)
{
	static const unsigned int percents[] = { 10, 50, 90 };
	int64_t least = 0;

	for (size_t i = 0; i < sizeof(percents) / sizeof(*percents); i++) {
		int64_t moved = (int64_t)percentile(last, nr, percents[i]) -
			(int64_t)percentile(first, nr, percents[i]);

		if (i && (moved > 0) != (least > 0))
			return 0;
		if (!i || llabs(moved) < llabs(least))
			least = moved;
	}
	return least;
}

static int measure_latencies(struct witness_result *result, struct ps_error *error)
{
	uint64_t *latencies = malloc((3 * result->nr + 1) * sizeof(*latencies));
	uint64_t *sorted = latencies + result->nr, *last = sorted + result->nr;
	size_t nr = 0, span;

	if (!latencies)
		return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
	for (size_t i = 0; i < result->nr; i++)
		if (!result->instances[i].missed && !result->instances[i].touches)
			latencies[nr++] = result->instances[i].open_ns;
	if (nr) {
		sort(latencies, nr, sorted);
		result->open_min_ns = sorted[0];
		result->open_p50_ns = percentile(sorted, nr, 50);
		result->open_p99_ns = percentile(sorted, nr, 99);
		result->open_p999_ns = sorted[(nr * 999 + 999) / 1000 - 1];
		result->open_max_ns = sorted[nr - 1];
		span = min_u64(WITNESS_DRIFT_SPAN, (nr + 1) / 2);
		sort(latencies, span, sorted);
		sort(latencies + nr - span, span, last);
		result->drift_ns = shift(sorted, last, span);
	}
	free(latencies);
	return 0;
}

/* Guest time in [from, to), wherever the windows are. */
static uint64_t ran_ns(const struct witness_trace *trace, uint64_t from_ns, uint64_t to_ns)
{
	uint64_t sum_ns = 0;

	for (size_t i = run_at(trace, 0, from_ns);
	     i < trace->nr && trace->runs[i].begin_ns < to_ns; i++)
		sum_ns += min_u64(trace->runs[i].end_ns, to_ns) -
			max_u64(trace->runs[i].begin_ns, from_ns);
	return sum_ns;
}

static int add_instance(struct witness_result *result, const struct witness_instance *instance,
			struct ps_error *error)
{
	/* room for a power of two */
	if (!(result->nr & (result->nr - 1))) {
		size_t room = result->nr ? 2 * result->nr : 1;
		struct witness_instance *more = realloc(result->instances, room * sizeof(*more));

		if (!more)
			return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
		result->instances = more;
	}
	result->instances[result->nr++] = *instance;
	return 0;
}

static void sum_up(struct witness_result *result, const struct witness_instance *instance)
{
	result->missed += instance->missed;
	result->overrun_max_ns = max_u64(result->overrun_max_ns, instance->overrun_ns);
	result->early_max_ns = max_u64(result->early_max_ns, instance->early_ns);
	result->gap_max_ns = max_u64(result->gap_max_ns, instance->gap_ns);
}

int witness_measure(const struct witness_trace *trace, const struct witness_plan *plan,
		    uint64_t from_ns, uint64_t to_ns, struct witness_result *result,
		    struct ps_error *error)
{
	uint64_t planned_ns = 0, gap_ns = 0, next_ns, before_ns;
	struct place place, next;
	size_t run = 0;

	*result = (struct witness_result){ 0 };
	if (check_plan(plan, error))
		return -1;
	for (place = seek(plan, from_ns);; place = next) {
		struct witness_instance instance = {
			.frame = place.frame,
			.window = place.window,
			.start_ns = start_ns(&place),
			.end_ns = end_ns(&place),
		};

		next = after(place);
		next_ns = start_ns(&next);
		if (next_ns > to_ns)
			break;
		/* a run that leads into the window must be whole */
		before_ns = end_before_ns(place);
		instance.touches = before_ns == instance.start_ns && place.frame + place.window;
		if (instance.start_ns < trace->from_ns || next_ns > trace->to_ns) {
			result->uncovered++;
			continue;
		}
		run = run_at(trace, run, instance.start_ns);
		result->inside_ns += measure_window(&instance, trace, run, before_ns, next_ns);
		planned_ns += instance.end_ns - instance.start_ns;
		gap_ns += instance.gap_sum_ns;
		sum_up(result, &instance);
		if (add_instance(result, &instance, error))
			goto fail;
		result->to_ns = next_ns;
	}
	if (!result->nr) {
		ps_fail(error, PS_EXIT_REFUSED, 0,
			"the witness log covers none of the %zu windows asked for: it is whole from %llu to %llu ns",
			result->uncovered, (unsigned long long)trace->from_ns,
			(unsigned long long)trace->to_ns);
		goto fail;
	}
	result->from_ns = result->instances[0].start_ns;
	result->outside_ns = ran_ns(trace, result->from_ns, result->to_ns) - result->inside_ns;
	result->outside_ppm = ppm(result->outside_ns, result->inside_ns + result->outside_ns);
	result->gap_ppm = ppm(gap_ns, planned_ns);
	if (measure_latencies(result, error))
		goto fail;
	return 0;
fail:
	witness_result_free(result);
	return -1;
}

void witness_result_free(struct witness_result *result)
{
	if (!result)
		return;
	free(result->instances);
	*result = (struct witness_result){ 0 };
}
