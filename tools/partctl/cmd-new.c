// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-new - partctl new, open: a partition at run time, and a guest for it
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "dialect.h"
#include "edit.h"
#include "free-time.h"
#include "partctl.h"
#include "state.h"
#include "units.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* The least identifier that no partition has. */
static uint32_t free_id(const struct ps_model *model)
{
	uint32_t id = 1;

	while (ps_model_index(model, id) >= 0)
		id++;
	return id;
}

/* "1,2": a vCPU on each. */
static void add_cpus(const struct verb *verb, struct ps_partition *p, const char *list)
{
	char *copy = ps_strdup(list), *rest = copy, *one;

	while ((one = strsep(&rest, ", "))) {
		struct ps_vcpu *v;

		if (!*one)
			continue;
		if (p->nr_vcpus == PARTSCHED_MAX_VCPUS)
			usage_error(verb, "--cpus: more than %d", PARTSCHED_MAX_VCPUS);
		v = ps_partition_add_vcpu(p);
		v->index = (uint32_t)p->nr_vcpus - 1;
		v->cpu = (uint32_t)option_u64(verb, "--cpus", one, 0, PS_MAX_CPU);
	}
	free(copy);
	if (!p->nr_vcpus)
		usage_error(verb, "--cpus: \"%s\" names no CPU", PS_SAFE(list));
	p->cores_given = true;
}

/* All windows of another partition, which has none from now on. */
static int take_windows(struct ps_model *model, uint32_t from, uint32_t to, bool own_cpus,
			struct ps_error *error)
{
	const struct ps_partition *spare = &model->partitions[from];
	struct ps_partition *p = &model->partitions[to];
	size_t taken = 0, i, k;

	for (i = 0; i < model->nr_schedules; i++) {
		for (k = 0; k < model->schedules[i].nr_windows; k++) {
			struct ps_window *w = &model->schedules[i].windows[k];

			if (w->partition != from)
				continue;
			w->partition = to;
			taken++;
		}
	}
	if (!taken)
		return ps_fail(error, PS_EXIT_REFUSED, ENOENT, "partition \"%s\": has no windows to give",
			       PS_SAFE(spare->name));
	for (i = 0; !own_cpus && i < spare->nr_vcpus; i++)
		*ps_partition_add_vcpu(p) = spare->vcpus[i];
	p->cores_given = true;
	return 0;
}

/* Whose windows it has is remembered for the day when it is killed. */
static void remember(const char *name, const char *spare)
{
	char *path = state_path(name, ".new");
	FILE *file;

	unlink(path);
	file = fopen(path, "wxe");
	if (!file || fputs(spare ? spare : "", file) == EOF)
		fprintf(stderr, "partctl: %s: %s; killing the partition will leave it in the plan\n",
			PS_SAFE(path), strerror(errno));
	if (file)
		fclose(file);
	free(path);
}

/* Is a launcher of the spare partition's at work in the windows that are wanted? */
static int find_spare(struct edit *edit, const char *name, uint32_t *spare, struct ps_error *error)
{
	long index = ps_model_find(edit->model, name);
	struct ps_vcpu_info *vcpus;
	bool threads = false;
	size_t nr, i;

	if (index < 0)
		return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			       "partition \"%s\": none of this name is in the plan in force",
			       PS_SAFE(name));
	*spare = (uint32_t)index;
	if (ps_kernel_vcpus(edit->kernel, &vcpus, &nr, error))
		return -1;
	for (i = 0; i < nr; i++)
		threads |= vcpus[i].tid && !strcmp(vcpus[i].partition, name);
	free(vcpus);
	if (threads)
		return ps_fail(error, PS_EXIT_REFUSED, EBUSY,
			       "partition \"%s\": its guest runs in these windows; end it with: partctl kill",
			       PS_SAFE(name));
	return 0;
}

struct wish {
	const char *name;
	const char *spare;
	const char *cpus;
	uint64_t memory;
};

static int make(const struct verb *verb, struct edit *edit, const struct wish *wish,
		struct ps_error *error)
{
	struct ps_partition *p;
	uint32_t spare = PS_NONE, id;

	if (ps_model_find(edit->model, wish->name) >= 0)
		return ps_fail(error, PS_EXIT_REFUSED, EEXIST,
			       "partition \"%s\": is there already", PS_SAFE(wish->name));
	if (wish->spare && find_spare(edit, wish->spare, &spare, error))
		return -1;
	id = free_id(edit->model);
	p = ps_model_add_partition(edit->model);
	p->id = id;
	p->name = ps_strdup(wish->name);
	p->memory = wish->memory;
	if (wish->cpus)
		add_cpus(verb, p, wish->cpus);
	if (wish->spare)
		return take_windows(edit->model, spare, (uint32_t)edit->model->nr_partitions - 1,
				    wish->cpus, error);
	return free_time_take(edit->model, edit->model->nr_partitions - 1, edit->no_slack, error);
}

static void report(struct out *out, const struct ps_model *model, size_t partition)
{
	static const struct out_column columns[] = {
		{ "schedule_id", "SCHEDULE", true, false },
		{ "offset_ns", "OFFSET-NS", true, false },
		{ "duration_ns", "DURATION-NS", true, false },
	};
	const struct ps_partition *p = &model->partitions[partition];
	size_t i, k;

	out_text(out, "partition", "partition", p->name);
	out_u64(out, "id", "id", p->id);
	out_u64(out, "memory", "memory", p->memory);
	out_u64(out, "nr_vcpus", "vcpus", p->nr_vcpus);
	out_list(out, "windows", "windows", columns, NR(columns));
	for (i = 0; i < model->nr_schedules; i++) {
		for (k = 0; k < model->schedules[i].nr_windows; k++) {
			const struct ps_window *w = &model->schedules[i].windows[k];

			if (w->partition != partition)
				continue;
			out_cell_u64(out, model->schedules[i].id);
			out_cell_u64(out, w->offset_ns);
			out_cell_u64(out, w->duration_ns);
			out_row(out);
		}
	}
	out_list_end(out);
}

static uint64_t read_memory(const struct verb *verb, const char *text)
{
	const struct ps_attr *attr = ps_guest_attrs;
	enum ps_unit unit;
	uint64_t bytes;

	while (strcmp(attr->name, "Memory"))
		attr++;
	if (!text)
		return PS_DEFAULT_MEMORY;
	unit = ps_read_size(text, attr->min, attr->max, &bytes, NULL);
	if (unit || bytes % 4096)
		usage_error(verb, "--memory: \"%s\" %s; bytes from %" PRIu64 " to %" PRIu64
			    " are wanted, a multiple of 4096; K, M or G may follow",
			    PS_SAFE(text), unit ? ps_unit_reason(unit) : "is no multiple of 4096",
			    attr->min, attr->max);
	return bytes;
}

int cmd_new(const struct verb *verb, int argc, char **argv)
{
	const char *memory = NULL;
	struct wish wish = { 0 };
	struct edit edit = { 0 };
	bool json = false;
	const struct option_spec specs[] = {
		{ "memory", 'm', &memory, NULL },
		{ "cpus", 'c', &wish.cpus, NULL },
		{ "windows-of", 0, &wish.spare, NULL },
		{ "no-slack", 0, NULL, &edit.no_slack },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_error error;
	struct out *out;
	int rc;

	wish.name = argv[verb_options(verb, argc, argv, specs)];
	wish.memory = read_memory(verb, memory);
	if (!wish.cpus && !wish.spare)
		usage_error(verb, "new: say on which CPUs (--cpus), or whose windows it gets (--windows-of)");
	out = out_open(json, false);
	if (edit_begin(&edit, &error) || make(verb, &edit, &wish, &error) ||
	    edit_commit(&edit, &error)) {
		rc = fail_with(&error);
	} else {
		remember(wish.name, wish.spare);
		report(out, edit.model, (size_t)ps_model_find(edit.model, wish.name));
		rc = out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
	}
	edit_end(&edit);
	return rc;
}

/* End what runs in a partition, and have the plan say what is to run there. */
static int replace_guest(struct edit *edit, const char *name, const char *binary,
			 size_t *partition, struct ps_error *error)
{
	long index = ps_model_find(edit->model, name);
	struct guests running, stop = { 0 };
	struct ps_partition *p;
	struct guest *guest;
	int rc = 0;

	if (index < 0)
		return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			       "partition \"%s\": none of this name is in the plan in force",
			       PS_SAFE(name));
	p = &edit->model->partitions[index];
	if (p->launcher != PS_LAUNCHER_PARTVM)
		return ps_fail(error, PS_EXIT_REFUSED, EINVAL,
			       "partition \"%s\": is none that partvm runs", PS_SAFE(name));
	*partition = (size_t)index;
	free(p->binary);
	p->binary = realpath(binary, NULL);
	if (!p->binary)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", PS_SAFE(binary),
			       strerror(errno));
	guests_running(&running);
	guest = guests_find(&running, name);
	if (guest) {
		stop = (struct guests){ guest, 1 };
		rc = guests_stop(&stop, edit->kernel, error);
	}
	guests_free(&running);
	return rc;
}

static int report_guest(struct out *out, const struct guests *guests)
{
	const struct guest *guest = &guests->list[0];
	bool failed = guest->fate == GUEST_FAILED;

	out_text(out, "partition", NULL, guest->name);
	out_flag(out, "failed", NULL, failed);
	out_flag(out, "ended", NULL, guest->fate == GUEST_ENDED);
	if (guest->pid)
		out_u64(out, "pid", NULL, (uint64_t)guest->pid);
	if (guest->reason)
		out_text(out, "reason", NULL, guest->reason);
	if (failed)
		fprintf(stderr, "partctl: partition \"%s\": %s\n", PS_SAFE(guest->name),
			guest->reason);
	else if (guest->fate == GUEST_ENDED)
		out_say(out, "partition \"%s\": its guest has run, and ended",
			PS_SAFE(guest->name));
	else
		out_say(out, "partition \"%s\": runs, process %d", PS_SAFE(guest->name),
			(int)guest->pid);
	return out_flush(out) || failed ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

int cmd_open(const struct verb *verb, int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct guests guests = { 0 };
	struct edit edit = { 0 };
	struct ps_error error;
	size_t partition = 0;
	struct out *out;
	int first, rc;

	first = verb_options(verb, argc, argv, specs);
	out = out_open(json, false);
	if (edit_begin(&edit, &error) ||
	    replace_guest(&edit, argv[first], argv[first + 1], &partition, &error) ||
	    edit_commit(&edit, &error)) {
		rc = fail_with(&error);
	} else {
		edit_start(&edit, partition, &guests);
		rc = report_guest(out, &guests);
	}
	guests_free(&guests);
	edit_end(&edit);
	return rc;
}
