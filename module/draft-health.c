// SPDX-License-Identifier: GPL-2.0
/*
 * The health monitor tables of a draft, as they are staged.
 */
#include <linux/errno.h>

#include "draft.h"

/**
 * ps_draft_same_error() - a staged row that another one contradicts
 * @draft: the draft
 * @row: the other one
 *
 * Return: a row about the same error, of the same partition or of all, in one
 * of the same states; or NULL.
 */
const struct ps_hm_row *ps_draft_same_error(const struct ps_draft *draft,
					    const struct ps_hm_row *row)
{
	u32 i;

	for (i = 0; i < draft->hm.nr_rows; i++) {
		const struct ps_hm_row *other = &draft->hm.rows[i];

		if (other->id == row->id && other->states & row->states &&
		    other->common == row->common &&
		    other->partition_id == row->partition_id)
			return other;
	}
	return NULL;
}

/**
 * ps_draft_add_error() - stage a row
 * @draft: the draft, with fewer than PARTSCHED_MAX_ERRORS
 * @row: copied
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ps_draft_add_error(struct ps_draft *draft, const struct ps_hm_row *row)
{
	struct ps_hm *hm = &draft->hm;

	if (ps_draft_grow((void **)&hm->rows, hm->nr_rows, 1, &hm->room,
			  sizeof(*hm->rows)))
		return -ENOMEM;
	hm->rows[hm->nr_rows++] = *row;
	return 0;
}
