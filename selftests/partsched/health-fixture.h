/* SPDX-License-Identifier: GPL-2.0 */
/*
 * health-fixture - the fixture of operate-fixture.h, with tables and the log
 */
#ifndef TEST_PARTSCHED_HEALTH_H
#define TEST_PARTSCHED_HEALTH_H

#include "operate-fixture.h"

#define IDLE	PARTSCHED_MODE_IDLE
#define COLDST	PARTSCHED_MODE_COLD_START
#define WARMST	PARTSCHED_MODE_WARM_START
#define NORMAL	PARTSCHED_MODE_NORMAL

#define SOURCES	PARTSCHED_ERROR_START

/* The identifier of all sources in the plans below. */
#define ANY_ERROR	77

/*
 * What is done about the errors of a source in "a" while it runs, and about no
 * others: a machine that emulates CPUs may miss a window at any time, and a
 * launcher that starts a guest be in the kernel when its window ends.
 */
static inline void do_always(struct operate_plan *plan, struct operate_row *row,
			     uint32_t source, uint32_t level, uint32_t action)
{
	*row = (struct operate_row){ ANY_ERROR, level, PARTSCHED_STATE_NORMAL, action, 0, 1 };
	memset(plan->ids, 0, sizeof(plan->ids));
	/* what has no source has an identifier already */
	if (source != PARTSCHED_ERROR_OTHER)
		plan->ids[source] = ANY_ERROR;
	plan->rows = row;
	plan->nr_rows = 1;
	/* none */
	plan->has_limit = true;
}

/* An entry of a source after @seq. */
static inline bool found_after(struct operator *op, uint64_t seq, uint32_t source,
			       struct operate_error *error)
{
	struct operate_error entries[64];
	size_t nr = operate_log(op, entries, ARRAY_SIZE(entries), seq);

	for (size_t i = 0; i < nr && i < ARRAY_SIZE(entries); i++)
		if (entries[i].source == source) {
			*error = entries[i];
			return true;
		}
	return false;
}

/* Entries after @seq, but for those of which a machine has some by itself. */
static inline size_t raised_after(struct operator *op, struct operate_error *errors, size_t max,
				  uint64_t seq)
{
	struct operate_error entries[64];
	size_t nr = operate_log(op, entries, ARRAY_SIZE(entries), seq), found = 0;

	for (size_t i = 0; i < nr && i < ARRAY_SIZE(entries); i++) {
		if (entries[i].source >= PARTSCHED_ERROR_OVERRUN &&
		    entries[i].source <= PARTSCHED_ERROR_STEAL)
			continue;
		if (found < max)
			errors[found] = entries[i];
		found++;
	}
	return found;
}

static inline uint64_t starts_of(struct operator *op, const char *partition)
{
	struct operate_info info;

	return operate_info(op, partition, &info) ? info.starts : 0;
}

static inline uint32_t condition_of(struct operator *op, const char *partition)
{
	struct operate_info info;

	return operate_info(op, partition, &info) ? info.condition : 0;
}

#endif /* TEST_PARTSCHED_HEALTH_H */
