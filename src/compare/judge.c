#include <specbias/compare.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

const double sb_level[SB_LEVELS] = {0.5, 0.1};

const char *sb_verdict_name(sb_verdict verdict)
{
    static const char *const name[] = {"agrees", "undecided", "differs", "not lazy"};
    return name[verdict];
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

double sb_quantile(double *values, size_t count, double p)
{
    if (count == 0) return NAN;
    gsl_sort(values, 1, count);
    double place = p * (double)(count - 1), below = floor(place), part = place - below;
    size_t i = (size_t)below;
    return i + 1 < count ? (1 - part) * values[i] + part * values[i + 1] : values[count - 1];
}

/* What the draws say of ln T at one frequency and level. */
typedef struct band {
    double s;      /* standard deviation; infinite when the draws are few or one of them never gets there */
    double lo, hi; /* 1 % and 99 % quantiles of T */
    double shift;  /* mean finite-width shift of ln T */
} band;

static sb_status band_of(const sb_draws *draws, size_t k, size_t level, band *result)
{
    double *times = malloc((draws->count + 1) * sizeof *times), sum = 0, square = 0, shift = 0;
    size_t reached = 0;
    *result = (band){INFINITY, NAN, NAN, 0};
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", draws->count);
    for (size_t b = 0; b < draws->count; b++) {
        size_t j = (b * draws->nxi + k) * SB_LEVELS + level;
        if (!isfinite(draws->times[j]) || !isfinite(draws->shift[j])) continue;
        sum += log(draws->times[j]);
        shift += draws->shift[j];
        times[reached++] = draws->times[j];
    }
    if (reached >= SB_DRAWS_NEEDED && reached == draws->count) {
        for (size_t b = 0; b < reached; b++) square += pow(log(times[b]) - sum / (double)reached, 2);
        *result = (band){.s = sqrt(square / (double)(reached - 1)),
                         .lo = sb_quantile(times, reached, 0.01),
                         .hi = sb_quantile(times, reached, 0.99),
                         .shift = shift / (double)reached};
    }
    free(times);
    return SB_OK;
}

/* Mean, minimum and maximum of ln T over runs; mean = nan when a run never gets there. */
typedef struct crossing {
    double mean, lo, hi;
} crossing;

static crossing crossing_of(const sb_decay *runs, size_t count, size_t k, double q)
{
    crossing all = {0, INFINITY, -INFINITY};
    for (size_t r = 0; r < count; r++) {
        double ln_t = log(sb_decay_time(&runs[r], k, q));
        all.mean += ln_t / (double)count;
        all.lo = fmin(all.lo, ln_t);
        all.hi = fmax(all.hi, ln_t);
    }
    if (isnan(all.mean)) all.lo = all.hi = NAN;
    return all;
}

/* The expected deviation of the observed mean ln T from the forecast. */
static sb_status deviation(const sb_case *cas, size_t k, size_t level, sb_judgement *j)
{
    double floor_s = cas->floor[k] / j->q, random = 0, moved = cas->movement, allowance = 0;
    if (cas->draws) {
        band drawn;
        sb_status status = band_of(cas->draws, k, level, &drawn);
        if (status != SB_OK) return status;
        if (!cas->paired) { /* else the range of seeds says more */
            j->pred_lo = drawn.lo;
            j->pred_hi = drawn.hi;
        }
        j->shift = drawn.shift;
        random = drawn.s * sqrt(1 / (double)cas->runs + 1 / (double)cas->draws->count);
        moved = cas->laziness / 2; /* measured: T moves by 0.3 to 0.4 of the index */
    }
    /* -ln(1 - eta r) = eta r (1 + eta r / 2 + ..) */
    if (cas->flow && isfinite(j->t_pred)) allowance = -cas->eta * log(j->q) / j->t_pred / 2;
    j->s = sqrt(random * random + moved * moved + floor_s * floor_s + allowance * allowance);
    return SB_OK;
}

/* ln T; infinite beyond the end of the record, nan when err was never above q and a time cannot be told. */
static double log_time(const sb_decay *decay, size_t k, double q)
{
    double t = sb_decay_time(decay, k, q);
    if (!isnan(t)) return log(t);
    return decay->err[(decay->nt - 1) * decay->nxi + k] < q ? NAN : INFINITY;
}

/* The least that |mean over runs of ln T_obs - (ln T_pred + shift)| can be. A time that is not reached lies beyond the
 * end of the record: that run's difference is then known from one side only. nan: nothing is known. */
static double least_difference(const sb_case *cas, size_t k, const sb_judgement *j)
{
    const sb_decay *first = &cas->observed[0];
    double end = log(first->t[first->nt - 1]), low = 0, high = 0;
    for (size_t r = 0; r < cas->runs; r++) {
        double seen = log_time(&cas->observed[r], k, j->q);
        double told = log_time(&cas->forecast[cas->paired ? r : 0], k, j->q);
        if (isnan(seen) || isnan(told)) return NAN;
        low += isinf(told) ? -INFINITY : fmin(seen, end) - (told + j->shift);
        high += isinf(seen) ? INFINITY : seen - (fmin(told, end) + j->shift);
    }
    if (isinf(low) && isinf(high)) return NAN;
    return fmax(0, fmax(low, -high)) / (double)cas->runs;
}

static sb_verdict decide(const sb_judgement *j)
{
    if (j->z > SB_Z_LIMIT) return SB_DIFFERS;
    bool reached = isfinite(j->t_obs) && isfinite(j->t_pred);
    return reached && SB_Z_LIMIT * j->s < log(SB_RATE_ERROR) ? SB_AGREES : SB_UNDECIDED;
}

static sb_status judge_one(const sb_case *cas, size_t k, size_t level, sb_judgement *j)
{
    const sb_decay *first = &cas->observed[0];
    double q = sb_level[level];
    crossing seen = crossing_of(cas->observed, cas->runs, k, q);
    crossing told = crossing_of(cas->forecast, cas->paired ? cas->runs : 1, k, q);
    *j = (sb_judgement){.xi = first->xi[k], .label = first->label[k], .q = q};
    j->t_pred = exp(told.mean);
    j->pred_lo = cas->paired ? exp(told.lo) : NAN;
    j->pred_hi = cas->paired ? exp(told.hi) : NAN;
    j->t_obs = exp(seen.mean);
    j->obs_lo = exp(seen.lo);
    j->obs_hi = exp(seen.hi);
    sb_status status = deviation(cas, k, level, j);
    if (status != SB_OK) return status;
    double difference = least_difference(cas, k, j);
    j->z = isinf(j->s) ? NAN : difference == 0 ? 0 : difference / j->s;
    j->verdict = cas->laziness > cas->limit ? SB_NOT_LAZY : decide(j);
    return SB_OK;
}

sb_status sb_judge(const sb_case *cas, sb_judgement *judgement, sb_verdict *verdict)
{
    size_t forecasts = cas->paired ? cas->runs : 1;
    for (size_t r = 0; r < cas->runs; r++)
        for (size_t f = 0; f < forecasts; f++) {
            sb_status status = sb_decay_comparable(&cas->forecast[f], &cas->observed[r]);
            if (status != SB_OK) return status;
        }
    *verdict = SB_AGREES;
    for (size_t k = 0; k < cas->observed[0].nxi; k++)
        for (size_t level = 0; level < SB_LEVELS; level++) {
            sb_judgement *j = &judgement[k * SB_LEVELS + level];
            sb_status status = judge_one(cas, k, level, j);
            if (status != SB_OK) return status;
            if (j->verdict > *verdict) *verdict = j->verdict;
        }
    return SB_OK;
}

const sb_wrong *sb_wrong_at(size_t index)
{
    static const sb_wrong list[] = {{"x0.5", 0.5, false}, {"x0.8", 0.8, false}, {"x1.25", 1.25, false},
                                    {"x2", 2, false},     {"x0", 0, false},     {"permuted", 1, true}};
    return index < sizeof list / sizeof list[0] ? &list[index] : NULL;
}
