// SPDX-License-Identifier: GPL-2.0
/*
 * check-effect - what is read and kept, but has no effect in this version
 *
 * One finding for a partition, with all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"

/* Things of one object, in words, with commas between. */
struct things {
	char text[256];
	size_t nr;
};

static void add(struct things *things, const char *thing)
{
	size_t used = strlen(things->text);

	snprintf(things->text + used, sizeof(things->text) - used, "%s%s",
		 things->nr++ ? ", " : "", thing);
}

static void tell(struct things *things, int line, const char *object,
		 struct ps_findings *findings)
{
	if (things->nr)
		ps_find(findings, PS_NOT_YET, line, object,
			"what the file says is kept for a later version; do not rely on it yet",
			"%s %s no effect in this version", things->text,
			things->nr == 1 ? "has" : "have");
}

static void check_partition(const struct ps_partition *p, struct ps_findings *findings)
{
	struct things things = { 0 };
	char object[PS_OBJECT];

	/* a guest of QEMU has no way to call them */
	if (p->launcher == PS_LAUNCHER_QEMU && p->services)
		add(&things, "Launcher=\"qemu\" with Services");
	ps_name_partition(object, p);
	tell(&things, p->line, object, findings);
}

void ps_effect_check(const struct ps_model *model, struct ps_findings *findings)
{
	size_t i;

	for (i = 0; i < model->nr_partitions; i++)
		check_partition(&model->partitions[i], findings);
}
