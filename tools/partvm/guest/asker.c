// SPDX-License-Identifier: GPL-2.0
/*
 * asker - asks for other module schedules, and notes what it is told
 *
 * Asks for the last one when the other has come into force; a guest without the
 * right asks at once.
 */
#include "asker.h"
#include "guest.h"

static uint32_t ask(uint32_t schedule)
{
	uint32_t answer;

	__asm__ volatile("outl %0, %w1" : : "a"(schedule), "Nd"(PARTSCHED_GUEST_PORT_SCHEDULE)
			 : "memory");
	__asm__ volatile("inl %w1, %0" : "=a"(answer) : "Nd"(PARTSCHED_GUEST_PORT_SCHEDULE)
			 : "memory");
	return answer;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	static const uint32_t question[ASKER_QUESTIONS] = {
		[ASKER_CURRENT] = 1,
		[ASKER_UNKNOWN] = 99,
		[ASKER_OTHER] = 2,
		[ASKER_BACK] = 1,
	};
	volatile struct asker_record *record = (void *)ASKER_RECORD;
	const volatile struct partsched_guest_live *live;
	uint32_t i;

	if (vcpu)
		guest_idle();
	live = (const void *)((const uint8_t *)info + info->live_offset);
	for (i = 0; i < ASKER_QUESTIONS; i++) {
		while (i == ASKER_BACK && record->answer[ASKER_OTHER] == PARTSCHED_GUEST_NO_ERROR &&
		       live->vcpu[0].schedule_id != question[ASKER_OTHER])
			guest_pause();
		record->answer[i] = ask(question[i]);
		record->nr = i + 1;
	}
	guest_idle();
}
