# Times of several items against the first key of a sweep, in one panel: where lines cross, the order of learning turns.
# Forecasts are lines, runs points with their 95 % interval over seeds. Of a sweep whose points lie on one line of that key.
load "style.gp"
if (study eq "") exit   # nothing was gathered yet

times = ""
do for [m=1:words(measures)] { if (entry(measures, m)[1:2] eq "T(") { times = times . " " . word(measures, m) } }
n = words(times)
if (n < 2) exit
key = entry(keys, 1)
values = ""; rows = 0; numbers = 0; left = 1e300; right = -1e300; low = 1e300; top = -1e300; seeds_most = 0
stats study using (rows = rows + 1, values = add(values, strcol(key)), v = number_in(key), numbers = numbers + (v == v), \
    left = v < left ? v : left, right = v > right ? v : right, s = column("seeds"), seeds_most = s > seeds_most ? s : seeds_most, \
    0) nooutput
if (words(values) != rows || rows < 2 || numbers != rows) exit

# Where each point has a learning rate of its own, steps say more than flow time: t / eta of gradient descent.
stepped = position(keys, "train.eta") > 1
unit(dummy) = stepped ? column("train.eta") : 1
lasts(m, what) = cell(entry(times, m) . what) / unit(0)
grow(v) = v == v && v > 0 ? (low = v < low ? v : low, top = v > top ? v : top) : 0
told = 0
do for [m=1:n] {
    stats study using (grow(lasts(m, "")), grow(lasts(m, ".forecast")), f = lasts(m, ".forecast"), told = told || f == f, 0) nooutput
}
if (low > top) exit
inside(v) = v > low / 1.5 ? v : low / 1.5
bar(m, what) = (v = lasts(m, what), v == v ? inside(v) : lasts(m, ""))
spare = 0.05 * (right - left)
height = rows(n + 5)
set logscale y
set xrange [left - spare : right + spare]
set yrange [low / 1.5 : top * 1.5]
set datafile missing NaN

do for [terminal in terminals] {
    eval begin(terminal, "times")
    set title plain(title_text)
    set xlabel plain(key) noenhanced
    set ylabel stepped ? "time (steps)" : "time"
    eval log_tics("y", low / 1.5, top * 1.5)
    eval wishes
    plot for [m=1:n] study using (column(key)):(lasts(m, ".forecast")) with lines lw thick(1) lc rgb shade(m - 1, n) notitle, \
         for [m=1:n] study using (column(key)):(lasts(m, "")):(bar(m, ".lo")):(bar(m, ".hi")) \
             with yerrorbars pt 7 ps 0.5 lw 1 lc rgb shade(m - 1, n) notitle, \
         for [m=1:n] keyentry with lines lw 2.5 lc rgb shade(m - 1, n) title plain(entry(times, m)), \
         keyentry with lines lc bgnd title " ", \
         for [i=1:told] keyentry with lines lw thick(1) lc rgb ink title "forecast", \
         keyentry @dotted lc rgb ink title (seeds_most > 1 ? "observed, mean and 95 %" : "observed, 1 seed"), \
         for [i=1:(seeds_most > 1)] keyentry with lines lc bgnd title sprintf("interval over %d seeds", seeds_most)
    unset output
}
