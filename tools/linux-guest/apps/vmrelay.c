// SPDX-License-Identifier: GPL-2.0
/*
 * vmrelay - hands on each word of a queue in another one, in order, and none twice
 *
 * vmrelay: from port "words", where the lean guest talker sends "word 1", "word 2"
 * and so on, to port "echo", as "word 1 by Linux". It says so if a word is missing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "partsched-port.h"

#define ME "vmrelay"

/* Told of each of the first ones, then of every so many. */
#define FIRST		8
#define EVERY		64
/* If a kick is lost, which none should be: look all the same. */
#define PATIENCE_MS	60000
/* How soon a queue that is full is looked at again: its reader's kick is not ours. */
#define FULL_NS		1000000

static void open_port(struct partsched_port *port, const char *name)
{
	int ret = partsched_port_open(port, name);

	if (ret) {
		printf(ME ": cannot open %s: %s\n", name, strerror(-ret));
		exit(1);
	}
	printf(ME ": %s is %s\n", name, port->path);
}

/* The number of a word; 0: it is none. */
static unsigned long number_of(char *text, size_t length)
{
	text[length] = '\0';
	return strncmp(text, "word ", 5) ? 0 : strtoul(text + 5, NULL, 10);
}

static int hand_on(struct partsched_port *echo, unsigned long number)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "word %lu by Linux", number), ret;

	while ((ret = partsched_port_put(echo, text, (size_t)length)) ==
	       PARTSCHED_GUEST_NOT_AVAILABLE)
		nanosleep(&(struct timespec){ .tv_nsec = FULL_NS }, NULL);
	return ret;
}

int main(void)
{
	struct partsched_channel_message message;
	struct partsched_port words, echo;
	unsigned long last = 0, number;
	static char buffer[4096 + 1];
	bool owes = false;
	int ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	open_port(&words, "words");
	open_port(&echo, "echo");
	if (words.page->max_message > sizeof(buffer) - 1) {
		puts(ME ": words are too long");
		return 1;
	}
	for (;;) {
		ret = partsched_port_get(&words, buffer, &message);
		if (ret == PARTSCHED_GUEST_NOT_AVAILABLE) {
			/* once for all that there were */
			if (owes)
				partsched_port_kick(&echo);
			owes = false;
			ret = partsched_port_wait(&words, PATIENCE_MS);
			if (ret < 0) {
				printf(ME ": kick: %s\n", strerror(-ret));
				return 1;
			}
			if (!ret)
				puts(ME ": nothing came");
			continue;
		}
		number = ret ? 0 : number_of(buffer, message.length);
		if (!number) {
			printf(ME ": nonsense: status %d\n", ret);
			continue;
		}
		if (last && number != last + 1)
			printf(ME ": word %lu is missing\n", last + 1);
		last = number;
		ret = hand_on(&echo, number);
		if (ret) {
			printf(ME ": word %lu is refused: status %d\n", number, ret);
			return 1;
		}
		owes = true;
		if (number <= FIRST || !(number % EVERY))
			printf(ME ": word %lu\n", number);
	}
}
