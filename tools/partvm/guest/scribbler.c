// SPDX-License-Identifier: GPL-2.0
/*
 * scribbler - writes to its first port's memory that is not its own to write
 */
#include "port.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	const struct partsched_guest_channel *channel = guest_channel(info, 0);
	uint64_t address;

	if (vcpu)
		guest_idle();
	if (!channel)
		return 1;
	address = channel->direction == PARTSCHED_GUEST_CHANNEL_DESTINATION ?
		channel->address : channel->ack_address;
	if (!address)
		return 2;
	guest_print("hello from ");
	guest_print_name(info);
	guest_print("\n");
	*(volatile uint64_t *)address = 1;
	return 3;
}
