#!/usr/bin/env bash
# Sweeps: points and their addresses, tables that depend on nothing but the keys, interruptions, job arrays, locks, what is
# refused (TAP). tests/long/sweep.sh kills larger ones.
in_memory=yes
. "$(dirname "$0")/lib/common.sh"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
stand_in_for_gnuplot

base='name = "tiny"; kind = "sweep";
data = { n = 8; };
target = { xi = [1.0]; amplitude = 0.001; };
net = { width = 64; };
train = { eta = 0.1; time = 4.0; records = 20; };
forecast = { sources = ["ntk.empirical"]; };
seeds = { count = 2; };'
cat >sweep.cfg <<END
$base
sweep = { vary = ["net.width = 64, 128, 256", "init.in_scale = 1.5, 2.0"]; measures = ["loss@last", "ln T(1)", "sd ln T(1)", "z"]; };
END
sed 's/, "init.in_scale = 1.5, 2.0"//' sweep.cfg >three.cfg
sweep=$work/sweep.cfg three=$work/three.cfg
tables='sweep.tsv study.tsv exponents.tsv decay/points.tsv summary.json'

same_tables() { # A B
    local table
    for table in $tables; do cmp "$1/$table" "$2/$table"; done
}

expect $ran sweep "$sweep" -j 2 -o "$work/whole" || exit 1
cp "$io/out" "$io/whole.out"
expect $ran sweep "$three" -q -o "$work/three" || exit 1

files() {
    local point
    [ "$(ls whole/points | wc -l)" = 6 ] || ls whole/points
    ls whole/points | grep -vE '^p[0-9a-f]{16}$'
    for point in whole/points/*; do # runs like any other, sealed before they trained
        (cd "$point" && sha256sum -c --quiet forecast.sha256 observed.sha256)
        [ ! "$point/decay/observed.tsv" -ot "$point/forecast.sha256" ] || echo "$point trained before its forecast" # clocks tick
        [ ! "$point/forecast.sha256" -ot whole/forecast.sha256 ] || echo "$point is older than the seal of the sweep"
    done
    expect $ran compare "$point"
    (cd whole && sha256sum -c --quiet forecast.sha256 observed.sha256)
    [ "$(grep -c 'points/p.*/observed.sha256$' whole/observed.sha256)" = 6 ] || cat whole/observed.sha256
    no_leftovers whole
    grep -q '^verdict   ' "$io/whole.out" && grep -q '^  net.width  init.in_scale   loss@last' "$io/whole.out" || cat "$io/whole.out"
    awk 'length > 80' "$io/whole.out"
    expect 0 explain whole
    grep -q ' exponents.tsv ' "$io/out" || cat "$io/out"
    expect 0 sweep "$sweep" -o whole --status
    grep -qx '6 points: 6 finished, 0 running, 0 interrupted, 0 to do' "$io/out" || cat "$io/out"
}
cd_and() { cd "$work" && "$@"; }
check "each point is a run, sealed; the whole before all" cd_and files

numbers() { # what the tables say follows from the runs
    table whole/study.tsv '{ n++; if (c["init.in_scale"] == 2) { w[++m] = log(c["net.width"]); l[m] = log(c["loss@last"]) } }
        END { for (i = 1; i <= m; i++) { mx += w[i] / m; my += l[i] / m } for (i = 1; i <= m; i++) { xx += (w[i] - mx) ^ 2; xy += (w[i] - mx) * (l[i] - my) }
              for (i = 1; i <= m; i++) r += (l[i] - my - xy / xx * (w[i] - mx)) ^ 2; h = 12.706204736174694 * sqrt(r / xx)
              printf "%d %d %.9g %.7g %.7g\n", n, m, xy / xx, xy / xx - h, xy / xx + h }' >mine
    table whole/exponents.tsv 'c["key"] == "net.width" && c["measure"] == "loss@last" && c["at"] == "init.in_scale = 2.0" { printf "6 3 %.9g %.7g %.7g\n", c["exponent"], c["lo"], c["hi"] }' | diff mine -
    # of two values x, y: mean, deviation |x - y| / sqrt(2), t of 1 degree of freedom; chi-square of it
    table whole/sweep.tsv '{ k = c["point"]; if (k in x) { a = x[k]; b = c["loss@last"]; d = a - b; if (d < 0) d = -d; printf "%s %.9g %.9g %.7g %.7g\n", k, (a + b) / 2, d / sqrt(2), (a + b) / 2 - 12.706204736174694 * d / 2, (a + b) / 2 + 12.706204736174694 * d / 2 } x[k] = c["loss@last"] }' >means
    table whole/study.tsv '{ printf "%s %.9g %.9g %.7g %.7g\n", c["point"], c["loss@last"], c["loss@last.sd"], c["loss@last.lo"], c["loss@last.hi"] }' | diff means -
    table whole/sweep.tsv '{ k = c["point"]; v = log(c["T(1)"]); if (k in x) { d = x[k] - v; if (d < 0) d = -d; printf "%s %.7g %.7g %.7g\n", k, d / sqrt(2), d / sqrt(2) / sqrt(5.023886187314888), d / sqrt(2) / sqrt(0.000982069117175256) } x[k] = v }' >deviations
    table whole/study.tsv '{ printf "%s %.7g %.7g %.7g\n", c["point"], c["sd ln T(1)"], c["sd ln T(1).lo"], c["sd ln T(1).hi"] }' | diff deviations -
    # and from the tables of a run
    local point=whole/points/$(sed -n 2p whole/sweep.tsv | cut -f 1)
    [ "$(table "$point/train.tsv" 'NR == 2 { print c["loss"] }' | cut -c 1-12)" = "$(table whole/sweep.tsv 'NR == 2 { print c["loss@last"] }' | cut -c 1-12)" ] || echo "another loss"
    table "$point/agreement.tsv" 'c["q"] == 0.5 { printf "%.9g\n", log(c["T_pred"]) }' | diff - <(table whole/study.tsv 'NR == 2 { printf "%.9g\n", c["ln T(1).forecast"] }')
}
check "means, deviations, intervals and exponents follow from the runs" cd_and numbers

order() { # nothing depends on the order of points: last first, as a job array would, then the rest
    expect 0 sweep "$three" -o array --seal
    expect 0 sweep "$three" -o array --array-index 3
    expect 0 sweep "$three" -o array --status
    grep -qx '3 points: 1 finished, 0 running, 0 interrupted, 2 to do' "$io/out" || cat "$io/out"
    expect 1 sweep "$three" -o array --gather
    errors_match '2 of 3 points are not finished; the tables in array hold the others$'
    [ "$(wc -l <array/sweep.tsv)" = 3 ] && [ ! -e array/summary.json ] || cat array/sweep.tsv
    for i in 2 1; do expect 0 sweep "$three" -o array --array-index $i; done
    expect $ran sweep "$three" -o array --gather
    same_tables "$work/three" array
    refused '--array-index 4: there are 3 points' sweep "$three" -o array --array-index 4
}
check "a job array gives the same tables" order

at_once() { # processes that share the folder do each point once
    local i
    for i in 1 2 3; do "$SPECBIAS" sweep "$sweep" -o shared -q -j 1 >"$io/shared.$i" 2>&1 & done
    wait
    expect $ran sweep "$sweep" -o shared -q
    same_tables "$work/whole" shared
    [ "$(cat shared/points/*/train.tsv | wc -l)" = 18 ] || ls shared/points
    find shared -name '*.lock'
}
check "processes that share the folder do each point once" at_once

killed() { # kill -9 somewhere, the same command again: the same tables, and nothing that was finished is touched
    local turn before after
    for turn in 1 2 3; do
        timeout -s KILL 0.$((turn * 3 % 10))5 "$SPECBIAS" sweep "$sweep" -o killed -q -j 1 >/dev/null 2>&1
        before=$(ls -l --time-style=full-iso killed/points/*/summary.json 2>/dev/null)
    done 2>/dev/null
    expect $ran sweep "$sweep" -o killed -q
    after=$([ -z "$before" ] || ls -l --time-style=full-iso $(awk '{ print $NF }' <<<"$before") 2>/dev/null)
    [ "$before" = "$after" ] || echo "a finished point was done again"
    same_tables "$work/whole" killed
    no_leftovers killed
    find killed -name '*.lock' -o -name checkpoints
}
check "after kill -9 the same command goes on" killed

other_keys() { # another sweep in the folder: not by itself, and points that are the same stay
    cp -r "$work/whole" dir
    sed 's/64, 128, 256/64, 128, 512/' "$sweep" >other.cfg
    refused 'the keys differ from those under seal in dir/config.cfg.*--force seals the sweep anew and keeps what is finished' sweep other.cfg -o dir
    expect $ran sweep other.cfg -o dir --force
    grep -q '4 of them were finished before these keys were sealed' "$io/out" || cat "$io/out"
    [ "$(cut -f 4 dir/decay/points.tsv | tr '\n' ' ')" = "before 1 1 1 1 0 0 " ] || cat dir/decay/points.tsv
    diff <(grep -vP '\t512\t' dir/sweep.tsv) <(grep -vP '\t256\t' "$work/whole/sweep.tsv")
    # the name of the sweep is no part of the address
    expect 0 sweep "$sweep" --set name=renamed -o renamed --seal
    diff <(cut -f 1 renamed/decay/points.tsv) <(cut -f 1 "$work/whole/decay/points.tsv")
}
check "other keys: sealed anew with --force, equal points stay" other_keys

tampered() {
    cp -r "$work/whole" dir
    local point
    point=$(ls -d dir/points/* | head -n 1)
    sed -i '2s/[0-9]/8/' "$point/decay/observed.tsv"
    expect 2 sweep "$sweep" -o dir --gather
    errors_match 'broken seal: .*decay/observed.tsv'
    rm -r dir
    cp -r "$work/whole" dir
    mkdir elsewhere
    rm -r "$point" && ln -s ../../elsewhere "$point"
    expect 2 sweep "$sweep" -o dir --gather
    errors_match 'is a link; nothing is read or written through it'
    [ -z "$(ls elsewhere)" ] || ls elsewhere
    rm -r dir/points && ln -s ../elsewhere dir/points
    expect 2 sweep "$sweep" -o dir
    errors_match 'points is a link'
    [ -z "$(ls elsewhere)" ] || ls elsewhere
    mkdir mine && echo mine >mine/file
    refused 'mine exists and is not a run directory' sweep "$sweep" -o mine
}
check "what was changed, links, foreign folders" tampered

variables() { # let, repeat, and keys that apply at some points alone
    cat >let.cfg <<END
$(grep -v '^net\|^forecast' <<<"$base")
let = { d = 1; w = 8; };
net = { kind = "layers"; layers = ["repeat(\$d, dense(\$w), tanh)", "dense(1)"]; };
train = { optimizer = "adam"; eta = 0.01; steps = 5; beta2 = 0.99; };
forecast = { sources = []; };
sweep = { vary = ["let.d = 1, 2", "train.optimizer = gd, adam"]; measures = ["loss@last"]; };
END
    sed -i '/^train = { eta = 0.1/d' let.cfg
    expect $ran sweep let.cfg -o dir || return
    grep -h ' layers = ' dir/points/*/config.cfg | sort | uniq -c | sed 's/^ *//' | diff - <(echo '2     layers = ["dense(8)", "tanh", "dense(1)"];
2     layers = ["dense(8)", "tanh", "dense(8)", "tanh", "dense(1)"];')
    [ "$(grep -l beta2 dir/points/*/config.cfg | wc -l)" = 2 ] || grep beta2 dir/points/*/config.cfg
    grep -q '^let = \["d = 1", "w = 8"\];' dir/config.cfg || grep let dir/config.cfg
    sed 's/"let.d = 1, 2", //; s/points//' let.cfg >plain.cfg
    expect 0 check plain.cfg
    refused 'two points are the same run, train.beta2 = 0.9, train.optimizer = gd and train.beta2 = 0.99, train.optimizer = gd' sweep plain.cfg --set 'sweep.vary="train.beta2 = 0.9, 0.99","train.optimizer = gd, adam"' -o no
    refused 'train.beta2 has no effect here: it needs train.optimizer = "adam"' sweep plain.cfg --set 'sweep.vary="let.d = 1, 2"' --set train.optimizer=gd -o no
    refused 'let.e: there is no such variable in let' sweep plain.cfg --set 'sweep.vary="let.e = 1, 2"' -o no
    refused 'let.e is used by no text' sweep plain.cfg --set let.e=1 -o no
    expect $ran sweep let.cfg -o list --set sweep.points=list
    [ "$(cut -f 2,3 list/study.tsv | tail -n +2 | tr '\t\n' ' ,')" = '1 gd,2 adam,' ] || cat list/study.tsv
}
check "variables, keys of some points, lists" variables

without() { # KEY=VALUE PATTERN
    refused "$2" sweep "$sweep" --set "$1" -o no
}
check "nothing to vary" without 'sweep.vary=[]' 'a sweep needs keys to vary'
check "an unknown key" without 'sweep.vary="net.widht = 1, 2"' "\"?.*unknown key 'net.widht'; did you mean 'net.width'"
check "a value out of range" without 'sweep.vary="train.eta = 0.1, -1"' 'at train.eta = -1: .*train.eta = -1 is out of range'
check "a value of another type" without 'sweep.vary="net.width = 64, x"' 'at net.width = x: '
check "no value" without 'sweep.vary="net.width = 64, ,128"' 'a value of net.width is empty'
check "a key twice" without 'sweep.vary="net.width = 64","net.width = 128"' 'net.width is varied twice'
check "the name" without 'sweep.vary="name = ../../x, y"' 'name belongs to the sweep, it cannot be varied'
check "lists of different lengths" without 'sweep.points=list' 'net.width has 3 values and init.in_scale has 2'
check "a measure that is none" without 'sweep.measures="los@last"' 'sweep.measures: "los@last": '
check "seconds among what is measured" without 'sweep.measures="run(seconds)"' 'seconds stand in seconds.tsv'
check "no measure" without 'sweep.measures=[]' 'a sweep needs sweep.measures'
check "a point that cannot be" without 'sweep.vary="train.eta = 0.1, 1e9"' 'at train.eta = 1e9: '
check "too many points" without 'sweep.vary="seeds.first = 1, 2","data.seed = 1, 2"' 'two points are the same run'
refuses "a run of keys of a sweep" 'needs kind = "sweep" or "start" \(it is "train"\)' run "$sweep" --set kind=train -o no
refuses "options of a sweep elsewhere" 'this option goes with sweep' run "$small" --gather -o no
refuses "an engine that is none" '--script pbs: must be slurm, parallel or snakemake' sweep "$sweep" --script pbs

scripts() { # the files for other engines do what they say; engines that are not here are played
    expect 0 sweep "$three" -o "a folder's" --set train.eta=0.1 --script slurm || return
    cp "$io/out" tiny.sh
    grep -q '^#SBATCH --array=1-3$' tiny.sh || cat tiny.sh
    local i
    for i in 1 2 3; do SLURM_ARRAY_TASK_ID=$i bash tiny.sh || echo "task $i"; done
    bash -c "$(tail -n 1 tiny.sh | cut -c 3-)" >/dev/null 2>"$io/err"
    [ $? = 0 ] || [ $? = 3 ] || cat "$io/err"
    cmp "a folder's/sweep.tsv" "$work/three/sweep.tsv"
    expect 0 sweep "$three" -o b --script parallel || return
    cp "$io/out" parallel.sh
    mkdir bin
    printf '#!/bin/bash\nshift # -q\nwhile read -r i; do "${@//\\{\\}/$i}" </dev/null; done\n' >bin/parallel
    parallel --version 2>/dev/null | grep -q GNU || chmod +x bin/parallel
    PATH=$PWD/bin:$PATH sh parallel.sh >/dev/null 2>"$io/err"
    cmp b/sweep.tsv "$work/three/sweep.tsv"
    expect 0 sweep "$three" -o c --script snakemake
    [ "$(grep -c '^rule ' "$io/out")" = 4 ] && [ "$(grep -oE '"p[0-9a-f]{16}": [123]' "$io/out" | wc -l)" = 3 ] || cat "$io/out"
}
check "scripts for slurm, parallel and snakemake" scripts

whole_claims() { # of power laws: of the sweep, not of its points; a loss of squares grows with the square of the target
    sed 's/net.width = 64, 128, 256/target.amplitude = 0.0001, 0.0002, 0.0004/; s/, "z"//; s/"ntk.empirical"//' "$three" >claims.cfg
    expect 3 sweep claims.cfg -o dir --set 'claims=["exponent(loss@last) in [1.99, 2.01]", "exponent(loss@last; target.amplitude) < 1.9"]'
    grep -qE '^  holds +exponent\(loss@last\) in' "$io/out" && grep -qE '^  fails +exponent\(loss@last; target.amplitude\) < 1.9' "$io/out" || cat "$io/out"
    [ "$(verdict_of dir)" = differs ] && (cd dir && sha256sum -c --quiet forecast.sha256) && grep -q 'exponent(loss@last)' dir/config.cfg || cat dir/config.cfg
    expect $ran sweep claims.cfg -q -o other
    diff <(ls dir/points) <(ls other/points) # the same runs
    grep -l 'exponent(' dir/points/*/config.cfg
    refused '"loss" is none of sweep.measures' sweep claims.cfg -o new --set 'claims=["exponent(loss) < 1"]'
    refused 'net.width is no number that varies' sweep claims.cfg -o new --set 'claims=["exponent(loss@last; net.width) < 1"]'
    refused 'an exponent is compared with a number' sweep claims.cfg -o new --set 'claims=["exponent(loss@last) < loss"]'
    refused 'power laws are those of a sweep' run claims.cfg -o new --set kind=train --set sweep.vary= --set sweep.measures= --set 'claims=["exponent(loss) < 1"]'
}
check "claims of power laws are of the sweep as a whole" whole_claims

finish
