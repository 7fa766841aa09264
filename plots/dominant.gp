# Spectra of examples that are lines, in the order of their dominant frequency: what is wanted, and the network of the
# first seed in each state. A row of panels for each set.
# Optional, as in  gnuplot -e 'most = 4' dominant.gp :  most (states of a row).
load "style.gp"
if (dominant eq "") exit   # no lines, or no snapshots
if (!exists("most")) most = 4

# The sets; how many examples and frequencies each has, and where its rows begin.
sets = ""; counts = ""; tops = ""; begins = ""; row = 0; earlier = ""; r = 0; k = 0; peaks = ""; peak = 0
new(name) = name ne earlier ? (sets = sets . " " . name, begins = begins . sprintf(" %d", row), \
    earlier ne "" ? (counts = counts . sprintf(" %d", r), tops = tops . sprintf(" %d", k), \
    peaks = peaks . sprintf(" %.10g", peak)) : 0, earlier = name, peak = 0, 0) : 0
stats dominant using (new(strcol("set")), r = cell("rank"), k = cell("k"), v = cell("wanted"), \
    peak = v > peak ? v : peak, row = row + 1, 0) nooutput
counts = counts . sprintf(" %d", r); tops = tops . sprintf(" %d", k); peaks = peaks . sprintf(" %.10g", peak)
n = words(sets)
number(list, s) = real(word(list, s))
rows_of(s) = int(number(counts, s) * (number(tops, s) + 1))

count = words(states) < most ? words(states) : most
state(i) = count == 1 ? words(states) - 1 : int((i - 1.0) * (words(states) - 1) / (count - 1) + 0.5)
named(i) = word(states, state(i) + 1) eq "end" ? "end" : step_text . " " . word(states, state(i) + 1)
source(i) = i == 0 ? "wanted" : sprintf("value_%d", state(i))

lead = 1.7
gap = 0.25
wide = 2.5
high = 2.5
foot = 1.5
bar = 1.9
width = lead + (count + 1) * (wide + gap) + bar
height = 1.4 + n * (high + gap) + foot

do for [terminal in terminals] {
    eval begin(terminal, "dominant")
    set multiplot
    eval heading((lead + width - bar) / 2)
    if (seeds > 1) {
        set label 99 plain(title_text) . ": the first" at screen (lead + width - bar) / 2 / width, screen 1 - 0.4 / height
    }
    eval colour_ramp
    set cbrange [0 : 1]
    set cbtics 0.25 scale 0.5
    set border 15 lw 0.5
    unset grid
    set cblabel "amplitude / largest wanted one" textcolor rgb ink
    do for [s=1:n] {
        do for [i=0:count] {
            from_left = lead + i * (wide + gap)
            from_foot = foot + (n - s) * (high + gap)
            eval place(from_left, from_left + wide, from_foot, from_foot + high)
            set xrange [0.5 : number(counts, s) + 0.5]
            set yrange [-0.5 : number(tops, s) + 0.5]
            if (s == 1) { set title plain(i == 0 ? "wanted" : named(i)) offset 0, -0.6 } else { unset title }
            if (i == 0) { set ylabel plain(word(sets, s)) . ": frequency k"; set format y "%g" } \
            else { unset ylabel; set format y "" }
            if (s == n) { set format x "%g" } else { set format x "" }
            if (s == n && i == int(count / 2)) { set xlabel "example, by dominant frequency" } else { unset xlabel }
            set xtics nice(number(counts, s) / 3.0) scale 0.4
            set ytics nice(number(tops, s) / 4.0) scale 0.4
            if (s == 1 && i == 0) {
                set colorbox user origin screen (width - bar + 0.1) / width, screen foot / height \
                    size screen 0.3 / width, screen (height - 1.4 - foot - gap) / height
            } else { unset colorbox }
            plot dominant using (cell("rank")):(cell("k")):(cell(source(i)) / number(peaks, s)) \
                every ::int(number(begins, s))::(int(number(begins, s)) + rows_of(s) - 1) with image notitle
            unset label 99
        }
    }
    unset multiplot
    unset output
}
