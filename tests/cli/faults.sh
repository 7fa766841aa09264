#!/usr/bin/env bash
# One fault at a time, in any call for memory or of the system, in any command (TAP; lib/faults.sh, tests/faults/faults.c).
# Here some of the places; FAULTS=all (tests/long/faults.sh): every allocation, and every place with every error.
. "$(dirname "$0")/lib/common.sh"
. "$root/tests/cli/lib/faults.sh"
. "$root/tests/cli/lib/faults_cases.sh"
all=${FAULTS-}

sweep() { # NAME alloc|io EVERY ERRNO..: each EVERY-th place, with the numbers in turn or, of all, with each
    local number count=0 errors=("${@:4}") error
    begin_case "$1"
    for number in $(if [ "$all$2" = allalloc ]; then seq "$(call_count "$1" "$2")"; else call_sites "$1" "$2"; fi); do
        count=$((count + 1))
        if [ -n "$all" ]; then
            for error in "${errors[@]}"; do trial "$1" "$2" "$number" "$error"; done
        elif [ $((count % $3)) = 0 ]; then
            trial "$1" "$2" "$number" "${errors[count / $3 % ${#errors[@]}]}"
        fi
    done 2>/dev/null
    [ "$trials" -gt 0 ] || echo "nothing to fail"
    echo "$trials trials, $unaffected unaffected, $clean told, $wrong wrong" >"$io/count"
}

if [ -n "$SPECBIAS_SAN" ]; then
    skip "one fault at a time" "sanitizers have allocators of their own"
    finish
fi
cases=(run kernel learn compare plot explain check train force overlay design)
[ -z "$all" ] || cases+=(splines jacobi theorem1)
for name in "${cases[@]}"; do
    check "$name: an allocation that fails is told, or makes no difference" sweep "$name" alloc 59 12
    echo "# $(cat "$io/count")"
    every=47
    [ "$name" != check ] || every=3
    check "$name: a failure of the system is told, or makes no difference" sweep "$name" io "$every" 5 28 24 4 13
    echo "# $(cat "$io/count")"
done

finish
