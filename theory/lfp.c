/* The linear F-Principle for the 1-D ReLU network h = scale sum out ReLU(in (x + shift)).
 *
 * T. Luo, Z. Ma, Z. Wang, Z.-Q. J. Xu, Y. Zhang: An upper limit of decaying rate with respect to frequency in linear
 * frequency principle model (2022); Y. Zhang, T. Luo, Z. Ma, Z.-Q. J. Xu: A linear frequency principle model to
 * understand the absence of overfitting in neural networks (2021). With u the residual on the data and c its loss
 * factors, the output at frequency xi obeys
 *
 *   dh^/dt = -K^(xi) u^_c(xi),   u^_c(xi) = sum_i c_i u_i exp(-2 pi i xi x_i),
 *   K^(xi) = 1/(2 L) [ c4 / (16 pi^4 xi^4) + c2 / (4 pi^2 xi^2) ].
 *
 * Deviations, all explained in theory/README.md: the constant in front is absolute (not fitted); the frequencies are
 * xi_j = (j + 1/2) / P, so there is no xi = 0; the polynomial part of the kernel, which no frequency carries, is added
 * exactly; the frequencies beyond the cut-off J are added to the diagonal. The state is the amplitude of each
 * frequency, three polynomial coefficients, and one number per datum for the diagonal. */
#include "theory/theories.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/ode.h"

typedef struct lfp {
    size_t n, modes;
    const double *x, *c;
    double period;     /* P */
    double a0, a1, a2; /* K - sum over frequencies = a0 + a1 x x' + a2 (x^2 + x'^2) */
    double tail;       /* what the frequencies j >= J add to K(x, x) */
    double *rate;      /* [J] K^(xi_j) */
    double *phase;     /* [2 J][n] cos(2 pi xi_j x_i), then -sin: h = (2 / P) phase^T amplitude */
    const double *u0;
    double *u, *cu, *force; /* [n], [n], [2 J] work space */
    double *record;         /* [nt][n] */
} lfp;

double sb_lfp_rate(const sb_theory_params *params, double xi)
{
    double w2 = 4 * M_PI * M_PI * xi * xi;
    return (params->c4 / (w2 * w2) + params->c2 / w2) / (2 * params->range);
}

static double frequency(const lfp *eq, size_t j)
{
    return ((double)j + 0.5) / eq->period;
}

static double largest_distance(const sb_problem *problem)
{
    return problem->x[problem->n - 1] - problem->x[0];
}

static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    if (strcmp(params->activation, "relu") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'lfp' covers the activation relu, not %s", params->activation);
    if (params->modes < 1) return sb_fail(SB_ERR_INPUT, "the theory 'lfp' needs at least one frequency");
    for (size_t i = 0; i < problem->n; i++)
        if (!(fabs(problem->x[i]) <= params->range))
            return sb_fail(SB_ERR_INPUT,
                           "the theory 'lfp' needs |x| <= %g (init.shift_range), but there is a point at %g",
                           params->range, problem->x[i]);
    if (params->box > 0 && params->box < largest_distance(problem))
        return sb_fail(SB_ERR_INPUT,
                       "the frequency box %g (forecast.box) is smaller than the largest distance %g of two "
                       "points",
                       params->box, largest_distance(problem));
    return SB_OK;
}

static void lfp_clear(lfp *eq)
{
    free(eq->rate);
    free(eq->phase);
    free(eq->u);
    *eq = (lfp){0};
}

/* a0, a1, a2 from sum_j (1/P) cos(2 pi xi_j D) / (2 pi xi_j)^2 = P/4 - D/2 and the like for ^4 (D <= P). */
static void set_polynomial(const sb_theory_params *params, lfp *eq)
{
    double period = eq->period, range = params->range, c4 = params->c4, c2 = params->c2;
    eq->a0 = c4 * (range * range / 6 - period * period * period / (96 * range)) + c2 * (0.5 - period / (8 * range));
    eq->a1 = c4 * (0.5 - period / (8 * range));
    eq->a2 = c4 * period / (16 * range);
}

/* All frequencies together give K(x, x) = [c4 P^3/48 + c2 P/4] / (2 L) without the polynomial. */
static double truncated(const sb_theory_params *params, const lfp *eq)
{
    double period = eq->period;
    double all = (params->c4 * period * period * period / 48 + params->c2 * period / 4) / (2 * params->range), kept = 0;
    for (size_t j = eq->modes; j-- > 0;) kept += 2 / period * eq->rate[j]; /* small ones first */
    return params->tail ? all - kept : 0;
}

static sb_status lfp_init(const sb_theory_params *params, const sb_problem *problem, lfp *eq)
{
    size_t n = problem->n, modes = params->modes;
    *eq = (lfp){.n = n, .modes = modes, .x = problem->x, .c = problem->c};
    eq->period = params->box > 0 ? params->box : fmax(problem->b - problem->a, largest_distance(problem));
    eq->rate = malloc(modes * sizeof *eq->rate);
    eq->phase = malloc(2 * modes * n * sizeof *eq->phase);
    eq->u = malloc((2 * n + 2 * modes) * sizeof *eq->u);
    if (!eq->rate || !eq->phase || !eq->u) {
        lfp_clear(eq);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu points", modes, n);
    }
    eq->cu = eq->u + n;
    eq->force = eq->cu + n;
    for (size_t j = 0; j < modes; j++) {
        eq->rate[j] = sb_lfp_rate(params, frequency(eq, j));
        for (size_t i = 0; i < n; i++) {
            double angle = 2 * M_PI * frequency(eq, j) * problem->x[i];
            eq->phase[j * n + i] = cos(angle);
            eq->phase[(modes + j) * n + i] = -sin(angle);
        }
    }
    set_polynomial(params, eq);
    eq->tail = truncated(params, eq);
    return SB_OK;
}

/* The state: amplitude[2 J] (real parts, then imaginary), p0, p1, p2, z[n]. */
static size_t state_size(const lfp *eq)
{
    return 2 * eq->modes + 3 + eq->n;
}

/* u_i = u0_i + (2/P) Re sum_j h^_j exp(2 pi i xi_j x_i) + p0 + p1 x_i + p2 x_i^2 + z_i */
static void residual(const lfp *eq, const double *state, double *u)
{
    const double *p = state + 2 * eq->modes, *z = p + 3;
    for (size_t i = 0; i < eq->n; i++) u[i] = eq->u0[i] + p[0] + eq->x[i] * (p[1] + eq->x[i] * p[2]) + z[i];
    sb_gemv_t(2 * eq->modes, eq->n, 2 / eq->period, eq->phase, state, 1, u);
}

static void rate_of_change(void *context, double t, const double *state, double *change)
{
    lfp *eq = context;
    size_t n = eq->n, modes = eq->modes;
    double *p = change + 2 * modes, *z = p + 3, s0 = 0, s1 = 0, s2 = 0;
    (void)t;
    residual(eq, state, eq->u);
    for (size_t i = 0; i < n; i++) {
        double cu = eq->cu[i] = eq->c[i] * eq->u[i];
        s0 += cu;
        s1 += cu * eq->x[i];
        s2 += cu * eq->x[i] * eq->x[i];
        z[i] = -eq->tail * cu;
    }
    /* the rows of `phase` give the real and imaginary parts of u^_c */
    sb_gemv(2 * modes, n, 1, eq->phase, eq->cu, 0, eq->force);
    for (size_t j = 0; j < modes; j++) {
        change[j] = -eq->rate[j] * eq->force[j];
        change[modes + j] = -eq->rate[j] * eq->force[modes + j];
    }
    p[0] = -(eq->a0 * s0 + eq->a2 * s2);
    p[1] = -eq->a1 * s1;
    p[2] = -eq->a2 * s0;
}

static void record(void *context, size_t i, const double *state)
{
    const lfp *eq = context;
    residual(eq, state, eq->record + i * eq->n);
}

static sb_status solve(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                       const sb_monitor *monitor, double *u)
{
    sb_status status = SB_OK;
    lfp eq = {0};
    double *state = NULL, largest = 0;
    SB_TRY(check(params, problem));
    SB_TRY(lfp_init(params, problem, &eq));
    eq.u0 = u0;
    eq.record = u;
    state = calloc(state_size(&eq), sizeof *state);
    if (!state) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu equations", state_size(&eq));
        goto done;
    }
    for (size_t i = 0; i < eq.n; i++) {
        if (!isfinite(u0[i])) status = sb_fail(SB_ERR_NUMERIC, "the residual at t = 0 is not finite at point %zu", i);
        largest = fmax(largest, fabs(u0[i]));
    }
    SB_TRY(status);
    sb_ode ode = {.size = state_size(&eq), .rate = rate_of_change, .record = record, .context = &eq};
    if (form == SB_FORM_FLOW) {
        double tolerance = (params->tolerance > 0 ? params->tolerance : 1e-12) * largest;
        SB_TRY(sb_ode_integrate(&ode, "rk8pd", tolerance, problem->nt, problem->t, monitor, "lfp.flow", state));
    } else {
        SB_TRY(sb_ode_steps(&ode, problem->eta, problem->nt, problem->step, monitor, "lfp.gd", state));
    }
done:
    free(state);
    lfp_clear(&eq);
    return status;
}

/* K(x, x') = (2/P) sum_{j < J} K^(xi_j) cos(2 pi xi_j (x - x')) + a0 + a1 x x' + a2 (x^2 + x'^2) + tail (x = x') */
static sb_status gram(const sb_theory_params *params, const sb_problem *problem, double *matrix)
{
    sb_status status = SB_OK;
    lfp eq = {0};
    double *wave = NULL; /* [n][2 J], rows sqrt(2 K^ / P) (cos, -sin), so that wave wave^T is the sum */
    SB_TRY(check(params, problem));
    SB_TRY(lfp_init(params, problem, &eq));
    size_t n = eq.n, modes = eq.modes;
    wave = malloc(2 * modes * n * sizeof *wave);
    if (!wave) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu points", modes, n);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < 2 * modes; j++)
            wave[i * 2 * modes + j] = sqrt(2 / eq.period * eq.rate[j % modes]) * eq.phase[j * n + i];
    sb_gemm_nt(n, n, 2 * modes, wave, 2 * modes, wave, 2 * modes, 0, matrix, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            double x1 = eq.x[i], x2 = eq.x[k];
            double polynomial = eq.a0 + eq.a1 * x1 * x2 + eq.a2 * (x1 * x1 + x2 * x2);
            matrix[k * n + i] = matrix[i * n + k] += polynomial + (i == k ? eq.tail : 0);
        }
done:
    free(wave);
    lfp_clear(&eq);
    return status;
}

const sb_theory sb_theory_lfp = {
    .name = "lfp",
    .title = "linear F-Principle: one equation per frequency, 1-D ReLU network",
    .citation = "Zhang, Luo, Ma, Xu: A linear frequency principle model (2021); Luo et al.: An upper limit of decaying "
                "rate (2022)",
    .check = check,
    .solve = solve,
    .gram = gram,
};
