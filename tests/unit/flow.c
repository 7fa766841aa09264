/* Exact gradient flow: Runge-Kutta-Chebyshev against exponentials, against GSL's rk8pd on three kinds of networks, and
 * as the limit of gradient descent. */
#include "common/test.h"

#include "common/networks.h"
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

/* Largest distance to the exponentials at nt records, and what it cost. */
static double linear_error(const char *method, double tolerance, size_t nt, sb_flow_counts *counts)
{
    linear l;
    double theta[SIZE], largest = 0;
    make_linear(&l, theta);
    sb_flow flow = {.size = SIZE, .rate = linear_rate, .record = linear_record, .context = &l};
    assert_ok(sb_flow_integrate(&flow, method, tolerance, nt, linear_times, NULL, theta, counts));
    for (size_t k = 0; k < nt; k++)
        for (size_t i = 0; i < SIZE; i++)
            largest = fmax(largest, fabs(l.recorded[k][i] - exp(-l.lambda[i] * linear_times[k])));
    assert_memory_equal(theta, l.recorded[nt - 1], sizeof theta);
    if (strcmp(method, "rk8pd") != 0) assert_close(counts->radius, 1e4, 0.1);
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
        error[i] = linear_error("rkc", tolerance[i], 5, &counts);
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

/* To time 1e-2 steps of high order are longer than those of rkc, to time 10 stability keeps them short. */
static void the_cheaper_method_is_taken(void **state)
{
    (void)state;
    for (size_t nt = 3; nt <= 5; nt += 2) {
        sb_flow_counts chosen, low, high;
        assert_at_most(linear_error("auto", 1e-6, nt, &chosen), 2e-5);
        linear_error("rkc", 1e-6, nt, &low);
        linear_error("rk8pd", 1e-6, nt, &high);
        double fewer = (double)(low.gradients < high.gradients ? low.gradients : high.gradients);
        assert_at_most((double)chosen.gradients, 1.3 * fewer + 60);
        if (chosen.steps > 0) assert_int_equal(chosen.gradients, low.gradients);
        assert_true((chosen.steps == 0) == (high.gradients < low.gradients));
    }
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
    static const char *const method[] = {"rkc", "rk8pd", "auto"};
    for (size_t m = 0; m < 3; m++) {
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

typedef struct flowing {
    sb_problem problem;
    network net;
} flowing;

static void clear_flowing(flowing *w)
{
    clear_network(&w->net);
    sb_problem_clear(&w->problem);
}

/* Residuals and, in *end, parameters after flow from the network's start. */
static training flow_to(const flowing *w, const char *method, double tolerance, size_t threads, network *end)
{
    training run = {.rule = "flow", .method = method, .tolerance = tolerance, .threads = threads};
    *end = copy_network(&w->net);
    assert_ok(train(end, &w->problem, &run));
    return run;
}

static training flow_of(const flowing *w, const char *method, size_t threads, network *end)
{
    return flow_to(w, method, strcmp(method, "rkc") == 0 ? 1e-8 : 1e-13, threads, end);
}

static void assert_methods_agree(const flowing *w)
{
    size_t count = w->problem.nt * w->problem.n, size = w->net.parameters;
    network a, b;
    training rkc = flow_of(w, "rkc", 2, &a), gsl = flow_of(w, "rk8pd", 1, &b);
    assert_at_most(max_difference(count, rkc.u, gsl.u), 1e-7 * max_abs(w->problem.n, gsl.u));
    assert_at_most(max_difference(size, a.theta, b.theta), 1e-7 * max_abs(size, b.theta));
    assert_at_least(max_difference(size, a.theta, w->net.theta), 1e-5 * max_abs(size, b.theta)); /* it moved */
    assert_near(rkc.result.loss, gsl.result.loss, 1e-6 * gsl.result.loss);
    free(rkc.u);
    free(gsl.u);
    clear_network(&a);
    clear_network(&b);
}

static void make_tanh(flowing *w, double eta, size_t steps)
{
    *w = (flowing){0};
    make_sines(&w->problem, MIDPOINTS, 12, 0.5);
    assert_ok(sb_problem_set_times(&w->problem, eta, steps, 5));
    unit_spec spec = standard_net("tanh", 40, false);
    spec.in = spec.out = sb_law_find("gaussian");
    w->net = make_network(&spec, 2, SB_STREAM_TRAIN);
}

static void tanh_network_agrees(void **state)
{
    flowing w;
    (void)state;
    make_tanh(&w, 0.01, 1000);
    assert_methods_agree(&w);
    clear_flowing(&w);
}

/* R4: three features, whose outputs after one step of 0.1 are known; the flow must be near, and agree with rk8pd. */
static void features_agree(void **state)
{
    static const double freq[] = {1.5, -.7, 4}, a[] = {.3, -1.2, .5}, b[] = {-.4, .8, 1.1};
    static const double h1[] = {-.726586883202, .015337321520, -1.448634510490};
    flowing w = {0};
    sb_density density = {0};
    network end;
    (void)state;
    static const double x[] = {-.6, .25, .9}, y[] = {.5, -.2, 1};
    assert_ok(sb_problem_init(&w.problem, 3, 1, -1, 1));
    for (size_t i = 0; i < 3; i++) w.problem.x[i] = x[i], w.problem.y[i] = y[i], w.problem.q[i] = 2. / 3;
    assert_ok(sb_problem_set_times(&w.problem, 0.1, 30, 3));
    assert_ok(sb_density_parse("gaussian(3)", NULL, &density));
    unit_spec spec = {.dim = 1,
                      .width = 3,
                      .gain = 1,
                      .out = sb_law_find("gaussian"),
                      .out_scale = 1,
                      .density = &density,
                      .density_text = "gaussian(3)"};
    unit_sum units = units_start(&spec, 1, SB_STREAM_TRAIN);
    for (size_t i = 0; i < 3; i++) units.freq[i] = freq[i], units.cosine[i] = a[i], units.sine[i] = b[i];
    w.net = network_of_units(&units);
    assert_methods_agree(&w);
    training run = flow_of(&w, "rkc", 1, &end);
    for (size_t i = 0; i < 3; i++) /* the first record is t = 0.1; a step of 0.1 is off by O(0.1^2) */
        assert_near(run.u[3 + i] + y[i], h1[i], 0.02);
    free(run.u);
    units_clear(&units);
    clear_network(&end);
    clear_flowing(&w);
    sb_density_clear(&density);
}

/* A quiet start whose kinks cross no datum: there the flow is smooth. */
static void quiet_network_agrees(void **state)
{
    flowing w = {0};
    network end;
    (void)state;
    make_sines(&w.problem, MIDPOINTS, 12, 0.001);
    assert_ok(sb_problem_set_times(&w.problem, 0.02, 2000, 5));
    unit_spec spec = standard_net("relu", 8 * 60, true);
    w.net = make_network(&spec, 0, SB_STREAM_TRAIN);
    training run = flow_of(&w, "rkc", 1, &end);
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < w.net.part[c].units; i++)
            for (size_t j = 0; j < w.problem.n; j++) {
                size_t shift = w.net.part[c].shift + i;
                assert_true((w.problem.x[j] + w.net.theta[shift] > 0) == (w.problem.x[j] + end.theta[shift] > 0));
            }
    free(run.u);
    clear_network(&end);
    assert_methods_agree(&w);
    clear_flowing(&w);
}

static void descent_tends_to_the_flow(void **state)
{
    double eta[4], gap[4];
    flowing w;
    network end;
    (void)state;
    make_tanh(&w, 0.04, 100);
    training flow = flow_of(&w, "rkc", 1, &end);
    size_t n = w.problem.n, last = w.problem.nt - 1;
    for (size_t i = 0; i < 4; i++) {
        training descent = {.threads = 1};
        double ends[2] = {0, 100. * pow(2, (double)i)};
        eta[i] = 0.04 / pow(2, (double)i);
        set_steps(&w.problem, eta[i], 2, ends);
        network net = copy_network(&w.net);
        assert_ok(train(&net, &w.problem, &descent));
        gap[i] = max_difference(n, descent.u + n, flow.u + last * n);
        free(descent.u);
        clear_network(&net);
    }
    assert_near(measured_order(4, eta, gap), 1, 0.05);
    free(flow.u);
    clear_network(&end);
    clear_flowing(&w);
}

static void threads_make_no_difference(void **state)
{
    flowing w = {0};
    network a, b;
    (void)state;
    make_sines(&w.problem, SCATTERED, 11, 0.1);
    assert_ok(sb_problem_set_times(&w.problem, 0.02, 50, 4));
    unit_spec spec = standard_net("tanh", 1200, false);
    w.net = make_network(&spec, 3, SB_STREAM_TRAIN);
    training one = flow_to(&w, "rkc", 1e-4, 1, &a), three = flow_to(&w, "rkc", 1e-4, 3, &b);
    assert_memory_equal(a.theta, b.theta, a.parameters * sizeof(double));
    assert_memory_equal(one.u, three.u, w.problem.nt * w.problem.n * sizeof(double));
    free(one.u);
    free(three.u);
    clear_network(&a);
    clear_network(&b);
    clear_flowing(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials_are_met),
        cmocka_unit_test(the_cheaper_method_is_taken),
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
