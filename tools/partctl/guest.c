// SPDX-License-Identifier: GPL-2.0
/*
 * guest - which guests run, which a plan wants; stopping them
 */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "kernel-mode.h"
#include "kicks.h"
#include "process.h"
#include "state.h"

#define TERM_MS		5000
#define KILL_MS		5000
#define DETACH_NS	5000000000ULL
#define POLL_MS		20
/* what the key of a guest of QEMU begins with */
#define QEMU_KEY	"launcher qemu\n"

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 },
		  NULL);
}

/* NAME.guest: "PID TICKS" in the first line, the key in the rest. */
static bool read_record(const char *path, struct guest *guest)
{
	char key[16384], line[64];
	int pid;
	size_t len;
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file) ||
	    sscanf(line, "%d %" SCNu64, &pid, &guest->ticks) != 2) {
		fclose(file);
		return false;
	}
	len = fread(key, 1, sizeof(key) - 1, file);
	key[len] = '\0';
	fclose(file);
	guest->pid = pid;
	guest->qemu = !strncmp(key, QEMU_KEY, strlen(QEMU_KEY));
	guest->key = ps_strdup(key);
	return true;
}

static bool runs(const struct guest *guest)
{
	if (!guest->pid)
		return false;
	/* a child that has ended is a zombie until it is waited for */
	if (guest->child && waitpid(guest->pid, NULL, WNOHANG) == guest->pid)
		return false;
	return process_start_ticks(guest->pid) == guest->ticks;
}

static int is_record(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && !strcmp(dot, ".guest");
}

void guests_running(struct guests *guests)
{
	struct dirent **entries;
	int nr = scandir(STATE_DIR, &entries, is_record, alphasort), i;

	memset(guests, 0, sizeof(*guests));
	for (i = 0; i < nr; i++) {
		char *path = state_path(NULL, entries[i]->d_name);
		struct guest found = { 0 };

		if (read_record(path, &found) && runs(&found)) {
			found.name = ps_strdup(entries[i]->d_name);
			*strrchr(found.name, '.') = '\0';
			*(struct guest *)ps_grow(&guests->list, &guests->nr, sizeof(found)) = found;
		} else {
			/* or it may be another one's by now */
			if (state_locked())
				unlink(path);
			free(found.key);
		}
		free(path);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

/*
 * In which schedules the partition may ask for another one, as the launcher
 * wants it; NULL: in none.
 */
static char *guest_schedules(const struct ps_model *model, size_t partition)
{
	char *list = NULL;
	size_t i;

	if (model->partitions[partition].set_schedule)
		return ps_strdup("always");
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];
		char *longer;

		if (!ps_may_set_schedule(model, s, partition))
			continue;
		longer = ps_asprintf("%s%s%" PRIu32, list ? list : "", list ? "," : "", s->id);
		free(list);
		list = longer;
	}
	return list;
}

static void add_file(char **text, const char *what, const char *path)
{
	char *real = path ? realpath(path, NULL) : NULL;
	char *longer = ps_asprintf("%s\n%s %s", *text, what, real ? real : path ? path : "-");

	free(real);
	free(*text);
	*text = longer;
}

static void append(char **text, char *more)
{
	char *longer = ps_asprintf("%s%s", *text, more);

	free(*text);
	free(more);
	*text = longer;
}

/* What the disk is to the guest, and its network interfaces. */
static void add_devices(char **text, const struct ps_partition *p)
{
	char mac[PS_MAC_TEXT];
	size_t i;

	if (p->disk_read_only || p->disk_serial)
		append(text, ps_asprintf("\ndisk_is %d %s", p->disk_read_only,
					 p->disk_serial ? p->disk_serial : "-"));
	for (i = 0; i < p->nr_nics; i++) {
		const struct ps_nic *nic = &p->nics[i];

		append(text, ps_asprintf("\nnic %s %s %s %d%d%d%d", nic->name, nic->network,
					 ps_mac_text(nic->mac, mac), nic->filter, nic->broadcast,
					 nic->isolated, nic->vhost));
	}
}

/* What is run. */
static char *image_of(const struct ps_partition *p)
{
	char *binary, *text;

	if (p->launcher == PS_LAUNCHER_QEMU) {
		text = ps_asprintf("command_line %s", p->command_line ? p->command_line : "-");
		add_file(&text, "kernel", p->kernel);
		add_file(&text, "initrd", p->initrd);
		add_file(&text, "disk", p->disk);
		add_devices(&text, p);
		return text;
	}
	binary = realpath(p->binary, NULL);
	text = ps_asprintf("binary %s", binary ? binary : p->binary);
	free(binary);
	return text;
}

/* All that a running guest cannot change: its command line, its CPUs, its ports. */
static char *key_of(const struct ps_model *model, const struct ps_partition *p)
{
	char *image = image_of(p);
	char *key = ps_asprintf("%sid %" PRIu32 "\n%s\nmemory %" PRIu64 "\nhalt_exits %d\ncpus",
				p->launcher == PS_LAUNCHER_QEMU ? QEMU_KEY : "", p->id, image,
				p->memory, p->halt_exits);
	uint64_t ports;
	char *rights;
	size_t i;

	for (i = 0; i < p->nr_vcpus; i++) {
		char *longer = ps_asprintf("%s %" PRIu32, key, p->vcpus[i].cpu);

		free(key);
		key = longer;
	}
	rights = guest_schedules(model, (size_t)(p - model->partitions));
	if (rights) {
		char *longer = ps_asprintf("%s\nset_schedule %s", key, rights);

		free(key);
		key = longer;
	}
	free(rights);
	if (p->services) {
		char *longer = ps_asprintf("%s\nservices %" PRIx32, key, p->services);

		free(key);
		key = longer;
	}
	if (guest_ports(model, (size_t)(p - model->partitions), &ports)) {
		char *longer = ps_asprintf("%s\nports %016" PRIx64, key, ports);

		free(key);
		key = longer;
	}
	free(image);
	return key;
}

void guest_define(struct guest *guest, const struct ps_model *model, size_t partition)
{
	const struct ps_partition *p = &model->partitions[partition];

	memset(guest, 0, sizeof(*guest));
	guest->name = ps_strdup(p->name);
	guest->key = key_of(model, p);
	guest->set_schedule = guest_schedules(model, partition);
	guest->partition = p;
	guest->qemu = p->launcher == PS_LAUNCHER_QEMU;
}

void guests_wanted(const struct ps_model *model, struct guests *guests)
{
	size_t i, j, k;

	memset(guests, 0, sizeof(*guests));
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];
		bool windows = false;
		struct guest *guest;

		/* the module takes no thread that would never run */
		for (j = 0; j < model->nr_schedules; j++) {
			for (k = 0; k < model->schedules[j].nr_windows; k++)
				windows |= model->schedules[j].windows[k].partition == i;
		}
		if (!windows || !ps_partition_starts(p))
			continue;
		guest = ps_grow(&guests->list, &guests->nr, sizeof(*guest));
		guest_define(guest, model, i);
	}
}

struct guest *guests_find(const struct guests *guests, const char *name)
{
	size_t i;

	for (i = 0; i < guests->nr; i++) {
		if (!strcmp(guests->list[i].name, name))
			return &guests->list[i];
	}
	return NULL;
}

bool guests_own(const struct guests *guests, uint32_t tid)
{
	size_t i;

	for (i = 0; i < guests->nr; i++) {
		if (guests->list[i].pid && process_has_thread(guests->list[i].pid, (pid_t)tid))
			return true;
	}
	return false;
}

/* Send a signal to all that run and wait; the number still running then. */
static size_t signal_and_wait(struct guests *guests, int sig, long ms)
{
	size_t i, left = 0;

	for (i = 0; i < guests->nr; i++) {
		if (runs(&guests->list[i]))
			kill(guests->list[i].pid, sig);
		else
			guests->list[i].pid = 0;
	}
	for (; ms >= 0; ms -= POLL_MS) {
		left = 0;
		for (i = 0; i < guests->nr; i++) {
			if (guests->list[i].pid && !runs(&guests->list[i]))
				guests->list[i].pid = 0;
			left += !!guests->list[i].pid;
		}
		if (!left)
			break;
		pause_ms(POLL_MS);
	}
	return left;
}

int guests_stop(struct guests *guests, struct ps_kernel *kernel, struct ps_error *error)
{
	static const char *const leftovers[] = {
		".guest", ".pid", ".ram", ".control", ".qmp", ".monitor", ".tty", ".hvc",
	};
	struct ps_mode_result before;
	size_t i, j;

	/* told to go: no error of theirs, and nobody starts them again */
	for (i = 0; i < guests->nr; i++)
		ps_kernel_set_mode(kernel, guests->list[i].name, PARTSCHED_MODE_IDLE,
				   PARTSCHED_BY_OPERATOR, &before, error);

	if (signal_and_wait(guests, SIGTERM, TERM_MS))
		signal_and_wait(guests, SIGKILL, KILL_MS);
	for (i = 0; i < guests->nr; i++) {
		struct guest *guest = &guests->list[i];

		if (guest->pid)
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "partition \"%s\": its launcher, process %d, does not end, not even by SIGKILL",
				       PS_SAFE(guest->name), (int)guest->pid);
		if (ps_kernel_wait_detached(kernel, guest->name, PS_ALL_VCPUS, 0, DETACH_NS,
					    error))
			return -1;
		guest->fate = GUEST_STOPPED;
		kicks_end(guest->name);
		for (j = 0; j < sizeof(leftovers) / sizeof(leftovers[0]); j++) {
			char *path = state_path(guest->name, leftovers[j]);

			unlink(path);
			free(path);
		}
	}
	return 0;
}

void guests_free(struct guests *guests)
{
	size_t i;

	for (i = 0; i < guests->nr; i++) {
		free(guests->list[i].name);
		free(guests->list[i].key);
		free(guests->list[i].set_schedule);
		free(guests->list[i].reason);
	}
	free(guests->list);
	memset(guests, 0, sizeof(*guests));
}
