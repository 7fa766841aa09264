#!/usr/bin/env bash
# Finite width by quadrature: where it is taken, what it says beside draws, what is refused (TAP).
. "$(dirname "$0")/lib/common.sh"

wide=(--set forecast.width=auto --set net.width=16384 --set forecast.sources=ntk.infinite --set forecast.modes=2048)

# The shift falls like 1 / width: quadrature tells of wide networks, draws of narrow ones.
chosen() { # TELLS OPTIONS ..
    expect 0 forecast "$small" --set forecast.width=auto --set forecast.draws=2 --set forecast.sources=ntk.infinite --set forecast.modes=2048 "${@:2}" -o dir
    [ "$(tail -n +2 dir/decay/width.tsv | cut -f 6 | sort | uniq -c | tr -d ' ')" = "4$1.0" ] || cat dir/decay/width.tsv
    grep -q ' decay/width.tsv$' dir/forecast.sha256 || echo "width.tsv is not sealed"
}
check "auto takes quadrature for a wide network" chosen 1 --set net.width=16384
check "auto takes draws where the next order counts" chosen 0 --set net.width=64
no_table() {
    expect 0 forecast "$small" --set forecast.draws=2 "${wide[@]}" --set forecast.width=draws -o dir
    [ ! -e dir/decay/width.tsv ] || cat dir/decay/width.tsv
}
check "forecast.width = draws: no quadrature" no_table
asked_for() {
    chosen 1 --set net.width=64 --set forecast.width=quadrature
    errors_match 'finite width shifts ln T by up to 0\.[0-9]*; above 0\.02 the next order counts'
}
check "asked for where the next order counts, it warns" asked_for

refuses "a random output" 'forecast.width: .* antisymmetric random starts' forecast "$small" --set forecast.width=quadrature \
    --set init.antisymmetric=false -o dir
refuses "forecasts that are of each seed" 'forecast.width has no effect here: it needs a forecast that is not of each seed' forecast "$small" \
    --set forecast.width=quadrature --set forecast.sources=ntk.empirical --set forecast.modes=2048 --set forecast.draws=64 -o dir
refuses "momentum" 'forecast.width: .* gradient descent on all data' forecast "$small" --set forecast.width=quadrature \
    --set train.optimizer=heavy_ball --set forecast.sources=ntk.infinite --set forecast.modes=2048 -o dir

# No draw is needed for a verdict; the band of T is then the lognormal one.
no_draws() {
    expect 0 run "$small" "${wide[@]}" --set target.xi=1 --set train.time=20 --set train.eta=0.1 --set forecast.draws=0 -o dir
    table dir/agreement.tsv '
        c["verdict"] != "agrees" || c["dof"] != "inf" { print c["q"], c["verdict"], "dof", c["dof"] }
        !(c["T_pred_lo"] < c["T_pred"] && c["T_pred"] < c["T_pred_hi"] && c["shift"] > 0) { print c["q"], c["T_pred_lo"], c["T_pred"], c["shift"] }
        END { if (NR != 3) print NR " lines" }'
    "$json" -l dir/summary.json | grep 'finite_width.*quadrature' >/dev/null || "$json" -l dir/summary.json | grep finite
}
check "without draws quadrature judges, and the summary says so" no_draws

# Features and layers are sums over units, too: 150 draws agree with what quadrature says.
beside_draws() { # OPTIONS ..
    expect 0 forecast "$small" "${wide[@]}" --set target.xi=1 --set train.time=400 --set forecast.width=quadrature --set forecast.draws=150 "$@" -o dir
    awk -F'\t' 'FILENAME ~ /width/ && FNR > 1 { wanted[++lines] = $4; s[lines] = $5 }
        FILENAME ~ /draws/ && FNR > 1 { for (j = 1; j <= lines; j++) {
            x = log($(2 * j)); count[j]++; a[j] += x; a2[j] += x * x; b[j] += $(2 * j + 1); b2[j] += $(2 * j + 1) ^ 2 } }
        END { if (lines != 2) print lines, "lines"
            for (j = 1; j <= lines; j++) {
                n = count[j]; variance = a2[j] / n - (a[j] / n) ^ 2; shift = b[j] / n; error = sqrt((b2[j] / n - shift ^ 2) / n)
                if (!((variance / s[j] ^ 2 - 1) ^ 2 < (4 * sqrt(2 / n) + .03) ^ 2)) print j, "s", sqrt(variance), s[j]
                if (!((shift - wanted[j]) ^ 2 < (4 * error + .03 * wanted[j]) ^ 2)) print j, "shift", shift, "+-", error, wanted[j]
            } }' dir/decay/width.tsv dir/decay/draws.tsv
}
check "shifted neurons of Gaussian weights" beside_draws --set init.in=gaussian --set init.out=gaussian --set net.width=4096
check "Fourier features" beside_draws --set net.kind=fourier --set 'init.density=gaussian(8)' --set init.out=gaussian \
    --set init.out_scale=1 --set net.width=4096
check "layers with biases" beside_draws --set net.kind=layers --set 'net.layers=dense(2048),tanh,dense(1)' \
    --set init.weights='gaussian(2)' --set init.biases='gaussian(1)' --set net.width=8192

# What a stranger may have changed is not read.
changed_table() { # SED WORDS
    expect $ran run "$small" "${wide[@]}" --set train.time=0.1 --set forecast.draws=2 --seeds 1 -o dir
    sed -i "$1" dir/decay/width.tsv
    reseal dir
    expect 2 compare dir
    errors_match "$2"
}
check "a line of another frequency is refused" changed_table '2s/^1/7/' 'width.tsv:2: expected frequency 1, err 1/2'
check "a line that is missing is refused" changed_table '5d' 'width.tsv:5: expected frequency 2, err 1/10'
check "an s below 0 is refused" changed_table '3s/\t\([^\t]*\)\t1.0$/\t-\1\t1.0/' 'width.tsv:3: expected frequency 1, err 1/10'

widths() {
    expect 0 check "$root/experiments/demo.cfg" --set forecast.width=auto
    grep -A 2 '^finite width  by quadrature; shifts ln T by up to 0.012$' "$io/out" | tail -n 1 >line
    [ "$(cat line)" = '              3961, 9020 at 1; 11270, 21304 at 3; 11867, 5691 at 5' ] || cat "$io/out"
}
check "check names the widths at which T scatters by 3 %" widths

finish
