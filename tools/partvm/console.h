/* SPDX-License-Identifier: GPL-2.0 */
/*
 * console - what the guest prints
 *
 * A ring per vCPU, filled by the vCPU thread alone and emptied by one writer
 * thread alone: no lock. A vCPU thread may be stopped by the plan at any
 * instruction, for any time; nobody may wait for what it holds. Nor does it
 * ever wait for a slow reader: what does not fit into its ring is counted.
 */
#ifndef PARTVM_CONSOLE_H
#define PARTVM_CONSOLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct console_ring - bytes of one vCPU
 * @data: the bytes, console.ring_size of them
 * @head: bytes ever put in; the vCPU thread's
 * @lost: bytes that found the ring full; the vCPU thread's
 * @tail: bytes ever taken out; the writer's
 * @seen: @head as it was when the writer last looked; the writer's
 * @waits: for how long it has been that; the writer's
 */
struct console_ring {
	uint8_t *data;
	_Alignas(64) _Atomic uint64_t head;
	_Atomic uint64_t lost;
	_Alignas(64) _Atomic uint64_t tail;
	uint64_t seen;
	unsigned int waits;
};

/**
 * struct console - the console
 * @fd: where it goes
 * @name: of that, for messages
 * @wake_fd: eventfd that wakes the writer
 * @ring: one a vCPU
 * @nr_rings: number of them
 * @ring_size: bytes in each, a power of two
 * @asleep: the writer sleeps or is about to
 * @closing: write what is there, then end
 * @error: errno that ended the output, 0 for none
 * @written: bytes written so far
 * @writer: the thread
 * @started: @writer runs
 */
struct console {
	int fd;
	const char *name;
	int wake_fd;
	struct console_ring *ring;
	uint32_t nr_rings;
	uint64_t ring_size;
	atomic_bool asleep;
	atomic_bool closing;
	atomic_int error;
	_Atomic uint64_t written;
	pthread_t writer;
	bool started;
};

/**
 * console_open() - open the output and make the rings
 * @console: zeroed object
 * @path: file to append to, or NULL for standard output
 * @nr_vcpus: number of rings
 *
 * Return: 0, or -1 with a message printed.
 */
int console_open(struct console *console, const char *path, uint32_t nr_vcpus);

/**
 * console_start() - start the writer
 * @console: the console
 *
 * Return: 0, or -1 with a message printed.
 */
int console_start(struct console *console);

/**
 * console_put() - the guest printed a byte
 * @console: the console
 * @vcpu: index of the vCPU; only its own thread may call
 * @byte: the byte
 *
 * Never waits. Wakes the writer by a system call only when it is asleep.
 */
void console_put(struct console *console, uint32_t vcpu, uint8_t byte);

/**
 * console_finish() - write all that is left and stop the writer
 * @console: the console; no vCPU thread puts any more
 *
 * Waits as long as the reader takes bytes, and gives up on one that took none
 * for some seconds. Reports what was lost.
 */
void console_finish(struct console *console);

#endif /* PARTVM_CONSOLE_H */
