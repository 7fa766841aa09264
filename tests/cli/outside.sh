#!/usr/bin/env bash
# Networks that were trained outside: their residuals, observed, are judged like a training of one's own (TAP).
in_memory=yes
. "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >own.cfg <<'END'
name = "own";
data = { n = 12; points = "left"; map = "circle"; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { kind = "layers"; layers = ["dense(1024)", "relu", "dense(1)"]; };
train = { time = 60.0; eta = 0.1; records = 40; };
forecast = { sources = ["ntk.infinite"]; };
observe = { filter = [0.1]; };
seeds = { count = 3; };
END
# Somebody else trains: the network of layers, whose residuals and kernels are all that is kept of it.
"$SPECBIAS" run own.cfg -o trained --set output.residuals=true >/dev/null || exit 1
"$SPECBIAS" forecast own.cfg -o kernels --set forecast.sources=ntk.empirical --set output.arrays=true --set seeds.first=100 \
    --set seeds.count=20 --set forecast.draws=64 >/dev/null 2>&1 || exit 1
here=$PWD
residuals=$(for i in 1 2 3; do printf '%s/trained/arrays/residual.seed%d.npy,' "$here" "$i"; done) residuals=${residuals%,}
kernels=$(for i in {100..119}; do printf '%s/kernels/arrays/ntk.empirical.seed%d.gram.npy,' "$here" "$i"; done) kernels=${kernels%,}
steps=$here/trained/decay/observed.seed1.tsv
sed "s/net = .*/net = { kind = \"external\"; };/; s|sources = .*|sources = [\"gram:$kernels\"]; };|" own.cfg >theirs.cfg

same() { # a run's residuals make the run's tables
    expect 0 forecast "$here/own.cfg" -o run || return
    expect 0 observe run --residuals "$residuals" --steps "$steps" || return
    local table
    for table in "$here"/trained/decay/observed*.tsv; do cmp "$table" "run/decay/${table##*/}"; done
    cmp "$here/trained/frequencies.tsv" run/frequencies.tsv
    cmp "$here/trained/filter.tsv" run/filter.tsv
    at_most 1e-12 "$(awk 'FNR > 1 { if (NR == FNR) loss[FNR] = $4; else { d = $4 / loss[FNR] - 1; if (d < 0) d = -d; if (d > most) most = d } } END { print most + 0 }' \
        run/history.seed1.tsv "$here/trained/history.seed1.tsv")"
    expect 0 compare run
    cut -f 1-9,13,14 run/agreement.tsv | cut -f 1-5 | diff - <(cut -f 1-5 "$here/trained/agreement.tsv")
    expect 0 plot run
    refused 'run was observed already; --force' observe run --residuals "$residuals" --steps "$steps"
    expect 0 observe run --residuals "$residuals" --steps "$steps" --force
}
check "what a run kept of its residuals makes the same tables" same

theirs() {
    expect 0 check "$here/theirs.cfg" || return
    grep -q "^laziness      not known of a network of the user's own" "$io/out" || grep laziness "$io/out"
    expect 0 check "$here/theirs.cfg" --json || return
    grep -q '"expected_effect": null' "$io/out" || grep effect "$io/out"
    ! grep '"parameters"' "$io/out"
    expect 0 forecast "$here/theirs.cfg" -o run || return
    [ "$(ls run/arrays | tr '\n' ' ')" = "step.npy x.npy y.npy " ] || ls run/arrays
    refused 'train the network yourself, then' train run
    cp -r run touched && printf x >>touched/arrays/y.npy # what was trained on is what was forecast
    refused 'broken seal: touched/arrays/y.npy was changed' observe touched --residuals "$residuals" --steps "$steps"
    expect 0 observe run --residuals "$residuals" --steps "$steps" || return
    grep -q "^train     outside: the user's own, 3 seeds" "$io/out" || cat "$io/out"
    expect 0 compare run || cat "$io/out"
    table run/agreement.tsv 'c["verdict"] != "agrees" || c["effect"] != "nan" || (c["dof"] - 19) ^ 2 > 1e-6 { print }' # by draws alone
    [ "$("$json" -g outside run/summary.json)" = true ] || echo "no word of the outside"
    grep -q 'laziness  not known' "$io/out" || cat "$io/out"
    expect 0 plot run
    expect 0 explain run
    grep -q '^3	residual.seed3.npy	[0-9a-f]\{64\}$' run/outside.tsv || cat run/outside.tsv
    expect 0 measure run 'T(1, 1/2)'
    cp "${residuals##*,}" $'odd\tname.npy'
    expect 0 observe run --residuals "${residuals%,*},"$'odd\tname.npy' --steps "$steps" --force
    grep -q '^3	odd?name.npy	[0-9a-f]\{64\}$' run/outside.tsv || cat run/outside.tsv
    expect 0 observe run --residuals "$residuals" --steps "$steps" --force
    sed -i 's/residual.seed3/residual.seed2/' run/outside.tsv
    expect 2 compare run
    errors_match 'broken seal: run/outside.tsv was changed'
}
check "a network of the user's own: forecast by its kernels, sealed, observed, judged, drawn" theirs

no() {
    expect 0 forecast "$here/own.cfg" -o run || return
    local two=${residuals%,*}
    refused 'names 2 files, seeds.count is 3' observe run --residuals "$two" --steps "$steps"
    sed 4d "$steps" >less.tsv
    refused 'less.tsv: no record of step [0-9]+, which is one of the forecast' observe run --residuals "$residuals" --steps less.tsv
    sed 2,3d "$steps" | cut -f 1 >none.tsv
    refused 'none.tsv:1: no column step' observe run --residuals "$residuals" --steps none.tsv
    (cat "$steps" && tail -n 1 "$steps" | sed 's/^[^	]*	[^	]*/99	9999/') >more.tsv
    refused 'the shape must be \([0-9]+, 12, 1\): records, examples, outputs' observe run --residuals "$residuals" --steps more.tsv
    refused 'cannot read gone.tsv' observe run --residuals "$residuals" --steps gone.tsv
    expect 2 observe run
    grep -q 'residuals and --steps are needed' "$io/err" || cat "$io/err"
    expect 2 observe run --residuals "$residuals,none.npy,none.npy" --steps "$steps" --set seeds.count=5
    # another start than that of the forecast
    expect 0 forecast "$here/own.cfg" -o large --set target.amplitude=0.002
    refused 'at step 0 is off by 0.5 of that of the forecast, -y' observe large --residuals "$residuals" --steps "$steps"
    expect 0 forecast "$here/own.cfg" -o drift --set observe.drift=3
    refused 'observe.drift looks into the network' observe drift --residuals "$residuals" --steps "$steps"
    refused "knows nothing of a network of the user's own" check "$here/theirs.cfg" --set forecast.sources=ntk.empirical
    refused 'train it yourself' run "$here/theirs.cfg" -o new
    refused 'observe.drift has no effect here: it needs net.kind other than "external"' check "$here/theirs.cfg" --set observe.drift=3
}
check "what is no training of the forecast's is refused" no

chosen() {
    sed 's/records = 40/at = [1, 7, 30, 200, 500]/' "$here/own.cfg" >at.cfg
    expect $ran run at.cfg -o run || return
    [ "$(cut -f 2 run/decay/observed.tsv | tr '\n' ' ')" = 'step 0 1 7 30 200 500 600 ' ] || cut -f 2 run/decay/observed.tsv
    [ "$(cut -f 2 run/decay/ntk.infinite.gd.tsv | tr '\n' ' ')" = 'step 0 1 7 30 200 500 600 ' ] || cut -f 2 run/decay/ntk.infinite.gd.tsv
    # what is seen at a step does not depend on the others
    awk -F '\t' 'NR == FNR { seen[$2] = $0; next } FNR > 1 && ($2 in seen) { n++; if (seen[$2] != $0) print $2 } END { if (n < 3) print n " steps" }' \
        "$here/trained/decay/observed.seed1.tsv" run/decay/observed.seed1.tsv
    refused 'at.cfg:5: train.at: 500 is beyond the last step' run at.cfg -o no --set train.time=45.0
    refused '--set train.at=7,601: train.at: 601 is beyond the last step' run at.cfg -o no --set train.at=7,601
    refused 'train.at: 3 does not ascend' run at.cfg -o no --set train.at=7,3
    refused 'train.at: 2.5 is no whole step' run at.cfg -o no --set train.at=2.5
    refused 'train.records has no effect here: it needs train.at empty' run at.cfg -o no --set train.records=50
}
check "records at chosen steps" chosen

python=${PYTHON:-python3}
numpy() {
    mkdir here && "$python" "$root/tests/peers/own_network.py" "$SPECBIAS" here "$1" >out 2>&1 || cat out
    [ "$(verdict_of here/run)" = agrees ] || cat out
}
if "$python" -c 'import numpy' 2>/dev/null; then check "three layers of numpy, by a loop of their own" numpy numpy; else skip "three layers of numpy" "no numpy"; fi
finish
