# The network at the snapshots: a row of frames for each picture. A function of one place is a curve through the
# training points, with the range of the seeds; one of two places, or an example whose output is an image, is an image of
# the first seed, beside what is wanted and, of the same kind, the input.
# Optional, as in  gnuplot -e 'most = 4' frames.gp :  most (frames of a row).
load "style.gp"
if (frames eq "") exit   # no snapshots were taken
if (!exists("most")) most = 5

stats frames using "picture" nooutput
if (STATS_records == 0) exit   # nothing that makes a picture
pictures = int(STATS_max)
if (pictures == 0) exit
points_there = STATS_min == 0

# What each picture is: its set and example, whether it has rows and columns, an input to show; ranges.
sets = ""; examples = ""
of(p, name) = cell("picture") == p ? cell(name) : NaN
do for [p=1:pictures] {
    found = "~"; number = 0
    stats frames using (cell("picture") == p ? (found = strcol("set"), number = cell("example"), 0) : 0) nooutput
    sets = sets . " " . found
    examples = examples . sprintf(" %d", number)
}
# The rows of the first picture, its places, and in how many of them there is a second place, an input, a wanted output.
rows_there = 0; second = 0; many = 0; earlier = NaN; inputs = 0; targets = 0
left = 1e300; right = -1e300; first = 1e300; last = -1e300
place_at(a, b) = (rows_there = rows_there + 1, left = a < left ? a : left, right = a > right ? a : right, \
    first = b < first ? b : first, last = b > last ? b : last, 0)
stats frames using (cell("picture") == 1 ? (place_at(cell("a"), cell("b")), v = cell("b"), second = second + (v == v), \
    v = cell("given"), inputs = inputs + (v == v), v = cell("wanted"), targets = targets + (v == v), \
    v = cell("example"), many = many || v != earlier && earlier == earlier, earlier = v, 0) : 0) nooutput
image = second > 0
given = image && inputs > 0
known = targets > 0
low = 1e300; high = -1e300
grow(v) = v == v ? (low = v < low ? v : low, high = v > high ? v : high, 0) : 0
shown(p) = p >= 1 ? (grow(cell("wanted")), given ? grow(cell("given")) : 0, \
    known ? 0 : sum [k=0:words(states)-1] grow(cell("mean_" . k))) : 0
stats frames using (shown(cell("picture"))) nooutput
span = high > low ? high - low : 1

# At most so many states, evenly, the end among them.
count = words(states) < most ? words(states) : most
state(i) = count == 1 ? words(states) - 1 : int((i - 1.0) * (words(states) - 1) / (count - 1) + 0.5)
named(i) = word(states, state(i) + 1) eq "end" ? "end" : step_text . " " . word(states, state(i) + 1)
whose(p) = pictures == 1 ? "" : word(sets, p) . " " . word(examples, p)

if (image) {
    # pixels of a regular grid: their distance along both axes, from the number of different places
    columns_there = 0
    stats frames using (cell("picture") == 1 && cell("a") == left ? (columns_there = columns_there + 1, 0) : 0) nooutput
    lines_there = rows_there / columns_there
    half_a = lines_there > 1 ? (right - left) / (lines_there - 1) / 2 : 0.5
    half_b = columns_there > 1 ? (last - first) / (columns_there - 1) / 2 : 0.5
}

front = image ? given + known : 0
frames_of_row = count + front
lead = image ? (pictures > 1 ? 1.4 : 0.4) : 1.5
gap = image ? 0.15 : 0.25
wide = image ? (frames_of_row > 4 ? 2.2 : 2.8) : (count > 3 ? 2.6 : count > 1 ? 3.6 : 7.0)
high_of = image ? wide * lines_there / columns_there : (count > 1 ? 2.8 : 4.4)
foot = image ? 0.4 : 2.0
top_of = 1.4
bar = image ? 1.6 : 0.3
width = lead + frames_of_row * (wide + gap) + bar
height = top_of + pictures * (high_of + gap) + foot
at_row(p) = foot + (pictures - p) * (high_of + gap)
at_column(i) = lead + (i - 1) * (wide + gap)
source(i) = i <= front ? (given && i == 1 ? "given" : "wanted") : sprintf("value_%d", state(i - front))
title_of(i) = i <= front ? (given && i == 1 ? "input" : "wanted") : named(i - front)

do for [terminal in terminals] {
    eval begin(terminal, "frames")
    set multiplot
    eval heading((lead + width - bar) / 2)
    if (image && seeds > 1) {
        set label 99 plain(title_text) . ": the first" at screen (lead + width - bar) / 2 / width, screen 1 - 0.4 / height
    }
    if (image) {
        set border 15 lw 0.4 lc rgb faint
        unset xtics; unset ytics; unset grid
        set palette gray
        set cbrange [low : low + span]
        set yrange [right + half_a : left - half_a]
        set xrange [first - half_b : last + half_b]
        set cbtics span < 1e-6 ? 1 : nice(span / 4.0) scale 0.5
        eval sprintf("set colorbox user origin screen %g, screen %g size screen %g, screen %g", \
            (width - bar + 0.1) / width, foot / height, 0.25 / width, (height - foot - top_of - gap) / height)
        do for [p=1:pictures] {
            do for [i=1:frames_of_row] {
                eval place(at_column(i), at_column(i) + wide, at_row(p), at_row(p) + high_of)
                if (p == 1) { set title plain(title_of(i)) offset 0, -0.6 } else { unset title }
                if (i == 1 && pictures > 1) { set ylabel plain(whose(p)) } else { unset ylabel }
                if (p > 1 || i > 1) { unset colorbox }
                plot frames using (cell("b")):(cell("a")):(cell(source(i))) \
                    every ::((p - 1) * rows_there)::(p * rows_there - 1) with image notitle
                unset label 99
            }
        }
    } else {
        set xrange [left : right]
        set yrange [low - 0.15 * span : high + 0.15 * span]
        set xtics nice((right - left) / (count > 3 ? 4.0 : 6.0))
        do for [p=1:pictures] {
            do for [i=1:count] {
                eval place(at_column(i), at_column(i) + wide, at_row(p), at_row(p) + high_of)
                if (p == 1) { set title plain(named(i)) offset 0, -0.6 } else { unset title }
                if (i == 1) { set format y "%g"; set ylabel (pictures > 1 ? plain(whose(p)) : "output") } \
                else { set format y ""; unset ylabel }
                if (p == pictures) { set format x "%g" } else { set format x "" }
                plot for [j=1:known] frames using (of(p, "a")):(cell("wanted")) with lines lw 2.2 lc rgb "#BBBBBB" notitle, \
                     for [j=1:(seeds > 1)] frames using (of(p, "a")):(cell("lo_" . state(i))):(cell("hi_" . state(i))) \
                         with filledcurves @shaded lc rgb colour(0) notitle, \
                     frames using (of(p, "a")):(cell("mean_" . state(i))) with lines lw 1.4 lc rgb colour(0) notitle, \
                     for [j=1:points_there] frames using (of(0, "a")):(cell("given")) \
                         with points pt 7 ps 0.25 lc rgb ink notitle
                unset label 99
            }
        }
        # the key and the name of the axis, over all columns
        eval place(lead, width - bar, 0.1, foot - 0.1)
        unset border; unset xtics; unset ytics; unset grid; unset ylabel; unset title
        set yrange [0 : 1]
        set label 98 (many ? "x" : "point of the line") at graph 0.5, graph 0.55 center textcolor rgb ink
        set key at graph 0.5, graph 0 center bottom horizontal maxrows 1 samplen 2 width 1
        plot NaN notitle, \
             for [j=1:known] keyentry with lines lw 2.2 lc rgb "#BBBBBB" title "wanted", \
             keyentry with lines lw 1.4 lc rgb colour(0) title mean_of(seeds), \
             for [j=1:(seeds > 1)] keyentry with boxes @shaded lc rgb colour(0) title "their range", \
             for [j=1:points_there] keyentry with points pt 7 ps 0.4 lc rgb ink title "training points"
        unset label 98
    }
    unset multiplot
    unset output
}
