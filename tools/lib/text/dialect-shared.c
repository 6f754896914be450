// SPDX-License-Identifier: GPL-2.0
/*
 * dialect-shared - what all dialects have in common: words, and the attributes
 * that are our own
 *
 * In the native dialect they are attributes like any other, in all others they
 * carry our namespace.
 */
#include "dialect.h"

#define ALL	PS_IN_ALL
#define OURS	(PS_IN_ALL & ~PS_IN_N)
/* BinaryPath and AutoStart are mumu's own inventions and so not ours there. */
#define NOT_MUMU (OURS & ~PS_IN_M)

#define MEMORY_MAX	(16ULL << 30)

const struct ps_word ps_level_words[] = {
	{ "LEVEL_A", PS_LEVEL_A, NULL },
	{ "LEVEL_B", PS_LEVEL_B, NULL },
	{ "LEVEL_C", PS_LEVEL_C, NULL },
	{ "LEVEL_D", PS_LEVEL_D, NULL },
	{ "LEVEL_E", PS_LEVEL_E, NULL },
	{ 0 }
};

const struct ps_word ps_change_words[] = {
	{ "IGNORE", PS_CHANGE_IGNORE, NULL },
	{ "IDLE", PS_CHANGE_IDLE, NULL },
	{ "WARM_START", PS_CHANGE_WARM_START, NULL },
	{ "COLD_START", PS_CHANGE_COLD_START, NULL },
	{ "WARM_RESTART", PS_CHANGE_WARM_START, "WARM_START" },
	{ "COLD_RESTART", PS_CHANGE_COLD_START, "COLD_START" },
	{ 0 }
};

const struct ps_word ps_direction_words[] = {
	{ "SOURCE", true, NULL },
	{ "DESTINATION", false, NULL },
	{ 0 }
};

const struct ps_word ps_kick_words[] = {
	{ "none", PS_KICK_NONE, NULL },
	{ "now", PS_KICK_NOW, NULL },
	{ "window", PS_KICK_WINDOW, NULL },
	{ 0 }
};

const struct ps_word ps_error_level_words[] = {
	{ "MODULE", PS_ERROR_MODULE, NULL },
	{ "PARTITION", PS_ERROR_PARTITION, NULL },
	{ "PROCESS", PS_ERROR_PROCESS, NULL },
	{ 0 }
};

const struct ps_word ps_error_code_words[] = {
	{ "DEADLINE_MISSED", PS_CODE_DEADLINE_MISSED, NULL },
	{ "APPLICATION_ERROR", PS_CODE_APPLICATION_ERROR, NULL },
	{ "NUMERIC_ERROR", PS_CODE_NUMERIC_ERROR, NULL },
	{ "ILLEGAL_REQUEST", PS_CODE_ILLEGAL_REQUEST, NULL },
	{ "STACK_OVERFLOW", PS_CODE_STACK_OVERFLOW, NULL },
	{ "MEMORY_VIOLATION", PS_CODE_MEMORY_VIOLATION, NULL },
	{ "HARDWARE_FAULT", PS_CODE_HARDWARE_FAULT, NULL },
	{ "POWER_FAILURE", PS_CODE_POWER_FAILURE, NULL },
	{ 0 }
};

const struct ps_word ps_error_source_words[] = {
#define S(number, word) { word, 1U << (number), NULL },
	PS_HEALTH_SOURCES(S)
#undef S
	{ 0 }
};

const struct ps_word ps_when_words[] = {
	{ "idle", PS_WHEN_IDLE, NULL },
	{ "start", PS_WHEN_START, NULL },
	{ "normal", PS_WHEN_NORMAL, NULL },
	{ 0 }
};

const struct ps_word ps_module_action_words[] = {
	{ "IGNORE", PS_RECOVERY_IGNORE, NULL },
	{ "SHUTDOWN", PS_RECOVERY_SHUTDOWN, NULL },
	{ "RESET", PS_RECOVERY_RESET, NULL },
	{ 0 }
};

const struct ps_word ps_partition_action_words[] = {
	{ "IGNORE", PS_RECOVERY_IGNORE, NULL },
	{ "IDLE", PS_RECOVERY_IDLE, NULL },
	{ "WARM_START", PS_RECOVERY_WARM_START, NULL },
	{ "COLD_START", PS_RECOVERY_COLD_START, NULL },
	{ "WARM_RESTART", PS_RECOVERY_WARM_START, "WARM_START" },
	{ "COLD_RESTART", PS_RECOVERY_COLD_START, "COLD_START" },
	{ 0 }
};

const struct ps_attr ps_module_attrs[] = {
	{ "SlackPpm", PS_TYPE_NUMBER, ALL, .own = OURS, .max = 999999, .otherwise = "50000",
	  .doc = "Share of every second that each planned CPU keeps for the host's kernel "
		 "threads, in millionths." },
	{ "TimeBase", PS_TYPE_CHOICE, ALL, .own = OURS, .otherwise = "monotonic",
	  .words = PS_WORDS({ "monotonic", PS_TIME_MONOTONIC, NULL },
			    { "tai", PS_TIME_TAI, NULL }),
	  .doc = "Clock that major frames are aligned to." },
	{ "BaseTimeNs", PS_TYPE_NS, ALL, .own = OURS, .max = PS_MAX_TIME_NS, .otherwise = "0",
	  .doc = "Instant at which a major frame begins, in nanoseconds of the TAI clock; "
		 "only with TimeBase tai." },
	{ 0 }
};

const struct ps_attr ps_guest_attrs[] = {
	{ "BinaryPath", PS_TYPE_PATH, ALL, .own = NOT_MUMU,
	  .doc = "Image of a lean guest, a flat binary or ELF; from the directory of the file." },
	{ "AutoStart", PS_TYPE_BOOL, ALL, .own = NOT_MUMU, .otherwise = "true",
	  .doc = "Start the guest when the plan is loaded." },
	{ "Memory", PS_TYPE_BYTES, ALL, .own = OURS, .min = PS_DEFAULT_MEMORY, .max = MEMORY_MAX,
	  .otherwise = "6M",
	  .doc = "Memory of the guest in bytes, a multiple of 4096; K, M or G may follow." },
	{ "HaltExits", PS_TYPE_BOOL, ALL, .own = OURS, .otherwise = "false",
	  .doc = "A guest that halts leaves to the host, instead of sleeping in the guest." },
	{ "Quantum", PS_TYPE_NS, ALL, .own = OURS, .min = PARTSCHED_MIN_QUANTUM_NS,
	  .max = PARTSCHED_MAX_FRAME_NS,
	  .doc = "After how long virtual CPUs of one rank that a window opens on one host CPU "
		 "take turns, in nanoseconds; never where it is left out." },
	{ "RestartLimit", PS_TYPE_NUMBER, ALL, .own = OURS, .max = PARTSCHED_MAX_RESTART_LIMIT, .otherwise = "5",
	  .doc = "How often the health monitor starts the partition again within "
		 "RestartPeriodNs, before it becomes idle; 0: without end." },
	{ "RestartPeriodNs", PS_TYPE_NS, ALL, .own = OURS, .min = 1, .max = PS_MAX_TIME_NS,
	  .otherwise = "10000000000",
	  .doc = "In what time RestartLimit counts, in nanoseconds." },
	{ "StealLimitNs", PS_TYPE_NS, ALL, .own = OURS, .max = PS_MAX_TIME_NS, .otherwise = "0",
	  .doc = "What the host may take of one window, in nanoseconds, before it is an error; "
		 "0: it is none." },
	{ "Launcher", PS_TYPE_CHOICE, ALL, .own = OURS,
	  .words = PS_WORDS({ "partvm", PS_LAUNCHER_PARTVM, NULL },
			    { "qemu", PS_LAUNCHER_QEMU, NULL },
			    { "none", PS_LAUNCHER_NONE, NULL }),
	  .doc = "What starts the guest: partvm, a stock QEMU (the default where Kernel is "
		 "given), or nothing of ours." },
	{ "Kernel", PS_TYPE_PATH, ALL, .own = OURS,
	  .doc = "Kernel of a QEMU guest; from the directory of the file." },
	{ "Initrd", PS_TYPE_PATH, ALL, .own = OURS,
	  .doc = "Initial ram disk of a QEMU guest; from the directory of the file." },
	{ "CommandLine", PS_TYPE_TEXT, ALL, .own = OURS,
	  .doc = "Command line of the guest's kernel." },
	{ "Disk", PS_TYPE_PATH, ALL, .own = OURS,
	  .doc = "Image of a QEMU guest's disk, raw; from the directory of the file." },
	{ "DiskReadOnly", PS_TYPE_BOOL, ALL, .own = OURS, .otherwise = "false",
	  .doc = "The guest may not write its disk." },
	{ "DiskSerial", PS_TYPE_TEXT, ALL, .own = OURS,
	  .doc = "Serial number of the disk, 20 characters at most, by which the guest knows it." },
	{ "Services", PS_TYPE_WORDS, ALL, .own = OURS,
#define S(bit, name, word) { word, 1U << (bit), NULL },
	  .words = (const struct ps_word[]){ PS_SERVICES(S) { 0 } },
#undef S
	  .doc = "Services that the guest may call, blanks between; none where it is left out." },
	{ 0 }
};

const struct ps_attr ps_guard_attrs[] = {
	{ "Guard", PS_TYPE_GUARD, ALL, .own = OURS, .max = PARTSCHED_MAX_GUARD_NS, .otherwise = "0",
	  .doc = "How long before each window the switch to it begins, in nanoseconds, so that its "
		 "guest runs from its edge on; auto: as long as each CPU measures it to take." },
	{ 0 }
};

const struct ps_element ps_vcpu_element = {
	"Vcpu", PS_IN_AB | PS_IN_C | PS_IN_N, .own = PS_IN_AB | PS_IN_C,
	.attrs = PS_ATTRS(
		{ "Index", PS_TYPE_NUMBER, ALL, .required = ALL, .max = PARTSCHED_MAX_VCPUS - 1,
		  .doc = "Number of the virtual CPU within the partition: 0, 1, 2 and so on." },
		{ "Cpu", PS_TYPE_NUMBER, ALL, .required = ALL, .max = PS_MAX_CPU,
		  .doc = "Host CPU that it runs on where a window names no other." },
		{ "Priority", PS_TYPE_NUMBER, ALL, .min = 1, .max = 99,
		  .doc = "Rank among virtual CPUs of the partition that a window opens on one "
			 "host CPU, 99 is first." }),
	.doc = "A virtual CPU of the partition.",
};

const struct ps_element ps_network_element = {
	"Network", ALL, .own = OURS,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_NAME, ALL, .required = ALL,
		  .doc = "Name of the network and of its bridge, unique among networks and NICs; "
			 "15 bytes at most." }),
	.doc = "A virtual network between guests of QEMU.",
};

const struct ps_element ps_nic_element = {
	"Nic", ALL, .own = OURS,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_NAME, ALL, .required = ALL,
		  .doc = "Name of the host's end, unique among networks and NICs; 15 bytes at "
			 "most." },
		{ "Network", PS_TYPE_REFERENCE, ALL, .required = ALL,
		  .doc = "Name of the network that it is in." },
		{ "Mac", PS_TYPE_MAC, ALL,
		  .doc = "Its address; made of its name where it is left out." },
		{ "Filter", PS_TYPE_BOOL, ALL, .otherwise = "true",
		  .doc = "The guest can send as this address only, and receives only what is for "
			 "it or for all." },
		{ "Broadcast", PS_TYPE_BOOL, ALL, .otherwise = "true",
		  .doc = "The guest receives what is for all, or for a group." },
		{ "Isolated", PS_TYPE_BOOL, ALL, .otherwise = "false",
		  .doc = "It reaches no other that is isolated." },
		{ "Vhost", PS_TYPE_BOOL, ALL, .otherwise = "false",
		  .doc = "The host's kernel moves the frames, and not QEMU." }),
	.doc = "A network interface of a QEMU guest.",
};
