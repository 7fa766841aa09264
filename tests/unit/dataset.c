/* Data sets: the choice of examples, their moments, and what is made up against what it is said to be. */
#include "common/test.h"

#include <complex.h>
#include <stdio.h>

#include <specbias/data.h>
#include <specbias/dataset.h>

#include "common/files.h"
#include "common/samples.h"

static bytes b;
static sb_dataset train, tests[SB_TEST_SETS];
static size_t count;

static sb_status make(const char *kind, const sb_dataset_spec *spec)
{
    return sb_dataset_make(sb_dataset_kind_find(kind), spec, &train, tests, &count);
}

/* sum_i q_i u_i exp(-2 pi i xi . place_i) of u[n], as it stands there: the direct sum. */
static double complex amplitude_of(const sb_dataset *set, const double *u, const double *xi)
{
    double complex sum = 0;
    for (size_t i = 0; i < set->n; i++) {
        double turns = 0;
        for (size_t d = 0; d < set->place_dim; d++) turns += xi[d] * set->place[i * set->place_dim + d];
        sum += set->q[i] * u[i] * cexp(-2 * M_PI * I * turns);
    }
    return sum;
}

static void forget(void)
{
    sb_dataset_clear(&train);
    for (size_t i = 0; i < SB_TEST_SETS; i++) sb_dataset_clear(&tests[i]);
}

static void the_list(void **state)
{
    size_t kinds = 0;
    (void)state;
    for (const sb_dataset_kind *kind; (kind = sb_dataset_kind_at(kinds)); kinds++) {
        sb_dataset_spec nothing = {0};
        assert_ptr_equal(sb_dataset_kind_find(kind->name), kind);
        assert_true(strlen(kind->title) > 0);
        assert_fails(sb_dataset_make(kind, &nothing, &train, tests, &count), SB_ERR_INPUT, "");
        assert_null(train.x);
    }
    assert_int_equal(kinds, 8);
    assert_null(sb_dataset_kind_find("mnist"));
}

/* ---- files ---- */

/* Path of a file in the folder that stays valid: each test has at most four of its own. */
static const char *kept(size_t place, const char *name)
{
    static char path[4][1024];
    snprintf(path[place], sizeof path[place], "%s", in_folder(name));
    return path[place];
}

static sb_dataset_spec digits(size_t n)
{
    idx_images(&b, n, 4, 5);
    write_bytes(in_folder("images"), &b);
    idx_labels(&b, n);
    write_bytes(in_folder("labels"), &b);
    return (sb_dataset_spec){.file = kept(0, "images"), .labels = kept(1, "labels"), .seed = 1, .standardise = "unit"};
}

static void labelled_images(void **state)
{
    sb_dataset_spec spec = digits(30);
    (void)state;
    assert_ok(make("idx", &spec));
    assert_int_equal(train.n, 30);
    assert_int_equal(count, 0);
    assert_int_equal(train.classes, 3);
    assert_int_equal(train.input.height, 4);
    assert_int_equal(train.input.width, 5);
    for (size_t i = 0; i < 30; i++) {
        for (size_t p = 0; p < 20; p++) assert_near(train.x[20 * i + p], sample_pixel(i, p) / 255.0, 1e-15);
        assert_int_equal(train.label[i], i % 3);
        for (size_t c = 0; c < 3; c++) assert_true(train.y[3 * i + c] == (c == i % 3));
    }
    forget();
    spec.labels = "";
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "images: nothing to learn");
    idx_labels(&b, 29);
    write_bytes(in_folder("labels"), &b);
    spec.labels = kept(1, "labels");
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "labels: 29 labels for the 30 examples of ");
}

/* Whether example i of one is example j of the other. */
static bool same_example(const sb_dataset *one, size_t i, const sb_dataset *other, size_t j)
{
    size_t size = sb_shape_size(one->input);
    return memcmp(one->x + i * size, other->x + j * size, size * sizeof *one->x) == 0;
}

static void choice_by_seed(void **state)
{
    sb_dataset_spec spec = digits(50);
    sb_dataset few, few_tests[SB_TEST_SETS] = {0};
    (void)state;
    spec.test = 10;
    spec.n = 8;
    assert_ok(make("idx", &spec));
    few = train;
    few_tests[0] = tests[0];
    train = tests[0] = (sb_dataset){0};
    spec.n = 25;
    assert_ok(make("idx", &spec));
    for (size_t i = 0; i < 8; i++) assert_true(same_example(&few, i, &train, i));
    for (size_t i = 0; i < 10; i++) assert_true(same_example(&few_tests[0], i, &tests[0], i));
    for (size_t i = 0; i < 25; i++) {
        for (size_t j = 0; j < i; j++) assert_false(same_example(&train, i, &train, j));
        for (size_t j = 0; j < 10; j++) assert_false(same_example(&train, i, &tests[0], j));
    }
    forget();
    spec.seed = 2;
    assert_ok(make("idx", &spec));
    assert_false(same_example(&few, 0, &train, 0) && same_example(&few, 1, &train, 1));
    sb_dataset_clear(&few);
    sb_dataset_clear(&few_tests[0]);
    forget();
    spec.seed = 0;
    assert_ok(make("idx", &spec));
    for (size_t i = 0; i < 25; i++) assert_int_equal(train.label[i], i % 3); /* the order of the file */
    assert_int_equal(tests[0].label[0], 40 % 3);
    forget();
}

static void numbers_of_examples(void **state)
{
    sb_dataset_spec spec = digits(50);
    static const struct {
        size_t n, test, training, tested;
    } cases[] = {{0, 0, 50, 0}, {0, 20, 30, 20}, {30, 0, 30, 20}, {30, 20, 30, 20}, {1, 1, 1, 1}, {50, 0, 50, 0}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        spec.n = cases[c].n;
        spec.test = cases[c].test;
        assert_ok(make("idx", &spec));
        assert_int_equal(train.n, cases[c].training);
        assert_int_equal(count, cases[c].tested > 0);
        assert_int_equal(tests[0].n, cases[c].tested);
        forget();
    }
    spec.n = 31;
    spec.test = 20;
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "31 training and 20 test examples asked for, there are 50");
    spec.n = SIZE_MAX;
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "there are 50");
    spec.n = 1;
    spec.test = SIZE_MAX;
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "there are 50");
}

static void file_of_tests(void **state)
{
    sb_dataset_spec spec = digits(20);
    (void)state;
    idx_images(&b, 2, 4, 5);
    write_bytes(in_folder("test_images"), &b);
    idx_labels(&b, 2);
    b.data[b.n - 1] = 6;
    write_bytes(in_folder("test_labels"), &b);
    spec.test_file = kept(2, "test_images");
    spec.test_labels = kept(3, "test_labels");
    assert_ok(make("idx", &spec));
    assert_int_equal(train.n, 20);
    assert_int_equal(count, 1);
    assert_int_equal(tests[0].n, 2);
    assert_string_equal(tests[0].name, "test");
    assert_int_equal(train.classes, 7); /* of both files */
    assert_int_equal(train.output.channels, 7);
    assert_int_equal(tests[0].classes, 7);
    forget();
    spec.test = 3;
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "test_images: 3 test examples asked for, there are 2");
    spec.test = 0;
    idx_images(&b, 2, 5, 4);
    write_bytes(in_folder("test_images"), &b);
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "test_images are of another shape than those of ");
}

static void colours_run_fastest(void **state)
{
    sb_dataset_spec spec = {.standardise = "none"};
    (void)state;
    cifar_records(&b, 3);
    write_bytes(in_folder("batch"), &b);
    spec.file = kept(0, "batch");
    assert_ok(make("cifar", &spec));
    assert_int_equal(train.n, 3);
    assert_int_equal(train.classes, 10);
    assert_int_equal(train.input.channels, 3);
    for (size_t k = 0; k < 3 * 3072; k++) assert_true(train.x[k] == sample_pixel(k / 3072, k % 3072));
    assert_int_equal(train.label[2], 2);
    forget();
    b.data[3073] = 10;
    write_bytes(in_folder("batch"), &b);
    assert_fails(make("cifar", &spec), SB_ERR_INPUT, "batch: offset 3073: class 10 is not in 0 .. 9");
    b.n--;
    write_bytes(in_folder("batch"), &b);
    assert_fails(make("cifar", &spec), SB_ERR_INPUT, "batch: offset 9218: ends within a record of 3073 bytes");
}

static void columns_of_a_table(void **state)
{
    static const char *const wanted[] = {"c", "1"}, *const wrong[] = {"cc"}, *const twice[] = {"c", "3"};
    static const char *const all[] = {"1", "2", "3", "4"};
    sb_dataset_spec spec = {.standardise = "unit"};
    (void)state;
    write_text(in_folder("t.csv"), "a,b,c,d\n1,2,3,4\n5,6,7,8\n");
    spec.file = kept(0, "t.csv");
    assert_ok(make("table", &spec));
    assert_int_equal(train.input.channels, 3);
    assert_true(train.x[2] == 3 && train.y[0] == 4 && train.y[1] == 8);
    forget();
    spec.columns = 2;
    spec.column = wanted;
    assert_ok(make("table", &spec));
    assert_int_equal(train.input.channels, 2);
    assert_true(train.x[0] == 2 && train.x[1] == 4 && train.x[2] == 6 && train.x[3] == 8);
    assert_true(train.y[0] == 3 && train.y[1] == 1 && train.y[2] == 7 && train.y[3] == 5);
    forget();
    spec.column = twice;
    assert_fails(make("table", &spec), SB_ERR_INPUT, "t.csv: column 3 is to be learned twice");
    spec.columns = 1;
    spec.column = wrong;
    assert_fails(make("table", &spec), SB_ERR_INPUT, "t.csv: no column \"cc\" among its 4; the nearest is \"c\"");
    spec.columns = 4;
    spec.column = all;
    assert_fails(make("table", &spec), SB_ERR_INPUT, "none is left as input");
    spec.columns = 0;
    write_text(in_folder("u.csv"), "a,b,x,d\n1,2,3,4\n");
    spec.test_file = kept(2, "u.csv");
    assert_fails(make("table", &spec), SB_ERR_INPUT, "u.csv: column 3 is \"x\", in the training file \"c\"");
    write_text(in_folder("u.csv"), "1,2,3,4\n");
    assert_ok(make("table", &spec));
    assert_true(tests[0].n == 1 && tests[0].y[0] == 4);
    forget();
}

/* However far its value is from what can be added without rounding. */
static void constants_stay_constant(void **state)
{
    static char text[200000];
    sb_dataset_spec spec = {.standardise = "features"};
    (void)state;
    text[0] = '\0';
    for (size_t i = 0, at = 0; i < 9000; i++) at += (size_t)sprintf(text + at, "123456.789,%zu\n", i);
    write_text(in_folder("t.csv"), text);
    spec.file = kept(0, "t.csv");
    assert_ok(make("table", &spec));
    assert_at_most(max_abs(train.n, train.x), 1e-10);
    forget();
}

static void moments_are_standard(void **state)
{
    char text[4096] = "a,b,constant,y\n";
    sb_dataset_spec spec = {.n = 30, .test = 10, .seed = 3};
    (void)state;
    seed_numbers(1);
    for (size_t i = 0; i < 40; i++)
        sprintf(text + strlen(text), "%.6f,%.6f,0.1,1\n", number_in(5, 7), number_in(-1000, 1000));
    write_text(in_folder("t.csv"), text);
    spec.file = kept(0, "t.csv");
    for (int global = 0; global < 2; global++) {
        double mean[3] = {0}, square[3] = {0};
        spec.standardise = global ? "global" : "features";
        assert_ok(make("table", &spec));
        for (size_t i = 0; i < 30; i++)
            for (size_t j = 0; j < 3; j++) {
                mean[j] += train.x[3 * i + j] / 30;
                square[j] += train.x[3 * i + j] * train.x[3 * i + j] / 30;
            }
        if (global) {
            assert_near(mean[0] + mean[1] + mean[2], 0, 1e-12);
            assert_near((square[0] + square[1] + square[2]) / 3, 1, 1e-12);
        }
        for (size_t j = 0; j < 3 && !global; j++) assert_near(mean[j], 0, 1e-12);
        for (size_t j = 0; j < 2 && !global; j++) assert_near(square[j], 1, 1e-12);
        if (!global) assert_near(tests[0].x[2], 0, 1e-15); /* a constant stays one */
        if (!global) assert_at_least(max_abs(30, tests[0].x), 1);
        forget();
    }
    spec.standardise = "robust";
    assert_fails(make("table", &spec), SB_ERR_INPUT, "standardised by \"robust\"");
}

/* Tests get the moments of the training inputs: x' = (x - m) / s with the same m, s. */
static void tests_share_moments(void **state)
{
    sb_dataset_spec spec = {.n = 4, .test = 2, .standardise = "features"};
    double s = sqrt(1.25);
    (void)state;
    write_text(in_folder("t.csv"), "1,0\n2,0\n3,0\n4,0\n10,0\n-10,0\n");
    spec.file = kept(0, "t.csv");
    assert_ok(make("table", &spec));
    assert_near(train.x[0], -1.5 / s, 1e-15);
    assert_near(tests[0].x[0], 7.5 / s, 1e-15);
    assert_near(tests[0].x[1], -12.5 / s, 1e-15);
    forget();
}

static void pixels_lie_in_a_square(void **state)
{
    sb_dataset_spec spec = {.seed = 4};
    (void)state;
    write_text(in_folder("a.pgm"), "P2 2 4 100 0 10 20 30 40 50 60 70");
    spec.file = kept(0, "a.pgm");
    assert_ok(make("image", &spec));
    assert_int_equal(train.n, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_near(train.x[2 * i], -0.75 + 0.5 * (double)(i / 2), 1e-15);
        assert_near(train.x[2 * i + 1], i % 2 ? 0.5 : -0.5, 1e-15);
        assert_near(train.y[i], 0.1 * (double)i, 1e-15);
        assert_near(train.q[i], 0.5, 1e-15);
    }
    assert_true(train.spacing == 0 && train.a == -1 && train.b == 1);
    forget();
    spec.n = 5;
    assert_ok(make("image", &spec));
    assert_int_equal(tests[0].n, 3);
    for (size_t i = 0; i < 5; i++) /* every pixel keeps its grey */
        assert_near(train.y[i], 0.4 * (train.x[2 * i] + 0.75) + 0.1 * (train.x[2 * i + 1] + 0.5), 1e-15);
    forget();
    make_png(&b, 2, 8, false, 6, 6);
    write_bytes(in_folder("a.png"), &b);
    spec = (sb_dataset_spec){.file = kept(0, "a.png")};
    assert_ok(make("image", &spec));
    assert_int_equal(train.output.channels, 3);
    assert_near(train.spacing, 1.0 / 3, 1e-15);
    for (size_t i = 0; i < 36; i++)
        assert_near(train.y[3 * i + 1], png_sample_value(i / 6, i % 6, 1, 8) / 255.0, 1e-15);
    forget();
}

/* ---- noise of autoencoders ---- */

/* |F_k|^2 of the differences u[n][n] by the definition. */
static double power(size_t n, const double *u, size_t k1, size_t k2)
{
    double complex sum = 0;
    for (size_t i = 0; i < n * n; i++)
        sum += u[i] * cexp(-2 * M_PI * I * (double)((k1 * (i / n) + k2 * (i % n)) % n) / (double)n);
    return creal(sum * conj(sum));
}

static double size_of(size_t n, size_t k1, size_t k2)
{
    return hypot((double)(k1 < n - k1 ? k1 : n - k1), (double)(k2 < n - k2 ? k2 : n - k2));
}

enum { SIDE = 8, PIXELS = SIDE * SIDE, IMAGES = 200 };

static sb_dataset_spec noisy_images(double low, double high)
{
    idx_images(&b, IMAGES + 1, SIDE, SIDE);
    write_bytes(in_folder("noisy"), &b);
    return (sb_dataset_spec){.file = kept(0, "noisy"),
                             .n = IMAGES,
                             .standardise = "unit",
                             .autoencoder = true,
                             .noise = 0.3,
                             .noise_low = low,
                             .noise_high = high};
}

static void noise_stays_in_its_band(void **state)
{
    static const double band[][2] = {{0, 2}, {3.5, 10}, {4, 4}, {0, 100}};
    (void)state;
    for (size_t c = 0; c < sizeof band / sizeof band[0]; c++) {
        sb_dataset_spec spec = noisy_images(band[c][0], band[c][1]);
        double mean[PIXELS] = {0}, waves = 0;
        assert_ok(make("idx", &spec));
        for (size_t i = 0; i < IMAGES; i++) {
            double u[PIXELS], square = 0;
            for (size_t p = 0; p < PIXELS; p++) {
                u[p] = train.x[i * PIXELS + p] - train.y[i * PIXELS + p]; /* the wanted output is clean */
                square += u[p] * u[p] / PIXELS;
            }
            assert_near(sqrt(square), 0.3, 1e-12);
            for (size_t k = 0; k < PIXELS; k++) mean[k] += power(SIDE, u, k / SIDE, k % SIDE) / IMAGES;
        }
        for (size_t k = 0; k < PIXELS; k++) waves += mean[k] > 1e-20;
        for (size_t k = 0; k < PIXELS; k++) { /* inside all alike: sum |F|^2 = PIXELS^2 rms^2 */
            double size = size_of(SIDE, k / SIDE, k % SIDE);
            bool inside = size >= band[c][0] && size <= band[c][1];
            /* 200 squares of normal numbers scatter by (2 / 200)^1/2 = 0.1 */
            if (inside) assert_close(mean[k], PIXELS * PIXELS * 0.09 / waves, 0.4);
            if (!inside) assert_at_most(mean[k], 1e-20);
        }
        forget();
    }
}

static void noise_of_autoencoders(void **state)
{
    sb_dataset_spec spec = noisy_images(0, 3);
    double product = 0;
    (void)state;
    spec.n = 2;
    spec.test = 1;
    spec.noisy_targets = true;
    assert_ok(make("idx", &spec));
    assert_int_equal(train.classes, 0);
    assert_int_equal(sb_shape_size(train.output), PIXELS);
    assert_memory_equal(train.x, train.y, 2 * PIXELS * sizeof(double));
    for (size_t p = 0; p < PIXELS; p++) {
        double first = train.x[p] - sample_pixel(0, p) / 255.0,
               second = train.x[PIXELS + p] - sample_pixel(1, p) / 255.0;
        product += first * second / PIXELS;
        assert_near(tests[0].y[p], sample_pixel(IMAGES, p) / 255.0, 1e-15); /* clean */
    }
    assert_at_most(fabs(product), 0.8 * 0.09); /* not the same noise */
    assert_at_least(max_difference(PIXELS, tests[0].x, tests[0].y), 0.1);
    forget();
    spec.noise = 0;
    assert_ok(make("idx", &spec));
    assert_memory_equal(train.x, train.y, 2 * PIXELS * sizeof(double));
    assert_near(train.x[0], sample_pixel(0, 0) / 255.0, 1e-15);
    forget();
    spec = noisy_images(40, 50);
    assert_fails(make("idx", &spec), SB_ERR_INPUT, "8 x 8 pixels have no frequency with 40 <= |k| <= 50");
    write_text(in_folder("t.csv"), "1,2\n3,4\n");
    spec.file = kept(0, "t.csv");
    spec.n = 0;
    assert_fails(make("table", &spec), SB_ERR_INPUT, "have no frequency");
    spec.noise = 0;
    assert_ok(make("table", &spec));
    assert_int_equal(train.output.channels, 2);
    assert_true(train.y[1] == 2);
    forget();
}

/* ---- made up ---- */

static void parity(void **state)
{
    static const double k[] = {0.02, 0.05, 0.1, 0.2, 0.25};
    static const double subset[] = {.0487125422024, .0785516764802, .0273278011782, .609818162474, 1};
    sb_dataset_spec spec = {.dim = 10, .seed = 1};
    sb_dataset chosen = {0};
    (void)state;
    assert_ok(make("parity", &spec));
    assert_int_equal(train.n, 1024);
    assert_ok(sb_dataset_init(&chosen, "P8", 200, train.input, train.output, 0, 1));
    for (size_t t = 0; t < 200; t++) {
        size_t i = (37 * t + 11) % 1024;
        assert_true(train.place[i] == 2 * __builtin_popcountll(i) - 10);
        assert_true(train.y[i] == (__builtin_popcountll(i) % 2 ? -1 : 1));
        chosen.place[t] = train.place[i];
        chosen.q[t] = 1.0 / 200;
        chosen.y[t] = train.y[i];
    }
    for (size_t j = 0; j < 5; j++) {
        double exact = pow(fabs(sin(2 * M_PI * k[j])), 10);
        assert_near(cabs(amplitude_of(&train, train.y, &k[j])), exact, 1e-14);
        assert_close(cabs(amplitude_of(&chosen, chosen.y, &k[j])), subset[j], 1e-9);
    }
    assert_close(pow(sin(0.2 * M_PI), 10), .00492251278689, 1e-9);
    assert_close(cabs(amplitude_of(&train, train.y, &k[3])), .605429049713, 1e-9);
    sb_dataset_clear(&chosen);
    forget();
    spec.n = 200;
    assert_ok(make("parity", &spec));
    assert_int_equal(tests[0].n, 824);
    for (size_t i = 0; i < 200; i++) {
        double product = 1;
        for (size_t j = 0; j < 10; j++) product *= -train.x[10 * i + j];
        assert_true(train.y[i] == product);
    }
    forget();
    spec.dim = 40;
    assert_fails(make("parity", &spec), SB_ERR_INPUT, "parity of 40 bits");
}

static void derivative(void **state)
{
    static const double band[] = {1, 10, 1, 5, 1, 10, 6, 10};
    static const char *const name[] = {"low", "general", "high"};
    enum { LENGTH = 64 };
    sb_dataset_spec spec = {.n = 6, .test = 5, .seed = 7, .length = LENGTH, .bands = 4, .band = band};
    (void)state;
    assert_ok(make("derivative", &spec));
    assert_int_equal(count, 3);
    for (size_t s = 0; s < 4; s++) {
        const sb_dataset *set = s == 0 ? &train : &tests[s - 1];
        assert_string_equal(set->name, s == 0 ? "train" : name[s - 1]);
        assert_int_equal(set->n, s == 0 ? 6 : 5);
        assert_int_equal(set->input.width, LENGTH);
        for (size_t i = 0; i < set->n; i++)
            for (size_t k = 0; k <= LENGTH / 2; k++) { /* du/dx at frequency k is i k times u */
                double complex u = 0, du = 0;
                for (size_t j = 0; j < LENGTH; j++) {
                    double complex wave = cexp(-2 * M_PI * I * (double)(k * j % LENGTH) / LENGTH) / LENGTH;
                    u += set->x[i * LENGTH + j] * wave;
                    du += set->y[i * LENGTH + j] * wave;
                }
                assert_at_most(cabs(du - I * (double)k * u), 1e-12);
                if ((double)k < band[2 * s] || (double)k > band[2 * s + 1]) assert_at_most(cabs(u), 1e-13);
            }
    }
    double first = train.x[3], last = train.x[6 * LENGTH - 1];
    forget();
    spec.n = 9; /* the first functions stay */
    assert_ok(make("derivative", &spec));
    assert_true(train.x[3] == first && train.x[6 * LENGTH - 1] == last);
    forget();
    spec.test = 0;
    assert_ok(make("derivative", &spec));
    assert_int_equal(count, 0);
    forget();
    spec.length = 20;
    assert_fails(make("derivative", &spec), SB_ERR_INPUT, "frequency 10 needs more than 20 points");
    spec.band = (double[]){0.5, 3};
    spec.bands = 1;
    assert_fails(make("derivative", &spec), SB_ERR_INPUT, "0.5 to 3 are not whole frequencies");
    spec.bands = 6;
    assert_fails(make("derivative", &spec), SB_ERR_INPUT, "not 6 in all");
}

/* All choices equally likely: means of 4000 functions within 5 deviations. */
static void tones_are_fair(void **state)
{
    enum { DRAWS = 4000 };
    double a = 0, both = 0, f[11] = {0}, turn = 0, n = DRAWS * SB_TONES;
    (void)state;
    for (size_t i = 0; i < DRAWS; i++) {
        sb_tones t = sb_tones_draw(3, 0, i, 6, 10, false);
        for (size_t k = 0; k < SB_TONES; k++) {
            a += t.a[k] / n;
            both += t.a[k] * t.b[k] / n;
            turn += cos(t.phi[k]) / n;
            assert_true(t.f[k] >= 6 && t.f[k] <= 10);
            f[(size_t)t.f[k]] += 1 / n;
        }
    }
    assert_near(a, 0.5, 5 * 0.5 / sqrt(n));
    assert_near(both, 0.25, 5 * 0.43 / sqrt(n));
    assert_near(turn, 0, 5 * 0.71 / sqrt(n));
    for (size_t k = 6; k <= 10; k++) assert_near(f[k], 0.2, 5 * 0.4 / sqrt(n));
}

/* sum_j (p_j - u'(x_j))^2 / sum_j u'(x_j)^2 of p_j = (u(x_j + dx) - u(x_j)) / dx, x_j = 2 pi j / length */
static double forward_error(const sb_tones *t, size_t length, double dx)
{
    double error = 0, square = 0;
    for (size_t j = 0; j < length; j++) {
        double x = 2 * M_PI * (double)j / (double)length, wanted = sb_tones_slope(t, x);
        double off = (sb_tones_value(t, x + dx) - sb_tones_value(t, x)) / dx - wanted;
        error += off * off;
        square += wanted * wanted;
    }
    return error / square;
}

static void forward_difference(void **state)
{
    static const double band[3][2] = {{1, 5}, {1, 10}, {6, 10}};
    static const double wanted[3][2] = {{4.10e-6, 1.62e-4}, {1.52e-5, 6.01e-4}, {1.80e-5, 7.11e-4}};
    sb_tones p9 = {.f = {3, 7}, .a = {1}, .b = {0, 0.5}, .psi = {0, 1}};
    (void)state;
    assert_close(forward_error(&p9, 1000, 1e-3), 8.01468618214e-06, 1e-9);
    assert_close(sb_tones_difference(&p9, 1000, 1e-3), 8.01468618214e-06, 1e-9);
    assert_close(forward_error(&p9, 1000, 2 * M_PI / 1000), .000316377203655, 1e-9);
    for (size_t s = 0; s < 3; s++) { /* other random functions than those of the notes: means of 500 */
        double fine = 0, coarse = 0;
        for (size_t i = 0; i < 500; i++) {
            sb_tones t = sb_tones_draw(1, s, i, band[s][0], band[s][1], false);
            fine += forward_error(&t, 1000, 1e-3) / 500;
            coarse += forward_error(&t, 1000, 2 * M_PI / 1000) / 500;
        }
        assert_close(fine, wanted[s][0], 0.05);
        assert_close(coarse, wanted[s][1], 0.05);
    }
}

static void random_spectrum(void **state)
{
    static const double band[] = {2, 9};
    enum { N = 24 };
    sb_dataset_spec spec = {.n = N,
                            .test = 100,
                            .seed = 5,
                            .a = -0.25,
                            .b = 1.25,
                            .exponent = 1.5,
                            .amplitude = 0.1,
                            .bands = 1,
                            .band = band};
    double complex amp[N];
    (void)state;
    assert_ok(make("spectrum", &spec));
    assert_near(train.spacing, 1.5 / N, 1e-15);
    for (size_t k = 0; k <= N / 2; k++) {
        double xi = (double)k / 1.5, size = k < 2 || k > 9 ? 0 : 0.05 * 1.5 * pow((double)k, -1.5);
        amp[k] = amplitude_of(&train, train.y, &xi);
        assert_near(cabs(amp[k]), size, 1e-15);
    }
    for (size_t i = 0; i < 100; i++) { /* the test points lie on the same function */
        double y = 0;
        for (size_t k = 2; k <= 9; k++)
            y += 2 * creal(amp[k] * cexp(2 * M_PI * I * (double)k / 1.5 * tests[0].x[i])) / 1.5;
        assert_near(tests[0].y[i], y, 1e-14);
    }
    double first = train.y[0];
    forget();
    spec.circle = true;
    spec.bands = 0;
    assert_ok(make("spectrum", &spec));
    assert_int_equal(train.input.channels, 2);
    assert_near(train.x[0], 1, 1e-15);
    assert_near(train.place[0], -0.25, 1e-15);
    assert_true(train.y[0] != first);
    forget();
    spec.bands = 1;
    spec.n = 18;
    assert_fails(make("spectrum", &spec), SB_ERR_INPUT, "index 9, which needs more than 18 points");
}

/* ---- spheres ---- */

static double dot(size_t dim, const double *x, const double *y)
{
    double sum = 0;
    for (size_t d = 0; d < dim; d++) sum += x[d] * y[d];
    return sum;
}

static void zonal_functions(void **state)
{
    (void)state;
    for (double t = -1; t <= 1; t += 0.125) {
        assert_near(sb_zonal(2, 7, t), cos(7 * acos(t)), 1e-13);
        assert_near(sb_zonal(3, 3, t), (5 * t * t * t - 3 * t) / 2, 1e-15);
        assert_near(sb_zonal(4, 2, t), (4 * t * t - 1) / 3, 1e-15); /* sin 3a / (3 sin a) */
        assert_near(sb_zonal(5, 1, t), t, 1e-15);
    }
    static const double harmonics[][3] = {{2, 0, 1}, {2, 5, 2}, {3, 4, 9}, {4, 3, 16}, {5, 2, 14}, {5, 1, 5}};
    for (size_t c = 0; c < sizeof harmonics / sizeof harmonics[0]; c++)
        assert_close(sb_harmonics((size_t)harmonics[c][0], (size_t)harmonics[c][1]), harmonics[c][2], 1e-14);
    assert_close(sb_sphere_surface(2), 2 * M_PI, 1e-14);
    assert_close(sb_sphere_surface(3), 4 * M_PI, 1e-14);
    assert_close(sb_sphere_surface(4), 2 * M_PI * M_PI, 1e-14);
}

/* sum q P_k(x . e) P_l(x . e) = |S| (k = l) P_l(e . e) / N_l, exact up to degree 2m - 1 = 23. */
static void grid_of_the_globe(void **state)
{
    static const double degree[] = {1, 2, 3, 4, 5}, pole[3] = {0.48, -0.6, 0.64};
    sb_dataset_spec spec = {.n = 288, .dim = 3, .terms = 5, .degree = degree, .amplitude = 0.1, .layout = "grid"};
    double square = 0;
    (void)state;
    assert_ok(make("sphere", &spec));
    assert_int_equal(train.place_dim, 0);
    for (size_t k = 0; k <= 11; k++)
        for (size_t l = 0; l <= k; l++) {
            double sum = 0;
            for (size_t i = 0; i < train.n; i++) {
                double t = dot(3, train.x + 3 * i, pole);
                sum += train.q[i] * sb_zonal(3, k, t) * sb_zonal(3, l, t);
            }
            assert_near(sum, k == l ? 4 * M_PI / (2 * (double)l + 1) : 0, 1e-13);
        }
    for (size_t i = 0; i < train.n; i++) {
        assert_near(dot(3, train.x + 3 * i, train.x + 3 * i), 1, 1e-14);
        square += train.q[i] * train.y[i] * train.y[i];
    }
    assert_close(square, 5 * 0.01 * 4 * M_PI, 1e-12); /* five degrees of mean square 0.1^2 */
    for (size_t l = 0; l <= 6; l++) { /* by the addition theorem, the share of degree l: N_l / |S|^2 sum q q P_l y y */
        double share = 0;
        for (size_t i = 0; i < train.n; i++)
            for (size_t j = 0; j < train.n; j++)
                share += train.q[i] * train.q[j] * train.y[i] * train.y[j] *
                         sb_zonal(3, l, dot(3, train.x + 3 * i, train.x + 3 * j)) * (2 * (double)l + 1);
        assert_near(share / pow(4 * M_PI, 2), l >= 1 && l <= 5 ? 0.01 : 0, 1e-14);
    }
    forget();
    spec.n = 300;
    assert_fails(make("sphere", &spec), SB_ERR_INPUT, "2 m^2 points: 288 or 338, not 300");
    spec.dim = 4;
    assert_fails(make("sphere", &spec), SB_ERR_UNSUPPORTED, "grids on spheres of 2 and 3");
    spec.degree = (double[]){1.5};
    spec.terms = 1;
    assert_fails(make("sphere", &spec), SB_ERR_INPUT, "the degree 1.5");
    spec.layout = "spiral";
    assert_fails(make("sphere", &spec), SB_ERR_INPUT, "not \"spiral\"");
    spec.layout = "";
    spec.weights = "area";
    assert_fails(make("sphere", &spec), SB_ERR_INPUT, "not \"area\"");
}

/* Mean of z is rho / d; tests are random whatever the training points are. */
static void random_points_of_a_sphere(void **state)
{
    static const double degree[] = {1};
    (void)state;
    for (size_t dim = 2; dim <= 5; dim++) {
        sb_dataset_spec spec = {.n = 4000,
                                .test = 3,
                                .seed = 2,
                                .dim = dim,
                                .terms = 1,
                                .degree = degree,
                                .amplitude = 1,
                                .layout = "random",
                                .rho = 0.8};
        double z = 0, first = 0, total = 0;
        assert_ok(make("sphere", &spec));
        for (size_t i = 0; i < 4000; i++) {
            const double *x = train.x + dim * i;
            assert_near(dot(dim, x, x), 1, 1e-14);
            z += x[dim - 1] / 4000;
            first += x[0] / 4000;
            total += train.q[i];
        }
        assert_near(z, 0.8 / (double)dim, 5 / sqrt(4000.0 * (double)dim));
        assert_near(first, 0, 5 / sqrt(4000.0 * (double)dim));
        assert_close(total, sb_sphere_surface(dim), 1e-12);
        double x = train.x[0];
        forget();
        spec.n = 2;
        assert_ok(make("sphere", &spec));
        assert_true(train.x[0] == x);
        assert_int_equal(tests[0].n, 3);
        forget();
    }
}

static void cells_of_the_globe(void **state)
{
    static const double corners[] = {1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1};
    static const double degree[] = {1};
    enum { N = 600 };
    sb_dataset_spec spec = {.n = N,
                            .seed = 2,
                            .dim = 3,
                            .terms = 1,
                            .degree = degree,
                            .amplitude = 1,
                            .layout = "random",
                            .rho = 0.8,
                            .weights = "voronoi"};
    double area[6], sum = 0, z = 0, hits[N] = {0}, off = 0;
    (void)state;
    assert_ok(sb_sphere_voronoi(6, corners, area)); /* of an octahedron: the faces of a cube */
    for (size_t i = 0; i < 6; i++) assert_close(area[i], 4 * M_PI / 6, 1e-13);
    assert_ok(make("sphere", &spec));
    for (size_t i = 0; i < N; i++) {
        sum += train.q[i];
        z += train.q[i] * train.x[3 * i + 2];
        assert_true(train.q[i] > 0);
    }
    assert_close(sum, 4 * M_PI, 1e-12);
    assert_at_most(fabs(z), 0.1); /* equal weights: 4 pi 0.8 / 3 = 3.35 */
    enum { DRAWS = 60000 };
    seed_numbers(4);
    for (size_t k = 0; k < DRAWS; k++) { /* where uniform points have their nearest neighbour */
        double height = number_in(-1, 1), angle = number_in(0, 2 * M_PI), r = sqrt(1 - height * height);
        double p[3] = {r * cos(angle), r * sin(angle), height}, best = -2;
        size_t nearest = 0;
        for (size_t i = 0; i < N; i++) {
            double near = dot(3, p, train.x + 3 * i);
            if (near <= best) continue;
            best = near;
            nearest = i;
        }
        hits[nearest]++;
    }
    for (size_t i = 0; i < N; i++) { /* chi^2 */
        double expected = DRAWS * train.q[i] / (4 * M_PI);
        off += (hits[i] - expected) * (hits[i] - expected) / expected;
    }
    assert_near(off, N - 1, 5 * sqrt(2.0 * N));
    forget();
    assert_fails(sb_sphere_voronoi(2, (double[]){1, 0, 0, 1, 0, 0}, area), SB_ERR_NUMERIC, "do not cover the sphere");
    spec.dim = 2;
    assert_ok(make("sphere", &spec));
    sum = 0;
    for (size_t i = 0; i < N; i++) sum += train.q[i];
    assert_close(sum, 2 * M_PI, 1e-13);
    forget();
}

/* ---- points ---- */

static void warp(size_t n, double by, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double even = 2 * M_PI * (double)i / (double)n;
        x[i] = even + by * sin(even);
    }
}

static void voronoi_weights(void **state)
{
    double x[40], q[40], sum = 0;
    sb_problem problem = {0};
    sb_points_spec spec = {.n = 40, .dim = 1, .a = 0, .b = 2 * M_PI, .x = x, .weights = "periodic"};
    (void)state;
    warp(40, 0.3, x);
    assert_ok(sb_points_make(sb_points_find("list"), &spec, &problem));
    for (size_t i = 0; i < 40; i++) sum += problem.q[i];
    assert_close(problem.q[0], .204009972192, 1e-9); /* P3 */
    assert_close(problem.q[10], .157079632679, 1e-9);
    assert_close(problem.q[20], .110149293167, 1e-9);
    assert_close(sum, 2 * M_PI, 1e-14);
    sb_problem_clear(&problem);
    sb_voronoi_weights(40, x, -1, 7, false, q);
    sum = 0;
    for (size_t i = 0; i < 40; i++) sum += q[i];
    assert_close(q[0], 1 + x[1] / 2, 1e-14);
    assert_close(sum, 8, 1e-14);
    sb_voronoi_weights(1, x, -1, 7, true, q);
    assert_close(q[0], 8, 1e-14);
    spec.weights = "delaunay";
    assert_fails(sb_points_make(sb_points_find("list"), &spec, &problem), SB_ERR_INPUT, "called \"delaunay\"");
    sb_problem_clear(&problem);
    spec.weights = "voronoi";
    spec.dim = 2;
    spec.n = 20;
    assert_fails(sb_points_make(sb_points_find("list"), &spec, &problem), SB_ERR_INPUT, "one dimension");
    sb_problem_clear(&problem);
}

/* Density 1 + rho cos(theta): its Fourier coefficients are 1, rho / 2, 0, 0. */
static void points_of_a_cosine(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2; seed++) {
        sb_problem problem = {0};
        sb_points_spec spec = {.n = 4000, .dim = 1, .a = -3, .b = 5, .rho = 0.9, .seed = seed};
        assert_ok(sb_points_make(sb_points_find("cosine"), &spec, &problem));
        for (size_t k = 1; k <= 3; k++) {
            double complex mean = 0;
            for (size_t i = 0; i < 4000; i++) mean += cexp(I * (double)k * 2 * M_PI * (problem.x[i] + 3) / 8) / 4000;
            assert_at_most(cabs(mean - (k == 1 ? 0.45 : 0)), seed ? 5 / sqrt(4000.0) : 1e-5);
        }
        for (size_t i = 1; i < 4000; i++) assert_true(problem.x[i] > problem.x[i - 1]);
        double theta = 2 * M_PI * (problem.x[1000] + 3) / 8, below = (theta + 0.9 * sin(theta)) / (2 * M_PI);
        if (seed == 0) assert_near(below, 1000.5 / 4000, 1e-14);
        sb_problem_clear(&problem);
    }
    sb_problem problem = {0};
    sb_points_spec spec = {.n = 4, .dim = 1, .a = 0, .b = 1, .rho = 1.1};
    assert_fails(sb_points_make(sb_points_find("cosine"), &spec, &problem), SB_ERR_INPUT, "|rho| <= 1");
    sb_problem_clear(&problem);
}

static void problems_as_data(void **state)
{
    static const double xi[] = {1, 3};
    sb_problem problem = {0};
    sb_points_spec points = {.n = 16, .dim = 1, .a = -0.5, .b = 0.5, .layout = "midpoint"};
    sb_target_spec target = {.terms = 2, .xi = xi, .amplitude = 2};
    (void)state;
    assert_ok(sb_points_make(sb_points_find("uniform"), &points, &problem));
    assert_ok(sb_target_find("sines")->fill(&target, &problem));
    for (int circle = 0; circle < 2; circle++) {
        assert_ok(sb_dataset_of_problem(&problem, circle, &train));
        assert_int_equal(train.input.channels, 1 + circle);
        assert_near(train.spacing, 1.0 / 16, 1e-15);
        for (size_t i = 0; i < 16; i++) {
            double x = problem.x[i];
            assert_true(train.place[i] == x && train.y[i] == problem.y[i] && train.q[i] == problem.q[i]);
            assert_near(train.x[(1 + (size_t)circle) * i], circle ? -cos(2 * M_PI * x) : x, 1e-15);
            if (circle) assert_near(train.x[2 * i + 1], -sin(2 * M_PI * x), 1e-15);
        }
        assert_near(cabs(amplitude_of(&train, train.y, &xi[1])), 1, 1e-14);
        forget();
    }
    sb_problem_clear(&problem);
    points.dim = 2;
    assert_ok(sb_points_make(sb_points_find("uniform"), &points, &problem));
    assert_ok(sb_dataset_of_problem(&problem, false, &train));
    assert_int_equal(train.place_dim, 2);
    assert_int_equal(train.input.channels, 2);
    assert_memory_equal(train.x, train.place, 2 * 256 * sizeof(double));
    forget();
    assert_fails(sb_dataset_of_problem(&problem, true, &train), SB_ERR_INPUT, "mapped to the circle");
    sb_problem_clear(&problem);
}

static void too_large(void **state)
{
    sb_shape vast = {1, 1, SIZE_MAX / 4}, one = {1, 1, 1};
    (void)state;
    assert_fails(sb_dataset_init(&train, "a", 100, vast, one, 0, 0), SB_ERR_NOMEM, "no memory for 100 examples");
    assert_null(train.y);
    sb_dataset_clear(&train);
}

/* ---- real files, where they are ---- */

/* Path of a file below a folder of the environment or of a Debian package; skips the test where it is missing. */
static const char *real_file(const char *variable, const char *folder, const char *name)
{
    static char path[4][1024];
    static size_t next;
    const char *given = getenv(variable);
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", given ? given : folder, name);
    if (!file_exists(path[next])) skip();
    return path[next];
}

static const char *fashion(const char *name)
{
    return real_file("SPECBIAS_FASHION", "/usr/share/datasets/fashion-mnist", name);
}

static void fashion_mnist(void **state)
{
    sb_dataset_spec spec = {.file = fashion("t10k-images-idx3-ubyte.gz"),
                            .labels = fashion("t10k-labels-idx1-ubyte.gz"),
                            .n = 100,
                            .standardise = "unit",
                            .seed = 1};
    double per_class[10] = {0};
    (void)state;
    assert_ok(make("idx", &spec));
    assert_int_equal(train.n + tests[0].n, 10000);
    assert_int_equal(train.input.height, 28);
    assert_int_equal(train.classes, 10);
    for (size_t i = 0; i < 10000; i++) per_class[i < 100 ? train.label[i] : tests[0].label[i - 100]]++;
    for (size_t c = 0; c < 10; c++) assert_true(per_class[c] == 1000);
    assert_true(max_abs(784 * 100, train.x) <= 1);
    forget();
}

static void handwritten_digits(void **state)
{
    const char *images = real_file("SPECBIAS_DATA", ".", "mnist10k-images-idx3-ubyte.gz");
    const char *labels = real_file("SPECBIAS_DATA", ".", "mnist10k-labels-idx1-ubyte.gz");
    sb_dataset_spec spec = {.file = images, .labels = labels, .n = 0, .standardise = "unit"};
    double ink = 0;
    (void)state;
    assert_ok(make("idx", &spec));
    assert_int_equal(train.n, 10000);
    assert_int_equal(train.classes, 10);
    for (size_t i = 0; i < 784 * 10000; i++) ink += train.x[i] / (784 * 10000);
    assert_near(ink, 0.13, 0.01);
    forget();
}

static void boston_house_prices(void **state)
{
    static const char *const medv[] = {"MEDV"};
    sb_dataset_spec spec = {.file = real_file("SPECBIAS_DATA", ".", "boston_house_prices.csv"),
                            .standardise = "features",
                            .columns = 1,
                            .column = medv};
    double mean = 0;
    (void)state;
    assert_ok(make("table", &spec));
    assert_int_equal(train.n, 506);
    assert_int_equal(train.input.channels, 13);
    for (size_t i = 0; i < 506; i++) mean += train.y[i] / 506;
    assert_near(mean, 22.5328063, 1e-6);
    forget();
}

int main(void)
{
    const struct CMUnitTest list[] = {
        cmocka_unit_test(the_list),
        cmocka_unit_test(labelled_images),
        cmocka_unit_test(choice_by_seed),
        cmocka_unit_test(numbers_of_examples),
        cmocka_unit_test(file_of_tests),
        cmocka_unit_test(colours_run_fastest),
        cmocka_unit_test(columns_of_a_table),
        cmocka_unit_test(moments_are_standard),
        cmocka_unit_test(constants_stay_constant),
        cmocka_unit_test(tests_share_moments),
        cmocka_unit_test(pixels_lie_in_a_square),
        cmocka_unit_test(noise_stays_in_its_band),
        cmocka_unit_test(noise_of_autoencoders),
        cmocka_unit_test(parity),
        cmocka_unit_test(derivative),
        cmocka_unit_test(tones_are_fair),
        cmocka_unit_test(forward_difference),
        cmocka_unit_test(random_spectrum),
        cmocka_unit_test(zonal_functions),
        cmocka_unit_test(grid_of_the_globe),
        cmocka_unit_test(random_points_of_a_sphere),
        cmocka_unit_test(cells_of_the_globe),
        cmocka_unit_test(voronoi_weights),
        cmocka_unit_test(points_of_a_cosine),
        cmocka_unit_test(problems_as_data),
        cmocka_unit_test(too_large),
        cmocka_unit_test(fashion_mnist),
        cmocka_unit_test(handwritten_digits),
        cmocka_unit_test(boston_house_prices),
    };
    return cmocka_run_group_tests_name("dataset", list, make_folder, remove_folder);
}
