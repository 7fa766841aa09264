/* Gradient descent on a bowl, L = (1/2) sum lambda_k theta_k^2: theta_k shrinks by 1 - eta lambda_k in each step. */
#include <math.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/study.h"

#define ETA 0.1

static sb_status check(const sb_config *config, FILE *say)
{
    if (say) sb_print(say, "bowl      %zu directions, steps of %g\n", config->bowl_rates.n, ETA);
    return SB_OK;
}

/* Steps until a tenth is left. */
static double predicted(double lambda)
{
    return ceil(log(0.1) / log1p(-ETA * lambda));
}

static double observed(double lambda)
{
    double theta = 1, step = 0;
    for (; theta > 0.1; step++) theta -= ETA * lambda * theta;
    return step;
}

static sb_status write_forecast(const sb_config *config, const sb_stage *stage)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(stage, "decay/predicted.tsv", "lambda\tsteps", &table);
    if (status != SB_OK) return status;
    for (size_t k = 0; k < config->bowl_rates.n; k++) {
        double lambda = config->bowl_rates.v[k];
        sb_print(table.stream, "%.17g\t%.17g\n", lambda, predicted(lambda));
    }
    return sb_writer_close(&table, SB_OK);
}

static sb_status compare(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_writer table = {0};
    sb_status status = sb_study_table(stage, "study.tsv", "lambda\tpred\tobs", &table);
    if (status != SB_OK) return status;
    *verdict = SB_AGREES;
    for (size_t k = 0; k < config->bowl_rates.n; k++) {
        double lambda = config->bowl_rates.v[k], wanted = predicted(lambda), found = observed(lambda);
        sb_print(table.stream, "%.17g\t%.17g\t%.17g\n", lambda, wanted, found);
        sb_print(say, "  lambda %-6g  predicted %g, observed %g steps\n", lambda, wanted, found);
        if (found != wanted) *verdict = SB_DIFFERS;
    }
    return sb_writer_close(&table, SB_OK);
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_document document;
    bool sealed;
    SB_TRY(sb_stage_begin(config, stage, &sealed));
    if (!sealed) SB_TRY(write_forecast(config, stage));
    SB_TRY(sb_study_seal(config, stage, sealed, say));
    SB_TRY(compare(config, stage, say, verdict));
    sb_study_summary(config, &document);
    SB_TRY(sb_study_end(stage, &document, *verdict));
done:
    return status;
}

const sb_study sb_study_bowl = {
    .name = "bowl", .title = "gradient descent on a bowl", .citation = "an example", .check = check, .run = run};
