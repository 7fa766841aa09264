# Relative error at each observed frequency against the step of training, with the range of the seeds.
# Optional, as in  gnuplot -e 'err_min = 1e-10' frequencies.gp :  err_min (the axis goes no deeper).
load "style.gp"
if (frequencies eq "" || sources ne "") exit   # no frequency was observed, or decay.gp shows them beside a forecast
if (!exists("err_min")) err_min = 1e-5

# Columns: step, then err_K lo_K hi_K; the frequencies that have something to draw.
stats frequencies using "step" nooutput
last = STATS_max > 1 ? STATS_max : 2
n = (STATS_columns - 1) / 3
drawn = ""; top = 1; bottom = 1
do for [k=0:n-1] {
    found = 0
    stats frequencies using (extend("lo_" . k), extend("hi_" . k), 0) nooutput
    if (found) { drawn = drawn . " " . k }
}
of(i, what) = cell(what . word(drawn . " 0", i))   # past the end, too: gnuplot opens the file even of an empty loop
tint(i) = shade(int(word(drawn . " 0", i)), n)
veil = n > words(colours) ? 0.06 : 0.2   # of many bands, or they hide all

height = rows(n + 3)
set logscale xy
set xrange [1 : last]
set yrange [deepest(bottom) : top * 1.3]

do for [terminal in terminals] {
    eval begin(terminal, "frequencies")
    eval log_tics("x", 1, last)
    eval log_tics("y", deepest(bottom), top * 1.3)
    set title plain(title_text)
    set xlabel "step"
    set ylabel "relative error"
    plot for [i=1:words(drawn) * (seeds > 1)] frequencies \
             using (from_one(i)):(clipped(of(i, "lo_"))):(clipped(of(i, "hi_"))) \
             with filledcurves fs transparent solid veil noborder lc rgb tint(i) notitle, \
         for [i=1:words(drawn)] frequencies using (from_one(i)):(of(i, "err_")) \
             with lines lw 1.5 lc rgb tint(i) notitle, \
         for [k=0:n-1] keyentry with lines lw 2.5 lc rgb shade(k, n) title frequency(word(labels, k + 1), unit_text), \
         keyentry with lines lc bgnd title " ", \
         keyentry with lines lw 1.5 lc rgb ink title mean_of(seeds), \
         for [i=1:(seeds > 1)] keyentry with boxes @shaded lc rgb ink title "their range"
    unset output
}
