# Left: the predicted limit h(x, infinity) of a network, what trained ones are, and the linear and the cubic spline
# through the data. Right: largest deviations of the limit from the two, for several ratios c4/c2.
load "style.gp"
if (study eq "") exit   # nothing was computed yet

left = 1e300; right = 0; bottom = 1e300; top = 0
ratio(i) = cell("c2") > 0 && cell("c4") > 0 ? cell("c4") / cell("c2") : NaN
grow(v) = v > 0 && (r = ratio(0), r > 0) ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, \
    left = r < left ? r : left, right = r > right ? r : right, 0) : 0
stats "../decay/cases.tsv" using (grow(cell("dev_linear")), grow(cell("dev_cubic")), 0) nooutput
stats study using 0 nooutput
every = STATS_records > 60 ? int(STATS_records / 50) : 1   # bars that can be told apart
if (right == 0) { left = 1; right = 1; bottom = 1; top = 1 }
lead = 1.8
wide = 7.6
high = tall(8, 5.2)
key_left = 2 * lead + wide + 4.6 + 0.3
width = key_left + key_width(18)
height = high + 2.8
margin(lo, hi) = (hi / lo) ** 0.07 * 1.08
across = margin(left, right)
up = margin(bottom, top)

do for [terminal in terminals] {
    eval begin(terminal, "splines")
    c_ratio = latex ? "$c_4/c_2$" : "c₄/c₂"
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    eval place(lead, lead + wide, height - 1.4 - high, height - 1.4)
    unset logscale
    set autoscale
    set format xy "%g"
    set xtics autofreq
    set ytics autofreq
    set offsets 0, 0, graph 0.05, graph 0.05
    set title "curve"
    set xlabel "x"
    set ylabel (latex ? "$h(x, \\infty)$" : "h(x, ∞)")
    plot study using "x":"linear" with lines lw 1.2 dt 2 lc rgb ink notitle, \
         study using "x":"cubic" with lines lw 1.2 dt 3 lc rgb ink notitle, \
         study using "x":"pred" with lines lw 1.8 lc rgb colour(0) notitle, \
         study using "x":"obs":"obs_lo":"obs_hi" every every @dotted lc rgb colour(1) notitle, \
         "../decay/data.tsv" using "x":"y" with points pt 6 ps 0.9 lw 1.5 lc rgb ink notitle
    unset label 99
    eval place(2 * lead + wide, 2 * lead + wide + 4.6, height - 1.4 - high, height - 1.4)
    set offsets 0, 0, 0, 0
    set logscale xy
    set xrange [left / across : right * across]
    set yrange [bottom / up : top * up]
    eval log_tics("x", left / across, right * across)
    eval log_tics("y", bottom / up, top * up)
    set title "largest deviation"
    set xlabel c_ratio
    set ylabel ""
    plot "../decay/cases.tsv" using (ratio(0)):(cell("dev_linear")) \
             with linespoints lw 1.2 dt 2 pt 4 ps 0.7 lc rgb ink notitle, \
         "../decay/cases.tsv" using (ratio(0)):(cell("dev_cubic")) \
             with linespoints lw 1.2 dt 3 pt 6 ps 0.7 lc rgb ink notitle, \
         keyentry with points pt 6 ps 0.9 lw 1.5 lc rgb ink title "data", \
         keyentry with lines lw 1.8 lc rgb colour(0) title "predicted limit", \
         keyentry @dotted lc rgb colour(1) title observation(seeds), \
         for [i=1:(seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds), \
         keyentry with linespoints lw 1.2 dt 2 pt 4 ps 0.7 lc rgb ink title "linear spline", \
         keyentry with linespoints lw 1.2 dt 3 pt 6 ps 0.7 lc rgb ink title "cubic spline"
    unset multiplot
    unset output
}
