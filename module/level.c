// SPDX-License-Identifier: GPL-2.0
/*
 * Levels. See level.h.
 */
#include "level.h"

/* Whether no vCPU before this one shares windows at its priority. */
static bool first_of_priority(const struct ps_level *levels, u32 index)
{
	u32 i;

	for (i = 0; i < index; i++)
		if (levels[i].shares &&
		    levels[i].priority == levels[index].priority)
			return false;
	return true;
}

/**
 * ps_levels_rank() - rank the vCPUs of a partition
 * @levels: theirs, with priorities and who shares windows
 * @nr: how many
 * @quantum_ns: the partition's, 0: equals do not take turns
 *
 * Return: the number of ranks; 0 if nobody shares a window.
 */
u32 ps_levels_rank(struct ps_level *levels, u32 nr, u64 quantum_ns)
{
	u32 ranks = 0, i, j;

	for (i = 0; i < nr; i++) {
		struct ps_level *level = &levels[i];

		level->rank = level->shares;
		level->quantum_ns = 0;
		if (!level->shares)
			continue;
		if (first_of_priority(levels, i))
			ranks++;
		for (j = 0; j < nr; j++) {
			if (j == i || !levels[j].shares)
				continue;
			if (levels[j].priority > level->priority)
				level->rank += first_of_priority(levels, j);
			else if (levels[j].priority == level->priority)
				level->quantum_ns = quantum_ns;
		}
	}
	return ranks;
}
