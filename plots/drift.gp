# How far the neural tangent kernel moved since the start: its change, what of that is no change of size, its leading
# eigenvalues and their eigenspace; and the weights; against the step of training, with the range of the seeds.
# Optional, as in  gnuplot -e 'err_min = 1e-10' drift.gp :  err_min (the axis goes no deeper).
load "style.gp"
if (drift eq "") exit   # the kernel was not looked at
if (!exists("err_min")) err_min = 1e-12

parts = "change turn values vectors weights"
title_of(k) = word("kernel turn~of~kernel eigenvalues eigenspace~(sine) weights", k)
stats drift using "step" nooutput
last = (STATS_max > 1 ? STATS_max : 2) * first_step
top = 0; bottom = 1e300; found = 0
do for [part in parts] {
    stats drift using (extend(part . "_lo"), extend(part . "_hi"), extend(part), 0) nooutput
}
if (found == 0) exit   # nothing moved

height = rows(words(parts) + 5)
set logscale xy
set xrange [first_step : last]
set yrange [deepest(bottom) : top * 1.3]

do for [terminal in terminals] {
    eval begin(terminal, "drift")
    eval log_tics("x", first_step, last)
    eval log_tics("y", deepest(bottom), top * 1.3)
    set title plain(title_text)
    set xlabel step_text
    set ylabel "relative change since the start"
    eval wishes
    plot for [k=1:words(parts) * (seeds > 1)] drift using (from_one(k)): \
             (clipped(cell(word(parts, k) . "_lo"))):(clipped(cell(word(parts, k) . "_hi"))) \
             with filledcurves @shaded lc rgb colour(k - 1) notitle, \
         for [k=1:words(parts)] drift using (from_one(k)):(cell(word(parts, k))) \
             with linespoints lw 1.5 pt 7 ps 0.3 lc rgb colour(k - 1) notitle, \
         for [k=1:words(parts)] keyentry with lines lw 2.5 lc rgb colour(k - 1) title swap(title_of(k), "~", " "), \
         for [i=1:aside] keyentry with lines lc bgnd title " ", \
         keyentry with lines lw 1.5 lc rgb ink title mean_of(seeds), \
         for [i=1:(seeds > 1)] keyentry with boxes @shaded lc rgb ink title "their range"
    unset output
}
