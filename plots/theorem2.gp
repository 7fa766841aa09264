# Theorem 2: the fraction of single neurons with |w| < delta whose gradient is larger at the high frequency, against
# delta / delta_0: none below 1. The forecast as a line, what was drawn at random as points with bars of four deviations,
# at the lower edge where none was lost.
load "style.gp"
if (study eq "") exit   # nothing was drawn yet

single(dummy) = strcol("a") ne "nan"
label_of(dummy) = "|a| = " . strcol("a") . ", b = " . strcol("b")
neurons = ""; top = 0; right = 1; bottom = 1
grow(v) = v > 0 ? (top = v > top ? v : top, bottom = v < bottom ? v : bottom, 0) : 0
stats study using (single(0) ? (neurons = add(neurons, label_of(0)), grow(cell("F_obs")), grow(cell("F_pred")), \
    v = cell("delta") / cell("delta_0"), right = v > right ? v : right, 0) : 0, 0) nooutput
if (top == 0) { top = 1 }
floor = bottom / 5
n = words(neurons)
at(i) = single(0) && label_of(0) eq entry(neurons, i) ? cell("delta") / cell("delta_0") : NaN
bar(side) = (v = cell("F_obs") + side * 4 * sqrt(cell("bad")) / cell("samples"), v > floor ? v : floor)
height = rows(n + 4)
set logscale y
set xrange [0.45 : right + 0.05]
set yrange [floor / 1.5 : 3 * top]

do for [terminal in terminals] {
    eval begin(terminal, "theorem2")
    eval log_tics("y", floor / 1.5, 3 * top)
    set title plain(title_text)
    set xlabel (latex ? "$\\delta/\\delta_0$" : "δ/δ₀")
    set ylabel "fraction F"
    eval wishes
    plot for [i=1:n] study using (at(i)):(cell("F_pred") > 0 ? cell("F_pred") : NaN) with lines lw 1.5 lc rgb shade(i - 1, n) title plain(entry(neurons, i)), \
         for [i=1:n] study using (at(i)):(cell("bad") > 0 ? cell("F_obs") : NaN):(bar(-1)):(bar(1)) @dotted lc rgb shade(i - 1, n) notitle, \
         for [i=1:n] study using (at(i)):(cell("bad") > 0 ? NaN : floor) with points pt 6 ps 0.5 lc rgb shade(i - 1, n) notitle, \
         keyentry with lines lc rgb ink title "predicted", \
         keyentry with points pt 6 ps 0.5 lc rgb ink title "none drawn", \
         keyentry @dotted lc rgb ink title "drawn, 4 deviations"
    unset output
}
