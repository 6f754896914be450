#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# leaks.sh - when the module is gone, nothing of its memory is left
#
# The last test: it looks at what all those before it have left.

set -euo pipefail

kmemleak=/sys/kernel/debug/kmemleak
module=${PARTSCHED_MODULE:-}

echo "TAP version 13"
echo "1..1"
name="nothing_is_left_of_the_module"

if [ "$(id -u)" != 0 ]; then
	echo "ok 1 $name # SKIP not root"
	exit 4
fi
if [ ! -w "$kmemleak" ]; then
	echo "ok 1 $name # SKIP this kernel looks for no leaks (CONFIG_DEBUG_KMEMLEAK)"
	exit 4
fi

# The module's last references go when no callback can be under way.
for ((i = 0; i < 600; i++)); do
	[ -e /sys/module/partsched ] || break
	rmmod partsched 2>/dev/null || sleep 0.1
done
if [ -e /sys/module/partsched ]; then
	echo "# the module does not go: $(cat /sys/module/partsched/refcnt) references"
	echo "not ok 1 $name"
	exit 1
fi

# Twice: an object is a leak only if it was found unreferenced, and is old
# enough (5 s) not to be on its way between two registers.
deadline=$((SECONDS + 6))
echo scan >"$kmemleak"
while [ $SECONDS -lt $deadline ]; do
	sleep 0.5
done
echo scan >"$kmemleak"
if grep -q . "$kmemleak"; then
	sed 's/^/# /' "$kmemleak" | head -n 60
	echo "not ok 1 $name"
	exit 1
fi
echo "ok 1 $name"
