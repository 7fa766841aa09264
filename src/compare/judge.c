#include <specbias/compare.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

const char *sb_verdict_name(sb_verdict verdict)
{
    static const char *const name[] = {"none", "agrees", "undecided", "differs", "not lazy"};
    return name[verdict];
}

bool sb_verdict_find(const char *name, sb_verdict *verdict)
{
    for (int v = SB_NONE; v <= SB_NOT_LAZY; v++)
        if (strcmp(name, sb_verdict_name((sb_verdict)v)) == 0) {
            *verdict = (sb_verdict)v;
            return true;
        }
    return false;
}

sb_status sb_draws_init(sb_draws *draws, size_t count, size_t nxi)
{
    *draws = (sb_draws){.count = count, .nxi = nxi};
    draws->times = malloc((count * nxi * SB_LEVELS + 1) * sizeof *draws->times);
    draws->shift = malloc((count * nxi * SB_LEVELS + 1) * sizeof *draws->shift);
    if (!draws->times || !draws->shift) {
        sb_draws_clear(draws);
        return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", count);
    }
    for (size_t i = 0; i < count * nxi * SB_LEVELS; i++) draws->times[i] = draws->shift[i] = NAN;
    return SB_OK;
}

void sb_draws_clear(sb_draws *draws)
{
    free(draws->times);
    free(draws->shift);
    *draws = (sb_draws){0};
}

sb_status sb_noise_init(sb_noise *noise, size_t nxi)
{
    size_t lines = nxi * SB_LEVELS;
    *noise = (sb_noise){.times = malloc((2 * lines + 1) * sizeof *noise->times)};
    if (!noise->times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", lines);
    noise->s = noise->times + lines;
    for (size_t j = 0; j < lines; j++) noise->times[j] = NAN, noise->s[j] = INFINITY;
    return SB_OK;
}

void sb_noise_clear(sb_noise *noise)
{
    free(noise->times);
    *noise = (sb_noise){0};
}

double sb_quantile(double *values, size_t count, double p)
{
    if (count == 0) return NAN;
    gsl_sort(values, 1, count);
    double place = p * (double)(count - 1), below = floor(place), part = place - below;
    size_t i = (size_t)below;
    return i + 1 < count ? (1 - part) * values[i] + part * values[i + 1] : values[count - 1];
}

/* What finite width does to ln T at one frequency and level. */
typedef struct band {
    double count;          /* draws that tell of T; infinite where none is needed */
    double s;              /* standard deviation; infinite when the draws are few or one of them never gets there */
    double lo, hi;         /* 1 % and 99 % quantiles of T */
    double shift, s_shift; /* finite-width shift of ln T: mean, and standard deviation over the draws */
    double dof;            /* degrees of freedom of all that; of none: infinite */
} band;

/* times[count], log_t[count] and shift[count] of the draws that tell of T; false: one of them never gets there. */
static bool gather(const sb_draws *draws, size_t cell, size_t *told, double *times, double *log_t, double *shift)
{
    size_t stride = draws->nxi * SB_LEVELS, count = 0;
    for (size_t at = cell; at < draws->count * stride; at += stride) {
        if (draws->times[at] == 0) continue; /* below q from the start */
        if (!isfinite(draws->times[at]) || !isfinite(draws->shift[at])) return false;
        times[count] = draws->times[at];
        log_t[count] = log(draws->times[at]);
        shift[count++] = draws->shift[at];
    }
    *told = count;
    return count >= SB_DRAWS_NEEDED;
}

/* Of rehearsals, one of which at half the width may be caught just above q for long: the mean of the shift without an
 * eighth from either end, and what makes its error: the deviation of all, drawn in to the ends of what is left, over
 * the share that is left (Yuen 1974). */
static void trim(size_t count, double *shift, band *result)
{
    size_t cut = count / 8, left = count - 2 * cut;
    gsl_sort(shift, 1, count);
    result->shift = gsl_stats_mean(shift + cut, 1, left);
    for (size_t i = 0; i < cut; i++) {
        shift[i] = shift[cut];
        shift[count - 1 - i] = shift[cut + left - 1];
    }
    result->s_shift = gsl_stats_sd(shift, 1, count) * (double)count / (double)left;
    result->dof = (double)left - 1;
}

static sb_status band_of_draws(const sb_draws *draws, bool trained, size_t k, size_t level, band *result)
{
    size_t most = draws->count, count = 0;
    double *times = malloc((3 * most + 1) * sizeof *times);
    *result = (band){0, INFINITY, NAN, NAN, 0, INFINITY, 0};
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", most);
    double *log_t = times + most, *shift = log_t + most;
    if (gather(draws, k * SB_LEVELS + level, &count, times, log_t, shift)) {
        result->count = (double)count;
        result->s = gsl_stats_sd(log_t, 1, count);
        result->lo = sb_quantile(times, count, 0.01);
        result->hi = sb_quantile(times, count, 0.99);
        result->shift = gsl_stats_mean(shift, 1, count);
        result->s_shift = gsl_stats_sd(shift, 1, count);
        result->dof = (double)count - 1;
        if (trained) trim(count, shift, result);
    }
    free(times);
    return SB_OK;
}

/* Of the lognormal law. */
static band band_of_width(const sb_width_line *line)
{
    double reach = gsl_cdf_ugaussian_Pinv(0.99) * line->s;
    if (!isfinite(line->s)) return (band){INFINITY, INFINITY, NAN, NAN, 0, 0, INFINITY};
    return (band){
        INFINITY, line->s, line->time * exp(line->shift - reach), line->time * exp(line->shift + reach), line->shift,
        0,        INFINITY};
}

static sb_status band_of(const sb_evidence *e, size_t k, size_t level, band *result)
{
    if (!e->width) return band_of_draws(e->draws, !e->effect, k, level, result);
    *result = band_of_width(&e->width[k * SB_LEVELS + level]);
    return SB_OK;
}

/* ln T; infinite beyond the end of the record, nan when err was never above q and a time cannot be told. */
static double log_time(const sb_decay *decay, size_t k, size_t level)
{
    double q = decay->items.level[level], t = sb_decay_time(decay, k, q);
    if (!isnan(t)) return log(t);
    return decay->err[(decay->nt - 1) * decay->nxi + k] < q ? NAN : INFINITY;
}

/* The same of run r's forecast, or of what stands in its place. */
static double told_time(const sb_evidence *e, size_t r, size_t k, size_t level)
{
    size_t f = e->paired ? r : 0;
    if (!e->times) return log_time(&e->forecast[f], k, level);
    double t = e->times[(f * e->forecast[f].nxi + k) * SB_LEVELS + level];
    return isnan(t) ? INFINITY : t == 0 ? NAN : log(t);
}

/* Mean, minimum and maximum of ln T over runs; mean = nan when a run never gets there. */
typedef struct crossing {
    double mean, lo, hi;
} crossing;

static crossing crossing_of(const sb_evidence *e, bool told, size_t k, size_t level)
{
    crossing all = {0, INFINITY, -INFINITY};
    size_t count = told && !e->paired ? 1 : e->runs;
    for (size_t r = 0; r < count; r++) {
        double ln_t = told ? told_time(e, r, k, level) : log_time(&e->observed[r], k, level);
        all.mean += isinf(ln_t) ? NAN : ln_t / (double)count;
        all.lo = fmin(all.lo, ln_t);
        all.hi = fmax(all.hi, ln_t);
    }
    if (isnan(all.mean)) all.lo = all.hi = NAN;
    return all;
}

/* Of the target, of the weights in all steps until then, and of steps that are hardly above their rounding. */
static double floor_of(const sb_evidence *e, size_t k, size_t level, const sb_judgement *j)
{
    const sb_decay *first = &e->observed[0];
    double end = first->t[first->nt - 1], steps = fmin(j->t_pred, end) * e->steps; /* nan: the end */
    double weights = e->rounding[k] * sqrt(steps), lost = j->q * e->lost[k * SB_LEVELS + level];
    return sqrt(e->floor[k] * e->floor[k] + weights * weights + lost * lost);
}

/* Of the order of mini-batches. The band of T, which is that of the draws under the mean over batches, goes to where
 * the forecast is and becomes as wide as both deviations together, if they are normal. */
static double batch_deviation(const sb_evidence *e, size_t k, size_t level, sb_judgement *j)
{
    if (!e->noise) return 0;
    double s = e->noise->s[k * SB_LEVELS + level], half = gsl_cdf_ugaussian_Qinv(0.01) * s;
    if (j->pred_hi > 0) half = hypot(half, 0.5 * log(j->pred_hi / j->pred_lo));
    j->pred_lo = isfinite(half) ? j->t_pred * exp(j->shift - half) : NAN;
    j->pred_hi = isfinite(half) ? j->t_pred * exp(j->shift + half) : NAN;
    return s * sqrt(1 / (double)e->runs + 1 / (double)e->noise->runs);
}

/* The expected deviation of the observed mean ln T from the forecast. */
static sb_status deviation(const sb_evidence *e, size_t k, size_t level, sb_judgement *j)
{
    double floor_s = (j->floor = floor_of(e, k, level, j)) / j->q, random = 0, dof = 0;
    bool sampled = e->draws || e->width;
    double moved = !e->effect || isnan(j->effect) ? 0 : sampled ? j->effect / 2 : e->moved[k * SB_LEVELS + level];
    if (e->error) moved = hypot(moved, e->error[k * SB_LEVELS + level]);
    if (sampled) {
        band drawn;
        sb_status status = band_of(e, k, level, &drawn);
        if (status != SB_OK) return status;
        bool beyond = e->width && isnan(j->t_pred); /* the record, of which a band would tell nothing */
        if (!e->paired && !beyond) {                /* paired: the range of seeds says more */
            j->pred_lo = drawn.lo;
            j->pred_hi = drawn.hi;
        }
        j->shift = drawn.shift;
        dof = drawn.dof;
        double more = e->effect ? 1 / drawn.count : 0;
        random = hypot(drawn.s * sqrt(1 / (double)e->runs + more), drawn.s_shift / sqrt(drawn.count));
    }
    double batch = batch_deviation(e, k, level, j);
    j->s = sqrt(random * random + batch * batch + moved * moved + floor_s * floor_s);
    j->dof = random > 0 ? dof * pow(j->s / random, 4) : INFINITY; /* Welch */
    return SB_OK;
}

/* The least that |mean over runs of ln T_obs - (ln T_pred + shift)| can be. A time that is not reached lies beyond the
 * end of the record: that run's difference is then known from one side only. nan: nothing is known. */
static double least_difference(const sb_evidence *e, size_t k, size_t level, const sb_judgement *j)
{
    const sb_decay *first = &e->observed[0];
    double end = log(first->t[first->nt - 1]), low = 0, high = 0;
    for (size_t r = 0; r < e->runs; r++) {
        double seen = log_time(&e->observed[r], k, level), told = told_time(e, r, k, level);
        if (isnan(seen) || isnan(told)) return NAN;
        low += isinf(told) ? -INFINITY : fmin(seen, end) - (told + j->shift);
        high += isinf(seen) ? INFINITY : seen - (fmin(told, end) + j->shift);
    }
    if (isinf(low) && isinf(high)) return NAN;
    return fmax(0, fmax(low, -high)) / (double)e->runs;
}

double sb_limit(double dof, size_t lines)
{
    double tail = SB_FALSE_ALARM / 2 / (double)lines;
    return dof < 1e6 ? gsl_cdf_tdist_Qinv(tail, dof) : gsl_cdf_ugaussian_Qinv(tail);
}

static double tail_of(const sb_judgement *j)
{
    double z = fmin(j->z, 1e100);
    return j->dof < 1e6 ? gsl_cdf_tdist_Q(z, j->dof) : gsl_cdf_ugaussian_Q(z);
}

/* Lines that can differ, whatever is observed; s = infinite cannot. */
static size_t count_lines(const sb_judgement *judgement, size_t count)
{
    size_t lines = 0;
    for (size_t i = 0; i < count; i++) lines += isfinite(judgement[i].s);
    return lines;
}

/* The least likely of the undecided lines; NULL: none has a z. */
static sb_judgement *least_likely(sb_judgement *judgement, size_t count)
{
    sb_judgement *least = NULL;
    for (size_t i = 0; i < count; i++) {
        sb_judgement *j = &judgement[i];
        if (j->verdict == SB_UNDECIDED && !isnan(j->z) && (!least || tail_of(j) < tail_of(least))) least = j;
    }
    return least;
}

/* Holm: of m lines, that with the least probability differs when it is below SB_FALSE_ALARM / m, the next when below
 * SB_FALSE_ALARM / (m - 1), .. until one is not. The rest agrees where a wrong rate would have been seen. */
static void decide(sb_judgement *judgement, size_t count)
{
    size_t left = count_lines(judgement, count);
    for (sb_judgement *j; (j = least_likely(judgement, count)); left--) {
        j->limit = sb_limit(j->dof, left);
        if (!(j->z > j->limit)) break;
        j->verdict = SB_DIFFERS;
    }
    for (size_t i = 0; i < count; i++) {
        sb_judgement *j = &judgement[i];
        if (j->verdict == SB_DIFFERS) continue;
        j->limit = isfinite(j->s) ? sb_limit(j->dof, left) : NAN;
        bool reached = isfinite(j->t_obs) && isfinite(j->t_pred);
        if (j->verdict == SB_UNDECIDED && reached && j->limit * j->s < log(SB_RATE_ERROR)) j->verdict = SB_AGREES;
    }
}

double sb_noticed_factor(const sb_judgement *judgement, size_t count, const double *slope, double end)
{
    double least = INFINITY;
    size_t lines = count_lines(judgement, count);
    for (size_t i = 0; i < count; i++) {
        const sb_judgement *j = &judgement[i];
        if (!isfinite(j->s) || !isfinite(j->t_obs) || !isfinite(j->t_pred)) continue;
        double shift = (sb_limit(j->dof, lines) + gsl_cdf_ugaussian_Pinv(0.95)) * j->s; /* of ln T */
        if (log(end / fmax(j->t_obs, j->t_pred)) >= shift && slope[i] > 0 && isfinite(slope[i]))
            least = fmin(least, shift / slope[i]);
    }
    return least <= M_LN2 ? exp(least) : NAN;
}

static sb_status judge_one(const sb_evidence *e, size_t k, size_t level, sb_judgement *j)
{
    const sb_decay *first = &e->observed[0];
    double q = first->items.level[level];
    crossing seen = crossing_of(e, false, k, level), told = crossing_of(e, true, k, level);
    *j = (sb_judgement){.xi = first->items.item[k].xi,
                        .label = first->items.item[k].label,
                        .q = q,
                        .effect = e->effect ? e->effect[k * SB_LEVELS + level] : NAN};
    j->t_pred = exp(told.mean);
    j->pred_lo = e->paired ? exp(told.lo) : NAN;
    j->pred_hi = e->paired ? exp(told.hi) : NAN;
    j->t_obs = exp(seen.mean);
    j->obs_lo = exp(seen.lo);
    j->obs_hi = exp(seen.hi);
    sb_status status = deviation(e, k, level, j);
    if (status != SB_OK) return status;
    double difference = least_difference(e, k, level, j);
    j->z = isinf(j->s) ? NAN : difference == 0 ? 0 : difference / j->s;
    j->verdict = !isnan(difference) && j->effect > e->limit ? SB_NOT_LAZY : SB_UNDECIDED;
    return SB_OK;
}

/* Neither the forecast nor any run gets there: the record is silent. */
static bool beyond_record(const sb_evidence *e, size_t k, size_t level)
{
    bool beyond = true;
    for (size_t r = 0; r < e->runs; r++)
        beyond = beyond && log_time(&e->observed[r], k, level) == INFINITY && told_time(e, r, k, level) == INFINITY;
    return beyond;
}

/* The worst of the lines of which the record tells something; undecided where there is none. */
static sb_verdict worst_of(const sb_evidence *e, const sb_judgement *judgement, size_t count)
{
    sb_verdict worst = SB_NONE;
    for (size_t i = 0; i < count; i++)
        if (judgement[i].verdict > worst && !beyond_record(e, i / SB_LEVELS, i % SB_LEVELS))
            worst = judgement[i].verdict;
    return worst == SB_NONE && count > 0 ? SB_UNDECIDED : worst;
}

sb_status sb_judge(const sb_evidence *e, sb_judgement *judgement, sb_verdict *verdict)
{
    size_t forecasts = e->paired ? e->runs : 1;
    for (size_t r = 0; r < e->runs; r++)
        for (size_t f = 0; f < forecasts; f++) {
            sb_status status = sb_decay_comparable(&e->forecast[f], &e->observed[r]);
            if (status != SB_OK) return status;
        }
    size_t lines = e->observed[0].nxi * SB_LEVELS;
    for (size_t i = 0; i < lines; i++) {
        sb_status status = judge_one(e, i / SB_LEVELS, i % SB_LEVELS, &judgement[i]);
        if (status != SB_OK) return status;
    }
    decide(judgement, lines);
    *verdict = worst_of(e, judgement, lines);
    return SB_OK;
}

const sb_wrong *sb_wrong_at(sb_wrong_set set, size_t index)
{
    static const sb_wrong list[][SB_WRONGS] = {
        {{"x0.5", SB_RATES, 0.5},
         {"x0.8", SB_RATES, 0.8},
         {"x1.25", SB_RATES, 1.25},
         {"x2", SB_RATES, 2},
         {"x0", SB_RATES, 0},
         {"permuted", SB_PERMUTED, 1}},
        {{"x0.5", SB_RATES, 0.5},
         {"x0.8", SB_RATES, 0.8},
         {"x1.25", SB_RATES, 1.25},
         {"x2", SB_RATES, 2},
         {"amplitude-x0.5", SB_LAW, 0},
         {"amplitude-x2", SB_LAW, 1},
         {"frozen", SB_LAW, 2}},
        {{"x0.5", SB_RATES, 0.5},
         {"x0.8", SB_RATES, 0.8},
         {"x1.25", SB_RATES, 1.25},
         {"x2", SB_RATES, 2},
         {"spacing-x2", SB_LAW, 0},
         {"two-filters", SB_LAW, 1},
         {"spectrum", SB_LAW, 2}},
    };
    const sb_wrong *wrong = index < sizeof list[0] / sizeof list[0][0] ? &list[set][index] : NULL;
    return wrong && wrong->name ? wrong : NULL;
}
