// SPDX-License-Identifier: GPL-2.0
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/partsched_guest.h>

#include "arch.h"
#include "image.h"
#include "info.h"
#include "kick.h"
#include "pidfile.h"
#include "report.h"
#include "status.h"
#include "vcpu.h"

#define CLOCK_PERIOD_NS		1000000000ULL
#define WATCH_PERIOD_MS		20

/* A vCPU thread that has not gone after so long is left to the kernel. */
#define STOP_STEP_MS		10
#define STOP_STEPS		500

int vm_extension(const struct vm *vm, unsigned int capability)
{
	int ret = ioctl(vm->vm_fd, KVM_CHECK_EXTENSION, capability);

	return ret > 0 ? ret : 0;
}

static int open_kvm(struct vm *vm)
{
	int version, size;

	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0) {
		report_error("/dev/kvm: %s; %s", strerror(errno),
			     errno == EACCES ? "is the caller in the group kvm?" :
			     "is virtualisation on in the firmware, and kvm-intel or kvm-amd loaded?");
		return -1;
	}
	version = ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		report_error("/dev/kvm: has version %d of KVM's interface, needed is %d", version,
			     KVM_API_VERSION);
		return -1;
	}
	size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run)) {
		report_error("/dev/kvm: no size of a vCPU's page: %s", strerror(errno));
		return -1;
	}
	vm->run_size = size;
	/* A signal interrupts the creation of a VM on some kernels. */
	do {
		vm->vm_fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	} while (vm->vm_fd < 0 && errno == EINTR);
	if (vm->vm_fd < 0) {
		report_error("KVM cannot create a VM: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static int check_kvm(const struct vm *vm)
{
	static const struct {
		unsigned int capability;
		const char *name;
	} needed[] = {
		{ KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY" },
		{ KVM_CAP_READONLY_MEM, "KVM_CAP_READONLY_MEM" },
		{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
	};
	unsigned int max;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!vm_extension(vm, needed[i].capability)) {
			report_error("KVM lacks %s; the kernel is too old", needed[i].name);
			return -1;
		}
	max = vm_extension(vm, KVM_CAP_MAX_VCPUS);
	if (max && vm->nr_vcpus > max) {
		report_error("--vcpus %u: KVM allows %u", vm->nr_vcpus, max);
		return -1;
	}
	return 0;
}

/* A vCPU that halts is to sleep at once, not to poll in somebody's window. */
static void stop_halt_polling(const struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_HALT_POLL };

	if (vm_extension(vm, KVM_CAP_HALT_POLL) && ioctl(vm->vm_fd, KVM_ENABLE_CAP, &cap))
		report_warning("KVM's halt polling cannot be switched off: %s", strerror(errno));
}

/* How many vCPUs: the user's word, the plan's, or one. */
static int choose_vcpus(struct vm *vm)
{
	const struct config *config = vm->config;

	vm->nr_vcpus = config->nr_vcpus;
	if (!vm->nr_vcpus)
		vm->nr_vcpus = vm->planned ? vm->plan.partition.nr_vcpus : 1;
	if (vm->planned && vm->nr_vcpus != vm->plan.partition.nr_vcpus) {
		report_error("--vcpus %u: the plan gives this partition %u", vm->nr_vcpus,
			     vm->plan.partition.nr_vcpus);
		return PARTVM_PLAN;
	}
	if (!vm->nr_vcpus || vm->nr_vcpus > PARTSCHED_GUEST_VCPUS_MAX) {
		report_error("the plan gives this partition %u vCPUs; 1 to %u can be",
			     vm->nr_vcpus, PARTSCHED_GUEST_VCPUS_MAX);
		return PARTVM_PLAN;
	}
	return 0;
}

static int create_memory(struct vm *vm, uint64_t *entry)
{
	const struct config *config = vm->config;

	if (memory_create(&vm->memory, config->memory, config->ram, config->warm) ||
	    image_load(&vm->memory, config->binary, vm->nr_vcpus, config->warm, entry) ||
	    arch_memory_create(&vm->memory))
		return -1;
	vm->info = info_create(&vm->memory, config, vm->planned ? &vm->plan : NULL,
			       &vm->channels, vm->nr_vcpus);
	if (!vm->info || channels_add(&vm->channels, &vm->memory))
		return -1;
	return memory_register(&vm->memory, vm->vm_fd);
}

static int create_vcpus(struct vm *vm, uint64_t entry)
{
	struct ps_error error = { };

	vm->vcpus = calloc(vm->nr_vcpus, sizeof(*vm->vcpus));
	if (!vm->vcpus) {
		report_error("no memory for %u vCPUs", vm->nr_vcpus);
		return PARTVM_HOST;
	}
	for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		if (vcpu_create(vcpu, vm, i, entry))
			return PARTVM_HOST;
		if (!vm->planned)
			continue;
		vcpu->kernel = ps_kernel_open(&error);
		if (!vcpu->kernel) {
			report_error("%s", error.text);
			return PARTVM_PLAN;
		}
	}
	return 0;
}

/*
 * Memory that is there already is locked in one piece for each page table, 512
 * pages, with preemption off: where this CPU has windows they wait for it. So have
 * it locked as it comes, page by page, and all but what every program begins with
 * has come that way when lock_memory() looks.
 */
static void lock_as_it_comes(void)
{
	if (!geteuid())
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/*
 * With a limit on locked memory MCL_FUTURE would make later, small allocations
 * fail: then only what is there now is locked. What comes later is locked page by
 * page: all of it in one call is long work in the kernel, see sandbox.h. A host
 * without swap does well without.
 */
static void lock_memory(const struct vm *vm)
{
	int ret = mlockall(MCL_CURRENT);

	if (!ret && !geteuid())
		ret = mlockall(MCL_FUTURE | MCL_ONFAULT);
	if (ret && vm->planned)
		report_warning("memory cannot be locked (%s); a page that is swapped out delays the guest",
			       strerror(errno));
}

static int create(struct vm *vm)
{
	uint64_t entry;
	int status;

	if (vm->config->partition) {
		if (plan_read(&vm->plan, vm->config->partition))
			return PARTVM_PLAN;
		vm->planned = true;
	}
	status = choose_vcpus(vm);
	if (status)
		return status;
	vm->end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vm->end_fd < 0) {
		report_error("cannot make an eventfd: %s", strerror(errno));
		return PARTVM_HOST;
	}
	if (service_create(vm) || open_kvm(vm) || check_kvm(vm))
		return PARTVM_HOST;
	stop_halt_polling(vm);
	if (arch_vm_create(vm))
		return PARTVM_HOST;
	if (vm->planned && (channels_open(&vm->channels, &vm->plan) || kicks_create(vm)))
		return PARTVM_PLAN;
	if (create_memory(vm, &entry) ||
	    console_open(&vm->console, vm->config->console, vm->nr_vcpus))
		return PARTVM_HOST;
	start_init(vm, entry);
	status = create_vcpus(vm, entry);
	if (status)
		return status;
	clock_start(&vm->clock, &vm->info->clock, arch_counter_khz(&vm->vcpus[0]));
	return 0;
}

static int start(struct vm *vm)
{
	if (console_start(&vm->console))
		return -1;
	for (uint32_t i = 0; i < vm->nr_vcpus; i++)
		if (vcpu_start(&vm->vcpus[i]))
			return -1;
	lock_memory(vm);
	if (vm->config->control && control_listen(&vm->control, vm->config->control))
		return -1;
	if (vm->config->pid_file && pidfile_write(vm->config->pid_file))
		return -1;
	for (uint32_t i = 0; i < vm->nr_vcpus; i++)
		vcpu_go(&vm->vcpus[i]);
	return 0;
}

/*
 * The module decides about a vCPU once it has entered its guest. One that it
 * refuses would run free: that ends the VM.
 *
 * Return: 1 all attached, 0 undecided, -1 refused, with a message printed.
 */
static int watch_attachment(struct vm *vm)
{
	pid_t tid[PARTSCHED_GUEST_VCPUS_MAX];
	struct ps_error error = { };
	int ret;

	for (uint32_t i = 0; i < vm->nr_vcpus; i++)
		tid[i] = atomic_load(&vm->vcpus[i].tid);
	ret = plan_watch(&vm->plan, tid, vm->attached, vm->nr_vcpus, &error);
	/* A vCPU that has just ended is no longer in the plan, and says why itself. */
	if (ret < 0 && atomic_load(&vm->ended))
		return 1;
	if (ret < 0)
		report_error("%s", error.text);
	return ret;
}

/* Return: enum partvm_status when it has come to an end, -1 to go on. */
static int end_status(struct vm *vm, int signal_fd)
{
	struct signalfd_siginfo signal;
	struct vcpu *vcpu = atomic_load(&vm->ended);

	if (vcpu) {
		if (vcpu->text[0])
			report_error("%s", vcpu->text);
		return vcpu->status;
	}
	if (read(signal_fd, &signal, sizeof(signal)) == sizeof(signal))
		return signal.ssi_signo == SIGINT ? PARTVM_INTERRUPTED : PARTVM_DONE;
	return -1;
}

/*
 * Have the clock renewed a good second from now: a whole number of frames, by
 * a timer without slack. Where this thread shares a CPU with windows it runs in
 * a gap, and the next time is then in the same gap, not on an opening edge.
 */
static void arm_clock(const struct vm *vm, int timer_fd)
{
	uint64_t frame_ns = vm->planned ? vm->plan.module.frame_ns : 0;
	uint64_t period_ns = CLOCK_PERIOD_NS;
	struct itimerspec at = { };
	struct timespec now;

	if (frame_ns)
		period_ns += frame_ns - 1 - (period_ns - 1) % frame_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	period_ns += (uint64_t)now.tv_nsec;
	at.it_value.tv_sec = now.tv_sec + (time_t)(period_ns / 1000000000);
	at.it_value.tv_nsec = (long)(period_ns % 1000000000);
	timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static int wait_end(struct vm *vm, int signal_fd, int timer_fd)
{
	bool watching = vm->planned;
	struct pollfd pollfd[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = vm->end_fd, .events = POLLIN },
		{ .fd = timer_fd, .events = POLLIN },
		{ .fd = vm->service.fd, .events = POLLIN },
		{ .fd = vm->control.fd, .events = POLLIN },
	};
	uint64_t expired;
	int ret, status;

	arm_clock(vm, timer_fd);

	for (;;) {
		ret = poll(pollfd, 5, watching ? WATCH_PERIOD_MS : -1);
		status = end_status(vm, signal_fd);
		if (status >= 0)
			return status;
		if (ret > 0 && pollfd[3].revents & POLLIN)
			service_serve(vm);
		if (ret > 0 && pollfd[4].revents & POLLIN)
			control_serve(&vm->control, vm);
		if (read(timer_fd, &expired, sizeof(expired)) == sizeof(expired)) {
			clock_renew(&vm->clock);
			arm_clock(vm, timer_fd);
		}
		if (ret || !watching)
			continue;
		ret = watch_attachment(vm);
		if (ret < 0)
			return PARTVM_PLAN;
		watching = !ret;
	}
}

static bool join(struct vcpu *vcpu)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* A time that has passed: only look. */
	return !pthread_clockjoin_np(vcpu->thread, NULL, CLOCK_MONOTONIC, &now);
}

/* In order: who finds the threads gone is to know that this is no error. */
static void leave_plan(struct vm *vm)
{
	for (uint32_t i = 0; vm->planned && vm->vcpus && i < vm->nr_vcpus; i++)
		if (plan_has(&vm->plan, i, atomic_load(&vm->vcpus[i].tid), NULL)) {
			plan_leave(&vm->plan);
			return;
		}
}

/*
 * A thread that the plan has stopped is let go by its signal, elsewhere than on
 * the planned CPU. Each is kicked until it has gone: a signal that finds it
 * between two looks at the flag is not lost, but a bound is a bound.
 */
static void stop(struct vm *vm)
{
	uint32_t left = 1;

	atomic_store(&vm->stopping, true);
	service_stop(vm);
	for (uint32_t i = 0; vm->vcpus && i < vm->nr_vcpus; i++)
		if (vm->vcpus[i].started)
			vcpu_go(&vm->vcpus[i]);
	for (unsigned int step = 0; left && step < STOP_STEPS; step++) {
		if (step)
			nanosleep(&(struct timespec){ .tv_nsec = STOP_STEP_MS * 1000000L }, NULL);
		left = 0;
		for (uint32_t i = 0; vm->vcpus && i < vm->nr_vcpus; i++) {
			struct vcpu *vcpu = &vm->vcpus[i];

			if (!vcpu->started || vcpu->joined)
				continue;
			vcpu_kick(vcpu);
			vcpu->joined = join(vcpu);
			left += !vcpu->joined;
		}
	}
	if (left)
		report_warning("%u of %u vCPU threads did not stop within %u s; leaving them to the kernel",
			       left, vm->nr_vcpus, STOP_STEPS * STOP_STEP_MS / 1000);
}

/*
 * Every thread inherits the mask: SIGUSR1 is the kick and is unblocked by vCPU
 * threads, the others come through the descriptor.
 */
static int catch_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		report_error("cannot make a signalfd: %s", strerror(errno));
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

int vm_run(const struct config *config)
{
	static struct vm vm;
	int signal_fd, timer_fd, status;

	lock_as_it_comes();
	vm.config = config;
	vm.control.fd = -1;
	signal_fd = catch_signals();
	if (signal_fd < 0)
		return PARTVM_HOST;
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (timer_fd < 0) {
		report_error("cannot make a timerfd: %s", strerror(errno));
		return PARTVM_HOST;
	}
	status = create(&vm);
	if (status) {
		/* a partition that waits for its start would wait for ever */
		if (vm.planned && status == PARTVM_HOST)
			plan_fail(&vm.plan);
		return status;
	}
	/* From here on messages are about the guest, no longer about its file. */
	if (!config->name[0])
		report_name(config->binary);
	status = start(&vm) ? PARTVM_HOST : wait_end(&vm, signal_fd, timer_fd);
	leave_plan(&vm);
	control_close(&vm.control);
	stop(&vm);
	console_finish(&vm.console);
	if (config->pid_file)
		pidfile_remove(config->pid_file);
	return status;
}
