# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ktap.sh - what a test of partctl and guests begins with; to be sourced
#
# Wants $top, the project's root. Gives $partctl, $module, a directory $dir and the
# functions below; skips the whole test where it cannot run. At the end the test
# prints 1..$nr and exits with $failed; then the directory, the plan and the module go.

partctl=${PARTSCHED_PARTCTL:-$top/tools/partctl/partctl}
module=${PARTSCHED_MODULE:-$top/build/module/$(uname -r)/partsched.ko}
nr=0
# read by the test
# shellcheck disable=SC2034
failed=0

# $1: condition that is not met
skip() {
	echo "1..0 # SKIP $1"
	exit 4
}

# What the files, or standard input, have, as comments of the results. A text that others
# still write may end within a line, which the next result would be part of.
comment() { sed -e 's/^/# /' -e '$a\' -- "$@"; }

# $1: claim, the rest is a command that must succeed. Return: did it?
claim() {
	local claim=$1 text
	shift
	nr=$((nr + 1))
	if text=$("$@" 2>&1); then
		echo "ok $nr $claim"
		return 0
	fi
	failed=1
	echo "# $* failed"
	[ -z "$text" ] || comment <<<"$text"
	echo "not ok $nr $claim"
	return 1
}

# $1: exit status that is wanted, the rest is a command
ends_with() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ $status = "$want" ] || { echo "status $status instead of $want"; return 1; }
}

# $1: process of a QEMU that names its threads. Prints its first vCPU's.
vcpu_tid() {
	local task
	for task in /proc/"$1"/task/*; do
		[ "$(cat "$task/comm" 2>/dev/null)" = "CPU 0/KVM" ] || continue
		echo "${task##*/}"
		return
	done
	return 1
}

# $1: socket of a console, $2: what is typed there
type_at() {
	/usr/bin/python3 - "$1" "$2" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.sendall(sys.argv[2].encode())
	END
}

# $1: an expression of Python's about d, which is the JSON on standard input. Prints
# its value; the rest is a.
json() {
	/usr/bin/python3 -c 'import json, sys
d, a = json.load(sys.stdin), sys.argv[2:]
print(eval(sys.argv[1]))' "$@"
}

# For awk, before what is done with an object of a list in JSON of partctl's, at the
# line of its end, /^    [}]/: the list it is in, its fields, and of what is in no list
# the schedule. A key a line is all that there is. (A large interpreter can take
# minutes to start in an emulated machine whose planned CPUs are busy.)
# shellcheck disable=SC2034
objects='
	/^  "[a-z_]+":/ {
		list = $1
		gsub(/[":]/, "", list)
		if (list == "schedule_id")
			schedule = $2 + 0
	}
	/^    [{]/ { split("", field) }
	/^      "[a-z_]+":/ {
		key = $1
		gsub(/[":]/, "", key)
		sub(/^ *"[a-z_]+": "?/, "")
		sub(/"?,?$/, "")
		field[key] = $0
	}'

# $1: seconds; the rest is a condition that must come true by then. Prints what
# the condition said last if it does not.
until_true() {
	local deadline=$((SECONDS + $1)) text
	shift
	until text=$("$@" 2>&1); do
		[ $SECONDS -lt $deadline ] || { echo "$text"; return 1; }
		sleep 0.2
	done
}

echo "TAP version 13"
[ "$(id -u)" = 0 ] || skip "not root"
[ -x "$partctl" ] || skip "no partctl at $partctl"
[ -r "$module" ] || skip "no module for this kernel at $module"
[ -w /dev/kvm ] || skip "no /dev/kvm"

dir=$(mktemp -d /tmp/partsched.XXXXXX)
# what a test has besides, to be taken down before the plan
leave() { :; }
finish() {
	leave
	"$partctl" unload --force >/dev/null 2>&1
	rm -rf "$dir"
	rmmod partsched 2>/dev/null
}
trap finish EXIT
