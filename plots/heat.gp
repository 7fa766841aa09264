# Heat map of the error |e(xi)|, relative to the largest at the start, over frequency and step; mean of the seeds.
load "style.gp"
if (heat eq "") exit   # observe.field = 0

stats heat using "label_hi" nooutput
right = STATS_max
stats heat using "t_hi" nooutput
last = STATS_max > 1 ? STATS_max : 2

from(least, name) = cell(name) > least ? cell(name) : least   # step 0 has no place on this axis
set logscale y
set xrange [0 : right]
set yrange [1 : last]
eval cells
set xtics nice(right / 6.0)

do for [terminal in terminals] {
    eval begin(terminal, "heat")
    eval log_tics("y", 1, last)
    eval cell_scale(terminal)
    set title plain(title_text)
    set xlabel frequency_axis(unit_text)
    set ylabel "step"
    plot heat using "label":(from(1, "t")):"label_lo":(beyond("label_lo", "label_hi")):(from(0.5, "t_lo")): \
        (later("t_lo", "t_hi")):(size_of(cell("size"))) with boxxyerror fc palette notitle
    unset output
}
