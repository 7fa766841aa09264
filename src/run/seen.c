#include "run/seen.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "case/case.h"

/* ---- what is looked at ---- */

double *sb_seen_errors(const sb_decay *decay, size_t item)
{
    double *error = malloc((decay->nt + 1) * sizeof *error);
    for (size_t i = 0; error && i < decay->nt; i++) error[i] = decay->err[i * decay->nxi + item];
    return error;
}

sb_status sb_seen_settled(const sb_config *config, const sb_decay *decay, size_t item, double *step)
{
    double *error = sb_seen_errors(decay, item);
    if (!error) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", decay->nt);
    sb_status status =
        sb_settled(decay->nt, decay->step, error, (size_t)config->observe_window, config->observe_level, step);
    free(error);
    return status;
}

double sb_seen_ahead(const sb_decay *decay, double pass, size_t low, size_t high)
{
    size_t ahead = 0, all = 0;
    for (size_t i = 0; i < decay->nt; i++) {
        const double *err = decay->err + i * decay->nxi;
        if (decay->step[i] < pass) continue;
        all++;
        ahead += err[low] < err[high];
    }
    return all ? (double)ahead / (double)all : NAN;
}

static sb_status see_frequencies(const sb_case *cas, size_t runs, const sb_decay *observed, sb_seen *seen)
{
    size_t n = cas->watch.modes.count;
    for (size_t r = 0; r < runs && n > 0; r++) {
        double *step = seen->settled + r * n;
        for (size_t k = 0; k < n; k++) {
            sb_status status = sb_seen_settled(cas->config, &observed[r], k, &step[k]);
            if (status != SB_OK) return status;
        }
    }
    return SB_OK;
}

/* Spearman's correlation of frequency and last error along the principal direction, mean over runs: above 0, low
 * frequencies are ahead. */
static sb_status see_projection(const sb_case *cas, size_t runs, const sb_decay *observed, sb_seen *seen)
{
    size_t n = cas->watch.along.count;
    seen->projection = NAN;
    for (size_t r = 0; r < runs && n > 2; r++) {
        double one;
        const double *last = observed[r].err + (observed[r].nt - 1) * observed[r].nxi + cas->watch.modes.count;
        sb_status status = sb_spearman(n, cas->config->observe_projection.v, last, &one);
        if (status != SB_OK) return status;
        seen->projection = (r ? seen->projection : 0) + one / (double)runs;
    }
    return SB_OK;
}

static void see_filters(const sb_case *cas, size_t runs, const sb_decay *observed, sb_seen *seen)
{
    size_t first = cas->watch.modes.count + cas->watch.along.count; /* then low and high of each */
    for (size_t d = 0; d < cas->watch.filter.count; d++)
        for (size_t r = 0; r < runs; r++)
            seen->low_ahead[d] +=
                sb_seen_ahead(&observed[r], sb_case_epoch(cas), first + 2 * d, first + 2 * d + 1) / (double)runs;
}

sb_status sb_seen_find(const sb_case *cas, size_t runs, const sb_decay *observed, sb_seen *seen)
{
    sb_status status = SB_OK;
    *seen = (sb_seen){.settled = calloc(runs * cas->watch.modes.count + 1, sizeof *seen->settled),
                      .low_ahead = calloc(cas->watch.filter.count + 1, sizeof *seen->low_ahead)};
    if (!seen->settled || !seen->low_ahead) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu seeds", runs));
    SB_TRY(see_frequencies(cas, runs, observed, seen));
    SB_TRY(see_projection(cas, runs, observed, seen));
    see_filters(cas, runs, observed, seen);
done:
    return status;
}

void sb_seen_clear(sb_seen *seen)
{
    free(seen->settled);
    free(seen->low_ahead);
    *seen = (sb_seen){0};
}

/* ---- losses at the end ---- */

typedef struct spread {
    double mean, deviation, lo, hi;
} spread;

/* Numbers of the runs, `offset` into their records. */
static spread spread_of(const sb_summary *summary, size_t offset)
{
    spread s = {0, 0, INFINITY, -INFINITY};
    size_t n = summary->runs;
    for (int pass = 0; pass < 2; pass++)
        for (size_t r = 0; r < n; r++) {
            double v = *(const double *)((const char *)&summary->run[r] + offset);
            s.lo = fmin(s.lo, v);
            s.hi = fmax(s.hi, v);
            if (pass == 0)
                s.mean += v / (double)n;
            else if (n > 1)
                s.deviation += (v - s.mean) * (v - s.mean) / (double)(n - 1);
        }
    if (s.lo == s.hi) s.mean = s.lo; /* of equal numbers exactly that number */
    s.deviation = n > 1 ? sqrt(s.deviation) : NAN;
    return s;
}

typedef struct measured {
    char name[48];
    const char *what;
    size_t offset; /* in sb_run_record */
} measured;

/* The losses and accuracies that there are; returns how many. */
static size_t list_measured(const sb_case *cas, measured all[2 * (SB_TEST_SETS + 1)])
{
    size_t count = 0;
    bool classes = sb_has_classes(&cas->data);
    for (size_t t = 0; t <= cas->tests; t++) {
        size_t at = t > 0 ? (t - 1) * sizeof(double) : 0;
        size_t loss = t ? offsetof(sb_run_record, test_loss) + at : offsetof(sb_run_record, loss);
        size_t right = t ? offsetof(sb_run_record, test_accuracy) + at : offsetof(sb_run_record, accuracy);
        all[count] = (measured){.what = "loss", .offset = loss};
        sb_format(all[count].name, sizeof all[count].name, "%s", t ? cas->test[t - 1].name : "train");
        if (classes) all[count + 1] = (measured){.what = "accuracy", .offset = right};
        if (classes) memcpy(all[count + 1].name, all[count].name, sizeof all[count].name);
        count += classes ? 2 : 1;
    }
    return count;
}

static void say_losses(const sb_case *cas, const sb_summary *summary, FILE *say)
{
    measured all[2 * (SB_TEST_SETS + 1)];
    size_t count = list_measured(cas, all);
    sb_print(say, "\nat the end, mean over seeds%s\n", summary->runs > 1 ? " +- deviation (range)" : "");
    for (size_t i = 0; i < count; i++) {
        spread s = spread_of(summary, all[i].offset);
        sb_print(say, "  %-9s %-9s %.4g", all[i].name, all[i].what, s.mean);
        if (summary->runs > 1) sb_print(say, " +- %.2g (%.4g to %.4g)", s.deviation, s.lo, s.hi);
        fputc('\n', say);
    }
}

static void json_losses(const sb_case *cas, const sb_summary *summary, sb_json json)
{
    char member[64];
    measured all[2 * (SB_TEST_SETS + 1)];
    size_t count = list_measured(cas, all);
    for (size_t i = 0; i < count; i++) {
        spread s = spread_of(summary, all[i].offset);
        sb_format(member, sizeof member, "%s_%s", all[i].name, all[i].what);
        sb_json_real(json, member, s.mean);
        sb_format(member, sizeof member, "%s_%s_deviation", all[i].name, all[i].what);
        sb_json_real(json, member, s.deviation);
    }
}

/* ---- words ---- */

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

static void say_item(const sb_case *cas, const sb_summary *summary, size_t k, FILE *say)
{
    double lo = NAN, hi = NAN;
    size_t never = 0, n = cas->watch.modes.count;
    for (size_t r = 0; r < summary->runs; r++) {
        double step = summary->seen.settled[r * n + k];
        never += isnan(step);
        lo = fmin(lo, step);
        hi = fmax(hi, step);
    }
    sb_print(say, "  %-10s", summary->items.item[k].name);
    say_settled(say, lo, hi, never);
}

void sb_seen_say(const sb_case *cas, const sb_summary *summary, FILE *say)
{
    const sb_seen *seen = &summary->seen;
    say_losses(cas, summary, say);
    if (cas->watch.modes.count > 0 && (cas->sources == 0 || summary->claims > 0)) {
        sb_print(say, "\n  %-10s  below %g for good from step\n", cas->watch.modes.waves ? "frequency" : "degree",
                 cas->config->observe_level);
        for (size_t k = 0; k < cas->watch.modes.count; k++) say_item(cas, summary, k, say);
    }
    if (!isnan(seen->projection))
        sb_print(say, "\nprojection  rank correlation of frequency and last error %.2f\n", seen->projection);
    if (cas->watch.filter.count > 0)
        sb_print(say, "\n  variance / median  |y_high| / |y|  low part ahead (share of records)\n");
    for (size_t d = 0; d < cas->watch.filter.count; d++)
        sb_print(say, "  %-17g  %-14.3f  %.3f\n", cas->config->observe_filter.v[d], cas->watch.filter.high_share[d],
                 seen->low_ahead[d]);
}

void sb_seen_json(const sb_case *cas, const sb_summary *summary, sb_json json)
{
    const sb_seen *seen = &summary->seen;
    size_t n = cas->watch.modes.count;
    json_losses(cas, summary, json);
    sb_json runs = sb_json_array(json, "settled");
    for (size_t r = 0; n > 0 && r < summary->runs; r++) {
        sb_json steps = sb_json_array(runs, NULL);
        for (size_t k = 0; k < n; k++) sb_json_real(steps, NULL, seen->settled[r * n + k]);
    }
    if (!isnan(seen->projection)) sb_json_real(json, "projection_correlation", seen->projection);
    if (cas->watch.filter.count > 0) {
        sb_json ahead = sb_json_array(json, "low_ahead");
        for (size_t d = 0; d < cas->watch.filter.count; d++) sb_json_real(ahead, NULL, seen->low_ahead[d]);
    }
}
