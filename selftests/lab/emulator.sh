#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# emulator.sh - a lab whose emulator crashes in the boot starts it again
#
# Run on the machine that the lab is on. KTAP.

set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
failed=0
nr=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/partsched-emulator.XXXXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Crash each of the first $1 QEMUs of a lab with input from $2. Return: the lab's
# status; its output is in $dir/out.
crash() {
	local lab qemu crashed=0 crashes=0 status=0
	"$root/scripts/lab" --timeout 300 -- echo "the command ran" \
		<"$2" >"$dir/out" 2>&1 &
	lab=$!
	while [ $crashes -lt "$1" ] && kill -0 $lab 2>/dev/null; do
		# not the one that was killed, which may still be seen
		qemu=$(pgrep -P $lab -f '^[^ ]*qemu-system' | grep -vx "$crashed") || {
			sleep 0.05
			continue
		}
		# the input is on its way there
		until [ ! -s "$2" ] || grep -q '^pos:.*[1-9]' /proc/$lab/fdinfo/0; do
			sleep 0.05
		done
		kill -SEGV "$qemu"
		crashed=$qemu
		crashes=$((crashes + 1))
	done
	wait $lab || status=$?
	return $status
}

# $1: name, $2: crashes, $3: input, $4: the status that is wanted, $5: times that
# the command ran, $6: times that the lab says it starts QEMU again
claim() {
	local status=0
	nr=$((nr + 1))
	crash "$2" "$3" || status=$?
	if [ $status = "$4" ] && [ "$(grep -c '^the command ran$' "$dir/out")" = "$5" ] &&
	   [ "$(grep -c 'starting it again$' "$dir/out")" = "$6" ]; then
		echo "ok $nr $1"
		return
	fi
	failed=1
	echo "# the lab ended with status $status and said:"
	sed 's/^/# /' "$dir/out"
	echo "not ok $nr $1"
}

echo "KTAP version 1"
echo "1..3"
echo input >"$dir/input"
claim emulator_that_crashes_in_the_boot_is_started_again 2 /dev/null 0 1 2
claim emulator_that_always_crashes_is_a_failure_of_the_lab 3 /dev/null 125 0 2
claim emulator_that_took_input_with_it_is_a_failure_of_the_lab 1 "$dir/input" 125 0 0
exit $failed
