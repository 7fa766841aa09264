# Sourced: what is asked of each rule of training.

# A lazy network that is really trained, with a rule that has a forecast.
training_follows() { # OPTIMIZER ETA MOMENTUM
    local momentum=0.9 # its default, which gd does not use
    [ "$1" = gd ] || momentum=$3
    set -- --set data.n=32 --set target.amplitude=1e-5 --set train.optimizer="$1" --set train.eta="$2" \
        --set train.momentum=$momentum --set train.steps=100 --set train.records=100 --set seeds.count=1 --set claims= --set forecast.sources=[]
    expect 0 run "$root/experiments/circle.cfg" -o run "$@" || return
    expect 0 kernel "$root/experiments/circle.cfg" -o kernel --set kernel.widths=[] "$@" || return
    paste run/frequencies.tsv kernel/kernel/forecast.empirical.tsv | awk -F '\t' '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "step") start = i; next }
        { for (k = 0; k < 7; k++) { a = $(2 + 3 * k); b = $(start + 4 + k); d = a - b; if (d < 0) d = -d; if (!(d <= 2e-3)) bad++
              if (d > worst) worst = d } rows++ }
        END { if (bad || rows != 101) print bad + 0 " of " rows " rows differ, by up to " worst }'
}
