#!/usr/bin/env bash
# Every experiment with an expected outcome gives it again: the same verdicts, and numbers to 1e-6 (instruction sets and
# CPUs differ by about 1e-12, amplified where a crossing is flat).
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
for expected in experiments/expected/*.tsv; do
    name=$(basename "$expected" .tsv)
    number=$((number + 1))
    if [ -n "${SPECBIAS_SAN:-}" ]; then
        echo "ok $number - $name # SKIP full-size runs take minutes under sanitizers"
        continue
    fi
    "$SPECBIAS" run "experiments/$name.cfg" -o "$work/$name" -q >"$work/log" 2>&1
    if difference=$(awk -F '\t' '
        function differs(a, b, d) {
            if (a == b) return 0
            if (a == "nan" || b == "nan") return 1
            d = a - b
            return d * d > 1e-12 * b * b
        }
        NR == FNR { want[FNR] = $0; lines = FNR; next }
        {
            split(want[FNR], w, FS)
            for (i = 1; i <= NF; i++) {
                text = i < 3 || i == NF || FNR == 1
                if (i == 16 && !text) continue # z is a difference over a deviation: compared through its parts
                if (text ? $i != w[i] : differs($i, w[i])) { print "line " FNR ": " $i " for " w[i]; bad = 1 }
            }
        }
        END { if (FNR != lines) { print "lines: " FNR " for " lines; bad = 1 } exit bad }' "$expected" "$work/$name/agreement.tsv"); then
        echo "ok $number - $name gives its expected outcome"
    else
        echo "not ok $number - $name gives its expected outcome"
        printf '%s\n' "$difference" | sed 's/^/# /' | head -n 10
        sed 's/^/# /' "$work/log" | tail -n 5
    fi
done
