/* Broken files of examples: the loaders read them or say what is wrong, and never crash, hang or take much memory.
 *
 * As a test it runs cuts, flipped bits, edited headers and a fixed number of random edits of small good files. With
 * arguments, ROUNDS SEED, it runs that many rounds of random edits in child processes (make fuzz); the file of a crash
 * is kept. */
#include "common/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <png.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <specbias/dataset.h>
#include <specbias/density.h>
#include <specbias/experiment.h>
#include <specbias/rng.h>

#include "common/samples.h"

/* A sanitizer refuses what is larger, and the loader would run out of memory. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=512";
}

typedef struct sample {
    const char *kind; /* of data set */
    bool autoencoder;
    enum { PLAIN, PNG, GZIP } form; /* GZIP: edits also of what is packed */
    bytes b;
} sample;

enum { SAMPLES = 26, EDITS = 6000 };

static sample samples[SAMPLES];
static size_t known;
static int memory; /* the present case is a file in memory, which lives on when a child process does not */
static char path[64];

static bytes *add(const char *kind, bool autoencoder, int form)
{
    sample *s = &samples[known++];
    assert_true(known <= SAMPLES);
    s->kind = kind;
    s->autoencoder = autoencoder;
    s->form = form;
    s->b.n = 0;
    return &s->b;
}

static void make_samples(void)
{
    static bytes plain;
    bytes *b;
    known = 0;
    idx_images(add("idx", true, PLAIN), 3, 2, 2);
    idx_labels(add("idx", true, PLAIN), 5);
    start_idx(b = add("idx", false, PLAIN), 0x0C, 1, (size_t[]){5}); /* labels of themselves */
    for (size_t i = 0; i < 5; i++) put_whole(b, 4, i % 3);
    b = add("idx", true, PLAIN);
    start_idx(b, 0x0D, 2, (size_t[]){2, 2});
    for (size_t i = 0; i < 4; i++) put_whole(b, 4, 0x3F800000 + i);
    start_idx(b = add("idx", true, PLAIN), 0x0C, 4, (size_t[]){1, 2, 1, 2});
    for (size_t i = 0; i < 4; i++) put_whole(b, 4, i);
    idx_images(&plain, 3, 2, 2);
    pack(&plain, add("idx", true, GZIP));
    put_text(add("table", false, PLAIN), "a,\"b\",c\n1,2,3\n4,5.5,-6e1\n");
    put_text(add("table", false, PLAIN), "# c\n\n2,3,,\r\nx,y,z,w\r\n1,2,3,4\r\n4,\"5\",6,7");
    put_text(add("table", false, PLAIN), "1\t2\n3\t4\n");
    put_text(add("table", false, PLAIN), "# x y z\n 1 2  4\n4,5 5,5\t-6e1\n");
    put_text(add("table", false, PLAIN), ";\"x\";y;\n0;0,25;NA;\n1;8;-1,5;\n2;1,000;7;\n");
    put_text(b = add("table", false, PLAIN), "\xFF\xFE");
    for (const char *c = "x,y\n1,2\n"; *c; c++) put_whole(b, 2, (unsigned)*c << 8);
    plain.n = 0;
    put_text(&plain, "3|1|2\r1|2|3\r");
    pack(&plain, add("table", false, GZIP));
    put_text(add("density", false, PLAIN), "w rho\n0 1\n1,5 0,5\n3 0\n");
    put_text(
        add("config", false, PLAIN),
        "\xEF\xBB\xBF/* @include */ name = \"a\"; # b\r\nnet = { width = 0x40; }; // c\ntarget: { xi = (1.0, 2e0) }\n");
    put_text(b = add("config", false, PLAIN), "\xFE\xFF");
    for (const char *c = "train:{eta=.5;}\n"; *c; c++) put_whole(b, 2, (unsigned)*c);
    put_text(add("image", false, PLAIN), "P2\n# c\n3 2\n9\n0 1 2\n3 4 9\n");
    put_text(add("image", false, PLAIN), "P5 3 2 255 abcdef");
    put_text(add("image", false, PLAIN), "P5 2 2 999 \1a\1b\2c\3d");
    make_png(add("image", false, PNG), PNG_COLOR_TYPE_GRAY, 8, false, 5, 4);
    make_png(add("image", false, PNG), PNG_COLOR_TYPE_RGB, 16, true, 3, 3);
    make_png(add("image", false, PNG), PNG_COLOR_TYPE_PALETTE, 2, true, 6, 3);
    make_png(add("image", false, PNG), PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, 4, 4);
    cifar_records(add("cifar", false, PLAIN), 2);
    b = add("cifar", false, PLAIN);
    for (unsigned i = 0; i < 3074; i++) put_byte(b, i % 20);
    start_idx(b = add("idx", false, PLAIN), 0x0C, 2, (size_t[]){2, 3}); /* labels of themselves, in rows */
    for (size_t i = 0; i < 6; i++) put_whole(b, 4, i);
}

static void write_case(const bytes *b)
{
    assert_int_equal(ftruncate(memory, 0), 0);
    assert_int_equal(pwrite(memory, b->data, b->n, 0), b->n);
}

/* Read by another reader than those of data sets. */
static bool is_text(const sample *s)
{
    return strcmp(s->kind, "density") == 0 || strcmp(s->kind, "config") == 0;
}

static sb_status read_config(void)
{
    sb_config config = {0};
    assert_ok(sb_config_init(&config));
    sb_status status = sb_config_read(&config, path);
    sb_config_clear(&config);
    return status;
}

static sb_status read_text_of(const sample *s)
{
    if (strcmp(s->kind, "config") == 0) return read_config();
    size_t n = 0;
    double *w = NULL, *rho = NULL;
    sb_status status = sb_density_read_table(path, &n, &w, &rho);
    for (size_t i = 0; i < n; i++) assert_true(isfinite(w[i]) && isfinite(rho[i]) && rho[i] >= 0);
    free(w);
    free(rho);
    return status;
}

static sb_dataset_spec spec_of(const sample *s, const char *header, const char *missing)
{
    return (sb_dataset_spec){.file = path,
                             .labels = strcmp(s->kind, "cifar") == 0 ? "" : path,
                             .autoencoder = s->autoencoder,
                             .seed = 1,
                             .standardise = "unit",
                             .header = header,
                             .missing = missing};
}

/* Every number of what was read is finite; what was not read has a reason that names the file. */
static void check_set(const sample *s, const char *header, const char *missing)
{
    sb_dataset train = {0}, tests[SB_TEST_SETS] = {0};
    size_t count;
    sb_dataset_spec spec = spec_of(s, header, missing);
    sb_status status = sb_dataset_make(sb_dataset_kind_find(s->kind), &spec, &train, tests, &count);
    if (status == SB_OK) {
        for (size_t i = 0; i < train.n * sb_shape_size(train.input); i++) assert_true(isfinite(train.x[i]));
        for (size_t i = 0; i < train.n * sb_shape_size(train.output); i++) assert_true(isfinite(train.y[i]));
    } else {
        assert_int_equal(status, SB_ERR_INPUT);
        assert_non_null(strstr(sb_error_text(), path));
        assert_null(train.x);
    }
    sb_dataset_clear(&train);
    for (size_t i = 0; i < SB_TEST_SETS; i++) sb_dataset_clear(&tests[i]);
}

static void check(const sample *s, const bytes *b)
{
    write_case(b);
    if (is_text(s)) {
        if (read_text_of(s) != SB_OK) assert_non_null(strstr(sb_error_text(), path));
        return;
    }
    check_set(s, "auto", "error");
    if (strcmp(s->kind, "table") != 0) return;
    check_set(s, "yes", "drop");
    check_set(s, "no", "drop");
}

/* ---- edits ---- */

static const uint32_t extreme[] = {0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
enum { EXTREMES = sizeof extreme / sizeof extreme[0] };

/* Extreme number `which` as four bytes, the highest first. */
static void put_extreme(bytes *b, size_t at, size_t which)
{
    for (size_t i = 0; i < 4 && at + i < b->n; i++) b->data[at + i] = (unsigned char)(extreme[which] >> (24 - 8 * i));
}

static size_t below(sb_rng *rng, size_t n)
{
    return (size_t)(sb_rng_uniform(rng) * (double)n);
}

static void insert(sb_rng *rng, bytes *b)
{
    static const char likely[] = "0123456789,;\t\"\n\r#.-+e \0P25n";
    size_t at = below(rng, b->n + 1);
    if (b->n + 1 >= MOST_BYTES) return;
    memmove(b->data + at + 1, b->data + at, b->n - at);
    b->data[at] = sb_rng_uniform(rng) < 0.5 ? (unsigned char)below(rng, 256)
                                            : (unsigned char)likely[below(rng, sizeof likely - 1)];
    b->n++;
}

/* Leaves out some bytes, or says them twice. */
static void splice(sb_rng *rng, bytes *b)
{
    if (b->n == 0) return;
    size_t from = below(rng, b->n), length = 1 + below(rng, b->n - from < 32 ? b->n - from : 32);
    if (sb_rng_uniform(rng) < 0.5) {
        memmove(b->data + from, b->data + from + length, b->n - from - length);
        b->n -= length;
    } else if (b->n + length < MOST_BYTES) {
        memmove(b->data + from + length, b->data + from, b->n - from);
        b->n += length;
    }
}

static void edit(sb_rng *rng, bytes *b)
{
    switch (below(rng, 6)) {
    case 0: b->n = below(rng, b->n + 1); break;
    case 1: insert(rng, b); break;
    case 2: splice(rng, b); break;
    case 3: put_extreme(b, below(rng, b->n + 1), below(rng, EXTREMES)); break;
    case 4: put_extreme(b, below(rng, b->n < 32 ? b->n + 1 : 32), below(rng, EXTREMES)); break;
    default:
        if (b->n > 0) b->data[below(rng, b->n)] ^= (unsigned char)(1u << below(rng, 8));
    }
}

/* Case `index` of a seed: a few edits of one of the samples. */
static void random_case(uint64_t seed, uint64_t index)
{
    static bytes b, plain;
    sb_rng rng = sb_rng_at(seed, SB_STREAM_DATA, index);
    const sample *s = &samples[below(&rng, known)];
    bool inside = s->form == GZIP && sb_rng_uniform(&rng) < 0.5;
    if (inside)
        idx_images(&b, 3, 2, 2);
    else
        b = s->b;
    for (size_t edits = 1 + below(&rng, 4); edits-- > 0;) edit(&rng, &b);
    if (s->form == PNG && sb_rng_uniform(&rng) < 0.8) repair_png(&b);
    if (inside) {
        plain = b;
        pack(&plain, &b);
    }
    check(s, &b);
}

/* ---- the test ---- */

static void good_files_are_read(void **state)
{
    (void)state;
    for (size_t k = 0; k < known; k++) {
        sb_dataset train = {0}, tests[SB_TEST_SETS] = {0};
        size_t count;
        sb_dataset_spec spec = spec_of(&samples[k], "auto", "drop");
        write_case(&samples[k].b);
        if (is_text(&samples[k])) {
            assert_ok(read_text_of(&samples[k]));
            continue;
        }
        assert_ok(sb_dataset_make(sb_dataset_kind_find(samples[k].kind), &spec, &train, tests, &count));
        assert_true(train.n > 0);
        sb_dataset_clear(&train);
    }
}

static void cut_at_every_length(void **state)
{
    static bytes b;
    (void)state;
    for (size_t k = 0; k < known; k++)
        for (size_t n = 0; n<samples[k].b.n; n += samples[k].b.n> 1000 ? 97 : 1) {
            b = samples[k].b;
            b.n = n;
            check(&samples[k], &b);
        }
}

static void every_bit_flipped(void **state)
{
    static bytes b;
    (void)state;
    for (size_t k = 0; k < known; k++)
        for (size_t bit = 0; bit<8 * samples[k].b.n; bit += samples[k].b.n> 1000 ? 397 : 1) {
            b = samples[k].b;
            b.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
            if (samples[k].form == PNG) repair_png(&b);
            check(&samples[k], &b);
        }
}

static void edited_headers(void **state)
{
    static bytes b;
    (void)state;
    for (size_t k = 0; k < known; k++)
        for (size_t at = 0; at < 30 && at < samples[k].b.n; at++)
            for (size_t which = 0; which < EXTREMES; which++) {
                b = samples[k].b;
                put_extreme(&b, at, which);
                if (samples[k].form == PNG) repair_png(&b);
                check(&samples[k], &b);
            }
}

static void random_edits(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < EDITS; i++) random_case(1, i);
}

/* ---- make fuzz ---- */

/* A round of cases in a process of its own; false: it crashed, failed or took more than a minute. */
static bool child_round(uint64_t seed, uint64_t round)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        for (uint64_t i = 0; i < EDITS; i++) random_case(seed, round * EDITS + i);
        exit(0);
    }
    int how = 0;
    return child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

/* Writes the present case to a file. */
static void keep_case(const char *name)
{
    static bytes b;
    ssize_t n = pread(memory, b.data, MOST_BYTES, 0);
    b.n = n > 0 ? (size_t)n : 0;
    write_bytes(name, &b);
}

static int fuzz(uint64_t rounds, uint64_t seed)
{
    const char *build = getenv("SPECBIAS_BUILD");
    char name[1024];
    for (uint64_t round = 0; round < rounds; round++) {
        if (!child_round(seed, round)) {
            snprintf(name, sizeof name, "%s/fuzz.case", build ? build : ".");
            keep_case(name);
            printf("\nseed %" PRIu64 ", round %" PRIu64 ": broke on the file %s\n", seed, round, name);
            return 1;
        }
        printf("\rseed %" PRIu64 ": %" PRIu64 " files", seed, (round + 1) * EDITS);
        fflush(stdout);
    }
    printf(", none broke a loader\n");
    return 0;
}

int main(int argc, char **argv)
{
    const struct rlimit most = {(rlim_t)2 << 30, (rlim_t)2 << 30};
    if (!sanitized()) setrlimit(RLIMIT_AS, &most); /* the shadow of a sanitizer is larger */
    memory = memfd_create("case", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    make_samples();
    if (argc > 2) return fuzz(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_are_read), cmocka_unit_test(cut_at_every_length),
        cmocka_unit_test(every_bit_flipped),   cmocka_unit_test(edited_headers),
        cmocka_unit_test(random_edits),
    };
    return cmocka_run_group_tests_name("fuzz_data", tests, NULL, NULL);
}
