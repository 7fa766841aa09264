/* Infinitely wide networks of layers: averages of activations against quadrature, known kernels, and the kernels of
 * finite networks of many kinds, whose mean is the limit's and whose scatter falls as width^-1/2. */
#include "common/test.h"

#include <stdio.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include <specbias/kernel.h>
#include <specbias/model.h>

#include "common/problems.h"

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

static void place_points(size_t n, double *x)
{
    seed_numbers(5);
    for (size_t i = 0; i < 2 * n; i++) x[i] = number_in(-1.5, 1.5);
}

/* ---- averages of activations ---- */

typedef struct pair {
    double q1, cosine, q2; /* variances, correlation */
} pair;

static const pair pairs[] = {{1, 0.3, 1},   {2, -0.7, 0.5}, {0.1, 0.99, 4},   {1, 1, 1}, {3, -1, 0.2},
                             {0.7, 0, 1.3}, {0, 0, 1},      {30, 0.9999, 20}, {0, 0, 0}};
enum { COUNT = sizeof pairs / sizeof pairs[0] };

static sb_wide_layer layer_of(const sb_activation *s)
{
    return (sb_wide_layer){
        .kind = SB_WIDE_ACTIVATION, .units = 1, .activation = s->name, .kinked = s->kinked, .evaluate = s->evaluate};
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
    size_t settled = 0;
    (void)state;
    for (size_t i = 0; sb_activation_at(i); i++) {
        const sb_activation *s = sb_activation_at(i);
        if (s->kinked) continue;
        for (size_t j = 0; j < COUNT; j++) {
            double value, slope;
            if (isnan(average(s, pairs[j], false))) {
                assert_non_null(strstr(sb_error_text(), "too steep"));
                continue;
            }
            settled++;
            plane(s, pairs[j], &value, &slope);
            assert_near(average(s, pairs[j], false), value, 1e-10 * (1 + fabs(value)));
            assert_near(average(s, pairs[j], true), slope, 1e-10);
        }
    }
    assert_at_least((double)settled, 7 * COUNT); /* all smooth ones of ours */
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

/* ---- steep activations: right to 1e-8, or refused ---- */

typedef struct inner_integral {
    const sb_activation *s;
    bool slope;
    double size, cosine, u; /* of the inputs; standard normal u */
    gsl_integration_workspace *space;
} inner_integral;

static double density_times(const inner_integral *p, double a, double z)
{
    double s, ds;
    sb_activation_value(p->s, p->size * z, &s, &ds);
    return exp(-a * a / 2) / sqrt(2 * M_PI) * (p->slope ? ds : s);
}

static double inner_value(double a, void *context)
{
    const inner_integral *p = context;
    return density_times(p, a, p->cosine * p->u + sqrt((1 - p->cosine) * (1 + p->cosine)) * a);
}

/* With splits where the activation turns, of width 1 / size. */
static double split_integral(gsl_function *f, double middle, double width, double tolerance,
                             gsl_integration_workspace *space)
{
    double edge[7] = {-9, middle - 9 * width, middle - width, middle, middle + width, middle + 9 * width, 9}, sum = 0;
    for (int i = 0; i < 7; i++) edge[i] = fmax(-9, fmin(9, edge[i]));
    for (int i = 0; i < 6; i++) {
        double part = 0, error;
        if (edge[i + 1] > edge[i])
            gsl_integration_qag(f, edge[i], edge[i + 1], tolerance, 1e-11, 400, GSL_INTEG_GAUSS41, space, &part,
                                &error);
        sum += part;
    }
    return sum;
}

static double outer_value(double u, void *context)
{
    inner_integral *p = context;
    double sine = sqrt((1 - p->cosine) * (1 + p->cosine)), own = density_times(p, u, u), s, ds;
    if (sine == 0) { /* one Gaussian */
        sb_activation_value(p->s, p->size * u, &s, &ds);
        return own * (p->slope ? ds : s);
    }
    p->u = u;
    gsl_function f = {inner_value, p};
    return own * split_integral(&f, -p->cosine * u / sine, 3 / (p->size * sine), 1e-12, p->space);
}

static double adaptive(const sb_activation *s, bool slope, double size, double cosine)
{
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(400);
    inner_integral p = {s, slope, size, cosine, 0, gsl_integration_workspace_alloc(400)};
    gsl_function f = {outer_value, &p};
    double value = split_integral(&f, 0, 3 / size, 1e-11, space);
    gsl_integration_workspace_free(space);
    gsl_integration_workspace_free(p.space);
    return value;
}

static void steep_activations(void **state)
{
    static const double sizes[] = {1, 3, 6, 10, 20, 30, 100, 300}, cosines[] = {1, 0.95, -0.6};
    size_t right = 0, refusals = 0;
    gsl_error_handler_t *handler = gsl_set_error_handler_off(); /* rounding before the tolerance */
    (void)state;
    for (size_t k = 0; sb_activation_at(k); k++)
        for (size_t i = 0; i < 8 && !sb_activation_at(k)->kinked; i++) {
            const sb_activation *s = sb_activation_at(k);
            pair one = {sizes[i] * sizes[i], 1, sizes[i] * sizes[i]};
            double largest = average(s, one, false), largest_slope = average(s, one, true);
            if (isnan(largest)) {
                assert_non_null(strstr(sb_error_text(), "too steep"));
                if (i == 0) break; /* not analytic: of any size */
                assert_at_least(sizes[i], 6);
                refusals++;
                continue;
            }
            for (int c = 0; c < 3; c++) {
                pair p = {one.q1, cosines[c], one.q2};
                assert_near(average(s, p, false), adaptive(s, false, sizes[i], cosines[c]), 1e-8 * largest);
                assert_near(average(s, p, true), adaptive(s, true, sizes[i], cosines[c]), 1e-8 * largest_slope);
                right++;
            }
        }
    gsl_set_error_handler(handler);
    assert_at_least((double)right, 90);
    assert_at_least((double)refusals, 5);
    assert_true(isnan(average(sb_activation_find("tanh"), (pair){9e4, 1, 9e4}, false))); /* nearly a step */
}

/* ---- known kernels ---- */

/* P1 of Yu, Yang, Townsend (2023): (1 + cos t)(pi - t) / 2 pi on the circle */
static void circle(void **state)
{
    static const double angle[4] = {0.5, 1, 2, 3},
                        wanted[4] = {.789378008051, .525004427099, .10608034772, .000225520797633};
    recipe r = {
        .layer = {"dense(1000, init=gaussian(1), scale=1)", "relu", "dense(1, init=two_point(1), nobias, frozen)"}};
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
        recipe r = {
            .layer = {frozen ? "fourier(300, frozen)" : "fourier(300)", "dense(1, nobias, init=gaussian(0.7))"}};
        double x[2 * POINTS];
        wide w = make(&r);
        place_points(POINTS, x);
        for (size_t i = 0; i < POINTS; i++)
            for (size_t j = 0; j < POINTS; j++) {
                const double *x1 = x + 2 * i, *x2 = x + 2 * j;
                double wanted = features_kernel(density, 2, frozen ? 0 : 0.49, x1, x2) / 2;
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
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < p; k++) sum += jacobian[i * p + k] * jacobian[j * p + k];
            kernel[i * rows + j] = kernel[j * rows + i] = sum;
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
    {"linear", NULL, "gaussian(0.6)", {TO(512), "dense(512, frozen)", "identity", "dense(1)"}, false, 0},
    {"relu 1", NULL, "gaussian(0.6)", {TO(1024), "relu", "dense(1)"}, false, 0},
    {"erf 1", NULL, "gaussian(0.6)", {TO(1024), "erf", "dense(1)"}, true, 1.3},
    {"tanh 2", NULL, "gaussian(0.6)", {TO(512), "tanh", TO(512), "tanh", "dense(1)"}, false, 0},
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
     {TO(512), "sine", "dense(512, init=two_point(1))", "gaussian", "dense(1, init=uniform(1))"},
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
    place_points(POINTS, x);
    for (size_t i = 0; i < RECIPES; i++) {
        wide w = make(&recipes[i]);
        scatter s;
        assert_ok(sb_gram_wide(&w.law, POINTS, x, 0, NULL, 1, gram));
        draw(&w, DRAWS, x, gram, &s);
        double largest = max_abs(POINTS * POINTS, gram);
        for (size_t k = 0; k < PAIRS; k++) assert_near(s.mean[k], 0, 4 * s.error[k] + 4. / 512 * largest);
        clear(&w);
    }
}

/* Without the variance of the biases in C the kernel would be another: by more than the tolerance of `means`. */
static void biases_count(void **state)
{
    static const recipe r = {.biases = "gaussian(0.6)", .layer = {TO(512), "relu", TO(512), "relu", TO(1)}};
    double x[2 * POINTS], gram[POINTS * POINTS];
    scatter s;
    wide w = make(&r);
    (void)state;
    place_points(POINTS, x);
    for (size_t i = 0; i < w.law.layers; i++) w.law.layer[i].bias2 = 0;
    assert_ok(sb_gram_wide(&w.law, POINTS, x, 0, NULL, 1, gram));
    draw(&w, DRAWS, x, gram, &s);
    double largest = max_abs(POINTS * POINTS, gram), excess = 0;
    for (size_t k = 0; k < PAIRS; k++) excess = fmax(excess, fabs(s.mean[k]) / (4 * s.error[k] + 4. / 512 * largest));
    assert_at_least(excess, 3);
    clear(&w);
}

/* Single draws scatter as width^-1/2: 400 draws gave slopes of -0.51 and -0.50, the 16 of this test -0.42 and -0.40. */
static void scatter_falls_with_width(void **state)
{
    double x[2 * POINTS], gram[POINTS * POINTS], width[3] = {256, 512, 1024}, rms[3];
    (void)state;
    place_points(POINTS, x);
    for (int with_features = 0; with_features < 2; with_features++) {
        for (int i = 0; i < 3; i++) {
            char hidden[32], features[32];
            snprintf(hidden, sizeof hidden, "dense(%g)", width[i]);
            snprintf(features, sizeof features, "fourier(%g)", width[i] / 2);
            recipe plain = {.biases = "gaussian(0.6)", .layer = {hidden, "relu", hidden, "relu", "dense(1)"}};
            recipe of_features = {.layer = {features, hidden, "tanh", "dense(1)"}};
            wide w = make(with_features ? &of_features : &plain);
            scatter s;
            assert_ok(sb_gram_wide(&w.law, POINTS, x, 0, NULL, 1, gram));
            draw(&w, 16, x, gram, &s);
            rms[i] = s.rms;
            clear(&w);
        }
        double slope = measured_order(3, width, rms);
        assert_near(slope, -0.5, 0.15);
    }
}

/* K times the identity over outputs */
static void outputs_do_not_couple(void **state)
{
    enum { OUTPUTS = 2, ROWS = POINTS * OUTPUTS, SEEDS = 16 };
    static const recipe r = {.biases = "gaussian(0.6)", .layer = {TO(512), "tanh", TO(512), "tanh", TO(2)}};
    double x[2 * POINTS], gram[POINTS * POINTS], kernel[ROWS * ROWS], mean[ROWS * ROWS] = {0};
    wide w = make(&r);
    (void)state;
    place_points(POINTS, x);
    assert_ok(sb_gram_wide(&w.law, POINTS, x, 0, NULL, 1, gram));
    for (size_t seed = 0; seed < SEEDS; seed++) {
        finite_kernel(w.model, seed, x, kernel);
        for (size_t i = 0; i < ROWS * ROWS; i++) mean[i] += kernel[i] / SEEDS;
    }
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < ROWS; j++) {
            bool same = i % OUTPUTS == j % OUTPUTS;
            assert_near(mean[i * ROWS + j], same ? gram[i / OUTPUTS * POINTS + j / OUTPUTS] : 0,
                        0.04 * max_abs(POINTS * POINTS, gram));
        }
    clear(&w);
}

/* ---- matrices ---- */

static void same_bits(void **state)
{
    enum { N = 40 };
    static const recipe r = {.biases = "gaussian(0.6)",
                             .layer = {"fourier(64)", TO(64), "tanh", TO(64), "relu", "dense(1)"}};
    double x[2 * N], *one = new_doubles(N * N), *two = new_doubles(N * N), *cross = new_doubles(N * N);
    sb_eigen eigen = {0};
    wide w = make(&r);
    (void)state;
    place_points(N, x);
    assert_ok(sb_gram_wide(&w.law, N, x, 0, NULL, 1, one));
    assert_ok(sb_gram_wide(&w.law, N, x, 0, NULL, 2, two));
    assert_memory_equal(one, two, N * N * sizeof *one);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++) assert_true(one[i * N + j] == one[j * N + i]);
    assert_ok(sb_gram_wide(&w.law, 3, x, N, x, 2, cross));
    assert_at_most(max_difference(3 * N, cross, one), 1e-14 * max_abs(3 * N, one));
    assert_true(cross[2 * N + 1] == sb_wide_kernel(&w.law, x + 4, x + 2));
    assert_ok(sb_eigen_symmetric(one, N, true, &eigen));
    sb_eigen_clear(&eigen);
    clear(&w);
    free(cross);
    free(two);
    free(one);
}

/* ---- laws ---- */

static double mean_square(size_t n, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sum / (double)n;
}

static void laws_have_the_variance_of_their_samples(void **state)
{
    static const char *const law[] = {"glorot",        "he",           "lecun",          "fan_in",
                                      "gaussian(0.7)", "uniform(0.7)", "two_point(0.7)", "zero"};
    enum { LAWS = sizeof law / sizeof law[0], WIDTH = 20000 };
    (void)state;
    assert_null(sb_init_name(LAWS));
    for (size_t i = 0; i < LAWS; i++) {
        char text[64];
        snprintf(text, sizeof text, "dense(%d, init=%s, scale=3)", WIDTH, law[i]);
        recipe r = {.biases = law[i], .layer = {text, "dense(1)"}};
        wide w = make(&r);
        double *theta = new_doubles(sb_model_parameters(w.model));
        sb_model_start(w.model, 1, SB_STREAM_TRAIN, theta);
        /* of normal laws, squares scatter by 2^1/2 */
        assert_close(w.law.layer[0].weight2, 9 * mean_square(2 * WIDTH, theta), 5 * sqrt(2. / (2 * WIDTH)));
        assert_close(w.law.layer[0].bias2, mean_square(WIDTH, theta + 2 * WIDTH), 5 * sqrt(2. / WIDTH));
        assert_true(w.law.layer[0].weight_trained == 9 && w.law.layer[0].bias_trained == 1);
        free(theta);
        clear(&w);
    }
}

static double one_value(const recipe *r)
{
    double x1[2] = {0.3, -0.8}, x2[2] = {1.1, 0.2};
    wide w = make(r);
    double k = sb_wide_kernel(&w.law, x1, x2);
    clear(&w);
    return k;
}

static void what_makes_no_difference(void **state)
{
    recipe plain = {.gain = 1.3, .layer = {TO(64), "tanh", TO(1)}}, copies = plain;
    recipe with_identity = {.gain = 1.3, .layer = {"identity", TO(64), "identity", "tanh", TO(1), "identity"}};
    recipe doubled = {.gain = 2.6, .layer = {TO(64), "tanh", TO(1)}};
    recipe narrow = {.gain = 1.3, .layer = {TO(32), "tanh", TO(1)}};
    (void)state;
    copies.antisymmetric = true;
    assert_close(one_value(&copies), one_value(&plain), 1e-14);
    assert_close(one_value(&with_identity), one_value(&plain), 1e-14);
    assert_close(one_value(&doubled), 4 * one_value(&plain), 1e-14);
    assert_close(one_value(&narrow), one_value(&plain), 1e-14);
}

/* ---- what cannot be ---- */

static void refused(recipe r, const char *words)
{
    sb_model *model = NULL;
    sb_wide_law law = {0};
    assert_ok(try_model(&r, &model));
    assert_fails(sb_model_wide_law(model, &law), SB_ERR_UNSUPPORTED, words);
    assert_null(law.layer);
    sb_model_destroy(&model);
}

static void networks_without_a_limit(void **state)
{
    (void)state;
    refused((recipe){.layer = {"conv1d(4, 1)", "relu", "dense(1)"}},
            "layer 1, \"conv1d(4, 1)\": the wide limit of conv1d");
    refused((recipe){.layer = {"dense(4)", "maxpool(1)", "dense(1)"}}, "maxpool");
    refused((recipe){.layer = {"dense(9)", "fourier(4)", "dense(1)"}}, "layer 2, \"fourier(4)\": Fourier features");
    refused((recipe){.layer = {"dense(9, init=glorot)", "tanh", "dense(1)"}}, "layer 2, \"tanh\": the first weights");
    refused((recipe){.layer = {"dense(9, init=two_point(1))", "identity", "tanh", "dense(1)"}}, "law two_point");
    refused((recipe){.layer = {"tanh", "dense(1)"}}, "behind a dense layer only");
    refused((recipe){.layer = {"fourier(9)", "tanh", "dense(1)"}}, "behind a dense layer only");
    refused((recipe){.layer = {"dense(9)", "tanh", "tanh", "dense(1)"}}, "layer 3, \"tanh\"");
    refused((recipe){.biases = "uniform(1)", .layer = {"dense(9)", "tanh", "dense(1)"}}, "biases of the law uniform");
    refused((recipe){.layer = {"dense(9)", "tanh"}}, "last layer is dense");
    refused((recipe){.layer = {"fourier(9)"}}, "last layer is dense");
    refused((recipe){.layer = {"identity"}}, "last layer is dense");
}

static void networks_with_a_limit(void **state)
{
    recipe fine[] = {
        {.layer = {"dense(1, init=glorot)"}},
        {.layer = {"dense(9, init=uniform(1))", "dense(9, init=uniform(1))", "tanh", "dense(1)"}},
        {.layer = {"fourier(9)", "dense(9, init=glorot)", "tanh", "dense(1)"}},
        {.biases = "uniform(1)", .layer = {"dense(9, nobias)", "tanh", "dense(1)"}},
        {.biases = "uniform(1)", .layer = {"fourier(9)", "dense(1)"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) assert_true(one_value(&fine[i]) != 0);
}

static void values_that_cannot_be(void **state)
{
    recipe steep = {.layer = {"dense(9, init=gaussian(1000))", "tanh", "dense(1)"}};
    double x[4] = {1, 2, 3, 4}, infinite[2] = {INFINITY, 0}, gram[4];
    sb_wide_layer layer[] = {{.kind = SB_WIDE_DENSE, .units = 1, .weight2 = 1},
                             {.kind = SB_WIDE_ACTIVATION, .units = 1, .activation = "step", .kinked = true},
                             {.kind = SB_WIDE_DENSE, .units = 1, .weight_trained = 1}};
    sb_wide_law law = {.inputs = 2, .gain2 = 1, .layers = 3, .layer = layer};
    (void)state;
    assert_fails(sb_gram_wide(&law, 2, x, 0, NULL, 1, gram), SB_ERR_UNSUPPORTED, "step, which has a kink");
    assert_true(isnan(sb_wide_kernel(&law, x, x + 2)));
    layer[1] = layer_of(sb_activation_find("relu"));
    assert_ok(sb_gram_wide(&law, 2, x, 0, NULL, 1, gram));
    assert_fails(sb_gram_wide(&law, 1, infinite, 0, NULL, 1, gram), SB_ERR_NUMERIC, "variance inf in front of relu");
    law.layer = layer + 2;
    law.layers = 1;
    assert_fails(sb_gram_wide(&law, 1, infinite, 0, NULL, 1, gram), SB_ERR_NUMERIC, "points 0 and 0 is inf");
    wide w = make(&steep);
    assert_fails(sb_gram_wide(&w.law, 2, x, 0, NULL, 1, gram), SB_ERR_NUMERIC, "too steep");
    clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smooth_averages),
        cmocka_unit_test(relu_averages),
        cmocka_unit_test(steep_activations),
        cmocka_unit_test(circle),
        cmocka_unit_test(features),
        cmocka_unit_test(far_apart),
        cmocka_unit_test(means),
        cmocka_unit_test(biases_count),
        cmocka_unit_test(scatter_falls_with_width),
        cmocka_unit_test(outputs_do_not_couple),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(laws_have_the_variance_of_their_samples),
        cmocka_unit_test(what_makes_no_difference),
        cmocka_unit_test(networks_without_a_limit),
        cmocka_unit_test(networks_with_a_limit),
        cmocka_unit_test(values_that_cannot_be),
    };
    return cmocka_run_group_tests_name("wide", tests, NULL, NULL);
}
