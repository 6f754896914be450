/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tables - every small table of windows, one after the other, each window shared
 * by one vCPU or several
 */
#ifndef UNIT_TABLES_H
#define UNIT_TABLES_H

#include "schedule.h"

#define TABLES_INTERVALS	3
#define TABLES_SHARERS	2	/* of one window, at most */
#define TABLES_WINDOWS	(TABLES_INTERVALS * TABLES_SHARERS)

/**
 * struct tables - an enumeration of tables
 * @table: the present one
 * @windows: its windows
 * @frame: major frame in units
 * @unit_ns: one unit
 * @nr: number of intervals
 * @edges: start and end of each interval, in units
 * @sharers: how many windows there are of each
 */
struct tables {
	struct ps_table table;
	struct ps_window windows[TABLES_WINDOWS];
	u32 frame;
	u64 unit_ns;
	u32 nr;
	u32 edges[2 * TABLES_INTERVALS];
	u32 sharers[TABLES_INTERVALS];
};

/* Edges grow, but a window may start where the one before it ends. */
static inline u32 tables_least(const struct tables *t, u32 edge)
{
	if (!edge)
		return 0;
	return t->edges[edge - 1] + (edge & 1);
}

static inline void tables_fill(struct tables *t)
{
	t->table.nr = 0;
	for (u32 i = 0; i < t->nr; i++)
		for (u32 j = 0; j < t->sharers[i]; j++) {
			struct ps_window *w = &t->windows[t->table.nr++];

			w->offset_ns = t->edges[2 * i] * t->unit_ns;
			w->duration_ns = (t->edges[2 * i + 1] - t->edges[2 * i]) * t->unit_ns;
			w->id = i;
			w->vcpu = j;
			w->shared = j ? 0 : t->sharers[i];
		}
}

/* The least edges from @from on; false when they do not fit in the frame. */
static inline bool tables_reset(struct tables *t, u32 from)
{
	for (u32 e = from; e < 2 * t->nr; e++) {
		t->edges[e] = tables_least(t, e);
		if (t->edges[e] > t->frame)
			return false;
	}
	return true;
}

/**
 * tables_first() - begin with the first table
 * @t: filled in
 * @nr: intervals of each table, 1 to TABLES_INTERVALS
 * @frame: major frame in units, at least @nr
 * @unit_ns: one unit
 */
static inline void tables_first(struct tables *t, u32 nr, u32 frame, u64 unit_ns)
{
	*t = (struct tables){
		.table = { .frame_ns = frame * unit_ns },
		.nr = nr,
		.frame = frame,
		.unit_ns = unit_ns,
	};
	t->table.windows = t->windows;
	for (u32 i = 0; i < nr; i++)
		t->sharers[i] = 1;
	tables_reset(t, 0);
	tables_fill(t);
}

/**
 * tables_next() - go on to the next table
 * @t: the enumeration
 *
 * Return: false after the last one.
 */
static inline bool tables_next(struct tables *t)
{
	for (u32 i = 0; i < t->nr; i++) {
		if (++t->sharers[i] <= TABLES_SHARERS) {
			tables_fill(t);
			return true;
		}
		t->sharers[i] = 1;
	}
	for (u32 e = 2 * t->nr; e--;) {
		if (++t->edges[e] <= t->frame && tables_reset(t, e + 1)) {
			tables_fill(t);
			return true;
		}
	}
	return false;
}

#endif /* UNIT_TABLES_H */
