/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - sampling channels: the newest message, for any number of readers
 *
 * Message n, from 1 on, goes to slot n % slots. The source sets the slot's number
 * to 0, writes the message, sets the number to n, and publishes n as its position.
 * A reader takes the position's slot, copies, and looks whether the slot still has
 * the number: an attempt fails only if the source has begun slots - 1 messages or
 * more since. Nobody waits for anybody: a source that stops for ever, at any
 * instruction, leaves a whole message to all readers.
 */
#ifndef _UAPI_LINUX_PARTSCHED_SAMPLING_H
#define _UAPI_LINUX_PARTSCHED_SAMPLING_H

#include <linux/partsched_channel.h>

/* How often a reader tries before it says PARTSCHED_CHANNEL_BUSY. */
#ifndef PARTSCHED_SAMPLING_ATTEMPTS
#define PARTSCHED_SAMPLING_ATTEMPTS	8U
#endif

/**
 * partsched_sampling_writer_init() - become the source of a sampling channel
 * @end: the caller's view, filled in
 * @geometry: the channel's
 * @region: its data region, writable
 *
 * Goes on where the last source stopped, whatever that left behind. There must
 * be one source at a time.
 */
static inline void partsched_sampling_writer_init(struct partsched_channel_end *end,
						  const struct partsched_channel_geometry *geometry,
						  void *region)
{
	partsched_channel_start(end, geometry, region, (struct partsched_channel_ack *)0);
	end->position = PARTSCHED_CHANNEL_LOAD(&partsched_channel_source(end)->position);
}

/**
 * partsched_sampling_reader_init() - become a destination of a sampling channel
 * @end: the caller's view, filled in
 * @geometry: the channel's
 * @region: its data region; read only
 */
static inline void partsched_sampling_reader_init(struct partsched_channel_end *end,
						  const struct partsched_channel_geometry *geometry,
						  const void *region)
{
	partsched_channel_start(end, geometry, (void *)region, (struct partsched_channel_ack *)0);
}

/**
 * partsched_sampling_write() - write a message for all to read
 * @end: the source's
 * @message: the message
 * @length: its bytes
 * @now_ns: CLOCK_MONOTONIC of the host
 *
 * Takes a bounded time, waits for nobody.
 *
 * Return: PARTSCHED_GUEST_NO_ERROR, or _INVALID_PARAM: an empty message, or one
 * longer than the port allows.
 */
static inline int partsched_sampling_write(struct partsched_channel_end *end, const void *message,
					   __u64 length, __u64 now_ns)
{
	struct partsched_channel_slot *slot;
	__u64 number = end->position + 1;

	if (!partsched_channel_fits(end, length))
		return PARTSCHED_GUEST_INVALID_PARAM;
	/* after 2^64 - 1, which only nonsense left behind can lead to */
	if (!number)
		number = 1;
	slot = partsched_channel_slot(end, number & (end->geometry.slots - 1));

	/* who sees the slot's number gone has seen the last message published */
	PARTSCHED_CHANNEL_STORE_RELEASE(&slot->number, 0);
	/* who sees anything below has seen it gone */
	PARTSCHED_CHANNEL_FENCE_RELEASE();
	PARTSCHED_CHANNEL_STORE(&slot->timestamp_ns, now_ns);
	PARTSCHED_CHANNEL_STORE(&slot->length, length);
	PARTSCHED_CHANNEL_COPY_IN(partsched_channel_data(slot), message, (__u32)length);
	PARTSCHED_CHANNEL_STORE(&slot->number, number);
	/* who sees the position sees all of the above */
	PARTSCHED_CHANNEL_STORE_RELEASE(&partsched_channel_source(end)->position, number);
	end->position = number;
	return PARTSCHED_GUEST_NO_ERROR;
}

/**
 * partsched_sampling_read() - read the newest message
 * @end: a destination's
 * @buffer: max_message bytes; of no meaning unless a message was read; NULL: only
 *	tell about the message
 * @now_ns: CLOCK_MONOTONIC of the host
 * @message: filled in, what there is to say about the message
 *
 * Takes a bounded time, waits for nobody.
 *
 * Return: PARTSCHED_GUEST_NO_ERROR: a message was read, see @message->validity;
 * PARTSCHED_GUEST_NO_ACTION: none was ever written;
 * PARTSCHED_CHANNEL_BUSY: in each of PARTSCHED_SAMPLING_ATTEMPTS attempts the
 * source began slots - 1 messages or more, that is, it writes several times as fast
 * as this end copies;
 * PARTSCHED_CHANNEL_FAULT: the source wrote nonsense.
 */
static inline int partsched_sampling_read(struct partsched_channel_end *end, void *buffer,
					  __u64 now_ns, struct partsched_channel_message *message)
{
	struct partsched_channel_source *source = partsched_channel_source(end);
	__u64 before = 0;
	__u32 attempt;

	message->number = 0;
	message->timestamp_ns = 0;
	message->age_ns = 0;
	message->length = 0;
	message->validity = PARTSCHED_CHANNEL_NEVER_WRITTEN;
	message->refused = 0;
	message->attempts = 0;
	message->pad = 0;

	for (attempt = 1; attempt <= PARTSCHED_SAMPLING_ATTEMPTS; attempt++) {
		__u64 number = PARTSCHED_CHANNEL_LOAD_ACQUIRE(&source->position);
		struct partsched_channel_slot *slot;

		message->attempts = attempt;
		if (!number)
			return PARTSCHED_GUEST_NO_ACTION;
		slot = partsched_channel_slot(end, number & (end->geometry.slots - 1));
		if (PARTSCHED_CHANNEL_LOAD_ACQUIRE(&slot->number) == number) {
			__u64 timestamp_ns = PARTSCHED_CHANNEL_LOAD(&slot->timestamp_ns);
			__u64 length = PARTSCHED_CHANNEL_LOAD(&slot->length);
			int fits = partsched_channel_fits(end, length);

			if (fits && buffer)
				PARTSCHED_CHANNEL_COPY_OUT(buffer, partsched_channel_data(slot),
							   (__u32)length);
			/* what was copied is older than what is looked at next */
			PARTSCHED_CHANNEL_FENCE_ACQUIRE();
			if (PARTSCHED_CHANNEL_LOAD_ACQUIRE(&slot->number) == number) {
				if (!fits)
					break;
				message->number = number;
				message->timestamp_ns = timestamp_ns;
				message->length = (__u32)length;
				partsched_channel_judge(end, message, now_ns);
				return PARTSCHED_GUEST_NO_ERROR;
			}
		}
		/* its slot was taken for a later one, so a later one was published */
		if (number == before)
			break;
		before = number;
	}
	if (attempt > PARTSCHED_SAMPLING_ATTEMPTS)
		return PARTSCHED_CHANNEL_BUSY;
	end->faults++;
	return PARTSCHED_CHANNEL_FAULT;
}

#endif /* _UAPI_LINUX_PARTSCHED_SAMPLING_H */
