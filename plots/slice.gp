# Left: the kernel between a point x_0 and all others, against their distance. Right: the modulus of its Fourier transform
# (on a sphere: the rate of each degree).
load "style.gp"
if (slice eq "") exit   # no places

n = words(kernels)
broken(kernel) = kernel eq "infinite" ? 1 : 2

# Kernels of which K(x_0, .) is a function of the distance are lines, the others are points.
lined = ""; scattered = ""
do for [kernel in kernels] {
    if (places eq "along" || places eq "sum" || (places eq "sphere" && kernel eq "empirical")) {
        scattered = scattered . " " . kernel
    } else {
        lined = lined . " " . kernel
    }
}
of(list, i) = word(list . " empirical", i)   # past the end, too: gnuplot opens the file even of an empty loop

stats slice using "apart" nooutput
left = STATS_min
right = STATS_max > STATS_min ? STATS_max : STATS_min + 1
rest = scattered eq "" ? 0 : 0.02 * (right - left)
panels = transform eq "" ? 1 : 2
if (panels == 2) {
    count = STATS_records
    top = 0; bottom = 1e300
    do for [kernel in kernels] { stats transform using (v = cell(kernel), v > top ? top = v : 0, 0) nooutput }
    least = rounding(top, count)
    do for [kernel in kernels] {
        stats transform using (v = cell(kernel), v > least && v < bottom ? bottom = v : 0, 0) nooutput
    }
    if (bottom > top) { panels = 1 }   # a kernel of zeros
    stats transform using "frequency" nooutput
    highest = STATS_max > 0 ? STATS_max : 1.0
}
entry = "keyentry with linespoints pt 7 ps 0.3 lw 1.5 dt broken(kernel) lc rgb kernel_colour(kernel) " . \
    "title kernel_word(kernel)"
above(kernel) = (v = cell(kernel), v > least ? v : NaN)

lead = 1.8
wide = fit(panels == 1 ? 7.4 : 5.0, panels, panels * lead + 0.3 + key_width(14))
eval fits(wide)
high = tall(n + 1, 5.2)
key_left = panels * (lead + wide) + 0.3
width = key_left + key_width(14)
height = high + 2.8

do for [terminal in terminals] {
    eval begin(terminal, "slice")
    point = latex ? "$x_0$" : "x₀"
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    eval place(lead, lead + wide, 1.4, 1.4 + high)
    unset logscale
    set format y "%g"
    set xtics nice((right - left) / 8)
    set xrange [left - rest : right + rest]
    set yrange [* : *]
    set title "kernel about " . point
    set xlabel (places eq "circle" || places eq "sphere" ? "angle from " . point . " to x" : (places eq "along" || places eq "sum" ? "distance |x - " . point . "|" : "distance from " . point . " to x"))
    set ylabel "K(" . point . ", x)"
    plot for [i=1:words(scattered)] slice using "apart":(cell(of(scattered, i))) \
             with points pt (of(scattered, i) eq "infinite" ? 7 : 6) ps 0.3 \
             lc rgb kernel_colour(of(scattered, i)) notitle, \
         for [i=1:words(lined)] slice using "apart":(cell(of(lined, i))) \
             with lines lw 1.5 dt broken(of(lined, i)) lc rgb kernel_colour(of(lined, i)) notitle, \
         for [i=1:words(kernels) * (panels == 1)] for [kernel in word(kernels, i)] @entry
    unset label 99
    if (panels == 2) {
        eval place(2 * lead + wide, 2 * (lead + wide), 1.4, 1.4 + high)
        set logscale y
        set xrange [0 : highest]
        set yrange [bottom / 1.5 : top * 1.5]
        set xtics nice(highest / 8)
        eval log_tics("y", bottom / 1.5, top * 1.5)
        set title (places eq "sphere" ? "its part at each degree" : places eq "along" ? "transform, main direction" : \
            places eq "sum" ? "transform along the sum" : "its Fourier transform")
        set xlabel frequency_axis(unit)
        set ylabel "modulus"
        plot for [kernel in kernels] transform using "frequency":(above(kernel)) \
                 with linespoints pt 7 ps 0.3 lw 1.2 dt broken(kernel) lc rgb kernel_colour(kernel) notitle, \
             for [kernel in kernels] @entry
    }
    unset multiplot
    unset output
}
