# The shared look of all figures. A script loads this file, then draws once for each word of `terminals`:
#     do for [terminal in terminals] { eval begin(terminal, NAME); ..; plot ..; unset output }
# Set from outside, as in  gnuplot -e 'terminals = "cairolatex"' decay.gp :
#     terminals      words: pdf, svg, png, cairolatex, epslatex (NAME.tex; pdflatex NAME.tex makes NAME.pdf), dumb (text,
#                    printed)
#     width, height  of the figure in cm (a long key makes it higher);  face, points  its font
#     colours        of items, "#rrggbb ..", or safe, tol, grey
# Of figures with one panel also, where they `eval wishes` before they plot:
#     key_place      right, below, top-left, .., none;  x_label, x_range = '[1:2]', x_scale = 'log', and of y
if (!exists("terminals")) terminals = "pdf svg"
asked = exists("width") ? width : 0   # 0: nothing was
narrow = asked > 0 && asked < 10
if (!exists("key_place")) key_place = narrow ? "below" : "right"
aside = key_place eq "right"   # the key stands beside the panel, with room for headings
fixed = exists("height")
if (!exists("width")) width = 12.0
if (!exists("height")) height = 7.4 * (aside ? width / 12.0 : (width / 12.0) ** 0.75)
if (!exists("face")) face = "Helvetica"
if (!exists("points")) points = 8

set encoding utf8
swap(text, a, b) = (at = strstrt(text, a), at ? text[1:at-1] . b . swap(text[at+1:*], a, b) : text)
set datafile separator "\t"
# nan in a table. gnuplot 6 leaves out a row of which any column() is one; only as a text it can be looked at.
cell(name) = strcol(name) eq "nan" || strcol(name) eq "NaN" ? NaN : column(name)
set datafile columnheaders

# Colours that every kind of colour vision tells apart (the first six: Okabe and Ito), and a ramp for longer lists.
# colour(k): the k-th, from 0. shade(k, n): the k-th of n.
palette_safe = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #8A2BE2 #773311 #A3C46B #3B1F8A"
palette_tol = "#4477AA #EE6677 #228833 #CCBB44 #66CCEE #AA3377 #BBBBBB"   # Paul Tol's `bright`
palette_grey = "#000000 #666666 #A6A6A6"
if (!exists("colours")) colours = "safe"
colours = colours eq "safe" ? palette_safe : colours eq "tol" ? palette_tol : colours eq "grey" ? palette_grey : colours
ramp = "#0D0887 #230690 #39059A #4C03A0 #5D01A5 #6E01A8 #7D07A6 #8D0CA4 #9C189D #AA2494 " . \
       "#B7308B #C23C81 #CD4977 #D6556E #DF6164 #E66E5B #EE7C51 #F48948 #F8983F #FCA636"
colour(k) = word(colours, k % words(colours) + 1)
shade(k, n) = n <= words(colours) ? colour(k) : word(ramp, 1 + k * (words(ramp) - 1) / (n - 1))
do for [k=1:words(colours)] { set linetype k lc rgb colour(k - 1) lw 1.5 pt 7 ps 0.4 }
set linetype cycle words(colours)
ink = "#222222"
faint = "#8A8A8A"

# Lines and marks of forecast sources, from 1: the first line is solid and thick.
set dashtype 1 solid
set dashtype 2 (9, 4)
set dashtype 3 (2, 3)
set dashtype 4 (9, 3, 2, 3)
set dashtype 5 (9, 3, 2, 3, 2, 3)
set dashtype 6 (18, 4)
thick(s) = s == 1 ? 1.8 : 1.2
mark(s) = int(word("6 4 8 10 12 14", (s - 1) % 6 + 1))
of_member(r) = int(word("7 9 5 11 13 6 8 4 10 12 14 2", (r - 1) % 12 + 1))   # of several runs
shaded = "fs transparent solid 0.2 noborder"   # used as @shaded, like the next
dotted = "with yerrorbars pt 7 ps 0.4 lw 1"

set border 3 lw 0.8 lc rgb ink
set tics nomirror out scale 0.6, 0.3 textcolor rgb ink
set grid xtics ytics lt 1 lw 0.5 lc rgb "#E4E4E4"
set title noenhanced textcolor rgb ink offset 0, -0.4
set xlabel textcolor rgb ink
set ylabel textcolor rgb ink
set key outside right top Left reverse samplen 1.6 textcolor rgb ink noenhanced
set errorbars 0
set pointintervalbox 0.3   # less than a mark: 5.4 blanks the ground under marks with bars

# The commands that open one output file. Text is laid out alike everywhere: svg counts two pixels to the point and
# has higher lines. rows(n): a height with room for n entries of the key; below the panel they stand two to a line.
letters_of_latex = narrow ? points : 10
line_of_key = 0.043 * (points > letters_of_latex ? points : letters_of_latex)
rows(n) = fixed ? height : key_place eq "below" ? height + line_of_key * ((n + 2) / 2) : \
    aside ? (h = 2.0 + line_of_key * n, h > height ? h : height) : height
size(unit, scale) = sprintf("size %g%s, %g%s ", width * scale, unit, height * scale, unit)
font(list, scale, smaller) = sprintf("font '%s,%g' ", list, (points - smaller) * scale)
layout(key, lift) = "set key " . key . sprintf("; set xtics offset 0, %g; set xlabel offset 0, %g; ", lift, 2.5 * lift)
tight(n) = sprintf("%d ", key_place eq "below" ? n - 3 : n)   # or gnuplot gives two columns up, as it takes letters to be wide
output(name, suffix) = "set output '" . name . "." . suffix . "'; "
pdf(name) = "set terminal pdfcairo enhanced fontscale 0.75 " . size("cm", 1) . font(face, 1, 0) . "; " . \
    layout("spacing 1.15 width " . tight(-1) . font("", 1, 1), 0) . output(name, "pdf")
svg(name) = "set terminal svg enhanced background 'white' " . size("", 144 / 2.54) . \
    font(face . ",Arial,sans-serif", 2, 0) . "; " . \
    layout("spacing 0.9 width " . tight(-2) . font("", 2, 1), 0.3) . output(name, "svg")
png(name) = "set terminal pngcairo enhanced fontscale 0.75 " . size("", 300 / 2.54) . font(face, 300 / 72.0, 0) . \
    "linewidth 3 pointscale 3; " . layout("spacing 1.15 width " . tight(-1) . font("", 300 / 72.0, 1), 0) . output(name, "png")
tex(terminal, name) = "set terminal " . terminal . sprintf(" standalone font ',%d' ", letters_of_latex) . size("cm", 1) . "; " . \
    layout("spacing 1.1 width " . tight(0) . "font ''", key_place eq "below" ? 0.25 : 0) . output(name, "tex")
dumb(name) = "set terminal dumb enhanced size 110, 40; unset output; unset grid; " . \
    layout("spacing 1 width 0 font ''", 0)
other(terminal, name) = "set terminal " . terminal . "; " . layout("spacing 1 font ''", 0) . output(name, terminal)
begin(terminal, name) = \
    (terminal eq "cairolatex" || terminal eq "epslatex" ? "latex = 1; power = '$10^{%T}$'; " : \
     "latex = 0; power = '10^{%T}'; ") . \
    (terminal eq "pdf" ? pdf(name) : terminal eq "svg" ? svg(name) : terminal eq "png" ? png(name) : \
     terminal eq "cairolatex" ? tex("cairolatex pdf", name) : terminal eq "epslatex" ? tex("epslatex color", name) : \
     terminal eq "dumb" ? dumb(name) : other(terminal, name))

# `eval wishes`: what was asked of key and axes, behind all that the script says of them itself.
key_of(place) = place eq "right" ? "" : place eq "none" ? "unset key; " : place eq "below" ? \
    "set key bmargin center horizontal maxcols 2 title (latex ? '~' : ' '); " : "set key inside " . swap(place, "-", " ") . "; "
scale_of(axis, scale) = scale eq "log" ? "set logscale " . axis . "; " : \
    "unset logscale " . axis . "; set format " . axis . " '%g'; set " . axis . "tics autofreq; "
wishes = key_of(key_place)
if (exists("x_label")) { wishes = wishes . "set xlabel plain(x_label) noenhanced; " }
if (exists("y_label")) { wishes = wishes . "set ylabel plain(y_label) noenhanced; " }
if (exists("x_scale")) { wishes = wishes . scale_of("x", x_scale) }
if (exists("y_scale")) { wishes = wishes . scale_of("y", y_scale) }
if (exists("x_range")) { wishes = wishes . "set xrange " . x_range . "; " }
if (exists("y_range")) { wishes = wishes . "set yrange " . y_range . "; " }

# The width of each of n panels beside which `rest` cm are taken: `usual` or, so that the figure has the width that was
# asked for, (width - rest) / n. fits(panel): commands that say so where there is no room for it.
fit(usual, n, rest) = asked > 0 ? (asked - rest) / n : usual
fits(panel) = panel < 2.5 ? sprintf("print 'a width of %g cm leaves %.1f cm to a panel, which needs 2.5'; exit status 3", asked, panel) : ""

# A cell that may be a word: its number, or nan.
numeric(text) = strlen(text) == 0 ? 1 : strstrt("0123456789.+-eE", text[1:1]) ? numeric(text[2:*]) : 0
number_in(name) = numeric(strcol(name)) ? column(name) : NaN

# Figures of several panels: the command that puts a panel there, in cm of the figure from its lower left corner; the
# one that puts the key of the panel there; one that writes the title at the top, over all; the height of a panel
# beside a key of n entries, or gnuplot drops some; the width of a key with n letters.
screen(side, part) = sprintf("set %smargin at screen %g; ", side, part)
place(left, right, bottom, top) = screen("l", left / width) . screen("r", right / width) . \
    screen("b", bottom / height) . screen("t", top / height)
key_at(left, top) = sprintf("set key at screen %g, screen %g left top; ", left / width, top / height)
heading(center) = \
    sprintf("set label 99 plain(title_text) at screen %g, screen %g center noenhanced textcolor rgb ink; ", \
    center / width, 1 - 0.4 / height)
tall(n, least) = (h = 0.3 + 0.043 * points * n, h > least ? h : least)
key_width(n) = 1.0 + 0.0168 * points * n

# The command that labels a logarithmic axis: in equal steps if short, at powers of ten if long, else at 1, 2, 5, 10 ..
tic(v) = sprintf("'%g' %g, ", v, v)
nice(v) = (p = 10.0 ** floor(log10(v)), v < 2 * p ? 2 * p : v < 5 * p ? 5 * p : 10 * p)
equal(v, step, hi) = v > hi ? "" : tic(v) . equal(v + step, step, hi)
decades(n, hi) = 10.0 ** n > hi ? "" : tic(10.0 ** n) . tic(2 * 10.0 ** n) . tic(5 * 10.0 ** n) . decades(n + 1, hi)
labelled(lo, hi, step) = hi / lo > 6 ? decades(floor(log10(lo)), hi) : equal(ceil(lo / step) * step, step, hi)
log_tics(axis, lo, hi) = hi / lo > 400 ? "set format " . axis . " power; set " . axis . "tics autofreq" : \
    "set " . axis . "tics (" . labelled(lo, hi, nice((hi - lo) / 5.0)) . "1)"

# Lists of texts: words with ~ for their blanks. add(list, text): with the text at the end, once.
packed(text) = swap(text, " ", "~")
entry(list, i) = swap(word(list, i), "~", " ")
position(list, text) = (p = packed(text), sum [i=1:words(list)] (word(list, i) eq p ? i : 0))
add(list, text) = position(list, text) ? list : list . " " . packed(text)
longest(list, n) = (m = n, (sum [i=1:words(list)] (m = strlen(word(list, i)) > m ? strlen(word(list, i)) : m, 0)), m)

# Words; LaTeX wants some written differently.
escape(text, a) = swap(text, a, "\\" . a)
plain(text) = latex ? swap(swap(escape(escape(escape(escape(escape(escape(escape(swap(text, "\\", "/"), "_"), "%"), \
    "&"), "#"), "$"), "{"), "}"), "^", "\\textasciicircum "), "~", "\\textasciitilde ") : text
xi(unit) = (unit eq "angular" ? (latex ? "$2\\pi$" : "2π") : "") . (latex ? "$\\xi$" : "ξ")
frequency(label, unit) = (unit eq "index" ? "index " : unit eq "half_waves" ? "j = " : unit eq "degree" ? "l = " : unit eq "k" ? "k = " : \
    unit eq "variance" || unit eq "mixed" ? "" : xi(unit) . " = ") . label
frequency_axis(unit) = unit eq "index" ? "frequency index" : unit eq "angular" ? "angular frequency " . xi(unit) : \
    unit eq "degree" ? "degree l" : unit eq "k" ? "frequency k" : unit eq "half_waves" ? "half waves j" : \
    "frequency " . xi(unit) . " (cycles per unit length)"
sigma_a(value) = (latex ? "$\\sigma_a$" : "σₐ") . " = " . plain(value)
numbers(k, dims, d) = word(labels, k * dims + d) . (d < dims ? ", " . numbers(k, dims, d + 1) : "")
watched(k, n, unit) = (dims = n > 0 ? words(labels) / n : 1, frequency(dims > 1 ? "(" . numbers(k, dims, 1) . ")" : \
    word(labels, k + 1), unit))   # the k-th of n in the list called labels; in several dimensions several numbers each
observation(seeds) = seeds == 1 ? "observed, 1 seed" : "observed, mean and"
observation_rest(seeds) = sprintf("range of %d seeds", seeds)
mean_of(seeds) = seeds == 1 ? "1 seed" : sprintf("mean of %d seeds", seeds)

# Tables of a training, by step, which a logarithmic axis shows from step 1. Errors go no deeper than err_min.
# extend(name): makes the range bottom .. top of errors hold the column, of which it counts the positive numbers in
# found.
# Where the axis counts passes through the data (observe.unit), step_unit steps are one; step_text is its name.
if (!exists("step_unit")) step_unit = 1
if (!exists("step_text")) step_text = "step"
first_step = 1.0 / step_unit
from_one(dummy) = cell("step") >= 1 ? cell("step") * first_step : NaN
clipped(v) = v > err_min ? v : v == v ? err_min : NaN
extend(name) = (v = cell(name), cell("step") >= 1 && v > 0 ? (found = found + 1, top = v > top ? v : top, \
    bottom = v < bottom ? v : bottom) : 0)
deepest(bottom) = bottom / 1.3 > err_min ? bottom / 1.3 : err_min

# Heat maps of relative sizes over frequency and time. A cell is a box with edges in the middle between neighbours. It
# reaches under the next one, or light would show between them. What is below the scale has its lowest colour. The
# commands that set the look of cells, and their scale.
lowest_size = 1e-3
beyond(lo, hi) = cell(hi) + 0.3 * (cell(hi) - cell(lo))
later(lo, hi) = cell(hi) > cell(lo) ? cell(hi) * (cell(lo) > 0 ? cell(hi) / cell(lo) : 1) ** 0.3 : last
size_of(v) = v == v ? (v > lowest_size ? v : lowest_size) : NaN
ramp_step(k) = k > words(ramp) ? "" : sprintf("%s%d '%s'", k > 1 ? ", " : "", k - 1, word(ramp, k)) . ramp_step(k + 1)
colour_ramp = "set palette defined (" . ramp_step(1) . "); "
cells = colour_ramp . "set logscale cb; set cbrange [lowest_size : 1]; set style fill solid noborder; " . \
    "set border 15; unset grid"
cell_scale_of(what, terminal) = "set format cb power; set cbtics 10 scale 0.6; unset mcbtics; set cblabel '" . \
    (terminal eq "dumb" ? "" : what) . "' textcolor rgb ink"
cell_scale(terminal) = cell_scale_of("error / largest error at the start", terminal)

# Kernels. Of n rates, or parts of a transform of n points, those below this part of the largest are rounding errors.
kernel_word(kernel) = kernel eq "infinite" ? "infinite width" : "empirical"
kernel_colour(kernel) = colour(kernel eq "infinite" ? 2 : 0)
rounding(top, n) = 2.2e-16 * n * top
