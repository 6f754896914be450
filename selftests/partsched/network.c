// SPDX-License-Identifier: GPL-2.0
/*
 * network - what passes between the taps of virtual networks, and what does not
 *
 * Frames are written to taps as QEMU would, with all that a guest could put into
 * them. The host hands a frame on before write() returns, and keeps their order: an
 * interface that got nothing is one whose next frame is one that was sent later.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/virtio_net.h>

#include "bridge.h"
#include "kselftest_harness.h"
#include "space.h"

/* The interfaces of the tests: who is who. */
enum who { ALICE, BOB, FORGER, DEAF, ALONE, LONELY, OPEN, LEARNER, ELSEWHERE, NR_NICS };

struct frame {
	struct virtio_net_hdr header;
	struct ethhdr eth;
	uint8_t payload[46];
} __attribute__((packed));

static const uint8_t nobody[ETH_ALEN] = { 0x02, 0xde, 0xad, 0, 0, 1 };
static const uint8_t broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t group[ETH_ALEN] = { 0x33, 0x33, 0, 0, 0, 1 };
static const uint8_t zero[ETH_ALEN];

FIXTURE(network)
{
	char dir[32];
	char path[48];
	int space;
	struct ps_nic nics[NR_NICS];
	int taps[NR_NICS];
	uint32_t tag;
	struct ps_error error;
};

static void define(struct ps_nic *nic, const char *name, const char *network)
{
	*nic = (struct ps_nic){ .name = (char *)name, .network = (char *)network, .filter = true,
				.broadcast = true };
	ps_nic_default_mac(name, nic->mac);
}

FIXTURE_SETUP(network)
{
	struct ps_nic *nics = self->nics;
	int i;

	strcpy(self->dir, "/tmp/partsched.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->path, sizeof(self->path), "%s/net", self->dir);
	self->space = net_space(self->path, &self->error);
	ASSERT_GE(self->space, 0) TH_LOG("%s", self->error.text);
	ASSERT_EQ(0, net_bridge(self->space, "lan", &self->error)) TH_LOG("%s", self->error.text);
	ASSERT_EQ(0, net_bridge(self->space, "wan", &self->error)) TH_LOG("%s", self->error.text);
	define(&nics[ALICE], "alice", "lan");
	define(&nics[BOB], "bob", "lan");
	define(&nics[FORGER], "forger", "lan");
	define(&nics[DEAF], "deaf", "lan");
	define(&nics[ALONE], "alone", "lan");
	define(&nics[LONELY], "lonely", "lan");
	define(&nics[OPEN], "open", "lan");
	define(&nics[LEARNER], "learner", "lan");
	define(&nics[ELSEWHERE], "elsewhere", "wan");
	nics[DEAF].broadcast = false;
	nics[ALONE].isolated = nics[LONELY].isolated = true;
	nics[OPEN].filter = nics[LEARNER].filter = false;
	for (i = 0; i < NR_NICS; i++) {
		self->taps[i] = net_tap(self->space, &nics[i], &self->error);
		ASSERT_GE(self->taps[i], 0) TH_LOG("%s", self->error.text);
	}
}

FIXTURE_TEARDOWN(network)
{
	int i;

	for (i = 0; i < NR_NICS; i++)
		close(self->taps[i]);
	close(self->space);
	net_space_end(self->path);
	rmdir(self->dir);
}

/* As a guest with this interface would. Return: the tag that the frame has. */
static uint32_t send_as(FIXTURE_DATA(network) *self, enum who from, const uint8_t *source,
			const uint8_t *destination)
{
	struct frame frame = { .eth.h_proto = htons(0x88b5) };

	memcpy(frame.eth.h_source, source, ETH_ALEN);
	memcpy(frame.eth.h_dest, destination, ETH_ALEN);
	self->tag++;
	memcpy(frame.payload, &self->tag, sizeof(self->tag));
	if (write(self->taps[from], &frame, sizeof(frame)) != sizeof(frame))
		printf("# %s: %s\n", self->nics[from].name, strerror(errno));
	return self->tag;
}

static uint32_t send_to(FIXTURE_DATA(network) *self, enum who from, enum who to)
{
	return send_as(self, from, self->nics[from].mac, self->nics[to].mac);
}

/* The next frame that an interface has got; 0: there is none. */
static uint32_t next(FIXTURE_DATA(network) *self, enum who at)
{
	struct pollfd wait = { .fd = self->taps[at], .events = POLLIN };
	struct frame frame;
	uint32_t tag;
	ssize_t len;

	/* it is there before; this is for a kernel that takes its time */
	if (poll(&wait, 1, 5000) != 1)
		return 0;
	len = read(self->taps[at], &frame, sizeof(frame));
	if (len < (ssize_t)(sizeof(frame.header) + sizeof(frame.eth) + sizeof(tag)))
		return 0;
	memcpy(&tag, frame.payload, sizeof(tag));
	return ntohs(frame.eth.h_proto) == 0x88b5 ? tag : 0;
}

/*
 * Has an interface got nothing so far? The one that is sent now must be the next.
 * Interfaces that are isolated from the sender hear it, too: it is neither.
 */
static bool is_quiet(FIXTURE_DATA(network) *self, enum who at)
{
	enum who from = at == ALICE ? BOB : ALICE;
	uint32_t tag = send_as(self, from, self->nics[from].mac, self->nics[at].mac), got;

	got = next(self, at);
	if (got != tag)
		printf("# %s has got frame %u, sent was %u since\n", self->nics[at].name, got, tag);
	return got == tag;
}

TEST_F(network, frame_reaches_whom_it_is_for_alone)
{
	uint32_t tag = send_to(self, ALICE, BOB);

	EXPECT_EQ(tag, next(self, BOB));
	EXPECT_TRUE(is_quiet(self, FORGER));
	EXPECT_TRUE(is_quiet(self, ALICE));
	EXPECT_TRUE(is_quiet(self, ALONE));
	/* one that learns from all that passes has not got it either */
	EXPECT_TRUE(is_quiet(self, LEARNER));
}

TEST_F(network, forged_sender_reaches_nobody)
{
	const uint8_t *const senders[] = {
		self->nics[ALICE].mac, self->nics[BOB].mac, self->nics[OPEN].mac, nobody, broadcast,
		group, zero,
	};
	size_t i;

	for (i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		send_as(self, FORGER, senders[i], self->nics[BOB].mac);
		send_as(self, FORGER, senders[i], broadcast);
		send_as(self, FORGER, senders[i], group);
		send_as(self, FORGER, senders[i], nobody);
	}
	EXPECT_TRUE(is_quiet(self, ALICE));
	EXPECT_TRUE(is_quiet(self, BOB));
	EXPECT_TRUE(is_quiet(self, DEAF));
	EXPECT_TRUE(is_quiet(self, ALONE));
	EXPECT_TRUE(is_quiet(self, OPEN));
}

TEST_F(network, forged_sender_behind_a_vlan_tag_reaches_nobody)
{
	struct frame frame = { .eth.h_proto = htons(ETH_P_8021Q), .payload = { 0, 1, 0x88, 0xb5 } };

	memcpy(frame.eth.h_source, self->nics[ALICE].mac, ETH_ALEN);
	memcpy(frame.eth.h_dest, broadcast, ETH_ALEN);
	ASSERT_EQ((ssize_t)sizeof(frame), write(self->taps[FORGER], &frame, sizeof(frame)));
	EXPECT_TRUE(is_quiet(self, BOB));
	EXPECT_TRUE(is_quiet(self, OPEN));
}

TEST_F(network, forger_does_not_take_the_place_of_another)
{
	uint32_t tag;
	int i;

	for (i = 0; i < 10; i++) {
		send_as(self, FORGER, self->nics[ALICE].mac, self->nics[BOB].mac);
		tag = send_to(self, BOB, ALICE);
		ASSERT_EQ(tag, next(self, ALICE));
	}
	EXPECT_TRUE(is_quiet(self, FORGER));
}

TEST_F(network, one_that_is_not_filtered_does_not_take_the_place_of_another_either)
{
	uint32_t tag;

	/* it may send so, but what is for alice goes to alice */
	tag = send_as(self, OPEN, self->nics[ALICE].mac, self->nics[BOB].mac);
	EXPECT_EQ(tag, next(self, BOB));
	tag = send_to(self, BOB, ALICE);
	EXPECT_EQ(tag, next(self, ALICE));
	EXPECT_TRUE(is_quiet(self, OPEN));
}

TEST_F(network, frame_for_nobody_reaches_nobody_who_is_filtered)
{
	uint32_t tag = send_as(self, ALICE, self->nics[ALICE].mac, nobody);

	EXPECT_TRUE(is_quiet(self, BOB));
	EXPECT_TRUE(is_quiet(self, FORGER));
	EXPECT_TRUE(is_quiet(self, ALONE));
	/* those that are not may be bridges themselves */
	EXPECT_EQ(tag, next(self, OPEN));
	EXPECT_EQ(tag, next(self, LEARNER));
}

TEST_F(network, one_that_is_not_filtered_may_have_others_behind_it)
{
	uint32_t tag = send_as(self, OPEN, nobody, self->nics[BOB].mac);

	EXPECT_EQ(tag, next(self, BOB));
	tag = send_as(self, BOB, self->nics[BOB].mac, nobody);
	EXPECT_EQ(tag, next(self, OPEN));
	EXPECT_TRUE(is_quiet(self, LEARNER));
}

TEST_F(network, frames_for_all_reach_all_but_those_that_want_none)
{
	static const enum who hear[] = { BOB, FORGER, ALONE, LONELY, OPEN, LEARNER };
	const uint8_t *const all[] = { broadcast, group };
	size_t i, j;

	for (i = 0; i < 2; i++) {
		uint32_t tag = send_as(self, ALICE, self->nics[ALICE].mac, all[i]);

		for (j = 0; j < sizeof(hear) / sizeof(hear[0]); j++)
			EXPECT_EQ(tag, next(self, hear[j]));
	}
	EXPECT_TRUE(is_quiet(self, ALICE));
	EXPECT_TRUE(is_quiet(self, DEAF));
}

TEST_F(network, isolated_ones_reach_others_and_not_each_other)
{
	uint32_t tag;

	send_to(self, ALONE, LONELY);
	send_as(self, ALONE, self->nics[ALONE].mac, broadcast);
	EXPECT_TRUE(is_quiet(self, LONELY));
	EXPECT_EQ(self->tag - 1, next(self, BOB));
	tag = send_to(self, ALONE, BOB);
	EXPECT_EQ(tag, next(self, BOB));
	tag = send_to(self, BOB, LONELY);
	EXPECT_EQ(tag, next(self, LONELY));
}

TEST_F(network, networks_are_apart)
{
	struct ps_nic peer;
	struct frame frame;
	int fd;

	send_as(self, ALICE, self->nics[ALICE].mac, broadcast);
	send_to(self, ALICE, ELSEWHERE);
	define(&peer, "peer", "wan");
	fd = net_tap(self->space, &peer, &self->error);
	ASSERT_GE(fd, 0);
	memset(&frame, 0, sizeof(frame));
	memcpy(frame.eth.h_source, peer.mac, ETH_ALEN);
	memcpy(frame.eth.h_dest, self->nics[ELSEWHERE].mac, ETH_ALEN);
	frame.eth.h_proto = htons(0x88b5);
	frame.payload[0] = 77;
	ASSERT_EQ((ssize_t)sizeof(frame), write(fd, &frame, sizeof(frame)));
	EXPECT_EQ(77, next(self, ELSEWHERE));
	close(fd);
}

/* Nobody is at the other end of what is of the host: it has no address. */
TEST_F(network, host_neither_hears_nor_answers)
{
	struct frame arp = {
		.eth.h_proto = htons(ETH_P_ARP),
		.payload = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 2, 2, 2, 2, 2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0,
			     127, 0, 0, 1 },
	};
	uint8_t bridge[PS_MAC_BYTES];
	int back, fd;
	char line[256] = "";

	memcpy(arp.eth.h_source, self->nics[ALICE].mac, ETH_ALEN);
	memcpy(arp.eth.h_dest, broadcast, ETH_ALEN);
	ASSERT_EQ((ssize_t)sizeof(arp), write(self->taps[ALICE], &arp, sizeof(arp)));
	ps_nic_default_mac("bridge/lan", bridge);
	send_as(self, ALICE, self->nics[ALICE].mac, bridge);
	EXPECT_TRUE(is_quiet(self, ALICE));
	EXPECT_EQ(0U, if_nametoindex("alice"));
	back = net_space_enter(self->space, &self->error);
	ASSERT_GE(back, 0);
	EXPECT_NE(0U, if_nametoindex("alice"));
	fd = open("/proc/self/net/if_inet6", O_RDONLY);
	EXPECT_TRUE(fd < 0 || !read(fd, line, sizeof(line))) TH_LOG("%s", line);
	close(fd);
	net_space_leave(back);
}

/* Of the link itself (LLDP and the like), which no bridge hands on. */
TEST_F(network, frames_of_the_link_stay_there)
{
	static const uint8_t lldp[ETH_ALEN] = { 0x01, 0x80, 0xc2, 0, 0, 0x0e };

	send_as(self, FORGER, self->nics[FORGER].mac, lldp);
	send_as(self, FORGER, self->nics[ALICE].mac, lldp);
	EXPECT_TRUE(is_quiet(self, BOB));
	EXPECT_TRUE(is_quiet(self, OPEN));
}

TEST_F(network, interface_goes_with_its_descriptor_and_comes_back_as_it_was)
{
	uint32_t tag;
	int back;

	close(self->taps[BOB]);
	back = net_space_enter(self->space, &self->error);
	ASSERT_GE(back, 0);
	EXPECT_EQ(0U, if_nametoindex("bob"));
	net_space_leave(back);
	/* what is for it while it is away is lost, and nobody else gets it */
	send_to(self, ALICE, BOB);
	EXPECT_TRUE(is_quiet(self, FORGER));
	self->taps[BOB] = net_tap(self->space, &self->nics[BOB], &self->error);
	ASSERT_GE(self->taps[BOB], 0) TH_LOG("%s", self->error.text);
	tag = send_to(self, ALICE, BOB);
	EXPECT_EQ(tag, next(self, BOB));
	tag = send_to(self, BOB, ALICE);
	EXPECT_EQ(tag, next(self, ALICE));
}

TEST_F(network, second_start_finds_what_is_there)
{
	int space = net_space(self->path, &self->error);
	struct stat a, b;
	uint32_t tag;

	ASSERT_GE(space, 0);
	ASSERT_EQ(0, fstat(space, &a));
	ASSERT_EQ(0, fstat(self->space, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(0, net_bridge(space, "lan", &self->error)) TH_LOG("%s", self->error.text);
	tag = send_to(self, ALICE, BOB);
	EXPECT_EQ(tag, next(self, BOB));
	close(space);
}

TEST_F(network, interface_without_its_network_is_refused_and_not_left)
{
	struct ps_nic nic;
	int back;

	define(&nic, "astray", "nowhere");
	EXPECT_EQ(-1, net_tap(self->space, &nic, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "astray"));
	back = net_space_enter(self->space, &self->error);
	ASSERT_GE(back, 0);
	EXPECT_EQ(0U, if_nametoindex("astray"));
	net_space_leave(back);
	EXPECT_EQ(0, net_bridge_end(self->space, "nowhere", &self->error));
	EXPECT_EQ(0, net_bridge_end(self->space, "wan", &self->error));
}

TEST_F(network, nothing_is_left_at_the_end)
{
	net_space_end(self->path);
	EXPECT_EQ(-1, access(self->path, F_OK));
	net_space_end(self->path);
}

static const char *missing(void)
{
	if (geteuid())
		return "needs root";
	/* where the kernel has them as modules */
	(void)!system("modprobe -qa tun bridge 2>/dev/null");
	return access("/dev/net/tun", F_OK) ? "no /dev/net/tun" : NULL;
}

/* As TEST_HARNESS_MAIN has it: a fixture that is skipped still has its test run. */
static void __attribute__((constructor))
__constructor_order_last(void)
{
	if (!__constructor_order)
		__constructor_order = _CONSTRUCTOR_ORDER_BACKWARD;
}

int main(int argc, char **argv)
{
	const char *what = missing();

	if (what)
		ksft_exit_skip("%s\n", what);
	return test_harness_run(argc, argv);
}
