#!/usr/bin/env bash
# Studies end to end, small: overlay, design, jacobi, theorem1, theorem2, splines, bound, start (TAP).
. "$(dirname "$0")/lib/common.sh"

fourier='data = { n = 48; a = -3.14159265358979312; b = 3.14159265358979312; };
target = { kind = "packets"; xi = [4.0, 8.0, 12.0]; unit = "angular"; tau = 0.6; amplitude = 0.1; };
net = { kind = "fourier"; width = 512; };
init = { out = "gaussian"; out_scale = 0.0; };
train = { eta = 0.5; time = 100.0; records = 30; };
forecast = { sources = ["heat"]; draws = 16; };
seeds = { count = 2; };'
cat >overlay.cfg <<END
name = "overlay"; kind = "overlay";
$fourier
overlay = { densities = ["gaussian(8)", "0.6 uniform(20) + 0.4 gaussian(6)"]; sigma_a = [0.0, 1.0]; };
END
cat >design.cfg <<END
name = "design"; kind = "design";
$fourier
design = { nodes = 33; };
END
cat >jacobi.cfg <<'END'
name = "jacobi"; kind = "jacobi";
jacobi = { n = 60; sweeps = 400; };
END
cat >theorem1.cfg <<'END'
name = "theorem1"; kind = "theorem1";
theorem = { m = [1.0, 4.0]; samples = [4e4, 1e4]; deltas = [0.3, 0.25]; };
END
cat >splines.cfg <<'END'
name = "splines"; kind = "splines";
data = { kind = "list"; a = -0.5; b = 0.5; x = [-0.45, -0.3, -0.05, 0.1, 0.28, 0.44]; };
target = { kind = "values"; y = [0.3, -0.7, 0.9, 0.1, -0.4, 0.6]; amplitude = 0.002; };
observe = { xi = [2.0]; };
net = { kind = "two_layer"; activation = "relu"; width = 512; };
init = { in_scale = 0.4; out_scale = 0.4; shift_range = 1.0; };
train = { eta = 2.0; time = 3000.0; records = 10; };
seeds = { count = 2; };
splines = { ratios = [1e-4, 1.0, 1e4]; };
END
cat >bound.cfg <<'END'
name = "bound"; kind = "bound";
data = { kind = "random"; a = 0.25; b = 1.25; };
target = { xi = [1.0, 3.0]; weights = [1.0, 0.5]; };
net = { width = 512; };
init = { shift_range = 1.5; };
train = { eta = 0.1; time = 200.0; records = 5; };
seeds = { first = 3; count = 2; };
bound = { n = [4.0, 16.0]; delta = 0.05; };
END
cat >theorem2.cfg <<'END'
name = "theorem2"; kind = "theorem2";
theorem = { neurons = [-1.0, 1.0]; m = [2.0]; samples = [2e4]; };
END
cat >start.cfg <<'END'
name = "start"; kind = "start";
let = { s = 1; };
data = { kind = "spectrum"; n = 8; test = 30; exponent = 2.0; bands = [1.0, 3.0, 1.0, 3.0]; };
net = { kind = "layers"; layers = ["dense(200, gaussian(6))", "tanh", "dense(1, nobias, gaussian($s))"]; parametrisation = "standard"; };
init = { biases = "gaussian(4)"; };
train = { optimizer = "nesterov"; eta = 2e-3; steps = 1000; records = 20; };
seeds = { count = 3; };
sweep = { vary = ["let.s = 0.1, 0.2"]; };
END
studies='overlay design jacobi theorem1 theorem2 splines bound start'

begin() { # STUDY
    expect $ran run "$work/$1.cfg" -o "$work/$1"
    echo "$status" >"$io/$1.status"
    cp "$io/out" "$io/$1.out"
    cp "$io/err" "$io/$1.err"
}
for study in $studies; do check "$study: run" begin $study; done

# ---- what all studies have in common ----

files() { # STUDY
    local dir=$work/$1 name
    [ ! -s "$io/$1.err" ] || grep -v 'gnuplot' "$io/$1.err"
    for name in config.cfg manifest.cfg forecast.sha256 study.tsv summary.json; do [ -s "$dir/$name" ] || echo "no $name"; done
    no_leftovers "$dir"
    [ "$(wc -l <"$dir/study.tsv")" -gt 1 ] || echo "an empty study.tsv"
    if have gnuplot; then
        compgen -G "$dir/figures/*.svg" >/dev/null && compgen -G "$dir/figures/*.pdf" >/dev/null || echo "no figures"
    fi
    grep -q "^kind = \"$1\";" "$dir/config.cfg" || echo "config.cfg is of another kind"
}
for study in $studies; do check "$study: its files are there and whole" files $study; done

sealed_first() { # STUDY: what was predicted is under seal, what was observed is not, and is younger
    local dir=$work/$1 sealed part
    (cd "$dir" && sha256sum -c --quiet forecast.sha256)
    grep -q '  config.cfg$' "$dir/forecast.sha256" || echo "config.cfg is not under seal"
    diff <(cd "$dir" && find decay -name '*.tsv' 2>/dev/null | grep -v observed | sort) \
        <(cut -c 67- "$dir/forecast.sha256" | grep '\.tsv$' | sort)
    grep -E 'observed|study.tsv|verify' "$dir/forecast.sha256"
    [ "$1" = overlay ] || grep -q "sealed sha256:$(sha256sum <"$dir/forecast.sha256" | cut -c 1-16)" "$io/$1.out" || echo "another seal is printed"
    [ "$dir/summary.json" -ot "$dir/forecast.sha256" ] && echo "summary.json is older than the seal" # jacobi: as old, at times
    while IFS= read -r sealed; do
        part=${sealed%/*}
        (cd "$part" && sha256sum -c --quiet forecast.sha256)
        for sealed in "$part"/decay/observed*.tsv; do
            [ ! -e "$sealed" ] || [ ! "$sealed" -ot "$part/forecast.sha256" ] || echo "$sealed is older than its seal"
        done
    done < <(find "$dir" -name forecast.sha256)
}
for study in $studies; do check "$study: sealed before anything is observed" sealed_first $study; done

verdict() { # STUDY: summary.json, the last word on the terminal and the exit status agree
    local said
    said=$(verdict_of "$work/$1")
    grep -q "^verdict   $said\$" "$io/$1.out" || echo "summary.json: $said; printed: $(grep ^verdict "$io/$1.out")"
    case $said,$(cat "$io/$1.status") in
        agrees,0 | undecided,3 | differs,3 | "not lazy",3) ;;
        *) echo "$said, but exit status $(cat "$io/$1.status")" ;;
    esac
    [ "$("$json" -g kind "$work/$1/summary.json")" = "$1" ] || cat "$work/$1/summary.json"
}
for study in $studies; do check "$study: summary.json, verdict, exit status" verdict $study; done

replaced() { # STUDY: not without --force, and then by the same
    local dir=$work/$1
    cp -r "$dir" before
    refused 'holds a finished run; --force replaces it' run "$work/$1.cfg" --set name=other -o before
    expect $ran run "$work/$1.cfg" -o before # of the same keys it is finished
    grep -q '^finished ' "$io/out" || cat "$io/out"
    diff -r -x "*.pdf" "$dir" before # drawn anew; a pdf has the time of day
    cp -r "$dir" dir
    rm dir/study.tsv
    expect $ran run "$work/$1.cfg" --force -q -j 1 -o dir
    [ "$(cat "$io/out")" = "$(verdict_of "$dir")" ] || { echo "-q prints:"; cat "$io/out"; }
    local table
    while IFS= read -r table; do
        case $table in
            train.tsv | */train.tsv) ;; # has seconds
            *) cmp "$dir/$table" "dir/$table" ;;
        esac
    done < <(cd "$dir" && find . -name '*.tsv' -printf '%P\n')
    diff <(cd "$dir" && find . | sort) <(cd dir && find . | sort)
}
for study in $studies; do check "$study: --force replaces it by the same numbers, with -j 1" replaced $study; done

looked_at() { # STUDY: check writes nothing, explain says what is where, plot draws again
    expect 0 check "$work/$1.cfg"
    grep -qE "^kind +$1: " "$io/out" || cat "$io/out"
    [ -z "$(find . -mindepth 1)" ] || find . -mindepth 1
    expect 0 explain "$work/$1"
    grep -q "^verdict: $(verdict_of "$work/$1")\$" "$io/out" && grep -q ' study.tsv ' "$io/out" || cat "$io/out"
    have gnuplot || return 0
    cp -r "$work/$1" dir
    rm dir/figures/*
    expect 0 plot dir
    diff <(cd "$work/$1/figures" && ls ./*.svg) <(cd dir/figures && ls ./*.svg)
    rm dir/figures/*
    expect 0 plot "$work/$1.cfg" -o dir
    compgen -G "dir/figures/*.svg" >/dev/null || echo "no figures"
}
for study in $studies; do check "$study: check, explain and plot" looked_at $study; done

interrupted() { # a study that could not begin leaves nothing behind
    mkdir dir
    echo mine >dir/file
    local study
    for study in $studies; do refused 'dir' run "$work/$study.cfg" -o dir; done
}
check "a folder with other files is left alone" interrupted

# ---- overlay ----

overlay() {
    diff - <(cd "$work/overlay" && ls -d ./*.sa*/) <<'END'
./0.6-uniform-20-0.4-gaussian-6.sa0/
./0.6-uniform-20-0.4-gaussian-6.sa1/
./gaussian-8.sa0/
./gaussian-8.sa1/
END
    table "$work/overlay/study.tsv" '
        { rows[c["density"] " " c["sigma_a"]]++; if (!(c["T_pred"] > 0 && c["T_obs"] > 0 && c["T_obs_lo"] <= c["T_obs"])) print }
        c["density"] == "gaussian(8)" && c["sigma_a"] == 0 { d = c["fbi_pred"] - 0.4343; if (!(d * d < 1e-4)) print "FBI " c["fbi_pred"] }
        END { for (r in rows) { n++; if (rows[r] != 3) print r ": " rows[r] " rows" } if (n != 4) print n " runs" }'
    # the same numbers as in the folders, which are runs like any other
    table "$work/overlay/gaussian-8.sa1/agreement.tsv" 'c["q"] == 0.5 { printf "%.10g %.10g %s\n", c["T_pred"], c["T_obs"], c["verdict"] }' >one
    table "$work/overlay/study.tsv" 'c["density"] == "gaussian(8)" && c["sigma_a"] == 1 { print c["T_pred"], c["T_obs"], c["verdict"] }' | diff one -
    expect $ran compare "$work/overlay/gaussian-8.sa1"
    grep -qE '^gaussian\(8\) +1 +\+0\.' "$io/overlay.out" || cat "$io/overlay.out"
    local verdicts
    verdicts=$(for run in "$work"/overlay/*/; do verdict_of "$run"; done)
    grep -qx "$(verdict_of "$work/overlay")" <<<"$verdicts" || echo "the verdict is $(verdict_of "$work/overlay") of: $verdicts"
}
check "overlay: a row for each density, sigma_a and frequency" overlay

# ---- design ----

designed() { # FOLDER TOLERANCE: T as wanted, by the density that the table holds
    table "$1/study.tsv" '{ n++; d = c["T_pred"] / c["T_wanted"] - 1; if (!(d < t && d > -t)) print "T(" c["label"] ") is " c["T_pred"] ", wanted " c["T_wanted"] }
        END { if (n != 3) print n " frequencies" }' -v t="$2"
    diff <(cut -f 1-4 "$1/study.tsv") "$1/decay/design.tsv"
    awk 'NR > 1 { if (NR > 2) mass += ($1 - w) * ($2 + rho); w = $1; rho = $2; if (!($2 >= 0)) print } # of both signs
        END { if (NR != 34 || w != 15 || !(mass > 1 - 1e-12 && mass < 1 + 1e-12)) print "density.tsv: " NR " lines to " w ", mass " mass }' "$1/decay/density.tsv"
}
flat() {
    designed "$work/design" 1e-5
    # sigma_a = 0: rates are rho, so rho is the same at all tones up to what 2 pi / |domain| = 1 blurs
    awk 'NR > 1 { lo[NR] = $1; rho[NR] = $2 } END { for (i in rho) { if (lo[i] >= 4 && lo[i] <= 12) { if (!n++ || rho[i] < a) a = rho[i]; if (rho[i] > b) b = rho[i] } } if (!(b / a < 1.1)) print "rho varies by " b / a }' "$work/design/decay/density.tsv"
    table "$work/design/verify/bias.tsv" 'c["source"] == "heat" && c["form"] == "gd" && !(c["spread"] < 0.01) { print "S of the forecast is " c["spread"] }'
}
check "design: a flat wish" flat

again() { # design.cfg is the experiment of verify
    expect $ran run "$work/design/design.cfg" -q -o again
    same_decay "$work/design/verify" again
    cmp "$work/design/verify/agreement.tsv" again/agreement.tsv
    expect $ran design "$work/design.cfg" -q -o command
    cmp "$work/design/study.tsv" command/study.tsv
    sed '/^kind/d' "$work/design.cfg" >plain.cfg # the command says what to do
    expect $ran design plain.cfg -q -o plain
    cmp "$work/design/study.tsv" plain/study.tsv
}
check "design: design.cfg runs it again; the command design is run of that kind" again

sigma_a() {
    expect $ran design "$work/design.cfg" --set init.out_scale=1 --set target.centers=0,0.5,-0.4 -o dir
    designed dir 1e-5
}
check "design: at sigma_a = 1, packets at different places" sigma_a

out_of_reach() { # only the shape: says so and what is possible
    expect 3 design "$work/design.cfg" --set design.wish=times --set design.values=3,2,1 -o dir
    grep -q 'OUT OF REACH' <(unbroken) && grep -qE 'Reachable: T\(4\) = [0-9.]+ T\(8\) = [0-9.]+ T\(12\) = [0-9.]+' <(unbroken) &&
        grep -qE 'design.gain = true, which sets net.gain to about [0-9.]+' <(unbroken) || cat "$io/out"
    [ "$(verdict_of dir)" = differs ] || echo "verdict $(verdict_of dir)"
    table dir/study.tsv '{ r[NR] = c["T_pred"] / c["T_wanted"] } END { if (!(r[2] > 1)) print "not slower"; for (i = 3; i <= 4; i++) { d = r[i] / r[2] - 1; if (!(d * d < 1e-11)) print "shape: " r[i] " and " r[2] } }'
}
check "design: absolute times out of reach: exit 3, and what is reachable" out_of_reach

gain() {
    expect $ran design "$work/design.cfg" --set design.wish=times --set design.values=3,2,1 --set design.gain=true -o times
    designed times 1e-5
    grep -q 'OUT OF REACH' "$io/out" && cat "$io/out"
    grep -qE 'net.gain = [0-9.]+ supplies the absolute scale' "$io/out" || cat "$io/out"
    grep -qE '^    gain = 3\.[0-9]+;' times/design.cfg || grep gain times/design.cfg
    expect $ran design "$work/design.cfg" --set design.wish=rates --set design.values=0.1,0.2,0.3 --set design.gain=true -q -o rates
    designed rates 1e-5
    table rates/study.tsv 'c["label"] == 8 { d = c["T_wanted"] * 0.2 / log(2) - 1; if (!(d * d < 1e-20)) print c["T_wanted"] }'
}
check "design: with design.gain absolute times and rates are reached" gain

# ---- jacobi ----

jacobi() {
    [ "$(cat "$io/jacobi.status")" = 0 ] || cat "$io/jacobi.out"
    table "$work/jacobi/decay/predicted.tsv" '
        BEGIN { pi = atan2(0, -1) }
        { n++; l = cos(c["k"] * pi / 60); d = c["lambda"] - l; m = log(0.5) / log(l)
          if (!(d * d < 1e-30)) print "lambda_" c["k"] ": " c["lambda"] ", not " l
          if (!(c["sweeps_half"] >= m - 1e-9 && c["sweeps_half"] < m + 1)) print "sweeps of mode " c["k"] ": " c["sweeps_half"] ", not " m }
        END { if (n != 3) print n " modes" }'
    table "$work/jacobi/study.tsv" '
        NR == 2 && (c["sweep"] != 0 || c["k_2_pred"] != 1 || c["k_16_obs"] != 1) { print }
        { d = c["k_2_pred"] - c["k_2_obs"]; e = c["k_6_pred"] - c["k_6_obs"]; f = c["k_16_pred"] - c["k_16_obs"]
          if (!(d * d + e * e + f * f < 1e-18)) { print; exit } last = c["sweep"]; low = c["delta_1"]; high = c["delta_8"] }
        END { if (last != 400 || !(high < low)) print "ends at " last ", low " low ", high " high }'
}
check "jacobi: modes decay as predicted, high frequencies first" jacobi

cat >ritz.cfg <<'END'
name = "ritz";
data = { n = 61; a = -1.0; b = 1.0; points = "endpoints"; };
net = { kind = "layers"; layers = ["dense(20)", "tanh", "dense(1)"]; parametrisation = "standard"; };
init = { weights = "glorot"; antisymmetric = false; };
loss = { kind = "ritz"; };
train = { optimizer = "adam"; eta = 1e-2; steps = 60; records = 6; };
observe = { xi = [0.5]; snapshots = [20.0, 40.0]; };
forecast = { sources = []; };
seeds = { count = 2; };
END
hybrid() { # states are starts of sweeps, each mode of which decays as predicted; seconds stand apart
    expect 0 run "$work/ritz.cfg" -q -o net && expect 0 run "$work/jacobi.cfg" --set jacobi.start=net --set jacobi.switches=20,60 -o hybrid || return
    grep -q '^verdict *agrees' "$io/out" || cat "$io/out"
    table hybrid/hybrid.tsv '
        c["method"] == "network" { net[c["switch"]] = c["max"]; if (!(c["l2"] > 0 && c["l2"] < 2 * c["max"])) print }
        c["method"] == "hybrid" && c["sweep"] == 0 { n++; if (c["max"] != net[c["switch"]]) print "not the state of " c["switch"] }
        c["sweep"] == 400 { last[c["switch"]] = c["max"]; if (c["iterations"] != c["switch"] + 400) print }
        END { if (n != 2 || length(last) != 3 || !(last[60] < net[60])) print n " starts, " last[60] " of " net[60] }'
    table hybrid/seconds.tsv '{ n++ } c["method"] == "hybrid" && !(c["network"] > 0 && c["sweep"] > 0) { print } END { if (n != 4) print n " lines" }'
    ! have gnuplot || [ -s hybrid/figures/hybrid.svg ] || echo "no figure"
    expect 2 run "$work/jacobi.cfg" --set jacobi.start=net --set jacobi.n=50 -o other --force && says 'are not the 51 of'
    for command in 'run --force' check; do
        # shellcheck disable=SC2086
        expect 2 $command "$work/jacobi.cfg" --set jacobi.start=nothing -o other && says 'jacobi.start: nothing is no run with snapshots of a network'
        # shellcheck disable=SC2086
        expect 2 $command "$work/jacobi.cfg" --set jacobi.start=net --set jacobi.switches=30 -o other && says 'the network has no snapshot of step 30'
    done
    expect 0 check "$work/jacobi.cfg" --set jacobi.start=net --set jacobi.switches=20,60 -o other
    expect 2 run "$work/jacobi.cfg" --set jacobi.switches=20 -o other --force && says 'jacobi.switches .*jacobi.start'
    echo >>net/snapshots/snapshots.tsv
    expect 2 run "$work/jacobi.cfg" --set jacobi.start=net -o other --force && says "broken seal"
    rm net/*.sha256 # nothing is sealed of a stranger's directory
    for line in 'nan 20 20' '-1 20 20' '1e300 20 20' '1 nan 20' '1 inf 20' ''; do
        printf 'seed\tstep\tepoch\n%s\n' "$line" | tr ' ' '\t' >net/snapshots/snapshots.tsv
        expect 2 run "$work/jacobi.cfg" --set jacobi.start=net -o other --force && says 'snapshots.tsv.*no '
    done
}
says() { grep -q -- "$1" "$io/err" || cat "$io/err"; }
check "jacobi: sweeps from the states of a network" hybrid

# ---- theorem1 ----

theorem1() { # so few draws tell little, but not nothing
    table "$work/theorem1/study.tsv" '
        { n++; d = c["ratio"] - c["F_obs"] / c["F_pred"]; e = c["bad"] / c["samples"] / c["F_obs"] - 1
          if (!(d * d < 1e-14 && e * e < 1e-14)) print
          if (!(c["bad"] > 20) || !((c["ratio"] - 1) ^ 2 < 16 / c["bad"])) print "m = " c["m"] ", delta = " c["delta"] ": ratio " c["ratio"] " of " c["bad"] " exceptions" }
        c["m"] == 1 { d = c["exact"] / c["F_pred"] - 1; exact++ }
        END { if (n != 4 || exact != 2) print n " points" }'
    table "$work/theorem1/decay/predicted.tsv" '{ n++; d = c["F_a"] + c["F_w"] + c["F_b"] - c["F"]; if (!(d * d < 1e-20 && c["F_asymptotic"] > c["F"])) print } END { if (n != 4) print n " lines" }'
    expect $ran run "$work/theorem1.cfg" -q -o other --set seeds.first=2
    cmp -s "$work/theorem1/study.tsv" other/study.tsv && echo "another seed draws the same networks"
    cmp "$work/theorem1/decay/predicted.tsv" other/decay/predicted.tsv
}
check "theorem1: the measured volume is near the predicted one" theorem1

# ---- splines ----

splines() {
    table "$work/splines/study.tsv" '
        { n++; if (!(c["obs_lo"] <= c["obs"] && c["obs"] <= c["obs_hi"])) print
          d = c["h_1"] - c["cubic"]; e = c["h_3"] - c["linear"]; if (d * d > far) far = d * d; if (e * e > near) near = e * e }
        END { if (n != 201) print n " points"; if (!(far < 1e-9 && near < 1e-9)) print "far from the splines: " far, near }'
    table "$work/splines/decay/cases.tsv" '{ n++; ratio[n] = c["dev_linear"] / c["dev_cubic"] }
        END { if (n != 3 || !(ratio[1] > 10 && ratio[3] < 0.1)) print n " cases: " ratio[1], ratio[3] }'
    # the prediction goes through the data
    awk 'NR == FNR { if (FNR > 1) { x[FNR] = $1; y[FNR] = $2 } next } FNR > 1 { for (i in x) { d = $1 - x[i]; if (d * d < 1e-20) { e = $2 - y[i]; if (!(e * e < 1e-20)) print "h(" x[i] ") is " $2 ", not " y[i]; seen++ } } }
        END { if (seen < 2) print "only " seen " data points seen" }' "$work/splines/decay/data.tsv" "$work/splines/decay/predicted.tsv"
}
check "splines: limits between the splines, through the data" splines

# ---- bound ----

bound() { # both bounds from their parts; no function through the data has a larger norm; networks near their limit
    [ "$(cat "$io/bound.status")" = 0 ] || cat "$io/bound.out"
    table "$work/bound/decay/predicted.tsv" '
        function near(a, b) { return a > b * (1 - 1e-9) && a < b * (1 + 1e-9) }
        BEGIN { pi = atan2(0, -1); c4 = 8; c2 = 16; f = 0.004 # of two_point weights 2; coefficients f / 2, f / 4
            norm = sqrt(2 * ((f / 2) ^ 2 / (c4 + 4 * pi ^ 2 * c2) + (f / 4) ^ 2 / (c4 / 81 + 4 * pi ^ 2 * c2 / 9)))
            gamma = pi ^ 2 * sqrt(c4 / 45 + 4 * c2 / 3) }
        { rows++; q = norm * gamma; s = 4 * sqrt(2 * log(4 / 0.05) / c["n"])
          if (!near(c["norm"], norm) || !near(c["gamma"], gamma)) print "norms " c["norm"], c["gamma"] ", not " norm, gamma
          if (!near(c["bound"], 2 * q / sqrt(c["n"]) + (c["most"] + q) * s)) print "bound " c["bound"]
          if (!near(c["stated"], (c["most"] + 2 * q) * (2 / sqrt(c["n"]) + s))) print "stated " c["stated"] }
        END { if (rows != 2) print rows " lines" }'
    table "$work/bound/decay/cases.tsv" '{ n++; if (!(c["norm"] < 2.1e-4 && c["square"] > c["least"] ^ 2)) print }
        NR == 2 { risk = c["least"] } c["n"] == 16 && !(c["least"] < risk) { print "no less with 16 points" } END { if (n != 4) print n " draws" }'
    table "$work/bound/study.tsv" '{ n++; r = c["trained"] / c["limit"]
        if (!(c["violations"] == 0 && c["trained_hi"] < c["bound"] && c["bound"] < c["stated"])) print
        if (c["n"] == 4 && !(r > 0.9 && r < 1.1)) print "trained over limit: " r
        d = c["squares_fail_from"]; if (!(d > 0)) print } END { if (n != 2) print n " lines" }'
}
check "bound: bounds as the formula says, networks at their limit far below" bound

# ---- theorem2 ----

theorem2() { # draws are as many as told, none below delta_0
    [ "$(cat "$io/theorem2.status")" = 0 ] || cat "$io/theorem2.out"
    table "$work/theorem2/study.tsv" '
        { d = c["F_obs"] - c["bad"] / c["samples"]; if (!(d * d < 1e-18)) print }
        c["a"] != "nan" { n++; z = c["bad"] - c["samples"] * c["F_pred"]
            if (c["delta"] < c["delta_0"] ? c["bad"] + c["F_pred"] != 0 : !(c["F_pred"] > 0 && z * z < 20 * c["bad"] + 20)) print }
        c["a"] == "nan" { laws++; if (c["delta"] <= c["delta_0"] && c["bad"] + c["F_pred"] != 0) print }
        END { if (n != 13 || laws != 5) print n " lines of neurons, " laws " of laws" }'
    diff <(cut -f 1-6 "$work/theorem2/study.tsv") "$work/theorem2/decay/predicted.tsv"
}
check "theorem2: nothing below delta_0, above it as many as predicted" theorem2

# ---- start ----

start() { # both networks and their difference are where each start says; it grows like the square of its size
    [ "$(cat "$io/start.status")" = 0 ] || cat "$io/start.out"
    table "$work/start/study.tsv" '
        { n++; split("extra asi plain", name, " ")
          for (i in name) { r = c[name[i]] / c[name[i] "_pred"]; if (!(r > 0.97 && r < 1.03)) print name[i] ": " r " of the forecast" }
          if (!(c["part"] > 0.97 && c["part"] < 1.03 && c["moved"] < 0.1)) print "part " c["part"] ", moved " c["moved"]
          extra[n] = c["extra_pred"] }
        END { r = extra[2] / extra[1]; if (n != 2 || !(r > 3.5 && r < 4.1)) print n " points, ratio " r }'
    # the same seeds by two ordinary runs
    local s plain asi
    sed 's/name = "start"; kind = "start"/name = "one"/; s/^sweep.*//; s/^let.*//; s/\$s/0.2/' "$work/start.cfg" >one.cfg
    for s in true false; do
        expect $ran run one.cfg -q -o $s --set init.antisymmetric=$s --set forecast.sources=
    done
    asi=$("$SPECBIAS" measure true test.loss@last | awk '$1 == "runs" { print 2 * $2 }') # of half the mean of squares
    plain=$("$SPECBIAS" measure false test.loss@last | awk '$1 == "runs" { print 2 * $2 }')
    table "$work/start/study.tsv" 'c["let.s"] == 0.2 { p = c["plain"] / plain - 1; a = c["asi"] / asi - 1; if (!(p * p < 1e-10 && a * a < 1e-10)) print "runs: " plain, asi ", pairs: " c["plain"], c["asi"] }' -v plain="$plain" -v asi="$asi"
    # where no start has an output there is nothing that it could leave
    expect 3 run "$work/start.cfg" -q -o none --set sweep.vary='["let.s = 0"]' && grep -q undecided none/study.tsv || echo "judged without a forecast"
}
check "start: pairs leave what their start says" start

listed() {
    expect 0 list kind
    local study
    for study in train $studies; do grep -qE "^$study +[a-zA-Z]" "$io/out" || echo "no $study"; done
}
check "list kind names them" listed

shipped() { # every experiment that comes with it; where its data are not installed, it says which file is missing
    local config file
    for config in "$root"/experiments/*.cfg; do
        [ "${config##*/}" != reproduce.cfg ] || continue # a plan: tests/cli/reproduce.sh
        file=$(sed -n 's/.*[^_]file = "\([^"]*\)".*/\1/p' "$config" | head -n 1)
        if [ -n "$file" ] && [ ! -e "$file" ]; then
            expect 2 check "$config"
            errors_match "cannot read $file: No such file"
            continue
        fi
        if [ "${config##*/}" = hybrid.cfg ]; then # of a run that is not there
            expect 2 check "$config" -o other
            errors_match 'jacobi.start: ritz is no run'
            continue
        fi
        expect 0 check "$config"
        [ ! -s "$io/err" ] || cat "$io/err"
    done
}
check "the experiments that come with it are good" shipped

finish
