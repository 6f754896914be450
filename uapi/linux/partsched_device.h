/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * The module's devices.
 *
 * PARTSCHED_DEVICE: through it a launcher maps the live part of its guest's
 * information page (struct partsched_guest_live): open it, bind it to a
 * partition of the plan in force, map one page, shared and read-only.
 *
 * PARTSCHED_PORT_DEVICES "PARTITION.PORT": a port of the plan in force. Whoever
 * starts a guest maps it, shared, or a part of it (lseek() to the end gives the
 * size, a power of two), and gives that to the guest; linux/partsched_channel.h
 * has what is in it. That of a source may be written, that of a destination may
 * not, whoever asks: open() for writing fails with EACCES, so does mmap() with
 * PROT_WRITE, and mprotect(). A queuing port has a second one, "PARTITION.PORT.ack",
 * which the destination may write and the source may not.
 *
 * Programs of the host read() and write() the same port, one message a call:
 *
 *  write(), source       the message; EMSGSIZE: longer than the port allows;
 *                        EINVAL: empty. Sampling: never waits. Queuing: waits for
 *                        room, or EAGAIN with O_NONBLOCK
 *  read(), destination   the message; EMSGSIZE: it is longer than the buffer, and
 *                        stays. Sampling: the newest, however old, as often as
 *                        one asks, never waits; ENODATA: none was ever written.
 *                        Queuing: the next one; waits for it, or EAGAIN with
 *                        O_NONBLOCK. EBADMSG: the source has written nonsense;
 *                        what it was in a queue is gone. EFAULT: the buffer is no
 *                        memory; the next read() of this file has what a queue gave
 *  poll()                readable: a message of a queue, or a sampling message
 *                        that this file has not read yet; writable: room
 *
 * A guest that writes into its memory wakes nobody, unless it kicks (see below) and
 * no KVM_IRQFD takes the kick before the module: read() and write() that wait look
 * again each PARTSCHED_PORT_POLL_MS; for poll() give a time-out.
 *
 * A port whose plan is gone, and that the next one has not: ENODEV, and poll()
 * hangs up; what is mapped stays. One that the next plan has as well goes on.
 */
#ifndef _UAPI_LINUX_PARTSCHED_DEVICE_H
#define _UAPI_LINUX_PARTSCHED_DEVICE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include <linux/partsched.h>

#define PARTSCHED_DEVICE	"/dev/partsched/control"
#define PARTSCHED_PORT_DEVICES	"/dev/partsched/"
#define PARTSCHED_PORT_ACK	".ack"
#define PARTSCHED_PORT_POLL_MS	10

/**
 * struct partsched_bind - argument of PARTSCHED_IOC_BIND
 * @name: PartitionName, with its NUL
 *
 * Errors: ENOENT no such partition in force, EBUSY bound already, EINVAL no NUL.
 */
struct partsched_bind {
	char name[PARTSCHED_NAME_MAX];
};

#define PARTSCHED_IOC_MAGIC	0xb7
#define PARTSCHED_IOC_BIND	_IOW(PARTSCHED_IOC_MAGIC, 1, struct partsched_bind)

/**
 * struct partsched_port_status - answer of PARTSCHED_IOC_PORT_STATUS
 * @region_bytes: size of the device, a power of two
 * @refresh_ns: how long a sampling message is valid, 0: for ever
 * @nr_messages: written or sent so far
 * @last_ns: when the newest one was, CLOCK_MONOTONIC, 0: never
 * @age_ns: how long ago that is
 * @overflows: messages that found the queue full
 * @type: enum partsched_port_type
 * @direction: enum partsched_port_direction
 * @max_message: bytes of the longest message
 * @depth: messages that a queue holds, 0: it is none
 * @pending: messages in the queue
 * @validity: enum partsched_validity
 *
 * @nr_messages to @overflows, @pending and @validity are what the parties have
 * written into their memory.
 */
struct partsched_port_status {
	__u64 region_bytes;
	__u64 refresh_ns;
	__u64 nr_messages;
	__u64 last_ns;
	__u64 age_ns;
	__u64 overflows;
	__u32 type;
	__u32 direction;
	__u32 max_message;
	__u32 depth;
	__u32 pending;
	__u32 validity;
};

#define PARTSCHED_IOC_PORT_STATUS \
	_IOR(PARTSCHED_IOC_MAGIC, 2, struct partsched_port_status)

/**
 * struct partsched_port_kick - argument of PARTSCHED_IOC_PORT_KICK
 * @end: source: which destination, 1 to the number of them, in the order of the
 *	plan; destination: 0 or its own
 * @fd: an eventfd of the caller's; comes back: the one to use
 * @mode: zero; comes back: PARTSCHED_KICK_NOW or _WINDOW
 * @pad: zero
 *
 * A kick is an interrupt of the destination's guest that the source's asks for.
 * On the file of a source, open for writing, @fd is to be the doorbell: what
 * KVM_IOEVENTFD signals, or a program writes 1 to. On that of a destination, open
 * for reading, it is what KVM_IRQFD listens to. Who comes first, and whether the
 * other one ever does, is all the same.
 *
 * PARTSCHED_KICK_NOW: both have the same eventfd, that of the one who came first;
 * nobody is in between. PARTSCHED_KICK_WINDOW: there are two, and the module
 * signals the second one when the destination's window opens, before its guest
 * runs, or at once if it is open; however often the doorbell rang, once. A
 * pseudo-partition has no windows: for its ports WINDOW is NOW. A message that a
 * program of the host writes into the source's device kicks by itself.
 *
 * The module keeps each eventfd for as long as it has the channel: whoever comes
 * later, as a launcher that was started again, is given a descriptor of the same.
 * Then @fd is a new one (O_CLOEXEC), and that of the caller's own can be closed;
 * otherwise @fd stays what it was. A plan that says another mode has the module
 * begin anew; who has asked before goes on with what it has.
 *
 * Errors: EOPNOTSUPP: the plan has no kick for this destination. EACCES: the file
 * is not open for what its end does. EBADF, EINVAL: @fd is no descriptor, no
 * eventfd. EINVAL: no such end, a word that is not zero, or the port's second
 * device. ELOOP: a doorbell of PARTSCHED_KICK_WINDOW would be what the module
 * signals as well. ENODEV: no plan has the port any more.
 */
struct partsched_port_kick {
	__u32 end;
	__s32 fd;
	__u32 mode;
	__u32 pad;
};

#define PARTSCHED_IOC_PORT_KICK \
	_IOWR(PARTSCHED_IOC_MAGIC, 3, struct partsched_port_kick)

#endif /* _UAPI_LINUX_PARTSCHED_DEVICE_H */
