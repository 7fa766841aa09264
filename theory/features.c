#include "theory/features.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_integration.h>

#include "core/linalg.h"

double lfp_wide_from(const lfp_activation *activation, double range, double extent)
{
    return activation->reach(LFP_EDGE) / (range - extent);
}

static sb_status allocate(size_t count, size_t n, lfp_features *features)
{
    *features = (lfp_features){.count = count, .n = n, .value = malloc((count * n + 1) * sizeof(double))};
    return features->value ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu features of %zu points", count, n);
}

void lfp_features_clear(lfp_features *features)
{
    free(features->value);
    *features = (lfp_features){0};
}

sb_status lfp_line_features(const lfp_activation *activation, const sb_theory_params *params, const sb_problem *problem,
                            lfp_features *features)
{
    size_t n = problem->n;
    sb_status status = allocate(LFP_LINES * params->nodes, n, features);
    for (size_t k = 0; status == SB_OK && k < params->nodes; k++)
        for (size_t i = 0; i < n; i++) {
            double line[LFP_LINES], size = sqrt(params->gain * params->weight[k]);
            activation->lines(params->node[k], params->out2, params->range, problem->x[i], line);
            for (size_t f = 0; f < LFP_LINES; f++) features->value[(LFP_LINES * k + f) * n + i] = size * line[f];
        }
    return status;
}

/* ---- narrow neurons ---- */

#define POINTS 20 /* of Gauss-Legendre per panel of the shifts */

/* The error falls by rho = b + sqrt(1 + b^2) per point, b = strip / (|in| extent). */
size_t lfp_narrow_points(const lfp_activation *activation, double wide_from, double extent)
{
    double b = activation->strip / (wide_from * extent);
    return extent > 0 ? 2 + (size_t)ceil(log(1e11) / asinh(b)) : 1;
}

static double chebyshev(size_t points, size_t a)
{
    return cos(M_PI * ((double)a + 0.5) / (double)points);
}

/* columns[points][3 POINTS]: what neurons of weight `in` and shifts in one panel give at each point t,
 * d h / d (out, in, shift) */
static void write_columns(const lfp_activation *activation, double in, double w2, size_t points, const double *t,
                          const double *shift, const double *weight, double *columns)
{
    double w = sqrt(w2);
    for (size_t a = 0; a < points; a++)
        for (size_t i = 0; i < POINTS; i++) {
            double *column = columns + 3 * (a * POINTS + i), root = sqrt(weight[i]), at = t[a] + shift[i], ds;
            column[0] = root * activation->value(in * at, &ds);
            column[1] = root * w * ds * at;
            column[2] = root * w * ds * in;
        }
}

/* matrix[points][points] += the kernel at the points t of neurons with |in| = r, times `share` */
static void add_neurons(const lfp_activation *activation, double r, double share, const sb_theory_params *params,
                        const gsl_integration_glfixed_table *table, size_t points, const double *t, double *columns,
                        double *matrix)
{
    double shift[POINTS], weight[POINTS];
    size_t panels = 1 + (size_t)(params->range * r);
    for (size_t panel = 0; panel < 2 * panels; panel++) { /* the second half for the other sign of `in` */
        double width = 2 * params->range / (double)panels;
        double left = -params->range + width * (double)(panel % panels);
        for (size_t i = 0; i < POINTS; i++) {
            gsl_integration_glfixed_point(left, left + width, i, &shift[i], &weight[i], table);
            weight[i] *= share / (4 * params->range);
        }
        write_columns(activation, panel < panels ? r : -r, params->out2, points, t, shift, weight, columns);
        sb_gemm_nt(points, points, 3 * POINTS, columns, 3 * POINTS, columns, 3 * POINTS, 1, matrix, points);
    }
}

/* cardinal[points]: the polynomials that are 1 at one Chebyshev point and 0 at the others, at x in [-1, 1] */
static void cardinals(size_t points, double x, double *cardinal)
{
    double sum = 0;
    for (size_t a = 0; a < points; a++) {
        double apart = x - chebyshev(points, a);
        if (apart == 0) {
            for (size_t b = 0; b < points; b++) cardinal[b] = a == b;
            return;
        }
        cardinal[a] = (a % 2 ? -1 : 1) * sin(M_PI * ((double)a + 0.5) / (double)points) / apart;
        sum += cardinal[a];
    }
    for (size_t a = 0; a < points; a++) cardinal[a] /= sum;
}

/* K = V^T diag(lambda) V at the points: feature b is sqrt(lambda_b) V_b there and a polynomial between. */
static sb_status interpolate(size_t points, double extent, double *matrix, const sb_problem *problem,
                             lfp_features *features)
{
    size_t first = 0;
    double lambda[LFP_NARROW_MOST], cardinal[LFP_NARROW_MOST];
    sb_status status = sb_syevd(points, matrix, lambda);
    if (status != SB_OK) return status;
    while (lambda[first] <= 1e-17 * lambda[points - 1]) first++; /* ascending */
    status = allocate(points - first, problem->n, features);
    for (size_t i = 0; status == SB_OK && i < problem->n; i++) {
        cardinals(points, extent > 0 ? problem->x[i] / extent : 0, cardinal);
        for (size_t b = first; b < points; b++) {
            double sum = 0;
            for (size_t a = 0; a < points; a++) sum += matrix[b * points + a] * cardinal[a];
            features->value[(b - first) * problem->n + i] = sqrt(lambda[b]) * sum;
        }
    }
    return status;
}

sb_status lfp_narrow_features(const lfp_activation *activation, const sb_theory_params *params,
                              const sb_problem *problem, double wide_from, lfp_features *features)
{
    double extent = fmax(fabs(problem->x[0]), fabs(problem->x[problem->n - 1])), t[LFP_NARROW_MOST];
    size_t points = lfp_narrow_points(activation, wide_from, extent), used = 0;
    for (size_t k = 0; k < params->nodes; k++) used += params->node[k] < wide_from;
    if (used == 0) return allocate(0, problem->n, features);
    double *matrix = calloc(points * points, sizeof *matrix), *columns = malloc(3 * POINTS * points * sizeof *columns);
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(POINTS);
    sb_status status = SB_OK;
    if (!matrix || !columns || !table) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", points);
        goto done;
    }
    for (size_t a = 0; a < points; a++) t[a] = extent * chebyshev(points, a);
    for (size_t k = 0; k < params->nodes; k++)
        if (params->node[k] < wide_from)
            add_neurons(activation, params->node[k], params->gain * params->weight[k], params, table, points, t,
                        columns, matrix);
    status = interpolate(points, extent, matrix, problem, features);
done:
    free(matrix);
    free(columns);
    if (table) gsl_integration_glfixed_table_free(table);
    return status;
}
