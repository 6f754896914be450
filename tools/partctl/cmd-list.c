// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-list - partctl list: partitions, their modes and their launchers
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "kernel-mode.h"
#include "partctl.h"
#include "process.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* Whose threads it has: the launcher that load has started, or somebody else's. */
static pid_t process_of(const char *name, const struct guests *guests,
			const struct ps_vcpu_info *vcpus, size_t nr)
{
	const struct guest *guest = guests_find(guests, name);
	size_t i;

	if (guest)
		return guest->pid;
	for (i = 0; i < nr; i++) {
		if (vcpus[i].tid && !strcmp(vcpus[i].partition, name))
			return process_of_thread((pid_t)vcpus[i].tid);
	}
	return 0;
}

static void print(struct out *out, const struct ps_partition_info *list, size_t nr,
		  const struct guests *guests, const struct ps_vcpu_info *vcpus, size_t nr_vcpus)
{
	static const struct out_column columns[] = {
		{ "name", "PARTITION", false, false },
		{ "id", "ID", true, false },
		{ "nr_vcpus", "VCPUS", true, false },
		{ "mode", "MODE", false, false },
		{ "halted", "HALTED", false, false },
		{ "pid", "PID", true, false },
		{ "nr_starts", "STARTS", true, false },
		{ "start_condition", "LAST-START", false, false },
		{ "nr_errors", "ERRORS", true, false },
		{ "supervised", "SUPERVISED", false, false },
		{ "initialises", "", false, true },
		{ "restart_limit", "", true, true },
		{ "restart_period_ns", "", true, true },
		{ "steal_limit_ns", "", true, true },
	};
	size_t i;

	out_list(out, "partitions", "partitions", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		const struct ps_partition_info *p = &list[i];
		pid_t pid = process_of(p->name, guests, vcpus, nr_vcpus);

		out_cell_text(out, p->name);
		out_cell_u64(out, p->id);
		out_cell_u64(out, p->nr_vcpus);
		out_cell_text(out, ps_mode_name(p->mode));
		out_cell_flag(out, p->halted);
		if (pid)
			out_cell_u64(out, (uint64_t)pid);
		else
			out_cell_none(out);
		out_cell_u64(out, p->nr_starts);
		out_cell_text(out, p->nr_starts ? ps_start_condition_name(p->start_condition) :
			      NULL);
		out_cell_u64(out, p->nr_errors);
		out_cell_flag(out, p->supervised);
		out_cell_flag(out, p->initialises);
		out_cell_u64(out, p->restart_limit);
		out_cell_u64(out, p->restart_period_ns);
		out_cell_u64(out, p->steal_limit_ns);
		out_row(out);
	}
	out_list_end(out);
}

int cmd_list(const struct verb *verb, int argc, char **argv)
{
	bool json = false, listed = false;
	const struct option_spec specs[] = {
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_partition_info *list = NULL;
	struct ps_vcpu_info *vcpus = NULL;
	struct guests guests = { 0 };
	struct ps_module_info info;
	struct ps_kernel *kernel;
	struct ps_error error;
	size_t nr, nr_vcpus;
	struct out *out;
	int rc;

	verb_options(verb, argc, argv, specs);
	out = out_open(json, false);
	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	if (!ps_kernel_module(kernel, &info, &error) && !info.has_plan)
		ps_fail(&error, PS_EXIT_REFUSED, ENOENT,
			"no plan is in force; load one with: partctl load FILE");
	else if (info.has_plan && !ps_kernel_partitions(kernel, &list, &nr, &error))
		listed = !ps_kernel_vcpus(kernel, &vcpus, &nr_vcpus, &error);
	if (listed) {
		guests_running(&guests);
		print(out, list, nr, &guests, vcpus, nr_vcpus);
		rc = out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
	} else {
		rc = fail_with(&error);
	}
	guests_free(&guests);
	free(vcpus);
	free(list);
	ps_kernel_close(kernel);
	return rc;
}
