# What the kernels predict, against the step of training: relative errors of the watched frequencies; the loss and the mean
# square of the error at other points. Infinite width is solid, the empirical kernel dashed.
# With kernel.pairs the bands hold whatever the modes beyond do.
# Optional, as in  gnuplot -e 'err_min = 1e-10' forecast.gp :  err_min (errors go no deeper, squares no deeper than its
# square).
load "style.gp"
made = (forecast_infinite ne "" ? " infinite" : "") . (forecast_empirical ne "" ? " empirical" : "")
if (made eq "") exit   # loss or optimiser has no forecast, or not all eigenpairs
if (!exists("err_min")) err_min = 1e-5

file(i) = word(made, i) eq "infinite" ? forecast_infinite : forecast_empirical
broken(i) = word(made, i) eq "infinite" ? 1 : 2
heads = ""
stats file(1) using (from_one(0)) nooutput
if (STATS_records < 2) exit   # no line
first = STATS_min
last = STATS_max > first ? STATS_max : 2 * first
stats file(1) using "step" nooutput
columns = STATS_columns
stats file(1) using (heads = "", sum [c=1:columns] (heads = heads . " " . columnhead(c), 0)) every ::0::0 nooutput
squares = "loss" . (position(heads, "test") ? " test" : "")
partial = position(heads, "loss_lo") > 0   # then err stands between lo and hi
n = columns - 2 - words(squares)   # step, time, loss, test, err(1) .., loss_lo, loss_hi, lo(1), hi(1) ..
if (partial) { n = (n - 2) / 3 }
err(k) = word(heads, 2 + words(squares) + k + 1)
bound(of, k) = partial ? cell(of . err(k)[4:*]) : NaN   # gnuplot looks at an empty loop once
panels = n > 0 ? 2 : 1

# Ranges of errors and of squares, from step 1.
err_top = 1; err_bottom = 1; square_top = 0; square_bottom = 1e300
err_grow(v) = cell("step") >= 1 && v > 0 ? (err_top = v > err_top ? v : err_top, \
    err_bottom = v < err_bottom ? v : err_bottom) : 0
square_grow(v) = cell("step") >= 1 && v > 0 ? (square_top = v > square_top ? v : square_top, \
    square_bottom = v < square_bottom ? v : square_bottom) : 0
do for [i=1:words(made)] {
    do for [k=0:n-1] { stats file(i) using (err_grow(cell(err(k))), 0) nooutput }
    do for [what in squares] { stats file(i) using (square_grow(cell(what)), 0) nooutput }
}
if (square_top == 0) { square_top = 1; square_bottom = 0.1 }
if (square_bottom < square_top * err_min ** 2) { square_bottom = square_top * err_min ** 2 }

lead = 1.8
wide = fit(panels == 1 ? 7.4 : 5.0, panels, panels * lead + 0.3 + key_width(22))
eval fits(wide)
high = tall(n + words(squares) + words(made) + 4, 5.2)
key_left = panels * (lead + wide) + 0.3
width = key_left + key_width(22)
height = high + 2.8
grey(j) = j == 1 ? ink : faint
set logscale xy
set xrange [first : last]

do for [terminal in terminals] {
    eval begin(terminal, "forecast")
    eval log_tics("x", first, last)
    set xlabel "step"
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    if (panels == 2) {
        eval place(lead, lead + wide, 1.4, 1.4 + high)
        set yrange [deepest(err_bottom) : err_top * 1.3]
        eval log_tics("y", deepest(err_bottom), err_top * 1.3)
        set title "forecast of the error"
        set ylabel "relative error"
        least = deepest(err_bottom)
        plot for [i=1:words(made)] for [k=0:partial*n-1] file(i) using (from_one(k)): \
                 (bound("lo", k) > least ? bound("lo", k) : least):(bound("hi", k) > least ? bound("hi", k) : least) \
                 with filledcurves fs transparent solid 0.15 noborder lc rgb shade(k, n) notitle, \
             for [i=1:words(made)] for [k=0:n-1] file(i) using (from_one(k)):(cell(err(k))) \
            with lines lw 1.5 dt broken(i) lc rgb shade(k, n) notitle
        unset label 99
    }
    eval place(panels * (lead + wide) - wide, panels * (lead + wide), 1.4, 1.4 + high)
    set yrange [square_bottom / 1.3 : square_top * 1.3]
    eval log_tics("y", square_bottom / 1.3, square_top * 1.3)
    set title "forecast of the loss"
    set ylabel (terminal eq "dumb" ? "" : words(squares) > 1 ? "loss, mean square" : "loss")
    plot for [i=1:words(made)] for [j=1:words(squares)] file(i) using (from_one(j)):(cell(word(squares, j))) \
             with lines lw 1.5 dt broken(i) lc rgb grey(j) notitle, \
         for [k=0:n-1] keyentry with lines lw 2.5 lc rgb shade(k, n) title watched(k, n, labels_unit), \
         for [i=1:(n > 0)] keyentry with lines lc bgnd title " ", \
         for [j=1:words(squares)] keyentry with lines lw 2.5 lc rgb grey(j) \
             title (word(squares, j) eq "test" ? "test, mean square" : "loss"), \
         keyentry with lines lc bgnd title " ", \
         for [i=1:words(made)] keyentry with lines lw 1.5 dt broken(i) lc rgb ink title kernel_word(word(made, i))
    unset label 99
    unset multiplot
    unset output
}
