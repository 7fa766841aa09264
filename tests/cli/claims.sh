#!/usr/bin/env bash
# Claims from configuration to verdict (TAP): they hold, fail, are undecided; errors have their line; they are under seal.
in_memory=yes . "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >sets.cfg <<'END'
name = "sets";
claims = ["low.loss@last < 1e6"];
data = { kind = "derivative"; n = 12; test = 6; length = 16; bands = [1.0, 4.0, 1.0, 2.0, 3.0, 4.0]; };
net = { kind = "layers"; layers = ["conv1d(4, 3, circular)", "tanh", "conv1d(1, 3, circular)"]; };
init = { antisymmetric = false; };
train = { optimizer = "adam"; eta = 1e-3; epochs = 20; batch = 4; records = 15; spacing = "linear"; };
observe = { projection = [1.0, 2.0, 3.0]; };
forecast = { sources = []; };
seeds = { count = 3; };
END

finding() { # DIR INDEX MEMBER
    "$json" -l "$1/summary.json" | awk -F '\t' -v name="claims.$2.$3" '$1 == name { print $2 }' | tr -d '"'
}
findings() { # DIR: the words, in order
    local i
    for i in 0 1 2 3 4 5; do finding "$1" $i finding; done | xargs
}

judged() {
    expect 0 run "$work/sets.cfg" -o dir || return
    [ "$(verdict_of dir)/$(findings dir)" = agrees/holds ] || cat dir/summary.json
    # the same networks again: one that fails, one that no interval decides, an order, a strict one
    "$SPECBIAS" measure -v dir high.loss >high && "$SPECBIAS" measure -v dir low.loss >low
    awk '$1 == "seed" { print $3 }' low | paste -d ' ' - <(awk '$1 == "seed" { print $3 }' high) >pairs
    local mean
    mean=$(awk '$1 == "runs" { print $2 }' low)
    local claims="low.loss > high.loss, low.loss in [0, $mean], order(err@last) = increasing"
    claims+=", order(err@last) = strictly decreasing, 2*loss@first >= loss@last"
    expect 3 run "$work/sets.cfg" -o all --set "claims=$claims" || return
    [ "$(verdict_of all)" = differs ] || echo "verdict $(verdict_of all)"
    grep -q '^claims$' "$io/out" && grep -q '^  low.loss > high.loss$' "$io/out" || cat "$io/out"
    grep -qE '^    fails: difference -[0-9.]+, 95 % interval -[0-9.]+ to -[0-9.]+$' "$io/out" || cat "$io/out"
    grep -qE '^    fails: so in 0 of 3 seeds$' "$io/out" || cat "$io/out"
    [ "$(awk 'length > 80' "$io/out" | grep -c claim)" = 0 ] || awk 'length > 80' "$io/out"
    [ "$(findings all)" = "fails undecided holds fails holds" ] || findings all
    # mean +- 4.302653 deviation / 3^1/2 of the paired differences
    awk '{ d[NR] = $1 - $2; s += d[NR] / 3 } END { for (i = 1; i <= 3; i++) q += (d[i] - s) ^ 2
        print s, s - 4.302653 * sqrt(q / 2 / 3) }' pairs >wanted
    echo "$(finding all 0 value) $(finding all 0 lo)" | paste -d ' ' - wanted |
        awk '{ for (i = 1; i <= 2; i++) { d = $i / $(i + 2) - 1; if (!(d * d < 1e-8)) print } }'
    [ "$(finding all 2 interval)/$(finding all 0 interval)/$(finding all 3 in_order)" = bootstrap/t/0 ] || cat all/summary.json
    expect 0 explain all
    grep -q '^    fails: so in 0 of 3 seeds$' "$io/out" || cat "$io/out"
}

one_seed() {
    expect 3 run "$work/sets.cfg" -o one --seeds 1 --set 'claims=loss@last > 1e6' || return
    grep -q 'of one seed: no interval$' "$io/out" || cat "$io/out"
    [ "$(finding one 0 interval)/$(finding one 0 finding)" = none/fails ] || cat one/summary.json
    expect 3 run "$work/sets.cfg" -o never --set 'claims=T(1, 1/10) < 1e9' || return # it is never reached
    grep -qE '^    undecided: not known in [123] of 3$' "$io/out" || cat "$io/out"
    [ "$(verdict_of never)" = undecided ] || echo "verdict $(verdict_of never)"
}

# z is known only when forecasts were judged; the run takes the worst of both.
beside_forecasts() {
    expect 3 run "$small" -o dir --set 'claims=z < 100, z > 100, fbi > 0, order(T) = increasing' || return
    [ "$(finding dir 0 finding)/$(finding dir 1 finding)" = holds/fails ] || findings dir
    grep -q 'one value of the run: no interval$' "$io/out" || cat "$io/out"
    near_z "$(finding dir 0 value)" "$(table dir/agreement.tsv 'c["z"] != "nan" && c["z"] + 0 > z + 0 { z = c["z"] } END { print z }')"
}
near_z() { awk -v a="$1" -v b="$2" 'BEGIN { d = a / b - 1; if (!(d * d < 1e-12)) print "z " a ", " b }'; }

errors() {
    sed 's/low.loss@last < 1e6/lwo.los@last < 1e6/' "$work/sets.cfg" >bad.cfg
    refused 'bad.cfg:2: claim "lwo.los@last < 1e6": .*no quantity "los"; did you mean "loss"' run bad.cfg -o dir
    sed 's/low.loss@last < 1e6/mid.loss@last < 1e6/' "$work/sets.cfg" >bad.cfg
    refused 'bad.cfg:2: claim "mid.loss@last < 1e6": .*no set is named "mid"; there are train, low, high' run bad.cfg -o dir
    refused 'it compares nothing' check "$work/sets.cfg" --set 'claims=loss@last'
    refused 'no forecast is named' check "$work/sets.cfg" --set 'claims=z < 3'
    refused 'the data have no classes' check "$work/sets.cfg" --set 'claims=accuracy > 0.5'
    refused 'set observe.drift' check "$work/sets.cfg" --set 'claims=drift(change) < 1'
    refused 'no item that is watched is named "4"; there are' check "$work/sets.cfg" --set 'claims=T(4) < 1'
    refused 'observe.filter' check "$work/sets.cfg" --set 'claims=ahead > 0.5'
    refused "unknown key 'observe.claim'" check "$work/sets.cfg" --set observe.claim=low_first
}

# A claim that is made after the outcome is none: it is under the seal of the forecast.
sealed() {
    expect 0 forecast "$work/sets.cfg" -o dir || return
    expect 2 train dir --set 'claims=low.loss@last < 1e7'
    errors_match 'the keys differ from those under seal in dir/config.cfg'
    expect 0 train dir || return
    cp -r dir edited
    sed -i 's/low.loss@last < 1e6/low.loss@last > 0/' edited/config.cfg
    expect 2 compare edited
    errors_match 'edited/.*config.cfg'
    expect 0 compare dir || return
    sed -i 's/low.loss@last < 1e6/low.loss@last > 0/' dir/config.cfg
    for command in compare explain; do
        expect 2 $command dir
        errors_match 'config.cfg'
    done
}

check "claims that hold, fail, are undecided; paired intervals" judged
check "one seed, and a time that is never reached" one_seed
check "claims beside forecasts" beside_forecasts
check "errors with their line" errors
check "claims are sealed" sealed

of_tests() { # a test set that is the training set has its errors, another one others
    awk 'BEGIN { srand(1); print "a,b,y"; for (i = 0; i < 30; i++) { a = rand(); b = 2 * rand(); print a "," b "," a * b } }' >same.csv
    cat >same.cfg <<'END'
name = "same";
claims = ["test.err(along(1))@last < test.err(along(1))@first"];
data = { kind = "table"; file = "same.csv"; test_file = "same.csv"; };
net = { kind = "layers"; layers = ["dense(16)", "tanh", "dense(1)"]; };
train = { eta = 0.02; steps = 40; records = 6; };
observe = { projection = [1.0, 2.0]; filter = [0.1]; tests = true; };
forecast = { sources = []; };
seeds = { count = 2; };
END
    expect 0 run same.cfg -o same || return
    [ -s same/errors.test.tsv ] || echo "no errors.test.tsv"
    local gap='{ for (n in column) if (n ~ /^err/) { d = $(column[n]) - $(column["test_" n]); if (d * d > most) most = d * d } }'
    awk -F '\t' "NR == 1 { for (i = 1; i <= NF; i++) column[\$i] = i; next } $gap END { if (NR < 5 || !(most < 1e-20)) print \"off by \" most }" same/history.seed1.tsv
    sed '/^0.[0-4]/d' same.csv >half.csv
    expect 0 run same.cfg -o other --set data.test_file=half.csv --set claims=[] || return
    awk -F '\t' "NR == 1 { for (i = 1; i <= NF; i++) column[\$i] = i; next } $gap END { if (!(most > 1e-8)) print \"the same\" }" other/history.seed1.tsv
    expect 2 check same.cfg --set observe.tests=false && grep -q 'set observe.tests' "$io/err" || cat "$io/err"
    expect 2 measure same 'test.err(along(9))@last' && grep -q 'has no "test_err(along(9))"' "$io/err" || cat "$io/err"
}
check "items are watched on test sets, too, and claims take them" of_tests
finish
