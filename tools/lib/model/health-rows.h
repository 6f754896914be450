/* SPDX-License-Identifier: GPL-2.0 */
/*
 * health-rows - health monitor tables as the module takes them
 *
 * A configuration has the level of an error in one table and its action in
 * others, and numbers its system states as it likes. The module has one row for
 * an error, of one partition or of all, with the states of the partition that it
 * tells apart itself.
 */
#ifndef PS_HEALTH_ROWS_H
#define PS_HEALTH_ROWS_H

#include "model.h"

/**
 * struct ps_health_row - what is done about an error
 * @error: ErrorIdentifier
 * @partition: index of the partition, PS_NONE: of all that have no row of their own
 * @level: who handles it
 * @states: in which states of the partition, bits PS_WHEN_*, at least one
 * @action: what is done
 * @code: what it is to the partition's error handler
 * @line: XML line of the action
 */
struct ps_health_row {
	uint32_t error;
	uint32_t partition;
	enum ps_error_level level;
	uint32_t states;
	enum ps_recovery action;
	enum ps_error_code code;
	int line;
};

/**
 * struct ps_health_source - which error a source finds
 * @source: by PS_HEALTH_SOURCES
 * @error: ErrorIdentifier
 * @line: XML line
 */
struct ps_health_source {
	uint32_t source;
	uint32_t error;
	int line;
};

/**
 * struct ps_health_rows - all of them
 * @list: by partition (of all: last) and error; no two of these speak of one state
 * @nr: number of them; no more than the module takes
 * @sources: by source
 * @nr_sources: number of them
 * @too_many: there are more than the module takes; some are missing
 */
struct ps_health_rows {
	struct ps_health_row *list;
	size_t nr;
	struct ps_health_source *sources;
	size_t nr_sources;
	bool too_many;
};

/**
 * enum ps_health_clash - how two entries speak of one state, and do not agree
 * @PS_CLASH_LEVEL: of the system's table: another level or code
 * @PS_CLASH_ACTION: another action
 * @PS_CLASH_SOURCE: of the system's table: two errors of one source
 */
enum ps_health_clash {
	PS_CLASH_LEVEL,
	PS_CLASH_ACTION,
	PS_CLASH_SOURCE,
};

/**
 * struct ps_health_said - two entries that do not agree
 * @clash: in what
 * @table: the table of the second one
 * @error: ErrorIdentifier of the second one
 * @state: its system state
 * @line: its XML line
 * @first_error: ErrorIdentifier of the first one, which counts
 * @first_line: its XML line
 * @source: of PS_CLASH_SOURCE: by PS_HEALTH_SOURCES
 */
struct ps_health_said {
	enum ps_health_clash clash;
	const struct ps_health_table *table;
	uint32_t error;
	uint32_t state;
	int line;
	uint32_t first_error;
	int first_line;
	uint32_t source;
};

/**
 * typedef ps_health_tell_fn - called for entries that do not agree
 * @said: the entries
 * @arg: the caller's
 */
typedef void (*ps_health_tell_fn)(const struct ps_health_said *said, void *arg);

/**
 * ps_health_rows() - turn the tables of a model into rows
 * @model: the model
 * @rows: receives them; to be given to ps_health_rows_free()
 * @tell: hears of entries that do not agree, or NULL
 * @arg: its argument
 *
 * What is said first counts. An error without an action has no row: what is done
 * about it is the module's default.
 */
void ps_health_rows(const struct ps_model *model, struct ps_health_rows *rows,
		    ps_health_tell_fn tell, void *arg);

/**
 * ps_health_rows_free() - free what they hold
 * @rows: the rows
 */
void ps_health_rows_free(struct ps_health_rows *rows);

#endif /* PS_HEALTH_ROWS_H */
