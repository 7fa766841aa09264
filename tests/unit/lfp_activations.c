/* The linear F-Principle for activations other than ReLU (theory/activation/): spectra against closed kernels, closed
 * kernels against quadrature over the finite range of the shifts, the equation against the exact kernel of the same
 * network, and what is refused. Reference case A4. */
#include "common/test.h"

#include <gsl/gsl_integration.h>

#include "common/problems.h"
#include "tests/oracles/lfp.h"

enum { N = 16, GAIN = 3 };
static const char *const smooth[] = {"tanh", "sigmoid", "erf", "gaussian"};
enum { SMOOTH = 4 };

/* One law as the theory and as the kernel see it. */
typedef struct wide_net {
    sb_wide_layer layer;
    sb_theory_params params;
} wide_net;

static void make_net(wide_net *net, const char *activation, const char *law_name, double scale, double out2,
                     double range)
{
    const sb_law *law = sb_law_find(law_name);
    net->layer = shifted_layer(activation, law, scale, range);
    net->params = (sb_theory_params){.net = "two_layer",
                                     .activation = activation,
                                     .gain = GAIN,
                                     .out2 = out2,
                                     .in = law,
                                     .in_scale = scale,
                                     .range = range,
                                     .modes = 400,
                                     .tail = true};
}

static double exact(const wide_net *net, double x1, double x2)
{
    return GAIN * shifted_kernel(sb_kernel_for(&net->layer), &net->layer, net->params.out2, x1, x2);
}

static const sb_theory *lfp(void)
{
    return sb_theory_find("lfp");
}

/* ---- spectra and closed forms ---- */

typedef double integrand(const void *context, double t);

/* Gauss-Legendre on panels of [0, end] */
static double integral(integrand *f, const void *context, double end, size_t panels)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(32);
    double sum = 0, t, weight;
    assert_non_null(table);
    for (size_t p = 0; p < panels; p++)
        for (size_t i = 0; i < 32; i++) {
            gsl_integration_glfixed_point(end * (double)p / (double)panels, end * (double)(p + 1) / (double)panels, i,
                                          &t, &weight, table);
            sum += weight * f(context, t);
        }
    gsl_integration_glfixed_table_free(table);
    return sum;
}

typedef struct pairing {
    const sb_theory_params *params;
    double u;
} pairing;

static double wave(const void *context, double xi)
{
    const pairing *p = context;
    return 2 * sb_lfp_rate(p->params, xi) * (1 - cos(2 * M_PI * xi * p->u));
}

/* 2 int K^ (1 - cos 2 pi xi u) dxi = K(0) - K(u) */
static void spectrum_is_the_kernel(void **state)
{
    static const double scales[] = {0.8, 2, 6}, at[] = {0.01, 0.1, 0.5, 1, 3};
    (void)state;
    for (size_t a = 0; a < SMOOTH; a++)
        for (size_t s = 0; s < 3; s++)
            for (size_t i = 0; i < 5; i++) {
                wide_net net;
                make_net(&net, smooth[a], "two_point", scales[s], 0.7, 3);
                pairing p = {&net.params, at[i]};
                double wanted = sb_lfp_kernel(&net.params, 0, 0) - sb_lfp_kernel(&net.params, 0, at[i]);
                assert_near(integral(wave, &p, 4 * scales[s], 100), wanted, 1e-11 * sb_lfp_kernel(&net.params, 0, 0));
            }
}

/* all printed digits */
static void a4_tanh(void **state)
{
    static const struct {
        double xi, rate, half_digit;
    } noted[] = {{0.5, 0.428505596533, 5e-13},
                 {1, 0.210468280872, 5e-13},
                 {2, 0.0284052357557, 5e-14},
                 {5, 9.09307390071e-6, 5e-18}};
    wide_net net;
    (void)state;
    make_net(&net, "tanh", "two_point", 6, 0.7, 3);
    for (size_t i = 0; i < 4; i++)
        assert_near(sb_lfp_rate(&net.params, noted[i].xi) / 3, noted[i].rate, noted[i].half_digit);
    assert_near(sb_lfp_kernel(&net.params, 0.3, -0.2) / 3, 0.888659661422, 5e-13);
}

/* The closed forms are what the network has in the middle of a wide range. */
static void closed_forms_are_the_quadrature(void **state)
{
    (void)state;
    seed_numbers(1);
    for (size_t a = 0; a < SMOOTH; a++)
        for (int trial = 0; trial < 20; trial++) {
            wide_net net;
            double r = number_in(1, 8);
            make_net(&net, smooth[a], "two_point", r, number_in(0.1, 4), 1 + 36 / r);
            double x1 = number_in(-1, 1), x2 = trial % 5 == 0 ? x1 : number_in(-1, 1);
            assert_near(sb_lfp_kernel(&net.params, x1, x2), exact(&net, x1, x2), 1e-12 * exact(&net, x1, x1));
        }
}

/* What a finite range costs tanh, for r L = 9, 4.5 and 4.5 with L = 0.75, at |x| <= 0.3. */
static void error_of_the_wide_limit(void **state)
{
    static const double r[] = {6, 3, 6}, range[] = {1.5, 1.5, 0.75}, noted[] = {4e-8, 1.3e-4, 6.5e-4};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        wide_net net;
        make_net(&net, "tanh", "two_point", r[i], 0.7, range[i]);
        double off = fabs(sb_lfp_kernel(&net.params, 0.3, -0.2) - exact(&net, 0.3, -0.2)) / 3;
        assert_at_most(off, 2 * exp(-2 * r[i] * (range[i] - 0.3)));
        assert_close(off, noted[i], 0.05);
    }
}

/* From one branch of the series to the other, and into underflow: nothing jumps, nothing is nan. */
static void rates_are_smooth_in_xi(void **state)
{
    (void)state;
    for (size_t a = 0; a < SMOOTH; a++) {
        wide_net net;
        make_net(&net, smooth[a], "two_point", 2, 0.7, 3);
        for (double xi = 1e-9; xi < 1e3; xi *= 1.01) {
            double left = sb_lfp_rate(&net.params, xi * (1 - 1e-9)), right = sb_lfp_rate(&net.params, xi);
            assert_at_least(right, 0);
            assert_true(isfinite(right) && sb_lfp_rate(&net.params, -xi) == right);
            if (right > 1e-290) assert_at_most(fabs(left - right), right * (1e-8 * (1 + 40 * xi * xi) + 1e-13));
        }
    }
    wide_net net;
    make_net(&net, "tanh", "two_point", 1, 0.7, 3);
    double below = 1 / (M_PI * M_PI) * (1 - 1e-15), above = 1 / (M_PI * M_PI) * (1 + 1e-15); /* the branch of q^ */
    assert_close(sb_lfp_rate(&net.params, below), sb_lfp_rate(&net.params, above), 2e-14);
}

/* ---- a normal law of `in` ---- */

typedef struct averaged {
    double xi, w2, sd;
} averaged;

/* tanh in log r, the formula of theory/README.md in long double */
static double tanh_in_log_r(const void *context, double shifted)
{
    const averaged *c = context;
    long double r = c->sd * expl(shifted - 12), pi = 3.14159265358979323846264338L, y = pi * pi * c->xi / r;
    if (y > 5000) return 0;
    long double s = pi / sinhl(y), q = s * (1 - y / tanhl(y));
    long double density = sqrtl(2 / pi) / c->sd * expl(-r * r / (2 * c->sd * c->sd)) * r;
    return (double)(density *
                    (s * s * (1 + 4 * pi * pi * c->w2 * c->xi * c->xi) / (r * r) + c->w2 * q * q / (r * r * r * r)));
}

static void normal_law_to_1e_12(void **state)
{
    static const double xi[] = {0.1, 0.5, 1, 3, 10}, sd[] = {0.5, 2, 10};
    (void)state;
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 3; k++) {
            wide_net net;
            averaged c = {xi[i], 0.7, sd[k]};
            make_net(&net, "tanh", "gaussian", sd[k], 0.7, 3);
            assert_close(sb_lfp_rate(&net.params, xi[i]), 3 * integral(tanh_in_log_r, &c, 17, 200) / 6, 1e-12);
        }
}

/* E |s^(xi/r)|^2 / r^2 ~ (8 pi^2 / (sqrt 3 r*^2)) exp(-(3/2) (2 pi^2 xi / s)^(2/3)), r* = (2 pi^2 xi s^2)^(1/3): a
 * stretched exponential, where one r gives an exponential. */
static void normal_law_decays_slower(void **state)
{
    static const double xi[] = {1, 5, 20}, noted[] = {0.925, 0.980, 0.992};
    wide_net net;
    (void)state;
    make_net(&net, "tanh", "gaussian", 2, 0, 0.5); /* 2 L = 1 */
    for (size_t i = 0; i < 3; i++) {
        double a = 2 * M_PI * M_PI * xi[i], r = cbrt(a * 4);
        double asymptotic = 8 * M_PI * M_PI / (sqrt(3) * r * r) * exp(-1.5 * pow(a / 2, 2. / 3));
        double ratio = sb_lfp_rate(&net.params, xi[i]) / 3 / asymptotic;
        assert_near(fmin(ratio, 1 / ratio), noted[i], 6e-4);
    }
}

/* ---- the equation ---- */

/* max |gram - exact| / K(0, 0) */
static double gram_error(const wide_net *net, const sb_problem *problem)
{
    size_t n = problem->n;
    double *gram = new_doubles(n * n), off = 0;
    assert_ok(lfp()->gram(&net->params, problem, gram));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            off = fmax(off, fabs(gram[i * n + k] - exact(net, problem->x[i], problem->x[k])));
            assert_true(gram[i * n + k] == gram[k * n + i]);
        }
    free(gram);
    return off / exact(net, 0, 0);
}

static void gram_is_the_exact_kernel(void **state)
{
    static const double range[] = {3, 5, 2, 2};
    sb_problem problem = {0};
    (void)state;
    seed_numbers(4);
    make_points(&problem, SCATTERED, N);
    for (size_t a = 0; a < SMOOTH; a++) {
        wide_net net;
        make_net(&net, smooth[a], "two_point", 6, 0.7, range[a]);
        assert_at_most(gram_error(&net, &problem), 5e-12);
        net.params.box = 20; /* larger boxes are the same theory */
        assert_at_most(gram_error(&net, &problem), 5e-12);
    }
    sb_problem_clear(&problem);
}

/* Of a law with small |in| a part is never wide; it is smooth and so is added as it is. */
static void gram_of_broad_laws(void **state)
{
    static const char *const laws[] = {"gaussian", "uniform"};
    sb_problem problem = {0};
    (void)state;
    seed_numbers(5);
    make_points(&problem, SCATTERED, 4);
    for (size_t a = 0; a < SMOOTH; a++)
        for (size_t l = 0; l < 2; l++) {
            wide_net net;
            make_net(&net, smooth[a], laws[l], l == 0 ? 3 : 9, 0.7, 3);
            double share = sb_lfp_wide(&net.params, 0.5);
            assert_true(share > 0.01 && share < 0.9);
            net.params.modes = 1000;
            assert_at_most(gram_error(&net, &problem), 2e-10);
        }
    sb_problem_clear(&problem);
}

static void sine_is_exact(void **state)
{
    sb_problem problem = {0};
    (void)state;
    seed_numbers(6);
    make_points(&problem, SCATTERED, N);
    for (size_t i = 0; i < 4; i++) {
        wide_net net;
        make_net(&net, "sine", i % 2 ? "gaussian" : "two_point", i < 2 ? 6 : 0.7, 0.7, i < 2 ? 0.6 : 3);
        assert_at_most(gram_error(&net, &problem), 2e-13);
        double k = sb_lfp_kernel(&net.params, 0.3, -0.4);
        if (i % 2)
            assert_true(isnan(k)); /* of fixed |in| alone */
        else
            assert_near(k, exact(&net, 0.3, -0.4), 1e-12 * exact(&net, 0.5, 0.5));
    }
    sb_problem_clear(&problem);
}

static double cosine_wave(const void *context, double xi)
{
    const pairing *p = context;
    return 2 * sb_lfp_rate(p->params, xi) * cos(2 * M_PI * xi * p->u);
}

/* The spectrum of sine is the law of `in`: for the normal one, K(u, -u) = E cos(2 r u) (1 + w^2 (r^2 + L^2/3)) / 2 less
 * w^2 u^2 E cos(2 r u) / 2, up to 1/(r L). */
static void sine_has_the_spectrum_of_the_law(void **state)
{
    const double sd = 40, range = 3, w2 = 0.7, u = 0.013;
    wide_net net;
    (void)state;
    make_net(&net, "sine", "gaussian", sd, w2, range);
    pairing p = {&net.params, 2 * u};
    double mean = exp(-2 * pow(sd * u, 2)), mean_r2 = sd * sd * (1 - pow(2 * sd * u, 2)) * mean;
    double wanted = 3 * (mean * (1 + w2 * range * range / 3) + w2 * mean_r2) / 2;
    assert_near(integral(cosine_wave, &p, 9 * sd / (2 * M_PI), 60), wanted, 1e-11 * fabs(wanted));
    assert_near(wanted - 3 * w2 * u * u * mean / 2, exact(&net, u, -u), 3e-3 * exact(&net, 0, 0));

    make_net(&net, "sine", "two_point", 2 * M_PI, w2, range); /* a line */
    assert_true(sb_lfp_rate(&net.params, 0.5) == 0 && isinf(sb_lfp_rate(&net.params, 1)));
}

/* Residuals over time, in both forms, of the equation, of its Gram matrix (to `own`), and of the exact kernel of the
 * network of finite L (to `off`). */
static void compare_paths(const wide_net *net, double own, double off)
{
    sb_problem problem = {0};
    double u0[N], gram[N * N], wide[N * N];
    static const double xi[] = {1, 2, 3};
    make_points(&problem, MIDPOINTS, N);
    set_sines(&problem, 1, 3, xi);
    assert_ok(sb_problem_set_times(&problem, 0.02, 2000, 20));
    double *solved = new_doubles(problem.nt * N), *again = new_doubles(problem.nt * N);
    start_residual(&problem, u0);
    assert_ok(lfp()->gram(&net->params, &problem, gram));
    assert_ok(shifted_gram(&net->layer, net->params.out2, N, problem.x, 0, NULL, 1, wide));
    for (size_t i = 0; i < N * N; i++) wide[i] *= GAIN;
    sb_theory_params integrated = net->params;
    integrated.method = "rk8pd"; /* eigenpairs would be `again` once more */
    for (sb_form form = SB_FORM_FLOW; form <= SB_FORM_GD; form++) {
        assert_ok(lfp()->solve(&integrated, &problem, form, u0, NULL, solved));
        kernel_path(&problem, gram, form, u0, again);
        assert_at_most(max_difference(problem.nt * N, solved, again), form == SB_FORM_FLOW ? own : 1e-13);
        kernel_path(&problem, wide, form, u0, again);
        assert_at_most(max_difference(problem.nt * N, solved, again), off);
        assert_at_least(max_difference(N, u0, solved + (problem.nt - 1) * N), 0.1); /* something was learned */
    }
    free(solved);
    free(again);
    sb_problem_clear(&problem);
}

static void two_point_decays_as_the_exact_kernel(void **state)
{
    (void)state;
    for (size_t a = 0; a < SMOOTH; a++) {
        wide_net net;
        make_net(&net, smooth[a], "two_point", 6, 0.7, 4);
        compare_paths(&net, 1e-11, 1e-11);
    }
}

static void normal_law_decays_as_the_exact_kernel(void **state)
{
    wide_net net;
    (void)state;
    make_net(&net, "tanh", "gaussian", 4, 0.7, 3);
    compare_paths(&net, 1e-11, 1e-11);
    make_net(&net, "sine", "gaussian", 12, 0.7, 1);
    compare_paths(&net, 1e-10, 1e-10);
}

/* ---- refusals ---- */

static void refuses_outside_the_wide_limit(void **state)
{
    sb_problem problem = {0};
    wide_net net;
    double gram[N * N];
    (void)state;
    make_points(&problem, ENDPOINTS, N); /* |x| <= 1/2 */
    make_net(&net, "tanh", "two_point", 6, 0.7, 2);
    assert_fails(lfp()->check(&net.params, &problem), SB_ERR_INPUT, "init.shift_range = 2.035");
    assert_fails(lfp()->gram(&net.params, &problem, gram), SB_ERR_INPUT, "1.5e-08");
    net.params.range = 2.036; /* what it asks for is enough */
    assert_ok(lfp()->check(&net.params, &problem));
    net.params.box = 2;
    assert_fails(lfp()->check(&net.params, &problem), SB_ERR_INPUT, "at least 2.535");
    net.params.box = 2.536;
    assert_ok(lfp()->check(&net.params, &problem));
    net.params.range = 0.5;
    assert_fails(lfp()->check(&net.params, &problem), SB_ERR_INPUT, "init.shift_range");

    make_net(&net, "tanh", "gaussian", 6, 0.7, 1); /* narrow neurons that are not smooth on the data */
    assert_fails(lfp()->check(&net.params, &problem), SB_ERR_INPUT, "more room");
    net.params.range = 1.5;
    assert_ok(lfp()->check(&net.params, &problem));
    net.params.in = NULL;
    assert_fails(lfp()->check(&net.params, &problem), SB_ERR_INPUT, "law of |in|");
    make_net(&net, "sine", "two_point", 1, 0.7, 0.5); /* exact for any range */
    assert_ok(lfp()->check(&net.params, &problem));
    net.params.range = 0.4;
    assert_fails(lfp()->check(&net.params, &problem), SB_ERR_INPUT, "|x| <= 0.4");
    sb_problem_clear(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectrum_is_the_kernel),
        cmocka_unit_test(a4_tanh),
        cmocka_unit_test(closed_forms_are_the_quadrature),
        cmocka_unit_test(error_of_the_wide_limit),
        cmocka_unit_test(rates_are_smooth_in_xi),
        cmocka_unit_test(normal_law_to_1e_12),
        cmocka_unit_test(normal_law_decays_slower),
        cmocka_unit_test(gram_is_the_exact_kernel),
        cmocka_unit_test(gram_of_broad_laws),
        cmocka_unit_test(sine_is_exact),
        cmocka_unit_test(sine_has_the_spectrum_of_the_law),
        cmocka_unit_test(two_point_decays_as_the_exact_kernel),
        cmocka_unit_test(normal_law_decays_as_the_exact_kernel),
        cmocka_unit_test(refuses_outside_the_wide_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
