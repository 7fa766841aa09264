/* Power: the same verdict on kernels that are wrong; of a forecast without modes, on times that are. */
#include <math.h>
#include <stdlib.h>

#include "forecast/forecast.h"
#include "forecast/noise.h"
#include "run/comparison.h"
#include "run/stage.h"
#include "run/table.h"

typedef struct trial {
    const sb_comparison *w;
    const sb_told *t;
    bool whole;             /* there are no modes: times of the forecast itself are changed */
    size_t size, rank;      /* numbers of a residual, eigenvalues */
    sb_kernel_modes *modes; /* [count] */
    double *u0;             /* [count][size] */
    double *rate;           /* [rank] */
    size_t *order;          /* [rank] a fixed permutation */
    sb_decay *decay;        /* [count] */
    sb_judgement *judgement;
    double *slope; /* [items][SB_LEVELS] of T with rates */
    bool noisy;    /* trials go by the mean over mini-batches, and what their noise does to T is put in: */
    double *later; /* [count][items][SB_LEVELS] T of what was told over that of the mean under the same kernel */
    double *times; /* [count][items][SB_LEVELS] T of a trial, as evidence has them */
} trial;

static void permute(size_t n, size_t *order)
{
    sb_rng rng = sb_rng_at(1, SB_STREAM_PERMUTE, n);
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = n; i > 1; i--) { /* Fisher-Yates */
        size_t j = (size_t)(sb_rng_uniform(&rng) * (double)i), other = order[j];
        order[j] = order[i - 1];
        order[i - 1] = other;
    }
}

/* T of line j as evidence has it: nan: not reached, 0: below from the start */
static double time_of(const sb_decay *table, size_t j)
{
    size_t k = j / SB_LEVELS % table->nxi;
    double q = table->items.level[j % SB_LEVELS], t = sb_decay_time(table, k, q);
    return isnan(t) && table->err[(table->nt - 1) * table->nxi + k] < q ? 0 : t;
}

static sb_status measure_noise(trial *try)
{
    size_t lines = try->w->summary->nxi * SB_LEVELS;
    const sb_noise *noise = &try->w->noise[try->t - try->w->source];
    for (size_t r = 0; r < try->t->count && try->noisy; r++) {
        sb_status status =
            sb_kernel_forecast(&try->modes[r], &try->w->cas->rule, NULL, try->u0 + r * try->size, &try->decay[r]);
        if (status != SB_OK) return status;
        for (size_t j = r * lines; j < (r + 1) * lines; j++) {
            double told = noise->times ? noise->times[j] : time_of(&try->t->gd[r], j);
            double ratio = told / time_of(&try->decay[r], j);
            try->later[j] = ratio > 0 && ratio < INFINITY ? ratio : 1;
        }
    }
    return SB_OK;
}

static sb_status open_trial(const sb_comparison *w, const sb_told *t, trial *try)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    size_t per_row = sb_source_per_row(cas, t->source);
    *try = (trial){.w = w, .t = t, .size = cas->n * cas->outputs, .rank = sb_case_form(cas, per_row)->rank};
    try->whole = sb_source_way(cas, t->source, SB_FORM_GD) != SB_WAY_MODES;
    try->modes = calloc(t->count, sizeof *try->modes);
    try->decay = calloc(t->count, sizeof *try->decay);
    try->u0 = malloc(t->count * try->size * sizeof *try->u0);
    try->rate = malloc(try->rank * sizeof *try->rate);
    try->order = malloc(try->rank * sizeof *try->order);
    try->judgement = malloc((cas->watch.items.n * SB_LEVELS + 1) * sizeof *try->judgement);
    try->slope = malloc((cas->watch.items.n * SB_LEVELS + 1) * sizeof *try->slope);
    try->later = malloc(2 * (t->count * w->summary->nxi * SB_LEVELS + 1) * sizeof *try->later);
    try->noisy = sb_noise_matters(cas, t->source);
    bool all = try->modes && try->decay && try->u0 && try->rate && try->order && try->later;
    if (!all || !try->judgement || !try->slope) return sb_fail(SB_ERR_NOMEM, "no memory for the power test");
    try->times = try->later + t->count * w->summary->nxi * SB_LEVELS;
    permute(try->rank, try->order);
    for (size_t r = 0; r < t->count; r++) {
        uint64_t seed = (uint64_t)sb_comparison_seed(w, r);
        SB_TRY(sb_case_table(cas, t->name, SB_FORM_GD, &try->decay[r]));
        if (try->whole) continue;
        SB_TRY(sb_source_modes(cas, t->source, seed, &try->modes[r]));
        SB_TRY(sb_start_residual(cas, seed, try->u0 + r * try->size));
    }
    SB_TRY(measure_noise(try));
done:
    return status;
}

static void close_trial(trial *try)
{
    for (size_t r = 0; r < try->t->count; r++) {
        if (try->modes) sb_kernel_modes_clear(&try->modes[r]);
        if (try->decay) sb_decay_clear(&try->decay[r]);
    }
    free(try->modes);
    free(try->decay);
    free(try->u0);
    free(try->rate);
    free(try->order);
    free(try->later);
    free(try->judgement);
    free(try->slope);
}

/* With other rates. */
static sb_status change_modes(trial *try, size_t r, const sb_wrong *wrong)
{
    const sb_linear *linear = &try->modes[r].linear;
    for (size_t k = 0; k < try->rank; k++) {
        bool own = k >= linear->shares; /* too slow to be seen, whatever the theory */
        bool other = wrong->kind == SB_PERMUTED && !own;
        try->rate[k] = (own ? 1 : wrong->factor) * linear->eigen.lambda[other ? try->order[k] : k];
    }
    return sb_kernel_forecast(&try->modes[r], &try->w->cas->rule, try->rate, try->u0 + r * try->size, &try->decay[r]);
}

/* With other times, or with those of the next item: linear in log t between records as sb_decay_time has it; beyond the
 * record nothing moves. */
static void change_times(trial *try, size_t r, const sb_wrong *wrong)
{
    const sb_decay *told = &try->t->gd[r];
    size_t nxi = told->nxi, last = told->nt - 1, at = 0;
    for (size_t i = 0; i < told->nt; i++) {
        double t = fmin(wrong->factor * told->t[i], told->t[last]), *err = try->decay[r].err + i * nxi;
        while (at + 1 < last && told->t[at + 1] < t) at++;
        double from = told->t[at], to = told->t[at + 1];
        double part = at == 0 ? t / to : log(t / from) / log(to / from);
        for (size_t k = 0; k < nxi; k++) {
            const double *own = told->err + at * nxi + (wrong->kind == SB_PERMUTED ? (k + 1) % nxi : k);
            err[k] = own[0] + part * (own[nxi] - own[0]);
        }
    }
}

/* T of another law (law.tsv); NULL: of one that there is not, as its training diverges or nobody knows it. */
static const double *times_of_law(const sb_comparison *w, const sb_told *t, const sb_wrong *wrong)
{
    size_t lines = t->count * w->summary->nxi * SB_LEVELS;
    const double *times = t->law + (SB_LAW_WRONG + (size_t)wrong->factor) * lines;
    bool known = false;
    for (size_t j = 0; j < lines; j++) known = known || isfinite(times[j]);
    return known ? times : NULL;
}

/* Of the trial's tables, with what mini-batches do to them. */
static const double *noisy_times(const trial *try)
{
    size_t lines = try->w->summary->nxi * SB_LEVELS;
    for (size_t j = 0; j < try->t->count * lines; j++)
        try->times[j] = time_of(&try->decay[j / lines], j) * try->later[j];
    return try->times;
}

static sb_status rejects(trial *try, const sb_wrong *wrong, bool *tried, bool *rejected)
{
    const sb_comparison *w = try->w;
    sb_verdict verdict = SB_AGREES;
    bool other = wrong->kind == SB_LAW;
    const double *times = other ? times_of_law(w, try->t, wrong) : NULL;
    *tried = times || !other;
    if (!*tried) return SB_OK;
    for (size_t r = 0; !other && r < try->t->count; r++) {
        sb_status changed = SB_OK;
        if (try->whole)
            change_times(try, r, wrong);
        else
            changed = change_modes(try, r, wrong);
        if (changed != SB_OK) return changed;
    }
    sb_evidence evidence = sb_comparison_evidence(w, try->t, other ? try->t->gd : try->decay);
    evidence.times = try->noisy ? noisy_times(try) : times;
    evidence.limit = INFINITY; /* what the comparison could see is asked apart from whether training was lazy */
    sb_status status = sb_judge(&evidence, try->judgement, &verdict);
    *rejected = verdict == SB_DIFFERS;
    return status;
}

static void report_eigenpairs(const trial *try, sb_source_result *result)
{
    result->rate_min = INFINITY;
    if (try->whole) result->rate_max = result->rate_min = result->residual = result->orthogonality = NAN;
    for (size_t r = 0; !try->whole && r < try->t->count; r++) {
        const sb_eigen *eigen = &try->modes[r].linear.eigen;
        result->rate_max = fmax(result->rate_max, eigen->lambda[0]);
        result->rate_min = fmin(result->rate_min, eigen->lambda[eigen->n - 1]);
        result->residual = fmax(result->residual, eigen->residual);
        result->orthogonality = fmax(result->orthogonality, eigen->orthogonality);
        result->negative = fmax(result->negative, eigen->negative);
    }
}

/* -d ln T / d ln rate, the least of rates a bit higher and lower: 1 where modes shrink alone, about 1/2 where momentum
 * lets them swing, less where a few steps are all. A time beyond the record tells nothing. */
static void note_slopes(trial *try, const sb_judgement *right, double factor)
{
    for (size_t j = 0; j < try->w->summary->nxi * SB_LEVELS; j++) {
        double slope = log(right[j].t_pred / try->judgement[j].t_pred) / log(factor);
        if (!isnan(slope)) try->slope[j] = fmin(try->slope[j], slope);
    }
}

sb_status sb_power_measure(const sb_comparison *w, const sb_told *t, sb_source_result *result)
{
    sb_status status = SB_OK;
    sb_power *power = &result->power;
    power->least_factor = NAN;
    trial try = {.t = t};
    SB_TRY(open_trial(w, t, &try));
    report_eigenpairs(&try, result);
    for (size_t j = 0; j < w->summary->nxi * SB_LEVELS; j++) try.slope[j] = INFINITY;
    power->wrongs = t->source->wrongs;
    for (size_t i = 0; sb_wrong_at(power->wrongs, i); i++) {
        const sb_wrong *wrong = sb_wrong_at(power->wrongs, i);
        SB_TRY(rejects(&try, wrong, &power->tried[i], &power->rejected[i]));
        bool near = wrong->kind == SB_RATES && fabs(log(wrong->factor)) < 0.3;
        if (near) note_slopes(&try, result->judgement, wrong->factor);
    }
    bool tried;
    SB_TRY(rejects(&try, &(sb_wrong){"right", SB_RATES, 1}, &tried, &power->right_rejected));
    const sb_case *cas = w->cas;
    if (!power->right_rejected)
        power->least_factor =
            sb_noticed_factor(result->judgement, cas->watch.items.n * SB_LEVELS, try.slope, cas->t[cas->nt - 1]);
done:
    close_trial(&try);
    return status;
}
