# Poisson's equation: the error of Jacobi's iteration, of a network, and of sweeps that start from the network's states, against
# iterations (steps and sweeps) and against seconds of this machine.
load "style.gp"
if (hybrid eq "" || seconds eq "") exit   # the study had no network

bottom = 1e300; top = 0; last = 1; few = 1e300; many = 0; starts = ""
stats hybrid using (v = cell("max"), bottom = v < bottom ? v : bottom, top = v > top ? v : top, \
    last = cell("iterations") > last ? cell("iterations") : last, 0) nooutput
stats seconds using (m = stringcolumn("method"), s = stringcolumn("switch"), \
    m eq "hybrid" ? (starts = starts . " " . s, 0) : 0) nooutput
n = words(starts)

# Seconds of a step of the network, and of a sweep of each start
step_cost = 0
array cost[n + 1]
at = 0
stats seconds using (m = stringcolumn("method"), m eq "network" ? (step_cost = cell("network") / cell("switch"), 0) : \
    (at = at + 1, cost[at] = cell("sweep"), 0)) nooutput

is(method, from) = stringcolumn("method") eq method && (from eq "" || stringcolumn("switch") eq from)
across(method, from) = is(method, from) && cell("iterations") >= 1 ? cell("iterations") : NaN
when(method, from, i) = is(method, from) && cell("iterations") >= 1 ? cell("step") * step_cost + cell("sweep") * cost[i] : NaN
stats hybrid using (s = cell("iterations") < 1 ? NaN : cell("step") * step_cost + cell("sweep") * cost[1], \
    s == s ? (few = s < few ? s : few, many = s > many ? s : many, 0) : 0) nooutput

lead = 1.8
wide = fit(5.0, 2, 2 * lead + 0.3 + key_width(24))
eval fits(wide)
high = tall(n + 3, 5.2)
key_left = 2 * (lead + wide) + 0.3
width = key_left + key_width(24)
height = high + 2.8
set logscale xy
set yrange [bottom / 2 : top * 2]

do for [terminal in terminals] {
    eval begin(terminal, "hybrid")
    eval log_tics("y", bottom / 2, top * 2)
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    do for [panel=1:2] {
        eval place(panel * lead + (panel - 1) * wide, panel * (lead + wide), height - 1.4 - high, height - 1.4)
        set xrange [(panel == 1 ? 0.9 : few / 2) : (panel == 1 ? last : many) * 2]
        eval log_tics("x", panel == 1 ? 0.9 : few / 2, (panel == 1 ? last : many) * 2)
        if (panel == 2) { set xtics 100 }
        set xlabel (panel == 1 ? "steps + sweeps" : "seconds")
        set ylabel (panel == 1 ? "max |u - u_{exact}|" : "")
        x(method, from, i) = panel == 1 ? across(method, from) : when(method, from, i)
        plot hybrid using (x("jacobi", "", 1)):(cell("max")) with lines lw 1.5 lc rgb ink \
                 title (panel == 2 ? "Jacobi alone" : ""), \
             hybrid using (x("network", "", 1)):(cell("max")) with linespoints pt 7 ps 0.4 lw 1 lc rgb colour(0) \
                 title (panel == 2 ? "network alone" : ""), \
             for [i=1:n] hybrid using (x("hybrid", word(starts, i), i + 1)):(cell("max")) \
                 with lines lw 1.5 lc rgb colour(i) title (panel == 2 ? "sweeps from step " . word(starts, i) : "")
        unset label 99
    }
    unset multiplot
    unset output
}
