// SPDX-License-Identifier: GPL-2.0
/*
 * The walk of interleave.h. A state is kept whole only on the stack of what is
 * still to be looked at; of those seen there is a hash of 128 bits.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interleave.h"

#define MAX_LOADS	64
#define MAX_STORES	160
/* the word of a thread's memory that outlives it */
#define LEGACY		(INTERLEAVE_WORDS - 1)
#define SEEN_SLOTS	(1UL << 21)

/* Of what a thread knows: the newest store of each place, the steps of others. */
struct view {
	uint8_t place[INTERLEAVE_PLACES];
	uint8_t thread[INTERLEAVE_THREADS];
};

/* A store, as others may see it. */
struct store {
	uint8_t place;
	uint8_t nr;		/* the how manieth of its place, from 1 */
	uint64_t value;
	struct view view;
};

struct access {
	enum interleave_kind kind;
	unsigned int place;
	uint64_t value;
	bool exclusive;
};

struct thread {
	struct interleave_memory memory;	/* as it was when this round began */
	struct access next;
	uint32_t steps;				/* in this round */
	uint32_t loads;
	uint64_t loaded[MAX_LOADS];
	struct view knows;
	struct view heard;			/* what an acquire fence adds */
	struct view told;			/* what a release fence left for stores */
	uint8_t used[INTERLEAVE_PLACES];	/* own step at the last exclusive load */
};

struct state {
	struct interleave_truth truth;
	struct thread thread[INTERLEAVE_THREADS];
	unsigned int stores;
	struct store store[MAX_STORES];		/* last, for not all of it is copied */
};

struct hash {
	uint64_t a, b;
};

static struct {
	const struct interleave_scenario *scenario;
	const char *fault;
	const struct thread *thread;	/* whose function runs */
	uint32_t step, load;		/* so far */
	struct access next;
	jmp_buf stop;
	uint8_t place[1024];		/* by word of shared memory, 0: none yet */
	unsigned int places;
	struct hash *seen;
	size_t nr_seen;
	struct state *todo;
	size_t nr_todo, max_todo;
} walk;

void interleave_fault(const char *what)
{
	if (!walk.fault)
		walk.fault = what;
}

unsigned int interleave_place(const void *where)
{
	size_t offset = (size_t)((const char *)where - (const char *)walk.scenario->shared);

	if (offset % 8 || offset >= walk.scenario->bytes ||
	    offset / 8 >= sizeof(walk.place)) {
		interleave_fault("an access outside the shared memory");
		return 0;
	}
	if (!walk.place[offset / 8]) {
		if (walk.places == INTERLEAVE_PLACES) {
			interleave_fault("more places than there is room for");
			return 0;
		}
		walk.place[offset / 8] = (uint8_t)++walk.places;
	}
	return walk.place[offset / 8] - 1U;
}

uint64_t interleave_access(enum interleave_kind kind, const void *where, uint64_t value)
{
	const struct interleave_scenario *scenario = walk.scenario;
	size_t offset = where ? (size_t)((const char *)where - (const char *)scenario->shared) : 0;
	unsigned int place = where ? interleave_place(where) : 0;
	bool load = kind == INTERLEAVE_LOAD || kind == INTERLEAVE_LOAD_ACQUIRE ||
		kind == INTERLEAVE_ASK;

	if (walk.step < walk.thread->steps) {
		walk.step++;
		return load ? walk.thread->loaded[walk.load++] : 0;
	}
	walk.next = (struct access){
		.kind = kind, .place = place, .value = value,
		.exclusive = where && offset - scenario->exclusive < scenario->exclusive_bytes,
	};
	longjmp(walk.stop, 1);
}

/* Run a thread on to its next access. */
static void run(struct thread *thread, unsigned int who)
{
	struct interleave_memory memory;

	while (!thread->memory.done) {
		walk.thread = thread;
		walk.step = 0;
		walk.load = 0;
		if (setjmp(walk.stop)) {
			thread->next = walk.next;
			return;
		}
		/* not kept in a register over the jump: a round that stops is thrown away */
		memory = thread->memory;
		walk.scenario->round[who](&memory);
		memory.round++;
		thread->memory = memory;
		thread->steps = 0;
		thread->loads = 0;
	}
	thread->next = (struct access){ .kind = INTERLEAVE_DONE };
}

/* ------------------------------------------------------------------- seen states */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
	hash ^= hash >> 30;
	hash *= 0xbf58476d1ce4e5b9ULL;
	hash ^= hash >> 27;
	hash *= 0x94d049bb133111ebULL;
	return hash ^ (hash >> 31);
}

static struct hash hash_bytes(const void *bytes, size_t nr, uint64_t salt)
{
	struct hash hash = { salt, ~salt };
	const unsigned char *at = bytes;
	uint64_t word;

	for (; nr; nr -= nr < 8 ? nr : 8, at += 8) {
		word = 0;
		memcpy(&word, at, nr < 8 ? nr : 8);
		hash.a = mix(hash.a, word);
		hash.b = mix(hash.b, word ^ 0x5555555555555555ULL);
	}
	return hash;
}

static void hash_add(struct hash *to, struct hash from)
{
	to->a += from.a;
	to->b += from.b;
}

static struct hash hash_thread(const struct state *s, unsigned int who)
{
	const struct thread *thread = &s->thread[who];
	/* two readers that have changed places are no other state */
	uint64_t salt = walk.scenario->alike && who ? 1 : who;
	struct {
		uint64_t memory[INTERLEAVE_WORDS];
		uint32_t done, life, round, steps;
		struct view knows, heard, told;
		uint8_t used[INTERLEAVE_PLACES];
	} key;
	struct hash hash;

	memset(&key, 0, sizeof(key));
	memcpy(key.memory, thread->memory.word, sizeof(key.memory));
	key.done = thread->memory.done;
	key.life = thread->memory.life;
	key.round = thread->memory.round;
	key.steps = thread->steps;
	if (walk.scenario->weak) {
		key.knows = thread->knows;
		key.heard = thread->heard;
		key.told = thread->told;
		memcpy(key.used, thread->used, sizeof(key.used));
	}
	hash = hash_bytes(&key, sizeof(key), salt);
	hash_add(&hash, hash_bytes(thread->loaded, thread->loads * sizeof(*thread->loaded), salt));
	return hash;
}

/* Is this state a new one? */
static bool enter(const struct state *s)
{
	struct hash hash = { s->truth.ended, 0 };
	size_t slot;

	for (unsigned int who = 0; who < INTERLEAVE_THREADS; who++)
		if (walk.scenario->round[who])
			hash_add(&hash, hash_thread(s, who));
	for (unsigned int i = 0; i < s->stores; i++) {
		struct {
			uint64_t value, place, nr;
			struct view view;
		} key;

		memset(&key, 0, sizeof(key));
		key.value = s->store[i].value;
		key.place = s->store[i].place;
		key.nr = s->store[i].nr;
		if (walk.scenario->weak)
			key.view = s->store[i].view;
		hash_add(&hash, hash_bytes(&key, sizeof(key), 1000));
	}
	hash.a |= 1;
	for (slot = hash.b % SEEN_SLOTS; walk.seen[slot].a; slot = (slot + 1) % SEEN_SLOTS)
		if (walk.seen[slot].a == hash.a && walk.seen[slot].b == hash.b)
			return false;
	walk.seen[slot] = hash;
	if (++walk.nr_seen > SEEN_SLOTS / 2)
		interleave_fault("more states than there is room for");
	return true;
}

static size_t state_bytes(const struct state *s)
{
	return offsetof(struct state, store) + s->stores * sizeof(*s->store);
}

static void reach(const struct state *s)
{
	if (!enter(s))
		return;
	if (walk.nr_todo == walk.max_todo) {
		walk.max_todo = walk.max_todo ? walk.max_todo * 2 : 256;
		walk.todo = realloc(walk.todo, walk.max_todo * sizeof(*walk.todo));
		if (!walk.todo)
			abort();
	}
	memcpy(&walk.todo[walk.nr_todo++], s, state_bytes(s));
}

/* ------------------------------------------------------------------------- steps */

static void learn(struct view *to, const struct view *from)
{
	for (unsigned int i = 0; i < INTERLEAVE_PLACES; i++)
		if (to->place[i] < from->place[i])
			to->place[i] = from->place[i];
	for (unsigned int i = 0; i < INTERLEAVE_THREADS; i++)
		if (to->thread[i] < from->thread[i])
			to->thread[i] = from->thread[i];
}

/* After a step that read @value, or none. */
static void go_on(struct state *s, unsigned int who, bool read, uint64_t value)
{
	struct thread *thread = &s->thread[who];

	if (thread->loads == MAX_LOADS) {
		interleave_fault("a round reads more than there is room for");
		return;
	}
	thread->steps++;
	if (read)
		thread->loaded[thread->loads++] = value;
	run(thread, who);
	reach(s);
}

static void see(struct state *s, unsigned int who, const struct store *store)
{
	static const struct view nothing;
	struct thread *thread = &s->thread[who];
	const struct access *access = &thread->next;
	unsigned int place = access->place;

	if (store)
		thread->knows.place[place] = store->nr;
	if (access->exclusive) {
		thread->used[place] = ++thread->knows.thread[who];
		thread->heard.thread[who] = thread->knows.thread[who];
	}
	learn(&thread->heard, store ? &store->view : &nothing);
	if (store)
		learn(&thread->heard, &thread->knows);
	if (store && access->kind == INTERLEAVE_LOAD_ACQUIRE)
		learn(&thread->knows, &store->view);
	go_on(s, who, true, store ? store->value : 0);
}

static void step_load(const struct state *from, unsigned int who)
{
	const struct thread *thread = &from->thread[who];
	unsigned int place = thread->next.place, seen = 0;
	struct state to;

	/* memory is zero until something is stored */
	if (walk.scenario->weak ? !thread->knows.place[place] : !from->truth.stores[place]) {
		memcpy(&to, from, state_bytes(from));
		see(&to, who, NULL);
		seen++;
	}
	for (unsigned int i = 0; i < from->stores && !walk.fault; i++) {
		const struct store *store = &from->store[i];

		if (store->place != place || store->nr < thread->knows.place[place])
			continue;
		memcpy(&to, from, state_bytes(from));
		see(&to, who, store);
		seen++;
	}
	if (seen > 1 && thread->next.exclusive)
		interleave_fault("read although it may not have been written yet");
}

static void step_store(const struct state *from, unsigned int who)
{
	struct state to;
	struct thread *thread = &to.thread[who];
	const struct access next = from->thread[who].next;
	unsigned int i;

	memcpy(&to, from, state_bytes(from));
	for (i = 0; next.exclusive && i < INTERLEAVE_THREADS; i++)
		if (i != who && to.thread[i].used[next.place] > thread->knows.thread[i])
			interleave_fault("written although it may be being read");
	i = to.stores;
	if (!walk.scenario->weak)
		for (i = 0; i < to.stores && to.store[i].place != next.place; i++)
			;
	if (i == MAX_STORES || to.truth.stores[next.place] == UINT8_MAX) {
		interleave_fault("more stores than there is room for");
		return;
	}
	to.stores += i == to.stores;
	to.truth.stores[next.place]++;
	to.truth.last[next.place] = next.value;
	if (walk.scenario->weak) {
		thread->knows.place[next.place] = to.truth.stores[next.place];
		learn(&thread->heard, &thread->knows);
	}
	to.store[i] = (struct store){
		.place = (uint8_t)next.place, .value = next.value,
		.nr = walk.scenario->weak ? to.truth.stores[next.place] : 1,
		.view = next.kind == INTERLEAVE_STORE_RELEASE ? thread->knows : thread->told,
	};
	to.store[i].view.place[next.place] = to.store[i].nr;
	go_on(&to, who, false, 0);
}

static void step(const struct state *from, unsigned int who)
{
	const struct access *next = &from->thread[who].next;
	struct state to;

	switch (next->kind) {
	case INTERLEAVE_LOAD:
	case INTERLEAVE_LOAD_ACQUIRE:
		step_load(from, who);
		return;
	case INTERLEAVE_STORE:
	case INTERLEAVE_STORE_RELEASE:
		step_store(from, who);
		return;
	default:
		break;
	}
	memcpy(&to, from, state_bytes(from));
	if (next->kind == INTERLEAVE_FENCE_ACQUIRE)
		to.thread[who].knows = to.thread[who].heard;
	else if (next->kind == INTERLEAVE_FENCE_RELEASE)
		to.thread[who].told = to.thread[who].knows;
	go_on(&to, who, next->kind == INTERLEAVE_ASK,
	      next->kind == INTERLEAVE_ASK ?
	      walk.scenario->answer(&to.truth, next->value) : 0);
}

/* Whoever takes a dead thread's place knows what that one knew. */
static void die(const struct state *from)
{
	struct state to;
	struct thread *thread = &to.thread[0];

	memcpy(&to, from, state_bytes(from));
	if (walk.scenario->death == INTERLEAVE_STOPS) {
		to.truth.ended = true;
		thread->memory.done = true;
	}
	thread->memory = (struct interleave_memory){
		.done = to.truth.ended, .life = 1,
		/* what the dead one did, for who checks it */
		.word = { [LEGACY] = from->thread[0].memory.word[LEGACY] },
	};
	thread->steps = 0;
	thread->loads = 0;
	run(thread, 0);
	reach(&to);
}

struct interleave_result interleave_walk(const struct interleave_scenario *scenario)
{
	struct interleave_result result = { 0 };
	struct state *from = calloc(1, sizeof(*from));

	memset(&walk, 0, sizeof(walk));
	walk.scenario = scenario;
	walk.seen = calloc(SEEN_SLOTS, sizeof(*walk.seen));
	if (!from || !walk.seen)
		abort();
	for (unsigned int who = 0; who < INTERLEAVE_THREADS; who++) {
		from->thread[who].memory.done = !scenario->round[who];
		run(&from->thread[who], who);
	}
	reach(from);
	while (walk.nr_todo && !walk.fault) {
		const struct interleave_memory *memory[INTERLEAVE_THREADS];
		bool ended = true;

		walk.nr_todo--;
		memcpy(from, &walk.todo[walk.nr_todo], state_bytes(&walk.todo[walk.nr_todo]));
		for (unsigned int who = 0; who < INTERLEAVE_THREADS && !walk.fault; who++) {
			memory[who] = &from->thread[who].memory;
			if (from->thread[who].memory.done)
				continue;
			ended = false;
			step(from, who);
		}
		if (scenario->death != INTERLEAVE_IMMORTAL && !from->thread[0].memory.life &&
		    !from->thread[0].memory.done && !walk.fault)
			die(from);
		if (ended) {
			result.ends++;
			if (scenario->finish)
				scenario->finish(&from->truth, memory);
		}
	}
	result.states = walk.nr_seen;
	result.fault = walk.fault;
	free(walk.todo);
	free(walk.seen);
	free(from);
	return result;
}
