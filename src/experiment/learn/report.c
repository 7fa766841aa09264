/* What runs of kind "learn" say about the order in which frequencies are learned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "experiment/learn/learn.h"

typedef struct tally {
    size_t right, wrong, unclear; /* runs */
} tally;

static const double *last_note(const sb_learn *learn, const sb_learn_run *run)
{
    return run->notes + (run->result.records - 1) * learn->columns;
}

/* The step from which on the running median of a column stays below observe.level; nan: never. */
static sb_status settled_step(const sb_learn *learn, const sb_learn_run *run, size_t column, double *step)
{
    size_t n = run->result.records;
    double *at = malloc(2 * (n + 1) * sizeof *at), *error = at ? at + n : NULL;
    if (!at) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", n);
    for (size_t i = 0; i < n; i++) {
        at[i] = run->notes[i * learn->columns + SB_NOTE_STEP];
        error[i] = run->notes[i * learn->columns + column];
    }
    sb_status status =
        sb_settled(n, at, error, (size_t)learn->config->observe_window, learn->config->observe_level, step);
    free(at);
    return status;
}

/* ---- losses ---- */

typedef struct spread {
    double mean, deviation, lo, hi;
} spread;

static spread spread_of(size_t n, const double *v)
{
    spread s = {0, 0, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        s.mean += v[i];
        s.lo = fmin(s.lo, v[i]);
        s.hi = fmax(s.hi, v[i]);
    }
    s.mean /= (double)n; /* of equal numbers exactly that number */
    for (size_t i = 0; i < n && n > 1; i++) s.deviation += (v[i] - s.mean) * (v[i] - s.mean) / (double)(n - 1);
    s.deviation = n > 1 ? sqrt(s.deviation) : NAN;
    return s;
}

static void say_spread(FILE *say, sb_json json, const char *name, const char *what, size_t n, const double *v)
{
    char member[64];
    spread s = spread_of(n, v);
    sb_print(say, "  %-9s %-9s %.4g", name, what, s.mean);
    if (n > 1) sb_print(say, " +- %.2g (%.4g to %.4g)", s.deviation, s.lo, s.hi);
    fputc('\n', say);
    sb_format(member, sizeof member, "%s_%s", name, what);
    sb_json_real(json, member, s.mean);
    sb_format(member, sizeof member, "%s_%s_deviation", name, what);
    sb_json_real(json, member, s.deviation);
}

static sb_status report_losses(const sb_learn *learn, size_t count, const sb_learn_run *run, FILE *say, sb_json json)
{
    double *v = malloc(count * sizeof *v);
    if (!v) return sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", count);
    sb_print(say, "\nat the end, mean over seeds%s\n", count > 1 ? " +- deviation (range)" : "");
    for (size_t t = 0; t <= learn->tests; t++) {
        const char *name = t == 0 ? "train" : learn->test[t - 1].name;
        size_t column = t == 0 ? (size_t)SB_NOTE_LOSS : (size_t)SB_NOTE_TESTS + 2 * (t - 1);
        for (size_t r = 0; r < count; r++) v[r] = last_note(learn, &run[r])[column];
        say_spread(say, json, name, "loss", count, v);
        for (size_t r = 0; r < count; r++) v[r] = last_note(learn, &run[r])[column + 1];
        if (sb_learn_has_classes(&learn->train)) say_spread(say, json, name, "accuracy", count, v);
    }
    free(v);
    return SB_OK;
}

/* ---- frequencies ---- */

/* Whether the steps ascend (+1), descend (-1) or neither (0); those never reached come last, and two of them are not in
 * any order. */
static int order_of(size_t n, const double *step)
{
    bool ascending = true, descending = true;
    for (size_t k = 1; k < n; k++) {
        double before = isnan(step[k - 1]) ? INFINITY : step[k - 1], after = isnan(step[k]) ? INFINITY : step[k];
        ascending = ascending && before <= after && before < INFINITY;
        descending = descending && before >= after && after < INFINITY;
    }
    return ascending && !descending ? 1 : descending && !ascending ? -1 : 0;
}

static void count_order(const sb_config *config, int order, tally *all)
{
    int claimed = strcmp(config->observe_claim, "high_first") == 0 ? -1 : 1;
    all->right += order == claimed;
    all->wrong += order == -claimed;
    all->unclear += order == 0;
}

static void say_settled(FILE *say, double lo, double hi, size_t never)
{
    if (isnan(lo))
        fputs("  never", say);
    else if (lo == hi)
        sb_print(say, "  %.0f", lo);
    else
        sb_print(say, "  %.0f to %.0f", lo, hi);
    if (!isnan(lo) && never > 0) sb_print(say, ", never in %zu", never);
    fputc('\n', say);
}

static void say_frequency(const sb_learn *learn, size_t count, const sb_learn_run *run, size_t k, const double *settled,
                          FILE *say)
{
    double error = 0, lo = NAN, hi = NAN;
    size_t never = 0, n = learn->modes.count;
    for (size_t r = 0; r < count; r++) {
        double step = settled[r * n + k];
        error += last_note(learn, &run[r])[sb_note_modes(learn) + k] / (double)count;
        if (isnan(step)) never++;
        lo = fmin(lo, step);
        hi = fmax(hi, step);
    }
    sb_print(say, "  %-10.6g %-12.3g", learn->label[k], error);
    say_settled(say, lo, hi, never);
}

static void write_steps(sb_json json, size_t count, size_t n, const double *settled)
{
    sb_json runs = sb_json_array(json, "settled");
    for (size_t r = 0; r < count; r++) {
        sb_json steps = sb_json_array(runs, NULL);
        for (size_t k = 0; k < n; k++) sb_json_real(steps, NULL, settled[r * n + k]);
    }
}

static sb_status report_frequencies(const sb_learn *learn, size_t count, const sb_learn_run *run, FILE *say,
                                    sb_json json, tally *all)
{
    sb_status status = SB_OK;
    size_t n = learn->modes.count;
    if (n == 0) return SB_OK;
    double *settled = malloc(count * n * sizeof *settled);
    if (!settled) return sb_fail(SB_ERR_NOMEM, "no memory for %zu frequencies", n);
    for (size_t r = 0; r < count; r++) {
        for (size_t k = 0; k < n; k++)
            SB_TRY(settled_step(learn, &run[r], sb_note_modes(learn) + k, &settled[r * n + k]));
        if (n > 1) count_order(learn->config, order_of(n, settled + r * n), all);
    }
    sb_print(say, "\n  frequency  last error    below %g for good from step\n", learn->config->observe_level);
    for (size_t k = 0; k < n; k++) say_frequency(learn, count, run, k, settled, say);
    write_steps(json, count, n, settled);
done:
    free(settled);
    return status;
}

/* Spearman's correlation of index and last error along the principal direction: above 0, low frequencies are ahead. */
static sb_status report_projection(const sb_learn *learn, size_t count, const sb_learn_run *run, FILE *say,
                                   sb_json json)
{
    sb_status status = SB_OK;
    size_t n = learn->along.count;
    if (n < 3) return SB_OK;
    double mean = 0, one;
    for (size_t r = 0; r < count; r++) {
        const double *error = last_note(learn, &run[r]) + sb_note_along(learn);
        SB_TRY(sb_spearman(n, learn->config->observe_projection.v, error, &one));
        mean += one / (double)count;
    }
    sb_print(say, "\nprojection  rank correlation of frequency and last error %.2f\n", mean);
    sb_json_real(json, "projection_correlation", mean);
done:
    return status;
}

/* ---- filters ---- */

/* The share of a run's records after the first pass in which the low part of the error is the smaller one. */
static double share_low_first(const sb_learn *learn, const sb_learn_run *run, size_t d)
{
    size_t low = 0, all = 0, batch = (size_t)learn->config->train_batch, n = learn->train.n;
    double pass = batch == 0 || batch > n ? 1 : ceil((double)n / (double)batch);
    for (size_t i = 0; i < run->result.records; i++) {
        const double *note = run->notes + i * learn->columns;
        if (note[SB_NOTE_STEP] < pass) continue;
        all++;
        low += note[sb_note_low(learn) + d] < note[sb_note_high(learn) + d];
    }
    return all ? (double)low / (double)all : NAN;
}

static void report_filter(const sb_learn *learn, size_t count, const sb_learn_run *run, FILE *say, sb_json json,
                          tally *all)
{
    if (learn->filter.count == 0) return;
    sb_print(say, "\n  variance / median  |y_high| / |y|  low part ahead in (share of records after the first pass)\n");
    sb_json ahead = sb_json_array(json, "low_ahead");
    for (size_t d = 0; d < learn->filter.count; d++) {
        double mean = 0;
        for (size_t r = 0; r < count; r++) {
            double share = share_low_first(learn, &run[r], d);
            mean += share / (double)count;
            count_order(learn->config, share == 1 ? 1 : share == 0 ? -1 : 0, all);
        }
        sb_print(say, "  %-17g  %-14.3f  %.3f\n", learn->config->observe_filter.v[d], learn->filter.high_share[d],
                 mean);
        sb_json_real(ahead, NULL, mean);
    }
}

/* ---- the claim ---- */

static void judge(const sb_learn *learn, const tally *all, FILE *say, sb_json json, sb_verdict *verdict)
{
    size_t runs = all->right + all->wrong + all->unclear;
    const char *claim = learn->config->observe_claim;
    *verdict = SB_NONE;
    if (strcmp(claim, "none") == 0) return;
    *verdict = all->right == runs && runs > 0 ? SB_AGREES : all->wrong > all->right ? SB_DIFFERS : SB_UNDECIDED;
    sb_print(say, "\nclaim     %s frequencies first: in order %zu, reversed %zu, neither %zu, of %zu\n",
             strcmp(claim, "low_first") == 0 ? "low" : "high", all->right, all->wrong, all->unclear, runs);
    sb_json_whole(json, "in_order", all->right);
    sb_json_whole(json, "reversed", all->wrong);
    sb_json_whole(json, "neither", all->unclear);
}

sb_status sb_learn_report(const sb_learn *learn, size_t count, const sb_learn_run *run, FILE *say, sb_json json,
                          sb_verdict *verdict)
{
    sb_status status = SB_OK;
    tally all = {0};
    SB_TRY(report_losses(learn, count, run, say, json));
    SB_TRY(report_frequencies(learn, count, run, say, json, &all));
    SB_TRY(report_projection(learn, count, run, say, json));
    report_filter(learn, count, run, say, json, &all);
    judge(learn, &all, say, json, verdict);
    fputc('\n', say);
done:
    return status;
}
