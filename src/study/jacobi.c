/* Jacobi's iteration for Poisson's equation: the predicted decay of each sine mode beside the observed one, and the
 * order in which the frequencies of the error go. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <specbias/jacobi.h>
#include <specbias/poisson.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/hybrid.h"

#define RECORDS 200
#define ABSENT 1e-12  /* of the largest mode: rounding */
#define ROUNDING 1e-9 /* of the start: what sweeps in double precision may lose */

typedef struct work {
    const sb_stage *stage;
    size_t n, nt, modes, frequencies;
    size_t *sweep, *mode, *frequency; /* [nt], [modes], [frequencies] */
    sb_jacobi_spec spec;
    sb_hybrid network;
} work;

static sb_status to_whole(const sb_reals *list, const char *key, size_t **values)
{
    *values = malloc((list->n + 1) * sizeof **values);
    if (!*values) return sb_fail(SB_ERR_NOMEM, "no memory for %zu modes", list->n);
    for (size_t i = 0; i < list->n; i++) (*values)[i] = (size_t)list->v[i];
    return sb_study_check_whole(list, key);
}

static sb_status choose_sweeps(size_t last, work *k)
{
    double step[RECORDS + 1];
    k->sweep = malloc((RECORDS + 1) * sizeof *k->sweep);
    if (!k->sweep) return sb_fail(SB_ERR_NOMEM, "no memory for %d records", RECORDS);
    k->nt = sb_log_steps(last, RECORDS, step);
    for (size_t i = 0; i < k->nt; i++) k->sweep[i] = (size_t)step[i];
    return SB_OK;
}

static sb_status write_forecast(const work *k)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "decay/predicted.tsv", "k\tlambda\tsweeps_half\tsweeps_tenth", &table);
    if (status != SB_OK) return status;
    for (size_t j = 0; j < k->modes; j++)
        sb_print(table.stream, "%zu\t%.17g\t%.0f\t%.0f\n", k->mode[j], sb_jacobi_eigenvalue(k->n, k->mode[j]),
                 sb_jacobi_sweeps(k->n, k->mode[j], 0.5), sb_jacobi_sweeps(k->n, k->mode[j], 0.1));
    return sb_writer_close(&table, SB_OK);
}

/* Amplitudes in units of the start. */
static sb_status write_sweeps(const work *k, const sb_jacobi *run)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(k->stage, "study.tsv", NULL, &table);
    if (status != SB_OK) return status;
    fputs("sweep", table.stream);
    for (size_t j = 0; j < k->modes; j++) sb_print(table.stream, "\tk_%zu_pred\tk_%zu_obs", k->mode[j], k->mode[j]);
    for (size_t j = 0; j < k->frequencies; j++) sb_print(table.stream, "\tdelta_%zu", k->frequency[j]);
    fputs("\terror\n", table.stream);
    for (size_t i = 0; i < k->nt; i++) {
        sb_print(table.stream, "%zu", k->sweep[i]);
        for (size_t j = 0; j < k->modes; j++) {
            double start = fabs(run->sine[j]);
            sb_print(table.stream, "\t%.17g\t%.17g", fabs(run->predicted[i * k->modes + j]) / start,
                     fabs(run->sine[i * k->modes + j]) / start);
        }
        for (size_t j = 0; j < k->frequencies; j++)
            sb_print(table.stream, "\t%.17g", run->delta[i * k->frequencies + j]);
        sb_print(table.stream, "\t%.17g\n", run->error[i]);
    }
    return sb_writer_close(&table, SB_OK);
}

static double largest_gap(const work *k, const sb_jacobi *run, size_t j)
{
    double gap = 0;
    for (size_t i = 0; i < k->nt; i++)
        gap = fmax(gap, fabs(run->sine[i * k->modes + j] - run->predicted[i * k->modes + j]) / fabs(run->sine[j]));
    return gap;
}

static double largest_start(const work *k, const sb_jacobi *run)
{
    double largest = 0;
    for (size_t j = 0; j < k->modes; j++) largest = fmax(largest, fabs(run->sine[j]));
    return largest;
}

static void say_modes(const work *k, const sb_jacobi *run, FILE *say, sb_verdict *verdict)
{
    sb_print(say, "\n  mode k  lambda_k    sweeps to 1/2  to 1/10  largest |observed - predicted| / start\n");
    for (size_t j = 0; j < k->modes; j++) {
        double gap = largest_gap(k, run, j);
        bool present = fabs(run->sine[j]) > ABSENT * largest_start(k, run), agrees = gap <= ROUNDING;
        sb_print(say, "  %-6zu  %.8f  %-13.0f  %-7.0f  %-8.1e  %s\n", k->mode[j],
                 sb_jacobi_eigenvalue(k->n, k->mode[j]), sb_jacobi_sweeps(k->n, k->mode[j], 0.5),
                 sb_jacobi_sweeps(k->n, k->mode[j], 0.1), gap,
                 !present ? "absent from the start"
                 : agrees ? "agrees"
                          : "differs");
        sb_verdict one = !present ? SB_NONE : agrees ? SB_AGREES : SB_DIFFERS;
        if (one > *verdict) *verdict = one;
    }
}

static void say_crossing(const work *k, const sb_jacobi *run, FILE *say, size_t j, double level)
{
    size_t at = sb_jacobi_crossing(run, j, level);
    if (at < k->nt)
        sb_print(say, "  %-12zu", k->sweep[at]);
    else
        sb_print(say, "  %-12s", "not reached");
}

static void say_frequencies(const work *k, const sb_jacobi *run, FILE *say)
{
    sb_print(say, "\n  DFT frequency of the error   sweeps to 1/2   to 1/10 (first record below)\n");
    for (size_t j = 0; j < k->frequencies; j++) {
        sb_print(say, "  %-27zu", k->frequency[j]);
        say_crossing(k, run, say, j, 0.5);
        say_crossing(k, run, say, j, 0.1);
        fputc('\n', say);
    }
    sb_print(say, "\nerror     max |u - u_exact| = %.6g after %zu sweeps, of which discretisation %.3g\n\n",
             run->error[k->nt - 1], k->sweep[k->nt - 1], run->discretisation);
}

/* All that can be refused before anything is written. */
static sb_status prepare(const sb_config *config, const sb_stage *stage, work *k)
{
    sb_status status = SB_OK;
    sb_jacobi none = {0};
    *k = (work){.stage = stage,
                .n = (size_t)config->jacobi_n,
                .modes = config->jacobi_modes.n,
                .frequencies = config->jacobi_frequencies.n};
    SB_TRY(to_whole(&config->jacobi_modes, "jacobi.modes", &k->mode));
    SB_TRY(to_whole(&config->jacobi_frequencies, "jacobi.frequencies", &k->frequency));
    SB_TRY(choose_sweeps((size_t)config->jacobi_sweeps, k));
    k->spec = (sb_jacobi_spec){.problem = sb_poisson_default(k->n),
                               .nt = 1, /* no sweep yet */
                               .sweep = k->sweep,
                               .modes = k->modes,
                               .mode = k->mode,
                               .frequencies = k->frequencies,
                               .frequency = k->frequency};
    SB_TRY(sb_jacobi_run(&k->spec, NULL, &none));
    k->spec.nt = k->nt;
    if (stage) status = sb_hybrid_read(config, stage, &k->network);
done:
    sb_jacobi_clear(&none);
    return status;
}

static void finish(work *k)
{
    free(k->sweep);
    free(k->mode);
    free(k->frequency);
    sb_hybrid_clear(&k->network);
}

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    work k;
    (void)say;
    sb_status status = prepare(config, stage, &k);
    finish(&k);
    return status;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_jacobi jacobi = {0};
    sb_document document;
    bool sealed;
    double gap;
    work k;
    *verdict = SB_NONE;
    SB_TRY(prepare(config, stage, &k));
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(&k));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(sb_jacobi_run(&k.spec, stage->monitor, &jacobi));
    sb_print(say, "jacobi    %zu sweeps of %zu intervals  %.2g s\n", k.sweep[k.nt - 1], k.n, jacobi.seconds);
    SB_TRY(write_sweeps(&k, &jacobi));
    say_modes(&k, &jacobi, say, verdict);
    say_frequencies(&k, &jacobi, say);
    SB_TRY(sb_hybrid_run(config, stage, &k.network, &k.spec, &jacobi, say, &gap));
    if (!(gap <= ROUNDING)) *verdict = SB_DIFFERS;
    sb_json top = sb_study_summary(config, &document);
    sb_json_real(top, "error", jacobi.error[k.nt - 1]);
    sb_json_real(top, "discretisation", jacobi.discretisation);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    finish(&k);
    sb_jacobi_clear(&jacobi);
    return status;
}

const sb_study sb_study_jacobi = {
    .name = "jacobi",
    .title = "Jacobi's iteration for Poisson's equation, high frequencies first",
    .citation = "Xu, Zhang, Luo, Xiao, Ma: Frequency Principle (2020)",
    .check = check,
    .run = run,
};
