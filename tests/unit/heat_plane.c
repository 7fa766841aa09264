/* The damped heat equation in the plane: a closed form, the exact kernel on a grid of the plane, flow and steps. */
#include "common/test.h"

#include <specbias/heat.h>
#include <specbias/theory.h>

#include "common/problems.h"

static void parse(const char *text, sb_density *density)
{
    assert_ok(sb_density_parse(text, NULL, density));
}

/* -sum_j exp(-|x|^2 / 2 tau^2) cos(k_j . x + phase_j) on the whole plane */
typedef struct packets {
    size_t n;
    double tau;
    const double (*k)[2];
    const double *phase;
} packets;

static double complex packet(double tau, const double *k, double phase, const double *w)
{
    double below = (w[0] - k[0]) * (w[0] - k[0]) + (w[1] - k[1]) * (w[1] - k[1]);
    double above = (w[0] + k[0]) * (w[0] + k[0]) + (w[1] + k[1]) * (w[1] + k[1]);
    return -M_PI * tau * tau *
           (cexp(I * phase) * exp(-tau * tau * below / 2) + cexp(-I * phase) * exp(-tau * tau * above / 2));
}

static void start_packets(const void *context, size_t count, const double *w, double complex *U)
{
    const packets *p = context;
    for (size_t i = 0; i < count; i++) {
        U[i] = 0;
        for (size_t j = 0; j < p->n; j++) U[i] += packet(p->tau, p->k[j], p->phase[j], w + 2 * i);
    }
}

/* R2 in the plane: rho = 1/96^2 on the whole plane; tau_t^-2 = tau^-2 + 2 kappa sigma_a^2 t. */
static void constant_density_reference(void **state)
{
    static const double k[1][2] = {{6, 8}}, phase[] = {.3}, w[2][2] = {{6, 8}, {5, 9}}, t[] = {0, 2000, 20000};
    static const double complex noted[] = {-.0153670088381 - .00475236264793 * I,
                                           -.0146928022928 - .00454404921353 * I};
    packets start = {1, .45, k, phase};
    sb_density density[2] = {{0}, {0}};
    double complex U[6];
    (void)state;
    for (size_t a = 0; a < 2; a++) parse("uniform(48)", &density[a]);
    sb_heat heat = {.dim = 2, .density = density, .c = 1, .sa2 = 4, .extent = M_PI, .richardson = true};
    sb_heat_query query = {
        .start = start_packets, .context = &start, .form = SB_FORM_FLOW, .nt = 3, .t = t, .nw = 2, .w = w[0]};
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++) {
            double kappa = 1.0 / 9216, tau_t = 1 / sqrt(1 / (.45 * .45) + 8 * kappa * t[i]);
            double complex exact = exp(-kappa * t[i]) * packet(tau_t, k[0], .3, w[j]);
            if (i == 2) assert_at_most(cabs(exact - noted[j]), 1e-12);
            assert_at_most(cabs(U[2 * i + j] - exact), 1e-5);
        }
    for (size_t a = 0; a < 2; a++) sb_density_clear(&density[a]);
}

/* ---- against the kernel ---- */

/* Two tones on the plane, rho = N(0, 4.5^2) x N(0, 6^2), sigma_a = 1.2: E at t = 407.5 (1, 2, 4, 6). `noted` is a flow
 * of the kernel on a grid of 56^2 points, by an integration with errors of 2e-5; `exact` is the same by Lanczos'
 * method, on 56^2 and 72^2 points to 8 digits. */
static void two_tones_in_the_plane(void **state)
{
    static const double k[2][2] = {{5, 3}, {-8, 6}}, phase[] = {.5, 1.2};
    static const double noted[2][4] = {{.19760818, .054167, .0076311, .00185042},
                                       {.61663886, .38684934, .16985656, .0852743}};
    static const double exact[2][4] = {{.19759121, .05415013, .00763030, .00185069},
                                       {.61663901, .38685092, .16986156, .08527701}};
    double t[5], plain = 0, extrapolated = 0, order[2] = {0};
    double complex U[10];
    packets start = {2, .45, k, phase};
    sb_density density[2] = {{0}, {0}};
    size_t unknowns;
    (void)state;
    parse("gaussian(4.5)", &density[0]);
    parse("gaussian(6)", &density[1]);
    for (size_t i = 0; i < 5; i++) t[i] = 407.47844748 * (double[]){0, 1, 2, 4, 6}[i];
    sb_heat heat = {.dim = 2, .density = density, .c = 1, .sa2 = 1.44, .extent = M_PI, .mesh = .5};
    sb_heat_query query = {
        .start = start_packets, .context = &start, .form = SB_FORM_FLOW, .nt = 5, .t = t, .nw = 2, .w = k[0]};
    for (size_t i = 0; i < 3; i++) {
        double error = 0;
        heat.mesh = i == 1 ? .25 : .5;
        heat.richardson = i == 2;
        assert_ok(sb_heat_solve(&heat, &query, NULL, U));
        for (size_t j = 0; j < 8; j++) {
            double E = cabs(U[2 + j]) / cabs(U[j % 2]);
            error = fmax(error, fabs(E - exact[j % 2][j / 2]));
            if (i == 2) assert_near(E, noted[j % 2][j / 2], 1e-4);
        }
        if (i < 2) order[i] = error;
        if (i == 2) extrapolated = error;
        plain = error;
        if (sanitized()) break;
    }
    assert_ok(sb_heat_unknowns(&heat, &query, &unknowns));
    assert_at_most(plain, 2.1e-3);
    if (!sanitized()) assert_near(log2(order[0] / order[1]), 2, 0.1);
    assert_at_most(extrapolated, 2e-5); /* 8.1e-6, on 20253 unknowns */
    for (size_t a = 0; a < 2; a++) sb_density_clear(&density[a]);
}

enum { SIDE = 30, N = SIDE * SIDE };

/* The same kind of case on a grid of SIDE^2 points of [-1, 1]^2 + shift, through the theory. */
static void make_problem(double shift, sb_problem *problem)
{
    static const double k[2][2] = {{10, 5}, {-9, 12}}, phase[] = {.5, 1.2};
    double xi[4], label[2], h = 2.0 / SIDE;
    assert_ok(sb_problem_init(problem, N, 2, -1 + shift, 1 + shift));
    problem->uniform = true;
    problem->spacing = h;
    for (size_t i = 0; i < N; i++) {
        double *x = problem->x + 2 * i;
        x[0] = -1 + shift + ((double)(i / SIDE) + .5) * h;
        x[1] = -1 + shift + ((double)(i % SIDE) + .5) * h;
        problem->q[i] = h * h;
        for (size_t j = 0; j < 2; j++)
            problem->y[i] +=
                exp(-((x[0] - shift) * (x[0] - shift) + (x[1] - shift) * (x[1] - shift)) / (2 * .18 * .18)) *
                cos(k[j][0] * x[0] + k[j][1] * x[1] + phase[j]);
    }
    for (size_t j = 0; j < 4; j++) xi[j] = k[j / 2][j % 2] / (2 * M_PI);
    for (size_t j = 0; j < 2; j++) label[j] = hypot(xi[2 * j], xi[2 * j + 1]);
    assert_ok(sb_problem_set_grid(problem, 2, xi, label, "cycles"));
}

static void observe(const sb_problem *problem, const double *u, double complex *amp)
{
    for (size_t k = 0; k < problem->grid.n; k++) {
        const double *xi = problem->grid.xi + 2 * k;
        amp[k] = 0;
        for (size_t i = 0; i < N; i++)
            amp[k] += problem->q[i] * u[i] *
                      cexp(-2 * M_PI * I * (xi[0] * problem->x[2 * i] + xi[1] * problem->x[2 * i + 1]));
    }
}

/* amp[nt][2] of the exact kernel, by its eigenpairs */
static void exact_amplitude(const sb_problem *problem, const sb_eigen *eigen, sb_form form, double complex *amp)
{
    double *u = new_doubles(N), part[N];
    for (size_t k = 0; k < N; k++) {
        part[k] = 0;
        for (size_t i = 0; i < N; i++) part[k] -= eigen->vector[k * N + i] * problem->y[i];
    }
    for (size_t r = 0; r < problem->nt; r++) {
        memset(u, 0, N * sizeof *u);
        for (size_t k = 0; k < N; k++) {
            sb_rule rule = rule_of(problem, form);
            double f =
                sb_rule_shrink(&rule, eigen->lambda[k] / N, form == SB_FORM_FLOW ? problem->t[r] : problem->step[r]);
            for (size_t i = 0; i < N; i++) u[i] += f * part[k] * eigen->vector[k * N + i];
        }
        observe(problem, u, amp + 2 * r);
    }
    free(u);
}

/* Flow and steps, with an aliased heavy tail on one axis, around 0 and beside it (the equation knows where 0 is). */
static void theory_is_the_exact_kernel(void **state)
{
    static const char *const densities[][2] = {{"gaussian(10)", "gaussian(14)"}, {"cauchy(10)", "gaussian(14)"}};
    double *u0 = new_doubles(N);
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        sb_problem problem = {0};
        sb_density density[2] = {{0}, {0}};
        sb_eigen eigen = {0};
        double *gram = new_doubles(N * N);
        make_problem(c == 2 ? 0.4 : 0, &problem);
        for (size_t a = 0; a < 2; a++) parse(densities[c == 1][a], &density[a]);
        sb_theory_params params = {.net = "fourier", .gain = 1, .out2 = 4, .density = density, .alias = true};
        const sb_theory *theory = sb_theory_find("heat");
        assert_ok(theory->gram(&params, &problem, gram));
        assert_ok(sb_eigen_symmetric(gram, N, true, &eigen));
        double eta = 0.8 * N / eigen.lambda[0], largest = 0;
        assert_ok(sb_problem_set_times(&problem, eta, 400, 12));
        start_residual(&problem, u0);
        double complex *amp = malloc(4 * problem.nt * sizeof *amp), *exact = amp + 2 * problem.nt;
        assert_non_null(amp);
        for (sb_form form = SB_FORM_FLOW; form <= (sanitized() ? SB_FORM_FLOW : SB_FORM_GD); form++) {
            assert_ok(theory->amplitude(&params, &problem, form, u0, NULL, amp));
            exact_amplitude(&problem, &eigen, form, exact);
            largest = 0;
            for (size_t i = 0; i < 2 * problem.nt; i++)
                largest = fmax(largest, cabs(amp[i] - exact[i]) / cabs(exact[i % 2]));
            assert_at_most(largest, 5e-5); /* 1.4e-5 to 3.2e-5 */
        }
        free(amp);
        free(gram);
        sb_eigen_clear(&eigen);
        for (size_t a = 0; a < 2; a++) sb_density_clear(&density[a]);
        sb_problem_clear(&problem);
        if (sanitized()) break;
    }
    free(u0);
}

/* Without diffusion both axes multiply; a point outside the band of one of them does not move. */
static void no_diffusion_and_no_band(void **state)
{
    static const double k[1][2] = {{2, 3}}, phase[] = {0}, w[3][2] = {{2, 3}, {-2, 3}, {9, 3}}, t[] = {100};
    packets start = {1, .5, k, phase};
    sb_density density[2] = {{0}, {0}};
    double complex U[3], before[3];
    (void)state;
    parse("uniform(8)", &density[0]);
    parse("gaussian(4)", &density[1]);
    sb_heat heat = {.dim = 2, .density = density, .c = 2, .extent = 2};
    sb_heat_query query = {
        .start = start_packets, .context = &start, .form = SB_FORM_FLOW, .nt = 1, .t = t, .nw = 3, .w = w[0]};
    start_packets(&start, 3, w[0], before);
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    double rate = 2.0 / 16 * sb_density_value(&density[1], 3);
    for (size_t i = 0; i < 2; i++) assert_at_most(cabs(U[i] - before[i] * exp(-100 * rate)), 1e-14);
    assert_true(U[2] == before[2]);
    heat.sa2 = 1e-12; /* with a mesh */
    heat.mesh = .2;
    heat.richardson = true;
    assert_ok(sb_heat_solve(&heat, &query, NULL, U));
    for (size_t i = 0; i < 2; i++) assert_at_most(cabs(U[i] - before[i] * exp(-100 * rate)), 1e-4);
    assert_true(U[2] == before[2]);
    heat.method = "spectral";
    assert_fails(sb_heat_solve(&heat, &query, NULL, U), SB_ERR_UNSUPPORTED, "plane");
    heat.dim = 3;
    assert_fails(sb_heat_solve(&heat, &query, NULL, U), SB_ERR_UNSUPPORTED, "not in 3");
    for (size_t a = 0; a < 2; a++) sb_density_clear(&density[a]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_density_reference),
        cmocka_unit_test(two_tones_in_the_plane),
        cmocka_unit_test(theory_is_the_exact_kernel),
        cmocka_unit_test(no_diffusion_and_no_band),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
