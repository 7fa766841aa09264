/* The column `where` of keys.def: every key has its place, and elsewhere it is refused with where it stands and what it
 * would need. */
#include "common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <specbias/experiment.h>

/* Experiments that between them use every key. */
static const char *const bases[][8] = {
    {"kind=train"},
    {"kind=train", "forecast.sources=law", "train.weight_decay=0.1"},
    {"kind=train", "forecast.sources=file:a.tsv"},
    {"kind=train", "net.kind=external", "forecast.sources=gram:K.npy"},
    {"kind=train", "net.kind=fourier", "init.density=table", "forecast.sources=heat", "train.flow=true"},
    {"kind=train", "data.kind=density", "target.kind=packets"},
    {"kind=train", "data.kind=list", "target.kind=values"},
    {"kind=overlay", "net.kind=fourier", "forecast.sources=heat", "overlay.densities=table"},
    {"kind=design", "net.kind=fourier", "forecast.sources=heat", "design.wish=times"},
    {"kind=splines", "data.kind=cosine"},
    {"kind=jacobi", "jacobi.start=a"},
    {"kind=bound", "data.kind=random"},
    {"kind=learn", "net.kind=layers", "train.optimizer=adam", "train.schedule=step", "data.weights=exact"},
    {"kind=learn", "net.kind=layers", "loss.kind=sobolev", "data.kind=sphere", "data.test=3"},
    {"kind=learn", "net.kind=layers", "loss.kind=ritz", "net.layers=shifted(4),fourier(3)", "train.epochs=2"},
    {"kind=learn", "net.kind=layers", "data.kind=idx", "data.test_file=a", "data.noise=1", "data.autoencoder=true"},
    {"kind=learn", "net.kind=layers", "data.kind=idx", "data.test_file=a"},
    {"kind=learn", "net.kind=layers", "data.kind=table", "train.batch=4"},
    {"kind=learn", "net.kind=layers", "data.kind=derivative", "observe.response=1,2", "forecast.sources=law.conv"},
    {"kind=learn", "net.kind=layers", "data.kind=spectrum", "observe.spectrum=given"},
};
enum { NAMED = sizeof bases / sizeof bases[0] };

/* Those, and each study with its defaults. */
static size_t count_bases(void)
{
    size_t studies = 0;
    while (sb_study_at(studies)) studies++;
    return NAMED + studies;
}

/* A configuration of a base, unchecked. */
static void open_base(size_t b, sb_config *config)
{
    *config = (sb_config){0};
    assert_int_equal(sb_config_init(config), SB_OK);
    for (size_t i = 0; b < NAMED && i < 8 && bases[b][i]; i++)
        assert_int_equal(sb_config_set(config, bases[b][i]), SB_OK);
    if (b >= NAMED) {
        char kind[80];
        snprintf(kind, sizeof kind, "kind=%s", sb_study_at(b - NAMED)->name);
        assert_int_equal(sb_config_set(config, kind), SB_OK);
    }
}

/* KEY=VALUE with a value that is allowed and not the default; some must be found by hand. */
static void set_other(const sb_key *key, sb_config *config)
{
    static const char *const words[] = {"a",      "1",          "64",        "2",      "3",       "0.5",
                                        "0.25",   "[1.0, 3.5]", "[\"lfp\"]", "true",   "false",   "yes",
                                        "circle", "left",       "full",      "random", "loss < 1"};
    char assignment[256], before[64], *word, range[256];
    snprintf(before, sizeof before, "%s", key->value);
    snprintf(range, sizeof range, "%s", key->range);
    if (strcmp(key->type, "choice") == 0 && *range != '@') { /* the last word, or the one before */
        for (word = strtok(range, "|"); word; word = strtok(NULL, "|")) {
            snprintf(assignment, sizeof assignment, "\"%s\"", word);
            if (strcmp(assignment, before) == 0) continue;
            snprintf(assignment, sizeof assignment, "%s=%s", key->path, word);
            if (sb_config_set(config, assignment) == SB_OK) return;
        }
    }
    if (*range == '@')
        for (size_t i = 0; sb_list_find(range + 1)->name(i); i++) {
            const char *name = sb_list_find(range + 1)->name(i);
            if (strstr(before, name)) continue;
            snprintf(assignment, sizeof assignment, "%s=%s", key->path, name);
            if (sb_config_set(config, assignment) == SB_OK) return;
        }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        snprintf(assignment, sizeof assignment, "%s=%s", key->path, words[i]);
        bool number = strcmp(key->type, "whole") == 0 || strcmp(key->type, "real") == 0;
        bool same = number ? strtod(words[i], NULL) == strtod(before, NULL) : strcmp(words[i], before) == 0;
        if (!same && sb_config_set(config, assignment) == SB_OK) return;
    }
    fail_msg("no value found for %s", key->path);
}

/* Whether the base uses the key; if not, the reason says which, where it was set and what it would need. */
static bool is_used(size_t b, const sb_key *key)
{
    sb_config config;
    open_base(b, &config);
    if (sb_config_check(&config) != SB_OK) fail_msg("base %zu: %s", b, sb_error_text());
    set_other(key, &config);
    sb_status status = sb_config_check(&config);
    if (status != SB_OK) {
        char begin[128];
        snprintf(begin, sizeof begin, "--set %s=", key->path);
        assert_int_equal(status, SB_ERR_INPUT);
        /* the key itself, or one that the base needs and that goes with its old value */
        if (!strstr(sb_error_text(), " has no effect here: it needs ")) fail_msg("%s", sb_error_text());
        if (strncmp(sb_error_text(), begin, strlen(begin)) != 0) status = SB_OK;
    }
    sb_config_clear(&config);
    return status == SB_OK;
}

/* Every key is used somewhere, and every key but name and kind is refused somewhere. */
static void every_key_has_its_place(void **state)
{
    (void)state;
    size_t refused = 0, count = count_bases();
    for (size_t i = 0; sb_key_at(i); i++) {
        sb_key key = *sb_key_at(i);
        size_t used = 0;
        if (strcmp(key.path, "kind") == 0) continue;
        if (strcmp(key.path, "init.table") == 0) continue; /* a file, read into the next two keys and forgotten */
        for (size_t b = 0; b < count; b++) used += is_used(b, &key);
        if (used == 0) fail_msg("%s is used nowhere", key.path);
        if (used == count && *key.where) fail_msg("%s is refused nowhere", key.path);
        refused += count - used;
    }
    assert_true(refused > 1000); /* of 17 bases and 143 keys */
}

/* Pairs that were read off the code, not off the column. */
static void known_pairs(void **state)
{
    static const struct {
        const char *key, *other[5];
        bool used;
    } pair[] = {
        {"loss.kind=nmse", {"kind=train"}, true}, /* since one kind trains and forecasts all networks: of each .. */
        {"loss.kind=nmse", {"net.kind=layers"}, true},
        {"loss.kind=nmse", {"kind=splines"}, false},
        {"train.batch=4", {"kind=train"}, true},
        {"train.sampling=independent", {"train.batch=4"}, true},
        {"train.sampling=independent", {"kind=train"}, false},          /* all examples in a step */
        {"train.batch=4", {"kind=overlay", "net.kind=fourier"}, false}, /* .. but not in studies */
        {"claims=order(T) = increasing", {"kind=train"}, true},
        {"claims=order(T) = increasing", {"kind=overlay", "net.kind=fourier"}, false},
        {"forecast.sources=ntk.infinite", {"net.kind=layers"}, true},
        {"train.flow=true", {"net.kind=layers"}, true},
        {"train.flow=true", {"kind=splines"}, false},
        {"net.layers=dense(1)", {"kind=train"}, false},
        {"init.weights=gaussian(1)", {"kind=train"}, false},
        {"net.width=77", {"net.kind=layers"}, false},
        {"init.quiet=true", {"net.kind=layers"}, false},
        {"loss.s=1.0", {"net.kind=layers", "loss.kind=sobolev"}, true},
        {"loss.s=1.0", {"net.kind=layers"}, false},
        {"loss.factor=mean", {"net.kind=layers", "loss.kind=sobolev"}, false},
        {"loss.factor=mean", {"net.kind=layers", "loss.kind=sobolev", "data.kind=parity", "loss.test=mse"}, true},
        {"train.beta2=0.9", {"net.kind=layers", "train.optimizer=heavy_ball"}, false},
        {"train.momentum=0.5", {"net.kind=layers", "train.optimizer=heavy_ball"}, true},
        {"train.steps=5", {"net.kind=layers", "train.epochs=2"}, false},
        {"data.rho=0.5", {"kind=train"}, false},
        {"data.rho=0.5", {"kind=train", "data.kind=cosine"}, true},
        {"data.n=7", {"kind=train", "data.kind=list"}, false},
        {"forecast.mesh=0.5", {"kind=train"}, false},
        {"forecast.modes=64", {"kind=train", "forecast.sources=ntk.infinite"}, false},
        {"init.density=gaussian(3)", {"kind=train"}, false},
        {"init.density=gaussian(3)", {"kind=overlay", "net.kind=fourier"}, true}, /* replaced */
        {"train.eta=0.5", {"kind=design", "net.kind=fourier"}, true},             /* replaced */
        {"seeds.first=3", {"kind=theorem1"}, true},
        {"seeds.count=3", {"kind=theorem1"}, false},
        {"jacobi.n=20", {"kind=splines"}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        sb_config config = {0};
        assert_int_equal(sb_config_init(&config), SB_OK);
        for (size_t k = 0; k < 5 && pair[i].other[k]; k++)
            assert_int_equal(sb_config_set(&config, pair[i].other[k]), SB_OK);
        assert_int_equal(sb_config_set(&config, pair[i].key), SB_OK);
        if ((sb_config_check(&config) == SB_OK) != pair[i].used) fail_msg("%s: %s", pair[i].key, sb_error_text());
        sb_config_clear(&config);
    }
}

/* What is written holds the keys that have an effect, and reads back as the same. */
static void only_what_applies_is_written(void **state)
{
    (void)state;
    for (size_t b = 0; b < count_bases(); b++) {
        char path[] = "/tmp/keys.XXXXXX", *first = NULL, *again = NULL;
        size_t length;
        sb_config config, read = {0};
        open_base(b, &config);
        FILE *stream = open_memstream(&first, &length);
        sb_config_write(&config, stream);
        fclose(stream);
        int file = mkstemp(path);
        assert_true(write(file, first, length) == (ssize_t)length && close(file) == 0);
        assert_int_equal(sb_config_init(&read), SB_OK);
        if (sb_config_read(&read, path) != SB_OK || sb_config_check(&read) != SB_OK) fail_msg("%s", sb_error_text());
        stream = open_memstream(&again, &length);
        sb_config_write(&read, stream);
        fclose(stream);
        assert_string_equal(first, again);
        const char *kind = config.experiment_kind; /* where any key may be varied: */
        bool sweep = strcmp(kind, "sweep") == 0 || strcmp(kind, "start") == 0;
        bool run = sweep || strcmp(config.experiment_kind, "train") == 0;
        bool layers = sweep || (run && strcmp(config.net_kind, "layers") == 0);
        assert_int_equal(strstr(first, "\nloss = {") != NULL, run);
        assert_int_equal(strstr(first, "    batch = ") != NULL, run);
        assert_int_equal(strstr(first, "    layers = ") != NULL, layers);
        free(first);
        free(again);
        unlink(path);
        sb_config_clear(&config);
        sb_config_clear(&read);
    }
}

/* E6: of a file all examples, of points 32; what is said stays. */
static void examples_of_files(void **state)
{
    (void)state;
    sb_config config = {0};
    assert_int_equal(sb_config_init(&config), SB_OK);
    assert_int_equal(config.data_n, 32);
    assert_int_equal(sb_config_set(&config, "data.kind=table"), SB_OK);
    assert_int_equal(config.data_n, 0);
    assert_int_equal(sb_config_set(&config, "data.kind=random"), SB_OK);
    assert_int_equal(config.data_n, 32);
    assert_int_equal(sb_config_set(&config, "data.n=32"), SB_OK);
    assert_int_equal(sb_config_set(&config, "data.kind=image"), SB_OK);
    assert_int_equal(config.data_n, 32);
    sb_config_clear(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_has_its_place),
        cmocka_unit_test(known_pairs),
        cmocka_unit_test(only_what_applies_is_written),
        cmocka_unit_test(examples_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
