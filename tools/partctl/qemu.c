// SPDX-License-Identifier: GPL-2.0
/*
 * qemu - a QEMU that runs a partition's guest, as its supervisor sees it
 *
 * A start goes like this: the process is there with its machine stopped; its
 * vCPU threads are announced to the module, which takes them as soon as they are
 * seen in KVM_RUN; the machine is let go; once vCPU 0 has had its first window
 * the partition is NORMAL. Until then it is in COLD_START or WARM_START, so that
 * the module remembers what is to be done, whatever becomes of us.
 */
#include "qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc.h"
#include "guest-net.h"
#include "kernel-health.h"
#include "kernel-mode.h"
#include "process.h"
#include "qmp.h"
#include "supervise-priv.h"

#define NS_PER_S	UINT64_C(1000000000)
/* How long an answer may take; in emulation, and with frames of a second. */
#define ANSWER_NS	(30 * NS_PER_S)
/* A thread that is held with QEMU's lock is called out by then. */
#define KICK_NS		(5 * NS_PER_S)
/* A process whose socket is closed has ended by then, if that is why. */
#define LOST_NS		(5 * NS_PER_S)
/* How often the threads are looked at where nothing says that they are others. */
#define CPUS_NS		NS_PER_S
/* Longer than any wait of ours: who waits for its first KVM_RUN does so for ever. */
#define ATTACH_NS	(3600 * NS_PER_S)
/* The firmware's part of a reset has come by then, in whatever windows. */
#define FIRMWARE_NS	(60 * NS_PER_S)
/* What QEMU itself sends its vCPU threads (SIG_IPI). */
#define KICK_SIGNAL	SIGUSR1

/* Commands that are on their way; one of each kind. */
enum command {
	COMMAND_CAPABILITIES,
	COMMAND_STATUS,
	COMMAND_CPUS,
	COMMAND_STOP,
	COMMAND_CONT,
	COMMAND_RESET,
	NR_COMMANDS,
};

static const char *const commands[NR_COMMANDS] = {
	[COMMAND_CAPABILITIES] = "qmp_capabilities",
	[COMMAND_STATUS] = "query-status",
	[COMMAND_CPUS] = "query-cpus-fast",
	[COMMAND_STOP] = "stop",
	[COMMAND_CONT] = "cont",
	[COMMAND_RESET] = "system_reset",
};

struct flight {
	uint64_t id;		/* 0: it is not on its way */
	uint64_t since_ns;
	bool kicked;		/* its vCPU threads were, meanwhile */
};

/*
 * @ready: capabilities are negotiated, and @status is known
 * @was_ready: has been ready once; a connection that goes then is an error
 * @failed: an error of it was raised that only a start mends
 * @resets: a reset of ours is on its way
 * @deaf: QMP is of no use with this process
 * @stale: the list of vCPUs is to be asked for
 * @ran: its machine has run
 * @held: we have stopped it
 * @panics: its guest has panicked, and it is about to stand still
 * @since_ns: when we have begun with it
 * @lost_ns: when its socket was closed, until there is another connection
 * @reset_ns: when it was reset, until its firmware has done so, too
 */
struct qemu {
	char *name;
	char *path;
	pid_t pid;
	uint64_t starts;
	struct qmp *qmp;
	bool ready, was_ready, failed, deaf, resets, stale, ran, held, panics;
	char status[32];
	struct flight flights[NR_COMMANDS];
	struct qmp_cpu *cpus;
	size_t nr_cpus;
	uint64_t since_ns, cpus_ns, reset_ns, lost_ns;
	uint32_t complained;	/* of this thread, which could not be attached */
	struct ps_kernel *kernel;	/* within qemu_look() */
};

struct qemu *qemu_new(const char *name, pid_t pid, uint64_t starts)
{
	struct qemu *q = ps_calloc(1, sizeof(*q));

	q->name = ps_strdup(name);
	q->path = state_path(name, ".qmp");
	q->pid = pid;
	q->starts = starts;
	q->since_ns = supervise_now_ns();
	return q;
}

static void disconnect(struct qemu *q)
{
	qmp_close(q->qmp);
	q->qmp = NULL;
	q->ready = false;
	q->resets = false;
	q->panics = false;
	memset(q->flights, 0, sizeof(q->flights));
}

void qemu_free(struct qemu *q)
{
	if (!q)
		return;
	disconnect(q);
	free(q->name);
	free(q->path);
	free(q->cpus);
	free(q);
}

int qemu_fd(const struct qemu *q, short *events)
{
	if (!q->qmp)
		return -1;
	*events = qmp_poll_events(q->qmp);
	return qmp_fd(q->qmp);
}

void qemu_kick(const struct qemu *q)
{
	size_t i;

	for (i = 0; q && i < q->nr_cpus; i++)
		syscall(SYS_tgkill, q->pid, q->cpus[i].tid, KICK_SIGNAL);
}

/* Tell the health monitor. Return: what is done about it. */
static uint32_t raise_error(struct qemu *q, uint32_t source, const char *reason)
{
	const struct ps_error_report report = {
		.partition = q->name,
		.source = source,
		.reason = reason,
	};
	struct ps_error_answer answer;
	struct ps_error error;

	if (ps_kernel_raise_error(q->kernel, &report, &answer, &error)) {
		supervise_say("%s", error.text);
		return PARTSCHED_HM_IGNORE;
	}
	supervise_say("partition \"%s\": %s; the health monitor's action: %s", PS_SAFE(q->name),
		      PS_SAFE(reason), ps_hm_action_name(answer.action));
	return answer.action;
}

/* An error after which nothing goes on before the partition is started. */
static void fail(struct qemu *q, uint32_t source, const char *reason)
{
	if (q->failed)
		return;
	q->failed = true;
	raise_error(q, source, reason);
}

static void panicked(struct qemu *q)
{
	fail(q, PARTSCHED_ERROR_SHUTDOWN, "the guest has panicked");
}

/*
 * The connection is of no use any more. The process may be at its end, which the
 * module tells of, and knows why.
 */
static void lose(struct qemu *q, const struct ps_error *error)
{
	disconnect(q);
	if (!q->was_ready || q->failed)
		return;
	supervise_say("partition \"%s\": %s", PS_SAFE(q->name), error->text);
	q->lost_ns = supervise_now_ns();
}

static void send(struct qemu *q, enum command command)
{
	struct flight *flight = &q->flights[command];
	struct ps_error error;

	if (!q->qmp || flight->id)
		return;
	if (qmp_send(q->qmp, commands[command], NULL, &flight->id, &error)) {
		lose(q, &error);
		return;
	}
	flight->since_ns = supervise_now_ns();
	flight->kicked = false;
}

static bool runs(const struct qemu *q)
{
	return !strcmp(q->status, "running");
}

/* A machine that stands still for a reason of its own. */
static void judge_status(struct qemu *q)
{
	if (!strcmp(q->status, "internal-error"))
		fail(q, PARTSCHED_ERROR_KVM, "QEMU: KVM cannot go on (internal-error)");
	else if (!strcmp(q->status, "guest-panicked"))
		panicked(q);
	else if (!strcmp(q->status, "io-error"))
		fail(q, PARTSCHED_ERROR_LAUNCHER, "QEMU: a disk cannot be read or written (io-error)");
}

static void take_status(struct qemu *q, struct json_object *data)
{
	snprintf(q->status, sizeof(q->status), "%s", qmp_string(data, "status"));
	/* it has not run yet, or runs on where it was */
	if (!q->was_ready)
		guest_net_place_vhost(q->pid);
	q->ready = true;
	q->was_ready = true;
	q->lost_ns = 0;
	q->ran |= runs(q);
	/* that of before a reset; it is asked for again behind that */
	if (!q->resets)
		judge_status(q);
}

static void take_cpus(struct qemu *q, struct json_object *data)
{
	struct qmp_cpu *cpus;
	struct ps_error error;
	size_t nr;

	if (qmp_cpus(data, &cpus, &nr, &error)) {
		supervise_say("partition \"%s\": %s", PS_SAFE(q->name), error.text);
		return;
	}
	free(q->cpus);
	q->cpus = cpus;
	q->nr_cpus = nr;
	q->cpus_ns = supervise_now_ns();
}

static void take_return(struct qemu *q, enum command command, struct json_object *data)
{
	switch (command) {
	case COMMAND_CAPABILITIES:
		send(q, COMMAND_CPUS);
		send(q, COMMAND_STATUS);
		break;
	case COMMAND_STATUS:
		take_status(q, data);
		break;
	case COMMAND_CPUS:
		take_cpus(q, data);
		break;
	default:
		break;
	}
}

static void take_answer(struct qemu *q, const struct qmp_message *message)
{
	char reason[PARTSCHED_REASON_MAX];
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++) {
		if (!q->flights[i].id || q->flights[i].id != message->id)
			continue;
		q->flights[i].id = 0;
		if (message->kind == QMP_RETURN) {
			take_return(q, (enum command)i, message->data);
			continue;
		}
		snprintf(reason, sizeof(reason), "QEMU refuses %s: %.90s", commands[i],
			 message->text);
		fail(q, PARTSCHED_ERROR_LAUNCHER, reason);
	}
}

static bool by_guest(struct json_object *data)
{
	struct json_object *value;

	return data && json_object_object_get_ex(data, "guest", &value) &&
	       json_object_get_boolean(value);
}

static void on_shutdown(struct qemu *q, struct json_object *data)
{
	struct ps_mode_result result;
	struct ps_error error;

	/* told to by somebody else: the process ends, which the module tells of */
	if (!by_guest(data) || q->failed)
		return;
	q->failed = true;
	if (raise_error(q, PARTSCHED_ERROR_APPLICATION, "the guest has switched its machine off") !=
	    PARTSCHED_HM_IGNORE)
		return;
	/* as a guest of partvm that ends itself */
	if (ps_kernel_set_mode(q->kernel, q->name, PARTSCHED_MODE_IDLE, PARTSCHED_BY_PARTITION,
			       &result, &error))
		supervise_say("%s", error.text);
}

/*
 * SeaBIOS that finds itself run before resets the machine once more: what QEMU
 * tells then is no doing of the guest's. A reset from outside before that has it
 * begin again.
 */
static bool by_firmware(struct qemu *q, bool guest)
{
	uint64_t now = supervise_now_ns();
	bool second = guest && q->reset_ns && now - q->reset_ns < FIRMWARE_NS;

	q->reset_ns = second ? 0 : now;
	return second;
}

static void on_reset(struct qemu *q, struct json_object *data)
{
	if (by_firmware(q, by_guest(data)))
		return;
	if (by_guest(data)) {
		raise_error(q, PARTSCHED_ERROR_APPLICATION, "the guest has reset its machine");
	} else if (q->resets) {
		q->resets = false;
		/* it stands still if it did before */
		send(q, COMMAND_STATUS);
	}
}

/*
 * QEMU tells of it first and has its machine stand still afterwards: a reset that came
 * in between would be stopped, and be told of as a second panic. So where a STOP is to
 * come, it is waited for.
 */
static void on_panic(struct qemu *q, struct json_object *data)
{
	if (strcmp(qmp_string(data, "action"), "pause") || !runs(q) ||
	    q->flights[COMMAND_STOP].id)
		panicked(q);
	else
		q->panics = true;
}

static void take_event(struct qemu *q, const struct qmp_message *message)
{
	if (!strcmp(message->name, "RESUME")) {
		strcpy(q->status, "running");
		q->ran = true;
		q->held = false;
	} else if (!strcmp(message->name, "STOP")) {
		strcpy(q->status, "paused");
		/* why it stands still, unless it was told to */
		if (!q->flights[COMMAND_STOP].id || q->panics)
			send(q, COMMAND_STATUS);
		/* its status may be that of a stop of ours, which has come first */
		if (q->panics)
			panicked(q);
		q->panics = false;
	} else if (!strcmp(message->name, "GUEST_PANICKED")) {
		on_panic(q, message->data);
	} else if (!strcmp(message->name, "SHUTDOWN")) {
		on_shutdown(q, message->data);
	} else if (!strcmp(message->name, "RESET")) {
		on_reset(q, message->data);
	} else if (!strcmp(message->name, "MEMORY_FAILURE")) {
		if (!strcmp(qmp_string(message->data, "action"), "fatal"))
			fail(q, PARTSCHED_ERROR_MEMORY, "QEMU: the host's memory has failed");
	} else if (!strcmp(message->name, "DEVICE_DELETED") ||
		   !strcmp(message->name, "ACPI_DEVICE_OST")) {
		q->stale = true;
	}
}

/* Connect, and take what has come. */
static void pump(struct qemu *q)
{
	struct qmp_message message;
	struct ps_error error;
	int got = 0;

	if (!q->qmp) {
		q->qmp = qmp_open(q->path, &error);
		/* it is not so far yet, or is ending: the process is looked at elsewhere */
		if (!q->qmp)
			return;
		if (qmp_peer(q->qmp) != q->pid) {
			/* that of one before it, which this one replaces */
			disconnect(q);
			return;
		}
	}
	while (q->qmp && (got = qmp_receive(q->qmp, &message, &error)) > 0) {
		switch (message.kind) {
		case QMP_GREETING:
			send(q, COMMAND_CAPABILITIES);
			break;
		case QMP_EVENT:
			take_event(q, &message);
			break;
		default:
			take_answer(q, &message);
		}
	}
	if (q->qmp && got < 0)
		lose(q, &error);
}

/* A connection that does not come back, commands that are not answered in all that time. */
static void look_at_time(struct qemu *q)
{
	uint64_t now = supervise_now_ns();
	char reason[PARTSCHED_REASON_MAX];
	size_t i;

	if (q->lost_ns && now - q->lost_ns > LOST_NS && process_start_ticks(q->pid)) {
		q->deaf = true;
		fail(q, PARTSCHED_ERROR_LAUNCHER, "QEMU has closed its QMP socket");
	}
	/* one that we have found; whoever starts one looks after it */
	if (!q->was_ready && !q->starts && now - q->since_ns > ANSWER_NS &&
	    process_start_ticks(q->pid)) {
		q->deaf = true;
		fail(q, PARTSCHED_ERROR_LAUNCHER, "QEMU does not answer at its QMP socket");
	}
	for (i = 0; i < NR_COMMANDS && !q->failed; i++) {
		struct flight *flight = &q->flights[i];

		if (!flight->id || now - flight->since_ns < KICK_NS)
			continue;
		if (!flight->kicked) {
			flight->kicked = true;
			qemu_kick(q);
		}
		if (now - flight->since_ns < ANSWER_NS)
			continue;
		q->deaf = true;
		snprintf(reason, sizeof(reason), "QEMU does not answer %s", commands[i]);
		fail(q, PARTSCHED_ERROR_LAUNCHER, reason);
	}
}

static const struct ps_vcpu_info *vcpu_of(const struct qemu *q, const struct ps_vcpu_info *vcpus,
					  size_t nr_vcpus, uint32_t index)
{
	size_t i;

	for (i = 0; i < nr_vcpus; i++) {
		if (vcpus[i].vcpu == index && !strcmp(vcpus[i].partition, q->name))
			return &vcpus[i];
	}
	return NULL;
}

static bool is_held(const struct ps_vcpu_info *vcpu, uint32_t tid)
{
	return vcpu->tid && (!tid || vcpu->tid == tid) &&
	       (vcpu->attach_state == PARTSCHED_ATTACH_PENDING ||
		vcpu->attach_state == PARTSCHED_ATTACH_ATTACHED ||
		vcpu->attach_state == PARTSCHED_ATTACH_DETACHING);
}

/* Return: whether it is on its way into the plan, or there. */
static bool attach(struct qemu *q, const struct qmp_cpu *cpu)
{
	uint64_t ticks = process_start_ticks((pid_t)cpu->tid);
	struct ps_attach_result result;
	struct ps_error error;

	if (!ticks || !process_has_thread(q->pid, (pid_t)cpu->tid)) {
		q->stale = true;
		return false;
	}
	if (!ps_kernel_attach(q->kernel, q->name, cpu->index, cpu->tid, ticks, ATTACH_NS, &result,
			      &error))
		return true;
	if (q->complained != cpu->tid)
		supervise_say("%s", error.text);
	q->complained = cpu->tid;
	return false;
}

/*
 * Have each thread attached that is not: at first all, later those of vCPUs that
 * were plugged. Return: whether all are on their way.
 */
static bool attach_all(struct qemu *q, const struct ps_vcpu_info *vcpus, size_t nr_vcpus)
{
	bool all = q->nr_cpus;
	size_t i;

	for (i = 0; i < q->nr_cpus; i++) {
		const struct qmp_cpu *cpu = &q->cpus[i];
		const struct ps_vcpu_info *vcpu = vcpu_of(q, vcpus, nr_vcpus, cpu->index);

		/* one that the plan does not know runs where no window is */
		if (!vcpu || is_held(vcpu, cpu->tid))
			continue;
		/* that of another thread, which is leaving */
		all &= !is_held(vcpu, 0) && attach(q, cpu);
	}
	return all;
}

/* Is vCPU 0 under the plan? */
static bool is_attached(const struct qemu *q, const struct ps_vcpu_info *vcpus, size_t nr_vcpus)
{
	const struct ps_vcpu_info *vcpu = vcpu_of(q, vcpus, nr_vcpus, 0);

	return vcpu && vcpu->tid && vcpu->attach_state == PARTSCHED_ATTACH_ATTACHED;
}

static bool starting(const struct ps_partition_info *info)
{
	return info->mode == PARTSCHED_MODE_COLD_START || info->mode == PARTSCHED_MODE_WARM_START;
}

/* An order to start that is another one's than that which was carried out. */
static enum qemu_want carry_out(struct qemu *q, const struct ps_partition_info *info)
{
	/* it has not run yet: it is as good for this one */
	if (!q->ran && q->starts) {
		q->starts = info->nr_starts;
		return QEMU_SOON;
	}
	if (info->mode == PARTSCHED_MODE_COLD_START || q->deaf || !q->ready) {
		/* whatever becomes of it now is no error */
		q->failed = true;
		return QEMU_REPLACE;
	}
	supervise_say("partition \"%s\": warm start, number %" PRIu64 ": process %d is reset",
		      PS_SAFE(q->name), info->nr_starts, (int)q->pid);
	q->starts = info->nr_starts;
	q->resets = true;
	q->failed = false;
	send(q, COMMAND_RESET);
	return QEMU_SOON;
}

/*
 * Is it for us to let it run? Not one that somebody has stopped by its other
 * monitor, or that sleeps. Of one that we find stopped it was another one of us.
 */
static bool waits_for_us(const struct qemu *q)
{
	return !strcmp(q->status, "prelaunch") ||
	       (!strcmp(q->status, "paused") && (q->held || !q->ran));
}

/* The machine runs unless its partition is halted, or it cannot. */
static void run_or_not(struct qemu *q, const struct ps_partition_info *info, bool prepared)
{
	if (info->halted && runs(q) && !q->flights[COMMAND_STOP].id) {
		/* first, or QEMU would wait for one that is held in the module */
		qemu_kick(q);
		q->held = true;
		send(q, COMMAND_STOP);
	} else if (!info->halted && waits_for_us(q) && !q->failed && prepared) {
		send(q, COMMAND_CONT);
	}
}

static enum qemu_want look_at_start(struct qemu *q, const struct ps_vcpu_info *vcpus,
				    size_t nr_vcpus)
{
	struct ps_mode_result result;
	struct ps_error error;

	if (q->failed || !runs(q) || q->resets || !is_attached(q, vcpus, nr_vcpus))
		return QEMU_SOON;
	/* refused before its first window: later, then */
	return ps_kernel_set_mode(q->kernel, q->name, PARTSCHED_MODE_NORMAL,
				  PARTSCHED_BY_PARTITION, &result, &error) ? QEMU_SOON : QEMU_WAITS;
}

static enum qemu_want look(struct qemu *q, const struct ps_partition_info *info,
			   const struct ps_vcpu_info *vcpus, size_t nr_vcpus)
{
	bool prepared;

	if (info->mode == PARTSCHED_MODE_IDLE) {
		q->failed = true;
		return QEMU_END;
	}
	pump(q);
	look_at_time(q);
	if (starting(info) && q->starts != info->nr_starts && (q->ready || q->failed))
		return carry_out(q, info);
	if (!q->ready)
		return q->failed ? QEMU_WAITS : QEMU_SOON;
	if (q->stale || supervise_now_ns() - q->cpus_ns > CPUS_NS) {
		q->stale = false;
		send(q, COMMAND_CPUS);
	}
	prepared = attach_all(q, vcpus, nr_vcpus);
	run_or_not(q, info, prepared);
	return starting(info) && !info->halted ? look_at_start(q, vcpus, nr_vcpus) : QEMU_WAITS;
}

enum qemu_want qemu_look(struct qemu *q, struct ps_kernel *kernel,
			 const struct ps_partition_info *info, const struct ps_vcpu_info *vcpus,
			 size_t nr_vcpus)
{
	enum qemu_want want;

	q->kernel = kernel;
	want = look(q, info, vcpus, nr_vcpus);
	q->kernel = NULL;
	return want;
}
