// SPDX-License-Identifier: GPL-2.0
/*
 * dialect-2015 - the schema of 2015, mumu's dialect and our own: integer
 * nanoseconds, partitions by name
 *
 * Our own is what the two have in common, with all that they lack.
 */
#include "dialect.h"

#define C	PS_IN_C
#define M	PS_IN_M
#define N	PS_IN_N
#define CM	(C | M)
#define CN	(C | N)
#define MN	(M | N)
#define CMN	PS_IN_CMN

static const struct ps_element definition = {
	"PartitionDefinition", CMN,
	.attrs = PS_ATTRS(
		{ "Identifier", PS_TYPE_NUMBER, CMN, .required = CMN, .max = UINT32_MAX,
		  .doc = "Unique among partitions." },
		{ "Name", PS_TYPE_NAME, CMN, .required = CMN, .doc = "Unique among partitions." },
		{ "Affinity", PS_TYPE_CPUS, CM, .max = PS_MAX_CPU,
		  .doc = "Host CPUs of virtual CPUs 0, 1 and so on, where nothing else names "
			 "them." },
		{ "EntryPoint", PS_TYPE_TEXT, CMN, .own = C,
		  .doc = "Where the guest begins; kept, an ELF image names its own." },
		{ "Criticality", PS_TYPE_CHOICE, CMN, .own = C, .words = ps_level_words,
		  .doc = "Design assurance level; kept." },
		{ "SystemPartition", PS_TYPE_BOOL, CMN, .own = C, .otherwise = "false",
		  .doc = "The partition may use services beyond those of ARINC 653; kept." },
		{ "SetModuleSchedule", PS_TYPE_BOOL, CMN, .own = C, .otherwise = "false",
		  .doc = "The partition may change the module schedule." },
		{ "ScheduleChangeAction", PS_TYPE_CHOICE, CMN, .own = C, .words = ps_change_words,
		  .otherwise = "IGNORE",
		  .doc = "What the partition does when the module schedule changes." }),
	.shared = ps_guest_attrs,
	.doc = "The partition, and the guest in it.",
};

static const struct ps_element periodicity = {
	"PartitionPeriodicity", CMN,
	.attrs = PS_ATTRS(
		{ "Period", PS_TYPE_NS, CMN, .required = CMN, .min = 1, .max = PS_MAX_TIME_NS,
		  .doc = "Period in nanoseconds." },
		{ "Duration", PS_TYPE_NS, CMN, .required = CMN, .min = 1, .max = PS_MAX_TIME_NS,
		  .doc = "Time that the partition needs in each period, in nanoseconds." }),
	.doc = "The partition needs Duration in each Period.",
};

static const struct ps_element core_mapping = {
	"CoreMapping", M,
	.attrs = PS_ATTRS(
		{ "LogicalCoreId", PS_TYPE_NUMBER, M, .required = M, .max = PARTSCHED_MAX_VCPUS - 1,
		  .doc = "Number of the virtual CPU within the partition: 0, 1, 2 and so on." },
		{ "PhysicalCoreId", PS_TYPE_NUMBER, M, .required = M, .max = PS_MAX_CPU,
		  .doc = "Host CPU that it runs on where a window names no other." },
		{ "Priority", PS_TYPE_NUMBER, M, .own = M, .min = 1, .max = 99,
		  .doc = "Rank among virtual CPUs of the partition that a window opens on one "
			 "host CPU, 99 is first." }),
	.doc = "A virtual CPU of the partition.",
};

static const struct ps_element core_affinity = {
	"CoreAffinity", M,
	.children = PS_CHILDREN({ &core_mapping, 0, M }),
	.doc = "The virtual CPUs of the partition.",
};

#define PORT_ATTRS \
	{ "Name", PS_TYPE_NAME, CN, .required = CN, \
	  .doc = "Unique among the ports of the partition." }, \
	{ "MaxMessageSize", PS_TYPE_NUMBER, CN, .required = CN, .min = 1, .max = UINT32_MAX, \
	  .doc = "Greatest size of a message, in bytes." }, \
	{ "Direction", PS_TYPE_CHOICE, CN, .required = CN, .words = ps_direction_words, \
	  .doc = "SOURCE: the partition writes it; DESTINATION: it reads." }

static const struct ps_element sampling_port = {
	"SamplingPort", CN,
	.attrs = PS_ATTRS(PORT_ATTRS,
		{ "RefreshRate", PS_TYPE_NS, CN, .max = PS_MAX_TIME_NS, .otherwise = "0",
		  .doc = "Age from which a message is no longer valid, in nanoseconds; 0: it "
			 "never ages." }),
	.doc = "A port that holds the last message.",
};

static const struct ps_element queuing_port = {
	"QueuingPort", CN,
	.attrs = PS_ATTRS(PORT_ATTRS,
		{ "MaxNbMessage", PS_TYPE_NUMBER, C, .required = C, .min = 1, .max = UINT32_MAX,
		  .alias = "MaxNbMessages", .doc = "Greatest number of messages in the queue." },
		{ "MaxNbMessages", PS_TYPE_NUMBER, N, .required = N, .min = 1, .max = UINT32_MAX,
		  .alias = "MaxNbMessage", .doc = "Greatest number of messages in the queue." }),
	.doc = "A port that queues messages.",
};

static const struct ps_element port = {
	"PartitionPort", CN,
	.children = PS_CHILDREN({ &sampling_port, 0, 0 }, { &queuing_port, 0, 0 }),
	.doc = "A port.",
};

static const struct ps_element ports = {
	"PartitionPorts", CN,
	.children = PS_CHILDREN({ &port, 0, 0 }),
	.doc = "The ports of the partition.",
};

static const struct ps_element region = {
	"MemoryRegion", CN,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_TEXT, CN, .doc = "Name of the region." },
		{ "Type", PS_TYPE_TEXT, CN, .doc = "CODE, DATA, INPUT_OUTPUT and so on." },
		{ "Size", PS_TYPE_NUMBER, CN, .required = CN, .max = UINT64_MAX,
		  .doc = "Size in bytes." },
		{ "AccessRights", PS_TYPE_TEXT, CN, .doc = "READ_ONLY or READ_WRITE." },
		{ "Address", PS_TYPE_NUMBER, CN, .max = UINT64_MAX,
		  .doc = "Address of its first byte." }),
	.doc = "A memory region of the partition.",
};

static const struct ps_element regions = {
	"MemoryRegions", CN,
	.children = PS_CHILDREN({ &region, 0, 0 }),
	.doc = "The memory regions of the partition; kept.",
};

static const struct ps_element partition = {
	"Partition", CMN,
	.children = PS_CHILDREN({ &definition, CMN, CMN }, { &periodicity, CMN, 0 },
				{ &core_affinity, M, 0 }, { &ps_vcpu_element, 0, 0 },
				{ &ports, CN, 0 }, { &regions, CN, 0 }, { &ps_nic_element, 0, 0 }),
	.doc = "A virtual machine.",
};

static const struct ps_element partitions = {
	"Partitions", CMN,
	.children = PS_CHILDREN({ &partition, 0, CMN }),
	.doc = "The partitions.",
};

#define PARTITION_NAME(in_, own_, required_) \
	{ "PartitionNameRef", PS_TYPE_REFERENCE, in_, .own = own_, .required = required_, \
	  .doc = "Name of the partition." }

static const struct ps_element window = {
	"PartitionTimeWindow", CMN,
	.attrs = PS_ATTRS(PARTITION_NAME(CMN, 0, CMN),
		{ "Offset", PS_TYPE_NS, CMN, .required = CMN, .max = PS_MAX_TIME_NS,
		  .doc = "Start, from the start of the major frame, in nanoseconds." },
		{ "Duration", PS_TYPE_NS, CMN, .required = CMN, .min = 1, .max = PS_MAX_TIME_NS,
		  .doc = "Length in nanoseconds." },
		{ "PeriodicProcessingStart", PS_TYPE_BOOL, CMN, .otherwise = "false",
		  .doc = "A period of the partition begins with the window." },
		{ "WindowIdentifier", PS_TYPE_NUMBER, CMN, .max = UINT32_MAX,
		  .doc = "Unique among the windows of the partition in the schedule." },
		{ "Cpu", PS_TYPE_NUMBER, CMN, .own = CM, .max = PS_MAX_CPU,
		  .doc = "Host CPU of the window; each virtual CPU's own where it is left out." },
		{ "Vcpu", PS_TYPE_NUMBER, CMN, .own = CM, .max = PARTSCHED_MAX_VCPUS - 1,
		  .doc = "The only virtual CPU that the window opens; all where it is left out." }),
	.doc = "A window: the partition runs in [Offset, Offset + Duration) of each major frame.",
};

static const struct ps_element entry = {
	"ScheduleEntry", CMN, .own = CM,
	.attrs = PS_ATTRS(PARTITION_NAME(CMN, 0, CMN),
		{ "Period", PS_TYPE_NS, CMN, .min = 1, .max = PS_MAX_TIME_NS,
		  .doc = "Period in this schedule, in nanoseconds." },
		{ "Duration", PS_TYPE_NS, CMN, .min = 1, .max = PS_MAX_TIME_NS,
		  .doc = "Time that the partition needs in each period, in nanoseconds." },
		{ "SetModuleSchedule", PS_TYPE_BOOL, CMN, .otherwise = "false",
		  .doc = "The partition may change the module schedule while this one is in "
			 "force." },
		{ "ScheduleChangeAction", PS_TYPE_CHOICE, CMN, .words = ps_change_words,
		  .doc = "What the partition does when this schedule comes into force." }),
	.doc = "What this schedule alone says about a partition.",
};

static const struct ps_element schedules = {
	"Schedules", CMN,
	.attrs = PS_ATTRS(
		{ "MajorFrameDuration", PS_TYPE_NS, CMN, .own = C, .required = M, .min = 1,
		  .max = PARTSCHED_MAX_FRAME_NS,
		  .doc = "Length of the major frame, in nanoseconds; otherwise the least common "
			 "multiple of the periods." },
		{ "ScheduleIdentifier", PS_TYPE_NUMBER, CMN, .own = C, .max = UINT32_MAX,
		  .doc = "Unique among schedules; the first is 1 where it is left out." },
		{ "ScheduleName", PS_TYPE_NAME, CMN, .own = C, .doc = "Unique among schedules." },
		{ "InitialModuleSchedule", PS_TYPE_BOOL, CMN, .own = C, .otherwise = "false",
		  .doc = "The schedule is in force first; exactly one of several is." }),
	.shared = ps_guard_attrs,
	.children = PS_CHILDREN({ &window, 0, 0 }, { &entry, 0, 0 }),
	.doc = "A module schedule: the windows of one major frame.",
};

/* channels: mumu's */

#define MUMU_END_ATTRS \
	{ "PartitionIdentifier", PS_TYPE_NUMBER, M, .max = UINT32_MAX, \
	  .doc = "Identifier of the partition; where it and the name disagree, it decides." }, \
	PARTITION_NAME(M, M, 0), \
	{ "PortName", PS_TYPE_NAME, M, .required = M, \
	  .doc = "Port of the partition, made by this." }

static const struct ps_element mumu_source_port = {
	"StandardPort", M,
	.attrs = PS_ATTRS(MUMU_END_ATTRS),
	.doc = "A port of a partition.",
};

static const struct ps_element mumu_destination_port = {
	"StandardPort", M,
	.attrs = PS_ATTRS(MUMU_END_ATTRS,
		{ "Kick", PS_TYPE_CHOICE, M, .own = M, .words = ps_kick_words, .otherwise = "none",
		  .doc = "When the partition is told of a message: never, now, or when its window "
			 "opens." }),
	.doc = "A port of a partition.",
};

static const struct ps_element mumu_source = {
	"Source", M,
	.children = PS_CHILDREN({ &mumu_source_port, 0, 0 }),
	.doc = "Where messages come from; a channel has one.",
};

static const struct ps_element mumu_destinations = {
	"Destinations", M,
	.children = PS_CHILDREN({ &mumu_destination_port, 0, 0 }),
	.doc = "Where messages go to.",
};

#define MUMU_CHANNEL_ATTRS \
	{ "ChannelName", PS_TYPE_NAME, M, .doc = "Unique among channels." }, \
	{ "ChannelIdentifier", PS_TYPE_NUMBER, M, .own = M, .max = UINT32_MAX, \
	  .doc = "Unique among channels." }, \
	{ "MaxMessageSize", PS_TYPE_NUMBER, M, .own = M, .min = 1, .max = UINT32_MAX, \
	  .otherwise = "4096", .doc = "Greatest size of a message, in bytes." }

static const struct ps_element mumu_sampling_channel = {
	"SamplingChannel", M,
	.attrs = PS_ATTRS(MUMU_CHANNEL_ATTRS,
		{ "RefreshRate", PS_TYPE_NS, M, .own = M, .max = PS_MAX_TIME_NS, .otherwise = "0",
		  .doc = "Age from which a message is no longer valid, in nanoseconds; 0: it "
			 "never ages." }),
	.children = PS_CHILDREN({ &mumu_source, 0, 0 }, { &mumu_destinations, 0, 0 }),
	.doc = "A channel that holds the last message.",
};

static const struct ps_element mumu_queuing_channel = {
	"QueuingChannel", M,
	.attrs = PS_ATTRS(MUMU_CHANNEL_ATTRS,
		{ "MaxNbMessages", PS_TYPE_NUMBER, M, .own = M, .min = 1, .max = UINT32_MAX,
		  .alias = "MaxNbMessage", .otherwise = "1",
		  .doc = "Greatest number of messages in the queue." }),
	.children = PS_CHILDREN({ &mumu_source, 0, 0 }, { &mumu_destinations, 0, 0 }),
	.doc = "A channel that queues messages.",
};

static const struct ps_element mumu_table = {
	"Connection_Table", M,
	.children = PS_CHILDREN({ &mumu_sampling_channel, 0, 0 }, { &mumu_queuing_channel, 0, 0 }),
	.doc = "The channels.",
};

/* channels: ours, which the schema of 2015 borrows */

#define END_ATTRS \
	PARTITION_NAME(CN, 0, 0), \
	{ "PortName", PS_TYPE_REFERENCE, CN, .doc = "Port of the partition." }, \
	{ "Pseudo", PS_TYPE_BOOL, CN, .otherwise = "false", \
	  .doc = "A device or host program, outside of all partitions." }, \
	{ "Name", PS_TYPE_TEXT, CN, .doc = "Name of the device or host program." }, \
	{ "PhysicalAddress", PS_TYPE_TEXT, CN, .doc = "Where it is; kept as written." }, \
	{ "Procedure", PS_TYPE_TEXT, CN, .doc = "How it is accessed; kept as written." }

static const struct ps_element source = {
	"Source", CN, .own = C,
	.attrs = PS_ATTRS(END_ATTRS),
	.doc = "Where messages come from; a channel has one.",
};

static const struct ps_element destination = {
	"Destination", CN, .own = C,
	.attrs = PS_ATTRS(END_ATTRS,
		{ "Kick", PS_TYPE_CHOICE, CN, .words = ps_kick_words, .otherwise = "none",
		  .doc = "When the partition is told of a message: never, now, or when its window "
			 "opens." }),
	.doc = "Where messages go to.",
};

static const struct ps_element channel = {
	"Channel", CN, .own = C,
	.attrs = PS_ATTRS(
		{ "Identifier", PS_TYPE_NUMBER, CN, .max = UINT32_MAX,
		  .doc = "Unique among channels." },
		{ "Name", PS_TYPE_NAME, CN, .doc = "Unique among channels." }),
	.children = PS_CHILDREN({ &source, 0, 0 }, { &destination, 0, 0 }),
	.doc = "A channel between ports.",
};

static const struct ps_element channels = {
	"Channels", CN, .own = C,
	.children = PS_CHILDREN({ &channel, 0, 0 }),
	.doc = "The channels.",
};

/* health monitor */

#define STATE_ATTRS \
	{ "SystemState", PS_TYPE_NUMBER, CN, .own = C, .max = UINT32_MAX, \
	  .doc = "Number of the state of the system." }, \
	{ "StateDescription", PS_TYPE_TEXT, CN, .own = C, .doc = "What the state is." }

#define TABLE_NAME \
	{ "TableName", PS_TYPE_TEXT, CN, .doc = "Name of the table." }

#define CALLBACK \
	{ "Callback", PS_TYPE_TEXT, CN, .own = C, .doc = "Procedure that is called; kept." }

static const struct ps_element system_error = {
	"SystemError", CN,
	.attrs = PS_ATTRS(
		{ "ErrorIdentifier", PS_TYPE_NUMBER, CN, .required = CN, .max = UINT32_MAX,
		  .doc = "Number of the error." },
		{ "Description", PS_TYPE_TEXT, CN, .doc = "What the error is." },
		{ "ErrorLevel", PS_TYPE_CHOICE, CN, .words = ps_error_level_words,
		  .otherwise = "PARTITION", .doc = "Who handles the error." },
		{ "ErrorCode", PS_TYPE_CHOICE, CN, .words = ps_error_code_words,
		  .doc = "What the error is to the partition's error handler; of level PROCESS "
			 "only." },
		STATE_ATTRS, PS_SOURCE_ATTR(CN, C), PS_WHEN_ATTR(CN, C)),
	.doc = "An error, and its level.",
};

static const struct ps_element system_errors = {
	"SystemErrors", CN,
	.children = PS_CHILDREN({ &system_error, 0, 0 }),
	.doc = "All errors.",
};

#define ERROR_REF \
	{ "ErrorIdentifierRef", PS_TYPE_NUMBER, CN, .required = CN, .max = UINT32_MAX, \
	  .doc = "Number of the error." }, \
	{ "Description", PS_TYPE_TEXT, CN, .own = C, .doc = "What the error is." }

static const struct ps_element module_action = {
	"ErrorAction", CN,
	.attrs = PS_ATTRS(ERROR_REF,
		{ "ModuleRecoveryAction", PS_TYPE_CHOICE, CN, .required = CN,
		  .words = ps_module_action_words, .doc = "What the module does." },
		STATE_ATTRS, PS_WHEN_ATTR(CN, C)),
	.doc = "An error, and what is done about it.",
};

static const struct ps_element partition_action = {
	"ErrorAction", CN,
	.attrs = PS_ATTRS(ERROR_REF,
		{ "PartitionRecoveryAction", PS_TYPE_CHOICE, CN, .required = CN,
		  .words = ps_partition_action_words, .doc = "What becomes of the partition." },
		STATE_ATTRS, PS_WHEN_ATTR(CN, C)),
	.doc = "An error, and what is done about it.",
};

static const struct ps_element member = {
	"Member", CN, .own = C,
	.attrs = PS_ATTRS(PARTITION_NAME(CN, 0, CN)),
	.doc = "A partition of the group.",
};

static const struct ps_element module_table = {
	"ModuleHM", CN,
	.attrs = PS_ATTRS(TABLE_NAME, CALLBACK),
	.children = PS_CHILDREN({ &module_action, 0, 0 }),
	.doc = "Actions for errors of level MODULE.",
};

static const struct ps_element multi_table = {
	"MultiPartitionHM", CN,
	.attrs = PS_ATTRS(TABLE_NAME),
	.children = PS_CHILDREN({ &member, 0, 0 }, { &module_action, 0, 0 }),
	.doc = "The same for a group of partitions.",
};

static const struct ps_element partition_table = {
	"PartitionHM", CN,
	.attrs = PS_ATTRS(TABLE_NAME, PARTITION_NAME(CN, C, 0), CALLBACK),
	.children = PS_CHILDREN({ &partition_action, 0, 0 }),
	.doc = "Actions for errors of level PARTITION.",
};

static const struct ps_element health = {
	"HealthMonitoring", CN,
	.children = PS_CHILDREN({ &system_errors, CN, 0 }, { &module_table, 0, 0 },
				{ &multi_table, 0, 0 }, { &partition_table, 0, 0 }),
	.doc = "Health monitor tables.",
};

#define ROOT_DOC "A module: its partitions, schedules and channels."

const struct ps_element ps_2015_root = {
	"MODULE", C,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_TEXT, C, .doc = "Name of the module." },
		{ "Version", PS_TYPE_TEXT, C, .own = C, .doc = "Version of the configuration." },
		{ "Identifier", PS_TYPE_TEXT, C, .own = C, .doc = "Identifier of the module." }),
	.shared = ps_module_attrs,
	.children = PS_CHILDREN({ &partitions, C, C }, { &schedules, 0, C }, { &channels, C, 0 },
				{ &health, C, 0 }, { &ps_network_element, 0, 0 }),
	.doc = ROOT_DOC,
};

const struct ps_element ps_mumu_root = {
	"ARINC_653_Module", M,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_TEXT, M,
		  .doc = "Name of the module where there is no ModuleName." },
		{ "ModuleName", PS_TYPE_TEXT, M, .doc = "Name of the module." },
		{ "ModuleVersion", PS_TYPE_TEXT, M, .doc = "Version of the configuration." },
		{ "ModuleId", PS_TYPE_TEXT, M, .doc = "Identifier of the module." }),
	.shared = ps_module_attrs,
	.children = PS_CHILDREN({ &partitions, M, M }, { &schedules, 0, M }, { &mumu_table, M, 0 },
				{ &ps_network_element, 0, 0 }),
	.doc = ROOT_DOC,
};

const struct ps_element ps_native_root = {
	"Module", N,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_TEXT, N, .doc = "Name of the module." },
		{ "Version", PS_TYPE_TEXT, N, .doc = "Version of the configuration." },
		{ "Identifier", PS_TYPE_TEXT, N, .doc = "Identifier of the module." }),
	.shared = ps_module_attrs,
	.children = PS_CHILDREN({ &partitions, N, N }, { &schedules, 0, N }, { &channels, N, 0 },
				{ &health, N, 0 }, { &ps_network_element, 0, 0 }),
	.doc = ROOT_DOC,
};
