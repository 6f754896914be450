// SPDX-License-Identifier: GPL-2.0
/*
 * health - health monitor tables as data
 */
#include "health.h"

#include <stdlib.h>

#include "alloc.h"

struct ps_health_entry *ps_health_add(struct ps_health_table *table)
{
	return ps_grow(&table->entries, &table->nr_entries, sizeof(struct ps_health_entry));
}

void ps_health_free(struct ps_health_table *table)
{
	size_t i;

	for (i = 0; i < table->nr_entries; i++) {
		free(table->entries[i].description);
		free(table->entries[i].state_description);
	}
	free(table->entries);
	free(table->members);
	free(table->name);
	free(table->callback);
}
