// SPDX-License-Identifier: GPL-2.0
/*
 * unruly - calls random services with random arguments, for ever
 *
 * Numbers near those that exist, and any; arguments near limits, addresses of its
 * memory and its end, and any. Its random numbers come from the counter: each
 * start is another one.
 */
#include <linux/partsched_services.h>

#include "guest.h"
#include "unruly.h"

static volatile struct unruly_record *const record = (void *)UNRULY_RECORD;

static uint64_t random(void)
{
	uint64_t state = record->state;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return record->state = state;
}

static uint64_t argument(const struct partsched_guest_info *info)
{
	uint64_t r = random();

	switch (r & 15) {
	case 0:
		return random();
	case 1:
		return ~0ULL - (r >> 8 & 255);
	case 2:
		return info->ram_low - (r >> 8 & 255);
	case 3:
		return PARTSCHED_GUEST_RAM_HIGH + info->ram_high - (r >> 8 & 255);
	case 4:
		return PARTSCHED_GUEST_INFO + (r >> 8 & 0xffff);
	case 5:
		return (r >> 8 & 1) ? PARTSCHED_GUEST_ERROR_TEXT_MAX : PARTSCHED_GUEST_MESSAGE_MAX;
	case 6:
		return UINT32_MAX + (r >> 8 & 3);
	case 7:
		return r >> 8 & 0x7fffff;
	case 8:
		return r >> 8 & 0xff;
	default:
		return r >> 8 & 7;
	}
}

static uint32_t number(void)
{
	uint64_t r = random();

	return r & 7 ? r >> 8 & 15 : r >> 8;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	struct partsched_call call;

	if (vcpu)
		guest_idle();
	record->state = guest_tsc() | 1;
	record->starts++;
	for (;;) {
		for (int i = 0; i < 4; i++)
			call.value[i] = argument(info);
		partsched_call(number(), &call);
		record->calls++;
	}
}
