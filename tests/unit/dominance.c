/* Dominance of low frequencies in tanh networks (theory/README.md): the gradients against differences in long double,
 * theorem 1's set measured exactly and drawn against the forecast without a fit, theorem 2's threshold. */
#include "common/test.h"

#include <gsl/gsl_sf_expint.h>

#include <specbias/dominance.h>

#include "core/complex.h"
#include "theory/dominance/waves.h"

#define GOLDEN 1.6180339887498949

static const sb_dominance_task pair = {.k1 = 1, .k2 = GOLDEN, .f1 = CMPLX(1.2, -0.9), .f2 = CMPLX(0.7, 1.1)};
static const sb_tanh_neuron two[] = {{0.8, 0.9, 1.2}, {-0.5, -1.4, 0.3}};

/* ---- gradients ---- */

static void reference_case_A6(void **state)
{
    static const double wanted[][3] = {{0.078728467239354, -0.16082246989689, 0.25168141868124},
                                       {0.19253092395618, 0.13669740857478, 0.22236634139972}};
    double complex target = CMPLX(0.4, -0.7), error = sb_tanh_transform(2, two, 2) - target;
    sb_tanh_gradient g[2];
    (void)state;
    assert_close(pow(cabs(error), 2) / 2, 0.28920570818721, 1e-10);
    assert_close(cabs(error), 0.76053363921291, 1e-10);
    assert_close(carg(error), 2.1591471143696, 1e-10);
    sb_tanh_gradients(2, two, 2, target, g);
    for (int j = 0; j < 2; j++) {
        double unscaled = exp(-g[j].decay);
        assert_close(unscaled * g[j].a, wanted[j][0], 1e-10);
        assert_close(unscaled * g[j].w, wanted[j][1], 1e-10);
        assert_close(unscaled * g[j].b, wanted[j][2], 1e-10);
    }
}

/* One neuron's term of h^(k) as it is defined. */
static long double complex term(const long double p[3], long double k)
{
    long double complex phase = cexpl(CMPLXL(0, p[2] * k / p[1]));
    return p[0] / fabsl(p[1]) * phase * CMPLXL(0, -3.14159265358979323846264L) /
           sinhl(3.14159265358979323846264L * k / (2 * p[1]));
}

/* d term / d p[i], fourth order in the step */
static long double complex difference(const sb_tanh_neuron *neuron, long double k, int i)
{
    long double p[] = {neuron->a, neuron->w, neuron->b}, at = p[i], w = p[1];
    long double step = 1e-4L * (i == 1 ? w * w / (fabsl(w) + k * (2 + fabsl(p[2]))) : i == 2 ? fabsl(w) / k : 1);
    long double complex value[4];
    static const int where[] = {-2, -1, 1, 2};
    for (int s = 0; s < 4; s++) {
        p[i] = at + where[s] * step;
        value[s] = term(p, k);
    }
    return (value[0] - 8 * value[1] + 8 * value[2] - value[3]) / (12 * step);
}

/* dL/dp = Re(conj(h^ - f^) dh^/dp), as far as |w| = 0.0006 where the gradient is exp(-5000). */
static void gradients_are_differences(void **state)
{
    (void)state;
    seed_numbers(1);
    for (int trial = 0; trial < 300; trial++) {
        sb_tanh_neuron net[3];
        sb_tanh_gradient g[3];
        double k = number_in(0.5, 3), off = 0;
        double complex target = CMPLX(number_in(-1, 1), number_in(-1, 1));
        for (int j = 0; j < 3; j++) {
            double size = exp(number_in(log(6e-4), log(20)));
            net[j] = (sb_tanh_neuron){number_in(0.5, 1.5), trial % 2 ? size : -size, number_in(-3, 3)};
        }
        sb_tanh_gradients(3, net, k, target, g);
        long double complex error = -target;
        for (int j = 0; j < 3; j++) error += term((long double[]){net[j].a, net[j].w, net[j].b}, k);
        for (int j = 0; j < 3; j++) {
            double ours[] = {g[j].a, g[j].w, g[j].b};
            for (int i = 0; i < 3; i++) {
                long double complex slope = difference(&net[j], k, i);
                long double scale = cabsl(error) * cabsl(slope), wanted = creall(conjl(error) * slope);
                off = fmax(off, (double)fabsl((ours[i] * expl(-(long double)g[j].decay) - wanted) / scale));
            }
        }
        /* decay = 5000 costs 5000 ulp in the exponential, and b k / w as many in the phase */
        assert_at_most(off, 1e-11);
    }
}

/* Written with the factor b_j, dL/db is far from the difference of L itself. */
static void no_factor_b(void **state)
{
    long double complex target = CMPLXL(0.4L, -0.7L);
    sb_tanh_gradient g[2];
    (void)state;
    sb_tanh_gradients(2, two, 2, CMPLX(0.4, -0.7), g);
    for (int j = 0; j < 2; j++) {
        long double loss[2], step = 1e-6L;
        for (int s = 0; s < 2; s++) {
            long double complex error = -target;
            for (int i = 0; i < 2; i++)
                error += term((long double[]){two[i].a, two[i].w, two[i].b + (i == j ? (2 * s - 1) * step : 0)}, 2);
            loss[s] = cabsl(error) * cabsl(error) / 2;
        }
        double slope = (double)((loss[1] - loss[0]) / (2 * step)), ours = exp(-g[j].decay) * g[j].b;
        assert_close(ours, slope, 1e-9);
        assert_at_least(fabs(two[j].b * ours / slope - 1), 0.15);
    }
}

/* The scaled comparison against one of plain gradients, where these do not underflow. */
static void judgement_is_plain_comparison(void **state)
{
    int seen = 0;
    (void)state;
    seed_numbers(2);
    for (int trial = 0; trial < 2000; trial++) {
        sb_tanh_neuron net[3];
        sb_tanh_gradient g1[3], g2[3];
        sb_dominance_judgement now;
        tanh_wave wave[6];
        for (int j = 0; j < 3; j++)
            net[j] = (sb_tanh_neuron){number_in(-1, 1), (j == 1 ? -1 : 1) * number_in(0.1, 1.5), number_in(1, 3)};
        sb_tanh_gradients(3, net, pair.k1, pair.f1, g1);
        sb_tanh_gradients(3, net, pair.k2, pair.f2, g2);
        bool type[3] = {0}, control = false;
        double norm1 = 0, norm2 = 0;
        for (int j = 0; j < 3; j++) {
            double one[] = {g1[j].a, g1[j].w, g1[j].b}, other[] = {g2[j].a, g2[j].w, g2[j].b};
            for (int i = 0; i < 3; i++) {
                double x = fabs(one[i]) * exp(-g1[j].decay), y = fabs(other[i]) * exp(-g2[j].decay);
                type[i] |= x <= y;
                control |= y <= x;
                norm1 += x * x;
                norm2 += y * y;
            }
        }
        sb_dominance_judge(&pair, 3, net, wave, &now);
        for (int i = 0; i < 3; i++) assert_true(now.type[i] == type[i]);
        assert_true(now.any == (type[0] || type[1] || type[2]));
        assert_true(now.control == control);
        assert_true(now.norm == (norm1 <= norm2));
        seen += now.norm;
    }
    assert_in_range(seen, 20, 1980);
}

/* ---- the forecast ---- */

/* E_m over exponential integrals: m = 1: E_2(x), m = 3: 1.5 (E_2 - E_4); m = 2, 4, 9 by the midpoint rule. */
static void ball_is_right(void **state)
{
    static const double xs[] = {1e-3, 0.1, 1, 3, 10, 33, 300};
    static const size_t ms[] = {2, 4, 9};
    (void)state;
    for (size_t i = 0; i < sizeof xs / sizeof *xs; i++) {
        double x = xs[i], e2 = gsl_sf_expint_En(2, x), e4 = gsl_sf_expint_En(4, x);
        assert_close(sb_dominance_ball(1, x, 1), e2, 1e-12);
        assert_close(sb_dominance_ball(1, 2 * x, 2), e2, 1e-12);
        if (x < 50) assert_close(sb_dominance_ball(3, x, 1), 1.5 * (e2 - e4), 1e-11);
        for (size_t k = 0; k < 3; k++) {
            double m = (double)ms[k], volume = tgamma(m / 2 + 1) / (sqrt(M_PI) * tgamma((m + 1) / 2)), sum = 0;
            enum { POINTS = 20000 };
            for (int p = 0; p < POINTS; p++) {
                double angle = (p + 0.5) * M_PI_2 / POINTS;
                sum += pow(sin(angle), m) * exp(x - x / cos(angle)) * M_PI_2 / POINTS;
            }
            assert_close(sb_dominance_ball(ms[k], x, 1), 2 * volume * sum * exp(-x), 1e-6);
        }
    }
}

static void asymptote_is_approached(void **state)
{
    double alpha = sb_dominance_alpha(&pair);
    (void)state;
    for (size_t m = 1; m <= 4; m++) {
        double before = 10;
        for (double delta = 0.1; delta > 0.002; delta /= 2) {
            sb_dominance_fraction forecast, asymptote;
            assert_ok(sb_dominance_forecast(&pair, m, delta, &forecast));
            assert_ok(sb_dominance_asymptote(&pair, m, delta, &asymptote));
            double off = fabs(asymptote.any / forecast.any - 1);
            assert_at_most(off, 0.75 * before); /* first order in delta */
            before = off;
            assert_close(forecast.type[1], GOLDEN * forecast.type[0], 1e-14);
            assert_close(forecast.any, forecast.type[0] * (1 + 2 * GOLDEN), 1e-14);
            if (m > 1) continue;
            double size = 4 / (M_PI * M_PI) * cabs(pair.f2 / pair.f1) * (1 + 2 * GOLDEN);
            assert_close(asymptote.any, size * delta / alpha * exp(-alpha / delta), 1e-12);
        }
        assert_at_most(before, 0.05);
    }
}

/* ---- the exact measure ---- */

/* a = 0.8, b = 100: each type within 2 % of the forecast from 0.3 down to 0.03, where F is 4e-16. The union is less
 * than the sum above 0.17: with this b the zeros of dL/dw and dL/db are close and their intervals overlap. */
static void exact_is_the_forecast(void **state)
{
    static const double delta[] = {0.3, 0.25, 0.2, 0.17, 0.14, 0.1, 0.07, 0.05, 0.03};
    double sum[9];
    (void)state;
    for (int i = 0; i < 9; i++) {
        sb_dominance_fraction exact, forecast;
        assert_ok(sb_dominance_exact(&pair, 0.8, 100, delta[i], &exact));
        assert_ok(sb_dominance_forecast(&pair, 1, delta[i], &forecast));
        for (int type = 0; type < SB_DOMINANCE_TYPES; type++)
            assert_near(exact.type[type] / forecast.type[type], 1, 0.02);
        sum[i] = exact.type[0] + exact.type[1] + exact.type[2];
        assert_at_most(exact.any, sum[i] * (1 + 1e-12));
        if (delta[i] <= 0.15) assert_close(exact.any, sum[i], 1e-3);
    }
    assert_in_range((long)(sum[8] * 1e18), 200, 500);
    /* log(F / delta) has the slope -alpha, log F one 5 % too steep */
    assert_near(sb_dominance_slope(4, delta + 5, sum + 5), -1.017, 5e-3);
    for (int i = 5; i < 9; i++) sum[i] /= delta[i];
    assert_near(sb_dominance_slope(4, delta + 5, sum + 5), -0.9663, 2e-3);
    assert_close(sb_dominance_slope(4, delta + 5, sum + 5), -sb_dominance_alpha(&pair), 0.01);
}

/* What is left are phases: averaged over a lattice of those of f1 and f2, little is. */
static void phases_average_out(void **state)
{
    enum { TURNS = 11 };
    sb_dominance_fraction mean = {{0}, 0}, forecast;
    (void)state;
    for (int i = 0; i < TURNS; i++) {
        sb_dominance_task task = pair;
        sb_dominance_fraction exact;
        task.f1 *= cexp(CMPLX(0, 2 * M_PI * i / TURNS));
        task.f2 *= cexp(CMPLX(0, 2 * M_PI * (4 * i % TURNS) / TURNS));
        assert_ok(sb_dominance_exact(&task, 0.8, 30, 0.1, &exact));
        for (int type = 0; type < SB_DOMINANCE_TYPES; type++) mean.type[type] += exact.type[type] / TURNS;
    }
    assert_ok(sb_dominance_forecast(&pair, 1, 0.1, &forecast));
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++) assert_near(mean.type[type] / forecast.type[type], 1, 5e-3);
}

static sb_dominance_spec spec_of(size_t m, size_t n, const double *delta, uint64_t samples)
{
    return (sb_dominance_spec){.task = {1, GOLDEN, CMPLX(2, 1), CMPLX(-1.2, 1.6)},
                               .m = m,
                               .a_low = 0.5,
                               .a_high = 1.5,
                               .b_low = 1,
                               .b_high = 3,
                               .n = n,
                               .delta = delta,
                               .samples = samples,
                               .seed = 1};
}

/* Roots against draws, within four standard deviations, also where intervals are long and overlap. */
static void exact_is_the_drawn(void **state)
{
    static const double delta[] = {2, 0.7, 0.4};
    sb_dominance_spec spec = spec_of(1, 3, delta, sanitized() ? 20000 : 200000);
    sb_dominance run = {0};
    (void)state;
    spec.b_low = spec.b_high = 2;
    /* the sign of a is drawn, too: the mean of both */
    spec.a_low = spec.a_high = 0.8;
    assert_ok(sb_dominance_run(&spec, 2, NULL, &run));
    for (int i = 0; i < 3; i++) {
        sb_dominance_fraction plus, minus;
        assert_ok(sb_dominance_exact(&spec.task, 0.8, 2, delta[i], &plus));
        assert_ok(sb_dominance_exact(&spec.task, -0.8, 2, delta[i], &minus));
        double draws = (double)spec.samples, any = (plus.any + minus.any) / 2;
        assert_near(run.point[i].measured.any, any, 4 * sqrt(any / draws));
        for (int type = 0; type < SB_DOMINANCE_TYPES; type++) {
            double wanted = (plus.type[type] + minus.type[type]) / 2;
            assert_near(run.point[i].measured.type[type], wanted, 4 * sqrt(wanted / draws));
        }
    }
    sb_dominance_clear(&run);
}

/* ---- theorem 2 ---- */

/* The largest 1 / |w| on a fine grid whose plain gradients lose; 0 when none does. */
static double last_loss_on_grid(const sb_dominance_task *task, double a, double b, double low, double high, int points)
{
    for (int i = points; i >= 0; i--) {
        double s = low + (high - low) * i / points;
        for (int sign = -1; sign <= 1; sign += 2) {
            sb_tanh_neuron neuron = {a, sign / s, b};
            sb_dominance_judgement now;
            tanh_wave wave[2];
            sb_dominance_judge(task, 1, &neuron, wave, &now);
            if (now.norm) return s;
        }
    }
    return 0;
}

static void threshold_is_sharp(void **state)
{
    static const struct {
        double complex f1, f2;
        double a, b, empty;
    } cases[] = {
        {1, 1, 0.8, 2, 0.96327},
        {1, 1, 1, 1, 0.58568},
        {1, 1, 0.8, 100, 0.10385},
        {CMPLX(0.4, -0.7), CMPLX(0.3, 0.5), 0.8, 2, 0.673488},
        {CMPLX(0.4, -0.7), CMPLX(0.3, 0.5), 0.8, 100, 0.108579},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sb_dominance_task task = {1, GOLDEN, cases[i].f1, cases[i].f2};
        sb_dominance_threshold threshold;
        double a = cases[i].a, b = cases[i].b;
        assert_ok(sb_dominance_empty_below(&task, a, b, 5, NULL, &threshold));
        assert_near(threshold.empty, cases[i].empty, 6e-6);
        assert_at_most(threshold.certified, threshold.empty);
        double certain = 1 / threshold.certified, sharp = 1 / threshold.empty;
        int points = sanitized() ? 20000 : 100000;
        assert_true(last_loss_on_grid(&task, a, b, sharp * (1 + 1e-9), certain, points) == 0);
        assert_true(last_loss_on_grid(&task, a, b, sharp * (1 - 1e-6), sharp * (1 - 1e-9), 1) > 0);
        if (i > 0) continue;
        assert_near(threshold.empty, 0.96, 0.005);
    }
}

/* The fraction that is lost, crossing by crossing, is what a fine grid of |w| counts; nothing below delta_0. */
static void lost_is_what_a_grid_counts(void **state)
{
    const sb_dominance_task task = {1, GOLDEN, CMPLX(2, 1), CMPLX(-1.2, 1.6)};
    const int points = sanitized() ? 20000 : 200000;
    (void)state;
    for (int i = 0; i < 4; i++) {
        double a = i % 2 ? -0.8 : 0.8, b = i < 2 ? 2 : 100, delta = i < 2 ? 0.6 : 0.15, fraction, count = 0, edges = 0;
        bool before = false;
        assert_ok(sb_dominance_lost(&task, a, b, delta, NULL, &fraction));
        for (int j = 1 - points; j < points; j += 2) {
            sb_tanh_neuron neuron = {a, delta * j / points, b};
            sb_dominance_judgement now;
            tanh_wave wave[2];
            sb_dominance_judge(&task, 1, &neuron, wave, &now);
            count += now.norm;
            edges += now.norm != before;
            before = now.norm;
        }
        assert_at_most(fabs(count / points - fraction), (edges + 2) / points);
        sb_dominance_threshold threshold;
        assert_ok(sb_dominance_empty_below(&task, a, b, 4, NULL, &threshold));
        assert_ok(sb_dominance_lost(&task, a, b, threshold.empty, NULL, &fraction));
        assert_at_most(fraction, 1e-12);
    }
}

/* What is certain of a law is below delta_0 of each of its neurons, and of more neurons less. */
static void law_is_certain(void **state)
{
    const sb_dominance_task task = {1, GOLDEN, CMPLX(2, 1), CMPLX(-1.2, 1.6)};
    const double a[2] = {0.5, 1.5}, b[2] = {1, 3};
    double one, four;
    (void)state;
    assert_ok(sb_dominance_certain(&task, 1, a, b, &one));
    assert_ok(sb_dominance_certain(&task, 4, a, b, &four));
    assert_true(0.1 < four && four < one);
    for (int i = 0; i < 8; i++) {
        sb_dominance_threshold threshold;
        double size = a[i % 2];
        assert_ok(sb_dominance_empty_below(&task, i % 4 < 2 ? size : -size, b[i / 4], 4, NULL, &threshold));
        assert_at_most(one, threshold.certified * (1 + 1e-3));
    }
}

/* Below delta_0 the fraction is 0, for a whole range of networks; above it is not. */
static void second_theorem_is_exact(void **state)
{
    static const double delta[] = {0.25, 0.2, 1};
    sb_dominance_spec spec = spec_of(4, 3, delta, sanitized() ? 10000 : 100000);
    sb_dominance run = {0};
    (void)state;
    assert_ok(sb_dominance_run(&spec, 0, NULL, &run));
    assert_true(run.point[0].norm == 0 && run.point[1].norm == 0 && run.point[2].norm > 0);
    assert_true(run.second == 0.25);
    sb_dominance_clear(&run);
    sb_dominance_task task = {1, GOLDEN, CMPLX(0.4, -0.7), CMPLX(0.3, 0.5)};
    sb_dominance_threshold threshold;
    assert_ok(sb_dominance_empty_below(&task, 1, 1, 2, NULL, &threshold));
    assert_true(isinf(threshold.empty)); /* never lost up to |w| = 2 */
}

/* ---- the experiment ---- */

static void experiment_passes(void **state)
{
    static const double delta[] = {0.4, 0.3, 0.25, 0.2, 0.05};
    (void)state;
    for (size_t m = 1; m <= 4; m += 3) {
        sb_dominance_spec spec = spec_of(m, 5, delta, sanitized() ? 40000 : 200000);
        sb_dominance run = {0};
        assert_ok(sb_dominance_run(&spec, 0, NULL, &run));
        assert_int_equal(run.n, 5);
        assert_int_equal(run.judged, sanitized() && m == 4 ? run.judged : 3);
        assert_true(run.point[0].kept && !run.point[0].judged); /* beyond the range: only shown */
        assert_true(!run.point[4].kept && !run.point[4].judged);
        assert_true(run.ratios && run.enough && run.swapped);
        assert_at_least(run.control, 0.9999);
        /* four standard deviations: the smallest delta has the fewest bad draws, over 1 / 0.2 - 1 / 0.3 */
        double worst = 4 / sqrt((double)run.point[3].bad) / (1 / 0.2 - 1 / 0.3);
        assert_near(run.slope_measured, run.slope_forecast, worst);
        assert_true(run.passed);
        for (size_t i = 0; i < 4; i++) {
            const sb_dominance_point *point = &run.point[i];
            assert_close(point->measured.any, (double)point->bad / (double)point->samples, 1e-15);
            assert_at_most(fabs(point->ratio - 1), fmax(0.15, point->allowed));
        }
        sb_dominance_clear(&run);
    }
}

/* Few draws tell the slope to 5 %: that must not be held against a true theory. Over many seeds slopes scatter as their
 * standard error says, and none is rejected. */
static void few_draws_do_not_reject(void **state)
{
    enum { SEEDS = 60 };
    static const double delta[] = {0.3, 0.25};
    double mean = 0, square = 0, error = 0;
    (void)state;
    for (size_t seed = 1; seed <= SEEDS; seed++) {
        sb_dominance_spec spec = spec_of(1, 2, delta, 50000);
        sb_dominance run = {0};
        spec.seed = seed;
        assert_ok(sb_dominance_run(&spec, 0, NULL, &run));
        assert_true(run.passed);
        mean += run.slope_measured / SEEDS;
        square += run.slope_measured * run.slope_measured / SEEDS;
        error += run.slope_error / SEEDS;
        sb_dominance_clear(&run);
    }
    double sd = sqrt((square - mean * mean) * SEEDS / (SEEDS - 1.0));
    assert_close(sd, error, 4 / sqrt(2.0 * SEEDS));
    assert_at_least(error / fabs(mean), 0.02); /* a limit of 5 % would have rejected some */
}

/* Each part of the criterion can fail. */
static void wrong_theory_fails(void **state)
{
    static const double delta[] = {0.3, 0.2};
    sb_dominance_spec spec = spec_of(1, 2, delta, 40000);
    sb_dominance run = {0};
    (void)state;
    spec.task.f2 = 30 * spec.task.f2; /* frequency k2 is most of the target: nothing is small any more */
    assert_ok(sb_dominance_run(&spec, 0, NULL, &run));
    assert_false(run.ratios);
    assert_false(run.slope);
    assert_false(run.passed);
    spec.samples = 1000;
    spec.task.f2 = spec.task.f2 / 30;
    assert_ok(sb_dominance_run(&spec, 0, NULL, &run));
    assert_false(run.enough);
    assert_true(isnan(run.slope_measured));
    assert_false(run.passed);
    spec.task.f2 = 1e6 * spec.task.f2;
    assert_ok(sb_dominance_run(&spec, 0, NULL, &run));
    assert_false(run.swapped);
    sb_dominance_clear(&run);
}

static void threads_do_not_matter(void **state)
{
    static const double delta[] = {0.3, 0.25};
    sb_dominance_spec spec = spec_of(2, 2, delta, sanitized() ? 70000 : 200001);
    sb_dominance one = {0}, other = {0};
    (void)state;
    assert_ok(sb_dominance_run(&spec, 1, NULL, &one));
    for (size_t threads = 2; threads <= 5; threads += 3) {
        assert_ok(sb_dominance_run(&spec, threads, NULL, &other));
        assert_memory_equal(one.point, other.point, 2 * sizeof *one.point);
    }
    spec.seed = 2;
    assert_ok(sb_dominance_run(&spec, 2, NULL, &other));
    assert_true(one.point[0].bad != other.point[0].bad);
    sb_dominance_clear(&one);
    sb_dominance_clear(&other);
}

static bool stop(void *context, const char *stage, double done, double total)
{
    (void)context;
    assert_string_equal(stage, "dominance");
    return done < total / 2;
}

static void refusals(void **state)
{
    static const double delta[] = {0.3}, bad_delta[] = {-0.3};
    const sb_monitor monitor = {.progress = stop};
    sb_dominance_spec good = spec_of(1, 1, delta, 200000), spec = good;
    sb_dominance run = {0};
    sb_dominance_threshold threshold;
    sb_dominance_fraction fraction;
    double one;
    (void)state;
    assert_fails(sb_dominance_run(&spec, 1, &monitor, &run), SB_ERR_INTERRUPTED, "dominance");
    assert_null(run.point);
    spec.task.k2 = 0.5;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "k1 < k2");
    spec = good, spec.task.f1 = 0;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "|f1| = 0");
    spec = good, spec.m = 0;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "neuron");
    spec = good, spec.a_low = -1;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "|a|");
    spec = good, spec.b_low = NAN;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "b needs");
    spec = good, spec.delta = bad_delta;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "-0.3");
    spec = good, spec.samples = 0;
    assert_fails(sb_dominance_run(&spec, 1, NULL, &run), SB_ERR_INPUT, "draw");
    assert_fails(sb_dominance_exact(&pair, 1, 0, 0.1, &fraction), SB_ERR_INPUT, "other than 0");
    assert_fails(sb_dominance_exact(&pair, 1, 1, 0, &fraction), SB_ERR_INPUT, "delta");
    assert_fails(sb_dominance_forecast(&pair, 0, 0.1, &fraction), SB_ERR_INPUT, "neuron");
    assert_fails(sb_dominance_lost(&pair, 1, 1e5, 0.1, &monitor, &one), SB_ERR_INTERRUPTED, "dominance");
    assert_fails(sb_dominance_empty_below(&pair, 1, 1e5, 1, &monitor, &threshold), SB_ERR_INTERRUPTED, "dominance");
    assert_fails(sb_dominance_empty_below(&pair, 0, 1, 1, NULL, &threshold), SB_ERR_INPUT, "a other than 0");
    assert_fails(sb_dominance_empty_below(&pair, 1, 1, INFINITY, NULL, &threshold), SB_ERR_INPUT, "largest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_case_A6),
        cmocka_unit_test(gradients_are_differences),
        cmocka_unit_test(no_factor_b),
        cmocka_unit_test(judgement_is_plain_comparison),
        cmocka_unit_test(ball_is_right),
        cmocka_unit_test(asymptote_is_approached),
        cmocka_unit_test(exact_is_the_forecast),
        cmocka_unit_test(phases_average_out),
        cmocka_unit_test(exact_is_the_drawn),
        cmocka_unit_test(threshold_is_sharp),
        cmocka_unit_test(second_theorem_is_exact),
        cmocka_unit_test(lost_is_what_a_grid_counts),
        cmocka_unit_test(law_is_certain),
        cmocka_unit_test(experiment_passes),
        cmocka_unit_test(few_draws_do_not_reject),
        cmocka_unit_test(wrong_theory_fails),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
