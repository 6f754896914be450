#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-errors.sh - a QEMU that is killed, whose guest panics, resets its machine or
# whose monitor is gone: each is an error, what the table says is done, and a
# neighbour on the same CPU does not notice
#
#   PARTSCHED_RESTARTS=N    how often the guest resets its machine, by itself (10);
#                           a tenth as often QEMU is killed, and the guest panics

set -uo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
top=$(cd "$here" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/qemu-guest.sh
. "$top/selftests/lib/qemu-guest.sh"
restarts=${PARTSCHED_RESTARTS:-10}
kills=$(((restarts + 9) / 10))

# $1: what is done about each of the errors, $2: more of the partition
write_plan() {
	local source n=0
	cat <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<Module xmlns="urn:partsched:1" Name="errors">
	  <Partitions>
	    <Partition>
	      <PartitionDefinition Identifier="1" Name="linux" Kernel="$here/qemu-talker.bin" Memory="64M"
	        RestartLimit="0" ${2-}/>
	      <Vcpu Index="0" Cpu="$cpu"/>
	      <PartitionPorts>
	        <PartitionPort><SamplingPort Name="in" MaxMessageSize="32" Direction="DESTINATION"/></PartitionPort>
	      </PartitionPorts>
	    </Partition>
	    <Partition>
	      <PartitionDefinition Identifier="2" Name="neighbour" BinaryPath="$guests/starts.bin"/>
	      <Vcpu Index="0" Cpu="$cpu"/>
	    </Partition>
	  </Partitions>
	  <Schedules MajorFrameDuration="40000000">
	    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="25000000"/>
	    <PartitionTimeWindow PartitionNameRef="neighbour" Offset="25000000" Duration="10000000"/>
	  </Schedules>
	  <Channels>
	    <Channel Identifier="1" Name="in">
	      <Source Pseudo="true" Name="lab"/>
	      <Destination PartitionNameRef="linux" PortName="in" Kick="window"/>
	    </Channel>
	  </Channels>
	  <HealthMonitoring>
	    <SystemErrors>
	END
	for source in launcher shutdown application; do
		n=$((n + 1))
		echo "<SystemError ErrorIdentifier='$n' ErrorLevel='PARTITION' Source='$source'/>"
	done
	echo "</SystemErrors><PartitionHM PartitionNameRef='linux'>"
	for ((n = 1; n <= 3; n++)); do
		echo "<ErrorAction ErrorIdentifierRef='$n' PartitionRecoveryAction='$1'/>"
	done
	echo "</PartitionHM></HealthMonitoring></Module>"
}

runs() { is linux mode normal && attached linux 1 && says_last "life $1"; }
another_runs() {
	local pid
	pid=$(of linux pid)
	[ "$pid" != "$1" ] || { echo "still process $1"; return 1; }
	runs 1
}
same_runs() { is linux pid "$1" && runs "$2"; }
is_over() { is linux mode idle && [ -z "$(pgrep -f "$state/linux.qmp")" ]; }
stands_still() { is linux mode normal && is linux pid "$1" && has_qmp_status "$2"; }
has_qmp_status() {
	PYTHONPATH=$top/selftests/lib PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c 'import sys
from qmp import Monitor
got = Monitor(sys.argv[1]).ask("query-status")["status"]
got == sys.argv[2] or sys.exit(f"is {got}")' "$state/linux.monitor" "$1"
}
fresh() {
	"$partctl" restart --cold linux --wait --timeout $patience >/dev/null 2>&1 ||
		"$partctl" start linux --wait --timeout $patience || return
	until_true $patience runs 1
}

# How the supervisor's connection goes, and no other comes: the socket's file is
# gone, and the connection is shut down at QEMU's end.
take_the_socket() {
	rm "$state/linux.qmp" && /usr/bin/python3 - "$1" <<-'END'
	import ctypes, os, socket, sys
	libc = ctypes.CDLL(None, use_errno=True)
	pid = int(sys.argv[1])
	pidfd = libc.syscall(434, pid, 0)
	taken = 0
	for fd in os.listdir(f"/proc/{pid}/fd"):
	    if "socket:" not in os.readlink(f"/proc/{pid}/fd/{fd}"):
	        continue
	    s = socket.socket(fileno=libc.syscall(438, pidfd, int(fd), 0))
	    try:
	        if s.getsockname().endswith("linux.qmp") and not s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
	            s.shutdown(socket.SHUT_RDWR)
	            taken += 1
	    except (OSError, AttributeError):
	        pass
	sys.exit(0 if taken == 1 else f"{taken} connections")
	END
}

# What is done to it, and of what source and reason the error is.
err() {
	case $1 in
	killed) kill -KILL "$(of linux pid)" ;;
	panicked) type_keys p ;;
	reset) type_keys r ;;
	shut) take_the_socket "$(of linux pid)" ;;
	esac
}
declare -A source=([killed]=launcher [panicked]=shutdown [reset]=application [shut]=launcher)
declare -A reason=([killed]='' [panicked]=panicked [reset]='reset its machine' [shut]='closed its QMP')

# $1: error, $2: action; as the two of them have it; $3: how often the process has been
# reset for it (1). Memory is kept by a process alone, and one that does not hear is not reset.
is_done() {
	case $2-$1 in
	COLD_START-*|WARM_START-killed|WARM_START-shut) another_runs "$pid" ;;
	WARM_START-*|IGNORE-reset) same_runs "$pid" $((${3:-1} + 1)) ;;
	IDLE-*) is_over ;;
	IGNORE-killed) is linux pid null || is linux pid "" ;;
	IGNORE-panicked) stands_still "$pid" guest-panicked ;;
	IGNORE-shut) stands_still "$pid" running ;;
	esac
}

write_plan IGNORE >"$dir/plan.xml"
load_plan
neighbour=$(of neighbour pid)
for action in IGNORE IDLE WARM_START COLD_START; do
	write_plan $action >"$dir/plan.xml"
	claim "plan_of_${action}_is_loaded" "$partctl" load "$dir/plan.xml"
	before=$(counted neighbour missed)
	for what in killed panicked reset shut; do
		claim "guest_is_there_${action}_${what}" fresh
		pid=$(of linux pid)
		logged=$("$partctl" hm log -j | json 'd["log"][-1]["hm_seq"] if d["log"] else 0')
		err $what
		one_error() {
			"$partctl" hm log -j | json 'sys.exit(len([e for e in d["log"] if e["hm_seq"] > int(a[0]) and
				e["source"] not in ("missed", "overrun", "steal")
				and e["partition"] == "linux"]) != 1 or not [e for e in d["log"] if
				e["hm_seq"] > int(a[0]) and e["source"] == a[1] and a[2] in (e["reason"] or "")
				and e["action"] == a[3]])' \
				"$logged" "${source[$what]}" "${reason[$what]}" "${action,,}" || {
				"$partctl" hm log | grep -v -e missed -e overrun
				return 1
			}
		}
		claim "${what}_is_an_error_of_${action}" until_true $patience one_error
		claim "${action}_is_done_about_${what}" until_true $patience is_done $what $action
		claim "${what}_is_no_other_error_of_${action}" one_error
	done
	claim "neighbour_has_missed_no_window_by_${action}" misses_no_more neighbour "$before"
done

# Over and over. $1: error, $2: the action in force
many() {
	local i pid
	for ((i = 1; i <= kills; i++)); do
		pid=$(of linux pid)
		err "$1"
		until_true $patience is_done "$1" "$2" $i || { echo "at $i"; return 1; }
	done
}
claim killed_one_comes_back_each_time many killed COLD_START
claim panicked_one_comes_back_each_time many panicked COLD_START

# ... of one process, which is reset
write_plan WARM_START >"$dir/plan.xml"
claim plan_of_warm_starts_is_loaded "$partctl" load "$dir/plan.xml"
claim guest_that_will_panic_is_there fresh
nr_panics() { grep -c "the guest has panicked" "$state/supervise.log"; }
panics=$(nr_panics)
told_of_panics() {
	local got=$(($(nr_panics) - panics))
	[ "$got" = "$kills" ] || { echo "$got panics told of $kills"; return 1; }
}
claim panicked_one_is_reset_each_time many panicked WARM_START
claim each_panic_is_told_once told_of_panics

# A guest that resets its machine as soon as it lives.
write_plan IGNORE "CommandLine='lives=$((restarts + 1))'" >"$dir/plan.xml"
before=$(counted neighbour missed)
"$partctl" hm log -f -n 1 >"$dir/errors" 2>&1 &
follower=$!
claim guest_of_many_lives_is_loaded "$partctl" load "$dir/plan.xml"
starts=$(of linux nr_starts)
pid=$(of linux pid)
goes_on() { says_last "life $((restarts + 1))"; }
claim it_lives_as_often_as_it_wants until_true $((patience + 10 * restarts)) goes_on
claim it_is_the_same_process is linux pid "$pid"
told() {
	local got
	got=$(grep -c "the guest has reset its machine" "$dir/errors")
	[ "$got" = "$restarts" ] || { echo "$got resets told of $restarts"; return 1; }
}
claim each_reset_is_told_once until_true 60 told
kill $follower
claim partition_is_normal_still is linux mode normal
claim it_is_under_the_plan attached linux 1
claim it_was_started_no_more is linux nr_starts "$starts"
claim neighbour_has_missed_no_window misses_no_more neighbour "$before"
claim neighbour_was_in_its_windows window_totals_hold neighbour
claim neighbour_is_the_same is neighbour pid "$neighbour"
claim neighbour_was_started_once is neighbour nr_starts 1
claim neighbour_has_not_erred has_errors 0 neighbour
claim unload_is_0 "$partctl" unload
echo "1..$nr"
exit $failed
