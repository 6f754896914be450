// SPDX-License-Identifier: GPL-2.0
/*
 * guest-net - the networks of the guests that run in QEMU
 */
#include "guest-net.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge.h"
#include "state.h"

/* nsenter --net=/run/partsched/net */
#define SPACE	STATE_DIR "/net"

static int open_nic(int space, struct qemu_nic *to, const struct ps_nic *nic,
		    struct ps_error *error)
{
	*to = (struct qemu_nic){ .fd = -1, .vhost_fd = -1 };
	memcpy(to->mac, nic->mac, sizeof(to->mac));
	if (net_bridge(space, nic->network, error))
		return -1;
	to->fd = net_tap(space, nic, error);
	if (to->fd < 0 || !nic->vhost)
		return to->fd < 0 ? -1 : 0;
	to->vhost_fd = net_vhost(error);
	return to->vhost_fd < 0 ? -1 : 0;
}

int guest_net_open(struct guest_net *net, const struct ps_partition *partition,
		   struct ps_error *error)
{
	int space, rc = 0;

	net->nr = 0;
	if (!partition->nr_nics)
		return 0;
	space = net_space(SPACE, error);
	if (space < 0)
		return -1;
	while (!rc && net->nr < partition->nr_nics && net->nr < PS_MAX_NICS) {
		rc = open_nic(space, &net->nics[net->nr], &partition->nics[net->nr], error);
		net->nr++;
	}
	close(space);
	if (rc)
		guest_net_close(net);
	return rc;
}

void guest_net_close(struct guest_net *net)
{
	size_t i;

	for (i = 0; i < net->nr; i++) {
		if (net->nics[i].fd >= 0)
			close(net->nics[i].fd);
		if (net->nics[i].vhost_fd >= 0)
			close(net->nics[i].vhost_fd);
	}
	net->nr = 0;
}

void guest_net_hand_on(const struct guest_net *net)
{
	size_t i;

	for (i = 0; i < net->nr; i++) {
		fcntl(net->nics[i].fd, F_SETFD, 0);
		if (net->nics[i].vhost_fd >= 0)
			fcntl(net->nics[i].vhost_fd, F_SETFD, 0);
	}
}

void guest_net_place_vhost(pid_t pid)
{
	char wanted[32], path[300], comm[32];
	const struct dirent *entry;
	cpu_set_t cpus;
	DIR *proc;

	if (sched_getaffinity(pid, sizeof(cpus), &cpus))
		return;
	proc = opendir("/proc");
	snprintf(wanted, sizeof(wanted), "vhost-%d\n", (int)pid);
	while (proc && (entry = readdir(proc))) {
		FILE *file;

		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(comm, sizeof(comm), file) && !strcmp(comm, wanted))
			sched_setaffinity(atoi(entry->d_name), sizeof(cpus), &cpus);
		fclose(file);
	}
	if (proc)
		closedir(proc);
}

static bool has_network(const struct ps_model *model, const char *name)
{
	size_t i;

	for (i = 0; i < model->nr_networks; i++) {
		if (!strcmp(model->networks[i].name, name))
			return true;
	}
	return false;
}

void guest_net_end(const struct ps_model *before, const struct ps_model *after)
{
	struct ps_error error;
	int space;
	size_t i;

	if (!after || !after->nr_networks) {
		net_space_end(SPACE);
		return;
	}
	if (!before || access(SPACE, F_OK))
		return;
	space = net_space(SPACE, &error);
	for (i = 0; space >= 0 && i < before->nr_networks; i++) {
		const char *name = before->networks[i].name;

		/* one that stays is in nobody's way */
		if (!has_network(after, name) && net_bridge_end(space, name, &error))
			fprintf(stderr, "partctl: %s\n", error.text);
	}
	if (space >= 0)
		close(space);
}
