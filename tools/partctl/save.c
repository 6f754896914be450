// SPDX-License-Identifier: GPL-2.0
/*
 * save - a configuration put into a file, whole or not at all
 */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

char *save_text(const struct ps_model *model, enum ps_dialect dialect, unsigned int flags,
		struct ps_findings *findings)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out || ps_xml_write(out, model, dialect, flags, findings) || fclose(out)) {
		fputs("partctl: out of memory\n", stderr);
		exit(PS_EXIT_REFUSED);
	}
	ps_findings_sort(findings);
	return text;
}

static char *real_dir(const char *path)
{
	char *copy = ps_strdup(path);
	char *real = realpath(dirname(copy), NULL);

	free(copy);
	return real;
}

bool save_beside(const char *a, const char *b)
{
	char *x = real_dir(a), *y = real_dir(b);
	bool same = x && y && !strcmp(x, y);

	free(x);
	free(y);
	return same;
}

static int fail(struct ps_error *error, const char *path)
{
	int err = errno;

	return ps_fail(error, err == EACCES || err == EPERM ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED,
		       err, "%s: %s", PS_SAFE(path), strerror(err));
}

/* Write and close; 0, or the errno of the first failure. */
static int put(FILE *file, const char *text, bool sync)
{
	int err = 0;

	errno = EIO;
	if (fputs(text, file) == EOF || fflush(file) || (sync && fsync(fileno(file))))
		err = errno;
	if (fclose(file) && !err)
		err = errno;
	return err;
}

/* @old: what is replaced, NULL if there is nothing yet. */
static int replace(const char *path, const struct stat *old, mode_t mode, const char *text,
		   struct ps_error *error)
{
	char *temporary = ps_asprintf("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC), err = 0, rc = 0;
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!file) {
		rc = fail(error, temporary);
		if (fd >= 0) {
			close(fd);
			unlink(temporary);
		}
		free(temporary);
		return rc;
	}
	/* another's file stays his if we may; before the mode, which chown may cut */
	if (old && (old->st_uid != geteuid() || old->st_gid != getegid()) &&
	    fchown(fd, old->st_uid, old->st_gid))
		mode &= 0777;
	if (fchmod(fd, mode))
		err = errno;
	rc = put(file, text, true);
	errno = err ? err : rc;
	if (errno || rename(temporary, path)) {
		rc = fail(error, path);
		unlink(temporary);
	}
	free(temporary);
	return rc;
}

int save_file(const char *path, const char *text, struct ps_error *error)
{
	mode_t mask = umask(0), mode = 0666 & ~mask;
	struct stat st;
	char *real;
	bool there;
	FILE *file;
	int rc;

	umask(mask);
	if (!path) {
		if (fputs(text, stdout) == EOF || fflush(stdout))
			return fail(error, "standard output");
		return 0;
	}
	there = !stat(path, &st);
	if (there && !S_ISREG(st.st_mode)) {
		file = fopen(path, "we");
		errno = file ? put(file, text, false) : errno;
		return errno ? fail(error, path) : 0;
	}
	if (there)
		mode = st.st_mode & 07777;
	/* what a link leads to is replaced, not the link */
	real = realpath(path, NULL);
	rc = replace(real ? real : path, there ? &st : NULL, mode, text, error);
	free(real);
	return rc;
}
