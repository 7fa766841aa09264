# Rate ln 2 / T(1/2) against frequency: forecasts are lines with open marks and bands, runs are black points with bars.
# Items of no common axis, such as the parts of filters, stand side by side. Several runs (`members`, their names) have
# colours of their own.
load "style.gp"
if (!exists("members")) { members = "" }
several = members ne ""
n = several ? words(members) : 1
if (!several && (agreement eq "" || words(sources) == 0)) exit   # nothing was compared
judged(r) = several ? word(trained, r) eq "2" : 1
table_of(r) = several ? sprintf("../tables/run%d.agreement.tsv", r) : agreement

# A block of numbers for each forecast source of each member, source 0 for the runs: frequency, rate, its lower and upper
# end. Rows without a rate are left out; a missing end is the rate itself. `lines` and `runs` list the blocks (1000 times
# the member, and the source) that hold anything.
block(c) = "$rates" . c
name(s) = strcol("source") . "." . strcol("form")
from(s) = s == 0 || strcol("source") eq word(sources, s) || name(s) eq word(sources, s)
across(name) = sum [k=1:words(item_names)] (word(item_names, k) eq name ? k : 0)
where(row) = (k = across(strcol("item")), k == 0 ? 0 : axis ? cell("label") : k)
has(T) = (v = cell(T), cell("q") == 0.5 && where(0) > 0 && v > 0)
rate(T, default) = (v = cell(T), log(2) / (v > 0 ? v : cell(default)))
codes = ""
do for [r=1:n] { do for [s=0:words(sources)*judged(r)-!judged(r)] {
    codes = codes . " " . (1000 * r + s)
    T = s == 0 ? "T_obs" : "T_pred"
    eval "set table " . block(1000 * r + s) . " separator tab"
    plot table_of(r) using (where(0)):(rate(T, T)):(rate(T . "_hi", T)):(rate(T . "_lo", T)) with table if (from(s) && has(T))
    unset table
} }
if (codes eq "") exit   # nothing was compared
unset datafile columnheaders
lines = ""; runs = ""; left = 1e99; right = 0; bottom = 1e99; top = 0; banded = 0
do for [c in codes] {
    eval "found = |" . block(c) . "|"
    if (found > 0) {
        if (c % 1000 == 0) { runs = runs . " " . c } else { lines = lines . " " . c }
        stats block(c) using 1 nooutput
        left = STATS_min < left ? STATS_min : left
        right = STATS_max > right ? STATS_max : right
        stats block(c) using 3 nooutput
        bottom = STATS_min < bottom ? STATS_min : bottom
        stats block(c) using 4 nooutput
        top = STATS_max > top ? STATS_max : top
        stats block(c) using (cell(4) - cell(3)) nooutput
        banded = banded || (c % 1000 > 0 && STATS_max > 0)
    }
}
if (right == 0) {
    left = 1; right = 1; bottom = 1; top = 1
    set label "no rate: 1/2 is not reached" at graph 0.5, 0.6 center textcolor rgb ink
}

# gnuplot opens the file even of an empty loop: then $nothing.
$nothing << end
1	1	1	1
end
code(list, i) = int(word(list . " 1001", i))
member(list, i) = several ? code(list, i) / 1000 : code(list, i) % 1000   # what has a colour and a line: a run, a source
table(list, i) = i > words(list) ? "$nothing" : block(code(list, i))
tint(list, i) = colour(member(list, i) - 1)
seen(list, i) = several ? tint(list, i) : ink
spot(list, i) = several ? of_member(member(list, i)) : 7

margin(lo, hi) = (hi / lo) ** 0.07 * 1.08
side = margin(left, right)
up = margin(bottom, top)
height = rows((several ? n + (lines ne "") : words(sources)) + 3 + (axis || words(labels) < 6 ? 0 : 6))
set logscale y
if (axis) { set logscale x; set xrange [left / side : right * side] } else { set xrange [0.5 : words(labels) + 0.5] }
set yrange [bottom / up : top * up]
apart = !axis || left == right   # no lines from one to the next
joined = apart ? "with points" : "with linespoints lw thick(member(lines, i)) dt member(lines, i)"
near(x) = axis ? x / side ** 0.2 : x - 0.3
far(x) = axis ? x * side ** 0.2 : x + 0.3

do for [terminal in terminals] {
    eval begin(terminal, "rates")
    if (axis) {
        eval log_tics("x", left / side, right * side)
    } else {
        set xtics ("" 1)
        do for [k=1:words(labels)] { set xtics add (plain(word(labels, k)) k) }
        if (words(labels) > 5) { set xtics rotate by -40 }
    }
    eval log_tics("y", bottom / up, top * up)
    set title plain(title_text)
    set xlabel axis ? frequency_axis(unit_text) : ""
    set ylabel "rate ln 2 / T(1/2)" . (time_text eq "step" ? " per step" : "")
    eval wishes
    plot for [i=1:words(lines) * !apart] table(lines, i) using 1:3:4 with filledcurves @shaded lc rgb tint(lines, i) notitle, \
         for [i=1:words(lines) * apart] table(lines, i) using 1:2:(near($1)):(far($1)):3:4 \
             with boxxyerror @shaded lc rgb tint(lines, i) notitle, \
         for [i=1:words(lines)] table(lines, i) using 1:2 @joined pt mark(member(lines, i)) ps 0.6 lc rgb tint(lines, i) notitle, \
         for [i=1:words(runs)] table(runs, i) using 1:2:3:4 with yerrorbars pt spot(runs, i) ps 0.4 lw 1 \
             lc rgb seen(runs, i) notitle, \
         for [s=1:(several ? 0 : words(sources))] keyentry with linespoints lw thick(s) \
             dt s pt mark(s) ps 0.6 lc rgb colour(s - 1) title plain(word(sources, s)), \
         for [r=1:n * several] keyentry with lines lw 2.5 lc rgb colour(r - 1) title plain(entry(members, r)), \
         for [i=1:several * (lines ne "")] keyentry with linespoints lw thick(1) pt mark(1) ps 0.6 lc rgb ink title plain(sources), \
         for [i=1:banded] keyentry with boxes @shaded lc rgb ink title plain(band_text), \
         for [i=1:(runs ne "")] keyentry @dotted lc rgb ink title observation(seeds), \
         for [i=1:(runs ne "") * (seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds)
    unset output
}
