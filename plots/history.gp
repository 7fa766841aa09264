# Loss against step, of the examples trained on and of each test set, with the range of the seeds; beside it the
# accuracy, where examples have classes.
load "style.gp"
if (history eq "") exit   # nothing was trained yet

# The header names the columns: step, loss, accuracy, NAME_loss, NAME_accuracy, ..
stats history using "step" nooutput
last = STATS_max > 1 ? STATS_max : 2
columns = STATS_columns
sets = "train"; heads = ""
stats history using (heads = "", sum [c=1:columns] (heads = heads . " " . columnhead(c), 0)) every ::0::0 nooutput
do for [head in heads] {
    if (strlen(head) > 5 && head[strlen(head)-4:*] eq "_loss") { sets = sets . " " . head[1:strlen(head)-5] }
}
n = words(sets)
panels = position(heads, "accuracy") ? 2 : 1
col(i, what) = (i == 1 ? "" : word(sets, i) . "_") . what

# Losses span decades, unless they can be negative.
least = 1e300; most = -1e300; lowest = 1e300
grow(v) = v == v ? (least = v < least ? v : least, most = v > most ? v : most, \
    lowest = v > 0 && v < lowest ? v : lowest, 0) : 0
do for [i=1:n] { stats history using (grow(cell(col(i, "loss_lo"))), grow(cell(col(i, "loss_hi")))) nooutput }
decaying = least >= 0 && most > 0

lead = 1.8
wide = panels == 1 ? 7.4 : 5.0
high = 5.2
key_left = panels * (lead + wide) + 0.3
width = key_left + key_width(longest(sets, 16))
height = high + 2.8
set xrange [1 : last]

do for [terminal in terminals] {
    eval begin(terminal, "history")
    set logscale x
    eval log_tics("x", 1, last)
    set xlabel "step"
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    do for [panel=1:panels] {
        what = panel == 1 ? "loss" : "accuracy"
        eval place(panel * (lead + wide) - wide, panel * (lead + wide), 1.4, 1.4 + high)
        set ylabel what
        if (panel == 1 && decaying) {
            set logscale y
            set yrange [lowest / 1.3 : most * 1.3]
            eval log_tics("y", lowest / 1.3, most * 1.3)
        } else {
            unset logscale y
            set format y "%g"
            set ytics autofreq
            set yrange [* : *]
        }
        if (panel == 2) { set yrange [0 : 1] }
        plot for [i=1:n * (seeds > 1)] history using (from_one(i)):(cell(col(i, what . "_lo"))): \
                 (cell(col(i, what . "_hi"))) with filledcurves @shaded lc rgb colour(i - 1) notitle, \
             for [i=1:n] history using (from_one(i)):(cell(col(i, what))) \
                 with lines lw 1.5 lc rgb colour(i - 1) notitle, \
             for [i=1:n * (panel == panels)] keyentry with lines lw 2.5 lc rgb colour(i - 1) \
                 title plain(word(sets, i)), \
             for [i=1:(panel == panels)] keyentry with lines lc bgnd title " ", \
             for [i=1:(panel == panels)] keyentry with lines lw 1.5 lc rgb ink title mean_of(seeds), \
             for [i=1:(panel == panels) * (seeds > 1)] keyentry with boxes @shaded lc rgb ink title "their range"
        unset label 99
    }
    unset multiplot
    unset output
}
