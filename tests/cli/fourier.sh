#!/usr/bin/env bash
# Networks of Fourier features end to end: on the line and in the plane, densities from files, the bias index, the error
# field (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >line.cfg <<'END'
name = "line";
data = { n = 48; a = -3.14159265358979312; b = 3.14159265358979312; };
target = { kind = "packets"; xi = [4.0, 8.0, 12.0]; phases = [0.3, 1.1, -0.7]; unit = "angular"; tau = 0.6; amplitude = 0.1; };
net = { kind = "fourier"; width = 512; };
init = { density = "gaussian(8)"; out = "gaussian"; out_scale = 1.0; };
train = { eta = 0.5; time = 200.0; records = 40; };
forecast = { sources = ["heat", "heat.rate", "ntk.infinite", "ntk.empirical"]; draws = 16; };
seeds = { count = 2; };
END
cat >plane.cfg <<'END'
name = "plane";
data = { n = 16; dimension = 2; a = -3.14159265358979312; b = 3.14159265358979312; };
target = { kind = "packets"; xi = [3.0, 1.0, -1.0, 2.0]; phases = [0.2, 1.0]; unit = "angular"; tau = 0.6; amplitude = 0.1; };
net = { kind = "fourier"; width = 256; };
init = { density = "gaussian(3) x gaussian(4)"; out = "gaussian"; out_scale = 1.0; };
train = { eta = 0.5; time = 120.0; records = 20; };
forecast = { sources = ["heat", "ntk.infinite", "ntk.empirical"]; draws = 4; };
seeds = { count = 2; };
END
line=$work/line.cfg plane=$work/plane.cfg

check "the line, sigma_a = 1" expect $ran run "$line" -o "$work/one"
cp "$io/out" "$io/one"
check "the line, sigma_a = 0" expect $ran run "$line" --set init.out_scale=0 -o "$work/zero"
check "the plane" expect $ran run "$plane" -o "$work/two"
cp "$io/out" "$io/two"

# ---- tables ----

complete() { # FOLDER SOURCES..
    local source form base
    no_leftovers "$1"
    (cd "$1" && sha256sum -c --quiet forecast.sha256)
    for source in "${@:2}"; do
        for form in flow gd; do
            for base in "$source.$form" $([ "$source" != ntk.empirical ] || echo "$source.seed"{1,2}".$form"); do
                [ -s "$1/decay/$base.tsv" ] && [ -s "$1/decay/$base.cfg" ] || echo "no $base"
            done
        done
    done
    [ "$1" = "$work/two" ] || [ -s "$1/decay/density.tsv" ] || echo "no density" # drawn on the line only
    for base in draws observed observed.seed1 observed.seed2; do [ -s "$1/decay/$base.tsv" ] || echo "no $base"; done
    for base in agreement.tsv budget.tsv bias.tsv train.tsv summary.json config.cfg manifest.cfg; do
        [ -s "$1/$base" ] || echo "no $base"
    done
    # err is a number everywhere, and 1 at the start (seed or mean)
    for base in "$1"/decay/{heat,ntk.infinite,ntk.empirical}.*.tsv "$1"/decay/observed*.tsv; do
        awk -F '\t' -v name="$base" '
            NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^(t$|step$|(re|im|err)\()/) column[i]; next }
            { for (i in column) if ($i !~ /^-?[0-9]/) { print name ":" NR ": " $i; exit } }' "$base"
    done
}
check "the line: all tables are there and whole" complete "$work/one" heat heat.rate ntk.infinite ntk.empirical
check "the line, sigma_a = 0: all tables are there and whole" \
    complete "$work/zero" heat heat.rate ntk.infinite ntk.empirical
check "the plane: all tables are there and whole" complete "$work/two" heat ntk.infinite ntk.empirical

labels() { # in the plane the label of a frequency is its norm
    table "$work/two/agreement.tsv" 'c["q"] == 0.5 && c["source"] == "heat" { d = c["label"] ^ 2 - (n++ ? 5 : 10); if (d * d > 1e-20) print c["label"] }
        END { if (n != 2) print n " frequencies" }'
    grep -qE '^  3.16228 +1/2 ' "$io/two" && grep -qE '^train     fourier 2-256-1, ASI, 2 seeds x 240 steps' "$io/two" || cat "$io/two"
}
check "the plane: frequencies and the network as printed" labels

one_length() { # items are told apart by their names
    expect 0 check "$plane" --json --set target.xi=1,2,2,1 || return
    [ "$("$json" -g items.0 "$io/out") $("$json" -g items.1 "$io/out")" = '2.23607 2.23607_2' ] || "$json" -l "$io/out" | grep items
}
check "frequencies of one length have names of their own" one_length

# ---- forecasts against each other ----

# What separates them is the end of the envelope, exp(-(pi / 0.6)^2 / 2) = 1e-6 of its height, and in the plane the mesh.
close_to_kernel() { # FOLDER BOUND
    at_most "$2" "$(largest_gap "$1/decay/heat.flow.tsv" "$1/decay/ntk.infinite.flow.tsv")" \
        "$(largest_gap "$1/decay/heat.gd.tsv" "$1/decay/ntk.infinite.gd.tsv")"
}
check "the line: the heat equation is the infinite kernel" close_to_kernel "$work/one" 1e-6
check "the line, sigma_a = 0: the heat equation is the infinite kernel" close_to_kernel "$work/zero" 1e-6
check "the plane: the heat equation is the infinite kernel" close_to_kernel "$work/two" 3e-4

own_kernel() { # each seed follows its own kernel from the start, as far as that stays
    local folder seed
    for folder in one zero two; do
        for seed in 1 2; do
            at_most 0.02 "$(largest_gap "$work/$folder/decay/observed.seed$seed.tsv" "$work/$folder/decay/ntk.empirical.seed$seed.gd.tsv")"
        done
    done
}
check "every seed follows its own kernel" own_kernel

# gaussian(8) on the grid of 48 points, whose aliases are 48 apart; the rate is (2 pi / |domain|) rho = rho.
rho='function one(w) { return exp(-w * w / 128) / (8 * sqrt(2 * atan2(0, -1))) }
    function rho(w) { return one(w) + one(48 - w) + one(48 + w) }
    '
rate_law() { # err = exp(-rho t), and (1 - eta rho)^step
    local folder form
    for folder in one zero; do
        for form in flow gd; do
            awk -F '\t' -v form="$form" -v name="$folder $form" "$rho"'
                NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
                { for (k = 0; k < 3; k++) {
                    w = 4 + 4 * k
                    law = form == "flow" ? exp(-rho(w) * $at["t"]) : exp($at["step"] * log(1 - 0.5 * rho(w)))
                    e = $at["err(" w ")"]; d = e / law - 1
                    if (!(d * d < 1e-16)) { print name ", t = " $at["t"] ": " e " at " w ", not " law; exit } } }
                ' "$work/$folder/decay/heat.rate.$form.tsv"
        done
    done
    at_most 1e-12 "$(largest_gap "$work/zero/decay/heat.gd.tsv" "$work/zero/decay/heat.rate.gd.tsv")"
    [ "$(largest_gap "$work/one/decay/heat.gd.tsv" "$work/one/decay/heat.rate.gd.tsv" | awk '{ print ($1 > 1e-3) }')" = 1 ] ||
        echo "at sigma_a = 1 nothing diffuses"
}
check "heat.rate is the exponential law of each frequency; without sigma_a so is heat" rate_law

points() { # data that are denser in the middle
    expect $ran run "$line" --set data.kind=density --set 'data.density=gaussian(1)' --set data.n=96 --set forecast.draws=0 \
        --set 'forecast.sources=["heat.points", "ntk.infinite"]' --seeds 1 -o dir
    at_most 1e-4 "$(largest_gap dir/decay/heat.points.flow.tsv dir/decay/ntk.infinite.flow.tsv)" \
        "$(largest_gap dir/decay/heat.points.gd.tsv dir/decay/ntk.infinite.gd.tsv)"
    no_leftovers dir
}
check "data of another density: heat.points is the infinite kernel" points

density_table() { # rho and the rate over the label, under seal
    grep -q '  decay/density.tsv$' "$work/one/forecast.sha256" || echo "density.tsv is not under seal"
    awk -F '\t' "$rho"'NR == 1 { if ($0 != "label\tw\trho\trate") print; next }
            { d = $3 / rho($2) - 1; last = $2; if (!(d * d < 1e-16) || $4 != $3 || $1 != $2) { print $2 ": " $3 ", not " rho($2); exit } }
            END { if (last != 15) print "ends at " last }' "$work/one/decay/density.tsv"
    cp -r "$work/one" dir
    sed -i '5s/1/2/' dir/decay/density.tsv
    refused 'dir/decay/density.tsv was changed' compare dir
}
check "density.tsv holds rho and the rates, and is under seal" density_table

methods() { # all ways through time agree
    local method
    for method in $("$SPECBIAS" list method | grep -o "^[a-z0-9]*"); do
        [ "$method" != msbdf ] || continue # for fewer unknowns
        expect 0 forecast "$line" --set forecast.method="$method" --set forecast.sources=heat --set forecast.draws=0 \
            --set train.time=20 -o "$method"
        [ -d exact ] || expect 0 forecast "$line" --set forecast.sources=heat --set forecast.draws=0 --set train.time=20 -o exact
        at_most 1e-8 "$(largest_gap "$method/decay/heat.flow.tsv" exact/decay/heat.flow.tsv)" \
            "$(largest_gap "$method/decay/heat.gd.tsv" exact/decay/heat.gd.tsv)"
    done
    expect 0 forecast "$line" --set forecast.method=msbdf --set forecast.mesh=0.15 --set forecast.sources=heat \
        --set forecast.draws=0 --set train.time=20 -o msbdf
    at_most 1e-4 "$(largest_gap msbdf/decay/heat.flow.tsv exact/decay/heat.flow.tsv)"
}
check "all ways through time agree" methods

frozen() { # w is not trained: pure damping at any sigma_a
    expect $ran run "$line" --set net.frozen=true --set output.arrays=true -o dir
    at_most 1e-12 "$(largest_gap dir/decay/heat.gd.tsv dir/decay/heat.rate.gd.tsv)"
    at_most 1e-6 "$(largest_gap dir/decay/heat.gd.tsv dir/decay/ntk.infinite.gd.tsv)"
    at_most 0.01 "$(largest_gap dir/decay/observed.seed1.tsv dir/decay/ntk.empirical.seed1.gd.tsv)"
    cmp -s dir/decay/observed.seed1.tsv "$work/one/decay/observed.seed1.tsv" && echo "frozen features train as others do"
    expect $ran run "$plane" --set net.frozen=true --seeds 1 -o plane
    at_most 3e-5 "$(largest_gap plane/decay/heat.gd.tsv plane/decay/ntk.infinite.gd.tsv)"
}
check "frozen features" frozen

gain() { # rates go with the square of the gain
    expect 0 forecast "$line" --set net.gain=2 --set train.eta=0.125 --set train.time=50 --set forecast.draws=0 -o dir
    at_most 1e-9 "$(largest_gap dir/decay/heat.gd.tsv "$work/one/decay/heat.gd.tsv")" \
        "$(largest_gap dir/decay/ntk.infinite.gd.tsv "$work/one/decay/ntk.infinite.gd.tsv")" \
        "$(largest_gap dir/decay/ntk.empirical.seed2.gd.tsv "$work/one/decay/ntk.empirical.seed2.gd.tsv")"
}
check "net.gain 2 is four times as fast" gain

# ---- the bias index ----

bias_table() { # FOLDER RUNS: numbers or nan, and the index is that of the times in agreement.tsv
    awk -F '\t' -v name="$1/bias.tsv" '
        NR == 1 { if ($0 != "source\tform\tseed\tcount\tlearned\tfbi\tfbi_mean\tfbi_error\tfbi_lo\tfbi_hi\tspread\tspread_mean\tspread_error\tspread_lo\tspread_hi") print; next }
        { for (i = 3; i <= NF; i++) if ($i !~ /^-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?$/ && $i != "nan") print name ":" NR ": " $i }' "$1/bias.tsv"
    # source fbi spread, recomputed
    table "$1/agreement.tsv" '
        function add(source, t) { n = ++count[source]; xi[n] = c["xi"]; y[source, n] = log(t) / log(10) }
        c["q"] == 0.5 { add(c["source"], c["T_pred"]); if (c["source"] == "heat") add("observed", c["T_obs"]) }
        END { for (s in count) {
            n = count[s]; lo = hi = xi[1]; least = most = y[s, 1]; mp = my = xy = xx = 0
            for (k = 1; k <= n; k++) { if (xi[k] < lo) lo = xi[k]; if (xi[k] > hi) hi = xi[k]
                if (y[s, k] < least) least = y[s, k]; if (y[s, k] > most) most = y[s, k] }
            for (k = 1; k <= n; k++) { mp += (xi[k] - lo) / (hi - lo) / n; my += y[s, k] / n }
            for (k = 1; k <= n; k++) { p = (xi[k] - lo) / (hi - lo) - mp; xy += p * (y[s, k] - my); xx += p * p }
            printf "%s %.12g %.12g\n", s, xy / xx, most - least } }' >mine
    table "$1/bias.tsv" 'c["seed"] == "nan" && c["form"] != "flow" { print c["source"], c["fbi"], c["spread"] }' >theirs
    awk 'NR == FNR { fbi[$1] = $2; spread[$1] = $3; n++; next } { n--; a = $2 - fbi[$1]; b = $3 - spread[$1]
        if (!($1 in fbi) || !(a * a < 1e-18) || !(b * b < 1e-18)) print $0 ", recomputed " fbi[$1] " " spread[$1] }
        END { if (n != 0) print n " sources are missing" }' mine theirs
    # the runs: one row each, whose mean, least and greatest stand in the row of all
    table "$1/bias.tsv" '
        c["source"] == "observed" && c["seed"] == "nan" { mean = c["fbi_mean"]; lo = c["fbi_lo"]; hi = c["fbi_hi"]; all = c["count"] }
        c["source"] == "observed" && c["seed"] != "nan" { n++; s += c["fbi"]; if (n == 1 || c["fbi"] < l) l = c["fbi"]; if (n == 1 || c["fbi"] > h) h = c["fbi"] }
        END { d = s / n - mean; if (n != 2 || all != 2 || !(d * d + (l - lo) ^ 2 + (h - hi) ^ 2 < 1e-24)) print "runs: " n, s / n, mean, l, lo, h, hi }'
}
check "the line: bias.tsv agrees with the times" bias_table "$work/one"
check "the line, sigma_a = 0: bias.tsv agrees with the times" bias_table "$work/zero"
check "the plane: bias.tsv agrees with the times" bias_table "$work/two"

low_first() { # normal frequencies, sigma_a = 0: T ~ 1 / rho, FBI = (12^2 - 4^2) / (2 8^2 ln 10) = 0.43429 of the flow
    table "$work/zero/bias.tsv" '
        c["form"] == "flow" && c["source"] ~ /^(heat|heat.rate|ntk.infinite)$/ { n++; d = c["fbi"] - 0.434294; if (!(d * d < 1e-4)) print c["source"] ": " c["fbi"] }
        END { if (n != 3) print n " sources" }'
    table "$work/zero/bias.tsv" 'c["source"] == "heat" && c["form"] == "gd" && !(c["count"] == 16 && c["fbi_lo"] < c["fbi"] && c["fbi"] < c["fbi_hi"]) { print "draws: " c["count"], c["fbi_lo"], c["fbi_hi"] }'
}
check "the bias of normal frequencies is known" low_first

bias_of() { # FOLDER SOURCE: form, seed, count, learned, fbi of all runs or draws together
    "$json" -l "$1/summary.json" | awk -F '[.\t]' -v source="$2" '$1 == "bias" { v[$2, $3] = $4 (NF > 4 ? "." $5 : ""); n = $2 }
        END { for (i = 0; i <= n; i++) if (v[i, "source"] == source && v[i, "seed"] == "null" && v[i, "form"] != "flow")
              print v[i, "form"], v[i, "seed"], v[i, "count"], v[i, "learned"], v[i, "fbi"] }'
}

index_elsewhere() { # the terminal and summary.json say the same
    local fbi
    fbi=$(table "$work/one/bias.tsv" 'c["source"] == "observed" && c["seed"] == "nan" { print c["fbi"] }')
    grep -qE "^  observed +$(printf '%+.3f' "$fbi" | sed 's/[+.]/\\&/g') " "$io/one" || { echo "no $fbi in:"; grep -A 6 '^bias' "$io/one"; }
    [ "$(bias_of "$work/one" observed)" = "observed null 2 3 $fbi" ] || bias_of "$work/one" observed
    expect $ran compare "$work/one" # prints it again
    grep -q '^bias index' "$io/out" || cat "$io/out"
}
check "the bias index on the terminal and in summary.json" index_elsewhere

not_all_learned() { # a record that ends too early
    expect $ran run "$line" --set train.time=25 --set forecast.draws=0 --seeds 1 -o dir
    grep -qE '^  heat +not all learned' "$io/out" || cat "$io/out"
    table dir/bias.tsv 'c["source"] == "heat" && !(c["learned"] == 2 && c["fbi"] == "nan" && c["spread"] == "nan" && c["fbi_lo"] == "nan") { print c["learned"], c["fbi"], c["fbi_lo"] }'
    [ "$(bias_of dir heat)" = "gd null 0 2 null" ] || bias_of dir heat
}
check "no index where a frequency is not learned" not_all_learned

if have python3; then
    if python3 -c 'import numpy' 2>/dev/null; then
        parses() {
            python3 - "$work/one" "$work/two" <<'END'
import glob, sys, numpy
for folder in sys.argv[1:]:
    for path in glob.glob(folder + "/*.tsv") + glob.glob(folder + "/decay/*.tsv"):
        table = numpy.genfromtxt(path, names=True, delimiter="\t", dtype=None, encoding="utf8")
        for name in table.dtype.names:
            if table[name].dtype.kind not in "fi" and name not in ("source", "form", "verdict", "seal"):
                print(path, name, table[name].dtype)
END
        }
        check "numpy reads every table" parses
    else
        skip "numpy reads every table" "no numpy"
    fi
else
    skip "numpy reads every table" "no python3"
fi

# ---- the same bits ----

again() { # FOLDER CONFIG ARGS..
    expect 0 forecast "$2" "${@:3}" -o again
    expect 0 train "$2" "${@:3}" -o again
    same_decay "$1" again
}
for threads in 1 2; do
    for jobs in 1 2; do
        check "the line: the same bits with $threads threads, -j $jobs" again "$work/one" "$line" --set train.threads=$threads -j $jobs
    done
done
check "the plane: the same bits with one thread, -j 1" again "$work/two" "$plane" --set train.threads=1 -j 1
check "the plane: the same bits with two threads, -j 2" again "$work/two" "$plane" --set train.threads=2 -j 2

# ---- the error field ----

field() {
    local source name
    expect $ran run "$line" --set observe.field=16 -o dir
    (cd dir && sha256sum -c --quiet forecast.sha256)
    for source in heat heat.rate ntk.infinite ntk.empirical; do
        name=decay/$source.gd.field.tsv
        [ -s "dir/$name" ] && grep -q "  $name\$" dir/forecast.sha256 || echo "$name is not under seal"
    done
    [ -s dir/decay/observed.field.tsv ] || echo "no observed field"
    grep -q observed dir/forecast.sha256 && echo "the observed field is under seal"
    no_leftovers dir
    for name in dir/decay/*.field.tsv; do
        table "$name" '{ n++; if (c["label"] > top) top = c["label"]; if (c["label_lo"] < 0 || c["label_hi"] > 16.0001 || !(c["size"] >= 0 && c["size"] < 1.5)) { print; exit } }
            !(c["t"] in seen) { seen[c["t"]]; times++ }
            END { if (times < 30 || n % times || top < 15.5) print n, times, top }'
    done
    # heat and the kernel of infinite width draw one picture
    paste <(cut -f 1,4,7 dir/decay/heat.gd.field.tsv) <(cut -f 1,4,7 dir/decay/ntk.infinite.gd.field.tsv) |
        awk 'NR > 1 { d = $3 - $6; if ($1 != $4 || $2 != $5 || !(d * d < 1e-11)) { print; exit } }'
    for name in "$work"/one/decay/*.tsv; do cmp "$name" "dir/decay/${name##*/}"; done # nothing else changes
    sed -i '9s/1/2/' dir/decay/heat.gd.field.tsv
    refused 'dir/decay/heat.gd.field.tsv was changed' compare dir
}
check "observe.field: tables of the error field, the forecasts under seal" field

# ---- tables of a density ----

table_file() { # a constant on [0, 20] is uniform(20); the file belongs to the configuration's folder
    mkdir sub
    printf '# a table\nw, rho\n0, 3\n7.5 3\n20\t3\n' >sub/rho.txt
    sed 's/density = "gaussian(8)"/density = "table"; table = "rho.txt"/' "$line" >sub/line.cfg
    expect 0 forecast sub/line.cfg -o dir
    rm -r sub
    grep -q 'table = "";' dir/config.cfg && grep -q 'table_w = \[0.0, 7.5, 20.0\];' dir/config.cfg &&
        grep -q 'table_rho = \[3.0, 3.0, 3.0\];' dir/config.cfg || grep table dir/config.cfg
    expect 0 train dir
    expect $ran compare dir
    expect 0 forecast "$line" --set 'init.density=uniform(20)' --set forecast.draws=0 -o uniform
    at_most 1e-9 "$(largest_gap dir/decay/heat.gd.tsv uniform/decay/heat.gd.tsv)" \
        "$(largest_gap dir/decay/ntk.infinite.gd.tsv uniform/decay/ntk.infinite.gd.tsv)"
    cmp dir/decay/density.tsv uniform/decay/density.tsv
}
check "a density from a file beside the configuration, which is not needed any more" table_file

table_elsewhere() { # --set counts from here, an absolute path from nowhere; parts of sums; inline nodes
    mkdir sub
    cp "$line" sub
    printf '0 1\n20 1\n' >rho.txt
    local more=(--set forecast.draws=0 --set 'forecast.sources=["heat"]' --set 'init.density=0.5 table + 0.5 gaussian(8)')
    expect 0 forecast sub/line.cfg --set init.table=rho.txt "${more[@]}" -o here
    expect 0 forecast sub/line.cfg --set init.table="$PWD/rho.txt" "${more[@]}" -o absolute
    expect 0 forecast sub/line.cfg --set init.table_w=0,20 --set init.table_rho=1,1 "${more[@]}" -o inline
    same_decay here absolute
    same_decay here inline
    cmp here/config.cfg inline/config.cfg
}
check "a density from a file given by --set, or from nodes" table_elsewhere

finish
