// SPDX-License-Identifier: GPL-2.0
/*
 * supervise - launchers for partitions that want one
 *
 * Woken by events of the module, by the end of a launcher, and now and then
 * without either; what is to be done is read from the module each time, so that
 * an event that got lost costs a moment at most.
 */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "follow.h"
#include "guest.h"
#include "kernel-health.h"
#include "kernel-mode.h"
#include "kernel.h"
#include "process.h"
#include "qemu.h"
#include "supervise-priv.h"

#define NS_PER_S	UINT64_C(1000000000)
#define IDLE_MS		1000	/* without an event */
#define BUSY_MS		20	/* while something is not as it should be */
/* When a launcher has ended, the module says by then whether it was under the plan. */
#define GRACE_NS	(NS_PER_S / 5)
/* A launcher that has not come under the plan by then is not going to. */
#define ATTACH_NS	(60 * NS_PER_S)
/* One that has left the plan, and does not end. */
#define LEAVE_NS	(15 * NS_PER_S)
/* One that was told to end. */
#define END_NS		(5 * NS_PER_S)

/*
 * A launcher. Those of other processes are known from their records; how they
 * end is told by the module alone.
 */
struct launcher {
	char *name;
	pid_t pid;
	uint64_t ticks;
	uint64_t since_ns;	/* it is there, or wanted under the plan and is not */
	uint64_t hm_seq;	/* of the health monitor's log when it was started */
	bool child;
	bool attached;		/* has had a thread under the plan */
	bool killed;		/* by us */
	bool seen;		/* in this round */
	bool over;		/* has ended, and its partition was not told yet */
	int status;
	uint64_t over_ns;
	uint64_t end_ns;	/* since when it has been told to end, 0: it was not */
	struct qemu *qemu;	/* what it is otherwise than a partvm */
};

struct supervisor {
	struct ps_kernel *kernel;
	struct ps_kernel *events;
	uint32_t generation;	/* of the plan whose CPUs were left */
	struct launcher *list;
	size_t nr;
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	if (sig != SIGCHLD)
		stopped = 1;
}

static struct launcher *find(const struct supervisor *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		if (!strcmp(s->list[i].name, name))
			return &s->list[i];
	}
	return NULL;
}

/* @starts: of its partition, with this one; 0: not known. */
static struct launcher *add(struct supervisor *s, const struct guest *guest, uint64_t starts)
{
	struct launcher *l = find(s, guest->name);

	if (!l) {
		l = ps_grow(&s->list, &s->nr, sizeof(*l));
		l->name = ps_strdup(guest->name);
	}
	l->pid = guest->pid;
	l->ticks = guest->ticks;
	l->since_ns = supervise_now_ns();
	l->child = guest->child;
	l->hm_seq = UINT64_MAX;
	l->attached = false;
	l->killed = false;
	l->over = false;
	l->end_ns = 0;
	qemu_free(l->qemu);
	l->qemu = guest->qemu ? qemu_new(guest->name, guest->pid, starts) : NULL;
	return l;
}

static void drop(struct supervisor *s, struct launcher *l)
{
	qemu_free(l->qemu);
	free(l->name);
	*l = s->list[--s->nr];
}

/* Where planned windows are not: what a launcher does before it is attached. */
static void leave_planned_cpus(struct supervisor *s)
{
	struct ps_module_info info;
	struct ps_cpu_info *cpus;
	struct ps_error error;
	cpu_set_t left;
	size_t nr, i;
	long cpu;

	if (ps_kernel_module(s->kernel, &info, &error) || !info.has_plan ||
	    info.generation == s->generation || ps_kernel_cpus(s->kernel, &cpus, &nr, &error))
		return;
	CPU_ZERO(&left);
	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF) && cpu < CPU_SETSIZE; cpu++)
		CPU_SET((size_t)cpu, &left);
	for (i = 0; i < nr; i++) {
		if (cpus[i].cpu < CPU_SETSIZE)
			CPU_CLR(cpus[i].cpu, &left);
	}
	free(cpus);
	/* only a help: a launcher looks for another CPU itself, too */
	if (CPU_COUNT(&left))
		sched_setaffinity(0, sizeof(left), &left);
	s->generation = info.generation;
}

/* Tell the health monitor that a guest could not be started. */
static void raise_start(struct supervisor *s, const char *name, const char *reason)
{
	const struct ps_error_report report = {
		.partition = name,
		.source = PARTSCHED_ERROR_START,
		.reason = reason,
	};
	struct ps_error_answer answer;
	struct ps_error error;

	if (ps_kernel_raise_error(s->kernel, &report, &answer, &error))
		supervise_say("%s", error.text);
	else
		supervise_say("partition \"%s\": could not be started: %s; the health monitor's action: %s",
		    PS_SAFE(name), reason, ps_hm_action_name(answer.action));
}

/* Of a partition: does it want a launcher? */
static bool wants(const struct ps_partition_info *p)
{
	return p->supervised && (p->mode == PARTSCHED_MODE_COLD_START ||
				 p->mode == PARTSCHED_MODE_WARM_START);
}

static bool has_thread(const struct ps_vcpu_info *vcpus, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(vcpus[i].partition, name) && vcpus[i].tid &&
		    (vcpus[i].attach_state == PARTSCHED_ATTACH_PENDING ||
		     vcpus[i].attach_state == PARTSCHED_ATTACH_ATTACHED ||
		     vcpus[i].attach_state == PARTSCHED_ATTACH_DETACHING))
			return true;
	}
	return false;
}

/* The number of the newest entry of the health monitor's log. */
static uint64_t newest_entry(struct supervisor *s)
{
	struct ps_hm_entry *log;
	struct ps_error error;
	uint64_t seq = 0;
	size_t nr;

	if (ps_kernel_hm_log(s->kernel, &log, &nr, &error))
		return 0;
	if (nr)
		seq = log[nr - 1].seq;
	free(log);
	return seq;
}

/* Does the health monitor know of the end of a launcher, so that it was attached? */
static bool is_logged(struct supervisor *s, const struct launcher *l)
{
	struct ps_hm_entry *log;
	struct ps_error error;
	bool logged = false;
	size_t nr, i;

	if (ps_kernel_hm_log(s->kernel, &log, &nr, &error))
		return false;
	for (i = 0; i < nr; i++)
		logged |= log[i].seq > l->hm_seq && log[i].action != PARTSCHED_HM_IGNORE &&
			  !strcmp(log[i].partition, l->name);
	free(log);
	return logged;
}

/*
 * A child has ended. Of one that was under the plan the module knows; one that
 * never was could not start the guest, which is an error that we find. Return:
 * false if it is too early to tell.
 */
static bool settled(struct supervisor *s, struct launcher *l, const struct ps_partition_info *p)
{
	bool known = !p || !wants(p) || l->attached || l->killed || is_logged(s, l);
	char *how;

	if (!known && supervise_now_ns() - l->over_ns < GRACE_NS)
		return false;
	how = guest_how_ended(l->name, l->status);
	supervise_say("partition \"%s\": %s (process %d)", PS_SAFE(l->name), how, (int)l->pid);
	if (!known)
		raise_start(s, l->name, how);
	free(how);
	return true;
}

/* Start a launcher, unless somebody changes guests or the plan just now. */
static void start(struct supervisor *s, const struct ps_partition_info *p)
{
	bool warm = p->mode == PARTSCHED_MODE_WARM_START;
	struct ps_partition_info now;
	struct ps_model *model = NULL;
	struct guest guest = { 0 };
	struct guests running;
	struct ps_error error;
	uint64_t hm_seq;
	long index;

	if (state_try_lock(&error))
		return;
	/* what was seen before the lock was ours may be past */
	if (ps_kernel_partition(s->kernel, p->name, &now, &error) || !wants(&now) ||
	    now.mode != p->mode)
		goto unlock;
	guests_running(&running);
	if (guests_find(&running, p->name)) {
		guests_free(&running);
		goto unlock;
	}
	guests_free(&running);
	model = state_model();
	index = model ? ps_model_find(model, p->name) : -1;
	if (index < 0 || !ps_partition_supervised(&model->partitions[index])) {
		raise_start(s, p->name, "the plan that is kept has no image for it");
		goto unlock;
	}
	leave_planned_cpus(s);
	hm_seq = newest_entry(s);
	guest_define(&guest, model, (size_t)index);
	if (guest_spawn(&guest, s->kernel, warm, &error)) {
		raise_start(s, p->name, error.text);
	} else {
		add(s, &guest, now.nr_starts)->hm_seq = hm_seq;
		supervise_say("partition \"%s\": %s start, number %" PRIu64 ": process %d",
		    PS_SAFE(p->name), warm ? "warm" : "cold", p->nr_starts, (int)guest.pid);
	}
	free(guest.name);
	free(guest.key);
	free(guest.set_schedule);

unlock:
	state_unlock();
	ps_model_free(model);
}

/* A launcher that runs, and has no thread under the plan although it should. */
static void look_after(struct supervisor *s, struct launcher *l)
{
	uint64_t limit_ns = l->attached ? LEAVE_NS : ATTACH_NS;

	if (l->over || l->killed || supervise_now_ns() - l->since_ns < limit_ns)
		return;
	supervise_say("partition \"%s\": process %d is not under the plan after %" PRIu64 " s; it is killed",
	    PS_SAFE(l->name), (int)l->pid, limit_ns / NS_PER_S);
	l->killed = true;
	kill(l->pid, SIGKILL);
	if (!l->attached)
		raise_start(s, l->name, "its launcher has not come under the plan in time");
}

/* Have a launcher end: it is asked, then killed. */
static void end(struct launcher *l)
{
	uint64_t now_ns = supervise_now_ns();

	if (l->over)
		return;
	l->killed = true;
	if (!l->end_ns) {
		l->end_ns = now_ns;
		kill(l->pid, SIGTERM);
		/* it may wait for one that is held */
		qemu_kick(l->qemu);
	} else if (now_ns - l->end_ns > END_NS) {
		kill(l->pid, SIGKILL);
	}
}

/* One that does not look for orders itself. Return: milliseconds until the next look. */
static int look_at_qemu(struct supervisor *s, struct launcher *l,
			const struct ps_partition_info *info, const struct ps_vcpu_info *vcpus,
			size_t nr_vcpus)
{
	struct ps_error error;

	switch (qemu_look(l->qemu, s->kernel, info, vcpus, nr_vcpus)) {
	case QEMU_WAITS:
		return IDLE_MS;
	case QEMU_SOON:
		return BUSY_MS;
	case QEMU_REPLACE:
		if (!l->end_ns)
			supervise_say("partition \"%s\": cold start, number %" PRIu64 ": process %d ends for another one",
				      PS_SAFE(l->name), info->nr_starts, (int)l->pid);
		/* fails where no thread of it was attached, which is as good */
		ps_kernel_replace(s->kernel, l->name, &error);
		break;
	case QEMU_END:
		if (!l->end_ns)
			supervise_say("partition \"%s\": is idle: process %d ends",
				      PS_SAFE(l->name), (int)l->pid);
		break;
	}
	end(l);
	return BUSY_MS;
}

/* Launchers that others have started, or we in another life. */
static void adopt(struct supervisor *s)
{
	struct guests running;
	size_t i;

	guests_running(&running);
	for (i = 0; i < s->nr; i++)
		s->list[i].seen = s->list[i].child;
	for (i = 0; i < running.nr; i++) {
		struct launcher *l = find(s, running.list[i].name);

		if (!l || l->pid != running.list[i].pid || l->ticks != running.list[i].ticks) {
			if (l && l->child)
				continue;	/* its end was not seen yet */
			l = add(s, &running.list[i], 0);
			supervise_say("partition \"%s\": runs already: process %d", PS_SAFE(l->name),
			    (int)l->pid);
		}
		l->seen = true;
	}
	guests_free(&running);
	for (i = s->nr; i--;) {
		if (s->list[i].seen)
			continue;
		supervise_say("partition \"%s\": process %d has ended", PS_SAFE(s->list[i].name),
		    (int)s->list[i].pid);
		drop(s, &s->list[i]);
	}
}

static const struct ps_partition_info *info_of(const struct ps_partition_info *list, size_t nr,
					       const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(list[i].name, name))
			return &list[i];
	}
	return NULL;
}

/*
 * Compare what the module wants with what runs. Return: milliseconds until the
 * next look, or -1 when the module does not answer.
 */
static int look(struct supervisor *s, struct ps_error *error)
{
	struct ps_partition_info *list = NULL;
	struct ps_vcpu_info *vcpus = NULL;
	size_t nr = 0, nr_vcpus = 0, i;
	int wait_ms = IDLE_MS, status;

	adopt(s);
	if (ps_kernel_vcpus(s->kernel, &vcpus, &nr_vcpus, error) ||
	    ps_kernel_partitions(s->kernel, &list, &nr, error)) {
		free(vcpus);
		return -1;
	}
	follow_look(s->kernel, vcpus, nr_vcpus);
	for (i = 0; i < s->nr; i++)
		s->list[i].attached |= has_thread(vcpus, nr_vcpus, s->list[i].name);
	for (i = s->nr; i--;) {
		struct launcher *l = &s->list[i];

		if (l->child && !l->over && waitpid(l->pid, &status, WNOHANG) == l->pid) {
			l->over = true;
			l->status = status;
			l->over_ns = supervise_now_ns();
		}
		if (!l->over || !settled(s, l, info_of(list, nr, l->name)))
			continue;
		drop(s, l);
		wait_ms = 0;	/* what it has changed is not in the list */
	}
	for (i = 0; wait_ms && i < nr; i++) {
		struct launcher *l = find(s, list[i].name);

		if (l && l->qemu && !l->over) {
			int ms = look_at_qemu(s, l, &list[i], vcpus, nr_vcpus);

			wait_ms = ms < wait_ms ? ms : wait_ms;
		}

		if (!wants(&list[i]) || has_thread(vcpus, nr_vcpus, list[i].name)) {
			if (l && l->attached)
				l->since_ns = supervise_now_ns();
			continue;
		}
		wait_ms = BUSY_MS;
		if (l)
			look_after(s, l);
		else
			start(s, &list[i]);
	}
	free(vcpus);
	free(list);
	return wait_ms;
}

static void disconnect(struct supervisor *s)
{
	ps_kernel_close(s->kernel);
	ps_kernel_close(s->events);
	s->kernel = NULL;
	s->events = NULL;
}

static int connect_module(struct supervisor *s, struct ps_error *error)
{
	s->kernel = ps_kernel_open(error);
	s->events = s->kernel ? ps_kernel_open(error) : NULL;
	if (s->events && !ps_kernel_subscribe(s->events, error))
		return 0;
	disconnect(s);
	return -1;
}

/* A launcher that is attached and dies between two looks was attached. */
static void note(const struct supervisor *s, const struct ps_event *event)
{
	struct launcher *l = find(s, event->partition);

	if (l && event->type == PARTSCHED_EVENT_ATTACHED)
		l->attached = true;
}

/* Until something is to be looked at: an event, what a QEMU says, a child's end. */
static void wait_any(const struct supervisor *s, int wait_ms)
{
	struct pollfd *fds = ps_calloc(s->nr + 1, sizeof(*fds));
	nfds_t nr = 0;
	size_t i;

	fds[nr++] = (struct pollfd){ .fd = ps_kernel_event_fd(s->events), .events = POLLIN };
	for (i = 0; i < s->nr; i++) {
		if (!s->list[i].qemu)
			continue;
		fds[nr].fd = qemu_fd(s->list[i].qemu, &fds[nr].events);
		nr++;
	}
	poll(fds, nr, wait_ms);
	free(fds);
}

/* Wait for the first event and take what else is there. */
static int wait_for(struct supervisor *s, int wait_ms, struct ps_error *error)
{
	struct ps_event event;
	int got;

	wait_any(s, wait_ms);
	while ((got = ps_kernel_event(s->events, 0, &event, error)) > 0)
		note(s, &event);
	/* lost ones are made up for by the look that follows */
	return got < 0 && error->err != ENOBUFS ? -1 : 0;
}

static int supervise(struct supervisor *s, struct ps_error *error)
{
	int wait_ms;

	while (!stopped) {
		if (!s->kernel && connect_module(s, error)) {
			if (error->exit == PS_EXIT_ABSENT || error->exit == PS_EXIT_PERMISSION)
				return -1;
			supervise_say("%s", error->text);
			sleep(1);
			continue;
		}
		wait_ms = look(s, error);
		/* a signal between the look and the wait costs the wait at most */
		if (wait_ms < 0 || wait_for(s, wait_ms, error)) {
			supervise_say("%s", error->text);
			disconnect(s);
		}
	}
	return 0;
}

/* One process: the lock goes with it. Who ends with the plan says so. */
static int take_lock(bool daemon, struct ps_error *error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	if (state_dir(error))
		return -1;
	fd = open(SUPERVISE_PID, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, SUPERVISE_PID ": %s",
			       strerror(errno));
	if (fcntl(fd, F_OFD_SETLK, &lock)) {
		close(fd);
		return ps_fail(error, PS_EXIT_REFUSED, EBUSY,
			       "process %d supervises already", (int)supervise_pid());
	}
	if (ftruncate(fd, 0) ||
	    dprintf(fd, "%d %" PRIu64 "%s\n", (int)getpid(), process_start_ticks(getpid()),
		    daemon ? SUPERVISE_DAEMON : "") < 0) {
		close(fd);
		return ps_fail(error, PS_EXIT_REFUSED, errno, SUPERVISE_PID ": %s",
			       strerror(errno));
	}
	return 0;
}

int supervise_run(bool daemon, struct ps_error *error)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct supervisor s = { 0 };
	int rc;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGCHLD, &action, NULL);
	signal(SIGHUP, SIG_IGN);
	supervise_log(daemon);
	if (connect_module(&s, error) || take_lock(daemon, error))
		return -1;
	supervise_say("supervises: process %d", (int)getpid());
	rc = supervise(&s, error);
	supervise_say("supervises no more%s%s", rc ? ": " : "", rc ? error->text : "");
	disconnect(&s);
	while (s.nr)
		drop(&s, &s.list[0]);
	free(s.list);
	return rc;
}
