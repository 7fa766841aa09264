/* What the forecasters of a case share with the stages of a run. */
#ifndef SPECBIAS_FORECAST_FORECAST_H
#define SPECBIAS_FORECAST_FORECAST_H

#include <specbias/experiment.h>

/* Whether a source's forecast belongs to one seed: its kernel does, or the start's output does. */
bool sb_source_paired(const sb_case *cas, const sb_source *source);
/* Outputs of a row of its kernel. */
size_t sb_source_per_row(const sb_case *cas, const sb_source *source);
/* What an equation sees of the data. */
const sb_problem *sb_equation_problem(const sb_case *cas, const sb_theory *theory);
/* Eigenpairs of a source's kernel. */
sb_status sb_source_modes(const sb_case *cas, const sb_source *source, uint64_t seed, sb_kernel_modes *modes);
/* u0[n][outputs] of a seed's network at its start. */
sb_status sb_start_residual(const sb_case *cas, uint64_t seed, double *u0);
/* decay->amp and err of residuals u[nt][n][outputs] */
sb_status sb_observe_all(const sb_case *cas, const double *u, sb_decay *decay);
/* The tables of a source: of exact gradient flow and of the run's own steps, of a seed or, -1, of all; one that there
 * is no way to (sb_source_way) stays empty. Other
 * files, with output.arrays kernel and eigenpairs, go to that directory unless it is NULL. Tables are to be cleared in
 * any case. */
sb_status sb_source_forecast(const sb_case *cas, const sb_source *source, int64_t seed, const char *directory,
                             const sb_monitor *monitor, sb_decay *flow, sb_decay *gd);

#endif
