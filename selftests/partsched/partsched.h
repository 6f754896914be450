/* SPDX-License-Identifier: GPL-2.0 */
/*
 * partsched - what every test program of this directory begins with
 */
#ifndef TEST_PARTSCHED_H
#define TEST_PARTSCHED_H

#include <signal.h>
#include <sys/wait.h>

#include "kselftest_harness.h"

#include "clock.h"
#include "guest.h"
#include "kernel.h"
#include "plan.h"
#include "proc.h"
#include "session.h"
#include "vm.h"

/* TEST_F() takes it where it is used */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	TEST_TIMEOUT_S

/* Hold a call of the tools' library to success; say its error if not. */
#define ASSERT_DONE(_call) ASSERT_EQ(0, _call) { TH_LOG("%s", self->error.text); }

/* Hold it to a refusal with an error number; say what came instead. */
#define EXPECT_REFUSED(_err, _call) do {				\
	memset(&self->error, 0, sizeof(self->error));			\
	EXPECT_EQ(-1, _call);						\
	EXPECT_EQ(_err, self->error.err) { TH_LOG("%s", self->error.text); }	\
} while (0)

FIXTURE(session) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;		/* the windows are on it */
	struct guest guest;	/* two guests, ended at the end */
	struct guest other;
	struct vm vm;		/* and one in this process */
	bool has_vm;
};

FIXTURE_SETUP(session)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
}

FIXTURE_TEARDOWN(session)
{
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
	if (self->has_vm)
		vm_stop(&self->vm);
}

/* Have a plan in force, which is freed. */
#define LOAD(_model)							\
	ASSERT_TRUE(plan_in_force(self->kernel, _model, &self->error))	\
	{ TH_LOG("%s", self->error.text); }

#define LOAD_USUAL()	LOAD(plan_usual(self->cpu))

#define MODULE(_info)	ASSERT_DONE(ps_kernel_module(self->kernel, _info, &self->error))

/* Ask for a schedule and wait until all CPUs run it. */
static inline int change_to(struct ps_kernel *kernel, uint32_t id, uint64_t *epoch_ns,
			    struct ps_error *error)
{
	struct ps_change_result result;

	if (ps_kernel_change_schedule(kernel, id, &result, error))
		return -1;
	if (epoch_ns)
		*epoch_ns = result.epoch_ns;
	return ps_kernel_wait_schedule(kernel, id, result.epoch_ns, TEST_PATIENCE_NS, error);
}

#define CHANGE_TO(_id, _epoch_ns) \
	ASSERT_DONE(change_to(self->kernel, _id, _epoch_ns, &self->error))

/* A guest in this process, not attached yet. */
#define START_VM(_guest) ({						\
	self->has_vm = true;						\
	vm_start(&self->vm, _guest);					\
})

/* Stop the first guest, of "a", so that it is exiled: a few tries. */
#define STOP_IN_EXILE(_tid) do {						\
	/* it takes a signal that finds the window closed */			\
	for (int _i = 0; _i < 50; _i++) {					\
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) ==		\
				  PARTSCHED_RUN_SUSPENDED, TEST_PATIENCE_NS));	\
		ASSERT_EQ(0, kill(self->guest.pid, SIGSTOP));			\
		ASSERT_TRUE(UNTIL(proc_state(_tid) == 'T', bound_ns()));	\
		if (run_state(self->kernel, "a", 0) == PARTSCHED_RUN_EXILED)	\
			break;							\
		ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));			\
	}									\
} while (0)

static inline int attach(struct ps_kernel *kernel, const char *partition, pid_t tid,
			 struct ps_error *error)
{
	struct ps_attach_result result;

	return ps_kernel_attach(kernel, partition, 0, tid, 0, TEST_PATIENCE_NS, &result, error);
}

/* Attached, and seen in its windows. */
static inline bool attached(struct ps_kernel *kernel, const char *partition)
{
	return UNTIL(attach_state(kernel, partition, 0) == PARTSCHED_ATTACH_ATTACHED,
		     TEST_PATIENCE_NS) && frames_pass(kernel, partition, 2);
}

static inline int detach(struct ps_kernel *kernel, const char *partition, struct ps_error *error)
{
	struct ps_attach_result result;

	return ps_kernel_detach(kernel, partition, PS_ALL_VCPUS, 0, &result, error);
}

/*
 * main() of a test program. A machine that cannot run the tests skips them,
 * unless it was made for them.
 */
#define PARTSCHED_MAIN							\
	static void __attribute__((constructor))			\
	__constructor_order_last(void)					\
	{								\
		if (!__constructor_order)				\
			__constructor_order = _CONSTRUCTOR_ORDER_BACKWARD; \
	}								\
	int main(int argc, char **argv)					\
	{								\
		const char *missing = session_missing();		\
									\
		/* a line is a line also when a test is killed */	\
		setvbuf(stdout, NULL, _IOLBF, 0);			\
		if (missing && session_in_lab())			\
			ksft_exit_fail_msg("%s\n", missing);		\
		if (missing)						\
			ksft_exit_skip("%s\n", missing);		\
		return test_harness_run(argc, argv);			\
	}

#endif /* TEST_PARTSCHED_H */
