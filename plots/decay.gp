# Relative error against time of each watched item: forecasts are lines, runs are points with bars, colour is the item.
# Without a forecast the runs are lines, and their range is the band.
# Optional, as in  gnuplot -e 'err_min = 1e-10' decay.gp :  err_min (the axis goes no deeper), time_text (its name).
load "style.gp"
alone = words(sources) == 0
if (nxi == 0 || alone && observed eq "") exit   # nothing is watched, or there is nothing yet
if (!exists("err_min")) err_min = 1e-5
if (!exists("time_text")) time_text = "gradient-flow time t"

array lowest[nxi]
do for [k=1:nxi] { lowest[k] = real(word(floors, k)) }

# Columns of frequency k: undefined at t = 0 and below the numerical floor; a missing band has no width.
above(v, k) = v > lowest[k+1] ? v : NaN
when(name) = cell(name) > 0 ? cell(name) : NaN
err(k) = (e = cell("err_".k), above(e, k))
hi(k) = (b = cell("hi_".k), b == b ? above(b, k) : err(k))
lo(k) = (h = hi(k), b = cell("lo_".k), b != b ? err(k) : h != h ? NaN : b > lowest[k+1] ? b : lowest[k+1])
banded(k) = (b = cell("lo_".k), b == b)

# Curve 1000 s + k is source s (0: the runs; 1, too, where they are alone) at frequency k. These lists hold the curves that have something to draw.
lines = ""; bands = ""; runs = ""; top = 1
curve(list, i) = int(word(list . " 1000", i))   # the word past the end: gnuplot opens the file even of an empty loop
freq(list, i) = curve(list, i) % 1000
source(list, i) = curve(list, i) / 1000
tint(list, i) = shade(freq(list, i), nxi)
table(s) = s == 0 || alone ? observed : "../decay/" . word(sources, s) . ".tsv"
count = alone ? 1 : words(sources)
named(s) = alone ? mean_of(seeds) : plain(word(sources, s))
do for [s=(alone || observed eq ""):count] {
    do for [k=0:nxi-1] {
        stats table(s) using (y = hi(k), y < 1e3 ? y : 0) every ::1 nooutput
        if (STATS_max > top) { top = STATS_max }
        if (STATS_max > 0 && s == 0) { runs = runs . " " . k }
        if (STATS_max > 0 && s > 0) { lines = lines . " " . (1000 * s + k) }
        stats table(s) using (banded(k) ? 1 : 0) nooutput
        if (STATS_max > 0 && s == 1) { bands = bands . " " . (1000 * s + k) }
    }
}

# About 28 points of each run, evenly in log t; frequencies take turns. Counts from the record t = 0.
stats table(1) using "t" every ::1 nooutput
first = STATS_min
last = STATS_max
gap = (last / first) ** (1 / 28.0)
start(k) = (next = first * gap ** (1.0 * k / nxi), NaN)
chosen(k) = (t = cell("t"), t <= 0 ? start(k) : t < next ? NaN : (next = t * gap, t))

height = rows(nxi + 1 + count + (bands ne "") + 2 * (runs ne ""))
set logscale xy
set xrange [first / 1.2 : last * 1.2]
set yrange [err_min < * : top * 1.5]
do for [q in "2 10"] {
    set arrow from graph 0, first 1.0 / q to graph 1, first 1.0 / q nohead back lw 0.6 lc rgb faint
    set label "1/" . q at graph 0, first 1.0 / q offset 1, -0.6 textcolor rgb faint
}

do for [terminal in terminals] {
    eval begin(terminal, "decay")
    set format xy power
    set title plain(title_text)
    set xlabel time_text
    set ylabel "relative error"
    plot for [i=1:words(bands)] table(1) using (when("t")):(lo(freq(bands, i))):(hi(freq(bands, i))) \
             with filledcurves @shaded lc rgb tint(bands, i) notitle, \
         for [i=1:words(lines)] table(source(lines, i)) using (when("t")):(err(freq(lines, i))) \
             with lines lw thick(source(lines, i)) dt source(lines, i) lc rgb tint(lines, i) notitle, \
         for [i=1:words(runs)] table(source(runs, i)) \
             using (chosen(freq(runs, i))):(err(freq(runs, i))):(lo(freq(runs, i))):(hi(freq(runs, i))) \
             @dotted lc rgb tint(runs, i) notitle, \
         for [k=0:nxi-1] keyentry with lines lw 2.5 lc rgb shade(k, nxi) \
             title frequency(word(labels, k + 1), unit_text), \
         keyentry with lines lc bgnd title " ", \
         for [s=1:count] keyentry with lines lw thick(s) dt s lc rgb ink title named(s), \
         for [i=1:(bands ne "")] keyentry with boxes @shaded lc rgb ink \
             title alone ? "their range" : plain(band_text), \
         for [i=1:(runs ne "")] keyentry @dotted lc rgb ink title observation(seeds), \
         for [i=1:(runs ne "") * (seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds)
    unset output
}
