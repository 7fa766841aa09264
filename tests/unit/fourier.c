/* Networks of Fourier features: the loops of every instruction set against the formula, a case computed by hand,
 * initialisation, kernel and training. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/data.h>
#include <specbias/linear.h>
#include <specbias/net.h>
#include <specbias/spectrum.h>
#include <specbias/train.h>

#include "common/problems.h"

static sb_density gaussian;

static int open_density(void **state)
{
    (void)state;
    return sb_density_parse("gaussian(16)", NULL, &gaussian) == SB_OK ? 0 : -1;
}

static int close_density(void **state)
{
    (void)state;
    sb_density_clear(&gaussian);
    return 0;
}

enum { DIM = 3 };

static sb_net_spec fourier_spec(size_t width, size_t dim, double sigma_a)
{
    static sb_density axes[DIM];
    for (size_t d = 0; d < DIM; d++) axes[d] = gaussian; /* borrowed */
    return (sb_net_spec){
        .kind = sb_net_kind_find("fourier"),
        .dim = dim,
        .width = width,
        .gain = 1,
        .out = sb_law_find("gaussian"),
        .out_scale = sigma_a,
        .density = axes,
    };
}

/* ---- the loops against the formula ---- */

static double phase(const sb_net *net, size_t j, const double *x)
{
    double sum = 0;
    for (size_t d = 0; d < net->spec.dim; d++) sum += net->freq[d * net->padded + j] * x[d];
    return sum;
}

static double naive_output(const sb_net *net, const double *x)
{
    double sum = 0;
    for (size_t j = 0; j < net->width; j++)
        sum += net->cosine[j] * cos(phase(net, j, x)) + net->sine[j] * sin(phase(net, j, x));
    return net->scale * sum;
}

/* A grid, where features turn from point to point, and scattered points, where they do not. */
static void make_inputs(bool grid, size_t n, size_t dim, double *x)
{
    seed_numbers(7);
    for (size_t i = 0; i < n * dim; i++)
        x[i] = grid ? -M_PI + 2 * M_PI * ((double)i + 0.5) / (double)n : number_in(-3, 3);
}

static void outputs_are_the_formula(void **state)
{
    (void)state;
    enum { N = 131 };
    double x[N * DIM], h[N];
    for (size_t dim = 1; dim <= DIM; dim++)
        for (int grid = 0; grid <= (dim == 1); grid++) {
            sb_net net = {0};
            sb_net_spec spec = fourier_spec(300, dim, 1.3);
            assert_ok(sb_net_init(&spec, 5, SB_STREAM_TRAIN, &net));
            make_inputs(grid, N, dim, x);
            assert_ok(sb_net_forward(&net, N, x, h));
            for (size_t i = 0; i < N; i++) assert_near(h[i], naive_output(&net, x + i * dim), 2e-13);
            sb_net_clear(&net);
        }
}

/* sum_i g_i h(x_i) along every parameter, differences exact to h^4 */
static void gradient_is_the_slope(void **state)
{
    (void)state;
    enum { N = 40, WIDTH = 20 };
    const double step = 0x1p-10;
    double x[N * DIM], g[N], gradient[(2 + DIM) * WIDTH];
    for (size_t dim = 1; dim <= DIM; dim++)
        for (int frozen = 0; frozen <= 1; frozen++) {
            sb_net net = {0};
            sb_net_spec spec = fourier_spec(WIDTH, dim, 0.7);
            spec.frozen = frozen;
            spec.standard = dim == 2;
            spec.gain = 1.5;
            assert_ok(sb_net_init(&spec, 3, SB_STREAM_TRAIN, &net));
            for (size_t i = 0; i < dim * net.padded; i++) net.freq[i] /= 8; /* slow, for the differences */
            make_inputs(dim == 1 && !frozen, N, dim, x);
            for (size_t i = 0; i < N; i++) g[i] = number_in(-1, 1);
            assert_ok(sb_net_gradient(&net, N, x, g, gradient));
            assert_int_equal(net.trained, frozen ? 2 : 2 + dim);
            for (size_t p = 0; p < net.trained * WIDTH; p++) {
                double *theta = net.theta + p / WIDTH * net.padded + p % WIDTH, at = *theta, f[4];
                for (int s = 0; s < 4; s++) {
                    *theta = at + step * (s < 2 ? s - 2 : s - 1);
                    f[s] = 0;
                    for (size_t i = 0; i < N; i++) f[s] += g[i] * naive_output(&net, x + i * dim);
                }
                *theta = at;
                assert_near(gradient[p], (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * step), 1e-8);
            }
            sb_net_clear(&net);
        }
}

/* The Jacobian's columns are the gradient of one output. */
static void columns_are_the_gradient(void **state)
{
    (void)state;
    enum { WIDTH = 37, FIRST = 5, COUNT = 21 };
    double x[2 * DIM], one = 1, gradient[(2 + DIM) * WIDTH], columns[2 * (2 + DIM) * COUNT];
    for (size_t dim = 1; dim <= DIM; dim++) {
        sb_net net = {0};
        sb_net_spec spec = fourier_spec(WIDTH, dim, 1);
        spec.gain = 0.5;
        assert_ok(sb_net_init(&spec, 3, SB_STREAM_TRAIN, &net));
        make_inputs(false, 2, dim, x);
        sb_net_columns(&net, 2, x, FIRST, COUNT, columns);
        for (size_t i = 0; i < 2; i++) {
            assert_ok(sb_net_gradient(&net, 1, x + i * dim, &one, gradient));
            for (size_t p = 0; p < net.trained; p++)
                for (size_t j = 0; j < COUNT; j++)
                    assert_near(columns[(i * net.trained + p) * COUNT + j], gradient[p * WIDTH + FIRST + j], 1e-13);
        }
        sb_net_clear(&net);
    }
}

/* ---- a case computed apart: three features, three points, one step ---- */

static void three_features_by_hand(void **state)
{
    (void)state;
    const double w[3] = {1.5, -.7, 4}, a[3] = {.3, -1.2, .5}, b[3] = {-.4, .8, 1.1}, x[3] = {-.6, .25, .9},
                 y[3] = {.5, -.2, 1};
    const double h_0[3] = {-.797546447215, .004303658050, -1.559242856688};
    const double h_1[3] = {-.726586883202, .015337321520, -1.448634510490};
    const double w_1[3] = {1.483819744468, -.721528830168, 3.973004064866};
    const double a_1[3] = {.322650470938, -1.141273264200, .435294220973};
    const double b_1[3] = {-.372943842807, .781849927023, 1.058028988442};
    const double gram_is[9] = {1.205460094361, .019427115361, .223680985082, .019427115361, 1.012450223230,
                               .202006572212,  .223680985082, .202006572212, 1.198126236314};
    double h[3], gram[9], scratch[3 * SB_SCRATCH], u[3], loss = 0;
    sb_net net = {0};
    sb_net_spec spec = fourier_spec(3, 1, 1);
    assert_ok(sb_net_init(&spec, 1, SB_STREAM_TRAIN, &net));
    memcpy(net.freq, w, sizeof w);
    memcpy(net.cosine, a, sizeof a);
    memcpy(net.sine, b, sizeof b);
    assert_ok(sb_net_forward(&net, 3, x, h));
    sb_jacobian jacobian = {.units = 3, .per_unit = 3, .dim = 1, .columns = sb_net_columns, .context = &net};
    assert_ok(sb_gram_empirical(&jacobian, 3, x, 1, gram));
    for (size_t i = 0; i < 9; i++) assert_near(gram[i], gram_is[i], 1e-12);
    for (size_t i = 0; i < 3; i++) {
        assert_near(h[i], h_0[i], 1e-12);
        u[i] = (h[i] - y[i]) / 3;
        loss += (h[i] - y[i]) * (h[i] - y[i]) / 6;
    }
    assert_near(loss, 1.379181794480, 1e-12);
    sb_net_sweep(&net, 0, 3, x, u, 0.1, scratch, h);
    for (size_t i = 0; i < 3; i++) {
        assert_near(h[i], h_1[i], 1e-12);
        assert_near(net.freq[i], w_1[i], 1e-12);
        assert_near(net.cosine[i], a_1[i], 1e-12);
        assert_near(net.sine[i], b_1[i], 1e-12);
    }
    sb_net_clear(&net);
}

/* ---- initialisation ---- */

static void antisymmetric_start_is_zero_to_the_bit(void **state)
{
    (void)state;
    enum { N = 50 };
    double x[N], h[N];
    sb_net net = {0};
    sb_net_spec spec = fourier_spec(602, 1, 2);
    spec.antisymmetric = true;
    assert_true(sb_net_starts_at_zero(&spec));
    assert_ok(sb_net_init(&spec, 9, SB_STREAM_TRAIN, &net));
    for (int grid = 0; grid < 2; grid++) {
        make_inputs(grid, N, 1, x);
        assert_ok(sb_net_forward(&net, N, x, h));
        for (size_t i = 0; i < N; i++) assert_true(h[i] == 0);
    }
    assert_true(net.freq[0] == net.freq[1] && net.sine[0] == -net.sine[1] && net.cosine[0] != 0);
    sb_net_clear(&net);
    spec.antisymmetric = false;
    assert_false(sb_net_starts_at_zero(&spec));
    spec.out_scale = 0;
    assert_true(sb_net_starts_at_zero(&spec));
}

static void narrow_networks_are_prefixes(void **state)
{
    (void)state;
    sb_net narrow = {0}, wide = {0};
    sb_net_spec spec = fourier_spec(50, 2, 1);
    assert_ok(sb_net_init(&spec, 4, SB_STREAM_TRAIN, &narrow));
    spec.width = 70;
    assert_ok(sb_net_init(&spec, 4, SB_STREAM_TRAIN, &wide));
    for (size_t p = 0; p < 4; p++)
        for (size_t j = 0; j < 50; j++)
            assert_true(narrow.theta[p * narrow.padded + j] == wide.theta[p * wide.padded + j]);
    sb_net_clear(&narrow);
    sb_net_clear(&wide);
}

static void impossible_networks_are_refused(void **state)
{
    (void)state;
    sb_net_spec spec = fourier_spec(7, 1, 1);
    spec.antisymmetric = true;
    assert_fails(sb_net_check(&spec), SB_ERR_INPUT, "multiple of 2");
    spec = fourier_spec(8, 1, 1);
    spec.quiet = true;
    assert_fails(sb_net_check(&spec), SB_ERR_UNSUPPORTED, "quiet");
    spec = fourier_spec(8, 17, 1);
    assert_fails(sb_net_check(&spec), SB_ERR_INPUT, "dimensions");
    spec = fourier_spec(8, 1, 1);
    spec.density = NULL;
    assert_fails(sb_net_check(&spec), SB_ERR_INPUT, "density");
}

/* ---- the kernel ---- */

/* |K_empirical - K| / |K| over widths; K's own error would not fall. */
static void kernel_tends_to_the_closed_form(void **state)
{
    (void)state;
    enum { N = 12, WIDTHS = 3, SEEDS = 4 };
    const double widths[WIDTHS] = {1000, 8000, 64000};
    double x[N * 2], gram[N * N], wide[N * N], apart[WIDTHS];
    for (size_t dim = 1; dim <= 2; dim++)
        for (int frozen = 0; frozen <= 1; frozen++) {
            make_inputs(false, N, dim, x);
            for (size_t i = 0; i < N * dim; i++) x[i] /= 10; /* near enough for the kernel to be large */
            for (size_t v = 0; v < WIDTHS; v++) {
                sb_net_spec spec = fourier_spec((size_t)widths[v], dim, 1.5);
                spec.frozen = frozen;
                spec.gain = 0.8;
                sb_net_law law = {.net = "fourier",
                                  .dim = dim,
                                  .out2 = 1.5 * 1.5,
                                  .gain = 0.8 * 0.8,
                                  .density = spec.density,
                                  .frozen = frozen};
                assert_ok(sb_gram_infinite(sb_kernel_for(&law), &law, N, x, 0, NULL, 1, wide));
                double difference = 0, size = 0;
                for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                    sb_net net = {0};
                    assert_ok(sb_net_init(&spec, seed, SB_STREAM_TRAIN, &net));
                    sb_jacobian jacobian = {.units = net.width,
                                            .per_unit = net.trained,
                                            .dim = dim,
                                            .columns = sb_net_columns,
                                            .context = &net};
                    assert_ok(sb_gram_empirical(&jacobian, N, x, 2, gram));
                    for (size_t i = 0; i < N * N; i++) {
                        difference += (gram[i] - wide[i]) * (gram[i] - wide[i]);
                        size += wide[i] * wide[i];
                    }
                    sb_net_clear(&net);
                }
                apart[v] = sqrt(difference / size);
            }
            double order = measured_order(WIDTHS, widths, apart);
            assert_at_most(apart[WIDTHS - 1], 0.03);
            assert_at_most(order, -0.35);
            assert_at_least(order, -0.65);
        }
}

/* ---- training ---- */

static void make_packets(sb_problem *problem, size_t n)
{
    sb_points_spec points = {.n = n, .dim = 1, .a = -M_PI, .b = M_PI, .layout = "midpoint"};
    const double xi[2] = {4 / (2 * M_PI), 12 / (2 * M_PI)}, label[2] = {4, 12};
    sb_target_spec target = {.terms = 2, .xi = xi, .tau = 0.6, .amplitude = 0.1};
    assert_ok(sb_points_make(sb_points_find("uniform"), &points, problem));
    assert_ok(sb_target_find("packets")->fill(&target, problem));
    assert_ok(sb_problem_set_grid(problem, 2, xi, label, "angular"));
    assert_ok(sb_problem_observe(problem));
}

static void training_is_the_same_for_any_threads_and_follows_its_kernel(void **state)
{
    (void)state;
    enum { N = 64 };
    sb_problem problem = {0};
    sb_training training[2] = {{0}, {0}};
    sb_net net = {0};
    sb_net_spec spec = fourier_spec(3000, 1, 1);
    spec.antisymmetric = true;
    make_packets(&problem, N);
    assert_ok(sb_problem_set_times(&problem, 2, 100, 30));
    double *gram = new_doubles(N * N), *u0 = new_doubles(N), *u = new_doubles(problem.nt * N);
    for (size_t t = 0; t < 2; t++) {
        assert_ok(sb_net_init(&spec, 1, SB_STREAM_TRAIN, &net));
        if (t == 0) {
            sb_jacobian jacobian = {
                .units = net.width, .per_unit = 3, .dim = 1, .columns = sb_net_columns, .context = &net};
            assert_ok(sb_gram_empirical(&jacobian, N, problem.x, 2, gram));
        }
        assert_ok(sb_train(&net, &problem, t + 1, NULL, &training[t]));
        sb_net_clear(&net);
    }
    assert_true(memcmp(training[0].u, training[1].u, problem.nt * N * sizeof(double)) == 0);
    start_residual(&problem, u0);
    kernel_path(&problem, gram, SB_FORM_GD, u0, u);
    assert_at_most(max_difference(problem.nt * N, u, training[0].u) / max_abs(N, u0), 2e-4); /* what the kernel moves */
    for (size_t t = 0; t < 2; t++) sb_training_clear(&training[t]);
    sb_problem_clear(&problem);
    free(gram);
    free(u0);
    free(u);
}

/* ---- every instruction set of this machine ---- */

static int lower_isa(void **state)
{
    setenv("SPECBIAS_ISA", *state, 1);
    return open_density(state);
}

static int restore_isa(void **state)
{
    unsetenv("SPECBIAS_ISA");
    return close_density(state);
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction run;
    } each[] = {
        {"outputs are the formula", outputs_are_the_formula},
        {"gradient is the slope", gradient_is_the_slope},
        {"columns are the gradient", columns_are_the_gradient},
        {"three features by hand", three_features_by_hand},
        {"antisymmetric start is zero to the bit", antisymmetric_start_is_zero_to_the_bit},
        {"training, any threads, its kernel", training_is_the_same_for_any_threads_and_follows_its_kernel},
    };
    enum { EACH = sizeof each / sizeof each[0], ISAS = 3 };
    static const char *const isa[ISAS] = {"baseline", "avx2", "avx512"};
    static char name[ISAS * EACH][96];
    struct CMUnitTest tests[3 + ISAS * EACH] = {
        cmocka_unit_test_setup_teardown(narrow_networks_are_prefixes, open_density, close_density),
        cmocka_unit_test_setup_teardown(impossible_networks_are_refused, open_density, close_density),
        cmocka_unit_test_setup_teardown(kernel_tends_to_the_closed_form, open_density, close_density),
    };
    size_t count = 3;
    for (size_t i = 0; i < ISAS; i++) {
        setenv("SPECBIAS_ISA", isa[i], 1);
        bool here = strcmp(sb_isa_name(), isa[i]) == 0;
        unsetenv("SPECBIAS_ISA");
        for (size_t t = 0; here && t < EACH; t++) {
            snprintf(name[count - 3], sizeof name[0], "%s: %s", each[t].name, isa[i]);
            tests[count] =
                (struct CMUnitTest){name[count - 3], each[t].run, lower_isa, restore_isa, (void *)(uintptr_t)isa[i]};
            count++;
        }
    }
    return _cmocka_run_group_tests("fourier", tests, count, NULL, NULL);
}
