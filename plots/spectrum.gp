# Eigenvalues of the kernels, the rates at which modes decay, against their number: of a network marks in the colour of
# the frequency where the mode is strongest, of infinite width a line; on circle and sphere also the rates of degrees.
load "style.gp"
if (spectrum eq "") exit   # no kernel

limit = words(kernels) > 1
top = 0; bottom = 1e300; n = 0; hidden = 0; coloured = 0; highest = 1
grow(v) = v == v ? (n = n + 1, top = v > top ? v : top) : 0
stats spectrum using (grow(column("empirical")), 0) nooutput
if (limit) { n = 0; stats spectrum using (grow(column("infinite")), 0) nooutput }
least = rounding(top, n)
deepen(v) = v > least ? (bottom = v < bottom ? v : bottom) : v == v ? (hidden = 1) : 0
tint(v) = v == v ? (coloured = 1, highest = v > highest ? v : highest) : 0
stats spectrum using (deepen(column("empirical")), tint(column("empirical_frequency")), 0) nooutput
if (limit) { stats spectrum using (deepen(column("infinite")), 0) nooutput }
seen(what) = (v = column(what), v > least ? v : NaN)

# The rates of degrees, from the largest, each as often as it occurs: a piece of a line from its first to its last number.
m = 0
if (degrees ne "") { stats degrees using (column("rate") > least) nooutput; m = STATS_records }
array rate[m + 1]; array often[m + 1]
l = 0
if (m) {
    stats degrees using (l = l + 1, rate[l] = column("rate"), often[l] = column("multiplicity"), 0) nooutput
}
before(l) = sum [i=1:m] (rate[i] > rate[l] || (rate[i] == rate[l] && i < l) ? often[i] : 0)
pieces = 0
set print $theory
print "k\trate"
do for [l=1:m] {
    first = before(l) + 1
    last = before(l) + often[l]
    if (rate[l] > least && last <= n) {
        print sprintf("%g\t%.10g\n%g\t%.10g\n", first - 0.4, rate[l], last + 0.4, rate[l])
        pieces = pieces + 1
    }
}
unset print

height = rows(limit + 4)
set logscale xy
right = n > 1 ? n : 2
set xrange [0.9 : right * 1.1]
set yrange [bottom / 1.5 : top * 1.5]
eval colour_ramp
set cbrange [0 : highest]
set colorbox user
if (hidden) { set label 98 "the rest is rounding errors" at graph 0.02, 0.05 textcolor rgb faint }

do for [terminal in terminals] {
    eval begin(terminal, "spectrum")
    eval log_tics("x", 0.9, right * 1.1)
    eval log_tics("y", bottom / 1.5, top * 1.5)
    set title plain(title_text)
    set xlabel "number k"
    set ylabel "rate (eigenvalue)"
    plot for [i=1:limit] spectrum using "k":(seen("infinite")) with lines lw 1.2 lc rgb faint notitle, \
         for [i=1:!coloured] spectrum using "k":(seen("empirical")) with points pt 7 ps 0.5 lc rgb colour(0) notitle, \
         for [i=1:coloured] spectrum using "k":(seen("empirical")):"empirical_frequency" \
             with points pt 7 ps 0.5 lc palette notitle, \
         for [i=1:(pieces > 0)] $theory using 1:2 with lines lw 0.8 lc rgb ink notitle, \
         keyentry with points pt 7 ps 0.5 lc rgb (coloured ? ink : colour(0)) title kernel_word("empirical"), \
         for [i=1:limit] keyentry with lines lw 1.2 lc rgb faint title kernel_word("infinite"), \
         for [i=1:(pieces > 0)] keyentry with lines lw 0.8 lc rgb ink title "rates of degrees"
    unset output
}
