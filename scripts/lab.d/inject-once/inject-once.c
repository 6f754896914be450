// SPDX-License-Identifier: GPL-2.0
/*
 * Lets the lab's emulator deliver an interrupt to a guest once.
 *
 * QEMU's VMRUN (helper_vmrun()) delivers an interrupt of EVENTINJ at once, and also
 * leaves its number where an exception waits that is yet to be delivered. The next
 * exit or exception overwrites it; but if the virtual CPU's turn ends before, the
 * guest gets it a second time, whatever its interrupt flag says: a Linux then waits
 * for ever for the lock of its run queue, which it has. With several CPUs in exact
 * time a turn may end at any instruction.
 *
 * SVM's other way, a pending virtual interrupt, has no such trace. So what KVM is
 * about to inject by the one is turned into the other, and back into an injection
 * that failed where the guest was left before it took it. KVM's own use of the
 * virtual interrupt, to be told when the guest lets interrupts in, waits until that
 * exit: it comes with the next tick at the latest.
 *
 * Where an interrupt of the host's waits, the guest is left as soon as it is entered,
 * which the injection precedes and the virtual interrupt does not: KVM lets one wait
 * on purpose to inject two in a row. There the injection stays, and the exit overwrites
 * its number.
 *
 * For the lab alone, and only with more than one CPU in exact time: it costs some
 * hundred instructions at each entry. It stays: nothing has to be undone in a machine
 * that ends.
 */
#include <linux/kprobes.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <asm/apic.h>
#include <asm/svm.h>

#define V_BITS	(V_IRQ_MASK | V_INTR_PRIO_MASK | V_IGN_TPR_MASK)
#define VINTR	BIT(INTERCEPT_VINTR % 32)

/* What KVM had written. Nothing but an entry comes between the two probes: no preemption. */
struct own {
	u32 event;
	u32 int_ctl;
	u32 int_vector;
	u32 vintr;
};

static DEFINE_PER_CPU(struct own, own);

/* kvm-amd's struct vcpu_svm begins with these two. */
static struct vmcb_control_area *control(struct pt_regs *regs)
{
	struct kvm_vcpu *vcpu = (struct kvm_vcpu *)regs->di;

	return &(*(struct vmcb **)(vcpu + 1))->control;
}

static bool host_interrupt_waits(void)
{
	bool x2apic = x2apic_enabled();
	u64 waiting = 0;

	for (u32 reg = APIC_IRR; reg < APIC_IRR + APIC_ISR_NR * 0x10; reg += 0x10)
		waiting |= x2apic ? __rdmsr(APIC_BASE_MSR + (reg >> 4)) : native_apic_mem_read(reg);
	return waiting;
}

static int before_entry(struct kprobe *probe, struct pt_regs *regs)
{
	struct vmcb_control_area *c = control(regs);
	u32 *vintr = &c->intercepts[INTERCEPT_VINTR / 32];
	struct own *o = this_cpu_ptr(&own);

	if ((c->event_inj & (SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_MASK)) !=
	    (SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_INTR) || host_interrupt_waits())
		return 0;
	*o = (struct own){
		.event = c->event_inj,
		.int_ctl = c->int_ctl & V_BITS,
		.int_vector = c->int_vector,
		.vintr = *vintr & VINTR,
	};
	c->int_ctl |= V_BITS;
	c->int_vector = c->event_inj & SVM_EVTINJ_VEC_MASK;
	c->event_inj = 0;
	*vintr &= ~VINTR;
	return 0;
}

static int after_exit(struct kprobe *probe, struct pt_regs *regs)
{
	struct vmcb_control_area *c = control(regs);
	struct own *o = this_cpu_ptr(&own);

	if (!o->event)
		return 0;
	if (c->int_ctl & V_IRQ_MASK) {
		c->exit_int_info = o->event;
		c->exit_int_info_err = 0;
	}
	c->int_ctl = (c->int_ctl & ~V_BITS) | o->int_ctl;
	c->int_vector = o->int_vector;
	c->intercepts[INTERCEPT_VINTR / 32] |= o->vintr;
	o->event = 0;
	return 0;
}

/* KVM calls the one just before svm_vcpu_run() enters the guest, the other just behind. */
static struct kprobe entry = {
	.symbol_name = "kvm_load_guest_xsave_state",
	.pre_handler = before_entry,
};
static struct kprobe leave = {
	.symbol_name = "kvm_load_host_xsave_state",
	.pre_handler = after_exit,
};

static int __init inject_once_init(void)
{
	int ret = register_kprobe(&leave);

	if (ret)
		return ret;
	ret = register_kprobe(&entry);
	if (ret)
		unregister_kprobe(&leave);
	return ret;
}
module_init(inject_once_init);

MODULE_DESCRIPTION("The lab's emulator delivers an interrupt to a guest once");
MODULE_LICENSE("GPL");
