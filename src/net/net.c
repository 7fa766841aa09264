/* What all kinds of networks share: memory, antisymmetric copies, blocks of units, movement. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/kind/kind.h"

#define BLOCK 256 /* units summed together: fixed, so that results do not depend on threads */

sb_status sb_net_check(const sb_net_spec *spec)
{
    if (spec->width == 0) return sb_fail(SB_ERR_INPUT, "a network needs at least one neuron");
    if (spec->dim < 1 || spec->dim > SB_MOST_DIMENSIONS)
        return sb_fail(SB_ERR_INPUT, "inputs have 1 to %d dimensions, not %zu", SB_MOST_DIMENSIONS, spec->dim);
    if (!(spec->gain > 0)) return sb_fail(SB_ERR_INPUT, "the gain of a network must be positive");
    return spec->kind->check(spec);
}

static sb_status allocate(const sb_net_spec *spec, sb_net *net)
{
    size_t padded = (spec->width + SB_UNITS - 1) / SB_UNITS * SB_UNITS, per_unit = spec->kind->per_unit(spec);
    size_t bytes = per_unit * padded * sizeof(double);
    double *theta = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!theta) return sb_fail(SB_ERR_NOMEM, "no memory for a network of width %zu", spec->width);
    memset(theta, 0, bytes);
    *net = (sb_net){.spec = *spec, .width = spec->width, .padded = padded, .per_unit = per_unit};
    net->trained = spec->kind->trained(spec);
    net->scale = spec->gain * (spec->standard ? 1 : 1 / sqrt((double)spec->width));
    net->theta = theta;
    spec->kind->name_parts(net);
    return SB_OK;
}

/* A unit and its antisymmetric copy stand side by side, where sums over units cancel them exactly. */
static void copy_antisymmetric(sb_net *net, size_t base)
{
    for (size_t p = 0; p < net->per_unit; p++) {
        double *part = net->theta + p * net->padded, sign = p < net->spec.kind->outputs ? -1 : 1;
        for (size_t i = base; i-- > 0;) {
            part[2 * i + 1] = sign * part[i];
            part[2 * i] = part[i];
        }
    }
}

sb_status sb_net_init(const sb_net_spec *spec, uint64_t seed, sb_stream stream, sb_net *net)
{
    sb_status status = sb_net_check(spec);
    if (status == SB_OK) status = allocate(spec, net);
    if (status != SB_OK) return status;
    size_t base = spec->antisymmetric ? spec->width / 2 : spec->width;
    spec->kind->start(net, base, seed, stream);
    if (spec->antisymmetric) copy_antisymmetric(net, base);
    return SB_OK;
}

const char *sb_net_label(const sb_net_spec *spec)
{
    return spec->activation ? spec->activation->name : spec->kind->name;
}

bool sb_net_starts_at_zero(const sb_net_spec *spec)
{
    return spec->antisymmetric || spec->quiet || spec->out_scale == 0;
}

sb_status sb_net_copy(const sb_net *from, sb_net *to)
{
    sb_status status = allocate(&from->spec, to);
    if (status == SB_OK) memcpy(to->theta, from->theta, from->per_unit * from->padded * sizeof(double));
    return status;
}

void sb_net_clear(sb_net *net)
{
    free(net->theta);
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

void sb_net_zero_padding(sb_net *net, size_t first, size_t units)
{
    for (size_t i = first + units; i > first && i > net->width; i--)
        for (size_t p = 0; p < net->per_unit; p++) net->theta[p * net->padded + i - 1] = 0;
}

void sb_net_sweep(sb_net *net, size_t block, size_t n, const double *x, const double *g, double eta, double *scratch,
                  double *partial)
{
    size_t first = block * BLOCK, units = block_units(net, block);
    net->spec.kind->sweep(net, first, units, n, x, g, eta * net->scale, scratch, partial);
    for (size_t i = 0; i < n; i++) partial[i] *= net->scale;
}

sb_status sb_net_forward(const sb_net *net, size_t n, const double *x, double *h)
{
    double *partial = malloc((1 + SB_SCRATCH) * n * sizeof *partial);
    if (!partial) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    memset(h, 0, n * sizeof *h);
    for (size_t block = 0; block < sb_net_blocks(net); block++) {
        /* without g the sweep changes nothing */
        sb_net_sweep((sb_net *)(uintptr_t)net, block, n, x, NULL, 0, partial + n, partial);
        for (size_t i = 0; i < n; i++) h[i] += partial[i];
    }
    free(partial);
    return SB_OK;
}

void sb_net_block_gradient(const sb_net *net, size_t block, size_t n, const double *x, const double *g,
                           double *gradient)
{
    size_t first = block * BLOCK, units = block_units(net, block);
    net->spec.kind->gradient(net, first, units, n, x, g, gradient);
    for (size_t p = 0; p < net->trained; p++) {
        double *part = gradient + p * net->padded;
        for (size_t i = first; i < first + units; i++) part[i] = i < net->width ? net->scale * part[i] : 0;
    }
}

sb_status sb_net_gradient(const sb_net *net, size_t n, const double *x, const double *g, double *gradient)
{
    size_t padded = net->padded;
    double *all = malloc(net->trained * padded * sizeof *all);
    if (!all) return sb_fail(SB_ERR_NOMEM, "no memory for a gradient of %zu neurons", net->width);
    for (size_t block = 0; block < sb_net_blocks(net); block++) sb_net_block_gradient(net, block, n, x, g, all);
    for (size_t p = 0; p < net->trained; p++)
        memcpy(gradient + p * net->width, all + p * padded, net->width * sizeof *gradient);
    free(all);
    return SB_OK;
}

void sb_net_columns(const void *context, size_t n, const double *x, size_t first, size_t count, double *columns)
{
    const sb_net *net = context;
    net->spec.kind->columns(net, n, x, first, count, columns);
}

double sb_net_kink_distance(const sb_net *net, size_t n, const double *x)
{
    return net->spec.kind->kinks ? net->spec.kind->kinks(net, n, x) : INFINITY;
}
