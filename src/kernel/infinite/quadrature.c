/* Any activation s: with z = in (x + l), z' = in (x' + l),
 *
 *   K = E[ s(z) s(z') + <out^2> s'(z) s'(z') ( (x + l)(x' + l) + in^2 ) ],
 *
 * the average over l uniform on [-range, range] by Gauss-Legendre panels that are no longer than 2/|in| and end at the
 * kinks -x, -x' if s has one, over both signs of `in`, and over the nodes of the law of |in|. */
#include "kernel/infinite/infinite.h"

#include <math.h>

#include <gsl/gsl_integration.h>

#define POINTS 20 /* per panel: a strip of half width pi / (2 |in|) free of poles gives 1e-16 */

static bool covers(const sb_net_law *law)
{
    return law->activation && law->evaluate && law->nodes > 0;
}

typedef struct rule {
    double node[POINTS], weight[POINTS]; /* on [0, 1] */
} rule;

/* The integrand over one panel of l. */
static double panel(const sb_net_law *law, const rule *gauss, double in, double x1, double x2, double left,
                    double width)
{
    double shift[POINTS], z[2 * POINTS], s[2 * POINTS], ds[2 * POINTS], sum = 0;
    for (int i = 0; i < POINTS; i++) {
        shift[i] = left + width * gauss->node[i];
        z[i] = in * (x1 + shift[i]);
        z[i + POINTS] = in * (x2 + shift[i]);
    }
    law->evaluate(2 * POINTS, z, s, ds);
    for (int i = 0; i < POINTS; i++) {
        double inner = (x1 + shift[i]) * (x2 + shift[i]) + in * in;
        sum += gauss->weight[i] * (s[i] * s[i + POINTS] + law->out2 * ds[i] * ds[i + POINTS] * inner);
    }
    return width * sum;
}

static double value(const sb_net_law *law, const double *first, const double *second)
{
    double x1 = *first, x2 = *second;
    double range = law->range, edge[4] = {-range, -fmax(x1, x2), -fmin(x1, x2), range}, sum = 0;
    int parts = law->kinked ? 3 : 1;
    if (!law->kinked) edge[1] = range;
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(POINTS);
    rule gauss;
    if (!table) return NAN;
    for (size_t i = 0; i < POINTS; i++) gsl_integration_glfixed_point(0, 1, i, &gauss.node[i], &gauss.weight[i], table);
    gsl_integration_glfixed_table_free(table);
    for (size_t k = 0; k < law->nodes; k++)
        for (int part = 0; part < parts; part++) {
            int panels = 1 + (int)((edge[part + 1] - edge[part]) * law->node[k] / 2);
            double width = (edge[part + 1] - edge[part]) / panels;
            for (int p = 0; p < panels; p++) {
                double left = edge[part] + width * p;
                sum += law->weight[k] * 0.5 *
                       (panel(law, &gauss, law->node[k], x1, x2, left, width) +
                        panel(law, &gauss, -law->node[k], x1, x2, left, width));
            }
        }
    return law->gain * sum / (2 * range);
}

const sb_kernel sb_kernel_quadrature = {
    .name = "quadrature",
    .title = "any activation, Gauss-Legendre quadrature over the law of the weights",
    .citation = "Jacot, Gabriel, Hongler: Neural tangent kernel (2018)",
    .covers = covers,
    .value = value,
};
