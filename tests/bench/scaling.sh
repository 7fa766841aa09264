#!/usr/bin/env bash
# Time and memory of the program against n, width, parameters and threads: scaling.tsv with a line for each run (`curve`
# in words, what is varied, seconds, of CPU, MiB) and scaling-fits.tsv with exponents: slopes of ln cost over ln x by
# least squares over the upper half of the points, less what the least run of the command takes. Of threads the clock
# counts, else the time of the CPU, to which other processes matter little.
#   scaling.sh PROGRAM COST FOLDER     (make bench-scaling)
set -e
program=$1 cost=$2 out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'curve\taxis\tx\tseconds\tcpu\tMiB\n' >"$out/scaling.tsv"

cat >"$work/E.cfg" <<'END'
name = "scaling";
data = { kind = "uniform"; n = 200; };
target = { kind = "sines"; xi = [1.0, 3.0]; };
net = { kind = "layers"; layers = ["dense(2000)", "tanh", "dense(1)"]; parametrisation = "ntk"; };
train = { optimizer = "gd"; eta = 1e-4; steps = 400; records = 3; threads = 1; };
forecast = { sources = []; };
claims = ["err(1)@last < 2"];
kernel = { widths = []; };
seeds = { count = 1; };
END

point() { # CURVE AXIS X COMMAND KEY=VALUE..
    local set=() line
    for key in "${@:5}"; do set+=(--set "$key"); done
    line=$(OMP_NUM_THREADS=1 "$cost" "$program" "$4" "$work/E.cfg" -o "$work/run" --force "${set[@]}") || [ $? = 3 ]
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$line" >>"$out/scaling.tsv"
    rm -rf "$work/run"
}

small='net.layers=["dense(10)","tanh","dense(1)"]' # what starting and figures take
middle='net.layers=["dense(500)","tanh","dense(1)"]'
point start none 1 run train.steps=1 data.n=10 "$small"
point "start of kernel" none 1 kernel data.n=40 "$small"
for n in 200 400 800 1600 3200; do point "train, tanh, width 2000" n $n run data.n=$n; done
for m in 1000 2000 4000 8000 16000; do point "train, tanh, n = 200" width $m run "net.layers=[\"dense($m)\",\"tanh\",\"dense(1)\"]"; done
for m in 64 128 256 512 1024; do
    point "train, two hidden layers" parameters $((m * m + 4 * m + 1)) run train.steps=40 \
        "net.layers=[\"dense($m)\",\"tanh\",\"dense($m)\",\"tanh\",\"dense(1)\"]"
done
for n in 250 500 1000 2000; do point "kernel, all pairs" n $n kernel data.n=$n "$middle"; done
for n in 500 1000 2000 4000; do point "kernel, 20 pairs" n $n kernel data.n=$n kernel.pairs=20 "$middle"; done
for ((t = 1; t <= $(nproc); t *= 2)); do
    point "kernel, 20 pairs of 2000" threads $t kernel data.n=2000 kernel.pairs=20 train.threads=$t "$middle"
done

awk -F '\t' -v OFS='\t' '
    NR == 1 { print "curve", "axis", "time", "memory"; next }
    $2 == "none" { c = $1 ~ /kernel/; cpu[c] = $5; size[c] = $6; next }
    { c = $1 ~ /^kernel/; k = $1 OFS $2; if (!(k in count)) order[++curves] = k; i = ++count[k]
      x[k, i] = log($3); t[k, i] = log($2 == "threads" ? $4 : $5 > cpu[c] ? $5 - cpu[c] : 1e-3); m[k, i] = log($6 > size[c] ? $6 - size[c] : 0.1) }
    function slope(y, k,    i, n, a, b, c, d) {
        for (i = int(count[k] / 2) + (count[k] > 2); i <= count[k]; i++) { n++; a += x[k, i]; b += y[k, i]; c += x[k, i] ^ 2; d += x[k, i] * y[k, i] }
        return n > 1 && n * c > a * a ? sprintf("%.2f", (n * d - a * b) / (n * c - a * a)) : "nan"
    }
    END { for (j = 1; j <= curves; j++) print order[j], slope(t, order[j]), slope(m, order[j]) }' "$out/scaling.tsv" >"$out/scaling-fits.tsv"
column -t -s "$(printf '\t')" "$out/scaling-fits.tsv"
gnuplot -e "folder = '$out'" "$(dirname "$0")/scaling.gp"
echo "$out/scaling.svg"
