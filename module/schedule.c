// SPDX-License-Identifier: GPL-2.0
/*
 * The schedule engine. See schedule.h.
 */
#include "schedule.h"

#include <linux/partsched.h>

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sort.h>
#else
#include <stdlib.h>

static void cond_resched(void)
{
}

static u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static void sort(void *base, size_t nr, size_t size,
		 int (*cmp)(const void *, const void *), void *swap)
{
	(void)swap;
	qsort(base, nr, size, cmp);
}
#endif

#define PS_NSEC_PER_SEC 1000000000ULL

static u64 window_end(const struct ps_window *w)
{
	return w->offset_ns + w->duration_ns;
}

/*
 * The kernel sorts a hundred thousand windows in some 100 ms: a comparison is
 * where others get their turn.
 */
static int compare_cpu(const void *pa, const void *pb)
{
	const struct ps_window *a = pa, *b = pb;

	cond_resched();
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu ? -1 : 1;
	if (a->offset_ns != b->offset_ns)
		return a->offset_ns < b->offset_ns ? -1 : 1;
	/* the rest orders those that share a window */
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	return 0;
}

static int compare_vcpu(const void *pa, const void *pb)
{
	const struct ps_window *a = pa, *b = pb;

	cond_resched();
	if (a->partition != b->partition)
		return a->partition < b->partition ? -1 : 1;
	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	if (a->offset_ns != b->offset_ns)
		return a->offset_ns < b->offset_ns ? -1 : 1;
	return 0;
}

/**
 * ps_windows_sort() - bring windows into the order that tables have
 * @windows: the windows of all CPUs of one schedule
 * @nr: how many
 *
 * Sorts by CPU, then by offset, so that each CPU's table is one run of it. Of
 * those that begin together the highest priority comes first.
 *
 * Context: may sleep.
 */
void ps_windows_sort(struct ps_window *windows, u32 nr)
{
	sort(windows, nr, sizeof(*windows), compare_cpu, NULL);
}

/* The time that a window adds: a shared one's is that of its first. */
static u64 busy_ns(const struct ps_window *w)
{
	return w->shared ? w->duration_ns : 0;
}

/* Planned time in one frame. */
static u64 frame_busy_ns(const struct ps_table *table)
{
	u64 busy = 0;
	u32 i;

	for (i = 0; i < table->nr; i++)
		busy += busy_ns(&table->windows[i]);
	return busy;
}

/**
 * ps_table_busiest_ns() - the most planned time in any interval of a length
 * @table: the table, repeated for ever
 * @span_ns: length of the interval
 *
 * The planned time in [t, t + span) is piecewise linear in t, and grows only
 * until t meets a window's start or t + span meets a window's end; so these
 * are the only places that have to be looked at. Two pointers walk the table
 * once for each kind of place. Those that share a window end and begin together,
 * so a pointer never stops in their midst.
 *
 * Return: nanoseconds, at most @span_ns.
 */
u64 ps_table_busiest_ns(const struct ps_table *table, u64 span_ns)
{
	u64 frame_busy = frame_busy_ns(table);
	u64 frames = div64_u64(span_ns, table->frame_ns);
	u64 rest = span_ns - frames * table->frame_ns;
	u64 most = 0;
	u32 i, j;

	/*
	 * Intervals of length rest < frame that start at a window's start.
	 * before(i) + busy up to the interval's end, which may lie in the
	 * next frame; j only moves forward as i does.
	 */
	{
		u64 before_i = 0, before_j = 0;
		u64 lap = 0;	/* start of the frame that j is in */

		for (i = 0, j = 0; i < table->nr; i++) {
			const struct ps_window *w = &table->windows[i];
			u64 end = w->offset_ns + rest, busy;

			if (!w->shared)
				continue;
			while (lap + window_end(&table->windows[j]) <= end) {
				before_j += busy_ns(&table->windows[j]);
				if (++j == table->nr) {
					j = 0;
					lap += table->frame_ns;
				}
			}
			busy = before_j - before_i;
			if (end > lap + table->windows[j].offset_ns)
				busy += end - (lap + table->windows[j].offset_ns);
			if (busy > most)
				most = busy;
			before_i += w->duration_ns;
		}
	}
	/*
	 * Intervals that end at a window's end: the mirror image. Time runs
	 * backwards from the end of a frame.
	 */
	{
		u64 after_i = 0, after_j = 0;
		u64 lap = 0;

		for (i = 0, j = 0; i < table->nr; i++) {
			const struct ps_window *w =
				&table->windows[table->nr - 1 - i];
			u64 end = table->frame_ns - window_end(w) + rest, busy;

			if (!w->shared)
				continue;
			for (;;) {
				const struct ps_window *m =
					&table->windows[table->nr - 1 - j];

				if (lap + table->frame_ns - m->offset_ns > end) {
					u64 from = lap + table->frame_ns -
						window_end(m);

					busy = after_j - after_i;
					if (end > from)
						busy += end - from;
					break;
				}
				after_j += busy_ns(m);
				if (++j == table->nr) {
					j = 0;
					lap += table->frame_ns;
				}
			}
			if (busy > most)
				most = busy;
			after_i += w->duration_ns;
		}
	}
	return frames * frame_busy + most;
}

static enum ps_verdict check_slack(const struct ps_window *windows, u32 nr,
				   u64 frame_ns, u32 slack_ppm,
				   struct ps_finding *finding)
{
	/* A frame shorter than a second is looked at whole. */
	u64 span = frame_ns < PS_NSEC_PER_SEC ? frame_ns : PS_NSEC_PER_SEC;
	u64 most = span - div64_u64(span * slack_ppm, 1000000);
	u32 i, first;

	for (first = 0; first < nr; first = i) {
		struct ps_table table = {
			.frame_ns = frame_ns,
			.windows = &windows[first],
			.cpu = windows[first].cpu,
		};
		u64 busy;

		for (i = first; i < nr && windows[i].cpu == table.cpu; i++)
			table.nr++;
		busy = ps_table_busiest_ns(&table, span);
		if (busy > most) {
			finding->window = first;
			finding->busy_ns = busy;
			finding->span_ns = span;
			return PS_NO_SLACK;
		}
	}
	return PS_OK;
}

/*
 * The windows of each vCPU in the order of time: never two at once, and time
 * enough to move between two CPUs. Each learns where its successor is.
 */
static enum ps_verdict check_vcpus(struct ps_window *windows, u32 nr,
				   u64 frame_ns, struct ps_finding *finding)
{
	u32 i, first = 0;

	for (i = 0; i < nr; i++) {
		struct ps_window *a = &windows[i], *b = a + 1;
		u64 next_ns;

		a->last = i + 1 == nr || a->partition != b->partition ||
			  a->vcpu != b->vcpu;
		finding->window = i;
		if (a->last) {
			b = &windows[first];
			first = i + 1;
		}
		finding->other = b - windows;
		a->next_cpu = b->cpu;
		if (i && a->partition == a[-1].partition &&
		    a->action != a[-1].action) {
			finding->other = i - 1;
			return PS_ACTIONS_DIFFER;
		}
		next_ns = a->last ? frame_ns + b->offset_ns : b->offset_ns;
		if (window_end(a) > next_ns)
			return PS_VCPU_TWICE;
		if (a->cpu != b->cpu &&
		    next_ns - window_end(a) < PARTSCHED_MIN_MOVE_NS)
			return PS_VCPU_MOVES;
	}
	return PS_OK;
}

/* Whether two windows of one CPU that overlap are one that is shared. */
static bool share(const struct ps_window *a, const struct ps_window *b)
{
	return a->partition == b->partition && a->id == b->id &&
	       a->offset_ns == b->offset_ns && a->duration_ns == b->duration_ns;
}

/*
 * The windows of each CPU in the order of time: none before the one before has
 * ended, unless they share it. The first of those learns how many they are.
 */
static enum ps_verdict check_cpus(struct ps_window *windows, u32 nr,
				  struct ps_finding *finding)
{
	struct ps_window *first = windows;
	u32 i;

	first->shared = 1;
	for (i = 1; i < nr; i++) {
		struct ps_window *w = &windows[i];

		w->shared = 0;
		finding->window = i;
		finding->other = i - 1;
		if (w->cpu != first->cpu || window_end(first) <= w->offset_ns) {
			first = w;
			first->shared = 1;
		} else if (share(first, w)) {
			first->shared++;
		} else {
			return PS_WINDOW_OVERLAP;
		}
	}
	return PS_OK;
}

/**
 * ps_windows_check() - hold a set of windows against every rule of a schedule
 * @windows: windows of all CPUs; sorted as by ps_windows_sort() on return
 * @nr: how many
 * @frame_ns: major frame
 * @slack_ppm: share of each second that each CPU keeps for the host
 * @finding: filled in when the verdict is not PS_OK
 *
 * Context: may sleep.
 * Return: the first rule that is broken, or PS_OK.
 */
enum ps_verdict ps_windows_check(struct ps_window *windows, u32 nr,
				 u64 frame_ns, u32 slack_ppm,
				 struct ps_finding *finding)
{
	enum ps_verdict verdict;
	u32 i;

	finding->window = 0;
	finding->other = 0;
	finding->busy_ns = 0;
	finding->span_ns = 0;
	if (!frame_ns)
		return PS_FRAME_ZERO;
	if (frame_ns > PARTSCHED_MAX_FRAME_NS)
		return PS_FRAME_LONG;
	if (!nr)
		return PS_NO_WINDOW;

	for (i = 0; i < nr; i++) {
		const struct ps_window *w = &windows[i];

		finding->window = i;
		if (w->duration_ns < PARTSCHED_MIN_WINDOW_NS)
			return PS_WINDOW_SHORT;
		/* written so that no sum can wrap */
		if (w->offset_ns >= frame_ns ||
		    w->duration_ns > frame_ns - w->offset_ns)
			return PS_WINDOW_BEYOND;
	}

	sort(windows, nr, sizeof(*windows), compare_vcpu, NULL);
	verdict = check_vcpus(windows, nr, frame_ns, finding);
	if (verdict != PS_OK)
		return verdict;

	ps_windows_sort(windows, nr);
	verdict = check_cpus(windows, nr, finding);
	if (verdict != PS_OK)
		return verdict;
	return check_slack(windows, nr, frame_ns, slack_ppm, finding);
}

/**
 * ps_guard_check() - hold a set of windows against the schedule's guard
 * @windows: windows, in any order
 * @nr: how many
 * @guard_ns: the guard; 0: none, PARTSCHED_GUARD_AUTO: the most that it
 *	may come to
 *
 * A window may lose as much as the guard at its end to the next one's opening;
 * what is left has to be a window still.
 *
 * Return: PS_OK or PS_GUARD_LONG.
 */
enum ps_verdict ps_guard_check(const struct ps_window *windows, u32 nr,
			       u64 guard_ns)
{
	u32 i;

	if (!guard_ns)
		return PS_OK;
	if (guard_ns == PARTSCHED_GUARD_AUTO)
		guard_ns = PARTSCHED_GUARD_AUTO_MAX_NS;
	for (i = 0; i < nr; i++)
		if (windows[i].duration_ns <
		    guard_ns + PARTSCHED_MIN_WINDOW_NS)
			return PS_GUARD_LONG;
	return PS_OK;
}

/**
 * ps_verdict_text() - a verdict as a sentence for people
 * @verdict: the verdict
 *
 * Return: a constant string without a full stop.
 */
const char *ps_verdict_text(enum ps_verdict verdict)
{
	switch (verdict) {
	case PS_OK:
		return "the schedule is valid";
	case PS_ACTIONS_DIFFER:
		return "the windows of a partition name different change actions";
	case PS_FRAME_ZERO:
		return "the major frame is 0";
	case PS_FRAME_LONG:
		return "the major frame is longer than an hour";
	case PS_NO_WINDOW:
		return "the schedule has no window";
	case PS_WINDOW_SHORT:
		return "a window is shorter than the host can enforce (50000 ns)";
	case PS_WINDOW_BEYOND:
		return "a window does not end within the major frame";
	case PS_WINDOW_OVERLAP:
		return "two windows overlap on one CPU, and are not one that vCPUs of a partition share";
	case PS_VCPU_TWICE:
		return "two windows of one vCPU overlap";
	case PS_VCPU_MOVES:
		return "a vCPU has too little time to move to another CPU between two windows (200000 ns)";
	case PS_NO_SLACK:
		return "a CPU keeps too little slack: its own kernel threads would starve and hang the host";
	case PS_GUARD_LONG:
		return "a window is too short for the schedule's guard: it is to be 50000 ns longer (and a guard that is to be measured may take 20000 ns)";
	}
	return "unknown verdict";
}

/**
 * ps_cursor_seek() - find the place in a table by time alone
 * @table: the table
 * @since_epoch_ns: time since the epoch
 * @cursor: filled in
 *
 * Context: any, hard irq included. Divides once, searches in log2(windows).
 */
void ps_cursor_seek(const struct ps_table *table, u64 since_epoch_ns,
		    struct ps_cursor *cursor)
{
	u64 in_frame;
	u32 low = 0, high = table->nr;

	cursor->frame = div64_u64(since_epoch_ns, table->frame_ns);
	in_frame = since_epoch_ns - cursor->frame * table->frame_ns;

	/* the first window that has not ended; a shared one ends as a whole */
	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (window_end(&table->windows[mid]) <= in_frame)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == table->nr) {
		cursor->frame++;
		cursor->index = 0;
		cursor->open = false;
		return;
	}
	cursor->index = low;
	cursor->open = table->windows[low].offset_ns <= in_frame;
}

/**
 * ps_cursor_next_ns() - when the next edge is due
 * @table: the table
 * @cursor: where we are
 *
 * Return: time since the epoch of the open window's end or of the next
 * window's start.
 */
u64 ps_cursor_next_ns(const struct ps_table *table,
		      const struct ps_cursor *cursor)
{
	const struct ps_window *w = &table->windows[cursor->index];
	u64 start = cursor->frame * table->frame_ns + w->offset_ns;

	return cursor->open ? start + w->duration_ns : start;
}

static void cursor_step(const struct ps_table *table, struct ps_cursor *cursor)
{
	if (!cursor->open) {
		cursor->open = true;
		return;
	}
	cursor->open = false;
	cursor->index += table->windows[cursor->index].shared;
	if (cursor->index == table->nr) {
		cursor->index = 0;
		cursor->frame++;
	}
}

/* How many windows are open, a shared one counted for each vCPU. */
static u32 windows_open(const struct ps_table *table,
			const struct ps_cursor *cursor)
{
	return cursor->open ? table->windows[cursor->index].shared : 0;
}

/* How many windows have begun since the epoch, counted likewise. */
static u64 windows_begun(const struct ps_table *table,
			 const struct ps_cursor *cursor)
{
	return cursor->frame * table->nr + cursor->index +
	       windows_open(table, cursor);
}

/**
 * ps_cursor_advance() - move to an instant and tell what changed
 * @table: the table
 * @cursor: where we were; where we are, on return
 * @since_epoch_ns: the instant; one before the next edge changes nothing
 * @advance: filled in
 *
 * The usual case, an edge handled before the next one is due, takes one or
 * two steps; whatever was slept through is found by ps_cursor_seek(), so the
 * cost has a bound however late we are.
 *
 * Context: any, hard irq included.
 */
void ps_cursor_advance(const struct ps_table *table, struct ps_cursor *cursor,
		       u64 since_epoch_ns, struct ps_advance *advance)
{
	const struct ps_cursor old = *cursor;
	u64 begun, next_ns = ps_cursor_next_ns(table, cursor);
	u32 steps = 0;

	advance->close = -1;
	advance->open = -1;
	advance->skipped = 0;
	if (next_ns > since_epoch_ns)
		return;

	if (old.open) {
		advance->close = (int)old.index;
		advance->close_ns = next_ns;
	}
	do {
		if (steps++ == 4)
			ps_cursor_seek(table, since_epoch_ns, cursor);
		else
			cursor_step(table, cursor);
		next_ns = ps_cursor_next_ns(table, cursor);
	} while (next_ns <= since_epoch_ns);

	if (cursor->open) {
		advance->open = (int)cursor->index;
		advance->open_ns = next_ns -
			table->windows[cursor->index].duration_ns;
	}
	/* a window that opened at the first or second step skips nothing */
	if (steps <= 1U + old.open)
		return;
	begun = windows_begun(table, &old);
	advance->skipped = windows_begun(table, cursor) - begun -
			   windows_open(table, cursor);
}

/**
 * ps_cursor_due() - how often a window has begun
 * @table: the table
 * @cursor: where the CPU stands
 * @index: the window's place in the table
 *
 * Return: the number of frames in which the window has begun so far. What was
 * opened in time, subtracted from it, are the missed ones.
 */
u64 ps_cursor_due(const struct ps_table *table, const struct ps_cursor *cursor,
		  u32 index)
{
	return cursor->frame +
	       (index < cursor->index + windows_open(table, cursor));
}
