// SPDX-License-Identifier: GPL-2.0
/*
 * dialect-part1 - ARINC 653 Part 1 and Part 2: decimal seconds, no namespace
 *
 * Part 1 is Part 2 without what several schedules need.
 */
#include "dialect.h"

#define AB	PS_IN_AB
#define B	PS_IN_B

#define PARTITION_REFERENCE \
	{ "PartitionIdentifier", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT32_MAX, \
	  .doc = "Identifier of the partition; where it and the name disagree, it decides." }, \
	{ "PartitionName", PS_TYPE_REFERENCE, AB, .doc = "Name of the partition." }

static const struct ps_element partition_configuration = {
	"PartitionConfiguration", AB, .vendor = true, .doc = "An extension of AIR; passed over.",
};

static const struct ps_element window_configuration = {
	"WindowConfiguration", AB, .vendor = true, .doc = "An extension of AIR; passed over.",
};

static const struct ps_element air_configuration = {
	"AIR_Configuration", AB, .vendor = true, .doc = "An extension of AIR; passed over.",
};

static const struct ps_element shared_memory = {
	"SharedMemory", AB, .vendor = true, .doc = "An extension of AIR; passed over.",
};

#define PORT_ATTRS \
	{ "Name", PS_TYPE_NAME, AB, .required = AB, .alias = "PortName", \
	  .doc = "Unique among the ports of the partition." }, \
	{ "MaxMessageSize", PS_TYPE_NUMBER, AB, .required = AB, .min = 1, .max = UINT32_MAX, \
	  .doc = "Greatest size of a message, in bytes." }, \
	{ "Direction", PS_TYPE_CHOICE, AB, .required = AB, .words = ps_direction_words, \
	  .doc = "SOURCE: the partition writes it; DESTINATION: it reads." }

static const struct ps_element sampling_port = {
	"Sampling_Port", AB,
	.attrs = PS_ATTRS(PORT_ATTRS,
		{ "RefreshRateSeconds", PS_TYPE_SECONDS, AB, .required = AB, .max = PS_MAX_TIME_NS,
		  .doc = "Age from which a message is no longer valid, in seconds; 0: it never "
			 "ages." }),
	.doc = "A port that holds the last message.",
};

static const struct ps_element queuing_port = {
	"Queuing_Port", AB,
	.attrs = PS_ATTRS(PORT_ATTRS,
		{ "MaxNbMessages", PS_TYPE_NUMBER, AB, .required = AB, .min = 1, .max = UINT32_MAX,
		  .alias = "MaxNbMessage", .doc = "Greatest number of messages in the queue." }),
	.doc = "A port that queues messages.",
};

static const struct ps_element partition = {
	"Partition", AB,
	.attrs = PS_ATTRS(
		{ "PartitionIdentifier", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT32_MAX,
		  .doc = "Unique among partitions." },
		{ "PartitionName", PS_TYPE_NAME, AB,
		  .doc = "Unique among partitions; \"partition\" and the identifier where it is "
			 "left out." },
		{ "Criticality", PS_TYPE_CHOICE, AB, .words = ps_level_words,
		  .doc = "Design assurance level; kept." },
		{ "SystemPartition", PS_TYPE_BOOL, AB, .otherwise = "false",
		  .doc = "The partition may use services beyond those of ARINC 653; kept." },
		{ "EntryPoint", PS_TYPE_TEXT, AB,
		  .doc = "Where the guest begins; kept, an ELF image names its own." }),
	.shared = ps_guest_attrs,
	.children = PS_CHILDREN({ &sampling_port, 0, 0 }, { &queuing_port, 0, 0 },
				{ &ps_vcpu_element, 0, 0 }, { &ps_nic_element, 0, 0 },
				{ &partition_configuration, 0, 0 }),
	.doc = "A virtual machine, and its ports.",
};

static const struct ps_element memory_requirements = {
	"Memory_Requirements", AB,
	.attrs = PS_ATTRS(
		{ "RegionName", PS_TYPE_TEXT, AB, .doc = "Name of the region." },
		{ "Type", PS_TYPE_TEXT, AB, .required = AB,
		  .doc = "CODE, DATA, INPUT_OUTPUT and so on." },
		{ "SizeBytes", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT64_MAX,
		  .doc = "Size in bytes." },
		{ "PhysicalAddress", PS_TYPE_NUMBER, AB, .max = UINT64_MAX,
		  .doc = "Address of its first byte." },
		{ "Access", PS_TYPE_TEXT, AB, .required = AB, .doc = "READ_ONLY or READ_WRITE." }),
	.doc = "A memory region of the partition.",
};

static const struct ps_element partition_memory = {
	"Partition_Memory", AB,
	.attrs = PS_ATTRS(PARTITION_REFERENCE),
	.children = PS_CHILDREN({ &memory_requirements, 0, 0 }),
	.doc = "The memory regions of a partition; kept.",
};

static const struct ps_element window_schedule = {
	"Window_Schedule", AB,
	.attrs = PS_ATTRS(
		{ "WindowIdentifier", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT32_MAX,
		  .doc = "Unique among the windows of the partition in the schedule." },
		{ "WindowStartSeconds", PS_TYPE_SECONDS, AB, .required = AB, .max = PS_MAX_TIME_NS,
		  .doc = "Start, from the start of the major frame, in seconds." },
		{ "WindowDurationSeconds", PS_TYPE_SECONDS, AB, .required = AB, .min = 1,
		  .max = PS_MAX_TIME_NS, .doc = "Length in seconds." },
		{ "PartitionPeriodStart", PS_TYPE_BOOL, AB, .otherwise = "false",
		  .doc = "A period of the partition begins with the window." },
		{ "Cpu", PS_TYPE_NUMBER, AB, .own = AB, .max = PS_MAX_CPU,
		  .doc = "Host CPU of the window; each virtual CPU's own where it is left out." },
		{ "Vcpu", PS_TYPE_NUMBER, AB, .own = AB, .max = PARTSCHED_MAX_VCPUS - 1,
		  .doc = "The only virtual CPU that the window opens; all where it is left out." }),
	.doc = "A window: the partition runs in [start, start + duration) of each major frame.",
};

static const struct ps_element partition_schedule = {
	"Partition_Schedule", AB,
	.attrs = PS_ATTRS(PARTITION_REFERENCE,
		{ "PeriodSeconds", PS_TYPE_SECONDS, AB, .required = AB, .min = 1,
		  .max = PS_MAX_TIME_NS, .doc = "Period in seconds." },
		{ "PeriodDurationSeconds", PS_TYPE_SECONDS, AB, .required = AB, .min = 1,
		  .max = PS_MAX_TIME_NS,
		  .doc = "Time that the partition needs in each period, in seconds." },
		{ "SetModuleSchedule", PS_TYPE_BOOL, B, .otherwise = "false",
		  .doc = "The partition may change the module schedule." },
		{ "ScheduleChangeAction", PS_TYPE_CHOICE, B, .words = ps_change_words,
		  .doc = "What the partition does when this schedule comes into force." }),
	.children = PS_CHILDREN({ &window_schedule, 0, 0 }, { &window_configuration, 0, 0 }),
	.doc = "What a partition needs and gets in this schedule.",
};

static const struct ps_element module_schedule = {
	"Module_Schedule", AB,
	.attrs = PS_ATTRS(
		{ "MajorFrameSeconds", PS_TYPE_SECONDS, AB, .required = AB, .min = 1,
		  .max = PARTSCHED_MAX_FRAME_NS, .doc = "Length of the major frame, in seconds." },
		{ "ScheduleName", PS_TYPE_NAME, B, .doc = "Unique among schedules." },
		{ "ScheduleIdentifier", PS_TYPE_NUMBER, B, .max = UINT32_MAX,
		  .doc = "Unique among schedules; the first is 1 where it is left out." },
		{ "InitialModuleSchedule", PS_TYPE_BOOL, B, .otherwise = "false",
		  .doc = "The schedule is in force first; exactly one of several is." }),
	.shared = ps_guard_attrs,
	.children = PS_CHILDREN({ &partition_schedule, 0, 0 }),
	.doc = "A module schedule: the windows of one major frame.",
};

static const struct ps_element pseudo_partition = {
	"Pseudo_Partition", AB,
	.attrs = PS_ATTRS(
		{ "Name", PS_TYPE_TEXT, AB, .doc = "Name of the device or host program." },
		{ "PhysicalAddress", PS_TYPE_TEXT, AB, .doc = "Where it is; kept as written." },
		{ "Procedure", PS_TYPE_TEXT, AB, .doc = "How it is accessed; kept as written." }),
	.doc = "An end of a channel outside of all partitions.",
};

#define PORT_REFERENCE \
	PARTITION_REFERENCE, \
	{ "PortName", PS_TYPE_REFERENCE, AB, .required = AB, .doc = "Port of the partition." }

static const struct ps_element source_partition = {
	"Standard_Partition", AB,
	.attrs = PS_ATTRS(PORT_REFERENCE),
	.doc = "A port of a partition.",
};

static const struct ps_element destination_partition = {
	"Standard_Partition", AB,
	.attrs = PS_ATTRS(PORT_REFERENCE,
		{ "Kick", PS_TYPE_CHOICE, AB, .own = AB, .words = ps_kick_words,
		  .otherwise = "none",
		  .doc = "When the partition is told of a message: never, now, or when its window "
			 "opens." }),
	.doc = "A port of a partition.",
};

static const struct ps_element source = {
	"Source", AB,
	.children = PS_CHILDREN({ &source_partition, 0, 0 }, { &pseudo_partition, 0, 0 }),
	.doc = "Where messages come from; a channel has one.",
};

static const struct ps_element destination = {
	"Destination", AB,
	.children = PS_CHILDREN({ &destination_partition, 0, 0 }, { &pseudo_partition, 0, 0 }),
	.doc = "Where messages go to.",
};

static const struct ps_element channel = {
	"Channel", AB,
	.attrs = PS_ATTRS(
		{ "ChannelIdentifier", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT32_MAX,
		  .doc = "Unique among channels." },
		{ "ChannelName", PS_TYPE_NAME, AB, .doc = "Unique among channels." }),
	.children = PS_CHILDREN({ &source, 0, 0 }, { &destination, 0, 0 }),
	.doc = "A channel between ports.",
};

static const struct ps_element connection_table = {
	"Connection_Table", AB,
	.children = PS_CHILDREN({ &channel, 0, 0 }),
	.doc = "The channels.",
};

#define ERROR_ID \
	{ "ErrorIdentifier", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT32_MAX, \
	  .doc = "Number of the error." }, \
	{ "Description", PS_TYPE_TEXT, AB, .doc = "What the error is." }

static const struct ps_element error_level = {
	"Error_ID_Level", AB,
	.attrs = PS_ATTRS(ERROR_ID,
		{ "ErrorLevel", PS_TYPE_CHOICE, AB, .required = AB, .words = ps_error_level_words,
		  .doc = "Who handles the error." },
		{ "ErrorCode", PS_TYPE_CHOICE, AB, .words = ps_error_code_words,
		  .doc = "What the error is to the partition's error handler; of level PROCESS "
			 "only." },
		PS_SOURCE_ATTR(AB, AB), PS_WHEN_ATTR(AB, AB)),
	.doc = "An error, and its level in this state.",
};

static const struct ps_element module_action = {
	"Error_ID_Action", AB,
	.attrs = PS_ATTRS(ERROR_ID,
		{ "Action", PS_TYPE_CHOICE, AB, .required = AB, .words = ps_module_action_words,
		  .doc = "What the module does." },
		PS_WHEN_ATTR(AB, AB)),
	.doc = "An error of level MODULE, and what is done about it.",
};

static const struct ps_element partition_action = {
	"Error_ID_Action", AB,
	.attrs = PS_ATTRS(ERROR_ID,
		{ "Action", PS_TYPE_CHOICE, AB, .required = AB, .words = ps_partition_action_words,
		  .doc = "What becomes of the partition." },
		PS_WHEN_ATTR(AB, AB)),
	.doc = "An error of level PARTITION, and what is done about it.",
};

#define STATE_ATTRS PS_ATTRS( \
	{ "SystemState", PS_TYPE_NUMBER, AB, .required = AB, .max = UINT32_MAX, \
	  .doc = "Number of the state." }, \
	{ "Description", PS_TYPE_TEXT, AB, .doc = "What the state is." })

static const struct ps_element system_state = {
	"System_State_Entry", AB, .attrs = STATE_ATTRS,
	.children = PS_CHILDREN({ &error_level, 0, 0 }),
	.doc = "A state of the system, and the errors in it.",
};

static const struct ps_element module_state = {
	"System_State_Entry", AB, .attrs = STATE_ATTRS,
	.children = PS_CHILDREN({ &module_action, 0, 0 }),
	.doc = "A state of the system, and the errors in it.",
};

static const struct ps_element partition_state = {
	"System_State_Entry", AB, .attrs = STATE_ATTRS,
	.children = PS_CHILDREN({ &partition_action, 0, 0 }),
	.doc = "A state of the system, and the errors in it.",
};

static const struct ps_element system_table = {
	"System_HM_Table", AB,
	.children = PS_CHILDREN({ &system_state, 0, 0 }),
	.doc = "The level of each error.",
};

static const struct ps_element module_table = {
	"Module_HM_Table", AB,
	.attrs = PS_ATTRS(
		{ "ModuleCallback", PS_TYPE_TEXT, AB, .doc = "Procedure that is called; kept." }),
	.children = PS_CHILDREN({ &module_state, 0, 0 }),
	.doc = "Actions for errors of level MODULE.",
};

static const struct ps_element partition_table = {
	"Partition_HM_Table", AB,
	.attrs = PS_ATTRS(PARTITION_REFERENCE,
		{ "PartitionCallback", PS_TYPE_TEXT, AB,
		  .doc = "Procedure that is called; kept." }),
	.children = PS_CHILDREN({ &partition_state, 0, 0 }),
	.doc = "Actions for errors of level PARTITION.",
};

const struct ps_element ps_part1_root = {
	"ARINC_653_Module", AB,
	.attrs = PS_ATTRS(
		{ "ModuleName", PS_TYPE_TEXT, AB, .doc = "Name of the module." },
		{ "ModuleVersion", PS_TYPE_TEXT, AB, .doc = "Version of the configuration." },
		{ "ModuleId", PS_TYPE_TEXT, AB, .doc = "Identifier of the module." }),
	.shared = ps_module_attrs,
	.children = PS_CHILDREN({ &system_table, AB, 0 }, { &module_table, AB, 0 },
				{ &partition, 0, AB }, { &partition_table, 0, 0 },
				{ &partition_memory, 0, 0 }, { &module_schedule, 0, AB },
				{ &connection_table, AB, 0 }, { &shared_memory, 0, 0 },
				{ &air_configuration, 0, 0 }, { &ps_network_element, 0, 0 }),
	.doc = "A module: its partitions, schedules and channels.",
};
