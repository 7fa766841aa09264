#!/usr/bin/env bash
# specbias reproduce (TAP): figures, their claims and how they come out; nothing is done twice; errors have their line.
in_memory=yes . "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >tiny.cfg <<'END'
name = "tiny";
net = { kind = "two_layer"; width = 256; };
train = { eta = 0.05; time = 4.0; records = 8; };
forecast = { sources = []; };
seeds = { count = 2; };
END
cat >sweeps.cfg <<'END'
name = "sweeps";
kind = "jacobi";
jacobi = { n = 20; sweeps = 9; modes = [2.0]; frequencies = [1.0]; };
END
plan() { # CLAIMS, of the runs one and two
    cat <<END
entries = ( { id = "figure"; paper = "Nobody 1900"; figure = "fig. 1"; equation = "0 = 0"; minutes = 0.1;
  runs = ( { name = "one"; file = "tiny.cfg"; set = ["train.records=9"]; fast = ["seeds.count=3"]; figures = ["decay"]; },
           { name = "two"; file = "sweeps.cfg"; } );
  claims = ( $1 ); } );
END
}
claim() { # HOLDS FAILS
    echo "{ claim = \"it decays\"; expected = \"yes\"; holds = [$1]; fails = [$2]; }"
}
yes='"one: loss@last < 1"' no='"one: loss@first < 0"'
cell='"two: cell(study.tsv; sweep=9; k_2_obs) in [0.6, 0.7]"'

outcomes() { # COLUMN of claims.tsv
    cut -f "$1" dir/claims.tsv | tail -n +2 | paste -sd /
}

comes_out() {
    cp "$work"/*.cfg .
    plan "$(claim "$yes, $cell" ""), $(claim "$yes" "$no"), $(claim "" "$no")" >plan.cfg
    expect 0 reproduce plan.cfg check || return
    expect 0 reproduce plan.cfg list && grep -q '^figure  *0.1  Nobody 1900' "$io/out" || cat "$io/out"
    expect 0 reproduce plan.cfg all -o dir --fast || return
    grep -q '^3 of 3 claims come out as expected, 0 figures failed' "$io/out" || cat "$io/out"
    awk 'length($0) > 80' "$io/out"
    [ "$(outcomes 5)" = "holds/with a condition/does not hold" ] || cat dir/claims.tsv
    [ "$(grep -c '^| figure | Nobody 1900, fig. 1 |' dir/claims.md)" = 3 ] || cat dir/claims.md
    [ "$(tail -n +2 dir/one/train.tsv | wc -l)" = 3 ] || echo "not the fast size"
    # again: nothing is trained; in the other size it is; what was interrupted goes on
    local before
    before=$(cat dir/one/train.tsv)
    expect 0 reproduce plan.cfg figure -o dir --fast && [ "$(grep -c 'done before' "$io/out")" = 2 ] || cat "$io/out"
    rm dir/one/summary.json dir/one/observed.sha256 dir/one/verdict.sha256
    expect 0 reproduce plan.cfg figure -o dir --fast && [ "$(grep -c 'done before' "$io/out")" = 1 ] || cat "$io/out"
    [ -e dir/one/summary.json ] || echo "not finished"
    expect 0 reproduce plan.cfg figure -o dir && [ "$(tail -n +2 dir/one/train.tsv | wc -l)" = 2 ] || cat "$io/out"
    [ "$(outcomes 10)" = full/full/full ] || cat dir/claims.tsv
    # beside a claim the verdict of the forecasts stands, the user's own among them
    printf '1 9\n3 9\n5 9\n' >rates.tsv
    sed 's/sources = \[\]/sources = ["file:rates.tsv"]/; s/eta = 0.05/eta = 0.01/' tiny.cfg >given.cfg
    plan "$(claim "$yes" "")" | sed 's/tiny.cfg/given.cfg/' >plan.cfg
    expect 0 reproduce plan.cfg all -o given || return
    [ "$(verdict_of given/one)" = differs ] || cat given/one/agreement.tsv
    [ "$(cut -f 9 given/claims.tsv | tail -n 1)" = differs ] || cat given/claims.tsv
}

comes_out_otherwise() {
    cp "$work"/*.cfg .
    plan "$(claim "$no" ""), $(claim "" "$yes"), $(claim "$yes" "$yes")" >plan.cfg
    expect 3 reproduce plan.cfg all -o dir || return
    grep -q '^0 of 3 claims come out as expected' "$io/out" || cat "$io/out"
    grep -q 'fails, one: loss@first < 0' "$io/out" || cat "$io/out"
    [ "$(outcomes 5)" = "does not hold/holds/holds" ] || cat dir/claims.tsv
    # a run that cannot be judged fails, alone
    plan "$(claim '"two: loss@last < 1"' "")" >plan.cfg
    expect 1 reproduce plan.cfg all -o dir || return
    errors_match 'plan.cfg:4: .*holds a study of kind jacobi'
    expect 1 reproduce plan.cfg all -o dir && grep -q '^0 of 0 claims .* 1 figures failed' "$io/out" || cat "$io/out"
    echo x >>dir/one/train.tsv
    expect 1 reproduce plan.cfg all -o dir || return
    errors_match 'train.tsv'
}

faulty() { # PATTERN SED-SCRIPT
    plan "$(claim "$yes" "$no")" | sed "$2" >plan.cfg
    refused "$1" reproduce plan.cfg check
}
refusals() {
    cp "$work"/*.cfg .
    faulty "plan.cfg:1: nothing is called 'colour' here" 's/minutes/colour/'
    faulty 'plan.cfg:2: "../one" is no name' 's,"one",".\./one",'
    faulty 'plan.cfg:4: "three: loss@last < 1" begins with no run' 's/one: loss@last/three: loss@last/'
    faulty 'plan.cfg:4: .*did you mean "loss"' 's/loss@last/losss@last/'
    faulty 'plan.cfg:4: nothing is checked' 's/holds = .*]; }/}/'
    faulty 'plan.cfg:2: .*train.record' 's/train.records/train.record/'
    faulty 'plan.cfg:2: .*no set is named "other"' 's/one: loss@first/one: other.loss/'
    faulty 'plan.cfg:3: another run is called "one"' 's/"two"; file/"one"; file/'
    faulty 'plan.cfg:2: .*tiny.cf"*: ' 's/tiny.cfg/tiny.cf/'
    faulty 'plan.cfg:1: "all" is a word of the command' 's/"figure"/"all"/'
    plan "$(claim "$yes" "")" >plan.cfg
    refused "no 'figura' to reproduce; did you mean 'figure'" reproduce plan.cfg figura
    refused "experiments/reproduce.cfg" reproduce all
    refused "goes with reproduce" run tiny.cfg --fast
}

ours_can_be_reproduced() {
    cd "$root" || return
    expect 0 reproduce list || return
    awk 'length($0) > 80' "$io/out"
    local id ids without="cannot read /usr/share/datasets/"
    ids=$(awk '/^[a-z]/ && NR > 1 { print $1 }' "$io/out")
    for id in $ids; do # a data set that is not installed is no fault
        program reproduce check "$id"
        [ "$status" = 0 ] || grep -q "$without" "$io/err" || cat "$io/err"
    done
}

cells() {
    program run "$work/tiny.cfg" -o tiny
    expect 0 measure tiny 'cell(train.tsv; seed=2; steps)' && grep -q '^  run  *80$' "$io/out" || cat "$io/out"
    refused '2 lines of .*train.tsv have these values' measure tiny 'cell(train.tsv; steps)'
    refused '0 lines of' measure tiny 'cell(train.tsv; seed=7; steps)'
    refused 'no "pigs"' measure tiny 'cell(train.tsv; seed=1; pigs)'
    refused 'no run writes a table "../tiny.cfg"' measure tiny 'cell(../tiny.cfg; seed=1; steps)'
    refused '"seed" is no NAME=VALUE' measure tiny 'cell(train.tsv; seed; steps)'
}

check "claims hold, with a condition or not, and nothing is done twice" comes_out
check "what comes out otherwise, and what fails" comes_out_otherwise
check "faulty plans have file and line" refusals
check "the figures of experiments/reproduce.cfg can be made" ours_can_be_reproduced
check "cells of tables are measures" cells
finish
