/* Sums over Fourier features: the code of every instruction set against the formula, a case computed by hand,
 * initialisation, kernel and training. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/data.h>
#include <specbias/spectrum.h>

#include "common/networks.h"
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

static unit_spec fourier_spec(size_t width, size_t dim, double sigma_a)
{
    static sb_density axes[DIM];
    for (size_t d = 0; d < DIM; d++) axes[d] = gaussian; /* borrowed */
    return (unit_spec){
        .dim = dim,
        .width = width,
        .gain = 1,
        .out = sb_law_find("gaussian"),
        .out_scale = sigma_a,
        .density = axes,
        .density_text = "gaussian(16)",
    };
}

/* ---- against the formula ---- */

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
            unit_spec spec = fourier_spec(300, dim, 1.3);
            unit_sum formula = units_start(&spec, 5, SB_STREAM_TRAIN);
            network net = make_network(&spec, 5, SB_STREAM_TRAIN);
            make_inputs(grid, N, dim, x);
            outputs_of(&net, N, x, h);
            for (size_t i = 0; i < N; i++) assert_near(h[i], units_output(&formula, x + i * dim), 2e-13);
            units_clear(&formula);
            clear_network(&net);
        }
}

/* sum_i g_i h(x_i) along every parameter of the formula that is trained, differences exact to h^4 */
static unit_sum slopes_of(unit_sum *formula, size_t n, const double *x, const double *g)
{
    const double step = 0x1p-10;
    unit_sum slopes = units_copy(formula);
    for (size_t p = 0; p < formula->per_unit * formula->width; p++) {
        double *theta = formula->theta + p, at = *theta, f[4];
        for (int s = 0; s < 4; s++) {
            *theta = at + step * (s < 2 ? s - 2 : s - 1);
            f[s] = 0;
            for (size_t i = 0; i < n; i++) f[s] += g[i] * units_output(formula, x + i * formula->spec.dim);
        }
        *theta = at;
        bool trained = p < formula->trained * formula->width;
        slopes.theta[p] = trained ? (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * step) : 0;
    }
    return slopes;
}

static void gradient_is_the_slope(void **state)
{
    (void)state;
    enum { N = 40, WIDTH = 20 };
    double x[N * DIM], g[N], gradient[(2 + DIM) * WIDTH];
    for (size_t dim = 1; dim <= DIM; dim++)
        for (int frozen = 0; frozen <= 1; frozen++) {
            unit_spec spec = fourier_spec(WIDTH, dim, 0.7);
            spec.frozen = frozen;
            spec.standard = dim == 2;
            spec.gain = 1.5;
            unit_sum formula = units_start(&spec, 3, SB_STREAM_TRAIN);
            for (size_t i = 0; i < dim * WIDTH; i++) formula.freq[i] /= 8; /* slow, for the differences */
            network net = network_of_units(&formula);
            make_inputs(dim == 1 && !frozen, N, dim, x);
            for (size_t i = 0; i < N; i++) g[i] = number_in(-1, 1);
            assert_ok(sb_model_gradient(net.model, net.theta, N, x, g, gradient));
            unit_sum slopes = slopes_of(&formula, N, x, g);
            network wanted = network_of_units(&slopes);
            assert_at_most(max_difference(net.parameters, gradient, wanted.theta), 1e-8);
            units_clear(&formula);
            units_clear(&slopes);
            clear_network(&net);
            clear_network(&wanted);
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
    double h[3], gram[9], loss = 0;
    sb_problem problem = {0};
    training run = {.threads = 1};
    unit_spec spec = fourier_spec(3, 1, 1);
    unit_sum formula = units_start(&spec, 1, SB_STREAM_TRAIN);
    memcpy(formula.freq, w, sizeof w);
    memcpy(formula.cosine, a, sizeof a);
    memcpy(formula.sine, b, sizeof b);
    network net = network_of_units(&formula);
    outputs_of(&net, 3, x, h);
    gram_of(&net, 3, x, 1, gram);
    for (size_t i = 0; i < 9; i++) assert_near(gram[i], gram_is[i], 1e-12);
    for (size_t i = 0; i < 3; i++) {
        assert_near(h[i], h_0[i], 1e-12);
        loss += (h[i] - y[i]) * (h[i] - y[i]) / 6;
    }
    assert_near(loss, 1.379181794480, 1e-12);
    assert_ok(sb_problem_init(&problem, 3, 1, -1, 1));
    memcpy(problem.x, x, sizeof x);
    memcpy(problem.y, y, sizeof y);
    set_steps(&problem, 0.1, 2, (const double[]){0, 1});
    assert_ok(train(&net, &problem, &run));
    for (size_t i = 0; i < 3; i++) {
        assert_near(run.u[3 + i] + y[i], h_1[i], 1e-12);
        assert_near(net.theta[net.part->in + i], w_1[i], 1e-12);
        assert_near(net.theta[net.part->out + i], a_1[i], 1e-12);
        assert_near(net.theta[net.part->out_sine + i], b_1[i], 1e-12);
    }
    free(run.u);
    units_clear(&formula);
    clear_network(&net);
    sb_problem_clear(&problem);
}

/* ---- initialisation ---- */

static void antisymmetric_start_is_zero_to_the_bit(void **state)
{
    (void)state;
    enum { N = 50 };
    double x[N], h[N];
    unit_spec spec = fourier_spec(602, 1, 2);
    spec.antisymmetric = true;
    network net = make_network(&spec, 9, SB_STREAM_TRAIN);
    assert_true(sb_model_starts_at_zero(net.model));
    for (int grid = 0; grid < 2; grid++) {
        make_inputs(grid, N, 1, x);
        outputs_of(&net, N, x, h);
        for (size_t i = 0; i < N; i++) assert_true(h[i] == 0);
    }
    assert_memory_equal(net.theta, net.theta + net.parameters / 2, net.parameters / 2 * sizeof(double));
    assert_true(net.theta[net.part->out] != 0);
    clear_network(&net);
    spec.antisymmetric = false;
    net = make_network(&spec, 9, SB_STREAM_TRAIN);
    assert_false(sb_model_starts_at_zero(net.model));
    clear_network(&net);
    spec.out_scale = 0;
    net = make_network(&spec, 9, SB_STREAM_TRAIN);
    assert_true(sb_model_starts_at_zero(net.model));
    clear_network(&net);
}

static void narrow_networks_are_prefixes(void **state)
{
    (void)state;
    unit_spec few = fourier_spec(50, 2, 1), many = fourier_spec(70, 2, 1);
    network narrow = make_network(&few, 4, SB_STREAM_TRAIN), wide = make_network(&many, 4, SB_STREAM_TRAIN);
    const sb_two_layer *a = narrow.part, *b = wide.part;
    assert_memory_equal(narrow.theta + a->in, wide.theta + b->in, 100 * sizeof(double));
    assert_memory_equal(narrow.theta + a->out, wide.theta + b->out, 50 * sizeof(double));
    assert_memory_equal(narrow.theta + a->out_sine, wide.theta + b->out_sine, 50 * sizeof(double));
    clear_network(&narrow);
    clear_network(&wide);
}

static void impossible_networks_are_refused(void **state)
{
    (void)state;
    sb_model *model = NULL;
    unit_spec spec = fourier_spec(8, 1, 1);
    spec.quiet = true;
    assert_fails(create_model(&spec, &model), SB_ERR_INPUT, "quiet");
    spec = fourier_spec(0, 1, 1);
    assert_fails(create_model(&spec, &model), SB_ERR_INPUT, "frequencies");
    spec = fourier_spec(8, 1, 1);
    spec.density_text = NULL;
    assert_fails(create_model(&spec, &model), SB_ERR_INPUT, "density");
    assert_null(model);
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
                unit_spec spec = fourier_spec((size_t)widths[v], dim, 1.5);
                spec.frozen = frozen;
                spec.gain = 0.8;
                for (size_t i = 0; i < N * N; i++)
                    wide[i] =
                        0.8 * 0.8 *
                        features_kernel(spec.density, dim, frozen ? 0 : 1.5 * 1.5, x + i / N * dim, x + i % N * dim);
                double difference = 0, size = 0;
                for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                    network net = make_network(&spec, seed, SB_STREAM_TRAIN);
                    gram_of(&net, N, x, 2, gram);
                    for (size_t i = 0; i < N * N; i++) {
                        difference += (gram[i] - wide[i]) * (gram[i] - wide[i]);
                        size += wide[i] * wide[i];
                    }
                    clear_network(&net);
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
    training run[2] = {{.threads = 1}, {.threads = 2}};
    unit_spec spec = fourier_spec(3000, 1, 1);
    spec.antisymmetric = true;
    make_packets(&problem, N);
    assert_ok(sb_problem_set_times(&problem, 2, 100, 30));
    double *gram = new_doubles(N * N), *u0 = new_doubles(N), *u = new_doubles(problem.nt * N);
    for (size_t t = 0; t < 2; t++) {
        network net = make_network(&spec, 1, SB_STREAM_TRAIN);
        if (t == 0) gram_of(&net, N, problem.x, 2, gram);
        assert_ok(train(&net, &problem, &run[t]));
        clear_network(&net);
    }
    assert_memory_equal(run[0].u, run[1].u, problem.nt * N * sizeof(double));
    start_residual(&problem, u0);
    kernel_path(&problem, gram, SB_FORM_GD, u0, u);
    assert_at_most(max_difference(problem.nt * N, u, run[0].u) / max_abs(N, u0), 2e-4); /* what the kernel moves */
    for (size_t t = 0; t < 2; t++) free(run[t].u);
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
