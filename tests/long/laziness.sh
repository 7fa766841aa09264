#!/usr/bin/env bash
# Is laziness what it claims to be? Forty experiments with small targets, of mixed networks, points and widths, are never
# `not lazy`; of those with large ones, twenty or more of which have an effect above ln 1.5, none blames the forecast.
# LAZINESS_ONLY: those whose name matches. About two minutes on 2 cores.
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/base.cfg" <<'END'
name = "laziness"; kind = "train";
target = { xi = [1.0, 2.0]; };
net = { width = 1024; };
init = { out = "two_point"; };
train = { records = 80; };
forecast = { sources = ["ntk.infinite"]; draws = 24; };
seeds = { count = 2; };
END

# 3000 steps of a part of the largest stable one; under large targets rates grow
one() { # NAME OPTION ..
    local name=$1 eta part=3 points=data.n=14
    [[ $name != rich* ]] || part=10
    [[ $* != *=list* ]] || points=data.x=-0.48,-0.41,-0.405,-0.3,-0.22,-0.2199,-0.1,0,1e-6,0.12,0.2,0.33,0.34,0.47
    shift
    set -- "$@" "$points"
    set -- "${@/#/--set=}"
    eta=$("$SPECBIAS" check "$work/base.cfg" "$@" --set train.eta=1e-9 --set train.time=1e-8 |
        sed -n 's/^stable step *up to \([^ ]*\).*/\1/p')
    "$SPECBIAS" run "$work/base.cfg" -q -j 1 -o "$work/$name" "$@" --set train.eta="$(awk "BEGIN { print $eta / $part }")" \
        --set train.time="$(awk "BEGIN { print 3000 * $eta / $part }")" >"$work/$name.log" 2>&1
    [ -s "$work/$name/agreement.tsv" ] || echo "$name: $(tail -n 1 "$work/$name.log")" >&2
}
export -f one
export work

{
    i=0
    for activation in relu tanh sigmoid erf sine gaussian; do
        for points in uniform random list; do
            for scale in 2 12; do
                i=$((i + 1))
                width=$((512 << (i % 5)))
                echo "lazy$i net.activation=$activation data.kind=$points init.in_scale=$scale net.width=$width" \
                    "target.amplitude=0.00$((1 + i % 4)) init.in=$([ $((i % 3)) = 0 ] && echo gaussian || echo two_point)"
            done
        done
    done
    for density in 'uniform(20)' 'gaussian(8)' 'cauchy(12)' 'gaussian(30)'; do
        i=$((i + 1))
        echo "lazy$i net.kind=fourier init.density=$density data.kind=$([ $((i % 2)) = 0 ] && echo random || echo uniform)" \
            "init.out_scale=1 target.amplitude=0.01"
    done
    i=0
    for activation in relu tanh sigmoid erf sine gaussian; do
        for points in uniform random list; do
            i=$((i + 1))
            echo "rich$i net.activation=$activation data.kind=$points net.width=$((256 << (i % 2))) target.amplitude=$((10 + 20 * (i % 3)))" \
                "init.in_scale=$((3 + i % 3 * 5)) init.out_scale=1"
        done
    done
    for density in 'uniform(20)' 'gaussian(8)' 'cauchy(12)' 'gaussian(30)'; do
        for amplitude in 30 100; do
            i=$((i + 1))
            echo "rich$i net.kind=fourier init.density=$density init.out_scale=0.5 net.width=256 target.amplitude=$amplitude"
        done
    done
} | grep -E "${LAZINESS_ONLY:-.}" | sort >"$work/list"
xargs -P "$(nproc)" -L 1 bash -c 'one "$@"' - <"$work/list"

number=0
check() { # NAME CONDITION
    number=$((number + 1))
    if [ "$2" = 1 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
# name, largest effect of a line that was judged, verdict, lines that differ, judged lines
for dir in "$work"/*/; do
    awk -F '\t' -v name="$(basename "$dir")" '
        NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["z"] != "nan" { judged++; if ($c["effect"] > most) most = $c["effect"] }
        $c["verdict"] == "differs" { differs++ }
        $c["verdict"] == "not lazy" { moved++ }
        END { if (NR > 1) print name, most + 0, moved ? "not-lazy" : differs ? "differs" : "other", differs + 0, judged + 0 }' "$dir/agreement.tsv"
done >"$work/result"
sed 's/^/# /' "$work/result"
count() { awk "$1 { n++ } END { print n + 0 }" "$work/result"; }
lazy=$(count '/^lazy/ && $5') moved=$(count '/^lazy/ && $3 == "not-lazy"')
rich=$(count '/^rich/ && $2 > log(1.5)') blamed=$(count '/^rich/ && $2 > log(1.5) && $3 != "not-lazy"')
check "of $lazy lazy experiments $moved are called not lazy" "$([ "$lazy" -ge 38 ] && [ "$moved" = 0 ] && echo 1)"
check "of $rich rich experiments $blamed blame the forecast" "$([ "$rich" -ge 20 ] && [ "$blamed" = 0 ] && echo 1)"
