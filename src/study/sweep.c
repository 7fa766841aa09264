/* One experiment at many points: any keys varied, in a grid or in a list, each point a run of its own; what is measured
 * of each seed, means and deviations with intervals beside what was forecast, power laws in the keys that are numbers.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "run/stage.h"
#include "study/study.h"
#include "study/sweep/gather.h"

static void add_laws(const sb_gathered *g, sb_json top)
{
    sb_json all = sb_json_array(top, "exponents");
    for (size_t i = 0; i < g->laws; i++) {
        const sb_power_law *law = &g->law[i];
        sb_json one = sb_json_object(all, NULL);
        sb_json_text(one, "key", g->sweep->varied[law->key].key);
        sb_json_text(one, "measure", g->column[law->column].text);
        sb_json_text(one, "at", law->at);
        sb_json_whole(one, "points", law->points);
        sb_json_real(one, "exponent", law->seen.exponent);
        sb_json_real(one, "lo", law->seen.lo);
        sb_json_real(one, "hi", law->seen.hi);
        sb_json_real(one, "forecast", law->forecast.exponent);
    }
}

static void add_claims(const sb_gathered *g, sb_json top)
{
    sb_json all = sb_json_array(top, "claims");
    for (size_t i = 0; i < g->claims; i++) {
        const sb_law_claim *c = &g->claim[i];
        sb_json one = sb_json_object(all, NULL);
        sb_json_text(one, "claim", c->claim.text);
        sb_json_text(one, "verdict", sb_verdict_name(c->verdict));
        sb_json_real(one, "value", c->law ? c->law->seen.exponent : NAN);
        sb_json_real(one, "lo", c->law ? c->law->seen.lo : NAN);
        sb_json_real(one, "hi", c->law ? c->law->seen.hi : NAN);
    }
}

sb_status sb_sweep_gather(const sb_sweep *sweep, const sb_stage *stage, FILE *say, size_t *missing, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    char seal[65];
    sb_gathered g = {0};
    sb_document summary = {0};
    SB_TRY(sb_seal_verify(stage->directory, seal));
    SB_TRY(sb_seals_check(stage->directory, NULL));
    SB_TRY(sb_check_keys(sweep->config, stage->directory));
    SB_TRY(sb_gather(sweep, stage->directory, &g));
    SB_TRY(sb_seals_lift(stage->directory));
    SB_TRY(sb_gathered_save(&g, stage));
    *missing = g.missing;
    *verdict = g.verdict;
    if (say) sb_gathered_say(&g, say);
    if (g.missing > 0) goto done;
    sb_json top = sb_study_summary(sweep->config, &summary);
    sb_json_whole(top, "points", sweep->points);
    add_laws(&g, top);
    if (g.claims > 0) add_claims(&g, top);
    status = sb_study_end(stage, &summary, g.verdict);
done:
    sb_gathered_clear(&g);
    return status;
}

/* What a person wants to know before hours of training. */
static sb_status check(const sb_config *config, const sb_stage *stage, FILE *say)
{
    (void)stage;
    sb_status status = SB_OK;
    sb_sweep sweep = {0};
    SB_TRY(sb_sweep_open(config, &sweep));
    SB_TRY(sb_sweep_check(&sweep, 0));
    if (say) sb_print(say, "points        %zu, of %lld seeds each\n", sweep.points, (long long)config->seeds_count);
done:
    sb_sweep_close(&sweep);
    return status;
}

static sb_status run(const sb_config *config, const sb_stage *stage, FILE *say, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    sb_sweep sweep = {0};
    size_t failed, missing;
    SB_TRY(sb_sweep_open(config, &sweep));
    SB_TRY(sb_sweep_begin(&sweep, stage, say));
    SB_TRY(sb_sweep_run(&sweep, stage, NULL, &failed));
    if (failed > 0)
        SB_TRY(sb_fail(SB_ERR_NUMERIC, "%zu of %zu points failed; %s", failed, sweep.points, sb_error_text()));
    SB_TRY(sb_sweep_gather(&sweep, stage, say, &missing, verdict));
    if (missing > 0)
        status = sb_fail(SB_ERR_NUMERIC, "%zu of %zu points are with other processes; gather when they are finished",
                         missing, sweep.points);
done:
    sb_sweep_close(&sweep);
    return status;
}

const sb_study sb_study_sweep = {
    .name = "sweep",
    .title = "one experiment at many points: any keys varied",
    .citation = "",
    .check = check,
    .run = run,
};
