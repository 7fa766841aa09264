# Spectra of the wanted function and of the network: amplitudes at the end of training, on all data (or where training
# set and tests are no parts of one whole, on the training set) and of the training set alone; beside them the relative
# error at each frequency, in each state.
# Optional, as in  gnuplot -e 'log_sizes = 1' spectra.gp :  log_sizes (a logarithmic axis of amplitudes).
load "style.gp"
if (spectra eq "") exit   # no spectrum was asked for
if (!exists("log_sizes")) log_sizes = spectrum_kind eq "principal"

# The set that is shown, and the range of what is.
last_state = words(states) - 1
whole = 0
stats spectra using (whole = whole || strcol("set") eq "all", 0) nooutput
main = whole ? "all" : "train"
at(set, i) = strcol("set") eq set && cell("state") == i && cell("output") == 0
of(set, i, name) = at(set, i) ? cell(name) : NaN
most = 0; least = 1e300; right = 0; bad = 1; best = 1
seen(v) = v == v ? (most = v > most ? v : most, least = v > 0 && v < least ? v : least, 0) : 0
stats spectra using (cell("output") == 0 ? (seen(cell("wanted")), right = cell("k") > right ? cell("k") : right, 0) : 0) nooutput
stats spectra using (at(main, last_state) ? seen(cell("found_hi")) : 0) nooutput
# Errors where at least a thousandth of the largest amplitude is wanted: from the best one to ten times the worst.
error(v) = cell("wanted") > 1e-3 * most ? v : NaN
range_of(lo, hi) = (best = lo > 0 && lo < best ? lo : best, bad = hi > bad ? hi : bad, 0)
stats spectra using (strcol("set") eq main && cell("output") == 0 ? range_of(error(cell("err_lo")), error(cell("err_hi"))) : 0) nooutput
least_err = best / 1.3 > 1e-4 ? best / 1.3 : 1e-4
most_err = bad * 1.3 < 10 ? bad * 1.3 : 10
floor_of = least > 1e-3 * most ? least / 1.3 : 1e-3 * most
visible(v) = log_sizes && v < floor_of ? NaN : v
named(i) = word(states, i + 1) eq "end" ? "end" : step_text . " " . word(states, i + 1)
axis_of(kind) = kind eq "line" ? "frequency k (periods per line)" : kind eq "ones" ? "k of the wave along (1, .., 1)" : \
    kind eq "principal" ? "k along the first principal direction" : "k along the given direction"
dash(i) = i % 4 + 1
network_text = (whole ? "network on all data, " : "network on these, ") . mean_of(seeds) . (seeds > 1 ? " and range" : "")

lead = 1.9
wide = 5.2
high = 4.6
foot = 2.3
width = 2 * (lead + wide) + 0.5
rows_of_key = 1 + (words(states) > 4)
height = high + foot + 1.3 + 0.5 * rows_of_key
set xrange [0 : right]
set xtics nice(right / 6.0)

do for [terminal in terminals] {
    eval begin(terminal, "spectra")
    set multiplot
    eval heading(width / 2)
    set xlabel axis_of(spectrum_kind)
    bottom_at = foot + 0.5 * rows_of_key
    eval place(lead, lead + wide, bottom_at, bottom_at + high)
    set ylabel "amplitude"
    if (log_sizes) { set logscale y; set yrange [floor_of : most * 1.5]; eval log_tics("y", floor_of, most * 1.5) } \
    else { set yrange [0 : most * 1.08]; set format y "%g" }
    unset key
    plot spectra using (of(main, 0, "k")):(visible(cell("wanted"))) with lines lw 3 lc rgb "#BBBBBB" notitle, \
         for [j=1:(seeds > 1)] spectra using (of(main, last_state, "k")):(visible(cell("found_lo"))): \
             (visible(cell("found_hi"))) with filledcurves @shaded lc rgb colour(0) notitle, \
         spectra using (of(main, last_state, "k")):(visible(cell("found"))) with lines lw 1.6 lc rgb colour(0) notitle, \
         for [j=1:whole] spectra using (of("train", 0, "k")):(visible(cell("wanted"))) \
             with linespoints lw 0.8 dt 3 pt 7 ps 0.25 lc rgb colour(1) notitle
    unset label 99
    eval place(2 * lead + wide, 2 * (lead + wide), bottom_at, bottom_at + high)
    set logscale y
    set yrange [least_err : most_err]
    set ylabel "relative error"
    eval log_tics("y", least_err, most_err)
    plot for [i=0:last_state] for [j=1:(seeds > 1)] spectra using (of(main, i, "k")): \
             (error(cell("err_lo"))):(error(cell("err_hi"))) \
             with filledcurves fs transparent solid 0.12 noborder lc rgb shade(i, words(states)) notitle, \
         for [i=0:last_state] spectra using (of(main, i, "k")):(error(cell("err"))) \
             with lines lw 1.4 dt dash(i) lc rgb shade(i, words(states)) notitle
    # the keys, each over one panel
    unset logscale; unset border; unset xtics; unset ytics; unset grid; unset xlabel; unset ylabel
    set xrange [0 : 1]; set yrange [0 : 1]
    eval place(lead, lead + wide, 0.1, bottom_at - 1.4)
    set key at graph 0, graph 0.5 left center vertical maxrows 3 samplen 2 width 0
    plot NaN notitle, \
         keyentry with lines lw 3 lc rgb "#BBBBBB" title (whole ? "all data" : "training data"), \
         for [j=1:whole] keyentry with linespoints lw 0.8 dt 3 pt 7 ps 0.4 lc rgb colour(1) title "training data", \
         keyentry with lines lw 1.6 lc rgb colour(0) \
             title network_text
    eval place(2 * lead + wide, 2 * (lead + wide), 0.1, bottom_at - 1.4)
    set key at graph 0, graph 0.5 left center vertical maxrows 3 samplen 2.5 width 0
    plot NaN notitle, for [i=0:last_state] keyentry with lines lw 1.4 dt dash(i) lc rgb shade(i, words(states)) \
             title plain(named(i))
    unset multiplot
    unset output
}
