#!/usr/bin/env bash
# What `check` foretells is what the run then says (TAP).
. "$(dirname "$0")/lib/common.sh"
stand_in_for_gnuplot

cat >units.cfg <<'EOF'
name = "units";
data = { n = 24; };
target = { xi = [1.0, 2.0]; amplitude = 0.02; };
net = { width = 2048; };
train = { time = 30.0; eta = 0.05; };
forecast = { sources = ["ntk.infinite"]; draws = 32; };
seeds = { count = 3; };
EOF
cat >layers.cfg <<'EOF'
name = "layers";
data = { n = 24; };
target = { xi = [1.0, 2.0]; amplitude = 0.05; };
net = { kind = "layers"; layers = ["dense(256, init=gaussian(6))", "tanh", "dense(1, init=gaussian(0.3))"]; };
train = { time = 30.0; eta = 0.05; };
forecast = { sources = ["ntk.infinite"]; draws = 32; };
seeds = { count = 3; };
EOF

# T, s and limit of each line are those that the run is judged by, but for what the kernel did in the run itself. Where
# the time that `check` names is longer than the record, the run would not have noticed.
foretold() { # CONFIG WHO
    expect 0 check "$work/$1.cfg"
    grep -q "s of ln T by $2\$" "$io/out" || cat "$io/out"
    awk '/20 % is noticed from/ { on = 1; next } on && !/^  / { exit } on { if ($1 !~ /^1\//) $1 = ""; print }' "$io/out" |
        awk '{ q = $1; sub("1/", "", q); print 1 / q, $2, $3, $4 }' >lines
    [ "$(wc -l <lines)" = 4 ] || cat "$io/out"
    expect 0,3 run "$work/$1.cfg" -o dir
    table dir/agreement.tsv 'function far(a, b, part) { return !(a > b * (1 - part) && a < b * (1 + part)) }
        { getline line < "lines"; split(line, w, " ")
          if (far(w[1], c["q"], 1e-9)) print "level", w[1], c["q"]
          if (c["T_pred"] != "nan" && far(w[2], c["T_pred"], 1e-3)) print "T", w[2], c["T_pred"]
          if (c["s"] != "inf" && far(w[3], c["s"], 0.1)) print "s", w[3], c["s"]
          if (c["s"] != "inf" && far(w[4], c["limit"], 0.1)) print "limit", w[4], c["limit"] }'
}
check "a sum over units: T, s and limit by draws" foretold units "32 draws"
check "tanh: T, s and limit by quadrature" foretold layers quadrature

# s goes like width^-1/2, if not the effect of the moving kernel.
width_holds() {
    local factor=1 width=256 again
    for again in 1 2; do
        expect 0 check "$work/layers.cfg" --set net.layers="dense($width, init=gaussian(6)),tanh,dense(1, init=gaussian(0.3))"
        factor=$(grep -o 'width x [0-9.]*' "$io/out" | cut -c 9- | sort -g | tail -n 1)
        width=$(awk -v w="$width" -v x="$factor" 'BEGIN { printf "%.0f", w * x }')
    done
    at_most 1.05 "$factor"
    at_most 1.05 "$(awk -v x="$factor" 'BEGIN { print 1 / x }')"
}
check "at the width that is named for a rate off by 20 %, the same width is named" width_holds

long_draws() {
    expect 0 check "$work/units.cfg" --set forecast.draws=8
    grep -q '^expected      not told here' "$io/out" || cat "$io/out"
    expect 0 check "$work/units.cfg" --set forecast.sources=ntk.empirical --set forecast.draws=64
    ! grep -q '^expected' "$io/out" || cat "$io/out"
}
check "too few draws tell nothing, and a forecast of each seed has none" long_draws

finish
