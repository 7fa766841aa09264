#!/usr/bin/env bash
# Is z what it claims to be, and the stated power what it states (TAP)? True lazy experiments of mixed kind (five activations
# and features, points, tones, sizes of the target, widths, seeds, draws), each then once more with new seeds and a
# forecast that is wrong by exactly the factor that it said it would notice.
#   calibration.sh [EXPERIMENTS]    40 take about ten minutes on 2 cores
set -u
cd "$(dirname "$0")/../.."
: "${SPECBIAS:=$PWD/build/bin/specbias}"
runs=${1:-40}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SPECBIAS work OMP_NUM_THREADS=1 LC_ALL=C

column='function column(name, i) { for (i = 1; i <= NF; i++) if ($i == name) return i }'
export column

# Keys of experiment $1 in the array `keys`: the period of each list is another.
experiment() {
    local i=$1 n=(16 12 20) tones=(1 1,2 1,3) width=(1024 512 2048 1024 4096) amplitude=(0.02 0.1 0.005 0.05) seeds=(3 2 5) draws=(64 32 16 64)
    keys=(data.n="${n[i % 3]}" target.xi="${tones[i / 2 % 3]}" net.width="${width[i / 3 % 5]}"
        target.amplitude="${amplitude[i / 5 % 4]}" seeds.count="${seeds[i / 4 % 3]}" forecast.draws="${draws[i % 4]}"
        train.records=200 forecast.sources=ntk.infinite,ntk.empirical)
    case $((i % 5)) in
    0) keys+=(target.amplitude="0.0${amplitude[i / 5 % 4]#0.}" forecast.sources=lfp,ntk.infinite,ntk.empirical) ;; # relu
    1) keys+=(net.activation=tanh init.in_scale=5) ;;
    2) keys+=(net.activation=sigmoid init.in_scale=12) ;;
    3) keys+=(net.activation=sine init.in_scale=6) ;;
    4) keys+=(net.kind=fourier init.density="gaussian(12)" init.out=gaussian) ;;
    esac
    if ((i % 7 == 6)); then keys+=(data.kind=list data.x=-0.45,-0.38,-0.27,-0.22,-0.1,-0.04,0.08,0.11,0.23,0.3,0.36,0.47); fi
}

call() { # COMMAND ARGS.. with the keys
    local set=() key
    for key in "${keys[@]}"; do set+=(--set "$key"); done
    "$SPECBIAS" "$@" -q -j 1 "${set[@]}" >>"$work/log" 2>&1
}

# eta a fifth of the largest stable step, time until the slowest forecast is well below 1/10
choose_times() {
    local eta time
    keys+=(train.eta=1e-4 train.time=1)
    eta=$("$SPECBIAS" check experiments/demo.cfg $(printf -- '--set %s ' "${keys[@]}") | awk '/^stable step/ { print $5 / 5 }')
    keys+=(train.eta="$eta" train.time="$(awk -v e="$eta" 'BEGIN { print 6000 * e }')")
    call forecast experiments/demo.cfg --force -o "$work/$1.pilot"
    time=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^err/) err[i]; next }
        { late = 0; for (i in err) if ($i > 0.07) late = 1; if (late) t = 0; else if (!t) t = $1 } END { print t ? t : $1 }' \
        "$work/$1.pilot/decay/ntk.infinite.gd.tsv")
    keys+=(train.time="$time")
}

# The forecast says FACTOR times the rates; then gain is 1 again, and the seal that of the changed keys.
wrong() { # NAME FACTOR FIRST
    local dir=$work/$1 gain
    gain=$(awk -v c="$2" 'BEGIN { printf "%.17g", sqrt(c) }')
    keys+=(seeds.first="$3" net.gain="$gain")
    call forecast experiments/demo.cfg --force -o "$dir"
    sed -i '/^net/,/^}/s/gain = [^;]*;/gain = 1.0;/' "$dir/config.cfg"
    (cd "$dir" && sha256sum $(awk '{ print $2 }' forecast.sha256) >seal && mv seal forecast.sha256)
    "$SPECBIAS" train "$dir" -q -j 1 >>"$work/log" 2>&1
    "$SPECBIAS" compare "$dir" -q >>"$work/log" 2>&1
}

one() {
    local i=$1 keys source factor
    experiment "$i"
    choose_times "$i"
    keys+=(seeds.first=$((1000 + 20 * i)))
    call run experiments/demo.cfg --force -o "$work/$i"
    awk -F '\t' -v i="$i" "$column"' NR == 1 { z = column("z"); l = column("limit"); v = column("verdict"); e = column("effect"); s = column("s"); next }
        { print "line", i, $1, $z, $l, $v, $e, $s }' "$work/$i/agreement.tsv"
    for source in ntk.infinite ntk.empirical; do
        factor=$(awk -v source="\"source\": \"$source\"" 'index($0, source) { here = 1 }
            here && match($0, /"notices_rate_off_by": [0-9.e+-]+/) { print substr($0, RSTART + 23, RLENGTH - 23); exit }' "$work/$i/summary.json")
        [ -n "$factor" ] || continue
        factor=$(awk -v x="$factor" -v i="$i" 'BEGIN { printf "%.17g", i % 2 ? 1 + x : 1 / (1 + x) }')
        (wrong "$i.wrong" "$factor" $((1010 + 20 * i)))
        awk -F '\t' -v i="$i" -v c="$factor" -v source="$source" "$column"' NR == 1 { v = column("verdict"); next }
            $1 == source && $v == "differs" { seen = 1 } END { print "power", i, source, c, seen + 0 }' "$work/$i.wrong/agreement.tsv"
    done
    rm -rf "${work:?}/$i" "$work/$i".*
}
export -f one experiment call choose_times wrong
seq "$runs" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I{} bash -c 'one {}' >"$work/result"
[ -z "${CALIBRATION_LINES-}" ] || cp "$work/result" "$CALIBRATION_LINES"

awk '
    $1 == "line" { lines[$3]++; if ($6 == "not" || $6 == "not_lazy") eager[$2]; if ($4 != "nan") { n[$3]++; s[$3] += $4 * $4 }
        if ($6 == "differs") { wrong[$3, $2] } tried[$3, $2] }
    $1 == "power" { p[$3]++; seen[$3] += $5 }
    END {
        for (f in lines) { alarms = runs = 0
            for (k in tried) { split(k, part, SUBSEP); if (part[1] == f) { runs++; alarms += k in wrong } }
            printf "forecast %s experiments %d lines %d judged %d z2 %.3f alarms %d\n", f, runs, lines[f], n[f], n[f] ? s[f] / n[f] : 0, alarms }
        for (f in p) printf "power %s experiments %d noticed %d\n", f, p[f], seen[f]
        for (i in eager) print "eager", i
    }' "$work/result" | sort >"$work/summary"
sed 's/^/# /' "$work/summary"

number=0
check() { # NAME CONDITION..: of awk, about the fields of a line of the summary
    number=$((number + 1))
    if awk "$2" "$work/summary" | grep -q . || ! grep -q '^forecast' "$work/summary"; then
        echo "not ok $number - $1"
    else
        echo "ok $number - $1"
    fi
}
check "no true theory differs in more than 1 % of experiments" \
    '/^forecast/ { p = 0.01 * $4; if ($NF > p + 3 * sqrt(p) + 0.5) print }'
check "95 % of the theories that are wrong by what would be noticed differ" \
    '/^power/ && $NF < 0.95 * $4 - 3 * sqrt(0.05 * 0.95 * $4) - 0.5'
if [ "$runs" -ge 40 ]; then
    check "mean z^2 is 0.5 to 1.5" '/^forecast/ && $2 != "lfp" { for (i = 3; i < NF; i++) if ($i == "z2" && !($(i + 1) > 0.5 && $(i + 1) < 1.5)) print }'
    check "none was not lazy" '/^eager/'
fi
echo "1..$number"
