#!/usr/bin/env bash
# The forecaster `law.conv` in the stages: what it covers, that it sees no function, what it seals, how it is judged (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >conv.cfg <<'END'
name = "conv";
data = { kind = "derivative"; n = 40; test = 20; length = 64; };
net = { kind = "layers"; layers = ["conv1d(4, 3, circular, nobias)", "relu", "conv1d(1, 3, circular, nobias)"]; parametrisation = "standard"; };
init = { weights = "fan_in"; antisymmetric = false; };
loss = { kind = "mse"; factor = "mean"; test = "nmse"; };
train = { optimizer = "adam"; eta = 0.03; steps = 160; batch = 10; records = 40; };
observe = { response = [1.0, 4.0, 10.0]; until = 0.25; };
forecast = { sources = ["law.conv"]; phases = 16; };
seeds = { first = 3; count = 2; };
END
conv=$work/conv.cfg

refuses() { # WORDS OPTION ..
    expect 2 check "$conv" "${@:2}" || return
    grep -q "$1" "$io/err" || cat "$io/err"
}
covers() {
    local last='"relu", "conv1d(1, 3, circular)"]'
    refuses 'conv1d(4, 3) pads with zeros' --set "net.layers=[\"conv1d(4, 3)\", $last"
    refuses 'dense(64) is no conv1d' --set "net.layers=[\"conv1d(4, 3, circular)\", \"relu\", \"dense(64)\"]"
    refuses 'tanh is not relu' --set "net.layers=[\"conv1d(4, 3, circular)\", \"tanh\", \"conv1d(1, 3, circular)\"]"
    refuses 'antisymmetric copies' --set init.antisymmetric=true
    refuses 'numbers are float' --set net.precision=single
    refuses 'mean squares' --set loss.kind=nmse --set loss.factor=half_mean
    refuses 'sees 79 points of 64' --set "net.layers=[\"conv1d(4, 40, circular)\", \"relu\", \"conv1d(1, 40, circular)\"]"
    refuses 'what observe.response watches' --set 'observe.response=[]' --set observe.until=0.1
    refuses "'ntk.empirical' tells of examples" --set forecast.sources=ntk.empirical --set forecast.phases=48
    refuses 'data.bands has none' --set data.bands=1,10,1,5
    refuses '11 is no frequency of the band 1 to 10' --set observe.response=1,11
    refuses '4 twice' --set observe.response=4,1,4
    refuses 'stands alone' --set observe.projection=1
    expect 2 kernel "$conv" --set 'forecast.sources=[]' --set forecast.phases=48 && grep -q 'kernel on the examples tells nothing' "$io/err" || cat "$io/err"
    refuses 'weights that decay' --set train.weight_decay=0.01
    refuses 'two frequencies' --set observe.response=4
    for rule in gd heavy_ball nesterov; do expect 0 check "$conv" --set train.optimizer=$rule --set train.eta=1e-4; done
}
check "other networks, losses and observations are refused by name, other rules are not" covers

says() {
    expect 0 check "$conv" >/dev/null || return
    grep -q '^watched       1 4 10 rms (index)$' "$io/out" || cat "$io/out"
    grep -q '^closed forms  rates frozen at infinite width ' "$io/out" || cat "$io/out"
    grep -q 'relative square error low / high 4.29$' "$io/out" || cat "$io/out"
}
check "check tells the closed forms" says

blind() {
    expect 0 forecast "$conv" -o one && expect 0 forecast "$conv" -o other --set data.n=10 --set train.batch=5 || return
    cmp one/decay/law.conv.seed3.gd.tsv other/decay/law.conv.seed3.gd.tsv
    ! cmp -s one/decay/law.conv.seed3.gd.tsv one/decay/law.conv.seed4.gd.tsv || echo "the same for two starts"
    expect 0 forecast "$conv" -o third --set data.seed=2 || return # the functions that e(F) is measured on
    ! cmp -s one/decay/law.conv.seed3.gd.tsv third/decay/law.conv.seed3.gd.tsv || echo "the same on other functions"
}
check "the forecast depends on the start of a seed, not on the training functions" blind

judged() {
    local file
    expect 0,3 run "$conv" -o dir || return
    for file in law.conv.seed3.tsv law.conv.bands.seed4.tsv law.conv.seed4.gd.tsv law.conv.gd.tsv; do
        grep -q "decay/$file" dir/forecast.sha256 || echo "$file is not sealed"
    done
    [ ! -e dir/decay/law.conv.flow.tsv ] || echo "there is a table of the flow"
    head -2 dir/decay/law.conv.seed3.tsv | tail -1 | grep -qx 'item	level	T	T_spacing	T_filters	T_spectrum	error' ||
        head -2 dir/decay/law.conv.seed3.tsv
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { lines[$at["item"] " " $at["q"]]++ }
        END { if (NR != 9 || !lines["rms 0.25"] || !lines["10 0.5"]) print "lines of agreement.tsv: " NR }' dir/agreement.tsv
    grep -qE '^  law.conv     +[0-9.e-]+ ' "$io/out" && grep -qE '^  observed     +[0-9.e-]+ ' "$io/out" || cat "$io/out"
    grep -q '"late_low_over_high"' dir/summary.json || echo "no bands in summary.json"
    expect 0,3 compare dir || return
    sed -i '3s/0.5/0.6/' dir/decay/law.conv.seed3.tsv
    expect 2 compare dir || return
    grep -q 'broken seal' "$io/err" || cat "$io/err"
}
check "a run seals times, bands and errors, and lays them beside what was observed" judged

finish
