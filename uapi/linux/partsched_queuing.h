/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - queuing channels: every message, in order, for one destination
 *
 * A ring of depth slots. Positions count messages and never wrap; position p is in
 * slot p % depth with the number p + 1. The source's position is how many were
 * sent, the destination's (in the ack page) how many were taken. First in, first
 * out: the other discipline of ARINC 653, PRIORITY, is about processes that wait at
 * a port, and is the business of the operating system in the partition.
 */
#ifndef _UAPI_LINUX_PARTSCHED_QUEUING_H
#define _UAPI_LINUX_PARTSCHED_QUEUING_H

#include <linux/partsched_channel.h>

/**
 * struct partsched_queue_status - a queue as its two parties tell of it
 * @waiting: messages in it
 * @sent: messages sent since the channel was made
 * @received: messages taken
 * @refused: messages refused because it was full
 */
struct partsched_queue_status {
	__u64 waiting;
	__u64 sent;
	__u64 received;
	__u64 refused;
};

/**
 * partsched_queue_sender_init() - become the source of a queue
 * @end: the caller's view, filled in
 * @geometry: the channel's
 * @region: its data region, writable
 * @ack: its ack page; read only
 *
 * Goes on where the last source stopped. If what that left behind is nonsense, the
 * queue is empty. There must be one source at a time.
 */
static inline void partsched_queue_sender_init(struct partsched_channel_end *end,
					       const struct partsched_channel_geometry *geometry,
					       void *region, const struct partsched_channel_ack *ack)
{
	struct partsched_channel_source *source;
	__u64 taken;

	partsched_channel_start(end, geometry, region, (struct partsched_channel_ack *)ack);
	source = partsched_channel_source(end);
	end->position = PARTSCHED_CHANNEL_LOAD(&source->position);
	end->refused = PARTSCHED_CHANNEL_LOAD(&source->refused);
	taken = PARTSCHED_CHANNEL_LOAD_ACQUIRE(&end->ack->position);
	if (end->position - taken > geometry->depth) {
		end->faults++;
		end->position = taken;
		PARTSCHED_CHANNEL_STORE_RELEASE(&source->position, taken);
	}
}

/**
 * partsched_queue_receiver_init() - become the destination of a queue
 * @end: the caller's view, filled in
 * @geometry: the channel's
 * @region: its data region; read only
 * @ack: its ack page, writable
 *
 * Goes on where the last destination stopped; a message that it was just taking is
 * received once more. There must be one destination at a time.
 */
static inline void partsched_queue_receiver_init(struct partsched_channel_end *end,
						 const struct partsched_channel_geometry *geometry,
						 const void *region,
						 struct partsched_channel_ack *ack)
{
	partsched_channel_start(end, geometry, (void *)region, ack);
	end->position = PARTSCHED_CHANNEL_LOAD(&ack->position);
	end->refused = PARTSCHED_CHANNEL_LOAD(&partsched_channel_source(end)->refused);
}

/**
 * partsched_queue_send() - append a message
 * @end: the source's
 * @message: the message
 * @length: its bytes
 * @now_ns: CLOCK_MONOTONIC of the host
 *
 * Takes a bounded time, waits for nobody.
 *
 * Return: PARTSCHED_GUEST_NO_ERROR; PARTSCHED_GUEST_NOT_AVAILABLE: the queue is full,
 * the message was refused and counted; PARTSCHED_GUEST_INVALID_PARAM: an empty
 * message, or one longer than the port allows.
 */
static inline int partsched_queue_send(struct partsched_channel_end *end, const void *message,
				       __u64 length, __u64 now_ns)
{
	struct partsched_channel_source *source = partsched_channel_source(end);
	struct partsched_channel_slot *slot;
	__u64 waiting;

	if (!partsched_channel_fits(end, length))
		return PARTSCHED_GUEST_INVALID_PARAM;
	/* the place may be written only after its last message has been copied */
	waiting = end->position - PARTSCHED_CHANNEL_LOAD_ACQUIRE(&end->ack->position);
	if (waiting >= end->geometry.depth) {
		if (waiting > end->geometry.depth)
			end->faults++;
		end->refused++;
		PARTSCHED_CHANNEL_STORE(&source->refused, end->refused);
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	}
	slot = partsched_channel_slot(end, end->position % end->geometry.depth);
	end->position++;
	PARTSCHED_CHANNEL_STORE(&slot->number, end->position);
	PARTSCHED_CHANNEL_STORE(&slot->timestamp_ns, now_ns);
	PARTSCHED_CHANNEL_STORE(&slot->length, length);
	PARTSCHED_CHANNEL_COPY_IN(partsched_channel_data(slot), message, (__u32)length);
	PARTSCHED_CHANNEL_STORE_RELEASE(&source->position, end->position);
	return PARTSCHED_GUEST_NO_ERROR;
}

/**
 * partsched_queue_receive() - take the oldest message
 * @end: the destination's
 * @buffer: max_message bytes; of no meaning unless a message was received
 * @now_ns: CLOCK_MONOTONIC of the host
 * @message: filled in if a message was received, what there is to say about it
 *
 * Takes a bounded time, waits for nobody.
 *
 * Return: PARTSCHED_GUEST_NO_ERROR; PARTSCHED_GUEST_NOT_AVAILABLE: the queue is
 * empty, or the source's position is nonsense; PARTSCHED_CHANNEL_FAULT: the message
 * was nonsense and is gone, there may be others.
 */
static inline int partsched_queue_receive(struct partsched_channel_end *end, void *buffer,
					  __u64 now_ns, struct partsched_channel_message *message)
{
	struct partsched_channel_source *source = partsched_channel_source(end);
	struct partsched_channel_slot *slot;
	__u64 sent = PARTSCHED_CHANNEL_LOAD_ACQUIRE(&source->position);
	__u64 waiting = sent - end->position;
	__u64 number, length, refused;
	int sound;

	if (!waiting)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	if (waiting > end->geometry.depth) {
		/* empty from here on, so that an honest source can follow */
		end->faults++;
		end->position = sent;
		PARTSCHED_CHANNEL_STORE_RELEASE(&end->ack->position, sent);
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	}
	slot = partsched_channel_slot(end, end->position % end->geometry.depth);
	number = PARTSCHED_CHANNEL_LOAD(&slot->number);
	length = PARTSCHED_CHANNEL_LOAD(&slot->length);
	end->position++;
	sound = number == end->position && partsched_channel_fits(end, length);
	if (sound) {
		message->number = number;
		message->timestamp_ns = PARTSCHED_CHANNEL_LOAD(&slot->timestamp_ns);
		message->length = (__u32)length;
		message->attempts = 1;
		message->pad = 0;
		partsched_channel_judge(end, message, now_ns);
		refused = PARTSCHED_CHANNEL_LOAD(&source->refused);
		message->refused = refused - end->refused;
		end->refused = refused;
		PARTSCHED_CHANNEL_COPY_OUT(buffer, partsched_channel_data(slot), (__u32)length);
	} else {
		end->faults++;
	}
	/* the place is the source's again once all of the above is done */
	PARTSCHED_CHANNEL_STORE_RELEASE(&end->ack->position, end->position);
	return sound ? PARTSCHED_GUEST_NO_ERROR : PARTSCHED_CHANNEL_FAULT;
}

/**
 * partsched_queue_status() - what the parties of a queue tell of it
 * @end: of either party, or of neither: geometry, region and ack are looked at
 * @status: filled in; @status->waiting is never more than the depth
 */
static inline void partsched_queue_status(const struct partsched_channel_end *end,
					  struct partsched_queue_status *status)
{
	struct partsched_channel_source *source = partsched_channel_source(end);

	/* in this order, so that those taken are among those sent */
	status->received = PARTSCHED_CHANNEL_LOAD_ACQUIRE(&end->ack->position);
	status->sent = PARTSCHED_CHANNEL_LOAD_ACQUIRE(&source->position);
	status->refused = PARTSCHED_CHANNEL_LOAD(&source->refused);
	status->waiting = status->sent - status->received;
	if (status->waiting > end->geometry.depth)
		status->waiting = end->geometry.depth;
}

#endif /* _UAPI_LINUX_PARTSCHED_QUEUING_H */
