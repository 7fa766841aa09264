# Relative error along the first principal direction of the inputs against the step of training, with the range of the
# seeds. Frequency j is j half waves over the range of the inputs in that direction.
# Optional, as in  gnuplot -e 'err_min = 1e-10' projection.gp :  err_min (the axis goes no deeper).
load "style.gp"
if (projection eq "") exit   # no projection was observed
if (!exists("err_min")) err_min = 1e-5

# Columns: step, then err, lo and hi of each; the frequencies that have something to draw.
stats projection using "step" nooutput
last = (STATS_max > 1 ? STATS_max : 2) * first_step
n = (STATS_columns - 1) / 3
tone(k) = "j = " . word(projection_labels, k + 1)
drawn = ""; top = 1; bottom = 1
do for [k=0:n-1] {
    found = 0
    stats projection using (extend(3 * k + 3), extend(3 * k + 4), 0) nooutput
    if (found) { drawn = drawn . " " . k }
}
of(i, c) = cell(3 * int(word(drawn . " 0", i)) + c)   # past the end, too: gnuplot opens the file even of an empty loop
tint(i) = shade(int(word(drawn . " 0", i)), n)
veil = n > words(colours) ? 0.06 : 0.2   # of many bands, or they hide all

height = rows(n + 3)
set logscale xy
set xrange [first_step : last]
set yrange [deepest(bottom) : top * 1.3]

do for [terminal in terminals] {
    eval begin(terminal, "projection")
    eval log_tics("x", first_step, last)
    eval log_tics("y", deepest(bottom), top * 1.3)
    set title plain(title_text)
    set xlabel step_text
    set ylabel "relative error"
    eval wishes
    plot for [i=1:words(drawn) * (seeds > 1)] projection \
             using (from_one(i)):(clipped(of(i, 3))):(clipped(of(i, 4))) \
             with filledcurves fs transparent solid veil noborder lc rgb tint(i) notitle, \
         for [i=1:words(drawn)] projection using (from_one(i)):(of(i, 2)) \
             with lines lw 1.5 lc rgb tint(i) notitle, \
         for [k=0:n-1] keyentry with lines lw 2.5 lc rgb shade(k, n) title tone(k), \
         for [i=1:aside] keyentry with lines lc bgnd title " ", \
         keyentry with lines lw 1.5 lc rgb ink title mean_of(seeds), \
         for [i=1:(seeds > 1)] keyentry with boxes @shaded lc rgb ink title "their range"
    unset output
}
