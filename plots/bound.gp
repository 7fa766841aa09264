# The risk E|h - f| against the number n of random points: both bounds, the function of least norm and the limit of the
# networks as lines, trained networks as points with the range over draws.
load "style.gp"
if (study eq "") exit   # nothing was computed yet

left = 1e300; right = 0; bottom = 1e300; top = 0
grow(v) = v > 0 ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, 0) : 0
stats study using (v = cell("n"), left = v < left ? v : left, right = v > right ? v : right, grow(cell("stated")), \
    grow(cell("least")), grow(cell("limit")), grow(cell("trained_lo")), 0) nooutput
across = (right / left) ** 0.05 * 1.02
up = (top / bottom) ** 0.05
height = rows(7)
set logscale xy
set xrange [left / across : right * across]
set yrange [bottom / up : top * up]

do for [terminal in terminals] {
    eval begin(terminal, "bound")
    eval log_tics("x", left / across, right * across)
    eval log_tics("y", bottom / up, top * up)
    set title plain(title_text)
    set xlabel "points n"
    set ylabel "risk E|h - f|"
    eval wishes
    plot study using "n":"stated" with lines lw 1.2 lc rgb colour(3) title "bound, as stated", \
         study using "n":"bound" with lines lw 1.8 lc rgb colour(0) title "bound, as proved", \
         study using "n":"limit" with lines lw 1.2 lc rgb colour(1) title "limit of the network", \
         study using "n":"least" with lines lw 1.2 lc rgb colour(2) title "least FP norm", \
         study using "n":"trained":"trained_lo":"trained_hi" @dotted lc rgb colour(1) title "trained, mean and", \
         keyentry with lines lc bgnd title (seeds == 1 ? "1 draw" : sprintf("range of %d draws", seeds))
    unset output
}
