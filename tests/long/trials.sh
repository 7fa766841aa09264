#!/usr/bin/env bash
# The stochastic cases of the source papers (experiments/README.md): means over seeds within three deviations of what
# independent implementations gave, orders as claimed (TAP).
. "$(dirname "$0")/../cli/lib/common.sh"
data=/usr/share/datasets/fashion-mnist

field() { # DIR NAME: a number of summary.json
    sed -n "s/^ *\"$2\": \([^,]*\),*\$/\1/p" "$1/summary.json"
}

within() { # WHAT VALUE MEAN DEVIATION [FACTOR]: of three deviations
    awk -v w="$1" -v v="$2" -v m="$3" -v s="$4" 'BEGIN { d = v - m; if (d < 0) d = -d
        if (!(d <= 3 * s)) print w " is " v ", not " m " +- " s }'
}

settled() { # DIR K: the mean over seeds of the steps at which frequency K settled
    sed -n 's/^ *"settled": \[\(.*\)\],*$/\1/p' "$1/summary.json" | tr -d ' ' | sed 's/\],\[/\n/g' | tr -d '[]' |
        awk -F , -v k="$2" '{ sum += $(k + 1); n++ } END { print sum / n }'
}

circle() { # half-lives are ln 2 / (eta mu_l), mu_3 = .0707355302631, mu_5 = .0254647908947; the spread is the notes'
    expect 0 run "$root/experiments/circle.cfg" -o run || return
    within "half-life of l = 3" "$(settled run 2)" 24.5 1.3 # rate .958 (.051) of theory
    within "half-life of l = 5" "$(settled run 4)" 68.0 2.5 # .966 (.035)
}

fig1() {
    expect 0 run "$root/experiments/fig1.cfg" -o run || return
    within "step of k = 3" "$(settled run 1)" 1723 324
    within "step of k = 5" "$(settled run 2)" 2679 408
    [ "$(field run in_order)" = 10 ] || echo "in order: $(field run in_order) of 10"
}

parity() {
    expect 0 run "$root/experiments/parity.cfg" -o run || return
    within "test loss" "$(field run test_loss)" 1.657 .146
}

ritz() {
    expect 0 run "$root/experiments/ritz.cfg" -o run || return
    within "step of k = 1" "$(settled run 0)" 115 25
    within "step of k = 3" "$(settled run 1)" 310 35
    within "step of k = 8" "$(settled run 2)" 1445 976
}

derivative() { # TAPS MEAN DEVIATION
    local layer="conv1d(16, $1, circular),relu,"
    expect 0 run "$root/experiments/derivative.cfg" -o run \
        --set "net.layers=$layer${layer}conv1d(1, $1, circular)" || return
    within "general NMSE of $1 taps" "$(field run general_loss)" "$2" "$3"
    awk -v l="$(field run low_loss)" -v h="$(field run high_loss)" 'BEGIN { if (!(l > h)) print "low " l ", high " h }'
}

filtering() {
    expect 0 run "$root/experiments/filtering.cfg" -o run || return
    [ "$(field run in_order)" = 21 ] || echo "in order: $(field run in_order) of 21"
}

autoencoder() { # the gain of s = 1 over s = 0: 2.7 in the notes
    expect 0 run "$root/experiments/autoencoder.cfg" -o one || return
    expect 0 run "$root/experiments/autoencoder.cfg" -o zero --set loss.s=0.0 || return
    within "loss per pixel, s = 0" "$(awk -v v="$(field zero test_loss)" 'BEGIN { print v / 784 }')" .1098 .0008
    awk -v a="$(field zero test_loss)" -v b="$(field one test_loss)" 'BEGIN { if (!(a / b > 2.2)) print "gain " a / b }'
}

check "circle: rates of the kernel of infinite width" circle
check "fig1: three tones in order" fig1
check "parity: nothing is learned beyond the training points" parity
check "Deep Ritz: low frequencies first" ritz
check "derivative, 3 taps" derivative 3 2.80e-4 .52e-4
check "derivative, 7 taps" derivative 7 3.19e-5 .66e-5
if [ -e "$data/train-images-idx3-ubyte.gz" ]; then
    check "filtering: the low part is ahead" filtering
    check "auto-encoder: s = 1 beats s = 0" autoencoder
else
    skip "filtering: the low part is ahead" "no package dataset-fashion-mnist"
    skip "auto-encoder: s = 1 beats s = 0" "no package dataset-fashion-mnist"
fi
finish
