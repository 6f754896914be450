// SPDX-License-Identifier: GPL-2.0
/*
 * check-effect - what is read and kept, but has no effect in this version
 *
 * One finding for a partition, a schedule and the module each, with all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"

/* Things of one object, in words: "Services, SetModuleSchedule". */
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

static void check_partition(const struct ps_partition *p, bool kicked,
			    struct ps_findings *findings)
{
	struct things things = { 0 };
	char object[PS_OBJECT];

	/* with another launcher these are a mistake, which is told as such */
	if (p->launcher == PS_LAUNCHER_QEMU) {
		add(&things, "Launcher=\"qemu\"");
		if (p->kernel)
			add(&things, "Kernel");
		if (p->initrd)
			add(&things, "Initrd");
		if (p->command_line)
			add(&things, "CommandLine");
	}
	if (p->services)
		add(&things, "Services");
	if (p->set_schedule)
		add(&things, "SetModuleSchedule");
	if (p->change_action != PS_CHANGE_IGNORE)
		add(&things, "ScheduleChangeAction");
	if (kicked)
		add(&things, "Kick of a channel to it");
	ps_name_partition(object, p);
	tell(&things, p->line, object, findings);
}

static void check_schedule(const struct ps_schedule *s, struct ps_findings *findings)
{
	bool set = false, action = false;
	struct things things = { 0 };
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < s->nr_entries; i++) {
		set |= s->entries[i].set_schedule;
		action |= s->entries[i].has_action &&
			  s->entries[i].change_action != PS_CHANGE_IGNORE;
	}
	if (set)
		add(&things, "SetModuleSchedule");
	if (action)
		add(&things, "ScheduleChangeAction");
	ps_name_schedule(object, s);
	tell(&things, s->line, object, findings);
}

void ps_effect_check(const struct ps_model *model, struct ps_findings *findings)
{
	bool *kicked = ps_calloc(model->nr_partitions, sizeof(*kicked));
	struct things things = { 0 };
	size_t i, j;

	for (i = 0; i < model->nr_channels; i++) {
		for (j = 0; j < model->channels[i].nr_destinations; j++) {
			const struct ps_end *end = &model->channels[i].destinations[j];

			if (end->kick != PS_KICK_NONE && end->partition < model->nr_partitions)
				kicked[end->partition] = true;
		}
	}
	if (model->time_base == PS_TIME_TAI)
		add(&things, "TimeBase=\"tai\"");
	tell(&things, model->line, "module", findings);
	for (i = 0; i < model->nr_partitions; i++)
		check_partition(&model->partitions[i], kicked[i], findings);
	for (i = 0; i < model->nr_schedules; i++)
		check_schedule(&model->schedules[i], findings);
	free(kicked);
}
