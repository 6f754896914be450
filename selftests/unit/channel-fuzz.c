// SPDX-License-Identifier: GPL-2.0
/*
 * channel-fuzz - channels whose other end is hostile
 *
 *   channel-fuzz [SECONDS [SEED]]
 *
 * Whoever may write a region writes anything over it: once between any two calls of
 * the honest end, the same each time for a seed, and then from a thread of its own
 * all the time. SECONDS are for the latter, 1 if none is given. Regions and buffers
 * are as small as they may be, so that the sanitizers see each byte beyond. After
 * that an honest peer takes over, and messages pass as if nothing had been.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "ktap.h"

#define ROUNDS	4000
#define CALLS	64

static uint64_t seed = 1, seconds = 1;

/* xorshift64*; a state for each thread */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

struct channel {
	struct partsched_channel_geometry geometry;
	void *region;
	struct partsched_channel_ack *ack;
	uint8_t *buffer;
};

static void channel_make(struct channel *channel, uint32_t type, uint64_t *random)
{
	uint32_t bytes = 1 + (uint32_t)(draw(random) % (draw(random) % 8 ? 256 : 20000));

	if (partsched_channel_geometry_init(&channel->geometry, type, bytes,
					    1 + (uint32_t)(draw(random) % 20), 1000))
		abort();
	/* no more than is used of them, so that the first byte beyond is poisoned */
	channel->region = calloc(1, channel->geometry.slots_offset +
				 channel->geometry.slots * channel->geometry.slot_stride);
	channel->ack = calloc(1, sizeof(*channel->ack));
	channel->buffer = calloc(1, bytes);
	if (!channel->region || !channel->ack || !channel->buffer)
		abort();
	partsched_channel_header_fill(channel->region, &channel->geometry);
}

static void channel_free(struct channel *channel)
{
	free(channel->region);
	free(channel->ack);
	free(channel->buffer);
}

/* A value that is likely to hurt. */
static uint64_t nasty(const struct channel *channel, uint64_t near, uint64_t *random)
{
	static const uint64_t values[] = {
		0, 1, 2, 63, 64, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		INT64_MAX, 1ULL << 63, UINT64_MAX - 1, UINT64_MAX,
	};

	switch (draw(random) % 6) {
	case 0:
		return draw(random);
	case 1:
		return near + draw(random) % 5 - 2;
	case 2:
		return near - channel->geometry.depth + draw(random) % 3 - 1;
	case 3:
		return channel->geometry.max_message + draw(random) % 3 - 1;
	case 4:
		return draw(random) % (channel->geometry.depth + 2ULL);
	default:
		return values[draw(random) % (sizeof(values) / sizeof(*values))];
	}
}

static void attack_word(const struct channel *channel, void *word, uint64_t *random)
{
	volatile uint64_t *at = word;

	*at = nasty(channel, *at, random);
}

/* What a source may write: the data region. */
static void attack_region(struct channel *channel, uint64_t *random)
{
	struct partsched_channel_end end = {
		.geometry = channel->geometry, .region = channel->region,
	};
	uint64_t bytes = channel->geometry.slots_offset +
		(uint64_t)channel->geometry.slots * channel->geometry.slot_stride;
	struct partsched_channel_source *source = partsched_channel_source(&end);
	struct partsched_channel_slot *slot =
		partsched_channel_slot(&end, draw(random) % channel->geometry.slots);

	switch (draw(random) % 8) {
	case 0:
	case 1:
		attack_word(channel, &source->position, random);
		break;
	case 2:
		attack_word(channel, &slot->number, random);
		break;
	case 3:
		attack_word(channel, &slot->length, random);
		break;
	case 4:
		attack_word(channel, &slot->timestamp_ns, random);
		break;
	case 5:
		attack_word(channel, (uint64_t *)channel->region + draw(random) % (bytes / 8),
			    random);
		break;
	case 6:
		/* a message that fits, at its place, with a wrong length */
		slot = partsched_channel_slot(&end, source->position % channel->geometry.slots);
		*(volatile uint64_t *)&slot->number = source->position;
		attack_word(channel, &slot->length, random);
		break;
	default:
		attack_word(channel, &source->refused, random);
	}
}

static bool read_once(struct channel *channel, struct partsched_channel_end *end, uint64_t now_ns)
{
	struct partsched_channel_message message;

	switch (partsched_sampling_read(end, channel->buffer, now_ns, &message)) {
	case PARTSCHED_GUEST_NO_ERROR:
		if (message.length && message.length <= channel->geometry.max_message &&
		    message.attempts <= PARTSCHED_SAMPLING_ATTEMPTS &&
		    message.validity <= PARTSCHED_CHANNEL_VALID)
			return true;
		return ktap_fail("a message of %u bytes, attempt %u", message.length,
				 message.attempts);
	case PARTSCHED_GUEST_NO_ACTION:
	case PARTSCHED_CHANNEL_BUSY:
	case PARTSCHED_CHANNEL_FAULT:
		return true;
	default:
		return ktap_fail("an unknown result");
	}
}

static bool receive_once(struct channel *channel, struct partsched_channel_end *end,
			 uint64_t now_ns)
{
	struct partsched_channel_message message;
	struct partsched_queue_status status;
	uint64_t before = end->position, faults = end->faults;

	partsched_queue_status(end, &status);
	if (status.waiting > channel->geometry.depth)
		return ktap_fail("more waiting than the queue holds");
	switch (partsched_queue_receive(end, channel->buffer, now_ns, &message)) {
	case PARTSCHED_GUEST_NO_ERROR:
		if (message.length && message.length <= channel->geometry.max_message &&
		    end->position == before + 1 && message.number == end->position)
			return true;
		return ktap_fail("message %llu of %u bytes", (unsigned long long)message.number,
				 message.length);
	case PARTSCHED_CHANNEL_FAULT:
		return (end->faults == faults + 1 && end->position == before + 1) ||
			ktap_fail("nonsense is not counted");
	case PARTSCHED_GUEST_NOT_AVAILABLE:
		return end->position == before || end->faults == faults + 1 ||
			ktap_fail("a position is believed");
	default:
		return ktap_fail("an unknown result");
	}
}

static bool send_once(struct channel *channel, struct partsched_channel_end *end, uint64_t now_ns)
{
	uint64_t before = end->position;
	int result = partsched_queue_send(end, channel->buffer, 1 + now_ns %
					  channel->geometry.max_message, now_ns);

	if (result == PARTSCHED_GUEST_NO_ERROR)
		return end->position == before + 1 || ktap_fail("a message too many");
	if (result != PARTSCHED_GUEST_NOT_AVAILABLE || end->position != before)
		return ktap_fail("an unknown result");
	return true;
}

/* After the attack: does a message pass from an honest source to honest readers? */
static bool sampling_passes(struct channel *channel, struct partsched_channel_end *reader)
{
	struct partsched_channel_message message;
	struct partsched_channel_end writer;

	partsched_sampling_writer_init(&writer, &channel->geometry, channel->region);
	for (uint8_t i = 1; i <= 2 * PARTSCHED_SAMPLING_SLOTS; i++) {
		if (partsched_sampling_write(&writer, &i, 1, i))
			return ktap_fail("no message can be written any more");
		if (partsched_sampling_read(reader, channel->buffer, i, &message) ||
		    message.length != 1 || channel->buffer[0] != i || message.timestamp_ns != i ||
		    message.validity != PARTSCHED_CHANNEL_VALID)
			return ktap_fail("no message can be read any more");
	}
	return true;
}

/* One end was honest and goes on, the other one is taken over. */
static bool queue_passes(struct channel *channel, struct partsched_channel_end *sender,
			 struct partsched_channel_end *receiver)
{
	struct partsched_channel_message message;
	uint8_t *buffer = channel->buffer;

	/* what the attack left in the queue may be nonsense, but it comes to an end */
	for (uint32_t i = 0; i <= channel->geometry.depth + 1; i++)
		partsched_queue_receive(receiver, buffer, 0, &message);
	if (partsched_queue_receive(receiver, buffer, 0, &message) != PARTSCHED_GUEST_NOT_AVAILABLE)
		return ktap_fail("the queue does not get empty");
	for (uint32_t i = 0; i < 3 * channel->geometry.depth; i++) {
		uint8_t sent = (uint8_t)i;

		if (partsched_queue_send(sender, &sent, 1, i))
			return ktap_fail("no message can be sent any more");
		if (partsched_queue_receive(receiver, buffer, i, &message) ||
		    message.length != 1 || buffer[0] != sent || message.timestamp_ns != i)
			return ktap_fail("no message can be received any more");
	}
	return true;
}

/* ---------------------------------------------------------------- between calls */

static bool reader_bears_any_source(void)
{
	uint64_t random = seed * 2 + 1;
	bool ok = true;

	for (int round = 0; round < ROUNDS && ok; round++) {
		struct partsched_channel_end reader, writer;
		struct channel channel;

		channel_make(&channel, PARTSCHED_CHANNEL_SAMPLING, &random);
		partsched_sampling_reader_init(&reader, &channel.geometry, channel.region);
		partsched_sampling_writer_init(&writer, &channel.geometry, channel.region);
		for (int call = 0; call < CALLS && ok; call++) {
			if (draw(&random) % 3 == 0)
				partsched_sampling_write(&writer, channel.buffer, 1 + draw(&random) %
							 channel.geometry.max_message, 0);
			else
				attack_region(&channel, &random);
			ok = read_once(&channel, &reader, draw(&random) % 4000);
		}
		ok = ok && sampling_passes(&channel, &reader);
		channel_free(&channel);
	}
	return ok;
}

static bool receiver_bears_any_source(void)
{
	uint64_t random = seed * 2 + 1;
	bool ok = true;

	for (int round = 0; round < ROUNDS && ok; round++) {
		struct partsched_channel_end receiver, sender;
		struct channel channel;

		channel_make(&channel, PARTSCHED_CHANNEL_QUEUING, &random);
		partsched_queue_sender_init(&sender, &channel.geometry, channel.region,
					    channel.ack);
		partsched_queue_receiver_init(&receiver, &channel.geometry, channel.region,
					      channel.ack);
		for (int call = 0; call < CALLS && ok; call++) {
			if (draw(&random) % 3 == 0)
				partsched_queue_send(&sender, channel.buffer, 1 + draw(&random) %
						     channel.geometry.max_message, 0);
			else
				attack_region(&channel, &random);
			ok = receive_once(&channel, &receiver, draw(&random) % 4000);
		}
		partsched_queue_sender_init(&sender, &channel.geometry, channel.region,
					    channel.ack);
		ok = ok && queue_passes(&channel, &sender, &receiver);
		channel_free(&channel);
	}
	return ok;
}

static bool sender_bears_any_destination(void)
{
	uint64_t random = seed * 2 + 1;
	bool ok = true;

	for (int round = 0; round < ROUNDS && ok; round++) {
		struct partsched_channel_end receiver, sender;
		struct partsched_channel_message message;
		struct channel channel;

		channel_make(&channel, PARTSCHED_CHANNEL_QUEUING, &random);
		partsched_queue_sender_init(&sender, &channel.geometry, channel.region,
					    channel.ack);
		partsched_queue_receiver_init(&receiver, &channel.geometry, channel.region,
					      channel.ack);
		for (int call = 0; call < CALLS && ok; call++) {
			if (draw(&random) % 3 == 0)
				partsched_queue_receive(&receiver, channel.buffer, 0, &message);
			else
				attack_word(&channel, &channel.ack->position, &random);
			ok = send_once(&channel, &sender, draw(&random));
		}
		partsched_queue_receiver_init(&receiver, &channel.geometry, channel.region,
					      channel.ack);
		ok = ok && queue_passes(&channel, &sender, &receiver);
		channel_free(&channel);
	}
	return ok;
}

static bool header_that_is_read_is_checked(void)
{
	struct partsched_channel_geometry again;
	uint64_t random = seed * 2 + 1;
	bool ok = true;

	for (int round = 0; round < ROUNDS && ok; round++) {
		uint32_t type = draw(&random) % 2 ? PARTSCHED_CHANNEL_SAMPLING :
			PARTSCHED_CHANNEL_QUEUING;
		uint64_t size;
		struct channel channel;

		channel_make(&channel, type, &random);
		size = channel.geometry.region_size;
		if (partsched_channel_header_read(&again, channel.region, size) ||
		    memcmp(&again, &channel.geometry, sizeof(again)))
			ok = ktap_fail("a good header is not believed");
		if (!partsched_channel_header_read(&again, channel.region, size - 1))
			ok = ktap_fail("more than is mapped is believed");
		for (int call = 0; call < CALLS && ok; call++) {
			uint32_t *word = (uint32_t *)channel.region + draw(&random) % 16;

			*(volatile uint32_t *)word = (uint32_t)nasty(&channel, *word, &random);
			if (partsched_channel_header_read(&again, channel.region, size))
				continue;
			if (again.region_size > size || again.slots_offset +
			    (uint64_t)again.slots * again.slot_stride > size ||
			    again.max_message > again.slot_stride)
				ok = ktap_fail("a header that tells of too much is believed");
		}
		channel_free(&channel);
	}
	return ok;
}

static bool geometry_is_within_its_bounds_or_refused(void)
{
	static const struct {
		uint32_t type, message, depth;
		bool good;
	} tries[] = {
		{ PARTSCHED_CHANNEL_SAMPLING, 1, 0, true },
		{ PARTSCHED_CHANNEL_SAMPLING, PARTSCHED_CHANNEL_MESSAGE_MAX, 0, true },
		{ PARTSCHED_CHANNEL_SAMPLING, PARTSCHED_CHANNEL_MESSAGE_MAX + 1, 0, false },
		{ PARTSCHED_CHANNEL_SAMPLING, 0, 0, false },
		{ PARTSCHED_CHANNEL_SAMPLING, UINT32_MAX, 0, false },
		{ PARTSCHED_CHANNEL_QUEUING, 1, 0, false },
		{ PARTSCHED_CHANNEL_QUEUING, 1, 1, true },
		{ PARTSCHED_CHANNEL_QUEUING, 1, PARTSCHED_CHANNEL_DEPTH_MAX, true },
		{ PARTSCHED_CHANNEL_QUEUING, 1, PARTSCHED_CHANNEL_DEPTH_MAX + 1, false },
		{ PARTSCHED_CHANNEL_QUEUING, 1, UINT32_MAX, false },
		{ PARTSCHED_CHANNEL_QUEUING, 4096, 4000, true },
		{ PARTSCHED_CHANNEL_QUEUING, 4096, 5000, false },
		{ PARTSCHED_CHANNEL_QUEUING, PARTSCHED_CHANNEL_MESSAGE_MAX,
		  PARTSCHED_CHANNEL_DEPTH_MAX, false },
		{ 0, 64, 4, false },
		{ 3, 64, 4, false },
	};
	struct partsched_channel_geometry g;

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		int result = partsched_channel_geometry_init(&g, tries[i].type, tries[i].message,
							     tries[i].depth, 0);

		if (tries[i].good != !result)
			ktap_fail("%u bytes, depth %u: %d", tries[i].message, tries[i].depth,
				  result);
		if (!result && (g.region_size & (g.region_size - 1) ||
				g.region_size > PARTSCHED_CHANNEL_REGION_MAX ||
				g.slot_stride % PARTSCHED_CHANNEL_LINE || g.slot_stride <
				sizeof(struct partsched_channel_slot) + g.max_message))
			ktap_fail("%u bytes, depth %u: a region of %llu", tries[i].message,
				  tries[i].depth, (unsigned long long)g.region_size);
	}
	return true;
}

/* --------------------------------------------------------------------- all the time */

struct attack {
	pthread_t thread;
	struct channel *channel;
	bool source, destination, stop;
	uint64_t random;
};

static void *attacker(void *argument)
{
	struct attack *attack = argument;

	while (!__atomic_load_n(&attack->stop, __ATOMIC_RELAXED)) {
		if (attack->source)
			attack_region(attack->channel, &attack->random);
		if (attack->destination)
			attack_word(attack->channel, &attack->channel->ack->position,
				    &attack->random);
	}
	return NULL;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000ULL + (uint64_t)time.tv_nsec;
}

enum victim { READER, RECEIVER, SENDER, NR_VICTIMS };

static bool attacked_all_the_time(enum victim victim, uint64_t *random, uint64_t *calls)
{
	struct partsched_channel_end reader, receiver, sender;
	struct attack attack = {
		.source = victim != SENDER, .destination = victim == SENDER,
		.random = draw(random) | 1,
	};
	struct channel channel;
	bool ok = true;

	channel_make(&channel, victim == READER ? PARTSCHED_CHANNEL_SAMPLING :
		     PARTSCHED_CHANNEL_QUEUING, random);
	attack.channel = &channel;
	partsched_sampling_reader_init(&reader, &channel.geometry, channel.region);
	partsched_queue_receiver_init(&receiver, &channel.geometry, channel.region, channel.ack);
	partsched_queue_sender_init(&sender, &channel.geometry, channel.region, channel.ack);
	if (pthread_create(&attack.thread, NULL, attacker, &attack))
		abort();
	for (int i = 0; i < 100000 && ok; i++, (*calls)++)
		ok = victim == READER ? read_once(&channel, &reader, draw(random)) :
			victim == RECEIVER ? receive_once(&channel, &receiver, draw(random)) :
			send_once(&channel, &sender, draw(random));
	__atomic_store_n(&attack.stop, true, __ATOMIC_RELAXED);
	pthread_join(attack.thread, NULL);
	if (victim == SENDER)
		partsched_queue_receiver_init(&receiver, &channel.geometry, channel.region,
					      channel.ack);
	else
		partsched_queue_sender_init(&sender, &channel.geometry, channel.region,
					    channel.ack);
	ok = ok && (victim == READER ? sampling_passes(&channel, &reader) :
		    queue_passes(&channel, &sender, &receiver));
	channel_free(&channel);
	return ok;
}

static bool ends_bear_a_peer_that_writes_all_the_time(void)
{
	uint64_t random = seed * 2 + 1, calls = 0, until = now() + seconds * 1000000000ULL;
	bool ok = true;

	do {
		for (enum victim victim = 0; victim < NR_VICTIMS; victim++)
			ok = ok && attacked_all_the_time(victim, &random, &calls);
	} while (ok && now() < until);
	ktap_note("%llu calls", (unsigned long long)calls);
	return ok;
}

static const struct ktap_test tests[] = {
	KTAP_TEST(geometry_is_within_its_bounds_or_refused),
	KTAP_TEST(header_that_is_read_is_checked),
	KTAP_TEST(reader_bears_any_source),
	KTAP_TEST(receiver_bears_any_source),
	KTAP_TEST(sender_bears_any_destination),
	KTAP_TEST(ends_bear_a_peer_that_writes_all_the_time),
};

int main(int argc, char **argv)
{
	char *end = "";

	if (argc > 1)
		seconds = strtoull(argv[1], &end, 10);
	if (argc > 2 && !*end)
		seed = strtoull(argv[2], &end, 10);
	if (*end || argc > 3) {
		fprintf(stderr, "usage: channel-fuzz [SECONDS [SEED]]\n");
		return 2;
	}
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
