// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the rules of a host: plans against machines that are made up.
 *
 *   host [DIRECTORY]            KTAP on standard output, status 1 on a failure
 *
 * DIRECTORY is passed over: all unit tests are called alike.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "claim.h"
#include "findings.h"
#include "xml.h"

/*
 * Two partitions: "a" on CPU 1 waits for a guest that somebody starts, "b" on
 * CPU 2 is started with the plan. %s: more windows.
 */
static const char plan_text[] =
	"<Module xmlns='urn:partsched:1'>\n"
	"<Partitions>\n"
	"<Partition><PartitionDefinition Identifier='1' Name='a' Launcher='none'/>\n"
	"<Vcpu Index='0' Cpu='1'/></Partition>\n"
	"<Partition><PartitionDefinition Identifier='2' Name='b' BinaryPath='/guest'/>\n"
	"<Vcpu Index='0' Cpu='2'/></Partition>\n"
	"</Partitions>\n"
	"<Schedules MajorFrameDuration='20000000'>\n"
	"<PartitionTimeWindow PartitionNameRef='a' Offset='0' Duration='5000000'/>\n"
	"<PartitionTimeWindow PartitionNameRef='b' Offset='0' Duration='5000000'/>\n"
	"%s"
	"</Schedules>\n"
	"</Module>\n";

/* A machine on which the plan above gives no findings at all. */
static void sound_host(struct ps_host *host)
{
	size_t i;

	memset(host, 0, sizeof(*host));
	for (i = 0; i < 4; i++)
		host->online[i] = host->present[i] = true;
	host->isolated[1] = host->isolated[2] = true;
	host->kvm = true;
	strcpy(host->clocksource, "tsc");
}

static void judge(const char *windows, const struct ps_host *host, unsigned int flags,
		  struct ps_findings *findings)
{
	char *text = ps_asprintf(plan_text, windows);
	struct ps_findings reading;
	struct ps_model *m;

	ps_findings_init(&reading, "plan");
	ps_findings_init(findings, "plan");
	m = ps_xml_check_memory(text, strlen(text), "plan", PS_CHECK_NO_FILES, NULL, &reading);
	CLAIM(m && !reading.errors, "%zu errors", reading.errors);
	CLAIM(ps_findings_verdict(&reading, PS_NO_CPU) == PS_RULE_UNCHECKED,
	      "no host was asked for");
	if (m)
		ps_host_check(m, host, flags, findings);
	ps_model_free(m);
	ps_findings_free(&reading);
	free(text);
}

/* Claim that one rule is broken, @times, and no other. */
static void only(const struct ps_findings *findings, enum ps_rule rule, size_t times)
{
	size_t i;

	for (i = 0; i < PS_NR_RULES; i++)
		CLAIM(findings->counts[i] == (i == rule ? times : 0), "PS%04zu: %zu", i,
		      findings->counts[i]);
}

static void sound_host_is_silent(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	judge("", &host, 0, &findings);
	CLAIM(!findings.nr, "%zu findings", findings.nr);
	ps_findings_free(&findings);
}

static void cpu_that_is_not_there_is_told(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	host.online[2] = false;
	judge("", &host, 0, &findings);
	only(&findings, PS_NO_CPU, 1);
	CLAIM(findings.nr && strstr(findings.list[0].reason, "offline"), "offline");
	ps_findings_free(&findings);
	host.present[2] = false;
	judge("", &host, 0, &findings);
	only(&findings, PS_NO_CPU, 1);
	CLAIM(findings.nr && !strstr(findings.list[0].reason, "offline"), "not there");
	ps_findings_free(&findings);
}

static void cpu_of_a_window_is_looked_at(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	judge("<PartitionTimeWindow PartitionNameRef='a' Offset='9000000' Duration='5000000' Cpu='8191'/>\n",
	      &host, 0, &findings);
	CLAIM(findings.counts[PS_NO_CPU] == 1, "%zu", findings.counts[PS_NO_CPU]);
	ps_findings_free(&findings);
}

static void host_keeps_a_cpu_for_itself(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	host.online[0] = host.online[3] = false;
	judge("", &host, 0, &findings);
	only(&findings, PS_HOUSEKEEPING, 1);
	ps_findings_free(&findings);
}

static void guests_that_are_started_need_kvm(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	host.kvm = false;
	judge("", &host, 0, &findings);
	CLAIM(findings.counts[PS_NO_KVM] == 1 && findings.nr == 2, "%zu", findings.nr);
	ps_findings_free(&findings);
}

static void guests_of_others_need_kvm_later(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	host.kvm = false;
	judge("", &host, PS_CHECK_NO_START, &findings);
	only(&findings, PS_NO_KVM_YET, 1);
	ps_findings_free(&findings);
}

static void slow_clock_is_told(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	strcpy(host.clocksource, "hpet");
	judge("", &host, 0, &findings);
	only(&findings, PS_CLOCKSOURCE, 1);
	ps_findings_free(&findings);
	host.clocksource[0] = '\0';	/* not known, or it does not matter */
	judge("", &host, 0, &findings);
	CLAIM(!findings.nr, "%zu findings", findings.nr);
	ps_findings_free(&findings);
}

static void planned_cpus_are_better_isolated(void)
{
	struct ps_findings findings;
	struct ps_host host;

	sound_host(&host);
	host.isolated[1] = false;
	judge("", &host, 0, &findings);
	only(&findings, PS_ISOLATED, 1);
	ps_findings_free(&findings);
}

/* Whatever this machine is, looking at it ends, and CPU 0 of it runs. */
static void this_host_can_be_read(void)
{
	struct ps_host *host = ps_calloc(1, sizeof(*host));

	ps_host_read(host);
	CLAIM(host->online[0], "CPU 0 is not online");
	free(host);
}

static const struct claim_test tests[] = {
	CLAIM_TEST(sound_host_is_silent),
	CLAIM_TEST(cpu_that_is_not_there_is_told),
	CLAIM_TEST(cpu_of_a_window_is_looked_at),
	CLAIM_TEST(host_keeps_a_cpu_for_itself),
	CLAIM_TEST(guests_that_are_started_need_kvm),
	CLAIM_TEST(guests_of_others_need_kvm_later),
	CLAIM_TEST(slow_clock_is_told),
	CLAIM_TEST(planned_cpus_are_better_isolated),
	CLAIM_TEST(this_host_can_be_read),
};

int main(void)
{
	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
