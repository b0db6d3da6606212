# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# How runtests runs its steps and counts; sourced by it, and by tests/check-steps, which proves it.
#
#     steps_begin DIRECTORY       # for the logs
#     step NAME COMMAND ARG...    # as often as wanted
#     steps_end                   # the summary; its status is the whole run's
#
# A step is a command, mostly a shell function, run with `set -e`. It counts what it tests by calling
# tally or one of the tally_ functions. It fails when a test of it failed, when it ends with a
# status other than 0, or when it counted no test at all: nothing passes by not running.

steps_begin() {
	steps_logs=$1
	steps_tally=$steps_logs/tally
	steps_started=$SECONDS
	mkdir -p "$steps_logs"
	: >"$steps_tally"
}

# step NAME COMMAND ARG...: runs the command with its output in the log NAME.log.
step() {
	local name=$1 log=$steps_logs/$1.log started=$SECONDS status note=
	shift
	printf '%-12s ' "$name"
	(
		set -euo pipefail
		steps_name=$name
		"$@"
	) >"$log" 2>&1 </dev/null
	status=$?
	if [ "$(steps_sum "$name" 3)" -eq 0 ] && [ "$status" -ne 0 ]; then
		note=" (status $status)"
		printf '%s 0 1 0 (the step ended with status %d)\n' "$name" "$status" >>"$steps_tally"
	elif [ "$(steps_sum "$name" 0)" -eq 0 ]; then
		note=' (ran no test)'
		printf '%s 0 1 0 (the step ran no test)\n' "$name" >>"$steps_tally"
	fi
	printf '%4d s  %s%s\n' "$((SECONDS - started))" "$(steps_words "$name")" "$note"
	if [ "$(steps_sum "$name" 3)" -ne 0 ]; then
		printf -- '---- %s: the end of %s\n' "$name" "$log"
		tail -n 60 "$log"
		printf -- '----\n'
	fi
}

# tally PASSED FAILED SKIPPED WHAT: counts tests of the step that is running.
tally() {
	printf '%s %d %d %d %s\n' "$steps_name" "$1" "$2" "$3" "$4" >>"$steps_tally"
}

# tally_command WHAT COMMAND ARG...: runs the command as one test. True also when it fails, so that the
# step goes on.
tally_command() {
	if "${@:2}"; then
		tally 1 0 0 "$1"
	else
		tally 0 1 0 "$1"
	fi
}

# tally_make_check BUILD: counts what `make check` ran in the build directory: of a unit test's
# program its test cases, of anything else the one result.
tally_make_check() {
	local trs base result cases passed failed
	for trs in "$1"/tests/*.trs "$1"/tests/*/*.trs; do
		[ -e "$trs" ] || continue
		base=${trs%.trs}
		result=$(sed -n 's/^:test-result: *//p' "$trs")
		passed=0 failed=0
		case ${base#"$1"/} in
		tests/unit/*)
			# One line for each of its suites: 100%: Checks: 12, Failures: 0, Errors: 0
			cases=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$base.log" |
				awk '{ checks += $1; bad += $2 + $3 } END { print checks - bad, bad + 0 }')
			read -r passed failed <<<"$cases"
			# It may have died before it could count, or count nothing.
			[ "$result" = PASS ] && [ $((passed + failed)) -gt 0 ] || [ "$failed" -gt 0 ] || failed=1
			tally "$passed" "$failed" 0 "${base#"$1"/}"
			;;
		*)
			case $result in
			PASS) tally 1 0 0 "${base#"$1"/}" ;;
			SKIP) tally 0 0 1 "${base#"$1"/}" ;;
			*) tally 0 1 0 "${base#"$1"/}" ;;
			esac
			;;
		esac
	done
}

# tally_pytest FILE: counts the tests in pytest's --junitxml output.
tally_pytest() {
	local passed failed skipped what
	while read -r passed failed skipped what; do
		tally "$passed" "$failed" "$skipped" "$what"
	done < <(/usr/bin/python3 - "$1" <<'PYTHON'
import collections, sys
import xml.etree.ElementTree as tree

counts = collections.OrderedDict()
for case in tree.parse(sys.argv[1]).iter("testcase"):
    # A test with a failing teardown is there twice, the second time as an error: it counts as bad.
    kind = 0
    if case.find("skipped") is not None:
        kind = 2
    if case.find("failure") is not None or case.find("error") is not None:
        kind = 1
    name = case.get("classname") or case.get("name")
    counts.setdefault(name, [0, 0, 0])[kind] += 1
for name, count in counts.items():
    print(*count, name)
PYTHON
	)
}

# steps_sum NAME COLUMN: the sum of a column (2 passed, 3 failed, 4 skipped, 0 all three) over what
# the step NAME counted, or every step if NAME is empty.
steps_sum() {
	awk -v name="$1" -v column="$2" '
		name == "" || $1 == name { sum += column ? $column : $2 + $3 + $4 }
		END { print sum + 0 }' "$steps_tally"
}

# steps_words NAME: the same as text.
steps_words() {
	local skipped
	skipped=$(steps_sum "$1" 4)
	printf '%d passed, %d failed' "$(steps_sum "$1" 2)" "$(steps_sum "$1" 3)"
	[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
	echo
}

# Prints every test and how it went, and the total as last line. False if a test failed, was skipped
# where CI=true, or none was run.
steps_end() {
	local failed skipped
	echo
	awk '{
		what = $5; for (i = 6; i <= NF; i++) what = what " " $i
		printf "%-12s %-48s %5d passed", $1, what, $2
		if ($3) printf ", %d FAILED", $3
		if ($4) printf ", %d skipped", $4
		print ""
	}' "$steps_tally" | tee "$steps_logs/summary.txt"
	failed=$(steps_sum "" 3)
	skipped=$(steps_sum "" 4)
	printf '\n%d s; the logs are in %s\n' "$((SECONDS - steps_started))" "$steps_logs"
	if [ "${CI:-}" = true ] && [ "$skipped" -ne 0 ]; then
		printf 'in CI a skipped test is a failed one (%d)\n' "$skipped"
		printf '%d passed, %d failed\n' "$(steps_sum "" 2)" "$((failed + skipped))"
		return 1
	fi
	steps_words ""
	[ "$failed" -eq 0 ] && [ "$(steps_sum "" 2)" -ne 0 ]
}
