# Shared by tests/cli/*.sh (TAP); sourced, not run. Work happens in a temporary folder, $work.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd) || exit 1
SPECBIAS=${SPECBIAS:-$root/build/bin/specbias}
SPECBIAS_SAN=${SPECBIAS_SAN-}
export LC_ALL=C
[ -x "$SPECBIAS" ] || { echo "not ok 1 - $SPECBIAS is there"; exit 1; }

# Where files are flushed in no time and programs may be started from; else the folder of temporary files. What a killed
# process wrote is there in either, so tests of it (which set in_memory=yes first) prove the same without waiting for a disk.
memory() {
    local probe
    probe=$(mktemp -p /dev/shm 2>/dev/null) && printf '#!/bin/sh\n' >"$probe" && chmod +x "$probe" && "$probe" 2>/dev/null &&
        echo /dev/shm || echo "${TMPDIR:-/tmp}"
    rm -f "$probe"
}

temporary=$(mktemp -d -p "$([ -n "${in_memory-}" ] && memory || echo "${TMPDIR:-/tmp}")") || exit 1
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$temporary"' EXIT
trap 'exit 130' INT TERM
work=$temporary/work io=$temporary/io
mkdir "$work" "$io" && cd "$work" || exit 1

# ---- tests: a test is a command that passes when it succeeds and prints nothing ----

number=0 bad=0
result() { # NAME COMPLAINTS
    number=$((number + 1))
    if [ -z "$2" ]; then echo "ok $number - $1"; return; fi
    echo "not ok $number - $1"
    head -n 12 <<<"$2" | cut -c 1-300 | sed 's/^/# /'
    bad=1
}

check() { # NAME COMMAND..: in a folder of its own
    local said status folder=$work/check$number
    said=$(mkdir -p "$folder" && cd "$folder" && "${@:2}" 2>&1)
    status=$?
    [ "$status" = 0 ] || [ -n "$said" ] || said="exit status $status of: ${*:2}"
    said+=$(are_json "$folder")
    rm -rf "$folder"
    result "$1" "$said"
}

skip() { # NAME REASON
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# Every .json that a test left is JSON, to our own reader and to Python's where there is one.
json=${SPECBIAS_BUILD:-$root/build}/tests/tools/json
strict='import json, sys
def never(word): raise ValueError(word)
for path in sys.argv[1:]: json.load(open(path), parse_constant=never)'
are_json() { # FOLDER
    local found
    mapfile -d '' -t found < <(find "$1" -name '*.json' -print0)
    [ ${#found[@]} = 0 ] || "$json" "${found[@]}" || echo "no JSON"
}
python_agrees() {
    local found
    mapfile -d '' -t found < <(find "$work" -name '*.json' -print0)
    [ ${#found[@]} = 0 ] || ! have python3 || python3 -c "$strict" "${found[@]}"
}

finish() {
    result "every JSON file that is left is JSON" "$(are_json "$work"; python_agrees 2>&1)"
    echo "1..$number"
    exit "$bad"
}

have() { command -v "$1" >/dev/null 2>&1; }

# ---- running the program ----

program() { # ARGS..: leaves $io/out, $io/err and $status
    "$SPECBIAS" "$@" </dev/null >"$io/out" 2>"$io/err"
    status=$?
}

is_status() { # EXPECTED WHAT: complains about $status; EXPECTED may be several, as in 0,3
    case ,$1, in *,"$status",*) return 0 ;; esac
    echo "exit status $status, not $1, of: $2"
    tail -n 20 "$io/err"
    return 1
}

expect() { # STATUS ARGS..
    program "${@:2}"
    is_status "$1" "specbias ${*:2}"
}

errors_match() { # PATTERN: one line on stderr, `specbias: ..`, that matches the extended regular expression
    local lines
    lines=$(wc -l <"$io/err")
    if [ "$lines" != 1 ]; then
        echo "$lines lines on stderr instead of one:"
        cat "$io/err"
    elif ! grep -q '^specbias: ' "$io/err"; then
        echo "does not start with 'specbias: ': $(cat "$io/err")"
    elif ! grep -qE -- "$1" "$io/err"; then
        echo "does not match '$1': $(cat "$io/err")"
    fi
}

refused() { # PATTERN ARGS..: exit 2, one matching line, and nothing is written, here or on stdout
    local before after
    before=$(snapshot .)
    expect 2 "${@:2}"
    errors_match "$1"
    [ ! -s "$io/out" ] || { echo "prints:"; cat "$io/out"; }
    after=$(snapshot .)
    [ "$before" = "$after" ] || { echo "what was written:"; diff <(echo "$before") <(echo "$after"); }
}

refuses() { # NAME PATTERN ARGS..
    check "$1" refused "${@:2}"
}

# A run of a fraction of a second. Its verdict is not the point: it exits with 0 or 3.
small=$work/small.cfg
cat >"$small" <<'END'
name = "small";
data = { n = 16; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { width = 512; };
train = { time = 8.0; };
forecast = { modes = 64; draws = 8; };
seeds = { count = 2; };
END
ran=0,3

unbroken() { # [FILE]: lines that were broken to fit the screen, whole again
    sed -E ':a;N;$!ba;s/\n {10,}/ /g' "${1:-$io/out}"
}

stand_in_for_gnuplot() { # which is not ours to break, and takes longer than the runs of a test
    mkdir "$work/path" && PATH=$work/path:$PATH
    cat >"$work/path/gnuplot" <<'END'
#!/bin/sh
for script; do :; done
echo '<svg>a picture</svg>' >"${script%.gp}.svg"
echo '/Font 1234567890123456789%%EOF' >"${script%.gp}.pdf"
END
    chmod +x "$work/path/gnuplot"
}

reseal() { # DIR: all of its seals anew, as somebody who lies would
    local seal new=$io/new
    (cd "$1" || exit
     for seal in forecast.sha256 observed.sha256 verdict.sha256; do
         [ -e $seal ] || continue
         cut -c 67- $seal | xargs sha256sum >"$new" && cp "$new" $seal
         [ $seal != forecast.sha256 ] || [ ! -e train.tsv ] || sed -i "2,\$s/[0-9a-f]*\$/$(sha256sum <$seal | cut -c 1-64)/" train.tsv
     done)
}

# ---- looking at files ----

snapshot() { # FOLDER: every name, and the checksum of every file
    (cd "$1" && find . -mindepth 1 | sort && find . -type f -exec sha256sum {} + | sort -k 2)
}

# Tables of the same folder names and the same bytes.
same_decay() { # A B
    diff <(cd "$1/decay" && ls ./*.tsv) <(cd "$2/decay" && ls ./*.tsv)
    local table
    for table in "$1"/decay/*.tsv; do cmp "$table" "$2/decay/${table##*/}"; done
}

same_results() { # A B
    same_decay "$1" "$2"
    cmp "$1/agreement.tsv" "$2/agreement.tsv"
    cmp "$1/budget.tsv" "$2/budget.tsv"
    diff <(cut -f 1,2,4- "$1/train.tsv") <(cut -f 1,2,4- "$2/train.tsv")
    # no network trains for the same number of seconds twice, and a seal covers the number of threads
    diff <("$json" -l "$1/summary.json" | grep -vE 'seconds|seal') <("$json" -l "$2/summary.json" | grep -vE 'seconds|seal')
}

largest_gap() { # TABLE TABLE: max |err - err| over times and frequencies
    awk -F '\t' '
        FNR == 1 { file++; for (i = 1; i <= NF; i++) if ($i ~ /^err\(/) column[i]; next }
        file == 1 { rows++; for (i in column) e[FNR, i] = $i; next }
        { rows--; for (i in column) { d = $i - e[FNR, i]; if (d < 0) d = -d; if (!(d <= gap)) gap = d } }
        END { print rows == 0 ? gap + 0 : "tables of different length" }' "$1" "$2"
}
at_most() { # BOUND NUMBER..
    local number
    for number in "${@:2}"; do
        awk -v number="$number" -v bound="$1" 'BEGIN { exit !(number ~ /^[0-9]/ && number + 0 <= bound) }' ||
            echo "$number is more than $1"
    done
}

no_leftovers() { # FOLDER: nothing half-written: no temporary files, whole lines, as many columns in all of them
    [ -e "$1" ] || return 0
    find "$1" -name '*.tmp' -printf 'left over: %p\n'
    local table
    while IFS= read -r table; do
        [ -s "$table" ] || echo "$table is empty"
        [ -z "$(tail -c 1 "$table")" ] || echo "$table does not end with a whole line"
        awk -F '\t' -v name="$table" 'NR == 1 { n = NF } NF != n { print name ":" NR ": " NF " columns, not " n; exit }' "$table"
    done < <(find "$1" -name '*.tsv')
    while IFS= read -r table; do
        tail -c 10 "$table" | grep -q '</svg>' || echo "$table is cut off"
    done < <(find "$1" -name '*.svg')
    while IFS= read -r table; do
        tail -c 10 "$table" | grep -q '%%EOF' || echo "$table is cut off"
    done < <(find "$1" -name '*.pdf')
}

verdict_of() { # FOLDER: the verdict of the whole run
    "$json" -g verdict "$1/summary.json"
}

# Rows of a table as `name=value` variables of awk: table FILE PROGRAM [OPTIONS], where the program reads columns as c["T_obs"].
table() {
    awk "${@:3}" -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) head[i] = $i; next } { for (i = 1; i <= NF; i++) c[head[i]] = $i } '"$2" "$1"
}
