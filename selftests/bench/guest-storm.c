// SPDX-License-Identifier: GPL-2.0
/*
 * guest-storm - runs in a Linux guest of the benchmark, and works as hard as it can
 *
 * Processes that have children, take page faults, write to all their memory, to files,
 * to the disk past the page cache, and send frames where there is a network interface,
 * all at one time. Tells five times a second how far they have come.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ME		"guest-storm"
#define DISK		"/dev/vda"
#define NIC		"eth0"
#define PAGE		4096UL
#define FAULT_BYTES	(4UL << 20)
#define DIRTY_BYTES	(24UL << 20)
#define BLOCK_BYTES	65536UL
#define FILE_BYTES	16384UL

/* Things done, in memory that all processes share. */
struct done {
	atomic_ulong children;
	atomic_ulong programs;
	atomic_ulong faults;
	atomic_ulong pages;
	atomic_ulong files;
	atomic_ulong reads;
	atomic_ulong writes;
	atomic_ulong frames;
};

static struct done *done;
static const char *me;

static void die(const char *what)
{
	fprintf(stderr, ME ": %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static char *memory(size_t bytes)
{
	char *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		die("mmap");
	return m;
}

/* As a build does: children, each fourth another program. */
static void have_children(void)
{
	for (unsigned long i = 0;; i++) {
		pid_t pid = fork();
		int status;

		if (pid < 0)
			die("fork");
		if (!pid) {
			if (!(i % 4))
				execl(me, ME, "nothing", (char *)NULL);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			die("a child");
		atomic_fetch_add(i % 4 ? &done->children : &done->programs, 1);
	}
}

static void take_faults(void)
{
	for (;;) {
		char *m = memory(FAULT_BYTES);

		for (size_t i = 0; i < FAULT_BYTES; i += PAGE)
			m[i] = 1;
		munmap(m, FAULT_BYTES);
		atomic_fetch_add(&done->faults, FAULT_BYTES / PAGE);
	}
}

static void dirty_pages(void)
{
	uint64_t seed = 1;
	char *m = memory(DIRTY_BYTES);

	for (;;) {
		for (int i = 0; i < 64; i++)
			m[draw(&seed) % DIRTY_BYTES]++;
		atomic_fetch_add(&done->pages, 64);
	}
}

static void write_files(void)
{
	static char text[FILE_BYTES];

	for (;;) {
		int fd = open("/tmp/storm", O_CREAT | O_TRUNC | O_RDWR, 0600);

		if (fd < 0 || write(fd, text, sizeof(text)) != sizeof(text))
			die("/tmp/storm");
		close(fd);
		if (rename("/tmp/storm", "/tmp/storm.o") || unlink("/tmp/storm.o"))
			die("/tmp/storm.o");
		atomic_fetch_add(&done->files, 1);
	}
}

static void use_disk(void)
{
	int fd = open(DISK, O_RDWR | O_DIRECT | O_CLOEXEC);
	char *m = memory(BLOCK_BYTES);
	uint64_t seed = 2, blocks;
	off_t end;

	if (fd < 0)
		die(DISK);
	end = lseek(fd, 0, SEEK_END);
	blocks = (uint64_t)end / BLOCK_BYTES;
	for (;;) {
		off_t at = (off_t)(draw(&seed) % blocks * BLOCK_BYTES);

		if (pwrite(fd, m, BLOCK_BYTES, at) != (ssize_t)BLOCK_BYTES)
			die("write to " DISK);
		atomic_fetch_add(&done->writes, 1);
		if (pread(fd, m, BLOCK_BYTES, at) != (ssize_t)BLOCK_BYTES)
			die("read of " DISK);
		atomic_fetch_add(&done->reads, 1);
	}
}

/* To all, and so to nobody: there is no other on its network. */
static void send_frames(void)
{
	struct ifreq nic = { .ifr_name = NIC };
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	struct { struct ether_header header; char text[ETHERMTU]; } frame = { 0 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (ioctl(fd, SIOCGIFINDEX, &nic)) {
		if (errno != ENODEV)
			die(NIC);
		/* not asked for */
		for (;;)
			pause();
	}
	to.sll_ifindex = nic.ifr_ifindex;
	if (ioctl(fd, SIOCGIFHWADDR, &nic))
		die("address of " NIC);
	memset(frame.header.ether_dhost, 0xff, ETHER_ADDR_LEN);
	memcpy(frame.header.ether_shost, nic.ifr_hwaddr.sa_data, ETHER_ADDR_LEN);
	/* for experiments: nobody's protocol */
	frame.header.ether_type = htons(0x88b5);
	nic.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &nic))
		die("up " NIC);
	for (;;) {
		if (sendto(fd, &frame, sizeof(frame), 0, (void *)&to, sizeof(to)) != sizeof(frame)) {
			if (errno != ENOBUFS)
				die("send to " NIC);
			usleep(100);
			continue;
		}
		atomic_fetch_add(&done->frames, 1);
	}
}

int main(int argc, char **argv)
{
	static void (*const works[])(void) = {
		have_children, take_faults, dirty_pages, write_files, use_disk, send_frames
	};
	pid_t pid;

	me = argv[0][0] == '/' ? argv[0] : "/bin/" ME;
	if (argc > 1)
		return 0;
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	if (done == MAP_FAILED)
		die("mmap");
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid)
			works[i]();
	}
	for (;;) {
		printf(ME ": %lu children, %lu programs, %lu faults, %lu pages, %lu files, %lu reads, %lu writes, %lu frames\n",
		       atomic_load(&done->children), atomic_load(&done->programs),
		       atomic_load(&done->faults), atomic_load(&done->pages),
		       atomic_load(&done->files), atomic_load(&done->reads),
		       atomic_load(&done->writes), atomic_load(&done->frames));
		fflush(stdout);
		/* one that has ended has said why */
		if (waitpid(-1, NULL, WNOHANG) > 0)
			return 1;
		usleep(200000);
	}
}
