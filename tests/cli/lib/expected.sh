# Sourced from the top folder: does an experiment give its expected outcome again?
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# Prints how two tables differ: texts must be equal, numbers to 1e-6 (instruction sets and CPUs differ by about 1e-12,
# amplified where a crossing is flat) or 1e-9 absolute. The column z is a difference over a deviation, compared through its
# parts.
table_differences() { # EXPECTED FOUND
    awk -F '\t' '
        function number(text) { return text ~ /^-?[0-9]/ }
        function differs(a, b, d) {
            if (a == b) return 0
            if (!number(a) || !number(b)) return 1
            d = a - b
            return d * d > 1e-12 * b * b && d * d > 1e-18
        }
        NR == FNR { want[FNR] = $0; lines = FNR; next }
        {
            split(want[FNR], w, FS)
            if (FNR == 1) for (i = 1; i <= NF; i++) name[i] = $i
            for (i = 1; i <= NF; i++)
                if (name[i] != "z" && (FNR == 1 ? $i != w[i] : differs($i, w[i]))) print "line " FNR ", " name[i] ": " $i " for " w[i]
        }
        END { if (FNR != lines) print "lines: " FNR " for " lines }' "$1" "$2"
}

# Runs experiments/NAME.cfg and tells whether TABLE of its directory is as in experiments/expected. Counts in `number`.
expect_outcome() { # NAME EXPECTED TABLE
    local difference
    number=$((number + 1))
    if [ -n "${SPECBIAS_SAN:-}" ]; then
        echo "ok $number - $1 # SKIP full-size runs take minutes under sanitizers"
        return
    fi
    "$SPECBIAS" run "experiments/$1.cfg" -o "$work/$1" -q >"$work/log" 2>&1
    difference=$(table_differences "experiments/expected/$2" "$work/$1/$3" 2>&1)
    if [ -z "$difference" ]; then
        echo "ok $number - $1 gives its expected outcome"
    else
        echo "not ok $number - $1 gives its expected outcome"
        printf '%s\n' "$difference" | sed 's/^/# /' | head -n 10
        sed 's/^/# /' "$work/log" | tail -n 5
    fi
}
