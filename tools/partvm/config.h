/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config - the command line
 */
#ifndef PARTVM_CONFIG_H
#define PARTVM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/partsched.h>

#include "model.h"

/* Services that the guest may call; bits of @services. */
enum {
#define RIGHT(bit, name, word) RIGHT_##name = 1 << (bit),
	PS_SERVICES(RIGHT)
#undef RIGHT
};

/**
 * struct config - what the user asked for
 * @binary: path of the guest image
 * @name: name of the guest; "" when neither --name nor --attach was given
 * @partition: partition to attach to, or NULL to run free
 * @nr_vcpus: number of vCPUs; 0: as many as the plan says, or 1
 * @memory: bytes of RAM, a multiple of the page size
 * @ram: file that becomes the RAM, or NULL
 * @console: file that the console is appended to, or NULL for standard output
 * @set_schedule_always: the guest may ask for another module schedule
 * @set_schedule: or only while one of these is in force
 * @nr_set_schedule: number of them
 * @services: RIGHT_*
 * @warm: the RAM is what @ram holds; the image is not loaded
 * @control: socket that takes requests, or NULL
 * @pid_file: file that receives the process number, or NULL
 * @halt_exits: let HLT leave to the host
 */
struct config {
	const char *binary;
	const char *name;
	const char *partition;
	uint32_t nr_vcpus;
	uint64_t memory;
	const char *ram;
	const char *console;
	bool set_schedule_always;
	uint32_t set_schedule[PARTSCHED_MAX_SCHEDULES];
	size_t nr_set_schedule;
	uint32_t services;
	bool warm;
	const char *control;
	const char *pid_file;
	bool halt_exits;
};

/**
 * config_parse() - read the command line
 * @config: receives the result; its strings point into @argv
 * @argc: as main() got it
 * @argv: as main() got it
 *
 * Prints what is wrong, or what --help or --version asked for.
 *
 * Return: 0 to go on, 1 when there is nothing left to do, -1 on a mistake.
 */
int config_parse(struct config *config, int argc, char **argv);

#endif /* PARTVM_CONFIG_H */
