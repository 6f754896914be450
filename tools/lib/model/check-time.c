// SPDX-License-Identifier: GPL-2.0
/*
 * check-time - windows against the frame, each other, periods and the host
 *
 * Intervals are half-open, so windows that touch do not overlap. Everything is
 * exact: 64-bit nanoseconds, 128 bits where two of them are multiplied.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"

#define NS_PER_S	1000000000ULL
#define PPM		1000000ULL

/* The time of one window on one CPU. */
struct span {
	uint32_t cpu;
	uint64_t start;
	uint64_t end;
	const struct ps_window *window;
};

bool ps_window_sound(const struct ps_schedule *schedule, const struct ps_window *window)
{
	return window->duration_ns && window->offset_ns < schedule->frame_ns &&
	       window->duration_ns <= schedule->frame_ns - window->offset_ns;
}

static void check_windows(const struct ps_model *model, const struct ps_schedule *s,
			  struct ps_findings *findings)
{
	uint64_t guard_ns = s->guard_ns == PS_GUARD_AUTO ?
		PARTSCHED_GUARD_AUTO_MAX_NS : s->guard_ns;
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];

		/* zero and all ones stand for values that were told already */
		ps_name_window(object, model, w);
		if (w->duration_ns && w->duration_ns < PARTSCHED_MIN_WINDOW_NS)
			ps_find(findings, PS_SHORT_WINDOW, w->line, object,
				"lengthen it; is the unit right?",
				"Duration %" PRIu64 " ns is shorter than the %llu ns that a host can enforce",
				w->duration_ns, PARTSCHED_MIN_WINDOW_NS);
		else if (w->duration_ns && w->duration_ns < PARTSCHED_MIN_WINDOW_NS + guard_ns)
			ps_find(findings, PS_SHORT_WINDOW, w->line, object,
				"lengthen it, or shorten the guard (auto may take the most there is)",
				"Duration %" PRIu64 " ns is shorter than the %llu ns that a host can enforce and the guard of %" PRIu64 " ns together (line %d)",
				w->duration_ns, PARTSCHED_MIN_WINDOW_NS, guard_ns, s->line);
		if (!s->frame_ns || w->offset_ns == UINT64_MAX || !w->duration_ns ||
		    ps_window_sound(s, w))
			continue;
		if (w->offset_ns == s->frame_ns)
			ps_find(findings, PS_BEYOND_FRAME, w->line, object,
				"the frame is half-open: its last instant is Offset MajorFrameDuration - 1; lengthen the frame or move the window",
				"Offset equals MajorFrameDuration (%" PRIu64 " ns, line %d): the window begins where the frame has ended",
				s->frame_ns, s->line);
		else if (w->offset_ns > s->frame_ns)
			ps_find(findings, PS_BEYOND_FRAME, w->line, object,
				"lengthen the frame or move the window",
				"begins after the frame of %" PRIu64 " ns (line %d) has ended",
				s->frame_ns, s->line);
		else
			ps_find(findings, PS_BEYOND_FRAME, w->line, object,
				"a window does not wrap: split it, or shorten it",
				"ends %" PRIu64 " ns after the frame of %" PRIu64 " ns (line %d)",
				w->duration_ns - (s->frame_ns - w->offset_ns), s->frame_ns,
				s->line);
	}
}

static int by_cpu_and_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->window->line > y->window->line) - (x->window->line < y->window->line);
}

/* Is another vCPU of a window on the same CPU? That is told elsewhere. */
static bool is_second(const struct ps_partition *p, const struct ps_window *w, size_t vcpu)
{
	size_t k;

	if (w->vcpu != PS_NONE)
		return false;
	if (w->cpu != PS_NONE)
		return vcpu > 0;
	for (k = 0; k < vcpu; k++) {
		if (p->vcpus[k].cpu == p->vcpus[vcpu].cpu)
			return true;
	}
	return false;
}

static struct span *spans_of(const struct ps_model *model, const struct ps_schedule *s, size_t *nr)
{
	struct span *spans = NULL;
	size_t i, j;

	*nr = 0;
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];
		const struct ps_partition *p = &model->partitions[w->partition];

		for (j = 0; j < p->nr_vcpus && ps_window_sound(s, w); j++) {
			struct span *span;

			if (!ps_window_opens(w, p->vcpus[j].index) || is_second(p, w, j))
				continue;
			span = ps_grow(&spans, nr, sizeof(*spans));
			span->cpu = ps_window_cpu(w, &p->vcpus[j]);
			span->start = w->offset_ns;
			span->end = w->offset_ns + w->duration_ns;
			span->window = w;
		}
	}
	if (*nr)
		qsort(spans, *nr, sizeof(*spans), by_cpu_and_start);
	return spans;
}

static void tell_gap(const struct ps_model *model, const struct span *next, uint64_t gap,
		     struct ps_findings *findings)
{
	char object[PS_OBJECT];

	ps_name_window(object, model, next->window);
	ps_find(findings, PS_SHORT_GAP, next->window->line, object,
		"let the windows touch, or leave more time",
		"the gap of %" PRIu64 " ns before it on CPU %" PRIu32 " is shorter than the %llu ns that a host can use",
		gap, next->cpu, PARTSCHED_MIN_WINDOW_NS);
}

/* The spans of one CPU, in order: no two at one time, no useless gaps. */
static void check_cpu(const struct ps_model *model, const struct ps_schedule *s,
		      const struct span *spans, size_t nr, struct ps_findings *findings)
{
	const struct span *last = &spans[0];	/* the one that ends last so far */
	char object[PS_OBJECT], other[PS_OBJECT];
	uint64_t gap;
	size_t i;

	for (i = 1; i < nr; i++) {
		if (spans[i].start < last->end) {
			ps_name_window(object, model, spans[i].window);
			ps_name_window(other, model, last->window);
			ps_find(findings, PS_OVERLAP, spans[i].window->line, object,
				"move or shorten one of them",
				"overlaps the %s (line %d) on CPU %" PRIu32 " until %" PRIu64 " ns",
				other, last->window->line, spans[i].cpu, last->end);
		} else if (spans[i].start - last->end > 0 &&
			   spans[i].start - last->end < PARTSCHED_MIN_WINDOW_NS) {
			tell_gap(model, &spans[i], spans[i].start - last->end, findings);
		}
		if (spans[i].end > last->end)
			last = &spans[i];
	}
	gap = spans[0].start + (s->frame_ns - last->end);
	if (gap && gap < PARTSCHED_MIN_WINDOW_NS)
		tell_gap(model, &spans[0], gap, findings);
}

/* Busy time in [0, t) of a cyclic plan: sorted, disjoint edges with sums. */
struct busy {
	const uint64_t *starts;
	const uint64_t *ends;
	const uint64_t *before;		/* busy time before each start */
	size_t nr;
	uint64_t frame;
	uint64_t total;
};

static unsigned __int128 busy_until(const struct busy *b, unsigned __int128 t)
{
	unsigned __int128 sum = t / b->frame * b->total;
	uint64_t rest = (uint64_t)(t % b->frame);
	size_t low = 0, high = b->nr;

	while (low < high) {		/* the first that starts at rest or later */
		size_t mid = low + (high - low) / 2;

		if (b->starts[mid] < rest)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return sum;
	low--;
	return sum + b->before[low] + (rest < b->ends[low] ? rest : b->ends[low]) -
	       b->starts[low];
}

/*
 * The most that any interval of one second (of one frame, if that is shorter)
 * can hold. The sum changes its slope at edges only, so the maximum begins at
 * a start or ends at an end.
 */
static uint64_t most_busy(const struct busy *b, uint64_t interval)
{
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < b->nr; i++) {
		unsigned __int128 from = b->starts[i];
		unsigned __int128 to = (unsigned __int128)b->ends[i] + interval / b->frame *
				       (unsigned __int128)b->frame + b->frame;
		uint64_t sum;

		sum = (uint64_t)(busy_until(b, from + interval) - busy_until(b, from));
		if (sum > most)
			most = sum;
		sum = (uint64_t)(busy_until(b, to) - busy_until(b, to - interval));
		if (sum > most)
			most = sum;
	}
	return most;
}

static void check_slack(const struct ps_model *model, const struct ps_schedule *s,
			const struct span *spans, size_t nr, struct ps_findings *findings)
{
	uint64_t interval = s->frame_ns < NS_PER_S ? s->frame_ns : NS_PER_S;
	uint64_t *edges = ps_calloc(3 * nr, sizeof(*edges)), most, limit;
	uint64_t *starts = edges, *ends = edges + nr, *before = edges + 2 * nr;
	struct busy b = { starts, ends, before, 0, s->frame_ns, 0 };
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < nr; i++) {	/* merge what overlaps or touches */
		if (b.nr && spans[i].start <= ends[b.nr - 1]) {
			if (spans[i].end > ends[b.nr - 1])
				ends[b.nr - 1] = spans[i].end;
			continue;
		}
		starts[b.nr] = spans[i].start;
		ends[b.nr++] = spans[i].end;
	}
	for (i = 0; i < b.nr; i++) {
		before[i] = b.total;
		b.total += ends[i] - starts[i];
	}
	most = most_busy(&b, interval);
	/* rounded as the module does: at most 10^9 * 10^6, which 64 bits hold */
	limit = interval - interval * model->slack_ppm / PPM;
	free(edges);
	if (most <= limit)
		return;
	snprintf(object, sizeof(object), "CPU %" PRIu32 " in schedule %" PRIu32, spans[0].cpu,
		 s->id);
	ps_find(findings, PS_SLACK, s->line, object,
		"shorten its windows, lower ps:SlackPpm, or use --no-slack if the host can bear it",
		"windows take %" PRIu64 " of %" PRIu64 " ns, but %" PRIu64 " ns must stay free (%" PRIu32 " ppm): the host's own threads on that CPU (RCU, workqueues, vm.stat_refresh) would hang, and the host with them",
		most, interval, interval - limit, model->slack_ppm);
}

/*
 * Does every period hold enough of the partition's windows? Stops at the first
 * one that does not, and steps over periods that lie within one window: a
 * period of a nanosecond in a frame of an hour costs nothing.
 */
static void check_budget(const struct ps_schedule *s, const struct ps_partition *p,
			 const struct ps_periodicity *need, const struct span *spans, size_t nr,
			 struct ps_findings *findings)
{
	uint64_t period = need->period_ns, at = 0, sum;
	char object[PS_OBJECT];
	size_t i = 0, j;

	while (at < s->frame_ns) {
		while (i < nr && spans[i].end <= at)
			i++;
		if (i < nr && spans[i].start <= at && spans[i].end - at >= period) {
			at += (spans[i].end - at) / period * period;
			continue;
		}
		sum = 0;
		for (j = i; j < nr && spans[j].start < at + period; j++) {
			uint64_t from = spans[j].start > at ? spans[j].start : at;
			uint64_t to = spans[j].end < at + period ? spans[j].end : at + period;

			sum += to - from;
		}
		if (sum < need->duration_ns) {
			ps_name_partition(object, p);
			ps_find(findings, PS_BUDGET, need->line, object,
				"lengthen its windows, or lower Duration",
				"its windows give it %" PRIu64 " ns in the period from %" PRIu64 " to %" PRIu64 " ns, but Duration asks for %" PRIu64 " ns",
				sum, at, at + period, need->duration_ns);
			return;
		}
		at += period;
	}
}

/* Is the frame a multiple of the period? Told if it is not. */
static bool check_period(const struct ps_schedule *s, const struct ps_partition *p,
			 const struct ps_periodicity *need, struct ps_findings *findings)
{
	char object[PS_OBJECT];

	if (!need->period_ns || !s->frame_ns)
		return false;
	if (!(s->frame_ns % need->period_ns))
		return true;
	ps_name_partition(object, p);
	ps_find(findings, PS_PERIOD, need->line, object,
		"choose a frame that is a multiple of every period",
		"the major frame of %" PRIu64 " ns (line %d) is no multiple of its Period %" PRIu64 " ns",
		s->frame_ns, s->line, need->period_ns);
	return false;
}

/* A window in the periods of its partition. */
static void check_place(const struct ps_model *model, const struct ps_schedule *s,
			const struct ps_window *w, const struct ps_periodicity *need,
			struct ps_findings *findings)
{
	uint64_t period = need->period_ns, into;
	char object[PS_OBJECT];

	/* a period shorter than its duration was told: it is not the right one */
	if (!period || need->duration_ns > period || !ps_window_sound(s, w))
		return;
	into = w->offset_ns % period;
	if (!(s->frame_ns % period) && w->duration_ns > period - into) {
		ps_name_window(object, model, w);
		ps_find(findings, PS_CROSSES_PERIOD, w->line, object,
			"split it there, or move it",
			"ends %" PRIu64 " ns after the boundary at %" PRIu64 " ns of its partition's Period %" PRIu64 " (line %d)",
			w->duration_ns - (period - into), w->offset_ns - into + period, period,
			need->line);
	}
	if (w->period_start && into) {
		ps_name_window(object, model, w);
		ps_find(findings, PS_PERIOD_START, w->line, object,
			"move it, or take the mark away",
			"is marked as the start of a period, but begins %" PRIu64 " ns after one: its partition's Period is %" PRIu64 " (line %d)",
			into, period, need->line);
	}
}

/* One partition's spans, in order, to be merged in place; returns the number left. */
static size_t merge(struct span *spans, size_t nr)
{
	size_t kept = 0, i;

	for (i = 1; i < nr; i++) {
		if (spans[i].start > spans[kept].end)
			spans[++kept] = spans[i];
		else if (spans[i].end > spans[kept].end)
			spans[kept].end = spans[i].end;
	}
	return nr ? kept + 1 : 0;
}

/*
 * Spans again, by partition; the field that says CPU holds the partition. A
 * partition has the time in which any of its vCPUs is open.
 */
static void check_periods(const struct ps_model *model, const struct ps_schedule *s,
			  unsigned int flags, struct ps_findings *findings)
{
	struct ps_periodicity *periods = ps_periods_new(model, s);
	/* partitions without windows may get some: then their periods count, too */
	bool all = flags & PS_CHECK_UNPLANNED && (model->nr_schedules == 1 || !s->nr_windows);
	struct span *spans = ps_calloc(s->nr_windows, sizeof(*spans));
	size_t nr = 0, i, from, partition;

	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];

		check_place(model, s, w, &periods[w->partition], findings);
		if (ps_window_sound(s, w))
			spans[nr++] = (struct span){ (uint32_t)w->partition, w->offset_ns,
						     w->offset_ns + w->duration_ns, w };
	}
	if (nr)
		qsort(spans, nr, sizeof(*spans), by_cpu_and_start);
	for (from = 0, partition = 0; partition < model->nr_partitions; partition++) {
		const struct ps_partition *p = &model->partitions[partition];
		const struct ps_periodicity *need = &periods[partition];

		for (i = from; i < nr && spans[i].cpu == partition; i++)
			;
		if ((i > from || all) && check_period(s, p, need, findings) && i > from &&
		    need->duration_ns && need->duration_ns <= need->period_ns)
			check_budget(s, p, need, spans + from, merge(spans + from, i - from),
				     findings);
		from = i;
	}
	free(spans);
	free(periods);
}

/* The time of one vCPU in one window. */
struct use {
	size_t partition;
	uint32_t vcpu;
	uint32_t cpu;
	const struct ps_window *window;
};

static int by_vcpu(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	if (x->vcpu != y->vcpu)
		return x->vcpu < y->vcpu ? -1 : 1;
	if (x->window->offset_ns != y->window->offset_ns)
		return x->window->offset_ns < y->window->offset_ns ? -1 : 1;
	return (x->window->id > y->window->id) - (x->window->id < y->window->id);
}

/*
 * All vCPUs in all windows, sorted by partition, vCPU and offset. NULL if no
 * window names a CPU: then each vCPU is where its partition has it.
 */
static struct use *uses_of(const struct ps_model *model, const struct ps_schedule *schedule,
			   size_t *nr)
{
	struct use *uses = NULL;
	size_t i, j;

	*nr = 0;
	for (i = 0; i < schedule->nr_windows; i++) {
		if (schedule->windows[i].cpu != PS_NONE)
			break;
	}
	if (i == schedule->nr_windows)
		return NULL;
	for (i = 0; i < schedule->nr_windows; i++) {
		const struct ps_window *w = &schedule->windows[i];
		const struct ps_partition *p = &model->partitions[w->partition];

		for (j = 0; j < p->nr_vcpus && ps_window_sound(schedule, w); j++) {
			struct use *use;

			if (!ps_window_opens(w, p->vcpus[j].index))
				continue;
			use = ps_grow(&uses, nr, sizeof(*uses));
			use->partition = w->partition;
			use->vcpu = p->vcpus[j].index;
			use->cpu = ps_window_cpu(w, &p->vcpus[j]);
			use->window = w;
		}
	}
	if (*nr)
		qsort(uses, *nr, sizeof(*uses), by_vcpu);
	return uses;
}

/* From one window to the vCPU's next one, on another CPU, is a way to go. */
static void check_move(const struct ps_model *model, const struct use *from, const struct use *to,
		       uint64_t gap, bool wraps, struct ps_findings *findings)
{
	char object[PS_OBJECT];

	if (from->cpu == to->cpu || gap >= PARTSCHED_MIN_MOVE_NS)
		return;
	ps_name_window(object, model, to->window);
	ps_find(findings, PS_MOVING_VCPU, to->window->line, object,
		"shorten the window before it, or open it later",
		"opens vCPU %" PRIu32 " on CPU %" PRIu32 " %" PRIu64 " ns after its window on CPU %" PRIu32 " (line %d%s), but to move a vCPU takes %llu ns",
		to->vcpu, to->cpu, gap, from->cpu, from->window->line,
		wraps ? ", of the frame before" : "", PARTSCHED_MIN_MOVE_NS);
}

static uint64_t use_end(const struct use *use)
{
	return use->window->offset_ns + use->window->duration_ns;
}

/*
 * Windows that name CPUs may have a vCPU on two of them at once, or too soon one
 * after the other.
 */
static void check_vcpus(const struct ps_model *model, const struct ps_schedule *s,
			struct ps_findings *findings)
{
	size_t nr, i;
	struct use *uses = uses_of(model, s, &nr);
	const struct use *last = uses;	/* the one that ends last so far */
	const struct use *first = uses;	/* of the same vCPU */
	char object[PS_OBJECT];

	for (i = 1; i <= nr && nr; i++) {
		const struct use *u = &uses[i];
		uint64_t end = use_end(last);

		if (i == nr || u->partition != last->partition || u->vcpu != last->vcpu) {
			check_move(model, last, first,
				   s->frame_ns - end + first->window->offset_ns, true, findings);
			first = last = u;
			continue;
		}
		/* on one CPU it is an overlap as any other */
		if (u->window->offset_ns < end && u->cpu != last->cpu) {
			ps_name_window(object, model, u->window);
			ps_find(findings, PS_SAME_VCPU, u->window->line, object,
				"move one of the windows",
				"opens vCPU %" PRIu32 " on CPU %" PRIu32 ", while the window in line %d has it on CPU %" PRIu32 " until %" PRIu64 " ns",
				u->vcpu, u->cpu, last->window->line, last->cpu, end);
		} else if (u->window->offset_ns >= end) {
			check_move(model, last, u, u->window->offset_ns - end, false, findings);
		}
		if (use_end(u) > end)
			last = u;
	}
	free(uses);
}

void ps_time_check(const struct ps_model *model, const struct ps_schedule *schedule,
		   unsigned int flags, struct ps_findings *findings)
{
	struct span *spans;
	size_t nr, i, from;

	check_windows(model, schedule, findings);
	spans = spans_of(model, schedule, &nr);
	for (from = 0; from < nr; from = i) {
		for (i = from; i < nr && spans[i].cpu == spans[from].cpu; i++)
			;
		check_cpu(model, schedule, spans + from, i - from, findings);
		if (!(flags & PS_CHECK_NO_SLACK))
			check_slack(model, schedule, spans + from, i - from, findings);
	}
	free(spans);
	check_vcpus(model, schedule, findings);
	check_periods(model, schedule, flags, findings);
}
