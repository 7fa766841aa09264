# Loss against step, of the examples trained on and of each test set, with the range of the seeds; beside it the
# accuracy, where examples have classes.
load "style.gp"
if (history eq "") exit   # nothing was trained yet

# The header names the columns: step, loss, accuracy, NAME_loss, NAME_accuracy, ..
stats history using "step" nooutput
last = (STATS_max > 1 ? STATS_max : 2) * first_step
columns = STATS_columns
sets = "train"; heads = ""
stats history using (heads = "", sum [c=1:columns] (heads = heads . " " . columnhead(c), 0)) every ::0::0 nooutput
do for [head in heads] {
    if (strlen(head) > 5 && head[strlen(head)-4:*] eq "_loss") { sets = sets . " " . head[1:strlen(head)-5] }
}
n = words(sets)
if (!exists("train_loss")) { train_loss = ""; test_loss = "" }
col(i, what) = (i == 1 ? "" : word(sets, i) . "_") . what

# Panels, each with one unit: losses of the sets from .. to, those of tests apart where another loss is measured on them.
apart = n > 1 && test_loss ne train_loss
accuracies = position(heads, "accuracy") > 0
panels = 1 + apart + accuracies
what(p) = p == panels && accuracies ? "accuracy" : "loss"
from(p) = p == 2 && apart ? 2 : 1
to(p) = p == 1 && apart ? 1 : n
label_of(p) = what(p) eq "accuracy" ? "accuracy" : train_loss eq "" ? "loss" : (p == 2 ? "test loss (" . test_loss : "loss (" . train_loss) . ")"

# Of the derivative operator: what the forward difference on the grid makes of each set, where nmse is what is shown.
levels = ""
loss_of(i) = i == 1 ? train_loss : test_loss
level(i) = levels eq "" || loss_of(i) ne "nmse" ? NaN : real(word(levels, i))
if (exists("difference") && difference ne "") {
    stats difference using (int(column(0)) % 2 == 0 ? (levels = levels . sprintf(" %.10g", cell("nmse")), 0) : 0) nooutput
}
differences = levels ne "" && (train_loss eq "nmse" || apart && test_loss eq "nmse")

# The range of each panel's losses, which spans decades unless they can be negative (highest 0); before any axis has a
# range, which would hide some.
grow(v) = v == v ? (least = v < least ? v : least, most = v > most ? v : most, \
    lowest = v > 0 && v < lowest ? v : lowest, 0) : 0
array deepest_of[panels]
array highest[panels]
do for [p=1:panels] {
    least = 1e300; most = -1e300; lowest = 1e300
    do for [i=from(p):to(p)] {
        stats history using (grow(cell(col(i, what(p) . "_lo"))), grow(cell(col(i, what(p) . "_hi")))) nooutput
        ignored = what(p) eq "loss" ? grow(level(i)) : 0
    }
    deepest_of[p] = lowest
    highest[p] = what(p) eq "loss" && least >= 0 ? most : 0
}

lead = 1.8
wide = fit(panels == 1 ? 7.4 : panels == 2 ? 5.0 : 4.2, panels, panels * lead + 0.3 + key_width(longest(sets, 16)))
eval fits(wide)
high = 5.2
key_left = panels * (lead + wide) + 0.3
width = key_left + key_width(longest(sets, 16))
height = high + 2.8
set xrange [first_step : last]

do for [terminal in terminals] {
    eval begin(terminal, "history")
    set logscale x
    eval log_tics("x", first_step, last)
    set xlabel step_text
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    do for [panel=1:panels] {
        eval place(panel * (lead + wide) - wide, panel * (lead + wide), 1.4, 1.4 + high)
        set ylabel plain(label_of(panel))
        do for [i=from(panel):to(panel)] {
            if (what(panel) eq "loss" && level(i) == level(i)) {
                set arrow i from graph 0, first level(i) to graph 1, first level(i) nohead back dt 3 lw 1.2 lc rgb colour(i - 1)
            }
        }
        if (highest[panel] > 0) {
            set logscale y
            set yrange [deepest_of[panel] / 1.3 : highest[panel] * 1.3]
            eval log_tics("y", deepest_of[panel] / 1.3, highest[panel] * 1.3)
        } else {
            unset logscale y
            set format y "%g"
            set ytics autofreq
            set yrange [* : *]
        }
        if (what(panel) eq "accuracy") { set yrange [0 : 1] }
        plot for [i=from(panel):to(panel)] for [j=1:(seeds > 1)] history using (from_one(i)): \
                 (cell(col(i, what(panel) . "_lo"))):(cell(col(i, what(panel) . "_hi"))) \
                 with filledcurves @shaded lc rgb colour(i - 1) notitle, \
             for [i=from(panel):to(panel)] history using (from_one(i)):(cell(col(i, what(panel)))) \
                 with lines lw 1.5 lc rgb colour(i - 1) notitle, \
             for [i=1:n * (panel == panels)] keyentry with lines lw 2.5 lc rgb colour(i - 1) \
                 title plain(word(sets, i)), \
             for [i=1:(panel == panels)] keyentry with lines lc bgnd title " ", \
             for [i=1:(panel == panels)] keyentry with lines lw 1.5 lc rgb ink title mean_of(seeds), \
             for [i=1:(panel == panels) * (seeds > 1)] keyentry with boxes @shaded lc rgb ink title "their range", \
             for [i=1:(panel == panels) * differences] keyentry with lines lw 1.2 dt 3 lc rgb ink title "forward difference"
        unset label 99
        unset arrow
    }
    unset multiplot
    unset output
}
