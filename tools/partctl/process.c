// SPDX-License-Identifier: GPL-2.0
/*
 * process - which process is it?
 */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t process_start_ticks(pid_t id)
{
	char path[64], line[1024], *s;
	int field;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)id);
	file = fopen(path, "re");
	if (!file)
		return 0;
	s = fgets(line, sizeof(line), file);
	fclose(file);
	/* the name may hold blanks and brackets: count from the last bracket */
	s = s ? strrchr(s, ')') : NULL;
	if (!s || s[1] != ' ' || s[2] == 'Z' || s[2] == 'X')
		return 0;
	for (field = 2; s && field < 22; field++)
		s = strchr(s + 1, ' ');
	return s ? strtoull(s + 1, NULL, 10) : 0;
}

bool process_has_thread(pid_t pid, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)pid, (int)tid);
	return !access(path, F_OK);
}

pid_t process_of_thread(pid_t tid)
{
	char path[64], line[256];
	int pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file) && sscanf(line, "Tgid: %d", &pid) != 1)
		;
	fclose(file);
	return pid;
}
