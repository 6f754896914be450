// SPDX-License-Identifier: GPL-2.0
#include "kick.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/partsched_device.h>

#include "arch.h"
#include "report.h"
#include "vm.h"

_Static_assert(PARTSCHED_GUEST_KICK_VECTOR + PARTSCHED_GUEST_CHANNELS_MAX <= 0xff,
	       "each port has a vector");

/*
 * The eventfd of an end of a channel: ours, or the one that the module has already,
 * from the other end or from a launcher before us.
 */
static int get_eventfd(const struct channel *channel, uint32_t end)
{
	struct partsched_port_kick kick = { .end = end };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0) {
		report_error("%s: cannot make an eventfd: %s", channel->name, strerror(errno));
		return -1;
	}
	kick.fd = fd;
	if (ioctl(channel->fd, PARTSCHED_IOC_PORT_KICK, &kick)) {
		report_error("%s: the module does not connect its kick: %s", channel->name,
			     strerror(errno));
		close(fd);
		return -1;
	}
	if (kick.fd != fd)
		close(fd);
	return kick.fd;
}

/* KVM keeps what it was given; the descriptor has done its duty. */
static int connect_doorbell(struct vm *vm, const struct channel *channel, uint32_t end,
			    uint32_t doorbell)
{
	int fd = get_eventfd(channel, end), ret;

	if (fd < 0)
		return -1;
	ret = arch_doorbell(vm, doorbell, fd);
	if (ret)
		report_error("%s: KVM refuses the doorbell at I/O port %#x: %s", channel->name,
			     doorbell, strerror(errno));
	close(fd);
	return ret;
}

static int connect_interrupt(struct vm *vm, const struct channel *channel, uint32_t index)
{
	struct kvm_irqfd irqfd = { .gsi = index };
	int fd = get_eventfd(channel, 0), ret;

	if (fd < 0)
		return -1;
	irqfd.fd = fd;
	ret = ioctl(vm->vm_fd, KVM_IRQFD, &irqfd);
	if (ret)
		report_error("%s: KVM refuses its interrupt: %s", channel->name, strerror(errno));
	close(fd);
	return ret;
}

/* The other ends of a source that want to be told, in their order. */
static int connect_source(struct vm *vm, struct channel *channel, uint32_t *next)
{
	const struct plan *plan = &vm->plan;
	uint32_t end = 0;

	for (size_t i = 0; i < plan->nr_ports; i++) {
		const struct ps_port_info *port = &plan->ports[i];

		if (port->channel_id != channel->port.channel_id ||
		    port->direction == PARTSCHED_PORT_SOURCE)
			continue;
		end++;
		if (port->kick == PARTSCHED_KICK_NONE)
			continue;
		if (*next == PARTSCHED_GUEST_DOORBELLS_MAX) {
			report_error("%s: more than %u destinations of this partition's ports want a kick, which is all that can",
				     channel->name, PARTSCHED_GUEST_DOORBELLS_MAX);
			return -1;
		}
		if (connect_doorbell(vm, channel, end, PARTSCHED_GUEST_PORT_DOORBELL + *next))
			return -1;
		if (!channel->nr_doorbells++)
			channel->doorbell = PARTSCHED_GUEST_PORT_DOORBELL + *next;
		++*next;
	}
	return 0;
}

static bool wants_kick(const struct channel *channel)
{
	return channel->port.direction == PARTSCHED_PORT_DESTINATION &&
	       channel->port.kick != PARTSCHED_KICK_NONE;
}

/* Interrupts are routed all at once, before anybody listens. */
static int route_interrupts(struct vm *vm)
{
	struct channels *channels = &vm->channels;
	uint8_t vectors[PARTSCHED_GUEST_CHANNELS_MAX];
	uint32_t nr = 0;

	for (uint32_t i = 0; i < channels->nr; i++) {
		vectors[i] = PARTSCHED_GUEST_KICK_VECTOR + i;
		if (!wants_kick(&channels->list[i]))
			continue;
		channels->list[i].kick_vector = vectors[i];
		nr = i + 1;
	}
	if (nr && arch_route_interrupts(vm, vectors, nr)) {
		report_error("KVM refuses the interrupts of ports: %s", strerror(errno));
		return -1;
	}
	return 0;
}

int kicks_create(struct vm *vm)
{
	struct channels *channels = &vm->channels;
	uint32_t next = 0;

	if (route_interrupts(vm))
		return -1;
	for (uint32_t i = 0; i < channels->nr; i++) {
		struct channel *channel = &channels->list[i];

		if (channel->port.direction == PARTSCHED_PORT_SOURCE) {
			if (connect_source(vm, channel, &next))
				return -1;
		} else if (wants_kick(channel)) {
			if (connect_interrupt(vm, channel, i))
				return -1;
		}
		/* all that is left to do is done by the mapping */
		close(channel->fd);
		channel->fd = -1;
	}
	return 0;
}
