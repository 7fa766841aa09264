/* The linear F-Principle of dense ReLU networks (theory/lfp_dense.c): its matrix against the sum over its frequencies,
 * and against networks; its steps against a network that is trained. */
#include "common/test.h"

#include <gsl/gsl_sf_bessel.h>

#include "common/cases.h"
#include "common/networks.h"
#include "tests/oracles/lfp.h"

static const sb_theory *dense(void)
{
    return sb_theory_find("lfp.dense");
}

/* Neurons of |w| = rho whose direction is any: <|w . e|^p> = M_p rho^p */
static sb_theory_params dense_params(size_t d, double rho, double out2, double range)
{
    double m1 = tgamma((double)d / 2) / (sqrt(M_PI) * tgamma(((double)d + 1) / 2)), m3 = 2 * m1 / ((double)d + 1);
    return (sb_theory_params){.net = "dense",
                              .gain = 1,
                              .out2 = out2,
                              .along1 = rho * m1,
                              .along2 = rho * rho / (double)d,
                              .along3 = pow(rho, 3) * m3,
                              .turns2 = 1,
                              .shifts2 = 1,
                              .range = range,
                              .reach = range / rho};
}

/* The mean of cos(z nu . e) over directions nu */
static double mean_wave(size_t d, double z)
{
    return d == 1 ? cos(z) : d == 2 ? gsl_sf_bessel_J0(z) : sin(z) / z;
}

/* K(x, x') by its frequencies: along each direction on the half-shifted grid of a box of length P, on which the sums of
 * 1/(2 pi xi)^2 and ^4 are P/4 - |a|/2 and |a|^3/12 - P a^2/8 + P^3/48, a = nu . (x - x'), instead of -|a|/2 and
 * |a|^3/12: the polynomials that this leaves out stand beside it, and those that no frequency has. */
static double by_frequencies(const sb_lfp_net *net, double period, size_t modes, const double *x1, const double *x2)
{
    double d = (double)net->dim, inner = 0, distance = 0, sum = 0, B = net->range;
    double sphere = 2 * pow(M_PI, d / 2) / tgamma(d / 2);
    for (size_t i = 0; i < net->dim; i++) {
        inner += x1[i] * x2[i];
        distance += pow(x1[i] - x2[i], 2);
    }
    distance = sqrt(distance);
    for (size_t j = modes; j-- > 0;) { /* small ones first */
        double xi = ((double)j + 0.5) / period;
        double rate = sb_lfp_net_rate(net, xi) + sb_lfp_net_diffusion(net, xi) * inner;
        sum += sphere / period * pow(xi, d - 1) * rate * mean_wave(net->dim, 2 * M_PI * xi * distance);
    }
    double cubes = net->rho3 / (2 * B) * (period * distance * distance / (8 * d) - pow(period, 3) / 48);
    double steps = net->out2 * (1 + inner) * (0.5 - net->rho * period / (8 * B));
    return sum + cubes + steps + B * B / 6 + net->rho2 * inner / (2 * d);
}

static void dense_is_the_sum_over_frequencies(void **state)
{
    enum { N = 6 };
    double x[N * 3], matrix[N * N];
    (void)state;
    seed_numbers(3);
    for (size_t i = 0; i < N * 3; i++) x[i] = number_in(-0.5, 0.5);
    for (size_t d = 1; d <= 3; d++) {
        sb_lfp_net net = {
            .kind = SB_LFP_BIAS, .dim = d, .range = 2, .out2 = 1.7, .rho = 1.3, .rho2 = 1.69, .rho3 = 2.197};
        sb_theory_params params = dense_params(d, 1.3, 1.7, 2);
        sb_problem problem = {.n = N, .dim = d, .x = x};
        assert_ok(dense()->gram(&params, &problem, matrix));
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < i; k++) {
                double sum = by_frequencies(&net, 2, 200000, x + i * d, x + k * d);
                assert_close(matrix[i * N + k], sum, 1e-8); /* the frequencies left out */
            }
        params.reach = 0.1;
        assert_fails(dense()->gram(&params, &problem, matrix), SB_ERR_INPUT, "init.biases");
    }
}

/* The law that a case finds, against the kernel of a wide network of it. */
static void dense_is_the_mean_of_networks(void **state)
{
    enum { N = 9, WIDTH = 200000 };
    static const char *const keys[] = {"net.kind=layers",
                                       "data.dimension=2",
                                       "data.n=3",
                                       "target.xi=1,0",
                                       "net.gain=1.5",
                                       "init.weights=gaussian(2)",
                                       "init.biases=uniform(5)",
                                       "net.layers=dense(200000),relu,dense(1, nobias, gaussian(3))",
                                       "forecast.sources=lfp.dense",
                                       "train.eta=0.01",
                                       NULL};
    double wanted[N * N], found[N * N], *theta;
    sb_config config;
    sb_case cas;
    (void)state;
    open_case(keys, &config, &cas);
    theta = new_doubles(sb_model_parameters(cas.model));
    sb_model_start(cas.model, 1, SB_STREAM_TRAIN, theta);
    gram_of_model(cas.model, theta, N, cas.data.x, 0, found);
    assert_ok(dense()->gram(&cas.theory, &cas.examples, wanted));
    double off = max_difference(N * N, wanted, found) / max_abs(N * N, wanted);
    assert_at_most(off, 8 / sqrt(WIDTH));
    free(theta);
    close_case(&config, &cas);
}

/* A start without randomness: `turns` directions, each with kinks on midpoints and both signs of `out`. */
static void start_quietly(const sb_model *model, size_t turns, size_t places, double rho, double range, double out,
                          double *theta)
{
    sb_two_layer part[SB_MOST_COPIES];
    size_t copies = sb_model_two_layer(model, part);
    for (size_t c = 0; c < copies; c++)
        for (size_t j = 0; j < part->units; j++) {
            double angle = 2 * M_PI * (double)(j / (2 * places)) / (double)turns;
            double place = ((double)(j / 2 % places) + 0.5) / (double)places;
            theta[part[c].in + 2 * j] = rho * cos(angle) / part->in_scale;
            theta[part[c].in + 2 * j + 1] = rho * sin(angle) / part->in_scale;
            theta[part[c].shift + j] = range * (2 * place - 1) / part->shift_scale;
            theta[part[c].out + j] = j % 2 ? out : -out;
        }
}

/* Steps of a network that knows nothing of the equation, in absolute time, nothing fitted. */
static void dense_is_what_a_quiet_network_does(void **state)
{
    enum { N = 25, TURNS = 128, PLACES = 128, STEPS = 200 };
    static const char *const keys[] = {"net.kind=layers",
                                       "data.dimension=2",
                                       "data.n=5",
                                       "target.xi=1,0,1,1,0,2",
                                       "target.amplitude=1e-3",
                                       "init.weights=gaussian(1)",
                                       "init.biases=uniform(9)",
                                       "net.layers=dense(32768),relu,dense(1, nobias)",
                                       "train.eta=0.1",
                                       "train.steps=200",
                                       "forecast.sources=lfp.dense",
                                       NULL};
    const double rho = 2, range = 1.5, out = 2;
    sb_config config;
    sb_case cas;
    (void)state;
    open_case(keys, &config, &cas);
    size_t parameters = sb_model_parameters(cas.model), nt = cas.examples.nt;
    double *theta = new_doubles(2 * parameters), *gradient = theta + parameters, h[N], u[N], start[N];
    double *wanted = new_doubles(nt * N), worst = 0;
    sb_theory_params params = dense_params(2, rho, out * out, range);
    params.turns2 = 0.5; /* fan-in 2 */
    start_quietly(cas.model, TURNS, PLACES, rho, range, out, theta);
    for (size_t i = 0; i < N; i++) start[i] = -cas.data.y[i];
    assert_ok(dense()->solve(&params, &cas.examples, SB_FORM_GD, start, NULL, wanted));
    for (size_t step = 0, record = 0; step <= STEPS; step++) {
        assert_ok(sb_model_evaluate(cas.model, theta, N, cas.data.x, h));
        for (size_t i = 0; i < N; i++) u[i] = h[i] - cas.data.y[i];
        if (cas.step[record] == (double)step) worst = fmax(worst, max_difference(N, u, wanted + N * record++));
        for (size_t i = 0; i < N; i++) u[i] /= N;
        memset(gradient, 0, parameters * sizeof *gradient);
        assert_ok(sb_model_gradient(cas.model, theta, N, cas.data.x, u, gradient));
        for (size_t p = 0; p < parameters; p++) theta[p] -= config.train_eta * gradient[p];
    }
    params.turns2 = 0; /* without the diffusion that trained directions make it would be another */
    assert_ok(dense()->solve(&params, &cas.examples, SB_FORM_GD, start, NULL, gradient));
    assert_at_least(max_difference(N, gradient + N * (nt - 1), wanted + N * (nt - 1)) / max_abs(N, start), 2e-2);
    assert_at_least(max_abs(N, start) / max_abs(N, wanted + N * (nt - 1)), 1.3); /* much was learned */
    assert_at_most(worst / max_abs(N, start), 1.5e-3);
    free(theta);
    free(wanted);
    close_case(&config, &cas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_is_the_sum_over_frequencies),
        cmocka_unit_test(dense_is_the_mean_of_networks),
        cmocka_unit_test(dense_is_what_a_quiet_network_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
