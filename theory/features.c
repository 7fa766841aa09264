#include "theory/features.h"

#include <math.h>
#include <stdlib.h>

#include "core/gsl.h"
#include "core/linalg.h"
#include "theory/mean.h"

double lfp_wide_from(const lfp_activation *activation, double range, double extent)
{
    return lfp_reach(activation, LFP_EDGE) / (range - extent);
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

/* More features than points: as many combinations of them do the same to the data, and each step costs as much less. */
static sb_status compress(lfp_features *features)
{
    size_t n = features->n;
    if (features->count <= n) return SB_OK;
    sb_status status = sb_compress(features->count, n, features->value);
    if (status != SB_OK) return status;
    features->count = n;
    double *smaller = realloc(features->value, (n * n + 1) * sizeof *smaller);
    if (smaller) features->value = smaller;
    return SB_OK;
}

/* ---- lines ---- */

#define POINTS 20   /* of Gauss-Legendre per panel, of the lines and of the shifts below */
#define TURN 30     /* radians of cos(u r) to a panel: J_40(15) = 1e-13 */
#define LEAST 1e-18 /* a line's share of the law, and of <r^2>, that counts */
#define MOST 60000  /* lines */
#define DOUBLINGS 5

typedef struct comb {
    size_t count;
    double *r, *share; /* [count], one allocation */
} comb;

/* Gauss-Legendre panels of |in|; of a fixed law one line. */
static sb_status make_lines(const sb_theory_params *params, size_t panels, comb *lines)
{
    double top = lfp_largest(params), width = top / (double)panels;
    size_t most = POINTS * panels;
    gsl_integration_glfixed_table *table = sb_gauss_table(POINTS);
    lines->count = 0;
    lines->r = malloc(2 * most * sizeof *lines->r);
    if (table && lines->r) {
        lines->share = lines->r + most;
        for (size_t i = 0; params->in->density_abs && i < most; i++) {
            double left = width * (double)(i / POINTS), r, weight;
            gsl_integration_glfixed_point(left, left + width, i % POINTS, &r, &weight, table);
            double share = weight * lfp_density(params, r), unit = r / params->in_scale;
            if (share * (1 + unit * unit) < LEAST) continue;
            lines->r[lines->count] = r;
            lines->share[lines->count++] = share;
        }
        if (!params->in->density_abs) *lines->r = top, *lines->share = 1, lines->count = 1;
    }
    if (table) gsl_integration_glfixed_table_free(table);
    return lines->count > 0 ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", most);
}

/* K at (0, 0), and at the ends of the data, where it turns fastest with r */
static void probe(const lfp_activation *activation, const sb_theory_params *params, double extent, const comb *lines,
                  double k[3])
{
    for (int i = 0; i < 3; i++) {
        double x1 = i == 0 ? 0 : extent, x2 = i == 2 ? -x1 : x1;
        k[i] = 0;
        for (size_t l = 0; l < lines->count; l++)
            k[i] += lines->share[l] * activation->kernel(lines->r[l], params->out2, params->range, x1, x2);
    }
}

/* So many lines that twice as many change nothing. */
static sb_status choose_lines(const lfp_activation *activation, const sb_theory_params *params, double extent,
                              comb *chosen)
{
    double panels = 1 + ceil(lfp_largest(params) * 2 * (extent + params->range) / TURN), k[3], finer[3];
    bool settled = false;
    sb_status status = SB_OK;
    comb fine = {0};
    /* most of a law that is not bounded is empty */
    for (int i = 0; status == SB_OK && !settled && i < DOUBLINGS && panels * POINTS <= 8 * MOST; i++, panels *= 2) {
        if (i == 0) status = make_lines(params, (size_t)panels, &fine);
        free(chosen->r);
        *chosen = fine;
        fine = (comb){0};
        if (status == SB_OK) status = make_lines(params, 2 * (size_t)panels, &fine);
        if (status != SB_OK) break;
        probe(activation, params, extent, chosen, k);
        probe(activation, params, extent, &fine, finer);
        double change = fmax(fmax(fabs(k[0] - finer[0]), fabs(k[1] - finer[1])), fabs(k[2] - finer[2]));
        settled = change <= 1e-11 * fmax(finer[0], finer[1]);
    }
    free(fine.r);
    if (status != SB_OK || (settled && chosen->count <= MOST)) return status;
    return sb_fail(SB_ERR_INPUT,
                   "the theory 'lfp' of %s has one equation for each frequency of `in` that the data can tell apart: "
                   "init.in_scale = %g takes more than %d of them, or the law is not smooth",
                   activation->name, params->in_scale, MOST);
}

sb_status lfp_line_features(const lfp_activation *activation, const sb_theory_params *params, const sb_problem *problem,
                            lfp_features *features)
{
    size_t n = problem->n;
    comb lines = {0};
    sb_status status = choose_lines(activation, params, fmax(fabs(problem->x[0]), fabs(problem->x[n - 1])), &lines);
    if (status == SB_OK) status = allocate(LFP_LINES * lines.count, n, features);
    for (size_t k = 0; status == SB_OK && k < lines.count; k++)
        for (size_t i = 0; i < n; i++) {
            double line[LFP_LINES], size = sqrt(params->gain * lines.share[k]);
            activation->lines(lines.r[k], params->out2, params->range, problem->x[i], line);
            for (size_t f = 0; f < LFP_LINES; f++) features->value[(LFP_LINES * k + f) * n + i] = size * line[f];
        }
    free(lines.r);
    return status == SB_OK ? compress(features) : status;
}

/* ---- narrow neurons ---- */

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

typedef struct narrow {
    const lfp_activation *activation;
    const sb_theory_params *params;
    const gsl_integration_glfixed_table *table;
    size_t points;
    double t[LFP_NARROW_MOST], *columns;
} narrow;

/* matrix[points][points] += the kernel at the points t of neurons with |in| = r, times `share` */
static void add_neurons(void *context, double r, double share, double *matrix)
{
    const narrow *w = context;
    double shift[POINTS], weight[POINTS], range = w->params->range;
    size_t panels = 1 + (size_t)(range * r), points = w->points;
    for (size_t panel = 0; panel < 2 * panels && share > LEAST * LEAST; panel++) { /* the second half: -r */
        double width = 2 * range / (double)panels, left = -range + width * (double)(panel % panels);
        for (size_t i = 0; i < POINTS; i++) {
            gsl_integration_glfixed_point(left, left + width, i, &shift[i], &weight[i], w->table);
            weight[i] *= w->params->gain * share / (4 * range);
        }
        write_columns(w->activation, panel < panels ? r : -r, w->params->out2, points, w->t, shift, weight, w->columns);
        sb_gemm_nt(points, points, 3 * POINTS, w->columns, 3 * POINTS, w->columns, 3 * POINTS, 1, matrix, points);
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
    sb_status status = SB_OK;
    double extent = fmax(fabs(problem->x[0]), fabs(problem->x[problem->n - 1])), *matrix = NULL;
    if (!params->in->density_abs && lfp_largest(params) >= wide_from) return allocate(0, problem->n, features);
    size_t points = lfp_narrow_points(activation, wide_from, extent);
    gsl_integration_glfixed_table *table = sb_gauss_table(POINTS);
    narrow w = {.activation = activation, .params = params, .table = table, .points = points};
    w.columns = malloc(3 * POINTS * points * sizeof *w.columns);
    matrix = malloc(points * points * sizeof *matrix);
    if (!matrix || !w.columns || !table) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", points);
        goto done;
    }
    for (size_t a = 0; a < points; a++) w.t[a] = extent * chebyshev(points, a);
    SB_TRY(lfp_mean(params, 0, fmin(wide_from, lfp_largest(params)), points * points, add_neurons, &w, matrix));
    status = interpolate(points, extent, matrix, problem, features);
done:
    free(matrix);
    free(w.columns);
    if (table) gsl_integration_glfixed_table_free(table);
    return status;
}
