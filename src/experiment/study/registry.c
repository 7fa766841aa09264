#include <math.h>

#include "core/registry.h"
#include "core/text.h"
#include "experiment/stage.h"
#include "experiment/study/study.h"

static const sb_study *const list[] = {
#define STUDY(name) &sb_study_##name,
#include "experiment/study/list.def"
#undef STUDY
    NULL,
};

SB_REGISTRY(sb_study)

sb_status sb_study_begin(const sb_config *config, const sb_stage *stage)
{
    sb_status status = sb_rundir_prepare(stage->directory, stage->force);
    return status == SB_OK ? sb_write_config(config, stage->directory) : status;
}

sb_status sb_study_seal(const sb_config *config, const sb_stage *stage, FILE *say)
{
    char seal[65];
    sb_status status = sb_write_manifest(config, stage->directory);
    if (status == SB_OK) status = sb_seal_write(stage->directory, seal);
    if (status == SB_OK && say) sb_print(say, "forecast  sealed sha256:%.16s.. (forecast.sha256)\n", seal);
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
