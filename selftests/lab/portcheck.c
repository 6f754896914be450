// SPDX-License-Identifier: GPL-2.0
/*
 * portcheck - what the driver uio_partsched lets a guest's program do, and what not
 *
 * Runs in the guest "vmconsumer" of linux-guest.sh, and prints KTAP. Needs root. Ends
 * with the program that its arguments name, if there are any.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "partsched-port.h"

#define PAGE	4096

static int nr, failed;

static void claim(bool good, const char *name)
{
	if (!good) {
		printf("# errno %d: %s\n", errno, strerror(errno));
		failed++;
	}
	printf("%sok %d %s\n", good ? "" : "not ", ++nr, name);
}

static bool attribute_is(int uio, const char *attribute, const char *want)
{
	char path[128], got[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/uio/uio%d/%s", uio, attribute);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(got, sizeof(got), file))
		got[0] = '\0';
	fclose(file);
	got[strcspn(got, "\n")] = '\0';
	if (strcmp(got, want))
		printf("# %s is %s\n", path, got);
	return !strcmp(got, want);
}

static bool maps(int fd, int map, size_t size, int prot, int flags, int err)
{
	void *memory;

	errno = 0;
	memory = mmap(NULL, size, prot, flags, fd, (off_t)map * PAGE);
	if (memory == MAP_FAILED)
		return errno == err;
	munmap(memory, size);
	return !err;
}

static void check_sysfs(void)
{
	claim(attribute_is(0, "name", "read_count"), "device_has_the_ports_name");
	claim(attribute_is(1, "name", "read_port"), "devices_are_in_the_order_of_slots");
	claim(attribute_is(1, "partsched/partition", "vmconsumer"), "partition_is_told");
	claim(attribute_is(1, "partsched/port", "read_port"), "port_is_told");
	claim(attribute_is(1, "partsched/direction", "destination"), "direction_is_told");
	claim(attribute_is(0, "partsched/type", "sampling"), "sampling_is_told");
	claim(attribute_is(1, "partsched/type", "queuing"), "queuing_is_told");
	claim(attribute_is(1, "partsched/max_message", "4096"), "longest_message_is_told");
	claim(attribute_is(1, "partsched/depth", "32"), "depth_is_told");
	claim(attribute_is(1, "partsched/kicks", "1"), "kicks_are_told");
	claim(attribute_is(0, "partsched/kicks", "0"), "no_kicks_are_told");
	claim(attribute_is(1, "maps/map0/name", "data"), "first_map_is_the_data");
	claim(attribute_is(1, "maps/map0/size", "0x0000000000040000"), "its_size_is_told");
	claim(attribute_is(1, "maps/map1/name", "page"), "second_map_is_the_page");
	claim(attribute_is(1, "maps/map2/name", "ack"), "third_map_is_the_ack_page");
}

static void check_rights(int fd)
{
	void *memory;

	claim(maps(fd, 0, 0x40000, PROT_READ, MAP_SHARED, 0), "destination_is_mapped_for_reading");
	claim(maps(fd, 0, 0x40000, PROT_READ | PROT_WRITE, MAP_SHARED, EACCES),
	      "destination_is_not_mapped_for_writing");
	claim(maps(fd, 0, 0x40000, PROT_READ, MAP_PRIVATE, EACCES), "copy_is_refused");
	claim(maps(fd, 0, 0x41000, PROT_READ, MAP_SHARED, EINVAL), "more_than_there_is_is_refused");
	claim(maps(fd, 1, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, EACCES),
	      "page_is_not_mapped_for_writing");
	claim(maps(fd, 2, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0),
	      "ack_of_a_destination_is_mapped_for_writing");
	claim(maps(fd, 3, PAGE, PROT_READ, MAP_SHARED, EINVAL), "there_is_no_fourth_map");
	memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	errno = 0;
	claim(memory != MAP_FAILED && mprotect(memory, PAGE, PROT_READ | PROT_WRITE) &&
	      errno == EACCES, "mapping_does_not_become_writable");
	if (memory != MAP_FAILED)
		munmap(memory, PAGE);
}

static void check_ports(void)
{
	struct partsched_channel_message message;
	struct partsched_port port, count;
	static char buffer[4096];
	const int32_t one = 1;

	claim(partsched_port_open(&port, "no_port") == -ENOENT, "unknown_port_is_refused");
	claim(partsched_port_open(&port, "/dev/uio9") == -ENOENT, "unknown_device_is_refused");
	claim(!partsched_port_open(&port, "/dev/uio0"), "device_is_opened");
	partsched_port_close(&port);
	claim(!partsched_port_open(&port, "read_port"), "queue_is_opened");
	claim(!partsched_port_open(&count, "read_count"), "sampling_port_is_opened");
	claim(partsched_port_get(&count, buffer, &message) == PARTSCHED_GUEST_NO_ACTION,
	      "nothing_was_ever_written");
	claim(partsched_port_get(&port, buffer, &message) == PARTSCHED_GUEST_NOT_AVAILABLE,
	      "queue_is_empty");
	claim(partsched_port_put(&port, "x", 1) == PARTSCHED_GUEST_INVALID_CONFIG,
	      "destination_is_not_written");
	claim(partsched_port_kick(&port) == -EOPNOTSUPP, "destination_kicks_nobody");
	errno = 0;
	claim(write(port.fd, &one, sizeof(one)) < 0 && errno == ENOSYS, "nor_does_its_device");
	claim(partsched_port_wait(&count, 0) == -EOPNOTSUPP, "nobody_waits_where_no_kick_comes");
	claim(partsched_port_wait(&port, 10) == 0, "waiting_ends_by_itself");
	check_rights(port.fd);
	partsched_port_close(&count);
	partsched_port_close(&port);
	partsched_port_close(&port);
	claim(true, "ports_are_closed_twice");
}

static int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t ret = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return ret < 0 ? -1 : 0;
}

#define DRIVER	"/sys/bus/pci/drivers/uio_partsched"

/* Any function's going ends the port, whoever has it open; its coming brings it back. */
static void check_life(void)
{
	static const char * const functions[] = { "0000:00:0b.0", "0000:00:0b.1",
						 "0000:00:0b.2" };
	struct partsched_port port;
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		int ret = partsched_port_open(&port, "read_port");

		snprintf(name, sizeof(name), "function_%zu_ends_the_port", i);
		claim(!ret && !write_to(DRIVER "/unbind", functions[i]) &&
		      access("/dev/uio1", F_OK) && partsched_port_wait(&port, 0) < 0, name);
		/* what is mapped stays */
		snprintf(name, sizeof(name), "what_is_mapped_stays_%zu", i);
		claim(port.page->magic == PARTSCHED_DOORBELL_MAGIC, name);
		partsched_port_close(&port);
		snprintf(name, sizeof(name), "function_%zu_brings_it_back", i);
		claim(!write_to(DRIVER "/bind", functions[i]) &&
		      attribute_is(1, "name", "read_port"), name);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	check_sysfs();
	check_ports();
	check_life();
	printf("1..%d\n", nr);
	if (argc > 1 && !failed)
		execvp(argv[1], argv + 1);
	return !!failed;
}
