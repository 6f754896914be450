/* SPDX-License-Identifier: GPL-2.0 */
/*
 * channel - what a channel of a model is made of: as its ports say
 */
#ifndef PS_CHANNEL_H
#define PS_CHANNEL_H

#include "model.h"

/* The name of a pseudo-partition that the file gives none. */
#define PS_PSEUDO_NAME	"host"

/**
 * struct ps_channel_kind - type and sizes of a channel
 * @queuing: queuing, otherwise sampling
 * @message: MaxMessageSize in bytes
 * @depth: MaxNbMessages; queuing only
 * @refresh_ns: refresh period; sampling only, PS_REFRESH_NONE: none
 */
struct ps_channel_kind {
	bool queuing;
	uint32_t message;
	uint32_t depth;
	uint64_t refresh_ns;
};

/**
 * ps_channel_kind() - type and sizes of a channel, as its ports say
 * @model: whose it is
 * @channel: a valid channel
 * @kind: filled in
 *
 * They agree, or leave something open: what the source does not say, the first
 * destination that does says.
 *
 * Return: false if all ends are pseudo-partitions, so that no port tells.
 */
bool ps_channel_kind(const struct ps_model *model, const struct ps_channel *channel,
		     struct ps_channel_kind *kind);

/**
 * ps_channel_comes_about() - whether a channel has an end in a partition
 * @channel: the channel
 *
 * One outside of all partitions does not come about: nothing says how large its
 * messages are.
 */
bool ps_channel_comes_about(const struct ps_channel *channel);

/**
 * ps_channel_ids() - the numbers that the module knows the channels by
 * @model: whose they are
 *
 * A channel's identifier; where the file gives none, the lowest number from 1 on
 * that is free, in the order of the file.
 *
 * Return: an array, one a channel, to be freed.
 */
uint32_t *ps_channel_ids(const struct ps_model *model);

/**
 * ps_end_owner() - whose port an end is
 * @model: whose it is
 * @end: an end of a valid channel
 *
 * A pseudo-partition may be called anything in the file. Here '_' stands for what
 * no name of a device can have, and what is too long is cut off.
 *
 * Return: name of the partition or of the pseudo-partition, to be freed.
 */
char *ps_end_owner(const struct ps_model *model, const struct ps_end *end);

/**
 * ps_end_port() - name of an end's port
 * @channel: a valid channel
 * @id: its number, from ps_channel_ids()
 * @end: an end of it
 *
 * A pseudo-partition names no ports: its port is called as the channel, or has
 * the channel's number if that has no name either.
 *
 * Return: the name, to be freed.
 */
char *ps_end_port(const struct ps_channel *channel, uint32_t id, const struct ps_end *end);

#endif /* PS_CHANNEL_H */
