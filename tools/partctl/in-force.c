// SPDX-License-Identifier: GPL-2.0
/*
 * in-force - the plan in force, as the module tells it
 */
#include "in-force.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "health-rows.h"

#define TRIES 5

void in_force_free(struct in_force *plan)
{
	free(plan->partitions);
	free(plan->schedules);
	free(plan->vcpus);
	free(plan->windows);
	free(plan->rows);
	memset(plan, 0, sizeof(*plan));
}

static int order_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_number(const void *a, const void *b)
{
	const struct ps_window_info *x = a, *y = b;
	int order = order_u64(x->schedule_id, y->schedule_id);

	order = order ? order : order_u64(x->window_id, y->window_id);
	return order ? order : order_u64(x->vcpu, y->vcpu);
}

static void sort_windows(struct ps_window_info *windows, size_t nr)
{
	if (nr)
		qsort(windows, nr, sizeof(*windows), by_number);
}

int in_force_get(struct ps_kernel *kernel, struct in_force *plan, struct ps_error *error)
{
	struct ps_module_info after;
	int i;

	memset(plan, 0, sizeof(*plan));
	for (i = 0; i < TRIES; i++) {
		if (ps_kernel_module(kernel, &plan->info, error))
			return -1;
		if (!plan->info.has_plan)
			return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
				       "no plan is in force; load one with: partctl load FILE");
		if (ps_kernel_partitions(kernel, &plan->partitions, &plan->nr_partitions, error) ||
		    ps_kernel_schedules(kernel, &plan->schedules, &plan->nr_schedules, error) ||
		    ps_kernel_vcpus(kernel, &plan->vcpus, &plan->nr_vcpus, error) ||
		    ps_kernel_windows(kernel, &plan->windows, &plan->nr_windows, error) ||
		    ps_kernel_hm_rows(kernel, &plan->rows, &plan->nr_rows, error) ||
		    ps_kernel_module(kernel, &after, error)) {
			in_force_free(plan);
			return -1;
		}
		if (after.has_plan && after.generation == plan->info.generation) {
			sort_windows(plan->windows, plan->nr_windows);
			return 0;
		}
		in_force_free(plan);
	}
	return ps_fail(error, PS_EXIT_REFUSED, EAGAIN,
		       "the plan changed each time it was read; try again");
}

/* The windows of a model as the module would tell them. */
static struct ps_window_info *expand(const struct ps_model *model, size_t *nr)
{
	struct ps_window_info *all = NULL;
	size_t i, j, k;

	*nr = 0;
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		for (j = 0; j < s->nr_windows; j++) {
			const struct ps_window *w = &s->windows[j];
			const struct ps_partition *p = &model->partitions[w->partition];

			for (k = 0; k < p->nr_vcpus; k++) {
				struct ps_window_info *info;

				if (!ps_window_opens(w, p->vcpus[k].index))
					continue;
				info = ps_grow(&all, nr, sizeof(*info));
				info->schedule_id = s->id;
				info->window_id = w->id;
				info->partition_id = p->id;
				info->vcpu = p->vcpus[k].index;
				info->cpu = ps_window_cpu(w, &p->vcpus[k]);
				info->offset_ns = w->offset_ns;
				info->duration_ns = w->duration_ns;
				info->change_action = ps_change_action(model, s, w->partition);
			}
		}
	}
	sort_windows(all, *nr);
	return all;
}

static bool same_windows(const struct in_force *plan, const struct ps_model *model)
{
	size_t nr, i;
	struct ps_window_info *all = expand(model, &nr);
	bool same = nr == plan->nr_windows;

	for (i = 0; same && i < nr; i++) {
		const struct ps_window_info *x = &all[i], *y = &plan->windows[i];

		same = !by_number(x, y) && x->partition_id == y->partition_id &&
		       x->cpu == y->cpu && x->offset_ns == y->offset_ns &&
		       x->duration_ns == y->duration_ns &&
		       x->change_action == y->change_action;
	}
	free(all);
	return same;
}

static bool same_partitions(const struct in_force *plan, const struct ps_model *model)
{
	size_t i;

	if (plan->nr_partitions != model->nr_partitions)
		return false;
	for (i = 0; i < plan->nr_partitions; i++) {
		const struct ps_partition_info *info = &plan->partitions[i];
		long index = ps_model_index(model, info->id);

		if (index < 0 || strcmp(model->partitions[index].name, info->name) ||
		    model->partitions[index].nr_vcpus != info->nr_vcpus ||
		    model->partitions[index].quantum_ns != info->quantum_ns ||
		    model->partitions[index].restart_limit != info->restart_limit ||
		    model->partitions[index].restart_period_ns != info->restart_period_ns ||
		    model->partitions[index].steal_limit_ns != info->steal_limit_ns)
			return false;
	}
	return true;
}

static bool same_priorities(const struct in_force *plan, const struct ps_model *model)
{
	size_t i;

	for (i = 0; i < plan->nr_vcpus; i++) {
		const struct ps_vcpu_info *info = &plan->vcpus[i];
		long index = ps_model_index(model, info->partition_id);

		/* numbered from 0, and there are as many */
		if (index < 0 || info->vcpu >= model->partitions[index].nr_vcpus ||
		    model->partitions[index].vcpus[info->vcpu].priority != info->priority)
			return false;
	}
	return true;
}

static struct ps_schedule *schedule_of(const struct ps_model *model, uint32_t id)
{
	size_t i;

	for (i = 0; i < model->nr_schedules; i++) {
		if (model->schedules[i].id == id)
			return &model->schedules[i];
	}
	return NULL;
}

static bool same_schedules(const struct in_force *plan, const struct ps_model *model)
{
	size_t i;

	if (plan->nr_schedules != model->nr_schedules)
		return false;
	for (i = 0; i < plan->nr_schedules; i++) {
		const struct ps_schedule_info *info = &plan->schedules[i];
		const struct ps_schedule *s = schedule_of(model, info->id);

		if (!s || s->frame_ns != info->frame_ns || s->guard_ns != info->guard_ns ||
		    strcmp(s->name ? s->name : "", info->name) ||
		    info->initial != (s == ps_model_initial(model)))
			return false;
	}
	return true;
}

/* Is a row of a model one of those in force? */
static bool has_row(const struct in_force *plan, const struct ps_model *model,
		    const struct ps_health_row *row)
{
	size_t i;

	for (i = 0; i < plan->nr_rows; i++) {
		const struct ps_hm_row *r = &plan->rows[i];

		if (r->id == row->error && r->states == row->states && r->code == row->code &&
		    r->all == (row->partition == PS_NONE) &&
		    (r->all || r->partition_id == model->partitions[row->partition].id) &&
		    r->level == ps_hm_level(row->level) && r->action == ps_hm_action(row->action))
			return true;
	}
	return false;
}

static bool same_health(const struct in_force *plan, const struct ps_model *model)
{
	struct ps_health_rows rows;
	bool same;
	size_t i;

	ps_health_rows(model, &rows, NULL, NULL);
	same = rows.nr == plan->nr_rows;
	for (i = 0; same && i < rows.nr; i++)
		same = has_row(plan, model, &rows.list[i]);
	ps_health_rows_free(&rows);
	return same;
}

bool in_force_is(const struct in_force *plan, const struct ps_model *model)
{
	return plan->info.slack_ppm == model->slack_ppm &&
	       plan->info.tai == (model->time_base == PS_TIME_TAI) &&
	       plan->info.base_ns == model->base_ns && same_partitions(plan, model) &&
	       same_priorities(plan, model) && same_schedules(plan, model) &&
	       same_windows(plan, model) && same_health(plan, model);
}

static int by_index(const void *a, const void *b)
{
	const struct ps_vcpu *x = a, *y = b;

	return order_u64(x->index, y->index);
}

static void add_partition(struct ps_model *model, const struct in_force *plan,
			  const struct ps_partition_info *info)
{
	struct ps_partition *p = ps_model_add_partition(model);
	size_t i;

	p->id = info->id;
	p->name = ps_strdup(info->name);
	p->quantum_ns = info->quantum_ns;
	p->restart_limit = info->restart_limit;
	p->restart_period_ns = info->restart_period_ns;
	p->steal_limit_ns = info->steal_limit_ns;
	for (i = 0; i < plan->nr_vcpus; i++) {
		struct ps_vcpu *v;

		if (plan->vcpus[i].partition_id != info->id)
			continue;
		v = ps_partition_add_vcpu(p);
		v->index = plan->vcpus[i].vcpu;
		/* without a window it has none; 1 where no file says more */
		v->cpu = plan->vcpus[i].cpu == PS_NONE ? 1 : plan->vcpus[i].cpu;
		v->priority = plan->vcpus[i].priority;
		p->cores_given = true;
	}
	if (!p->nr_vcpus)
		ps_partition_add_vcpu(p)->cpu = 1;
	qsort(p->vcpus, p->nr_vcpus, sizeof(*p->vcpus), by_index);
}

static void add_schedule(struct ps_model *model, const struct ps_schedule_info *info)
{
	struct ps_schedule *s = ps_model_add_schedule(model);

	s->id = info->id;
	s->name = info->name[0] ? ps_strdup(info->name) : NULL;
	s->frame_ns = info->frame_ns;
	s->guard_ns = info->guard_ns;
	s->initial = info->initial;
}

/*
 * One window of the module, told once for each vCPU. All vCPUs on one CPU, or
 * each on its own one, are one window of the model; otherwise each has one to
 * itself.
 */
static void add_window(struct ps_model *model, const struct ps_window_info *windows, size_t nr)
{
	struct ps_schedule *s = schedule_of(model, windows->schedule_id);
	long partition = ps_model_index(model, windows->partition_id);
	const struct ps_partition *p;
	struct ps_window *w;
	bool whole, own = true, one = true;
	size_t i;

	if (!s || partition < 0)
		return;
	p = &model->partitions[partition];
	for (i = 0; i < nr && i < p->nr_vcpus; i++) {
		own &= windows[i].cpu == p->vcpus[i].cpu;
		one &= windows[i].cpu == windows[0].cpu;
	}
	whole = nr == p->nr_vcpus && (own || one);
	for (i = 0; i < (whole ? 1 : nr); i++) {
		w = ps_schedule_add_window(s);
		w->partition = (size_t)partition;
		w->offset_ns = windows[i].offset_ns;
		w->duration_ns = windows[i].duration_ns;
		if (whole && !own)
			w->cpu = windows->cpu;
		if (whole)
			continue;
		w->vcpu = windows[i].vcpu;
		if (w->vcpu >= p->nr_vcpus || windows[i].cpu != p->vcpus[w->vcpu].cpu)
			w->cpu = windows[i].cpu;
	}
}

/* What partitions do at changes of schedule: an entry each, or their own word. */
static void add_actions(struct ps_model *model, const struct in_force *plan)
{
	struct ps_findings findings;
	bool any = false;
	size_t i;

	for (i = 0; i < plan->nr_windows && !any; i++)
		any = plan->windows[i].change_action;
	for (i = 0; any && i < plan->nr_windows; i++) {
		const struct ps_window_info *info = &plan->windows[i];
		struct ps_schedule *s = schedule_of(model, info->schedule_id);
		long partition = ps_model_index(model, info->partition_id);
		struct ps_entry *entry;

		if (!s || partition < 0 || ps_schedule_entry(s, (size_t)partition))
			continue;
		entry = ps_schedule_add_entry(s);
		entry->partition = (size_t)partition;
		entry->has_action = true;
		entry->change_action = info->change_action;
	}
	ps_findings_init(&findings, model->file);
	ps_model_complete(model, &findings);
	ps_findings_free(&findings);
}

/* How many vCPUs a window of the module opens, it being the first of them. */
static size_t opens(const struct in_force *plan, size_t first)
{
	const struct ps_window_info *windows = plan->windows;
	size_t i = first + 1;

	while (i < plan->nr_windows && windows[i].schedule_id == windows[first].schedule_id &&
	       windows[i].window_id == windows[first].window_id)
		i++;
	return i - first;
}

/*
 * A vCPU's own CPU is that of a window which opens all of them, not all on one
 * CPU. The module tells where they are now, or next.
 */
static void find_own_cpus(struct ps_model *model, const struct ps_window_info *windows, size_t nr)
{
	long partition = ps_model_index(model, windows->partition_id);
	struct ps_partition *p;
	bool one = true;
	size_t i;

	if (partition < 0 || model->partitions[partition].nr_vcpus != nr)
		return;
	p = &model->partitions[partition];
	for (i = 0; i < nr; i++)
		one &= windows[i].cpu == windows[0].cpu;
	for (i = 0; !one && i < nr; i++)
		p->vcpus[i].cpu = windows[i].cpu;
}

struct ps_model *in_force_model(const struct in_force *plan, const char *file)
{
	struct ps_model *model = ps_model_new(file);
	size_t i;

	model->slack_ppm = plan->info.slack_ppm;
	model->time_base = plan->info.tai ? PS_TIME_TAI : PS_TIME_MONOTONIC;
	model->base_ns = plan->info.base_ns;
	for (i = 0; i < plan->nr_partitions; i++)
		add_partition(model, plan, &plan->partitions[i]);
	for (i = 0; i < plan->nr_schedules; i++)
		add_schedule(model, &plan->schedules[i]);
	for (i = 0; i < plan->nr_windows; i += opens(plan, i))
		find_own_cpus(model, &plan->windows[i], opens(plan, i));
	for (i = 0; i < plan->nr_windows; i += opens(plan, i))
		add_window(model, &plan->windows[i], opens(plan, i));
	add_actions(model, plan);
	return model;
}

/* Everything but what the module has told. */
static void adopt_partition(struct ps_partition *to, struct ps_partition *from, bool windowless)
{
	struct ps_partition old = *to;
	size_t i;

	*to = *from;
	*from = old;
	to->quantum_ns = old.quantum_ns;
	to->restart_limit = old.restart_limit;
	to->restart_period_ns = old.restart_period_ns;
	to->steal_limit_ns = old.steal_limit_ns;
	for (i = 0; windowless && i < old.nr_vcpus && i < to->nr_vcpus; i++)
		old.vcpus[i].cpu = to->vcpus[i].cpu;
	from->vcpus = to->vcpus;
	from->nr_vcpus = to->nr_vcpus;
	to->vcpus = old.vcpus;
	to->nr_vcpus = old.nr_vcpus;
	to->cores_given = old.cores_given;
	to->change_action = old.change_action;
}

/* Rights that a partition has while some schedules are in force. */
static void adopt_rights(struct ps_model *model, const struct ps_model *kept, const long *to)
{
	size_t i, j, k;

	for (i = 0; i < kept->nr_schedules; i++) {
		struct ps_schedule *s = schedule_of(model, kept->schedules[i].id);

		for (j = 0; s && j < kept->schedules[i].nr_entries; j++) {
			const struct ps_entry *e = &kept->schedules[i].entries[j];

			if (!e->set_schedule || to[e->partition] < 0)
				continue;
			for (k = 0; k < s->nr_entries &&
			     s->entries[k].partition != (size_t)to[e->partition]; k++)
				;
			if (k == s->nr_entries)
				ps_schedule_add_entry(s)->partition = (size_t)to[e->partition];
			s->entries[k].set_schedule = true;
		}
	}
}

static long match(const struct ps_model *model, const struct ps_partition *p)
{
	long index = ps_model_index(model, p->id);

	return index >= 0 && !strcmp(model->partitions[index].name, p->name) ? index : -1;
}

static void map_ends(struct ps_end *ends, size_t nr, const long *to)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (ends[i].partition != PS_NONE)
			ends[i].partition = (uint32_t)to[ends[i].partition];
	}
}

/* Channels and tables name partitions: they go over together, or not at all. */
static void adopt_tables(struct ps_model *model, struct ps_model *kept, const long *to)
{
	size_t i, j;

	for (i = 0; i < kept->nr_channels; i++) {
		map_ends(kept->channels[i].sources, kept->channels[i].nr_sources, to);
		map_ends(kept->channels[i].destinations, kept->channels[i].nr_destinations, to);
	}
	for (i = 0; i < kept->nr_health; i++) {
		struct ps_health_table *table = &kept->health[i];

		if (table->partition != PS_NONE)
			table->partition = (uint32_t)to[table->partition];
		for (j = 0; j < table->nr_members; j++)
			table->members[j] = (uint32_t)to[table->members[j]];
	}
	model->channels = kept->channels;
	model->nr_channels = kept->nr_channels;
	model->health = kept->health;
	model->nr_health = kept->nr_health;
	kept->channels = NULL;
	kept->nr_channels = 0;
	kept->health = NULL;
	kept->nr_health = 0;
}

/* Periods that the windows in force do not keep would make the file invalid. */
static bool drop_periods(struct ps_model *model)
{
	struct ps_findings findings;
	bool wrong;
	size_t i;

	ps_findings_init(&findings, model->file);
	for (i = 0; i < model->nr_schedules; i++)
		ps_time_check(model, &model->schedules[i], PS_CHECK_NO_SLACK, &findings);
	wrong = findings.errors;
	ps_findings_free(&findings);
	for (i = 0; wrong && i < model->nr_partitions; i++) {
		model->partitions[i].period_ns = 0;
		model->partitions[i].duration_ns = 0;
	}
	return wrong;
}

static char *take(char **text)
{
	char *taken = *text;

	*text = NULL;
	return taken;
}

static bool has_windows(const struct ps_model *model, size_t partition)
{
	size_t i;

	for (i = 0; i < model->nr_schedules; i++) {
		if (ps_schedule_has_windows(&model->schedules[i], partition))
			return true;
	}
	return false;
}

void in_force_adopt(struct ps_model *model, struct ps_model *kept, void (*warn)(const char *text))
{
	long *to = ps_calloc(kept->nr_partitions + 1, sizeof(*to));
	size_t i, found = 0;

	model->name = take(&kept->name);
	model->version = take(&kept->version);
	model->identifier = take(&kept->identifier);
	model->networks = kept->networks;
	model->nr_networks = kept->nr_networks;
	kept->networks = NULL;
	kept->nr_networks = 0;
	for (i = 0; i < kept->nr_partitions; i++) {
		to[i] = match(model, &kept->partitions[i]);
		if (to[i] < 0)
			continue;
		found++;
		adopt_partition(&model->partitions[to[i]], &kept->partitions[i],
				!has_windows(model, (size_t)to[i]));
	}
	adopt_rights(model, kept, to);
	if (found < model->nr_partitions)
		warn("some partitions in force are not in the plan kept: their images, memory and periods are missing");
	if (found == kept->nr_partitions)
		adopt_tables(model, kept, to);
	else
		warn("some partitions of the plan kept are not in force: channels and health monitor tables are missing");
	if (drop_periods(model))
		warn("the windows in force do not keep the periods of the plan kept: the periods are missing");
	free(to);
}
