#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# supervise.sh - launchers that are gone come back, and whoever starts them, too

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
kills=8

# shellcheck source=../lib/partitions.sh
. "$top/selftests/lib/partitions.sh"

# $1: partition, $2: process that its launcher was: another one, and it runs
is_back() {
	local pid
	pid=$(of "$1" pid)
	[ "$pid" != "$2" ] && [ -d "/proc/$pid" ] && is "$1" mode normal || {
		echo "$1: launcher $pid, before $2"
		"$partctl" list
		return 1
	}
}

# $1: partition, $2: starts that its guest, "starts", has counted in its memory
guest_has_seen() {
	local seen
	seen=$(od -An -tu8 -j $((0x100000)) -N 8 "$state/$1.ram" | tr -d ' ')
	[ "$seen" = "$2" ] || { echo "$1: has seen $seen starts"; return 1; }
}

supervisor() {
	local pid
	read -r pid _ <"$state/supervise.pid" && [ -d "/proc/$pid" ] && echo "$pid"
}

# $1: partition; its launcher is killed, and comes back
kill_launcher() {
	local pid
	pid=$(of "$1" pid)
	kill -KILL "$pid" && until_true $patience is_back "$1" "$pid"
}

kill_many() {
	local i
	for ((i = 0; i < kills; i++)); do
		kill_launcher "$1" || { echo "at $i"; return 1; }
	done
}

# Entries of the health monitor's log. $1: partition, $2: source
errors() {
	"$partctl" hm log -j | awk -v name="$1" -v source="$2" "$objects"'
	/^    [}]/ { found += field["partition"] == name && field["source"] == source }
	END { print found + 0 }'
}

write_plan() {
	cat >"$1" <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<Module xmlns="urn:partsched:1" Name="supervise">
	  <Partitions>
	    <Partition>
	      <PartitionDefinition Identifier="1" Name="mortal" BinaryPath="$guests/starts.bin" RestartLimit="0"/>
	      <Vcpu Index="0" Cpu="$cpu"/>
	    </Partition>
	    <Partition>
	      <PartitionDefinition Identifier="2" Name="neighbour" BinaryPath="$guests/starts.bin"/>
	      <Vcpu Index="0" Cpu="$cpu"/>
	    </Partition>
	    <Partition>
	      <PartitionDefinition Identifier="3" Name="warm" BinaryPath="$guests/starts.bin" RestartLimit="3" RestartPeriodNs="1000000000000"/>
	      <Vcpu Index="0" Cpu="$cpu"/>
	    </Partition>
	  </Partitions>
	  <Schedules MajorFrameDuration="50000000">
	    <PartitionTimeWindow PartitionNameRef="mortal" Offset="0" Duration="10000000"/>
	    <PartitionTimeWindow PartitionNameRef="neighbour" Offset="15000000" Duration="10000000"/>
	    <PartitionTimeWindow PartitionNameRef="warm" Offset="30000000" Duration="10000000"/>
	  </Schedules>
	  <HealthMonitoring>
	    <SystemErrors>
	      <SystemError ErrorIdentifier="9" ErrorLevel="PARTITION" Source="launcher"/>
	    </SystemErrors>
	    <PartitionHM PartitionNameRef="warm">
	      <ErrorAction ErrorIdentifierRef="9" PartitionRecoveryAction="WARM_START"/>
	    </PartitionHM>
	    <PartitionHM PartitionNameRef="mortal">
	      <ErrorAction ErrorIdentifierRef="9" PartitionRecoveryAction="COLD_START"/>
	    </PartitionHM>
	    <PartitionHM PartitionNameRef="neighbour">
	      <ErrorAction ErrorIdentifierRef="9" PartitionRecoveryAction="COLD_START"/>
	    </PartitionHM>
	  </HealthMonitoring>
	</Module>
	END
}

write_plan "$dir/plan.xml"
"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim load_is_0 "$partctl" load "$dir/plan.xml"
first=$(supervisor)
neighbour=$(of neighbour pid)
claim load_has_started_a_supervisor test -n "$first"
claim there_is_one_only ends_with 1 "$partctl" supervise
claim tables_are_in_force sh -c '"$1" hm show | grep -q "^ *9 warm .*warm_start"' sh "$partctl"
claim source_has_its_error sh -c '"$1" hm show | grep -q "^launcher *9 "' sh "$partctl"

claim killed_launcher_comes_back_each_time kill_many mortal
claim each_death_is_logged test "$(errors mortal launcher)" = $kills
claim each_start_is_counted is mortal nr_starts $((kills + 1))
claim reason_of_the_start_is_known is mortal start_condition hm_partition_restart

claim guest_of_a_cold_start_has_fresh_memory until_true $patience guest_has_seen mortal 1

claim launcher_of_a_warm_start_comes_back kill_launcher warm
claim its_guest_finds_its_memory_kept until_true $patience guest_has_seen warm 2

kill -KILL "$first"
claim guests_run_on_without_a_supervisor test -d "/proc/$neighbour"
pid=$(of mortal pid)
kill -KILL "$pid"
claim mode_tells_that_a_launcher_is_wanted until_true $patience is mortal mode cold_start
"$partctl" supervise --daemon 2>>"$state/supervise.log" &
claim another_one_finds_what_is_to_be_done until_true $patience is_back mortal "$pid"
claim it_leaves_those_that_run is neighbour pid "$neighbour"
claim it_knows_them grep -q '"neighbour": runs already' "$state/supervise.log"
claim neighbour_was_started_once is neighbour nr_starts 1
claim its_guest_has_seen_one_start guest_has_seen neighbour 1
claim neighbour_has_no_death_logged test "$(errors neighbour launcher)" = 0

# $1: partition, $2: process that its launcher was
is_back_or_idle() {
	is_back "$1" "$2" || is "$1" mode idle
}

# One death was enough for a start before.
damped() {
	local i pid
	for ((i = 0; i < 3; i++)); do
		pid=$(of warm pid)
		kill -KILL "$pid"
		until_true $patience is_back_or_idle warm "$pid" || return
	done
	is warm mode idle || { "$partctl" hm log -n 40; return 1; }
}
claim too_many_deaths_are_the_last_ones damped
claim that_is_logged_as_damped sh -c '"$1" hm log | grep -q " warm .* idle *yes"' sh "$partctl"
claim operator_starts_it_again "$partctl" start warm --timeout $patience

# an image that is gone: no guest, an error, and no more attempts
cp "$guests/starts.bin" "$dir/image.bin"
claim open_is_0 "$partctl" open warm "$dir/image.bin"
rm "$dir/image.bin"
"$partctl" restart --cold warm >/dev/null
pid=$(of warm pid)
kill -KILL "$pid"
claim guest_that_cannot_be_started_is_idle until_true $patience is warm mode idle
claim that_is_an_error_of_the_start test "$(errors warm start)" = 1

claim unload_is_0 "$partctl" unload
claim unload_ends_the_supervisor test -z "$(supervisor)"

# One that is not load's, as systemd runs it.
"$partctl" supervise 2>"$dir/supervise.log" &
own=$!
claim own_supervisor_is_there until_true $patience grep -q "supervises: process $own" "$dir/supervise.log"
claim load_takes_the_one_that_is_there "$partctl" load "$dir/plan.xml"
claim it_has_started_the_guests test "$(grep -c 'cold start, number 1' "$dir/supervise.log")" = 3
claim unload_leaves_one_that_is_not_loads "$partctl" unload
claim it_supervises_still test "$(supervisor)" = $own
claim its_guests_are_gone test -z "$(pgrep -P $own)"
claim next_plan_is_its_as_well "$partctl" load "$dir/plan.xml"
claim nobody_else_has_come test "$(supervisor)" = $own
claim stop_ends_it "$partctl" supervise --stop
wait $own
claim it_has_ended_well test $? = 0
claim unload_without_a_supervisor_is_0 "$partctl" unload
echo "1..$nr"
exit $failed
