# The rate law, rate = c rho(2 pi xi), as a line, and the rates ln 2 / T(1/2) of a network of Fourier features: of the
# forecasts as open marks, of the runs as points with bars.
load "style.gp"
if (density eq "") exit   # the network has no density of frequencies

# Rates of the comparison; s counts forecast sources, 0 is the runs.
compared = agreement eq "" ? density : agreement   # gnuplot opens the file even of an empty loop
name(s) = strcol("source") . "." . strcol("form")
from(s) = s == 0 || strcol("source") eq word(sources, s) || name(s) eq word(sources, s)
at(s) = agreement ne "" && cell("q") == 0.5 && from(s) && position(item_names, strcol("item")) ? cell("label") : NaN
rate(T) = (v = agreement eq "" ? NaN : cell(T), v > 0 ? log(2) / v : NaN)
end(T, default) = (v = rate(T), v > 0 ? v : rate(default))

# The axes: from 0, or logarithmic if rates differ much.
stats density using "label" nooutput
right = STATS_max > 0 ? STATS_max : 1.0
stats density using "rate" nooutput
top = STATS_max > 0 ? STATS_max : 1.0
constant = 0
stats density using (cell("rho") > 0 ? constant = cell("rate") / cell("rho") : 0, 0) nooutput
drawn = ""; runs = 0; bottom = top
measure(v) = v > 0 ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, 1) : 0
if (agreement ne "") {
    do for [s=0:words(sources)] {
        found = 0
        stats agreement using (f = at(s), f == f ? (found = found + measure(rate(s == 0 ? "T_obs" : "T_pred"))) : 0, \
            f == f && s == 0 ? measure(rate("T_obs_hi")) + measure(rate("T_obs_lo")) : 0, 0) nooutput
        if (found > 0 && s == 0) { runs = 1 }
        if (found > 0 && s > 0) { drawn = drawn . " " . s }
    }
} else {
    stats density using (v = cell("rate"), v > top / 1e3 ? measure(v) : 0, 0) nooutput
}
source(i) = int(word(drawn . " 1", i))
height = rows(words(drawn) + 4)
set xrange [0 : right]
set yrange [0 : top * 1.08]
curved = top / bottom > 20
if (curved) {
    set logscale y
    set yrange [bottom / 2 : top * 1.4]
}

do for [terminal in terminals] {
    eval begin(terminal, "density")
    if (curved) { eval log_tics("y", bottom / 2, top * 1.4) }
    rho = latex ? "$\\rho$" : "ρ"
    set title plain(title_text)
    set xlabel frequency_axis(unit_text)
    set ylabel "rate ln 2 / T(1/2)"
    eval wishes
    plot density using "label":(cell("rate") > 0 || !curved ? cell("rate") : NaN) \
             with lines lw 1.8 lc rgb faint notitle, \
         for [i=1:words(drawn)] compared using (at(source(i))):(rate("T_pred")) with points lw 1.2 ps 0.6 \
             pt mark(source(i)) lc rgb colour(source(i) - 1) notitle, \
         for [i=1:runs] compared using (at(0)):(rate("T_obs")):(end("T_obs_hi", "T_obs")):(end("T_obs_lo", "T_obs")) \
             @dotted lc rgb ink notitle, \
         keyentry with lines lw 1.8 lc rgb faint title sprintf("rate law c %s", rho), \
         keyentry with lines lc bgnd title sprintf("with c = %.4g", constant), \
         for [i=1:words(drawn)] keyentry with points lw 1.2 ps 0.6 pt mark(source(i)) lc rgb colour(source(i) - 1) \
             title plain(word(sources, source(i))), \
         for [i=1:runs] keyentry @dotted lc rgb ink title observation(seeds), \
         for [i=1:runs * (seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds)
    unset output
}
