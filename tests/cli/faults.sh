#!/usr/bin/env bash
# One fault at a time, in any call for memory or of the system, in any command (TAP; lib/faults.sh, tests/faults/faults.c).
# Here some of the ways to such a call. FAULTS=all (tests/long/faults.sh): the first and the last call of every way that is
# not another case's, too; each place with every error, each further way to it with one of them in turn. FAULT_CASES="force design": only these;
# what an earlier case of the same process tried is not tried again, so that counts depend on the order.
in_memory=yes . "$(dirname "$0")/lib/common.sh"
. "$root/tests/cli/lib/faults.sh"
. "$root/tests/cli/lib/faults_cases.sh"

fail_here() { # NAME alloc|io ERRNO..
    local error=${*:$((3 + turn % ($# - 2))):1}
    if [ -z "$all" ]; then
        trial "$1" "$2" "$first" "$error"
    elif [ "$2" = alloc ]; then
        [ -e "$work/template.$1" ] || new "$way" || return # what it finds in the folder may matter
        trial "$1" "$2" "$first" "$error"
        [ "$first" = "$last" ] || trial "$1" "$2" "$last" "$error"
    elif new "$place"; then
        for error in "${@:3}"; do trial "$1" "$2" "$first" "$error"; done
    else
        trial "$1" "$2" "$first" "$error"
    fi
}

if [ -n "$SPECBIAS_SAN" ]; then
    skip "one fault at a time" "sanitizers have allocators of their own"
    finish
fi
cases=(${FAULT_CASES:-run kernel learn compare plot explain check train force overlay design ${all:+several splines jacobi theorem1 bound start sweep}})
for name in "${cases[@]}"; do
    check "$name: an allocation that fails is told, or makes no difference" each_way "$name" alloc 59 fail_here "$name" alloc 12
    echo "# $(cat "$io/count")"
    every=47
    [ "$name" != check ] || every=3
    check "$name: a failure of the system is told, or makes no difference" \
        each_way "$name" io "$every" fail_here "$name" io 5 28 24 4 13
    echo "# $(cat "$io/count")"
done

finish
