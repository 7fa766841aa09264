/* The linear F-Principle for the 1-D network h = scale sum out s(in (x + shift)).
 *
 * T. Luo, Z. Ma, Z. Wang, Z.-Q. J. Xu, Y. Zhang: An upper limit of decaying rate with respect to frequency in linear
 * frequency principle model (2022); Y. Zhang, T. Luo, Z. Ma, Z.-Q. J. Xu: A linear frequency principle model to
 * understand the absence of overfitting in neural networks (2021); T. Luo, Z. Ma, Z.-Q. J. Xu, Y. Zhang: On the exact
 * computation of linear frequency principle dynamics and its generalization (2020), for any activation. With u the
 * residual on the data and c its loss factors, the output at frequency xi obeys
 *
 *   dh^/dt = -K^(xi) u^_c(xi),   u^_c(xi) = sum_i c_i u_i exp(-2 pi i xi x_i),
 *   K^(xi) = 1/(2 L) [ c4 / (16 pi^4 xi^4) + c2 / (4 pi^2 xi^2) ] for ReLU, theory/activation/ for others.
 *
 * Deviations, all explained in theory/README.md: the constant in front is absolute (not fitted); the frequencies are
 * xi_j = (j + 1/2) / P, so there is no xi = 0; the polynomial part of the kernel, which no frequency carries, is added
 * exactly; so are neurons too narrow for the wide limit, and single lines (theory/features.c); the frequencies beyond
 * the cut-off J are added to the diagonal. Its two ways through time: the eigenpairs of the matrix that this sum is on
 * the data, and GSL, whose state is the amplitude of each frequency, three polynomial coefficients, one amplitude per
 * feature, and one number per datum for the diagonal. */
#include <specbias/theory.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/ode.h"
#include "theory/activation/activation.h"
#include "theory/features.h"
#include "theory/mean.h"
#include "theory/modes.h"

#define TURNS 32 /* frequencies from one evaluation of cosine and sine to the next */

#define FAR 1e-14 /* images of the data beyond the box of smooth activations, unless the user says how large it is */

typedef struct lfp {
    size_t n, modes;
    const double *x, *c;
    double period; /* P */
    lfp_rest rest; /* K - sum over frequencies = a0 + a1 x x' + a2 (x^2 + x'^2) */
    double tail;   /* what the frequencies j >= J add to K(x, x) */
    lfp_features extra;
    double *rate;  /* [J] K^(xi_j) */
    double *phase; /* [2 J][n] cos(2 pi xi_j x_i), then -sin: h = (2 / P) phase^T amplitude */
    const double *u0;
    double *u, *cu, *force; /* [n], [n], [2 J] work space */
    double *record;         /* [nt][n] */
} lfp;

/* The spectrum of neurons of one |in| at many frequencies, and beyond: sum[modes] is their share of the law, the next
 * one K(0, 0). */
typedef struct spectrum {
    const lfp_activation *activation;
    const sb_theory_params *params;
    size_t modes;
    double first, step; /* xi_j = first + step j */
} spectrum;

static void add_spectrum(void *context, double r, double share, double *sum)
{
    const spectrum *s = context;
    const sb_theory_params *p = s->params;
    for (size_t j = 0; j < s->modes; j++)
        sum[j] += p->gain * share * lfp_spectrum(s->activation, r, p->out2, p->range, s->first + s->step * (double)j);
}

/* The same, and beyond the frequencies the share of the law and K(0, 0). */
static void add_wide(void *context, double r, double share, double *sum)
{
    const spectrum *s = context;
    const sb_theory_params *p = s->params;
    add_spectrum(context, r, share, sum);
    sum[s->modes] += p->gain * share;
    sum[s->modes + 1] += p->gain * share * s->activation->kernel(r, p->out2, p->range, 0, 0);
}

double sb_lfp_rate(const sb_theory_params *params, double xi)
{
    const lfp_activation *activation = lfp_activation_find(params->activation);
    double rate = NAN;
    if (!activation) return NAN;
    if (activation->rate) return activation->rate(params, xi);
    spectrum s = {activation, params, 1, fabs(xi), 0};
    return lfp_mean(params, 0, lfp_beyond(params), 1, add_spectrum, &s, &rate) == SB_OK ? rate : NAN;
}

static double frequency(const lfp *eq, size_t j)
{
    return ((double)j + 0.5) / eq->period;
}

static double largest_distance(const sb_problem *problem)
{
    return problem->x[problem->n - 1] - problem->x[0];
}

static double extent(const sb_problem *problem)
{
    return fmax(fabs(problem->x[0]), fabs(problem->x[problem->n - 1]));
}

/* The least |in| from which on neurons are wide, of those there are; INFINITY: none. */
static double narrowest_wide(const lfp_activation *activation, const sb_theory_params *params,
                             const sb_problem *problem)
{
    double from = lfp_wide_from(activation, params->range, extent(problem)), largest = lfp_largest(params);
    if (!(from <= largest)) return INFINITY;
    return params->in->density_abs ? from : largest;
}

/* The least box in which images of the data are out of reach. */
static double least_box(const lfp_activation *activation, const sb_theory_params *params, const sb_problem *problem,
                        double error)
{
    return largest_distance(problem) +
           activation->far * lfp_reach(activation, error) / narrowest_wide(activation, params, problem);
}

static double missed(const lfp_activation *activation, double z)
{
    return exp(-pow(activation->miss_rate * fmax(0, z - activation->miss_from), activation->miss_power));
}

/* Smooth activations are covered in the wide limit |in| (L - |x|) >> 1. */
static sb_status check_smooth(const lfp_activation *activation, const sb_theory_params *params,
                              const sb_problem *problem)
{
    double room = params->range - extent(problem), largest = lfp_largest(params);
    if (!(narrowest_wide(activation, params, problem) < INFINITY))
        return sb_fail(SB_ERR_INPUT,
                       "the theory 'lfp' holds for %s in the limit |in| (init.shift_range - |x|) >> 1; here |in| = %g, "
                       "|x| <= %g and init.shift_range = %g leave an error of about %.1e; init.shift_range = %.4g "
                       "makes it %.0e",
                       activation->name, largest, extent(problem), params->range, missed(activation, largest * room),
                       extent(problem) + lfp_reach(activation, LFP_EDGE) / largest, LFP_EDGE);
    double from = lfp_wide_from(activation, params->range, extent(problem));
    if (params->in->density_abs && lfp_narrow_points(activation, from, extent(problem)) > LFP_NARROW_MOST)
        return sb_fail(SB_ERR_INPUT,
                       "the theory 'lfp' needs more room for %s neurons of small |in|: init.shift_range = %g, at least "
                       "%.4g is needed for |x| <= %g",
                       activation->name, params->range,
                       extent(problem) * (1 + lfp_reach(activation, LFP_EDGE) / activation->strip *
                                                  sinh(log(1e11) / (LFP_NARROW_MOST - 2))),
                       extent(problem));
    double box = least_box(activation, params, problem, LFP_EDGE);
    if (params->box > 0 && params->box < box)
        return sb_fail(SB_ERR_INPUT, "the frequency box %g (forecast.box) is too small for %s: at least %.4g is needed",
                       params->box, activation->name, box);
    return SB_OK;
}

static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    if (!params->net || strcmp(params->net, "two_layer") != 0)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'lfp' is one of two_layer networks, not of net '%s'",
                       params->net ? params->net : "");
    const lfp_activation *activation = lfp_activation_find(params->activation);
    if (!activation)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'lfp' does not cover the activation %s", params->activation);
    if (params->method && strcmp(params->method, "rk8pd") != 0 && strcmp(params->method, "rkf45") != 0)
        return sb_fail(SB_ERR_INPUT, "the theory 'lfp' has no method '%s' (forecast.method: exact, rk8pd, rkf45)",
                       params->method);
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
    if (activation->rest) return SB_OK; /* moments are all it needs */
    if (!params->in || !(params->in_scale > 0) || !(params->gain > 0))
        return sb_fail(SB_ERR_INPUT, "the theory 'lfp' needs the law of |in| for %s", activation->name);
    return activation->lines ? SB_OK : check_smooth(activation, params, problem);
}

static void lfp_clear(lfp *eq)
{
    free(eq->rate);
    free(eq->phase);
    free(eq->u);
    lfp_features_clear(&eq->extra);
    *eq = (lfp){0};
}

static double choose_period(const lfp_activation *activation, const sb_theory_params *params, const sb_problem *problem)
{
    double period = fmax(problem->b - problem->a, largest_distance(problem));
    if (params->box > 0) return params->box;
    return activation->s2 ? fmax(period, least_box(activation, params, problem, FAR)) : period;
}

/* What the frequencies j >= J add to K(x, x); all = (2/P) sum over all j. */
static double left_out(const lfp *eq, double all)
{
    double kept = 0;
    for (size_t j = eq->modes; j-- > 0;) kept += 2 / eq->period * eq->rate[j]; /* small ones first */
    return all - kept;
}

/* Frequencies beyond which 2 int K^ dxi < 2 xi K^ is below LFP_EDGE of `all`; xi K^ falls faster than 1/xi there. */
static double enough(const sb_theory_params *params, double period, double all)
{
    double xi = 1 / period;
    while (2 * xi * sb_lfp_rate(params, xi) > LFP_EDGE * all) xi *= 1.1;
    return ceil(xi * period);
}

/* Of all wide neurons: level - J^2 D / (4 L) + something that vanishes within the box; the frequencies carry the wedge
 * as J^2 / (2 L) (P/4 - D/2). What they leave out is small: it decays exponentially. */
static sb_status smooth_spectrum(const lfp_activation *activation, const sb_theory_params *params, double from, lfp *eq)
{
    sb_status status = SB_OK;
    double wedge = activation->jump * activation->jump * eq->period / (8 * params->range);
    spectrum s = {activation, params, eq->modes, frequency(eq, 0), 1 / eq->period};
    double *sum = malloc((eq->modes + 2) * sizeof *sum);
    if (!sum) return sb_fail(SB_ERR_NOMEM, "no memory for %zu rates", eq->modes);
    const double *share = sum + eq->modes;
    SB_TRY(lfp_mean(params, from, lfp_beyond(params), eq->modes + 2, add_wide, &s, sum));
    memcpy(eq->rate, sum, eq->modes * sizeof *sum);
    eq->rest = (lfp_rest){.a0 = share[0] * (activation->level - wedge)};
    eq->rest.all = share[1] - eq->rest.a0;
    eq->tail = left_out(eq, eq->rest.all);
    if (eq->tail > LFP_EDGE * share[1])
        status = sb_fail(SB_ERR_INPUT,
                         "the theory 'lfp': forecast.modes = %zu frequencies leave out %.1e of the kernel of %s at "
                         "init.in_scale = %g; forecast.modes = %.0f make it %.0e",
                         eq->modes, eq->tail / share[1], activation->name, params->in_scale,
                         enough(params, eq->period, share[1]), LFP_EDGE);
done:
    free(sum);
    return status;
}

/* The rates, and what is beside them, for the kind of spectrum that the activation has. */
static sb_status set_spectrum(const lfp_activation *activation, const sb_theory_params *params,
                              const sb_problem *problem, lfp *eq)
{
    sb_status status = SB_OK;
    if (activation->lines) {
        memset(eq->rate, 0, eq->modes * sizeof *eq->rate);
        return lfp_line_features(activation, params, problem, &eq->extra);
    }
    if (activation->rest) {
        for (size_t j = 0; j < eq->modes; j++) eq->rate[j] = activation->rate(params, frequency(eq, j));
        activation->rest(params, eq->period, &eq->rest);
        eq->tail = left_out(eq, eq->rest.all);
    } else {
        double from = lfp_wide_from(activation, params->range, extent(problem));
        SB_TRY(smooth_spectrum(activation, params, from, eq));
        SB_TRY(lfp_narrow_features(activation, params, problem, from, &eq->extra));
    }
    if (!params->tail) eq->tail = 0;
done:
    return status;
}

/* exp(-2 pi i xi_j x) = cos + i (-sin); the next frequency multiplies it by exp(-2 pi i x / P), to 1e-15. */
static void set_phase(lfp *eq)
{
    size_t n = eq->n, modes = eq->modes;
    double *turn = eq->u; /* [2][n] */
    for (size_t i = 0; i < n; i++) {
        turn[i] = cos(2 * M_PI * eq->x[i] / eq->period);
        turn[n + i] = -sin(2 * M_PI * eq->x[i] / eq->period);
    }
    for (size_t j = 0; j < modes; j++) {
        double *re = eq->phase + j * n, *im = re + modes * n;
        if (j % TURNS == 0)
            for (size_t i = 0; i < n; i++) {
                double angle = 2 * M_PI * frequency(eq, j) * eq->x[i];
                re[i] = cos(angle);
                im[i] = -sin(angle);
            }
        else
            for (size_t i = 0; i < n; i++) {
                const double *before = re + i - n, c = *before, s = before[modes * n];
                re[i] = c * turn[i] - s * turn[n + i];
                im[i] = c * turn[n + i] + s * turn[i];
            }
    }
}

static sb_status lfp_init(const sb_theory_params *params, const sb_problem *problem, lfp *eq)
{
    const lfp_activation *activation = lfp_activation_find(params->activation);
    size_t n = problem->n, modes = activation->lines ? 1 : params->modes;
    *eq = (lfp){.n = n, .modes = modes, .x = problem->x, .c = problem->c};
    eq->period = choose_period(activation, params, problem);
    eq->rate = malloc(modes * sizeof *eq->rate);
    eq->phase = malloc(2 * modes * n * sizeof *eq->phase);
    eq->u = malloc((2 * n + 2 * modes) * sizeof *eq->u);
    if (!eq->rate || !eq->phase || !eq->u) {
        lfp_clear(eq);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies of %zu points", modes, n);
    }
    eq->cu = eq->u + n;
    eq->force = eq->cu + n;
    set_phase(eq);
    sb_status status = set_spectrum(activation, params, problem, eq);
    if (status != SB_OK) lfp_clear(eq);
    return status;
}

/* The state: amplitude[2 J] (real parts, then imaginary), p0, p1, p2, z[n], f[features]. */
static size_t state_size(const lfp *eq)
{
    return 2 * eq->modes + 3 + eq->n + eq->extra.count;
}

/* u_i = u0_i + (2/P) Re sum_j h^_j exp(2 pi i xi_j x_i) + p0 + p1 x_i + p2 x_i^2 + z_i + features */
static void residual(const lfp *eq, const double *state, double *u)
{
    const double *p = state + 2 * eq->modes, *z = p + 3;
    for (size_t i = 0; i < eq->n; i++) u[i] = eq->u0[i] + p[0] + eq->x[i] * (p[1] + eq->x[i] * p[2]) + z[i];
    sb_gemv_t(2 * eq->modes, eq->n, 2 / eq->period, eq->phase, state, 1, u);
    if (eq->extra.count) sb_gemv_t(eq->extra.count, eq->n, 1, eq->extra.value, z + eq->n, 1, u);
}

static sb_status rate_of_change(void *context, double t, const double *state, double *change)
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
    p[0] = -(eq->rest.a0 * s0 + eq->rest.a2 * s2);
    p[1] = -eq->rest.a1 * s1;
    p[2] = -eq->rest.a2 * s0;
    if (eq->extra.count) sb_gemv(eq->extra.count, n, -1, eq->extra.value, eq->cu, 0, z + n);
    return SB_OK;
}

static sb_status record(void *context, size_t i, const double *state)
{
    const lfp *eq = context;
    residual(eq, state, eq->record + i * eq->n);
    return SB_OK;
}

static sb_status integrate(const sb_theory_params *params, const sb_problem *problem, sb_form form, lfp *eq,
                           const sb_monitor *monitor)
{
    sb_status status = SB_OK;
    double *state = calloc(state_size(eq), sizeof *state), largest = 0;
    if (!state) return sb_fail(SB_ERR_NOMEM, "no memory for %zu equations", state_size(eq));
    for (size_t i = 0; i < eq->n; i++) largest = fmax(largest, fabs(eq->u0[i]));
    sb_ode ode = {.size = state_size(eq), .rate = rate_of_change, .record = record, .context = eq};
    if (form == SB_FORM_FLOW) {
        double tolerance = (params->tolerance > 0 ? params->tolerance : 1e-12) * largest;
        SB_TRY(sb_ode_integrate(&ode, params->method, tolerance, problem->nt, problem->t, monitor, "lfp.flow", state));
    } else {
        SB_TRY(sb_ode_steps(&ode, problem->eta, problem->nt, problem->step, monitor, "lfp.gd", state));
    }
done:
    free(state);
    return status;
}

/* K(x, x') = (2/P) sum_{j < J} K^(xi_j) cos(2 pi xi_j (x - x')) + a0 + a1 x x' + a2 (x^2 + x'^2) + tail (x = x')
 *            + features; uses up the phases */
static void assemble(lfp *eq, double *matrix)
{
    size_t n = eq->n, modes = eq->modes;
    double *wave = eq->phase; /* rows sqrt(2 K^ / P) (cos, -sin), so that wave^T wave is the sum */
    for (size_t j = 0; j < 2 * modes; j++) {
        double root = sqrt(2 / eq->period * eq->rate[j % modes]);
        for (size_t i = 0; i < n; i++) wave[j * n + i] *= root;
    }
    sb_syrk_double(true, n, 2 * modes, 1, wave, n, 0, matrix, n);
    if (eq->extra.count) sb_syrk_double(true, n, eq->extra.count, 1, eq->extra.value, n, 1, matrix, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            double x1 = eq->x[i], x2 = eq->x[k];
            double polynomial = eq->rest.a0 + eq->rest.a1 * x1 * x2 + eq->rest.a2 * (x1 * x1 + x2 * x2);
            matrix[k * n + i] = matrix[i * n + k] += polynomial + (i == k ? eq->tail : 0);
        }
}

static sb_status gram(const sb_theory_params *params, const sb_problem *problem, double *matrix)
{
    sb_status status = SB_OK;
    lfp eq = {0};
    SB_TRY(check(params, problem));
    SB_TRY(lfp_init(params, problem, &eq));
    assemble(&eq, matrix);
done:
    lfp_clear(&eq);
    return status;
}

static sb_status by_modes(const sb_problem *problem, sb_form form, lfp *eq, const sb_monitor *monitor)
{
    sb_status status = SB_OK;
    double *matrix = malloc(eq->n * eq->n * sizeof *matrix);
    if (!matrix) return sb_fail(SB_ERR_NOMEM, "no memory for a kernel of %zu points", eq->n);
    SB_TRY(sb_monitor_progress(monitor, form == SB_FORM_FLOW ? "lfp.flow" : "lfp.gd", 0, 1));
    assemble(eq, matrix);
    SB_TRY(theory_modes(problem, form, matrix, eq->u0, eq->record));
done:
    free(matrix);
    return status;
}

static sb_status solve(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                       const sb_monitor *monitor, double *u)
{
    sb_status status = SB_OK;
    lfp eq = {0};
    SB_TRY(check(params, problem));
    for (size_t i = 0; i < problem->n && status == SB_OK; i++)
        if (!isfinite(u0[i])) status = sb_fail(SB_ERR_NUMERIC, "the residual at t = 0 is not finite at point %zu", i);
    SB_TRY(status);
    SB_TRY(lfp_init(params, problem, &eq));
    eq.u0 = u0;
    eq.record = u;
    SB_TRY(params->method ? integrate(params, problem, form, &eq, monitor) : by_modes(problem, form, &eq, monitor));
done:
    lfp_clear(&eq);
    return status;
}

const sb_theory sb_theory_lfp = {
    .name = "lfp",
    .title = "linear F-Principle: one equation per frequency, 1-D network",
    .citation = "Zhang, Luo, Ma, Xu: A linear frequency principle model (2021); Luo et al.: An upper limit of decaying "
                "rate (2022); On the exact computation of linear frequency principle dynamics (2020)",
    .rung = 40,
    .check = check,
    .solve = solve,
    .gram = gram,
};
