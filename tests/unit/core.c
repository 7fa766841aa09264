/* What everything stands on: status and its text, random numbers and laws, threads, files, monitors, integration. */
#include "common/test.h"

#include <complex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include <specbias/monitor.h>
#include <specbias/net.h>
#include <specbias/rng.h>

#include "core/file.h"
#include "core/linalg.h"
#include "core/ode.h"
#include "core/parallel.h"

#include "common/files.h"

/* ---- status ---- */

static void every_status_has_its_text(void **state)
{
    (void)state;
    for (int a = SB_OK; a <= SB_ERR_INTERRUPTED; a++) {
        assert_true(strlen(sb_status_text(a)) > 0);
        assert_string_not_equal(sb_status_text(a), "unknown status");
        for (int b = SB_OK; b < a; b++) assert_string_not_equal(sb_status_text(a), sb_status_text(b));
    }
    assert_string_equal(sb_status_text(SB_ERR_INPUT), "bad input");
    assert_string_equal(sb_status_text((sb_status)99), "unknown status");
}

static void *fail_elsewhere(void *unused)
{
    sb_fail(SB_ERR_IO, "another thread's trouble");
    return unused;
}

static void error_text_is_the_threads_own(void **state)
{
    pthread_t other;
    char large[5000];
    (void)state;
    assert_int_equal(sb_fail(SB_ERR_NUMERIC, "%s %d", "number", 7), SB_ERR_NUMERIC);
    assert_string_equal(sb_error_text(), "number 7");
    assert_int_equal(pthread_create(&other, NULL, fail_elsewhere, NULL), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_string_equal(sb_error_text(), "number 7");
    sb_fail(SB_ERR_INPUT, "again: %s", sb_error_text()); /* its own text as an argument */
    assert_string_equal(sb_error_text(), "again: number 7");
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    sb_fail(SB_ERR_INPUT, "%s", large);
    assert_in_range(strlen(sb_error_text()), 500, sizeof large - 1);
}

/* ---- random numbers ---- */

/* Philox4x64-10 of counter 0 and key 0: known answer of Random123 (kat_vectors). */
static void known_answer(void **state)
{
    static const uint64_t words[4] = {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b};
    sb_rng rng = sb_rng_at(0, 0, 0);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        double uniform = sb_rng_uniform(&rng);
        assert_true(uniform == ((double)(words[i] >> 12) + 0.5) * 0x1p-52);
    }
}

static void streams_are_reproducible_and_differ(void **state)
{
    enum { NAMES = 6, LENGTH = 50 };
    static const uint64_t name[NAMES][3] = {{1, 0, 0}, {2, 0, 0}, {1, SB_STREAM_DRAW, 0},
                                            {1, 0, 1}, {0, 1, 0}, {0, 0, 1}};
    double numbers[NAMES][LENGTH];
    (void)state;
    for (size_t s = 0; s < NAMES; s++) {
        sb_rng rng = sb_rng_at(name[s][0], name[s][1], name[s][2]), again = rng;
        for (size_t i = 0; i < LENGTH; i++) {
            numbers[s][i] = sb_rng_uniform(&rng);
            assert_true(numbers[s][i] == sb_rng_uniform(&again));
            for (size_t before = 0; before < s; before++)
                for (size_t k = 0; k < LENGTH; k++) assert_true(numbers[s][i] != numbers[before][k]);
        }
    }
}

typedef struct moments {
    double mean, second, mean_abs, lowest, highest;
} moments;

enum { SAMPLES = 200000 };

static moments moments_of(double (*sample)(sb_rng *rng))
{
    moments m = {.lowest = INFINITY, .highest = -INFINITY};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        sb_rng rng = sb_rng_at(11, SB_STREAM_DATA, i); /* as neurons take them: a stream each */
        double x = sample(&rng);
        m.mean += x / SAMPLES;
        m.second += x * x / SAMPLES;
        m.mean_abs += fabs(x) / SAMPLES;
        m.lowest = fmin(m.lowest, x);
        m.highest = fmax(m.highest, x);
    }
    return m;
}

static const double five_sigma = 5 / 447.2; /* of a mean of SAMPLES numbers of variance 1 */

static void uniform_numbers(void **state)
{
    moments m = moments_of(sb_rng_uniform);
    (void)state;
    assert_near(m.mean, 0.5, five_sigma / sqrt(12));
    assert_near(m.second, 1.0 / 3, five_sigma * sqrt(4.0 / 45));
    assert_true(m.lowest > 0 && m.lowest < 1e-3 && m.highest < 1 && m.highest > 1 - 1e-3);
}

static void normal_numbers(void **state)
{
    moments m = moments_of(sb_rng_normal);
    (void)state;
    assert_near(m.mean, 0, five_sigma);
    assert_near(m.second, 1, five_sigma * sqrt(2));
    assert_true(m.highest > 4 && m.highest < 6.5 && m.lowest < -4 && m.lowest > -6.5);
}

/* Successive numbers of one stream are independent too. */
static void numbers_of_one_stream_do_not_correlate(void **state)
{
    sb_rng rng = sb_rng_at(3, SB_STREAM_DATA, 0);
    double product = 0, before = sb_rng_uniform(&rng) - 0.5;
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        double now = sb_rng_uniform(&rng) - 0.5;
        product += before * now / SAMPLES;
        before = now;
    }
    assert_near(product, 0, five_sigma / 12);
}

static void laws_have_the_moments_they_claim(void **state)
{
    (void)state;
    for (size_t i = 0; sb_law_at(i); i++) {
        const sb_law *law = sb_law_at(i);
        moments m = moments_of(law->sample);
        assert_ptr_equal(sb_law_find(law->name), law);
        assert_near(m.mean, 0, five_sigma);
        assert_near(m.second, law->second_moment, five_sigma * sqrt(2)); /* no law has a larger fourth moment than 3 */
        if (law->fixed_abs > 0)
            assert_true(m.lowest == -law->fixed_abs && m.highest == law->fixed_abs);
        else
            assert_true(m.highest <= law->max_abs && law->density_abs(0.999 * m.highest) > 1e-6);
    }
    assert_null(sb_law_find("cauchy"));
}

typedef double law_function(const sb_law *law, double r, double t);

static double power_of(const sb_law *law, double r, double t)
{
    return law->density_abs(r) * pow(r, t);
}

static double mean_of(const sb_law *law, double r, double t)
{
    return law->density_abs(r) * cos(r * t);
}

static double first_of(const sb_law *law, double r, double t)
{
    return law->density_abs(r) * r * sin(r * t);
}

static double second_of(const sb_law *law, double r, double t)
{
    return law->density_abs(r) * r * r * cos(r * t);
}

static double wave_at(const sb_law *law, double v, double power)
{
    sb_wave wave;
    law->wave(v, &wave);
    return wave.mean * pow(v, power);
}

/* int_0^end f dr; Gauss-Legendre panels */
static double law_integral(law_function *f, const sb_law *law, double end, double t)
{
    enum { PANELS = 40 };
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(20);
    double sum = 0, r, weight;
    assert_non_null(table);
    for (size_t i = 0; i < 20 * PANELS; i++) {
        double left = end * (double)(i / 20) / PANELS;
        gsl_integration_glfixed_point(left, left + end / PANELS, i % 20, &r, &weight, table);
        sum += weight * f(law, r, t);
    }
    gsl_integration_glfixed_table_free(table);
    return sum;
}

/* Densities, moments and waves, by which theories and kernels average, are of one law. Beyond 12 the normal density is
 * below 1e-31. */
static void densities_and_waves_are_of_the_law(void **state)
{
    static const double at[] = {0, 1e-9, 0.3, 0.999999, 1.000001, 2.5, 20, -4};
    (void)state;
    for (size_t i = 0; sb_law_at(i); i++) {
        const sb_law *law = sb_law_at(i);
        double end = fmin(law->max_abs, 12);
        for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
            sb_wave wave;
            double t = at[k];
            law->wave(t, &wave);
            assert_near(wave.area, law_integral(wave_at, law, t, 0), 1e-14);
            assert_near(wave.moment, law_integral(wave_at, law, t, 2), 2e-13);
            if (!law->density_abs) {
                assert_true(wave.mean == cos(t) && wave.first == sin(t) && wave.second == cos(t));
                continue;
            }
            assert_near(wave.mean, law_integral(mean_of, law, end, t), 1e-14);
            assert_near(wave.first, law_integral(first_of, law, end, t), 1e-14);
            assert_near(wave.second, law_integral(second_of, law, end, t), 1e-14);
        }
        if (!law->density_abs) continue;
        assert_near(law_integral(power_of, law, end, 0), 1, 1e-14);
        assert_near(law_integral(power_of, law, end, 1), moments_of(law->sample).mean_abs, five_sigma);
        assert_near(law_integral(power_of, law, end, 2), law->second_moment, 1e-14);
    }
}

/* ---- threads ---- */

enum { TASKS = 1000 };

static sb_status count_call(void *context, size_t index)
{
    atomic_int *calls = context;
    atomic_fetch_add(&calls[index], 1);
    return SB_OK;
}

static void every_index_once(void **state)
{
    static const size_t counts[] = {0, 1, 2, TASKS};
    (void)state;
    for (size_t threads = 0; threads <= 5; threads++)
        for (size_t c = 0; c < 4; c++) {
            atomic_int calls[TASKS];
            for (size_t i = 0; i < TASKS; i++) atomic_init(&calls[i], 0);
            assert_ok(sb_parallel_for(threads, counts[c], count_call, calls));
            for (size_t i = 0; i < TASKS; i++) assert_int_equal(atomic_load(&calls[i]), i < counts[c]);
        }
    assert_in_range(sb_cores(), 1, 100000);
}

static sb_status fail_at_37(void *context, size_t index)
{
    atomic_int *calls = context;
    atomic_fetch_add(calls, 1);
    return index == 37 ? sb_fail(SB_ERR_NUMERIC, "index %zu is bad", index) : SB_OK;
}

static void first_failure_reaches_the_caller(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= 4; threads++) {
        atomic_int calls;
        atomic_init(&calls, 0);
        sb_fail(SB_ERR_IO, "old trouble");
        assert_fails(sb_parallel_for(threads, 1000000, fail_at_37, &calls), SB_ERR_NUMERIC, "index 37 is bad");
        assert_in_range(atomic_load(&calls), 38, 999999); /* the rest did not start */
    }
}

/* Index 37 fails when 38 has long failed, if that is another thread's. */
static sb_status fail_late(void *context, size_t index)
{
    atomic_bool *failed = context;
    if (index == 38) atomic_store(failed, true);
    for (int spins = 0; index == 37 && !atomic_load(failed) && spins < 100; spins++) usleep(1000);
    if (index == 37) usleep(20000);
    return index == 37 || index == 38 ? sb_fail(SB_ERR_NUMERIC, "index %zu is bad", index) : SB_OK;
}

static void lowest_index_is_told(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= 4; threads++) {
        atomic_bool failed;
        atomic_init(&failed, false);
        assert_fails(sb_parallel_for(threads, 1000, fail_late, &failed), SB_ERR_NUMERIC, "index 37 is bad");
    }
}

/* Members meet twice in each round; whoever ran ahead would see a wrong sum. */
typedef struct meeting {
    sb_barrier barrier;
    size_t members;
    atomic_size_t seen[8], sum;
    size_t fails; /* this member fails; none when = members */
} meeting;

static sb_status meet(void *context, size_t me)
{
    enum { ROUNDS = 200 };
    meeting *all = context;
    atomic_fetch_add(&all->seen[me], 1);
    bool right = true;
    for (size_t round = 1; round <= ROUNDS; round++) {
        atomic_fetch_add(&all->sum, me + 1);
        sb_barrier_wait(&all->barrier);
        right = right && atomic_load(&all->sum) == round * all->members * (all->members + 1) / 2;
        sb_barrier_wait(&all->barrier);
    }
    if (!right) return sb_fail(SB_ERR_NUMERIC, "member %zu was not waited for", me);
    return me == all->fails ? sb_fail(SB_ERR_IO, "member %zu fails", me) : SB_OK;
}

static void run_team(meeting *all, size_t members, size_t fails, sb_status wanted, const char *words)
{
    all->members = members;
    all->fails = fails;
    atomic_init(&all->sum, 0);
    for (size_t i = 0; i < 8; i++) atomic_init(&all->seen[i], 0);
    sb_barrier_init(&all->barrier, members);
    sb_status status = sb_parallel_team(members, meet, all);
    if (wanted == SB_OK)
        assert_ok(status);
    else
        assert_fails(status, wanted, words);
    for (size_t i = 0; i < 8; i++) assert_int_equal(atomic_load(&all->seen[i]), i < members);
}

static void team_members_run_together(void **state)
{
    meeting all;
    (void)state;
    for (size_t members = 1; members <= 4; members++) run_team(&all, members, members, SB_OK, NULL);
    run_team(&all, 3, 0, SB_ERR_IO, "member 0 fails");
    run_team(&all, 3, 2, SB_ERR_IO, "member 2 fails");
}

/* ---- files ---- */

static void written_files_appear_whole(void **state)
{
    sb_writer writer;
    const char *path = in_folder("whole.txt");
    size_t before = files_in_folder();
    (void)state;
    assert_ok(sb_writer_open(&writer, path));
    fputs("first", writer.stream);
    assert_false(file_exists(path)); /* not yet */
    assert_ok(sb_writer_close(&writer, SB_OK));
    assert_ok(sb_writer_open(&writer, path));
    fputs("second", writer.stream);
    char *text = read_text(path);
    assert_string_equal(text, "first"); /* the old one until the new one is whole */
    free(text);
    assert_ok(sb_writer_close(&writer, SB_OK));
    text = read_text(path);
    assert_string_equal(text, "second");
    free(text);
    assert_int_equal(files_in_folder(), before + 1);
}

static void failed_work_leaves_no_file(void **state)
{
    sb_writer writer;
    const char *path = in_folder("failed.txt");
    size_t before = files_in_folder();
    (void)state;
    assert_ok(sb_writer_open(&writer, path));
    fputs("half", writer.stream);
    sb_fail(SB_ERR_NUMERIC, "diverged");
    assert_fails(sb_writer_close(&writer, SB_ERR_NUMERIC), SB_ERR_NUMERIC, "diverged");
    assert_false(file_exists(path));
    assert_int_equal(files_in_folder(), before);
}

/* A limit on the size of files stands for a full disk. */
static void fill_disk(int bytes)
{
    sb_writer writer;
    const char *path = in_folder("full.txt");
    size_t before = files_in_folder();
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 100, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_ok(sb_writer_open(&writer, path));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < bytes; i++) fputc('x', writer.stream);
    sb_status status = sb_writer_close(&writer, SB_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_fails(status, SB_ERR_IO, path);
    assert_false(file_exists(path));
    assert_int_equal(files_in_folder(), before);
}

static void full_disk_leaves_no_file(void **state)
{
    (void)state;
    fill_disk(200);   /* seen when the file is closed */
    fill_disk(20000); /* seen earlier */
}

static void unwritable_paths(void **state)
{
    sb_writer writer;
    char *text = NULL, large[6000];
    (void)state;
    assert_fails(sb_writer_open(&writer, in_folder("no folder/x")), SB_ERR_IO, "no folder/x");
    assert_int_equal(sb_writer_close(&writer, SB_ERR_IO), SB_ERR_IO); /* closing what never opened is harmless */
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_fails(sb_writer_open(&writer, large), SB_ERR_IO, "path too long");
    assert_fails(sb_read_file(in_folder("missing"), &text, NULL), SB_ERR_INPUT, "missing");
    assert_fails(sb_read_file(in_folder("."), &text, NULL), SB_ERR_INPUT, "directory");
    assert_null(text);
}

static void long_files_are_read_whole(void **state)
{
    enum { LENGTH = 200001 };
    char *text = malloc(LENGTH + 1), *again = NULL;
    size_t length = 0;
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < LENGTH; i++) text[i] = (char)('a' + i % 23);
    text[LENGTH] = '\0';
    write_text(in_folder("long.txt"), text);
    assert_ok(sb_read_file(in_folder("long.txt"), &again, &length));
    assert_int_equal(length, LENGTH);
    assert_string_equal(again, text);
    free(text);
    free(again);
}

static void numbers_are_written_to_be_read_back(void **state)
{
    static const double numbers[] = {
        0, -0.0, 1, -3, 0.1, 1.0 / 3, 1e300, 5e-324, 123456789012345680, 0x1.fffffffffffffp-1};
    sb_writer writer;
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_ok(sb_writer_open(&writer, in_folder("number")));
        sb_write_real(writer.stream, numbers[i]);
        assert_ok(sb_writer_close(&writer, SB_OK));
        char *text = read_text(in_folder("number"));
        double again = strtod(text, NULL);
        assert_memory_equal(&again, &numbers[i], sizeof again);
        assert_non_null(strpbrk(text, ".e")); /* or libconfig takes it for an integer */
        if (numbers[i] == 0.1) assert_string_equal(text, "0.1");
        if (numbers[i] == 1) assert_string_equal(text, "1.0");
        free(text);
    }
}

/* ---- monitors ---- */

static bool note_progress(void *context, const char *stage, double done, double total)
{
    double *seen = context;
    assert_string_equal(stage, "stage");
    *seen = done / total;
    return done < total;
}

static void note_warning(void *context, const char *text)
{
    *(double *)context = strcmp(text, "kernel is singular: 3 points") == 0 ? 3 : 0;
}

static void monitors(void **state)
{
    double seen = 0;
    const sb_monitor silent = {0}, monitor = {.progress = note_progress, .warn = note_warning, .context = &seen};
    (void)state;
    assert_ok(sb_monitor_progress(NULL, "stage", 1, 2));
    assert_ok(sb_monitor_progress(&silent, "stage", 1, 2));
    sb_monitor_warn(NULL, "unheard");
    sb_monitor_warn(&silent, "unheard");
    assert_ok(sb_monitor_progress(&monitor, "stage", 1, 2));
    assert_true(seen == 0.5);
    assert_fails(sb_monitor_progress(&monitor, "stage", 2, 2), SB_ERR_INTERRUPTED, "stage");
    sb_monitor_warn(&monitor, "kernel is %s: %d points", "singular", 3);
    assert_true(seen == 3);
}

/* ---- integration ---- */

typedef struct oscillator {
    double recorded[4];
} oscillator;

static sb_status turn(void *context, double t, const double *y, double *dy)
{
    (void)context, (void)t;
    dy[0] = y[1];
    dy[1] = -y[0];
    return SB_OK;
}

static sb_status record(void *context, size_t i, const double *y)
{
    ((oscillator *)context)->recorded[i] = y[0];
    return SB_OK;
}

static int handled;

static void our_handler(const char *reason, const char *file, int line, int code)
{
    (void)reason, (void)file, (void)line, (void)code;
    handled++;
}

static void integration(void **state)
{
    static const double t[] = {0, 0.5, 3, 10}, step[] = {0, 1, 2, 10};
    static const char *const methods[] = {"rk8pd", "rkf45"};
    oscillator swing;
    const sb_ode ode = {.size = 2, .rate = turn, .record = record, .context = &swing};
    (void)state;
    gsl_error_handler_t *before = gsl_set_error_handler(our_handler);
    for (size_t m = 0; m < 2; m++) {
        double y[2] = {1, 0};
        assert_ok(sb_ode_integrate(&ode, methods[m], 1e-12, 4, t, NULL, "ode", y));
        for (size_t i = 0; i < 4; i++) assert_near(swing.recorded[i], cos(t[i]), 1e-9);
    }
    double y[2] = {1, 0};
    assert_fails(sb_ode_integrate(&ode, "euler", 1e-12, 4, t, NULL, "ode", y), SB_ERR_UNSUPPORTED, "euler");
    assert_ok(sb_ode_steps(&ode, 0.5, 4, step, NULL, "ode", y));
    assert_true(swing.recorded[1] == 1 && swing.recorded[2] == 0.75); /* 1, 1, 1 - 1/4 */
    assert_near(swing.recorded[3], creal(cpow(1 - 0.5 * I, 10)), 1e-13);
    /* the program's own GSL error handler is back */
    assert_ptr_equal(gsl_set_error_handler(before), our_handler);
    assert_int_equal(handled, 0);
}

/* ---- linear algebra ---- */

/* B^T B = A^T A, also where rows are nearly dependent. */
static void fewer_features_do_the_same(void **state)
{
    enum { COUNT = 500, N = 7 };
    static double a[COUNT * N], gram[N * N];
    (void)state;
    for (size_t f = 0; f < COUNT; f++)
        for (size_t i = 0; i < N; i++) a[f * N + i] = sin((double)f * (1 + 0.01 * (double)i));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            for (size_t f = 0; f < COUNT; f++) gram[i * N + j] += a[f * N + i] * a[f * N + j];
    assert_int_equal(sb_compress(COUNT, N, a), SB_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t f = 0; f < N; f++) sum += a[f * N + i] * a[f * N + j];
            assert_true(fabs(sum - gram[i * N + j]) <= 1e-12 * gram[0]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_text),
        cmocka_unit_test(error_text_is_the_threads_own),
        cmocka_unit_test(known_answer),
        cmocka_unit_test(streams_are_reproducible_and_differ),
        cmocka_unit_test(uniform_numbers),
        cmocka_unit_test(normal_numbers),
        cmocka_unit_test(numbers_of_one_stream_do_not_correlate),
        cmocka_unit_test(laws_have_the_moments_they_claim),
        cmocka_unit_test(densities_and_waves_are_of_the_law),
        cmocka_unit_test(every_index_once),
        cmocka_unit_test(first_failure_reaches_the_caller),
        cmocka_unit_test(lowest_index_is_told),
        cmocka_unit_test(team_members_run_together),
        cmocka_unit_test(written_files_appear_whole),
        cmocka_unit_test(failed_work_leaves_no_file),
        cmocka_unit_test(full_disk_leaves_no_file),
        cmocka_unit_test(unwritable_paths),
        cmocka_unit_test(long_files_are_read_whole),
        cmocka_unit_test(numbers_are_written_to_be_read_back),
        cmocka_unit_test(monitors),
        cmocka_unit_test(integration),
        cmocka_unit_test(fewer_features_do_the_same),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
