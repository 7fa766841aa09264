#!/usr/bin/env bash
# A figure for a paper without editing a script: a column wide, two of three items, three widths on one axis, by LaTeX
# (TAP). pdflatex and cairolatex alone are asked; without them it is skipped.
. "$(dirname "$0")/../cli/lib/common.sh"

if ! have gnuplot || ! have pdflatex; then
    skip "a figure by pdflatex" "no gnuplot or no pdflatex"
    finish
fi

paper=$work/paper.cfg
cat >"$paper" <<'END'
name = "widths";
data = { n = 32; };
target = { xi = [1.0, 3.0, 5.0]; amplitude = 0.004; };
train = { time = 200.0; records = 40; };
forecast = { sources = ["ntk.infinite", "lfp"]; };
seeds = { count = 4; };
END

column() {
    local width figure
    for width in 512 1024 2048; do expect "$ran" run "$paper" -q --set net.width=$width -o "w$width" || return; done
    expect 0 plot w512 w1024 w2048 --width 8.6 --items 1,5 --terminal cairolatex --title 'a_b & 50 % {of} $x^2$ #~\' -o fig
    [ ! -s "$io/err" ] || cat "$io/err"
    for figure in decay rates; do
        (cd fig/figures && pdflatex -no-shell-escape -interaction=nonstopmode -halt-on-error "$figure.tex" >"$figure.said" 2>&1) ||
            tail -n 5 "fig/figures/$figure.said"
        if have pdfinfo; then # 8.6 cm are 243.8 points
            pdfinfo "fig/figures/$figure.pdf" | awk '/^Page size/ { w = $3; h = $5 }
                END { if (!(w > 242 && w < 246 && h > 140 && h < 280)) print w " x " h " points" }'
        fi
        ! grep -E '^(Overfull|LaTeX Warning: (File|Reference))' "fig/figures/$figure.said"
    done
    if have pdftotext; then
        pdftotext -layout fig/figures/decay.pdf decay.txt
        for text in 'net.width = 512' 'net.width = 1024' 'net.width = 2048' ntk.in 'relative error'; do
            grep -qF "$text" decay.txt || echo "the figure is silent on $text"
        done
        [ "$(grep -oE 'ξ *= *[0-9]' decay.txt | tr -dc 0-9)" = 15 ] || echo "items: $(cat decay.txt)"
    fi
}
check "8.6 cm, two of three items, three widths, by pdflatex" column

finish
