#!/usr/bin/env bash
# What CONTRIBUTING says of adding things, followed to the letter in a copy of the tree (TAP): each file of recipes/ at its
# place, its line in the list. They build, are checked by the tests that walk the lists, run to a verdict, and are judged
# where they are covered only; a file without its line, or the reverse, is noticed, and so is what is wrong in them. About
# five minutes without a compiler cache.
. "$(dirname "$0")/../cli/lib/common.sh"
. "$root/tests/cli/lib/rules.sh"

# ---- the copy, with what is new ----

tree=$work/tree
mkdir "$tree" && cp -r "$root"/{Makefile,src,theory,include,tests,plots,experiments} "$tree" || exit 1
cp -r "$root/.ci" "$tree" 2>/dev/null
for file in CHANGELOG.md CITATION.cff CONTRIBUTING.md LICENSE README.md; do cp "$root/$file" "$tree"; done

added=()
add() { # FILE LINE: of the list.def beside it
    cp "$root/tests/long/recipes/$1" "$tree/$1" || exit 1
    echo "$2" >>"$tree/${1%/*}/list.def"
    added+=("$1")
}
add src/net/activation/softsign.c 'ACTIVATION(softsign)'
add src/net/layer/reversed.c 'LAYER(reversed)'
sed -i 's/^const stack stacks\[\] = {$/&\n    {"reversed", {1, 1, 3}, {"reversed(5)", "tanh", "reversed(4)", "sine", "dense(2)"}},/' "$tree/tests/unit/common/stacks.c"
add src/rule/running_mean.c 'RULE(running_mean)'
add src/train/loss/huber.c 'LOSS(huber)'
add src/train/loss/loud.c 'LOSS(loud)'
add src/density/triangular.c 'DENSITY(triangular)'
add src/data/points/chebyshev.c 'POINTS(chebyshev)'
add src/data/target/hat.c 'TARGET(hat)'
add theory/alone.c 'THEORY(alone)'
add src/study/bowl.c 'STUDY(bowl)'
echo 'KEY(bowl, rates, REALS, "[0.1, 1.0, 3.0]", "(0, 5]", "", "bowl", "eigenvalues of the bowl")' >>"$tree/include/specbias/keys.def"
add plots/bowl.gp 'FIGURE(bowl, bowl, "")'

check "every example is added" diff <(cd "$root/tests/long/recipes" && find . -type f | sed 's/^..//' | sort) <(printf '%s\n' "${added[@]}" | sort)

tests=(network layers routes kernel_values gram_layers rule linear loss density keys weight_decay averages wide)
build() { # TARGETS..
    make -C "$tree" -j2 O=build SAN= WERROR=1 "$@" >"$work/build.log" 2>&1 || grep -E 'error|Error|warning' "$work/build.log" | head -n 5
}
check "they build" build program "${tests[@]/#/build/tests/unit/}"

walks() { # TEST
    "$tree/build/tests/unit/$1" >log 2>&1 || grep -E '^not ok|rror' log
}
for test in "${tests[@]}"; do check "unit/$test walks the list with what is new" walks "$test"; done

SPECBIAS=$tree/build/bin/specbias

named() { # LIST NAME: by `list`, and by `help`
    expect 0 list "$1"
    grep -q "^$2 " "$io/out" || cat "$io/out"
    expect 0 help "$2"
    grep -q "^$2, of .specbias list $1" "$io/out" || cat "$io/out"
}
for pair in activation:softsign layer:reversed optimizer:running_mean loss:huber loss:loud density:triangular \
    data:chebyshev target:hat theory:alone source:alone kind:bowl; do
    check "list and help name ${pair#*:} (${pair%:*})" named "${pair%:*}" "${pair#*:}"
done

# ---- what is new runs to a verdict ----

cat >"$work/case.cfg" <<'END'
name = "case";
data = { n = 12; };
target = { xi = [1.0]; amplitude = 1e-4; };
train = { time = 40.0; };
forecast = { sources = ["ntk.empirical"]; };
seeds = { count = 2; };
END
sed 's/^target.*/target = { kind = "hat"; amplitude = 1e-4; };\nobserve = { xi = [1.0]; };/' "$work/case.cfg" >"$work/hat.cfg"
cat >"$work/features.cfg" <<'END'
name = "features";
data = { n = 48; a = -3.14159265358979312; b = 3.14159265358979312; };
target = { kind = "packets"; xi = [4.0, 8.0]; phases = [0.3, 1.1]; unit = "angular"; tau = 0.6; amplitude = 1e-3; };
net = { kind = "fourier"; width = 4096; frozen = true; };
init = { density = "triangular(20)"; out = "gaussian"; out_scale = 1.0; };
train = { eta = 0.5; time = 200.0; records = 40; };
forecast = { sources = ["alone"]; draws = 32; };
seeds = { count = 4; };
END
echo 'name = "bowl"; kind = "bowl";' >"$work/bowl.cfg"

check "the new rule trains as its modes say, with momentum 0.6" training_follows running_mean 0.2 0.6
largest() { # (1 - x + beta ..): an eigenvalue becomes -1 at x = 2 (1 + beta) / (1 - beta)
    expect 0 kernel "$root/experiments/circle.cfg" --set train.optimizer=gd -o k --set kernel.widths=[]
    one=$(sed -n 's/.*infinite, gd: largest stable step \([0-9.]*\).*/\1/p' <(unbroken))
    expect 0 kernel "$root/experiments/circle.cfg" --set train.optimizer=running_mean --set train.momentum=0.6 -o k --set kernel.widths=[] --force
    new=$(sed -n 's/.*infinite, running_mean: largest stable step \([0-9.]*\).*/\1/p' <(unbroken))
    awk -v a="$one" -v b="$new" 'BEGIN { if (!(a > 0 && b / a > 3.995 && b / a < 4.005)) print b " is not 4 times " a }'
}
check "its largest step is that of its modes" largest

agrees() { # E.cfg ARGS..
    expect 0 run "$work/$1" -o dir "${@:2}"
    [ "$(verdict_of dir)" = agrees ] || table dir/agreement.tsv '{ print c["source"], c["q"], c["verdict"], c["z"] }'
}
softsign=(--set net.activation=softsign --set init.in_scale=4 --set train.time=200)
check "softsign agrees with its own kernel and that of infinite width" \
    agrees case.cfg "${softsign[@]}" --set forecast.sources=ntk.infinite,ntk.empirical --set net.width=8192 --set seeds.count=4
reversed=(--set net.kind=layers --set 'net.layers=reversed(1024),tanh,dense(1, nobias)')
check "a network of a new layer agrees with its own kernel" agrees case.cfg "${reversed[@]}"
check "a quadratic loss agrees with its modes" agrees case.cfg --set loss.kind=loud
check "a loss that is none agrees with the linearised network" agrees case.cfg --set loss.kind=huber --set target.amplitude=0.3
check "new points are learned" agrees case.cfg --set data.kind=chebyshev
check "a new target is learned" agrees hat.cfg
equation() {
    agrees features.cfg
    [ -s dir/decay/alone.gd.tsv ] && [ -s dir/decay/alone.flow.tsv ] || echo "no tables"
    table dir/agreement.tsv 'c["source"] == "alone" && c["verdict"] == "agrees" { n++ } END { if (n < 4) print n + 0 " judged lines" }'
}
check "a new equation agrees on features of the new density" equation
rung() { # frozen features have no coupling of frequencies
    expect 0 run "$work/features.cfg" -o dir --set forecast.sources=heat,alone
    table dir/budget.tsv '{ n++; if (!(c["coupling"] >= 0 && c["coupling"] < 1e-3)) print c["label"] ": " c["coupling"] } END { if (n != 2) print n " lines" }'
}
check "it has its rung of the budget, beside the heat equation" rung
study() {
    expect 0 check "$work/bowl.cfg"
    grep -q '^bowl  *3 directions' "$io/out" || cat "$io/out"
    expect 0 run "$work/bowl.cfg" -o dir
    (cd dir && sha256sum -c --quiet forecast.sha256 observed.sha256)
    grep -q decay/predicted.tsv dir/forecast.sha256 && grep -q study.tsv dir/observed.sha256 || echo "not sealed"
    table dir/study.tsv '{ n++; if (c["pred"] != c["obs"]) print } END { if (n != 3) print n " lines" }'
    [ ! -e dir/figures/gnuplot.log ] || cat dir/figures/gnuplot.log
    expect 0 explain dir
    grep -q 'study of kind bowl' "$io/out" || cat "$io/out"
    echo >>dir/study.tsv
    expect 2 explain dir
}
check "a study predicts, seals, observes and is explained" study
figure() {
    expect 0 run "$work/bowl.cfg" -o dir
    [ -s dir/figures/bowl.pdf ] || echo "no bowl.pdf"
    grep -q observed dir/figures/bowl.svg || echo "no key in bowl.svg"
    expect 0 plot dir --terminal cairolatex
    [ -s dir/figures/bowl.tex ] || echo "no bowl.tex"
}
if have gnuplot; then check "its figure is drawn in each terminal" figure; else skip "its figure is drawn" "no gnuplot"; fi

# ---- what they do not cover is refused by name ----

refuses "lfp does not know softsign" 'does not cover the activation softsign' \
    run "$work/case.cfg" -o dir "${softsign[@]}" --set forecast.sources=lfp
for source in lfp lfp.dense ntk.infinite heat heat.rate heat.points heat.deep alone; do
    refuses "$source is none of a new layer" \
        "(not?|is one) .*(of net 'layers'|of another shape|wide limit of reversed)|needs data.kind = .density|covers Fourier features of net.frozen" \
        run "$work/case.cfg" -o dir "${reversed[@]}" --set forecast.sources=$source
done
no_kernel() {
    expect 0 kernel "$work/case.cfg" "${reversed[@]}" -o dir
    grep -q 'infinite .*the wide limit of reversed is not known here' <(unbroken) || cat "$io/out"
}
check "specbias kernel has no kernel of infinite width for it" no_kernel
for set in net.frozen=false data.kind=random loss.kind=loud loss.kind=huber; do
    refuses "the new equation does not judge $set" "covers Fourier features of|does not know this loss|is not a quadratic form" \
        run "$work/features.cfg" -o dir --set $set
done

# ---- the reverse: what is wrong or forgotten is noticed ----

mistaken() { # a gradient, a characteristic function, a rate
    sed -i 's|u / root / (double)batch|u / (double)batch|' "$tree/src/train/loss/huber.c"
    sed -i 's|\* z / 2);|* z / 3);|' "$tree/src/density/triangular.c"
    sed -i 's|return params->gain \* factors|return 0.7 * params->gain * factors|' "$tree/theory/alone.c"
    for file in src/train/loss/huber.c src/density/triangular.c theory/alone.c; do
        cmp -s "$root/tests/long/recipes/$file" "$tree/$file" && echo "$file is as it was"
    done
    build program build/tests/unit/{loss,density}
}
check "a copy with mistakes is built" mistaken
notices() { # TEST CLAIM
    "$tree/build/tests/unit/$1" >log 2>&1 && echo "it passes"
    grep -qF "FAILED  ] $2" log || cat log
}
check "unit/loss notices a wrong gradient" notices loss gradients_are_finite_differences
check "unit/density notices a wrong characteristic function" notices density characteristic_functions_are_the_integrals
late() {
    expect 3 run "$work/features.cfg" -o dir
    [ "$(verdict_of dir)" = differs ] || echo "verdict $(verdict_of dir)"
}
check "an equation that is late by 43 % differs" late

complaints() { # FORMAT: of folder and name, what tests/layers.sh says of each file
    local file name
    bash "$tree/tests/layers.sh" >log 2>&1 && echo "layers.sh has no complaints"
    for file in "${added[@]}"; do
        name=${file##*/}
        grep -qE "$(printf "$1" "${file%/*}" "${name%.*}")" log || echo "nothing is said of $file"
    done
}
unlisted() { # a line is forgotten
    local file
    for file in "${added[@]}"; do cp "$root/${file%/*}/list.def" "$tree/${file%/*}/list.def"; done
    complaints '%s/%s[.](c|gp): no line in'
}
check "a file without its line is noticed" unlisted
missing() { # a file is forgotten
    local file name
    for file in "${added[@]}"; do
        name=${file##*/}
        rm "$tree/$file" && echo "NEW(${name%.*})" >>"$tree/${file%/*}/list.def"
    done
    complaints '%s/list.def: %s has no'
}
check "a line without its file is noticed" missing

finish
