#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# systems.sh - every example system is valid, loads, runs, and comes back whole
#
# Documentation/examples, one after the other: checked, loaded, its guests seen
# in each of their windows; then written out (dump) and rewritten in other
# dialects (convert), which must be the plan that is in force already.

set -uo pipefail

top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && cd "${PARTSCHED_TOP:-../..}" && pwd)
examples=$top/Documentation/examples
state=/run/partsched
cpus=$(getconf _NPROCESSORS_ONLN)
# an emulated machine with a debug kernel takes its time
patience=120

# the names in the files are UTF-8
export LC_ALL=C.UTF-8

# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"
[ -r "$top/build/guest/hello.bin" ] || skip "no guests in $top/build/guest"
[ "$cpus" -ge 2 ] || skip "needs 2 CPUs, has $cpus"

# Has each vCPU of each guest been in each of its windows? $*: PARTITION:VCPUS
in_their_windows() {
	local text word
	text=$("$partctl" status -v -j) || { echo "$text"; return 1; }
	for word in "$@"; do
		awk -v name="${word%:*}" -v want="${word##*:}" "$objects"'
		/^    [}]/ {
			if (list == "partitions" && field["name"] == name)
				id = field["id"]
			if (list == "vcpus" && field["partition"] == name) {
				vcpus++
				if (field["tid"] + 0 && field["opened"] + 0 && field["inside_ns"] + 0)
					ran++
			}
			if (list == "windows" && field["partition_id"] == id &&
			    field["schedule_id"] + 0 == schedule) {
				windows++
				if (!(field["opened"] + 0))
					closed = closed " " field["window_id"]
			}
		}
		END {
			if (vcpus == want && ran == want && windows && closed == "")
				exit 0
			printf "%s: %d vCPUs, %d have run; %d windows, not opened:%s\n", name,
			       vcpus, ran, windows, closed
			exit 1
		}' <<<"$text" || return 1
	done
}

# Has each guest said something? $*: PARTITION:VCPUS; witnesses are silent.
have_spoken() {
	local word
	for word in "$@"; do
		grep -qE "^(hello from|vCPU [0-9]+ of|${word%:*}: )" "$state/${word%:*}.console" || {
			echo "${word%:*}: nothing on its console"
			return 1
		}
	done
}

# Nothing was stopped, started or changed: $1 is the plan in force.
is_in_force() {
	local text
	text=$("$partctl" load -j "$1") && grep -q '"unchanged": *true' <<<"$text" || {
		echo "$text"
		return 1
	}
}

# Nothing of the plan or its guests is left.
nothing_is_left() {
	local text
	text=$("$partctl" status -j)
	if grep -q '"plan": *false' <<<"$text" && grep -q '"threads": *0' <<<"$text" &&
	   ! compgen -G "$state/*.guest"; then
		return 0
	fi
	echo "$text"
	return 1
}

# The plan in force, $2, is the same plan in other dialects. $1: name for the
# claims, $3: its dialect. No matter of the kernel, so it is left out on two of the
# three that every change is tested on.
conversions() {
	local name=$1 file=$2 dialect=$3
	claim "${name}_is_converted_to_native" \
		"$partctl" convert --to native --strict -o "$dir/$name-native.xml" "$file"
	claim "${name}_in_native_is_what_is_in_force" is_in_force "$dir/$name-native.xml"
	claim "${name}_is_converted_back" "$partctl" convert --to "$dialect" --strict \
		-o "$dir/$name-back.xml" "$dir/$name-native.xml"
	claim "${name}_converted_back_is_what_is_in_force" is_in_force "$dir/$name-back.xml"
	# the schema of 2015 with our own attributes can say all that any other can
	claim "${name}_is_converted_to_2015" \
		"$partctl" convert --to C --strict -o "$dir/$name-2015.xml" "$file"
	claim "${name}_in_2015_is_what_is_in_force" is_in_force "$dir/$name-2015.xml"
}

# $1: name for the claims, $2: file, $3: its dialect; the rest: PARTITION:VCPUS
# of the guests that loading starts.
system() {
	local name=$1 file=$2 dialect=$3 ok=1
	shift 3
	claim "${name}_is_valid" "$partctl" check "$file" || ok=0
	if [ $ok = 1 ] && claim "${name}_is_loaded" "$partctl" load "$file"; then
		claim "${name}_opens_all_windows_of_its_guests" \
			until_true $patience in_their_windows "$@"
		case $name in
		mumu|mumu-figure) ;;
		*) claim "${name}_has_guests_that_speak" until_true $patience have_spoken "$@" ;;
		esac
		claim "${name}_is_unchanged_when_loaded_again" is_in_force "$file"
		claim "${name}_is_dumped" "$partctl" dump -o "$dir/$name-dump.xml"
		claim "${name}_dump_is_what_is_in_force" is_in_force "$dir/$name-dump.xml"
		case ${PARTSCHED_LAB:-} in
		debug|6.12) ;;
		*) conversions "$name" "$file" "$dialect" ;;
		esac
		claim "${name}_is_unloaded" "$partctl" unload
		claim "${name}_leaves_nothing" until_true $patience nothing_is_left
	else
		# whatever it was: the next one begins with nothing
		"$partctl" unload --force >/dev/null 2>&1
	fi
}

# The same for a file of the examples. $1: name, $2: CPUs that it needs
example() {
	local name=$1 need=$2
	shift 2
	if [ "$cpus" -lt "$need" ]; then
		nr=$((nr + 1))
		echo "ok $nr ${name}_runs # SKIP needs $need CPUs, has $cpus"
		return
	fi
	system "$name" "$examples/$name.xml" "$@"
}

for ((i = 0; i < 600; i++)); do
	[ -e /sys/module/partsched ] || break
	"$partctl" unload --force >/dev/null 2>&1
	rmmod partsched 2>/dev/null || sleep 0.1
done
insmod "$module" || { echo "Bail out! insmod $module failed"; exit 1; }

example mumu 2 M test1:1 test2:1
example appendix 2 A systemManagement:1 flightControl:1 flightManagement:1 inputOutput:1 \
	healthMonitoring:1
example two-schedules 2 B controller:1 payload:1 monitor:1
example derived-frame 2 C fast:1 medium:1 slow:1
example native 2 native control:1 display:1
example two-level 2 native avionics:3 payload:1
example sampling 2 M sensor:1 left:1 right:1
example queuing 2 A talker:1 listener:1
example separation 2 B sensor:1 display:1 supervisor:1
example restart 2 A steady:1 crasher:1 restarter:1
example dynamic 2 M resident:1
example two-cores 3 C control:1 vision:2 io:1 log:1
example mumu-cores 4 M "uçuş denetimi:2" "gözcü:2"
example mumu-figure 5 M VM1:2 VM2:3 VM3:1

# Without windows it is no plan yet; with those that were found it is one.
claim unplanned_is_not_valid ends_with 3 "$partctl" check "$examples/unplanned.xml"
claim unplanned_is_not_loaded ends_with 3 "$partctl" load "$examples/unplanned.xml"
if claim unplanned_is_planned "$partctl" plan -o "$dir/planned.xml" "$examples/unplanned.xml"; then
	system planned "$dir/planned.xml" M attitude:1 navigation:1 telemetry:1
fi

echo "1..$nr"
exit $failed
