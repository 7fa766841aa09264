/* Low frequencies dominate the gradients of tanh networks with small weights: the predicted volume of the exceptions
 * beside the measured one (dominance.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/theorem.h"

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

sb_status sb_theorem_check(const sb_config *config)
{
    if (config->theorem_k.n != 2 || config->theorem_f.n != 4 || config->theorem_a.n != 2 || config->theorem_b.n != 2)
        return sb_fail(SB_ERR_INPUT, "theorem.k, a and b are two numbers each, theorem.f four");
    if (config->theorem_samples.n != config->theorem_m.n)
        return sb_fail(SB_ERR_INPUT, "theorem.samples has %zu values for %zu of theorem.m", config->theorem_samples.n,
                       config->theorem_m.n);
    sb_status status = sb_study_check_whole(&config->theorem_m, "theorem.m");
    for (size_t i = 0; i < config->theorem_m.n && status == SB_OK; i++) {
        sb_dominance_spec spec = sb_theorem_spec(config, i, config->theorem_deltas.n, config->theorem_deltas.v);
        status = sb_dominance_spec_check(&spec);
    }
    return status;
}

sb_dominance_task sb_theorem_task(const sb_config *config)
{
    const double *k = config->theorem_k.v, *f = config->theorem_f.v;
    return (sb_dominance_task){.k1 = k[0], .k2 = k[1], .f1 = f[0] + I * f[1], .f2 = f[2] + I * f[3]};
}

sb_dominance_spec sb_theorem_spec(const sb_config *config, size_t index, size_t n, const double *delta)
{
    return (sb_dominance_spec){.task = sb_theorem_task(config),
                               .m = (size_t)config->theorem_m.v[index],
                               .a_low = config->theorem_a.v[0],
                               .a_high = config->theorem_a.v[1],
                               .b_low = config->theorem_b.v[0],
                               .b_high = config->theorem_b.v[1],
                               .n = n,
                               .delta = delta,
                               .samples = (uint64_t)config->theorem_samples.v[index],
                               .seed = (uint64_t)config->seeds_first};
}

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage, (void)say;
    return sb_theorem_check(config);
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

static sb_status run_size(work *k, size_t index)
{
    sb_dominance run = {0};
    const sb_reals *delta = &k->config->theorem_deltas;
    sb_dominance_spec spec = sb_theorem_spec(k->config, index, delta->n, delta->v);
    sb_status status = sb_dominance_run(&spec, k->stage->jobs, k->stage->monitor, &run);
    if (status == SB_OK) status = say_points(k, spec.m, &run);
    if (status == SB_OK) sb_print(k->say, "  (%.1f s)\n", run.seconds);
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
    SB_TRY(check(config, stage, NULL));
    k.task = sb_theorem_task(config);
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(
        sb_study_table(stage, "study.tsv", "m\tdelta\tinv_delta\tF_pred\tF_obs\tbad\tsamples\tratio\texact", &k.table));
    for (size_t i = 0; i < config->theorem_m.n; i++) SB_TRY(run_size(&k, i));
    status = sb_writer_close(&k.table, SB_OK);
    k.table.stream = NULL;
    SB_TRY(status);
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
