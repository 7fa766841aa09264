/* Kernels of the angle: P1 and P3 of the reference cases, closed forms against quadrature, and the orders of a Sobolev
 * loss at which their rates are flat or reversed. */
#include "common/test.h"

#include <specbias/data.h>
#include <specbias/dataset.h>
#include <specbias/kernel.h>
#include <specbias/zonal.h>

#include "tests/oracles/zonal.h"

enum { MOST = 101 };

/* rate[count] = mu_k w_k */
static void rates_of(sb_sobolev convention, size_t count, const double *l, const double *mu, double s, double *rate)
{
    for (size_t k = 0; k < count; k++) rate[k] = mu[k] * sb_sobolev_weight(convention, l[k], s);
}

static double relu(const void *unused, double t)
{
    (void)unused;
    return sb_zonal_relu_kernel(t);
}

static double relu_all(const void *kappa, double t)
{
    return sb_zonal_relu_all(t, *(const double *)kappa);
}

/* ---- eigenvalues ---- */

static void p1(void **state)
{
    static const double circle[] = {2.20741609916,  1.42201793577,  .353677651315,
                                    .0707355302631, .0481001605789, .0254647908947},
                        sphere[] = {3.92699081699, 1.83259571459, .343611696486, .0490873852123, .0286343080405},
                        angle[] = {.5, 1, 2, 3},
                        value[] = {.789378008051, .525004427099, .10608034772, .000225520797633};
    (void)state;
    for (size_t l = 0; l < 6; l++) assert_close(sb_zonal_relu_circle(l), circle[l], 1e-10);
    for (size_t l = 0; l < 5; l++) assert_close(sb_zonal_relu_sphere(l), sphere[l], 1e-10);
    for (size_t i = 0; i < 4; i++) assert_close(sb_zonal_relu_kernel(angle[i]), value[i], 1e-10);
}

static void closed_forms_are_the_integrals(void **state)
{
    double mu[MOST];
    (void)state;
    assert_ok(sb_zonal_eigenvalues(2, MOST, relu, NULL, mu));
    for (size_t l = 0; l < MOST; l++) {
        assert_close(mu[l], sb_zonal_relu_circle(l), 1e-10);
        assert_near(mu[l], sb_zonal_relu_circle(l), 1e-14);
    }
    assert_ok(sb_zonal_eigenvalues(3, MOST, relu, NULL, mu));
    for (size_t l = 0; l < MOST; l++) { /* mu_100 is 2e-6, of 4: of its digits rounding leaves 5e-16 */
        assert_close(mu[l], sb_zonal_relu_sphere(l), l <= 50 ? 1e-10 : 5e-10);
        assert_near(mu[l], sb_zonal_relu_sphere(l), 1e-14);
    }
    double few[3];
    assert_ok(sb_zonal_eigenvalues(3, 3, relu, NULL, few)); /* fewer nodes */
    assert_at_most(max_difference(3, few, mu), 1e-13);
}

/* The same with the r that is asked for, so that the peak at 0 is 1 - r wide; its eigenvalues are 2 pi r^l / (1 - r^2).
 */
static double peak(const void *r, double t)
{
    double off = 1 - *(const double *)r, half = sin(t / 2);
    return 1 / (off * off + 4 * (1 - off) * half * half);
}

static double jump(const void *unused, double t)
{
    (void)unused;
    return t < 1;
}

static void narrow_peaks_and_jumps(void **state)
{
    double mu[MOST];
    (void)state;
    for (double off = 0.1; off > 1e-7; off /= 10) {
        double r = 1 - off, all = 2 * M_PI / (off * (2 - off));
        assert_ok(sb_zonal_eigenvalues(2, MOST, peak, &r, mu));
        for (size_t l = 0; l < MOST; l++) assert_near(mu[l] / all, pow(r, (double)l), 1e-13 + 1e-16 / off);
    }
    assert_fails(sb_zonal_eigenvalues(3, MOST, jump, NULL, mu), SB_ERR_NUMERIC, "not smooth at the angle 1");
}

/* On the circle 1 / (1 + r^2 - 2 r cos t) = sum r^l cos(l t) (2 - delta_l) / (1 - r^2), on S^2 the generating function
 * (1 + r^2 - 2 r cos t)^-1/2 = sum r^l P_l. */
static double poisson(const void *dim, double t)
{
    return pow(1.25 - cos(t), *(const size_t *)dim == 2 ? -1 : -0.5);
}

static double one(const void *unused, double t)
{
    (void)unused;
    (void)t;
    return 1;
}

static void kernels_with_known_eigenvalues(void **state)
{
    size_t dim = 2;
    double mu[MOST];
    (void)state;
    assert_ok(sb_zonal_eigenvalues(dim, MOST, poisson, &dim, mu));
    for (size_t l = 0; l < MOST; l++) assert_near(mu[l], 2 * M_PI * pow(0.5, (double)l) / 0.75, 1e-12);
    dim = 3;
    assert_ok(sb_zonal_eigenvalues(dim, MOST, poisson, &dim, mu));
    for (size_t l = 0; l < MOST; l++) assert_near(mu[l], 4 * M_PI * pow(0.5, (double)l) / (double)(2 * l + 1), 1e-12);
    for (dim = 2; dim <= 16; dim++) { /* a constant: the surface, and nothing else */
        assert_ok(sb_zonal_eigenvalues(dim, 20, one, NULL, mu));
        assert_close(mu[0], sb_sphere_surface(dim), 1e-13);
        for (size_t l = 1; l < 20; l++) assert_near(mu[l], 0, 1e-12);
    }
}

/* sum_l N_l mu_l / |S| = K(1): the trace of the kernel on d dimensions. */
static void multiplicities(void **state)
{
    double mu[MOST];
    (void)state;
    for (size_t dim = 2; dim <= 4; dim++) {
        double trace = 0;
        assert_ok(sb_zonal_eigenvalues(dim, MOST, relu, NULL, mu));
        for (size_t l = 0; l < MOST; l++) trace += sb_harmonics(dim, l) * mu[l] / sb_sphere_surface(dim);
        assert_near(trace, sb_zonal_relu_kernel(0), 0.02); /* N_l mu_l ~ l^-2 is left out from 101 on */
        assert_at_most(trace, 1);
    }
}

/* mu_l ~ l^-d: measured in l + (d - 2) / 2, of which the next term is of second order. */
static void decay_of_the_eigenvalues(void **state)
{
    double mu[MOST];
    (void)state;
    for (size_t dim = 2; dim <= 4; dim++) {
        double shift = (double)(dim - 2) / 2;
        assert_ok(sb_zonal_eigenvalues(dim, MOST, relu, NULL, mu));
        assert_near(log(mu[100] / mu[50]) / log((100 + shift) / (50 + shift)), -(double)dim, 0.005);
        if (dim == 4) assert_near(mu[40] * pow(40, 4), 7.28, 0.005); /* section 1.1 of the notes */
    }
    assert_ok(sb_zonal_eigenvalues(2, MOST, relu, NULL, mu));
    assert_close(mu[100] * 1e4, 2 / M_PI, 1e-3);
    assert_close(sb_zonal_relu_sphere(100) * 1e6, 2, 2e-2);
}

/* Mean over w of law N(0, kappa^2): x . x' 1 1' + 1 1' + s s', by the polar angle alone, as |w|^2 has mean 2 kappa^2:
 * an independent integral. */
static double neurons(double t, double kappa, bool all)
{
    enum { N = 20000 };
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        double angle = 2 * M_PI * ((double)i + 0.5) / N, s1 = fmax(cos(angle), 0), s2 = fmax(cos(angle - t), 0);
        if (s1 > 0 && s2 > 0) sum += cos(t) + 1 + (all ? 2 * kappa * kappa * s1 * s2 : 0);
    }
    return sum / N;
}

static void kernels_of_neurons(void **state)
{
    double kappa = 1.5, mu[MOST];
    (void)state;
    for (double t = 0; t <= M_PI; t += 0.3) {
        assert_near(sb_zonal_relu_kernel(t), neurons(t, kappa, false), 1e-4);
        assert_near(sb_zonal_relu_all(t, kappa), neurons(t, kappa, true), 1e-4);
        assert_true(sb_zonal_relu_all(t, 0) == sb_zonal_relu_kernel(t));
    }
    assert_near(sb_zonal_relu_kernel(M_PI), 0, 1e-16);
    assert_ok(sb_zonal_eigenvalues(2, 20, relu_all, &kappa, mu));
    for (size_t l = 3; l < 20; l += 2) assert_near(mu[l], sb_zonal_relu_circle(l), 1e-13); /* even functions beyond 1 */
    assert_true(mu[1] > sb_zonal_relu_circle(1) && mu[2] > sb_zonal_relu_circle(2));
}

static double hole(const void *unused, double t)
{
    (void)unused;
    return t < 1 ? NAN : 1;
}

static void what_has_no_eigenvalues(void **state)
{
    double mu[2];
    (void)state;
    assert_fails(sb_zonal_eigenvalues(1, 2, relu, NULL, mu), SB_ERR_INPUT, "a sphere in 1 dimensions");
    assert_fails(sb_zonal_eigenvalues(3, 2, hole, NULL, mu), SB_ERR_NUMERIC, "the kernel is nan");
    assert_ok(sb_zonal_eigenvalues(3, 0, relu, NULL, NULL));
}

/* ---- on points ---- */

/* Descending eigenvalues of C^1/2 K C^1/2 at n angles; c NULL: 2 pi / n. */
static void matrix_eigenvalues(size_t n, const double *theta, const double *c, sb_eigen *eigen)
{
    double *gram = new_doubles(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double t = acos(fmax(-1, fmin(1, cos(theta[i] - theta[j])))), even = 2 * M_PI / (double)n;
            gram[i * n + j] = (c ? sqrt(c[i] * c[j]) : even) * sb_zonal_relu_kernel(i == j ? 0 : t);
        }
    assert_ok(sb_eigen_symmetric(gram, n, true, eigen));
    free(gram);
}

static void warp(size_t n, double by, double *theta)
{
    for (size_t i = 0; i < n; i++) {
        double even = 2 * M_PI * (double)i / (double)n;
        theta[i] = even + by * sin(even);
    }
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* sum_j mu_|l + j n|, |j| <= J, and 2 (2 / pi) sum_{j > J} (j n)^-2 for the rest, which leaves O((J n)^-2 / J). */
static double alias_sum(size_t n, size_t l)
{
    enum { J = 20000 };
    double sum = 4 / (M_PI * (double)(n * n)) / (J + 0.5);
    for (size_t j = J; j > 0; j--) sum += sb_zonal_relu_circle(l + j * n) + sb_zonal_relu_circle(j * n - l);
    return sum + sb_zonal_relu_circle(l);
}

static void equal_points_alias(void **state)
{
    enum { N = 64 };
    double theta[N], aliased[N];
    sb_eigen eigen = {0};
    (void)state;
    warp(N, 0, theta);
    matrix_eigenvalues(N, theta, NULL, &eigen);
    for (size_t l = 0; l < N; l++) {
        aliased[l] = sb_zonal_aliased(N, l, relu, NULL);
        if (l <= N / 2) assert_near(aliased[l], alias_sum(N, l), 1e-11);
        assert_near(aliased[l], sb_zonal_aliased(N, N - l, relu, NULL), 1e-14);
        assert_near(aliased[l], sb_zonal_aliased(N, N + l, relu, NULL), 1e-14);
    }
    assert_close(aliased[3] / sb_zonal_relu_circle(3), 1.007, 1e-3); /* section 1.1 of the notes */
    assert_close(aliased[5] / sb_zonal_relu_circle(5), 1.020, 1e-3);
    assert_close(aliased[9] / sb_zonal_relu_circle(9), 1.068, 1e-3);
    qsort(aliased, N, sizeof *aliased, descending);
    assert_at_most(max_difference(N, aliased, eigen.lambda), 1e-13);
    sb_eigen_clear(&eigen);
    double step = 2 * M_PI / 7; /* an odd number of points, and one */
    assert_close(
        sb_zonal_aliased(7, 0, relu, NULL),
        step * (1 + 2 * (sb_zonal_relu_kernel(step) + sb_zonal_relu_kernel(2 * step) + sb_zonal_relu_kernel(3 * step))),
        1e-14);
    assert_close(sb_zonal_aliased(1, 0, relu, NULL), 2 * M_PI, 1e-15);
}

/* The reference numbers are low by 3.5e-10: the arc cosine of x . x = 1 - 1e-16 is 1.5e-8 there, on the diagonal. */
static void p3_eigenvalues(void **state)
{
    enum { N = 40 };
    static const double cells[] = {2.20890362851, 1.42373205298, 1.42328068688, .355180195301},
                        even[] = {2.37008254627, 1.37031582734, 1.33619525737, .346886004005};
    double theta[N], c[N];
    sb_eigen eigen = {0};
    (void)state;
    warp(N, 0.3, theta);
    sb_voronoi_weights(N, theta, 0, 2 * M_PI, true, c);
    matrix_eigenvalues(N, theta, c, &eigen);
    for (size_t k = 0; k < 4; k++) assert_near(eigen.lambda[k], cells[k], 5e-10);
    sb_eigen_clear(&eigen);
    matrix_eigenvalues(N, theta, NULL, &eigen);
    for (size_t k = 0; k < 4; k++) assert_near(eigen.lambda[k], even[k], 5e-10);
    sb_eigen_clear(&eigen);
}

/* ---- Sobolev losses ---- */

static const sb_sobolev conventions[] = {SB_SOBOLEV_A, SB_SOBOLEV_B};

static void weights_of_a_sobolev_loss(void **state)
{
    static const double l[] = {0, 2, 3}, mu[] = {4, 2, 1};
    double rate[3];
    (void)state;
    assert_close(sb_sobolev_weight(SB_SOBOLEV_A, 3, 1.5), 64, 1e-15);
    assert_close(sb_sobolev_weight(SB_SOBOLEV_B, 3, 1.5), pow(10, 1.5), 1e-15);
    for (size_t c = 0; c < 2; c++) {
        assert_true(sb_sobolev_weight(conventions[c], 7, 0) == 1);
        assert_true(sb_sobolev_weight(conventions[c], 0, -2) == 1);
    }
    rates_of(SB_SOBOLEV_B, 3, l, mu, -1, rate);
    assert_close(rate[0], 4, 1e-15);
    assert_close(rate[1], 0.4, 1e-15);
    assert_close(rate[2], 0.1, 1e-15);
}

static void pairs_flatten(void **state)
{
    static const struct {
        size_t a, b;
        double s[2];
    } pair[] = {{3, 9, {1.198978, 1.044242}},
                {5, 9, {1.150660, 1.023463}},
                {1, 9, {1.614883, 1.399760}},
                {1, 3, {2.164680, 1.864554}},
                {2, 4, {1.952819, 1.630283}}};
    (void)state;
    for (size_t i = 0; i < 5; i++)
        for (size_t c = 0; c < 2; c++) {
            double l[2] = {(double)pair[i].a, (double)pair[i].b}, rate[2], least, spread, reversed;
            double mu[2] = {sb_zonal_relu_circle(pair[i].a), sb_zonal_relu_circle(pair[i].b)};
            double s = sb_sobolev_flat(conventions[c], l[0], mu[0], l[1], mu[1]);
            assert_near(s, pair[i].s[c], 5e-7);
            assert_close(s, sb_sobolev_flat(conventions[c], l[1], mu[1], l[0], mu[0]), 1e-14);
            rates_of(conventions[c], 2, l, mu, s, rate);
            assert_close(rate[0], rate[1], 1e-13);
            assert_ok(sb_sobolev_flattest(conventions[c], 2, l, mu, &least, &spread));
            assert_ok(sb_sobolev_reversed(conventions[c], 2, l, mu, &reversed));
            assert_true(least == s && reversed == s);
            assert_close(spread, 1, 1e-13);
        }
}

static double spread_of(size_t n, const double *rate)
{
    double most = 0, least = INFINITY;
    for (size_t k = 0; k < n; k++) {
        most = fmax(most, rate[k]);
        least = fmin(least, rate[k]);
    }
    return most / least;
}

static bool ascends(size_t n, const double *rate)
{
    for (size_t k = 1; k < n; k++)
        if (!(rate[k] > rate[k - 1])) return false;
    return true;
}

static void lists_flatten_and_reverse(void **state)
{
    enum { N = 7 };
    static const double l[N] = {1, 2, 3, 4, 5, 7, 9}, flat[] = {1.614883, 1.399760}, spread[] = {2.142944, 2.112892},
                        near[] = {1.632, 1.407}, near_spread[] = {2.21, 2.15}; /* of a coarse search */
    double mu[N], rate[N];
    (void)state;
    for (size_t k = 0; k < N; k++) mu[k] = sb_zonal_relu_circle((size_t)l[k]);
    for (size_t c = 0; c < 2; c++) {
        double s, least, reversed;
        assert_ok(sb_sobolev_flattest(conventions[c], N, l, mu, &s, &least));
        assert_near(s, flat[c], 5e-7); /* where 1 and 9 are alike, both the fastest; 3 is the slowest */
        assert_near(least, spread[c], 5e-7);
        rates_of(conventions[c], N, l, mu, near[c], rate);
        assert_near(spread_of(N, rate), near_spread[c], 5e-3);
        rates_of(conventions[c], N, l, mu, s, rate);
        assert_close(spread_of(N, rate), least, 1e-13);
        for (double off = -2; off <= 2; off += 0.01) {
            rates_of(conventions[c], N, l, mu, s + off, rate);
            assert_at_least(spread_of(N, rate), least * (1 - 1e-13));
        }
        assert_ok(sb_sobolev_reversed(conventions[c], N, l, mu, &reversed));
        for (size_t i = 0; i < N; i++)
            for (size_t j = i + 1; j < N; j++)
                assert_at_most(sb_sobolev_flat(conventions[c], l[i], mu[i], l[j], mu[j]), reversed);
        rates_of(conventions[c], N, l, mu, reversed + 1e-9, rate);
        assert_true(ascends(N, rate));
        rates_of(conventions[c], N, l, mu, reversed - 1e-9, rate);
        assert_false(ascends(N, rate));
        rates_of(conventions[c], N, l, mu, 2, rate); /* reversed from l = 3 on */
        assert_true(ascends(N - 2, rate + 2));
    }
}

/* s = d / 2 is where high degrees flatten. */
static void high_degrees_flatten_at_half_the_dimension(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        assert_near(sb_sobolev_flat(conventions[c], 501, sb_zonal_relu_circle(501), 4001, sb_zonal_relu_circle(4001)),
                    1, 2e-3);
        assert_near(sb_sobolev_flat(conventions[c], 501, sb_zonal_relu_sphere(501), 4001, sb_zonal_relu_sphere(4001)),
                    1.5, 2e-3);
    }
}

static void what_has_no_order(void **state)
{
    static const double l[] = {1, 2, 2}, mu[] = {1, 0.5, 0}, minus[] = {-1, 2};
    double s, spread;
    (void)state;
    assert_fails(sb_sobolev_flattest(SB_SOBOLEV_A, 1, l, mu, &s, &spread), SB_ERR_INPUT, "1 degrees");
    assert_fails(sb_sobolev_flattest(SB_SOBOLEV_A, 3, l, mu, &s, &spread), SB_ERR_INPUT, "must ascend");
    assert_fails(sb_sobolev_reversed(SB_SOBOLEV_A, 2, minus, mu, &s), SB_ERR_INPUT, "must ascend");
    assert_fails(sb_sobolev_reversed(SB_SOBOLEV_A, 2, l, mu + 1, &s), SB_ERR_INPUT, "never learned");
    assert_ok(sb_sobolev_reversed(SB_SOBOLEV_A, 2, l, mu, &s));
}

int main(void)
{
    const struct CMUnitTest list[] = {
        cmocka_unit_test(p1),
        cmocka_unit_test(closed_forms_are_the_integrals),
        cmocka_unit_test(narrow_peaks_and_jumps),
        cmocka_unit_test(kernels_with_known_eigenvalues),
        cmocka_unit_test(multiplicities),
        cmocka_unit_test(decay_of_the_eigenvalues),
        cmocka_unit_test(kernels_of_neurons),
        cmocka_unit_test(what_has_no_eigenvalues),
        cmocka_unit_test(equal_points_alias),
        cmocka_unit_test(p3_eigenvalues),
        cmocka_unit_test(weights_of_a_sobolev_loss),
        cmocka_unit_test(pairs_flatten),
        cmocka_unit_test(lists_flatten_and_reverse),
        cmocka_unit_test(high_degrees_flatten_at_half_the_dimension),
        cmocka_unit_test(what_has_no_order),
    };
    return cmocka_run_group_tests(list, NULL, NULL);
}
