#include "run/expected.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/clock.h"
#include "core/parallel.h"
#include "forecast/draws.h"
#include "forecast/forecast.h"
#include "forecast/width.h"

typedef struct work {
    const sb_case *cas;
    sb_draw_work draws;
    sb_decay forecast;    /* to ten times the record */
    sb_width_line *width; /* [items][SB_LEVELS] */
    sb_judgement *line;   /* [items][SB_LEVELS] */
    sb_decay *observed;   /* [seeds] the forecast, within the record */
    double *zero;         /* [items][SB_LEVELS] */
    double *effect;       /* [items][SB_LEVELS]; 0 where it is not known */
} work;

/* The first that is judged by draws; infinite width, which costs least, before others. */
static const sb_source *choose_source(const sb_case *cas)
{
    const sb_source *chosen = NULL;
    for (size_t s = 0; s < cas->sources; s++) {
        const sb_source *source = cas->source[s];
        if (source->per_seed || source->moving || sb_source_way(cas, source, SB_FORM_GD) != SB_WAY_MODES) continue;
        if (!chosen || strcmp(source->name, "ntk.infinite") == 0) chosen = source;
    }
    return sb_draw_count(cas) > 0 && !*cas->unjudged ? chosen : NULL;
}

/* Of the first seed's start, where that has an output of its own. */
static sb_status forecast_later(work *w, const sb_source *source)
{
    sb_status status = SB_OK;
    const sb_case *cas = w->cas;
    uint64_t seed = (uint64_t)cas->config->seeds_first;
    sb_kernel_modes modes = {0};
    double *u0 = malloc(cas->n * cas->outputs * sizeof *u0);
    if (!u0) return sb_fail(SB_ERR_NOMEM, "no memory for %zu points", cas->n);
    SB_TRY(sb_source_modes(cas, source, seed, &modes));
    SB_TRY(sb_start_residual(cas, seed, u0));
    SB_TRY(sb_decay_init(&w->forecast, &cas->watch.items, w->draws.nt, w->draws.t, w->draws.step, source->name,
                         SB_FORM_GD, &cas->terms));
    SB_TRY(sb_kernel_forecast(&modes, &cas->rule, NULL, u0, &w->forecast));
done:
    sb_kernel_modes_clear(&modes);
    free(u0);
    return status;
}

static sb_status one_draw(void *context, size_t index)
{
    return sb_draw_one(context, index + 1);
}

/* As many of the forecast's as `patience` allows; expected->draws = 0: too few to tell a spread. */
static sb_status make_draws(work *w, double patience, size_t threads, sb_expected *expected)
{
    double began = sb_seconds(), cores = (double)(threads ? threads : sb_cores());
    size_t count = w->draws.draws.count;
    sb_status status = sb_draw_one(&w->draws, 0);
    if (status != SB_OK) return status;
    expected->seconds = sb_seconds() - began;
    count = (size_t)fmin((double)count, patience * cores / expected->seconds);
    if (count < SB_DRAWS_NEEDED) return SB_OK;
    status = sb_parallel_for(threads, count - 1, one_draw, &w->draws);
    expected->draws = w->draws.draws.count = count;
    if (status == SB_OK) sb_draw_settle(&w->draws);
    return status;
}

static sb_status make_room(work *w)
{
    size_t lines = w->cas->watch.items.n * SB_LEVELS, seeds = (size_t)w->cas->config->seeds_count;
    w->width = calloc(lines + 1, sizeof *w->width);
    w->line = calloc(lines + 1, sizeof *w->line);
    w->zero = calloc(2 * lines + 1, sizeof *w->zero);
    w->effect = w->zero + lines;
    w->observed = calloc(seeds, sizeof *w->observed);
    bool all = w->width && w->line && w->zero && w->observed;
    return all ? SB_OK : sb_fail(SB_ERR_NOMEM, "no memory for %zu lines and %zu seeds", lines, seeds);
}

static sb_status judge(work *w, bool quadrature)
{
    const sb_case *cas = w->cas;
    size_t seeds = (size_t)cas->config->seeds_count;
    sb_verdict verdict;
    for (size_t r = 0; r < seeds; r++) {
        w->observed[r] = w->forecast;
        w->observed[r].nt = cas->nt;
    }
    sb_evidence evidence = {.forecast = w->observed,
                            .draws = &w->draws.draws,
                            .width = quadrature ? w->width : NULL,
                            .observed = w->observed,
                            .runs = seeds,
                            .effect = w->effect,
                            .moved = w->zero,
                            .limit = SB_LAZY,
                            .floor = w->zero,
                            .rounding = w->zero,
                            .lost = w->zero,
                            .steps = (double)cas->steps / cas->t[cas->nt - 1]};
    return sb_judge(&evidence, w->line, &verdict);
}

/* A rate off by SB_RATE_ERROR is noticed where (limit + 1.645) s = ln SB_RATE_ERROR; s goes like width^-1/2. No seed of
 * 99 % may be late, nor the seed that is late by that rate. */
static void tell_line(const work *w, size_t j, sb_expected_line *line)
{
    double noticed = log(SB_RATE_ERROR), sure = gsl_cdf_ugaussian_Pinv(0.95);
    const sb_judgement *judged = &w->line[j];
    *line = (sb_expected_line){.time = sb_decay_line_time(&w->forecast, j),
                               .s = judged->s,
                               .limit = judged->limit,
                               .verdict = judged->verdict,
                               .width = NAN,
                               .end = NAN};
    if (!isfinite(judged->s)) return;
    double scatter = judged->s * sqrt((double)w->cas->config->seeds_count);
    line->width = pow((judged->limit + sure) * judged->s / noticed, 2);
    line->end = line->time * exp(gsl_cdf_ugaussian_Pinv(0.99) * scatter + noticed);
}

sb_status sb_expect(const sb_case *cas, double patience, size_t threads, sb_expected *expected)
{
    sb_status status = SB_OK;
    size_t lines = cas->watch.items.n * SB_LEVELS;
    work w = {.cas = cas};
    expected->source = choose_source(cas);
    expected->seconds = NAN;
    SB_TRY(make_room(&w));
    SB_TRY(sb_expected_effect(cas, w.effect, &expected->effect));
    if (!expected->source) goto done;
    SB_TRY(sb_draw_open(cas, &w.draws));
    if (sb_width_wanted(cas)) SB_TRY(sb_width_lines(cas, NULL, w.width, &expected->quadrature));
    if (!expected->quadrature) SB_TRY(make_draws(&w, patience, threads, expected));
    if (!expected->quadrature && expected->draws == 0) goto done;
    SB_TRY(forecast_later(&w, expected->source));
    for (size_t j = 0; j < lines; j++) w.effect[j] = isnan(w.effect[j]) ? 0 : w.effect[j];
    SB_TRY(judge(&w, expected->quadrature));
    expected->line = malloc((lines + 1) * sizeof *expected->line);
    if (!expected->line) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for %zu lines", lines));
    for (size_t j = 0; j < lines; j++) tell_line(&w, j, &expected->line[j]);
done:
    sb_draw_close(&w.draws);
    sb_decay_clear(&w.forecast);
    free(w.width);
    free(w.line);
    free(w.zero);
    free(w.observed);
    return status;
}

void sb_expected_clear(sb_expected *expected)
{
    free(expected->line);
    *expected = (sb_expected){0};
}
