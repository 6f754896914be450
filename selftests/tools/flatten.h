/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flatten - one way of saying what dialects may say in several
 */
#ifndef PS_FLATTEN_H
#define PS_FLATTEN_H

#include <stdlib.h>

#include "model.h"

/**
 * flatten() - let schedules say all that holds in them
 * @m: the model; for each partition each schedule has an entry then, and the
 *	partition itself says nothing of periods, rights and actions
 */
static inline void flatten(struct ps_model *m)
{
	size_t i, j;

	for (i = 0; i < m->nr_schedules; i++) {
		struct ps_schedule *s = &m->schedules[i];
		struct ps_schedule flat = { 0 };

		for (j = 0; j < m->nr_partitions; j++) {
			const struct ps_partition *p = &m->partitions[j];
			const struct ps_entry *old = ps_schedule_entry(s, j);
			struct ps_periodicity need = ps_periodicity(m, s, j);
			struct ps_entry *e = ps_schedule_add_entry(&flat);

			e->partition = j;
			e->period_ns = need.period_ns;
			e->duration_ns = need.duration_ns;
			e->set_schedule = p->set_schedule || (old && old->set_schedule);
			e->has_action = true;
			e->change_action = old && old->has_action ? old->change_action :
					   p->change_action;
		}
		free(s->entries);
		s->entries = flat.entries;
		s->nr_entries = flat.nr_entries;
		s->derived = false;
	}
	for (j = 0; j < m->nr_partitions; j++) {
		m->partitions[j].period_ns = 0;
		m->partitions[j].duration_ns = 0;
		m->partitions[j].set_schedule = false;
		m->partitions[j].change_action = PS_CHANGE_IGNORE;
	}
}

#endif /* PS_FLATTEN_H */
