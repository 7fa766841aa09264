# Above, T(1/2) at each frequency as it was wanted, as the designed density of feature frequencies should give it, and
# as the runs had it; below, that density.
load "style.gp"

# Both panels count frequencies in the unit of the target; w is 2 pi times cycles per unit length.
designed = "../decay/design.tsv"
nodes = "../decay/density.tsv"
compared = study eq "" ? designed : study   # gnuplot opens the file even of an empty loop
unit = 1
time_of(T) = (v = cell(T), v > 0 && v < 1e300 ? v : NaN)
end(T) = (v = cell(T), v > 0 && v < 1e300 ? v : time_of("T_obs"))
bottom = 1e300; top = 0; highest = 0; runs = 0
grow(v) = v > 0 ? (bottom = v < bottom ? v : bottom, top = v > top ? v : top, 0) : 0
stats designed using (w = cell("w"), w > 0 ? unit = cell("label") / w : 0, grow(time_of("T_wanted")), \
    grow(time_of("T_pred")), f = cell("label"), highest = f > highest ? f : highest, 0) nooutput
if (study ne "") {
    stats study using (runs = runs || time_of("T_obs") > 0, grow(time_of("T_obs")), grow(end("T_obs_lo")), \
        grow(end("T_obs_hi")), 0) nooutput
}
stats nodes using (cell("w") * unit) nooutput
right = (STATS_max > highest ? STATS_max : highest) * 1.04
stats nodes using "rho" nooutput
densest = STATS_max > 0 ? STATS_max * 1.1 : 1.0
if (top == 0) {
    bottom = 1; top = 1
    set label 98 "no time: 1/2 is not reached" at graph 0.5, 0.6 center textcolor rgb ink
}
up = (top / bottom) ** 0.07 * 1.08

lead = 1.9
wide = fit(6.6, 1, lead + 0.3 + key_width(18))
eval fits(wide)
high = 3.4
key_left = lead + wide + 0.3
width = key_left + key_width(18)
height = 2 * high + 3.5
set xrange [0 : right]

do for [terminal in terminals] {
    eval begin(terminal, "design")
    set multiplot
    eval place(lead, lead + wide, height - 1.1 - high, height - 1.1)
    eval key_at(key_left, height - 1.1)
    set title plain(title_text)
    set logscale y
    set yrange [bottom / up : top * up]
    eval log_tics("y", bottom / up, top * up)
    set ylabel "time T(1/2)"
    set xlabel ""
    plot designed using "label":(time_of("T_pred")) \
             with linespoints lw 1.8 pt mark(1) ps 0.6 lc rgb colour(0) notitle, \
         designed using "label":(time_of("T_wanted")) with points pt 4 ps 1 lw 1.2 lc rgb colour(1) notitle, \
         for [i=1:runs] compared using "label":(time_of("T_obs")):(end("T_obs_lo")):(end("T_obs_hi")) \
             @dotted lc rgb ink notitle, \
         keyentry with points pt 4 ps 1 lw 1.2 lc rgb colour(1) title "wanted", \
         keyentry with linespoints lw 1.8 pt mark(1) ps 0.6 lc rgb colour(0) title "designed", \
         for [i=1:runs] keyentry @dotted lc rgb ink title observation(seeds), \
         for [i=1:runs * (seeds > 1)] keyentry with lines lc bgnd title observation_rest(seeds)
    eval place(lead, lead + wide, 1.4, 1.4 + high)
    set title ""
    unset label 98
    unset logscale y
    set yrange [0 : densest]
    set format y "%g"
    set ytics nice(densest / 6.0)
    set xlabel frequency_axis(unit_text)
    set ylabel (latex ? "density $\\rho$" : "density ρ")
    plot nodes using (cell("w") * unit):"rho" with lines lw 1.8 lc rgb colour(0) notitle
    unset multiplot
    unset output
}
