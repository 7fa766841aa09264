#include <specbias/compare.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    if (!draws->times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", count);
    for (size_t i = 0; i < count * nxi * SB_LEVELS; i++) draws->times[i] = NAN;
    return SB_OK;
}

void sb_draws_clear(sb_draws *draws)
{
    free(draws->times);
    *draws = (sb_draws){0};
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double sb_quantile(double *values, size_t count, double p)
{
    if (count == 0) return NAN;
    qsort(values, count, sizeof *values, ascending);
    double place = p * (double)(count - 1), below = floor(place), part = place - below;
    size_t i = (size_t)below;
    return i + 1 < count ? (1 - part) * values[i] + part * values[i + 1] : values[count - 1];
}

/* Spread of ln T over the draws and its 1 % and 99 % quantiles; s_band is infinite when a tenth or more of the draws
 * never gets there, as the band is then not known. */
static sb_status band(const sb_draws *draws, size_t k, size_t level, double *s_band, double *lo, double *hi)
{
    double *times = malloc((draws->count + 1) * sizeof *times), sum = 0, square = 0;
    size_t reached = 0;
    *lo = *hi = NAN;
    *s_band = INFINITY;
    if (!times) return sb_fail(SB_ERR_NOMEM, "no memory for %zu draws", draws->count);
    for (size_t b = 0; b < draws->count; b++) {
        double t = draws->times[(b * draws->nxi + k) * SB_LEVELS + level];
        if (isfinite(t)) times[reached++] = t;
    }
    if (reached >= 2 && (double)reached > 0.9 * (double)draws->count) {
        for (size_t b = 0; b < reached; b++) sum += log(times[b]);
        for (size_t b = 0; b < reached; b++) square += pow(log(times[b]) - sum / (double)reached, 2);
        *s_band = sqrt(square / (double)(reached - 1));
        *lo = sb_quantile(times, reached, 0.01);
        *hi = sb_quantile(times, reached, 0.99);
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
    double floor_s = cas->floor[k] / j->q, s_band = 0, allowance = 0;
    if (cas->draws) {
        double lo = NAN, hi = NAN;
        sb_status status = band(cas->draws, k, level, &s_band, &lo, &hi);
        if (status != SB_OK) return status;
        if (!cas->paired) { /* else the range of seeds says more */
            j->pred_lo = lo;
            j->pred_hi = hi;
        }
        s_band *= sqrt(1 / (double)cas->runs + 1 / (double)cas->draws->count);
    } else {
        s_band = cas->laziness; /* no sampling noise: the movement of the kernel is what is left */
    }
    if (cas->flow) allowance = cas->eta * M_LN2 / j->t_pred / 2; /* -ln(1 - eta r) = eta r (1 + eta r / 2 + ..) */
    j->s = sqrt(s_band * s_band + floor_s * floor_s + (isnan(allowance) ? 0 : allowance * allowance));
    return SB_OK;
}

/* When one side never gets there, it is at least as late as the end of the record. */
static double least_difference(double ln_obs, double ln_pred, double ln_end)
{
    if (isnan(ln_obs) && isnan(ln_pred)) return NAN;
    if (isnan(ln_obs)) return ln_end - ln_pred;
    if (isnan(ln_pred)) return ln_end - ln_obs;
    return fabs(ln_obs - ln_pred);
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
    double difference = least_difference(seen.mean, told.mean, log(first->t[first->nt - 1]));
    j->z = difference == 0 ? 0 : difference / j->s;
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
