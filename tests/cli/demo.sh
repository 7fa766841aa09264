#!/usr/bin/env bash
# What the demo and the quiet start claim, from the files they leave (TAP).
. "$(dirname "$0")/lib/common.sh"

demo=() quiet=() frequencies=3 where=
if [ -n "$SPECBIAS_SAN" ]; then # twenty times slower: one frequency, which is learned twenty times sooner
    demo=(--set target.xi=1 --set train.time=20) quiet=(--set train.time=20) frequencies=1
    where=" (one frequency, t <= 20)"
fi

agrees() {
    expect 0 run "$root/experiments/demo.cfg" "${demo[@]}" -o "$work/demo"
    [ "$(verdict_of "$work/demo")" = agrees ] || echo "summary.json: $(verdict_of "$work/demo")"
    grep -qx 'verdict   agrees' "$io/out" || echo "the verdict is not printed"
    [ ! -s "$io/err" ] || cat "$io/err"
}
check "the demo's verdict is agrees, exit 0$where" agrees

every_row() {
    table "$work/demo/agreement.tsv" '
        c["verdict"] != "agrees" { print c["source"], c["label"], c["q"], c["verdict"] }
        !(c["z"] <= c["limit"]) { print c["source"], c["label"], c["q"], "z =", c["z"] }
        { rows[c["source"]]++ }
        END { for (s in rows) print "rows", s, rows[s] }' | sort >"$io/rows"
    local source
    for source in lfp ntk.infinite ntk.empirical; do echo "rows $source $((2 * frequencies))"; done | sort |
        diff - "$io/rows"
}
check "each source agrees at each frequency and level" every_row

# GSL beside the eigenpairs: the same tables, and a figure of the one as of the other.
integrated() {
    local form
    expect 3,0 run "$root/experiments/demo.cfg" --set train.time=8 --set forecast.method=rk8pd --seeds 1 \
        --set forecast.draws=0 --set 'forecast.sources=["lfp"]' -o gsl
    expect 0 forecast "$root/experiments/demo.cfg" --set train.time=8 --seeds 1 --set forecast.draws=0 \
        --set 'forecast.sources=["lfp"]' -o modes
    for form in flow gd; do at_most 1e-8 "$(largest_gap gsl/decay/lfp.$form.tsv modes/decay/lfp.$form.tsv)"; done
    [ -s gsl/figures/decay.svg ] || echo "no figure"
    expect 2 check "$root/experiments/demo.cfg" --set forecast.method=cram14
    errors_match "no method 'cram14'"
}
check "the forecast by GSL is that by eigenpairs to 1e-8, drawn or not" integrated

# Two computations of one number: z once more from times, shift and s of the same line.
z_again() {
    table "$work/demo/agreement.tsv" '{
        d = log(c["T_obs"] / c["T_pred"]) - c["shift"]; z = (d < 0 ? -d : d) / c["s"]; e = z - c["z"]
        if (!(e < 1e-6 && e > -1e-6)) print c["source"], c["label"], c["q"], "z =", c["z"], "but", z
        if (c["q"] == 0.5) { r = c["rate_obs"] * c["T_obs"] / log(2) - 1; if (!(r < 1e-12 && r > -1e-12)) print "rate", r } }'
}
check "z and rates follow from the times beside them" z_again

power() {
    "$json" -l "$work/demo/summary.json" | awk -F '\t' '
        $1 ~ /power.rejected/ { n++; if ($2 != "true") print $1 " is not rejected" }
        $1 ~ /right_rejected/ { m++; if ($2 != "false") print $1 ": the forecast itself is rejected" }
        END { if (n != 18 || m != 3) print n, m }'
}
check "x0.5 x0.8 x1.25 x2 x0 permuted are rejected for each source, the forecast is not" power

printed_paths() {
    local path
    program run "$root/experiments/demo.cfg" --set train.time=0.2 --seeds 1 --set forecast.draws=2 -o shown
    for path in $(sed -n 's/^\(figures\|summary\) *//p' "$io/out"); do [ -s "$path" ] || echo "$path is not there"; done
    grep -q '^summary  *shown/summary.json$' "$io/out" || cat "$io/out"
}
check "the paths that run prints exist" printed_paths

# Lines that nobody reaches within this shorter record are not judged, so frequency 1 alone has to feel the movement.
not_lazy() {
    expect 3 run "$root/experiments/demo.cfg" --set target.amplitude=20 --set train.time=8 --seeds 1 -o "$work/eager"
    [ "$(verdict_of "$work/eager")" = "not lazy" ] || echo "verdict $(verdict_of "$work/eager")"
    grep -qx 'verdict   not lazy' "$io/out" || cat "$io/out"
    errors_match 'not lazy'
    table "$work/eager/agreement.tsv" '(c["verdict"] == "not lazy") != (c["effect"] > log(1.2) && c["z"] != "nan") {
        print c["source"], c["label"], c["verdict"], c["effect"] }'
}
check "a target 5000 times as large is not lazy, exit 3" not_lazy

undecided() {
    expect 3 run "$root/experiments/demo.cfg" "${demo[@]}" --set forecast.draw_width=128 -o "$work/wide"
    [ "$(verdict_of "$work/wide")" = undecided ] || echo "verdict $(verdict_of "$work/wide")"
    table "$work/wide/agreement.tsv" '
        c["verdict"] == "differs" { print c["source"], c["label"], "differs" }
        c["source"] != "ntk.empirical" && c["verdict"] == "undecided" && c["T_obs"] > 0 && c["T_pred"] > 0 { wide++ }
        END { if (!wide) print "undecided only where a time is not reached" }'
}
check "draws of width 128 leave it undecided, exit 3$where" undecided

expect 0,3 run "$root/experiments/quiet_start.cfg" "${quiet[@]}" -o "$work/quiet" >"$io/quiet"
[ -n "$SPECBIAS_SAN" ] || check "the quiet start's verdict is agrees, exit 0" test "$status" = 0
quiet_as() { # FORECAST: max |err observed - err predicted| over all times and frequencies
    cat "$io/quiet"
    paste "$work/quiet/decay/observed.tsv" "$work/quiet/decay/$1.tsv" | awk -F '\t' '
        NR == 1 { n = NF / 2; for (i = 1; i <= n; i++) { head[i] = $i; if ($i != $(n + i)) print $i " beside " $(n + i) } next }
        { if ($1 != $(n + 1)) print "t " $1 " beside " $(n + 1) }
        { for (i = 1; i <= n; i++) if (head[i] ~ /^err\(/) { columns[i]; d = $i - $(n + i); if (d < 0) d = -d; if (d > max) max = d
            if ($i !~ /^[0-9]/ || $(n + i) !~ /^[0-9]/) print "not a number: " $i, $(n + i) } }
        END { if (length(columns) != 3 || NR < 100) print length(columns) " frequencies, " NR " lines"
              if (!(max <= 1e-6)) print "largest difference " max } '
}
check "quiet start: |err observed - err lfp.gd| <= 1e-6" quiet_as lfp.gd
check "quiet start: |err observed - err ntk.infinite.gd| <= 1e-6" quiet_as ntk.infinite.gd

# Let one network of five end just above 1/10. However late it may be, the other four tell of the mean, too.
one_late_seed() {
    expect $ran run "$small" --set data.n=32 --set data.kind=list --set data.x=-0.4,-0.2,0.1,0.2,0.2,0.35 --set target.xi=1 \
        --set train.time=5 --set forecast.sources=ntk.infinite --set forecast.modes=2048 --set forecast.draws=64 --seeds 5 -o late
    awk 'BEGIN { FS = OFS = "\t" } { if (NR > 1) print line; line = $0; $5 = 0.11; late = $0 } END { print late }' \
        late/decay/observed.seed3.tsv >changed && mv changed late/decay/observed.seed3.tsv
    (cd late && sha256sum $(cut -c 67- observed.sha256) >new && mv new observed.sha256 && rm verdict.sha256)
    expect $ran compare late
    table late/agreement.tsv '
        c["verdict"] == "differs" { print c["source"], c["q"], "differs with z =", c["z"] }
        c["q"] == 0.1 && c["T_obs"] != "nan" { print "T_obs", c["T_obs"] }'
}
check "one late network of five does not make a forecast differ" one_late_seed

# Without draws nobody knows how far a network of this width may be from the infinite one: that is no disagreement.
no_band() { # DRAWS
    expect 3 run "$small" --set target.xi=1 --set forecast.draws="$1" --seeds 3 -o dir
    table dir/agreement.tsv '
        c["source"] != "ntk.empirical" && c["verdict"] != "undecided" { print c["source"], c["q"], c["verdict"] ", z = " c["z"] }
        c["T_obs"] > 0 { reached++ } END { if (!reached) print "no time is reached" }'
}
check "without draws the forecasts of infinite width are undecided" no_band 0
check "one draw has no spread: undecided" no_band 1

finish
