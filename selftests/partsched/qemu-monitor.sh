#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-monitor.sh - a QEMU whose guest has 2 ms of every 100 ms answers its monitor,
# whenever it is asked, and its vCPUs come and go
#
#   PARTSCHED_QMP_ROUNDS=N    how often, at another phase of the frame each time (20)

set -uo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
top=$(cd "$here" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/qemu-guest.sh
. "$top/selftests/lib/qemu-guest.sh"
rounds=${PARTSCHED_QMP_ROUNDS:-20}
# its second vCPU has a CPU of its own where there is one
second=$((cpu > 1 ? cpu - 1 : cpu))

cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="monitor">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="linux" Kernel="$here/qemu-talker.bin" Memory="64M"
        Quantum="500000"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <Vcpu Index="1" Cpu="$second"/>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="neighbour" BinaryPath="$guests/starts.bin"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="100000000" ScheduleIdentifier="1" ScheduleName="boot" InitialModuleSchedule="true">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="60000000"/>
    <PartitionTimeWindow PartitionNameRef="neighbour" Offset="65000000" Duration="5000000"/>
  </Schedules>
  <Schedules MajorFrameDuration="100000000" ScheduleIdentifier="2" ScheduleName="narrow">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="10000000" Duration="2000000"/>
    <PartitionTimeWindow PartitionNameRef="neighbour" Offset="12000000" Duration="5000000"/>
  </Schedules>
</Module>
END

load_plan
claim partition_is_normal is linux mode normal
claim guest_speaks until_true $patience says_last "life 1"
claim its_second_vcpu_comes_under_the_plan until_true $patience attached linux 2
type_keys w
claim its_windows_become_narrow "$partctl" schedule narrow --wait
neighbour=$(of neighbour pid)
pid=$(of linux pid)
before=$(counted neighbour missed)

claim monitor_for_others_is_private sh -c 'case $(stat -c %a "$1") in 600 | 700) ;; *) exit 1 ;; esac' sh "$state/linux.monitor"

# Asked at any instant of the frame: each round one of five things.
answers_always() {
	PYTHONPATH=$top/selftests/lib PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$state/linux.monitor" \
		"$rounds" "$dir/figures" <<-'END'
	import random, sys, time
	from qmp import Monitor
	FRAME = 0.1
	PATIENCE = 240
	random.seed(1)
	m = Monitor(sys.argv[1])
	plugs = {c["props"]["core-id"]: c for c in m.ask("query-hotpluggable-cpus")}

	def phase():
	    time.sleep(random.uniform(0, FRAME))

	def runs(wanted):
	    got = m.ask("query-status")["status"]
	    if got != wanted:
	        sys.exit(f"is {got}, not {wanted}")

	def vcpus():
	    return m.ask("query-cpus-fast")

	def until(condition, what):
	    limit = time.monotonic() + PATIENCE
	    while not condition():
	        if time.monotonic() > limit:
	            sys.exit(f"never: {what}")
	        time.sleep(0.02)

	def tid_under_the_plan(tid):
	    # the module gives a thread under the plan one CPU and SCHED_FIFO
	    try:
	        with open(f"/proc/{tid}/stat") as f:
	            return f.read().rsplit(")", 1)[1].split()[38] == "1"
	    except FileNotFoundError:
	        return False

	def ping():
	    runs("running")

	def stop():
	    m.ask("stop")
	    phase()
	    runs("paused")
	    phase()
	    m.ask("cont")
	    runs("running")

	def registers():
	    text = m.ask("human-monitor-command", {"command-line": "info registers -a"})
	    if text.count("RIP=") + text.count("EIP=") != 2:
	        sys.exit(f"info registers: {text}")

	def device():
	    m.ask("device_add", {"driver": "virtserialport", "id": "port", "name": "port"})
	    phase()
	    m.ask("device_del", {"id": "port"})
	    m.await_event("DEVICE_DELETED", "port")

	def vcpu():
	    there = [c for c in vcpus() if c["cpu-index"] == 1]
	    m.ask("device_del", {"id": there[0]["qom-path"]})
	    until(lambda: len(vcpus()) == 1, "its vCPU goes")
	    phase()
	    m.ask("device_add", {"driver": plugs[1]["type"], "id": "vcpu1", **plugs[1]["props"]})
	    now = [c for c in vcpus() if c["cpu-index"] == 1]
	    until(lambda: tid_under_the_plan(now[0]["thread-id"]), "its vCPU comes under the plan")

	for i in range(int(sys.argv[2])):
	    phase()
	    (ping, stop, registers, device, vcpu)[i % 5]()
	runs("running")
	with open(sys.argv[3], "w") as f:
	    for command, worst in sorted(m.worst.items()):
	        f.write(f"{worst * 1000:.1f} {command}\n")
	END
}
claim it_answers_whenever_it_is_asked answers_always
[ ! -e "$dir/figures" ] || sed 's/^/# at most, ms: /' "$dir/figures"
# A call to all vCPUs or to each, and a wait for QEMU's lock before, see
# qemu-launch.rst; $emulation times that where CPUs are emulated.
answers_within_its_bound() { ! awk -v ms=$((400 * emulation)) '$1 > ms' "$dir/figures" | grep .; }
claim each_answer_is_within_its_bound answers_within_its_bound
claim both_vcpus_are_under_the_plan until_true $patience attached linux 2
claim threads_of_the_plan_are_those_of_qemu has_qemus_threads
claim nothing_of_it_is_an_error has_errors 0 linux
claim it_was_started_once is linux nr_starts 1
claim it_is_the_same_process is linux pid "$pid"
claim windows_are_held window_totals_hold linux
claim neighbour_is_the_same is neighbour pid "$neighbour"
claim neighbour_has_missed_no_window misses_no_more neighbour "$before"

# Halted: the supervisor has its threads called out.
halted_for_10_s() {
	"$partctl" halt linux --wait --timeout 60 || return
	PYTHONPATH=$top/selftests/lib PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$state/linux.monitor" <<-'END'
	import sys, time
	from qmp import Monitor
	m = Monitor(sys.argv[1])
	end = time.monotonic() + 10
	while time.monotonic() < end:
	    m.ask("query-status")
	    m.ask("human-monitor-command", {"command-line": "info registers -a"})
	    time.sleep(0.3)
	if m.ask("query-status")["status"] != "paused":
	    sys.exit("it runs")
	END
}
claim halted_one_answers_for_10_s halted_for_10_s
claim continue_is_0 "$partctl" continue linux --wait --timeout 60
type_keys q
claim its_guest_goes_on until_true $patience says_anything q

# Stopped by somebody else, it is not let go by the supervisor.
qmp() {
	PYTHONPATH=$top/selftests/lib PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c 'import sys
from qmp import Monitor
print(Monitor(sys.argv[1]).ask(sys.argv[2]))' "$state/linux.monitor" "$1"
}
stays_stopped() {
	local i
	qmp stop || return
	for ((i = 0; i < 20; i++)); do
		qmp query-status | grep paused || return
		sleep 0.1
	done
}
claim one_that_others_stop_stays_so stays_stopped
claim halt_of_it_is_0 "$partctl" halt linux --wait --timeout 60
claim continue_of_it_is_0 "$partctl" continue linux --wait --timeout 60
claim it_stays_so stays_stopped
claim others_let_it_go qmp cont
type_keys z
claim it_goes_on until_true $patience says_anything z
claim nothing_of_that_is_an_error has_errors 0 linux
claim unload_is_0 "$partctl" unload
echo "1..$nr"
exit $failed
