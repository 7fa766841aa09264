#!/usr/bin/env bash
# An activation, a layer and a rule of training made as CONTRIBUTING says, in a copy of the tree: they build, are
# checked by the tests that walk the lists, and no theory judges what it does not cover (TAP). About four minutes without a compiler cache.
. "$(dirname "$0")/../cli/lib/common.sh"
. "$root/tests/cli/lib/rules.sh"

tree=$work/tree
mkdir "$tree" && cp -r "$root"/{Makefile,src,theory,include,tests,plots,experiments} "$tree" || exit 1
cp -r "$root/.ci" "$tree" 2>/dev/null
for file in CHANGELOG.md CITATION.cff CONTRIBUTING.md LICENSE README.md; do cp "$root/$file" "$tree"; done

cat >"$tree/src/net/activation/softsign.c" <<'END'
#include "net/activation/units.h"

/* s = z / (1 + |z|), s' = 1 / (1 + |z|)^2 */
static inline void act(vec z, vec *s, vec *ds)
{
    vec r = 1.0 / (1.0 + vec_abs(z));
    *s = z * r;
    *ds = r * r;
}

/* s'' = -2 sign z / (1 + |z|)^3 */
static inline vec act_second(vec z)
{
    vec r = 1.0 / (1.0 + vec_abs(z));
    return vec_choose(z == 0.0, vec_set(0.0), -vec_sign(2.0 * r * r * r, z));
}

SB_ACTIVATION(softsign, "softsign, z / (1 + |z|)", false);
END
# Neurons in the reverse order: what goes back to the weights is not the gradient by the outputs.
cat >"$tree/src/net/layer/reversed.c" <<'END'
#include "net/layer/layer.h"

static sb_status plan(const sb_call *call, sb_layer *layer)
{
    sb_status status = sb_call_whole(call, 0, "its number of neurons", 1, 100000000, &layer->units);
    layer->fan_in = sb_shape_size(layer->in);
    layer->fan_out = layer->units;
    layer->biased = false;
    layer->out = (sb_shape){1, 1, layer->units};
    return status;
}

static size_t room(const sb_layer *layer, size_t n, size_t tangents)
{
    return (1 + tangents) * n * layer->units;
}

static void turn(size_t rows, size_t m, const real *from, real *to)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < m; j++) to[i * m + j] = from[i * m + m - 1 - j];
}

/* y_j = z_(m-1-j), z = weight_scale W x */
static void forward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, void *y,
                    void *space)
{
    size_t m = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    gemm(false, true, rows, m, fan_in, (real)layer->weight_scale, x, fan_in, theta, fan_in, 0, space, m);
    turn(rows, m, space, y);
}

static void backward(const sb_layer *layer, const void *theta, size_t n, size_t tangents, const void *x, const void *y,
                     void *space, const void *g, void *gx, void *gradient)
{
    size_t m = layer->units, fan_in = layer->fan_in, rows = (1 + tangents) * n;
    real scale = (real)layer->weight_scale;
    (void)y;
    turn(rows, m, g, space);
    if (gradient) gemm(true, false, m, fan_in, rows, scale, space, m, x, fan_in, 1, gradient, fan_in);
    if (gx) gemm(false, false, rows, fan_in, m, scale, space, m, theta, fan_in, 0, gx, fan_in);
}

static const void *back(const sb_layer *layer, size_t n, const void *space)
{
    (void)layer, (void)n;
    return space;
}

SB_LAYER(reversed, 1, NULL, back, NULL, NULL, "reversed(neurons): dense without biases, the last neuron first");
END
echo 'ACTIVATION(softsign)' >>"$tree/src/net/activation/list.def"
echo 'LAYER(reversed)' >>"$tree/src/net/layer/list.def"
sed -i 's/^const stack stacks\[\] = {$/&\n    {"reversed", {1, 1, 3}, {"reversed(5)", "tanh", "reversed(4)", "sine", "dense(2)"}},/' "$tree/tests/unit/common/stacks.c"
cat >"$tree/src/rule/running_mean.c" <<'END'
#include "rule/momentum.h"

/* v = beta v + (1 - beta) g, theta -= eta v */
#define UPDATE(real, root)                                                                                             \
    {                                                                                                                  \
        real rate = (real)how->rate, beta = (real)how->beta1, rest = (real)(1 - how->beta1);                           \
        (void)slot1;                                                                                                   \
        for (size_t i = 0; i < n; i++) {                                                                               \
            slot0[i] = beta * slot0[i] + rest * gradient[i];                                                           \
            theta[i] -= rate * slot0[i];                                                                               \
        }                                                                                                              \
    }

static void direction(double beta, double *own, double *past)
{
    *own = 0;
    *past = 1 - beta;
}

SB_MOMENTUM(running_mean, "running mean of gradients: v = beta v + (1 - beta) g, theta -= eta v");
END
echo 'RULE(running_mean)' >>"$tree/src/rule/list.def"

builds() {
    make -C "$tree" -j2 O=build SAN= WERROR=1 program build-check >build.log 2>&1 || tail -n 5 build.log
}
check "they build" builds

walks() { # TEST
    "$tree/build/tests/unit/$1" >log 2>&1 || grep -E '^not ok|rror' log
}
for test in network layers routes kernel_values gram_layers rule linear; do
    check "unit/$test walks the list with what is new" walks $test
done

SPECBIAS=$tree/build/bin/specbias
cat >"$work/case.cfg" <<'END'
name = "case";
data = { n = 12; };
target = { xi = [1.0]; amplitude = 1e-4; };
train = { time = 40.0; };
forecast = { sources = ["ntk.empirical"]; };
seeds = { count = 2; };
END

check "the new rule trains as its modes say, with momentum 0.6" training_follows running_mean 0.2 0.6
largest() { # (1 - x + beta ..): an eigenvalue becomes -1 at x = 2 (1 + beta) / (1 - beta)
    expect 0 list optimizer
    grep -q '^running_mean  *running mean of gradients' "$io/out" && ! grep -q '^flow' "$io/out" || cat "$io/out"
    expect 0 kernel "$root/experiments/circle.cfg" --set train.optimizer=gd -o k --set kernel.widths=[]
    one=$(sed -n 's/.*infinite, gd: largest stable step \([0-9.]*\).*/\1/p' "$io/out")
    expect 0 kernel "$root/experiments/circle.cfg" --set train.optimizer=running_mean --set train.momentum=0.6 -o k --set kernel.widths=[] --force
    new=$(sed -n 's/.*infinite, running_mean: largest stable step \([0-9.]*\).*/\1/p' "$io/out")
    awk -v a="$one" -v b="$new" 'BEGIN { if (!(a > 0 && b / a > 3.995 && b / a < 4.005)) print b " is not 4 times " a }'
}
check "its largest step is that of its modes" largest

agrees() { # ARGS..
    expect 0 run "$work/case.cfg" -o dir "$@"
    [ "$(verdict_of dir)" = agrees ] || table dir/agreement.tsv '{ print c["source"], c["q"], c["verdict"], c["z"] }'
}
softsign=(--set net.activation=softsign --set init.in_scale=4 --set train.time=200)
check "softsign agrees with its own kernel and that of infinite width" \
    agrees "${softsign[@]}" --set forecast.sources=ntk.infinite,ntk.empirical --set net.width=8192 --set seeds.count=4
reversed=(--set net.kind=layers --set 'net.layers=reversed(1024),tanh,dense(1, nobias)')
check "a network of a new layer agrees with its own kernel" agrees "${reversed[@]}"
refuses "lfp does not know softsign" 'does not cover the activation softsign' \
    run "$work/case.cfg" -o dir "${softsign[@]}" --set forecast.sources=lfp
for source in lfp ntk.infinite heat heat.rate heat.points; do
    refuses "$source is none of a new layer" "not? .*(of net 'layers'|wide limit of reversed)|needs data.kind = .density" \
        run "$work/case.cfg" -o dir "${reversed[@]}" --set forecast.sources=$source
done
no_kernel() {
    expect 0 kernel "$work/case.cfg" "${reversed[@]}" -o dir
    grep -q 'infinite .*the wide limit of reversed is not known here' "$io/out" || cat "$io/out"
}
check "specbias kernel has no kernel of infinite width for it" no_kernel

finish
