# Loss against step, of the training examples and of each test set: mean and range over seeds. Below, where there are
# classes, the accuracy.
load "style.gp"
if (history eq "") exit   # nothing was trained yet

stats history using "step" nooutput
last = STATS_max > 1 ? STATS_max : 2
stats history using (column("step") > 0 ? column("step") : NaN) nooutput
first = STATS_min < last ? STATS_min : 1
columns = STATS_columns
heads = ""
stats history using (heads = "", sum [c=1:columns] (heads = heads . " " . columnhead(c), 0)) every ::0::0 nooutput
losses = ""; accuracies = ""
do for [head in heads] {
    n = strlen(head)
    if (head eq "loss" || (n > 5 && head[n-4:n] eq "_loss")) { losses = losses . " " . head }
    if (head eq "accuracy" || (n > 9 && head[n-8:n] eq "_accuracy")) { accuracies = accuracies . " " . head }
}
most = 0; least = 1e300
do for [head in losses] {
    stats history using (v = column(head), v == v && v > 0 ? (most = v > most ? v : most, least = v < least ? v : least, 0) : 0) nooutput
}
name_of(head, word) = head eq word ? "train" : head[1:strlen(head)-strlen(word)-1]
when(x) = column("step") >= 1 ? column("step") : NaN
seen(v) = v > 0 ? v : NaN
range_text = seeds == 1 ? "" : sprintf(", mean and range of %d seeds", seeds)
panels = accuracies eq "" ? 1 : 2
lead = 1.9
wide = 8.2
high = 4.6
width = lead + wide + 3.4
height = panels * (high + 1.6) + 1.2
set logscale x
set format x "10^{%T}"
set xrange [first : last]

do for [terminal in terminals] {
    eval begin(terminal, "history")
    set multiplot
    eval heading(title_text . range_text, lead + wide / 2)
    eval key_at(lead + wide + 0.3, height - 1.2)
    eval place(lead, lead + wide, height - 1.0 - high, height - 1.0)
    set ylabel "loss"
    set xlabel (panels == 1 ? "step" : "")
    set format x power
    positive = least < 1e299 && most > 0
    if (positive) { set logscale y; set format y power }
    plot for [i=1:words(losses)] h = word(losses, i) history using (when(0)):(seen(column(h . "_lo"))):(seen(column(h . "_hi"))) \
             with filledcurves @shaded lc rgb colour(i - 1) notitle, \
         for [i=1:words(losses)] h = word(losses, i) history using (when(0)):(seen(column(h))) \
             with lines lw 1.5 lc rgb colour(i - 1) title name_of(h, "loss")
    unset label 99
    if (panels == 2) {
        unset logscale y
        set format y "%g"
        unset key
        eval place(lead, lead + wide, 1.2, 1.2 + high)
        set yrange [0 : 1]
        set ylabel "accuracy"
        set xlabel "step"
        plot for [i=1:words(accuracies)] h = word(accuracies, i) history using (when(0)):(column(h . "_lo")):(column(h . "_hi")) \
                 with filledcurves @shaded lc rgb colour(i - 1) notitle, \
             for [i=1:words(accuracies)] h = word(accuracies, i) history using (when(0)):(column(h)) \
                 with lines lw 1.5 lc rgb colour(i - 1) notitle
        set yrange [*:*]
        set key
    }
    unset multiplot
    unset output
}
