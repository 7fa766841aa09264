# The low (solid) and the high part (dashed) of the error against step, for each variance of the Gaussian filter.
load "style.gp"
if (filter eq "") exit   # nothing is filtered

n = words(filter_labels)
stats filter using "step" nooutput
last = STATS_max > 1 ? STATS_max : 2
stats filter using (column("step") > 0 ? column("step") : NaN) nooutput
first = STATS_min < last ? STATS_min : 1
when(x) = column("step") >= 1 ? column("step") : NaN
range_text = seeds == 1 ? "" : sprintf(", mean of %d seeds", seeds)
lead = 1.9
wide = 8.2
width = lead + wide + 0.3 + key_width(20)
height = tall(n + 4, 5.4) + 2.4
set logscale xy
set xrange [first : last]
set xlabel "step"
set ylabel "relative error"

do for [terminal in terminals] {
    eval begin(terminal, "filter")
    set multiplot
    eval heading(title_text . range_text, lead + wide / 2)
    eval key_at(lead + wide + 0.3, height - 1.2)
    eval place(lead, lead + wide, 1.4, height - 1.0)
    set format x power
    plot for [d=0:n-1] filter using (when(0)):(column(sprintf("low_%d", d))) with lines lw 1.5 lc rgb shade(d, n) notitle, \
         for [d=0:n-1] filter using (when(0)):(column(sprintf("high_%d", d))) with lines lw 1.5 dt 2 lc rgb shade(d, n) notitle, \
         keyentry with lines lc bgnd title "variance / median", \
         for [d=0:n-1] keyentry with lines lw 2.5 lc rgb shade(d, n) title word(filter_labels, d + 1), \
         keyentry with lines lw 1.5 lc rgb ink title "low part", \
         keyentry with lines lw 1.5 dt 2 lc rgb ink title "high part"
    unset multiplot
    unset output
}
