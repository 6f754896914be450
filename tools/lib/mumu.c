// SPDX-License-Identifier: GPL-2.0
/*
 * mumu - its dialect turned into the model
 *
 * Tolerant in form, strict in meaning: a value that cannot be read is told and
 * replaced by one that raises no further complaint of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "units.h"
#include "xml-priv.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define LIST(...) (const char *const[]){ __VA_ARGS__, NULL }
#define ATTRS(...) (const struct ps_attr_rule[]){ __VA_ARGS__, { 0 } }
#define MAY(name) { name, false, false }
#define MUST(name) { name, false, true }
#define OWN(name) { name, true, false }

/* Greatest memory that partvm gives a lean guest, in bytes, and the least. */
#define MEMORY_MAX	(16ULL << 30)
#define MEMORY_MIN	PS_DEFAULT_MEMORY
/* Host CPU numbers that any kernel could have. */
#define CPU_MAX		8191
#define TIME_MAX_NS	INT64_MAX

static const struct ps_element_rule rules[] = {
	{ "ARINC_653_Module",
	  .attrs = ATTRS(MAY("Name"), MAY("ModuleName"), MAY("ModuleVersion"), MAY("ModuleId"),
			 OWN("SlackPpm")),
	  .children = LIST("Partitions", "Schedules", "Connection_Table"),
	  .once = LIST("Partitions", "Connection_Table"),
	  .needed = LIST("Partitions", "Schedules") },
	{ "Partitions",
	  .children = LIST("Partition"),
	  .needed = LIST("Partition") },
	{ "Partition",
	  .children = LIST("PartitionDefinition", "PartitionPeriodicity", "CoreAffinity"),
	  .once = LIST("PartitionDefinition", "PartitionPeriodicity", "CoreAffinity"),
	  .needed = LIST("PartitionDefinition") },
	{ "PartitionDefinition",
	  .attrs = ATTRS(MUST("Identifier"), MUST("Name"), MAY("BinaryPath"), MAY("AutoStart"),
			 MAY("EntryPoint"), MAY("ScheduleChangeAction"), MAY("SetModuleSchedule"),
			 MAY("SystemPartition"), MAY("Affinity"), MAY("Criticality"),
			 OWN("Memory"), OWN("HaltExits"), OWN("Launcher")) },
	{ "PartitionPeriodicity", .attrs = ATTRS(MUST("Duration"), MUST("Period")) },
	{ "CoreAffinity",
	  .children = LIST("CoreMapping"),
	  .needed = LIST("CoreMapping") },
	{ "CoreMapping", .attrs = ATTRS(MUST("LogicalCoreId"), MUST("PhysicalCoreId")) },
	{ "Schedules",
	  .attrs = ATTRS(MUST("MajorFrameDuration"), MAY("ScheduleIdentifier"),
			 MAY("InitialModuleSchedule"), MAY("ScheduleName")),
	  .children = LIST("PartitionTimeWindow"),
	  .needed = LIST("PartitionTimeWindow") },
	{ "PartitionTimeWindow",
	  .attrs = ATTRS(MUST("PartitionNameRef"), MUST("Duration"), MUST("Offset"),
			 MAY("PeriodicProcessingStart"), MAY("WindowIdentifier")) },
	{ "Connection_Table", .opaque = true },
};

/* An element under its own name: what findings in it are about. */
struct place {
	struct ps_reader *reader;
	xmlNode *node;
	int line;
	char object[300];
};

static struct place place(struct ps_reader *reader, xmlNode *node, const char *object)
{
	struct place p = { .reader = reader, .node = node };

	p.line = (int)xmlGetLineNo(node);
	snprintf(p.object, sizeof(p.object), "%s", object);
	return p;
}

static xmlNode *first(xmlNode *parent, const char *name)
{
	xmlNode *child;

	for (child = parent ? parent->children : NULL; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE && child->ns &&
		    !strcmp((const char *)child->ns->href, MUMU_NAMESPACE) &&
		    !strcmp((const char *)child->name, name))
			return child;
	}
	return NULL;
}

static xmlNode *next(xmlNode *node)
{
	const char *name = (const char *)node->name;

	for (node = node->next; node; node = node->next) {
		if (node->type == XML_ELEMENT_NODE && node->ns &&
		    !strcmp((const char *)node->ns->href, MUMU_NAMESPACE) &&
		    !strcmp((const char *)node->name, name))
			return node;
	}
	return NULL;
}

/* An attribute's text, to be freed; NULL if it is not there. */
static char *attr_text(const struct place *p, const char *name, bool own)
{
	xmlChar *raw = xmlGetNsProp(p->node, (const xmlChar *)name,
				    own ? (const xmlChar *)PS_XML_NAMESPACE : NULL);
	char *text;

	if (!raw)
		return NULL;
	if (!own) {
		/* with NULL libxml2 also takes attributes that have a namespace */
		const xmlAttr *attr = xmlHasNsProp(p->node, (const xmlChar *)name, NULL);

		if (attr && attr->ns) {
			xmlFree(raw);
			return NULL;
		}
	}
	text = ps_strdup((const char *)raw);
	xmlFree(raw);
	return text;
}

static void note_blanks(const struct place *p, const char *name)
{
	ps_find(p->reader->findings, PS_BLANKS, p->line, p->object, NULL,
		"the blanks around the value of %s are passed over", name);
}

/* A number, or @otherwise if it is not there or cannot be read. */
static uint64_t number(const struct place *p, const char *name, uint64_t min, uint64_t max,
		       uint64_t otherwise)
{
	char *text = attr_text(p, name, false);
	uint64_t value = otherwise;
	bool blanks = false;
	enum ps_unit unit;

	if (!text)
		return otherwise;
	unit = ps_read_u64(text, min, max, &value, &blanks);
	if (unit)
		ps_find(p->reader->findings, PS_NUMBER, p->line, p->object, NULL,
			"%s \"%s\" %s; an integer from %llu to %llu is wanted (decimal or 0x...)",
			name, PS_SAFE(text), ps_unit_reason(unit), (unsigned long long)min,
			(unsigned long long)max);
	else if (blanks)
		note_blanks(p, name);
	free(text);
	return value;
}

static bool boolean(const struct place *p, const char *name, bool own, bool otherwise)
{
	char *text = attr_text(p, name, own);
	bool value = otherwise, blanks = false;

	if (!text)
		return otherwise;
	if (ps_read_bool(text, &value, &blanks))
		ps_find(p->reader->findings, PS_BOOLEAN, p->line, p->object, NULL,
			"%s%s \"%s\" is neither true nor false", own ? "ps:" : "", name,
			PS_SAFE(text));
	else if (blanks)
		note_blanks(p, name);
	free(text);
	return value;
}

/* Strip blanks around a text, in place; say so. */
static char *stripped(const struct place *p, const char *name, char *text)
{
	size_t len, skip;

	if (!text)
		return NULL;
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	skip = strspn(text, " \t\r\n");
	if (skip > len)
		skip = len;
	if (skip || text[len])
		note_blanks(p, name);
	text[len] = '\0';
	memmove(text, text + skip, len - skip + 1);
	return text;
}

static char *string(const struct place *p, const char *name)
{
	return stripped(p, name, attr_text(p, name, false));
}

/* One of several words; the index, or 0 after a complaint. */
static size_t choice(const struct place *p, const char *name, bool own, const char *const *words,
		     size_t nr)
{
	char *text = stripped(p, name, attr_text(p, name, own));
	size_t i, found = nr;

	if (!text)
		return 0;
	for (i = 0; i < nr; i++) {
		if (!strcmp(words[i], text))
			found = i;
	}
	if (found == nr) {
		const char *nearest = ps_nearest(text, words, nr);
		char *advice = ps_asprintf(nearest ? "did you mean %s?" : "write %s, for example",
					   nearest ? nearest : words[0]);

		ps_find(p->reader->findings, PS_CHOICE, p->line, p->object, advice,
			"%s%s \"%s\" is not one of its words", own ? "ps:" : "", name,
			PS_SAFE(text));
		free(advice);
		found = 0;
	}
	free(text);
	return found;
}

/* What the module will refuse in a name, told early. */
static void check_name(const struct place *p, const char *attr, const char *name)
{
	const unsigned char *s;
	const char *why = NULL;

	if (!*name)
		why = "is empty";
	else if (strlen(name) >= PARTSCHED_NAME_MAX)
		why = "is longer than 63 bytes";
	else if (strchr(name, '/'))
		why = "has a '/' in it";
	else if (!strcmp(name, ".") || !strcmp(name, ".."))
		why = "is the name of a directory";
	for (s = (const unsigned char *)name; !why && *s; s++) {
		/* C1 controls are C2 80 .. C2 9F in UTF-8 */
		if (*s < 0x20 || *s == 0x7f || (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f))
			why = "has a control character in it";
	}
	if (why)
		ps_find(p->reader->findings, PS_NAME, p->line, p->object,
			"a name has 1 to 63 bytes of UTF-8 without '/' and control characters",
			"%s \"%s\" %s", attr, PS_SAFE(name), why);
}

static void read_memory(const struct place *p, struct ps_partition *part)
{
	char *text = attr_text(p, "Memory", true);
	bool blanks = false;
	enum ps_unit unit;

	if (!text)
		return;
	unit = ps_read_size(text, MEMORY_MIN, MEMORY_MAX, &part->memory, &blanks);
	if (unit)
		ps_find(p->reader->findings, PS_NUMBER, p->line, p->object, NULL,
			"ps:Memory \"%s\" %s; bytes from %llu to %llu are wanted, K, M or G may follow",
			PS_SAFE(text), ps_unit_reason(unit), MEMORY_MIN, MEMORY_MAX);
	else if (part->memory % 4096)
		ps_find(p->reader->findings, PS_NUMBER, p->line, p->object, NULL,
			"ps:Memory \"%s\" is no multiple of 4096 bytes", PS_SAFE(text));
	else if (blanks)
		note_blanks(p, "ps:Memory");
	free(text);
}

static int by_index(const void *a, const void *b)
{
	const struct ps_vcpu *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static void read_cores(struct ps_reader *reader, xmlNode *affinity, struct ps_partition *part,
		       const char *object)
{
	xmlNode *node;
	size_t i;

	for (node = first(affinity, "CoreMapping"); node; node = next(node)) {
		struct place p = place(reader, node, object);
		struct ps_vcpu *vcpu;

		if (part->nr_vcpus == PARTSCHED_MAX_VCPUS) {
			ps_find(reader->findings, PS_TOO_MANY, p.line, object, NULL,
				"has more than %d vCPUs", PARTSCHED_MAX_VCPUS);
			break;
		}
		vcpu = ps_partition_add_vcpu(part);
		vcpu->line = p.line;
		vcpu->index = (uint32_t)number(&p, "LogicalCoreId", 0, PARTSCHED_MAX_VCPUS - 1,
					       part->nr_vcpus - 1);
		vcpu->cpu = (uint32_t)number(&p, "PhysicalCoreId", 0, CPU_MAX,
					     part->nr_vcpus - 1);
	}
	if (!part->nr_vcpus) {
		struct ps_vcpu *vcpu = ps_partition_add_vcpu(part);

		vcpu->cpu = 1;
		ps_find(reader->findings, PS_NO_CORES, part->line, object,
			"say where it runs: CoreAffinity with a CoreMapping for each vCPU",
			"names no CPU; it gets one vCPU, on CPU 1");
	}
	qsort(part->vcpus, part->nr_vcpus, sizeof(*part->vcpus), by_index);
	for (i = 0; i < part->nr_vcpus; i++) {
		if (part->vcpus[i].index == i)
			continue;
		ps_find(reader->findings, PS_VCPU, part->vcpus[i].line, object,
			"number the vCPUs 0, 1, 2 and so on, each once",
			"LogicalCoreId %u stands where %zu is due", part->vcpus[i].index, i);
		break;
	}
}

static void read_partition(struct ps_reader *reader, xmlNode *node)
{
	static const char *const launchers[] = { "partvm", "none" };
	static const char *const actions[] = { "IGNORE", "IDLE", "WARM_START", "COLD_START",
					       "WARM_RESTART", "COLD_RESTART" };
	xmlNode *def = first(node, "PartitionDefinition");
	struct ps_partition *part;
	struct place p, q;
	char *name, *binary;

	if (!def)
		return;
	part = ps_model_add_partition(reader->model);
	p = place(reader, def, "partition");
	part->line = p.line;
	name = string(&p, "Name");
	if (name)
		snprintf(p.object, sizeof(p.object), "partition \"%s\"", PS_SAFE(name));
	if (name)
		check_name(&p, "Name", name);
	part->name = name ? name : ps_strdup("");
	part->id = (uint32_t)number(&p, "Identifier", 0, UINT32_MAX,
				    UINT32_MAX - reader->model->nr_partitions);
	binary = string(&p, "BinaryPath");
	if (binary && *binary) {
		part->binary = *binary == '/' || !reader->dir ? ps_strdup(binary) :
			       ps_asprintf("%s/%s", reader->dir, binary);
	} else if (binary) {
		ps_find(reader->findings, PS_BINARY, p.line, p.object,
			"name a file, or take the attribute away", "BinaryPath is empty");
	}
	free(binary);
	part->auto_start = boolean(&p, "AutoStart", false, true);
	boolean(&p, "SystemPartition", false, false);
	boolean(&p, "SetModuleSchedule", false, false);
	choice(&p, "ScheduleChangeAction", false, actions, NR(actions));
	part->launcher = choice(&p, "Launcher", true, launchers, NR(launchers)) ?
			 PS_LAUNCHER_NONE : PS_LAUNCHER_PARTVM;
	part->halt_exits = boolean(&p, "HaltExits", true, false);
	read_memory(&p, part);

	if (first(node, "PartitionPeriodicity")) {
		q = place(reader, first(node, "PartitionPeriodicity"), p.object);
		part->period_line = q.line;
		part->period_ns = number(&q, "Period", 1, TIME_MAX_NS, 0);
		part->duration_ns = number(&q, "Duration", 1, TIME_MAX_NS, 0);
	}
	read_cores(reader, first(node, "CoreAffinity"), part, p.object);
}

/* The partition that a window means; -1 after a complaint. */
static long resolve(const struct place *p, const char *name)
{
	const struct ps_model *model = p->reader->model;
	const char *nearest, **known;
	char *advice = NULL;
	long found;
	size_t i;

	found = ps_model_find(model, name);
	if (found >= 0)
		return found;
	known = ps_calloc(model->nr_partitions, sizeof(*known));
	for (i = 0; i < model->nr_partitions; i++)
		known[i] = model->partitions[i].name;
	nearest = ps_nearest(name, known, model->nr_partitions);
	if (nearest)
		advice = ps_asprintf("did you mean \"%s\"?", PS_SAFE(nearest));
	ps_find(p->reader->findings, PS_DANGLING, p->line, p->object, advice,
		"PartitionNameRef \"%s\" names no partition", PS_SAFE(name));
	free(advice);
	free(known);
	return -1;
}

static void read_schedule(struct ps_reader *reader, xmlNode *node)
{
	struct ps_schedule *sched = ps_model_add_schedule(reader->model);
	struct place p = place(reader, node, "schedule");
	xmlNode *child;
	char object[64];
	size_t nr = 0;

	sched->line = p.line;
	sched->id = (uint32_t)number(&p, "ScheduleIdentifier", 0, UINT32_MAX,
				     reader->model->nr_schedules);
	snprintf(p.object, sizeof(p.object), "schedule %u", sched->id);
	sched->name = string(&p, "ScheduleName");
	if (sched->name)
		check_name(&p, "ScheduleName", sched->name);
	sched->initial = boolean(&p, "InitialModuleSchedule", false, false);
	sched->frame_ns = number(&p, "MajorFrameDuration", 1, PARTSCHED_MAX_FRAME_NS, 0);

	for (child = first(node, "PartitionTimeWindow"); child; child = next(child)) {
		struct ps_window *w, got = { 0 };
		struct place q;
		char *name;
		long partition;

		snprintf(object, sizeof(object), "window %zu of schedule %u", ++nr, sched->id);
		q = place(reader, child, object);
		got.line = q.line;
		got.offset_ns = number(&q, "Offset", 0, TIME_MAX_NS, UINT64_MAX);
		got.duration_ns = number(&q, "Duration", 1, TIME_MAX_NS, 0);
		boolean(&q, "PeriodicProcessingStart", false, false);
		name = string(&q, "PartitionNameRef");
		partition = name ? resolve(&q, name) : -1;
		free(name);
		if (partition < 0)
			continue;
		w = ps_schedule_add_window(sched);
		got.id = w->id;
		got.partition = (size_t)partition;
		*w = got;
	}
}

static void read_channels(struct ps_reader *reader, xmlNode *table)
{
	xmlNode *node;

	for (node = table->children; node; node = node->next) {
		struct ps_channel *channel;
		struct place p;

		if (node->type != XML_ELEMENT_NODE)
			continue;
		p = place(reader, node, "channel");
		channel = ps_model_add_channel(reader->model);
		channel->line = p.line;
		channel->name = string(&p, "ChannelName");
		channel->queuing = !strcmp((const char *)node->name, "QueuingChannel");
	}
	if (reader->model->nr_channels)
		ps_find(reader->findings, PS_CHANNELS, (int)xmlGetLineNo(table),
			"Connection_Table", NULL,
			"channels come in a later version: %zu %s read, but not created",
			reader->model->nr_channels,
			reader->model->nr_channels == 1 ? "was" : "were");
}

void ps_mumu_read(struct ps_reader *reader, xmlNode *root)
{
	struct place p = place(reader, root, "module");
	char *slack = attr_text(&p, "SlackPpm", true);
	struct ps_model *model = reader->model;
	xmlNode *node;

	ps_structure_check(reader->findings, root, MUMU_NAMESPACE, rules, NR(rules));
	model->line = p.line;
	model->name = string(&p, "ModuleName");
	if (!model->name)
		model->name = string(&p, "Name");
	if (slack) {
		uint64_t ppm = model->slack_ppm;
		enum ps_unit unit = ps_read_u64(slack, 0, 999999, &ppm, NULL);

		if (unit)
			ps_find(reader->findings, PS_NUMBER, p.line, p.object, NULL,
				"ps:SlackPpm \"%s\" %s; millionths from 0 to 999999 are wanted",
				PS_SAFE(slack), ps_unit_reason(unit));
		model->slack_ppm = (uint32_t)ppm;
		free(slack);
	}
	node = first(root, "Partitions");
	for (node = first(node, "Partition"); node; node = next(node))
		read_partition(reader, node);
	for (node = first(root, "Schedules"); node; node = next(node))
		read_schedule(reader, node);
	node = first(root, "Connection_Table");
	if (node)
		read_channels(reader, node);
}
