#!/usr/bin/env bash
# Dependencies run one way (TAP):
#   cli -> study -> run -> forecast -> case -> report -> compare, train -> theory | kernel | net -> watch, data, density -> rule -> core
set -uo pipefail
cd "$(dirname "$0")/.."

declare -A rank=([core]=0 [rule]=1 [watch]=2 [data]=2 [density]=2 [theory]=3 [kernel]=3 [net]=3 [compare]=4
                 [train]=4 [report]=5 [experiment]=6 [case]=6 [forecast]=7 [run]=8 [study]=9 [cli]=10)

# Both answer in REPLY: a subshell for each of a thousand includes would take seconds.
layer() { # FILE: its layer; a public header is of the layer of its name, or of core
    case $1 in
        include/specbias/specbias.h) REPLY=cli ;; # includes all of them
        include/specbias/heat.h | include/specbias/dominance.h | include/specbias/jacobi.h)
            REPLY=theory ;;
        include/specbias/poisson.h | include/specbias/loss.h | include/specbias/flow.h | include/specbias/fit.h) \
            REPLY=train ;;
        include/specbias/claim.h) REPLY=compare ;;
        include/specbias/model.h) REPLY=net ;;
        include/specbias/zonal.h) REPLY=kernel ;;
        include/specbias/dataset.h) REPLY=data ;;
        include/specbias/tangent.h) REPLY=density ;;
        include/specbias/linear.h | include/specbias/drift.h | include/specbias/path.h | \
            include/specbias/batches.h | include/specbias/finite_width.h) REPLY=kernel ;;
        include/specbias/observe.h | include/specbias/spectrum.h) REPLY=watch ;;
        include/specbias/*) REPLY=${1##*/}; REPLY=${REPLY%.h}; [ -n "${rank[$REPLY]-}" ] || REPLY=core ;;
        theory/*) REPLY=theory ;;
        *) REPLY=${1#src/}; REPLY=${REPLY%%/*} ;;
    esac
}

resolve() { # INCLUDING-FILE INCLUDED: the path in this tree, or nothing for a system header
    local dir
    for dir in "${1%/*}" include src .; do
        REPLY=$dir/$2
        [ -e "$REPLY" ] || continue
        case $REPLY in *./*) REPLY=$(realpath --relative-to=. "$REPLY") ;; esac
        return
    done
    REPLY=
}

number=0 bad=0
result() { # NAME COMPLAINTS
    number=$((number + 1))
    if [ -z "$2" ]; then echo "ok $number - $1"; return; fi
    echo "not ok $number - $1"
    sed 's/^/# /' <<<"$2"
    bad=1
}

mapfile -t files < <(find include src theory -name '*.[ch]' | sort)
if [ ${#files[@]} = 0 ]; then echo "not ok 1 - no C files"; exit 1; fi

# Lines `file:line header`.
includes=$(grep -nHoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]+' "${files[@]}" |
    sed -E 's/^([^:]*):([0-9]+):.*[<"]/\1:\2 /')

unknown= upward= sideways=
while read -r where header; do
    file=${where%%:*}
    resolve "$file" "$header"
    case $REPLY in *.def | '') continue ;; esac
    layer "$REPLY"; to=$REPLY
    layer "$file"; from=$REPLY
    if [ -z "${rank[$from]-}" ] || [ -z "${rank[$to]-}" ]; then
        unknown+="$where: $header: no layer"$'\n'
    elif [ "${rank[$from]}" -lt "${rank[$to]}" ]; then
        upward+="$where: $from includes $header of $to"$'\n'
    elif [ "$from" != "$to" ] && [ "${rank[$from]}" = 3 ] && [ "${rank[$to]}" = 3 ]; then
        sideways+="$where: $from includes $header of $to"$'\n'
    fi
done <<<"$includes"
result "every file belongs to a layer" "${unknown%$'\n'}"
result "no lower layer includes a higher one" "${upward%$'\n'}"
result "theory, kernel and net do not include each other" "${sideways%$'\n'}"

only() { # HEADER-PATTERN ALLOWED-FILES-PATTERN
    grep -E "^[^ ]+ $1\$" <<<"$includes" | grep -vE "^$2:"
}
result "only src/core/linalg.c includes BLAS, LAPACK and ARPACK" "$(only '(cblas|lapacke|lapack|openblas[a-z_]*|arpack/[a-z]*)\.h' 'src/core/linalg\.c')"
result "only src/core/ode.c includes gsl_odeiv2.h" "$(only 'gsl/gsl_odeiv2\.h' 'src/core/ode\.c')"
result "only src/watch includes fftw3.h" "$(only 'fftw3\.h' 'src/watch/[^:]*')"
result "only src/case and src/run include libconfig.h" "$(only 'libconfig\.h' 'src/(case|run)/[^:]*')"
result "only src/core/json.c includes jansson.h" "$(only 'jansson\.h' 'src/core/json\.c')"
result "only src/cli/ranks.c and src/cli/grid.c include mpi.h" "$(only 'mpi\.h' 'src/cli/(ranks|grid)\.c')"
result "only src/report includes nettle" "$(only 'nettle/.*' 'src/report/[^:]*')"

# Code without comments and strings; lines keep their numbers.
code() {
    awk 'FNR == 1 { inside = 0 }
    {
        line = $0; text = ""
        while (line != "") {
            if (inside) {
                if (!(i = index(line, "*/"))) break
                line = substr(line, i + 2); inside = 0
            } else if (match(line, /^"([^"\\]|\\.)*"/)) {
                text = text "\"\""; line = substr(line, RLENGTH + 1)
            } else if (match(line, /^\047([^\047\\]|\\.)+\047/)) {
                text = text "0"; line = substr(line, RLENGTH + 1)
            } else if (substr(line, 1, 2) == "/*") {
                line = substr(line, 3); inside = 1
            } else if (substr(line, 1, 2) == "//") {
                break
            } else {
                text = text substr(line, 1, 1); line = substr(line, 2)
            }
        }
        print FILENAME ":" FNR ": " text
    }' "$@"
}
mapfile -t library < <(printf '%s\n' "${files[@]}" | grep -v '^src/cli/')
result "the library never prints and never exits" "$(code "${library[@]}" |
    grep -E '(^|[^A-Za-z0-9_])((v?printf|puts|putchar|perror|exit)[[:space:]]*\(|(stdout|stderr)([^A-Za-z0-9_]|$))')"

# What the host's locale changes has one home; strftime is free to write numbers.
words='v?(f|s|sn|vs|d|as)printf|v?[fs]?scanf|strto(d|f|ld)|ato(f|i|l)|is(alnum|alpha|blank|cntrl|digit|graph|lower|print'
words+='|punct|space|upper|xdigit)|to(lower|upper)|strn?casecmp|strcoll|strxfrm|strerror(_[rl])?|setlocale|newlocale'
words+='|uselocale|localeconv|config_(read(_file|_string)?|write(_file)?)'
result "only src/core/text.c and src/case/parse.c call what a locale changes (core/text.h has its own)" \
    "$(code "${library[@]}" | grep -E "(^|[^A-Za-z0-9_])($words)[[:space:]]*\(" |
        grep -vE '^src/(core/text|case/parse)\.c:')"
words='fopen|freopen|fdopen|open|openat|creat|mkdir|mkdirat|unlink|unlinkat|remove|rename|renameat|rmdir|opendir|gzopen|popen|system'
words+='|tmpfile|mkstemp|truncate|symlink|link|exec[lv][a-z]*|posix_spawnp?'
result "only src/core/file.c and src/report open and remove files (src/core/cpu.c reads /proc/cpuinfo)" \
    "$(code "${files[@]}" | grep -E "(^|[^A-Za-z0-9_])($words)[[:space:]]*\(" |
        grep -vE '^src/(core/file|core/cpu|report/[a-z]+)\.c:')"
result "only src/core/gsl.c and src/core/ode.c make what GSL calls its error handler for" \
    "$(code "${files[@]}" | grep -E 'gsl_(integration_[a-z]+_(table|workspace)_alloc|odeiv2_[a-z_]*alloc[a-z_]*|set_error_handler[a-z_]*)[[:space:]]*\(' |
        grep -vE '^src/core/(gsl|ode)\.c:')"
result "nobody sets the locale of the program" "$(code "${files[@]}" | grep -E '(^|[^A-Za-z0-9_])setlocale[[:space:]]*\(')"

# A list's line MACRO(name, ..) stands for name.c, the text name.txt or the figure name.gp beside the list.
orphans= entries=0
while IFS= read -r list; do
    dir=$(dirname "$list") names=$(sed -nE 's/^[A-Z_]+\([[:space:]]*"?([a-z0-9_.]+).*/\1/p' "$list")
    for name in $names; do
        entries=$((entries + 1))
        [ -e "$dir/$name.c" ] || [ -e "$dir/$name.txt" ] || [ -e "$dir/$name.gp" ] || orphans+="$list: $name has no $dir/$name.c"$'\n'
    done
    for file in "$dir"/*.c "$dir"/*.txt "$dir"/*.gp; do # a method is a constant, or ends in a macro, of its name
        name=${file##*/} name=${name%.*}
        case " ${names//$'\n'/ } " in *" $name "*) continue ;; esac
        [ -e "$file" ] || continue
        case $file in
            plots/style.gp) continue ;; # all of them load it
            *.c) grep -qE "^(const [a-z_]+ [a-z_]+_$name = |SB_[A-Z_]+\($name,)" "$file" || continue ;;
        esac
        orphans+="$file: no line in $list"$'\n'
    done
done < <(find src theory plots -name list.def | sort)
for file in src/cli/cmd_*.c; do
    name=${file#*/cmd_} name=${name%.c}
    grep -q "^COMMAND($name," src/cli/commands.def || orphans+="$file: no line in src/cli/commands.def"$'\n'
done
[ "$entries" -gt 0 ] || orphans+="no list.def with entries"
result "each entry of a list.def has its file, each method its entry" "${orphans%$'\n'}"

echo "1..$number"
exit $bad
