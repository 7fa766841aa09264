#!/usr/bin/env bash
# Finite width by quadrature beside 2000 networks of the demo's width: mean and variance of ln T within four standard
# errors and the next order, 3 % (TAP).
. "$(dirname "$0")/../cli/lib/common.sh"

# T of the draws and of infinite width are read off the same records.
sampled() {
    local draws=2000
    expect $ran run "$root/experiments/demo.cfg" --set forecast.width=quadrature --set forecast.draws=$draws --seeds 1 -o dir
    awk -F'\t' -v draws=$draws '
        FILENAME ~ /agreement/ && FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        FILENAME ~ /agreement/ && $1 == "ntk.infinite" { told[++lines] = log($at["T_pred"]) }
        FILENAME ~ /width/ && FNR > 1 { shift[FNR - 1] = $4; s[FNR - 1] = $5 }
        FILENAME ~ /draws/ && FNR > 1 {
            for (j = 1; j <= lines; j++) {
                x = log($(2 * j)) - told[j]
                sum[j] += x; square[j] += x * x; half[j] += $(2 * j + 1); half2[j] += $(2 * j + 1) ^ 2
            }
        }
        function far(name, j, found, error, wanted) {
            printf "# line %d: %s %.6g +- %.2g, by quadrature %.6g\n", j, name, found, error, wanted > "/dev/stderr"
            if (!((found - wanted) ^ 2 <= (4 * error + .03 * wanted) ^ 2))
                print "line", j, name, found, "+-", error, "is not", wanted
        }
        END {
            if (lines != 6) print lines, "lines"
            for (j = 1; j <= lines; j++) {
                mean = sum[j] / draws; variance = square[j] / draws - mean * mean
                jack = half[j] / draws; noise = half2[j] / draws - jack * jack
                far("mean", j, mean, sqrt(variance / draws), shift[j])
                far("jackknife", j, jack, sqrt(noise / draws), shift[j])
                far("variance", j, variance, variance * sqrt(2 / draws), s[j] * s[j])
            }
        }' dir/agreement.tsv dir/decay/width.tsv dir/decay/draws.tsv 2>found
    cat found >&3
}
check "2000 draws have the mean and the variance that quadrature says" sampled 3>&1

finish
