#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# summary.sh - sums up what "make check" left in one or more build trees.
#
#	summary.sh DIR...
#
# Names each case that failed and each that was skipped, then prints
# "passed N, failed N, skipped N". Exit status 0 if something passed and nothing
# failed.

set -u

[ $# -gt 0 ] || set -- .
results=$(find "$@" -name '*.trs' -exec sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' {} +)

count() { # RESULT|...
	grep -cxE "$1" <<<"$results"
}

find "$@" -name '*.trs' | while IFS= read -r result; do
	grep -aE '^(SKIP|FAIL|ERROR|XPASS): ' "${result%.trs}.log"
done
passed=$(count 'PASS|XFAIL')
failed=$(count 'FAIL|ERROR|XPASS')
echo "passed $passed, failed $failed, skipped $(count SKIP)"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
