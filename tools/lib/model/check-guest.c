// SPDX-License-Identifier: GPL-2.0
/*
 * check-guest - vCPUs, images and memory of the partitions
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"

/* VIRTIO_BLK_ID_BYTES */
#define SERIAL_MAX	20

/* A vCPU, and the CPU that a window opens it on. */
struct place {
	uint32_t cpu;
	const struct ps_vcpu *vcpu;
};

static int by_priority(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (x->vcpu->priority != y->vcpu->priority)
		return x->vcpu->priority > y->vcpu->priority ? -1 : 1;
	return x->vcpu < y->vcpu ? -1 : x->vcpu > y->vcpu;
}

/*
 * A window opens all vCPUs of a partition, on CPU @cpu, or each on its own one
 * if that is PS_NONE. Those on one CPU have to know who goes first. Returns
 * whether any are on one CPU.
 */
static bool check_shared(const struct ps_partition *p, uint32_t cpu, int line, const char *object,
			 struct ps_findings *findings)
{
	struct place *sorted = ps_calloc(p->nr_vcpus, sizeof(*sorted));
	bool shared = false, told = false;
	size_t i;

	for (i = 0; i < p->nr_vcpus; i++)
		sorted[i] = (struct place){ cpu == PS_NONE ? p->vcpus[i].cpu : cpu, &p->vcpus[i] };
	if (p->nr_vcpus)
		qsort(sorted, p->nr_vcpus, sizeof(*sorted), by_priority);
	for (i = 1; i < p->nr_vcpus; i++) {
		const struct ps_vcpu *u = sorted[i - 1].vcpu, *v = sorted[i].vcpu;

		if (sorted[i].cpu != sorted[i - 1].cpu)
			continue;
		shared = true;
		if (u->priority != v->priority || p->quantum_ns || told)
			continue;
		told = true;
		ps_find(findings, PS_SAME_CPU, line ? line : v->line ? v->line : p->line, object,
			"say how they share it: another Priority for each, or a Quantum, after which they take turns; or give each a CPU of its own",
			"vCPUs %" PRIu32 " and %" PRIu32 " are both on CPU %" PRIu32 ", and nothing says which goes first",
			u->index, v->index, sorted[i].cpu);
	}
	free(sorted);
	return shared;
}

/* A lean guest sleeps inside when it halts, unless it is told not to. */
static void check_halts(const struct ps_partition *p, struct ps_findings *findings)
{
	char object[PS_OBJECT];

	if (p->launcher != PS_LAUNCHER_PARTVM || !p->binary || p->halt_exits)
		return;
	ps_name_partition(object, p);
	ps_find(findings, PS_NO_HALT, p->line, object, "write HaltExits=\"true\"",
		"its vCPUs share a CPU, but one that halts keeps it as long as if it ran");
}

static void check_cpus(const struct ps_model *model, unsigned int flags,
		       struct ps_findings *findings)
{
	/* has a window that opens all vCPUs on their own CPUs; has any window */
	bool *whole = ps_calloc(model->nr_partitions, sizeof(*whole));
	bool *any = ps_calloc(model->nr_partitions, sizeof(*any));
	bool *shared = ps_calloc(model->nr_partitions, sizeof(*shared));
	char object[PS_OBJECT];
	size_t i, j;

	for (i = 0; i < model->nr_schedules; i++) {
		for (j = 0; j < model->schedules[i].nr_windows; j++) {
			const struct ps_window *w = &model->schedules[i].windows[j];
			const struct ps_partition *p = &model->partitions[w->partition];

			any[w->partition] = true;
			if (w->vcpu != PS_NONE)
				continue;
			if (w->cpu == PS_NONE) {
				whole[w->partition] = true;
				continue;
			}
			ps_name_window(object, model, w);
			shared[w->partition] |= check_shared(p, w->cpu, w->line, object, findings);
		}
	}
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		ps_name_partition(object, p);
		/* windows that are still to be found open all of them, too */
		if (whole[i] || (!any[i] && flags & PS_CHECK_UNPLANNED))
			shared[i] |= check_shared(p, PS_NONE, 0, object, findings);
		if (shared[i])
			check_halts(p, findings);
	}
	free(shared);
	free(any);
	free(whole);
}

static void check_quantum(const struct ps_model *model, const struct ps_partition *p,
			  struct ps_findings *findings)
{
	char object[PS_OBJECT];
	uint64_t longest = 0;
	size_t i;

	for (i = 0; i < model->nr_schedules; i++) {
		/* one without a frame was told, or is still to get it */
		if (!model->schedules[i].frame_ns)
			return;
		if (model->schedules[i].frame_ns > longest)
			longest = model->schedules[i].frame_ns;
	}
	if (p->quantum_ns <= longest)
		return;
	ps_name_partition(object, p);
	ps_find(findings, PS_QUANTUM, p->line, object, "shorten it, or take it away",
		"its Quantum %" PRIu64 " ns is longer than the longest major frame, %" PRIu64 " ns",
		p->quantum_ns, longest);
}

static void check_file(const struct ps_partition *p, const char *attribute, const char *path,
		       struct ps_findings *findings)
{
	char object[PS_OBJECT], advice[160];
	const char *why = NULL;
	struct stat st;

	if (!path)
		return;
	if (stat(path, &st))
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "not a regular file";
	else if (access(path, R_OK))
		why = strerror(errno);
	if (!why)
		return;
	ps_name_partition(object, p);
	snprintf(advice, sizeof(advice), "%s counts from the directory of the XML file",
		 attribute);
	ps_find(findings, PS_BINARY, p->line, object, advice, "its %s \"%s\": %s",
		!strcmp(attribute, "BinaryPath") ? "binary" : attribute, PS_SAFE(path), why);
}

/* Which images does a launcher start, and does it have those that it needs? */
static void check_launcher(const struct ps_partition *p, struct ps_findings *findings)
{
	char object[PS_OBJECT];

	ps_name_partition(object, p);
	if (!p->kernel && (p->initrd || p->command_line))
		ps_find(findings, PS_LAUNCHER, p->line, object,
			"name the Kernel that it is for, or take it away",
			"has %s without a Kernel", p->initrd && p->command_line ?
			"an Initrd and a CommandLine" : p->initrd ? "an Initrd" : "a CommandLine");
	if (p->disk && p->launcher != PS_LAUNCHER_QEMU)
		ps_find(findings, PS_LAUNCHER, p->line, object,
			"write Launcher=\"qemu\" and name a Kernel, or take it away",
			"has a Disk, which only guests of QEMU have");
	if (!p->disk && (p->disk_read_only || p->disk_serial))
		ps_find(findings, PS_LAUNCHER, p->line, object,
			"name the Disk that it is for, or take it away",
			"has %s without a Disk", p->disk_serial ? "a DiskSerial" : "DiskReadOnly");
	if (p->launcher == PS_LAUNCHER_NONE) {
		if (p->binary || p->kernel)
			ps_find(findings, PS_UNUSED_BINARY, p->line, object,
				"take the image away, or name the launcher that starts it",
				"has a %s, but Launcher is \"none\": nothing starts it",
				p->binary ? "BinaryPath" : "Kernel");
		return;
	}
	if (p->binary && p->kernel)
		ps_find(findings, PS_LAUNCHER, p->line, object,
			"keep BinaryPath for partvm, or Kernel for qemu",
			"has both a BinaryPath and a Kernel: a guest starts with one of them");
	else if (p->launcher == PS_LAUNCHER_QEMU && !p->kernel)
		ps_find(findings, PS_LAUNCHER, p->line, object,
			p->binary ? "a BinaryPath is for Launcher=\"partvm\"" :
			"name the guest's kernel image",
			"Launcher is \"qemu\", which needs a Kernel");
	else if (p->launcher == PS_LAUNCHER_PARTVM && p->kernel)
		ps_find(findings, PS_LAUNCHER, p->line, object,
			"write Launcher=\"qemu\", or name a BinaryPath instead",
			"Launcher is \"partvm\", which cannot start a Kernel");
}

/* What virtio has room for, and what a guest can show. */
static void check_serial(const struct ps_partition *p, struct ps_findings *findings)
{
	char object[PS_OBJECT];
	const char *s;

	for (s = p->disk_serial; s && *s >= ' ' && *s <= '~'; s++)
		;
	if (!s || (!*s && strlen(p->disk_serial) <= SERIAL_MAX))
		return;
	ps_name_partition(object, p);
	ps_find(findings, PS_DISK_SERIAL, p->line, object, "shorten it, or write it in ASCII",
		"its DiskSerial \"%s\" %s", PS_SAFE(p->disk_serial),
		*s ? "has a character that is not ASCII" : "is longer than 20 characters");
}

static void check_memory(const struct ps_partition *p, struct ps_findings *findings)
{
	uint64_t sum = 0;
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < p->nr_regions; i++) {
		if (__builtin_add_overflow(sum, p->regions[i].bytes, &sum))
			sum = UINT64_MAX;
	}
	if (sum <= p->memory)
		return;
	ps_name_partition(object, p);
	ps_find(findings, PS_MEMORY, p->line, object, "give it more Memory, or smaller regions",
		"its %zu memory region%s (from line %d) take %s%" PRIu64 " bytes, but it has %" PRIu64,
		p->nr_regions, p->nr_regions == 1 ? "" : "s", p->regions[0].line,
		sum == UINT64_MAX ? "at least " : "", sum, p->memory);
}

void ps_guest_check(const struct ps_model *model, unsigned int flags,
		    struct ps_findings *findings)
{
	size_t i;

	check_cpus(model, flags, findings);
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		check_quantum(model, p, findings);
		check_launcher(p, findings);
		check_serial(p, findings);
		check_memory(p, findings);
		/* an image that nothing starts was told as such */
		if (flags & PS_CHECK_NO_FILES || p->launcher == PS_LAUNCHER_NONE)
			continue;
		check_file(p, "BinaryPath", p->binary, findings);
		check_file(p, "Kernel", p->kernel, findings);
		check_file(p, "Initrd", p->initrd, findings);
		check_file(p, "Disk", p->disk, findings);
	}
	if (flags & PS_CHECK_NO_FILES)
		ps_findings_skip(findings, PS_BINARY);
}
