/* Variables and repeat in configurations: what becomes of texts, and what is refused. */
#include "common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <specbias/experiment.h>

/* A configuration of the text, read from a file. */
static sb_status read_text(const char *text, sb_config *config)
{
    char path[] = "/tmp/let.XXXXXX";
    int file = mkstemp(path);
    assert_true(write(file, text, strlen(text)) == (ssize_t)strlen(text) && close(file) == 0);
    *config = (sb_config){0};
    assert_int_equal(sb_config_init(config), SB_OK);
    sb_status status = sb_config_read(config, path);
    unlink(path);
    return status;
}

static void assert_layers(const sb_config *config, size_t n, const char *const *wanted)
{
    assert_int_equal(config->net_layers.n, n);
    for (size_t i = 0; i < n; i++) assert_string_equal(config->net_layers.v[i], wanted[i]);
}

static void values_take_the_place_of_names(void **state)
{
    (void)state;
    static const char *const wanted[] = {"conv1d(64, 7, padding = circular)",
                                         "tanh",
                                         "conv1d(64, 7)",
                                         "relu",
                                         "conv1d(64, 7)",
                                         "relu",
                                         "conv1d(64, 7)",
                                         "relu",
                                         "dense(1, bias = 0.25)"};
    sb_config config;
    assert_int_equal(read_text("let = { k = 7; c = 64; d = 3; pad = \"circular\"; b = 0.25; w = 4; };\n"
                               "net = { kind = \"layers\"; layers = [\"conv1d($c, $k, padding = $pad)\", \"tanh\",\n"
                               "  \"repeat($d, conv1d($c, $k), relu)\", \"dense(1, bias = $b)\"]; };\n"
                               "init = { density = \"gaussian($w)\"; };",
                               &config),
                     SB_OK);
    if (sb_config_resolve(&config) != SB_OK) fail_msg("%s", sb_error_text());
    assert_layers(&config, sizeof wanted / sizeof wanted[0], wanted);
    assert_string_equal(config.init_density, "gaussian(4)");
    assert_int_equal(config.experiment_let.n, 0);
    assert_int_equal(sb_config_resolve(&config), SB_OK); /* once more changes nothing */
    assert_layers(&config, sizeof wanted / sizeof wanted[0], wanted);
    sb_config_clear(&config);
}

/* What an option says counts; of names that begin alike the whole one. */
static void options_set_variables(void **state)
{
    (void)state;
    static const char *const wanted[] = {"dense(9)", "tanh", "dense(9)", "tanh", "dense(40)"};
    sb_config config;
    assert_int_equal(read_text("let = { k = 7; kk = 40; };\n"
                               "net = { layers = [\" repeat( 2 , dense($k), tanh ) \", \"dense($kk)\"]; };",
                               &config),
                     SB_OK);
    assert_int_equal(sb_config_set(&config, "let.k=9"), SB_OK);
    if (sb_config_resolve(&config) != SB_OK) fail_msg("%s", sb_error_text());
    assert_layers(&config, 5, wanted);
    sb_config_clear(&config);
}

static void repeats_nest(void **state)
{
    (void)state;
    static const char *const wanted[] = {"a", "b(1, 2)", "b(1, 2)", "a", "b(1, 2)", "b(1, 2)", "c"};
    sb_config config;
    assert_int_equal(read_text("net = { layers = [\"repeat(2, a, repeat(2, b(1, 2)))\", \"c\"]; };", &config), SB_OK);
    if (sb_config_resolve(&config) != SB_OK) fail_msg("%s", sb_error_text());
    assert_layers(&config, 7, wanted);
    sb_config_clear(&config);
}

static void faults_are_told(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"let = { k = 7; };", ":1: let.k is used by no text"},
        {"\nnet = { layers = [\"dense($k)\"]; };", ":2: net.layers: $k is no variable; there is no group let"},
        {"let = { c = 1; d = 2; };\nnet = { layers = [\"dense($k)\"]; };",
         ":2: net.layers: $k is no variable; let has c, d"},
        {"let = { k = [1]; };", ":1: let.k must be a number or a text, not a list"},
        {"let = { k = \"$k\"; };", ":1: let.k: a value has up to 200 characters and no '$'"},
        {"let = { k-a = 1; };", ":1: let: 'k-a' is no name"},
        {"let = [\"k 7\"];", "let: \"k 7\" is not \"NAME = VALUE\""},
        {"net = { layers = [\"repeat(2)\"]; };", "there is nothing to repeat"},
        {"net = { layers = [\"repeat(1.5, a)\"]; };", "must be a whole number in [1, 400], not '1.5'"},
        {"net = { layers = [\"repeat(x, a)\"]; };", "must be a whole number in [1, 400], not 'x'"},
        {"net = { layers = [\"repeat(0, a)\"]; };", "must be a whole number in [1, 400], not '0'"},
        {"net = { layers = [\"repeat(2, a\"]; };", "a parenthesis is not closed"},
        {"net = { layers = [\"repeat(2, a) b\"]; };", "there is something behind it"},
        {"net = { layers = [\"repeat(300, a, b)\"]; };", "more than 400 layers"},
        {"net = { layers = [\"repeat(400, repeat(400, repeat(400, a)))\"]; };", "more than 400 layers"},
        {"net = { layers = "
         "[\"repeat(1,repeat(1,repeat(1,repeat(1,repeat(1,repeat(1,repeat(1,repeat(1,repeat(1,a)))))))))\"]; };",
         "repeat stands in repeat more than 8 times"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sb_config config;
        sb_status status = read_text(wrong[i][0], &config);
        if (status == SB_OK) status = sb_config_resolve(&config);
        if (status != SB_ERR_INPUT || !strstr(sb_error_text(), wrong[i][1]))
            fail_msg("%s: status %d, %s", wrong[i][0], (int)status, sb_error_text());
        sb_config_clear(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_take_the_place_of_names),
        cmocka_unit_test(options_set_variables),
        cmocka_unit_test(repeats_nest),
        cmocka_unit_test(faults_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
