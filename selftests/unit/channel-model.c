// SPDX-License-Identifier: GPL-2.0
/*
 * channel-model - the channels' code in every order of its steps
 *
 * Not a model of the protocols but the code of linux/partsched_sampling.h and
 * linux/partsched_queuing.h itself, a step for each word that it touches, walked
 * by interleave.c: in an ordered memory, and in the weak one of C11. The source
 * or the destination of a queue may die at any step and another one take its
 * place.
 *
 * A walk that cannot find a fault shows nothing, so it is made again with each of
 * the rules left out.
 */
#include <stdint.h>
#include <string.h>

#include "interleave.h"
#include "ktap.h"

enum mutant {
	NONE,
	NO_VERIFY,		/* sampling: the slot's number is not looked at again */
	GONE_RELAXED,		/* sampling: the release of the number's absence */
	NO_FENCE_RELEASE,	/* sampling: between that and the message */
	PUBLISH_RELAXED,	/* the release of the source's position */
	NO_FENCE_ACQUIRE,	/* sampling: between the message and the second look */
	FOUND_RELAXED,		/* the acquire of the source's position */
	FIRST_LOOK_RELAXED,	/* sampling: the acquire of the slot's number */
	SECOND_LOOK_RELAXED,	/* the same when it is looked at again */
	TAKEN_RELAXED,		/* queuing: the release of the destination's position */
	FREED_RELAXED,		/* queuing: the acquire of the destination's position */
};

static enum mutant mutant;

static uint64_t load(enum interleave_kind kind, const void *word);
static void store(enum interleave_kind kind, void *word, uint64_t value);
static void fence(enum interleave_kind kind);

/* Message lengths are multiples of a word here. */
static void copy_in(void *to, const void *from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes / 8; i++)
		store(INTERLEAVE_STORE, (uint64_t *)to + i, ((const uint64_t *)from)[i]);
}

static void copy_out(void *to, const void *from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes / 8; i++)
		((uint64_t *)to)[i] = load(INTERLEAVE_LOAD, (const uint64_t *)from + i);
}

#define PARTSCHED_CHANNEL_LOAD(word)		load(INTERLEAVE_LOAD, word)
#define PARTSCHED_CHANNEL_LOAD_ACQUIRE(word)	load(INTERLEAVE_LOAD_ACQUIRE, word)
#define PARTSCHED_CHANNEL_STORE(word, value)	store(INTERLEAVE_STORE, word, value)
#define PARTSCHED_CHANNEL_STORE_RELEASE(word, value) \
	store(INTERLEAVE_STORE_RELEASE, word, value)
#define PARTSCHED_CHANNEL_FENCE_ACQUIRE()	fence(INTERLEAVE_FENCE_ACQUIRE)
#define PARTSCHED_CHANNEL_FENCE_RELEASE()	fence(INTERLEAVE_FENCE_RELEASE)
#define PARTSCHED_CHANNEL_COPY_IN		copy_in
#define PARTSCHED_CHANNEL_COPY_OUT		copy_out
/*
 * Fewer than in earnest, so that a source can be fast enough to defeat them within
 * few messages. What is claimed is claimed of any number of either.
 */
#define PARTSCHED_SAMPLING_ATTEMPTS		2U
#define SLOTS					4U

#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

/* A channel's memory: only its addresses are of use, the walk has the values. */
static struct {
	struct partsched_channel_header header;
	struct partsched_channel_source source;
	struct {
		struct partsched_channel_slot head;
		uint64_t data[8];
	} slot[PARTSCHED_SAMPLING_SLOTS];
	struct partsched_channel_ack ack;
} shared;

_Static_assert(sizeof(shared.slot[0]) == 2 * PARTSCHED_CHANNEL_LINE, "as messages of 16 bytes have it");

static struct partsched_channel_geometry geometry;
static uint32_t messages[2];	/* that the source writes or sends, by life */
static uint32_t rounds;		/* of a reader */
static uint32_t slots = SLOTS;	/* of a sampling channel */
static uint32_t asked_slots = SLOTS;	/* that there should be */
static bool weak;
static bool restarts;		/* the source does */
static unsigned int sender;	/* which thread it is */
static bool seen_busy, seen_retry, seen_full, seen_empty;

/* ------------------------------------------------------- access, and its mutants */

static uint64_t last_number;
static bool after_fence;

static bool is_number(const void *word)
{
	for (size_t i = 0; i < sizeof(shared.slot) / sizeof(*shared.slot); i++)
		if (word == &shared.slot[i].head.number)
			return true;
	return false;
}

static uint64_t load(enum interleave_kind kind, const void *word)
{
	bool again = after_fence && is_number(word);
	uint64_t value;

	after_fence = false;
	if (again && mutant == NO_VERIFY)
		return last_number;
	if ((word == &shared.source.position && mutant == FOUND_RELAXED) ||
	    (is_number(word) && mutant == (again ? SECOND_LOOK_RELAXED : FIRST_LOOK_RELAXED)) ||
	    (word == &shared.ack.position && mutant == FREED_RELAXED))
		kind = INTERLEAVE_LOAD;
	value = interleave_access(kind, word, 0);
	if (is_number(word))
		last_number = value;
	return value;
}

static void store(enum interleave_kind kind, void *word, uint64_t value)
{
	if ((word == &shared.source.position && mutant == PUBLISH_RELAXED) ||
	    (is_number(word) && !value && mutant == GONE_RELAXED) ||
	    (word == &shared.ack.position && mutant == TAKEN_RELAXED))
		kind = INTERLEAVE_STORE;
	after_fence = false;
	interleave_access(kind, word, value);
}

static void fence(enum interleave_kind kind)
{
	after_fence = kind == INTERLEAVE_FENCE_ACQUIRE;
	if ((after_fence && mutant == NO_FENCE_ACQUIRE) ||
	    (!after_fence && mutant == NO_FENCE_RELEASE))
		return;
	interleave_access(kind, NULL, 0);
}

/* --------------------------------------------------------------------- messages */

/* The n-th message of a life, from 1: @id says both. */
static uint64_t message_id(uint32_t life, uint64_t n)
{
	return life * 100 + n;
}

static uint32_t message_fill(uint64_t *message, uint64_t id)
{
	message[0] = id;
	message[1] = id * 1000;
	return id % 2 ? 16 : 8;
}

/* Is it a message as it was sent? */
static bool message_whole(const uint64_t *buffer, const struct partsched_channel_message *message)
{
	uint64_t sent[2];

	return message->length == message_fill(sent, buffer[0]) &&
		message->timestamp_ns == buffer[0] && !memcmp(buffer, sent, message->length);
}

/* --------------------------------------------------------------------- sampling */

/* What INTERLEAVE_ASK tells. */
#define BEGUN(truth)		((uint32_t)(truth) & 0xffff)
#define PUBLISHED(truth)	((uint32_t)((truth) >> 16) & 0xffff)
#define ENDED(truth)		((bool)((truth) >> 32))

static uint64_t sampling_truth(const struct interleave_truth *truth, uint64_t question)
{
	uint64_t begun = 0;

	(void)question;
	/* a message is begun by the first of two stores */
	for (uint32_t i = 0; i < geometry.slots; i++)
		begun += (truth->stores[interleave_place(&shared.slot[i].head.number)] + 1U) / 2;
	return begun | truth->last[interleave_place(&shared.source.position)] << 16 |
		(uint64_t)truth->ended << 32;
}

static void sampling_writer(struct interleave_memory *memory)
{
	struct partsched_channel_end end;
	uint64_t message[2], id;
	uint32_t length;

	partsched_channel_start(&end, &geometry, &shared, NULL);
	if (memory->round)
		end.position = memory->word[0];
	else
		partsched_sampling_writer_init(&end, &geometry, &shared);
	id = message_id(memory->life, memory->round + 1);
	length = message_fill(message, id);
	if (partsched_sampling_write(&end, message, length, id))
		interleave_fault("a message is not written");
	memory->word[0] = end.position;
	memory->done = memory->round + 1 == messages[memory->life];
}

/* How many failed attempts may there have been, from @first on? */
static bool attempts_within(uint64_t before, uint64_t after, uint64_t last, uint32_t failed)
{
	const uint32_t more = asked_slots - 1;

	if (!failed || restarts)
		return true;
	/* in a weak memory the first attempt may find a position of long ago */
	if (weak)
		return BEGUN(after) >= (last ? last : 1) + 1 + failed * more;
	return BEGUN(after) - BEGUN(before) >= failed * more;
}

static void sampling_reader(struct interleave_memory *memory)
{
	struct partsched_channel_end end;
	struct partsched_channel_message message;
	uint64_t buffer[2] = { 0 }, before, after, last = memory->word[0];
	int result;

	partsched_sampling_reader_init(&end, &geometry, &shared);
	before = interleave_access(INTERLEAVE_ASK, NULL, 0);
	result = partsched_sampling_read(&end, buffer, 0, &message);
	after = interleave_access(INTERLEAVE_ASK, NULL, 0);

	if (message.attempts > 1)
		seen_retry = true;
	switch (result) {
	case PARTSCHED_GUEST_NO_ERROR:
		if (!message_whole(buffer, &message))
			interleave_fault("a torn message");
		if (message.number < last)
			interleave_fault("an older message than the last time");
		if (!weak && message.number < PUBLISHED(before))
			interleave_fault("an older message than there was");
		if (!attempts_within(before, after, last, message.attempts - 1))
			interleave_fault("an attempt fails although the source is slow");
		memory->word[0] = message.number;
		break;
	case PARTSCHED_GUEST_NO_ACTION:
		if (last || (!weak && PUBLISHED(before)))
			interleave_fault("no message although there is one");
		break;
	case PARTSCHED_CHANNEL_BUSY:
		seen_busy = true;
		if (!attempts_within(before, after, last, PARTSCHED_SAMPLING_ATTEMPTS))
			interleave_fault("busy although the source is slow");
		break;
	default:
		interleave_fault("an honest source's message is called nonsense");
	}
	if (!weak && ENDED(before) && PUBLISHED(before) &&
	    (result || message.attempts != 1 || message.number != PUBLISHED(before)))
		interleave_fault("a source that stopped stands in the way");
	memory->done = memory->round + 1 == rounds;
}

static struct interleave_result sampling(bool in_weak, enum interleave_death death,
					 uint32_t first, uint32_t second, uint32_t reads,
					 bool two_readers)
{
	const struct interleave_scenario scenario = {
		.round = { sampling_writer, sampling_reader,
			   two_readers ? sampling_reader : NULL },
		.alike = two_readers, .weak = in_weak, .death = death,
		.shared = &shared, .bytes = sizeof(shared), .answer = sampling_truth,
	};

	partsched_channel_geometry_init(&geometry, PARTSCHED_CHANNEL_SAMPLING, 16, 0, 0);
	geometry.slots = slots;
	weak = in_weak;
	restarts = death == INTERLEAVE_RESTARTS;
	messages[0] = first;
	messages[1] = second;
	rounds = reads;
	return interleave_walk(&scenario);
}

/* --------------------------------------------------------------------- queuing */

static void queue_sender(struct interleave_memory *memory)
{
	struct partsched_channel_end end;
	uint64_t message[2], id;
	uint32_t length;

	if (memory->round) {
		partsched_channel_start(&end, &geometry, &shared, &shared.ack);
		end.position = memory->word[0];
		end.refused = memory->word[2];
	} else {
		partsched_queue_sender_init(&end, &geometry, &shared, &shared.ack);
	}
	id = message_id(memory->life, memory->word[1] + 1);
	length = message_fill(message, id);
	switch (partsched_queue_send(&end, message, length, id)) {
	case PARTSCHED_GUEST_NO_ERROR:
		memory->word[1]++;
		break;
	case PARTSCHED_GUEST_NOT_AVAILABLE:
		seen_full = true;
		break;
	default:
		interleave_fault("a message is not sent");
	}
	if (end.faults)
		interleave_fault("an honest destination is called a liar");
	memory->word[0] = end.position;
	memory->word[2] = end.refused;
	memory->done = memory->round + 1 == messages[memory->life];
}

/* word[3]: id of the last message; what one that died had is known to its heir. */
static void queue_receiver(struct interleave_memory *memory)
{
	struct partsched_channel_end end;
	struct partsched_channel_message message;
	uint64_t buffer[2] = { 0 }, last = memory->word[3], id;

	if (memory->round) {
		partsched_channel_start(&end, &geometry, &shared, &shared.ack);
		end.position = memory->word[0];
		end.refused = memory->word[2];
	} else {
		partsched_queue_receiver_init(&end, &geometry, &shared, &shared.ack);
	}
	switch (partsched_queue_receive(&end, buffer, 0, &message)) {
	case PARTSCHED_GUEST_NO_ERROR:
		if (!message_whole(buffer, &message))
			interleave_fault("a torn message");
		id = buffer[0];
		/* one that dies has not received what it was just taking */
		if (id != last + 1 && !(restarts && last < 100 && id == 101))
			interleave_fault(id <= last ? "a message comes twice" :
					 "a message is lost");
		memory->word[3] = id;
		memory->word[1]++;
		break;
	case PARTSCHED_GUEST_NOT_AVAILABLE:
		seen_empty = true;
		break;
	default:
		interleave_fault("an honest source's message is called nonsense");
	}
	if (end.faults)
		interleave_fault("an honest source is called a liar");
	memory->word[0] = end.position;
	memory->word[2] = end.refused;
	memory->done = memory->round + 1 == rounds;
}

static void queue_finish(const struct interleave_truth *truth,
			 const struct interleave_memory *const *memory)
{
	uint64_t sent = truth->last[interleave_place(&shared.source.position)];
	uint64_t taken = truth->last[interleave_place(&shared.ack.position)];

	if (sent - taken > geometry.depth)
		interleave_fault("more messages than the queue holds");
	/* thread 1 is the one that did not die */
	if (restarts && taken != memory[1]->word[1])
		interleave_fault("taken is not what was received");
	if (!restarts && sent != memory[sender]->word[1])
		interleave_fault("what was sent is lost");
}

static struct interleave_result queuing(bool in_weak, bool receiver_dies,
					enum interleave_death death, uint32_t depth,
					uint32_t first, uint32_t second, uint32_t receives)
{
	struct interleave_scenario scenario = {
		.round = { queue_sender, queue_receiver },
		.weak = in_weak, .death = death,
		.shared = &shared, .bytes = sizeof(shared), .finish = queue_finish,
		.exclusive = offsetof(typeof(shared), slot),
		.exclusive_bytes = in_weak ? sizeof(shared.slot) : 0,
	};

	sender = receiver_dies;
	if (receiver_dies) {
		scenario.round[0] = queue_receiver;
		scenario.round[1] = queue_sender;
	}
	partsched_channel_geometry_init(&geometry, PARTSCHED_CHANNEL_QUEUING, 16, depth, 0);
	weak = in_weak;
	restarts = death != INTERLEAVE_IMMORTAL && !receiver_dies;
	messages[0] = first;
	messages[1] = second;
	rounds = receives;
	return interleave_walk(&scenario);
}

/* ----------------------------------------------------------------------- claims */

static bool holds(struct interleave_result result)
{
	ktap_note("%zu states, %zu ends", result.states, result.ends);
	if (result.fault)
		return ktap_fail("%s", result.fault);
	return result.ends || ktap_fail("no end was reached");
}

static bool found(enum mutant which, struct interleave_result (*walk)(void))
{
	struct interleave_result result;

	mutant = which;
	result = walk();
	mutant = NONE;
	if (!result.fault)
		return ktap_fail("no fault in %zu states", result.states);
	ktap_note("%s", result.fault);
	return true;
}

/*
 * Sampling. An attempt fails if it finds message 1 and the source begins message
 * 5; both of two fail if it begins message 8.
 */

static struct interleave_result slow_reader(void)
{
	return sampling(false, INTERLEAVE_IMMORTAL, 9, 0, 1, false);
}

static struct interleave_result reader_that_reads_on(void)
{
	return sampling(false, INTERLEAVE_IMMORTAL, 6, 0, 2, false);
}

static struct interleave_result two_readers(void)
{
	return sampling(false, INTERLEAVE_IMMORTAL, 4, 0, 1, true);
}

static struct interleave_result writer_that_stops(void)
{
	return sampling(false, INTERLEAVE_STOPS, 6, 0, 2, false);
}

static struct interleave_result writer_with_an_heir(void)
{
	return sampling(false, INTERLEAVE_RESTARTS, 2, 5, 2, false);
}

static struct interleave_result weak_slow_reader(void)
{
	return sampling(true, INTERLEAVE_IMMORTAL, 8, 0, 1, false);
}

static struct interleave_result weak_reader_that_reads_on(void)
{
	return sampling(true, INTERLEAVE_IMMORTAL, 5, 0, 2, false);
}

static struct interleave_result weak_writer_with_an_heir(void)
{
	return sampling(true, INTERLEAVE_RESTARTS, 1, 5, 1, false);
}

static bool sampling_reader_finds_the_newest_whole_message_in_bounded_attempts(void)
{
	seen_busy = seen_retry = false;
	if (!holds(slow_reader()) || !holds(reader_that_reads_on()))
		return false;
	return (seen_busy && seen_retry) || ktap_fail("the source was never too fast");
}

static bool sampling_holds_with_all_slots(void)
{
	bool ok;

	asked_slots = slots = PARTSCHED_SAMPLING_SLOTS;
	ok = holds(sampling(false, INTERLEAVE_IMMORTAL, 10, 0, 1, false));
	asked_slots = slots = SLOTS;
	return ok;
}

static bool sampling_readers_do_not_disturb_each_other(void)
{
	return holds(two_readers());
}

static bool sampling_writer_that_stops_at_any_step_blocks_no_reader(void)
{
	return holds(writer_that_stops());
}

static bool sampling_writer_that_dies_at_any_step_can_be_followed(void)
{
	return holds(writer_with_an_heir()) && holds(weak_writer_with_an_heir());
}

static bool sampling_needs_no_more_order_than_it_asks_for(void)
{
	seen_busy = seen_retry = false;
	if (!holds(weak_slow_reader()) || !holds(weak_reader_that_reads_on()))
		return false;
	return (seen_busy && seen_retry) || ktap_fail("the source was never too fast");
}

static bool queue_loses_nothing_and_doubles_nothing(void)
{
	seen_full = seen_empty = false;
	for (uint32_t depth = 1; depth <= 3; depth++)
		if (!holds(queuing(false, false, INTERLEAVE_IMMORTAL, depth, 6, 0, 6)))
			return false;
	return (seen_full && seen_empty) || ktap_fail("it was never full and empty");
}

static bool queue_needs_no_more_order_than_it_asks_for(void)
{
	for (uint32_t depth = 1; depth <= 3; depth++)
		if (!holds(queuing(true, false, INTERLEAVE_IMMORTAL, depth, 5, 0, 5)))
			return false;
	return true;
}

static bool queue_sender_that_dies_at_any_step_can_be_followed(void)
{
	for (uint32_t depth = 1; depth <= 3; depth++)
		if (!holds(queuing(false, false, INTERLEAVE_RESTARTS, depth, 3, 4, 6)))
			return false;
	return holds(queuing(true, false, INTERLEAVE_RESTARTS, 2, 3, 3, 5));
}

static bool queue_receiver_that_dies_at_any_step_can_be_followed(void)
{
	for (uint32_t depth = 1; depth <= 3; depth++)
		if (!holds(queuing(false, true, INTERLEAVE_RESTARTS, depth, 6, 0, 5)))
			return false;
	return holds(queuing(true, true, INTERLEAVE_RESTARTS, 2, 4, 0, 4));
}

/* ---------------------------------------------------------------------- mutants */

static struct interleave_result weak_queue(void)
{
	return queuing(true, false, INTERLEAVE_IMMORTAL, 2, 4, 0, 4);
}

static bool too_few_slots_would_be_found(void)
{
	bool all;

	slots = 1;
	all = found(NONE, writer_that_stops);
	slots = 2;
	all &= found(NONE, reader_that_reads_on);
	slots = SLOTS;
	return all;
}

static bool message_that_is_not_looked_at_twice_would_be_found(void)
{
	return found(NO_VERIFY, reader_that_reads_on);
}

static bool each_order_that_sampling_leaves_out_would_be_found(void)
{
	static const enum mutant orders[] = {
		GONE_RELAXED, NO_FENCE_RELEASE, PUBLISH_RELAXED, FOUND_RELAXED,
		FIRST_LOOK_RELAXED, NO_FENCE_ACQUIRE, SECOND_LOOK_RELAXED,
	};
	bool all = true;

	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		all &= found(orders[i], weak_slow_reader);
	return all;
}

static bool each_order_that_queuing_leaves_out_would_be_found(void)
{
	static const enum mutant orders[] = {
		PUBLISH_RELAXED, FOUND_RELAXED, TAKEN_RELAXED, FREED_RELAXED,
	};
	bool all = true;

	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		all &= found(orders[i], weak_queue);
	return all;
}

static const struct ktap_test tests[] = {
	KTAP_TEST(sampling_reader_finds_the_newest_whole_message_in_bounded_attempts),
	KTAP_TEST(sampling_holds_with_all_slots),
	KTAP_TEST(sampling_readers_do_not_disturb_each_other),
	KTAP_TEST(sampling_writer_that_stops_at_any_step_blocks_no_reader),
	KTAP_TEST(sampling_writer_that_dies_at_any_step_can_be_followed),
	KTAP_TEST(sampling_needs_no_more_order_than_it_asks_for),
	KTAP_TEST(queue_loses_nothing_and_doubles_nothing),
	KTAP_TEST(queue_needs_no_more_order_than_it_asks_for),
	KTAP_TEST(queue_sender_that_dies_at_any_step_can_be_followed),
	KTAP_TEST(queue_receiver_that_dies_at_any_step_can_be_followed),
	KTAP_TEST(too_few_slots_would_be_found),
	KTAP_TEST(message_that_is_not_looked_at_twice_would_be_found),
	KTAP_TEST(each_order_that_sampling_leaves_out_would_be_found),
	KTAP_TEST(each_order_that_queuing_leaves_out_would_be_found),
};

int main(void)
{
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
