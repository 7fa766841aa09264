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

# Columns of the tables of a directory, with K for a number and NAME for what is called otherwise, that `help tables` does
# not tell. Those of sweeps are called after keys and measures.
untold() { # DIR
    local table column
    while read -r table; do
        for column in $(grep -v '^#' "$table" | head -n 1 | sed -E 's/_[0-9]+/_K/g; s/(T|shift)[0-9.]+_/\1q_/g;
            s/(^|\t)(test|train|low|high|general)_(loss|accuracy)/\1NAME_\3/g'); do
            grep -qE "(^|[ ,.;:])$column([ ,.;:]|\$)" "$io/out" || echo "help tables: no $column of ${table##*/}"
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

words() {
    expect 0 help relu && grep -q 'specbias list activation' "$io/out" || echo "help relu: $(<"$io/out")"
    expect 0 help optimizer && grep -q heavy_ball "$io/out" || echo "help optimizer: $(<"$io/out")"
    refused 'nearest: train.eta' help eta
    refused 'nearest: verdict' help verdikt
    refused '--gather: this option goes with sweep' run "$small" --gather
    refused '--set: this option goes with a configuration' keys --set a=b
}
check "methods and lists have help; an unknown word names the nearest, an option elsewhere is refused" words

finish
