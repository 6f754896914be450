#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-launch.sh - guests that load starts in a stock QEMU: how they start, end,
# err, and are started again; their consoles

set -uo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
top=$(cd "$here" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$here/qemu-talker.bin" ] || skip "no qemu-talker.bin"
guests=$top/build/guest
[ -r "$guests/starts.bin" ] || skip "no guests in $guests"
state=/run/partsched
cpu=$(($(getconf _NPROCESSORS_ONLN) - 1))
[ "$cpu" -ge 1 ] || skip "needs 2 CPUs"
# an emulated machine takes its time
patience=240

leave() {
	[ $failed = 0 ] || comment "$state/supervise.log" "$state/linux.log"
}

# $1: partition, $2: key of it in partctl list -j; prints the value
of() {
	"$partctl" list -j | json '[p[a[1]] for p in d["partitions"] if p["name"] == a[0]][0]' "$@"
}
# $1: partition, $2: key, $3: value that is wanted
is() {
	local got
	got=$(of "$1" "$2")
	[ "$got" = "$3" ] || { echo "$1: $2 is \"$got\", not \"$3\""; "$partctl" hm log; return 1; }
}
# $1: process that its launcher was: another one, and it runs
is_back() {
	local pid
	pid=$(of linux pid)
	[ "$pid" != "$1" ] && [ "$pid" != None ] && is linux mode normal || {
		echo "linux: launcher $pid, before $1"
		return 1
	}
}
# Entries of the health monitor's log. $1: partition, $2: source, $3: in the reason
errors() {
	"$partctl" hm log -j | json 'sum(e["partition"] == a[0] and e["source"] == a[1] and
		a[2] in (e["reason"] or "") for e in d["log"])' "$1" "$2" "${3-}"
}
has_errors() { [ "$(errors "${@:2}")" = "$1" ] || { "$partctl" hm log; return 1; }; }

# What is typed at the guest's console, and what it says there.
type_keys() { type_at "$state/linux.tty" "$1"; }
# $1: a line of the console, $2: how often it is there
says() {
	local got
	got=$(tr -d '\r' <"$state/linux.console" | grep -c "$1")
	[ "$got" = "${2-1}" ] || { echo "$got times:"; cat "$state/linux.console"; return 1; }
}
says_last() {
	local got
	got=$(tr -d '\r' <"$state/linux.console" | grep -o 'life [0-9]*' | tail -n 1)
	[ "$got" = "$1" ] || { echo "$got:"; cat "$state/linux.console"; return 1; }
}

truncate -s 1M "$dir/disk, raw.img"
cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="launch">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="linux" Kernel="$here/qemu-talker.bin" Memory="64M"
        CommandLine="a=b, c" Disk="$dir/disk, raw.img" RestartLimit="0"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <PartitionPorts>
        <PartitionPort><SamplingPort Name="in" MaxMessageSize="32" Direction="DESTINATION"/></PartitionPort>
        <PartitionPort><QueuingPort Name="out" MaxMessageSize="32" MaxNbMessages="4" Direction="SOURCE"/></PartitionPort>
      </PartitionPorts>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="neighbour" BinaryPath="$guests/starts.bin"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="50000000">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="30000000"/>
    <PartitionTimeWindow PartitionNameRef="neighbour" Offset="35000000" Duration="5000000"/>
  </Schedules>
  <Channels>
    <Channel Identifier="1" Name="in">
      <Source Pseudo="true" Name="lab"/>
      <Destination PartitionNameRef="linux" PortName="in" Kick="window"/>
    </Channel>
    <Channel Identifier="2" Name="out">
      <Source PartitionNameRef="linux" PortName="out"/>
      <Destination Pseudo="true" Name="lab"/>
    </Channel>
  </Channels>
</Module>
END

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"

# An image that QEMU does not take: told by its own words.
sed 's/qemu-talker.bin/qemu-launch.sh/' "$dir/plan.xml" >"$dir/broken.xml"
fails_to_start() {
	ends_with 1 "$partctl" load "$1" && is linux mode idle && has_errors 1 linux start
}
claim image_that_qemu_does_not_take_is_an_error fails_to_start "$dir/broken.xml"

claim load_is_0 "$partctl" load "$dir/plan.xml"
claim partition_is_normal is linux mode normal
first=$(of linux pid)
starts=$(of linux nr_starts)
neighbour=$(of neighbour pid)
claim its_launcher_is_a_qemu grep -q '^qemu-system' "/proc/$first/comm"
claim guest_speaks_into_a_file until_true $patience says '^life 1$'
claim unchanged_plan_keeps_the_guest sh -c '"$1" load "$2" | grep -q unchanged' sh "$partctl" "$dir/plan.xml"
claim it_is_the_same_process is linux pid "$first"

threads_are_where_they_belong() {
	local task name policy cpus
	for task in /proc/"$first"/task/*; do
		name=$(cat "$task/comm")
		cpus=$(sed -n 's/^Cpus_allowed_list:\t//p' "$task/status")
		policy=$(sed 's/.*) //' "$task/stat" | cut -d ' ' -f 39)
		# threads for input and output come and go
		[ -d "$task" ] || continue
		case $name in
		CPU*) [ "$cpus" = "$cpu" ] && [ "$policy" = 1 ] ;;
		*) [[ ",$cpus," != *[,-]"$cpu,"* ]] && [ "$policy" = 0 ] ;;
		esac || { echo "$name: CPUs $cpus, policy $policy"; return 1; }
	done
}
claim only_its_vcpu_is_on_the_planned_cpu threads_are_where_they_belong
sockets_are_private() {
	local s
	for s in qmp tty hvc; do
		[ "$(stat -c %a "$state/linux.$s")" = 700 ] ||
			[ "$(stat -c %a "$state/linux.$s")" = 600 ] || { ls -l $state; return 1; }
	done
}
claim its_sockets_are_private sockets_are_private
# $1: port, $2: files of it
has_open() { [ "$("$partctl" port status -j "$1" | json 'd["open"]')" = "$2" ]; }
claim its_destination_and_its_kicks_are_open has_open linux.in 2
claim its_source_is_open_both_ways has_open linux.out 2

kicks_are_served() { grep -q "process $first connected" "$state/linux.in.kicks.log"; }
has_its_disk() { readlink "/proc/$first"/fd/* | grep -qxF "$dir/disk, raw.img"; }
claim its_disk_is_open has_its_disk
claim its_kicks_are_served kicks_are_served

# The console, as somebody at a terminal has it.
at_a_terminal() {
	/usr/bin/python3 - "$partctl" <<-'END'
	import os, pty, select, sys, time
	pid, fd = pty.fork()
	if not pid:
	    os.execv(sys.argv[1], ["partctl", "console", "linux"])
	seen = b""
	def until(text):
	    global seen
	    limit = time.monotonic() + 120
	    while text not in seen:
	        if not select.select([fd], [], [], max(0, limit - time.monotonic()))[0]:
	            sys.exit(f"no {text}: {seen}")
	        seen += os.read(fd, 1000)
	until(b"leaves it")
	os.write(fd, b"xyz")
	until(b"xyz")
	os.system(f"{sys.argv[1]} console linux </dev/null 2>&1 | grep -q 'somebody else'") and sys.exit("two")
	os.write(fd, b"\x1d")
	until(b"detached")
	sys.exit(os.waitpid(pid, 0)[1])
	END
}
claim console_is_interactive_and_can_be_left at_a_terminal
claim console_of_a_lean_guest_is_refused ends_with 1 "$partctl" console neighbour
claim console_of_nobody_is_refused ends_with 1 "$partctl" console nobody

type_keys r
claim guest_that_resets_lives_again until_true $patience says_last "life 2"
claim its_reset_is_told_once until_true $patience has_errors 1 linux application reset
claim partition_stays_normal is linux mode normal

claim warm_restart_is_0 "$partctl" restart --warm linux --wait --timeout $patience
claim it_keeps_process_and_memory until_true $patience says_last "life 3"
claim it_is_counted is linux nr_starts $((starts + 1))
claim warm_restart_keeps_the_process is linux pid "$first"
claim warm_restart_is_no_error has_errors 1 linux application

claim cold_restart_is_0 "$partctl" restart --cold linux --wait --timeout $patience
claim it_is_another_process ends_with 1 is linux pid "$first"
claim its_memory_is_fresh until_true $patience says_last "life 1"
claim cold_restart_is_counted is linux nr_starts $((starts + 2))
claim cold_restart_is_no_error has_errors 0 linux launcher

# Halted: it says nothing, and QEMU is stopped, too.
claim halt_is_0 "$partctl" halt linux --wait --timeout 60
stopped() {
	local task
	for task in /proc/"$(of linux pid)"/task/*; do
		[ "$(cat "$task/comm")" != "CPU 0/KVM" ] || grep -q futex "$task/wchan" || {
			cat "$task/wchan"
			return 1
		}
	done
}
claim halted_guest_is_stopped_by_qemu_too until_true $patience stopped
type_keys q
claim continue_is_0 "$partctl" continue linux --wait --timeout 60
claim continued_guest_answers until_true $patience says 'q'

pid=$(of linux pid)
type_keys p
claim panicked_guest_is_started_anew until_true $patience is_back "$pid"
claim its_panic_is_an_error has_errors 1 linux shutdown panicked
claim no_other_error_comes_of_it has_errors 0 linux launcher

pid=$(of linux pid)
kill -KILL "$pid"
claim killed_qemu_comes_back until_true $patience is_back "$pid"
claim its_death_is_an_error has_errors 1 linux launcher
claim guest_of_the_new_one_runs until_true $patience says_last "life 1"

# Whoever supervises is gone, and comes back: the guest runs on.
pid=$(of linux pid)
read -r supervisor _ <"$state/supervise.pid"
kill -KILL "$supervisor"
"$partctl" supervise --daemon 2>>"$state/supervise.log" &
adopted() { grep -q '"linux": runs already' "$state/supervise.log"; }
claim qemu_is_adopted until_true $patience adopted
claim adopted_one_runs_on is linux pid "$pid"
claim adopted_one_is_restarted "$partctl" restart --warm linux --wait --timeout $patience
claim adopted_one_keeps_its_memory until_true $patience says_last "life 2"
claim it_is_the_same_process_still is linux pid "$pid"

# QEMU does not answer: as good as dead.
kill -STOP "$pid"
claim qemu_that_does_not_answer_is_replaced until_true $patience is_back "$pid"
claim that_is_an_error has_errors 1 linux launcher "not answer"

type_keys s
claim guest_that_switches_off_is_idle until_true $patience is linux mode idle
claim that_is_told until_true $patience has_errors 1 linux application off
gone() { [ "$(of linux pid)" = None ] && [ -z "$(pgrep -f "$state/linux.qmp")" ]; }
claim its_qemu_ends until_true $patience gone
claim operator_starts_it_again "$partctl" start linux --wait --timeout $patience
claim it_lives_again until_true $patience says_last "life 1"

claim kill_is_0 "$partctl" kill linux
claim killed_partition_is_idle is linux mode idle
claim nothing_of_it_is_left gone
left() { [ -e "$state/linux.in.server" ] || [ -e "$state/linux.qmp" ] || [ -e "$state/linux.tty" ] || [ -e "$state/linux.guest" ]; }
claim nor_its_sockets ends_with 1 left

claim neighbour_has_not_noticed is neighbour pid "$neighbour"
claim neighbour_was_started_once is neighbour nr_starts 1
claim neighbour_has_not_erred has_errors 0 neighbour launcher

# Two vCPUs that take turns; the second one runs when the firmware has started it.
cat >"$dir/two.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="two">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="linux" Kernel="$here/qemu-talker.bin" Memory="64M"
        HaltExits="true" Quantum="1000000"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <Vcpu Index="1" Cpu="$cpu"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="50000000">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="30000000"/>
  </Schedules>
</Module>
END
claim two_vcpus_are_loaded "$partctl" load "$dir/two.xml"
# Thread of a vCPU that is attached. $1: its number
thread() {
	"$partctl" status -j | json '[v["tid"] for v in d["vcpus"] if v["vcpu"] == int(a[0]) and
		v["attach_state"] == "attached"][0]' "$1"
}
claim both_come_under_the_plan until_true $patience thread 1
claim guest_of_two_speaks until_true $patience says_last "life 1"
type_keys u
unplugged() { ! thread 1 2>/dev/null; }
claim unplugged_one_leaves until_true $patience unplugged
claim partition_goes_on is linux mode normal
claim that_is_no_start is linux nr_starts 1
claim unload_is_0 "$partctl" unload
echo "1..$nr"
exit $failed
