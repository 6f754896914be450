// SPDX-License-Identifier: GPL-2.0
/*
 * The health monitor tables of a plan: which error has which level and action.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "plan-health.h"

/**
 * ps_hm_copy() - give a plan the tables that were staged
 * @to: zeroed
 * @from: staged
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ps_hm_copy(struct ps_hm *to, const struct ps_hm *from)
{
	*to = *from;
	to->rows = NULL;
	to->room = from->nr_rows;
	if (!from->nr_rows)
		return 0;
	to->rows = kvmalloc_array(from->nr_rows, sizeof(*to->rows),
				  GFP_KERNEL_ACCOUNT);
	if (!to->rows)
		return -ENOMEM;
	memcpy(to->rows, from->rows, from->nr_rows * sizeof(*to->rows));
	return 0;
}

/**
 * ps_hm_free() - free tables
 * @hm: the tables; not freed themselves
 *
 * Context: may sleep.
 */
void ps_hm_free(struct ps_hm *hm)
{
	kvfree(hm->rows);
}

static bool row_equal(const struct ps_hm_row *a, const struct ps_hm_row *b)
{
	return a->id == b->id && a->level == b->level &&
	       a->states == b->states && a->action == b->action &&
	       a->code == b->code && a->common == b->common &&
	       a->partition_id == b->partition_id;
}

/**
 * ps_hm_equal() - whether two plans have the same tables
 * @a: one's
 * @b: the other's
 */
bool ps_hm_equal(const struct ps_hm *a, const struct ps_hm *b)
{
	u32 i;

	if (a->nr_rows != b->nr_rows || a->known != b->known ||
	    memcmp(a->ids, b->ids, sizeof(a->ids)))
		return false;
	for (i = 0; i < a->nr_rows; i++)
		if (!row_equal(&a->rows[i], &b->rows[i]))
			return false;
	return true;
}

/**
 * ps_hm_find() - what is to be done about an error
 * @hm: the tables
 * @id: ErrorIdentifier
 * @partition_id: whose error it is
 * @state: enum partsched_error_state, the one that the partition is in
 *
 * Return: the partition's row, else the one for all, or NULL.
 */
const struct ps_hm_row *ps_hm_find(const struct ps_hm *hm, u32 id,
				   u32 partition_id, u32 state)
{
	const struct ps_hm_row *common = NULL;
	u32 i;

	for (i = 0; i < hm->nr_rows; i++) {
		const struct ps_hm_row *row = &hm->rows[i];

		if (row->id != id || !(row->states & state))
			continue;
		if (row->common)
			common = row;
		else if (row->partition_id == partition_id)
			return row;
	}
	return common;
}
