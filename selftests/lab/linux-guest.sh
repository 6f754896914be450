#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# linux-guest.sh [KERNEL] - the driver, library and programs of tools/linux-guest, in
# guests of scripts/guest-image with that kernel
#
# In plain QEMU on this machine: no KVM, no module, no windows. What the module does,
# ivshmem-host.py stands in for. KTAP.

set -uo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
here=$root/selftests/lab
kernel=${1:-6.1}
values=24
# how long a busy machine may take
patience=300
nr=0
failed=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/partsched-linux-guest.XXXXXXXX")
pids=()
finish() {
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# $1: name, the rest is a command that must succeed
claim() {
	local name=$1 text
	shift
	nr=$((nr + 1))
	if text=$("$@" 2>&1); then
		echo "ok $nr $name"
		return
	fi
	failed=1
	sed 's/^/# /' <<<"$text"
	echo "not ok $nr $name"
}

# $1: seconds, the rest is a condition; ends early if no QEMU is left
until_true() {
	local deadline=$((SECONDS + $1)) text
	shift
	until text=$("$@" 2>&1); do
		[ $SECONDS -lt $deadline ] || { echo "$text"; return 1; }
		sleep 0.1
	done
}

image() {
	make -s -C "$root/tools/linux-guest" &&
		gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -static -I"$root/uapi" \
			-I"$root/tools/linux-guest/lib" -o "$dir/portcheck" \
			"$here/portcheck.c" "$root/build/linux-guest/libpartsched-guest.a" &&
		"$root/scripts/guest-image" --kernel "$kernel" --add "$dir/portcheck" >"$dir/image"
}
ready() { grep -qx ready "$dir/host"; }

# $1: partition, $2: what it runs
boot() {
	local arguments
	mapfile -t arguments <"$dir/$1.arguments"
	# a timer that a busy machine is late with is not to be tried out
	qemu-system-x86_64 -nodefaults -no-user-config -display none -machine pc -accel tcg \
		-cpu max -m 128 -no-reboot -kernel "$image/vmlinux" -initrd "$image/initrd" \
		-append "console=ttyS0 quiet panic=-1 no_timer_check run=\"$2\"" \
		-serial "file:$dir/$1.console" "${arguments[@]}" \
		>"$dir/$1.errors" 2>&1 </dev/null &
	pids+=($!)
}
# $1: partition, $2: a line
said() {
	tr -d '\r' <"$dir/$1.console" | grep -qx -- "$2" ||
		{ cat "$dir/$1.console" "$dir/$1.errors"; return 1; }
}
# What a program in the guest claims is a result of ours.
checked() {
	tr -d '\r' <"$dir/vmconsumer.console" >"$dir/checked"
	grep -q '^1\.\.' "$dir/checked"
}
none_lost() {
	local want i
	want=$(for ((i = 0; i < values; i++)); do printf '[ %02X ]\n' $i; done)
	[ "$(tr -d '\r' <"$dir/vmconsumer.console" |
		sed -n 's/^vmconsumer: Received 8 bits on read_port: //p')" = "$want" ]
}
never_lost() { ! said vmconsumer ".*lost"; }

echo "KTAP version 1"
claim image_is_built image
image=$(cat "$dir/image")
"$here/ivshmem-host.py" "$dir" >"$dir/host" 2>&1 &
pids+=($!)
claim memory_is_there until_true 30 ready
boot vmconsumer "portcheck vmconsumer $values"
claim guest_looks_at_its_ports until_true $patience checked
while IFS= read -r line; do
	case $line in
	"ok "*|"not ok "*)
		nr=$((nr + 1))
		result=${line%%ok *}ok
		echo "$result $nr ${line##* }"
		[ "$result" = ok ] || failed=1 ;;
	"#"*) echo "$line" ;;
	esac
done <"$dir/checked"
boot vmproducer "vmproducer $values 20"
claim producer_has_sent_all until_true $patience said vmproducer "vmproducer: done"
claim consumer_has_all until_true $patience said vmconsumer "vmconsumer: done"
claim values_are_consecutive none_lost
claim nothing_was_refused never_lost
no_event_lost() { ! said vmconsumer "vmconsumer: a value came without an event"; }
claim no_event_was_lost no_event_lost
claim consumer_ended_well until_true $patience said vmconsumer "partsched-guest: status 0"
claim producer_ended_well until_true $patience said vmproducer "partsched-guest: status 0"
echo "1..$nr"
exit $failed
