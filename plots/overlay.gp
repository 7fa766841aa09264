# T(1/2) against frequency for several densities of Fourier features, a panel for each sigma_a: forecasts are lines with
# bands, runs are points with bars, colour is density.
load "style.gp"
if (study eq "") exit   # nothing was compared yet

# What the table holds.
densities = ""; scales = ""
stats study using (densities = add(densities, strcol("density")), scales = add(scales, strcol("sigma_a")), 0) nooutput
here(d, a) = strcol("density") eq entry(densities, d) && strcol("sigma_a") eq word(scales, a) && cell("label") > 0
at(d, a) = here(d, a) ? cell("label") : NaN
reached(T) = (v = cell(T), v > 0 && v < 1e300 ? v : NaN)
end(T, of) = (v = cell(T), reached(of) > 0 && v > 0 && v < 1e300 ? v : reached(of))   # of a band around a time
left = 1e300; right = 0; bottom = 1e300; top = 0; runs = 0; banded = 0
grow(v) = v > 0 ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, f = cell("label"), \
    f > 0 ? (left = f < left ? f : left, right = f > right ? f : right) : 0, 0) : 0
stats study using (grow(end("T_pred_lo", "T_pred")), grow(end("T_pred_hi", "T_pred")), \
    grow(end("T_obs_lo", "T_obs")), grow(end("T_obs_hi", "T_obs")), runs = runs || reached("T_obs") > 0, \
    banded = banded || (reached("T_pred") > 0 && reached("T_pred_lo") > 0), 0) nooutput
if (right == 0) {
    left = 1; right = 1; bottom = 1; top = 1
    set label 98 "no time: 1/2 is not reached" at graph 0.5, 0.6 center textcolor rgb ink
}


# The densities that have something to draw, for each sigma_a.
n = words(scales)
array told[n]; array seen[n]; array ranged[n]
do for [a=1:n] {
    told[a] = ""; seen[a] = ""; ranged[a] = ""
    do for [d=1:words(densities)] {
        found = 0; trained = 0; band = 0
        stats study using (!here(d, a) ? 0 : (found = found || reached("T_pred") > 0, \
            band = band || (reached("T_pred") > 0 && reached("T_pred_lo") > 0), \
            trained = trained || reached("T_obs") > 0, 0)) nooutput
        if (found) { told[a] = told[a] . " " . d }
        if (band) { ranged[a] = ranged[a] . " " . d }
        if (trained) { seen[a] = seen[a] . " " . d }
    }
}
nth(list, i) = int(word(list . " 1", i))   # the word past the end: gnuplot opens the file even of an empty loop
tint(list, i) = shade(nth(list, i) - 1, words(densities))

margin(lo, hi) = (hi / lo) ** 0.07 * 1.08
across = margin(left, right)
up = margin(bottom, top)
columns = n < 3 ? n : 3
lines = (n + 2) / 3
veiled = words(densities) > 4 ? "fs transparent solid 0.08 noborder" : shaded   # many bands would hide all
high = tall(words(densities) + 5, 5.2)
lead = 1.8   # to the left of a panel
wide = fit(n == 1 ? 7.4 : 5.0, columns, columns * lead + 0.3 + key_width(longest(densities, 21)))
eval fits(wide)
key_left = columns * (lead + wide) + 0.3
width = key_left + key_width(longest(densities, 21))
height = lines * (high + 2.0) + 0.8
linear = left < right && right / left < 12   # frequencies of a decade crowd at the end of a logarithmic axis
across_lo = linear ? left - 0.06 * (right - left) : left / across
across_hi = linear ? right + 0.06 * (right - left) : right * across
set logscale y
if (!linear) { set logscale x }
set xrange [across_lo : across_hi]
set yrange [bottom / up : top * up]

do for [terminal in terminals] {
    eval begin(terminal, "overlay")
    if (linear) { set xtics nice((right - left) / 5.0) } else { eval log_tics("x", across_lo, across_hi) }
    eval log_tics("y", bottom / up, top * up)
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    do for [a=1:n] {
        column_left = (a - 1) % 3 * (lead + wide) + lead
        line_top = height - 1.4 - (a - 1) / 3 * (high + 2.0)
        eval place(column_left, column_left + wide, line_top - high, line_top)
        set title sigma_a(word(scales, a))
        set xlabel frequency_axis(unit_text)
        set ylabel ((a - 1) % 3 == 0 ? "time T(1/2)" : "")
        lines = told[a]; bands = ranged[a]; trained = seen[a]
        plot for [i=1:words(bands)] study using (at(nth(bands, i), a)):(end("T_pred_lo", "T_pred")): \
                 (end("T_pred_hi", "T_pred")) with filledcurves @veiled lc rgb tint(bands, i) notitle, \
             for [i=1:words(bands) * (left == right)] study using (at(nth(bands, i), a)):(reached("T_pred")): \
                 (left / across ** 0.2):(left * across ** 0.2): \
                 (end("T_pred_lo", "T_pred")):(end("T_pred_hi", "T_pred")) \
                 with boxxyerror @veiled lc rgb tint(bands, i) notitle, \
             for [i=1:words(lines)] study using (at(nth(lines, i), a)):(reached("T_pred")) \
                 with lines lw thick(1) lc rgb tint(lines, i) notitle, \
             for [i=1:words(lines) * (left == right)] study using (at(nth(lines, i), a)):(reached("T_pred")) \
                 with points lw 1.2 pt mark(1) ps 0.8 lc rgb tint(lines, i) notitle, \
             for [i=1:words(trained)] study using (at(nth(trained, i), a)):(reached("T_obs")): \
                 (end("T_obs_lo", "T_obs")):(end("T_obs_hi", "T_obs")) @dotted lc rgb tint(trained, i) notitle, \
             for [d=1:words(densities) * (a == columns)] keyentry \
                 with lines lw 2.5 lc rgb shade(d - 1, words(densities)) title plain(entry(densities, d)), \
             for [i=1:(a == columns)] keyentry with lines lc bgnd title " ", \
             for [i=1:(a == columns)] keyentry with lines lw thick(1) lc rgb ink title "forecast", \
             for [i=1:banded * (a == columns)] keyentry with boxes @shaded lc rgb ink title "range of the forecast", \
             for [i=1:runs * (a == columns)] keyentry @dotted lc rgb ink title observation(seeds), \
             for [i=1:runs * (a == columns) * (seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds)
        unset label 99
    }
    unset multiplot
    unset output
}
