// SPDX-License-Identifier: GPL-2.0
/*
 * channel - what a channel of a model is made of: as its ports say
 */
#include "channel.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "alloc.h"

static void add_port(const struct ps_model *model, const struct ps_end *end, bool *found,
		     struct ps_channel_kind *kind)
{
	const struct ps_port *port;

	if (end->pseudo || end->partition >= model->nr_partitions || !end->port)
		return;
	port = ps_partition_port(&model->partitions[end->partition], end->port);
	if (!port)
		return;
	if (!*found)
		kind->queuing = port->queuing;
	*found = true;
	if (!kind->message)
		kind->message = port->message;
	if (port->queuing && !kind->depth)
		kind->depth = port->depth;
	if (!port->queuing && !kind->refresh_ns)
		kind->refresh_ns = port->refresh_ns;
}

bool ps_channel_kind(const struct ps_model *model, const struct ps_channel *channel,
		     struct ps_channel_kind *kind)
{
	bool found = false;
	size_t i;

	*kind = (struct ps_channel_kind){ .refresh_ns = PS_REFRESH_NONE };
	for (i = 0; i < channel->nr_sources; i++)
		add_port(model, &channel->sources[i], &found, kind);
	for (i = 0; i < channel->nr_destinations; i++)
		add_port(model, &channel->destinations[i], &found, kind);
	return found;
}

bool ps_channel_comes_about(const struct ps_channel *channel)
{
	size_t i;

	for (i = 0; i < channel->nr_sources; i++)
		if (!channel->sources[i].pseudo)
			return true;
	for (i = 0; i < channel->nr_destinations; i++)
		if (!channel->destinations[i].pseudo)
			return true;
	return false;
}

static bool is_taken(const struct ps_model *model, uint32_t id)
{
	size_t i;

	for (i = 0; i < model->nr_channels; i++)
		if (model->channels[i].has_id && model->channels[i].id == id)
			return true;
	return false;
}

uint32_t *ps_channel_ids(const struct ps_model *model)
{
	uint32_t *ids = ps_calloc(model->nr_channels, sizeof(*ids)), free = 1;
	size_t i;

	for (i = 0; i < model->nr_channels; i++) {
		if (model->channels[i].has_id) {
			ids[i] = model->channels[i].id;
			continue;
		}
		while (is_taken(model, free))
			free++;
		ids[i] = free++;
	}
	return ids;
}

char *ps_end_owner(const struct ps_model *model, const struct ps_end *end)
{
	char *name;
	size_t i;

	if (!end->pseudo)
		return ps_strdup(model->partitions[end->partition].name);
	name = ps_strdup(end->name && *end->name ? end->name : PS_PSEUDO_NAME);
	if (strlen(name) >= PARTSCHED_NAME_MAX) {
		/* at the beginning of a character: not within one of UTF-8 */
		for (i = PARTSCHED_NAME_MAX - 1; i && (name[i] & 0xc0) == 0x80; i--)
			;
		name[i] = '\0';
	}
	for (i = 0; name[i]; i++)
		if (name[i] == '/' || (unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			name[i] = '_';
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		memset(name, '_', strlen(name));
	return name;
}

char *ps_end_port(const struct ps_channel *channel, uint32_t id, const struct ps_end *end)
{
	if (!end->pseudo)
		return ps_strdup(end->port);
	if (channel->name && *channel->name)
		return ps_strdup(channel->name);
	return ps_asprintf("%" PRIu32, id);
}
