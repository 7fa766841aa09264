#!/usr/bin/env bash
# Where the steps of a run have no modes, ntk.empirical trains the linearised network: Adam, schedules, with mini-batches in
# their order, softmax. Such a run is sealed, judged, drawn and told of like any other; its times are steps where the
# rule has no flow.
. "$(dirname "$0")/lib/common.sh"

cat >"$work/adam.cfg" <<'END'
name = "adam";
data = { n = 24; };
target = { xi = [1.0, 3.0]; amplitude = 0.02; };
net = { width = 1024; activation = "tanh"; };
train = { optimizer = "adam"; eta = 5e-5; steps = 1500; records = 60; };
forecast = { sources = ["ntk.empirical"]; };
seeds = { count = 2; };
END
adam=$work/adam.cfg

# The largest |err_forecast - err_observed| of each item and seed, within a bound
near() { # DIR BOUND
    local seed
    for seed in 1 2; do
        paste "$1/decay/ntk.empirical.seed$seed.gd.tsv" "$1/decay/observed.seed$seed.tsv" |
            awk -v b="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^err\(/) { if ($i in first) pair[first[$i]] = i; else first[$i] = i }; next }
                { for (i in pair) { d = $i - $pair[i]; if (d < 0) d = -d; if (d > worst) worst = d } }
                END { if (NR < 10 || !(worst <= b)) print "seed off by " worst " in " NR " lines" }'
    done
}

by_steps() {
    expect 0 run "$adam" -o dir || return
    near dir 0.003
    [ "$(verdict_of dir)" = agrees ] || verdict_of dir
    grep -q 'predicted steps' "$io/out" || cat "$io/out"
    grep -q '"time_unit": "step"' dir/summary.json || cat dir/summary.json
    grep -q 'time_unit = "step"' dir/decay/ntk.empirical.gd.cfg || cat dir/decay/ntk.empirical.gd.cfg
    ! compgen -G 'dir/decay/*.flow.*' || echo "a flow of Adam"
    table dir/agreement.tsv 'c["time_unit"] != "step" { print c["time_unit"] }'
    table dir/bias.tsv 'c["source"] == "ntk.empirical" && c["form"] != "gd"  { print "bias of a form " c["form"] }'
    table dir/budget.tsv '!(c["training"] < 0.003) || c["step"] != "nan" { print c["training"], c["step"] }'
    for wrong in x0.5 x0.8 x1.25 x2 x0 permuted; do grep -q "^ .* $wrong.*: rejected" "$io/out" || echo "$wrong is not rejected"; done
    expect 0 explain dir
    ! grep -q 'train.time' "$io/out" || echo "explain speaks of train.time"
    [ ! -e dir/figures/rates.svg ] || grep -q 'per step' dir/figures/rates.svg || echo "rates of what time?"
}
check "Adam: judged by steps, no flow, every wrong theory is seen" by_steps

too_short() { # what is not reached: more steps would tell, not a longer time
    expect 0,3 run "$adam" -o dir --set train.steps=20 --seeds 1 || return
    expect 0 explain dir
    grep -q 'not reached within the record' "$io/out" && grep -q 'a longer record: train.steps = 40$' "$io/out" || cat "$io/out"
}
check "explain asks for more of train.steps" too_short

not_lazy() { # amplitude 2: the kernel moves
    expect 0,3 run "$adam" -o dir --set net.width=64 --set target.amplitude=2 --set train.eta=0.02 || return
    [ "$(verdict_of dir)" = "not lazy" ] || verdict_of dir
}
check "a kernel that moves is not lazy: by the gradients of its end" not_lazy

others() {
    local keys
    for keys in 'train.optimizer=gd train.schedule=step train.period=100 train.eta=0.3' \
        'train.optimizer=nesterov train.schedule=cosine train.eta=0.05' 'train.batch=7' 'train.optimizer=gd train.batch=7 train.eta=0.1'; do
        # shellcheck disable=SC2046
        expect 0,3 run "$adam" --force -o dir $(printf -- '--set %s ' $keys) || return
        near dir 0.003
        case $keys in *batch*) [ "$(verdict_of dir)" != none ] || verdict_of dir ;; *) [ "$(verdict_of dir)" != differs ] || verdict_of dir ;; esac
        case $keys in *gd*|*nesterov*) [ -e dir/decay/ntk.empirical.flow.tsv ] || echo "no flow of $keys" ;; esac
    done
}
check "schedules and mini-batches in their order" others

field() {
    expect 0 run "$adam" -o dir --set observe.field=6 --set train.steps=100 --set net.width=256 --set seeds.count=1 || return
    [ -s dir/decay/ntk.empirical.gd.field.tsv ] || ls dir/decay
}
check "the error field of a forecast that is trained" field

costs() {
    expect 0 check "$adam"
    grep -qE 'ntk.empirical +trains the linearised network' "$io/out" || cat "$io/out"
}
check "check tells what it costs" costs

refuses "a loss of derivatives has no linearised network" 'forecast.sources: .*the loss ritz takes derivatives by the inputs' \
    check "$root/experiments/ritz.cfg" --set forecast.sources=ntk.empirical
refuses "an equation does not cover Adam" 'forecast.sources: adam does not follow gradients of the loss alone' \
    check "$adam" --set forecast.sources=lfp

infinite() { # no draws tell its band where steps have no modes: rehearsals do
    expect 0,3 run "$adam" -o dir --set forecast.sources=ntk.infinite --set train.steps=300 || return
    [ -s dir/decay/rehearsals.tsv ] && [ ! -e dir/decay/draws.tsv ] || ls dir/decay
    table dir/agreement.tsv 'c["T_pred"] != "nan" && (c["z"] == "nan" || c["verdict"] == "differs") { print c["item"], c["q"], c["z"], c["verdict"]; }'
    table dir/agreement.tsv 'c["T_pred"] != "nan" { n++ } END { if (!n) print "no time is forecast" }'
    "$json" -l dir/summary.json | grep 'finite_width.*rehearsals' >/dev/null || "$json" -l dir/summary.json | grep finite
    expect 0 check "$adam" --set forecast.sources=ntk.infinite
    grep -qE '^rehearsals +16' "$io/out" || cat "$io/out"
}
check "ntk.infinite under Adam is judged by rehearsals" infinite

finish
