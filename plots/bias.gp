# The frequency bias index and the spread of T(1/2) over frequencies, for each density of Fourier features and each
# sigma_a: forecasts are open marks, runs are filled ones with bars.
load "style.gp"
if (study eq "") exit   # nothing was compared yet

# A line of the picture for each density; in it a mark for each sigma_a, the first on top.
densities = ""; scales = ""; runs = 0; bars = 0; label = -1
stats study using (label = label < 0 ? cell("label") : label, densities = add(densities, strcol("density")), \
    scales = add(scales, strcol("sigma_a")), \
    runs = runs || cell("fbi_obs") == cell("fbi_obs") || cell("spread_obs") == cell("spread_obs"), \
    bars = bars || cell("fbi_obs_error") > 0, 0) nooutput
n = words(scales)
outside = 1e9
number(v) = v == v ? v : outside
first(what, d, a) = cell("label") == label && strcol("density") eq entry(densities, d) && \
    strcol("sigma_a") eq word(scales, a) ? number(cell(what)) : outside   # the same in all rows
spot(d, a) = d + (n > 1 ? 0.4 * (a - 1) / (n - 1) - 0.2 : 0)
error(what) = (v = cell(what), v > 0 ? v : 0)

lead = 0.9 + 0.019 * points * longest(densities, 8)
gap = 0.7
wide = fit(4.6, 2, lead + gap + 0.3 + key_width(24))
eval fits(wide)
high = tall(n + 4, words(densities) * (n > 3 ? 0.3 * n : 1))
key_left = lead + 2 * wide + gap + 0.3
width = key_left + key_width(24)
height = high + 2.4
array low[2]; array top[2]
do for [panel=1:2] {
    what = word("fbi spread", panel)
    low[panel] = 0; top[panel] = 0
    grow(v) = v == v ? (low[panel] = v < low[panel] ? v : low[panel], \
        top[panel] = v > top[panel] ? v : top[panel]) : 0
    stats study using (bar = panel == 1 ? error("fbi_obs_error") : 0, grow(cell(what . "_pred")), \
        grow(cell(what . "_obs") - bar), grow(cell(what . "_obs") + bar), 0) nooutput
    if (low[panel] == top[panel]) { top[panel] = 1 }
}
set arrow from 0, graph 0 to 0, graph 1 nohead back lw 0.6 lc rgb faint
set yrange [words(densities) + 0.6 : 0.4]

do for [terminal in terminals] {
    eval begin(terminal, "bias")
    set multiplot
    eval heading((lead + key_left - 0.3) / 2)
    eval key_at(key_left, height - 1.0)
    do for [panel=1:2] {
        more = terminal eq "dumb" ? 0.06 * longest(densities, 8) : 0   # its letters are wide
        from = lead + more + (panel - 1) * (wide + gap - more / 2)
        eval place(from, from + wide - more / 2, height - 1.0 - high, height - 1.0)
        what = word("fbi spread", panel)
        spare = 0.08 * (top[panel] - low[panel])
        set xrange [low[panel] - spare : top[panel] + spare]
        set xtics nice(3.1 * spare)
        set xlabel (panel == 1 ? "frequency bias index FBI" : "spread S")
        if (panel == 1) {
            set ytics noenhanced ()   # no text of a table is ever a part of a command
            set for [d=1:words(densities)] ytics add (entry(densities, d) d)
        } else {
            set format y ""
            set ytics 1
        }
        plot for [d=1:words(densities)] for [a=1:n] study using (first(what . "_obs", d, a)):(spot(d, a)): \
                 (panel == 1 ? error("fbi_obs_error") : 0) with xerrorbars pt mark(a) + 1 ps 0.5 lw 1 \
                 lc rgb shade(d - 1, words(densities)) notitle, \
             for [d=1:words(densities)] for [a=1:n] study using (first(what . "_pred", d, a)):(spot(d, a)) \
                 with points pt mark(a) ps 0.8 lw 1.2 lc rgb shade(d - 1, words(densities)) notitle, \
             for [a=1:n * (panel == 2)] keyentry with points pt mark(a) ps 0.8 lw 1.2 lc rgb ink \
                 title sigma_a(word(scales, a)), \
             for [i=1:(panel == 2)] keyentry with lines lc bgnd title " ", \
             for [i=1:(panel == 2)] keyentry with points pt mark(1) ps 0.8 lw 1.2 lc rgb ink title "forecast", \
             for [i=1:runs * (panel == 2)] keyentry with yerrorbars pt mark(1) + 1 ps 0.5 lw 1 lc rgb ink \
                 title sprintf("observed, %d seed%s", seeds, seeds == 1 ? "" : "s"), \
             for [i=1:bars * (panel == 2)] keyentry with lines lc bgnd title "with standard error"
        unset label 99
    }
    unset multiplot
    unset output
}
