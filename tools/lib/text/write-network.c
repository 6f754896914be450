// SPDX-License-Identifier: GPL-2.0
/*
 * write-network - virtual networks and network interfaces, which no other dialect
 * has: they are of our namespace, or lost
 */
#include "error.h"
#include "write-priv.h"

void ps_write_networks(struct ps_writer *w)
{
	size_t i;

	for (i = 0; i < w->model->nr_networks; i++) {
		const struct ps_network *network = &w->model->networks[i];
		struct ps_subject subject = ps_subject(network->line, "network \"%s\"",
						       PS_SAFE(network->name));

		if (ps_write_pure(w)) {
			ps_write_lost(w, &subject, "none", "the network is lost");
			continue;
		}
		ps_write_open_own(w, "Network");
		ps_write_text(w, "Name", network->name);
		ps_write_close(w);
	}
}

void ps_write_nics(struct ps_writer *w, const struct ps_partition *p)
{
	char mac[PS_MAC_TEXT];
	size_t i;

	for (i = 0; i < p->nr_nics; i++) {
		const struct ps_nic *nic = &p->nics[i];
		struct ps_subject subject = ps_subject(nic->line, "NIC \"%s\" of partition \"%s\"",
						       PS_SAFE(nic->name), PS_SAFE(p->name));

		if (ps_write_pure(w)) {
			ps_write_lost(w, &subject, "none", "the NIC is lost");
			continue;
		}
		ps_write_open_own(w, "Nic");
		ps_write_text(w, "Name", nic->name);
		ps_write_text(w, "Network", nic->network);
		if (nic->has_mac)
			ps_write_text(w, "Mac", ps_mac_text(nic->mac, mac));
		ps_write_text(w, "Filter", nic->filter ? NULL : "false");
		ps_write_text(w, "Broadcast", nic->broadcast ? NULL : "false");
		ps_write_true(w, "Isolated", nic->isolated);
		ps_write_true(w, "Vhost", nic->vhost);
		ps_write_close(w);
	}
}
