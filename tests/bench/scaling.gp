# Time and memory of each curve of scaling.tsv, with the exponents of scaling-fits.tsv in the key.
set terminal svg size 1000,460 font "Helvetica,12"
set output folder . "/scaling.svg"
set datafile separator "\t"
set logscale xy
set format xy "10^{%L}"
set grid lw 0.5
set key outside below left maxcols 1 spacing 1.15 font ",10"
fits = system("cut -f 1 '" . folder . "/scaling-fits.tsv' | tail -n +2 | wc -l") + 0
line(k) = system(sprintf("sed -n %dp '%s/scaling-fits.tsv'", k + 1, folder))
field(k, f) = system(sprintf("sed -n %dp '%s/scaling-fits.tsv' | cut -f %d", k + 1, folder, f))
rows(k, c) = sprintf("< awk -F '\\t' -v c='%s' -v a='%s' '$1 == c && $2 == a { print $3 \"\\t\" (a == \"threads\" ? $4 : $5) \"\\t\" $6 }' '%s/scaling.tsv'", \
                     field(k, 1), field(k, 2), folder)
colours = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #000000"
set multiplot layout 1,2
do for [panel=1:2] {
    set title panel == 1 ? "time" : "memory at the peak"
    set xlabel "n, width, parameters or threads" offset 0,0.4
    set ylabel panel == 1 ? "seconds" : "MiB"
    plot for [k=1:fits] rows(k, 1) using 1:(column(panel + 1)) with linespoints pt 7 ps 0.5 lw 1.5 lc rgb word(colours, k) \
        title sprintf("%s: %s^{%s}", field(k, 1), field(k, 2), field(k, 2 + panel))
}
