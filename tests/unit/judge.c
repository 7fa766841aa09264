/* The verdict on times made by hand: how often a true forecast differs, whatever the numbers of draws, runs and lines,
 * and however the lines depend on each other; how often a wrong one does, and by what factor rates must be off for
 * that. */
#include "common/test.h"

#include <specbias/compare.h>
#include <specbias/rng.h>

/* ---- tables with times of one's choice ---- */

enum { RECORDS = 4, MOST_RUNS = 16, MOST_ITEMS = 10, MOST_LINES = SB_LEVELS * MOST_ITEMS };
static const double log_record[RECORDS] = {-INFINITY, -5, 5, 15};
static const sb_terms terms = {.loss_factor = 1, .parametrisation = "ntk", .time_unit = "flow"};

static void open_table(size_t items, sb_decay *decay)
{
    assert_ok(sb_decay_alloc(decay, RECORDS, items));
    decay->terms = terms;
    for (size_t i = 0; i < RECORDS; i++) decay->t[i] = decay->step[i] = exp(log_record[i]);
    for (size_t k = 0; k < items; k++) decay->items.item[k].xi = decay->items.item[k].label = 1 + (double)k;
}

/* err falls linearly in ln t, below 1/2 at ln t = half in (-5, 5), below 1/10 at ln t = tenth in (5, 15). */
static void set_times(sb_decay *decay, size_t k, double half, double tenth)
{
    double *err = decay->err + k, middle = 0.5 - 0.06 * (5 - half);
    size_t nxi = decay->nxi;
    err[0] = 1;
    err[nxi] = 0.5 + 0.06 * (half + 5);
    err[2 * nxi] = middle;
    err[3 * nxi] = 0.1 - (middle - 0.1) * (15 - tenth) / (tenth - 5);
}

/* One comparison: the forecast says ln T = 0 and 10 at every item. */
typedef struct world {
    size_t draws, runs, items;
    double scatter,
        shift_scatter;          /* standard deviations of ln T over networks, and of a draw's estimate of the shift */
    double shift;               /* what finite width does to ln T */
    double common;              /* share of the scatter's variance that all lines have together */
    double wrong;               /* ln of the factor by which the forecast's rates are too small */
    double moved;               /* deviation by movement */
    double doubled;             /* of a law, judged by rehearsals: what doubling its nodes did */
    bool law;                   /* the draws are networks that were trained, and are where the runs are */
    const sb_noise *noise;      /* of mini-batches */
    const sb_width_line *width; /* in place of draws */
    sb_draws drawn;
    sb_decay forecast, run[MOST_RUNS];
    sb_judgement judgement[MOST_LINES];
    sb_rng rng;
} world;

static void open_world(world *w)
{
    assert_ok(sb_draws_init(&w->drawn, w->draws, w->items));
    open_table(w->items, &w->forecast);
    for (size_t k = 0; k < w->items; k++) set_times(&w->forecast, k, 0, 10);
    for (size_t r = 0; r < w->runs; r++) open_table(w->items, &w->run[r]);
    w->rng = sb_rng_at(7, w->draws, 1000 * w->runs + w->items);
}

static void close_world(world *w)
{
    sb_draws_clear(&w->drawn);
    sb_decay_clear(&w->forecast);
    for (size_t r = 0; r < w->runs; r++) sb_decay_clear(&w->run[r]);
}

/* Deviations of ln T of one network at all lines. */
static void sample(world *w, double *deviation)
{
    double all = sqrt(w->common) * sb_rng_normal(&w->rng);
    for (size_t i = 0; i < SB_LEVELS * w->items; i++)
        deviation[i] = w->scatter * (all + sqrt(1 - w->common) * sb_rng_normal(&w->rng));
}

static void draw(world *w)
{
    double deviation[MOST_LINES];
    size_t lines = SB_LEVELS * w->items;
    for (size_t b = 0; b < w->draws; b++) {
        sample(w, deviation);
        for (size_t i = 0; i < lines; i++) {
            w->drawn.times[b * lines + i] = exp(deviation[i] + (w->law ? w->shift + w->wrong : 0));
            w->drawn.shift[b * lines + i] = w->shift + w->shift_scatter * sb_rng_normal(&w->rng);
        }
    }
}

/* times: in the place of the forecast's, or NULL */
static sb_verdict judged_by(world *w, const double *effect, const double *times)
{
    static const double none[MOST_LINES];
    double doubled[MOST_LINES];
    for (size_t i = 0; i < MOST_LINES; i++) doubled[i] = w->doubled;
    sb_verdict verdict;
    sb_evidence evidence = {.forecast = &w->forecast,
                            .noise = w->noise,
                            .draws = w->draws ? &w->drawn : NULL,
                            .width = w->width,
                            .observed = w->run,
                            .runs = w->runs,
                            .effect = w->law ? NULL : effect,
                            .moved = effect,
                            .error = w->law ? doubled : NULL,
                            .times = w->noise ? w->noise->times : times,
                            .limit = INFINITY,
                            .steps = 1,
                            .floor = none,
                            .rounding = none,
                            .lost = none};
    assert_ok(sb_judge(&evidence, w->judgement, &verdict));
    return verdict;
}

static sb_verdict judged(world *w, const double *effect)
{
    return judged_by(w, effect, NULL);
}

/* New runs under the draws that there are. */
static sb_verdict compare(world *w)
{
    double deviation[MOST_LINES], moved = w->moved * sb_rng_normal(&w->rng);
    size_t lines = SB_LEVELS * w->items;
    for (size_t r = 0; r < w->runs; r++) {
        sample(w, deviation);
        for (size_t i = 0; i < lines; i++) deviation[i] += w->shift + w->wrong + moved;
        for (size_t k = 0; k < w->items; k++)
            set_times(&w->run[r], k, deviation[SB_LEVELS * k], 10 + deviation[SB_LEVELS * k + 1]);
    }
    double effect[MOST_LINES]; /* half of it is in s with draws, all of it without */
    for (size_t i = 0; i < MOST_LINES; i++) effect[i] = w->draws ? 2 * w->moved : w->moved;
    return judged(w, effect);
}

/* ---- limits ---- */

/* Two-sided quantiles of the normal law at 1 - .01 / lines, of scipy.stats. */
#define NORMAL_1 2.575829303548901
#define NORMAL_2 2.8070337683438042
#define NORMAL_3 2.935199468866706
#define NORMAL_4 3.0233414397391476
#define NORMAL_6 3.1439802870690796

/* Two-sided quantiles of Student's t at 1 - .01 / lines, of scipy.stats. */
static void limits_are_those_of_student(void **state)
{
    static const struct {
        size_t draws, items;
        double limit;
    } known[] = {{16, 1, 3.286038570946224},
                 {16, 3, 3.8219733888635394},
                 {64, 3, 3.2853029588658713},
                 {1000, 10, 3.4922148298051856}};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        world w = {.draws = known[i].draws, .runs = 2, .items = known[i].items, .scatter = 0.01};
        open_world(&w);
        draw(&w);
        compare(&w);
        for (size_t j = 0; j < SB_LEVELS * w.items; j++) {
            assert_close(w.judgement[j].dof, (double)w.draws - 1, 1e-12);
            assert_close(w.judgement[j].limit, known[i].limit, 1e-7);
        }
        close_world(&w);
    }
    world w = {.draws = 0, .runs = 1, .items = 3, .moved = 0.01}; /* nothing is estimated: normal */
    open_world(&w);
    compare(&w);
    assert_close(w.judgement[5].limit, NORMAL_6, 1e-7);
    close_world(&w);
}

/* s^2 with parts that are not estimated has more degrees of freedom. */
static void degrees_of_freedom_are_those_of_welch(void **state)
{
    (void)state;
    world w = {.draws = 16, .runs = 4, .items = 1, .scatter = 0.02, .shift_scatter = 0.01, .moved = 0.01};
    open_world(&w);
    draw(&w);
    compare(&w);
    for (size_t i = 0; i < SB_LEVELS; i++) {
        double mean = 0, square = 0, shift = 0, shift2 = 0;
        for (size_t b = 0; b < 16; b++) {
            double ln_t = log(w.drawn.times[b * SB_LEVELS + i]), d = w.drawn.shift[b * SB_LEVELS + i];
            mean += ln_t / 16;
            square += ln_t * ln_t;
            shift += d / 16;
            shift2 += d * d;
        }
        double random2 =
            (square - 16 * mean * mean) / 15 * (1.0 / 4 + 1.0 / 16) + (shift2 - 16 * shift * shift) / 15 / 16;
        double s2 = random2 + 0.01 * 0.01;
        assert_close(w.judgement[i].shift, shift, 1e-12);
        assert_close(w.judgement[i].s, sqrt(s2), 1e-9);
        assert_close(w.judgement[i].dof, 15 * pow(s2 / random2, 2), 1e-9);
    }
    close_world(&w);
}

/* Holm: of four lines the first may be beyond alpha / 4, the second then beyond alpha / 3, and so on. */
static void limits_step_down(void **state)
{
    static const double at[] = {NORMAL_4, NORMAL_3, NORMAL_2};
    (void)state;
    world w = {.draws = 0, .runs = 1, .items = 2, .moved = 1e-2};
    open_world(&w);
    for (int beyond = 0; beyond < 4; beyond++) {
        static const double effect[] = {1e-2, 1e-2, 1e-2, 1e-2};
        double z[] = {at[0] + 0.01, at[1] + 0.01, at[2] + 0.01, 0};
        if (beyond < 3) z[beyond] -= 0.02; /* this one stops the descent, though the next would be beyond its limit */
        set_times(&w.run[0], 0, 1e-2 * z[3], 10 - 1e-2 * z[1]);
        set_times(&w.run[0], 1, 1e-2 * z[0], 10 + 1e-2 * z[2]);
        sb_verdict verdict = judged(&w, effect);
        int rejected = 0;
        for (size_t i = 0; i < 4; i++) {
            rejected += w.judgement[i].verdict == SB_DIFFERS;
            assert_true((w.judgement[i].z > w.judgement[i].limit) == (w.judgement[i].verdict == SB_DIFFERS));
        }
        assert_int_equal(rejected, beyond);
        assert_int_equal(verdict, beyond ? SB_DIFFERS : SB_AGREES);
    }
    close_world(&w);
}

static void stay(sb_decay *decay, size_t k)
{
    for (size_t i = 0; i < RECORDS; i++) decay->err[i * decay->nxi + k] = 0.9;
}

/* Times that neither the forecast nor a run reaches are no evidence, against it or for it. */
static void the_silent_end_of_a_record_does_not_count(void **state)
{
    static const double effect[] = {1e-2, 1e-2, 1e-2, 1e-2};
    (void)state;
    world w = {.draws = 0, .runs = 2, .items = 2};
    open_world(&w);
    for (size_t r = 0; r < 2; r++) {
        set_times(&w.run[r], 0, 0, 10);
        stay(&w.run[r], 1);
    }
    assert_int_equal(judged(&w, effect), SB_DIFFERS); /* the forecast reaches what no run does */
    stay(&w.forecast, 1);
    assert_int_equal(judged(&w, effect), SB_AGREES);
    assert_int_equal(w.judgement[2].verdict, SB_UNDECIDED);
    assert_int_equal(w.judgement[3].verdict, SB_UNDECIDED);
    set_times(&w.run[1], 1, 4.9, 14.9); /* one run reaches what the forecast does not */
    assert_int_equal(judged(&w, effect), SB_UNDECIDED);
    stay(&w.forecast, 0);
    for (size_t r = 0; r < 2; r++)
        for (size_t k = 0; k < 2; k++) stay(&w.run[r], k);
    assert_int_equal(judged(&w, effect), SB_UNDECIDED); /* nothing is left */
    close_world(&w);
}

/* ---- rates of rejection ---- */

static double rejections(world *w, size_t trials)
{
    size_t count = 0;
    for (size_t i = 0; i < trials; i++) {
        draw(w);
        count += compare(w) == SB_DIFFERS;
    }
    return (double)count / (double)trials;
}

/* Rejected and tried true forecasts of so many draws and runs, over numbers of lines and kinds of deviations. */
static void try_true_forecasts(size_t draws, size_t runs, double *rejected, double *tried)
{
    for (size_t m = 0; m < 9; m++) {
        static const size_t items[] = {1, 3, 10};
        size_t trials = (draws < 64 ? 1200 : draws < 1000 ? 400 : 40) / (m % 3 == 2 ? 2 : 1) / (sanitized() ? 20 : 1);
        world w = {.draws = draws,
                   .runs = runs,
                   .items = items[m % 3],
                   .scatter = 0.02,
                   .shift = 0.01,
                   .shift_scatter = m / 3 == 1 ? 0.02 : 0.005,
                   .common = m / 3 == 0 ? 0 : 0.8,
                   .moved = m / 3 == 2 ? 0.01 : 0};
        open_world(&w);
        *rejected += rejections(&w, trials) * (double)trials;
        *tried += (double)trials;
        close_world(&w);
    }
}

static void true_forecasts_are_rejected_in_one_percent(void **state)
{
    static const size_t draws[] = {16, 64, 1000}, runs[] = {1, 3, 5, 16};
    double all = 0, cases = 0;
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        double rejected = 0, tried = 0;
        try_true_forecasts(draws[i / 4], runs[i % 4], &rejected, &tried);
        assert_at_most(rejected / tried, 0.01 + 3 * sqrt(0.01 * 0.99 / tried));
        all += rejected;
        cases += tried;
    }
    assert_at_most(all / cases, 0.01 + 3 * sqrt(0.01 * 0.99 / cases));
    assert_at_least(all / cases, 0.001); /* the limits are not out of reach, either */
}

/* Rehearsals are where the runs are, whatever the law says: they give its spread, and a law that is off by 40 % differs
 * always. A true one does in at most 1 % of comparisons, without a limit to how far kernels move. */
static void rehearsals_give_a_law_no_centre(void **state)
{
    size_t trials = sanitized() ? 50 : 2000;
    double late[SB_LEVELS] = {exp(log(1.4)), exp(10 + log(1.4))}, never[SB_LEVELS] = {1, NAN};
    (void)state;
    world w = {.draws = 16,
               .runs = 5,
               .items = 1,
               .scatter = 0.06,
               .shift = 0.04,
               .shift_scatter = 0.06,
               .moved = 0,
               .doubled = 1e-3,
               .law = true};
    open_world(&w);
    double share = rejections(&w, trials);
    assert_at_most(share, 0.01 + 3 * sqrt(0.01 * 0.99 / (double)trials));
    assert_at_least(share, sanitized() ? 0 : 0.002); /* one in 50 need not be there */
    assert_true(isnan(w.judgement[0].effect));
    double mean = 0, square = 0; /* s^2 = s_band^2 / S + s_shift^2 / B + doubled^2 */
    for (size_t b = 0; b < 16; b++) {
        double ln_t = log(w.drawn.times[b * SB_LEVELS]);
        mean += ln_t / 16, square += ln_t * ln_t;
        w.drawn.shift[b * SB_LEVELS] = b == 3 ? 4 : 0.01 * (double)b; /* one is caught above the level */
    }
    compare(&w); /* of 0, .01, .02, .04 .. .15, 4 are .02, .04 .. .14 left, and the others drawn in to .02 and .14 */
    double inner = 0.02 + 0.04 + 0.05 + 0.06 + 0.07 + 0.08 + 0.09 + 0.10 + 0.11 + 0.12 + 0.13 + 0.14, drawn = 0;
    double mid = (inner + 2 * 0.02 + 2 * 0.14) / 16;
    for (int i = 2; i <= 14; i++)
        if (i != 3) drawn += (i == 2 || i == 14 ? 3 : 1) * pow(0.01 * i - mid, 2);
    assert_close(w.judgement[0].shift, inner / 12, 1e-9);
    double band2 = (square - 16 * mean * mean) / 15, s2 = drawn / 15 * pow(16. / 12, 2) / 16 + band2 / 5;
    assert_close(w.judgement[0].s, sqrt(s2 + 1e-6), 1e-9);
    assert_close(w.judgement[0].dof, 11 * pow((s2 + 1e-6) / s2, 2), 1e-9);
    assert_int_equal(judged_by(&w, NULL, late), SB_DIFFERS);
    assert_int_equal(judged_by(&w, NULL, never), SB_DIFFERS);
    assert_true(isnan(w.judgement[1].t_pred) && w.judgement[1].verdict == SB_DIFFERS);
    w.wrong = log(1.4);
    assert_true(rejections(&w, trials / 10) == 1);
    close_world(&w);
}

/* At the factor that a comparison says it would notice, 95 % of new ones do (new runs; draws belong to the forecast).
 */
static void stated_power_is_kept(void **state)
{
    static const struct {
        size_t draws, runs, items;
        double common;
    } cases[] = {{16, 1, 3, 0}, {16, 5, 1, 0.8}, {64, 3, 3, 0.8}, {64, 5, 1, 0}, {1000, 5, 2, 0}};
    size_t trials = sanitized() ? 20 : 300;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t noticed = 0;
        double slope[] = {1, 1, 1, 1, 1, 1};
        world w = {.draws = cases[i].draws,
                   .runs = cases[i].runs,
                   .items = cases[i].items,
                   .scatter = 0.02,
                   .common = cases[i].common};
        open_world(&w);
        for (size_t k = 0; k < trials; k++) {
            w.wrong = 0;
            draw(&w);
            if (compare(&w) == SB_DIFFERS) {
                noticed++;
                continue;
            }
            double factor = sb_noticed_factor(w.judgement, SB_LEVELS * w.items, slope, exp(15));
            w.wrong = (k % 2 ? 1 : -1) * log(factor);
            noticed += compare(&w) == SB_DIFFERS;
        }
        double share = (double)noticed / (double)trials;
        assert_at_least(share, 0.95 - 3 * sqrt(0.05 * 0.95 / (double)trials));
        close_world(&w);
    }
}

/* A draw that is below q from the start says nothing of T: the spread is that of the others, of which there must be
 * enough. One that never gets there says that T is late, and no spread is known. */
static void draws_below_from_the_start_are_left_out(void **state)
{
    (void)state;
    enum { DRAWS = 20, BELOW = 4, LEFT = DRAWS - BELOW };
    world w = {.draws = DRAWS, .runs = 2, .items = 1, .scatter = 0.1, .shift_scatter = 0.02};
    double sum[2] = {0}, square[2] = {0};
    open_world(&w);
    draw(&w);
    for (size_t b = 0; b < BELOW; b++) w.drawn.times[b * SB_LEVELS] = 0, w.drawn.shift[b * SB_LEVELS] = NAN;
    for (size_t b = BELOW; b < DRAWS; b++) {
        double value[2] = {log(w.drawn.times[b * SB_LEVELS]), w.drawn.shift[b * SB_LEVELS]};
        for (size_t i = 0; i < 2; i++) sum[i] += value[i], square[i] += value[i] * value[i];
    }
    double variance[2];
    for (size_t i = 0; i < 2; i++) variance[i] = (square[i] - sum[i] * sum[i] / LEFT) / (LEFT - 1);
    compare(&w);
    assert_close(w.judgement[0].s, sqrt(variance[0] * (1.0 / 2 + 1.0 / LEFT) + variance[1] / LEFT), 1e-9);
    assert_close(w.judgement[0].shift, sum[1] / LEFT, 1e-9);
    assert_close(w.judgement[0].dof, LEFT - 1, 1e-9);
    w.drawn.times[BELOW * SB_LEVELS] = 0; /* one less than SB_DRAWS_NEEDED */
    compare(&w);
    assert_true(isinf(w.judgement[0].s));
    w.drawn.times[0] = 1; /* enough again, but for one that never gets there */
    w.drawn.shift[0] = 0;
    w.drawn.times[SB_LEVELS] = NAN;
    compare(&w);
    assert_true(isinf(w.judgement[0].s) && isfinite(w.judgement[1].s));
    close_world(&w);
}

/* Where the scatter and the shift are known neither is estimated, whatever the draws say. */
static void known_scatter_is_normal(void **state)
{
    (void)state;
    const sb_width_line line[] = {{1, 0.01, 0.02}, {exp(10), 0.01, 0.02}}, unknown[] = {{NAN, NAN, NAN}, line[1]};
    size_t trials = sanitized() ? 100 : 3000;
    world w = {.draws = 16, .runs = 4, .items = 1, .scatter = 0.02, .shift = 0.01, .width = line};
    open_world(&w);
    double rejected = rejections(&w, trials);
    assert_at_most(rejected, 0.01 + 3 * sqrt(0.01 * 0.99 / (double)trials));
    if (!sanitized()) assert_at_least(rejected, 0.004);
    for (size_t i = 0; i < SB_LEVELS; i++) {
        const sb_judgement *j = &w.judgement[i];
        assert_close(j->s, 0.02 / 2, 1e-12);
        assert_close(j->shift, 0.01, 1e-12);
        assert_true(isinf(j->dof));
        assert_close(log(j->pred_lo / line[i].time), 0.01 - 2.3263478740408408 * 0.02, 1e-9);
        assert_close(log(j->pred_hi / line[i].time), 0.01 + 2.3263478740408408 * 0.02, 1e-9);
    }
    w.width = unknown;
    compare(&w);
    assert_true(isinf(w.judgement[0].s) && isnan(w.judgement[0].pred_lo) && isfinite(w.judgement[1].s));
    assert_close(w.judgement[1].limit, NORMAL_1, 1e-7); /* one line is left */
    close_world(&w);
}

/* ln factor = (limit + 1.645) s / slope of the best line whose times stay within the record. */
static void noticed_factor_is_that_of_the_best_line(void **state)
{
    (void)state;
    sb_judgement j[2] = {{.t_pred = 1, .t_obs = 1.1, .s = 0.02, .dof = INFINITY},
                         {.t_pred = 50, .t_obs = 49, .s = 0.01, .dof = INFINITY}};
    double slope[2] = {1, 1};
    assert_close(log(sb_noticed_factor(j, 2, slope, 100)), 0.01 * (NORMAL_2 + 1.6448536269514722), 1e-9);
    assert_close(log(sb_noticed_factor(j, 2, slope, 52)), 0.02 * (NORMAL_2 + 1.6448536269514722), 1e-9);
    slope[1] = 0.4; /* less than the other line tells */
    assert_close(log(sb_noticed_factor(j, 2, slope, 100)), 0.02 * (NORMAL_2 + 1.6448536269514722), 1e-9);
    slope[0] = INFINITY; /* not known */
    assert_close(log(sb_noticed_factor(j, 2, slope, 100)), 0.025 * (NORMAL_2 + 1.6448536269514722), 1e-9);
    slope[1] = 1;
    j[0].s = INFINITY; /* one line is left, which has all of SB_FALSE_ALARM */
    assert_close(log(sb_noticed_factor(j, 2, slope, 100)), 0.01 * (NORMAL_1 + 1.6448536269514722), 1e-9);
    assert_true(isnan(sb_noticed_factor(j, 2, slope, 52)));
    j[1].s = 0.2;
    assert_true(isnan(sb_noticed_factor(j, 2, slope, 1e9))); /* above 2 */
    j[1].t_obs = NAN;
    assert_true(isnan(sb_noticed_factor(j, 2, slope, 1e9)));
}

/* ln T is that of the noisy process, not that of the table; its deviation is in s beside that of the draws, and in the
 * band; where it is not known nothing is decided. */
static void mini_batches_add_their_noise(void **state)
{
    double none[SB_LEVELS] = {0};
    sb_noise noise = {0};
    (void)state;
    world w = {.draws = 64, .runs = 5, .items = 1, .scatter = 0.004, .noise = &noise};
    open_world(&w);
    draw(&w);
    for (size_t r = 0; r < w.runs; r++) set_times(&w.run[r], 0, 0.3, 10.2);
    w.noise = NULL;
    judged(&w, none); /* without the noise, of times that the table does not say */
    w.noise = &noise;
    assert_int_equal(w.judgement[0].verdict, SB_DIFFERS);
    double alone = w.judgement[0].s, dof = w.judgement[0].dof;
    assert_ok(sb_noise_init(&noise, 1));
    noise.runs = 200;
    noise.times[0] = exp(0.3);
    noise.s[0] = 0.02;
    judged(&w, none);
    const sb_judgement *j = &w.judgement[0];
    assert_close(log(j->t_pred), 0.3, 1e-12);
    assert_int_equal(j->verdict, SB_AGREES);
    assert_close(j->s * j->s, alone * alone + 0.02 * 0.02 * (1. / 5 + 1. / 200), 1e-9);
    assert_close(j->dof, dof * pow(j->s / alone, 4), 1e-9);
    double below = w.judgement[0].pred_lo, above = w.judgement[0].pred_hi, q = 2.3263478740408408; /* 99 % */
    assert_close(0.5 * log(below * above), 0.3, 1e-9);
    assert_at_least(0.5 * log(above / below), q * 0.02);
    assert_at_most(0.5 * log(above / below), q * hypot(0.02, 1.6 * 0.004));
    assert_int_equal(w.judgement[1].verdict, SB_UNDECIDED); /* a simulated run does not get to 1/10 */
    assert_true(isnan(w.judgement[1].z));
    sb_noise_clear(&noise);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_those_of_student),
        cmocka_unit_test(degrees_of_freedom_are_those_of_welch),
        cmocka_unit_test(limits_step_down),
        cmocka_unit_test(the_silent_end_of_a_record_does_not_count),
        cmocka_unit_test(true_forecasts_are_rejected_in_one_percent),
        cmocka_unit_test(rehearsals_give_a_law_no_centre),
        cmocka_unit_test(stated_power_is_kept),
        cmocka_unit_test(draws_below_from_the_start_are_left_out),
        cmocka_unit_test(known_scatter_is_normal),
        cmocka_unit_test(noticed_factor_is_that_of_the_best_line),
        cmocka_unit_test(mini_batches_add_their_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
