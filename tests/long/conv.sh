#!/usr/bin/env bash
# Convolutions that learn d/dx, forecast without a function (TAP): how far times and curves of single seeds may be off, at
# 3 and at 7 taps, which wrong theories are rejected, and the late ratio of errors at low and at high frequencies. Two
# minutes of two cores.
. "$(dirname "$0")/../cli/lib/common.sh"
export OMP_NUM_THREADS=1

# Of each seed: distances of ln T at 1/2 and at 1/5 of the rms error, and the largest |e - e_forecast| of a frequency up to
# step 260 and from step 300 on.
distances() { # DIR
    local seed
    for seed in 1 2 3 4 5 6; do
        [ -e "$1/decay/observed.seed$seed.tsv" ] || continue
        awk -F '\t' -v seed="$seed" '
            function crossing(err, n, q, i) { # ln of the last time below, linear in log t
                for (i = n; i > 1 && err[i] < q; i--);
                return log(step[i]) + (err[i] - q) / (err[i] - err[i + 1]) * log(step[i + 1] / step[i])
            }
            FNR == 1 { file++; n = 0; for (i = 1; i <= NF; i++) { at[$i] = i; if ($i ~ /^err\(/) at["err", n++] = i } next }
            {
                step[FNR] = $at["step"]
                e[file, FNR] = $at["err(rms)"]
                for (k = 0; k < 10; k++) {
                    if (file == 1) told[FNR, k] = $at["err", k]
                    d = $at["err", k] - told[FNR, k]; d = d < 0 ? -d : d
                    if ($at["step"] <= 260 && d > early) early = d
                    if ($at["step"] >= 300 && $at["step"] <= 1000 && d > late) late = d
                }
            }
            END {
                for (i = 2; i <= FNR; i++) { one[i] = e[1, i]; two[i] = e[2, i] }
                print seed, crossing(two, FNR, .5) - crossing(one, FNR, .5), crossing(two, FNR, .2) - crossing(one, FNR, .2), early, late
            }' "$1/decay/law.conv.seed$seed.gd.tsv" "$1/decay/observed.seed$seed.tsv"
    done
}

within() { # FILE COLUMN LIMIT: no |number| of the column is beyond
    awk -v c="$2" -v limit="$3" '{ v = $c < 0 ? -$c : $c; if (!(v <= limit)) print "seed " $1 ": " $c ", limit " limit }' "$1"
}

median() { # FILE COLUMN LIMIT: the median of |number| is below
    awk -v c="$2" '{ print $c < 0 ? -$c : $c }' "$1" | sort -g | awk -v limit="$3" '
        { v[NR] = $1 } END { m = (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2; if (!(m <= limit)) print "median " m ", limit " limit }'
}

run() { # TAPS OPTION ..
    local layer="conv1d(16, $1, circular, nobias)"
    "$SPECBIAS" run "$root/experiments/derivative_law.cfg" -o "$work/$1" \
        --set "net.layers=$layer,relu,$layer,relu,conv1d(1, $1, circular, nobias)" "${@:2}" >"$work/$1.log" 2>&1
    status=$?
    distances "$work/$1" >"$work/$1.off"
    sed 's/^/# seed, ln T off at 1\/2, at 1\/5, e off early, late: /' "$work/$1.off"
}

run 3
result "3 taps: the run agrees" "$([ $status = 0 ] || cat "$work/3.log")"
result "3 taps: T of the rms error of the median start within 3 % at 1/2, 5 % at 1/5, of each within 12 %" \
    "$(median "$work/3.off" 2 .03; median "$work/3.off" 3 .05; within "$work/3.off" 2 .12; within "$work/3.off" 3 .12)"
result "3 taps: e(F) of the median start within .08 up to step 260, of each within .2; within .06 at 300 to 1000" \
    "$(median "$work/3.off" 4 .08; within "$work/3.off" 4 .2; within "$work/3.off" 5 .06)"
result "3 taps: wrong spacing and masks are rejected, a wrong spectrum is not" "$(
    grep -qE '^ +.*spacing-x2 two-filters: rejected' "$work/3.log" && grep -qE '^ +spectrum: NOT rejected' "$work/3.log" ||
        grep rejected "$work/3.log")"
result "3 taps: the late ratio of square errors, low over high, is 3.2 to 4.4" "$(
    awk '$1 == "law.conv" || $1 == "observed" { if (NF == 5 && !($5 >= 3.2 && $5 <= 4.4)) print }' "$work/3.log"
    [ "$(grep -cE '^  (law.conv|observed) ' "$work/3.log")" = 2 ] || echo "no table of bands")"

run 7 --set train.epochs=60 --set seeds.count=3
result "7 taps: no line differs" "$(grep differs "$work/7.log")"
result "7 taps: T of the rms error within 15 % at 1/2, 20 % at 1/5, of each start" \
    "$(within "$work/7.off" 2 .15; within "$work/7.off" 3 .20)"

finish
