#!/usr/bin/env bash
# Verdicts at the edge: targets that hardly move the weights, few draws, watched frequencies that are none (TAP). After
# neural-tangents issues 36 (targets of any size) and 77 (oscillating targets on few points).
. "$(dirname "$0")/lib/common.sh"

tiny=$work/tiny.cfg
cat >"$tiny" <<'END'
name = "tiny";
data = { n = 16; };
target = { xi = [1.0, 3.0]; };
net = { width = 512; };
train = { eta = 0.05; time = 200.0; records = 40; };
forecast = { sources = ["ntk.empirical"]; draws = 0; };
seeds = { count = 2; };
END

# Where all but rounding is the same, the forecast agrees however small the target is, and says how well that is known.
small_target() { # AMPLITUDE
    expect 0 run "$tiny" --set target.amplitude="$1" -o dir
    table dir/agreement.tsv '
        c["verdict"] != "agrees" { print c["label"], c["q"], c["verdict"], "z", c["z"] }
        !(c["floor"] > 0 && c["floor"] < 0.02) { print "floor", c["floor"] }
        !(c["z"] < c["limit"]) { print "z", c["z"], "limit", c["limit"] } END { if (NR != 5) print NR " lines" }'
}
for amplitude in 1e-4 1e-8 1e-9 1e-10 1e-11; do
    check "a target of $amplitude agrees" small_target $amplitude
done

# A time that lies beyond the record for both is no reason to doubt the others.
short_record() {
    expect 0 run "$tiny" --set target.amplitude=1e-8 --set train.eta=0.02 --set train.time=20 -o dir
    table dir/agreement.tsv '
        c["verdict"] != (c["label"] == 3 && c["q"] < 0.5 ? "undecided" : "agrees") { print c["label"], c["q"], c["verdict"] }
        END { if (NR != 5) print NR " lines" }'
    [ "$(verdict_of dir)" = agrees ] || echo "verdict $(verdict_of dir)"
}
check "a time that neither the forecast nor a run reaches does not count" short_record

# Below that no weight moves, whatever is trained: nobody can say anything, and the reason is told.
no_weight_moves() { # AMPLITUDE
    expect 3 run "$tiny" --set target.amplitude="$1" -o dir
    errors_match 'a step is below the rounding of every weight, none moves'
    table dir/agreement.tsv 'c["verdict"] != "undecided" { print c["label"], c["q"], c["verdict"] }'
    expect 0 explain dir
    [[ $(tr -s " \n" " " <"$io/out") == *"frequency 1, err 1/2: a step of training is below the rounding of every weight"* ]] || cat "$io/out"
}
for amplitude in 1e-16 1e-30 1e-310; do
    check "a target of $amplitude is undecided, and why" no_weight_moves $amplitude
done

# The limit of z is Student's, so wider with fewer draws; it stands beside z in table, file and on the terminal.
limits() { # DRAWS LOW HIGH
    expect $ran run "$small" --set target.xi=1 --set forecast.sources=ntk.infinite --set forecast.modes=2048 --set forecast.draws="$1" -o dir
    table dir/agreement.tsv '!(c["limit"] >= '"$2"' && c["limit"] <= '"$3"') { print c["q"], "limit", c["limit"], "dof", c["dof"] }'
    grep -qE '^  xi .* z limit verdict$' "$io/out" || cat "$io/out"
    grep -q '"limit": [23]\.' dir/summary.json || echo "no limit in summary.json"
}
check "with 16 draws two lines have limits of 2.81 to 3.29" limits 16 2.80 3.287
check "with 64 draws of 2.81 to 2.92" limits 64 2.80 2.92

# Sixteen draws of a true theory, whose line at z = 3.22 a limit of 3 had rejected.
few_draws() {
    cat >few.cfg <<'END'
name = "few"; kind = "overlay";
data     = { n = 256; a = -3.14159265358979312; b = 3.14159265358979312; };
target   = { kind = "packets"; xi = [4.0, 12.0, 20.0, 28.0, 36.0]; unit = "angular"; tau = 0.6; amplitude = 0.02; };
net      = { kind = "fourier"; width = 2000; };
init     = { out = "gaussian"; };
train    = { eta = 1.0; time = 300.0; records = 80; };
forecast = { sources = ["heat"]; draws = 16; };
seeds    = { count = 2; };
overlay  = { densities = ["uniform(48)", "gaussian(16)"]; sigma_a = [0.0, 2.0]; };
END
    expect 0,3 run few.cfg -o dir
    grep -q . dir/study.tsv || echo "no table"
    awk -F '\t' '$NF == "differs"' dir/study.tsv dir/*/agreement.tsv
}
check "a true theory with 16 draws does not differ" few_draws

# Under momentum err rises again: behind the record's end draws are above 1/10 once more, within it they are not.
rising() {
    cat >rising.cfg <<'END'
name = "rising";
data = { n = 16; };
target = { xi = [1.0, 3.0]; amplitude = 0.001; };
net = { width = 2048; activation = "tanh"; };
train = { optimizer = "heavy_ball"; eta = 0.01; steps = 50; records = 40; batch = 8; };
forecast = { sources = ["ntk.infinite"]; draws = 16; };
END
    expect 0 forecast rising.cfg -o dir || return
    awk -F '\t' 'NR > 1 && !($2 < 2 && $4 > 2.2 && $4 < 2.5) { print "draw " $1 ": " $2 ", " $4 }' dir/decay/draws.tsv
    awk -F '\t' '$2 == 1 && $3 == 0.1 && !($4 > 2.2 && $4 < 2.5) { print "batches: " $4 }' dir/decay/batches.tsv
}
check "draws are timed within the record, as runs are" rising

learn=$work/learn.cfg
cat >"$learn" <<'END'
name = "small";
data = { n = 16; };
target = { xi = [1.0]; };
net = { kind = "layers"; layers = ["dense(8)", "tanh", "dense(1)"]; };
train = { steps = 10; };
END
for command in run kernel; do
    for config in "$small" "$learn"; do
        refuses "$command ${config##*/}: aliases on a list of points are refused" \
            'observed frequencies 1 and 6 are aliases on the 5 points' "$command" "$config" \
            --set data.n=32 --set data.kind=list --set data.x=-0.4,-0.2,0,0.2,0.4 --set target.xi=1,6 -o dir
        refuses "$command ${config##*/}: a target of rounding errors is refused" \
            'no energy at the observed frequency 8' "$command" "$config" --set data.points=left --set target.xi=8 -o dir
    done
done

finish
