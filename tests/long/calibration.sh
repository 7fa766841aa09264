#!/usr/bin/env bash
# Is z what it claims to be? Forty experiments with true theories and their own seeds: the mean of z^2 is near 1 at every
# frequency and level, and a false alarm (z above its limit) is rare. About two minutes on 2 cores.
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=40
one() {
    "$SPECBIAS" run experiments/demo.cfg -q -j 1 -o "$work/$1" --set seeds.first="$((100 + 10 * $1))" \
        --set net.width=2048 --set train.eta=0.1 --set train.time=700 --set target.amplitude=0.002 \
        --set forecast.sources=ntk.infinite >"$work/$1.log" 2>&1
}
export -f one
export work
seq "$runs" | xargs -P "$(nproc)" -I{} bash -c 'one {}'
cat "$work"/*/agreement.tsv | awk -F '\t' '$1 == "ntk.infinite" { n[$4 " 1/" 1 / $5]++; s[$4 " 1/" 1 / $5] += $17 * $17; if ($17 > $18) alarms++; all++ }
    END { for (k in n) printf "%s %d %.3f\n", k, n[k], s[k] / n[k]; printf "alarms %d of %d\n", alarms, all }' | sort >"$work/result"
number=0
check() { # NAME CONDITION
    number=$((number + 1))
    if [ "$2" = 1 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
sed 's/^/# /' "$work/result"
# z^2 of 40 runs has mean 1 and standard deviation 0.22; half the effect of the moving kernel in s lowers it a little
while read -r frequency level count mean; do
    check "mean z^2 at frequency $frequency, err $level is $mean" \
        "$(awk -v c="$count" -v m="$mean" -v r="$runs" 'BEGIN { print (c == r && m > 0.4 && m < 1.7) }')"
done < <(grep -v alarms "$work/result")
check "false alarms are rare" "$(awk '/alarms/ { print ($2 <= 2 && $4 == 240) }' "$work/result")"
check "six lines were judged" "$([ "$number" = 7 ] && echo 1)"
