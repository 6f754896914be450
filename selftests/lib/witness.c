// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the witness guest's log, and mapping its TSC to CLOCK_MONOTONIC.
 * The measuring is in witness-measure.c.
 */
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../tools/partvm/guest/witness.h"

#define NSEC_PER_SEC	1000000000ULL
#define CLOCK_TRIES	32

typedef __int128 wide;

static uint64_t read_tsc(void)
{
#if defined(__x86_64__)
	uint32_t low, high;

	/* lfence: not before what stands before it in the program */
	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
#else
#error "the witness guest exists for x86-64 only"
#endif
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

void witness_clock_sample(struct witness_clock *clock)
{
	uint64_t best = UINT64_MAX, tsc = 0, ns = 0;
	size_t at = clock->nr < WITNESS_CLOCK_MAX ? clock->nr++ : WITNESS_CLOCK_MAX - 1;

	for (int i = 0; i < CLOCK_TRIES; i++) {
		uint64_t before = read_tsc();
		uint64_t now = now_ns();
		uint64_t after = read_tsc();

		/* what lies between the two is the pair's uncertainty */
		if (after - before < best) {
			best = after - before;
			tsc = before + best / 2;
			ns = now;
		}
	}
	clock->tsc[at] = tsc;
	clock->ns[at] = ns;
	clock->within[at] = best;
}

uint64_t witness_clock_within_ns(const struct witness_clock *clock)
{
	size_t last = clock->nr - 1;
	unsigned __int128 within = 0;

	for (size_t i = 0; i <= last; i++)
		if (clock->within[i] > within)
			within = clock->within[i];
	return (uint64_t)(within * (clock->ns[last] - clock->ns[0]) /
			  (clock->tsc[last] - clock->tsc[0])) + 1;
}

uint64_t witness_clock_ns(const struct witness_clock *clock, uint64_t tsc)
{
	size_t i = 1;
	wide delta, ns;

	/* the pair whose end lies at or after it, or the last */
	while (i + 1 < clock->nr && clock->tsc[i] < tsc)
		i++;
	delta = (wide)tsc - clock->tsc[i - 1];
	ns = clock->ns[i - 1] + delta * (wide)(clock->ns[i] - clock->ns[i - 1]) /
		(wide)(clock->tsc[i] - clock->tsc[i - 1]);
	return ns > 0 ? (uint64_t)ns : 0;
}

static bool clock_usable(const struct witness_clock *clock)
{
	for (size_t i = 1; i < clock->nr; i++)
		if (clock->tsc[i] <= clock->tsc[i - 1] || clock->ns[i] < clock->ns[i - 1])
			return false;
	return clock->nr >= 2;
}

/* A guest's memory, mapped; the guest is not trusted with its contents. */
struct memory {
	const char *base;
	size_t size;
};

static int memory_map_as(struct memory *memory, const char *path, int prot,
			 struct ps_error *error)
{
	struct stat st;
	void *base;
	int fd = open(path, (prot & PROT_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC);

	if (fd < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st)) {
		int err = errno;

		close(fd);
		return ps_fail(error, PS_EXIT_REFUSED, err, "%s: %s", path, strerror(err));
	}
	if (st.st_size < (off_t)(WITNESS_LOG + sizeof(struct witness_log))) {
		close(fd);
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "%s: %lld bytes are too few for a witness: is it partvm's --ram file?",
			       path, (long long)st.st_size);
	}
	base = mmap(NULL, (size_t)st.st_size, prot, MAP_SHARED, fd, 0);
	close(fd);
	if (base == MAP_FAILED)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: mmap: %s", path,
			       strerror(errno));
	memory->base = base;
	memory->size = (size_t)st.st_size;
	return 0;
}

static int memory_map(struct memory *memory, const char *path, struct ps_error *error)
{
	return memory_map_as(memory, path, PROT_READ, error);
}

static void memory_unmap(struct memory *memory)
{
	munmap((void *)memory->base, memory->size);
}

/* The header of a vCPU, or NULL when none is there. */
static const struct witness_log *find_log(const struct memory *memory, unsigned int vcpu)
{
	const struct witness_log *log = (const void *)(memory->base + WITNESS_LOG);
	uint64_t stride = __atomic_load_n(&log->stride, __ATOMIC_RELAXED), offset;

	if (vcpu) {
		/* written by each vCPU, by the first one too, before its magic */
		if (stride < sizeof(*log) || stride % sizeof(uint64_t) || stride > memory->size)
			return NULL;
		offset = WITNESS_LOG + vcpu * stride;
		if (offset > memory->size - sizeof(*log))
			return NULL;
		log = (const void *)(memory->base + offset);
	}
	if (__atomic_load_n(&log->magic, __ATOMIC_ACQUIRE) != WITNESS_MAGIC)
		return NULL;
	return log;
}

/* What is copied out of a log before anything is computed from it. */
struct copy {
	struct witness_log header;
	uint64_t last_tsc;
	uint64_t first_entry;
	uint64_t nr;
	struct witness_entry *entries;
};

static int copy_log(struct copy *copy, const struct memory *memory, const char *path,
		    unsigned int vcpu, struct ps_error *error)
{
	const struct witness_log *log = find_log(memory, vcpu);
	const struct witness_entry *entries;
	struct witness_log *h = &copy->header;
	uint64_t seen;

	if (!log)
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "%s: vCPU %u has written no witness log: another guest, or it has not run yet",
			       path, vcpu);
	/* before the count: what is counted later lies after it */
	copy->last_tsc = __atomic_load_n(&log->last_tsc, __ATOMIC_ACQUIRE);
	*h = *log;
	h->count = __atomic_load_n(&log->count, __ATOMIC_ACQUIRE);
	if (h->version != WITNESS_VERSION || h->entry_size != sizeof(*entries))
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "%s: vCPU %u: log of version %u with entries of %u bytes, expected %u and %zu: build the guests and this program from the same sources",
			       path, vcpu, h->version, h->entry_size, WITNESS_VERSION,
			       sizeof(*entries));
	if (!h->capacity || h->entries % sizeof(uint64_t) || h->entries > memory->size ||
	    h->capacity > (memory->size - h->entries) / sizeof(*entries))
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "%s: vCPU %u: the log claims %llu entries at 0x%llx, beyond its memory: the guest has overwritten its log",
			       path, vcpu, (unsigned long long)h->capacity,
			       (unsigned long long)h->entries);

	copy->first_entry = h->count > h->capacity ? h->count - h->capacity : 0;
	copy->nr = h->count - copy->first_entry;
	copy->entries = malloc((copy->nr + 1) * sizeof(*entries));
	if (!copy->entries)
		return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
	entries = (const void *)(memory->base + h->entries);
	for (uint64_t i = 0; i < copy->nr; i++)
		copy->entries[i] = entries[(copy->first_entry + i) % h->capacity];

	/* the oldest may have been overwritten meanwhile */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	seen = __atomic_load_n(&log->count, __ATOMIC_ACQUIRE);
	/* ... or the guest may be at it: a full log's next gap goes there */
	if (seen >= h->capacity && seen - h->capacity >= copy->first_entry) {
		uint64_t drop = seen - h->capacity + 1 - copy->first_entry;

		if (drop > copy->nr)
			drop = copy->nr;
		memmove(copy->entries, copy->entries + drop,
			(copy->nr - drop) * sizeof(*entries));
		copy->first_entry += drop;
		copy->nr -= drop;
	}
	return 0;
}

static void add_run(struct witness_trace *trace, const struct witness_clock *clock,
		    uint64_t first_tsc, uint64_t last_tsc)
{
	struct witness_run *run = &trace->runs[trace->nr++];

	run->begin_ns = witness_clock_ns(clock, first_tsc);
	run->end_ns = witness_clock_ns(clock, last_tsc) + 1;
}

static int build_runs(struct witness_trace *trace, const struct witness_clock *clock,
		      const struct copy *copy, const char *path, unsigned int vcpu,
		      struct ps_error *error)
{
	uint64_t tsc = copy->header.first_tsc;
	bool known = !copy->first_entry;

	trace->runs = malloc((copy->nr + 1) * sizeof(*trace->runs));
	if (!trace->runs)
		return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
	for (uint64_t i = 0; i < copy->nr; i++) {
		const struct witness_entry *entry = &copy->entries[i];

		if (entry->before < tsc || entry->after <= entry->before)
			return ps_fail(error, PS_EXIT_REFUSED, 0,
				       "%s: vCPU %u: gap %llu lies before its predecessor: the guest's TSC went backwards, or the guest has overwritten its log",
				       path, vcpu, (unsigned long long)(copy->first_entry + i));
		if (known)
			add_run(trace, clock, tsc, entry->before);
		known = true;
		tsc = entry->after;
	}
	if (known)
		add_run(trace, clock, tsc, copy->last_tsc > tsc ? copy->last_tsc : tsc);
	return 0;
}

int witness_read(const char *path, unsigned int vcpu, const struct witness_clock *clock,
		 struct witness_trace *trace, struct ps_error *error)
{
	struct copy copy = { 0 };
	struct memory memory;
	uint64_t threshold;
	int ret;

	*trace = (struct witness_trace){ 0 };
	if (!clock_usable(clock))
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "the TSC needs two ascending samples to be mapped: take one before and one after");
	if (memory_map(&memory, path, error))
		return -1;
	/* what the guest did before this instant is in the log */
	trace->to_ns = now_ns();
	ret = copy_log(&copy, &memory, path, vcpu, error);
	if (!ret)
		ret = build_runs(trace, clock, &copy, path, vcpu, error);
	memory_unmap(&memory);
	free(copy.entries);
	if (ret) {
		witness_trace_free(trace);
		return -1;
	}
	threshold = copy.header.threshold;
	trace->gaps = copy.header.count;
	trace->overwritten = copy.first_entry;
	trace->from_ns = trace->nr ? trace->runs[0].begin_ns : trace->to_ns;
	trace->resolution_ns = witness_clock_ns(clock, copy.header.first_tsc +
						copy.header.min_loop) -
		witness_clock_ns(clock, copy.header.first_tsc) + 1;
	trace->threshold_ns = witness_clock_ns(clock, copy.header.first_tsc + threshold) -
		witness_clock_ns(clock, copy.header.first_tsc) + 1;
	return 0;
}

void witness_trace_free(struct witness_trace *trace)
{
	if (!trace)
		return;
	free(trace->runs);
	*trace = (struct witness_trace){ 0 };
}

uint64_t witness_alive_ns(const char *path, unsigned int vcpu, const struct witness_clock *clock)
{
	const struct witness_log *log;
	struct memory memory;
	uint64_t tsc = 0;

	if (!clock_usable(clock) || memory_map(&memory, path, NULL))
		return 0;
	log = find_log(&memory, vcpu);
	if (log)
		tsc = __atomic_load_n(&log->last_tsc, __ATOMIC_RELAXED);
	memory_unmap(&memory);
	return tsc ? witness_clock_ns(clock, tsc) : 0;
}

int witness_storm(const char *path, unsigned int vcpu, uint64_t storm, struct ps_error *error)
{
	struct memory memory;
	struct witness_log *log;

	if (memory_map_as(&memory, path, PROT_READ | PROT_WRITE, error))
		return -1;
	log = (struct witness_log *)find_log(&memory, vcpu);
	if (log) {
		__atomic_store_n(&log->threshold, WITNESS_STORM_THRESHOLD, __ATOMIC_RELAXED);
		__atomic_store_n(&log->storm, storm, __ATOMIC_RELEASE);
	}
	memory_unmap(&memory);
	if (!log)
		return ps_fail(error, PS_EXIT_REFUSED, 0, "%s: vCPU %u is no witness yet", path,
			       vcpu);
	return 0;
}
