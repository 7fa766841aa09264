/* Run directories that lie: tables of other shapes, forms and values, other keys, links, checkpoints of other places,
 * most of them under seals made anew. Every stage refuses them in words or goes on, and never crashes, hangs or runs
 * away.
 *
 * As a test it runs a few hundred directories; with arguments, TRIALS SEED, as many as wanted
 * (tests/long/strangers.sh). */
#include "common/test.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include <specbias/experiment.h>
#include <specbias/report.h>
#include <specbias/rng.h>

#include "common/files.h"
#include "core/file.h"
#include "core/text.h"

enum { MOST_FILES = 80, TRIALS = 200 };

typedef struct file {
    char name[512]; /* in the directory */
    char *bytes;
    size_t length;
} file;

static char directory[1024];
static file pristine[MOST_FILES];
static size_t files;
static sb_rng rng;

/* ---- a small run ---- */

static const char *const keys[] = {
    "name=fuzz",
    "data.n=6",
    "target.xi=1.0,2.0",
    "net.width=32",
    "train.time=10.0",
    "train.records=8",
    "seeds.count=2",
    "forecast.draws=4",
    "forecast.modes=8",
    "train.eta=0.05",
    "train.checkpoint=0.0",
    "forecast.sources=lfp,ntk.infinite,ntk.empirical,law",
    "forecast.rehearsals=3",
    "forecast.tolerance=0.5",
};

static size_t below(size_t n)
{
    return (size_t)(sb_rng_uniform(&rng) * (double)n);
}

static bool interrupt(void *context, const char *stage, double done, double total)
{
    (void)context;
    return strcmp(stage, "train") != 0 || done < 0.3 * total;
}

static sb_stage stage_of(const sb_monitor *monitor)
{
    return (sb_stage){.directory = directory, .jobs = 1, .monitor = monitor};
}

static void keep(const char *folder)
{
    char path[2048];
    snprintf(path, sizeof path, "%s/%s", directory, folder);
    DIR *open = opendir(path);
    for (struct dirent *entry; open && (entry = readdir(open));) {
        struct stat info;
        file *f = &pristine[files];
        if (*entry->d_name == '.') continue;
        snprintf(f->name, sizeof f->name, "%s%s%s", folder, *folder ? "/" : "", entry->d_name);
        snprintf(path, sizeof path, "%s/%s", directory, f->name);
        if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) continue;
        assert_ok(sb_read_file(path, &f->bytes, &f->length));
        assert_true(++files < MOST_FILES);
    }
    if (open) closedir(open);
}

static void make_run(void)
{
    sb_config config = {0};
    sb_case cas;
    sb_summary summary;
    char seal[65];
    const sb_monitor stopping = {.progress = interrupt};
    sb_stage stage = stage_of(NULL), stopped = stage_of(&stopping);
    snprintf(directory, sizeof directory, "%s", in_folder("run"));
    assert_ok(sb_config_init(&config));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) assert_ok(sb_config_set(&config, keys[i]));
    assert_ok(sb_case_create(&config, NULL, &cas));
    assert_ok(sb_forecast_stage(&cas, &stage, seal));
    assert_int_equal(sb_train_stage(&cas, &stopped, NULL), SB_ERR_INTERRUPTED);
    keep("checkpoints");
    assert_int_equal(files, 1);
    stage.resume = true;
    assert_ok(sb_train_stage(&cas, &stage, NULL));
    assert_ok(sb_compare_stage(&cas, &stage, &summary));
    sb_summary_clear(&summary);
    sb_case_clear(&cas);
    sb_config_clear(&config);
    keep("");
    keep("decay");
}

/* ---- files ---- */

static const char *path_of(const char *name)
{
    static char path[2048];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void put(const char *name, const char *bytes, size_t length)
{
    if (unlink(path_of(name)) != 0) rmdir(path_of(name)); /* it may be a pipe or a folder by now */
    FILE *stream = fopen(path_of(name), "wb");
    assert_non_null(stream);
    fwrite(bytes, 1, length, stream);
    fclose(stream);
}

static void empty_folder(const char *folder)
{
    char path[4096];
    DIR *open = opendir(path_of(folder));
    for (struct dirent *entry; open && (entry = readdir(open));) {
        snprintf(path, sizeof path, "%s/%s/%s", directory, folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(path) != 0) rmdir(path);
    }
    if (open) closedir(open);
}

static void restore(void)
{
    static const char *const folder[] = {"decay", "checkpoints", "figures", ""};
    for (size_t i = 0; i < 4; i++) empty_folder(folder[i]);
    for (size_t i = 0; i < 3; i++) {
        unlink(path_of(folder[i]));
        mkdir(path_of(folder[i]), 0777);
    }
    for (size_t i = 1; i < files; i++) put(pristine[i].name, pristine[i].bytes, pristine[i].length);
}

static void remove_run(void)
{
    static const char *const folder[] = {"decay", "checkpoints", "figures", ""};
    for (size_t i = 0; i < 4; i++) {
        empty_folder(folder[i]);
        rmdir(path_of(folder[i]));
    }
}

static const file *any_of(const char *ending)
{
    for (;;) {
        const file *f = &pristine[1 + below(files - 1)];
        const char *end = f->name + strlen(f->name) - strlen(ending);
        if (end >= f->name && strcmp(end, ending) == 0) return f;
    }
}

/* ---- lies ---- */

static const char *any_number(void)
{
    static const char *const number[] = {
        "nan",   "inf",   "-inf", "1e308", "-1", "0",         "1e-320", "7", "18446744073709551616",
        "1e999", "0x1p3", "",     "x",     "-0", "4294967297"};
    return number[below(sizeof number / sizeof number[0])];
}

/* Copies the lines of a file, with one cell, one line or all cells of a column changed. */
static void change_cells(const file *f)
{
    size_t line = 0, column = 0, target = below(14), other = below(12), how = below(6);
    const char *number = any_number();
    sb_draft text;
    assert_ok(sb_draft_open(&text));
    for (const char *p = f->bytes; p < f->bytes + f->length; p++) {
        bool here = column == other && line > 0 && (how == 0 ? line == target : how == 1);
        bool start = p == f->bytes || p[-1] == '\n' || p[-1] == '\t';
        bool drop = (how == 2 && line == target) || (how == 3 && column == other);
        if (here && start) fputs(number, text.stream);
        if (!drop && (!here || *p == '\t' || *p == '\n')) fputc(*p, text.stream);
        if (*p == '\t') column++;
        if (*p == '\n' && how == 4 && line == target)
            fwrite(f->bytes, 1, 1 + (size_t)(strchr(f->bytes, '\n') - f->bytes), text.stream);
        if (*p == '\n' && how == 5) fprintf(text.stream, "%s\t", number);
        if (*p == '\n') line++, column = 0;
    }
    assert_ok(sb_draft_close(&text, SB_OK));
    put(f->name, text.text, text.length);
    free(text.text);
}

static void change_key(const file *f)
{
    static const char *const value[] = {"[1.0]",
                                        "[]",
                                        "[1.0, 2.0, 3.0, 4.0, 5.0]",
                                        "\"\"",
                                        "\"gd\"",
                                        "\"observed\"",
                                        "7",
                                        "-7",
                                        "1e400",
                                        "nan",
                                        "{ a = 1; }",
                                        "(\"a\", \"b\")",
                                        "[\"x\", \"y\"]",
                                        "true",
                                        "\"\x1b[31m\"",
                                        "\"%s%s%n\"",
                                        "99999999999",
                                        "[1e308, 1e308]",
                                        "[true, false]",
                                        "0.0"};
    sb_draft text;
    size_t target = below(60), line = 0;
    assert_ok(sb_draft_open(&text));
    for (const char *p = f->bytes; *p; line++) {
        size_t length = strcspn(p, "\n"), name = strcspn(p, "=\n");
        if (line == target % 12 || line == target) {
            if (below(4) > 0 && name < length)
                fprintf(text.stream, "%.*s= %s;\n", (int)name, p, value[below(sizeof value / sizeof value[0])]);
        } else
            fprintf(text.stream, "%.*s\n", (int)length, p);
        p += length + (p[length] == '\n');
    }
    assert_ok(sb_draft_close(&text, SB_OK));
    put(f->name, text.text, text.length);
    free(text.text);
}

static void replace_list(char *text, size_t size, const char *meaning, const char *list)
{
    size_t used = 0;
    for (const char *p = meaning; *p;) {
        size_t length = strcspn(p, "\n");
        bool is_list = strncmp(p, "xi = ", 5) == 0 || strncmp(p, "label = ", 8) == 0;
        used += (size_t)snprintf(text + used, size - used, is_list ? "%.*s= %s;\n" : "%.*s%s\n",
                                 is_list ? (int)strcspn(p, "=") : (int)length, p, is_list ? list : "");
        p += length + (p[length] == '\n');
    }
}

/* As the configuration has them. */
static void name_items(sb_items *items)
{
    for (size_t k = 0; k < items->n; k++) snprintf(items->item[k].name, sizeof items->item[k].name, "%zu", k + 1);
}

/* Every table of one other shape, and they agree among themselves: the lie that once overran a buffer. */
static void change_all_shapes(void)
{
    char list[512] = "[", text[4096];
    size_t nt = 1 + below(12), nxi = below(3) ? 1 + below(20) : 2;
    sb_items two = {0};
    assert_ok(sb_items_init(&two, 2));
    name_items(&two);
    for (size_t k = 0; k < nxi; k++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%zu.0", k ? ", " : "", k + 1);
    strcat(list, "]");
    for (size_t i = 1; i < files; i++) {
        sb_decay old = {0}, new = {0};
        const file *f = &pristine[i];
        if (strstr(f->name, ".cfg") && strncmp(f->name, "decay/", 6) == 0) {
            replace_list(text, sizeof text, f->bytes, list);
            put(f->name, text, strlen(text));
        }
        if (!strstr(f->name, ".tsv") || strncmp(f->name, "decay/", 6) != 0 ||
            sb_decay_read_tsv(path_of(f->name), &two, &old) != SB_OK)
            continue;
        assert_ok(sb_decay_alloc(&new, nt, nxi));
        name_items(&new.items);
        for (size_t r = 0; r < nt; r++) {
            new.t[r] = r < old.nt ? old.t[r] : 10.0 * (double)r;
            new.step[r] = r < old.nt ? old.step[r] : 200.0 * (double)r;
            for (size_t k = 0; k < nxi; k++) {
                size_t to = r * nxi + k, from = (r % old.nt) * 2 + k % 2;
                new.amp[to] = old.amp[from];
                new.err[to] = new.lo[to] = new.hi[to] = old.err[from];
            }
        }
        assert_ok(sb_decay_write_tsv(&new, path_of(f->name)));
        sb_decay_clear(&old);
        sb_decay_clear(&new);
    }
    sb_items_clear(&two);
}

static void change_kind(const file *f)
{
    char folder[4096];
    size_t how = below(7);
    snprintf(folder, sizeof folder, "%s", path_of(f->name));
    if (how == 6) { /* another file's contents */
        const file *other = &pristine[1 + below(files - 1)];
        put(f->name, other->bytes, other->length);
        return;
    }
    if (unlink(folder) != 0) rmdir(folder);
    if (how == 1) assert_int_equal(mkfifo(folder, 0600), 0);
    if (how == 2) assert_int_equal(mkdir(folder, 0777), 0);
    if (how == 3) assert_int_equal(symlink("/dev/zero", folder), 0);
    if (how == 4) assert_int_equal(symlink("train.tsv", folder), 0);
    if (how == 5) put(f->name, f->bytes, below(f->length));
}

/* A checkpoint whose numbers are anything, with the check sum of what it holds. */
static void change_checkpoint(const file *f)
{
    static const double number[] = {-1, 0.5, 1e18, 1e300, INFINITY, NAN, 3, 1e9, 20, 7};
    size_t length = f->length - 8;
    char *bytes = malloc(f->length);
    assert_non_null(bytes);
    memcpy(bytes, f->bytes, f->length);
    size_t identity = strlen("specbias checkpoint 1\n") + 8;
    uint64_t text;
    memcpy(&text, bytes + identity - 8, 8);
    size_t sizes = identity + text, place = sizes + 8 + 5 * 8;
    for (size_t i = 1 + below(3); i > 0; i--) {
        uint64_t wide = below(2) ? below(9) : UINT64_MAX >> below(64);
        double value = number[below(sizeof number / sizeof number[0])];
        if (below(3) == 0)
            memcpy(bytes + sizes - 8 * (below(8) == 0) + 8 * below(6), &wide, 8);
        else
            memcpy(bytes + place + 8 * below(below(2) ? 5 : (length - place) / 8), &value, 8);
    }
    uint64_t sum = crc32_z(crc32_z(0, NULL, 0), (const unsigned char *)bytes, length);
    memcpy(bytes + length, &sum, 8);
    put(f->name, bytes, f->length - (below(20) == 0 ? below(60) : 0));
    free(bytes);
}

/* All seals, and the one that training noted, made to fit. */
static void reseal(void)
{
    char seal[65], *text = NULL;
    if (sb_seal_write(directory, seal) != SB_OK) return;
    if (sb_read_file(path_of("train.tsv"), &text, NULL) == SB_OK) {
        for (char *p = text; *p; p++) {
            size_t digits = strspn(p, "0123456789abcdef");
            if (digits == 64) memcpy(p, seal, 64);
            p += digits - (digits > 0);
        }
        put("train.tsv", text, strlen(text));
    }
    free(text);
    if (sb_seal_observations(directory, seal) == SB_OK) sb_seal_verdict(directory);
}

/* ---- one directory ---- */

static size_t refused, accepted;

static void note(sb_status status)
{
    const char *text = sb_error_text();
    if (status == SB_OK) {
        accepted++;
        return;
    }
    refused++;
    assert_true(status != SB_ERR_NUMERIC || *text);
    assert_true(strlen(text) > 8);
    for (const char *c = text; *c; c++) assert_false(sb_is_control(*c));
}

static void go_through_stages(bool checkpoint)
{
    sb_config config = {0};
    sb_case cas;
    sb_summary summary;
    bool drawn;
    sb_stage stage = stage_of(NULL);
    sb_status status = sb_config_init(&config);
    memset(&cas, 0, sizeof cas);
    if (status == SB_OK) status = sb_config_read(&config, path_of("config.cfg"));
    if (status == SB_OK) status = sb_case_create(&config, NULL, &cas);
    note(status);
    if (status == SB_OK && checkpoint) {
        stage.resume = true;
        note(sb_train_stage(&cas, &stage, NULL));
    }
    if (status == SB_OK) {
        status = sb_compare(&cas, &stage, &summary);
        note(status);
        if (status == SB_OK) sb_summary_clear(&summary);
        note(sb_plot_stage(&cas, &stage, &drawn));
    }
    sb_case_clear(&cas);
    sb_config_clear(&config);
}

static void one_directory(uint64_t seed, uint64_t trial)
{
    rng = sb_rng_at(seed, SB_STREAM_DATA, trial);
    restore();
    size_t how = below(8);
    bool checkpoint = how == 7;
    for (size_t i = 1 + below(2); i > 0 && how < 6; i--) {
        if (how < 2) change_cells(any_of(".tsv"));
        if (how == 2 || how == 3) change_key(any_of(".cfg"));
        if (how == 4) change_kind(&pristine[1 + below(files - 1)]);
        static const char *const read[] = {"draws.tsv", "train.tsv", "law.tsv", "rehearsals.tsv"};
        if (how == 5) change_cells(any_of(read[below(4)]));
    }
    if (how == 6) change_all_shapes();
    if (checkpoint) {
        unlink(path_of("train.tsv"));
        assert_ok(sb_seals_lift(directory));
        change_checkpoint(&pristine[0]);
    } else if (below(10) > 0)
        reseal();
    else
        change_cells(any_of(".sha256"));
    go_through_stages(checkpoint);
}

static void lies_are_survived(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < (sanitized() ? TRIALS / 4 : TRIALS); i++) one_directory(1, i);
    assert_true(refused > 0 && accepted > 0);
}

/* The same directory, whole, is accepted: nothing above is refused for another reason. */
static void truth_is_accepted(void **state)
{
    (void)state;
    restore();
    refused = 0;
    reseal();
    go_through_stages(false);
    assert_int_equal(refused, 0);
    restore();
    unlink(path_of("train.tsv"));
    assert_ok(sb_seals_lift(directory));
    put(pristine[0].name, pristine[0].bytes, pristine[0].length);
    go_through_stages(true);
    assert_int_equal(refused, 0);
}

static void shapes_are_refused(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        sb_config config = {0};
        sb_case cas;
        sb_summary summary;
        sb_stage stage = stage_of(NULL);
        rng = sb_rng_at(2, SB_STREAM_DATA, i);
        restore();
        change_all_shapes();
        reseal();
        assert_ok(sb_config_init(&config));
        assert_ok(sb_config_read(&config, path_of("config.cfg")));
        assert_ok(sb_case_create(&config, NULL, &cas));
        assert_fails(sb_compare(&cas, &stage, &summary), SB_ERR_INPUT, "decay/");
        sb_case_clear(&cas);
        sb_config_clear(&config);
    }
}

/* ---- networks of layers: their checkpoints ---- */

static sb_status train_layers(const sb_monitor *monitor, bool resume)
{
    static const char *const more[] = {
        "net.kind=layers",
        "net.layers=dense(4),tanh,dense(1)",
        "net.parametrisation=standard",
        "loss.factor=mean",
        "init.antisymmetric=false",
        "train.optimizer=adam",
        "train.steps=2000",
        "train.stop=1e-9",
        "observe.drift=3",
        "data.n=6",
        "target.xi=1.0,2.0",
        "train.checkpoint=0.0",
        "train.records=6",
        "seeds.count=1",
        "name=layers",
    };
    sb_config config = {0};
    sb_case cas = {0};
    char seal[65];
    sb_stage stage = stage_of(monitor);
    stage.resume = resume;
    assert_ok(sb_config_init(&config));
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) assert_ok(sb_config_set(&config, more[i]));
    assert_ok(sb_case_create(&config, NULL, &cas));
    if (!resume) assert_ok(sb_forecast_stage(&cas, &stage, seal));
    sb_status status = sb_train_stage(&cas, &stage, NULL);
    sb_case_clear(&cas);
    sb_config_clear(&config);
    return status;
}

static bool interrupt_now(void *context, const char *stage, double done, double total)
{
    (void)context;
    return strcmp(stage, "train") != 0 || done < 0.2 * total;
}

static void places_of_layers(void **state)
{
    const sb_monitor stopping = {.progress = interrupt_now};
    char run[sizeof directory];
    file kept = {.name = "checkpoints/seed1"};
    (void)state;
    memcpy(run, directory, sizeof run);
    snprintf(directory, sizeof directory, "%s", in_folder("layers"));
    sb_status status = train_layers(&stopping, false);
    if (status == SB_ERR_INTERRUPTED) {
        assert_ok(sb_read_file(path_of(kept.name), &kept.bytes, &kept.length));
        assert_ok(train_layers(NULL, true)); /* whole, it is gone on from */
        for (uint64_t i = 0; i < TRIALS / 4; i++) {
            rng = sb_rng_at(3, SB_STREAM_DATA, i);
            unlink(path_of("train.tsv"));
            assert_ok(sb_seals_lift(directory));
            mkdir(path_of("checkpoints"), 0777);
            change_checkpoint(&kept);
            note(train_layers(NULL, true));
        }
    }
    assert_int_equal(status, SB_ERR_INTERRUPTED);
    free(kept.bytes);
    remove_run();
    memcpy(directory, run, sizeof run);
}

static int open_run(void **state)
{
    setenv("PATH", "/nowhere", 1); /* no gnuplot: scripts are written, nothing is drawn */
    if (make_folder(state) != 0) return -1;
    make_run();
    return 0;
}

static int close_run(void **state)
{
    restore();
    for (size_t i = 0; i < files; i++) free(pristine[i].bytes);
    remove_run();
    return remove_folder(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_is_accepted),
        cmocka_unit_test(shapes_are_refused),
        cmocka_unit_test(lies_are_survived),
        cmocka_unit_test(places_of_layers),
    };
    if (argc <= 2) return cmocka_run_group_tests_name("fuzz_rundir", tests, open_run, close_run);
    uint64_t trials = strtoull(argv[1], NULL, 10), seed = strtoull(argv[2], NULL, 10);
    if (open_run(NULL) != 0) return 1;
    for (uint64_t i = 0; i < trials; i++) {
        alarm(120); /* a hang is a failure, too */
        if (argc > 3) fprintf(stderr, "%llu\n", (unsigned long long)i);
        one_directory(seed, i);
    }
    printf("%llu directories: %zu stages refused, %zu went on\n", (unsigned long long)trials, refused, accepted);
    return close_run(NULL);
}
