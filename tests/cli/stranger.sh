#!/usr/bin/env bash
# A configuration or a run directory of a stranger runs no command, touches nothing outside its directory, is refused when
# it does not fit together, and does not write to the terminal what controls it (TAP).
# After public reports of the same kinds elsewhere: CVE-2007-4559 (names that leave the directory), CVE-2021-32803
# (writing through links), CVE-2003-0063 (escape sequences on a terminal).
. "$(dirname "$0")/lib/common.sh"

tiny=$work/tiny.cfg
cat >"$tiny" <<'END'
name = "tiny";
data = { n = 8; };
target = { xi = [1.0, 2.0]; amplitude = 0.004; };
net = { width = 64; };
train = { time = 4.0; records = 12; checkpoint = 0.0; };
forecast = { modes = 16; draws = 4; };
seeds = { count = 2; };
END
jacobi='kind = "jacobi"; jacobi = { n = 20; sweeps = 20; modes = [2.0]; frequencies = [1.0]; };'
overlay=(--set kind=overlay --set net.kind=fourier --set 'overlay.densities=gaussian(12),uniform(30)'
         --set forecast.sources=ntk.infinite --set forecast.modes=2048 --set init.out_scale=0)

# The keys of tiny at their defaults that a table does not use.
table=(--set data.kind=table --set net.kind=layers --set 'net.layers=dense(1)' --set 'target.xi=[1.0, 3.0, 5.0]'
       --set net.width=8192 --set forecast.modes=2048 --set forecast.draws=64)

"$SPECBIAS" run "$tiny" -q -o run >/dev/null 2>&1
"$SPECBIAS" run "$tiny" "${overlay[@]}" -q -o overlay >/dev/null 2>&1
"$SPECBIAS" kernel "$tiny" --set kernel.draws=1 -q -o kernel >/dev/null 2>&1
mkdir outside && echo precious >outside/file
for name in decay.svg style.gp gnuplot.log x.tsv config.cfg seed1; do echo precious >"outside/$name"; done
outside=$(snapshot outside)

unharmed() { # [FOLDER]: nothing was run, nothing outside was touched
    find "$work" -name 'PWNED*' -printf 'a command was run: %p\n'
    diff <(echo "$outside") <(snapshot "$work/outside")
}

copy() { # RUN: as dir
    rm -rf dir && cp -r "$work/$1" dir
}

says_nothing_odd() { # no control characters but line ends and tabs
    ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$io/out" "$io/err" || cat -v "$io/out" "$io/err"
}

# ---- names ----

names() { # NAME..: refused for every kind and command, from a file and from --set, in a directory
    local name
    for name in '`touch PWNED`' '$(touch PWNED)' '"; system("touch PWNED"); a="' "'; system('touch PWNED'); '" '@PWNED' '../up/x' \
        '/tmp/x' '.' '..' '.x' '-x' '' 'a/b' 'a b' $'a\nb' $'a\eb' $'a\x9bb' "$(printf '%0300d' 0)"; do
        local quoted=${name//\"/\\\"}
        printf 'name = "%s"; %s' "$quoted" "$jacobi" >e.cfg
        expect 2 run e.cfg
        says_nothing_odd
        expect 2 kernel "$tiny" --set "name=\"$quoted\""
        says_nothing_odd
    done
    rm e.cfg
    copy run
    sed -i '1s/.*/name = "..\/x";/' dir/config.cfg
    reseal dir
    for command in compare plot explain train; do expect 2 "$command" dir; done
    rm -r dir
    ls -A
    unharmed
}
check "no name leaves the directory, is a command, or an option, whatever the kind of experiment" names

texts() { # control characters in any text
    local key
    for key in data.file init.density net.layers overlay.densities data.columns init.table; do
        expect 2 check "$tiny" --set "$key=\"a"$'\e[31m'"b\""
        says_nothing_odd
        [ -s "$io/err" ] || echo "$key: no message"
    done
    printf '\e[31mx = 1;' >e.cfg
    expect 2 check e.cfg
    says_nothing_odd
    mkdir $'d\e[31m'
    expect 2 explain $'d\e[31m'
    says_nothing_odd
    printf 'a\e[31m,b\n1,\e[32m\n' >t.csv
    expect 2 run "$tiny" "${table[@]}" --set data.file=t.csv
    says_nothing_odd
}
check "control characters are neither read nor printed" texts

# ---- texts in figures ----

summary_texts() {
    local evil
    for evil in '`touch PWNED`' "'; system('touch PWNED'); a='" '$(touch PWNED)' '@x'; do
        copy kernel
        sed -i "s|\"place\": \"[a-z]*\"|\"place\": \"$evil\"|; s|\"unit\": \"[a-z_]*\"|\"unit\": \"$evil\"|" dir/kernel/summary.json
        refused 'broken seal: dir/kernel/summary.json was changed' plot dir
        reseal dir
        program plot dir
        says_nothing_odd
        ! grep -q PWNED dir/figures/*.gp || grep -n PWNED dir/figures/*.gp
    done
    unharmed
}
check "kernel/summary.json: fields are words of ours, or nothing" summary_texts

cells() { # study.tsv, agreement.tsv, history.tsv in gnuplot
    local evil
    for evil in "a' 1); system('touch PWNED'); set ytics ('b" '`touch PWNED`' 'a" . system("touch PWNED") . "' '$(touch PWNED)' \
        '@cells' '{/Symbol a}_b^c'; do
        copy overlay
        awk -v e="${evil//\\/\\\\}" -F '\t' -v OFS='\t' 'NR > 1 { $1 = e } 1' dir/study.tsv >new && mv new dir/study.tsv
        refused 'broken seal: dir/study.tsv was changed' plot dir
        reseal dir
        expect 0 plot dir
        cat "$io/err"
    done
    ! have gnuplot || grep -qF '{/Symbol a}_b^c' dir/figures/bias.svg || echo "bias.svg does not show the text as it stands"
    copy run
    sed -i '2s/^[^\t]*/`touch PWNED`/' dir/agreement.tsv
    program plot dir
    unharmed
}
check "cells of tables never become a part of a command, and are shown as they stand" cells

# ---- links ----

planted() {
    local file
    copy run
    rm dir/verdict.sha256
    for file in .agreement.tsv.tmp agreement.tsv summary.json budget.tsv bias.tsv figures/gnuplot.log figures/decay.svg \
        figures/decay.pdf figures/.decay.gp.tmp; do
        ln -sf "$work/outside/file" "dir/$file"
    done
    expect $ran compare dir
    expect 0 plot dir
    [ ! -L dir/agreement.tsv ] && [ ! -L dir/summary.json ] && [ ! -L dir/figures/decay.svg ] || ls -l dir dir/figures
    ln -sf "$work/outside/file" dir/figures/style.gp # is not as it was written
    expect 0 plot dir
    unharmed
}
check "links with the names of results are replaced, not followed" planted

folders() {
    local folder command
    for folder in figures checkpoints arrays kernel snapshots decay; do
        copy run
        rm -rf "dir/$folder"
        ln -s "$work/outside" "dir/$folder"
        rm -f dir/train.tsv dir/observed.sha256 dir/verdict.sha256
        for command in compare plot train explain; do program "$command" dir; done
        program run "$tiny" -q --force -o dir
        is_status 2 "run --force over a link"
        errors_match "dir/$folder is a link"
        unharmed
    done
    rm -rf dir && cp -r "$work/overlay" dir && rm -r dir/gaussian-12.sa0 && ln -s "$work/outside" dir/gaussian-12.sa0
    program run "$tiny" "${overlay[@]}" -q --force -o dir
    is_status 2 "an overlay over a link"
    unharmed
    mkdir real && ln -s real chosen # by the user
    expect $ran run "$tiny" -o chosen
    [ -e real/summary.json ] || ls real
}
check "linked folders of a directory are refused before anything goes; the directory itself may be a link" folders

only_ours() { # --force removes what runs write
    copy run
    mkdir -p dir/arrays dir/kernel
    touch dir/mine.tsv dir/arrays/mine.npy dir/kernel/notes.tsv dir/decay/notes.tsv dir/figures/mine.gp dir/figures/mine.pdf \
        dir/checkpoint dir/.decay.tmp dir/decay/.x.tmp "dir/.agreement.tsv.0123456789abcdef.tmp"
    ln -s ../outside/file dir/.config.cfg.0123456789abcdef.tmp
    expect $ran run "$tiny" --force -o dir
    ls dir/mine.tsv dir/arrays/mine.npy dir/kernel/notes.tsv dir/decay/notes.tsv dir/figures/mine.gp dir/figures/mine.pdf \
        dir/checkpoint dir/.decay.tmp dir/decay/.x.tmp dir/.config.cfg.0123456789abcdef.tmp >/dev/null
    [ ! -e "dir/.agreement.tsv.0123456789abcdef.tmp" ] || echo "what a killed run left is still there"
    expect $ran run "$tiny" "${overlay[@]}" --set overlay.sigma_a=0 --force -o dir
    expect 0 forecast "$tiny" --set seeds.count=1 --force -o dir
    ls dir/decay/observed* dir/train.tsv dir/summary.json dir/study.tsv dir/figures/decay.* 2>/dev/null
    unharmed
}
check "--force removes the files that runs write and no others" only_ours

# ---- files that never end ----

endless() {
    mkfifo pipe
    local file
    for file in pipe /dev/zero /dev/full .; do
        for key in init.table data.file; do
            if [ $key = data.file ]; then program check "$tiny" "${table[@]}" --set "$key=$file"
            else program check "$tiny" --set net.kind=fourier --set init.density=table --set "$key=$file"; fi
            is_status 2 "$key = $file"
        done
        program check "$file"
        is_status 2 "check $file"
        echo "@include \"$file\"" >e.cfg
        program check e.cfg
        is_status 2 "@include $file"
    done
    for i in 1 2; do echo '@include "deep.cfg"'; done >deep.cfg
    refused 'too much is included' check deep.cfg
    truncate -s 1T huge.cfg
    program check huge.cfg
    is_status 2 'a huge file'
    errors_match 'larger than 64 MB'
    rm huge.cfg
    for file in config.cfg decay/lfp.gd.tsv decay/lfp.gd.cfg decay/draws.tsv train.tsv forecast.sha256 observed.sha256 summary.json; do
        copy run
        rm "dir/$file" && mkfifo "dir/$file"
        for command in compare plot explain train; do timeout 20 "$SPECBIAS" "$command" dir >/dev/null 2>&1; [ $? -lt 124 ] || echo "$command: $file"; done
        rm "dir/$file" && ln -s /dev/zero "dir/$file"
        timeout 20 "$SPECBIAS" compare dir >/dev/null 2>&1
        [ $? -lt 124 ] || echo "compare: $file -> /dev/zero"
    done
    rm -r dir
}
check "pipes, devices, folders and endless files are refused at once, wherever a file is read" endless

# ---- tables that do not belong ----

lie() { # FILE SED PATTERN: resealed, and refused in words
    copy run
    local file
    for file in dir/$1; do sed -i "$2" "$file"; done
    reseal dir
    for command in compare explain; do
        program "$command" dir
        is_status 2 "$command after $2 on $1"
        errors_match "$3"
    done
}
lies() {
    lie 'decay/*.cfg' 's/^xi = .*/xi = [1.0, 2.0, 3.0];/; s/^label = .*/label = [1.0, 2.0, 3.0];/' "does not belong to config.cfg: other labels"
    lie 'decay/lfp.gd.cfg' 's/^xi = .*/xi = [1.0, 2.5];/' 'does not belong to config.cfg.*frequencies'
    lie 'decay/observed.seed2.cfg' 's/^label = .*/label = [1.0, 2.5];/' 'observed.seed2.cfg does not belong to config.cfg: other labels'
    lie 'decay/lfp.gd.cfg' 's/^form = .*//' 'no form'
    lie 'decay/lfp.gd.cfg' 's/^form = .*/form = "flow";/' 'other form'
    lie 'decay/lfp.gd.cfg' 's/^source = .*/source = "ntk.infinite";/' 'other source'
    lie 'decay/observed.seed1.cfg' 's/^unit = .*/unit = "angular";/' 'other unit'
    lie 'decay/observed.seed1.cfg' 's/first = 1/first = 2/' 'other seeds'
    lie 'decay/lfp.flow.cfg' 's/^loss_factor = .*/loss_factor = 2.0;/' 'loss factors'
    lie 'decay/lfp.flow.cfg' '1i @include "/dev/zero"' 'include'
    lie 'decay/*.tsv' '$d' 'recorded times|expected draw'
    lie 'decay/lfp.gd.tsv' '3s/^[^\t]*/0.7/' 'recorded times'
    lie 'decay/lfp.gd.tsv' '3s/[^\t]*$/inf/' 'no number'
    lie 'decay/lfp.gd.tsv' '1s/err(1)/err_0/' 'lfp.gd.tsv:1: column 5 is "err_0", not "err\(1\)"' # as they once were
    lie 'decay/draws.tsv' '1s/T(1,0.1)/T(7,0.1)/' 'draws.tsv:1: column 4 is "T\(7,0.1\)", not "T\(1,0.1\)"'
    lie 'decay/observed.seed1.tsv' '4s/\(\t[^\t]*\t\)[^\t]*/\1nan/' 'no number'
    lie 'decay/draws.tsv' '3d' 'expected draw 2 of 4'
    lie 'decay/draws.tsv' '$a 5\t1\t1\t1\t1\t1\t1\t1\t1' 'more than 4 draws'
    lie 'decay/draws.tsv' '2s/\t[^\t]*/\t-1/' 'expected draw 1'
    lie 'train.tsv' '2s/^1/7/' 'not the seed'
    lie 'train.tsv' '3d' 'expected numbers and a seal'
    lie 'train.tsv' '2s/\t[0-9]*/\t3/' 'not the seed and steps'
    lie 'effect.tsv' '2s/^1/7/' 'no effect of this run'
    lie 'effect.tsv' '3s/[^\t]*$/-1/' 'no effect of this run'
    copy run
    sed -i 's/^xi = .*/xi = [1.0, 2.0, 3.0];/' dir/decay/*.cfg
    reseal dir
    refused 'does not belong to config.cfg: other labels' plot dir
    copy run
    rm dir/observed.sha256 dir/verdict.sha256
    sed -i '2s/^1/7/' dir/train.tsv
    expect 2 compare dir # of an earlier version
    grep -q 'warning: dir has no observed.sha256' "$io/err" || cat "$io/err"
}
check "tables that contradict the configuration are refused in words, though the seals hold" lies

# ---- seals ----

seals() {
    local file
    for file in decay/observed.seed1.tsv decay/observed.tsv decay/observed.cfg train.tsv forecast.sha256 config.cfg decay/draws.tsv; do
        copy run
        echo >>"dir/$file"
        for command in compare plot explain; do refused "broken seal: dir/${file/forecast.sha256/(forecast.sha256|.*)}" "$command" dir; done
        mv "dir/$file" elsewhere
        case $file in config.cfg | forecast.sha256) continue ;; esac
        for command in compare plot explain; do refused "broken seal: dir/$file is missing" "$command" dir; done
    done
    copy run
    cp dir/decay/observed.seed1.tsv dir/decay/observed.seed9.tsv
    refused 'observed.seed9.tsv is not under seal in observed.sha256' compare dir
    for file in study.tsv summary.json; do
        copy overlay
        sed -i 's/undecided/agrees/; s/differs/agrees/; s/$/ /' "dir/$file"
        refused "broken seal: dir/$file was changed" explain dir
        refused "broken seal: dir/$file was changed" plot dir
    done
    copy kernel
    sed -i '2s/[0-9]/7/' dir/kernel/spectrum.tsv
    refused 'broken seal: dir/kernel/spectrum.tsv' plot dir
    refused 'broken seal: dir/kernel/spectrum.tsv' explain dir
    (cd "$work/run" && sha256sum -c --quiet forecast.sha256 observed.sha256)
    (cd "$work/overlay" && sha256sum -c --quiet forecast.sha256 observed.sha256)
    grep -q gaussian-12.sa0/observed.sha256 "$work/overlay/observed.sha256" || echo "members are not under seal"
}
check "what was observed is under seal; compare, plot and explain name the file that was changed, is missing, or was added" seals

# ---- edited scripts ----

edited() {
    copy run
    echo 'system("touch PWNED")' >>dir/figures/decay.gp
    cp dir/figures/decay.gp mine
    expect 0 plot dir
    grep -q 'dir/figures/decay.gp was edited: it is kept' "$io/err" || cat "$io/err"
    cmp mine dir/figures/decay.gp
    unharmed
    expect $ran run "$tiny" --force -o dir
    cmp mine dir/figures/decay.gp
    unharmed
    echo 'system("touch PWNED")' >>dir/figures/style.gp
    expect 0 plot dir
    unharmed
    ! have gnuplot || { expect 0 plot dir --edited; [ -e dir/figures/PWNED ] || echo "--edited does not run it"; rm -f dir/figures/PWNED; }
    expect 0 plot dir --redraw
    [ ! -s "$io/err" ] || cat "$io/err"
    ! grep -l PWNED dir/figures/*.gp
    unharmed
}
check "an edited script is kept, and not run unless that is asked for; --redraw replaces it" edited

finish
