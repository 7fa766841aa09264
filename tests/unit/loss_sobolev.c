/* The Sobolev loss on circle, line, sphere and images: its definition as naive sums, the routes against each other, its
 * spectrum and symmetries, reference case P11. */
#include "common/test.h"

#include <complex.h>

#include <gsl/gsl_sf_legendre.h>

#include "common/examples.h"

static double weight(double l, double s, bool a)
{
    return a ? pow(1 + l, 2 * s) : pow(1 + l * l, s);
}

/* The integral over examples of one residual: q, or volume / n. */
static double integration(const sb_dataset *set, const sb_loss_spec *spec, double volume, size_t i)
{
    return spec->weights && strcmp(spec->weights, "quadrature") == 0 ? set->q[i] : volume / (double)set->n;
}

/* (1/2) sum_ij c_i z_i k(i, j) c_j z_j by the kernel of the norm, whose sums over frequencies have closed terms */
static double naive_loss(const sb_dataset *set, const sb_loss_spec *spec, const double *h, double volume,
                         double (*kernel)(const sb_dataset *set, const sb_loss_spec *spec, size_t i, size_t j))
{
    size_t outputs = sb_shape_size(set->output);
    double sum = 0;
    for (size_t i = 0; i < set->n; i++)
        for (size_t j = 0; j < set->n; j++) {
            double product = 0, k = kernel(set, spec, i, j);
            for (size_t o = 0; o < outputs; o++)
                product +=
                    (h[i * outputs + o] - set->y[i * outputs + o]) * (h[j * outputs + o] - set->y[j * outputs + o]);
            sum += integration(set, spec, volume, i) * integration(set, spec, volume, j) * k * product / 2;
        }
    return sum;
}

static bool convention_a(const sb_loss_spec *spec)
{
    return spec->convention && strcmp(spec->convention, "a") == 0;
}

/* sum_l w_l (2 - (l = 0)) cos(2 pi l (x - x') / D) / D */
static double circle_kernel(const sb_dataset *set, const sb_loss_spec *spec, size_t i, size_t j)
{
    double length = set->b - set->a, angle = 2 * M_PI * (set->place[i] - set->place[j]) / length, sum = 0;
    for (size_t l = 0; l <= spec->degree; l++)
        sum += weight((double)l, spec->s, convention_a(spec)) * (l ? 2 : 1) * cos((double)l * angle) / length;
    return sum;
}

/* sum_l w_l (2 l + 1) P_l(x . x') / 4 pi (addition theorem) */
static double sphere_kernel(const sb_dataset *set, const sb_loss_spec *spec, size_t i, size_t j)
{
    const double *x = set->x + 3 * i, *y = set->x + 3 * j;
    double cosine = fmin(1, fmax(-1, x[0] * y[0] + x[1] * y[1] + x[2] * y[2])), sum = 0;
    for (size_t l = 0; l <= spec->degree; l++)
        sum += weight((double)l, spec->s, convention_a(spec)) * (2 * (double)l + 1) / (4 * M_PI) *
               gsl_sf_legendre_Pl((int)l, cosine);
    return sum;
}

static const struct {
    double s;
    const char *convention;
} orders[] = {{0, "b"}, {1, "b"}, {1, "a"}, {-1, "b"}, {0.5, "a"}, {-1.3, "a"}};
enum { ORDERS = sizeof orders / sizeof orders[0] };

static sb_loss_spec order(size_t i, const char *domain, size_t degree)
{
    return (sb_loss_spec){
        .kind = "sobolev", .s = orders[i].s, .convention = orders[i].convention, .domain = domain, .degree = degree};
}

/* ---- circle ---- */

static void circle_is_its_definition(void **state)
{
    enum { N = 40, OUTPUTS = 2 };
    sb_dataset set;
    double h[N * OUTPUTS];
    (void)state;
    make_scattered(&set, N, OUTPUTS, -1, 2);
    random_outputs(N * OUTPUTS, h);
    for (size_t i = 0; i < ORDERS; i++) {
        sb_loss_spec spec = order(i, "circle", 7);
        assert_close(loss_of(&spec, &set, h, NULL), naive_loss(&set, &spec, h, 3, circle_kernel), 1e-12);
        spec.weights = "quadrature";
        assert_close(loss_of(&spec, &set, h, NULL), naive_loss(&set, &spec, h, 3, circle_kernel), 1e-12);
    }
    sb_dataset_clear(&set);
}

/* Points of the unit circle are places on it, whatever the angle they begin with. */
static void circle_takes_unit_vectors(void **state)
{
    enum { N = 30 };
    sb_dataset angles, vectors;
    double h[N];
    (void)state;
    make_scattered(&angles, N, 1, 0, 2 * M_PI);
    make_examples(&vectors, N, VECTOR(2), VECTOR(1), 0);
    for (size_t i = 0; i < N; i++) {
        vectors.x[2 * i] = cos(angles.place[i]);
        vectors.x[2 * i + 1] = sin(angles.place[i]);
        vectors.y[i] = angles.y[i];
    }
    random_outputs(N, h);
    sb_loss_spec spec = order(1, NULL, 9);
    assert_close(loss_of(&spec, &vectors, h, NULL), loss_of(&spec, &angles, h, NULL), 1e-13);
    sb_dataset_clear(&angles);
    sb_dataset_clear(&vectors);
}

/* P cos(l theta) = (2 pi / n) w_l cos(l theta): its eigenvalue with the measure of the circle is w_l. */
static void circle_has_its_spectrum(void **state)
{
    enum { N = 64, DEGREE = 20 };
    static const char *const domains[] = {"circle", "line"};
    sb_dataset set;
    double h[N], g[N];
    (void)state;
    make_grid(&set, N, 0, 2 * M_PI, 0);
    for (size_t i = 0; i < ORDERS; i++)
        for (size_t l = 0; l <= DEGREE + 1; l++)
            for (size_t d = 0; d < 2; d++) {
                sb_loss_spec spec = order(i, domains[d], DEGREE);
                double w = l <= DEGREE ? weight((double)l, spec.s, convention_a(&spec)) : 0;
                for (size_t j = 0; j < N; j++) h[j] = set.y[j] + cos((double)l * set.place[j]);
                double loss = loss_of(&spec, &set, h, g);
                assert_near(loss, w * M_PI / (l ? 2 : 1), 1e-12 * (1 + w));
                for (size_t j = 0; j < N; j++)
                    assert_near(g[j], 2 * M_PI / N * w * cos((double)l * set.place[j]),
                                1e-12 * weight(DEGREE, fabs(spec.s), convention_a(&spec)));
            }
    sb_dataset_clear(&set);
}

/* ---- line: the same by FFT ---- */

static void line_is_the_circle_of_a_grid(void **state)
{
    static const size_t sizes[] = {9, 32, 33};
    static const double shifts[] = {0, 0.5};
    (void)state;
    for (size_t n = 0; n < 3; n++)
        for (size_t t = 0; t < 2 * ORDERS; t++) {
            sb_dataset set;
            double h[33], fft[33], direct[33];
            make_grid(&set, sizes[n], -0.5, 1, shifts[t % 2]);
            for (size_t i = 0; i < set.n; i++) set.q[i] *= number_in(0.5, 1.5);
            random_outputs(set.n, h);
            sb_loss_spec spec = order(t / 2, "line", 3);
            if (t % 3 == 0) spec.weights = "quadrature";
            double loss = loss_of(&spec, &set, h, fft);
            spec.domain = NULL; /* on a grid this is the line */
            assert_true(loss_of(&spec, &set, h, direct) == loss);
            assert_memory_equal(fft, direct, set.n * sizeof *fft);
            spec.domain = "circle";
            assert_close(loss_of(&spec, &set, h, direct), loss, 1e-13);
            assert_at_most(max_difference(set.n, fft, direct), 1e-13 * max_abs(set.n, direct));
            sb_dataset_clear(&set);
        }
}

/* s = 0 on a grid, where the functions are complete: (1/2) sum q u^2. */
static void order_zero_is_the_integral_of_squares(void **state)
{
    static const size_t sizes[] = {15, 16};
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        sb_dataset set;
        double h[16], smooth[16], g[2][16];
        make_grid(&set, sizes[n], 0, 3, 0.5);
        random_outputs(set.n, h);
        for (size_t i = 0; i < set.n; i++) { /* of frequencies that the circle keeps */
            smooth[i] = set.y[i] + 0.3;
            for (size_t l = 1; l <= 6; l++) smooth[i] += cos(2 * M_PI * (double)l * set.place[i] / 3 + (double)l);
        }
        sb_loss_spec mse = {.kind = "mse", .weights = "quadrature"}, line = order(0, "line", 0),
                     circle = order(0, "circle", 0);
        assert_close(loss_of(&line, &set, h, g[0]), loss_of(&mse, &set, h, g[1]), 1e-13);
        assert_at_most(max_difference(set.n, g[0], g[1]), 1e-14);
        assert_close(loss_of(&circle, &set, smooth, g[0]), loss_of(&mse, &set, smooth, g[1]), 1e-13);
        assert_at_most(max_difference(set.n, g[0], g[1]), 1e-13);
        sb_dataset_clear(&set);
    }
}

/* ---- sphere ---- */

static void sphere_is_its_definition(void **state)
{
    enum { N = 60 };
    sb_dataset set;
    double h[N];
    (void)state;
    make_directions(&set, N, 3);
    random_outputs(N, h);
    for (size_t i = 0; i < ORDERS; i++) {
        sb_loss_spec spec = order(i, i % 2 ? "sphere" : "auto", 6);
        assert_close(loss_of(&spec, &set, h, NULL), naive_loss(&set, &spec, h, 4 * M_PI, sphere_kernel), 1e-12);
    }
    sb_loss_spec spec = order(1, NULL, 0); /* (6 + 1)^2 < 60 < (7 + 1)^2 */
    double all = loss_of(&spec, &set, h, NULL);
    spec.degree = 6;
    assert_true(loss_of(&spec, &set, h, NULL) == all);
    sb_dataset_clear(&set);
}

/* A target of low degrees on a grid whose quadrature is exact for them: s = 0 is the integral of squares. */
static void sphere_of_order_zero_is_the_integral_of_squares(void **state)
{
    static const double degrees[] = {1, 4};
    sb_dataset set = {0}, tests[SB_TEST_SETS] = {0};
    size_t count;
    (void)state;
    sb_dataset_spec made = {.n = 128, .dim = 3, .terms = 2, .degree = degrees, .amplitude = 0.3, .layout = "grid"};
    assert_ok(sb_dataset_make(sb_dataset_kind_find("sphere"), &made, &set, tests, &count));
    double *h = new_doubles(set.n), g[2][128];
    sb_loss_spec mse = {.kind = "mse", .weights = "quadrature"}, sphere = order(0, NULL, 5);
    sphere.weights = "quadrature";
    assert_close(loss_of(&sphere, &set, h, g[0]), loss_of(&mse, &set, h, g[1]), 1e-13);
    assert_at_most(max_difference(set.n, g[0], g[1]), 1e-14);
    assert_close(loss_of(&sphere, &set, h, NULL), 4 * M_PI * 0.09, 1e-13); /* each degree has mean square 0.09 */
    free(h);
    sb_dataset_clear(&set);
}

static void turn(double angle, size_t first, size_t second, double *x)
{
    double a = x[first], b = x[second];
    x[first] = cos(angle) * a - sin(angle) * b;
    x[second] = sin(angle) * a + cos(angle) * b;
}

static void sphere_may_be_turned(void **state)
{
    enum { N = 1200, DEGREE = 30 };
    sb_dataset set;
    double *h = new_doubles(N), *g = new_doubles(2 * N);
    (void)state;
    make_directions(&set, N, 3);
    random_outputs(N, h);
    sb_loss_spec spec = order(2, "sphere", DEGREE);
    double before = loss_of(&spec, &set, h, g);
    for (size_t i = 0; i < N; i++) {
        turn(0.4, 0, 1, set.x + 3 * i);
        turn(1.1, 1, 2, set.x + 3 * i);
        turn(-2.3, 2, 0, set.x + 3 * i);
    }
    assert_close(loss_of(&spec, &set, h, g + N), before, 1e-12);
    assert_at_most(max_difference(N, g, g + N), 1e-12 * max_abs(N, g));
    sb_dataset_clear(&set);
    free(h);
    free(g);
}

/* ---- images ---- */

/* (1 / 2 (pixels)^2) mean over channels of sum_k W |E_k|^2, k signed, by the sum for each k; and the mean of W. */
static double naive_image(const sb_loss_spec *spec, sb_shape shape, const double *u, double *mean)
{
    double pixels = (double)(shape.height * shape.width), sum = 0;
    *mean = 0;
    for (size_t row = 0; row < shape.height; row++)
        for (size_t column = 0; column < shape.width; column++) {
            double k = row > shape.height / 2 ? (double)row - (double)shape.height : (double)row;
            double l = column > shape.width / 2 ? (double)column - (double)shape.width : (double)column;
            double size = sqrt(k * k + l * l);
            double w = spec->degree && size > (double)spec->degree ? 0 : weight(size, spec->s, convention_a(spec));
            *mean += w / pixels;
            for (size_t c = 0; c < shape.channels; c++) {
                double complex e = 0;
                for (size_t i = 0; i < shape.height; i++)
                    for (size_t j = 0; j < shape.width; j++)
                        e += u[(i * shape.width + j) * shape.channels + c] *
                             cexp(-2 * M_PI * I *
                                  (k * (double)i / (double)shape.height + l * (double)j / (double)shape.width));
                sum += w * (creal(e) * creal(e) + cimag(e) * cimag(e));
            }
        }
    return sum / (2 * pixels * pixels * (double)shape.channels);
}

enum { IMAGES = 3 };

static void image_is_its_definition(void **state)
{
    static const sb_shape shapes[] = {{8, 8, 1}, {6, 9, 2}, {7, 5, 1}, {2, 3, 3}};
    (void)state;
    for (size_t t = 0; t < 4 * ORDERS; t++) {
        sb_shape shape = shapes[t % 4];
        size_t size = sb_shape_size(shape);
        sb_dataset set;
        make_examples(&set, IMAGES, VECTOR(3), shape, 0);
        double *h = new_doubles(IMAGES * size), *u = new_doubles(size), wanted = 0, mean = 0;
        random_outputs(IMAGES * size, h);
        sb_loss_spec spec = order(t / 4, t % 3 ? "image" : NULL, t % 2);
        for (size_t i = 0; i < IMAGES; i++) {
            for (size_t j = 0; j < size; j++) u[j] = h[i * size + j] - set.y[i * size + j];
            wanted += naive_image(&spec, shape, u, &mean) / IMAGES;
        }
        assert_close(loss_of(&spec, &set, h, NULL), wanted, 1e-13);
        spec.normalise = true;
        assert_close(loss_of(&spec, &set, h, NULL), wanted / mean, 1e-13);
        sb_dataset_clear(&set);
        free(h);
        free(u);
    }
}

/* Parseval: order 0 is half of the mean over images and pixels, with and without normalisation. */
static void image_of_order_zero_is_half_the_mse(void **state)
{
    enum { SIZE = 6 * 5 * 2 };
    sb_dataset set;
    double h[IMAGES * SIZE], g[IMAGES * SIZE], sum = 0;
    (void)state;
    make_examples(&set, IMAGES, VECTOR(3), (sb_shape){6, 5, 2}, 0);
    random_outputs(IMAGES * SIZE, h);
    for (size_t i = 0; i < IMAGES * SIZE; i++) sum += pow(h[i] - set.y[i], 2);
    sb_loss_spec spec = order(0, NULL, 0);
    assert_close(loss_of(&spec, &set, h, NULL), sum / 2 / (IMAGES * SIZE), 1e-13);
    spec.normalise = true;
    assert_close(loss_of(&spec, &set, h, g), sum / 2 / (IMAGES * SIZE), 1e-13);
    for (size_t i = 0; i < IMAGES * SIZE; i++) assert_near(g[i], (h[i] - set.y[i]) / (IMAGES * SIZE), 1e-16);
    sb_dataset_clear(&set);
}

static void reference_p11(void **state)
{
    enum { N = 8 };
    static const double s[] = {1, -1, 0}, wanted[] = {2.16631825857, .195716691898, .536755339162};
    sb_dataset set;
    double h[N * N];
    (void)state;
    make_examples(&set, 1, VECTOR(1), (sb_shape){N, N, 1}, 0);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            h[i * N + j] = sin(.9 * (double)i + .3 * (double)j) + .1 * (double)i;
            set.y[i * N + j] = cos(.5 * (double)i * (double)j / N);
        }
    for (size_t t = 0; t < 3; t++)
        assert_close(loss_of(&(sb_loss_spec){.kind = "sobolev", .s = s[t]}, &set, h, NULL), wanted[t], 1e-9);
    sb_dataset_clear(&set);
}

/* ---- errors ---- */

static void refused(const sb_dataset *set, const char *words, sb_loss_spec spec)
{
    sb_loss *loss = NULL;
    spec.kind = "sobolev";
    assert_fails(sb_loss_create(&spec, set, &loss), SB_ERR_INPUT, words);
    assert_null(loss);
}

static void degrees_above_the_data_are_refused(void **state)
{
    sb_dataset set;
    sb_loss *loss = NULL;
    (void)state;
    make_grid(&set, 16, 0, 1, 0);
    refused(&set, "up to 7", (sb_loss_spec){.domain = "circle", .degree = 8}); /* 2 degree + 1 < n */
    refused(&set, "up to 8", (sb_loss_spec){.domain = "line", .degree = 9});
    assert_ok(sb_loss_create(&(sb_loss_spec){.kind = "sobolev", .domain = "circle", .degree = 7}, &set, &loss));
    sb_loss_destroy(&loss);
    assert_ok(sb_loss_create(&(sb_loss_spec){.kind = "sobolev", .domain = "line", .degree = 8}, &set, &loss));
    sb_loss_destroy(&loss);
    sb_dataset_clear(&set);
    make_directions(&set, 16, 3);
    refused(&set, "up to 2", (sb_loss_spec){.degree = 3}); /* (degree + 1)^2 < n */
    sb_dataset_clear(&set);
    make_examples(&set, 2, VECTOR(3), (sb_shape){6, 8, 1}, 0);
    refused(&set, "loss.degree = 6: 48 points resolve frequencies up to 5", (sb_loss_spec){.degree = 6});
    sb_dataset_clear(&set);
}

static void unsuited_data_are_refused(void **state)
{
    sb_dataset set;
    (void)state;
    make_scattered(&set, 12, 1, 0, 1);
    refused(&set, "uniform grid", (sb_loss_spec){.domain = "line"});
    refused(&set, "unit vectors of three", (sb_loss_spec){.domain = "sphere"});
    refused(&set, "height and width", (sb_loss_spec){.domain = "image"});
    refused(&set, "loss.domain cannot be \"torus\"", (sb_loss_spec){.domain = "torus"});
    refused(&set, "loss.convention cannot be \"c\"", (sb_loss_spec){.convention = "c"});
    set.spacing = 1.0 / 12; /* a grid only in name */
    refused(&set, "uniform grid", (sb_loss_spec){.domain = "line"});
    set.b = set.a;
    refused(&set, "empty", (sb_loss_spec){.domain = "circle"});
    sb_dataset_clear(&set);
    make_examples(&set, 12, VECTOR(3), VECTOR(1), 0); /* inputs 0 0 0 */
    refused(&set, "neither", (sb_loss_spec){.s = 1});
    refused(&set, "unit vectors of three", (sb_loss_spec){.domain = "sphere"});
    refused(&set, "one dimension or unit vectors", (sb_loss_spec){.domain = "circle"});
    sb_dataset_clear(&set);
    make_examples(&set, 3, VECTOR(3), (sb_shape){4, 4, 1}, 2);
    set.q[0] = 1;
    refused(&set, "not for images", (sb_loss_spec){.domain = "image", .weights = "quadrature"});
    sb_dataset_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(circle_is_its_definition),
        cmocka_unit_test(circle_takes_unit_vectors),
        cmocka_unit_test(circle_has_its_spectrum),
        cmocka_unit_test(line_is_the_circle_of_a_grid),
        cmocka_unit_test(order_zero_is_the_integral_of_squares),
        cmocka_unit_test(sphere_is_its_definition),
        cmocka_unit_test(sphere_of_order_zero_is_the_integral_of_squares),
        cmocka_unit_test(sphere_may_be_turned),
        cmocka_unit_test(image_is_its_definition),
        cmocka_unit_test(image_of_order_zero_is_half_the_mse),
        cmocka_unit_test(reference_p11),
        cmocka_unit_test(degrees_above_the_data_are_refused),
        cmocka_unit_test(unsuited_data_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
