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
#
# Tests that start servers may have a second chance, see second_chance.

steps_tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

steps_begin() {
	steps_logs=$1
	steps_tally=$steps_logs/tally
	steps_flaky=$steps_logs/flaky
	steps_flaky_log=$steps_logs/flaky.log
	steps_started=$SECONDS
	mkdir -p "$steps_logs"
	: >"$steps_tally"
	: >"$steps_flaky"
	: >"$steps_flaky_log"
}

# step NAME COMMAND ARG...: runs the command with its output in the log NAME.log. What it writes to
# $steps_shown is printed under its line.
step() {
	local name=$1 log=$steps_logs/$1.log started=$SECONDS status note=
	shift
	printf '%-12s ' "$name"
	steps_shown=$steps_logs/$name.shown
	rm -f "$steps_shown"
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
	[ "$(steps_count_flaky "$name")" -eq 0 ] || note="$note, $(steps_count_flaky "$name") of them FLAKY"
	printf '%4d s  %s%s\n' "$((SECONDS - started))" "$(steps_words "$name")" "$note"
	[ ! -e "$steps_shown" ] || cat "$steps_shown"
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

# tally_pytest FILE [SECOND]: counts the tests in pytest's --junitxml output. What failed in FILE and passed
# in SECOND has passed, and is told as flaky.
tally_pytest() {
	local passed failed skipped what
	while read -r passed failed skipped what; do
		tally "$passed" "$failed" "$skipped" "$what"
	done < <(steps_pytest count "$1" "${2:-}")
	while read -r what; do
		printf '%s %s\n' "$steps_name" "$what" >>"$steps_flaky"
	done < <(steps_pytest flaky "$1" "${2:-}")
	[ ! -e "${2:-}" ] || steps_pytest failures "$1" "$2" >>"$steps_flaky_log"
}

steps_pytest() {
	/usr/bin/python3 "$steps_tests/pytest_results.py" "$@"
}

# second_chance LOG COMMAND ARG...: runs pytest by this command, and counts its tests. The command shall
# leave the result in the file $steps_result (LOG.xml), and run all its tests or, where there are any, those
# of "${steps_again[@]}", alone, one after the other.
#
# A flaky test, one that fails now and passes then, is a bug, of the test or of the server, and is to be
# mended. But it shall not hide what all others say. So where at most 3 tests failed, these are run once
# more when all others are through. One that passes then counts as passed; steps_end tells it loudly,
# with what it said when it failed, which is in flaky.log, too. There is no second time where more
# failed, where the run itself did not come to its end, and never after a report of a sanitizer or a
# crash of a server: tests/pytest_results.py knows these by what the test said.
second_chance() {
	local status=0 first=$steps_logs/$1.xml second=$steps_logs/$1.second.xml
	local steps_result=$first steps_again=()
	shift
	rm -f "$first" "$second"
	"$@" || status=$?
	[ "$status" -ne 1 ] || mapfile -t steps_again < <(steps_pytest again "$first")
	if [ ${#steps_again[@]} -gt 0 ]; then
		printf '\n==== failed; once more, alone: %s\n\n' "${steps_again[*]}"
		# shellcheck disable=SC2034 # for the command
		steps_result=$second
		status=0
		"$@" || status=$?
	fi
	tally_pytest "$first" "$second"
	return "$status"
}

# steps_sum NAME COLUMN: the sum of a column (2 passed, 3 failed, 4 skipped, 0 all three) over what
# the step NAME counted, or every step if NAME is empty.
steps_sum() {
	awk -v name="$1" -v column="$2" '
		name == "" || $1 == name { sum += column ? $column : $2 + $3 + $4 }
		END { print sum + 0 }' "$steps_tally"
}

# steps_count_flaky NAME: how many tests of a step, or of every one, passed the second time only.
steps_count_flaky() {
	awk -v name="$1" 'name == "" || $1 == name { sum++ } END { print sum + 0 }' "$steps_flaky"
}

# steps_words NAME: the same as text.
steps_words() {
	local skipped
	skipped=$(steps_sum "$1" 4)
	printf '%d passed, %d failed' "$(steps_sum "$1" 2)" "$(steps_sum "$1" 3)"
	[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
	echo
}

# Of each flaky test its name and how it failed.
steps_tell_flaky() {
	local name test
	[ -s "$steps_flaky" ] || return 0
	echo
	while read -r name test; do
		printf '%-12s FLAKY  %s\n' "$name" "$test"
	done <"$steps_flaky"
	printf '\n!!!! %d FLAKY: failed, then passed alone. Each is a bug: mend it. How they failed (%s):\n\n' \
		"$(steps_count_flaky "")" "$steps_flaky_log"
	cat "$steps_flaky_log"
	printf '!!!! end of the flaky tests\n'
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
	steps_tell_flaky | tee -a "$steps_logs/summary.txt"
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
