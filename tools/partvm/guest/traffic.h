/* SPDX-License-Identifier: GPL-2.0 */
/*
 * traffic - the record of the guests that use ports
 *
 * At TRAFFIC_RECORD; host programs read it through the file given to partvm --ram.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdint.h>

#define TRAFFIC_RECORD	0x100000ULL
/* "TRAFFIC1", little-endian. */
#define TRAFFIC_MAGIC	0x3143494646415254ULL
#define TRAFFIC_PORTS	16
#define TRAFFIC_KICKS	256
#define TRAFFIC_TEXT	64

/**
 * struct traffic_port - one port
 * @messages: written, sent, read or received by this guest since its start
 * @number: of the last one
 * @time_ns: when the last one was written, as its source says, CLOCK_MONOTONIC
 * @refused: sent in vain, the queue was full; received: as often was it full before
 * @disorder: received ones that did not follow the one before, and sampling
 *	messages that were older than it
 * @nonsense: reads that found what no source writes
 * @torn: sampling messages that were not as one writes them
 * @invalid: sampling messages that were too old
 * @text: the last one, its beginning, with a NUL
 */
struct traffic_port {
	uint64_t messages;
	uint64_t number;
	uint64_t time_ns;
	uint64_t refused;
	uint64_t disorder;
	uint64_t nonsense;
	uint64_t torn;
	uint64_t invalid;
	char text[TRAFFIC_TEXT];
};

/**
 * struct traffic_record - what a guest has done
 * @magic: TRAFFIC_MAGIC once the guest runs
 * @turns: of its loop
 * @kicks: interrupts so far
 * @kick_ns: when each began, CLOCK_MONOTONIC; kick n, from 0, at n % TRAFFIC_KICKS
 * @window_ns: when the window was to start that it came in, as the live page says
 * @port: by index in the channel table
 */
struct traffic_record {
	uint64_t magic;
	uint64_t turns;
	uint64_t kicks;
	uint64_t kick_ns[TRAFFIC_KICKS];
	uint64_t window_ns[TRAFFIC_KICKS];
	struct traffic_port port[TRAFFIC_PORTS];
};

#endif /* TRAFFIC_H */
