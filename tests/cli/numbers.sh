#!/usr/bin/env bash
# Numbers at the ends of what doubles hold, in the commands: large, tiny and nearly parallel inputs (gpytorch's closely
# spaced points, neural-tangents issue 113), tiny kernels, steps next to the limit, rates of degrees under any domain and loss.
. "$(dirname "$0")/lib/common.sh"

near() { # WHAT VALUE WANTED RELATIVE
    awk -v w="$1" -v v="$2" -v m="$3" -v t="$4" 'BEGIN { d = v / m - 1; if (d < 0) d = -d
        if (v !~ /^-?[0-9.][0-9.e+-]*$/ || !(d <= t)) print w " is " v ", not " m " within " t }'
}

cell() { # FILE COLUMN ROW: of a table with a header
    awk -F '\t' -v c="$2" -v r="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i } NR == r + 1 { print $k }' "$1"
}

table() { # NAME ACTIVATION [KEY ..]: inputs on standard input
    { echo a,b,y; cat; } >"$1.csv"
    cat >"$1.cfg" <<END
name = "$1";
data = { kind = "table"; file = "$1.csv"; n = 0; standardise = "none"; };
net = { kind = "layers"; layers = ["dense(64, nobias)", "$2", "dense(1, nobias)"]; };
train = { eta = 1e-30; steps = 10; records = 3; };
kernel = { widths = []; };
seeds = { count = 1; };
${*:3}
END
}

watched='observe = { projection = [0.0, 1.0]; };'
ring=$work/ring.cfg
cat >"$ring" <<'END'
name = "ring";
data = { kind = "uniform"; n = 48; points = "left"; map = "circle"; };
target = { unit = "index"; xi = [1.0, 2.0]; amplitude = 0.01; };
net = { kind = "layers"; layers = ["dense(64)", "erf", "dense(1)"]; };
train = { eta = 1e-3; steps = 20; records = 5; };
kernel = { widths = []; };
seeds = { count = 1; };
END
ball=$work/ball.cfg
cat >"$ball" <<'END'
name = "ball";
data = { kind = "sphere"; dimension = 3; n = 200; sphere = "grid"; };
target = { unit = "index"; xi = [1.0, 2.0]; amplitude = 0.01; };
net = { kind = "layers"; layers = ["dense(64)", "erf", "dense(1)"]; };
loss = { weights = "quadrature"; };
train = { eta = 1e-3; steps = 20; records = 5; };
kernel = { widths = []; };
seeds = { count = 1; };
END

# mpmath: eigenvalues of K / 3 of (1, 0), (1, 1e-9), (0, 1)
nearly_parallel() {
    printf '1,0,1\n1,1e-9,-1\n0,1,0.5\n' | table p relu "$watched"
    expect 0 kernel p.cfg -o k || return
    near "smallest rate" "$(cell k/kernel/spectrum.tsv infinite 3)" 2.65258238486e-11 1e-4
    near "largest rate" "$(cell k/kernel/spectrum.tsv infinite 1)" 0.341387543494 1e-11
    ! grep -q 'could not draw' "$io/err" || cat "$io/err"
}

# One point: its rate is K00 = 2/pi atan2(2 q, sqrt(1 + 4 q)) + 4 q / (pi sqrt(1 + 4 q)) with q = |x|^2 / 2
large_inputs() {
    local size
    for size in 1e-100 1e-3 1e6 1e8 1e100 1e140; do
        echo "$size,-$size,1" | table e erf
        expect 0 kernel e.cfg -o k --force || return
        near "K00 at $size" "$(cell k/kernel/spectrum.tsv infinite 1)" "$(awk -v x="$size" 'BEGIN { q = x * x; r = sqrt(1 + 4 * q)
            printf "%.15g", 2 / atan2(0, -1) * (atan2(2 * q, r) + 2 * q / r) }')" 1e-12
    done
}

far_inputs() { # squares overflow: examples that differ are not "the same", and standardised they are what they are at 1
    printf '1e160,0,1\n2e160,1e160,-1\n0,3e160,0.5\n5e159,2e160,1\n' | table f sine "$watched"
    printf '1,0,1\n2,1,-1\n0,3,0.5\n.5,2,1\n' | table g sine "$watched"
    program kernel f.cfg -o k
    is_status 1 "kernel of inputs of 1e160" || return
    grep -q 'the kernel matrix is not finite' "$io/err" || cat "$io/err"
    for name in f g; do
        expect 0 kernel $name.cfg -o k$name --set data.standardise=features || return
    done
    near "rate" "$(cell kf/kernel/spectrum.tsv infinite 2)" "$(cell kg/kernel/spectrum.tsv infinite 2)" 1e-12
}

# A tanh of large inputs is a step, which no series reaches: the kernel of infinite width is refused, and says why, of the
# first example in the table.
steep_activations() {
    printf '100,0,1\n200,100,-1\n0,300,0.5\n' | table t tanh "$watched"
    expect 0 kernel t.cfg -o k || return
    grep -q 'infinite  no kernel: .*variance 5000 make tanh too steep for a series .* nearly a step' <(unbroken) || cat "$io/out"
    expect 0 kernel t.cfg -o k --force --set data.standardise=features
    ! grep -q 'no kernel' "$io/out" || cat "$io/out"
}

# The factor of the kernel is gain^2 = 1e-160, and nothing else changes.
tiny_kernels() {
    local key
    for key in 1 1e-80; do
        expect 0 kernel "$small" -o "k$key" --set kernel.widths=[] --set net.gain="$key" || return
        expect 0 check "$small" --set net.gain="$key" || return
    done
    for key in infinite empirical; do
        near "$key" "$(cell k1e-80/kernel/spectrum.tsv $key 1)" "$(cell k1/kernel/spectrum.tsv $key 1 | awk '{ printf "%.15ge-160", $1 }')" 1e-12
    done
}

# What is printed is cut, not rounded, and may be used.
printed_steps_are_stable() {
    local rule printed exact eta
    for rule in gd heavy_ball nesterov; do
        for eta in 1e-4 0.1; do
            set -- --set train.optimizer=$rule --set train.momentum=0.9 --set kernel.widths=[] --set data.n=8
            expect 0 kernel "$ring" -o k --force "$@" --set train.eta=$eta || return
            printed=$(sed -n 's/.*infinite.*largest stable step \([^,]*\),.*/\1/p' "$io/out")
            exact=$(grep -A1 '"forecast_infinite"' k/kernel/summary.json | sed -n 's/.*"largest_step": \([^,}]*\).*/\1/p')
            awk -v p="$printed" -v x="$exact" -v r=$rule 'BEGIN { if (!(p <= x && p > 0.9989 * x)) print r ": " p " printed for " x }'
            expect 0 kernel "$ring" -o k --force "$@" --set train.eta="$printed" || return
            ! grep -q 'infinite.*diverges' "$io/out" || cat "$io/out"
        done
    done
    expect 0 check "$small" || return
    printed=$(sed -n 's/^stable step *up to \([^ ]*\) .*/\1/p' "$io/out")
    expect 0 check "$small" --set train.eta="$printed" || return
    program check "$small" --set train.eta="$(awk -v p="$printed" 'BEGIN { print p * 1.002 }')"
    is_status 2 "check of a step that diverges" && grep -q "largest stable step is 2/lambda_max = $printed" "$io/err" || cat "$io/err"
}

# Rates of degrees are the eigenvalues of the matrix with the loss, at the modes of that degree; smooth, so that aliases
# are below 1e-9.
rates_are_eigenvalues() { # DEGREES TOLERANCE
    awk -F '\t' -v most="$1" -v t="$2" '
        FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
        file == 1 { rate[$1] = $at[1, "rate"]; often[$1] = $at[1, "multiplicity"]; next }
        { f = $at[2, "infinite_frequency"]; l = int(f + 0.5)
          if (f == "nan" || l > most || f - l > 1e-6 || l - f > 1e-6) next
          off = $at[2, "infinite"] / rate[l] - 1; if (off < 0) off = -off
          found[l]++
          if (!(off <= t)) print "degree " l ": rate " rate[l] ", eigenvalue " $at[2, "infinite"] }
        END { for (l = 0; l <= most; l++) if (found[l] != often[l]) print "degree " l " is " found[l] + 0 " modes" }' \
        k/kernel/degrees.tsv k/kernel/spectrum.tsv
}

circle() { # ARGS..
    expect 0 kernel "$ring" -o k --force "$@"
}

degrees_of_circles() {
    local a b s letter
    for domain in '-0.5 5' '0 1' '0 6.283185307179586' '0 7'; do
        read -r a b <<<"$domain"
        set -- --set data.a="$a" --set data.b="$b"
        for weights in equal quadrature; do
            circle "$@" --set loss.weights=$weights && rates_are_eigenvalues 4 1e-8
        done
    done
    for s in -1 0 1 2; do
        for letter in a b; do
            circle --set data.a=-0.5 --set data.b=5 --set loss.kind=sobolev --set loss.s=$s --set loss.convention=$letter &&
                rates_are_eigenvalues 4 1e-8
        done
    done
    circle --set data.points=midpoint --set data.kind=random --set data.weights=exact --set data.a=0 --set data.b=7 --set loss.weights=quadrature &&
        rates_are_eigenvalues 2 1e-4
}

degrees_of_spheres() {
    local s
    expect 0 kernel "$ball" -o k || return
    rates_are_eigenvalues 2 1e-6
    for s in -1 1; do
        expect 0 kernel "$ball" -o k --force --set loss.kind=sobolev --set loss.s=$s --set loss.weights=quadrature || return
        rates_are_eigenvalues 2 1e-6
    done
}

# Equal weights of unequal points mix degrees: no rates.
no_rates() {
    circle --set data.points=midpoint --set data.kind=random --set data.weights=periodic --set loss.weights=equal || return
    [ "$(cell k/kernel/degrees.tsv rate 2)" = nan ] || head -3 k/kernel/degrees.tsv
}

check "nearly parallel inputs keep their rate" nearly_parallel
check "inputs of any size" large_inputs
check "inputs whose squares overflow" far_inputs
check "activations that are nearly a step" steep_activations
check "kernels of any size" tiny_kernels
check "printed steps are stable" printed_steps_are_stable
check "rates of degrees on circles" degrees_of_circles
check "rates of degrees on spheres" degrees_of_spheres
check "no rates where degrees mix" no_rates
finish
