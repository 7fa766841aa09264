#!/usr/bin/env bash
# Help: every topic, command, option, key and result file has its text, in lines of 80 columns (TAP).
. "$(dirname "$0")/lib/common.sh"

names() { # LIST.def: the first arguments of its lines
    sed -nE 's/^[A-Z]+\(([a-z0-9_]+),.*/\1/p' "$1"
}
topics=$(names "$root/src/cli/help/list.def")
commands=$(names "$root/src/cli/commands.def")

narrow() { # NAME: what was printed, of which no line may be longer
    awk -v name="$1" 'length > 80 { print name ": " length " columns: " $0 }' "$io/out" | head -n 3
}

topic_texts() {
    local topic overview
    expect 0 help
    narrow help
    overview=$(<"$io/out")
    for topic in $topics; do
        grep -qE "^  $topic  +[^ ]" <<<"$overview" || echo "help does not list $topic"
        expect 0 help "$topic"
        narrow "$topic"
        head -n "$(wc -l <"$root/src/cli/help/$topic.txt")" "$io/out" | cmp "$root/src/cli/help/$topic.txt"
        ! LC_ALL=C grep -n '[^ -~]' "$io/out"
    done
}
check "every topic is listed and printed, plain text of 80 columns" topic_texts

command_texts() {
    local command
    for command in $commands; do
        expect 0 help "$command"
        narrow "$command"
        grep -q "^usage: specbias $command " "$io/out" || echo "help $command: no usage"
    done
}
check "every command has its help" command_texts

options_told() { # every option of the parser is in --help, and in the help of the commands that take it
    local name letter
    expect 0 --help
    while IFS='|' read -r name letter; do
        [ -z "$name" ] || grep -qE -- "^  (-$letter, )?--$name( |\$)" "$io/out" || echo "--help is silent on --$name"
        [ "$letter" = 0 ] || grep -qE -- "^  -$letter[, ]" "$io/out" || echo "--help is silent on -$letter"
    done < <(sed -nE "s/^OPTION\([a-z_]+, [A-Z]+, \"([a-z-]*)\", '?([a-z0])'?,.*/\1|\2/p" "$root/src/cli/options.def")
    while read -r name; do
        grep -qE -- "^  --$name " "$io/out" || echo "--help is silent on --$name"
    done < <(sed -nE 's/^LOOK\([a-z_]+, "([a-z-]*)", "[^"]+", [A-Z]+, ".*", ".+"\)$/\1/p' "$root/include/specbias/looks.def")
    [ "$(grep -c '^LOOK' "$root/include/specbias/looks.def")" = "$(grep -cE '^LOOK\([a-z_]+, "[a-z-]*", "[^"]+", [A-Z]+, ".*", ".+"\)$' \
        "$root/include/specbias/looks.def")" ] || echo "a line of looks.def that this test cannot read"
    [ "$(grep -c '^OPTION' "$root/src/cli/options.def")" = "$(grep -cE "^OPTION\([a-z_]+, [A-Z]+, \"[a-z-]*\", '?[a-z0]'?," \
        "$root/src/cli/options.def")" ] || echo "a line of options.def that this test cannot read"
    expect 0 help sweep && grep -q -- '--gather' "$io/out" || echo "help sweep is silent on --gather"
    expect 0 help list && ! grep -q -- '--set' "$io/out" || echo "help list knows --set"
}
check "every option stands in --help" options_told

key_texts() {
    local key
    while read -r key; do
        expect 0 help "$key"
        narrow "$key"
        [ "$(grep -cE '^    [a-z]' "$io/out")" -ge 1 ] || echo "$key: no text"
    done < <("$SPECBIAS" keys | sed -nE 's/^([a-z]+(\.[a-z0-9_]+)?) +(text|choice|whole|real|flag|reals|texts) .*/\1/p' |
        awk 'NR % 8 == 0')
    ! grep -nE '^KEY.*, ""\)$' "$root/include/specbias/keys.def"
}
check "every key has its text" key_texts

# Columns of the tables of a directory, with K for a number, NAME for a test set, that `help tables` does
# not tell. Those of sweeps are called after keys and measures.
untold() { # DIR
    local table column
    while read -r table; do
        for column in $(grep -v '^#' "$table" | head -n 1 | sed -E 's/_[0-9]+/_K/g; s/\([^,\t]*,[0-9.]+\)/(ITEM,q)/g; s/\((([a-z]+\([0-9.]+\))|[0-9.]+)\)/(ITEM)/g;
            s/(^|\t)(test|train|low|high|general)_(loss|accuracy)/\1NAME_\3/g'); do
            grep -qE "(^|[ ,.;:])${column//[()]/.}([ ,.;:]|\$)" "$io/out" || echo "help tables: no $column of ${table##*/}"
        done
    done < <(find "$1" -name '*.tsv' ! -path '*/points/*' ! -name sweep.tsv)
}

tables() {
    expect $ran run "$small" -o dir --set observe.drift=3 --set observe.snapshots=4 --set forecast.sources=lfp,law \
        --set forecast.rehearsals=2 --set forecast.tolerance=0.5 --set train.time=1
    expect 0 kernel "$small" -o kernels --set kernel.draws=2
    expect 0 help tables
    untold dir
    untold kernels
    [ "$(find dir kernels -name '*.tsv' | wc -l)" -gt 20 ] || echo "too few tables"
}
check "every column of the tables has its meaning" tables

files() { # a table in the topic tables, any other file in the topic files, but those that go without saying
    local all folder names help name
    expect 0 help files
    cp "$io/out" files
    expect 0 help tables
    while IFS='|' read -r folder names help; do
        name=${names//\#/N} name=${folder:+$folder/}${name//\*/NAME}
        [ -z "$help" ] || grep -qF "  $name " files || echo "help files: no $name"
        [[ $name != *.tsv ]] || grep -qE "(^| )${name//./\\.}( |\$)" "$io/out" || echo "help tables: no $name"
    done < <(sed -nE 's/^FILE\("([^"]*)", "([^"]*)", [A-Z]+, "[^"]*", "([^"]*)"\)$/\1|\2|\3/p' "$root/src/report/files.def")
    all=$(grep -c '^FILE(' "$root/src/report/files.def")
    [ "$all" -gt 50 ] || echo "$all files in files.def"
}
check "every file that runs write is told" files

# What README.md says of a table of one's own, tried with the file that it names.
own_data() {
    sed -n '/^## Your own data/,/^## /{s/^    //p}' "$root/README.md" >own.cfg
    grep -q 'mine.csv' own.cfg || echo "README.md: no configuration of own data"
    awk 'BEGIN { srand(1); print "id,day,temp,load"
        for (i = 0; i < 120; i++) { d = 365 * rand(); t = 10 + 12 * sin(d / 58) + rand()
            printf "A%d,%.1f,%s,%.2f\n", i, d, i % 37 == 5 ? "" : sprintf("%.1f", t), 50 - t + 6 * sin(d / 19) } }' >mine.csv
    expect 0 check own.cfg
    grep -q '4 rows of the file left out' <<<"$(tr -s ' \n' ' ' <"$io/out")" || echo "missing numbers are not counted: $(<"$io/out")"
    expect $ran run own.cfg --set train.steps=50 --set forecast.draws=4 --seeds 1 --set 'net.layers=dense(32),relu,dense(1)'
    grep -q '^verdict' "$io/out" || echo "no verdict"
}
check "README.md: own data, with an ID and missing numbers, to a verdict" own_data

words() {
    expect 0 help relu && grep -q 'specbias list activation' "$io/out" || echo "help relu: $(<"$io/out")"
    expect 0 help optimizer && grep -q heavy_ball "$io/out" || echo "help optimizer: $(<"$io/out")"
    expect 0 help FBI && grep -q 'bias index' "$io/out" || echo "help FBI: $(<"$io/out")"
    refused 'nearest: train.eta' help eta
    refused 'nearest: verdict' help verdikt
    refused '--gather: this option goes with sweep' run "$small" --gather
    refused '--set: this option goes with a configuration' keys --set a=b
}
check "methods and lists have help; an unknown word names the nearest, an option elsewhere is refused" words

# What bash offers for a line, by the function of the completion itself.
offers() { # LINE
    (PATH=$(dirname "$SPECBIAS"):$PATH
     complete() { :; }
     compopt() { :; }
     . "$root/src/cli/shell/specbias.bash"
     COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n=:'
     _specbias
     printf '%s ' "${COMPREPLY[@]}")
}

completes() { # LINE EXPECTED
    local found
    found=$(offers "$1")
    [ "${found% }" = "$2" ] || echo "'$1': offers '$found', not '$2'"
}

completion() {
    completes 'specbias expl' explain
    completes 'specbias run --re' '--resume --redraw'
    completes 'specbias list --s' ''
    completes 'specbias -' '--help --version'
    completes 'specbias run E.cfg --set train.et' train.eta=
    completes 'specbias run E.cfg --set train.optimizer=a' adam
    completes 'specbias run E.cfg --set init.quiet=' 'true false'
    completes 'specbias run E.cfg --set loss.factor=half' 'half_mean half_sum'
    completes 'specbias help verd' verdict
    completes 'specbias help train.weight' train.weight_decay
    completes 'specbias list act' activation
    completes 'specbias new o' overlay
    completes 'specbias sweep E.cfg --script p' parallel
    completes 'specbias run --he' --help
    completes 'specbias run ' ''
    completes 'specbias nonsense x' ''
    [ "$(offers 'specbias ' | wc -w)" = "$(wc -w <<<"$commands")" ] || echo "not all commands"
}
check "bash completes commands, options, keys, their values and topics" completion

finish
