#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# hamr.sh - Documentation/examples/hamr.xml: two Linux guests in stock QEMU boot, send
# and receive in their windows, and nothing is lost

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
example=$top/Documentation/examples/hamr.xml
state=/run/partsched
# values that are waited for; the last one is 10 in hexadecimal
values=17
# messages whose stamps are looked at, of the many
stamps=5
# an emulated machine that is busy
patience=${PARTSCHED_PATIENCE_S:-300}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$top/build/linux-guest/6.1/initrd" ] ||
	skip "no Linux guest in $top/build/linux-guest: scripts/guest-image builds it"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ] || skip "needs 2 CPUs"

leave() {
	[ $failed = 0 ] || comment "$state"/*.log
}

# $1: partition; the serial line ends lines as terminals do
console() { tr -d '\r' <"$state/$1.console"; }
# $1: partition, $2: a line of its console
said() { console "$1" | grep -qx -- "$2" || { console "$1"; return 1; }; }
never_said() { ! said "$@" >/dev/null || { console "$1"; return 1; }; }

# The port of each server that runs.
servers() {
	pgrep -fa 'partctl port serve' | sed -n 's/.* serve \([^ ]*\) --socket .*/\1/p' | sort |
		paste -sd ' '
}
serves() { [ "$(servers)" = "$1" ] || { echo "servers of: $(servers)"; return 1; }; }

# What the text shows last, from its first value on.
transcript() {
	console vmconsumer | sed -n 's/^vmconsumer: Received 8 bits on //p'
}
is_the_texts() {
	local want i
	want=$(for ((i = 0; i < values; i++)); do printf 'read_port: [ %02X ]\n' $i; done)
	[ "$(transcript | head -n $values)" = "$want" ] || { console vmconsumer; return 1; }
}
field() {
	"$partctl" port status -j "$1" | sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"
}
at_least() {
	local got
	got=$(field "$1" "$2")
	[ "$got" -ge "$3" ] || { echo "$2 of $1 is $got"; return 1; }
}
is() { [ "$(field "$1" "$2")" = "$3" ] || { echo "$2 of $1 is $(field "$1" "$2")"; return 1; }; }

# Notes when the newest count was written, as its guest says. A busy machine looks
# seldom: so many are looked for as are judged below.
has_all() {
	field vmproducer.write_count last_ns | grep -x '[1-9][0-9]*' >>"$dir/stamps"
	if [ "$(transcript | wc -l)" -ge $values ] &&
	   [ "$(sort -u "$dir/stamps" | wc -l)" -ge $stamps ]; then
		return 0
	fi
	sort -u "$dir/stamps"
	console vmproducer
	console vmconsumer
	return 1
}
# A guest that knows the host's time stamps its messages in its windows. An emulated
# host may close them late, but not when the neighbour's is near.
stamps_are_in_its_windows() {
	local epoch
	epoch=$("$partctl" status -j | sed -n 's/^ *"epoch_ns": *\([0-9]*\),\{0,1\}$/\1/p')
	sort -u "$dir/stamps" | awk -v epoch="$epoch" -v frame=1000000000 -v window=450000000 '
		{ phase = ($1 - epoch) % frame }
		phase >= window { print $1, "is", phase, "ns after the frame began"; bad++ }
		END { exit bad || !NR }'
}

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim example_is_loaded "$partctl" load "$example"
claim ports_with_kicks_are_served serves "vmconsumer.read_port vmproducer.write_port"
claim ports_of_no_partition_are_refused ends_with 1 "$partctl" port qemu nobody --dir "$dir"
claim directory_is_needed ends_with 2 "$partctl" port qemu vmconsumer
began=$SECONDS
claim consumer_boots until_true "$patience" said vmconsumer "Hello from vmconsumer's run method"
claim producer_boots until_true "$patience" said vmproducer "Hello from vmproducer's run method"
echo "# in $((SECONDS - began)) s, at 400 ms of every 1000 ms"
claim consumers_event_data_port_is_uio0 said vmconsumer \
	"Setting up incoming event data port /dev/uio0 with size 4096"
claim consumers_data_port_is_uio1 said vmconsumer \
	"Setting up incoming data port /dev/uio1 with size 4096"
claim producers_event_data_port_is_uio0 said vmproducer \
	"Setting up outgoing event data port /dev/uio0 with size 4096"
claim consumer_has_all_values until_true "$patience" has_all
claim messages_are_stamped_in_their_windows stamps_are_in_its_windows
claim transcript_ends_as_the_texts is_the_texts
claim consumer_lost_nothing never_said vmconsumer "vmconsumer: .* lost"
claim count_is_never_behind never_said vmconsumer "vmconsumer: \(counted\|no count\).*"
claim count_is_always_valid never_said vmconsumer "vmconsumer: count is too old.*"
claim queue_was_never_full is vmconsumer.read_port overflows 0
claim no_event_was_lost never_said vmconsumer "vmconsumer: a value came without an event"
claim values_came_with_interrupts at_least vmconsumer.read_port kicks_delivered 1
console vmconsumer | comment
claim plan_is_unloaded "$partctl" unload
claim servers_end_with_it until_true 60 serves ""
left() { compgen -G "$state/vm*.page" || compgen -G "$state/vm*.kicks"; }
claim nothing_of_its_ports_is_left ends_with 1 left
echo "1..$nr"
exit $failed
