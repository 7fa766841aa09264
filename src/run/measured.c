#include "run/measured.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/observe.h>

#include "core/text.h"
#include "run/seen.h"

/* ---- at a place ---- */

static double extreme(const sb_curve *curve, double sign)
{
    double most = -INFINITY;
    for (size_t i = 0; i < curve->n; i++) most = fmax(most, sign * curve->v[i]);
    return most == -INFINITY ? NAN : sign * most;
}

static sb_status mean_of_last(const sb_measure *measure, const sb_curve *curve, double *value)
{
    *value = 0;
    if (measure->count > curve->n)
        return sb_fail(SB_ERR_INPUT, "%s: %s has only %zu records", measure->text, curve->what, curve->n);
    for (size_t i = curve->n - measure->count; i < curve->n; i++) *value += curve->v[i] / (double)measure->count;
    return SB_OK;
}

/* Linear between records; behind the last one of a run that stopped early, its value. */
static sb_status interpolate(const sb_measure *measure, const sb_curve *curve, const double *x, double at, double end,
                             double *value)
{
    size_t n = curve->n, i = 1;
    const double *v = curve->v;
    if (n == 0 || !(at >= x[0] && at <= fmax(x[n - 1], end)))
        return sb_fail(SB_ERR_INPUT, "%s: the records of %s go from %g to %g", measure->text, curve->what, n ? x[0] : 0,
                       end);
    while (i < n && x[i] < at) i++;
    *value = i == n ? v[n - 1] : v[i - 1] + (v[i] - v[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
    if (at == x[0]) *value = v[0];
    return SB_OK;
}

sb_status sb_measured_at(const sb_measure *measure, const sb_curve *curve, double *value)
{
    double step = measure->at;
    switch (measure->moment) {
    case SB_AT_LAST: return mean_of_last(measure, curve, value);
    case SB_AT_FIRST: *value = curve->n ? curve->v[0] : NAN; return SB_OK;
    case SB_AT_MIN: *value = extreme(curve, -1); return SB_OK;
    case SB_AT_MAX: *value = extreme(curve, 1); return SB_OK;
    case SB_AT_TIME: return interpolate(measure, curve, curve->t, measure->at, curve->end_t, value);
    case SB_AT_EPOCH:
        if (isnan(curve->pass))
            return sb_fail(SB_ERR_INPUT, "%s: an earlier version did not write the length of an epoch", measure->text);
        step *= curve->pass;
        break;
    case SB_AT_STEP: break;
    }
    return interpolate(measure, curve, curve->step, step, curve->end, value);
}

/* ---- items ---- */

bool sb_measure_is(const sb_measure *measure, const char *quantity)
{
    return strcmp(measure->quantity->name, quantity) == 0;
}

static sb_status no_item(const sb_measure *measure, const sb_items *items)
{
    char known[512] = "";
    for (size_t k = 0; k < items->n; k++) {
        size_t used = strlen(known);
        sb_format(known + used, sizeof known - used, "%s%s", k ? ", " : "", items->item[k].name);
    }
    return sb_fail(SB_ERR_INPUT, "%s: nothing that is watched is named \"%s\"; there are %s", measure->text,
                   *measure->item ? measure->item : "*", *known ? known : "none");
}

/* The first item that fits, from `from` on; items->n: none. */
static size_t next_item(const char *pattern, const sb_items *items, size_t from)
{
    while (from < items->n && !sb_measure_fits(pattern, items->item[from].name)) from++;
    return from;
}

/* ---- of one item ---- */

static sb_status error_at(const sb_results *results, const sb_measure *measure, const sb_decay *decay, size_t k,
                          double *value)
{
    size_t last = decay->nt - 1;
    double *error = sb_seen_errors(decay, k);
    if (!error) return sb_fail(SB_ERR_NOMEM, "no memory for %zu records", decay->nt);
    sb_curve curve = {.n = decay->nt,
                      .step = decay->step,
                      .t = decay->t,
                      .v = error,
                      .end = decay->step[last],
                      .end_t = decay->t[last],
                      .pass = results->pass,
                      .what = decay->source};
    sb_status status = sb_measured_at(measure, &curve, value);
    free(error);
    return status;
}

static sb_status of_item(const sb_results *results, const sb_measure *measure, const sb_decay *decay, size_t k,
                         double *value)
{
    if (sb_measure_is(measure, "err")) return error_at(results, measure, decay, k, value);
    if (sb_measure_is(measure, "settled")) return sb_seen_settled(&results->config, decay, k, value);
    *value = sb_decay_time(decay, k, measure->q);
    return SB_OK;
}

/* ---- of several ---- */

/* For ranks: a time that is not reached comes last, one below the level from the start first. */
static double in_order(const sb_measure *measure, const sb_decay *decay, size_t k, double value)
{
    if (!isnan(value) || sb_measure_is(measure, "err")) return value;
    bool below = sb_measure_is(measure, "T") && decay->err[(decay->nt - 1) * decay->nxi + k] < measure->q;
    return below ? 0 : INFINITY;
}

static sb_status rank(const sb_results *results, const sb_measure *measure, const sb_decay *decay, double *value)
{
    sb_status status = SB_OK;
    size_t n = 0;
    const sb_items *items = &decay->items;
    double *xi = malloc((2 * items->n + 1) * sizeof *xi), *of = xi ? xi + items->n : NULL;
    if (!xi) return sb_fail(SB_ERR_NOMEM, "no memory for %zu items", items->n);
    for (size_t k = next_item(measure->item, items, 0); k < items->n; k = next_item(measure->item, items, k + 1), n++) {
        SB_TRY(of_item(results, measure, decay, k, &of[n]));
        of[n] = in_order(measure, decay, k, of[n]);
        xi[n] = fabs(items->item[k].xi);
    }
    if (n < 2)
        SB_TRY(sb_fail(SB_ERR_INPUT, "%s: an order is one of two frequencies at least, and %zu %s watched",
                       measure->text, n, n == 1 ? "is" : "are"));
    *value = measure->rank == SB_RANK_TAU ? sb_kendall(n, xi, of) : sb_in_order(n, xi, of);
done:
    free(xi);
    return status;
}

/* Without a variance the smallest share of all. */
static sb_status ahead(const sb_results *results, const sb_measure *measure, const sb_decay *decay, double *value)
{
    char name[SB_MEASURE + 8];
    const sb_items *items = &decay->items;
    bool filtered = false;
    *value = NAN;
    for (size_t k = 0; k < items->n; k++) {
        const char *inside = items->item[k].name + strlen("low(");
        sb_format(name, sizeof name, "high(%s", inside);
        size_t high = next_item(name, items, 0);
        if (strncmp(items->item[k].name, "low(", 4) != 0 || high == items->n) continue;
        filtered = true;
        double variance, wanted;
        bool asked =
            sb_text_is_real(measure->item, &wanted) && sb_scan(inside, "%lf", &variance) == 1 && variance == wanted;
        if (*measure->item && !asked) continue;
        *value = fmin(*value, sb_seen_ahead(decay, results->pass, k, high)); /* of nan and a number the number */
    }
    if (!filtered) return sb_fail(SB_ERR_INPUT, "%s: no filtered error is watched (observe.filter)", measure->text);
    return isnan(*value) ? no_item(measure, items) : SB_OK;
}

bool sb_measured_of_decay(const sb_measure *measure)
{
    if (sb_measure_is(measure, "err") && *measure->of) return false; /* of a test set */
    static const char *const of_decays[] = {"T", "err", "settled", "ahead", "fbi", "spread"};
    for (size_t i = 0; i < sizeof of_decays / sizeof of_decays[0]; i++)
        if (sb_measure_is(measure, of_decays[i])) return true;
    return false;
}

sb_status sb_measured_take(const sb_results *results, const sb_measure *measure, const sb_decay *decay, double *value)
{
    sb_bias_result bias;
    if (measure->rank) return rank(results, measure, decay, value);
    if (sb_measure_is(measure, "ahead")) return ahead(results, measure, decay, value);
    if (sb_measure_is(measure, "fbi") || sb_measure_is(measure, "spread")) {
        sb_status status = sb_bias_of(decay, &bias);
        *value = sb_measure_is(measure, "fbi") ? bias.bias.fbi : bias.bias.spread;
        return status;
    }
    size_t k = next_item(measure->item, &decay->items, 0);
    if (strcmp(measure->item, "only") == 0 && decay->items.n > 1) k = decay->items.n;
    return k < decay->items.n ? of_item(results, measure, decay, k, value) : no_item(measure, &decay->items);
}
