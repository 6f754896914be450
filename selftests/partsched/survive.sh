#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# survive.sh - Documentation/examples/linux.xml: Linux guests of one and of two vCPUs
# live in narrow windows, and nothing in them takes that for a fault
#
# For PARTSCHED_SURVIVE_S seconds of the guests' time in each schedule.

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
example=$top/Documentation/examples/linux.xml
state=/run/partsched
seconds=${PARTSCHED_SURVIVE_S:-20}
# an emulated machine that is busy
patience=${PARTSCHED_PATIENCE_S:-300}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$top/build/linux-guest/6.1/initrd" ] ||
	skip "no Linux guest in $top/build/linux-guest: scripts/guest-image builds it"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 3 ] || skip "needs 3 CPUs"

dir=$(mktemp -d /tmp/partsched.XXXXXX)
finish() {
	[ $failed = 0 ] || sed 's/^/# /' "$state"/*.log
	"$partctl" unload --force >/dev/null 2>&1
	rm -rf "$dir"
}
trap finish EXIT

# $1: partition; the serial line ends lines as terminals do
console() { tr -d '\r' <"$state/$1.console"; }
# $1: partition, $2: a pattern, $3: lines of its console that must match
said() { [ "$(console "$1" | grep -c -- "$2")" -ge "$3" ] || { console "$1"; return 1; }; }

# $1: partition, $2: what is typed at its shell. Stays until it is echoed: QEMU drops
# what a guest has not taken when a terminal leaves.
type_line() {
	/usr/bin/python3 - "$state/$1.tty" "$2" "$patience" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.settimeout(float(sys.argv[3]))
	s.sendall((sys.argv[2] + "\n").encode())
	seen = b""
	while (sys.argv[2] + "\r\n").encode() not in seen:
	    more = s.recv(4096)
	    more or sys.exit(f"{sys.argv[1]}: closed after {seen}")
	    seen += more
	END
}

# What guest-time said at its $2th run in partition $1.
report() {
	console "$1" | awk -v want="$2" '
		/^guest-time: begins/ { nr++ }
		nr == want && /^guest-time: / { sub(/^guest-time: /, ""); print }'
}
# $1: partition, $2: run, $3: line that it must have
reports() { report "$1" "$2" | grep -qx -- "$3" || { console "$1"; return 1; }; }

# Messages of the guest's kernel since the mark. $1: partition
since_mark() {
	console "$1" | sed -n '/^\[.*partsched-mark$/,/^guest log ends$/p' | sed '1d;$d'
}
calm() {
	local text
	text=$(since_mark "$1")
	! grep -E 'soft lockup|hard LOCKUP|stall|unstable|clocksource|hrtimer|hung_task|blocked for more|WARNING|BUG' \
		<<<"$text" || { echo "$text"; return 1; }
}
says_its_log() { said "$1" '^guest log ends$' 1; }

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim example_is_loaded "$partctl" load "$example"
for guest in linux smp; do
	claim "${guest}_boots" until_true "$patience" said $guest '^partsched-guest: ' 1
	claim "${guest}_takes_a_mark" type_line $guest "echo partsched-mark >/dev/kmsg"
done
run=0
for schedule in ten two; do
	run=$((run + 1))
	claim "${schedule}_comes_into_force" "$partctl" schedule $schedule --wait
	for guest in linux smp; do
		claim "${guest}_begins_in_$schedule" type_line $guest "guest-time $seconds"
	done
	for guest in linux smp; do
		claim "${guest}_lives_on_in_$schedule" until_true $((patience + 2 * seconds)) \
			said $guest '^guest-time: the kernel said' $run
		claim "clock_of_${guest}_never_goes_back_in_$schedule" \
			reports $guest $run 'the clock went back 0 times'
		claim "no_nap_of_${guest}_is_too_short_in_$schedule" \
			reports $guest $run '0 naps were too short, or children failed'
		report $guest $run | sed "s/^/# $guest, $schedule: /"
	done
done
for guest in linux smp; do
	claim "${guest}_is_asked_for_its_log" type_line $guest "dmesg; echo guest log ends"
	claim "${guest}_tells_its_log" until_true "$patience" says_its_log $guest
	claim "kernel_of_${guest}_takes_nothing_for_a_fault" calm $guest
done
claim plan_is_unloaded "$partctl" unload
echo "1..$nr"
exit $failed
