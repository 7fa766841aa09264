#!/usr/bin/env bash
# explain says of every kind of verdict what was asked, what came out, what decided, and what to try, which helps (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >"$work/case.cfg" <<'END_OF_CASE'
name = "case";
data = { n = 16; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { width = 2048; };
train = { time = 60.0; };
seeds = { count = 2; };
END_OF_CASE

# Runs the case with these keys, and leaves what explain says of the verdict, without line ends, in $said.
explained() { # VERDICT KEY=VALUE..
    local key set=()
    for key in "${@:2}"; do set+=(--set "$key"); done
    rm -rf dir
    expect 0,3 run "$work/case.cfg" -o dir "${set[@]}" || return
    [ "$(verdict_of dir)" = "$1" ] || echo "$(verdict_of dir), not $1, of ${*:2}"
    expect 0 explain dir
    awk 'length > 80 { print length ": " $0 }' "$io/out"
    grep -q "^verdict: $1\$" "$io/out" && grep -q '^try next$' "$io/out" || cat "$io/out"
    said=$(sed '/^`specbias help verdict/q' "$io/out" | tr -s ' \n' ' ')
}

says() { # WORDS
    [[ $said == *"$1"* ]] || echo "not '$1' in: $said"
}

too_wide() { # the width that it names decides
    explained undecided
    says 'relu 1-2048-1, ASI'
    says 'does err fall at the forecast times, at 1 2 (cycles)'
    says 'ntk.empirical agrees at 4 of 4 lines'
    says 'lfp, ntk.infinite, frequency 1, err 1/2: the band is so wide'
    [[ $said =~ net\.width\ =\ ([0-9]+) ]] || { echo "no width: $said"; return; }
    explained agrees "net.width=${BASH_REMATCH[1]}"
    says 'within the limit of z expected deviations'
    says 'would have been noticed'
}
check "undecided: the band is too wide; the width that it names is enough, and agrees" too_wide

moving() { # the amplitude, or the gain, that it names is lazy
    local gain by
    explained 'not lazy' target.amplitude=1
    says 'the kernel moved during training'
    says 'the moving kernel alone changes this time by up to'
    [[ $said =~ target\.amplitude\ =\ ([0-9.]+) ]] || { echo "no amplitude: $said"; return; }
    expect 0,3 run "$work/case.cfg" -o lazier --set "target.amplitude=${BASH_REMATCH[1]}"
    [ "$(verdict_of lazier)" != 'not lazy' ] || echo "target.amplitude = ${BASH_REMATCH[1]} is not lazy"
    awk 'BEGIN { for (i = 0; i < 24; i++) print i / 24 "," sin(6.28 * i / 24) }' >sine.csv
    local table=(data.kind=table data.file=sine.csv data.n=0 target.xi=1,3,5 target.amplitude=0.004 net.kind=layers net.width=8192
        'net.layers=dense(64),tanh,dense(1)' observe.projection=1,2 forecast.sources=ntk.empirical)
    explained 'not lazy' "${table[@]}" train.eta=0.2 train.time=400
    [[ $said =~ net\.gain\ =\ ([0-9.]+).*divide\ train\.eta,\ and\ train\.time,\ by\ ([0-9.]+) ]] || { echo "no gain: $said"; return; }
    gain=${BASH_REMATCH[1]} by=${BASH_REMATCH[2]}
    set -- "${table[@]/#/--set=}"
    expect 0,3 run "$work/case.cfg" -o lazier --force "$@" --set "net.gain=$gain" \
        --set "train.eta=$(awk "BEGIN { print 0.2 / $by }")" --set "train.time=$(awk "BEGIN { print 400 / $by }")"
    [ "$(verdict_of lazier)" != 'not lazy' ] || echo "net.gain = $gain is not lazy"
}
check "not lazy: the amplitude, or for data of their own the gain, that it names is lazy" moving

others() {
    explained undecided train.time=1
    says 'not reached within the record'
    says 'a longer record: train.time = 2 '
    explained undecided forecast.draws=8 forecast.width=draws
    says 'the band is not known: fewer than 16 draws'
    says 'forecast.draws = 64'
    printf '1\t1.6\n2\t.2\n' >law.tsv
    explained differs "forecast.sources=[\"file:$PWD/law.tsv\"]"
    says 'file.law differs at 4 of 4 lines'
    says 'times was expected at most'
    says 'the forecast is wrong here'
    explained none forecast.sources=[]
    says 'nothing was judged: forecast.sources is empty'
    says 'forecast.sources = ["ntk.empirical"]'
}
check "not reached, no band, a wrong law, nothing judged" others

claims() {
    explained differs forecast.sources=[] 'claims=["loss@last < 1", "tau(T) < 0"]'
    says '2 claims'
    says 'holds loss@last < 1'
    says 'fails tau(T) < 0'
    says 'claims that fail'
}
check "claims: which hold and fail" claims

finish
