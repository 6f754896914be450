// SPDX-License-Identifier: GPL-2.0
/*
 * All functions of the channels' headers, to be compiled wherever channels are
 * used: selftests/unit/channel-places does that.
 */
#include <linux/partsched_doorbell.h>
#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#ifdef __cplusplus
extern "C" {
#endif

int place_open(struct partsched_channel_geometry *geometry, void *region, __u32 type);
void place_start(struct partsched_channel_end *end, struct partsched_channel_geometry *geometry,
		 void *region, struct partsched_channel_ack *ack);
int place_write(struct partsched_channel_end *end, const void *buffer, __u64 now_ns);
int place_read(struct partsched_channel_end *end, void *buffer, __u64 now_ns,
	       struct partsched_channel_message *message);
int place_send(struct partsched_channel_end *end, const void *buffer, __u64 now_ns);
int place_receive(struct partsched_channel_end *end, void *buffer, __u64 now_ns,
		  struct partsched_channel_message *message);
void place_status(struct partsched_channel_end *end, struct partsched_queue_status *status);

int place_open(struct partsched_channel_geometry *geometry, void *region, __u32 type)
{
	int result = partsched_channel_geometry_init(geometry, type, 64, 4, 1000000);

	if (result)
		return result;
	partsched_channel_header_fill(region, geometry);
	return partsched_channel_header_read(geometry, region, 4096);
}

void place_start(struct partsched_channel_end *end, struct partsched_channel_geometry *geometry,
		 void *region, struct partsched_channel_ack *ack)
{
	partsched_sampling_writer_init(&end[0], geometry, region);
	partsched_sampling_reader_init(&end[1], geometry, region);
	partsched_queue_sender_init(&end[2], geometry, region, ack);
	partsched_queue_receiver_init(&end[3], geometry, region, ack);
}

int place_write(struct partsched_channel_end *end, const void *buffer, __u64 now_ns)
{
	return partsched_sampling_write(end, buffer, 64, now_ns);
}

int place_read(struct partsched_channel_end *end, void *buffer, __u64 now_ns,
	       struct partsched_channel_message *message)
{
	return partsched_sampling_read(end, buffer, now_ns, message);
}

int place_send(struct partsched_channel_end *end, const void *buffer, __u64 now_ns)
{
	return partsched_queue_send(end, buffer, 64, now_ns);
}

int place_receive(struct partsched_channel_end *end, void *buffer, __u64 now_ns,
		  struct partsched_channel_message *message)
{
	return partsched_queue_receive(end, buffer, now_ns, message);
}

void place_status(struct partsched_channel_end *end, struct partsched_queue_status *status)
{
	partsched_queue_status(end, status);
}

#ifdef __cplusplus
}
#endif
