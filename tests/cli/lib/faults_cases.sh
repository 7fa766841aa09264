# The cases of tests/cli/faults.sh and tests/cli/resume.sh: every kind of experiment in a fraction of a second, with a
# checkpoint whenever there can be one.
cat >"$work/run.cfg" <<'END2'
name = "tiny";
data = { n = 12; };
target = { xi = [1.0, 2.0]; amplitude = 0.001; };
net = { width = 256; };
train = { time = 0.8; checkpoint = 0.0; };
forecast = { modes = 32; draws = 4; };
seeds = { count = 2; };
END2
cat >"$work/learn.cfg" <<'END2'
name = "tiny";
data = { n = 24; points = "endpoints"; };
target = { xi = [1.0, 2.0]; amplitude = 1.0; };
net = { kind = "layers"; layers = ["dense(20)", "tanh", "dense(1)"]; parametrisation = "standard"; };
init = { antisymmetric = false; };
train = { optimizer = "adam"; eta = 0.01; steps = 50; records = 10; checkpoint = 0.0; };
observe = { snapshots = [20.0]; grid = 5; };
seeds = { count = 2; };
END2
features='
data = { n = 16; a = -3.141592653589793; b = 3.141592653589793; };
target = { kind = "packets"; unit = "angular"; xi = [2.0, 4.0]; tau = 0.6; amplitude = 0.02; };
net = { kind = "fourier"; width = 128; };
forecast = { sources = ["ntk.infinite"]; draws = 2; };
seeds = { count = 1; };'
cat >"$work/overlay.cfg" <<END2
name = "tiny"; kind = "overlay"; $features
init = { out = "gaussian"; };
train = { eta = 0.5; time = 20.0; checkpoint = 0.0; };
overlay = { densities = ["uniform(12)", "gaussian(6)"]; sigma_a = [1.0]; };
END2
cat >"$work/design.cfg" <<END2
name = "tiny"; kind = "design"; $features
init = { out = "gaussian"; out_scale = 1.0; };
train = { checkpoint = 0.0; };
design = { nodes = 9; tolerance = 0.1; };
END2
cat >"$work/splines.cfg" <<'END2'
name = "tiny"; kind = "splines";
data = { kind = "list"; a = -0.5; b = 0.5; x = [-0.45, -0.3, -0.05, 0.1, 0.28, 0.44]; };
target = { kind = "values"; y = [0.3, -0.7, 0.9, 0.1, -0.4, 0.6]; amplitude = 0.002; };
observe = { xi = [2.0]; };
net = { kind = "two_layer"; activation = "relu"; width = 256; };
init = { in = "two_point"; in_scale = 0.4; out = "two_point"; out_scale = 0.4; shift_range = 1.0; };
train = { eta = 0.1; time = 40.0; records = 50; };
seeds = { count = 2; };
END2
cat >"$work/bound.cfg" <<'END2'
name = "tiny"; kind = "bound";
data = { kind = "random"; };
target = { xi = [1.0]; };
net = { width = 64; };
train = { eta = 0.1; time = 4.0; records = 5; };
seeds = { count = 1; };
bound = { n = [3.0]; };
END2
cat >"$work/start.cfg" <<'END2'
name = "tiny"; kind = "start";
data = { kind = "spectrum"; n = 4; test = 4; bands = [1.0, 1.0, 1.0, 1.0]; };
net = { kind = "layers"; layers = ["dense(8)", "tanh", "dense(1)"]; };
train = { eta = 0.1; steps = 20; records = 5; };
seeds = { count = 2; };
sweep = { vary = ["net.gain = 1, 2"]; };
END2
cat >"$work/jacobi.cfg" <<'END2'
name = "tiny"; kind = "jacobi"; jacobi = { n = 20; sweeps = 40; modes = [1.0, 3.0]; frequencies = [1.0]; };
END2
cat >"$work/sweep.cfg" <<'END2'
name = "tiny"; kind = "sweep";
data = { n = 8; };
target = { xi = [1.0]; amplitude = 0.001; };
train = { eta = 0.1; time = 0.8; records = 8; };
forecast = { sources = ["ntk.infinite"]; draws = 2; };
seeds = { count = 1; };
sweep = { vary = ["net.width = 64, 128"]; measures = ["loss@last", "T(1)"]; };
END2
cat >"$work/theorem1.cfg" <<'END2'
name = "tiny"; kind = "theorem1"; theorem = { m = [1.0]; samples = [2e4]; deltas = [0.3, 0.25]; };
END2

begin_case() { # NAME
    case $1 in
    run | learn | overlay | design | splines | jacobi | theorem1 | bound | start | sweep) fault_case "$1" run "$work/$1.cfg" -j 1 -o dir ;;
    kernel) fault_case kernel kernel "$work/run.cfg" -j 1 -o dir ;;
    check) fault_case check check "$work/run.cfg" -j 1 ;;
    train)
        program forecast "$work/run.cfg" -j 1 -o "$work/template.train"
        fault_case train train dir -j 1 ;;
    force)
        program run "$work/run.cfg" -j 1 -o "$work/template.force"
        fault_case force run "$work/run.cfg" -j 1 -o dir --force ;;
    several) # on one axis
        program run "$work/run.cfg" -j 1 -o "$work/one"
        fault_case several plot "$work/one" "$work/one" --items 2 --names a,b -o dir ;;
    compare | plot | explain)
        program run "$work/run.cfg" -j 1 -o "$work/template.$1"
        fault_case "$1" "$1" dir -j 1 ;;
    esac
}
