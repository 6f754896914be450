#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-network.sh - two Linux guests in a virtual network: they reach each other; what
# one of them forges reaches nobody, and listening to all shows it nothing
#
# alice has an interface, bob has two. Each guest's disk is the program that it runs.

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
state=/run/partsched
image=$top/build/linux-guest/6.1
# an emulated machine that is busy
patience=${PARTSCHED_PATIENCE_S:-300}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$image/initrd" ] || skip "no Linux guest in $image: scripts/guest-image builds it"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 3 ] || skip "needs 3 CPUs"
modprobe -qa tun bridge vhost_net
[ -e /dev/net/tun ] && [ -e /dev/vhost-net ] || skip "no /dev/net/tun or /dev/vhost-net"

leave() {
	[ $failed = 0 ] || comment "$state"/*.log "$state"/*.hvc-console
}

alice=02:00:00:00:00:0a bob=02:00:00:00:00:0b mallory=02:00:00:00:00:0e
# Neighbours are told, so that no frame is for all: each one counts.
cat >"$dir/alice.sh" <<END
ip link set eth0 up
ip addr add 10.0.0.1/24 dev eth0
ip addr add 10.0.1.1/24 dev eth0
arp -i eth0 -s 10.0.0.2 $bob
arp -i eth0 -s 10.0.1.2 $mallory
echo "serial \$(cat /sys/block/vda/serial)"
echo x 2>&1 >/dev/vda || echo "not written"
exec sleep 100000
END
cat >"$dir/bob.sh" <<END
ip link set eth0 up
ip addr add 10.0.0.2/24 dev eth0
arp -i eth0 -s 10.0.0.1 $alice
ip link set eth1 promisc on
ip link set eth1 up
ip addr add 10.0.1.2/24 dev eth1
arp -i eth1 -s 10.0.1.1 $alice
received() { ping "\$@" 2>&1 | sed -n 's/.* \([0-9]*\) packets received.*/\1/p'; }
until [ "\$(received -c 1 -W 3 10.0.0.1)" = 1 ]; do :; done
echo "reached alice \$(received -c 3 -i 0.2 -W 10 10.0.0.1) times"
echo "overheard \$(cat /sys/class/net/eth1/statistics/rx_packets)"
echo "second interface \$(received -c 3 -i 0.2 -W 10 10.0.1.1) times"
for mac in $alice $bob 02:00:00:00:00:aa; do
	ip link set eth1 address \$mac
	arp -i eth1 -s 10.0.1.1 $alice
	echo "forged \$(received -c 2 -i 0.2 -W 1 10.0.1.1) times"
done
echo "overheard in all \$(cat /sys/class/net/eth1/statistics/rx_packets)"
echo done
exec sleep 100000
END
for who in alice bob; do
	truncate -s 64K "$dir/$who.sh"
	tr '\0' '\n' <"$dir/$who.sh" >"$dir/$who.img"
done
cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="network">
  <Network Name="lan"/>
  <Network Name="spare"/>
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="alice" Kernel="$image/vmlinux" Initrd="$image/initrd" Memory="128M"
        CommandLine="console=hvc0 quiet panic=-1 ipv6.disable=1 run=&quot;sh /dev/vda&quot;"
        Disk="$dir/alice.img" DiskReadOnly="true" DiskSerial="program of alice"/>
      <Vcpu Index="0" Cpu="1"/>
      <Nic Name="alice" Network="lan" Mac="$alice" Vhost="true"/>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="bob" Kernel="$image/vmlinux" Initrd="$image/initrd" Memory="128M"
        CommandLine="console=hvc0 quiet panic=-1 ipv6.disable=1 run=&quot;sh /dev/vda&quot;"
        Disk="$dir/bob.img" DiskReadOnly="true"/>
      <Vcpu Index="0" Cpu="2"/>
      <Nic Name="bob" Network="lan" Mac="$bob"/>
      <Nic Name="mallory" Network="lan" Mac="$mallory"/>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="100000000">
    <PartitionTimeWindow PartitionNameRef="alice" Offset="0" Duration="90000000"/>
    <PartitionTimeWindow PartitionNameRef="bob" Offset="5000000" Duration="90000000"/>
  </Schedules>
</Module>
END

# $1: partition, $2: a line that it has said
console() { tr -d '\r' <"$state/$1.hvc-console"; }
said() { console "$1" | grep -qx -- "$2" || { console "$1"; return 1; }; }
never_said() { ! said "$@" >/dev/null || { console "$1"; return 1; }; }
pid_of() { "$partctl" list -j | json '[p["pid"] for p in d["partitions"] if p["name"] == a[0]][0]' "$1"; }

# In the namespace of the networks. $1: interface, $2: frames "from" its guest, or "to" it
frames() {
	nsenter --net="$state/net" cat /proc/net/dev |
		awk -v name="$1:" -v field="$([ "$2" = from ] && echo 3 || echo 11)" '
			$1 == name { print $field }'
}
has_interfaces() {
	local got
	got=$(nsenter --net="$state/net" cat /proc/net/dev | sed -n 's/^ *\([^ :]*\):.*/\1/p' |
		sort | paste -sd ' ')
	[ "$got" = "$1" ] || { echo "interfaces: $got"; return 1; }
}
counts_are_right() {
	local a b m heard
	a=$(frames alice to) b=$(frames bob from) m=$(frames mallory from) heard=$(frames mallory to)
	echo "# frames: to alice $a, from bob $b, from mallory $m, to mallory $heard"
	# three of mallory's were its own, at least six were forged
	[ "$a" = $((b + 3)) ] && [ "$m" -ge 9 ] && [ "$heard" = 3 ]
}
# The plan in force, written out in a dialect, is what is in force. $1: dialect
is_written_whole() {
	"$partctl" dump -o "$dir/dump.xml" &&
		"$partctl" convert --to "$1" --strict -o "$dir/written.xml" "$dir/dump.xml" &&
		"$partctl" load -j "$dir/written.xml" | grep -q '"unchanged": *true'
}
host_has_none() {
	! grep -q 'alice\|bob\|mallory\|lan:' /proc/net/dev || { cat /proc/net/dev; return 1; }
}
# No thread of vhost, of the kernel or of QEMU, is where windows are. $1: the QEMU
vhost_is_off_planned_cpus() {
	local task cpus nr=0
	for task in $(grep -lx "vhost-$1" /proc/[0-9]*/comm /proc/"$1"/task/*/comm 2>/dev/null); do
		task=${task%/comm}
		nr=$((nr + 1))
		cpus=$(sed -n 's/^Cpus_allowed_list:\t//p' "$task/status")
		# a list of few: 1 and 2 would be in it as such, or as a range
		case ",$cpus," in
		*,1[,-]*|*,2[,-]*|*-1,*|*-2,*|*,0-[1-9]*) echo "$task: CPUs $cpus"; return 1 ;;
		esac
	done
	[ $nr -gt 0 ] || { echo "no thread of vhost"; return 1; }
}

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
began=$SECONDS
claim plan_with_a_network_is_loaded "$partctl" load "$dir/plan.xml"
claim network_is_not_the_hosts host_has_none
claim interfaces_are_in_the_networks_namespace has_interfaces "alice bob lan lo mallory"
claim vhost_is_where_no_window_is vhost_is_off_planned_cpus "$(pid_of alice)"
echo "# in $((SECONDS - began)) s"
claim plan_is_unchanged_in_the_dialect_of_2015 is_written_whole C
claim plan_is_unchanged_in_mumus_dialect is_written_whole M
echo "# in $((SECONDS - began)) s"
claim bob_reaches_alice until_true "$patience" said bob "reached alice 3 times"
echo "# in $((SECONDS - began)) s"
claim disk_has_its_serial said alice "serial program of alice"
claim disk_is_read_only said alice "not written"
claim bob_has_done_all until_true "$patience" said bob "done"
claim listening_to_all_shows_nothing said bob "overheard 0"
claim second_interface_reaches_alice_as_itself said bob "second interface 3 times"
claim what_is_forged_has_no_answer never_said bob "forged [^0].*"
claim it_was_tried said bob "forged 0 times"
claim second_interface_heard_its_answers_alone said bob "overheard in all 3"
claim no_frame_that_was_forged_came_to_alice counts_are_right
echo "# in $((SECONDS - began)) s"

# Who supervises is gone, and another one starts bob again.
kill -KILL "$(sed 's/ .*//' "$state/supervise.pid")"
"$partctl" supervise --daemon &
first=$(pid_of bob)
claim bob_is_started_again "$partctl" restart --cold bob --wait --timeout "$patience"
is_another() { [ "$(pid_of bob)" != "$first" ]; }
claim it_is_another_process is_another
claim it_has_its_interfaces_again has_interfaces "alice bob lan lo mallory"
sed -e '/Network Name="spare"/d' -e '/Nic Name="mallory"/d' "$dir/plan.xml" >"$dir/less.xml"
claim plan_without_an_interface_is_loaded "$partctl" load "$dir/less.xml"
claim interface_is_gone has_interfaces "alice bob lan lo"
claim plan_is_unloaded "$partctl" unload
claim nothing_of_the_network_is_left test ! -e "$state/net"
echo "# in $((SECONDS - began)) s"
echo "1..$nr"
exit $failed
