// SPDX-License-Identifier: GPL-2.0
/*
 * write-health - health monitor tables in the dialects with nanoseconds
 */
#include "write-2015.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const char *const tables[] = {
	[PS_HEALTH_SYSTEM] = "SystemErrors",
	[PS_HEALTH_MODULE] = "ModuleHM",
	[PS_HEALTH_MULTI] = "MultiPartitionHM",
	[PS_HEALTH_PARTITION] = "PartitionHM",
};

/*
 * The standard knows no states: only one can be kept, or an error would have
 * several levels. The first one that is listed, and the same in all tables.
 */
static const struct ps_health_entry *kept_state(const struct ps_model *m)
{
	size_t kind, i, j;

	for (kind = 0; kind < NR(tables); kind++) {
		for (i = 0; i < m->nr_health; i++) {
			const struct ps_health_table *table = &m->health[i];

			for (j = 0; table->kind == kind && j < table->nr_entries; j++) {
				if (table->entries[j].has_state)
					return &table->entries[j];
			}
		}
	}
	return NULL;
}

static void write_health_entry(struct ps_writer *w, const struct ps_health_table *table,
			       const struct ps_health_entry *e, const struct ps_health_entry *kept)
{
	struct ps_subject subject = ps_subject(e->line, "error %" PRIu32 " of %s", e->error,
					       tables[table->kind]);
	bool system = table->kind == PS_HEALTH_SYSTEM;

	if (ps_write_pure(w) && e->has_state && e->state != kept->state) {
		ps_write_lost(w, &subject, "what is said of the first state only",
			      "what is said of state %" PRIu32 " is lost", e->state);
		return;
	}
	ps_write_open(w, system ? "SystemError" : "ErrorAction");
	ps_write_u64(w, system ? "ErrorIdentifier" : "ErrorIdentifierRef", e->error);
	ps_write_own(w, &subject, !system, "Description", e->description, "none");
	ps_write_health_words(w, &subject, table->kind, e,
			      table->kind == PS_HEALTH_PARTITION ? "PartitionRecoveryAction" :
			      "ModuleRecoveryAction");
	if (e->has_state)
		ps_write_own(w, &subject, true, "SystemState", PS_DECIMAL(e->state), "no state");
	ps_write_own(w, &subject, true, "StateDescription", e->state_description, "none");
	ps_write_close(w);
}

static void write_health_table(struct ps_writer *w, const struct ps_health_table *table,
			       const struct ps_health_entry *kept)
{
	struct ps_subject subject = ps_subject(table->line, "%s", tables[table->kind]);
	size_t i;

	ps_write_open(w, tables[table->kind]);
	if (table->kind != PS_HEALTH_SYSTEM)
		ps_write_text(w, "TableName", table->name);
	if (table->partition != PS_NONE)
		ps_write_own(w, &subject, true, "PartitionNameRef",
			     w->model->partitions[table->partition].name, "no partition");
	ps_write_own(w, &subject, true, "Callback", table->callback, "none");
	for (i = 0; i < table->nr_members && !ps_write_pure(w); i++) {
		ps_write_open_own(w, "Member");
		ps_write_text(w, "PartitionNameRef",
			      w->model->partitions[table->members[i]].name);
		ps_write_close(w);
	}
	if (table->nr_members && ps_write_pure(w))
		ps_write_lost(w, &subject, "none", "of which partitions it is, is lost");
	for (i = 0; i < table->nr_entries; i++)
		write_health_entry(w, table, &table->entries[i], kept);
	ps_write_close(w);
}

void ps_write_health(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	struct ps_subject subject = ps_subject(m->nr_health ? m->health[0].line : 0,
					       "health monitor");
	const struct ps_health_entry *kept;
	size_t kind, i;

	if (!m->nr_health)
		return;
	if (w->dialect == PS_DIALECT_MUMU) {
		ps_write_lost(w, &subject, "no tables", "its tables (%zu) are lost",
			      m->nr_health);
		return;
	}
	kept = kept_state(m);
	ps_write_open(w, "HealthMonitoring");
	for (kind = 0; kind < NR(tables); kind++) {
		for (i = 0; i < m->nr_health; i++) {
			if (m->health[i].kind == kind)
				write_health_table(w, &m->health[i], kept);
		}
	}
	ps_write_close(w);
}
