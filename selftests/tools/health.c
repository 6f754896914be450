// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of what health monitor tables become: rows of the module.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "claim.h"
#include "health-rows.h"

#define ALL PS_WHEN_ALL

/* A model with partitions 0 and 1, and no tables yet. */
static struct ps_model *model_new(void)
{
	struct ps_model *m = ps_model_new("health.xml");

	ps_model_add_partition(m)->name = ps_strdup("a");
	ps_model_add_partition(m)->name = ps_strdup("b");
	return m;
}

static struct ps_health_table *add_table(struct ps_model *m, enum ps_health_kind kind,
					 uint32_t partition)
{
	struct ps_health_table *t = ps_model_add_health(m);

	t->kind = kind;
	t->partition = partition;
	return t;
}

/* @state: 0 for none. */
static struct ps_health_entry *add(struct ps_health_table *t, uint32_t error, uint32_t state,
				   uint32_t when)
{
	static int line;
	struct ps_health_entry *e = ps_health_add(t);

	e->error = error;
	e->state = state;
	e->has_state = state;
	e->when = when;
	e->line = ++line;
	return e;
}

static void add_level(struct ps_model *m, uint32_t error, uint32_t state, uint32_t when,
		      enum ps_error_level level)
{
	add(&m->health[0], error, state, when)->level = level;
}

static void add_action(struct ps_health_table *t, uint32_t error, uint32_t state, uint32_t when,
		       enum ps_recovery action)
{
	add(t, error, state, when)->action = action;
}

/* As "partition:error level states action", * for all partitions. */
static char *text_of(const struct ps_health_rows *rows)
{
	static const char levels[] = "mpo", actions[] = "-isrdwc";
	char *text = ps_strdup("");
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		const struct ps_health_row *r = &rows->list[i];
		char *longer = ps_asprintf("%s%s%c:%u %c %u %c", text, i ? ", " : "",
					   r->partition == PS_NONE ? '*' : '0' + (char)r->partition,
					   r->error, levels[r->level], r->states,
					   actions[r->action]);

		free(text);
		text = longer;
	}
	return text;
}

static void count(const struct ps_health_said *said, void *arg)
{
	size_t *clashes = arg;

	(void)said;
	++*clashes;
}

static void expect(struct ps_model *m, const char *wanted, size_t wanted_clashes)
{
	struct ps_health_rows rows;
	size_t clashes = 0;
	char *text;

	ps_health_rows(m, &rows, count, &clashes);
	text = text_of(&rows);
	CLAIM(!strcmp(text, wanted), "%s instead of %s", text, wanted);
	CLAIM(clashes == wanted_clashes, "%zu instead of %zu", clashes, wanted_clashes);
	free(text);
	ps_health_rows_free(&rows);
	ps_model_free(m);
}

static void each_table_acts_for_its_partitions(void)
{
	struct ps_model *m = model_new();
	struct ps_health_table *t;

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	add_level(m, 1, 0, 0, PS_ERROR_MODULE);
	add_level(m, 2, 0, 0, PS_ERROR_PARTITION);
	add_level(m, 3, 0, 0, PS_ERROR_PROCESS);
	add_action(add_table(m, PS_HEALTH_MODULE, PS_NONE), 1, 0, 0, PS_RECOVERY_SHUTDOWN);
	t = add_table(m, PS_HEALTH_MULTI, PS_NONE);
	*(uint32_t *)ps_grow(&t->members, &t->nr_members, sizeof(uint32_t)) = 1;
	add_action(t, 1, 0, 0, PS_RECOVERY_RESET);
	t = add_table(m, PS_HEALTH_PARTITION, 0);
	add_action(t, 3, 0, 0, PS_RECOVERY_WARM_START);
	add_action(t, 2, 0, 0, PS_RECOVERY_COLD_START);
	add_action(add_table(m, PS_HEALTH_PARTITION, PS_NONE), 2, 0, 0, PS_RECOVERY_IDLE);
	expect(m, "0:2 p 7 c, 0:3 o 7 w, 1:1 m 7 r, *:1 m 7 s, *:2 p 7 d", 0);
}

static void an_error_without_an_action_has_no_row(void)
{
	struct ps_model *m = model_new();

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	add_level(m, 1, 0, 0, PS_ERROR_MODULE);
	add_level(m, 2, 0, 0, PS_ERROR_PARTITION);
	add_action(add_table(m, PS_HEALTH_PARTITION, 0), 5, 0, 0, PS_RECOVERY_IDLE);
	add_action(add_table(m, PS_HEALTH_PARTITION, 1), 1, 0, 0, PS_RECOVERY_IDLE);
	expect(m, "", 0);
}

static void states_of_both_tables_meet(void)
{
	struct ps_model *m = model_new();
	struct ps_health_table *t;

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	add_level(m, 1, 0, PS_WHEN_START | PS_WHEN_NORMAL, PS_ERROR_PARTITION);
	add_level(m, 2, 7, PS_WHEN_NORMAL, PS_ERROR_PARTITION);
	add_level(m, 2, 8, PS_WHEN_START, PS_ERROR_MODULE);
	t = add_table(m, PS_HEALTH_PARTITION, 0);
	add_action(t, 1, 0, PS_WHEN_IDLE | PS_WHEN_START, PS_RECOVERY_IDLE);
	add_action(t, 1, 0, PS_WHEN_NORMAL, PS_RECOVERY_COLD_START);
	add_action(t, 2, 7, 0, PS_RECOVERY_WARM_START);
	add_action(add_table(m, PS_HEALTH_MODULE, PS_NONE), 2, 0, 0, PS_RECOVERY_RESET);
	expect(m, "0:1 p 2 d, 0:1 p 4 c, 0:2 p 4 w, *:2 m 2 r", 0);
}

static void rows_of_one_effect_are_one(void)
{
	struct ps_model *m = model_new();
	struct ps_health_table *t;

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	add_level(m, 1, 1, PS_WHEN_START, PS_ERROR_PARTITION);
	add_level(m, 1, 2, PS_WHEN_NORMAL, PS_ERROR_PARTITION);
	t = add_table(m, PS_HEALTH_PARTITION, 0);
	add_action(t, 1, 1, 0, PS_RECOVERY_IDLE);
	add_action(t, 1, 2, 0, PS_RECOVERY_IDLE);
	expect(m, "0:1 p 6 d", 0);
}

static void what_is_said_first_of_a_state_counts(void)
{
	struct ps_model *m = model_new();
	struct ps_health_table *t;

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	add_level(m, 1, 1, 0, PS_ERROR_PARTITION);
	add_level(m, 1, 2, 0, PS_ERROR_MODULE);
	add_level(m, 2, 1, PS_WHEN_NORMAL, PS_ERROR_PARTITION);
	add_level(m, 2, 2, 0, PS_ERROR_PARTITION);
	t = add_table(m, PS_HEALTH_PARTITION, 0);
	add_action(t, 1, 1, 0, PS_RECOVERY_IDLE);
	add_action(t, 2, 1, 0, PS_RECOVERY_WARM_START);
	add_action(t, 2, 2, 0, PS_RECOVERY_IGNORE);
	expect(m, "0:1 p 7 d, 0:2 p 4 w, 0:2 p 3 i", 2);
}

static void a_source_has_one_error(void)
{
	struct ps_model *m = model_new();
	struct ps_health_rows rows;
	size_t clashes = 0;

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	add(&m->health[0], 9, 1, 0)->sources = 1U << 4 | 1U << 6;
	add(&m->health[0], 9, 2, 0)->sources = 1U << 4;
	add(&m->health[0], 3, 0, 0)->sources = 1U << 5;
	ps_health_rows(m, &rows, count, &clashes);
	CLAIM(rows.nr_sources == 3 && rows.sources[0].source == 4 && rows.sources[0].error == 9 &&
	      rows.sources[1].source == 5 && rows.sources[1].error == 3 &&
	      rows.sources[2].source == 6 && rows.sources[2].error == 9, "%zu sources",
	      rows.nr_sources);
	CLAIM(!clashes, "%zu clashes", clashes);
	ps_health_rows_free(&rows);
	ps_model_free(m);
}

static void more_than_the_module_takes_is_told(void)
{
	struct ps_model *m = model_new();
	struct ps_health_rows rows;
	struct ps_health_table *t;
	uint32_t i;

	add_table(m, PS_HEALTH_SYSTEM, PS_NONE);
	t = add_table(m, PS_HEALTH_PARTITION, 0);
	for (i = 0; i <= PARTSCHED_MAX_ERRORS; i++) {
		add_level(m, i, 0, 0, PS_ERROR_PARTITION);
		add_action(t, i, 0, 0, PS_RECOVERY_IDLE);
	}
	ps_health_rows(m, &rows, NULL, NULL);
	CLAIM(rows.nr == PARTSCHED_MAX_ERRORS && rows.too_many, "%zu rows", rows.nr);
	ps_health_rows_free(&rows);
	ps_model_free(m);
}

static const struct claim_test tests[] = {
	CLAIM_TEST(each_table_acts_for_its_partitions),
	CLAIM_TEST(an_error_without_an_action_has_no_row),
	CLAIM_TEST(states_of_both_tables_meet),
	CLAIM_TEST(rows_of_one_effect_are_one),
	CLAIM_TEST(what_is_said_first_of_a_state_counts),
	CLAIM_TEST(a_source_has_one_error),
	CLAIM_TEST(more_than_the_module_takes_is_told),
};

int main(void)
{
	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
