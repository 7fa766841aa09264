/* What mini-batches do to a forecast from a kernel: the residual goes through batches (batches.h), those of a seed
 * where the forecast is of one, else through many orders that are drawn for it. */
#ifndef SPECBIAS_FORECAST_NOISE_H
#define SPECBIAS_FORECAST_NOISE_H

#include <specbias/batches.h>
#include <specbias/experiment.h>

enum { SB_NOISE_RUNS = 1000, SB_NOISE_ORDERS = 4 }; /* simulated runs at most; orders that each draw goes through */

/* Whether a source's forecast of the case's own steps is one of modes, and has to go through batches. */
bool sb_noise_matters(const sb_case *cas, const sb_source *source);

/* A kernel of the case under its rule and batches, gram[rows][rows] with per_row outputs a row. */
typedef struct sb_noise_spec {
    const sb_case *cas;
    size_t per_row;
    const double *gram;
    const double *u0;             /* [n][outputs] */
    const double complex *offset; /* [nt][items.parts] added to the components; NULL: none */
} sb_noise_spec;

/* A table of the case's: amp and err of one order, (seed, stream). SB_ERR_INPUT when it diverges. */
sb_status sb_noise_follow(const sb_noise_spec *spec, uint64_t seed, sb_stream stream, sb_decay *decay);

/* Replaces what the table `gd` of sb_source_forecast says of a seed: its own batches. */
sb_status sb_noise_of_seed(const sb_case *cas, const sb_source *source, uint64_t seed, sb_decay *gd);
/* And of all: amp and err are means over simulated runs, lo and hi 2.5 % and 97.5 % of them; noise (compare.h) tells of
 * T. 1 000 runs, fewer (at least 100) of more than 4e10 operations. late[count][items][SB_LEVELS]: what orders did to
 * ln T under the kernels of draws, from which the noise is taken where there are some: the kernels of networks are as
 * these. */
sb_status sb_noise_of_all(const sb_case *cas, const sb_source *source, size_t jobs, const sb_monitor *monitor,
                          size_t count, const double *late, sb_decay *gd, sb_noise *noise);

#endif
