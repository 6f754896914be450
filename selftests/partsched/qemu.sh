#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu.sh - the vCPU of a stock QEMU comes under the plan by its thread id

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"

qemu=
leave() {
	[ -z "$qemu" ] || kill -9 "$qemu" 2>/dev/null
}

cpu=$(($(nproc) - 1))
cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<ARINC_653_Module xmlns="ARINC_653_ModuleMC_NS">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="linux"/>
      <CoreAffinity><CoreMapping LogicalCoreId="0" PhysicalCoreId="$cpu"/></CoreAffinity>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="40000000" ScheduleIdentifier="1" InitialModuleSchedule="true">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="20000000"/>
  </Schedules>
</ARINC_653_Module>
END

[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim plan_without_launchers_is_loaded "$partctl" load "$dir/plan.xml"

# Firmware without a disk: it looks for one, and then halts for good.
qemu-system-x86_64 -nodefaults -display none -accel kvm -machine pc -m 64 \
	-name linux,debug-threads=on &
qemu=$!
found() { vcpu_tid "$qemu" >/dev/null; }
claim qemu_has_a_vcpu_thread until_true 60 found
tid=$(vcpu_tid "$qemu")

refused() {
	! "$partctl" attach linux --tid "$qemu" --timeout 2
}
# field 41, counted behind the name, which may have blanks
thread_policy() { sed 's/.*) //' "/proc/$qemu/task/$1/stat" | cut -d ' ' -f 39; }
is_fifo() { [ "$(thread_policy "$1")" = 1 ]; }
is_other() { [ "$(thread_policy "$1")" = 0 ]; }

claim main_loop_of_qemu_is_refused refused
claim main_loop_of_qemu_keeps_its_policy is_other "$qemu"
claim vcpu_of_qemu_is_attached "$partctl" attach linux --tid "$tid" --timeout 60
claim vcpu_of_qemu_is_in_the_open_band until_true 60 is_fifo "$tid"
claim vcpu_of_qemu_is_detached "$partctl" detach linux
claim vcpu_of_qemu_has_its_policy_back until_true 60 is_other "$tid"
claim vcpu_of_qemu_is_attached_again "$partctl" attach linux --tid "$tid" --timeout 60

gone() { ! kill -0 "$qemu" 2>/dev/null; }
kill "$qemu"
claim attached_qemu_ends_by_sigterm until_true 60 gone
wait "$qemu" 2>/dev/null
qemu=

echo "1..$nr"
exit $failed
