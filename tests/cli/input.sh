#!/usr/bin/env bash
# Bad input: one clear line on stderr, exit 2, nothing written (TAP).
. "$(dirname "$0")/lib/common.sh"

# ---- the command line ----

usage() { # a command line is wrong before any file is looked at; without a command there is the help
    program
    is_status 2 specbias
    grep -q '^usage: specbias' "$io/out" || cat "$io/out"
}
check "no command: the help, exit 2" usage
refuses "an unknown command" 'no command bogus.*--help' bogus
refuses "an unknown option" 'nope' run --nope "$small"
refuses "an unknown option of one letter" '.z' run -z "$small"
refuses "an option without its value" 'set' run "$small" --set
refuses "-o without its value" 'o' run "$small" -o
refuses "a flag with a value" 'force' run "$small" --force=yes
refuses "no operand" 'run needs E.cfg' run
refuses "no operand for a stage" 'train needs E.cfg|DIR' train
refuses "an extra operand" 'one operand too many: more' run "$small" more
refuses "an operand where there is none" 'no operand expected: more' info more
refuses "-j 0" '-j needs a positive number, not 0' run "$small" -j 0 -o dir
refuses "-j with a word" '-j needs a positive number, not x' run "$small" -j x -o dir
refuses "-j below zero" '-j needs a positive number, not -1' run "$small" -j -1 -o dir
refuses "-j with more than a number" '-j needs a positive number, not 2x' run "$small" -j 2x -o dir
refuses "an unknown list" "no list 'bogus'" list bogus
for seeds in 0 -1 x 2.5 '' 3000000000; do
    refuses "--seeds $seeds" 'seeds' run "$small" --seeds "$seeds" -o dir
done
new_kind() {
    program new bogus
    is_status 2 "new bogus"
    head -n 1 "$io/err" | grep -q "^specbias: no kind 'bogus'" || cat "$io/err"
    [ ! -s "$io/out" ] || cat "$io/out"
}
check "an unknown kind of starter: what there is, exit 2" new_kind

# ---- the file ----

refuses "a missing file" 'cannot read none.cfg: No such file' run none.cfg
refuses "a missing folder" 'cannot read none/none.cfg: No such file' run none/none.cfg
unreadable() { echo >c.cfg; chmod 0 c.cfg; refused 'cannot read c.cfg: Permission denied' run c.cfg; }
if [ "$(id -u)" = 0 ]; then skip "an unreadable file" "root reads everything"; else check "an unreadable file" unreadable; fi
directory() { mkdir c.cfg; refused 'c.cfg is a directory; a configuration file is needed' run c.cfg; }
check "a directory instead of a file" directory
binary() { head -c 3000 "$SPECBIAS" >c.cfg; refused 'c.cfg:1:8: a byte 0: this is no text' run c.cfg; }
check "a file that is no text" binary

bad_config() { # PATTERN TEXT [ARGS..]
    printf '%s\n' "$2" >c.cfg
    refused "$1" forecast c.cfg -o dir "${@:3}"
}
bad() { # NAME PATTERN TEXT [ARGS..]: a configuration of this text is refused
    check "$1" bad_config "${@:2}"
}
good_config() { # TEXT [ARGS..]
    printf '%s\n' "$1" >c.cfg
    expect 0 check c.cfg "${@:2}"
    [ ! -s "$io/err" ] || cat "$io/err"
}
good() { # NAME TEXT [ARGS..]
    check "$1" good_config "${@:2}"
}

bad "a syntax error has its line" '^specbias: c.cfg:2: ' $'name = "x";\ndata = { n = 32 a = ;\n'
bad "an open group" '^specbias: c.cfg:[0-9]+: ' $'name = "x";\ndata = {\n'
bad "an open text" '^specbias: c.cfg:[0-9]+: ' $'name = "x;\n'
bad "a key given twice" '^specbias: c.cfg:3: duplicate' $'train = {\n  eta = 0.02;\n  eta = 0.01;\n};'
bad "a group given twice" '^specbias: c.cfg:2: duplicate' $'net = { width = 512; };\nnet = { width = 64; };'
good "an empty file means the defaults" ''
good "comments of three kinds" $'// one\n# two\n/* three\n3000000000 */ name = "x";'
good "commas and semicolons or none" $'data = { n = 32, a = -0.5 b = 0.5; }\nnet : { width = 512 }'

# ---- keys ----

bad "an unknown key of the top level" "c.cfg:2: unknown key 'nmae'; did you mean 'name'" $'\nnmae = "x";'
bad "an unknown key of a group" "c.cfg:3: unknown key 'net.widht'; did you mean 'net.width'" \
    $'\nnet = {\n  widht = 512;\n};'
bad "a key outside its group" "c.cfg:1: unknown key 'width'; did you mean 'net.width'" 'width = 512;'
bad "a key of another group" "c.cfg:1: unknown key 'net.eta'; did you mean 'train.eta'" 'net = { eta = 0.1; };'
bad "an unknown group" "c.cfg:2: unknown key 'nets'" $'\nnets = { width = 512; };'
bad "a group that is a number" "c.cfg:2: .*data" $'\ndata = 5;'
bad "a group that is a list" "c.cfg:2: .*data" $'\ndata = (1, 2);'
refuses "an unknown key of --set" "--set net.widht=5.*unknown key 'net.widht'; did you mean 'net.width'" \
    run "$small" --set net.widht=5
refuses "an unknown group of --set" "unknown key 'nets.width'; did you mean 'net.width'" run "$small" --set nets.width=5
refuses "--set without =" "--set width: expected key=value" run "$small" --set width
refuses "--set without a key" "--set =5" run "$small" --set =5
good "the group provenance is passed over" 'provenance = { anything = ["goes"]; };'

# ---- types ----

bad "a text for a whole number" 'c.cfg:2: .*width must be a whole number, not a text' $'net = {\n width = "512"; };'
bad "a flag for a whole number" 'c.cfg:1: .*width must be a whole number, not true or false' 'net = { width = true; };'
bad "a fraction for a whole number" 'c.cfg:1: .*width must be a whole number, not a real number' \
    'net = { width = 512.5; };'
bad "a point in a whole number" 'c.cfg:1: .*width must be a whole number, not a real number' 'net = { width = 512.0; };'
bad "a list for a whole number" 'c.cfg:1: .*width must be a whole number, not a list' 'net = { width = [512]; };'
bad "a text for a number" 'c.cfg:1: .*eta must be a number, not a text' 'train = { eta = "0.02"; };'
bad "a number for a flag" 'c.cfg:1: .*quiet must be true or false, not a whole number' 'init = { quiet = 1; };'
bad "a text for a flag" 'c.cfg:1: .*quiet must be true or false, not a text' 'init = { quiet = "true"; };'
bad "a number for a text" 'c.cfg:1: .*name must be a text, not a whole number' 'name = 5;'
bad "a group for a text" 'c.cfg:1: .*name must be a text, not a group' 'name = { x = 5; };'
bad "a number for a choice" 'c.cfg:1: .*activation must be a text, not a whole number' 'net = { activation = 1; };'
bad "an unknown choice" 'c.cfg:1: .*"rellu" is not known; it must be one of: relu, tanh' \
    'net = { activation = "rellu"; };'
bad "an unknown choice of few" 'c.cfg:1: .*"middle" is not known; it must be one of: midpoint, endpoints, left' \
    'data = { points = "middle"; };'
bad "a text in a list of numbers" 'c.cfg:1: ' 'target = { xi = [1.0, "a"]; };'
bad "a text in a mixed list of numbers" 'c.cfg:1: .*xi must be a list of numbers, not a text' \
    'target = { xi = (1.0, "a"); };'
bad "a group for a list" 'c.cfg:1: .*xi must be a list of numbers, not a group' 'target = { xi = { a = 1.0; }; };'
bad "a number in a list of texts" 'c.cfg:1: .*sources must be a list of texts, not a whole number' \
    'forecast = { sources = [1]; };'
bad "an unknown word in a list" 'c.cfg:1: .*"lpf" is not known; it must be one of: lfp, ntk.infinite, ntk.empirical' \
    'forecast = { sources = ["lpf"]; };'
bad "whole and real numbers in brackets: what to do" 'c.cfg:1: mismatched.*point.*parentheses' \
    'target = { xi = [1, 2.5]; };'
good "whole and real numbers in parentheses" 'target = { xi = (1, 2.5); };'
good "whole numbers where real ones are meant" \
    'target = { xi = [1, 3]; }; train = { time = 400; };' --set train.time=400
good "one number where a list is meant" 'target = { xi = 3; }; forecast = { sources = "lfp"; };'
bad "nan is no number" 'c.cfg:1: ' 'train = { eta = nan; };'
bad "an infinite number" 'train.eta = inf is out of range; it must lie in \(0, inf\)' 'train = { eta = 1e999; };'

# ---- ranges ----

bad "no points" 'data.n = 0: there are no points' 'data = { n = 0; };'
bad "a negative number of points" 'c.cfg:1: data.n = -5 is out of range; it must lie in \[0, [0-9]+\]' 'data = { n = -5; };'
bad "no neurons" 'c.cfg:3: net.width = 0 is out of range; it must lie in \[1, [0-9]+\]' $'net = {\n\nwidth = 0; };'
bad "no learning rate" 'train.eta = 0 is out of range; it must lie in \(0, inf\)' 'train = { eta = 0.0; };'
bad "a negative learning rate" 'train.eta = -0.1 is out of range' 'train = { eta = -0.1; };'
bad "no seeds" 'seeds.count = 0 is out of range; it must lie in \[1, [0-9]+\]' 'seeds = { count = 0; };'
bad "one record" 'train.records = 1 is out of range; it must lie in \[2, [0-9]+\]' 'train = { records = 1; };'
refuses "out of range in --set" '--set net.width=0: net.width = 0 is out of range; it must lie in' \
    run "$small" --set net.width=0 -o dir
refuses "a list out of range in --set" 'target.xi' run "$small" --set target.xi=1,1e999 -o dir

bad "a whole number beyond 31 bits" 'c.cfg:2: the whole number 2147483648 is too large \(at most 2147483647\)' \
    $'seeds = {\n first = 2147483648; };'
bad "a negative one beyond 31 bits" 'c.cfg:2: ' $'seeds = {\n first = -3000000000; };'
bad "one beyond 31 bits where a real number is meant" 'c.cfg:1: the whole number 3000000000 is too large' \
    'train = { time = 3000000000; };'
bad "one beyond 31 bits with an L" 'seeds.first = 3000000000 is out of range' 'seeds = { first = 3000000000L; };'
bad "one beyond 31 bits in hexadecimal digits" 'c.cfg:1: ' 'seeds = { first = 0x100000001; };'
included_number() {
    echo 'seeds = { first = 4294967297; };' >more.cfg
    echo '@include "more.cfg"' >c.cfg
    refused 'more.cfg:1: ' forecast c.cfg -o dir
}
check "one beyond 31 bits in an included file" included_number
refuses "one beyond 31 bits in --set" '--set net.width=3000000000: .*too large' \
    run "$small" --set net.width=3000000000 -o dir
good "the largest whole number" 'seeds = { first = 2147483647; };'
good "digits in texts and comments are no numbers" $'name = "3000000000"; // 3000000000\n/* 3000000000 */ # 3000000000'

# ---- --set ----

set_is() { # LINE ARGS..: the line stands in config.cfg afterwards
    expect 0 forecast "$small" --set forecast.draws=0 "${@:2}" -o dir
    grep -qxF -- "$1" dir/config.cfg || { echo "no '$1' in:"; cat dir/config.cfg; }
}
check "--set a word" set_is 'name = "other";' --set name=other
check "--set a text in quotes" set_is 'name = "other";' --set 'name="other"'
check "--set a choice" set_is '    out = "gaussian";' --set init.out=gaussian
check "--set a flag" set_is '    tail = false;' --set forecast.tail=false
check "--set a whole number for a real one" set_is '    time = 4.0;' --set train.time=4
check "--set a list without brackets" set_is '    xi = [1.0, 2.5];' --set target.xi=1,2.5
check "--set a list in brackets" set_is '    xi = [1.0, 2.5];' --set 'target.xi=[1.0, 2.5]'
check "--set a list in parentheses" set_is '    xi = [1.0, 2.5];' --set 'target.xi=(1, 2.5)'
check "--set a list of one" set_is '    xi = [2.0];' --set target.xi=2
check "--set an empty list" set_is '    xi = [];' --set observe.xi=
check "--set an empty list of texts" set_is '    sources = [];' --set forecast.sources=
check "--set an empty list in brackets" set_is '    phases = [];' --set target.phases=[]
check "--set one word of a list" set_is '    sources = ["lfp"];' --set forecast.sources=lfp
check "--set a list of texts in brackets" set_is '    sources = ["lfp", "ntk.infinite"];' --set 'forecast.sources=["lfp", "ntk.infinite"]'
check "--set a list of texts without quotes and brackets" \
    set_is '    sources = ["lfp", "ntk.infinite"];' --set forecast.sources=lfp,ntk.infinite
check "of two --set of one key the last one counts" set_is '    eta = 0.01;' --set train.eta=0.1 --set train.eta=0.01
check "--seeds is --set seeds.count" set_is '    count = 3;' --seeds 3
refuses "--set with an open text" '--set name="other' run "$small" --set 'name="other'
refuses "--set without a value" '--set net.width=' run "$small" --set net.width=
refuses "--set with more than a value" '--set net.width=512; x = 3' run "$small" --set 'net.width=512; x = 3'
refuses "--set with the wrong type" '--set init.quiet=yes: ' run "$small" --set init.quiet=yes
refuses "--set with an unknown word" '--set net.activation=rellu: .*relu, tanh' run "$small" --set net.activation=rellu

# ---- @include ----

includes() {
    mkdir -p folder/deep
    printf 'net = { width = 64; };\n@include "deep/train.cfg"\n' >folder/c.cfg
    echo 'train = { time = 4.0; };' >folder/deep/train.cfg
    expect 0 forecast folder/c.cfg --set forecast.draws=0 -o dir
    grep -q 'width = 64' dir/config.cfg && grep -q 'time = 4.0' dir/config.cfg || cat dir/config.cfg
    printf '\ntrain = { tiem = 4.0; };\n' >folder/deep/train.cfg
    refused "deep/train.cfg:2: unknown key 'train.tiem'" run folder/c.cfg
    printf '\ntrain = { time = ; };\n' >folder/deep/train.cfg
    refused "deep/train.cfg:2: syntax error" run folder/c.cfg
    rm folder/deep/train.cfg
    refused 'folder/c.cfg:2: ' run folder/c.cfg
}
check "@include is relative to the file, and errors name the included one" includes

encodings() { # UTF-8 with its mark, UTF-16, lines that end with CR: configurations, what they include, tables of densities
    printf '\xEF\xBB\xBFw,rho\r\n0,1\r\n8.5,0.9\r\n32,0\r\n' >table.csv
    printf '\xEF\xBB\xBFtrain = { time = 4.0; };' >more.cfg
    printf '\xEF\xBB\xBFnet = { kind = "fourier"; width = 64; }; forecast = { sources = ["ntk.infinite"]; }; // wide\r/*\r@include "none.cfg"\r*/\r@include "more.cfg" seeds = { count = 1; };\rinit = { density = "table"; table = "table.csv"; };\r' >c.cfg
    expect 0 forecast c.cfg --set forecast.draws=0 -o dir
    grep -q 'width = 64;' dir/config.cfg && grep -q 'time = 4.0;' dir/config.cfg && grep -q 'count = 1;' dir/config.cfg &&
        grep -qF 'table_w = [0.0, 8.5, 32.0];' dir/config.cfg || cat dir/config.cfg
    printf 'tiem = 4.0;\r' >>c.cfg
    refused "c.cfg:7: unknown key 'tiem'" run c.cfg
    for to in UTF-16 UTF-16BE; do
        { [ $to = UTF-16 ] || printf '\xFE\xFF'; iconv -f UTF-8 -t $to <<<'net = { width = 128; };'; } >c.cfg
        expect 0 forecast c.cfg --force --set forecast.draws=0 -o dir
        grep -q 'width = 128;' dir/config.cfg || cat dir/config.cfg
    done
    iconv -f UTF-8 -t UTF-16LE <<<'net = { width = 128; };' >c.cfg
    refused 'c.cfg: this seems to be UTF-16 without a byte order mark; save it as UTF-8' run c.cfg
    printf '@include "c.cfg"\n' >c.cfg
    refused 'c.cfg:1: too much is included' run c.cfg
}
check "texts in UTF-8 with a mark, in UTF-16, with lines that end with CR" encodings

# ---- names ----

for name in '' . .. .hidden ../up a/b 'a b' 'a"b' 'ä' "$(printf '%0250d' 0)"; do
    bad "the name '${name:0:20}'" 'name = ' "name = \"${name//\"/\\\"}\";"
done
good "a name of letters, digits, '.', '_' and '-'" 'name = "Ab-1_2.x";'

# ---- what makes no experiment ----

bad "the ends of the domain exchanged" 'data.a = 1 must be below data.b = 0.5' 'data = { a = 1.0; };'
bad "points outside the kernel's range" '\|x\| <= 0.4 \(init.shift_range\).* -0.484' 'init = { shift_range = 0.4; };'
bad "points outside the kernel's range, without lfp" '\|x\| <= 0.4 \(init.shift_range\).* -0.484' \
    'init = { shift_range = 0.4; }; forecast = { sources = ["ntk.infinite"]; };'
bad "a frequency above Nyquist" 'frequency 17 .*above the Nyquist frequency 16' 'target = { xi = [1.0, 17.0]; };'
bad "a negative frequency above Nyquist" 'frequency -17 .*above the Nyquist frequency 16' 'target = { xi = [-17.0]; };'
bad "an observed frequency above Nyquist" 'frequency 17 .*Nyquist' 'observe = { xi = [17.0]; };'
bad "an angular frequency above Nyquist, in both units" 'frequency 120 \(19.*cycles.*Nyquist frequency 16' \
    'target = { xi = [120.0]; unit = "angular"; };'
good "the Nyquist frequency itself" 'target = { xi = [16.0]; };'
good "any frequency on points that are not uniform" 'data = { kind = "random"; }; target = { xi = [17.0]; };'
bad "a target without energy at an observed frequency" 'no energy at the observed frequency 2 ' \
    'observe = { xi = [1.0, 2.0]; };'
bad "a target that is zero" 'no energy' 'target = { amplitude = 0.0; };'
bad "no frequencies" 'target.xi is empty' 'target = { xi = []; };'
bad "weights that do not fit" 'target.weights has 2 values for 3 frequencies' 'target = { weights = [1.0, 2.0]; };'
bad "phases that do not fit" 'target.phases has 1 values? for 3 frequencies' 'target = { phases = [1.0]; };'
bad "a frequency box that is too small" 'forecast.box' 'forecast = { box = 0.5; };'
bad "no time for a step" 'train.time = 0.001 is less than one step of train.eta = 0.02' 'train = { time = 0.001; };'
bad "too many steps" 'at most 1e12|too many' 'train = { time = 1e30; };'
bad "more memory than any machine has" 'memory.*data.n.*forecast.modes' \
    'data = { n = 20000; }; forecast = { modes = 10000000; };'
bad "a forecast named twice" "names 'lfp' twice" 'forecast = { sources = ["lfp", "lfp"]; };'
bad "lfp far from the wide limit" "lfp.*tanh.*init.shift_range" 'net = { activation = "tanh"; };'
bad "an odd width with antisymmetric copies" 'width 513 is not a multiple of 2' 'net = { width = 513; };'
bad "a quiet start of a width that does not fit" 'width 514 is not a multiple of 8' \
    'net = { width = 514; }; init = { quiet = true; };'
bad "draws of an odd width" 'forecast.draw_width: width 3 is not a multiple of 2' 'forecast = { draw_width = 3; };'
bad "a quiet start of Gaussian weights" 'quiet start.*two_point' 'init = { quiet = true; in = "gaussian"; };'
bad "a list without points" 'data.x' 'data = { kind = "list"; };'
bad "a point outside the domain" 'data.x: the point 0.7 lies outside the domain \[-0.5, 0.5\]' \
    'data = { kind = "list"; x = [0.1, 0.7]; };'
bad "weights exact to a degree that these points do not allow" \
    'data.degree = 9: weights exact to it are not all positive; the highest degree possible here is [1-8]$' \
    'data = { kind = "random"; weights = "exact"; degree = 9; }; target = { xi = [1.0]; };'
bad "weights exact to a degree of more functions than points" \
    'data.degree = 16: 32 points are fewer than .*; the highest degree possible here is 15$' \
    'data = { weights = "exact"; degree = 16; };'
good "weights exact to the highest degree" 'data = { kind = "random"; weights = "exact"; }; target = { xi = [1.0]; };'
bad "values without points" 'target.y|data.x' 'target = { kind = "values"; y = [1.0]; };'
bad "values that do not fit the points" 'target.y has 1 values? for 2 points' \
    'data = { kind = "list"; x = [0.1, 0.2]; }; target = { kind = "values"; y = [1.0]; };'
bad "one point with both ends" 'at least two points' 'data = { n = 1; points = "endpoints"; };'

largest_step() { # the step that the message names can be taken, whatever its digits
    local scale step
    for scale in 0.6 1 1.3 1.7 2.3 5 7 9 12 13 14 15 16 17 18 19 40 60; do
        refused 'train.eta = 7 diverges: the largest stable step is 2/lambda_max = [0-9]' run "$small" --set train.eta=7 \
            --set init.out_scale=$scale -o dir
        step=$(sed 's/.*= //' "$io/err")
        program check "$small" --set train.eta="$step" --set init.out_scale=$scale
        [ "$status" = 0 ] || echo "out_scale $scale: $step is named, and refused"
        awk "BEGIN { printf \"%.17g\n\", 1.01 * $step }" >"$io/larger"
        refused 'diverges' run "$small" --set train.eta="$(cat "$io/larger")" --set init.out_scale=$scale -o dir
        program check "$small" --set train.eta=1e-6 --set init.out_scale=$scale
        grep -q "^stable step .* $step " "$io/out" || echo "check says otherwise: $(grep stable "$io/out")"
    done
}
check "a step above 2/lambda_max; the largest one, which is named, is accepted" largest_step

# ---- accepted, with a warning ----

coincident() {
    expect $ran run "$small" --set data.n=32 --set data.kind=list --set data.x=-0.4,-0.2,0.1,0.2,0.2,0.35 --set target.xi=1 -o dir
    errors_match '^specbias: warning: .*coincide.*singular'
    [ -s dir/summary.json ] || ls dir
    no_leftovers dir
}
check "points that coincide: a warning that the kernel is singular, and the run goes on" coincident

# ---- the same experiment said differently ----

values_of_sines() { # y = sin(2 pi x), out of order, as a list of values
    local x=-0.4,0.3,-0.1,0.2 y
    y=$(awk -v x=$x 'BEGIN {
        n = split(x, p, ",")
        for (i = 1; i <= n; i++) printf "%s%.17g", (i > 1 ? "," : ""), sin(8 * atan2(1, 1) * p[i]) }')
    expect 0 forecast "$small" --set data.n=32 --set data.kind=list --set data.x=$x --set target.xi=1 -o sines
    expect 0 forecast "$small" --set data.n=32 --set data.kind=list --set data.x=$x --set target.xi=1 --set target.kind=values \
        --set target.y="$y" -o values
    same_to_rounding sines values
}
same_to_rounding() { # A B: forecasts, to 1e-12 of the largest number in a column
    local name
    for name in lfp.gd ntk.infinite.gd ntk.empirical.gd; do
        paste "$1/decay/$name.tsv" "$2/decay/$name.tsv" | awk -F '\t' -v name="$name" '
            NR == 1 { n = NF / 2; next }
            { for (i = 1; i <= n; i++) { d = $i - $(n + i); if (d < 0) d = -d; if (d > off[i]) off[i] = d
                v = $i < 0 ? -$i : $i; if (v > size[i]) size[i] = v; if (v > all && i > 2) all = v } }
            END { if (NR < 50) print name ": " NR " lines"
                  for (i = 1; i <= n; i++) if (!(off[i] <= 1e-12 * (size[i] > 1e-6 ? size[i] : all)))
                      print name ", column " i ": " off[i] " off, of " size[i] }'
    done
}
check "a target of values is the target of sines with these values" values_of_sines

list_of_grid() {
    expect 0 forecast "$small" --set data.n=4 --set target.xi=1 -o grid
    expect 0 forecast "$small" --set data.n=32 --set data.kind=list --set data.x=-0.375,-0.125,0.125,0.375 --set target.xi=1 -o list
    same_to_rounding grid list
}
check "a list of points is the grid of these points" list_of_grid

units() {
    expect 0 forecast "$small" --set data.b=0 --set target.xi=2,4 -o cycles
    expect 0 forecast "$small" --set data.b=0 --set target.xi=1,2 --set target.unit=index -o index
    expect 0 forecast "$small" --set data.b=0 --set target.xi=12.566370614359172,25.132741228718345 --set target.unit=angular -o angular
    same_to_rounding cycles index
    same_to_rounding cycles angular
    grep -qx 'label = \[1.0, 2.0\];' index/decay/lfp.gd.cfg && grep -qx 'unit = "index";' index/decay/lfp.gd.cfg &&
        grep -qx 'xi = \[2.0, 4.0\];' index/decay/lfp.gd.cfg || cat index/decay/lfp.gd.cfg
    grep -qx 'label = \[12.566370614359172, 25.132741228718345\];' angular/decay/lfp.gd.cfg &&
        grep -qx 'unit = "angular";' angular/decay/lfp.gd.cfg || cat angular/decay/lfp.gd.cfg
}
check "frequencies in cycles, radians and periods per domain give the same tables" units

finish
