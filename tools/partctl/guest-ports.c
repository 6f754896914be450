// SPDX-License-Identifier: GPL-2.0
/*
 * guest-ports - what a running guest cannot change about its ports
 */
#include "guest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "channel.h"

/* FNV-1a, of the bytes and the NUL behind them. */
#define HASH_START	0xcbf29ce484222325ULL
#define HASH_PRIME	0x100000001b3ULL

static void hash(uint64_t *sum, const char *text)
{
	do {
		*sum = (*sum ^ (uint8_t)*text) * HASH_PRIME;
	} while (*text++);
}

static void hash_number(uint64_t *sum, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	hash(sum, text);
}

static bool is_end(const struct ps_end *end, size_t partition)
{
	return !end->pseudo && end->partition == partition;
}

static bool is_at(const struct ps_end *ends, size_t nr, size_t partition)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (is_end(&ends[i], partition))
			return true;
	return false;
}

static void hash_end(uint64_t *sum, const struct ps_model *model, const struct ps_channel *channel,
		     uint32_t id, const struct ps_end *end)
{
	char *owner = ps_end_owner(model, end), *port = ps_end_port(channel, id, end);

	hash(sum, owner);
	hash(sum, port);
	free(port);
	free(owner);
}

/*
 * A channel whose name, sizes or ends are others has other memory. How somebody
 * else is kicked is the source's business only.
 */
static void hash_channel(uint64_t *sum, const struct ps_model *model,
			 const struct ps_channel *channel, uint32_t id, size_t partition)
{
	bool source = is_at(channel->sources, channel->nr_sources, partition);
	struct ps_channel_kind kind;
	size_t i;

	ps_channel_kind(model, channel, &kind);
	hash(sum, channel->name ? channel->name : "");
	hash_number(sum, kind.queuing);
	hash_number(sum, kind.message);
	hash_number(sum, kind.depth);
	hash_number(sum, kind.refresh_ns);
	for (i = 0; i < channel->nr_sources; i++)
		hash_end(sum, model, channel, id, &channel->sources[i]);
	for (i = 0; i < channel->nr_destinations; i++) {
		const struct ps_end *end = &channel->destinations[i];

		hash_end(sum, model, channel, id, end);
		if (source || is_end(end, partition))
			hash_number(sum, end->kick);
	}
}

bool guest_ports(const struct ps_model *model, size_t partition, uint64_t *sum)
{
	uint32_t *ids = ps_channel_ids(model);
	bool found = false;
	size_t i;

	*sum = HASH_START;
	for (i = 0; i < model->nr_channels; i++) {
		const struct ps_channel *channel = &model->channels[i];

		if (!is_at(channel->sources, channel->nr_sources, partition) &&
		    !is_at(channel->destinations, channel->nr_destinations, partition))
			continue;
		hash_channel(sum, model, channel, ids[i], partition);
		found = true;
	}
	free(ids);
	return found;
}
