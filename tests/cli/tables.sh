#!/usr/bin/env bash
# Text tables on the command line: what is left out of a file is said by check, run and kernel, and counted (TAP).
. "$(dirname "$0")/lib/common.sh"

cat >table.cfg <<'END'
name = "t";
data = { kind = "table"; n = 0; inputs = ["x", "y"]; missing = "drop"; };
net = { kind = "layers"; layers = ["dense(4)", "tanh", "dense(1)"]; };
train = { eta = 0.05; steps = 4; records = 2; };
seeds = { count = 1; };
END
printf ',day,x,y,z\n0,Mo,.25,1.5,-30\n1,Tu,1,,2\n2,We,2,NA,3\n3,Th,-2,4,.125\n4,Fr,7,8,1\n' >table.csv

numbers() { tail -c +129 "$1" | od -A n -t f8 | tr -s ' \n' ' '; } # of a .npy
set_file=(--set data.file="$work/table.csv")

words() { tr -s ' \n' ' ' <"$io/out"; } # what was printed, lines joined

checked() {
    expect 0 check "$work/table.cfg" "${set_file[@]}" || return
    grep -q 'data 3 training examples in table.csv; 2 rows of the file left out, a number is missing; inputs x y, to be learned z;' <<<"$(words)" || cat "$io/out"
    expect 0 check "$work/table.cfg" "${set_file[@]}" --set data.inputs=x --set data.columns=z || return
    grep -q 'data 5 training examples in table.csv; inputs x, to be learned z; 1 input, 1 output' <<<"$(words)" || cat "$io/out"
    expect 0 check "$work/table.cfg" "${set_file[@]}" --set data.n=2 --set data.test=1 || return
    grep -q 'data 2 training examples of 3 in table.csv, 1 test; 2 rows' <<<"$(words)" || cat "$io/out"
}
check "check says what of a file is used, of how much, and how many rows are left out" checked

index_told() {
    printf ',x,z\n0,.5,1\n1,.25,2\n' >index.csv
    expect 0 check "$work/table.cfg" --set data.file=index.csv --set data.inputs= || return
    grep -q 'inputs x, to be learned z; its first column "" is an index and no input;' <<<"$(words)" || cat "$io/out"
}
check "and that an index is no input" index_told

counted() {
    expect 0,3 run "$work/table.cfg" "${set_file[@]}" --set data.test=1 --set data.n=2 --set output.arrays=true -o dir || return
    grep -q '^data *2 training examples of 3 in table.csv, 1 test; 2 rows of the file left out' <(unbroken) || cat "$io/out"
    grep -q '"train_rows_missing": 2' dir/summary.json && grep -q '"test_rows_missing": 0' dir/summary.json ||
        cat dir/summary.json
    # all three that are whole, each once
    [ "$({ numbers dir/arrays/rows.train.npy; numbers dir/arrays/rows.test.npy; } | tr ' ' '\n' | sort -n | xargs)" = "1 4 5" ] ||
        numbers dir/arrays/rows.train.npy
}
check "run counts them, and keeps the numbers of the rows it used" counted

of_kernel() {
    expect 0 kernel "$work/table.cfg" "${set_file[@]}" -o dir || return
    grep -q '"train_rows_missing": 2' dir/kernel/summary.json || cat dir/kernel/summary.json
    [ "$(numbers dir/arrays/rows.train.npy)" = " 1 4 5 " ] || numbers dir/arrays/rows.train.npy
}
check "so does kernel" of_kernel

check "a gap is an error unless told" refused 'table.csv:3:8: column 4 "y" is empty; data.missing = "drop" leaves' \
    run "$work/table.cfg" "${set_file[@]}" --set data.missing=error -o dir
check "a column of words is no input" refused 'table.csv:2:3: "Mo" in column 2 "day" is not a finite number' \
    run "$work/table.cfg" "${set_file[@]}" --set data.inputs= -o dir
check "a column that is not there" refused 'no column "w" among its 5; the nearest is' \
    run "$work/table.cfg" "${set_file[@]}" --set data.inputs=w -o dir

finish
