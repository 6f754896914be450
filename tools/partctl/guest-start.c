// SPDX-License-Identifier: GPL-2.0
/*
 * guest-start - guests ordered to start, and watched until the plan has them
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "guest.h"
#include "kernel-health.h"
#include "kernel-mode.h"
#include "process.h"
#include "state.h"
#include "supervise.h"

/* emulated machines take seconds where real ones take milliseconds */
#define ATTACH_MS	60000
#define PROGRESS_MS	2000
#define POLL_MS		20
/*
 * A guest is watched for errors until it has had so much of its windows and more
 * than one, in which its CPU may have stood still (in emulation), or so many of
 * them: one that sleeps uses little. But not for long.
 */
#define FIRST_NS	UINT64_C(50000000)
#define FIRST_WINDOWS	10
#define FIRST_FRAMES	2
#define FIRST_WAIT_NS	UINT64_C(1000000000)

/* How far a guest has come. */
enum stage {
	STAGE_ORDERED,		/* somebody starts its launcher */
	STAGE_ATTACHED,		/* it has its first windows */
	STAGE_DECIDED,
};

struct start {
	struct guests *guests;
	struct ps_kernel *kernel;
	enum stage *stages;
	uint64_t *opened;	/* windows of each when it was attached */
	uint64_t *inside_ns;	/* time on the CPU in them */
	uint64_t *attached_ns;
	uint64_t hm_seq;	/* of the log before */
	uint64_t frame_ns;	/* the longest major frame */
	size_t left;
};

/* The module at one moment. */
struct view {
	struct ps_partition_info *partitions;
	struct ps_vcpu_info *vcpus;
	struct ps_hm_entry *log;
	size_t nr_partitions, nr_vcpus, nr_log;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void drop_view(struct view *view)
{
	free(view->partitions);
	free(view->vcpus);
	free(view->log);
	memset(view, 0, sizeof(*view));
}

static int look(struct ps_kernel *kernel, struct view *view, struct ps_error *error)
{
	memset(view, 0, sizeof(*view));
	/* the log last: it knows why a partition is what it was seen to be */
	if (ps_kernel_vcpus(kernel, &view->vcpus, &view->nr_vcpus, error) ||
	    ps_kernel_partitions(kernel, &view->partitions, &view->nr_partitions, error) ||
	    ps_kernel_hm_log(kernel, &view->log, &view->nr_log, error)) {
		drop_view(view);
		return -1;
	}
	return 0;
}

static void decide(struct start *start, size_t i, enum guest_fate fate, char *reason)
{
	struct guest *guest = &start->guests->list[i];

	guest->fate = fate;
	free(guest->reason);
	guest->reason = reason;
	start->stages[i] = STAGE_DECIDED;
	start->left--;
}

/*
 * The newest error of a guest since the start that is more than logged, and how
 * many there were: a busy host alone is no failure of the guest's.
 */
static const struct ps_hm_entry *last_error(const struct start *start, const struct view *view,
					    const char *name, uint64_t *nr)
{
	const struct ps_hm_entry *last = NULL;
	size_t i;

	*nr = 0;
	for (i = 0; i < view->nr_log; i++) {
		if (view->log[i].seq <= start->hm_seq || strcmp(view->log[i].partition, name) ||
		    view->log[i].action == PARTSCHED_HM_IGNORE)
			continue;
		last = &view->log[i];
		*nr += last->count;
	}
	return last;
}

static char *describe_error(const struct guest *guest, const struct ps_hm_entry *entry, uint64_t nr)
{
	char *words = entry->source == PARTSCHED_ERROR_START ? guest_last_words(guest->name) : NULL;
	char *text;

	/* what the log could not hold stands in the launcher's own */
	text = ps_asprintf("error \"%s\"%s%s%s%s%s; it is to do: %s%s (errors so far: %" PRIu64 ")",
			   ps_error_source_name(entry->source), entry->reason[0] ? ": " : "",
			   PS_SAFE(entry->reason), words ? " (" : "", words ? words : "",
			   words ? ")" : "", ps_hm_action_name(entry->action),
			   entry->damped ? ", after too many starts" : "", nr);
	free(words);
	return text;
}

/* The launcher of a guest, as its record has it; 0: none runs. */
static pid_t launcher_of(const char *name)
{
	struct guests running;
	struct guest *guest;
	pid_t pid;

	guests_running(&running);
	guest = guests_find(&running, name);
	pid = guest ? guest->pid : 0;
	guests_free(&running);
	return pid;
}

/* @info: its partition. Some vCPUs of a guest of QEMU may wait for its first one. */
static bool attached(const struct guest *guest, const struct ps_partition_info *info,
		     const struct view *view)
{
	size_t i, seen = 0;

	if (guest->qemu)
		return info->mode == PARTSCHED_MODE_NORMAL;

	for (i = 0; i < view->nr_vcpus; i++) {
		if (!strcmp(view->vcpus[i].partition, guest->name) &&
		    view->vcpus[i].attach_state == PARTSCHED_ATTACH_ATTACHED)
			seen++;
	}
	return seen == guest->partition->nr_vcpus;
}

static bool has_begun(const struct start *start, size_t i, const struct ps_partition_info *info)
{
	uint64_t wait_ns = FIRST_FRAMES * start->frame_ns;

	if (wait_ns < FIRST_WAIT_NS)
		wait_ns = FIRST_WAIT_NS;
	return (info->stats.inside_ns >= start->inside_ns[i] + FIRST_NS &&
		info->stats.opened > start->opened[i] + info->nr_vcpus) ||
	       info->stats.opened >= start->opened[i] + FIRST_WINDOWS * info->nr_vcpus ||
	       now_ns() - start->attached_ns[i] > wait_ns;
}

static void watch(struct start *start, size_t i, const struct view *view)
{
	struct guest *guest = &start->guests->list[i];
	const struct ps_partition_info *info = NULL;
	const struct ps_hm_entry *error;
	uint64_t nr;
	size_t k;

	for (k = 0; k < view->nr_partitions; k++) {
		if (!strcmp(view->partitions[k].name, guest->name))
			info = &view->partitions[k];
	}
	if (!info) {
		decide(start, i, GUEST_FAILED, ps_strdup("the plan in force has no such partition any more"));
		return;
	}
	error = last_error(start, view, guest->name, &nr);
	if (error) {
		guest->pid = launcher_of(guest->name);
		decide(start, i, GUEST_FAILED, describe_error(guest, error, nr));
		return;
	}
	if (info->mode == PARTSCHED_MODE_IDLE) {
		guest->pid = 0;
		decide(start, i, GUEST_ENDED, NULL);
		return;
	}
	if (start->stages[i] == STAGE_ORDERED && attached(guest, info, view)) {
		start->stages[i] = STAGE_ATTACHED;
		start->opened[i] = info->stats.opened;
		start->inside_ns[i] = info->stats.inside_ns;
		start->attached_ns[i] = now_ns();
		guest->pid = launcher_of(guest->name);
	}
	if (start->stages[i] == STAGE_ATTACHED && has_begun(start, i, info))
		decide(start, i, GUEST_STARTED, NULL);
}

static void tell_progress(const struct start *start)
{
	size_t i;

	fputs("partctl: waiting for guests to come under the plan:", stderr);
	for (i = 0; i < start->guests->nr; i++) {
		if (start->stages[i] == STAGE_ORDERED)
			fprintf(stderr, " %s", PS_SAFE(start->guests->list[i].name));
	}
	fputc('\n', stderr);
}

/* What is there before: numbers to count from. */
static int prepare(struct start *start, struct ps_error *error)
{
	struct ps_schedule_info *schedules;
	struct ps_hm_entry *log;
	size_t nr, i;

	if (ps_kernel_schedules(start->kernel, &schedules, &nr, error))
		return -1;
	for (i = 0; i < nr; i++) {
		if (schedules[i].frame_ns > start->frame_ns)
			start->frame_ns = schedules[i].frame_ns;
	}
	free(schedules);
	if (ps_kernel_hm_log(start->kernel, &log, &nr, error))
		return -1;
	start->hm_seq = nr ? log[nr - 1].seq : 0;
	free(log);
	return supervise_ensure(error);
}

static void order(struct start *start)
{
	struct ps_mode_result result;
	struct ps_error error;
	size_t i;

	for (i = 0; i < start->guests->nr; i++) {
		if (ps_kernel_set_mode(start->kernel, start->guests->list[i].name,
				       PARTSCHED_MODE_COLD_START, PARTSCHED_BY_OPERATOR, &result,
				       &error))
			decide(start, i, GUEST_FAILED, ps_strdup(error.text));
	}
}

static void wait_for_all(struct start *start)
{
	struct ps_error error;
	struct view view;
	size_t i;
	long ms;

	for (ms = 0; start->left && ms < ATTACH_MS; ms += POLL_MS) {
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
		if (look(start->kernel, &view, &error)) {
			fprintf(stderr, "partctl: %s\n", error.text);
			break;
		}
		for (i = 0; i < start->guests->nr; i++) {
			if (start->stages[i] != STAGE_DECIDED)
				watch(start, i, &view);
		}
		drop_view(&view);
		if (start->left && ms == PROGRESS_MS)
			tell_progress(start);
	}
	for (i = 0; i < start->guests->nr; i++) {
		if (start->stages[i] != STAGE_DECIDED)
			decide(start, i, GUEST_FAILED,
			       ps_asprintf("not all of its vCPUs are under the plan after %d s; see " STATE_DIR "/%s.log",
					   ATTACH_MS / 1000, PS_SAFE(start->guests->list[i].name)));
	}
}

size_t guests_start(struct guests *guests, struct ps_kernel *kernel)
{
	struct start start = { .guests = guests, .kernel = kernel, .left = guests->nr };
	struct ps_error error;
	size_t failed = 0, i;

	if (!guests->nr)
		return 0;
	start.stages = ps_calloc(guests->nr, sizeof(*start.stages));
	start.opened = ps_calloc(guests->nr, sizeof(*start.opened));
	start.inside_ns = ps_calloc(guests->nr, sizeof(*start.inside_ns));
	start.attached_ns = ps_calloc(guests->nr, sizeof(*start.attached_ns));
	if (prepare(&start, &error)) {
		for (i = 0; i < guests->nr; i++)
			decide(&start, i, GUEST_FAILED, ps_strdup(error.text));
	} else {
		order(&start);
		wait_for_all(&start);
	}
	for (i = 0; i < guests->nr; i++)
		failed += guests->list[i].fate == GUEST_FAILED;
	free(start.stages);
	free(start.opened);
	free(start.inside_ns);
	free(start.attached_ns);
	return failed;
}
