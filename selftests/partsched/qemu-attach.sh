#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-attach.sh - QEMUs that run already come under the plan as a whole, by their
# monitor, their threads' names or libvirt's files; vCPUs that come and go

set -uo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
top=$(cd "$here" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$here/qemu-talker.bin" ] || skip "no qemu-talker.bin"
cpu=$(($(getconf _NPROCESSORS_ONLN) - 1))
[ "$cpu" -ge 1 ] || skip "needs 2 CPUs"
patience=240
libvirt=/run/libvirt/qemu
hook=$top/tools/libvirt/qemu.d/partsched

qemu=
leave() {
	[ $failed = 0 ] || comment /run/partsched/supervise.log
	[ -z "$qemu" ] || kill -9 "$qemu" 2>/dev/null
	rm -f "$libvirt/partsched-test.xml"
}

cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="attach">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="linux" Launcher="none" Quantum="1000000"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <Vcpu Index="1" Cpu="$cpu"/>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="small" Launcher="none"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="40000000">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="20000000"/>
    <PartitionTimeWindow PartitionNameRef="small" Offset="30000000" Duration="5000000"/>
  </Schedules>
</Module>
END

# More arguments of QEMU may follow.
start() {
	rm -f "$dir"/{qmp,tty,console}
	taskset -c "0-$((cpu - 1))" qemu-system-x86_64 -nodefaults -display none -accel kvm -machine q35 -m 64 \
		-smp 2 -kernel "$here/qemu-talker.bin" -qmp "unix:$dir/qmp,server=on,wait=off" \
		-chardev "socket,id=tty,path=$dir/tty,server=on,wait=off,logfile=$dir/console" \
		-serial chardev:tty "$@" >"$dir/log" 2>&1 &
	qemu=$!
}
lives() { says_last "life 1" || { cat "$dir/log"; return 1; }; }
stop() {
	kill -9 "$qemu"
	wait "$qemu" 2>/dev/null
	qemu=
}
type_keys() { type_at "$dir/tty" "$1"; }
says_last() {
	local got
	got=$(tr -d '\r' <"$dir/console" | grep -o 'life [0-9]*' | tail -n 1)
	[ "$got" = "$1" ] || { echo "$got:"; cat "$dir/console"; return 1; }
}
# $1: vCPU; its thread if one is attached
thread() {
	"$partctl" status -j | json '[v["tid"] for v in d["vcpus"] if v["partition"] == "linux" and
		v["vcpu"] == int(a[0]) and v["attach_state"] == "attached"][0]' "$1"
}
# $1: how many vCPUs are to be attached
attached() {
	local got
	got=$("$partctl" status -j | json 'sum(v["partition"] == "linux" and
		v["attach_state"] == "attached" for v in d["vcpus"])')
	[ "$got" = "$1" ] || { "$partctl" show vcpu linux; return 1; }
}
# How often its launcher has died, as far as the health monitor knows. $1: wanted
errors() {
	local got
	got=$("$partctl" hm log -j | json 'sum(e["partition"] == "linux" and
		e["source"] == "launcher" for e in d["log"])')
	[ "$got" = "$1" ] || { "$partctl" hm log; return 1; }
}
# Ask the monitor. $1: command, $2: arguments
qmp() {
	/usr/bin/python3 - "$dir/qmp" "$1" "${2-}" <<-'END'
	import json, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(120)
	s.connect(sys.argv[1])
	f = s.makefile("rw")
	f.readline()
	for what in ("qmp_capabilities", "{}"), (sys.argv[2], sys.argv[3] or "{}"):
	    f.write(json.dumps({"execute": what[0], "arguments": json.loads(what[1]), "id": 1}) + "\n")
	    f.flush()
	    answer = {}
	    while "id" not in answer:
	        answer = json.loads(f.readline())
	    if "error" in answer:
	        sys.exit(answer["error"]["desc"])
	print(json.dumps(answer["return"]))
	END
}

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim plan_is_loaded "$partctl" load "$dir/plan.xml"
claim two_ways_at_once_are_2 ends_with 2 "$partctl" attach linux --pid 1 --qmp "$dir/qmp"
claim vcpu_of_a_process_is_2 ends_with 2 "$partctl" attach linux --pid 1 --vcpu 1
claim monitor_that_is_not_there_is_1 ends_with 1 "$partctl" attach linux --qmp "$dir/qmp"
claim process_that_is_not_there_is_1 ends_with 1 "$partctl" attach linux --pid 4194304
claim domain_that_does_not_run_is_1 ends_with 1 "$partctl" attach linux --libvirt partsched-test
claim process_without_a_guest_is_1 ends_with 1 "$partctl" attach linux --pid $$

start -name linux,debug-threads=on
claim qemu_runs until_true $patience lives
claim more_vcpus_than_the_plan_has_are_1 ends_with 1 "$partctl" attach small --qmp "$dir/qmp"
claim none_of_them_is_attached attached 0
claim qemu_is_attached_by_its_monitor "$partctl" attach linux --qmp "$dir/qmp" --timeout 60
claim all_its_vcpus_are_attached attached 2
by_monitor() { qmp query-cpus-fast | json '[c["thread-id"] for c in d if c["cpu-index"] == 1][0]'; }
claim vcpus_have_their_numbers test "$(thread 1)" = "$(by_monitor)"
claim attached_qemu_answers qmp query-status
claim attached_qemu_stops qmp stop
claim attached_qemu_goes_on qmp cont

# At whatever moment of a frame: each but the first needs all vCPUs, whose windows
# are short.
rounds=${QMP_ROUNDS:-50}
answers_always() {
	/usr/bin/python3 - "$dir/qmp" "$rounds" <<-'END'
	import json, random, socket, sys, time
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(120)
	s.connect(sys.argv[1])
	f = s.makefile("rw")
	f.readline()
	def ask(what, **arguments):
	    f.write(json.dumps({"execute": what, "arguments": arguments, "id": 1}) + "\n")
	    f.flush()
	    answer = {}
	    while "id" not in answer:
	        answer = json.loads(f.readline())
	    if "return" not in answer:
	        sys.exit(f"{what}: {answer}")
	ask("qmp_capabilities")
	for i in range(int(sys.argv[2])):
	    for what in "query-status", "stop", "cont":
	        time.sleep(random.uniform(0, 0.04))
	        ask(what)
	    ask("human-monitor-command", **{"command-line": "info registers -a"})
	END
}
claim monitor_answers_at_any_moment answers_always
claim they_stay_attached attached 2

# Halted in the module alone: a signal calls its threads out, and QEMU answers.
halted_answers() {
	local task
	"$partctl" halt linux --wait || return
	for task in /proc/"$qemu"/task/*; do
		[[ $(cat "$task/comm") != CPU* ]] || /usr/bin/python3 -c 'import os, signal, sys
import ctypes
sys.exit(ctypes.CDLL(None).syscall(234, int(sys.argv[1]), int(sys.argv[2]), signal.SIGUSR1))' \
			"$qemu" "${task##*/}" || return
	done
	qmp stop && qmp human-monitor-command '{"command-line": "info registers -a"}' && sleep 10 &&
		qmp query-status && qmp cont && "$partctl" continue linux --wait
}
claim halted_qemu_answers_and_goes_on halted_answers

type_keys r
claim guest_that_resets_lives_again until_true $patience says_last "life 2"
claim it_stays_attached attached 2

# The second vCPU goes, and comes: it waits for its guest to start it.
type_keys u
claim unplugged_vcpu_leaves_the_plan until_true $patience attached 1
claim that_is_no_error errors 0
plug() { qmp device_add '{"driver": "qemu64-x86_64-cpu", "id": "cpu1", "socket-id": 0, "core-id": 1, "thread-id": 0}'; }
claim vcpu_is_plugged plug
type_keys a
claim plugged_vcpu_comes_under_the_plan until_true $patience attached 2
claim with_its_new_thread test "$(thread 1)" = "$(by_monitor)"

claim detach_is_0 "$partctl" detach linux
claim detached_ones_are_left_alone attached 0
claim qemu_is_attached_by_its_threads_names "$partctl" attach linux --pid "$qemu" --timeout 60
claim all_are_attached_by_name attached 2
claim names_have_the_numbers test "$(thread 1)" = "$(by_monitor)"
"$partctl" detach linux

mkdir -p "$libvirt"
cat >"$libvirt/partsched-test.xml" <<END
<domstatus state='running' reason='booted' pid='$qemu'>
  <monitor path='/var/lib/libvirt/qemu/domain-1-partsched-test/monitor.sock' type='unix'/>
  <vcpus>
    <vcpu id='0' pid='$(vcpu_tid "$qemu")'/>
    <vcpu id='1' pid='$(by_monitor)'/>
  </vcpus>
  <domain type='kvm' id='1'><name>partsched-test</name></domain>
</domstatus>
END
claim domain_is_attached_by_libvirts_file "$partctl" attach linux --libvirt partsched-test --timeout 60
claim all_vcpus_of_the_domain_are_attached attached 2
"$partctl" detach linux
"$partctl" detach linux >/dev/null 2>&1

# As libvirtd calls it, with the domain on its standard input.
domain() {
	cat <<-END
	<domain type='kvm'><name>partsched-test</name>
	<metadata><p:partition xmlns:p="urn:partsched:domain:1" name="$1"/></metadata></domain>
	END
}
hook_is_called() { domain "$1" | PARTCTL=$partctl "$hook" partsched-test "$2" begin -; }
claim hook_lets_a_start_pass hook_is_called linux prepare
claim hook_has_attached_nothing_yet attached 0
claim hook_takes_a_domain_that_has_started hook_is_called linux started
claim hook_has_attached_it until_true $patience attached 2
claim hook_lets_others_pass hook_is_called "" started
echo '<domstatus/>' >"$libvirt/partsched-test.xml"
claim status_without_threads_is_1 ends_with 1 "$partctl" attach linux --libvirt partsched-test

stop
claim killed_qemu_leaves_the_plan until_true $patience attached 0
claim its_death_is_one_error errors 1

start
claim qemu_without_names_runs until_true $patience lives
claim its_vcpus_are_found_among_its_threads "$partctl" attach linux --pid "$qemu"
claim all_without_names_are_attached attached 2
stop

claim unload_is_0 "$partctl" unload --force
echo "1..$nr"
exit $failed
