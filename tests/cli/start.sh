#!/usr/bin/env bash
# Networks that start from given weights, init.file, and the order in which parameters stand in files (TAP).
in_memory=yes
. "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >own.cfg <<'CFG'
name = "own";
data = { n = 12; points = "left"; map = "circle"; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { kind = "layers"; layers = ["dense(64)", "relu", "dense(1)"]; };
train = { time = 60.0; eta = 0.1; records = 20; };
forecast = { sources = ["ntk.empirical"]; };
output = { arrays = true; residuals = true; };
seeds = { count = 2; };
CFG
cat >two.cfg <<'CFG'
name = "two";
data = { n = 16; };
target = { xi = [1.0, 3.0]; };
net = { width = 64; };
train = { time = 10.0; records = 10; };
forecast = { sources = ["ntk.empirical"]; };
output = { arrays = true; residuals = true; };
seeds = { count = 1; };
CFG
"$SPECBIAS" run own.cfg -o own >/dev/null 2>&1
"$SPECBIAS" run two.cfg -o two >/dev/null 2>&1
arrays=$work/own/arrays

again() { # CONFIGURATION RUN ARGS..: its own start, given back
    local name
    expect $ran run "$work/$1" -o run --seeds 1 --set init.file="$work/$2/arrays/start.seed1.npy" "${@:3}" || return
    for name in {start,weights,residual}.seed1 ntk.empirical.seed1.gram; do
        cmp "$work/$2/arrays/$name.npy" "run/arrays/$name.npy"
    done
    cmp "$work/$2/decay/ntk.empirical.seed1.gd.tsv" run/decay/ntk.empirical.seed1.gd.tsv
    cmp "$work/$2/decay/observed.seed1.tsv" run/decay/observed.seed1.tsv
    cmp "$work/$2/arrays/start.seed1.npy" run/decay/start.npy
}
check "a run's own start, given back, is trained to the same bits" again own.cfg own
check "and that of a sum over units" again two.cfg two

goes_on() {
    expect $ran run "$work/own.cfg" -o run --seeds 1 --set init.file="$arrays/weights.seed1.npy" || return
    expect $ran run "$work/own.cfg" -o long --seeds 1 --set train.time=120.0 || return
    cmp run/arrays/weights.seed1.npy long/arrays/weights.seed1.npy
    ! cmp -s run/arrays/weights.seed1.npy run/arrays/start.seed1.npy || echo "nothing moved"
    table run/agreement.tsv '{ n += c["source"] == "ntk.empirical" && c["verdict"] != "none" } END { if (n != 4) print n " lines" }'
}
check "weights at the end go on where a run ended" goes_on

outside() { # somebody else trains from it
    expect 0 forecast "$work/own.cfg" -o run --seeds 1 --set init.file="$arrays/start.seed1.npy" || return
    refused 'the shape must be' observe run --residuals "$arrays/weights.seed1.npy" --steps "$work/own/decay/observed.seed1.tsv"
    expect 0 observe run --residuals "$arrays/residual.seed1.npy" --steps "$work/own/decay/observed.seed1.tsv" || return
    cmp "$work/own/decay/observed.seed1.tsv" run/decay/observed.seed1.tsv
    expect $ran compare run
}
check "a network of given weights that was trained outside" outside

alone() { # the original is gone
    local name
    cp "$arrays/start.seed1.npy" mine.npy
    sed 's/seeds = .*/seeds = { count = 1; }; init = { file = "mine.npy"; };/' "$work/own.cfg" >mine.cfg
    mkdir other && cd other || return # relative to the configuration
    expect 0 forecast ../mine.cfg -o ../run || return
    cd .. || return
    grep -q ' decay/start.npy$' run/forecast.sha256 || echo "the start is not sealed"
    cp "$arrays/start.seed2.npy" mine.npy
    expect 2 run mine.cfg -o run --resume
    errors_match 'run was made with other weights than init.file has now'
    refused 'run was made with other weights than init.file has now' compare mine.cfg -o run
    rm mine.npy
    refused 'mine.cfg:8: init.file: cannot read mine.npy' check mine.cfg
    expect $ran run run/config.cfg -o run --resume
    cmp "$arrays/weights.seed1.npy" run/arrays/weights.seed1.npy
    for name in compare plot explain; do expect $ran "$name" run; done
    expect 0 kernel run/config.cfg -o kernel || return
    cmp kernel/arrays/start.seed1.npy run/arrays/start.seed1.npy
    cmp kernel/arrays/loss_weights.npy run/arrays/loss_weights.npy
    cmp kernel/arrays/empirical.gram.npy run/arrays/ntk.empirical.seed1.gram.npy
    cmp kernel/decay/start.npy run/decay/start.npy
    grep -q ' decay/start.npy$' kernel/observed.sha256 || echo "that of a kernel is not sealed"
    [ ! -e kernel/kernel/widths.tsv ] || echo "widths of what has no law"
    expect $ran run run/manifest.cfg -o copy
    cmp run/arrays/weights.seed1.npy copy/arrays/weights.seed1.npy
    cp "$arrays/start.seed2.npy" mine.npy # of another start it is not finished
    refused '[-][-]force' run mine.cfg -o run
    refused '[-][-]force' kernel mine.cfg -o kernel --set kernel.pairs=0
    printf x >>run/decay/start.npy
    expect 2 compare run
    grep -q 'holds [0-9]* bytes of numbers\|broken seal' "$io/err" || cat "$io/err"
}
check "a run directory stands alone, under seal" alone

lawless() {
    local given=(--seeds 1 --set init.file="$work/two/arrays/start.seed1.npy") key
    for key in lfp ntk.infinite law; do
        refused "forecast.sources: '$key' needs a law of the weights at the start; those of init.file have none" \
            check "$work/two.cfg" "${given[@]}" --set forecast.sources=$key
    done
    for key in init.in=gaussian init.in_scale=1.0 init.out=gaussian init.out_scale=1.0 init.shift_range=2.0 init.quiet=true \
        forecast.draws=8 forecast.width=draws kernel.widths=[0.5]; do
        refused "${key%%=*} has no effect here: it needs init.file empty" check "$work/two.cfg" "${given[@]}" --set $key
    done
    for key in init.weights=he init.biases='gaussian(1)'; do
        refused "${key%%=*} has no effect here: it needs init.file empty" check "$work/own.cfg" --set init.file="$arrays/start.seed1.npy" --set "$key"
    done
    sed '/forecast/d' "$work/two.cfg" >default.cfg # what covers it of the default
    expect 0 forecast default.cfg -o run "${given[@]}" || return
    [ ! -e run/decay/draws.tsv ] || echo "draws"
    grep -q "those of init.file have none; ntk.infinite" <(tr -s ' \n' ' ' <"$io/out") || cat "$io/out"
    printf '1 0.3\n3 0.02\n' >law.tsv
    sed 's/ntk.empirical/file:law.tsv/' "$work/two.cfg" >law.cfg
    expect $ran run law.cfg -o law "${given[@]}" || return
    [ ! -e law/decay/draws.tsv ] || echo "draws"
    refused 'nothing tells how much T scatters here: no law of the start is known' check law.cfg "${given[@]}" --set train.batch=4
    refused 'init.file has no effect here: it needs net.kind other than "external"' check "$work/own.cfg" --set net.kind=external \
        --set net.layers= --set init.file=a.npy
}
check "what needs a law of the start is refused" lawless

cat >npy.py <<'PY'
import math, struct
def write(path, shape, values, kind="d"):
    head = ("{'descr': '<f%d', 'fortran_order': False, 'shape': (%s,), }" % (struct.calcsize(kind), ", ".join(map(str, shape)))).encode()
    head += b" " * (117 - len(head)) + b"\n"
    open(path, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + struct.pack("<%d%s" % (len(values), kind), *values))
def read(path):
    data = open(path, "rb").read()
    body = data[10 + struct.unpack("<H", data[8:10])[0]:]
    return struct.unpack("<%dd" % (len(body) // 8), body)
def made(count, seed): # weights that nobody draws
    return [math.sin(1.7 * i + seed) for i in range(count)]
PY
npy() { PYTHONPATH=$work python3 -c "from npy import *
write('mine.npy', $1, $2, '${3-d}')"; }

wrong() {
    local of=(--set init.file=mine.npy) small=(--set 'net.layers=["dense(2)", "relu", "dense(1)"]' --set init.antisymmetric=false)
    npy '(9,)' 'made(9, 1)'
    expect 0 check "$work/own.cfg" "${of[@]}" "${small[@]}"
    expect 0 check "$work/own.cfg" "${of[@]}" "${small[@]}" --set init.antisymmetric=true # one copy for both
    npy '(9,)' 'made(9, 1)' f
    expect 0 check "$work/own.cfg" "${of[@]}" "${small[@]}"
    npy '(2, 9)' 'made(18, 1)'
    expect 0 check "$work/own.cfg" "${of[@]}" "${small[@]}"
    refused 'mine.npy: the shape must be \(9,\), or \(3, 9\) of a row for each seed: 9 parameters$' \
        check "$work/own.cfg" "${of[@]}" "${small[@]}" --seeds 3
    npy '(18,)' 'made(18, 1)'
    refused -- '--set init.file=mine.npy: init.file: mine.npy: the shape must be \(9,\)' check "$work/own.cfg" "${of[@]}" "${small[@]}"
    expect 0 check "$work/own.cfg" "${of[@]}" "${small[@]}" --set init.antisymmetric=true
    npy '(10,)' 'made(10, 1)'
    refused 'of a row for each seed: 18 parameters, or 9 of one of the two antisymmetric copies' \
        check "$work/own.cfg" "${of[@]}" "${small[@]}" --set init.antisymmetric=true
    npy '(9,)' '[1] * 8 + [math.inf]'
    refused 'mine.npy: number 9 is not finite' check "$work/own.cfg" "${of[@]}" "${small[@]}"
    npy '(2, 9, 1)' 'made(18, 1)'
    refused 'the shape must be \(9,\)' check "$work/own.cfg" "${of[@]}" "${small[@]}"
    npy '(0,)' '[]'
    refused 'the shape must be \(9,\)' check "$work/own.cfg" "${of[@]}" "${small[@]}"
    echo no >mine.npy
    refused 'mine.npy: no .npy file' check "$work/own.cfg" "${of[@]}" "${small[@]}"
    refused 'cannot read none.npy' check "$work/own.cfg" "${small[@]}" --set init.file=none.npy
}

# ---- the order of the parameters: networks by hand, as `specbias help layers` writes them ----

cat >hand.py <<'PY'
import sys
from npy import *
class Weights:
    def __init__(self, theta): self.rest = list(theta)
    def take(self, count):
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken
def dense(w, x, units, biased=True):
    m = len(x); W = w.take(units * m); b = w.take(units) if biased else [0] * units
    return [sum(W[o * m + i] * x[i] for i in range(m)) / math.sqrt(m) + b[o] for o in range(units)]
def shifted(w, x, units):
    v = w.take(units); l = w.take(units)
    return [v[o] * (x[0] + l[o]) for o in range(units)]
def fourier(w, x, count):
    m = len(x); W = w.take(count * m); z = [sum(W[k * m + i] * x[i] for i in range(m)) for k in range(count)]
    return [math.cos(a) for a in z] + [math.sin(a) for a in z]
def conv1d(w, x, c_in, c_out, k, circular=False):
    n = len(x) // c_in; W = w.take(c_out * k * c_in); b = w.take(c_out); y = []
    for p in range(n):
        for o in range(c_out):
            s = 0
            for t in range(k):
                at = p + t - k // 2
                if circular: at %= n
                if 0 <= at < n: s += sum(W[(o * k + t) * c_in + i] * x[at * c_in + i] for i in range(c_in))
            y.append(s / math.sqrt(k * c_in) + b[o])
    return y
def conv2d(w, x, lines, c_in, c_out, k):
    n = len(x) // (lines * c_in); W = w.take(c_out * k * k * c_in); b = w.take(c_out); y = []
    for r in range(lines):
        for p in range(n):
            for o in range(c_out):
                s = 0
                for d in range(k):
                    for a in range(k):
                        i, j = r + d - k // 2, p + a - k // 2
                        if 0 <= i < lines and 0 <= j < n:
                            s += sum(W[((o * k + d) * k + a) * c_in + c] * x[(i * n + j) * c_in + c] for c in range(c_in))
                y.append(s / math.sqrt(k * k * c_in) + b[o])
    return y
def tanh(x): return [math.tanh(v) for v in x]
network = {
    "shifted": lambda w, x: dense(w, tanh(dense(w, tanh(shifted(w, x, 3)), 2)), 1),
    "fourier": lambda w, x: dense(w, tanh(dense(w, fourier(w, x, 3), 2)), 1, False),
    "conv": lambda w, x: conv1d(w, tanh(conv1d(w, tanh(conv2d(w, x, 1, 1, 2, 3)), 2, 3, 4)), 3, 1, 3, True),
    "image": lambda w, x: dense(w, tanh(conv2d(w, x, 4, 1, 2, 3)), 2),
    "two_layer": lambda w, x: dense(w, tanh(shifted(w, x, 4)), 1, False)}
name, count, copies = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if sys.argv[4] == "write":
    write("mine.npy", (2, copies * count), made(copies * count, 1) + made(copies * count, 2))
for seed in (1, 2) if sys.argv[4] == "compare" else ():
    theta = made(copies * count, seed); x = read("run/snapshots/x.train.npy"); h = read("run/snapshots/h.train.seed%d.npy" % seed)
    examples, off = int(sys.argv[5]), 0
    inputs, outputs = len(x) // examples, len(h) // (2 * examples)
    for i in range(examples):
        parts = []
        for c in range(copies):
            w = Weights(theta[c * count:(c + 1) * count])
            parts.append(network[name](w, x[i * inputs:(i + 1) * inputs]))
            if w.rest: print("%d parameters too many" % len(w.rest))
        y = [2 * (a - b) / math.sqrt(2) for a, b in zip(*parts)] if copies == 2 else [2 * v for v in parts[0]]
        if len(y) != outputs: print(len(y), outputs)
        off = max([off] + [abs(a - b) for a, b in zip(y, h[i * outputs:(i + 1) * outputs])])
    if not off < 1e-13: print(name, "is off by", off)
PY
by_hand() { # NETWORK PARAMETERS COPIES EXAMPLES NET DATA ARGS..
    PYTHONPATH=$work python3 "$work/hand.py" "$1" "$2" "$3" write || return
    printf 'data = { %s };\nnet = { %s gain = 2.0; };\n' "$6" "$5" >hand.cfg
    expect 0 run hand.cfg -o run --set init.file=mine.npy --set init.antisymmetric="$([ "$3" = 2 ] && echo true || echo false)" --seeds 2 \
        --set train.steps=1 --set train.eta=1e-6 --set observe.snapshots=0 --set forecast.sources= "${@:7}" || return
    PYTHONPATH=$work python3 "$work/hand.py" "$1" "$2" "$3" compare "$4"
}
layers='kind = "layers"; layers = '
if have python3; then
    python3 -c 'import struct
open("images", "wb").write(struct.pack(">4B3I", 0, 0, 8, 3, 3, 4, 5) + bytes((37 * i * i + 11 * i) % 256 for i in range(60)))
open("labels", "wb").write(struct.pack(">4BI", 0, 0, 8, 1, 3) + bytes([0, 1, 0]))'
    check "shapes, sizes and numbers that are no start are refused" wrong
    check "by hand: shifted, dense" by_hand shifted 17 1 5 "$layers [\"shifted(3)\", \"tanh\", \"dense(2)\", \"tanh\", \"dense(1)\"];" 'n = 5;' --set target.xi=[1.0,2.0]
    check "by hand: fourier of two inputs, nobias, two copies" by_hand fourier 22 2 9 \
        "$layers [\"fourier(3)\", \"dense(2)\", \"tanh\", \"dense(1, nobias)\"];" 'n = 3; dimension = 2;' --set target.xi=[1.0,0.0]
    check "by hand: convolutions of sequences" by_hand conv 57 1 3 \
        "$layers [\"conv2d(2, 3)\", \"tanh\", \"conv1d(3, 4)\", \"tanh\", \"conv1d(1, 3, circular)\"];" 'kind = "derivative"; n = 3; length = 8; bands = [1.0, 3.0];'
    check "by hand: convolutions of images" by_hand image 102 1 3 "$layers [\"conv2d(2, 3)\", \"tanh\", \"dense(2)\"];" \
        "kind = \"idx\"; file = \"$work/images\"; labels = \"$work/labels\";"
    check "by hand: a sum over units is layers" by_hand two_layer 12 2 5 'activation = "tanh"; width = 8;' 'n = 5;' --set target.xi=[1.0,2.0]
else
    skip "networks by hand" "no python3"
fi
finish
