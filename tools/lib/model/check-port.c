// SPDX-License-Identifier: GPL-2.0
/*
 * check-port - what the module takes of ports, and the devices they become
 *
 * The module refuses all of this as well, but only once a plan is loaded, and
 * without the line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/partsched_channel.h>
#include <linux/partsched_device.h>

#include "alloc.h"
#include "channel.h"
#include "check-priv.h"
#include "error.h"

/* Beyond so many, those outside of all partitions counted, names are not compared. */
#define SEEN_CHANNELS (16UL * PARTSCHED_MAX_CHANNELS)

static void name_end(char *buf, const struct ps_model *model, const struct ps_end *end,
		     const char *port)
{
	char *owner = ps_end_owner(model, end);

	snprintf(buf, PS_OBJECT, "port \"%s\" of \"%s\"", PS_SAFE(port), PS_SAFE(owner));
	free(owner);
}

/* ----------------------------------------------------------------------- sizes */

static bool fits(const struct ps_port *port, uint32_t depth)
{
	struct partsched_channel_geometry geometry;

	return !partsched_channel_geometry_init(&geometry, port->queuing ?
						PARTSCHED_CHANNEL_QUEUING :
						PARTSCHED_CHANNEL_SAMPLING,
						port->message, depth, port->refresh_ns);
}

/* The longest queue of such messages; 0: not even one fits. */
static uint32_t longest_queue(const struct ps_port *port)
{
	uint32_t low = 0, high = PARTSCHED_CHANNEL_DEPTH_MAX;

	while (low < high) {
		uint32_t mid = high - (high - low) / 2;

		if (fits(port, mid))
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

void ps_port_size_check(const struct ps_port *port, const char *object,
			struct ps_findings *findings)
{
	char advice[80];

	if (port->message > PARTSCHED_CHANNEL_MESSAGE_MAX) {
		ps_find(findings, PS_PORT_LARGE, port->line, object,
			"send it in pieces",
			"has messages of %" PRIu32 " bytes; the module takes %" PRIu64,
			port->message, (uint64_t)PARTSCHED_CHANNEL_MESSAGE_MAX);
		return;
	}
	if (fits(port, port->depth))
		return;
	snprintf(advice, sizeof(advice), "a queue of such messages holds %" PRIu32 " at most",
		 longest_queue(port));
	if (port->depth > PARTSCHED_CHANNEL_DEPTH_MAX)
		ps_find(findings, PS_PORT_LARGE, port->line, object, advice,
			"is a queue of %" PRIu32 " messages; the module takes %" PRIu32,
			port->depth, PARTSCHED_CHANNEL_DEPTH_MAX);
	else
		ps_find(findings, PS_PORT_LARGE, port->line, object, advice,
			"is a queue of %" PRIu32 " messages of %" PRIu32 " bytes, for which %" PRIu64 " MiB have no room",
			port->depth, port->message,
			(uint64_t)PARTSCHED_CHANNEL_REGION_MAX >> 20);
}

/* --------------------------------------------------------------------- devices */

/* A device that the plan asks for. */
struct device {
	char *name;
	char *port;			/* what the end's port is called */
	const struct ps_channel *channel;
	const struct ps_end *end;
};

struct devices {
	struct device *list;
	size_t nr;
};

static int by_device(const void *a, const void *b)
{
	const struct device *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return (x->end->line > y->end->line) - (x->end->line < y->end->line);
}

/* Ends without a partition or a port were told. */
static bool is_end(const struct ps_model *model, const struct ps_end *end)
{
	return end->pseudo || (end->partition < model->nr_partitions &&
			       model->partitions[end->partition].name && end->port);
}

static void add_end(struct devices *devices, const struct ps_model *model,
		    const struct ps_channel *channel, uint32_t id, const struct ps_end *end,
		    bool queuing)
{
	char *owner, *port;
	int i;

	if (!is_end(model, end))
		return;
	owner = ps_end_owner(model, end);
	port = ps_end_port(channel, id, end);
	for (i = 0; i <= queuing; i++)
		devices->list[devices->nr++] = (struct device){
			.name = ps_asprintf("%s.%s%s", owner, port, i ? PARTSCHED_PORT_ACK : ""),
			.port = ps_strdup(port), .channel = channel, .end = end };
	free(port);
	free(owner);
}

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* Does another rule tell of these two: one port, one channel, one partition's name? */
static bool told_as_same(const struct ps_model *model, const struct device *a,
			 const struct device *b)
{
	/* so is a pseudo-partition that is called as a partition */
	if (a->end->pseudo != b->end->pseudo)
		return !strcmp(a->port, b->port);
	if (a->end->pseudo)
		return a->channel != b->channel && same_text(a->channel->name, b->channel->name);
	if (a->end->partition != b->end->partition)
		return same_text(model->partitions[a->end->partition].name,
				 model->partitions[b->end->partition].name);
	return !strcmp(a->port, b->port);
}

static void check_devices(const struct ps_model *model, const bool *queuing, size_t nr_ends,
			  struct ps_findings *findings)
{
	/* a queue's ends have two each */
	struct devices devices = { ps_calloc(2 * nr_ends, sizeof(*devices.list)), 0 };
	uint32_t *ids = ps_channel_ids(model);
	char object[PS_OBJECT], other[PS_OBJECT];
	size_t i, j;

	for (i = 0; i < model->nr_channels; i++) {
		const struct ps_channel *channel = &model->channels[i];

		if (!ps_channel_comes_about(channel))
			continue;
		for (j = 0; j < channel->nr_sources; j++)
			add_end(&devices, model, channel, ids[i], &channel->sources[j],
				queuing[i]);
		for (j = 0; j < channel->nr_destinations; j++)
			add_end(&devices, model, channel, ids[i], &channel->destinations[j],
				queuing[i]);
	}
	if (devices.nr)
		qsort(devices.list, devices.nr, sizeof(*devices.list), by_device);
	for (i = 1; i < devices.nr; i++) {
		const struct device *device = &devices.list[i], *last = device - 1;

		if (strcmp(device->name, last->name) || told_as_same(model, last, device))
			continue;
		name_end(object, model, device->end, device->port);
		name_end(other, model, last->end, last->port);
		ps_find(findings, PS_SAME_DEVICE, device->end->line, object,
			"rename one of the ports",
			"its device \"%s\" has the name of that of %s (line %d)",
			PS_SAFE(device->name), other, last->end->line);
	}
	for (i = 0; i < devices.nr; i++) {
		free(devices.list[i].name);
		free(devices.list[i].port);
	}
	free(devices.list);
	free(ids);
}

/* ------------------------------------------------------------------------ ends */

static void check_pseudo(const struct ps_model *model, const struct ps_end *end,
			 struct ps_findings *findings)
{
	char object[PS_OBJECT], *name;
	long partition;

	if (!end->pseudo)
		return;
	name = ps_end_owner(model, end);
	snprintf(object, sizeof(object), "pseudo-partition \"%s\"", PS_SAFE(name));
	partition = ps_model_find(model, name);
	if (partition >= 0)
		ps_find(findings, PS_PSEUDO_NAME_TAKEN, end->line, object,
			"give it another Name, or name the partition's port",
			"has the name of a partition (line %d)%s",
			model->partitions[partition].line,
			end->name && *end->name ? "" : ", since the file gives it none");
	free(name);
}

static void count_end(const struct ps_end *end, const struct ps_model *model, size_t *counts)
{
	if (!end->pseudo && end->partition < model->nr_partitions)
		counts[end->partition]++;
}

/* An information page lists a lean guest's ports, and is not longer than it is. */
static void check_guests(const struct ps_model *model, struct ps_findings *findings)
{
	size_t *counts = ps_calloc(model->nr_partitions, sizeof(*counts));
	char object[PS_OBJECT];
	size_t i, j;

	for (i = 0; i < model->nr_channels; i++) {
		for (j = 0; j < model->channels[i].nr_sources; j++)
			count_end(&model->channels[i].sources[j], model, counts);
		for (j = 0; j < model->channels[i].nr_destinations; j++)
			count_end(&model->channels[i].destinations[j], model, counts);
	}
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		if (counts[i] <= PARTSCHED_GUEST_CHANNELS_MAX ||
		    p->launcher != PS_LAUNCHER_PARTVM)
			continue;
		ps_name_partition(object, p);
		ps_find(findings, PS_TOO_MANY, p->line, object,
			"split the partition, or let several messages share a port",
			"has %zu ports in channels; a guest of partvm has room for %d", counts[i],
			PARTSCHED_GUEST_CHANNELS_MAX);
	}
	free(counts);
}

void ps_end_check(const struct ps_model *model, const bool *queuing, struct ps_findings *findings)
{
	size_t nr_channels = 0, nr_ends = 0, i, j;

	for (i = 0; i < model->nr_channels; i++) {
		const struct ps_channel *channel = &model->channels[i];

		if (!ps_channel_comes_about(channel))
			continue;
		nr_channels++;
		nr_ends += channel->nr_sources + channel->nr_destinations;
	}
	if (nr_channels > PARTSCHED_MAX_CHANNELS)
		ps_find(findings, PS_TOO_MANY, model->line, "module",
			"let several messages share a channel",
			"has %zu channels; the module takes %d", nr_channels,
			PARTSCHED_MAX_CHANNELS);
	if (nr_ends > PARTSCHED_MAX_PORTS)
		ps_find(findings, PS_TOO_MANY, model->line, "module",
			"let several messages share a channel",
			"has %zu ports in channels; the module takes %d", nr_ends,
			PARTSCHED_MAX_PORTS);
	check_guests(model, findings);
	/* beyond that they are no plan, whatever their devices are called */
	if (model->nr_channels > SEEN_CHANNELS || nr_ends > PARTSCHED_MAX_PORTS) {
		ps_findings_skip(findings, PS_SAME_DEVICE);
		ps_findings_skip(findings, PS_PSEUDO_NAME_TAKEN);
		return;
	}
	for (i = 0; i < model->nr_channels; i++) {
		const struct ps_channel *channel = &model->channels[i];

		if (!ps_channel_comes_about(channel))
			continue;
		for (j = 0; j < channel->nr_sources; j++)
			check_pseudo(model, &channel->sources[j], findings);
		for (j = 0; j < channel->nr_destinations; j++)
			check_pseudo(model, &channel->destinations[j], findings);
	}
	check_devices(model, queuing, nr_ends, findings);
}
