/* Densities of feature frequencies: each kind by routes that share no code with it, the texts, the tables. */
#include "common/test.h"

#include <stdio.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>

#include <specbias/density.h>
#include <specbias/experiment.h>

#include "common/files.h"

/* A table that starts above 0, has a gap, and zeros behind its edge at 50; its mass is not 1. */
static const double table_w[] = {1, 4, 10, 12, 30, 40, 50, 60}, table_rho[] = {1, 3, 0, 0, 2, 0.5, 0, 0};
static const sb_density_table table = {8, table_w, table_rho};

enum { MOST = 32 };

/* Every kind of the registry with numbers that suit all kinds, so that a new one is tested without new code here; then
 * parameters and sums that deserve it. */
static size_t all_texts(char text[MOST][64])
{
    static const char *const more[] = {
        "student(16, 3)",
        "student(16, 0.5)",
        "student(3, 1)",
        "bumps(22, 8)",
        "band(0, 7)",
        "laplace(0.5)",
        "gaussian(100)",
        "cauchy(40)",
        "2 table + band(3, 9)",
        "0.6 uniform(48) + 0.4 gaussian(6)",
        "gaussian(4) + 2 uniform(48) + band(50, 60)",
    };
    size_t count = 0;
    for (size_t i = 0; sb_density_kind_at(i); i++) {
        const sb_density_kind *kind = sb_density_kind_at(i);
        const char *const numbers[] = {"", "(12)", "(8, 20)"};
        snprintf(text[count++], 64, "%s%s", kind->name, numbers[kind->numbers]);
    }
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) snprintf(text[count++], 64, "%s", more[i]);
    return count;
}

static sb_density parsed(const char *text)
{
    sb_density density = {0};
    assert_ok(sb_density_parse(text, &table, &density));
    return density;
}

static void for_each(void (*test)(const sb_density *density, const char *text))
{
    char text[MOST][64];
    size_t count = all_texts(text);
    for (size_t i = 0; i < count; i++) {
        sb_density density = parsed(text[i]);
        test(&density, text[i]);
        sb_density_clear(&density);
    }
}

/* A claim about a number that names the density when it is wrong. */
static void near(const char *text, const char *what, double at, double value, double wanted, double tolerance)
{
    char claim[160];
    snprintf(claim, sizeof claim, "%s of %s at %g", what, text, at);
    check_near(value, wanted, tolerance, false, claim, __FILE__, __LINE__);
}

/* ---- integrals ---- */

static double rho(double w, void *density)
{
    return sb_density_value(density, w);
}

typedef struct wave {
    const sb_density *density;
    double z;
} wave;

static double rho_cos(double w, void *context)
{
    const wave *of = context;
    return sb_density_value(of->density, w) * cos(w * of->z);
}

enum { PIECES = 1000 };

/* 2 int_0^end f, piece by piece between the breaks */
static double to(double end, const sb_density *density, gsl_function *f)
{
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(PIECES);
    double *at, sum = 0, left = 0, value, error;
    size_t count;
    assert_ok(sb_density_breaks(density, &count, &at));
    for (size_t i = 0; i <= count; i++) {
        double right = i < count ? at[i] : end;
        if (right > left)
            gsl_integration_qag(f, left, right, 1e-13, 1e-13, PIECES, GSL_INTEG_GAUSS31, space, &value, &error);
        if (right > left) sum += value;
        left = right;
    }
    free(at);
    gsl_integration_workspace_free(space);
    return 2 * sum;
}

#define FAR 400.0 /* beyond all breaks */

static double mass(const sb_density *density)
{
    gsl_function f = {rho, (void *)density};
    double inside = to(fmin(FAR, sb_density_edge(density)), density, &f), tail, error;
    if (isfinite(sb_density_edge(density))) return inside;
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(PIECES);
    gsl_integration_qagiu(&f, FAR, 1e-13, 1e-12, PIECES, space, &tail, &error);
    gsl_integration_workspace_free(space);
    return inside + 2 * tail;
}

static double fourier(const sb_density *density, double z)
{
    wave of = {density, z};
    gsl_function f = {rho_cos, &of}, bare = {rho, (void *)density};
    double inside = to(fmin(FAR, sb_density_edge(density)), density, &f), tail, error;
    if (isfinite(sb_density_edge(density))) return inside;
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(PIECES);
    gsl_integration_workspace *cycles = gsl_integration_workspace_alloc(PIECES);
    gsl_integration_qawo_table *weights = gsl_integration_qawo_table_alloc(z, 1, GSL_INTEG_COSINE, 50);
    gsl_integration_qawf(&bare, FAR, 1e-11, PIECES, space, cycles, weights, &tail, &error);
    gsl_integration_qawo_table_free(weights);
    gsl_integration_workspace_free(cycles);
    gsl_integration_workspace_free(space);
    return inside + 2 * tail;
}

/* ---- each density against integrals and sums ---- */

static void check_mass(const sb_density *density, const char *text)
{
    near(text, "mass", 0, mass(density), 1, 1e-10);
    near(text, "phi", 0, sb_density_characteristic(density, 0), 1, 1e-15);
}

static void check_symmetry(const sb_density *density, const char *text)
{
    for (double w = 0.37; w < 80; w *= 1.7) {
        double value = sb_density_value(density, w), z = w / 40;
        assert_at_least(value, 0);
        near(text, "rho", -w, sb_density_value(density, -w), value, 0);
        near(text, "phi", -z, sb_density_characteristic(density, -z), sb_density_characteristic(density, z), 0);
        assert_at_most(fabs(sb_density_characteristic(density, z)), 1);
    }
}

static void check_characteristic(const sb_density *density, const char *text)
{
    static const double z[] = {1e-3, 0.02, 0.13, 0.7, 2.9};
    for (size_t i = 0; i < 5; i++)
        near(text, "phi", z[i], sb_density_characteristic(density, z[i]), fourier(density, z[i]), 1e-9);
}

/* For phi near 1: 1 - phi(z) = 2 int rho 2 sin^2(w z / 2) dw has no cancellation. */
static double rho_lack(double w, void *context)
{
    const wave *of = context;
    return sb_density_value(of->density, w) * 2 * pow(sin(w * of->z / 2), 2);
}

static void check_small_distances(const sb_density *density, const char *text)
{
    if (!isfinite(sb_density_edge(density))) return;
    for (double z = 1e-12; z < 0.1; z *= 31) {
        wave of = {density, z};
        gsl_function f = {rho_lack, &of};
        near(text, "phi", z, sb_density_characteristic(density, z), 1 - to(sb_density_edge(density), density, &f),
             1e-14);
    }
}

/* sum_k rho(w + 2 pi k / h), or for heavy tails (h/2 pi) sum_j phi(j h) cos(j h w) */
static double aliased(const sb_density *density, double h, double w)
{
    double period = 2 * M_PI / h, sum = sb_density_value(density, w), phi = 1;
    if (sb_density_value(density, 400 * period) < 1e-20 * sum || sum == 0) {
        for (int k = 1; k <= 400; k++)
            sum += sb_density_value(density, w + k * period) + sb_density_value(density, w - k * period);
        return sum;
    }
    sum = 1;
    for (int j = 1; phi > 1e-18; j++) {
        phi = sb_density_characteristic(density, j * h);
        sum += 2 * phi * cos(j * h * w);
    }
    return sum * h / (2 * M_PI);
}

static void check_aliased(const sb_density *density, const char *text)
{
    static const double h[] = {3.0 / 64, 0.31, 1.7};
    for (size_t i = 0; i < 3; i++)
        for (double t = 0; t <= 0.5; t += 0.097) {
            double w = t * 2 * M_PI / h[i], tolerance = 1e-13 * fmax(sb_density_value(density, 0), h[i] / (2 * M_PI));
            double value = sb_density_aliased(density, h[i], w);
            near(text, "rho_a", w, value, aliased(density, h[i], w), 20 * tolerance);
            near(text, "rho_a", -w, sb_density_aliased(density, h[i], -w), value, tolerance);
            near(text, "rho_a, moved", w, sb_density_aliased(density, h[i], w + 2 * M_PI / h[i]), value,
                 20 * tolerance);
        }
    assert_true(sb_density_aliased(density, 0, 5) == sb_density_value(density, 5));
    near(text, "rho_a, fine lattice", 5, sb_density_aliased(density, 1e-6, 5), sb_density_value(density, 5), 1e-8);
}

static void masses_are_one(void **state)
{
    (void)state;
    for_each(check_mass);
}

static void values_are_symmetric(void **state)
{
    (void)state;
    for_each(check_symmetry);
}

static void characteristic_functions_are_the_integrals(void **state)
{
    (void)state;
    for_each(check_characteristic);
    for_each(check_small_distances);
}

/* 1 - phi at z of `far`: mpmath, 60 digits, from phi in closed form. */
static void small_distances_keep_their_digits(void **state)
{
    static const double far[] = {1e-12, 1e-9, 1e-4, 0.03, 0.3}, w[] = {0, 2, 5}, rho[] = {1, 3, 0};
    static const struct {
        const char *density;
        double lack[5];
    } noted[] = {
        {"gaussian(1.5)", {1.125e-24, 1.125e-18, 1.124999993671875e-8, 0.001011987594826337, 0.09629292212680394}},
        {"uniform(3)", {1.5e-24, 1.5e-18, 1.49999999325e-8, 0.001349453355432781, 0.129636767080574}},
        {"cauchy(2)",
         {1.999999999998e-12, 1.999999998e-9, 0.0001999800013332667, 0.05823546641575129, 0.4511883639059736}},
        {"laplace(0.7)",
         {4.9e-25, 4.900000000000001e-19, 4.899999975990001e-9, 0.0004408056047283148, 0.04223733358873671}},
        {"epanechnikov(4)",
         {1.599999999999997e-24, 1.6e-18, 1.599999990857143e-8, 0.00143925962602483, 0.1367885753555242}},
        {"bumps(5, 0.3)", {1.2545e-23, 1.2545e-17, 1.254499973394821e-7, 0.01126896648170919, 0.9295487046479639}},
        {"band(2, 6)",
         {8.666666666666666e-24, 8.666666666666668e-18, 8.666666505333336e-8, 0.007786942113503507,
          0.6589957020973668}},
        {"student(2, 0.3)",
         {0.0002994973436802011, 0.002378991963101055, 0.07523032027581675, 0.4156847425403991, 0.7887757816402812}},
        {"student(2, 1.9)",
         {2.949159606975644e-22, 1.378318591670871e-16, 2.991081639140695e-7, 0.00739765223874378, 0.2333361996954769}},
        {"student(2, 2)",
         {5.510761090205403e-23, 4.129210034408976e-17, 1.826624951298055e-7, 0.006176201844021089,
          0.2182990361418987}},
        {"student(2, 3)",
         {1.999999999997333e-24, 1.999999997333334e-18, 1.999733353332267e-8, 0.001729594400696368,
          0.1219013822495577}},
        {"student(2, 14)",
         {1.666666666666667e-25, 1.666666666666667e-19, 1.666666665e-9, 0.0001499865010124241, 0.01486600497362003}},
        {"student(2, 100)",
         {2.040816326530612e-26, 2.040816326530612e-20, 2.040816326318027e-10, 1.836717474599706e-5,
          0.001835013853674504}},
        {"table",
         {2.906862745098024e-24, 2.90686274509804e-18, 2.906862719776144e-8, 0.002614126226660868, 0.2419163030697337}},
        {"0.25 cauchy(2) + 0.75 gaussian(1.5)",
         {5.000000000003437e-13, 5.0000000034375e-10, 5.000343783326921e-5, 0.01531785730005757, 0.1850167825715963}},
    };
    const sb_density_table three = {3, w, rho};
    (void)state;
    for (size_t i = 0; i < sizeof noted / sizeof noted[0]; i++) {
        sb_density density = {0};
        assert_ok(sb_density_parse(noted[i].density, &three, &density));
        for (size_t k = 0; k < 5; k++) {
            assert_close(sb_density_lack(&density, far[k]), noted[i].lack[k], 1e-13);
            assert_close(sb_density_lack(&density, -far[k]), noted[i].lack[k], 1e-13);
        }
        for (double z = 0; z < 9; z += 0.37) /* phi of student(2, 100) has 2e-14 of its Bessel function's logarithm */
            assert_near(sb_density_lack(&density, z), 1 - sb_density_characteristic(&density, z), 4e-14);
        sb_density_clear(&density);
    }
}

static void aliased_densities_are_the_sums(void **state)
{
    (void)state;
    for_each(check_aliased);
}

/* ---- samples ---- */

/* sqrt(n) sup |F_n - F| of |w|: F by three Gauss points from each sample to the next. Larger than c with probability
 * 2 exp(-2 c^2): 3e-8 for 3. */
static double kolmogorov(const sb_density *density, size_t n, const double *w, double factor)
{
    double *size = new_doubles(n), F = 0, at = 0, most = 0;
    for (size_t i = 0; i < n; i++) size[i] = factor * fabs(w[i]);
    gsl_sort(size, 1, n);
    for (size_t i = 0; i < n; i++) {
        double half = (size[i] - at) / 2, middle = (size[i] + at) / 2, node = sqrt(0.6) * half;
        F += 2 * half / 9 *
             (8 * sb_density_value(density, middle) + 5 * sb_density_value(density, middle - node) +
              5 * sb_density_value(density, middle + node));
        at = size[i];
        most = fmax(most, fmax(fabs(F - (double)i / (double)n), fabs(F - (double)(i + 1) / (double)n)));
    }
    free(size);
    return sqrt((double)n) * most;
}

enum { SAMPLES = 200000 };

static void check_samples(const sb_density *density, const char *text)
{
    double *w = new_doubles(SAMPLES);
    size_t negative = 0, positive = SAMPLES;
    for (size_t i = 0; i < SAMPLES; i++) {
        sb_rng rng = sb_rng_at(11, SB_STREAM_TRAIN, i);
        double sample = sb_density_sample(density, &rng);
        assert_true(isfinite(sample) && fabs(sample) <= sb_density_edge(density));
        w[sample < 0 ? negative++ : --positive] = sample; /* the negative ones first */
    }
    near(text, "share of negative samples", 0, (double)negative / SAMPLES, 0.5, 5.5 * 0.5 / sqrt(SAMPLES));
    near(text, "distance of negative samples", 0, kolmogorov(density, negative, w, 1), 0, 3);
    near(text, "distance of positive samples", 0, kolmogorov(density, SAMPLES - positive, w + positive, 1), 0, 3);
    near(text, "distance of samples", 0, kolmogorov(density, SAMPLES, w, 1), 0, 3);
    if (strcmp(text, "student(16, 0.5)") != 0) /* 3 % do not show in so wide a spread */
        assert_at_least(kolmogorov(density, SAMPLES, w, 1.03), 3.2);
    free(w);
}

static void samples_follow_the_density(void **state)
{
    (void)state;
    for_each(check_samples);
}

/* Each sample has its own generator: the first of many are those of few, in any order. */
static void check_prefix(const sb_density *density, const char *text)
{
    enum { FEW = 50 };
    double w[FEW];
    for (size_t i = 0; i < FEW; i++) {
        sb_rng rng = sb_rng_at(3, SB_STREAM_DRAW, i);
        w[i] = sb_density_sample(density, &rng);
    }
    for (size_t i = FEW; i-- > 0;) {
        sb_rng rng = sb_rng_at(3, SB_STREAM_DRAW, i);
        near(text, "sample", (double)i, sb_density_sample(density, &rng), w[i], 0);
    }
}

static void samples_depend_on_their_index_alone(void **state)
{
    (void)state;
    for_each(check_prefix);
}

/* ---- edges and breaks ---- */

static void check_breaks(const sb_density *density, const char *text)
{
    double *at, edge = sb_density_edge(density);
    size_t count;
    assert_ok(sb_density_breaks(density, &count, &at));
    for (size_t i = 0; i < count; i++) {
        assert_true(at[i] > (i ? at[i - 1] : 0) && at[i] <= edge);
        /* beside a break rho is smooth */
        for (int side = -1; side <= 1; side += 2) {
            double w = at[i] + 0.01 * side, d = 1e-3;
            double bend =
                sb_density_value(density, w + d) + sb_density_value(density, w - d) - 2 * sb_density_value(density, w);
            near(text, "bend", w, bend, 0, 1e-8);
        }
    }
    if (isfinite(edge)) {
        assert_true(at[count - 1] == edge);
        near(text, "rho", edge, sb_density_value(density, edge * (1 + 1e-12)), 0, 0);
        assert_true(sb_density_value(density, edge * (1 - 1e-3)) > 0);
    }
    free(at);
}

static void edges_and_breaks(void **state)
{
    static const struct {
        const char *text;
        double edge;
        size_t count;
        double at[8];
    } cases[] = {
        {"gaussian(12)", INFINITY, 0, {0}},
        {"uniform(48)", 48, 1, {48}},
        {"band(16, 48)", 48, 2, {16, 48}},
        {"band(0, 48)", 48, 1, {48}},
        {"0.6 uniform(48) + 0.4 gaussian(6)", INFINITY, 1, {48}},
        {"uniform(48) + epanechnikov(56) + band(16, 48)", 56, 3, {16, 48, 56}},
        {"table", 50, 7, {1, 4, 10, 12, 30, 40, 50}},
    };
    (void)state;
    for_each(check_breaks);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_density density = parsed(cases[i].text);
        double *at;
        size_t count;
        assert_true(sb_density_edge(&density) == cases[i].edge);
        assert_ok(sb_density_breaks(&density, &count, &at));
        assert_int_equal(count, cases[i].count);
        for (size_t j = 0; j < count; j++) assert_true(at[j] == cases[i].at[j]);
        free(at);
        sb_density_clear(&density);
    }
}

/* ---- reference numbers ---- */

/* (2 pi / 3) rho, the rate of pure damping for |Omega| = 3; twelve digits, computed elsewhere. */
static void rates_of_the_reference(void **state)
{
    static const struct {
        const char *text;
        double h, rate[3]; /* at w = 4, 20, 36 */
    } cases[] = {
        {"gaussian(12)", 0, {.0658657986505, .017362036024, .000773503467376}},
        {"laplace(12)", 0, {.0625291528157, .016482505731, .00434474133967}},
        {"cauchy(10)", 0, {.0574712643678, .0133333333333333, .00477554918816}},
        {"student(16, 3)", 0, {.0738177623991, .0126908586159, .00226733269565}},
        {"uniform(48)", 0, {.0218166156499, .0218166156499, .0218166156499}},
        {"epanechnikov(56)", 0, {.0279068224968, .0244721366511, .0164578696776}},
        {"0.6 uniform(48) + 0.4 gaussian(6)", 0, {.0576933252723, .0133053121617, .0130899702383}},
        {"cauchy(10)", 3.0 / 64, {.0586896320634, .0146041645514, .00618352567813}},
    };
    static const double w[] = {4, 20, 36};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_density density = parsed(cases[i].text);
        for (size_t j = 0; j < 3; j++)
            assert_close(2 * M_PI / 3 * sb_density_aliased(&density, cases[i].h, w[j]), cases[i].rate[j], 1e-10);
        sb_density_clear(&density);
    }
}

/* Forty-digit sums and Bessel functions of mpmath, w in units of 2 pi / h, a = 1. */
static void student_at_forty_digits(void **state)
{
    static const struct {
        double nu, h, value[3]; /* at w h / 2 pi = 0, 0.3, 0.5 */
    } sums[] = {
        {0.5, 0.001, {0.19069194130633615, 4.4936179161771885e-6, 3.6576419483051192e-6}},
        {0.5, 0.1, {0.19269020789570734, 0.0044884084061400441, 0.0036559530378978235}},
        {0.5, 1, {0.25344100547765004, 0.12867068934337835, 0.11074228916978272}},
        {0.5, 10, {1.5915962569235281, 1.5915349599901315, 1.5915026085052268}},
        {0.5, 40, {6.3661977236758134, 6.3661977236758134, 6.3661977236758134}},
        {3, 0.001, {0.63661977236758223, 5.235369194544302e-14, 1.3262909271742629e-14}},
        {3, 0.1, {0.63661986074490547, 5.2069243712469132e-6, 1.3236426308570999e-6}},
        {3, 1, {0.63746338940179179, 0.032466449229215323, 0.010964707773034162}},
        {3, 10, {1.5931392058184577, 1.5910580945791144, 1.5899599315753916}},
        {3, 40, {6.3661977236758156, 6.3661977236758127, 6.3661977236758112}},
        {7.3, 0.001, {1.0417030126113712, 6.8097281251310167e-28, 1.9610024197015418e-29}},
        {7.3, 0.1, {1.0417030126113737, 2.6795909451956056e-11, 7.7741565825652151e-13}},
        {7.3, 1, {1.0417034596455353, 0.0019349154397675406, 0.00010436522385076623}},
        {7.3, 10, {1.6107781477034103, 1.585604562837211, 1.5723321891611069}},
        {7.3, 40, {6.3661977236761723, 6.3661977236757025, 6.3661977236754545}},
        {30, 0.001, {2.1669667214155197, 6.3316300533157829e-102, 1.6797146186142761e-108}},
        {30, 0.1, {2.1669667214155197, 6.0617525279292849e-40, 1.65355687055309e-46}},
        {30, 1, {2.1669667214155197, 1.3556685613990054e-10, 3.7633039365752836e-16}},
        {30, 10, {2.191915837771203, 1.401898055385164, 1.0078091808146326}},
        {30, 40, {6.3661978491776322, 6.3661976848936186, 6.3661975981739946}},
    };
    static const struct {
        double nu, phi[5]; /* at z = 1e-9, 0.01, 0.5, 3, 20 */
    } bessel[] = {
        {0.1,
         {0.87554604041613125, 0.37626410756206207, 0.08873437843613793, 0.0036429100157973154,
          6.6175034563245474e-11}},
        {0.5,
         {0.99996976933407798, 0.90443366210839235, 0.37458314746083767, 0.02140164613081644, 5.6404911459717735e-10}},
        {2,
         {0.99999999999999999, 0.99973894118296248, 0.82822056000165045, 0.12046929338458255, 1.1766115939114076e-8}},
        {3, {1.0, 0.99995033208665973, 0.90979598956895014, 0.19914827347145577, 4.3284226071209714e-8}},
        {7.3, {1.0, 0.99999056610920434, 0.97684936142022552, 0.48319003640237305, 1.8024929367740739e-6}},
        {30, {1.0, 0.99999821428743132, 0.99554642713718961, 0.85236696342442245, 0.0026116207379435225}},
        {100, {1.0, 0.99999948979605123, 0.99872531983824281, 0.95514087871713462, 0.13536856298540703}},
    };
    static const double t[] = {0, 0.3, 0.5}, z[] = {1e-9, 0.01, 0.5, 3, 20};
    double worst_sum = 0, worst_phi = 0;
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        snprintf(text, sizeof text, "student(1, %g)", sums[i].nu);
        sb_density density = parsed(text);
        for (size_t j = 0; j < 3; j++) {
            double value = sb_density_aliased(&density, sums[i].h, t[j] * 2 * M_PI / sums[i].h);
            worst_sum = fmax(worst_sum, fabs(value / sums[i].value[j] - 1));
        }
        sb_density_clear(&density);
    }
    for (size_t i = 0; i < sizeof bessel / sizeof bessel[0]; i++) {
        snprintf(text, sizeof text, "student(1, %g)", bessel[i].nu);
        sb_density density = parsed(text);
        for (size_t j = 0; j < 5; j++)
            worst_phi = fmax(worst_phi, fabs(sb_density_characteristic(&density, z[j]) / bessel[i].phi[j] - 1));
        sb_density_clear(&density);
    }
    if (getenv("V")) print_message("student: sums %.1e, phi %.1e\n", worst_sum, worst_phi);
    assert_at_most(worst_sum, 1e-12); /* relative, down to values of 1e-108 */
    assert_at_most(worst_phi, 1e-12);
}

/* Closed forms for nu = 1, the Cauchy density C, and nu = 3, which is C - a dC/da, also of the aliased ones. */
static void student_in_closed_form(void **state)
{
    (void)state;
    sb_density one = parsed("student(16, 1)"), cauchy = parsed("cauchy(16)"), three = parsed("student(16, 3)");
    for (double h = 1e-4; h < 3; h *= 2.3)
        for (double t = 0; t <= 0.5; t += 0.1) {
            double w = t * 2 * M_PI / h, x = 16 * h, gap = cosh(x) - cos(h * w);
            double slope = h * h / (2 * M_PI) * (1 - cosh(x) * cos(h * w)) / (gap * gap);
            double closed = h / (2 * M_PI) * sinh(x) / gap - 16 * slope;
            assert_close(sb_density_aliased(&one, h, w), sb_density_aliased(&cauchy, h, w), 1e-13);
            assert_near(sb_density_aliased(&three, h, w), closed,
                        1e-12 * sb_density_aliased(&three, h, 0) / fmin(x, 1));
            assert_close(sb_density_characteristic(&three, h), (1 + x) * exp(-x), 2e-14);
            assert_close(sb_density_characteristic(&one, h), exp(-x), 2e-14);
        }
    sb_density_clear(&one);
    sb_density_clear(&cauchy);
    sb_density_clear(&three);
}

static int gsl_errors;

static void count_error(const char *reason, const char *file, int line, int error)
{
    (void)reason, (void)file, (void)line, (void)error;
    gsl_errors++;
}

/* GSL's own handler would end the program. */
static void gsl_never_complains(void **state)
{
    static const char *const texts[] = {"student(16, 0.1)", "student(1e-50, 2)", "student(1e50, 4.7)",
                                        "student(7, 100)"};
    gsl_error_handler_t *before = gsl_set_error_handler(count_error);
    (void)state;
    gsl_errors = 0;
    for (size_t i = 0; i < 4; i++) {
        sb_density density = parsed(texts[i]);
        for (double z = 1e-320; z < 1e307; z *= 7) {
            double phi = sb_density_characteristic(&density, z);
            assert_true(phi >= 0 && phi <= 1 + 1e-12);
        }
        for (double h = 1e-60; h < 1e60; h *= 1.9)
            for (double t = 0; t <= 0.5; t += 0.25) assert_true(sb_density_aliased(&density, h, t * 2 * M_PI / h) >= 0);
        assert_true(sb_density_characteristic(&density, INFINITY) == 0);
        assert_true(isnan(sb_density_characteristic(&density, NAN)));
        assert_true(isnan(sb_density_aliased(&density, 0.1, NAN)));
        sb_density_clear(&density);
    }
    gsl_set_error_handler(before);
    assert_int_equal(gsl_errors, 0);
}

/* A table of two nodes is the uniform density, and its unit does not matter. */
static void tables_are_normalised(void **state)
{
    static const double w[] = {0, 48}, low[] = {1e-300, 1e-300}, high[] = {1e300, 1e300};
    const sb_density_table tables[] = {{2, w, low}, {2, w, high}};
    sb_density uniform = parsed("uniform(48)");
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sb_density density = {0};
        assert_ok(sb_density_parse("table", &tables[i], &density));
        for (double at = -60; at < 60; at += 3.7) {
            assert_close(sb_density_value(&density, at), sb_density_value(&uniform, at), 1e-15);
            assert_near(sb_density_characteristic(&density, at), sb_density_characteristic(&uniform, at), 1e-15);
            assert_near(sb_density_aliased(&density, 0.1, at), sb_density_aliased(&uniform, 0.1, at), 1e-15);
        }
        sb_density_clear(&density);
    }
    sb_density_clear(&uniform);
}

/* ---- texts ---- */

static void texts_are_free_of_form(void **state)
{
    static const char *const same[] = {
        "0.6 uniform(48) + 0.4 gaussian(6)",
        "0.6uniform(48)+0.4gaussian(6)",
        "  6e1\tuniform ( 48.0 )\n+ 40 gaussian(+6) ",
        "3 uniform(48) + gaussian(6) + 1 gaussian(6)",
    };
    sb_density first = parsed(same[0]);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sb_density density = parsed(same[i]);
        double total = 0;
        for (size_t j = 0; j < density.parts; j++) total += density.part[j].weight;
        assert_close(total, 1, 1e-15);
        for (double w = 0; w < 60; w += 7)
            assert_close(sb_density_value(&density, w), sb_density_value(&first, w), 1e-14);
        sb_density_clear(&density);
    }
    sb_density_clear(&first);
}

static void wrong_texts_are_explained(void **state)
{
    static const char *const cases[][2] = {
        {"", "density \"\", character 1: a kind of density is wanted here"},
        {" ", "character 2: a kind"},
        {"gausian(12)", "density \"gausian(12)\", character 1: unknown kind 'gausian'; did you mean 'gaussian(sd)'?"},
        {"0.6 unifrm(48) + gaussian(6)", "character 5: unknown kind 'unifrm'; did you mean 'uniform(B)'?"},
        {"gaussian", "character 1: 0 numbers given, 1 wanted: gaussian(sd)"},
        {"gaussian()", "0 numbers given, 1 wanted"},
        {"uniform(3, 4)", "2 numbers given, 1 wanted: uniform(B)"},
        {"uniform(3) + student(3)", "character 14: 1 number given, 2 wanted: student(a, nu)"},
        {"bumps(1, 2, 3, 4)", "4 numbers given, 2 wanted"},
        {"table(3)", "1 number given, 0 wanted: table"},
        {"gaussian(x)", "character 10: a number is wanted here"},
        {"gaussian(nan)", "character 10: a number is wanted here"},
        {"gaussian(1,)", "character 12: a number is wanted here"},
        {"gaussian(1", "character 11: ',' or ')' is wanted here"},
        {"gaussian(1 2)", "character 12: ',' or ')' is wanted here"},
        {"gaussian(-)", "character 10: a number is wanted here"},
        {"gaussian(1) gaussian(2)", "character 13: '+' or the end is wanted here"},
        {"gaussian(1) - 0.5 gaussian(2)", "character 13: '+' or the end"},
        {"gaussian(1) +", "character 14: a kind of density is wanted here"},
        {"0.5", "character 4: a kind of density is wanted here"},
        {"0 gaussian(1)", "character 1: the weight 0 must be positive"},
        {"2 uniform(1) + -1 gaussian(1)", "character 16: the weight -1 must be positive"},
        {"1e999 gaussian(1)", "the weight inf must be positive"},
        {"gaussian(0)", "0 in place of 1 of gaussian(sd): must be positive"},
        {"laplace(-3)", "must be positive"},
        {"cauchy(1e999)", "must be positive"},
        {"uniform(1e200)", "must be positive, at most 1e+100"},
        {"epanechnikov(-0)", "must be positive"},
        {"student(0, 3)", "student(a, nu) with a = 0: must be positive"},
        {"student(3, 0)", "with nu = 0: not integrable"},
        {"student(3, -1)", "with nu = -1: not integrable"},
        {"student(3, 1e4)", "with nu = 10000: must lie in [0.1, 100]"},
        {"bumps(-1, 2)", "with centre = -1: must not be negative"},
        {"bumps(1, 0)", "with sd = 0: must be positive"},
        {"band(3, 3)", "with a = 3, b = 3: wants 0 <= a < b"},
        {"band(-1, 3)", "wants 0 <= a < b"},
        {"gaus\nian(1)", "density \"gaus ian(1)\", character 1: unknown kind 'gaus'"},
    };
    sb_density density = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fails(sb_density_parse(cases[i][0], NULL, &density), SB_ERR_INPUT, cases[i][1]);
        assert_null(strchr(sb_error_text(), '\n'));
        assert_null(density.part);
        assert_int_equal(density.parts, 0);
    }
    assert_fails(sb_density_parse("gaussian(3) + table", NULL, &density), SB_ERR_INPUT,
                 "character 15: there is no table");
}

static void long_texts_are_cut(void **state)
{
    char text[5000];
    sb_density density = {0};
    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_fails(sb_density_parse(text, NULL, &density), SB_ERR_INPUT, "...\", character 1: unknown kind 'aaaa");
    memset(text, ' ', sizeof text - 1);
    assert_fails(sb_density_parse(text, NULL, &density), SB_ERR_INPUT, "character 5000: a kind");
}

static void kinds_are_listed(void **state)
{
    const sb_list *list = sb_list_find("density");
    size_t count = 0;
    (void)state;
    assert_non_null(list);
    for (; sb_density_kind_at(count); count++) {
        const sb_density_kind *kind = sb_density_kind_at(count);
        assert_ptr_equal(sb_density_kind_find(kind->name), kind);
        assert_string_equal(list->name(count), kind->name);
        assert_true(strncmp(kind->usage, kind->name, strlen(kind->name)) == 0);
        assert_true(kind->numbers <= SB_DENSITY_NUMBERS && !(kind->check && kind->fill));
        assert_true(kind->aliased || kind->edge); /* or there would be no end of copies */
    }
    assert_true(count > 0);
    assert_null(list->name(count));
    assert_null(sb_density_kind_find("nothing"));
}

/* ---- tables ---- */

static void wrong_tables_are_explained(void **state)
{
    static const struct {
        size_t n;
        double w[3], rho[3];
        const char *words;
    } cases[] = {
        {1, {0}, {1}, "character 1: a table needs two nodes or more, this has 1"},
        {3, {0, 1, 1}, {1, 1, 1}, "node 3: w = 1 is not above the one before, 1"},
        {3, {-1, 1, 2}, {1, 1, 1}, "node 1: w = -1 is negative"},
        {3, {0, 1, INFINITY}, {1, 1, 1}, "node 3: w = inf is not finite"},
        {3, {0, NAN, 2}, {1, 1, 1}, "node 2: w = nan is not finite"},
        {3, {0, 1, 2}, {1, -0.1, 1}, "node 2: rho = -0.1 is negative"},
        {3, {0, 1, 2}, {1, NAN, 1}, "node 2: rho = nan: not integrable"},
        {3, {0, 1, 2}, {1, INFINITY, 1}, "node 2: rho = inf: not integrable"},
        {3, {0, 1, 2}, {0, 0, 0}, "the table has no mass"},
        {3, {0, 1, 1e308}, {1, 1, 1}, "the table is not integrable: w reaches 1e+308"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sb_density_table wrong = {cases[i].n, cases[i].w, cases[i].rho};
        sb_density density = {0};
        assert_fails(sb_density_parse("table", &wrong, &density), SB_ERR_INPUT, cases[i].words);
        assert_null(density.part);
    }
}

static void tables_are_read(void **state)
{
    static const char *const texts[] = {
        "0 1\n2.5 3\n4 0\n",
        "# made by hand\nw,rho\n0,1\n\n2.5, 3\n4 ,0",
        "0 1\n2.5, 3\n4 ,0\n",
        "w, rho\n0, 1\n2.5 3\n4\t0\n",
        "\"w\"\t\"rho\"\r\n0\t1\r\n2.5\t3\r\n# between\r\n  4\t0  \r\n",
    };
    static const double wanted[2][3] = {{0, 2.5, 4}, {1, 3, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double *w = NULL, *values = NULL;
        size_t n = 0;
        write_text(in_folder("table.txt"), texts[i]);
        assert_ok(sb_density_read_table(in_folder("table.txt"), &n, &w, &values));
        assert_int_equal(n, 3);
        assert_memory_equal(w, wanted[0], sizeof wanted[0]);
        assert_memory_equal(values, wanted[1], sizeof wanted[1]);
        free(w);
        free(values);
    }
}

static void wrong_files_are_explained(void **state)
{
    static const char *const cases[][2] = {
        {"", "table.txt:1: a table needs two nodes or more, this has 0"},
        {"0 1\n", "table.txt:2: a table needs two nodes"},
        {"0 1\nhello\n2 1\n", "table.txt:2: two numbers are wanted, w and rho"},
        {"w rho\nw rho\n0 1\n1 1\n", "table.txt:2: two numbers"},
        {"0 1\n1 1 1\n", "table.txt:2: two numbers"},
        {"0 1\n1\n", "table.txt:2: two numbers"},
        {"0 1\n1,,1\n", "table.txt:2: two numbers"},
        {"0 1\n1-1\n", "table.txt:2: two numbers"},
        {"0 1\n1;1\n", "table.txt:2: two numbers"},
        {"0 1\n1,1\n", "table.txt:2: two numbers"}, /* or a decimal comma? */
        {"0 1\n1, 1, 1\n", "table.txt:2: two numbers"},
        {"0,5 1\n1 2\n2 3\n3 ,1\n", "table.txt:1:1: the comma of \"0,5\" is a decimal mark, those of line 4 stand"},
        {", 1\n", "table.txt:1: two numbers"},
        {"# no\n0 1\n\n1 -1\n", "table.txt:4: rho = -1 is negative"},
        {"nan 1\n0 1\n1 1\n", "table.txt:1: w = nan is not finite"},
        {"0 1\n1 inf\n", "table.txt:2: rho = inf: not integrable"},
        {"0 1\n-1 1\n", "table.txt:2: w = -1 is negative"},
        {"0 1\n2 1\n1 1\n", "table.txt:3: w = 1 is not above the one before, 2"},
        {"0 0\n1 0\n", "table.txt:3: the table has no mass"},
    };
    double *w = NULL, *values = NULL;
    size_t n;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_text(in_folder("table.txt"), cases[i][0]);
        assert_fails(sb_density_read_table(in_folder("table.txt"), &n, &w, &values), SB_ERR_INPUT, cases[i][1]);
        assert_null(w);
    }
    FILE *stream = fopen(in_folder("table.txt"), "w");
    assert_non_null(stream);
    fwrite("0 1\n1\0 1\n", 1, 9, stream);
    fclose(stream);
    assert_fails(sb_density_read_table(in_folder("table.txt"), &n, &w, &values), SB_ERR_INPUT,
                 "table.txt:2:2: a byte 0");
    assert_fails(sb_density_read_table(in_folder("none.txt"), &n, &w, &values), SB_ERR_INPUT, "none.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_listed),
        cmocka_unit_test(masses_are_one),
        cmocka_unit_test(values_are_symmetric),
        cmocka_unit_test(characteristic_functions_are_the_integrals),
        cmocka_unit_test(small_distances_keep_their_digits),
        cmocka_unit_test(aliased_densities_are_the_sums),
        cmocka_unit_test(samples_follow_the_density),
        cmocka_unit_test(samples_depend_on_their_index_alone),
        cmocka_unit_test(edges_and_breaks),
        cmocka_unit_test(rates_of_the_reference),
        cmocka_unit_test(student_at_forty_digits),
        cmocka_unit_test(student_in_closed_form),
        cmocka_unit_test(gsl_never_complains),
        cmocka_unit_test(tables_are_normalised),
        cmocka_unit_test(texts_are_free_of_form),
        cmocka_unit_test(wrong_texts_are_explained),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(wrong_tables_are_explained),
        cmocka_unit_test(tables_are_read),
        cmocka_unit_test(wrong_files_are_explained),
    };
    gsl_set_error_handler_off(); /* of the integrals here */
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
