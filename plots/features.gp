# The amount of feature learning against time: how far err of each watched item is from the forecast of the kernel that
# stays as it was at the start, of the runs and, where there is one, of the forecast that lets the kernel move. Frozen
# kernels of infinite width are off by finite width, too.
# Optional, as in  gnuplot -e 'time_text = "time"' features.gp :  time_text (the name of the axis).
load "style.gp"
if (nxi == 0 || frozen eq "" || observed eq "" && moving eq "") exit   # nothing to compare
if (!exists("time_text")) time_text = "gradient-flow time t"

# Lines are the moving forecast, and points the runs; without such a forecast the runs are lines.
both = moving ne "" && observed ne ""
line_table = moving ne "" ? "../decay/" . moving . ".tsv" : observed
point_table = both ? observed : line_table
runs = (narrow ? "" : "observed, ") . mean_of(seeds)
stats "../decay/" . frozen . ".tsv" using "t" nooutput
nt = STATS_records
err(k) = "err(" . word(items, k + 1) . ")"
array still[nt * nxi]
do for [k=0:nxi-1] { stats "../decay/" . frozen . ".tsv" using (still[int($0) + 1 + nt * k] = cell(err(k)), 0) nooutput }
when(name) = cell(name) > 0 ? cell(name) : NaN
far(k) = abs(cell(err(k)) - still[int($0) + 1 + nt * k])

top = 0
do for [k=0:nxi-1] {
    do for [table in line_table . " " . point_table] {
        stats table using (d = far(k), d == d ? d : 0) nooutput
        top = STATS_max > top ? STATS_max : top
    }
}
if (top == 0) exit
stats line_table using "t" every ::1 nooutput
first = STATS_min
last = STATS_max
gap = (last / first) ** (1 / 28.0)
start(k) = (next = first * gap ** (1.0 * k / nxi), NaN)
chosen(k) = (t = cell("t"), t <= 0 ? start(k) : t < next ? NaN : (next = t * gap, t))

height = rows(nxi + 4)
set logscale x
set xrange [first / 1.2 : last * 1.2]
set yrange [0 : top * 1.1]

do for [terminal in terminals] {
    eval begin(terminal, "features")
    set format x power
    set title plain(title_text)
    set xlabel time_text
    set ylabel "distance of err from " . plain(frozen)
    eval wishes
    plot for [k=0:nxi-1] line_table using (when("t")):(far(k)) with lines lw thick(1) lc rgb shade(k, nxi) notitle, \
         for [k=0:(both ? nxi - 1 : -1)] point_table using (chosen(k)):(far(k)) \
             with points pt 7 ps 0.4 lc rgb shade(k, nxi) notitle, \
         for [k=0:nxi-1] keyentry with lines lw 2.5 lc rgb shade(k, nxi) \
             title frequency(word(labels, k + 1), unit_text), \
         for [i=1:aside] keyentry with lines lc bgnd title " ", \
         keyentry with lines lw thick(1) lc rgb ink title moving ne "" ? plain(moving) : runs, \
         for [i=1:both] keyentry with points pt 7 ps 0.4 lc rgb ink title runs
    unset output
}
