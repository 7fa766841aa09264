#!/usr/bin/env bash
# A directory that was received for review: one digit that is changed in any of its files is noticed by every command that
# reads directories; the manifest gives the same numbers again; explain names the seals (TAP).
in_memory=yes
. "$(dirname "$0")/lib/common.sh"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
stand_in_for_gnuplot

cat >run.cfg <<'END'
name = "run";
data = { n = 8; };
target = { xi = [1.0]; amplitude = 0.001; };
net = { width = 64; };
train = { time = 4.0; records = 10; };
forecast = { sources = ["ntk.empirical", "file:mine.tsv"]; };
seeds = { count = 1; };
claims = ["loss@last < 1e6"];
observe = { snapshots = [0.0, 10.0]; grid = 9; };
output = { arrays = true; residuals = true; };
END
printf '1\t0.2\n' >mine.tsv
sed 's/name = .*/name = "sweep"; kind = "sweep"; sweep = { vary = ["net.width = 64, 128"]; measures = ["loss@last"]; };/; /^output/d; /^observe/d; /^claims/d' run.cfg >sweep.cfg
sed '/^output/d; /^observe/d; /^claims/d; s/, "file:mine.tsv"//; s/net = .*/net = { kind = "external"; };/; s/ntk.empirical/file:mine.tsv/' run.cfg >outside.cfg
here=$PWD
made() { expect $ran "$@" || exit 1; }
made run run.cfg -o run
made kernel run.cfg -o kernel --set output.arrays=true
made sweep sweep.cfg -o sweep -q
made forecast outside.cfg -o outside
residuals=$here/run/arrays/residual.seed1.npy steps=$here/run/decay/observed.seed1.tsv
made observe outside --residuals "$residuals" --steps "$steps"
made compare outside

# The last digit of a file, another one.
change() { # FILE
    local at digit
    at=$(grep -abo '[0-9]' "$1" | tail -n 1)
    digit=${at#*:}
    [ -n "$at" ] || { echo "no digit in $1"; return; }
    printf %d $(((digit + 1) % 10)) | dd of="$1" bs=1 seek="${at%%:*}" conv=notrunc status=none
}

# Whatever lies in the directory but figures, which people may edit and no command reads. A seal that was touched names what
# it covers; of other keys a directory is refused as it is.
noticed() { # KIND FILES [each]: at least so many; each of $commands, or one after the other, has to name the file
    local file line pattern words all some n=0
    cp -r "$here/$1" dir
    mapfile -t all <<<"$commands"
    while IFS= read -r file; do
        pattern=dir/$file
        [[ $file != *.sha256 ]] || pattern='broken seal: '
        [[ $file != config.cfg ]] || pattern='dir(/config.cfg| holds )'
        change "dir/$file"
        some=("${all[@]}")
        [ -n "${3-}" ] || some=("${all[n % ${#all[@]}]}")
        for line in "${some[@]}"; do
            read -ra words <<<"$line"
            program "${words[@]}"
            [[ $status = 2 && $(<"$io/err") =~ ^specbias:\ [^$'\n']*$pattern[^$'\n']*$ ]] ||
                echo "$file, $line: exit status $status, $(<"$io/err")"
        done
        cp "$here/$1/$file" "dir/$file"
        n=$((n + 1))
    done < <(cd "$here/$1" && find . -name figures -prune -o -type f -printf '%P\n' | sort)
    [ "$n" -ge "$2" ] || echo "only $n files"
    diff -r "$here/$1" dir
}

commands="compare dir
plot dir
plot dir $here/run -o both
explain dir
measure dir T(1,1/2)
train dir
run $here/run.cfg -o dir
run $here/run.cfg -o dir --resume"
check "a run: a changed digit of any file is noticed by every command" noticed run 30 each

commands="compare dir
plot dir
explain dir
observe dir --residuals $residuals --steps $steps"
check "a network that was trained outside: the same" noticed outside 15

commands="explain dir
plot dir
kernel $here/run.cfg --set output.arrays=true -o dir
kernel $here/run.cfg --set output.arrays=true -o dir --resume"
check "kernels: the same" noticed kernel 8

commands="explain dir
plot dir
measure dir verdict
sweep $here/sweep.cfg -o dir
sweep $here/sweep.cfg -o dir --status
sweep $here/sweep.cfg -o dir --gather
run $here/sweep.cfg -o dir
run $here/sweep.cfg -o dir --resume"
check "a sweep: the same, in its points too" noticed sweep 30

again() { # the same numbers under the same seals; only what has a clock differs
    expect $ran run "$here/run/manifest.cfg" -o again
    cmp "$here/run/forecast.sha256" again/forecast.sha256
    diff <(grep -v ' train.tsv$' "$here/run/observed.sha256") <(grep -v ' train.tsv$' again/observed.sha256)
    same_results "$here/run" again
    (cd again && sha256sum -c --quiet ./*.sha256)
}
check "the manifest gives the same sealed numbers again" again

circle() { # a seal that leads to its own folder
    cp -r "$here/run" dir
    sha256sum "$here/run/observed.sha256" | sed 's|  .*|  ./observed.sha256|' >>dir/verdict.sha256
    refused 'broken seal: .*too many folders deep' explain dir
}
check "seals that go round in circles are refused" circle

earlier() { # a version that did not know a key: the default stands for it
    local line words
    (cd "$here" && "$SPECBIAS" forecast run.cfg -q -o "$OLDPWD/dir")
    sed -i '/^ *projection = /d' dir/config.cfg dir/manifest.cfg
    (cd dir && sha256sum $(cut -c 67- forecast.sha256) >new && mv new forecast.sha256)
    for line in "train dir" "compare dir" "explain dir" "measure dir T(1,1/2)" "plot dir" "run $here/run.cfg -o dir --resume"; do
        read -ra words <<<"$line"
        expect $ran "${words[@]}"
    done
    refused 'the keys differ from those under seal in dir/config.cfg' run "$here/run.cfg" --set observe.projection=1.0 -o dir --resume
}
check "a directory of a version that had fewer keys is read" earlier

told() {
    local seal kind
    for kind in run kernel sweep outside; do
        expect 0 explain "$here/$kind"
        for seal in "$here/$kind"/*.sha256; do
            grep -q "^  ${seal##*/} *sha256:$(sha256sum <"$seal" | cut -c 1-16)" "$io/out" || cat "$io/out"
        done
    done
}
check "explain names the seals, which hold" told

finish
