/* SPDX-License-Identifier: GPL-2.0 */
/*
 * process - which process is it? Numbers are recycled, (number, start) is not
 */
#ifndef PARTCTL_PROCESS_H
#define PARTCTL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * process_start_ticks() - when did a process or thread start?
 * @id: process or thread
 *
 * Return: field 22 of /proc/ID/stat, 0 if there is no such thread or if it is
 * a zombie.
 */
uint64_t process_start_ticks(pid_t id);

/**
 * process_has_thread() - does a thread belong to a process?
 * @pid: process
 * @tid: thread
 *
 * Return: true if it does, now.
 */
bool process_has_thread(pid_t pid, pid_t tid);

/**
 * process_of_thread() - which process does a thread belong to?
 * @tid: thread
 *
 * Return: the process, 0 if there is no such thread.
 */
pid_t process_of_thread(pid_t tid);

#endif /* PARTCTL_PROCESS_H */
