// SPDX-License-Identifier: GPL-2.0
/*
 * check-health - health monitor tables
 *
 * The system's errors are sorted by identifier and state, once; every action
 * is then looked up. An error without a state stands for all states. What could
 * not be read was told then, and nothing is made of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"
#include "health-rows.h"

/* So many errors are named in one finding. */
#define NAMED 8

struct errors {
	const struct ps_health_entry **list;
	size_t nr;
};

static int by_error(const void *a, const void *b)
{
	const struct ps_health_entry *x = *(const struct ps_health_entry *const *)a;
	const struct ps_health_entry *y = *(const struct ps_health_entry *const *)b;

	if (x->error != y->error)
		return x->error < y->error ? -1 : 1;
	if (x->has_state != y->has_state)
		return x->has_state ? 1 : -1;
	if (x->has_state && x->state != y->state)
		return x->state < y->state ? -1 : 1;
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : x < y ? -1 : x > y;
}

/* Is the level of an error not known? */
static bool any_level(const struct ps_health_entry *e, const struct ps_told *told)
{
	return e->level_implied || ps_told(told, e->line, e->line + 1);
}

static bool acts_on_modules(const struct ps_health_table *table)
{
	return table->kind == PS_HEALTH_MODULE || table->kind == PS_HEALTH_MULTI;
}

/* Sorted entries of all tables of a kind (of both kinds that act on modules). */
static void gather(const struct ps_model *model, enum ps_health_kind kind, struct errors *errors)
{
	size_t i, j;

	memset(errors, 0, sizeof(*errors));
	for (i = 0; i < model->nr_health; i++) {
		const struct ps_health_table *t = &model->health[i];

		if (t->kind != kind && !(kind == PS_HEALTH_MODULE && acts_on_modules(t)))
			continue;
		for (j = 0; j < t->nr_entries; j++)
			*(const struct ps_health_entry **)ps_grow(&errors->list, &errors->nr,
				sizeof(*errors->list)) = &t->entries[j];
	}
	if (errors->nr)
		qsort(errors->list, errors->nr, sizeof(*errors->list), by_error);
}

static void gather_table(const struct ps_health_table *table, struct errors *errors)
{
	size_t i;

	errors->nr = table->nr_entries;
	errors->list = ps_calloc(errors->nr, sizeof(*errors->list));
	for (i = 0; i < errors->nr; i++)
		errors->list[i] = &table->entries[i];
	if (errors->nr)
		qsort(errors->list, errors->nr, sizeof(*errors->list), by_error);
}

/* The first entry of an error, of one state if @has_state; NULL: none. */
static const struct ps_health_entry *const *find(const struct errors *errors, uint32_t error,
						 bool has_state, uint32_t state)
{
	size_t low = 0, high = errors->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct ps_health_entry *e = errors->list[mid];
		bool before = e->error != error ? e->error < error :
			      has_state && (!e->has_state || e->state < state);

		if (before)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == errors->nr || errors->list[low]->error != error ||
	    (has_state && (!errors->list[low]->has_state || errors->list[low]->state != state)))
		return NULL;
	return &errors->list[low];
}

/*
 * The entry that speaks of an error in a state: of this state, or of all. To an
 * entry without a state any of the same error speaks.
 */
static const struct ps_health_entry *match(const struct errors *errors,
					   const struct ps_health_entry *e)
{
	const struct ps_health_entry *const *found = NULL;

	if (e->has_state)
		found = find(errors, e->error, true, e->state);
	if (!found) {
		found = find(errors, e->error, false, 0);
		if (found && e->has_state && (*found)->has_state)
			found = NULL;		/* of other states only */
	}
	return found ? *found : NULL;
}

void ps_name_health_table(char *buf, const struct ps_model *model,
			  const struct ps_health_table *t)
{
	static const char *const kinds[] = {
		[PS_HEALTH_SYSTEM] = "system errors",
		[PS_HEALTH_MODULE] = "module health monitor",
		[PS_HEALTH_MULTI] = "multi-partition health monitor",
		[PS_HEALTH_PARTITION] = "partition health monitor",
	};
	const char *name = t->name;

	if (!name && t->kind == PS_HEALTH_PARTITION && t->partition < model->nr_partitions)
		name = model->partitions[t->partition].name;
	if (name)
		snprintf(buf, PS_OBJECT, "%s \"%s\"", kinds[t->kind], PS_SAFE(name));
	else
		snprintf(buf, PS_OBJECT, "%s", kinds[t->kind]);
}

static void check_same(const struct ps_model *model, const struct ps_health_table *t,
		       const struct ps_told *told, struct ps_findings *findings)
{
	char object[PS_OBJECT], state[40];
	struct errors errors;
	size_t i;

	gather_table(t, &errors);
	ps_name_health_table(object, model, t);
	for (i = 1; i < errors.nr; i++) {
		const struct ps_health_entry *e = errors.list[i], *last = errors.list[i - 1];

		if (e->error != last->error || e->has_state != last->has_state ||
		    (e->has_state && e->state != last->state) ||
		    ps_told(told, e->line, e->line + 1) ||
		    ps_told(told, last->line, last->line + 1))
			continue;
		snprintf(state, sizeof(state), " in state %" PRIu32, e->state);
		ps_find(findings, PS_HM_SAME, e->line, object, "keep one of them",
			"error %" PRIu32 "%s stands in line %d already", e->error,
			e->has_state ? state : "", last->line);
	}
	free(errors.list);
}

/* An error in several states may have several levels: does any of them fit? */
static bool fits(const struct errors *system, const struct ps_health_entry *e,
		 const struct ps_health_entry *found, bool module, const struct ps_told *told)
{
	size_t i, first;

	if (any_level(found, told) || (found->level == PS_ERROR_MODULE) == module)
		return true;
	if (e->has_state)
		return false;
	first = (size_t)(find(system, e->error, false, 0) - system->list);
	for (i = first; i < system->nr && system->list[i]->error == e->error; i++) {
		if (any_level(system->list[i], told) ||
		    (system->list[i]->level == PS_ERROR_MODULE) == module)
			return true;
	}
	return false;
}

/* A table that acts: each error is listed, and of the table's level. */
static void check_actions(const struct ps_model *model, const struct ps_health_table *t,
			  const struct errors *system, const struct ps_told *told,
			  struct ps_findings *findings)
{
	static const char *const levels[] = { "module", "partition", "process" };
	char object[PS_OBJECT], state[40];
	size_t i;

	ps_name_health_table(object, model, t);
	if (!system->nr && t->nr_entries) {
		ps_find(findings, PS_HM_ERROR, t->line, object,
			"list the errors and their levels in the system's table",
			"acts on %zu error%s, but the system lists none", t->nr_entries,
			t->nr_entries == 1 ? "" : "s");
		return;
	}
	for (i = 0; i < t->nr_entries; i++) {
		const struct ps_health_entry *e = &t->entries[i], *found = match(system, e);

		snprintf(state, sizeof(state), " in state %" PRIu32, e->state);
		if (ps_told(told, e->line, e->line + 1))
			continue;
		if (!found) {
			ps_find(findings, PS_HM_ERROR, e->line, object,
				"list it, or take the action away",
				"acts on error %" PRIu32 "%s, which is not among the system's errors",
				e->error, e->has_state ? state : "");
		} else if (!fits(system, e, found, acts_on_modules(t), told)) {
			ps_find(findings, PS_HM_LEVEL, e->line, object,
				acts_on_modules(t) ? "put the action into the partitions' tables" :
				"put the action into the module's table",
				"acts on error %" PRIu32 "%s, which is of %s level (line %d)",
				e->error, e->has_state ? state : "", levels[found->level],
				found->line);
		}
	}
}

/* The errors of one level, in the same order. */
static void of_level(const struct errors *system, enum ps_error_level level,
		     const struct ps_told *told, struct errors *errors)
{
	size_t i;

	errors->nr = 0;
	errors->list = ps_calloc(system->nr, sizeof(*errors->list));
	for (i = 0; i < system->nr; i++) {
		if (system->list[i]->level == level && !any_level(system->list[i], told))
			errors->list[errors->nr++] = system->list[i];
	}
}

/* Which errors of a level have no action? Told in one finding. */
static void check_missing(const struct errors *errors, const struct errors *actions,
			  const char *object, int line, struct ps_findings *findings)
{
	char named[NAMED * 12 + 8] = "";
	size_t missing = 0, used = 0, i;
	uint32_t last = 0;

	/* stops after some, so that many tables of many errors stay cheap */
	for (i = 0; i < errors->nr && missing <= NAMED; i++) {
		const struct ps_health_entry *e = errors->list[i];

		if (match(actions, e) || (missing && e->error == last))
			continue;
		last = e->error;
		if (missing++ < NAMED)
			used += (size_t)snprintf(named + used, sizeof(named) - used,
						 "%s%" PRIu32, used ? ", " : "", e->error);
	}
	if (missing)
		ps_find(findings, PS_HM_ACTION, line, object, "say what is done about each",
			"has no action for error%s %s%s, which %s of %s level",
			missing == 1 ? "" : "s", named, missing > NAMED ? " and more" : "",
			missing == 1 ? "is" : "are",
			errors->list[0]->level == PS_ERROR_MODULE ? "module" : "partition");
}

static void check_system(const struct ps_model *model, const struct errors *system,
			 const struct ps_told *told, struct ps_findings *findings)
{
	const struct ps_health_table *module = NULL;
	struct errors errors, actions;
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < system->nr; i++) {
		const struct ps_health_entry *e = system->list[i];

		if (e->level != PS_ERROR_PROCESS || e->code != PS_CODE_NONE || any_level(e, told))
			continue;
		snprintf(object, sizeof(object), "error %" PRIu32, e->error);
		ps_find(findings, PS_HM_CODE, e->line, object,
			"write ErrorCode: DEADLINE_MISSED, APPLICATION_ERROR, NUMERIC_ERROR and so on",
			"is of process level, but has no error code for the partition's handler");
	}
	/* tables of the module and of groups share its errors among them */
	for (i = 0; i < model->nr_health; i++) {
		const struct ps_health_table *t = &model->health[i];

		if (acts_on_modules(t) && (!module || (t->kind == PS_HEALTH_MODULE &&
						       module->kind != PS_HEALTH_MODULE)))
			module = t;
	}
	gather(model, PS_HEALTH_MODULE, &actions);
	if (module)
		ps_name_health_table(object, model, module);
	else
		snprintf(object, sizeof(object), "module");
	of_level(system, PS_ERROR_MODULE, told, &errors);
	check_missing(&errors, &actions, object, module ? module->line : model->line, findings);
	free(errors.list);
	free(actions.list);
}

/* A partition has one table of its own, and is in one group. */
static void check_owners(const struct ps_model *model, struct ps_findings *findings)
{
	const struct ps_health_table **own = ps_calloc(model->nr_partitions, sizeof(*own));
	const struct ps_health_table **group = ps_calloc(model->nr_partitions, sizeof(*group));
	char object[PS_OBJECT], partition[PS_OBJECT];
	size_t i, j;

	for (i = 0; i < model->nr_health; i++) {
		const struct ps_health_table *t = &model->health[i];
		size_t nr = t->kind == PS_HEALTH_PARTITION ? 1 :
			    t->kind == PS_HEALTH_MULTI ? t->nr_members : 0;

		for (j = 0; j < nr; j++) {
			uint32_t p = t->kind == PS_HEALTH_MULTI ? t->members[j] : t->partition;
			const struct ps_health_table **first;

			if (p >= model->nr_partitions)
				continue;
			first = t->kind == PS_HEALTH_MULTI ? &group[p] : &own[p];
			if (*first) {
				ps_name_health_table(object, model, t);
				ps_name_partition(partition, &model->partitions[p]);
				ps_find(findings, PS_HM_TABLE, t->line, object,
					"keep one of them",
					*first == t ? "has %s twice (line %d)" :
					"is for %s, as the table in line %d is", partition,
					(*first)->line);
			}
			*first = t;
		}
	}
	free(own);
	free(group);
}

/* Each partition's table says what is done about each error of its level. */
static void check_partitions(const struct ps_model *model, const struct errors *system,
			     const struct ps_told *told, struct ps_findings *findings)
{
	struct errors errors, actions = { 0 };
	char object[PS_OBJECT];
	size_t tables = 0, i;

	of_level(system, PS_ERROR_PARTITION, told, &errors);
	for (i = 0; i < model->nr_health; i++) {
		const struct ps_health_table *t = &model->health[i];

		if (t->kind != PS_HEALTH_PARTITION)
			continue;
		tables++;
		ps_name_health_table(object, model, t);
		gather_table(t, &actions);
		check_missing(&errors, &actions, object, t->line, findings);
		free(actions.list);
	}
	memset(&actions, 0, sizeof(actions));
	if (!tables)
		check_missing(&errors, &actions, "module", model->line, findings);
	free(errors.list);
}

/* For what the module's rows cannot say. */
struct clashes {
	const struct ps_model *model;
	const struct ps_told *told;
	struct ps_findings *findings;
};

static void tell_clash(const struct ps_health_said *said, void *arg)
{
	static const char *const words[] = {
#define S(number, word) [number] = word,
		PS_HEALTH_SOURCES(S)
#undef S
	};
	static const char advice[] =
		"say When in both: the module knows the states idle, start and normal only";
	const struct clashes *clashes = arg;
	char object[PS_OBJECT];

	if (ps_told(clashes->told, said->line, said->line + 1) ||
	    ps_told(clashes->told, said->first_line, said->first_line + 1))
		return;
	snprintf(object, sizeof(object), "error %" PRIu32, said->error);
	switch (said->clash) {
	case PS_CLASH_LEVEL:
		ps_find(clashes->findings, PS_HM_STATE, said->line, object, advice,
			"has another level or code in system state %" PRIu32 " than in line %d, which counts",
			said->state, said->first_line);
		break;
	case PS_CLASH_ACTION:
		ps_name_health_table(object, clashes->model, said->table);
		ps_find(clashes->findings, PS_HM_STATE, said->line, object, advice,
			"acts otherwise on error %" PRIu32 " than line %d does, which counts in the same states",
			said->error, said->first_line);
		break;
	case PS_CLASH_SOURCE:
		ps_find(clashes->findings, PS_HM_SOURCE, said->line, object,
			"give it to one of them",
			"has the source %s, which is that of error %" PRIu32 " (line %d)",
			words[said->source], said->first_error, said->first_line);
		break;
	}
}

void ps_health_check(const struct ps_model *model, struct ps_findings *findings)
{
	struct ps_health_rows rows;
	struct clashes clashes;
	struct errors system;
	struct ps_told told;
	size_t i;

	if (!model->nr_health)
		return;
	ps_told_init(&told, findings);
	gather(model, PS_HEALTH_SYSTEM, &system);
	for (i = 0; i < model->nr_health; i++) {
		const struct ps_health_table *t = &model->health[i];

		check_same(model, t, &told, findings);
		if (t->kind != PS_HEALTH_SYSTEM)
			check_actions(model, t, &system, &told, findings);
	}
	check_system(model, &system, &told, findings);
	check_partitions(model, &system, &told, findings);
	check_owners(model, findings);
	free(system.list);
	clashes = (struct clashes){ model, &told, findings };
	ps_health_rows(model, &rows, tell_clash, &clashes);
	if (rows.too_many)
		ps_find(findings, PS_TOO_MANY, model->health[0].line, "health monitor",
			"an action counts once for each partition of its table: take some away",
			"has more actions than the module takes, which are %d",
			PARTSCHED_MAX_ERRORS);
	ps_health_rows_free(&rows);
	ps_told_free(&told);
}
