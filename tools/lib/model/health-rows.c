// SPDX-License-Identifier: GPL-2.0
/*
 * health-rows - health monitor tables as the module takes them
 *
 * Of the system's errors at most one entry counts in each state of a partition.
 * Actions are joined with these, and what two of them say of one state is told.
 */
#include "health-rows.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define NR_WHEN	3
#define NR_SOURCES 32

/* So many are joined before the first of them are sorted out. */
#define MAX_JOINED	(8 * (size_t)PARTSCHED_MAX_ERRORS)

struct joiner {
	const struct ps_model *model;
	ps_health_tell_fn tell;
	void *arg;
	const struct ps_health_entry **system;	/* by error and place in the file */
	size_t nr;
	struct ps_health_row *rows;
	const struct ps_health_table **tables;	/* of each row */
	size_t nr_rows, nr_tables;
	bool too_many;
};

static uint32_t when(const struct ps_health_entry *e)
{
	return e->when ? e->when : PS_WHEN_ALL;
}

static int by_error(const void *a, const void *b)
{
	const struct ps_health_entry *x = *(const struct ps_health_entry *const *)a;
	const struct ps_health_entry *y = *(const struct ps_health_entry *const *)b;

	if (x->error != y->error)
		return x->error < y->error ? -1 : 1;
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : x < y ? -1 : x > y;
}

static void gather(struct joiner *j)
{
	size_t i, k;

	for (i = 0; i < j->model->nr_health; i++) {
		const struct ps_health_table *t = &j->model->health[i];

		for (k = 0; t->kind == PS_HEALTH_SYSTEM && k < t->nr_entries; k++)
			*(const struct ps_health_entry **)ps_grow(&j->system, &j->nr,
				sizeof(*j->system)) = &t->entries[k];
	}
	if (j->nr)
		qsort(j->system, j->nr, sizeof(*j->system), by_error);
}

/* The first of the system's entries of an error, or where it would be. */
static size_t first_of(const struct joiner *j, uint32_t error)
{
	size_t low = 0, high = j->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (j->system[mid]->error < error)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Two entries speak of one error in one state, and do not say the same. */
static void tell_levels(const struct joiner *j, const struct ps_health_entry *e,
			const struct ps_health_entry *other)
{
	const struct ps_health_said said = {
		.clash = PS_CLASH_LEVEL,
		.error = e->error,
		.state = e->state,
		.line = e->line,
		.first_error = other->error,
		.first_line = other->line,
	};

	if (!e->level_implied && !other->level_implied)
		j->tell(&said, j->arg);
}

/* Which of the system's entries of an error counts in which state? */
static void choose(const struct joiner *j, size_t first,
		   const struct ps_health_entry *chosen[NR_WHEN], bool tell)
{
	size_t i, k;

	memset(chosen, 0, NR_WHEN * sizeof(*chosen));
	for (i = first; i < j->nr && j->system[i]->error == j->system[first]->error; i++) {
		const struct ps_health_entry *e = j->system[i], *other = NULL;

		for (k = 0; k < NR_WHEN; k++) {
			if (!(when(e) >> k & 1))
				continue;
			if (!chosen[k])
				chosen[k] = e;
			else if (chosen[k]->level != e->level || chosen[k]->code != e->code)
				other = chosen[k];
		}
		if (other && tell)
			tell_levels(j, e, other);
	}
}

static void check_levels(const struct joiner *j)
{
	const struct ps_health_entry *chosen[NR_WHEN];
	size_t i;

	for (i = 0; i < j->nr; i++) {
		if (!i || j->system[i]->error != j->system[i - 1]->error)
			choose(j, i, chosen, true);
	}
}

static bool acts_on_modules(const struct ps_health_table *t)
{
	return t->kind == PS_HEALTH_MODULE || t->kind == PS_HEALTH_MULTI;
}

static void add_row(struct joiner *j, const struct ps_health_table *t, uint32_t partition,
		    const struct ps_health_entry *system, const struct ps_health_entry *action,
		    uint32_t states)
{
	enum ps_error_level level = system->level;
	struct ps_health_row *row;

	if (system->level_implied)
		level = acts_on_modules(t) ? PS_ERROR_MODULE : PS_ERROR_PARTITION;
	if (!states || action->action == PS_RECOVERY_NONE ||
	    (level == PS_ERROR_MODULE) != acts_on_modules(t))
		return;
	if (j->nr_rows == MAX_JOINED) {
		j->too_many = true;
		return;
	}
	*(const struct ps_health_table **)ps_grow(&j->tables, &j->nr_tables,
						  sizeof(*j->tables)) = t;
	row = ps_grow(&j->rows, &j->nr_rows, sizeof(*row));
	row->error = action->error;
	row->partition = partition;
	row->level = level;
	row->states = states;
	row->action = action->action;
	row->code = system->code;
	row->line = action->line;
}

/* An action of one table for one partition: with the entries that it goes with. */
static void join(struct joiner *j, const struct ps_health_table *t, uint32_t partition,
		 const struct ps_health_entry *action)
{
	const struct ps_health_entry *chosen[NR_WHEN];
	size_t first = first_of(j, action->error), i, k;

	if (first == j->nr || j->system[first]->error != action->error)
		return;
	if (action->has_state) {
		/* of the same system state, or of none */
		for (i = first; i < j->nr && j->system[i]->error == action->error; i++) {
			const struct ps_health_entry *e = j->system[i];

			if (e->has_state && e->state != action->state)
				continue;
			add_row(j, t, partition, e, action, when(e) & when(action));
			return;
		}
		return;
	}
	choose(j, first, chosen, false);
	for (i = 0; i < NR_WHEN; i++) {
		uint32_t states = 0;

		for (k = i; chosen[i] && k < NR_WHEN; k++)
			states |= chosen[k] == chosen[i] ? 1U << k : 0;
		if (chosen[i] && (!i || chosen[i] != chosen[i - 1]))
			add_row(j, t, partition, chosen[i], action, states & when(action));
	}
}

static void join_all(struct joiner *j)
{
	size_t i, k, l;

	for (i = 0; i < j->model->nr_health; i++) {
		const struct ps_health_table *t = &j->model->health[i];
		size_t nr = t->kind == PS_HEALTH_MULTI ? t->nr_members : 1;

		for (k = 0; t->kind != PS_HEALTH_SYSTEM && k < nr; k++) {
			uint32_t partition = t->kind == PS_HEALTH_MULTI ? t->members[k] :
					     t->kind == PS_HEALTH_MODULE ? PS_NONE : t->partition;

			for (l = 0; l < t->nr_entries && !j->too_many; l++)
				join(j, t, partition, &t->entries[l]);
		}
	}
}

/* Places of rows, by partition and error, then as they were joined. */
static const struct ps_health_row *sorted;

static int by_object(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const struct ps_health_row *r = &sorted[x], *s = &sorted[y];

	if (r->partition != s->partition)
		return r->partition < s->partition ? -1 : 1;
	if (r->error != s->error)
		return r->error < s->error ? -1 : 1;
	return x < y ? -1 : x > y;
}

static bool same_object(const struct ps_health_row *a, const struct ps_health_row *b)
{
	return a->partition == b->partition && a->error == b->error;
}

static bool same_effect(const struct ps_health_row *a, const struct ps_health_row *b)
{
	return a->level == b->level && a->action == b->action && a->code == b->code;
}

static void tell_actions(const struct joiner *j, const struct ps_health_row *row,
			 const struct ps_health_table *table, const struct ps_health_row *other)
{
	const struct ps_health_said said = {
		.clash = PS_CLASH_ACTION,
		.table = table,
		.error = row->error,
		.line = row->line,
		.first_error = other->error,
		.first_line = other->line,
	};

	if (j->tell)
		j->tell(&said, j->arg);
}

/* Put a row behind those of its partition and error that are there from @first on. */
static void settle(const struct joiner *j, struct ps_health_rows *rows, size_t first, size_t place)
{
	struct ps_health_row row = j->rows[place];
	const struct ps_health_row *other = NULL;
	size_t i;

	for (i = first; i < rows->nr; i++) {
		if (row.states & rows->list[i].states && !same_effect(&row, &rows->list[i]))
			other = &rows->list[i];
		row.states &= ~rows->list[i].states;
	}
	if (other)
		tell_actions(j, &row, j->tables[place], other);
	for (i = first; i < rows->nr; i++) {
		if (same_effect(&row, &rows->list[i])) {
			rows->list[i].states |= row.states;
			row.states = 0;
		}
	}
	if (!row.states)
		return;
	if (rows->nr == PARTSCHED_MAX_ERRORS)
		rows->too_many = true;
	else
		*(struct ps_health_row *)ps_grow(&rows->list, &rows->nr, sizeof(row)) = row;
}

static void settle_all(const struct joiner *j, struct ps_health_rows *rows)
{
	size_t *places = ps_calloc(j->nr_rows, sizeof(*places)), first = 0, i;

	for (i = 0; i < j->nr_rows; i++)
		places[i] = i;
	sorted = j->rows;
	if (j->nr_rows)
		qsort(places, j->nr_rows, sizeof(*places), by_object);
	for (i = 0; i < j->nr_rows; i++) {
		if (!i || !same_object(&j->rows[places[i]], &j->rows[places[i - 1]]))
			first = rows->nr;
		settle(j, rows, first, places[i]);
	}
	free(places);
}

static void find_sources(const struct joiner *j, struct ps_health_rows *rows)
{
	const struct ps_health_entry *of[NR_SOURCES] = { 0 };
	size_t i, k;

	for (i = 0; i < j->nr; i++) {
		const struct ps_health_entry *e = j->system[i];

		for (k = 0; e->sources && k < NR_SOURCES; k++) {
			if (!(e->sources >> k & 1))
				continue;
			if (!of[k])
				of[k] = e;
			else if (of[k]->error != e->error && j->tell)
				j->tell(&(struct ps_health_said){
					.clash = PS_CLASH_SOURCE,
					.error = e->error,
					.line = e->line,
					.first_error = of[k]->error,
					.first_line = of[k]->line,
					.source = (uint32_t)k,
				}, j->arg);
		}
	}
	for (k = 0; k < NR_SOURCES; k++) {
		struct ps_health_source *source;

		if (!of[k])
			continue;
		source = ps_grow(&rows->sources, &rows->nr_sources, sizeof(*source));
		source->source = (uint32_t)k;
		source->error = of[k]->error;
		source->line = of[k]->line;
	}
}

void ps_health_rows(const struct ps_model *model, struct ps_health_rows *rows,
		    ps_health_tell_fn tell, void *arg)
{
	struct joiner j = { .model = model, .tell = tell, .arg = arg };

	memset(rows, 0, sizeof(*rows));
	gather(&j);
	if (tell)
		check_levels(&j);
	join_all(&j);
	settle_all(&j, rows);
	rows->too_many |= j.too_many;
	find_sources(&j, rows);
	free(j.system);
	free(j.rows);
	free(j.tables);
}

void ps_health_rows_free(struct ps_health_rows *rows)
{
	free(rows->list);
	free(rows->sources);
	memset(rows, 0, sizeof(*rows));
}
