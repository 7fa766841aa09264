/* In a host of any locale the library writes and reads as in the C locale: what it writes under a decimal comma is,
 * byte by byte, what it writes without. After lloyd/yajl issue 79, codeplea/tinyexpr issue 142, kgabis/parson issue
 * 142. */
#include "common/test.h"

#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>

#include <specbias/dataset.h>
#include <specbias/experiment.h>
#include <specbias/report.h>

#include "core/parallel.h"
#include "core/text.h"

static char folder[512];
static bool commas; /* the host has a locale with a decimal comma */

static int shell(const char *format, ...) SB_PRINTF(1, 2);
static int shell(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    return system(command);
}

static void write_file(const char *name, const char *text)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static bool has_commas(void)
{
    return strcmp(localeconv()->decimal_point, ".") != 0;
}

/* A decimal mark of two bytes, that of Arabic. */
static const char wide_mark[] = "comment_char %\nescape_char /\nLC_NUMERIC\ndecimal_point \"<U066B>\"\n"
                                "thousands_sep \"<U066C>\"\ngrouping 3;3\nEND LC_NUMERIC\n"
                                "LC_CTYPE\ncopy \"POSIX\"\nEND LC_CTYPE\n";

/* German, with a decimal comma and letters beyond ASCII; Turkish, whose small I is no i; one with a wide decimal mark.
 * Made here, as systems often have none; any locale of the system that has a comma would do as well. */
static int make_locales(void **state)
{
    const char *build = getenv("SPECBIAS_BUILD");
    (void)state;
    snprintf(folder, sizeof folder, "%s/locale.XXXXXX", build ? build : P_tmpdir);
    if (!mkdtemp(folder)) return -1;
    shell("localedef -i de_DE -f ISO-8859-1 '%s/de_DE' >/dev/null 2>&1", folder);
    shell("localedef -i tr_TR -f ISO-8859-9 '%s/tr_TR' >/dev/null 2>&1", folder);
    write_file("wide.src", wide_mark);
    shell("cd '%s' && localedef -c -i wide.src -f UTF-8 ./wide >/dev/null 2>&1", folder);
    setenv("LOCPATH", folder, 1);
    commas = setlocale(LC_ALL, "de_DE") && has_commas();
    if (!commas) unsetenv("LOCPATH");
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "pt_BR.UTF-8", "nl_NL.UTF-8"};
    for (size_t i = 0; !commas && i < sizeof names / sizeof names[0]; i++)
        commas = setlocale(LC_ALL, names[i]) && has_commas();
    setlocale(LC_ALL, "C");
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    return shell("rm -rf '%s'", folder) == 0 ? 0 : -1;
}

static void need_commas(void)
{
    if (commas) return;
    print_message("no locale with a decimal comma, and localedef makes none (Debian: package locales)\n");
    skip();
}

/* The host sets a locale, as GTK and Qt programs do; "C" at the end. */
static void host_in(const char *name)
{
    const char *set = setlocale(LC_ALL, name);
    if (!set) set = setlocale(LC_ALL, "");
    assert_non_null(set);
}

static void configure(sb_config *config, const char *const *keys, size_t count)
{
    *config = (sb_config){0};
    assert_ok(sb_config_init(config));
    for (size_t i = 0; i < count; i++) assert_ok(sb_config_set(config, keys[i]));
}

static const char *const first[] = {"data.n=16",        "target.xi=1.5,3", "target.unit=angular", "net.width=256",
                                    "train.eta=0.0125", "train.time=2.5",  "train.records=6",     "forecast.draws=16",
                                    "seeds.count=2",    "observe.drift=2", "train.flow=true",     "observe.field=4.5"};
static const char *const fourier[] = {"data.n=16",
                                      "net.kind=fourier",
                                      "net.width=128",
                                      "train.time=1.5",
                                      "init.density=0.6 uniform(48.5) + 0.4 gaussian(6.25)",
                                      "forecast.sources=heat",
                                      "train.records=6",
                                      "forecast.draws=16",
                                      "target.xi=2.5",
                                      "seeds.count=1"};
static const char *const jacobi[] = {"kind=jacobi", "jacobi.n=40", "jacobi.sweeps=200", "jacobi.modes=2,6.0"};
static char table_file[600]; /* data.file=.. */
static const char *const table[] = {"data.kind=table",
                                    table_file,
                                    "data.n=0",
                                    "net.kind=layers",
                                    "net.layers=dense(8),tanh,dense(1)",
                                    "train.steps=20",
                                    "train.records=5",
                                    "observe.projection=0,1.5",
                                    "seeds.count=1",
                                    "init.weights=uniform(0.75)"};

static void all_stages(const char *const *keys, size_t count, const char *directory)
{
    sb_config config;
    sb_case cas;
    sb_summary summary = {0};
    char seal[65];
    sb_monitor monitor = {0};
    sb_stage stage = {.directory = directory, .jobs = 2, .monitor = &monitor};
    configure(&config, keys, count);
    assert_ok(sb_case_create(&config, &monitor, &cas));
    assert_ok(sb_forecast_stage(&cas, &stage, seal));
    assert_ok(sb_train_stage(&cas, &stage, NULL));
    assert_ok(sb_compare_stage(&cas, &stage, &summary));
    sb_summary_clear(&summary);
    sb_case_clear(&cas);
    sb_config_clear(&config);
}

static void study(const char *const *keys, size_t count, const char *directory)
{
    sb_config config;
    sb_verdict verdict;
    char *words = NULL;
    size_t length;
    sb_monitor monitor = {0};
    sb_stage stage = {.directory = directory, .jobs = 1, .monitor = &monitor};
    configure(&config, keys, count);
    FILE *say = open_memstream(&words, &length);
    assert_non_null(say);
    assert_ok(sb_study_find(config.experiment_kind)->run(&config, &stage, say, &verdict));
    assert_int_equal(fclose(say), 0);
    free(words);
    sb_config_clear(&config);
}

static void kernel(const char *const *keys, size_t count, const char *directory)
{
    sb_config config;
    char *words = NULL;
    size_t length;
    sb_monitor monitor = {0};
    sb_stage stage = {.directory = directory, .jobs = 1, .monitor = &monitor};
    configure(&config, keys, count);
    FILE *say = open_memstream(&words, &length);
    assert_non_null(say);
    assert_ok(sb_kernel_stage(&config, &stage, say));
    assert_int_equal(fclose(say), 0);
    free(words);
    sb_config_clear(&config);
}

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void make_everything(const char *where)
{
    char path[6][600];
    static const char *const name[] = {"", "first", "fourier", "kernel", "jacobi", "layers"};
    for (size_t i = 0; i < COUNT(name); i++) snprintf(path[i], sizeof path[i], "%s/%s/%s", folder, where, name[i]);
    snprintf(table_file, sizeof table_file, "data.file=%s/table.csv", folder);
    all_stages(first, COUNT(first), path[1]);
    all_stages(fourier, COUNT(fourier), path[2]);
    kernel(first, COUNT(first), path[3]);
    study(jacobi, COUNT(jacobi), path[4]);
    all_stages(table, COUNT(table), path[5]);
}

/* Times of the clock differ; elsewhere every byte is the same. */
static void stages_write_the_same(void **state)
{
    (void)state;
    need_commas();
    write_file("table.csv", "x,y,z\n0.25,1.5,-0.5\n0.5,0.125,0.75\n1.25,-2.5,1e-1\n2.5,3.5,.5\n");
    make_everything("point");
    host_in("de_DE");
    make_everything("comma");
    assert_true(has_commas());
    host_in("wide");
    make_everything("two_bytes");
    setlocale(LC_ALL, "C");
    static const char timed[] = "-x manifest.cfg -x train.tsv -x summary.json -x observed.sha256 -x verdict.sha256";
    assert_int_equal(shell("cd '%s' && diff -r %s point comma >&2", folder, timed), 0);
    assert_int_equal(shell("cd '%s' && diff -r %s point two_bytes >&2", folder, timed), 0);
    assert_int_equal(
        shell("cd '%s' && ! grep -rhE '[0-9](,|\xD9)[0-9]' comma two_bytes | grep -vE '^draw.T\\(' >&2", folder), 0);
    assert_int_equal(shell("cd '%s' && test $(find comma -type f | wc -l) -ge 30", folder), 0);
}

static char *config_text(const sb_config *config, bool comments)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    if (comments)
        assert_int_equal(sb_config_tell(config, false, stream), SB_OK);
    else
        sb_config_write(config, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

/* Defaults, options, texts of densities and ranges; written and read again. */
static void configurations_are_read(void **state)
{
    static const char *const names[] = {"de_DE", "tr_TR", "wide"};
    sb_config config;
    char path[600];
    (void)state;
    need_commas();
    configure(&config, first, COUNT(first));
    char *wanted = config_text(&config, true);
    sb_config_clear(&config);
    snprintf(path, sizeof path, "%s/written.cfg", folder);
    for (size_t i = 0; i < COUNT(names); i++) {
        host_in(names[i]);
        configure(&config, first, COUNT(first));
        char *text = config_text(&config, true);
        assert_string_equal(text, wanted);
        write_file("written.cfg", text);
        free(text);
        sb_config_clear(&config);
        assert_ok(sb_config_init(&config));
        assert_ok(sb_config_read(&config, path));
        text = config_text(&config, true);
        assert_string_equal(text, wanted);
        free(text);
        assert_fails(sb_config_set(&config, "forecast.box=-0.5"), SB_ERR_INPUT, "forecast.box = -0.5 is out of range");
        sb_config_clear(&config);
        setlocale(LC_ALL, "C");
    }
    free(wanted);
}

static void densities_are_read(void **state)
{
    sb_density density = {0};
    (void)state;
    need_commas();
    host_in("de_DE");
    assert_ok(sb_density_parse("0.6 uniform(48.5) + 0.4 gaussian(6.25)", NULL, &density));
    setlocale(LC_ALL, "C");
    sb_density_clear(&density);
}

/* "Inf" and "NAN" in Turkish letters; the message of the system in English, with a point. */
static void words_and_messages(void **state)
{
    (void)state;
    need_commas();
    for (int i = 0; i < 2; i++) {
        host_in(i ? "tr_TR" : "de_DE");
        assert_true(sb_same_word("INF", "inf"));
        assert_true(sb_same_word("Title", "tITLE"));
        assert_false(sb_same_word("inf", "infinity"));
        assert_false(sb_is_letter('\xE4') || sb_is_alnum('\xFD') || sb_is_space('\xA0') || sb_is_control('\x85'));
        assert_int_equal(sb_fail(SB_ERR_INPUT, "%g is %s", 0.5, sb_system_error(2)), SB_ERR_INPUT);
        assert_string_equal(sb_error_text(), "0.5 is No such file or directory");
        setlocale(LC_ALL, "C");
    }
}

/* A thread's own locale is the same afterwards, also where libconfig was called and where a call failed. */
static void the_hosts_locale_stays(void **state)
{
    sb_config config = {0};
    (void)state;
    need_commas();
    locale_t own = newlocale(LC_ALL_MASK, "de_DE", (locale_t)0);
    if (!own) skip();
    uselocale(own);
    assert_ok(sb_config_init(&config));
    assert_ok(sb_config_set(&config, "train.eta=0.0125"));
    assert_close(config.train_eta, 0.0125, 0);
    assert_fails(sb_config_set(&config, "train.eta=[1"), SB_ERR_INPUT, "syntax error");
    assert_true(uselocale((locale_t)0) == own);
    assert_true(has_commas());
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(own);
    sb_config_clear(&config);
}

static sb_status fail_with_number(void *context, size_t index)
{
    char text[32];
    (void)context;
    sb_format(text, sizeof text, "%g", (double)index + 0.5);
    return sb_text_real(text, NULL) == (double)index + 0.5 && strchr(text, '.') ? SB_OK : SB_ERR_INPUT;
}

/* Worker threads have the locale of the program. */
static void threads_write_points(void **state)
{
    (void)state;
    need_commas();
    host_in("de_DE");
    assert_ok(sb_parallel_for(64, 4, fail_with_number, NULL));
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_write_the_same),  cmocka_unit_test(configurations_are_read),
        cmocka_unit_test(densities_are_read),     cmocka_unit_test(words_and_messages),
        cmocka_unit_test(the_hosts_locale_stays), cmocka_unit_test(threads_write_points),
    };
    return cmocka_run_group_tests(tests, make_locales, remove_all);
}
