// SPDX-License-Identifier: GPL-2.0
/*
 * Channels: made with a plan, kept by the next one that has them too, and there
 * for as long as a program or a guest maps them, whatever the plan does
 * meanwhile. What is in their memory, and who may write what of it, is said in
 * uapi/linux/partsched_channel.h; all of it is read and written by the functions
 * of that file and its two fellows, here as in guests.
 *
 * The module trusts nothing in that memory. For programs of the host it takes
 * the part of either end, anew with each message: the same end may be a guest's
 * a moment later.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "channel.h"

static_assert((int)PARTSCHED_PORT_SAMPLING == PARTSCHED_CHANNEL_SAMPLING);
static_assert((int)PARTSCHED_PORT_QUEUING == PARTSCHED_CHANNEL_QUEUING);
static_assert((int)PARTSCHED_VALIDITY_NONE == PARTSCHED_CHANNEL_NEVER_WRITTEN);
static_assert((int)PARTSCHED_VALIDITY_INVALID == PARTSCHED_CHANNEL_INVALID);
static_assert((int)PARTSCHED_VALIDITY_VALID == PARTSCHED_CHANNEL_VALID);

static int init_geometry(struct partsched_channel_geometry *geometry,
			 const struct ps_channel_spec *spec)
{
	return partsched_channel_geometry_init(geometry, spec->type,
					       spec->max_message, spec->depth,
					       spec->refresh_ns);
}

static u64 used_bytes(const struct partsched_channel_geometry *geometry)
{
	return geometry->slots_offset +
	       (u64)geometry->slots * geometry->slot_stride;
}

/**
 * ps_channel_spec_check() - whether there can be such a channel
 * @spec: the channel; depth and refresh period fit its type
 *
 * Return: a sentence without a full stop, or NULL if there can be.
 */
const char *ps_channel_spec_check(const struct ps_channel_spec *spec)
{
	struct partsched_channel_geometry geometry;

	if (init_geometry(&geometry, spec) == PARTSCHED_GUEST_NO_ERROR)
		return NULL;
	if (!spec->max_message ||
	    spec->max_message > PARTSCHED_CHANNEL_MESSAGE_MAX)
		return "a message has 1 to 1048576 bytes";
	return "the queue is larger than a guest has room for (16 MiB)";
}

/**
 * ps_end_device() - name of a port's device
 * @end: the port's name
 * @ack: of the second one, that of a queue's acknowledgements
 * @name: receives it, PS_DEVICE_NAME_MAX bytes
 */
void ps_end_device(const struct ps_end *end, bool ack, char *name)
{
	snprintf(name, PS_DEVICE_NAME_MAX, "%s.%s%s", end->partition, end->port,
		 ack ? PS_ACK_SUFFIX : "");
}

/**
 * ps_channel_new() - make a channel
 * @spec: what it is, checked
 * @ends: names of its ends, the source's first
 * @nr_ends: how many, at least 2; of a queuing channel 2
 *
 * Context: may sleep, for long.
 * Return: the channel with one reference; ERR_PTR(-ENOSPC) beyond the limit of
 * all channels; ERR_PTR(-ENOMEM).
 */
struct ps_channel *ps_channel_new(const struct ps_channel_spec *spec,
				  const struct ps_end *ends, u32 nr_ends)
{
	struct ps_channel *channel;
	int err;
	u32 i;

	channel = kvzalloc(struct_size(channel, ports, nr_ends),
			   GFP_KERNEL_ACCOUNT);
	if (!channel)
		return ERR_PTR(-ENOMEM);
	refcount_set(&channel->refs, 1);
	channel->spec = *spec;
	init_geometry(&channel->geometry, spec);
	mutex_init(&channel->write_mutex);
	mutex_init(&channel->read_mutex);
	init_waitqueue_head(&channel->wait);
	channel->nr_ports = nr_ends;
	for (i = 0; i < nr_ends; i++)
		channel->ports[i].end = ends[i];
	for (i = 0; i < nr_ends; i++)
		ps_kick_init(&channel->ports[i].kick, channel);

	err = ps_region_init(&channel->data, used_bytes(&channel->geometry));
	if (!err && ps_channel_queuing(channel))
		err = ps_region_init(&channel->ack, PARTSCHED_CHANNEL_ACK_SIZE);
	if (err) {
		ps_channel_put(channel);
		return ERR_PTR(err);
	}
	partsched_channel_header_fill(channel->data.memory, &channel->geometry);
	return channel;
}

/**
 * ps_channel_get() - take a reference
 * @channel: of which the caller holds one
 *
 * Return: @channel.
 */
struct ps_channel *ps_channel_get(struct ps_channel *channel)
{
	refcount_inc(&channel->refs);
	return channel;
}

/**
 * ps_channel_put() - drop a reference
 * @channel: may be gone afterwards; may be NULL
 *
 * Timers do not know of channels, and gates only of their kicks.
 *
 * Context: may sleep.
 */
void ps_channel_put(struct ps_channel *channel)
{
	u32 i;

	if (!channel || !refcount_dec_and_test(&channel->refs))
		return;
	for (i = 0; i < channel->nr_ports; i++)
		ps_kick_destroy(&channel->ports[i].kick);
	ps_region_destroy(&channel->ack);
	ps_region_destroy(&channel->data);
	kvfree(channel);
}

/**
 * ps_channel_cost() - bytes of memory that a channel needs
 * @spec: what it is, checked
 */
u64 ps_channel_cost(const struct ps_channel_spec *spec)
{
	struct partsched_channel_geometry geometry;
	u64 cost;

	init_geometry(&geometry, spec);
	cost = ps_region_cost(used_bytes(&geometry));
	if (spec->type == PARTSCHED_PORT_QUEUING)
		cost += ps_region_cost(PARTSCHED_CHANNEL_ACK_SIZE);
	return cost;
}

/**
 * ps_channel_is() - whether a channel is what another is to be
 * @channel: the channel
 * @spec: what is asked for
 * @nr_ends: likewise
 *
 * The ends themselves are not compared; see ps_channel_end_is().
 */
bool ps_channel_is(const struct ps_channel *channel,
		   const struct ps_channel_spec *spec, u32 nr_ends)
{
	return channel->nr_ports == nr_ends && channel->spec.type == spec->type &&
	       channel->spec.max_message == spec->max_message &&
	       channel->spec.depth == spec->depth &&
	       channel->spec.refresh_ns == spec->refresh_ns &&
	       !strcmp(channel->spec.name, spec->name);
}

/**
 * ps_channel_end_is() - whether an end has a name
 * @channel: the channel
 * @i: index of the end, 0: the source
 * @end: the name
 */
bool ps_channel_end_is(const struct ps_channel *channel, u32 i,
		       const struct ps_end *end)
{
	const struct ps_end *own = &channel->ports[i].end;

	return !strcmp(own->port, end->port) &&
	       !strcmp(own->partition, end->partition);
}

/**
 * ps_channel_retire() - say whether a plan has a channel
 * @channel: the channel
 * @retired: none has
 *
 * Context: may sleep.
 */
void ps_channel_retire(struct ps_channel *channel, bool retired)
{
	u32 i;

	WRITE_ONCE(channel->retired, retired);
	if (!retired)
		return;
	for (i = 1; i < channel->nr_ports; i++)
		ps_kick_retire(&channel->ports[i].kick);
	wake_up_all(&channel->wait);
}

/* Something has changed: the programs that wait for it are told. */
static void tell(struct ps_channel *channel)
{
	wake_up_interruptible(&channel->wait);
}

/**
 * ps_channel_write() - write or send a message, as the source
 * @channel: the channel
 * @message: the message, in kernel memory
 * @size: its bytes
 *
 * Context: may sleep, but for other writers only.
 * Return: 0; -EINVAL for an empty message, -EMSGSIZE for one that is too long;
 * -EAGAIN while the queue is full.
 */
int ps_channel_write(struct ps_channel *channel, const void *message,
		     size_t size)
{
	struct partsched_channel_end end;
	int ret;
	u32 i;

	if (!size)
		return -EINVAL;
	if (size > channel->geometry.max_message)
		return -EMSGSIZE;
	mutex_lock(&channel->write_mutex);
	if (ps_channel_queuing(channel)) {
		partsched_queue_sender_init(&end, &channel->geometry,
					    channel->data.memory,
					    channel->ack.memory);
		ret = partsched_queue_send(&end, message, size, ktime_get_ns());
	} else {
		partsched_sampling_writer_init(&end, &channel->geometry,
					       channel->data.memory);
		ret = partsched_sampling_write(&end, message, size,
					       ktime_get_ns());
	}
	mutex_unlock(&channel->write_mutex);
	if (ret != PARTSCHED_GUEST_NO_ERROR)
		return -EAGAIN;
	atomic64_inc(&channel->ports[0].messages);
	tell(channel);
	for (i = 1; i < channel->nr_ports; i++)
		ps_kick_message(&channel->ports[i].kick);
	return 0;
}

static int sample(struct ps_channel *channel, void *buffer,
		  struct partsched_channel_message *message)
{
	struct partsched_channel_end end;

	partsched_sampling_reader_init(&end, &channel->geometry,
				       channel->data.memory);
	switch (partsched_sampling_read(&end, buffer, ktime_get_ns(),
					message)) {
	case PARTSCHED_GUEST_NO_ERROR:
		return 0;
	case PARTSCHED_GUEST_NO_ACTION:
		return -ENODATA;
	case PARTSCHED_CHANNEL_FAULT:
		return -EBADMSG;
	default:
		return -EAGAIN;
	}
}

/*
 * The next message, if it is not longer than the buffer. Nobody else takes it
 * between the look and the take, but the source may write another length
 * meanwhile: so what counts is what was taken.
 */
static int receive(struct ps_channel *channel, void *buffer, size_t size,
		   struct partsched_channel_message *message)
{
	struct partsched_channel_end end;
	struct partsched_queue_status status;
	struct partsched_channel_slot *slot;
	int ret = -EAGAIN;
	u64 length;

	mutex_lock(&channel->read_mutex);
	partsched_queue_receiver_init(&end, &channel->geometry,
				      channel->data.memory,
				      channel->ack.memory);
	partsched_queue_status(&end, &status);
	slot = partsched_channel_slot(&end, end.position % end.geometry.depth);
	length = PARTSCHED_CHANNEL_LOAD(&slot->length);
	if (status.waiting && partsched_channel_fits(&end, length) &&
	    length > size) {
		ret = -EMSGSIZE;
		goto unlock;
	}
	switch (partsched_queue_receive(&end, buffer, ktime_get_ns(),
					message)) {
	case PARTSCHED_GUEST_NO_ERROR:
		ret = 0;
		break;
	case PARTSCHED_CHANNEL_FAULT:
		ret = -EBADMSG;
		break;
	}
unlock:
	mutex_unlock(&channel->read_mutex);
	if (ret != -EAGAIN && ret != -EMSGSIZE)
		tell(channel);
	return ret;
}

/**
 * ps_channel_read() - read the newest message, or take the next one
 * @channel: the channel
 * @buffer: of kernel memory, for the longest message of the channel
 * @size: how long it may be for the caller
 * @message: receives what there is to say about it
 *
 * Context: may sleep, but for other readers only.
 * Return: 0; -EMSGSIZE: it is longer than @size; -ENODATA: none was ever
 * written; -EAGAIN: the queue is empty, or the source of a sampling channel
 * writes faster than anybody can read; -EBADMSG: the source wrote nonsense.
 */
int ps_channel_read(struct ps_channel *channel, void *buffer, size_t size,
		    struct partsched_channel_message *message)
{
	int err;

	if (ps_channel_queuing(channel))
		err = receive(channel, buffer, size, message);
	else
		err = sample(channel, buffer, message);
	if (!err && message->length > size)
		err = -EMSGSIZE;
	return err;
}

static void queue_status(struct ps_channel *channel,
			 struct partsched_port_status *status)
{
	struct partsched_channel_end end = {
		.geometry = channel->geometry,
		.region = channel->data.memory,
		.ack = channel->ack.memory,
	};
	struct partsched_queue_status queue;
	struct partsched_channel_slot *slot;

	partsched_queue_status(&end, &queue);
	status->depth = channel->geometry.depth;
	status->nr_messages = queue.sent;
	status->pending = queue.waiting;
	status->overflows = queue.refused;
	if (!queue.sent)
		return;
	slot = partsched_channel_slot(&end, (queue.sent - 1) %
				      channel->geometry.depth);
	status->last_ns = PARTSCHED_CHANNEL_LOAD(&slot->timestamp_ns);
}

/**
 * ps_channel_status() - what a channel's memory tells
 * @channel: the channel
 * @status: filled in, but for the direction
 *
 * Only as true as the channel's parties are; no number of theirs is an index.
 *
 * Context: any but hard irq.
 */
void ps_channel_status(struct ps_channel *channel,
		       struct partsched_port_status *status)
{
	struct partsched_channel_message message;
	u64 now_ns = ktime_get_ns();

	memset(status, 0, sizeof(*status));
	status->region_bytes = ps_region_bytes(&channel->data);
	status->refresh_ns = channel->spec.refresh_ns;
	status->type = channel->spec.type;
	status->max_message = channel->spec.max_message;
	if (ps_channel_queuing(channel)) {
		queue_status(channel, status);
	} else if (!sample(channel, NULL, &message)) {
		status->nr_messages = message.number;
		status->last_ns = message.timestamp_ns;
		status->validity = message.validity;
	}
	if (status->last_ns && status->last_ns < now_ns)
		status->age_ns = now_ns - status->last_ns;
}
