// SPDX-License-Identifier: GPL-2.0
/*
 * error - filling a failure; names made safe for a terminal
 */
#include "error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int ps_fail(struct ps_error *error, enum ps_exit exit, int err, const char *fmt, ...)
{
	va_list ap;

	if (!error)
		return -1;
	error->exit = exit;
	error->err = err;
	error->attr = 0;
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* Length of the printable UTF-8 character at @s, 0 if it must be escaped. */
static size_t printable(const unsigned char *s)
{
	uint32_t code, least;
	size_t len, i;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if ((s[0] & 0xe0) == 0xc0) {
		len = 2;
		code = s[0] & 0x1f;
		least = 0xa0;		/* below: C1 controls and overlong forms */
	} else if ((s[0] & 0xf0) == 0xe0) {
		len = 3;
		code = s[0] & 0x0f;
		least = 0x800;
	} else if ((s[0] & 0xf8) == 0xf0) {
		len = 4;
		code = s[0] & 0x07;
		least = 0x10000;
	} else {
		return 0;
	}
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	/* line separators and the marks that reverse the writing direction */
	if ((code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
		return 0;
	if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return len;
}

char *ps_escape(char *buf, size_t size, const char *name)
{
	const unsigned char *s = (const unsigned char *)(name ? name : "?");
	size_t used = 0, len;

	while (*s) {
		len = printable(s);
		if (used + (len ? len : 4) + 4 > size) {
			memcpy(buf + used, "...", 3);
			used += 3;
			break;
		}
		if (len) {
			memcpy(buf + used, s, len);
			used += len;
			s += len;
		} else {
			used += (size_t)snprintf(buf + used, size - used, "\\x%02x", *s++);
		}
	}
	buf[used] = '\0';
	return buf;
}
