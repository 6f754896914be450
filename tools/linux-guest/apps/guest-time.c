// SPDX-License-Identifier: GPL-2.0
/*
 * guest-time - what windows do to the time of a Linux guest
 *
 * guest-time [-b] [SECONDS]
 *
 * For that long, by its own CLOCK_MONOTONIC, each of its CPUs sleeps, forks and reads
 * the clock, or with -b does nothing but read it. At the end it says how late its
 * timers were, how long it was away, what /proc/stat has of it, and what the kernel
 * said meanwhile.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ME		"guest-time"
#define NSEC_PER_SEC	1000000000UL
#define NSEC_PER_MSEC	1000000UL
#define MAX_CPUS	64
#define DEFAULT_S	20
#define NAP_NS		(5 * NSEC_PER_MSEC)
/* readings of the clock between two naps, and naps between two children */
#define READINGS	100
#define NAPS_PER_CHILD	20
/* of the lateness of timers: the later ones of a long run are not kept */
#define MAX_SAMPLES	(1 << 17)

enum field { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, NR_FIELDS };

struct cpu {
	pthread_t thread;
	int number;
	uint64_t *late_ns;
	size_t nr_late;
	uint64_t gap_ns;
	unsigned long children;
	unsigned long failed;
	uint64_t stat[NR_FIELDS];
};

static struct cpu cpus[MAX_CPUS];
static int nr_cpus;
static bool busy;
static uint64_t end_ns;
/* the latest that anybody has read, and how often somebody read less after that */
static atomic_uint_fast64_t latest_ns;
static atomic_ulong backwards;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* Read the clock; nobody on any CPU may have seen a later time before. */
static uint64_t read_clock(void)
{
	uint64_t seen_ns = atomic_load(&latest_ns), now_ns = clock_ns(CLOCK_MONOTONIC);

	if (now_ns < seen_ns)
		atomic_fetch_add(&backwards, 1);
	while (now_ns > seen_ns &&
	       !atomic_compare_exchange_weak(&latest_ns, &seen_ns, now_ns))
		;
	return now_ns;
}

static uint64_t watch_clock(struct cpu *cpu, unsigned long readings)
{
	uint64_t last_ns = read_clock(), now_ns = last_ns;

	while (readings--) {
		now_ns = read_clock();
		if (now_ns > last_ns && now_ns - last_ns > cpu->gap_ns)
			cpu->gap_ns = now_ns - last_ns;
		last_ns = now_ns;
	}
	return now_ns;
}

static void nap(struct cpu *cpu, uint64_t until_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_ns / NSEC_PER_SEC),
		.tv_nsec = (long)(until_ns % NSEC_PER_SEC),
	};
	uint64_t now_ns;

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
	now_ns = read_clock();
	if (now_ns < until_ns)
		cpu->failed++;
	else if (cpu->nr_late < MAX_SAMPLES)
		cpu->late_ns[cpu->nr_late++] = now_ns - until_ns;
}

static void have_child(struct cpu *cpu)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		cpu->failed++;
	else
		cpu->children++;
}

static void *run(void *argument)
{
	struct cpu *cpu = argument;
	unsigned long round = 0;
	uint64_t now_ns = read_clock();

	while (now_ns < end_ns) {
		if (!busy) {
			nap(cpu, now_ns + NAP_NS);
			if (!(++round % NAPS_PER_CHILD))
				have_child(cpu);
		}
		now_ns = watch_clock(cpu, READINGS);
	}
	return NULL;
}

/* Add what /proc/stat has of each CPU, or with -1 take it away. */
static void add_stat(int sign)
{
	static const char path[] = "/proc/stat";
	FILE *file = fopen(path, "re");
	uint64_t value[NR_FIELDS];
	char line[512];
	int number;

	if (!file) {
		fprintf(stderr, ME ": %s: %s\n", path, strerror(errno));
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		/* the sum of all, "cpu  1 2 ...", reads as that of the CPU of its first figure */
		if (!isdigit((unsigned char)line[strcspn(line, " 0123456789")]))
			continue;
		if (sscanf(line, "cpu%d %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
			   " %" SCNu64 " %" SCNu64 " %" SCNu64, &number, &value[USER], &value[NICE],
			   &value[SYSTEM], &value[IDLE], &value[IOWAIT], &value[IRQ],
			   &value[SOFTIRQ], &value[STEAL]) != NR_FIELDS + 1)
			continue;
		for (int i = 0; i < nr_cpus; i++)
			for (int f = 0; cpus[i].number == number && f < NR_FIELDS; f++)
				cpus[i].stat[f] += sign < 0 ? -value[f] : value[f];
	}
	fclose(file);
}

/*
 * How often the kernel gave up an interrupt of its timers, since each of three times
 * something was due again. It says so once only.
 */
static unsigned long timer_hangs(void)
{
	FILE *file = fopen("/proc/timer_list", "re");
	unsigned long hangs = 0, nr;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " .nr_hangs : %lu", &nr) == 1)
			hangs += nr;
	if (file)
		fclose(file);
	return hangs;
}

static int start_threads(void)
{
	cpu_set_t all, one;
	int ret;

	sched_getaffinity(0, sizeof(all), &all);
	for (int i = 0; i < CPU_SETSIZE && nr_cpus < MAX_CPUS; i++)
		if (CPU_ISSET(i, &all))
			cpus[nr_cpus++].number = i;
	add_stat(-1);
	for (int i = 0; i < nr_cpus; i++) {
		pthread_attr_t attr;

		cpus[i].late_ns = calloc(MAX_SAMPLES, sizeof(*cpus[i].late_ns));
		if (!cpus[i].late_ns)
			return ENOMEM;
		CPU_ZERO(&one);
		CPU_SET(cpus[i].number, &one);
		pthread_attr_init(&attr);
		pthread_attr_setaffinity_np(&attr, sizeof(one), &one);
		ret = pthread_create(&cpus[i].thread, &attr, run, &cpus[i]);
		pthread_attr_destroy(&attr);
		if (ret)
			return ret;
	}
	return 0;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Hundredths of a per cent, of a time in hundredths of a second. */
static void print_share(const char *name, uint64_t hundredths, uint64_t of_ns)
{
	uint64_t share = hundredths * (NSEC_PER_SEC / 100) / (of_ns / 10000);

	printf(" %s %" PRIu64 ".%02" PRIu64 " %%", name, share / 100, share % 100);
}

static void print_cpu(const struct cpu *cpu, uint64_t of_ns)
{
	static const char *const names[] = {
		"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"
	};

	printf(ME ": cpu%d:", cpu->number);
	for (int f = 0; f < NR_FIELDS; f++)
		if (cpu->stat[f] || f == STEAL)
			print_share(names[f], cpu->stat[f], of_ns);
	printf("\n" ME ": cpu%d: longest gap %" PRIu64 " us\n", cpu->number, cpu->gap_ns / 1000);
	if (!cpu->nr_late)
		return;
	qsort(cpu->late_ns, cpu->nr_late, sizeof(*cpu->late_ns), ascending);
	printf(ME ": cpu%d: %zu timers, late by %" PRIu64 " us in the median, %" PRIu64
	       " us at most; %lu children\n", cpu->number, cpu->nr_late,
	       cpu->late_ns[cpu->nr_late / 2] / 1000, cpu->late_ns[cpu->nr_late - 1] / 1000,
	       cpu->children);
}

static void print_clocksource(void)
{
	FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
	char name[64];

	if (file && fgets(name, sizeof(name), file))
		printf(ME ": clocksource %s", name);
	if (file)
		fclose(file);
}

/* What the kernel has said since @fd was opened. Return: lines. */
static unsigned long print_kernel(int fd)
{
	unsigned long lines = 0;
	char record[8192];
	ssize_t length;

	for (;;) {
		const char *text;

		length = read(fd, record, sizeof(record) - 1);
		/* overwritten meanwhile: said all the same */
		if (length < 0 && errno == EPIPE) {
			lines++;
			continue;
		}
		if (length <= 0)
			return lines;
		record[length] = '\0';
		record[strcspn(record, "\n")] = '\0';
		text = strchr(record, ';');
		printf(ME ": kernel: %s\n", text ? text + 1 : record);
		lines++;
	}
}

int main(int argc, char **argv)
{
	uint64_t start_ns, raw_ns, took_ns;
	unsigned long seconds = DEFAULT_S, lines, failed = 0, hangs;
	int opt, kmsg, ret;
	char *end;

	while ((opt = getopt(argc, argv, "b")) != -1) {
		if (opt != 'b') {
			fprintf(stderr, "usage: " ME " [-b] [SECONDS]\n");
			return 2;
		}
		busy = true;
	}
	if (optind < argc) {
		seconds = strtoul(argv[optind], &end, 10);
		if (*end || !seconds || optind + 1 < argc) {
			fprintf(stderr, "usage: " ME " [-b] [SECONDS]\n");
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0) {
		fprintf(stderr, ME ": /dev/kmsg: %s\n", strerror(errno));
		return 1;
	}
	printf(ME ": begins, for %lu s\n", seconds);
	start_ns = clock_ns(CLOCK_MONOTONIC);
	raw_ns = clock_ns(CLOCK_MONOTONIC_RAW);
	hangs = timer_hangs();
	end_ns = start_ns + seconds * NSEC_PER_SEC;
	ret = start_threads();
	if (ret) {
		fprintf(stderr, ME ": threads: %s\n", strerror(ret));
		return 1;
	}
	for (int i = 0; i < nr_cpus; i++)
		pthread_join(cpus[i].thread, NULL);
	add_stat(1);
	took_ns = clock_ns(CLOCK_MONOTONIC) - start_ns;
	raw_ns = clock_ns(CLOCK_MONOTONIC_RAW) - raw_ns;

	printf(ME ": took %" PRIu64 " ms, and %" PRIu64 " ms by CLOCK_MONOTONIC_RAW\n",
	       took_ns / NSEC_PER_MSEC, raw_ns / NSEC_PER_MSEC);
	print_clocksource();
	for (int i = 0; i < nr_cpus; i++) {
		print_cpu(&cpus[i], took_ns);
		failed += cpus[i].failed;
	}
	printf(ME ": the clock went back %lu times\n", (unsigned long)backwards);
	printf(ME ": %lu naps were too short, or children failed\n", failed);
	printf(ME ": %lu interrupts of timers were given up\n", timer_hangs() - hangs);
	lines = print_kernel(kmsg);
	printf(ME ": the kernel said %lu lines\n", lines);
	return backwards || failed;
}
