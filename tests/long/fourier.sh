#!/usr/bin/env bash
# Do trained networks of Fourier features follow the damped heat equation, as far as their width lets them? Errors against
# the forecast on five packets, how they fall with the width, the bias index of trained networks, and a designed density.
# About five minutes on 2 cores; the measured numbers are comments. Tolerances are of theory/README.md (heat).
. "$(dirname "$0")/../cli/lib/common.sh"
exec 3>&1
comment() { sed 's/^/# /' >&3; }

domain='data = { n = 256; a = -3.14159265358979312; b = 3.14159265358979312; };'
# Five tones (angular), whose envelopes end well inside the domain.
cat >packets.cfg <<END
name = "packets";
$domain
target = { kind = "packets"; xi = [4.0, 12.0, 20.0, 28.0, 36.0]; phases = [0.3, 1.1, -0.7, 2.0, 0.9]; unit = "angular"; tau = 0.45; amplitude = 0.1; };
net = { kind = "fourier"; width = 8000; };
init = { out = "gaussian"; };
train = { records = 200; };
forecast = { sources = ["heat"]; draws = 16; };
seeds = { count = 8; };
END
cat >band.cfg <<END
name = "band";
$domain
target = { kind = "packets"; xi = [4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 36.0]; unit = "angular"; tau = 0.6; amplitude = 0.1; };
net = { kind = "fourier"; width = 8000; };
init = { out = "gaussian"; out_scale = 0.0; };
train = { records = 200; };
forecast = { sources = ["heat"]; draws = 16; };
seeds = { count = 8; };
END

# Small steps, eta lambda_max = 0.04 at sigma_a = 0 and 0.09 at 1, until the slowest tone is below 1/5.
train() { # FOLDER CONFIG DENSITY SIGMA_A ARGS..
    local keys=()
    case "$3 $4" in
        gaussian*' 0') keys=(train.eta=2.0 train.time=1000) ;;
        uniform*' 0') keys=(train.eta=4.0 train.time=300) ;;
        cauchy*' 0') keys=(train.eta=2.0 train.time=800) ;;
        gaussian*) keys=(train.eta=0.4 train.time=800) ;;
        uniform*) keys=(train.eta=0.8 train.time=300) ;;
        cauchy*) keys=(train.eta=0.4 train.time=700) ;;
    esac
    expect $ran run "$2" -q -o "$1" --set init.density="$3" --set init.out_scale="$4" --set "${keys[0]}" \
        --set "${keys[1]}" "${@:5}"
}

# max over t of |err - err of heat.gd| for each tone and seed: lines of `tone largest allowance`, where the allowance is
# 4 * 0.37 CV + 0.02: 0.37 is the largest |E ln E|, CV = sqrt(|Omega| / (4 pi rho m / 2)) the relative standard deviation
# of a rate over networks of m / 2 independent features.
errors() { # FOLDER DENSITY WIDTH
    local seed
    for seed in "$1"/decay/observed.seed*.tsv; do
        awk -F '\t' -v density="$2" -v m="$3" '
            function rho(w) {
                if (density == "gaussian(16)") return exp(-w * w / 512) / (16 * sqrt(2 * pi))
                if (density == "uniform(48)") return 1 / 96
                if (density == "cauchy(12)") return 12 / (pi * (144 + w * w))
            }
            function err(k) { return "err(" 4 + 8 * k ")" }
            BEGIN { pi = atan2(0, -1) }
            FNR == 1 { file++; for (i = 1; i <= NF; i++) if ($i ~ /^err\(/) column[$i] = i; tones = length(column); next }
            file == 1 { t[FNR] = $1; for (k = 0; k < tones; k++) e[FNR, k] = $column[err(k)]; next }
            { if ($1 != t[FNR]) { print "times differ"; exit }
              for (k = 0; k < tones; k++) { d = $column[err(k)] - e[FNR, k]; if (d < 0) d = -d; if (!(d <= worst[k])) worst[k] = d } }
            END { for (k = 0; k < tones; k++) { w = 4 + 8 * k; print w, worst[k], 4 * 0.37 * sqrt(1 / (rho(w) * m)) + 0.02 } }
        ' "$1/decay/heat.gd.tsv" "$seed"
    done
}

mean() { awk -v column="$1" '{ s += $column; n++ } END { print s / n }'; }

# ---- trained networks against the forecast ----

follows() { # DENSITY SIGMA_A
    train run "$work/packets.cfg" "$1" "$2"
    errors run "$1" 8000 >errors
    [ "$(wc -l <errors)" = 40 ] || echo "$(wc -l <errors) errors of 5 tones and 8 seeds"
    awk '!($2 <= $3) { print "tone " $1 ": |dE| reaches " $2 ", more than " $3 }' errors
    awk -v name="$1, sigma_a $2" '{ m += $2; n++; r = ($2 - 0.02) * 4 / ($3 - 0.02); if (n == 1 || r > most) most = r; if ($2 > top) top = $2; s[$1] += $2 }
        END { printf "%s: mean of max |dE| %.4f, largest %.3f, (|dE| - 0.02) / (0.37 CV) at most %.2f; by tone", name, m / n, top, most
              for (w = 4; w <= 36; w += 8) printf " %.4f", s[w] / 8; print "" }' errors | comment
    awk -v m="$(mean 2 <errors)" 'BEGIN { if (!(m <= 0.06)) print "the mean of max |dE| is " m ", more than 0.06" }'
}
for density in 'gaussian(16)' 'uniform(48)' 'cauchy(12)'; do
    for sigma_a in 0 1; do
        check "$density, sigma_a $sigma_a: every tone and seed follows the heat equation" follows "$density" "$sigma_a"
    done
done

# ---- the error falls like width^-1/2 ----

slope() { # DENSITY
    local width seeds
    for width in 500 2000 8000; do
        seeds=8
        [ "$width" != 500 ] || seeds=16
        train "$width" "$work/packets.cfg" "$1" 0 --set net.width="$width" --set forecast.draws=0 --seeds "$seeds"
        echo "$width $(errors "$width" "$1" "$width" | mean 2)" >>errors
    done
    awk -v name="$1" '{ x[NR] = log($1); y[NR] = log($2); mx += x[NR] / 3; my += y[NR] / 3; all = all sprintf(" %s: %.4f", $1, $2) }
        END { for (i = 1; i <= 3; i++) { xy += (x[i] - mx) * (y[i] - my); xx += (x[i] - mx) ^ 2 }
              printf "%s: mean of max |dE| by width%s; slope %.3f\n", name, all, xy / xx }' errors >slope
    comment <slope
    awk '{ if (NF < 3 || !($NF >= -0.7 && $NF <= -0.4)) print "slope " $NF ", not in [-0.7, -0.4]" }' slope
}
for density in 'gaussian(16)' 'uniform(48)'; do
    check "$density: the error falls like width^-1/2" slope "$density"
done

# ---- bias index ----

bias() { # DENSITY WANTED TOLERANCE
    train run "$work/band.cfg" "$1" 0
    table run/bias.tsv '
        c["source"] == "heat" && c["form"] == "flow" { printf "%s: FBI forecast %+.4f S %.4f", density, c["fbi"], c["spread"] }
        c["source"] == "observed" && c["seed"] == "nan" {
            printf "; trained, T of all seeds %+.4f S %.4f; mean of seeds %+.4f +- %.4f, S %.4f +- %.4f\n", c["fbi"],
                c["spread"], c["fbi_mean"], c["fbi_error"], c["spread_mean"], c["spread_error"] }
    ' -v density="$1" >said
    comment <said
    table run/bias.tsv 'c["form"] == "flow" || (c["source"] == "observed" && c["seed"] == "nan") {
            d = c["fbi"] - wanted; if (d < 0) d = -d; n++
            if (!(d <= (c["form"] == "flow" ? 0.01 : tolerance))) print c["source"] ": FBI is " c["fbi"] ", not " wanted }
        END { if (n != 2) print n " lines of bias.tsv" }' -v wanted="$2" -v tolerance="$3"
}
check "uniform(48): no bias" bias 'uniform(48)' 0 0.05
check "gaussian(16): low frequencies first" bias 'gaussian(16)' 1.0857 0.1

# ---- a designed density ----

designed() {
    expect $ran design "$root/experiments/design.cfg" -q -o run --set forecast.draws=16
    table run/study.tsv '
        { y = log(c["T_obs"]) / log(10); if (NR == 2 || y > hi) hi = y; if (NR == 2 || y < lo) lo = y
          said = said sprintf(" T(%g) %.4g, designed %.4g;", c["label"], c["T_obs"], c["T_pred"]) }
        END { printf "%s S of the trained T %.4f\n", said, hi - lo }' >said
    comment <said
    awk '{ if (!($NF < 0.05)) print "S of the trained networks is " $NF ", not below 0.05" }' said
}
check "three packets at different places are learned at the same time by design" designed

finish
