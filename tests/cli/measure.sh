#!/usr/bin/env bash
# Numbers of a run by name (TAP): what `specbias measure` tells is what its tables say.
in_memory=yes . "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >sets.cfg <<'END'
name = "sets";
data = { kind = "derivative"; n = 12; test = 6; length = 16; bands = [1.0, 4.0, 1.0, 2.0, 3.0, 4.0]; };
net = { kind = "layers"; layers = ["conv1d(4, 3, circular)", "tanh", "conv1d(1, 3, circular)"]; };
init = { antisymmetric = false; };
train = { optimizer = "adam"; eta = 1e-3; epochs = 20; batch = 4; records = 15; spacing = "linear"; };
observe = { projection = [1.0, 2.0, 3.0]; filter = [0.2]; drift = 3; };
forecast = { sources = []; };
seeds = { count = 3; };
END
cat >waves.cfg <<'END'
name = "waves";
net = { kind = "two_layer"; width = 512; };
train = { eta = 0.05; time = 60.0; records = 60; };
forecast = { draws = 16; };
seeds = { count = 3; };
END
expect 0 run sets.cfg -o sets
expect 0,3 run waves.cfg -o waves

# The values of the seeds, as -v prints them.
values() { # DIR MEASURE
    program measure -v "$1" "$2"
    [ "$status" = 0 ] || cat "$io/err"
    awk '$1 == "seed" { print $3 }' "$io/out"
}
# Two columns of numbers are the same to six digits.
same() { # NAME, of lines "A B"
    awk -v name="$1" '{ d = $1 - $2; if (NF != 2 || d * d > 1e-10 * $2 * $2) print name ": " $0; n++ } END { if (n != 3) print name ": " n + 0 " lines" }'
}

of_history() {
    local s
    for s in 1 2 3; do table "$work/sets/history.seed$s.tsv" '{ last = c["low_loss"] } END { print last }'; done >last
    values "$work/sets" low.loss@last | paste -d ' ' - last | same "low.loss"
    for s in 1 2 3; do table "$work/sets/history.seed$s.tsv" '{ loss[NR] = c["high_loss"] }
        END { for (i = NR - 4; i <= NR; i++) sum += loss[i]; printf "%.10g\n", sum / 5 }'; done >mean
    values "$work/sets" high.loss@last5 | paste -d ' ' - mean | same "mean of the last five"
    values "$work/sets" loss@epoch=20 >epochs # three batches each
    values "$work/sets" train.loss@step=60 | paste -d ' ' - epochs | same "epochs"
    for s in 1 2 3; do table "$work/sets/drift.seed$s.tsv" '{ last = c["turn"] } END { print last }'; done >turn
    values "$work/sets" 'drift(turn)' | paste -d ' ' - turn | same "drift"
    awk 'NR > 1 { print $5 }' "$work/sets/train.tsv" >change
    values "$work/sets" 'run(kernel_change)' | paste -d ' ' - change | same "train.tsv"
    for s in 1 2 3; do
        table "$work/sets/history.seed$s.tsv" 'c["step"] >= 3 { n++; low += c["err(low(0.2))"] < c["err(high(0.2))"] } END { print low / n }'
    done >ahead
    values "$work/sets" 'ahead(0.2)' | paste -d ' ' - ahead | same "share of records"
    for s in 1 2 3; do # of three items: pairs in order less pairs reversed, of three
        table "$work/sets/history.seed$s.tsv" '{ last = c["err(along(1))"] " " c["err(along(2))"] " " c["err(along(3))"] } END { print last }' |
            awk 'function up(a, b) { return (b > a) - (b < a) } { print (up($1, $2) + up($1, $3) + up($2, $3)) / 3 }'
    done >tau
    values "$work/sets" 'tau(err(along(*))@last)' | paste -d ' ' - tau | same "rank correlation"
}

of_verdict() {
    table "$work/waves/bias.tsv" 'c["source"] == "observed" && c["seed"] != "nan" { print c["fbi"] }' >fbi
    values "$work/waves" fbi | paste -d ' ' - fbi | same fbi
    program measure "$work/waves" 'T(3, 1/2)' # mean of the seeds; forecasts with their bands, as they are judged
    table "$work/waves/agreement.tsv" 'c["item"] == "3" && c["q"] == 0.5 { printf "%s %.6g %.6g\n", c["source"], c["T_pred"], c["T_pred_lo"] }' >told
    awk '$3 ~ /^[(]/ { print $1, $2, substr($3, 2) }' "$io/out" | diff told - || cat "$io/out"
    values "$work/waves" 'T(3, 1/2)' | awk '{ sum += log($1) } END { print exp(sum / 3) }' >mean
    paste -d ' ' mean <(table "$work/waves/agreement.tsv" 'c["source"] == "lfp" && c["item"] == "3" && c["q"] == 0.5 { print c["T_obs"] }') |
        awk '{ d = $1 / $2 - 1; if (!(d * d < 1e-9)) print "geometric mean " $0 }'
    program measure "$work/waves" z ntk.empirical.z 'lfp.z(1, 1/10)' verdict 'summary(laziness.effect)'
    {
        table "$work/waves/agreement.tsv" 'c["z"] != "nan" && c["z"] + 0 > z + 0 { z = c["z"] } END { printf "%.6g\n", z }'
        table "$work/waves/agreement.tsv" 'c["source"] == "ntk.empirical" && c["z"] != "nan" && c["z"] + 0 > z + 0 { z = c["z"] } END { printf "%.6g\n", z }'
        table "$work/waves/agreement.tsv" 'c["source"] == "lfp" && c["item"] == "1" && c["q"] == 0.1 { printf "%.6g\n", c["z"] }'
        "$json" -g verdict "$work/waves/summary.json" | sed 's/agrees/1/; s/undecided/0/; s/differs/-1/'
        "$json" -l "$work/waves/summary.json" | awk '$1 == "laziness.effect" { printf "%.6g\n", $2 }'
    } >wanted
    awk '$1 == "run" { print $2 }' "$io/out" | diff wanted - || cat "$io/out"
}

# What is not there is told by what is; nothing is told of a touched directory.
refusals() {
    refused 'sets/history.seed1.tsv has no "mid"; there are train, low, high$' measure "$work/sets" mid.loss
    refused 'nothing that is watched is named "3"; there are along' measure "$work/sets" 'T(3)'
    refused 'accuracy: not measured in this run' measure "$work/waves" accuracy
    refused 'the drift of kernels was not recorded' measure "$work/waves" 'drift(change)'
    refused 'train.tsv has no "second"; there are seed, steps, seconds' measure "$work/waves" 'run(second)'
    refused 'z\(7\): no such line in agreement.tsv' measure "$work/waves" 'z(7)'
    refused 'did you mean "loss"' measure "$work/waves" los
    refused 'measure needs what to measure' measure "$work/waves"
    refused 'holds no trained networks' measure . loss
    cp -r "$work/sets" touched
    sed -i '2s/[0-9]/7/' touched/history.seed1.tsv
    refused 'touched/.*history.seed1.tsv' measure touched loss
}

check "losses, records, epochs, drift, training, ranks" of_history
check "times, bias, z, numbers of the summary, and what forecasts say" of_verdict
check "what there is not" refusals
finish
