#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ports.sh - partctl load brings the channels of each dialect, and partctl port
# reads and writes them

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"

watcher=
leave() {
	[ -z "$watcher" ] || kill "$watcher" 2>/dev/null
}

cpu=$(($(nproc) - 1))
# mumu's dialect, where channels make the ports
cat >"$dir/mumu.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<ARINC_653_Module xmlns="ARINC_653_ModuleMC_NS" xmlns:ps="urn:partsched:1">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="control"/>
      <CoreAffinity><CoreMapping LogicalCoreId="0" PhysicalCoreId="$cpu"/></CoreAffinity>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="display"/>
      <CoreAffinity><CoreMapping LogicalCoreId="0" PhysicalCoreId="$cpu"/></CoreAffinity>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="20000000" ScheduleIdentifier="1" InitialModuleSchedule="true">
    <PartitionTimeWindow PartitionNameRef="control" Offset="0" Duration="8000000"/>
    <PartitionTimeWindow PartitionNameRef="display" Offset="10000000" Duration="9000000"/>
  </Schedules>
  <Connection_Table>
    <SamplingChannel ChannelName="speed" ps:RefreshRate="3600000000000">
      <Source><StandardPort PartitionIdentifier="1" PortName="speed"/></Source>
      <Destinations><StandardPort PartitionIdentifier="2" PortName="speed"/></Destinations>
    </SamplingChannel>
    <QueuingChannel ChannelName="alarms" ps:MaxMessageSize="16" ps:MaxNbMessages="2">
      <Source><StandardPort PartitionIdentifier="2" PortName="alarms"/></Source>
      <Destinations><StandardPort PartitionIdentifier="1" PortName="alarms"/></Destinations>
    </QueuingChannel>
  </Connection_Table>
</ARINC_653_Module>
END

# $1: what it must print, all of it; the rest is a command
prints() {
	local want=$1 got
	shift
	got=$("$@") || return 1
	[ "$got" = "$want" ] || { echo "\"$got\" instead of \"$want\""; return 1; }
}

# $1: a pattern that must be in what the rest prints
shows() {
	local want=$1 text
	shift
	text=$("$@" 2>&1) || return 1
	grep -q -- "$want" <<<"$text" || { echo "\"$want\" is not in: $text"; return 1; }
}

is_json() { "$@" | /usr/bin/python3 -m json.tool; }
piped() { printf '%s' "$1" | "${@:2}"; }
same_again() { shows unchanged "$partctl" load --no-start "$1"; }
converted() {
	"$partctl" convert --to native -o "$dir/native.xml" "$dir/mumu.xml" &&
		same_again "$dir/native.xml"
}
dumped() { "$partctl" dump -o "$dir/dump.xml" && same_again "$dir/dump.xml"; }

[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim port_list_without_a_plan_is_1 ends_with 1 "$partctl" port
claim plan_with_channels_is_loaded "$partctl" load --no-start "$dir/mumu.xml"
claim same_plan_is_unchanged same_again "$dir/mumu.xml"
claim same_plan_in_another_dialect_is_unchanged converted
claim same_plan_from_a_dump_is_unchanged dumped

claim list_shows_a_port shows 'control.speed *source *sampling *speed *4096' "$partctl" port
claim list_is_json is_json "$partctl" port list -j
claim status_shows_the_device shows '/dev/partsched/display.speed' \
	"$partctl" port status display.speed
claim status_is_json is_json "$partctl" port status -j control.alarms
claim unknown_port_is_1 ends_with 1 "$partctl" port status control.nothing
claim unknown_action_is_2 ends_with 2 "$partctl" port frog
claim port_left_out_is_2 ends_with 2 "$partctl" port read
claim raw_json_is_2 ends_with 2 "$partctl" port read --raw -j display.speed

claim never_written_is_1 ends_with 1 "$partctl" port read display.speed
claim sampling_message_is_written "$partctl" port write control.speed 'a	\b'
claim control_characters_are_not_printed prints 'a\x09\\b' "$partctl" port read display.speed
claim it_is_there_still prints 61095c62 "$partctl" port read --hex display.speed
claim raw_is_as_it_is prints 'a	\b' "$partctl" port read --raw display.speed
claim programs_hear_of_its_validity shows '"validity": *"valid"' \
	"$partctl" port read -j display.speed
claim hex_is_written "$partctl" port write --hex control.speed 4f4B
claim hex_is_read_as_text prints OK "$partctl" port read display.speed
claim wrong_hex_is_2 ends_with 2 "$partctl" port write --hex control.speed 4f4
claim destination_is_not_written ends_with 1 "$partctl" port write display.speed x
claim source_is_not_read ends_with 1 "$partctl" port read control.speed

claim queue_takes_standard_input piped one "$partctl" port write display.alarms
claim queue_takes_another "$partctl" port write display.alarms two
claim full_queue_is_1 ends_with 1 "$partctl" port write display.alarms three
claim full_queue_is_1_in_time ends_with 1 "$partctl" port write -t 1 display.alarms three
claim overflow_is_counted shows '^overflows *[1-9]' "$partctl" port status control.alarms
claim message_too_long_is_1 ends_with 1 piped 12345678901234567 "$partctl" port write display.alarms
claim empty_message_is_1 ends_with 1 "$partctl" port write display.alarms ''
claim first_comes_first prints one "$partctl" port read control.alarms
claim watch_ends_after_its_count prints two "$partctl" port watch -n 1 control.alarms
claim empty_queue_is_1 ends_with 1 "$partctl" port read -t 1 control.alarms
claim watch_ends_in_time ends_with 1 "$partctl" port watch -n 1 -t 1 control.alarms

"$partctl" port watch -j -n 2 control.alarms >"$dir/watched" &
watcher=$!
claim watched_messages_are_written "$partctl" port write -t 60 display.alarms first
claim so_is_the_second "$partctl" port write -t 60 display.alarms second
wait "$watcher"
claim watch_has_ended_well test $? = 0
watcher=
claim one_object_a_line prints 2 grep -c '^{.*"hex".*}$' "$dir/watched"

not_a_device() {
	rm /dev/partsched/control.alarms && : >/dev/partsched/control.alarms &&
		shows 'control.alarms.*no device' "$partctl" port &&
		ends_with 1 "$partctl" port read control.alarms
}
claim file_in_the_place_of_a_device_is_noticed not_a_device
rm -f /dev/partsched/control.alarms
claim unload_is_0 "$partctl" unload
claim devices_are_gone ends_with 1 test -e /dev/partsched/control.speed
echo "1..$nr"
exit $failed
