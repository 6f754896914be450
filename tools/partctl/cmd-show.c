// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-show - partctl show: the objects of the plan in force, one kind at a time
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "kernel.h"
#include "partctl.h"
#include "units.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* Which vCPUs: all, those of a partition, or one of it. */
struct selection {
	char *partition;	/* NULL: all */
	uint32_t vcpu;		/* PS_ALL_VCPUS: all of the partition */
};

/* A partition's name has no '/'. */
static struct selection select_vcpus(const struct verb *verb, const char *text)
{
	struct selection selection = { NULL, PS_ALL_VCPUS };
	char *slash;

	if (!text)
		return selection;
	selection.partition = ps_strdup(text);
	slash = strchr(selection.partition, '/');
	if (slash) {
		*slash = '\0';
		selection.vcpu = (uint32_t)option_u64(verb, "VCPU", slash + 1, 0,
						      PARTSCHED_MAX_VCPUS - 1);
	}
	return selection;
}

static bool is_selected(const struct selection *selection, const struct ps_vcpu_info *vcpu)
{
	return (!selection->partition || !strcmp(selection->partition, vcpu->partition)) &&
	       (selection->vcpu == PS_ALL_VCPUS || selection->vcpu == vcpu->vcpu);
}

static void cell_or_none(struct out *out, uint64_t value)
{
	if (value)
		out_cell_u64(out, value);
	else
		out_cell_none(out);
}

static size_t print_vcpus(struct out *out, const struct selection *selection,
			  const struct ps_vcpu_info *list, size_t nr)
{
	static const struct out_column columns[] = {
		{ "vcpu_id", "ID", true, false },
		{ "partition", "PARTITION", false, false },
		{ "vcpu", "VCPU", true, false },
		{ "cpu", "CPU", true, false },
		{ "tid", "TID", true, false },
		{ "comm", "", false, true },
		{ "state", "STATE", false, false },
		{ "priority", "PRIORITY", true, false },
		{ "opened", "OPENED", true, false },
		{ "inside_ns", "INSIDE-NS", true, false },
		{ "ready_ns", "READY-NS", true, false },
		{ "steal_ns", "STEAL-NS", true, false },
	};
	size_t i, shown = 0;

	out_list(out, "vcpus", NULL, columns, NR(columns));
	for (i = 0; i < nr; i++) {
		const struct ps_vcpu_info *v = &list[i];

		if (!is_selected(selection, v))
			continue;
		shown++;
		out_cell_u64(out, v->vcpu_id);
		out_cell_text(out, v->partition);
		out_cell_u64(out, v->vcpu);
		/* one that has no window in the schedule in force has no CPU */
		if (v->cpu == PS_NONE)
			out_cell_none(out);
		else
			out_cell_u64(out, v->cpu);
		cell_or_none(out, v->tid);
		out_cell_text(out, v->comm[0] ? v->comm : NULL);
		out_cell_text(out, ps_run_state_name(v->run_state));
		cell_or_none(out, v->priority);
		out_cell_u64(out, v->stats.opened);
		out_cell_u64(out, v->stats.inside_ns);
		out_cell_u64(out, v->stats.ready_ns);
		out_cell_u64(out, v->stats.steal_ns);
		out_row(out);
	}
	out_list_end(out);
	return shown;
}

/* Ask the module, and print what was selected. */
static int show_vcpus(struct out *out, const struct selection *selection, struct ps_error *error)
{
	struct ps_kernel *kernel = ps_kernel_open(error);
	struct ps_vcpu_info *list = NULL;
	struct ps_module_info info;
	size_t nr = 0;
	int rc = -1;

	if (!kernel)
		return -1;
	if (ps_kernel_module(kernel, &info, error))
		goto close;
	if (!info.has_plan) {
		ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			"no plan is in force; load one with: partctl load FILE");
		goto close;
	}
	if (ps_kernel_vcpus(kernel, &list, &nr, error))
		goto close;
	if (print_vcpus(out, selection, list, nr) || !selection->partition)
		rc = 0;
	else if (selection->vcpu == PS_ALL_VCPUS)
		ps_fail(error, PS_EXIT_REFUSED, ENOENT, "the plan has no partition \"%s\"",
			PS_SAFE(selection->partition));
	else
		ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			"the plan has no vCPU %u of a partition \"%s\"", selection->vcpu,
			PS_SAFE(selection->partition));
	free(list);
close:
	ps_kernel_close(kernel);
	return rc;
}

int cmd_show(const struct verb *verb, int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct selection selection;
	struct ps_error error;
	struct out *out;
	int arg, rc;

	arg = verb_options(verb, argc, argv, specs);
	if (strcmp(argv[arg], "vcpu"))
		usage_error(verb, "show: \"%s\" is nothing that can be shown; vcpu is",
			    PS_SAFE(argv[arg]));
	selection = select_vcpus(verb, argv[arg + 1]);
	out = out_open(json, false);
	rc = show_vcpus(out, &selection, &error);
	free(selection.partition);
	if (rc)
		return fail_with(&error);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}
