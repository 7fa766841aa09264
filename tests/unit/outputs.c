/* What is done to wanted outputs: labels drawn anew, outputs in another order, noise, another scale; of the training
 * examples alone but for the scale. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/dataset.h>

#include "common/files.h"

static sb_dataset train, tests[SB_TEST_SETS], plain, plain_tests[SB_TEST_SETS];
static size_t count;

static void forget(void)
{
    sb_dataset_clear(&train);
    sb_dataset_clear(&plain);
    for (size_t i = 0; i < SB_TEST_SETS; i++) {
        sb_dataset_clear(&tests[i]);
        sb_dataset_clear(&plain_tests[i]);
    }
}

/* The same set with what the spec does to outputs, and without. */
static void make_both(const char *kind, sb_dataset_spec spec)
{
    const sb_dataset_kind *made = sb_dataset_kind_find(kind);
    assert_ok(sb_dataset_make(made, &spec, &train, tests, &count));
    spec.label_noise = spec.output_noise = 0;
    spec.shuffled = spec.standardise_outputs = false;
    assert_ok(sb_dataset_make(made, &spec, &plain, plain_tests, &count));
    assert_int_equal(count, 1);
    assert_memory_equal(train.x, plain.x, train.n * sb_shape_size(train.input) * sizeof(double));
}

static void tests_stay(void)
{
    assert_memory_equal(tests[0].y, plain_tests[0].y, tests[0].n * sb_shape_size(tests[0].output) * sizeof(double));
}

/* Half of what is drawn anew of two classes is as it was: within 5 deviations. */
static void signs_drawn_anew(void **state)
{
    double changed = 0, share = 0.3, n = 800;
    (void)state;
    make_both("parity", (sb_dataset_spec){.dim = 10, .n = 800, .seed = 3, .label_noise = share});
    for (size_t i = 0; i < train.n; i++) {
        assert_true(fabs(train.y[i]) == 1);
        changed += train.y[i] != plain.y[i];
    }
    assert_near(changed / n, share / 2, 5 * sqrt(share / 2 / n));
    tests_stay();
    forget();
}

static void outputs_in_another_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2; seed++) {
        double sum[2] = {0, 0};
        size_t moved = 0;
        make_both("parity", (sb_dataset_spec){.dim = 8, .n = 100, .test = 20, .seed = seed, .shuffled = true});
        for (size_t i = 0; i < train.n; i++) {
            sum[0] += train.y[i];
            sum[1] += plain.y[i];
            moved += train.y[i] != plain.y[i];
        }
        assert_true(sum[0] == sum[1]);
        assert_true(moved > 20);
        tests_stay();
        forget();
    }
}

/* label[n] of an IDX file; 10 classes */
static void write_idx(const char *images, const char *labels, size_t n)
{
    FILE *x = fopen(images, "wb"), *y = fopen(labels, "wb");
    const unsigned char shape[] = {0, 0, 8, 3, 0, 0, 0, (unsigned char)n, 0, 0, 0, 1, 0, 0, 0, 1};
    assert_true(x && y);
    fwrite(shape, 1, sizeof shape, x);
    fwrite((const unsigned char[]){0, 0, 8, 1, 0, 0, 0, (unsigned char)n}, 1, 8, y);
    for (size_t i = 0; i < n; i++) {
        fputc((int)i, x);
        fputc((int)(i % 10), y);
    }
    assert_int_equal(fclose(x) + fclose(y), 0);
}

static void classes(void **state)
{
    double kept = 0;
    size_t seen[10] = {0};
    (void)state;
    write_idx(in_folder("x"), in_folder("y"), 240);
    sb_dataset_spec spec = {
        .file = in_folder("x"), .labels = in_folder("y"), .n = 200, .test = 40, .seed = 1, .label_noise = 1};
    make_both("idx", spec);
    for (size_t i = 0; i < 200; i++) {
        for (size_t c = 0; c < 10; c++) assert_true(train.y[10 * i + c] == ((int)c == train.label[i]));
        kept += train.label[i] == plain.label[i];
        seen[train.label[i]]++;
    }
    for (size_t c = 0; c < 10; c++) assert_near((double)seen[c], 20, 5 * sqrt(18));
    assert_near(kept, 20, 5 * sqrt(18));
    tests_stay();
    forget();
    spec.label_noise = 0;
    spec.shuffled = true;
    make_both("idx", spec);
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < 200; i++) {
        assert_true(train.y[10 * i + (size_t)train.label[i]] == 1);
        seen[train.label[i]]++;
        seen[plain.label[i]]--;
    }
    for (size_t c = 0; c < 10; c++) assert_int_equal(seen[c], 0);
    tests_stay();
    forget();
    spec.output_noise = 1;
    assert_fails(sb_dataset_make(sb_dataset_kind_find("idx"), &spec, &train, tests, &count), SB_ERR_INPUT,
                 "there is data.label_noise");
    forget();
}

static void noise_in_outputs(void **state)
{
    static const double band[] = {1, 3, 1, 2};
    double sum = 0, square = 0, n = 100 * 16;
    (void)state;
    make_both("derivative",
              (sb_dataset_spec){.n = 100, .test = 3, .length = 16, .bands = 2, .band = band, .output_noise = 0.2});
    for (size_t i = 0; i < 1600; i++) {
        sum += (train.y[i] - plain.y[i]) / n;
        square += pow(train.y[i] - plain.y[i], 2) / n;
    }
    assert_near(sum, 0, 5 * 0.2 / sqrt(n));
    assert_near(sqrt(square), 0.2, 5 * 0.2 / sqrt(2 * n));
    tests_stay();
    forget();
    assert_fails(sb_dataset_make(sb_dataset_kind_find("derivative"),
                                 &(sb_dataset_spec){.n = 2, .length = 16, .bands = 1, .band = band, .label_noise = 0.5},
                                 &train, tests, &count),
                 SB_ERR_INPUT, "these examples have no classes");
    forget();
}

static void scaled_outputs(void **state)
{
    static const char *const both[] = {"a", "b"};
    (void)state;
    write_text(in_folder("t.csv"), "x,a,b\n1,10,1e9\n2,30,3e9\n3,20,2e9\n4,70,5e9\n");
    make_both(
        "table",
        (sb_dataset_spec){
            .file = in_folder("t.csv"), .n = 3, .test = 1, .columns = 2, .column = both, .standardise_outputs = true});
    for (size_t i = 0; i < 3; i++) {
        assert_near(train.y[2 * i], (plain.y[2 * i] - 20) / sqrt(200.0 / 3), 1e-14);
        assert_near(train.y[2 * i + 1], (plain.y[2 * i + 1] - 2e9) / (1e8 * sqrt(200.0 / 3)), 1e-14);
    }
    assert_near(tests[0].y[0], 50 / sqrt(200.0 / 3), 1e-13);
    forget();
    write_text(in_folder("c.csv"), "x,a\n1,2\n2,2\n");
    assert_fails(sb_dataset_make(sb_dataset_kind_find("table"),
                                 &(sb_dataset_spec){.file = in_folder("c.csv"), .standardise_outputs = true}, &train,
                                 tests, &count),
                 SB_ERR_INPUT, "output 1 never varies");
    forget();
}

/* Uniform amplitudes have the mean 1/2 and the mean square 1/3, within 5 deviations. */
static void uniform_amplitudes(void **state)
{
    enum { DRAWS = 2000 };
    double sum = 0, square = 0, n = DRAWS * SB_TONES;
    (void)state;
    for (size_t i = 0; i < DRAWS; i++) {
        sb_tones t = sb_tones_draw(3, 0, i, 1, 5, true);
        for (size_t k = 0; k < SB_TONES; k++) {
            sum += t.b[k] / n;
            square += t.b[k] * t.b[k] / n;
        }
    }
    assert_near(sum, 0.5, 5 * sqrt(1 / 12.0 / n));
    assert_near(square, 1 / 3.0, 5 * sqrt(4 / 45.0 / n));
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(signs_drawn_anew), cmocka_unit_test(outputs_in_another_order),
        cmocka_unit_test(classes),          cmocka_unit_test(noise_in_outputs),
        cmocka_unit_test(scaled_outputs),   cmocka_unit_test(uniform_amplitudes),
    };
    return cmocka_run_group_tests(all, make_folder, remove_folder);
}
