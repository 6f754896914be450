// SPDX-License-Identifier: GPL-2.0
/*
 * sandbox - what partvm's vCPU threads may ask of the kernel, and may not
 */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"

#include "ktap.h"

static int event_fd;

static long timerfd(void)
{
	return syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
}

static long timer_of_old(void)
{
	struct itimerspec soon = { .it_value.tv_sec = 1 };

	/* one that a hijacked thread has found among the launcher's own */
	return syscall(SYS_timerfd_settime, event_fd, 0, &soon, NULL);
}

static long posix_timer(void)
{
	timer_t timer;

	return syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer);
}

static long interval_timer(void)
{
	struct itimerval soon = { .it_value.tv_sec = 1000 };

	return syscall(SYS_setitimer, ITIMER_REAL, &soon, NULL);
}

static long alarm_clock(void)
{
	return syscall(SYS_alarm, 1000);
}

static long ring(void)
{
	char parameters[256] = { };

	return syscall(SYS_io_uring_setup, 8, parameters);
}

static long counter(void)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static long affinity(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return syscall(SYS_sched_setaffinity, 0, sizeof(set), &set);
}

static long priority(void)
{
	struct sched_param param = { };

	return syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param);
}

static long thread(void)
{
	return syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
}

static long program(void)
{
	return syscall(SYS_execve, "/bin/true", NULL, NULL);
}

static long file_system(void)
{
	return syscall(SYS_unlink, "/nonexistent");
}

static long memory_slot(void)
{
	struct kvm_userspace_memory_region region = { };

	return ioctl(event_fd, KVM_SET_USER_MEMORY_REGION, &region);
}

static long another_vcpu(void)
{
	return ioctl(event_fd, KVM_CREATE_VCPU, 1);
}

static long interrupt_of_an_eventfd(void)
{
	struct kvm_irqfd irqfd = { .fd = event_fd };

	return ioctl(event_fd, KVM_IRQFD, &irqfd);
}

static long doorbell(void)
{
	struct kvm_ioeventfd doorbell = { .fd = event_fd };

	return ioctl(event_fd, KVM_IOEVENTFD, &doorbell);
}

static long routing(void)
{
	struct kvm_irq_routing routing = { };

	return ioctl(event_fd, KVM_SET_GSI_ROUTING, &routing);
}

static long connection(void)
{
	/* the module is asked by the main thread */
	return syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
}

static long populate(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) ==
	       MAP_FAILED ? -1 : 0;
}

static long populate_later(void)
{
	/* for the error that a page that is not there gives, if it is not refused */
	return madvise(NULL, 4096, MADV_POPULATE_WRITE);
}

static const struct refusal {
	const char *name;
	long (*call)(void);
} refusals[] = {
	{ "timerfd_create", timerfd }, { "timerfd_settime", timer_of_old },
	{ "timer_create", posix_timer }, { "setitimer", interval_timer },
	{ "alarm", alarm_clock }, { "io_uring_setup", ring }, { "perf_event_open", counter },
	{ "sched_setaffinity", affinity }, { "sched_setscheduler", priority },
	{ "clone", thread }, { "execve", program }, { "unlink", file_system },
	{ "MAP_POPULATE", populate }, { "MADV_POPULATE_WRITE", populate_later },
	{ "KVM_SET_USER_MEMORY_REGION", memory_slot }, { "KVM_CREATE_VCPU", another_vcpu },
	{ "KVM_IRQFD", interrupt_of_an_eventfd }, { "KVM_IOEVENTFD", doorbell },
	{ "KVM_SET_GSI_ROUTING", routing }, { "socket", connection },
};

#define NR_REFUSALS	(sizeof(refusals) / sizeof(*refusals))

static int errors[NR_REFUSALS];
static int entered, run_error, map_error, wait_error;

/* What an error, a start and a service take. */
static const unsigned long requests[] = {
	KVM_RUN, KVM_GET_REGS, KVM_SET_REGS, KVM_SIGNAL_MSI, KVM_SET_MP_STATE,
	KVM_SET_VCPU_EVENTS,
};

static void *vcpu(void *arg)
{
	char parameters[4096] = { };
	uint64_t value;
	void *page;

	(void)arg;
	entered = sandbox_enter();
	for (size_t i = 0; i < NR_REFUSALS; i++)
		errors[i] = refusals[i].call() < 0 ? errno : 0;
	/* KVM's requests go through to whoever has the descriptor */
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (ioctl(event_fd, requests[i], parameters) >= 0 || errno != ENOTTY)
			run_error = errno;
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map_error = page == MAP_FAILED ? errno : 0;
	if (!map_error)
		munmap(page, 4096);
	wait_error = eventfd_write(event_fd, 1) || eventfd_read(event_fd, &value) ||
		     clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = 1 }, NULL);
	return NULL;
}

static bool vcpu_thread_can_have_no_work_done_later_or_for_long(void)
{
	pthread_t tid;
	bool ok = true;

	event_fd = eventfd(0, 0);
	if (event_fd < 0 || pthread_create(&tid, NULL, vcpu, NULL) || pthread_join(tid, NULL))
		return ktap_fail("no thread: %s", strerror(errno));
	if (entered)
		return ktap_fail("sandbox_enter: %s", strerror(-entered));
	for (size_t i = 0; i < NR_REFUSALS; i++)
		if (errors[i] != EPERM)
			ok = ktap_fail("%s: %s", refusals[i].name, strerror(errors[i]));
	return ok;
}

static bool vcpu_thread_can_run_its_guest_and_serve_it(void)
{
	/* an eventfd is no vCPU, and says so itself */
	if (run_error)
		return ktap_fail("a request to KVM: %s", strerror(run_error));
	if (map_error)
		return ktap_fail("mmap: %s", strerror(map_error));
	if (wait_error)
		return ktap_fail("eventfd, nanosleep: %s", strerror(errno));
	return true;
}

static bool other_threads_of_the_launcher_keep_all_calls(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	if (fd < 0)
		return ktap_fail("timerfd_create: %s", strerror(errno));
	close(fd);
	return true;
}

static const struct ktap_test tests[] = {
	KTAP_TEST(vcpu_thread_can_have_no_work_done_later_or_for_long),
	KTAP_TEST(vcpu_thread_can_run_its_guest_and_serve_it),
	KTAP_TEST(other_threads_of_the_launcher_keep_all_calls),
};

int main(void)
{
	return ktap_main(tests, sizeof(tests) / sizeof(*tests));
}
