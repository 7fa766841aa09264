#include "run/seeds.h"

#include <string.h>

#include "core/parallel.h"

size_t sb_seed_jobs(const sb_stage *stage, size_t seeds, size_t wish, size_t *threads)
{
    size_t cores = stage->cores ? stage->cores : sb_cores(), jobs = stage->jobs ? stage->jobs : cores;
    if (jobs > seeds) jobs = seeds;
    size_t left = cores / jobs ? cores / jobs : 1;
    *threads = wish ? wish : left;
    return jobs;
}

static bool tell(void *context, const char *stage, double done, double total)
{
    const sb_seed_progress *mine = context;
    double sum = 0;
    if (strcmp(stage, "train") == 0) mine->part[mine->index] = done / total; /* nothing else counts */
    for (size_t r = 0; r < mine->seeds; r++) sum += mine->part[r];
    return sb_monitor_progress(mine->monitor, mine->stage ? mine->stage : stage, sum, (double)mine->seeds) == SB_OK;
}

static void warn(void *context, const char *text)
{
    const sb_seed_progress *mine = context;
    sb_monitor_warn(mine->monitor, "%s", text);
}

sb_monitor sb_seed_monitor(sb_seed_progress *mine)
{
    return (sb_monitor){.progress = tell, .warn = warn, .context = mine};
}
