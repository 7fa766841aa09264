/* A directory that a run begins in or goes on with, and the checkpoints of its seeds. */
#include <specbias/report.h>

#include "core/text.h"
#include "run/stage.h"

sb_status sb_checkpoint_path(const sb_stage *stage, uint64_t seed, char path[SB_PATH])
{
    return sb_rundir_path(path, stage->directory, "checkpoints/seed%llu", (unsigned long long)seed);
}

void sb_checkpoints_end(const sb_stage *stage, uint64_t first, size_t count)
{
    char name[64];
    sb_status status = SB_OK;
    for (size_t r = 0; r < count && status == SB_OK; r++) {
        sb_format(name, sizeof name, "checkpoints/seed%llu", (unsigned long long)first + r);
        status = sb_rundir_remove(stage->directory, name);
    }
    if (status == SB_OK) status = sb_rundir_remove(stage->directory, "checkpoints");
    if (status != SB_OK) sb_monitor_warn(stage->monitor, "a checkpoint is left: %s", sb_error_text());
}

sb_status sb_checkpoints_begin(const sb_stage *stage, uint64_t first, size_t count)
{
    sb_status status = sb_rundir_tidy(stage->directory);
    if (status == SB_OK && !stage->resume) sb_checkpoints_end(stage, first, count);
    return status == SB_OK ? sb_rundir_make(stage->directory, "checkpoints") : status;
}

sb_status sb_interrupted(const sb_stage *stage, sb_status status)
{
    if (status != SB_ERR_INTERRUPTED) return status;
    return sb_fail(status,
                   "interrupted; the same command with --resume goes on from the checkpoints in %s (not with --force)",
                   stage->directory);
}

/* ---- the directory ---- */

sb_status sb_stage_resumed(const sb_config *config, const sb_stage *stage, bool *sealed)
{
    sb_status status = sb_check_keys(config, stage->directory);
    *sealed = sb_rundir_holds(stage->directory, "forecast.sha256");
    return status == SB_OK && *sealed ? sb_seals_check(stage->directory, NULL) : status;
}

sb_status sb_stage_begin(const sb_config *config, const sb_stage *stage, bool *sealed)
{
    *sealed = false;
    if (stage->resume && sb_rundir_inspect(stage->directory) >= SB_RUNDIR_STARTED) {
        sb_status resumed = sb_stage_resumed(config, stage, sealed);
        return resumed == SB_OK ? sb_seals_lift(stage->directory) : resumed; /* written anew */
    }
    sb_status status = sb_rundir_prepare(stage->directory, stage->force);
    return status == SB_OK ? sb_write_config(config, stage->directory) : status;
}
