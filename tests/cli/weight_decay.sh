#!/usr/bin/env bash
# Weights that decay (train.weight_decay): what forecasts them, what does not and says so, the largest stable step (TAP).
. "$(dirname "$0")/lib/common.sh"

stand_in_for_gnuplot

cat >decay.cfg <<'END'
name = "decay";
data = { n = 16; };
target = { xi = [1.0, 2.0]; amplitude = 0.02; };
net = { activation = "tanh"; width = 512; };
init = { in_scale = 5.0; };
train = { eta = 0.05; steps = 200; records = 40; weight_decay = 0.002; };
forecast = { sources = ["ntk.empirical"]; };
seeds = { count = 2; };
END
decay=$work/decay.cfg

# The largest distance of err between two tables, of items of the same name, is within LOW and HIGH.
apart() { # TABLE TABLE LOW HIGH
    paste "$1" "$2" | awk -v low="$3" -v high="$4" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^err\(/) { if ($i in first) pair[first[$i]] = i; else first[$i] = i }; next }
        { for (i in pair) { d = $i - $pair[i]; if (d < 0) d = -d; if (d > worst) worst = d } }
        END { if (NR < 6 || !(worst >= low && worst <= high)) print "apart by " worst " in " NR " lines" }'
}

lazy() { # OPTIONS ..: the linearised network of each seed knows of it
    expect 0,3 run "$decay" -o dir "$@" || return
    case $(verdict_of dir) in agrees | undecided) ;; *) verdict_of dir ;; esac
    apart dir/decay/ntk.empirical.seed1.gd.tsv dir/decay/observed.seed1.tsv 0 0.02
}
check "a lazy network is its linearisation, decay and all" lazy
check "with Adam and decoupled decay, too" lazy --set train.optimizer=adam --set train.eta=1e-4 --set train.weight_decay=1 --set train.decoupled=true

matters() {
    expect 0,3 forecast "$decay" -o with || return
    expect 0,3 forecast "$decay" -o without --set train.weight_decay=0 || return
    apart with/decay/ntk.empirical.gd.tsv without/decay/ntk.empirical.gd.tsv 0.003 1
    apart with/decay/ntk.empirical.flow.tsv with/decay/ntk.empirical.gd.tsv 1e-4 0.05
}
check "decay changes the forecast, and that of the flow" matters

refuses "an equation" "forecast.sources: .lfp. does not know weights that decay .train.weight_decay." check "$decay" --set forecast.sources=lfp
refuses "quadrature of finite width" 'forecast.width: .* gradient descent on all data' check "$decay" --set forecast.sources=ntk.infinite \
    --set forecast.width=quadrature
refuses "Adam with decay in its gradients has no law of layers" 'forecast.sources: .*train.decoupled = true' check "$decay" --set train.optimizer=adam \
    --set train.eta=1e-3 --set 'net.layers=dense(64),tanh,dense(64),tanh,dense(1)' --set net.kind=layers --set init.in_scale=2 \
    --set net.width=8192 --set net.activation=relu --set forecast.sources=law
refuses "decoupled without decay" 'train.decoupled has no effect here: it needs train.weight_decay' check "$decay" --set train.weight_decay=0 \
    --set train.decoupled=true
refuses "a negative decay" 'train.weight_decay' check "$decay" --set train.weight_decay=-1

default_sources() { # each of those that are left out says why
    expect 0 check "$decay" --set 'forecast.sources=lfp,ntk.infinite,ntk.empirical' || return
    grep -q '^forecasts     ntk.infinite ntk.empirical$' "$io/out" || cat "$io/out"
    tr -s ' \n' ' ' <"$io/out" | grep -F "'lfp' does not know weights that decay" >/dev/null || cat "$io/out"
}
check "of the default sources those that know it are taken" default_sources

# 2/(lambda_max + lambda): without decay 2/lambda_max
limit() {
    local with without
    expect 0 check "$decay" --set train.weight_decay=3 && with=$(awk '/^stable step/ { print $5 }' "$io/out")
    expect 0 check "$decay" --set train.weight_decay=0 && without=$(awk '/^stable step/ { print $5 }' "$io/out")
    awk -v a="$with" -v b="$without" 'BEGIN { d = 2 / a - 2 / b - 3; exit !(d * d < 0.01) }' || echo "$with $without"
    expect 2 check "$decay" --set train.weight_decay=50
    errors_match 'train.eta = 0.05 diverges: the largest stable step is 2/.lambda_max . decay. = 0.0'
}
check "the largest stable step has the decay in it" limit

# In rich training the law moves with its decay: wide networks go its way, and not that of the law without it.
rich() { # APART OPTIONS ..
    local rich=(--set target.amplitude=2 --set net.width=1024 --set train.steps=400 --set train.records=20 --seeds 2 --set forecast.sources=law --set forecast.rehearsals=0)
    expect 0,3 run "$decay" "${rich[@]}" -o dir "${@:2}" || return
    expect 0,3 forecast "$decay" "${rich[@]}" -o without "${@:2}" --set train.weight_decay=0 --set train.decoupled=false || return
    apart dir/decay/law.gd.tsv dir/decay/observed.tsv 0 0.04
    apart without/decay/law.gd.tsv dir/decay/observed.tsv "$1" 1
}
check "the law decays, too" rich 0.1 --set train.weight_decay=0.005
check "and under Adam, in its gradients" rich 0.3 --set train.optimizer=adam --set train.eta=5e-4 --set train.weight_decay=0.3
check "or beside them" rich 0.06 --set train.optimizer=adam --set train.eta=5e-4 --set train.weight_decay=0.3 --set train.decoupled=true

finish
