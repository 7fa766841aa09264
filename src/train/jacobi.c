/* Jacobi's iteration for -u'' = g between fixed ends: u_i <- (u_(i-1) + u_(i+1) + h^2 g_i) / 2. */
#include <specbias/poisson.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/jacobi.h>

#include "core/clock.h"

#define MONITOR_WORK 4194304 /* updates of one point between two calls of the monitor */

sb_poisson sb_poisson_default(size_t n)
{
    static const double weight[] = {1, 4, -8, 16}, omega[] = {1, 4, 8, 24};
    return (sb_poisson){.n = n, .terms = 4, .weight = weight, .omega = omega};
}

sb_status sb_poisson_check(const sb_poisson *problem)
{
    double highest = M_PI * (double)problem->n / 2;
    if (problem->n < 2) return sb_fail(SB_ERR_INPUT, "Poisson's equation needs two intervals at least");
    for (size_t i = 0; i < problem->terms; i++) {
        if (!isfinite(problem->weight[i])) return sb_fail(SB_ERR_INPUT, "weight %zu is not finite", i);
        if (!(problem->omega[i] > 0 && problem->omega[i] < highest))
            return sb_fail(SB_ERR_INPUT, "%zu intervals see frequencies above 0 and below %g, not %g", problem->n,
                           highest, problem->omega[i]);
    }
    return SB_OK;
}

double sb_poisson_source(const sb_poisson *problem, double x)
{
    double g = 0;
    for (size_t i = 0; i < problem->terms; i++) g += problem->weight[i] * sin(problem->omega[i] * x);
    return g;
}

/* sum weight (sin(omega x) - x sin(omega)) / eigenvalue: odd, so the linear part makes both ends zero */
static double expansion(const sb_poisson *problem, double x, double (*eigenvalue)(double omega, double h))
{
    double u = 0;
    for (size_t i = 0; i < problem->terms; i++) {
        double omega = problem->omega[i];
        u += problem->weight[i] * (sin(omega * x) - x * sin(omega)) / eigenvalue(omega, 2 / (double)problem->n);
    }
    return u;
}

/* -(sin omega x)'' = omega^2 sin omega x */
static double continuous(double omega, double h)
{
    (void)h;
    return omega * omega;
}

/* -sin omega (x - h) + 2 sin omega x - sin omega (x + h) = 4 sin^2(omega h / 2) sin omega x */
static double differences(double omega, double h)
{
    double root = 2 / h * sin(omega * h / 2);
    return root * root;
}

double sb_poisson_solution(const sb_poisson *problem, double x)
{
    return expansion(problem, x, continuous);
}

double sb_poisson_discrete(const sb_poisson *problem, double x)
{
    return expansion(problem, x, differences);
}

typedef struct session {
    const sb_jacobi_spec *spec;
    const sb_monitor *monitor;
    sb_jacobi *run;
    double *u, *next, *force; /* [n + 1], force = h^2 g / 2 */
    double *sine;             /* [modes][n + 1] 2/n sin(i k pi / n) */
    double *cosines, *sines;  /* [frequencies][n + 1] of 2 pi i k / (n + 1) */
} session;

static sb_status check(const sb_jacobi_spec *spec)
{
    size_t n = spec->problem.n;
    sb_status status = sb_poisson_check(&spec->problem);
    if (status != SB_OK) return status;
    for (size_t i = 1; i < spec->nt; i++)
        if (spec->sweep[i] <= spec->sweep[i - 1])
            return sb_fail(SB_ERR_INPUT, "the sweeps to record must ascend, but %zu follows %zu", spec->sweep[i],
                           spec->sweep[i - 1]);
    for (size_t j = 0; j < spec->modes; j++)
        if (spec->mode[j] < 1 || spec->mode[j] >= n)
            return sb_fail(SB_ERR_INPUT, "%zu intervals have sine modes 1 to %zu, not %zu", n, n - 1, spec->mode[j]);
    for (size_t j = 0; j < spec->frequencies; j++)
        if (spec->frequency[j] > n / 2)
            return sb_fail(SB_ERR_INPUT, "%zu points have frequencies up to %zu, not %zu", n + 1, n / 2,
                           spec->frequency[j]);
    for (size_t i = 0; spec->start && i <= n; i++)
        if (!isfinite(spec->start[i]) || ((i == 0 || i == n) && spec->start[i] != 0))
            return sb_fail(SB_ERR_INPUT, "the start must be finite, and zero at both ends, not %g at point %zu",
                           spec->start[i], i);
    return SB_OK;
}

static sb_status allocate(session *s)
{
    sb_jacobi *run = s->run;
    size_t points = run->n + 1;
    struct {
        double **at;
        size_t count;
    } all[] = {
        {&run->x, points},
        {&run->u_ref, points},
        {&run->u_discrete, points},
        {&run->u, run->nt * points},
        {&run->sine, run->nt * run->modes},
        {&run->predicted, run->nt * run->modes},
        {&run->spectrum, run->frequencies},
        {&run->delta, run->nt * run->frequencies},
        {&run->error, run->nt},
        {&run->algebraic, run->nt},
        {&s->u, points},
        {&s->next, points},
        {&s->force, points},
        {&s->sine, run->modes * points},
        {&s->cosines, run->frequencies * points},
        {&s->sines, run->frequencies * points},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i].at = calloc(all[i].count + 1, sizeof(double));
        if (!*all[i].at) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records of %zu points", run->nt, points);
    }
    return SB_OK;
}

static void session_clear(session *s)
{
    free(s->u);
    free(s->next);
    free(s->force);
    free(s->sine);
    free(s->cosines);
    free(s->sines);
}

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static double largest_difference(size_t n, const double *a, const double *b)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

static double dft_modulus(const session *s, size_t j, const double *u)
{
    size_t points = s->run->n + 1;
    return hypot(dot(points, s->cosines + j * points, u), dot(points, s->sines + j * points, u));
}

/* sin(pi numerator / denominator), the angle reduced first */
static double sine_of(size_t numerator, size_t denominator)
{
    return sin(M_PI * (double)(numerator % (2 * denominator)) / (double)denominator);
}

static double cosine_of(size_t numerator, size_t denominator)
{
    return cos(M_PI * (double)(numerator % (2 * denominator)) / (double)denominator);
}

static sb_status prepare(session *s)
{
    const sb_jacobi_spec *spec = s->spec;
    sb_jacobi *run = s->run;
    size_t n = run->n, points = n + 1;
    double h = 2 / (double)n;
    for (size_t i = 0; i < points; i++) {
        double x = run->x[i] = (2 * (double)i - (double)n) / (double)n;
        run->u_ref[i] = sb_poisson_solution(&spec->problem, x);
        run->u_discrete[i] = sb_poisson_discrete(&spec->problem, x);
        s->force[i] = h * h / 2 * sb_poisson_source(&spec->problem, x);
        s->u[i] = spec->start ? spec->start[i] : 0;
        for (size_t j = 0; j < run->modes; j++) s->sine[j * points + i] = 2 / (double)n * sine_of(i * spec->mode[j], n);
        for (size_t j = 0; j < run->frequencies; j++) {
            s->cosines[j * points + i] = cosine_of(2 * i * spec->frequency[j], points);
            s->sines[j * points + i] = sine_of(2 * i * spec->frequency[j], points);
        }
    }
    run->discretisation = largest_difference(points, run->u_discrete, run->u_ref);
    for (size_t j = 0; j < run->frequencies; j++) {
        run->spectrum[j] = dft_modulus(s, j, run->u_ref);
        if (!(run->spectrum[j] > 1e-10 * sqrt((double)points * dot(points, run->u_ref, run->u_ref))))
            return sb_fail(SB_ERR_INPUT, "the solution has no amplitude at frequency %zu", spec->frequency[j]);
    }
    return SB_OK;
}

static void error_of(const session *s, const double *reference, double *error)
{
    for (size_t i = 0; i <= s->run->n; i++) error[i] = s->u[i] - reference[i];
}

/* start[modes]: the sine coefficients before the first sweep */
static void record(session *s, size_t t, const double *start)
{
    sb_jacobi *run = s->run;
    size_t points = run->n + 1;
    double *error = s->next; /* the next sweep overwrites it */
    memcpy(run->u + t * points, s->u, points * sizeof *s->u);
    run->error[t] = largest_difference(points, s->u, run->u_ref);
    run->algebraic[t] = largest_difference(points, s->u, run->u_discrete);
    error_of(s, run->u_discrete, error);
    for (size_t j = 0; j < run->modes; j++) {
        run->sine[t * run->modes + j] = dot(points, s->sine + j * points, error);
        run->predicted[t * run->modes + j] = start[j] * sb_jacobi_decay(run->n, s->spec->mode[j], s->spec->sweep[t]);
    }
    error_of(s, run->u_ref, error);
    for (size_t j = 0; j < run->frequencies; j++)
        run->delta[t * run->frequencies + j] = dft_modulus(s, j, error) / run->spectrum[j];
    error[0] = error[points - 1] = 0;
}

static void sweep(session *s)
{
    size_t n = s->run->n;
    const double *u = s->u, *force = s->force;
    double *next = s->next;
    for (size_t i = 1; i < n; i++) next[i] = (u[i - 1] + u[i + 1]) / 2 + force[i];
    s->next = s->u;
    s->u = next;
}

static sb_status sweep_and_record(session *s, const double *start)
{
    const sb_jacobi_spec *spec = s->spec;
    size_t done = 0, total = spec->nt > 0 ? spec->sweep[spec->nt - 1] : 0, often = 1 + MONITOR_WORK / s->run->n;
    sb_status status = SB_OK;
    for (size_t t = 0; t < spec->nt; t++) {
        while (done < spec->sweep[t]) {
            sweep(s);
            if (++done % often == 0) SB_TRY(sb_monitor_progress(s->monitor, "jacobi", (double)done, (double)total));
        }
        record(s, t, start);
    }
    SB_TRY(sb_monitor_progress(s->monitor, "jacobi", (double)total, (double)total));
done:
    return status;
}

sb_status sb_jacobi_run(const sb_jacobi_spec *spec, const sb_monitor *monitor, sb_jacobi *run)
{
    double began = sb_seconds(), *start = NULL;
    session s = {.spec = spec, .monitor = monitor, .run = run};
    sb_status status = SB_OK;
    sb_jacobi_clear(run);
    SB_TRY(check(spec));
    *run = (sb_jacobi){.n = spec->problem.n, .nt = spec->nt, .modes = spec->modes, .frequencies = spec->frequencies};
    SB_TRY(allocate(&s));
    SB_TRY(prepare(&s));
    start = calloc(run->modes + 1, sizeof *start);
    if (!start) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", run->modes);
        goto done;
    }
    error_of(&s, run->u_discrete, s.next);
    for (size_t j = 0; j < run->modes; j++) start[j] = dot(run->n + 1, s.sine + j * (run->n + 1), s.next);
    memset(s.next, 0, (run->n + 1) * sizeof *s.next);
    SB_TRY(sweep_and_record(&s, start));
    run->seconds = sb_seconds() - began;
done:
    free(start);
    session_clear(&s);
    if (status != SB_OK) sb_jacobi_clear(run);
    return status;
}

void sb_jacobi_clear(sb_jacobi *run)
{
    free(run->x);
    free(run->u_ref);
    free(run->u_discrete);
    free(run->u);
    free(run->sine);
    free(run->predicted);
    free(run->spectrum);
    free(run->delta);
    free(run->error);
    free(run->algebraic);
    *run = (sb_jacobi){0};
}

size_t sb_jacobi_crossing(const sb_jacobi *run, size_t which, double level)
{
    for (size_t t = 0; t < run->nt; t++)
        if (run->delta[t * run->frequencies + which] < level) return t;
    return run->nt;
}
