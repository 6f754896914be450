// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-kill - partctl kill: end a partition's guest, and give back what it had
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "edit.h"
#include "kernel-mode.h"
#include "partctl.h"
#include "process.h"
#include "state.h"

#define NS_PER_S 1000000000ULL

/* Threads of a process that we did not start are not ours to end. */
static int find_stranger(struct ps_kernel *kernel, const char *name, const struct guests *guests,
			 struct ps_error *error)
{
	struct ps_vcpu_info *vcpus;
	uint32_t stranger = 0;
	size_t nr, i;

	if (ps_kernel_vcpus(kernel, &vcpus, &nr, error))
		return -1;
	for (i = 0; i < nr; i++) {
		if (vcpus[i].tid && !strcmp(vcpus[i].partition, name) &&
		    !guests_own(guests, vcpus[i].tid))
			stranger = vcpus[i].tid;
	}
	free(vcpus);
	if (!stranger)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, EBUSY,
		       "partition \"%s\": its threads are those of process %d, which partctl has not started: end that, or give them back with partctl detach",
		       PS_SAFE(name), (int)process_of_thread((pid_t)stranger));
}

/* Was it made at run time, and in whose windows? The name is to be freed. */
static bool was_made(const char *name, char **spare)
{
	char *path = state_path(name, ".new"), line[PARTSCHED_NAME_MAX] = "";
	FILE *file = fopen(path, "re");

	free(path);
	*spare = NULL;
	if (!file)
		return false;
	if (fgets(line, sizeof(line), file) && *line)
		*spare = ps_strdup(line);
	fclose(file);
	return true;
}

static int end_guest(struct edit *edit, const char *name, struct ps_error *error)
{
	struct guests running, stop = { 0 };
	struct ps_partition_info info;
	struct ps_mode_result result;
	struct guest *guest;
	int rc;

	if (ps_kernel_partition(edit->kernel, name, &info, error))
		return -1;
	guests_running(&running);
	guest = guests_find(&running, name);
	rc = find_stranger(edit->kernel, name, &running, error) ||
	     ps_kernel_set_mode(edit->kernel, name, PARTSCHED_MODE_IDLE, PARTSCHED_BY_OPERATOR,
				&result, error) ? -1 : 0;
	if (!rc && guest) {
		stop = (struct guests){ guest, 1 };
		rc = guests_stop(&stop, edit->kernel, error);
	}
	guests_free(&running);
	return rc;
}

static int take_out(struct edit *edit, const char *name, const char *spare, struct ps_error *error)
{
	long index = ps_model_find(edit->model, name), to = -1;
	char *path;

	if (spare)
		to = ps_model_find(edit->model, spare);
	if (index < 0)
		return 0;
	edit_remove(edit->model, (size_t)index, to < 0 ? PS_NONE : (uint32_t)to);
	if (edit_commit(edit, error))
		return -1;
	path = state_path(name, ".new");
	unlink(path);
	free(path);
	return 0;
}

int cmd_kill(const struct verb *verb, int argc, char **argv)
{
	bool json = false, wait, made = false;
	const char *timeout = NULL;
	const struct option_spec specs[] = {
		{ "wait", 'w', NULL, &wait },		/* it waits in any case */
		{ "timeout", 't', &timeout, NULL },	/* likewise, as long as it takes */
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct edit edit = { 0 };
	struct ps_error error;
	char *spare = NULL;
	const char *name;
	struct out *out;
	int failed, rc;

	name = argv[verb_options(verb, argc, argv, specs)];
	out = out_open(json, false);
	made = was_made(name, &spare);
	if (made) {
		failed = edit_begin(&edit, &error);
	} else {
		edit.kernel = ps_kernel_open(&error);
		failed = !edit.kernel || state_lock(&error);
		edit.locked = !failed;
	}
	failed = failed || end_guest(&edit, name, &error) ||
		 (made && take_out(&edit, name, spare, &error));
	if (failed) {
		rc = fail_with(&error);
	} else {
		out_text(out, "partition", NULL, name);
		out_flag(out, "removed", NULL, made);
		out_say(out, "partition \"%s\": killed%s", PS_SAFE(name),
			made ? ", and taken out of the plan" : "; partctl start starts it again");
		rc = out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
	}
	edit_end(&edit);
	free(spare);
	return rc;
}
