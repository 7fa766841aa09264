/* The heat equation for data of any density p on the line: its convolution system against the exact kernel on points of
 * p, and against the eigenvalues of a Gaussian kernel under a Gaussian density. */
#include "common/test.h"

#include <specbias/heat.h>
#include <specbias/theory.h>

#include "common/problems.h"

static void parse(const char *text, sb_density *density)
{
    assert_ok(sb_density_parse(text, NULL, density));
}

/* ---- against the kernel ---- */

/* u(x) at points x_i that stand for p(x) dx: U(w) = sum_i c_i u_i exp(-i w x_i) */
static void start_samples(const void *context, size_t count, const double *w, double complex *U)
{
    const sb_problem *problem = context;
    for (size_t k = 0; k < count; k++) {
        U[k] = 0;
        for (size_t i = 0; i < problem->n; i++) U[k] -= problem->q[i] * problem->y[i] * cexp(-I * w[k] * problem->x[i]);
    }
}

enum { POINTS = 301, WANTED = 5, TIMES = 4 };
static const double wanted[WANTED] = {0, 1, 2.5, -4, 6};

/* The target (1 + x) exp(-x^2 / 4) cos(2 x + .3) and points with loss factors and weights p(x_i) spacing; the
 * trapezoidal rule has no error that counts. */
static void make_problem(const sb_density *points, double end, sb_problem *problem)
{
    double xi[WANTED], steps[TIMES] = {0, 4, 20, 100};
    assert_ok(sb_problem_init(problem, POINTS, 1, -end, end));
    for (size_t i = 0; i < POINTS; i++) {
        double h = 2 * end / (POINTS - 1), x = problem->x[i] = -end + (double)i * h;
        problem->c[i] = problem->q[i] = sb_density_value(points, x) * h;
        problem->y[i] = (1 + x) * exp(-x * x / 4) * cos(2 * x + .3);
    }
    for (size_t k = 0; k < WANTED; k++) xi[k] = wanted[k] / (2 * M_PI);
    assert_ok(sb_problem_set_grid(problem, WANTED, xi, wanted, "angular"));
    assert_ok(sb_problem_observe(problem));
    set_steps(problem, 0.1, TIMES, steps);
}

static void exact_amplitude(const sb_problem *problem, const sb_density *density, double sa2, sb_form form,
                            double complex *amp)
{
    sb_theory_params params = {.net = "fourier", .gain = 1, .out2 = sa2, .density = density};
    double *gram = new_doubles(POINTS * POINTS);
    assert_ok(sb_theory_find("heat")->gram(&params, problem, gram));
    kernel_amplitude(problem, gram, form, amp);
    free(gram);
}

static double gap(size_t n, const double complex *a, const double complex *b)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, cabs(a[i] - b[i]));
    return largest;
}

/* p = N(0, 1), rho = N(0, 4), sigma_a = 0.7: order 2, and 5.6e-9 when extrapolated from dw = .05 */
static void convolution_is_the_exact_kernel(void **state)
{
    static const double mesh[] = {.2, .1, .05};
    sb_density density = {0}, points = {0};
    sb_problem problem = {0};
    double complex exact[TIMES * WANTED], amp[TIMES * WANTED];
    double error[3];
    (void)state;
    parse("gaussian(2)", &density);
    parse("gaussian(1)", &points);
    make_problem(&points, 9, &problem);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .sa2 = .49, .extent = 6};
    sb_heat_query query = {.start = start_samples,
                           .context = &problem,
                           .eta = problem.eta,
                           .nt = TIMES,
                           .t = problem.t,
                           .step = problem.step,
                           .nw = WANTED,
                           .w = wanted};
    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++) {
        query.form = form;
        exact_amplitude(&problem, &density, .49, form, exact);
        heat.richardson = false;
        for (size_t i = 0; i < 3; i++) {
            heat.mesh = mesh[i];
            assert_ok(sb_heat_convolution(&heat, &points, &query, NULL, amp));
            error[i] = gap(TIMES * WANTED, amp, exact);
        }
        heat.richardson = true;
        assert_ok(sb_heat_convolution(&heat, &points, &query, NULL, amp));
        double last = gap(TIMES * WANTED, amp, exact);
        assert_near(measured_order(3, mesh, error), 2, 0.05);
        assert_at_most(last, 1e-8);
        if (sanitized()) break;
    }
    sb_problem_clear(&problem);
    sb_density_clear(&density);
    sb_density_clear(&points);
}

/* ---- HS4: eigenvalues sqrt(2a/A) (b/A)^k ---- */

/* k-th eigenfunction exp(-(c - a) x^2) H_k(sqrt(2 c) x) times p = N(0, 1), c = sqrt(a^2 + 2 a b), transformed */
typedef struct hermite {
    double a, b;
    int k;
} hermite;

static double hermite_value(const hermite *f, double x)
{
    double c = sqrt(f->a * f->a + 2 * f->a * f->b), y = sqrt(2 * c) * x, before = 0, now = 1;
    for (int k = 0; k < f->k; k++) {
        double next = 2 * y * now - 2 * k * before;
        before = now;
        now = next;
    }
    return exp(-(c - f->a) * x * x - x * x / 2) / sqrt(2 * M_PI) * now;
}

static void start_hermite(const void *context, size_t count, const double *w, double complex *U)
{
    enum { N = 240 };
    double value[N + 1], h = 18.0 / N;
    for (size_t i = 0; i <= N; i++) value[i] = hermite_value(context, -9 + (double)i * h);
    for (size_t k = 0; k < count; k++) {
        U[k] = 0;
        for (size_t i = 0; i <= N; i++) U[k] += h * value[i] * cexp(-I * w[k] * (-9 + (double)i * h));
    }
}

static void gaussian_eigenvalues(void **state)
{
    static const double t[] = {0, 3}, w[] = {1.3};
    const double a = .25, b = 2, A = a + b + sqrt(a * a + 2 * a * b); /* rho = N(0, 4): b = 4 / 2 */
    sb_density density = {0}, points = {0};
    (void)state;
    parse("gaussian(2)", &density);
    parse("gaussian(1)", &points);
    for (int k = 0; k < 5; k++) {
        hermite start = {a, b, k};
        double complex U[2];
        sb_heat heat = {.dim = 1, .density = &density, .c = 1, .extent = 6, .mesh = .035, .richardson = true};
        sb_heat_query query = {
            .start = start_hermite, .context = &start, .form = SB_FORM_FLOW, .nt = 2, .t = t, .nw = 1, .w = w};
        assert_ok(sb_heat_convolution(&heat, &points, &query, NULL, U));
        double rate = -log(creal(U[1] / U[0])) / t[1], eigenvalue = sqrt(2 * a / A) * pow(b / A, k);
        assert_near(rate, eigenvalue, 1e-8);
        if (sanitized() && k == 1) break;
    }
    sb_density_clear(&density);
    sb_density_clear(&points);
}

/* ---- refusals ---- */

static void refuses_what_it_cannot(void **state)
{
    static const double t[] = {1}, w[] = {1};
    sb_density density = {0}, points = {0};
    hermite start = {.25, 2, 0};
    double complex U;
    (void)state;
    parse("cauchy(2)", &density);
    parse("gaussian(1)", &points);
    sb_heat heat = {.dim = 1, .density = &density, .c = 1, .extent = 6};
    sb_heat_query query = {.start = start_hermite, .context = &start, .nt = 1, .t = t, .nw = 1, .w = w};
    assert_fails(sb_heat_convolution(&heat, &points, &query, NULL, &U), SB_ERR_INPUT, "cut-off");
    heat.cutoff = 10;
    assert_ok(sb_heat_convolution(&heat, &points, &query, NULL, &U));
    heat.dim = 2;
    assert_fails(sb_heat_convolution(&heat, &points, &query, NULL, &U), SB_ERR_UNSUPPORTED, "line");
    heat.dim = 1;
    heat.lattice = .1;
    assert_fails(sb_heat_convolution(&heat, &points, &query, NULL, &U), SB_ERR_UNSUPPORTED, "grid");
    heat.lattice = heat.extent = 0;
    assert_fails(sb_heat_convolution(&heat, &points, &query, NULL, &U), SB_ERR_INPUT, "largest |x|");
    sb_density_clear(&density);
    sb_density_clear(&points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_is_the_exact_kernel),
        cmocka_unit_test(gaussian_eigenvalues),
        cmocka_unit_test(refuses_what_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
