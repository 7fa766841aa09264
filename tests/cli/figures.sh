#!/usr/bin/env bash
# The figures of networks of Fourier features and of studies: drawn, complete, and gnuplot has nothing to complain about.
. "$(dirname "$0")/lib/common.sh"

if ! have gnuplot; then
    skip "figures" "no gnuplot"
    finish
fi

features=$work/features.cfg
cat >"$features" <<'END'
name = "features";
data = { n = 64; a = -3.14159265; b = 3.14159265; };
target = { kind = "packets"; xi = [2.0, 5.0]; unit = "angular"; amplitude = 0.01; tau = 0.6; };
net = { kind = "fourier"; width = 400; };
init = { density = "gaussian(4)"; };
train = { time = 60.0; eta = 0.3; records = 20; };
forecast = { sources = ["heat"]; draws = 8; };
seeds = { count = 2; };
END

drawn() { # DIR NAME..: these figures and no others; each whole, with its script, and the same bytes from gnuplot alone
    local name
    no_leftovers "$1"
    for name in "${@:2}"; do echo "$name.gp $name.pdf $name.svg"; done | xargs -n 1 | cat - <(echo style.gp) | sort |
        diff - <(ls "$1/figures")
    for name in "${@:2}"; do
        [ "$(head -c 5 "$1/figures/$name.pdf")" = '%PDF-' ] || echo "$name.pdf"
        cp "$1/figures/$name.svg" before.svg
        (cd "$1/figures" && export LC_ALL=C.UTF-8 && gnuplot "$name.gp" 2>&1)
        cmp before.svg "$1/figures/$name.svg"
        for terminal in cairolatex dumb; do
            (cd "$1/figures" && export LC_ALL=C.UTF-8 && gnuplot -e "terminals = '$terminal'" "$name.gp" 2>&1 >/dev/null)
        done
    done
}

shows() { # SVG TEXT..
    local text
    for text in "${@:2}"; do grep -qF "$text" "$1" || echo "${1##*/} is silent on $text"; done
}

train_figures() {
    expect 0 forecast "$features" --set observe.field=8 -o dir
    expect 0 plot dir
    drawn dir decay density field
    expect 0 train dir
    expect $ran compare dir
    expect 0 plot dir
    rm -f dir/figures/*.tex dir/figures/*-inc.pdf
    drawn dir decay density field history rates
    shows dir/figures/density.svg 'rate law' heat.gd 'range of 2 seeds'
    shows dir/figures/field.svg 'forecast heat.gd' 'observed, mean of 2 seeds' 'angular frequency'
    expect $ran run "$features" --seeds 1 --set target.xi=3 --set init.density='uniform(6)' -o one
    drawn one decay density history rates
}
check "density and field: of a forecast alone, then with runs; one frequency" train_figures

sweep_figures() { # points on one line along a key, as a list; words as values
    local -a measures=(--set 'sweep.measures=["T(2, 1/2)", "T(5, 1/2)"]')
    expect $ran sweep "$features" "${measures[@]}" --set sweep.points=list -o list \
        --set 'sweep.vary=["net.width = 200, 400, 600", "train.eta = 0.2, 0.3, 0.3"]'
    drawn list sweep times
    shows list/figures/times.svg 'time (steps)' 'T(2, 1/2)' 'T(5, 1/2)' forecast net.width 'interval over 2 seeds'
    ! grep -q 'train.eta = ' list/figures/sweep.svg || echo "the points of a list are not one line"
    expect $ran sweep "$features" "${measures[@]}" -o words --set 'sweep.vary=["init.density = gaussian(4), 0.6 uniform(7) + 0.4 gaussian(3)"]'
    drawn words sweep
    shows words/figures/sweep.svg '0.6 uniform(7) + 0.4 gaussian(3)'
}
check "sweeps: times of several items together, one line along a list" sweep_figures

learned_features() { # runs are points beside a forecast of the moving kernel, and lines where there is none
    local source
    expect $ran run "$small" --set forecast.sources=lfp,ntk.empirical,ntk.infinite --set target.amplitude=0.3 -o dir
    shows dir/figures/features.svg 'distance of err from ntk.empirical.gd' 'observed, mean of 2 seeds'
    sed -i "s/^moving = .*/moving = 'ntk.infinite.gd'/" dir/figures/features.gp
    (cd dir/figures && LC_ALL=C.UTF-8 gnuplot features.gp 2>&1)
    shows dir/figures/features.svg ntk.infinite.gd 'observed, mean of 2 seeds'
    rm -f dir/figures/features.gp
    expect 0 plot dir
    drawn dir decay features history rates
}
check "features: how far runs are from the frozen kernel" learned_features

unstable() {
    expect 0 run "$small" --set train.unstable=true --set train.eta=0.5 --set net.activation=tanh --set target.amplitude=1.0 \
        --set net.width=256 --set seeds.count=3 --set train.time=100.0 -o dir
    drawn dir decay history stability
    shows dir/figures/stability.svg catapult 'loss / loss at the start' 'largest rate / largest stable one'
}
check "stability: what became of runs beyond the largest stable step" unstable

nothing_to_show() { # what a figure left when it had something to show goes, too
    expect $ran run "$small" -o dir
    drawn dir decay features history rates
    rm -f dir/figures/*.tex dir/figures/*-inc.pdf
    rm dir/agreement.tsv dir/verdict.sha256
    expect 0 plot dir
    drawn dir decay features history
    ! grep -qE 'rates|density|field' "$io/out" || cat "$io/out"
}
check "a figure that has nothing to show leaves neither picture nor script" nothing_to_show

no_fonts() { # gnuplot says nothing of it and writes a pdf without text; one warning for all of its figures
    mkdir none && printf '<fontconfig><dir>%s/none</dir><cachedir>%s/cache</cachedir></fontconfig>\n' "$PWD" "$PWD" >fonts.conf
    local with='specbias: warning: no fonts here: the pdf figures in dir/figures have no text'
    (export FONTCONFIG_FILE=$PWD/fonts.conf; expect $ran run "$small" -o dir; errors_match "$with"
     expect 0 plot dir; errors_match "$with"; no_leftovers dir
     [ -e dir/figures/rates.pdf ] || echo "no picture")
    expect 0 plot dir
    cat "$io/err"
}
check "no fonts: a warning" no_fonts

overlay_figures() {
    expect $ran run "$features" --set kind=overlay --set 'overlay.densities=["gaussian(4)", "0.5 uniform(8) + 0.5 cauchy(4)"]' \
        --set overlay.sigma_a=0,1 -o dir
    drawn dir overlay bias
    shows dir/figures/overlay.svg 'gaussian(4)' '0.5 uniform(8) + 0.5 cauchy(4)' 'σₐ = 0' 'σₐ = 1' 'time T(1/2)'
    shows dir/figures/bias.svg 'gaussian(4)' '0.5 uniform(8) + 0.5 cauchy(4)' 'σₐ = 1' FBI 'spread S'
}
check "overlay and bias: two densities, two sigma_a" overlay_figures

overlay_unreached() { # no time is reached, one frequency, one density
    expect $ran run "$features" --set kind=overlay --set 'overlay.densities=["gaussian(4)"]' --set target.xi=2 \
        --set train.time=0.6 --seeds 1 -o dir
    drawn dir overlay bias
    shows dir/figures/overlay.svg 'not reached'
}
check "overlay and bias when no time is reached" overlay_unreached

design_figures() {
    expect $ran run "$features" --set kind=design -o dir
    drawn dir design
    shows dir/figures/design.svg wanted designed 'range of 2 seeds' 'density ρ'
}
check "design" design_figures

learn=$work/learn.cfg
cat >"$learn" <<'END'
name = "learn";
data = { points = "endpoints"; n = 41; a = -3.14; b = 3.14; };
target = { xi = [1.0, 3.0]; unit = "angular"; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(20)", "tanh", "dense(1)"]; parametrisation = "standard"; };
train = { optimizer = "adam"; eta = 1e-2; steps = 100; records = 20; };
seeds = { count = 2; };
END

learn_figures() {
    expect $ran run "$learn" -o bare --set forecast.sources=
    drawn bare decay history
    shows bare/figures/history.svg train 'mean of 2 seeds'
    shows bare/figures/decay.svg '2πξ = 1' '2πξ = 3' 'their range'
    expect $ran run "$learn" --set observe.field=8 --set observe.filter=0.05,0.5 --set observe.projection=0,1,2 \
        --set observe.drift=6 -o dir
    drawn dir decay drift features field filter history projection rates
    shows dir/figures/rates.svg 'per step'
    shows dir/figures/drift.svg 'turn of kernel' eigenvalues 'eigenspace (sine)' weights 'mean of 2 seeds' 'their range'
    shows dir/figures/filter.svg 0.05 0.5 'low part' 'high part' 'range of 2 seeds'
    shows dir/figures/projection.svg 'j = 0' 'j = 2'
    shows dir/figures/field.svg 'angular frequency' step 'observed, mean of 2 seeds'
}
check "networks of layers: a figure of all that is looked at, and no other" learn_figures

few_steps() { # axes of a step or few, that a whole step divides; one seed, of which there is no range
    local steps
    for steps in 1 2 3 5; do
        expect $ran run "$learn" --set train.steps=$steps --set train.optimizer=gd --set seeds.count=1 --set observe.filter=0.2,1 --force -o few
        drawn few decay features filter history rates
        ! [ -s "$io/err" ] || cat "$io/err"
    done
    ! grep -q '<text.*range of' few/figures/filter.svg || echo "a range of one seed"
}
check "networks of layers: of few steps, of one seed" few_steps

kernel_of_units() { # then fewer of them where eigenpairs are few; tables that are gone break the seal
    local set=(--set kernel.draws=2 -o dir --force)
    expect 0 kernel "$small" "${set[@]}"
    drawn dir alignment eigenvectors forecast slice spectrum
    shows dir/figures/spectrum.svg empirical 'infinite width' 'strongest at ξ' 'number k'
    shows dir/figures/eigenvectors.svg 'rate of infinite width' '6: ' 'place x'
    shows dir/figures/alignment.svg empirical 'infinite width' 'frequency ξ (cycles per unit length)'
    shows dir/figures/slice.svg 'distance from x₀ to x' 'its Fourier transform'
    shows dir/figures/forecast.svg 'ξ = 1' 'ξ = 2' 'test, mean square' 'infinite width' empirical
    expect 0 plot dir
    grep -q forecast.pdf "$io/out" || cat "$io/out"
    expect 0 kernel "$small" "${set[@]}" --set kernel.pairs=5
    drawn dir alignment eigenvectors forecast slice spectrum
    shows dir/figures/forecast.svg 'ξ = 1' 'ξ = 2' 'infinite width' empirical
    rm dir/kernel/slice.tsv
    expect 2 plot dir
    grep -q 'broken seal: dir/kernel/slice.tsv is missing' "$io/err" || cat "$io/err"
}
check "kernel: of units; of some eigenpairs" kernel_of_units

kernel_of_layers() { # no forecast of adam, no wide limit of a convolution, several outputs
    expect 0 kernel "$learn" --set kernel.draws=2 -o line
    drawn line alignment eigenvectors slice spectrum
    shows line/figures/spectrum.svg 'rates beyond are rounding errors'
    expect 0 kernel "$learn" --set train.optimizer=gd --set data.map=circle --set data.points=left --set kernel.draws=2 \
        --set loss.weights=quadrature -o circle
    drawn circle alignment eigenvectors forecast slice spectrum
    shows circle/figures/spectrum.svg 'rates of degrees'
    shows circle/figures/forecast.svg '2πξ = 3'
    local no_points=(--set data.a=-0.5 --set data.b=0.5 --set data.points=midpoint --set target.unit=cycles) # a data set does not use them
    expect 0 kernel "$learn" --set data.kind=derivative "${no_points[@]}" --set 'target.xi=[1.0, 3.0, 5.0]' \
        --set target.amplitude=0.004 --set data.n=12 --set data.length=32 --set train.optimizer=gd \
        --set 'net.layers=["conv1d(4, 5)", "tanh", "dense(32)"]' --set kernel.outputs=full --set observe.projection=0,1 -o conv
    drawn conv alignment eigenvectors forecast slice spectrum
    shows conv/figures/forecast.svg 'j = 1' empirical
    shows conv/figures/slice.svg 'half waves j'
    ! grep -q '<text>infinite' conv/figures/*.svg || echo "an infinite width that is none"
    expect 0 kernel "$learn" --set data.kind=sphere "${no_points[@]}" --set data.dimension=3 --set data.n=50 --set loss.weights=quadrature \
        --set train.optimizer=gd --set kernel.draws=2 -o sphere
    drawn sphere alignment forecast slice spectrum
    shows sphere/figures/spectrum.svg 'strongest at degree' 'rates of degrees'
}
check "kernel: of layers, on a line, a circle, a sphere, and along a direction" kernel_of_layers

tables() { # NAME [TABLE]: draws the figure of a table, by default study.tsv
    local name=$1 table=${2-study}
    mkdir figures && cp "$root/plots/style.gp" figures
    printf 'title_text = "sample"\nunit_text = "cycles"\nseeds = 1\nkeys = "let.s"\nunits = "-"\n%s = "../%s.tsv"\n' "$table" "$table" |
        cat - "$root/plots/$name.gp" >"figures/$name.gp"
    (cd figures && LC_ALL=C.UTF-8 gnuplot "$name.gp" 2>&1)
    drawn . "$name" | grep -v before.svg
}
jacobi_table() {
    awk 'BEGIN { OFS = "\t"; print "sweep", "k_2_pred", "k_2_obs", "k_16_pred", "k_16_obs", "delta_1", "delta_8"
        for (s = 0; s <= 40; s++) print s, 0.99 ^ s, 0.99 ^ s, 0.5 ^ s, 0.5 ^ s, 0.98 ^ s, (s > 30 ? "nan" : 0.5 ^ s) }' >study.tsv
    tables jacobi
    shows figures/jacobi.svg 'k = 2' 'k = 16' 'index 8'
}
theorem1_table() {
    awk 'BEGIN { OFS = "\t"; print "m", "delta", "inv_delta", "F_pred", "F_obs", "bad", "samples", "ratio", "exact"
        for (m = 1; m <= 2; m++) for (k = 1; k <= 5; k++) {
            bad = m == 1 && k == 5 ? 0 : int(1e4 * exp(-k * 2 / m))
            print m, 1 / k, k, exp(-k * 2 / m), bad / 1e4, bad, 10000, 1, m == 1 ? exp(-k * 2) : "nan" } }' >study.tsv
    tables theorem1
    shows figures/theorem1.svg 'm = 1' 'm = 2' exact
}
splines_table() {
    awk 'BEGIN { OFS = "\t"; print "x", "linear", "cubic", "pred", "obs", "obs_lo", "obs_hi"
        for (x = -1; x <= 1; x += 0.05) { h = 0.9 * x + 0.1 * x ^ 3; print x, x, x ^ 3, h, h, h - 0.1, h + 0.1 } }' >study.tsv
    mkdir -p decay
    printf 'x\ty\n-1\t-1\n0\t0\n1\t1\n' >decay/data.tsv
    printf 'column\tc4\tc2\trange\tdev_linear\tdev_cubic\nh_1\t0.01\t1\t1\t0.04\t0.35\nh_2\t1\t1\t1\t0.35\t0.04\n' >decay/cases.tsv
    tables splines
    shows figures/splines.svg 'predicted limit' 'linear spline' 'largest deviation'
}
theorem2_table() {
    awk 'BEGIN { OFS = "\t"; print "m", "a", "b", "delta_0", "delta", "F_pred", "F_obs", "bad", "samples"
        for (d = 0.5; d < 1.6; d += 0.25) { f = (d > 1) * 0.1 * (d - 1); print 1, 0.8, 2, 1, d, f, f, int(1e5 * f), 1e5 }
        print 4, "nan", "nan", 0.2, 0.2, 0, 0, 0, 1e5 }' >study.tsv
    tables theorem2
    shows figures/theorem2.svg 'a| = 0.8, b = 2' 'none drawn'
}
start_table() {
    awk 'BEGIN { OFS = "\t"; print "let.s", "extra_pred", "extra", "extra_lo", "extra_hi", "asi_pred", "asi", "asi_lo", "asi_hi", "plain_pred", "plain", "plain_lo", "plain_hi"
        for (s = 0.1; s < 2; s *= 3) print s, s * s, s * s, -s, 2 * s * s, 0.1, 0.1, 0.05, 0.2, 0.1 + s * s, 0.1 + s * s, 0.1, 3 }' >study.tsv
    tables start
    shows figures/start.svg 'with copies (ASI)' 'their difference' let.s
}
bound_table() {
    awk 'BEGIN { OFS = "\t"; print "n", "bound", "stated", "limit", "least", "least_lo", "least_hi", "trained", "trained_lo", "trained_hi"
        for (n = 4; n <= 64; n *= 2) print n, 1 / sqrt(n), 2 / sqrt(n), 0.1 / n, 0.05 / n, 0.04 / n, 0.06 / n, 0.1 / n, 0.08 / n, 0.2 / n }' >study.tsv
    tables bound
    shows figures/bound.svg 'bound, as proved' 'least FP norm' 'trained, mean and'
}
history_table() { # classes, and a loss that falls below 0
    awk 'BEGIN { OFS = "\t"
        print "step", "loss", "loss_lo", "loss_hi", "accuracy", "accuracy_lo", "accuracy_hi", "low_loss", "low_loss_lo",
            "low_loss_hi", "low_accuracy", "low_accuracy_lo", "low_accuracy_hi"
        for (s = 0; s <= 100; s++) {
            l = exp(-s / 20) - 0.5; a = 1 - exp(-s / 10)
            print s, l, l, l, a, a, a, l + 1, l + 1, l + 1, a / 2, a / 2, a / 2 } }' >history.tsv
    tables history history
    shows figures/history.svg train low loss accuracy '1 seed' '>-0.4<'
}
for name in jacobi theorem1 theorem2 splines bound start history; do check "$name: from its tables" "${name}_table"; done

finish
