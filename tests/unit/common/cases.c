#include "cases.h"

#include "test.h"

void open_case(const char *const *keys, sb_config *config, sb_case *cas)
{
    *config = (sb_config){0};
    assert_ok(sb_config_init(config));
    for (; *keys; keys++) assert_ok(sb_config_set(config, *keys));
    assert_ok(sb_case_create(config, NULL, cas));
}

void close_case(sb_config *config, sb_case *cas)
{
    sb_case_clear(cas);
    sb_config_clear(config);
}

void open_run(const sb_case *cas, sb_network *network, sb_layout *layout, sb_run *run)
{
    *layout = (sb_layout){0};
    assert_ok(sb_layout_make(cas, layout));
    *run = (sb_run){.seed = 1, .notes = new_doubles(sb_layout_size(cas, layout))};
    sb_run_spec spec = {cas, layout, 1, NULL, "", NULL};
    assert_ok(sb_run_train(&spec, network, run));
}

void close_run(sb_layout *layout, sb_run *run)
{
    free(run->notes);
    sb_layout_clear(layout);
}
