# Sourced after common.sh: runs the program with one fault at a time (tests/faults/faults.c) and judges what comes of it.
# Right is: nothing that differs from a run without fault, or exit status 1, one line that tells the reason, and no file
# under its final name that a run without fault would not have written.
faults=${SPECBIAS_BUILD:-$root/build}/tests/faults/faults.so
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
stand_in_for_gnuplot

# What a folder holds, a line per file or per line of a file with times and dates; these are left out.
contents() { # FOLDER
    (cd "$1" 2>/dev/null || exit 0
    find . -type f ! -path '*/checkpoints/*' ! -name gnuplot.log ! -name observed.sha256 ! -name verdict.sha256 ! -name train.tsv ! -name seconds.tsv ! -name summary.json ! -name manifest.cfg -exec sha256sum {} +
    find . -name observed.sha256 -execdir sh -c \
        'sha256sum -c --quiet observed.sha256 >/dev/null 2>&1; echo "$PWD ${?#0}" | sed -E "s,.*/(dir|again|whole|copy),observed ,"' \;
    find . -type f \( -name train.tsv -o -name summary.json -o -name manifest.cfg \) -exec awk '
        /forecast_at/ { next }
        { gsub(/"seconds": [^,]*/, ""); if (FILENAME ~ /train.tsv/) $3 = ""; print FILENAME ": " $0 }' {} +) | sort
}

said() { # without times, and the seal of what holds some
    sed -E '/observed.sha256/d; s/[0-9.e-]+ s each/s each/; s/[0-9.e-]+ s( left)?$//; s/\([0-9.e-]+ s\)//' "$io/out"
}

# A command on the folder `dir`, begun from the folder template.NAME if there is one: its arguments, its outcome without a
# fault, its calls.
declare -A arguments wanted_status wanted_files wanted_words allowed_files
fault_case() { # NAME ARGS..
    arguments[$1]="${*:2}"
    fresh "$1"
    program ${arguments[$1]}
    wanted_status[$1]=$status
    wanted_files[$1]=$(contents dir)
    allowed_files[$1]=$(contents dir; [ ! -e "$work/template.$1" ] || contents "$work/template.$1")
    allowed_files[$1]=$(sort <<<"${allowed_files[$1]}")
    wanted_words[$1]=$(said)
}

fresh() { # NAME
    rm -rf dir
    [ ! -e "$work/template.$1" ] || cp -r "$work/template.$1" dir
}

# The calls of a case that count: FIRST LAST PLACE WAY, a line for each way that leads to one.
call_sites() { # NAME alloc|io|kill
    fresh "$1"
    LD_PRELOAD=$faults FAULT=$2 FAULT_SITES=$io/sites program ${arguments[$1]}
    sort -n "$io/sites"
}

# Of each EVERY-th way of a case, of all with FAULTS=all, COMMAND, which sees its `first`, `last`, `place`, `way` and the
# `turn` it has, from 1 on. What there was of it is left in $io/count.
all=${FAULTS-}
each_way() { # NAME alloc|io|kill EVERY COMMAND..
    local first last place way turn=0 ways every=${all:+1}
    begin_case "$1"
    mapfile -t ways < <(call_sites "$1" "$2")
    for ((turn = 1; turn * ${every:-$3} <= ${#ways[@]}; turn++)); do
        read -r first last place way <<<"${ways[turn * ${every:-$3} - 1]}"
        "${@:4}"
    done 2>/dev/null
    [ "$trials" -gt 0 ] || echo "nothing was tried"
    echo "$trials trials, $unaffected unaffected, $clean told, $wrong wrong" >"$io/count"
}

# Whether it is the first time that this is asked of a name.
new() { # NAME
    ! grep -qx "$1" "$io/seen" 2>/dev/null && echo "$1" >>"$io/seen"
}

declare -A reason=([4]='Interrupted system call' [5]='Input/output error' [12]='memory' [13]='Permission denied'
    [24]='Too many open files' [28]='No space left on device')

trials=0 unaffected=0 clean=0 wrong=0
complain() { # NAME KIND NUMBER ERRNO WORDS..
    wrong=$((wrong + 1))
    echo "$1, $2 $3 with errno $4: ${*:5}: $(tail -n 1 "$io/err" | cut -c 1-120) [$(cut -d ' ' -f 2- "$io/log" | cut -c 1-400)]"
}

trial() { # NAME alloc|io NUMBER ERRNO
    local name=$1 words
    trials=$((trials + 1))
    fresh "$name"
    : >"$io/log"
    LD_PRELOAD=$faults FAULT=$2 FAULT_AT=$3 FAULT_ERRNO=$4 FAULT_LOG=$io/log \
        timeout -k 1 60 "$SPECBIAS" ${arguments[$name]} </dev/null >"$io/out" 2>"$io/err"
    status=$?
    [ "$status" != 124 ] && [ "$status" != 137 ] || { complain "$@" "hangs"; return; }
    [ "$status" -lt 128 ] || { complain "$@" "dies of signal $((status - 128))"; return; }
    if [ "$status" = "${wanted_status[$name]}" ]; then
        unaffected=$((unaffected + 1))
        [ "$(contents dir)" = "${wanted_files[$name]}" ] || { complain "$@" "succeeds with other files"; return; }
        [ "$(said)" = "${wanted_words[$name]}" ] || { complain "$@" "succeeds with other words"; return; }
        ! grep -vq '^specbias: warning: ' "$io/err" || complain "$@" "succeeds and complains"
        return
    fi
    clean=$((clean + 1))
    words=$(tail -n 1 "$io/err")
    case $status:$words in
    1:specbias:\ *${reason[$4]}*) ;;
    2:specbias:\ *'Permission denied'*) ;; # what one may not read is one's own affair
    *) complain "$@" "exit status $status" ;;
    esac
    case $words in *'(null)'* | *'broken seal'* | *'unknown key'* | *'is not known'*) complain "$@" "says" ;; esac
    [ -z "$(find dir -name '*.tmp' 2>/dev/null)" ] || complain "$@" "leaves a temporary file"
    words=$(comm -23 <(contents dir) <(echo "${allowed_files[$name]}"))
    [ -z "$words" ] || complain "$@" "leaves ${words:0:150}"
}

# A run that is killed in front of a call, and then the same command with what is added: it must end as if nothing had
# happened, and leave nothing of the first half.
kill_trial() { # NAME HOW..: in front of call $first
    trials=$((trials + 1))
    fresh "$1"
    LD_PRELOAD=$faults FAULT=kill FAULT_AT=$first "$SPECBIAS" ${arguments[$1]} </dev/null >/dev/null 2>&1
    : >"$io/log"
    program ${arguments[$1]} "${@:2}"
    [ "$status" = "${wanted_status[$1]}" ] || { complain "$1" kill "$first" "${*:2}" "exit status $status"; return; }
    [ "$(contents dir)" = "${wanted_files[$1]}" ] ||
        complain "$1" kill "$first" "${*:2}" "$(diff <(contents dir) <(echo "${wanted_files[$1]}") | head -n 3 | cut -c 1-100)"
    [ -z "$(find dir \( -name checkpoints -o -name '*.tmp' \) 2>/dev/null)" ] || complain "$1" kill "$first" "${*:2}" "leaves $(find dir -name checkpoints -o -name '*.tmp')"
    [ ! -s "$io/err" ] || complain "$1" kill "$first" "${*:2}" says
}
