// SPDX-License-Identifier: GPL-2.0
/*
 * refer - which partition is meant, by identifier, by name or by both
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "units.h"
#include "xml-priv.h"

/* Looking for the nearest of many names is slow: not for every line of a file. */
#define NEAREST_TIMES 1000

static const xmlChar *id_key(char *buf, size_t size, uint32_t id)
{
	snprintf(buf, size, "%" PRIu32, id);
	return (const xmlChar *)buf;
}

void ps_refer_begin(struct ps_reader *reader)
{
	const struct ps_model *model = reader->model;
	char buf[16];
	size_t i;

	reader->names = xmlHashCreate((int)model->nr_partitions);
	reader->ids = xmlHashCreate((int)model->nr_partitions);
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		/* of several the first stays; that there are is told elsewhere */
		if (*p->name)
			xmlHashAddEntry(reader->names, (const xmlChar *)p->name, (void *)(i + 1));
		xmlHashAddEntry(reader->ids, id_key(buf, sizeof(buf), p->id), (void *)(i + 1));
	}
}

void ps_refer_end(struct ps_reader *reader)
{
	xmlHashFree(reader->names, NULL);
	xmlHashFree(reader->ids, NULL);
	reader->names = NULL;
	reader->ids = NULL;
}

/* Index of the partition, or -1. */
static long named(const struct ps_reader *reader, const char *name)
{
	return (long)(uintptr_t)xmlHashLookup(reader->names, (const xmlChar *)name) - 1;
}

static const char *nearest_name(const struct ps_reader *reader, const char *name)
{
	const struct ps_model *model = reader->model;
	const char **known, *nearest;
	size_t i;

	if (reader->findings->counts[PS_DANGLING] > NEAREST_TIMES)
		return NULL;
	known = ps_calloc(model->nr_partitions, sizeof(*known));
	for (i = 0; i < model->nr_partitions; i++)
		known[i] = model->partitions[i].name;
	nearest = ps_nearest(name, known, model->nr_partitions);
	free(known);
	return nearest;
}

static uint32_t by_name(const struct ps_place *p, const char *attr, const char *name)
{
	long found = named(p->reader, name);
	const char *nearest;
	char *advice = NULL;

	if (found >= 0)
		return (uint32_t)found;
	nearest = nearest_name(p->reader, name);
	if (nearest)
		advice = ps_asprintf("did you mean \"%s\"?", PS_SAFE(nearest));
	ps_find(p->reader->findings, PS_DANGLING, p->line, p->object, advice,
		"%s \"%s\" names no partition", attr, PS_SAFE(name));
	free(advice);
	return PS_NONE;
}

/* Has the partition an identifier of its own, or one in place of an unreadable one? */
static bool identified(const struct ps_model *model, size_t index)
{
	return model->partitions[index].id != ps_unread_id(index);
}

/* An identifier that nobody has: perhaps the name helps. */
static void tell_no_id(const struct ps_place *p, const char *attr, uint64_t id, const char *name)
{
	const struct ps_model *model = p->reader->model;
	const char *nearest = name ? nearest_name(p->reader, name) : NULL;
	long found = nearest ? named(p->reader, nearest) : -1;
	char *advice = NULL;

	if (found >= 0 && identified(model, (size_t)found))
		advice = ps_asprintf("partition \"%s\" has the identifier %" PRIu32,
				     PS_SAFE(nearest), model->partitions[found].id);
	ps_find(p->reader->findings, PS_DANGLING, p->line, p->object, advice,
		"%s %" PRIu64 " is that of no partition", attr, id);
	free(advice);
}

uint32_t ps_refer(const struct ps_place *place, const char *id, const char *name)
{
	const struct ps_model *model = place->reader->model;
	char *text = ps_attr_text(place, name), buf[16];
	uint32_t index = PS_NONE;
	uint64_t number;
	long found, other;

	/* without a readable identifier the name may do */
	if (!id || !ps_attr_given(place, id)) {
		if (text)
			index = by_name(place, name, text);
		free(text);
		return index;
	}
	number = ps_attr_number(place, id, UINT64_MAX);
	if (number > UINT32_MAX) {	/* told; the name may still do */
		found = text ? named(place->reader, text) : -1;
		free(text);
		return found < 0 ? PS_NONE : (uint32_t)found;
	}
	found = (long)(uintptr_t)xmlHashLookup(place->reader->ids,
					       id_key(buf, sizeof(buf), (uint32_t)number)) - 1;
	other = text ? named(place->reader, text) : found;
	if (found < 0 && other >= 0 && !identified(model, (size_t)other)) {
		index = (uint32_t)other;	/* its own identifier has been told */
	} else if (found < 0) {
		tell_no_id(place, id, number, text);
	} else {
		index = (uint32_t)found;
		/* several may have the name: any of them fits */
		if (text && other != found && strcmp(text, model->partitions[found].name))
			ps_find(place->reader->findings, PS_MISMATCH, place->line, place->object,
				"the identifier decides; correct the one that is wrong",
				"%s %" PRIu64 " is partition \"%s\", but %s \"%s\" is %s", id,
				number, PS_SAFE(model->partitions[found].name), name,
				PS_SAFE(text), other < 0 ? "none" : "another");
	}
	free(text);
	return index;
}
