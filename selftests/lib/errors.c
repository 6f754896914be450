// SPDX-License-Identifier: GPL-2.0
#include "errors.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

void errors_do(struct ps_model *model, size_t partition, uint32_t source,
	       enum ps_recovery action)
{
	struct ps_health_table *table = ps_model_add_health(model);
	struct ps_health_entry *entry;

	table->kind = PS_HEALTH_SYSTEM;
	entry = ps_health_add(table);
	entry->error = 100 + source;
	entry->level = PS_ERROR_PARTITION;
	entry->sources = 1U << source;
	table = ps_model_add_health(model);
	table->kind = PS_HEALTH_PARTITION;
	table->partition = (uint32_t)partition;
	entry = ps_health_add(table);
	entry->error = 100 + source;
	entry->action = action;
}

uint64_t errors_last(struct ps_kernel *kernel)
{
	struct ps_hm_entry *list;
	uint64_t last;
	size_t nr;

	if (ps_kernel_hm_log(kernel, &list, &nr, NULL))
		return 0;
	last = nr ? list[nr - 1].seq : 0;
	free(list);
	return last;
}

size_t errors_find(struct ps_kernel *kernel, uint64_t after, const char *partition,
		   uint32_t source, struct ps_hm_entry *entry)
{
	struct ps_hm_entry *list;
	size_t nr, i, found = 0;

	if (ps_kernel_hm_log(kernel, &list, &nr, NULL))
		return 0;
	for (i = 0; i < nr; i++) {
		if (list[i].seq <= after || list[i].source != source ||
		    strcmp(list[i].partition, partition))
			continue;
		if (!found++)
			*entry = list[i];
	}
	free(list);
	return found;
}
