#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# partctl.sh - the exit codes that scripts rely on

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
partctl=${PARTSCHED_PARTCTL:-$top/tools/partctl/partctl}
module=${PARTSCHED_MODULE:-$top/build/module/$(uname -r)/partsched.ko}
nr=0
failed=0

echo "TAP version 13"
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP not root"
	exit 4
fi
if [ ! -x "$partctl" ]; then
	echo "1..0 # SKIP no partctl at $partctl"
	exit 4
fi
if [ ! -r "$module" ]; then
	echo "1..0 # SKIP no module for this kernel at $module"
	exit 4
fi

# $1: claim, $2: exit code; the rest is the command
expect() {
	local claim=$1 want=$2 code text
	shift 2
	nr=$((nr + 1))
	text=$("$@" 2>&1)
	code=$?
	if [ "$code" = "$want" ]; then
		echo "ok $nr $claim"
		return
	fi
	failed=1
	echo "# $* ended with $code instead of $want"
	echo "${text//$'\n'/$'\n# '}" | sed '1s/^/# /'
	echo "not ok $nr $claim"
}

# A sentence with a way out, not a bare number.
expect_text() {
	local claim=$1 want=$2 text
	shift 2
	nr=$((nr + 1))
	text=$("$@" 2>&1)
	if grep -q -- "$want" <<<"$text"; then
		echo "ok $nr $claim"
	else
		failed=1
		echo "# \"$want\" is not in: $text"
		echo "not ok $nr $claim"
	fi
}

# The same, of standard output alone.
expect_out() {
	local claim=$1 want=$2
	shift 2
	expect_text "$claim" "$want" sh -c '"$@" 2>/dev/null' sh "$@"
}

# It begins without the module.
for ((i = 0; i < 600; i++)); do
	[ -e /sys/module/partsched ] || break
	rmmod partsched 2>/dev/null || sleep 0.1
done

dir=$(mktemp -d /tmp/partsched.XXXXXX)
trap 'rm -rf "$dir"; rmmod partsched 2>/dev/null' EXIT
echo '<nonsense' >"$dir/broken.xml"

# $1: file, $2 and $3: start and length of the window of "b"
write_plan() {
	cat >"$1" <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<ARINC_653_Module xmlns="ARINC_653_ModuleMC_NS">
	  <Partitions>
	    <Partition>
	      <PartitionDefinition Identifier="1" Name="a"/>
	      <CoreAffinity><CoreMapping LogicalCoreId="0" PhysicalCoreId="$cpu"/></CoreAffinity>
	    </Partition>
	    <Partition>
	      <PartitionDefinition Identifier="2" Name="b"/>
	      <CoreAffinity><CoreMapping LogicalCoreId="0" PhysicalCoreId="$cpu"/></CoreAffinity>
	    </Partition>
	  </Partitions>
	  <Schedules MajorFrameDuration="20000000" ScheduleIdentifier="1" InitialModuleSchedule="true">
	    <PartitionTimeWindow PartitionNameRef="a" Offset="0" Duration="9000000"/>
	    <PartitionTimeWindow PartitionNameRef="b" Offset="$2" Duration="$3"/>
	  </Schedules>
	</ARINC_653_Module>
	END
}

cpu=$(($(getconf _NPROCESSORS_ONLN) - 1))
write_plan "$dir/good.xml" 10000000 9000000
write_plan "$dir/other.xml" 10000000 8000000
write_plan "$dir/full.xml" 9000000 11000000
write_plan "$dir/beyond.xml" 10000000 10000001
# a word that belongs nowhere
sed 's|<Partitions>|<Partitions>word|' "$dir/good.xml" >"$dir/warning.xml"

expect absent_module_is_4 4 "$partctl" status
expect_text absent_module_is_named insmod "$partctl" status
expect unknown_command_is_2 2 "$partctl" no-such-command
expect broken_xml_is_3 3 "$partctl" check "$dir/broken.xml"
expect missing_file_is_3 3 "$partctl" check /no/such/file.xml
expect check_of_a_good_file_is_0 0 "$partctl" check "$dir/good.xml"
expect_out check_lists_rules_on_standard_output PS0042 "$partctl" check "$dir/good.xml"
expect check_quiet_lists_none 1 sh -c '"$1" check -q "$2" | grep PS00' sh \
	"$partctl" "$dir/good.xml"
expect_out check_gives_findings_to_programs PS0041 "$partctl" check -j "$dir/beyond.xml"
expect check_of_a_warning_is_0 0 "$partctl" check "$dir/warning.xml"
expect check_strict_of_a_warning_is_3 3 "$partctl" check --strict "$dir/warning.xml"
expect convert_without_a_dialect_is_2 2 "$partctl" convert "$dir/good.xml"
expect convert_to_an_unknown_dialect_is_2 2 "$partctl" convert --to Z "$dir/good.xml"
expect convert_is_0 0 "$partctl" convert --to native -o "$dir/native.xml" "$dir/good.xml"
expect convert_of_a_broken_file_is_3 3 "$partctl" convert --to native "$dir/broken.xml"
expect_out convert_writes_to_standard_output 'urn:partsched:1' \
	"$partctl" convert --to native "$dir/good.xml"
expect convert_strict_of_what_is_lost_is_3 3 \
	"$partctl" convert --to A --pure --strict -o "$dir/lost.xml" "$dir/good.xml"
expect convert_strict_writes_nothing_then 1 test -e "$dir/lost.xml"
expect plan_without_periods_is_3 3 "$partctl" plan --replan "$dir/good.xml"
expect schema_is_0 0 "$partctl" schema
expect schema_of_an_unknown_dialect_is_2 2 "$partctl" schema Z
sed 's|<Module |&TimeBase="tai" BaseTimeNs="12345" |' "$dir/native.xml" >"$dir/tai.xml"
expect check_strict_of_a_time_base_is_0 0 "$partctl" check --strict "$dir/tai.xml"
expect dump_without_the_module_is_4 4 "$partctl" dump
insmod "$module" || { echo "Bail out! insmod $module failed"; exit 1; }
expect status_is_0 0 "$partctl" status
expect unload_without_a_plan_is_1 1 "$partctl" unload
expect dump_without_a_plan_is_1 1 "$partctl" dump
expect load_dry_run_is_0 0 "$partctl" load --dry-run "$dir/good.xml"
expect unload_after_a_dry_run_is_1 1 "$partctl" unload
expect load_is_0 0 "$partctl" load --no-start "$dir/good.xml"
expect load_of_the_same_is_0 0 "$partctl" load --no-start "$dir/good.xml"
expect_text load_of_the_same_says_so unchanged "$partctl" load --no-start "$dir/good.xml"
expect load_of_it_in_another_dialect_is_0 0 "$partctl" load --no-start "$dir/native.xml"
expect_text load_of_it_in_another_dialect_says_so unchanged \
	"$partctl" load --no-start "$dir/native.xml"
expect dump_is_0 0 "$partctl" dump -o "$dir/dump.xml"
expect_text load_of_a_dump_says_so unchanged "$partctl" load --no-start "$dir/dump.xml"
expect load_of_a_broken_file_is_3 3 "$partctl" load --no-start "$dir/broken.xml"
expect load_beyond_the_frame_is_3 3 "$partctl" load --no-start "$dir/beyond.xml"
expect load_without_slack_is_3 3 "$partctl" load --no-start "$dir/full.xml"
expect_text status_has_the_first_plan '"duration_ns": *9000000' "$partctl" status -v -j
expect load_of_another_is_0 0 "$partctl" load --no-start "$dir/other.xml"
expect status_is_json 0 sh -c '"$1" status -v -j | /usr/bin/python3 -m json.tool' sh "$partctl"
expect show_is_0 0 "$partctl" show vcpu
expect_text show_has_the_vcpu 'a .*idle' "$partctl" show vcpu a/0
expect show_is_json 0 sh -c '"$1" show vcpu -j | /usr/bin/python3 -m json.tool' sh "$partctl"
expect_text show_tells_programs_of_it '"ready_ns": *0' "$partctl" show vcpu a -j
expect show_of_no_partition_is_1 1 "$partctl" show vcpu nobody
expect show_of_no_vcpu_is_1 1 "$partctl" show vcpu a/1
expect show_of_a_vcpu_without_a_number_is_2 2 "$partctl" show vcpu a/b
expect show_of_something_else_is_2 2 "$partctl" show frog
expect schedule_is_0 0 "$partctl" schedule
expect schedule_is_json 0 sh -c '"$1" schedule -j | /usr/bin/python3 -m json.tool' sh "$partctl"
expect wait_without_a_schedule_is_2 2 "$partctl" schedule --wait
expect schedule_in_force_is_0 0 "$partctl" schedule 1 --wait
expect_text schedule_in_force_says_so "in force already" "$partctl" schedule 1
expect unknown_schedule_is_1 1 "$partctl" schedule 7
expect unknown_schedule_by_name_is_1 1 "$partctl" schedule nobody
expect load_of_two_schedules_is_0 0 "$partctl" load --no-start \
	"$top/Documentation/examples/two-schedules.xml"
expect change_by_name_is_0 0 "$partctl" schedule safe --wait
expect_text change_is_in_force_then "^schedule *2$" "$partctl" schedule
expect_text schedule_tells_programs_of_it '"last_change_ns": *[1-9]' "$partctl" schedule -j
expect change_by_identifier_is_0 0 "$partctl" schedule 1
expect_text status_tells_programs_of_the_clock '"clock": *"monotonic"' "$partctl" status -j
expect load_with_a_time_base_is_0 0 "$partctl" load --no-start "$dir/tai.xml"
expect_text status_tells_the_clock "^clock *tai$" "$partctl" status
expect_text status_tells_the_base "^base ns *12345$" "$partctl" status
expect_text status_tells_programs_of_the_grid '"grid_error_ns": *0' "$partctl" status -j
expect_out dump_tells_the_time_base 'TimeBase="tai"' "$partctl" dump
expect_text load_of_it_without_a_base_is_another generation sh -c \
	'sed "s| BaseTimeNs=.12345.||" "$2" >"$3"; "$1" load -j --no-start "$3"' sh \
	"$partctl" "$dir/tai.xml" "$dir/no-base.xml"
expect_text base_is_none_then '"base_ns": *0' "$partctl" status -j
expect detach_of_nobody_is_1 1 "$partctl" detach a
expect unload_is_0 0 "$partctl" unload
expect show_without_a_plan_is_1 1 "$partctl" show vcpu
expect schedule_without_a_plan_is_1 1 "$partctl" schedule
expect attach_without_a_plan_is_1 1 "$partctl" attach nobody --tid 1
expect without_rights_is_5 5 setpriv --bounding-set -net_admin,-sys_nice \
	--inh-caps -net_admin,-sys_nice "$partctl" unload
echo "1..$nr"
exit $failed
