#!/usr/bin/env bash
# Runs that were killed (SIGKILL) go on, with --resume, --force or as they are, and end as if nothing had happened; what
# was finished is not done again; what messages advise works (TAP). FAULTS=all (tests/long/faults.sh): killed everywhere.
in_memory=yes . "$(dirname "$0")/lib/common.sh"
. "$root/tests/cli/lib/faults.sh"
. "$root/tests/cli/lib/faults_cases.sh"

if [ -n "$SPECBIAS_SAN" ]; then
    skip "killed runs" "sanitizers have allocators of their own"
else
    for name in ${FAULT_CASES:-run:15 learn:7 overlay:13 design:14 splines:8 jacobi:8 theorem1:8 kernel:17 ${all:+sweep:1}}; do
        check "${name%:*}: killed anywhere, --resume ends as if nothing had happened" \
            each_way "${name%:*}" kill "${name#*:}" kill_trial "${name%:*}" --resume
        echo "# $(cat "$io/count")"
        [ -n "$all" ] || case $name in run* | learn* | overlay*) ;; *) continue ;; esac
        check "${name%:*}: killed anywhere, --force ends as if nothing had happened" \
            each_way "${name%:*}" kill 26 kill_trial "${name%:*}" --force
        echo "# $(cat "$io/count")"
    done
fi

# Killed before there is anything to lose, the same command starts over; behind the seal it says how to go on.
plain() { # NAME
    local number last advice
    begin_case "$1"
    last=$(call_sites "$1" io | tail -n 1 | cut -d ' ' -f 1)
    for number in 20 $((last / 3)) $((last - 20)); do
        fresh "$1"
        LD_PRELOAD=$faults FAULT=kill FAULT_AT=$number "$SPECBIAS" ${arguments[$1]} </dev/null >/dev/null 2>&1
        program ${arguments[$1]}
        if [ "$status" = 2 ]; then
            advice=$(grep -oE -- '--(resume|force)' "$io/err")
            [ -n "$advice" ] || cat "$io/err"
            for word in $advice; do
                cp -r dir again
                program ${arguments[$1]/ dir/ again} "$word"
                is_status "${wanted_status[$1]}" "$word, as advised"
                [ "$(contents again)" = "${wanted_files[$1]}" ] || echo "other files with $word, killed before $number"
                rm -r again
            done
        else
            is_status "${wanted_status[$1]}" "plain"
            [ "$(contents dir)" = "${wanted_files[$1]}" ] || echo "other files, killed before $number"
        fi
    done 2>/dev/null
}
for name in run learn overlay kernel; do
    if [ -n "$SPECBIAS_SAN" ]; then skip "$name: killed, the same command" "sanitizers"
    else check "$name: killed, the same command starts over or says how to go on, which works" plain "$name"; fi
done

# train.tsv holds seconds, which no two trainings share.
member_stays() {
    expect 0,3 run "$work/overlay.cfg" -j 1 -o dir
    cp dir/uniform-12.sa1/train.tsv before.tsv
    rm -r dir/{,gaussian-6.sa1/}{observed,verdict}.sha256 dir/summary.json dir/study.tsv dir/gaussian-6.sa1/{summary.json,train.tsv}
    cp -r dir copy
    expect 0,3 run "$work/overlay.cfg" -j 1 -o dir --resume
    cmp before.tsv dir/uniform-12.sa1/train.tsv
    [ -s dir/gaussian-6.sa1/train.tsv ] && [ -s dir/study.tsv ] && [ -s dir/summary.json ] || ls -R dir
    expect 2 run "$work/overlay.cfg" -j 1 -o copy --resume --set train.eta=0.25
    errors_match 'keys differ'
}
check "an overlay goes on with the members that are not finished" member_stays

finished() { # KIND: nothing is done again
    local command=run config=$work/$1.cfg before
    [ "$1" != kernel ] || { command=kernel config=$work/run.cfg; }
    program $command "$config" -j 1 -o dir
    local first=$status
    before=$(cd dir && find . -name '*.tsv' -o -name '*.npy' -o -name summary.json -o -name '*.cfg' | grep -v agreement.tsv |
        sort | xargs sha256sum)
    expect "$first" $command "$config" -j 1 -o dir --resume
    [ "$1" = run ] || [ "$1" = learn ] || grep -q 'finished before' "$io/out" || cat "$io/out"
    diff <(echo "$before") <(cd dir && find . -name '*.tsv' -o -name '*.npy' -o -name summary.json -o -name '*.cfg' |
        grep -v agreement.tsv | sort | xargs sha256sum)
    expect 2 $command "$config" -j 1 -o dir --resume --set "$([ "$1" = jacobi ] && echo jacobi.sweeps=41 || echo seeds.first=7)"
    errors_match 'keys differ'
    expect "$first" $command "$config" -j 1 -o dir
    grep -qE '^finished |finished before' "$io/out" || cat "$io/out"
}
for name in run learn overlay design splines jacobi kernel; do
    check "$name: --resume of what is finished says so, with the verdict's exit status, and does nothing again" finished "$name"
done

other_kinds() {
    expect 0,3 run "$work/run.cfg" -j 1 -o dir
    refused 'dir holds a run; .*-o DIR puts kernels elsewhere' kernel "$work/run.cfg" -o dir --resume
    refused 'dir holds a run; .*-o DIR puts kernels elsewhere' kernel "$work/run.cfg" -o dir
    expect 0 kernel "$work/run.cfg" -j 1 -o kernels
    refused 'kernels' run "$work/run.cfg" -o kernels --resume
    expect 0 kernel "$work/learn.cfg" -j 1 -o others
    refused 'others holds kernels' run "$work/learn.cfg" -o others --resume
}
check "runs and kernels do not take each other's directories" other_kinds

damaged() { # what the message says is to be done, done
    expect 0 forecast "$work/run.cfg" -j 1 -o dir
    mkdir dir/checkpoints && echo nonsense >dir/checkpoints/seed1
    expect 2 run "$work/run.cfg" -j 1 -o dir --resume
    errors_match 'dir/checkpoints/seed1 is no checkpoint, or damaged; remove it to start over'
    rm dir/checkpoints/seed1
    expect 0,3 run "$work/run.cfg" -j 1 -o dir --resume
    expect 0,3 run "$work/run.cfg" -j 1 -o whole
    [ "$(contents dir)" = "$(contents whole)" ] || echo "other files"
}
check "a damaged checkpoint is refused, and removed as advised no hindrance" damaged

finish
