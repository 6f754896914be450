#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-channel.sh - a guest of stock QEMU has its channels as ivshmem-plain, and
# their kicks as ivshmem-doorbell of "partctl port serve"

set -uo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
top=$(cd "$here" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$here/qemu-guest.bin" ] || skip "no qemu-guest.bin"

qemu=
servers=()
leave() {
	[ -z "$qemu" ] || kill -9 "$qemu" 2>/dev/null
	[ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2>/dev/null
}

cpu=$(($(nproc) - 1))
cat >"$dir/plan.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<Module xmlns="urn:partsched:1" Name="qemu">
  <Partitions>
    <Partition>
      <PartitionDefinition Identifier="1" Name="linux"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <PartitionPorts>
        <PartitionPort><SamplingPort Name="in" MaxMessageSize="32" Direction="DESTINATION"/></PartitionPort>
        <PartitionPort><SamplingPort Name="out" MaxMessageSize="8000" Direction="SOURCE"/></PartitionPort>
      </PartitionPorts>
    </Partition>
    <Partition>
      <PartitionDefinition Identifier="2" Name="display"/>
      <Vcpu Index="0" Cpu="$cpu"/>
      <PartitionPorts>
        <PartitionPort><SamplingPort Name="out" MaxMessageSize="8000" Direction="DESTINATION"/></PartitionPort>
      </PartitionPorts>
    </Partition>
  </Partitions>
  <Schedules MajorFrameDuration="40000000">
    <PartitionTimeWindow PartitionNameRef="linux" Offset="0" Duration="20000000"/>
    <PartitionTimeWindow PartitionNameRef="display" Offset="30000000" Duration="5000000"/>
  </Schedules>
  <Channels>
    <Channel Identifier="1" Name="in">
      <Source Pseudo="true" Name="lab"/>
      <Destination PartitionNameRef="linux" PortName="in" Kick="window"/>
    </Channel>
    <Channel Identifier="2" Name="out">
      <Source PartitionNameRef="linux" PortName="out"/>
      <Destination PartitionNameRef="display" PortName="out" Kick="now"/>
      <Destination Pseudo="true" Name="lab"/>
    </Channel>
  </Channels>
</Module>
END

# $1: a port, $2: what "partctl port status" calls it
field() {
	"$partctl" port status -j "$1" | sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"
}
is() { [ "$(field "$1" "$2")" = "$3" ] || { echo "$2 of $1 is $(field "$1" "$2")"; return 1; }; }
is_power_of_two() {
	local bytes
	bytes=$(field "$1" region_bytes)
	[ "$bytes" -ge 4096 ] && [ $((bytes & (bytes - 1))) = 0 ]
}

# $1: port, $2: slot, $3: options of the backend
plain() {
	echo "-object memory-backend-file,id=m$2,share=on,mem-path=/dev/partsched/$1,$3" \
		"-device ivshmem-plain,memdev=m$2,addr=$2"
}
# $1: socket, $2: slot
doorbell() {
	echo "-chardev socket,path=$1,id=c$2" \
		"-device ivshmem-doorbell,chardev=c$2,vectors=1,addr=$2"
}

# The rest is more arguments of QEMU.
start() {
	rm -f "$dir/console" "$dir/monitor"
	qemu-system-x86_64 -nodefaults -display none -accel kvm -machine pc -m 64 \
		-name linux,debug-threads=on -kernel "$here/qemu-guest.bin" \
		-debugcon "file:$dir/console" -monitor "unix:$dir/monitor,server=on,wait=off" \
		"$@" 2>"$dir/errors" &
	qemu=$!
}
gone() { ! kill -0 "$1" 2>/dev/null; }
stop() {
	kill -9 "$qemu"
	wait "$qemu" 2>/dev/null
	qemu=
}

# Refused, with $1 in the reason; the rest is for start().
refused() {
	local want=$1 status=0
	shift
	start "$@"
	until_true 120 gone "$qemu" || return 1
	wait "$qemu" || status=$?
	qemu=
	[ $status = 1 ] && grep -q -- "$want" "$dir/errors" && return
	echo "status $status, errors: $(cat "$dir/errors")"
	return 1
}

# $1: a line that the guest has printed
printed() { grep -q "^$1\$" "$dir/console" || { cat "$dir/console" "$dir/errors"; return 1; }; }

# Ask QEMU's monitor.
monitor() {
	/usr/bin/python3 - "$dir/monitor" "$1" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(60)
	s.connect(sys.argv[1])
	prompt = b"(qemu) "
	def answer():
	    text = b""
	    while not text.endswith(prompt):
	        got = s.recv(4096)
	        if not got:
	            sys.exit("the monitor has gone")
	        text += got
	    return text.decode(errors="replace")
	answer()
	s.sendall(sys.argv[2].encode() + b"\n")
	# the echo of the line has the terminal's codes in it, and ends with a newline
	print(answer().split("\n", 1)[1])
	END
}
# Address of a BAR. $1: slot, $2: number
bar() {
	monitor "info pci" | tr -d '\r' | awk -v slot="$1," -v bar="BAR$2:" '
		/Bus/ { here = $4 == slot }
		here && $1 == bar { sub(/^.* at /, ""); print $1 }'
}
# $1: slot, $2: BAR, $3: offset, $4: words, $5: what they are
has_words() {
	local got
	got=$(monitor "xp /$4wx $(($(bar "$1" "$2") + $3))" | tr -d '\r' | sed -n 's/^[0-9a-f]*: //p')
	[ "$got" = "$5" ] || { echo "\"$got\""; return 1; }
}
is_rom() { monitor "info mtree -f" | grep -q "$(printf '%016x' "$(($(bar "$1" 2)))").*, rom)"; }

[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim plan_is_loaded "$partctl" load --no-start "$dir/plan.xml"
claim size_of_a_destination_is_a_power_of_two is_power_of_two linux.in
claim size_of_a_source_is_a_power_of_two is_power_of_two linux.out
in_size=$(field linux.in region_bytes)
out_size=$(field linux.out region_bytes)

# shellcheck disable=SC2046	# several arguments
{
claim destination_for_writing_is_refused refused "Permission denied" \
	$(plain linux.in 5 "size=$in_size")
claim more_than_a_port_has_is_refused refused "backing store size" \
	$(plain linux.out 4 "size=$((2 * out_size))")
start $(plain linux.out 4 "size=$out_size") \
	$(plain linux.in 5 "size=$in_size,readonly=on")
}
claim guest_finds_its_channels until_true 120 printed ready
claim source_is_one_file_of_qemus is linux.out open 1
# "PARTCHAN"
claim header_is_in_the_bar has_words 5 2 0 2 "0x54524150 0x4e414843"
claim destination_is_read_only_for_the_guest is_rom 5
claim host_writes "$partctl" port write lab.in one
claim guest_reads until_true 60 printed "in one"
answers() { [ "$("$partctl" port read lab.out)" = "$1" ]; }
claim host_reads_what_the_guest_writes until_true 60 answers "re one"
claim host_writes_again "$partctl" port write lab.in "two and more"
claim guest_reads_the_new_one until_true 60 printed "in two and more"
claim host_reads_the_new_one until_true 60 answers "re two and more"
stop
claim killed_qemu_leaves_no_source_open until_true 60 is linux.out open 0
claim killed_qemu_leaves_no_destination_open until_true 60 is linux.in open 0

# $1: port, $2: socket
serve() {
	"$partctl" port serve "$1" --socket "$2" >"$2.log" 2>&1 &
	servers+=($!)
}
logged() { grep -q -- "$2" "$1.log" || { cat "$1.log"; return 1; }; }
# What a client is sent, 8 bytes each, until nothing comes. $1: socket
received() {
	/usr/bin/python3 - "$1" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.settimeout(2)
	try:
	    while True:
	        data, fds, _, _ = socket.recv_fds(s, 8, 1)
	        if not data:
	            print("end")
	            break
	        print(int.from_bytes(data, "little", signed=True), len(fds))
	except TimeoutError:
	    print("open")
	END
}
receives() {
	local got
	got=$(received "$1" | paste -sd ,)
	[ "$got" = "$2" ] || { echo "\"$got\""; return 1; }
}

claim serve_without_a_socket_is_2 ends_with 2 "$partctl" port serve linux.in
claim port_without_kicks_is_not_served ends_with 1 "$partctl" port serve lab.out --socket "$dir/s"
claim unknown_port_is_not_served ends_with 1 "$partctl" port serve linux.x --socket "$dir/s"
: >"$dir/s"
claim file_is_not_replaced_by_a_socket ends_with 1 "$partctl" port serve linux.in --socket "$dir/s"
serve linux.in "$dir/in"
serve linux.out "$dir/out"
claim kicks_of_a_destination_are_served until_true 60 logged "$dir/in" "linux.in: served"
claim kicks_of_a_source_are_served until_true 60 logged "$dir/out" "linux.out: served"
claim second_server_is_refused ends_with 1 "$partctl" port serve linux.in --socket "$dir/in"
# version, own number, memory, eventfds: its own, or those of destinations that have kicks
claim destination_is_given_its_vector receives "$dir/in" "0 0,1 0,-1 1,1 1,open"
claim source_is_given_the_doorbells receives "$dir/out" "0 0,0 0,-1 1,1 1,open"

start_with_doorbells() {
	# shellcheck disable=SC2046
	start $(plain linux.out 4 "size=$out_size") \
		$(plain linux.in 5 "size=$in_size,readonly=on") \
		$(doorbell "$dir/out" 6) $(doorbell "$dir/in" 7)
}
start_with_doorbells
claim guest_with_doorbells_is_ready until_true 120 printed ready
claim guest_knows_whose_doorbell_it_is printed "rings linux.out"
claim guest_knows_whose_vector_it_is printed "hears linux.in"
claim server_knows_its_client logged "$dir/in" "process $qemu connected"
claim source_has_position_0 has_words 6 0 8 1 0x00000000
claim destination_has_position_1 has_words 7 0 8 1 0x00000001
# the page's realtime_ns
page_time() {
	monitor "xp /2wx $(($(bar 7 2) + 184))" | tr -d '\r' | sed -n 's/^[0-9a-f]*: //p'
}
time_before=$(page_time)
claim page_has_the_hosts_time test "${time_before#0x00000000 0x00000000}" != ""
claim hosts_clock_is_set date -s "+2 seconds"
time_is_another() { [ "$(page_time)" != "$time_before" ]; }
claim page_follows_the_hosts_clock until_true 60 time_is_another
claim second_client_is_refused receives "$dir/in" end
claim first_client_goes_on has_words 7 0 8 1 0x00000001

# the messages that the first QEMU has read were kicks as well, which are one by now
claim no_kick_comes_without_a_window is linux.in kicks_delivered 0
claim vcpu_of_qemu_is_attached "$partctl" attach linux --tid "$(vcpu_tid "$qemu")" --timeout 60
claim kick_has_waited_for_a_window until_true 60 printed "kick 1"
claim message_of_the_host_kicks "$partctl" port write lab.in three
claim guest_reads_in_its_window until_true 60 printed "in three"
claim kick_is_an_interrupt_of_the_guest until_true 60 printed "kick 2"
claim module_has_signalled_both is linux.in kicks_delivered 2

# The doorbell of NOW is not seen by the module: whoever listens tells.
rung() {
	/usr/bin/python3 - <<-'END'
	import fcntl, os, select, struct, sys
	# PARTSCHED_IOC_PORT_KICK
	kick = bytearray(16)
	port = os.open("/dev/partsched/display.out", os.O_RDONLY)
	own = os.eventfd(0, os.EFD_NONBLOCK)
	struct.pack_into("=IiII", kick, 0, 0, own, 0, 0)
	fcntl.ioctl(port, 0xc010b703, kick)
	fd = struct.unpack_from("=IiII", kick)[1]
	sys.exit(not select.select([fd], [], [], 0)[0])
	END
}
claim guest_has_rung_the_doorbell until_true 60 rung

stop
claim server_sees_its_client_go until_true 60 logged "$dir/in" "left"
start_with_doorbells
claim restarted_qemu_is_served until_true 120 printed ready
claim restarted_qemu_has_its_vector printed "hears linux.in"
stop

kill "${servers[1]}"
wait "${servers[1]}"
status=$?
claim server_ends_well test $status = 0
claim its_socket_is_gone ends_with 1 test -e "$dir/out"
"$partctl" port serve linux.out --socket "$dir/out" >"$dir/out.log" 2>&1 &
killed=$!
claim server_is_there_again until_true 60 logged "$dir/out" served
kill -9 "$killed"
wait "$killed" 2>/dev/null
claim dead_server_leaves_its_socket test -S "$dir/out"
serve linux.out "$dir/out"
claim left_over_socket_is_replaced until_true 60 logged "$dir/out" served

claim unload_is_0 "$partctl" unload --force
claim server_of_a_plan_that_is_gone_ends until_true 60 gone "${servers[0]}"
claim server_says_why logged "$dir/in" "the plan that had it is gone"
echo "1..$nr"
exit $failed
