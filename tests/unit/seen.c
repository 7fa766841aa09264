/* What is told of the order in which things were learned, of tables made by hand. */
#include "common/test.h"

#include <stdio.h>

#include <specbias/experiment.h>

#include "run/seen.h"

enum { NT = 6, RUNS = 3 };

/* A case of so many frequencies, frequencies along a line and filters, of which nothing but items is known. */
typedef struct world {
    sb_config config;
    sb_case cas;
    sb_decay run[RUNS];
    sb_seen seen;
} world;

static void open_world(world *w, size_t waves, size_t along, size_t filters)
{
    *w = (world){0};
    assert_ok(sb_config_init(&w->config));
    assert_ok(sb_config_set(&w->config, "observe.level=0.5"));
    assert_ok(sb_config_set(&w->config, "observe.projection=0,1,2,4"));
    w->cas.config = &w->config;
    w->cas.n = 10;
    w->cas.watch.modes.count = waves;
    w->cas.watch.along.count = along;
    w->cas.watch.filter.count = filters;
    assert_ok(sb_items_init(&w->cas.watch.items, waves + along + 2 * filters));
    for (size_t k = 0; k < waves; k++) w->cas.watch.items.item[k].xi = 1 + (double)k;
    for (size_t r = 0; r < RUNS; r++) {
        assert_ok(sb_decay_alloc(&w->run[r], NT, waves + along + 2 * filters));
        for (size_t i = 0; i < NT; i++) w->run[r].step[i] = 10 * (double)i;
        for (size_t j = 0; j < NT * w->run[r].nxi; j++) w->run[r].err[j] = 1;
    }
}

static void close_world(world *w)
{
    for (size_t r = 0; r < RUNS; r++) sb_decay_clear(&w->run[r]);
    sb_seen_clear(&w->seen);
    sb_items_clear(&w->cas.watch.items);
    sb_config_clear(&w->config);
}

/* Item k of run r is below the level from record `from` on; NT: never. */
static void settle(world *w, size_t r, size_t k, size_t from)
{
    for (size_t i = 0; i < NT; i++) w->run[r].err[i * w->run[r].nxi + k] = i < from ? 0.9 : 0.1;
}

static void see(world *w, size_t runs)
{
    sb_seen_clear(&w->seen);
    assert_ok(sb_seen_find(&w->cas, runs, w->run, &w->seen));
}

static void frequencies_settle(void **state)
{
    static const size_t from[RUNS][3] = {{1, 2, 4}, {1, 1, 3}, {2, 3, NT}};
    (void)state;
    world w;
    open_world(&w, 3, 0, 0);
    for (size_t r = 0; r < RUNS; r++)
        for (size_t k = 0; k < 3; k++) settle(&w, r, k, from[r][k]);
    see(&w, RUNS);
    assert_true(w.seen.settled[1] == 20 && w.seen.settled[3 + 2] == 30 && isnan(w.seen.settled[6 + 2]));
    close_world(&w);
}

/* A value that comes above the level once more is not settled, unless the median over a window says so. */
static void settled_by_a_running_median(void **state)
{
    world w;
    (void)state;
    open_world(&w, 2, 0, 0);
    settle(&w, 0, 0, 1);
    settle(&w, 0, 1, 2);
    w.run[0].err[3 * 2] = 0.9;
    see(&w, 1);
    assert_true(w.seen.settled[0] == 40 && w.seen.settled[1] == 20);
    assert_ok(sb_config_set(&w.config, "observe.window=3"));
    see(&w, 1);
    assert_true(w.seen.settled[0] == 10 && w.seen.settled[1] == 20);
    close_world(&w);
}

/* In all records after the first pass, of 10 examples in batches of 4: three steps. */
static void filters_count_after_the_first_pass(void **state)
{
    world w;
    (void)state;
    open_world(&w, 0, 0, 1);
    assert_ok(sb_config_set(&w.config, "train.batch=4"));
    for (size_t r = 0; r < 2; r++)
        for (size_t i = 0; i < NT; i++) {
            w.run[r].step[i] = (double)i;
            w.run[r].err[2 * i] = i < 3 ? 1 : 0.1; /* low, behind before step 3 */
            w.run[r].err[2 * i + 1] = 0.5;
        }
    see(&w, 2);
    assert_near(w.seen.low_ahead[0], 1, 1e-15);
    w.run[0].err[2 * 4] = 0.6;
    see(&w, 2);
    assert_near(w.seen.low_ahead[0], (1 + 2. / 3) / 2, 1e-15);
    for (size_t i = 3; i < NT; i++) w.run[0].err[2 * i] = w.run[1].err[2 * i] = 0.7;
    see(&w, 2);
    close_world(&w);
}

/* Rank correlation of frequency and last error along the principal direction; it decides nothing. */
static void projection_is_a_correlation(void **state)
{
    static const double last[2][4] = {{0.1, 0.2, 0.3, 0.4}, {0.4, 0.3, 0.2, 0.1}};
    world w;
    (void)state;
    open_world(&w, 1, 4, 0);
    for (size_t r = 0; r < 2; r++)
        for (size_t k = 0; k < 4; k++) w.run[r].err[(NT - 1) * 5 + 1 + k] = last[r][k];
    see(&w, 1);
    assert_near(w.seen.projection, 1, 1e-14);
    see(&w, 2);
    assert_near(w.seen.projection, 0, 1e-14);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_settle),
        cmocka_unit_test(settled_by_a_running_median),
        cmocka_unit_test(filters_count_after_the_first_pass),
        cmocka_unit_test(projection_is_a_correlation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
