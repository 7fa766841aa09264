/* What the stages share. */
#ifndef SPECBIAS_EXPERIMENT_STAGE_H
#define SPECBIAS_EXPERIMENT_STAGE_H

#include <specbias/experiment.h>
#include <specbias/report.h>

/* Whether a source's forecast belongs to one seed: its kernel does, or the start's output does. */
bool sb_source_paired(const sb_setup *setup, const sb_source *source);

/* Residual of the start, u0 = h - y. */
sb_status sb_start_residual(const sb_setup *setup, const sb_net_spec *spec, uint64_t seed, sb_stream stream,
                            double *u0);

/* gram[n][n] of the neurons first .. first + count - 1 of a network, as part of the whole. */
sb_status sb_net_gram(const sb_setup *setup, const sb_net *net, size_t first, size_t count, double *gram);

/* Eigenpairs of a source's kernel. */
sb_status sb_source_modes(const sb_setup *setup, const sb_source *source, uint64_t seed, sb_kernel_modes *modes);

/* amp and err of a table from residuals u[nt][n]. */
sb_status sb_observe_all(const sb_setup *setup, const double *u, sb_decay *decay);

/* Points, target and watched frequencies of the setup's problem alone; the first part of sb_setup_create. */
sb_status sb_setup_data(const sb_config *config, const sb_monitor *monitor, sb_setup *setup);

/* Checkpoints of seeds first, first + 1, .. of a run directory: the folder, with the old ones gone unless the stage
 * resumes; a seed's file; their end when all results are written. */
sb_status sb_checkpoints_begin(const sb_stage *stage, uint64_t first, size_t count);
sb_status sb_checkpoint_path(const sb_stage *stage, uint64_t seed, char path[SB_PATH]);
void sb_checkpoints_end(const sb_stage *stage, uint64_t first, size_t count);
/* An interruption says how to go on. */
sb_status sb_interrupted(const sb_stage *stage, sb_status status);

/* data.weights, where "auto" stands for one of the others. */
const char *sb_data_weights(const sb_config *config);
/* What one of the user's units of frequency (target.unit) is in cycles per unit length. */
double sb_cycles_per_unit(const sb_config *config);

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
sb_status sb_runs_save(const char *directory, const char *seal, const sb_run_record *run, size_t count);
sb_status sb_runs_load(const sb_setup *setup, const char *directory, const char *seal, sb_run_record *run);

/* agreement.tsv, budget.tsv, bias.tsv, summary.json */
sb_status sb_summary_save(const sb_setup *setup, const char *directory, const sb_summary *summary);

#endif
