/* The damped heat equation of Fourier features behind which there are hidden layers: fourier(M), then dense layers and
 * activations.
 *
 * At infinite width the kernel is K(x, x') = A(phi) + x x' B(phi), phi = phi(x - x') the characteristic function of the
 * features' density rho, so that the equation is that of two layers with effective densities,
 *
 *   U_t = c [ (beta U')' - alpha U ],   alpha(w) = (1 / 2 pi) int (A(phi(z)) - A(0)) exp(-i w z) dz,   beta the same of
 * B.
 *
 * A = sum c_k phi^k: alpha is a sum of self-convolutions of rho. Molina, Petrache, Sahli Costabal, Courdurier (2024)
 * saw that densities rule deeper networks, too; the densities and their constants are ours (theory/README.md).
 *
 * On a lattice of spacing h both are aliased, (h / 2 pi) sum_j (A(phi(j h)) - A(0)) cos(j h w). What goes like phi
 * itself has the aliased rho in closed form, the rest goes like phi^2 and its sum converges for every rho. The constant
 * A(0) of ReLU couples all frequencies to U(0): it is in `gram`, not in the equation, and a target that it would show
 * in is refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/theory.h>

#include "theory/heat/theory.h"

#define SLOPE 1e-4     /* to differentiate A and B at phi = 0 by */
#define FARTHEST 8192  /* lattice points */
#define MESH 0.2       /* between nodes of the densities' tables, per 1 / extent */
#define FINE_MESH 0.02 /* where features are frozen and the table alone is what there is of alpha */
#define LEAKS 1e-2     /* of what is watched, that the constant A(0) may touch */

/* ---- the kernel as a function of phi ---- */

/* <s s'> and <ds ds'> of Gaussian z, z' of variance q and covariance S */
static void relu(double q, double S, double *value, double *slope)
{
    double c = fmin(1, fmax(-1, S / q)), angle = acos(c);
    *value = q / (2 * M_PI) * (sin(angle) + c * (M_PI - angle));
    *slope = (M_PI - angle) / (2 * M_PI);
}

static void erf_like(double q, double S, double *value, double *slope)
{
    double a = 1 + 2 * q;
    *value = 2 / M_PI * asin(2 * S / a);
    *slope = 4 / M_PI / sqrt(a * a - 4 * S * S);
}

typedef void average(double q, double S, double *value, double *slope);

static average *average_of(const char *activation)
{
    return strcmp(activation, "relu") == 0 ? relu : strcmp(activation, "erf") == 0 ? erf_like : NULL;
}

/* Of one unit: S = <y y'>, and the sum of dy/dtheta dy'/dtheta = A + x x' B; q is S at phi = 1 (tangent.h). */
typedef struct deep {
    double S, q, A, B;
} deep;

static deep dense(const sb_wide_layer *l, double fan, deep d)
{
    double w = l->weight2 * fan;
    return (deep){.S = w * d.S + l->bias2,
                  .q = w * d.q + l->bias2,
                  .A = l->weight_trained * fan * d.S + l->bias_trained + w * d.A,
                  .B = w * d.B};
}

static deep activate(const sb_wide_layer *l, deep d)
{
    average *mean = average_of(l->activation);
    double slope, ignored;
    deep to = {0};
    mean(d.q, d.S, &to.S, &slope);
    mean(d.q, d.q, &to.q, &ignored);
    to.A = slope * d.A;
    to.B = slope * d.B;
    return to;
}

static deep kernel_at(const sb_wide_law *law, double phi)
{
    deep d = {.S = phi / 2, .q = 0.5, .B = law->layer->weight_trained * phi / 2};
    for (size_t i = 1; i < law->layers; i++) {
        const sb_wide_layer *l = &law->layer[i];
        d = l->kind == SB_WIDE_DENSE ? dense(l, law->layer[i - 1].units, d) : activate(l, d);
    }
    d.A *= law->gain2;
    d.B *= law->gain2;
    return d;
}

/* ---- effective densities ---- */

typedef struct lattice {
    double h, nyquist;
    size_t far;                  /* lattice points whose part counts */
    double *rest[2];             /* [far + 1] of A and B what is no multiple of phi */
    double constant[2], part[2]; /* A(0), and how much there is of phi itself */
    double *w, *rho[2];          /* [nodes] alpha and beta */
    size_t nodes;
} lattice;

static void lattice_clear(lattice *g)
{
    free(g->rest[0]);
    *g = (lattice){0};
}

static sb_status lattice_create(const sb_theory_params *p, const sb_problem *problem, lattice *g)
{
    double extent = fmax(fabs(problem->x[0]), fabs(problem->x[problem->n - 1])), h = problem->spacing;
    *g = (lattice){.h = h, .nyquist = M_PI / h, .far = FARTHEST};
    g->nodes = 2 + (size_t)ceil(g->nyquist * extent / (p->deep->layer->weight_trained > 0 ? MESH : FINE_MESH));
    g->rest[0] = malloc((2 * (FARTHEST + 1) + 3 * g->nodes) * sizeof(double));
    if (!g->rest[0]) return sb_fail(SB_ERR_NOMEM, "no memory for the effective density on %zu nodes", g->nodes);
    g->rest[1] = g->rest[0] + FARTHEST + 1;
    g->w = g->rest[1] + FARTHEST + 1;
    g->rho[0] = g->w + g->nodes;
    g->rho[1] = g->rho[0] + g->nodes;
    deep none = kernel_at(p->deep, 0), up = kernel_at(p->deep, SLOPE), down = kernel_at(p->deep, -SLOPE);
    g->constant[0] = none.A;
    g->constant[1] = none.B;
    g->part[0] = (up.A - down.A) / (2 * SLOPE);
    g->part[1] = (up.B - down.B) / (2 * SLOPE);
    for (size_t j = 0; j <= FARTHEST; j++) {
        double phi = sb_density_characteristic(p->deep->layer->density, (double)j * h);
        deep d = kernel_at(p->deep, phi);
        g->rest[0][j] = d.A - g->constant[0] - g->part[0] * phi;
        g->rest[1][j] = d.B - g->constant[1] - g->part[1] * phi;
    }
    double least = 1e-15 * (fabs(g->rest[0][0]) + fabs(g->rest[1][0]));
    while (g->far > 0 && fabs(g->rest[0][g->far]) + fabs(g->rest[1][g->far]) <= least) g->far--;
    return SB_OK;
}

/* (h / 2 pi) [ rest_0 + 2 sum_j>0 rest_j cos(j h w) ] + part rho_aliased */
static double effective(const sb_theory_params *p, const lattice *g, size_t which, double w)
{
    double sum = 0, rho = sb_density_aliased(p->deep->layer->density, g->h, w);
    for (size_t j = g->far; j > 0; j--) sum += 2 * g->rest[which][j] * cos((double)j * g->h * w);
    return g->h / (2 * M_PI) * (sum + g->rest[which][0]) + g->part[which] * rho;
}

/* Densities, and their masses: 2 int_0^nyquist */
static sb_status tabulate(const sb_theory_params *p, lattice *g, sb_density density[2], double mass[2])
{
    sb_status status = SB_OK;
    for (size_t which = 0; which < 2; which++) {
        mass[which] = 0;
        for (size_t i = 0; i < g->nodes; i++) {
            g->w[i] = g->nyquist * (double)i / (double)(g->nodes - 1);
            g->rho[which][i] = fmax(0, effective(p, g, which, g->w[i]));
            if (i > 0) mass[which] += (g->w[i] - g->w[i - 1]) * (g->rho[which][i - 1] + g->rho[which][i]);
        }
        sb_density_table table = {g->nodes, g->w, g->rho[which]};
        if (mass[which] > 0) SB_TRY(sb_density_parse("table", &table, &density[which]));
    }
done:
    return status;
}

sb_status sb_heat_effective(const sb_theory_params *p, const sb_problem *problem, size_t count, const double *w,
                            double *alpha, double *beta)
{
    lattice g;
    sb_status status = lattice_create(p, problem, &g);
    for (size_t i = 0; status == SB_OK && i < count; i++) {
        alpha[i] = effective(p, &g, 0, w[i]);
        beta[i] = effective(p, &g, 1, w[i]);
    }
    lattice_clear(&g);
    return status;
}

/* ---- the theory ---- */

static sb_status check_network(const sb_theory_params *p, const sb_problem *problem)
{
    if (!p->deep)
        return sb_fail(
            SB_ERR_UNSUPPORTED,
            "the theory 'heat.deep' is one of Fourier features and dense layers behind them, not of net '%s'", p->net);
    for (size_t i = 1; i < p->deep->layers; i++)
        if (p->deep->layer[i].kind == SB_WIDE_ACTIVATION && !average_of(p->deep->layer[i].activation))
            return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'heat.deep' does not cover the activation %s (relu, erf)",
                           p->deep->layer[i].activation);
    if (problem->dim != 1 || !problem->uniform || p->points)
        return sb_fail(SB_ERR_UNSUPPORTED, "the theory 'heat.deep' needs a uniform grid of one dimension");
    return SB_OK;
}

/* A(0) moves the constant part of u, U(0) / |Omega|, which frequency w sees as U(0) W(w) / |Omega|, W = h sum exp(-i w
 * x). */
static sb_status check_constant(const sb_problem *problem)
{
    double mean = 0, n = (double)problem->n;
    for (size_t i = 0; i < problem->n; i++) mean += problem->y[i] / n;
    for (size_t k = 0; k < problem->grid.n; k++) {
        double complex window = 0, target = 0;
        for (size_t i = 0; i < problem->n; i++) {
            double complex wave = cexp(-2 * M_PI * I * problem->grid.xi[k] * problem->x[i]);
            window += wave;
            target += problem->y[i] * wave;
        }
        if (cabs(mean * window) > LEAKS * cabs(target))
            return sb_fail(
                SB_ERR_UNSUPPORTED,
                "the theory 'heat.deep' needs a target without a constant part: at frequency %g it is %.2g of "
                "what is watched",
                problem->grid.label[k], cabs(mean * window) / cabs(target));
    }
    return SB_OK;
}

/* Makes the equation of two layers, with the densities in the place of rho. */
static sb_status make_equation(const sb_theory_params *params, const sb_problem *problem, sb_density density[2],
                               sb_heat *heat)
{
    double mass[2];
    lattice g = {0};
    sb_theory_params p = *params;
    sb_status status = SB_OK;
    SB_TRY(check_network(params, problem));
    SB_TRY(lattice_create(params, problem, &g));
    SB_TRY(tabulate(params, &g, density, mass));
    p.net = "fourier";
    p.density = density;
    p.gain = mass[0];
    p.out2 = mass[1] / mass[0];
    p.alias = true;
    SB_TRY(sb_heat_uniform_check(&p, problem));
    *heat = sb_heat_of(&p, problem);
    heat->slope = mass[1] > 0 ? density + 1 : NULL;
done:
    lattice_clear(&g);
    return status;
}

static sb_status check(const sb_theory_params *params, const sb_problem *problem)
{
    sb_density density[2] = {0};
    sb_heat heat;
    sb_status status = make_equation(params, problem, density, &heat);
    if (status == SB_OK) status = kernel_at(params->deep, 0).A == 0 ? SB_OK : check_constant(problem);
    sb_density_clear(&density[0]);
    sb_density_clear(&density[1]);
    return status;
}

static sb_status amplitude(const sb_theory_params *params, const sb_problem *problem, sb_form form, const double *u0,
                           const sb_monitor *monitor, double complex *amp)
{
    sb_density density[2] = {0};
    sb_heat heat;
    sb_status status = make_equation(params, problem, density, &heat);
    if (status == SB_OK) status = sb_heat_amplitude(&heat, NULL, problem, form, u0, monitor, amp);
    sb_density_clear(&density[0]);
    sb_density_clear(&density[1]);
    return status;
}

static sb_status gram(const sb_theory_params *params, const sb_problem *problem, double *matrix)
{
    const double *x = problem->x;
    size_t n = problem->n;
    sb_status status = check_network(params, problem);
    for (size_t i = 0; status == SB_OK && i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            deep d = kernel_at(params->deep, sb_density_characteristic(params->deep->layer->density, x[i] - x[j]));
            matrix[i * n + j] = matrix[j * n + i] = d.A + x[i] * x[j] * d.B;
        }
    return status;
}

const sb_theory sb_theory_heat_deep = {
    .name = "heat.deep",
    .title = "damped heat equation with effective densities, hidden layers behind Fourier features",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier: Understanding the dynamics of the frequency bias in "
                "neural networks (2024), with the densities of theory/README.md",
    .rung = 45,
    .check = check,
    .amplitude = amplitude,
    .gram = gram,
};
