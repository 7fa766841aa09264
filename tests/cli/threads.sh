#!/usr/bin/env bash
# The same configuration gives the same bits, however many threads and seeds at a time (TAP).
. "$(dirname "$0")/lib/common.sh"

# Blocks of neurons and of points that are not full; enough points for BLAS to use threads if it were allowed to.
odd=(--set net.width=1030 --set data.n=65 --set train.time=4 --seeds 3)
tanh=(--set net.activation=tanh --set init.in=gaussian --set init.out=gaussian
      --set 'forecast.sources=["ntk.infinite", "ntk.empirical"]' --set forecast.modes=2048)
random=(--set init.antisymmetric=false --set init.in=uniform --set data.kind=random --set target.xi=1)

decay_of() { # FOLDER ARGS..: forecast and train
    expect 0 forecast "$small" "${odd[@]}" "${@:2}" -o "$1"
    expect 0 train "$small" "${odd[@]}" "${@:2}" -o "$1"
}

for kind in relu tanh random; do
    case $kind in relu) keys=() ;; tanh) keys=("${tanh[@]}") ;; random) keys=("${random[@]}") ;; esac
    base=$work/$kind
    check "$kind: one thread" decay_of "$base" "${keys[@]}" --set train.threads=1 -j 1
    again() { decay_of again "${keys[@]}" "$@"; same_decay "$base" again; }
    check "$kind: the same once more" again --set train.threads=1 -j 1
    check "$kind: two threads give the same bits" again --set train.threads=2 -j 1
    check "$kind: two seeds at a time give the same bits" again --set train.threads=1 -j 2
    check "$kind: five threads and three seeds at a time give the same bits" again --set train.threads=5 -j 3
done

blas() { OPENBLAS_NUM_THREADS=1 decay_of one; OPENBLAS_NUM_THREADS=4 decay_of four; same_decay one four; }
check "the threads of BLAS do not matter" blas

if have taskset && taskset 1 true 2>/dev/null; then
    one_core() (
        printf '#!/bin/sh\nexec taskset 1 "%s" "$@"\n' "$SPECBIAS" >narrow && chmod +x narrow
        SPECBIAS=$PWD/narrow
        decay_of narrowed
        same_decay "$work/relu" narrowed
    )
    check "one core gives the same bits" one_core
else
    skip "one core gives the same bits" "no taskset"
fi

seeds() {
    local name
    expect 0 forecast "$small" --seeds 1 -o one && expect 0 train one
    expect 0 forecast "$small" --set seeds.count=3 -o three && expect 0 train three
    expect 0 forecast "$small" --set seeds.first=3 --seeds 1 -o last && expect 0 train last
    for name in observed.seed1 ntk.empirical.seed1.gd ntk.empirical.seed1.flow lfp.gd ntk.infinite.flow draws; do
        cmp "one/decay/$name.tsv" "three/decay/$name.tsv"
    done
    for name in observed.seed3 ntk.empirical.seed3.gd; do cmp "last/decay/$name.tsv" "three/decay/$name.tsv"; done
    cmp -s three/decay/observed.seed1.tsv three/decay/observed.seed3.tsv && echo "seeds 1 and 3 are the same network"
    [ "$(cd three/decay && echo observed.seed*.tsv)" = "observed.seed1.tsv observed.seed2.tsv observed.seed3.tsv" ] || ls three/decay
}
check "seeds 1 to 3 contain seed 1 and seed 3 as they are alone" seeds

finish
