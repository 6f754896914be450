// SPDX-License-Identifier: GPL-2.0
/*
 * check-channel - ports and channels
 *
 * A channel's kind, size, depth and refresh period are those of its source
 * port. A port that could not be read as it stands was told then, and is
 * compared with nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "channel.h"
#include "check-priv.h"
#include "error.h"
#include "units.h"

/* So many ports are searched for one that was meant, by so many findings. */
#define MEANT_PORTS	1024
#define MEANT_FINDINGS	100

/* A port and the channel that it was seen in. */
struct plug {
	size_t partition;
	const struct ps_port *port;
	bool unsure;			/* something in its line could not be read */
	const struct ps_channel *channel;
	int line;			/* of the channel's end */
};

/* All ports, sorted by partition and name. */
struct plugs {
	const struct ps_model *model;
	struct ps_findings *findings;
	struct ps_told told;
	struct plug *list;
	size_t nr;
	uint64_t *period_ns;		/* of each partition in the initial schedule */
};

static const char *port_name(const struct ps_port *port)
{
	return port->name ? port->name : "";
}

static int by_port(const void *a, const void *b)
{
	const struct plug *x = a, *y = b;
	int order;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	order = strcmp(port_name(x->port), port_name(y->port));
	if (order)
		return order;
	return x->port < y->port ? -1 : x->port > y->port;
}

static void name_port(char *buf, const struct ps_model *model, size_t partition,
		      const char *port)
{
	snprintf(buf, PS_OBJECT, "port \"%s\" of \"%s\"", PS_SAFE(port),
		 PS_SAFE(model->partitions[partition].name));
}

static void name_channel(char *buf, const struct ps_channel *channel)
{
	if (channel->name)
		snprintf(buf, PS_OBJECT, "channel \"%s\"", PS_SAFE(channel->name));
	else if (channel->has_id)
		snprintf(buf, PS_OBJECT, "channel %" PRIu32, channel->id);
	else
		snprintf(buf, PS_OBJECT, "channel");
}

static void check_port(const struct plugs *plugs, const struct plug *plug)
{
	const struct ps_port *port = plug->port;
	char object[PS_OBJECT];

	if (plug->unsure)
		return;
	name_port(object, plugs->model, plug->partition, port->name);
	if (port->message && (port->depth || !port->queuing)) {
		ps_port_size_check(port, object, plugs->findings);
		return;
	}
	if (!port->message)
		ps_find(plugs->findings, PS_PORT_VALUE, port->line, object,
			"write MaxMessageSize, in bytes", "has no message size");
	else
		ps_find(plugs->findings, PS_PORT_VALUE, port->line, object,
			"write MaxNbMessages", "is a queuing port without a depth");
}

/* Gather and sort all ports; each name is unique in its partition. */
static void check_ports(struct plugs *plugs)
{
	const struct ps_model *model = plugs->model;
	char object[PS_OBJECT];
	size_t i, j;

	for (i = 0; i < model->nr_partitions; i++)
		plugs->nr += model->partitions[i].nr_ports;
	plugs->list = ps_calloc(plugs->nr, sizeof(*plugs->list));
	plugs->nr = 0;
	for (i = 0; i < model->nr_partitions; i++) {
		for (j = 0; j < model->partitions[i].nr_ports; j++) {
			const struct ps_port *port = &model->partitions[i].ports[j];

			plugs->list[plugs->nr++] = (struct plug){
				.partition = i, .port = port,
				.unsure = ps_told(&plugs->told, port->line, port->line + 1) };
		}
	}
	if (plugs->nr)
		qsort(plugs->list, plugs->nr, sizeof(*plugs->list), by_port);
	for (i = 0; i < plugs->nr; i++) {
		const struct plug *plug = &plugs->list[i], *last = plug - 1;

		check_port(plugs, plug);
		/* ports that channels imply are told as ports in two channels */
		if (!i || last->partition != plug->partition || !*port_name(plug->port) ||
		    strcmp(port_name(last->port), port_name(plug->port)) ||
		    (last->port->implied && plug->port->implied))
			continue;
		name_port(object, model, plug->partition, plug->port->name);
		ps_find(plugs->findings, PS_SAME_PORT, plug->port->line, object,
			"rename one of them",
			"line %d has a port of the same name in this partition",
			last->port->line);
	}
}

/* The first port of a name, or NULL. */
static struct plug *find_port(const struct plugs *plugs, size_t partition, const char *name)
{
	size_t low = 0, high = plugs->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct plug *plug = &plugs->list[mid];

		if (plug->partition < partition || (plug->partition == partition &&
						    strcmp(port_name(plug->port), name) < 0))
			low = mid + 1;
		else
			high = mid;
	}
	if (low < plugs->nr && plugs->list[low].partition == partition &&
	    !strcmp(port_name(plugs->list[low].port), name))
		return &plugs->list[low];
	return NULL;
}

static void tell_no_port(const struct plugs *plugs, const char *object, const struct ps_end *end)
{
	const struct ps_partition *p = &plugs->model->partitions[end->partition];
	size_t nr = p->nr_ports < MEANT_PORTS ? p->nr_ports : MEANT_PORTS, i;
	const char **known = ps_calloc(nr, sizeof(*known)), *meant = NULL;
	char *advice = NULL;

	for (i = 0; i < nr; i++)
		known[i] = p->ports[i].name;
	if (plugs->findings->counts[PS_NO_PORT] < MEANT_FINDINGS)
		meant = ps_nearest(end->port, known, nr);
	if (meant)
		advice = ps_asprintf("did you mean \"%s\"?", PS_SAFE(meant));
	ps_find(plugs->findings, PS_NO_PORT, end->line, object, advice,
		"partition \"%s\" (line %d) has no port \"%s\"", PS_SAFE(p->name), p->line,
		PS_SAFE(end->port));
	free(advice);
	free(known);
}

/* The port of an end; NULL: none, or told. */
static const struct plug *resolve(const struct plugs *plugs, const struct ps_channel *channel,
				  const struct ps_end *end, bool source)
{
	char object[PS_OBJECT], port[PS_OBJECT];
	struct plug *plug;

	if (end->pseudo || end->partition >= plugs->model->nr_partitions)
		return NULL;
	name_channel(object, channel);
	if (!end->port || !*end->port) {
		if (!ps_told(&plugs->told, end->line, end->line + 1))
			ps_find(plugs->findings, PS_NO_PORT, end->line, object, "write PortName",
				"its %s in partition \"%s\" names no port",
				source ? "source" : "destination",
				PS_SAFE(plugs->model->partitions[end->partition].name));
		return NULL;
	}
	plug = find_port(plugs, end->partition, end->port);
	if (!plug) {
		tell_no_port(plugs, object, end);
		return NULL;
	}
	name_port(port, plugs->model, end->partition, end->port);
	if (plug->channel) {
		char other[PS_OBJECT];

		name_channel(other, plug->channel);
		ps_find(plugs->findings, PS_PORT_TWICE, end->line, object,
			"give each channel ports of its own",
			"its %s belongs to %s already (line %d)", port,
			plug->channel == channel ? "it" : other, plug->line);
	}
	plug->channel = channel;
	plug->line = end->line;
	if (plug->port->source != source && !plug->unsure)
		ps_find(plugs->findings, PS_DIRECTION, end->line, object,
			source ? "swap the ends, or make it a SOURCE" :
			"swap the ends, or make it a DESTINATION",
			"its %s is the %s, a %s port (line %d)",
			source ? "source" : "destination", port,
			plug->port->source ? "source" : "destination", plug->port->line);
	return plug;
}

/* Both ends of a channel agree. */
static void check_pair(const struct plugs *plugs, const char *object, int line,
		       const struct plug *from, const struct plug *to)
{
	const struct ps_port *source = from->port, *port = to->port;
	struct ps_findings *findings = plugs->findings;
	char name[PS_OBJECT];

	if (from->unsure || to->unsure)
		return;
	name_port(name, plugs->model, to->partition, port->name);
	if (source->queuing != port->queuing) {
		ps_find(findings, PS_PORT_KIND, line, object,
			"a channel joins ports of one kind",
			"its source is a %s port (line %d), its destination %s is a %s port (line %d)",
			source->queuing ? "queuing" : "sampling", source->line, name,
			port->queuing ? "queuing" : "sampling", port->line);
		return;
	}
	if (source->message && port->message && source->message != port->message)
		ps_find(findings, PS_PORT_SIZE, line, object,
			"give both the same MaxMessageSize",
			"its source has messages of %" PRIu32 " bytes (line %d), its destination %s has %" PRIu32 " (line %d)",
			source->message, source->line, name, port->message, port->line);
	if (port->queuing) {
		if (source->depth && port->depth && source->depth != port->depth)
			ps_find(findings, PS_PORT_DEPTH, line, object,
				"give both the same MaxNbMessages",
				"its source has a depth of %" PRIu32 " messages (line %d), its destination %s has %" PRIu32 " (line %d)",
				source->depth, source->line, name, port->depth, port->line);
		return;
	}
	if (source->refresh_ns && port->refresh_ns && source->refresh_ns != port->refresh_ns)
		ps_find(findings, PS_REFRESH, line, object,
			"give both the same refresh period",
			"its source has a refresh period of %" PRIu64 " ns (line %d), its destination %s has %" PRIu64 " (line %d)",
			source->refresh_ns, source->line, name, port->refresh_ns, port->line);
	if (port->refresh_ns && plugs->period_ns[from->partition] > port->refresh_ns)
		ps_find(findings, PS_STALE, line, object,
			"run the source more often, or lengthen the refresh period",
			"its destination %s (line %d) wants a message each %" PRIu64 " ns, but its source \"%s\" runs each %" PRIu64 " ns",
			name, port->line, port->refresh_ns,
			PS_SAFE(plugs->model->partitions[from->partition].name),
			plugs->period_ns[from->partition]);
}

/* How many ends? What is missing as an element was told as such. */
static void check_numbers(const struct plugs *plugs, const struct ps_channel *channel,
			  const char *object, bool queuing)
{
	bool told = ps_told(&plugs->told, channel->line, channel->line + 1);

	if (channel->nr_sources > 1)
		ps_find(plugs->findings, PS_SOURCES, channel->sources[1].line, object,
			"a message has one writer: make a channel for each",
			"has %zu sources, the first in line %d", channel->nr_sources,
			channel->sources[0].line);
	else if (!channel->nr_sources && !told)
		ps_find(plugs->findings, PS_SOURCES, channel->line, object, "add a Source",
			"has no source");
	if (!channel->nr_destinations && !told)
		ps_find(plugs->findings, PS_DESTINATIONS, channel->line, object,
			"add a Destination", "has no destination");
	else if (queuing && channel->nr_destinations > 1)
		ps_find(plugs->findings, PS_DESTINATIONS, channel->destinations[1].line, object,
			"a message is taken out of a queue once: make a channel for each",
			"is a queuing channel with %zu destinations, the first in line %d",
			channel->nr_destinations, channel->destinations[0].line);
}

/* Whether it is a queue. */
static bool check_channel(const struct plugs *plugs, const struct ps_channel *channel)
{
	const struct plug *from = NULL, *to;
	uint32_t source = PS_NONE;
	bool queuing = false, self = false;
	char object[PS_OBJECT];
	size_t i;

	name_channel(object, channel);
	for (i = 0; i < channel->nr_sources; i++) {
		to = resolve(plugs, channel, &channel->sources[i], true);
		if (i)
			continue;
		from = to;
		if (!channel->sources[0].pseudo)
			source = channel->sources[0].partition;
	}
	queuing = from && from->port->queuing;
	for (i = 0; i < channel->nr_destinations; i++) {
		const struct ps_end *end = &channel->destinations[i];

		to = resolve(plugs, channel, end, false);
		/* behind a pseudo-partition the destinations tell the kind */
		if (!from && to)
			queuing |= to->port->queuing;
		if (from && to)
			check_pair(plugs, object, end->line, from, to);
		if (!end->pseudo && end->partition == source && source != PS_NONE && !self) {
			self = true;
			ps_find(plugs->findings, PS_SELF, end->line, object,
				"within a partition no channel is needed",
				"partition \"%s\" is both its source (line %d) and a destination",
				PS_SAFE(plugs->model->partitions[source].name),
				channel->sources[0].line);
		}
	}
	check_numbers(plugs, channel, object, queuing);
	if (!ps_channel_comes_about(channel) && channel->nr_sources && channel->nr_destinations)
		ps_find(plugs->findings, PS_CHANNELS, channel->line, object,
			"give it an end in a partition",
			"joins pseudo-partitions only: no port says how large its messages are, and it does not come about");
	return queuing;
}

static int by_channel_id(const void *a, const void *b)
{
	const struct ps_channel *x = *(const struct ps_channel *const *)a;
	const struct ps_channel *y = *(const struct ps_channel *const *)b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int by_channel_name(const void *a, const void *b)
{
	const struct ps_channel *x = *(const struct ps_channel *const *)a;
	const struct ps_channel *y = *(const struct ps_channel *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : x < y ? -1 : x > y;
}

static void check_identity(const struct plugs *plugs)
{
	const struct ps_model *model = plugs->model;
	const struct ps_channel **sorted = ps_calloc(model->nr_channels, sizeof(*sorted));
	char object[PS_OBJECT];
	size_t nr = 0, i;

	for (i = 0; i < model->nr_channels; i++) {
		if (model->channels[i].has_id)
			sorted[nr++] = &model->channels[i];
	}
	if (nr)
		qsort(sorted, nr, sizeof(*sorted), by_channel_id);
	for (i = 1; i < nr; i++) {
		if (sorted[i]->id != sorted[i - 1]->id)
			continue;
		name_channel(object, sorted[i]);
		ps_find(plugs->findings, PS_SAME_CHANNEL, sorted[i]->line, object,
			"give each channel an identifier of its own",
			"line %d has a channel of the same identifier %" PRIu32,
			sorted[i - 1]->line, sorted[i]->id);
	}
	for (nr = i = 0; i < model->nr_channels; i++) {
		if (model->channels[i].name && *model->channels[i].name)
			sorted[nr++] = &model->channels[i];
	}
	if (nr)
		qsort(sorted, nr, sizeof(*sorted), by_channel_name);
	for (i = 1; i < nr; i++) {
		if (strcmp(sorted[i]->name, sorted[i - 1]->name))
			continue;
		name_channel(object, sorted[i]);
		ps_find(plugs->findings, PS_SAME_CHANNEL, sorted[i]->line, object,
			"rename one of them", "line %d has a channel of the same name",
			sorted[i - 1]->line);
	}
	free(sorted);
}

static void check_unused(const struct plugs *plugs)
{
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < plugs->nr; i++) {
		const struct plug *plug = &plugs->list[i];

		/* the second one of a name cannot be meant by a channel: told */
		if (plug->channel || plug->port->implied || !*port_name(plug->port) ||
		    (i && plugs->list[i - 1].partition == plug->partition &&
		     !strcmp(port_name(plugs->list[i - 1].port), port_name(plug->port))))
			continue;
		name_port(object, plugs->model, plug->partition, plug->port->name);
		ps_find(plugs->findings, PS_UNUSED_PORT, plug->port->line, object,
			"join it by a channel, or take it out", "belongs to no channel");
	}
}

void ps_channel_check(const struct ps_model *model, struct ps_findings *findings)
{
	const struct ps_schedule *initial = ps_model_initial(model);
	struct plugs plugs = { .model = model, .findings = findings };
	bool *queuing;
	size_t i;

	ps_told_init(&plugs.told, findings);
	plugs.period_ns = ps_calloc(model->nr_partitions, sizeof(*plugs.period_ns));
	if (initial) {
		struct ps_periodicity *periods = ps_periods_new(model, initial);

		for (i = 0; i < model->nr_partitions; i++)
			plugs.period_ns[i] = periods[i].period_ns;
		free(periods);
	}
	check_ports(&plugs);
	check_identity(&plugs);
	queuing = ps_calloc(model->nr_channels, sizeof(*queuing));
	for (i = 0; i < model->nr_channels; i++)
		queuing[i] = check_channel(&plugs, &model->channels[i]);
	check_unused(&plugs);
	ps_end_check(model, queuing, findings);
	free(queuing);
	free(plugs.list);
	free(plugs.period_ns);
	ps_told_free(&plugs.told);
}
