# Heat maps of the error |e^(xi, t)|, relative to the largest at the start, over frequency and time: the first forecast,
# if any, beside the runs.
load "style.gp"
if (fields == 0 || (sources eq "" && observed eq "")) exit   # observe.field = 0, or nothing is there yet

panels = (sources ne "") + (observed ne "")
told(i) = i == 1 && sources ne ""
file(i) = told(i) ? "../decay/" . word(sources, 1) . ".field.tsv" : "../decay/observed.field.tsv"
stats file(1) using "label_hi" nooutput
right = STATS_max
stats file(1) using "t_lo" nooutput
first = STATS_min
stats file(1) using "t_hi" nooutput
last = STATS_max > first ? STATS_max : first * 2

lead = 1.8
high = 5.2
gap = 1.2
wide = fit(panels == 1 ? 7.4 : 5.0, panels, lead + (panels - 1) * gap + 2.4)
eval fits(wide)
bar = lead + panels * wide + (panels - 1) * gap + 0.4
width = bar + 2.0
height = high + 2.8
set logscale y
set xrange [0 : right]
set yrange [first : last]
set xtics nice(right / 6.0)
eval cells

do for [terminal in terminals] {
    eval begin(terminal, "field")
    eval log_tics("y", first, last)
    eval cell_scale(terminal)
    set multiplot
    eval heading((lead + bar - 0.4) / 2)
    eval sprintf("set colorbox user origin screen %g, screen %g size screen %g, screen %g", \
        bar / width, 1.4 / height, 0.35 / width, high / height)
    do for [i=1:panels] {
        column_left = lead + (i - 1) * (wide + gap)
        eval place(column_left, column_left + wide, 1.4, 1.4 + high)
        if (i < panels) { unset colorbox }
        if (i == panels) { set colorbox }
        set title (told(i) ? plain("forecast " . word(sources, 1)) : seeds == 1 ? "observed, 1 seed" : \
            sprintf("observed, mean of %d seeds", seeds))
        set xlabel frequency_axis(field_unit)
        set ylabel (i == 1 ? time_text : "")
        plot file(i) using "label":"t":"label_lo":(beyond("label_lo", "label_hi")):"t_lo":(later("t_lo", "t_hi")): \
            (size_of(cell("size"))) with boxxyerror fc palette notitle
        unset label 99
    }
    unset multiplot
    unset output
}
