# Relative error at frequencies along the first principal direction of the examples against step: mean and range over seeds.
# Optional, as in  gnuplot -e 'err_min = 1e-5' projection.gp :  err_min (the axis goes no deeper).
load "style.gp"
if (projection eq "") exit   # nothing is watched
if (!exists("err_min")) err_min = 1e-3

table = projection
n = words(projection_labels)
stats table using "step" nooutput
last = STATS_max > 1 ? STATS_max : 2
stats table using (column("step") > 0 ? column("step") : NaN) nooutput
first = STATS_min < last ? STATS_min : 1
when(x) = column("step") >= 1 ? column("step") : NaN
above(v) = v > err_min ? v : err_min
range_text = seeds == 1 ? "" : sprintf(", mean and range of %d seeds", seeds)
lead = 1.9
wide = 8.2
width = lead + wide + 0.3 + key_width(18)
height = tall(n + 2, 5.4) + 2.4
set logscale xy
set xrange [first : last]
set yrange [err_min : *]
set xlabel "step"
set ylabel "relative error"

do for [terminal in terminals] {
    eval begin(terminal, "projection")
    set multiplot
    eval heading(title_text . range_text, lead + wide / 2)
    eval key_at(lead + wide + 0.3, height - 1.2)
    eval place(lead, lead + wide, 1.4, height - 1.0)
    set format x power
    set format y power
    plot for [k=0:n-1] table using (when(0)):(above(column(sprintf("lo_%d", k)))):(above(column(sprintf("hi_%d", k)))) \
             with filledcurves @shaded lc rgb shade(k, n) notitle, \
         for [k=0:n-1] table using (when(0)):(above(column(sprintf("err_%d", k)))) \
             with lines lw 1.5 lc rgb shade(k, n) title "j = " . word(projection_labels, k + 1)
    unset multiplot
    unset output
}
