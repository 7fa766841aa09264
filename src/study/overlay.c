/* The same experiment with several densities of Fourier features, each forecast, sealed and trained in a directory of
 * its own, and their times and bias indices side by side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/study.h"
#include "study/train.h"

/* "0.6 uniform(48) + 0.4 gaussian(6)", sigma_a = 1 -> "0.6-uniform-48-0.4-gaussian-6.sa1" */
static void name_of(const char *density, double sigma_a, char name[160])
{
    size_t used = 0;
    for (const char *p = density; *p && used < 120; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || (*p == '.' && used > 0);
        if (plain)
            name[used++] = *p;
        else if (used > 0 && name[used - 1] != '-')
            name[used++] = '-';
    }
    while (used > 0 && name[used - 1] == '-') used--;
    sb_format(name + used, 160 - used, ".sa%g", sigma_a);
}

/* Each needs a folder of its own. */
static sb_status check_names(const sb_texts *densities, const sb_reals *sigma_a)
{
    char one[160], other[160];
    size_t count = densities->n * sigma_a->n;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            name_of(densities->v[i / sigma_a->n], sigma_a->v[i % sigma_a->n], one);
            name_of(densities->v[k / sigma_a->n], sigma_a->v[k % sigma_a->n], other);
            if (strcmp(one, other) == 0)
                return sb_fail(SB_ERR_INPUT, "two of the overlay would be written to the same folder, %s", one);
        }
    return SB_OK;
}

static const sb_bias_result *bias_of(const sb_summary *summary, const char *source)
{
    for (size_t i = 0; i < summary->biases; i++)
        if (strcmp(summary->bias[i].source, source) == 0 && summary->bias[i].form != SB_FORM_FLOW &&
            summary->bias[i].seed < 0)
            return &summary->bias[i];
    return NULL;
}

static void write_rows(FILE *stream, const char *density, double sigma_a, const sb_summary *summary)
{
    const sb_source_result *first = &summary->source[0];
    const sb_bias_result *told = bias_of(summary, first->name), *seen = bias_of(summary, "observed");
    for (size_t i = 0; i < summary->nxi * SB_LEVELS; i++) {
        const sb_judgement *j = &first->judgement[i];
        if (j->q != 0.5) continue;
        sb_print(stream, "%s\t%g\t%s\t%.10g", density, sigma_a, first->name, j->label);
        const double cells[] = {j->t_pred,      j->pred_lo,      j->pred_hi,       j->t_obs,
                                j->obs_lo,      j->obs_hi,       told->bias.fbi,   told->bias.spread,
                                seen->bias.fbi, seen->fbi.error, seen->bias.spread};
        for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++)
            if (isnan(cells[c]))
                fputs("\tnan", stream);
            else
                sb_print(stream, "\t%.10g", cells[c]);
        sb_print(stream, "\t%s\n", sb_verdict_name(j->verdict));
    }
}

static void say_row(FILE *say, const char *density, double sigma_a, const sb_summary *summary)
{
    const sb_bias_result *told = bias_of(summary, summary->source[0].name), *seen = bias_of(summary, "observed");
    sb_print(say, "%-32s %5g  %+7.3f  %6.3f  %+7.3f +-%5.3f  %6.3f  %s\n", density, sigma_a, told->bias.fbi,
             told->bias.spread, seen->bias.fbi, seen->fbi.error, seen->bias.spread, sb_verdict_name(summary->verdict));
}

static sb_status run_one(const sb_config *config, const sb_stage *stage, const char *density, double sigma_a,
                         FILE *table, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    char name[160], directory[SB_PATH];
    sb_config one = {0};
    sb_summary summary = {0};
    name_of(density, sigma_a, name);
    SB_TRY(sb_rundir_folder(directory, stage->directory, name));
    SB_TRY(sb_study_variant(config, name, density, sigma_a, &one));
    SB_TRY(sb_study_train(&one, stage, directory, true, &summary));
    write_rows(table, density, sigma_a, &summary);
    say_row(say, density, sigma_a, &summary);
    if (summary.verdict > *verdict) *verdict = summary.verdict;
done:
    sb_summary_clear(&summary);
    sb_config_clear(&one);
    return status == SB_OK ? SB_OK : sb_fail(status, "%s, sigma_a = %g: %s", density, sigma_a, sb_error_text());
}

static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage, (void)say;
    sb_status status = SB_OK;
    const sb_texts *densities = &config->overlay_densities;
    const sb_reals *sigma_a = &config->overlay_sigma_a;
    if (densities->n == 0 || sigma_a->n == 0)
        return sb_fail(SB_ERR_INPUT, "an overlay needs overlay.densities and overlay.sigma_a");
    if (config->forecast_sources.n == 0)
        return sb_fail(SB_ERR_INPUT, "an overlay shows a forecast beside each run: forecast.sources is empty");
    SB_TRY(check_names(densities, sigma_a));
    for (size_t i = 0; i < densities->n; i++)
        for (size_t k = 0; k < sigma_a->n; k++) SB_TRY(sb_study_check_variant(config, densities->v[i], sigma_a->v[k]));
done:
    return status;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    bool sealed;
    sb_writer table = {0};
    sb_document document;
    const sb_texts *densities = &config->overlay_densities;
    const sb_reals *sigma_a = &config->overlay_sigma_a;
    *verdict = SB_NONE;
    SB_TRY(check(config, stage, NULL)); /* before hours of training */
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    SB_TRY(sb_study_seal(config, stage, sealed, NULL)); /* of the keys; each has a forecast and a seal of its own */
    SB_TRY(sb_study_table(stage, "study.tsv",
                          "density\tsigma_a\tsource\tlabel\tT_pred\tT_pred_lo\tT_pred_hi\tT_obs\tT_obs_lo\tT_obs_hi\t"
                          "fbi_pred\tspread_pred\tfbi_obs\tfbi_obs_error\tspread_obs\tverdict",
                          &table));
    sb_print(say, "\n%-32s %5s  %7s  %6s  %15s  %6s  %s\n", "density", "sig_a", "FBI", "S", "trained FBI", "S",
             "verdict");
    for (size_t i = 0; i < densities->n; i++)
        for (size_t k = 0; k < sigma_a->n; k++)
            SB_TRY(run_one(config, stage, densities->v[i], sigma_a->v[k], table.stream, say, verdict));
    status = sb_writer_close(&table, SB_OK);
    table = (sb_writer){0};
    SB_TRY(status);
    sb_study_summary(config, &document);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    if (table.stream) sb_writer_close(&table, status);
    return status;
}

const sb_study sb_study_overlay = {
    .name = "overlay",
    .title = "one experiment with several densities and sigma_a, side by side",
    .citation = "Molina, Petrache, Sahli Costabal, Courdurier (2024)",
    .check = check,
    .run = run,
};
