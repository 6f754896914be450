// SPDX-License-Identifier: GPL-2.0
/*
 * channel-threads - channels between threads of this machine
 *
 *   channel-threads [COUNT]
 *
 * COUNT reads by each of two readers of a sampling channel, and COUNT messages
 * through a queue; a million if none is given. Of longer messages, as many as
 * make the same number of bytes.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "ktap.h"

#define READERS		2
/* so many messages a reader sees at least, whatever the scheduler does */
#define DIFFERENT	100

static uint64_t count = 1000000;

struct channel {
	struct partsched_channel_geometry geometry;
	void *region;
	struct partsched_channel_ack *ack;
	uint64_t reads;
	bool stop;
};

struct reader {
	pthread_t thread;
	struct channel *channel;
	uint64_t torn, older, faults, busy, retries, different;
};

static bool channel_make(struct channel *channel, uint32_t type, uint32_t bytes, uint32_t depth)
{
	memset(channel, 0, sizeof(*channel));
	channel->reads = count * 64 / bytes + 1;
	if (partsched_channel_geometry_init(&channel->geometry, type, bytes, depth, 0))
		return ktap_fail("no such channel");
	channel->region = aligned_alloc(4096, channel->geometry.region_size);
	channel->ack = aligned_alloc(4096, PARTSCHED_CHANNEL_ACK_SIZE);
	if (!channel->region || !channel->ack)
		abort();
	memset(channel->region, 0, channel->geometry.region_size);
	memset(channel->ack, 0, PARTSCHED_CHANNEL_ACK_SIZE);
	partsched_channel_header_fill(channel->region, &channel->geometry);
	return true;
}

static void channel_free(struct channel *channel)
{
	free(channel->region);
	free(channel->ack);
}

/* The message number @number: its words say which one it is, each of them. */
static uint64_t message_length(const struct channel *channel, uint64_t number)
{
	uint64_t words = channel->geometry.max_message / 8;

	return 8 * (words - number % (words / 2));
}

static uint64_t message_word(uint64_t number, uint64_t i)
{
	return number * 0x9e3779b97f4a7c15ULL ^ i;
}

static uint64_t message_fill(const struct channel *channel, uint64_t *words, uint64_t number)
{
	uint64_t length = message_length(channel, number);

	for (uint64_t i = 0; i < length / 8; i++)
		words[i] = message_word(number, i);
	return length;
}

static bool message_whole(const struct channel *channel, const uint64_t *words,
			  const struct partsched_channel_message *message)
{
	uint64_t wrong = 0;

	if (message->length != message_length(channel, message->number) ||
	    message->timestamp_ns != message->number)
		return false;
	for (uint64_t i = 0; i < message->length / 8; i++)
		wrong |= words[i] ^ message_word(message->number, i);
	return !wrong;
}

static uint64_t *buffer_make(const struct channel *channel)
{
	uint64_t *buffer = malloc(channel->geometry.max_message);

	if (!buffer)
		abort();
	return buffer;
}

/* --------------------------------------------------------------------- sampling */

static void *sampling_writer(void *argument)
{
	struct channel *channel = argument;
	struct partsched_channel_end end;
	uint64_t *buffer = buffer_make(channel);

	partsched_sampling_writer_init(&end, &channel->geometry, channel->region);
	while (!__atomic_load_n(&channel->stop, __ATOMIC_RELAXED)) {
		uint64_t number = end.position + 1;

		partsched_sampling_write(&end, buffer, message_fill(channel, buffer, number),
					 number);
	}
	free(buffer);
	return NULL;
}

static void *sampling_reader(void *argument)
{
	struct reader *reader = argument;
	struct channel *channel = reader->channel;
	struct partsched_channel_message message;
	struct partsched_channel_end end;
	uint64_t *buffer = buffer_make(channel);
	uint64_t last = 0;

	partsched_sampling_reader_init(&end, &channel->geometry, channel->region);
	/* one that has the CPU all the time reads the same message again and again */
	for (uint64_t done = 0; done < channel->reads || reader->different < DIFFERENT;) {
		int result = partsched_sampling_read(&end, buffer, 0, &message);

		if (result == PARTSCHED_GUEST_NO_ACTION && !last) {
			sched_yield();
			continue;
		}
		done++;
		if (result == PARTSCHED_CHANNEL_BUSY) {
			reader->busy++;
			continue;
		}
		if (result) {
			reader->faults++;
			continue;
		}
		reader->torn += !message_whole(channel, buffer, &message);
		reader->older += message.number < last;
		reader->different += message.number != last;
		reader->retries += message.attempts - 1;
		last = message.number;
	}
	free(buffer);
	return NULL;
}

static bool sampling(uint32_t bytes)
{
	struct reader reader[READERS] = { 0 };
	struct channel channel;
	pthread_t writer;
	bool ok = true;

	if (!channel_make(&channel, PARTSCHED_CHANNEL_SAMPLING, bytes, 0))
		return false;
	for (unsigned int i = 0; i < READERS; i++) {
		reader[i].channel = &channel;
		if (pthread_create(&reader[i].thread, NULL, sampling_reader, &reader[i]))
			abort();
	}
	if (pthread_create(&writer, NULL, sampling_writer, &channel))
		abort();
	for (unsigned int i = 0; i < READERS; i++)
		pthread_join(reader[i].thread, NULL);
	__atomic_store_n(&channel.stop, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	for (unsigned int i = 0; i < READERS; i++) {
		const struct reader *r = &reader[i];

		ktap_note("%u bytes: %llu reads, %llu messages, %llu retries, %llu busy", bytes,
			  (unsigned long long)channel.reads, (unsigned long long)r->different,
			  (unsigned long long)r->retries, (unsigned long long)r->busy);
		if (r->torn || r->older || r->faults)
			ok = ktap_fail("%llu torn, %llu older than the last, %llu nonsense",
				       (unsigned long long)r->torn, (unsigned long long)r->older,
				       (unsigned long long)r->faults);
	}
	channel_free(&channel);
	return ok;
}

static bool sampling_readers_get_whole_messages(void)
{
	return sampling(64) && sampling(4096);
}

/* --------------------------------------------------------------------- queuing */

static void *queue_sender(void *argument)
{
	struct channel *channel = argument;
	struct partsched_channel_end end;
	uint64_t *buffer = buffer_make(channel);

	partsched_queue_sender_init(&end, &channel->geometry, channel->region, channel->ack);
	while (end.position < channel->reads) {
		uint64_t number = end.position + 1;
		uint64_t length = message_fill(channel, buffer, number);

		while (partsched_queue_send(&end, buffer, length, number))
			sched_yield();
	}
	free(buffer);
	return NULL;
}

static bool queuing(uint32_t bytes, uint32_t depth)
{
	uint64_t number = 1, refused = 0, empty = 0;
	struct partsched_channel_message message;
	struct partsched_queue_status status;
	struct partsched_channel_end end;
	struct channel channel;
	pthread_t sender;
	uint64_t *buffer;
	bool ok = true;

	if (!channel_make(&channel, PARTSCHED_CHANNEL_QUEUING, bytes, depth))
		return false;
	buffer = buffer_make(&channel);
	partsched_queue_receiver_init(&end, &channel.geometry, channel.region, channel.ack);
	if (pthread_create(&sender, NULL, queue_sender, &channel))
		abort();
	while (ok && number <= channel.reads) {
		switch (partsched_queue_receive(&end, buffer, 0, &message)) {
		case PARTSCHED_GUEST_NO_ERROR:
			refused += message.refused;
			if (message.number != number)
				ok = ktap_fail("message %llu comes as number %llu",
					       (unsigned long long)message.number,
					       (unsigned long long)number);
			else if (!message_whole(&channel, buffer, &message))
				ok = ktap_fail("message %llu is torn", (unsigned long long)number);
			number++;
			break;
		case PARTSCHED_GUEST_NOT_AVAILABLE:
			empty++;
			sched_yield();
			break;
		default:
			ok = ktap_fail("message %llu is nonsense", (unsigned long long)number);
		}
	}
	if (!ok)
		exit(EXIT_FAILURE);	/* with a sender that waits for ever */
	pthread_join(sender, NULL);
	partsched_queue_status(&end, &status);
	ktap_note("%u bytes, depth %u: %llu messages, %llu times full, %llu times empty", bytes,
		  depth, (unsigned long long)number - 1, (unsigned long long)status.refused,
		  (unsigned long long)empty);
	if (status.sent != channel.reads || status.received != channel.reads || status.waiting)
		ok = ktap_fail("%llu sent, %llu received, %llu waiting",
			       (unsigned long long)status.sent,
			       (unsigned long long)status.received,
			       (unsigned long long)status.waiting);
	/* the last message was sent after the last refusal */
	if (refused != status.refused)
		ok = ktap_fail("%llu refusals, the destination was told of %llu",
			       (unsigned long long)status.refused, (unsigned long long)refused);
	if (end.faults)
		ok = ktap_fail("an honest source is called a liar");
	free(buffer);
	channel_free(&channel);
	return ok;
}

static bool queue_delivers_each_message_once_and_in_order(void)
{
	return queuing(64, 8) && queuing(64, 1) && queuing(4096, 3);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(sampling_readers_get_whole_messages),
	KTAP_TEST(queue_delivers_each_message_once_and_in_order),
};

int main(int argc, char **argv)
{
	char *end;

	if (argc > 1) {
		count = strtoull(argv[1], &end, 10);
		if (*end || !count || argc > 2) {
			fprintf(stderr, "usage: channel-threads [COUNT]\n");
			return 2;
		}
	}
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
