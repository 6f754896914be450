// SPDX-License-Identifier: GPL-2.0
/*
 * schedule - module/schedule.c against brute force, on every small table
 *
 * The engine compares and adds, so one nanosecond is as good a unit as any
 * where no rule names a length: there each instant is tried. The same tables
 * are tried again in units of the shortest window, at each edge and a
 * nanosecond before and after it.
 */
#include <string.h>

#include <linux/partsched.h>

#include "ktap.h"
#include "schedule.h"
#include "tables.h"

#define FRAME		7	/* units; the enumerations grow with its 6th power */
#define LAPS		4	/* frames that are looked at */
#define GRID_NS		PARTSCHED_MIN_WINDOW_NS
#define MAX_INSTANTS	(3 * FRAME * (LAPS + 1) + 3)

/* ------------------------------------------------------------- the oracle */

/* One opening of one window; the oracle lists them all and looks. */
struct opening {
	u64 start_ns;
	u64 end_ns;
	u32 index;
};

struct oracle {
	struct opening openings[(LAPS + 3) * TABLES_WINDOWS];
	u32 nr;
};

static void oracle_init(struct oracle *oracle, const struct ps_table *table)
{
	oracle->nr = 0;
	for (u64 frame = 0; frame < LAPS + 3; frame++)
		for (u32 i = 0; i < table->nr; i++) {
			u64 start = frame * table->frame_ns + table->windows[i].offset_ns;

			oracle->openings[oracle->nr++] = (struct opening){
				start, start + table->windows[i].duration_ns, i,
			};
		}
}

static const struct opening *oracle_open(const struct oracle *oracle, u64 t)
{
	for (u32 i = 0; i < oracle->nr; i++)
		if (oracle->openings[i].start_ns <= t && t < oracle->openings[i].end_ns)
			return &oracle->openings[i];
	return NULL;
}

/* What happens in (a, b]; @first: in [0, b]. */
static struct ps_advance oracle_advance(const struct oracle *oracle, bool first, u64 a, u64 b)
{
	const struct opening *was = first ? NULL : oracle_open(oracle, a);
	const struct opening *is = oracle_open(oracle, b);
	struct ps_advance advance = { .close = -1, .open = -1 };

	if (was && was->end_ns <= b) {
		advance.close = was->index;
		advance.close_ns = was->end_ns;
	}
	if (is && is != was) {
		advance.open = is->index;
		advance.open_ns = is->start_ns;
	}
	for (u32 i = 0; i < oracle->nr; i++)
		advance.skipped += (first || oracle->openings[i].start_ns > a) &&
			oracle->openings[i].end_ns <= b;
	return advance;
}

static u64 oracle_next(const struct oracle *oracle, u64 t)
{
	u64 next = UINT64_MAX;

	for (u32 i = 0; i < oracle->nr; i++) {
		const struct opening *o = &oracle->openings[i];

		if (o->start_ns > t && o->start_ns < next)
			next = o->start_ns;
		if (o->end_ns > t && o->end_ns < next)
			next = o->end_ns;
	}
	return next;
}

static u64 oracle_due(const struct oracle *oracle, u32 index, u64 t)
{
	u64 due = 0;

	for (u32 i = 0; i < oracle->nr; i++)
		due += oracle->openings[i].index == index && oracle->openings[i].start_ns <= t;
	return due;
}

/* ------------------------------------------------------------ enumeration */

/*
 * In units of a nanosecond every instant; in larger ones each edge and its
 * two neighbours.
 */
static u32 list_instants(u64 unit_ns, u64 *instants)
{
	u32 nr = 0;

	for (u64 u = 0; u <= FRAME * LAPS; u++) {
		if (unit_ns == 1) {
			instants[nr++] = u;
			continue;
		}
		if (u)
			instants[nr++] = u * unit_ns - 1;
		instants[nr++] = u * unit_ns;
		instants[nr++] = u * unit_ns + 1;
	}
	return nr;
}

static const char *table_text(const struct ps_table *table)
{
	static char text[256];
	int len = 0;

	for (u32 i = 0; i < table->nr; i++)
		len += snprintf(text + len, sizeof(text) - len, "[%llu,%llu)*%u ",
				(unsigned long long)table->windows[i].offset_ns,
				(unsigned long long)(table->windows[i].offset_ns +
						     table->windows[i].duration_ns),
				table->windows[i].shared);
	snprintf(text + len, sizeof(text) - len, "of %llu",
		 (unsigned long long)table->frame_ns);
	return text;
}

/* Call @check for every table in both units. */
static bool for_each_table(bool (*check)(const struct ps_table *table, u64 unit_ns))
{
	static const u64 units[] = { 1, GRID_NS };
	struct tables tables;
	u32 nr_tables = 0;

	for (u32 u = 0; u < 2; u++)
		for (u32 nr = 1; nr <= TABLES_INTERVALS; nr++) {
			tables_first(&tables, nr, FRAME, units[u]);
			do {
				nr_tables++;
				if (!check(&tables.table, units[u]))
					return false;
			} while (tables_next(&tables));
		}
	ktap_note("%u tables", nr_tables);
	return nr_tables > 500 || ktap_fail("only %u tables were enumerated", nr_tables);
}

/* ------------------------------------------------------------- the cursor */

static bool same_cursor(const struct ps_cursor *a, const struct ps_cursor *b)
{
	return a->frame == b->frame && a->index == b->index && a->open == b->open;
}

static bool check_place(const struct ps_table *table, const struct oracle *oracle,
			const struct ps_cursor *cursor, u64 t)
{
	const struct opening *open = oracle_open(oracle, t);

	if (cursor->open != !!open || (open && cursor->index != open->index))
		return ktap_fail("%s at %llu: window %u, open %d", table_text(table),
				 (unsigned long long)t, cursor->index, cursor->open);
	if (ps_cursor_next_ns(table, cursor) != oracle_next(oracle, t))
		return ktap_fail("%s at %llu: next edge %llu, not %llu", table_text(table),
				 (unsigned long long)t,
				 (unsigned long long)ps_cursor_next_ns(table, cursor),
				 (unsigned long long)oracle_next(oracle, t));
	for (u32 i = 0; i < table->nr; i++)
		if (ps_cursor_due(table, cursor, i) != oracle_due(oracle, i, t))
			return ktap_fail("%s at %llu: window %u was due %llu times, not %llu",
					 table_text(table), (unsigned long long)t, i,
					 (unsigned long long)ps_cursor_due(table, cursor, i),
					 (unsigned long long)oracle_due(oracle, i, t));
	return true;
}

static bool seek_table(const struct ps_table *table, u64 unit_ns)
{
	u64 instants[MAX_INSTANTS];
	u32 nr = list_instants(unit_ns, instants);
	struct oracle oracle;

	oracle_init(&oracle, table);
	for (u32 i = 0; i < nr; i++) {
		struct ps_cursor cursor = { .frame = 77, .index = 77, .open = true };

		ps_cursor_seek(table, instants[i], &cursor);
		if (!check_place(table, &oracle, &cursor, instants[i]))
			return false;
	}
	return true;
}

static bool seek_finds_the_place_at_every_instant(void)
{
	return for_each_table(seek_table);
}

static bool advance_once(const struct ps_table *table, const struct oracle *oracle, bool first,
			 u64 a, u64 b)
{
	struct ps_cursor cursor = { 0 }, there;
	struct ps_advance is, want = oracle_advance(oracle, first, a, b);

	memset(&is, 0x5a, sizeof(is));
	if (!first)
		ps_cursor_seek(table, a, &cursor);
	ps_cursor_advance(table, &cursor, b, &is);
	ps_cursor_seek(table, b, &there);
	if (!same_cursor(&cursor, &there))
		return ktap_fail("%s from %llu to %llu: the cursor is not where a seek finds it",
				 table_text(table), (unsigned long long)a,
				 (unsigned long long)b);
	if (is.close != want.close || is.open != want.open || is.skipped != want.skipped ||
	    (want.close >= 0 && is.close_ns != want.close_ns) ||
	    (want.open >= 0 && is.open_ns != want.open_ns))
		return ktap_fail("%s from %s%llu to %llu: closes %d (%llu), opens %d (%llu), skips %llu; should %d (%llu), %d (%llu), %llu",
				 table_text(table), first ? "before " : "",
				 (unsigned long long)a, (unsigned long long)b,
				 is.close, (unsigned long long)is.close_ns,
				 is.open, (unsigned long long)is.open_ns,
				 (unsigned long long)is.skipped,
				 want.close, (unsigned long long)want.close_ns,
				 want.open, (unsigned long long)want.open_ns,
				 (unsigned long long)want.skipped);
	return true;
}

static bool advance_table(const struct ps_table *table, u64 unit_ns)
{
	u64 instants[MAX_INSTANTS];
	u32 nr = list_instants(unit_ns, instants);
	struct oracle oracle;

	oracle_init(&oracle, table);
	for (u32 b = 0; b < nr; b++) {
		if (!advance_once(table, &oracle, true, 0, instants[b]))
			return false;
		for (u32 a = 0; a <= b; a++)
			if (!advance_once(table, &oracle, false, instants[a], instants[b]))
				return false;
	}
	return true;
}

static bool advance_tells_what_changed_after_every_delay(void)
{
	return for_each_table(advance_table);
}

/* The frame timer's own way: from edge to edge, each handled @late too late. */
static bool walk_table(const struct ps_table *table, u64 unit_ns)
{
	for (u64 late = 0; late <= 2 * table->frame_ns; late += unit_ns) {
		struct ps_cursor cursor = { 0 };
		u64 opened[TABLES_WINDOWS] = { 0 }, skipped = 0, now = 0, due = 0, got = 0;
		struct ps_advance advance;

		while (ps_cursor_next_ns(table, &cursor) + late < LAPS * table->frame_ns) {
			now = ps_cursor_next_ns(table, &cursor) + late;
			ps_cursor_advance(table, &cursor, now, &advance);
			skipped += advance.skipped;
			for (u32 i = 0; advance.open >= 0 &&
			     i < table->windows[advance.open].shared; i++)
				opened[advance.open + i]++;
		}
		for (u32 i = 0; i < table->nr; i++) {
			due += ps_cursor_due(table, &cursor, i);
			got += opened[i];
		}
		if (due != got + skipped)
			return ktap_fail("%s, %llu late: %llu windows due, %llu opened, %llu skipped",
					 table_text(table), (unsigned long long)late,
					 (unsigned long long)due, (unsigned long long)got,
					 (unsigned long long)skipped);
		if (!late && skipped)
			return ktap_fail("%s: %llu windows skipped although no edge was late",
					 table_text(table), (unsigned long long)skipped);
	}
	return true;
}

static bool every_window_is_opened_or_counted_as_skipped(void)
{
	return for_each_table(walk_table);
}

/* After a million years of frames it goes on as in the first. */
static bool far_table(const struct ps_table *table, u64 unit_ns)
{
	const u64 frames = (1ULL << 62) / table->frame_ns;
	const u64 base = frames * table->frame_ns;
	u64 instants[MAX_INSTANTS];
	u32 nr = list_instants(unit_ns, instants);

	for (u32 i = 0; i < nr; i++) {
		struct ps_cursor near, far;

		ps_cursor_seek(table, instants[i], &near);
		ps_cursor_seek(table, base + instants[i], &far);
		if (far.frame != near.frame + frames || far.index != near.index ||
		    far.open != near.open ||
		    ps_cursor_next_ns(table, &far) != ps_cursor_next_ns(table, &near) + base)
			return ktap_fail("%s: %llu after frame %llu differs from the first frame",
					 table_text(table), (unsigned long long)instants[i],
					 (unsigned long long)frames);
	}
	return true;
}

static bool nothing_drifts_in_2_to_the_62_ns(void)
{
	return for_each_table(far_table);
}

/* --------------------------------------------------------------- busiest */

static u64 brute_busiest(const struct ps_table *table, u64 span)
{
	u64 most = 0;

	for (u64 from = 0; from < table->frame_ns; from++) {
		u64 busy = 0;

		for (u64 t = from; t < from + span; t++) {
			u64 at = t % table->frame_ns;
			bool planned = false;

			for (u32 i = 0; i < table->nr; i++)
				planned |= table->windows[i].offset_ns <= at &&
					at < table->windows[i].offset_ns +
					table->windows[i].duration_ns;
			busy += planned;
		}
		if (busy > most)
			most = busy;
	}
	return most;
}

static bool busiest_is_what_sliding_finds(void)
{
	struct tables tables;

	/* piecewise linear between whole units: those are all the maxima */
	for (u32 nr = 1; nr <= TABLES_INTERVALS; nr++) {
		tables_first(&tables, nr, FRAME + 1, 1);
		do {
			for (u64 span = 0; span <= 3 * (FRAME + 1); span++) {
				u64 is = ps_table_busiest_ns(&tables.table, span);
				u64 want = brute_busiest(&tables.table, span);

				if (is != want)
					return ktap_fail("%s, span %llu: %llu, not %llu",
							 table_text(&tables.table),
							 (unsigned long long)span,
							 (unsigned long long)is,
							 (unsigned long long)want);
			}
		} while (tables_next(&tables));
	}
	return true;
}

/* ------------------------------------------------------------- validation */

#define MS	1000000ULL

static struct ps_window window(u32 partition, u32 vcpu, u32 cpu, u64 offset_ns, u64 duration_ns)
{
	return (struct ps_window){
		.partition = partition, .vcpu = vcpu, .cpu = cpu,
		.offset_ns = offset_ns, .duration_ns = duration_ns,
	};
}

static struct ps_window acting(struct ps_window window, uint8_t action)
{
	window.action = action;
	return window;
}

static bool expect(const char *what, enum ps_verdict want, u64 frame_ns, u32 slack_ppm, u32 nr,
		   const struct ps_window *windows)
{
	struct ps_window copy[4];
	struct ps_finding finding;
	enum ps_verdict is;

	memcpy(copy, windows, nr * sizeof(*copy));
	is = ps_windows_check(copy, nr, frame_ns, slack_ppm, &finding);
	if (is != want)
		return ktap_fail("%s: \"%s\" instead of \"%s\"", what, ps_verdict_text(is),
				 ps_verdict_text(want));
	if (finding.window >= (nr ?: 1) || finding.other >= (nr ?: 1))
		return ktap_fail("%s: the finding names window %u of %u", what, finding.window,
				 nr);
	return true;
}

#define EXPECT(_what, _want, _frame, _slack, ...) do {				\
	const struct ps_window list[] = { __VA_ARGS__ };			\
										\
	expect(_what, _want, _frame, _slack, sizeof(list) / sizeof(*list), list);	\
} while (0)

static bool guard_has_its_verdict_and_its_boundary(void)
{
	static const struct {
		u64 guard_ns;
		u64 least_ns;
	} cases[] = {
		{ 0, 0 },
		{ 1, PARTSCHED_MIN_WINDOW_NS + 1 },
		{ PARTSCHED_MAX_GUARD_NS, PARTSCHED_MIN_WINDOW_NS + PARTSCHED_MAX_GUARD_NS },
		{ PARTSCHED_GUARD_AUTO, PARTSCHED_MIN_WINDOW_NS + PARTSCHED_GUARD_AUTO_MAX_NS },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ps_window list[] = {
			window(0, 0, 0, 0, MS), window(1, 0, 0, MS, cases[i].least_ns),
		};

		if (ps_guard_check(list, 2, cases[i].guard_ns) != PS_OK)
			return ktap_fail("guard %zu: long enough is refused", i);
		list[1].duration_ns--;
		if (cases[i].guard_ns &&
		    ps_guard_check(list, 2, cases[i].guard_ns) != PS_GUARD_LONG)
			return ktap_fail("guard %zu: 1 ns less is taken", i);
	}
	return true;
}

static bool each_rule_has_its_verdict_and_its_boundary(void)
{
	const u64 shortest = PARTSCHED_MIN_WINDOW_NS, move = PARTSCHED_MIN_MOVE_NS;
	const struct ps_window one = window(0, 0, 0, 0, shortest);

	expect("no window", PS_NO_WINDOW, MS, 0, 0, &one);
	EXPECT("frame 0", PS_FRAME_ZERO, 0, 0, one);
	EXPECT("frame of an hour", PS_OK, PARTSCHED_MAX_FRAME_NS, 0, one);
	EXPECT("frame of an hour and 1 ns", PS_FRAME_LONG, PARTSCHED_MAX_FRAME_NS + 1, 0, one);
	EXPECT("frame of 2^64 - 1", PS_FRAME_LONG, UINT64_MAX, 0, one);
	EXPECT("shortest window", PS_OK, MS, 0, one);
	EXPECT("1 ns less", PS_WINDOW_SHORT, MS, 0, window(0, 0, 0, 0, shortest - 1));
	EXPECT("window of 0", PS_WINDOW_SHORT, MS, 0, window(0, 0, 0, 0, 0));
	EXPECT("the whole frame", PS_OK, MS, 0, window(0, 0, 0, 0, MS));
	EXPECT("ends with the frame", PS_OK, MS, 0, window(0, 0, 0, MS - shortest, shortest));
	EXPECT("1 ns beyond", PS_WINDOW_BEYOND, MS, 0, window(0, 0, 0, MS - shortest + 1, shortest));
	EXPECT("starts at the end", PS_WINDOW_BEYOND, MS, 0, window(0, 0, 0, MS, shortest));

	EXPECT("touch", PS_OK, MS, 0, window(0, 0, 0, 0, shortest),
	       window(1, 0, 0, shortest, shortest));
	EXPECT("overlap by 1 ns", PS_WINDOW_OVERLAP, MS, 0, window(0, 0, 0, 0, shortest + 1),
	       window(1, 0, 0, shortest, shortest));
	EXPECT("the same window", PS_WINDOW_OVERLAP, MS, 0, one, window(1, 0, 0, 0, shortest));
	EXPECT("one that two vCPUs share", PS_OK, MS, 0, one, window(0, 1, 0, 0, shortest));
	EXPECT("shared, but longer", PS_WINDOW_OVERLAP, MS, 0, one,
	       window(0, 1, 0, 0, shortest + 1));
	EXPECT("shared, but later", PS_WINDOW_OVERLAP, MS, 0, one, window(0, 1, 0, 1, shortest));
	EXPECT("after one that is shared", PS_OK, MS, 0, one, window(0, 1, 0, 0, shortest),
	       window(1, 0, 0, shortest, shortest));
	EXPECT("into one that is shared", PS_WINDOW_OVERLAP, MS, 0, one,
	       window(0, 1, 0, 0, shortest), window(1, 0, 0, shortest - 1, shortest));
	EXPECT("shared by a vCPU that has no time to move", PS_VCPU_MOVES, MS, 0, one,
	       window(0, 1, 0, 0, shortest), window(0, 1, 1, shortest + move - 1, shortest));
	EXPECT("other CPU", PS_OK, MS, 0, one, window(1, 0, 1, 0, shortest));
	EXPECT("one within the other", PS_WINDOW_OVERLAP, MS, 0, window(0, 0, 0, 0, 4 * shortest),
	       window(1, 0, 0, shortest, shortest));

	EXPECT("a vCPU twice at once", PS_VCPU_TWICE, MS, 0, one, window(0, 0, 1, 0, shortest));
	EXPECT("two actions of a partition", PS_ACTIONS_DIFFER, MS, 0, one,
	       acting(window(0, 1, 1, 0, shortest), 2));
	EXPECT("two of one vCPU", PS_ACTIONS_DIFFER, MS, 0, one,
	       acting(window(0, 0, 0, shortest, shortest), 1));
	EXPECT("two partitions, an action each", PS_OK, MS, 0, one,
	       acting(window(1, 0, 1, 0, shortest), 2));
	EXPECT("two vCPUs at once", PS_OK, MS, 0, one, window(0, 1, 1, 0, shortest));
	EXPECT("its windows touch", PS_OK, MS, 0, one, window(0, 0, 0, shortest, shortest));
	EXPECT("a vCPU that has no time to move", PS_VCPU_MOVES, MS, 0, one,
	       window(0, 0, 1, shortest, shortest));
	EXPECT("just enough", PS_OK, MS, 0, one, window(0, 0, 1, shortest + move, shortest));
	EXPECT("1 ns less", PS_VCPU_MOVES, MS, 0, one,
	       window(0, 0, 1, shortest + move - 1, shortest));
	EXPECT("just enough to come back", PS_OK, MS, 0, one,
	       window(0, 0, 1, MS - move - shortest, shortest));
	EXPECT("1 ns less to come back", PS_VCPU_MOVES, MS, 0, one,
	       window(0, 0, 1, MS - move - shortest, shortest + 1));
	EXPECT("two vCPUs need no time", PS_OK, MS, 0, one,
	       window(0, 1, 1, shortest, shortest));
	return true;
}

static bool sums_that_wrap_are_beyond_the_frame(void)
{
	static const u64 edges[] = {
		PARTSCHED_MIN_WINDOW_NS, PARTSCHED_MAX_FRAME_NS,
		PARTSCHED_MAX_FRAME_NS - PARTSCHED_MIN_WINDOW_NS + 1, 1ULL << 32, 1ULL << 63,
		(1ULL << 63) - 1, UINT64_MAX, UINT64_MAX - PARTSCHED_MIN_WINDOW_NS,
		UINT64_MAX - PARTSCHED_MIN_WINDOW_NS + 1,
	};
	const u32 nr = sizeof(edges) / sizeof(*edges);

	for (u32 o = 0; o < nr; o++)
		for (u32 d = 0; d < nr; d++) {
			bool fits = edges[o] <= PARTSCHED_MAX_FRAME_NS &&
				edges[d] <= PARTSCHED_MAX_FRAME_NS &&
				edges[o] + edges[d] <= PARTSCHED_MAX_FRAME_NS;

			EXPECT("near a wrap", fits ? PS_OK : PS_WINDOW_BEYOND,
			       PARTSCHED_MAX_FRAME_NS, 0, window(0, 0, 0, edges[o], edges[d]));
		}
	return true;
}

static bool slack_is_kept_in_every_second(void)
{
	EXPECT("95 % of 10 ms", PS_OK, 10 * MS, 50000, window(0, 0, 0, 0, 9500000));
	EXPECT("1 ns more", PS_NO_SLACK, 10 * MS, 50000, window(0, 0, 0, 0, 9500001));
	EXPECT("all, and no slack asked for", PS_OK, 10 * MS, 0, window(0, 0, 0, 0, 10 * MS));
	EXPECT("two of 5 and 4.5 ms", PS_OK, 10 * MS, 50000, window(0, 0, 0, 0, 5 * MS),
	       window(1, 0, 0, 5 * MS, 4500000));
	EXPECT("two of 5 ms", PS_NO_SLACK, 10 * MS, 50000, window(0, 0, 0, 0, 5 * MS),
	       window(1, 0, 0, 5 * MS, 5 * MS));
	EXPECT("one CPU each", PS_OK, 10 * MS, 50000, window(0, 0, 0, 0, 5 * MS),
	       window(1, 0, 1, 5 * MS, 5 * MS));
	EXPECT("the second CPU is full", PS_NO_SLACK, 10 * MS, 50000, window(0, 0, 0, 0, 5 * MS),
	       window(1, 0, 1, 0, 10 * MS));
	/* half of the frame is free, but not of the busy second */
	EXPECT("a full second in 2 s", PS_NO_SLACK, 2000 * MS, 50000,
	       window(0, 0, 0, 500 * MS, 1000 * MS));
	EXPECT("950 ms in 2 s", PS_OK, 2000 * MS, 50000, window(0, 0, 0, 500 * MS, 950 * MS));
	EXPECT("951 ms in 2 s", PS_NO_SLACK, 2000 * MS, 50000,
	       window(0, 0, 0, 500 * MS, 951 * MS));
	EXPECT("a full second across the frame's end", PS_NO_SLACK, 2000 * MS, 50000,
	       window(0, 0, 0, 0, 500 * MS), window(0, 0, 0, 1500 * MS, 500 * MS));
	EXPECT("an hour with an hour's window", PS_NO_SLACK, PARTSCHED_MAX_FRAME_NS, 1,
	       window(0, 0, 0, 0, PARTSCHED_MAX_FRAME_NS));
	return true;
}

/* Time from one window's end to the other's next start; the same: a frame on. */
static u64 gap_ns(const struct ps_window *a, const struct ps_window *b, u64 frame_ns)
{
	u64 end = a->offset_ns + a->duration_ns;

	return (b->offset_ns > a->offset_ns ? 0 : frame_ns) + b->offset_ns - end;
}

/* The window of the same vCPU that begins next, in this frame or the next one. */
static const struct ps_window *successor(const struct ps_window *w, u32 nr, u32 i, u64 frame_ns)
{
	const struct ps_window *next = &w[i];

	for (u32 j = 0; j < nr; j++)
		if (j != i && w[j].partition == w[i].partition && w[j].vcpu == w[i].vcpu &&
		    gap_ns(&w[i], &w[j], frame_ns) < gap_ns(&w[i], next, frame_ns))
			next = &w[j];
	return next;
}

/* Two that are one for two vCPUs. */
static bool share(const struct ps_window *a, const struct ps_window *b)
{
	return a->partition == b->partition && a->vcpu != b->vcpu && a->id == b->id &&
		a->offset_ns == b->offset_ns && a->duration_ns == b->duration_ns;
}

/* All that a set of windows breaks, one bit a verdict. */
static unsigned int broken(const struct ps_window *w, u32 nr, u64 frame_ns)
{
	unsigned int rules = 0;

	for (u32 i = 0; i < nr; i++) {
		u64 end = w[i].offset_ns + w[i].duration_ns;

		if (end > frame_ns)
			rules |= 1 << PS_WINDOW_BEYOND;
		for (u32 j = 0; j < i; j++) {
			bool meet = w[j].offset_ns < end &&
				w[i].offset_ns < w[j].offset_ns + w[j].duration_ns;

			if (meet && w[i].cpu == w[j].cpu && !share(&w[i], &w[j]))
				rules |= 1 << PS_WINDOW_OVERLAP;
			if (w[i].partition != w[j].partition || w[i].vcpu != w[j].vcpu)
				continue;
			if (meet)
				rules |= 1 << PS_VCPU_TWICE;
		}
	}
	if (rules)
		return rules | 1 << PS_VCPU_MOVES;	/* no order to speak of */
	for (u32 i = 0; i < nr; i++) {
		const struct ps_window *next = successor(w, nr, i, frame_ns);

		if (w[i].cpu != next->cpu && gap_ns(&w[i], next, frame_ns) < PARTSCHED_MIN_MOVE_NS)
			rules |= 1 << PS_VCPU_MOVES;
	}
	return rules;
}

/* Each window of a valid set says where its vCPU goes on. */
static bool check_successors(const struct ps_window *w, u32 nr, u64 frame_ns)
{
	for (u32 i = 0; i < nr; i++) {
		const struct ps_window *next = successor(w, nr, i, frame_ns);

		if (w[i].next_cpu != next->cpu || w[i].last != (next->offset_ns <= w[i].offset_ns))
			return ktap_fail("[%llu, +%llu) on CPU %u of vCPU %u.%u: next CPU %u%s, not %u",
					 (unsigned long long)w[i].offset_ns,
					 (unsigned long long)w[i].duration_ns, w[i].cpu,
					 w[i].partition, w[i].vcpu, w[i].next_cpu,
					 w[i].last ? " in the next frame" : "", next->cpu);
	}
	return true;
}

/* Those that share a window stand together, and the first one knows how many. */
static bool check_sharers(const struct ps_window *w, u32 nr)
{
	for (u32 i = 0; i < nr; i++) {
		u32 sharers = 1, before = 0;

		for (u32 j = 0; j < nr; j++) {
			if (j == i || w[j].cpu != w[i].cpu || !share(&w[i], &w[j]))
				continue;
			sharers++;
			before += j < i;
			if (j < i && (w[j].priority < w[i].priority ||
				      (w[j].priority == w[i].priority && w[j].vcpu > w[i].vcpu)))
				return ktap_fail("windows %u and %u are in the wrong order", j, i);
		}
		if (w[i].shared != (before ? 0 : sharers))
			return ktap_fail("window %u: shared by %u, is %u of %u", i, w[i].shared,
					 before, sharers);
	}
	return true;
}

/*
 * Three windows: four places, four lengths, two CPUs, two partitions each. In
 * units of the shortest window nobody has the time to move; in larger ones some
 * have.
 */
static bool verdicts_in_units_of(u64 unit_ns, bool one_partition, u32 priority, u32 *nr_moves,
				 u32 *nr_shared)
{
	u32 nr_ok = 0;

	for (u32 code = 0; code < 1 << 18; code++) {
		struct ps_window w[3];
		struct ps_finding finding;
		enum ps_verdict is;
		unsigned int rules;

		for (u32 i = 0; i < 3; i++) {
			u32 c = code >> (6 * i);

			w[i] = window(c >> 5 & 1, 0, c >> 4 & 1, (c & 3) * unit_ns,
				      ((c >> 2 & 3) + 1) * unit_ns);
			/* one partition with two vCPUs, or two with one */
			if (one_partition) {
				w[i].vcpu = w[i].partition;
				w[i].partition = 0;
				w[i].priority = w[i].vcpu ? priority : 1;
			}
		}
		rules = broken(w, 3, 4 * unit_ns);
		is = ps_windows_check(w, 3, 4 * unit_ns, 0, &finding);
		if (is == PS_OK ? !!rules : !(rules >> is & 1))
			return ktap_fail("case %#x: \"%s\" but the rules broken are %#x", code,
					 ps_verdict_text(is), rules);
		nr_ok += is == PS_OK;
		if (is == PS_OK && (!check_successors(w, 3, 4 * unit_ns) || !check_sharers(w, 3)))
			return false;
		for (u32 i = 0; i < 3 && is == PS_OK; i++)
			*nr_shared += w[i].shared > 1;
		for (u32 i = 0; i < 3 && is == PS_OK; i++)
			*nr_moves += w[i].cpu != w[i].next_cpu;
		if (is == PS_WINDOW_OVERLAP &&
		    (w[finding.window].cpu != w[finding.other].cpu ||
		     w[finding.other].offset_ns + w[finding.other].duration_ns <=
		     w[finding.window].offset_ns))
			return ktap_fail("case %#x: windows %u and %u do not overlap", code,
					 finding.window, finding.other);
	}
	ktap_note("%u of %u sets are valid, with %u moves", nr_ok, 1 << 18, *nr_moves);
	return nr_ok > 0;
}

static bool the_verdict_names_a_rule_that_is_broken(void)
{
	static const u64 units[] = { GRID_NS, PARTSCHED_MIN_MOVE_NS - 1, PARTSCHED_MIN_MOVE_NS };
	u32 moves[3] = { 0 }, shared = 0;

	for (u32 i = 0; i < 3; i++)
		if (!verdicts_in_units_of(units[i], false, 0, &moves[i], &shared))
			return false;
	if (moves[0] || moves[1] || !moves[2])
		return ktap_fail("%u, %u and %u moves", moves[0], moves[1], moves[2]);
	return !shared || ktap_fail("partitions share %u windows", shared);
}

static bool vcpus_of_a_partition_share_a_window_in_the_order_of_priority(void)
{
	u32 moves = 0, shared;

	for (u32 priority = 0; priority < 3; priority++) {
		shared = 0;
		if (!verdicts_in_units_of(PARTSCHED_MIN_MOVE_NS, true, priority, &moves, &shared))
			return false;
		if (!shared)
			return ktap_fail("no window was shared");
	}
	return moves || ktap_fail("nobody moved");
}

static bool every_verdict_has_a_text_of_its_own(void)
{
	for (int a = PS_OK; a <= PS_NO_SLACK; a++) {
		if (!strcmp(ps_verdict_text(a), "unknown verdict"))
			return ktap_fail("verdict %d has no text", a);
		for (int b = PS_OK; b < a; b++)
			if (!strcmp(ps_verdict_text(a), ps_verdict_text(b)))
				return ktap_fail("verdicts %d and %d have the same text", a, b);
	}
	return true;
}

static const struct ktap_test tests[] = {
	KTAP_TEST(seek_finds_the_place_at_every_instant),
	KTAP_TEST(advance_tells_what_changed_after_every_delay),
	KTAP_TEST(every_window_is_opened_or_counted_as_skipped),
	KTAP_TEST(nothing_drifts_in_2_to_the_62_ns),
	KTAP_TEST(busiest_is_what_sliding_finds),
	KTAP_TEST(each_rule_has_its_verdict_and_its_boundary),
	KTAP_TEST(guard_has_its_verdict_and_its_boundary),
	KTAP_TEST(sums_that_wrap_are_beyond_the_frame),
	KTAP_TEST(slack_is_kept_in_every_second),
	KTAP_TEST(the_verdict_names_a_rule_that_is_broken),
	KTAP_TEST(vcpus_of_a_partition_share_a_window_in_the_order_of_priority),
	KTAP_TEST(every_verdict_has_a_text_of_its_own),
};

int main(void)
{
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
