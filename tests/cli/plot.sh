#!/usr/bin/env bash
# What a user says of figures: several runs on one axis, and options of the look; what is no such thing is refused, and
# nothing of it is ever run (TAP).
. "$(dirname "$0")/lib/common.sh"

tiny=$work/tiny.cfg
cat >"$tiny" <<'END'
name = "tiny";
data = { n = 8; };
target = { xi = [1.0, 2.0, 3.0]; amplitude = 0.004; };
net = { width = 64; };
train = { time = 8.0; records = 12; };
forecast = { sources = ["ntk.infinite", "lfp"]; modes = 16; draws = 4; };
seeds = { count = 2; };
END
for width in 64 128 256; do "$SPECBIAS" run "$tiny" -q --set net.width=$width -o "w$width" >/dev/null 2>&1; done
"$SPECBIAS" run "$tiny" -q --set net.width=64 --set target.xi=2,1 --set forecast.sources=lfp -o other >/dev/null 2>&1
"$SPECBIAS" run "$tiny" -q --set target.unit=index --set target.xi=1,2 -o index >/dev/null 2>&1
"$SPECBIAS" run "$tiny" -q --set net.parametrisation=standard --set train.eta=1e-3 --set forecast.sources=ntk.empirical --set forecast.modes=2048 --set forecast.draws=64 -o standard >/dev/null 2>&1
"$SPECBIAS" forecast "$tiny" -q --set net.width=512 -o untrained >/dev/null 2>&1
"$SPECBIAS" kernel "$tiny" -q --set kernel.draws=1 -o kernel >/dev/null 2>&1
runs=("$work/w64" "$work/w128" "$work/w256")

shows() { # SVG TEXT..
    local text
    have gnuplot || return 0
    for text in "${@:2}"; do grep -qF "$text" "$1" || echo "${1##*/} is silent on $text"; done
}
hides() { # SVG TEXT..
    local text
    have gnuplot || return 0
    for text in "${@:2}"; do ! grep -qF ">$text<" "$1" || echo "${1##*/} shows $text"; done
}

widths() { # one figure for all; it stands alone, and is drawn again into the same folder
    expect 0 plot "${runs[@]}" -o dir
    [ ! -s "$io/err" ] || cat "$io/err"
    shows dir/figures/decay.svg 'net.width = 64' 'net.width = 128' 'net.width = 256' 'ξ = 2' ntk.infinite.gd 'range of 2 seeds'
    shows dir/figures/rates.svg 'net.width = 64' 'net.width = 128' 'net.width = 256' 'frequency ξ'
    echo run{1,2,3}.{agreement,ntk.infinite.gd,observed}.tsv | xargs -n 1 | diff - <(ls dir/tables)
    cmp dir/tables/run2.observed.tsv "$work/w128/decay/observed.tsv"
    mv dir moved && cp moved/figures/decay.svg before.svg
    have gnuplot && (cd moved/figures && LC_ALL=C.UTF-8 gnuplot decay.gp 2>&1 && cmp decay.svg ../../before.svg)
    expect 0 plot "${runs[@]:0:2}" -o moved --names "one,two ' and $(printf %c '`')id$(printf %c '`')"
    shows moved/figures/decay.svg one "two ' and \`id\`"
    hides moved/figures/decay.svg 'net.width = 64'
    [ "$(find moved/tables -type f | wc -l)" = 6 ] || ls moved/tables
}
check "several runs on one axis, called by the keys that differ" widths

common() { # items in another order, a forecast that not all have, a run that is not trained
    expect 0 plot "${runs[0]}" "$work/other" "$work/untrained" -o dir
    shows dir/figures/decay.svg '>lfp.gd<' 'ξ = 1' 'ξ = 2'
    hides dir/figures/decay.svg 'ξ = 3' ntk.infinite.gd
    grep -qx "items = '1 2 1 2 1 2'" dir/figures/decay.gp || grep '^items' dir/figures/decay.gp
    expect 0 plot "${runs[0]}" "$work/other" -o dir --sources ''
    hides dir/figures/decay.svg lfp.gd
    shows dir/figures/decay.svg 'ξ = 1'
    expect 0 plot "${runs[0]}" "${runs[0]}" -o same # of the same keys: by their folders
}
check "several runs: items and forecasts that they have in common" common

a=$work/w64 b=$work/w128
refuses "runs of different units" 'cannot share an axis: items differ in their unit' plot "$a" "$work/index" -o dir
refuses "runs of different times" 'differ in net.parametrisation, ntk and standard' plot "$a" "$work/standard" -o dir
refuses "kernels among runs" 'holds kernels: only runs' plot "$a" "$work/kernel" -o dir
refuses "an item that one has not" 'other watches no "3"' plot "$a" "$work/other" --items 3 -o dir
refuses "a forecast that one has not" 'other has no forecast "ntk.infinite"' plot "$a" "$work/other" --sources ntk.infinite -o dir
refuses "two forecasts of several runs" 'show one forecast' plot "$a" "$b" --sources lfp,ntk.infinite -o dir
refuses "names for fewer" '1 names for 2 runs' plot "$a" "$b" --names one -o dir
refuses "more runs than an axis takes" '13 runs are more than 12' plot $(printf "$a %.0s" {1..13}) -o dir
refuses "names of one" 'goes with several directories' plot "$a" --names one
refuses "no directory" '-o needs a directory' plot "$a" "$b" -o ''
refuses "control characters in the path" 'a control character' plot "$a" "$b" -o $'x\e'
refuses "not a run" 'is not a run directory' plot "$a" "$work" -o dir
refuses "a figure of another kind" '"history" is none of: decay, rates' plot "$a" "$b" --figure history -o dir

foreign() { # nothing of others is touched
    mkdir -p taken/figures link && echo precious >taken/figures/decay.gp && ln -s ../taken link/tables
    refused 'no figure of several runs' plot "$a" "$b" -o taken
    refused 'no figure of several runs' plot "$a" "$b" -o "$b"
    refused 'link' plot "$a" "$b" -o link
    echo x >file && refused 'no figure of several runs' plot "$a" "$b" -o file
    cp -r "$b" changed && sed -i 's/^0\t/1\t/' changed/decay/observed.tsv
    refused 'broken seal' plot "$a" changed -o dir
    expect 0 plot "$a" "$b" -o dir
    echo '# mine' >>dir/figures/decay.gp && echo mine >dir/figures/note
    expect 0 plot "$a" "$b" -o dir
    grep -q 'was edited: it is kept' "$io/err" || cat "$io/err"
    tail -n 1 dir/figures/decay.gp | grep -qx '# mine' && [ -e dir/figures/note ] || echo "edits are lost"
    expect 0 plot "$a" "$b" -o dir --redraw
    ! grep -q '# mine' dir/figures/decay.gp || echo "--redraw keeps an edited script"
}
check "several runs: folders of others, links, seals, edited scripts" foreign

looks() { # every option reaches the figure
    cp -r "$a" dir
    expect 0 plot dir --figure decay --width 8.6 --height 7 --terminal svg,png --items '3, 1' --sources lfp --colours '#112233,#abcdef' \
        --key top-right --title "it's \$x\$" --x-label 'my x' --y-label 'my y' --x-range 0.1:5 --y-range 1e-3:2 --x-scale linear
    [ ! -s "$io/err" ] || cat "$io/err"
    ! have gnuplot || [ ! -e dir/figures/decay.pdf ] || echo "a pdf that was not asked for"
    ! have gnuplot || [ "$(head -c 4 dir/figures/decay.png | tail -c 3)" = PNG ] || echo "no png"
    shows dir/figures/decay.svg 'width="487" height="396"' 'ξ = 1' 'ξ = 3' lfp.gd 'my x' 'my y' '$x$' '17,  34,  51' '171, 205, 239'
    hides dir/figures/decay.svg 'ξ = 2' ntk.infinite.gd 'gradient-flow time t'
    grep -q 'dir/figures/decay.svg' "$io/out" || cat "$io/out"
    expect 0 plot dir --figure rates,decay --colours grey --key none --title '' --items 2 --terminal dumb
    expect 0 plot dir --items 2
    grep -q 'do not follow what is said, such as --items, are left as they are: .*history' "$io/err" || cat "$io/err"
}
check "options of the look" looks

panels() { # fit into the width that is asked for, or say that they do not; the others are drawn
    cp -r "$work/kernel" dir
    have gnuplot || return 0
    expect 0 plot dir --width 14 --terminal svg
    [ "$(grep -oE 'width="[0-9]+"' dir/figures/slice.svg | head -n 1)" = 'width="793"' ] || grep -m 1 'width=' dir/figures/slice.svg
    expect 0 plot dir --width 11 --terminal svg --figure slice,alignment
    errors_match 'slice.gp is not drawn: a width of 11 cm leaves'
    [ -e dir/figures/alignment.svg ] && [ ! -e dir/figures/slice.svg ] || ls dir/figures
}
check "figures of several panels: the width that is asked for" panels

refuses "an item that is not there" '--items: "4" is none of: 1, 2, 3' plot "$a" --items 1,4
refuses "no item" '--items names none' plot "$a" --items ''
refuses "a forecast that is not there" '--sources: "heat" is none of: ntk.infinite, lfp' plot "$a" --sources heat
refuses "a figure that is not there" '--figure: "decoy" is none of: decay, rates' plot "$a" --figure decoy
refuses "a figure that does not follow" 'the figure history does not follow --items' plot "$a" --figure history --items 1
refuses "a kernel has no items" 'none of the figures .* follows --items' plot "$work/kernel" --items 1
refuses "an option of another command" '--width: this option goes with plot' run "$tiny" --width 8

malformed() { # OPTION VALUE..: none is taken; no command of theirs is run
    local value
    for value in "${@:2}"; do refused "--$1: " plot "$a" --$1 "$value"; done
    [ -z "$(find "$work" -name 'PWNED*')" ] || echo "a command was run"
}
evil=("'; system('touch PWNED'); x='" '`touch PWNED`' '$(touch PWNED)' $'1\nsystem "touch PWNED"' '"' '8.6cm' 'nan' 'inf' '1e99' '-8' '' ' 8')
check "numbers are numbers" malformed width "${evil[@]}"
check "terminals are of the list" malformed terminal "${evil[@]}" 'pdf|x' 'pdf,x11' 'pdf svg'
check "fonts are names" malformed font "${evil[@]:0:6}" "Sans',20" $'a\tb'
check "colours are colours" malformed colours "${evil[@]:0:6}" red '#12345' '#12345g' '#112233 #445566' '#112233,'
check "places of keys are of the list" malformed key "${evil[@]}" 'below; set output'
check "ranges are two numbers" malformed x-range "${evil[@]}" 1 2:1 1:1 1:2:3 '1:2]; system "touch PWNED"; #' nan:1 '*:1'
check "scales are of the list" malformed y-scale "${evil[@]}" logarithmic
check "titles are of one line" malformed title $'a\nb' $'a\x1b[2Jb' $'\xff' "$(printf 'x%.0s' {1..600})"
check "names are of one line" malformed names $'a\nb' 'a,,b' ',' $'\x7f'

harmless() { # texts that look like commands are texts
    cp -r "$a" dir && cp -r "$b" two
    local text="a'b\`touch PWNED\` \$(touch PWNED) \"; system 'touch PWNED' @x \\n %s {/*2}"
    expect 0 plot dir --figure decay --title "$text" --x-label "$text" --y-label "$text"
    shows dir/figures/decay.svg '`touch PWNED`'
    expect 0 plot dir two --names "$text,'" --title "$text" -o both
    shows both/figures/decay.svg '`touch PWNED`'
    [ ! -s "$io/err" ] || cat "$io/err"
    [ -z "$(find "$work" -name 'PWNED*')" ] || echo "a command was run"
}
check "titles and names run no command" harmless

finish
