// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-status - partctl status: the plan in force, what each vCPU has got of it
 */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel-mode.h"
#include "partctl.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void cell_latency(struct out *out, const struct ps_latency *latency)
{
	if (!latency->count) {
		out_cell_none(out);
		out_cell_none(out);
		out_cell_none(out);
		return;
	}
	out_cell_u64(out, latency->min_ns);
	out_cell_u64(out, latency->avg_ns);
	out_cell_u64(out, latency->max_ns);
}

static void cell_stats(struct out *out, const struct ps_stats *stats)
{
	/* 128 bits: the product overflows 64 after five hours on the CPU */
	unsigned __int128 on_cpu = (unsigned __int128)stats->inside_ns + stats->outside_ns;

	out_cell_u64(out, stats->opened);
	out_cell_u64(out, stats->missed);
	out_cell_u64(out, stats->late);
	cell_latency(out, &stats->open);
	cell_latency(out, &stats->overrun);
	if (on_cpu)
		out_cell_ppm(out, (uint64_t)((unsigned __int128)stats->inside_ns * 1000000 /
					     on_cpu));
	else
		out_cell_none(out);
	out_cell_u64(out, stats->inside_ns);
	out_cell_u64(out, stats->outside_ns);
	out_cell_u64(out, stats->steal_ns);
	out_cell_u64(out, stats->theft_ns);
	out_cell_u64(out, stats->ready_ns);
	out_cell_u64(out, stats->overruns);
	out_cell_u64(out, stats->preempted);
	out_cell_u64(out, stats->preempted_max_ns);
}

#define STATS_COLUMNS(json)						\
	{ "opened", "OPENED", true, json },				\
	{ "missed", "MISSED", true, json },				\
	{ "late", "LATE", true, json },					\
	{ "open_latency_min_ns", "OPEN-MIN", true, json },		\
	{ "open_latency_avg_ns", "AVG", true, json },			\
	{ "open_latency_max_ns", "MAX", true, json },			\
	{ "close_overrun_min_ns", "OVERRUN-MIN", true, json },		\
	{ "close_overrun_avg_ns", "AVG", true, json },			\
	{ "close_overrun_max_ns", "MAX", true, json },			\
	{ "inside_ppm", "INSIDE%", true, json },			\
	{ "inside_ns", "INSIDE-NS", true, true },			\
	{ "outside_ns", "OUTSIDE-NS", true, json },			\
	{ "steal_ns", "STEAL-NS", true, json },				\
	{ "theft_ns", "THEFT-NS", true, json },				\
	{ "ready_ns", "READY-NS", true, json },				\
	{ "overruns", "OVERRUNS", true, json },				\
	{ "preempted", "PREEMPTED", true, json },			\
	{ "preempted_max_ns", "MAX", true, json }

/* What auto comes to is a CPU's own, and stands there. */
static void print_guard(struct out *out, uint64_t guard_ns)
{
	if (guard_ns == PS_GUARD_AUTO)
		out_text(out, "guard", "guard ns", "auto");
	else
		out_u64(out, "guard_ns", "guard ns", guard_ns);
}

/* For people only what there is to say; a clock that was never set is as it should be. */
static void print_clock(struct out *out, const struct ps_module_info *info)
{
	out_text(out, "clock", info->tai ? "clock" : NULL, info->tai ? "tai" : "monotonic");
	if (info->tai) {
		out_u64(out, "base_ns", "base ns", info->base_ns);
		out_s64(out, "clock_offset_ns", "clock offset", info->clock_offset_ns);
		out_s64(out, "grid_error_ns", "grid error ns", info->grid_error_ns);
		out_u64(out, "clock_steps", "clock steps", info->clock_steps);
		out_s64(out, "last_step_ns", info->clock_steps ? "last step ns" : NULL,
			info->last_step_ns);
	}
	out_u64(out, "nr_resumes", info->nr_resumes ? "resumes" : NULL, info->nr_resumes);
}

static void print_plan(struct out *out, const struct ps_module_info *info)
{
	out_text(out, "version", "module", info->version);
	out_u64(out, "generation", "generation", info->generation);
	out_flag(out, "plan", NULL, info->has_plan);
	out_u64(out, "threads", "threads", info->nr_threads);
	out_u64(out, "open_priority", "priority", info->open_priority);
	out_u64(out, "min_window_ns", "least window ns", info->min_window_ns);
	out_u64(out, "now_ns", NULL, info->now_ns);
	if (!info->has_plan) {
		out_say(out, "no plan is in force; load one with: partctl load FILE");
		return;
	}
	out_u64(out, "schedule_id", "schedule", info->schedule_id);
	if (info->schedule_name[0])
		out_text(out, "schedule_name", "name", info->schedule_name);
	out_u64(out, "major_frame_ns", "frame ns", info->frame_ns);
	out_u64(out, "epoch_ns", "epoch ns", info->epoch_ns);
	out_u64(out, "frame", "frame number", info->frame);
	out_u64(out, "slack_ppm", "slack ppm", info->slack_ppm);
	print_guard(out, info->guard_ns);
	out_u64(out, "next_schedule_id", info->next_epoch_ns ? "next schedule" : NULL,
		info->next_schedule_id);
	if (info->next_epoch_ns)
		out_u64(out, "next_epoch_ns", "next at ns", info->next_epoch_ns);
	out_u64(out, "last_change_ns", info->nr_changes ? "last change ns" : NULL,
		info->last_change_ns);
	out_u64(out, "nr_changes", info->nr_changes ? "changes" : NULL, info->nr_changes);
	print_clock(out, info);
}

static int print_partitions(struct out *out, struct ps_kernel *kernel, struct ps_error *error)
{
	static const struct out_column columns[] = {
		{ "id", "ID", true, false },
		{ "name", "PARTITION", false, false },
		{ "nr_vcpus", "VCPUS", true, false },
		{ "mode", "MODE", false, false },
		{ "halted", "HALTED", false, false },
		{ "start_condition", "LAST-START", false, false },
		{ "nr_starts", "STARTS", true, false },
		{ "nr_errors", "ERRORS", true, false },
		{ "supervised", "", false, true },
		{ "initialises", "", false, true },
		{ "quantum_ns", "", true, true },
		STATS_COLUMNS(true),
	};
	struct ps_partition_info *list;
	size_t nr, i;

	if (ps_kernel_partitions(kernel, &list, &nr, error))
		return -1;
	out_list(out, "partitions", "partitions", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		out_cell_u64(out, list[i].id);
		out_cell_text(out, list[i].name);
		out_cell_u64(out, list[i].nr_vcpus);
		out_cell_text(out, ps_mode_name(list[i].mode));
		out_cell_flag(out, list[i].halted);
		out_cell_text(out, list[i].nr_starts ?
			      ps_start_condition_name(list[i].start_condition) : NULL);
		out_cell_u64(out, list[i].nr_starts);
		out_cell_u64(out, list[i].nr_errors);
		out_cell_flag(out, list[i].supervised);
		out_cell_flag(out, list[i].initialises);
		out_cell_u64(out, list[i].quantum_ns);
		cell_stats(out, &list[i].stats);
		out_row(out);
	}
	out_list_end(out);
	free(list);
	return 0;
}

static int print_vcpus(struct out *out, struct ps_kernel *kernel, struct ps_error *error)
{
	static const struct out_column columns[] = {
		{ "partition", "PARTITION", false, false },
		{ "vcpu", "VCPU", true, false },
		{ "cpu", "CPU", true, false },
		{ "state", "STATE", false, false },
		{ "tid", "TID", true, false },
		{ "vcpu_id", "", true, true },
		{ "priority", "", true, true },
		{ "comm", "", false, true },
		{ "attach_state", "", false, true },
		{ "reason", "", false, true },
		STATS_COLUMNS(false),
		{ "preemptor", "BY", false, false },
		{ "preemptor_pid", "PID", true, false },
	};
	struct ps_vcpu_info *list;
	size_t nr, i;

	if (ps_kernel_vcpus(kernel, &list, &nr, error))
		return -1;
	out_list(out, "vcpus", "vCPUs", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		const struct ps_vcpu_info *v = &list[i];

		out_cell_text(out, v->partition);
		out_cell_u64(out, v->vcpu);
		if (v->cpu != PS_NONE)
			out_cell_u64(out, v->cpu);
		else
			out_cell_none(out);
		out_cell_text(out, ps_run_state_name(v->run_state));
		if (v->tid)
			out_cell_u64(out, v->tid);
		else
			out_cell_none(out);
		out_cell_u64(out, v->vcpu_id);
		out_cell_u64(out, v->priority);
		out_cell_text(out, v->comm[0] ? v->comm : NULL);
		out_cell_text(out, v->attach_state ? ps_attach_state_name(v->attach_state) : NULL);
		out_cell_text(out, v->reason[0] ? v->reason : NULL);
		cell_stats(out, &v->stats);
		out_cell_text(out, v->preemptor[0] ? v->preemptor : NULL);
		if (v->preemptor_pid)
			out_cell_u64(out, v->preemptor_pid);
		else
			out_cell_none(out);
		out_row(out);
	}
	out_list_end(out);
	free(list);
	return 0;
}

/* Those of the schedule in force: nothing happens to the others. */
static int print_windows(struct out *out, struct ps_kernel *kernel, uint32_t schedule_id,
			 struct ps_error *error)
{
	static const struct out_column columns[] = {
		{ "schedule_id", "SCHEDULE", true, false },
		{ "window_id", "WINDOW", true, false },
		{ "partition_id", "PARTITION", true, false },
		{ "vcpu", "VCPU", true, false },
		{ "cpu", "CPU", true, false },
		{ "offset_ns", "OFFSET-NS", true, false },
		{ "duration_ns", "DURATION-NS", true, false },
		{ "opened", "OPENED", true, false },
		{ "missed", "MISSED", true, false },
	};
	struct ps_window_info *list;
	size_t nr, i;

	if (ps_kernel_windows(kernel, &list, &nr, error))
		return -1;
	out_list(out, "windows", "windows", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		if (list[i].schedule_id != schedule_id)
			continue;
		out_cell_u64(out, list[i].schedule_id);
		out_cell_u64(out, list[i].window_id);
		out_cell_u64(out, list[i].partition_id);
		out_cell_u64(out, list[i].vcpu);
		out_cell_u64(out, list[i].cpu);
		out_cell_u64(out, list[i].offset_ns);
		out_cell_u64(out, list[i].duration_ns);
		out_cell_u64(out, list[i].opened);
		out_cell_u64(out, list[i].missed);
		out_row(out);
	}
	out_list_end(out);
	free(list);
	return 0;
}

static int print_cpus(struct out *out, struct ps_kernel *kernel, struct ps_error *error)
{
	static const struct out_column columns[] = {
		{ "cpu", "CPU", true, false },
		{ "edges", "EDGES", true, false },
		{ "missed", "MISSED", true, false },
		{ "slack_ppm", "SLACK%", true, false },
		{ "edge_latency_min_ns", "EDGE-MIN", true, false },
		{ "edge_latency_avg_ns", "AVG", true, false },
		{ "edge_latency_max_ns", "MAX", true, false },
		{ "guard_ns", "GUARD-NS", true, false },
		{ "guard_late", "LATE", true, false },
	};
	struct ps_cpu_info *list;
	size_t nr, i;

	if (ps_kernel_cpus(kernel, &list, &nr, error))
		return -1;
	out_list(out, "cpus", "CPUs", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		out_cell_u64(out, list[i].cpu);
		out_cell_u64(out, list[i].edges);
		out_cell_u64(out, list[i].missed);
		out_cell_ppm(out, list[i].slack_ppm);
		cell_latency(out, &list[i].edge);
		out_cell_u64(out, list[i].guard_ns);
		out_cell_u64(out, list[i].guard_late);
		out_row(out);
	}
	out_list_end(out);
	free(list);
	return 0;
}

int cmd_status(const struct verb *verb, int argc, char **argv)
{
	bool json = false, verbose = false;
	const struct option_spec specs[] = {
		{ "json", 'j', NULL, &json },
		{ "verbose", 'v', NULL, &verbose },
		{ 0 },
	};
	struct ps_module_info info;
	struct ps_kernel *kernel;
	struct ps_error error;
	struct out *out;
	int rc = PS_EXIT_DONE;

	verb_options(verb, argc, argv, specs);
	out = out_open(json, false);
	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	if (ps_kernel_module(kernel, &info, &error))
		goto fail;
	print_plan(out, &info);
	if (info.has_plan) {
		/* programs get the whole; people the short form unless they ask */
		if (((json || verbose) && print_partitions(out, kernel, &error)) ||
		    print_vcpus(out, kernel, &error) ||
		    ((json || verbose) && (print_windows(out, kernel, info.schedule_id, &error) ||
					   print_cpus(out, kernel, &error))))
			goto fail;
	}
	if (out_flush(out))
		rc = PS_EXIT_REFUSED;
	ps_kernel_close(kernel);
	return rc;

fail:
	ps_kernel_close(kernel);
	return fail_with(&error);
}
