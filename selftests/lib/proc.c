// SPDX-License-Identifier: GPL-2.0
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

bool proc_task(pid_t tid, struct proc_task *task)
{
	char path[64], text[1024], *name, *field, *save;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (file_read(path, text, sizeof(text)) <= 0)
		return false;
	/* the name may hold blanks and brackets: the last one ends it */
	name = strchr(text, '(');
	field = strrchr(text, ')');
	if (!name || !field)
		return false;
	*task = (struct proc_task){ 0 };
	*field++ = '\0';
	snprintf(task->comm, sizeof(task->comm), "%.15s", name + 1);
	field = strtok_r(field, " ", &save);
	for (int i = 3; field; i++, field = strtok_r(NULL, " ", &save)) {
		switch (i) {
		case 3:
			task->state = *field;
			break;
		case 9:
			task->flags = strtoul(field, NULL, 10);
			break;
		case 22:
			task->start_ticks = strtoull(field, NULL, 10);
			break;
		case 39:
			task->cpu = atoi(field);
			break;
		case 40:
			task->priority = atoi(field);
			break;
		case 41:
			task->policy = atoi(field);
			break;
		}
	}
	return true;
}

char proc_state(pid_t tid)
{
	struct proc_task task;

	return proc_task(tid, &task) ? task.state : 0;
}

static pid_t find_in(const char *dir, const char *comm, bool whole)
{
	struct proc_task task;
	struct dirent *entry;
	DIR *list = opendir(dir);
	pid_t found = 0;

	while (list && !found && (entry = readdir(list))) {
		if (!isdigit(entry->d_name[0]) || !proc_task(atoi(entry->d_name), &task))
			continue;
		if (whole ? !strcmp(task.comm, comm) : !strncmp(task.comm, comm, strlen(comm)))
			found = atoi(entry->d_name);
	}
	if (list)
		closedir(list);
	return found;
}

pid_t proc_find(pid_t pid, const char *comm)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "/proc/%d/task", pid);
	return find_in(dir, comm, false);
}

pid_t proc_find_any(const char *comm)
{
	return find_in("/proc", comm, true);
}

int proc_only_cpu(pid_t tid)
{
	cpu_set_t set;

	if (sched_getaffinity(tid, sizeof(set), &set) || CPU_COUNT(&set) != 1)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			return cpu;
	return -1;
}

uint64_t proc_runtime_ns(pid_t tid)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
	if (file_read(path, text, sizeof(text)) <= 0)
		return 0;
	return strtoull(text, NULL, 10);
}

long proc_field(pid_t tid, const char *name)
{
	char path[64], text[4096], *at;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (file_read(path, text, sizeof(text)) <= 0)
		return -1;
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, 0) : -1;
}
