#!/usr/bin/env bash
# Rich training: rehearsals give the law its band, frozen kernels are not lazy beside it, and a law that is wrong is
# rejected although the rehearsals know better (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >rich.cfg <<'END'
name = "rich";
data = { kind = "uniform"; n = 12; };
target = { xi = [1.0, 2.0]; amplitude = 4.0; };
net = { activation = "tanh"; width = 2048; };
init = { in_scale = 5.0; };
train = { eta = 0.1; time = 12.0; records = 80; };
forecast = { sources = ["law", "ntk.infinite", "ntk.empirical"]; draws = 16; tolerance = 0.01; };
seeds = { count = 8; };
END
rich=$work/rich.cfg

# Columns by name of the lines of a table that satisfy a condition.
lines() { # FILE CONDITION WHAT
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } '"$2"' { print '"$3"' }' "$1"
}

judged() {
    expect 0 run "$rich" -o "$work/rich" || return
    [ "$(lines "$work/rich/agreement.tsv" '$1 == "law" && $c["z"] != "nan"' '$c["verdict"]' | sort -u)" = agrees ] ||
        cat "$work/rich/agreement.tsv"
    [ -z "$(lines "$work/rich/agreement.tsv" '$1 == "law" && $c["effect"] != "nan"' '$0')" ] || echo "an effect of the law"
    grep -q "not lazy" "$work/rich/agreement.tsv" || echo "the kernel stood still"
    [ "$(verdict_of "$work/rich")" = agrees ] || verdict_of "$work/rich"
    grep -qE '^features  learning them moves err by up to 0\.[0-9]+, T\(1/2\) by up to [0-9.]+ %$' "$io/out" || cat "$io/out"
    grep -q '16 rehearsals' "$io/out" || echo "no word of rehearsals"
}
check "the law agrees where frozen kernels are not lazy, and so does the run" judged

table() {
    [ "$(wc -l <"$work/rich/decay/rehearsals.tsv")" = 17 ] || echo "$(wc -l <"$work/rich/decay/rehearsals.tsv") lines"
    grep -q 'decay/rehearsals.tsv$' "$work/rich/forecast.sha256" || echo "rehearsals are not sealed"
    cp -r "$work/rich" broken && sed -i 's/^3\t/3\t1/' broken/decay/rehearsals.tsv
    expect 2 compare broken
    grep -q 'broken seal' "$io/err" || cat "$io/err"
    # 1 % and 99 % of err over rehearsals are the law's band, of draws that of the frozen kernel
    paste "$work/rich/decay/"{law,ntk.infinite}.gd.tsv | awk -F '\t' 'NR == 2 || NR == 1 { next }
        !($6 <= $7 && $6 > 0) { print "law: " $6 " to " $7 } $6 == $(NF / 2 + 6) { same++ } END { if (same > 2) print same " equal" }'
}
check "rehearsals.tsv: a line for each network, sealed with the forecast; the band of the law is theirs" table

adds_up() { # observed to infinite width, on either way
    lines "$work/rich/budget.tsv" 1 '$c["xi"], $c["ln_T_training"] + $c["ln_T_width"], $c["ln_T_finite"] + $c["ln_T_features"]' |
        awk '!($2 - $3 < 1e-12 && $3 - $2 < 1e-12 && $2 > 0.01) { print } END { if (NR != 2) print NR " lines" }'
    lines "$work/rich/budget.tsv" '!($c["finite"] < $c["features"])' '"finite " $c["finite"] ", features " $c["features"]'
}
check "the budget adds up in ln T: training + width = finite + features" adds_up

power() {
    python3 - "$work/rich/summary.json" <<'END'
import json, sys
law, frozen = json.load(open(sys.argv[1]))["sources"][:2]
tried = set(law["power"]["rejected"])
if tried != {"x0.5", "x0.8", "x1.25", "x2", "amplitude-x0.5", "amplitude-x2", "frozen"}: print(tried)
if not all(law["power"]["rejected"][k] for k in ("x0.5", "x2", "amplitude-x2", "frozen")): print(law["power"])
if "permuted" not in frozen["power"]["rejected"] or "frozen" in frozen["power"]["rejected"]: print(frozen["power"])
END
}
if have python3; then check "wrong laws are rejected: times, amplitudes, a frozen kernel" power; else skip "wrong laws" "no python"; fi

# Times of the law 1.4 times as late, under a new seal; then networks are trained.
stretch() { # FILE
    awk -F '\t' -v OFS='\t' 'NR == 1 { print; for (i = 1; i <= NF; i++) if ($i ~ /^err/) err[i]; next }
        { n++; for (i = 1; i <= NF; i++) cell[n, i] = $i; columns = NF }
        END { at = 1; for (m = 1; m <= n; m++) { want = cell[m, 1] / 1.4; while (at < n - 1 && cell[at + 1, 1] < want) at++
                a = cell[at, 1]; b = cell[at + 1, 1]; part = at == 1 ? want / b : log(want / a) / log(b / a)
                for (i = 1; i <= columns; i++) { v = cell[m, i]; if (i in err) v = sprintf("%.17g", cell[at, i] + part * (cell[at + 1, i] - cell[at, i]))
                    printf "%s%s", v, i < columns ? OFS : "\n" } } }' "$1" >stretched && mv stretched "$1"
}
wrong() {
    expect 0 forecast "$rich" -o wrong --set forecast.sources=law --set forecast.draws=0 || return
    stretch wrong/decay/law.gd.tsv
    (cd wrong && sha256sum $(awk '{ print $2 }' forecast.sha256) >seal && mv seal forecast.sha256)
    expect 0 train wrong || return
    expect 3 compare wrong
    [ "$(verdict_of wrong)" = differs ] || cat wrong/agreement.tsv
    grep -q '^laziness' "$io/out" && echo "laziness of no frozen kernel"
    [ ! -e wrong/effect.tsv ] || echo "the way of a kernel was measured for nobody"
}
check "a law whose times are 1.4 times as late differs, whatever the rehearsals know" wrong

few() {
    expect 0 check "$rich" --set forecast.rehearsals=8
    grep -q '^law .* costs at least .* trainings of a seed' "$io/out" || cat "$io/out"
    grep -q ' 8 rehearsals, once more of half the width: another 12$' "$io/out" || cat "$io/out"
    grep -q 'fewer than 16 rehearsals tell no band' "$io/out" || cat "$io/out"
    expect 3 run "$rich" -o few --set forecast.sources=law --set forecast.draws=0 --set forecast.rehearsals=8 --set train.time=4
    [ "$(verdict_of few)" = undecided ] || verdict_of few
    expect 2 check "$rich" --set forecast.sources=ntk.infinite --set forecast.rehearsals=20
    grep -q 'forecast.rehearsals.*has no effect here' "$io/err" || cat "$io/err"
}
check "check announces rehearsals; fewer than 16 decide nothing; nobody else takes them" few

finish
