#!/usr/bin/env bash
# Keys that an experiment does not use are refused where they stand, what is written down is what was used, and where
# nothing was judged the verdict says so (TAP). tests/unit/keys.c walks all keys.
. "$(dirname "$0")/lib/common.sh"

cat >learn.cfg <<'END'
name = "layers";
data = { n = 20; };
target = { xi = [1.0]; amplitude = 1.0; };
net = { kind = "layers"; layers = ("dense(5)", "tanh", "dense(1)"); parametrisation = "standard"; };
train = { eta = 1e-9; steps = 1; records = 2; };
forecast = { sources = []; };
seeds = { count = 1; };
END
learn=$work/learn.cfg
echo 'name = "jacobi"; kind = "jacobi";' >jacobi.cfg

# ---- keys without an effect ----

in_file() { # PATTERN CONFIG LINE: behind the lines of a configuration
    { cat "$2"; echo "$3"; } >c.cfg
    refused "^specbias: c.cfg:$(wc -l <c.cfg): $1" run c.cfg -o dir
}
check "a key of layers in a sum over units" in_file 'init.weights has no effect here: it needs net.kind = "layers" \(it is "two_layer"\)$' \
    <(grep -v '^train' "$small") 'train = { time = 8.0; }; init = { weights = "he"; };'
check "a key of units in a network of layers" in_file \
    'init.in_scale has no effect here: it needs net.kind = "two_layer" \(it is "layers"\)$' "$learn" \
    'init = { in_scale = 3.0; };'
refuses "a theory of another network" "forecast.sources: .*'lfp' is one of two_layer networks, not of net 'layers'" \
    run "$learn" --set forecast.sources=lfp -o dir
check "a key of another loss" in_file 'loss.s has no effect here: it needs loss.kind = "sobolev" \(it is "mse"\)$' "$learn" \
    'loss = { s = 1.0; };'
refuses "--set of a key of another optimiser" \
    '^specbias: --set train.beta2=0.9: train.beta2 has no effect here: it needs train.optimizer = "adam" \(it is "gd"\)$' \
    run "$learn" --set train.beta2=0.9 -o dir
refuses "--seeds of a study without" 'seeds.count=2: seeds.count has no effect here' run "$work/jacobi.cfg" --seeds 2 -o dir
layers_forecast() { # KEY=VALUE PATTERN: of a network of layers that only ntk.empirical covers
    refused "--set $1: .* has no effect here: it needs $2" run "$learn" --set forecast.sources=lfp,ntk.infinite,ntk.empirical \
        --set train.optimizer=adam --set "$1" -o dir
}
check "a key of a source that does not cover the case" layers_forecast forecast.modes=7 'a forecast of its own'
check "a tolerance of nodes that nobody trains on" refused 'forecast.tolerance=0.01: .* has no effect here: it needs the source law' run "$small" --set forecast.tolerance=0.01 -o dir
check "draws where nothing is forecast of the law" layers_forecast forecast.draws=16 'a forecast that is not of each seed alone'
no_draws() { # of what nobody needs none may be asked for, and nothing is said where nothing is forecast
    expect 0 check "$learn" --set forecast.sources=ntk.empirical --set forecast.draws=0
    expect 0 check "$learn" --set forecast.draws=16 --set forecast.modes=7
}
check "no draws may be asked for anywhere" no_draws
at_defaults() { # a key at its default may stand anywhere: `new` of any version reads cleanly
    expect 0 check "$small" --set loss.kind=mse --set train.batch=0 --set jacobi.n=200
}
check "defaults may stand anywhere" at_defaults

written() { # the manifest tells what had an effect, and can be run
    expect $ran run "$small" -o dir
    grep -nE '^(design|overlay|jacobi) = |^    (layers|labels|frozen|s|beta2) = ' dir/config.cfg dir/manifest.cfg
    expect 0 check dir/manifest.cfg
}
check "manifests hold the keys that had an effect" written

variables() { # what is sealed stands alone: the same layers without variables are the same run
    sed 's/^net = .*/let = { w = 5; d = 2; };\nnet = { kind = "layers"; layers = ("repeat($d, dense($w), tanh)", "dense(1)"); parametrisation = "standard"; };/' "$learn" >let.cfg
    expect 0 run let.cfg -o let
    expect 0 run "$learn" -o plain --set 'net.layers="dense(5)","tanh","dense(5)","tanh","dense(1)"'
    cmp let/config.cfg plain/config.cfg
    cmp let/decay/observed.tsv plain/decay/observed.tsv
    expect 0 run let.cfg -o wide --set let.w=6
    grep -q '"dense(6)", "tanh", "dense(6)"' wide/config.cfg || grep layers wide/config.cfg
    refused '^specbias: --set let.e=6: let.e is used by no text$' check let.cfg --set let.e=6
}
check "variables are values in what is sealed" variables

# ---- nothing judged ----

none() { # ARGS..
    expect 0 run "$@" -o dir || return
    grep -q '^verdict   none (nothing was judged)$' "$io/out" || cat "$io/out"
    [ "$(verdict_of dir)" = none ] || verdict_of dir
    expect 0 explain dir
    grep -q '^verdict: none' "$io/out" || cat "$io/out"
}
check "layers without forecasts and claim" none "$learn"
words() { # kind = "train" and "learn" are two words for the same
    for kind in train learn; do expect 0 run "$learn" --set "kind=$kind" -o $kind || return; done
    cmp train/decay/observed.tsv learn/decay/observed.tsv
}
check "two words for a run" words
other_keys() { # what lies there is not shown as the outcome of another configuration
    expect 0 run "$learn" -o dir || return
    for command in plot explain; do refused 'the keys differ from those under seal in dir/config.cfg' $command "$learn" --set train.steps=2 -o dir; done
}
check "plot and explain of other keys" other_keys
check "train without forecasts" none "$small" --set 'forecast.sources=[]'
refuses "a claim about one frequency" '--set claims=order\(T\) = increasing: claim "order\(T\) = increasing": .*an order is one of two frequencies at least, and 1 is watched' \
    run "$learn" --set 'claims=order(T) = increasing' -o dir

missing_numbers() { # what is not known is null
    expect 0 run "$learn" --set observe.filter=0.2,1 --set train.batch=4 --set train.steps=4 -o dir || return
    [ "$("$json" -g low_ahead.0 dir/summary.json)" = null ] && [ "$("$json" -g settled.0.0 dir/summary.json)" = null ] &&
        [ "$("$json" -g train_loss_deviation dir/summary.json)" = null ] || cat dir/summary.json
}
check "numbers that are missing are null" missing_numbers

# ---- all examples of a file ----

whole_file() {
    for i in 1 2 3 4 5 6 7; do echo "$i.5,$((i * i))"; done >t.csv
    local table=(--set data.kind=table --set data.file=t.csv --set 'target.xi=[1.0, 3.0, 5.0]' --set target.amplitude=0.004)
    sed 's/^data = .*//' "$learn" >t.cfg
    expect 0 run t.cfg "${table[@]}" -o dir
    grep -q 'run.* by route [a-z]*, the first that covers' "$io/out" || cat "$io/out"
    expect 2 run t.cfg "${table[@]}" --set data.n=8 -o other
    errors_match '8 training .*there are 7 \(data.n = 0: all\)'
}
check "of a file all examples, unless data.n says how many" whole_file
finish
