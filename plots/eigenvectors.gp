# The leading eigenvectors of the kernel (of infinite width, where there is one) against place, of mean square 1, one
# above the other.
load "style.gp"
if (eigenvectors eq "") exit   # no places on a line, or not all eigenpairs

stats eigenvectors using "place" nooutput
n = STATS_columns - 1
first = STATS_min
last = STATS_max > first ? STATS_max : first + 1
kernel = word(kernels, words(kernels))
array rate[n]
stats spectrum using (k = int(cell("k")), k <= n ? rate[k] = cell(kernel) : 0) nooutput

# The first is on top. Curves keep their distance.
reach = 0
do for [k=1:n] {
    stats eigenvectors using (abs(cell(sprintf("v_%d", k)))) nooutput
    if (STATS_max > reach) { reach = STATS_max }
}
gap = 2.1 * (reach > 0 ? reach : 1)
shifted(k) = cell(sprintf("v_%d", k)) - gap * (k - 1)
tics = ""
do for [k=1:n] { tics = tics . sprintf("%s'%d' %g", k > 1 ? ", " : "", k, -gap * (k - 1)) }

height = rows(n + 2)
if (height < 0.5 * n + 3.4) { height = 0.5 * n + 3.4 }
set yrange [-gap * (n - 0.5) : 0.5 * gap]
alone = places eq "line" || places eq "circle"   # others may be several in one place
rest = alone ? 0 : 0.02 * (last - first)
set xrange [first - rest : last + rest]
where = places eq "along" ? "place along the principal direction" : places eq "sum" ? "sum of the inputs" : \
    places eq "circle" ? "place on the circle" : "place x"

do for [terminal in terminals] {
    eval begin(terminal, "eigenvectors")
    set title plain(title_text)
    set xlabel where
    set ylabel "eigenvector k"
    eval "set ytics scale 0 (" . tics . ")"
    plot for [k=1:n * alone] eigenvectors using "place":(shifted(k)) \
             with lines lw 1.5 lc rgb shade(k - 1, n) notitle, \
         for [k=1:n * !alone] eigenvectors using "place":(shifted(k)) \
             with points pt 7 ps 0.3 lc rgb shade(k - 1, n) notitle, \
         keyentry with lines lc bgnd title "rate of " . kernel_word(kernel), \
         for [k=1:n] keyentry with lines lw 2.5 lc rgb shade(k - 1, n) title sprintf("%d: %.4g", k, rate[k])
    unset output
}
