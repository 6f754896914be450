// SPDX-License-Identifier: GPL-2.0
/*
 * read-2015-tables - the schema of 2015, mumu's dialect and our own turned into
 * the model: channels and health monitor
 */
#include <inttypes.h>
#include <stdio.h>

#include "alloc.h"
#include "error.h"
#include "xml-priv.h"

static struct ps_channel *add_channel(struct ps_place *p, const char *id, const char *name)
{
	struct ps_channel *channel = ps_model_add_channel(p->reader->model);

	snprintf(p->object, sizeof(p->object), "channel");
	channel->line = p->line;
	channel->has_id = ps_attr_given(p, id);
	channel->id = (uint32_t)ps_attr_number(p, id, UINT32_MAX - p->reader->model->nr_channels);
	if (channel->has_id)
		snprintf(p->object, sizeof(p->object), "channel %" PRIu32, channel->id);
	else
		channel->id = 0;
	channel->name = ps_attr_title(p, name, "channel");
	return channel;
}

/* Neither identifier nor name: the structure check cannot know it takes one. */
static void tell_no_partition(const struct ps_place *p, const char *what)
{
	ps_find(p->reader->findings, PS_NO_ATTRIBUTE, p->line, p->object, NULL,
		"an end of it says no partition: attribute %s is missing", what);
}

/*
 * mumu's channels make their ports. @ports finds those that are made already:
 * a channel refers to a port of its partition, and perhaps another does too.
 */
static void imply_port(const struct ps_place *p, const struct ps_end *end,
		       const struct ps_port *like, bool source, xmlHashTable *ports)
{
	struct ps_port *port;
	char partition[16];

	if (end->partition == PS_NONE || !end->port)
		return;
	snprintf(partition, sizeof(partition), "%" PRIu32, end->partition);
	if (xmlHashAddEntry2(ports, (const xmlChar *)end->port, (const xmlChar *)partition,
			     (void *)like))
		return;
	port = ps_partition_add_port(&p->reader->model->partitions[end->partition]);
	*port = *like;
	port->name = ps_strdup(end->port);
	port->source = source;
	port->line = end->line;
}

static void read_mumu_end(const struct ps_place *p, struct ps_end *end)
{
	end->line = p->line;
	if (!ps_attr_given(p, "PartitionIdentifier") && !ps_attr_given(p, "PartitionNameRef"))
		tell_no_partition(p, "PartitionIdentifier");
	end->partition = ps_refer(p, "PartitionIdentifier", "PartitionNameRef");
	end->port = ps_attr_text(p, "PortName");
	end->kick = ps_attr_choice(p, "Kick", PS_KICK_NONE);
}

static void read_mumu_channel(struct ps_place *p, xmlHashTable *ports)
{
	struct ps_channel *channel = add_channel(p, "ChannelIdentifier", "ChannelName");
	struct ps_port like = { .implied = true };
	struct ps_place side, child;

	like.queuing = ps_place_is(p, "QueuingChannel");
	like.message = (uint32_t)ps_attr_number(p, "MaxMessageSize", PS_DEFAULT_MESSAGE);
	like.refresh_ns = ps_attr_number(p, "RefreshRate", PS_REFRESH_NONE);
	like.depth = (uint32_t)ps_attr_number(p, "MaxNbMessages", 0);
	ps_for_each(&side, p, NULL) {
		bool source = ps_place_is(&side, "Source");

		ps_for_each(&child, &side, "StandardPort") {
			struct ps_end *end = source ? ps_channel_add_source(channel) :
					     ps_channel_add_destination(channel);

			read_mumu_end(&child, end);
			imply_port(p, end, &like, source, ports);
		}
	}
}

static void read_end(const struct ps_place *p, struct ps_end *end)
{
	end->line = p->line;
	end->pseudo = ps_attr_bool(p, "Pseudo");
	end->name = ps_attr_text(p, "Name");
	end->address = ps_attr_text(p, "PhysicalAddress");
	end->procedure = ps_attr_text(p, "Procedure");
	end->kick = ps_attr_choice(p, "Kick", PS_KICK_NONE);
	if (end->pseudo)
		return;
	if (!ps_attr_given(p, "PartitionNameRef"))
		tell_no_partition(p, "PartitionNameRef (or Pseudo)");
	if (!ps_attr_given(p, "PortName"))
		ps_find(p->reader->findings, PS_NO_ATTRIBUTE, p->line, p->object, NULL,
			"an end of it says no port: attribute PortName is missing");
	end->partition = ps_refer(p, NULL, "PartitionNameRef");
	end->port = ps_attr_text(p, "PortName");
}

static void read_channel(struct ps_place *p)
{
	struct ps_channel *channel = add_channel(p, "Identifier", "Name");
	struct ps_place child;

	ps_for_each(&child, p, NULL)
		read_end(&child, ps_place_is(&child, "Source") ? ps_channel_add_source(channel) :
			 ps_channel_add_destination(channel));
}

void ps_2015_read_channels(const struct ps_place *root)
{
	struct ps_place table, child;
	xmlHashTable *ports;

	if (ps_place_first(&table, root, "Channels")) {
		ps_for_each(&child, &table, "Channel")
			read_channel(&child);
	}
	if (ps_place_first(&table, root, "Connection_Table")) {
		ports = xmlHashCreate(0);
		ps_for_each(&child, &table, NULL)
			read_mumu_channel(&child, ports);
		xmlHashFree(ports, NULL);
	}
}

static void read_error(const struct ps_place *p, struct ps_health_table *table, const char *id,
		       const char *action)
{
	struct ps_health_entry *entry = ps_health_add(table);

	entry->line = p->line;
	entry->error = (uint32_t)ps_attr_number(p, id, UINT32_MAX);
	entry->description = ps_attr_text(p, "Description");
	entry->has_state = ps_attr_given(p, "SystemState");
	entry->state = (uint32_t)ps_attr_number(p, "SystemState", 0);
	entry->state_description = ps_attr_text(p, "StateDescription");
	entry->when = ps_read_when(p);
	if (action)
		entry->action = ps_attr_choice(p, action, PS_RECOVERY_NONE);
	else
		ps_read_level(p, entry);
}

static struct ps_health_table *add_table(struct ps_place *p, enum ps_health_kind kind)
{
	struct ps_health_table *table = ps_model_add_health(p->reader->model);

	table->kind = kind;
	table->line = p->line;
	table->name = ps_attr_text(p, "TableName");
	table->callback = ps_attr_text(p, "Callback");
	if (table->name)
		snprintf(p->object, sizeof(p->object), "%s \"%s\"", p->element->name,
			 PS_SAFE(table->name));
	else
		snprintf(p->object, sizeof(p->object), "%s", p->element->name);
	return table;
}

static void read_table(struct ps_place *p, enum ps_health_kind kind, const char *action)
{
	struct ps_health_table *table = add_table(p, kind);
	struct ps_place child;

	if (kind == PS_HEALTH_PARTITION)
		table->partition = ps_refer(p, NULL, "PartitionNameRef");
	ps_for_each(&child, p, NULL) {
		uint32_t index;

		if (!ps_place_is(&child, "Member")) {
			read_error(&child, table, action ? "ErrorIdentifierRef" : "ErrorIdentifier",
				   action);
			continue;
		}
		index = ps_refer(&child, NULL, "PartitionNameRef");
		if (index != PS_NONE)
			*(uint32_t *)ps_grow(&table->members, &table->nr_members,
					     sizeof(*table->members)) = index;
	}
}

void ps_2015_read_health(const struct ps_place *root)
{
	struct ps_place tables, child;

	if (!ps_place_first(&tables, root, "HealthMonitoring"))
		return;
	ps_for_each(&child, &tables, NULL) {
		if (ps_place_is(&child, "SystemErrors"))
			read_table(&child, PS_HEALTH_SYSTEM, NULL);
		else if (ps_place_is(&child, "ModuleHM"))
			read_table(&child, PS_HEALTH_MODULE, "ModuleRecoveryAction");
		else if (ps_place_is(&child, "MultiPartitionHM"))
			read_table(&child, PS_HEALTH_MULTI, "ModuleRecoveryAction");
		else
			read_table(&child, PS_HEALTH_PARTITION, "PartitionRecoveryAction");
	}
}
