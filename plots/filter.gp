# Relative error of the low and of the high part of the outputs, for each variance of the filter between them, against
# the step of training, with the range of the seeds.
# Optional, as in  gnuplot -e 'err_min = 1e-10' filter.gp :  err_min (the axis goes no deeper).
load "style.gp"
if (filter eq "") exit   # nothing was filtered
if (!exists("err_min")) err_min = 1e-5

# Columns: step, then for each variance err, lo and hi of the low part (0) and of the high part (1).
stats filter using "step" nooutput
last = (STATS_max > 1 ? STATS_max : 2) * first_step
n = (STATS_columns - 1) / 6
top = 1; bottom = 1; found = 0
err(d, part) = 6 * d + 3 * part + 2
do for [part=0:1] {
    do for [d=0:n-1] { stats filter using (extend(err(d, part) + 1), extend(err(d, part) + 2), 0) nooutput }
}

height = rows(n + 7)
set logscale xy
set xrange [first_step : last]
set yrange [deepest(bottom) : top * 1.3]

do for [terminal in terminals] {
    eval begin(terminal, "filter")
    eval log_tics("x", first_step, last)
    eval log_tics("y", deepest(bottom), top * 1.3)
    set title plain(title_text)
    set xlabel step_text
    set ylabel "relative error"
    eval wishes
    plot for [d=0:n * (seeds > 1) - 1] for [part=0:1] filter using (from_one(d)): \
             (clipped(cell(err(d, part) + 1))):(clipped(cell(err(d, part) + 2))) \
             with filledcurves @shaded lc rgb shade(d, n) notitle, \
         for [d=0:n-1] filter using (from_one(d)):(cell(err(d, 0))) \
             with lines lw 1.5 dt 1 lc rgb shade(d, n) notitle, \
         for [d=0:n-1] filter using (from_one(d)):(cell(err(d, 1))) \
             with lines lw 1.5 dt 2 lc rgb shade(d, n) notitle, \
         keyentry with lines lc bgnd title narrow ? "variance /" : "variance / median", \
         keyentry with lines lc bgnd title narrow ? "median dist.²" : "squared distance", \
         for [d=0:n-1] keyentry with lines lw 2.5 lc rgb shade(d, n) title word(filter_labels, d + 1), \
         for [i=1:aside] keyentry with lines lc bgnd title " ", \
         keyentry with lines lw 1.5 dt 1 lc rgb ink title "low part", \
         keyentry with lines lw 1.5 dt 2 lc rgb ink title "high part", \
         for [i=1:(seeds > 1)] keyentry with boxes @shaded lc rgb ink title observation_rest(seeds)
    unset output
}
