#!/usr/bin/env bash
# Ten thousand run directories that lie under seals made anew: none crashes a stage or makes it hang (TAP). Five minutes.
set -u
cd "$(dirname "$0")/../.."
seed=${SEED:-$(date +%s)}
if "$SPECBIAS_BUILD/tests/unit/fuzz_rundir" "${TRIALS:-10000}" "$seed"; then
    echo "ok 1 - directories of seed $seed"
else
    echo "not ok 1 - directories of seed $seed: fuzz_rundir TRIALS $seed verbose prints the number of the last one"
fi
echo "1..1"
