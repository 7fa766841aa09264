#!/usr/bin/env bash
# No key is silent (TAP): in experiments of every kind each key of keys.def takes another value; the program refuses it,
# with the key in its message, or something of the result is another. About ten minutes.
. "$(dirname "$0")/../cli/lib/common.sh"
stand_in_for_gnuplot
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

experiment() { # NAME < KEYS
    { echo "name = \"base\";"; cat; } >"$work/$1.cfg"
}
experiment units <<'EOF'
data = { n = 12; };
target = { xi = [1.0, 2.0]; amplitude = 0.02; };
net = { width = 64; };
train = { time = 4.0; eta = 0.05; };
forecast = { modes = 32; draws = 16; };
seeds = { count = 2; };
EOF
experiment law <<'EOF'
data = { n = 8; };
target = { xi = [1.0]; amplitude = 0.4; };
net = { width = 32; activation = "tanh"; };
train = { optimizer = "adam"; eta = 1e-3; steps = 400; };
forecast = { sources = ["law", "ntk.empirical"]; rehearsals = 2; tolerance = 0.5; };
seeds = { count = 1; };
EOF
experiment fourier <<'EOF'
data = { n = 16; a = -3.141592653589793; b = 3.141592653589793; };
target = { unit = "angular"; xi = [2.0, 4.0]; };
net = { kind = "fourier"; width = 64; };
init = { density = "gaussian(6)"; out_scale = 1.0; };
train = { time = 4.0; eta = 0.25; };
forecast = { sources = ["heat", "heat.rate", "ntk.infinite"]; draws = 16; };
seeds = { count = 1; };
EOF
experiment circle <<'EOF'
data = { kind = "cosine"; n = 24; a = 0.0; b = 6.283185307179586; map = "circle"; weights = "periodic"; };
target = { kind = "sines"; unit = "index"; xi = [1.0, 2.0]; };
net = { kind = "layers"; layers = ["dense(64)", "relu", "dense(1)"]; };
loss = { kind = "sobolev"; s = 0.5; };
train = { optimizer = "heavy_ball"; eta = 1e-3; steps = 40; };
forecast = { draws = 16; };
observe = { drift = 2; snapshots = [10.0]; grid = 40; };
seeds = { count = 1; };
EOF
experiment table <<'EOF'
data = { kind = "table"; file = "points.csv"; test = 5; columns = ["y"]; inputs = ["a", "b"]; };
net = { kind = "layers"; layers = ["dense(8)", "tanh", "dense(1)"]; parametrisation = "standard"; };
observe = { projection = [1.0]; filter = [0.2]; spectrum = "principal"; };
train = { eta = 0.01; steps = 40; batch = 10; };
forecast = { draws = 16; };
seeds = { count = 1; };
EOF
experiment classes <<'EOF'
data = { kind = "idx"; file = "images"; labels = "labels"; n = 12; test = 4; };
net = { kind = "layers"; layers = ["dense(8)", "relu", "dense(2)"]; };
loss = { kind = "softmax"; };
observe = { filter = [0.2]; };
train = { optimizer = "adam"; eta = 1e-3; steps = 20; schedule = "step"; decay = 0.5; period = 10; weight_decay = 1e-3; };
seeds = { count = 1; };
EOF
experiment derivative <<'EOF'
data = { kind = "derivative"; n = 6; test = 3; length = 16; bands = [1.0, 3.0, 1.0, 3.0]; };
net = { kind = "layers"; layers = ["conv1d(4, 3, circular)", "tanh", "conv1d(1, 3, circular)"]; };
observe = { projection = [1.0, 2.0]; };
train = { eta = 1e-4; steps = 20; };
seeds = { count = 1; };
EOF
experiment sphere <<'EOF'
data = { kind = "sphere"; n = 32; dimension = 3; };
target = { xi = [1.0, 2.0]; amplitude = 0.05; };
net = { kind = "layers"; layers = ["dense(64)", "relu", "dense(1)"]; };
train = { eta = 0.1; steps = 40; };
forecast = { draws = 16; };
seeds = { count = 1; };
EOF
awk 'BEGIN { print "a,b,y"; for (i = 0; i < 30; i++) printf "%.4f,%.4f,%.5f\n", sin(7 * i), cos(3 * i), sin(i) }' >"$work/points.csv"
{ printf '\0\0\10\3\0\0\0\24\0\0\0\2\0\0\0\2'
  for i in $(seq 80); do printf "\\$(printf %03o $((i * i * 37 % 251)))"; done; } >"$work/images"
{ printf '\0\0\10\1\0\0\0\24'; for i in $(seq 20); do printf "\\$(printf %03o $((i * i % 7 % 2)))"; done; } >"$work/labels"

# Keys that change no number, by design: names, how a machine works, what `specbias kernel` does, what goes by rounding.
free=' experiment.name train.threads train.route train.checkpoint forecast.method forecast.max_steps '
# Values that say what is so anyway: points of a grid have equal weights, |u|^p has p = 2, numbers of a table are no bytes,
# none is missing, tests are measured by the loss.
same=' loss.weights=quadrature loss.kind=lp data.standardise=none data.header=yes data.missing=drop loss.test=mse '
# Keys of which something is said that nobody may ask: the unit of a frequency.
unasked=' target.unit observe.xi '

# Other values of a key of this type, default and range, words by words.
values() { # TYPE DEFAULT RANGE
    case $1 in
        FLAG) [ "$2" = true ] && echo false || echo true ;;
        WHOLE) awk -v d="$2" 'BEGIN { print d + 1; print 2 * d + 7 }' ;;
        REAL) awk -v d="$2" 'BEGIN { printf "%.17g\n%.17g\n", d == 0 ? 0.25 : d * 1.25, d == 0 ? 1 : d * 1.8 }' ;;
        CHOICE)
            case $3 in
                @*) "$SPECBIAS" list "${3#@}" | grep -o '^[a-z][a-z0-9._]*' ;;
                *) tr '|' '\n' <<<"$3" ;;
            esac | grep -vx "${2//\"/}" ;;
        REALS) echo 1.0,3.0 ;;
        *) echo other ;;
    esac
}
sed -n 's/^KEY(\([a-z_]*\), *\([a-z_0-9]*\), *\([A-Z]*\), *\(.*\)/\1.\2 \3 \4/p' "$root/include/specbias/keys.def" |
    awk '{ key = $1; type = $2; $1 = $2 = ""; match($0, /"([^"\\]|\\.)*"/); d = substr($0, RSTART + 1, RLENGTH - 2)
           rest = substr($0, RSTART + RLENGTH); match(rest, /"([^"\\]|\\.)*"/); r = substr(rest, RSTART + 1, RLENGTH - 2)
           gsub(/\\"/, "\"", d); print key "\t" type "\t" d "\t" r }' >"$work/keys"

outcome() { # DIR: every number of it and every name of a file, but times of clocks and what the keys are
    (cd "$1" && find . -type f | sort
     find . -name '*.gp' -exec sed "s/$1/DIR/g" {} +
     find . -type f \( -name '*.tsv' -o -name '*.npy' \) ! -name train.tsv ! -name seconds.tsv ! -name seconds.* -exec sha256sum {} + | sort
     grep -vE 'seconds|seal|"name"|route' summary.json)
}

silent() { # EXPERIMENT
    local key type default range value tried=0 said=() makes=()
    cd "$work" || return
    "$SPECBIAS" run "$1.cfg" -j 1 -q -o base >/dev/null 2>"$io/err" </dev/null
    [ -e base/summary.json ] || { cat "$io/err"; return; }
    outcome base >wanted
    while IFS=$'\t' read -r key type default range <&3; do
        case $free$unasked$key in *" $key "* | *kernel.*) continue ;; esac
        for value in $(values "$type" "$default" "$range"); do
            case $same in *" $key=$value "*) continue ;; esac
            ! grep -q "[ {]${key#*.} = \"$value\"" "$1.cfg" || continue
            rm -rf other
            timeout 60 "$SPECBIAS" run "$1.cfg" -j 1 -q -o other --set "${key#experiment.}=$value" >/dev/null 2>"$io/err" </dev/null
            tried=$((tried + 1))
            [ -e other/summary.json ] || continue # told
            outcome other >found; cmp -s wanted found && said+=("$key = $value") || makes+=("$key")
        done
    done 3<keys
    rm -rf base other
    for value in "${said[@]}"; do # another value of it may have told
        case " ${makes[*]} " in *" ${value%% *} "*) ;; *) echo "$1: $value is silent" ;; esac
    done
    [ "$tried" -gt 100 ] || echo "$tried values tried"
}
for name in units law fourier circle table classes derivative sphere; do
    check "$name: every key is refused or makes a difference" silent $name
done

finish
