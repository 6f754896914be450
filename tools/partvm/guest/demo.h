/* SPDX-License-Identifier: GPL-2.0 */
/*
 * demo - what the guests that show ports share
 */
#ifndef GUEST_DEMO_H
#define GUEST_DEMO_H

#include "port.h"
#include "traffic.h"

/* A message of these guests: a text, and a NUL if there is room. */
#define DEMO_MESSAGE	4096
/* Of a sample, the bytes that hold the text. */
#define DEMO_HEAD	48
/* Shorter messages than this have nothing but the text. */
#define DEMO_TEXT_ONLY	64

/**
 * struct demo_text - a text that is put together
 * @length: bytes, without the NUL
 * @data: NUL-terminated
 */
struct demo_text {
	uint32_t length;
	char data[128];
};

/**
 * demo_add() - append to a text, as much as there is room for
 * @text: the text
 * @more: NUL-terminated
 */
void demo_add(struct demo_text *text, const char *more);

/**
 * demo_add_number() - append a decimal number
 * @text: the text
 * @value: the number
 */
void demo_add_number(struct demo_text *text, uint64_t value);

/**
 * demo_begin() - make the record
 *
 * Return: the record.
 */
volatile struct traffic_record *demo_begin(void);

/**
 * demo_port() - the record of a port
 * @port: an open port
 *
 * Return: its record; that of the last one if it has none.
 */
volatile struct traffic_port *demo_port(const struct guest_port *port);

/**
 * demo_got() - note a message
 * @port: the port's record
 * @number: of the message
 * @time_ns: when it was written
 * @text: the message
 * @length: its bytes
 */
void demo_got(volatile struct traffic_port *port, uint64_t number, uint64_t time_ns,
	      const char *text, uint32_t length);

/**
 * demo_window() - wait for the next window
 * @info: the information page
 *
 * Without a plan, for some time.
 */
void demo_window(const struct partsched_guest_info *info);

/**
 * demo_speaks() - whether to print at a turn: a console is no place for all
 * @turn: from 0
 */
static inline bool demo_speaks(uint64_t turn)
{
	return turn < 8 || !(turn % 256);
}

/**
 * demo_line() - print a line, the partition's name before it
 * @info: the information page
 * @text: the line
 */
void demo_line(const struct partsched_guest_info *info, const struct demo_text *text);

#endif /* GUEST_DEMO_H */
