# Errors between the data, mean squares, against what varies first: of networks with a random output at the start, of the
# same with copies of opposite sign (ASI), and between the two: forecasts as lines, trained pairs as points with the 95 %
# interval of their mean.
load "style.gp"
if (study eq "") exit   # nothing was trained yet

axis = entry(keys, 1)
names = "plain asi extra"
label_of(i) = word("a~random~start with~copies~(ASI) their~difference", i)
left = 1e300; right = -1e300; bottom = 1e300; top = 0; numbers_alone = 1; rank = 0
grow(v) = v > 0 ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, 0) : 0
stats study using (v = number_in(axis), numbers_alone = numbers_alone && v == v, left = v < left ? v : left, \
    right = v > right ? v : right, grow(cell("plain")), grow(cell("asi")), grow(cell("extra")), grow(cell("extra_pred")), 0) nooutput
total = STATS_records
along(dummy) = numbers_alone ? column(axis) : column(0) + 1
if (!numbers_alone) { left = 1; right = total }
many = numbers_alone && left > 0 && right / left > 3
spare = many ? (right / left) ** 0.06 : 0.06 * (right - left) + 0.1
up = (top / bottom) ** 0.06 * 1.2
floor = bottom / up
inside(what) = (v = cell(what), v > floor ? v : floor)
height = rows(6)
set logscale y
set yrange [floor : top * up]

do for [terminal in terminals] {
    eval begin(terminal, "start")
    if (many) {
        set logscale x
        set xrange [left / spare : right * spare]
        eval log_tics("x", left / spare, right * spare)
    } else {
        set xrange [left - spare : right + spare]
    }
    eval log_tics("y", floor, top * up)
    set title plain(title_text)
    set xlabel plain(numbers_alone ? (entry(units, 1) eq "-" ? axis : axis . " (" . entry(units, 1) . ")") : "point") noenhanced
    set ylabel "mean square error"
    eval wishes
    plot for [i=1:3] study using (along(0)):(cell(word(names, i) . "_pred")) with lines lw thick(1) lc rgb colour(i - 1) \
             title plain(swap(label_of(i), "~", " ")), \
         for [i=1:3] study using (along(0)):(cell(word(names, i))):(inside(word(names, i) . "_lo")):(cell(word(names, i) . "_hi")) \
             @dotted lc rgb colour(i - 1) notitle, \
         keyentry with lines lw thick(1) lc rgb ink title "forecast", \
         keyentry @dotted lc rgb ink title sprintf("trained, %d pairs", seeds), \
         keyentry with lines lc bgnd title "(mean and 95 %)"
    unset output
}
