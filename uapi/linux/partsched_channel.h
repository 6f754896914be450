/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - the memory of a channel, and the only code that touches it
 *
 * A channel has one source and one or more destinations (queuing: exactly one).
 * Its memory is one or two regions, each written by one party only:
 *
 *  data region               written by the source, read-only for destinations;
 *                            /dev/partsched/<partition>.<port>; its size is a
 *                            power of two
 *    0x00                    struct partsched_channel_header, filled by the
 *                            kernel before anybody maps it
 *    0x40                    struct partsched_channel_source
 *    0x80 ..                 slots, slot_stride bytes apart: struct
 *                            partsched_channel_slot and the message
 *
 *  ack page                  queuing only; written by the destination, read-only
 *                            for the source; <partition>.<port>.ack
 *    0x00                    struct partsched_channel_ack
 *
 * What is done with it stands in linux/partsched_sampling.h and
 * linux/partsched_queuing.h; this file has what both need.
 *
 * Nobody trusts what another party writes: each word is read once, and bounded
 * before it is used. The geometry is kept privately; the header in the region is
 * not looked at again, for the source may write there.
 *
 * Compiles in the kernel, in user space and freestanding; C11, or C++ with the
 * GNU dialect's builtins. Words are accessed by the compiler's __atomic builtins:
 * they exist in all three places with one meaning, and unlike the kernel's smp_*
 * do not vanish in a kernel for one CPU, which may well be a guest on a host with
 * many. On x86-64 all of them are plain moves, and the fences are for the
 * compiler only; on arm64 they are ldar, stlr and dmb. Integers are in the byte
 * order of the machine. See Documentation/channels.rst for why it is right.
 *
 * A test may define the PARTSCHED_CHANNEL_* macros of the access to shared
 * memory before it includes this file. Any includer may define
 * PARTSCHED_CHANNEL_COPY(to, from, bytes), a copy of memory that need not be
 * atomic.
 */
#ifndef _UAPI_LINUX_PARTSCHED_CHANNEL_H
#define _UAPI_LINUX_PARTSCHED_CHANNEL_H

#include <linux/partsched_guest.h>

#ifdef __KERNEL__
#include <linux/string.h>
#elif __STDC_HOSTED__
#include <string.h>
#endif

#if __SIZEOF_POINTER__ < 8
#error "partsched: a channel needs a machine that loads 64 bits at once"
#endif

/* "PARTCHAN", little-endian. */
#define PARTSCHED_CHANNEL_MAGIC		0x4e41484354524150ULL
#define PARTSCHED_CHANNEL_VERSION	1

/* type: as in the guest's information page */
#define PARTSCHED_CHANNEL_SAMPLING	PARTSCHED_GUEST_CHANNEL_SAMPLING
#define PARTSCHED_CHANNEL_QUEUING	PARTSCHED_GUEST_CHANNEL_QUEUING

/*
 * Bytes. The data region fits into half of a guest's stride from one channel to
 * the next; the ack page is mapped at the start of the other half.
 */
#define PARTSCHED_CHANNEL_MESSAGE_MAX	0x0000000000100000ULL
#define PARTSCHED_CHANNEL_REGION_MIN	0x0000000000001000ULL
#define PARTSCHED_CHANNEL_REGION_MAX	0x0000000001000000ULL
#define PARTSCHED_CHANNEL_ACK_SIZE	0x0000000000001000ULL
#define PARTSCHED_CHANNEL_ACK_OFFSET	PARTSCHED_CHANNEL_REGION_MAX
#define PARTSCHED_CHANNEL_DEPTH_MAX	65536U
#define PARTSCHED_CHANNEL_LINE		64U

/* Slots of a sampling channel, a power of two. */
#define PARTSCHED_SAMPLING_SLOTS	8U

/* refresh_ns: no message grows old */
#define PARTSCHED_CHANNEL_NO_REFRESH	0ULL

/*
 * What the functions below return beside PARTSCHED_GUEST_NO_ERROR and so on. A
 * service of ARINC 653, which has no word for them, returns NOT_AVAILABLE.
 */
/* sampling: the source overtook every attempt */
#define PARTSCHED_CHANNEL_BUSY		16
/* the source wrote what no source writes; the message was dropped */
#define PARTSCHED_CHANNEL_FAULT		17

/* validity of struct partsched_channel_message */
#define PARTSCHED_CHANNEL_NEVER_WRITTEN	0
#define PARTSCHED_CHANNEL_INVALID	1	/* older than the refresh period */
#define PARTSCHED_CHANNEL_VALID		2

/**
 * struct partsched_channel_header - what a channel is, first in its data region
 * @magic: PARTSCHED_CHANNEL_MAGIC
 * @version: PARTSCHED_CHANNEL_VERSION; any change of the layout adds 1
 * @type: PARTSCHED_CHANNEL_SAMPLING or _QUEUING
 * @max_message: bytes of a message, at most
 * @depth: messages that a queue holds; 1 for a sampling channel
 * @slots: number of slots
 * @slot_stride: bytes from one slot to the next
 * @refresh_ns: refresh period, or PARTSCHED_CHANNEL_NO_REFRESH
 * @region_size: bytes of the data region
 * @slots_offset: first slot, from the start of the region
 * @pad: zero
 */
struct partsched_channel_header {
	__u64 magic;
	__u32 version;
	__u32 type;
	__u32 max_message;
	__u32 depth;
	__u32 slots;
	__u32 slot_stride;
	__u64 refresh_ns;
	__u64 region_size;
	__u32 slots_offset;
	__u32 pad[3];
};

/**
 * struct partsched_channel_source - what the source tells of its progress
 * @position: sampling: number of the newest message, 0: none was ever written;
 *	queuing: messages sent
 * @refused: queuing: messages that were not sent because the queue was full
 * @pad: zero
 */
struct partsched_channel_source {
	__u64 position;
	__u64 refused;
	__u64 pad[6];
};

/**
 * struct partsched_channel_slot - what precedes a message, a cache line
 * @number: number of the message, 0: none, or it is being written
 * @timestamp_ns: when it was written, CLOCK_MONOTONIC of the host
 * @length: bytes
 * @pad: zero
 */
struct partsched_channel_slot {
	__u64 number;
	__u64 timestamp_ns;
	__u64 length;
	__u64 pad[5];
};

/**
 * struct partsched_channel_ack - what the destination of a queue tells
 * @position: messages taken
 * @pad: zero
 */
struct partsched_channel_ack {
	__u64 position;
	__u64 pad[7];
};

/**
 * struct partsched_channel_geometry - a channel's constants, kept privately
 * @refresh_ns: refresh period of a sampling channel
 * @region_size: bytes of the data region
 * @type: PARTSCHED_CHANNEL_SAMPLING or _QUEUING
 * @max_message: bytes of a message, at most
 * @depth: messages that a queue holds; 1 for a sampling channel
 * @slots: number of slots
 * @slot_stride: bytes from one slot to the next
 * @slots_offset: first slot, from the start of the region
 */
struct partsched_channel_geometry {
	__u64 refresh_ns;
	__u64 region_size;
	__u32 type;
	__u32 max_message;
	__u32 depth;
	__u32 slots;
	__u32 slot_stride;
	__u32 slots_offset;
};

/**
 * struct partsched_channel_end - one party's private view of a channel
 * @geometry: constants
 * @region: the data region
 * @ack: the ack page of a queue
 * @position: source: its own position; destination of a queue: the same of its
 *	own; reader of a sampling channel: unused
 * @refused: source of a queue: sends refused; destination: as many as it knows of
 * @faults: times that the peer was found to have written nonsense
 *
 * To be used by one thread at a time.
 */
struct partsched_channel_end {
	struct partsched_channel_geometry geometry;
	void *region;
	struct partsched_channel_ack *ack;
	__u64 position;
	__u64 refused;
	__u64 faults;
};

/**
 * struct partsched_channel_message - what comes with a message
 * @number: number of the message; a sampling message is a new one if it is
 *	another than that of the last read
 * @timestamp_ns: when it was written, as the source says
 * @age_ns: how long ago that is, 0 if it is to come
 * @length: bytes
 * @validity: PARTSCHED_CHANNEL_NEVER_WRITTEN, _INVALID or _VALID
 * @refused: queuing: messages refused since the last one that was received
 * @attempts: sampling: reads that it took
 * @pad: zero
 */
struct partsched_channel_message {
	__u64 number;
	__u64 timestamp_ns;
	__u64 age_ns;
	__u32 length;
	__u32 validity;
	__u64 refused;
	__u32 attempts;
	__u32 pad;
};

/* ------------------------------------------------------- access to shared memory */

/* The volatile keeps a compiler from making one access of two, or two of one. */
#ifndef PARTSCHED_CHANNEL_LOAD
#define PARTSCHED_CHANNEL_LOAD(word) \
	__atomic_load_n((const volatile __u64 *)(word), __ATOMIC_RELAXED)
#define PARTSCHED_CHANNEL_LOAD_ACQUIRE(word) \
	__atomic_load_n((const volatile __u64 *)(word), __ATOMIC_ACQUIRE)
#define PARTSCHED_CHANNEL_STORE(word, value) \
	__atomic_store_n((volatile __u64 *)(word), (value), __ATOMIC_RELAXED)
#define PARTSCHED_CHANNEL_STORE_RELEASE(word, value) \
	__atomic_store_n((volatile __u64 *)(word), (value), __ATOMIC_RELEASE)
#define PARTSCHED_CHANNEL_FENCE_ACQUIRE()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define PARTSCHED_CHANNEL_FENCE_RELEASE()	__atomic_thread_fence(__ATOMIC_RELEASE)
#endif

#if !defined(PARTSCHED_CHANNEL_COPY) && !defined(__KERNEL__) && !__STDC_HOSTED__
/* A loop in C might be made a call of memcpy(), which a guest need not have. */
static inline void partsched_channel_copy(void *to, const void *from, __u64 bytes)
{
#ifdef __x86_64__
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
#else
	unsigned char *t = (unsigned char *)to;
	const unsigned char *f = (const unsigned char *)from;

	for (; bytes >= 8 && !(((unsigned long)t | (unsigned long)f) & 7); bytes -= 8) {
		*(volatile __u64 *)t = *(const volatile __u64 *)f;
		t += 8;
		f += 8;
	}
	for (; bytes; bytes--)
		*(volatile unsigned char *)t++ = *(const volatile unsigned char *)f++;
#endif
}
#define PARTSCHED_CHANNEL_COPY(to, from, bytes)	partsched_channel_copy(to, from, bytes)
#endif
#ifndef PARTSCHED_CHANNEL_COPY
#define PARTSCHED_CHANNEL_COPY(to, from, bytes)	memcpy(to, from, bytes)
#endif

/*
 * A C library's memcpy() of much memory may use stores that pass earlier ones
 * (glibc: above 16,448 bytes or more); the fences hold them in their place.
 */
#define PARTSCHED_CHANNEL_COPY_ORDERED	16384U

#ifndef PARTSCHED_CHANNEL_COPY_IN
static inline void partsched_channel_copy_in(void *to, const void *from, __u32 bytes)
{
	if (bytes > PARTSCHED_CHANNEL_COPY_ORDERED)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	PARTSCHED_CHANNEL_COPY(to, from, bytes);
	if (bytes > PARTSCHED_CHANNEL_COPY_ORDERED)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#define PARTSCHED_CHANNEL_COPY_IN(to, from, bytes)	partsched_channel_copy_in(to, from, bytes)
#define PARTSCHED_CHANNEL_COPY_OUT(to, from, bytes)	PARTSCHED_CHANNEL_COPY(to, from, bytes)
#endif

/* -------------------------------------------------------------------- geometry */

/**
 * partsched_channel_geometry_init() - work out the geometry of a channel
 * @geometry: filled in; unspecified on failure
 * @type: PARTSCHED_CHANNEL_SAMPLING or _QUEUING
 * @max_message: bytes of a message, at most
 * @depth: messages of a queue; ignored for a sampling channel
 * @refresh_ns: refresh period; ignored for a queue
 *
 * Every party works it out by itself from these four.
 *
 * Return: PARTSCHED_GUEST_NO_ERROR, or _INVALID_CONFIG: no such channel can be.
 */
static inline int partsched_channel_geometry_init(struct partsched_channel_geometry *geometry,
						  __u32 type, __u32 max_message, __u32 depth,
						  __u64 refresh_ns)
{
	__u64 bytes;

	if (type != PARTSCHED_CHANNEL_SAMPLING && type != PARTSCHED_CHANNEL_QUEUING)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	if (!max_message || max_message > PARTSCHED_CHANNEL_MESSAGE_MAX)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	if (type == PARTSCHED_CHANNEL_QUEUING && (!depth || depth > PARTSCHED_CHANNEL_DEPTH_MAX))
		return PARTSCHED_GUEST_INVALID_CONFIG;

	geometry->type = type;
	geometry->max_message = max_message;
	if (type == PARTSCHED_CHANNEL_SAMPLING) {
		geometry->refresh_ns = refresh_ns;
		geometry->depth = 1;
		geometry->slots = PARTSCHED_SAMPLING_SLOTS;
	} else {
		geometry->refresh_ns = PARTSCHED_CHANNEL_NO_REFRESH;
		geometry->depth = depth;
		geometry->slots = depth;
	}
	geometry->slots_offset = (__u32)(sizeof(struct partsched_channel_header) +
					 sizeof(struct partsched_channel_source));
	geometry->slot_stride = ((__u32)sizeof(struct partsched_channel_slot) + max_message +
				 PARTSCHED_CHANNEL_LINE - 1) & ~(PARTSCHED_CHANNEL_LINE - 1);

	bytes = geometry->slots_offset + (__u64)geometry->slots * geometry->slot_stride;
	if (bytes > PARTSCHED_CHANNEL_REGION_MAX)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	geometry->region_size = PARTSCHED_CHANNEL_REGION_MIN;
	while (geometry->region_size < bytes)
		geometry->region_size *= 2;
	return PARTSCHED_GUEST_NO_ERROR;
}

/**
 * partsched_channel_header_fill() - write the header of a new channel
 * @region: its data region, zeroed, mapped by nobody yet
 * @geometry: what it is to be
 *
 * For the kernel alone.
 */
static inline void partsched_channel_header_fill(void *region,
						 const struct partsched_channel_geometry *geometry)
{
	struct partsched_channel_header *header = (struct partsched_channel_header *)region;

	header->magic = PARTSCHED_CHANNEL_MAGIC;
	header->version = PARTSCHED_CHANNEL_VERSION;
	header->type = geometry->type;
	header->max_message = geometry->max_message;
	header->depth = geometry->depth;
	header->slots = geometry->slots;
	header->slot_stride = geometry->slot_stride;
	header->refresh_ns = geometry->refresh_ns;
	header->region_size = geometry->region_size;
	header->slots_offset = geometry->slots_offset;
}

/**
 * partsched_channel_header_read() - geometry of a channel from its header
 * @geometry: filled in; unspecified on failure
 * @region: the mapped data region
 * @size: bytes mapped there
 *
 * For host programs that know nothing else of the channel; the source may have
 * written over it. Whoever has another way must not come here.
 *
 * Return: PARTSCHED_GUEST_NO_ERROR, or _INVALID_CONFIG: it is not a header, not of
 * this version, contradicts itself, or tells of more than is mapped.
 */
static inline int partsched_channel_header_read(struct partsched_channel_geometry *geometry,
						const void *region, __u64 size)
{
	const volatile struct partsched_channel_header *header =
		(const volatile struct partsched_channel_header *)region;

	if (size < PARTSCHED_CHANNEL_REGION_MIN || header->magic != PARTSCHED_CHANNEL_MAGIC ||
	    header->version != PARTSCHED_CHANNEL_VERSION)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	if (partsched_channel_geometry_init(geometry, header->type, header->max_message,
					    header->depth, header->refresh_ns))
		return PARTSCHED_GUEST_INVALID_CONFIG;
	if (header->slots != geometry->slots || header->slot_stride != geometry->slot_stride ||
	    header->slots_offset != geometry->slots_offset ||
	    header->region_size != geometry->region_size || geometry->region_size > size)
		return PARTSCHED_GUEST_INVALID_CONFIG;
	return PARTSCHED_GUEST_NO_ERROR;
}

/* ---------------------------------------------------------------------- pieces */

static inline struct partsched_channel_source *
partsched_channel_source(const struct partsched_channel_end *end)
{
	return (struct partsched_channel_source *)((char *)end->region +
						   sizeof(struct partsched_channel_header));
}

/* @index is below geometry.slots, whatever it was computed from. */
static inline struct partsched_channel_slot *
partsched_channel_slot(const struct partsched_channel_end *end, __u64 index)
{
	return (struct partsched_channel_slot *)((char *)end->region +
						 end->geometry.slots_offset +
						 index * end->geometry.slot_stride);
}

static inline void *partsched_channel_data(struct partsched_channel_slot *slot)
{
	return slot + 1;
}

/* Is this the length of a message? One comparison: 0 is not. */
static inline int partsched_channel_fits(const struct partsched_channel_end *end, __u64 length)
{
	return length - 1 < end->geometry.max_message;
}

static inline void partsched_channel_start(struct partsched_channel_end *end,
					   const struct partsched_channel_geometry *geometry,
					   void *region, struct partsched_channel_ack *ack)
{
	end->geometry = *geometry;
	end->region = region;
	end->ack = ack;
	end->position = 0;
	end->refused = 0;
	end->faults = 0;
}

/*
 * A timestamp that is further ahead than a refresh period is as wrong as one
 * that is further behind: a source must not be able to make its message last.
 */
static inline void partsched_channel_judge(const struct partsched_channel_end *end,
					   struct partsched_channel_message *message, __u64 now_ns)
{
	__u64 behind = now_ns - message->timestamp_ns;
	__u64 ahead = message->timestamp_ns - now_ns;
	__u64 refresh_ns = end->geometry.refresh_ns;
	int old = message->timestamp_ns <= now_ns;

	message->age_ns = old ? behind : 0;
	message->validity = refresh_ns == PARTSCHED_CHANNEL_NO_REFRESH ||
		(old ? behind : ahead) <= refresh_ns ?
		PARTSCHED_CHANNEL_VALID : PARTSCHED_CHANNEL_INVALID;
}

#endif /* _UAPI_LINUX_PARTSCHED_CHANNEL_H */
