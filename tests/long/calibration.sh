#!/usr/bin/env bash
# Is z what it claims to be, and the stated power what it states (TAP)? True lazy experiments of mixed kind (sums over
# units and layers, depths, parametrisations, points on lines, circles, spheres and of tables, sequences; losses, rules,
# starts, tones, seeds, draws), some of them then once more with new seeds and a forecast that is wrong by exactly the
# factor that it said it would notice.
#   calibration.sh [EXPERIMENTS]    60, or $CALIBRATION; 60 take about five minutes of one core
#   CALIBRATION_LINES=FILE          also writes what was found, line by line
set -u
cd "$(dirname "$0")/../.."
: "${SPECBIAS:=$PWD/build/bin/specbias}"
runs=${1:-${CALIBRATION:-60}}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SPECBIAS work OMP_NUM_THREADS=1 LC_ALL=C
printf 'name = "calibration"; train = { eta = 1e-15; steps = 1; records = 200; };\n' >"$work/base.cfg"

column='function column(name, i) { for (i = 1; i <= NF; i++) if ($i == name) return i }'
export column

# Sums over units; each third, and all of ReLU, with plain gradient descent on mean squares, as frequency equations want.
units() {
    local i=$1 n=(16 12 20) tones=(1 1,2 1,3) width=(1024 512 2048 1024 4096) amplitude=(0.02 0.1 0.005 0.05)
    local size=${amplitude[i / 5 % 4]}
    local sources=ntk.infinite,ntk.empirical
    kind=units.$2 loss=mse rule=gd
    if [ "$2" = relu ]; then
        sources=lfp,$sources
    elif ((i % 3)); then
        rules "$i" && losses "$i" 5
    fi
    keys+=(forecast.sources="$sources" target.xi="${tones[i / 2 % 3]}" net.width="${width[i / 3 % 5]}")
    case $2 in
    relu) size=0.0${size#0.} ;;
    tanh) keys+=(net.activation=tanh init.in_scale=5) ;;
    sigmoid) keys+=(net.activation=sigmoid init.in_scale=12) ;;
    sine) keys+=(net.activation=sine init.in_scale=6) ;;
    fourier) keys+=(net.kind=fourier init.density="gaussian(12)" init.out=gaussian) ;;
    esac
    [ "$start" = asi ] || { size=0.1 && keys+=(init.out_scale=0.1); }
    if ((i % 7 == 6)); then
        keys+=(data.kind=list data.x=-0.45,-0.38,-0.27,-0.22,-0.1,-0.04,0.08,0.11,0.23,0.3,0.36,0.47)
    else
        keys+=(data.n="${n[i % 3]}")
    fi
    keys+=(target.amplitude="$size")
}

# Any loss that is a quadratic form: where examples have places all five, else two.
losses() {
    local of=(mse quadrature nmse sobolev-1 sobolev1)
    loss=${of[($1 + $1 / 16) % $2]}
    case $loss in
    quadrature) [ "$2" = 5 ] && keys+=(loss.weights=quadrature) || { loss=nmse && keys+=(loss.kind=nmse); } ;;
    nmse) keys+=(loss.kind=nmse) ;;
    sobolev*) keys+=(loss.kind=sobolev loss.s="${loss#sobolev}" loss.degree=5) ;;
    esac
}

rules() {
    local of=(gd heavy_ball nesterov)
    rule=${of[($1 / 2 + $1 / 16) % 3]}
    keys+=(train.optimizer="$rule")
    [ "$rule" = gd ] || keys+=(train.momentum="0.$((5 + $1 % 4))")
}

layers() {
    kind=$2
    keys+=(net.kind=layers net.layers="$3")
    rules "$1"
}

on_line() {
    local tones=(1 1,2 1,3) data=(uniform random uniform cosine)
    keys+=(data.kind="${data[$1 / 3 % 4]}" data.n=20 target.xi="${tones[$1 / 2 % 3]}" target.amplitude="${plain:-$2}")
    losses "$1" 5
}

on_circle() {
    keys+=(data.n=32 data.a=0 data.b=6.283185307179586 data.points=left data.map=circle target.unit=index
        target.xi=1,2,3 target.phases=0.5,1,1.5 target.amplitude="${plain:-$2}")
    losses "$1" 5
}

on_sphere() {
    keys+=(data.kind=sphere data.dimension=3 data.n=72 target.unit=index target.xi=1,2 target.amplitude="${plain:-$2}")
    losses "$1" 5
}

# Rows of three inputs and two numbers to learn.
of_table() {
    awk -v seed="$1" -v size="${plain:-$2}" 'BEGIN { srand(seed); print "a,b,c,y,z"
        for (i = 0; i < 20; i++) { a = 2 * rand() - 1; b = 2 * rand() - 1; c = 2 * rand() - 1
            printf "%.6f,%.6f,%.6f,%.12g,%.12g\n", a, b, c, size * (a * b + sin(2 * c)), size * (a - c * b) } }' >"$work/$1.csv"
    keys+=(data.kind=table data.file="$work/$1.csv" data.n=20 data.inputs=a,b,c data.columns="$3")
    losses "$1" 2
}

# Keys of experiment $1 in the array `keys`, its name in kind, loss, rule, start.
experiment() {
    local i=$1 seeds=(3 2 5 4) draws=(48 24 32 64)
    start=asi
    ((i / 16 % 2 == i % 2)) || start=plain
    keys=(seeds.count="${seeds[i / 4 % 4]}" forecast.draws="${draws[i % 4]}" seeds.first=$((1000 + 20 * i)))
    local last='init=gaussian(1)'
    plain=
    [ "$start" = asi ] || { plain=0.02 && last='init=gaussian(0.02)' && keys+=(init.antisymmetric=false); }
    case $((i % 16)) in
    0) units "$i" relu ;;
    1) units "$i" tanh ;;
    2) layers "$i" deep2.tanh "dense(96, init=gaussian(4)),tanh,dense(96),tanh,dense(1, $last)" && on_line "$i" 0.02 && keys+=(init.biases="gaussian(1)") ;;
    3) layers "$i" circle.relu "dense(800),relu,dense(1, $last, nobias)" && on_circle "$i" 0.004 ;;
    4) units "$i" sine ;;
    5) layers "$i" dense.tanh "dense(512, init=gaussian(4)),tanh,dense(1, $last)" && on_line "$i" 0.05 && keys+=(init.biases="gaussian(1)") ;;
    6) layers "$i" standard.relu "dense(512, init=gaussian(2)),relu,dense(1)" && on_line "$i" 0.01 && keys+=(net.parametrisation=standard init.biases="gaussian(1)") ;;
    7) layers "$i" conv1d "conv1d(24, 3, circular),tanh,conv1d(1, 3, circular, $last)" && losses "$i" 2 &&
        keys+=(data.kind=derivative data.n=6 data.length=12 data.bands=1,2 observe.projection=1,2 net.gain=100) ;;
    8) units "$i" fourier ;;
    9) layers "$i" fourier.hidden "fourier(200),dense(200),relu,dense(1, $last)" && on_line "$i" 0.02 && keys+=(init.density="gaussian(8)") ;;
    10) layers "$i" sphere.relu "dense(400),relu,dense(1, $last)" && on_sphere "$i" 0.02 ;;
    11) layers "$i" deep3.relu "dense(96, init=gaussian(3)),relu,dense(96),relu,dense(96),relu,dense(1, $last)" && on_line "$i" 0.005 && keys+=(init.biases="gaussian(1)") ;;
    12) layers "$i" table "dense(256),tanh,dense(1, $last)" && of_table "$i" 0.05 y && keys+=(init.biases="gaussian(1)" observe.projection=1,2) ;;
    13) layers "$i" table.outputs "dense(256),erf,dense(2, $last)" && of_table "$i" 0.05 y,z && keys+=(init.biases="gaussian(1)" observe.projection=1 observe.filter=0.3) ;;
    14) layers "$i" standard.deep "dense(128, init=gaussian(2)),tanh,dense(128),tanh,dense(1)" && on_line "$i" 0.01 && keys+=(net.parametrisation=standard init.biases="gaussian(1)") ;;
    15) layers "$i" circle.deep "dense(150),relu,dense(150),sine,dense(1, $last)" && on_circle "$i" 0.02 && keys+=(target.xi=1,2 target.phases=0.5,1) ;;
    esac
}

call() { # COMMAND ARGS.. with the keys
    local set=() key
    for key in "${keys[@]}"; do set+=(--set "$key"); done
    "$SPECBIAS" "$@" -q -j 1 "${set[@]}" >>"$work/$i.log" 2>&1
}

# eta a third of the largest stable step (of rules with momentum a tenth: where T is a few of the steps that momentum
# remembers, the effect of the moving kernel is known to a factor only), time until the slowest forecast is well below 1/10, at most 3000 steps
choose_times() {
    local eta steps part=3 set=() key
    [ "$rule" = gd ] || part=10
    for key in "${keys[@]}"; do set+=(--set "$key"); done
    eta=$("$SPECBIAS" check "$work/base.cfg" "${set[@]}" 2>>"$work/$i.log" | awk -v part="$part" '/^stable step/ { print $5 / part }')
    [ -n "$eta" ] || return 1
    keys+=(train.eta="$eta" train.steps=3000)
    (keys+=(forecast.sources=ntk.empirical seeds.count=1 forecast.draws=0) && call forecast "$work/base.cfg" --force -o "$work/$i.pilot") || return 1
    steps=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i ~ /^err/) err[i]; if ($i == "step") at = i } next }
        { late = 0; for (i in err) if ($i > 0.06) late = 1; if (late) t = 0; else if (!t) t = $at } END { print t ? t : $at }' \
        "$work/$i.pilot/decay/"ntk.empirical*.gd.tsv)
    keys+=(train.steps="$steps")
}

# The forecast says FACTOR times the rates; then gain is 1 again, and the seal that of the changed keys.
wrong() { # FACTOR
    local dir=$work/$i.wrong gain
    gain=$(awk -v c="$1" 'BEGIN { printf "%.17g", sqrt(c) }')
    keys+=(seeds.first=$((1010 + 20 * i)) net.gain="$gain")
    call forecast "$work/base.cfg" --force -o "$dir"
    sed -i '/^net/,/^}/s/gain = [^;]*;/gain = 1.0;/' "$dir/config.cfg" "$dir/manifest.cfg"
    (cd "$dir" && sha256sum $(awk '{ print $2 }' forecast.sha256) >seal && mv seal forecast.sha256)
    "$SPECBIAS" train "$dir" -q -j 1 >>"$work/$i.log" 2>&1
    "$SPECBIAS" compare "$dir" -q >>"$work/$i.log" 2>&1
}

# line I FORECAST KIND LOSS RULE START Z LIMIT VERDICT EFFECT S SHIFT T_PRED T_OBS; z nan where a time is not reached, which makes z
# the least that it can be
one() {
    local i=$1 keys kind loss rule start plain source factor
    experiment "$i"
    choose_times && call run "$work/base.cfg" --force -o "$work/$i"
    if [ ! -s "$work/$i/agreement.tsv" ]; then
        echo "broken $i $kind $loss $rule $start: $(tail -n 1 "$work/$i.log")"
        return
    fi
    awk -F '\t' -v of="$kind $loss $rule $start" -v i="$i" "$column"' NR == 1 { z = column("z"); l = column("limit"); v = column("verdict")
            e = column("effect"); s = column("s"); h = column("shift"); p = column("T_pred"); o = column("T_obs"); next }
        { sub(" ", "_", $v); if ($p == "nan" || $o == "nan") $z = "nan"; print "line", i, $1, of, $z, $l, $v, $e, $s, $h, $p, $o }' "$work/$i/agreement.tsv"
    for source in ntk.infinite ntk.empirical; do
        [ "$start" = asi ] && ((i / 2 % 2 == 1)) && [[ "${keys[*]}" != *net.gain* ]] || continue
        factor=$(awk -v source="\"source\": \"$source\"" '/"source":/ { here = index($0, source) }
            here && match($0, /"notices_rate_off_by": [0-9.e+-]+/) { print substr($0, RSTART + 23, RLENGTH - 23); exit }' "$work/$i/summary.json")
        [ -n "$factor" ] || continue
        factor=$(awk -v x="$factor" -v i="$i" 'BEGIN { printf "%.17g", i / 4 % 2 < 1 ? 1 + x : 1 / (1 + x) }')
        (wrong "$factor")
        awk -F '\t' -v i="$i" -v c="$factor" -v source="$source" "$column"' NR == 1 { v = column("verdict"); next }
            $1 == source && $v == "differs" { seen = 1 } END { print "power", i, source, c, seen + 0 }' "$work/$i.wrong/agreement.tsv"
    done
    [ -n "${CALIBRATION_KEEP-}" ] || rm -rf "${work:?}/$i" "$work/$i".*
}
export -f rules one experiment call choose_times wrong units layers losses on_line on_circle on_sphere of_table
seq "$runs" | xargs -P "${CALIBRATION_JOBS:-$(getconf _NPROCESSORS_ONLN)}" -I{} bash -c 'one {}' >"$work/result"
[ -z "${CALIBRATION_LINES-}" ] || cp "$work/result" "$CALIBRATION_LINES"

awk '
    $1 == "line" { z = $8; tried[$3, $2]; if ($10 == "not_lazy") eager[$2]; if ($10 == "differs") wrong[$3, $2]
        for (c = 3; c <= 7; c++) {
            group = c == 3 ? "forecast " $3 : "group " $3 " " $c
            if (!((group, $2) in member)) { member[group, $2]; experiments[group]++ }
            lines[group]++; if (z != "nan") { n[group]++; s[group] += z * z } } }
    $1 == "power" { p[$3]++; seen[$3] += $5 }
    $1 == "broken"
    END {
        for (k in wrong) { split(k, part, SUBSEP); alarms["forecast " part[1]]++ }
        for (g in lines) printf "%s experiments %d lines %d judged %d z2 %.3f alarms %d\n", g, experiments[g], lines[g], n[g], n[g] ? s[g] / n[g] : 0, alarms[g]
        for (f in p) printf "power %s experiments %d noticed %d\n", f, p[f], seen[f]
        for (i in eager) print "eager", i
    }' "$work/result" | sort >"$work/summary"
sed 's/^/# /' "$work/summary"

number=0
check() { # NAME CONDITION..: of awk, about the fields of a line of the summary
    number=$((number + 1))
    if awk "$2" "$work/summary" | grep -q . || ! grep -q '^forecast' "$work/summary"; then
        echo "not ok $number - $1"
    else
        echo "ok $number - $1"
    fi
}
check "every experiment was judged" '/^broken/'
check "no true theory differs in more than 1 % of experiments" \
    '/^forecast/ { p = 0.01 * $4; if ($NF > p + 3 * sqrt(p) + 0.5) print }'
check "95 % of the theories that are wrong by what would be noticed differ" \
    '/^power/ && $NF < 0.95 * $4 - 3 * sqrt(0.05 * 0.95 * $4) - 0.5'
check "at most one of twenty was not lazy" \
    '/^eager/ { eager++ } /^forecast ntk.empirical/ { of = $4 } END { if (20 * eager > of) print }'
between() { check "mean z^2 is $1 to $2" "/^forecast/ && \$2 != \"lfp\" && !(\$10 > $1 && \$10 < $2)"; }
if [ "$runs" -ge 200 ]; then
    between 0.7 1.3
elif [ "$runs" -ge 40 ]; then
    between 0.5 1.5
fi
echo "1..$number"
