#!/usr/bin/env bash
# Is z of the law what it claims to be in rich training, and the stated power what it states (TAP)? True experiments of
# mixed kind whose kernels move (activations, widths, amplitudes, rules, starts, points, seeds, rehearsals); each of them
# then once more, new seeds under a law whose times are wrong: by 40 %, which no rehearsal may save, or by exactly what
# the comparison said that it would notice; and under one of its wrong theories (no unit moves, amplitudes x 0.5 and x 2, a
# rate that is 20 % off), of which it said whether it rejects them.
#   rich.sh [EXPERIMENTS]    40, or $RICH; 40 take about five minutes of one core
#   RICH_LINES=FILE          also writes what was found, line by line
set -u
cd "$(dirname "$0")/../.."
: "${SPECBIAS:=$PWD/build/bin/specbias}"
runs=${1:-${RICH:-40}}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SPECBIAS work OMP_NUM_THREADS=1 LC_ALL=C
printf 'name = "rich"; target = { xi = [1.0, 2.0]; }; train = { eta = 1e-15; steps = 1; records = 160; threads = 1; };
forecast = { sources = ["law", "ntk.infinite"]; tolerance = 0.005; };\n' >"$work/base.cfg"

column='function column(name, i) { for (i = 1; i <= NF; i++) if ($i == name) return i }'
export column

# Keys of experiment $1 in `keys`; its name in kind, rule; steps: of the training, eta: its rate over the largest stable one.
experiment() {
    local i=$1 draws=16 seeds=(4 3 6 5) rehearsals=(16 20 24) width=(256 512 384) n=(16 12 14) rules=(gd heavy_ball nesterov adam)
    local amplitude=(1.5 3 5 2) tones=(1,2 1 1,3 2)
    rule=${rules[i / 2 % 4]} steps=1500 eta=0.35
    keys=(seeds.count="${seeds[i / 3 % 4]}" seeds.first=$((1000 + 20 * i)) forecast.rehearsals="${rehearsals[i % 3]}"
        net.width="${width[i / 4 % 3]}" data.n="${n[i / 5 % 3]}" target.amplitude="${amplitude[i / 2 % 4]}"
        target.xi="${tones[i / 3 % 4]}" train.optimizer="$rule")
    case $((i % 8)) in
    0 | 3) kind=tanh && keys+=(net.activation=tanh init.in_scale=6) ;;
    1) kind=sigmoid && keys+=(net.activation=sigmoid init.in_scale=12 init.out_scale=3) ;;
    2) kind=relu && keys+=(target.amplitude=0.2 target.xi=1,2) && steps=700 ;;
    4) kind=erf && keys+=(net.activation=erf init.in_scale=5 init.out=gaussian init.out_scale=1.5) ;;
    5) kind=sine && keys+=(net.activation=sine init.in_scale=5) ;;
    6) kind=biased && keys+=(net.kind=layers net.layers='["dense(128, init=gaussian(5))", "tanh", "dense(1)"]' init.biases='gaussian(2)') ;;
    7) kind=points && keys+=(net.activation=tanh init.in_scale=6 data.kind=list
        data.x=-0.45,-0.38,-0.27,-0.22,-0.1,-0.04,0.08,0.11,0.23,0.3,0.36,0.47) ;;
    esac
    case $rule in
    heavy_ball | nesterov) eta=0.1 keys+=(train.momentum=0.8) ;;
    adam) steps=800 draws=0 ;; # without modes rehearsals are all there is
    esac
    keys+=(forecast.draws="$draws")
    ((i % 8 == 6)) && drop net.width
    ((i % 8 == 7)) && drop data.n
}

drop() { # KEY
    local left=() key
    for key in "${keys[@]}"; do [[ $key == "$1="* ]] || left+=("$key"); done
    keys=("${left[@]}")
}

call() { # COMMAND ARGS.. with the keys
    local set=() key
    for key in "${keys[@]}"; do set+=(--set "$key"); done
    "$SPECBIAS" "$@" -q -j 1 "${set[@]}" >>"$work/$i.log" 2>&1
}

choose_rate() {
    local set=() key
    if [ "$rule" = adam ]; then
        eta=0.004
    else
        for key in "${keys[@]}"; do set+=(--set "$key"); done
        eta=$("$SPECBIAS" check "$work/base.cfg" "${set[@]}" 2>>"$work/$i.log" | awk -v part="$eta" '/^stable step/ { print $5 * part }')
        [ -n "$eta" ] || return 1
    fi
    keys+=(train.eta="$eta" train.steps="$steps")
}

# A table of err at the times T over FACTOR: a law FACTOR times as late.
late() { # FACTOR TABLE
    awk -F '\t' -v OFS='\t' -v factor="$1" 'NR == 1 { print; for (i = 1; i <= NF; i++) if ($i ~ /^err/) err[i]; next }
        { n++; for (i = 1; i <= NF; i++) cell[n, i] = $i; columns = NF }
        END { for (m = 1; m <= n; m++) { want = cell[m, 1] / factor; if (want > cell[n, 1]) want = cell[n, 1]
                at = 1; while (at < n - 1 && cell[at + 1, 1] < want) at++
                a = cell[at, 1]; b = cell[at + 1, 1]; part = at == 1 ? want / b : log(want / a) / log(b / a)
                for (i = 1; i <= columns; i++) { v = cell[m, i]
                    if (i in err) v = sprintf("%.17g", cell[at, i] + part * (cell[at + 1, i] - cell[at, i]))
                    printf "%s%s", v, i < columns ? OFS : "\n" } } }' "$2"
}

# TABLE with the err of another of the same records
of_other() { # OTHER TABLE
    awk -F '\t' -v OFS='\t' 'FNR == 1 { file++; split("", at); for (i = 1; i <= NF; i++) at[$i] = i }
        file == 1 { for (name in at) err[FNR, name] = $at[name]; next }
        { if (FNR > 1) for (name in at) if (name ~ /^err/) $at[name] = err[FNR, name]; print }' "$1" "$2"
}

# 1: a law whose err is what COMMAND makes of its table, under a new seal before anything is trained, differs; else 0.
wrong() { # NAME COMMAND ARGS.. TABLE
    local dir=$work/$i.$1 law=$work/$i.sealed
    keys+=(seeds.first=$((1010 + 20 * i)) forecast.sources=law forecast.draws=0)
    [ -e "$law/forecast.sha256" ] || call forecast "$work/base.cfg" --force -o "$law" || return
    cp -r "$law" "$dir"
    "${@:2}" "$law/decay/law.gd.tsv" >"$dir/decay/law.gd.tsv"
    (cd "$dir" && sha256sum $(awk '{ print $2 }' forecast.sha256) >seal && mv seal forecast.sha256)
    "$SPECBIAS" train "$dir" -q -j 1 >>"$work/$i.log" 2>&1
    "$SPECBIAS" compare "$dir" -q >>"$work/$i.log" 2>&1
    awk -F '\t' "$column"' NR == 1 { v = column("verdict"); next } $1 == "law" && $v == "differs" { seen = 1 } END { print seen + 0 }' "$dir/agreement.tsv"
}

# What a comparison said of a wrong theory (1: rejected), and what comes of it in a new experiment of other seeds.
tried() { # WRONG
    local said key amplitude other=()
    said=$(awk -v name="\"$1\":" '/"source": "law"/ { here = 1 } /"source": "ntk/ { here = 0 }
        here && $1 == name && /true|false/ { print /true/ + 0; exit }' "$work/$i/summary.json")
    [ -n "$said" ] || return
    case $1 in
    frozen) other=(of_other "$work/$i/decay/ntk.infinite.gd.tsv") ;;
    x0.8) other=(late 1.25) ;;
    amplitude-*)
        for key in "${keys[@]}"; do [[ $key != target.amplitude=* ]] || amplitude=${key#*=}; done
        (
            keys+=(forecast.sources=law forecast.draws=0 forecast.rehearsals=0)
            keys+=(target.amplitude="$(awk -v a="$amplitude" -v x="${1#amplitude-x}" 'BEGIN { print a * x }')")
            call forecast "$work/base.cfg" --force -o "$work/$i.other"
        ) || return
        other=(of_other "$work/$i.other/decay/law.gd.tsv")
        ;;
    esac
    echo "tried $i $1 $said $(wrong "$1" "${other[@]}")"
}

# line I FORECAST KIND RULE Z LIMIT VERDICT S SHIFT T_PRED T_OBS; wrong I KIND FACTOR NOTICED; tried I WRONG SAID NOTICED
one() {
    local i=$1 keys kind rule steps eta noticed wrongs=(frozen amplitude-x0.5 amplitude-x2 x0.8)
    experiment "$i"
    choose_rate && call run "$work/base.cfg" --force -o "$work/$i"
    if [ ! -s "$work/$i/agreement.tsv" ]; then
        echo "broken $i $kind $rule: $(tail -n 1 "$work/$i.log")"
        return
    fi
    awk -F '\t' -v of="$kind $rule" -v i="$i" "$column"' NR == 1 { z = column("z"); l = column("limit"); v = column("verdict")
            s = column("s"); h = column("shift"); p = column("T_pred"); o = column("T_obs"); next }
        { sub(" ", "_", $v); if ($p == "nan" || $o == "nan") $z = "nan"; print "line", i, $1, of, $z, $l, $v, $s, $h, $p, $o }' "$work/$i/agreement.tsv"
    noticed=$(awk '/"source": "law"/ { here = 1 }
        here && match($0, /"notices_rate_off_by": [0-9.e+-]+/) { print substr($0, RSTART + 23, RLENGTH - 23); exit }' "$work/$i/summary.json")
    if [ -n "$noticed" ]; then
        if ((i % 2)) && awk -v x="$noticed" 'BEGIN { exit !(x < 0.4) }'; then
            echo "wrong $i late 1.4 $(wrong late late 1.4)"
        else
            noticed=$(awk -v x="$noticed" -v i="$i" 'BEGIN { printf "%.17g", i / 2 % 2 < 1 ? 1 + x : 1 / (1 + x) }')
            echo "wrong $i stated $noticed $(wrong stated late "$noticed")"
        fi
    fi
    tried "${wrongs[(i + i / 8) % 4]}"
    [ -n "${RICH_KEEP-}" ] || rm -rf "${work:?}/$i" "$work/$i".*
}
export -f one experiment drop call choose_rate late of_other wrong tried
seq "$runs" | xargs -P "${RICH_JOBS:-$(getconf _NPROCESSORS_ONLN)}" -I{} bash -c 'one {}' >"$work/result"
[ -z "${RICH_LINES-}" ] || cp "$work/result" "$RICH_LINES"

awk '
    $1 == "line" { tried[$3, $2]; if ($8 == "not_lazy") eager[$2]; if ($8 == "differs") differs[$3, $2]
        for (c = 3; c <= 5; c++) {
            if (c > 3 && $3 != "law") continue
            group = c == 3 ? "forecast " $3 : "group " $c
            if (!((group, $2) in member)) { member[group, $2]; experiments[group]++ }
            lines[group]++; if ($6 != "nan" && $8 != "not_lazy") { n[group]++; s[group] += $6 * $6 } } }
    $1 == "tried" { t[$3]++; r[$3] += $4; found[$3] += $5; more += $4 > $5; less += $4 < $5 }
    $1 == "wrong" { w[$3]++; seen[$3] += $5 }
    $1 == "broken"
    END {
        for (k in differs) { split(k, part, SUBSEP); alarms["forecast " part[1]]++ }
        for (g in lines) printf "%s experiments %d lines %d judged %d z2 %.3f alarms %d\n", g, experiments[g], lines[g], n[g], n[g] ? s[g] / n[g] : 0, alarms[g]
        for (f in w) printf "wrong %s experiments %d noticed %d\n", f, w[f], seen[f]
        for (f in t) printf "tried %s experiments %d stated %d rejected %d\n", f, t[f], r[f], found[f]
        printf "power stated_alone %d rejected_alone %d\n", more, less
        for (i in eager) k++
        printf "rich %d\n", k
    }' "$work/result" | sort >"$work/summary"
sed 's/^/# /' "$work/summary"

number=0
check() { # NAME CONDITION..: of awk, about the fields of a line of the summary
    number=$((number + 1))
    if awk "$2" "$work/summary" | grep -q . || ! grep -q '^forecast law' "$work/summary"; then
        echo "not ok $number - $1"
    else
        echo "ok $number - $1"
    fi
}
check "every experiment was judged" '/^broken/'
check "most of them are rich: kernels alone would move T by more than 20 %" '/^rich/ && $2 < '"$runs"' / 2'
check "a true law differs in at most 1 % of experiments" '/^forecast law/ { p = 0.01 * $4; if ($NF > p + 3 * sqrt(p) + 0.5) print }'
check "95 % of the laws that are wrong by what would be noticed differ" \
    '/^wrong stated/ && $NF < 0.95 * $4 - 3 * sqrt(0.05 * 0.95 * $4) - 0.5'
check "every law that is late by 40 % differs, where that would be noticed" '/^wrong late/ && $NF < 0.95 * $4 - 3 * sqrt(0.05 * 0.95 * $4) - 0.5'
check "wrong theories are rejected as often as is stated" '/^power/ { d = $3 - $5; if (d * d > 9 * ($3 + $5)) print }'
[ "$runs" -lt 40 ] || check "mean z^2 of the law is .5 to 2" '/^forecast law/ && !($10 > 0.5 && $10 < 2)'
echo "1..$number"
