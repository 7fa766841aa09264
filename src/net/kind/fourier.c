/* h(x) = scale sum_i a_i cos(w_i . x) + b_i sin(w_i . x): a two-layer network of Fourier features. */
#include <math.h>

#include "net/kind/kind.h"
#include "net/loops/fourier.h"

static sb_status check(const sb_net_spec *spec)
{
    if (!spec->density) return sb_fail(SB_ERR_INPUT, "Fourier features need a density of their frequencies");
    if (spec->quiet) return sb_fail(SB_ERR_UNSUPPORTED, "there is no quiet start of Fourier features");
    if (!(spec->out_scale >= 0)) return sb_fail(SB_ERR_INPUT, "the scale of the output weights must not be negative");
    if (spec->antisymmetric && spec->width % 2 != 0)
        return sb_fail(SB_ERR_INPUT, "width %zu is not a multiple of 2 (two antisymmetric copies)", spec->width);
    return SB_OK;
}

static size_t per_unit(const sb_net_spec *spec)
{
    return 2 + spec->dim;
}

static size_t trained(const sb_net_spec *spec)
{
    return spec->frozen ? 2 : 2 + spec->dim;
}

static void name_parts(sb_net *net)
{
    net->cosine = net->theta;
    net->sine = net->cosine + net->padded;
    net->freq = net->sine + net->padded;
}

static void start(sb_net *net, size_t base, uint64_t seed, sb_stream stream)
{
    const sb_net_spec *spec = &net->spec;
    for (size_t i = 0; i < base; i++) {
        sb_rng rng = sb_rng_at(seed, stream, i);
        for (size_t d = 0; d < spec->dim; d++)
            net->freq[d * net->padded + i] = sb_density_sample(&spec->density[d], &rng);
        net->cosine[i] = spec->out_scale * spec->out->sample(&rng);
        net->sine[i] = spec->out_scale * spec->out->sample(&rng);
    }
}

static sb_fourier_units units_of(const sb_net *net, size_t first, size_t count)
{
    return (sb_fourier_units){.count = count,
                              .stride = net->padded,
                              .dim = net->spec.dim,
                              .frozen = net->spec.frozen,
                              .theta = net->theta + first};
}

static void sweep(sb_net *net, size_t first, size_t count, size_t n, const double *x, const double *g, double rate,
                  double *scratch, double *partial)
{
    sb_fourier_units units = units_of(net, first, count);
    if (g) {
        sb_fourier_loops_best()->step(&units, n, x, g, rate);
        sb_net_zero_padding(net, first, count);
    }
    sb_fourier_loops_best()->forward(&units, n, x, scratch, partial);
}

static void gradient(const sb_net *net, size_t first, size_t count, size_t n, const double *x, const double *g,
                     double *all)
{
    sb_fourier_units units = units_of(net, first, count);
    sb_fourier_loops_best()->gradient(&units, n, x, g, all + first);
}

/* d h(x) / d (a, b, w_d) = scale (cos w.x, sin w.x, x_d (b cos w.x - a sin w.x)) */
static void columns(const sb_net *net, size_t n, const double *x, size_t first, size_t count, double *columns)
{
    size_t dim = net->spec.dim;
    const double *a = net->cosine + first, *b = net->sine + first, *w = net->freq + first;
    for (size_t i = 0; i < n; i++) {
        double *d_a = columns + i * net->trained * count, *d_b = d_a + count, *d_w = d_b + count;
        for (size_t j = 0; j < count; j++) {
            d_a[j] = 0;
            for (size_t d = 0; d < dim; d++) d_a[j] += w[d * net->padded + j] * x[i * dim + d];
        }
        sb_fourier_loops_best()->evaluate(count, d_a, d_a, d_b);
        for (size_t d = 0; d < net->trained - 2; d++)
            for (size_t j = 0; j < count; j++)
                d_w[d * count + j] = net->scale * x[i * dim + d] * (b[j] * d_a[j] - a[j] * d_b[j]);
        for (size_t j = 0; j < 2 * count; j++) d_a[j] *= net->scale;
    }
}

const sb_net_kind sb_net_kind_fourier = {
    .name = "fourier",
    .title = "h(x) = scale * sum a cos(w.x) + b sin(w.x), any dimension",
    .features = true,
    .outputs = 2,
    .check = check,
    .per_unit = per_unit,
    .trained = trained,
    .name_parts = name_parts,
    .start = start,
    .sweep = sweep,
    .gradient = gradient,
    .columns = columns,
};
