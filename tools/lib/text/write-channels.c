// SPDX-License-Identifier: GPL-2.0
/*
 * write-channels - channels in the dialects with nanoseconds
 */
#include <string.h>

#include "error.h"
#include "write-2015.h"

static void write_end(struct ps_writer *w, const char *name, const struct ps_end *end)
{
	ps_write_open_own(w, name);
	if (end->pseudo) {
		ps_write_true(w, "Pseudo", true);
		ps_write_text(w, "Name", end->name);
		ps_write_text(w, "PhysicalAddress", end->address);
		ps_write_text(w, "Procedure", end->procedure);
	} else {
		ps_write_text(w, "PartitionNameRef", w->model->partitions[end->partition].name);
		ps_write_text(w, "PortName", end->port);
		ps_write_text(w, "Kick", ps_write_kick(end->kick));
	}
	ps_write_close(w);
}

void ps_write_channels(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	size_t i, j;

	if (!m->nr_channels)
		return;
	if (ps_write_pure(w)) {
		for (i = 0; i < m->nr_channels; i++) {
			struct ps_subject subject = ps_subject_channel(m, i);

			ps_write_lost(w, &subject, "its ports only", "the channel is lost");
		}
		return;
	}
	ps_write_open_own(w, "Channels");
	for (i = 0; i < m->nr_channels; i++) {
		const struct ps_channel *c = &m->channels[i];

		ps_write_open_own(w, "Channel");
		if (c->has_id)
			ps_write_u64(w, "Identifier", c->id);
		ps_write_text(w, "Name", c->name);
		for (j = 0; j < c->nr_sources; j++)
			write_end(w, "Source", &c->sources[j]);
		for (j = 0; j < c->nr_destinations; j++)
			write_end(w, "Destination", &c->destinations[j]);
		ps_write_close(w);
	}
	ps_write_close(w);
}

static const struct ps_port *port_of(const struct ps_model *m, const struct ps_end *end)
{
	if (end->pseudo || end->partition == PS_NONE || !end->port)
		return NULL;
	return ps_partition_port(&m->partitions[end->partition], end->port);
}

/* The port that tells what the channel is: a destination's, since it reads. */
static const struct ps_port *leading_port(const struct ps_model *m, const struct ps_channel *c)
{
	const struct ps_port *port;
	size_t i;

	for (i = 0; i < c->nr_destinations; i++) {
		port = port_of(m, &c->destinations[i]);
		if (port)
			return port;
	}
	return NULL;
}

static void write_standard_port(struct ps_writer *w, const struct ps_subject *subject,
				const struct ps_end *end, const struct ps_port *lead)
{
	const struct ps_model *m = w->model;
	const struct ps_port *port = port_of(m, end);

	ps_write_open(w, "StandardPort");
	ps_write_u64(w, "PartitionIdentifier", m->partitions[end->partition].id);
	ps_write_text(w, "PortName", end->port);
	ps_write_own(w, subject, true, "Kick", ps_write_kick(end->kick), "none");
	ps_write_close(w);
	if (port && !port->queuing && port->refresh_ns != lead->refresh_ns) {
		struct ps_subject of = ps_subject(port->line, "port \"%s\" of partition \"%s\"",
						  PS_SAFE(port->name),
						  PS_SAFE(m->partitions[end->partition].name));

		ps_write_lost(w, &of, PS_DECIMAL(lead->refresh_ns),
			      "a refresh period of its own, %" PRIu64 " ns, is lost",
			      port->refresh_ns);
	}
}

/* Can mumu's dialect say this channel? It has no pseudo-partitions. */
static bool sayable(const struct ps_writer *w, const struct ps_channel *c)
{
	return c->nr_sources == 1 && port_of(w->model, &c->sources[0]) &&
	       leading_port(w->model, c);
}

static void write_connection(struct ps_writer *w, size_t index)
{
	const struct ps_model *m = w->model;
	const struct ps_channel *c = &m->channels[index];
	const struct ps_port *lead = leading_port(m, c);
	struct ps_subject subject = ps_subject_channel(m, index);
	size_t i;

	ps_write_open(w, lead->queuing ? "QueuingChannel" : "SamplingChannel");
	ps_write_text(w, "ChannelName", c->name);
	if (c->has_id)
		ps_write_own(w, &subject, true, "ChannelIdentifier", PS_DECIMAL(c->id), "none");
	if (lead->message != PS_DEFAULT_MESSAGE)
		ps_write_own(w, &subject, true, "MaxMessageSize", PS_DECIMAL(lead->message),
			     PS_DECIMAL(PS_DEFAULT_MESSAGE));
	if (lead->queuing && lead->depth != 1)
		ps_write_own(w, &subject, true, "MaxNbMessages", PS_DECIMAL(lead->depth), "1");
	if (!lead->queuing && lead->refresh_ns != PS_REFRESH_NONE)
		ps_write_own(w, &subject, true, "RefreshRate", PS_DECIMAL(lead->refresh_ns),
			     "none");
	ps_write_open(w, "Source");
	write_standard_port(w, &subject, &c->sources[0], lead);
	ps_write_close(w);
	ps_write_open(w, "Destinations");
	for (i = 0; i < c->nr_destinations; i++) {
		if (port_of(m, &c->destinations[i]))
			write_standard_port(w, &subject, &c->destinations[i], lead);
		else
			ps_write_lost(w, &subject, "the other destinations",
				      "a pseudo-partition as a destination is lost");
	}
	ps_write_close(w);
	ps_write_close(w);
}

static bool is_end(const struct ps_end *ends, size_t nr, size_t partition, const char *port)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (ends[i].partition == partition && ends[i].port && !strcmp(ends[i].port, port))
			return true;
	}
	return false;
}

/* Ports stand nowhere but in channels. */
static void lose_ports(const struct ps_writer *w, size_t partition)
{
	const struct ps_model *m = w->model;
	const struct ps_partition *p = &m->partitions[partition];
	size_t i, j;

	for (i = 0; i < p->nr_ports; i++) {
		struct ps_subject subject = ps_subject(p->ports[i].line,
						       "port \"%s\" of partition \"%s\"",
						       PS_SAFE(p->ports[i].name),
						       PS_SAFE(p->name));
		bool found = false;

		for (j = 0; j < m->nr_channels && !found; j++) {
			const struct ps_channel *c = &m->channels[j];

			found = sayable(w, c) &&
				(is_end(c->sources, c->nr_sources, partition, p->ports[i].name) ||
				 is_end(c->destinations, c->nr_destinations, partition,
					p->ports[i].name));
		}
		if (!found)
			ps_write_lost(w, &subject, "no port",
				      "a port without a channel between partitions is lost");
	}
}

void ps_write_connections(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	size_t i, nr = 0;

	for (i = 0; i < m->nr_partitions; i++)
		lose_ports(w, i);
	for (i = 0; i < m->nr_channels; i++)
		nr += sayable(w, &m->channels[i]);
	if (nr)
		ps_write_open(w, "Connection_Table");
	for (i = 0; i < m->nr_channels; i++) {
		struct ps_subject subject = ps_subject_channel(m, i);

		if (sayable(w, &m->channels[i]))
			write_connection(w, i);
		else
			ps_write_lost(w, &subject, "no channel",
				      "a channel to or from pseudo-partitions only is lost");
	}
	if (nr)
		ps_write_close(w);
}
