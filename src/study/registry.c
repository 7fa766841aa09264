#include <math.h>
#include <string.h>

#include "run/stage.h"
#include "study/study.h"

#define SB_METHOD sb_study
#define SB_LIST "study/list.def"
#define STUDY SB_LINE
#include "core/registry.inc"
#include "report/write.h"

sb_status sb_study_seal(const sb_config *config, const sb_stage *stage, bool sealed, FILE *say)
{
    char seal[65];
    sb_status status = SB_OK;
    if (sealed) {
        if (say) sb_print(say, "forecast  sealed before\n");
        return SB_OK;
    }
    status = sb_write_manifest(config, stage->directory);
    if (status == SB_OK) status = sb_seal_write(stage->directory, seal);
    if (status == SB_OK && say) sb_print(say, "forecast  sealed sha256:%.16s.. (forecast.sha256)\n", seal);
    return status;
}

sb_status sb_study_verdict(const sb_stage *stage, sb_verdict *verdict)
{
    char path[SB_PATH];
    sb_document summary = {0};
    sb_status status = sb_rundir_path(path, stage->directory, "summary.json");
    if (status == SB_OK) status = sb_json_read(&summary, path);
    const char *text = status == SB_OK ? sb_json_get_text(&summary, "verdict") : NULL;
    if (status == SB_OK && !(text && sb_verdict_find(text, verdict)))
        status = sb_fail(SB_ERR_INPUT, "%s tells no verdict; run --force starts over", path);
    sb_json_close(&summary);
    return status;
}

sb_status sb_study_finished(const sb_config *config, const sb_stage *stage, bool *finished, sb_verdict *verdict)
{
    sb_status status = SB_OK;
    bool sealed;
    if (stage->resume && sb_rundir_holds(stage->directory, "kernel/summary.json"))
        return sb_fail(SB_ERR_INPUT, "%s holds kernels, no run that could be resumed", stage->directory);
    *finished = stage->resume && sb_rundir_holds(stage->directory, "verdict.sha256"); /* the last that is written */
    if (!*finished) return SB_OK;
    SB_TRY(sb_stage_resumed(config, stage, &sealed));
    SB_TRY(sb_study_verdict(stage, verdict));
    sb_checkpoints_end(stage, (uint64_t)config->seeds_first, (size_t)config->seeds_count);
done:
    return status;
}

sb_status sb_study_table(const sb_stage *stage, const char *name, const char *header, sb_writer *writer)
{
    sb_status status = sb_rundir_write(writer, stage->directory, "%s", name);
    if (status == SB_OK && header) sb_print(writer->stream, "%s\n", header);
    return status;
}

sb_status sb_study_check_whole(const sb_reals *numbers, const char *key)
{
    for (size_t i = 0; i < numbers->n; i++)
        if (numbers->v[i] != floor(numbers->v[i]))
            return sb_fail(SB_ERR_INPUT, "%s: %g is not a whole number", key, numbers->v[i]);
    return SB_OK;
}

sb_json sb_study_summary(const sb_config *config, sb_document *summary)
{
    sb_json top = sb_json_open(summary);
    sb_json_text(top, "name", config->experiment_name);
    sb_json_text(top, "kind", config->experiment_kind);
    sb_json_text(top, "verdict", "");
    return top;
}

sb_status sb_study_end(const sb_stage *stage, sb_document *summary, sb_verdict verdict)
{
    char path[SB_PATH], seal[65];
    sb_json_text(sb_json_top(summary), "verdict", sb_verdict_name(verdict));
    sb_status status = sb_rundir_path(path, stage->directory, "summary.json");
    if (status == SB_OK) status = sb_json_write(summary, path);
    sb_json_close(summary);
    if (status == SB_OK) status = sb_seal_observations(stage->directory, seal);
    return status == SB_OK ? sb_seal_verdict(stage->directory) : status;
}
