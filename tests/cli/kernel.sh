#!/usr/bin/env bash
# `specbias kernel`: its numbers against closed forms, against the forecasts and the training of the other commands, and
# what it refuses.
. "$(dirname "$0")/lib/common.sh"
. "$root/tests/cli/lib/rules.sh"

circle=$root/experiments/circle.cfg

near() { # WHAT VALUE WANTED TOLERANCE
    awk -v w="$1" -v v="$2" -v m="$3" -v t="$4" 'BEGIN { d = v - m; if (d < 0) d = -d
        if (v !~ /^-?[0-9.][0-9.e+-]*$/ || !(d <= t)) print w " is " v ", not " m " +- " t }'
}

cell() { # FILE COLUMN ROW: of a table with a header
    awk -F '\t' -v c="$2" -v r="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i } NR == r + 1 { print $k }' "$1"
}

shape() { # FILE.npy
    head -c 128 "$1" | grep -ao "'shape': ([0-9, ]*)"
}

# P1 of the notes: mu_0 .. mu_5; 128 equal points alias them, so the matrix has sum_j mu_|l + 128 j|.
circle_has_its_eigenvalues() {
    local l=0 mu t=kernel/kernel
    expect 0 kernel "$circle" -o kernel --set kernel.draws=2 || return
    for mu in 2.20741609916 1.42201793577 .353677651315 .0707355302631 .0481001605789 .0254647908947; do
        near "mu_$l" "$(cell $t/degrees.tsv mu $((l + 1)))" "$mu" 1e-10
        l=$((l + 1))
    done
    near "largest rate" "$(cell $t/spectrum.tsv infinite 1)" 2.20741609916 2e-4
    near "error of l = 1 after a step" "$(cell $t/forecast.infinite.tsv 'err(1)' 2)" "$(awk 'BEGIN { print 1 - 0.4 * 1.42201793577 }')" 1e-4
    [ "$(cell $t/spectrum.tsv infinite_frequency 4) $(cell $t/spectrum.tsv infinite_frequency 6)" = "2.0 3.0" ] ||
        head -8 $t/spectrum.tsv
    [ "$(shape kernel/arrays/infinite.gram.npy)" = "'shape': (128, 128)" ] || shape kernel/arrays/infinite.gram.npy
    [ "$(shape kernel/arrays/empirical.lambda.npy)" = "'shape': (128,)" ] || shape kernel/arrays/empirical.lambda.npy
    grep -q 'flattest at s = 1.615 .* 2.14), reversed beyond 2.797' <(unbroken) || cat "$io/out"
    grep -q 'infinite, gd: largest stable step 0.9059,' <(unbroken) || cat "$io/out"
}

# The same kernel on two ways: as a source of forecasts, and here.
units_agree_with_sources() {
    expect $ran run "$small" -o run || return
    expect 0 kernel "$small" -o kernel --set kernel.widths=[] || return
    for pair in 'ntk.infinite.gd infinite' 'ntk.empirical.seed1.gd empirical'; do
        paste "run/decay/${pair% *}.tsv" "kernel/kernel/forecast.${pair#* }.tsv" | awk -F '\t' -v p="$pair" '
            NR == 1 { next }
            { for (k = 0; k < 2; k++) { # t step re im err lo hi re im err lo hi | step time loss test err err
                  d = $(5 + 5 * k) - $(17 + k); if (d < 0) d = -d
                  if ($2 != $13 || !(d <= 1e-9)) bad++ }
              rows++ }
            END { if (bad || rows < 10) print p ": " bad + 0 " of " rows " rows differ" }'
    done
}

cat >outputs.cfg <<'END'
name = "outputs";
data = { kind = "table"; n = 30; file = "table.csv"; columns = ["a", "b"]; };
net = { kind = "layers"; layers = ["dense(40)", "tanh", "dense(2)"]; parametrisation = "ntk"; };
loss = { factor = "mean"; };
train = { optimizer = "gd"; eta = 0.1; steps = 50; records = 5; };
seeds = { count = 1; };
END
awk 'BEGIN { srand(3); print "x,z,a,b"; for (i = 0; i < 30; i++) { x = rand(); z = rand(); print x "," z "," x * z "," sin(5 * x) } }' >table.csv

several_outputs() {
    cp "$work/table.csv" .
    expect 0 kernel "$work/outputs.cfg" -o mean --set kernel.outputs=mean || return
    [ "$(shape mean/arrays/empirical.gram.npy)" = "'shape': (30, 30)" ] || shape mean/arrays/empirical.gram.npy
    expect 0 kernel "$work/outputs.cfg" -o full --set observe.projection=[1.0,2.0] || return
    [ "$(shape full/arrays/empirical.gram.npy)" = "'shape': (60, 60)" ] || shape full/arrays/empirical.gram.npy
    # outputs of an infinitely wide network do not couple: each eigenvalue twice, and the same forecast
    near "first pair" "$(cell full/kernel/spectrum.tsv infinite 1)" "$(cell full/kernel/spectrum.tsv infinite 2)" 1e-10
    near "second pair" "$(cell full/kernel/spectrum.tsv infinite 3)" "$(cell mean/kernel/spectrum.tsv infinite 2)" 1e-10
    near "loss" "$(cell full/kernel/forecast.infinite.tsv loss 5)" "$(cell mean/kernel/forecast.infinite.tsv loss 5)" 1e-10
    expect 0 kernel "$work/outputs.cfg" -o few --set kernel.outputs=full --set kernel.pairs=5 --set observe.projection=[1.0,2.0] || return
    [ "$(wc -l <few/kernel/spectrum.tsv)" = 6 ] || cat few/kernel/spectrum.tsv
    near "of few" "$(cell few/kernel/spectrum.tsv empirical 5)" "$(cell full/kernel/spectrum.tsv empirical 5)" 1e-9
    grep -q 'error 1/2 at step .* (.* \.\. ' <(unbroken) || cat "$io/out"
    [ ! -e few/arrays/empirical.gram.npy ] || echo "a kernel that was packed is written"
    # what five pairs forecast holds for all; times between which all is
    for kernel in empirical infinite; do
        paste "full/kernel/forecast.$kernel.tsv" "few/kernel/forecast.$kernel.tsv" | awk -F '\t' -v k=$kernel '
            NR == 1 { for (i = 1; i <= NF; i++) if ($i == "loss_lo") lo = i; next }
            { rows++; if (!($3 >= $lo - 1e-9 && $3 <= $(lo + 1) + 1e-9)) bad++
              for (j = 0; j < (NF - lo - 1) / 2; j++)
                  if (!($(4 + j) >= $(lo + 2 + 2 * j) - 1e-9 && $(4 + j) <= $(lo + 3 + 2 * j) + 1e-9)) bad++ }
            END { if (bad || rows < 5 || !lo || NF < lo + 3) print k ": " bad + 0 " cells of " rows " rows are out of bounds" }'
    done
    expect 0 kernel "$work/outputs.cfg" -o filtered --set kernel.pairs=5 --set observe.filter=[0.5] || return
    grep -q 'forecast  none: it needs all eigenpairs' <(unbroken) || cat "$io/out"
    expect 0 check "$work/outputs.cfg" --set kernel.pairs=5 || return
    grep -q '^kernel .* GB' <(unbroken) || cat "$io/out"
}

says_why_not() {
    cp "$work/table.csv" .
    expect 0 kernel "$work/outputs.cfg" -o adam --set train.optimizer=adam || return
    grep -q 'forecast  none: adam does not follow' <(unbroken) || cat "$io/out"
    expect 0 kernel "$work/outputs.cfg" -o bias --set 'init.biases="uniform(1)"' || return
    grep -q 'infinite  no kernel: ' <(unbroken) || cat "$io/out"
}

stands_apart() { # a run and the kernels of one experiment; a run in the kernels' directory removes them
    expect 0 kernel "$small" --set kernel.widths=[] || return
    expect $ran run "$small" || return
    [ -e small-kernel.run/kernel/spectrum.tsv ] && [ -e small.run/summary.json ] || ls
    expect $ran run "$small" -o small-kernel.run --force || return
    [ ! -e small-kernel.run/kernel ] || ls small-kernel.run/kernel
}

check "eigenvalues, frequencies and orders on the circle" circle_has_its_eigenvalues
check "networks of units: the same as the forecasts of run" units_agree_with_sources
check "gradient descent follows the empirical kernel" training_follows gd 0.4 0.0
check "heavy ball follows the empirical kernel" training_follows heavy_ball 0.05 0.9
check "Nesterov's momentum follows the empirical kernel" training_follows nesterov 0.05 0.9
check "several outputs: mean, all, a few eigenpairs" several_outputs
check "where there is no forecast or no kernel it says why" says_why_not
# Steps that diverge, kernels of nothing, of float, of weights that are zero: said, and the summary stays JSON.
odd() { # PATTERN ARGS..
    local pattern=$1; shift
    expect 0 kernel "$circle" -o kernel --set data.n=32 --set kernel.widths=[] "$@" || return
    grep -qE -- "$pattern" <(unbroken) || cat "$io/out"
    "$json" kernel/kernel/summary.json
    rm -rf kernel
}
frozen='net.layers=["dense(100, frozen)", "relu", "dense(1, frozen)"]'
# Weights of cells are what a loss with quadrature weights takes unless told otherwise.
default_weights() {
    local e=$root/experiments/quadrature.cfg same=(--set data.degree=0 --set data.n=40 --set kernel.widths=[])
    expect 0 kernel "$e" -o auto "${same[@]}" --set data.weights=auto || return
    expect 0 kernel "$e" -o cells "${same[@]}" --set data.weights=periodic || return
    cmp auto/arrays/loss_weights.npy cells/arrays/loss_weights.npy
    expect 0 kernel "$e" -o equal "${same[@]}" --set data.weights=auto --set loss.weights=equal || return
    ! cmp -s auto/arrays/loss_weights.npy equal/arrays/loss_weights.npy || echo "equal weights are those of cells"
}

figures_of_equal_weights() { # unequal points whose degrees have no rates
    expect 0 kernel "$root/experiments/quadrature.cfg" -o kernel --set loss.weights=equal --set kernel.widths=[] || return
    ! have gnuplot || [ -e kernel/figures/spectrum.pdf ] || cat "$io/err"
}

# Outputs that share their weights do not evolve apart.
coupled() {
    cat >conv.cfg <<'END'
name = "conv"; 
data = { kind = "derivative"; n = 6; length = 32; };
net = { kind = "layers"; layers = ["conv1d(8, 5)", "tanh", "conv1d(1, 5)"]; };
train = { optimizer = "gd"; eta = 0.001; steps = 5; records = 3; };
END
    expect 0 kernel conv.cfg -o mean --set kernel.outputs=mean || return
    grep -q 'couple too much for forecasts of the mean' <(unbroken) || cat "$io/out"
    [ ! -e mean/kernel/forecast.empirical.tsv ] || ls mean/kernel
    expect 0 kernel conv.cfg -o full || return
    [ -e full/kernel/forecast.empirical.tsv ] || cat "$io/out"
}

odd_cases() {
    odd 'training diverges' --set train.eta=0.92
    odd 'training diverges' --set loss.kind=sobolev --set loss.s=2.0
    odd 'largest stable step inf' --set "$frozen"
    odd 'largest stable step inf' --set "$frozen" --set train.optimizer=heavy_ball
    odd 'largest stable step inf' --set "$frozen" --set kernel.pairs=10 --set data.n=200
    odd 'frequency 5 .*error 1/2 at step [0-9]' --set train.eta=0.1 --set net.precision=single --set 'net.layers=["dense(200)", "tanh", "dense(1)"]'
    odd 'infinite  no kernel: .*too steep' --set net.parametrisation=standard --set 'net.layers=["dense(100)", "gelu", "dense(1)"]' \
        --set 'init.weights="gaussian(100)"'
    odd 'rates' --set data.points=midpoint --set data.kind=list --set data.x=[0.0,1.0,1.0,1.0,3.0,5.0] --set data.weights=periodic --set observe.xi=[1.0]
    odd 'rates' --set data.n=1 --set observe.xi=[1.0]
}

# The factor of the loss is in the rates, of degrees as of the matrix; a sum over mini-batches is learned more slowly.
factors() {
    expect 0 kernel "$circle" -o mean --set loss.factor=mean --set kernel.widths=[] || return
    near "twice mu_0" "$(cell mean/kernel/degrees.tsv rate 1)" "$(cell mean/kernel/spectrum.tsv infinite 1)" 5e-4
    set -- --set loss.weights=equal --set loss.factor=half_sum --set data.n=32 --set train.batch=8 --set train.eta=0.0005 \
        --set train.steps=1000 --set train.records=10 --set target.amplitude=1e-5 --set claims= --set seeds.count=2
    expect 0 run "$circle" -o run "$@" || return
    expect 0 kernel "$circle" -o kernel --set kernel.widths=[] "$@" || return
    near "error of l = 2" "$(tail -n 1 run/frequencies.tsv | cut -f 5)" "$(cell kernel/kernel/forecast.infinite.tsv 'err(2)' 11)" 0.02
}

not_in_a_run() {
    expect $ran run "$circle" -o run --set data.n=32 --set train.steps=10 --set train.records=5 --set claims= || return
    refused 'holds a run; --force replaces it' kernel "$circle" -o run
    expect 0 kernel "$circle" -o run --force --set data.n=32 --set kernel.widths=[] || return
    [ ! -e run/history.seed1.tsv ] || ls run
}

check "kernels stand beside the run" stands_apart
check "what is odd is said" odd_cases
check "weights of cells are the default of quadrature" default_weights
check "figures where degrees have no rates" figures_of_equal_weights
check "outputs that share weights" coupled
check "factors of the loss, and sums over mini-batches" factors
check "a run is not replaced unasked" not_in_a_run
refuses "studies have no kernel" 'kind "jacobi" has no kernel of its own' kernel "$root/experiments/jacobi.cfg"
cat >large.cfg <<'END'
name = "large";
data = { kind = "sphere"; dimension = 3; n = 300000; sphere = "random"; };
target = { xi = [1.0, 2.0]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(40)", "tanh", "dense(1)"]; parametrisation = "ntk"; };
train = { steps = 50; records = 5; };
END
refuses "kernels that are too large" 'needs about [0-9.]+ GB of memory, [0-9.]+ GB are free' kernel "$work/large.cfg" --set kernel.pairs=5
refuses "a run from a large kernel, and says who takes it" '2100 rows .* 2048 .*`specbias kernel` with kernel.pairs' check "$work/large.cfg" \
    --set data.n=2100 --set init.antisymmetric=false --set forecast.sources=ntk.infinite
refuses "more eigenpairs than there can be" 'all eigenpairs are possible up to 32700' kernel "$work/large.cfg"
refuses "a directory" 'is a directory; a configuration file is needed' kernel .
finish
