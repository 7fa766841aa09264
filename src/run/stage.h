/* What the stages share. */
#ifndef SPECBIAS_RUN_STAGE_H
#define SPECBIAS_RUN_STAGE_H

#include <specbias/experiment.h>
#include <specbias/report.h>

#include "case/case.h"

/* Checkpoints of seeds first, first + 1, .. of a run directory: the folder, with the old ones gone unless the stage
 * resumes; a seed's file; their end when all results are written. */
sb_status sb_checkpoints_begin(const sb_stage *stage, uint64_t first, size_t count);
sb_status sb_checkpoint_path(const sb_stage *stage, uint64_t seed, char path[SB_PATH]);
void sb_checkpoints_end(const sb_stage *stage, uint64_t first, size_t count);
/* An interruption says how to go on. */
sb_status sb_interrupted(const sb_stage *stage, sb_status status);

/* What lies there belongs to these keys and, if it is sealed (*sealed), was not touched. */
sb_status sb_stage_resumed(const sb_config *config, const sb_stage *stage, bool *sealed);
/* Prepares the directory and writes its config.cfg; a stage that resumes finds them there and looks whether they are
 * those of these keys. *sealed: predictions stand there under an unbroken seal and are not to be written again. */
sb_status sb_stage_begin(const sb_config *config, const sb_stage *stage, bool *sealed);

/* train.tsv: a line per seed, with the seal that training found. Loading refuses runs that were trained under another,
 * and others than those of the configuration. */
sb_status sb_runs_save(const sb_case *cas, const char *directory, const char *seal, const sb_run_record *run);
/* Why a run took its route. */
void sb_route_reason(const sb_case *cas, const char *first, const char *route, size_t size, char *reason);
sb_status sb_runs_load(const sb_case *cas, const char *directory, const char *seal, sb_run_record *run);

/* agreement.tsv, budget.tsv, bias.tsv, summary.json */
/* The first alone. */
void sb_summary_write_agreement(const sb_case *cas, const sb_summary *summary, FILE *stream);
sb_status sb_summary_save(const sb_case *cas, const char *directory, const sb_summary *summary);

#endif
