# Steps until a tenth is left, against the rate of the direction: predicted as a line, observed as points.
load "style.gp"
if (study eq "") exit   # nothing was computed yet

stats study using "lambda":"pred" nooutput
set xrange [STATS_min_x / 1.5 : STATS_max_x * 1.5]
set yrange [STATS_min_y / 1.5 : STATS_max_y * 1.5]
set logscale xy

do for [terminal in terminals] {
    eval begin(terminal, "bowl")
    set title plain(title_text)
    set xlabel "rate"
    set ylabel "steps"
    plot study using "lambda":"pred" with lines lw 1.5 lc rgb colour(0) title "predicted", \
         study using "lambda":"obs" with points pt 7 ps 0.6 lc rgb colour(1) title "observed"
    unset output
}
