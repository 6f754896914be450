/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints partsched:*. Latencies and edges are nanoseconds of
 * CLOCK_MONOTONIC; partition is the PartitionIdentifier.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM partsched

#if !defined(PARTSCHED_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PARTSCHED_TRACE_H

#include <linux/tracepoint.h>

#include "partition.h"

DECLARE_EVENT_CLASS(partsched_edge,
	TP_PROTO(const struct ps_vcpu *vcpu, int cpu, u64 edge_ns,
		 u64 latency_ns),
	TP_ARGS(vcpu, cpu, edge_ns, latency_ns),
	TP_STRUCT__entry(
		__field(u32, partition)
		__field(u32, vcpu)
		__field(int, cpu)
		__field(u64, edge_ns)
		__field(u64, latency_ns)
	),
	TP_fast_assign(
		__entry->partition = vcpu->partition->id;
		__entry->vcpu = vcpu->index;
		__entry->cpu = cpu;
		__entry->edge_ns = edge_ns;
		__entry->latency_ns = latency_ns;
	),
	TP_printk("partition=%u vcpu=%u cpu=%d edge_ns=%llu latency_ns=%llu",
		  __entry->partition, __entry->vcpu, __entry->cpu,
		  __entry->edge_ns, __entry->latency_ns)
);

DEFINE_EVENT(partsched_edge, window_open,
	TP_PROTO(const struct ps_vcpu *vcpu, int cpu, u64 edge_ns,
		 u64 latency_ns),
	TP_ARGS(vcpu, cpu, edge_ns, latency_ns)
);

DEFINE_EVENT(partsched_edge, window_close,
	TP_PROTO(const struct ps_vcpu *vcpu, int cpu, u64 edge_ns,
		 u64 latency_ns),
	TP_ARGS(vcpu, cpu, edge_ns, latency_ns)
);

DECLARE_EVENT_CLASS(partsched_thread,
	TP_PROTO(const struct ps_vcpu *vcpu, pid_t tid),
	TP_ARGS(vcpu, tid),
	TP_STRUCT__entry(
		__field(u32, partition)
		__field(u32, vcpu)
		__field(pid_t, tid)
	),
	TP_fast_assign(
		__entry->partition = vcpu->partition->id;
		__entry->vcpu = vcpu->index;
		__entry->tid = tid;
	),
	TP_printk("partition=%u vcpu=%u tid=%d",
		  __entry->partition, __entry->vcpu, __entry->tid)
);

#define PARTSCHED_THREAD_EVENT(_name)					\
DEFINE_EVENT(partsched_thread, _name,					\
	TP_PROTO(const struct ps_vcpu *vcpu, pid_t tid),		\
	TP_ARGS(vcpu, tid)						\
)

PARTSCHED_THREAD_EVENT(exile);
PARTSCHED_THREAD_EVENT(attach);
PARTSCHED_THREAD_EVENT(detach);
PARTSCHED_THREAD_EVENT(overrun);

TRACE_EVENT(move,
	TP_PROTO(const struct ps_vcpu *vcpu, pid_t tid, int from, int to),
	TP_ARGS(vcpu, tid, from, to),
	TP_STRUCT__entry(
		__field(u32, partition)
		__field(u32, vcpu)
		__field(pid_t, tid)
		__field(int, from)
		__field(int, to)
	),
	TP_fast_assign(
		__entry->partition = vcpu->partition->id;
		__entry->vcpu = vcpu->index;
		__entry->tid = tid;
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("partition=%u vcpu=%u tid=%d from=%d to=%d",
		  __entry->partition, __entry->vcpu, __entry->tid,
		  __entry->from, __entry->to)
);

TRACE_EVENT(gate,
	TP_PROTO(const struct ps_vcpu *vcpu, pid_t tid, bool guest),
	TP_ARGS(vcpu, tid, guest),
	TP_STRUCT__entry(
		__field(u32, partition)
		__field(u32, vcpu)
		__field(pid_t, tid)
		__field(bool, guest)
	),
	TP_fast_assign(
		__entry->partition = vcpu->partition->id;
		__entry->vcpu = vcpu->index;
		__entry->tid = tid;
		__entry->guest = guest;
	),
	TP_printk("partition=%u vcpu=%u tid=%d at=%s",
		  __entry->partition, __entry->vcpu, __entry->tid,
		  __entry->guest ? "guest" : "user")
);

TRACE_EVENT(release,
	TP_PROTO(const struct ps_vcpu *vcpu, pid_t tid, u64 latency_ns),
	TP_ARGS(vcpu, tid, latency_ns),
	TP_STRUCT__entry(
		__field(u32, partition)
		__field(u32, vcpu)
		__field(pid_t, tid)
		__field(u64, latency_ns)
	),
	TP_fast_assign(
		__entry->partition = vcpu->partition->id;
		__entry->vcpu = vcpu->index;
		__entry->tid = tid;
		__entry->latency_ns = latency_ns;
	),
	TP_printk("partition=%u vcpu=%u tid=%d latency_ns=%llu",
		  __entry->partition, __entry->vcpu, __entry->tid,
		  __entry->latency_ns)
);

#endif /* PARTSCHED_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
