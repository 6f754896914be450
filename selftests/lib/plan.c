// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <stdlib.h>
#include <string.h>

struct ps_model *plan_new(uint64_t frame_ns)
{
	struct ps_model *model = ps_model_new("test");
	struct ps_schedule *schedule = ps_model_add_schedule(model);

	model->slack_ppm = PARTSCHED_DEFAULT_SLACK_PPM;
	schedule->id = 1;
	schedule->frame_ns = frame_ns;
	schedule->initial = true;
	return model;
}

size_t plan_partition(struct ps_model *model, const char *name, uint32_t nr_vcpus, uint32_t cpu)
{
	size_t index = model->nr_partitions;
	struct ps_partition *partition = ps_model_add_partition(model);

	partition->id = index + 1;
	partition->name = strdup(name);
	for (uint32_t i = 0; i < nr_vcpus; i++) {
		struct ps_vcpu *vcpu = ps_partition_add_vcpu(partition);

		vcpu->index = i;
		vcpu->cpu = cpu;
	}
	return index;
}

void plan_window(struct ps_model *model, size_t partition, uint64_t offset_ns,
		 uint64_t duration_ns)
{
	plan_window_in(model, 0, partition, offset_ns, duration_ns);
}

size_t plan_schedule(struct ps_model *model, uint32_t id, uint64_t frame_ns)
{
	struct ps_schedule *schedule = ps_model_add_schedule(model);

	schedule->id = id;
	schedule->frame_ns = frame_ns;
	return model->nr_schedules - 1;
}

struct ps_window *plan_window_in(struct ps_model *model, size_t schedule, size_t partition,
				 uint64_t offset_ns, uint64_t duration_ns)
{
	struct ps_window *window = ps_schedule_add_window(&model->schedules[schedule]);

	window->partition = partition;
	window->offset_ns = offset_ns;
	window->duration_ns = duration_ns;
	return window;
}

struct ps_model *plan_usual(int cpu)
{
	struct ps_model *model = plan_new(PLAN_FRAME_NS);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, PLAN_WINDOW_NS);
	plan_window(model, 1, PLAN_FRAME_NS / 2, PLAN_WINDOW_NS);
	return model;
}

int plan_load(struct ps_kernel *kernel, struct ps_model *model, struct ps_load_result *result,
	      struct ps_error *error)
{
	struct ps_load_result ignored;
	int ret = ps_kernel_load(kernel, model, 0, result ?: &ignored, error);

	ps_model_free(model);
	return ret;
}

static bool in_force(struct ps_kernel *kernel, uint32_t generation)
{
	struct ps_module_info info;
	struct ps_error error;

	return !ps_kernel_module(kernel, &info, &error) && info.has_plan &&
		info.generation == generation && info.now_ns >= info.epoch_ns;
}

bool plan_settled(struct ps_kernel *kernel, uint32_t generation)
{
	return UNTIL(in_force(kernel, generation), TEST_PATIENCE_NS);
}

bool plan_in_force(struct ps_kernel *kernel, struct ps_model *model, struct ps_error *error)
{
	struct ps_load_result result;

	return !plan_load(kernel, model, &result, error) &&
		plan_settled(kernel, result.generation);
}

bool vcpu_info(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
	       struct ps_vcpu_info *info)
{
	struct ps_vcpu_info *list;
	struct ps_error error;
	bool found = false;
	size_t nr;

	if (ps_kernel_vcpus(kernel, &list, &nr, &error))
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (list[i].vcpu != vcpu || strcmp(list[i].partition, partition))
			continue;
		*info = list[i];
		found = true;
	}
	free(list);
	return found;
}

uint32_t attach_state(struct ps_kernel *kernel, const char *partition, uint32_t vcpu)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, partition, vcpu, &info) && info.tid ? info.attach_state : 0;
}

uint32_t run_state(struct ps_kernel *kernel, const char *partition, uint32_t vcpu)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, partition, vcpu, &info) ? info.run_state : 0;
}

uint64_t windows_opened(struct ps_kernel *kernel, const char *partition, uint32_t vcpu)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, partition, vcpu, &info) ? info.stats.opened : 0;
}

bool frames_pass(struct ps_kernel *kernel, const char *partition, uint64_t nr)
{
	uint64_t from = windows_opened(kernel, partition, 0);

	return UNTIL(windows_opened(kernel, partition, 0) >= from + nr, TEST_PATIENCE_NS);
}
