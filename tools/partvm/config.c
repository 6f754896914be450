// SPDX-License-Identifier: GPL-2.0
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/partsched_guest.h>

#include "error.h"
#include "report.h"

#define PAGE_BYTES	4096

static const char help[] =
"usage: partvm [options] BINARY\n"
"\n"
"Runs a lean guest under KVM: BINARY is a flat image, loaded at address 0 and\n"
"entered at its first byte in 64-bit mode, or an ELF64 executable.\n"
"\n"
"  --name NAME         name in messages and in the guest's information page\n"
"                      (default: the partition's)\n"
"  --vcpus N           number of vCPUs, 1 to 64 (default: the plan's, or 1)\n"
"  --memory SIZE       RAM in bytes, or with suffix K, M, G: 6M (default) to 16G\n"
"  --ram FILE          the RAM is a shared mapping of FILE (made or overwritten)\n"
"  --console FILE      append the guest's console to FILE; -: standard output\n"
"                      (default)\n"
"  --attach PARTITION  put each vCPU under the plan of the partsched module\n"
"                      before it runs; without it the guest runs free\n"
"  --halt-exits        let HLT give the CPU to the host (default: a halted vCPU\n"
"                      keeps its window)\n"
"  --set-schedule IDS  the guest may ask for another module schedule: \"always\", or\n"
"                      while one of these is in force (numbers, with commas)\n"
"  --services WORDS    services that the guest may call, with commas between:\n"
"                      schedule, mode, health, time, log, interrupt, partition\n"
"  --start HOW         cold (default): the RAM is cleared and BINARY loaded; warm:\n"
"                      the RAM is what the FILE of --ram holds from a former run\n"
"  --control SOCKET    take requests at SOCKET, see partvm(8)\n"
"  --pid-file FILE     write the process number to FILE, remove it at the end\n"
"  --version           print the version\n"
"  --help              print this text\n"
"\n"
"exit status: 0 the guest ended itself, or SIGTERM; 1 the host, KVM or BINARY\n"
"does not allow it to run; 2 usage; 3 the guest crashed; 4 the module is absent\n"
"or refused; 5 the guest ended with a status other than 0; 130 SIGINT\n";

enum {
	OPT_NAME = 256,
	OPT_VCPUS,
	OPT_MEMORY,
	OPT_RAM,
	OPT_CONSOLE,
	OPT_ATTACH,
	OPT_HALT_EXITS,
	OPT_SET_SCHEDULE,
	OPT_SERVICES,
	OPT_START,
	OPT_CONTROL,
	OPT_PID_FILE,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option options[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "vcpus", required_argument, NULL, OPT_VCPUS },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "ram", required_argument, NULL, OPT_RAM },
	{ "console", required_argument, NULL, OPT_CONSOLE },
	{ "attach", required_argument, NULL, OPT_ATTACH },
	{ "halt-exits", no_argument, NULL, OPT_HALT_EXITS },
	{ "set-schedule", required_argument, NULL, OPT_SET_SCHEDULE },
	{ "services", required_argument, NULL, OPT_SERVICES },
	{ "start", required_argument, NULL, OPT_START },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "pid-file", required_argument, NULL, OPT_PID_FILE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ }
};

/* A whole number without sign; @suffix: K, M and G may follow. */
static int parse_number(const char *text, bool suffix, uint64_t *value)
{
	unsigned int shift = 0;
	char *end;

	/* strtoull() takes blanks and a minus sign, this does not. */
	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*value = strtoull(text, &end, 0);
	if (errno)
		return -1;
	if (suffix && *end) {
		switch (*end++) {
		case 'K':
			shift = 10;
			break;
		case 'M':
			shift = 20;
			break;
		case 'G':
			shift = 30;
			break;
		default:
			return -1;
		}
	}
	if (*end || *value > UINT64_MAX >> shift)
		return -1;
	*value <<= shift;
	return 0;
}

static int parse_vcpus(struct config *config, const char *text)
{
	uint64_t value;

	if (parse_number(text, false, &value) || !value || value > PARTSCHED_GUEST_VCPUS_MAX) {
		report_error("--vcpus %s: must be a number from 1 to %u",
			     PS_SAFE(text), PARTSCHED_GUEST_VCPUS_MAX);
		return -1;
	}
	config->nr_vcpus = value;
	return 0;
}

static int parse_memory(struct config *config, const char *text)
{
	if (parse_number(text, true, &config->memory) || config->memory % PAGE_BYTES ||
	    config->memory < PARTSCHED_GUEST_RAM_MIN ||
	    config->memory > PARTSCHED_GUEST_RAM_MAX) {
		report_error("--memory %s: must be a multiple of 4K from 6M to 16G", PS_SAFE(text));
		return -1;
	}
	return 0;
}

static int parse_name(const char *option, const char **name, const char *text)
{
	size_t len = strlen(text);

	if (!len || len >= PARTSCHED_GUEST_NAME_MAX) {
		report_error("%s: a name has 1 to %u bytes, this one has %zu", option,
			     PARTSCHED_GUEST_NAME_MAX - 1, len);
		return -1;
	}
	*name = text;
	return 0;
}

static int parse_path(const char *option, const char **path, const char *text)
{
	if (!*text) {
		report_error("%s: the path is empty", option);
		return -1;
	}
	*path = text;
	return 0;
}

static int parse_schedules(struct config *config, const char *text)
{
	config->set_schedule_always = !strcmp(text, "always");
	config->nr_set_schedule = 0;
	for (const char *p = text; !config->set_schedule_always; p++) {
		size_t len = strcspn(p, ",");
		char number[16];
		uint64_t id;

		snprintf(number, sizeof(number), "%.*s", (int)len, p);
		if (len >= sizeof(number) || parse_number(number, false, &id) || id > UINT32_MAX ||
		    config->nr_set_schedule == PARTSCHED_MAX_SCHEDULES) {
			report_error("--set-schedule %s: must be \"always\" or up to %u identifiers of schedules with commas between",
				     PS_SAFE(text), PARTSCHED_MAX_SCHEDULES);
			return -1;
		}
		config->set_schedule[config->nr_set_schedule++] = id;
		p += len;
		if (!*p)
			break;
	}
	return 0;
}

static uint32_t service_of(const char *word, size_t len)
{
	static const struct {
		const char *word;
		uint32_t right;
	} services[] = {
#define SERVICE(bit, name, word) { word, RIGHT_##name },
		PS_SERVICES(SERVICE)
#undef SERVICE
	};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strlen(services[i].word) == len && !memcmp(services[i].word, word, len))
			return services[i].right;
	return 0;
}

static int parse_services(struct config *config, const char *text)
{
	config->services = 0;
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");
		uint32_t right = service_of(p, len);

		if (!right) {
			report_error("--services %s: must be words of schedule, mode, health, time, log, interrupt and partition, with commas between",
				     PS_SAFE(text));
			return -1;
		}
		config->services |= right;
		p += len;
		if (!*p)
			return 0;
	}
}

static int parse_start(struct config *config, const char *text)
{
	config->warm = !strcmp(text, "warm");
	if (config->warm || !strcmp(text, "cold"))
		return 0;
	report_error("--start %s: must be cold or warm", PS_SAFE(text));
	return -1;
}

static int parse_option(struct config *config, int option)
{
	switch (option) {
	case OPT_NAME:
		return parse_name("--name", &config->name, optarg);
	case OPT_ATTACH:
		return parse_name("--attach", &config->partition, optarg);
	case OPT_VCPUS:
		return parse_vcpus(config, optarg);
	case OPT_MEMORY:
		return parse_memory(config, optarg);
	case OPT_RAM:
		return parse_path("--ram", &config->ram, optarg);
	case OPT_CONSOLE:
		return parse_path("--console", &config->console, optarg);
	case OPT_PID_FILE:
		return parse_path("--pid-file", &config->pid_file, optarg);
	case OPT_SET_SCHEDULE:
		return parse_schedules(config, optarg);
	case OPT_SERVICES:
		return parse_services(config, optarg);
	case OPT_START:
		return parse_start(config, optarg);
	case OPT_CONTROL:
		return parse_path("--control", &config->control, optarg);
	case OPT_HALT_EXITS:
		config->halt_exits = true;
		return 0;
	case OPT_VERSION:
		puts("partvm " PARTVM_VERSION);
		return 1;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	default:
		fputs("Try 'partvm --help'.\n", stderr);
		return -1;
	}
}

int config_parse(struct config *config, int argc, char **argv)
{
	int option, ret;

	*config = (struct config){ .memory = PARTSCHED_GUEST_RAM_MIN };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		ret = parse_option(config, option);
		if (ret)
			return ret;
	}
	if (optind != argc - 1) {
		report_error(optind == argc ? "no guest image given; try 'partvm --help'" :
			     "more than one guest image given; options stand before it");
		return -1;
	}
	if (parse_path("BINARY", &config->binary, argv[optind]))
		return -1;
	if (config->warm && !config->ram) {
		report_error("--start warm: needs --ram FILE, the RAM of a former run");
		return -1;
	}
	if (config->console && !strcmp(config->console, "-"))
		config->console = NULL;
	if (!config->name)
		config->name = config->partition ? config->partition : "";
	return 0;
}
