// SPDX-License-Identifier: GPL-2.0
#include "qemu-ports.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/partsched_channel.h>
#include <linux/partsched_device.h>

#include "alloc.h"
#include "port-page.h"

__attribute__((format(printf, 2, 3)))
static void add(struct qemu_ports *ports, const char *fmt, ...)
{
	char **argument = ps_grow(&ports->arguments, &ports->nr_arguments, sizeof(char *));
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(argument, fmt, ap) < 0)
		abort();
	va_end(ap);
}

/* In a value of an option of QEMU a comma is written twice. */
static char *quoted(const char *text)
{
	char *copy = ps_calloc(2 * strlen(text) + 1, 1), *to = copy;

	for (; *text; text++) {
		if (*text == ',')
			*to++ = ',';
		*to++ = *text;
	}
	return copy;
}

/* Of a source: has any destination of its channel a kick? */
static bool has_kicks(const struct ps_port_info *port, const struct ps_port_info *list, size_t nr)
{
	size_t i;

	if (port->direction != PARTSCHED_PORT_SOURCE)
		return port->kick != PARTSCHED_KICK_NONE;
	for (i = 0; i < nr; i++)
		if (list[i].channel_id == port->channel_id &&
		    list[i].direction != PARTSCHED_PORT_SOURCE &&
		    list[i].kick != PARTSCHED_KICK_NONE)
			return true;
	return false;
}

static int write_page(const char *path, const struct ps_port_info *port, struct ps_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), err;
	struct partsched_doorbell page;

	port_page_fill(&page, port, false, 0);
	if (fd >= 0 && write(fd, &page, sizeof(page)) == sizeof(page) &&
	    !ftruncate(fd, PARTSCHED_DOORBELL_SIZE))
		return close(fd);
	err = errno;
	if (fd >= 0)
		close(fd);
	return ps_fail(error, err == EACCES ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err, "%s: %s",
		       PS_SAFE(path), strerror(err));
}

/* A function of the slot: memory that the guest sees. */
static void add_memory(struct qemu_ports *ports, unsigned int slot, unsigned int function,
		       const char *path, uint64_t size, bool writable)
{
	char *file = quoted(path);

	add(ports, "-object");
	add(ports, "memory-backend-file,id=port%u.%u,share=on%s,mem-path=%s,size=%" PRIu64, slot,
	    function, writable ? "" : ",readonly=on", file, size);
	add(ports, "-device");
	add(ports, "ivshmem-plain,memdev=port%u.%u,addr=%x.%x%s", slot, function, slot, function,
	    function == PARTSCHED_PORT_FUNCTION_DATA ? ",multifunction=on" : "");
	free(file);
}

static int add_doorbell(struct qemu_ports *ports, unsigned int slot, const char *name,
			const char *path, struct ps_error *error)
{
	struct sockaddr_un address;
	struct qemu_server *server;
	char *file;

	if (strlen(path) >= sizeof(address.sun_path))
		return ps_fail(error, PS_EXIT_REFUSED, ENAMETOOLONG,
			       "%s: a socket's path has %zu bytes at most; take another directory",
			       PS_SAFE(path), sizeof(address.sun_path) - 1);
	file = quoted(path);
	add(ports, "-chardev");
	add(ports, "socket,id=port%u,path=%s", slot, file);
	add(ports, "-device");
	add(ports, "ivshmem-doorbell,chardev=port%u,vectors=1,addr=%x.%x", slot, slot,
	    PARTSCHED_PORT_FUNCTION_PAGE);
	free(file);
	server = ps_grow(&ports->servers, &ports->nr_servers, sizeof(*server));
	server->port = ps_strdup(name);
	server->socket = ps_strdup(path);
	return 0;
}

static int add_port(struct qemu_ports *ports, const struct ps_port_info *port, bool kicks,
		    const char *dir, unsigned int slot, struct ps_error *error)
{
	bool source = port->direction == PARTSCHED_PORT_SOURCE;
	char *name = ps_asprintf("%s.%s", port->partition, port->port);
	char *device = ps_asprintf(PARTSCHED_PORT_DEVICES "%s", name);
	char *ack = ps_asprintf("%s" PARTSCHED_PORT_ACK, device);
	char *page = ps_asprintf("%s/%s%s", dir, name, kicks ? QEMU_PORTS_KICKS : QEMU_PORTS_PAGE);
	int rc;

	/* function 0 has to be there, and QEMU wants it to be the last one only of those
	 * that are plugged in later
	 */
	add_memory(ports, slot, PARTSCHED_PORT_FUNCTION_DATA, device, port->region_bytes, source);
	if (port->type == PARTSCHED_PORT_QUEUING)
		add_memory(ports, slot, PARTSCHED_PORT_FUNCTION_ACK, ack,
			   PARTSCHED_CHANNEL_ACK_SIZE, !source);
	if (kicks) {
		rc = add_doorbell(ports, slot, name, page, error);
	} else {
		rc = write_page(page, port, error);
		add_memory(ports, slot, PARTSCHED_PORT_FUNCTION_PAGE, page,
			   PARTSCHED_DOORBELL_SIZE, false);
	}
	free(page);
	free(ack);
	free(device);
	free(name);
	return rc;
}

int qemu_ports_fill(struct qemu_ports *ports, const struct ps_port_info *list, size_t nr,
		    const char *partition, const char *dir, unsigned int slot,
		    struct ps_error *error)
{
	size_t i;

	*ports = (struct qemu_ports){ 0 };
	for (i = 0; i < nr; i++) {
		if (list[i].pseudo || strcmp(list[i].partition, partition))
			continue;
		if (slot > QEMU_PORTS_SLOT_MAX)
			return ps_fail(error, PS_EXIT_REFUSED, ENOSPC,
				       "%s: the bus has no slot for port \"%s\": the last one is %u",
				       PS_SAFE(partition), PS_SAFE(list[i].port),
				       QEMU_PORTS_SLOT_MAX);
		if (add_port(ports, &list[i], has_kicks(&list[i], list, nr), dir, slot++, error))
			return -1;
	}
	return 0;
}

void qemu_ports_free(struct qemu_ports *ports)
{
	size_t i;

	for (i = 0; i < ports->nr_arguments; i++)
		free(ports->arguments[i]);
	for (i = 0; i < ports->nr_servers; i++) {
		free(ports->servers[i].port);
		free(ports->servers[i].socket);
	}
	free(ports->arguments);
	free(ports->servers);
	*ports = (struct qemu_ports){ 0 };
}
