#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# operator.sh - what an operator does with partitions, by partctl
#
# Guests that say how often they were started; halted, started again, ended,
# added to the plan at run time. Those that nothing is done to go on.

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/partitions.sh
. "$top/selftests/lib/partitions.sh"

# What the guest "starts" has recorded in its memory. $1: partition, $2: starts
# (since its memory was cleared) or loops (counted up while it runs)
guest() {
	local at=$((0x100000))
	[ "$2" = starts ] || at=$((at + 8))
	od -An -tu8 -j $at -N 8 "$state/$1.ram" | tr -d ' '
}

# $1: partition, $2: its loops before
has_run_since() {
	local now
	now=$(guest "$1" loops)
	[ "$now" -gt "$2" ] || { echo "$1: $now loops, as before"; return 1; }
}

# Another partition comes to run twice meanwhile. $1: partition that must not
stands_still() {
	local before i
	before=$(guest "$1" loops)
	for i in 1 2; do
		until_true $patience has_run_since neighbour "$(guest neighbour loops)" || return
	done
	[ "$(guest "$1" loops)" = "$before" ] || { echo "$1: has run"; return 1; }
}

# $1: partition, $2: starts that its guest must have seen
guest_has_seen() {
	local seen
	seen=$(guest "$1" starts)
	[ "$seen" = "$2" ] || { echo "$1: has seen $seen starts"; return 1; }
}

refused_with() {
	local want=$1 text status=0
	shift
	text=$("$@" 2>&1) || status=$?
	[ $status = 1 ] && grep -q -- "$want" <<<"$text" || { echo "status $status: $text"; return 1; }
}

# Partitions into all time that is free.
fill() {
	local i
	for ((i = 0; i < 20; i++)); do
		"$partctl" new "fill $i" --cpus "$cpu" || return
	done
}

cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="operator">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="a b" BinaryPath="$guests/starts.bin"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="neighbour" BinaryPath="$guests/starts.bin"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="3" Name="later" BinaryPath="$guests/starts.bin" AutoStart="false"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="4" Name="spare"/>
      <Vcpu Index="0" Cpu="$cpu"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="50000000">
    <PartitionTimeWindow PartitionNameRef="a b" Offset="0" Duration="8000000"/>
    <PartitionTimeWindow PartitionNameRef="neighbour" Offset="10000000" Duration="8000000"/>
    <PartitionTimeWindow PartitionNameRef="later" Offset="20000000" Duration="8000000"/>
    <PartitionTimeWindow PartitionNameRef="spare" Offset="30000000" Duration="8000000"/>
  </Schedules>
</Module>
END
# one that crashes at once, and is not started for ever
sed -e 's|Name="later" BinaryPath="[^"]*" AutoStart="false"|Name="later" BinaryPath="'"$guests"'/triplefault.bin" RestartLimit="2"|' \
	"$dir/plan.xml" >"$dir/crash.xml"

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim list_without_a_plan_is_refused ends_with 1 "$partctl" list
claim load_is_0 "$partctl" load "$dir/plan.xml"
claim guest_that_was_loaded_is_normal is "a b" mode normal
claim its_first_start_is_counted is "a b" nr_starts 1
claim load_starts_only_what_it_should is later mode idle
neighbour=$(of neighbour pid)
claim list_names_the_launcher test -d "/proc/$neighbour"
claim list_is_json sh -c '"$1" list -j | /usr/bin/python3 -m json.tool' sh "$partctl"

claim halt_is_0 "$partctl" halt "a b" --wait
claim halted_is_listed is "a b" halted true
claim halted_guest_stands_still stands_still "a b"
claim halt_again_is_no_action sh -c '"$1" halt "a b" -j | grep -q "\"no_action\": true"' sh "$partctl"
claim mode_of_a_halted_one_is_kept is "a b" mode normal
claim continue_is_0 "$partctl" continue "a b" --wait
claim continued_is_listed is "a b" halted false
claim continued_one_runs until_true $patience has_run_since "a b" "$(guest "a b" loops)"
claim guest_was_not_started_by_that is "a b" nr_starts 1
claim guest_has_seen_one_start guest_has_seen "a b" 1

claim restart_without_a_kind_is_2 ends_with 2 "$partctl" restart "a b"
claim cold_restart_is_0 "$partctl" restart --cold "a b" --timeout $patience
claim cold_restart_is_counted is "a b" nr_starts 2
claim cold_restart_clears_the_memory until_true $patience guest_has_seen "a b" 1
claim warm_restart_is_0 "$partctl" restart --warm "a b" --timeout $patience
claim warm_restart_is_counted is "a b" nr_starts 3
claim warm_restart_keeps_the_memory until_true $patience guest_has_seen "a b" 2
claim start_of_one_that_runs_is_refused refused_with "restart" "$partctl" start "a b"
claim warm_start_of_one_that_never_ran_is_refused \
	refused_with "never run" "$partctl" restart --warm later

claim start_is_0 "$partctl" start later --timeout $patience
claim started_one_is_normal is later mode normal
claim started_one_has_a_launcher test -n "$(of later pid)"
claim kill_is_0 "$partctl" kill later
claim killed_one_is_idle is later mode idle
claim killed_one_has_no_launcher is later pid null
claim killed_one_has_no_memory test ! -e "$state/later.ram"
claim start_after_kill_is_0 "$partctl" start later --timeout $patience
claim start_of_nobody_is_1 ends_with 1 "$partctl" start nobody
claim start_without_an_image_is_refused refused_with "no image" "$partctl" start spare

claim new_in_the_windows_of_another_is_0 "$partctl" new guest --memory 8M --windows-of spare
claim new_one_is_idle is guest mode idle
claim new_one_has_no_guest is guest supervised false
claim open_is_0 "$partctl" open guest "$guests/starts.elf"
claim opened_one_runs is guest mode normal
claim others_run_on is neighbour pid "$neighbour"
claim others_were_not_started is "a b" nr_starts 3
claim open_of_another_image_is_0 "$partctl" open guest "$guests/starts.bin"
claim windows_are_given_once refused_with "no windows" "$partctl" new other --windows-of spare
claim new_of_one_that_is_there_is_refused refused_with "already" "$partctl" new guest --cpus "$cpu"
claim new_in_free_time_is_0 "$partctl" new free --cpus "$cpu"
claim new_with_a_name_that_is_none_is_3 ends_with 3 "$partctl" new 'a/b' --windows-of free
claim open_in_free_time_is_0 "$partctl" open free "$guests/starts.bin"
claim dump_has_the_new_one sh -c '"$1" dump | grep -q "Name=\"free\""' sh "$partctl"
claim plan_after_all_is_the_one_kept sh -c '! "$1" dump 2>&1 >/dev/null | grep .' sh "$partctl"
claim new_until_no_time_is_left_is_refused refused_with "leaves" fill
claim kill_of_a_new_one_takes_it_out "$partctl" kill guest
claim it_is_gone is guest mode ""
claim kill_of_the_other_new_one_is_0 "$partctl" kill free
claim spare_has_its_windows_again "$partctl" new again --windows-of spare
claim neighbour_was_started_once is neighbour nr_starts 1
claim its_guest_has_seen_one_start guest_has_seen neighbour 1
claim no_launcher_of_it_was_started_again is neighbour pid "$neighbour"

claim inject_is_0 "$partctl" hm inject neighbour --source overrun --reason "a test"
claim inject_is_logged sh -c '"$1" hm log | grep -q "yes *a test"' sh "$partctl"
claim log_is_json sh -c '"$1" hm log -j | /usr/bin/python3 -m json.tool' sh "$partctl"
claim show_is_json sh -c '"$1" hm show -j | /usr/bin/python3 -m json.tool' sh "$partctl"
claim inject_without_a_source_is_2 ends_with 2 "$partctl" hm inject neighbour
claim inject_of_nobody_is_1 ends_with 1 "$partctl" hm inject nobody --error 1
claim interrupt_that_is_none_is_2 ends_with 2 "$partctl" interrupt neighbour --vector 300
claim interrupt_of_nobody_is_refused refused_with "no launcher" "$partctl" interrupt spare --vector 64

claim load_of_one_that_crashes_says_so refused_with 'later.*shutdown' \
	"$partctl" load "$dir/crash.xml"
claim it_is_not_started_for_ever until_true $patience is later mode idle
claim unload_is_0 "$partctl" unload
claim nobody_supervises_then sh -c '! "$1" supervise --stop | grep -q "[0-9]"' sh "$partctl"
echo "1..$nr"
exit $failed
