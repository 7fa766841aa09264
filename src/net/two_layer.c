/* h(x) = scale sum_i out_i s(in_i (x + shift_i)) */
#include <specbias/net.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 256 /* neurons summed together: fixed, so that results do not depend on threads */

sb_status sb_net_check(const sb_net_spec *spec)
{
    size_t copies = spec->antisymmetric ? 2 : 1, unit = copies * (spec->quiet ? 4 : 1);
    if (!(spec->in_scale > 0 && spec->out_scale > 0 && spec->shift_range > 0))
        return sb_fail(SB_ERR_INPUT, "scales and the range of the shifts must be positive");
    if (spec->width == 0) return sb_fail(SB_ERR_INPUT, "a network needs at least one neuron");
    if (spec->width % unit != 0)
        return sb_fail(SB_ERR_INPUT, "width %zu is not a multiple of %zu (%s%s%s)", spec->width, unit,
                       spec->antisymmetric ? "two antisymmetric copies" : "",
                       spec->antisymmetric && spec->quiet ? " of " : "", spec->quiet ? "four sign pairs" : "");
    if (spec->quiet && (spec->in->fixed_abs == 0 || spec->out->fixed_abs == 0))
        return sb_fail(SB_ERR_INPUT, "a quiet start needs weights of fixed size: the law two_point for in and out");
    return SB_OK;
}

static sb_status allocate(const sb_net_spec *spec, sb_net *net)
{
    size_t padded = (spec->width + SB_UNITS - 1) / SB_UNITS * SB_UNITS, bytes = 3 * padded * sizeof(double);
    double *weights = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!weights) return sb_fail(SB_ERR_NOMEM, "no memory for a network of width %zu", spec->width);
    memset(weights, 0, bytes);
    *net = (sb_net){.spec = *spec, .width = spec->width, .padded = padded};
    net->scale = spec->standard ? 1 : 1 / sqrt((double)spec->width);
    net->out = weights;
    net->in = weights + padded;
    net->shift = weights + 2 * padded;
    return SB_OK;
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

static void random_start(sb_net *net, size_t base, uint64_t seed, sb_stream stream)
{
    const sb_net_spec *spec = &net->spec;
    for (size_t i = 0; i < base; i++) {
        sb_rng rng = sb_rng_at(seed, stream, i);
        net->shift[i] = spec->shift_range * (2 * sb_rng_uniform(&rng) - 1);
        net->in[i] = spec->in_scale * spec->in->sample(&rng);
        net->out[i] = spec->out_scale * spec->out->sample(&rng);
    }
}

sb_status sb_net_init(const sb_net_spec *spec, uint64_t seed, sb_stream stream, sb_net *net)
{
    sb_status status = SB_OK;
    SB_TRY(sb_net_check(spec));
    SB_TRY(allocate(spec, net));
    size_t base = spec->antisymmetric ? spec->width / 2 : spec->width;
    if (spec->quiet)
        quiet_start(net, base);
    else
        random_start(net, base, seed, stream);
    /* A neuron and its antisymmetric copy stand side by side, where sums over units cancel them exactly. */
    for (size_t i = spec->antisymmetric ? base : 0; i-- > 0;) {
        net->out[2 * i] = net->out[i];
        net->out[2 * i + 1] = -net->out[i];
        net->in[2 * i] = net->in[2 * i + 1] = net->in[i];
        net->shift[2 * i] = net->shift[2 * i + 1] = net->shift[i];
    }
done:
    return status;
}

sb_status sb_net_copy(const sb_net *from, sb_net *to)
{
    sb_status status = allocate(&from->spec, to);
    if (status == SB_OK) memcpy(to->out, from->out, 3 * from->padded * sizeof(double)); /* out, in, shift in one */
    return status;
}

void sb_net_clear(sb_net *net)
{
    free(net->out); /* one allocation */
    *net = (sb_net){0};
}

size_t sb_net_blocks(const sb_net *net)
{
    return (net->padded + BLOCK - 1) / BLOCK;
}

static size_t block_units(const sb_net *net, size_t block)
{
    size_t left = net->padded - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

void sb_net_sweep(sb_net *net, size_t block, size_t n, const double *x, const double *g, double eta, double *scratch,
                  double *partial)
{
    const sb_activation *activation = net->spec.activation;
    size_t first = block * BLOCK, units = block_units(net, block);
    double *out = net->out + first, *in = net->in + first, *shift = net->shift + first, rate = eta * net->scale;
    if (g && activation->advance) {
        activation->advance(units, out, in, shift, n, x, g, rate, scratch, partial);
    } else {
        if (g) {
            double d_out[BLOCK], d_in[BLOCK], d_shift[BLOCK];
            activation->backward(units, out, in, shift, n, x, g, d_out, d_in, d_shift);
            for (size_t i = 0; i < units && first + i < net->width; i++) { /* not the padding: s(0) may not be 0 */
                out[i] -= rate * d_out[i];
                in[i] -= rate * d_in[i];
                shift[i] -= rate * d_shift[i];
            }
        }
        activation->forward(units, out, in, shift, n, x, partial);
    }
    for (size_t i = first + units; g && i > net->width; i--) /* padding stays zero */
        net->out[i - 1] = net->in[i - 1] = net->shift[i - 1] = 0;
    for (size_t i = 0; i < n; i++) partial[i] *= net->scale;
}

sb_status sb_net_forward(const sb_net *net, size_t n, const double *x, double *h)
{
    double *partial = malloc(n * sizeof *partial);
    if (!partial) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    memset(h, 0, n * sizeof *h);
    for (size_t block = 0; block < sb_net_blocks(net); block++) {
        /* without g the sweep changes nothing */
        sb_net_sweep((sb_net *)(uintptr_t)net, block, n, x, NULL, 0, NULL, partial);
        for (size_t i = 0; i < n; i++) h[i] += partial[i];
    }
    free(partial);
    return SB_OK;
}

sb_status sb_net_gradient(const sb_net *net, size_t n, const double *x, const double *g, double *gradient)
{
    size_t padded = net->padded;
    double *padded_gradient = malloc(3 * padded * sizeof *padded_gradient);
    if (!padded_gradient) return sb_fail(SB_ERR_NOMEM, "no memory for a gradient of %zu neurons", net->width);
    net->spec.activation->backward(padded, net->out, net->in, net->shift, n, x, g, padded_gradient,
                                   padded_gradient + padded, padded_gradient + 2 * padded);
    for (size_t part = 0; part < 3; part++)
        for (size_t i = 0; i < net->width; i++)
            gradient[part * net->width + i] = net->scale * padded_gradient[part * padded + i];
    free(padded_gradient);
    return SB_OK;
}

/* d h(x) / d (out, in, shift) = scale (s, out s' (x + shift), out s' in) */
void sb_net_columns(const void *context, size_t n, const double *x, size_t first, size_t count, double *columns)
{
    const sb_net *net = context;
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

void sb_net_movement(const sb_net *net, const sb_net *start, size_t block, sb_movement *movement)
{
    size_t first = block * BLOCK;
    for (size_t i = first; i < first + block_units(net, block); i++) {
        double a = net->out[i] - start->out[i], b = net->in[i] - start->in[i], c = net->shift[i] - start->shift[i];
        movement->shift2 += c * c;
        movement->theta2 += a * a + b * b + c * c;
        movement->start2 +=
            start->out[i] * start->out[i] + start->in[i] * start->in[i] + start->shift[i] * start->shift[i];
    }
}

double sb_net_kink_distance(const sb_net *net, size_t n, const double *x)
{
    double smallest = INFINITY;
    if (net->spec.activation->kinked)
        for (size_t j = 0; j < net->width; j++)
            for (size_t i = 0; i < n; i++) smallest = fmin(smallest, fabs(x[i] + net->shift[j]));
    return smallest;
}
