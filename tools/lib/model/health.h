/* SPDX-License-Identifier: GPL-2.0 */
/*
 * health - health monitor tables: which error has which level and action
 *
 * As a configuration has them; health-rows turns them into what the module takes.
 */
#ifndef PS_HEALTH_H
#define PS_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum ps_health_kind - whose table it is
 * @PS_HEALTH_SYSTEM: levels (and codes) of all errors, a state at a time
 * @PS_HEALTH_MODULE: actions for errors of module level
 * @PS_HEALTH_MULTI: the same for a group of partitions (2015)
 * @PS_HEALTH_PARTITION: actions for errors of partition level
 */
enum ps_health_kind {
	PS_HEALTH_SYSTEM,
	PS_HEALTH_MODULE,
	PS_HEALTH_MULTI,
	PS_HEALTH_PARTITION,
};

/**
 * enum ps_error_level - who handles an error (ARINC 653)
 * @PS_ERROR_MODULE: the module
 * @PS_ERROR_PARTITION: the partition's table
 * @PS_ERROR_PROCESS: the partition's own error handler
 */
enum ps_error_level {
	PS_ERROR_MODULE,
	PS_ERROR_PARTITION,
	PS_ERROR_PROCESS,
};

/**
 * enum ps_error_code - what a process-level error is (ARINC 653)
 * @PS_CODE_NONE: not given
 * @PS_CODE_DEADLINE_MISSED: and so on, by ARINC's names
 */
enum ps_error_code {
	PS_CODE_NONE,
	PS_CODE_DEADLINE_MISSED,
	PS_CODE_APPLICATION_ERROR,
	PS_CODE_NUMERIC_ERROR,
	PS_CODE_ILLEGAL_REQUEST,
	PS_CODE_STACK_OVERFLOW,
	PS_CODE_MEMORY_VIOLATION,
	PS_CODE_HARDWARE_FAULT,
	PS_CODE_POWER_FAILURE,
};

/**
 * enum ps_recovery - what is done about an error
 * @PS_RECOVERY_NONE: not given
 * @PS_RECOVERY_IGNORE: nothing
 * @PS_RECOVERY_SHUTDOWN: the module stops
 * @PS_RECOVERY_RESET: the module starts again
 * @PS_RECOVERY_IDLE: the partition becomes idle
 * @PS_RECOVERY_WARM_START: it starts again, memory kept
 * @PS_RECOVERY_COLD_START: it starts again, memory cleared
 */
enum ps_recovery {
	PS_RECOVERY_NONE,
	PS_RECOVERY_IGNORE,
	PS_RECOVERY_SHUTDOWN,
	PS_RECOVERY_RESET,
	PS_RECOVERY_IDLE,
	PS_RECOVERY_WARM_START,
	PS_RECOVERY_COLD_START,
};

/*
 * Who finds an error: words of a configuration; a bit of ps_health_entry.sources
 * each, by the module's numbers (enum partsched_error_source).
 */
#define PS_HEALTH_SOURCES(S) \
	S(1, "overrun") \
	S(2, "missed") \
	S(3, "steal") \
	S(4, "launcher") \
	S(5, "shutdown") \
	S(6, "kvm") \
	S(7, "memory") \
	S(8, "readonly") \
	S(9, "service") \
	S(10, "application") \
	S(11, "start")

/* States of a partition, as the module tells them apart; bits of ps_health_entry.when. */
#define PS_WHEN_IDLE	1U
#define PS_WHEN_START	2U
#define PS_WHEN_NORMAL	4U
#define PS_WHEN_ALL	7U

/**
 * struct ps_health_entry - one error in one state
 * @error: ErrorIdentifier
 * @state: SystemState, if @has_state
 * @has_state: the table has states
 * @description: Description, or NULL
 * @state_description: Description of the state, or NULL
 * @level: level; system table only
 * @level_implied: the file does not say it: tables of any level may act on it
 * @code: code; process-level errors of the system table only
 * @action: action; all other tables
 * @sources: system table only: who finds it, bits by PS_HEALTH_SOURCES
 * @when: in which states of a partition, bits PS_WHEN_*; 0: in all
 * @line: XML line
 */
struct ps_health_entry {
	uint32_t error;
	uint32_t state;
	bool has_state;
	char *description;
	char *state_description;
	enum ps_error_level level;
	bool level_implied;
	enum ps_error_code code;
	enum ps_recovery action;
	uint32_t sources;
	uint32_t when;
	int line;
};

/**
 * struct ps_health_table - a table
 * @kind: whose
 * @partition: PS_HEALTH_PARTITION: index of the partition, or PS_NONE
 * @name: name of the table, or NULL
 * @callback: ModuleCallback or PartitionCallback, or NULL
 * @members: PS_HEALTH_MULTI: indices of the partitions
 * @nr_members: number of them
 * @entries: errors
 * @nr_entries: number of them
 * @line: XML line
 */
struct ps_health_table {
	enum ps_health_kind kind;
	uint32_t partition;
	char *name;
	char *callback;
	uint32_t *members;
	size_t nr_members;
	struct ps_health_entry *entries;
	size_t nr_entries;
	int line;
};

/**
 * ps_health_add() - append a zeroed entry
 * @table: the table
 *
 * Return: the entry.
 */
struct ps_health_entry *ps_health_add(struct ps_health_table *table);

/**
 * ps_health_free() - free what a table holds
 * @table: the table; not freed itself
 */
void ps_health_free(struct ps_health_table *table);

#endif /* PS_HEALTH_H */
