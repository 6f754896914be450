#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kexec.sh KERNEL MODULE - a plan in force is no obstacle to kexec
#
# A lab of its own, since it ends with it: three partitions on two CPUs run, and
# the machine starts the same kernel anew, as an administrator would who is in a
# hurry. Run on the machine that the lab is on; partctl, partvm and the guests
# are built. KTAP.

set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
example=$root/Documentation/examples/two-cores.xml
sign="the next kernel is up"

# Inside the lab. $1: module, $2: directory
inside() {
	local ctl=$root/tools/partctl/partctl running=0
	insmod "$1"
	"$ctl" load "$example"
	# all four vCPUs, not just their launchers
	for _ in $(seq 600); do
		running=$("$ctl" status -j | grep -c '"attach_state": *"attached"') || :
		[ "$running" -lt 4 ] || break
		sleep 0.1
	done
	"$ctl" status
	[ "$running" -ge 4 ] || { echo "only $running vCPUs are attached"; exit 1; }
	echo "partitions run" >/dev/kmsg
	"$2/kexec" "/boot/vmlinuz-$(uname -r)" "$2/initrd" "console=ttyS0,115200 panic=-1"
}

if [ "${1:-}" = --inside ]; then
	inside "$2" "$3"
	exit 1
fi

kernel=$1 module=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/partsched-kexec.XXXXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

echo "KTAP version 1"
echo "1..1"
gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o "$dir/kexec" "$root/selftests/lab/kexec.c"
mkdir -p "$dir/root/bin" "$dir/root/proc" "$dir/root/dev"
cp "$(command -v busybox)" "$dir/root/bin/busybox"
cat >"$dir/root/init" <<-END
	#!/bin/busybox sh
	echo "$sign"
	/bin/busybox sleep 1
	/bin/busybox poweroff -f
END
chmod +x "$dir/root/init"
(cd "$dir/root" && find . -print0 | cpio --quiet -0 -o -H newc) >"$dir/initrd"

"$root/scripts/lab" --kernel "$kernel" --cpus 4 --timeout 300 --log "$dir/log" \
	-- "$0" --inside "$module" "$dir" </dev/null >"$dir/out" 2>&1 || :
if grep -q "partitions run" "$dir/log" && grep -q "^$sign" "$dir/log"; then
	echo "ok 1 kexec_with_a_plan_in_force_starts_the_next_kernel"
	exit 0
fi
sed 's/^/# /' "$dir/out" | tail -n 100
echo "not ok 1 kexec_with_a_plan_in_force_starts_the_next_kernel"
exit 1
