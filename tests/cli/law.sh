#!/usr/bin/env bash
# The forecaster `law`: what it covers, what it writes, and that it knows what the frozen kernel does not (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >law.cfg <<'END'
name = "law";
data = { kind = "uniform"; n = 16; };
target = { xi = [1.0, 2.0]; amplitude = 0.5; };
net = { activation = "tanh"; width = 64; };
init = { in_scale = 5.0; };
train = { eta = 0.05; time = 20.0; records = 40; };
forecast = { sources = ["law"]; };
seeds = { count = 1; };
END
law=$work/law.cfg

refuses() { # WORDS OPTION ..
    expect 2 check "$law" "${@:2}" || return
    grep -q "$1" "$io/err" || cat "$io/err"
}
covers() {
    refuses "random and belongs to a seed" --set init.antisymmetric=false
    refuses "does not know mini-batches" --set train.batch=4
    expect 0 check "$law" --set train.optimizer=adam --set train.eta=0.01 --set train.time=5
}
check "a random output and mini-batches are refused with the reason, Adam is not" covers

# COLUMN of law.tsv at err LEVEL of item XI
cell() {
    awk -F '\t' -v c="$1" -v xi="$2" -v q="$3" '/^#/ { next }
        !at { for (i = 1; i <= NF; i++) if ($i == c) at = i; next }
        $1 == xi && $2 == q { print $at }' dir/decay/law.tsv
}

table() {
    expect 0,3 run "$law" -o dir || return
    [ ! -e dir/decay/law.flow.tsv ] || echo "there is a table of the flow"
    grep -qE '^# nodes [0-9]+, cost [0-9.]+ trainings, err changed by [0-9.e-]+, tolerance 0.001$' dir/decay/law.tsv ||
        head -1 dir/decay/law.tsv
    grep -q 'decay/law.tsv' dir/forecast.sha256 || echo "law.tsv is not sealed"
    # a larger target moves the weights more, and with them T; had they not moved, T would be that of the frozen kernel
    awk -v half="$(cell T_half 2 0.5)" -v t="$(cell T 2 0.5)" -v double="$(cell T_double 2 0.5)" \
        -v frozen="$(cell T_frozen 2 0.5)" 'BEGIN {
        a = frozen / half - 1; b = frozen / t - 1; c = frozen / double - 1
        if (!(a * b > 0 && a * a < b * b && b * b < c * c && b * b > .005)) print half, t, double, frozen }'
    awk -v change="$(cell change 2 0.5)" 'BEGIN { exit !(change < 1e-3) }' || echo "change $(cell change 2 0.5)"
}
check "law.tsv tells of the nodes and of wrong laws, under the seal" table

# A law that diverges ends itself, not the forecasts beside it; who reads the directory later knows.
eager=(--set net.activation=relu --set init.in_scale=2 --set target.amplitude=20 --set train.eta=0.236 --set forecast.rehearsals=0)
diverges() {
    expect 0,3 run "$law" -o dir "${eager[@]}" --set forecast.sources=law,ntk.empirical || return
    errors_match 'law: not covered: the law: training diverged at step [0-9]*'
    grep -q '^forecast  ntk.empirical ' "$io/out" && grep -q '^  law: not covered: ' "$io/out" || cat "$io/out"
    grep -q ' decay/uncovered.tsv$' dir/forecast.sha256 || cat dir/forecast.sha256
    ! compgen -G 'dir/decay/law.*' || echo "tables of what did not come about"
    [ "$(tail -n +2 dir/agreement.tsv | cut -f 1 | sort -u)" = ntk.empirical ] || cat dir/agreement.tsv
    "$json" -l dir/summary.json | grep 'uncovered.*law: not covered' >/dev/null || "$json" -l dir/summary.json
    expect 0 explain dir && grep -q 'law: not covered' "$io/out" || cat "$io/out"
    expect 0 plot dir && expect 0,3 compare dir
    sed -i 's/^law/lfp/' dir/decay/uncovered.tsv
    expect 1,2 compare dir
    errors_match 'broken seal: .*uncovered.tsv was changed'
    reseal dir
    expect 2 compare dir
    errors_match 'uncovered.tsv:2: no source of this case with a reason'
}
check "a law that diverges is not covered, and the others go on" diverges
alone() {
    expect 0 run "$law" -o dir "${eager[@]}" || return
    [ "$(verdict_of dir)" = none ] || verdict_of dir
    expect 0 explain dir && grep -q 'nothing was judged: no forecast came about' "$io/out" || cat "$io/out"
}
check "where nothing is left nothing is judged" alone

field() { # also what is not judged
    expect 0,3 forecast "$law" -o field --set observe.field=4 --set train.records=10 || return
    [ -s field/decay/law.gd.field.tsv ] || echo "there is no field"
}
check "the error field of the law" field

finish
