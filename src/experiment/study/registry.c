#include <math.h>
#include <string.h>

#include "core/text.h"
#include "experiment/stage.h"
#include "experiment/study/study.h"

#define SB_METHOD sb_study
#define SB_LIST "experiment/study/list.def"
#define STUDY SB_LINE
#include "core/registry.inc"

/* What is there belongs to these keys and, if it is sealed, was not touched. */
static sb_status check_resumed(const sb_config *config, const sb_stage *stage, bool *sealed)
{
    char seal[65];
    sb_status status = sb_check_keys(config, stage->directory);
    *sealed = sb_rundir_holds(stage->directory, "forecast.sha256");
    return status == SB_OK && *sealed ? sb_seal_verify(stage->directory, seal) : status;
}

sb_status sb_study_begin(const sb_config *config, const sb_stage *stage, bool *sealed)
{
    *sealed = false;
    if (stage->resume && sb_rundir_inspect(stage->directory) >= SB_RUNDIR_STARTED) {
        sb_status resumed = check_resumed(config, stage, sealed);
        return resumed == SB_OK ? sb_rundir_remove(stage->directory, "observed.sha256") : resumed; /* written anew */
    }
    sb_status status = sb_rundir_prepare(stage->directory, stage->force);
    return status == SB_OK ? sb_write_config(config, stage->directory) : status;
}

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
    *finished = stage->resume && sb_rundir_holds(stage->directory, "summary.json") &&
                sb_rundir_holds(stage->directory, "observed.sha256"); /* the last that is written */
    if (!*finished) return SB_OK;
    SB_TRY(check_resumed(config, stage, &sealed));
    SB_TRY(sb_study_verdict(stage, verdict));
    sb_checkpoints_end(stage, (uint64_t)config->seeds_first, (size_t)config->seeds_count);
done:
    return status;
}

sb_status sb_study_table(const sb_stage *stage, const char *name, const char *header, sb_writer *writer)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, stage->directory, "%s", name);
    if (status == SB_OK) status = sb_writer_open(writer, path);
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
    return status == SB_OK ? sb_seal_observations(stage->directory, seal) : status;
}
