#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# libvirt.sh - a domain of a real libvirtd comes under the plan by the hook, and stays
# there whatever virsh does with it
#
# In a mount namespace of its own, so that libvirtd finds none of this machine's
# domains and settings.

set -uo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
top=$(cd "$here" && cd "${PARTSCHED_TOP:-../..}" && pwd)
if [ "${1-}" != inside ]; then
	# shellcheck source=../lib/ktap.sh
	. "$top/selftests/lib/ktap.sh"
	for program in libvirtd virsh qemu-system-x86_64 unshare; do
		command -v $program >/dev/null || skip "no $program"
	done
	[ -r "$here/qemu-talker.bin" ] || skip "no qemu-talker.bin"
	[ -e "$(find /usr/lib -name libvirt_driver_qemu.so -print -quit)" ] ||
		skip "libvirtd has no driver for QEMU"
	getent passwd libvirt-qemu >/dev/null || skip "no user libvirt-qemu"
	! pgrep -x libvirtd >/dev/null || skip "a libvirtd runs on this machine"
	[ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ] || skip "needs 2 CPUs"
	rmdir "$dir"
	exec unshare --mount --propagation private "$here/libvirt.sh" inside
fi
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh" >/dev/null
cpu=$(($(getconf _NPROCESSORS_ONLN) - 1))
patience=240
export LIBVIRT_DEFAULT_URI=qemu:///system
export LC_ALL=C

own=(/etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run/libvirt)
leave() {
	if [ $failed != 0 ]; then
		comment /run/partsched/supervise.log "$dir/libvirtd.log" "$dir/hook.log" \
			/var/log/libvirt/qemu/linux.log | tail -n 150
	fi
	virsh destroy linux >/dev/null 2>&1
	[ ! -e "$dir/libvirtd.pid" ] || kill "$(cat "$dir/libvirtd.pid")" 2>/dev/null
}

# libvirtd as it comes, but for the rights: root's QEMU, and no helper for its logs.
for path in "${own[@]}"; do
	mkdir -p "$path" && mount -t tmpfs -o mode=755 tmpfs "$path" || skip "no mount at $path"
done
mkdir -p /etc/libvirt/hooks/qemu.d /run/libvirt
cat >/etc/libvirt/qemu.conf <<END
user = "root"
group = "root"
security_driver = "none"
stdio_handler = "file"
namespaces = []
seccomp_sandbox = 0
END
cat >/etc/libvirt/libvirtd.conf <<END
log_outputs = "2:file:$dir/libvirtd.log"
auth_unix_rw = "none"
END
# What the hook says is for the system's log, which the lab has not.
mkdir "$dir/bin"
cat >"$dir/bin/logger" <<END
#!/bin/sh
echo "\$@" >>$dir/hook.log
END
chmod +x "$dir/bin/logger"
cp "$top/tools/libvirt/qemu.d/partsched" /etc/libvirt/hooks/qemu.d/

libvirtd_starts() {
	PATH=$dir/bin:${partctl%/*}:$PATH libvirtd --daemon --pid-file "$dir/libvirtd.pid" &&
		until_true $patience virsh --quiet list --all
}
libvirtd_ends() {
	local pid
	pid=$(cat "$dir/libvirtd.pid")
	kill "$pid" && until_true $patience sh -c '[ ! -d "/proc/$1" ]' sh "$pid"
}

cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="libvirt">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="guest" Launcher="none" Quantum="1000000"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <Vcpu Index="1" Cpu="$cpu"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="40000000">
    <PartitionTimeWindow PartitionNameRef="guest" Offset="0" Duration="20000000"/>
  </Schedules>
</Module>
END
cat >"$dir/domain.xml" <<END
<domain type='kvm'>
  <name>linux</name>
  <metadata>
    <other:thing xmlns:other="http://example.org/other"/>
    <partsched:partition xmlns:partsched="urn:partsched:domain:1" name="guest"/>
  </metadata>
  <memory unit='MiB'>64</memory>
  <vcpu current='2'>2</vcpu>
  <vcpus>
    <vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>
    <vcpu id='1' enabled='yes' hotpluggable='yes' order='2'/>
  </vcpus>
  <cputune><emulatorpin cpuset='0-$((cpu - 1))'/></cputune>
  <os><type arch='x86_64' machine='q35'>hvm</type><kernel>$here/qemu-talker.bin</kernel></os>
  <features><acpi/><apic/></features>
  <cpu mode='host-passthrough'/>
  <on_reboot>restart</on_reboot>
  <devices>
    <emulator>$(command -v qemu-system-x86_64)</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='unix'>
      <source mode='bind' path='$dir/tty'/><log file='$dir/console' append='on'/>
    </serial>
  </devices>
</domain>
END

type_keys() { type_at "$dir/tty" "$1"; }
says_last() {
	local got
	got=$(tr -d '\r' <"$dir/console" | grep -o 'life [0-9]*' | tail -n 1)
	[ "$got" = "$1" ] || { echo "$got:"; cat "$dir/console"; return 1; }
}
pid() { sed -n "s/.*<domstatus.* pid='\([0-9]*\)'.*/\1/p" /run/libvirt/qemu/linux.xml; }
# What libvirt calls its vCPUs, and what the plan has.
theirs() {
	virsh --quiet qemu-monitor-command linux '{"execute":"query-cpus-fast"}' |
		json 'sorted((c["cpu-index"], c["thread-id"]) for c in d["return"])'
}
ours() {
	"$partctl" status -j | json 'sorted((v["vcpu"], v["tid"]) for v in d["vcpus"] if
		v["attach_state"] == "attached")'
}
attached() {
	local got
	got=$("$partctl" status -j | json 'sum(v["attach_state"] == "attached" for v in d["vcpus"])')
	[ "$got" = "$1" ] && { [ "$1" = 0 ] || [ "$(ours)" = "$(theirs)" ]; } || {
		"$partctl" show vcpu guest
		echo "theirs: $(theirs)"
		return 1
	}
}
errors() {
	local got
	got=$("$partctl" hm log -j | json 'sum(e["source"] not in ("missed", "overrun", "steal") for e in d["log"])')
	[ "$got" = "$1" ] || { "$partctl" hm log | grep -v -e missed -e overrun; return 1; }
}
# $1: how often the hook has said that the domain is attached
hook_said() {
	local got
	got=$(grep -c 'domain linux: process [0-9]* attached to partition "guest"' "$dir/hook.log")
	[ "$got" = "$1" ] || { cat "$dir/hook.log"; return 1; }
}
has_status() { [ "$(virsh --quiet domstate linux)" = "$1" ] || { virsh domstate linux; return 1; }; }

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
echo "# $(libvirtd --version), $(qemu-system-x86_64 --version | head -n 1)"
claim plan_is_loaded "$partctl" load "$dir/plan.xml"
claim libvirtd_runs libvirtd_starts
claim domain_is_defined virsh define "$dir/domain.xml"
claim domain_that_does_not_run_is_1 ends_with 1 "$partctl" attach guest --libvirt linux
claim domain_starts virsh start linux
claim hook_has_attached_its_vcpus until_true $patience attached 2
claim hook_tells_of_it until_true $patience hook_said 1
claim its_guest_runs until_true $patience says_last "life 1"
first=$(pid)
type_keys w

claim its_vcpu_is_not_pinned_elsewhere ends_with 1 virsh vcpupin linux 0 0 --live
claim pinning_has_changed_nothing attached 2
claim suspend_is_0 virsh suspend linux
claim suspended_one_stays_attached attached 2
claim resume_is_0 virsh resume linux
claim resumed_one_runs until_true $patience has_status running

# libvirtd is gone, and comes back.
claim libvirtd_ends libvirtd_ends
claim domain_stays_attached_without_libvirtd "$partctl" attach guest --libvirt linux
claim libvirtd_runs_again libvirtd_starts
claim hook_finds_it_attached until_true $patience hook_said 2
claim they_are_the_same_threads attached 2
claim that_is_no_error errors 0

# Twice, so that one that was plugged is unplugged, too.
for i in 1 2; do
	claim "vcpu_is_unplugged_$i" until_true $patience virsh setvcpus linux 1 --live
	claim "it_has_left_the_plan_$i" until_true $patience attached 1
	claim "vcpu_is_plugged_$i" virsh setvcpus linux 2 --live
	claim "it_is_under_the_plan_$i" until_true $patience attached 2
done
claim that_is_no_error_either errors 0

claim reset_is_0 virsh reset linux
claim guest_that_is_reset_lives_again until_true $patience says_last "life 2"
claim one_that_is_reset_stays_attached attached 2
# asked by ACPI; its guest switches off, and libvirt resets it
reboots() {
	virsh reboot linux --mode acpi || return
	type_keys s
	until_true $patience says_last "life 3"
}
claim reboot_is_0 reboots
claim rebooted_one_runs until_true $patience has_status running
claim rebooted_one_stays_attached until_true $patience attached 2
claim it_is_the_same_process test "$(pid)" = "$first"
claim reboots_are_no_errors errors 0

# By hand, from libvirt's file and from virsh.
claim detach_is_0 "$partctl" detach guest
claim detached_one_is_left_alone attached 0
claim pinning_is_its_own_again virsh vcpupin linux 0 0 --live
claim it_is_attached_by_libvirts_file "$partctl" attach guest --libvirt linux --timeout 60
claim all_its_vcpus_are_attached attached 2
"$partctl" detach guest >/dev/null
mv /run/libvirt/qemu/linux.xml "$dir/"
claim it_is_attached_by_virsh "$partctl" attach guest --libvirt linux --timeout 60
mv "$dir/linux.xml" /run/libvirt/qemu/
claim all_its_vcpus_are_attached_by_virsh attached 2

claim destroy_is_0 virsh destroy linux
claim destroyed_one_has_left_the_plan until_true $patience attached 0
claim its_end_is_one_error until_true $patience errors 1
claim it_starts_again virsh start linux
claim hook_attaches_it_again until_true $patience attached 2
claim hook_tells_of_that_too until_true $patience hook_said 3
claim its_guest_runs_again until_true $patience says_last "life 1"
claim unload_with_a_domain_is_0 "$partctl" unload --force
claim domain_without_a_plan_runs has_status running
type_keys c
claim its_guest_answers until_true $patience grep -q waited "$dir/console"
echo "1..$nr"
exit $failed
