// SPDX-License-Identifier: GPL-2.0
/*
 * alloc - memory that is there or ends the program
 */
#include "alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static void *must(void *p)
{
	if (!p) {
		fputs("partsched tools: out of memory\n", stderr);
		exit(PS_EXIT_REFUSED);
	}
	return p;
}

void *ps_calloc(size_t nr, size_t size)
{
	return must(calloc(nr ? nr : 1, size));
}

void *ps_grow(void *array, size_t *nr, size_t size)
{
	char *p;

	memcpy(&p, array, sizeof(p));

	/* capacity is the next power of two, so it need not be stored */
	if ((*nr & (*nr - 1)) == 0) {
		size_t room = *nr ? *nr * 2 : 1;

		if (room > SIZE_MAX / size)
			must(NULL);
		p = must(realloc(p, room * size));
		memcpy(array, &p, sizeof(p));
	}
	p += *nr * size;
	memset(p, 0, size);
	(*nr)++;
	return p;
}

char *ps_strdup(const char *s)
{
	return s ? must(strdup(s)) : NULL;
}

char *ps_asprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	return must(len < 0 ? NULL : s);
}
