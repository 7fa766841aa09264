/* Exact gradient flow: Runge-Kutta-Chebyshev against exponentials, against GSL's rk8pd on three kinds of networks, and
 * as the limit of gradient descent. */
#include "common/test.h"

#include <specbias/train.h>

#include "common/problems.h"

/* ---- linear equations ---- */

enum { SIZE = 24 };

typedef struct linear {
    double lambda[SIZE];
    double recorded[8][SIZE];
    size_t fail_after, calls; /* 0: never */
    double value;             /* what the rate becomes then */
    sb_status status;
} linear;

static sb_status linear_rate(void *context, const double *theta, double *rate)
{
    linear *l = context;
    for (size_t i = 0; i < SIZE; i++) rate[i] = -l->lambda[i] * theta[i];
    if (++l->calls != l->fail_after) return SB_OK;
    rate[3] = l->value;
    return l->status == SB_OK ? SB_OK : sb_fail(l->status, "the rate failed");
}

static sb_status linear_record(void *context, size_t i, const double *theta)
{
    memcpy(((linear *)context)->recorded[i], theta, sizeof(double) * SIZE);
    return SB_OK;
}

/* Rates from 1e-2 to 1e4. */
static void make_linear(linear *l, double theta[SIZE])
{
    *l = (linear){0};
    for (size_t i = 0; i < SIZE; i++) {
        l->lambda[i] = 1e-2 * pow(10, 6. * (double)i / (SIZE - 1));
        theta[i] = 1;
    }
}

static const double linear_times[] = {0, 1e-4, 1e-2, 1, 10};

/* Largest distance to the exponentials at the records, and what it cost. */
static double linear_error(double tolerance, sb_flow_counts *counts)
{
    linear l;
    double theta[SIZE], largest = 0;
    make_linear(&l, theta);
    sb_flow flow = {.size = SIZE, .rate = linear_rate, .record = linear_record, .context = &l};
    assert_ok(sb_flow_integrate(&flow, "rkc", tolerance, 5, linear_times, NULL, theta, counts));
    for (size_t k = 0; k < 5; k++)
        for (size_t i = 0; i < SIZE; i++)
            largest = fmax(largest, fabs(l.recorded[k][i] - exp(-l.lambda[i] * linear_times[k])));
    assert_memory_equal(theta, l.recorded[4], sizeof theta);
    assert_close(counts->radius, 1e4, 0.1);
    assert_true(counts->gradients < l.calls + 1);
    return largest;
}

static void exponentials_are_met(void **state)
{
    static const double tolerance[] = {1e-4, 1e-5, 1e-6, 1e-7};
    double error[4], steps[4];
    sb_flow_counts counts;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        error[i] = linear_error(tolerance[i], &counts);
        steps[i] = (double)counts.steps;
        assert_at_most(error[i], 20 * tolerance[i]);
        if (i == 0) assert_true(counts.most_stages > 10);  /* stability did not cost steps .. */
        if (i == 0) assert_true(counts.gradients < 10000); /* .. and gradient descent needs 5e4 to be stable */
    }
    /* of order 2 */
    double order = -measured_order(4, steps, error);
    assert_at_least(order, 1.7);
    assert_at_most(order, 2.5);
}

static void radius_is_the_largest_rate(void **state)
{
    linear l;
    double theta[SIZE], radius;
    (void)state;
    make_linear(&l, theta);
    sb_flow flow = {.size = SIZE, .rate = linear_rate, .context = &l};
    assert_ok(sb_flow_radius(&flow, theta, &radius));
    assert_near(radius, 1e4, 500);
}

/* Rates 1e4 along (1, 1) and 1 along (1, -1), where theta starts: the gradient says nothing of the larger one. */
static sb_status hidden_rate(void *context, const double *theta, double *rate)
{
    double sum = theta[0] + theta[1], difference = theta[0] - theta[1];
    (void)context;
    rate[0] = -0.5 * (1e4 * sum + difference);
    rate[1] = -0.5 * (1e4 * sum - difference);
    return SB_OK;
}

static void radius_sees_what_the_gradient_does_not(void **state)
{
    double theta[2] = {1, -1}, radius;
    sb_flow flow = {.size = 2, .rate = hidden_rate};
    (void)state;
    assert_ok(sb_flow_radius(&flow, theta, &radius));
    assert_near(radius, 1e4, 500);
}

static bool stop_now(void *context, const char *stage, double done, double total)
{
    (void)context, (void)stage, (void)total;
    return done < 1e-3;
}

static void failures_end_cleanly(void **state)
{
    linear l;
    double theta[SIZE], backwards[] = {0, 2, 1};
    sb_flow_counts counts;
    sb_monitor monitor = {.progress = stop_now};
    (void)state;
    sb_flow flow = {.size = SIZE, .rate = linear_rate, .context = &l};
    static const char *const method[] = {"rkc", "rk8pd"};
    for (size_t m = 0; m < 2; m++) {
        make_linear(&l, theta);
        l.fail_after = 100, l.value = NAN;
        assert_fails(sb_flow_integrate(&flow, method[m], 1e-6, 5, linear_times, NULL, theta, &counts), SB_ERR_NUMERIC,
                     "gradient flow at time ");
        make_linear(&l, theta);
        l.fail_after = 100, l.status = SB_ERR_IO;
        assert_fails(sb_flow_integrate(&flow, method[m], 1e-6, 5, linear_times, NULL, theta, &counts), SB_ERR_IO,
                     "gradient flow at time ");
        make_linear(&l, theta);
        assert_fails(sb_flow_integrate(&flow, method[m], 1e-6, 5, linear_times, &monitor, theta, &counts),
                     SB_ERR_INTERRUPTED, "");
    }
    assert_fails(sb_flow_integrate(&flow, "euler", 1e-6, 5, linear_times, NULL, theta, &counts), SB_ERR_INPUT,
                 "no method 'euler'");
    assert_fails(sb_flow_integrate(&flow, "rkc", 0, 5, linear_times, NULL, theta, &counts), SB_ERR_INPUT,
                 "positive tolerance");
    assert_fails(sb_flow_integrate(&flow, "rkc", 1e-6, 3, backwards, NULL, theta, &counts), SB_ERR_INPUT, "ascend");
}

/* ---- networks ---- */

typedef struct network {
    sb_problem problem;
    sb_net net;
    sb_density density;
} network;

static void clear_network(network *w)
{
    sb_net_clear(&w->net);
    sb_problem_clear(&w->problem);
    sb_density_clear(&w->density);
}

/* Residuals [nt][n] and parameters after flow from the network's start. */
static sb_training flow_to(const network *w, const char *method, double tolerance, size_t threads, sb_net *end,
                           sb_flow_counts *counts)
{
    sb_training training = {0};
    assert_ok(sb_net_copy(&w->net, end));
    assert_ok(sb_train_flow(end, &w->problem, method, tolerance, threads, NULL, &training, counts));
    return training;
}

static sb_training flow_of(const network *w, const char *method, size_t threads, sb_net *end, sb_flow_counts *counts)
{
    return flow_to(w, method, strcmp(method, "rkc") == 0 ? 1e-8 : 1e-13, threads, end, counts);
}

static void assert_methods_agree(const network *w)
{
    size_t count = w->problem.nt * w->problem.n, size = w->net.per_unit * w->net.padded;
    sb_net a = {0}, b = {0};
    sb_flow_counts counts;
    sb_training rkc = flow_of(w, "rkc", 2, &a, &counts), gsl = flow_of(w, "rk8pd", 1, &b, &counts);
    assert_at_most(max_difference(count, rkc.u, gsl.u), 1e-7 * max_abs(w->problem.n, gsl.u));
    assert_at_most(max_difference(size, a.theta, b.theta), 1e-7 * max_abs(size, b.theta));
    assert_at_least(max_difference(size, a.theta, w->net.theta), 1e-5 * max_abs(size, b.theta)); /* it moved */
    assert_near(rkc.loss, gsl.loss, 1e-6 * gsl.loss);
    sb_training_clear(&rkc);
    sb_training_clear(&gsl);
    sb_net_clear(&a);
    sb_net_clear(&b);
}

static void make_tanh(network *w, double eta, size_t steps)
{
    *w = (network){0};
    make_sines(&w->problem, MIDPOINTS, 12, 0.5);
    assert_ok(sb_problem_set_times(&w->problem, eta, steps, 5));
    sb_net_spec spec = standard_net("tanh", 40, false);
    spec.in = spec.out = sb_law_find("gaussian");
    assert_ok(sb_net_init(&spec, 2, SB_STREAM_TRAIN, &w->net));
}

static void tanh_network_agrees(void **state)
{
    network w;
    (void)state;
    make_tanh(&w, 0.01, 1000);
    assert_methods_agree(&w);
    clear_network(&w);
}

/* R4: three features, whose outputs after one step of 0.1 are known; the flow must be near, and agree with rk8pd. */
static void features_agree(void **state)
{
    static const double freq[] = {1.5, -.7, 4}, a[] = {.3, -1.2, .5}, b[] = {-.4, .8, 1.1};
    static const double h1[] = {-.726586883202, .015337321520, -1.448634510490};
    network w = {0};
    (void)state;
    static const double x[] = {-.6, .25, .9}, y[] = {.5, -.2, 1};
    assert_ok(sb_problem_init(&w.problem, 3, 1, -1, 1));
    for (size_t i = 0; i < 3; i++) w.problem.x[i] = x[i], w.problem.y[i] = y[i], w.problem.q[i] = 2. / 3;
    assert_ok(sb_problem_set_times(&w.problem, 0.1, 30, 3));
    assert_ok(sb_density_parse("gaussian(3)", NULL, &w.density));
    sb_net_spec spec = {.kind = sb_net_kind_find("fourier"),
                        .dim = 1,
                        .width = 3,
                        .gain = 1,
                        .out = sb_law_find("gaussian"),
                        .out_scale = 1,
                        .density = &w.density};
    assert_ok(sb_net_init(&spec, 1, SB_STREAM_TRAIN, &w.net));
    for (size_t i = 0; i < 3; i++) w.net.freq[i] = freq[i], w.net.cosine[i] = a[i], w.net.sine[i] = b[i];
    assert_methods_agree(&w);
    sb_net end = {0};
    sb_flow_counts counts;
    sb_training training = flow_of(&w, "rkc", 1, &end, &counts);
    for (size_t i = 0; i < 3; i++) /* the first record is t = 0.1; a step of 0.1 is off by O(0.1^2) */
        assert_near(training.u[3 + i] + y[i], h1[i], 0.02);
    sb_training_clear(&training);
    sb_net_clear(&end);
    clear_network(&w);
}

/* A quiet start whose kinks cross no datum: there the flow is smooth. */
static void quiet_network_agrees(void **state)
{
    network w = {0};
    sb_net end = {0};
    sb_flow_counts counts;
    (void)state;
    make_sines(&w.problem, MIDPOINTS, 12, 0.001);
    assert_ok(sb_problem_set_times(&w.problem, 0.02, 2000, 5));
    sb_net_spec spec = standard_net("relu", 8 * 60, true);
    assert_ok(sb_net_init(&spec, 0, SB_STREAM_TRAIN, &w.net));
    sb_training training = flow_of(&w, "rkc", 1, &end, &counts);
    for (size_t i = 0; i < w.net.width; i++)
        for (size_t j = 0; j < w.problem.n; j++)
            assert_true((w.problem.x[j] + w.net.shift[i] > 0) == (w.problem.x[j] + end.shift[i] > 0));
    sb_training_clear(&training);
    sb_net_clear(&end);
    assert_methods_agree(&w);
    clear_network(&w);
}

static void descent_tends_to_the_flow(void **state)
{
    double eta[4], gap[4];
    network w;
    sb_net end = {0};
    sb_flow_counts counts;
    (void)state;
    make_tanh(&w, 0.04, 100);
    sb_training flow = flow_of(&w, "rkc", 1, &end, &counts);
    size_t n = w.problem.n, last = w.problem.nt - 1;
    for (size_t i = 0; i < 4; i++) {
        sb_net net = {0};
        sb_training descent = {0};
        double ends[2] = {0, 100. * pow(2, (double)i)};
        eta[i] = 0.04 / pow(2, (double)i);
        set_steps(&w.problem, eta[i], 2, ends);
        assert_ok(sb_net_copy(&w.net, &net));
        assert_ok(sb_train(&net, &w.problem, 1, NULL, &descent));
        gap[i] = max_difference(n, descent.u + n, flow.u + last * n);
        sb_training_clear(&descent);
        sb_net_clear(&net);
    }
    assert_near(measured_order(4, eta, gap), 1, 0.05);
    sb_training_clear(&flow);
    sb_net_clear(&end);
    clear_network(&w);
}

static void threads_make_no_difference(void **state)
{
    network w = {0};
    sb_net a = {0}, b = {0};
    sb_flow_counts counts;
    (void)state;
    make_sines(&w.problem, SCATTERED, 11, 0.1);
    assert_ok(sb_problem_set_times(&w.problem, 0.02, 50, 4));
    sb_net_spec spec = standard_net("tanh", 1200, false);
    assert_ok(sb_net_init(&spec, 3, SB_STREAM_TRAIN, &w.net));
    sb_training one = flow_to(&w, "rkc", 1e-4, 1, &a, &counts), three = flow_to(&w, "rkc", 1e-4, 3, &b, &counts);
    assert_memory_equal(a.theta, b.theta, a.per_unit * a.padded * sizeof(double));
    assert_memory_equal(one.u, three.u, w.problem.nt * w.problem.n * sizeof(double));
    sb_training_clear(&one);
    sb_training_clear(&three);
    sb_net_clear(&a);
    sb_net_clear(&b);
    clear_network(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials_are_met),
        cmocka_unit_test(radius_is_the_largest_rate),
        cmocka_unit_test(radius_sees_what_the_gradient_does_not),
        cmocka_unit_test(failures_end_cleanly),
        cmocka_unit_test(tanh_network_agrees),
        cmocka_unit_test(features_agree),
        cmocka_unit_test(quiet_network_agrees),
        cmocka_unit_test(descent_tends_to_the_flow),
        cmocka_unit_test(threads_make_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
