#!/usr/bin/env bash
# Forecasts of the user's own: a table of err or of rates, read, copied, sealed, judged (TAP).
in_memory=yes
. "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

# On equal points of a circle modes go their ways apart: each decays at one rate.
circle=$work/circle.cfg
cat >"$circle" <<'END'
name = "circle";
data = { n = 12; points = "left"; map = "circle"; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { kind = "layers"; layers = ["dense(1024)", "relu", "dense(1)"]; };
train = { time = 60.0; eta = 0.1; records = 60; };
forecast = { sources = ["ntk.infinite", "file:mine.tsv"]; draws = 32; };
seeds = { count = 3; };
END
"$SPECBIAS" forecast "$circle" -o "$work/known" --set forecast.sources=ntk.infinite >/dev/null || exit 1
known=$work/known/decay/ntk.infinite
rates() { # FACTOR: a line of each item
    echo '# what a circle does'
    table "$known.flow.tsv" 'NR == 40 { printf "1\t%.15g\n2\t%.15g\n", -f * log(c["err(1)"]) / c["t"], -f * log(c["err(2)"]) / c["t"] }' -v f="$1"
}
columns() { # FORM: the table of what is known, as a user writes one
    awk -F '\t' -v OFS='\t' 'NR == 1 { print "t", "re(1)", "im(1)", "err(2)"; next } { print $1, $3, $4, $10 }' "$known.$1.tsv"
}

agrees() {
    rates 1 >mine.tsv
    cp "$circle" own.cfg
    expect 0 run own.cfg -o run || { cat "$io/out"; return; }
    at_most 1e-12 "$(largest_gap run/decay/file.mine.gd.tsv "$known.gd.tsv")"
    [ ! -e run/decay/file.mine.flow.tsv ] || echo "a flow that nobody told of"
    cmp mine.tsv run/decay/file.mine.given.tsv
    grep -q ' decay/file.mine.given.tsv$' run/forecast.sha256 || echo "the file is not sealed"
    [ "$(grep -c '^file.mine.*agrees' run/agreement.tsv)" = 4 ] || cat run/agreement.tsv
    [ "$("$json" -g sources.1.finite_width run/summary.json)" = draws ] || cat run/summary.json
    [ "$("$json" -g sources.1.power.rejected.x0.8 run/summary.json)" = true ] || cat run/summary.json
    grep -q "^sources = 'ntk.infinite.gd file.mine.gd'" run/figures/decay.gp || head -30 run/figures/decay.gp
    expect 0 measure run 'T(1, 1/2)' || return
    grep -q 'file.mine' "$io/out" || cat "$io/out"
    mv run "$work/run"
}
check "rates of each item: the law of the rule's steps, its copy under seal, verdict, power, figure, measures" agrees

alone() { # where nothing of the user's is left
    cp -r "$work/run" run
    expect 0 compare run
    expect 0 plot run
    expect 0 run run/manifest.cfg -o again || return
    same_results again run
    expect 0 run run/config.cfg -o run --force
    same_results again run
    echo '3	1' >>run/decay/file.mine.given.tsv
    expect 2 compare run
    errors_match 'broken seal: run/decay/file.mine.given.tsv was changed'
}
check "a directory stands alone: compared, drawn, run again from its manifest" alone

resumes() { # what was sealed is what is trained for, whatever becomes of the file
    rates 1 >mine.tsv
    cp "$circle" own.cfg
    expect 0 forecast own.cfg -o run || return
    rm mine.tsv
    expect 0 run own.cfg -o run --resume
    same_results run "$work/run"
}
check "the file may go when it was sealed" resumes

wrong() { # FACTOR
    rates "$1" >mine.tsv
    cp "$circle" own.cfg
    expect 3 run own.cfg -o run --set forecast.sources=file:mine.tsv
    [ "$(verdict_of run)" = differs ] || cat run/agreement.tsv
}
check "rates 1.3 times as fast are rejected" wrong 1.3
check "rates 1.3 times as slow are rejected" wrong 0.77

tabled() {
    mkdir there && columns gd >there/told.csv && cp "$circle" there/own.cfg
    expect 0 run there/own.cfg -o run --set forecast.sources=file:there/told.csv || return
    at_most 1e-12 "$(largest_gap run/decay/file.told.gd.tsv "$known.gd.tsv")"
    awk -F '\t' 'NR == FNR { re[FNR] = $3; im[FNR] = $4; next } FNR > 1 && ($3 != re[FNR] || $4 != im[FNR]) { print FNR ": " $3 ", " $4 }' \
        run/decay/file.told.gd.tsv "$known.gd.tsv" | head -3
    # by steps, with every second line left out: linear in log t between
    awk 'NR == FNR { step[FNR] = $2; next } FNR == 1 { sub("^t", "step") } FNR > 1 { $1 = step[FNR] } FNR < 4 || FNR % 2 == 0 || step[FNR] == 600' \
        "$known.gd.tsv" there/told.csv >there/rough.tsv
    sed -i 's/sources = .*\];/sources = ["file:rough.tsv"];/; s/forecast = {/& draws = 32;/; s/draws = 32; };/};/' there/own.cfg
    expect 0 forecast there/own.cfg -o rough || return
    at_most 1e-2 "$(largest_gap rough/decay/file.rough.gd.tsv "$known.gd.tsv")"
    ! cmp -s rough/decay/file.rough.gd.tsv "$known.gd.tsv" || echo "nothing was left out"
}
check "a table over time by err, re and im, by t or step, beside the configuration" tabled

flow() {
    columns flow >mine.tsv
    cp "$circle" own.cfg
    expect 0 run own.cfg -o run --set forecast.form=flow --set forecast.sources=file:mine.tsv || return
    at_most 1e-12 "$(largest_gap run/decay/file.mine.flow.tsv "$known.flow.tsv")" "$(largest_gap run/decay/file.mine.gd.tsv "$known.gd.tsv")"
    table run/agreement.tsv '!(c["s"] > 0.01) { print c["item"] ": " c["s"] }'
    # err that passes through 0 between the first two steps is of no mode
    columns flow | awk -v OFS='\t' 'NR == 3 { $4 = 1e-9 } { print }' >mine.tsv
    expect 0 forecast own.cfg -o zero --set forecast.form=flow --set forecast.sources=file:mine.tsv || return
    table zero/decay/file.mine.gd.tsv 'c["step"] == 1 && c["err(2)"] != 1e-9 { print "err " c["err(2)"] }'
    rates 1 >mine.tsv
    expect 0 run own.cfg -o rates --set forecast.form=flow --set forecast.sources=file:mine.tsv || return
    at_most 1e-12 "$(largest_gap rates/decay/file.mine.flow.tsv "$known.flow.tsv")" "$(largest_gap rates/decay/file.mine.gd.tsv "$known.gd.tsv")"
}
check "of a flow a table of its own, and one of what steps make of it" flow

rehearsed() { # Adam: times are steps, and exp(-rate t) is a law of them
    printf 'item rate\n1 0.05\n2 0.05\n' >slow.tsv
    sed 's/train = .*/train = { optimizer = "adam"; eta = 2e-5; steps = 60; };/; s/1024/64/; s/forecast = .*/forecast = { sources = ["file:slow.tsv"]; };/' "$circle" >own.cfg
    expect 0,3 run own.cfg -o run || return
    table run/decay/file.slow.gd.tsv '(d = c["err(1)"] - exp(-0.05 * c["step"])) > 1e-12 || d < -1e-12 { print c["step"] ": " c["err(1)"] }'
    [ "$("$json" -g sources.0.finite_width run/summary.json)" = rehearsals ] || "$json" -l run/summary.json | grep width
}
check "where steps have no modes rates are those of exp(-rate t), and rehearsals tell the band" rehearsed

bad() { # PATTERN TEXT [OPTIONS]: what is no forecast of the case
    printf '%b' "$2" >mine.tsv
    cp "$circle" own.cfg
    refused "$1" check own.cfg "${@:3}"
}
many() {
    local adam="--set train.optimizer=adam --set train.time=400 --set train.steps=9 --set forecast.draws=64 --set forecast.sources=file:mine.tsv"
    bad 'own.cfg:6: forecast.sources: mine.tsv:2:1: "3" names no item that is watched \(1, 2\)' '1 1\n3 1\n'
    bad 'mine.tsv:2:3: "-1" is below 0' '1 1\n2 -1\n'
    bad 'mine.tsv:2:3: "99" is a rate at which the run.s steps diverge' '1 1\n2 99\n'
    bad 'mine.tsv:2:1: "1" has a rate already' '1 1\n1 2\n'
    bad 'mine.tsv: no rate of the item 2' '1 1\n'
    bad 'mine.tsv:2: expected an item and its rate' '1 1\n2 1 1\n'
    bad 'mine.tsv: no table' '# nothing\n'
    bad 'mine.tsv:1:3: "err\(7\)" names no item' 't\terr(7)\n'
    bad 'mine.tsv:1:3: "other" is none of t, step' 't\tother\n'
    bad 'mine.tsv:1: the item 2 needs one column err\(2\), or re\(2\) and im\(2\)' 't\terr(1)\tre(2)\n'
    bad 'mine.tsv: no line of numbers' 't\terr(1)\terr(2)\n'
    bad 'mine.tsv:3:1: "0" is not later than the line before' 't\terr(1)\terr(2)\n0\t1\t1\n0\t1\t1\n'
    bad 'mine.tsv:2:3: "one" is no number' 't\terr(1)\terr(2)\n0\tone\t1\n'
    bad 'mine.tsv:2: 2 cells, not 3' 't\terr(1)\terr(2)\n0\t1\n'
    bad 'mine.tsv: record 0 of the run, t = 0, is not within the times of the table, 0.1 to 60' 't\terr(1)\terr(2)\n0.1\t1\t1\n60\t1\t1\n'
    bad 'mine.tsv: record [0-9]+ of the run, step = 600, is not within the times of the table, 0 to 599' 'step\terr(1)\terr(2)\n0\t1\t1\n599\t1\t1\n'
    bad '"t" is flow time, of which this rule has none: step' 't\terr(1)\terr(2)\n0\t1\t1\n' $adam
    bad 'steps of adam have no flow' '1 1\n2 1\n' $adam --set forecast.form=flow
    bad 'forecast.form=.?flow.?: .*has no effect here: it needs forecast.sources = "file:"' '' --set forecast.form=flow --set forecast.sources=ntk.infinite
    bad 'no.tsv.*No such file' '' --set forecast.sources=file:no.tsv
    bad 'called after the file, whose name must be' '' --set 'forecast.sources=file:my law.tsv'
    bad 'the tables of another one are called file.a, too' '' --set forecast.sources=file:a.tsv,file:b/a.tsv
}
check "what is no forecast of the case is refused, with file, line and column" many

# ---- kernels ----

"$SPECBIAS" forecast "$circle" -o "$work/kernels" --set forecast.sources=ntk.infinite,ntk.empirical --set output.arrays=true \
    --set seeds.first=100 --set seeds.count=20 --set forecast.draws=0 >/dev/null || exit 1
cp "$work/kernels/arrays/ntk.infinite.gram.npy" "$work/K.npy"
own=$(for i in {100..119}; do printf '%s/kernels/arrays/ntk.empirical.seed%d.gram.npy,' "$work" "$i"; done)

kernel() {
    cp "$work/K.npy" "$circle" .
    expect 0 run circle.cfg -o run --set forecast.sources=gram:K.npy || return
    at_most 1e-12 "$(largest_gap run/decay/gram.K.gd.tsv "$known.gd.tsv")" "$(largest_gap run/decay/gram.K.flow.tsv "$known.flow.tsv")"
    cmp K.npy run/decay/gram.K.given1.npy
    grep -q ' decay/gram.K.given1.npy$' run/forecast.sha256 || echo "the kernel is not sealed"
    [ "$("$json" -g sources.0.power.rejected.permuted run/summary.json)" = true ] || "$json" -l run/summary.json | grep power
    rm K.npy
    cp run/summary.json .
    expect 0 compare run
    expect 0 run run/manifest.cfg -o again || return
    same_results again run
}
check "a kernel of the user's: forecast, copied, sealed; the directory stands alone" kernel

kernels() { # of networks at their start: centre, shift and band; no network is drawn
    refused 'forecast.draws has no effect here: it needs draws that are not the kernels' run "$circle" -o run --set "forecast.sources=(\"gram:${own%,}\")"
    expect 0 run "$circle" -o run --set forecast.draws=64 --set "forecast.sources=(\"gram:${own%,}\")" || return
    [ "$(wc -l <run/decay/draws.tsv)" = 21 ] || wc -l run/decay/draws.tsv
    [ "$("$json" -g sources.0.finite_width run/summary.json)" = draws ] || "$json" -l run/summary.json | grep width
    # `check` foretells the s and the limit that the run had
    expect 0 check "$circle" --set forecast.draws=64 --set "forecast.sources=(\"gram:${own%,}\")" --json || return
    cp "$io/out" told.json
    for i in 0 1 2 3; do echo "$("$json" -g expected.$i.s told.json) $("$json" -g expected.$i.limit told.json)"; done >told
    table run/agreement.tsv '{ print c["s"], c["limit"] }' | paste -d ' ' told - |
        awk '($1 / $3 - 1) ^ 2 > 1e-6 || ($2 / $4 - 1) ^ 2 > 1e-6 { print "foretold " $0 }'
    # the band of networks that the program draws itself, and their mean
    expect 0 run "$circle" -o drawn --set forecast.sources=ntk.infinite --set forecast.draws=64 || return
    paste run/agreement.tsv drawn/agreement.tsv | table /dev/stdin 'c["verdict"] != "agrees" { print }'
    awk -F '\t' 'FNR == 1 { for (i = 1; i <= NF; i++) h[$i] = i; next }
        NR == FNR { t[FNR] = log($h["T_pred"]) + $h["shift"]; s[FNR] = $h["s"]; next }
        (d = t[FNR] - log($h["T_pred"]) - $h["shift"]) > 3 * $h["s"] || -d > 3 * $h["s"] { print "centre off by " d }
        s[FNR] > 2 * $h["s"] || s[FNR] < $h["s"] / 2 { print "s " s[FNR] ", not " $h["s"] }' run/agreement.tsv drawn/agreement.tsv
    cp -r run touched && printf x >>touched/decay/gram.ntk.empirical.seed100.gram.given7.npy
    expect 2 compare touched
    errors_match 'broken seal'
}
check "several kernels are the draws: centre, shift and band" kernels

array() { # FILE DESCR COUNT VALUES..: a square matrix as numpy writes it
    python3 -c 'import struct, sys
n = int(sys.argv[3]); head = "{\"descr\": \"%s\", \"fortran_order\": %s, \"shape\": (%d, %d), }".replace("\"", "\x27") % (sys.argv[2], sys.argv[4], n, n)
values = [float(v) for v in sys.argv[5].split()]; values += [0] * (n * n - len(values))
head = head.encode() + b" " * (127 - 10 - len(head)) + b"\n"
open(sys.argv[1], "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + struct.pack("<%d%s" % (n * n, sys.argv[2][2] == "4" and "f" or "d"), *values))' "$@"
}
no_kernels() {
    cp "$circle" own.cfg
    local of="--set forecast.sources=gram:mine.npy"
    array mine.npy '<f8' 3 False '1 0 0 0 1 0 0 0 1' && refused 'mine.npy: 3 rows; the data have 12 examples' check own.cfg $of
    array mine.npy '<f8' 12 False '1 2' && refused 'mine.npy: not symmetric: K\[1\]\[0\] = 0, K\[0\]\[1\] = 2' check own.cfg $of
    array mine.npy '<f8' 12 False '-1' && refused 'mine.npy: no kernel' check own.cfg $of
    array mine.npy '<f8' 12 False '0' && refused 'mine.npy: a kernel of which nothing is learned' check own.cfg $of
    array mine.npy '<f8' 12 False '1000' && refused 'train.eta = 0.1 diverges under this kernel' check own.cfg $of
    array mine.npy '<f4' 12 False 'nan' && refused 'mine.npy: number 1 is not finite' check own.cfg $of
    array mine.npy '<f8' 12 True '1' && refused 'in Fortran.s order' check own.cfg $of
    array mine.npy '>f8' 12 False '1' && refused 'float64 or float32 of this machine' check own.cfg $of
    array mine.npy '<f8' 12 False '1' && truncate -s -1 mine.npy && refused 'other than its shape' check own.cfg $of
    head -c 40 mine.npy >cut.npy && refused 'no header of an array' check own.cfg --set forecast.sources=gram:cut.npy
    echo no >no.npy && refused 'no .npy file' check own.cfg --set forecast.sources=gram:no.npy
    refused 'a path is empty' check own.cfg --set 'forecast.sources=("gram:a.npy,,b.npy")'
    refused 'a table is one file' check own.cfg --set 'forecast.sources=("file:a.npy,b.npy")'
    refused 'another one has several kernels' check own.cfg --set 'forecast.sources=("gram:a.npy,b.npy", "gram:c.npy,d.npy")'
    refused 'gram.a: .*does not follow gradients' check own.cfg --set train.optimizer=adam --set forecast.sources=gram:a.npy
}
if have python3; then check "what is no kernel of the data is refused" no_kernels; else skip "bad kernels" "no python"; fi
refuses "a sweep over a forecast that is not there" 'at train.time = 60: .*forecast.sources: cannot read .*mine.tsv: No such file' check "$circle" \
    --set kind=sweep --set 'sweep.vary=["train.time = 60, 90"]' --set 'sweep.measures=["order(T)"]'
finish
