#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# survive.sh - Documentation/examples/linux.xml: Linux guests of one and of two vCPUs
# live in narrow windows, and nothing in them takes that for a fault
#
# For PARTSCHED_SURVIVE_S seconds of the guests' time in each schedule; in exact time
# also for some seconds in which they are always busy, for their steal time.

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
example=$top/Documentation/examples/linux.xml
state=/run/partsched
seconds=${PARTSCHED_SURVIVE_S:-10}
busy_seconds=30
# an emulated machine that is busy
patience=${PARTSCHED_PATIENCE_S:-300}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -r "$top/build/linux-guest/6.1/initrd" ] ||
	skip "no Linux guest in $top/build/linux-guest: scripts/guest-image builds it"
[ "$(getconf _NPROCESSORS_ONLN)" -ge 3 ] || skip "needs 3 CPUs"

leave() {
	[ $failed = 0 ] || comment "$state"/*.log
}

# $1: partition; the serial line ends lines as terminals do
console() { tr -d '\r' <"$state/$1.console"; }
# $1: partition, $2: a pattern, $3: lines of its console that must match
said() { [ "$(console "$1" | grep -c -- "$2")" -ge "$3" ] || { console "$1"; return 1; }; }

# $1: partition, $2: what is typed at its shell. Stays until it is echoed: QEMU drops
# what a guest has not taken when a terminal leaves.
type_line() {
	/usr/bin/python3 - "$state/$1.tty" "$2" "$patience" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.settimeout(float(sys.argv[3]))
	s.sendall((sys.argv[2] + "\n").encode())
	seen = b""
	while (sys.argv[2] + "\r\n").encode() not in seen:
	    more = s.recv(4096)
	    more or sys.exit(f"{sys.argv[1]}: closed after {seen}")
	    seen += more
	END
}

# What guest-time said at its $2th run in partition $1.
report() {
	console "$1" | awk -v want="$2" '
		/^guest-time: begins/ { nr++ }
		nr == want && /^guest-time: / { sub(/^guest-time: /, ""); print }'
}
# $1: partition, $2: run, $3: line that it must have
reports() { report "$1" "$2" | grep -qx -- "$3" || { console "$1"; return 1; }; }

# Messages of the guest's kernel since the mark, once it has said them. $1: partition
its_log() { console "$1" | sed -n '/^log begins$/,/^log ends$/p' | sed '1d;$d'; }
# $1: partition, $2: words that must not be in it
never_logged() {
	local text
	text=$(its_log "$1")
	! grep -E "$2" <<<"$text" || { echo "$text"; return 1; }
}
says_its_log() { said "$1" '^log ends$' 1; }

# Milliseconds that the vCPU threads of a partition were on a CPU, and of the host's time:
# by the scheduler, not by the module. $1: partition
on_cpu_ms() {
	local tid
	for tid in $("$partctl" status -j | json \
		'" ".join(str(v["tid"]) for v in d["vcpus"] if v["partition"] == a[0])' "$1"); do
		cut -d ' ' -f 1 "/proc/$tid/schedstat"
	done | awk -v now="$(cut -d ' ' -f 1 /proc/uptime)" \
		'{ ns += $1 } END { printf "%d %d\n", ns / 1000000, now * 1000 }'
}
# Steal time that a busy guest has read, of all vCPUs, in hundredths of a per cent of the
# time. $1: partition, $2: run
stolen() {
	report "$1" "$2" | sed -n 's/^cpu[0-9]*:.* steal \([0-9]*\)\.\([0-9]*\) %$/\1\2/p' |
		awk '{ sum += $1 } END { print int(sum / NR) }'
}
# $1: value, $2: another one, in hundredths of a per cent: not more than 1 % apart
within_a_hundredth() {
	local apart=$(($1 - $2))
	[ ${apart#-} -le 100 ] || { echo "$1 against $2 of 10000"; return 1; }
}

# Hold both guests for so many seconds. Of whoever supervises nobody has them stopped by
# QEMU, so that their clocks are not paused. $1: seconds
hold_unnoticed() {
	local supervisor ret=0
	read -r supervisor _ <"$state/supervise.pid"
	kill -STOP "$supervisor"
	"$partctl" halt linux && "$partctl" halt smp && sleep "$1" &&
		"$partctl" continue linux && "$partctl" continue smp || ret=$?
	kill -CONT "$supervisor"
	return $ret
}
hold() {
	"$partctl" halt linux --wait --timeout "$patience" &&
		"$partctl" halt smp --wait --timeout "$patience" && sleep "$1" &&
		"$partctl" continue linux --wait --timeout "$patience" &&
		"$partctl" continue smp --wait --timeout "$patience"
}
# What its kernel has told of so far: none, or some. $1: partition, $2: word to find it by
count_lockups() {
	type_line "$1" "sleep 5; echo $2 \$(dmesg | grep -c 'soft lockup')"
}

"$partctl" unload --force >/dev/null 2>&1
[ -e /sys/module/partsched ] || insmod "$module" || skip "insmod $module failed"
claim example_is_loaded "$partctl" load "$example"
for guest in linux smp; do
	claim "${guest}_boots" until_true "$patience" said $guest '^partsched-guest: ' 1
	claim "${guest}_takes_a_mark" type_line $guest "echo a-mark >/dev/kmsg"
done
run=0
# windows of 10 ms in 100 and of 2 ms in 20, all of them
plan=9000
for schedule in ten two; do
	run=$((run + 1))
	claim "${schedule}_comes_into_force" "$partctl" schedule $schedule --wait
	for guest in linux smp; do
		claim "${guest}_begins_in_$schedule" type_line $guest "guest-time $seconds"
	done
	for guest in linux smp; do
		claim "${guest}_lives_on_in_$schedule" until_true $((patience + 2 * seconds)) \
			said $guest '^guest-time: the kernel said' $run
		claim "clock_of_${guest}_never_goes_back_in_$schedule" \
			reports $guest $run 'the clock went back 0 times'
		claim "no_nap_of_${guest}_is_too_short_in_$schedule" \
			reports $guest $run '0 naps were too short, or children failed'
		# a CPU that is emulated may stand still in each of three rounds
		[ -z "${PARTSCHED_LAB_EXACT:-}" ] ||
			claim "no_timer_of_${guest}_is_given_up_in_$schedule" \
				reports $guest $run '0 interrupts of timers were given up'
		report $guest $run | sed "s/^/# $guest, $schedule: /"
	done

	# Busy: what the guest does not have is what it was not on a CPU. Elsewhere windows
	# are as late as the emulated CPUs.
	[ -n "${PARTSCHED_LAB_EXACT:-}" ] || continue
	run=$((run + 1))
	declare -A before=() after=()
	for guest in linux smp; do
		claim "${guest}_is_busy_in_$schedule" type_line $guest "guest-time -b $busy_seconds"
	done
	for guest in linux smp; do
		until_true "$patience" said $guest '^guest-time: begins' $run >/dev/null
		before[$guest]=$(on_cpu_ms $guest)
	done
	sleep $((busy_seconds - 5))
	for guest in linux smp; do
		after[$guest]=$(on_cpu_ms $guest)
	done
	for guest in linux smp; do
		claim "${guest}_has_been_busy_in_$schedule" until_true "$patience" \
			said $guest '^guest-time: the kernel said' $run
		report $guest $run | sed "s/^/# $guest, $schedule: /"
		read -r ran_from from <<<"${before[$guest]}"
		read -r ran_to to <<<"${after[$guest]}"
		vcpus=1
		[ $guest = linux ] || vcpus=2
		away=$((10000 - 10000 * (ran_to - ran_from) / (vcpus * (to - from))))
		steal=$(stolen $guest $run)
		echo "# $guest, $schedule: steal $steal, away $away of 10000"
		claim "steal_time_of_${guest}_is_its_time_away_in_$schedule" \
			within_a_hundredth "$steal" $away
		claim "steal_time_of_${guest}_is_the_plans_in_$schedule" \
			within_a_hundredth "$steal" $plan
	done
done
for guest in linux smp; do
	claim "${guest}_is_asked_for_its_log" type_line $guest \
		"echo log begins; dmesg | sed 1,/a-mark/d; echo log ends"
	claim "${guest}_tells_its_log" until_true "$patience" says_its_log $guest
	claim "kernel_of_${guest}_takes_nothing_for_a_fault" never_logged $guest \
		'lockup|LOCKUP|stall|unstable|hung_task|blocked for more|WARNING|BUG'
	its_log $guest | sed "s/^/# $guest: /"
	[ -z "${PARTSCHED_LAB_EXACT:-}" ] ||
		claim "no_interrupt_of_${guest}_takes_too_long" never_logged $guest hrtimer
done

# A soft lockup is twice the threshold, and none of an idle CPU's. Of the first hold they
# must not hear, and of the second they must, or nothing of the above was worth much.
claim wide_windows_come_back "$partctl" schedule boot --wait
for guest in linux smp; do
	claim "threshold_of_${guest}_is_3_s" type_line $guest \
		"echo 3 >/proc/sys/kernel/watchdog_thresh"
	claim "${guest}_is_busy_for_good" type_line $guest "guest-time -b 1000 &"
done
claim both_are_halted_and_continued hold 15
for guest in linux smp; do
	claim "${guest}_goes_on" count_lockups $guest halted:
	claim "halt_is_no_lockup_of_$guest" until_true "$patience" said $guest '^halted: 0$' 1
done
claim both_are_held_unnoticed hold_unnoticed 15
for guest in linux smp; do
	claim "${guest}_goes_on_again" count_lockups $guest held:
	claim "that_is_a_lockup_of_$guest" until_true "$patience" said $guest '^held: [1-9]' 1
done
claim plan_is_unloaded "$partctl" unload
echo "1..$nr"
exit $failed
