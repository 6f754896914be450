/* SPDX-License-Identifier: GPL-2.0 */
/*
 * write-priv - shared by the files that write dialects
 *
 * One place decides for each thing that is written: it is a word of the
 * standard, or one of our own namespace, or it is lost and that is told.
 * Attributes are written between ps_write_open() and the next element.
 */
#ifndef PS_WRITE_PRIV_H
#define PS_WRITE_PRIV_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libxml/xmlwriter.h>

#include "dialect.h"
#include "findings.h"
#include "model.h"
#include "xml.h"

/* A number as text that lives until the block ends. */
#define PS_DECIMAL(value) ps_write_decimal((char[24]){ 0 }, 24, value)

/**
 * struct ps_writer - what goes through the writing of one file
 * @xml: where to
 * @model: what is written
 * @dialect: in which words
 * @flags: PS_WRITE_*
 * @findings: where losses are told; NULL: nowhere
 * @own_used: something of our namespace was written
 */
struct ps_writer {
	xmlTextWriter *xml;
	const struct ps_model *model;
	enum ps_dialect dialect;
	unsigned int flags;
	struct ps_findings *findings;
	bool own_used;
};

/**
 * struct ps_subject - what a loss is about
 * @line: line of the original
 * @object: 'partition "a"'
 */
struct ps_subject {
	int line;
	char object[300];
};

/**
 * ps_subject() - name an object for findings
 * @line: its line
 * @fmt: its name, printf style; names must have been made safe
 *
 * Return: the subject.
 */
struct ps_subject ps_subject(int line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* the same for the objects that there are */
struct ps_subject ps_subject_partition(const struct ps_partition *p);
struct ps_subject ps_subject_schedule(const struct ps_schedule *s);
struct ps_subject ps_subject_channel(const struct ps_model *model, size_t channel);

/**
 * ps_write_decimal() - a number as text
 * @buf: receives it
 * @size: bytes in @buf, at least 21
 * @value: the number
 *
 * Return: @buf.
 */
char *ps_write_decimal(char *buf, size_t size, uint64_t value);

/**
 * ps_write_native() - is the dialect our own?
 * @w: the writer
 *
 * Return: true if it is.
 */
bool ps_write_native(const struct ps_writer *w);

/**
 * ps_write_pure() - must our namespace not be used?
 * @w: the writer
 *
 * Return: true if it must not; never for the native dialect.
 */
bool ps_write_pure(const struct ps_writer *w);

/**
 * ps_write_lost() - tell that the target cannot say something
 * @w: the writer
 * @subject: what it is about
 * @seen: what a reader of the target will see instead, or NULL
 * @fmt: what is lost, printf style; names must have been made safe
 */
void ps_write_lost(const struct ps_writer *w, const struct ps_subject *subject, const char *seen,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * ps_write_open() - begin an element of the dialect
 * @w: the writer
 * @name: its name
 */
void ps_write_open(struct ps_writer *w, const char *name);

/**
 * ps_write_open_own() - begin an element of our namespace
 * @w: the writer; not pure
 * @name: its name; attributes in it are written as those of the dialect
 */
void ps_write_open_own(struct ps_writer *w, const char *name);

/**
 * ps_write_close() - end the element
 * @w: the writer
 */
void ps_write_close(struct ps_writer *w);

/**
 * ps_write_text() - an attribute of the dialect
 * @w: the writer
 * @name: its name
 * @text: its value; NULL: it is not written. Text that XML cannot hold is
 *	told as lost
 */
void ps_write_text(struct ps_writer *w, const char *name, const char *text);

/* the same for other types; times in nanoseconds, and in seconds */
void ps_write_u64(struct ps_writer *w, const char *name, uint64_t value);
void ps_write_seconds(struct ps_writer *w, const char *name, uint64_t ns);

/**
 * ps_write_true() - a boolean attribute of the dialect
 * @w: the writer
 * @name: its name
 * @value: only true is written
 */
void ps_write_true(struct ps_writer *w, const char *name, bool value);

/**
 * ps_write_own() - an attribute that may be of our namespace
 * @w: the writer
 * @subject: what it is about
 * @own: it is of our namespace in this dialect; otherwise as ps_write_text()
 * @name: its name
 * @text: its value; NULL: it is not written
 * @seen: what a reader sees where it cannot be written
 */
void ps_write_own(struct ps_writer *w, const struct ps_subject *subject, bool own,
		  const char *name, const char *text, const char *seen);

/**
 * ps_write_root() - begin the root
 * @w: the writer
 */
void ps_write_root(struct ps_writer *w);

/**
 * ps_write_plan() - attributes of the root that are our own everywhere
 * @w: the writer
 */
void ps_write_plan(struct ps_writer *w);

/**
 * ps_write_guest() - attributes of a partition that say what runs in it
 * @w: the writer
 * @p: the partition
 */
void ps_write_guest(struct ps_writer *w, const struct ps_partition *p);

/**
 * ps_write_vcpus() - vCPUs of a partition as elements Vcpu
 * @w: the writer; not pure
 * @p: the partition
 */
void ps_write_vcpus(struct ps_writer *w, const struct ps_partition *p);

/**
 * ps_write_networks() - the virtual networks
 * @w: the writer
 */
void ps_write_networks(struct ps_writer *w);

/**
 * ps_write_nics() - the network interfaces of a partition
 * @w: the writer
 * @p: the partition
 */
void ps_write_nics(struct ps_writer *w, const struct ps_partition *p);

/**
 * ps_write_guard() - the guard of a schedule
 * @w: the writer
 * @s: the schedule
 */
void ps_write_guard(struct ps_writer *w, const struct ps_schedule *s);

/**
 * ps_write_window_place() - vCPU and CPU of a window
 * @w: the writer
 * @s: its schedule
 * @window: the window
 */
void ps_write_window_place(struct ps_writer *w, const struct ps_schedule *s,
			   const struct ps_window *window);

/**
 * ps_write_health_words() - what an entry of a health monitor table says
 * @w: the writer
 * @subject: the entry, for what is lost
 * @kind: of its table
 * @entry: the entry
 * @action: name of the attribute with the action
 */
void ps_write_health_words(struct ps_writer *w, const struct ps_subject *subject,
			   enum ps_health_kind kind, const struct ps_health_entry *entry,
			   const char *action);

/**
 * ps_write_windows_ns() - time that a schedule gives a partition in a frame
 * @model: the model
 * @s: the schedule
 * @partition: index of the partition
 *
 * Return: nanoseconds that each of its vCPUs with windows gets at least; 0 if
 * there is no window.
 */
uint64_t ps_write_windows_ns(const struct ps_model *model, const struct ps_schedule *s,
			     size_t partition);

/**
 * ps_write_word() - the word for a value
 * @words: those of the dialects' tables
 * @value: the value
 *
 * Return: the proper word, or NULL if there is none: the value is "not said".
 */
const char *ps_write_word(const struct ps_word *words, unsigned int value);

/**
 * ps_write_kick() - the word for a kick
 * @kick: the value
 *
 * Return: the word, or NULL for the default.
 */
const char *ps_write_kick(enum ps_kick kick);

/* the dialects, in their own files; the document is begun and ended by the caller */
void ps_write_part1(struct ps_writer *w);
void ps_write_2015(struct ps_writer *w);

#endif /* PS_WRITE_PRIV_H */
