/* SPDX-License-Identifier: GPL-2.0 */
/*
 * interleave - all orders in which threads can get at shared memory
 *
 * The threads are C functions. Each of their accesses to shared memory goes
 * through interleave_access(), which is a step. The walk takes every step of
 * every thread in every order, once for each state: a thread's state is what it
 * has read so far, and it is brought there by running its function anew with
 * these values, up to the access that is its next step.
 *
 * Two memories. In the ordered one a load sees the last store. In the weak one
 * a load may see any store that it is not known to be older than what the thread
 * has seen, as the release and acquire semantics of C11 have it: each store
 * carries what its thread knew (a view), an acquire adds that to what the reader
 * knows. So stores may become visible late and in any order, loads may be
 * early. A store never precedes a load of its own thread that comes before it;
 * instead, a store to memory that another thread may still be reading is a
 * fault, if the scenario asks for that (exclusive).
 */
#ifndef UNIT_INTERLEAVE_H
#define UNIT_INTERLEAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTERLEAVE_THREADS	3
#define INTERLEAVE_PLACES	48
#define INTERLEAVE_WORDS	4

/**
 * enum interleave_kind - what an access is
 * @INTERLEAVE_LOAD: a relaxed load
 * @INTERLEAVE_LOAD_ACQUIRE: a load with acquire semantics
 * @INTERLEAVE_STORE: a relaxed store
 * @INTERLEAVE_STORE_RELEASE: a store with release semantics
 * @INTERLEAVE_FENCE_ACQUIRE: an acquire fence
 * @INTERLEAVE_FENCE_RELEASE: a release fence
 * @INTERLEAVE_ASK: no access: what scenario.answer() says now
 * @INTERLEAVE_DONE: the thread has come to its end
 */
enum interleave_kind {
	INTERLEAVE_LOAD,
	INTERLEAVE_LOAD_ACQUIRE,
	INTERLEAVE_STORE,
	INTERLEAVE_STORE_RELEASE,
	INTERLEAVE_FENCE_ACQUIRE,
	INTERLEAVE_FENCE_RELEASE,
	INTERLEAVE_ASK,
	INTERLEAVE_DONE,
};

/**
 * struct interleave_memory - what a thread keeps from one round to the next
 * @done: it has come to its end
 * @life: 0, or 1 after it was killed
 * @round: rounds made in this life
 * @word: what it likes; the last one passes from a dead thread to its heir
 */
struct interleave_memory {
	bool done;
	uint32_t life;
	uint32_t round;
	uint64_t word[INTERLEAVE_WORDS];
};

/**
 * struct interleave_truth - what nobody in the scenario can see
 * @last: the newest store's value, by place
 * @stores: number of stores, by place
 * @ended: the first thread was killed and has no second life
 */
struct interleave_truth {
	uint64_t last[INTERLEAVE_PLACES];
	uint8_t stores[INTERLEAVE_PLACES];
	bool ended;
};

/**
 * enum interleave_death - what may happen to the first thread at any step
 * @INTERLEAVE_IMMORTAL: nothing
 * @INTERLEAVE_STOPS: it takes no further step
 * @INTERLEAVE_RESTARTS: its function begins anew, once, with life 1
 */
enum interleave_death {
	INTERLEAVE_IMMORTAL,
	INTERLEAVE_STOPS,
	INTERLEAVE_RESTARTS,
};

/**
 * struct interleave_scenario - threads, memory and what they do with it
 * @round: by thread: one round of it; NULL: no such thread
 * @alike: threads 1 and 2 have the same function and are exchangeable
 * @weak: the weak memory
 * @death: of thread 0
 * @shared: the shared memory, as the threads address it; never written
 * @bytes: of it
 * @exclusive: first byte of @shared that no two threads may use at a time
 * @exclusive_bytes: of it, 0: none
 * @answer: of INTERLEAVE_ASK
 * @finish: look at the end, when all threads are done; or NULL
 */
struct interleave_scenario {
	void (*round[INTERLEAVE_THREADS])(struct interleave_memory *memory);
	bool alike;
	bool weak;
	enum interleave_death death;
	void *shared;
	size_t bytes;
	size_t exclusive;
	size_t exclusive_bytes;
	uint64_t (*answer)(const struct interleave_truth *truth, uint64_t question);
	void (*finish)(const struct interleave_truth *truth,
		       const struct interleave_memory *const *memory);
};

/**
 * struct interleave_result - what the walk found
 * @states: number of states
 * @ends: those in which all threads are done
 * @fault: the first fault, NULL: none
 */
struct interleave_result {
	size_t states;
	size_t ends;
	const char *fault;
};

/**
 * interleave_walk() - take every step in every order
 * @scenario: what is walked
 *
 * Stops at the first fault.
 */
struct interleave_result interleave_walk(const struct interleave_scenario *scenario);

/**
 * interleave_access() - an access to shared memory, in a thread's function
 * @kind: what it is
 * @where: a word in scenario.shared, NULL for a fence or a question
 * @value: of a store, or the question
 *
 * Return: the value of a load, or the answer.
 */
uint64_t interleave_access(enum interleave_kind kind, const void *where, uint64_t value);

/**
 * interleave_fault() - in a thread's function: this must not be
 * @what: a string that stays
 */
void interleave_fault(const char *what);

/**
 * interleave_place() - number of a word, as struct interleave_truth has it
 * @where: the word
 */
unsigned int interleave_place(const void *where);

#endif /* UNIT_INTERLEAVE_H */
