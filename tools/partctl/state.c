// SPDX-License-Identifier: GPL-2.0
/*
 * state - what load leaves behind
 */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"

#define LOCK_SECONDS 60

static int fail_path(struct ps_error *error, const char *path)
{
	int err = errno;
	bool rights = err == EACCES || err == EPERM;

	return ps_fail(error, rights ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err, "%s: %s%s", path,
		       strerror(err), rights ? "; loading and unloading need root's rights" : "");
}

int state_lock(struct ps_error *error)
{
	int fd, i;

	/* the mode is exact whatever the umask; an old directory keeps its own */
	if (!mkdir(STATE_DIR, 0755)) {
		if (chmod(STATE_DIR, 0755))
			return fail_path(error, STATE_DIR);
	} else if (errno != EEXIST) {
		return fail_path(error, STATE_DIR);
	}
	fd = open(STATE_DIR "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_path(error, STATE_DIR "/lock");
	for (i = 0; i < LOCK_SECONDS * 10; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;	/* the descriptor stays open: it is the lock */
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		if (i == 20)
			fputs("partctl: another partctl loads or unloads; waiting for it\n",
			      stderr);
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	if (errno == EWOULDBLOCK)
		ps_fail(error, PS_EXIT_REFUSED, EBUSY,
			"another partctl has been loading or unloading for %d s", LOCK_SECONDS);
	else
		fail_path(error, STATE_DIR "/lock");
	close(fd);
	return -1;
}

char *state_path(const char *name, const char *suffix)
{
	return ps_asprintf(STATE_DIR "/%s%s", name ? name : "", suffix);
}

bool state_holds(const char *file)
{
	FILE *a = fopen(STATE_DIR "/system.xml", "re");
	FILE *b = fopen(file, "re");
	int x = 0, y = 0;

	while (a && b && x == y && x != EOF) {
		x = getc(a);
		y = getc(b);
	}
	if (a && (ferror(a) || !b))
		x = 1, y = 2;
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	return a && b && x == y;
}

int state_store(const char *file, struct ps_error *error)
{
	static const char temporary[] = STATE_DIR "/system.xml.new";
	FILE *from = fopen(file, "re"), *to = NULL;
	int c;

	if (!from)
		return fail_path(error, file);
	unlink(temporary);
	to = fopen(temporary, "wxe");
	if (!to) {
		fail_path(error, temporary);
		fclose(from);
		return -1;
	}
	while ((c = getc(from)) != EOF)
		putc(c, to);
	c = ferror(from) || ferror(to);
	fclose(from);
	if (fclose(to) || c || rename(temporary, STATE_DIR "/system.xml"))
		return fail_path(error, STATE_DIR "/system.xml");
	return 0;
}

void state_forget(void)
{
	unlink(STATE_DIR "/system.xml");
}
