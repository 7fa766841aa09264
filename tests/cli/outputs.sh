#!/usr/bin/env bash
# Wanted outputs, losses and what stands beside them on the command line: keys of labels and norms, the forward difference,
# units of the history's axes, names of frequencies in figures (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >lines.cfg <<'END'
name = "lines";
data = { kind = "derivative"; length = 32; n = 6; test = 4; bands = [1.0, 6.0, 1.0, 3.0, 4.0, 6.0]; amplitudes = "uniform"; };
net = { kind = "layers"; layers = ["conv1d(2, 3)", "tanh", "conv1d(1, 3)"]; };
loss = { test = "nmse"; };
train = { eta = 1e-4; epochs = 6; batch = 2; records = 6; };
observe = { unit = "epoch"; };
forecast = { sources = []; };
seeds = { count = 1; };
END

history() {
    expect 0 run "$work/lines.cfg" -o dir
    [ "$(cut -f 1 dir/difference.tsv | xargs)" = "set train train low low high high" ] || cat dir/difference.tsv
    table dir/difference.tsv 'FNR > 1 && !(c["nmse"] > 0 && c["nmse"] < 1) || c["dx"] == 0.001 && c["nmse"] > 1e-5'
    ! have gnuplot && return
    for text in 'forward difference' 'test loss (nmse)' 'loss (mse)' epoch; do
        grep -qF "$text" dir/figures/history.svg || echo "history is silent on $text"
    done
    [ ! -e dir/figures/gnuplot.log ] || cat dir/figures/gnuplot.log
}
check "forward difference beside the history, one unit on each axis, passes through the data" history

norm() { # p = 2 is half the mean of squares; p = 4 has no modes
    for loss in lp mse; do expect 0 run "$work/lines.cfg" -o $loss --set loss.kind=$loss; done
    paste <(cut -f 4 lp/history.tsv) <(cut -f 4 mse/history.tsv) | awk 'NR > 1 { d = $1 / $2 - 1; if (!(d * d < 1e-24)) print } END { if (NR < 5) print NR }'
    expect 0 run "$work/lines.cfg" -o four --set loss.kind=lp --set loss.p=4
    ! diff -q <(cut -f 4 four/history.tsv) <(cut -f 4 mse/history.tsv) >/dev/null || echo "the exponent makes no difference"
}
check "loss.kind = lp" norm

names() {
    cat >points.cfg <<'END'
name = "points";
net = { kind = "layers"; layers = ["dense(8)", "tanh", "dense(1)"]; };
train = { optimizer = "adam"; eta = 0.01; steps = 9; };
forecast = { sources = []; };
seeds = { count = 1; };
END
    expect 0 run points.cfg -o circle --set data.n=16 --set data.points=left --set data.map=circle --set target.unit=index
    grep -q "^unit_text = 'degree'" circle/figures/decay.gp || grep ^unit_text circle/figures/decay.gp
    expect 0 run points.cfg -o ritz --set data.n=21 --set data.a=-1 --set data.b=1 --set data.points=endpoints --set loss.kind=ritz \
        --set observe.xi=0.47619047619047616,1.4285714285714286
    grep -q "^labels = '1 3'" ritz/figures/decay.gp || grep -E '^(labels|unit_text)' ritz/figures/decay.gp
    grep -q "^unit_text = 'k'" ritz/figures/decay.gp || grep ^unit_text ritz/figures/decay.gp
}
if have gnuplot; then check "degrees of a circle are called l, frequencies of a Ritz problem k" names
else skip "names of frequencies" "no gnuplot"; fi

labels() { # nothing but the training outputs changes
    local way
    cat >bits.cfg <<'END'
name = "bits";
data = { kind = "parity"; dimension = 6; n = 40; };
net = { kind = "layers"; layers = ["dense(4)", "tanh", "dense(1)"]; };
train = { eta = 0.1; steps = 3; records = 3; };
observe = { snapshots = [1.0]; grid = 2; };
forecast = { sources = []; };
seeds = { count = 1; };
END
    expect 0 run bits.cfg -o plain
    for way in label_noise=0.5 output_noise=0.1 shuffled=true; do
        expect 0 run bits.cfg -o dir --force --set data.$way
        for file in x.train x.test y.test x.grid y.grid; do cmp plain/snapshots/$file.npy dir/snapshots/$file.npy; done
        ! cmp -s plain/snapshots/y.train.npy dir/snapshots/y.train.npy || echo "data.$way changes nothing"
    done
}
check "label noise, noise and shuffled outputs change the training outputs alone" labels

refuses "classes drawn anew where there are none" 'data.label_noise has no effect' check "$work/lines.cfg" --set data.label_noise=0.1
refuses "an exponent of no norm" 'loss.p has no effect' check "$work/lines.cfg" --set loss.p=3
refuses "an exponent below 1" 'loss.p' check "$work/lines.cfg" --set loss.kind=lp --set loss.p=0.5
refuses "amplitudes of another set" 'data.amplitudes' check "$small" --set data.amplitudes=uniform

finish
