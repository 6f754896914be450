// SPDX-License-Identifier: GPL-2.0
/*
 * edit - a change of the plan that is kept, put in force
 */
#include "edit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "cmd-check.h"
#include "in-force.h"
#include "state.h"
#include "xml.h"

#define START_NS	UINT64_C(5000000000)	/* beyond the start that the module names */
#define POLL_NS		10000000L
#define BUSY_TRIES	500

int edit_begin(struct edit *edit, struct ps_error *error)
{
	struct in_force plan;
	bool same;

	edit->kernel = ps_kernel_open(error);
	if (!edit->kernel || state_lock(error))
		return -1;
	edit->locked = true;
	if (in_force_get(edit->kernel, &plan, error))
		return -1;
	edit->model = state_model();
	same = edit->model && in_force_is(&plan, edit->model);
	in_force_free(&plan);
	if (same)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, ESTALE,
		       edit->model ? "the plan in force is not the one that partctl load has kept: load it anew" :
		       "partctl load has kept no plan that could be changed: load it anew");
}

/* As a file that is loaded is checked; names and all. */
static struct ps_model *check(const struct edit *edit, const char *text, struct ps_error *error)
{
	unsigned int flags = PS_CHECK_HOST | (edit->no_slack ? PS_CHECK_NO_SLACK : 0);
	struct ps_findings findings;
	struct ps_model *model;

	ps_findings_init(&findings, "changed plan");
	model = ps_xml_check_memory(text, strlen(text), STATE_DIR "/system.xml", flags, NULL,
				    &findings);
	if (findings.errors) {
		print_findings_text(&findings);
		ps_fail(error, PS_EXIT_CONFIG, EINVAL, "the plan would not be valid: %zu error%s",
			findings.errors, findings.errors == 1 ? "" : "s");
		ps_model_free(model);
		model = NULL;
	}
	ps_findings_free(&findings);
	return model;
}

static int wait_started(struct ps_kernel *kernel, const struct ps_load_result *result,
			struct ps_error *error)
{
	struct ps_module_info info;

	for (;;) {
		if (ps_kernel_module(kernel, &info, error))
			return -1;
		if (info.has_plan && info.generation >= result->generation &&
		    info.now_ns >= result->epoch_ns)
			return 0;
		if (info.now_ns > result->epoch_ns && info.now_ns - result->epoch_ns > START_NS)
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "the module has not started plan %" PRIu32 " at the time that it named",
				       result->generation);
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
}

int edit_commit(struct edit *edit, struct ps_error *error)
{
	char *text = state_text(edit->model);
	struct ps_model *model = check(edit, text, error);
	struct ps_load_result result;
	int rc = -1, tries;

	for (tries = 0; model && tries < BUSY_TRIES; tries++) {
		rc = ps_kernel_load(edit->kernel, model, 0, &result, error);
		if (!rc || error->err != EBUSY)
			break;
		/* another change of the plan is on its way */
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
	if (!rc && (state_store(text, error) || wait_started(edit->kernel, &result, error)))
		rc = -1;
	if (!rc) {
		ps_model_free(edit->model);
		edit->model = model;
	} else {
		ps_model_free(model);
	}
	free(text);
	return rc;
}

int edit_start(struct edit *edit, size_t partition, struct guests *guest)
{
	guest_define(ps_grow(&guest->list, &guest->nr, sizeof(*guest->list)), edit->model,
		     partition);
	state_unlock();
	edit->locked = false;
	return guests_start(guest, edit->kernel) ? -1 : 0;
}

static void renumber_ends(struct ps_end *ends, size_t nr, size_t partition)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (ends[i].partition != PS_NONE && ends[i].partition > partition)
			ends[i].partition--;
	}
}

static void remove_from_schedule(struct ps_schedule *s, size_t partition, uint32_t to)
{
	size_t i, kept = 0;

	for (i = 0; i < s->nr_windows; i++) {
		struct ps_window w = s->windows[i];

		if (w.partition == partition) {
			if (to == PS_NONE)
				continue;
			w.partition = to;
		}
		w.partition -= w.partition > partition;
		w.id = (uint32_t)kept;
		s->windows[kept++] = w;
	}
	s->nr_windows = kept;
	kept = 0;
	for (i = 0; i < s->nr_entries; i++) {
		struct ps_entry e = s->entries[i];

		if (e.partition == partition)
			continue;
		e.partition -= e.partition > partition;
		s->entries[kept++] = e;
	}
	s->nr_entries = kept;
}

/* Tables of it alone go; it leaves those of a group. */
static void remove_from_health(struct ps_model *model, size_t partition)
{
	size_t i, k, kept = 0, members;

	for (i = 0; i < model->nr_health; i++) {
		struct ps_health_table *t = &model->health[i];

		if (t->kind == PS_HEALTH_PARTITION && t->partition == partition) {
			ps_health_free(t);
			continue;
		}
		if (t->partition != PS_NONE && t->partition > partition)
			t->partition--;
		for (k = 0, members = 0; k < t->nr_members; k++) {
			if (t->members[k] != partition)
				t->members[members++] = t->members[k] -
							(t->members[k] > partition);
		}
		t->nr_members = members;
		model->health[kept++] = *t;
	}
	model->nr_health = kept;
}

void edit_remove(struct ps_model *model, size_t partition, uint32_t to)
{
	struct ps_partition gone;
	size_t i;

	for (i = 0; i < model->nr_schedules; i++)
		remove_from_schedule(&model->schedules[i], partition, to);
	for (i = 0; i < model->nr_channels; i++) {
		renumber_ends(model->channels[i].sources, model->channels[i].nr_sources,
			      partition);
		renumber_ends(model->channels[i].destinations,
			      model->channels[i].nr_destinations, partition);
	}
	remove_from_health(model, partition);
	gone = model->partitions[partition];
	memmove(&model->partitions[partition], &model->partitions[partition + 1],
		(model->nr_partitions - partition - 1) * sizeof(gone));
	model->nr_partitions--;
	ps_partition_free(&gone);
}

void edit_end(struct edit *edit)
{
	if (edit->locked)
		state_unlock();
	edit->locked = false;
	ps_model_free(edit->model);
	edit->model = NULL;
	ps_kernel_close(edit->kernel);
	edit->kernel = NULL;
}
