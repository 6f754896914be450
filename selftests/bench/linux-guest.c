// SPDX-License-Identifier: GPL-2.0
/*
 * A Linux guest beside the witness. See linux-guest.h.
 */
#include "linux-guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/clock.h"

#define FILE_PATH	"/run/bench-linux.xml"
#define DISK_PATH	"/dev/shm/bench-linux.disk"
#define DISK_BYTES	(16 << 20)
#define CONSOLE_PATH	"/run/partsched/b.console"
#define AT_WORK		"guest-storm: "
/* A boot, in the time of the machine that is measured. */
#define BOOT_TIMEOUT_NS	(120 * NSEC_PER_SEC)
#define POLL_NS		(50 * NSEC_PER_MSEC)
#define CHANGE_TIMEOUT_NS (10 * NSEC_PER_SEC)

#define PATIENT_TURN_NS	"100000"
#define MEASURED_TURN_NS "1000"

/* The frame to boot in: nearly all of it is the guest's, and 5 % the host's. */
#define BOOT_FRAME_NS	(200 * NSEC_PER_MSEC)
#define BOOT_WINDOW_NS	(160 * NSEC_PER_MSEC)
#define BOOT_OTHER_NS	(20 * NSEC_PER_MSEC)

enum { SCHEDULE_BOOT = 1, SCHEDULE_PLAN = 2 };

static int run_program(const char *const *argv, struct ps_error *error)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		/* what it prints is no figure */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execv(argv[0], (char *const *)argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", argv[0], strerror(errno));
	if (status)
		return ps_fail(error, PS_EXIT_REFUSED, 0, "%s %s: %s %d", argv[0], argv[1],
			       WIFSIGNALED(status) ? "signal" : "status",
			       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return 0;
}

/*
 * Where CPUs take turns in exact time: short ones are what latencies are measured by,
 * but a boot takes an hour with them.
 */
static int take_turns_of(const char *ns, struct ps_error *error)
{
	const char *program = getenv("PARTSCHED_LAB_QUANTUM");

	return program ? run_program((const char *[]){ program, ns, NULL }, error) : 0;
}

static int make_disk(struct ps_error *error)
{
	int fd = open(DISK_PATH, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
	int ret = fd < 0 ? -1 : posix_fallocate(fd, 0, DISK_BYTES);

	if (fd >= 0)
		close(fd);
	return ret ? ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", DISK_PATH, strerror(errno)) :
		0;
}

static void write_window(FILE *file, const char *partition, uint64_t offset_ns,
			 uint64_t duration_ns)
{
	fprintf(file, "<PartitionTimeWindow PartitionNameRef=\"%s\" Offset=\"%" PRIu64
		"\" Duration=\"%" PRIu64 "\"/>\n", partition, offset_ns, duration_ns);
}

static void write_plan(FILE *file, const struct linux_guest *guest)
{
	const struct bench_plan *plan = guest->plan;

	fprintf(file, "<Module xmlns=\"urn:partsched:1\" Name=\"bench\"><Partitions>\n"
		"<Partition><PartitionDefinition Identifier=\"1\" Name=\"a\" BinaryPath=\"%s/witness.bin\"/>"
		"<Vcpu Index=\"0\" Cpu=\"%u\"/></Partition>\n", guest->guests, guest->cpu);
	fprintf(file, "<Partition><PartitionDefinition Identifier=\"2\" Name=\"b\" Launcher=\"qemu\""
		" Memory=\"128M\" Kernel=\"%s/vmlinux\" Initrd=\"%s/initrd\" Disk=\"%s\""
		" CommandLine=\"console=ttyS0 quiet panic=-1 run=guest-storm\"/>"
		"<Vcpu Index=\"0\" Cpu=\"%u\"/>",
		guest->guests, guest->guests, DISK_PATH, guest->cpu);
	if (guest->nic)
		fprintf(file, "<Nic Name=\"nic\" Network=\"lan\" Vhost=\"%s\"/>",
			guest->nic == BENCH_NIC_VHOST ? "true" : "false");
	fprintf(file, "</Partition></Partitions>%s\n",
		guest->nic ? "<Network Name=\"lan\"/>" : "");
	fprintf(file, "<Schedules ScheduleIdentifier=\"%d\" ScheduleName=\"boot\" InitialModuleSchedule=\"true\""
		" MajorFrameDuration=\"%" PRIu64 "\">\n", SCHEDULE_BOOT, (uint64_t)BOOT_FRAME_NS);
	write_window(file, "b", 0, BOOT_WINDOW_NS);
	write_window(file, "a", BOOT_WINDOW_NS, BOOT_OTHER_NS);
	fprintf(file, "</Schedules><Schedules ScheduleIdentifier=\"%d\" ScheduleName=\"plan\""
		" MajorFrameDuration=\"%" PRIu64 "\"", SCHEDULE_PLAN, plan->frame_ns);
	if (plan->guard_ns == PS_GUARD_AUTO)
		fprintf(file, " Guard=\"auto\"");
	else if (plan->guard_ns)
		fprintf(file, " Guard=\"%" PRIu64 "\"", plan->guard_ns);
	fprintf(file, ">\n");
	for (size_t i = 0; i < plan->nr; i++)
		write_window(file, i ? "b" : "a", plan->windows[i].offset_ns,
			     plan->windows[i].duration_ns);
	fprintf(file, "</Schedules></Module>\n");
}

static int make_file(const struct linux_guest *guest, struct ps_error *error)
{
	FILE *file = fopen(FILE_PATH, "we");
	int failed;

	if (!file)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", FILE_PATH,
			       strerror(errno));
	write_plan(file, guest);
	failed = ferror(file);
	if (fclose(file) || failed)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", FILE_PATH,
			       strerror(errno));
	return 0;
}

void linux_said(char *line, size_t size)
{
	FILE *file = fopen(CONSOLE_PATH, "re");
	char one[1024];

	line[0] = '\0';
	if (!file)
		return;
	while (fgets(one, sizeof(one), file)) {
		one[strcspn(one, "\r\n")] = '\0';
		if (one[0])
			snprintf(line, size, "%s", one);
	}
	fclose(file);
}

static int wait_boot(struct ps_error *error)
{
	uint64_t deadline_ns = now_ns() + BOOT_TIMEOUT_NS;
	char line[256];

	for (;;) {
		linux_said(line, sizeof(line));
		if (!strncmp(line, AT_WORK, strlen(AT_WORK)))
			return 0;
		if (now_ns() > deadline_ns)
			return ps_fail(error, PS_EXIT_REFUSED, 0,
				       "the Linux guest is not at work; it said last \"%s\"",
				       line);
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
}

int linux_load(const struct linux_guest *guest, struct ps_error *error)
{
	const char *const argv[] = { guest->partctl, "load", FILE_PATH, NULL };

	unlink(CONSOLE_PATH);
	if (make_disk(error) || make_file(guest, error) || take_turns_of(PATIENT_TURN_NS, error) ||
	    run_program(argv, error) || wait_boot(error))
		return -1;
	return take_turns_of(MEASURED_TURN_NS, error);
}

pid_t linux_thread(struct ps_kernel *kernel)
{
	struct ps_vcpu_info *vcpus;
	pid_t tid = 0;
	size_t nr;

	if (ps_kernel_vcpus(kernel, &vcpus, &nr, NULL))
		return 0;
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(vcpus[i].partition, "b"))
			tid = (pid_t)vcpus[i].tid;
	free(vcpus);
	return tid;
}

/* The directory of a thread has its whole process' threads. */
static int move_others(pid_t vcpu, uint32_t cpu, struct ps_error *error)
{
	char path[64];
	struct dirent *entry;
	cpu_set_t set;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)vcpu);
	dir = opendir(path);
	if (!dir)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path, strerror(errno));
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	while ((entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		/* those for input and output come and go, and are like their maker */
		if (tid > 0 && tid != vcpu)
			sched_setaffinity(tid, sizeof(set), &set);
	}
	closedir(dir);
	return 0;
}

int linux_change(const struct linux_guest *guest, struct ps_kernel *kernel, bool unconfined,
		 uint64_t *epoch_ns, struct ps_error *error)
{
	struct ps_change_result result;
	pid_t tid = linux_thread(kernel);

	if (!tid)
		return ps_fail(error, PS_EXIT_REFUSED, 0, "the Linux guest is not attached");
	if ((unconfined && move_others(tid, guest->cpu, error)) ||
	    ps_kernel_change_schedule(kernel, SCHEDULE_PLAN, &result, error) ||
	    ps_kernel_wait_schedule(kernel, SCHEDULE_PLAN, result.epoch_ns, CHANGE_TIMEOUT_NS,
				    error))
		return -1;
	*epoch_ns = result.epoch_ns;
	return 0;
}

int linux_unload(const struct linux_guest *guest, struct ps_error *error)
{
	const char *const argv[] = { guest->partctl, "unload", "--force", NULL };

	unlink(DISK_PATH);
	unlink(FILE_PATH);
	if (take_turns_of(PATIENT_TURN_NS, error) || run_program(argv, error))
		return -1;
	return take_turns_of(MEASURED_TURN_NS, error);
}
