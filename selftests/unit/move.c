// SPDX-License-Identifier: GPL-2.0
/*
 * move - a model of the protocol by which a vCPU changes its CPU
 *
 * The timers of two CPUs, the bouncer and one vCPU thread run the steps of
 * module/frame.c, module/bouncer.c and module/gate.c. A window closes on CPU A,
 * the next one opens on CPU B, and so on back and forth, each timer's edges in
 * order but as late as it likes. All orders of steps are walked, once each. The
 * bouncer's store of where the thread lives may be seen late, until its barrier;
 * what else the barriers of the gate are good for is the model gate's business.
 *
 * Wrong is: the thread in its guest on a CPU on which its window is not open,
 * while no handler is under way, no work is queued and that CPU's timer is not
 * late with the close; and the thread anywhere
 * else than in its guest, on the CPU of the last edge's window, at the end.
 *
 * A model that cannot find a fault shows nothing, so the walk is made again with
 * each of the rules left out.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ktap.h"

enum mutant {
	NONE,
	ANY_CPU,		/* the gate lets in whoever comes while a window is open */
	NO_BARRIER,		/* the bouncer looks at the window before its store is seen */
	NO_LOOK,		/* it does not look again after a move */
	NO_GATE,		/* one that comes onto a CPU without a window passes no gate */
	NO_KICK,		/* neither gate nor timer tell it that there is a move to make */
	NR_MUTANTS,
};

enum { A, B };

/* A window state: what it is after each edge, by the edge's number. */
static const struct {
	bool open;
	uint8_t cpu;		/* of the window that is open, or of the next one */
	uint8_t timer;		/* whose edge it is */
} edges[] = {
	{ true, A, A },		/* where it begins */
	{ false, B, A },
	{ true, B, B },
	{ false, A, B },
	{ true, A, A },
	{ false, B, A },
	{ true, B, B },
};

#define LAST	(sizeof(edges) / sizeof(edges[0]) - 1)

/* Where a timer's handler is. */
enum { IDLE, MOVED, LOOKED_CPU };

/* Where the thread is. */
enum { GUEST, PARK, LOOK, TELL, SCHEDULE, ASLEEP };

/* Where the bouncer is. */
enum { WAITS, TAKES, READS, MASKS, SAYS, DRAINS, LOOKS, WAKES };

struct state {
	uint8_t window;		/* number of the last edge */
	uint8_t lives;		/* as all see it */
	uint8_t says;		/* the bouncer's own store, 2: it has been seen */
	uint8_t mask;
	uint8_t cpu;		/* where the thread is, or slept */
	uint8_t parked;
	uint8_t woken;		/* since it set its sleep state */
	uint8_t listed;		/* the gate is queued */
	uint8_t kicked;
	uint8_t thread;
	uint8_t bouncer;
	uint8_t target;		/* the bouncer's */
	uint8_t step[2];	/* of the timers' handlers */
	uint8_t edge[2];	/* their next or current edge */
};

/* ---------------------------------------------------------------- the walk */

#define SLOTS	(1 << 22)

struct walk {
	enum mutant mutant;
	struct state *slots;
	struct state *todo;
	uint8_t *used;
	size_t nr_todo;
	size_t nr;
	const char *fault;
};

static void reach(struct walk *walk, const struct state *state)
{
	const uint8_t *byte = (const uint8_t *)state;
	uint32_t slot = 2166136261U;

	for (size_t i = 0; i < sizeof(*state); i++)
		slot = (slot ^ byte[i]) * 16777619U;
	for (slot %= SLOTS; walk->used[slot]; slot = (slot + 1) % SLOTS)
		if (!memcmp(&walk->slots[slot], state, sizeof(*state)))
			return;
	if (++walk->nr > SLOTS / 2) {
		walk->fault = "more states than the walk has room for";
		return;
	}
	walk->used[slot] = 1;
	walk->slots[slot] = *state;
	walk->todo[walk->nr_todo++] = *state;
}

static void wake(struct state *s)
{
	s->woken = 1;
	if (s->thread == ASLEEP) {
		s->thread = PARK;
		s->cpu = s->mask;
	}
}

/* As the bouncer sees it if @own, which sees its own store at once. */
static bool moves(const struct state *s, bool own)
{
	uint8_t lives = own && s->says != 2 ? s->says : s->lives;

	return edges[s->window].cpu != lives;
}

/* The next edge of a timer after number @edge. */
static uint8_t edge_after(int timer, uint8_t edge)
{
	for (edge++; edge <= LAST && edges[edge].timer != timer; edge++)
		;
	return edge;
}

static bool step_timer(const struct walk *walk, struct state *s, int timer)
{
	uint8_t edge = s->edge[timer];

	if (edge > LAST)
		return false;
	switch (s->step[timer]) {
	case IDLE:
		/* an edge of its own is handled after the time of those before */
		if (edges[edge].open && s->window + 1 < edge && s->edge[!timer] + 1 < edge)
			return false;
		if (s->window < edge)
			s->window = edge;
		s->step[timer] = MOVED;
		return true;
	case MOVED:
		if (!edges[edge].open) {
			s->listed = 1;
			if (s->thread != GUEST && moves(s, false) && walk->mutant != NO_KICK)
				s->kicked = 1;
			break;
		}
		if (s->lives == timer) {
			s->step[timer] = LOOKED_CPU;
			return true;
		}
		if (walk->mutant != NO_KICK)
			s->kicked = 1;
		break;
	case LOOKED_CPU:
		if (s->parked)
			wake(s);
		break;
	}
	s->step[timer] = IDLE;
	s->edge[timer] = edge_after(timer, edge);
	return true;
}

static bool step_thread(const struct walk *walk, struct state *s)
{
	bool open = edges[s->window].open;

	switch (s->thread) {
	case GUEST:
		if (!s->listed)
			return false;
		s->listed = 0;
		s->thread = PARK;
		return true;
	case PARK:
		s->parked = 1;
		s->woken = 0;
		s->thread = LOOK;
		return true;
	case LOOK:
		if (open && (edges[s->window].cpu == s->cpu || walk->mutant == ANY_CPU)) {
			s->parked = 0;
			s->thread = GUEST;
		} else {
			s->thread = TELL;
		}
		return true;
	case TELL:
		if (moves(s, false) && walk->mutant != NO_KICK)
			s->kicked = 1;
		s->thread = SCHEDULE;
		return true;
	case SCHEDULE:
		s->thread = s->woken ? PARK : ASLEEP;
		return true;
	}
	return false;
}

static bool step_bouncer(const struct walk *walk, struct state *s)
{
	switch (s->bouncer) {
	case WAITS:
		if (!s->kicked)
			return false;
		s->kicked = 0;
		s->bouncer = TAKES;
		return true;
	case TAKES:
		s->bouncer = WAITS;
		if (!moves(s, true))
			return true;
		/* one that parks is looked for again, see serve() */
		if (s->thread != ASLEEP && !edges[s->window].open)
			s->kicked = s->parked;
		else
			s->bouncer = READS;
		return true;
	case READS:
		s->target = edges[s->window].cpu;
		s->bouncer = MASKS;
		return true;
	case MASKS:
		s->mask = s->target;
		/* a thread that is not asleep is taken along; see account_on() */
		if (s->thread != ASLEEP) {
			s->cpu = s->mask;
			if (s->thread == GUEST && walk->mutant != NO_GATE &&
			    !(edges[s->window].open && edges[s->window].cpu == s->cpu))
				s->listed = 1;
		}
		s->bouncer = SAYS;
		return true;
	case SAYS:
		s->says = s->target;
		s->bouncer = walk->mutant == NO_BARRIER ? LOOKS : DRAINS;
		return true;
	case DRAINS:
		if (s->says != 2)
			return false;
		/* an edge in between may have changed where it is to be */
		s->bouncer = moves(s, true) ? READS : LOOKS;
		return true;
	case LOOKS:
		s->bouncer = edges[s->window].open && walk->mutant != NO_LOOK ? WAKES : WAITS;
		return true;
	case WAKES:
		if (s->parked)
			wake(s);
		s->bouncer = WAITS;
		return true;
	}
	return false;
}

/* The bouncer's store is seen by all. */
static bool drain(struct state *s)
{
	if (s->says == 2)
		return false;
	s->lives = s->says;
	s->says = 2;
	return true;
}

static void judge(struct walk *walk, const struct state *s, bool ended)
{
	bool home = edges[s->window].open && edges[s->window].cpu == s->cpu;

	if (s->step[A] != IDLE || s->step[B] != IDLE)
		return;
	/* an edge of its own CPU that is late is nobody's fault but the clock's */
	if (s->thread == GUEST && !home && !s->listed && s->edge[s->cpu] > s->window)
		walk->fault = "in the guest on a CPU on which no window is open";
	if (ended && (s->thread != GUEST || !home))
		walk->fault = "not in the guest although its window is open";
}

static const char *walk_all(enum mutant mutant, size_t *nr)
{
	struct walk walk = {
		.mutant = mutant,
		.slots = calloc(SLOTS, sizeof(struct state)),
		.todo = calloc(SLOTS, sizeof(struct state)),
		.used = calloc(SLOTS, 1),
	};
	struct state first = {
		.says = 2, .edge = { edge_after(A, 0), edge_after(B, 0) },
	};

	reach(&walk, &first);
	while (walk.nr_todo && !walk.fault) {
		const struct state from = walk.todo[--walk.nr_todo];
		bool ended = true;

		for (int who = 0; who < 5; who++) {
			struct state to = from;
			bool stepped = who < 2 ? step_timer(&walk, &to, who) :
				who == 2 ? step_thread(&walk, &to) :
				who == 3 ? step_bouncer(&walk, &to) : drain(&to);

			if (!stepped)
				continue;
			ended = false;
			reach(&walk, &to);
		}
		judge(&walk, &from, ended);
	}
	*nr = walk.nr;
	free(walk.slots);
	free(walk.todo);
	free(walk.used);
	return walk.fault;
}

static bool no_order_of_steps_leaves_a_vcpu_on_the_wrong_cpu(void)
{
	size_t nr;
	const char *fault = walk_all(NONE, &nr);

	ktap_note("%zu states", nr);
	return !fault || ktap_fail("%s", fault);
}

static bool found(enum mutant mutant)
{
	size_t nr;
	const char *fault = walk_all(mutant, &nr);

	if (!fault)
		return ktap_fail("no fault in %zu states", nr);
	ktap_note("%s", fault);
	return true;
}

static bool gate_that_lets_in_on_any_cpu_would_be_found(void)
{
	return found(ANY_CPU);
}

static bool move_without_its_barrier_would_be_found(void)
{
	return found(NO_BARRIER);
}

static bool move_that_does_not_look_for_an_open_window_would_be_found(void)
{
	return found(NO_LOOK);
}

static bool move_past_the_gate_would_be_found(void)
{
	return found(NO_GATE);
}

static bool move_that_nobody_asks_for_would_be_found(void)
{
	return found(NO_KICK);
}

static const struct ktap_test tests[] = {
	KTAP_TEST(no_order_of_steps_leaves_a_vcpu_on_the_wrong_cpu),
	KTAP_TEST(gate_that_lets_in_on_any_cpu_would_be_found),
	KTAP_TEST(move_without_its_barrier_would_be_found),
	KTAP_TEST(move_that_does_not_look_for_an_open_window_would_be_found),
	KTAP_TEST(move_past_the_gate_would_be_found),
	KTAP_TEST(move_that_nobody_asks_for_would_be_found),
};

int main(void)
{
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
