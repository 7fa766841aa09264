# Eigenvalues of the kernels, the rates at which modes decay, against their number: of a network marks in the colour of
# the frequency where the mode is strongest (grey: beyond those looked at), of infinite width a line; on circle and sphere also the rates of degrees.
load "style.gp"
if (spectrum eq "") exit   # no kernel

limit = words(kernels) > 1
last_kernel = word(kernels, words(kernels))   # not "infinite": gnuplot reads the file even of an empty loop
top = 0; bottom = 1e300; right = 2; n = 0; hidden = 0; highest = 0
coloured = 0; plain_marks = 0   # how many have a frequency, and have none
grow(v) = v == v ? (n = n + 1, top = v > top ? v : top) : 0
stats spectrum using (grow(cell("empirical")), 0) nooutput
if (limit) { n = 0; stats spectrum using (grow(cell("infinite")), 0) nooutput }
least = rounding(top, n)
show(v) = v > least ? (bottom = v < bottom ? v : bottom, right = cell("k") > right ? cell("k") : right, 1) : \
    (hidden = hidden || v == v, 0)
tint(v) = v == v ? (coloured = coloured + 1, highest = v > highest ? v : highest) : (plain_marks = plain_marks + 1)
stats spectrum using (show(cell("empirical")) ? tint(cell("empirical_frequency")) : 0, 0) nooutput
coloured = highest > 0 && coloured > 0.1 * plain_marks   # else a scale would speak of the few, or of 0 alone
plain_marks = plain_marks > 0 || !coloured
if (limit) { stats spectrum using (show(cell("infinite")), 0) nooutput }
seen(what) = (v = cell(what), v > least ? v : NaN)
known(v, f) = f == f || !coloured ? v : NaN   # with something to read even for an empty loop
unknown(v, f) = f == f && coloured && plain_marks ? NaN : v
if (bottom > top) { top = 1; bottom = 0.1 }   # a kernel of zeros
if (highest == 0) { highest = 1 }

# The rates of degrees, from the largest, each as often as it occurs. Degrees that are not in the table are taken to have
# no larger ones than the last two that are.
m = 0; found = 0; functions = 0
good = 0   # rates, unless degrees have none, as with equal weights of unequal points
if (degrees ne "") { stats degrees using (good = good + (cell("rate") > least), 0) nooutput; m = good ? STATS_records : 0 }
array rate[m + 2]; array often[m + 1]; array order[m + 2]
if (m) {
    stats degrees using (found = found + 1, rate[found] = cell("rate"), often[found] = cell("multiplicity"), \
        functions = functions + often[found], 0) nooutput
}
unlisted = m < 2 || functions >= n ? 0 : rate[m] > rate[m-1] ? rate[m] : rate[m-1]
if (unlisted < least) { unlisted = least }
rank(l) = rate[l] == rate[l] ? 1 + sum [i=1:m] (rate[i] > rate[l] || (rate[i] == rate[l] && i < l)) : m + 1
do for [l=1:m] { order[rank(l)] = l }
last = 0; pieces = 0
set print $theory
print "k\trate"
do for [i=1:m] {
    l = order[i]
    if (l == l && rate[l] > unlisted && last + often[l] <= n) {
        print sprintf("%g\t%.10g", last + 0.6, rate[l])
        last = last + often[l]
        print sprintf("%g\t%.10g", last + 0.4, rate[l])
        pieces = pieces + 1
    }
}
if (!pieces) { print sprintf("1\t%.10g", top) }   # not drawn
unset print

lead = 1.8
wide = fit(7.4, 1, lead + 0.3 + 1.7 * coloured + key_width(16))
eval fits(wide)
high = 5.2
bar = lead + wide + 0.3
key_left = bar + 1.7 * coloured
width = key_left + key_width(16)
height = high + 2.2
set logscale xy
set xrange [0.9 : right * 1.1]
set yrange [bottom / 1.5 : top * 1.5]
eval colour_ramp
mark_colour = coloured ? faint : kernel_colour("empirical")   # of marks without a frequency
set cbrange [0 : highest]
set cbtics scale 0.6

do for [terminal in terminals] {
    eval begin(terminal, "spectrum")
    eval log_tics("x", 0.9, right * 1.1)
    eval log_tics("y", bottom / 1.5, top * 1.5)
    eval place(lead, lead + wide, 1.4, 1.4 + high)
    eval key_at(key_left, 1.4 + high)
    eval sprintf("set colorbox user origin screen %g, screen %g size screen %g, screen %g", \
        bar / width, 1.4 / height, 0.35 / width, high / height)
    if (!coloured) { unset colorbox }
    set cblabel (terminal eq "dumb" ? "" : "strongest at " . \
        (unit eq "cycles" || unit eq "angular" ? xi(unit) : frequency_axis(unit))) offset 0.7, 0 textcolor rgb ink
    set title plain(title_text)
    set xlabel "number k" . (hidden ? " (rates beyond are rounding errors)" : "")
    set ylabel "rate (eigenvalue)"
    plot for [i=1:limit] spectrum using "k":(seen(last_kernel)) \
             with lines lw 1.5 lc rgb kernel_colour("infinite") notitle, \
         for [i=1:(pieces > 0)] $theory using 1:2 with lines lw 0.8 lc rgb ink notitle, \
         for [i=1:plain_marks] spectrum using "k":(unknown(seen("empirical"), cell("empirical_frequency"))) \
             with points pt 7 ps 0.5 lc rgb mark_colour notitle, \
         for [i=1:coloured] spectrum using "k":(known(seen("empirical"), cell("empirical_frequency"))): \
             (coloured ? cell("empirical_frequency") : 0) with points pt 7 ps 0.5 lc palette notitle, \
         keyentry with points pt 7 ps 0.5 lc rgb (coloured ? ink : mark_colour) title kernel_word("empirical"), \
         for [i=1:(coloured && plain_marks)] keyentry with points pt 7 ps 0.5 lc rgb mark_colour \
             title "at none of these", \
         for [i=1:limit] keyentry with lines lw 2.5 lc rgb kernel_colour("infinite") title kernel_word("infinite"), \
         for [i=1:(pieces > 0)] keyentry with lines lw 0.8 lc rgb ink title "rates of degrees"
    unset output
}
