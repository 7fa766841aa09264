# Beyond the largest stable step: lambda_max of the kernel of each run beside what steps bear (2/eta for gradient descent),
# and its loss beside that of the start, against the step. One colour per class of what became of a run.
# Optional, as in  gnuplot -e 'width = 16' stability.gp :  width.
load "style.gp"
if (stability eq "") exit   # nobody asked

# Seeds, and the class of each, from the rows that begin one.
names = ""; classes = ""
stats stability using (cell("step") == 0 ? (names = names . " " . strcol("seed"), \
    classes = classes . " " . strcol("class"), first_loss = cell("loss"), 0) : 0) nooutput
known = "catapult edge diverged stable open"
stats stability using "step" nooutput
last = (STATS_max > 1 ? STATS_max : 2) * first_step
is(s) = strcol("seed") eq word(names, s)
rate(s) = is(s) && cell("step") >= 1 ? cell("lambda_max") / cell("limit") : NaN
tint(s) = colour(position(known, word(classes, s)) - 1)
grow(s) = (is(s) && cell("step") == 0 ? (start = cell("loss"), 0) : 0, \
    is(s) && cell("step") >= 1 ? cell("loss") / start : NaN)

wide = fit(5.6, 2, 3.9 + key_width(12))
eval fits(wide)
high = 5.2
key_left = 2 * (1.8 + wide) + 0.3
width = key_left + key_width(12)
height = high + 2.8
set xrange [first_step : last]
set logscale xy

do for [terminal in terminals] {
    eval begin(terminal, "stability")
    eval log_tics("x", first_step, last)
    set format y power
    set xlabel step_text
    set multiplot
    eval heading((key_left + 1.5) / 2)
    eval key_at(key_left, height - 1.4)
    eval place(1.8, 1.8 + wide, 1.4, 1.4 + high)
    set ylabel "loss / loss at the start"
    plot for [s=1:words(names)] stability using (from_one(0)):(grow(s)) with lines lw 1.2 lc rgb tint(s) notitle
    unset label 99
    eval place(3.6 + wide, 3.6 + 2 * wide, 1.4, 1.4 + high)
    set ylabel "largest rate / largest stable one"
    set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead back lw 0.8 lc rgb ink
    plot for [s=1:words(names)] stability using (from_one(0)):(rate(s)) with lines lw 1.2 lc rgb tint(s) notitle, \
         for [k=1:words(known)] keyentry with lines lw (position(classes, word(known, k)) ? 2.5 : 0) \
             lc rgb colour(k - 1) title (position(classes, word(known, k)) ? word(known, k) : "")
    unset arrow 1
    unset multiplot
    unset output
}
