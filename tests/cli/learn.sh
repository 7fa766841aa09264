#!/usr/bin/env bash
# Experiments of kind "learn" and interrupted runs: a run killed at random moments and resumed is that which was never
# interrupted, bit for bit; what cannot be is refused before anything is written.
in_memory=yes . "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >learn.cfg <<'END'
name = "learn";
data = { kind = "uniform"; n = 101; a = -3.14; b = 3.14; points = "endpoints"; };
target = { kind = "sines"; unit = "cycles"; xi = [0.159, 0.477]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(120)", "tanh", "dense(1)"]; parametrisation = "standard"; };
init = { weights = "gaussian(0.3)"; biases = "gaussian(0.3)"; antisymmetric = false; };
loss = { kind = "mse"; factor = "mean"; };
train = { optimizer = "adam"; eta = 2e-3; steps = 3000; records = 100; };
claims = ["order(settled) = strictly increasing"];
observe = { drift = 8; };
seeds = { count = 2; };
END
tables_equal() { # DIR DIR
    local f
    for f in history.tsv frequencies.tsv history.seed1.tsv history.seed2.tsv drift.tsv drift.seed1.tsv; do cmp "$1/$f" "$2/$f"; done
}

learns() {
    expect 0 run "$work/learn.cfg" -o run || return
    [ "$(head -n 1 run/history.tsv)" = $'step\ttime\trate\tloss\tloss_lo\tloss_hi' ] || head -n 1 run/history.tsv
    [ "$(verdict_of run)" = agrees ] || cat run/summary.json
    [ "$("$json" -g time_unit run/summary.json)" = step ] || echo "time of adam in $("$json" -g time_unit run/summary.json)"
    [ ! -e run/checkpoints ] || echo "checkpoints are left"
    grep -q 'holds: so in 2 of 2 seeds' "$io/out" || cat "$io/out"
}

same_for_any_threads() {
    expect 0,3 run "$work/learn.cfg" -o one -j 1 --set train.steps=300 --set train.threads=1 || return
    expect 0,3 run "$work/learn.cfg" -o two -j 2 --set train.steps=300 --set train.threads=3 || return
    tables_equal one two
}

# Kills at moments spread over the length of a run, each time gone on from what is there. With a checkpoint after every
# step (train.checkpoint = 0.0) most kills land within the writing of one, with one after some steps between two.
killed_and_resumed() { # CONFIG KILLS ARGS..
    local config=$1 kills=$2 start length i held=0
    shift 2
    start=$EPOCHREALTIME
    expect 0,3 run "$config" -o whole -j 1 "$@" || return
    length=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
    for i in $(seq $((8 * kills))); do
        [ "$i" -le "$kills" ] || [ "$held" -lt $((kills / 4)) ] || break # some at least leave a checkpoint
        timeout -s KILL "$(awk -v l="$length" -v r="$RANDOM" 'BEGIN { print 0.03 + 0.8 * l * r / 32768 }')" \
            "$SPECBIAS" run "$config" -o part -j 1 --resume "$@" </dev/null >/dev/null 2>&1
        [ ! -e part/checkpoints/seed1 ] || held=$((held + 1))
        [ ! -e part/summary.json ] || rm -rf part # it got to its end before it was killed
    done 2>/dev/null
    [ "$held" -ge $((kills / 4)) ] || echo "$held of $i kills left a checkpoint"
    expect 0,3 run "$config" -o part -j 1 --resume "$@" || return
}

learn_is_resumed() {
    killed_and_resumed "$work/learn.cfg" 20 --set train.steps=500 --set train.checkpoint=0.0 || return
    tables_equal whole part
}

batches_are_resumed() {
    killed_and_resumed "$work/learn.cfg" 8 --set train.batch=20 --set train.route=plain --set train.steps=1000 \
        --set train.checkpoint=0.002 || return
    tables_equal whole part
}

training_is_resumed() {
    "$SPECBIAS" new >small.cfg
    killed_and_resumed small.cfg 20 --set net.width=512 --set forecast.modes=64 --set forecast.draws=4 --set seeds.count=2 \
        --set train.checkpoint=0.001 --set train.time=160.0 --set observe.drift=8 || return
    equal_runs whole part
}
equal_runs() {
    local f
    for f in agreement.tsv budget.tsv decay/observed.seed1.tsv decay/observed.seed2.tsv drift.tsv drift.seed2.tsv; do cmp "$1/$f" "$2/$f"; done
}

interrupted_says_how_to_go_on() {
    "$SPECBIAS" run "$work/learn.cfg" -o run --set train.steps=10000000 --set train.checkpoint=0.0 --set forecast.sources= </dev/null >/dev/null 2>"$io/err" &
    local pid=$! i
    for i in $(seq 100); do [ -e run/checkpoints/seed1 ] && break; sleep 0.1; done
    kill -INT $pid
    wait $pid
    status=$?
    is_status 130 "an interrupted run"
    grep -q -- '--resume goes on from the checkpoints' "$io/err" || cat "$io/err"
    refused 'differ from those under seal|keys differ' run "$work/learn.cfg" -o run --resume --set train.checkpoint=0.0
}

is_refused() { # PATTERN ARGS..
    local pattern=$1
    shift
    refused "$pattern" run "$work/learn.cfg" "$@"
}

diverges() {
    refused 'train.eta = 3 diverges: the largest stable step is .* = 0\.02' run "$work/learn.cfg" -o run --set train.optimizer=gd --set train.eta=3.0
    expect 1 run "$work/learn.cfg" -o run --set train.optimizer=gd --set train.eta=3.0 --set forecast.sources= || return
    grep -qE 'diverged at step [0-9]+ \(eta = 3; by the Hessian at the start steps are stable up to about 0\.[0-9]+\)' "$io/err" || cat "$io/err"
}

check "an experiment of kind learn" learns
check "the same bits for any number of threads" same_for_any_threads
after_training() { # interrupted between the training and the comparison
    expect 0 forecast "$small" -o run || return
    expect 0 train run || return
    expect $ran run "$small" -o run --resume || return
    [ -e run/summary.json ] || ls run
}
check "a run is gone on with after its training, too" after_training
check "a run killed 20 times and resumed is the whole run" learn_is_resumed
check "mini-batches, too" batches_are_resumed
check "kind train, too" training_is_resumed
check "an interruption says how to go on" interrupted_says_how_to_go_on
check "force and resume" is_refused 'exclude each other' --force --resume
check "a network of another kind" is_refused 'has no effect here: it needs net.kind = "layers"' --set net.kind=two_layer
check "a layer that cannot be" is_refused 'layer 1, "desne\(3\)": no layer' --set 'net.layers=desne(3),tanh,dense(1)'
check "outputs that do not fit" is_refused 'gives 2 numbers, 1 are wanted' --set 'net.layers=dense(2)'
check "a loss that does not fit" is_refused 'softmax|class' --set loss.kind=softmax --set loss.factor=half_mean
check "a route that does not cover" is_refused 'does not cover' --set train.route=rotation
check "a file that is not there" is_refused 'nowhere.*No such file' --set data.kind=idx --set data.file=nowhere.gz \
    --set data.a=-0.5 --set data.b=0.5 --set data.points=midpoint --set 'target.xi=[1.0, 3.0, 5.0]' --set target.amplitude=0.004
check "too large for memory" is_refused 'needs about .* GB of memory' --set 'net.layers=dense(2000000),tanh,dense(20000),dense(1)'
check "divergence names step and largest step" diverges
finish
