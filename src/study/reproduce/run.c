/* The runs of a plan: from file and overrides to a finished directory. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "run/stage.h"
#include "study/reproduce/reproduce.h"
#include "study/train.h"

static sb_status set_all(const sb_words *words, sb_config *config)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < words->n && status == SB_OK; i++) status = sb_config_set(config, words->v[i]);
    return status;
}

sb_status sb_plan_config(const sb_plan *plan, const sb_planned_run *run, bool fast, sb_config *config)
{
    sb_status status = SB_OK;
    char path[SB_PATH];
    if (sb_format(path, sizeof path, "%s%s", *run->file == '/' ? "" : plan->folder, run->file) >= (int)sizeof path)
        SB_TRY(sb_fail(SB_ERR_IO, "%.60s..: path too long", run->file));
    SB_TRY(sb_config_init(config));
    SB_TRY(sb_config_read(config, path));
    SB_TRY(set_all(&run->set, config));
    SB_TRY(set_all(fast ? &run->fast : &run->full, config));
    SB_TRY(sb_config_resolve(config));
    SB_TRY(sb_config_check(config));
done:
    if (status != SB_OK) sb_config_clear(config);
    return sb_plan_at(plan, run->at, status);
}

/* ---- before hours of training ---- */

/* Of a single run; a study tells only what it wrote. */
static sb_status check_measures(const sb_planned_entry *entry, const sb_planned_run *run, const sb_case *cas)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < entry->claims; i++)
        for (size_t k = 0; status == SB_OK && k < entry->claim[i].checks; k++) {
            const sb_planned_check *check = &entry->claim[i].check[k];
            if (check->run != run) continue;
            status = sb_case_check_measure(cas, &check->claim.left);
            if (status == SB_OK && check->claim.factor[1] != 0)
                status = sb_case_check_measure(cas, &check->claim.right);
        }
    return status;
}

static sb_status check_run(const sb_plan *plan, const sb_planned_entry *entry, const sb_planned_run *run, bool fast)
{
    sb_config config = {0};
    sb_case cas;
    memset(&cas, 0, sizeof cas);
    sb_status status = sb_plan_config(plan, run, fast, &config);
    if (status != SB_OK) return status;
    const sb_study *study = sb_study_find(config.experiment_kind);
    if (study) {
        status = study->check ? study->check(&config, NULL, NULL) : SB_OK;
    } else {
        status = sb_case_create(&config, NULL, &cas);
        if (status == SB_OK) status = sb_case_check_keys(&cas);
        if (status == SB_OK) status = check_measures(entry, run, &cas);
    }
    sb_case_clear(&cas);
    sb_config_clear(&config);
    return sb_plan_at(plan, run->at, status);
}

sb_status sb_plan_check(const sb_plan *plan, const sb_planned_entry *entry)
{
    sb_status status = SB_OK;
    for (size_t i = 0; i < entry->runs && status == SB_OK; i++) {
        const sb_planned_run *run = &entry->run[i];
        status = check_run(plan, entry, run, true);
        if (status == SB_OK && run->fast.n + run->full.n > 0) status = check_run(plan, entry, run, false);
    }
    return status;
}

/* ---- running ---- */

static sb_status run_study(const sb_study *study, const sb_config *config, const sb_stage *stage, sb_verdict *verdict)
{
    bool drawn;
    sb_draft text; /* the table of claims tells what it found */
    sb_status status = sb_draft_open(&text);
    if (status != SB_OK) return status;
    status = study->run(config, stage, text.stream, verdict);
    status = sb_draft_close(&text, status);
    free(text.text);
    return status == SB_OK ? sb_study_plot(config, stage, &drawn) : status;
}

static sb_status run_single(const sb_config *config, const sb_stage *stage, sb_verdict *verdict)
{
    sb_summary summary = {0};
    sb_status status = sb_study_train(config, stage, stage->directory, true, &summary);
    if (status == SB_OK) *verdict = summary.verdict;
    sb_summary_clear(&summary);
    return status;
}

sb_status sb_planned_train(const sb_config *config, const sb_stage *stage, bool *before, sb_verdict *verdict)
{
    sb_stage now = *stage;
    sb_rundir_state state = sb_rundir_inspect(stage->directory);
    const sb_study *study = sb_study_find(config->experiment_kind);
    *verdict = SB_NONE;
    if (state == SB_RUNDIR_UNREADABLE) return sb_fail(SB_ERR_IO, "%s", sb_error_text());
    now.resume = state >= SB_RUNDIR_STARTED && sb_check_keys(config, stage->directory) == SB_OK;
    now.force = !now.resume;
    *before = now.resume && sb_rundir_holds(stage->directory, "verdict.sha256"); /* the last that is written */
    if (*before) {
        sb_status status = sb_seals_check(stage->directory, stage->monitor);
        return status == SB_OK ? sb_study_verdict(stage, verdict) : status;
    }
    return study ? run_study(study, config, &now, verdict) : run_single(config, &now, verdict);
}
