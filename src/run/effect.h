/* What the movement of each run's kernel did to T of each watched item (path.h): measured in training, kept in
 * effect.tsv. */
#ifndef SPECBIAS_EXPERIMENT_EFFECT_H
#define SPECBIAS_EXPERIMENT_EFFECT_H

#include <specbias/experiment.h>
#include <specbias/path.h>

/* effect[nxi][SB_LEVELS] of a run in its own mini-batches, from its kernels gram[nodes][rows][rows] at step[nodes] and
 * its residual u0[n][outputs] at the start. */
sb_status sb_effect_measure(const sb_case *cas, uint64_t seed, size_t nodes, const double *step, const double *gram,
                            const double *u0, sb_effect *effect);

/* How that is measured: along the path, where the steps have modes; by the end of the run, where forecasts are trained;
 * or not at all, where nothing is judged. */
sb_way sb_effect_way(const sb_case *cas);
/* The same by the end: T of the seed's network linearised with gradients frozen where the run ended, end[parameters],
 * instead of those at the start, both trained by the run's own rule from the same start. Only a residual that goes by
 * its kernel alone can be led along a path of kernels: under other rules what came before (Adam's scales) and other
 * losses (softmax) would be part of the path, too. The kernel of the end all the way is more than the run had, so half
 * of the effect stands for what it did to T; that is right to a factor of two as long as kernels move one way. An
 * effect is no less than the largest distance of both curves until T, as a shift of time. `not lazy` is said of the
 * whole. frozen: the table of the start's gradients. */
sb_status sb_effect_of_end(const sb_case *cas, uint64_t seed, const sb_decay *frozen, const double *end,
                           const sb_monitor *monitor, sb_effect *effect);

#define SB_SHIFT 32
/* What an effect does to a time, in words: "3.2 %", "a factor of 4.1"; returns text. */
const char *sb_shift_text(double effect, char text[SB_SHIFT]);

/* "laziness  the moving kernel shifts T by up to 3.2 % (not lazy above 20 %)" */
void sb_say_laziness(double effect, FILE *say);

/* effect.tsv: a line for each run, item and level, in this order; effect[runs][items][SB_LEVELS], seeds
 * first, first + 1, .. Loading refuses lines of other runs or items. */
sb_status sb_effects_save(const char *directory, int64_t first, size_t runs, const sb_items *items,
                          const sb_effect *effect);
sb_status sb_effects_load(const char *directory, int64_t first, size_t runs, const sb_items *items, sb_effect *effect);

#endif
