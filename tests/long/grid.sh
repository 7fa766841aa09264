#!/usr/bin/env bash
# Kernels on 2 and 4 MPI ranks: ScaLAPACK's eigenvalues are LAPACK's to 1e-12 of the largest, forecasts by the eigenvectors the
# same to 1e-10, for rows that fill no whole tiles; failures of any rank end all of them (TAP).
. "$(dirname "$0")/../cli/lib/common.sh"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
stand_in_for_gnuplot
build=${SPECBIAS_BUILD:-$root/build}

if ! have mpirun || ! pkg-config --exists ompi-c scalapack-openmpi || [ -n "$SPECBIAS_SAN" ]; then
    skip "MPI ranks share kernels" "no OpenMPI or ScaLAPACK here"
    finish
fi
built() { # the tests of sweeps want the same program
    flock "$build" make -C "$root" O="$build" MPI=1 program >"$io/make" 2>&1 || tail -n 5 "$io/make"
}
check "make MPI=1 builds" built

# 1100 = 17 tiles of 64 and 12 rows
cat >line.cfg <<'END'
name = "line";
data = { n = 1100; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { width = 128; };
kernel = { widths = [1.0, 2.0]; draws = 1; };
train = { time = 8.0; threads = 1; };
END
awk 'BEGIN { srand(3); for (i = 0; i < 550; i++) print rand(), rand(), rand(), i % 2 }' >points.txt

mpi() { # RANKS ARGS..
    mpirun --oversubscribe -n "$1" "$build/mpi/bin/specbias" "${@:2}" </dev/null >"$io/out" 2>"$io/err"
    status=$?
}

largest() { # TABLE TABLE: the largest difference in a column, relative to the largest number there; columns of numbers alone
    awk -F '\t' 'NF != columns && FNR > 1 { print "columns" } { columns = NF }
        FNR == 1 { file++ }
        { for (i = 1; i <= NF; i++) if ($i ~ /^[-0-9]/) {
              if (file == 1) { a[FNR, i] = $i; size = $i < 0 ? -$i : $i; if (size > most[i]) most[i] = size; seen++ }
              else { d = $i - a[FNR, i]; if (d < 0) d = -d; seen--; if (most[i] > 0 && d > gap * most[i]) gap = d / most[i] } } }
        END { print seen == 0 ? gap + 0 : "tables of different length" }' "$1" "$2"
}

shared() { # RANKS CONFIG..
    local table
    [ -d "$work/$2.one" ] || { program kernel "$work/$2.cfg" -q -o "$work/$2.one"; is_status 0 "kernel $2"; }
    mpi "$1" kernel "$work/$2.cfg" -q -o "$2"
    is_status 0 "kernel $2 on $1 ranks"
    "$json" -l "$2/kernel/summary.json" | grep -x "ranks[[:space:]=:]*$1" >/dev/null || echo "summary.json does not say $1 ranks"
    at_most 1e-12 "$(largest "$work/$2.one/kernel/spectrum.tsv" "$2/kernel/spectrum.tsv")"
    ! cmp -s "$work/$2.one/kernel/spectrum.tsv" "$2/kernel/spectrum.tsv" || echo "the same bits: nothing was shared"
    for table in "$2"/kernel/forecast.*.tsv "$2"/kernel/widths.tsv; do
        at_most 1e-10 "$(largest "$work/$2.one/kernel/${table##*/}" "$table")"
    done
}
check "a line of 1100 points on 2 ranks" shared 2 line
check "on 4 ranks" shared 4 line

# rows of two outputs, which go in pairs; blocks of 4 ranks do not divide them
cat >pairs.cfg <<END
name = "pairs";
data = { kind = "table"; file = "$work/points.txt"; columns = ["3", "4"]; n = 0; };
net = { kind = "layers"; layers = ["dense(32)", "relu", "dense(2)"]; };
kernel = { widths = [1.0]; draws = 1; outputs = "full"; };
train = { time = 8.0; threads = 1; };
END
check "550 examples of two outputs on 3 ranks" shared 3 pairs

few() {
    mpi 2 kernel "$work/line.cfg" -q -o few --set data.n=100
    is_status 0 "kernel of 100 rows"
    program kernel "$work/line.cfg" -q -o one --set data.n=100
    cmp few/kernel/spectrum.tsv one/kernel/spectrum.tsv
    ! grep '"ranks"' few/kernel/summary.json
}
check "up to 1024 rows are those of one process, to the bit" few

fails() {
    mpi 2 kernel "$work/line.cfg" -q -o there --set data.n=-1
    is_status 2 "kernel of -1 points"
    [ "$(grep -c '^specbias: ' "$io/err")" = 1 ] || cat "$io/err"
    mkdir one two && cp "$work/pairs.cfg" one/ && sed 's/n = 0;/n = 549;/' "$work/pairs.cfg" >two/pairs.cfg
    mpirun --oversubscribe -n 1 --wdir one "$build/mpi/bin/specbias" kernel pairs.cfg -q -o dir : \
        -n 1 --wdir two "$build/mpi/bin/specbias" kernel pairs.cfg -q -o dir </dev/null >"$io/out" 2>"$io/err"
    status=$?
    is_status 2 "kernel of ranks with other data"
    grep -x 'specbias: rank 1 finds other data' "$io/err" >/dev/null || cat "$io/err"
}
check "what one rank finds wrong ends all" fails

finish
