/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seen - a guest whose memory the test sees
 */
#ifndef TEST_SEEN_H
#define TEST_SEEN_H

#include <stdint.h>

#include "guest.h"

/**
 * struct seen - a guest, and its RAM
 * @guest: the guest
 * @ram: file that is its RAM
 * @memory: the same, mapped; NULL: not started
 */
struct seen {
	struct guest guest;
	char ram[64];
	volatile uint8_t *memory;
};

/**
 * seen_start() - start a guest, and map its RAM
 * @seen: zeroed, or ended
 * @image: name of a guest of tools/partvm/guest
 * @partition: to attach to
 * @option: more options of partvm, one with its value, or NULL
 * @value: its value
 */
bool seen_start(struct seen *seen, const char *image, const char *partition, const char *option,
		const char *value);

/**
 * seen_end() - kill the guest and forget its RAM
 * @seen: also one that never began
 */
void seen_end(struct seen *seen);

#endif /* TEST_SEEN_H */
