// SPDX-License-Identifier: GPL-2.0
/*
 * The guard: windows that open exactly at their edge, and never before it.
 *
 * Without it a thread is woken at its edge and its guest runs some thousand
 * instructions later: the switch is paid by the window that opens. With it the
 * frame timer comes guard_ns ahead, closes the window before, opens the next
 * one ahead of its edge and wakes its thread; the switch is paid by the tail of
 * the closing window. The thread then waits twice:
 *
 *      guard_ns before          gate_ns before              the edge
 *	|-- timer, park, wake --|~~ gate, irqs on ~~|-- KVM --|~ entry, irqs off ~|
 *
 * In the gate, until what KVM does between the gate and the guest still fits;
 * and in a probe of the tracepoint kvm_entry, which KVM passes with interrupts
 * off a few hundred instructions before it enters the guest, whatever way it
 * came. So the gate may be passed at any time, and the guest is still held.
 *
 * Nobody waits for the thread before: who comes too late goes straight through
 * and is counted. The probe taxes every guest entry of the machine, and is
 * there only while a plan with a guard is in force.
 *
 * Where vCPUs share the window it is the first of them that is to be there in
 * time. Should one of a higher rank come while that one waits, and halt again
 * before the edge, that one must not be let in: so the probe holds everybody on
 * this CPU until the edge.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#include "band.h"
#include "guard.h"
#include "lock.h"
#include "param.h"
#include "plan.h"
#include "stats.h"
#include "thread.h"
#include "wait.h"

/* Edges that a CPU measures before it shortens what it begins with. */
#define PS_GUARD_SAMPLES 64

/*
 * The gate lets go so long before the edge at most. Interrupts are off for the
 * rest of the wait, so this is short however long the guard may be.
 */
#define PS_GATE_MAX_NS (PARTSCHED_GUARD_AUTO_MAX_NS / 2)

/* While it is measured, a switch begins with a demotion where this is left. */
#define PS_REHEARSAL_NS (PARTSCHED_GUARD_AUTO_MAX_NS * 3 / 4)

/**
 * struct guard - a CPU's guard; written there only
 * @task: who is to wait at its guest's entry; compared, not followed
 * @until_ns: the edge that it waits for
 * @held_ns: the edge that everybody waits for who enters a guest here, 0: none
 * @claimed_ns: the last edge that somebody came for
 * @passed_ns: when it passed the gate
 * @edge_ns: the last edge that the timer has opened ahead of time
 * @fired_ns: when it did
 * @switch_ns: longest time from there to the thread's coming onto the CPU
 * @entry_ns: longest time from the gate to the guest's entry
 * @samples: of the latter
 * @auto_ns: what a guard that is to be measured is at present
 * @gate_ns: how long before an edge the gate lets go
 * @late: see struct ps_guard_info
 */
struct guard {
	const struct task_struct *task;
	u64 until_ns;
	u64 held_ns;
	u64 claimed_ns;
	u64 passed_ns;
	u64 edge_ns;
	u64 fired_ns;
	u64 switch_ns;
	u64 entry_ns;
	u32 samples;
	u64 auto_ns;
	u64 gate_ns;
	u64 late;
};

static DEFINE_PER_CPU(struct guard, guards);

/* Whether the probe is there. */
bool ps_guard_on;

static DEFINE_MUTEX(update_mutex);
static bool wanted;			/* under update_mutex */
static struct tracepoint *built_in;	/* likewise; NULL: KVM is a module */

/* A quarter more than what was seen: caches are not always as warm. */
static u64 with_margin(u64 ns)
{
	return ns + ns / 4;
}

static void set_auto(struct guard *guard)
{
	WRITE_ONCE(guard->auto_ns,
		   min(with_margin(guard->switch_ns) + guard->gate_ns +
		       READ_ONCE(ps_entry_ns), PARTSCHED_GUARD_AUTO_MAX_NS));
}

/*
 * A switch took so long. One that auto turns out to be too short for makes it
 * longer, unless it could not be long enough in any case: somebody was in the
 * kernel who cannot be preempted, and a longer guard would be of no use.
 */
static void add_switch(struct guard *guard, u64 switch_ns)
{
	u64 need_ns = switch_ns + guard->gate_ns + READ_ONCE(ps_entry_ns);

	if (switch_ns <= guard->switch_ns)
		return;
	if (guard->samples < PS_GUARD_SAMPLES) {
		guard->switch_ns = switch_ns;
	} else if (need_ns > guard->auto_ns &&
		   need_ns <= PARTSCHED_GUARD_AUTO_MAX_NS) {
		guard->switch_ns = switch_ns;
		set_auto(guard);
	}
}

static void add_sample(struct guard *guard, u64 now_ns)
{
	u64 entry_ns = now_ns - guard->passed_ns;

	if (guard->samples == PS_GUARD_SAMPLES)
		return;
	guard->entry_ns = max(guard->entry_ns, entry_ns);
	if (++guard->samples < PS_GUARD_SAMPLES)
		return;
	WRITE_ONCE(guard->gate_ns,
		   min(with_margin(guard->entry_ns), PS_GATE_MAX_NS));
	set_auto(guard);
}

/* Wait at a guest's entry; false if it is too late for that. */
static bool wait_at_entry(u64 edge_ns, u64 now_ns)
{
	u64 until_ns = edge_ns - READ_ONCE(ps_entry_ns);

	if (now_ns >= until_ns)
		return false;
	ps_wait_until(until_ns, now_ns);
	return true;
}

/*
 * One of a window that is shared, but not the one that came last. It has passed
 * the gate, so the edge is near; else it is of no plan at all.
 */
static void hold(struct guard *guard)
{
	u64 now_ns = ktime_get_ns();

	if (now_ns + PARTSCHED_GUARD_AUTO_MAX_NS < guard->held_ns)
		return;
	wait_at_entry(guard->held_ns, now_ns);
	guard->held_ns = 0;
}

/*
 * kvm_entry. What KVM passes differs from kernel to kernel and is not looked
 * at. Interrupts are off.
 */
static void on_entry(void *data)
{
	struct guard *guard = this_cpu_ptr(&guards);
	u64 now_ns;

	if (likely(guard->task != current)) {
		if (unlikely(guard->held_ns))
			hold(guard);
		return;
	}
	guard->task = NULL;
	now_ns = ktime_get_ns();
	if (!wait_at_entry(guard->until_ns, now_ns))
		ps_count(&guard->late, 1);
	/* interrupts are off until the guest is entered: nothing is in a hurry */
	add_sample(guard, now_ns);
}

/**
 * ps_guard_ns() - the guard of this CPU's next edge
 * @schedule: the schedule in force here
 *
 * Context: hard irq, or preemption off.
 * Return: nanoseconds, 0: none.
 */
u64 ps_guard_ns(const struct ps_schedule *schedule)
{
	if (schedule->guard_ns != PARTSCHED_GUARD_AUTO)
		return schedule->guard_ns;
	return this_cpu_read(guards.auto_ns);
}

/**
 * ps_guard_begin() - note that a window is opened ahead of its edge
 * @edge_ns: the edge
 * @now_ns: CLOCK_MONOTONIC
 * @shared: whether several vCPUs have the window
 *
 * Context: hard irq, before the window's thread is woken.
 */
void ps_guard_begin(u64 edge_ns, u64 now_ns, bool shared)
{
	struct guard *guard = this_cpu_ptr(&guards);

	/* who did not come for the last one comes too late for it */
	guard->task = NULL;
	guard->held_ns = shared ? edge_ns : 0;
	guard->edge_ns = edge_ns;
	guard->fired_ns = now_ns;
	if (unlikely(guard->samples < PS_GUARD_SAMPLES &&
		     now_ns + PS_REHEARSAL_NS <= edge_ns))
		ps_band_rehearse();
}

/**
 * ps_guard_missed() - count a window that was to be opened ahead and was not
 *
 * Context: hard irq.
 */
void ps_guard_missed(void)
{
	ps_count(this_cpu_ptr(&guards.late), 1);
}

/* Claim the CPU's guard for current; returns when its gate lets go, 0: now. */
static u64 claim(const struct ps_thread *thread, u64 edge_ns, bool guest,
		 bool parked)
{
	struct guard *guard;
	u64 until_ns = 0;
	unsigned long irqflags;
	bool first;

	local_irq_save(irqflags);
	guard = this_cpu_ptr(&guards);
	/* the others of a shared window come when it is their turn */
	first = parked && edge_ns == guard->edge_ns &&
		edge_ns != guard->claimed_ns;
	if (first && thread->woke_ns > guard->fired_ns)
		add_switch(guard, thread->woke_ns - guard->fired_ns);
	if (edge_ns <= ktime_get_ns()) {
		if (first)
			ps_count(&guard->late, 1);
	} else if (guest) {
		guard->task = current;
		guard->until_ns = edge_ns;
		until_ns = edge_ns - guard->gate_ns - READ_ONCE(ps_entry_ns);
	} else {
		until_ns = edge_ns;
	}
	guard->claimed_ns = edge_ns;
	local_irq_restore(irqflags);
	return until_ns;
}

/**
 * ps_guard_wait() - wait in the gate for an edge that is still to come
 * @thread: current's; its window is open
 * @edge_ns: when it is to open
 * @guest: whether the guest is next, and not user space, which has no second
 *	place to wait at
 * @parked: whether the thread was asleep in the gate
 *
 * Interrupts stay on. At most PARTSCHED_MAX_GUARD_NS.
 *
 * Context: the thread's own, may sleep.
 * Return: how long it was.
 */
u64 ps_guard_wait(struct ps_thread *thread, u64 edge_ns, bool guest,
		  bool parked)
{
	u64 until_ns = claim(thread, edge_ns, guest, parked);
	u64 from_ns, now_ns;

	if (!until_ns)
		return 0;
	from_ns = ktime_get_ns();
	for (now_ns = from_ns; now_ns < until_ns; now_ns = ktime_get_ns())
		cpu_relax();
	/* a CPU that it has been moved to meanwhile has nothing of it */
	raw_cpu_write(guards.passed_ns, now_ns);
	return now_ns - from_ns;
}

/**
 * ps_guard_info() - a CPU's guard, for answers
 * @cpu: the CPU
 * @schedule: the schedule in force
 * @info: filled in
 *
 * Context: any.
 */
void ps_guard_info(int cpu, const struct ps_schedule *schedule,
		   struct ps_guard_info *info)
{
	const struct guard *guard = per_cpu_ptr(&guards, cpu);

	info->guard_ns = schedule->guard_ns;
	if (info->guard_ns == PARTSCHED_GUARD_AUTO)
		info->guard_ns = READ_ONCE(guard->auto_ns);
	info->late = READ_ONCE(guard->late);
}

static void find_entry(struct tracepoint *point, void *found)
{
	if (!strcmp(point->name, "kvm_entry"))
		*(struct tracepoint **)found = point;
}

static void add_probe(struct tracepoint *point)
{
	int err = tracepoint_probe_register(point, on_entry, NULL);

	if (err)
		pr_err("partsched: no probe of kvm_entry (error %d): windows open as if they had no guard\n",
		       err);
	WRITE_ONCE(ps_guard_on, !err);
}

static void remove_probe(struct tracepoint *point)
{
	if (!ps_guard_armed())
		return;
	WRITE_ONCE(ps_guard_on, false);
	tracepoint_probe_unregister(point, on_entry, NULL);
}

/*
 * KVM's modules come and go; those that are there already are told of when
 * the notifier is registered, and again when it is unregistered. The list's
 * mutex is held.
 */
static int on_module(struct notifier_block *block, unsigned long event,
		     void *data)
{
	const struct module *module = ((struct tp_module *)data)->mod;
	struct tracepoint *point = NULL;
	unsigned int i;

	for (i = 0; i < module->num_tracepoints; i++)
		find_entry(tracepoint_ptr_deref(&module->tracepoints_ptrs[i]),
			   &point);
	if (!point)
		return NOTIFY_DONE;
	if (event == MODULE_STATE_COMING)
		add_probe(point);
	else if (event == MODULE_STATE_GOING)
		remove_probe(point);
	return NOTIFY_DONE;
}

static struct notifier_block module_block = {
	.notifier_call = on_module,
};

static void start(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		*per_cpu_ptr(&guards, cpu) = (struct guard){
			.auto_ns = PARTSCHED_GUARD_AUTO_MAX_NS,
			.gate_ns = PS_GATE_MAX_NS,
		};
	built_in = NULL;
	for_each_kernel_tracepoint(find_entry, &built_in);
	if (built_in)
		add_probe(built_in);
	else
		register_tracepoint_module_notifier(&module_block);
}

static void stop(void)
{
	if (built_in)
		remove_probe(built_in);
	else
		unregister_tracepoint_module_notifier(&module_block);
	tracepoint_synchronize_unregister();
}

/**
 * ps_guard_update() - have the probe exactly while a plan needs it
 *
 * To be called after each change of the plan. Until it is done, windows open
 * as if they had no guard.
 *
 * Context: may sleep; no lock of hotplug's and not ps_mutex may be held.
 */
void ps_guard_update(void)
{
	bool guarded;

	mutex_lock(&update_mutex);
	ps_lock();
	guarded = ps_plan_guarded();
	ps_unlock();
	if (guarded != wanted) {
		wanted = guarded;
		if (guarded)
			start();
		else
			stop();
	}
	mutex_unlock(&update_mutex);
}
