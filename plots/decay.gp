# Relative error against time of each watched item: forecasts are lines, runs are points with bars, colour is the item.
# Without a forecast the runs are lines, and their range is the band. Several runs (`members`, their names) have points
# and lines of their own.
# Optional, as in  gnuplot -e 'err_min = 1e-10' decay.gp :  err_min (the axis goes no deeper), time_text (its name).
load "style.gp"
if (!exists("members")) { members = "" }
several = members ne ""
n = several ? words(members) : 1
alone = words(sources) == 0
if (nxi == 0 || alone && !several && observed eq "") exit   # nothing is watched, or there is nothing yet
if (!exists("err_min")) err_min = 1e-5
if (!exists("time_text")) time_text = "gradient-flow time t"

# Curve (1000 r + s) 1000 + k is source s (0: the runs; 1, too, where they are alone) of member r, from 1, at item k.
member(c) = c / 1000000
source(c) = c / 1000 % 1000
item(c) = c % 1000
tint(c) = shade(item(c), nxi)
table_of(r, s) = s > 0 && !alone ? (several ? sprintf("../tables/run%d.", r) : "../decay/") . word(sources, s) . ".tsv" : \
    several ? sprintf("../tables/run%d.observed.tsv", r) : observed
table(c) = table_of(member(c), source(c))
seen(r) = several ? word(trained, r) ne "0" : observed ne ""
dash(r, s) = several ? r : s

# Its columns: undefined at t = 0 and below the numerical floor; a missing band has no width.
number_of(list, c) = real(word(list, (member(c) - 1) * nxi + item(c) + 1))
column_of(c, what) = sprintf("%s(%s)", what, word(items, (member(c) - 1) * nxi + item(c) + 1))
above(v, c) = v > number_of(floors, c) ? v : NaN
when(name) = cell(name) > 0 ? cell(name) : NaN
err(c) = (e = cell(column_of(c, "err")), above(e, c))
hi(c) = (b = cell(column_of(c, "hi")), b == b ? above(b, c) : err(c))
lo(c) = (h = hi(c), b = cell(column_of(c, "lo")), b != b ? err(c) : h != h ? NaN : b > number_of(floors, c) ? b : number_of(floors, c))
banded(c) = (b = cell(column_of(c, "lo")), b == b)

# These lists hold the curves that have something to draw.
lines = ""; bands = ""; runs = ""; top = 1
curve(list, i) = int(word(list . " 1001000", i))   # the word past the end: gnuplot opens the file even of an empty loop
count = alone ? 1 : words(sources)
named(s) = alone ? mean_of(seeds) : plain(word(sources, s))
do for [r=1:n] {
    do for [s=(alone || !seen(r)):(alone ? seen(r) : count)] {
        do for [k=0:nxi-1] {
            c = (1000 * r + s) * 1000 + k
            stats table(c) using (y = hi(c), y < 1e3 ? y : 0) every ::1 nooutput
            if (STATS_max > top) { top = STATS_max }
            if (STATS_max > 0 && s == 0) { runs = runs . " " . c }
            if (STATS_max > 0 && s > 0) { lines = lines . " " . c }
            stats table(c) using (banded(c) ? 1 : 0) nooutput
            if (STATS_max > 0 && s == 1) { bands = bands . " " . c }
        }
    }
}

# About 28 points of each run, evenly in log t; curves take turns. Counts from the record t = 0.
first = 1e300; last = 0
do for [r=1:n] {
    stats table_of(r, 1) using "t" every ::1 nooutput
    first = STATS_min < first ? STATS_min : first
    last = STATS_max > last ? STATS_max : last
}
gap = (last / first) ** (n / 28.0 / (n > 2 ? 2 : n))
start(c) = (next = first * gap ** (1.0 * (item(c) * n + member(c) - 1) / nxi / n), NaN)
chosen(c) = (t = cell("t"), t <= 0 ? start(c) : t < next ? NaN : (next = t * gap, t))

height = rows(nxi + aside + (several ? n : 0) + count + (bands ne "") + (runs ne "") * (seeds > 1 ? 2 : 1))
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
    eval wishes
    plot for [i=1:words(bands)] table(curve(bands, i)) using (when("t")):(lo(curve(bands, i))):(hi(curve(bands, i))) \
             with filledcurves @shaded lc rgb tint(curve(bands, i)) notitle, \
         for [i=1:words(lines)] table(curve(lines, i)) using (when("t")):(err(curve(lines, i))) \
             with lines lw thick(source(curve(lines, i))) dt dash(member(curve(lines, i)), source(curve(lines, i))) \
             lc rgb tint(curve(lines, i)) notitle, \
         for [i=1:words(runs)] table(curve(runs, i)) using (chosen(curve(runs, i))):(err(curve(runs, i))): \
             (lo(curve(runs, i))):(hi(curve(runs, i))) with yerrorbars pt of_member(member(curve(runs, i))) ps 0.4 lw 1 \
             lc rgb tint(curve(runs, i)) notitle, \
         for [k=0:nxi-1] keyentry with lines lw 2.5 lc rgb shade(k, nxi) \
             title frequency(word(labels, k + 1), unit_text), \
         for [i=1:aside] keyentry with lines lc bgnd title " ", \
         for [r=1:n * several] keyentry with linespoints lw thick(1) dt r pt of_member(r) ps 0.5 lc rgb ink \
             title plain(entry(members, r)), \
         for [s=1:(several && alone ? 0 : count)] keyentry with lines lw thick(s) dt s lc rgb ink title named(s), \
         for [i=1:(bands ne "")] keyentry with boxes @shaded lc rgb ink \
             title alone ? "their range" : plain(band_text), \
         for [i=1:(runs ne "")] keyentry @dotted lc rgb ink title observation(seeds), \
         for [i=1:(runs ne "") * (seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds)
    unset output
}
