/* Densities, the weighted sums of their parts. */
#include "density/density.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

double sb_density_value(const sb_density *density, double w)
{
    double sum = 0;
    for (const sb_density_part *p = density->part; p < density->part + density->parts; p++)
        sum += p->weight * p->kind->value(p, w);
    return sum;
}

double sb_density_characteristic(const sb_density *density, double z)
{
    double sum = 0;
    for (const sb_density_part *p = density->part; p < density->part + density->parts; p++)
        sum += p->weight * p->kind->characteristic(p, z);
    return sum;
}

double sb_density_lack(const sb_density *density, double z)
{
    double sum = 0;
    for (const sb_density_part *p = density->part; p < density->part + density->parts; p++)
        sum += p->weight * p->kind->lack(p, z);
    return sum;
}

/* Of a density with an end, beyond which all is 0: finitely many. */
static double copies_of(const sb_density_part *part, double h, double w)
{
    double period = 2 * M_PI / h, folded = sb_density_fold(h, w);
    double copies = ceil(part->kind->edge(part) / period + 0.5);
    if (copies > 1e6) return h / (2 * M_PI); /* so many copies add up to a constant, to 1e-6 */
    double sum = part->kind->value(part, folded);
    for (double k = 1; k <= copies; k++)
        sum += part->kind->value(part, folded + k * period) + part->kind->value(part, folded - k * period);
    return sum;
}

double sb_density_aliased(const sb_density *density, double h, double w)
{
    double sum = 0;
    if (h == 0) return sb_density_value(density, w);
    for (const sb_density_part *p = density->part; p < density->part + density->parts; p++)
        sum += p->weight * (p->kind->aliased ? p->kind->aliased : copies_of)(p, h, w);
    return sum;
}

double sb_density_sample(const sb_density *density, sb_rng *rng)
{
    const sb_density_part *p = density->part, *last = p + density->parts - 1;
    if (p < last)
        for (double u = sb_rng_uniform(rng) - p->weight; u > 0 && p < last; u -= p->weight) p++;
    return p->kind->sample(p, rng);
}

double sb_density_edge(const sb_density *density)
{
    double edge = 0;
    for (const sb_density_part *p = density->part; p < density->part + density->parts; p++)
        edge = fmax(edge, p->kind->edge ? p->kind->edge(p) : INFINITY);
    return edge;
}

sb_status sb_density_breaks(const sb_density *density, size_t *count, double **at)
{
    size_t most = 0, used = 0, kept = 0;
    const sb_density_part *p, *end = density->part + density->parts;
    for (p = density->part; p < end; p++) most += p->kind->breaks ? p->kind->breaks(p, NULL) : 0;
    double *all = malloc((most + 1) * sizeof *all);
    if (!all) return sb_fail(SB_ERR_NOMEM, "no memory for %zu breaks of a density", most);
    for (p = density->part; p < end; p++) used += p->kind->breaks ? p->kind->breaks(p, all + used) : 0;
    gsl_sort(all, 1, used);
    for (size_t i = 0; i < used; i++)
        if (kept == 0 || all[i] > all[kept - 1]) all[kept++] = all[i];
    *count = kept;
    *at = all;
    return SB_OK;
}

void sb_density_clear(sb_density *density)
{
    for (size_t i = 0; i < density->parts; i++) {
        free(density->part[i].w);
        free(density->part[i].rho);
        free(density->part[i].mass);
    }
    free(density->part);
    *density = (sb_density){0};
}
