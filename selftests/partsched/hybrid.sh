#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# hybrid.sh - Documentation/examples/hybrid.xml: a Linux in stock QEMU and two lean
# guests, which boots in wide windows and goes on in narrow ones, and nothing is lost

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
example=$top/Documentation/examples/hybrid.xml
state=/run/partsched
# words that are handed on before the change of schedule, and after
before=320
after=320
# an emulated machine that is busy
patience=${PARTSCHED_PATIENCE_S:-300}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$top/build/linux-guest/6.1/initrd" ] ||
	skip "no Linux guest in $top/build/linux-guest: scripts/guest-image builds it"
[ -r "$top/build/guest/talker.bin" ] || skip "no guests in $top/build/guest"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ] || skip "needs 2 CPUs"

leave() {
	[ $failed = 0 ] || comment "$state"/*.log "$state"/*console
}

linux() { tr -d '\r' <"$state/linux.hvc-console"; }
said() { linux | grep -q -- "$1" || { linux; return 1; }; }
never_said() { ! said "$@" >/dev/null || { linux; return 1; }; }
# $1: port, $2: key of its status
field() {
	"$partctl" port status -j "$1" | sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"
}
# $1: claim about times, the rest is a command that must succeed
claim_of_time() {
	if [ -n "${PARTSCHED_LAB:-}" ] && [ -z "${PARTSCHED_LAB_EXACT:-}" ]; then
		nr=$((nr + 1))
		echo "ok $nr $1 # SKIP an emulated CPU may stand still for longer than a window"
		return
	fi
	claim "$@"
}
# When the newest messages were written, by who writes them. $1: file
note_stamps() {
	local port
	for port in talker.words talker.direct linux.echo; do
		echo "$port $(field $port last_ns)"
	done >>"$1"
}
# ... and some of Linux's stamps were noted meanwhile. $1: words, $2: file
has_handed_on() {
	note_stamps "$2"
	if [ "$(field listener.echo messages)" -ge "$1" ] &&
	   [ "$(grep linux.echo "$2" | sort -u | wc -l)" -ge 3 ]; then
		return 0
	fi
	"$partctl" port list
	linux
	return 1
}
# In a frame of 100 ms. $1: file, the rest: PORT FROM-MS TO-MS
stamps_are_in_windows() {
	local file=$1 epoch
	shift
	epoch=$("$partctl" schedule -j | sed -n 's/^ *"epoch_ns": *\([0-9]*\),\{0,1\}$/\1/p')
	while [ $# -gt 0 ]; do
		sort -u "$file" | awk -v epoch="$epoch" -v port="$1" -v from="$2" -v to="$3" '
			$1 != port || $2 == 0 { next }
			{ phase = ($2 - epoch) % 100000000; nr++ }
			phase < from * 1000000 || phase >= to * 1000000 {
				print port, $2, "is", phase, "ns after the frame began"; bad++
			}
			END { if (nr < 3) print port, nr + 0, "stamps"; exit bad || nr < 3 }' || return 1
		shift 3
	done
}
# The listener, which stands still, has had each word once and in order, of both
# queues; a word of Linux has there the number that the talker gave it.
listener_has_all() {
	/usr/bin/python3 - "$state/listener.ram" "$1" <<-'END'
	import struct, sys
	# traffic.h
	ram = open(sys.argv[1], "rb")
	ram.seek(0x100000)
	record = ram.read(24 + 2 * 256 * 8 + 16 * 128)
	assert record[:8] == b"TRAFFIC1"
	seen = {}
	for i in range(16):
	    at = 24 + 2 * 256 * 8 + i * 128
	    nr, number, _, _, disorder, nonsense, _, _ = struct.unpack_from("<8Q", record, at)
	    text = record[at + 64:at + 128].split(b"\0")[0].decode()
	    if not nr:
	        continue
	    print(f"{nr} words, the last one number {number}, \"{text}\"")
	    assert nr == number and not disorder and not nonsense
	    assert text.split()[:2] == ["word", str(number)]
	    seen["by Linux" in text] = nr
	assert len(seen) == 2 and min(seen.values()) >= int(sys.argv[2]), seen
	END
}
# The plan in force, written out in a dialect, is what is in force. $1: dialect
is_written_whole() {
	"$partctl" dump -o "$dir/dump.xml" &&
		"$partctl" convert --to "$1" --strict -o "$dir/written.xml" "$dir/dump.xml" &&
		"$partctl" load -j "$dir/written.xml" | grep -q '"unchanged": *true'
}
# It may stand still just when it notes a word: then it goes on for a moment.
listener_stands_still_with_all() {
	"$partctl" halt listener && listener_has_all "$1" && return 0
	"$partctl" continue listener
	return 1
}
in_force() { "$partctl" schedule -j | grep -q "^ *\"schedule_id\": *$1,"; }

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim example_is_valid "$partctl" check "$example"
began=$SECONDS
claim example_is_loaded "$partctl" load "$example"
claim linux_has_booted until_true "$patience" said "^vmrelay: words is /dev/uio[01]$"
echo "# in $((SECONDS - began)) s, at 80 ms of every 100 ms"
claim words_are_handed_on until_true "$patience" has_handed_on $before "$dir/boot"
claim_of_time messages_are_stamped_in_wide_windows stamps_are_in_windows "$dir/boot" \
	linux.echo 0 84 talker.words 84 90 talker.direct 84 90
claim it_is_unchanged_in_the_dialect_of_2015 is_written_whole C
claim schedule_is_changed "$partctl" schedule run --wait
claim narrow_schedule_is_in_force in_force 2
# more than was on its way at the change
claim words_go_on until_true "$patience" has_handed_on \
	$(($(field listener.echo messages) + 64)) "$dir/meanwhile"
handed=$(field listener.echo messages)
claim words_are_handed_on_in_narrow_windows until_true "$patience" \
	has_handed_on $((handed + after)) "$dir/run"
claim_of_time messages_are_stamped_in_narrow_windows stamps_are_in_windows "$dir/run" \
	linux.echo 0 30 talker.words 30 40 talker.direct 30 40
echo "# in $((SECONDS - began)) s"
claim listener_has_had_all_words_once_and_in_order until_true "$patience" \
	listener_stands_still_with_all $((before + after))
claim linux_misses_no_word never_said "is missing\|nonsense\|is refused"
claim no_kick_was_lost never_said "nothing came"
claim linux_does_not_complain never_said "lockup\|stall\|[Uu]nstable"
claim plan_is_unloaded "$partctl" unload
echo "1..$nr"
exit $failed
