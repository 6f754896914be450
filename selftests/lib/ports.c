// SPDX-License-Identifier: GPL-2.0
#include "ports.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/partsched_device.h>

static void add_port(struct ps_model *model, size_t partition, const struct ps_port *like,
		     const char *name, bool source)
{
	struct ps_port *port = ps_partition_add_port(&model->partitions[partition]);

	*port = *like;
	port->name = strdup(name);
	port->source = source;
}

static struct ps_channel *add_channel(struct ps_model *model, const char *name,
				      const struct ps_port *like, size_t from, size_t to)
{
	struct ps_channel *channel = ps_model_add_channel(model);
	struct ps_end *end;

	add_port(model, from, like, name, true);
	add_port(model, to, like, name, false);
	channel->name = strdup(name);
	end = ps_channel_add_source(channel);
	end->partition = from;
	end->port = strdup(name);
	end = ps_channel_add_destination(channel);
	end->partition = to;
	end->port = strdup(name);
	return channel;
}

struct ps_channel *plan_sampling(struct ps_model *model, const char *name, uint32_t message,
				 uint64_t refresh_ns, size_t from, size_t to)
{
	const struct ps_port like = { .message = message, .refresh_ns = refresh_ns };

	return add_channel(model, name, &like, from, to);
}

struct ps_channel *plan_queuing(struct ps_model *model, const char *name, uint32_t message,
				uint32_t depth, size_t from, size_t to)
{
	const struct ps_port like = { .queuing = true, .message = message, .depth = depth };

	return add_channel(model, name, &like, from, to);
}

void plan_pseudo(struct ps_end *end, const char *name)
{
	free(end->port);
	end->port = NULL;
	end->pseudo = true;
	end->partition = PS_NONE;
	end->name = strdup(name);
}

int port_open(const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PARTSCHED_PORT_DEVICES "%s", name);
	return open(path, flags | O_CLOEXEC);
}

bool port_info(struct ps_kernel *kernel, const char *partition, const char *port,
	       struct ps_port_info *info)
{
	struct ps_port_info *list;
	struct ps_error error;
	bool found = false;
	size_t nr;

	if (ps_kernel_ports(kernel, &list, &nr, &error))
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(list[i].partition, partition) || strcmp(list[i].port, port))
			continue;
		*info = list[i];
		found = true;
	}
	free(list);
	return found;
}

uint64_t channel_bytes(struct ps_kernel *kernel)
{
	struct ps_module_info info;
	struct ps_error error;

	return ps_kernel_module(kernel, &info, &error) ? UINT64_MAX : info.channel_bytes;
}
