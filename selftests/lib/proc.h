/* SPDX-License-Identifier: GPL-2.0 */
/*
 * proc - what /proc says of a thread, and small files
 */
#ifndef TEST_PROC_H
#define TEST_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* of include/linux/sched.h: users may not change its mask */
#define PROC_NO_SETAFFINITY	0x04000000

/**
 * struct proc_task - a thread
 * @comm: its name
 * @state: R, S, D, T, t, Z, X
 * @flags: PF_*
 * @cpu: where it ran last
 * @priority: real-time priority
 * @policy: SCHED_*
 * @start_ticks: when it started
 */
struct proc_task {
	char comm[16];
	char state;
	uint32_t flags;
	int cpu;
	int priority;
	int policy;
	uint64_t start_ticks;
};

/**
 * proc_task() - read a thread
 * @tid: the thread
 * @task: filled in
 *
 * Return: false if there is no such thread.
 */
bool proc_task(pid_t tid, struct proc_task *task);

/**
 * proc_state() - a thread's state
 * @tid: the thread
 *
 * Return: its letter, 0 when it is gone.
 */
char proc_state(pid_t tid);

/**
 * proc_find() - find a thread of a process by name
 * @pid: the process
 * @comm: beginning of the name
 *
 * Return: the thread, 0 when there is none.
 */
pid_t proc_find(pid_t pid, const char *comm);

/**
 * proc_find_any() - find a process or kernel thread by name
 * @comm: the name
 *
 * Return: it, 0 when there is none.
 */
pid_t proc_find_any(const char *comm);

/**
 * proc_only_cpu() - where a thread may run
 * @tid: the thread
 *
 * Return: the only CPU of its mask, -1 when it has several or is gone.
 */
int proc_only_cpu(pid_t tid);

/**
 * proc_runtime_ns() - how long a thread has been on a CPU
 * @tid: the thread
 *
 * Return: nanoseconds, 0 when it is gone.
 */
uint64_t proc_runtime_ns(pid_t tid);

/**
 * proc_field() - a number of /proc/TID/status
 * @tid: the thread
 * @name: the field with its colon
 *
 * Return: the number, -1 when there is none.
 */
long proc_field(pid_t tid, const char *name);

/**
 * file_write() - write a string to a file that exists
 * @path: the file
 * @text: what
 *
 * Return: 0 or a negative errno.
 */
int file_write(const char *path, const char *text);

/**
 * file_read() - read the beginning of a file
 * @path: the file
 * @text: filled in, NUL-terminated
 * @size: bytes of @text
 *
 * Return: bytes read, or a negative errno.
 */
int file_read(const char *path, char *text, size_t size);

#endif /* TEST_PROC_H */
