// SPDX-License-Identifier: GPL-2.0
/*
 * check-host - what a machine and its module cannot do
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"

#define CPUS "/sys/devices/system/cpu"
#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/* The first line of a file, without its end; false if it cannot be read. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool got;

	line[0] = '\0';
	if (!file)
		return false;
	got = fgets(line, (int)size, file);
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return got;
}

/* A list of CPUs as the kernel writes it: "0-3,7". */
static void read_cpus(const char *path, bool *cpus)
{
	char line[16384], *at = line;

	read_line(path, line, sizeof(line));
	while (*at) {
		unsigned long first, last;
		char *end;

		first = last = strtoul(at, &end, 10);
		if (end == at)
			return;
		if (*end == '-') {
			at = end + 1;
			last = strtoul(at, &end, 10);
		}
		for (; first <= last && first < PS_MAX_CPUS; first++)
			cpus[first] = true;
		at = *end == ',' ? end + 1 : end;
		if (*end && *end != ',')
			return;
	}
}

void ps_host_read(struct ps_host *host)
{
	memset(host, 0, sizeof(*host));
	read_cpus(CPUS "/online", host->online);
	read_cpus(CPUS "/present", host->present);
	read_cpus(CPUS "/isolated", host->isolated);
	host->kvm = !access("/dev/kvm", F_OK);
#if defined(__x86_64__) || defined(__i386__)
	read_line(CLOCKSOURCE, host->clocksource, sizeof(host->clocksource));
#endif
}

static void tell_cpu(const struct ps_host *host, uint32_t cpu, int line, const char *object,
		     const char *what, uint32_t vcpu, struct ps_findings *findings)
{
	char subject[32] = "it";

	if (cpu < PS_MAX_CPUS && host->online[cpu])
		return;
	if (vcpu != PS_NONE)
		snprintf(subject, sizeof(subject), "vCPU %" PRIu32, vcpu);
	if (cpu < PS_MAX_CPUS && host->present[cpu])
		ps_find(findings, PS_NO_CPU, line, object, "bring it online, or choose another",
			"%s %s CPU %" PRIu32 ", which is offline", subject, what, cpu);
	else
		ps_find(findings, PS_NO_CPU, line, object, "see " CPUS "/online",
			"%s %s CPU %" PRIu32 ", which this host does not have", subject, what,
			cpu);
}

static void check_cpus(const struct ps_model *model, const struct ps_host *host,
		       struct ps_findings *findings)
{
	char object[PS_OBJECT];
	size_t i, j;

	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		ps_name_partition(object, p);
		for (j = 0; j < p->nr_vcpus; j++)
			tell_cpu(host, p->vcpus[j].cpu,
				 p->vcpus[j].line ? p->vcpus[j].line : p->line, object, "is on",
				 p->vcpus[j].index, findings);
	}
	for (i = 0; i < model->nr_schedules; i++) {
		for (j = 0; j < model->schedules[i].nr_windows; j++) {
			const struct ps_window *w = &model->schedules[i].windows[j];

			if (w->cpu == PS_NONE)
				continue;
			ps_name_window(object, model, w);
			tell_cpu(host, w->cpu, w->line, object, "names", PS_NONE, findings);
		}
	}
}

/* CPUs that are in a window of any schedule. */
static bool *planned_cpus(const struct ps_model *model)
{
	bool *planned = ps_calloc(PS_MAX_CPUS, sizeof(*planned));
	/* partitions with a window that opens all vCPUs on their own CPUs */
	bool *whole = ps_calloc(model->nr_partitions, sizeof(*whole));
	size_t i, j, k;

	for (i = 0; i < model->nr_schedules; i++) {
		for (j = 0; j < model->schedules[i].nr_windows; j++) {
			const struct ps_window *w = &model->schedules[i].windows[j];
			const struct ps_partition *p = &model->partitions[w->partition];

			if (w->cpu != PS_NONE) {
				if (w->cpu < PS_MAX_CPUS)
					planned[w->cpu] = true;
				continue;
			}
			if (w->vcpu == PS_NONE) {
				whole[w->partition] = true;
				continue;
			}
			for (k = 0; k < p->nr_vcpus; k++) {
				if (p->vcpus[k].index == w->vcpu &&
				    p->vcpus[k].cpu < PS_MAX_CPUS)
					planned[p->vcpus[k].cpu] = true;
			}
		}
	}
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		for (k = 0; whole[i] && k < p->nr_vcpus; k++) {
			if (p->vcpus[k].cpu < PS_MAX_CPUS)
				planned[p->vcpus[k].cpu] = true;
		}
	}
	free(whole);
	return planned;
}

/* "1-3,5", shortened where it does not fit. */
static void name_cpus(char *buf, size_t size, const bool *cpus)
{
	size_t used = 0, i, last;

	buf[0] = '\0';
	for (i = 0; i < PS_MAX_CPUS && used + 24 < size; i = last + 1) {
		for (last = i; last + 1 < PS_MAX_CPUS && cpus[i] && cpus[last + 1]; last++)
			;
		if (!cpus[i])
			continue;
		used += (size_t)snprintf(buf + used, size - used, last > i ? "%s%zu-%zu" : "%s%zu",
					 used ? "," : "", i, last);
	}
	if (i < PS_MAX_CPUS)
		snprintf(buf + used, size - used, "...");
}

static void check_sharing(const struct ps_model *model, const struct ps_host *host,
			  struct ps_findings *findings)
{
	bool *planned = planned_cpus(model);
	size_t online = 0, free_cpus = 0, shared = 0, used = 0, i;
	char list[120];

	for (i = 0; i < PS_MAX_CPUS; i++) {
		online += host->online[i];
		free_cpus += host->online[i] && !planned[i];
		used += host->online[i] && planned[i];
		planned[i] = planned[i] && host->online[i] && !host->isolated[i];
		shared += planned[i];
	}
	if (used && !free_cpus)
		ps_find(findings, PS_HOUSEKEEPING, model->line, "module",
			"leave one CPU out of the plan",
			"all %zu CPUs that are online are in windows: the host's own work, interrupts and this tool run in their gaps only",
			online);
	if (shared) {
		name_cpus(list, sizeof(list), planned);
		ps_find(findings, PS_ISOLATED, model->line, "module",
			"boot with isolcpus=, nohz_full= and rcu_nocbs= of these CPUs for less disturbance",
			"CPU%s %s %s not isolated: threads of the host may run there between windows",
			shared == 1 ? "" : "s", list, shared == 1 ? "is" : "are");
	}
	free(planned);
}

static void check_kvm(const struct ps_model *model, const struct ps_host *host,
		      unsigned int flags, struct ps_findings *findings)
{
	const char *const advice = "load kvm-intel or kvm-amd, and see that virtualisation is on in the firmware";
	const struct ps_partition *started = NULL, *other = NULL;
	size_t starts = 0, others = 0, i;
	char object[PS_OBJECT];

	for (i = 0; i < model->nr_partitions && !host->kvm; i++) {
		const struct ps_partition *p = &model->partitions[i];

		if (ps_partition_starts(p) && !(flags & PS_CHECK_NO_START)) {
			started = started ? started : p;
			starts++;
		} else if (p->launcher == PS_LAUNCHER_NONE) {
			other = other ? other : p;
			others++;
		}
	}
	if (started) {
		ps_name_partition(object, started);
		ps_find(findings, PS_NO_KVM, started->line, object, advice,
			"its guest starts with the plan (%zu of them), but this host has no /dev/kvm",
			starts);
	}
	if (other) {
		ps_name_partition(object, other);
		ps_find(findings, PS_NO_KVM_YET, other->line, object, advice,
			"waits for a guest that somebody starts (%zu of them), but this host has no /dev/kvm",
			others);
	}
}

void ps_host_check(const struct ps_model *model, const struct ps_host *host,
		   unsigned int flags, struct ps_findings *findings)
{
	check_cpus(model, host, findings);
	check_sharing(model, host, findings);
	check_kvm(model, host, flags, findings);
	if (flags & PS_CHECK_NO_START)
		ps_findings_skip(findings, PS_NO_KVM);
	if (*host->clocksource && strcmp(host->clocksource, "tsc"))
		ps_find(findings, PS_CLOCKSOURCE, model->line, "module",
			"see the kernel's log for why the TSC was given up",
			"this host keeps its time by \"%s\", not by the TSC: edges are less exact",
			PS_SAFE(host->clocksource));
}
