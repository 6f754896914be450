// SPDX-License-Identifier: GPL-2.0
/*
 * check-network - virtual networks and the guests' interfaces in them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"

/* A network or a network interface: both are interfaces of the host. */
struct interface {
	const char *name;
	const struct ps_partition *partition;	/* NULL: it is a network */
	const struct ps_nic *nic;
	int line;
};

static void name_interface(char *object, const struct interface *i)
{
	if (i->partition)
		snprintf(object, PS_OBJECT, "NIC \"%s\" of partition \"%s\"", PS_SAFE(i->name),
			 PS_SAFE(i->partition->name));
	else
		snprintf(object, PS_OBJECT, "network \"%s\"", PS_SAFE(i->name));
}

/* Those that have a name; that others have none was told. Return: number of them. */
static size_t gather(const struct ps_model *model, struct interface **list)
{
	size_t nr = model->nr_networks, used = 0, i, j;

	for (i = 0; i < model->nr_partitions; i++)
		nr += model->partitions[i].nr_nics;
	*list = ps_calloc(nr + 1, sizeof(**list));
	for (i = 0; i < model->nr_networks; i++) {
		const struct ps_network *n = &model->networks[i];

		if (n->name)
			(*list)[used++] = (struct interface){ n->name, NULL, NULL, n->line };
	}
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		for (j = 0; j < p->nr_nics; j++) {
			const struct ps_nic *nic = &p->nics[j];

			if (nic->name)
				(*list)[used++] = (struct interface){ nic->name, p, nic, nic->line };
		}
	}
	return used;
}

static int by_line(const struct interface *x, const struct interface *y)
{
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : x < y ? -1 : x > y;
}

static int by_name(const void *a, const void *b)
{
	int order = strcmp(((const struct interface *)a)->name, ((const struct interface *)b)->name);

	return order ? order : by_line(a, b);
}

static int by_mac(const void *a, const void *b)
{
	const struct interface *x = a, *y = b;
	int order;

	if (!x->nic || !y->nic)
		return (x->nic ? 1 : 0) - (y->nic ? 1 : 0);
	order = memcmp(x->nic->mac, y->nic->mac, PS_MAC_BYTES);
	return order ? order : by_line(a, b);
}

static void check_names(struct interface *list, size_t nr, struct ps_findings *findings)
{
	char object[PS_OBJECT];
	const char *why;
	size_t i;

	qsort(list, nr, sizeof(*list), by_name);
	for (i = 0; i < nr; i++) {
		name_interface(object, &list[i]);
		why = ps_interface_name_wrong(list[i].name);
		if (why)
			ps_find(findings, PS_INTERFACE, list[i].line, object,
				"it is the name of an interface of the host: 1 to 15 letters, digits and signs",
				"its name %s", why);
		if (i && !strcmp(list[i].name, list[i - 1].name))
			ps_find(findings, PS_SAME_INTERFACE, list[i].line, object,
				"networks and NICs are interfaces of the host side by side: call one of them something else",
				"has the name of the %s in line %d",
				list[i - 1].partition ? "NIC" : "network", list[i - 1].line);
	}
}

static void check_macs(struct interface *list, size_t nr, struct ps_findings *findings)
{
	char object[PS_OBJECT], mac[PS_MAC_TEXT];
	size_t i;

	qsort(list, nr, sizeof(*list), by_mac);
	for (i = 1; i < nr; i++) {
		const struct interface *x = &list[i - 1], *y = &list[i];

		if (!x->nic || memcmp(x->nic->mac, y->nic->mac, PS_MAC_BYTES) ||
		    /* their names are told, and where they have no Mac it is made of them */
		    (!strcmp(x->name, y->name) && !x->nic->has_mac && !y->nic->has_mac))
			continue;
		name_interface(object, y);
		ps_find(findings, PS_SAME_MAC, y->line, object,
			"give it another Mac, or none: it gets one then",
			"its address %s is that of NIC \"%s\" in line %d",
			ps_mac_text(y->nic->mac, mac), PS_SAFE(x->name), x->line);
	}
}

static void check_network_of(const struct ps_model *model, const struct interface *nic,
			     size_t *nics, struct ps_findings *findings)
{
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < model->nr_networks; i++) {
		if (model->networks[i].name && nic->nic->network &&
		    !strcmp(model->networks[i].name, nic->nic->network)) {
			nics[i]++;
			return;
		}
	}
	if (!nic->nic->network)
		return;
	name_interface(object, nic);
	ps_find(findings, PS_NO_NETWORK, nic->line, object, "write a Network of this name",
		"Network \"%s\" names none", PS_SAFE(nic->nic->network));
}

/* One that only one can reach is none. */
static void check_used(const struct ps_model *model, const size_t *nics,
		       struct ps_findings *findings)
{
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < model->nr_networks; i++) {
		struct interface network = { model->networks[i].name, NULL, NULL, 0 };

		if (nics[i] > 1 || !network.name)
			continue;
		name_interface(object, &network);
		ps_find(findings, PS_LONE_NIC, model->networks[i].line, object,
			"give another partition a Nic in it, or take it away",
			nics[i] ? "has one NIC, which reaches nothing" : "has no NIC");
	}
}

static void check_guest(const struct ps_partition *p, struct ps_findings *findings)
{
	char object[PS_OBJECT];

	ps_name_partition(object, p);
	if (p->nr_nics && p->launcher != PS_LAUNCHER_QEMU)
		ps_find(findings, PS_LAUNCHER, p->nics[0].line, object,
			"write Launcher=\"qemu\" and name a Kernel, or take it away",
			"has a Nic, which only guests of QEMU have");
	if (p->nr_nics > PS_MAX_NICS)
		ps_find(findings, PS_TOO_MANY, p->nics[PS_MAX_NICS].line, object,
			"take some away", "has %zu NICs; a guest takes %d", p->nr_nics, PS_MAX_NICS);
}

void ps_network_check(const struct ps_model *model, struct ps_findings *findings)
{
	size_t *nics = ps_calloc(model->nr_networks + 1, sizeof(*nics)), nr, i;
	struct interface *list;

	nr = gather(model, &list);
	for (i = 0; i < nr; i++) {
		if (list[i].nic)
			check_network_of(model, &list[i], nics, findings);
	}
	check_names(list, nr, findings);
	check_macs(list, nr, findings);
	check_used(model, nics, findings);
	for (i = 0; i < model->nr_partitions; i++)
		check_guest(&model->partitions[i], findings);
	free(list);
	free(nics);
}
