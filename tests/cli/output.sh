#!/usr/bin/env bash
# What the program prints and writes for people and for their scripts (TAP).
. "$(dirname "$0")/lib/common.sh"

commands=$("$SPECBIAS" --help | awk '/^  [a-z]+ /{ print $1 }')
python=
have python3 && python3 -c 'import json' 2>/dev/null && python=python3
numpy=
[ -n "$python" ] && python3 -c 'import numpy' 2>/dev/null && numpy=yes

# ---- help ----

help() {
    local option command
    expect 0 --help
    for option in -o --set --seeds -j --force -q -v --help --version; do
        grep -qE -- "(^|[ ,])$option([ ,]|$)" "$io/out" || echo "--help is silent on $option"
    done
    for command in run forecast train compare plot explain check new keys list info; do
        grep -qE "^  $command " "$io/out" || echo "--help is silent on $command"
    done
    cp "$io/out" long
    expect 0 -h && cmp long "$io/out"
    for status in 0 1 2 3 130; do grep -qE "[ :]$status [a-z]" long || echo "--help is silent on exit status $status"; done
}
check "--help and -h name every option, command and exit status" help

command_help() {
    local command
    for command in $commands; do
        expect 0 "$command" --help
        grep -q "^usage: specbias $command " "$io/out" || cat "$io/out"
        grep -q -- 'specbias --help' "$io/out" || grep -q -- '--set' "$io/out" || echo "$command --help leads to no options"
        [ "$(wc -l <"$io/out")" -ge 3 ] || cat "$io/out"
        cp "$io/out" long
        expect 0 help "$command" && tail -n "$(wc -l <long)" "$io/out" | cmp long - # behind a topic of that name
        expect 0 "$command" -h && cmp long "$io/out"
    done
}
check "COMMAND --help for each command" command_help

version() {
    local version
    version=$(sed -n 's/^VERSION := //p' "$root/Makefile")
    expect 0 --version
    [ "$(cat "$io/out")" = "specbias $version" ] || cat "$io/out"
    expect 0 run --version
    [ "$(cat "$io/out")" = "specbias $version" ] || cat "$io/out"
}
check "--version" version

# ---- keys, list, new, info, check ----

keys() {
    sed -n 's/^KEY(\([a-z_]*\), *\([a-z_0-9]*\),.*/\1.\2/p' "$root/include/specbias/keys.def" | sed 's/^experiment\.//' >expected
    [ "$(wc -l <expected)" -gt 30 ] || echo "keys.def: $(wc -l <expected) keys"
    expect 0 keys
    sed 1,/^$/d "$io/out" | grep -oE '^[a-z][^ ]*' | diff expected -
    sed -n '/^[a-z][^ ]*  *[a-z]*  *default/{n;/^    /p}' "$io/out" | wc -l | diff - <(wc -l <expected)
    awk 'length > 80' "$io/out"
}
check "keys prints every key of keys.def with its meaning" keys

lists() {
    local kind names name
    expect 0 list
    grep -v '^ ' "$io/out" | cut -d ' ' -f 1 >kinds
    for kind in kind data target net layer init activation loss optimizer schedule route law density theory method kernel source measure; do grep -qx "$kind" kinds || echo "no list $kind"; done
    while read -r kind; do
        expect 0 list "$kind"
        grep -qvE '^([a-zT][a-z0-9._:]* +| {15})[^ ]' "$io/out" && cat "$io/out"
        awk 'length > 80' "$io/out"
    done <kinds
    # names that are listed can be chosen
    names=$("$SPECBIAS" list activation | cut -d ' ' -f 1)
    for name in $names; do expect 0 check "$small" --set net.activation="$name" --set forecast.sources=ntk.empirical \
        --set forecast.modes=2048 --set forecast.draws=64; done
    names=$("$SPECBIAS" list law | cut -d ' ' -f 1)
    for name in $names; do expect 0 check "$small" --set init.in="$name" --set init.out="$name"; done
    names=$("$SPECBIAS" list source | cut -d ' ' -f 1)
    for name in $names; do
        case $name in
            *:) ;; # a file of the user's: given.sh
            heat.points) expect 0 check fourier.cfg --set forecast.sources="$name" --set data.kind=density ;;
            lfp.dense) expect 0 check "$root/experiments/plane.cfg" ;;
            law.conv) expect 0 check "$root/experiments/derivative_law.cfg" ;;
            heat.deep) expect 0 check "$root/experiments/features.cfg" --set forecast.sources="$name" ;;
            heat*) "$SPECBIAS" new fourier >fourier.cfg; expect 0 check fourier.cfg --set forecast.sources="$name" ;;
            *:) ;; # a path is wanted behind it
            lfp) expect 0 check "$small" --set forecast.sources="$name" ;;
            *) expect 0 check "$small" --set forecast.sources="$name" --set forecast.modes=2048 --set forecast.draws=64 ;;
        esac
    done
    names=$("$SPECBIAS" list density | cut -d ' ' -f 1)
    [ "$(wc -w <<<"$names")" -ge 8 ] || echo "few densities: $names"
    "$SPECBIAS" keys | grep -o 'specbias list [a-z]*' | sort -u | while read -r _ _ kind; do
        grep -qx "$kind" kinds || echo "keys tells of list $kind"
    done
}
check "list KIND for each kind, and its names can be chosen" lists

new() {
    local kind
    "$SPECBIAS" new nosuch 2>&1 | awk '/^  [a-z]/{ print $1 }' >kinds
    grep -qx demo kinds && grep -qx quiet kinds || cat kinds
    expect 0 new && cp "$io/out" default.cfg
    expect 0 new demo && cmp default.cfg "$io/out"
    while read -r kind; do
        expect 0 new "$kind"
        cp "$io/out" "$kind.cfg"
        [ "$(grep -c ' = .*// ' "$kind.cfg")" -gt 30 ] || echo "$kind: keys without comments"
        awk -v kind="$kind" 'length > 100 { print kind ": " length ": " $0 }' "$kind.cfg"
        expect 0 check "$kind.cfg"
        "$SPECBIAS" new "$kind" | "$SPECBIAS" check /dev/stdin >piped || echo "new $kind | check: exit status $?"
        diff <(sed '/^draws/,$d' piped) <(sed '/^draws/,$d' "$io/out") # as many draws as there is time for
    done <kinds
    # --all tells every key, those without an effect as comments, which change nothing
    expect 0 new --all && cp "$io/out" all.cfg
    awk 'length > 100 { print "--all: " length ": " $0 }' all.cfg
    diff <(sed -n 's/^KEY([a-z_]*, *\([a-z_0-9]*\),.*/\1/p' "$root/include/specbias/keys.def") \
        <(sed -nE 's@^(    )?(// )?([a-z_0-9]+) = [^{].*@\3@p' all.cfg)
    grep -q '^    // rho = 0.9; .*//' all.cfg && grep -q 'it needs data.kind' all.cfg || echo "--all: no word of data.rho"
    expect 0 check default.cfg && cp "$io/out" checked
    expect 0 check all.cfg && diff checked "$io/out"
    # comments change nothing, and the starter is the defaults
    expect 0 forecast default.cfg --set train.time=0.2 --set forecast.draws=0 --seeds 1 -o one
    : >empty.cfg
    expect 0 forecast empty.cfg --set train.time=0.2 --set forecast.draws=0 --seeds 1 -o two
    cmp one/config.cfg two/config.cfg
}
check "new KIND | check for each kind; the demo is the defaults" new

info() {
    local field
    expect 0 info
    for field in specbias compiler gsl fftw blas cpu instructions; do
        grep -qE "^$field +[^ ]" "$io/out" || echo "info is silent on $field"
    done
    awk 'length > 80' "$io/out"
}
check "info prints versions and machine" info

checks() {
    expect 0 check "$small"
    grep -qE '^training .* 2 seeds x 400 steps of 0.02' "$io/out" && grep -qE '^Nyquist +8 ' "$io/out" &&
        grep -qE '^stable step +up to 0\.[0-9]+ ' "$io/out" && grep -qE '^laziness ' "$io/out" &&
        grep -qE '^directory +small.run$' "$io/out" || cat "$io/out"
    expect 0 check "$small" -q
    [ ! -s "$io/out" ] || cat "$io/out"
    find . -mindepth 1
}
check "check tells what follows from a configuration, and writes nothing" checks

# ---- a run ----

check "a run with arrays" expect $ran run "$small" --set output.arrays=true -v -o "$work/run"
cp "$io/out" "$io/run"

printed() {
    [ "$(grep -cE '^(lfp|ntk.infinite|ntk.empirical) \(gd\)$' "$io/run")" = 3 ] || cat "$io/run"
    [ "$(grep -cE ' +1/(2|10) .* (agrees|differs|undecided|not lazy)$' "$io/run")" = 12 ] || cat "$io/run"
    [ "$(grep -c '^  power: ' "$io/run")" = 3 ] || echo "no power"
    grep -q '^error budget' "$io/run" || echo "no error budget with -v"
    grep -qE '^laziness  the moving kernel shifts T by up to [0-9.e+-]+ % \(not lazy above 20 %\)$' "$io/run" || echo "no laziness"
    grep -q "^verdict   $(verdict_of "$work/run")\$" "$io/run" || echo "no verdict"
}
check "run prints the table, power, laziness and the verdict" printed

narrow() { # nothing that a terminal of 80 columns would break; paths may be as long as they are
    grep -vE '^(figures|summary) ' "$io/run" | awk 'length > 80 { print length ": " $0 }' | head -n 3
    "$SPECBIAS" --help | awk 'length > 80 { print length ": " $0 }' | head -n 3
}
check "output fits 80 columns" narrow

quiet() {
    expect $ran run "$small" -q -o dir
    [ "$(cat "$io/out")" = "$(verdict_of dir)" ] || cat "$io/out"
    expect $ran compare -q dir
    [ "$(cat "$io/out")" = "$(verdict_of dir)" ] || cat "$io/out"
    expect 0 forecast "$small" -q --force -o dir
    expect 0 train -q dir
    expect 0 plot dir -q
    [ ! -s "$io/out" ] || cat "$io/out"
}
check "-q prints just the verdict" quiet

members() {
    python3 - "$work/run/summary.json" <<'END'
import json, sys
def never(word): raise ValueError(word)
s = json.load(open(sys.argv[1]), parse_constant=never)
for key in ("name", "verdict", "seal", "unit", "laziness", "sources", "runs", "budget"):
    if key not in s: print("no", key)
if s["name"] != "small" or len(s["seal"]) != 64 or s["unit"] != "cycles": print(s["name"], s["seal"], s["unit"])
if [x["source"] for x in s["sources"]] != ["lfp", "ntk.infinite", "ntk.empirical"]: print("sources")
if [x["seed"] for x in s["runs"]] != [1, 2] or [x["steps"] for x in s["runs"]] != [400, 400]: print("runs", s["runs"])
missing = 0
for source in s["sources"]:
    if set(source["power"]["rejected"]) != {"x0.5", "x0.8", "x1.25", "x2", "x0", "permuted"}: print("power")
    for f in source["frequencies"]:
        missing += f["T_obs"] is None
        if f["verdict"] not in ("agrees", "differs", "undecided", "not lazy"): print(f["verdict"])
if not missing: print("no time is missing, so nothing was seen of null")
END
}
if [ -n "$python" ]; then check "summary.json is valid; what is missing is null" members
else skip "summary.json is valid; what is missing is null" "no python3"; fi

json_and_table() { # the same numbers in both
    python3 - "$work/run" <<'END'
import csv, json, sys
s = json.load(open(sys.argv[1] + "/summary.json"))
rows = list(csv.DictReader(open(sys.argv[1] + "/agreement.tsv"), delimiter="\t"))
flat = [(x["source"], f) for x in s["sources"] for f in x["frequencies"]]
if len(rows) != len(flat): print(len(rows), len(flat))
told = {x["source"]: x["finite_width"] for x in s["sources"]}
if told.get("ntk.infinite") != "draws" or told.get("ntk.empirical") != "none": print(told)
for row, (source, f) in zip(rows, flat):
    if row["time_unit"] != s["time_unit"]: print(row["time_unit"], s["time_unit"])
    if row["source"] != source or row["verdict"] != f["verdict"]: print(row, f)
    for key in ("xi", "label", "q", "T_pred", "T_pred_lo", "T_pred_hi", "T_obs", "T_obs_lo", "T_obs_hi", "shift", "z"):
        text, value = row[key], f[key]
        if (text == "nan") != (value is None) or (value is not None and float(text) != value): print(source, key, text, value)
END
}
if [ -n "$python" ]; then check "summary.json and agreement.tsv hold the same numbers" json_and_table
else skip "summary.json and agreement.tsv hold the same numbers" "no python3"; fi

headers() {
    local file head
    no_leftovers "$work/run"
    for file in "$work"/run/decay/*.tsv; do
        head=$(head -n 1 "$file" | tr '\t' ' ')
        case ${file##*/} in
            draws.tsv) [ "$head" = "draw T(1,0.5) shift(1,0.5) T(1,0.1) shift(1,0.1) T(2,0.5) shift(2,0.5) T(2,0.1) shift(2,0.1)" ] || echo "$file: $head" ;;
            width.tsv) [ "$head" = "label q T shift s tells" ] || echo "$file: $head" ;;
            *) [ "$head" = "t step re(1) im(1) err(1) lo(1) hi(1) re(2) im(2) err(2) lo(2) hi(2)" ] || echo "$file: $head"
               [ -s "${file%.tsv}.cfg" ] || echo "$file has no .cfg" ;;
        esac
        # numbers, or nan for what is missing
        tail -n +2 "$file" | tr '\t' '\n' | grep -vxE -m 1 -- '-?[0-9][0-9.]*(e[-+][0-9]+)?|nan'
    done
    [ "$(tail -n +2 "$work/run/decay/draws.tsv" | wc -l)" = 8 ] || echo "draws"
    awk -F '\t' 'NR > 1 && ($1 - $2 * 0.02 > 1e-12 || $1 - $2 * 0.02 < -1e-12) { print "t", $1, "step", $2 }' "$work/run/decay/observed.tsv"
    [ "$(tail -n 1 "$work/run/decay/observed.tsv" | cut -f 1,2)" = $'8\t400' ] || echo "the last record is another"
}
check "tables: plain headers, as many columns in each line, numbers or nan" headers

mean_and_range() { # observed.tsv from observed.seedN.tsv
    paste "$work"/run/decay/observed{,.seed1,.seed2}.tsv | awk -F '\t' '
        NR == 1 { n = NF / 3; for (i = 1; i <= n; i++) name[i] = $i; next }
        { for (i = 1; i <= n; i++) if (name[i] ~ /^err/) {
            a = $(n + i); b = $(2 * n + i); d = $i - (a + b) / 2
            if (d > 1e-12 || d < -1e-12) print "mean of " a " and " b ": " $i
            if ($(i + 1) != (a < b ? a : b) || $(i + 2) != (a < b ? b : a)) print "range of " a " and " b ": " $(i + 1) ", " $(i + 2) } }' | head -n 3
}
check "observed.tsv is mean, minimum and maximum of the seeds" mean_and_range

numpy_reads() {
    python3 - "$work/run" <<'END'
import glob, sys, numpy
for name in glob.glob(sys.argv[1] + "/decay/*.tsv") + [sys.argv[1] + "/budget.tsv"]:
    table = numpy.genfromtxt(name, names=True, delimiter="\t", deletechars="")
    if table.size < 2: print(name, table.size)
    for column in table.dtype.names:
        missing = column in ("coupling", "flow", "drift", "finite", "features") # without train.flow and law
        missing = missing or column.startswith(("lo(", "hi(")) or "ln_T" in column # T(1/2) is not always reached
        if not missing and "draws" not in name and numpy.isnan(table[column]).any(): print(name, column)
table = numpy.genfromtxt(sys.argv[1] + "/train.tsv", names=True, delimiter="\t", dtype=None, encoding="utf-8")
if list(table["seed"]) != [1, 2] or list(table["steps"]) != [400, 400]: print(table)
table = numpy.genfromtxt(sys.argv[1] + "/agreement.tsv", names=True, delimiter="\t", dtype=None, encoding="utf-8")
if table.size != 12 or set(table["source"]) != {"lfp", "ntk.infinite", "ntk.empirical"}: print(table)
END
}
if [ -n "$numpy" ]; then check "numpy reads every table" numpy_reads; else skip "numpy reads every table" "no numpy"; fi

arrays() { # version 1.0: 10 bytes, a header of $length, then doubles
    local file rows length
    (cd "$work/run/arrays" && echo *.npy) >found
    echo loss_weights.npy ntk.empirical.seed{1,2}.{gram,lambda,vectors}.npy ntk.infinite.{gram,lambda,vectors}.npy {start,weights}.seed{1,2}.npy |
        diff - found
    for file in "$work"/run/arrays/*.npy; do
        [ "$(head -c 8 "$file" | od -An -tx1 | tr -d ' ')" = 934e554d50590100 ] || echo "$file: magic"
        length=$(head -c 10 "$file" | tail -c 2 | od -An -tu1 | awk '{ print $1 + 256 * $2 }')
        [ $(((10 + length) % 64)) = 0 ] || echo "$file: header of $length bytes"
        rows=$(head -c $((10 + length)) "$file" | tail -c +11 | sed "s/.*'shape': (\([^)]*\)).*/\1/" |
            awk -F '[, ]+' '{ print $1 * ($2 ? $2 : 1) }')
        [ "$(stat -c %s "$file")" = $((10 + length + 8 * rows)) ] || echo "$file: $(stat -c %s "$file") bytes, $rows numbers"
    done
    expect 0 forecast "$small" -o dir
    [ ! -e dir/arrays ] || echo "arrays that nobody asked for"
}
check "output.arrays: .npy files of the right size; none unless asked for" arrays

arrays_numpy() { # K = V diag(lambda) V^T, V^T V = 1
    python3 - "$work/run/arrays" <<'END'
import sys, numpy
for name in ("ntk.infinite", "ntk.empirical.seed2"):
    gram, values, vectors = (numpy.load(f"{sys.argv[1]}/{name}.{part}.npy") for part in ("gram", "lambda", "vectors"))
    if gram.shape != (16, 16) or values.shape != (16,) or vectors.shape != (16, 16): print(gram.shape, values.shape, vectors.shape)
    if (numpy.diff(values) > 0).any(): print(name, "is not in descending order")
    best = min(abs(v.T * values @ v - k * gram).max() / abs(k * gram).max() for v in (vectors, vectors.T) for k in (1, 1 / 16))
    if not best < 1e-12: print(name, "eigenpairs are off by", best)
if numpy.load(sys.argv[1] + "/weights.seed1.npy").shape != (3 * 512,): print("weights")
if abs(numpy.load(sys.argv[1] + "/loss_weights.npy") * 16 - 1).max() > 1e-15: print("weights of the loss")
END
}
if [ -n "$numpy" ]; then check "numpy loads the arrays, and they are eigenpairs" arrays_numpy
else skip "numpy loads the arrays, and they are eigenpairs" "no numpy"; fi

explains() {
    local name
    expect 0 explain "$work/run"
    sed -i 's/seedN/seed1/' "$io/out" # names of a seed's file
    for name in "$work"/run/*; do grep -qF "$(sed 's/seed[0-9]*/seed1/' <<<"${name##*/}")" "$io/out" || echo "explain is silent on ${name##*/}"; done
    for name in observed.tsv draws.tsv; do grep -qF "$name" "$io/out" || echo "explain is silent on $name"; done
    grep -q "verdict: $(verdict_of "$work/run")" "$io/out" || cat "$io/out"
    grep -q 'not reached' "$io/out" || echo "does not say why it is undecided"
}
check "explain names the verdict, its reason and every file" explains

nothing_written() {
    local before
    before=$(snapshot "$work/run")
    expect 0 explain "$work/run"
    expect 0 check "$work/run"
    diff <(echo "$before") <(snapshot "$work/run")
}
check "explain and check write nothing" nothing_written

# ---- figures ----

figures() {
    local name
    for name in decay rates; do
        [ "$(head -c 5 "$work/run/figures/$name.pdf")" = '%PDF-' ] || echo "$name.pdf"
        grep -q '<svg' "$work/run/figures/$name.svg" || echo "$name.svg"
    done
    [ ! -e "$work/run/figures/gnuplot.log" ] || cat "$work/run/figures/gnuplot.log"
    grep -q 'observed' "$work/run/figures/decay.svg" || echo "no runs in decay.svg"
    cp -r "$work/run" dir
    rm dir/figures/*.svg
    expect 0 plot dir
    for name in decay rates; do cmp "$work/run/figures/$name.svg" "dir/figures/$name.svg"; done
    rm dir/figures/*.svg
    (cd dir/figures && export LC_ALL=C.UTF-8 && gnuplot decay.gp && gnuplot rates.gp) 2>&1
    for name in decay rates; do cmp "$work/run/figures/$name.svg" "dir/figures/$name.svg"; done
}
forecast_figure() { # before there is anything to compare with
    expect 0 forecast "$small" -o dir
    expect 0 plot dir
    [ -s dir/figures/decay.svg ] || ls dir/figures
    [ ! -e dir/figures/gnuplot.log ] || cat dir/figures/gnuplot.log
    grep -q "^figures   dir/figures/decay.pdf$" "$io/out" || cat "$io/out"
}
odd_figures() { # one seed, one frequency, no draws, labels of another unit; gnuplot has nothing to complain about
    expect $ran run "$small" --seeds 1 --set target.xi=3 --set target.unit=index --set forecast.draws=0 --set forecast.sources=ntk.empirical --set forecast.modes=2048 -o one
    expect $ran run "$small" --set target.xi=6.2,12.5 --set target.unit=angular --set init.quiet=true --set forecast.draws=64 -o two
    for name in one two; do
        [ ! -e $name/figures/gnuplot.log ] || cat $name/figures/gnuplot.log
        [ -s $name/figures/decay.svg ] || ls $name/figures
    done
}
if have gnuplot; then
    check "figures: pdf and svg; svg the same bytes again, and from gnuplot alone" figures
    check "figures of a forecast alone" forecast_figure
    check "figures of one seed, one frequency, no draws, other units" odd_figures
else
    skip "figures" "no gnuplot"
fi

finish
