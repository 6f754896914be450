/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - what a lean guest sees (x86-64)
 *
 *  guest-physical            what
 *  ------------------------  -------------------------------------------------
 *  0x0000000 .. 0x0600000    RAM, 6 MiB unless the launcher was told more; a
 *                            flat binary lies at 0x0 and is entered there; the
 *                            stacks hang below 0x0600000
 *  0x0600000 .. 0x1000000    RAM too, as far as the guest was given it
 *  0x1000000 .. 0x1020000    page tables (1:1, 2 MiB pages), GDT, TSS; writable
 *  0x1400000                 information page, read-only
 *  0x1401000                 its live part, read-only (absent if live_offset is 0)
 *  0x1402000 ..              window and channel tables, read-only
 *  0x6000000, 0x8000000 ..   channels, in the order of the channel table, see
 *                            linux/partsched_channel.h; what the guest does not
 *                            write is read-only
 *  0x100000000 ..            RAM beyond the first 16 MiB
 *
 *  I/O port                  what
 *  ------------------------  -------------------------------------------------
 *  0x03f8 .. 0x03ff          console: a byte per write to 0x3f8; the other
 *                            registers answer as an always ready 16550 without
 *                            interrupts does
 *  0x0080                    reads 0xff, writes are ignored (an exit on demand)
 *  0x00f0                    32 bits: written, the identifier of a module
 *                            schedule asks for it (SET_MODULE_SCHEDULE of ARINC
 *                            653 part 2); read, what became of the last request
 *                            of this vCPU
 *  0x00f4                    a byte written here ends the guest with that status
 *  0x00f8                    32 bits: written, calls a service, see below
 *  0x1000 ..                 doorbells, see struct partsched_guest_channel: a write
 *                            of whatever size tells a destination
 *
 * Every other access outside the map is an error, and so is a write to a
 * read-only part, or a shutdown (triple fault). Under a plan the health monitor is
 * told, and its tables say whether the partition starts again or is idle; the
 * vCPU goes no further in any case. Without a plan the guest ends as crashed.
 *
 * Every vCPU starts at the entry point of the image in 64-bit mode, interrupts
 * off, CR4.OSFXSR on, with
 *
 *   rdi  its index, from 0
 *   rsi  PARTSCHED_GUEST_INFO
 *   rsp  PARTSCHED_GUEST_STACK_TOP - index * PARTSCHED_GUEST_STACK_SIZE
 *
 * and a local APIC whose identifier is the index. The GDT has 64-bit code at
 * selector 0x08 and data at 0x10: an interrupt handler needs an IDT only.
 *
 * A service is called by "out %eax, $0xf8" with its number (PARTSCHED_CALL_*) in eax
 * and its arguments in rbx, rcx, rdx and rsi; see linux/partsched_services.h for
 * the functions. In eax it leaves what has become of it (PARTSCHED_GUEST_NO_ERROR
 * and so on, the return codes of ARINC 653), in rbx, rcx, rdx and rsi what it tells;
 * registers that a service says nothing of are as they were. Texts are given by
 * their guest-physical address in RAM and their bytes, and are read once, while the
 * call lasts. Which partition may call what stands in the plan's file (Services).
 * A call without the right, or of a number that is none, is an error as above
 * (PARTSCHED_ERROR_SERVICE); where the tables say that it is to be ignored, it
 * returns PARTSCHED_GUEST_INVALID_CONFIG or PARTSCHED_GUEST_INVALID_PARAM.
 * VMCALL and VMMCALL are no way in: KVM answers them itself, with -1000 (-KVM_ENOSYS)
 * in rax, and tells nobody.
 *
 * A kick is a message signalled interrupt to vCPU 0. It finds the guest in a window
 * of its own only; kicks that come before the first one is handled are one. A local
 * APIC that is off takes none, and so does one that is reset: switch it on, then
 * look at the port, then wait.
 *
 * The guest's TSC is the host's TSC. All times are CLOCK_MONOTONIC nanoseconds
 * of the host, all intervals are half-open. Integers are little-endian. This
 * file compiles in the kernel, in user space and freestanding.
 */
#ifndef _UAPI_LINUX_PARTSCHED_GUEST_H
#define _UAPI_LINUX_PARTSCHED_GUEST_H

#if defined(__KERNEL__) || defined(__linux__)
#include <linux/types.h>
#else
#include <stdint.h>
typedef uint8_t __u8;
typedef int8_t __s8;
typedef uint32_t __u32;
typedef uint64_t __u64;
#endif

/* The memory map, bytes. */
#define PARTSCHED_GUEST_RAM_MIN		0x0000000000600000ULL	/* and default */
#define PARTSCHED_GUEST_RAM_MAX		0x0000000400000000ULL	/* 16 GiB */
#define PARTSCHED_GUEST_RAM_LOW_END	0x0000000001000000ULL
#define PARTSCHED_GUEST_RAM_HIGH	0x0000000100000000ULL
#define PARTSCHED_GUEST_STACK_TOP	0x0000000000600000ULL
#define PARTSCHED_GUEST_STACK_SIZE	0x0000000000008000ULL
#define PARTSCHED_GUEST_TABLES		0x0000000001000000ULL
#define PARTSCHED_GUEST_TABLES_SIZE	0x0000000000020000ULL
#define PARTSCHED_GUEST_INFO		0x0000000001400000ULL
#define PARTSCHED_GUEST_INFO_END	0x0000000002000000ULL
#define PARTSCHED_GUEST_LIVE		0x0000000001401000ULL
#define PARTSCHED_GUEST_INFO_TABLES	0x0000000001402000ULL
#define PARTSCHED_GUEST_CHANNEL		0x0000000006000000ULL
#define PARTSCHED_GUEST_CHANNEL_STRIDE	0x0000000002000000ULL
#define PARTSCHED_GUEST_CHANNEL_END	0x00000000c0000000ULL
/* The page tables map [0, PARTSCHED_GUEST_MAPPED) 1:1. */
#define PARTSCHED_GUEST_MAPPED		0x0000000500000000ULL

/* I/O ports. */
#define PARTSCHED_GUEST_PORT_DELAY	0x0080
#define PARTSCHED_GUEST_PORT_SCHEDULE	0x00f0
#define PARTSCHED_GUEST_PORT_EXIT	0x00f4
#define PARTSCHED_GUEST_PORT_CALL	0x00f8
#define PARTSCHED_GUEST_PORT_CONSOLE	0x03f8
#define PARTSCHED_GUEST_PORT_DOORBELL	0x1000
#define PARTSCHED_GUEST_DOORBELLS_MAX	512

/* What becomes of a request: the return codes of ARINC 653. */
#define PARTSCHED_GUEST_NO_ERROR	0	/* will be done at the frame's end */
#define PARTSCHED_GUEST_NO_ACTION	1	/* in force already */
#define PARTSCHED_GUEST_NOT_AVAILABLE	2	/* no plan, or it is being changed */
#define PARTSCHED_GUEST_INVALID_PARAM	3	/* the plan has no such schedule */
#define PARTSCHED_GUEST_INVALID_CONFIG	4	/* the partition has no right to */
#define PARTSCHED_GUEST_INVALID_MODE	5	/* not in the partition's present mode */
#define PARTSCHED_GUEST_TIMED_OUT	6

/*
 * Services, and the word of Services that grants them:
 *
 *  time       GET_TIME            -> rbx CLOCK_MONOTONIC, ns
 *  time       END_WINDOW          gives the rest of the window to the host; returns in
 *                                 the vCPU's next one, interrupts wait until then
 *  partition  GET_PARTITION_STATUS  -> rbx mode, rcx start condition, rdx starts,
 *                                 rsi identifier
 *  mode       SET_PARTITION_MODE  rbx mode; returns from NORMAL, or when refused
 *  schedule   GET_MODULE_SCHEDULE_STATUS  -> rbx schedule in force, rcx that of the
 *                                 next frame, rdx when it changed last, ns, 0: never
 *  schedule   SET_MODULE_SCHEDULE rbx schedule; wants SetModuleSchedule, too
 *  health     RAISE_APPLICATION_ERROR  rbx PARTSCHED_GUEST_CODE_*, rcx text, rdx its
 *                                 bytes, up to PARTSCHED_GUEST_ERROR_TEXT_MAX
 *                                 -> rbx enum partsched_error_level, rcx enum
 *                                 partsched_hm_action; returns if the guest goes on
 *  log        REPORT_APPLICATION_MESSAGE  rbx text, rcx its bytes, up to
 *                                 PARTSCHED_GUEST_MESSAGE_MAX: a line of the console
 *  interrupt  SEND_INTERRUPT      rbx vCPU of the partition, rcx vector, 32 to 255;
 *                                 it waits for a window of that vCPU
 */
#define PARTSCHED_CALL_GET_TIME				1
#define PARTSCHED_CALL_END_WINDOW			2
#define PARTSCHED_CALL_GET_PARTITION_STATUS		3
#define PARTSCHED_CALL_SET_PARTITION_MODE		4
#define PARTSCHED_CALL_GET_MODULE_SCHEDULE_STATUS	5
#define PARTSCHED_CALL_SET_MODULE_SCHEDULE		6
#define PARTSCHED_CALL_RAISE_APPLICATION_ERROR		7
#define PARTSCHED_CALL_REPORT_APPLICATION_MESSAGE	8
#define PARTSCHED_CALL_SEND_INTERRUPT			9

/* Bytes of a text, at most. */
#define PARTSCHED_GUEST_ERROR_TEXT_MAX	127
#define PARTSCHED_GUEST_MESSAGE_MAX	1024

/* Vectors below are the processor's. */
#define PARTSCHED_GUEST_VECTOR_MIN	0x20

/* Kinds of errors. */
#define PARTSCHED_GUEST_CODE_DEADLINE_MISSED	1
#define PARTSCHED_GUEST_CODE_APPLICATION_ERROR	2
#define PARTSCHED_GUEST_CODE_NUMERIC_ERROR	3
#define PARTSCHED_GUEST_CODE_ILLEGAL_REQUEST	4
#define PARTSCHED_GUEST_CODE_STACK_OVERFLOW	5
#define PARTSCHED_GUEST_CODE_MEMORY_VIOLATION	6
#define PARTSCHED_GUEST_CODE_HARDWARE_FAULT	7
#define PARTSCHED_GUEST_CODE_POWER_FAILURE	8

/* Selectors of the GDT that the launcher provides. */
#define PARTSCHED_GUEST_SEL_CODE	0x08
#define PARTSCHED_GUEST_SEL_DATA	0x10
#define PARTSCHED_GUEST_SEL_TSS		0x18

/* "PARTINFO", little-endian. */
#define PARTSCHED_GUEST_MAGIC		0x4f464e4954524150ULL
#define PARTSCHED_GUEST_VERSION		1

/* Bytes of a name, the terminating NUL included; UTF-8. */
#define PARTSCHED_GUEST_NAME_MAX	64
#define PARTSCHED_GUEST_VCPUS_MAX	64
#define PARTSCHED_GUEST_CHANNELS_MAX	93

/* flags of struct partsched_guest_info */
#define PARTSCHED_GUEST_F_PLANNED	0x1	/* a plan opens and closes windows */
#define PARTSCHED_GUEST_F_HALT_EXITS	0x2	/* HLT gives the CPU to the host */
#define PARTSCHED_GUEST_F_TSC_SHARED	0x4	/* the TSC is the host's */

/**
 * struct partsched_guest_clock - from TSC to CLOCK_MONOTONIC
 * @seq: odd while the host changes the fields below; read it before and after
 * @pad: zero
 * @tsc: TSC at @time_ns
 * @time_ns: CLOCK_MONOTONIC at @tsc
 * @mul: nanoseconds per (shifted) TSC tick, as a fraction of 2^32
 * @shift: shift of the TSC delta before the multiplication, left if positive
 * @flags: zero
 * @pad2: zero
 *
 * The layout and the arithmetic are pvclock's:
 *
 *   delta = tsc - clock.tsc;
 *   delta = shift >= 0 ? delta << shift : delta >> -shift;
 *   ns = clock.time_ns + (delta * mul) / 2^32;    (96 bits in between)
 *
 * The host renews it about once a second, because the host's clock may be
 * slewed. A renewal may move the result by some nanoseconds, back too.
 */
struct partsched_guest_clock {
	__u32 seq;
	__u32 pad;
	__u64 tsc;
	__u64 time_ns;
	__u32 mul;
	__s8 shift;
	__u8 flags;
	__u8 pad2[2];
};

/**
 * struct partsched_guest_window - one window of one vCPU
 * @schedule_id: module schedule that it belongs to
 * @window_id: its number in that schedule
 * @vcpu: index of the vCPU in this partition
 * @cpu: CPU of the host
 * @offset_ns: start, from the start of the major frame
 * @duration_ns: length; the window is [offset, offset + duration)
 */
struct partsched_guest_window {
	__u32 schedule_id;
	__u32 window_id;
	__u32 vcpu;
	__u32 cpu;
	__u64 offset_ns;
	__u64 duration_ns;
};

/* type and direction of struct partsched_guest_channel */
#define PARTSCHED_GUEST_CHANNEL_SAMPLING	1
#define PARTSCHED_GUEST_CHANNEL_QUEUING		2
#define PARTSCHED_GUEST_CHANNEL_SOURCE		1	/* this guest writes */
#define PARTSCHED_GUEST_CHANNEL_DESTINATION	2	/* read-only */
/* kick_line: the channel has no interrupt line */
#define PARTSCHED_GUEST_NO_KICK			0xffffffffU
/* kick_vector of channel 0; of channel i, if it has one, i more */
#define PARTSCHED_GUEST_KICK_VECTOR		0x80

/**
 * struct partsched_guest_channel - one port of this partition
 * @name: name of the port
 * @address: guest-physical address
 * @size: bytes mapped there
 * @type: PARTSCHED_GUEST_CHANNEL_SAMPLING or _QUEUING
 * @direction: PARTSCHED_GUEST_CHANNEL_SOURCE or _DESTINATION
 * @max_message: bytes of a message, at most
 * @depth: messages that a queuing port holds, 1 for a sampling port
 * @refresh_ns: refresh period of a sampling port, 0 for a queuing one
 * @kick_line: interrupt line of the I/O APIC, or PARTSCHED_GUEST_NO_KICK
 * @pad: zero
 * @ack_address: guest-physical address of a queuing port's ack page, which the
 *	destination writes; 0 for a sampling port
 * @doorbell: source: the first of its I/O ports, 0: nobody wants to be told
 * @nr_doorbells: number of them, one for each destination that wants to be told,
 *	in their order
 * @kick_vector: destination: vector of the interrupt that tells of messages, 0:
 *	none does, look at the port
 * @pad2: zero
 *
 * A guest that knows less of it than channel_size says has an older header; one
 * that knows more runs under an older launcher, which has no channels.
 */
struct partsched_guest_channel {
	char name[PARTSCHED_GUEST_NAME_MAX];
	__u64 address;
	__u64 size;
	__u32 type;
	__u32 direction;
	__u32 max_message;
	__u32 depth;
	__u64 refresh_ns;
	__u32 kick_line;
	__u32 pad;
	__u64 ack_address;
	__u32 doorbell;
	__u32 nr_doorbells;
	__u32 kick_vector;
	__u32 pad2;
};

/**
 * struct partsched_guest_info - the information page
 * @magic: PARTSCHED_GUEST_MAGIC
 * @version: PARTSCHED_GUEST_VERSION; a change that old guests cannot bear adds 1
 * @size: bytes of this structure; it only ever grows at its end
 * @total_size: bytes of the read-only area, tables included, from this page on
 * @flags: PARTSCHED_GUEST_F_*
 * @partition_id: ARINC's PartitionIdentifier, 0 when there is no plan
 * @nr_vcpus: number of vCPUs
 * @name: name of the partition; may be empty when there is no plan
 * @ram_low: bytes of RAM at address 0
 * @ram_high: bytes of RAM at PARTSCHED_GUEST_RAM_HIGH, usually 0
 * @generation: number of the plan that the fields below describe, 0: none
 * @schedule_id: module schedule in force when the guest started
 * @epoch_ns: start of frame 0
 * @major_frame_ns: length of the major frame
 * @windows_offset: struct partsched_guest_window table, from this page on
 * @nr_windows: its entries, those of this partition alone, by schedule and offset
 * @window_size: bytes from one entry to the next
 * @channels_offset: struct partsched_guest_channel table, from this page on
 * @nr_channels: its entries
 * @channel_size: bytes from one entry to the next
 * @live_offset: struct partsched_guest_live, from this page on; 0: absent
 * @live_size: bytes of it
 * @clock: from TSC to CLOCK_MONOTONIC
 */
struct partsched_guest_info {
	__u64 magic;
	__u32 version;
	__u32 size;
	__u32 total_size;
	__u32 flags;
	__u32 partition_id;
	__u32 nr_vcpus;
	char name[PARTSCHED_GUEST_NAME_MAX];
	__u64 ram_low;
	__u64 ram_high;
	__u32 generation;
	__u32 schedule_id;
	__u64 epoch_ns;
	__u64 major_frame_ns;
	__u32 windows_offset;
	__u32 nr_windows;
	__u32 window_size;
	__u32 channels_offset;
	__u32 nr_channels;
	__u32 channel_size;
	__u32 live_offset;
	__u32 live_size;
	struct partsched_guest_clock clock;
};

/* start_action of struct partsched_guest_live_vcpu */
#define PARTSCHED_GUEST_START_WARM		2	/* memory kept */
#define PARTSCHED_GUEST_START_COLD		3	/* memory cleared */

/* mode of a partition */
#define PARTSCHED_GUEST_MODE_IDLE		1
#define PARTSCHED_GUEST_MODE_COLD_START		2
#define PARTSCHED_GUEST_MODE_WARM_START		3
#define PARTSCHED_GUEST_MODE_NORMAL		4

/* why it was started last: its start condition */
#define PARTSCHED_GUEST_CONDITION_NORMAL	1
#define PARTSCHED_GUEST_CONDITION_RESTART	2	/* it has started itself again */
#define PARTSCHED_GUEST_CONDITION_HM_MODULE	3	/* an error of the module's */
#define PARTSCHED_GUEST_CONDITION_HM_PARTITION	4	/* an error of its own */

/**
 * struct partsched_guest_live_vcpu - the window that a vCPU is in, or was last
 * @seq: odd while the host changes the fields below; read it before and after;
 *	0: the vCPU has had no window yet
 * @generation: number of the plan that the window is of
 * @schedule_id: module schedule in force
 * @window_id: the window's number in it
 * @frame: number of the frame, from 0
 * @start_ns: the window's planned start, CLOCK_MONOTONIC
 * @end_ns: its planned end; it closes a few microseconds earlier
 * @start: changes when the partition is to start again; not a count
 * @start_action: how it is to: PARTSCHED_GUEST_START_*; meaningless while @start
 *	is 0
 * @mode: operating mode of the partition: PARTSCHED_GUEST_MODE_*
 * @start_condition: why it was started last: PARTSCHED_GUEST_CONDITION_*
 * @nr_starts: how often it was started, the first time included
 * @pad: zero
 *
 * @mode and what follows is as it was when the window opened, or when the vCPU was
 * started in it.
 *
 * Each vCPU's part has a sequence of its own, for it is written by the CPU that
 * opens the vCPU's windows; a cache line each.
 */
struct partsched_guest_live_vcpu {
	__u32 seq;
	__u32 generation;
	__u32 schedule_id;
	__u32 window_id;
	__u64 frame;
	__u64 start_ns;
	__u64 end_ns;
	__u32 start;
	__u32 start_action;
	__u32 mode;
	__u32 start_condition;
	__u32 nr_starts;
	__u32 pad;
};

/**
 * struct partsched_guest_live - what changes while the guest runs
 * @vcpu: by index; a page in all, owned and written by the module
 */
struct partsched_guest_live {
	struct partsched_guest_live_vcpu vcpu[PARTSCHED_GUEST_VCPUS_MAX];
};

#endif /* _UAPI_LINUX_PARTSCHED_GUEST_H */
