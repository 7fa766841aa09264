# Heat maps: which share of eigenvector k is at each frequency, or degree; of the empirical kernel beside that of infinite
# width.
load "style.gp"
shown = (alignment_empirical ne "" ? " empirical" : "") . (alignment_infinite ne "" ? " infinite" : "")
if (shown eq "") exit   # no places, or not all eigenpairs

panels = words(shown)
file(i) = word(shown, i) eq "empirical" ? alignment_empirical : alignment_infinite
stats file(1) using "k" nooutput
last = STATS_max
stats file(1) using "frequency" nooutput
right = STATS_max
stats file(1) using "j" nooutput
half = STATS_max > 0 ? 0.5 * right / STATS_max : 0.5   # half the distance of two frequencies

lead = 1.8
high = 5.2
gap = 1.2
wide = fit(panels == 1 ? 7.4 : 5.0, panels, lead + (panels - 1) * gap + 2.4)
eval fits(wide)
bar = lead + panels * wide + (panels - 1) * gap + 0.4
width = bar + 2.0
height = high + 2.8
set xrange [-half : right + half]
set yrange [last + 0.5 : 0.5]
set xtics nice((right + half) / 6.0)
set ytics nice(last > 4 ? last / 8.0 : 0.5)
eval cells
edge(v, all) = v + 0.8 < all ? v + 0.8 : all   # under the next cell, or light would show between them

do for [terminal in terminals] {
    eval begin(terminal, "alignment")
    eval cell_scale_of("share of the eigenvector", terminal)
    set multiplot
    eval heading((lead + bar - 0.4) / 2)
    eval sprintf("set colorbox user origin screen %g, screen %g size screen %g, screen %g", \
        bar / width, 1.4 / height, 0.35 / width, high / height)
    do for [i=1:panels] {
        column_left = lead + (i - 1) * (wide + gap)
        eval place(column_left, column_left + wide, 1.4, 1.4 + high)
        if (i < panels) { unset colorbox }
        if (i == panels) { set colorbox }
        set title kernel_word(word(shown, i))
        set xlabel frequency_axis(unit)
        set ylabel (i == 1 ? "number k" : "")
        plot file(i) using "frequency":"k":(cell("frequency") - half): \
            (edge(cell("frequency") / (2 * half), right / (2 * half) + 0.5) * 2 * half): \
            (cell("k") - 0.5):(edge(cell("k"), last + 0.5)):(size_of(cell("share"))) \
            with boxxyerror fc palette notitle
        unset label 99
    }
    unset multiplot
    unset output
}
