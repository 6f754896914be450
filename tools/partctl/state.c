// SPDX-License-Identifier: GPL-2.0
/*
 * state - what load leaves behind
 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "process.h"
#include "save.h"
#include "xml.h"

#define LOCK_SECONDS 60
#define SYSTEM STATE_DIR "/system.xml"

static int fail_path(struct ps_error *error, const char *path)
{
	int err = errno;
	bool rights = err == EACCES || err == EPERM;

	return ps_fail(error, rights ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err, "%s: %s%s", path,
		       strerror(err), rights ? "; loading and unloading need root's rights" : "");
}

/* The descriptor is the lock. */
static int lock_fd = -1;

int state_dir(struct ps_error *error)
{
	/* the mode is exact whatever the umask; an old directory keeps its own */
	if (!mkdir(STATE_DIR, 0755)) {
		if (chmod(STATE_DIR, 0755))
			return fail_path(error, STATE_DIR);
	} else if (errno != EEXIST) {
		return fail_path(error, STATE_DIR);
	}
	return 0;
}

int state_try_lock(struct ps_error *error)
{
	int fd;

	if (state_dir(error))
		return -1;
	fd = open(STATE_DIR "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_path(error, STATE_DIR "/lock");
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		fail_path(error, STATE_DIR "/lock");
		close(fd);
		return -1;
	}
	lock_fd = fd;
	return 0;
}

void state_unlock(void)
{
	close(lock_fd);
	lock_fd = -1;
}

bool state_locked(void)
{
	return lock_fd >= 0;
}

int state_lock(struct ps_error *error)
{
	int fd, i;

	if (state_dir(error))
		return -1;
	fd = open(STATE_DIR "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_path(error, STATE_DIR "/lock");
	for (i = 0; i < LOCK_SECONDS * 10; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB)) {
			lock_fd = fd;
			return 0;
		}
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

int state_record(const char *path, const char *text, struct ps_error *error)
{
	char *temporary = ps_asprintf("%s.tmp", path);
	int failed, rc = 0;
	FILE *file;

	unlink(temporary);
	file = fopen(temporary, "wxe");
	failed = !file || fputs(text, file) == EOF;
	if (file)
		failed |= fclose(file);
	if (failed || rename(temporary, path)) {
		rc = fail_path(error, path);
		unlink(temporary);
	}
	free(temporary);
	return rc;
}

int state_record_process(const char *path, pid_t pid, struct ps_error *error)
{
	char *text = ps_asprintf("%d %" PRIu64 "\n", (int)pid, process_start_ticks(pid));
	int rc = state_record(path, text, error);

	free(text);
	return rc;
}

pid_t state_process(const char *path)
{
	uint64_t ticks = 0;
	FILE *file = fopen(path, "re");
	int pid = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%d %" SCNu64, &pid, &ticks) != 2 || pid < 1 ||
	    process_start_ticks(pid) != ticks)
		pid = 0;
	fclose(file);
	return pid;
}

char *state_text(const struct ps_model *model)
{
	struct ps_findings lost;
	char *text;

	ps_findings_init(&lost, SYSTEM);
	text = save_text(model, PS_DIALECT_NATIVE, PS_WRITE_ABSOLUTE, &lost);
	ps_findings_free(&lost);
	return text;
}

bool state_holds(const char *text)
{
	FILE *file = fopen(SYSTEM, "re");
	const char *at = text;
	int c = EOF;

	if (!file)
		return false;
	while ((c = getc(file)) != EOF && *at && c == (unsigned char)*at)
		at++;
	if (ferror(file))
		c = 0;
	fclose(file);
	return c == EOF && !*at;
}

int state_store(const char *text, struct ps_error *error)
{
	static const char temporary[] = SYSTEM ".new";
	FILE *file;
	int failed;

	unlink(temporary);
	file = fopen(temporary, "wxe");
	if (!file)
		return fail_path(error, temporary);
	failed = fputs(text, file) == EOF;
	if (fclose(file) || failed || rename(temporary, SYSTEM))
		return fail_path(error, SYSTEM);
	return 0;
}

struct ps_model *state_model(void)
{
	struct ps_findings findings;
	struct ps_model *model;

	ps_findings_init(&findings, SYSTEM);
	model = ps_xml_check(SYSTEM, PS_CHECK_NO_SLACK | PS_CHECK_NO_FILES, NULL, &findings);
	if (findings.errors) {
		ps_model_free(model);
		model = NULL;
	}
	ps_findings_free(&findings);
	return model;
}

static int is_new(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && !strcmp(dot, ".new") &&
	       strcmp(entry->d_name, "system.xml.new");
}

void state_forget_new(void)
{
	struct dirent **entries;
	int nr = scandir(STATE_DIR, &entries, is_new, NULL), i;

	for (i = 0; i < nr; i++) {
		char *path = state_path(NULL, entries[i]->d_name);

		unlink(path);
		free(path);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

void state_forget(void)
{
	state_forget_new();
	unlink(SYSTEM);
}
