/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a partition is to do, in one word, so that a timer, which may not wait
 * for anybody, and a request can both change it.
 *
 * From the bottom: mode, start condition, requester and whether the last start
 * was a cold one, 8 bits; the number of the last order to start, 28 bits; the
 * number of the last change of schedule whose action was taken, 28 bits. All 0:
 * idle, and never started.
 */
#ifndef PARTSCHED_STATE_H
#define PARTSCHED_STATE_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/partsched.h>
#include <linux/types.h>

/**
 * struct ps_state - the same word, apart
 * @mode: enum partsched_mode
 * @condition: enum partsched_start_condition
 * @requester: enum partsched_requester, who has brought the mode about
 * @cold: the last order was for a cold start
 * @order: its number, 0: none yet
 * @change: number of the change of schedule, its lower bits
 */
struct ps_state {
	u32 mode;
	u32 condition;
	u32 requester;
	bool cold;
	u32 order;
	u32 change;
};

#define PS_STATE_MODE		GENMASK_ULL(1, 0)
#define PS_STATE_NUMBER_BITS	28
#define PS_STATE_NUMBER		((1U << PS_STATE_NUMBER_BITS) - 1)

/* All but the number of the change: what others are told of. */
#define PS_STATE_TOLD		GENMASK_ULL(35, 0)

static inline u64 ps_state_pack(const struct ps_state *state)
{
	return (state->mode - PARTSCHED_MODE_IDLE) |
	       (state->condition - PARTSCHED_START_NORMAL) << 2 |
	       (state->requester - PARTSCHED_BY_OPERATOR) << 4 |
	       (u32)state->cold << 6 |
	       (u64)state->order << 8 |
	       (u64)state->change << 36;
}

static inline u32 ps_state_mode(u64 word)
{
	return (u32)(word & PS_STATE_MODE) + PARTSCHED_MODE_IDLE;
}

static inline u32 ps_state_condition(u64 word)
{
	return (u32)(word >> 2 & 3) + PARTSCHED_START_NORMAL;
}

static inline u32 ps_state_order(u64 word)
{
	return (u32)(word >> 8) & PS_STATE_NUMBER;
}

static inline u32 ps_state_action(u64 word)
{
	return word & BIT(6) ? PARTSCHED_CHANGE_COLD_START :
			       PARTSCHED_CHANGE_WARM_START;
}

static inline struct ps_state ps_state_unpack(u64 word)
{
	return (struct ps_state){
		.mode = ps_state_mode(word),
		.condition = ps_state_condition(word),
		.requester = (u32)(word >> 4 & 3) + PARTSCHED_BY_OPERATOR,
		.cold = word & BIT(6),
		.order = ps_state_order(word),
		.change = (u32)(word >> 36),
	};
}

static inline u64 ps_state_read(const atomic64_t *state)
{
	return (u64)atomic64_read(state);
}

/* 0 is none. */
static inline u32 ps_state_next_order(u32 order)
{
	return (order + 1) & PS_STATE_NUMBER ?: 1;
}

static inline bool ps_mode_starts(u32 mode)
{
	return mode == PARTSCHED_MODE_COLD_START ||
	       mode == PARTSCHED_MODE_WARM_START;
}

#endif /* PARTSCHED_STATE_H */
