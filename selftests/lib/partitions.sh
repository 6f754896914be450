# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# partitions.sh - what a test of partitions' lives begins with, beside ktap.sh;
# to be sourced after $top is set
#
# Gives $guests, $state, $cpu, $patience, and the functions below.

guests=$top/build/guest
state=/run/partsched
cpu=$(($(getconf _NPROCESSORS_ONLN) - 1))
# an emulated machine with a debug kernel takes its time
patience=120

# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
[ -r "$guests/starts.bin" ] || skip "no guests in $guests"
[ "$cpu" -ge 1 ] || skip "needs 2 CPUs"

# $1: partition, $2: key of it in partctl list -j; prints the value
of() {
	"$partctl" list -j | awk -v name="$1" -v wanted="$2" "$objects"'
	/^    [}]/ {
		if (field["name"] == name)
			print field[wanted]
	}'
}

# $1: partition, $2: key, $3: value that is wanted
is() {
	local got
	got=$(of "$1" "$2")
	[ "$got" = "$3" ] || { echo "$1: $2 is \"$got\", not \"$3\""; return 1; }
}
