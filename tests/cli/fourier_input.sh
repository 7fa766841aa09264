#!/usr/bin/env bash
# Bad input for Fourier features and studies: one clear line on stderr, exit 2, nothing written (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >line.cfg <<'END'
name = "line";
data = { n = 64; a = -3.14159265358979312; b = 3.14159265358979312; };
target = { kind = "packets"; xi = [4.0, 8.0, 12.0]; unit = "angular"; tau = 0.6; amplitude = 0.1; };
net = { kind = "fourier"; width = 256; };
init = { density = "gaussian(8)"; out = "gaussian"; out_scale = 1.0; };
train = { eta = 0.5; time = 100.0; records = 20; };
forecast = { sources = ["heat"]; draws = 0; };
seeds = { count = 1; };
END
sed 's/name = "line"/name = "design"; kind = "design"/; s/out_scale = 1.0/out_scale = 0.0/' line.cfg >design.cfg
echo 'design = { nodes = 33; };' >>design.cfg
line=$work/line.cfg design=$work/design.cfg
good() { # ARGS..: what is refused below is refused for its own sake
    expect 0 check "$line" "$@"
    [ ! -s "$io/err" ] || cat "$io/err"
}
check "the configuration itself is good" good
line() { # NAME PATTERN KEY=VALUE..
    local keys=() key
    for key in "${@:3}"; do keys+=(--set "$key"); done
    refuses "$1" "$2" run "$line" "${keys[@]}" -o dir
}

# ---- tables of a density ----

table_file() { # PATTERN TEXT
    printf -- "$2" >rho.txt
    mkdir sub
    printf -- "$2" >sub/rho.txt
    refused "init.table: rho.txt$1" run "$line" --set init.density=table --set init.table=rho.txt -o dir
    sed 's/density = "gaussian(8)"/density = "table"; table = "rho.txt"/' "$line" >sub/line.cfg
    refused "init.table: sub/rho.txt$1" run sub/line.cfg -o dir
}
bad_table() { # NAME PATTERN TEXT: of a file named by --set, and by a configuration in another folder
    check "table: $1" table_file "${@:2}"
}
bad_table "a negative density" ':3: rho = -0.5 is negative' '0 1\n5 1\n10 -0.5\n20 1\n'
bad_table "w not ascending" ':4: w = 5 is not above the one before, 10' '# w rho\n0 1\n10 1\n5 1\n'
bad_table "w twice" ':3: w = 10 is not above the one before, 10' '0 1\n10 1\n10 2\n20 1\n'
bad_table "a negative w" ':1: w = -1 is negative' '-1 1\n10 1\n'
bad_table "rho that is no number" ':2: rho = nan' '0 1\n10 nan\n'
bad_table "w that is no number" ':1: w = nan' 'nan 1\n10 1\n'
bad_table "an infinite rho" ':2: rho = inf' '0 1\n10 inf\n'
bad_table "a line of one number" ':2: two numbers are wanted, w and rho' '0 1\n10\n20 1\n'
bad_table "a line of three numbers" ':2: two numbers are wanted, w and rho' '0 1\n10 1 1\n20 1\n'
bad_table "a word" ':3: two numbers are wanted, w and rho' 'w rho\n0 1\nten 1\n20 1\n'
bad_table "an empty file" ':[0-9]+: a table needs two nodes or more, this has 0' ''
bad_table "a comment only" ':[0-9]+: a table needs two nodes or more, this has 0' '# nothing\n'
bad_table "one node" ':[0-9]+: a table needs two nodes or more, this has 1' '0 1\n'
bad_table "no mass" ':[0-9]+: the table has no mass' '0 0\n10 0\n'
missing_table() {
    refused 'init.table: cannot read none.txt: No such file' run "$line" --set init.density=table --set init.table=none.txt -o dir
    mkdir sub
    sed 's/density = "gaussian(8)"/density = "table"; table = "none.txt"/' "$line" >sub/line.cfg
    refused 'init.table: cannot read sub/none.txt: No such file' run sub/line.cfg -o dir
    refused 'init.table: .*sub' run "$line" --set init.density=table --set init.table=sub -o dir
}
check "table: a missing file, a folder" missing_table
line "table: none given" 'init.density: .*table' init.density=table
line "table: nodes without values" 'init.table_w has 2 values, init.table_rho 1' \
    init.density=table init.table_w=0,10 init.table_rho=1
line "table: bad nodes in the configuration" 'init.density: .*node 2: w = 5 is not above the one before, 5' \
    init.density=table init.table_w=5,5 init.table_rho=1,1
line "table: a negative density in the configuration" 'init.table_rho = -1 is out of range; it must lie in \[0, inf\)' \
    init.density=table init.table_w=0,10 init.table_rho=1,-1

# ---- densities ----

line "density: an unknown kind names the nearest" "init.density: .*character 1: unknown kind 'gausian'; did you mean 'gaussian\(sd\)'" \
    'init.density=gausian(3)'
line "density: an unknown kind later on" "init.density: .*character [0-9]+: unknown kind 'unifrm'; did you mean 'uniform" \
    'init.density=0.4 gaussian(3) + 0.6 unifrm(8)'
line "density: too many numbers" '2 numbers given, 1 wanted: gaussian\(sd\)' 'init.density=gaussian(3, 4)'
line "density: too few numbers" '1 numbers? given, 2 wanted: student\(a, nu\)' 'init.density=student(3)'
line "density: no numbers" 'wanted' 'init.density=gaussian'
line "density: not integrable" 'student\(a, nu\) with nu = 0: not integrable' 'init.density=student(16, 0)'
line "density: no width" 'init.density: ' 'init.density=gaussian(0)'
line "density: a negative width" 'init.density: ' 'init.density=uniform(-3)'
line "density: a negative weight" 'init.density: ' 'init.density=gaussian(3) - 0.2 uniform(5)'
line "density: no weight" 'init.density: ' 'init.density=0 gaussian(3)'
line "density: an open parenthesis" 'init.density: ' 'init.density=gaussian(3'
line "density: an empty text" 'init.density: .*a kind of density is wanted here' 'init.density='
line "density: an open sum" 'init.density: ' 'init.density=gaussian(3) +'
line "density: more axes than the data have" 'init.density: "gaussian\(3\) x gaussian\(4\)" has 2 axes, the inputs of layer 1, "fourier\(128\)", have 1' \
    'init.density=gaussian(3) x gaussian(4)'
line "density: other axes than the data have" 'init.density: .* has 3 axes, the inputs of layer 1, .* have 2' \
    data.dimension=2 data.n=8 target.xi=1,2 'init.density=gaussian(3) x gaussian(4) x gaussian(5)'
line "density: a bad axis" "init.density: .*unknown kind 'gausian'" \
    data.dimension=2 data.n=8 target.xi=1,2 'init.density=gaussian(3) x gausian(4)'

# ---- dimensions ----

line "frequencies of half a dimension" 'target.xi has 3 numbers, which make no frequencies of 2 dimensions' \
    data.dimension=2 data.n=8 target.xi=1,2,3
line "observed frequencies of half a dimension" 'observe.xi has 1 numbers?, which make no frequencies of 2 dimensions' \
    data.dimension=2 data.n=8 target.xi=1,2 observe.xi=1
line "centers of half a packet" 'target.centers has 1 values for 2 numbers of target.xi' \
    data.dimension=2 data.n=8 target.xi=1,2 target.centers=1
line "too many points in many dimensions" 'more than 20000 data points' data.dimension=3 target.xi=1,2,3
line "heat in three dimensions" 'forecast.sources: .*one and two dimensions, not 3' \
    data.dimension=3 data.n=6 target.xi=1,1,1
line "two_layer in two dimensions" 'a two_layer network has inputs of one dimension' \
    net.kind=two_layer 'init.density=gaussian(16)' init.shift_range=4 data.dimension=2 data.n=8 target.xi=1,2 forecast.sources=ntk.empirical
line "an error field of the plane" 'observe.field needs data of one dimension' \
    data.dimension=2 data.n=12 target.xi=1,2 observe.field=2
line "an error field beyond the grid" 'observe.field = 33 is above the Nyquist frequency of the grid' observe.field=33
line "a negative error field" 'observe.field = -1 is out of range' observe.field=-1

# ---- what a forecast does not cover ----

for sigma_a in 0 1; do
    line "tones outside the band, sigma_a = $sigma_a: which ones" \
        'forecast.sources: the observed frequencies 8, 12 lie outside the band \|w\| <= 7 of the density: they are never learned' \
        'init.density=uniform(7)' init.out_scale=$sigma_a
    line "one tone outside the band, sigma_a = $sigma_a" \
        'forecast.sources: the observed frequency 12 lies outside the band \|w\| <= 10 of the density: it is never learned' \
        'init.density=epanechnikov(10)' init.out_scale=$sigma_a forecast.sources=heat.rate
    line "a tone in the gap of a band, sigma_a = $sigma_a" \
        'forecast.sources: the density is zero at the observed frequency 4: it is never learned' \
        'init.density=band(6, 16)' init.out_scale=$sigma_a
done
line "lfp for Fourier features" "forecast.sources: the theory 'lfp' is one of two_layer networks, not of net 'fourier'" \
    forecast.sources=lfp
for source in heat heat.rate; do
    line "$source for a two-layer network" \
        "forecast.sources: the heat equation is one of Fourier features, not of net 'two_layer'" \
        net.kind=two_layer 'init.density=gaussian(16)' init.shift_range=4 forecast.sources=$source
done
line "heat.points for a grid" "forecast.sources: the theory 'heat.points' needs data.kind = \"density\", one dimension" \
    forecast.sources=heat.points
line "points of a density in the plane" "points of a density need data.density and one dimension" \
    forecast.sources=heat.points data.kind=density data.dimension=2 data.n=8 target.xi=1,2
line "data of an unknown density" "data.density: .*unknown kind 'gausian'; did you mean 'gaussian\(sd\)'" \
    data.kind=density 'data.density=gausian(1)'
line "a quiet start of Fourier features" '--set init.quiet=true: init.quiet has no effect here: it needs net.kind = "two_layer"' init.quiet=true
line "an odd width" 'net.width|width' net.width=255
line "an unknown method names all" \
    'forecast.method = "rk4" is not known; it must be one of: .*cram14.*spectral.*rk8pd.*rkf45.*msbdf' forecast.method=rk4
line "too many unknowns for a method" \
    "forecast.sources: the method 'msbdf' is for up to 321 unknowns, and the mesh has [0-9]+" forecast.method=msbdf
line "a learning rate that diverges" 'train.eta = 50 diverges: the largest stable step is 2/lambda_max = [0-9.]+' \
    train.eta=50
line "no steps" 'forecast.max_steps = 0 is out of range' forecast.max_steps=0

steps() { # found out while solving
    expect 1,2 run "$line" --set forecast.method=rk8pd --set forecast.max_steps=3 -o dir
    errors_match 'heat.*rk8pd reached the limit of 3 steps at t = [0-9.]+'
    [ ! -e dir/forecast.sha256 ] || echo "sealed"
    refused 'no.*forecast' train "$line" --set forecast.method=rk8pd --set forecast.max_steps=3 -o dir
}
check "too few steps for a method" steps

window() { # runs, and says what is wrong
    expect $ran run "$line" --set target.tau=1.6 -o dir
    [ "$(grep -c 'warning: .*near the ends of the domain: the window is too small' "$io/err")" = 1 ] || cat "$io/err"
    [ -s dir/summary.json ] || echo "no summary"
    expect 0 check "$line" --set target.tau=1.6 --set forecast.sources=ntk.infinite
    [ ! -s "$io/err" ] || cat "$io/err"
}
check "a window that is too small: a warning, for the heat equation only" window

# ---- studies ----

design() { # NAME PATTERN KEY=VALUE..
    local keys=() key
    for key in "${@:3}"; do keys+=(--set "$key"); done
    refuses "design: $1" "$2" design "$design" "${keys[@]}" -o dir
}
design "without Fourier features" 'a design needs net.kind = "fourier" and data of one dimension' \
    net.kind=two_layer 'init.density=gaussian(16)' init.shift_range=4 forecast.sources=ntk.empirical
design "in the plane" 'a design needs net.kind = "fourier" and data of one dimension' \
    data.dimension=2 data.n=8 target.xi=1,2
design "without values" 'design.values has 0 values for 3 frequencies' design.wish=times
design "with too few values" 'design.values has 2 values for 3 frequencies' design.wish=rates design.values=1,2
design "with a value of zero" 'design.values' design.wish=times design.values=1,0,1
design "of descending frequencies" 'a design needs positive frequencies in ascending order' target.xi=12,8,4
design "of a negative frequency" 'a design needs positive frequencies in ascending order' target.xi=-4,8,12
design "of the same frequency twice" 'the observed frequencies 8 and 8 are aliases' target.xi=4,8,8
design "with a density that ends too early" 'design.cutoff = 10 radians does not cover the frequency 12' design.cutoff=10
design "of an unknown wish" 'design.wish = "fast" is not known; it must be one of: flat, times, rates' design.wish=fast
design "without sources" 'forecast.sources is empty' 'forecast.sources=[]'
design "with a forecast that would be refused" "forecast.sources: the method 'msbdf' is for up to 321 unknowns" \
    init.out_scale=1 forecast.method=msbdf
too_close() { # 4 and 4.2 lie in one cell of 2 pi / |domain| = 1: no density tells them apart so far
    before=$(snapshot .)
    expect 1,2 design "$design" --set target.xi=4,4.2,12 --set design.wish=times --set design.values=1,30,1 -o dir
    errors_match 'the wish is out of reach: .*(cannot be told apart|never learned)'
    [ "$before" = "$(snapshot .)" ] || ls
}
check "design: of times that neighbours cannot have" too_close

for stage in forecast train compare; do
    refuses "$stage of a study" "design.cfg is an experiment of kind design, which \`specbias run\` does in one go" \
        $stage "$design" -o dir
done
refuses "explain of a study that was not run" 'dir holds no finished study' explain "$design" -o dir
line "heat for data of a density" 'for data.kind = "density" there is .heat.points' data.kind=density
line "a cut-off below a frequency" 'forecast.cutoff = 1 radians is below an observed frequency of 12' forecast.cutoff=1
line "a mesh too fine to hold" 'forecast.mesh = 1e-12 radians makes more than 1e.06 elements' forecast.mesh=1e-12
refuses "an overlay of two alike" 'two of the overlay would be written to the same folder, gaussian-3.sa0' \
    check "$line" --set kind=overlay --set 'overlay.densities=["gaussian(3)", "gaussian( 3)"]'
refuses "an unknown kind of experiment" \
    'kind = "desing" is not known; it must be one of: train, overlay, design, jacobi, theorem1, theorem2, splines, bound, start' \
    run "$line" --set kind=desing -o dir
kind_in_file() {
    echo 'kind = "overlaid";' >c.cfg
    refused 'c.cfg:1: .*kind = "overlaid" is not known' run c.cfg -o dir
}
check "an unknown kind of experiment in a file" kind_in_file

study() { # NAME PATTERN KIND KEY=VALUE..
    local keys=() key
    for key in "${@:4}"; do keys+=(--set "$key"); done
    refuses "$3: $1" "$2" run "$work/$3.cfg" "${keys[@]}" -o dir
}
sed 's/name = "line"/name = "overlay"; kind = "overlay"/' "$line" >overlay.cfg
for kind in jacobi theorem1; do echo "name = \"$kind\"; kind = \"$kind\";" >$kind.cfg; done
cat >splines.cfg <<'END'
name = "splines"; kind = "splines";
data = { kind = "list"; x = [-0.45, -0.3, 0.1, 0.44]; };
target = { kind = "values"; y = [0.3, -0.7, 0.9, 0.1]; amplitude = 0.002; };
observe = { xi = [2.0]; };
net = { width = 512; };
train = { time = 10.0; };
END
study "without densities" 'an overlay needs overlay.densities and overlay.sigma_a' overlay
study "without sigma_a" 'an overlay needs overlay.densities and overlay.sigma_a' overlay \
    'overlay.densities=["gaussian(8)"]' 'overlay.sigma_a=[]'
study "a bad density, before any training" "gausian\(8\), sigma_a = 0: .*unknown kind 'gausian'" overlay \
    'overlay.densities=["gaussian(8)", "gausian(8)"]'
study "a density that does not reach a tone" 'uniform\(7\), sigma_a = 0: .*8, 12 lie outside' overlay \
    'overlay.densities=["gaussian(8)", "uniform(7)"]'
study "a negative sigma_a" 'overlay.sigma_a = -1 is out of range' overlay 'overlay.densities=["gaussian(8)"]' \
    'overlay.sigma_a=[-1.0]'
study "a mode that is not whole" 'jacobi.modes: 1.5 is not a whole number' jacobi 'jacobi.modes=[1.5]'
study "a mode beyond the grid" '60 intervals have sine modes 1 to 59, not 60' jacobi jacobi.n=60 'jacobi.modes=[60.0]' 'jacobi.frequencies=[1.0]'
study "a frequency beyond the grid" '61 points have frequencies up to 30, not 31' jacobi jacobi.n=60 'jacobi.frequencies=[31.0]'
study "too few intervals for the solution" '10 intervals see frequencies above 0 and below [0-9.]+, not 24' jacobi jacobi.n=10
study "too few numbers" 'theorem.k, a and b are two numbers each, theorem.f four' theorem1 'theorem.f=[1.0, 2.0]'
study "other samples than sizes" 'theorem.samples has 1 values for 2 of theorem.m' theorem1 'theorem.samples=[1e3]'
study "k1 above k2" 'the frequencies must be 0 < k1 < k2, not 2 and 1' theorem1 'theorem.k=[2.0, 1.0]' 'theorem.samples=[1e3, 1e3]'
study "a range the wrong way round" 'a.* needs a range above 0, not 2 to 1' theorem1 'theorem.a=[2.0, 1.0]'
study "of Fourier features" 'splines need a ReLU network' splines net.kind=fourier
study "of one seed" 'splines need a ReLU network with a random start of output zero, three data points, two seeds' splines \
    seeds.count=1
sed 's/splines/bound/g; s/kind = "list"; x = .*\]/kind = "random"/; s/kind = "values"; y = .*\]/kind = "sines"/; s/observe.*//' splines.cfg >bound.cfg
echo 'name = "theorem2"; kind = "theorem2";' >theorem2.cfg
study "half a neuron" 'theorem.neurons: pairs of a and b are wanted' theorem2 'theorem.neurons=[1.0]'
study "a neuron that is never lost" 'a = 0.001, b = 0: nothing is lost' theorem2 'theorem.neurons=[0.001, 0.0]' 'theorem.f=[9.0, 0.0, 0.01, 0.0]'
cat >start.cfg <<'END'
name = "start"; kind = "start";
data = { kind = "spectrum"; n = 6; test = 6; bands = [1.0, 2.0, 1.0, 2.0]; };
net = { kind = "layers"; layers = ["dense(8)", "tanh", "dense(1)"]; };
train = { eta = 0.01; steps = 4; };
sweep = { vary = ["net.gain = 1, 2"]; };
END
study "nothing varies" 'a sweep needs keys to vary' start 'sweep.vary=[]'
study "no test examples" 'one output on one set of test examples' start data.test=0 'data.bands=[1, 2]'
study "of mini-batches" 'start needs weighted squares, all examples in a step and steps with modes' start train.batch=2
study "of Adam" 'steps with modes: ' start train.optimizer=adam
study "of one seed" 'start needs two seeds' start seeds.count=1
study "with a forecast" 'forecast.draws.*another kind of experiment than start' start forecast.draws=3
study "of one of the pair" 'init.antisymmetric.*another kind of experiment than start' start init.antisymmetric=false
study "of given points" 'random points, data.kind = "random", of a domain of length 1' bound data.kind=uniform
study "of another length" 'random points, data.kind = "random", of a domain of length 1' bound data.a=-1
study "of tanh" 'bound needs a ReLU network' bound net.activation=tanh
study "of a plain start" 'a random start of output zero' bound init.antisymmetric=false
study "of a target that is not periodic" 'must have mean 0 and period 1' bound target.xi=1.5
study "of half a point" 'bound.n: 4.5 is not a whole number' bound bound.n=4.5
study "of no n" 'bound.n: numbers of points are wanted' bound bound.n=

finish
