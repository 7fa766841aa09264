#!/usr/bin/env bash
# Every figure of the source papers in fast size: each claim comes out as expected, each figure is drawn (TAP); half an hour.
. "$(dirname "$0")/../cli/lib/common.sh"

all() {
    cd "$root" || return
    expect 0 reproduce all --fast -q -o "$work/all"
    tail -n 1 "$io/out" | grep -qE '^([0-9]+) of \1 claims come out as expected, 0 figures failed' || tail -n 40 "$io/out"
}
drawn() {
    cd "$root" || return
    local wanted
    expect 0 reproduce all --fast -o "$work/all" || return # done before
    wanted=$(grep -c '^  figure ' "$io/out")
    [ "$wanted" -ge 24 ] || echo "only $wanted figures"
    grep 'was not drawn$' "$io/out"
    awk 'length($0) > 80 && !/^  figure / && !/claims.md$/' "$io/out"
}

if [ ! -e /usr/share/datasets/fashion-mnist ]; then
    skip "reproduce all --fast" "no package dataset-fashion-mnist"
    finish
fi
check "reproduce all --fast" all
if have gnuplot; then check "every figure is drawn" drawn; else skip "every figure is drawn" "no gnuplot"; fi
finish
