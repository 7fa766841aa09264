#!/usr/bin/env bash
# The stages one by one, the seal between them, and what may be overwritten (TAP).
. "$(dirname "$0")/lib/common.sh"

check "run" expect $ran run "$small" -o "$work/run"

# ---- one stage after the other ----

stages() {
    local dir=$work/staged observed
    expect 0 forecast "$small" -o "$dir"
    observed=$(find "$dir" -name 'observed*' -o -name 'train.tsv' -o -name 'agreement.tsv' -o -name 'summary.json')
    [ -z "$observed" ] || echo "forecast leaves $observed"
    [ -s "$dir/forecast.sha256" ] || echo "no seal"
    expect 0 train "$dir"
    expect $ran compare "$dir"
    expect 0 plot "$dir"
    same_results "$work/run" "$dir"
    diff <(cd "$work/run" && find . | sort) <(cd "$dir" && find . | sort)
}
check "forecast, train, compare and plot give what run gives" stages

by_file() {
    expect 0 forecast "$small" -o dir
    expect 0 train "$small" -o dir
    expect $ran compare "$small" -o dir
    expect 0 plot "$small" -o dir
    same_results "$work/run" dir
}
check "the stages take the configuration with -o as well" by_file

same_verdict() {
    program run "$small" -o dir
    local first=$status
    program compare dir
    is_status "$first" "compare after run"
}
check "compare has the exit status of run" same_verdict

seal() {
    (cd "$work/run" && sha256sum -c --quiet forecast.sha256)
    diff <(cd "$work/run" && printf '%s\n' config.cfg decay/* | grep -v '^decay/observed' | sort) \
         <(cut -c 67- "$work/run/forecast.sha256" | sort)
    expect $ran run "$small" -o printed
    grep -q "sealed sha256:$(sha256sum <printed/forecast.sha256 | cut -c 1-12)" "$io/out" || cat "$io/out"
    grep -qF "\"seal\": \"$(sha256sum <printed/forecast.sha256 | cut -c 1-64)\"" printed/summary.json ||
        echo "summary.json has another seal"
}
check "sha256sum -c agrees with the seal, which covers config.cfg and every forecast" seal

early_stages() {
    refused 'nodir' train nodir
    refused 'no sealed forecast' compare "$small" -o nodir
    refused 'no.*forecast' train "$small" -o nodir
    refused 'specbias forecast' plot "$small" -o nodir
    expect 0 forecast "$small" -o sealed
    refused 'specbias train' compare sealed
    refused 'specbias train' explain sealed
    expect 0 plot sealed
    expect 0 train sealed
    refused 'trained already' train sealed
}
check "a stage before its turn says which one is missing" early_stages

retrain() {
    cp -r "$work/run" dir
    expect 0 train dir --force
    expect $ran compare dir
    same_results "$work/run" dir
}
check "train --force trains again" retrain

# ---- the seal ----

other_keys() {
    cp -r "$work/run" dir
    rm dir/train.tsv
    refused 'keys differ' train dir --set train.eta=0.01
    refused 'keys differ' compare dir --set train.eta=0.01
    refused 'keys differ' train dir --seeds 3
    refused 'keys differ' train "$small" --set target.phases=0,1 -o dir
}
check "other keys than the sealed ones are refused" other_keys

tamper() { # PATTERN COMMAND..: after the command, run in the directory, train and compare refuse
    cp -r "$work/run" dir
    (cd dir && "${@:2}")
    refused "$1" compare dir
    refused "$1" train dir --force
    rm -f dir/train.tsv dir/summary.json dir/agreement.tsv dir/decay/observed*
    refused "$1" train dir
}
change() { sed -i "$1" "$2"; } # of a digit, so that the file stays well formed
check "a changed forecast breaks the seal" tamper 'dir/decay/lfp.gd.tsv was changed' change '5s/1/2/' decay/lfp.gd.tsv
check "a forecast's changed meaning breaks the seal" \
    tamper 'dir/decay/ntk.infinite.gd.cfg was changed' change 's/loss_factor = 1.0/loss_factor = 2.0/' decay/ntk.infinite.gd.cfg
check "changed keys break the seal" tamper 'dir/config.cfg was changed' change 's/eta = 0.02/eta = 0.01/' config.cfg
check "changed draws break the seal" tamper 'dir/decay/draws.tsv was changed' change '3s/1/2/' decay/draws.tsv
check "an added space breaks the seal" tamper 'dir/decay/lfp.flow.cfg was changed' change '$s/$/ /' decay/lfp.flow.cfg
check "an added forecast breaks the seal" tamper 'dir/decay/mine.gd.tsv is not under seal' cp decay/lfp.gd.tsv decay/mine.gd.tsv
check "a removed forecast breaks the seal" tamper 'dir/decay/lfp.flow.tsv is missing' rm decay/lfp.flow.tsv
check "a removed table of draws breaks the seal" tamper 'dir/decay/draws.tsv is missing' rm decay/draws.tsv
check "no train without forecast.sha256" tamper 'dir holds no sealed forecast \(forecast.sha256\)' rm forecast.sha256
check "an empty forecast.sha256 is a broken seal" tamper 'dir/decay/.* is not under seal' truncate -s 0 forecast.sha256
check "a shortened forecast.sha256 is a broken seal" tamper 'dir/decay/.* is not under seal' change '$d' forecast.sha256
check "a cut off forecast.sha256 is a broken seal" tamper 'dir' truncate -s -9 forecast.sha256
check "a forecast.sha256 without config.cfg is a broken seal" tamper 'config.cfg of dir is not under seal' change 1d forecast.sha256
check "a line that is no checksum is a broken seal" tamper 'forecast.sha256 of dir has a malformed line' change '1s/^/x/' forecast.sha256
check "a seal does not reach out of its directory" \
    tamper 'forecast.sha256 of dir has a malformed line' sh -c "printf '%064d  ../small.cfg\n' 0 >>forecast.sha256"
check "an altered checksum is a broken seal" tamper 'was changed' change '2s/^[0-9a-f]/x/' forecast.sha256

sealed_anew() { # a forecast that was corrected after the training, seal and all
    cp -r "$work/run" dir
    sed -i '5s/1/2/' dir/decay/lfp.gd.tsv
    (cd dir && sha256sum config.cfg $(ls decay/* | grep -v '^decay/observed') >forecast.sha256
     for seal in observed verdict; do sha256sum $(cut -c 67- $seal.sha256) >new && mv new $seal.sha256; done)
    refused 'trained under another seal' compare dir
    refused 'trained under another seal' explain dir
}
check "a seal that is younger than the training is a broken seal" sealed_anew

other_terms() { # under whatever seal, what is observed has to fit
    cp -r "$work/run" dir
    sed -i "$1" dir/decay/observed.seed1.cfg
    reseal dir
    refused "their $2 differ" compare dir
}
check "other loss factors are refused" other_terms 's/loss_factor = .*/loss_factor = 2.0;/' 'loss factors'
check "other parametrisations are refused" other_terms 's/parametrisation = .*/parametrisation = "standard";/' parametrisations
check "other time units are refused" other_terms 's/time_unit = .*/time_unit = "steps";/' 'time units'

broken_tables() {
    cp -r "$work/run" dir
    truncate -s -9 dir/decay/observed.seed2.tsv
    reseal dir
    refused 'dir/decay/observed.seed2.tsv:[0-9]+: expected' compare dir
    cp "$work/run/decay/observed.seed2.tsv" dir/decay
    sed -i '3s/[0-9]/x/' dir/decay/observed.seed2.tsv
    reseal dir
    refused 'dir/decay/observed.seed2.tsv:3: expected' compare dir
    rm dir/decay/observed.seed2.tsv
    expect 1,2 compare dir
    errors_match 'dir/decay/observed.seed2.tsv'
    cp "$work/run/decay/observed.seed2.tsv" dir/decay
    sed -i '3d' dir/train.tsv
    reseal dir
    refused 'dir/train.tsv:3' compare dir
}
check "a damaged table of observations is named with its line" broken_tables

# ---- what may be overwritten ----

keeps_sealed() {
    expect 0 forecast "$small" -o dir
    refused 'dir holds a sealed forecast; --resume goes on with it, --force starts over' run "$small" -o dir
    refused 'dir holds a sealed forecast' forecast "$small" --set train.eta=0.01 -o dir
    expect $ran run "$small" --set train.eta=0.01 --force -o dir
    grep -q 'eta = 0.01' dir/config.cfg || echo "--force did not replace it"
}
check "a sealed directory is kept unless --force" keeps_sealed

keeps_finished() {
    cp -r "$work/run" dir
    refused 'dir holds a finished run.*--force' run "$small" --set train.eta=0.01 -o dir
    refused 'dir holds a finished run' forecast "$small" -o dir
    echo note >dir/notes.txt
    expect $ran run "$small" --force -o dir
    same_results "$work/run" dir
    [ "$(cat dir/notes.txt)" = note ] || echo "somebody else's file is gone"
    expect 0 forecast "$small" --seeds 1 --force -o dir
    find dir -name 'observed*' -o -name 'summary.json' -o -name 'train.tsv' -o -name '*.svg' -o -name '*.seed2.*'
}
check "a finished directory is kept unless --force, which leaves nothing of the earlier run" keeps_finished

keeps_results_without_seal() {
    cp -r "$work/run" dir
    rm dir/forecast.sha256
    refused 'dir holds a finished run' run "$small" -o dir
    rm dir/summary.json
    refused 'dir' run "$small" -o dir
}
check "results are kept without --force even if their seal is lost" keeps_results_without_seal

starts_over() {
    cp -r "$work/run" dir
    rm -r dir/forecast.sha256 dir/summary.json dir/train.tsv dir/decay/observed*
    expect $ran run "$small" -o dir
    same_results "$work/run" dir
}
check "a forecast that was interrupted is started over without --force" starts_over

keeps_foreign() {
    mkdir home && echo precious >home/letter.txt
    refused 'home exists and is not a run directory' run "$small" -o home
    refused 'home exists and is not a run directory' run "$small" --force -o home
    refused 'home is not a run directory' train home --force
    refused 'home is not a run directory' compare home
    refused 'home is not a run directory' plot home
    refused 'home is not a run directory' explain home
    refused 'home/letter.txt exists and is not a run directory' run "$small" --force -o home/letter.txt
    expect 1,2 run "$small" --force -o home/letter.txt/run
    errors_match 'home/letter.txt'
    [ "$(cat home/letter.txt)" = precious ] || echo "the letter is gone"
    mkdir home/decay && echo >home/decay/mine.tsv
    refused 'home exists and is not a run directory' run "$small" --force -o home
}
check "a directory or file that is no run is not touched, even with --force" keeps_foreign

keeps_near_foreign() { # folders and files of other people that have names of ours
    mkdir -p thesis/figures one/decay mine && echo precious >thesis/figures/plot.pdf && echo precious >one/decay/table.tsv
    refused 'thesis exists and is not a run directory' run "$small" -o thesis
    refused 'thesis exists and is not a run directory' run "$small" --force -o thesis
    refused 'one exists and is not a run directory' run "$small" --force -o one
    { echo "// my own words"; cat "$small"; } >mine/config.cfg
    expect 2 run mine/config.cfg -o mine
    [ "$(head -n 1 mine/config.cfg)" = "// my own words" ] || echo "the configuration that was run is overwritten"
}
check "a directory that holds only figures, tables or a config.cfg of others is not touched either" keeps_near_foreign

new_places() {
    mkdir empty
    expect 0 forecast "$small" -o empty
    expect 0 forecast "$small" -o a/b/c/
    expect 0 train a/b/c/
    [ -e a/b/c/train.tsv ] || ls -R a
    expect 0 forecast "$small" -o "with spaces and ä"
    expect 0 train "with spaces and ä"
}
check "an empty directory, a nested one and any name will do" new_places

# Asked of check, which writes nothing: the empty name once meant the root of the file system.
refuses "a directory with an empty name" '-o|directory' check "$small" -o ''

no_config_file() {
    cp -r "$work/run" dir
    refused 'dir is a directory; a configuration file is needed' run dir
    refused 'dir is a directory; a configuration file is needed' forecast dir --force
}
check "run and forecast want a file" no_config_file

# ---- where a run goes by default ----

default_place() {
    expect 0 forecast "$small"
    [ -e small.run/forecast.sha256 ] || ls -R
    mkdir -p tree/include/specbias && touch tree/Makefile tree/include/specbias/experiment.h && cd tree || return
    expect 0 forecast "$small"
    [ -e build/runs/small/forecast.sha256 ] || find .
    expect 0 train "$small"
    [ -e build/runs/small/train.tsv ] || find .
}
check "runs go to NAME.run, in the source tree to build/runs/NAME" default_place

# ---- config.cfg and manifest.cfg ----

manifest() {
    grep -q '^provenance = {$' "$work/run/manifest.cfg" || echo "no provenance"
    expect $ran run "$work/run/manifest.cfg" -o again
    same_results "$work/run" again
    cmp "$work/run/config.cfg" again/config.cfg
    cmp "$work/run/forecast.sha256" again/forecast.sha256
    diff <(sed '/^provenance/,$d' again/manifest.cfg) again/config.cfg
}
check "manifest.cfg can be run again and gives the same bits" manifest

config() { # numbers with many digits, and every type
    expect 0 forecast "$small" --set train.eta=0.012345678901234567 --set target.xi=0.1,1e-3 --set data.a=-0.3333333333333333 \
        --set target.phases=1.1,2.2e-7 --set 'forecast.sources=["ntk.empirical"]' --set forecast.modes=2048 --set forecast.draws=64 -o one
    expect 0 forecast one/config.cfg -o two
    cmp one/config.cfg two/config.cfg
    same_decay one two
}
check "config.cfg reads back to the same keys" config

finish
