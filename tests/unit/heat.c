/* The damped heat equation of Fourier features (theory/README.md, section heat): closed forms, the exact kernel on the
 * data, orders of convergence, and the traps: aliasing, boundary conditions, steps against flow. */
#include "common/test.h"

#include <specbias/heat.h>
#include <specbias/theory.h>

#include "common/problems.h"

static const sb_theory *heat_theory(void)
{
    const sb_theory *theory = sb_theory_find("heat");
    assert_non_null(theory);
    return theory;
}

static void parse(const char *text, sb_density *density)
{
    assert_ok(sb_density_parse(text, NULL, density));
}

/* ---- starts ---- */

/* A residual -sum_j amplitude_j exp(-x^2 / 2 tau^2) cos(k_j x + phase_j) on the whole line. */
typedef struct packets {
    size_t n;
    double tau;
    const double *k, *phase;
} packets;

static double complex packet(double tau, double k, double phase, double w)
{
    return -0.5 * sqrt(2 * M_PI) * tau *
           (cexp(I * phase) * exp(-tau * tau * (w - k) * (w - k) / 2) +
            cexp(-I * phase) * exp(-tau * tau * (w + k) * (w + k) / 2));
}

static void start_packets(const void *context, size_t count, const double *w, double complex *U)
{
    const packets *p = context;
    for (size_t i = 0; i < count; i++) {
        U[i] = 0;
        for (size_t j = 0; j < p->n; j++) U[i] += packet(p->tau, p->k[j], p->phase[j], w[i]);
    }
}

/* U(w) = re(w) + i im(w) of a pair of real functions, even and odd. */
typedef struct parts {
    double (*re)(double w, double number);
    double (*im)(double w, double number);
    double number;
} parts;

static void start_parts(const void *context, size_t count, const double *w, double complex *U)
{
    const parts *p = context;
    for (size_t i = 0; i < count; i++)
        U[i] = (p->re ? p->re(w[i], p->number) : 0) + (p->im ? p->im(w[i], p->number) * I : 0);
}

static sb_heat_query query_of(void (*start)(const void *, size_t, const double *, double complex *),
                              const void *context, size_t nt, const double *t, size_t nw, const double *w)
{
    return (sb_heat_query){
        .start = start, .context = context, .form = SB_FORM_FLOW, .nt = nt, .t = t, .nw = nw, .w = w};
}

/* ---- R1: no diffusion ---- */

static double one(double w, double number)
{
    (void)w, (void)number;
    return 1;
}

static void rates_without_diffusion(void **state)
{
    static const struct {
        const char *density;
        double lattice, rate[3];
    } cases[] = {
        {"gaussian(12)", 0, {.0658657986505, .017362036024, .000773503467376}},
        {"laplace(12)", 0, {.0625291528157, .016482505731, .00434474133967}},
        {"cauchy(10)", 0, {.0574712643678, .0133333333333, .00477554918816}},
        {"student(16, 3)", 0, {.0738177623991, .0126908586159, .00226733269565}},
        {"uniform(48)", 0, {.0218166156499, .0218166156499, .0218166156499}},
        {"epanechnikov(56)", 0, {.0279068224968, .0244721366511, .0164578696776}},
        {"0.6 uniform(48) + 0.4 gaussian(6)", 0, {.0576933252723, .0133053121617, .0130899702383}},
        {"cauchy(10)", 3.0 / 64, {.0586896320634, .0146041645514, .00618352567813}},
    };
    static const double w[] = {4, 20, 36}, t[] = {0, 1}, steps[] = {0, 4};
    parts start = {.re = one};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_density density = {0};
        double complex U[6];
        parse(cases[i].density, &density);
        sb_heat heat = {.dim = 1, .density = &density, .c = 2 * M_PI / 3, .lattice = cases[i].lattice};
        sb_heat_query query = query_of(start_parts, &start, 2, t, 3, w);
        assert_ok(sb_heat_solve(&heat, &query, NULL, U));
        for (size_t k = 0; k < 3; k++) {
            assert_true(U[k] == 1);
            assert_close(-log(creal(U[3 + k])), cases[i].rate[k], 1e-10);
        }
        query.form = SB_FORM_GD;
        query.eta = 0.25;
        query.step = steps;
        assert_ok(sb_heat_solve(&heat, &query, NULL, U));
        for (size_t k = 0; k < 3; k++) assert_close(creal(U[3 + k]), pow(1 - cases[i].rate[k] / 4, 4), 1e-11);
        sb_density_clear(&density);
    }
}

/* ---- R2, HS1: constant density ---- */

/* The packet under c rho0 = kappa / .. on the whole line: tau_t^-2 = tau^-2 + 2 kappa sa2 t. */
static double complex exact_packet(double kappa, double sa2, double tau, double k, double phase, double w, double t)
{
    double tau_t = 1 / sqrt(1 / (tau * tau) + 2 * kappa * sa2 * t);
    return exp(-kappa * t) * packet(tau_t, k, phase, w);
}

static const double constant_k[] = {12}, constant_phase[] = {.3};
static const packets constant_start = {1, .45, constant_k, constant_phase};

static void constant_density_reference(void **state)
{
    static const struct {
        double w, t;
        double complex U;
    } cases[] = {
        {12, 10, -.449085463727 - .138918413104 * I},
        {12, 200, -.0320745317175 - .00992178311274 * I},
        {9.5, 50, -.167233800551 - .0517314766691 * I},
        {15, 200, -.0260436774362 - .00805625256966 * I},
        {0, 200, -.00229019378953},
    };
    sb_density density = {0};
    (void)state;
    parse("uniform(48)", &density);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 4, .extent = M_PI, .mesh = .05, .richardson = true};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double complex U;
        sb_heat_query query = query_of(start_packets, &constant_start, 1, &cases[i].t, 1, &cases[i].w);
        assert_at_most(cabs(exact_packet(1.0 / 96, 4, .45, 12, .3, cases[i].w, cases[i].t) - cases[i].U), 1e-11);
        assert_ok(sb_heat_solve(&heat, &query, NULL, &U));
        assert_at_most(cabs(U - cases[i].U), 1e-9);
    }
    sb_density_clear(&density);
}

/* largest error over [0, 30] and t = 10, 50, 200 */
static double constant_density_error(double mesh, bool richardson)
{
    enum { NW = 61, NT = 3 };
    static const double t[NT] = {10, 50, 200};
    double w[NW], largest = 0;
    double complex U[NT * NW];
    sb_density density = {0};
    parse("uniform(48)", &density);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 4, .extent = M_PI, .mesh = mesh};
    heat.richardson = richardson;
    for (size_t i = 0; i < NW; i++) w[i] = (double)i / 2;
    sb_heat_query query = query_of(start_packets, &constant_start, NT, t, NW, w);
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    for (size_t i = 0; i < NT; i++)
        for (size_t k = 0; k < NW; k++)
            largest = fmax(largest, cabs(U[i * NW + k] - exact_packet(1.0 / 96, 4, .45, 12, .3, w[k], t[i])));
    sb_density_clear(&density);
    return largest;
}

static void order_of_the_elements(void **state)
{
    static const double mesh[] = {.25, .125, .0625, .03125};
    double plain[4], extrapolated[4];
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        plain[i] = constant_density_error(mesh[i], false);
        extrapolated[i] = constant_density_error(mesh[i], true);
    }
    assert_near(measured_order(4, mesh, plain), 2, 0.02);
    assert_near(measured_order(3, mesh, extrapolated), 4, 0.1);
    assert_at_most(extrapolated[3], 1e-9);
}

/* A mesh that is far too coarse is halved until that changes little, or refused. */
static void coarse_meshes(void **state)
{
    double complex U;
    double t = 50, w = 9.5;
    sb_density density = {0}, wide = {0};
    (void)state;
    parse("uniform(48)", &density);
    parse("uniform(480)", &wide);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 4, .extent = M_PI, .mesh = 8};
    sb_heat_query query = query_of(start_packets, &constant_start, 1, &t, 1, &w);
    double complex exact = exact_packet(1.0 / 96, 4, .45, 12, .3, w, t);
    assert_ok(sb_heat_solve(&heat, &query, NULL, &U));
    assert_at_least(cabs(U - exact), 3e-3);
    heat.richardson = true;
    assert_ok(sb_heat_solve(&heat, &query, NULL, &U));
    assert_at_most(cabs(U - exact), 1e-4);
    heat.density = &wide;
    heat.c = 10;
    heat.mesh = 60;
    assert_fails(sb_heat_solve(&heat, &query, NULL, &U), SB_ERR_NUMERIC, "the mesh does not resolve");
    sb_density_clear(&density);
    sb_density_clear(&wide);
}

/* ---- R3, HS2: a uniform band without flow through its ends ---- */

static double near_20(double w, double number)
{
    return exp(-(w - 20) * (w - 20) / number);
}

static void uniform_band_reference(void **state)
{
    static const double w[] = {0, 10, 20, 24}, t[] = {10, 100, 500};
    double complex U[12];
    parts start = {.re = near_20, .number = 18};
    sb_density density = {0};
    (void)state;
    parse("uniform(24)", &density);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 2.25, .extent = M_PI, .mesh = .1};
    heat.richardson = true;
    sb_heat_query query = query_of(start_parts, &start, 3, t, 4, w);
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    assert_near(creal(U[3]), .455249735978, 1e-8);
    assert_near(creal(U[7]), .0935445271159, 1e-8);
    assert_near(creal(U[6]), .0923110452532, 1e-8);
    assert_near(creal(U[5]), .00573427625374, 1e-8);
    assert_near(creal(U[8]), 6.76388311449e-7, 1e-12);
    sb_density_clear(&density);
}

static double even_mode(double w, double j)
{
    return cos(j * M_PI * w / 24);
}

static double odd_mode(double w, double j)
{
    return sin((j + 0.5) * M_PI * w / 24);
}

/* The rate of a start that is an eigenfunction, from the last of the wanted frequencies. */
static double measured_rate(const sb_heat *heat, parts start, size_t nw, const double *w)
{
    static const double t[] = {0, 40};
    double complex U[2 * 8];
    sb_heat_query query = query_of(start_parts, &start, 2, t, nw, w);
    assert_ok(sb_heat_solve(heat, &query, NULL, U));
    double rate = -log(cabs(U[2 * nw - 1]) / cabs(U[nw - 1])) / t[1];
    for (size_t k = 0; k < nw; k++) assert_at_most(cabs(U[nw + k] - U[k] * exp(-rate * t[1])), 1e-4); /* the shape */
    return rate;
}

static void uniform_band_rates(void **state)
{
    static const double w[] = {3, 11.5, 24};
    static const double noted_even[] = {.0208333333333, .0216365237957, .0240460951826, .0280620474943, .0336843807306};
    static const double noted_odd[] = {.0210341309489, .0226405118736, .0258532737229};
    double even = 0, odd = 0, even4 = 0, odd4 = 0;
    sb_density density = {0};
    (void)state;
    parse("uniform(24)", &density);
    for (int j = 0; j < 6; j++) {
        sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 2.25, .extent = M_PI, .mesh = .1};
        double p = j * M_PI / 24, q = (j + .5) * M_PI / 24;
        double even_rate = (1 + 2.25 * p * p) / 48, odd_rate = (1 + 2.25 * q * q) / 48;
        if (j < 5) assert_near(even_rate, noted_even[j], 1e-12);
        if (j < 3) assert_near(odd_rate, noted_odd[j], 1e-12);
        parts even_start = {.re = even_mode, .number = j}, odd_start = {.im = odd_mode, .number = j};
        even = fmax(even, fabs(measured_rate(&heat, even_start, 3, w) - even_rate));
        odd = fmax(odd, fabs(measured_rate(&heat, odd_start, 3, w) - odd_rate));
        heat.richardson = true;
        even4 = fmax(even4, fabs(measured_rate(&heat, even_start, 3, w) - even_rate));
        odd4 = fmax(odd4, fabs(measured_rate(&heat, odd_start, 3, w) - odd_rate));
    }
    assert_close(even, 7.2e-6, 0.03);
    assert_close(odd, 1.05e-5, 0.03);
    assert_at_most(even4, 1e-9);
    assert_at_most(odd4, 1e-9);
    sb_density_clear(&density);
}

/* ---- HS3: Epanechnikov, degenerate at the edge ---- */

enum { LEGENDRE = 50 }; /* polynomials of each parity */

/* -((1 - x^2) y')' - g^2 x^2 y = mu y: eigenvectors in normalised Legendre polynomials of one parity, ascending in mu.
 */
static void spheroidal(double g, size_t parity, sb_eigen *eigen)
{
    double *matrix = new_doubles(LEGENDRE * LEGENDRE);
    for (size_t i = 0; i < LEGENDRE; i++) {
        double l = (double)(2 * i + parity);
        double below = l * l / (4 * l * l - 1), above = (l + 1) * (l + 1) / (4 * (l + 1) * (l + 1) - 1);
        double two = (l + 2) * (l + 2) / (4 * (l + 2) * (l + 2) - 1);
        matrix[i * LEGENDRE + i] = l * (l + 1) - g * g * (above + below);
        if (i + 1 < LEGENDRE)
            matrix[i * LEGENDRE + i + 1] = matrix[(i + 1) * LEGENDRE + i] = -g * g * sqrt(above * two);
    }
    assert_ok(sb_eigen_symmetric(matrix, LEGENDRE, false, eigen));
    free(matrix);
}

typedef struct legendre_sum {
    size_t parity;
    double scale;
    const double *weight; /* [LEGENDRE] */
} legendre_sum;

static double legendre_value(const legendre_sum *s, double x)
{
    double before = 0, now = 1, sum = 0;
    for (size_t l = 0; l < 2 * LEGENDRE; l++) {
        if (l % 2 == s->parity) sum += s->weight[l / 2] * sqrt((double)l + 0.5) * now;
        double next = ((2 * (double)l + 1) * x * now - (double)l * before) / ((double)l + 1);
        before = now;
        now = next;
    }
    return sum;
}

static void start_legendre(const void *context, size_t count, const double *w, double complex *U)
{
    const legendre_sum *s = context;
    for (size_t i = 0; i < count; i++) U[i] = legendre_value(s, w[i] / s->scale) * (s->parity ? I : 1);
}

static double epanechnikov_rate(const sb_density *density, double mesh, bool richardson, legendre_sum *start)
{
    static const double t[] = {0, 30}, w[] = {10, 24};
    double complex U[4];
    sb_heat heat = {.dim = 1, .density = density, .c = 1, .sa2 = 2.25, .extent = M_PI, .mesh = mesh};
    heat.richardson = richardson;
    sb_heat_query query = query_of(start_legendre, start, 2, t, 2, w);
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    return -log(cabs(U[2]) / cabs(U[0])) / t[1];
}

static void epanechnikov_rates(void **state)
{
    static const double mu[] = {-225.0167005661454,  -225.01670056604803, -165.27148562823433,
                                -165.27148532817233, -110.30637026703577, -110.30619336874656}; /* obl_cv(0, n, 16) */
    static const double mesh[] = {.4, .2, .1};
    sb_density density = {0};
    (void)state;
    parse("epanechnikov(24)", &density);
    for (size_t parity = 0; parity < 2; parity++) {
        sb_eigen eigen = {0};
        spheroidal(16, parity, &eigen);
        for (size_t j = 0; j < 3; j++) {
            size_t k = LEGENDRE - 1 - j; /* eigenvalues descend */
            legendre_sum start = {parity, 24, eigen.vector + k * LEGENDRE};
            double wanted = 3.0 / 96 * (1 + eigen.lambda[k] / 256), error[3];
            for (size_t i = 0; i < 3; i++)
                error[i] = fabs(epanechnikov_rate(&density, mesh[i], false, &start) / wanted - 1);
            double last = fabs(epanechnikov_rate(&density, .05, true, &start) / wanted - 1);
            assert_close(eigen.lambda[k], mu[2 * j + parity], 1e-11);
            assert_near(measured_order(3, mesh, error), 2, 0.1);
            assert_at_most(last, 1e-7);
        }
        sb_eigen_clear(&eigen);
    }
    sb_density_clear(&density);
}

/* ---- the test bed: five tones in a window, on a grid of [-pi, pi] ---- */

enum { TONES = 5 };
static const double bed_k[TONES] = {4, 12, 20, 28, 36}, bed_phase[TONES] = {.3, 1.1, -.7, 2, .9};

/* y = sum_j exp(-x^2 / 2 tau^2) cos(k_j x + phase_j) on n midpoints of [a, b]; angular frequencies are observed */
static void make_bed(sb_problem *problem, size_t n, double a, double b, double tau, size_t tones, const double *k,
                     const double *phase)
{
    double xi[TONES];
    assert_ok(sb_problem_init(problem, n, 1, a, b));
    problem->uniform = true;
    problem->spacing = (b - a) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double x = problem->x[i] = a + ((double)i + 0.5) * problem->spacing;
        problem->q[i] = problem->spacing;
        for (size_t j = 0; j < tones; j++) problem->y[i] += exp(-x * x / (2 * tau * tau)) * cos(k[j] * x + phase[j]);
    }
    for (size_t j = 0; j < tones; j++) xi[j] = k[j] / (2 * M_PI);
    assert_ok(sb_problem_set_grid(problem, tones, xi, k, "angular"));
    assert_ok(sb_problem_observe(problem));
}

static sb_theory_params params_of(const sb_density *density, double sa)
{
    return (sb_theory_params){.net = "fourier", .gain = 1, .out2 = sa * sa, .density = density, .alias = true};
}

/* amp[nt][nxi] of the exact kernel */
static void exact_amplitude(const sb_theory_params *params, const sb_problem *problem, sb_form form,
                            double complex *amp)
{
    double *gram = new_doubles(problem->n * problem->n);
    assert_ok(heat_theory()->gram(params, problem, gram));
    kernel_amplitude(problem, gram, form, amp);
    free(gram);
}

static void heat_amplitude(const char *name, const sb_theory_params *params, const sb_problem *problem, sb_form form,
                           double complex *amp)
{
    double *u0 = new_doubles(problem->n);
    start_residual(problem, u0);
    assert_ok(sb_theory_find(name)->amplitude(params, problem, form, u0, NULL, amp));
    free(u0);
}

/* max over records and frequencies of | |a| - |b| | / |b(0)| */
static double largest_error(const sb_problem *problem, const double complex *a, const double complex *b)
{
    double largest = 0;
    size_t nxi = problem->grid.n;
    for (size_t i = 0; i < problem->nt * nxi; i++) {
        double gap = fabs(cabs(a[i]) - cabs(b[i])) / cabs(b[i % nxi]);
        if (!(gap <= largest)) largest = gap;
    }
    return largest;
}

/* The equation against the exact kernel, up to three times the slowest tone's time. */
static double bed_error(const char *name, const sb_theory_params *params, sb_form form, double eta)
{
    sb_problem problem = {0};
    make_bed(&problem, 256, -M_PI, M_PI, .45, TONES, bed_k, bed_phase);
    double end = 3 / sb_density_value(params->density, 36);
    assert_ok(sb_problem_set_times(&problem, eta > 0 ? eta : end / 4000, (size_t)(eta > 0 ? end / eta : 4000), 24));
    double complex *amp = malloc(2 * problem.nt * TONES * sizeof *amp), *exact = amp + problem.nt * TONES;
    assert_non_null(amp);
    exact_amplitude(params, &problem, form, exact);
    heat_amplitude(name, params, &problem, form, amp);
    double error = largest_error(&problem, amp, exact);
    free(amp);
    sb_problem_clear(&problem);
    return error;
}

/* Measured at sigma_a = 0, 1, 3: gaussian 7e-9, 3e-8, 2e-8; bumps 3e-9, 4e-7, 5e-7; epanechnikov 1e-12, 6e-10, 1e-8;
 * laplace 2e-5 (its kink at 0 is blurred by the finite domain); cauchy and student 4e-11, 8e-10, 2e-9; uniform and the
 * mixture 2e-9, 3e-7, 6e-5 (the jump at the edge of the band is blurred). */
static void flow_is_the_exact_kernel(void **state)
{
    static const struct {
        const char *density;
        double bound;
    } cases[] = {
        {"gaussian(12)", 1e-6},     {"bumps(22, 8)", 1e-6},
        {"epanechnikov(56)", 1e-6}, {"laplace(12)", 1e-4},
        {"cauchy(10)", 1e-4},       {"student(16, 3)", 1e-4},
        {"uniform(48)", 1e-4},      {"0.6 uniform(48) + 0.4 gaussian(6)", 1e-4},
    };
    static const double sa[] = {0, 1, 3};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_density density = {0};
        parse(cases[i].density, &density);
        for (size_t j = 0; j < 3; j++) {
            sb_theory_params params = params_of(&density, sa[j]);
            double error = bed_error("heat", &params, SB_FORM_FLOW, 0);
            assert_at_most(error, cases[i].bound);
            if (sanitized()) break;
        }
        sb_density_clear(&density);
    }
}

/* Without aliasing the tail beyond the Nyquist frequency is missed: 2.6e-2. */
static void heavy_tails_must_be_aliased(void **state)
{
    sb_density density = {0};
    (void)state;
    parse("cauchy(10)", &density);
    sb_theory_params params = params_of(&density, 1);
    assert_at_most(bed_error("heat", &params, SB_FORM_FLOW, 0), 1e-8);
    params.alias = false;
    assert_near(bed_error("heat", &params, SB_FORM_FLOW, 0), 2.5e-2, 1e-3);
    params.out2 = 0;
    assert_near(bed_error("heat", &params, SB_FORM_FLOW, 0), 2.6e-2, 1e-3);
    sb_density_clear(&density);
}

static double bed_largest_rate(const sb_theory_params *params)
{
    sb_problem problem = {0};
    double *gram = new_doubles(256 * 256), rate;
    make_bed(&problem, 256, -M_PI, M_PI, .45, TONES, bed_k, bed_phase);
    assert_ok(heat_theory()->gram(params, &problem, gram));
    assert_ok(largest_rate(&problem, gram, &rate));
    free(gram);
    sb_problem_clear(&problem);
    return rate;
}

/* Steps of a tenth up to 1.9 times the inverse of the largest rate, at which they are as far from the flow as they can
 * be. */
static void steps_are_those_of_the_kernel(void **state)
{
    static const double part[] = {.1, .5, 1, 1.9};
    sb_density density = {0};
    (void)state;
    parse("gaussian(12)", &density);
    sb_theory_params params = params_of(&density, 1);
    double largest = bed_largest_rate(&params);
    for (size_t i = 0; i < 4; i++) {
        double error = bed_error("heat", &params, SB_FORM_GD, part[i] / largest);
        assert_at_most(error, 1e-6);
        if (sanitized()) break;
    }
    sb_density_clear(&density);
}

/* The rate law is the heat equation of features that are not trained; the kernel agrees. */
static void rate_law_is_exact_without_diffusion(void **state)
{
    sb_density density = {0};
    (void)state;
    parse("gaussian(12)", &density);
    sb_theory_params frozen = params_of(&density, 1);
    frozen.frozen = true;
    assert_at_most(bed_error("heat.rate", &frozen, SB_FORM_FLOW, 0), 1e-8);
    assert_at_most(bed_error("heat", &frozen, SB_FORM_FLOW, 0), 1e-8);
    sb_density_clear(&density);
}

/* ---- R5: Gram flow of 64 points ---- */

typedef struct small_case {
    sb_density density;
    sb_theory_params params;
    sb_problem problem;
    double *gram, *u0;
    kernel_view view;
} small_case;

static void small_case_make(small_case *c)
{
    static const double k[] = {3, 9, 15}, phase[] = {0, 1, -.5}, steps[] = {0, 10, 50};
    *c = (small_case){0};
    parse("gaussian(8)", &c->density);
    c->params = params_of(&c->density, 1);
    make_bed(&c->problem, 64, -M_PI, M_PI, .45, 3, k, phase);
    set_steps(&c->problem, 1, 3, steps);
    c->gram = new_doubles(64 * 64);
    c->u0 = new_doubles(64);
    start_residual(&c->problem, c->u0);
    assert_ok(heat_theory()->gram(&c->params, &c->problem, c->gram));
    open_view(&c->problem, c->gram, &c->view);
}

static void small_case_clear(small_case *c)
{
    close_view(&c->view);
    sb_problem_clear(&c->problem);
    sb_density_clear(&c->density);
    free(c->gram);
    free(c->u0);
}

/* E(k, t) by the kernel's eigenpairs */
static double error_at(const small_case *c, size_t k, double t)
{
    double u[64], err[3];
    sb_rule flow = rule_of(&c->problem, SB_FORM_FLOW);
    assert_ok(sb_kernel_residuals(&c->view.modes, &flow, c->u0, 1, &t, u));
    relative_errors(&c->problem, u, err);
    return err[k];
}

static double half_time(const small_case *c, size_t k)
{
    double low = 0, high = 200;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(error_at(c, k, middle) > 0.5 ? &low : &high) = middle;
    }
    return low;
}

static void gram_reference(void **state)
{
    static const double complex flow[2][3] = {
        {-.349017345496 - .012483706101 * I, -.250821823214 - .338725419249 * I, -.454562505464 + .230844894495 * I},
        {-.050588938282 - .005605123942 * I, -.086086619677 - .096597762490 * I, -.303645733493 + .147155457323 * I}};
    static const double complex steps[3] = {-.047765521456 - .005526022398 * I, -.084557031955 - .094229567753 * I,
                                            -.302852054274 + .146673067335 * I};
    static const double times[] = {13.453415955, 22.749938582, 67.316652641};
    double complex amp[9];
    double slope = 0;
    small_case c;
    (void)state;
    small_case_make(&c);
    for (size_t i = 0; i < 64; i++)
        for (size_t j = 0; j < i; j++) assert_true(c.gram[i * 64 + j] == c.gram[j * 64 + i]);
    assert_near(c.view.modes.linear.eigen.lambda[0], .407683732424, 1e-12);
    assert_near(c.view.modes.linear.eigen.lambda[1], .407683732424, 1e-12);
    assert_near(c.view.modes.linear.eigen.lambda[2], .312947837522, 1e-12);
    exact_amplitude(&c.params, &c.problem, SB_FORM_FLOW, amp);
    for (size_t k = 0; k < 3; k++) {
        assert_at_most(cabs(amp[3 + k] - flow[0][k]), 2e-12);
        assert_at_most(cabs(amp[6 + k] - flow[1][k]), 2e-12);
        double log_time = log10(half_time(&c, k));
        assert_near(half_time(&c, k), times[k], 1e-8);
        slope += ((double)k / 2 - 0.5) * log_time / 0.5; /* over (k - k_min) / (k_max - k_min) */
    }
    assert_near(slope, .699289942, 1e-8); /* the frequency bias index */
    exact_amplitude(&c.params, &c.problem, SB_FORM_GD, amp);
    for (size_t k = 0; k < 3; k++) assert_at_most(cabs(amp[6 + k] - steps[k]), 2e-12);
    /* and the equation */
    heat_amplitude("heat", &c.params, &c.problem, SB_FORM_FLOW, amp);
    for (size_t k = 0; k < 3; k++) assert_at_most(cabs(amp[6 + k] - flow[1][k]), 1e-7);
    heat_amplitude("heat", &c.params, &c.problem, SB_FORM_GD, amp);
    for (size_t k = 0; k < 3; k++) assert_at_most(cabs(amp[6 + k] - steps[k]), 1e-7);
    small_case_clear(&c);
}

/* ---- HS5: Cauchy on [-R, R], not trained: rates g / ((g^2 + om^2) R) ---- */

static double cauchy_frequency(double g, double R, size_t j)
{
    /* om tan(om R) = g and om cot(om R) = -g in turn: one root in each quarter */
    double low = (double)j * M_PI / 2 / R, high = low + M_PI / 2 / R;
    for (int i = 0; i < 100; i++) {
        double om = (low + high) / 2;
        double value = j % 2 == 0 ? om * sin(om * R) - g * cos(om * R) : om * cos(om * R) + g * sin(om * R);
        double sign = (j / 2) % 2 == 0 ? 1 : -1;
        bool below = j % 2 == 0 ? sign * value < 0 : sign * value > 0;
        *(below ? &low : &high) = om;
    }
    return low;
}

static void cauchy_rates(void **state)
{
    static const double n[] = {100, 200, 400}, g = 2;
    double error[3];
    sb_density density = {0};
    (void)state;
    parse("cauchy(2)", &density);
    sb_theory_params params = params_of(&density, 0);
    for (size_t i = 0; i < 3; i++) {
        sb_problem problem = {0};
        sb_eigen eigen = {0};
        size_t points = (size_t)n[i];
        double *gram = new_doubles(points * points);
        make_bed(&problem, points, -M_PI, M_PI, .45, 1, bed_k, bed_phase);
        assert_ok(heat_theory()->gram(&params, &problem, gram));
        assert_ok(sb_eigen_symmetric(gram, points, true, &eigen));
        error[i] = 0;
        for (size_t j = 0; j < 6; j++) {
            double om = cauchy_frequency(g, M_PI, j);
            error[i] = fmax(error[i], fabs(eigen.lambda[j] / n[i] - g / ((g * g + om * om) * M_PI)));
        }
        sb_eigen_clear(&eigen);
        sb_problem_clear(&problem);
        free(gram);
    }
    assert_near(measured_order(3, n, error), -2, 0.05);
    assert_at_most(error[2], 2e-5);
    sb_density_clear(&density);
}

/* ---- the ways through time ---- */

/* U[3][2] of packets under a Gaussian density; 0 and negative frequencies among the wanted. */
static sb_status run_method(const char *method, sb_form form, double mesh, size_t max_steps, double complex *U)
{
    static const double t[] = {5, 50, 400}, step[] = {10, 100, 800}, w[] = {4, -12}, k[] = {4, 12};
    packets start = {2, .45, k, bed_phase};
    sb_density density = {0};
    parse("gaussian(12)", &density);
    sb_heat heat = {.dim = 1,
                    .density = &density,
                    .c = 1,
                    .sa2 = 1,
                    .extent = M_PI,
                    .mesh = mesh,
                    .cutoff = 40,
                    .method = method,
                    .max_steps = max_steps};
    sb_heat_query query = query_of(start_packets, &start, 3, t, 2, w);
    query.form = form;
    query.eta = 0.5;
    query.step = step;
    sb_status status = sb_heat_solve(&heat, &query, NULL, U);
    sb_density_clear(&density);
    return status;
}

static void methods_agree(void **state)
{
    static const struct {
        const char *name;
        double bound;
    } cases[] = {{"spectral", 1e-10}, {"chebyshev", 1e-10}, {"rk8pd", 1e-8}, {"rkf45", 1e-8}, {"msbdf", 1e-6}};
    double complex U[6], V[6];
    (void)state;
    assert_ok(run_method("cram14", SB_FORM_FLOW, 0.2, 0, U));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double gap = 0;
        assert_ok(run_method(cases[i].name, SB_FORM_FLOW, 0.2, 0, V));
        for (size_t j = 0; j < 6; j++) gap = fmax(gap, cabs(U[j] - V[j]));
        assert_at_most(gap, cases[i].bound);
    }
    assert_ok(run_method(NULL, SB_FORM_FLOW, 0.2, 0, V));
    assert_memory_equal(U, V, sizeof U);
    assert_ok(run_method("spectral", SB_FORM_GD, 0.2, 0, U));
    assert_ok(run_method("chebyshev", SB_FORM_GD, 0.2, 0, V));
    for (size_t j = 0; j < 6; j++) assert_at_most(cabs(U[j] - V[j]), 1e-10);
    assert_ok(run_method(NULL, SB_FORM_GD, 0.2, 0, V));
    for (size_t j = 0; j < 6; j++) assert_at_most(cabs(U[j] - V[j]), 1e-10);
}

static void methods_are_listed(void **state)
{
    (void)state;
    assert_string_equal(sb_heat_method_name(0), "cram14");
    for (size_t i = 0; sb_heat_method_name(i); i++) {
        assert_non_null(sb_heat_method_title(i));
        for (size_t j = 0; j < i; j++) assert_string_not_equal(sb_heat_method_name(i), sb_heat_method_name(j));
    }
    assert_null(sb_heat_method_title(6));
}

static void methods_say_what_they_cannot(void **state)
{
    double complex U[6];
    (void)state;
    assert_fails(run_method("euler", SB_FORM_FLOW, 0.2, 0, U), SB_ERR_INPUT, "'euler'");
    assert_fails(run_method("cram14", SB_FORM_GD, 0.2, 0, U), SB_ERR_UNSUPPORTED, "'cram14'");
    assert_fails(run_method("cram14", SB_FORM_OBSERVED, 0.2, 0, U), SB_ERR_UNSUPPORTED, "observed");
    assert_fails(run_method("msbdf", SB_FORM_FLOW, 0.1, 0, U), SB_ERR_UNSUPPORTED,
                 "up to 321 unknowns, and the mesh has 401");
    assert_fails(run_method("rk8pd", SB_FORM_FLOW, 0.05, 20, U), SB_ERR_NUMERIC,
                 "rk8pd reached the limit of 20 steps at t = ");
    assert_fails(run_method("msbdf", SB_FORM_FLOW, 0.2, 5, U), SB_ERR_NUMERIC,
                 "msbdf reached the limit of 5 steps at t = ");
}

static bool never(void *context, const char *stage, double done, double total)
{
    (void)context, (void)done, (void)total;
    assert_string_equal(stage, "heat.flow");
    return false;
}

static void monitor_stops_it(void **state)
{
    static const char *const methods[] = {"cram14", "chebyshev", "spectral", "rk8pd"};
    small_case c;
    double complex amp[9];
    sb_monitor monitor = {.progress = never};
    (void)state;
    small_case_make(&c);
    for (size_t i = 0; i < 4; i++) {
        c.params.method = methods[i];
        assert_fails(heat_theory()->amplitude(&c.params, &c.problem, SB_FORM_FLOW, c.u0, &monitor, amp),
                     SB_ERR_INTERRUPTED, "heat.flow");
    }
    small_case_clear(&c);
}

/* ---- the mesh ---- */

/* A jump of rho between nodes costs the order; here every jump is a node wherever the mesh would put its own. */
static void jumps_are_nodes(void **state)
{
    static const double w[] = {33, 40, 40.03}, t[] = {0, 40}, mesh[] = {.4, .2, .1};
    double error[3];
    sb_density density = {0};
    (void)state;
    parse("uniform(40.03)", &density);
    for (size_t i = 0; i < 3; i++) {
        double complex U[6];
        sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 1, .extent = M_PI, .mesh = mesh[i], .cutoff = 60};
        parts start = {.re = near_20, .number = 200};
        sb_heat_query query = query_of(start_parts, &start, 2, t, 3, w);
        double complex V[6];
        assert_ok(sb_heat_solve(&heat, &query, NULL, U));
        heat.mesh = .05;
        heat.richardson = true;
        assert_ok(sb_heat_solve(&heat, &query, NULL, V));
        error[i] = cabs(U[5] - V[5]);
    }
    assert_near(measured_order(3, mesh, error), 2, 0.1);
    assert_at_most(error[2], 2e-5);
    sb_density_clear(&density);
}

/* No features in a gap, or beyond the band: nothing moves there and nothing gets across. */
static void nothing_moves_outside_the_band(void **state)
{
    static const double w[] = {0, 8, 16, 30, 48, 50}, t[] = {100, 3000};
    double complex U[12];
    parts start = {.re = one, .im = odd_mode, .number = 3};
    sb_density density = {0};
    size_t unknowns;
    (void)state;
    parse("band(16, 48)", &density);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 1, .extent = M_PI, .mesh = .1, .cutoff = 60};
    sb_heat_query query = query_of(start_parts, &start, 2, t, 6, w);
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 6; k++) {
            double complex before = 1 + odd_mode(w[k], 3) * I;
            if (k == 0 || k == 1 || k == 5)
                assert_true(U[6 * i + k] == before);
            else
                assert_at_most(cabs(U[6 * i + k]), 0.5);
        }
    assert_ok(sb_heat_unknowns(&heat, &query, &unknowns));
    assert_int_equal(unknowns, 321); /* 32 / 0.1 elements; the mesh ends at the band's edge */
    heat.richardson = true;
    assert_ok(sb_heat_unknowns(&heat, &query, &unknowns));
    assert_int_equal(unknowns, 641);
    heat.sa2 = 0;
    assert_ok(sb_heat_unknowns(&heat, &query, &unknowns));
    assert_int_equal(unknowns, 0);
    sb_density_clear(&density);
}

/* A heavy tail without a lattice, far beyond what is wanted, on elements that grow: order 2, and few of them. */
static void tails_have_growing_elements(void **state)
{
    static const double t[] = {20, 200, 1000}, mesh[] = {.2, .1, .05, .025};
    double error[4];
    packets start = {TONES, .45, bed_k, bed_phase};
    sb_density density = {0};
    double complex exact[3 * TONES], U[3 * TONES];
    size_t unknowns;
    (void)state;
    parse("cauchy(10)", &density);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = 1, .extent = M_PI, .mesh = .05, .cutoff = 100};
    heat.richardson = true;
    sb_heat_query query = query_of(start_packets, &start, 3, t, TONES, bed_k);
    assert_ok(sb_heat_solve(&heat, &query, NULL, exact));
    heat.richardson = false;
    heat.cutoff = 2000;
    for (size_t i = 0; i < 4; i++) {
        heat.mesh = mesh[i];
        error[i] = 0;
        assert_ok(sb_heat_solve(&heat, &query, NULL, U));
        for (size_t k = 0; k < 3 * TONES; k++) error[i] = fmax(error[i], cabs(U[k] - exact[k]));
    }
    assert_ok(sb_heat_unknowns(&heat, &query, &unknowns));
    assert_near(measured_order(4, mesh, error), 2, 0.05);
    assert_at_most(error[3], 2e-5);
    assert_true(unknowns < 15000); /* 80000 if they were equal */
    sb_density_clear(&density);
}

/* The same with the condition of a grid that lies half a cell beside this one. */
static void start_samples(const void *context, size_t count, const double *w, double complex *U)
{
    const sb_problem *problem = context;
    for (size_t k = 0; k < count; k++) {
        U[k] = 0;
        for (size_t i = 0; i < problem->n; i++) U[k] -= problem->q[i] * problem->y[i] * cexp(-I * w[k] * problem->x[i]);
    }
}

static void other_grid_amplitude(const sb_problem *problem, const sb_density *density, double complex *amp)
{
    double w[TONES];
    sb_heat heat = {.dim = 1,
                    .density = density,
                    .c = 2 * M_PI / (problem->b - problem->a),
                    .sa2 = 4,
                    .lattice = problem->spacing,
                    .origin = problem->x[0] + problem->spacing / 2,
                    .extent = M_PI,
                    .richardson = true};
    for (size_t k = 0; k < problem->grid.n; k++) w[k] = 2 * M_PI * problem->grid.xi[k];
    sb_heat_query query = query_of(start_samples, problem, problem->nt, problem->t, problem->grid.n, w);
    assert_ok(sb_heat_solve(&heat, &query, NULL, amp));
}

/* At the Nyquist frequency U is continued by exp(-2 i a) conj U, a = pi x_0 / h. A packet there is right to 8e-10 for
 * any placement of the grid, and wrong by 5e-3 to 6e-2 under the condition of another one. */
static void nyquist_condition_knows_the_grid(void **state)
{
    static const double domains[][2] = {{-M_PI, M_PI}, {-3, 3.3}, {-3.1, 3.2}};
    static const double k[] = {24, 29}, phase[] = {.3, 1.1};
    sb_density density = {0};
    (void)state;
    parse("cauchy(10)", &density);
    sb_theory_params params = params_of(&density, 2);
    for (size_t i = 0; i < 3; i++) {
        sb_problem problem = {0};
        make_bed(&problem, 64, domains[i][0], domains[i][1], .4, 2, k, phase);
        assert_ok(sb_problem_set_times(&problem, 1, 600, 12));
        double complex *amp = malloc(2 * problem.nt * 2 * sizeof *amp), *exact = amp + problem.nt * 2;
        assert_non_null(amp);
        exact_amplitude(&params, &problem, SB_FORM_FLOW, exact);
        heat_amplitude("heat", &params, &problem, SB_FORM_FLOW, amp);
        assert_at_most(largest_error(&problem, amp, exact), 1e-8);
        other_grid_amplitude(&problem, &density, amp);
        assert_at_least(largest_error(&problem, amp, exact), 1e-3);
        free(amp);
        sb_problem_clear(&problem);
    }
    sb_density_clear(&density);
}

/* ---- what the theory says of a case ---- */

static void refuses_what_it_does_not_cover(void **state)
{
    static const double k[] = {20, 40, 44};
    static const double phase[] = {0, 0, 0};
    sb_problem problem = {0};
    sb_density density = {0}, gap = {0};
    double u0[256] = {0};
    double complex amp[3 * 2];
    (void)state;
    make_bed(&problem, 256, -M_PI, M_PI, .45, 3, k, phase);
    assert_ok(sb_problem_set_times(&problem, 1, 10, 1));
    parse("uniform(36)", &density);
    parse("band(30, 48)", &gap);
    sb_theory_params params = params_of(&density, 1);
    assert_fails(
        heat_theory()->check(&params, &problem), SB_ERR_INPUT,
        "the observed frequencies 40, 44 lie outside the band |w| <= 36 of the density: they are never learned");
    assert_fails(sb_theory_find("heat.rate")->check(&params, &problem), SB_ERR_INPUT, "never learned");
    assert_ok(heat_theory()->amplitude(&params, &problem, SB_FORM_GD, u0, NULL, amp)); /* what is outside just stays */
    params.density = &gap;
    assert_fails(heat_theory()->check(&params, &problem), SB_ERR_INPUT,
                 "the density is zero at the observed frequency 20: it is never learned");
    for (size_t i = 0; i < 3; i++) problem.grid.label[i] = problem.grid.xi[i]; /* in cycles */
    params.density = &density;
    assert_fails(heat_theory()->check(&params, &problem), SB_ERR_INPUT,
                 "6.3662, 7.00282 lie outside the band |w| <= 5.72958");
    params.net = "two_layer";
    assert_fails(heat_theory()->check(&params, &problem), SB_ERR_UNSUPPORTED, "two_layer");
    params.net = "fourier";
    problem.dim = 3;
    assert_fails(heat_theory()->check(&params, &problem), SB_ERR_UNSUPPORTED, "3");
    problem.dim = 1;
    sb_density_clear(&density);
    parse("uniform(48)", &density);
    assert_ok(heat_theory()->check(&params, &problem));
    u0[7] = NAN;
    assert_fails(heat_theory()->amplitude(&params, &problem, SB_FORM_GD, u0, NULL, amp), SB_ERR_NUMERIC, "point 7");
    sb_density_clear(&density);
    sb_density_clear(&gap);
    sb_problem_clear(&problem);
}

/* Time, gain and loss factors are one number; a method without the form of steps leaves it to the default. */
static void what_only_changes_the_clock(void **state)
{
    small_case c;
    double complex amp[9], again[9];
    (void)state;
    small_case_make(&c);
    heat_amplitude("heat", &c.params, &c.problem, SB_FORM_FLOW, amp);
    c.params.gain = 4;
    for (size_t i = 0; i < 64; i++) c.problem.c[i] /= 2;
    for (size_t i = 0; i < 3; i++) c.problem.t[i] /= 2;
    heat_amplitude("heat", &c.params, &c.problem, SB_FORM_FLOW, again);
    for (size_t i = 0; i < 9; i++) assert_at_most(cabs(amp[i] - again[i]), 1e-12);
    c.params.method = "cram14";
    heat_amplitude("heat", &c.params, &c.problem, SB_FORM_GD, again);
    small_case_clear(&c);
}

/* A grid with both ends has n h = (b - a) n / (n - 1): its points stand for that length. */
static void closed_grids_count_their_ends(void **state)
{
    small_case c;
    double complex amp[9], exact[9];
    (void)state;
    small_case_make(&c);
    c.problem.a += c.problem.spacing / 2;
    c.problem.b -= c.problem.spacing / 2;
    heat_amplitude("heat", &c.params, &c.problem, SB_FORM_FLOW, amp);
    exact_amplitude(&c.params, &c.problem, SB_FORM_FLOW, exact);
    for (size_t i = 0; i < 9; i++) assert_at_most(cabs(amp[i] - exact[i]), 1e-7);
    small_case_clear(&c);
}

/* Relative standard deviation of the initial rate at w over networks of m independent features, sigma_a = 0. */
static double heat_noise(const sb_density *density, double length, double features, double w)
{
    return sqrt(length / (4 * M_PI * sb_density_value(density, w) * features));
}

/* sqrt(|Omega| / (4 pi rho m)) against the notes of 400 draws: .219 for uniform(48), .144, .209, .502 for gaussian(16).
 */
static void noise_of_few_features(void **state)
{
    static const double w[] = {4, 20, 36}, wanted[] = {.144, .209, .502};
    sb_density uniform = {0}, gaussian = {0};
    (void)state;
    parse("uniform(48)", &uniform);
    parse("gaussian(16)", &gaussian);
    for (size_t i = 0; i < 3; i++) {
        assert_near(heat_noise(&uniform, 2 * M_PI, 1000, w[i]), .219, 5e-4);
        assert_near(heat_noise(&gaussian, 2 * M_PI, 1000, w[i]), wanted[i], 5e-4);
    }
    sb_density_clear(&uniform);
    sb_density_clear(&gaussian);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_without_diffusion),
        cmocka_unit_test(constant_density_reference),
        cmocka_unit_test(order_of_the_elements),
        cmocka_unit_test(coarse_meshes),
        cmocka_unit_test(uniform_band_reference),
        cmocka_unit_test(uniform_band_rates),
        cmocka_unit_test(epanechnikov_rates),
        cmocka_unit_test(flow_is_the_exact_kernel),
        cmocka_unit_test(heavy_tails_must_be_aliased),
        cmocka_unit_test(steps_are_those_of_the_kernel),
        cmocka_unit_test(rate_law_is_exact_without_diffusion),
        cmocka_unit_test(gram_reference),
        cmocka_unit_test(cauchy_rates),
        cmocka_unit_test(methods_agree),
        cmocka_unit_test(methods_are_listed),
        cmocka_unit_test(methods_say_what_they_cannot),
        cmocka_unit_test(monitor_stops_it),
        cmocka_unit_test(jumps_are_nodes),
        cmocka_unit_test(nothing_moves_outside_the_band),
        cmocka_unit_test(tails_have_growing_elements),
        cmocka_unit_test(nyquist_condition_knows_the_grid),
        cmocka_unit_test(refuses_what_it_does_not_cover),
        cmocka_unit_test(what_only_changes_the_clock),
        cmocka_unit_test(closed_grids_count_their_ends),
        cmocka_unit_test(noise_of_few_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
