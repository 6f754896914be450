// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "error.h"

static char prefix[160];

void report_name(const char *name)
{
	char safe[128];

	snprintf(prefix, sizeof(prefix), "%s: ", ps_escape(safe, sizeof(safe), name));
}

/*
 * One write a message, so that lines of several partvms do not mix in one log, and
 * without stdio, whose lock a vCPU thread might hold while the plan has stopped it.
 */
static void print(const char *kind, const char *fmt, va_list args)
{
	char text[1024], line[1280];
	ssize_t ret;
	int len;

	vsnprintf(text, sizeof(text), fmt, args);
	len = snprintf(line, sizeof(line), "partvm: %s%s%s\n", prefix, kind, text);
	ret = write(STDERR_FILENO, line, len);
	/* there is nobody else to tell */
	(void)ret;
}

void report_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print("", fmt, args);
	va_end(args);
}

void report_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print("warning: ", fmt, args);
	va_end(args);
}
