// SPDX-License-Identifier: GPL-2.0
#include "partsched-port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As the driver numbers its maps. */
#define MAP_DATA	0
#define MAP_PAGE	1
#define MAP_ACK		2

/* Where devices and their description are. */
struct place {
	const char *class_dir;
	const char *dev_dir;
};

/* -------------------------------------------------------------------------- sysfs */

static int read_attribute(const struct place *place, const char *uio, const char *attribute,
			  char *value, size_t size)
{
	char path[512];
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s/%s", place->class_dir, uio, attribute) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (!fgets(value, (int)size, file))
		value[0] = '\0';
	fclose(file);
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

static bool read_size(const struct place *place, const char *uio, int map, size_t *size)
{
	char attribute[32], value[32];
	unsigned long long number;

	snprintf(attribute, sizeof(attribute), "maps/map%d/size", map);
	if (read_attribute(place, uio, attribute, value, sizeof(value)) ||
	    sscanf(value, "%llx", &number) != 1)
		return false;
	*size = (size_t)number;
	return true;
}

static bool is_port(const struct place *place, const char *uio, const char *name)
{
	char value[PARTSCHED_DOORBELL_NAME_MAX];

	/* the name alone is any UIO device's */
	return !read_attribute(place, uio, "partsched/port", value, sizeof(value)) &&
	       !strcmp(value, name);
}

/* Which uioN a name means. */
static int find_port(const struct place *place, const char *name, char *uio, size_t size)
{
	const char *slash = strrchr(name, '/');
	struct dirent *entry;
	int ret = -ENOENT;
	DIR *dir;

	if (slash)
		return snprintf(uio, size, "%s", slash + 1) < (int)size ? 0 : -ENOENT;
	dir = opendir(place->class_dir);
	if (!dir)
		return -errno;
	while (ret && (entry = readdir(dir)))
		if (is_port(place, entry->d_name, name))
			ret = snprintf(uio, size, "%s", entry->d_name) < (int)size ? 0 : -ENOENT;
	closedir(dir);
	return ret;
}

/* --------------------------------------------------------------------------- open */

static int map(struct partsched_port *port, const struct place *place, const char *uio, int index,
	       bool write)
{
	void *memory;

	if (!read_size(place, uio, index, &port->sizes[index]))
		return -ENODEV;
	memory = mmap(NULL, port->sizes[index], write ? PROT_READ | PROT_WRITE : PROT_READ,
		      MAP_SHARED, port->fd, index * sysconf(_SC_PAGESIZE));
	if (memory == MAP_FAILED)
		return -errno;
	port->maps[index] = memory;
	return 0;
}

/* The page is the guest's own; the channel's memory is not asked what it is. */
static int geometry_of(const struct partsched_port *port,
		       struct partsched_channel_geometry *geometry)
{
	const struct partsched_doorbell *page = port->page;

	if (port->sizes[MAP_PAGE] < sizeof(*page) || page->magic != PARTSCHED_DOORBELL_MAGIC ||
	    page->version != PARTSCHED_DOORBELL_VERSION)
		return -ENODEV;
	if (partsched_channel_geometry_init(geometry, page->type, page->max_message, page->depth,
					    page->refresh_ns))
		return -EPROTO;
	return 0;
}

static int begin(struct partsched_port *port, const struct place *place, const char *uio)
{
	struct partsched_channel_geometry geometry;
	bool source;
	int ret;

	ret = map(port, place, uio, MAP_PAGE, false);
	if (ret)
		return ret;
	port->page = port->maps[MAP_PAGE];
	ret = geometry_of(port, &geometry);
	if (ret)
		return ret;
	source = !port->page->destination;
	ret = map(port, place, uio, MAP_DATA, source);
	if (!ret && geometry.type == PARTSCHED_CHANNEL_QUEUING)
		ret = map(port, place, uio, MAP_ACK, !source);
	if (ret)
		return ret;
	if (port->sizes[MAP_DATA] < geometry.region_size)
		return -EPROTO;
	if (geometry.type == PARTSCHED_CHANNEL_SAMPLING && source)
		partsched_sampling_writer_init(&port->end, &geometry, port->maps[MAP_DATA]);
	else if (geometry.type == PARTSCHED_CHANNEL_SAMPLING)
		partsched_sampling_reader_init(&port->end, &geometry, port->maps[MAP_DATA]);
	else if (source)
		partsched_queue_sender_init(&port->end, &geometry, port->maps[MAP_DATA],
					    port->maps[MAP_ACK]);
	else
		partsched_queue_receiver_init(&port->end, &geometry, port->maps[MAP_DATA],
					      port->maps[MAP_ACK]);
	return 0;
}

int partsched_port_open_in(struct partsched_port *port, const char *class_dir,
			   const char *dev_dir, const char *name)
{
	const struct place place = { .class_dir = class_dir, .dev_dir = dev_dir };
	char uio[32];
	int ret;

	memset(port, 0, sizeof(*port));
	port->fd = -1;
	port->clock.fd = -1;
	ret = find_port(&place, name, uio, sizeof(uio));
	if (ret)
		return ret;
	if (snprintf(port->path, sizeof(port->path), "%s/%s", dev_dir, uio) >=
	    (int)sizeof(port->path))
		return -ENAMETOOLONG;
	/* writing is also how a source kicks, and a destination acknowledges */
	port->fd = open(port->path, O_RDWR | O_CLOEXEC);
	if (port->fd < 0)
		return -errno;
	ret = begin(port, &place, uio);
	if (ret) {
		partsched_port_close(port);
		return ret;
	}
	partsched_clock_open(&port->clock, "/sys/class/ptp", "/dev");
	return 0;
}

int partsched_port_open(struct partsched_port *port, const char *name)
{
	return partsched_port_open_in(port, "/sys/class/uio", "/dev", name);
}

void partsched_port_close(struct partsched_port *port)
{
	int i;

	for (i = 0; i < PARTSCHED_PORT_MAPS; i++) {
		if (port->maps[i])
			munmap(port->maps[i], port->sizes[i]);
		port->maps[i] = NULL;
	}
	port->page = NULL;
	partsched_clock_close(&port->clock);
	if (port->fd >= 0)
		close(port->fd);
	port->fd = -1;
}

/* ----------------------------------------------------------------------- messages */

static uint64_t now_ns(struct partsched_port *port)
{
	return partsched_clock_ns(&port->clock,
				  __atomic_load_n(&port->page->realtime_ns, __ATOMIC_RELAXED));
}

int partsched_port_put(struct partsched_port *port, const void *message, size_t length)
{
	if (port->page->destination)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	return port->end.geometry.type == PARTSCHED_CHANNEL_SAMPLING ?
		partsched_sampling_write(&port->end, message, length, now_ns(port)) :
		partsched_queue_send(&port->end, message, length, now_ns(port));
}

int partsched_port_get(struct partsched_port *port, void *buffer,
		       struct partsched_channel_message *message)
{
	uint64_t time_ns;
	int ret;

	if (!port->page->destination)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	if (port->end.geometry.type == PARTSCHED_CHANNEL_QUEUING)
		return partsched_queue_receive(&port->end, buffer, now_ns(port), message);
	time_ns = now_ns(port);
	ret = partsched_sampling_read(&port->end, buffer, time_ns, message);
	/* neither end knows the time: 0 is not the age of a message */
	if (!ret && !time_ns && port->end.geometry.refresh_ns != PARTSCHED_CHANNEL_NO_REFRESH)
		message->validity = PARTSCHED_CHANNEL_INVALID;
	return ret;
}

/* -------------------------------------------------------------------------- kicks */

int partsched_port_kick(const struct partsched_port *port)
{
	const int32_t all = 0;

	if (!port->page->kicks || port->page->destination)
		return -EOPNOTSUPP;
	return write(port->fd, &all, sizeof(all)) == sizeof(all) ? 0 : -errno;
}

int partsched_port_wait(const struct partsched_port *port, int timeout_ms)
{
	struct pollfd fd = { .fd = port->fd, .events = POLLIN };
	uint32_t count;
	int ret;

	if (!port->page->kicks || !port->page->destination)
		return -EOPNOTSUPP;
	ret = poll(&fd, 1, timeout_ms);
	if (ret <= 0)
		return !ret || errno == EINTR ? 0 : -errno;
	/* takes note of all kicks so far */
	return read(port->fd, &count, sizeof(count)) == sizeof(count) ? 1 : -errno;
}
