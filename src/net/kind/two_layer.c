/* h(x) = scale sum_i out_i s(in_i (x + shift_i)) */
#include <math.h>

#include "net/kind/kind.h"

#define BATCH 256 /* units whose gradient is kept at a time */

static sb_status check(const sb_net_spec *spec)
{
    size_t copies = spec->antisymmetric ? 2 : 1, unit = copies * (spec->quiet ? 4 : 1);
    if (spec->dim != 1) return sb_fail(SB_ERR_UNSUPPORTED, "a two_layer network has inputs of one dimension");
    if (!(spec->in_scale > 0 && spec->out_scale > 0 && spec->shift_range > 0))
        return sb_fail(SB_ERR_INPUT, "scales and the range of the shifts must be positive");
    if (spec->width % unit != 0)
        return sb_fail(SB_ERR_INPUT, "width %zu is not a multiple of %zu (%s%s%s)", spec->width, unit,
                       spec->antisymmetric ? "two antisymmetric copies" : "",
                       spec->antisymmetric && spec->quiet ? " of " : "", spec->quiet ? "four sign pairs" : "");
    if (spec->quiet && (spec->in->fixed_abs == 0 || spec->out->fixed_abs == 0))
        return sb_fail(SB_ERR_INPUT, "a quiet start needs weights of fixed size: the law two_point for in and out");
    return SB_OK;
}

static size_t three(const sb_net_spec *spec)
{
    (void)spec;
    return 3;
}

static void name_parts(sb_net *net)
{
    net->out = net->theta;
    net->in = net->out + net->padded;
    net->shift = net->in + net->padded;
}

/* Shifts on the midpoints of [-range, range], each with all four sign pairs. */
static void quiet_start(sb_net *net, size_t base)
{
    const sb_net_spec *spec = &net->spec;
    size_t points = base / 4;
    for (size_t i = 0; i < base; i++) {
        size_t pair = i / points, place = i % points;
        net->out[i] = spec->out_scale * (pair < 2 ? 1 : -1);
        net->in[i] = spec->in_scale * (pair % 2 == 0 ? 1 : -1);
        net->shift[i] = spec->shift_range * (2 * ((double)place + 0.5) / (double)points - 1);
    }
}

static void start(sb_net *net, size_t base, uint64_t seed, sb_stream stream)
{
    const sb_net_spec *spec = &net->spec;
    if (spec->quiet) {
        quiet_start(net, base);
        return;
    }
    for (size_t i = 0; i < base; i++) {
        sb_rng rng = sb_rng_at(seed, stream, i);
        net->shift[i] = spec->shift_range * (2 * sb_rng_uniform(&rng) - 1);
        net->in[i] = spec->in_scale * spec->in->sample(&rng);
        net->out[i] = spec->out_scale * spec->out->sample(&rng);
    }
}

static void step(sb_net *net, size_t first, size_t units, size_t n, const double *x, const double *g, double rate)
{
    double *out = net->out + first, *in = net->in + first, *shift = net->shift + first;
    double d_out[BATCH], d_in[BATCH], d_shift[BATCH];
    net->spec.activation->backward(units, out, in, shift, n, x, g, d_out, d_in, d_shift);
    for (size_t i = 0; i < units; i++) {
        out[i] -= rate * d_out[i];
        in[i] -= rate * d_in[i];
        shift[i] -= rate * d_shift[i];
    }
}

static void sweep(sb_net *net, size_t first, size_t units, size_t n, const double *x, const double *g, double rate,
                  double *scratch, double *partial)
{
    const sb_activation *activation = net->spec.activation;
    double *out = net->out + first, *in = net->in + first, *shift = net->shift + first;
    if (g && activation->advance) {
        activation->advance(units, out, in, shift, n, x, g, rate, scratch, partial); /* has s(0) = 0 */
        sb_net_zero_padding(net, first, units);
        return;
    }
    for (size_t done = 0; g && done < units; done += BATCH)
        step(net, first + done, units - done < BATCH ? units - done : BATCH, n, x, g, rate);
    if (g) sb_net_zero_padding(net, first, units);
    activation->forward(units, out, in, shift, n, x, partial);
}

static void gradient(const sb_net *net, size_t first, size_t units, size_t n, const double *x, const double *g,
                     double *all)
{
    double *d_out = all + first, *d_in = d_out + net->padded, *d_shift = d_in + net->padded;
    net->spec.activation->backward(units, net->out + first, net->in + first, net->shift + first, n, x, g, d_out, d_in,
                                   d_shift);
}

/* d h(x) / d (out, in, shift) = scale (s, out s' (x + shift), out s' in) */
static void columns(const sb_net *net, size_t n, const double *x, size_t first, size_t count, double *columns)
{
    const double *out = net->out + first, *in = net->in + first, *shift = net->shift + first;
    for (size_t i = 0; i < n; i++) {
        double *s = columns + i * 3 * count, *d_in = s + count, *d_shift = d_in + count;
        for (size_t j = 0; j < count; j++) d_in[j] = in[j] * (x[i] + shift[j]);
        net->spec.activation->evaluate(count, d_in, s, d_shift);
        for (size_t j = 0; j < count; j++) {
            double slope = net->scale * out[j] * d_shift[j];
            s[j] *= net->scale;
            d_in[j] = slope * (x[i] + shift[j]);
            d_shift[j] = slope * in[j];
        }
    }
}

static double kinks(const sb_net *net, size_t n, const double *x)
{
    double smallest = INFINITY;
    for (size_t j = 0; net->spec.activation->kinked && j < net->width; j++)
        for (size_t i = 0; i < n; i++) smallest = fmin(smallest, fabs(x[i] + net->shift[j]));
    return smallest;
}

const sb_net_kind sb_net_kind_two_layer = {
    .name = "two_layer",
    .title = "h(x) = scale * sum out s(in (x + shift)), one dimension",
    .outputs = 1,
    .check = check,
    .per_unit = three,
    .trained = three,
    .name_parts = name_parts,
    .start = start,
    .sweep = sweep,
    .gradient = gradient,
    .columns = columns,
    .kinks = kinks,
};
