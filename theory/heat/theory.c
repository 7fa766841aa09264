#include "theory/heat/theory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "theory/heat/parts.h"

/* ---- the equation of a network and its data ---- */

/* sum c_i is 1 for the loss (1/2n) sum u^2 */
static double loss_factors(const sb_problem *problem)
{
    double sum = 0;
    for (size_t i = 0; i < problem->n; i++) sum += problem->c[i];
    return sum;
}

sb_heat sb_heat_of(const sb_theory_params *params, const sb_problem *problem)
{
    double extent = 0;
    for (size_t i = 0; i < problem->n * problem->dim; i++) extent = fmax(extent, fabs(problem->x[i]));
    return (sb_heat){
        .dim = problem->dim,
        .density = params->density,
        .c = params->gain * loss_factors(problem) * pow(2 * M_PI / sb_problem_side(problem), (double)problem->dim),
        .sa2 = params->frozen ? 0 : params->out2,
        .lattice = problem->uniform && params->alias ? problem->spacing : 0,
        .origin = problem->x[0],
        .extent = extent,
        .cutoff = params->cutoff,
        .mesh = params->mesh,
        .richardson = true,
        .method = params->method,
        .max_steps = params->max_steps,
    };
}

/* ---- what it does not cover ---- */

/* Fails with the observed frequencies at which the density is zero, in the unit of their labels. */
static sb_status check_density(const sb_heat *heat, const sb_grid *grid)
{
    char names[256] = "", band[64] = "";
    size_t count = 0, beyond = 0, length = 0;
    double edge = sb_density_edge(heat->density);
    for (size_t k = 0; k < grid->n; k++) {
        double w[2] = {0};
        for (size_t a = 0; a < grid->dim; a++) w[a] = 2 * M_PI * fabs(grid->xi[k * grid->dim + a]);
        if (sb_heat_density(heat, w) > 0) continue;
        bool room = length + 24 < sizeof names;
        length += (size_t)sb_format(names + length, sizeof names - length, room ? "%s%g" : "%.0s%.0f..",
                                    count > 0 ? ", " : "", grid->label[k]);
        if (!room) break;
        if (w[0] >= edge) sb_format(band, sizeof band, "%g", edge * fabs(grid->label[k]) / w[0]);
        beyond += w[0] >= edge;
        count++;
    }
    if (count == 0) return SB_OK;
    bool one = count == 1;
    if (heat->dim == 1 && beyond == count)
        return sb_fail(SB_ERR_INPUT,
                       "the observed frequenc%s %s lie%s outside the band |w| <= %s of the density: %s never learned",
                       one ? "y" : "ies", names, one ? "s" : "", band, one ? "it is" : "they are");
    return sb_fail(SB_ERR_INPUT, "the density is zero at the observed frequenc%s %s: %s never learned",
                   one ? "y" : "ies", names, one ? "it is" : "they are");
}

sb_status sb_heat_covers(const sb_theory_params *params, const sb_problem *problem)
{
    if (strcmp(params->net, "fourier") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the heat equation is one of Fourier features, not of net '%s'",
                       params->net);
    if (problem->dim != 1 && problem->dim != 2)
        return sb_fail(SB_ERR_UNSUPPORTED, "the heat equation covers one and two dimensions, not %zu", problem->dim);
    return SB_OK;
}

#define MOST_ELEMENTS 1e6

/* The user's mesh reaches the observed frequencies and can be held. */
static sb_status check_mesh(const sb_heat *heat, const sb_grid *grid)
{
    double farthest = 0;
    for (size_t k = 0; k < grid->n * grid->dim; k++) farthest = fmax(farthest, 2 * M_PI * fabs(grid->xi[k]));
    if (heat->cutoff > 0 && heat->cutoff < farthest)
        return sb_fail(SB_ERR_INPUT, "forecast.cutoff = %g radians is below an observed frequency of %g radians",
                       heat->cutoff, farthest);
    if (heat->mesh > 0 && fmax(heat->cutoff, farthest) / heat->mesh > MOST_ELEMENTS)
        return sb_fail(SB_ERR_INPUT, "forecast.mesh = %g radians makes more than %g elements", heat->mesh,
                       MOST_ELEMENTS);
    return SB_OK;
}

sb_status sb_heat_theory_check(const sb_theory_params *params, const sb_problem *problem)
{
    sb_status status = sb_heat_covers(params, problem);
    if (status != SB_OK) return status;
    sb_heat heat = sb_heat_of(params, problem);
    status = check_mesh(&heat, &problem->grid);
    return status == SB_OK ? check_density(&heat, &problem->grid) : status;
}

sb_status sb_heat_uniform_check(const sb_theory_params *params, const sb_problem *problem)
{
    if (params->points)
        return sb_fail(SB_ERR_UNSUPPORTED,
                       "the theory takes the data for uniform; for data.kind = \"density\" there is 'heat.points'");
    return sb_heat_theory_check(params, problem);
}

/* ---- solving ---- */

/* The residual at t = 0 and where its samples are. On a grid x = first + i spacing per axis, so that few exponentials
 * are needed. */
typedef struct samples {
    const sb_problem *problem;
    const double *u0;
    size_t side;           /* points of the grid per axis; 0: no grid */
    size_t *place;         /* [n][dim] i of each point */
    double complex *phase; /* [dim][side] exp(-i w x) */
} samples;

static void samples_clear(samples *s)
{
    free(s->place);
    free(s->phase);
}

static sb_status samples_create(const sb_problem *problem, const double *u0, samples *s)
{
    size_t n = problem->n, dim = problem->dim;
    *s = (samples){.problem = problem, .u0 = u0};
    if (!problem->uniform || dim == 1) return SB_OK;
    s->side = (size_t)lround(pow((double)n, 1 / (double)dim));
    s->place = malloc(n * dim * sizeof *s->place);
    s->phase = malloc(dim * s->side * sizeof *s->phase);
    if (!s->place || !s->phase) {
        samples_clear(s);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", n);
    }
    for (size_t i = 0; i < n * dim; i++) {
        long place = lround((problem->x[i] - problem->x[i % dim]) / problem->spacing);
        s->place[i] = place < 0 ? 0 : (size_t)place;
    }
    return SB_OK;
}

/* U0(w) = sum_i q_i u_i exp(-i w x_i) at one w[dim] */
static double complex start_at(const samples *s, const double *w)
{
    const sb_problem *problem = s->problem;
    size_t dim = problem->dim;
    double complex sum = 0;
    for (size_t a = 0; a < dim; a++)
        for (size_t i = 0; i < s->side; i++)
            s->phase[a * s->side + i] = cexp(-I * w[a] * (problem->x[a] + (double)i * problem->spacing));
    for (size_t i = 0; i < problem->n; i++) {
        double weight = problem->q[i] * s->u0[i];
        const double *x = problem->x + i * dim;
        double complex phase = 1;
        for (size_t a = 0; a < dim; a++)
            phase *= s->side > 0 ? s->phase[a * s->side + s->place[i * dim + a]] : cexp(-I * w[a] * x[a]);
        sum += weight * phase;
    }
    return sum;
}

static void start(const void *context, size_t count, const double *w, double complex *U)
{
    const samples *s = context;
    for (size_t k = 0; k < count; k++) U[k] = start_at(s, w + k * s->problem->dim);
}

/* The observed frequencies and recorded times; w is the caller's to free. */
static sb_status query_create(const samples *s, sb_form form, double **w, sb_heat_query *query)
{
    const sb_problem *problem = s->problem;
    const sb_grid *grid = &problem->grid;
    *w = malloc(grid->n * grid->dim * sizeof **w);
    if (!*w) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", grid->n);
    for (size_t k = 0; k < grid->n * grid->dim; k++) (*w)[k] = 2 * M_PI * grid->xi[k];
    *query = (sb_heat_query){.start = start,
                             .context = s,
                             .form = form,
                             .eta = problem->eta,
                             .nt = problem->nt,
                             .t = problem->t,
                             .step = problem->step,
                             .nw = grid->n,
                             .w = *w};
    return SB_OK;
}

sb_status sb_heat_amplitude(const sb_heat *heat, const sb_density *points, const sb_problem *problem, sb_form form,
                            const double *u0, const sb_monitor *monitor, double complex *amp)
{
    sb_status status = SB_OK;
    samples s = {0};
    sb_heat_query query;
    double *w = NULL;
    for (size_t i = 0; i < problem->n; i++)
        if (!isfinite(u0[i])) {
            status = sb_fail(SB_ERR_NUMERIC, "the residual at t = 0 is not finite at point %zu", i);
            goto done;
        }
    SB_TRY(samples_create(problem, u0, &s));
    SB_TRY(query_create(&s, form, &w, &query));
    SB_TRY(points ? sb_heat_convolution(heat, points, &query, monitor, amp)
                  : sb_heat_solve(heat, &query, monitor, amp));
done:
    samples_clear(&s);
    free(w);
    return status;
}

sb_status sb_heat_size(const sb_heat *heat, const sb_problem *problem, size_t *unknowns)
{
    sb_status status = SB_OK;
    samples s = {0};
    sb_heat_query query;
    double *w = NULL;
    SB_TRY(samples_create(problem, problem->y, &s));
    SB_TRY(query_create(&s, SB_FORM_FLOW, &w, &query));
    SB_TRY(sb_heat_unknowns(heat, &query, unknowns));
done:
    samples_clear(&s);
    free(w);
    return status;
}

/* ---- the same by a second route ---- */

sb_status sb_heat_gram(const sb_theory_params *params, const sb_problem *problem, double *gram)
{
    size_t n = problem->n, dim = problem->dim;
    double sa2 = params->frozen ? 0 : params->out2;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double *x1 = problem->x + i * dim, *x2 = problem->x + j * dim;
            double dot = 0, phi = 1;
            for (size_t a = 0; a < dim; a++) {
                dot += x1[a] * x2[a];
                phi *= sb_density_characteristic(&params->density[a], x1[a] - x2[a]);
            }
            gram[i * n + j] = gram[j * n + i] = params->gain * (1 + sa2 * dot) * phi;
        }
    return SB_OK;
}
