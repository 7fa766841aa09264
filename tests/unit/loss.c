/* Losses: every kind's gradient, its parts and its use by several threads; the formulas of those that are no norm of
 * frequencies; reference cases P2 and P12. Sobolev has a test of its own. */
#include "common/test.h"

#include "core/parallel.h"

#include "common/examples.h"

/* ---- every kind, on each data set it is for ---- */

static void set_vectors(sb_dataset *set)
{
    make_examples(set, 11, VECTOR(4), VECTOR(3), 1);
    for (size_t i = 0; i < set->n; i++) set->q[i] = number_in(0.1, 1);
}

static void set_classes(sb_dataset *set)
{
    set_vectors(set);
    for (size_t i = 0; i < set->n; i++) /* the first examples of one class, the others undecided */
        for (size_t o = 0; o < 3; o++) set->y[3 * i + o] = i < 8 ? o == i % 3 : (double)(o + 1) / 6;
}

static void set_grid(sb_dataset *set)
{
    make_grid(set, 13, -1, 1, 0);
}

static void set_scattered(sb_dataset *set)
{
    make_scattered(set, 12, 2, 0, 2 * M_PI);
}

static void set_sphere(sb_dataset *set)
{
    make_directions(set, 20, 3);
}

static void set_images(sb_dataset *set)
{
    make_examples(set, 5, VECTOR(6), (sb_shape){4, 5, 2}, 0);
}

static struct specimen {
    sb_loss_spec spec;
    void (*make)(sb_dataset *set);
} specimens[64] = {
    {{.kind = "mse"}, set_vectors},
    {{.kind = "mse", .factor = "mean", .weights = "quadrature"}, set_vectors},
    {{.kind = "mse", .factor = "sum"}, set_vectors},
    {{.kind = "nmse"}, set_vectors},
    {{.kind = "lp", .p = 3}, set_vectors},
    {{.kind = "lp", .p = 2}, set_vectors},
    {{.kind = "softmax"}, set_classes},
    {{.kind = "ritz", .beta = 3}, set_grid},
    {{.kind = "sobolev", .s = 1}, set_grid},
    {{.kind = "sobolev", .s = 0.5, .convention = "a", .degree = 4, .weights = "quadrature"}, set_scattered},
    {{.kind = "sobolev", .s = -1, .degree = 3}, set_sphere},
    {{.kind = "sobolev", .s = -0.5, .normalise = true}, set_images},
};

/* Those above, and of each kind that is not among them one on vectors, so that a new one is tested without new code. */
static size_t SPECIMENS;

static int list_specimens(void **state)
{
    (void)state;
    while (specimens[SPECIMENS].make) SPECIMENS++;
    for (size_t i = 0; sb_loss_name(i); i++) {
        bool found = false;
        for (size_t s = 0; s < SPECIMENS; s++) found = found || strcmp(specimens[s].spec.kind, sb_loss_name(i)) == 0;
        if (!found)
            specimens[SPECIMENS++] =
                (struct specimen){{.kind = sb_loss_name(i), .p = 3, .s = 1, .beta = 1}, set_vectors};
    }
    return SPECIMENS < 64 ? 0 : -1;
}

/* A loss, its data and outputs at which to evaluate it. */
typedef struct bench {
    sb_dataset set;
    sb_loss *loss;
    size_t outputs, tangents, numbers; /* of one example; of all outputs */
    double *h, *g, value;
} bench;

static void set_up(const struct specimen *specimen, bench *b)
{
    *b = (bench){0};
    specimen->make(&b->set);
    assert_ok(sb_loss_create(&specimen->spec, &b->set, &b->loss));
    b->outputs = sb_shape_size(b->set.output);
    b->tangents = sb_loss_tangents(b->loss);
    b->numbers = (1 + b->tangents) * b->set.n * b->outputs;
    b->h = new_doubles(b->numbers);
    b->g = new_doubles(b->numbers);
    random_outputs(b->numbers, b->h);
    b->value = sb_loss_value(b->loss, b->set.n, NULL, b->set.n, b->h, b->g);
}

static void tear_down(bench *b)
{
    sb_loss_destroy(&b->loss);
    sb_dataset_clear(&b->set);
    free(b->h);
    free(b->g);
}

static double value_at(bench *b, size_t at, double shift)
{
    double kept = b->h[at];
    b->h[at] += shift;
    double value = sb_loss_value(b->loss, b->set.n, NULL, b->set.n, b->h, NULL);
    b->h[at] = kept;
    return value;
}

static void gradients_are_finite_differences(void **state)
{
    double step = 1e-3;
    (void)state;
    for (size_t s = 0; s < SPECIMENS; s++) {
        bench b;
        set_up(&specimens[s], &b);
        assert_true(b.value == sb_loss_value(b.loss, b.set.n, NULL, b.set.n, b.h, NULL));
        assert_true(b.value > 0 || b.tangents > 0); /* an energy may be negative */
        double size = max_abs(b.numbers, b.g);
        assert_true(size > 0);
        for (size_t i = 0; i < b.numbers; i++) {
            double slope = (8 * (value_at(&b, i, step) - value_at(&b, i, -step)) -
                            (value_at(&b, i, 2 * step) - value_at(&b, i, -2 * step))) /
                           (12 * step);
            assert_near(b.g[i], slope, 1e-11 * fmax(size, b.value));
        }
        tear_down(&b);
    }
}

static void every_kind_has_a_title(void **state)
{
    (void)state;
    for (size_t i = 0; sb_loss_name(i); i++) assert_true(strlen(sb_loss_title(i)) > 10);
    assert_null(sb_loss_name(100));
}

/* h - y becomes `factor` times what it was, then the residual of number `at` grows. */
static void gradient_of(const bench *b, double factor, size_t at, double more, double *h, double *g)
{
    for (size_t i = 0; i < b->numbers; i++) h[i] = b->set.y[i] + factor * (b->h[i] - b->set.y[i]);
    h[at] += more;
    sb_loss_value(b->loss, b->set.n, NULL, b->set.n, h, g);
}

/* Of a quadratic form the gradient is linear in the residual; of squares each number of it knows its own residual
 * alone. Whatever is neither is not so at twice the residual. */
static void forms_are_what_they_say(void **state)
{
    (void)state;
    for (size_t s = 0; s < SPECIMENS; s++) {
        bench b;
        set_up(&specimens[s], &b);
        double *h = new_doubles(b.numbers), *g = new_doubles(b.numbers), worst = 0, size = max_abs(b.numbers, b.g);
        sb_loss_form form = sb_loss_form_of(b.loss);
        if (b.tangents == 0) {
            gradient_of(&b, 2, 0, 0, h, g);
            for (size_t i = 0; i < b.numbers; i++) worst = fmax(worst, fabs(g[i] - 2 * b.g[i]));
            if (form == SB_LOSS_CURVED)
                assert_at_least(worst, 1e-3 * size);
            else
                assert_at_most(worst, 1e-12 * size);
            gradient_of(&b, 1, 1, 1, h, g);
            for (size_t i = 0; i < b.numbers && form == SB_LOSS_SQUARES; i++)
                if (i != 1) assert_near(g[i], b.g[i], 1e-14 * size);
        } else
            assert_int_equal(form, SB_LOSS_CURVED);
        free(h);
        free(g);
        tear_down(&b);
    }
}

/* A permutation of n numbers. */
static void shuffle(size_t n, size_t *index)
{
    for (size_t i = 0; i < n; i++) index[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t j = (size_t)number_in(0, (double)(i + 1)), other = index[i];
        index[i] = index[j];
        index[j] = other;
    }
}

/* to[i] = from[index[i]] of rows [1 + tangents][count][outputs] */
static void take(const bench *b, size_t count, const size_t *index, const double *from, double *to)
{
    for (size_t t = 0; t <= b->tangents; t++)
        for (size_t i = 0; i < count; i++)
            memcpy(to + (t * count + i) * b->outputs, from + (t * b->set.n + index[i]) * b->outputs,
                   b->outputs * sizeof *to);
}

/* Parts of a permutation give the same gradient, bit by bit, and shares that make up the whole. */
static void parts_make_up_the_whole(void **state)
{
    (void)state;
    for (size_t s = 0; s < SPECIMENS; s++) {
        bench b;
        size_t index[32], part = 2;
        double *h, *g, *wanted, sum = 0;
        set_up(&specimens[s], &b);
        if (!sb_loss_separable(b.loss)) part = b.set.n;
        h = new_doubles(b.numbers);
        g = new_doubles(b.numbers);
        wanted = new_doubles(b.numbers);
        shuffle(b.set.n, index);
        for (size_t first = 0; first < b.set.n; first += part) {
            size_t count = b.set.n - first < part ? b.set.n - first : part;
            take(&b, count, index + first, b.h, h);
            take(&b, count, index + first, b.g, wanted);
            sum += sb_loss_value(b.loss, count, index + first, b.set.n, h, g);
            assert_memory_equal(g, wanted, (1 + b.tangents) * count * b.outputs * sizeof *g);
        }
        assert_near(sum, b.value, 1e-14 * (1 + fabs(b.value)));
        free(h);
        free(g);
        free(wanted);
        tear_down(&b);
    }
}

static void sobolev_of_points_takes_all(void **state)
{
    (void)state;
    for (size_t s = 0; s < SPECIMENS; s++) {
        bench b;
        set_up(&specimens[s], &b);
        bool sobolev = strcmp(specimens[s].spec.kind, "sobolev") == 0, images = b.set.output.height > 1;
        if (sobolev) assert_true(sb_loss_separable(b.loss) == images);
        if (strcmp(specimens[s].spec.kind, "ritz") == 0) assert_int_equal(b.tangents, 1);
        tear_down(&b);
    }
}

/* The mean over the mini-batches of a pass is the loss of the set; with a factor that is no mean, their sum. */
static void batches_have_the_loss_in_the_mean(void **state)
{
    (void)state;
    for (size_t s = 0; s < SPECIMENS; s++) {
        bench b;
        set_up(&specimens[s], &b);
        bool total = sb_loss_sums(b.loss);
        double sum = 0, *h = new_doubles(b.numbers);
        for (size_t i = 0; sb_loss_separable(b.loss) && i < b.set.n; i++) { /* batches of one example */
            take(&b, 1, &i, b.h, h);
            sum += sb_loss_value(b.loss, 1, &i, 1, h, NULL) / (total ? 1 : (double)b.set.n);
        }
        if (sb_loss_separable(b.loss)) assert_near(sum, b.value, 1e-14 * (1 + fabs(b.value)));
        free(h);
        tear_down(&b);
    }
}

static sb_status evaluate_again(void *context, size_t index)
{
    const bench *b = context;
    double g[256];
    double value = sb_loss_value(b->loss, b->set.n, NULL, b->set.n, b->h, g);
    if (value != b->value || memcmp(g, b->g, b->numbers * sizeof *g) != 0)
        return sb_fail(SB_ERR_NUMERIC, "other bits in call %zu", index);
    return SB_OK;
}

static void threads_share_a_loss(void **state)
{
    (void)state;
    for (size_t s = 0; s < SPECIMENS; s++) {
        bench b;
        set_up(&specimens[s], &b);
        assert_true(b.numbers <= 256);
        assert_ok(sb_parallel_for(4, 100, evaluate_again, &b));
        tear_down(&b);
    }
}

/* ---- formulas ---- */

static void mse_has_its_factors(void **state)
{
    static const char *const names[] = {"half_mean", "mean", "half_sum", "sum"};
    sb_dataset set;
    double h[33], sum = 0, integral = 0;
    (void)state;
    set_vectors(&set);
    random_outputs(33, h);
    for (size_t i = 0; i < 33; i++) {
        double square = (h[i] - set.y[i]) * (h[i] - set.y[i]);
        sum += square;
        integral += set.q[i / 3] * square;
    }
    double factors[] = {1.0 / 22, 1.0 / 11, 0.5, 1};
    for (size_t f = 0; f < 4; f++) {
        sb_loss_spec spec = {.kind = "mse", .factor = names[f], .weights = "equal"};
        assert_close(loss_of(&spec, &set, h, NULL), factors[f] * sum, 1e-14);
        spec.weights = "quadrature";
        if (f < 2) assert_close(loss_of(&spec, &set, h, NULL), (f ? 1 : 0.5) * integral, 1e-14);
    }
    sb_dataset_clear(&set);
}

static void nmse_is_the_mean_of_ratios(void **state)
{
    sb_dataset set;
    double h[33], sum = 0;
    (void)state;
    set_vectors(&set);
    random_outputs(33, h);
    for (size_t i = 0; i < 11; i++) {
        double error = 0, size = 0;
        for (size_t o = 3 * i; o < 3 * i + 3; o++) {
            error += pow(h[o] - set.y[o], 2);
            size += pow(set.y[o], 2);
        }
        sum += error / size / 11;
    }
    assert_close(loss_of(&(sb_loss_spec){.kind = "nmse"}, &set, h, NULL), sum, 1e-14);
    sb_dataset_clear(&set);
}

static void lp_is_its_formula(void **state)
{
    static const double p[] = {1, 1.5, 2, 4};
    sb_dataset set;
    double h[33], g[33], half[33];
    (void)state;
    set_vectors(&set);
    random_outputs(33, h);
    h[4] = set.y[4];
    for (size_t k = 0; k < 4; k++) {
        double sum = 0;
        for (size_t i = 0; i < 33; i++) sum += pow(fabs(h[i] - set.y[i]), p[k]) / p[k] / 11;
        assert_close(loss_of(&(sb_loss_spec){.kind = "lp", .p = p[k]}, &set, h, g), sum, 1e-14);
        for (size_t i = 0; i < 33; i++) {
            double u = h[i] - set.y[i];
            assert_near(g[i], u == 0 ? 0 : u / fabs(u) * pow(fabs(u), p[k] - 1) / 11, 1e-14);
        }
    }
    loss_of(&(sb_loss_spec){.kind = "lp", .p = 2}, &set, h, g);
    loss_of(&(sb_loss_spec){.kind = "mse"}, &set, h, half);
    assert_near(max_difference(33, g, half), 0, 1e-15);
    sb_dataset_clear(&set);
}

/* -sum y log softmax(h) as it is written, in long double */
static long double naive_entropy(const double *h, const double *y)
{
    long double sum = 0, loss = 0;
    for (size_t o = 0; o < 3; o++) sum += expl(h[o]);
    for (size_t o = 0; o < 3; o++) loss -= (long double)y[o] * (h[o] - logl(sum));
    return loss;
}

static void softmax_is_its_formula(void **state)
{
    sb_dataset set;
    double h[33], g[33];
    long double wanted = 0;
    (void)state;
    set_classes(&set);
    for (size_t i = 0; i < 33; i++) h[i] = number_in(-30, 30);
    for (size_t i = 0; i < 11; i++) wanted += naive_entropy(h + 3 * i, set.y + 3 * i) / 11;
    assert_close(loss_of(&(sb_loss_spec){.kind = "softmax"}, &set, h, g), (double)wanted, 1e-15);
    for (size_t i = 0; i < 11; i++) { /* by the outputs: (p - y) / n */
        long double sum = 0;
        for (size_t o = 0; o < 3; o++) sum += expl(h[3 * i + o]);
        for (size_t o = 3 * i; o < 3 * i + 3; o++)
            assert_near(g[o], (double)((expl(h[o]) / sum - (long double)set.y[o]) / 11), 2e-17);
    }
    sb_dataset_clear(&set);
}

/* Outputs of any size; a sure answer leaves a loss far below rounding of 1. */
static void softmax_neither_overflows_nor_cancels(void **state)
{
    static const double outputs[3][3] = {{1e300, -1e300, 0}, {-1000, -1001, -1060}, {60, 0, 1}};
    static const double wanted[] = {0, 0.31326168751822283, 3.2559174849640526e-26};
    sb_dataset set;
    double g[3];
    (void)state;
    make_examples(&set, 1, VECTOR(1), VECTOR(3), 0);
    for (size_t o = 0; o < 3; o++) set.y[o] = o == 0;
    for (size_t i = 0; i < 3; i++) {
        double loss = loss_of(&(sb_loss_spec){.kind = "softmax"}, &set, outputs[i], g);
        assert_close(loss, wanted[i], 1e-15);
        assert_near(g[0] + g[1] + g[2], 0, 1e-16);
    }
    sb_dataset_clear(&set);
}

/* h = 1 - u^2 on [-1, 1], f = 1: int h'^2 / 2 - h = 0. The trapezoidal rule of 3 u^2 - 1 is off by dx^2, and the sum
 * without the ends misses 2 dx of it. */
static void ritz_is_an_energy(void **state)
{
    enum { N = 200 };
    sb_dataset set;
    double h[2 * (N + 1)];
    (void)state;
    make_examples(&set, N + 1, VECTOR(1), VECTOR(1), 0);
    for (size_t i = 0; i <= N; i++) {
        double x = set.x[i] = -3 + 2 * (double)i / N, u = x + 2;
        set.y[i] = 1;
        h[i] = 1 - u * u;
        h[N + 1 + i] = -2 * u;
    }
    sb_loss_spec spec = {.kind = "ritz", .beta = 10};
    double dx = 2.0 / N;
    assert_near(loss_of(&spec, &set, h, NULL), dx * dx - 2 * dx, 1e-13);
    h[0] = h[N] = 2;
    assert_near(loss_of(&spec, &set, h, NULL), 80 + dx * dx - 2 * dx, 1e-13);
    sb_dataset_clear(&set);
}

/* ---- reference case P2: two-layer ReLU network on the circle, quadrature weights, gradient descent ---- */

enum { P2_N = 32, P2_M = 64 };

typedef struct circle_net {
    double w[P2_M][2], b[P2_M], a[P2_M];
} circle_net;

static void start_circle_net(circle_net *net)
{
    for (size_t r = 0; r < P2_M; r++) {
        size_t first = r % (P2_M / 2);
        double turns = (double)first * 0.6180339887498949, angle = 0.1234 + 2 * M_PI * (turns - floor(turns));
        net->w[r][0] = cos(angle);
        net->w[r][1] = sin(angle);
        net->b[r] = 0;
        net->a[r] = (first % 2 ? -1 : 1) * (r < P2_M / 2 ? 1 : -1);
    }
}

static double neuron(const circle_net *net, size_t r, const double *x)
{
    return net->w[r][0] * x[0] + net->w[r][1] * x[1] + net->b[r];
}

static void circle_outputs(const circle_net *net, const double *x, double *h)
{
    for (size_t i = 0; i < P2_N; i++) {
        h[i] = 0;
        for (size_t r = 0; r < P2_M; r++) h[i] += net->a[r] * fmax(neuron(net, r, x + 2 * i), 0) / sqrt(P2_M);
    }
}

static void circle_descend(circle_net *net, const double *x, const double *g, double eta)
{
    for (size_t r = 0; r < P2_M; r++) {
        double d[3] = {0, 0, 0};
        for (size_t i = 0; i < P2_N; i++) {
            if (!(neuron(net, r, x + 2 * i) > 0)) continue;
            double slope = g[i] * net->a[r] / sqrt(P2_M);
            d[0] += slope * x[2 * i];
            d[1] += slope * x[2 * i + 1];
            d[2] += slope;
        }
        net->w[r][0] -= eta * d[0];
        net->w[r][1] -= eta * d[1];
        net->b[r] -= eta * d[2];
    }
}

static void reference_p2(void **state)
{
    static const size_t at[] = {0, 1, 10, 200}, modes[] = {1, 2, 3, 5};
    static const double wanted[] = {.0628318530718, .052310233001, .0298435813408, .00298791703634};
    sb_dataset set;
    sb_loss *loss = NULL;
    circle_net net;
    double h[P2_N], g[P2_N];
    (void)state;
    make_examples(&set, P2_N, VECTOR(2), VECTOR(1), 1);
    for (size_t i = 0; i < P2_N; i++) {
        double angle = set.place[i] = 2 * M_PI * (double)i / P2_N;
        set.x[2 * i] = cos(angle);
        set.x[2 * i + 1] = sin(angle);
        set.q[i] = 2 * M_PI / P2_N;
        set.y[i] = 0;
        for (size_t l = 0; l < 4; l++) set.y[i] += 0.1 * cos((double)modes[l] * angle);
    }
    sb_loss_spec spec = {.kind = "mse", .factor = "half_mean", .weights = "quadrature"};
    assert_ok(sb_loss_create(&spec, &set, &loss));
    start_circle_net(&net);
    for (size_t step = 0, next = 0; step <= 200; step++) {
        circle_outputs(&net, set.x, h);
        double value = sb_loss_value(loss, P2_N, NULL, P2_N, h, g);
        if (step == at[next]) assert_close(value, wanted[next++], 1e-9);
        circle_descend(&net, set.x, g, 0.2);
    }
    sb_loss_destroy(&loss);
    sb_dataset_clear(&set);
}

/* ---- reference case P12: Deep Ritz with a two-layer tanh network and Adam ---- */

enum { P12_H = 30, P12_N = 101, P12_PARAMETERS = 3 * P12_H + 1 };

/* theta = w[H], b[H], a[H], c; h = c + sum a tanh(w x + b), h' = sum a w (1 - tanh^2) */
static void ritz_outputs(const double *theta, const double *x, double *h)
{
    const double *w = theta, *b = w + P12_H, *a = b + P12_H;
    for (size_t i = 0; i < P12_N; i++) {
        h[i] = a[P12_H];
        h[P12_N + i] = 0;
        for (size_t j = 0; j < P12_H; j++) {
            double s = tanh(w[j] * x[i] + b[j]);
            h[i] += a[j] * s;
            h[P12_N + i] += a[j] * w[j] * (1 - s * s);
        }
    }
}

static void ritz_gradient(const double *theta, const double *x, const double *g, double *d)
{
    const double *w = theta, *b = w + P12_H, *a = b + P12_H;
    memset(d, 0, P12_PARAMETERS * sizeof *d);
    for (size_t i = 0; i < P12_N; i++) {
        double gh = g[i], gd = g[P12_N + i];
        for (size_t j = 0; j < P12_H; j++) {
            double s = tanh(w[j] * x[i] + b[j]), ds = 1 - s * s, dds = -2 * s * ds;
            double by_z = a[j] * (gh * ds + gd * w[j] * dds);
            d[j] += by_z * x[i] + gd * a[j] * ds;
            d[P12_H + j] += by_z;
            d[2 * P12_H + j] += gh * s + gd * w[j] * ds;
        }
        d[3 * P12_H] += gh;
    }
}

static void adam(size_t step, double rate, const double *gradient, double *m, double *v, double *theta)
{
    for (size_t p = 0; p < P12_PARAMETERS; p++) {
        m[p] = 0.9 * m[p] + 0.1 * gradient[p];
        v[p] = 0.999 * v[p] + 0.001 * gradient[p] * gradient[p];
        double mean = m[p] / (1 - pow(0.9, (double)step)), square = v[p] / (1 - pow(0.999, (double)step));
        theta[p] -= rate * mean / (sqrt(square) + 1e-8);
    }
}

static void reference_p12(void **state)
{
    static const size_t at[] = {0, 1, 10, 50};
    static const double wanted[] = {.114149480385, .197477492699, -.589119022425, -.930491764724};
    sb_dataset set;
    sb_loss *loss = NULL;
    double theta[P12_PARAMETERS] = {0}, d[P12_PARAMETERS], m[P12_PARAMETERS] = {0}, v[P12_PARAMETERS] = {0};
    double h[2 * P12_N], g[2 * P12_N];
    (void)state;
    make_examples(&set, P12_N, VECTOR(1), VECTOR(1), 0);
    for (size_t i = 0; i < P12_N; i++) {
        double x = set.x[i] = -1 + 2 * (double)i / (P12_N - 1);
        set.y[i] = sin(x) + 4 * sin(4 * x) - 8 * sin(8 * x) + 16 * sin(24 * x);
    }
    for (size_t j = 0; j < P12_H; j++) {
        theta[j] = 3 * sin(1 + (double)j);
        theta[P12_H + j] = 3 * cos(2 + (double)j);
        theta[2 * P12_H + j] = 0.1 * sin(3 + 2 * (double)j);
    }
    assert_ok(sb_loss_create(&(sb_loss_spec){.kind = "ritz", .beta = 10}, &set, &loss));
    for (size_t step = 0, next = 0; step <= 50; step++) {
        ritz_outputs(theta, set.x, h);
        double value = sb_loss_value(loss, P12_N, NULL, P12_N, h, g);
        if (step == at[next]) assert_close(value, wanted[next++], 1e-9);
        ritz_gradient(theta, set.x, g, d);
        adam(step + 1, 1e-2, d, m, v, theta);
    }
    sb_loss_destroy(&loss);
    sb_dataset_clear(&set);
}

/* ---- errors ---- */

#define REFUSED(set, words, ...)                                                                                       \
    assert_fails(sb_loss_create(&(sb_loss_spec){__VA_ARGS__}, set, &(sb_loss *){NULL}), SB_ERR_INPUT, words)

static void wrong_words_are_refused(void **state)
{
    sb_dataset set;
    (void)state;
    set_vectors(&set);
    REFUSED(&set, "no loss \"mes\"", .kind = "mes");
    REFUSED(&set, "loss.factor cannot be \"half\"", .kind = "mse", .factor = "half");
    REFUSED(&set, "norms have p from 1 on", .kind = "lp", .p = 0.5);
    REFUSED(&set, "loss.weights cannot be \"q\"", .kind = "nmse", .weights = "q");
    REFUSED(&set, "1/n", .kind = "mse", .factor = "half_sum", .weights = "quadrature");
    memset(set.q, 0, set.n * sizeof *set.q);
    REFUSED(&set, "no quadrature weights", .kind = "mse", .weights = "quadrature");
    set.n = 0;
    REFUSED(&set, "needs examples", .kind = "mse");
    set.n = 11;
    sb_dataset_clear(&set);
    make_examples(&set, 4, VECTOR(1), VECTOR(1), 0);
    REFUSED(&set, "no quadrature weights", .kind = "mse", .weights = "quadrature");
    sb_dataset_clear(&set);
}

static void unsuited_data_are_refused(void **state)
{
    sb_dataset set;
    (void)state;
    set_classes(&set);
    REFUSED(&set, "4 and 3", .kind = "ritz", .beta = 1);
    set.y[16] = -0.5;
    REFUSED(&set, "example 6 are no probabilities", .kind = "softmax");
    set.y[16] = NAN;
    REFUSED(&set, "example 6 are no probabilities", .kind = "softmax");
    REFUSED(&set, "example 6", .kind = "nmse");
    set.y[15] = set.y[16] = set.y[17] = 0;
    REFUSED(&set, "example 6", .kind = "nmse");
    sb_dataset_clear(&set);

    make_grid(&set, 9, 0, 1, 0);
    REFUSED(&set, "two outputs", .kind = "softmax");
    REFUSED(&set, "loss.beta", .kind = "ritz");
    set.x[4] += 1e-5;
    REFUSED(&set, "point 5 is off it", .kind = "ritz", .beta = 1);
    set.x[4] = NAN;
    REFUSED(&set, "point 5 is off it", .kind = "ritz", .beta = 1);
    for (size_t i = 0; i < 9; i++) set.x[i] = 1 - (double)i;
    REFUSED(&set, "ascending", .kind = "ritz", .beta = 1);
    set.n = 2;
    REFUSED(&set, "at least 3", .kind = "ritz", .beta = 1);
    sb_dataset_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_finite_differences),
        cmocka_unit_test(every_kind_has_a_title),
        cmocka_unit_test(forms_are_what_they_say),
        cmocka_unit_test(parts_make_up_the_whole),
        cmocka_unit_test(sobolev_of_points_takes_all),
        cmocka_unit_test(batches_have_the_loss_in_the_mean),
        cmocka_unit_test(threads_share_a_loss),
        cmocka_unit_test(mse_has_its_factors),
        cmocka_unit_test(nmse_is_the_mean_of_ratios),
        cmocka_unit_test(lp_is_its_formula),
        cmocka_unit_test(softmax_is_its_formula),
        cmocka_unit_test(softmax_neither_overflows_nor_cancels),
        cmocka_unit_test(ritz_is_an_energy),
        cmocka_unit_test(reference_p2),
        cmocka_unit_test(reference_p12),
        cmocka_unit_test(wrong_words_are_refused),
        cmocka_unit_test(unsuited_data_are_refused),
    };
    return cmocka_run_group_tests(tests, list_specimens, NULL);
}
