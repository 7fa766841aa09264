#!/usr/bin/env bash
# Snapshots on the command line: files of the right shape, under seal; a network by hand from its weights gives the last
# state; figures of curves, images and examples; bad keys (TAP).
. "$(dirname "$0")/lib/common.sh"

shape() { head -c 128 "$1" | grep -ao "'shape': ([^)]*)"; }
numbers() { tail -c +129 "$1" | od -A n -t f8 -v | tr -s ' \n' '\n' | grep .; }

cat >curve.cfg <<'END'
name = "curve";
data = { n = 16; points = "endpoints"; };
target = { xi = [1.0, 2.0]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(5)", "tanh", "dense(1)"]; parametrisation = "standard"; };
init = { antisymmetric = false; };
train = { optimizer = "adam"; eta = 0.02; steps = 60; batch = 8; records = 5; };
observe = { unit = "epoch"; snapshots = [0.0, 10.0]; grid = 33; };
forecast = { sources = []; };
output = { arrays = true; };
seeds = { count = 2; };
END
check "a run with snapshots" expect 0 run "$work/curve.cfg" -o "$work/run"

files() {
    cd "$work/run/snapshots" || return
    (echo frames.tsv snapshots.tsv {x,y,place}.{grid,train}.npy h.{grid,train}.seed{1,2}.npy) | xargs -n 1 | sort | diff - <(ls)
    [ "$(shape h.grid.seed2.npy)" = "'shape': (3, 33, 1)" ] || shape h.grid.seed2.npy
    [ "$(shape x.train.npy)" = "'shape': (16, 1)" ] || shape x.train.npy
    table snapshots.tsv 'FNR > 1 { print c["seed"], c["state"], c["step"], c["epoch"] }' |
        diff - <(printf '%s\n' '1 0 0.0 0.0' '1 1 20.0 10.0' '1 2 60.0 30.0' '2 0 0.0 0.0' '2 1 20.0 10.0' '2 2 60.0 30.0')
    cd ../.. && no_leftovers run
}
check "its files, shapes, steps and epochs" files

by_hand() { # h(x) = c + sum a tanh(w x + b); weights.seed2.npy is w, b, a, c
    numbers "$work/run/arrays/weights.seed2.npy" >w
    numbers "$work/run/snapshots/x.grid.npy" >x
    numbers "$work/run/snapshots/h.grid.seed2.npy" >h
    awk 'FILENAME == "w" { p[n++] = $1; next } FILENAME == "x" { x[m++] = $1; next } { h[k++] = $1 }
        function th(z) { return 1 - 2 / (exp(2 * z) + 1) }
        END { if (n != 16 || m != 33 || k != 99) print n, m, k
              for (i = 0; i < m; i++) { u = p[15]; for (r = 0; r < 5; r++) u += p[10 + r] * th(p[r] * x[i] + p[5 + r])
                  d = u - h[66 + i]; if (!(d * d < 1e-24)) print x[i], u, h[66 + i] } }' w x h
}
check "the last state is the network of the weights at the end" by_hand

sealed() {
    cp -r "$work/run" dir
    (cd dir && sha256sum --quiet -c observed.sha256)
    expect 0 explain dir
    grep -q 'snapshots/h.NAME.seedN.npy' "$io/out" || cat "$io/out"
    printf x >>dir/snapshots/h.grid.seed1.npy
    expect 2 compare dir
    errors_match 'broken seal: dir/snapshots/h.grid.seed1.npy was changed'
    cp "$work/run/snapshots/h.grid.seed1.npy" dir/snapshots
    echo >dir/snapshots/h.grid.seed3.npy
    expect 2 compare dir
    errors_match 'dir/snapshots/h.grid.seed3.npy is not under seal'
    expect 0 run "$work/curve.cfg" --force -o dir --set observe.grid=0 --set observe.snapshots= --set observe.unit=step
    [ ! -e dir/snapshots ] || ls dir/snapshots
}
check "they are under seal, and go with --force" sealed

drawn() { # NAME TEXT..: of dir, without complaints from gnuplot, also in other terminals
    local name=$1 text terminal
    [ ! -e dir/figures/gnuplot.log ] || cat dir/figures/gnuplot.log
    [ "$(head -c 5 "dir/figures/$name.pdf")" = '%PDF-' ] || echo "$name.pdf"
    for text in "${@:2}"; do grep -qF "$text" "dir/figures/$name.svg" || echo "$name.svg is silent on $text"; done
    for terminal in cairolatex dumb; do
        (cd dir/figures && LC_ALL=C.UTF-8 gnuplot -e "terminals = '$terminal'" "$name.gp" 2>&1 >/dev/null)
    done
}

curves() {
    cp -r "$work/run" dir
    drawn frames 'epoch 0' 'epoch 10' 'epoch 30' 'training points' 'mean of 2 seeds' wanted
}

known_nowhere() { # values at points, and a run that stops early
    expect 0,3 run "$work/curve.cfg" -o dir --set data.n=32 --set data.points=midpoint --set data.kind=list --set data.x=-0.4,0.1,0.3 --set target.kind=values --set target.y=1,2,3 --set target.xi=1,3,5 \
        --set observe.xi=1 --set train.batch=0 --set train.stop=1e9 --set observe.snapshots=40
    table dir/snapshots/frames.tsv 'FNR > 1 && c["picture"] == 1 && (c["wanted"] != "nan" || c["mean_0"] != "nan" || c["mean_1"] == "nan")'
    drawn frames end
}

image() {
    printf 'P2\n3 2\n9\n0 9 0\n4 4 4\n' >tiny.pgm
    expect 0 run "$work/curve.cfg" -o dir --set data.kind=image --set data.file=tiny.pgm --set data.n=4 --set observe.grid=1 --set train.batch=0 \
        --set data.points=midpoint --set target.xi=1,3,5 --set target.amplitude=0.004 --set seeds.count=1
    [ "$(shape dir/snapshots/h.grid.seed1.npy)" = "'shape': (3, 6, 1)" ] || shape dir/snapshots/h.grid.seed1.npy
    drawn frames wanted 'epoch 60'
}

examples() { # functions that are lines
    expect 0 run "$work/curve.cfg" -o dir --set data.kind=derivative --set data.length=12 --set data.bands=1,4,1,2,3,4 --set data.n=4 \
        --set data.test=3 --set 'net.layers=["conv1d(2, 3)", "tanh", "conv1d(1, 3)"]' --set observe.grid=0 --set observe.examples=3,1 \
        --set train.batch=2 --set data.points=midpoint --set target.xi=1,3,5 --set target.amplitude=0.004
    (cd dir/snapshots && ls ./*.npy) | diff - <(printf './%s\n' h.{high,low}.seed{1,2}.npy {x,y}.{high,low}.npy)
    drawn frames 'low 3' 'high 1' 'point of the line'
}

spectra() { # of parity along (1, .., 1): all points of the cube have |sin 2 pi k|^d, whatever was trained on
    expect 0 run "$work/curve.cfg" -o dir --set data.kind=parity --set data.dimension=3 --set data.n=4 --set observe.spectrum=ones \
        --set observe.band=0.5 --set observe.grid=0 --set data.points=midpoint --set target.xi=1,3,5 --set target.amplitude=0.004 --set train.batch=0 \
        --set observe.snapshots=10
    table dir/snapshots/spectra.tsv 'FNR > 1 && c["set"] == "all" {
        n++; w = sin(2 * 3.141592653589793 * c["k"]); w = w < 0 ? -w * w * w : w * w * w; d = w - c["wanted"]
        if (d * d > 1e-26 || !(c["found_lo"] <= c["found"] && c["found"] <= c["found_hi"])) print }
        END { if (n != 202) print n }'
    no_leftovers dir
    ! have gnuplot || drawn spectra 'all data' 'training data' 'relative error' 'epoch 10' 'epoch 60'
    [ ! -e dir/snapshots/frames.tsv ] || echo "frames of what makes no picture"
}
check "spectra along a direction, of the whole that training set and tests are parts of" spectra

lines() { # the sizes that dominant.tsv has, in the order of the largest
    expect 0 run "$work/curve.cfg" -o dir --set data.kind=derivative --set data.length=24 --set data.bands=1,9,1,3 --set data.n=4 \
        --set data.test=7 --set 'net.layers=["conv1d(2, 3)", "tanh", "conv1d(1, 3)"]' --set observe.grid=0 --set observe.spectrum=line \
        --set train.batch=2 --set data.points=midpoint --set target.xi=1,3,5 --set target.amplitude=0.004
    table dir/snapshots/dominant.tsv 'FNR > 1 {
        if (c["rank"] != rank) { if (rank && best != want) print rank, best, want; if (c["dominant"] < want) print "order"; most = 0; best = 0
                                 rank = c["rank"]; want = c["dominant"] }
        if (c["wanted"] > most) { most = c["wanted"]; best = c["k"] + 0 } }
        END { if (rank != 7) print rank }'
    table dir/snapshots/spectra.tsv 'FNR > 1 { n++; sets[c["set"]] = 1 } END { s = 0; for (i in sets) s++; if (n != 3 * 2 * 13 || s != 2) print n, s }'
    ! have gnuplot || drawn dominant 'low: frequency k' 'example, by dominant frequency'
    ! have gnuplot || drawn spectra 'training data' 'periods per line'
}
check "spectra of lines, and examples by their dominant frequency" lines

if have gnuplot; then
    check "frames of a curve" curves
    check "frames where the wanted function is not known, and of a run that stopped early" known_nowhere
    check "frames of an image" image
    check "frames of examples" examples
else skip "frames" "no gnuplot"; fi

refuses "a step that is none" 'observe.snapshots: step 61 is beyond the last step, 60' check "$work/curve.cfg" --set observe.unit=step \
    --set observe.snapshots=61
refuses "a grid between examples" 'observe.grid has no effect' check "$work/curve.cfg" --set data.kind=derivative --set data.points=midpoint \
    --set target.xi=1,3,5 --set target.amplitude=0.004
refuses "an example that is not there" 'observe.examples: there is no example 17, train has 1 to 16' check "$work/curve.cfg" --set observe.examples=17
refuses "a direction of another space" 'observe.direction has 2 numbers, the inputs have 1' check "$work/curve.cfg" \
    --set observe.spectrum=given --set observe.direction=1,2
refuses "a highest frequency of no spectrum" 'observe.band has no effect' check "$work/curve.cfg" --set observe.band=3
refuses "an image has the grid of its pixels" 'observe.grid of data of kind "parity" is 2: all points of the cube' check "$work/curve.cfg" \
    --set data.kind=parity --set data.dimension=5 --set data.points=midpoint --set target.xi=1,3,5 --set target.amplitude=0.004

finish
