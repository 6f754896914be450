// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-schedule - partctl schedule: the schedules of the plan, and a change
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "partctl.h"
#include "units.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* How long a change may take beyond its instant. */
#define WAIT_NS 10000000000ULL

struct schedules {
	struct ps_module_info info;
	struct ps_schedule_info *list;
	size_t nr;
};

static int read_schedules(struct ps_kernel *kernel, struct schedules *s, struct ps_error *error)
{
	if (ps_kernel_module(kernel, &s->info, error))
		return -1;
	if (!s->info.has_plan)
		return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			       "no plan is in force; load one with: partctl load FILE");
	return ps_kernel_schedules(kernel, &s->list, &s->nr, error);
}

static const char *name_of(const struct schedules *s, uint32_t id)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->list[i].id == id && s->list[i].name[0])
			return s->list[i].name;
	return NULL;
}

static int show(struct out *out, const struct schedules *s)
{
	static const struct out_column columns[] = {
		{ "id", "ID", true, false },
		{ "name", "NAME", false, false },
		{ "major_frame_ns", "FRAME-NS", true, false },
		{ "nr_windows", "WINDOWS", true, false },
		{ "initial", "INITIAL", false, false },
		{ "current", "CURRENT", false, false },
		{ "next", "NEXT", false, false },
	};
	const struct ps_module_info *info = &s->info;
	const char *name = name_of(s, info->schedule_id);
	size_t i;

	out_u64(out, "schedule_id", "schedule", info->schedule_id);
	if (name)
		out_text(out, "schedule_name", "name", name);
	out_u64(out, "epoch_ns", "since ns", info->epoch_ns);
	out_u64(out, "next_schedule_id", "next", info->next_schedule_id);
	if (info->next_epoch_ns)
		out_u64(out, "next_epoch_ns", "next at ns", info->next_epoch_ns);
	out_u64(out, "last_change_ns", "last change ns", info->last_change_ns);
	out_u64(out, "nr_changes", "changes", info->nr_changes);
	out_u64(out, "now_ns", NULL, info->now_ns);
	out_list(out, "schedules", "schedules", columns, NR(columns));
	for (i = 0; i < s->nr; i++) {
		const struct ps_schedule_info *schedule = &s->list[i];

		out_cell_u64(out, schedule->id);
		out_cell_text(out, schedule->name[0] ? schedule->name : NULL);
		out_cell_u64(out, schedule->frame_ns);
		out_cell_u64(out, schedule->nr_windows);
		out_cell_flag(out, schedule->initial);
		out_cell_flag(out, schedule->current);
		out_cell_flag(out, info->next_epoch_ns && schedule->id == info->next_schedule_id);
		out_row(out);
	}
	out_list_end(out);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

/* An identifier of the plan's, else a name, else an identifier that it has not. */
static int find(const struct schedules *s, const char *text, uint32_t *id, struct ps_error *error)
{
	bool number, found = false;
	uint64_t value;
	size_t i;

	number = ps_read_u64(text, 0, UINT32_MAX, &value, NULL) == PS_UNIT_OK;
	if (number) {
		*id = (uint32_t)value;
		for (i = 0; i < s->nr; i++)
			if (s->list[i].id == *id)
				return 0;
	}
	for (i = 0; i < s->nr; i++) {
		if (strcmp(s->list[i].name, text))
			continue;
		if (found)
			return ps_fail(error, PS_EXIT_REFUSED, EINVAL,
				       "\"%s\" is the name of two schedules: give the identifier",
				       PS_SAFE(text));
		*id = s->list[i].id;
		found = true;
	}
	if (found || number)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
		       "the plan in force has no schedule \"%s\"; see: partctl schedule",
		       PS_SAFE(text));
}

static int change(struct out *out, struct ps_kernel *kernel, const struct schedules *s,
		  uint32_t id, bool wait, struct ps_error *error)
{
	const char *name = name_of(s, id), *verb = "comes";
	struct ps_change_result result = { 0 };

	if (ps_kernel_change_schedule(kernel, id, &result, error))
		return error->exit;
	if (wait && ps_kernel_wait_schedule(kernel, id, result.epoch_ns, WAIT_NS, error))
		return error->exit;
	/* asked for what is in force, so that a change was taken back */
	if (wait || result.epoch_ns <= s->info.now_ns)
		verb = "came";
	out_u64(out, "schedule_id", NULL, id);
	if (name)
		out_text(out, "schedule_name", NULL, name);
	out_u64(out, "epoch_ns", NULL, result.epoch_ns);
	out_flag(out, "no_action", NULL, result.no_action);
	if (result.no_action)
		out_say(out, "schedule %" PRIu32 "%s%s is in force already", id, name ? " " : "",
			name ? PS_SAFE(name) : "");
	else
		out_say(out, "schedule %" PRIu32 "%s%s %s into force at %" PRIu64 " ns", id,
			name ? " " : "", name ? PS_SAFE(name) : "", verb, result.epoch_ns);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

int cmd_schedule(const struct verb *verb, int argc, char **argv)
{
	bool json = false, wait = false;
	const struct option_spec specs[] = {
		{ "json", 'j', NULL, &json },
		{ "wait", 'w', NULL, &wait },
		{ 0 },
	};
	struct schedules schedules = { .list = NULL };
	int first = verb_options(verb, argc, argv, specs), rc;
	struct ps_kernel *kernel;
	struct ps_error error = { .exit = PS_EXIT_DONE };
	struct out *out;
	uint32_t id = 0;

	if (wait && first == argc)
		usage_error(verb, "--wait: for which schedule?");
	out = out_open(json, false);
	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	if (read_schedules(kernel, &schedules, &error))
		rc = error.exit;
	else if (first == argc)
		rc = show(out, &schedules);
	else if (find(&schedules, argv[first], &id, &error))
		rc = error.exit;
	else
		rc = change(out, kernel, &schedules, id, wait, &error);
	if (error.exit != PS_EXIT_DONE)
		rc = fail_with(&error);
	free(schedules.list);
	ps_kernel_close(kernel);
	return rc;
}
