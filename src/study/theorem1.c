/* Low frequencies dominate the gradients of tanh networks with small weights: the predicted volume of the exceptions
 * beside the measured one, theorem 1; and theorem 2, where there are none (dominance.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/dominance.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/study.h"

#define EXACT_A 0.8 /* the neuron whose exceptions are found root by root */
#define EXACT_B 100.0
#define EXACT_RATIO 0.02

typedef struct work {
    const sb_config *config;
    const sb_stage *stage;
    FILE *say;
    sb_dominance_task task;
    sb_writer table;
    sb_verdict *verdict;
} work;

static sb_status check(const sb_config *config, FILE *say)
{
    (void)say;
    if (config->theorem_k.n != 2 || config->theorem_f.n != 4 || config->theorem_a.n != 2 || config->theorem_b.n != 2)
        return sb_fail(SB_ERR_INPUT, "theorem.k, a and b are two numbers each, theorem.f four");
    if (config->theorem_samples.n != config->theorem_m.n)
        return sb_fail(SB_ERR_INPUT, "theorem.samples has %zu values for %zu of theorem.m", config->theorem_samples.n,
                       config->theorem_m.n);
    return sb_study_check_whole(&config->theorem_m, "theorem.m");
}

static sb_status write_forecast(const work *k)
{
    sb_status status = SB_OK;
    sb_writer table = {0};
    const sb_reals *m = &k->config->theorem_m, *delta = &k->config->theorem_deltas;
    SB_TRY(sb_study_table(k->stage, "decay/predicted.tsv", "m\tdelta\tF\tF_a\tF_w\tF_b\tF_asymptotic", &table));
    for (size_t i = 0; i < m->n; i++)
        for (size_t d = 0; d < delta->n; d++) {
            sb_dominance_fraction f, leading;
            SB_TRY(sb_dominance_forecast(&k->task, (size_t)m->v[i], delta->v[d], &f));
            SB_TRY(sb_dominance_asymptote(&k->task, (size_t)m->v[i], delta->v[d], &leading));
            sb_print(table.stream, "%g\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\n", m->v[i], delta->v[d], f.any,
                     f.type[SB_DOMINANCE_A], f.type[SB_DOMINANCE_W], f.type[SB_DOMINANCE_B], leading.any);
        }
done:
    return table.stream ? sb_writer_close(&table, status) : status;
}

static const char *word(bool good)
{
    return good ? "yes" : "NO";
}

/* F of one neuron root by root, beside the forecast of every type together. */
static sb_status exact_ratio(work *k, double delta, double *exact, double *ratio)
{
    sb_dominance_fraction found, told;
    sb_status status = sb_dominance_exact(&k->task, EXACT_A, EXACT_B, delta, &found);
    if (status == SB_OK) status = sb_dominance_forecast(&k->task, 1, delta, &told);
    if (status != SB_OK) return status;
    *exact = found.type[0] + found.type[1] + found.type[2];
    *ratio = *exact / told.any;
    if (delta <= SB_DOMINANCE_RANGE && fabs(*ratio - 1) > EXACT_RATIO) *k->verdict = SB_DIFFERS;
    return SB_OK;
}

static sb_status say_points(work *k, size_t m, const sb_dominance *run)
{
    sb_print(k->say, "\nm = %zu\n  delta   predicted F   measured F    #bad      ratio (allowed)%s\n", m,
             m == 1 ? "   exact ratio" : "");
    for (size_t d = 0; d < run->n; d++) {
        const sb_dominance_point *p = &run->point[d];
        double exact = NAN, ratio = NAN;
        if (m == 1) {
            sb_status status = exact_ratio(k, p->delta, &exact, &ratio);
            if (status != SB_OK) return status;
        }
        sb_print(k->table.stream, "%zu\t%.10g\t%.10g\t%.10g\t%.10g\t%llu\t%llu\t%.10g\t", m, p->delta, 1 / p->delta,
                 p->forecast.any, p->measured.any, (unsigned long long)p->bad, (unsigned long long)p->samples,
                 p->ratio);
        sb_print(k->table.stream, isnan(exact) ? "nan\n" : "%.10g\n", exact);
        sb_print(k->say, "  %-6g  %-12.4g  %-12.4g  %-8llu  %.3f (+-%.2f)%s", p->delta, p->forecast.any,
                 p->measured.any, (unsigned long long)p->bad, p->ratio, p->allowed, p->judged ? "" : " not judged");
        if (m == 1) sb_print(k->say, "    %.4f", ratio);
        fputc('\n', k->say);
    }
    sb_print(k->say,
             "  ratios within bounds: %s; slope of log F over 1/delta %.4f +- %.4f, predicted %.4f (+-%.2g %%): %s;\n"
             "  with k1 and k2 swapped F = %.6f: %s; enough exceptions: %s\n",
             word(run->ratios), run->slope_measured, run->slope_error, run->slope_forecast, 100 * run->slope_allowed,
             word(run->slope), run->control, word(run->swapped), word(run->enough));
    sb_verdict mine = run->passed ? SB_AGREES : run->enough ? SB_DIFFERS : SB_UNDECIDED;
    if (mine > *k->verdict) *k->verdict = mine;
    return SB_OK;
}

/* The threshold of one neuron, and that no draw below the smallest such radius was an exception. */
static sb_status say_second(work *k)
{
    static const double neuron[][2] = {{0.8, 2}, {1, 1}, {0.8, 100}};
    sb_print(k->say, "\ntheorem 2 (whole gradients; not judged): no exceptions for |w| below delta_0\n");
    for (size_t i = 0; i < sizeof neuron / sizeof neuron[0]; i++) {
        sb_dominance_threshold threshold;
        sb_status status = sb_dominance_empty_below(&k->task, neuron[i][0], neuron[i][1], 2, &threshold);
        if (status != SB_OK) return status;
        sb_print(k->say, "  a = %-4g b = %-4g delta_0 = %.4g (certified below %.4g)\n", neuron[i][0], neuron[i][1],
                 threshold.empty, threshold.certified);
    }
    return SB_OK;
}

static sb_dominance_spec spec_of(const work *k, size_t index)
{
    const sb_config *config = k->config;
    return (sb_dominance_spec){.task = k->task,
                               .m = (size_t)config->theorem_m.v[index],
                               .a_low = config->theorem_a.v[0],
                               .a_high = config->theorem_a.v[1],
                               .b_low = config->theorem_b.v[0],
                               .b_high = config->theorem_b.v[1],
                               .n = config->theorem_deltas.n,
                               .delta = config->theorem_deltas.v,
                               .samples = (uint64_t)config->theorem_samples.v[index],
                               .seed = (uint64_t)config->seeds_first};
}

static sb_status run_size(work *k, size_t index)
{
    sb_dominance run = {0};
    sb_dominance_spec spec = spec_of(k, index);
    sb_status status = sb_dominance_run(&spec, k->stage->jobs, k->stage->monitor, &run);
    if (status == SB_OK) status = say_points(k, spec.m, &run);
    if (status == SB_OK && run.second > 0)
        sb_print(k->say, "  theorem 2: no exception among all draws with delta <= %g  (%.1f s)\n", run.second,
                 run.seconds);
    else if (status == SB_OK)
        sb_print(k->say, "  theorem 2: exceptions among the draws of every delta  (%.1f s)\n", run.seconds);
    sb_dominance_clear(&run);
    return status;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    bool sealed;
    work k = {.config = config, .stage = stage, .say = say, .verdict = verdict};
    *verdict = SB_NONE;
    SB_TRY(check(config, NULL));
    const double *f = config->theorem_f.v;
    k.task = (sb_dominance_task){.k1 = config->theorem_k.v[0], .k2 = config->theorem_k.v[1]};
    k.task.f1 = f[0] + I * f[1];
    k.task.f2 = f[2] + I * f[3];
    for (size_t i = 0; i < config->theorem_m.n; i++) {
        sb_dominance_spec spec = spec_of(&k, i);
        SB_TRY(sb_dominance_spec_check(&spec));
    }
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(
        sb_study_table(stage, "study.tsv", "m\tdelta\tinv_delta\tF_pred\tF_obs\tbad\tsamples\tratio\texact", &k.table));
    for (size_t i = 0; i < config->theorem_m.n; i++) SB_TRY(run_size(&k, i));
    status = sb_writer_close(&k.table, SB_OK);
    k.table.stream = NULL;
    SB_TRY(status);
    SB_TRY(say_second(&k));
    fputc('\n', say);
    sb_study_summary(config, &document);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    if (k.table.stream) sb_writer_close(&k.table, status);
    return status;
}

const sb_study sb_study_theorem1 = {
    .name = "theorem1",
    .title = "low frequencies dominate tanh networks with small weights",
    .citation = "Luo, Ma, Xu, Zhang (2019); Xu, Zhang, Luo, Xiao, Ma (2020)",
    .check = check,
    .run = run,
};
