// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of how a QEMU is given the ports of a partition.
 *
 *   qemu-ports [DIRECTORY]      KTAP on standard output, status 1 on a failure
 *
 * DIRECTORY is passed over: all unit tests are called alike.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "claim.h"
#include "port-page.h"
#include "qemu-ports.h"

static char dir[] = "/tmp/qemu-ports.XXXXXX";

/*
 * "linux" sends to "other" by a queue with a kick, and reads what "host" samples,
 * without one.
 */
static const struct ps_port_info plan[] = {
	{ .partition = "linux", .port = "out", .direction = PARTSCHED_PORT_SOURCE,
	  .type = PARTSCHED_PORT_QUEUING, .channel_id = 1, .max_message = 64, .depth = 4,
	  .region_bytes = 4096 },
	{ .partition = "other", .port = "in", .direction = PARTSCHED_PORT_DESTINATION,
	  .type = PARTSCHED_PORT_QUEUING, .channel_id = 1, .max_message = 64, .depth = 4,
	  .region_bytes = 4096, .kick = PARTSCHED_KICK_WINDOW },
	{ .partition = "host", .port = "state", .pseudo = true,
	  .direction = PARTSCHED_PORT_SOURCE, .type = PARTSCHED_PORT_SAMPLING, .channel_id = 2,
	  .max_message = 4096, .refresh_ns = 5000, .region_bytes = 65536 },
	{ .partition = "linux", .port = "state,x", .direction = PARTSCHED_PORT_DESTINATION,
	  .type = PARTSCHED_PORT_SAMPLING, .channel_id = 2, .max_message = 4096,
	  .refresh_ns = 5000, .region_bytes = 65536 },
};

/* Is there this option with this value, %s being the directory? */
static bool has(const struct qemu_ports *ports, const char *option, const char *value)
{
	const char *at = strstr(value, "%s");
	char want[256];
	size_t i;

	if (at)
		snprintf(want, sizeof(want), "%.*s%s%s", (int)(at - value), value, dir, at + 2);
	else
		snprintf(want, sizeof(want), "%s", value);
	for (i = 0; i + 1 < ports->nr_arguments; i += 2)
		if (!strcmp(ports->arguments[i], option) && !strcmp(ports->arguments[i + 1], want))
			return true;
	return false;
}

static void source_of_a_queue_with_kicks_is_three_functions(void)
{
	struct ps_error error = { 0 };
	struct qemu_ports ports;

	CLAIM(!qemu_ports_fill(&ports, plan, NR(plan), "linux", dir, 9, &error), "%s", error.text);
	CLAIM(has(&ports, "-object",
		  "memory-backend-file,id=port9.0,share=on,mem-path=/dev/partsched/linux.out,size=4096"),
	      "data");
	CLAIM(has(&ports, "-device", "ivshmem-plain,memdev=port9.0,addr=9.0,multifunction=on"),
	      "data's device");
	CLAIM(has(&ports, "-object",
		  "memory-backend-file,id=port9.1,share=on,readonly=on,mem-path=/dev/partsched/linux.out.ack,size=4096"),
	      "ack");
	CLAIM(has(&ports, "-device", "ivshmem-plain,memdev=port9.1,addr=9.1"), "ack's device");
	CLAIM(has(&ports, "-chardev", "socket,id=port9,path=%s/linux.out.kicks"), "socket");
	CLAIM(has(&ports, "-device", "ivshmem-doorbell,chardev=port9,vectors=1,addr=9.2"),
	      "doorbell");
	CLAIM(ports.nr_servers == 1 && !strcmp(ports.servers[0].port, "linux.out"), "server");
	qemu_ports_free(&ports);
	CLAIM(!ports.nr_arguments && !ports.nr_servers, "not empty when it is freed");
}

/* And a slot is a number in hexadecimal digits to QEMU, and a comma two. */
static void destination_without_kicks_has_its_page_from_a_file(void)
{
	struct ps_error error = { 0 };
	struct qemu_ports ports;

	CLAIM(!qemu_ports_fill(&ports, plan, NR(plan), "linux", dir, 9, &error), "%s", error.text);
	CLAIM(has(&ports, "-object",
		  "memory-backend-file,id=port10.0,share=on,readonly=on,mem-path=/dev/partsched/linux.state,,x,size=65536"),
	      "data");
	CLAIM(has(&ports, "-device", "ivshmem-plain,memdev=port10.0,addr=a.0,multifunction=on"),
	      "data's device");
	CLAIM(has(&ports, "-object",
		  "memory-backend-file,id=port10.2,share=on,readonly=on,mem-path=%s/linux.state,,x.page,size=4096"),
	      "page");
	CLAIM(has(&ports, "-device", "ivshmem-plain,memdev=port10.2,addr=a.2"), "page's device");
	CLAIM(ports.nr_arguments == 2 * (2 * 3 + 2 * 2), "%zu arguments", ports.nr_arguments);
	qemu_ports_free(&ports);
}

static void page_in_the_file_says_what_the_port_is(void)
{
	struct partsched_doorbell page;
	struct ps_error error = { 0 };
	struct qemu_ports ports;
	struct stat st;
	char path[64];
	int fd;

	CLAIM(!qemu_ports_fill(&ports, plan, NR(plan), "linux", dir, 9, &error), "%s", error.text);
	qemu_ports_free(&ports);
	snprintf(path, sizeof(path), "%s/linux.state,x.page", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CLAIM(fd >= 0 && read(fd, &page, sizeof(page)) == sizeof(page), "%s", path);
	CLAIM(!fstat(fd, &st) && st.st_size == PARTSCHED_DOORBELL_SIZE, "no page in size");
	close(fd);
	CLAIM(page.magic == PARTSCHED_DOORBELL_MAGIC && page.version == PARTSCHED_DOORBELL_VERSION,
	      "not marked");
	CLAIM(!strcmp(page.name, "linux.state,x") && page.port == 6, "%s %u", page.name, page.port);
	CLAIM(page.destination == 1 && !page.kicks && !page.nr_destinations, "direction");
	CLAIM(page.type == PARTSCHED_GUEST_CHANNEL_SAMPLING && page.max_message == 4096 &&
	      page.depth == 1 && page.refresh_ns == 5000 && page.region_size == 65536, "geometry");
}

static void page_of_a_queue_has_its_depth(void)
{
	struct partsched_doorbell page;

	port_page_fill(&page, &plan[0], true, 1);
	CLAIM(!page.destination && page.kicks == 1 && page.nr_destinations == 1, "direction");
	CLAIM(page.type == PARTSCHED_GUEST_CHANNEL_QUEUING && page.depth == 4 &&
	      !page.refresh_ns, "geometry");
}

static uint64_t ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* From the one clock to the other: between two looks at it. */
static void page_leads_from_one_clock_to_the_other(void)
{
	uint64_t before = ns(CLOCK_MONOTONIC), realtime = ns(CLOCK_REALTIME);
	uint64_t after = ns(CLOCK_MONOTONIC), found = realtime - port_page_realtime_ns();

	/* each of the two differences is as wrong as its looks were far apart, at most */
	CLAIM(found + 1000000000 > before && found < after + 1000000000,
	      "%llu is not at %llu", (unsigned long long)found, (unsigned long long)before);
}

static void other_partitions_are_passed_over(void)
{
	struct ps_error error = { 0 };
	struct qemu_ports ports;

	CLAIM(!qemu_ports_fill(&ports, plan, NR(plan), "host", dir, 9, &error) &&
	      !ports.nr_arguments, "a pseudo-partition has a guest");
	qemu_ports_free(&ports);
	CLAIM(!qemu_ports_fill(&ports, plan, NR(plan), "other", dir, 9, &error) &&
	      ports.nr_servers == 1 && ports.nr_arguments == 12, "%zu", ports.nr_arguments);
	qemu_ports_free(&ports);
}

static void what_cannot_be_is_refused(void)
{
	struct ps_error error = { 0 };
	struct qemu_ports ports;
	char deep[160] = "/tmp/";

	CLAIM(qemu_ports_fill(&ports, plan, NR(plan), "linux", dir, QEMU_PORTS_SLOT_MAX, &error) &&
	      error.err == ENOSPC, "more slots than a bus has");
	qemu_ports_free(&ports);
	CLAIM(qemu_ports_fill(&ports, plan, NR(plan), "linux", "/no/such/place", 9, &error) &&
	      error.err == ENOENT, "no directory: %s", error.text);
	qemu_ports_free(&ports);
	memset(deep + 5, 'd', sizeof(deep) - 6);
	CLAIM(qemu_ports_fill(&ports, plan, NR(plan), "linux", deep, 9, &error) &&
	      error.err == ENAMETOOLONG, "a path that is too long");
	qemu_ports_free(&ports);
}

int main(void)
{
	static const struct claim_test tests[] = {
		CLAIM_TEST(source_of_a_queue_with_kicks_is_three_functions),
		CLAIM_TEST(destination_without_kicks_has_its_page_from_a_file),
		CLAIM_TEST(page_in_the_file_says_what_the_port_is),
		CLAIM_TEST(page_of_a_queue_has_its_depth),
		CLAIM_TEST(page_leads_from_one_clock_to_the_other),
		CLAIM_TEST(other_partitions_are_passed_over),
		CLAIM_TEST(what_cannot_be_is_refused),
	};
	char path[64];

	if (!mkdtemp(dir)) {
		perror(dir);
		return 1;
	}
	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	snprintf(path, sizeof(path), "%s/linux.state,x.page", dir);
	unlink(path);
	rmdir(dir);
	return claim_end();
}
