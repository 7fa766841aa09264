#!/usr/bin/env bash
# One pipeline for every network (TAP): layers, rules, starts and data are forecast, sealed, trained and judged alike, with
# band, power, budget and bias index; what cannot be forecast is observed, and judged by its claims alone.
. "$(dirname "$0")/lib/common.sh"

config() { # NAME < KEYS
    cat >"$work/$1.cfg"
}

config deep <<'EOF'
name = "deep";
data = { kind = "uniform"; n = 48; a = -3.141592653589793; b = 3.141592653589793; };
target = { kind = "sines"; unit = "index"; xi = [1.0, 2.0, 3.0]; amplitude = 0.1; };
net = { kind = "layers"; layers = ["dense(64)", "tanh", "dense(64)", "tanh", "dense(64)", "tanh", "dense(1)"]; };
init = { weights = "gaussian(1.2)"; biases = "gaussian(0.5)"; };
train = { eta = 0.2; steps = 800; records = 80; spacing = "log"; };
seeds = { first = 11; count = 4; };
EOF
config plain <<'EOF'
name = "plain";
data = { kind = "uniform"; n = 40; };
target = { kind = "sines"; unit = "cycles"; xi = [1.0, 2.0]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(1024, init=gaussian(6))", "tanh", "dense(1, init=gaussian(0.3))"]; };
init = { biases = "gaussian(2)"; antisymmetric = false; };
train = { eta = 0.2; steps = 1000; records = 100; spacing = "log"; };
seeds = { count = 4; };
EOF
config conv <<'EOF'
name = "conv";
data = { kind = "derivative"; n = 16; test = 0; length = 16; bands = [1.0, 3.0]; };
net = { kind = "layers"; layers = ["conv1d(16, 3, circular)", "tanh", "conv1d(1, 3, circular)"]; gain = 100.0; };
observe = { projection = [1.0, 2.0, 3.0]; };
train = { eta = 4e-6; steps = 300; records = 100; spacing = "log"; };
seeds = { count = 3; };
EOF
config table <<'EOF'
name = "table";
data = { kind = "table"; file = "points.csv"; columns = ["y"]; inputs = ["a", "b", "c"]; };
net = { kind = "layers"; layers = ["dense(800)", "tanh", "dense(1)"]; };
observe = { projection = [1.0, 2.0]; filter = [0.2, 0.5]; };
train = { eta = 0.2; steps = 1000; records = 100; spacing = "log"; };
seeds = { count = 4; };
EOF
awk 'BEGIN { print "a,b,c,y,z"
    for (i = 0; i < 80; i++) {
        for (d = 0; d < 3; d++) { s = (s * 16807 + 12345) % 2147483647; v[d] = 2 * s / 2147483647 - 1 }
        printf "%.4f,%.4f,%.4f,%.5f,%.5f\n", v[0], v[1], v[2],
            0.2 * (sin(2 * v[0]) + v[1] * v[2] / 2 - 0.3 * v[2]), 0.1 * cos(3 * v[1]) + 0.1 * v[0] } }' >"$work/points.csv"

# Every line has its forecast, and where s is known a z below its limit; an own kernel is off by less than PART of T.
lines() { # DIR LINES PART
    table "$1/agreement.tsv" '
        { n++; off = c["T_obs"] / c["T_pred"] - 1; if (off < 0) off = -off }
        c["z"] != "nan" && !(c["z"] < c["limit"]) { print c["source"], c["item"], c["q"], "z", c["z"], c["limit"] }
        c["verdict"] == "differs" || c["verdict"] == "not lazy" { print c["source"], c["item"], c["q"], c["verdict"] }
        c["source"] == "ntk.empirical" && c["T_obs"] != "nan" && c["T_pred"] != "nan" && !(off < '"$3"') {
            print c["item"], c["q"], "T", c["T_obs"], "forecast", c["T_pred"] }
        END { if (n != '"$2"') print n " lines" }'
}
# Wrong rates are rejected, the right one is not; the budget knows every item.
power() { # DIR SOURCES ITEMS
    [ "$(grep -c '"x0.5": true' "$1/summary.json")" = "$2" ] && [ "$(grep -c '"x0": true' "$1/summary.json")" = "$2" ] ||
        grep '"x0' "$1/summary.json"
    ! grep -q '"right_rejected": true' "$1/summary.json" || echo "the forecast itself is rejected"
    table "$1/budget.tsv" '!(c["training"] > 0 && c["training"] < 0.1 && c["step"] > 0) { print c["label"], c["training"], c["step"] }
        END { if (NR != '"$3"' + 1) print NR " lines of the budget" }'
}

deep_tanh() {
    expect 0,3 run "$work/deep.cfg" -o dir
    lines dir 12 0.05
    power dir 2 3
    [ "$("$json" -g verdict dir/summary.json)" = undecided ] || verdict_of dir # of width 64 T(1/2) of 3 scatters by 40 %
    table dir/agreement.tsv 'c["source"] == "ntk.infinite" && c["q"] == 0.5 && !(c["T_pred_lo"] < c["T_pred"] && c["T_pred"] < c["T_pred_hi"]) {
        print "band", c["T_pred_lo"], c["T_pred_hi"] }'
    table dir/bias.tsv 'c["form"] != "flow" && !(c["fbi"] > 1.5 && c["fbi"] < 2.2) { print c["source"], c["fbi"] }'
}
check "three hidden layers of 64 tanh: band, power, budget and bias of both kernels" deep_tanh

plain_start() {
    expect 0 run "$work/plain.cfg" -o dir
    lines dir 8 0.05
    power dir 2 2
    ! cmp -s dir/decay/ntk.infinite.seed1.gd.tsv dir/decay/ntk.infinite.seed2.gd.tsv || echo "seeds have one forecast"
    grep -q 'verdict   agrees' "$io/out" || tail -n 5 "$io/out"
    # a draw that begins below 1/2 tells nothing of T(1/2)
    expect 0 forecast "$work/plain.cfg" -o loud --set 'net.layers=dense(1024, init=gaussian(6)),tanh,dense(1)'
    table loud/decay/draws.tsv 'c["T(1,0.5)"] == 0 { n++ } END { if (!(n > 0 && n < 48)) print n + 0 " draws begin below 1/2" }'
}
check "a plain start: a forecast for each seed from its own output, agrees" plain_start

convolutions() {
    expect 0,3 run "$work/conv.cfg" -o dir
    lines dir 6 0.05
    power dir 1 3
    [ ! -e dir/decay/draws.tsv ] || echo "draws of a kernel that is not known"
    grep -q 'wide limit of conv1d' "$io/out" || cat "$io/out"
    refused 'largest stable step is 2/lambda_max = [0-9.]*e-06(; train.unstable.*)?$' run "$work/conv.cfg" --set train.eta=1e-5 -o other
}
check "a stack of convolutions: its own kernel of all outputs, and its largest step" convolutions

rows_of_numbers() {
    cp "$work/points.csv" .
    expect 0 run "$work/table.cfg" -o dir
    lines dir 24 0.01
    power dir 2 6
    [ "$("$json" -g unit dir/summary.json)" = mixed ] || "$json" -g unit dir/summary.json
    table dir/agreement.tsv 'c["q"] == 0.5 && c["verdict"] != "agrees" { print c["item"], c["verdict"] }'
    table dir/bias.tsv 'c["fbi"] != "nan" { print "a bias index without an axis", c["fbi"] }'
    expect 0,3 run "$work/table.cfg" -o two --set data.columns=y,z --set 'net.layers=dense(300),relu,dense(2)'
    lines two 24 0.05
}
check "a table of three inputs, one output and two: half waves and parts of filters are judged" rows_of_numbers

momentum() { # RULE
    expect 0,3 run "$work/plain.cfg" -o dir --set train.optimizer="$1" --set train.eta=0.02 --set init.antisymmetric=true \
        --set 'net.layers=dense(1024, init=gaussian(6)),tanh,dense(1)' --set target.amplitude=0.1
    lines dir 8 0.001
    power dir 2 2
    table dir/agreement.tsv 'c["source"] == "ntk.empirical" && c["q"] == 0.5 && c["verdict"] != "agrees" { print c["label"], c["q"], c["verdict"] }'
}
check "heavy ball" momentum heavy_ball
check "Nesterov" momentum nesterov

# The forecast of a seed's own kernel goes through the seed's own batches; infinite width, through many orders.
mini_batches() { # SAMPLING
    cp "$work/points.csv" .
    expect 0,3 run "$work/table.cfg" -o dir --set train.batch=20 --set train.sampling="$1" --set forecast.draws=48
    lines dir 24 0.001
    power dir 2 6
    table dir/agreement.tsv 'c["q"] == 0.5 && c["verdict"] != "agrees" { print c["source"], c["item"], c["verdict"] }'
    table dir/decay/batches.tsv 'c["source"] != "ntk.infinite" || !(c["s"] > 0.004 && c["s"] < 0.5 || c["s"] == "nan") { print c["source"], c["s"] }
        END { if (NR != 13) print NR " lines" }'
}
check "mini-batches of passes: judged" mini_batches pass
check "mini-batches drawn anew: judged" mini_batches independent

wrong_batches() {
    cp "$work/points.csv" .
    set -- "$work/table.cfg" --set train.sampling=independent --set train.batch=2
    refused 'diverges in the mean square: with mini-batches of 2 drawn anew the largest stable step is 1.119$' \
        run "$@" --set train.eta=1.15 -o dir # below 2/lambda_max
    expect 0 check "$@"
    grep -q "up to 1.119 in the mean square with mini-batches of 2; train.eta is 0.179 of it" <(unbroken) || cat "$io/out"
    refused 'train.sampling = "independent": train.batch = 80 takes all 80 examples' check "$@" --set train.batch=80
}
check "a step beyond what the size of a batch allows, and a batch of all" wrong_batches

claims_alone() {
    cp "$work/points.csv" .
    local keys=(--set train.optimizer=adam --set train.eta=0.001 --set forecast.sources=)
    expect 0 run "$work/table.cfg" -o dir "${keys[@]}"
    grep -q '^forecast  none' "$io/out" || cat "$io/out"
    [ "$(verdict_of dir)" = none ] || verdict_of dir
    expect 0 run "$work/table.cfg" -o low "${keys[@]}" --set 'claims=order(err(along(*))@last) = increasing'
    [ "$(verdict_of low)" = agrees ] || verdict_of low
    expect 3 run "$work/table.cfg" -o high "${keys[@]}" --set 'claims=order(err(along(*))@last) = decreasing'
    [ "$(verdict_of high)" = differs ] || verdict_of high
}
check "Adam without a forecast: observed, judged by its claims if there are any" claims_alone

# 20 images of 2 x 2 and their labels 0, 1, as IDX files
images() {
    local i
    { printf '\0\0\10\3\0\0\0\24\0\0\0\2\0\0\0\2'
      for i in $(seq 80); do printf "\\$(printf %03o $((i * i * 37 % 251)))"; done; } >images
    { printf '\0\0\10\1\0\0\0\24'; for i in $(seq 20); do printf "\\$(printf %03o $((i * i % 7 % 2)))"; done; } >labels
}

classes() {
    images
    cat >soft.cfg <<'EOF'
name = "soft";
data = { kind = "idx"; file = "images"; labels = "labels"; };
net = { kind = "layers"; layers = ["dense(64)", "relu", "dense(2)"]; };
observe = { filter = [0.2]; };
train = { eta = 0.1; steps = 100; records = 20; };
EOF
    expect 0,3 run soft.cfg -o squares
    grep -q '^forecast  ntk.infinite ntk.empirical ' "$io/out" || cat "$io/out"
    expect 0,3 run soft.cfg -o soft --set loss.kind=softmax
    grep -q '^forecast  ntk.empirical ' "$io/out" && grep -q 'ntk.infinite: the loss softmax is not' "$io/out" || cat "$io/out"
    [ "$(verdict_of soft)" != none ] || verdict_of soft
}
check "labels: with softmax the kernels have no modes, and the linearised network is trained" classes

# What `kernel` foretells of a network is what `run` seals and lays on what is observed: error 1/2 at step 45.19 of the first seed.
kernel_and_run() {
    cat >both.cfg <<'EOF'
name = "both";
data = { n = 40; };
target = { xi = [1.0, 3.0]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(20)", "tanh", "dense(1)"]; parametrisation = "standard"; };
init = { antisymmetric = false; };
train = { optimizer = "heavy_ball"; eta = 0.01; momentum = 0.5; steps = 200; };
seeds = { count = 2; };
EOF
    expect 0 kernel both.cfg -o kernels
    grep -q 'frequency 1 .* 1/2 at step 45.19 ' "$io/out" || cat "$io/out"
    expect 0,3 run both.cfg -o dir
    table dir/agreement.tsv 'c["source"] == "ntk.empirical" && c["label"] == 1 && c["q"] == 0.5 {
            n++
            step = c["T_pred_hi"] * (1 - 0.5) / 0.01 # the band is the range of the seeds, of which the first is the later
            if (!(step > 45.185 && step < 45.195) || c["verdict"] != "agrees") print "step", step, c["verdict"] }
        END { if (n != 1) print n + 0 " lines" }'
}
check "what kernel foretells is what run seals, trains against and judges" kernel_and_run

# kind = "train" and "learn" mean nothing any more; only studies are kinds.
old_kinds() {
    local kind
    sed 's/^name.*/name = "plain";/' "$work/plain.cfg" >plain.cfg
    expect 0,3 forecast plain.cfg -o none
    for kind in train learn; do
        sed "1a kind = \"$kind\";" plain.cfg >kind.cfg
        expect 0,3 forecast kind.cfg -o $kind
        same_decay none $kind
    done
}
check "the words kind = \"train\" and \"learn\" change nothing" old_kinds

finish
