# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# qemu-guest.sh - what a test of a guest in a QEMU that load starts begins with; to
# be sourced after $top and $here are set. The partition is called linux.
#
# Gives what partitions.sh gives, and the functions below.

# shellcheck source=../lib/partitions.sh
. "$top/selftests/lib/partitions.sh"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$here/qemu-talker.bin" ] || skip "no qemu-talker.bin"
patience=240
exact=${PARTSCHED_LAB_EXACT:-}
# an emulated machine beside others is slower than one, by so much at times
emulation=${exact:+1}
emulation=${emulation:-30}

leave() {
	[ $failed != 0 ] || return
	comment "$state/supervise.log" "$state/linux.log"
	"$partctl" hm log | tail -n 40 | comment
}

load_plan() {
	"$partctl" unload --force >/dev/null 2>&1
	[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
	claim load_is_0 "$partctl" load "$dir/plan.xml"
}

# What is typed at the guest's console, and what it says there.
type_keys() { type_at "$state/linux.tty" "$1"; }
says_last() {
	local got
	got=$(tr -d '\r' <"$state/linux.console" | grep -o 'life [0-9]*' | tail -n 1)
	[ "$got" = "$1" ] || { echo "$got:"; tail "$state/linux.console"; return 1; }
}
says_anything() { grep -q "$1" "$state/linux.console"; }

# $1: partition, $2: how many of its vCPUs are to be attached
attached() {
	local got
	got=$("$partctl" status -j | json 'sum(v["partition"] == a[0] and
		v["attach_state"] == "attached" for v in d["vcpus"])' "$1")
	[ "$got" = "$2" ] || { "$partctl" show vcpu "$1"; return 1; }
}
# The threads that the plan has are those that QEMU calls vCPUs.
has_qemus_threads() {
	local task theirs=
	for task in /proc/"$(of linux pid)"/task/*; do
		[[ $(cat "$task/comm") != CPU* ]] || theirs+=" ${task##*/}"
	done
	"$partctl" status -j | json 'sys.exit(set(v["tid"] for v in d["vcpus"] if
		v["partition"] == "linux") != set(map(int, a)))' $theirs
}

# Entries of the health monitor's log, but for those of the emulated machine's
# own. $1: how many, $2: partition, $3: source, $4: in the reason
has_errors() {
	local got
	got=$("$partctl" hm log -j | json 'sum(e["partition"] == a[0] and
		e["source"] not in ("missed", "overrun", "steal") and e["source"].startswith(a[1]) and
		a[2] in (e["reason"] or "") for e in d["log"])' "$2" "${3-}" "${4-}")
	[ "$got" = "$1" ] || { echo "$got of $1"; "$partctl" hm log | grep -v -e missed -e overrun; return 1; }
}

# $1: partition, $2: counter; of all its vCPUs
counted() {
	"$partctl" status -j | json 'sum(v[a[1]] for v in d["vcpus"] if v["partition"] == a[0])' "$1" "$2"
}
# $1: partition, $2: windows that it had missed before. Elsewhere a machine that
# is emulated beside others misses some itself.
misses_no_more() {
	local now
	now=$(counted "$1" missed)
	echo "$1: $now windows missed, before $2"
	[ -z "$exact" ] || [ "$now" = "$2" ]
}
# It had its windows, and was outside of them for no longer than the host's own path
# at both edges takes.
window_totals_hold() {
	local opened outside
	opened=$(counted "$1" opened) outside=$(counted "$1" outside_ns)
	echo "$1: $opened windows, $outside ns outside"
	[ "$opened" -gt 0 ] && { [ -z "$exact" ] || [ $((outside / opened)) -lt 20000 ]; }
}
