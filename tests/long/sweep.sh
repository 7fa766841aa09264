#!/usr/bin/env bash
# Sweeps at length: 200 runs that are killed (-9) twenty times end with the tables of those that are not; two MPI ranks give
# the tables of -j 2 (TAP).
in_memory=yes
. "$(dirname "$0")/../cli/lib/common.sh"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
stand_in_for_gnuplot

cat >sweep.cfg <<'END'
name = "tiny"; kind = "sweep";
data = { n = 8; };
target = { xi = [1.0]; amplitude = 0.001; };
train = { eta = 0.1; time = 4.0; records = 20; checkpoint = 0.0; };
forecast = { sources = ["ntk.infinite", "ntk.empirical"]; draws = 4; };
seeds = { count = 1; };
sweep = { vary = ["net.width = 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536",
                  "init.in_scale = 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8, 2.9"];
          measures = ["loss@last", "T(1)", "sd ln T(1)", "z"]; };
END
tables='sweep.tsv study.tsv exponents.tsv decay/points.tsv summary.json'
same_tables() { # A B
    local table
    for table in $tables; do cmp "$1/$table" "$2/$table"; done
}

began=$EPOCHREALTIME
program sweep sweep.cfg -j 2 -q -o whole
took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
began=$EPOCHREALTIME
program sweep sweep.cfg -o whole --status
start=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')

interrupted() {
    local turn before after kills=0 finished=0 expected=$ran
    RANDOM=7
    program sweep "$work/sweep.cfg" -q -o killed --seal
    for turn in $(seq 20); do # in the middle of something: sooner or later, with one job or two
        timeout -s KILL "$(awk -v s="$start" -v t="$took" -v r=$RANDOM 'BEGIN { print 1.5 * s + t / 20 * (0.1 + 1.4 * r / 32768) }')" "$SPECBIAS" sweep "$work/sweep.cfg" -j $((turn % 2 + 1)) -q -o killed >/dev/null 2>&1
        [ $? != 137 ] || kills=$((kills + 1))
        after=$(cd killed && stat -c '%n %Y %i' points/*/summary.json 2>/dev/null)
        [ -z "$(comm -23 <(sort <<<"${before-}") <(sort <<<"$after"))" ] || echo "turn $turn: a finished point was done again"
        before=$after
        finished=$(grep -c . <<<"$after")
    done 2>/dev/null
    [ "$kills" -ge 15 ] || echo "only $kills of 20 were killed"
    [ "$finished" -gt 20 ] || echo "only $finished were finished in between"
    program sweep "$work/sweep.cfg" -j 2 -q -o killed
    is_status "$expected" sweep
    same_tables "$work/whole" killed
    no_leftovers killed
    find killed -name '*.lock' -o -name checkpoints
    "$SPECBIAS" sweep "$work/sweep.cfg" -o killed --status | grep -x '200 points: 200 finished, 0 running, 0 interrupted, 0 to do' >/dev/null || echo "some are missing"
}
check "200 runs killed twenty times give the tables of those that were not" interrupted

ranks() {
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    flock "${SPECBIAS_BUILD:-$root/build}" make -C "$root" O="${SPECBIAS_BUILD:-$root/build}" MPI=1 program >"$io/make" 2>&1 || { tail -n 5 "$io/make"; return; }
    mpirun -n 2 --oversubscribe "${SPECBIAS_BUILD:-$root/build}/mpi/bin/specbias" sweep "$work/sweep.cfg" -j 1 -q -o ranks >"$io/out" 2>"$io/err"
    status=$?
    case $status in 0 | 3) ;; *) echo "exit status $status"; cat "$io/err" ;; esac
    same_tables "$work/whole" ranks
    cmp <(cd "$work/whole/points" && ls) <(cd ranks/points && ls)
}
if have mpirun && pkg-config --exists ompi-c && [ -z "$SPECBIAS_SAN" ]; then
    check "two MPI ranks give the tables of -j 2" ranks
else
    skip "two MPI ranks give the tables of -j 2" "no OpenMPI here"
fi

finish
