#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run.sh - lets each fuzz target look for SECONDS, as many at once as there are
# processors. What it prints is TAP; an input that breaks a target stays in
# FOLDER/found/.
#
#	run.sh SECONDS FOLDER TARGET...
#
# FOLDER/seeds/TARGET/ are inputs to begin with, FOLDER/corpus/TARGET/ is what
# earlier runs learned.

set -u

seconds=$1 folder=$2
shift 2

one() { # SECONDS FOLDER PROGRAM
	local name=${3##*/}
	mkdir -p "$2/corpus/$name" "$2/found" "$2/seeds/$name"
	"$3" -max_total_time="$1" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-max_len=8192 -artifact_prefix="$2/found/$name-" \
		"$2/corpus/$name" "$2/seeds/$name" >"$2/$name.log" 2>&1
	echo $? >"$2/$name.status"
}
export -f one

rm -f "$folder"/*.status
printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' bash -c 'one "$@"' one "$seconds" "$folder" '{}'

echo "1..$#"
number=0 failures=0
for program; do
	name=${program##*/} number=$((number + 1))
	if [ "$(cat "$folder/$name.status")" = 0 ]; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log")
		echo "ok $number - $name: $runs inputs in $seconds s"
	else
		failures=$((failures + 1))
		echo "not ok $number - $name"
		tail -n 60 "$folder/$name.log" | sed 's/^/# /'
	fi
done
[ $failures -eq 0 ]
