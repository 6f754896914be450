// SPDX-License-Identifier: GPL-2.0
/*
 * guard - windows that open at their edge, and never before it
 *
 * How exactly they do is measured in exact time, by the benchmark. Here it is
 * shown that the guard is taken and refused, told of, and comes and goes with
 * its plan, whatever KVM's modules do meanwhile.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "message.h"
#include "partsched.h"

#define CYCLES		30
#define LONG_SIZE	(8UL << 20)

static struct ps_model *plan_guarded(int cpu, uint64_t guard_ns)
{
	struct ps_model *model = plan_usual(cpu);

	model->schedules[0].guard_ns = guard_ns;
	return model;
}

#define LOAD_GUARDED(_guard_ns)	LOAD(plan_guarded(self->cpu, _guard_ns))

/* What the module says of the only planned CPU. */
static bool cpu_info(struct ps_kernel *kernel, struct ps_cpu_info *info)
{
	struct ps_error error;
	struct ps_cpu_info *list;
	size_t nr;

	if (ps_kernel_cpus(kernel, &list, &nr, &error))
		return false;
	if (nr == 1)
		*info = list[0];
	free(list);
	return nr == 1;
}

static uint64_t guard_late(struct ps_kernel *kernel)
{
	struct ps_cpu_info info = { 0 };

	cpu_info(kernel, &info);
	return info.guard_late;
}

static struct ps_model *plan_short(int cpu, uint64_t guard_ns, uint64_t duration_ns)
{
	struct ps_model *model = plan_new(PLAN_FRAME_NS);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, PLAN_WINDOW_NS);
	plan_window(model, 1, PLAN_WINDOW_NS, duration_ns);
	model->schedules[0].guard_ns = guard_ns;
	return model;
}

TEST_F(session, guard_is_refused_when_a_window_is_too_short_for_it)
{
	static const struct {
		uint64_t guard_ns;
		uint64_t least_ns;
	} cases[] = {
		{ 0, PARTSCHED_MIN_WINDOW_NS },
		{ 1, PARTSCHED_MIN_WINDOW_NS + 1 },
		{ PARTSCHED_MAX_GUARD_NS, PARTSCHED_MIN_WINDOW_NS + PARTSCHED_MAX_GUARD_NS },
		{ PARTSCHED_GUARD_AUTO, PARTSCHED_MIN_WINDOW_NS + PARTSCHED_GUARD_AUTO_MAX_NS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ps_load_result result;

		EXPECT_REFUSED(EINVAL, plan_load(self->kernel,
						 plan_short(self->cpu, cases[i].guard_ns,
							    cases[i].least_ns - 1),
						 NULL, &self->error));
		if (cases[i].guard_ns)
			EXPECT_NE(NULL, strstr(self->error.text, "guard"));
		ASSERT_DONE(plan_load(self->kernel,
				      plan_short(self->cpu, cases[i].guard_ns, cases[i].least_ns),
				      &result, &self->error));
		ASSERT_TRUE(plan_settled(self->kernel, result.generation));
		EXPECT_FALSE(result.unchanged);
	}
}

TEST_F(session, guard_longer_than_the_longest_is_refused)
{
	struct message message;
	struct answer answer;
	uint16_t family;
	int fd;

	fd = message_socket(&family);
	ASSERT_LE(0, fd);
	message_begin(&message, family, PARTSCHED_CMD_STAGE_BEGIN, 0);
	ASSERT_EQ(0, message_send(fd, &message, &answer));
	ASSERT_EQ(0, answer.err);
	message_begin(&message, family, PARTSCHED_CMD_STAGE_SCHEDULE, 0);
	message_u32(&message, PARTSCHED_A_SCHEDULE_ID, 1);
	message_u64(&message, PARTSCHED_A_MAJOR_FRAME_NS, PLAN_FRAME_NS);
	message_u64(&message, PARTSCHED_A_GUARD_NS, PARTSCHED_MAX_GUARD_NS + 1);
	ASSERT_EQ(0, message_send(fd, &message, &answer));
	EXPECT_EQ(EINVAL, answer.err);
	EXPECT_EQ(PARTSCHED_A_GUARD_NS, answer.attr);
	EXPECT_NE(NULL, strstr(answer.text, "guard"));
	close(fd);
}

TEST_F(session, guard_is_told)
{
	struct ps_schedule_info *schedules;
	struct ps_module_info module;
	struct ps_cpu_info cpu;
	size_t nr;

	LOAD_GUARDED(7000);
	ASSERT_DONE(ps_kernel_module(self->kernel, &module, &self->error));
	EXPECT_EQ(7000, module.guard_ns);
	ASSERT_DONE(ps_kernel_schedules(self->kernel, &schedules, &nr, &self->error));
	ASSERT_EQ(1, nr);
	EXPECT_EQ(7000, schedules[0].guard_ns);
	free(schedules);
	ASSERT_TRUE(cpu_info(self->kernel, &cpu));
	EXPECT_EQ(7000, cpu.guard_ns);

	/* another guard is another plan */
	LOAD_GUARDED(PARTSCHED_GUARD_AUTO);
	ASSERT_DONE(ps_kernel_module(self->kernel, &module, &self->error));
	EXPECT_EQ(PARTSCHED_GUARD_AUTO, module.guard_ns);
	ASSERT_TRUE(cpu_info(self->kernel, &cpu));
	EXPECT_LT(0, cpu.guard_ns);
	EXPECT_GE(PARTSCHED_GUARD_AUTO_MAX_NS, cpu.guard_ns);
}

static atomic_bool in_long_calls;

/* A system call that lasts longer than the guard, over and over. */
static void long_calls(void *arg)
{
	void *to = mmap(NULL, LONG_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	while (atomic_load(&in_long_calls)) {
		if (read(fd, to, LONG_SIZE) < 0)
			break;
	}
	close(fd);
	munmap(to, LONG_SIZE);
}

static void *have_long_calls(void *vm)
{
	vm_do(vm, long_calls, NULL);
	return NULL;
}

TEST_F(session, predecessor_that_has_not_parked_is_counted_and_nobody_waits)
{
	struct ps_model *model = plan_new(PLAN_FRAME_NS);
	struct ps_load_result result;
	pthread_t thread;
	uint64_t before;
	pid_t tid;

	/* b's window begins where a's ends */
	plan_partition(model, "a", 1, self->cpu);
	plan_partition(model, "b", 1, self->cpu);
	plan_window(model, 0, 0, PLAN_WINDOW_NS);
	plan_window(model, 1, PLAN_WINDOW_NS, PLAN_WINDOW_NS);
	model->schedules[0].guard_ns = PARTSCHED_MAX_GUARD_NS;
	ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
	tid = START_VM(VM_EXIT);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));

	atomic_store(&in_long_calls, true);
	ASSERT_EQ(0, pthread_create(&thread, NULL, have_long_calls, &self->vm));
	before = guard_late(self->kernel);
	EXPECT_TRUE(UNTIL(guard_late(self->kernel) > before, TEST_PATIENCE_NS));
	EXPECT_TRUE(frames_pass(self->kernel, "b", 5));
	atomic_store(&in_long_calls, false);
	pthread_join(thread, NULL);
}

TEST_F(session, guard_comes_and_goes_with_its_plan)
{
	for (int i = 0; i < CYCLES; i++) {
		struct ps_module_info info;

		LOAD_GUARDED(i % 2 ? 9000 : PARTSCHED_GUARD_AUTO);
		if (i % 3 == 0) {
			/* the probe goes, and the plan goes on */
			LOAD_USUAL();
			ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
			EXPECT_EQ(0, info.guard_ns);
		}
		if (i % 5 == 0) {
			ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
			EXPECT_TRUE(frames_pass(self->kernel, "a", 2));
			guest_kill(&self->guest);
			EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
		}
		ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	}
}

static bool remove_kvm(void)
{
	/* one of the first two is there */
	syscall(SYS_delete_module, "kvm_amd", O_NONBLOCK);
	syscall(SYS_delete_module, "kvm_intel", O_NONBLOCK);
	return !syscall(SYS_delete_module, "kvm", O_NONBLOCK);
}

static bool insert_kvm(void)
{
	return !system("/sbin/modprobe -a kvm_amd kvm_intel 2>&1 | sed 's/^/# /'; [ -e /dev/kvm ]");
}

static bool kvm_is_a_module(void)
{
	return !access("/sys/module/kvm/initstate", F_OK);
}

TEST_F(session, kvm_may_go_and_come_while_a_guarded_plan_is_in_force)
{
	if (!kvm_is_a_module())
		SKIP(return, "KVM is built into this kernel");
	LOAD_GUARDED(PARTSCHED_GUARD_AUTO);
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	guest_kill(&self->guest);
	ASSERT_TRUE(UNTIL(remove_kvm(), TEST_PATIENCE_NS));
	ASSERT_TRUE(insert_kvm());
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	guest_kill(&self->guest);
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));

	/* and with the plan the probe has gone */
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	ASSERT_TRUE(UNTIL(remove_kvm(), TEST_PATIENCE_NS));
	ASSERT_TRUE(insert_kvm());
}

TEST_F(session, kvm_may_come_after_a_guarded_plan)
{
	if (!kvm_is_a_module())
		SKIP(return, "KVM is built into this kernel");
	ASSERT_TRUE(UNTIL(remove_kvm(), TEST_PATIENCE_NS));
	LOAD_GUARDED(PARTSCHED_GUARD_AUTO);
	ASSERT_TRUE(insert_kvm());
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 5));
	EXPECT_TRUE(frames_pass(self->kernel, "b", 5));
}

PARTSCHED_MAIN
