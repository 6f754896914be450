// SPDX-License-Identifier: GPL-2.0
/*
 * gate - a model of the gate's protocol, every interleaving of it
 *
 * Two timers (a vCPU may have windows' edges handled on two CPUs at one
 * instant) and one vCPU thread run the steps of module/frame.c and
 * module/gate.c. Each has a store buffer: a plain store is seen by the others
 * some time later, a full barrier or an atomic operation that returns a value
 * waits until the buffer is empty. All orders of steps and of drains are
 * walked, once each.
 *
 * Wrong is: the thread in its guest although its window is closed, the handler
 * is done and nothing is queued (a lost close); the thread asleep although its
 * window is open and the handler is done (a lost open); a work put on the list
 * twice.
 *
 * A model that cannot find a fault shows nothing. So the same walk is made
 * with each of the orders turned round that the comment in gate.c asks for,
 * and has to find each.
 */
#include <stdint.h>
#include <string.h>

#include "ktap.h"

enum mutant {
	NONE,
	TEST_BEFORE_CLEAR,	/* the gate looks at the window, then clears the bit */
	NO_BARRIERS,		/* neither after the clear nor after the sleep state */
	NO_PARK_BARRIER,	/* none between the sleep state and the look */
	STATE_AFTER_LOOK,	/* the sleep state is set after the look */
	TIMER_NO_BARRIER,	/* moves the window, looks at the bits at once */
	PARKED_BEFORE_OPEN,	/* the timer looks at PARKED, then opens */
	BACKWARDS,		/* the timer stores the window, even an older one */
	NR_MUTANTS,
};

/* Shared memory. */
enum place { WINDOW, QUEUED, LISTED, PARKED, ASLEEP, NR_PLACES };

/* Processors. */
enum { TIMER_A, TIMER_B, THREAD, NR_CPUS };

#define BUFFER	4

struct buffer {
	uint8_t nr;
	uint8_t place[BUFFER];
	uint8_t value[BUFFER];
};

struct state {
	uint8_t memory[NR_PLACES];
	struct buffer buffer[NR_CPUS];
	uint8_t edge[2];	/* next edge of each timer */
	uint8_t step[2];	/* where its handler is */
	uint8_t pc;		/* where the thread is */
	uint8_t looked;		/* the window as the thread saw it */
	uint8_t parked;		/* PARKED as the timer saw it, a bit each */
};

enum pc {
	GUEST,		/* in the guest, or about to enter it */
	CLEAR,		/* the work was taken off the list */
	CLEARED,
	PARK,
	SLEEP,
	BARRIER,
	LOOK,
	SLEEP_LATE,	/* STATE_AFTER_LOOK only */
	SCHEDULE,
	RUNNING,
	UNPARK,
	CLEAR_LATE,	/* TEST_BEFORE_CLEAR only */
};

/*
 * Edges: number << 1 | open. Timer A closes, opens, closes and opens in turn;
 * timer B, another CPU, opens at the instant of A's second close, which is the
 * greater number, and closes at the end.
 */
static const uint8_t edges_alone[] = { 1 << 1, 2 << 1 | 1, 3 << 1, 4 << 1 | 1, 5 << 1 };
static const uint8_t edges_a[] = { 1 << 1, 2 << 1 | 1, 3 << 1 };
static const uint8_t edges_b[] = { 3 << 1 | 1 };

struct plan {
	const uint8_t *edges[2];
	uint8_t nr[2];
};

static const struct plan one_timer = {
	.edges = { edges_alone, NULL }, .nr = { sizeof(edges_alone), 0 },
};
static const struct plan two_timers = {
	.edges = { edges_a, edges_b }, .nr = { sizeof(edges_a), sizeof(edges_b) },
};

/* What the walk has seen. */
#define SLOTS	(1 << 20)

struct walk {
	enum mutant mutant;
	const struct plan *plan;
	struct state *slots;
	uint8_t *used;
	struct state *todo;
	size_t nr_todo;
	size_t nr_states;
	const char *fault;
};

static uint32_t hash(const struct state *state)
{
	const uint8_t *byte = (const uint8_t *)state;
	uint32_t value = 2166136261U;

	for (size_t i = 0; i < sizeof(*state); i++)
		value = (value ^ byte[i]) * 16777619U;
	return value;
}

static void reach(struct walk *walk, const struct state *state)
{
	uint32_t slot = hash(state) % SLOTS;

	while (walk->used[slot]) {
		if (!memcmp(&walk->slots[slot], state, sizeof(*state)))
			return;
		slot = (slot + 1) % SLOTS;
	}
	if (++walk->nr_states > SLOTS / 2) {
		walk->fault = "more states than the walk has room for";
		return;
	}
	walk->used[slot] = 1;
	walk->slots[slot] = *state;
	walk->todo[walk->nr_todo++] = *state;
}

/* --------------------------------------------------------------- memory */

static bool drained(const struct state *state, int cpu)
{
	return !state->buffer[cpu].nr;
}

static bool store(struct state *state, int cpu, enum place place, uint8_t value)
{
	struct buffer *buffer = &state->buffer[cpu];

	if (buffer->nr == BUFFER)
		return false;
	buffer->place[buffer->nr] = place;
	buffer->value[buffer->nr++] = value;
	return true;
}

/* A processor sees its own stores at once. */
static uint8_t load(const struct state *state, int cpu, enum place place)
{
	const struct buffer *buffer = &state->buffer[cpu];

	for (int i = buffer->nr; i--;)
		if (buffer->place[i] == place)
			return buffer->value[i];
	return state->memory[place];
}

static void drain_one(struct state *state, int cpu)
{
	struct buffer *buffer = &state->buffer[cpu];

	state->memory[buffer->place[0]] = buffer->value[0];
	buffer->nr--;
	memmove(buffer->place, buffer->place + 1, buffer->nr);
	memmove(buffer->value, buffer->value + 1, buffer->nr);
	/* equal states must be equal in all bytes */
	buffer->place[buffer->nr] = 0;
	buffer->value[buffer->nr] = 0;
}

/* ---------------------------------------------------------------- timers */

enum {
	MOVE,		/* between two edges, too */
	MOVE_LATE,	/* PARKED_BEFORE_OPEN only */
	LOOK_AT,
	ADD_OR_WAKE,
};

static void look_at_parked(struct state *state, int cpu)
{
	state->parked &= ~(1 << cpu);
	state->parked |= load(state, cpu, PARKED) << cpu;
}

/* ps_vcpu_move(), then ps_gate_queue() or ps_gate_wake(). False: not now. */
static bool step_timer(struct walk *walk, struct state *state, int cpu)
{
	const uint8_t edge = walk->plan->edges[cpu][state->edge[cpu]];
	const enum mutant mutant = walk->mutant;
	const bool opens = edge & 1;

	switch (state->step[cpu]) {
	case MOVE:
		if (mutant == PARKED_BEFORE_OPEN && opens) {
			look_at_parked(state, cpu);
			state->step[cpu] = MOVE_LATE;
			return true;
		}
		/* fall through */
	case MOVE_LATE:
		if (mutant == TIMER_NO_BARRIER) {
			if (load(state, cpu, WINDOW) < edge && !store(state, cpu, WINDOW, edge))
				return false;
		} else {
			if (!drained(state, cpu))
				return false;
			if (state->memory[WINDOW] < edge || mutant == BACKWARDS)
				state->memory[WINDOW] = edge;
		}
		state->step[cpu] = LOOK_AT;
		return true;
	case LOOK_AT:
		if (opens) {
			if (mutant != PARKED_BEFORE_OPEN)
				look_at_parked(state, cpu);
			if (state->parked >> cpu & 1) {
				state->step[cpu] = ADD_OR_WAKE;
				return true;
			}
		} else if (!state->memory[QUEUED]) {
			/* test_and_set_bit(); in the mutant without its barrier */
			state->memory[QUEUED] = 1;
			state->step[cpu] = ADD_OR_WAKE;
			return true;
		}
		break;
	case ADD_OR_WAKE:
		if (opens) {
			if (!drained(state, cpu))
				return false;
			state->memory[ASLEEP] = 0;
		} else {
			if (state->memory[LISTED])
				walk->fault = "a work was put on the list twice";
			state->memory[LISTED] = 1;
		}
		break;
	}
	state->parked &= ~(1 << cpu);
	state->step[cpu] = MOVE;
	state->edge[cpu]++;
	return true;
}

/* ---------------------------------------------------------------- thread */

static bool to(struct state *state, enum pc pc)
{
	state->pc = pc;
	return true;
}

/* ps_gate() and ps_gate_hold(). False: not now, or asleep. */
static bool step_thread(struct walk *walk, struct state *state)
{
	const enum mutant mutant = walk->mutant;

	switch ((enum pc)state->pc) {
	case GUEST:
		/* task_work_run() takes the list by cmpxchg() */
		if (!state->memory[LISTED] || !drained(state, THREAD))
			return false;
		state->memory[LISTED] = 0;
		return to(state, mutant == TEST_BEFORE_CLEAR ? PARK : CLEAR);
	case CLEAR:
		return store(state, THREAD, QUEUED, 0) && to(state, CLEARED);
	case CLEARED:
		/* smp_mb__after_atomic() */
		return (mutant == NO_BARRIERS || drained(state, THREAD)) && to(state, PARK);
	case PARK:
		return store(state, THREAD, PARKED, 1) &&
			to(state, mutant == STATE_AFTER_LOOK ? LOOK : SLEEP);
	case SLEEP:
		return store(state, THREAD, ASLEEP, 1) && to(state, BARRIER);
	case BARRIER:
		/* set_current_state() ends with one */
		return (mutant == NO_BARRIERS || mutant == NO_PARK_BARRIER ||
			drained(state, THREAD)) && to(state, LOOK);
	case LOOK:
		if (mutant == STATE_AFTER_LOOK && !drained(state, THREAD))
			return false;
		state->looked = load(state, THREAD, WINDOW);
		if (state->looked & 1)
			return to(state, RUNNING);
		return to(state, mutant == STATE_AFTER_LOOK ? SLEEP_LATE : SCHEDULE);
	case SLEEP_LATE:
		return store(state, THREAD, ASLEEP, 1) && to(state, SCHEDULE);
	case SCHEDULE:
		/* takes the run queue's lock: drained; sleeps while ASLEEP */
		if (!drained(state, THREAD) || state->memory[ASLEEP])
			return false;
		return to(state, PARK);
	case RUNNING:
		return store(state, THREAD, ASLEEP, 0) && to(state, UNPARK);
	case UNPARK:
		return store(state, THREAD, PARKED, 0) &&
			to(state, mutant == TEST_BEFORE_CLEAR ? CLEAR_LATE : GUEST);
	case CLEAR_LATE:
		return store(state, THREAD, QUEUED, 0) && to(state, GUEST);
	}
	return false;
}

/* ------------------------------------------------------------------- walk */

/*
 * While no handler is at work and no store is on its way, the thread has to
 * be where the window says, or have a step to go.
 */
static const char *judge(const struct state *state)
{
	const bool open = state->memory[WINDOW] & 1;

	for (int cpu = 0; cpu < NR_CPUS; cpu++)
		if (!drained(state, cpu))
			return NULL;
	if (state->step[TIMER_A] != MOVE || state->step[TIMER_B] != MOVE)
		return NULL;
	if (state->pc == GUEST && !open && !state->memory[LISTED])
		return "lost close: in the guest, the window is closed, nothing is queued";
	if (state->pc == SCHEDULE && state->memory[ASLEEP] && open)
		return "lost open: asleep although the window is open";
	return NULL;
}

/* Both timers at one instant: what they leave must be the greater edge. */
static const char *judge_end(const struct walk *walk, const struct state *state)
{
	uint8_t last = 0;

	for (int cpu = 0; cpu < 2; cpu++) {
		uint8_t nr = walk->plan->nr[cpu];

		if (state->edge[cpu] < nr || !drained(state, cpu))
			return NULL;
		if (nr && walk->plan->edges[cpu][nr - 1] > last)
			last = walk->plan->edges[cpu][nr - 1];
	}
	return state->memory[WINDOW] == last ? NULL : "the window went back to an older edge";
}

/* Return: the fault found, NULL for none. */
static const char *walk_all(enum mutant mutant, const struct plan *plan, size_t *nr_states)
{
	struct walk walk = {
		.mutant = mutant,
		.plan = plan,
		.slots = malloc(SLOTS * sizeof(struct state)),
		.todo = malloc(SLOTS * sizeof(struct state)),
		.used = calloc(SLOTS, 1),
	};
	struct state state, next;

	if (!walk.slots || !walk.todo || !walk.used)
		exit(2);
	/* it begins in its guest, in an open window */
	memset(&state, 0, sizeof(state));
	state.memory[WINDOW] = 1;
	reach(&walk, &state);
	while (walk.nr_todo && !walk.fault) {
		state = walk.todo[--walk.nr_todo];
		walk.fault = judge(&state);
		if (!walk.fault)
			walk.fault = judge_end(&walk, &state);
		for (int cpu = 0; cpu < NR_CPUS && !walk.fault; cpu++) {
			if (!drained(&state, cpu)) {
				next = state;
				drain_one(&next, cpu);
				reach(&walk, &next);
			}
			next = state;
			if (cpu == THREAD ? step_thread(&walk, &next) :
			    state.edge[cpu] < plan->nr[cpu] && step_timer(&walk, &next, cpu))
				reach(&walk, &next);
		}
	}
	if (nr_states)
		*nr_states = walk.nr_states;
	free(walk.slots);
	free(walk.todo);
	free(walk.used);
	return walk.fault;
}

static bool holds(const struct plan *plan)
{
	size_t nr_states;
	const char *fault = walk_all(NONE, plan, &nr_states);

	if (fault)
		return ktap_fail("%s", fault);
	ktap_note("%zu states", nr_states);
	return true;
}

static bool finds(enum mutant mutant, const struct plan *plan)
{
	const char *fault = walk_all(mutant, plan, NULL);

	if (!fault)
		return ktap_fail("no fault was found");
	ktap_note("%s", fault);
	return true;
}

static bool no_close_and_no_open_is_lost(void)
{
	return holds(&one_timer);
}

static bool edges_of_one_instant_on_two_cpus_come_out_right(void)
{
	return holds(&two_timers);
}

static bool test_before_clear_would_be_found(void)
{
	return finds(TEST_BEFORE_CLEAR, &one_timer);
}

static bool missing_barriers_in_the_gate_would_be_found(void)
{
	return finds(NO_BARRIERS, &one_timer);
}

static bool missing_barrier_before_the_sleep_would_be_found(void)
{
	return finds(NO_PARK_BARRIER, &one_timer);
}

static bool sleep_state_after_the_look_would_be_found(void)
{
	return finds(STATE_AFTER_LOOK, &one_timer);
}

static bool missing_barrier_in_the_timer_would_be_found(void)
{
	return finds(TIMER_NO_BARRIER, &one_timer);
}

static bool wake_decided_before_the_move_would_be_found(void)
{
	return finds(PARKED_BEFORE_OPEN, &one_timer);
}

static bool window_that_moves_back_would_be_found(void)
{
	return finds(BACKWARDS, &two_timers);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(no_close_and_no_open_is_lost),
	KTAP_TEST(edges_of_one_instant_on_two_cpus_come_out_right),
	KTAP_TEST(test_before_clear_would_be_found),
	KTAP_TEST(missing_barriers_in_the_gate_would_be_found),
	KTAP_TEST(missing_barrier_before_the_sleep_would_be_found),
	KTAP_TEST(sleep_state_after_the_look_would_be_found),
	KTAP_TEST(missing_barrier_in_the_timer_would_be_found),
	KTAP_TEST(wake_decided_before_the_move_would_be_found),
	KTAP_TEST(window_that_moves_back_would_be_found),
};

int main(void)
{
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
