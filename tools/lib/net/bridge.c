// SPDX-License-Identifier: GPL-2.0
/*
 * bridge - the host's side of virtual networks
 */
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "space.h"

#define TUN	"/dev/net/tun"
#define VHOST	"/dev/vhost-net"
/* How long the end of a process before is waited for. */
#define BUSY_MS	5000
#define POLL_MS	10

/* What is done within the namespace. */
struct visit {
	const char *name;	/* of the interface, for what went wrong */
	struct ps_error *error;
	struct nl_sock *socket;
	int back;
};

/* @code: of libnl, negative. */
static int fail(const struct visit *v, const char *what, int code)
{
	return ps_fail(v->error, PS_EXIT_REFUSED, 0, "interface \"%s\": %s: %s", PS_SAFE(v->name),
		       what, nl_geterror(code));
}

static int fail_errno(const struct visit *v, const char *what)
{
	return ps_fail(v->error, errno == EPERM ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, errno,
		       "interface \"%s\": %s: %s", PS_SAFE(v->name), what, strerror(errno));
}

static int begin(struct visit *v, int space, const char *name, struct ps_error *error)
{
	int rc;

	*v = (struct visit){ .name = name, .error = error, .socket = nl_socket_alloc() };
	if (!v->socket)
		return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
	v->back = net_space_enter(space, error);
	if (v->back < 0) {
		nl_socket_free(v->socket);
		return -1;
	}
	rc = nl_connect(v->socket, NETLINK_ROUTE);
	if (!rc)
		return 0;
	fail(v, "netlink", rc);
	net_space_leave(v->back);
	nl_socket_free(v->socket);
	return -1;
}

static void end(struct visit *v)
{
	nl_socket_free(v->socket);
	net_space_leave(v->back);
}

/* Of this namespace; 0: there is none. */
static unsigned int index_of(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	rc = fd < 0 ? -1 : ioctl(fd, SIOCGIFINDEX, &request);
	if (fd >= 0)
		close(fd);
	return rc ? 0 : (unsigned int)request.ifr_ifindex;
}

/* A message about a link, of this index or, if that is 0, name. NULL: out of memory. */
static struct nl_msg *link_message(int type, int flags, int family, unsigned int index,
				   const char *name)
{
	struct ifinfomsg info = { .ifi_family = (unsigned char)family, .ifi_index = (int)index };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && (nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) ||
		    (name && nla_put_string(msg, IFLA_IFNAME, name)))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* Send and wait for the answer. Return: 0 or what libnl says. */
static int ask(struct visit *v, struct nl_msg *msg)
{
	return msg ? nl_send_sync(v->socket, msg) : -NLE_NOMEM;
}

static int up(struct visit *v, unsigned int index)
{
	struct ifinfomsg info = { .ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return ask(v, msg);
}

/*
 * Make it, or put it right. No spanning tree: its ports forward at once. No
 * snooping: what is for a group is for all. Its address is its own and stays, or
 * it would be that of one of its ports.
 */
static int set_bridge(struct visit *v, int flags, unsigned int index, const char *name)
{
	/* its own name is a new one to older kernels, which they refuse as it is up */
	struct nl_msg *msg = link_message(RTM_NEWLINK, flags, AF_UNSPEC, index,
					  index ? NULL : name);
	struct nlattr *info, *data;
	uint8_t mac[PS_MAC_BYTES];
	char own[PS_INTERFACE_MAX + 8];

	/* no interface has this name */
	snprintf(own, sizeof(own), "bridge/%s", name);
	ps_nic_default_mac(own, mac);
	if (!msg || nla_put(msg, IFLA_ADDRESS, sizeof(mac), mac))
		goto failed;
	info = nla_nest_start(msg, IFLA_LINKINFO | NLA_F_NESTED);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, "bridge"))
		goto failed;
	data = nla_nest_start(msg, IFLA_INFO_DATA | NLA_F_NESTED);
	if (!data || nla_put_u32(msg, IFLA_BR_STP_STATE, 0) ||
	    nla_put_u8(msg, IFLA_BR_MCAST_SNOOPING, 0) ||
	    nla_put_u16(msg, IFLA_BR_GROUP_FWD_MASK, 0))
		goto failed;
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return ask(v, msg);

failed:
	nlmsg_free(msg);
	return -NLE_NOMEM;
}

int net_bridge(int space, const char *name, struct ps_error *error)
{
	unsigned int index;
	struct visit v;
	int rc;

	if (begin(&v, space, name, error))
		return -1;
	index = index_of(name);
	rc = set_bridge(&v, index ? 0 : NLM_F_CREATE | NLM_F_EXCL, index, name);
	if (!rc) {
		index = index_of(name);
		rc = index ? up(&v, index) : -NLE_NODEV;
	}
	if (rc)
		rc = fail(&v, "a bridge", rc);
	end(&v);
	return rc;
}

int net_bridge_end(int space, const char *name, struct ps_error *error)
{
	unsigned int index;
	struct visit v;
	int rc = 0;

	if (begin(&v, space, name, error))
		return -1;
	index = index_of(name);
	if (index)
		rc = ask(&v, link_message(RTM_DELLINK, 0, AF_UNSPEC, index, NULL));
	if (rc)
		rc = fail(&v, "it is not removed", rc);
	end(&v);
	return rc;
}

static int enslave(struct visit *v, unsigned int index, unsigned int bridge)
{
	struct nl_msg *msg = link_message(RTM_NEWLINK, 0, AF_UNSPEC, index, NULL);

	if (msg && nla_put_u32(msg, IFLA_MASTER, bridge)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return ask(v, msg);
}

/*
 * What may pass: learning off, or a sender could take the place of another;
 * locked, so that only the sender in the table gets in; no flooding, so that only
 * what is meant for it gets out.
 */
static int set_port(struct visit *v, unsigned int index, const struct ps_nic *nic)
{
	struct nl_msg *msg = link_message(RTM_SETLINK, 0, AF_BRIDGE, index, NULL);
	struct nlattr *port = msg ? nla_nest_start(msg, IFLA_PROTINFO | NLA_F_NESTED) : NULL;

	if (!port || nla_put_u8(msg, IFLA_BRPORT_LEARNING, !nic->filter) ||
	    nla_put_u8(msg, IFLA_BRPORT_UNICAST_FLOOD, !nic->filter) ||
	    nla_put_u8(msg, IFLA_BRPORT_MCAST_FLOOD, nic->broadcast) ||
	    nla_put_u8(msg, IFLA_BRPORT_BCAST_FLOOD, nic->broadcast) ||
	    nla_put_u8(msg, IFLA_BRPORT_ISOLATED, nic->isolated) ||
	    nla_put_u8(msg, IFLA_BRPORT_LOCKED, nic->filter)) {
		nlmsg_free(msg);
		return -NLE_NOMEM;
	}
	nla_nest_end(msg, port);
	return ask(v, msg);
}

/* Sticky: an entry that is only static moves to whoever sends with its address. */
static int add_address(struct visit *v, unsigned int index, const struct ps_nic *nic)
{
	struct ndmsg entry = {
		.ndm_family = AF_BRIDGE,
		.ndm_ifindex = (int)index,
		.ndm_state = NUD_NOARP,
		.ndm_flags = NTF_MASTER | NTF_STICKY,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWNEIGH,
						NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);

	if (msg && (nlmsg_append(msg, &entry, sizeof(entry), NLMSG_ALIGNTO) ||
		    nla_put(msg, NDA_LLADDR, PS_MAC_BYTES, nic->mac))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return ask(v, msg);
}

static int connect_tap(struct visit *v, const struct ps_nic *nic)
{
	unsigned int index = index_of(nic->name), bridge = index_of(nic->network);
	int rc;

	if (!index || !bridge)
		return fail(v, "no bridge for it", -NLE_NODEV);
	rc = enslave(v, index, bridge);
	if (!rc)
		rc = set_port(v, index, nic);
	if (!rc && nic->filter)
		rc = add_address(v, index, nic);
	/* the last of all: until now nothing has passed */
	if (!rc)
		rc = up(v, index);
	return rc ? fail(v, "a port of its bridge", rc) : 0;
}

static int open_tap(struct visit *v, const struct ps_nic *nic)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open(TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK), rc;
	long ms;

	if (fd < 0) {
		bool absent = errno == ENOENT || errno == ENODEV;

		fail_errno(v, absent ? TUN ", of the kernel's module tun" : TUN);
		return -1;
	}
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", nic->name);
	for (ms = 0; (rc = ioctl(fd, TUNSETIFF, &request)) && errno == EBUSY && ms < BUSY_MS;
	     ms += POLL_MS)
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
	if (!rc)
		return fd;
	fail_errno(v, "a tap");
	close(fd);
	return -1;
}

int net_tap(int space, const struct ps_nic *nic, struct ps_error *error)
{
	struct visit v;
	int fd;

	if (begin(&v, space, nic->name, error))
		return -1;
	fd = open_tap(&v, nic);
	if (fd >= 0 && connect_tap(&v, nic)) {
		close(fd);
		fd = -1;
	}
	end(&v);
	return fd;
}

int net_vhost(struct ps_error *error)
{
	int fd = open(VHOST, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		ps_fail(error, PS_EXIT_REFUSED, errno, VHOST ": %s%s", strerror(errno),
			errno == ENOENT ? "; it is of the kernel's module vhost_net" : "");
	return fd;
}
