# The fraction F of weights where the low frequency does not lead, against 1/delta: the forecast as a line, what was
# drawn at random as points with bars of Poisson's law, the exact measure as open marks; colour is m.
load "style.gp"
if (study eq "") exit   # nothing was drawn yet

sizes = ""; left = 1e300; right = 0; bottom = 1e300; top = 0
grow(v) = v > 0 ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, f = cell("inv_delta"), \
    left = f < left ? f : left, right = f > right ? f : right, 0) : 0
stats study using (sizes = add(sizes, strcol("m")), grow(cell("F_pred")), grow(cell("F_obs")), \
    grow(cell("exact")), 0) nooutput
if (right == 0) {
    left = 0; right = 1; bottom = 0.1; top = 1
    set label 98 "nothing was found" at graph 0.5, 0.6 center textcolor rgb ink
}
told = ""; seen = ""; known = ""
do for [k=1:words(sizes)] {
    a = 0; b = 0; c = 0
    stats study using (strcol("m") ne word(sizes, k) ? 0 : (a = a || cell("F_pred") > 0, \
        b = b || cell("F_obs") > 0, \
        c = c || cell("exact") > 0, 0)) nooutput
    if (a) { told = told . " " . k }
    if (b) { seen = seen . " " . k }
    if (c) { known = known . " " . k }
}
nth(list, i) = int(word(list . " 1", i))   # the word past the end: gnuplot opens the file even of an empty loop
tint(list, i) = shade(nth(list, i) - 1, words(sizes))
at(list, i) = strcol("m") eq word(sizes, nth(list, i)) ? cell("inv_delta") : NaN
positive(what) = cell(what) > 0 ? cell(what) : NaN
bar = 0
lower(i) = (bar = sqrt(cell("bad")) / cell("samples"), v = cell("F_obs") - bar, v > floor ? v : floor)
upper(i) = cell("F_obs") + sqrt(cell("bad")) / cell("samples")

up = (top / bottom) ** 0.05 * 1.3
floor = bottom / up
spare = left == right ? 1 : 0.06 * (right - left)
height = rows(words(sizes) + 5)
set logscale y
set xrange [left - spare : right + spare]
set yrange [floor : top * up]

do for [terminal in terminals] {
    eval begin(terminal, "theorem1")
    eval log_tics("y", floor, top * up)
    set title plain(title_text)
    set xlabel (latex ? "$1/\\delta$" : "1/δ")
    set ylabel "fraction F"
    eval wishes
    plot for [i=1:words(told)] study using (at(told, i)):(positive("F_pred")) \
             with lines lw 1.5 lc rgb tint(told, i) notitle, \
         for [i=1:words(told) * (left == right)] study using (at(told, i)):(positive("F_pred")) \
             with points pt 8 ps 0.8 lw 1.2 lc rgb tint(told, i) notitle, \
         for [i=1:words(known)] study using (at(known, i)):(positive("exact")) \
             with points pt mark(1) ps 0.8 lw 1.2 lc rgb tint(known, i) notitle, \
         for [i=1:words(seen)] study using (at(seen, i)):(positive("F_obs")):(lower(i)):(upper(i)) \
             @dotted lc rgb tint(seen, i) notitle, \
         for [k=1:words(sizes)] keyentry with lines lw 2.5 lc rgb shade(k - 1, words(sizes)) \
             title "m = " . plain(word(sizes, k)), \
         for [i=1:aside] keyentry with lines lc bgnd title " ", \
         keyentry with lines lw 1.5 lc rgb ink title "forecast", \
         for [i=1:(known ne "")] keyentry with points pt mark(1) ps 0.8 lw 1.2 lc rgb ink title "exact", \
         for [i=1:(seen ne "")] keyentry @dotted lc rgb ink title "drawn at random"
    unset output
}
