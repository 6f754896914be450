// SPDX-License-Identifier: GPL-2.0
/*
 * follow - processes of others that were attached as a whole
 */
#include "follow.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "process.h"
#include "supervise-priv.h"
#include "vmm.h"

#define SUFFIX		".vmm"
/* It waits for its first KVM_RUN for as long as its guest lets it. */
#define ATTACH_NS	UINT64_C(3600000000000)

int follow_remember(const char *name, pid_t pid, struct ps_error *error)
{
	char *path = state_path(name, SUFFIX);
	int rc = state_dir(error);

	if (!rc)
		rc = state_record_process(path, pid, error);
	free(path);
	return rc;
}

static int is_record(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && !strcmp(dot, SUFFIX);
}

/* Call for each record; one of which nothing is left is taken away. */
static void each(bool (*keep)(const char *name, pid_t pid, void *arg), void *arg)
{
	struct dirent **entries;
	int nr = scandir(STATE_DIR, &entries, is_record, alphasort), i;

	for (i = 0; i < nr; i++) {
		char *path = state_path(NULL, entries[i]->d_name);
		char *name = ps_strdup(entries[i]->d_name);
		pid_t pid = state_process(path);

		*strrchr(name, '.') = '\0';
		if (!pid || !keep(name, pid, arg))
			unlink(path);
		free(name);
		free(path);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

static bool keep_others(const char *name, pid_t pid, void *arg)
{
	(void)name;
	return !process_has_thread(pid, (pid_t)*(uint32_t *)arg);
}

void follow_forget(const char *name, uint32_t tid)
{
	char *path;

	if (!name) {
		each(keep_others, &tid);
		return;
	}
	path = state_path(name, SUFFIX);
	unlink(path);
	free(path);
}

struct view {
	struct ps_kernel *kernel;
	const struct ps_vcpu_info *vcpus;
	size_t nr;
};

static bool is_held(const struct ps_vcpu_info *vcpu)
{
	return vcpu->tid && (vcpu->attach_state == PARTSCHED_ATTACH_PENDING ||
			     vcpu->attach_state == PARTSCHED_ATTACH_ATTACHED ||
			     vcpu->attach_state == PARTSCHED_ATTACH_DETACHING);
}

static void attach(struct ps_kernel *kernel, const char *name, const struct qmp_cpu *cpu)
{
	uint64_t ticks = process_start_ticks((pid_t)cpu->tid);
	struct ps_attach_result result;
	struct ps_error error;

	if (!ticks)
		return;
	if (ps_kernel_attach(kernel, name, cpu->index, cpu->tid, ticks, ATTACH_NS, &result, &error))
		supervise_say("%s", error.text);
	else
		supervise_say("partition \"%s\": thread %" PRIu32 " has come as vCPU %" PRIu32,
			      PS_SAFE(name), cpu->tid, cpu->index);
}

static bool holds_any(const struct ps_vcpu_info *vcpus, size_t nr, const char *name, pid_t pid)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (is_held(&vcpus[i]) && !strcmp(vcpus[i].partition, name) &&
		    process_has_thread(pid, (pid_t)vcpus[i].tid))
			return true;
	}
	return false;
}

/*
 * Has it left the plan? What was seen before its record was read may be older than
 * both: the record is made once it is attached.
 */
static bool has_left(const struct view *view, const char *name, pid_t pid)
{
	struct ps_vcpu_info *vcpus;
	struct ps_error error;
	size_t nr;
	bool left;

	if (holds_any(view->vcpus, view->nr, name, pid) ||
	    ps_kernel_vcpus(view->kernel, &vcpus, &nr, &error))
		return false;
	left = !holds_any(vcpus, nr, name, pid);
	free(vcpus);
	return left;
}

static bool look_at(const char *name, pid_t pid, void *arg)
{
	const struct view *view = arg;
	struct ps_error error;
	struct vmm vmm;
	size_t i, k;

	if (has_left(view, name, pid))
		return false;
	if (vmm_of_process(pid, &vmm, &error))
		return true;
	for (i = 0; i < view->nr && !vmm.guess; i++) {
		const struct ps_vcpu_info *vcpu = &view->vcpus[i];

		if (is_held(vcpu) || strcmp(vcpu->partition, name))
			continue;
		for (k = 0; k < vmm.nr; k++)
			if (vmm.cpus[k].index == vcpu->vcpu)
				attach(view->kernel, name, &vmm.cpus[k]);
	}
	vmm_free(&vmm);
	return true;
}

void follow_look(struct ps_kernel *kernel, const struct ps_vcpu_info *vcpus, size_t nr)
{
	struct view view = { kernel, vcpus, nr };

	each(look_at, &view);
}
