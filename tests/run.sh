#!/usr/bin/env bash
# Runs test programs that print TAP, as many at a time as there are processors, and counts their lines.
#   tests/run.sh PROGRAM|SCRIPT.sh ...
# One line per program, what failed below it; the last line is `N passed, N failed[, N skipped]`.
# A program that crashes, stops before its plan `1..N` is fulfilled, fails without saying `not ok`, runs into the time
# limit or prints no test line at all is one more failure.
set -uo pipefail
cd "$(dirname "$0")/.."

# A test that calls make starts afresh: the variables of our command line are in the environment anyway.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
export LC_ALL=C CMOCKA_MESSAGE_OUTPUT=TAP
export SPECBIAS=${SPECBIAS:-$PWD/build/bin/specbias} SPECBIAS_BUILD=${SPECBIAS_BUILD:-$PWD/build} SPECBIAS_SAN=${SPECBIAS_SAN-}
# An exit status of its own, as tests of failing commands expect 1, 2 or 3; too large a malloc fails as it does elsewhere.
common=exitcode=86:halt_on_error=1
export ASAN_OPTIONS=$common:detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=$common:print_stacktrace=1
export LSAN_OPTIONS=$common:suppressions=$PWD/tests/leaks.txt:print_suppressions=0 TSAN_OPTIONS=$common
limit=${TEST_TIMEOUT:-1200}

mkdir -p "$SPECBIAS_BUILD"
out=$(mktemp -d "$SPECBIAS_BUILD/test-output.XXXXXX") || exit 1
trap 'rm -rf "$out"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

run() { # NUMBER COMMAND..: leaves $out/NUMBER.{out,err,end}
    local start=$EPOCHREALTIME status
    # Background jobs of a script ignore SIGINT; tests of Ctrl-C need its default action.
    env --default-signal=INT,QUIT timeout -k 10 "$limit" "${@:2}" </dev/null >"$out/$1.out" 2>"$out/$1.err"
    status=$?
    echo "$status $start $EPOCHREALTIME" >"$out/$1.end.tmp"
    mv "$out/$1.end.tmp" "$out/$1.end"
}

passed=0 failed=0 skipped=0
report() { # NUMBER NAME
    local status start end p f s plan word why=
    read -r status start end <"$out/$1.end"
    # cmocka 1.1.5 calls a skipped test `not ok 3 # SKIP name`.
    read -r p f s plan < <(awk '
        /^(not )?ok [0-9].*# SKIP/ { s++; next }
        /^ok [0-9]/ { p++ }
        /^not ok [0-9]/ { f++ }
        /^1\.\.[0-9]+/ { plan += substr($1, 4) }
        END { print p + 0, f + 0, s + 0, plan + 0 }' "$out/$1.out")
    if [ "$status" = 124 ]; then why="stopped after $limit s"
    elif [ "$status" -ge 128 ]; then why="killed by signal $((status - 128))"
    elif [ "$status" = 86 ]; then why="a sanitizer stopped it"
    elif [ "$status" != 0 ] && [ "$f" = 0 ]; then why="exit status $status"
    elif [ $((p + f + s)) = 0 ]; then why="no test line"
    elif [ "$plan" -gt $((p + f + s)) ]; then why="only $((p + f + s)) of $plan tests ran"
    fi
    [ -z "$why" ] || ((f++))
    ((passed += p, failed += f, skipped += s))
    word=ok; [ "$f" = 0 ] || word=FAIL
    {
        awk -v w="$word" -v n="$2" -v p="$p" -v f="$f" -v s="$s" -v t0="$start" -v t1="$end" 'BEGIN {
            printf "%-4s  %-32s %4d ok  %3d failed  %3d skipped  %7.2f s\n", w, n, p, f, s, t1 - t0 }'
        if [ "$f" != 0 ]; then
            [ -z "$why" ] || echo "      $why"
            grep -vE '^ok |^1\.\.' "$out/$1.out" | sed 's/^/      /'
            tail -n 200 "$out/$1.err" | sed 's/^/      /'
        fi
    }
}

names=() pids=()
reap() { # waits for one job and reports all that have ended
    local i
    wait -n
    for i in "${!pids[@]}"; do
        [ -e "$out/$i.end" ] || continue
        report "$i" "${names[i]}"
        unset "pids[$i]"
    done
}

jobs_at_a_time=$(nproc)
for program in "$@"; do
    i=${#names[@]}
    name=${program#"${SPECBIAS_BUILD#"$PWD/"}/"}
    names+=("${name#tests/}")
    while [ ${#pids[@]} -ge "$jobs_at_a_time" ]; do reap; done
    case $program in
        *.sh) command=(bash "$program") ;;
        */*) command=("$program") ;;
        *) command=("./$program") ;;
    esac
    run "$i" "${command[@]}" 2>/dev/null & # bash's own word on a killed job
    pids[i]=$!
done
while [ ${#pids[@]} -gt 0 ]; do reap; done

[ "$skipped" = 0 ] && more= || more=", $skipped skipped"
echo "$passed passed, $failed failed$more"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
