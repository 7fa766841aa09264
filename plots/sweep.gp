# What a sweep measured against one of its keys, a panel for each measure: runs are points with their 95 % interval over
# seeds, forecasts are lines with bands, colour tells the other keys apart.
load "style.gp"
if (study eq "") exit   # nothing was gathered yet

# The axis: the first key whose values are numbers above 0, else the first one, value by value. Points of a list, each with
# a value of its own of the first key, lie on one line along it.
rows = 0; axis = 0; values = ""
stats study using (rows = rows + 1, values = add(values, strcol(entry(keys, 1))), 0) nooutput
if (rows == 0) exit
alone = words(values) == rows
do for [k=(alone ? 1 : words(keys)):1:-1] {
    good = 0
    stats study using (v = number_in(entry(keys, k)), v > 0 ? (good = good + 1, 0) : 0) nooutput
    if (good == rows) { axis = k }
}
named = axis == 0   # words, at 1, 2, ..
if (named) { axis = 1 }
places = ""
stats study using (places = add(places, strcol(entry(keys, axis))), 0) nooutput
along(dummy) = named ? position(places, strcol(entry(keys, axis))) : column(entry(keys, axis))

# Series: what the other keys say.
other(k) = alone || k > words(keys) ? "" : (k == axis ? "" : ", " . entry(keys, k) . " = " . strcol(entry(keys, k))) . other(k + 1)
label(dummy) = (t = other(1), strlen(t) ? t[3:*] : "all")
series = ""; seeds_most = 0
stats study using (series = add(series, label(0)), n = column("seeds"), seeds_most = n > seeds_most ? n : seeds_most, 0) nooutput
n = words(series)
here(s) = label(0) eq entry(series, s)

# What there is of each measure, and how far it reaches.
panels = words(measures)
measure(panel) = entry(measures, panel)
left = 1e300; right = -1e300
array low[panels]; array top[panels]; array told[panels]; array banded[panels]; array seen[panels]
do for [panel=1:panels] {
    low[panel] = 1e300; top[panel] = -1e300; told[panel] = 0; banded[panel] = 0; seen[panel] = 0
    grow(v) = v == v && abs(v) < 1e300 ? (low[panel] = v < low[panel] ? v : low[panel], top[panel] = v > top[panel] ? v : top[panel], 1) : 0
    stats study using (a = along(0), left = a < left ? a : left, right = a > right ? a : right, \
        seen[panel] = seen[panel] + grow(cell(measure(panel))), told[panel] = told[panel] + grow(cell(measure(panel) . ".forecast")), \
        banded[panel] = banded[panel] + (cell(measure(panel) . ".forecast_hi") > cell(measure(panel) . ".forecast_lo")), 0) nooutput
    logs = low[panel] > 0 && top[panel] / low[panel] > 5
    reach(v) = !logs || v > low[panel] / 3.0 ? grow(v) : grow(low[panel] / 3.0)   # a bar may go to 0
    stats study using (reach(cell(measure(panel) . ".lo")), grow(cell(measure(panel) . ".hi")), 0) nooutput
    if (low[panel] > top[panel]) { low[panel] = 0; top[panel] = 1 }
}
decades_of(panel) = low[panel] > 0 && top[panel] / low[panel] > 5

# The power law of a single series.
array law[panels]
do for [panel=1:panels] {
    law[panel] = ""
    if (n == 1 && exponents ne "" && !named) {
        stats exponents using (strcol("key") eq entry(keys, axis) && strcol("measure") eq measure(panel) && \
            column("points") > 2 ? (law[panel] = sprintf("exponent %.3f [%.3f, %.3f]", column("exponent"), column("lo"), \
            column("hi")), 0) : 0) nooutput
    }
}

columns = panels < 3 ? panels : panels == 4 ? 2 : 3
lines = (panels + columns - 1) / columns
high = tall(lines == 1 ? n + 4 : 3, 5.0)
lead = 2.2   # to the left of a panel
letters = longest(series . " observed,~mean~and~95~%", 16)
wide = fit(panels == 1 ? 7.4 : 5.2, columns, columns * lead + 0.3 + key_width(letters))
eval fits(wide)
slanted = named && longest(places, 1) * words(places) * 0.021 * points > wide   # words that would run into each other
below = 2.0 + (slanted ? 0.012 * points * longest(places, 1) : 0)
key_left = columns * (lead + wide) + 0.3
width = key_left + key_width(letters)
height = lines * (high + below) + 0.8
many = !named && left > 0 && right / left > 3
spare = many ? (right / left) ** 0.06 : 0.06 * (right - left) + (named ? 0.4 : 0)
tint(s) = shade(s - 1, n)
axis_text = entry(units, axis) eq "-" ? entry(keys, axis) : entry(keys, axis) . " (" . entry(units, axis) . ")"
within(v, panel) = v == v ? (decades_of(panel) && v < low[panel] ? low[panel] : v) : NaN
bar(what, panel) = (v = cell(measure(panel) . what), v == v ? within(v, panel) : cell(measure(panel)))
known = 0; bands = 0
do for [panel=1:panels] { known = known || told[panel]; bands = bands || (banded[panel] && n < 4) }
if (named) { set xtics noenhanced }   # no text of a table is ever a part of a command
set datafile missing NaN   # lines go on beyond the rows of other series
share(s) = (n > 1 ? (s - (n + 1) / 2.0) / n : 0)   # bars of several series stand beside each other
beside(s) = many ? along(0) * (right / left) ** (0.018 * share(s)) : along(0) + share(s) * 0.02 * (right - left)

do for [terminal in terminals] {
    eval begin(terminal, "sweep")
    if (many) {
        set logscale x
        set xrange [left / spare : right * spare]
        eval log_tics("x", left / spare, right * spare)
    } else {
        set xrange [left - spare : right + spare]
        if (named) {
            set xtics ()
            if (slanted) { set xtics rotate by 35 right }
            set for [i=1:words(places)] xtics add (entry(places, i) i)
        }
    }
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    do for [panel=1:panels] {
        column_left = (panel - 1) % columns * (lead + wide) + lead
        line_top = height - 1.4 - (panel - 1) / columns * (high + below)
        eval place(column_left, column_left + wide, line_top - high, line_top)
        unset logscale y
        set format y "%g"
        set ytics autofreq
        room = 0.06 * (top[panel] - low[panel]) + (top[panel] == low[panel] ? 1e-3 * abs(top[panel]) + 1e-12 : 0)
        if (decades_of(panel)) {
            edge = (top[panel] / low[panel]) ** 0.06
            set logscale y
            set yrange [low[panel] / edge : top[panel] * edge]
            eval log_tics("y", low[panel] / edge, top[panel] * edge)
        } else {
            set yrange [low[panel] - room : top[panel] + room]
        }
        set title plain(law[panel])
        set xlabel plain(axis_text) noenhanced
        set ylabel plain(measure(panel)) noenhanced
        last = panel == columns
        plot for [s=1:n * (banded[panel] > 0 && n < 4)] study using (here(s) ? along(0) : NaN): \
                 (within(cell(measure(panel) . ".forecast_lo"), panel)):(cell(measure(panel) . ".forecast_hi")) \
                 with filledcurves @shaded lc rgb tint(s) notitle, \
             for [s=1:n * (told[panel] > 0)] study using (here(s) ? along(0) : NaN):(cell(measure(panel) . ".forecast")) \
                 with lines lw thick(1) lc rgb tint(s) notitle, \
             for [s=1:n] study using (here(s) ? beside(s) : NaN):(cell(measure(panel))):(bar(".lo", panel)):(bar(".hi", panel)) \
                 with yerrorbars pt 7 ps 0.5 lw 1 lc rgb tint(s) notitle, \
             for [s=1:n * last * (n > 1)] keyentry with lines lw 2.5 lc rgb tint(s) title plain(entry(series, s)), \
             for [i=1:last * (n > 1)] keyentry with lines lc bgnd title " ", \
             for [i=1:last * known] keyentry with lines lw thick(1) lc rgb ink title "forecast", \
             for [i=1:last * bands] keyentry with boxes @shaded lc rgb ink title "range of the forecast", \
             for [i=1:last] keyentry @dotted lc rgb ink title (seeds_most > 1 ? "observed, mean and 95 %" : "observed, 1 seed"), \
             for [i=1:last * (seeds_most > 1)] keyentry with lines lc bgnd title sprintf("interval over %d seeds", seeds_most)
        unset label 99
    }
    unset multiplot
    unset output
}
