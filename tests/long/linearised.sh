#!/usr/bin/env bash
# Forecasts that train the linearised network, at scale: under Adam a network of width 4096 follows its own forecast within
# .03 at every time, ReLU and tanh; under softmax the distance between both falls like width^-1/2 or faster from width
# 256 to 1024 to 4096. A minute on 2 cores.
. "$(dirname "$0")/../cli/lib/common.sh"
exec 3>&1

# The largest |err_forecast - err_observed| of all times and items, the mean over so many seeds
distance() { # DIR SEEDS
    local seed
    for seed in $(seq "$2"); do
        paste "$1/decay/ntk.empirical.seed$seed.gd.tsv" "$1/decay/observed.seed$seed.tsv" |
            awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^err\(/) { if ($i in first) pair[first[$i]] = i; else first[$i] = i }; next }
                { for (i in pair) { d = $i - $pair[i]; if (d < 0) d = -d; if (d > worst) worst = d } } END { print worst }'
    done | awk -v n="$2" '{ sum += $1 } END { print NR == n ? sum / n : "nan" }'
}

cat >wide.cfg <<'END'
name = "wide";
data = { n = 32; };
target = { xi = [1.0, 3.0, 5.0]; amplitude = 0.05; };
net = { width = 4096; };
train = { optimizer = "adam"; eta = 5e-5; steps = 3000; };
forecast = { sources = ["ntk.empirical"]; };
seeds = { count = 2; };
END
wide() { # ACTIVATION BOUND
    expect 0,3 run "$work/wide.cfg" -o dir --set net.activation="$1" || return
    local found
    found=$(distance dir 2)
    echo "# $1: $found" >&3
    awk -v d="$found" -v b="$2" 'BEGIN { if (!(d > 0 && d < b)) print "err off by " d }'
}
check "Adam, ReLU of width 4096" wide relu 0.03
check "Adam, tanh of width 4096" wide tanh 0.005

scaling() {
    local width found=()
    for width in 256 1024 4096; do
        (cd "$root" && program run experiments/softmax.cfg -q -o "$work/softmax$width" --set train.steps=800 --set seeds.count=6 \
            --set "net.layers=dense($width, init=gaussian(6)),tanh,dense(2)" && is_status 0,3 softmax) || return
        found+=("$(distance "$work/softmax$width" 6)")
    done
    echo "# softmax: ${found[*]}" >&3
    awk -v a="${found[0]}" -v b="${found[1]}" -v c="${found[2]}" 'BEGIN { if (!(b < a && c < b / 2 && c < a / 4)) print a, b, c }'
}
check "softmax: linearised beside trained, like width^-1/2 or faster" scaling

finish
