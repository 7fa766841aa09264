/* Theorem 1 by Monte Carlo: draws, counts, and the criterion. */
#include "theory/dominance/waves.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <specbias/rng.h>

#include "core/clock.h"
#include "core/parallel.h"

#define BLOCK 32768 /* draws of one stream */

typedef struct count {
    uint64_t type[SB_DOMINANCE_TYPES], any, control, norm;
} count;

typedef struct experiment {
    const sb_dominance_spec *spec;
    const sb_monitor *monitor;
    size_t blocks; /* per delta */
    count *counts; /* [n][blocks] */
    atomic_size_t done;
} experiment;

/* Uniform in the ball: a normal direction, radius delta U^(1/m). */
static void draw_weights(sb_rng *rng, size_t m, double delta, sb_tanh_neuron *neuron)
{
    if (m == 1) {
        neuron[0].w = delta * (2 * sb_rng_uniform(rng) - 1);
        return;
    }
    double norm = 0, radius = delta * pow(sb_rng_uniform(rng), 1 / (double)m);
    for (size_t j = 0; j < m; j++) {
        neuron[j].w = sb_rng_normal(rng);
        norm += neuron[j].w * neuron[j].w;
    }
    for (size_t j = 0; j < m; j++) neuron[j].w *= radius / sqrt(norm);
}

static void draw(sb_rng *rng, const sb_dominance_spec *spec, double delta, sb_tanh_neuron *neuron)
{
    draw_weights(rng, spec->m, delta, neuron);
    for (size_t j = 0; j < spec->m; j++) {
        double size = spec->a_low + (spec->a_high - spec->a_low) * sb_rng_uniform(rng);
        neuron[j].a = sb_rng_sign(rng) * size;
        neuron[j].b = spec->b_low + (spec->b_high - spec->b_low) * sb_rng_uniform(rng);
    }
}

static void add(count *total, const sb_dominance_judgement *judgement)
{
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++) total->type[type] += judgement->type[type];
    total->any += judgement->any;
    total->control += judgement->control;
    total->norm += judgement->norm;
}

static sb_status block(void *context, size_t index)
{
    experiment *e = context;
    const sb_dominance_spec *spec = e->spec;
    size_t which = index / e->blocks, part = index % e->blocks, m = spec->m;
    uint64_t draws = spec->samples - (uint64_t)part * BLOCK;
    sb_tanh_neuron *neuron = malloc(m * sizeof *neuron);
    tanh_wave *wave = malloc(2 * m * sizeof *wave);
    sb_status status = SB_OK;
    if (!neuron || !wave) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu neurons", m);
        goto done;
    }
    sb_rng rng = sb_rng_at(spec->seed, SB_STREAM_DOMINANCE, (uint64_t)which << 32 | part);
    count total = {{0}, 0, 0, 0};
    if (draws > BLOCK) draws = BLOCK;
    for (uint64_t i = 0; i < draws; i++) {
        sb_dominance_judgement judgement;
        draw(&rng, spec, spec->delta[which], neuron);
        sb_dominance_judge(&spec->task, m, neuron, wave, &judgement);
        add(&total, &judgement);
    }
    e->counts[index] = total;
    SB_TRY(sb_monitor_progress(e->monitor, "dominance", (double)(atomic_fetch_add(&e->done, 1) + 1),
                               (double)(spec->n * e->blocks)));
done:
    free(neuron);
    free(wave);
    return status;
}

static count sum_blocks(const experiment *e, size_t which)
{
    count total = {{0}, 0, 0, 0};
    for (size_t i = 0; i < e->blocks; i++) {
        const count *part = &e->counts[which * e->blocks + i];
        for (int type = 0; type < SB_DOMINANCE_TYPES; type++) total.type[type] += part->type[type];
        total.any += part->any;
        total.control += part->control;
        total.norm += part->norm;
    }
    return total;
}

sb_status sb_dominance_spec_check(const sb_dominance_spec *spec)
{
    sb_status status = sb_dominance_check(&spec->task);
    if (status != SB_OK) return status;
    if (spec->m == 0) return sb_fail(SB_ERR_INPUT, "the network needs a neuron");
    if (!(spec->a_low > 0 && spec->a_high >= spec->a_low && isfinite(spec->a_high)))
        return sb_fail(SB_ERR_INPUT, "|a| needs a range above 0, not %g to %g", spec->a_low, spec->a_high);
    if (!(spec->b_high >= spec->b_low && isfinite(spec->b_low) && isfinite(spec->b_high)))
        return sb_fail(SB_ERR_INPUT, "b needs a finite range, not %g to %g", spec->b_low, spec->b_high);
    if (spec->samples == 0 || spec->n == 0) return sb_fail(SB_ERR_INPUT, "there must be a draw and a delta");
    if (spec->samples / BLOCK >= UINT32_MAX) return sb_fail(SB_ERR_INPUT, "too many draws");
    for (size_t i = 0; i < spec->n; i++)
        if (!(spec->delta[i] > 0 && isfinite(spec->delta[i])))
            return sb_fail(SB_ERR_INPUT, "delta must be positive, not %g", spec->delta[i]);
    return SB_OK;
}

static sb_status fill_point(const sb_dominance_spec *spec, double delta, const count *total, sb_dominance_point *point)
{
    double draws = (double)spec->samples, bad = (double)total->any;
    sb_status status = SB_OK;
    *point = (sb_dominance_point){.delta = delta, .samples = spec->samples, .bad = total->any, .norm = total->norm};
    SB_TRY(sb_dominance_forecast(&spec->task, spec->m, delta, &point->forecast));
    SB_TRY(sb_dominance_asymptote(&spec->task, spec->m, delta, &point->asymptote));
    for (int type = 0; type < SB_DOMINANCE_TYPES; type++)
        point->measured.type[type] = (double)total->type[type] / draws;
    point->measured.any = bad / draws;
    point->error = sqrt(bad / draws * (1 - bad / draws) / draws);
    point->control = (double)total->control / draws;
    point->ratio = point->measured.any / point->forecast.any;
    point->allowed = SB_DOMINANCE_RATIO + SB_DOMINANCE_SIGMAS * point->error / point->measured.any;
    point->kept = total->any >= SB_DOMINANCE_LEAST;
    point->judged = point->kept && delta <= SB_DOMINANCE_RANGE;
done:
    return status;
}

static sb_status slopes(sb_dominance *result)
{
    size_t n = 0;
    double *delta = malloc(4 * result->n * sizeof *delta);
    if (!delta) return sb_fail(SB_ERR_NOMEM, "no memory for %zu deltas", result->n);
    double *measured = delta + result->n, *forecast = measured + result->n, *error = forecast + result->n;
    for (size_t i = 0; i < result->n; i++) {
        const sb_dominance_point *point = &result->point[i];
        if (!point->judged) continue;
        delta[n] = point->delta;
        measured[n] = point->measured.any;
        error[n] = point->error / point->measured.any;
        forecast[n++] = point->forecast.any;
    }
    result->judged = n;
    result->slope_measured = sb_dominance_slope(n, delta, measured);
    result->slope_error = sb_dominance_slope_error(n, delta, error);
    result->slope_forecast = sb_dominance_slope(n, delta, forecast);
    result->slope_allowed =
        SB_DOMINANCE_SLOPE + SB_DOMINANCE_SIGMAS * result->slope_error / fabs(result->slope_forecast);
    free(delta);
    return SB_OK;
}

/* The largest delta below all that have a draw in theorem 2's bad set. */
static double empty_down_from(const sb_dominance *result)
{
    double lost = INFINITY, empty = 0;
    for (size_t i = 0; i < result->n; i++)
        if (result->point[i].norm > 0) lost = fmin(lost, result->point[i].delta);
    for (size_t i = 0; i < result->n; i++)
        if (result->point[i].delta < lost) empty = fmax(empty, result->point[i].delta);
    return empty;
}

static sb_status judge(sb_dominance *result)
{
    sb_status status = slopes(result);
    if (status != SB_OK) return status;
    result->control = 1;
    for (size_t i = 0; i < result->n; i++) {
        const sb_dominance_point *point = &result->point[i];
        result->control = fmin(result->control, point->control);
        if (point->judged) result->worst = fmax(result->worst, fabs(point->ratio - 1) / point->allowed);
    }
    result->second = empty_down_from(result);
    result->enough = result->judged >= 2;
    result->ratios = result->judged >= 1 && result->worst <= 1;
    result->slope = fabs(result->slope_measured / result->slope_forecast - 1) <= result->slope_allowed;
    result->swapped = result->control > SB_DOMINANCE_CONTROL;
    result->passed = result->enough && result->ratios && result->slope && result->swapped;
    return SB_OK;
}

sb_status sb_dominance_run(const sb_dominance_spec *spec, size_t threads, const sb_monitor *monitor,
                           sb_dominance *result)
{
    double start = sb_seconds();
    experiment e = {.spec = spec, .monitor = monitor};
    sb_status status = SB_OK;
    sb_dominance_clear(result);
    SB_TRY(sb_dominance_spec_check(spec));
    e.blocks = (size_t)((spec->samples + BLOCK - 1) / BLOCK);
    e.counts = calloc(spec->n * e.blocks, sizeof *e.counts);
    result->point = calloc(spec->n, sizeof *result->point);
    if (!e.counts || !result->point) {
        status = sb_fail(SB_ERR_NOMEM, "no memory for %zu counts", spec->n * e.blocks);
        goto done;
    }
    result->n = spec->n;
    result->alpha = sb_dominance_alpha(&spec->task);
    SB_TRY(sb_parallel_for(threads, spec->n * e.blocks, block, &e));
    for (size_t i = 0; i < spec->n; i++) {
        count total = sum_blocks(&e, i);
        SB_TRY(fill_point(spec, spec->delta[i], &total, &result->point[i]));
    }
    SB_TRY(judge(result));
    result->seconds = sb_seconds() - start;
done:
    free(e.counts);
    if (status != SB_OK) sb_dominance_clear(result);
    return status;
}

void sb_dominance_clear(sb_dominance *result)
{
    free(result->point);
    *result = (sb_dominance){0};
}
