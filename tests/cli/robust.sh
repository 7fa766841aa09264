#!/usr/bin/env bash
# Interruptions, full disks, missing gnuplot, odd streams: nothing half-written, the right exit status (TAP).
. "$(dirname "$0")/lib/common.sh"

# A run with a few long stages, so that a signal can be sent in the middle of one.
long=("$small" --seeds 2 --set net.width=4096 --set 'forecast.sources=["ntk.infinite", "ntk.empirical"]' --set forecast.modes=2048
      --set train.time="$([ -n "$SPECBIAS_SAN" ] && echo 40 || echo 800)")
many_draws=(--set forecast.draws=100000 --set train.records=2)

start() { # ARGS..: in the background, with the default action on Ctrl-C, which background jobs of scripts ignore
    env --default-signal=INT "$SPECBIAS" "$@" </dev/null >"$io/out" 2>"$io/err" &
    job=$!
}

until_there() { # PATH: waits for the file; complains when the program ends before
    while [ ! -e "$1" ]; do
        kill -0 "$job" 2>/dev/null || { echo "no $1, and the program has ended:"; cat "$io/err"; return 1; }
        sleep 0.02
    done
}

stop() { # SIGNAL [PID]: sends it (to another process, too); the program ends with 130 and says so, within seconds
    local began=$SECONDS
    kill -s "$1" "$job" ${2-} || echo "ended before the signal"
    wait "$job"
    status=$?
    is_status 130 "the program after SIG$1"
    errors_match 'stopped during|--resume goes on from the checkpoints'
    [ $((SECONDS - began)) -le 20 ] || echo "took $((SECONDS - began)) s to stop"
}

# ---- Ctrl-C ----

stop_forecast() { # SIGNAL
    start run "${long[@]}" "${many_draws[@]}" -o dir
    until_there dir/config.cfg && sleep 0.2
    stop "$1"
    no_leftovers dir
    [ ! -e dir/forecast.sha256 ] || echo "sealed"
    expect 2 train dir
    expect 0 forecast "$small" -o dir # over it, without --force
}
check "Ctrl-C during the forecast: exit 130, nothing half-written, no seal" stop_forecast INT
check "SIGTERM during the forecast" stop_forecast TERM

stop_training() { # SIGNAL
    start run "${long[@]}" -o dir
    until_there dir/forecast.sha256 && sleep 0.2
    local before after
    before=$(snapshot dir/decay)
    stop "$1"
    no_leftovers dir
    after=$(snapshot dir/decay)
    diff <(echo "$before") <(grep -v observed <<<"$after")
    [ ! -e dir/train.tsv ] || echo "train.tsv is there"
    (cd dir && sha256sum -c --quiet forecast.sha256)
    refused 'specbias train dir' compare dir
    [ "$1" = INT ] || return 0
    expect 0 train dir
    expect $ran compare dir
    expect 0 forecast "${long[@]}" -o whole && expect 0 train whole && same_decay whole dir
}
check "Ctrl-C during the training: exit 130, the seal holds, train goes on" stop_training INT
check "SIGTERM during the training" stop_training TERM

# A gnuplot that takes its time: Ctrl-C reaches both, as they share the terminal.
stop_drawing() {
    mkdir slow && printf '%s\n' '#!/bin/sh' 'echo half >decay.svg' 'echo $$ >pid.new && mv pid.new pid && exec sleep 20' >slow/gnuplot
    chmod +x slow/gnuplot
    expect 0 forecast "$small" -o dir
    expect 0 train dir
    expect $ran compare dir
    PATH=$PWD/slow:$PATH start plot dir
    until_there dir/figures/pid
    stop INT "$(cat dir/figures/pid)"
    no_leftovers dir
    (cd dir && sha256sum -c --quiet forecast.sha256)
}
check "Ctrl-C while gnuplot draws: exit 130, no half picture" stop_drawing

# ---- full disk: a limit on the size of files, in KiB; writes beyond it fail as on a full disk ----

limited() { # KIB ARGS..: leaves $status and $io/err, through a pipe, as there is no limit on pipes
    (ulimit -f "$1" && shift && exec "$SPECBIAS" "$@") </dev/null 2>&1 >/dev/null | cat >"$io/err"
    status=${PIPESTATUS[0]}
}

full_at_forecast() { # KIB
    limited "$1" run "$small" -o dir
    is_status 1 "run with files of at most $1 KiB"
    errors_match 'cannot write dir/.*: File too large'
    no_leftovers dir
    [ ! -e dir/forecast.sha256 ] || echo "sealed"
    expect $ran run "$small" -o dir # once there is room
}
for kib in 0 1 3 20; do check "full disk after $kib KiB: exit 1, no partial file, run again when there is room" full_at_forecast $kib; done

expect 0 forecast "$small" -o "$work/sealed" >/dev/null
cp -r "$work/sealed" "$work/trained"
expect 0 train "$work/trained" >/dev/null
cp -r "$work/trained" "$work/judged"
expect $ran compare "$work/judged" >/dev/null

full_at() { # COMMAND KIB DIRECTORY PATTERN: what was there stays
    cp -r "$3" dir
    limited "$2" "$1" dir
    is_status 1 "$1 with files of at most $2 KiB"
    sed -i '/^specbias: warning: no checkpoint: /d' "$io/err" # a training that takes long wants one, and goes on without
    errors_match "$4"
    no_leftovers dir
    diff -r "$3" dir | grep -v '^Only in dir'
    expect $ran "$1" dir
}
check "full disk while training: exit 1, the forecast stays" full_at train 16 "$work/sealed" 'cannot write dir/decay/observed.*'
check "full disk while comparing: exit 1, the rest stays" full_at compare 1 "$work/trained" 'cannot write dir/agreement.tsv'
check "full disk while writing figure scripts: exit 1, the rest stays" full_at plot 3 "$work/judged" 'cannot write dir/figures/.*gp'

full_picture() { # gnuplot itself does not notice
    cp -r "$work/judged" dir
    limited 16 plot dir
    is_status 1 "plot with files of at most 16 KiB"
    no_leftovers dir
}
if have gnuplot; then check "full disk while gnuplot draws: no half picture" full_picture
else skip "full disk while gnuplot draws: no half picture" "no gnuplot"; fi

full_stdout() { # ARGS..
    "$SPECBIAS" "$@" </dev/null >/dev/full 2>"$io/err"
    status=$?
    case $status in 0) echo "exit status 0 of: $*" ;; 1 | 3) ;; *) echo "exit status $status of: $*" ;; esac
    errors_match 'standard output.*No space left'
}
full_stdouts() {
    local command
    for command in keys list info new "check $small" "plot $work/judged"; do full_stdout $command; done
    full_stdout run "$small" -o dir
    [ -s dir/summary.json ] || echo "the run did not go on to its end"
    no_leftovers dir
}
check "standard output full: a message, not exit 0, and the files are written" full_stdouts

read_only() {
    mkdir locked && chmod a-w locked
    expect 1 run "$small" -o locked/dir
    errors_match 'locked/dir.*Permission denied'
}
if [ "$(id -u)" = 0 ]; then skip "a directory that is read-only: exit 1" "root writes everywhere"
else check "a directory that is read-only: exit 1" read_only; fi

no_memory() {
    (ulimit -v 1000000 && OPENBLAS_NUM_THREADS=1 exec "$SPECBIAS" run "$small" --set data.n=12000 -j 1 -o dir) </dev/null >"$io/out" 2>"$io/err"
    status=$?
    is_status 1,2 "run that needs 1.2 GB for a matrix, with 1 GB" # 2: seen beforehand, on a smaller machine
    errors_match 'memory'
    [ ! -e dir ] || find dir
}
if [ -n "$SPECBIAS_SAN" ]; then skip "too little memory: a message, nothing written" "a sanitizer reserves more itself"
else check "too little memory: a message, nothing written" no_memory; fi

# ---- gnuplot ----

without_gnuplot() {
    local verdict
    mkdir none
    program run "$small" -o with
    verdict=$status
    PATH=$PWD/none program run "$small" -o dir # the program is named by its path
    is_status "$verdict" "run without gnuplot"
    errors_match '^specbias: warning: no gnuplot'
    grep -q '^figures   dir/figures/decay.gp' "$io/out" || cat "$io/out"
    same_results with dir
    [ -s dir/figures/decay.gp ] && [ -s dir/figures/style.gp ] || ls dir/figures
    ls dir/figures | grep -v 'gp$'
    PATH=$PWD/none program plot dir
    is_status 0 "plot without gnuplot"
}
check "without gnuplot: a warning, tables and scripts, exit status of the verdict" without_gnuplot

failing_gnuplot() { # SCRIPT WORD
    mkdir bad && printf '%s\n' '#!/bin/sh' 'for n in decay rates; do echo half >$n.svg; echo half >$n.pdf; done' "$1" >bad/gnuplot
    chmod +x bad/gnuplot
    PATH=$PWD/bad:$PATH program run "$small" -o dir
    is_status $ran "run with a gnuplot that fails"
    errors_match "^specbias: warning: gnuplot could not draw dir/figures/decay.gp.*$2"
    ls dir/figures | grep -E 'svg$|pdf$'
    [ -s dir/summary.json ] || ls dir
}
check "gnuplot fails: a warning with its first line, no half pictures" failing_gnuplot 'echo bad terminal >&2; echo more; exit 1' 'bad terminal'
check "gnuplot crashes: a warning, no half pictures" failing_gnuplot 'kill -SEGV $$' ''
empty_gnuplot() {
    mkdir odd && echo 'not a program' >odd/gnuplot
    PATH=$PWD/odd program run "$small" -o dir
    is_status $ran "run with a gnuplot that cannot be started"
    errors_match '^specbias: warning: '
}
check "gnuplot cannot be started: a warning" empty_gnuplot

# ---- streams ----

closed() { # REDIRECTION: the run is the same
    eval '"$SPECBIAS" run "$small" -o dir '"$1"
    status=$?
    : >"$io/err"
    is_status $ran "run $1"
    same_decay "$work/judged" dir
    cmp "$work/judged/agreement.tsv" dir/agreement.tsv
    no_leftovers dir
}
check "standard input closed" closed '<&- >"$io/out" 2>&1'
check "standard output closed" closed '>&- 2>"$io/err"'
check "standard error closed" closed '2>&- >"$io/out"'
check "all streams closed" closed '<&- >&- 2>&-'

no_bar() {
    expect $ran run "$small" --set forecast.draws=400 -o dir
    [ ! -s "$io/err" ] || od -c "$io/err" | head
    grep -q $'[\r\033]' "$io/out" && echo "control characters on standard output"
    return 0
}
check "no progress bar where there is no terminal" no_bar

bar() {
    script -qec "'$SPECBIAS' run '$small' --set forecast.draws=3000 -j 1 -o dir" typescript </dev/null >/dev/null
    grep -aqE $'\r\033\\[Kforecast  *\\[#* *\\] .*[0-9] s left' typescript || od -c typescript | head
    [ "$(grep -ac 'specbias: ' typescript)" = 0 ] || cat typescript
    script -qec "'$SPECBIAS' run '$small' --set forecast.draws=3000 -q -o quiet" typescript </dev/null >/dev/null
    grep -aq '\[#' typescript && echo "a bar with -q"
    return 0
}
if ! have script; then skip "on a terminal a progress bar with the time left, none with -q" "no script(1)"
elif ! script -qec true /dev/null </dev/null >"$io/out" 2>&1; then
    skip "on a terminal a progress bar with the time left, none with -q" "no pseudo-terminal here"
else check "on a terminal a progress bar with the time left, none with -q" bar; fi

# ---- locale ----

comma() { # LOCALE
    [ "$(LC_ALL=$1 printf '%.1f' 0.5)" = 0,5 ] || echo "$1 writes no comma"
    LC_ALL=$1 expect $ran run "$small" --set train.eta=0.0123 -o comma
    expect $ran run "$small" --set train.eta=0.0123 -o point
    same_results point comma
    cmp point/config.cfg comma/config.cfg
}
locale=$(locale -a 2>/dev/null | grep -m 1 -E '^(de|fr|nl|es|it|pl|ru)_')
if [ -n "$locale" ]; then check "decimal commas of the locale change nothing" comma "$locale"
else skip "decimal commas of the locale change nothing" "no such locale is installed"; fi

finish
