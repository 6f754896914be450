#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# hamr.sh - Documentation/examples/hamr.xml: two Linux guests in stock QEMU send and
# receive in their windows, and nothing is lost
#
# The guests boot before they come under the plan, the consumer first, so that it is
# there before the queue of values can be full.

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
image=${PARTSCHED_GUEST_IMAGE:-$top/build/linux-guest/6.1}
example=$top/Documentation/examples/hamr.xml
# values that are waited for; the last one is 10 in hexadecimal
values=17
# an emulated machine that is busy
patience=${PARTSCHED_PATIENCE_S:-180}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$image/initrd" ] || skip "no Linux guest at $image: scripts/guest-image builds it"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ] || skip "needs 2 CPUs"

dir=$(mktemp -d /tmp/partsched.XXXXXX)
pids=()
declare -A qemu
finish() {
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null
	"$partctl" unload --force >/dev/null 2>&1
	rm -rf "$dir"
}
trap finish EXIT

# $1: port, with the server that gives QEMU its kicks
serve() {
	"$partctl" port serve "$1" --socket "$dir/$1.kicks" >"$dir/$1.log" 2>&1 &
	pids+=($!)
}
serves() { [ -S "$dir/$1.kicks" ] || { cat "$dir/$1.log"; return 1; }; }

# $1: partition, $2: what it runs
boot() {
	local arguments
	mapfile -t arguments < <("$partctl" port qemu "$1" --dir "$dir")
	qemu-system-x86_64 -nodefaults -no-user-config -display none -machine pc -accel kvm \
		-cpu host -m 128 -no-reboot -name "$1,debug-threads=on" \
		-kernel "$image/vmlinux" -initrd "$image/initrd" \
		-append "console=ttyS0 quiet panic=-1 run=\"$2\"" \
		-serial "file:$dir/$1.console" "${arguments[@]}" \
		>"$dir/$1.errors" 2>&1 </dev/null &
	qemu[$1]=$!
	pids+=($!)
}
# $1: partition, $2: a line of its console; the serial line ends them as terminals do
said() {
	tr -d '\r' <"$dir/$1.console" 2>/dev/null | grep -qx -- "$2" ||
		{ cat "$dir/$1.console" "$dir/$1.errors"; return 1; }
}
attach() { "$partctl" attach "$1" --tid "$(vcpu_tid "${qemu[$1]}")" --timeout 60; }
gone() { ! kill -0 "${qemu[$1]}" 2>/dev/null || { tail -n 5 "$dir/$1.console"; return 1; }; }
never_said() { ! said "$@" >/dev/null || { cat "$dir/$1.console"; return 1; }; }

# What the text shows last, from its first value to its last.
transcript() {
	tr -d '\r' <"$dir/vmconsumer.console" | sed -n 's/^vmconsumer: Received 8 bits on //p'
}
is_the_texts() {
	local want i
	want=$(for ((i = 0; i < values; i++)); do printf 'read_port: [ %02X ]\n' $i; done)
	[ "$(transcript)" = "$want" ] || { cat "$dir/vmconsumer.console"; return 1; }
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

# Notes when the newest count was written, as its guest says.
has_all() {
	field vmproducer.write_count last_ns >>"$dir/stamps"
	said vmconsumer "vmconsumer: done"
}
# A guest that knows the host's time stamps its messages in its windows. An emulated
# host may close them late, but not when the neighbour's is near.
stamps_are_in_its_windows() {
	local epoch
	epoch=$("$partctl" status -j | sed -n 's/^ *"epoch_ns": *\([0-9]*\),\{0,1\}$/\1/p')
	sort -u "$dir/stamps" | awk -v epoch="$epoch" -v from="$attached_ns" \
			-v frame=1000000000 -v window=450000000 '
		$1 <= from { next }
		{ phase = ($1 - epoch) % frame; nr++ }
		phase >= window { print $1, "is", phase, "ns after the frame began"; bad++ }
		END { exit bad || nr < 5 }'
}

[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim example_is_loaded "$partctl" load --no-start "$example"
claim ports_of_no_partition_are_refused ends_with 1 "$partctl" port qemu nobody --dir "$dir"
claim directory_is_needed ends_with 2 "$partctl" port qemu vmconsumer
serve vmconsumer.read_port
serve vmproducer.write_port
claim consumers_kicks_are_served until_true 60 serves vmconsumer.read_port
claim producers_kicks_are_served until_true 60 serves vmproducer.write_port

boot vmconsumer "vmconsumer $values"
began=$SECONDS
claim consumer_has_booted until_true "$patience" said vmconsumer "Hello from vmconsumer's run method"
echo "# in $((SECONDS - began)) s"
claim consumers_event_data_port_is_uio0 said vmconsumer \
	"Setting up incoming event data port /dev/uio0 with size 4096"
claim consumers_data_port_is_uio1 said vmconsumer \
	"Setting up incoming data port /dev/uio1 with size 4096"
claim consumer_comes_under_the_plan attach vmconsumer
boot vmproducer "vmproducer $values"
claim producer_has_booted until_true "$patience" said vmproducer "Hello from vmproducer's run method"
claim producers_event_data_port_is_uio0 said vmproducer \
	"Setting up outgoing event data port /dev/uio0 with size 4096"
claim producer_comes_under_the_plan attach vmproducer
attached_ns=$("$partctl" port list -j | sed -n 's/^ *"now_ns": *\([0-9]*\),\{0,1\}$/\1/p')
claim consumer_has_all_values until_true "$patience" has_all
claim messages_are_stamped_in_their_windows stamps_are_in_its_windows
claim transcript_ends_as_the_texts is_the_texts
claim consumer_lost_nothing never_said vmconsumer "vmconsumer: .* lost"
claim count_is_never_behind never_said vmconsumer "vmconsumer: \(counted\|no count\).*"
claim count_is_always_valid never_said vmconsumer "vmconsumer: count is too old.*"
claim queue_was_never_full is vmconsumer.read_port overflows 0
claim no_event_was_lost never_said vmconsumer "vmconsumer: a value came without an event"
claim values_came_with_interrupts at_least vmconsumer.read_port kicks_delivered 1
claim consumer_switches_itself_off until_true "$patience" gone vmconsumer
claim consumer_ended_well said vmconsumer "partsched-guest: status 0"
claim producer_switches_itself_off until_true "$patience" gone vmproducer
claim producer_ended_well said vmproducer "partsched-guest: status 0"
tr -d '\r' <"$dir/vmconsumer.console" | sed 's/^/# /'
claim plan_is_unloaded "$partctl" unload
echo "1..$nr"
exit $failed
