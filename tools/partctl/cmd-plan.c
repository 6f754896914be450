// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-plan - partctl plan: windows found, drawn, and written
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "alloc.h"
#include "cmd-check.h"
#include "draw.h"
#include "partctl.h"
#include "planner.h"
#include "save.h"
#include "xml.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* What came of a schedule. */
enum result {
	RESULT_KEPT,		/* it had all of its windows */
	RESULT_PLANNED,
	RESULT_NOT_FOUND,
	RESULT_IMPOSSIBLE,	/* proved */
};

static const char *const result_names[] = { "kept", "planned", "not-found", "impossible" };

/* Findings about windows: --replan throws the windows away, and so these. */
static const enum ps_rule window_rules[] = {
	PS_SHORT_WINDOW, PS_BEYOND_FRAME, PS_OVERLAP, PS_SHORT_GAP, PS_BUDGET, PS_SLACK,
	PS_CROSSES_PERIOD, PS_SAME_VCPU, PS_PERIOD_START, PS_SAME_WINDOW, PS_MOVING_VCPU,
};

static void still_at_work(int signal)
{
	static const char text[] = "partctl: still looking for windows\n";
	int kept = errno;

	(void)signal;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	errno = kept;
}

/* A sign of life, first after two seconds. */
static void set_progress(bool on)
{
	struct itimerval every = { { 5, 0 }, { on ? 2 : 0, 0 } };
	struct sigaction action = { .sa_handler = still_at_work, .sa_flags = SA_RESTART };

	if (on)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static bool is_window_rule(enum ps_rule rule)
{
	size_t i;

	for (i = 0; i < NR(window_rules); i++) {
		if (window_rules[i] == rule)
			return true;
	}
	return false;
}

static bool is_told(const struct ps_findings *all, const struct ps_finding *f)
{
	size_t i;

	for (i = 0; i < all->nr; i++) {
		if (all->list[i].rule == f->rule && all->list[i].line == f->line &&
		    !strcmp(all->list[i].object, f->object) &&
		    !strcmp(all->list[i].reason, f->reason))
			return true;
	}
	return false;
}

/* Add what is not told yet; without what is said of windows, if so wanted. */
static void merge(struct ps_findings *to, const struct ps_findings *from, bool windows)
{
	size_t i;

	for (i = 0; i < from->nr; i++) {
		const struct ps_finding *f = &from->list[i];

		if ((windows || !is_window_rule(f->rule)) && !is_told(to, f))
			ps_find(to, f->rule, f->line, f->object, f->advice, "%s", f->reason);
	}
	to->reached |= from->reached;
}

static enum result plan_one(struct ps_model *model, struct ps_schedule *schedule,
			    unsigned int flags, struct ps_findings *findings)
{
	size_t before = schedule->nr_windows;

	switch (ps_plan_schedule(model, schedule, flags, findings)) {
	case 0:
		return flags & PS_PLAN_ALL || schedule->nr_windows != before ? RESULT_PLANNED :
		       RESULT_KEPT;
	case PS_PLAN_IMPOSSIBLE:
		return RESULT_IMPOSSIBLE;
	default:
		return RESULT_NOT_FOUND;
	}
}

static void print_schedules(struct out *out, const struct ps_model *model,
			    const enum result *results)
{
	static const struct out_column columns[] = {
		{ "schedule_id", "SCHEDULE", true, false },
		{ "name", "NAME", false, false },
		{ "frame_ns", "FRAME-NS", true, false },
		{ "windows", "WINDOWS", true, false },
		{ "result", "RESULT", false, false },
	};
	size_t i;

	out_list(out, "schedules", "schedules", columns, NR(columns));
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		out_cell_u64(out, s->id);
		if (s->name)
			out_cell_text(out, s->name);
		else
			out_cell_none(out);
		out_cell_u64(out, s->frame_ns);
		out_cell_u64(out, s->nr_windows);
		out_cell_text(out, result_names[results[i]]);
		out_row(out);
	}
	out_list_end(out);
}

static void print_windows(struct out *out, const struct ps_model *model)
{
	static const struct out_column columns[] = {
		{ "schedule_id", "SCHEDULE", true, false },
		{ "window_id", "WINDOW", true, false },
		{ "partition_id", "ID", true, false },
		{ "partition", "PARTITION", false, false },
		{ "vcpu", "VCPU", true, false },
		{ "cpu", "CPU", true, false },
		{ "offset_ns", "OFFSET-NS", true, false },
		{ "duration_ns", "DURATION-NS", true, false },
	};
	size_t i, j, k;

	out_list(out, "windows", "windows", columns, NR(columns));
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		for (j = 0; j < s->nr_windows; j++) {
			const struct ps_window *w = &s->windows[j];
			const struct ps_partition *p = &model->partitions[w->partition];

			for (k = 0; k < p->nr_vcpus; k++) {
				if (!ps_window_opens(w, p->vcpus[k].index))
					continue;
				out_cell_u64(out, s->id);
				out_cell_u64(out, w->id);
				out_cell_u64(out, p->id);
				out_cell_text(out, p->name);
				out_cell_u64(out, p->vcpus[k].index);
				out_cell_u64(out, ps_window_cpu(w, &p->vcpus[k]));
				out_cell_u64(out, w->offset_ns);
				out_cell_u64(out, w->duration_ns);
				out_row(out);
			}
		}
	}
	out_list_end(out);
}

static void print_cpus(struct out *out, const struct ps_model *model)
{
	static const struct out_column columns[] = {
		{ "schedule_id", "SCHEDULE", true, false },
		{ "cpu", "CPU", true, false },
		{ "busy_ns", "BUSY-NS", true, false },
		{ "utilisation_ppm", "BUSY%", true, false },
	};
	size_t i, j, nr;

	out_list(out, "cpus", "CPUs", columns, NR(columns));
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];
		uint32_t *cpus = draw_cpus(model, s, &nr);

		for (j = 0; j < nr; j++) {
			uint64_t busy = draw_busy(model, s, cpus[j]);

			out_cell_u64(out, s->id);
			out_cell_u64(out, cpus[j]);
			out_cell_u64(out, busy);
			if (s->frame_ns)
				out_cell_ppm(out, (uint64_t)((unsigned __int128)busy * 1000000 /
							     s->frame_ns));
			else
				out_cell_none(out);
			out_row(out);
		}
		free(cpus);
	}
	out_list_end(out);
}

static int print_json(const struct ps_model *model, const enum result *results,
		      const struct ps_findings *findings)
{
	struct out *out = out_open(true, false);
	bool proof = false;
	size_t i;

	for (i = 0; model && i < model->nr_schedules; i++)
		proof |= results[i] == RESULT_IMPOSSIBLE;
	out_flag(out, "valid", NULL, !findings->errors);
	out_flag(out, "proved_impossible", NULL, proof);
	if (model) {
		print_schedules(out, model, results);
		print_windows(out, model);
		print_cpus(out, model);
	}
	print_findings_json(out, findings, 1);
	return out_flush(out);
}

static int print_text(const struct ps_model *model, const enum result *results)
{
	size_t kept = 0, i;
	int rc = 0;

	for (i = 0; i < model->nr_schedules; i++) {
		if (i)
			putchar('\n');
		rc |= draw_schedule(stdout, model, &model->schedules[i]);
		kept += results[i] == RESULT_KEPT;
	}
	if (kept && kept == model->nr_schedules)
		puts("\nThe file has all of its windows: none was planned (--replan plans them anew).");
	return rc || fflush(stdout) ? -1 : 0;
}

static int write_plan(const struct ps_model *model, enum ps_dialect dialect, const char *file,
		      const char *path, struct ps_findings *findings, struct ps_error *error)
{
	unsigned int flags = 0;
	char *text;
	int rc;

	/* relative paths count from the file in which they stand */
	if (path && !save_beside(file, path))
		flags |= PS_WRITE_ABSOLUTE;
	text = save_text(model, dialect, flags, findings);
	rc = save_file(path, text, error);
	free(text);
	return rc;
}

/* Plan all schedules and hold the result against all rules. */
static void plan_all(struct ps_model *model, unsigned int plan, unsigned int check,
		     enum result *results, struct ps_findings *findings)
{
	struct ps_findings judged;
	size_t i;

	set_progress(true);
	for (i = 0; i < model->nr_schedules; i++)
		results[i] = plan_one(model, &model->schedules[i], plan, findings);
	set_progress(false);
	if (findings->errors)
		return;
	ps_findings_init(&judged, findings->file);
	ps_model_check(model, check & ~PS_CHECK_UNPLANNED, &judged);
	merge(findings, &judged, true);
	ps_findings_free(&judged);
}

int cmd_plan(const struct verb *verb, int argc, char **argv)
{
	bool json = false, split = false, replan = false, no_slack = false;
	const char *to = NULL, *path = NULL;
	const struct option_spec specs[] = {
		{ "split", 0, NULL, &split },
		{ "replan", 0, NULL, &replan },
		{ "no-slack", 0, NULL, &no_slack },
		{ "to", 0, &to, NULL },
		{ "output", 'o', &path, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	unsigned int plan = 0, check = PS_CHECK_UNPLANNED | PS_CHECK_NO_FILES;
	enum ps_dialect dialect = PS_DIALECT_NATIVE, wanted = PS_DIALECT_NATIVE;
	struct ps_findings read, findings;
	enum result *results = NULL;
	struct ps_model *model;
	struct ps_error error;
	const char *file;
	int rc;

	file = argv[verb_options(verb, argc, argv, specs)];
	if (to)
		wanted = option_dialect(verb, to);
	if (to && !path && json)
		usage_error(verb, "--to writes to standard output, and so does -j: name a file by -o");
	plan |= split ? PS_PLAN_SPLIT : 0;
	plan |= replan ? PS_PLAN_ALL : 0;
	check |= no_slack ? PS_CHECK_NO_SLACK : 0;
	out_open(json, false);

	ps_findings_init(&read, file);
	ps_findings_init(&findings, file);
	model = ps_xml_check(file, check, &dialect, &read);
	merge(&findings, &read, !replan);
	ps_findings_free(&read);
	if (model && !findings.errors) {
		model->no_slack = no_slack;
		results = ps_calloc(model->nr_schedules, sizeof(*results));
		plan_all(model, plan, check, results, &findings);
	}
	rc = findings.errors ? PS_EXIT_CONFIG : PS_EXIT_DONE;
	error.exit = PS_EXIT_DONE;
	if (!rc && (to || path) &&
	    write_plan(model, to ? wanted : dialect, file, path, &findings, &error))
		rc = PS_EXIT_REFUSED;
	ps_findings_sort(&findings);
	if (error.exit)
		rc = fail_with(&error);
	else if (json && print_json(results ? model : NULL, results, &findings))
		rc = PS_EXIT_REFUSED;
	else if (!json && !rc && (path || !to) && print_text(model, results))
		rc = PS_EXIT_REFUSED;
	if (!json)
		print_findings_text(&findings);
	free(results);
	ps_model_free(model);
	ps_findings_free(&findings);
	return rc;
}
