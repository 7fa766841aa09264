/* Decay tables on disk: DIR/decay/BASE.tsv holds the numbers, BASE.cfg what they mean. */
#ifndef SPECBIAS_EXPERIMENT_TABLE_H
#define SPECBIAS_EXPERIMENT_TABLE_H

#include <specbias/experiment.h>

#define SB_OBSERVED_FLOW "observed.flow" /* tables of trained networks under exact gradient flow */

/* BASE of a forecast: SOURCE.FORM, or SOURCE.seedN.FORM for one seed's (seed >= 0). */
void sb_table_base(char base[128], const char *source, int64_t seed, sb_form form);

sb_status sb_table_save(const sb_case *cas, const char *directory, const char *base, const sb_decay *decay);
/* SB_ERR_INPUT unless it is the table of that source and form which the setup's configuration makes: frequencies, unit,
 * times and steps, terms of the loss, seeds; and holds numbers. */
sb_status sb_table_load(const sb_case *cas, const char *directory, const char *base, const char *source, sb_form form,
                        sb_decay *decay);
/* The same without a case: items as the .cfg beside the table has them, and the steps of a pass through the data (nan:
 * it does not say). SB_ERR_INPUT where they do not fit. */
sb_status sb_table_read(const char *directory, const char *base, sb_decay *decay, double *pass);

/* decay/NAME.tsv (draws, rehearsals): a line per network, T_q and its finite-width shift of each frequency and level.
 */
sb_status sb_draws_save(const sb_case *cas, const char *directory, const char *name, const sb_draws *draws);
/* `count` of them. */
sb_status sb_draws_load(const sb_case *cas, const char *directory, const char *name, size_t count, sb_draws *draws);

/* decay/SOURCE.tsv, or SOURCE.seedN.tsv of one seed's (seed >= 0), which a source whose networks move writes: of each
 * item and level T, T of three wrong laws, and how far ln T may be off. Of `law` half and twice the target and no unit
 * moving, and what the last doubling of nodes did; of `law.conv` see there. law[SB_LAW_COLUMNS][nxi][SB_LEVELS] with
 * columns `stride` apart. */
enum { SB_LAW_TIME, SB_LAW_WRONG, SB_LAW_ERROR = 4, SB_LAW_COLUMNS };
sb_status sb_law_load(const sb_case *cas, const char *directory, const char *source, int64_t seed, size_t stride,
                      double *law);

/* decay/batches.tsv: what the order of mini-batches does to T, noise[sources] of the case; those without lines have no
 * part in it, and there is no file when all are. Loading takes those that are initialised. */
sb_status sb_noise_save(const sb_case *cas, const char *directory, const sb_noise *noise);
sb_status sb_noise_load(const sb_case *cas, const char *directory, sb_noise *noise);

/* decay/width.tsv: a line per frequency and level, T of infinite width and what finite width does to it by quadrature;
 * tells: 1, or 0 where the draws tell. */
sb_status sb_width_save(const sb_case *cas, const char *directory, const sb_width_line *line, bool tells);
/* *line is to be freed; NULL where the draws tell. */
sb_status sb_width_load(const sb_case *cas, const char *directory, sb_width_line **line);

#endif
