/* Averages of activations in closed form, and kernels of depth, of large, tiny and nearly (anti)parallel inputs: all
 * digits, where the formulas as written in books have none. After neural-tangents issue 113 (the erf kernel at large
 * inputs) and gpytorch's closely spaced points. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/kernel.h>
#include <specbias/net.h>

#include "kernel/dual.h"

enum { MOST_LAYERS = 9, MOST_ACTIVATIONS = 3 };

static sb_wide_layer layer_of(const char *name)
{
    const sb_activation *s = sb_activation_find(name);
    return (sb_wide_layer){
        .kind = SB_WIDE_ACTIVATION, .units = 7, .activation = s->name, .kinked = s->kinked, .evaluate = s->evaluate};
}

/* ---- references: mpmath, 700 digits, of the formulas
 *
 *   relu      r / 2 pi (sin t + (pi - t) cos t), (pi - t) / 2 pi;  cos t = S / r, r^2 = q1 q2
 *   erf       2 / pi asin(2 S / sqrt p), 4 / pi (p - 4 S^2)^-1/2;  p = (1 + 2 q1)(1 + 2 q2)
 *   sine      exp(-(q1 + q2) / 2) (sinh S, cosh S)
 *   gaussian  p^-1/2, S p^-3/2;  p = (1 + q1)(1 + q2) - S^2
 *
 * with q1 = x1 . x1, S = x1 . x2, q2 = x2 . x2 of the inputs as they stand ---- */

typedef struct average {
    const char *activation;
    double x[4], value, slope;
} average;

static const average averages[] = {
    {"relu", {1, 0, 1, 1e-9}, 0.5, 0.4999999998408451},
    {"relu", {0.6, 0.8, 0.6, 0.800000001}, 0.5000000004, 0.499999999904507},
    {"relu", {3, 1, -6, -2.00000001}, 3.58098615069664e-27, 2.387324130675875e-10},
    {"relu", {1e150, 0, 2e150, 1e141}, 1.0e+300, 0.4999999999204225},
    {"relu", {1e6, 2e6, 1e6, 2000000.001}, 2500000001000.0, 0.499999999968169},
    {"relu", {1e8, 1e8, 1e8, 100000001}, 1.000000005e+16, 0.4999999992042253},
    {"relu", {1e-5, 0, 1, 1e-9}, 5.0e-6, 0.4999999998408451},
    {"relu", {1000, 0, -2000, 2}, 0.0001061032317326651, 0.0001591548900402795},
    {"relu", {0, 0, 1, 2}, 0.0, 0.0},
    {"relu", {0.3, -1.2, 0.7, 0.4}, 0.09707022373998131, 0.2063648949194007},
    {"relu", {1e-4, 0, 3e-4, 0}, 1.5e-8, 0.5},
    {"erf", {1, 0, 1, 1e-9}, 0.46455905439754, 0.5694100347337416},
    {"erf", {0.6, 0.8, 0.6, 0.800000001}, 0.4645590545493827, 0.5694100345515304},
    {"erf", {3, 1, -6, -2.00000001}, -0.8432948573974255, 0.1266920698555771},
    {"erf", {1e6, 2e6, 1e6, 2000000.001}, 0.9999997152949542, 2.847049888394292e-7},
    {"erf", {1e8, 1e8, 1e8, 100000001}, 0.9999999944867111, 3.675525963352737e-9},
    {"erf", {1e-5, 0, 1, 1e-9}, 7.351051938385479e-6, 0.7351051938712192},
    {"erf", {1000, 0, -2000, 2}, -0.9991884661386127, 0.0002497027754007768},
    {"erf", {0, 0, 1, 2}, 0.0, 0.3838961671026785},
    {"erf", {0.3, -1.2, 0.7, 0.4}, -0.1130924432028966, 0.4233233509163995},
    {"erf", {1e-4, 0, 3e-4, 0}, 3.819718252233677e-8, 1.273239417411227},
    {"sine", {1, 0, 1, 1e-9}, 0.4323323583816937, 0.5676676416183063},
    {"sine", {0.6, 0.8, 0.6, 0.800000001}, 0.4323323584899619, 0.5676676415100381},
    {"sine", {3, 1, -6, -2.00000001}, -0.003368973465852999, 0.003368973465852999},
    {"sine", {1e6, 2e6, 1e6, 2000000.001}, 0.499999750000097, 0.499999750000097},
    {"sine", {1e8, 1e8, 1e8, 100000001}, 0.3032653298563167, 0.3032653298563167},
    {"sine", {1e-5, 0, 1, 1e-9}, 6.065306596924158e-6, 0.6065306597126334},
    {"sine", {0, 0, 1, 2}, 0.0, 0.0820849986238988},
    {"sine", {0.3, -1.2, 0.7, 0.4}, -0.09188543877622171, 0.3485462157297776},
    {"sine", {1e-4, 0, 3e-4, 0}, 2.999999850000004e-8, 0.9999999500000017},
    {"gaussian", {1, 0, 1, 1e-9}, 0.5773502691896258, 0.1924500897298753},
    {"gaussian", {0.6, 0.8, 0.6, 0.800000001}, 0.5773502690356657, 0.1924500897298753},
    {"gaussian", {3, 1, -6, -2.00000001}, 0.140028008347888, -0.05491294443453967},
    {"gaussian", {1e6, 2e6, 1e6, 2000000.001}, 3.162277501421916e-7, 1.581138592596963e-7},
    {"gaussian", {1e8, 1e8, 1e8, 100000001}, 4.472135946055307e-9, 1.788854380210977e-9},
    {"gaussian", {1e-5, 0, 1, 1e-9}, 0.7071067811688699, 3.535533905667573e-6},
    {"gaussian", {1000, 0, -2000, 2}, 0.0003333332407407793, -7.407401234572188e-5},
    {"gaussian", {0, 0, 1, 2}, 0.408248290463863, 0.0},
    {"gaussian", {0.3, -1.2, 0.7, 0.4}, 0.4937684626565956, -0.03250377533579112},
    {"gaussian", {1e-4, 0, 3e-4, 0}, 0.9999999500000037, 2.999999550000056e-8},
};

/* Kernels of layers dense, activation, dense, .. with weights of variance 1.7 that are trained with factor 1.7, biases
 * of variance b trained with factor b, and last weights of variance 1: S' = 1.7 S + b, T' = 1.7 (S + T) + b, then
 * S'' = <s s'>, T'' = <ds ds'> T', at the end S + T. */
typedef struct chain {
    const char *activations;
    double b, x[4], kernel;
} chain;

static const chain chains[] = {
    {"relu", 0, {0, 0, 1, 2}, 0.0},
    {"relu", 0.3, {1000, 0, -2000, 2}, -639.5964107237264},
    {"relu", 0.3, {3, 1, -6, -2.00000001}, -1.049899390381595},
    {"erf", 0, {1e6, 2e6, 1e6, 2000000.001}, 1856050.318834017},
    {"erf", 0, {0, 0, 1, 2}, 0.0},
    {"erf", 0.3, {1e-5, 0, 1, 1e-9}, 0.2742899813841673},
    {"erf", 0.3, {0.3, -1.2, 0.7, 0.4}, -0.07963838416957811},
    {"gaussian", 0, {0, 0, 1, 2}, 0.3244428422615251},
    {"gaussian", 0, {0.6, 0.8, 0.6, 0.800000001}, 0.789857076836064},
    {"gaussian", 0.3, {0, 0, 1, 2}, 0.2831611319229998},
    {"gaussian", 0.3, {1, 0, 1, 1e-9}, 0.8049844718999243},
    {"relu relu", 0, {1e-5, 0, 1, 1e-9}, 2.167499999310063e-5},
    {"relu relu", 0.3, {1000, 0, -2000, 2}, 459686.4475622255},
    {"relu relu", 0.3, {1e-150, 2e-150, 1e-150, 2.000000001e-150}, 0.6825},
    {"erf relu", 0, {1e-4, 0, 3e-4, 0}, 1.655847707415318e-7},
    {"erf relu", 0.3, {1e-5, 0, 1, 1e-9}, 0.5730995573793473},
    {"erf relu", 0.3, {1000, 0, -2000, 2}, -103.3510008674105},
    {"sine relu", 0, {1000, 0, -2000, 2}, 0.135281701628111},
    {"sine relu", 0, {1e-5, 0, 1, 1e-9}, 1.621523623286463e-5},
    {"sine relu", 0.3, {1e8, 1e8, 1e8, 100000001}, 4296701034071420.0},
    {"sine relu", 0.3, {0.3, -1.2, 0.7, 0.4}, 0.3192284842944701},
    {"gaussian relu", 0, {3, 1, -6, -2.00000001}, 1.22376832809512},
    {"gaussian relu", 0, {1e-150, 2e-150, 1e-150, 2.000000001e-150}, 1.7},
    {"gaussian relu", 0.3, {0.3, -1.2, 0.7, 0.4}, 0.784340597092579},
    {"gaussian relu", 0.3, {3, 1, -6, -2.00000001}, 0.9475495064045861},
    {"relu erf", 0, {1000, 0, -2000, 2}, -0.0002026420194974678},
    {"relu erf", 0, {1e8, 1e8, 1e8, 100000001}, 164922317.4008837},
    {"relu erf", 0.3, {1e-4, 0, 3e-4, 0}, 0.9273743234639735},
    {"relu erf", 0.3, {1, 0, 1, 1e-9}, 2.16066324223003},
    {"relu sine", 0, {0.3, -1.2, 0.7, 0.4}, 0.08455150416292545},
    {"relu sine", 0, {0.6, 0.8, 0.6, 0.800000001}, 1.997519521871016},
    {"relu sine", 0.3, {3, 1, -6, -2.00000001}, -1.449717209080772e-16},
    {"relu sine", 0.3, {0, 0, 1, 2}, 0.03752208324388526},
    {"erf erf relu", 0, {1, 0, 1, 1e-9}, 1.895404473818016},
    {"erf erf relu", 0, {1e150, 0, 2e150, 1e141}, 838758024.9769127},
    {"erf erf relu", 0.3, {2, 1, 2, 1}, 3.136869449257878},
    {"erf erf relu", 0.3, {1, 0, 1, 1e-9}, 2.366658107603549},
    {"relu relu relu", 0, {1e-5, 0, 1, 1e-9}, 2.456499998827108e-5},
    {"relu relu relu", 0.3, {0, 0, 1, 2}, 1.378665521704971},
    {"relu relu relu", 0.3, {1e-4, 0, 3e-4, 0}, 1.115889661704212},
};

/* ---- networks ---- */

typedef struct network {
    sb_wide_layer layer[MOST_LAYERS];
    sb_wide_law law;
} network;

/* Of 7 units each, so that factors of units are there. */
static void make(const char *activations, double b, network *n)
{
    char text[64], *rest, *name;
    size_t count = 0;
    snprintf(text, sizeof text, "%s", activations);
    for (name = strtok_r(text, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        double fan = count ? 7 : 1;
        n->layer[count++] = (sb_wide_layer){.kind = SB_WIDE_DENSE,
                                            .units = 7,
                                            .weight2 = 1.7 / fan,
                                            .bias2 = b,
                                            .weight_trained = 1.7 / fan,
                                            .bias_trained = b};
        n->layer[count++] = layer_of(name);
    }
    n->layer[count++] = (sb_wide_layer){.kind = SB_WIDE_DENSE, .units = 1, .weight2 = 1. / 7, .weight_trained = 1. / 7};
    n->law = (sb_wide_law){.inputs = 2, .gain2 = 1, .layers = count, .layer = n->layer};
}

/* <s s'> or <ds ds'> alone: only the last weights or only the first bias are trained. */
static double average_of(const char *activation, bool slope, const double *x)
{
    sb_wide_layer layer[] = {
        {.kind = SB_WIDE_DENSE, .units = 1, .weight2 = 1, .bias_trained = slope},
        layer_of(activation),
        {.kind = SB_WIDE_DENSE, .units = 1, .weight2 = slope / 7., .weight_trained = !slope / 7.},
    };
    sb_wide_law law = {.inputs = 2, .gain2 = 1, .layers = 3, .layer = layer};
    return sb_wide_kernel(&law, x, x + 2);
}

static void closed_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof averages / sizeof averages[0]; i++) {
        const average *a = &averages[i];
        double swapped[4] = {a->x[2], a->x[3], a->x[0], a->x[1]};
        assert_close(average_of(a->activation, false, a->x), a->value, 1e-12);
        assert_close(average_of(a->activation, true, a->x), a->slope, 1e-12);
        assert_close(average_of(a->activation, false, swapped), a->value, 1e-12);
        assert_close(average_of(a->activation, true, swapped), a->slope, 1e-12);
    }
}

/* Alone, and at each place of a row of so many points that the loops take it in parts. */
static void depth(void **state)
{
    enum { CHAINS = sizeof chains / sizeof chains[0], ROW = 4 * CHAINS };
    double x[2 * ROW], row[ROW];
    (void)state;
    for (size_t j = 0; j < ROW; j++) memcpy(x + 2 * j, chains[j % CHAINS].x + 2, 2 * sizeof *x);
    for (size_t i = 0; i < CHAINS; i++) {
        network n;
        make(chains[i].activations, chains[i].b, &n);
        assert_close(sb_wide_kernel(&n.law, chains[i].x, chains[i].x + 2), chains[i].kernel, 1e-12);
        assert_ok(sb_gram_wide(&n.law, 1, chains[i].x, ROW, x, 1, row));
        for (size_t j = i; j < ROW; j += CHAINS) assert_close(row[j], chains[i].kernel, 1e-12);
    }
}

/* Frozen features, dense, relu, dense on 0 and z: r / 2 pi (sin t + (pi - t) cos t) + r cos t (pi - t) / 2 pi with
 * r = .85, cos t = phi(z); mpmath, 60 digits. */
static void features_nearly_equal(void **state)
{
    static const struct {
        const char *density;
        double z, kernel;
    } noted[] = {
        {"gaussian(1.5)", 1e-12, 0.84999999999979708}, {"gaussian(1.5)", 1e-11, 0.84999999999797077},
        {"gaussian(1.5)", 1e-10, 0.84999999997970774}, {"gaussian(1.5)", 1e-9, 0.84999999979707745},
        {"gaussian(1.5)", 1e-8, 0.84999999797077438},  {"uniform(3)", 1e-12, 0.84999999999976569},
        {"uniform(3)", 1e-11, 0.84999999999765685},    {"uniform(3)", 1e-10, 0.84999999997656852},
        {"uniform(3)", 1e-9, 0.84999999976568522},     {"uniform(3)", 1e-8, 0.84999999765685207},
        {"cauchy(2)", 1e-9, 0.84999144233397361},      {"cauchy(2)", 1e-8, 0.84997292666066661},
    };
    (void)state;
    for (size_t i = 0; i < sizeof noted / sizeof noted[0]; i++) {
        sb_density density = {0};
        assert_ok(sb_density_parse(noted[i].density, NULL, &density));
        sb_wide_layer layer[] = {
            {.kind = SB_WIDE_FOURIER, .units = 7, .density = &density},
            {.kind = SB_WIDE_DENSE, .units = 7, .weight2 = 1.7 / 7, .weight_trained = 1.7 / 7},
            layer_of("relu"),
            {.kind = SB_WIDE_DENSE, .units = 1, .weight2 = 1. / 7, .weight_trained = 1. / 7},
        };
        sb_wide_law law = {.inputs = 1, .gain2 = 1, .layers = 4, .layer = layer};
        double zero = 0;
        assert_near(sb_wide_kernel(&law, &zero, &noted[i].z), noted[i].kernel, 4e-16);
        sb_density_clear(&density);
    }
}

/* The series says how nearly parallel what it lets through is as the closed forms do, also of antiparallel points. */
static void series_and_closed_form(void **state)
{
    static const char *const names[] = {"erf", "sine", "gaussian"};
    static const double near[] = {1e-18, 1e-9, 1e-3}, root2[] = {1, 1 + 1e-9, 1.2};
    (void)state;
    for (size_t i = 0; i < 27 * 2; i++) {
        sb_wide_layer layer = layer_of(names[i % 3]);
        sb_dual_side a = {0}, b = {0}, c = {0}, d = {0};
        double far = root2[i / 3 % 3], small = near[i / 9 % 3], S = (i < 27 ? 1 : -1) * far * (1 - small);
        sb_dual_pair pair = sb_dual_near(S, small, 1 - far), alone = sb_dual_near(1, 0, 0);
        assert_ok(sb_dual_prepare(&layer, 1, &c));
        assert_ok(sb_dual_prepare(&layer, far * far, &d));
        d.root = far;
        assert_ok(sb_hermite_prepare(&layer, c.q, &a));
        assert_ok(sb_hermite_prepare(&layer, d.q, &b));
        a.root = c.root;
        b.root = d.root;
        double value = sb_dual_average(&c, &d, &pair).value, root1 = sqrt(sb_dual_average(&c, &c, &alone).value);
        alone.S = d.q;
        double other = sqrt(sb_dual_average(&d, &d, &alone).value);
        sb_dual_pair next = sb_dual_next(&c, &d, &pair, value, root1, other);
        assert_close(sb_hermite_average(&a, &b, &pair).value, value, 1e-13);
        double series = sb_hermite_near(&a, &b, &pair, value, root1, other),
               wanted = value < 0 ? next.plus : next.minus;
        assert_near(sqrt(series), sqrt(wanted), 3e-15); /* an angle, as good as a unit vector is */
        sb_dual_clear(&a);
        sb_dual_clear(&b);
    }
}

/* Points (1, 0), (1, 1e-9), (0, 1): the smallest rate as far as a matrix of doubles holds it, 1e-16 of K00. */
static void nearly_parallel_points(void **state)
{
    static const double x[6] = {1, 0, 1, 1e-9, 0, 1};
    double gram[9];
    network n;
    sb_eigen eigen = {0};
    (void)state;
    make("relu", 0, &n);
    n.layer[0].weight2 = n.layer[0].weight_trained = 0.5; /* two inputs in NTK parametrisation */
    assert_ok(sb_gram_wide(&n.law, 3, x, 0, NULL, 1, gram));
    assert_close(gram[0] - gram[1], 7.9577471545948e-11, 2e-6);
    assert_ok(sb_eigen_symmetric(gram, 3, true, &eigen));
    assert_close(eigen.lambda[2] / 3, 2.6525823848649e-11, 1e-5);
    sb_eigen_clear(&eigen);
}

/* K00 at inputs of 1e6 and 1e8; the same point twice is exactly that, whatever its length. */
static void erf_at_large_inputs(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++)
        for (double size = 1e-8; size < 1e140; size *= 1e4) {
            network n;
            double x[4] = {size * 0.6, size * 0.8, size * 0.6, size * 0.8}, three[2] = {3 * x[0], 3 * x[1]};
            make(k ? "gaussian" : "erf", 0, &n);
            double q = 1.7 * size * size, own = sb_wide_kernel(&n.law, x, x + 2);
            double value = k ? 1 / sqrt(1 + 2 * q) : 2 / M_PI * atan2(2 * q, sqrt(1 + 4 * q));
            double slope = k ? q / (1 + 2 * q) / sqrt(1 + 2 * q) : 4 / M_PI / sqrt(1 + 4 * q);
            assert_close(own, value + slope * q, 1e-13);
            assert_true(isfinite(sb_wide_kernel(&n.law, x, three)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms),           cmocka_unit_test(depth),
        cmocka_unit_test(features_nearly_equal),  cmocka_unit_test(series_and_closed_form),
        cmocka_unit_test(nearly_parallel_points), cmocka_unit_test(erf_at_large_inputs),
    };
    return cmocka_run_group_tests_name("dual", tests, NULL, NULL);
}
