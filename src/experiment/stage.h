/* What the stages share. */
#ifndef SPECBIAS_EXPERIMENT_STAGE_H
#define SPECBIAS_EXPERIMENT_STAGE_H

#include <specbias/experiment.h>
#include <specbias/report.h>

/* An empty table of the case's items and times. */
sb_status sb_case_table(const sb_case *cas, const char *source, sb_form form, sb_decay *decay);
/* P of the loss for rows of so many outputs. */
const sb_quadratic *sb_case_form(const sb_case *cas, size_t per_row);
/* The rule of a form: gradient flow, or the run's own. */
sb_rule sb_case_rule(const sb_case *cas, sb_form form);

/* Whether a source's forecast belongs to one seed: its kernel does, or the start's output does. */
bool sb_source_paired(const sb_case *cas, const sb_source *source);
/* Outputs of a row of its kernel. */
size_t sb_source_per_row(const sb_case *cas, const sb_source *source);
/* Eigenpairs of a source's kernel. */
sb_status sb_source_modes(const sb_case *cas, const sb_source *source, uint64_t seed, sb_kernel_modes *modes);
/* u0[n][outputs] of a seed's network at its start. */
sb_status sb_start_residual(const sb_case *cas, uint64_t seed, double *u0);
/* decay->amp and err of residuals u[nt][n][outputs] */
sb_status sb_observe_all(const sb_case *cas, const double *u, sb_decay *decay);

/* Checkpoints of seeds first, first + 1, .. of a run directory: the folder, with the old ones gone unless the stage
 * resumes; a seed's file; their end when all results are written. */
sb_status sb_checkpoints_begin(const sb_stage *stage, uint64_t first, size_t count);
sb_status sb_checkpoint_path(const sb_stage *stage, uint64_t seed, char path[SB_PATH]);
void sb_checkpoints_end(const sb_stage *stage, uint64_t first, size_t count);
/* An interruption says how to go on. */
sb_status sb_interrupted(const sb_stage *stage, sb_status status);

/* config.cfg of the directory must hold these keys. */
sb_status sb_check_keys(const sb_config *config, const char *directory);
/* All keys as text, to be freed. */
sb_status sb_config_text(const sb_config *config, char **text);
sb_status sb_write_config(const sb_config *config, const char *directory);
sb_status sb_write_manifest(const sb_config *config, const char *directory);

/* arrays/BASE.npy; makes the folder. */
sb_status sb_save_array(const char *directory, const char *base, const double *values, size_t rows, size_t columns);

/* train.tsv: a line per seed, with the seal that training found. Loading refuses runs that were trained under another,
 * and others than those of the configuration. */
sb_status sb_runs_save(const sb_case *cas, const char *directory, const char *seal, const sb_run_record *run);
sb_status sb_runs_load(const sb_case *cas, const char *directory, const char *seal, sb_run_record *run);

/* agreement.tsv, budget.tsv, bias.tsv, summary.json */
sb_status sb_summary_save(const sb_case *cas, const char *directory, const sb_summary *summary);

#endif
