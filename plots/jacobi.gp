# Jacobi's method. Left: the error of each sine mode, |lambda_k|^sweep as lines, the computed one as points. Right: the
# relative error at frequencies of the discrete Fourier transform.
# Optional, as in  gnuplot -e 'err_min = 1e-10' jacobi.gp :  err_min (the axes go no deeper).
load "style.gp"
if (study eq "") exit   # nothing was computed yet
if (!exists("err_min")) err_min = 1e-5

# The header names the columns: sweep, k_2_pred, k_2_obs, .., delta_1, ..
stats study using "sweep" nooutput
last = STATS_max > 1 ? STATS_max : 2
columns = STATS_columns
heads = ""
stats study using (heads = "", sum [c=1:columns] (heads = heads . " " . columnhead(c), 0)) every ::0::0 nooutput
above(v) = v > err_min ? v : NaN
most = 1; modes = ""; tones = ""; computed = ""
do for [head in heads] {
    length = strlen(head)
    pred = head[1:2] eq "k_" && length > 7 && head[length-4:length] eq "_pred"
    obs = head[1:2] eq "k_" && length > 6 && head[length-3:length] eq "_obs"
    delta = head[1:6] eq "delta_"
    if (pred || obs || delta) {
        found = 0
        stats study using (cell("sweep") > 0 && cell(head) > err_min ? \
            (found = found + 1, most = cell(head) > most ? cell(head) : most, 0) : 0) nooutput
        if (pred) { modes = modes . " " . head[3:length-5] }
        if (obs && found > 0) { computed = computed . " " . head[3:length-4] }
        if (delta && found > 0) { tones = tones . " " . head[7:length] }
    }
}
n = words(modes)
m = words(tones)
index_in(list, k) = (sum [j=1:words(list)] (word(list, j) eq k ? j : 0))
tint(list, i) = shade(index_in(modes, word(list . " 0", i)) - 1, n)
col(prefix, list, i, suffix) = i > words(list) ? "sweep" : prefix . word(list, i) . suffix

# About 24 points of each mode, evenly in the logarithm.
gap = last ** (1 / 24.0)
next = 1
chosen(head) = (s = cell("sweep"), s < 1 ? (next = 1, NaN) : s < next ? NaN : (next = s * gap, s))
when(head) = cell("sweep") >= 1 ? cell("sweep") : NaN

lead = 1.8
wide = fit(5.0, 2, 2 * lead + 0.3 + key_width(18))
eval fits(wide)
high = tall(n + m + 5, 5.2)
key_left = 2 * (lead + wide) + 0.3
width = key_left + key_width(18)
height = high + 2.8
set logscale xy
set xrange [0.9 : last * 1.1]
set yrange [err_min : most * 1.5]

do for [terminal in terminals] {
    eval begin(terminal, "jacobi")
    eval log_tics("x", 0.9, last * 1.1)
    eval log_tics("y", err_min, most * 1.5)
    set multiplot
    eval heading((key_left - 0.3 + lead) / 2)
    eval key_at(key_left, height - 1.4)
    eval place(lead, lead + wide, height - 1.4 - high, height - 1.4)
    set title "sine modes"
    set xlabel "sweeps"
    set ylabel "relative error"
    plot for [i=1:n] study using (when(i)):(above(cell(col("k_", modes, i, "_pred")))) \
             with lines lw 1.5 lc rgb tint(modes, i) notitle, \
         for [i=1:words(computed)] study using (chosen(i)):(above(cell(col("k_", computed, i, "_obs")))) \
             with points pt 7 ps 0.4 lc rgb tint(computed, i) notitle
    unset label 99
    eval place(2 * lead + wide, 2 * (lead + wide), height - 1.4 - high, height - 1.4)
    set title "frequencies of the transform"
    set ylabel ""
    plot for [j=1:m] study using (when(j)):(above(cell(col("delta_", tones, j, "")))) \
             with lines lw 1.5 lc rgb shade(j - 1, m) notitle, \
         keyentry with lines lc bgnd title "sine modes", \
         for [i=1:n] keyentry with lines lw 2.5 lc rgb tint(modes, i) title "k = " . word(modes, i), \
         for [i=1:(n > 0)] keyentry with lines lw 1.5 lc rgb ink \
             title (latex ? "$|\\lambda_k|^{\\mathrm{sweeps}}$" : "|λₖ| to the sweeps"), \
         for [i=1:(computed ne "")] keyentry with points pt 7 ps 0.4 lc rgb ink title "computed", \
         keyentry with lines lc bgnd title " ", \
         for [i=1:(m > 0)] keyentry with lines lc bgnd title "transform", \
         for [j=1:m] keyentry with lines lw 2.5 lc rgb shade(j - 1, m) title "index " . word(tones, j)
    unset multiplot
    unset output
}
