/* Infinitely wide networks of layers: averages of activations against quadrature, known kernels, and the kernels of
 * finite networks of many kinds, whose mean is the limit's and whose scatter falls as width^-1/2. */
#include "common/test.h"

#include <stdio.h>

#include <gsl/gsl_integration.h>

#include <specbias/kernel.h>
#include <specbias/model.h>

/* ---- networks by their texts ---- */

enum { MOST_LAYERS = 9, POINTS = 6, PAIRS = POINTS * (POINTS + 1) / 2 };

typedef struct recipe {
    const char *name, *parametrisation, *biases;
    const char *layer[MOST_LAYERS];
    bool antisymmetric;
    double gain; /* 0: 1 */
} recipe;

static sb_status try_model(const recipe *r, sb_model **model)
{
    sb_model_spec spec = {.input = {1, 1, 2},
                          .layer = r->layer,
                          .parametrisation = r->parametrisation ? r->parametrisation : "ntk",
                          .gain = r->gain > 0 ? r->gain : 1,
                          .weights = "",
                          .biases = r->biases ? r->biases : "",
                          .density = "gaussian(1.5)",
                          .antisymmetric = r->antisymmetric};
    while (spec.layers < MOST_LAYERS && r->layer[spec.layers]) spec.layers++;
    return sb_model_create(&spec, model);
}

typedef struct wide {
    sb_model *model;
    sb_wide_law law;
} wide;

static wide make(const recipe *r)
{
    wide w = {0};
    assert_ok(try_model(r, &w.model));
    assert_ok(sb_model_wide_law(w.model, &w.law));
    return w;
}

static void clear(wide *w)
{
    sb_wide_law_clear(&w->law);
    sb_model_destroy(&w->model);
}

static void make_points(size_t n, double *x)
{
    seed_numbers(5);
    for (size_t i = 0; i < 2 * n; i++) x[i] = number_in(-1.5, 1.5);
}

/* ---- averages of activations ---- */

typedef struct pair {
    double q1, cosine, q2; /* variances, correlation */
} pair;

static const pair pairs[] = {{1, 0.3, 1},   {2, -0.7, 0.5}, {0.1, 0.99, 4},  {1, 1, 1}, {3, -1, 0.2},
                             {0.7, 0, 1.3}, {0, 0, 1},      {30, 0.9999, 20}, {0, 0, 0}};
enum { COUNT = sizeof pairs / sizeof pairs[0] };

static sb_wide_layer layer_of(const sb_activation *s)
{
    return (sb_wide_layer){.kind = SB_WIDE_ACTIVATION,
                           .units = 1,
                           .activation = s->name,
                           .kinked = s->kinked,
                           .evaluate = s->evaluate};
}

/* <s s'> or <ds ds'> as the kernel of a network: its last weights or its first bias alone are trained. */
static double average(const sb_activation *s, pair p, bool slope)
{
    sb_wide_layer layer[] = {
        {.kind = SB_WIDE_DENSE, .units = 1, .weight2 = 1, .bias_trained = slope},
        layer_of(s),
        {.kind = SB_WIDE_DENSE, .units = 1, .weight2 = slope, .weight_trained = !slope},
    };
    sb_wide_law law = {.inputs = 2, .gain2 = 1, .layers = 3, .layer = layer};
    double x1[2] = {sqrt(p.q1), 0};
    double x2[2] = {sqrt(p.q2) * p.cosine, sqrt(p.q2 * (1 - p.cosine) * (1 + p.cosine))};
    return sb_wide_kernel(&law, x1, x2);
}

/* Equal steps in the plane of two independent normal numbers a, b; u = sqrt(q1) a, u' = sqrt(q2) (c a + sin b). */
static void plane(const sb_activation *s, pair p, double *value, double *slope)
{
    enum { N = 577 };
    double step = 18. / (N - 1), z[N], f[N], df[N];
    *value = *slope = 0;
    for (int i = 0; i < N; i++) {
        double a = step * i - 9, u = sqrt(p.q1) * a, su, dsu, sum = 0, slopes = 0;
        sb_activation_value(s, u, &su, &dsu);
        for (int j = 0; j < N; j++)
            z[j] = sqrt(p.q2) * (p.cosine * a + sqrt((1 - p.cosine) * (1 + p.cosine)) * (step * j - 9));
        s->evaluate(N, z, f, df);
        for (int j = 0; j < N; j++) {
            double b = step * j - 9, weight = step * step * exp(-(a * a + b * b) / 2) / (2 * M_PI);
            sum += weight * f[j];
            slopes += weight * df[j];
        }
        *value += su * sum;
        *slope += dsu * slopes;
    }
}

static void smooth_averages(void **state)
{
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) {
        const sb_activation *s = sb_activation_at(i);
        if (s->kinked) continue;
        for (size_t j = 0; j < COUNT; j++) {
            double value, slope;
            plane(s, pairs[j], &value, &slope);
            print_message("%s %zu: %.2e %.2e\n", s->name, j, average(s, pairs[j], false) - value, average(s, pairs[j], true) - slope);
            assert_near(average(s, pairs[j], false), value, 1e-10 * (1 + fabs(value)));
            assert_near(average(s, pairs[j], true), slope, 1e-10);
        }
    }
}

/* ---- ReLU: u = sqrt(q1) r cos t, u' = sqrt(q2) r cos(t - angle) ---- */

static double wedge(double t, void *angle)
{
    return cos(t) * cos(t - *(double *)angle);
}

static void relu_averages(void **state)
{
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(100);
    const sb_activation *relu = sb_activation_find("relu");
    (void)state;
    for (size_t j = 0; j < COUNT; j++) {
        double angle = acos(pairs[j].cosine), integral, error, scale = sqrt(pairs[j].q1 * pairs[j].q2);
        gsl_function f = {wedge, &angle};
        gsl_integration_qag(&f, angle - M_PI_2, M_PI_2, 1e-14, 1e-13, 100, GSL_INTEG_GAUSS61, space, &integral, &error);
        /* int r^3 exp(-r^2 / 2) dr = 2; both are on in a wedge of pi - angle */
        assert_near(average(relu, pairs[j], false), scale * 2 * integral / (2 * M_PI), 1e-10);
        assert_near(average(relu, pairs[j], true), scale > 0 ? (M_PI - angle) / (2 * M_PI) : 0, 1e-8);
    }
    gsl_integration_workspace_free(space);
}

/* ---- known kernels ---- */

/* P1 of Yu, Yang, Townsend (2023): (1 + cos t)(pi - t) / 2 pi on the circle */
static void circle(void **state)
{
    static const double angle[4] = {0.5, 1, 2, 3},
                        wanted[4] = {.789378008051, .525004427099, .10608034772, .000225520797633};
    recipe r = {.layer = {"dense(1000, init=gaussian(1), scale=1)", "relu",
                          "dense(1, init=two_point(1), nobias, frozen)"}};
    wide w = make(&r);
    (void)state;
    for (int i = 0; i < 4; i++) {
        double x1[2] = {cos(0.3), sin(0.3)}, x2[2] = {cos(0.3 + angle[i]), sin(0.3 + angle[i])};
        assert_close(sb_wide_kernel(&w.law, x1, x2), wanted[i], 1e-10);
        assert_close(sb_wide_kernel(&w.law, x1, x2), (1 + cos(angle[i])) * (M_PI - angle[i]) / (2 * M_PI), 1e-12);
    }
    clear(&w);
}

/* (1 + <a^2> x . x') phi(x - x') of both descriptions */
static void features(void **state)
{
    sb_density density[2] = {{0}};
    (void)state;
    for (int d = 0; d < 2; d++) assert_ok(sb_density_parse("gaussian(1.5)", NULL, &density[d]));
    for (int frozen = 0; frozen < 2; frozen++) {
        recipe r = {.layer = {frozen ? "fourier(300, frozen)" : "fourier(300)", "dense(1, nobias, init=gaussian(0.7))"}};
        sb_net_law net = {.dim = 2, .out2 = 0.49, .gain = 0.5, .density = density, .frozen = frozen};
        double x[2 * POINTS];
        wide w = make(&r);
        make_points(POINTS, x);
        for (size_t i = 0; i < POINTS; i++)
            for (size_t j = 0; j < POINTS; j++) {
                const double *x1 = x + 2 * i, *x2 = x + 2 * j;
                double wanted = sb_kernel_find("fourier")->value(&net, x1, x2);
                assert_near(sb_wide_kernel(&w.law, x1, x2), wanted, 1e-13);
            }
        clear(&w);
    }
    for (int d = 0; d < 2; d++) sb_density_clear(&density[d]);
}

/* What is left of features of points far apart, A(0): 1 / pi of one ReLU layer, .686 of two (sw^2 = 2, sv = 1) */
static void far_apart(void **state)
{
    recipe one = {.layer = {"fourier(512)", "dense(512, nobias, scale=0.0625)", "relu", "dense(1, nobias)"}};
    recipe two = {.layer = {"fourier(512)", "dense(512, nobias, scale=0.0625)", "relu",
                            "dense(512, nobias, scale=0.0625)", "relu", "dense(1, nobias)"}};
    double near[2] = {0, 0}, far[2] = {30, 0}, cosine = 1 / M_PI, angle = acos(1 / M_PI);
    wide w = make(&one);
    (void)state;
    assert_close(sb_wide_kernel(&w.law, near, far), 1 / M_PI, 1e-14);
    clear(&w);
    w = make(&two);
    assert_near(sb_wide_kernel(&w.law, near, far), 0.686, 5e-4);
    assert_close(sb_wide_kernel(&w.law, near, far),
                 (sin(angle) + cosine * (M_PI - angle)) / M_PI + 2 / M_PI * (M_PI - angle) / (2 * M_PI), 1e-12);
    clear(&w);
}

/* ---- finite networks ---- */

/* kernel[rows][rows] of one draw, rows = POINTS outputs */
static void finite_kernel(const sb_model *model, uint64_t seed, const double *x, double *kernel)
{
    size_t p = sb_model_parameters(model), outputs = sb_model_outputs(model), rows = POINTS * outputs;
    double *theta = new_doubles(p), *jacobian = new_doubles(rows * p);
    sb_model_start(model, seed, SB_STREAM_TRAIN, theta);
    for (size_t i = 0; i < rows; i++) {
        double g[4] = {0};
        g[i % outputs] = 1;
        assert_ok(sb_model_gradient(model, theta, 1, x + i / outputs * 2, g, jacobian + i * p));
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < rows; j++) {
            double sum = 0;
            for (size_t k = 0; k < p; k++) sum += jacobian[i * p + k] * jacobian[j * p + k];
            kernel[i * rows + j] = sum;
        }
    free(jacobian);
    free(theta);
}

typedef struct scatter {
    double mean[PAIRS], error[PAIRS]; /* of the mean */
    double rms;                       /* of single draws, about the limit */
} scatter;

static void draw(const wide *w, size_t draws, const double *x, const double *gram, scatter *s)
{
    double sum[PAIRS] = {0}, square[PAIRS] = {0}, n = (double)draws, total = 0;
    for (size_t seed = 0; seed < draws; seed++) {
        double kernel[POINTS * POINTS];
        finite_kernel(w->model, seed, x, kernel);
        for (size_t i = 0, k = 0; i < POINTS; i++)
            for (size_t j = 0; j <= i; j++, k++) {
                double off = kernel[i * POINTS + j] - gram[i * POINTS + j];
                sum[k] += off;
                square[k] += off * off;
            }
    }
    for (size_t k = 0; k < PAIRS; k++) {
        s->mean[k] = sum[k] / n;
        s->error[k] = sqrt(fmax(0, square[k] - sum[k] * sum[k] / n) / (n * (n - 1)));
        total += square[k];
    }
    s->rms = sqrt(total / (n * PAIRS));
}

#define TO(m) "dense(" #m ")"
static const recipe recipes[] = {
    {"linear", NULL, "gaussian(0.6)", {TO(1024), "dense(1024, frozen)", "identity", "dense(1)"}, false, 0},
    {"relu 1", NULL, "gaussian(0.6)", {TO(1024), "relu", "dense(1)"}, false, 0},
    {"erf 1", NULL, "gaussian(0.6)", {TO(1024), "erf", "dense(1)"}, true, 1.3},
    {"tanh 2", NULL, "gaussian(0.6)", {TO(1024), "tanh", TO(1024), "tanh", "dense(1)"}, false, 0},
    {"relu 3",
     NULL,
     "gaussian(0.6)",
     {TO(512), "relu", "dense(512, init=gaussian(1.4))", "relu", "dense(512, init=gaussian(1.4))", "relu", "dense(1)"},
     false,
     0},
    {"erf 3", NULL, "gaussian(0.6)", {TO(512), "erf", TO(512), "erf", TO(512), "erf", "dense(1)"}, false, 0},
    {"other laws",
     NULL,
     "gaussian(0.6)",
     {TO(1024), "sine", "dense(1024, init=two_point(1))", "gaussian", "dense(1, init=uniform(1))"},
     false,
     0},
    {"middle frozen", NULL, "gaussian(0.6)", {TO(512), "gelu", "dense(512, frozen)", "sigmoid", TO(1)}, false, 0},
    {"standard tanh 2",
     "standard",
     "gaussian(0.6)",
     {TO(512), "tanh", "dense(512, init=glorot)", "tanh", "dense(1)"},
     false,
     0},
    {"standard relu 2",
     "standard",
     "gaussian(0.6)",
     {"dense(512, init=he)", "relu", "dense(512, init=he)", "relu", "dense(1, init=fan_in)"},
     false,
     0},
    {"mean field erf 2", "mean_field", "gaussian(0.6)", {TO(512), "erf", TO(512), "erf", "dense(1)"}, false, 0},
    {"features relu 1", NULL, "gaussian(0.6)", {"fourier(512)", TO(1024), "relu", "dense(1)"}, false, 0},
    {"features tanh 2", NULL, "", {"fourier(256)", TO(512), "tanh", TO(512), "tanh", "dense(1)"}, false, 0},
    {"frozen features erf 2",
     NULL,
     "gaussian(0.6)",
     {"fourier(256, frozen)", TO(512), "erf", TO(512), "erf", "dense(1, nobias)"},
     false,
     0},
    {"standard features relu 1", "standard", "gaussian(0.6)", {"fourier(256)", TO(512), "relu", "dense(1)"}, true, 0},
};
enum { RECIPES = sizeof recipes / sizeof recipes[0], DRAWS = 12 };

/* Within four standard errors and 4 / width of the largest entry, as the mean at finite width differs by O(1/width). */
static void means(void **state)
{
    double x[2 * POINTS], gram[POINTS * POINTS];
    (void)state;
    make_points(POINTS, x);
    for (size_t i = 0; i < RECIPES; i++) {
        wide w = make(&recipes[i]);
        scatter s;
        assert_ok(sb_gram_wide(&w.law, POINTS, x, 0, NULL, 1, gram));
        draw(&w, DRAWS, x, gram, &s);
        double largest = max_abs(POINTS * POINTS, gram), z = 0, off = 0;
        for (size_t k = 0; k < PAIRS; k++) { z = fmax(z, fabs(s.mean[k]) / s.error[k]); off = fmax(off, fabs(s.mean[k])); }
        print_message("%-26s max %.4g rms/max %.4f off/max %.4f  largest z %.2f\n", recipes[i].name, largest, s.rms / largest, off / largest, z);
        for (size_t k = 0; k < PAIRS; k++) assert_near(s.mean[k], 0, 4 * s.error[k] + 4. / 512 * largest);
        clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smooth_averages),
        cmocka_unit_test(relu_averages),
        cmocka_unit_test(circle),
        cmocka_unit_test(features),
        cmocka_unit_test(far_apart),
        cmocka_unit_test(means),
    };
    return cmocka_run_group_tests_name("wide", tests, NULL, NULL);
}
