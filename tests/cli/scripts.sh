#!/usr/bin/env bash
# What scripts and pipelines rely on: JSON on standard output, exit statuses, runs that are finished (TAP).
. "$(dirname "$0")/lib/common.sh"

program run "$small" -o "$work/run"
verdict=$status
result "run" "$(is_status $ran run)"

one_object() { # ARGS..: one JSON object on standard output, and the file of the same if there is one
    expect 0,3 "$@" --json
    cp "$io/out" said.json
    "$json" said.json || cat said.json
    [ ! -s "$io/err" ] || ! grep -v 'warning' "$io/err"
}

objects() {
    cp -r "$work/run" dir
    one_object compare dir && cmp said.json dir/summary.json
    one_object run "$small" -o dir && cmp said.json dir/summary.json
    one_object run "$small" -o new && cmp said.json new/summary.json
    one_object measure dir loss@last 'T(1, 1/2)'
    [ "$("$json" -g measures.1.measure said.json)" = 'T(1, 1/2)' ] || cat said.json
    [ "$("$json" -g seeds.1 said.json)" = 2 ] || cat said.json
    one_object check "$small"
    [ "$("$json" -g steps said.json)" = 400 ] || cat said.json
    one_object kernel "$small" -o kernels --set kernel.draws=2 && cmp said.json kernels/kernel/summary.json
    expect 2 run "$small" --json --set train.eta=0.01 -o dir
    [ ! -s "$io/out" ] || cat "$io/out"
}
check "--json: one object, that of summary.json, and nothing where it fails" objects

zero() {
    expect 3 run "$small" -o dir --set target.amplitude=1
    expect 0 run "$small" -o dir --set target.amplitude=1 --exit-zero
    expect 0 compare dir --exit-zero
    expect 3 compare dir
    expect 2 compare nowhere --exit-zero
}
check "--exit-zero makes 0 of 3, and of nothing else" zero

again() { # nothing is trained anew, the verdict and the exit status are those of before
    cp -r "$work/run" dir
    find dir -name 'observed*' -exec touch -d 2001-01-01 {} +
    expect "$verdict" run "$small" -o dir
    grep -q '^finished ' "$io/out" && grep -q '^verdict ' "$io/out" || cat "$io/out"
    same_results "$work/run" dir
    [ -z "$(find dir -name 'observed*' -newermt 2002-01-01)" ] || echo "it was trained anew"
    [ "$(find dir -newermt 2002-01-01 -name summary.json)" ] || echo "summary.json is as old as before"
    refused 'dir holds a finished run; --force replaces it' run "$small" --seeds 3 -o dir
    echo ' ' >>dir/decay/observed.seed1.tsv
    refused 'observed.seed1.tsv' run "$small" -o dir
    rm dir/summary.json
    refused 'dir' run "$small" -o dir
}
check "a finished run of the same keys is success at once; other keys ask for --force" again

pipeline() { # what `specbias help pipelines` shows of Make, with its names
    sed -n '/^Make$/,/^[A-Z]/{s/^  //p}' "$root/src/cli/help/pipelines.txt" >Makefile
    for name in a b; do sed "s/small/$name/" "$small" >$name.cfg; done
    (PATH=$(dirname "$SPECBIAS"):$PATH; make -s -j 2 && make -q) >"$io/make" 2>&1 || cat "$io/make" Makefile
    [ -s a.run/summary.json ] && [ -s verdicts.txt ] || ls
    grep -qE '^a\.run [a-z]' verdicts.txt || cat verdicts.txt
}
have make && check "the Makefile of help pipelines works, and has nothing to do the second time" pipeline

finish
