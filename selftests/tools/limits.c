// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of what no small file can show: odd files, many windows,
 * what a dialect cannot say, and plans taken at random.
 *
 *   limits DIRECTORY            KTAP on standard output, status 1 on a failure
 *
 * DIRECTORY is that of the files that parser tests.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/partsched_guest.h>

#include "alloc.h"
#include "claim.h"
#include "findings.h"
#include "xml.h"

#define NS_PER_S 1000000000ULL

static struct ps_model *check_file(const char *path, struct ps_findings *findings)
{
	ps_findings_init(findings, path);
	return ps_xml_check(path, 0, NULL, findings);
}

static struct ps_model *check_text(const char *text, unsigned int flags,
				   struct ps_findings *findings)
{
	ps_findings_init(findings, "text");
	return ps_xml_check_memory(text, strlen(text), "text", flags, NULL, findings);
}

static void odd_files_are_refused(void)
{
	char dir[] = "/tmp/partsched-parser-XXXXXX", path[64];
	struct ps_findings findings;
	struct ps_model *m;
	FILE *file;
	size_t i;

	CLAIM(mkdtemp(dir), "%s", dir);
	CLAIM(!check_file(dir, &findings) && findings.list[0].rule == PS_FILE, "a directory");
	ps_findings_free(&findings);

	snprintf(path, sizeof(path), "%s/nothing.xml", dir);
	CLAIM(!check_file(path, &findings) && findings.list[0].rule == PS_FILE, "no file");
	ps_findings_free(&findings);

	snprintf(path, sizeof(path), "%s/fifo", dir);
	CLAIM(!mkfifo(path, 0600), "mkfifo");
	CLAIM(!check_file(path, &findings) && findings.errors, "a FIFO without a writer");
	ps_findings_free(&findings);
	unlink(path);

	snprintf(path, sizeof(path), "%s/large.xml", dir);
	file = fopen(path, "w");
	fputs("<ARINC_653_Module xmlns='ARINC_653_ModuleMC_NS'>", file);
	for (i = 0; i < PS_XML_MAX_SIZE / 16; i++)
		fputs("                ", file);
	fclose(file);
	m = check_file(path, &findings);
	CLAIM(!m && findings.list[0].rule == PS_SIZE, "more than 32 MiB");
	ps_findings_free(&findings);
	unlink(path);
	rmdir(dir);
}

/* A plan with @nr windows of ten partitions, one each millisecond. */
static char *long_plan(size_t nr)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	fputs("<Module xmlns='urn:partsched:1'>\n<Partitions>\n", out);
	for (i = 0; i < 10; i++)
		fprintf(out, "<Partition><PartitionDefinition Identifier='%zu' Name='p%zu'/>\n"
			"<PartitionPeriodicity Period='10000000' Duration='500000'/>\n"
			"<Vcpu Index='0' Cpu='1'/></Partition>\n", i, i);
	fprintf(out, "</Partitions>\n<Schedules MajorFrameDuration='%zu'>\n", nr * 1000000);
	for (i = 0; i < nr; i++)
		fprintf(out, "<PartitionTimeWindow PartitionNameRef='p%zu' Offset='%zu' Duration='500000'/>\n",
			i % 10, i * 1000000);
	fputs("</Schedules>\n</Module>\n", out);
	fclose(out);
	return text;
}

static uint64_t ns_of_check(const char *text, struct ps_findings *findings)
{
	struct timespec from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	ps_model_free(check_text(text, 0, findings));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return (uint64_t)(to.tv_sec - from.tv_sec) * NS_PER_S + (uint64_t)to.tv_nsec -
	       (uint64_t)from.tv_nsec;
}

/* Ten times the file: about ten times the time, whatever this machine and build are. */
static void grows_tenfold(uint64_t tenth_ns, uint64_t whole_ns)
{
	printf("# %" PRIu64 " ms for ten times what took %" PRIu64 " ms\n", whole_ns / 1000000,
	       tenth_ns / 1000000);
	CLAIM(whole_ns < 15 * tenth_ns + NS_PER_S / 2, "not linear");
}

static void time_grows_with_the_file(void)
{
	char *small = long_plan(10000), *large = long_plan(100000);
	struct ps_findings findings;
	uint64_t tenth_ns, whole_ns;

	tenth_ns = ns_of_check(small, &findings);
	CLAIM(!findings.errors, "%zu errors in 10000 windows", findings.errors);
	ps_findings_free(&findings);
	whole_ns = ns_of_check(large, &findings);
	/* more windows than a module takes: that is told, and nothing else */
	CLAIM(findings.errors == findings.counts[PS_TOO_MANY], "%zu errors in 100000 windows",
	      findings.errors);
	ps_findings_free(&findings);
	grows_tenfold(tenth_ns, whole_ns);
	free(small);
	free(large);
}

/* As many windows, each wrong in several ways: still linear. */
static void time_grows_with_the_faults(void)
{
	char *texts[2];
	uint64_t took_ns[2];
	size_t i, j;

	for (i = 0; i < 2; i++) {
		struct ps_findings findings;
		size_t size, nr = i ? 100000 : 10000;
		FILE *out = open_memstream(&texts[i], &size);

		fputs("<ARINC_653_Module xmlns='ARINC_653_ModuleMC_NS'><Partitions><Partition>\n"
		      "<PartitionDefinition Identifier='1' Name='a'/></Partition></Partitions>\n"
		      "<Schedules MajorFrameDuration='1000000000'>\n", out);
		for (j = 0; j < nr; j++)
			fprintf(out, "<PartitionTimeWindow PartitionNameRef='%s' Offset='%zu' Duration='99999999' Wrong='1' WindowIdentifier='7'/>\n",
				j % 3 ? "a" : "b", j);
		fputs("</Schedules></ARINC_653_Module>\n", out);
		fclose(out);
		took_ns[i] = ns_of_check(texts[i], &findings);
		CLAIM(findings.errors > nr, "%zu errors", findings.errors);
		ps_findings_free(&findings);
		free(texts[i]);
	}
	grows_tenfold(took_ns[0], took_ns[1]);
}

/* A module of @nr partitions, one window each. */
static char *wide_plan(size_t nr)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	fputs("<Module xmlns='urn:partsched:1'>\n<Partitions>\n", out);
	for (i = 0; i < nr; i++)
		fprintf(out, "<Partition><PartitionDefinition Identifier='%zu' Name='p%zu'/>\n"
			"<Vcpu Index='0' Cpu='1'/></Partition>\n", i, i);
	fputs("</Partitions>\n<Schedules MajorFrameDuration='10000000000'>\n", out);
	for (i = 0; i < nr; i++)
		fprintf(out, "<PartitionTimeWindow PartitionNameRef='p%zu' Offset='%zu' Duration='500000'/>\n",
			i, i * 1000000);
	fputs("</Schedules>\n</Module>\n", out);
	fclose(out);
	return text;
}

static void more_than_the_module_takes_is_refused(void)
{
	struct ps_findings findings;
	char *text = wide_plan(PARTSCHED_MAX_PARTITIONS);

	ps_model_free(check_text(text, 0, &findings));
	CLAIM(!findings.errors, "%zu errors in as many as it takes", findings.errors);
	ps_findings_free(&findings);
	free(text);
	text = wide_plan(PARTSCHED_MAX_PARTITIONS + 1);
	ps_model_free(check_text(text, 0, &findings));
	CLAIM(findings.errors == 1 && findings.counts[PS_TOO_MANY] == 1, "%zu errors in one more",
	      findings.errors);
	ps_findings_free(&findings);
	free(text);
}

/* @nr channels from "a" to "b", @nr_destinations ports each; the rest is pseudo. */
static struct ps_model *joined(size_t nr, size_t nr_destinations)
{
	struct ps_model *m = ps_model_new("joined");
	size_t i, j;

	for (i = 0; i < 2; i++) {
		struct ps_partition *p = ps_model_add_partition(m);

		p->name = ps_strdup(i ? "b" : "a");
		ps_partition_add_vcpu(p)->cpu = 1;
	}
	for (i = 0; i < nr; i++) {
		struct ps_channel *channel = ps_model_add_channel(m);
		struct ps_end *end = ps_channel_add_source(channel);
		struct ps_port *port = ps_partition_add_port(&m->partitions[0]);

		channel->name = ps_asprintf("c%zu", i);
		port->name = ps_strdup(channel->name);
		port->source = true;
		port->message = 1;
		end->partition = 0;
		end->port = ps_strdup(channel->name);
		for (j = 0; j < nr_destinations; j++) {
			end = ps_channel_add_destination(channel);
			end->pseudo = true;
			end->name = ps_asprintf("lab %zu", j);
		}
	}
	return m;
}

static size_t too_many_in(size_t nr, size_t nr_destinations, enum ps_launcher launcher)
{
	struct ps_model *m = joined(nr, nr_destinations);
	struct ps_findings findings;
	size_t nr_found;

	m->partitions[0].launcher = launcher;
	ps_findings_init(&findings, "joined");
	ps_channel_check(m, &findings);
	nr_found = findings.counts[PS_TOO_MANY];
	CLAIM(findings.errors == nr_found, "%zu other errors", findings.errors - nr_found);
	ps_findings_free(&findings);
	ps_model_free(m);
	return nr_found;
}

static void more_channels_than_the_module_takes_are_refused(void)
{
	const size_t channels = PARTSCHED_MAX_CHANNELS, guest = PARTSCHED_GUEST_CHANNELS_MAX;

	CLAIM(!too_many_in(channels, 1, PS_LAUNCHER_NONE), "as many channels as it takes");
	CLAIM(too_many_in(channels + 1, 1, PS_LAUNCHER_NONE) == 1, "one more");
	CLAIM(!too_many_in(channels, PARTSCHED_MAX_PORTS / channels - 1, PS_LAUNCHER_NONE),
	      "as many ports as it takes");
	CLAIM(too_many_in(channels, PARTSCHED_MAX_PORTS / channels, PS_LAUNCHER_NONE) == 1,
	      "one more a channel");
	CLAIM(!too_many_in(guest, 1, PS_LAUNCHER_PARTVM), "as many as a lean guest has room for");
	CLAIM(too_many_in(guest + 1, 1, PS_LAUNCHER_PARTVM) == 1, "one more");
	CLAIM(!too_many_in(guest + 1, 1, PS_LAUNCHER_QEMU), "QEMU has no such page");
}

/* No file has such ports: their size and depth are required. A program's may. */
static void port_without_its_values_is_told(void)
{
	struct ps_model *m = ps_model_new("ports");
	struct ps_partition *p = ps_model_add_partition(m);
	struct ps_findings findings;
	struct ps_port *port;

	p->name = ps_strdup("a");
	ps_partition_add_vcpu(p)->cpu = 1;
	port = ps_partition_add_port(p);
	port->name = ps_strdup("no size");
	port->queuing = true;
	port->depth = 1;
	port = ps_partition_add_port(p);
	port->name = ps_strdup("no depth");
	port->queuing = true;
	port->message = 1;
	port = ps_partition_add_port(p);
	port->name = ps_strdup("sampling: no depth is wanted");
	port->message = 1;
	ps_findings_init(&findings, "ports");
	ps_channel_check(m, &findings);
	CLAIM(findings.counts[PS_PORT_VALUE] == 2, "%zu", findings.counts[PS_PORT_VALUE]);
	ps_findings_free(&findings);
	ps_model_free(m);
}

/* Of a file this is told as a missing element. A program may make such a model. */
static void empty_model_is_told(void)
{
	struct ps_model *m = ps_model_new("empty");
	struct ps_findings findings;

	ps_findings_init(&findings, "empty");
	ps_model_complete(m, &findings);
	ps_model_check(m, 0, &findings);
	CLAIM(findings.errors == 2 && findings.counts[PS_EMPTY] == 2, "%zu errors",
	      findings.errors);
	ps_findings_free(&findings);
	ps_model_free(m);
}

static void what_a_dialect_cannot_say_is_told(void)
{
	struct ps_findings findings, lost;
	struct ps_model *m = check_file("good/native-everything.xml", &findings);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ps_findings_init(&lost, "native-everything.xml");
	CLAIM(m && !ps_xml_write(out, m, PS_DIALECT_PART1, PS_WRITE_PURE, &lost), "written");
	CLAIM(lost.counts[PS_LOST] > 0 && lost.counts[PS_LOST] == lost.nr, "%zu", lost.nr);
	fclose(out);
	free(text);
	ps_findings_free(&lost);
	ps_findings_free(&findings);
	ps_model_free(m);
}

#define GRID_NS 10000000ULL
#define GRID_PER_S 100

/* A plan of one CPU on a grid of 10 ms, against the definition taken literally. */
static void slack_and_overlap_agree_with_brute_force(void)
{
	unsigned int seed = 1, round, disagreed = 0, refused = 0;

	for (round = 0; round < 3000; round++) {
		unsigned int frame = 20 + (unsigned int)rand_r(&seed) % 380, nr, i, t, u;
		struct ps_model *m = ps_model_new("random");
		struct ps_partition *p = ps_model_add_partition(m);
		struct ps_schedule *s = ps_model_add_schedule(m);
		unsigned int busy[400] = { 0 }, most = 0, interval, sum;
		bool overlap = false, slack, found_overlap = false, found_slack = false;
		struct ps_findings findings;

		p->name = ps_strdup("a");
		ps_partition_add_vcpu(p)->cpu = 1;
		s->frame_ns = frame * GRID_NS;
		m->slack_ppm = (unsigned int)rand_r(&seed) % 100 * 10000;
		nr = 1 + (unsigned int)rand_r(&seed) % 6;
		for (i = 0; i < nr; i++) {
			unsigned int start = (unsigned int)rand_r(&seed) % frame;
			unsigned int len = 1 + (unsigned int)rand_r(&seed) % (frame - start) / nr;
			struct ps_window *w = ps_schedule_add_window(s);

			w->offset_ns = start * GRID_NS;
			w->duration_ns = len * GRID_NS;
			for (t = start; t < start + len; t++)
				overlap |= busy[t]++ > 0;
		}
		interval = frame < GRID_PER_S ? frame : GRID_PER_S;
		for (t = 0; t < frame; t++) {
			for (sum = 0, u = 0; u < interval; u++)
				sum += busy[(t + u) % frame] > 0;
			most = sum > most ? sum : most;
		}
		slack = (uint64_t)most * 1000000 > (uint64_t)interval * (1000000 - m->slack_ppm);
		ps_findings_init(&findings, "random");
		ps_time_check(m, s, 0, &findings);
		for (i = 0; i < findings.nr; i++) {
			found_overlap |= findings.list[i].rule == PS_OVERLAP;
			found_slack |= findings.list[i].rule == PS_SLACK;
		}
		disagreed += overlap != found_overlap || slack != found_slack;
		refused += slack;
		ps_findings_free(&findings);
		ps_model_free(m);
	}
	CLAIM(!disagreed, "%u of %u plans", disagreed, round);
	CLAIM(refused > round / 10 && refused < round * 9 / 10, "%u refused: one-sided", refused);
}

static const struct claim_test tests[] = {
	CLAIM_TEST(odd_files_are_refused),
	CLAIM_TEST(time_grows_with_the_file),
	CLAIM_TEST(time_grows_with_the_faults),
	CLAIM_TEST(more_than_the_module_takes_is_refused),
	CLAIM_TEST(more_channels_than_the_module_takes_are_refused),
	CLAIM_TEST(port_without_its_values_is_told),
	CLAIM_TEST(empty_model_is_told),
	CLAIM_TEST(what_a_dialect_cannot_say_is_told),
	CLAIM_TEST(slack_and_overlap_agree_with_brute_force),
};

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1])) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
