// SPDX-License-Identifier: GPL-2.0
/*
 * guest-port - the library of tools/linux-guest, over files in place of the driver's
 * devices: messages both ways, what it takes for a port, and what it refuses
 *
 * A device is a file of one page for each of its maps, which the smallest channels
 * fit into; the test is the other end of the channel. Kicks and the host's clock are
 * for guests: selftests/lab/linux-guest.sh, selftests/partsched/hamr.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktap.h"
#include "partsched-port.h"

#define PAGE	4096
/* data, page, ack */
#define MAPS	3
#define MAX	64
#define DEPTH	4

/**
 * struct device - a port, and the memory behind it
 * @page: its page
 * @no_port: it is another driver's
 * @nr_maps: that are told of
 * @memory: of all maps, as the other end has it
 */
struct device {
	struct partsched_doorbell page;
	bool no_port;
	unsigned int nr_maps;
	unsigned char *memory;
};

static char top[64];

__attribute__((format(printf, 1, 2)))
static const char *path_of(const char *fmt, ...)
{
	static char path[256];
	va_list args;
	int len = snprintf(path, sizeof(path), "%s/", top);

	va_start(args, fmt);
	vsnprintf(path + len, sizeof(path) - (size_t)len, fmt, args);
	va_end(args);
	return path;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file))
		ktap_fail("%s: %s", path, strerror(errno));
}

/* A port of a queue, or with @type of a sampling channel; to be changed at will. */
static struct device port_of(bool destination, uint32_t type)
{
	struct device device = {
		.nr_maps = MAPS,
		.page = {
			.magic = PARTSCHED_DOORBELL_MAGIC,
			.version = PARTSCHED_DOORBELL_VERSION,
			.destination = destination,
			.region_size = PAGE,
			.name = "linux.port",
			.port = 6,
			.type = type,
			.max_message = MAX,
			.depth = DEPTH,
		},
	};

	return device;
}

/* The one device there is: uio0. */
static bool make(struct device *device)
{
	const char *name = device->page.name + device->page.port;
	unsigned int i;
	int fd;

	unlink(path_of("class/uio0/partsched/port"));
	write_file(path_of("class/uio0/name"), name);
	if (!device->no_port)
		write_file(path_of("class/uio0/partsched/port"), name);
	for (i = 0; i < MAPS; i++) {
		unlink(path_of("class/uio0/maps/map%u/size", i));
		if (i < device->nr_maps)
			write_file(path_of("class/uio0/maps/map%u/size", i), "0x1000\n");
	}
	fd = open(path_of("dev/uio0"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, MAPS * PAGE))
		return ktap_fail("uio0: %s", strerror(errno));
	device->memory = mmap(NULL, MAPS * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (device->memory == MAP_FAILED)
		return ktap_fail("mmap: %s", strerror(errno));
	memcpy(device->memory + PAGE, &device->page, sizeof(device->page));
	return true;
}

static void drop(struct device *device)
{
	munmap(device->memory, MAPS * PAGE);
}

static int open_port(struct partsched_port *port, const char *name)
{
	char class_dir[96], dev_dir[96];

	snprintf(class_dir, sizeof(class_dir), "%s/class", top);
	snprintf(dev_dir, sizeof(dev_dir), "%s/dev", top);
	return partsched_port_open_in(port, class_dir, dev_dir, name);
}

/* The other end of the device's channel. */
static void become_peer(struct partsched_channel_end *end, const struct device *device)
{
	const struct partsched_doorbell *page = &device->page;
	struct partsched_channel_geometry geometry;
	void *region = device->memory, *ack = device->memory + 2 * PAGE;

	partsched_channel_geometry_init(&geometry, page->type, page->max_message, page->depth,
					page->refresh_ns);
	if (page->type == PARTSCHED_CHANNEL_SAMPLING && page->destination)
		partsched_sampling_writer_init(end, &geometry, region);
	else if (page->type == PARTSCHED_CHANNEL_SAMPLING)
		partsched_sampling_reader_init(end, &geometry, region);
	else if (page->destination)
		partsched_queue_sender_init(end, &geometry, region, ack);
	else
		partsched_queue_receiver_init(end, &geometry, region, ack);
}

/* --------------------------------------------------------------------- messages */

static bool source_of_a_queue_sends_until_it_is_full(void)
{
	struct device device = port_of(false, PARTSCHED_CHANNEL_QUEUING);
	struct partsched_channel_message message;
	struct partsched_channel_end peer;
	struct partsched_port port;
	uint32_t i, got[MAX / 4];

	if (!make(&device) || open_port(&port, "port"))
		return ktap_fail("cannot be opened");
	become_peer(&peer, &device);
	for (i = 0; i < DEPTH; i++)
		if (partsched_port_put(&port, &i, sizeof(i)))
			ktap_fail("message %u is refused", i);
	if (partsched_port_put(&port, &i, sizeof(i)) != PARTSCHED_GUEST_NOT_AVAILABLE)
		ktap_fail("a full queue takes a message");
	if (partsched_port_put(&port, got, MAX + 1) != PARTSCHED_GUEST_INVALID_PARAM)
		ktap_fail("a message that is too long is taken");
	for (i = 0; i < DEPTH; i++)
		if (partsched_queue_receive(&peer, got, 0, &message) || got[0] != i)
			ktap_fail("message %u does not arrive", i);
	if (partsched_port_get(&port, got, &message) != PARTSCHED_GUEST_INVALID_CONFIG)
		ktap_fail("a source is read");
	partsched_port_close(&port);
	drop(&device);
	return true;
}

static bool destination_of_a_queue_takes_each_message_once(void)
{
	struct device device = port_of(true, PARTSCHED_CHANNEL_QUEUING);
	struct partsched_channel_message message;
	struct partsched_channel_end peer;
	struct partsched_port port;
	uint32_t i, got[MAX / 4];

	if (!make(&device) || open_port(&port, "port"))
		return ktap_fail("cannot be opened");
	become_peer(&peer, &device);
	for (i = 0; i < 3; i++)
		partsched_queue_send(&peer, &i, sizeof(i), 1);
	for (i = 0; i < 2; i++)
		if (partsched_port_get(&port, got, &message) || got[0] != i ||
		    message.number != i + 1 || message.length != sizeof(i))
			ktap_fail("message %u does not arrive", i);
	/* the next program goes on where this one ends */
	partsched_port_close(&port);
	if (open_port(&port, "port"))
		return ktap_fail("cannot be opened again");
	if (partsched_port_get(&port, got, &message) || got[0] != 2)
		ktap_fail("the message that was left does not arrive");
	if (partsched_port_get(&port, got, &message) != PARTSCHED_GUEST_NOT_AVAILABLE)
		ktap_fail("an empty queue gives a message");
	if (partsched_port_put(&port, &i, sizeof(i)) != PARTSCHED_GUEST_INVALID_CONFIG)
		ktap_fail("a destination is written");
	partsched_port_close(&port);
	drop(&device);
	return true;
}

static bool sampling_goes_both_ways(void)
{
	struct device source = port_of(false, PARTSCHED_CHANNEL_SAMPLING);
	struct device destination = port_of(true, PARTSCHED_CHANNEL_SAMPLING);
	struct partsched_channel_message message;
	struct partsched_channel_end peer;
	struct partsched_port port;
	char got[MAX];

	if (!make(&source) || open_port(&port, "port"))
		return ktap_fail("the source cannot be opened");
	become_peer(&peer, &source);
	if (partsched_port_put(&port, "one", 4) || partsched_port_put(&port, "two", 4) ||
	    partsched_sampling_read(&peer, got, 0, &message) || strcmp(got, "two"))
		ktap_fail("the newest message does not arrive");
	partsched_port_close(&port);
	drop(&source);

	if (!make(&destination) || open_port(&port, "port"))
		return ktap_fail("the destination cannot be opened");
	become_peer(&peer, &destination);
	if (partsched_port_get(&port, got, &message) != PARTSCHED_GUEST_NO_ACTION)
		ktap_fail("there is a message before the first one");
	partsched_sampling_write(&peer, "three", 6, 1);
	if (partsched_port_get(&port, got, &message) || strcmp(got, "three") ||
	    partsched_port_get(&port, got, &message) || message.number != 1)
		ktap_fail("the message is not there twice");
	if (message.validity != PARTSCHED_CHANNEL_VALID)
		ktap_fail("a message grows old without a refresh period");
	partsched_port_close(&port);
	drop(&destination);
	return true;
}

/* Neither is a time that both do not know the same time. */
static bool nothing_is_valid_while_the_time_is_unknown(void)
{
	struct device device = port_of(true, PARTSCHED_CHANNEL_SAMPLING);
	struct partsched_channel_message message;
	struct partsched_channel_end peer;
	struct partsched_port port;
	char got[MAX];

	device.page.refresh_ns = 1000000000;
	if (!make(&device) || open_port(&port, "port"))
		return ktap_fail("cannot be opened");
	become_peer(&peer, &device);
	partsched_sampling_write(&peer, "x", 1, 0);
	if (partsched_port_get(&port, got, &message) ||
	    message.validity != PARTSCHED_CHANNEL_INVALID)
		ktap_fail("the message is valid");
	partsched_port_close(&port);
	drop(&device);
	return true;
}

/* ------------------------------------------------------------------- what it is */

static bool port_without_kicks_says_so(void)
{
	struct device device = port_of(false, PARTSCHED_CHANNEL_QUEUING);
	struct partsched_port port;

	if (!make(&device) || open_port(&port, "port"))
		return ktap_fail("cannot be opened");
	if (partsched_port_kick(&port) != -EOPNOTSUPP || partsched_port_wait(&port, 0) != -EOPNOTSUPP)
		ktap_fail("it kicks");
	partsched_port_close(&port);
	/* once more is no harm */
	partsched_port_close(&port);
	drop(&device);
	return true;
}

static bool opens(struct device *device, const char *name, int want, const char *what)
{
	struct partsched_port port;
	int got;

	if (!make(device))
		return false;
	got = open_port(&port, name);
	if (got != want)
		ktap_fail("%s: %d instead of %d", what, got, want);
	if (!got)
		partsched_port_close(&port);
	drop(device);
	return got == want;
}

static bool port_is_found_by_its_name_or_its_path(void)
{
	struct device device = port_of(false, PARTSCHED_CHANNEL_QUEUING);

	opens(&device, "port", 0, "its name");
	opens(&device, "/dev/uio0", 0, "its path");
	opens(&device, "linux.port", -ENOENT, "its partition's name, too");
	opens(&device, "", -ENOENT, "no name");
	opens(&device, "/dev/uio1", -ENOENT, "another device");
	opens(&device, "/dev/a-name-that-no-device-of-uio-could-ever-have", -ENOENT, "a long one");
	device.no_port = true;
	return opens(&device, "port", -ENOENT, "another driver's device");
}

static bool nonsense_is_no_port(void)
{
	struct device device = port_of(false, PARTSCHED_CHANNEL_QUEUING), changed;

	changed = device;
	changed.page.magic++;
	opens(&changed, "port", -ENODEV, "no page");
	changed = device;
	changed.page.version++;
	opens(&changed, "port", -ENODEV, "another version");
	changed = device;
	changed.nr_maps = 1;
	opens(&changed, "port", -ENODEV, "no page is told of");
	changed.nr_maps = 2;
	opens(&changed, "port", -ENODEV, "no ack page is told of");
	changed = device;
	changed.page.type = 3;
	opens(&changed, "port", -EPROTO, "another type");
	changed = device;
	changed.page.depth = 0;
	opens(&changed, "port", -EPROTO, "a queue without depth");
	changed = device;
	changed.page.max_message = PAGE;
	return opens(&changed, "port", -EPROTO, "messages that its memory does not hold");
}

/* A clock of another name, or one that cannot be asked. */
static bool time_is_unknown_without_the_hosts_clock(void)
{
	struct partsched_clock clock;
	char ptp_dir[96], dev_dir[96];

	snprintf(ptp_dir, sizeof(ptp_dir), "%s/ptp", top);
	snprintf(dev_dir, sizeof(dev_dir), "%s/dev", top);
	partsched_clock_open(&clock, ptp_dir, dev_dir);
	if (clock.fd >= 0 || partsched_clock_ns(&clock, 1))
		ktap_fail("there is a clock");
	mkdir(path_of("ptp"), 0700);
	mkdir(path_of("ptp/ptp0"), 0700);
	write_file(path_of("dev/ptp0"), "");
	write_file(path_of("ptp/ptp0/clock_name"), "e1000e\n");
	partsched_clock_open(&clock, ptp_dir, dev_dir);
	if (clock.fd >= 0)
		ktap_fail("a network card's clock is taken for the host's");
	write_file(path_of("ptp/ptp0/clock_name"), "KVM virtual PTP\n");
	partsched_clock_open(&clock, ptp_dir, dev_dir);
	if (clock.fd < 0)
		ktap_fail("the host's clock is not found");
	if (partsched_clock_ns(&clock, 0))
		ktap_fail("it is known without the difference");
	if (partsched_clock_ns(&clock, 1))
		ktap_fail("a file tells the time");
	partsched_clock_close(&clock);
	return clock.fd == -1;
}

static const struct ktap_test tests[] = {
	KTAP_TEST(source_of_a_queue_sends_until_it_is_full),
	KTAP_TEST(destination_of_a_queue_takes_each_message_once),
	KTAP_TEST(sampling_goes_both_ways),
	KTAP_TEST(nothing_is_valid_while_the_time_is_unknown),
	KTAP_TEST(port_without_kicks_says_so),
	KTAP_TEST(port_is_found_by_its_name_or_its_path),
	KTAP_TEST(nonsense_is_no_port),
	KTAP_TEST(time_is_unknown_without_the_hosts_clock),
};

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	char remove[96];
	unsigned int i;
	int ret;

	/* short: a port keeps the path of its device */
	snprintf(top, sizeof(top), "%.24s/guest-port.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(top)) {
		perror(top);
		return EXIT_FAILURE;
	}
	mkdir(path_of("dev"), 0700);
	mkdir(path_of("class"), 0700);
	mkdir(path_of("class/uio0"), 0700);
	mkdir(path_of("class/uio0/partsched"), 0700);
	mkdir(path_of("class/uio0/maps"), 0700);
	for (i = 0; i < MAPS; i++)
		mkdir(path_of("class/uio0/maps/map%u", i), 0700);
	ret = ktap_main(tests, sizeof(tests) / sizeof(*tests));
	snprintf(remove, sizeof(remove), "rm -rf '%s'", top);
	return system(remove) || ret;
}
