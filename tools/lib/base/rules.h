/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rules - what a configuration is held against, each rule with a stable code
 *
 * Numbers are stable: never reuse one, never renumber; a rule that is gone
 * leaves a gap. Documentation/rules.rst lists them with the files that test
 * them.
 */
#ifndef PS_RULES_H
#define PS_RULES_H

#include <stddef.h>

/**
 * enum ps_severity - how bad it is when a rule does not hold
 * @PS_NOTE: worth knowing
 * @PS_WARNING: probably not what was meant
 * @PS_ERROR: the file is not valid
 */
enum ps_severity {
	PS_NOTE,
	PS_WARNING,
	PS_ERROR,
};

/**
 * enum ps_stage - the step of a check that a rule belongs to
 * @PS_STAGE_FILE: the file as bytes and as XML
 * @PS_STAGE_FORM: elements, attributes and values, each for itself
 * @PS_STAGE_MODEL: what the whole says
 * @PS_STAGE_HOST: what this machine can do; only where asked for
 * @PS_STAGE_PLAN: finding windows; only partctl plan
 * @PS_STAGE_CONVERT: writing a dialect; only partctl convert
 * @PS_NR_STAGES: number of stages
 */
enum ps_stage {
	PS_STAGE_FILE,
	PS_STAGE_FORM,
	PS_STAGE_MODEL,
	PS_STAGE_HOST,
	PS_STAGE_PLAN,
	PS_STAGE_CONVERT,
	PS_NR_STAGES,
};

/*
 * R(number, NAME, SEVERITY, STAGE, "what is found", "the rule")
 *
 * 1 file, 8 form, 20 values, 30 identity, 40 time, 60 guests, 70 channels,
 * 90 health monitor, 100 conversion, 110 planning, 120 the host, 130 devices. 50
 * and 96 are gone.
 */
#define PS_RULES(R) \
	R(1, FILE, ERROR, FILE, "the file cannot be read", \
	  "the file is there and can be read") \
	R(2, SIZE, ERROR, FILE, "the file is too large", \
	  "the file has at most 32 MiB, 2,000,000 elements and attributes, 128 attributes in an element") \
	R(3, SYNTAX, ERROR, FILE, "not well-formed XML", \
	  "the file is well-formed XML 1.0, no deeper than 64 elements") \
	R(4, DOCTYPE, ERROR, FILE, "declarations in a DOCTYPE", \
	  "no entities, elements or attributes are declared in the file") \
	R(5, DTD, WARNING, FILE, "an external DTD is not read", \
	  "no external DTD is named") \
	R(6, XINCLUDE, ERROR, FILE, "XInclude is off", \
	  "no other files are drawn in") \
	R(7, DIALECT, ERROR, FILE, "not a dialect that is read", \
	  "root and namespace are those of a dialect that is read") \
	R(8, SCHEMA, ERROR, FORM, "the XML schema refuses it", \
	  "the file is valid against the XML schema of its dialect") \
	R(9, ELEMENT, ERROR, FORM, "unknown element", \
	  "each element of the dialect's namespaces is known where it stands") \
	R(10, ATTRIBUTE, ERROR, FORM, "unknown attribute", \
	  "each attribute of the dialect's namespaces is known where it stands") \
	R(11, NO_ATTRIBUTE, ERROR, FORM, "missing attribute", \
	  "each required attribute is there") \
	R(12, NO_ELEMENT, ERROR, FORM, "missing element", \
	  "each required element is there") \
	R(13, REPEATED, ERROR, FORM, "an element that may stand only once", \
	  "an element that may stand once stands once") \
	R(14, FOREIGN, NOTE, FORM, "a foreign element is passed over", \
	  "no element is of a foreign namespace") \
	R(15, TEXT, WARNING, FORM, "text between elements", \
	  "there is no text between elements") \
	R(16, BLANKS, NOTE, FORM, "blanks around a value", \
	  "no value has blanks around it") \
	R(20, NUMBER, ERROR, FORM, "not a number in range", \
	  "each integer is one, and in its range") \
	R(21, BOOLEAN, ERROR, FORM, "not a boolean", \
	  "each boolean is true, false, 1 or 0") \
	R(22, CHOICE, ERROR, FORM, "not one of the words allowed", \
	  "each word of a list is of that list") \
	R(23, NAME, ERROR, FORM, "not a legal name", \
	  "each name has 1 to 63 bytes of UTF-8 without '/' and control characters") \
	R(24, SECONDS, ERROR, FORM, "not a time in seconds", \
	  "each time in seconds is an exact decimal number of nanoseconds in range") \
	R(25, SPELLING, NOTE, FORM, "another spelling of a word", \
	  "each word is spelled as the dialect has it") \
	R(30, SAME_NAME, ERROR, MODEL, "two partitions of one name", \
	  "no two partitions have the same name") \
	R(31, SAME_ID, ERROR, MODEL, "two partitions of one identifier", \
	  "no two partitions have the same identifier") \
	R(32, SAME_SCHEDULE, ERROR, MODEL, "two schedules of one identifier", \
	  "no two schedules have the same identifier") \
	R(33, DANGLING, ERROR, MODEL, "a reference to nothing", \
	  "each reference names a partition, and a vCPU of it, that is there") \
	R(34, NO_WINDOW, WARNING, MODEL, "a partition without a window", \
	  "each partition has a window in some schedule") \
	R(35, NO_CORES, WARNING, MODEL, "a partition without CPUs", \
	  "each partition says which CPUs it runs on") \
	R(36, VCPU, ERROR, MODEL, "vCPU numbers are not 0, 1, 2...", \
	  "the vCPUs of a partition are numbered 0, 1, 2...") \
	R(37, SAME_CPU, WARNING, MODEL, "vCPUs share a CPU, and none goes first", \
	  "vCPUs that a window opens on one CPU have different priorities, or a quantum") \
	R(38, TOO_MANY, ERROR, MODEL, "more than the module takes", \
	  "there are no more partitions, vCPUs, schedules, windows, channels and ports than the module takes") \
	R(39, NO_CPU, ERROR, HOST, "this host has no such CPU online", \
	  "each CPU named is there and online") \
	R(40, SHORT_WINDOW, ERROR, MODEL, "a window too short to enforce", \
	  "each window is at least as long as a host can enforce, and longer by the guard of its schedule") \
	R(41, BEYOND_FRAME, ERROR, MODEL, "a window that ends after the frame", \
	  "each window lies within the major frame") \
	R(42, OVERLAP, ERROR, MODEL, "two windows on one CPU at one time", \
	  "no two windows overlap on a CPU") \
	R(43, SHORT_GAP, WARNING, MODEL, "a gap too short to use", \
	  "each gap between windows is long enough for the host to use") \
	R(44, DURATION, ERROR, MODEL, "a duration longer than its period", \
	  "each duration is at most its period") \
	R(45, PERIOD, ERROR, MODEL, "a frame that is no multiple of a period", \
	  "the major frame is a multiple of every period") \
	R(46, BUDGET, ERROR, MODEL, "windows shorter than the duration", \
	  "the windows in each period sum up to the duration") \
	R(47, SLACK, ERROR, MODEL, "no time left for the host's kernel", \
	  "each planned CPU keeps its share for the host's kernel") \
	R(48, CROSSES_PERIOD, WARNING, MODEL, "a window that crosses its period", \
	  "no window crosses a boundary of its partition's period") \
	R(49, SAME_VCPU, ERROR, MODEL, "one vCPU on two CPUs at one time", \
	  "no vCPU has windows on two CPUs at one time") \
	R(51, INITIAL, ERROR, MODEL, "not exactly one initial schedule", \
	  "exactly one of several schedules is the initial one") \
	R(52, DERIVED_FRAME, NOTE, MODEL, "a major frame taken from the periods", \
	  "each schedule states its major frame") \
	R(53, NO_FRAME, ERROR, MODEL, "no major frame, and none to derive", \
	  "each schedule has a major frame, stated or derived from the periods") \
	R(54, NO_WINDOWS, ERROR, MODEL, "a schedule without windows", \
	  "each schedule has windows") \
	R(55, PERIOD_START, WARNING, MODEL, "a period start away from the periods", \
	  "a window that starts a period begins at a multiple of the period") \
	R(56, SAME_SCHEDULE_NAME, ERROR, MODEL, "two schedules of one name", \
	  "no two schedules have the same name") \
	R(57, MISMATCH, WARNING, MODEL, "identifier and name of different partitions", \
	  "identifier and name of a reference mean the same partition") \
	R(58, SAME_WINDOW, ERROR, MODEL, "two windows of one identifier", \
	  "no two windows of a partition in a schedule have the same identifier") \
	R(59, SAME_ENTRY, ERROR, MODEL, "a partition twice in a schedule", \
	  "a schedule has one entry for a partition") \
	R(60, BINARY, ERROR, MODEL, "a guest's image cannot be read", \
	  "each image that a guest starts with can be read") \
	R(61, UNUSED_BINARY, WARNING, MODEL, "a guest's image that nothing starts", \
	  "each image is started by a launcher") \
	R(62, LAUNCHER, ERROR, MODEL, "an image that the launcher cannot start", \
	  "each launcher has the images that it needs") \
	R(63, MEMORY, WARNING, MODEL, "memory regions larger than the memory", \
	  "the memory regions of a partition fit its memory") \
	R(64, MOVING_VCPU, ERROR, MODEL, "a vCPU without the time to move", \
	  "a vCPU has 200000 ns at least between two windows on different CPUs") \
	R(65, NOT_YET, WARNING, MODEL, "without effect in this version", \
	  "nothing is said that has no effect in this version") \
	R(66, QUANTUM, ERROR, MODEL, "a quantum longer than the frame", \
	  "each quantum is at most the longest major frame") \
	R(67, EMPTY, ERROR, MODEL, "nothing to run, or no schedule", \
	  "there are partitions, and there is a schedule") \
	R(68, NO_HALT, WARNING, MODEL, "a halted vCPU that keeps the others waiting", \
	  "guests whose vCPUs share a CPU leave it when they halt") \
	R(70, CHANNELS, WARNING, MODEL, "a channel outside of all partitions", \
	  "each channel has a partition at one of its ends") \
	R(71, SAME_CHANNEL, ERROR, MODEL, "two channels of one identifier", \
	  "no two channels have the same identifier or name") \
	R(72, SAME_PORT, ERROR, MODEL, "two ports of one name in a partition", \
	  "no two ports of a partition have the same name") \
	R(73, NO_PORT, ERROR, MODEL, "a channel to a port that is not there", \
	  "each end of a channel names a port of its partition") \
	R(74, SOURCES, ERROR, MODEL, "a channel without one source", \
	  "each channel has exactly one source") \
	R(75, DESTINATIONS, ERROR, MODEL, "a channel with a wrong number of destinations", \
	  "a sampling channel has destinations, a queuing channel has one") \
	R(76, DIRECTION, ERROR, MODEL, "a port at the wrong end of a channel", \
	  "sources are source ports, destinations are destination ports") \
	R(77, PORT_SIZE, ERROR, MODEL, "ends of different message sizes", \
	  "the ports of a channel have one message size") \
	R(78, PORT_KIND, ERROR, MODEL, "sampling and queuing on one channel", \
	  "the ports of a channel are all sampling or all queuing ports") \
	R(79, PORT_DEPTH, ERROR, MODEL, "ends of different depths", \
	  "the ports of a queuing channel have one depth") \
	R(80, UNUSED_PORT, WARNING, MODEL, "a port without a channel", \
	  "each port belongs to a channel") \
	R(81, PORT_TWICE, ERROR, MODEL, "a port in two channels", \
	  "no port belongs to two channels") \
	R(82, REFRESH, WARNING, MODEL, "ends of different refresh periods", \
	  "the ports of a sampling channel have one refresh period") \
	R(83, SELF, WARNING, MODEL, "a channel from a partition to itself", \
	  "no partition is source and destination of one channel") \
	R(84, STALE, WARNING, MODEL, "a refresh period that the source cannot keep", \
	  "the source of a sampling channel runs once in each refresh period") \
	R(85, PORT_VALUE, ERROR, MODEL, "a port that lacks its size or depth", \
	  "each port has a message size, each queuing port a depth") \
	R(86, PORT_LARGE, ERROR, MODEL, "a channel larger than the module makes", \
	  "a message has 1 MiB at most, a queue 65536 messages, and its memory 16 MiB") \
	R(87, SAME_DEVICE, ERROR, MODEL, "two ports of one device name", \
	  "no two ports have a device of the same name") \
	R(88, PSEUDO_NAME_TAKEN, ERROR, MODEL, "a pseudo-partition called as a partition", \
	  "no pseudo-partition has the name of a partition") \
	R(90, HM_ERROR, ERROR, MODEL, "an action for an error that is not listed", \
	  "each error with an action is listed among the system's errors") \
	R(91, HM_SAME, ERROR, MODEL, "an error twice in one state", \
	  "a state of a health monitor table lists an error once") \
	R(92, HM_LEVEL, ERROR, MODEL, "an action for an error of another level", \
	  "each table acts on errors of its own level") \
	R(93, HM_CODE, ERROR, MODEL, "an error without its code", \
	  "each error of process level has an error code") \
	R(94, HM_ACTION, WARNING, MODEL, "an error of a level without an action", \
	  "each error that is listed has an action in the tables of its level") \
	R(95, HM_TABLE, ERROR, MODEL, "two tables for one partition", \
	  "a partition has one health monitor table") \
	R(97, HM_STATE, WARNING, MODEL, "an error told apart by what the module does not know", \
	  "what is said of an error in several system states differs in When, or not at all") \
	R(98, HM_SOURCE, ERROR, MODEL, "two errors of one source", \
	  "each source of errors is that of one error at most") \
	R(100, LOST, WARNING, CONVERT, "the target cannot say it", \
	  "the target dialect can say all that the file says") \
	R(110, NO_PERIODICITY, ERROR, PLAN, "nothing to plan with", \
	  "each partition without windows has a period and a duration") \
	R(111, UTILISATION, ERROR, PLAN, "more work than time", \
	  "the partitions of a CPU, the host's share included, need no more than its time") \
	R(112, NO_PLACE, ERROR, PLAN, "no place for a window", \
	  "a place is found for each window") \
	R(113, SPLIT, NOTE, PLAN, "a window that had to be split", \
	  "each partition gets its duration in one window a period") \
	R(114, GRAIN, ERROR, PLAN, "a duration shorter than a window", \
	  "each duration is at least as long as the shortest window") \
	R(120, HOUSEKEEPING, WARNING, HOST, "no CPU is left for the host", \
	  "one CPU of this host at least is in no window") \
	R(121, NO_KVM, ERROR, HOST, "guests that cannot start here", \
	  "where guests are started, this host has /dev/kvm") \
	R(122, NO_KVM_YET, WARNING, HOST, "guests that could not run here", \
	  "where somebody else starts guests, this host has /dev/kvm") \
	R(123, CLOCKSOURCE, WARNING, HOST, "a slow clock", \
	  "this host keeps its time by the TSC") \
	R(124, ISOLATED, NOTE, HOST, "planned CPUs that others use, too", \
	  "the CPUs in the windows are isolated from the host's scheduler") \
	R(130, INTERFACE, ERROR, MODEL, "a name that no interface can have", \
	  "each network and NIC has a name that an interface of the host can have") \
	R(131, SAME_INTERFACE, ERROR, MODEL, "two interfaces of one name", \
	  "no two networks or NICs of the module have the same name") \
	R(132, NO_NETWORK, ERROR, MODEL, "a NIC in a network that is not there", \
	  "each NIC names a network") \
	R(133, MAC, ERROR, FORM, "an address that no NIC can have", \
	  "the address of a NIC is that of one interface, six bytes in hexadecimal") \
	R(134, SAME_MAC, ERROR, MODEL, "two NICs of one address", \
	  "no two NICs of the module have the same address") \
	R(135, LONE_NIC, WARNING, MODEL, "a network of fewer than two NICs", \
	  "each network has two NICs at least") \
	R(136, DISK_SERIAL, ERROR, MODEL, "a serial number that no disk can have", \
	  "the serial number of a disk has 20 printable characters at most")

/* enum ps_rule: PS_FILE = 1 and so on, rules by their stable number. */
enum ps_rule {
#define R(number, name, severity, stage, title, text) PS_##name = number,
	PS_RULES(R)
#undef R
	PS_NR_RULES
};

/**
 * struct ps_rule_info - what is known about a rule
 * @severity: of a finding
 * @stage: where it is checked
 * @title: what a finding of this rule is, in short
 * @text: the rule, as a sentence that holds or does not
 */
struct ps_rule_info {
	enum ps_severity severity;
	enum ps_stage stage;
	const char *title;
	const char *text;
};

/**
 * ps_rule_info() - look a rule up
 * @rule: its number, 0 to PS_NR_RULES - 1
 *
 * Return: what is known, or NULL if there is no rule of this number.
 */
const struct ps_rule_info *ps_rule_info(unsigned int rule);

/**
 * ps_severity_name() - a word for a severity
 * @severity: the severity
 *
 * Return: a static string.
 */
const char *ps_severity_name(enum ps_severity severity);

#endif /* PS_RULES_H */
