// SPDX-License-Identifier: GPL-2.0
/*
 * read-network - virtual networks and network interfaces, the same in all dialects
 */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "xml-priv.h"

void ps_read_networks(const struct ps_place *root)
{
	struct ps_place child;

	ps_for_each(&child, root, "Network") {
		struct ps_network *network = ps_model_add_network(root->reader->model);

		network->line = child.line;
		network->name = ps_attr_title(&child, "Name", "network");
	}
}

/* An address that cannot be read was told, and is as if it were not given. */
static void read_mac(const struct ps_place *p, struct ps_nic *nic)
{
	char *text = ps_attr_text(p, "Mac");
	const char *why;

	if (nic->name)
		ps_nic_default_mac(nic->name, nic->mac);
	why = text ? ps_mac_read(text, nic->mac) : NULL;
	nic->has_mac = text && !why;
	if (why)
		ps_find(p->reader->findings, PS_MAC, p->line, p->object,
			"write it as 02:00:00:00:00:01, or take it away: it gets one then",
			"Mac \"%s\" %s", PS_SAFE(text), why);
	free(text);
}

void ps_read_nics(const struct ps_place *place, struct ps_partition *part)
{
	struct ps_place child;

	ps_for_each(&child, place, "Nic") {
		struct ps_nic *nic = ps_partition_add_nic(part);

		nic->line = child.line;
		nic->name = ps_attr_title(&child, "Name", "NIC");
		nic->network = ps_attr_text(&child, "Network");
		read_mac(&child, nic);
		nic->filter = ps_attr_bool(&child, "Filter");
		nic->broadcast = ps_attr_bool(&child, "Broadcast");
		nic->isolated = ps_attr_bool(&child, "Isolated");
		nic->vhost = ps_attr_bool(&child, "Vhost");
	}
}
