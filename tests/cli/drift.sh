#!/usr/bin/env bash
# observe.drift: how far kernels and weights move, for networks of units and of layers (TAP).
. "$(dirname "$0")/lib/common.sh"

learn=$work/learn.cfg
cat >"$learn" <<'END'
name = "learn";
data = { n = 41; a = -1.0; b = 1.0; points = "endpoints"; };
target = { kind = "sines"; xi = [0.5, 1.5]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(64)", "tanh", "dense(1)"]; parametrisation = "ntk"; };
init = { antisymmetric = true; };
train = { optimizer = "gd"; eta = 0.1; steps = 300; records = 60; };
observe = { drift = 8; };
forecast = { sources = []; };
seeds = { count = 2; };
END

# Header, zero first, then growing to the last step; a line of words.
is_drift() { # FOLDER LAST-STEP
    local head=$'step\ttime' name
    for name in change turn values vectors weights; do head+=$'\t'"${name}"$'\t'"${name}_lo"$'\t'"${name}_hi"; done
    [ "$(head -n 1 "$1/drift.tsv")" = "$head" ] || head -n 1 "$1/drift.tsv"
    awk -F '\t' -v last="$2" '
        NR == 2 { for (i = 1; i <= NF; i++) if ($i != 0) print "first row, column " i ": " $i }
        NR > 2 && $1 <= step { print "step " $1 " after " step }
        NR > 2 { for (k = 0; k < 5; k++) { mean = $(3 + 3 * k)
            if (!(mean >= $(4 + 3 * k) * (1 - 1e-12) && mean <= $(5 + 3 * k) * (1 + 1e-12))) print "row " NR ", part " k
            if (NR == 3) second[k] = mean
            now[k] = mean } }
        { step = $1 }
        END {
            if (NR < 5 || step != last) print NR " rows to step " step
            for (k = 0; k < 5; k++) if (!(now[k] > second[k] && second[k] > 0)) print "part " k ": " second[k] " to " now[k] }' "$1/drift.tsv"
    grep -qE '^kernel    moved by [0-9.e-]+ % \(eigenvalues [0-9.e-]+ %, eigenvectors sine [0-9.e-]+\), weights by [0-9.e-]+ %( |$)' <(unbroken) ||
        cat "$io/out"
}

train_kind() { # the last change by the route of train.tsv
    expect $ran run "$small" --set observe.drift=6 --set target.amplitude=0.1 -o dir || return
    is_drift dir 400
    local seed
    for seed in 1 2; do
        [ "$(tail -n 1 dir/drift.seed$seed.tsv | cut -f 1)" = 400 ] || cat dir/drift.seed$seed.tsv
        paste <(tail -n 1 dir/drift.seed$seed.tsv | cut -f 3) <(awk -v s=$seed '$1 == s' dir/train.tsv | cut -f 5) |
            awk '{ d = $1 - $2; if (!($2 > 0 && d * d <= 1e-24 * $2 * $2)) print "change " $1 ", in train.tsv " $2 }'
    done
}
check "kind train: zero first, growing, and the change of train.tsv at the end" train_kind

learn_kind() {
    expect 0 run "$learn" -o dir || return
    is_drift dir 300
    [ "$(wc -l <dir/drift.tsv)" = 9 ] || cat dir/drift.tsv
    [ "$("$json" -l dir/summary.json | grep -cE '^drift[.](change|turn|values|vectors|weights)\s[0-9.e-]+$')" = 5 ] || cat dir/summary.json
    expect 0 run "$learn" -o bare --set observe.drift=0 || return
    cmp dir/history.tsv bare/history.tsv # looking changes nothing
    cmp dir/history.seed1.tsv bare/history.seed1.tsv
    find bare -name '*drift*'
    ! grep '^kernel' "$io/out"
}
check "layers: the same, and nothing of it unless asked for" learn_kind

forced() {
    expect 0 run "$learn" -o dir
    expect 0 run "$learn" -o dir --set observe.drift=0 --force
    [ ! -e dir/drift.tsv ] && [ ! -e dir/figures/drift.svg ] || ls dir dir/figures
}
check "a table of an earlier run does not stay" forced

any_threads() { # CONFIG ARGS..
    expect $ran run "$1" -o one -j 1 --set train.threads=1 "${@:2}" || return
    expect $ran run "$1" -o two -j 2 --set train.threads=3 "${@:2}" || return
    cmp one/drift.tsv two/drift.tsv
}
check "kind train: the same bits for any number of threads" any_threads "$small" --set observe.drift=6 --set net.width=2048
check "layers: the same bits for any number of threads" any_threads "$learn" --set data.n=301

single() { # the start is that of training, rounded
    expect 0 run "$learn" -o dir --set net.precision=single --seeds 1 || return
    is_drift dir 300
}
check "single precision" single

stopped() { # a run that ends early is looked at where it ends
    expect 0 run "$learn" -o dir --set train.stop=0.3 || return
    local seed
    for seed in 1 2; do
        [ "$(tail -n 1 dir/history.seed$seed.tsv | cut -f 1)" -lt 300 ] || tail -n 1 dir/history.seed$seed.tsv
        [ "$(tail -n 1 dir/drift.seed$seed.tsv | cut -f 1)" = "$(tail -n 1 dir/history.seed$seed.tsv | cut -f 1)" ] ||
            cat dir/drift.seed$seed.tsv
    done
    no_leftovers dir
}
check "a run that stops early" stopped

ends_only() {
    expect 0 run "$learn" -o dir --set observe.drift=1 || return
    [ "$(cut -f 1 dir/drift.tsv | tr '\n' ' ')" = 'step 0 300 ' ] || cat dir/drift.tsv
}
check "once is at both ends" ends_only

final() { # FOLDER COLUMN
    table "$1/drift.tsv" "{ v = c[\"$2\"] } END { print v }"
}
with_width() { # by 1/16 for 256 times the width if as width^-1/2; an antisymmetric start makes it width^-1
    expect 0 run "$learn" -o narrow --set 'net.layers=dense(16),tanh,dense(1)' --seeds 4 || return
    expect 0 run "$learn" -o wide --set 'net.layers=dense(4096),tanh,dense(1)' --seeds 4 || return
    local name
    for name in change weights; do
        awk -v a="$(final narrow $name)" -v b="$(final wide $name)" -v name=$name \
            'BEGIN { if (!(b * 12 < a)) print name ": " a " to " b }'
    done
}
check "a wide network hardly moves" with_width

refuses "more examples than memory has room for" 'needs about [0-9.]+ GB of memory.*observe.drift' run "$learn" \
    --set data.kind=derivative --set data.a=-0.5 --set data.b=0.5 --set data.points=midpoint --set data.n=400000 --set data.length=8 --set data.bands=1,3 --set 'target.xi=[1.0, 3.0, 5.0]' --set target.amplitude=0.004 \
    --set 'net.layers=dense(8)' --set claims=
finish
